/* fuzz_wire.c - every reader of bytes from strangers.  The first byte picks one: below
 * 0xf0 it is a place of messages[] and the second byte a number there, so that a seed
 * means the same however the table grows.  What is accepted must be written again and
 * read back as the same. */
#include "arena.h"
#include "bundle.h"
#include "clause.h"
#include "envelope.h"
#include "id.h"
#include "meshbatch.h"
#include "meshsketch.h"
#include "messages.h"
#include "page.h"
#include "rows.h"
#include "seal.h"
#include "stamps.h"
#include "wire.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 18 };
static _Alignas(16) uint8_t object[512], again[512], first[ROOM], second[ROOM],
    out_room[ROOM];

struct body {
	uint64_t has;
	bool flag;
	int32_t i32;
	int64_t i64;
	float f32;
	double f64;
	struct id id;
	struct text_view text;
	struct tree_view tree;
};
/* clang-format off */
static const struct field body_rows[] = {
	FIELD(struct body, flag, UNIT_NONE, FIELD_REQUIRED, 0, 0, "a"),
	FIELD(struct body, i32, UNIT_NONE, 0, -5, 5, "a"),
	FIELD(struct body, i64, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct body, f32, UNIT_NONE, 0, -1000, 1000, "a"),
	FIELD(struct body, f64, UNIT_NONE, 0, -90, 90, "a"),
	FIELD(struct body, id, UNIT_NONE, 0, 0, 0, "a"),
	FIELD(struct body, text, UNIT_NONE, 0, 0, 300, "a"),
	FIELD(struct body, tree, UNIT_NONE, 0, 0, 0, "a"),
};
static const struct field_table body_table = { "body", body_rows, LENGTH(body_rows), sizeof(struct body), offsetof(struct body, has), false };
/* clang-format on */

static void
insist(bool truth)
{
	if (!truth)
		abort();
}

static enum mesh_err
decode(const struct message *m, struct bytes_view v, void *into, void *room)
{
	struct arena arena = arena_init(room, ROOM);
	return m->place == MESSAGE_FRAME
	    ? wire_decode_numbered(m->table, v, into, &arena)
	    : wire_decode(m->table, v, into, &arena);
}

static void
read_message(const struct message *m, struct bytes_view v)
{
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	insist(m->table->object_bytes <= sizeof object);
	if (decode(m, v, object, first) != MESH_OK)
		return;
	enum mesh_err err = m->place == MESSAGE_FRAME
	    ? wire_encode_numbered(m->table, m->number, object, &out)
	    : wire_encode(m->table, object, &out);
	insist(err == MESH_OK);
	insist(decode(m, bytes_written(&out), again, second) == MESH_OK);
	insist(fields_equal(m->table, object, again));
}

/* All that stand there: PUTs of one lane differ only by their keys. */
static void
read_numbered(uint8_t place, uint8_t number, struct bytes_view v)
{
	for (size_t i = 0; i < message_count; i++) {
		if (messages[i].place == place && messages[i].number == number)
			read_message(&messages[i], v);
	}
}

static void
read_body(struct bytes_view v)
{
	struct arena arena = arena_init(first, ROOM);
	struct arena more = arena_init(second, ROOM);
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	if (wire_decode(&body_table, v, object, &arena) != MESH_OK)
		return;
	insist(wire_encode(&body_table, object, &out) == MESH_OK);
	insist(wire_decode(&body_table, bytes_written(&out), again, &more) == MESH_OK);
	insist(fields_equal(&body_table, object, again));
}

/* Cores that may stand in a bundle, in one that we sign ourselves; no room is an error
 * that leaves nothing behind. */
static void
sign(const struct bytes_view *cores, size_t n)
{
	static const uint8_t seed[SEAL_KEY] = { 1 }, netid[BUNDLE_NETID] = { 2 };
	struct mesh_key key;
	struct bundle b;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	struct bytes_out small = bytes_out(first, 64);
	seal_public_of(seed, key.bytes);
	const struct bundle_signer by = { seed, &key, netid };
	insist(bundle_sign(&by, cores, n, &small) == MESH_FULL && small.len == 0);
	insist(bundle_sign(&by, cores, n, &out) == MESH_OK);
	insist(out.len <= bundle_bytes(n, n * cores[0].len));
	struct bytes_out head = bytes_out(second, ROOM);
	bundle_sign_around(&by, cores[0], &head);
	bytes_put_view(&head, cores[0]);
	insist(n > 1 || bytes_equal(bytes_written(&head), bytes_written(&out)));
	insist(bundle_read(bytes_written(&out), &b) == MESH_OK);
	insist(bundle_verify(&b, netid, &key) == MESH_OK);
}

