#include "protobuf.h"
#include "text.h"

struct open { /* a message or a packed list whose length is not known yet */
	const struct protobuf_table *t;
	const struct protobuf_field *list; /* not NULL: we are between its elements */
	const struct tree_item *end;
	size_t length_at; /* SIZE_MAX: nothing to fill in */
};
struct encoder {
	struct bytes_out *out;
	struct open open[TREE_DEPTH * 2];
	size_t depth;
	enum mesh_err err;
};

void
protobuf_put_varint(struct bytes_out *o, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		bytes_put_u8(o, (uint8_t)(n | 0x80));
	bytes_put_u8(o, (uint8_t)n);
}

static void
put_little(struct bytes_out *o, uint64_t n, size_t width)
{
	for (size_t i = 0; i < width; i++)
		bytes_put_u8(o, (uint8_t)(n >> 8 * i));
}

void
protobuf_put_key(struct bytes_out *o, uint32_t number, uint8_t wire)
{
	protobuf_put_varint(o, (uint64_t)number << 3 | wire);
}

static void
push(struct encoder *e, struct open level)
{
	if (e->depth == LENGTH(e->open))
		e->err = MESH_FULL;
	else
		e->open[e->depth++] = level;
}

/* Room for a length of one byte; fill_length makes more if it takes more. */
static size_t
leave_length(struct encoder *e, uint32_t number)
{
	protobuf_put_key(e->out, number, WIRE_LEN);
	size_t at = e->out->len;
	bytes_put_u8(e->out, 0);
	return at;
}

static void
fill_length(struct encoder *e, size_t at)
{
	struct bytes_out *o = e->out;
	if (o->failed)
		return;
	size_t len = o->len - at - 1, extra = 0;
	for (size_t n = len; n >= 0x80; n >>= 7)
		extra++;
	if (extra > 0 && bytes_room(o, extra) == NULL)
		return;
	memmove(o->ptr + at + 1 + extra, o->ptr + at + 1, len);
	struct bytes_out head = bytes_out(o->ptr + at, 1 + extra);
	protobuf_put_varint(&head, len);
}

static bool
number_of(const struct tree_item *item, uint64_t *out)
{
	if (item->kind == TREE_BOOL)
		*out = item->as.b;
	else if (item->kind == TREE_I64)
		*out = (uint64_t)item->as.i;
	else if (item->kind == TREE_U64)
		*out = item->as.u;
	else
		return false;
	return true;
}

static bool
float_of(const struct tree_item *item, uint64_t *out)
{
	uint64_t n;
	uint32_t bits;
	float f;
	if (item->kind == TREE_F32)
		f = item->as.f;
	else if (item->kind == TREE_F64)
		f = (float)item->as.d;
	else if (number_of(item, &n))
		f = item->kind == TREE_I64 ? (float)item->as.i : (float)n;
	else
		return false;
	memcpy(&bits, &f, sizeof bits);
	*out = bits;
	return true;
}

static bool
enum_of(const struct protobuf_word *words, const struct tree_item *item, uint64_t *out)
{
	if (item->kind != TREE_TEXT)
		return number_of(item, out);
	for (; words->name != NULL; words++)
		if (text_is(item->as.text, words->name)) {
			*out = (uint64_t)(int64_t)words->value;
			return true;
		}
	return false;
}

/* Small numbers only: a value that its kind cannot hold is refused, not cut. */
static bool
in_range(uint8_t kind, const struct tree_item *item, uint64_t n)
{
	bool negative = item->kind == TREE_I64 && item->as.i < 0;
	if (kind == PROTOBUF_U32 || kind == PROTOBUF_FX32)
		return !negative && n <= UINT32_MAX;
	if (kind == PROTOBUF_U64)
		return !negative;
	if (kind == PROTOBUF_BOOL || kind == PROTOBUF_F32 || item->kind == TREE_TEXT)
		return true;
	return negative ? item->as.i >= INT32_MIN : n <= INT32_MAX;
}

static bool
scalar_of(const struct protobuf_field *row, const struct tree_item *item, uint64_t *out)
{
	bool fits = row->kind == PROTOBUF_F32 ? float_of(item, out)
	    : row->kind == PROTOBUF_ENUM      ? enum_of(row->words, item, out)
					      : number_of(item, out);
	if (!fits || !in_range(row->kind, item, *out))
		return false;
	uint32_t low = (uint32_t)*out;
	if (row->kind == PROTOBUF_S32)
		*out = low << 1 ^ (0 - (low >> 31));
	if (row->kind == PROTOBUF_BOOL)
		*out = *out != 0;
	return true;
}

static void
put_scalar(
    struct encoder *e, const struct protobuf_field *row, const struct tree_item *item)
{
	uint64_t n = 0;
	if (!scalar_of(row, item, &n))
		e->err = MESH_MALFORMED;
	else if (protobuf_wire_of(row->kind) == WIRE_I32)
		put_little(e->out, n, 4);
	else
		protobuf_put_varint(e->out, n);
}

static void
put_sized(struct encoder *e, uint32_t number, const struct tree_item *item)
{
	struct bytes_view v = item->as.bytes;
	if (item->kind == TREE_TEXT)
		v = bytes_view(item->as.text.ptr, item->as.text.len);
	else if (item->kind != TREE_BYTES)
		e->err = MESH_MALFORMED;
	if (e->err != MESH_OK)
		return;
	protobuf_put_key(e->out, number, WIRE_LEN);
	protobuf_put_varint(e->out, v.len);
	bytes_put_view(e->out, v);
}

