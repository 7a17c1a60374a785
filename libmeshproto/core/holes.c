#include "inside_logs.h"
#include "inside_peers.h"

/* PROTOCOL.md 9: numbers missing below what we hold.  No digest and no row shows them,
 * for both end below; so everybody is asked, whatever his rows say.  What all deny for
 * ten minutes is given up, and the log goes on above it. */

enum {
	LOOK_MS = 10 * 1000,
	ROWS_MS = 30 * 1000, /* of a round: rows may deny it without a question */
	AT_ONCE = 16         /* questions per look; each denial brings the next one */
};

static bool
may_answer(const struct mesh_site *s, const struct neighbour *n)
{
	return n->silent_ms == MESH_NEVER && !n->left && n->closing == 0 &&
	    peering_is_open(s, n) && peering_can(s, n, FEATURE_REPAIR);
}

static uint64_t
who_may_answer(const struct mesh_site *s)
{
	const struct neighbour *n;
	uint64_t bits = 0;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (may_answer(s, n) && i < 64)
			bits |= UINT64_C(1) << i;
	return bits;
}

/* --- asking --- */

/* What we lack of our own log holds up all that we say; a lane that is not shown finds
 * nothing by a digest. */
static bool
is_urgent(const struct mesh_site *s, const struct gap *one)
{
	bool ours = memcmp(one->log.oid, s->oid, sizeof s->oid) == 0;
	return (ours && s->own.phase == OWN_RECOVER) ||
	    holdings_hides(&s->holdings, one->log.oid, one->log.lane);
}

/* False: everybody was asked in this round, or nobody can be now. */
static bool
ask_next(struct mesh_site *s, struct gap *one)
{
	struct neighbour *n;
	if (s->now.ms < one->round_ms + ROWS_MS && !is_urgent(s, one))
		return false;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (may_answer(s, n) && gaps_wants(one, i) &&
		    repair_ask(s, n, &one->log, one->run, 0)) {
			gaps_asked(one, i);
			return true;
		}
	return false;
}

void
holes_denied(struct mesh_site *s, const struct holdings_log *log, uint64_t first)
{
	struct gap *one = gaps_find(&s->gaps, log, first);
	if (one != NULL)
		(void)ask_next(s, one);
}

static void
ask(struct mesh_site *s)
{
	struct gap *one;
	uint32_t asked = 0;
	for (uint32_t i = 0; (one = gaps_walk(&s->gaps, &i)) != NULL; i++)
		if (asked < AT_ONCE)
			asked += ask_next(s, one);
}

static bool
lacks(const struct mesh_site *s, const struct holdings_log *log, uint64_t seq)
{
	struct mesh_run run;
	return holdings_missing(&s->holdings, log, seq, seq, &run);
}

/* Nobody asks for more than he was told of but to fill a hole: so he has something
 * above it.  We would learn of that when he gives the hole up, and only then would our
 * own ten minutes begin.  Of what is below anything that we hold we ask ourselves; so
 * nobody who asks for a hole concludes anything from what he is asked in return. */
static bool
tells_of_more(
    const struct mesh_site *s, const struct holdings_row *row, const struct want *w)
{
	struct mesh_run runs[MESH_RUNS];
	bool ours = memcmp(w->log.oid, s->oid, sizeof s->oid) == 0;
	if (ours || w->asked_to == UINT64_MAX || !lacks(s, &w->log, w->asked_to) ||
	    holdings_hides(&s->holdings, w->log.oid, w->log.lane))
		return false;
	size_t count = holdings_runs(&s->holdings, row, w->log.lane, runs);
	return count == 0 || w->asked_to > runs[count - 1].last;
}

void
holes_asked(struct mesh_site *s, struct neighbour *n, const struct holdings_row *row,
    const struct want *w)
{
	struct mesh_run above = { w->asked_to + 1, w->asked_to + 1 };
	uint32_t slot = peers_at(&s->peers, n->peer)->neighbour.index;
	if (tells_of_more(s, row, w) &&
	    !gaps_is_early(&s->gaps, &w->log, above.first, slot, s->now.ms))
		(void)repair_ask(s, n, &w->log, above, 0);
}