/* A word of the control lane, and the row that remembers it. */
static void
read_clause(const struct record *r)
{
	struct clause c, again_c;
	uint8_t key[CLAUSE_ROW_KEY_MAX], row[CLAUSE_ROW_MAX];
	struct bytes_out key_out = bytes_out(key, sizeof key);
	struct bytes_out row_out = bytes_out(row, sizeof row);
	struct bytes_out out = bytes_out(second, CLAUSE_BODY_MAX);
	if (r->at.lane != LANE_CONTROL || !clause_read(r, &c))
		return;
	struct record of_ours = *r;
	insist(clause_write(&c, &out) == MESH_OK);
	of_ours.body = bytes_written(&out);
	insist(clause_read(&of_ours, &again_c) && clause_is_same(&c, &again_c));
	clause_row_key(&c, &key_out);
	clause_row_write(&c, &row_out);
	insist(clause_row_read(
	    bytes_written(&key_out), bytes_written(&row_out), &again_c));
	insist(clause_is_same(&c, &again_c) && again_c.seq == c.seq);
	insist(clause_is_same_use(&c, &again_c) == (c.kind == CLAUSE_USE));
}

static bool
read_core(struct bytes_view v)
{
	struct record r, back;
	struct bytes_view key;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	if (record_read(v, &r) != MESH_OK)
		return false;
	record_key(&r, &key);
	insist(record_write(&r, &out) == MESH_OK && out.len <= v.len);
	insist(record_read(bytes_written(&out), &back) == MESH_OK);
	insist(bytes_equal(r.body, back.body) && r.back == back.back);
	struct mesh_position at;
	insist(record_position(v, &at) && key_equal(&at.origin, &r.at.origin));
	insist(at.lane == r.at.lane && at.epoch == r.at.epoch && at.seq == r.at.seq);
	read_clause(&r);
	return true;
}

static void
read_bundle(struct bytes_view v)
{
	struct bundle b;
	struct merkle_hash leaves[BUNDLE_CORES], root;
	struct bytes_view cores[BUNDLE_CORES];
	struct record r;
	if (bundle_read(v, &b) != MESH_OK)
		return;
	bundle_cores(&b, cores);
	insist(b.count >= 1 && b.count <= b.n && b.n <= BUNDLE_CORES);
	for (size_t i = 0; i < b.count; i++) {
		insist(bytes_equal(bundle_core(&b, i), cores[i]));
		if (bundle_record(&b, i, &r) != MESH_OK)
			continue;
		insist(read_core(r.core));
		struct mesh_record told = record_public(&r, v);
		insist(told.claims == r.back && told.core.ptr == r.core.ptr);
	}
	bundle_leaves(&b, leaves);
	bool whole = bundle_root(&b, leaves, &root) == MESH_OK;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	struct bytes_out small = bytes_out(first, 64);
	insist(bundle_bits(&b, UINT64_MAX) == b.mask);
	enum mesh_err err = bundle_cut(&b, leaves, b.mask, &out);
	insist(!whole || err == MESH_OK);
	insist(bundle_cut(&b, leaves, bundle_bits(&b, 1), &small) != MESH_OK);
	insist(small.len == 0);
}

/* What is too long for one datagram is sent from where it lies, with this around it. */
static void
put_around(const struct envelope_hop *hop, struct bytes_view whole)
{
	struct bytes_out around = bytes_out(first, ROOM),
			 behind = bytes_out(second, ROOM);
	struct bytes_out small = bytes_out(again, 2);
	insist(envelope_put_push(&small, hop) == MESH_FULL && small.len == 0);
	envelope_put_around(hop, &around, &behind);
	bytes_put_view(&around, hop->bundle);
	bytes_put_view(&around, bytes_written(&behind));
	insist(bytes_equal(bytes_written(&around), whole));
}

