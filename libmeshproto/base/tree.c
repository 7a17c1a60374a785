#include "tree.h"
#include "arena.h"
#include "text.h"
#include <string.h>

struct tree_out
tree_out(struct tree_item *items, size_t cap)
{
	return (struct tree_out){ .items = items, .cap = cap };
}

static struct tree_item *
add(struct tree_out *t, struct text_view name, enum tree_kind kind)
{
	if (t->failed || t->count >= t->cap || t->count >= TREE_ITEMS) {
		t->failed = true;
		return NULL;
	}
	struct tree_item *item = &t->items[t->count++];
	*item = (struct tree_item){ .name = name, .kind = kind, .span = 1 };
	return item;
}

#define PUT_LEAF(word, type, KIND, member)                                             \
	void tree_put_##word(struct tree_out *t, const char *name, type value)         \
	{                                                                              \
		struct tree_item *item = add(t, text(name), KIND);                     \
		if (item != NULL)                                                      \
			item->as.member = value;                                       \
	}
PUT_LEAF(bool, bool, TREE_BOOL, b)
PUT_LEAF(i64, int64_t, TREE_I64, i)
PUT_LEAF(u64, uint64_t, TREE_U64, u)
PUT_LEAF(f32, float, TREE_F32, f)
PUT_LEAF(f64, double, TREE_F64, d)
PUT_LEAF(text, struct text_view, TREE_TEXT, text)
PUT_LEAF(bytes, struct bytes_view, TREE_BYTES, bytes)

void
tree_put_null(struct tree_out *t, const char *name)
{
	add(t, text(name), TREE_NULL);
}

void
tree_put_item(struct tree_out *t, struct text_view name, struct tree_item leaf)
{
	struct tree_item *item = add(t, name, leaf.kind);
	if (item != NULL)
		item->as = leaf.as;
}

static void
open_named(struct tree_out *t, struct text_view name, enum tree_kind kind)
{
	if (t->depth >= TREE_DEPTH)
		t->failed = true;
	if (add(t, name, kind) != NULL)
		t->open[t->depth++] = t->count - 1;
}

void
tree_open_map_named(struct tree_out *t, struct text_view name)
{
	open_named(t, name, TREE_MAP);
}

void
tree_open_list_named(struct tree_out *t, struct text_view name)
{
	open_named(t, name, TREE_LIST);
}

void
tree_open_map(struct tree_out *t, const char *name)
{
	open_named(t, text(name), TREE_MAP);
}

void
tree_open_list(struct tree_out *t, const char *name)
{
	open_named(t, text(name), TREE_LIST);
}

void
tree_shut(struct tree_out *t)
{
	if (t->failed || t->depth == 0) {
		t->failed = true;
		return;
	}
	size_t head = t->open[--t->depth];
	t->items[head].span = (uint32_t)(t->count - head);
}

struct tree_view
tree_done(const struct tree_out *t)
{
	if (t->failed || t->depth != 0)
		return (struct tree_view){ NULL, 0 };
	return (struct tree_view){ t->items, t->count };
}

static const struct tree_item *
find_here(const struct tree_item *items, size_t count, struct text_view name)
{
	for (size_t i = 0; i < count; i += items[i].span) {
		if (items[i].name.ptr != NULL && text_equal(items[i].name, name))
			return &items[i];
	}
	return NULL;
}

const struct tree_item *
tree_find(struct tree_view t, struct text_view path)
{
	const struct tree_item *found = NULL;
	while (path.len > 0 && t.count > 0) {
		const char *dot = memchr(path.ptr, '.', path.len);
		size_t len = dot != NULL ? (size_t)(dot - path.ptr) : path.len;
		found = find_here(
		    t.items, t.count, (struct text_view){ path.ptr, len });
		if (found == NULL || dot == NULL)
			return found;
		path = (struct text_view){ dot + 1, path.len - len - 1 };
		t = (struct tree_view){ found + 1, found->span - 1 };
		found = NULL;
	}
	return found;
}

