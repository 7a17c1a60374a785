/* fuzz_wire.c - every reader of bytes from strangers.  The first byte picks one: a row
 * of messages[], a core, a bundle, a datagram's head, the frames of a plaintext.  What
 * is accepted must be written again and read back as the same. */
#include "arena.h"
#include "bundle.h"
#include "envelope.h"
#include "messages.h"
#include "wire.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 18 };
static _Alignas(16) uint8_t object[512], again[512], first[ROOM], second[ROOM],
    out_room[ROOM];

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
read_core(struct bytes_view v)
{
	struct record r, back;
	struct bytes_view key;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	if (record_read(v, &r) != MESH_OK)
		return;
	record_key(&r, &key);
	insist(record_write(&r, &out) == MESH_OK && out.len <= v.len);
	insist(record_read(bytes_written(&out), &back) == MESH_OK);
	insist(bytes_equal(r.body, back.body) && r.back == back.back);
}

static void
read_bundle(struct bytes_view v)
{
	struct bundle b;
	struct merkle_hash root;
	struct record r;
	if (bundle_read(v, &b) != MESH_OK)
		return;
	insist(b.count >= 1 && b.count <= b.n && b.n <= BUNDLE_CORES);
	for (size_t i = 0; i < b.count; i++) {
		if (bundle_record(&b, i, &r) == MESH_OK)
			read_core(r.core);
	}
	bool whole = bundle_root(&b, &root) == MESH_OK;
	struct bytes_out out = bytes_out(out_room, sizeof out_room);
	enum mesh_err err = bundle_cut(&b, b.mask, &out);
	insist(!whole || b.count != b.n || err == MESH_OK);
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
		if (frame.number == FRAME_PUSH &&
		    envelope_push(&frame, &hop) == MESH_OK)
			read_bundle(hop.bundle);
	}
	insist(err != MESH_OK || in.left == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct bytes_view v = { data + 1, size - 1 };
	struct envelope e;
	if (data[0] < message_count)
		read_message(&messages[data[0]], v);
	else if (data[0] == 0xf0)
		read_core(v);
	else if (data[0] == 0xf1)
		read_bundle(v);
	else if (data[0] == 0xf2)
		read_frames(v);
	else if (envelope_read(bytes_view(data, size), &e) == MESH_OK)
		insist(e.sealed.len == 0 || e.sealed.ptr + e.sealed.len == data + size);
	return 0;
}
