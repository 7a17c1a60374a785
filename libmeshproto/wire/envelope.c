#include "envelope.h"
#include "messages.h"
#include "pack.h"
#include "shape.h"

enum { HS_SEALED_MIN = ENVELOPE_SEALED_KEY + ENVELOPE_TAG };

/* Shortest and longest datagram of each kind, in the order of the kinds. */
static const struct {
	size_t least, most;
} lengths[] = {
	{ ENVELOPE_BEACON_HEAD + ENVELOPE_TAG, ENVELOPE_MAX },
	{ ENVELOPE_HS1_BYTES, ENVELOPE_HS1_BYTES },
	{ ENVELOPE_HS2_HEAD + HS_SEALED_MIN, ENVELOPE_HS2_BYTES_MAX },
	{ ENVELOPE_HS3_HEAD + HS_SEALED_MIN, ENVELOPE_MAX },
	{ ENVELOPE_COOKIE_BYTES, ENVELOPE_COOKIE_BYTES },
	{ ENVELOPE_DATA_HEAD + ENVELOPE_TAG, ENVELOPE_MAX },
};

static enum mesh_err
check_length(enum envelope_kind kind, size_t len)
{
	if (len < lengths[kind - ENVELOPE_BEACON].least)
		return MESH_TRUNCATED;
	return len > lengths[kind - ENVELOPE_BEACON].most ? MESH_FULL : MESH_OK;
}

static const uint8_t *
take(struct bytes_in *in, size_t len)
{
	return bytes_take(in, len).ptr;
}

static void
read_hs(struct bytes_in *in, struct envelope *out)
{
	if (out->kind == ENVELOPE_HS1)
		out->hint = take(in, 4);
	out->sid = bytes_u32(in);
	if (out->kind == ENVELOPE_HS1)
		out->cookie = take(in, 16);
	if (out->kind != ENVELOPE_HS3)
		out->e = take(in, 32);
	if (out->kind != ENVELOPE_HS1)
		out->sealed_key = bytes_take(in, ENVELOPE_SEALED_KEY);
}

static void
read_kind(struct bytes_in *in, struct envelope *out)
{
	switch (out->kind) {
	case ENVELOPE_BEACON:
		out->hint = take(in, 4);
		out->nonce = take(in, 24);
		break;
	case ENVELOPE_HS1:
	case ENVELOPE_HS2:
	case ENVELOPE_HS3:
		read_hs(in, out);
		break;
	case ENVELOPE_COOKIE:
		out->sid = bytes_u32(in);
		out->cookie = take(in, 16);
		out->tag = take(in, 16);
		break;
	case ENVELOPE_DATA:
		out->sid = bytes_u32(in);
		out->counter = bytes_u32(in);
		break;
	}
}

static size_t
head_of(const struct envelope *e, size_t read)
{
	if (e->kind == ENVELOPE_BEACON)
		return 1 + 4; /* the nonce is no part of the AD */
	return read - e->sealed_key.len;
}

enum mesh_err
envelope_read(struct bytes_view datagram, struct envelope *out)
{
	struct bytes_in in = bytes_in(datagram);
	*out = (struct envelope){ 0 };
	uint8_t first = bytes_u8(&in);
	if (in.failed)
		return MESH_TRUNCATED;
	if (first < ENVELOPE_BEACON || first > ENVELOPE_DATA)
		return MESH_MALFORMED;
	out->kind = (enum envelope_kind)first;
	enum mesh_err err = check_length(out->kind, datagram.len);
	if (err != MESH_OK)
		return err;
	read_kind(&in, out);
	out->sealed = (struct bytes_view){ in.ptr, in.left };
	out->head = bytes_view(datagram.ptr, head_of(out, datagram.len - in.left));
	return MESH_OK;
}

void
envelope_put_beacon(
    struct bytes_out *o, const uint8_t hint[static 4], const uint8_t nonce[static 24])
{
	bytes_put_u8(o, ENVELOPE_BEACON);
	bytes_put(o, hint, 4);
	bytes_put(o, nonce, 24);
}

void
envelope_put_hs1(struct bytes_out *o, const uint8_t hint[static 4], uint32_t sid_i,
    const uint8_t cookie[static 16], const uint8_t e[static 32])
{
	bytes_put_u8(o, ENVELOPE_HS1);
	bytes_put(o, hint, 4);
	bytes_put_u32(o, sid_i);
	bytes_put(o, cookie, 16);
	bytes_put(o, e, 32);
}

void
envelope_put_hs2(struct bytes_out *o, uint32_t sid_i, const uint8_t e[static 32])
{
	bytes_put_u8(o, ENVELOPE_HS2);
	bytes_put_u32(o, sid_i);
	bytes_put(o, e, 32);
}

void
envelope_put_hs3(struct bytes_out *o, uint32_t sid_r)
{
	bytes_put_u8(o, ENVELOPE_HS3);
	bytes_put_u32(o, sid_r);
}

