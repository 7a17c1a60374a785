#include "app_door.h"
#include "listen.h"
#include "secret_file.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static int
write_token(
    const struct daemon *d, char token[static APP_TOKEN + 1], struct bytes_out *wrong)
{
	uint8_t random[APP_TOKEN / 2];
	char path[sizeof d->run_path + 16], room[APP_TOKEN + 2];
	struct bytes_out line = bytes_out(room, sizeof room);
	statedir_random(NULL, random, sizeof random);
	text_put_hex(&line, bytes_view(random, sizeof random));
	memcpy(token, room, APP_TOKEN);
	token[APP_TOKEN] = '\0';
	text_put(&line, "\n");
	(void)snprintf(path, sizeof path, "%s/apps.token", d->run_path);
	int error = secret_file_write(path, bytes_written(&line));
	mesh_wipe(random, sizeof random);
	mesh_wipe(room, sizeof room);
	if (error != 0)
		text_printf(wrong, "%s: cannot be written: %s", path, strerror(-error));
	return error;
}

/* Beside it, or with it off alone: RUN/apps.sock. */
static int
open_udp(struct daemon *d, struct apps_params *params, struct bytes_out *wrong)
{
	const struct alert_options *o = config_get(d->config, &alert_section, "");
	struct listen_addr at;
	if (sections_is_off(o->listen))
		return 0;
	if (!listen_parse(o->listen, 0, &at) || at.port == 0) {
		text_put(wrong, "alert.listen: wanted ADDRESS:PORT");
		return -EINVAL;
	}
	int fd = listen_udp(&at, "alert.listen", wrong);
	if (fd < 0)
		return fd;
	params->fds[APPS_UDP] = fd;
	return 0;
}

static int
open_sockets(struct daemon *d, struct apps_params *params, struct bytes_out *wrong)
{
	int error = open_udp(d, params, wrong);
	if (error != 0)
		return error;
	(void)snprintf(d->apps_path, sizeof d->apps_path, "%s/apps.sock", d->run_path);
	int fd = listen_unix_datagrams(d->apps_path, wrong);
	if (fd < 0)
		return fd;
	params->fds[APPS_UNIX] = fd;
	params->path = d->apps_path;
	error = apps_open(&d->apps, params);
	if (error != 0)
		text_put(wrong, "no memory");
	return error;
}

static void
watch(struct daemon *d)
{
	for (enum apps_socket which = 0; which < APPS_SOCKETS; which++)
		if (apps_fd(d->apps, which) >= 0)
			d->apps_watch[which] = loop_watch(
			    d->loop, apps_fd(d->apps, which), LOOP_READ, NULL, NULL);
}

int
app_door_open(struct daemon *d, struct bytes_out *wrong)
{
	const struct alert_options *o = config_get(d->config, &alert_section, "");
	struct apps_params params = { .fds = { -1, -1 },
		.feed = d->feed,
		.boot = d->boot,
		.calls = d->calls,
		.hearsay = d->world.hearsay };
	int error = write_token(d, params.token, wrong);
	if (error == 0)
		error = open_sockets(d, &params, wrong);
	mesh_wipe(params.token, sizeof params.token);
	if (error != 0)
		return error;
	watch(d);
	log_info(d->log, EVENT(APPS_LISTENING), TEXT("addr", o->listen),
	    STRING("socket", d->apps_path));
	return 0;
}

void
app_door_close(struct daemon *d)
{
	for (enum apps_socket which = 0; which < APPS_SOCKETS; which++)
		loop_unwatch(d->apps_watch[which]);
	if (d->apps != NULL)
		(void)unlink(d->apps_path);
	apps_close(d->apps);
	d->apps = NULL;
}
