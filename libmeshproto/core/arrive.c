#include "arrival.h"
#include "inside_logs.h"
#include "inside_travel.h"
#include "inside_trust.h"

/* PROTOCOL.md 8, steps 3 to 9: what is cheap first, the signature last, and nothing is
 * changed before.  What makes a record acceptable stands in judge.c. */

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
	a->fresh &= ~arrival_bit(i);
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
		a->core[i].mark = spread_leaf_mark(s, cores[i], &a->leaf[i]);
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
		if (record_read(cores[i], &c->record) != MESH_OK ||
		    (i > 0 && !bundle_joins(&c[-1].record, &c->record)))
			return false;
	}
	/* Lane 0 is signed one by one. */
	return a->core[0].record.at.lane != LANE_LIVE || a->bundle.n == 1;
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
	if (bundle_cut(&a->bundle, leaf, bundle_bits(&a->bundle, arrival_bit(i)),
		&out) == MESH_OK)
		fork_suspect(s, r, bytes_written(&out));
}

/* Steps 5 and 6. */
static void
strike_unfit(struct mesh_site *s, struct arrival *a)
{
	for (size_t i = 0; i < a->bundle.count; i++) {
		enum mesh_counter why = COUNT_MESH;
		a->core[i].passes = false;
		if (arrival_is_fresh(a, i))
			why = judge_record(s,
			    &(struct judge_record){ a->n, &a->core[i].record,
				&a->bundle, a->page ? NULL : &a->hop,
				arrival_claims(a, i) },
			    &a->core[i].passes);
		if (why == COUNT_RECORD_DUPLICATE)
			doubt(s, a, i);
		if (why != COUNT_MESH)
			strike(s, a, i, why);
	}
	for (a->first = 0; a->fresh != 0 && !arrival_is_fresh(a, a->first);)
		a->first++;
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

static void
take_leaves(struct arrival *a)
{
	struct bytes_view cores[BUNDLE_CORES];
	bundle_cores(&a->bundle, cores);
	for (size_t i = 0; i < a->bundle.count; i++)
		if (cores[i].len < SPREAD_LONG)
			a->leaf[i] = merkle_leaf(cores[i]);
}

/* Step 7.  What fails here is remembered by its very bytes, so that the same forgery
 * costs no second look and the real record is not taken for it. */
static bool
is_authentic(struct mesh_site *s, struct arrival *a)
{
	take_leaves(a);
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
	if (!a->page && !read_cores(a))
		return APPLY_BAD;
	strike_unfit(s, a);
	if (a->fresh == 0)
		return APPLY_DONE;
	const struct record *first = &a->core[a->first].record;
	if (arrival_is_large(a) && !cargo_takes(s, a->bundle.raw)) {
		inside_count(s, COUNT_SHED_STORE_BUSY);
		return APPLY_PENDING;
	}
	if (!judge_load(s, first, (uint32_t)arrival_fresh(a), a->page) ||
	    !is_authentic(s, a))
		return APPLY_PENDING;
	bool ours = inside_is_us(s, &first->at.origin);
	return ours ? accept_own(s, a) : accept_news(s, a);
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
	const struct record *r = &a.core[0].record;
	a.n = n;
	a.page = true;
	a.after = place->after;
	a.hop = (struct envelope_hop){
		.hops = RECORD_HOP_MAX, .age_ms = UINT32_MAX, .bundle = bundle
	};
	if (bundle_read(bundle, &a.bundle) != MESH_OK || a.bundle.count != 1 ||
	    bundle_record(&a.bundle, 0, &a.core[0].record) != MESH_OK ||
	    r->at.lane == LANE_LIVE || !is_in_place(s, r, place))
		return APPLY_BAD; /* lane 0 is never kept, never asked for */
	place->after = r->at.seq;
	place->back = r->back;
	return take_bundle(s, &a);
}
