/* mt_repeats.h - the same delivery twice.
 *
 * A radio hears a copy of each packet only once, but some hand one delivery out twice:
 * around a reconnect, and firmware 2.8 now and then.  The same sender, number, relay
 * and transport within half a minute is that; another relay or transport is a
 * reception of its own.  Floor 2.  Pure. */
#ifndef RADIO_MT_REPEATS_H
#define RADIO_MT_REPEATS_H
#include "mt_codec.h"

enum { MT_REPEATS_MAX = 64, MT_REPEATS_MS = 30000 };
struct mt_repeats { /* a ring, the oldest goes; zero is empty */
	struct mt_delivered {
		uint32_t from, id, relay_node, transport;
		mesh_time_ms at_ms;
	} rows[MT_REPEATS_MAX];
	size_t next;
};
/* Was it delivered just before?  Else it is remembered. */
bool mt_repeats_is(struct mt_repeats *r, const struct mt_packet *p, mesh_time_ms now);
#endif