void
envelope_put_cookie(struct bytes_out *o, uint32_t sid_i,
    const uint8_t cookie[static 16], const uint8_t tag[static 16])
{
	bytes_put_u8(o, ENVELOPE_COOKIE);
	bytes_put_u32(o, sid_i);
	bytes_put(o, cookie, 16);
	bytes_put(o, tag, 16);
}

void
envelope_put_data(struct bytes_out *o, uint32_t sid, uint32_t counter)
{
	bytes_put_u8(o, ENVELOPE_DATA);
	bytes_put_u32(o, sid);
	bytes_put_u32(o, counter);
}

bool
envelope_next_frame(
    struct bytes_in *plain, struct envelope_frame *frame, enum mesh_err *err)
{
	*err = MESH_OK;
	*frame = (struct envelope_frame){ 0 };
	if (plain->left == 0)
		return false;
	*err = shape_next(plain, &frame->bytes, &frame->items);
	if (*err != MESH_OK)
		return false;
	struct bytes_in in = bytes_in(frame->bytes);
	size_t elements = pack_read_array(&in);
	uint64_t number = pack_read_uint(&in, UINT64_MAX);
	if (elements < 1 || in.failed) {
		*err = MESH_MALFORMED;
		return false;
	}
	frame->number = number <= UINT8_MAX ? (uint8_t)number : 0;
	return true;
}

enum {
	PUSH_ELEMENTS = 6,
	PUSH_LEAST = 4,
	PUSH_HEAD_MAX = 16, /* array, number, hops, age */
	BIN_HEAD_MAX = 5
};

/* Whole pieces of `step` bytes, and not too many. */
static bool
is_row_of(struct bytes_view v, size_t step, size_t most)
{
	return v.len % step == 0 && v.len <= most;
}

enum mesh_err
envelope_push(const struct envelope_frame *frame, struct envelope_hop *out)
{
	struct bytes_in in = bytes_in(frame->bytes);
	*out = (struct envelope_hop){ 0 };
	size_t elements = pack_read_array(&in);
	if (elements < PUSH_LEAST || pack_read_uint(&in, UINT8_MAX) != FRAME_PUSH)
		return MESH_MALFORMED;
	out->hops = (uint8_t)pack_read_uint(&in, UINT8_MAX);
	out->age_ms = (uint32_t)pack_read_uint(&in, UINT32_MAX);
	out->bundle = pack_read_any(&in);
	if (elements > PUSH_LEAST && !pack_read_nil(&in))
		out->trail = pack_read_bin(&in);
	if (elements >= PUSH_ELEMENTS && !pack_read_nil(&in))
		out->stamps = pack_read_bin(&in);
	bool sound = !in.failed &&
	    is_row_of(out->trail, MESSAGE_TAG, MESSAGE_TRAIL_MAX) &&
	    is_row_of(out->stamps, MESSAGE_STAMP, MESSAGE_STAMPS_MAX);
	return sound ? MESH_OK : MESH_MALFORMED;
}

static void
put_row(struct bytes_out *o, struct bytes_view v)
{
	if (v.ptr != NULL)
		pack_bin(o, v);
	else
		pack_nil(o);
}

static void
put_before(struct bytes_out *o, const struct envelope_hop *hop)
{
	pack_array(o, PUSH_ELEMENTS);
	pack_uint(o, FRAME_PUSH);
	pack_uint(o, hop->hops);
	pack_uint(o, hop->age_ms);
}

static void
put_behind(struct bytes_out *o, const struct envelope_hop *hop)
{
	put_row(o, hop->trail);
	put_row(o, hop->stamps);
}

void
envelope_put_around(
    const struct envelope_hop *hop, struct bytes_out *before, struct bytes_out *behind)
{
	put_before(before, hop);
	put_behind(behind, hop);
}

enum mesh_err
envelope_put_push(struct bytes_out *o, const struct envelope_hop *hop)
{
	struct bytes_out before = *o;
	put_before(o, hop);
	bytes_put_view(o, hop->bundle);
	put_behind(o, hop);
	if (!o->failed)
		return MESH_OK;
	*o = before;
	return MESH_FULL;
}

/* What put_row writes: nil, or a head and the bytes. */
static size_t
row_bytes(struct bytes_view v)
{
	uint8_t head[BIN_HEAD_MAX];
	struct bytes_out o = bytes_out(head, sizeof head);
	if (v.ptr == NULL)
		return 1;
	pack_bin_head(&o, v.len);
	return o.len + v.len;
}

size_t
envelope_push_bytes(const struct envelope_hop *hop)
{
	uint8_t before[PUSH_HEAD_MAX];
	struct bytes_out o = bytes_out(before, sizeof before);
	put_before(&o, hop);
	return o.len + hop->bundle.len + row_bytes(hop->trail) + row_bytes(hop->stamps);
}

bool
envelope_trail_has(struct bytes_view trail, const uint8_t tag[static 4])
{
	for (size_t i = 0; i + MESSAGE_TAG <= trail.len; i += MESSAGE_TAG) {
		if (memcmp(trail.ptr + i, tag, MESSAGE_TAG) == 0)
			return true;
	}
	return false;
}
