#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_peers.h"
#include "inside_trust.h"
#include "wire.h"

enum {
	FRESH_MS = 60 * 1000, /* a former life of ours is met in the first minute */
	DOUBT_MS = 60 * 1000, /* a second body has answered by then */
	STEP_MOST = 8,        /* seconds: by chance, so that the dead do not answer */
	NEAR_COST = 8,        /* of a step past what may be an answer to our last one */
	FORMER_COST = 32,     /* so much is stepped past, or two would do it for ever */
	STEPS_COST = FORMER_COST +
	    NEAR_COST /* by which the silent one tells the other */
};

/* PROTOCOL.md 10: our own log, as others know it.  What they hold of us and we do not
 * must be ours again before we number anything: a restored backup, a rolled-back
 * snapshot, a lost database with a saved key. */

static bool
is_other_life(const struct mesh_site *s, const struct state_links *links)
{
	return links->boot >= s->boot &&
	    memcmp(links->boot_id.ptr, s->boot_id, sizeof s->boot_id) != 0;
}

static uint64_t
new_epoch(const struct mesh_site *s, uint64_t above)
{
	const unix_ms plausible = 1700000000000;
	uint64_t now = s->now.unix_ms > plausible ? (uint64_t)s->now.unix_ms / 1000 : 0;
	uint64_t purged = charter_purged(&s->charter, &s->identity.key);
	above = above > purged ? above : purged;
	return now > above ? now : above + 1;
}

void
recover_new_epoch(struct mesh_site *s, uint64_t above)
{
	own_begin(&s->own, new_epoch(s, above));
	events_notice(s, NOTICE_RENEWED, &s->identity.key);
	if (holdings_begin(&s->holdings, &s->identity.key, s->own.epoch) != MESH_OK)
		return; /* no row: there was nothing to be emptied */
}

static uint64_t
our_end(const struct mesh_site *s, enum mesh_lane lane)
{
	const struct holdings_row *row = holdings_of(&s->holdings, s->oid);
	bool ours = row != NULL && row->epoch == s->own.epoch;
	return ours ? holdings_end(&s->holdings, row, lane) : 0;
}

/* --- the hold --- */

void
recover_start(struct mesh_site *s, bool nobody_knows_us)
{
	s->fresh_ms = s->now.ms + FRESH_MS;
	if (!nobody_knows_us)
		own_hold(&s->own, s->now.ms);
	else if (s->own.epoch == 0)
		own_begin(&s->own, new_epoch(s, 0));
}

/* Nobody holds more of us than we do. */
static void
end_hold(struct mesh_site *s)
{
	if (s->now.ms < s->doubt_ms) {
		s->own.until_ms = s->doubt_ms;
		return;
	}
	if (s->own.epoch == 0) {
		own_begin(&s->own, new_epoch(s, 0));
		inside_count(s, COUNT_OWN_EPOCH_NEW);
		events_notice(s, NOTICE_RENEWED, &s->identity.key);
	}
	own_go_on(&s->own);
}

static bool
asks_for_ours(struct mesh_site *s)
{
	const struct pull *one;
	for (uint32_t i = 0; (one = pull_walk(&s->pulls, &i)) != NULL; i++)
		if (memcmp(one->log.oid, s->oid, sizeof s->oid) == 0)
			return true;
	return false;
}

void
recover_greeted(struct mesh_site *s)
{
	if (s->own.phase == OWN_HOLD && !asks_for_ours(s))
		end_hold(s);
}

/* --- longer elsewhere --- */

/* While nothing was numbered in this life, whatever others hold beyond our have-set was
 * lost here; later only what lies beyond our numbers can be. */
static bool
is_longer(const struct mesh_site *s, const struct holdings_log *log, uint64_t high)
{
	uint64_t limit = our_end(s, log->lane);
	if (s->own.phase == OWN_READY && limit < s->own.lane[log->lane].used)
		limit = s->own.lane[log->lane].used;
	return log->epoch > s->own.epoch ||
	    (log->epoch == s->own.epoch && high > limit);
}

/* Our own disk did not give back what it had: that has no end to go by. */
static bool
is_holed(const struct mesh_site *s, const struct holdings_log *log)
{
	const struct holdings_row *row = holdings_of(&s->holdings, log->oid);
	struct mesh_run hole;
	return row != NULL && row->epoch == log->epoch &&
	    holdings_hole(&s->holdings, row, log->lane, 1, &hole);
}

