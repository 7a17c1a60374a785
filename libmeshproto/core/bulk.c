#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_travel.h"

/* PROTOCOL.md 3: own records that each need more than a datagram, under one signature
 * for up to 64 of them: it is most of what they cost whoever pulls them.  They are
 * stored and travel one by one, each with its proof; what is small and comes between
 * them joins in.  Until the store has answered, a record lies in parcels, as the bundle
 * it will be: there is no other place for what is longer than a datagram. */

enum {
	GATHER_MS = 20,        /* nobody in a hurry says that much */
	JOINS_MAX = 16 * 1024, /* a longer one costs more than its signature */
	SPARE_PARCELS = 3 * INSIDE_LINK_PARCELS,
	HEAD_MAX = 320, /* all of a bundle of one record, before its core */
	PROOF_MAX = 6 * MERKLE_HASH
};

static struct flight *
flight_at(const struct mesh_site *s, uint32_t number)
{
	return pool_at(&s->flights, pool_handle(&s->flights, number - 1));
}

/* --- laid down --- */

/* The first block begins with room for the head; until that is known, the leaf is
 * there. */
static struct handle
lay_down(struct mesh_site *s, struct bytes_view core)
{
	struct handle first = parcel_of_nothing(&s->parcels);
	struct parcel *p = parcel_at(&s->parcels, first);
	size_t here = FRAG_BLOCK - HEAD_MAX < core.len ? FRAG_BLOCK - HEAD_MAX
						       : core.len;
	struct merkle_hash leaf = merkle_leaf(core);
	struct bytes_view rest = bytes_view(core.ptr + here, core.len - here);
	memcpy(p->bytes, leaf.bytes, sizeof leaf.bytes);
	memcpy(p->bytes + HEAD_MAX, core.ptr, here);
	p->len = (uint16_t)(HEAD_MAX + here);
	p->next = cargo_store(s, rest);
	return first;
}

static void
put_head(struct mesh_site *s, struct handle first, const struct bundle_head *h)
{
	struct parcel *p = parcel_at(&s->parcels, first);
	struct bytes_out out = bytes_out(p->bytes, HEAD_MAX);
	size_t here = p->len - (size_t)HEAD_MAX;
	enum mesh_err err = bundle_begin(
	    h, parcel_total(&s->parcels, first) - HEAD_MAX, &out);
	(void)err; /* HEAD_MAX is enough for six hashes */
	memmove(p->bytes + out.len, p->bytes + HEAD_MAX, here);
	p->len = (uint16_t)(out.len + here);
}

/* --- signed --- */

static void
read_leaves(const struct mesh_site *s, const struct bulk *b, struct merkle_hash *leaves)
{
	const struct flight *f;
	for (uint32_t at = b->first; at != 0; at = f->next) {
		f = flight_at(s, at);
		memcpy(leaves++, parcel_at(&s->parcels, f->parcel)->bytes, MERKLE_HASH);
	}
}

static void
queue(struct mesh_site *s, uint32_t number)
{
	struct flight *f = flight_at(s, number);
	f->next = 0;
	events_queue(s, pool_handle(&s->flights, number - 1));
}

void
bulk_sign(struct mesh_site *s)
{
	struct bulk *b = &s->bulk;
	struct merkle_hash leaves[BUNDLE_CORES];
	struct bundle_signer by = append_signer(s);
	uint8_t sig[BUNDLE_SIG], room[PROOF_MAX];
	uint64_t place = 1;
	if (b->count == 0)
		return;
	read_leaves(s, b, leaves);
	bundle_sign_leaves(&by, leaves, b->count, sig);
	struct merkle_piece all = { leaves, b->count,
		UINT64_MAX >> (BUNDLE_CORES - b->count), { NULL, 0 } };
	for (uint32_t at = b->first, next; at != 0; at = next, place <<= 1) {
		const struct flight *f = flight_at(s, at);
		struct bytes_out fill = bytes_out(room, sizeof room);
		next = f->next;
		merkle_cut(&all, place, &fill);
		struct bundle_head h = { sig, b->count, place, bytes_written(&fill) };
		put_head(s, f->parcel, &h);
		queue(s, at);
	}
	*b = (struct bulk){ .due_ms = MESH_NEVER, .after_ms = s->now.ms + GATHER_MS };
}

