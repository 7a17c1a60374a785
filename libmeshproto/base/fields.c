#include "fields.h"
#include "arena.h"
#include "id.h"
#include "text.h"
#include "tree.h"
#include <string.h>

static const void *
member(const struct field *f, const void *object)
{
	return (const uint8_t *)object + f->offset;
}

static const struct field *
find_row(const struct field_table *t, struct text_view name)
{
	for (size_t i = 0; i < t->count; i++) {
		if (text_is(name, t->rows[i].name))
			return &t->rows[i];
	}
	return NULL;
}

const struct field *
field_find(const struct field_table *t, struct text_view name)
{
	while (t != NULL) {
		const char *dot = memchr(name.ptr, '.', name.len);
		size_t len = dot != NULL ? (size_t)(dot - name.ptr) : name.len;
		const struct field *f = find_row(
		    t, (struct text_view){ name.ptr, len });
		if (f == NULL || dot == NULL)
			return f;
		name = (struct text_view){ dot + 1, name.len - len - 1 };
		t = f->sub;
	}
	return NULL;
}

/* Without `has`: views say it by a NULL pointer, ids by their kind. */
static bool
present_by_value(const struct field *f, const void *at)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return ((const struct text_view *)at)->ptr != NULL;
	case FIELD_BYTES:
		return ((const struct bytes_view *)at)->ptr != NULL;
	case FIELD_LIST:
		return ((const struct list_view *)at)->items != NULL;
	case FIELD_TREE:
		return ((const struct tree_view *)at)->items != NULL;
	case FIELD_ID:
		return id_is(at);
	case FIELD_BOOL:
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_I64:
	case FIELD_F32:
	case FIELD_F64:
	case FIELD_KEY:
	case FIELD_STRUCT:
		break;
	}
	return true;
}

static uint64_t
has_bits(const struct field_table *t, const void *object)
{
	uint64_t has;
	memcpy(&has, (const uint8_t *)object + t->has_offset, sizeof has);
	return has;
}

bool
field_is_present(const struct field_table *t, size_t row, const void *object)
{
	if (t->has_offset != FIELD_NO_HAS)
		return (has_bits(t, object) >> row & 1) != 0;
	return present_by_value(&t->rows[row], member(&t->rows[row], object));
}

void
field_mark(const struct field_table *t, size_t row, void *object, bool present)
{
	if (t->has_offset == FIELD_NO_HAS)
		return;
	uint64_t bit = 1ULL << row;
	uint64_t has = has_bits(t, object);
	has = present ? has | bit : has & ~bit;
	memcpy((uint8_t *)object + t->has_offset, &has, sizeof has);
}

static bool
as_i64(const struct field *f, const void *at, int64_t *out)
{
	uint64_t u;
	switch (f->kind) {
	case FIELD_BOOL:
		*out = *(const bool *)at;
		return true;
	case FIELD_U8:
		*out = *(const uint8_t *)at;
		return true;
	case FIELD_U16:
		*out = *(const uint16_t *)at;
		return true;
	case FIELD_U32:
		*out = *(const uint32_t *)at;
		return true;
	case FIELD_U64:
		u = *(const uint64_t *)at;
		*out = u > INT64_MAX ? INT64_MAX : (int64_t)u;
		return true;
	case FIELD_I32:
		*out = *(const int32_t *)at;
		return true;
	case FIELD_I64:
		*out = *(const int64_t *)at;
		return true;
	case FIELD_F32:
	case FIELD_F64:
	case FIELD_KEY:
	case FIELD_ID:
	case FIELD_TEXT:
	case FIELD_BYTES:
	case FIELD_LIST:
	case FIELD_TREE:
	case FIELD_STRUCT:
		break;
	}
	return false;
}

bool
field_i64(const struct field *f, const void *object, int64_t *out)
{
	return as_i64(f, member(f, object), out);
}

bool
field_f64(const struct field *f, const void *object, double *out)
{
	const void *at = member(f, object);
	int64_t n;
	if (f->kind == FIELD_F32)
		*out = (double)*(const float *)at;
	else if (f->kind == FIELD_F64)
		*out = *(const double *)at;
	else if (f->kind == FIELD_U64)
		*out = (double)*(const uint64_t *)at;
	else if (as_i64(f, at, &n))
		*out = (double)n;
	else
		return false;
	return true;
}

/* What lo and hi are about: the number, or the length where there is one. */
static bool
measure(const struct field *f, const void *at, double *out)
{
	switch (f->kind) {
	case FIELD_TEXT:
		*out = (double)((const struct text_view *)at)->len;
		return true;
	case FIELD_BYTES:
		*out = (double)((const struct bytes_view *)at)->len;
		return true;
	case FIELD_LIST:
		*out = (double)((const struct list_view *)at)->count;
		return true;
	case FIELD_BOOL:
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_I64:
	case FIELD_F32:
	case FIELD_F64: {
		struct field here = *f;
		here.offset = 0;
		return field_f64(&here, at, out);
	}
	case FIELD_KEY:
	case FIELD_ID:
	case FIELD_TREE:
	case FIELD_STRUCT:
		break;
	}
	return false;
}

static bool
in_bounds(const struct field *f, const void *at)
{
	double n;
	if ((f->lo == 0 && f->hi == 0) || !measure(f, at, &n))
		return true;
	return n >= (double)f->lo && n <= (double)f->hi;
}

