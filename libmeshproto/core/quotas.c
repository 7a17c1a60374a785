#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "runs.h"

/* PROTOCOL.md 2: what one site may keep in a keyed lane.  As a writer we stop there; of
 * another's lane we take no more than may be counted (holdings.h), and what is over
 * ends it, at the same number everywhere. */

/* Numbers up to `upto` that what is on its way to the disk proves to hold nothing. */
static uint64_t
dead_in_flight(const struct mesh_site *s, const struct mesh_position *at, uint64_t upto)
{
	struct mesh_run all[4 * MESH_RUNS];
	struct runs dead = { all, 0, LENGTH(all) };
	const struct flight *f;
	for (uint32_t i = 0; (f = pool_walk(&s->flights, &i)) != NULL; i++) {
		uint64_t last = f->at.seq - f->weight;
		if (judge_is_of_one_log(&f->at, at) && f->at.seq - f->claims < last &&
		    last <= upto &&
		    runs_add(&dead, f->at.seq - f->claims + 1, last) != MESH_OK)
			return 0;
	}
	return runs_total(&dead);
}

bool
quotas_allow(const struct mesh_site *s, const struct record *r, uint64_t claims)
{
	return holdings_allow(&s->holdings, &r->at, claims, 0) ||
	    (pool_taken(&s->flights) > 0 &&
		holdings_allow(&s->holdings, &r->at, claims,
		    dead_in_flight(s, &r->at, r->at.seq - claims)));
}

void
quotas_stored(
    struct mesh_site *s, const struct mesh_position *at, const struct mesh_live *live)
{
	if (live == NULL || inside_is_us(s, &at->origin) ||
	    !holdings_count(&s->holdings, at, live->weight))
		return;
	events_quota(s, at);
}

/* With the longest numbers that it may get. */
uint32_t
quotas_weight(const struct mesh_site *s, const struct mesh_draft *d)
{
	uint8_t head[CARGO_HEAD / 2];
	struct bytes_out out = bytes_out(head, sizeof head);
	struct record r = append_drafted(s, d);
	r.at.seq = r.back = RECORD_SEQ_MAX;
	record_write_head(&r, &out);
	return quota_weight(d->lane, out.len + d->body.len);
}

/* DROPs count until a CHECKPOINT ends them.  In a lane that is full the next one does,
 * and what it will end is no hindrance until then: half of what readers stand beyond
 * the quota is enough for that. */
bool
quotas_may_write(struct mesh_site *s, const struct mesh_draft *d, uint32_t replaced)
{
	if (!record_lane_is_keyed(d->lane) || d->type != RECORD_PUT)
		return true;
	const struct own_lane *lane = &s->own.lane[d->lane];
	uint32_t weight = quotas_weight(s, d), most = s->limits.quota[d->lane];
	uint64_t all = lane->live.weight + lane->weighing + weight;
	if (weight <= replaced || !lane->live_known || all - replaced <= most)
		return true;
	own_crowd(&s->own, d->lane, s->now.ms);
	uint32_t ending = lane->tombs < most / 16 ? lane->tombs : most / 16;
	return all - replaced <= (uint64_t)most + ending;
}