bool
recover_offer(struct mesh_site *s, struct neighbour *n, const struct holdings_log *log,
    uint64_t high)
{
	struct mesh_run top = { high, high };
	uint64_t purged = charter_purged(&s->charter, &s->identity.key);
	if (s->own.phase == OWN_QUIET || log->epoch <= purged)
		return false;
	if (!is_longer(s, log, high))
		return is_holed(s, log);
	bool known = s->own.phase == OWN_RECOVER && log->epoch == s->own.epoch;
	if (!known || s->own.target[log->lane] < high)
		repair_pull(s, n, log, &top); /* it must verify with our key */
	return known;
}

enum mesh_counter
recover_judge(const struct mesh_site *s, const struct record *r)
{
	if (s->own.phase == OWN_QUIET)
		return COUNT_RECORD_DUPLICATE;
	if (r->at.epoch < s->own.epoch || purges_is_void(s, &r->at))
		return COUNT_RECORD_OLD_EPOCH;
	switch (holdings_ask(&s->holdings, &r->at, r->back)) {
	case HOLDINGS_NEW:
		return COUNT_MESH;
	case HOLDINGS_OLD_EPOCH:
		return COUNT_RECORD_OLD_EPOCH;
	case HOLDINGS_NO_ROOM:
		return COUNT_RECORD_GAP_OVERFLOW;
	case HOLDINGS_HELD:
		break;
	}
	return COUNT_RECORD_DUPLICATE;
}

void
recover_proved(struct mesh_site *s, const struct record *r)
{
	struct own *o = &s->own;
	if (r->at.epoch > o->epoch) {
		batch_close(s);
		own_begin(o, r->at.epoch);
		(void)(holdings_begin(&s->holdings, &s->identity.key, o->epoch) ==
		    MESH_OK); /* there is a row, or there is not: both are right */
	}
	bool lost = o->phase != OWN_READY && r->at.seq > our_end(s, r->at.lane);
	if (lost || r->at.seq > o->lane[r->at.lane].used)
		own_longer(o, r->at.lane, r->at.seq, s->now.ms);
}

/* All that was proven is here again, but for what everybody has forgotten. */
static bool
is_complete(struct mesh_site *s)
{
	struct holdings_log log = { .epoch = s->own.epoch };
	memcpy(log.oid, s->oid, sizeof log.oid);
	for (log.lane = LANE_CONTROL; log.lane < LANE_COUNT; log.lane++) {
		uint64_t target = s->own.target[log.lane];
		if (our_end(s, log.lane) < target &&
		    !holes_denied_by_all(s, &log, target))
			return false;
	}
	return true;
}

void
recover_stored(
    struct mesh_site *s, const struct mesh_position *at, const struct mesh_live *live)
{
	struct neighbour *n;
	inside_count(s, COUNT_OWN_RECOVERED);
	if (at->epoch == s->own.epoch)
		own_recovered(&s->own, at->lane, at->seq, live);
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		exchange_hurry(&n->exchange, s->now.ms);
}

void
recover_tick(struct mesh_site *s)
{
	struct own *o = &s->own;
	if (o->phase == OWN_HOLD && s->now.ms >= o->until_ms)
		end_hold(s);
	else if (o->phase == OWN_RECOVER && s->now.ms >= s->doubt_ms &&
	    ((is_complete(s) && !asks_for_ours(s)) || s->now.ms >= o->until_ms)) {
		own_go_on(o);
		events_notice(s, NOTICE_RECOVERED, &s->identity.key);
	}
}

enum mesh_writing
mesh_site_writing(const struct mesh_site *site)
{
	static const enum mesh_writing words[] = { [OWN_READY] = WRITING_YES,
		[OWN_HOLD] = WRITING_HELD,
		[OWN_RECOVER] = WRITING_RECOVERS,
		[OWN_QUIET] = WRITING_FORKED };
	bool cloned = site->own.phase == OWN_QUIET && site->cloned_ms != 0;
	return cloned ? WRITING_CLONED : words[site->own.phase];
}

/* --- another body with our key --- */

