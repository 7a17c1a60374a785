/* RFC 8259 by hand: no library reads whole numbers beyond 2^63, and ours are exact to
 * 2^64-1, on the wire and in the store. */
#include "json_in.h"
#include "named.h"
#include "text.h"
#include <stdio.h>

enum { LEVELS = TREE_DEPTH + 1, NUMBER_MAX = 63 };

struct reading {
	struct text_view in;
	size_t at;
	const char *fault; /* of what ends at `at`; NULL: none */
	bool full;         /* no room: `fault` says for what */
	struct arena *into;
	struct tree_out out;
	size_t depth; /* containers that are open, the top object included */
	struct {
		bool is_map, has_items;
		size_t first; /* item */
	} level[LEVELS];
};

static void
complain(struct json_error *why, const char *what)
{
	*why = (struct json_error){ 0 };
	snprintf(why->text, sizeof why->text, "%s", what);
}

static bool
fail(struct reading *r, const char *fault)
{
	r->fault = fault;
	return false;
}

static bool
fail_full(struct reading *r, const char *fault)
{
	r->full = true;
	return fail(r, fault);
}

/* The character that stands here belongs to the fault, if there is one. */
static bool
fail_here(struct reading *r, const char *fault)
{
	if (r->at == r->in.len)
		return fail(r, "it ends too early");
	r->at++;
	return fail(r, fault);
}

static int
peek(const struct reading *r)
{
	return r->at < r->in.len ? (uint8_t)r->in.ptr[r->at] : -1;
}

static int
skip_space(struct reading *r)
{
	int c = peek(r);
	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		r->at++;
		c = peek(r);
	}
	return c;
}

static bool
take_char(struct reading *r, char wanted)
{
	bool here = peek(r) == wanted;
	r->at += here;
	return here;
}

/* --- strings --- */

static bool
read_hex4(struct reading *r, uint32_t *code)
{
	uint8_t bytes[2];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	if (r->in.len - r->at < 4 ||
	    text_hex_decode((struct text_view){ r->in.ptr + r->at, 4 }, &out) !=
		MESH_OK)
		return fail_here(r, "\\u wants four hex digits");
	r->at += 4;
	*code = (uint32_t)bytes[0] << 8 | bytes[1];
	return true;
}

static void
put_utf8(struct bytes_out *out, uint32_t c)
{
	if (c < 0x80) {
		bytes_put_u8(out, (uint8_t)c);
		return;
	}
	unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	bytes_put_u8(out, (uint8_t)(0xff00U >> (more + 1) | c >> 6 * more));
	while (more-- > 0)
		bytes_put_u8(out, (uint8_t)(0x80 | (c >> 6 * more & 0x3f)));
}

static bool
is_half(uint32_t code, uint32_t first)
{
	return code >= first && code < first + 0x400;
}

/* Half a pair is no character. */
static bool
read_code(struct reading *r, struct bytes_out *out)
{
	uint32_t code = 0, low = 0;
	if (!read_hex4(r, &code))
		return false;
	if (is_half(code, 0xd800)) {
		if (!take_char(r, '\\') || !take_char(r, 'u'))
			return fail_here(r, "half of a surrogate pair");
		if (!read_hex4(r, &low))
			return false;
		if (!is_half(low, 0xdc00))
			return fail(r, "half of a surrogate pair");
		code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
	} else if (is_half(code, 0xdc00)) {
		return fail(r, "half of a surrogate pair");
	}
	put_utf8(out, code);
	return true;
}