/* The hop fields are the only part that a site writes anew into another's PUSH. */
static void
put_push(const struct envelope_hop *hop)
{
	static const uint8_t nobody[4] = { 0xff, 0xfe, 0xfd, 0xfc };
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	struct envelope_frame frame;
	struct envelope_hop back;
	enum mesh_err err;
	insist(envelope_put_push(&out, hop) == MESH_OK);
	insist(out.len == envelope_push_bytes(hop));
	put_around(hop, bytes_written(&out));
	struct bytes_in in = bytes_in(bytes_written(&out));
	insist(envelope_next_frame(&in, &frame, &err));
	insist(envelope_push(&frame, &back) == MESH_OK);
	insist(back.hops == hop->hops && back.age_ms == hop->age_ms);
	insist(bytes_equal(back.bundle, hop->bundle));
	insist(bytes_equal(back.trail, hop->trail));
	(void)envelope_trail_has(hop->trail, nobody);
}

static void
read_stamps(const struct envelope_hop *hop)
{
	static const uint8_t netid[STAMPS_NETID] = { 3 };
	static const struct mesh_key key = { { 4 } };
	struct stamps_chain c;
	stamps_begin(&c, netid, hop->bundle);
	for (size_t i = 0; i < stamps_count(hop->stamps); i++) {
		struct stamp s = stamps_at(hop->stamps, i);
		insist(s.from == s.tag + STAMPS_TAG);
		insist(!stamps_next(&c, hop->stamps, i, &key));
	}
}

static void
read_frames(struct bytes_view v)
{
	struct bytes_in in = bytes_in(v);
	struct envelope_frame frame;
	enum mesh_err err;
	while (envelope_next_frame(&in, &frame, &err)) {
		const struct message *m = message_find(MESSAGE_FRAME, frame.number);
		struct envelope_hop hop;
		if (m != NULL)
			read_message(m, frame.bytes);
		if (frame.number != FRAME_PUSH ||
		    envelope_push(&frame, &hop) != MESH_OK)
			continue;
		put_push(&hop);
		read_stamps(&hop);
		read_bundle(hop.bundle);
	}
	insist(err != MESH_OK || in.left == 0);
}

/* A PAGE and a ROWS are read twice: by their tables, and where they lie. */
static void
read_page(struct bytes_view v)
{
	struct page p, back;
	struct bytes_view bundle;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	struct bytes_out all = bytes_out(first, ROOM);
	if (page_read(v, &p) != MESH_OK)
		return;
	struct page left = p;
	size_t count = 0;
	for (; page_next(&left, &bundle); count++)
		bytes_put(&all, bundle.ptr, bundle.len);
	insist(count <= p.count && p.from <= p.to);
	p.count = count;
	insist(page_write(&p, bytes_written(&all), &out) == MESH_OK);
	insist(page_read(bytes_written(&out), &back) == MESH_OK);
	insist(back.count == count && back.from == p.from && back.to == p.to);
}

static void
read_rows(struct bytes_view v)
{
	struct rows r;
	struct rows_mark mark;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	if (rows_read(v, &r) != MESH_OK)
		return;
	while (rows_next(&r, &mark)) {
		struct mesh_run held[LANE_COUNT - 1] = { { 0, 0 } };
		insist(mark.lane > LANE_LIVE && mark.lane < LANE_COUNT);
		insist(mark.held.last > 0); /* low may lie above: all is pruned */
		held[mark.lane - 1] = mark.held;
		(void)rows_put(&out, mark.oid.ptr, mark.epoch, held);
	}
}

static void
read_listed(struct bytes_view v)
{
	struct bytes_in in = bytes_in(v);
	struct envelope_frame frame;
	enum mesh_err err;
	while (envelope_next_frame(&in, &frame, &err)) {
		if (frame.number == FRAME_PAGE)
			read_page(frame.bytes);
		if (frame.number == FRAME_ROWS)
			read_rows(frame.bytes);
	}
}

