#include "inside_events.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"

/* PROTOCOL.md 8, steps 1 and 2: a datagram, opened and taken apart. */

void
receive_stranger(struct mesh_site *s, const struct mesh_path *from)
{
	if (peers_stranger(&s->peers, from, s->now.ms))
		events_notice(s, NOTICE_STRANGER, NULL);
}

static enum mesh_peer_reason
why_not(const struct mesh_site *s, const struct mesh_key *key)
{
	enum mesh_peer_reason why = admit_refusal(&s->admit, key);
	bool silent = why == REASON_NONE && s->admit.mode == ADMISSION_CA;
	return silent ? REASON_UNCERTIFIED : why;
}

void
receive_candidate(
    struct mesh_site *s, const struct mesh_path *from, const struct mesh_key *key)
{
	bool revoked = charter_revoked(&s->charter, key) != NULL;
	struct peers_candidate who = { *from, *key, why_not(s, key) };
	inside_count(s, revoked ? COUNT_RECORD_REVOKED : COUNT_RECORD_NOT_ADMITTED);
	if (peers_candidate(&s->peers, &who, s->now.ms))
		events_notice(s, NOTICE_STRANGER, key);
}

/* --- a datagram --- */

static void
note_path(struct mesh_site *s, const struct apply_input *in)
{
	const struct session *session = session_at(&s->sessions, in->session);
	uint8_t random[ROAM_TOKEN];
	if (peers_path_equal(&session->path, in->from))
		return;
	s->random(s->random_ctx, random, sizeof random);
	struct roam *r = &in->n->roam;
	if (roam_seen(r, in->from, random, s->now.ms))
		emit_path(s, in->session, FRAME_PATH, in->from,
		    bytes_view(r->token, sizeof r->token));
}

struct look { /* what became of the frames of one datagram */
	bool wants_ack, pending, bad;
	bool unasked; /* holds news, or a piece of it */
	bool shed;    /* of one who sends too many */
};

/* Pieces are news, too, unless we have asked for pages of about as many bytes. */
static bool
is_unasked(struct neighbour *n, const struct envelope_frame *frame)
{
	bool piece = frame->number == FRAME_FRAG;
	return frame->number == FRAME_PUSH ||
	    (piece && !pull_owes(&n->window, (uint32_t)frame->bytes.len));
}

static struct look
look_at_frames(struct mesh_site *s, struct apply_input *in, struct bytes_view plain)
{
	struct handle n = pool_handle(
	    &s->neighbours, peers_at(&s->peers, in->n->peer)->neighbour.index);
	struct look look = { .bad = false };
	struct envelope_frame frame;
	struct bytes_in left = bytes_in(plain);
	enum mesh_err err = MESH_OK;
	in->frame = &frame;
	while (pool_at(&s->neighbours, n) != NULL &&
	    envelope_next_frame(&left, &frame, &err)) {
		const struct message *row = message_find(MESSAGE_FRAME, frame.number);
		/* What is unknown is decided: a later version would repeat it for ever.
		 */
		look.wants_ack = look.wants_ack || row == NULL || row->acked;
		if (!look.unasked && is_unasked(in->n, &frame)) {
			look.unasked = true;
			look.shed = !rate_take(&in->n->pushes, 1, s->now.ms);
		}
		if (look.shed)
			break;
		enum apply_verdict verdict = apply_frame(s, in);
		look.pending = look.pending || verdict == APPLY_PENDING;
		look.bad = verdict == APPLY_BAD;
		if (look.bad)
			break;
	}
	in->frame = NULL;
	look.bad = look.bad || err != MESH_OK;
	if (pool_at(&s->neighbours, n) == NULL)
		in->n = NULL; /* closed by one of its frames */
	return look;
}

static void
take_data(struct mesh_site *s, struct apply_input *in, const struct session_opened *got)
{
	struct session *session = session_at(&s->sessions, got->session);
	bool current = session->ends_ms == MESH_NEVER;
	if (got->first)
		handshake_settled(&s->handshake, session->sid_local);
	note_path(s, in);
	leads_heard(s, in->n, got->plain.len + ENVELOPE_DATA_HEAD);
	if (!in->n->left) {
		watch_heard(s, in->n);
		peering_proof(s, in->n->peer, 0);
	}
	struct look look = look_at_frames(s, in, got->plain);
	inside_count(s,
	    look.bad        ? COUNT_RX_SHAPE
		: look.shed ? COUNT_SHED_NEIGHBOUR
			    : COUNT_RX_TAKEN);
	if (in->n != NULL && current && look.wants_ack && !look.pending && !look.shed)
		hop_decided(&in->n->hop, got->counter, s->now.ms);
}

