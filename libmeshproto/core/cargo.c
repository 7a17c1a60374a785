#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_travel.h"
#include "pack.h"
#include "wire.h"

/* PROTOCOL.md 7: frames of more than one datagram.  Their bytes have to lie in one
 * piece only while a record is checked, signed and read; for that there is one buffer.
 * The records of one page are read there side by side.  What comes while a reader is
 * not done is not acknowledged, so its last piece comes again.  Everything else that
 * waits, waits in pieces: link/frag.h. */

/* --- held while it is read --- */

static bool
is_inside(const struct cargo *c, struct bytes_view what)
{
	return what.ptr >= c->bytes && what.ptr < c->bytes + sizeof c->bytes;
}

bool
cargo_takes(const struct mesh_site *s, struct bytes_view bundle)
{
	return s->cargo.readers == 0 || is_inside(&s->cargo, bundle);
}

/* Leaves grow down from the end.  Numbers of leaves begin with 1: a flight of 0 has
 * none. */
static size_t
leaf_at(uint32_t number)
{
	return CARGO_BYTES - (size_t)number * MERKLE_HASH;
}

static void
keep_leaf(struct cargo *c, struct flight *f, const uint8_t leaf[static MERKLE_HASH])
{
	if (c->leaves == UINT8_MAX || leaf_at(c->leaves + 1) < c->filled)
		return; /* whoever needs it hashes once more */
	f->index = (uint8_t)++c->leaves;
	memcpy(c->bytes + leaf_at(f->index), leaf, MERKLE_HASH);
}

static void
lay(struct cargo *c, struct flight *f, size_t at, size_t len)
{
	f->large = true;
	f->cargo.at = (uint32_t)at;
	f->cargo.len = (uint32_t)len;
	c->used = at + len;
	c->readers++;
}

static void
done(struct cargo *c)
{
	c->readers--;
	if (c->readers == 0)
		c->used = c->last = c->leaves = 0;
}

struct flight *
cargo_flight(struct mesh_site *s, const struct record *r, struct bytes_view proof,
    const uint8_t leaf[static MERKLE_HASH])
{
	struct cargo *c = &s->cargo;
	struct flight *f = events_flight_behind(s, c->last, r);
	size_t at = 0;
	if (is_inside(c, proof))
		at = (size_t)(proof.ptr - c->bytes);
	else { /* it just fitted one datagram */
		memcpy(c->bytes, proof.ptr, proof.len);
		c->filled = proof.len;
	}
	lay(c, f, at, proof.len);
	c->last = pool_index(&s->flights, f) + 1;
	keep_leaf(c, f, leaf);
	return f;
}

bool
cargo_show(struct mesh_site *s, struct flight *f)
{
	struct cargo *c = &s->cargo;
	size_t from = c->used, end = leaf_at(c->leaves);
	if (from > end || end - from < parcel_total(&s->parcels, f->parcel))
		return false;
	lay(c, f, from, cargo_load(s, f->parcel, c->bytes + from, end - from));
	return true;
}

bool
cargo_record(const struct mesh_site *s, const struct flight *f, struct mesh_record *out)
{
	const struct cargo *c = &s->cargo;
	struct bytes_view proof = bytes_view(c->bytes + f->cargo.at, f->cargo.len);
	if (mesh_record_read(proof, out) != MESH_OK)
		return false;
	out->hashed = !f->laid && f->index > 0;
	if (out->hashed)
		memcpy(out->leaf, c->bytes + leaf_at(f->index), sizeof out->leaf);
	return true;
}

bool
cargo_read(struct mesh_site *s, struct handle stored, struct bytes_view *bundle)
{
	struct cargo *c = &s->cargo;
	if (c->readers > 0)
		return false;
	*bundle = bytes_view(
	    c->bytes, cargo_load(s, stored, c->bytes, sizeof c->bytes));
	return true;
}

