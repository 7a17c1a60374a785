#include "check_mesh.h"
#include "golden.h"
#include "names.h"
#include "pack.h"
#include "shape.h"
#include "text.h"
#include <time.h>

START_TEST(each_form_and_its_fault)
{
	/* clang-format off */
	static const struct { const char *hex; enum mesh_err err; size_t items; const char *why; } row[] = {
		{ "",             MESH_TRUNCATED, 0, "nothing" },
		{ "00",           MESH_OK, 1, "0" },
		{ "7f",           MESH_OK, 1, "127" },
		{ "cc80",         MESH_OK, 1, "128" },
		{ "cc7f",         MESH_MALFORMED, 0, "127 has a shorter form" },
		{ "cd0100",       MESH_OK, 1, "256" },
		{ "cd00ff",       MESH_MALFORMED, 0, "255 has a shorter form" },
		{ "ce00010000",   MESH_OK, 1, "65536" },
		{ "ce0000ffff",   MESH_MALFORMED, 0, "65535 has a shorter form" },
		{ "cf0000000100000000", MESH_OK, 1, "2^32" },
		{ "cf00000000ffffffff", MESH_MALFORMED, 0, "2^32-1 has a shorter form" },
		{ "cfffffffffffffffff", MESH_OK, 1, "2^64-1" },
		{ "ff",           MESH_OK, 1, "-1" },
		{ "e0",           MESH_OK, 1, "-32" },
		{ "d0df",         MESH_OK, 1, "-33" },
		{ "d0e0",         MESH_MALFORMED, 0, "-32 has a shorter form" },
		{ "d005",         MESH_MALFORMED, 0, "positive numbers are unsigned" },
		{ "d1ff7f",       MESH_OK, 1, "-129" },
		{ "d1ff80",       MESH_MALFORMED, 0, "-128 has a shorter form" },
		{ "d2ffff7fff",   MESH_OK, 1, "-32769" },
		{ "d2ffff8000",   MESH_MALFORMED, 0, "-32768 has a shorter form" },
		{ "d3ffffffff7fffffff", MESH_OK, 1, "-2^31-1" },
		{ "d3ffffffff80000000", MESH_MALFORMED, 0, "-2^31 has a shorter form" },
		{ "d30000000000000001", MESH_MALFORMED, 0, "positive" },
		{ "c0",           MESH_OK, 1, "nil" },
		{ "c1",           MESH_MALFORMED, 0, "never used" },
		{ "c2",           MESH_OK, 1, "false" },
		{ "c3",           MESH_OK, 1, "true" },
		{ "ca3f800000",   MESH_OK, 1, "1.0f" },
		{ "cb3ff0000000000000", MESH_OK, 1, "1.0" },
		{ "ca3f8000",     MESH_TRUNCATED, 0, "half a float" },
		{ "a0",           MESH_OK, 1, "empty text" },
		{ "a2c3a4",       MESH_OK, 1, "text of one letter" },
		{ "a1c3",         MESH_MALFORMED, 0, "half a letter" },
		{ "a3eda080",     MESH_MALFORMED, 0, "a surrogate" },
		{ "a161ff",       MESH_MALFORMED, 0, "something behind" },
		{ "d9206161616161616161616161616161616161616161616161616161616161616161", MESH_OK, 1, "32 letters" },
		{ "d90161",       MESH_MALFORMED, 0, "one letter has a shorter form" },
		{ "c400",         MESH_OK, 1, "empty bin" },
		{ "c403616263",   MESH_OK, 1, "bin" },
		{ "c4036162",     MESH_TRUNCATED, 0, "bin ends early" },
		{ "c50001ff",     MESH_MALFORMED, 0, "short bin in a long form" },
		{ "c6ffffffff",   MESH_TRUNCATED, 0, "4 GiB of bin in five bytes" },
		{ "dbffffffff",   MESH_TRUNCATED, 0, "4 GiB of text in five bytes" },
		{ "90",           MESH_OK, 1, "empty list" },
		{ "93010203",     MESH_OK, 4, "list" },
		{ "930102",       MESH_TRUNCATED, 0, "one is missing" },
		{ "dc0002" "0102", MESH_MALFORMED, 0, "two elements have a shorter form" },
		{ "ddffffffff",   MESH_TRUNCATED, 0, "2^32-1 elements in five bytes" },
		{ "dfffffffff",   MESH_TRUNCATED, 0, "2^32-1 pairs in five bytes" },
		{ "de8000",       MESH_TRUNCATED, 0, "32768 pairs in three bytes" },
		{ "80",           MESH_OK, 1, "empty map" },
		{ "81a16101",     MESH_OK, 3, "map" },
		{ "810101",       MESH_MALFORMED, 0, "a number as key" },
		{ "8190a161",     MESH_MALFORMED, 0, "a list as key" },
		{ "81a161",       MESH_TRUNCATED, 0, "a key without a value" },
		{ "81a16181a16201", MESH_OK, 5, "map in map" },
		{ "d40001",       MESH_MALFORMED, 0, "extension" },
		{ "c70100ff",     MESH_MALFORMED, 0, "extension" },
		{ "9191919191919190", MESH_OK, 8, "eight deep" },
		{ "919191919191919190", MESH_MALFORMED, 0, "nine deep" },
		{ "919191919191919101", MESH_OK, 9, "eight deep, a number inside" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		size_t items = 0;
		struct bytes_view v = hex(row[i].hex);
		uint8_t *exact = malloc(v.len + 1); /* ASan sees one byte too far */
		memcpy(exact + 1, v.ptr, v.len);
		enum mesh_err err = shape_check(bytes_view(exact + 1, v.len), &items);
		ck_assert_msg(
		    err == row[i].err, "%s: %s: %d", row[i].hex, row[i].why, err);
		ck_assert_msg(
		    items == row[i].items, "%s: %zu items", row[i].hex, items);
		free(exact);
	}
}
static void
is_as_written(const char *name, struct bytes_view value, const char *text)
{
	bool ok = shape_check(value, NULL) == MESH_OK;
	ck_assert_msg(ok == (strcmp(text, "taken") == 0), "%s: not %s", name, text);
}
START_TEST(readers_agree_on_what_is_a_value)
{
	ck_assert_uint_gt(golden_each("wire/values.txt", is_as_written), 30);
}

/* --- names --- */

/* A map of few letters, so that chance makes equal names; `twice` says that it did. */
static void
put_chance_map(struct bytes_out *out, unsigned depth, bool *twice)
{
	char names[6][3] = { 0 };
	size_t count = rng_u32() % LENGTH(names);
	pack_map(out, count);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = rng_u32() % 3; k > 0; k--)
			names[i][k - 1] = (char)('a' + rng_u32() % 3);
		for (size_t k = 0; k < i; k++)
			*twice |= strcmp(names[i], names[k]) == 0;
		pack_text(out, text(names[i]));
		if (depth > 1 && rng_u32() % 2 == 0)
			put_chance_map(out, depth - 1, twice);
		else
			pack_uint(out, rng_u32() % 3);
	}
}
START_TEST(a_map_whose_name_stands_twice_is_none_wherever_it_lies)
{
	enum { TIMES = 20000 };
	size_t refused = 0;
	for (int i = 0; i < TIMES; i++) {
		static uint8_t room[8192];
		struct bytes_out out = bytes_out(room, sizeof room);
		bool twice = false;
		put_chance_map(&out, 4, &twice);
		ck_assert(!out.failed);
		enum mesh_err err = shape_check(bytes_written(&out), NULL);
		ck_assert_int_eq(err, twice ? MESH_MALFORMED : MESH_OK);
		refused += twice;
	}
	ck_assert_uint_gt(refused, TIMES / 20);
	ck_assert_uint_lt(refused, TIMES - TIMES / 20);
}

