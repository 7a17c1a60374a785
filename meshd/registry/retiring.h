/* retiring.h - tombstones do not live for ever.
 *
 * A DROP is told for 14 days of the clock; whoever was away longer is compared with the
 * others when it is back (PROTOCOL.md 9), so what it still has of old does not return.
 * Four times a day the store is asked where the last 14 days begin in each of our own
 * keyed lanes; the core's next CHECKPOINT says so.  Floor 7.  Pure. */
#ifndef RETIRING_H
#define RETIRING_H
#include "meshproto.h"
#include "store.h"

enum { RETIRING_DAYS = 14, RETIRING_EACH_MS = 6 * 3600 * 1000 };
struct retiring {               /* zero plus retiring_init is valid */
	struct mesh_site *core; /* borrowed, like the next */
	struct store *store;
	struct mesh_key self;
	mesh_time_ms due_ms;
	enum mesh_lane lane; /* the one that is asked for; LANE_LIVE: none */
};
struct retiring retiring_init(
    struct mesh_site *core, struct store *store, const struct mesh_key *self);
void retiring_tick(struct retiring *r, struct mesh_now now);
/* An outcome of OWNER_RETIRING. */
void retiring_outcome(struct retiring *r, const struct store_outcome *o);
mesh_time_ms retiring_deadline(const struct retiring *r);
#endif
