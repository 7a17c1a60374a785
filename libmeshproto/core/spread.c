#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "wire.h"

static enum parcel_class
class_of(const struct record *r)
{
	switch (message_class_of(r->at.lane, r->type)) {
	case CLASS_P0:
		return PARCEL_P0;
	case CLASS_P1:
	case CLASS_P2: /* pushed while there is room; what is shed comes by repair */
	case CLASS_P3:
	case CLASS_COUNT:
		break;
	}
	return PARCEL_P1;
}

bool
spread_has_room(const struct mesh_site *s)
{
	return s->parcels.pool.free_count > INSIDE_LINK_PARCELS;
}

bool
spread_fits(enum mesh_lane lane, uint16_t type, size_t bundle_bytes)
{
	static const uint8_t any[ENVELOPE_MAX];
	if (bundle_bytes > sizeof any)
		return false;
	size_t trail = flood_has_trail(lane, type) ? FLOOD_TRAIL_MAX : 0;
	struct envelope_hop hop = { .hops = UINT8_MAX,
		.age_ms = UINT32_MAX,
		.trail = bytes_view(trail > 0 ? any : NULL, trail),
		.bundle = bytes_view(any, bundle_bytes) };
	return envelope_push_bytes(&hop) <= PARCEL_MAX;
}

struct dedup_mark
spread_leaf_mark(
    const struct mesh_site *s, struct bytes_view core, struct merkle_hash *leaf)
{
	if (core.len < SPREAD_LONG)
		return dedup_mark_of(&s->verified, core);
	*leaf = merkle_leaf(core);
	return dedup_mark_of(&s->verified, bytes_view(leaf->bytes, sizeof leaf->bytes));
}

struct dedup_mark
spread_core_mark(const struct mesh_site *s, struct bytes_view core)
{
	struct merkle_hash leaf;
	return spread_leaf_mark(s, core, &leaf);
}

struct dedup_mark
spread_mark(const struct mesh_site *s, const struct bundle *b)
{
	return b->count == 1 ? spread_core_mark(s, bundle_core(b, 0))
			     : dedup_mark_of(&s->verified, b->list);
}

struct handle
spread_parcel(struct mesh_site *s, const struct record *r,
    const struct envelope_hop *hop, const struct dedup_mark *mark)
{
	struct handle origin = peers_find(&s->peers, &r->at.origin);
	const struct peer *peer = peers_at(&s->peers, origin);
	if (!spread_has_room(s))
		return (struct handle){ 0, 0 };
	struct parcel_push push = { .class = class_of(r), .hop = *hop, .mark = *mark };
	memcpy(push.origin, peer != NULL ? peer->oid : s->oid, sizeof push.origin);
	return parcel_of_push(&s->parcels, &push, s->now.ms);
}

struct bytes_view
spread_bundle(const struct mesh_site *s, struct handle parcel)
{
	const struct parcel *p = parcel_at(&s->parcels, parcel);
	return p != NULL && p->is_push ? parcel_bundle(p) : bytes_view(NULL, 0);
}

static const struct merkle_hash *
leaves_of(struct mesh_site *s, struct handle parcel, const struct bundle *b)
{
	struct handle known = s->known.parcel;
	if (known.index != parcel.index || known.generation != parcel.generation) {
		bundle_leaves(b, s->known.leaf);
		s->known.parcel = parcel;
	}
	return s->known.leaf;
}

struct handle
spread_piece(struct mesh_site *s, struct handle parcel, uint64_t chosen)
{
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct handle none = { 0, 0 };
	struct bundle all, piece;
	if (bundle_read(spread_bundle(s, parcel), &all) != MESH_OK)
		return none;
	uint64_t bits = bundle_bits(&all, chosen);
	if (bits == all.mask) {
		parcel_hold(&s->parcels, parcel);
		return parcel;
	}
	if (!spread_has_room(s) ||
	    bundle_cut(&all, leaves_of(s, parcel, &all), bits, &out) != MESH_OK ||
	    bundle_read(bytes_written(&out), &piece) != MESH_OK)
		return none;
	struct dedup_mark mark = spread_mark(s, &piece);
	return parcel_like(&s->parcels, parcel, piece.raw, &mark);
}

