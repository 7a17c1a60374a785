#include "random_object.h"
#include "arena.h"
#include "check_mesh.h"
#include "id.h"
#include "tree.h"
#include <string.h>

enum { SPAN = 40, LONG = 300, TREE_ROOM = 24 };

static uint64_t
below(uint64_t n)
{
	return rng_u64() % n;
}

/* Small numbers and limits more often than chance would have it. */
static uint64_t
any_u64(void)
{
	uint64_t n = rng_u64() >> below(64);
	switch (below(6)) {
	case 0:
		return below(2);
	case 1:
		return (1ULL << below(64)) - 1;
	case 2:
		return 1ULL << below(64);
	default:
		return n;
	}
}

static int64_t
bounded(const struct field *f)
{
	uint64_t range = (uint64_t)f->hi - (uint64_t)f->lo;
	if (below(4) == 0)
		return below(2) ? f->lo : f->hi;
	return (int64_t)((uint64_t)f->lo +
	    (range == UINT64_MAX ? rng_u64() : below(range + 1)));
}

static bool
has_bounds(const struct field *f)
{
	return f->lo != 0 || f->hi != 0;
}

static uint64_t
word_of(const struct field *f)
{
	size_t count = 0;
	while (f->words[count] != NULL)
		count++;
	return below(count);
}

static uint64_t
any_integer(const struct field *f)
{
	if (f->words != NULL)
		return word_of(f);
	if (has_bounds(f))
		return (uint64_t)bounded(f);
	uint64_t n = any_u64();
	return below(2) && (f->kind == FIELD_I32 || f->kind == FIELD_I64) ? ~n : n;
}

static double
any_float(const struct field *f)
{
	double n = (double)(int32_t)rng_u32() / 1024;
	if (has_bounds(f))
		return (double)bounded(f);
	return below(4) == 0 ? (double)below(3) : n;
}

/* A length within the row's bounds: mostly short, sometimes as long as allowed. */
static size_t
any_length(const struct field *f, size_t span)
{
	uint64_t lo = (uint64_t)f->lo, hi = has_bounds(f) ? (uint64_t)f->hi : span;
	uint64_t most = hi - lo > span ? lo + span : hi;
	if (below(8) == 0 && hi <= LONG)
		return hi;
	return (size_t)(lo + below(most - lo + 1));
}

static bool
any_bytes(size_t len, struct bytes_view *out, struct arena *a)
{
	uint8_t *p = arena_take(a, len > 0 ? len : 1, 1);
	if (p == NULL)
		return false;
	rng_bytes(p, len);
	*out = (struct bytes_view){ p, len };
	return true;
}

static bool
any_text(size_t len, struct text_view *out, struct arena *a)
{
	static const char *const letters[] = { "a", "Z", "0", " ", "\"", "\\", "<",
		"\t", "e\xcc\x81", "\xc3\xa4", "\xe6\x97\xa5", "\xe2\x80\xae",
		"\xf0\x9f\x93\xa1", "\x7f" };
	char *p = arena_take(a, len > 0 ? len : 1, 1);
	if (p == NULL)
		return false;
	for (size_t at = 0; at < len;) {
		const char *letter = letters[below(LENGTH(letters))];
		size_t bytes = strlen(letter);
		if (bytes > len - at) {
			letter = "x";
			bytes = 1;
		}
		memcpy(p + at, letter, bytes);
		at += bytes;
	}
	*out = (struct text_view){ p, len };
	return true;
}

static struct id
any_id(void)
{
	static const struct {
		enum id_kind kind;
		uint8_t least, most;
	} kinds[] = { { ID_SITE, 32, 32 }, { ID_MT_NODE, 4, 4 }, { ID_MC_NODE, 32, 32 },
		{ ID_SIM_NODE, 4, 4 }, { ID_MT_PACKET, 8, 8 }, { ID_MC_PACKET, 8, 8 },
		{ ID_SIM_PACKET, 8, 8 }, { ID_HASH, 4, 32 }, { ID_ALERT, 16, 16 },
		{ ID_RADIO, 1, 32 } };
	uint8_t bytes[32];
	size_t i = (size_t)below(LENGTH(kinds));
	size_t len = kinds[i].least +
	    (size_t)below(kinds[i].most - kinds[i].least + 1U);
	rng_bytes(bytes, sizeof bytes);
	if (kinds[i].kind == ID_RADIO)
		memset(bytes, 'a' + (int)below(26), sizeof bytes);
	return id_make(kinds[i].kind, bytes, len);
}

static struct tree_item
any_leaf(struct arena *a)
{
	struct tree_item leaf = { .kind = TREE_NULL };
	switch (below(7)) {
	case 0:
		leaf.kind = TREE_BOOL;
		leaf.as.b = below(2) == 0;
		break;
	case 1: {
		uint64_t n = any_u64();
		leaf.kind = n > INT64_MAX ? TREE_U64 : TREE_I64;
		leaf.as.u = n;
		break;
	}
	case 2:
		leaf.kind = TREE_I64;
		leaf.as.i = -(int64_t)(any_u64() >> 1);
		break;
	case 3:
		leaf.kind = TREE_F32;
		leaf.as.f = (float)(int16_t)rng_u32() / 8;
		break;
	case 4:
		leaf.kind = TREE_F64;
		leaf.as.d = (double)(int32_t)rng_u32() / 1000;
		break;
	case 5:
		if (any_text((size_t)below(20), &leaf.as.text, a))
			leaf.kind = TREE_TEXT;
		break;
	default:
		if (any_bytes((size_t)below(20), &leaf.as.bytes, a))
			leaf.kind = TREE_BYTES;
		break;
	}
	return leaf;
}

