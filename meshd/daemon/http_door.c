#include "http_door.h"
#include "listen.h"
#include "text.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static void
on_complaint(void *ctx, const char *line)
{
	struct daemon *d = ctx;
	log_warn(d->log, EVENT(WEB_COMPLAINED), STRING("what", line));
}

/* `*fd` is -1 where it is off. */
static int
listen_on(struct text_view option, int *fd, struct bytes_out *wrong)
{
	struct listen_addr a;
	*fd = -1;
	if (sections_is_off(option))
		return 0;
	if (!listen_parse(option, 0, &a) || a.port == 0) {
		text_put(wrong, "web.listen: wanted ADDRESS:PORT");
		return -EINVAL;
	}
	*fd = listen_tcp(&a, "web.listen", wrong);
	return *fd < 0 ? *fd : 0;
}

static int
open_server(struct daemon *d, int unix_fd, int tcp_fd, struct bytes_out *wrong)
{
	struct http_params params = { .unix_fd = unix_fd,
		.tcp_fd = tcp_fd,
		.host = d->web_host,
		.calls = d->calls,
		.world = &d->world,
		.feed = d->feed,
		.complain = on_complaint,
		.complain_ctx = d };
	int error = http_open(&d->http, &params);
	if (error != 0)
		text_put(wrong, "the web server cannot be started");
	return error;
}

static int
open_sockets(struct daemon *d, const char *path, struct text_view listen,
    struct bytes_out *wrong)
{
	int unix_fd = listen_unix(path, wrong);
	if (unix_fd < 0)
		return unix_fd;
	int tcp_fd, error = listen_on(listen, &tcp_fd, wrong);
	if (error != 0) {
		close(unix_fd);
		return error;
	}
	return open_server(d, unix_fd, tcp_fd, wrong);
}

static void
watch(struct daemon *d)
{
	int fds[HTTP_FDS];
	size_t n = http_fds(d->http, fds);
	for (size_t i = 0; i < n; i++)
		d->http_watch[i] = loop_watch(d->loop, fds[i], LOOP_READ, NULL, NULL);
}

int
http_door_open(struct daemon *d, struct bytes_out *wrong)
{
	const struct web_options *o = config_get(d->config, &web_section, "");
	char path[DAEMON_PATH + 16];
	(void)snprintf(path, sizeof path, "%s/meshd.sock", d->run_path);
	listen_host(o->listen, d->web_host, sizeof d->web_host);
	int error = open_sockets(d, path, o->listen, wrong);
	if (error != 0)
		return error;
	watch(d);
	log_info(d->log, EVENT(WEB_LISTENING), TEXT("addr", o->listen),
	    STRING("socket", path));
	return 0;
}

void
http_door_close(struct daemon *d)
{
	for (size_t i = 0; i < HTTP_FDS; i++)
		loop_unwatch(d->http_watch[i]);
	http_close(d->http);
}
