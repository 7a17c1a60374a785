#include "shape.h"
#include "names.h"
#include "text.h"

enum container { LIST, MAP };
struct level {
	uint64_t left; /* values still to come; a pair counts twice */
	enum container kind;
	size_t names; /* how many there were before its own */
};
struct look { /* not zeroed: this runs for every frame and every record */
	const uint8_t *at;
	size_t left, depth, items;
	enum mesh_err err;
	struct level open[SHAPE_DEPTH];
	struct names names;
};

static void
refuse(struct look *l, enum mesh_err err)
{
	if (l->err == MESH_OK)
		l->err = err;
}

/* A big-endian number of `width` bytes. */
static uint64_t
number(struct look *l, size_t width)
{
	uint64_t n = 0;
	if (width > l->left) {
		refuse(l, MESH_TRUNCATED);
		return 0;
	}
	for (size_t i = 0; i < width; i++)
		n = n << 8 | l->at[i];
	l->at += width;
	l->left -= width;
	return n;
}

static void
look_bytes(struct look *l, uint64_t len, bool is_text)
{
	if (l->err != MESH_OK)
		return;
	if (len > l->left) {
		refuse(l, MESH_TRUNCATED);
		return;
	}
	if (is_text && !text_is_utf8((struct bytes_view){ l->at, (size_t)len }))
		refuse(l, MESH_MALFORMED);
	l->at += len;
	l->left -= (size_t)len;
}

static void
look_container(struct look *l, uint64_t count, enum container kind)
{
	uint64_t values = kind == MAP ? 2 * count : count;
	if (l->err != MESH_OK)
		return;
	if (values > l->left) /* each takes a byte at least */
		refuse(l, MESH_TRUNCATED);
	else if (l->depth == SHAPE_DEPTH)
		refuse(l, MESH_MALFORMED);
	else
		l->open[l->depth++] = (struct level){ values, kind, l->names.count };
}

static void
look_negative(struct look *l, size_t width, int64_t below)
{
	uint64_t raw = number(l, width);
	uint64_t sign = 1ULL << (8 * width - 1);
	bool positive = (raw & sign) == 0; /* those have the unsigned forms */
	bool shorter = width < 8 ? (int64_t)(raw - 2 * sign) >= below
				 : raw >= (uint64_t)below;
	if (positive || shorter)
		refuse(l, MESH_MALFORMED);
}

/* A float that is a number: NaN has 2^53 writings and is not equal to itself, and no
 * JSON can say it or an infinity. */
static bool
is_finite(uint64_t raw, size_t width)
{
	const uint64_t exponent = width == 4 ? 0x7f800000 : 0x7ff0000000000000;
	return (raw & exponent) != exponent;
}

/* The tags from 0xc0 on: how many bytes of number follow, the least it may be (else a
 * shorter form would have done), and what it counts. */
enum what { NEVER, ALONE, FLOAT, POSITIVE, NEGATIVE, BYTES, TEXT, ELEMENTS, PAIRS };
static const struct form {
	enum what what;
	uint8_t width;
	int64_t least;
} forms[] = {
	{ ALONE, 0, 0 },            /* c0 nil */
	{ NEVER, 0, 0 },            /* c1 */
	{ ALONE, 0, 0 },            /* c2 false */
	{ ALONE, 0, 0 },            /* c3 true */
	{ BYTES, 1, 0 },            /* c4 */
	{ BYTES, 2, 1 << 8 },       /* c5 */
	{ BYTES, 4, 1 << 16 },      /* c6 */
	{ NEVER, 0, 0 },            /* c7: extensions */
	{ NEVER, 0, 0 },            /* c8 */
	{ NEVER, 0, 0 },            /* c9 */
	{ FLOAT, 4, 0 },            /* ca */
	{ FLOAT, 8, 0 },            /* cb */
	{ POSITIVE, 1, 1 << 7 },    /* cc */
	{ POSITIVE, 2, 1 << 8 },    /* cd */
	{ POSITIVE, 4, 1 << 16 },   /* ce */
	{ POSITIVE, 8, 1LL << 32 }, /* cf */
	{ NEGATIVE, 1, -32 },       /* d0 */
	{ NEGATIVE, 2, INT8_MIN },  /* d1 */
	{ NEGATIVE, 4, INT16_MIN }, /* d2 */
	{ NEGATIVE, 8, INT32_MIN }, /* d3 */
	{ NEVER, 0, 0 },            /* d4: extensions */
	{ NEVER, 0, 0 },            /* d5 */
	{ NEVER, 0, 0 },            /* d6 */
	{ NEVER, 0, 0 },            /* d7 */
	{ NEVER, 0, 0 },            /* d8 */
	{ TEXT, 1, 1 << 5 },        /* d9 */
	{ TEXT, 2, 1 << 8 },        /* da */
	{ TEXT, 4, 1 << 16 },       /* db */
	{ ELEMENTS, 2, 1 << 4 },    /* dc */
	{ ELEMENTS, 4, 1 << 16 },   /* dd */
	{ PAIRS, 2, 1 << 4 },       /* de */
	{ PAIRS, 4, 1 << 16 },      /* df */
};