/* Another one for each `number`: in one map no name stands twice. */
static bool
any_name(uint64_t number, struct text_view *out, struct arena *a)
{
	struct text_view tail;
	if (!any_text((size_t)below(6), &tail, a))
		return false;
	char *name = arena_take(a, 1 + tail.len, 1);
	if (name == NULL)
		return false;
	name[0] = (char)('0' + number);
	memcpy(name + 1, tail.ptr, tail.len);
	*out = (struct text_view){ name, 1 + tail.len };
	return true;
}

static void
any_members(struct tree_out *out, bool named, unsigned depth, struct arena *a)
{
	for (uint64_t count = below(5); count > 0; count--) {
		struct text_view name = { NULL, 0 };
		if (named && !any_name(count, &name, a))
			return;
		uint64_t what = depth < 3 && out->count + 8 < TREE_ROOM ? below(5) : 2;
		if (what == 0)
			tree_open_map_named(out, name);
		else if (what == 1)
			tree_open_list_named(out, name);
		if (what > 1) {
			tree_put_item(out, name, any_leaf(a));
			continue;
		}
		any_members(out, what == 0, depth + 1, a);
		tree_shut(out);
	}
}

static bool
any_tree(struct tree_view *tree, struct arena *a)
{
	struct tree_item *items = arena_take(a, TREE_ROOM * 4, sizeof *items);
	if (items == NULL)
		return false;
	struct tree_out out = tree_out(items, TREE_ROOM * 4);
	switch (below(3)) {
	case 0: /* one bare value */
		tree_put_item(&out, (struct text_view){ NULL, 0 }, any_leaf(a));
		if (out.items[0].kind == TREE_NULL) /* nil would be an absent row */
			out.items[0].kind = TREE_BOOL;
		break;
	case 1:
		tree_open_list_named(&out, (struct text_view){ NULL, 0 });
		any_members(&out, false, 1, a);
		tree_shut(&out);
		break;
	default: /* a map; its members are the top */
		any_members(&out, true, 1, a);
		break;
	}
	*tree = tree_done(&out);
	return tree->items != NULL;
}

static bool
any_list(const struct field *f, struct list_view *list, struct arena *a)
{
	size_t count = any_length(f, 6);
	uint8_t *items = arena_take(a, count > 0 ? count : 1, f->sub->object_bytes);
	if (items == NULL)
		return false;
	*list = (struct list_view){ items, count };
	for (size_t i = 0; i < count; i++) {
		if (!random_object(f->sub, items + i * f->sub->object_bytes, a))
			return false;
	}
	return true;
}

static bool
any_value(const struct field *f, void *at, struct arena *a)
{
	switch (f->kind) {
	case FIELD_BOOL:
		*(bool *)at = below(2) == 0;
		return true;
	case FIELD_U8:
		*(uint8_t *)at = (uint8_t)any_integer(f);
		return true;
	case FIELD_U16:
		*(uint16_t *)at = (uint16_t)any_integer(f);
		return true;
	case FIELD_U32:
	case FIELD_I32: {
		uint32_t n = (uint32_t)any_integer(f);
		memcpy(at, &n, sizeof n);
		return true;
	}
	case FIELD_U64:
	case FIELD_I64: {
		uint64_t n = any_integer(f);
		memcpy(at, &n, sizeof n);
		return true;
	}
	case FIELD_F32:
		*(float *)at = (float)any_float(f);
		return true;
	case FIELD_F64:
		*(double *)at = any_float(f);
		return true;
	case FIELD_KEY:
		rng_bytes(at, sizeof(struct mesh_key));
		return true;
	case FIELD_ID:
		*(struct id *)at = any_id();
		return true;
	case FIELD_TEXT:
		return any_text(any_length(f, SPAN), at, a);
	case FIELD_BYTES:
		return any_bytes(any_length(f, SPAN), at, a);
	case FIELD_LIST:
		return any_list(f, at, a);
	case FIELD_TREE:
		return any_tree(at, a);
	case FIELD_STRUCT:
		return random_object(f->sub, at, a);
	}
	return false;
}

bool
random_object(const struct field_table *t, void *object, struct arena *arena)
{
	memset(object, 0, t->object_bytes);
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->rows[i];
		bool optional = (f->flags & FIELD_REQUIRED) == 0;
		if (optional && t->has_offset != FIELD_NO_HAS && below(4) == 0)
			continue;
		bool is_view = f->kind == FIELD_TEXT || f->kind == FIELD_BYTES ||
		    f->kind == FIELD_LIST || f->kind == FIELD_TREE ||
		    f->kind == FIELD_ID;
		if (optional && is_view && below(4) == 0)
			continue;
		field_mark(t, i, object, true);
		if (!any_value(f, (uint8_t *)object + f->offset, arena))
			return false;
	}
	return true;
}
