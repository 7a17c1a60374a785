#include "json_in.h"
#include "named.h"
#include "text.h"
#include <jansson.h>
#include <stdio.h>

static void
complain(struct json_error *why, const char *what)
{
	*why = (struct json_error){ 0 };
	snprintf(why->text, sizeof why->text, "%s", what);
}

static struct text_view
copy_chars(struct arena *into, const char *chars, size_t len)
{
	return arena_text(into, (struct text_view){ chars, len });
}

/* One scalar; containers are opened by the walk.  jansson has checked the UTF-8. */
static bool
put_scalar(
    struct tree_out *out, struct text_view name, const json_t *v, struct arena *into)
{
	struct tree_item item = { .kind = TREE_NULL, .span = 1 };
	json_int_t n = json_integer_value(v);
	if (json_is_boolean(v)) {
		item.kind = TREE_BOOL;
		item.as.b = json_is_true(v);
	} else if (json_is_integer(v)) {
		item.kind = n < 0 ? TREE_I64 : TREE_U64;
		item.as.i = n;
	} else if (json_is_real(v)) {
		item.kind = TREE_F64;
		item.as.d = json_real_value(v);
	} else if (json_is_string(v)) {
		item.kind = TREE_TEXT;
		item.as.text = copy_chars(
		    into, json_string_value(v), json_string_length(v));
		if (item.as.text.ptr == NULL)
			return false;
	}
	tree_put_item(out, name, item);
	return !out->failed;
}

struct walk_level { /* one container that is open */
	json_t *container;
	void *iter;   /* objects */
	size_t index; /* arrays */
};
struct walk {
	struct walk_level levels[TREE_DEPTH + 1];
	size_t depth;
};

/* The next child of the innermost container, or NULL: it is at its end. */
static json_t *
next_child(struct walk_level *l, struct text_view *name, struct arena *into, bool *full)
{
	json_t *v;
	*name = (struct text_view){ NULL, 0 };
	if (json_is_array(l->container))
		return json_array_get(l->container, l->index++);
	if (l->iter == NULL)
		return NULL;
	const char *key = json_object_iter_key(l->iter);
	*name = copy_chars(into, key, json_object_iter_key_len(l->iter));
	*full = name->ptr == NULL;
	v = json_object_iter_value(l->iter);
	l->iter = json_object_iter_next(l->container, l->iter);
	return v;
}

static void
enter(struct walk *w, json_t *container)
{
	w->levels[w->depth++] = (struct walk_level){ container,
		json_is_object(container) ? json_object_iter(container) : NULL, 0 };
}

static bool
put_child(struct walk *w, struct tree_out *out, struct text_view name, json_t *v,
    struct arena *into)
{
	if (!json_is_object(v) && !json_is_array(v))
		return put_scalar(out, name, v, into);
	if (json_is_object(v))
		tree_open_map_named(out, name);
	else
		tree_open_list_named(out, name);
	if (out->failed || w->depth > TREE_DEPTH)
		return false;
	enter(w, v);
	return true;
}

/* An object's members stand at the top without a head; anything else is one value. */
static bool
walk_json(json_t *root, struct tree_out *out, struct arena *into)
{
	struct walk w = { .depth = 0 };
	struct text_view name = { NULL, 0 };
	bool full = false;
	if (json_is_object(root))
		enter(&w, root);
	else if (!put_child(&w, out, name, root, into))
		return false;
	while (w.depth > 0 && !full) {
		json_t *v = next_child(&w.levels[w.depth - 1], &name, into, &full);
		if (v == NULL) {
			if (--w.depth > 0 || !json_is_object(root))
				tree_shut(out);
		} else if (full || !put_child(&w, out, name, v, into)) {
			return false;
		}
	}
	return !full && !out->failed;
}

/* How many items it will take, so that the array fits. */
static size_t
count_items(struct text_view json)
{
	size_t count = 2; /* each further item needs one of these before it */
	for (size_t i = 0; i < json.len; i++)
		count += json.ptr[i] == ',' || json.ptr[i] == '[' || json.ptr[i] == '{';
	return count < TREE_ITEMS ? count : TREE_ITEMS;
}

static enum mesh_err
tree_of(json_t *root, struct text_view json, struct arena *into, struct tree_view *out,
    struct json_error *why)
{
	size_t cap = count_items(json);
	struct tree_item *items = arena_take(into, cap, sizeof *items);
	struct tree_out tree = tree_out(items, items != NULL ? cap : 0);
	if (items == NULL || !walk_json(root, &tree, into)) {
		complain(why, "too much, or too deep");
		return MESH_FULL;
	}
	*out = (struct tree_view){ items, tree.count };
	return MESH_OK;
}

enum mesh_err
json_in_tree(struct text_view json, struct arena *into, struct tree_view *out,
    struct json_error *why)
{
	json_error_t fault;
	*out = (struct tree_view){ NULL, 0 };
	*why = (struct json_error){ 0 };
	if (json.len > JSON_IN_BYTES) {
		complain(why, "more than 128 KiB");
		return MESH_FULL;
	}
	json_t *root = json_loadb(json.len > 0 ? json.ptr : "", json.len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &fault);
	if (root == NULL) {
		complain(why, fault.text);
		why->line = fault.line > 0 ? (unsigned)fault.line : 1;
		why->column = fault.column > 0 ? (unsigned)fault.column : 1;
		return MESH_MALFORMED;
	}
	enum mesh_err err = tree_of(root, json, into, out, why);
	json_decref(root);
	return err;
}

static bool
is_known(const struct field_table *t, struct tree_view tree, struct json_error *why)
{
	for (size_t i = 0; i < tree.count; i += tree.items[i].span) {
		struct text_view name = tree.items[i].name;
		if (name.ptr == NULL) {
			complain(why, "an object is wanted");
			return false;
		}
		if (memchr(name.ptr, '.', name.len) != NULL ||
		    field_find(t, name) == NULL) {
			int len = name.len < 60 ? (int)name.len : 60;
			snprintf(why->text, sizeof why->text, "%.*s: no such member",
			    len, name.ptr);
			return false;
		}
	}
	return true;
}

enum mesh_err
json_in_object(const struct field_table *t, struct text_view json, void *object,
    struct arena *into, struct json_error *why)
{
	struct tree_view tree;
	const struct field *bad;
	memset(object, 0, t->object_bytes);
	enum mesh_err err = json_in_tree(json, into, &tree, why);
	if (err != MESH_OK)
		return err;
	if (!is_known(t, tree, why))
		return MESH_MALFORMED;
	err = named_read(t, tree, object, into, &bad);
	if (err == MESH_OK)
		return MESH_OK;
	snprintf(why->text, sizeof why->text, "%s: %s", bad != NULL ? bad->name : "?",
	    err == MESH_FULL ? "too much" : "wrong type, length or range");
	return err;
}
