#include "inside.h"

/* PROTOCOL.md 8, steps 3 to 9: what is cheap first, the signature last, and nothing is
 * changed before.  What makes a record acceptable stands in judge.c. */

struct arriving { /* one core of it */
	struct record record;
	struct dedup_mark mark;
	bool passes; /* stored in an earlier life; unknown to our reach */
};
struct arrival { /* one bundle on its way through the checks; not zeroed */
	struct neighbour *n;
	struct envelope_hop hop; /* of a page: only its bundle */
	bool page;               /* asked for: history, goes no further */
	uint64_t after;          /* a page of a keyed lane: what lies between is dead */
	struct bundle bundle;
	uint64_t fresh; /* those of `core` that are still in the running */
	size_t first;   /* the lowest of them */
	struct merkle_hash leaf[BUNDLE_CORES];
	struct arriving core[BUNDLE_CORES];
};

static uint64_t
bit(size_t i)
{
	return 1ULL << i;
}

static bool
is_fresh(const struct arrival *a, size_t i)
{
	return (a->fresh >> i & 1) != 0;
}

/* --- what is known --- */

void
arrive_spare(struct mesh_site *s, struct neighbour *n, const struct dedup_mark *mark)
{
	hop_seen(&n->hop, &s->parcels, mark);
	pace_drop(&n->pace, &s->parcels, mark);
	routing_returned(s, n, mark);
}

static void
strike(struct mesh_site *s, struct arrival *a, size_t i, enum mesh_counter why)
{
	a->fresh &= ~bit(i);
	inside_count(s, why);
	if (why == COUNT_RECORD_DUPLICATE)
		arrive_spare(s, a->n, &a->core[i].mark);
}

/* All of it is known. */
static void
take_copy(struct mesh_site *s, const struct arrival *a, struct bytes_view core)
{
	struct mesh_position at;
	if (a->bundle.count > 1) {
		struct dedup_mark all = spread_mark(s, &a->bundle);
		arrive_spare(s, a->n, &all);
	}
	if (!a->page && record_position(core, &at))
		branch_copy(s, a->n, &at, a->hop.age_ms);
}

/* Seen, and all the same not here: our store has refused it.  Only a page may bring it
 * again, because we asked for that; if pushed copies could, sites with full disks would
 * send it round and round. */
static bool
is_lacked(const struct mesh_site *s, const struct arrival *a, struct bytes_view core)
{
	struct record r;
	return a->page && record_read(core, &r) == MESH_OK && judge_is_lacked(s, &r);
}

/* Step 3. */
static void
strike_seen(struct mesh_site *s, struct arrival *a)
{
	struct bytes_view cores[BUNDLE_CORES];
	bundle_cores(&a->bundle, cores);
	a->fresh = UINT64_MAX >> (BUNDLE_CORES - a->bundle.count);
	for (size_t i = 0; i < a->bundle.count; i++) {
		a->core[i].mark = dedup_mark_of(&s->verified, cores[i]);
		if (dedup_seen(&s->verified, &a->core[i].mark) &&
		    !is_lacked(s, a, cores[i]))
			strike(s, a, i, COUNT_RECORD_DUPLICATE);
	}
	if (a->fresh == 0)
		take_copy(s, a, cores[0]);
}

static bool
read_cores(struct arrival *a)
{
	struct bytes_view cores[BUNDLE_CORES];
	bundle_cores(&a->bundle, cores);
	for (size_t i = 0; i < a->bundle.count; i++) {
		struct arriving *c = &a->core[i];
		c->passes = false;
		if (record_read(cores[i], &c->record) != MESH_OK ||
		    (i > 0 && !bundle_joins(&c[-1].record, &c->record)))
			return false;
	}
	/* Lane 0 is signed one by one, never kept, never asked for. */
	return a->core[0].record.at.lane != LANE_LIVE || (a->bundle.n == 1 && !a->page);
}

