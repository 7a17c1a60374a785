/* fuzz_meshtastic_codec.c - bytes from a radio, through framing, session and contents.
 *
 * The first byte says how the rest is cut.  The session is made ready first, so that
 * packets and heartbeats count.  Whatever decodes must encode to the same again. */
#include "arena.h"
#include "inspect.h"
#include "mt_codec.h"
#include "mt_ether.h"
#include "mt_session.h"
#include "mt_tables.h"
#include "radio_counters.h"
#include "stream.h"
#include "text.h"
#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t arena_block[1 << 18];

static void
check_there_and_back(struct bytes_view payload)
{
	static uint8_t block[4096];
	struct arena arena = arena_init(arena_block, sizeof arena_block);
	struct bytes_out out = bytes_out(block, sizeof block);
	struct tree_view tree, again;
	if (protobuf_decode(&mt_from_radio, payload, &arena, &tree) != MESH_OK)
		return;
	assert(protobuf_encode(&mt_from_radio, tree, &out) == MESH_OK);
	assert(protobuf_decode(&mt_from_radio, bytes_written(&out), &arena, &again) ==
	    MESH_OK);
	assert(tree_equal(tree, again));
}

static void
check_codec(struct bytes_view bytes)
{
	static uint8_t block[2048];
	struct stream s = stream_init(block, sizeof block);
	struct stream_frame frame;
	for (size_t at = 0; at < bytes.len;) {
		at += stream_put(&s, bytes_view(bytes.ptr + at, bytes.len - at));
		while (stream_next(&s, &frame))
			check_there_and_back(frame.payload);
	}
}

/* A place that is cut is cut: once more changes nothing. */
static void
cut_place(struct bytes_view raw)
{
	static uint8_t once[1024], twice[1024];
	if (raw.len == 0 || raw.len > sizeof once)
		return;
	unsigned bits = 1 + raw.ptr[raw.len - 1] % 32;
	memcpy(once, raw.ptr, raw.len);
	enum inspect_place place = inspect_cut_place(
	    NETWORK_MESHTASTIC, once, raw.len, bits);
	if (place == PLACE_UNSURE)
		return;
	memcpy(twice, once, raw.len);
	assert(inspect_cut_place(NETWORK_MESHTASTIC, twice, raw.len, bits) == place);
	assert(memcmp(once, twice, raw.len) == 0);
	(void)inspect_cut_degrees((double)raw.len, bits);
}

static void
drain(const struct radio_ops *ops, struct radio *r)
{
	struct radio_event e;
	struct bytes_view out;
	struct tree_view tree;
	while (ops->next_event(r, &e)) {
		if (e.kind == RADIO_SENT)
			(void)inspect_reason(NETWORK_MESHTASTIC, e.reason);
		if (e.kind != RADIO_RECEPTION)
			continue;
		struct arena arena = arena_init(arena_block, sizeof arena_block);
		assert(inspect(NETWORK_MESHTASTIC, e.reception.raw, &arena, &tree) !=
		    MESH_NOT_FOUND);
		(void)inspect_node(NETWORK_MESHTASTIC, e.reception.raw, &arena);
		cut_place(e.reception.raw);
		(void)inspect_is_private(NETWORK_MESHTASTIC, e.reception.raw);
		(void)inspect_type(NETWORK_MESHTASTIC, e.reception.type, &arena);
		assert(inspect(NETWORK_SIM, e.reception.raw, &arena, &tree) !=
		    MESH_NOT_FOUND);
	}
	while (ops->next_bytes(r, &out))
		;
}

/* As a datagram of the local network, with a key for what it may have sealed. */
static void
overhear(struct bytes_view datagram)
{
	const struct radio_ops *ops = &radio_meshtastic_udp_ops;
	const struct radio_params params = { .keys = text("channel LongFast AQ==") };
	const struct mesh_now now = { .ms = 100000, .unix_ms = 1700000000000 };
	struct radio *r = ops->create(&params);
	assert(r != NULL);
	ops->link_up(r, now);
	drain(ops, r);
	ops->receive(r, datagram, now);
	drain(ops, r);
	ops->destroy(r);
}

