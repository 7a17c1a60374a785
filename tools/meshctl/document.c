#include "document.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* --- reading --- */

enum { REPAIR_GROWTH = 4, MARK = 32, FULL_DIGITS = 17 };

struct repair {
	struct text_view from;
	size_t at;
	struct bytes_out to;
};

static void
copy(struct repair *r, size_t len)
{
	size_t left = r->from.len - r->at;
	len = len < left ? len : left;
	bytes_put(&r->to, r->from.ptr + r->at, len);
	r->at += len;
}

static bool
stands_here(const struct repair *r, const char *what)
{
	size_t len = strlen(what);
	return r->from.len - r->at >= len &&
	    memcmp(r->from.ptr + r->at, what, len) == 0;
}

/* Behind the string that begins at `at`. */
static size_t
string_end(struct text_view json, size_t at)
{
	for (at++; at < json.len && json.ptr[at] != '"'; at++)
		at += json.ptr[at] == '\\';
	return at < json.len ? at + 1 : json.len;
}

/* A member's name is the string that a colon follows. */
static bool
colon_follows(struct text_view json, size_t at)
{
	static const char space[] = { ' ', '\t', '\r', '\n' };
	while (at < json.len && memchr(space, json.ptr[at], sizeof space) != NULL)
		at++;
	return at < json.len && json.ptr[at] == ':';
}

