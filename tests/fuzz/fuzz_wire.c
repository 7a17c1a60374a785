/* fuzz_wire.c - every reader of bytes from strangers.  The first byte picks one: a row
 * of messages[], a core, a bundle, the frames of a plaintext, a datagram's head, or a
 * table with the field kinds that only bodies of records have.  What is accepted must
 * be written again and read back as the same. */
#include "arena.h"
#include "bundle.h"
#include "envelope.h"
#include "messages.h"
#include "seal.h"
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

/* A core that may stand in a bundle, in one that we sign ourselves. */
static void
sign_alone(struct bytes_view core)
{
	static const uint8_t seed[SEAL_KEY] = { 1 }, netid[BUNDLE_NETID] = { 2 };
	struct mesh_key key;
	struct bundle b;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	seal_public_of(seed, key.bytes);
	const struct bundle_signer by = { seed, &key, netid };
	insist(bundle_sign(&by, &core, 1, &out) == MESH_OK);
	insist(out.len == bundle_bytes(1, core.len));
	insist(bundle_read(bytes_written(&out), &b) == MESH_OK);
	insist(bundle_verify(&b, netid, &key) == MESH_OK);
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
	return true;
}

static void
read_bundle(struct bytes_view v)
{
	struct bundle b;
	struct merkle_hash leaves[BUNDLE_CORES], root;
	struct record r;
	if (bundle_read(v, &b) != MESH_OK)
		return;
	insist(b.count >= 1 && b.count <= b.n && b.n <= BUNDLE_CORES);
	for (size_t i = 0; i < b.count; i++) {
		if (bundle_record(&b, i, &r) == MESH_OK)
			insist(read_core(r.core));
	}
	bundle_leaves(&b, leaves);
	bool whole = bundle_root(&b, leaves, &root) == MESH_OK;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	enum mesh_err err = bundle_cut(&b, leaves, b.mask, &out);
	insist(!whole || err == MESH_OK);
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
	struct bytes_in in = bytes_in(bytes_written(&out));
	insist(envelope_next_frame(&in, &frame, &err));
	insist(envelope_push(&frame, &back) == MESH_OK);
	insist(back.hops == hop->hops && back.age_ms == hop->age_ms);
	insist(bytes_equal(back.bundle, hop->bundle));
	insist(bytes_equal(back.trail, hop->trail));
	(void)envelope_trail_has(hop->trail, nobody);
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
		read_bundle(hop.bundle);
	}
	insist(err != MESH_OK || in.left == 0);
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct bytes_view v = { data + 1, size - 1 };
	if (data[0] < message_count)
		read_message(&messages[data[0]], v);
	else if (data[0] == 0xf0 && read_core(v))
		sign_alone(v);
	else if (data[0] == 0xf1)
		read_bundle(v);
	else if (data[0] == 0xf2)
		read_frames(v);
	else if (data[0] == 0xf4)
		read_body(v);
	else
		read_datagram(v);
	return 0;
}