void
cargo_return(struct mesh_site *s, struct flight *f)
{
	f->large = false;
	f->proof = (struct handle){ 0, 0 };
	done(&s->cargo);
}

struct bytes_view
cargo_copy(struct mesh_site *s, struct bytes_view what)
{
	struct cargo *c = &s->cargo;
	if (is_inside(c, what))
		return what;
	if (c->readers > 0 || what.len > sizeof c->bytes)
		return bytes_view(NULL, 0);
	memcpy(c->bytes, what.ptr, what.len);
	return bytes_view(c->bytes, what.len);
}

bool
cargo_lend(struct mesh_site *s, struct bytes_view body)
{
	struct cargo *c = &s->cargo;
	if (!is_inside(c, body))
		return false;
	c->readers++;
	c->used = sizeof c->bytes;
	return true;
}

void
cargo_take_back(struct mesh_site *s)
{
	done(&s->cargo);
}

/* --- kept in parcels --- */

struct handle
cargo_store(struct mesh_site *s, struct bytes_view bundle)
{
	struct handle first = { 0, 0 };
	size_t blocks = (bundle.len + FRAG_BLOCK - 1) / FRAG_BLOCK;
	if (s->parcels.pool.free_count < blocks + (size_t)2 * INSIDE_LINK_PARCELS)
		return first;
	while (blocks-- > 0) {
		struct handle h = parcel_of_nothing(&s->parcels);
		struct parcel *p = parcel_at(&s->parcels, h);
		size_t at = blocks * FRAG_BLOCK, left = bundle.len - at;
		p->len = (uint16_t)(left < FRAG_BLOCK ? left : FRAG_BLOCK);
		memcpy(p->bytes, bundle.ptr + at, p->len);
		p->next = first;
		first = h;
	}
	return first;
}

size_t
cargo_load(const struct mesh_site *s, struct handle stored, uint8_t *out, size_t cap)
{
	const struct parcel *p;
	size_t len = 0;
	for (; (p = parcel_at(&s->parcels, stored)) != NULL; stored = p->next) {
		size_t n = p->len < cap - len ? p->len : cap - len;
		memcpy(out + len, p->bytes, n);
		len += n;
	}
	return len;
}

/* --- known by the first piece --- */

/* The signature stands in it. */
static struct dedup_mark
head_mark(const struct mesh_site *s, const uint8_t *bundle)
{
	return dedup_mark_of(&s->verified, bytes_view(bundle, CARGO_MARKED));
}

void
cargo_note(struct mesh_site *s, const struct bundle *b, const struct record *r,
    const struct dedup_mark *mark)
{
	struct cargo *c = &s->cargo;
	c->known[c->known_next++ % CARGO_KNOWN] = (struct cargo_known){
		head_mark(s, b->raw.ptr), *mark, r->at
	};
}

/* The first piece of a PUSH of a record that we have: the others are not needed, nor
 * does this neighbour need ours. */
static bool
is_known(struct mesh_site *s, struct neighbour *n, struct bytes_view first)
{
	struct bytes_in in = bytes_in(first);
	(void)pack_read_array(&in);
	uint64_t number = pack_read_uint(&in, UINT8_MAX);
	(void)pack_read_uint(&in, UINT8_MAX);
	uint32_t age_ms = (uint32_t)pack_read_uint(&in, UINT32_MAX);
	if (in.failed || number != FRAME_PUSH || in.left < CARGO_MARKED)
		return false;
	struct dedup_mark head = head_mark(s, in.ptr);
	for (size_t i = 0; i < CARGO_KNOWN; i++) {
		const struct cargo_known *k = &s->cargo.known[i];
		if (memcmp(&k->head, &head, sizeof head) != 0)
			continue;
		inside_count(s, COUNT_RECORD_DUPLICATE);
		arrive_spare(s, n, &k->mark);
		branch_copy(s, n, &k->at, age_ms);
		return true;
	}
	return false;
}

