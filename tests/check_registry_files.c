/* Embeddings out of files: what numpy, a program or a person would write, and what is
 * refused, each with its reason. */
#include "check_mesh.h"
#include "registry_files.h"
#include <math.h>

static struct embedding e;
static struct embedding_fault why;
static uint8_t file[EMBEDDING_FILE_MAX + 8];

/* A .npy of this header, version 1 unless told, and `len` bytes behind it. */
static struct bytes_view
npy(unsigned version, const char *header, const void *data, size_t len)
{
	size_t text = strlen(header), at = 6;
	memcpy(file, "\x93NUMPY", at);
	file[at++] = (uint8_t)version;
	file[at++] = 0;
	for (size_t i = 0; i < (version == 1 ? 2 : 4); i++)
		file[at++] = (uint8_t)(text >> 8 * i);
	memcpy(file + at, header, text);
	if (len > 0)
		memcpy(file + at + text, data, len);
	return (struct bytes_view){ file, at + text + len };
}

static bool
reads(struct bytes_view v, const char *dtype)
{
	/* of exactly its size, so that ASan sees a read past its end */
	uint8_t *copy = malloc(v.len + 1);
	memcpy(copy, v.ptr, v.len);
	why.text[0] = '\0';
	bool good = embedding_read((struct bytes_view){ copy, v.len }, dtype, &e, &why);
	ck_assert(good || why.text[0] != '\0');
	free(copy);
	return good;
}

static struct bytes_view
text_of(const char *s)
{
	return (struct bytes_view){ (const uint8_t *)s, strlen(s) };
}

#define HEADER(descr, shape)                                                           \
	"{'descr': " descr ", 'fortran_order': False, 'shape': " shape ", }      \n"