/* --- to whom --- */

struct way {
	struct bytes_view trail;
	bool is_tree;
	uint32_t row; /* of the origin */
	const struct neighbour *but;
};

/* On the trail stands who sent it on: it came round to us. */
static bool
leads_to(const struct mesh_site *s, const struct way *w, const struct neighbour *n)
{
	return n != w->but && n->closing == 0 && !n->left &&
	    !envelope_trail_has(w->trail, peers_at(&s->peers, n->peer)->tag) &&
	    (!w->is_tree || branch_wants(s, w->row, n));
}

/* --- how wide the way is --- */

size_t
spread_limit_of(const struct mesh_site *s, const struct neighbour *n)
{
	size_t plain = peering_can(s, n, FEATURE_FRAGMENTS)
	    ? mtu_plain(&n->hop.mtu, s->now.ms)
	    : ENVELOPE_PLAIN_MAX;
	return plain - PARCEL_ACK_MAX;
}

size_t
spread_limit(const struct mesh_site *s)
{
	const struct neighbour *n;
	size_t least = PARCEL_MAX;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		size_t limit = spread_limit_of(s, n);
		least = limit < least ? limit : least;
	}
	return least;
}

/* In pieces, of the same class: they are as urgent as it is. */
static bool
put_cut(struct mesh_site *s, struct neighbour *n, struct handle parcel)
{
	const struct parcel *p = parcel_at(&s->parcels, parcel);
	uint8_t frame[PARCEL_MAX];
	struct bytes_out out = bytes_out(frame, sizeof frame);
	if (parcel_write(p, s->now.ms, &out) != MESH_OK)
		return false;
	struct frag_cut cut = { .parts = { bytes_written(&out) },
		.class = p->class,
		.mark = p->mark,
		.whole = parcel };
	memcpy(cut.origin, p->origin, sizeof cut.origin);
	struct handle first = frag_cut(
	    &s->frags, &s->parcels, &cut, spread_limit_of(s, n), s->now.ms);
	if (first.generation == 0) {
		inside_count(s, COUNT_SHED_QUEUE_FULL);
		return false;
	}
	bool put = pace_put(&n->pace, &s->parcels, first, s->now.ms);
	parcel_release_all(&s->parcels, first);
	return put;
}

bool
spread_put(struct mesh_site *s, struct neighbour *n, struct handle parcel)
{
	const struct parcel *p = parcel_at(&s->parcels, parcel);
	s->unsent++;
	if (p != NULL && p->message == 0 && p->class != PARCEL_LINK &&
	    parcel_length(p) > spread_limit_of(s, n))
		return put_cut(s, n, parcel);
	return pace_put(&n->pace, &s->parcels, parcel, s->now.ms);
}

/* A piece that is too long cannot be cut again: repair brings all of it. */
static void
recut(struct mesh_site *s, struct neighbour *n, size_t most)
{
	for (;;) {
		struct handle h = pace_take_long(&n->pace, &s->parcels, most);
		if (h.generation == 0)
			h = hop_take_long(&n->hop, &s->parcels, most);
		const struct parcel *p = parcel_at(&s->parcels, h);
		if (p == NULL)
			return;
		if (p->message != 0 && p->len > most)
			inside_count(s, COUNT_TX_GAVE_UP);
		else
			(void)spread_put(s, n, h);
		parcel_release(&s->parcels, h);
	}
}

/* One by one, as 0.1 reads them. */
static void
put_each(struct mesh_site *s, struct neighbour *n, struct handle parcel, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct handle piece = spread_piece(s, parcel, UINT64_C(1) << i);
		if (piece.generation == 0)
			inside_count(s, COUNT_SHED_QUEUE_FULL); /* no slot is left */
		else
			(void)spread_put(s, n, piece);
		parcel_release(&s->parcels, piece);
	}
}

static void
put(struct mesh_site *s, struct neighbour *n, struct handle parcel)
{
	struct bundle b;
	if (peering_can(s, n, FEATURE_BATCHES) ||
	    bundle_read(spread_bundle(s, parcel), &b) != MESH_OK || b.count == 1)
		(void)spread_put(s, n, parcel);
	else
		put_each(s, n, parcel, b.count);
}