static void
repair_string(struct repair *r)
{
	static const char nul[] = "\\u0000";
	size_t end = string_end(r->from, r->at);
	bool is_name = colon_follows(r->from, end);
	while (r->at < end) {
		if (is_name && stands_here(r, nul)) {
			text_put(&r->to, "\\ufffd");
			r->at += strlen(nul);
		} else {
			copy(r, r->from.ptr[r->at] == '\\' ? 2 : 1);
		}
	}
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_of_number(char c)
{
	return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Nobody who does not know it can write a text that begins so. */
static const char *
mark(void)
{
	static char word[MARK + 1];
	uint8_t random[MARK / 2];
	struct bytes_out out = bytes_out(word, sizeof word);
	if (word[0] != '\0')
		return word;
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		abort(); /* what is read could not be told from what is meant */
	text_put_hex(&out, bytes_view(random, sizeof random));
	return text_end(&out);
}

/* A whole number that jansson does not hold: to 2^64-1 a text with our mark, which is
 * taken off where it is written; beyond, and below -2^63, a real one. */
static void
put_long(struct repair *r, struct text_view whole)
{
	uint64_t n;
	if (text_parse_u64(whole, &n) == MESH_OK)
		text_printf(&r->to, "\"%s%.*s\"", mark(), (int)whole.len, whole.ptr);
	else
		text_printf(&r->to, "%.*s.0", (int)whole.len, whole.ptr);
}

static void
repair_number(struct repair *r)
{
	const char *begin = r->from.ptr + r->at;
	size_t digits = 0, len = 0, left = r->from.len - r->at;
	for (; len < left && is_of_number(begin[len]); len++)
		digits += is_digit(begin[len]);
	struct text_view number = { begin, len };
	int64_t n;
	if (digits + (begin[0] == '-') != len || text_parse_i64(number, &n) == MESH_OK)
		copy(r, len);
	else {
		put_long(r, number);
		r->at += len;
	}
}

/* The document once more, without what jansson has no form for. */
static json_t *
read_repaired(struct text_view json, size_t flags, json_error_t *why)
{
	size_t cap = json.len * REPAIR_GROWTH + 1;
	char *room = malloc(cap);
	if (room == NULL)
		return NULL;
	struct repair r = { .from = json, .to = bytes_out(room, cap) };
	while (r.at < json.len) {
		char c = json.ptr[r.at];
		if (c == '"')
			repair_string(&r);
		else if (c == '-' || (c >= '0' && c <= '9'))
			repair_number(&r);
		else
			copy(&r, 1);
	}
	json_t *value = json_loadb(room, r.to.len, flags, why);
	free(room);
	return value;
}

json_t *
document_read(struct text_view json, size_t flags, json_error_t *why)
{
	flags |= JSON_ALLOW_NUL;
	json_t *value = json_loadb(json.len > 0 ? json.ptr : "", json.len, flags, why);
	if (value != NULL)
		return value;
	enum json_error_code code = json_error_code(why);
	return code == json_error_null_byte_in_key ||
		code == json_error_numeric_overflow
	    ? read_repaired(json, flags, why)
	    : NULL;
}

json_t *
document_load(const char *path, size_t flags, json_error_t *why)
{
	flags |= JSON_ALLOW_NUL;
	return strcmp(path, "-") == 0 ? json_loadf(stdin, flags, why)
				      : json_load_file(path, flags, why);
}

/* --- writing --- */

static bool
has_fraction(struct text_view number)
{
	return memchr(number.ptr, '.', number.len) != NULL ||
	    memchr(number.ptr, 'e', number.len) != NULL;
}

/* With fewer than jansson's 17 digits if that reads back to the same number; one with a
 * fraction stays one. */
static struct text_view
shorter(struct text_view number, struct bytes_out *out)
{
	double value;
	size_t digits = 0;
	for (size_t i = 0; i < number.len; i++)
		digits += is_digit(number.ptr[i]);
	if (digits < FULL_DIGITS || !has_fraction(number) ||
	    text_parse_f64(number, &value) != MESH_OK)
		return number;
	text_put_f64(out, value);
	struct text_view said = text_written(out);
	return has_fraction(said) && said.len < number.len ? said : number;
}

/* jansson writes 17 digits of each: 0.90000000000000002. */
static void
shorten(char *raw)
{
	struct text_view json = text(raw);
	size_t to = 0;
	for (size_t at = 0, end; at < json.len; at = end) {
		char room[32];
		struct bytes_out out = bytes_out(room, sizeof room);
		end = at + 1;
		if (raw[at] == '"')
			end = string_end(json, at);
		while (raw[at] != '"' && is_of_number(raw[at]) && end < json.len &&
		    is_of_number(raw[end]))
			end++;
		struct text_view piece = { raw + at, end - at };
		if (is_digit(raw[at]) || raw[at] == '-')
			piece = shorter(piece, &out);
		memmove(raw + to, piece.ptr, piece.len);
		to += piece.len;
	}
	raw[to] = '\0';
}

char *
document_dump(const json_t *value, size_t flags)
{
	char quoted[MARK + 2];
	char *raw = json_dumps(value, flags), *from = raw, *to = raw, *at;
	snprintf(quoted, sizeof quoted, "\"%s", mark());
	while (raw != NULL && (at = strstr(from, quoted)) != NULL) {
		const char *digits = at + strlen(quoted), *end = strchr(digits, '"');
		memmove(to, from, (size_t)(at - from));
		to += at - from;
		memmove(to, digits, (size_t)(end - digits));
		to += end - digits;
		from = raw + (end - raw) + 1;
	}
	if (raw != NULL) {
		memmove(to, from, strlen(from) + 1);
		shorten(raw);
	}
	return raw;
}

struct text_view
document_string(const json_t *string)
{
	struct text_view said = { json_string_value(string),
		json_string_length(string) };
	size_t skip = text_begins(said, mark()) ? MARK : 0;
	return (struct text_view){ said.ptr + skip, said.len - skip };
}

bool
document_number(const json_t *value, double *out)
{
	bool is_long = json_is_string(value) &&
	    document_string(value).ptr != json_string_value(value);
	*out = is_long ? strtod(document_string(value).ptr, NULL)
		       : json_number_value(value);
	return is_long || json_is_number(value);
}

/* --- printing --- */

static bool
is_plain(char c)
{
	return (unsigned char)c < 0x7f;
}

/* \uXXXX, or a pair of them. */
static void
put_escape(struct bytes_out *out, uint32_t code)
{
	if (code <= 0xffff) {
		text_printf(out, "\\u%04x", (unsigned)code);
		return;
	}
	code -= 0x10000;
	text_printf(out, "\\u%04x\\u%04x", 0xd800U + (unsigned)(code >> 10),
	    0xdc00U + (unsigned)(code & 0x3ff));
}

/* One character that is not plain; how long it was. */
static size_t
put_character(struct bytes_out *out, struct text_view rest)
{
	uint32_t code = 0;
	size_t len = text_character(bytes_view(rest.ptr, rest.len), &code);
	if (len == 0)
		text_put(out, "\\ufffd");
	else if (text_is_unsafe(code))
		put_escape(out, code);
	else
		bytes_put(out, rest.ptr, len);
	return len > 0 ? len : 1;
}

/* Pieces of `json` to `put`; what is plain goes in long ones. */
static void
each_piece(struct text_view json, void (*put)(void *, const void *, size_t), void *ctx)
{
	for (size_t at = 0; at < json.len;) {
		char room[16];
		size_t from = at;
		while (at < json.len && is_plain(json.ptr[at]))
			at++;
		put(ctx, json.ptr + from, at - from);
		if (at == json.len)
			return;
		struct bytes_out out = bytes_out(room, sizeof room);
		at += put_character(
		    &out, (struct text_view){ json.ptr + at, json.len - at });
		put(ctx, room, out.len);
	}
}

static void
to_stdout(void *ctx, const void *piece, size_t len)
{
	(void)ctx;
	fwrite(piece, 1, len, stdout);
}

static void
count(void *ctx, const void *piece, size_t len)
{
	(void)piece;
	*(size_t *)ctx += len;
}

static void
append(void *ctx, const void *piece, size_t len)
{
	bytes_put(ctx, piece, len);
}

char *
document_text(const json_t *value, size_t flags)
{
	char *raw = document_dump(value, flags);
	size_t cap = 1;
	if (raw == NULL)
		return NULL;
	each_piece(text(raw), count, &cap);
	char *clean = malloc(cap);
	if (clean != NULL) {
		struct bytes_out out = bytes_out(clean, cap);
		each_piece(text(raw), append, &out);
		text_end(&out);
	}
	free(raw);
	return clean;
}

void
document_print(const json_t *value, size_t flags)
{
	char *raw = document_dump(value, flags);
	document_print_text(text(raw != NULL ? raw : ""));
	printf("\n");
	free(raw);
}

void
document_print_text(struct text_view json)
{
	each_piece(json, to_stdout, NULL);
}