static void
put_head(const struct envelope *e, struct bytes_out *out)
{
	switch (e->kind) {
	case ENVELOPE_BEACON:
		envelope_put_beacon(out, e->hint, e->nonce);
		break;
	case ENVELOPE_HS1:
		envelope_put_hs1(out, e->hint, e->sid, e->cookie, e->e);
		break;
	case ENVELOPE_HS2:
		envelope_put_hs2(out, e->sid, e->e);
		break;
	case ENVELOPE_HS3:
		envelope_put_hs3(out, e->sid);
		break;
	case ENVELOPE_COOKIE:
		envelope_put_cookie(out, e->sid, e->cookie, e->tag);
		break;
	case ENVELOPE_DATA:
		envelope_put_data(out, e->sid, e->counter);
		break;
	}
}

static void
read_datagram(struct bytes_view v)
{
	struct envelope e;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	if (envelope_read(v, &e) != MESH_OK)
		return;
	insist(e.sealed.len == 0 || e.sealed.ptr + e.sealed.len == v.ptr + v.len);
	put_head(&e, &out);
	insist(out.len >= e.head.len && out.len <= v.len);
	insist(bytes_equal(bytes_written(&out), bytes_view(v.ptr, out.len)));
}

static void
read_record(struct bytes_view v)
{
	const struct bytes_view twice[] = { v, v };
	if (!read_core(v))
		return;
	sign(twice, 1);
	sign(twice, 2);
}

/* A neighbour's cells against a few records of ours: the first two bytes say how many
 * of those, and where the cells begin.  However they lie, it ends, and what it finds
 * are no more than there are cells. */
static void
read_cells(struct bytes_view v)
{
	static const uint8_t netid[16] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6,
		0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf };
	static struct mesh_comparison c;
	uint32_t more = 0, want = MESH_SKETCH_FIRST;
	if (v.len < 2)
		return;
	mesh_comparison_init(&c, netid);
	for (uint8_t i = 0; i < v.ptr[0] % 64; i++) {
		struct mesh_sketch_item item = {
			.scope = 0, .seq = i + 1, .leaf = { i }
		};
		mesh_sketch_put(&c.sketch, &item);
	}
	struct bytes_view cells = bytes_view(v.ptr + 2, v.len - 2);
	enum mesh_sketched how = mesh_comparison_take(&c, v.ptr[1], cells, want, &more);
	insist(c.found <= MESH_SKETCH_CELLS && more <= MESH_SKETCH_CELLS);
	how = mesh_comparison_take(&c, v.ptr[1], cells, want, &more);
	(void)how;
}

/* What its proof says of a record's batch makes the same proof again; with what another
 * record's says it is joined. */
static void
prove_again(struct bytes_view v)
{
	static struct mesh_batch kept;
	static uint8_t room[4096];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct mesh_batch batch;
	struct mesh_record r;
	uint8_t place, leaf[32];
	if (mesh_record_read(v, &r) != MESH_OK)
		return;
	mesh_record_leaf(&r, leaf);
	if (mesh_batch_of(&r, leaf, &batch, &place) != MESH_OK)
		return;
	insist(mesh_batch_prove(&batch, place, r.core.len, &out) == MESH_OK);
	insist(out.len + r.core.len == v.len && memcmp(room, v.ptr, out.len) == 0);
	if (mesh_batch_same(&kept, &batch))
		mesh_batch_join(&kept, &batch);
	else
		kept = batch;
	out = bytes_out(room, sizeof room);
	(void)(mesh_batch_prove(&kept, place, r.core.len, &out) == MESH_OK);
}

/* A row of the store's: what reads writes itself again. */
static void
read_batch(struct bytes_view v)
{
	static uint8_t room[MESH_BATCH_ROW_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct mesh_batch batch;
	prove_again(v);
	if (mesh_batch_read(v, &batch) != MESH_OK)
		return;
	mesh_batch_write(&batch, &out);
	insist(!out.failed && bytes_equal(bytes_written(&out), v));
}

static void (*const readers[])(struct bytes_view v) = { read_record, read_bundle,
	read_frames, read_datagram, read_body, read_listed, read_cells, read_batch };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { READERS = 0xf0 };
	if (size == 0)
		return 0;
	struct bytes_view v = { data + 1, size - 1 };
	if (data[0] >= READERS && data[0] - READERS < (int)LENGTH(readers))
		readers[data[0] - READERS](v);
	else if (v.len > 0)
		read_numbered(data[0], v.ptr[0], bytes_view(v.ptr + 1, v.len - 1));
	return 0;
}
