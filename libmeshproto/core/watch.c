#include "inside_events.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "wire.h"

/* PROTOCOL.md 11: links, and what their silence means. */

enum {
	SILENT_MAX_MS = 10 * 1000, /* then the session is given up, if nobody died */
	LEFT_MS = 1000,            /* for the last words of one who left */
	SHARE_MS = 350,            /* of a period for each link: docs/DECISIONS/0040 */
	COMMON = 3                 /* neighbours asked in a probe */
};

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* The larger of both sides.  Who has many links is watched by many and can ask each of
 * them less often; the other side reads how many they are in its list of links. */
static uint32_t
period_of(const struct mesh_site *s, const struct neighbour *n)
{
	const struct session *session = session_at(&s->sessions, n->session);
	uint32_t theirs = session != NULL ? session->peer.ping_s * 1000U : 0;
	if (s->ping_ms > 0)
		return larger(s->ping_ms, theirs);
	uint32_t links = larger(
	    pool_taken(&s->neighbours), reach_count(&s->reach, n->peer.index));
	return larger(LIVENESS_PERIOD_MS, larger(theirs, SHARE_MS * links));
}

void
watch_begin(struct mesh_site *s, struct neighbour *n)
{
	n->silent_ms = MESH_NEVER;
	n->left = false;
	liveness_start(
	    &n->liveness, period_of(s, n), (uint32_t)inside_dice(s), s->now.ms);
	n->liveness.steady = s->ping_ms > 0;
	liveness_ask(&n->liveness, s->now.ms); /* shows the other that we are there */
}

/* Who has not shown the keys yet is the handshake's business. */
static bool
is_watched(const struct mesh_site *s, const struct neighbour *n)
{
	return !n->left && n->closing == 0 && peering_is_open(s, n);
}

static mesh_time_ms
part_at(const struct neighbour *n)
{
	if (n->silent_ms == MESH_NEVER)
		return MESH_NEVER;
	return n->silent_ms + (n->left ? LEFT_MS : SILENT_MAX_MS);
}

mesh_time_ms
watch_deadline(const struct mesh_site *s)
{
	const struct neighbour *n;
	mesh_time_ms at = MESH_NEVER;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		if (part_at(n) < at)
			at = part_at(n);
		if (is_watched(s, n) && n->liveness.due_ms < at)
			at = n->liveness.due_ms;
	}
	return at;
}

/* When it will be used next, if all is well. */
static mesh_time_ms
use_of(const struct liveness *l, mesh_time_ms now)
{
	uint32_t patience = l->pinged_last ? 0 : l->period_ms / 10;
	return l->due_ms > now + patience ? l->due_ms - patience - now : 0;
}

void
watch_used(struct mesh_site *s, struct neighbour *n)
{
	struct phase p = { .period_ms = n->liveness.period_ms };
	const struct neighbour *other;
	if (n->liveness.steady || n->liveness.state != LIVENESS_GOOD)
		return;
	for (uint32_t i = 0; (other = peering_walk(s, &i)) != NULL; i++)
		if (other != n && is_watched(s, other) &&
		    other->silent_ms == MESH_NEVER)
			phase_add(&p, use_of(&other->liveness, s->now.ms));
	enum phase_use use = n->liveness.pinged_last ? PHASE_OURS : PHASE_THEIRS;
	if (n->liveness.unplaced && n->liveness.pinged_last)
		use = PHASE_FIRST;
	n->liveness.unplaced = n->liveness.unplaced && !n->liveness.pinged_last;
	if (p.count > 0)
		n->liveness.due_ms = s->now.ms +
		    phase_next(&p, use, (uint32_t)inside_dice(s));
}

/* --- asking others --- */

static bool
is_common(
    const struct mesh_site *s, const struct neighbour *n, const struct neighbour *of)
{
	const struct peer *p = peers_at(&s->peers, n->peer);
	return n != of && is_watched(s, n) && n->silent_ms == MESH_NEVER &&
	    reach_names(&s->reach, of->peer.index, p->oid);
}

/* Reservoir sampling: each of them is as likely as any other. */
static size_t
pick_common(struct mesh_site *s, const struct neighbour *of,
    struct neighbour *picked[static COMMON])
{
	struct neighbour *n;
	size_t seen = 0;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		if (!is_common(s, n, of))
			continue;
		uint64_t at = seen < COMMON ? seen : inside_dice(s) % (seen + 1);
		if (at < COMMON)
			picked[at] = n;
		seen++;
	}
	return seen < COMMON ? seen : COMMON;
}

static void
ask_around(struct mesh_site *s, const struct neighbour *about)
{
	struct neighbour *picked[COMMON];
	const struct peer *p = peers_at(&s->peers, about->peer);
	struct frame_probe probe = { about->liveness.ping_id,
		bytes_view(p->oid, sizeof p->oid) };
	for (size_t i = pick_common(s, about, picked); i > 0; i--)
		spread_frame(s, picked[i - 1], FRAME_PROBE, &frame_probe_table, &probe);
}

