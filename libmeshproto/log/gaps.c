#include "gaps.h"
#include <string.h>

static bool
is_of(const struct gap *g, const struct holdings_log *log)
{
	return g->run.first > 0 && g->log.lane == log->lane &&
	    g->log.epoch == log->epoch &&
	    memcmp(g->log.oid, log->oid, sizeof g->log.oid) == 0;
}

static uint64_t
bit_of(uint32_t neighbour)
{
	return neighbour < 64 ? UINT64_C(1) << neighbour : 0;
}

struct gap *
gaps_find(struct gaps *g, const struct holdings_log *log, uint64_t first)
{
	for (struct gap *one = g->list; one < g->list + GAPS; one++)
		if (is_of(one, log) && one->run.first == first)
			return one;
	return NULL;
}

enum worth { CLAIMED, ABOVE, LOWEST };

/* NULL: the list is full of what is worth as much. */
static struct gap *
place_for(struct gaps *g, enum worth worth)
{
	bool hole = worth == LOWEST;
	struct gap *place = NULL;
	if (worth == ABOVE && g->count >= GAPS / 2)
		return NULL;
	for (struct gap *one = g->list; one < g->list + GAPS; one++) {
		if (one->run.first == 0)
			return one;
		if (hole && !one->lowest)
			place = one;
	}
	return place;
}

static struct gap *
enter(struct gaps *g, const struct holdings_log *log, struct mesh_run run,
    enum worth worth, mesh_time_ms now)
{
	struct gap *one = gaps_find(g, log, run.first);
	if (one == NULL) {
		one = place_for(g, worth);
		if (one == NULL)
			return NULL;
		g->count += one->run.first == 0;
		*one = (struct gap){
			.log = *log, .run = run, .since_ms = now, .round_ms = now
		};
	}
	if (run.last < one->run.last) {
		one->run.last = run.last; /* what is above may be had from there */
		one->asked = 0;           /* or came from there: what of the rest? */
	}
	one->hole = one->hole || worth != CLAIMED;
	one->lowest = one->lowest || worth == LOWEST;
	return one;
}

void
gaps_hole(struct gaps *g, const struct holdings_log *log, struct mesh_run run,
    enum gaps_where where, mesh_time_ms now)
{
	/* no place: its turn comes */
	(void)enter(g, log, run, where == GAPS_LOWEST ? LOWEST : ABOVE, now);
}

void
gaps_denied(struct gaps *g, const struct holdings_log *log, struct mesh_run run,
    uint32_t neighbour, mesh_time_ms now)
{
	struct gap *one = enter(g, log, run, CLAIMED, now);
	if (one != NULL)
		one->denied |= bit_of(neighbour);
}

bool
gaps_is_early(const struct gaps *g, const struct holdings_log *log, uint64_t seq,
    uint32_t neighbour, mesh_time_ms now)
{
	for (const struct gap *one = g->list; g->count > 0 && one < g->list + GAPS;
	     one++)
		if (is_of(one, log) && seq >= one->run.first && seq <= one->run.last &&
		    (one->denied & bit_of(neighbour)) != 0)
			return now < one->round_ms + GAPS_ASK_MS;
	return false;
}

void
gaps_part(struct gaps *g, uint32_t neighbour)
{
	for (struct gap *one = g->list; one < g->list + GAPS; one++) {
		one->denied &= ~bit_of(neighbour);
		one->asked &= ~bit_of(neighbour);
	}
}

/* --- rounds --- */

struct gap *
gaps_walk(struct gaps *g, uint32_t *index)
{
	for (; g->count > 0 && *index < GAPS; ++*index)
		if (g->list[*index].run.first > 0)
			return &g->list[*index];
	return NULL;
}

void
gaps_drop(struct gaps *g, struct gap *one)
{
	one->run.first = 0;
	g->count--;
}

bool
gaps_wants(const struct gap *one, uint32_t neighbour)
{
	return one->hole && ((one->denied | one->asked) & bit_of(neighbour)) == 0;
}

void
gaps_asked(struct gap *one, uint32_t neighbour)
{
	one->asked |= bit_of(neighbour);
}

static bool
is_full(const struct gap *one, uint64_t alive)
{
	return alive != 0 && (alive & ~one->denied) == 0;
}

bool
gaps_is_ripe(const struct gap *one, uint64_t alive, mesh_time_ms now)
{
	return is_full(one, alive) && one->rounds + 1 >= GAPS_ROUNDS &&
	    now >= one->since_ms + GAPS_GIVE_UP_MS &&
	    now >= one->round_ms + GAPS_ASK_MS && now < one->round_ms + GAPS_WAIT_MS;
}

void
gaps_turn(struct gaps *g, struct gap *one, uint64_t alive, mesh_time_ms now)
{
	bool full = is_full(one, alive);
	if (now < one->round_ms + (full ? GAPS_ASK_MS : GAPS_WAIT_MS))
		return;
	if (one->denied == 0 && !one->hole) {
		gaps_drop(g, one); /* nobody speaks of it any more */
		return;
	}
	if (full && one->rounds < GAPS_ROUNDS)
		one->rounds++;
	one->denied = one->asked = 0;
	one->round_ms = now;
}
