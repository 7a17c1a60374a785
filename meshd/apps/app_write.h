/* app_write.h - what we say to local programs: one JSON object per datagram.
 *
 * An alert is `v seq boot topic` before the members of the alert itself; of every other
 * topic the object stands in `item`, as the API writes it.  What does not fit a
 * datagram loses its data first, then the end of its text - other objects their lists
 * and contents, the last first - and says "trunc":true; the whole is at /api/v1.
 * Floor 9. Pure. */
#ifndef APP_WRITE_H
#define APP_WRITE_H
#include "alert.h"
#include "bytes.h"

enum { APP_DATAGRAM = 1200 };
struct app_stamp {       /* what stands before */
	const char *sid; /* NULL: none */
	uint32_t ttl;    /* 0: none */
	uint64_t seq, boot;
	bool late; /* history when it came */
};
/* What `since` asked for: `lost` numbers behind it are not kept any more; not known: it
 * is no number of this boot and name, all that is kept comes under new ones. */
enum app_past { APP_PAST_NONE, APP_PAST_KNOWN, APP_PAST_UNKNOWN };

void app_write_ok(const struct app_stamp *stamp, enum app_past past, uint64_t lost,
    struct bytes_out *out);
void app_write_done(const char *sid, uint64_t boot, struct bytes_out *out);
/* An action is over: `reason` with ptr NULL is "ok".  `ref` NULL: it had none. */
void app_write_ended(
    const uint64_t *ref, struct text_view reason, uint64_t boot, struct bytes_out *out);
/* What an action knows before its end: `item`, one object as JSON. */
void app_write_early(
    const uint64_t *ref, struct text_view item, uint64_t boot, struct bytes_out *out);
/* A piece of an answer as text; what does not fit is left for the next one. */
struct app_piece {
	const uint64_t *ref;          /* NULL: it had none */
	uint64_t boot, offset, total; /* bytes of the answer */
	uint64_t tag;                 /* pieces of one answer have the same */
	struct text_view text;
};
void app_write_piece(const struct app_piece *piece, struct bytes_out *out);
void app_write_error(struct text_view reason, struct bytes_out *out);
/* `count` alerts were skipped; the newest of them had stamp->seq. */
void app_write_overflow(
    const struct app_stamp *stamp, uint64_t count, struct bytes_out *out);
void app_write_alert(
    const struct app_stamp *stamp, const struct alert *alert, struct bytes_out *out);
/* An object of a topic that is no alert, called `word`. */
void app_write_item(const struct app_stamp *stamp, struct text_view word,
    const struct field_table *t, const void *object, struct bytes_out *out);
#endif
