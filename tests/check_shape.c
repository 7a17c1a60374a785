#include "check_mesh.h"
#include "pack.h"
#include "shape.h"

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
CHECK_MODULE(shape, NULL, each_form_and_its_fault, too_many_values_are_too_many,
    values_in_a_row_are_taken_one_by_one,
    what_passes_msgpack_unpacks_in_the_room_that_was_counted)
