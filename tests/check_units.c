#include "check_mesh.h"
#include "text.h"
#include "units.h"

/* clang-format off */
static const struct { const char *in; enum field_unit unit; bool good; int64_t want; const char *out; } row[] = {
	{ "30s", UNIT_MS, true, 30000, "30s" },
	{ "1500ms", UNIT_MS, true, 1500, "1500ms" },
	{ "250", UNIT_MS, true, 250, "250ms" },
	{ "1.5h", UNIT_MS, true, 5400000, "90m" },
	{ "0", UNIT_MS, true, 0, "0ms" },
	{ "2w", UNIT_MS, true, 1209600000, "2w" },
	{ "1GiB", UNIT_BYTES, true, 1073741824, "1GiB" },
	{ "200 KiB", UNIT_BYTES, true, 204800, "200KiB" },
	{ "5MB", UNIT_BYTES, true, 5000000, "5000000B" },
	{ "-92 dBm", UNIT_DBM, true, -92, "-92 dBm" },
	{ "-92", UNIT_DBM, true, -92, "-92 dBm" },
	{ "80%", UNIT_PERCENT, true, 80, "80%" },
	{ "12", UNIT_NONE, true, 12, "12" },
	{ "1GiB", UNIT_MS, false, 0, NULL },
	{ "30", UNIT_NONE, true, 30, "30" },
	{ "30s", UNIT_NONE, false, 0, NULL },
	{ "s", UNIT_MS, false, 0, NULL },
	{ "", UNIT_MS, false, 0, NULL },
	{ "1..5s", UNIT_MS, false, 0, NULL },
	{ "1.0005s", UNIT_MS, false, 0, NULL },
	{ "99999999999999999999", UNIT_MS, false, 0, NULL },
	{ "9223372036854775807w", UNIT_MS, false, 0, NULL },
	{ "30 parsecs", UNIT_MS, false, 0, NULL },
}; /* clang-format on */

START_TEST(values_are_read_with_their_units)
{
	for (size_t i = 0; i < LENGTH(row); i++) {
		int64_t got = 0;
		enum mesh_err err = units_parse(text(row[i].in), row[i].unit, &got);
		ck_assert_msg(
		    (err == MESH_OK) == row[i].good, "row %zu: %s", i, row[i].in);
		ck_assert_msg(
		    !row[i].good || got == row[i].want, "row %zu: %s", i, row[i].in);
	}
}
START_TEST(values_are_printed_in_the_largest_even_unit)
{
	for (size_t i = 0; i < LENGTH(row); i++) {
		char chars[64];
		struct bytes_out out = bytes_out(chars, sizeof chars);
		if (!row[i].good)
			continue;
		units_print(row[i].unit, row[i].want, &out);
		ck_assert_str_eq(text_end(&out), row[i].out);
	}
}
START_TEST(what_is_printed_reads_back)
{
	static const enum field_unit units[] = { UNIT_MS, UNIT_S, UNIT_BYTES,
		UNIT_DBM };
	for (int i = 0; i < 5000; i++) {
		char chars[64];
		struct bytes_out out = bytes_out(chars, sizeof chars);
		int64_t n = (int64_t)(rng_u64() >> (rng_u32() % 40 + 2)), back;
		enum field_unit unit = units[rng_u32() % LENGTH(units)];
		units_print(unit, n, &out);
		ck_assert_int_eq(units_parse(text_written(&out), unit, &back), MESH_OK);
		ck_assert(back == n);
	}
}
CHECK_MODULE(units, NULL, values_are_read_with_their_units,
    values_are_printed_in_the_largest_even_unit, what_is_printed_reads_back)
