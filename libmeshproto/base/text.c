#include "text.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct text_view
text(const char *terminated)
{
	return (struct text_view){ terminated,
		terminated != NULL ? strlen(terminated) : 0 };
}

struct text_view
text_written(const struct bytes_out *o)
{
	return (struct text_view){ (const char *)o->ptr, o->len };
}

bool
text_equal(struct text_view a, struct text_view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
text_is(struct text_view a, const char *terminated)
{
	return text_equal(a, text(terminated));
}

bool
text_begins(struct text_view a, const char *terminated)
{
	size_t len = strlen(terminated);
	return a.len >= len && memcmp(a.ptr, terminated, len) == 0;
}

void
text_put(struct bytes_out *o, const char *terminated)
{
	bytes_put(o, terminated, strlen(terminated));
}

void
text_put_view(struct bytes_out *o, struct text_view v)
{
	bytes_put(o, v.ptr, v.len);
}

void
text_put_u64(struct bytes_out *o, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	bytes_put(o, digits + at, sizeof digits - at);
}

void
text_put_i64(struct bytes_out *o, int64_t n)
{
	if (n < 0)
		text_put(o, "-");
	text_put_u64(o, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

/* Fewer digits first: the shortest that reads back is what people expect to see. */
void
text_put_f64(struct bytes_out *o, double n)
{
	char digits[40];
	for (int precision = 1; precision <= 17; precision++) {
		snprintf(digits, sizeof digits, "%.*g", precision, n);
		if (!isfinite(n) ||
		    !(strtod(digits, NULL) < n || strtod(digits, NULL) > n))
			break;
	}
	text_put(o, digits);
}

void
text_put_f32(struct bytes_out *o, float n)
{
	char digits[40];
	for (int precision = 1; precision <= 9; precision++) {
		snprintf(digits, sizeof digits, "%.*g", precision, (double)n);
		if (!isfinite(n) ||
		    !(strtof(digits, NULL) < n || strtof(digits, NULL) > n))
			break;
	}
	text_put(o, digits);
}

void
text_put_hex(struct bytes_out *o, struct bytes_view v)
{
	static const char digit[] = "0123456789abcdef";
	for (size_t i = 0; i < v.len; i++) {
		char two[2] = { digit[v.ptr[i] >> 4], digit[v.ptr[i] & 15] };
		bytes_put(o, two, 2);
	}
}

static const char base64url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
text_put_base64url(struct bytes_out *o, struct bytes_view v)
{
	for (size_t i = 0; i < v.len; i += 3) {
		size_t have = v.len - i < 3 ? v.len - i : 3;
		uint32_t group = (uint32_t)v.ptr[i] << 16;
		if (have > 1)
			group |= (uint32_t)v.ptr[i + 1] << 8;
		if (have > 2)
			group |= v.ptr[i + 2];
		for (size_t k = 0; k <= have; k++)
			bytes_put(o, &base64url[group >> (18 - 6 * k) & 63], 1);
	}
}

void
text_printf(struct bytes_out *o, const char *format, ...)
{
	char line[1024];
	va_list args;
	va_start(args, format);
	int len = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof line)
		o->failed = true;
	else
		bytes_put(o, line, (size_t)len);
}

const char *
text_end(struct bytes_out *o)
{
	if (o->failed || o->len >= o->cap) {
		o->failed = true;
		return "";
	}
	o->ptr[o->len] = '\0';
	return (const char *)o->ptr;
}

/* One more than the digit is worth; 0: none.  A table, as letters and numerals of an
 * embedding follow each other as they like, and no branch is guessed. */
/* clang-format off */
static const uint8_t hex_digits[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
	['8'] = 9, ['9'] = 10,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
}; /* clang-format on */

static unsigned
hex_digit(char c)
{
	return hex_digits[(uint8_t)c];
}

enum mesh_err
text_hex_decode(struct text_view hex, struct bytes_out *out)
{
	size_t wrong = 0;
	if (hex.len % 2 != 0 || hex.len / 2 > out->cap - out->len)
		return MESH_MALFORMED;
	for (size_t i = 0; i < hex.len; i++)
		wrong += hex_digit(hex.ptr[i]) == 0;
	if (wrong > 0)
		return MESH_MALFORMED;
	for (size_t i = 0; i < hex.len; i += 2)
		bytes_put_u8(out,
		    (uint8_t)((hex_digit(hex.ptr[i]) - 1) << 4 |
			(hex_digit(hex.ptr[i + 1]) - 1)));
	return MESH_OK;
}

enum mesh_err
text_base64url_decode(struct text_view b64, struct bytes_out *out)
{
	uint32_t group = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < b64.len; i++) {
		const char *at = b64.ptr[i] != '\0' ? strchr(base64url, b64.ptr[i])
						    : NULL;
		if (at == NULL)
			return MESH_MALFORMED;
		group = group << 6 | (uint32_t)(at - base64url);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes_put_u8(out, (uint8_t)(group >> bits));
		}
		group &= (1U << bits) - 1;
	}
	/* Left-over bits must be zero, and six of them are a lone character. */
	return out->failed            ? MESH_FULL
	    : group != 0 || bits == 6 ? MESH_MALFORMED
				      : MESH_OK;
}

