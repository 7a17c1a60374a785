/* client.h - one request to meshd over its UNIX socket, or a stream of events.
 *
 * HTTP by libcurl: the API is the only way in, meshctl has no protocol of its own.
 * Floor 11. */
#ifndef MESHCTL_CLIENT_H
#define MESHCTL_CLIENT_H
#include "arguments.h"

struct reply {
	long status; /* HTTP; 0: the daemon was not reached */
	char *body;  /* owned; terminated; NULL when there is none */
	size_t len;
	char error[256]; /* why it was not reached, or timed out */
	bool timed_out;
};
/* `method` GET or POST; `path` below /api/v1 with its query; `body` JSON or NULL. */
struct reply client_ask(
    const struct options *o, const char *method, const char *path, const char *body);
void reply_free(struct reply *r);
/* The same, and `each` sees every line as it comes, terminated: true if it is not the
 * answer.  An older daemon sends none but that. */
typedef bool (*client_line)(void *ctx, const char *line);
struct reply client_ask_early(const struct options *o, const char *method,
    const char *path, const char *body, client_line each, void *ctx);

/* Called with each event's data (one JSON object) and id; false ends the stream. */
typedef bool (*client_event)(void *ctx, const char *topic, const char *data);
/* Follow /events until `each` says false or `for_ms` is over (0: for ever).  Reconnects
 * by itself with Last-Event-ID.  The exit code to leave with. */
enum exit_code client_follow(const struct options *o, const char *path, uint32_t for_ms,
    client_event each, void *ctx);

/* `text` percent-encoded into `to`. */
void client_encode(const char *text, char *to, size_t cap);
#endif
