#include "json_out.h"
#include "text.h"
#include <assert.h>
#include <math.h>

struct json_out
json_out(struct bytes_out *out)
{
	return (struct json_out){ .out = out };
}

/* Comma and bookkeeping before any value. */
static void
before_value(struct json_out *j)
{
	uint32_t bit = 1U << j->depth;
	if (!j->after_key) {
		if (j->has_items & bit)
			text_put(j->out, ",");
		j->has_items |= bit;
	}
	j->after_key = false;
}

static void
open_with(struct json_out *j, const char *bracket)
{
	before_value(j);
	text_put(j->out, bracket);
	assert(j->depth + 1 < JSON_DEPTH);
	j->depth++;
	j->has_items &= ~(1U << j->depth);
}

static void
shut_with(struct json_out *j, const char *bracket)
{
	assert(j->depth > 0 && !j->after_key);
	j->depth--;
	text_put(j->out, bracket);
}

void
json_open_object(struct json_out *j)
{
	open_with(j, "{");
}

void
json_shut_object(struct json_out *j)
{
	shut_with(j, "}");
}

void
json_open_array(struct json_out *j)
{
	open_with(j, "[");
}

void
json_shut_array(struct json_out *j)
{
	shut_with(j, "]");
}

static void
put_escaped(struct bytes_out *out, uint8_t c)
{
	static const char plain[] = "\"\\\b\f\n\r\t";
	static const char letter[] = "\"\\bfnrt";
	const char *at = c != '\0' ? strchr(plain, c) : NULL;
	if (at != NULL) {
		text_put(out, "\\");
		bytes_put(out, &letter[at - plain], 1);
	} else {
		text_put(out, "\\u00");
		text_put_hex(out, bytes_view(&c, 1));
	}
}

static bool
is_plain(uint8_t c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

/* First bytes of the characters that text_is_unsafe names. */
static bool
may_be_unsafe(uint8_t c)
{
	return c == 0xc2 || c == 0xd8 || c == 0xe2 || c == 0xef || c == 0xf3;
}

static void
put_unit(struct bytes_out *out, uint32_t unit)
{
	const uint8_t bytes[] = { (uint8_t)(unit >> 8), (uint8_t)unit };
	text_put(out, "\\u");
	text_put_hex(out, bytes_view(bytes, sizeof bytes));
}

static void
put_code(struct bytes_out *out, uint32_t code)
{
	enum { ASTRAL = 0x10000, HIGH = 0xd800, LOW = 0xdc00, HALF = 10 };
	if (code < ASTRAL) {
		put_unit(out, code);
		return;
	}
	put_unit(out, HIGH + ((code - ASTRAL) >> HALF));
	put_unit(out, LOW + (code & ((1U << HALF) - 1)));
}

/* Bytes of the character at `at` if it does not go out as it is, else 0. */
static size_t
odd_length(struct text_view v, size_t at, uint32_t *code)
{
	uint8_t c = (uint8_t)v.ptr[at];
	*code = c;
	if (!is_plain(c))
		return 1;
	if (!may_be_unsafe(c))
		return 0;
	size_t len = text_character(bytes_view(v.ptr + at, v.len - at), code);
	return text_is_unsafe(*code) ? len : 0;
}

/* Runs of plain characters go out in one piece: lists are mostly plain text. */
static void
put_valid(struct bytes_out *out, struct text_view v)
{
	size_t from = 0;
	for (size_t i = 0; i < v.len; i++) {
		uint32_t code;
		size_t len = odd_length(v, i, &code);
		if (len == 0)
			continue;
		bytes_put(out, v.ptr + from, i - from);
		if (len == 1)
			put_escaped(out, (uint8_t)code);
		else
			put_code(out, code);
		from = i + len;
		i = from - 1;
	}
	bytes_put(out, v.ptr + from, v.len - from);
}

/* Bytes that are no UTF-8 become U+FFFD, one by one; the rest stays. */
static void
put_doubtful(struct bytes_out *out, struct text_view v)
{
	for (size_t at = 0; at < v.len;) {
		size_t len = 1;
		while (len <= 4 && len <= v.len - at &&
		    !text_is_utf8(bytes_view(v.ptr + at, len)))
			len++;
		bool good = len <= 4 && len <= v.len - at;
		if (good)
			put_valid(out, (struct text_view){ v.ptr + at, len });
		else
			text_put(out, "\xef\xbf\xbd");
		at += good ? len : 1;
	}
}

static void
put_string(struct bytes_out *out, struct text_view v)
{
	text_put(out, "\"");
	if (text_is_utf8(bytes_view(v.ptr, v.len)))
		put_valid(out, v);
	else
		put_doubtful(out, v);
	text_put(out, "\"");
}

void
json_key_view(struct json_out *j, struct text_view key)
{
	before_value(j);
	put_string(j->out, key);
	text_put(j->out, ":");
	j->after_key = true;
}

void
json_key(struct json_out *j, const char *key)
{
	json_key_view(j, text(key));
}

void
json_put_null(struct json_out *j)
{
	before_value(j);
	text_put(j->out, "null");
}

void
json_put_bool(struct json_out *j, bool b)
{
	before_value(j);
	text_put(j->out, b ? "true" : "false");
}

void
json_put_i64(struct json_out *j, int64_t n)
{
	before_value(j);
	text_put_i64(j->out, n);
}

void
json_put_u64(struct json_out *j, uint64_t n)
{
	before_value(j);
	text_put_u64(j->out, n);
}

void
json_put_f64(struct json_out *j, double n)
{
	before_value(j);
	if (isfinite(n))
		text_put_f64(j->out, n);
	else
		text_put(j->out, "null");
}

void
json_put_f32(struct json_out *j, float n)
{
	before_value(j);
	if (isfinite(n))
		text_put_f32(j->out, n);
	else
		text_put(j->out, "null");
}

void
json_put_text(struct json_out *j, struct text_view v)
{
	before_value(j);
	put_string(j->out, v);
}

void
json_put_string(struct json_out *j, const char *terminated)
{
	json_put_text(j, text(terminated));
}

void
json_put_hex(struct json_out *j, struct bytes_view v)
{
	before_value(j);
	text_put(j->out, "\"");
	text_put_hex(j->out, v);
	text_put(j->out, "\"");
}

void
json_put_raw(struct json_out *j, struct text_view json)
{
	before_value(j);
	text_put_view(j->out, json);
}
