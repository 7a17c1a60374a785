#include "named.h"
#include "id.h"
#include "text.h"
#include <assert.h>
#include <string.h>

static const void *
member(const struct field *f, const void *object)
{
	return (const uint8_t *)object + f->offset;
}

/* --- object to tree --- */

static void
put_text_of(const char *name, struct bytes_out *chars, struct arena *texts,
    struct tree_out *out)
{
	struct text_view kept = arena_text(texts, text_written(chars));
	if (kept.ptr == NULL)
		out->failed = true;
	tree_put_text(out, name, kept);
}

static void
put_id(const char *name, const struct id *id, struct arena *texts, struct tree_out *out)
{
	char room[ID_TEXT_MAX];
	struct bytes_out chars = bytes_out(room, sizeof room);
	id_print(id, &chars);
	put_text_of(name, &chars, texts, out);
}

static void
put_key(const char *name, const struct mesh_key *key, struct arena *texts,
    struct tree_out *out)
{
	char room[2 * sizeof key->bytes];
	struct bytes_out chars = bytes_out(room, sizeof room);
	text_put_hex(&chars, bytes_view(key->bytes, sizeof key->bytes));
	put_text_of(name, &chars, texts, out);
}

static const char *
word_at(const struct field *f, int64_t n)
{
	for (int64_t i = 0; f->words != NULL && f->words[i] != NULL; i++) {
		if (i == n)
			return f->words[i][0] != '\0' ? f->words[i] : NULL;
	}
	return NULL;
}

static void
put_number(const struct field *f, const void *object, struct tree_out *out)
{
	int64_t n = 0;
	if (f->kind == FIELD_U64) {
		uint64_t u;
		memcpy(&u, member(f, object), sizeof u);
		tree_put_u64(out, f->name, u);
	} else if (field_i64(f, object, &n) && word_at(f, n) != NULL) {
		tree_put_text(out, f->name, text(word_at(f, n)));
	} else if (n >= 0) { /* one spelling per value: as decoders give it back */
		tree_put_u64(out, f->name, (uint64_t)n);
	} else {
		tree_put_i64(out, f->name, n);
	}
}

/* A tree inside a tree: its items under one head. */
static void
put_tree(const char *name, struct tree_view tree, struct tree_out *out)
{
	bool bare = tree.count > 0 && tree.items[0].name.ptr == NULL;
	size_t first = out->count;
	if (!bare)
		tree_open_map(out, name);
	for (size_t i = 0; i < tree.count && !out->failed; i++) {
		if (out->count >= out->cap) {
			out->failed = true;
			return;
		}
		out->items[out->count++] = tree.items[i];
	}
	if (!bare)
		tree_shut(out);
	else if (!out->failed)
		out->items[first].name = text(name);
}

static void put_member(const struct field *f, const void *object, struct arena *texts,
    struct tree_out *out);

static void
put_list(const struct field *f, const struct list_view *list, struct arena *texts,
    struct tree_out *out)
{
	tree_open_list(out, f->name);
	for (size_t i = 0; i < list->count && !out->failed; i++) {
		const void *item = (const uint8_t *)list->items +
		    i * f->sub->object_bytes;
		if (f->sub->bare) {
			struct field bare = f->sub->rows[0];
			bare.name = NULL;
			put_member(&bare, item, texts, out);
			continue;
		}
		tree_open_map(out, NULL);
		named_write(f->sub, item, texts, out);
		tree_shut(out);
	}
	tree_shut(out);
}

static void
put_member(const struct field *f, const void *object, struct arena *texts,
    struct tree_out *out)
{
	const void *at = member(f, object);
	switch (f->kind) {
	case FIELD_BOOL:
		tree_put_bool(out, f->name, *(const bool *)at);
		return;
	case FIELD_F32:
		tree_put_f32(out, f->name, *(const float *)at);
		return;
	case FIELD_F64:
		tree_put_f64(out, f->name, *(const double *)at);
		return;
	case FIELD_TEXT:
		tree_put_text(out, f->name, *(const struct text_view *)at);
		return;
	case FIELD_BYTES:
		tree_put_bytes(out, f->name, *(const struct bytes_view *)at);
		return;
	case FIELD_ID:
		put_id(f->name, at, texts, out);
		return;
	case FIELD_KEY:
		put_key(f->name, at, texts, out);
		return;
	case FIELD_TREE:
		put_tree(f->name, *(const struct tree_view *)at, out);
		return;
	case FIELD_LIST:
		put_list(f, at, texts, out);
		return;
	case FIELD_STRUCT:
		tree_open_map(out, f->name);
		named_write(f->sub, at, texts, out);
		tree_shut(out);
		return;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_I64:
		break;
	}
	put_number(f, object, out);
}

