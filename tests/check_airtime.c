#include "airtime.h"
#include "check_mesh.h"

/* Whole frames, the header of 16 bytes included; rounded or cut by whoever made the
 * table. */
START_TEST(a_frame_is_on_the_air_as_long_as_the_data_sheet_says)
{
	/* clang-format off */
	static const size_t lengths[] = { 26, 56, 116, 255 };
	static const struct { const char *preset; struct radio_modem m; uint32_t ms[4]; } rows[] = {
		{ "ShortTurbo", { 500000, 7, 5 },  { 17, 29, 51, 102 } },
		{ "ShortFast",  { 250000, 7, 5 },  { 35, 58, 102, 204 } },
		{ "MediumFast", { 250000, 9, 5 },  { 119, 191, 324, 642 } },
		{ "MediumSlow", { 250000, 10, 5 }, { 239, 361, 607, 1181 } },
		{ "LongFast",   { 250000, 11, 5 }, { 436, 682, 1133, 2157 } },
		{ "LongMod",    { 125000, 11, 8 }, { 1249, 2167, 3871, 7934 } },
		{ "LongSlow",   { 125000, 12, 8 }, { 2499, 4071, 7217, 14295 } },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++)
		for (size_t k = 0; k < LENGTH(lengths); k++) {
			uint32_t ms = airtime_ms(&rows[i].m, lengths[k]);
			ck_assert_msg(ms == rows[i].ms[k] || ms == rows[i].ms[k] + 1,
			    "%s, %zu bytes: %u ms, not %u", rows[i].preset, lengths[k],
			    ms, rows[i].ms[k]);
		}
}
START_TEST(what_is_no_modem_takes_no_time)
{
	/* clang-format off */
	static const struct { struct radio_modem m; const char *why; } rows[] = {
		{ { 0, 11, 5 }, "no bandwidth" },
		{ { 250000, 4, 5 }, "spreading factor 4" },
		{ { 250000, 13, 5 }, "spreading factor 13" },
		{ { 250000, 11, 4 }, "rate 4/4" },
		{ { 250000, 11, 9 }, "rate 4/9" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_msg(airtime_ms(&rows[i].m, 50) == 0, "%s", rows[i].why);
}
START_TEST(longer_is_never_shorter)
{
	struct radio_modem m = { 250000, 11, 5 };
	for (size_t len = 1; len < 400; len++)
		ck_assert_uint_ge(airtime_ms(&m, len), airtime_ms(&m, len - 1));
	ck_assert_uint_eq(airtime_ms(&m, 255), airtime_ms(&m, 10000));
}
CHECK_MODULE(airtime, NULL, a_frame_is_on_the_air_as_long_as_the_data_sheet_says,
    what_is_no_modem_takes_no_time, longer_is_never_shorter)