void
spread_flood(struct mesh_site *s, struct handle parcel, uint32_t row,
    const struct neighbour *but)
{
	const struct parcel *p = parcel_at(&s->parcels, parcel);
	struct neighbour *n;
	if (p == NULL)
		return;
	struct way way = { bytes_view(p->trail_len > 0 ? p->bytes : NULL, p->trail_len),
		p->class == PARCEL_P1, row, but };
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (leads_to(s, &way, n))
			put(s, n, parcel);
}

void
spread_again(struct mesh_site *s, struct neighbour *n, struct handle parcel)
{
	const struct parcel *p = parcel_at(&s->parcels, parcel);
	if (p == NULL || hop_has(&n->hop, &s->parcels, parcel))
		return;
	struct way way = { bytes_view(p->trail_len > 0 ? p->bytes : NULL, p->trail_len),
		false, BRANCH_NONE, NULL };
	if (leads_to(s, &way, n))
		put(s, n, parcel);
}

size_t
spread_width(struct mesh_site *s, struct neighbour *n)
{
	size_t limit = spread_limit_of(s, n);
	if (limit < n->limit)
		recut(s, n, limit);
	n->limit = limit;
	return limit;
}

/* --- what is longer than a datagram --- */

/* A site of the version before never gets it: repair cannot bring it either. */
static bool
reads_pieces(struct mesh_site *s, const struct neighbour *n)
{
	if (peering_can(s, n, FEATURE_FRAGMENTS))
		return true;
	inside_count(s, COUNT_TX_TOO_LARGE);
	return false;
}

/* They go behind all that is small: nobody in a hurry says that much. */
struct handle
spread_cut(struct mesh_site *s, const struct spread_large *large, size_t limit)
{
	uint8_t head[16], tail[8 + MESSAGE_TRAIL_MAX + MESSAGE_STAMPS_MAX];
	struct bytes_out before = bytes_out(head, sizeof head);
	struct bytes_out behind = bytes_out(tail, sizeof tail);
	const struct peer *peer = peers_at(
	    &s->peers, peers_find(&s->peers, &large->record->at.origin));
	envelope_put_around(&large->hop, &before, &behind);
	struct frag_cut cut = { .parts = { bytes_written(&before), large->hop.bundle,
				    bytes_written(&behind) },
		.class = PARCEL_P2,
		.mark = large->mark,
		.spare = INSIDE_LINK_PARCELS };
	memcpy(cut.origin, peer != NULL ? peer->oid : s->oid, sizeof cut.origin);
	return frag_cut(&s->frags, &s->parcels, &cut, limit, s->now.ms);
}

static void
put_pieces(struct mesh_site *s, struct handle pieces, const struct way *way)
{
	struct neighbour *n;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (leads_to(s, way, n) && reads_pieces(s, n))
			(void)spread_put(s, n, pieces);
}

void
spread_large(struct mesh_site *s, const struct spread_large *large, uint32_t row,
    const struct neighbour *but)
{
	const struct way way = { large->hop.trail, class_of(large->record) == PARCEL_P1,
		row, but };
	struct neighbour *n;
	bool any = false;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		any = any || leads_to(s, &way, n);
	if (!any)
		return;
	struct handle pieces = spread_cut(s, large, spread_limit(s));
	if (pieces.generation == 0)
		inside_count(s, COUNT_SHED_QUEUE_FULL);
	put_pieces(s, pieces, &way);
	parcel_release_all(&s->parcels, pieces);
}

void
spread_pieces(
    struct mesh_site *s, struct handle pieces, enum mesh_lane lane, uint32_t row)
{
	const struct way way = { { NULL, 0 }, lane >= LANE_STATE, row, NULL };
	put_pieces(s, pieces, &way);
}

/* --- frames of our own --- */