static void
answer(struct mesh_site *s, struct neighbour *n, uint16_t id, bool heard)
{
	struct frame_probed probed = { id, heard };
	spread_frame(s, n, FRAME_PROBED, &frame_probed_table, &probed);
}

/* What was heard before the question is no answer to it: ask. */
enum apply_verdict
watch_probe(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_probe probe;
	uint32_t row;
	if (wire_decode_numbered(&frame_probe_table, in->frame->bytes, &probe, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	bool known = reach_find(&s->reach, probe.oid.ptr, &row);
	struct handle target = known ? pool_handle(&s->peers.pool, row)
				     : (struct handle){ 0, 0 };
	struct neighbour *n = peering_neighbour(s, target);
	if (n == NULL || n == in->n || !is_watched(s, n) ||
	    n->silent_ms != MESH_NEVER) {
		answer(s, in->n, probe.id, false);
		return APPLY_DONE;
	}
	struct errand one = { in->n->peer, target, probe.id, s->now.ms + ERRANDS_MS };
	if (errands_add(&s->errands, &one))
		liveness_doubt(&n->liveness, s->now.ms);
	return APPLY_DONE;
}

enum apply_verdict
watch_probed(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_probed probed;
	struct neighbour *n;
	if (wire_decode_numbered(
		&frame_probed_table, in->frame->bytes, &probed, NULL) != MESH_OK)
		return APPLY_BAD;
	if (probed.heard == 0)
		return APPLY_DONE;
	uint32_t dice = (uint32_t)inside_dice(s);
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (is_common(s, in->n, n) &&
		    liveness_vouch(&n->liveness, probed.id, dice, s->now.ms))
			break;
	return APPLY_DONE;
}

void
watch_heard(struct mesh_site *s, struct neighbour *n)
{
	struct errand one;
	/* Whoever is only pinged has no turn of its own at which to learn that the
	 * other has fewer links by now. */
	n->liveness.period_ms = period_of(s, n);
	if (liveness_heard(&n->liveness, (uint32_t)inside_dice(s), s->now.ms))
		peering_back(s, n);
	while (errands_take(&s->errands, n->peer, s->now.ms, &one)) {
		struct neighbour *asker = peering_neighbour(s, one.asker);
		if (asker != NULL)
			answer(s, asker, one.id, true);
	}
}

/* --- time --- */

static void
send_ping(struct mesh_site *s, struct neighbour *n)
{
	struct frame_ping ping = { .id = n->liveness.ping_id,
		.digest = sync_news(s, n) };
	spread_frame(s, n, FRAME_PING, &frame_ping_table, &ping);
}

static void
fell_silent(struct mesh_site *s)
{
	if (!health_silent(&s->health, pool_taken(&s->neighbours), s->now.ms))
		return;
	inside_count(s, COUNT_PEER_ISOLATED);
	events_notice(s, NOTICE_ISOLATED, NULL);
}

static void
act(struct mesh_site *s, struct neighbour *n, enum liveness_action action)
{
	switch (action) {
	case LIVENESS_PROBE:
		ask_around(s, n);
		send_ping(s, n);
		break;
	case LIVENESS_PING:
		send_ping(s, n);
		break;
	case LIVENESS_ACCUSE:
		fell_silent(s);
		peering_accuse(s, n->peer);
		break;
	case LIVENESS_QUIT:
		peering_quit(s, n->peer);
		break;
	case LIVENESS_REST:
		break;
	}
}

static void
neighbour_tick(struct mesh_site *s, struct neighbour *n)
{
	struct rtt *rtt = &n->hop.rtt;
	if (part_at(n) <= s->now.ms) {
		peering_part(s, n);
		return;
	}
	if (!is_watched(s, n) || s->now.ms < n->liveness.due_ms)
		return;
	if (n->liveness.ping_ms != 0 && n->silent_ms == MESH_NEVER)
		rtt_lost(rtt); /* the last PING is still without a PONG */
	n->liveness.period_ms = period_of(s, n);
	struct liveness_patience patience = { rtt_wait_ms(rtt), rtt_probe_ms(rtt),
		rtt_probes(rtt) };
	act(s, n, liveness_tick(&n->liveness, &patience, s->now.ms));
}

static void
excuse_all(struct mesh_site *s, mesh_time_ms late)
{
	struct neighbour *n;
	struct peer *p;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		liveness_excuse(&n->liveness, (uint32_t)inside_dice(s), s->now.ms);
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++)
		if (p->lost_ms != MESH_NEVER)
			p->lost_ms += late;
	suspect_postpone(&s->suspect, late);
}

void
watch_tick(struct mesh_site *s, mesh_time_ms late)
{
	struct neighbour *n;
	if (health_late(&s->health, late, s->now.ms))
		excuse_all(s, late);
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		neighbour_tick(s, n);
}