void
named_write(const struct field_table *t, const void *object, struct arena *texts,
    struct tree_out *out)
{
	for (size_t i = 0; i < t->count && !out->failed; i++) {
		if (field_is_present(t, i, object))
			put_member(&t->rows[i], object, texts, out);
	}
}

/* --- tree to object --- */

enum { NAMED_DEPTH = 4 };
struct read_place { /* what stays the same on the way down */
	struct arena *into;
	const struct field **bad;
	enum mesh_err err;
	unsigned depth;
};

static struct tree_view
inside(const struct tree_item *head)
{
	return (struct tree_view){ head + 1, head->span - 1 };
}

static bool
whole_of(const struct tree_item *item, int64_t *out)
{
	switch (item->kind) {
	case TREE_I64:
		*out = item->as.i;
		return true;
	case TREE_U64:
		*out = (int64_t)item->as.u;
		return item->as.u <= INT64_MAX;
	case TREE_F64: /* a number with a point may still be whole: 2.0 */
		if (!(item->as.d >= -9007199254740992.0 &&
			item->as.d <= 9007199254740992.0))
			return false;
		*out = (int64_t)item->as.d;
		return !((double)*out < item->as.d || (double)*out > item->as.d);
	case TREE_NULL:
	case TREE_BOOL:
	case TREE_F32:
	case TREE_TEXT:
	case TREE_BYTES:
	case TREE_MAP:
	case TREE_LIST:
		break;
	}
	return false;
}

static bool
real_of(const struct tree_item *item, double *out)
{
	int64_t n;
	if (item->kind == TREE_F32)
		*out = (double)item->as.f;
	else if (item->kind == TREE_F64)
		*out = item->as.d;
	else if (item->kind == TREE_U64)
		*out = (double)item->as.u;
	else if (whole_of(item, &n))
		*out = (double)n;
	else
		return false;
	return true;
}