enum mesh_err
text_parse_u64(struct text_view v, uint64_t *n)
{
	uint64_t sum = 0;
	if (v.len == 0)
		return MESH_MALFORMED;
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] < '0' || v.ptr[i] > '9')
			return MESH_MALFORMED;
		uint64_t digit = (uint64_t)(v.ptr[i] - '0');
		if (sum > (UINT64_MAX - digit) / 10)
			return MESH_MALFORMED;
		sum = sum * 10 + digit;
	}
	*n = sum;
	return MESH_OK;
}

enum mesh_err
text_parse_i64(struct text_view v, int64_t *n)
{
	bool minus = v.len > 0 && v.ptr[0] == '-';
	struct text_view digits = { minus ? v.ptr + 1 : v.ptr,
		minus ? v.len - 1 : v.len };
	uint64_t sum;
	if (text_parse_u64(digits, &sum) != MESH_OK ||
	    sum > (uint64_t)INT64_MAX + minus)
		return MESH_MALFORMED;
	*n = minus ? (int64_t)(0 - sum) : (int64_t)sum;
	return MESH_OK;
}

enum mesh_err
text_parse_f64(struct text_view v, double *n)
{
	char copy[64];
	char *end;
	if (v.len == 0 || v.len >= sizeof copy || (v.ptr[0] & 0xdf) == 'I' ||
	    (v.ptr[0] & 0xdf) == 'N' || v.ptr[0] == ' ')
		return MESH_MALFORMED;
	memcpy(copy, v.ptr, v.len);
	copy[v.len] = '\0';
	double parsed = strtod(copy, &end);
	if (end != copy + v.len || !isfinite(parsed))
		return MESH_MALFORMED;
	*n = parsed;
	return MESH_OK;
}

/* Length of the valid character at `p`, and its code point; 0 if it is not one. */
static size_t
utf8_next(const uint8_t *p, size_t left, uint32_t *code)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least;
	} form[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 } };
	for (size_t len = 1; len <= LENGTH(form); len++) {
		if ((p[0] & form[len - 1].mask) != form[len - 1].lead)
			continue;
		uint32_t c = p[0] & (uint32_t)(uint8_t)~form[len - 1].mask;
		for (size_t i = 1; i < len; i++) {
			if (i >= left || (p[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (p[i] & 0x3fU);
		}
		*code = c;
		bool good = c >= form[len - 1].least && c <= 0x10ffff &&
		    !(c >= 0xd800 && c <= 0xdfff);
		return good ? len : 0;
	}
	return 0;
}

bool
text_is_utf8(struct bytes_view v)
{
	for (size_t at = 0; at < v.len;) {
		uint32_t code;
		size_t len = utf8_next(v.ptr + at, v.len - at, &code);
		if (len == 0)
			return false;
		at += len;
	}
	return true;
}

size_t
text_character(struct bytes_view v, uint32_t *code)
{
	return v.len > 0 ? utf8_next(v.ptr, v.len, code) : 0;
}

bool
text_is_unsafe(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} range[] = { { 0x00, 0x1f }, { 0x7f, 0x9f }, /* C0, DEL, C1 */
		{ 0x61c, 0x61c }, { 0x200b, 0x200f }, /* marks and zero widths */
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f }, /* separators, embeddings, isolates */
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f } };
	/* U+200D joins emoji and does no harm. */
	for (size_t i = 0; i < LENGTH(range); i++) {
		if (code >= range[i].first && code <= range[i].last)
			return code != 0x200d;
	}
	return false;
}

void
text_put_clean(struct bytes_out *o, struct bytes_view v, size_t max_bytes)
{
	size_t written = 0;
	for (size_t at = 0; at < v.len;) {
		uint32_t code = 0;
		size_t len = utf8_next(v.ptr + at, v.len - at, &code);
		const void *from = len > 0 ? (const void *)(v.ptr + at)
					   : "\xef\xbf\xbd";
		size_t put = len > 0 ? len : 3;
		at += len > 0 ? len : 1;
		if (len > 0 && text_is_unsafe(code))
			continue;
		if (written + put > max_bytes)
			return;
		bytes_put(o, from, put);
		written += put;
	}
}