static void
put_leaf(
    struct encoder *e, const struct protobuf_field *row, const struct tree_item *item)
{
	if (protobuf_wire_of(row->kind) == WIRE_LEN) {
		put_sized(e, row->number, item);
		return;
	}
	protobuf_put_key(e->out, row->number, protobuf_wire_of(row->kind));
	put_scalar(e, row, item);
}

static void
put_unknown_number(
    struct encoder *e, uint32_t number, struct text_view suffix, uint64_t n)
{
	bool wide = text_is(suffix, ":i64"), narrow = text_is(suffix, ":i32");
	protobuf_put_key(e->out, number,
	    wide         ? WIRE_I64
		: narrow ? WIRE_I32
			 : WIRE_VARINT);
	if (wide || narrow)
		put_little(e->out, n, wide ? 8 : 4);
	else
		protobuf_put_varint(e->out, n);
}

static void
put_unknown_group(struct encoder *e, uint32_t number, struct bytes_view inside)
{
	enum { GROUP_END = 4 };
	protobuf_put_key(e->out, number, WIRE_GROUP);
	bytes_put_view(e->out, inside);
	protobuf_put_key(e->out, number, GROUP_END);
}

/* "#23", "#23:i32", "#23:i64", "#23:group": back as it came. */
static void
put_unknown(struct encoder *e, const struct tree_item *item)
{
	struct text_view digits = { item->name.ptr + 1, item->name.len - 1 };
	struct text_view suffix = { digits.ptr + digits.len, 0 };
	const char *colon = memchr(digits.ptr, ':', digits.len);
	uint64_t number = 0;
	if (colon != NULL) {
		suffix.len = digits.len - (size_t)(colon - digits.ptr);
		suffix.ptr = colon;
		digits.len -= suffix.len;
	}
	bool named = text_parse_u64(digits, &number) == MESH_OK && number != 0 &&
	    number >> 29 == 0;
	uint32_t n = (uint32_t)number;
	if (named && item->kind == TREE_U64)
		put_unknown_number(e, n, suffix, item->as.u);
	else if (named && item->kind == TREE_BYTES && suffix.len == 0)
		put_sized(e, n, item);
	else if (named && item->kind == TREE_BYTES && text_is(suffix, ":group"))
		put_unknown_group(e, n, item->as.bytes);
	else
		e->err = MESH_MALFORMED;
}

static const struct protobuf_field *
row_named(const struct protobuf_table *t, struct text_view name)
{
	for (size_t i = 0; name.ptr != NULL && i < t->count; i++)
		if (text_is(name, t->rows[i].name))
			return &t->rows[i];
	return NULL;
}

static void
open_list(
    struct encoder *e, const struct protobuf_field *row, const struct tree_item *item)
{
	bool packed = protobuf_wire_of(row->kind) != WIRE_LEN;
	struct open level = { NULL, row, item + item->span, SIZE_MAX };
	if (packed && item->span > 1)
		level.length_at = leave_length(e, row->number);
	push(e, level);
}

static void
open_message(
    struct encoder *e, const struct protobuf_field *row, const struct tree_item *item)
{
	if (row->kind != PROTOBUF_SUB) {
		e->err = MESH_MALFORMED;
		return;
	}
	push(e,
	    (struct open){
		row->sub, NULL, item + item->span, leave_length(e, row->number) });
}

static void
put_element(
    struct encoder *e, const struct protobuf_field *row, const struct tree_item *item)
{
	if (item->kind == TREE_MAP)
		open_message(e, row, item);
	else if (item->kind == TREE_LIST || row->kind == PROTOBUF_SUB)
		e->err = MESH_MALFORMED;
	else if (protobuf_wire_of(row->kind) == WIRE_LEN)
		put_sized(e, row->number, item);
	else
		put_scalar(e, row, item);
}

/* A list where the row has a list, a message where it has a message. */
static bool
shape_fits(const struct protobuf_field *row, const struct tree_item *item)
{
	if (row == NULL ||
	    (item->kind == TREE_LIST) != (row->rule == PROTOBUF_REPEATED))
		return false;
	return item->kind == TREE_LIST ||
	    (item->kind == TREE_MAP) == (row->kind == PROTOBUF_SUB);
}

static void
put_member(
    struct encoder *e, const struct protobuf_table *t, const struct tree_item *item)
{
	const struct protobuf_field *row = row_named(t, item->name);
	if (row == NULL && item->name.len > 1 && item->name.ptr[0] == '#')
		put_unknown(e, item);
	else if (!shape_fits(row, item))
		e->err = MESH_MALFORMED;
	else if (item->kind == TREE_LIST)
		open_list(e, row, item);
	else if (item->kind == TREE_MAP)
		open_message(e, row, item);
	else
		put_leaf(e, row, item);
}

static void
shut_ended(struct encoder *e, const struct tree_item *at)
{
	while (e->depth > 1 && e->open[e->depth - 1].end == at) {
		size_t length_at = e->open[--e->depth].length_at;
		if (length_at != SIZE_MAX)
			fill_length(e, length_at);
	}
}

enum mesh_err
protobuf_encode(
    const struct protobuf_table *t, struct tree_view tree, struct bytes_out *out)
{
	struct encoder e = { .out = out };
	if (tree.count == 0)
		return MESH_OK;
	const struct tree_item *end = tree.items + tree.count;
	push(&e, (struct open){ t, NULL, end, SIZE_MAX });
	for (const struct tree_item *item = tree.items; item < end; item++) {
		shut_ended(&e, item);
		const struct open *l = &e.open[e.depth - 1];
		if (l->list != NULL)
			put_element(&e, l->list, item);
		else
			put_member(&e, l->t, item);
		if (e.err != MESH_OK)
			return e.err;
	}
	shut_ended(&e, end);
	return out->failed ? MESH_FULL : MESH_OK;
}
