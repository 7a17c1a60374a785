#include "filter.h"
#include "text.h"
#include "tree.h"
#include <string.h>

enum { EVAL_TEXT = 160 }; /* the longest printed id or key, or 64 raw bytes */

/* `*` any run, `?` one byte.  Looks back to the last star alone: len * pattern steps.
 */
static bool
glob(struct text_view pattern, struct text_view text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;
	while (t < text.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			mark = t;
		} else if (p < pattern.len &&
		    (pattern.ptr[p] == '?' || pattern.ptr[p] == text.ptr[t])) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

static bool
by_order(enum filter_op op, int order)
{
	switch (op) {
	case FILTER_EQ:
		return order == 0;
	case FILTER_NE:
		return order != 0;
	case FILTER_LT:
		return order < 0;
	case FILTER_LE:
		return order <= 0;
	case FILTER_GT:
		return order > 0;
	case FILTER_GE:
		return order >= 0;
	case FILTER_GLOB:
	case FILTER_HAS:
		break;
	}
	return false;
}

static bool
compare_text(const struct filter_term *term, struct text_view v)
{
	if (term->op == FILTER_GLOB)
		return glob(term->text, v);
	size_t len = v.len < term->text.len ? v.len : term->text.len;
	int order = len > 0 ? memcmp(v.ptr, term->text.ptr, len) : 0;
	if (order == 0)
		order = (v.len > term->text.len) - (v.len < term->text.len);
	return by_order(term->op, order);
}

static bool
compare_f64(const struct filter_term *term, double d)
{
	if (d != d) /* NaN is like no value */
		return false;
	return by_order(term->op, (d > term->number) - (d < term->number));
}

static bool
compare_i64(const struct filter_term *term, int64_t n)
{
	if (!term->has_whole)
		return compare_f64(term, (double)n);
	return by_order(term->op, (n > term->whole) - (n < term->whole));
}

static bool
compare_id(const struct filter_term *term, const struct id *id)
{
	char room[EVAL_TEXT];
	struct bytes_out out = bytes_out(room, sizeof room);
	if (term->op == FILTER_EQ && term->id.kind != ID_NONE)
		return id_equal(&term->id, id);
	if (term->op == FILTER_NE && term->id.kind != ID_NONE)
		return !id_equal(&term->id, id);
	id_print(id, &out);
	return compare_text(term, text_written(&out));
}

static bool
compare_hex(const struct filter_term *term, struct bytes_view v)
{
	char room[EVAL_TEXT];
	struct bytes_out out = bytes_out(room, sizeof room);
	if (v.len > sizeof room / 2) /* longer than one would type */
		v.len = sizeof room / 2;
	text_put_hex(&out, v);
	return compare_text(term, text_written(&out));
}

/* What is less than a number is a number, what is less than a text a text. */
static bool
is_of_its_kind(const struct filter_term *term, const struct tree_item *item)
{
	bool as_number = term->has_number && !term->quoted;
	if (term->op == FILTER_EQ || term->op == FILTER_NE || term->op == FILTER_GLOB)
		return true;
	if (item->kind == TREE_BOOL)
		return false;
	bool is_text = item->kind == TREE_TEXT || item->kind == TREE_BYTES;
	return is_text != as_number;
}

static bool
compare_item(const struct filter_term *term, const struct tree_item *item)
{
	if (!is_of_its_kind(term, item))
		return false;
	switch (item->kind) {
	case TREE_BOOL:
		return compare_text(term, text(item->as.b ? "true" : "false"));
	case TREE_I64:
		return term->has_number && compare_i64(term, item->as.i);
	case TREE_U64:
		return term->has_number && item->as.u <= INT64_MAX &&
		    compare_i64(term, (int64_t)item->as.u);
	case TREE_F32:
		return term->has_number && compare_f64(term, (double)item->as.f);
	case TREE_F64:
		return term->has_number && compare_f64(term, item->as.d);
	case TREE_TEXT:
		return compare_text(term, item->as.text);
	case TREE_BYTES:
		return compare_hex(term, item->as.bytes);
	case TREE_NULL:
	case TREE_MAP:
	case TREE_LIST:
		break;
	}
	return false;
}

/* Words compare by their place in the list (info < warning < high); ~ by their text. */
static bool
compare_number(
    const struct filter_term *term, const struct field *f, const void *object)
{
	int64_t n;
	double d;
	if (field_i64(f, object, &n)) {
		if (term->op != FILTER_GLOB)
			return compare_i64(term, n);
		for (int64_t i = 0; f->words != NULL && f->words[i] != NULL; i++) {
			if (i == n)
				return compare_text(term, text(f->words[i]));
		}
		return false;
	}
	return field_f64(f, object, &d) && compare_f64(term, d);
}

static bool
compare_value(const struct filter_term *term, const struct field *f, const void *object)
{
	const void *at = (const uint8_t *)object + f->offset;
	const struct tree_item *item;
	switch (f->kind) {
	case FIELD_TEXT:
		return compare_text(term, *(const struct text_view *)at);
	case FIELD_BYTES:
		return compare_hex(term, *(const struct bytes_view *)at);
	case FIELD_KEY:
		return compare_hex(
		    term, bytes_view(((const struct mesh_key *)at)->bytes, 32));
	case FIELD_ID:
		return compare_id(term, at);
	case FIELD_TREE:
		item = tree_find(*(const struct tree_view *)at, term->rest);
		return item != NULL &&
		    (term->op == FILTER_HAS || compare_item(term, item));
	case FIELD_BOOL:
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_I64:
	case FIELD_F32:
	case FIELD_F64:
		return compare_number(term, f, object);
	case FIELD_LIST:
	case FIELD_STRUCT:
		break;
	}
	return false;
}

static bool
is_there(const struct field_table *t, const struct field *f, const void *object)
{
	return field_is_present(t, (size_t)(f - t->rows), object);
}

static bool
eval_last(const struct filter_term *term, const struct field *f, const void *object)
{
	if (term->op == FILTER_HAS && (f->kind != FIELD_TREE || term->rest.len == 0))
		return true;
	return compare_value(term, f, object);
}

/* A list of bare values: one that matches is enough. */
static bool
any_bare(const struct filter_term *term, const struct field *f, const void *object)
{
	const struct list_view *list = (const void *)((const uint8_t *)object +
	    f->offset);
	if (term->op == FILTER_HAS)
		return list->count > 0;
	for (size_t i = 0; i < list->count; i++) {
		const void *item = (const uint8_t *)list->items +
		    i * f->sub->object_bytes;
		if (compare_value(term, &f->sub->rows[0], item))
			return true;
	}
	return false;
}

static bool
any_from(const struct filter_term *term, size_t level, const void *object)
{
	/* A path has FILTER_PATH rows at most, so this goes no deeper than that. */
	const struct field *f = term->path[level];
	const void *at = (const uint8_t *)object + f->offset;
	const struct list_view *list = at;
	if (!is_there(term->in[level], f, object))
		return false;
	if (f->kind == FIELD_LIST && f->sub->bare)
		return any_bare(term, f, object);
	if (level + 1 == term->depth)
		return eval_last(term, f, object);
	if (f->kind == FIELD_STRUCT)
		return any_from(term, level + 1, at);
	for (size_t i = 0; f->kind == FIELD_LIST && i < list->count; i++) {
		const uint8_t *items = list->items;
		if (any_from(term, level + 1, items + i * f->sub->object_bytes))
			return true;
	}
	return false;
}

bool
filter_eval(const struct filter *f, const void *object)
{
	uint64_t values = 0; /* the stack: the lowest bit is its top */
	if (f == NULL || f->code_count == 0)
		return true;
	for (size_t i = 0; i < f->code_count; i++) {
		uint8_t code = f->code[i];
		if (code == FILTER_NOT)
			values ^= 1;
		else if (code == FILTER_AND)
			values = values >> 1 & (values | ~1ULL);
		else if (code == FILTER_OR)
			values = values >> 1 | (values & 1);
		else
			values = values << 1 | any_from(&f->terms[code], 0, object);
	}
	return (values & 1) != 0;
}

bool
filter_is_conjunction(const struct filter *f)
{
	for (size_t i = 0; f != NULL && i < f->code_count; i++) {
		if (f->code[i] == FILTER_OR || f->code[i] == FILTER_NOT)
			return false;
	}
	return true;
}
