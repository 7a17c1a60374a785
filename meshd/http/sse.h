/* sse.h - the feed as server-sent events, for one reader.
 *
 * An event's id is `BOOT.ITEM`: after a reconnect the browser sends it back as
 * Last-Event-ID, and the stream goes on right there if the ring still reaches that far
 * in this boot; otherwise it begins with `event: reset` and the page fetches anew.  A
 * comment every SSE_HEARTBEAT_MS shows who has left.  A reader that lets the ring
 * overtake it is ended: it will come back and be told to reset.  A filter is about one
 * topic's objects, so it needs a stream of one topic.
 * Floor 9.  Pure: text out, the connection is http_server.c's. */
#ifndef SSE_H
#define SSE_H
#include "bytes.h"
#include "feed.h"
#include "filter.h"

enum { SSE_HEARTBEAT_MS = 15000 };

struct sse_stream {
	struct feed_reader reader;
	enum audience audience;
	uint64_t boot;
	mesh_time_ms beat_ms; /* when the next heartbeat is due */
	bool greeted;         /* the opening lines are out */
	bool reset;           /* to be said first */
	bool ended;           /* overtaken */
	uint8_t block[sizeof(struct filter) + 4096]; /* the filter */
};
struct sse_start {
	struct text_view topics;  /* "node,alert"; empty: all */
	struct text_view last_id; /* empty: from now on */
	struct text_view filter;  /* empty: everything */
	struct text_view stage;   /* "heard", "stored"; empty: heard */
	enum audience audience;
	uint64_t boot;
};

/* MESH_MALFORMED: no such topic or stage, or a filter that does not fit: `reason` says
 * so. */
MESH_MUST_CHECK enum mesh_err sse_init(struct sse_stream *s, const struct feed *feed,
    const struct sse_start *start, mesh_time_ms now, struct bytes_out *reason);
/* Append what is to be said now, whole events only; what does not fit waits.  An event
 * that would not fit an empty `out` is replaced by a reset. */
void sse_write(
    struct sse_stream *s, struct feed *feed, mesh_time_ms now, struct bytes_out *out);
/* "packet" for a topic that streams have; NULL for others. */
const char *sse_topic_word(enum feed_topic topic);
#endif
