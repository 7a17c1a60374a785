#include "protobuf.h"

enum { VARINT_MAX = 10, GROUP_END = 4, NUMBER_MAX = (1 << 29) - 1 };

static uint64_t
take_varint(struct bytes_in *in)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < VARINT_MAX; i++) {
		uint8_t b = bytes_u8(in);
		n |= (uint64_t)(b & 0x7f) << 7 * i;
		if ((b & 0x80) == 0)
			return n;
	}
	in->failed = true;
	return 0;
}

static uint64_t
take_little(struct bytes_in *in, size_t width)
{
	struct bytes_view v = bytes_take(in, width);
	uint64_t n = 0;
	for (size_t i = v.len; i-- > 0;)
		n = n << 8 | v.ptr[i];
	return n;
}

static struct bytes_view
take_sized(struct bytes_in *in)
{
	uint64_t len = take_varint(in);
	if (len > in->left)
		in->failed = true;
	return bytes_take(in, in->failed ? 0 : (size_t)len);
}

static bool
take_key(struct bytes_in *in, uint32_t *number, uint8_t *wire)
{
	uint64_t key = take_varint(in);
	*number = (uint32_t)(key >> 3);
	*wire = key & 7;
	if (key >> 3 == 0 || key >> 3 > NUMBER_MAX)
		in->failed = true;
	return !in->failed;
}

void
protobuf_take(struct bytes_in *in, struct protobuf_item *out)
{
	if (out->wire == WIRE_VARINT)
		out->value = take_varint(in);
	else if (out->wire == WIRE_I64)
		out->value = take_little(in, 8);
	else if (out->wire == WIRE_I32)
		out->value = take_little(in, 4);
	else if (out->wire == WIRE_LEN)
		out->bytes = take_sized(in);
	else
		in->failed = true;
}

/* Groups left the language long ago; one that comes is stepped over as a whole. */
static struct bytes_view
take_group(struct bytes_in *in, uint32_t outer)
{
	const uint8_t *start = in->ptr;
	uint32_t open[TREE_DEPTH] = { outer };
	size_t depth = 1;
	while (depth > 0 && !in->failed) {
		const uint8_t *before = in->ptr;
		struct protobuf_item item = { 0 };
		if (!take_key(in, &item.number, &item.wire))
			break;
		if (item.wire == GROUP_END && item.number == open[depth - 1]) {
			if (--depth == 0)
				return bytes_view(start, (size_t)(before - start));
		} else if (item.wire == WIRE_GROUP && depth < TREE_DEPTH) {
			open[depth++] = item.number;
		} else {
			protobuf_take(in, &item);
		}
	}
	in->failed = true;
	return bytes_view(NULL, 0);
}

bool
protobuf_next(struct bytes_in *in, struct protobuf_item *out)
{
	*out = (struct protobuf_item){ 0 };
	if (in->failed || in->left == 0 || !take_key(in, &out->number, &out->wire))
		return false;
	if (out->wire == WIRE_GROUP)
		out->bytes = take_group(in, out->number);
	else
		protobuf_take(in, out);
	return !in->failed;
}

float
protobuf_float(uint64_t value)
{
	uint32_t bits = (uint32_t)value;
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

const struct protobuf_field *
protobuf_row(const struct protobuf_table *t, uint32_t number)
{
	for (size_t i = 0; i < t->count && t->rows[i].number <= number; i++)
		if (t->rows[i].number == number)
			return &t->rows[i];
	return NULL;
}

uint8_t
protobuf_wire_of(uint8_t kind)
{
	switch ((enum protobuf_kind)kind) {
	case PROTOBUF_U32:
	case PROTOBUF_I32:
	case PROTOBUF_S32:
	case PROTOBUF_U64:
	case PROTOBUF_BOOL:
	case PROTOBUF_ENUM:
		return WIRE_VARINT;
	case PROTOBUF_FX32:
	case PROTOBUF_SFX32:
	case PROTOBUF_F32:
		return WIRE_I32;
	case PROTOBUF_TEXT:
	case PROTOBUF_BYTES:
	case PROTOBUF_SUB:
		break;
	}
	return WIRE_LEN;
}