static void
look_tagged(struct look *l, uint8_t tag)
{
	const struct form *form = &forms[tag - 0xc0];
	if (form->what == NEGATIVE) {
		look_negative(l, form->width, form->least);
		return;
	}
	uint64_t n = number(l, form->width);
	if (form->what == NEVER || n < (uint64_t)form->least)
		refuse(l, MESH_MALFORMED);
	if (form->what == FLOAT && !is_finite(n, form->width))
		refuse(l, MESH_MALFORMED);
	if (form->what == BYTES || form->what == TEXT)
		look_bytes(l, n, form->what == TEXT);
	else if (form->what == ELEMENTS || form->what == PAIRS)
		look_container(l, n, form->what == PAIRS ? MAP : LIST);
}

static bool
is_text_tag(uint8_t tag)
{
	return (tag >= 0xa0 && tag <= 0xbf) || (tag >= 0xd9 && tag <= 0xdb);
}

static void
look_key(struct look *l, const uint8_t *at)
{
	if (!is_text_tag(*at))
		refuse(l, MESH_MALFORMED);
	else if (!names_put(&l->names, at))
		refuse(l, MESH_FULL);
}

static void
look_value(struct look *l, bool is_key)
{
	if (l->left == 0) {
		refuse(l, MESH_TRUNCATED);
		return;
	}
	uint8_t tag = *l->at++;
	l->left--;
	if (++l->items > SHAPE_ITEMS)
		refuse(l, MESH_FULL);
	if (is_key)
		look_key(l, l->at - 1);
	if (tag < 0x80 || tag >= 0xe0)
		return; /* a one-byte integer */
	if (tag >= 0xc0)
		look_tagged(l, tag);
	else if (tag >= 0xa0)
		look_bytes(l, tag & 0x1fU, true);
	else
		look_container(l, tag & 0x0fU, tag < 0x90 ? MAP : LIST);
}

/* What is complete counts as one value of the outer one. */
static void
shut(struct look *l)
{
	const struct level *level = &l->open[--l->depth];
	if (level->kind == MAP && !names_close(&l->names, level->names))
		refuse(l, MESH_MALFORMED);
}

enum mesh_err
shape_next(struct bytes_in *in, struct bytes_view *value, size_t *items)
{
	struct look l;
	l.at = in->ptr;
	l.left = in->left;
	l.depth = l.items = l.names.count = 0;
	l.names.start = in->ptr;
	l.err = MESH_OK;
	look_value(&l, false);
	while (l.depth > 0 && l.err == MESH_OK) {
		struct level *level = &l.open[l.depth - 1];
		if (level->left == 0) {
			shut(&l);
			continue;
		}
		bool is_key = level->kind == MAP && level->left % 2 == 0;
		level->left--;
		look_value(&l, is_key);
	}
	if (l.err != MESH_OK)
		return l.err;
	*value = (struct bytes_view){ in->ptr, in->left - l.left };
	if (items != NULL)
		*items = l.items;
	in->ptr = l.at;
	in->left = l.left;
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
