/* app_write.h - what we say to local programs: one JSON object per datagram.
 *
 * An alert is `v seq boot` before the members of the alert itself.  What does not fit a
 * datagram loses its data first, then the end of its text, and says "trunc":true; the
 * whole is at /api/v1/alerts/ID.  Floor 9.  Pure. */
#ifndef APP_WRITE_H
#define APP_WRITE_H
#include "alert.h"
#include "bytes.h"

enum { APP_DATAGRAM = 1200 };
struct app_stamp {       /* what stands before */
	const char *sid; /* NULL: none */
	uint32_t ttl;    /* 0: none */
	uint64_t seq, boot;
};

void app_write_ok(const struct app_stamp *stamp, struct bytes_out *out);
void app_write_done(const char *sid, uint64_t boot, struct bytes_out *out);
/* An action is over: `reason` with ptr NULL is "ok".  `ref` NULL: it had none. */
void app_write_ended(
    const uint64_t *ref, struct text_view reason, uint64_t boot, struct bytes_out *out);
void app_write_error(struct text_view reason, struct bytes_out *out);
/* `count` alerts were skipped; the newest of them had stamp->seq. */
void app_write_overflow(
    const struct app_stamp *stamp, uint64_t count, struct bytes_out *out);
void app_write_alert(
    const struct app_stamp *stamp, const struct alert *alert, struct bytes_out *out);
#endif
