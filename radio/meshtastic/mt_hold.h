/* mt_hold.h - packets that came before the radio said who it is.
 *
 * Whose they are - our own, an answer to us, somebody's - shows only then.  At most
 * MT_HOLD_MAX wait, and none longer than MT_HOLD_MS; what finds no room is taken as it
 * is.  Each keeps the time of its arrival.  Floor 2.  Pure. */
#ifndef RADIO_MT_HOLD_H
#define RADIO_MT_HOLD_H
#include "bytes.h"
#include "stream.h"

enum { MT_HOLD_MAX = 32, MT_HOLD_MS = 3000 };
struct mt_held {
	struct mesh_now at;
	size_t len;
	uint8_t bytes[STREAM_PAYLOAD_MAX];
};
struct mt_hold { /* a ring; zero is empty */
	struct mt_held rows[MT_HOLD_MAX];
	size_t first, count;
};
/* False: no room. */
bool mt_hold_put(struct mt_hold *h, struct bytes_view packet, struct mesh_now now);
/* The oldest, a view until the next put; NULL: none. */
const struct mt_held *mt_hold_take(struct mt_hold *h);
/* When the oldest has waited long enough; MESH_NEVER: none waits. */
mesh_time_ms mt_hold_deadline(const struct mt_hold *h);
#endif
