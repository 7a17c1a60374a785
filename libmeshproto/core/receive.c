#include "inside.h"

/* PROTOCOL.md 8: what is cheap first, the signature last, and nothing is changed
 * before. */

void
receive_stranger(struct mesh_site *s, const struct mesh_path *from)
{
	if (peers_stranger(&s->peers, from, s->now.ms))
		events_notice(s, NOTICE_STRANGER, NULL);
}

/* --- a record --- */

struct arrival { /* one record on its way through the checks */
	struct neighbour *n;
	struct envelope_hop hop; /* of a page: only its bundle */
	bool page;               /* asked for: history, goes no further */
	uint64_t after;          /* a page of a keyed lane: what lies between is dead */
	struct bundle bundle;
	struct record record;
	struct dedup_mark mark, bad_mark;
	bool only_links; /* stored in an earlier life; unknown to our reach */
};

static enum apply_verdict
drop(struct mesh_site *s, enum mesh_counter why)
{
	inside_count(s, why);
	return APPLY_DONE;
}

static enum apply_verdict
duplicate(struct mesh_site *s, const struct arrival *a)
{
	struct neighbour *n = a->n;
	hop_seen(&n->hop, &s->parcels, &a->mark); /* as good as its ACK */
	pace_drop(&n->pace, &s->parcels, &a->mark);
	return drop(s, COUNT_RECORD_DUPLICATE);
}

static bool
is_ours(const struct mesh_site *s, const struct record *r)
{
	return memcmp(&r->at.origin, &s->identity.key, sizeof r->at.origin) == 0;
}

/* Verified, handed out, and its store has not answered yet. */
static bool
is_in_flight(const struct mesh_site *s, const struct mesh_position *at)
{
	const struct flight *f;
	for (uint32_t i = 0; (f = pool_walk(&s->flights, &i)) != NULL; i++) {
		const struct mesh_position *is = &f->record.at;
		if (is->seq == at->seq && is->lane == at->lane &&
		    is->epoch == at->epoch &&
		    memcmp(&is->origin, &at->origin, sizeof at->origin) == 0)
			return true;
	}
	return false;
}

/* Lane 0 has boot in epoch's place and a window in the have-set's. */
static enum mesh_counter
judge_live(const struct peer *p, const struct record *r)
{
	if (p == NULL || r->at.epoch > p->boot)
		return COUNT_MESH;
	if (r->at.epoch < p->boot)
		return COUNT_RECORD_OLD_BOOT;
	return peers_live_is_new(p, r->at.seq) ? COUNT_MESH : COUNT_RECORD_DUPLICATE;
}

static enum mesh_counter
judge_logged(
    struct mesh_site *s, const struct peer *p, struct handle row, struct arrival *a)
{
	const struct record *r = &a->record;
	if (p != NULL && r->at.epoch < p->epoch)
		return COUNT_RECORD_OLD_EPOCH;
	switch (holdings_ask(&s->holdings, &r->at, r->back)) {
	case HOLDINGS_OLD_EPOCH:
		return COUNT_RECORD_OLD_EPOCH;
	case HOLDINGS_NO_ROOM:
		return COUNT_RECORD_GAP_OVERFLOW;
	case HOLDINGS_HELD:
		a->only_links = reach_is_links(r) &&
		    (p == NULL || reach_is_news(&s->reach, row.index, r));
		return a->only_links ? COUNT_MESH : COUNT_RECORD_DUPLICATE;
	case HOLDINGS_NEW:
		break;
	}
	return is_in_flight(s, &r->at) ? COUNT_RECORD_DUPLICATE : COUNT_MESH;
}

/* Step 5.  COUNT_MESH: go on. */
static enum mesh_counter
judge_origin(struct mesh_site *s, struct arrival *a)
{
	const struct record *r = &a->record;
	struct handle row = peers_find(&s->peers, &r->at.origin);
	const struct peer *p = peers_at(&s->peers, row);
	if (is_ours(s, r))
		return COUNT_RECORD_DUPLICATE; /* recovering our own log: repair */
	if (!admit_is_in(&s->admit, &r->at.origin) &&
	    !admit_would(&s->admit, &r->at.origin))
		return COUNT_RECORD_NOT_ADMITTED;
	return r->at.lane == LANE_LIVE ? judge_live(p, r) : judge_logged(s, p, row, a);
}