/* What a person or a client's program may ask for, taken from the same bytes. */
static void
ask(const struct radio_ops *ops, struct radio *r, struct bytes_view v,
    struct mesh_now now)
{
	enum { CONTROL = 4 };
	struct radio_air air;
	if (v.len < CONTROL)
		return;
	struct radio_request q = { .request = 1,
		.kind = (enum radio_request_kind)(v.ptr[0] % REQUEST_KINDS),
		.channel = v.ptr[0] >> 5,
		.hop_limit = v.ptr[1],
		.want_ack = 1,
		.packet = v.ptr[2], /* small, so that what comes may be about it */
		.reply = v.ptr[1] >> 1 & 1,
		.emoji = (v.ptr[1] >> 2 & 1) != 0,
		.tells = (v.ptr[1] >> 3 & 1) != 0,
		.waypoint = { .number = v.ptr[1],
		    .latitude = (int32_t)v.ptr[2] << 23,
		    .icon = v.ptr[3],
		    .name_len = v.ptr[2] },
		.body = bytes_view(v.ptr + CONTROL, v.ptr[3] % (v.len - CONTROL + 1)) };
	if (v.ptr[1] % 2 == 1)
		q.to = mt_node_id(v.ptr[2]);
	enum mesh_err err = ops->submit(r, &q, now);
	assert(err != MESH_OK || q.kind != REQUEST_TEXT ||
	    q.body.len <= ops->text_max(&q));
	(void)ops->airtime(r, &q);
	(void)ops->air(r, &air);
	drain(ops, r);
}

/* my_info{16}, some of its configuration, then the end of the configuration with the
 * number that was asked. */
static void
make_ready(const struct radio_ops *ops, struct radio *r, struct mesh_now *now)
{
	uint8_t block[64];
	struct bytes_view sent;
	struct bytes_out out = bytes_out(block, sizeof block);
	struct protobuf_item want = { 0 };
	ops->link_up(r, *now);
	drain(ops, r);
	now->ms += 100;
	ops->tick(r, *now);
	assert(ops->next_bytes(r, &sent) && sent.len > 4);
	struct bytes_in in = bytes_in(bytes_view(sent.ptr + 4, sent.len - 4));
	assert(protobuf_next(&in, &want));
	stream_write(&out, bytes_view("\x1a\x02\x08\x10", 4));
	/* Config.lora: a preset, a region, hop_limit, tx_enabled */
	stream_write(&out,
	    bytes_view("\x2a\x0c\x32\x0a\x08\x01\x10\x07\x38\x03\x40\x05\x48\x01", 14));
	/* DeviceMetadata: "2.5", wifi, PKC */
	stream_write(
	    &out, bytes_view("\x6a\x09\x0a\x03\x32\x2e\x35\x20\x01\x58\x01", 11));
	size_t at = out.len + STREAM_HEADER + 1;
	stream_write(&out, bytes_view("\x38\0\0\0\0\0", 6));
	for (int i = 0; i < 5; i++)
		block[at++] = (uint8_t)(want.value >> 7 * i | (i < 4 ? 0x80 : 0));
	ops->receive(r, bytes_written(&out), *now);
	drain(ops, r);
	assert(ops->counter(r, COUNT_PORT_HANDSHAKES_DONE) == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct radio_ops *ops = &radio_meshtastic_ops;
	const struct radio_params params = { .seed = 1, .hears_proxy = true };
	struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };
	if (size < 2)
		return 0;
	size_t step = (size_t)data[0] * 4 + 1;
	check_codec(bytes_view(data + 1, size - 1));
	overhear(bytes_view(data + 1, size - 1));
	struct radio *r = ops->create(&params);
	assert(r != NULL);
	make_ready(ops, r, &now);
	ask(ops, r, bytes_view(data + 1, size - 1), now);
	for (size_t at = 1; at < size; at += step) {
		size_t len = size - at < step ? size - at : step;
		ops->receive(r, bytes_view(data + at, len), now);
		drain(ops, r);
		now.ms += 1000;
		(void)ops->deadline(r);
		ops->tick(r, now);
		drain(ops, r);
	}
	/* No word of the radio's queue, the link is lost, and all is forgotten. */
	now.ms += 31000;
	ops->tick(r, now);
	drain(ops, r);
	ask(ops, r, bytes_view(data + 1, size - 1), now);
	ops->link_down(r, now);
	drain(ops, r);
	now.ms += 600000;
	ops->tick(r, now);
	drain(ops, r);
	assert(ops->counter(r, COUNT_PORT_BYTES_DROPPED) == 0);
	ops->destroy(r);
	return 0;
}
