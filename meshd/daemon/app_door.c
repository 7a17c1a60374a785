#include "app_door.h"
#include "listen.h"
#include "secret_file.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>

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

static int
open_socket(struct daemon *d, struct apps_params *params, struct bytes_out *wrong)
{
	const struct alert_options *o = config_get(d->config, &alert_section, "");
	struct listen_addr at;
	if (!listen_parse(o->listen, 0, &at) || at.port == 0) {
		text_put(wrong, "alert.listen: wanted ADDRESS:PORT");
		return -EINVAL;
	}
	params->fd = listen_udp(&at, "alert.listen", wrong);
	if (params->fd < 0)
		return params->fd;
	int error = apps_open(&d->apps, params);
	if (error != 0)
		text_put(wrong, "no memory");
	return error;
}

int
app_door_open(struct daemon *d, struct bytes_out *wrong)
{
	const struct alert_options *o = config_get(d->config, &alert_section, "");
	struct apps_params params = {
		.feed = d->feed, .boot = d->boot, .calls = d->calls
	};
	if (sections_is_off(o->listen))
		return 0;
	int error = write_token(d, params.token, wrong);
	if (error == 0)
		error = open_socket(d, &params, wrong);
	mesh_wipe(params.token, sizeof params.token);
	if (error != 0)
		return error;
	d->apps_watch = loop_watch(d->loop, apps_fd(d->apps), LOOP_READ, NULL, NULL);
	log_info(d->log, EVENT(APPS_LISTENING), TEXT("addr", o->listen));
	return 0;
}