/* Step 6, and whether there is room to take it at all. */
static enum apply_verdict
judge_hop(struct mesh_site *s, const struct arrival *a, bool *go_on)
{
	*go_on = false;
	switch (
	    a->page ? FLOOD_TAKE : flood_judge(&a->hop, a->record.hop_max, s->tag)) {
	case FLOOD_HOPS:
		return drop(s, COUNT_RECORD_HOPS);
	case FLOOD_TRAIL:
		return drop(s, COUNT_RECORD_TRAIL);
	case FLOOD_TAKE:
		break;
	}
	if (s->flights.free_count == 0 && a->record.at.lane != LANE_LIVE) {
		inside_count(s, COUNT_SHED_STORE_BUSY);
		return APPLY_PENDING;
	}
	if (s->parcels.pool.free_count <= INSIDE_LINK_PARCELS) {
		inside_count(s, COUNT_SHED_QUEUE_FULL);
		return APPLY_PENDING;
	}
	*go_on = true;
	return APPLY_DONE;
}

/* Step 7.  What fails here is remembered by its very bytes, so that the same forgery
 * costs no second look and the real record is not taken for it. */
static bool
is_authentic(struct mesh_site *s, const struct arrival *a)
{
	enum mesh_err err = bundle_verify(
	    &a->bundle, s->network.id, &a->record.at.origin);
	if (err == MESH_OK)
		return true;
	inside_count(
	    s, err == MESH_DENIED ? COUNT_RECORD_BAD_SIG : COUNT_RECORD_BAD_PROOF);
	(void)dedup_admit(&s->bad, &a->bad_mark);
	return false;
}

static void
learn_links(struct mesh_site *s, struct handle row, const struct arrival *a)
{
	struct reach_copy copy = { &a->record, a->bundle.raw, a->hop.hops,
		a->hop.age_ms };
	struct peer *p = peers_at(&s->peers, row);
	uint64_t boot;
	if (!reach_is_news(&s->reach, row.index, &a->record) ||
	    reach_learn(&s->reach, row.index, &copy, &boot, s->now.ms) != MESH_OK)
		return;
	/* Written in its current life, and news: it lived a moment ago. */
	if (!a->page && peers_boot(p, boot))
		peering_proof(s, row, a->hop.age_ms);
}

static void
note_epoch(struct mesh_site *s, struct peer *p, uint64_t epoch)
{
	if (epoch <= p->epoch)
		return;
	p->epoch = epoch;
	p->unkept = true;
	s->peers_news = true;
}

/* History may be by somebody who is long gone: it shows that he was, not that he is. */
static struct handle
origin_row(struct mesh_site *s, const struct arrival *a)
{
	const struct mesh_key *origin = &a->record.at.origin;
	bool known = peers_find(&s->peers, origin).generation != 0;
	struct handle row = peering_row(s, origin);
	struct peer *p = peers_at(&s->peers, row);
	if (a->page && !known && p != NULL) {
		(void)peers_become(p, PEER_DEAD, REASON_UNREACHABLE, s->now.ms);
		p->lost_ms = MESH_NEVER;
	}
	return row;
}

static void
hand_on(struct mesh_site *s, const struct arrival *a, struct handle parcel)
{
	const struct record *r = &a->record;
	struct bytes_view kept = spread_bundle(s, parcel);
	struct record there = spread_moved(r, a->bundle.raw, kept.ptr);
	struct handle h = events_flight(s, &there, parcel);
	struct flight *f = pool_at(&s->flights, h);
	if (f == NULL || !a->page)
		return;
	events_late(s, f);
	if (record_lane_is_keyed(r->at.lane) && r->at.seq - a->after > r->back)
		f->record.claims = r->at.seq - a->after;
}

/* Step 8, and 9: events_flight. */
static enum apply_verdict
accept(struct mesh_site *s, const struct arrival *a)
{
	const struct record *r = &a->record;
	uint8_t trail[FLOOD_TRAIL_MAX];
	struct envelope_hop next = a->hop;
	if (admit_proved(&s->admit, &r->at.origin) != MESH_OK)
		return drop(s, COUNT_RECORD_NOT_ADMITTED);
	struct handle row = origin_row(s, a);
	if (row.generation == 0)
		return drop(s, COUNT_RECORD_NOT_ADMITTED);
	if (!a->page)
		next = flood_next(&a->hop, s->tag, trail);
	struct handle parcel = spread_parcel(s, r, &next, &a->mark);
	if (parcel.generation == 0)
		return drop(s, COUNT_TX_TOO_LARGE);
	(void)dedup_admit(&s->verified, &a->mark);
	if (!a->page && flood_goes_on(&a->hop, r->hop_max))
		spread_flood(s, parcel, a->n);
	if (r->at.lane != LANE_LIVE) {
		note_epoch(s, peers_at(&s->peers, row), r->at.epoch);
		if (!a->only_links)
			hand_on(s, a, parcel);
		if (reach_is_links(r))
			learn_links(s, row, a);
	}
	parcel_release(&s->parcels, parcel);
	if (r->at.lane == LANE_LIVE)
		apply_live(s, row, r, a->hop.age_ms);
	return APPLY_DONE;
}

