#include "retiring.h"

struct retiring
retiring_init(struct mesh_site *core, struct store *store, const struct mesh_key *self)
{
	return (struct retiring){ .core = core, .store = store, .self = *self };
}

/* The next keyed lane after that one; LANE_LIVE: all were asked for. */
static void
ask_after(struct retiring *r, enum mesh_lane lane)
{
	do
		lane++;
	while (lane < LANE_COUNT && !mesh_lane_is_keyed(lane));
	r->lane = lane < LANE_COUNT ? lane : LANE_LIVE;
	if (r->lane != LANE_LIVE &&
	    store_floor(r->store, &r->self, lane, RETIRING_DAYS,
		STORE_TOKEN(OWNER_RETIRING, lane)) != MESH_OK)
		r->lane = LANE_LIVE; /* the reader is busy: in six hours, then */
}

void
retiring_tick(struct retiring *r, struct mesh_now now)
{
	if (r->lane != LANE_LIVE || now.ms < r->due_ms)
		return;
	r->due_ms = now.ms + RETIRING_EACH_MS;
	ask_after(r, LANE_LIVE);
}

void
retiring_outcome(struct retiring *r, const struct store_outcome *o)
{
	enum mesh_lane lane = (enum mesh_lane)STORE_NUMBER(o->token);
	if (lane != r->lane)
		return;
	if (o->err == MESH_OK)
		mesh_site_retire(r->core, lane, o->number);
	ask_after(r, lane);
}

mesh_time_ms
retiring_deadline(const struct retiring *r)
{
	return r->lane != LANE_LIVE ? MESH_NEVER : r->due_ms;
}