static bool
read_escape(struct reading *r, struct bytes_out *out)
{
	static const char letters[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
	int c = peek(r);
	const char *at = c > 0 ? strchr(letters, c) : NULL;
	if (c != 'u' && at == NULL)
		return fail_here(r, "no such escape");
	r->at++;
	if (c == 'u')
		return read_code(r, out);
	bytes_put(out, &plain[at - letters], 1);
	return true;
}

static bool
read_character(struct reading *r, struct bytes_out *out)
{
	uint32_t code;
	size_t len = text_character(
	    bytes_view(r->in.ptr + r->at, r->in.len - r->at), &code);
	if (len == 0)
		return fail_here(r, "not UTF-8");
	if (code < ' ')
		return fail_here(r, "a control character in a text: escape it");
	bytes_put(out, r->in.ptr + r->at, len);
	r->at += len;
	return true;
}

/* Printable ASCII as it stands: an embedding in hex is thousands of that. */
static void
read_plain(struct reading *r, struct bytes_out *out)
{
	size_t from = r->at;
	while (r->at < r->in.len && r->in.ptr[r->at] >= ' ' &&
	    r->in.ptr[r->at] < 0x7f && r->in.ptr[r->at] != '"' &&
	    r->in.ptr[r->at] != '\\')
		r->at++;
	bytes_put(out, r->in.ptr + from, r->at - from);
}

/* What stands behind the opening quote; shorter than how it is written. */
static bool
read_string(struct reading *r, struct text_view *to)
{
	size_t end = ++r->at;
	while (end < r->in.len && r->in.ptr[end] != '"')
		end += r->in.ptr[end] == '\\' ? 2 : 1;
	size_t cap = (end < r->in.len ? end : r->in.len) - r->at;
	struct bytes_out out = bytes_out(arena_take(r->into, cap + 1, 1), cap + 1);
	if (out.ptr == NULL)
		return fail_full(r, "too much");
	for (read_plain(r, &out); !take_char(r, '"'); read_plain(r, &out)) {
		if (r->at == r->in.len)
			return fail(r, "it ends too early");
		if (!(take_char(r, '\\') ? read_escape(r, &out)
					 : read_character(r, &out)))
			return false;
	}
	*to = text_written(&out);
	return true;
}

/* --- numbers and words --- */

static size_t
skip_digits(struct reading *r)
{
	size_t from = r->at;
	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
	return r->at - from;
}

/* Behind a number's whole part.  False: no digits where there must be some. */
static bool
skip_fraction(struct reading *r, bool *whole)
{
	*whole = true;
	if (take_char(r, '.')) {
		*whole = false;
		if (skip_digits(r) == 0)
			return false;
	}
	if (take_char(r, 'e') || take_char(r, 'E')) {
		*whole = false;
		if (!take_char(r, '-'))
			take_char(r, '+');
		return skip_digits(r) > 0;
	}
	return true;
}

static bool
read_whole(struct reading *r, struct text_view text, struct tree_item *item)
{
	bool minus = text.ptr[0] == '-';
	item->kind = minus && !text_is(text, "-0") ? TREE_I64 : TREE_U64;
	if (text_is(text, "-0"))
		return true;
	if (minus)
		return text_parse_i64(text, &item->as.i) == MESH_OK ||
		    fail(r, "a whole number below -2^63; with .0 it is a float");
	return text_parse_u64(text, &item->as.u) == MESH_OK ||
	    fail(r, "a whole number above 2^64-1; with .0 it is a float");
}

static bool
read_number(struct reading *r, struct tree_item *item)
{
	size_t from = r->at;
	bool whole;
	take_char(r, '-');
	if (!take_char(r, '0') && skip_digits(r) == 0)
		return fail_here(r, "a number wants digits");
	if (!skip_fraction(r, &whole))
		return fail_here(r, "a number wants digits");
	struct text_view text = { r->in.ptr + from, r->at - from };
	if (whole)
		return read_whole(r, text, item);
	item->kind = TREE_F64;
	if (text.len > NUMBER_MAX)
		return fail(r, "a number of more than 63 characters");
	return text_parse_f64(text, &item->as.d) == MESH_OK ||
	    fail(r, "a number that no 64-bit float holds");
}

static bool
read_word(struct reading *r, struct tree_item *item)
{
	static const struct {
		const char *word;
		enum tree_kind kind;
		bool b;
	} words[] = { { "true", TREE_BOOL, true }, { "false", TREE_BOOL, false },
		{ "null", TREE_NULL, false } };
	for (size_t i = 0; i < LENGTH(words); i++) {
		size_t len = strlen(words[i].word);
		if (r->in.len - r->at < len ||
		    memcmp(r->in.ptr + r->at, words[i].word, len) != 0)
			continue;
		r->at += len;
		item->kind = words[i].kind;
		item->as.b = words[i].b;
		return true;
	}
	return fail_here(r, "no JSON value");
}

/* --- containers --- */

/* An object's members stand at the top without a head. */
static bool
enter(struct reading *r, struct text_view name, bool is_map)
{
	bool top = r->depth == 0 && is_map;
	r->at++;
	if (r->depth == LEVELS || (!top && r->out.depth == TREE_DEPTH))
		return fail_full(r, "too deep: values may lie eight deep");
	if (!top && is_map)
		tree_open_map_named(&r->out, name);
	else if (!top)
		tree_open_list_named(&r->out, name);
	if (r->out.failed)
		return fail_full(r, "too much: more than 1024 values");
	r->level[r->depth].is_map = is_map;
	r->level[r->depth].has_items = false;
	r->level[r->depth++].first = r->out.count;
	return true;
}

static bool
read_value(struct reading *r, struct text_view name)
{
	struct tree_item item = { .kind = TREE_TEXT, .span = 1 };
	bool good;
	int c = skip_space(r);
	if (c == '{' || c == '[')
		return enter(r, name, c == '{');
	if (c == '"')
		good = read_string(r, &item.as.text);
	else if (c == '-' || (c >= '0' && c <= '9'))
		good = read_number(r, &item);
	else
		good = read_word(r, &item);
	if (!good)
		return false;
	tree_put_item(&r->out, name, item);
	return !r->out.failed || fail_full(r, "too much: more than 1024 values");
}

static bool
is_said(const struct reading *r, struct text_view name)
{
	const struct tree_item *items = r->out.items;
	for (size_t i = r->level[r->depth - 1].first; i < r->out.count;
	     i += items[i].span)
		if (text_equal(items[i].name, name))
			return true;
	return false;
}

static bool
read_name(struct reading *r, struct text_view *name)
{
	if (skip_space(r) != '"')
		return fail_here(r, "a member wants a name in quotes");
	if (!read_string(r, name))
		return false;
	if (memchr(name->ptr, '\0', name->len) != NULL)
		return fail(r, "a name with a NUL");
	if (is_said(r, *name))
		return fail(r, "that name was said before");
	skip_space(r);
	return take_char(r, ':') || fail_here(r, "a colon is wanted");
}

static bool
read_next(struct reading *r)
{
	struct text_view name = { NULL, 0 };
	size_t here = r->depth - 1;
	bool is_map = r->level[here].is_map, first = !r->level[here].has_items;
	skip_space(r);
	if (take_char(r, is_map ? '}' : ']')) {
		if (--r->depth > 0 || r->out.depth > 0)
			tree_shut(&r->out);
		return true;
	}
	if (!first && !take_char(r, ','))
		return fail_here(r, "a comma is wanted, or the end");
	r->level[here].has_items = true;
	if (is_map && !read_name(r, &name))
		return false;
	return read_value(r, name);
}

static bool
read_all(struct reading *r)
{
	if (!read_value(r, (struct text_view){ NULL, 0 }))
		return false;
	while (r->depth > 0)
		if (!read_next(r))
			return false;
	return skip_space(r) < 0 || fail_here(r, "something stands behind the end");
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

/* The last character of what is wrong. */
static void
point_at(const struct reading *r, struct json_error *why)
{
	complain(why, r->fault);
	why->line = why->column = 1;
	for (size_t i = 0; i + 1 < r->at; i++) {
		bool ends = r->in.ptr[i] == '\n';
		why->line += ends;
		why->column = ends ? 1 : why->column + 1;
	}
}

enum mesh_err
json_in_tree(struct text_view json, struct arena *into, struct tree_view *out,
    struct json_error *why)
{
	struct reading r = { .in = json, .into = into };
	size_t cap = count_items(json);
	*out = (struct tree_view){ NULL, 0 };
	*why = (struct json_error){ 0 };
	if (json.len > JSON_IN_BYTES) {
		complain(why, "more than 128 KiB");
		return MESH_FULL;
	}
	struct tree_item *items = arena_take(into, cap, sizeof *items);
	if (items == NULL) {
		complain(why, "too much");
		return MESH_FULL;
	}
	r.out = tree_out(items, cap);
	if (!read_all(&r)) {
		point_at(&r, why);
		return r.full ? MESH_FULL : MESH_MALFORMED;
	}
	*out = (struct tree_view){ items, r.out.count };
	return MESH_OK;
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