static void
receive_data(
    struct mesh_site *s, const struct envelope *env, const struct mesh_path *from)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct session_opened got;
	if (!session_open(&s->sessions, env, plain, &got))
		return;
	const struct session *session = session_at(&s->sessions, got.session);
	if (session->door.purpose == SESSION_SHOWING) {
		if (!certs_data(s, &got, from))
			return;
		session = session_at(&s->sessions, got.session);
	}
	if (session->door.purpose != SESSION_MEMBER) {
		guests_data(s, &got);
		return;
	}
	struct apply_input in = { .session = got.session, .from = from };
	in.n = peering_neighbour(s, peers_find(&s->peers, &session->peer.key));
	if (in.n != NULL) {
		take_data(s, &in, &got);
		return;
	}
	inside_count(s, COUNT_RX_SID); /* the last words of one who left */
	if (session->closed != 0)
		emit_close(s, got.session, (enum close_reason)session->closed);
}

/* HS3 again, for a session that is closed already: our CLOSE was lost. */
static void
close_again(struct mesh_site *s, const struct envelope *env)
{
	struct handle h = session_closed(&s->sessions, env->sid);
	const struct session *session = session_at(&s->sessions, h);
	if (session != NULL)
		emit_close(s, h, (enum close_reason)session->closed);
}

static void
receive_handshake(struct mesh_site *s, const struct envelope *env,
    struct bytes_view datagram, const struct mesh_path *from)
{
	uint8_t random[HANDSHAKE_RANDOM];
	struct handshake_out out;
	s->random(s->random_ctx, random, sizeof random);
	struct handshake_input in = { env, datagram, from, random, s->now.ms, NULL };
	struct handshake_door door;
	if (env->kind == ENVELOPE_HS1 && guests_door(s, env->hint, &door))
		in.door = &door;
	else if (env->kind == ENVELOPE_HS1)
		receive_stranger(s, from);
	enum handshake_outcome what = handshake_receive(&s->handshake, &in, &out);
	if (what == HANDSHAKE_OURSELVES)
		calling_ourselves(s, &out.to);
	if (what == HANDSHAKE_DROPPED && env->kind == ENVELOPE_HS3) {
		close_again(s, env);
		certs_again(s, env->sid);
	}
	if (what == HANDSHAKE_ASK) {
		struct handle row = peers_find(&s->peers, &out.peer->key);
		const struct peer *p = peers_at(&s->peers, row);
		struct handshake_verdict verdict = { guests_would(s, out.start),
			p != NULL ? p->boot : 0 };
		struct peers_candidate who = { *from, out.peer->key,
			why_not(s, &out.peer->key) };
		if (!verdict.admitted)
			(void)peers_candidate(&s->peers, &who, s->now.ms);
		what = handshake_judge(&s->handshake, &verdict, s->now.ms, &out);
	}
	if (out.reply.len > 0)
		emit_urgent(s, &out.to, out.reply);
	if (what == HANDSHAKE_OUTLIVED && out.start->door.purpose == SESSION_MEMBER)
		lives_show(s, out.start);
	if (what != HANDSHAKE_MET)
		return;
	if (out.start->door.purpose == SESSION_MEMBER &&
	    !admit_would(&s->admit, &out.start->peer.key))
		certs_met(s, out.start);
	else if (out.start->door.purpose == SESSION_MEMBER)
		peering_met(s, out.start);
	else
		guests_met(s, out.start);
}

void
mesh_site_receive(struct mesh_site *site, const struct mesh_path *from,
    struct bytes_view datagram, struct mesh_now now)
{
	struct envelope env;
	inside_enter(site, now);
	enum mesh_err err = envelope_read(datagram, &env);
	if (err != MESH_OK) {
		inside_count(
		    site, err == MESH_MALFORMED ? COUNT_RX_KIND : COUNT_RX_SHORT);
		return;
	}
	switch (env.kind) {
	case ENVELOPE_BEACON:
		hail_receive(site, &env, from);
		break;
	case ENVELOPE_HS1:
	case ENVELOPE_HS2:
	case ENVELOPE_HS3:
	case ENVELOPE_COOKIE:
		receive_handshake(site, &env, datagram, from);
		break;
	case ENVELOPE_DATA:
		receive_data(site, &env, from);
		break;
	}
}
