#include "backstop.h"
#include <string.h>

static bool
same_log(const struct holdings_log *a, const struct holdings_log *b)
{
	return a->lane == b->lane && a->epoch == b->epoch &&
	    memcmp(a->oid, b->oid, sizeof a->oid) == 0;
}

struct backstop_lane *
backstop_find(struct backstop *b, const struct holdings_log *log)
{
	for (size_t i = 0; i < BACKSTOP_LANES; i++)
		if (b->lanes[i].state != BACKSTOP_FREE &&
		    same_log(&b->lanes[i].log, log))
			return &b->lanes[i];
	return NULL;
}

void
backstop_drop(struct backstop *b, struct backstop_lane *lane)
{
	*lane = (struct backstop_lane){ .state = BACKSTOP_FREE };
	b->count--;
}

/* A free one, or the one that has had its peace longest. */
static struct backstop_lane *
room(struct backstop *b)
{
	struct backstop_lane *oldest = NULL;
	for (struct backstop_lane *l = b->lanes; l < b->lanes + BACKSTOP_LANES; l++) {
		if (l->state == BACKSTOP_FREE)
			return l;
		if (l->state == BACKSTOP_PEACE &&
		    (oldest == NULL || l->due_ms < oldest->due_ms))
			oldest = l;
	}
	if (oldest != NULL)
		backstop_drop(b, oldest);
	return oldest;
}

struct backstop_lane *
backstop_note(
    struct backstop *b, const struct holdings_log *log, bool differs, mesh_time_ms now)
{
	struct backstop_lane *lane = backstop_find(b, log);
	if (lane != NULL && lane->state == BACKSTOP_PEACE) {
		if (now < lane->due_ms)
			return NULL;
		backstop_drop(b, lane);
		lane = NULL;
	}
	if (lane == NULL && (lane = room(b)) != NULL) {
		*lane = (struct backstop_lane){
			.state = BACKSTOP_WAITS, .log = *log, .due_ms = now
		};
		b->count++;
	}
	if (lane != NULL)
		lane->differs |= differs;
	/* What was to be mended has been counted, and is not right yet. */
	if (lane != NULL && lane->state == BACKSTOP_WAITS && differs)
		lane->due_ms = now;
	return lane;
}

struct backstop_lane *
backstop_active(struct backstop *b)
{
	for (size_t i = 0; b->count > 0 && i < BACKSTOP_LANES; i++)
		if (b->lanes[i].state == BACKSTOP_ASKED)
			return &b->lanes[i];
	return NULL;
}

struct backstop_lane *
backstop_due(struct backstop *b, mesh_time_ms now)
{
	if (b->count == 0 || backstop_active(b) != NULL)
		return NULL;
	for (size_t i = 0; i < BACKSTOP_LANES; i++)
		if (b->lanes[i].state == BACKSTOP_WAITS && b->lanes[i].due_ms <= now)
			return &b->lanes[i];
	return NULL;
}

void
backstop_begin(struct backstop *b, struct backstop_lane *lane, struct handle neighbour,
    uint32_t slot, uint64_t high)
{
	lane->state = BACKSTOP_ASKED;
	lane->ticket = ++b->ticket;
	lane->neighbour = neighbour;
	lane->asked |= UINT64_C(1) << slot;
	lane->high = high;
	lane->first = 0;
	lane->want = MESH_SKETCH_FIRST;
	lane->tries = 0;
}

struct backstop_lane *
backstop_of(struct backstop *b, uint16_t ticket)
{
	struct backstop_lane *lane = backstop_active(b);
	return lane != NULL && lane->ticket == ticket ? lane : NULL;
}

static void
rest(struct backstop_lane *lane, mesh_time_ms now)
{
	lane->state = BACKSTOP_PEACE;
	lane->due_ms = now + BACKSTOP_PEACE_MS;
}

void
backstop_end(struct backstop_lane *lane, enum backstop_end how, mesh_time_ms now)
{
	lane->state = BACKSTOP_WAITS;
	lane->due_ms = now + (how == BACKSTOP_MENDED ? BACKSTOP_MEND_MS : 0);
	if (how == BACKSTOP_SAME)
		lane->same++;
	if (how == BACKSTOP_MENDED || how == BACKSTOP_FAILED)
		lane->failed++;
	if (lane->same >= (lane->differs ? BACKSTOP_FAILURES : 1))
		rest(lane, now);
	else if (lane->failed > BACKSTOP_FAILURES ||
	    (lane->failed == BACKSTOP_FAILURES && how == BACKSTOP_FAILED))
		lane->state = BACKSTOP_REFETCH;
}

void
backstop_nobody(struct backstop_lane *lane, mesh_time_ms now)
{
	lane->asked = 0;
	lane->due_ms = now + BACKSTOP_AGAIN_MS;
}

struct backstop_lane *
backstop_refetch(struct backstop *b, mesh_time_ms now)
{
	for (size_t i = 0; b->count > 0 && i < BACKSTOP_LANES; i++)
		if (b->lanes[i].state == BACKSTOP_REFETCH) {
			rest(&b->lanes[i], now);
			return &b->lanes[i];
		}
	return NULL;
}

void
backstop_part(struct backstop *b, uint32_t slot, mesh_time_ms now)
{
	for (struct backstop_lane *l = b->lanes; l < b->lanes + BACKSTOP_LANES; l++) {
		l->asked &= ~(UINT64_C(1) << slot);
		if (l->state == BACKSTOP_ASKED && l->neighbour.index == slot)
			backstop_end(l, BACKSTOP_UNSAID, now);
	}
}

mesh_time_ms
backstop_deadline(const struct backstop *b)
{
	mesh_time_ms soonest = MESH_NEVER;
	bool busy = false;
	for (size_t i = 0; b->count > 0 && i < BACKSTOP_LANES; i++)
		busy |= b->lanes[i].state == BACKSTOP_ASKED;
	for (size_t i = 0; b->count > 0 && i < BACKSTOP_LANES; i++) {
		const struct backstop_lane *l = &b->lanes[i];
		bool counts = l->state == BACKSTOP_ASKED ||
		    (l->state == BACKSTOP_WAITS && !busy);
		if (counts && l->due_ms < soonest)
			soonest = l->due_ms;
	}
	return soonest;
}
