#include "arrival.h"
#include "inside_events.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"

/* PROTOCOL.md 8, steps 8 and 9: it passed the checks of arrive.c. */

/* Record i with a proof of its own. */
struct alone {
	struct record record;
	struct bytes_view bundle;
	uint8_t room[ENVELOPE_PLAIN_MAX]; /* of one cut out of several */
};

static bool
cut_alone(const struct arrival *a, size_t i, struct alone *alone)
{
	uint64_t keep = bundle_bits(&a->bundle, arrival_bit(i));
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
	    (uint32_t)arrival_fresh(a), s->now.ms);
	for (size_t i = 0; i < a->bundle.count; i++)
		if (arrival_is_fresh(a, i))
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
	if (arrival_is_large(a))
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
	struct flight *f = arrival_is_large(a)
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
		if (!arrival_is_fresh(a, i))
			continue;
		if (r->at.lane == LANE_LIVE) {
			apply_live(
			    s, &(struct apply_record){ row, r, &a->hop, a->n, parcel });
			continue;
		}
		note_epoch(s, peers_at(&s->peers, row), r->at.epoch);
		if (!a->core[i].passes)
			fly(s, a, r, parcel, index, arrival_claims(a, i));
		if (reach_is_links(r))
			learn_links(s, row, a, i);
		else if (finding_is_addresses(r))
			finding_learn(s, row, r);
		if (r->at.lane == LANE_CONTROL)
			rule(s, a, i);
		index++;
	}
}

enum apply_verdict
accept_news(struct mesh_site *s, struct arrival *a)
{
	struct handle row = origin_row(s, a);
	if (row.generation == 0) {
		inside_count(s, COUNT_RECORD_NOT_ADMITTED);
		return APPLY_DONE;
	}
	struct handle parcel = { 0, 0 };
	if (arrival_is_large(a))
		cargo_note(s, &a->bundle, &a->core[0].record, &a->core[0].mark);
	else if ((parcel = parcel_of(s, a)).generation == 0) {
		inside_count(s, COUNT_TX_TOO_LARGE);
		return APPLY_DONE;
	}
	for (size_t i = 0; i < a->bundle.count; i++)
		if (arrival_is_fresh(a, i))
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

enum apply_verdict
accept_own(struct mesh_site *s, struct arrival *a)
{
	struct arriving *c = &a->core[a->first];
	struct handle parcel = { 0, 0 };
	if (!arrival_is_large(a) && (parcel = parcel_of(s, a)).generation == 0)
		return APPLY_PENDING;
	(void)dedup_admit(&s->verified, &c->mark);
	recover_proved(s, &c->record);
	fly(s, a, &c->record, parcel, 0, arrival_claims(a, a->first));
	parcel_release(&s->parcels, parcel);
	return APPLY_DONE;
}
