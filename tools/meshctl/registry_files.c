#include "registry_files.h"
#include "bytes.h"
#include "document.h"
#include "npy.h"
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct numbers { /* as they stood in the file */
	double value[EMBEDDING_DIM_MAX];
	size_t count;
	const char *dtype; /* what holds them without loss */
};

static bool
fail(struct embedding_fault *why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(why->text, sizeof why->text, format, args);
	va_end(args);
	return false;
}

static uint64_t
number_le(const uint8_t *p, size_t width)
{
	uint64_t n = 0;
	for (size_t i = width; i-- > 0;)
		n = n << 8 | p[i];
	return n;
}

/* --- numbers of each width --- */

static double
value_f4(const uint8_t *p)
{
	uint32_t bits = (uint32_t)number_le(p, 4);
	float f;
	memcpy(&f, &bits, sizeof f);
	return (double)f;
}

static double
value_f8(const uint8_t *p)
{
	uint64_t bits = number_le(p, 8);
	double d;
	memcpy(&d, &bits, sizeof d);
	return d;
}

static double
value_f2(const uint8_t *p)
{
	unsigned h = (unsigned)number_le(p, 2);
	int exponent = (int)(h >> 10 & 0x1f), fraction = (int)(h & 0x3ff);
	double d = exponent == 0x1f ? (double)NAN
	    : exponent == 0         ? ldexp(fraction, -24)
				    : ldexp(fraction + 0x400, exponent - 25);
	return h & 0x8000 ? -d : d;
}

static double
value_i1(const uint8_t *p)
{
	return p[0] < 0x80 ? p[0] : p[0] - 256;
}

static const struct {
	double (*value)(const uint8_t *p);
	const char *dtype;
} kinds[NPY_DTYPES] = {
	[NPY_F4] = { value_f4, "f32" },
	[NPY_F8] = { value_f8, "f32" },
	[NPY_F2] = { value_f2, "f16" },
	[NPY_I1] = { value_i1, "i8" },
};

static bool
take_numbers(enum npy_dtype kind, struct bytes_view data, struct numbers *out,
    struct embedding_fault *why)
{
	size_t width = npy_width(kind);
	out->count = data.len / width;
	out->dtype = kinds[kind].dtype;
	if (out->count == 0)
		return fail(why, "it is empty");
	if (out->count > EMBEDDING_DIM_MAX)
		return fail(why, "it has %zu numbers; an embedding has at most %d",
		    out->count, EMBEDDING_DIM_MAX);
	for (size_t i = 0; i < out->count; i++)
		out->value[i] = kinds[kind].value(data.ptr + i * width);
	return true;
}

/* --- the three sorts of files --- */

static bool
read_npy(struct bytes_view file, struct numbers *out, struct embedding_fault *why)
{
	struct npy npy;
	const char *fault = npy_read(file, &npy);
	if (fault != NULL)
		return fail(why, ".npy: %s", fault);
	size_t want = npy.count * npy_width(npy.dtype);
	if (npy.data.len != want)
		return fail(why, ".npy: its shape needs %zu bytes of numbers, not %zu",
		    want, npy.data.len);
	return take_numbers(npy.dtype, npy.data, out, why);
}

static bool
is_zip(struct bytes_view file)
{
	static const char magic[] = "PK\x03\x04";
	return file.len >= 4 && memcmp(file.ptr, magic, 4) == 0;
}

static bool
is_printable(uint8_t c)
{
	return (c >= 9 && c <= 13) || (c >= 0x20 && c <= 0x7e);
}

static struct bytes_view
behind_mark(struct bytes_view file)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of byte order, as UTF-8 */
	bool marked = file.len >= 3 && memcmp(file.ptr, mark, 3) == 0;
	return marked ? bytes_view(file.ptr + 3, file.len - 3) : file;
}

/* Four random floats all written with printable letters are one in 10^13, two that are
 * somebody's embedding hardly more. */
static bool
is_text(struct bytes_view file)
{
	struct bytes_view all = behind_mark(file);
	for (size_t i = 0; i < all.len; i++)
		if (!is_printable(all.ptr[i]))
			return false;
	return all.len >= 8 || all.len < file.len;
}

static bool
read_raw(struct bytes_view file, struct numbers *out, struct embedding_fault *why)
{
	if (is_zip(file))
		return fail(why, ".npz or another archive: save one array as .npy");
	if (is_text(file))
		return fail(
		    why, "it is text: neither .npy, 32-bit floats nor a JSON array");
	if (file.len % 4 != 0)
		return fail(why,
		    "neither .npy nor a JSON array, and %zu bytes are no whole number "
		    "of 32-bit floats",
		    file.len);
	return take_numbers(NPY_F4, file, out, why);
}

