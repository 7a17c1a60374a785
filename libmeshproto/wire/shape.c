#include "shape.h"
#include "text.h"

enum container { LIST, MAP };
struct level {
	uint64_t left; /* values still to come; a pair counts twice */
	enum container kind;
};
struct look {
	struct bytes_in in;
	struct level open[SHAPE_DEPTH];
	size_t depth, items;
	enum mesh_err err;
};

static void
refuse(struct look *l, enum mesh_err err)
{
	if (l->err == MESH_OK)
		l->err = err;
}

/* A big-endian number of `width` bytes that must be at least `least`: else a shorter
 * form would have done. */
static uint64_t
number(struct look *l, size_t width, uint64_t least)
{
	uint64_t n = bytes_uint(&l->in, width);
	if (l->in.failed)
		refuse(l, MESH_TRUNCATED);
	else if (n < least)
		refuse(l, MESH_MALFORMED);
	return n;
}

static void
look_negative(struct look *l, size_t width, int64_t below)
{
	uint64_t raw = bytes_uint(&l->in, width);
	uint64_t sign = 1ULL << (8 * width - 1);
	bool positive = (raw & sign) == 0; /* those have the unsigned forms */
	bool shorter = width < 8 ? (int64_t)(raw - 2 * sign) >= below
				 : raw >= (uint64_t)below;
	if (l->in.failed)
		refuse(l, MESH_TRUNCATED);
	else if (positive || shorter)
		refuse(l, MESH_MALFORMED);
}

static void
look_bytes(struct look *l, uint64_t len, bool is_text)
{
	if (l->err != MESH_OK)
		return;
	if (len > l->in.left) {
		refuse(l, MESH_TRUNCATED);
		return;
	}
	struct bytes_view v = bytes_take(&l->in, (size_t)len);
	if (is_text && !text_is_utf8(v))
		refuse(l, MESH_MALFORMED);
}

static void
look_container(struct look *l, uint64_t count, enum container kind)
{
	uint64_t values = kind == MAP ? 2 * count : count;
	if (l->err != MESH_OK)
		return;
	if (values > l->in.left) /* each takes a byte at least */
		refuse(l, MESH_TRUNCATED);
	else if (l->depth == SHAPE_DEPTH)
		refuse(l, MESH_MALFORMED);
	else
		l->open[l->depth++] = (struct level){ values, kind };
}

static void
look_sized(struct look *l, uint8_t tag)
{
	switch (tag) {
	case 0xc4:
		look_bytes(l, number(l, 1, 0), false);
		break;
	case 0xc5:
		look_bytes(l, number(l, 2, 256), false);
		break;
	case 0xc6:
		look_bytes(l, number(l, 4, 65536), false);
		break;
	case 0xd9:
		look_bytes(l, number(l, 1, 32), true);
		break;
	case 0xda:
		look_bytes(l, number(l, 2, 256), true);
		break;
	case 0xdb:
		look_bytes(l, number(l, 4, 65536), true);
		break;
	case 0xdc:
		look_container(l, number(l, 2, 16), LIST);
		break;
	case 0xdd:
		look_container(l, number(l, 4, 65536), LIST);
		break;
	case 0xde:
		look_container(l, number(l, 2, 16), MAP);
		break;
	case 0xdf:
		look_container(l, number(l, 4, 65536), MAP);
		break;
	default:
		refuse(l, MESH_MALFORMED);
		break; /* 0xc1 and extensions */
	}
}

static void
look_tagged(struct look *l, uint8_t tag)
{
	switch (tag) {
	case 0xc0: /* nil */
	case 0xc2: /* false */
	case 0xc3: /* true */
		break;
	case 0xca:
		number(l, 4, 0);
		break;
	case 0xcb:
		number(l, 8, 0);
		break;
	case 0xcc:
		number(l, 1, 1U << 7);
		break;
	case 0xcd:
		number(l, 2, 1U << 8);
		break;
	case 0xce:
		number(l, 4, 1U << 16);
		break;
	case 0xcf:
		number(l, 8, 1ULL << 32);
		break;
	case 0xd0:
		look_negative(l, 1, -32);
		break;
	case 0xd1:
		look_negative(l, 2, INT8_MIN);
		break;
	case 0xd2:
		look_negative(l, 4, INT16_MIN);
		break;
	case 0xd3:
		look_negative(l, 8, INT32_MIN);
		break;
	default:
		look_sized(l, tag);
		break;
	}
}

static bool
is_text_tag(uint8_t tag)
{
	return (tag >= 0xa0 && tag <= 0xbf) || (tag >= 0xd9 && tag <= 0xdb);
}

static void
look_value(struct look *l, bool is_key)
{
	if (l->in.left == 0) {
		refuse(l, MESH_TRUNCATED);
		return;
	}
	uint8_t tag = bytes_u8(&l->in);
	if (++l->items > SHAPE_ITEMS)
		refuse(l, MESH_FULL);
	if (is_key && !is_text_tag(tag))
		refuse(l, MESH_MALFORMED);
	if (tag >= 0x80 && tag <= 0x8f)
		look_container(l, tag & 0x0fU, MAP);
	else if (tag >= 0x90 && tag <= 0x9f)
		look_container(l, tag & 0x0fU, LIST);
	else if (tag >= 0xa0 && tag <= 0xbf)
		look_bytes(l, tag & 0x1fU, true);
	else if (tag >= 0xc0 && tag <= 0xdf)
		look_tagged(l, tag);
	/* the rest are the one-byte integers */
}

/* Containers that are complete close; the value just read was one of their values. */
static void
close_full(struct look *l)
{
	while (l->depth > 0 && l->open[l->depth - 1].left == 0)
		l->depth--;
}

enum mesh_err
shape_next(struct bytes_in *in, struct bytes_view *value, size_t *items)
{
	struct look l = { .in = *in };
	look_value(&l, false);
	close_full(&l);
	while (l.depth > 0 && l.err == MESH_OK) {
		struct level *level = &l.open[l.depth - 1];
		bool is_key = level->kind == MAP && level->left % 2 == 0;
		level->left--;
		look_value(&l, is_key);
		close_full(&l);
	}
	if (l.err != MESH_OK)
		return l.err;
	*value = (struct bytes_view){ in->ptr, in->left - l.in.left };
	if (items != NULL)
		*items = l.items;
	*in = l.in;
	return MESH_OK;
}

enum mesh_err
shape_check(struct bytes_view value, size_t *items)
{
	struct bytes_in in = bytes_in(value);
	struct bytes_view one;
	size_t count;
	enum mesh_err err = shape_next(&in, &one, &count);
	if (err == MESH_OK && in.left > 0)
		err = MESH_MALFORMED;
	if (err == MESH_OK && items != NULL)
		*items = count;
	return err;
}
