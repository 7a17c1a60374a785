#include "inside_events.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "wire.h"

/* --- frames --- */

static enum apply_verdict
on_ping(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_ping ping;
	if (wire_decode_numbered(&frame_ping_table, in->frame->bytes, &ping, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	sync_heard(s, in->n, ping.digest);
	struct frame_pong pong = { .id = ping.id, .digest = sync_news(s, in->n) };
	liveness_pinged(&in->n->liveness, (uint32_t)inside_dice(s), s->now.ms);
	watch_used(s, in->n);
	spread_frame(s, in->n, FRAME_PONG, &frame_pong_table, &pong);
	return APPLY_DONE;
}

static enum apply_verdict
on_pong(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_pong pong;
	uint32_t rtt_us;
	if (wire_decode_numbered(&frame_pong_table, in->frame->bytes, &pong, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	struct liveness_pong got = { pong.id, pong.held_ms, (uint32_t)inside_dice(s) };
	if (liveness_ponged(&in->n->liveness, &got, s->now.ms, &rtt_us))
		rtt_measured(&in->n->hop.rtt, rtt_us);
	watch_used(s, in->n);
	mtu_passed(&in->n->hop.mtu, in->frame->bytes.len);
	sync_heard(s, in->n, pong.digest);
	return APPLY_DONE;
}

static enum apply_verdict
on_prune(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_prune prune;
	if (wire_decode_numbered(&frame_prune_table, in->frame->bytes, &prune, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	branch_told(s, in->n, prune.oid, prune.on != 0);
	return APPLY_DONE;
}

static bool
is_current(const struct mesh_site *s, struct handle session)
{
	const struct session *one = session_at(&s->sessions, session);
	return one != NULL && one->ends_ms == MESH_NEVER;
}

static enum apply_verdict
on_ack(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_ack ack;
	if (wire_decode_numbered(&frame_ack_table, in->frame->bytes, &ack, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	if (is_current(s, in->session)) /* counters belong to one session */
		hop_acked(&in->n->hop, &s->parcels, ack.counter, ack.bits, s->now.ms);
	return APPLY_DONE;
}

static enum apply_verdict
on_path(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_path path;
	if (wire_decode_numbered(&frame_path_table, in->frame->bytes, &path, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	emit_path(s, in->session, FRAME_PATH_ACK, in->from, path.token);
	return APPLY_DONE;
}

static enum apply_verdict
on_path_ack(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_path path;
	struct session *session = session_at(&s->sessions, in->session);
	if (wire_decode_numbered(&frame_path_table, in->frame->bytes, &path, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	if (!roam_proved(&in->n->roam, in->from, path.token))
		return APPLY_DONE;
	struct peer *p = peers_at(&s->peers, in->n->peer);
	session->path = *in->from;
	p->addr = *in->from;
	finding_moved(s, p);
	return APPLY_DONE;
}

/* Two sessions of one pair: the other one stays. */
static void
close_twin(struct mesh_site *s, const struct apply_input *in)
{
	struct peer *p = peers_at(&s->peers, in->n->peer);
	struct handle session = in->session, current = in->n->session;
	if (session.index != current.index) {
		session_remove(&s->sessions, session);
		return;
	}
	session_remove(&s->sessions, session);
	in->n->session = session_of(&s->sessions, &p->key);
	if (session_at(&s->sessions, in->n->session) == NULL)
		peering_part(s, in->n);
	else
		hop_new_session(&in->n->hop);
}

static enum apply_verdict
on_close(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_close close;
	if (wire_decode_numbered(&frame_close_table, in->frame->bytes, &close, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	if (close.reason == CLOSE_TWIN)
		close_twin(s, in);
	else if (in->session.index != in->n->session.index)
		session_remove(&s->sessions, in->session);
	else if (close.reason == CLOSE_STOPPING)
		peering_left(s, in->n);
	else {
		certs_refused(s, &peers_at(&s->peers, in->n->peer)->key, close.reason);
		if (close.reason == CLOSE_REFUSED || close.reason == CLOSE_REPLACED)
			neighbours_refused(&s->choice, in->n->peer.index);
		peering_part(s, in->n);
	}
	return APPLY_DONE;
}

typedef enum apply_verdict (*frame_handler)(
    struct mesh_site *s, const struct apply_input *in);
static const frame_handler frame_handlers[] = {
	[FRAME_PUSH] = arrive_push,
	[FRAME_PING] = on_ping,
	[FRAME_PONG] = on_pong,
	[FRAME_ACK] = on_ack,
	[FRAME_PROBE] = watch_probe,
	[FRAME_PROBED] = watch_probed,
	[FRAME_PRUNE] = on_prune,
	[FRAME_FRAG] = cargo_on_frag,
	[FRAME_PATH] = on_path,
	[FRAME_PATH_ACK] = on_path_ack,
	[FRAME_CLOSE] = on_close,
	[FRAME_PEERS] = leads_peers,
	[FRAME_PUNCH] = leads_punch,
	[FRAME_SUM] = sync_on_sum,
	[FRAME_ROWS] = sync_on_rows,
	[FRAME_PULL] = serving_on_pull,
	[FRAME_PAGE] = repair_on_page,
	[FRAME_NONE] = repair_on_none,
	[FRAME_SKETCH] = sketching_on_sketch,
	[FRAME_CELLS] = sketching_on_cells,
	[FRAME_NETKEY_ASK] = rekey_on_ask,
	[FRAME_NETKEY] = rekey_on_key,
	[FRAME_CERT] = certs_on_frame,
};

/* Its session stands a moment longer, so that it hears that it is out. */
static bool
is_blocked(const struct mesh_site *s, const struct neighbour *n)
{
	const struct peer *p = peers_at(&s->peers, n->peer);
	return peers_is_out(p);
}

enum apply_verdict
apply_frame(struct mesh_site *s, const struct apply_input *in)
{
	uint8_t number = in->frame->number;
	if (number != FRAME_ACK && is_blocked(s, in->n)) {
		inside_count(s, COUNT_RECORD_REVOKED);
		return APPLY_DONE;
	}
	if (number < LENGTH(frame_handlers) && frame_handlers[number] != NULL)
		return frame_handlers[number](s, in);
	inside_count(s, COUNT_RX_FRAME_UNKNOWN);
	return APPLY_DONE;
}

/* --- live records --- */

static bool
is_witness(const struct mesh_site *s, struct handle witness, struct handle target)
{
	const struct peer *w = peers_at(&s->peers, witness);
	return reach_names(&s->reach, target.index, w->oid);
}

/* A flood may overtake itself: has the target said something since the witness spoke?
 * Its REFUTE will not come a second time. */
static bool
is_answered(const struct mesh_site *s, const struct peer *target, uint32_t age_ms)
{
	return target->proof_ms + age_ms + SUSPECT_SLACK_MS >= s->now.ms;
}

static void
on_suspect(
    struct mesh_site *s, struct handle witness, const struct record *r, uint32_t age_ms)
{
	struct live_suspect body;
	if (wire_decode(&live_suspect_table, r->body, &body, NULL) != MESH_OK)
		return;
	bool us = inside_is_us(s, &body.target);
	struct handle target = peers_find(&s->peers, &body.target);
	const struct peer *p = peers_at(&s->peers, target);
	if (us && body.boot == s->boot)
		lives_refute(s);
	else if (!us && p != NULL && body.boot == p->boot &&
	    is_witness(s, witness, target) && !is_answered(s, p, age_ms))
		peering_suspect(s, target, witness.index);
	else
		inside_count(s, COUNT_PEER_SUSPECT_IGNORED);
}

static void
on_bye(struct mesh_site *s, struct handle origin, const struct record *r)
{
	struct live_boot body;
	if (wire_decode(&live_boot_table, r->body, &body, NULL) != MESH_OK)
		return;
	if (body.boot == peers_at(&s->peers, origin)->boot)
		peering_dead(s, origin, REASON_STOPPED);
}

/* For all, or for us and not for somebody behind us. */
static bool
is_for_us(const struct mesh_site *s, const struct record *r)
{
	return !r->has_dst || inside_is_us(s, &r->dst);
}

static bool
wants_answer(const struct record *r)
{
	return r->type == LIVE_ECHO || r->type == LIVE_QUERY || r->type == LIVE_TRACE ||
	    r->type == LIVE_COMMAND;
}

void
apply_live(struct mesh_site *s, const struct apply_record *in)
{
	const struct record *r = in->record;
	struct peer *p = peers_at(&s->peers, in->origin);
	bool gone = p->state == PEER_LEFT && p->boot == r->at.epoch;
	bool known = peers_boot(p, r->at.epoch); /* older ones were dropped before */
	if (!known)
		return;
	peers_live_note(p, r->at.seq);
	kept_news(s, p);
	if (r->type == LIVE_BYE) {
		on_bye(s, in->origin, r);
		return;
	}
	if (!gone) /* what was said before BYE came later */
		peering_proof(s, in->origin, in->hop->age_ms);
	if (r->type == LIVE_REFUTE)
		lives_note(s, in);
	if (r->type == LIVE_SUSPECT)
		on_suspect(s, in->origin, r, in->hop->age_ms);
	if (r->type == LIVE_FORK)
		fork_heard(s, r);
	if (wants_answer(r))
		routing_came(s, in->origin, in->from);
	if (is_for_us(s, r))
		asking_take(s, in);
}
