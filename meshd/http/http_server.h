/* http_server.h - the site's one server: API, event stream and page.
 *
 * libmicrohttpd with external epoll: it brings no thread, its two epoll descriptors are
 * watched by the loop, and everything happens inside http_turn().  Two listeners, made
 * by the caller: the UNIX socket takes every method (its file mode decides who), TCP
 * answers GET and HEAD only, to a Host it knows (against DNS rebinding).  A request
 * that waits for the store is suspended; so is an event stream with nothing to say.
 * Floor 9.  Edge. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H
#include "call.h"

enum { HTTP_STREAMS = 64, HTTP_FDS = 2 };

struct feed;
struct http;
struct http_params {
	int unix_fd, tcp_fd; /* listening and non-blocking, taken over; -1: none */
	const char *host; /* configured address that a Host header may name; or NULL */
	struct calls *calls; /* borrowed until http_close, like the next two */
	const struct op_world *world;
	struct feed *feed;
	/* What libmicrohttpd wants to complain about, one line; NULL: nobody listens.
	 */
	void (*complain)(void *ctx, const char *line);
	void *complain_ctx;
};

int http_open(struct http **out, const struct http_params *params); /* 0 or -errno */
void http_close(struct http *h); /* ends every request; NULL is fine */
/* Descriptors to watch for reading; returns how many.  Constant until http_close. */
size_t http_fds(const struct http *h, int fds[static HTTP_FDS]);
/* Once per turn of the loop, after the calls and the feed have moved. */
void http_turn(struct http *h);
mesh_time_ms http_deadline(const struct http *h);

extern const struct counter_list http_counters;
uint64_t http_counter(const void *http, size_t index);
#endif