/* `count` names of four letters, from the last to the first in the order of sorting. */
static struct bytes_view
many_names(size_t count, uint32_t last)
{
	static uint8_t room[8 * NAMES_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	pack_map(&out, count);
	for (size_t i = 0; i < count; i++) {
		char name[8];
		struct bytes_out digits = bytes_out(name, sizeof name);
		text_printf(&digits, "%04x",
		    i + 1 < count ? (unsigned)(count - i) : (unsigned)last);
		pack_text(&out, text_written(&digits));
		pack_nil(&out);
	}
	ck_assert(!out.failed);
	return bytes_written(&out);
}
START_TEST(the_first_of_many_names_may_not_be_the_last)
{
	enum { MOST = (SHAPE_ITEMS - 1) / 2 };
	for (size_t count = 2; count <= MOST;
	     count = count * 3 > MOST && count < MOST ? MOST : count * 3) {
		ck_assert_int_eq(shape_check(many_names(count, 0), NULL), MESH_OK);
		ck_assert_int_eq(shape_check(many_names(count, (uint32_t)count), NULL),
		    MESH_MALFORMED);
	}
	ck_assert_int_eq(shape_check(many_names(MOST + 1, 0), NULL), MESH_FULL);
}
static double
best_time(struct bytes_view value)
{
	double best = 1e9;
	for (int i = 0; i < 20; i++) {
		clock_t start = clock();
		ck_assert_int_eq(shape_check(value, NULL), MESH_OK);
		double took = (double)(clock() - start);
		best = took < best ? took : best;
	}
	return best;
}
START_TEST(eight_times_the_names_cost_little_more_than_eight_times_as_much)
{
	double few = best_time(many_names(500, 0));
	double many = best_time(many_names(4000, 0));
	ck_assert_msg(
	    many < 30 * (few + 1), "%.0f after %.0f: 64 is a square", many, few);
}
START_TEST(a_name_of_any_length_is_told_from_others)
{
	static char letters[70000];
	static uint8_t room[140100];
	static const size_t lengths[] = { 0, 1, 31, 32, 255, 256, 20000 };
	memset(letters, 'm', sizeof letters);
	struct bytes_out out = bytes_out(room, sizeof room);
	pack_map(&out, LENGTH(lengths));
	for (size_t i = 0; i < LENGTH(lengths); i++) {
		pack_text(&out, (struct text_view){ letters, lengths[i] });
		pack_nil(&out);
	}
	ck_assert_int_eq(shape_check(bytes_written(&out), NULL), MESH_OK);
	for (size_t i = 0; i < LENGTH(lengths); i++) {
		out = bytes_out(room, sizeof room);
		pack_map(&out, 3);
		for (size_t k = 0; k < 3; k++) {
			size_t len = k == 1 ? lengths[i] + 1 : lengths[i];
			pack_text(&out, (struct text_view){ letters, len });
			pack_nil(&out);
		}
		ck_assert_int_eq(
		    shape_check(bytes_written(&out), NULL), MESH_MALFORMED);
	}
	out = bytes_out(room, sizeof room); /* what is longer than a record */
	pack_map(&out, 2);
	for (size_t k = 0; k < 2; k++) {
		pack_text(&out, (struct text_view){ letters, sizeof letters - k });
		pack_nil(&out);
	}
	ck_assert_int_eq(shape_check(bytes_written(&out), NULL), MESH_FULL);
}
START_TEST(too_many_values_are_too_many)
{
	static uint8_t bytes[3 + SHAPE_ITEMS];
	bytes[0] = 0xdc;
	bytes[1] = (SHAPE_ITEMS - 1) >> 8;
	bytes[2] = (SHAPE_ITEMS - 1) & 0xff;
	ck_assert_int_eq(
	    shape_check(bytes_view(bytes, 2 + SHAPE_ITEMS), NULL), MESH_OK);
	bytes[1] = SHAPE_ITEMS >> 8;
	bytes[2] = SHAPE_ITEMS & 0xff;
	ck_assert_int_eq(
	    shape_check(bytes_view(bytes, 3 + SHAPE_ITEMS), NULL), MESH_FULL);
}
START_TEST(values_in_a_row_are_taken_one_by_one)
{
	struct bytes_in in = bytes_in(hex("9101"
					  "c0"
					  "a161"
					  "9102ff"
					  "92"));
	struct bytes_view v;
	static const size_t lengths[] = { 2, 1, 2, 2, 1 };
	for (size_t i = 0; i < LENGTH(lengths); i++) {
		ck_assert_int_eq(shape_next(&in, &v, NULL), MESH_OK);
		ck_assert_uint_eq(v.len, lengths[i]);
	}
	size_t left = in.left;
	ck_assert_int_eq(shape_next(&in, &v, NULL), MESH_TRUNCATED);
	ck_assert_msg(in.left == left, "on error it stays");
}
START_TEST(what_passes_msgpack_unpacks_in_the_room_that_was_counted)
{
	size_t passed = 0;
	for (int i = 0; i < 300000; i++) {
		static uint8_t block[SHAPE_ITEMS * 24 + 64];
		uint8_t bytes[24];
		size_t len = 1 + rng_u32() % sizeof bytes, items = 0;
		rng_bytes(bytes, len);
		for (size_t k = 0; k < len;
		     k += 1 + rng_u32() % 3) /* mostly small things */
			bytes[k] = (uint8_t)(0x80 + rng_u32() % 0x5f);
		struct bytes_view v = bytes_view(bytes, len), one;
		struct bytes_in in = bytes_in(v);
		if (shape_next(&in, &one, &items) != MESH_OK)
			continue;
		struct pack p;
		struct arena room = arena_init(block, PACK_SCRATCH(items));
		ck_assert_int_eq(pack_unpack(&p, one, &room), MESH_OK);
		pack_done(&p);
		passed++;
	}
	ck_assert_uint_gt(passed, 1000);
}
CHECK_MODULE(shape, NULL, each_form_and_its_fault, readers_agree_on_what_is_a_value,
    a_map_whose_name_stands_twice_is_none_wherever_it_lies,
    the_first_of_many_names_may_not_be_the_last,
    eight_times_the_names_cost_little_more_than_eight_times_as_much,
    a_name_of_any_length_is_told_from_others, too_many_values_are_too_many,
    values_in_a_row_are_taken_one_by_one,
    what_passes_msgpack_unpacks_in_the_room_that_was_counted)