/* --- in --- */

static bool
is_cuttable(uint8_t number)
{
	return number == FRAME_PUSH || number == FRAME_PAGE || number == FRAME_ROWS ||
	    number == FRAME_PEERS;
}

static enum apply_verdict
take_frame(struct mesh_site *s, const struct apply_input *in, struct bytes_view whole)
{
	struct envelope_frame frame;
	struct apply_input as = *in;
	struct bytes_in left = bytes_in(whole);
	enum mesh_err err;
	as.frame = &frame;
	if (!envelope_next_frame(&left, &frame, &err) || left.left > 0 ||
	    !is_cuttable(frame.number))
		return APPLY_BAD;
	return apply_frame(s, &as);
}

static enum apply_verdict
take_whole(struct mesh_site *s, const struct apply_input *in, struct frag_message *m,
    const struct frame_frag *last)
{
	uint8_t small[PARCEL_MAX];
	bool fits = m->total <= sizeof small;
	uint8_t *room = fits ? small : s->cargo.bytes;
	if (!fits && s->cargo.readers > 0) {
		inside_count(s, COUNT_SHED_STORE_BUSY);
		return APPLY_PENDING;
	}
	frag_read(m, &s->parcels, last, room);
	if (!fits)
		s->cargo.filled = m->total;
	enum apply_verdict verdict = take_frame(s, in, bytes_view(room, m->total));
	/* OPEN: else the neighbour went with it. */
	if (verdict != APPLY_PENDING && m->state == FRAG_OPEN)
		frag_over(&s->frags, &s->parcels, m, s->now.ms);
	return verdict;
}

enum apply_verdict
cargo_on_frag(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_frag piece;
	struct frag_message *m;
	struct handle from = peers_at(&s->peers, in->n->peer)->neighbour;
	if (wire_decode_numbered(&frame_frag_table, in->frame->bytes, &piece, NULL) !=
		MESH_OK ||
	    !frag_is_sound(&piece))
		return APPLY_BAD;
	switch (frag_take(&s->frags, &s->parcels, from, &piece, &m, s->now.ms)) {
	case FRAG_KEPT:
		if (piece.index == 0 && is_known(s, in->n, piece.bytes))
			frag_over(&s->frags, &s->parcels, m, s->now.ms);
		repair_goes_on(s, in->n);
		return APPLY_DONE;
	case FRAG_WHOLE:
		return take_whole(s, in, m, &piece);
	case FRAG_FULL:
		return APPLY_PENDING;
	case FRAG_LATE:
	case FRAG_KILLED:
		break;
	}
	return APPLY_DONE;
}

/* --- ours --- */

/* The core, built around its body, which stays where it is. */
static struct bytes_view
put_core(struct cargo *c, const struct record *r, size_t body_bytes)
{
	uint8_t head[CARGO_HEAD / 2];
	struct bytes_out out = bytes_out(head, sizeof head);
	record_write_head(r, &out);
	uint8_t *core = c->bytes + CARGO_HEAD - out.len;
	memcpy(core, head, out.len);
	return bytes_view(core, out.len + body_bytes);
}

static struct bytes_view
put_bundle(struct mesh_site *s, struct bytes_view core)
{
	uint8_t head[CARGO_HEAD / 2];
	struct bytes_out out = bytes_out(head, sizeof head);
	struct bundle_signer by = append_signer(s);
	bundle_sign_around(&by, core, &out);
	uint8_t *bundle = s->cargo.bytes + (core.ptr - s->cargo.bytes) - out.len;
	memcpy(bundle, head, out.len);
	return bytes_view(bundle, out.len + core.len);
}