/* --- gathering --- */

bool
bulk_gathers(const struct mesh_site *s, enum mesh_lane lane)
{
	return s->bulk.count > 0 && s->bulk.lane == lane;
}

enum mesh_err
bulk_make_room(struct mesh_site *s, enum mesh_lane lane, size_t bytes)
{
	struct bulk *b = &s->bulk;
	size_t blocks = 1 + (bytes + HEAD_MAX) / FRAG_BLOCK;
	bool joins = b->lane == lane && b->epoch == s->own.epoch &&
	    b->count < BUNDLE_CORES && bytes <= JOINS_MAX;
	bool room = s->flights.free_count > 0 &&
	    s->parcels.pool.free_count > blocks + SPARE_PARCELS;
	if (!joins || !room)
		bulk_sign(s);
	return room ? MESH_OK : MESH_FULL;
}

static void
link_last(struct mesh_site *s, struct flight *f)
{
	struct bulk *b = &s->bulk;
	uint32_t number = pool_index(&s->flights, f) + 1;
	if (b->count++ > 0)
		flight_at(s, b->last)->next = number;
	else
		b->first = number;
	b->last = number;
}

void
bulk_put(struct mesh_site *s, const struct record *r, struct bytes_view core)
{
	struct bulk *b = &s->bulk;
	struct dedup_mark mark = spread_core_mark(s, core);
	struct handle laid = lay_down(s, core);
	struct record written = *r;
	written.core = core;
	struct flight *f = events_hold(s, &written, laid, 0);
	f->laid = true;
	parcel_release_all(&s->parcels, laid);
	(void)dedup_admit(&s->verified, &mark);
	link_last(s, f);
	b->lane = r->at.lane;
	b->epoch = r->at.epoch;
	if (b->count == 1)
		b->due_ms = b->after_ms > s->now.ms ? b->after_ms : s->now.ms;
	bool alone = r->at.lane == LANE_ALERT || core.len > JOINS_MAX;
	if (alone || b->due_ms <= s->now.ms)
		bulk_sign(s);
}

void
bulk_tick(struct mesh_site *s)
{
	if (s->bulk.count > 0 && s->bulk.due_ms <= s->now.ms)
		bulk_sign(s);
}

/* What no room was left for until the others are read is shown after the next input. */
mesh_time_ms
bulk_deadline(const struct mesh_site *s)
{
	if (s->untold_first != 0 && s->cargo.readers > 0)
		return s->now.ms;
	return s->bulk.count > 0 ? s->bulk.due_ms : MESH_NEVER;
}

/* --- safe: to the others --- */

void
bulk_push(struct mesh_site *s, const struct flight *f, uint32_t row)
{
	struct bundle b;
	struct record r;
	struct bytes_view raw;
	if (!cargo_read(s, f->parcel, &raw) || bundle_read(raw, &b) != MESH_OK ||
	    bundle_record(&b, 0, &r) != MESH_OK)
		return; /* somebody reads there: it is pulled */
	if (spread_fits(r.at.lane, r.type, raw.len)) {
		struct handle parcel = append_parcel(s, &b, &r);
		spread_flood(s, parcel, row, NULL);
		recent_note(s, &r, parcel);
		parcel_release(&s->parcels, parcel);
		return;
	}
	struct dedup_mark mark = spread_core_mark(s, r.core);
	struct spread_large large = { &r, { .bundle = raw }, mark };
	if (flood_has_trail(r.at.lane, r.type))
		large.hop.trail = bytes_view(s->tag, sizeof s->tag);
	cargo_note(s, &b, &r, &mark);
	spread_large(s, &large, row, NULL);
}