/* So that it hears us as we heard it. */
static bool
step_past(struct mesh_site *s, uint64_t boot, unsigned cost)
{
	uint8_t dice;
	if (s->boot > boot || boot > UINT64_MAX - STEP_MOST ||
	    s->steps + cost > STEPS_COST)
		return false;
	s->random(s->random_ctx, &dice, sizeof dice);
	s->boot = boot + 1 + dice % STEP_MOST;
	s->handshake.self.told.boot = s->boot;
	s->steps = (uint8_t)(s->steps + cost);
	return true;
}

/* A body that lives is at most one step above the one that we took; what a dead one
 * signed lies where it lies. */
static unsigned
cost_of(const struct mesh_site *s, uint64_t boot)
{
	bool answers = s->steps > 0 && boot - s->boot <= STEP_MOST;
	return answers ? NEAR_COST : 1;
}

/* A former life of ours: known to one neighbour, and a later one perhaps to the next.
 */
static bool
may_be_former(const struct mesh_site *s, unsigned cost)
{
	mesh_time_ms until = s->former ? s->doubt_ms : s->fresh_ms;
	return s->own.phase != OWN_QUIET && s->steps + cost <= FORMER_COST &&
	    s->now.ms < until;
}

/* A later life that somebody remembers: our own, if its boot was lost with a database,
 * or another body.  One that lives signs a boot above each that we take; of those that
 * are dead there are few.  Until it had time for that nothing is numbered. */
static void
doubt(struct mesh_site *s)
{
	inside_count(s, COUNT_OWN_FORMER);
	s->former = true;
	s->doubt_ms = s->now.ms + DOUBT_MS;
	if (s->own.phase == OWN_READY)
		own_hold(&s->own, s->now.ms);
	lives_say(s);
}

void
recover_clone(struct mesh_site *s, uint64_t boot, const struct mesh_key *by,
    const struct mesh_path *addr)
{
	unsigned cost = cost_of(s, boot);
	bool former = may_be_former(s, cost);
	bool stepped = step_past(s, boot, former ? cost : NEAR_COST);
	if (former && stepped) {
		doubt(s);
		return;
	}
	inside_count(s, COUNT_PEER_CLONE);
	own_quiet(&s->own);
	bool found = addr != NULL && !s->clone_found; /* now we know where */
	if (s->now.ms < s->cloned_ms && !found && !stepped)
		return;
	s->clone_found |= found;
	s->cloned_ms = s->now.ms + RECOVER_CLONE_GAP_MS;
	events_cloned(s, by, addr);
	lives_say(s);
}

/* Says its content that somebody else lives under our name? */
static bool
is_foreign(const struct mesh_site *s, const struct record *r, uint64_t *boot)
{
	struct state_links_put put;
	uint64_t block[REACH_LINKS * sizeof(struct message_bytes) / 4];
	struct arena lists = arena_init(block, sizeof block);
	if (r->at.lane == LANE_LIVE) {
		*boot = r->at.epoch;
		return r->at.epoch > s->boot ||
		    (r->at.epoch == s->boot && r->at.seq > s->own.lane[0].used);
	}
	if (!reach_is_links(r) ||
	    wire_decode(&state_links_put_table, r->body, &put, &lists) != MESH_OK)
		return false;
	*boot = put.links.boot;
	return is_other_life(s, &put.links);
}

/* A record of ours that we did not send in this life, pushed to us. */
void
recover_heard(struct mesh_site *s, const struct judge_record *j)
{
	const struct record *r = j->record;
	const struct bundle *b = j->bundle;
	uint64_t boot;
	bool foreign = is_foreign(s, r, &boot);
	bool held = r->at.lane != LANE_LIVE && r->at.epoch == s->own.epoch &&
	    holdings_ask(&s->holdings, &r->at, r->back) == HOLDINGS_HELD;
	bool beyond = r->at.lane != LANE_LIVE && s->own.phase != OWN_QUIET &&
	    (r->at.epoch > s->own.epoch ||
		(r->at.epoch == s->own.epoch &&
		    r->at.seq > s->own.lane[r->at.lane].used));
	if (held && b->count == 1)
		fork_suspect(s, r, b->raw);
	if ((!foreign && !beyond) || !rate_take(&s->doubts, 1, s->now.ms) ||
	    bundle_verify(b, s->network.id, &r->at.origin) != MESH_OK)
		return;
	if (foreign)
		recover_clone(s, boot, &peers_at(&s->peers, j->from->peer)->key, NULL);
	else
		recover_proved(s, r);
}