static bool
as_f64(const struct tree_item *item, double *out)
{
	switch (item->kind) {
	case TREE_I64:
		*out = (double)item->as.i;
		return true;
	case TREE_U64:
		*out = (double)item->as.u;
		return true;
	case TREE_F32:
		*out = (double)item->as.f;
		return true;
	case TREE_F64:
		*out = item->as.d;
		return true;
	case TREE_BOOL:
	case TREE_NULL:
	case TREE_TEXT:
	case TREE_BYTES:
	case TREE_MAP:
	case TREE_LIST:
		break;
	}
	return false;
}

bool
tree_f64(struct tree_view t, const char *path, double *out)
{
	const struct tree_item *item = tree_find(t, text(path));
	return item != NULL && as_f64(item, out);
}

bool
tree_i64(struct tree_view t, const char *path, int64_t *out)
{
	const struct tree_item *item = tree_find(t, text(path));
	double d;
	if (item == NULL || !as_f64(item, &d))
		return false;
	if (item->kind == TREE_I64)
		*out = item->as.i;
	else if (item->kind == TREE_U64)
		*out = item->as.u > INT64_MAX ? INT64_MAX : (int64_t)item->as.u;
	else if (d > -9.2e18 && d < 9.2e18)
		*out = (int64_t)d;
	else
		return false;
	return true;
}

struct text_view
tree_text(struct tree_view t, const char *path)
{
	const struct tree_item *item = tree_find(t, text(path));
	return item != NULL && item->kind == TREE_TEXT ? item->as.text
						       : (struct text_view){ "", 0 };
}

static bool
leaf_equal(const struct tree_item *a, const struct tree_item *b)
{
	switch (a->kind) {
	case TREE_BOOL:
		return a->as.b == b->as.b;
	case TREE_I64:
	case TREE_U64:
		return a->as.u == b->as.u;
	case TREE_F32:
		return memcmp(&a->as.f, &b->as.f, sizeof a->as.f) == 0;
	case TREE_F64:
		return memcmp(&a->as.d, &b->as.d, sizeof a->as.d) == 0;
	case TREE_TEXT:
		return text_equal(a->as.text, b->as.text);
	case TREE_BYTES:
		return bytes_equal(a->as.bytes, b->as.bytes);
	case TREE_NULL:
	case TREE_MAP:
	case TREE_LIST:
		break;
	}
	return true;
}

bool
tree_equal(struct tree_view a, struct tree_view b)
{
	if (a.count != b.count)
		return false;
	for (size_t i = 0; i < a.count; i++) {
		const struct tree_item *x = &a.items[i], *y = &b.items[i];
		if (x->kind != y->kind || x->span != y->span ||
		    !text_equal(x->name, y->name) || !leaf_equal(x, y))
			return false;
	}
	return true;
}

/* False if a part did not fit. */
static bool
copy_parts(struct tree_item *item, struct arena *into)
{
	if (item->name.ptr != NULL)
		item->name = arena_text(into, item->name);
	if (item->kind == TREE_TEXT)
		item->as.text = arena_text(into, item->as.text);
	if (item->kind == TREE_BYTES)
		item->as.bytes = arena_bytes(into, item->as.bytes);
	return (item->kind != TREE_TEXT || item->as.text.ptr != NULL) &&
	    (item->kind != TREE_BYTES || item->as.bytes.ptr != NULL);
}

struct tree_view
tree_copy(struct tree_view t, struct arena *into)
{
	struct tree_item *items = arena_take(into, t.count, sizeof *items);
	if (items == NULL)
		return (struct tree_view){ NULL, 0 };
	for (size_t i = 0; i < t.count; i++) {
		items[i] = t.items[i];
		bool named = items[i].name.ptr != NULL;
		if (!copy_parts(&items[i], into) ||
		    (named && items[i].name.ptr == NULL))
			return (struct tree_view){ NULL, 0 };
	}
	return (struct tree_view){ items, t.count };
}