static bool
take_items(const json_t *list, struct numbers *out, struct embedding_fault *why)
{
	out->dtype = "f32";
	out->count = json_array_size(list);
	if (out->count == 0)
		return fail(why, "the JSON array is empty");
	if (out->count > EMBEDDING_DIM_MAX)
		return fail(why, "it has %zu numbers; an embedding has at most %d",
		    out->count, EMBEDDING_DIM_MAX);
	for (size_t i = 0; i < out->count; i++) {
		const json_t *item = json_array_get(list, i);
		if (!document_number(item, &out->value[i]))
			return fail(why, "JSON: item %zu is no number", i);
	}
	return true;
}

static bool
read_json(struct bytes_view file, struct numbers *out, struct embedding_fault *why)
{
	json_error_t error;
	json_t *list = document_read(
	    (struct text_view){ (const char *)file.ptr, file.len }, 0, &error);
	if (list == NULL)
		return fail(why, "JSON, line %d: %s", error.line, error.text);
	bool good = take_items(list, out, why);
	json_decref(list);
	return good;
}

static bool
is_json(struct bytes_view file)
{
	size_t i = 0;
	while (i < file.len && strchr(" \t\r\n", file.ptr[i]) != NULL &&
	    file.ptr[i] != '\0')
		i++;
	if (i == file.len || file.ptr[i] != '[')
		return false;
	while (i < file.len && is_printable(file.ptr[i]))
		i++;
	return i == file.len;
}

/* --- into the dtype that is wanted --- */

static bool
put_f32(double value, uint8_t *to)
{
	if (fabs(value) > (double)FLT_MAX)
		return false;
	float f = fabs(value) < 0x1p-126 ? 0 : (float)value;
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	for (size_t i = 0; i < 4; i++)
		to[i] = (uint8_t)(bits >> 8 * i);
	return true;
}

/* Rounded to the nearest half, ties to even; also the subnormal. */
static bool
put_f16(double value, uint8_t *to)
{
	int exponent;
	double size = fabs(value);
	frexp(size, &exponent); /* size < 2^exponent */
	int step = exponent < -13 ? -24 : exponent - 11;
	double steps = nearbyint(ldexp(size, -step));
	unsigned bits = size == 0
	    ? 0
	    : (unsigned)steps + (step == -24 ? 0 : (unsigned)(step + 24) << 10);
	bits |= signbit(value) ? 0x8000U : 0;
	to[0] = (uint8_t)bits;
	to[1] = (uint8_t)(bits >> 8);
	return size < 65520;
}

static double
largest_of(const struct numbers *n)
{
	double largest = 0;
	for (size_t i = 0; i < n->count; i++)
		largest = fmax(largest, fabs(n->value[i]));
	return largest;
}

/* Bytes stay as they are; other numbers become steps of a 127th of the largest. */
static void
put_i8(const struct numbers *n, struct embedding *out)
{
	bool bytes = strcmp(n->dtype, "i8") == 0;
	double step = bytes ? 1 : largest_of(n) / 127;
	bool zero = step < 0x1p-126;
	out->scale = bytes || zero ? 0 : (float)step;
	for (size_t i = 0; i < n->count; i++)
		out->bytes[i] = zero ? 0 : (uint8_t)(int8_t)lrint(n->value[i] / step);
	out->len = n->count;
}

static bool
put_floats(const struct numbers *n, bool half, struct embedding *out,
    struct embedding_fault *why)
{
	size_t width = half ? 2 : 4;
	for (size_t i = 0; i < n->count; i++) {
		uint8_t *to = out->bytes + i * width;
		if (!(half ? put_f16(n->value[i], to) : put_f32(n->value[i], to)))
			return fail(why, "number %zu, %g, is too large for %s", i,
			    n->value[i], half ? "f16" : "f32");
	}
	out->len = n->count * width;
	return true;
}

static bool
convert(const struct numbers *n, const char *dtype, struct embedding *out,
    struct embedding_fault *why)
{
	static const char *const words[] = { "f32", "f16", "i8" };
	size_t want = 0;
	while (want < LENGTH(words) && strcmp(words[want], dtype) != 0)
		want++;
	if (want == LENGTH(words))
		return fail(why, "dtype %s: f32, f16 or i8", dtype);
	for (size_t i = 0; i < n->count; i++)
		if (!isfinite(n->value[i]))
			return fail(why, "number %zu is not finite", i);
	out->dtype = words[want];
	out->dim = n->count;
	out->scale = 0;
	if (want < 2)
		return put_floats(n, want == 1, out, why);
	put_i8(n, out);
	return true;
}

bool
embedding_read(struct bytes_view file, const char *dtype, struct embedding *out,
    struct embedding_fault *why)
{
	static struct numbers numbers; /* 32 KiB are too much for a stack */
	bool good;
	if (file.len > EMBEDDING_FILE_MAX)
		return fail(
		    why, "more than %d bytes are no embedding", EMBEDDING_FILE_MAX);
	if (npy_is(file))
		good = read_npy(file, &numbers, why);
	else if (is_json(behind_mark(file)))
		good = read_json(behind_mark(file), &numbers, why);
	else
		good = read_raw(file, &numbers, why);
	return good &&
	    convert(&numbers, dtype != NULL ? dtype : numbers.dtype, out, why);
}
