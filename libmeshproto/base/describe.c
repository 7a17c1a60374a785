#include "describe.h"
#include "id.h"
#include "text.h"
#include "tree.h"
#include "units.h"

static const void *
member(const struct field *f, const void *object)
{
	return (const uint8_t *)object + f->offset;
}

static bool
may_see(const struct field *f, enum audience audience)
{
	if (f->flags & FIELD_SECRET)
		return false;
	return !(f->flags & FIELD_PRIVATE) || audience != AUDIENCE_PUBLIC;
}

/* The word of a small number, or NULL: unknown values show as numbers. */
static const char *
word_of(const struct field *f, const void *object)
{
	int64_t n;
	if (f->words == NULL || !field_i64(f, object, &n) || n < 0)
		return NULL;
	for (int64_t i = 0; f->words[i] != NULL; i++) {
		if (i == n)
			return f->words[i][0] != '\0' ? f->words[i] : NULL;
	}
	return NULL;
}

static void
put_id(const struct id *id, struct json_out *j)
{
	char chars[ID_TEXT_MAX];
	struct bytes_out out = bytes_out(chars, sizeof chars);
	id_print(id, &out);
	json_put_text(j, text_written(&out));
}

static size_t put_item(const struct tree_item *item, struct json_out *j);

static void
put_children(const struct tree_item *head, struct json_out *j)
{
	for (size_t i = 1; i < head->span;) {
		if (head->kind == TREE_MAP)
			json_key_view(j, head[i].name);
		i += put_item(&head[i], j);
	}
}

static size_t
put_item(const struct tree_item *item, struct json_out *j)
{
	switch (item->kind) {
	case TREE_NULL:
		json_put_null(j);
		break;
	case TREE_BOOL:
		json_put_bool(j, item->as.b);
		break;
	case TREE_I64:
		json_put_i64(j, item->as.i);
		break;
	case TREE_U64:
		json_put_u64(j, item->as.u);
		break;
	case TREE_F32:
		json_put_f32(j, item->as.f);
		break;
	case TREE_F64:
		json_put_f64(j, item->as.d);
		break;
	case TREE_TEXT:
		json_put_text(j, item->as.text);
		break;
	case TREE_BYTES:
		json_put_hex(j, item->as.bytes);
		break;
	case TREE_MAP:
		json_open_object(j);
		put_children(item, j);
		json_shut_object(j);
		break;
	case TREE_LIST:
		json_open_array(j);
		put_children(item, j);
		json_shut_array(j);
		break;
	}
	return item->span;
}

void
describe_tree(struct tree_view tree, struct json_out *j)
{
	if (tree.count > 0 && tree.items[0].name.ptr == NULL) {
		put_item(&tree.items[0], j);
		return;
	}
	json_open_object(j);
	for (size_t i = 0; i < tree.count;) {
		json_key_view(j, tree.items[i].name);
		i += put_item(&tree.items[i], j);
	}
	json_shut_object(j);
}

static void put_value(const struct field *f, const void *object, enum audience audience,
    struct json_out *j);

static void
put_list(const struct field *f, const struct list_view *list, enum audience audience,
    struct json_out *j)
{
	json_open_array(j);
	for (size_t i = 0; f->sub != NULL && i < list->count; i++) {
		const void *item = (const uint8_t *)list->items +
		    i * f->sub->object_bytes;
		if (f->sub->bare)
			put_value(&f->sub->rows[0], item, audience, j);
		else
			describe_json(f->sub, item, audience, j);
	}
	json_shut_array(j);
}

static void
put_number(const struct field *f, const void *object, struct json_out *j)
{
	int64_t n;
	const char *word = word_of(f, object);
	if (word != NULL)
		json_put_string(j, word);
	else if (f->kind == FIELD_U64)
		json_put_u64(j, *(const uint64_t *)member(f, object));
	else if (field_i64(f, object, &n))
		json_put_i64(j, n);
	else
		json_put_null(j);
}

static void
put_value(const struct field *f, const void *object, enum audience audience,
    struct json_out *j)
{
	const void *at = member(f, object);
	switch (f->kind) {
	case FIELD_BOOL:
		json_put_bool(j, *(const bool *)at);
		return;
	case FIELD_F32:
		json_put_f32(j, *(const float *)at);
		return;
	case FIELD_F64:
		json_put_f64(j, *(const double *)at);
		return;
	case FIELD_KEY:
		json_put_hex(j, bytes_view(((const struct mesh_key *)at)->bytes, 32));
		return;
	case FIELD_ID:
		put_id(at, j);
		return;
	case FIELD_TEXT:
		json_put_text(j, *(const struct text_view *)at);
		return;
	case FIELD_BYTES:
		json_put_hex(j, *(const struct bytes_view *)at);
		return;
	case FIELD_TREE:
		describe_tree(*(const struct tree_view *)at, j);
		return;
	case FIELD_LIST:
		put_list(f, at, audience, j);
		return;
	case FIELD_STRUCT:
		describe_json(f->sub, at, audience, j);
		return;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_I32:
	case FIELD_I64:
		put_number(f, object, j);
		return;
	}
}

void
describe_members(const struct field_table *t, const void *object,
    enum audience audience, struct json_out *j)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->rows[i];
		if (!field_is_present(t, i, object) || !may_see(f, audience))
			continue;
		json_key(j, f->name);
		put_value(f, object, audience, j);
	}
}

void
describe_json(const struct field_table *t, const void *object, enum audience audience,
    struct json_out *j)
{
	json_open_object(j);
	describe_members(t, object, audience, j);
	json_shut_object(j);
}

static size_t
widest_name(const struct field_table *t)
{
	size_t widest = 0;
	for (size_t i = 0; i < t->count; i++) {
		size_t len = strlen(t->rows[i].name);
		widest = len > widest ? len : widest;
	}
	return widest;
}

/* One value as its JSON, strings without their quotes: good for people and for greps.
 */
static void
put_plain(const struct field *f, const void *object, enum audience audience,
    struct bytes_out *out)
{
	const char *unit = units_name(f->unit);
	if (f->kind == FIELD_TEXT) {
		const struct text_view *v = member(f, object);
		text_put_clean(out, bytes_view(v->ptr, v->len), v->len);
		return;
	}
	struct json_out j = json_out(out);
	size_t from = out->len;
	put_value(f, object, audience, &j);
	if (!out->failed && out->len > from + 1 && out->ptr[from] == '"') {
		out->len -= 2;
		memmove(out->ptr + from, out->ptr + from + 1, out->len - from);
	}
	if (unit[0] != '\0' && f->unit != UNIT_UNIX_MS) {
		text_put(out, " ");
		text_put(out, unit);
	}
}

void
describe_text(const struct field_table *t, const void *object, enum audience audience,
    struct bytes_out *out)
{
	size_t width = widest_name(t);
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->rows[i];
		if (!field_is_present(t, i, object) || !may_see(f, audience))
			continue;
		text_put(out, f->name);
		text_put(out, ":");
		for (size_t pad = strlen(f->name); pad < width + 1; pad++)
			text_put(out, " ");
		put_plain(f, object, audience, out);
		text_put(out, "\n");
	}
}