/* A number that is held, and bytes that were never seen: is it the same record? */
static void
doubt(struct mesh_site *s, const struct arrival *a, size_t i)
{
	const struct record *r = &a->core[i].record;
	uint8_t alone[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(alone, sizeof alone);
	struct merkle_hash leaf[BUNDLE_CORES];
	if (r->at.lane == LANE_LIVE || inside_is_us(s, &r->at.origin))
		return; /* ours: recover_heard */
	if (a->bundle.count == 1) {
		fork_suspect(s, r, a->bundle.raw);
		return;
	}
	bundle_leaves(&a->bundle, leaf);
	if (bundle_cut(&a->bundle, leaf, bundle_bits(&a->bundle, bit(i)), &out) ==
	    MESH_OK)
		fork_suspect(s, r, bytes_written(&out));
}

/* In a page of a keyed lane all numbers before it are dead, from the last one on. */
static uint64_t
claims_of(const struct arrival *a, size_t i)
{
	const struct record *r = &a->core[i].record;
	bool alone = a->page && record_lane_is_keyed(r->at.lane);
	return alone && r->at.seq - a->after > r->back ? r->at.seq - a->after : r->back;
}

/* Steps 5 and 6. */
static void
strike_unfit(struct mesh_site *s, struct arrival *a)
{
	for (size_t i = 0; i < a->bundle.count; i++) {
		enum mesh_counter why = COUNT_MESH;
		if (is_fresh(a, i))
			why = judge_record(s,
			    &(struct judge_record){ a->n, &a->core[i].record,
				&a->bundle, a->page ? NULL : &a->hop, claims_of(a, i) },
			    &a->core[i].passes);
		if (why == COUNT_RECORD_DUPLICATE)
			doubt(s, a, i);
		if (why != COUNT_MESH)
			strike(s, a, i, why);
	}
	for (a->first = 0; a->fresh != 0 && !is_fresh(a, a->first);)
		a->first++;
}

static size_t
fresh_count(const struct arrival *a)
{
	size_t count = 0;
	for (uint64_t left = a->fresh; left != 0; left &= left - 1)
		count++;
	return count;
}

/* --- the signature --- */

/* In datagrams with news: whoever passes on what it cannot have verified uses up its
 * own hearing, not the time that we have for everybody's signatures. */
enum { FORGERY_FINE = 64 };

static struct dedup_mark
bad_mark_of(const struct mesh_site *s, const struct arrival *a)
{
	return dedup_mark_of(&s->bad, a->bundle.raw);
}

static bool
is_known_bad(const struct mesh_site *s, const struct arrival *a)
{
	if (dedup_is_empty(
		&s->bad)) /* nearly always, and all bytes are spared a look */
		return false;
	struct dedup_mark mark = bad_mark_of(s, a);
	return dedup_seen(&s->bad, &mark);
}

/* Step 7.  What fails here is remembered by its very bytes, so that the same forgery
 * costs no second look and the real record is not taken for it. */
static bool
is_authentic(struct mesh_site *s, struct arrival *a)
{
	enum mesh_err err = judge_signature(
	    s, &a->bundle, &a->core[0].record.at.origin, a->leaf);
	if (err == MESH_OK)
		return true;
	inside_count(
	    s, err == MESH_DENIED ? COUNT_RECORD_BAD_SIG : COUNT_RECORD_BAD_PROOF);
	struct dedup_mark mark = bad_mark_of(s, a);
	(void)dedup_admit(&s->bad, &mark);
	rate_fine(&a->n->pushes, FORGERY_FINE, s->now.ms);
	return false;
}

/* --- taking it --- */

/* Record i with a proof of its own. */
struct alone {
	struct record record;
	struct bytes_view bundle;
	uint8_t room[ENVELOPE_PLAIN_MAX]; /* of one cut out of several */
};

static bool
cut_alone(const struct arrival *a, size_t i, struct alone *alone)
{
	uint64_t keep = bundle_bits(&a->bundle, bit(i));
	struct bytes_out out = bytes_out(alone->room, sizeof alone->room);
	struct bundle b = a->bundle;
	if (b.count > 1 &&
	    (bundle_cut(&a->bundle, a->leaf, keep, &out) != MESH_OK ||
		bundle_read(bytes_written(&out), &b) != MESH_OK))
		return false;
	alone->bundle = b.raw;
	return bundle_record(&b, 0, &alone->record) == MESH_OK;
}

/* A word of the control lane holds at once. */
static void
rule(struct mesh_site *s, const struct arrival *a, size_t i)
{
	struct alone alone;
	if (cut_alone(a, i, &alone))
		ruling_take(s, &alone.record, alone.bundle);
}

/* A list of links is kept with its proof, to be told to those who come later. */
static void
learn_links(struct mesh_site *s, struct handle row, const struct arrival *a, size_t i)
{
	struct alone alone;
	uint64_t boot;
	if (judge_is_from_before(s, &a->core[i].record.at.origin) ||
	    !reach_is_news(&s->reach, row.index, &a->core[i].record) ||
	    !cut_alone(a, i, &alone))
		return;
	struct reach_copy copy = { &alone.record, alone.bundle, a->hop.hops,
		a->hop.age_ms };
	if (reach_learn(&s->reach, row.index, &copy, &boot, s->now.ms) != MESH_OK)
		return;
	/* Written in its current life, and news: it lived a moment ago. */
	if (!a->page && peers_boot(peers_at(&s->peers, row), boot))
		peering_proof(s, row, a->hop.age_ms);
}

static void
note_epoch(struct mesh_site *s, struct peer *p, uint64_t epoch)
{
	if (!peers_epoch(p, epoch, s->now.ms))
		return;
	p->more_seq = 0;
	kept_news(s, p);
}

/* History may be by somebody who is long gone: it shows that he was, not that he is. */
static struct handle
origin_row(struct mesh_site *s, const struct arrival *a)
{
	const struct mesh_key *origin = &a->core[a->first].record.at.origin;
	bool known = peers_find(&s->peers, origin).generation != 0;
	if (!judge_is_from_before(s, origin) && !newcomers_admit(s, origin, NULL))
		return (struct handle){ 0, 0 };
	struct handle row = peering_row(s, origin);
	struct peer *p = peers_at(&s->peers, row);
	if (a->page && !known && p != NULL) {
		(void)peers_become(p, PEER_DEAD, REASON_UNREACHABLE, s->now.ms);
		p->lost_ms = MESH_NEVER;
	}
	return row;
}

/* Longer than a datagram; then it holds one record. */
static bool
is_large(const struct arrival *a)
{
	const struct record *r = &a->core[0].record;
	return a->bundle.count == 1 &&
	    !spread_fits(r->at.lane, r->type, a->bundle.raw.len);
}

/* What of the bundle is news, as we send it on: whole, or cut anew. */
static struct handle
parcel_of(struct mesh_site *s, struct arrival *a)
{
	uint8_t trail[FLOOD_TRAIL_MAX], stamps[MESSAGE_STAMPS_MAX];
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct bytes_out stamps_out = bytes_out(stamps, sizeof stamps);
	const struct record *first = &a->core[a->first].record;
	struct envelope_hop next = a->page ? a->hop
					   : flood_next(&a->hop, s->tag, trail);
	uint64_t keep = bundle_bits(&a->bundle, a->fresh);
	struct bundle piece = a->bundle;
	if (keep != a->bundle.mask) {
		if (bundle_cut(&a->bundle, a->leaf, keep, &out) != MESH_OK ||
		    bundle_read(bytes_written(&out), &piece) != MESH_OK)
			return (struct handle){ 0, 0 };
		next.bundle = piece.raw;
	}
	if (!a->page)
		routing_stamp(s, first, a->n, &next, &stamps_out);
	struct dedup_mark mark = spread_mark(s, &piece);
	return spread_parcel(s, first, &next, &mark);
}

/* The records of a batch have one hop limit; if not, the lowest decides. */
static bool
goes_on(struct mesh_site *s, const struct arrival *a, uint32_t row)
{
	const struct record *first = &a->core[a->first].record;
	bool on = share_take(&s->share, row, share_kind_of(first->at.lane),
	    (uint32_t)fresh_count(a), s->now.ms);
	for (size_t i = 0; i < a->bundle.count; i++)
		if (is_fresh(a, i))
			on = on && flood_goes_on(&a->hop, a->core[i].record.hop_max);
	return on;
}

static void
relay_large(struct mesh_site *s, const struct arrival *a)
{
	uint8_t trail[FLOOD_TRAIL_MAX];
	const struct arriving *c = &a->core[0];
	struct spread_large large = { &c->record, flood_next(&a->hop, s->tag, trail),
		c->mark };
	if (c->record.has_dst)
		inside_count(s, COUNT_TX_TOO_LARGE); /* for one site: one datagram */
	else
		spread_large(s, &large, branch_of(s, &c->record), a->n);
}

static void
flood(struct mesh_site *s, const struct arrival *a, const struct record *r,
    struct handle parcel)
{
	spread_flood(s, parcel, branch_of(s, r), a->n);
	recent_note(s, r, parcel);
}

static void
relay(struct mesh_site *s, const struct arrival *a, uint32_t row, struct handle parcel)
{
	const struct record *r = &a->core[a->first].record;
	judge_carried(s, r);
	if (a->page || !goes_on(s, a, row))
		return;
	if (is_large(a))
		relay_large(s, a);
	else if (!r->has_dst)
		flood(s, a, r, parcel);
	else if (!inside_is_us(s, &r->dst))
		routing_send(s, &r->dst, parcel, a->n);
}

/* Step 9. */
static void
fly(struct mesh_site *s, const struct arrival *a, const struct record *r,
    struct handle parcel, size_t index, uint64_t claims)
{
	struct flight *f = is_large(a)
	    ? cargo_flight(s, r, a->bundle.raw, a->leaf[0].bytes)
	    : events_flight(s, r, parcel, index);
	if (!a->page)
		return;
	events_late(s, f);
	f->recovered = f->own;
	f->own = false; /* it was pushed in an earlier life */
	f->claims = claims;
}

static void
hand_over(
    struct mesh_site *s, struct arrival *a, struct handle row, struct handle parcel)
{
	size_t index = 0; /* in the parcel */
	for (size_t i = 0; i < a->bundle.count; i++) {
		const struct record *r = &a->core[i].record;
		if (!is_fresh(a, i))
			continue;
		if (r->at.lane == LANE_LIVE) {
			apply_live(
			    s, &(struct apply_record){ row, r, &a->hop, a->n, parcel });
			continue;
		}
		note_epoch(s, peers_at(&s->peers, row), r->at.epoch);
		if (!a->core[i].passes)
			fly(s, a, r, parcel, index, claims_of(a, i));
		if (reach_is_links(r))
			learn_links(s, row, a, i);
		else if (finding_is_addresses(r))
			finding_learn(s, row, r);
		if (r->at.lane == LANE_CONTROL)
			rule(s, a, i);
		index++;
	}
}

/* Step 8, and 9: events_flight. */
static enum apply_verdict
accept(struct mesh_site *s, struct arrival *a)
{
	struct handle row = origin_row(s, a);
	if (row.generation == 0) {
		inside_count(s, COUNT_RECORD_NOT_ADMITTED);
		return APPLY_DONE;
	}
	struct handle parcel = { 0, 0 };
	if (is_large(a))
		cargo_note(s, &a->bundle, &a->core[0].record, &a->core[0].mark);
	else if ((parcel = parcel_of(s, a)).generation == 0) {
		inside_count(s, COUNT_TX_TOO_LARGE);
		return APPLY_DONE;
	}
	for (size_t i = 0; i < a->bundle.count; i++)
		if (is_fresh(a, i))
			(void)dedup_admit(&s->verified, &a->core[i].mark);
	if (a->page)
		branch_end(s, row.index); /* nobody pushed it */
	else
		branch_news(s, a->n, &a->core[a->first].record);
	relay(s, a, row.index, parcel);
	hand_over(s, a, row, parcel);
	parcel_release(&s->parcels, parcel);
	return APPLY_DONE;
}

/* One of ours comes back: nobody needs it from us. */
static enum apply_verdict
accept_own(struct mesh_site *s, struct arrival *a)
{
	struct arriving *c = &a->core[a->first];
	struct handle parcel = { 0, 0 };
	if (!is_large(a) && (parcel = parcel_of(s, a)).generation == 0)
		return APPLY_PENDING;
	(void)dedup_admit(&s->verified, &c->mark);
	recover_proved(s, &c->record);
	fly(s, a, &c->record, parcel, 0, claims_of(a, a->first));
	parcel_release(&s->parcels, parcel);
	return APPLY_DONE;
}

static enum apply_verdict
take_bundle(struct mesh_site *s, struct arrival *a)
{
	strike_seen(s, a);
	if (a->fresh == 0)
		return APPLY_DONE;
	if (is_known_bad(s, a)) {
		inside_count(s, COUNT_RECORD_BAD_CACHED);
		return APPLY_PENDING;
	}
	if (!read_cores(a))
		return APPLY_BAD;
	strike_unfit(s, a);
	if (a->fresh == 0)
		return APPLY_DONE;
	const struct record *first = &a->core[a->first].record;
	if (is_large(a) && !cargo_takes(s, a->bundle.raw)) {
		inside_count(s, COUNT_SHED_STORE_BUSY);
		return APPLY_PENDING;
	}
	if (!judge_load(s, first, (uint32_t)fresh_count(a), a->page) ||
	    !is_authentic(s, a))
		return APPLY_PENDING;
	bool ours = inside_is_us(s, &first->at.origin);
	return ours ? accept_own(s, a) : accept(s, a);
}

enum apply_verdict
arrive_push(struct mesh_site *s, const struct apply_input *in)
{
	struct arrival a;
	a.n = in->n;
	a.page = false;
	a.after = 0;
	if (envelope_push(in->frame, &a.hop) != MESH_OK ||
	    bundle_open(a.hop.bundle, &a.bundle) != MESH_OK)
		return APPLY_BAD;
	return take_bundle(s, &a);
}

static bool
is_in_place(
    const struct mesh_site *s, const struct record *r, const struct arrive_place *place)
{
	return r->at.lane == place->log->lane && r->at.epoch == place->log->epoch &&
	    r->at.seq > place->after && r->at.seq <= place->to &&
	    holdings_is_of(&s->holdings, place->log, &r->at.origin);
}

/* Pages hold their records one by one. */
enum apply_verdict
arrive_page(struct mesh_site *s, struct neighbour *n, struct bytes_view bundle,
    struct arrive_place *place)
{
	struct arrival a;
	struct record r;
	a.n = n;
	a.page = true;
	a.after = place->after;
	a.hop = (struct envelope_hop){
		.hops = RECORD_HOP_MAX, .age_ms = UINT32_MAX, .bundle = bundle
	};
	if (bundle_read(bundle, &a.bundle) != MESH_OK || a.bundle.count != 1 ||
	    bundle_record(&a.bundle, 0, &r) != MESH_OK || !is_in_place(s, &r, place))
		return APPLY_BAD;
	place->after = r.at.seq;
	place->back = r.back;
	return take_bundle(s, &a);
}
