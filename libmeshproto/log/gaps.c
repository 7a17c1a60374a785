#include "gaps.h"
#include <string.h>

static bool
covers(const struct gap *g, const struct holdings_log *log, uint64_t seq)
{
	return g->run.first > 0 && seq >= g->run.first && seq <= g->run.last &&
	    g->log.lane == log->lane && g->log.epoch == log->epoch &&
	    memcmp(g->log.oid, log->oid, sizeof g->log.oid) == 0;
}

static uint64_t
bit_of(uint32_t neighbour)
{
	return neighbour < 64 ? UINT64_C(1) << neighbour : 0;
}

static struct gap *
place_for(struct gaps *g, const struct holdings_log *log, uint64_t seq)
{
	struct gap *stalest = g->list;
	for (struct gap *one = g->list; one < g->list + GAPS; one++) {
		if (covers(one, log, seq))
			return one;
		if (one->run.first == 0 ||
		    (stalest->run.first != 0 && one->asked_ms < stalest->asked_ms))
			stalest = one;
	}
	stalest->run.first = 0;
	return stalest;
}

void
gaps_denied(struct gaps *g, const struct holdings_log *log, struct mesh_run run,
    uint32_t neighbour, mesh_time_ms now)
{
	struct gap *one = place_for(g, log, run.first);
	if (one->run.first == 0)
		*one = (struct gap){ .log = *log, .run = run, .since_ms = now };
	else if (run.last < one->run.last)
		one->run.last = run.last; /* what is above may be had from there */
	one->denied |= bit_of(neighbour);
	one->asked_ms = now;
}

bool
gaps_is_early(const struct gaps *g, const struct holdings_log *log, uint64_t seq,
    uint32_t neighbour, mesh_time_ms now)
{
	for (const struct gap *one = g->list; one < g->list + GAPS; one++)
		if (covers(one, log, seq) && (one->denied & bit_of(neighbour)) != 0)
			return now < one->asked_ms + GAPS_ASK_MS;
	return false;
}

bool
gaps_hopeless(struct gaps *g, uint64_t alive, mesh_time_ms now, struct gap *out)
{
	for (struct gap *one = g->list; one < g->list + GAPS; one++) {
		if (one->run.first == 0 || now < one->since_ms + GAPS_GIVE_UP_MS ||
		    alive == 0 || (alive & ~one->denied) != 0)
			continue;
		*out = *one;
		one->run.first = 0;
		return true;
	}
	return false;
}
