/* http_request.h - one request on its way through this folder.
 *
 * http_server.c makes and frees it and knows libmicrohttpd's life cycle; routing.c
 * finds out what it wants; reply.c and streams.c answer.  Floor 9. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H
#include "http_server.h"
#include "sse.h"
#include <microhttpd.h>

#define HTTP_COUNTERS(X)                                                               \
	X(HTTP_SEEN, "http.seen", "requests", "Requests whose head was read.")         \
	X(HTTP_TAKEN, "http.taken", "requests",                                        \
	    "Of those, given to what they ask for.")                                   \
	X(HTTP_HOST, "http.dropped.host", "requests",                                  \
	    "Of those, for a name not ours.")                                          \
	X(HTTP_METHOD, "http.dropped.method", "requests",                              \
	    "Of those, with a method that "                                            \
	    "is not allowed here.")                                                    \
	X(HTTP_PATH, "http.dropped.path", "requests",                                  \
	    "Of those, for nothing we have.")                                          \
	X(HTTP_BODY, "http.dropped.body", "requests",                                  \
	    "Of those, with a body that is too "                                       \
	    "large or no JSON.")                                                       \
	X(HTTP_BUSY, "http.dropped.busy", "requests",                                  \
	    "Of those, refused: too many now.")                                        \
	X(HTTP_BROKEN, "http.dropped.broken", "requests",                              \
	    "Of those, given up by the "                                               \
	    "client before their end.")                                                \
	X(HTTP_STREAMS_OPENED, "http.streams.opened", "streams",                       \
	    "Event streams begun.")                                                    \
	X(HTTP_STREAMS_SLOW, "http.streams.slow", "streams",                           \
	    "Event streams ended because "                                             \
	    "the reader was too slow.")
enum http_counter { HTTP_COUNTERS(COUNTER_ENUM) HTTP_COUNTER_COUNT };

enum { HTTP_STREAM_BYTES = 32 * 1024, HTTP_STREAM_IDLE_S = 60 };
struct http_stream {
	struct sse_stream sse;
	struct bytes_out out; /* over `bytes` */
	size_t sent;
	uint8_t bytes[HTTP_STREAM_BYTES];
};
struct http_door { /* one listener */
	struct http *http;
	struct MHD_Daemon *daemon; /* NULL: not there */
	bool is_local;             /* the UNIX socket: every method, operator */
};
struct http {
	struct http_params params;
	struct http_door doors[HTTP_FDS];
	struct http_request *first; /* all requests in progress */
	size_t streams;
	bool closing;
	uint64_t counts[HTTP_COUNTER_COUNT];
};
struct http_request {
	struct http_request *next, **link;
	struct http *http;
	const struct http_door *door;
	struct MHD_Connection *connection;
	bool suspended, counted;
	struct call *call;          /* owned */
	struct http_stream *stream; /* owned */
	bool lines;                 /* the call's answer goes out line by line */
	uint64_t sent;              /* of the answer itself, then */
	uint8_t *body;              /* owned; CALL_BODY_MAX */
	size_t body_len;
	bool body_too_large;
	char etag[64]; /* of the answer to come; "": none */
};

/* routing.c.  After the head: MHD_NO ends the connection.  `*answered`: it got its
 * reply and is not to be routed. */
enum MHD_Result routing_head(
    struct http_request *r, const char *method, bool *answered);
/* After the body: answer, or suspend until an answer is there. */
enum MHD_Result routing_request(
    struct http_request *r, const char *method, const char *path);

/* reply.c.  Each queues one response. */
enum MHD_Result reply_problem(
    struct http_request *r, uint16_t status, struct text_view detail);
enum MHD_Result reply_asset(struct http_request *r, struct text_view path);
enum MHD_Result reply_line(struct http_request *r, uint16_t status, const char *line);
enum MHD_Result reply_metrics(struct http_request *r);
enum MHD_Result reply_call(struct http_request *r); /* requires: the call is done */
/* Lines: what is known early, then the answer; begun when there is some of it. */
enum MHD_Result reply_lines(struct http_request *r);
enum MHD_Result reply_unchanged(struct http_request *r);
/* Does If-None-Match name `etag`?  Weak comparison, as RFC 9110 wants it there. */
bool reply_client_has(const struct http_request *r, const char *etag);
struct text_view reply_header(const struct http_request *r, const char *name);
struct text_view reply_parameter(const struct http_request *r, const char *name);

/* streams.c */
enum MHD_Result streams_open(struct http_request *r);
/* Has a suspended stream something to say, or to end? */
bool streams_is_due(struct http_request *r);
void streams_shut(struct http_request *r, enum MHD_RequestTerminationCode how);

void http_suspend(struct http_request *r);
#endif
