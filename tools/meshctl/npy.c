#include "npy.h"
#include "bytes.h"
#include "text.h"
#include <string.h>

enum { MAGIC = 6, HEADER_MAX = 10000, COUNT_MAX = 1000000 };
static const uint8_t magic[MAGIC] = { 0x93, 'N', 'U', 'M', 'P', 'Y' };
static const struct {
	const char *word;
	uint8_t width;
} dtypes[NPY_DTYPES] = {
	[NPY_F4] = { "<f4", 4 },
	[NPY_F8] = { "<f8", 8 },
	[NPY_F2] = { "<f2", 2 },
	[NPY_I1] = { "|i1", 1 },
};

size_t
npy_width(enum npy_dtype dtype)
{
	return dtypes[dtype].width;
}

bool
npy_is(struct bytes_view file)
{
	return file.len >= MAGIC && memcmp(file.ptr, magic, MAGIC) == 0;
}

/* --- a dict of literals --- */

struct scanner {
	const char *at, *end;
	const char *fault;
};

static void
skip_space(struct scanner *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t'))
		s->at++;
}

static bool
take(struct scanner *s, char c)
{
	skip_space(s);
	bool found = s->at < s->end && *s->at == c;
	s->at += found;
	return found;
}

static void
fail(struct scanner *s, const char *why)
{
	if (s->fault == NULL)
		s->fault = why;
}

static void
expect(struct scanner *s, char c)
{
	if (!take(s, c))
		fail(s, "its header is not written as numpy writes it");
}

static struct text_view
take_word(struct scanner *s)
{
	skip_space(s);
	char quote = '\0';
	if (s->at < s->end)
		quote = *s->at;
	struct text_view word = { s->at + 1, 0 };
	if (quote != '\'' && quote != '"') {
		fail(s, "its header is not written as numpy writes it");
		return (struct text_view){ "", 0 };
	}
	for (s->at++; s->at < s->end && *s->at != quote; s->at++)
		word.len++;
	expect(s, quote);
	return word;
}

static void
take_dtype(struct scanner *s, struct npy *out)
{
	skip_space(s);
	if (s->at < s->end && *s->at == '[') {
		fail(s, "it is structured: one plain number a place is wanted");
		return;
	}
	struct text_view word = take_word(s);
	for (size_t i = 0; i < NPY_DTYPES; i++)
		if (text_is(word, dtypes[i].word)) {
			out->dtype = (enum npy_dtype)i;
			return;
		}
	if (word.len > 0 && word.ptr[0] == '>')
		fail(s, "it is big-endian: save it with astype('<f4')");
	else if (word.len > 1 && word.ptr[1] == 'O')
		fail(s, "it holds Python objects, not numbers");
	else
		fail(s, "its numbers are none of <f4, <f8, <f2 and |i1");
}

static bool
take_bool(struct scanner *s)
{
	static const char *const words[] = { "False", "True" };
	skip_space(s);
	for (size_t i = 0; i < LENGTH(words); i++) {
		size_t len = strlen(words[i]);
		if ((size_t)(s->end - s->at) >= len &&
		    memcmp(s->at, words[i], len) == 0) {
			s->at += len;
			return i == 1;
		}
	}
	fail(s, "its header is not written as numpy writes it");
	return false;
}

static size_t
take_count(struct scanner *s)
{
	size_t n = 0;
	skip_space(s);
	if (s->at == s->end || *s->at < '0' || *s->at > '9')
		fail(s, "its shape is not written as numpy writes it");
	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++)
		n = n < COUNT_MAX ? n * 10 + (size_t)(*s->at - '0') : n;
	return n;
}

struct shape {
	size_t sizes[2], count;
};

static struct shape
take_shape(struct scanner *s)
{
	struct shape shape = { .count = 0 };
	expect(s, '(');
	while (s->fault == NULL && !take(s, ')')) {
		size_t size = take_count(s);
		if (shape.count < LENGTH(shape.sizes))
			shape.sizes[shape.count] = size;
		shape.count++;
		if (!take(s, ',')) {
			expect(s, ')');
			break;
		}
	}
	return shape;
}

static void
judge_shape(struct scanner *s, const struct shape *shape, bool fortran, struct npy *out)
{
	if (shape->count == 1)
		out->count = shape->sizes[0];
	else if (shape->count == 2 && fortran)
		fail(s, "it is a matrix in Fortran order: one vector is wanted");
	else if (shape->count == 2 && shape->sizes[0] == 1)
		out->count = shape->sizes[1];
	else
		fail(s, "its shape is not (n,) or (1, n): one vector is wanted");
}

static void
take_dict(struct scanner *s, struct npy *out)
{
	static const char *const keys[] = { "descr", "fortran_order", "shape" };
	unsigned seen = 0;
	bool fortran = false;
	struct shape shape = { .count = 0 };
	expect(s, '{');
	while (s->fault == NULL && !take(s, '}')) {
		struct text_view word = take_word(s);
		size_t key = 0;
		while (key < LENGTH(keys) && !text_is(word, keys[key]))
			key++;
		if (key == LENGTH(keys) || (seen >> key & 1) != 0)
			fail(s, "its header has a key that is not numpy's, or twice");
		seen |= 1U << key;
		expect(s, ':');
		if (s->fault != NULL)
			return;
		if (key == 0)
			take_dtype(s, out);
		else if (key == 1)
			fortran = take_bool(s);
		else
			shape = take_shape(s);
		if (!take(s, ',')) {
			expect(s, '}');
			break;
		}
	}
	if (s->fault == NULL && seen != 7)
		fail(s, "its header lacks descr, fortran_order or shape");
	if (s->fault == NULL)
		judge_shape(s, &shape, fortran, out);
}

static size_t
take_le(struct bytes_in *in, size_t width)
{
	struct bytes_view v = bytes_take(in, width);
	size_t n = 0;
	for (size_t i = v.len; i-- > 0;)
		n = n << 8 | v.ptr[i];
	return n;
}

const char *
npy_read(struct bytes_view file, struct npy *out)
{
	struct bytes_in in = bytes_in(file);
	bytes_take(&in, MAGIC);
	unsigned major = bytes_u8(&in);
	bytes_u8(&in);
	if (!in.failed && (major < 1 || major > 3))
		return "its format is newer than version 3";
	size_t len = take_le(&in, major == 1 ? 2 : 4);
	if (!in.failed && len > HEADER_MAX)
		return "its header is longer than any that numpy writes";
	struct bytes_view header = bytes_take(&in, len);
	if (in.failed)
		return "it ends inside its header";
	struct scanner s = { (const char *)header.ptr,
		(const char *)header.ptr + header.len, NULL };
	take_dict(&s, out);
	skip_space(&s);
	if (s.fault == NULL && s.at != s.end)
		fail(&s, "its header is not written as numpy writes it");
	out->data = bytes_view(in.ptr, in.left);
	return s.fault;
}
