#include "http_server.h"
#include "http_request.h"
#include "text.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { HTTP_ROUNDS = 16, HTTP_CONNECTIONS = 224, HTTP_IDLE_S = 30 };

static const struct counter_row counter_rows[] = { HTTP_COUNTERS(COUNTER_ROW) };
const struct counter_list http_counters = { "meshd", counter_rows,
	LENGTH(counter_rows) };

uint64_t
http_counter(const void *http, size_t index)
{
	return ((const struct http *)http)->counts[index];
}

void
http_suspend(struct http_request *r)
{
	if (!r->suspended)
		MHD_suspend_connection(r->connection);
	r->suspended = true;
}

static struct http_request *
request_new(const struct http_door *door, struct MHD_Connection *connection)
{
	struct http *h = door->http;
	struct http_request *r = calloc(1, sizeof *r);
	if (r == NULL)
		return NULL;
	*r = (struct http_request){ .http = h,
		.door = door,
		.connection = connection,
		.next = h->first,
		.link = &h->first };
	if (h->first != NULL)
		h->first->link = &r->next;
	h->first = r;
	h->counts[COUNT_HTTP_SEEN]++;
	return r;
}

static void
take_body(struct http_request *r, const char *data, size_t len)
{
	if (r->body == NULL)
		r->body = malloc(CALL_BODY_MAX);
	if (r->body == NULL || len > CALL_BODY_MAX - r->body_len) {
		r->body_too_large = true; /* swallowed to the end, then refused */
		return;
	}
	memcpy(r->body + r->body_len, data, len);
	r->body_len += len;
}

static enum MHD_Result
/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd's parameters */
on_request(void *cls, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *data_len,
    void **request)
{
	struct http_request *r = *request;
	bool answered;
	(void)version;
	if (r == NULL) { /* the head is there, the body may follow */
		*request = r = request_new(cls, connection);
		return r == NULL ? MHD_NO : routing_head(r, method, &answered);
	}
	if (*data_len > 0) {
		take_body(r, data, *data_len);
		*data_len = 0;
		return MHD_YES;
	}
	return routing_request(r, method, path);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **request,
    enum MHD_RequestTerminationCode how)
{
	struct http_request *r = *request;
	(void)cls;
	(void)connection;
	if (r == NULL)
		return;
	if (r->stream != NULL)
		streams_shut(r, how);
	if (r->call != NULL)
		call_end(r->call);
	r->http->counts[COUNT_HTTP_BROKEN] += !r->counted;
	*r->link = r->next;
	if (r->next != NULL)
		r->next->link = r->link;
	free(r->body);
	free(r);
	*request = NULL;
}

__attribute__((format(printf, 2, 0))) static void
on_complaint(void *cls, const char *format, va_list args)
{
	static const char gone[] = "Failed to send";
	struct http *h = cls;
	char line[256];
	/* That a client has left is no complaint, though it is made for each. */
	if (h->params.complain == NULL || strncmp(format, gone, strlen(gone)) == 0)
		return;
	vsnprintf(line, sizeof line, format, args);
	line[strcspn(line, "\n")] = '\0';
	h->params.complain(h->params.complain_ctx, line);
}

static int
door_open(struct http_door *door, int fd)
{
	struct http *h = door->http;
	if (fd < 0)
		return 0;
	door->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
	    on_request, door, MHD_OPTION_EXTERNAL_LOGGER, on_complaint, h,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32 * 1024, MHD_OPTION_END);
	return door->daemon != NULL ? 0 : -EIO;
}

int
http_open(struct http **out, const struct http_params *params)
{
	struct http *h = calloc(1, sizeof *h);
	*out = NULL;
	if (h == NULL)
		return -ENOMEM;
	h->params = *params;
	h->doors[0] = (struct http_door){ .http = h, .is_local = true };
	h->doors[1] = (struct http_door){ .http = h };
	int err = door_open(&h->doors[0], params->unix_fd);
	if (err == 0)
		err = door_open(&h->doors[1], params->tcp_fd);
	if (err != 0) {
		http_close(h);
		return err;
	}
	*out = h;
	return 0;
}

static void
resume(struct http_request *r)
{
	r->suspended = false;
	MHD_resume_connection(r->connection);
}

void
http_close(struct http *h)
{
	if (h == NULL)
		return;
	h->closing = true;
	/* A suspended connection cannot be closed. */
	for (struct http_request *r = h->first; r != NULL; r = r->next)
		if (r->suspended)
			resume(r);
	for (size_t i = 0; i < HTTP_FDS; i++)
		if (h->doors[i].daemon != NULL)
			MHD_stop_daemon(h->doors[i].daemon);
	free(h);
}

size_t
http_fds(const struct http *h, int fds[static HTTP_FDS])
{
	size_t count = 0;
	for (size_t i = 0; i < HTTP_FDS; i++) {
		const union MHD_DaemonInfo *info = h->doors[i].daemon == NULL
		    ? NULL
		    : MHD_get_daemon_info(h->doors[i].daemon, MHD_DAEMON_INFO_EPOLL_FD);
		if (info != NULL)
			fds[count++] = info->epoll_fd;
	}
	return count;
}

static bool
is_due(struct http_request *r)
{
	if (r->stream != NULL)
		return streams_is_due(r);
	return call_is_done(r->call) || call_early(r->call).len > 0;
}

static void
resume_who_is_due(struct http *h)
{
	for (struct http_request *r = h->first; r != NULL; r = r->next)
		if (r->suspended && is_due(r))
			resume(r);
}

/* Milliseconds until libmicrohttpd wants to run again; MESH_NEVER: when a descriptor
 * says so. */
static mesh_time_ms
timeout_of(const struct http *h)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < HTTP_FDS; i++) {
		MHD_UNSIGNED_LONG_LONG ms;
		if (h->doors[i].daemon != NULL &&
		    MHD_get_timeout(h->doors[i].daemon, &ms) == MHD_YES && ms < first)
			first = ms;
	}
	return first;
}

void
http_turn(struct http *h)
{
	for (int round = 0; round < HTTP_ROUNDS; round++) {
		resume_who_is_due(h);
		for (size_t i = 0; i < HTTP_FDS; i++)
			if (h->doors[i].daemon != NULL)
				MHD_run(h->doors[i].daemon);
		if (timeout_of(h) != 0)
			return;
	}
}

mesh_time_ms
http_deadline(const struct http *h)
{
	mesh_time_ms now = h->params.world->now.ms, wait = timeout_of(h);
	mesh_time_ms first = wait == MESH_NEVER ? MESH_NEVER : now + wait;
	for (const struct http_request *r = h->first; r != NULL; r = r->next)
		if (r->stream != NULL && r->suspended && r->stream->sse.beat_ms < first)
			first = r->stream->sse.beat_ms;
	return first;
}