bool
holes_denied_by_all(struct mesh_site *s, const struct holdings_log *log, uint64_t to)
{
	struct mesh_run run;
	uint64_t alive = who_may_answer(s);
	for (uint64_t from = 1; holdings_missing(&s->holdings, log, from, to, &run);) {
		const struct gap *one = gaps_find(&s->gaps, log, run.first);
		if (one == NULL || alive == 0 || (alive & ~one->denied) != 0)
			return false;
		from = one->run.last + 1;
	}
	return true;
}

/* --- looking --- */

/* Whoever was heard in part and is gone has left many: one after the other would take
 * ten minutes each. */
static void
note_above(struct mesh_site *s, const struct holdings_row *row,
    const struct holdings_log *log, uint64_t from)
{
	struct mesh_run run;
	for (; holdings_hole(&s->holdings, row, log->lane, from, &run);
	     from = run.last + 1)
		gaps_hole(&s->gaps, log, run, GAPS_ABOVE, s->now.ms);
}

static void
note_row(struct mesh_site *s, const struct holdings_row *row, uint32_t *left)
{
	struct holdings_log log = { .epoch = row->epoch };
	struct mesh_run run;
	memcpy(log.oid, row->oid, sizeof log.oid);
	for (log.lane = LANE_CONTROL; log.lane < LANE_COUNT; log.lane++)
		if (holdings_hole(&s->holdings, row, log.lane, 1, &run)) {
			gaps_hole(&s->gaps, &log, run, GAPS_LOWEST, s->now.ms);
			note_above(s, row, &log, run.last + 1);
			--*left;
		}
}

static void
note(struct mesh_site *s)
{
	const struct holdings_row *row;
	uint32_t left = s->holdings.holes;
	for (uint32_t i = 0;
	     left > 0 && (row = holdings_walk(&s->holdings, &i)) != NULL; i++)
		note_row(s, row, &left);
}

static bool
is_at_the_end(const struct mesh_site *s, const struct gap *one)
{
	const struct holdings_row *row = holdings_of(&s->holdings, one->log.oid);
	return row != NULL && row->epoch == one->log.epoch &&
	    holdings_end(&s->holdings, row, one->log.lane) + 1 >= one->run.first;
}

static void
give_up(struct mesh_site *s, struct gap *one)
{
	inside_count(s, COUNT_SYNC_GIVEN_UP);
	holdings_give_up(&s->holdings, &one->log, one->run.last);
	gaps_drop(&s->gaps, one);
}

/* What nobody has is given up, from below.  True: something was, and what is above it
 * may be next. */
static bool
give_up_some(struct mesh_site *s, uint64_t alive)
{
	struct gap *one;
	bool any = false;
	for (uint32_t i = 0; (one = gaps_walk(&s->gaps, &i)) != NULL; i++)
		if (gaps_is_ripe(one, alive, s->now.ms) && is_at_the_end(s, one)) {
			give_up(s, one);
			any = true;
		}
	return any;
}

/* What has come is no gap any more. */
static void
settle(struct mesh_site *s)
{
	struct gap *one;
	uint64_t alive = who_may_answer(s);
	for (uint32_t i = 0; (one = gaps_walk(&s->gaps, &i)) != NULL; i++)
		if (!lacks(s, &one->log, one->run.first))
			gaps_drop(&s->gaps, one);
	while (give_up_some(s, alive))
		;
	/* Who waits for a hole below it stays as it is for as long as its round. */
	for (uint32_t i = 0; (one = gaps_walk(&s->gaps, &i)) != NULL; i++)
		if (!gaps_is_ripe(one, alive, s->now.ms))
			gaps_turn(&s->gaps, one, alive, s->now.ms);
}

void
holes_tick(struct mesh_site *s)
{
	if (s->now.ms < holes_deadline(s))
		return;
	s->holes_ms = s->now.ms + LOOK_MS;
	settle(s);
	note(s);
	ask(s);
}

mesh_time_ms
holes_deadline(const struct mesh_site *s)
{
	bool any = s->holdings.holes > 0 || s->gaps.count > 0;
	return any ? s->holes_ms : MESH_NEVER;
}