/* Sub-objects of a row: one struct, or each element of a list. */
static enum mesh_err
check_inside(const struct field *f, const void *at, const struct field **bad)
{
	if (f->kind == FIELD_STRUCT && f->sub != NULL)
		return fields_check(f->sub, at, bad);
	if (f->kind != FIELD_LIST || f->sub == NULL)
		return MESH_OK;
	const struct list_view *list = at;
	for (size_t i = 0; i < list->count; i++) {
		const void *item = (const uint8_t *)list->items +
		    i * f->sub->object_bytes;
		enum mesh_err err = fields_check(f->sub, item, bad);
		if (err != MESH_OK)
			return err;
	}
	return MESH_OK;
}

enum mesh_err
fields_check(const struct field_table *t, const void *object, const struct field **bad)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->rows[i];
		const void *at = member(f, object);
		bool present = field_is_present(t, i, object);
		*bad = f;
		if (!present && (f->flags & FIELD_REQUIRED))
			return MESH_MALFORMED;
		if (!present)
			continue;
		if (!in_bounds(f, at) || check_inside(f, at, bad) != MESH_OK)
			return MESH_MALFORMED;
	}
	*bad = NULL;
	return MESH_OK;
}

static bool
lists_equal(const struct field *f, const struct list_view *a, const struct list_view *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		size_t at = i * f->sub->object_bytes;
		if (!fields_equal(f->sub, (const uint8_t *)a->items + at,
			(const uint8_t *)b->items + at))
			return false;
	}
	return true;
}

static bool
values_equal(const struct field *f, const void *a, const void *b)
{
	int64_t x, y;
	struct field here = *f;
	here.offset = 0;
	switch (f->kind) {
	case FIELD_KEY:
		return key_equal(a, b);
	case FIELD_ID:
		return id_equal(a, b);
	case FIELD_TEXT:
		return text_equal(
		    *(const struct text_view *)a, *(const struct text_view *)b);
	case FIELD_BYTES:
		return bytes_equal(
		    *(const struct bytes_view *)a, *(const struct bytes_view *)b);
	case FIELD_TREE:
		return tree_equal(
		    *(const struct tree_view *)a, *(const struct tree_view *)b);
	case FIELD_LIST:
		return lists_equal(f, a, b);
	case FIELD_STRUCT:
		return fields_equal(f->sub, a, b);
	case FIELD_F32:
		return memcmp(a, b, sizeof(float)) == 0;
	case FIELD_F64:
	case FIELD_U64:
		return memcmp(a, b, sizeof(uint64_t)) == 0;
	case FIELD_BOOL:
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_I32:
	case FIELD_I64:
		break;
	}
	return field_i64(&here, a, &x) && field_i64(&here, b, &y) && x == y;
}

bool
fields_equal(const struct field_table *t, const void *a, const void *b)
{
	for (size_t i = 0; i < t->count; i++) {
		bool present = field_is_present(t, i, a);
		if (present != field_is_present(t, i, b))
			return false;
		if (present &&
		    !values_equal(
			&t->rows[i], member(&t->rows[i], a), member(&t->rows[i], b)))
			return false;
	}
	return true;
}

static bool copy_views(const struct field_table *t, void *object, struct arena *into);

static bool
copy_list(const struct field_table *sub, struct list_view *list, struct arena *into)
{
	if (sub == NULL)
		return false;
	uint8_t *items = arena_take(into, list->count + 1, sub->object_bytes);
	if (items == NULL)
		return false;
	if (list->count > 0)
		memcpy(items, list->items, list->count * sub->object_bytes);
	for (size_t i = 0; i < list->count; i++) {
		if (!copy_views(sub, items + i * sub->object_bytes, into))
			return false;
	}
	list->items = items;
	return true;
}

static bool
copy_value(const struct field *f, void *at, struct arena *into)
{
	struct text_view *text_at = at;
	struct bytes_view *bytes_at = at;
	struct tree_view *tree_at = at;
	switch (f->kind) {
	case FIELD_TEXT:
		return text_at->ptr == NULL ||
		    (*text_at = arena_text(into, *text_at)).ptr != NULL;
	case FIELD_BYTES:
		return bytes_at->ptr == NULL ||
		    (*bytes_at = arena_bytes(into, *bytes_at)).ptr != NULL;
	case FIELD_TREE:
		return tree_at->items == NULL ||
		    (*tree_at = tree_copy(*tree_at, into)).items != NULL;
	case FIELD_LIST:
		return ((struct list_view *)at)->items == NULL ||
		    copy_list(f->sub, at, into);
	case FIELD_STRUCT:
		return f->sub == NULL || copy_views(f->sub, at, into);
	case FIELD_BOOL:
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_I64:
	case FIELD_F32:
	case FIELD_F64:
	case FIELD_KEY:
	case FIELD_ID:
		break;
	}
	return true;
}

static bool
copy_views(const struct field_table *t, void *object, struct arena *into)
{
	for (size_t i = 0; i < t->count; i++) {
		if (field_is_present(t, i, object) &&
		    !copy_value(
			&t->rows[i], (uint8_t *)object + t->rows[i].offset, into))
			return false;
	}
	return true;
}

void *
fields_copy(const struct field_table *t, const void *object, struct arena *into)
{
	void *copy = arena_take(into, 1, t->object_bytes);
	if (copy == NULL)
		return NULL;
	memcpy(copy, object, t->object_bytes);
	return copy_views(t, copy, into) ? copy : NULL;
}