static bool
word_number(const struct field *f, struct text_view word, int64_t *out)
{
	for (int64_t i = 0; f->words != NULL && f->words[i] != NULL; i++) {
		if (word.len > 0 && text_is(word, f->words[i])) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool
set_whole(const struct field *f, int64_t n, void *at)
{
	/* clang-format off */
	switch (f->kind) {
	case FIELD_U8: *(uint8_t *)at = (uint8_t)n; return n >= 0 && n <= UINT8_MAX;
	case FIELD_U16: *(uint16_t *)at = (uint16_t)n; return n >= 0 && n <= UINT16_MAX;
	case FIELD_U32: *(uint32_t *)at = (uint32_t)n; return n >= 0 && n <= UINT32_MAX;
	case FIELD_U64: *(uint64_t *)at = (uint64_t)n; return n >= 0;
	case FIELD_I32: *(int32_t *)at = (int32_t)n; return n >= INT32_MIN && n <= INT32_MAX;
	case FIELD_I64: *(int64_t *)at = n; return true;
	case FIELD_BOOL: case FIELD_F32: case FIELD_F64: case FIELD_KEY: case FIELD_ID:
	case FIELD_TEXT: case FIELD_BYTES: case FIELD_LIST: case FIELD_TREE:
	case FIELD_STRUCT: break;
	}
	/* clang-format on */
	return false;
}

static bool
get_number(const struct field *f, const struct tree_item *item, void *at)
{
	int64_t n;
	if (f->kind == FIELD_U64 && item->kind == TREE_U64) {
		*(uint64_t *)at = item->as.u;
		return true;
	}
	if (item->kind == TREE_TEXT)
		return word_number(f, item->as.text, &n) && set_whole(f, n, at);
	return whole_of(item, &n) && set_whole(f, n, at);
}

static bool
get_real(const struct field *f, const struct tree_item *item, void *at)
{
	double d;
	if (!real_of(item, &d))
		return false;
	if (f->kind == FIELD_F32)
		*(float *)at = (float)d;
	else
		*(double *)at = d;
	return true;
}

static bool
get_key(const struct tree_item *item, struct mesh_key *key)
{
	struct bytes_out out = bytes_out(key->bytes, sizeof key->bytes);
	return item->kind == TREE_TEXT &&
	    text_hex_decode(item->as.text, &out) == MESH_OK && out.len == out.cap;
}

static bool
get_bytes(const struct tree_item *item, struct read_place *p, struct bytes_view *at)
{
	if (item->kind == TREE_BYTES) {
		*at = item->as.bytes;
		return true;
	}
	if (item->kind != TREE_TEXT)
		return false;
	size_t len = item->as.text.len / 2;
	uint8_t *room = arena_take(p->into, len + 1, 1);
	if (room == NULL) {
		p->err = MESH_FULL;
		return false;
	}
	struct bytes_out out = bytes_out(room, len);
	*at = bytes_view(room, len);
	return text_hex_decode(item->as.text, &out) == MESH_OK;
}

/* A map inside becomes a map at the top, anything else one bare value, nameless. */
static bool
get_tree(const struct tree_item *item, struct read_place *p, struct tree_view *at)
{
	*at = inside(item);
	if (item->kind == TREE_MAP)
		return true;
	struct tree_item *bare = arena_take(p->into, item->span, sizeof *bare);
	if (bare == NULL) {
		p->err = MESH_FULL;
		return false;
	}
	memcpy(bare, item, item->span * sizeof *bare);
	bare[0].name = (struct text_view){ 0 };
	*at = (struct tree_view){ bare, item->span };
	return true;
}

static bool read_object(const struct field_table *t, struct tree_view tree,
    void *object, struct read_place *p);
static bool read_member(const struct field *f, const struct tree_item *item, void *at,
    struct read_place *p);

static size_t
children(const struct tree_item *head)
{
	size_t count = 0;
	for (size_t i = 1; i < head->span; i += head[i].span)
		count++;
	return count;
}

static bool
read_list(const struct field *f, const struct tree_item *head, struct list_view *at,
    struct read_place *p)
{
	if (head->kind != TREE_LIST || f->sub == NULL)
		return false;
	size_t bytes = f->sub->object_bytes, count = children(head);
	uint8_t *items = arena_take(p->into, count + 1, bytes);
	if (items == NULL) {
		p->err = MESH_FULL;
		return false;
	}
	*at = (struct list_view){ items, count };
	for (size_t i = 1; i < head->span; i += head[i].span, items += bytes) {
		const struct field *bare = f->sub->bare ? &f->sub->rows[0] : NULL;
		if (bare != NULL ? !read_member(bare, &head[i], items + bare->offset, p)
				 : head[i].kind != TREE_MAP ||
			    !read_object(f->sub, inside(&head[i]), items, p))
			return false;
	}
	return true;
}

static bool
read_member(
    const struct field *f, const struct tree_item *item, void *at, struct read_place *p)
{
	switch (f->kind) {
	case FIELD_BOOL:
		if (item->kind == TREE_BOOL) /* else `b` is no bool */
			*(bool *)at = item->as.b;
		return item->kind == TREE_BOOL;
	case FIELD_F32:
	case FIELD_F64:
		return get_real(f, item, at);
	case FIELD_TEXT:
		if (item->kind == TREE_TEXT)
			*(struct text_view *)at = item->as.text;
		return item->kind == TREE_TEXT;
	case FIELD_BYTES:
		return get_bytes(item, p, at);
	case FIELD_ID:
		return item->kind == TREE_TEXT &&
		    id_parse(item->as.text, at) == MESH_OK;
	case FIELD_KEY:
		return get_key(item, at);
	case FIELD_TREE:
		return get_tree(item, p, at);
	case FIELD_LIST:
		return read_list(f, item, at, p);
	case FIELD_STRUCT:
		return item->kind == TREE_MAP &&
		    read_object(f->sub, inside(item), at, p);
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_I64:
		break;
	}
	return get_number(f, item, at);
}

/* Depth is the tables' (they do not nest without end), not the input's. */
static bool
read_object(const struct field_table *t, struct tree_view tree, void *object,
    struct read_place *p)
{
	if (p->depth >= NAMED_DEPTH)
		return false;
	p->depth++;
	assert(t != NULL && t->rows != NULL);
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->rows[i];
		const struct tree_item *item = tree_find(tree, text(f->name));
		if (item == NULL || item->kind == TREE_NULL)
			continue;
		if (!read_member(f, item, (uint8_t *)object + f->offset, p)) {
			if (*p->bad == NULL)
				*p->bad = f;
			return false;
		}
		field_mark(t, i, object, true);
	}
	p->depth--;
	return true;
}

enum mesh_err
named_read(const struct field_table *t, struct tree_view tree, void *object,
    struct arena *into, const struct field **bad)
{
	const struct field *ignored;
	struct read_place place = { into, bad != NULL ? bad : &ignored, MESH_MALFORMED,
		0 };
	*place.bad = NULL;
	memset(object, 0, t->object_bytes);
	if (!read_object(t, tree, object, &place)) {
		memset(object, 0, t->object_bytes);
		return place.err;
	}
	if (fields_check(t, object, place.bad) == MESH_OK)
		return MESH_OK;
	memset(object, 0, t->object_bytes);
	return MESH_MALFORMED;
}