void
spread_frame(struct mesh_site *s, struct neighbour *n, uint8_t number,
    const struct field_table *t, const void *frame)
{
	uint8_t bytes[64];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	if (wire_encode_numbered(t, number, frame, &out) != MESH_OK)
		return;
	struct handle parcel = parcel_of_frame(
	    &s->parcels, PARCEL_LINK, PARCEL_PLAIN, bytes_written(&out), s->now.ms);
	(void)spread_put(s, n, parcel);
	parcel_release(&s->parcels, parcel);
}

/* --- what a new neighbour must know: docs/DECISIONS/0001 --- */

enum { NEWS_AT_ONCE = 8 };

static bool
tell_bundle(struct mesh_site *s, struct neighbour *n, struct bytes_view raw,
    struct envelope_hop *hop)
{
	struct bundle b;
	struct record r;
	if (bundle_read(raw, &b) != MESH_OK || bundle_record(&b, 0, &r) != MESH_OK)
		return true; /* cannot be: it was verified */
	if (hop->hops >= r.hop_max)
		return true;
	hop->bundle = raw;
	struct dedup_mark mark = spread_mark(s, &b);
	struct handle parcel = spread_parcel(s, &r, hop, &mark);
	if (parcel.generation == 0)
		return false;
	(void)spread_put(s, n, parcel);
	parcel_release(&s->parcels, parcel);
	return true;
}

static bool
tell_own(struct mesh_site *s, struct neighbour *n)
{
	struct envelope_hop hop = { .trail = bytes_view(s->tag, sizeof s->tag) };
	struct bytes_view kept = bytes_view(s->links_kept, s->links_kept_len);
	return kept.len == 0 || tell_bundle(s, n, kept, &hop);
}

/* The way it came is not kept: origin and we are all that its trail says. */
static bool
tell_of(struct mesh_site *s, struct neighbour *n, const struct peer *p, uint32_t row)
{
	struct bytes_view kept = reach_kept(&s->reach, row);
	const struct reach_site *site = &s->reach.sites[row];
	uint8_t trail[2 * FLOOD_TAG];
	/* Those out of reach as well: what brings them back may be this very list. */
	bool gone = !peers_is_alive(p) && p->reason != REASON_UNREACHABLE;
	if (kept.len == 0 || gone || (n->peer.index == row && !lives_differ(s, n)))
		return true;
	memcpy(trail, p->tag, FLOOD_TAG);
	memcpy(trail + FLOOD_TAG, s->tag, FLOOD_TAG);
	mesh_time_ms age = s->now.ms - site->heard_ms;
	/* A page does not say how far it came, and its list must go on all the same. */
	bool is_far = site->heard_hops >= RECORD_HOP_MAX;
	struct envelope_hop hop = { .hops = is_far ? 1
						   : (uint8_t)(site->heard_hops + 1),
		.age_ms = age < UINT32_MAX ? (uint32_t)age : UINT32_MAX,
		.trail = bytes_view(trail, sizeof trail) };
	return tell_bundle(s, n, kept, &hop);
}

/* What the control lane says: docs/DECISIONS/0070. */
static bool
tell_bulletin(struct mesh_site *s, struct neighbour *n)
{
	for (; n->bulletin_told < BULLETIN_SLOTS; n->bulletin_told++) {
		struct envelope_hop hop = { .hops = 1 };
		struct bytes_view bundle = bulletin_at(&s->bulletin, n->bulletin_told);
		if (bundle.len > 0 && !tell_bundle(s, n, bundle, &hop))
			return false;
	}
	return true;
}

void
spread_news(struct mesh_site *s, struct neighbour *n)
{
	if (n->told == 0) {
		if (!proofs_tell(s, n) || !tell_bulletin(s, n) || !tell_own(s, n) ||
		    !leads_tell(s, n))
			return;
		n->told = 1;
	}
	for (int told = 0; n->told != INSIDE_ALL_NEWS && told < NEWS_AT_ONCE; told++) {
		uint32_t row = n->told - 1;
		const struct peer *p = peers_walk(&s->peers, &row);
		if (p == NULL) {
			n->told = INSIDE_ALL_NEWS;
		} else {
			if (!tell_of(s, n, p, row))
				return; /* no slot: later */
			n->told = row + 2;
		}
	}
}