/* A frame may not be longer, with the longest trail on its way. */
static bool
may_travel(const struct record *r, size_t bundle_bytes)
{
	static const uint8_t any[MESSAGE_TRAIL_MAX];
	size_t trail = flood_has_trail(r->at.lane, r->type) ? sizeof any : 0;
	struct envelope_hop hop = { .hops = UINT8_MAX,
		.age_ms = UINT32_MAX,
		.trail = bytes_view(trail > 0 ? any : NULL, trail) };
	return envelope_push_bytes(&hop) + bundle_bytes <= MESSAGE_FRAME_MAX;
}

/* Tried with the largest numbers.  The control lane's words are short, and their proof
 * is still needed when the store has answered. */
static enum mesh_err
check(struct mesh_site *s, const struct mesh_draft *d, size_t *core_bytes)
{
	struct record r = append_drafted(s, d), again;
	r.at.seq = RECORD_SEQ_MAX;
	r.back = d->lane == LANE_LIVE ? 0 : RECORD_SEQ_MAX;
	if (d->lane == LANE_CONTROL || d->body.len > MESSAGE_FRAME_MAX - CARGO_HEAD) {
		inside_count(s, COUNT_TX_TOO_LARGE);
		return MESH_MALFORMED;
	}
	memmove(s->cargo.bytes + CARGO_HEAD, d->body.ptr, d->body.len);
	struct bytes_view core = put_core(&s->cargo, &r, d->body.len);
	*core_bytes = core.len;
	if (!may_travel(&r, bundle_bytes(1, core.len))) {
		inside_count(s, COUNT_TX_TOO_LARGE);
		return MESH_MALFORMED;
	}
	return record_read(core, &again);
}

/* All that may fail, before a number is taken. */
static enum mesh_err
make_room(struct mesh_site *s, enum mesh_lane lane, size_t core_bytes)
{
	size_t pieces = frag_pieces(MESSAGE_FRAME_MAX, spread_limit(s));
	if (lane == LANE_LIVE)
		return s->parcels.pool.free_count > pieces + INSIDE_LINK_PARCELS
		    ? MESH_OK
		    : MESH_FULL;
	enum mesh_err err = batch_sign(s, lane);
	return err == MESH_OK ? bulk_make_room(s, lane, core_bytes) : err;
}

/* Lane 0 waits for nobody. */
static enum mesh_err
depart(struct mesh_site *s, struct bytes_view core)
{
	struct bundle b;
	struct record r;
	enum mesh_err err = bundle_read(put_bundle(s, core), &b);
	if (err == MESH_OK)
		err = bundle_record(&b, 0, &r);
	if (err != MESH_OK)
		return err; /* cannot be: it was read before */
	struct dedup_mark mark = spread_core_mark(s, r.core);
	struct spread_large large = { &r, { .bundle = b.raw }, mark };
	if (flood_has_trail(r.at.lane, r.type))
		large.hop.trail = bytes_view(s->tag, sizeof s->tag);
	struct handle pieces = spread_cut(s, &large, spread_limit(s));
	(void)dedup_admit(&s->verified, &mark);
	cargo_note(s, &b, &r, &mark);
	spread_pieces(s, pieces, LANE_LIVE, BRANCH_NONE);
	parcel_release_all(&s->parcels, pieces);
	return MESH_OK;
}

enum mesh_err
cargo_append(struct mesh_site *s, const struct mesh_draft *d, uint64_t *seq)
{
	struct record r = append_drafted(s, d);
	size_t core_bytes;
	if (s->cargo.readers > 0)
		return MESH_FULL;
	enum mesh_err err = check(s, d, &core_bytes);
	if (err == MESH_OK)
		err = make_room(s, d->lane, core_bytes);
	if (err == MESH_OK)
		err = own_take(
		    &s->own, d->lane, quotas_weight(s, d), &r.at.seq, &r.back);
	if (err != MESH_OK)
		return err;
	*seq = r.at.seq;
	struct bytes_view core = put_core(&s->cargo, &r, d->body.len);
	if (d->lane == LANE_LIVE)
		return depart(s, core);
	bulk_put(s, &r, core);
	return MESH_OK;
}