START_TEST(what_numpy_saves_reads_back_exactly)
{
	static const float floats[] = { 1, -0.5F, 3e38F };
	static const double doubles[] = { 1, 0.1, -2 };
	static const uint8_t halves[] = { 0x00, 0x3c, 0x01, 0x00, 0xff, 0xfb };
	static const int8_t bytes[] = { 1, -128, 127 };
	static const struct {
		const char *header, *dtype;
		const void *data;
		size_t len;
	} table[] = {
		{ HEADER("'<f4'", "(3,)"), "f32", floats, sizeof floats },
		{ HEADER("'<f4'", "(1, 3)"), "f32", floats, sizeof floats },
		{ HEADER("'<f2'", "(3,)"), "f16", halves, sizeof halves },
		{ HEADER("'|i1'", "(3,)"), "i8", bytes, sizeof bytes },
	};
	for (unsigned version = 1; version <= 3; version++)
		for (size_t i = 0; i < LENGTH(table); i++) {
			ck_assert_msg(reads(npy(version, table[i].header, table[i].data,
						table[i].len),
					  NULL),
			    "%s: %s", table[i].header, why.text);
			ck_assert_str_eq(e.dtype, table[i].dtype);
			ck_assert_uint_eq(e.dim, 3);
			ck_assert_uint_eq(e.len, table[i].len);
			ck_assert(memcmp(e.bytes, table[i].data, e.len) == 0);
			ck_assert(e.scale == 0);
		}
	ck_assert(
	    reads(npy(1, HEADER("'<f8'", "(3,)"), doubles, sizeof doubles), NULL));
	float tenth;
	memcpy(&tenth, e.bytes + 4, sizeof tenth);
	ck_assert(tenth == 0.1F);
}
START_TEST(raw_floats_and_json_are_told_apart_by_their_bytes)
{
	static const float floats[] = { 1, -0.5F, 0x1.6p-20F };
	struct bytes_view raw = { (const uint8_t *)floats, sizeof floats };
	ck_assert(reads(raw, NULL));
	ck_assert_uint_eq(e.dim, 3);
	ck_assert(memcmp(e.bytes, floats, sizeof floats) == 0);
	ck_assert(reads(text_of(" [1, -0.5,\n\t1.3113021850585938e-06]\n"), NULL));
	ck_assert_uint_eq(e.dim, 3);
	ck_assert(memcmp(e.bytes, floats, sizeof floats) == 0);
	ck_assert(reads(text_of("\xef\xbb\xbf[1, 2]"), NULL)); /* of byte order */
	ck_assert_uint_eq(e.dim, 2);
	/* A float whose first byte is a bracket is a float. */
	uint8_t bracket[8] = { '[', 0, 0, 0x40, '[', 0, 0, 0x40 };
	ck_assert(reads((struct bytes_view){ bracket, 8 }, NULL));
	ck_assert_uint_eq(e.dim, 2);
}
START_TEST(what_is_no_embedding_is_refused_and_the_reason_named)
{
	static const float two[] = { 1, 2 };
	static const struct {
		unsigned version;
		const char *header;
		size_t len;
		const char *reason;
	} numpy[] = {
		{ 1, HEADER("'>f4'", "(2,)"), 8, "big-endian" },
		{ 1, HEADER("'|O'", "(2,)"), 8, "objects" },
		{ 1, HEADER("[('x', '<f4')]", "(2,)"), 8, "structured" },
		{ 1, HEADER("'<i8'", "(1,)"), 8, "none of" },
		{ 1, HEADER("'<U1'", "(2,)"), 8, "none of" },
		{ 1, HEADER("'<f4'", "(2, 1)"), 8, "shape" },
		{ 1, HEADER("'<f4'", "(1, 1, 2)"), 8, "shape" },
		{ 1, HEADER("'<f4'", "()"), 4, "shape" },
		{ 1, HEADER("'<f4'", "(0,)"), 0, "empty" },
		{ 1, HEADER("'<f4'", "(3,)"), 8, "needs 12 bytes" },
		{ 1, HEADER("'<f4'", "(1,)"), 8, "needs 4 bytes" },
		{ 1, HEADER("'<f4'", "(99999999999999999999,)"), 8, "needs" },
		{ 1, "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", 8,
		    "Fortran" },
		{ 1, "{'descr': '<f4', 'shape': (2,), }", 8, "lacks" },
		{ 1, "{'descr': '<f4', 'descr': '<f4', 'shape': (2,), }", 8, "twice" },
		{ 1, "{'descr': '<f4', 'extra': 1}", 8, "not numpy's" },
		{ 1, "{'descr': '<f4", 8, "written" },
		{ 1, "{'descr': '<f4', 'fortran_order': Fals", 8, "written" },
		{ 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2", 8,
		    "written" },
		{ 1, "", 8, "written" },
		{ 1, "{}", 8, "lacks" },
		{ 1, HEADER("'<f4'", "(2,)") "more", 8, "written" },
		{ 4, HEADER("'<f4'", "(2,)"), 8, "newer" },
	};
	for (size_t i = 0; i < LENGTH(numpy); i++) {
		ck_assert(!reads(
		    npy(numpy[i].version, numpy[i].header, two, numpy[i].len), NULL));
		ck_assert_msg(strstr(why.text, numpy[i].reason) != NULL, "%s: %s",
		    numpy[i].header, why.text);
	}
	static const struct {
		const char *file, *dtype, *reason;
	} rows[] = { { "", NULL, "empty" }, { "abc", NULL, "3 bytes" },
		{ "[]", NULL, "empty" }, { "[1, \"a\"]", NULL, "item 1" },
		{ "[1, null]", NULL, "item 1" }, { "[1, [2]]", NULL, "item 1" },
		{ "[1, NaN]", NULL, "line 1" }, { "[1,\n1e999]", NULL, "line 2" },
		{ "[1, 1e39]", NULL, "too large for f32" },
		{ "[1, 65520]", "f16", "number 1, 65520, is too large for f16" },
		{ "[1, 2]", "f64", "f32, f16 or i8" },
		/* As long as floats would be. */
		{ "PK\x03\x04", NULL, "archive" }, { "{\"a\": 12}\n ", NULL, "text" },
		{ "hello world!", NULL, "text" },
		{ "\xef\xbb\xbf\"a\": 12", NULL, "text" } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		ck_assert(!reads(text_of(rows[i].file), rows[i].dtype));
		ck_assert_msg(strstr(why.text, rows[i].reason) != NULL, "%s: %s",
		    rows[i].file, why.text);
	}
}
START_TEST(numbers_that_are_not_finite_are_refused_by_place)
{
	static const float bad[] = { NAN, INFINITY, -INFINITY };
	static const uint8_t half[] = { 0, 0x3c, 0, 0x7c };
	float row[5] = { 1, 2, 3, 4, 5 };
	for (size_t i = 0; i < LENGTH(bad); i++) {
		row[3] = bad[i];
		ck_assert(!reads((struct bytes_view){ (uint8_t *)row, sizeof row },
		    i == 0 ? NULL : "i8"));
		ck_assert_str_eq(why.text, "number 3 is not finite");
	}
	ck_assert(!reads(npy(1, HEADER("'<f2'", "(2,)"), half, sizeof half), NULL));
	ck_assert_str_eq(why.text, "number 1 is not finite");
}
START_TEST(sizes_have_ends)
{
	memset(file, 0, sizeof file);
	ck_assert(reads((struct bytes_view){ file, 4 * EMBEDDING_DIM_MAX }, NULL));
	ck_assert(!reads((struct bytes_view){ file, 4 * EMBEDDING_DIM_MAX + 4 }, NULL));
	ck_assert(strstr(why.text, "4097 numbers") != NULL);
	ck_assert(!reads((struct bytes_view){ file, EMBEDDING_FILE_MAX + 4 }, NULL));
	memcpy(file, "\x93NUMPY\x02\x00\xff\xff\xff\xff", 12);
	ck_assert(!reads((struct bytes_view){ file, 200 }, NULL));
	ck_assert(strstr(why.text, "longer than any") != NULL);
	struct bytes_view whole = npy(1, HEADER("'<f4'", "(2,)"), "12345678", 8);
	for (size_t len = 6; len < whole.len; len++) /* wherever it ends */
		ck_assert(!reads((struct bytes_view){ file, len }, NULL));
}
START_TEST(halves_are_the_nearest_there_are)
{
	static const struct {
		double value;
		uint16_t half;
	} table[] = { { 1, 0x3c00 }, { -2, 0xc000 }, { 65504, 0x7bff },
		{ 65519, 0x7bff }, { 0x1p-24, 1 }, { 0x1p-25, 0 }, { 0x1.8p-25, 1 },
		{ 0x1.ff8p-15, 0x03ff }, { 0x1.ffcp-15, 0x0400 }, { 0x1p-14, 0x0400 },
		{ 2049, 0x6800 }, { 2051, 0x6802 }, { 0.1, 0x2e66 }, { 0, 0 } };
	for (size_t i = 0; i < LENGTH(table); i++) {
		char json[64];
		snprintf(json, sizeof json, "[%.20g]", table[i].value);
		ck_assert(reads(text_of(json), "f16"));
		ck_assert_msg(e.bytes[0] == (table[i].half & 0xff) &&
			e.bytes[1] == table[i].half >> 8,
		    "%g: %02x%02x", table[i].value, e.bytes[1], e.bytes[0]);
	}
	/* Every half that is a number comes back as itself. */
	for (unsigned h = 0; h < 0x10000; h++) {
		uint8_t two[2] = { (uint8_t)h, (uint8_t)(h >> 8) };
		if ((h & 0x7c00) == 0x7c00)
			continue;
		ck_assert(reads(npy(1, HEADER("'<f2'", "(1,)"), two, 2), "f16"));
		ck_assert(memcmp(e.bytes, two, 2) == 0);
	}
}
START_TEST(bytes_count_in_steps_of_the_largest)
{
	ck_assert(reads(text_of("[-254, 127, 2, 0, 0.9]"), "i8"));
	static const int8_t want[] = { -127, 64, 1, 0, 0 };
	ck_assert(e.scale == 2 && e.len == 5);
	ck_assert(memcmp(e.bytes, want, sizeof want) == 0);
	ck_assert(reads(text_of("[0, 0]"), "i8"));
	ck_assert(e.scale == 0 && e.bytes[0] == 0 && e.bytes[1] == 0);
}
CHECK_MODULE(registry_files, NULL, what_numpy_saves_reads_back_exactly,
    raw_floats_and_json_are_told_apart_by_their_bytes,
    what_is_no_embedding_is_refused_and_the_reason_named,
    numbers_that_are_not_finite_are_refused_by_place, sizes_have_ends,
    halves_are_the_nearest_there_are, bytes_count_in_steps_of_the_largest)
