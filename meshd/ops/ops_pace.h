/* ops_pace.h - how often this site's programs may have something carried to all.
 *
 * 5 a second, 20 in a row.  What an origin may have carried on of such news is 20 a
 * second (PROTOCOL.md 8); the rest is for packets.  Floor 8. */
#ifndef OPS_PACE_H
#define OPS_PACE_H
#include "call_inside.h"
#include "meshd_counters.h"

/* One more at `p`, NULL: no limit.  False: it is too fast, and counted as `refused`. */
bool ops_pace_allows(struct call *c, struct op_pace *p, enum meshd_counter refused);
#endif