static enum apply_verdict
check_and_accept(struct mesh_site *s, struct arrival *a)
{
	bool go_on;
	enum mesh_counter why = judge_origin(s, a);
	if (why == COUNT_RECORD_DUPLICATE)
		return duplicate(s, a);
	if (why != COUNT_MESH)
		return drop(s, why);
	enum apply_verdict verdict = judge_hop(s, a, &go_on);
	if (!go_on)
		return verdict;
	return is_authentic(s, a) ? accept(s, a) : APPLY_PENDING;
}

static enum apply_verdict
take_bundle(struct mesh_site *s, struct arrival *a)
{
	/* One record per bundle for now: decisions 2. */
	if (bundle_read(a->hop.bundle, &a->bundle) != MESH_OK || a->bundle.count != 1)
		return APPLY_BAD;
	a->mark = dedup_mark_of(&s->verified, bundle_core(&a->bundle, 0));
	if (dedup_seen(&s->verified, &a->mark))
		return duplicate(s, a);
	a->bad_mark = dedup_mark_of(&s->bad, a->bundle.raw);
	if (dedup_seen(&s->bad, &a->bad_mark)) {
		inside_count(s, COUNT_RECORD_BAD_CACHED);
		return APPLY_PENDING;
	}
	if (bundle_record(&a->bundle, 0, &a->record) != MESH_OK)
		return APPLY_BAD;
	return check_and_accept(s, a);
}

enum apply_verdict
receive_push(struct mesh_site *s, const struct apply_input *in)
{
	struct arrival a = { .n = in->n };
	if (envelope_push(in->frame, &a.hop) != MESH_OK)
		return APPLY_BAD;
	return take_bundle(s, &a);
}

enum apply_verdict
receive_paged(
    struct mesh_site *s, struct neighbour *n, struct bytes_view bundle, uint64_t after)
{
	struct arrival a = { .n = n,
		.hop = { .hops = RECORD_HOP_MAX,
		    .age_ms = UINT32_MAX,
		    .bundle = bundle },
		.page = true,
		.after = after };
	return take_bundle(s, &a);
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
};

static struct look
look_at_frames(struct mesh_site *s, struct apply_input *in, struct bytes_view plain)
{
	struct handle n = pool_handle(
	    &s->neighbours, peers_at(&s->peers, in->n->peer)->neighbour.index);
	struct look look = { false, false, false };
	struct envelope_frame frame;
	struct bytes_in left = bytes_in(plain);
	enum mesh_err err = MESH_OK;
	in->frame = &frame;
	while (pool_at(&s->neighbours, n) != NULL &&
	    envelope_next_frame(&left, &frame, &err)) {
		const struct message *row = message_find(MESSAGE_FRAME, frame.number);
		look.wants_ack = look.wants_ack || (row != NULL && row->acked);
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
	if (!in->n->left) {
		uint32_t dice = (uint32_t)inside_dice(s);
		if (liveness_heard(&in->n->liveness, dice, s->now.ms))
			peering_back(s, in->n);
		peering_proof(s, in->n->peer, 0);
	}
	struct look look = look_at_frames(s, in, got->plain);
	inside_count(s, look.bad ? COUNT_RX_SHAPE : COUNT_RX_TAKEN);
	if (in->n != NULL && current && look.wants_ack && !look.pending)
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
	struct apply_input in = { .session = got.session, .from = from };
	in.n = peering_neighbour(s, peers_find(&s->peers, &session->peer.key));
	if (in.n == NULL)
		inside_count(s, COUNT_RX_SID); /* the last words of one who left */
	else
		take_data(s, &in, &got);
}

static void
receive_handshake(struct mesh_site *s, const struct envelope *env,
    struct bytes_view datagram, const struct mesh_path *from)
{
	uint8_t random[HANDSHAKE_RANDOM];
	struct handshake_out out;
	s->random(s->random_ctx, random, sizeof random);
	struct handshake_input in = { env, datagram, from, random, s->now.ms };
	if (env->kind == ENVELOPE_HS1 &&
	    memcmp(env->hint, s->netkey.hint, sizeof s->netkey.hint) != 0)
		receive_stranger(s, from);
	enum handshake_outcome what = handshake_receive(&s->handshake, &in, &out);
	if (what == HANDSHAKE_ASK) {
		struct handle row = peers_find(&s->peers, &out.peer->key);
		const struct peer *p = peers_at(&s->peers, row);
		struct handshake_verdict verdict = {
			admit_would(&s->admit, &out.peer->key), p != NULL ? p->boot : 0
		};
		what = handshake_judge(&s->handshake, &verdict, s->now.ms, &out);
	}
	if (out.reply.len > 0)
		emit_urgent(s, &out.to, out.reply);
	if (what == HANDSHAKE_MET)
		peering_met(s, out.start);
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
