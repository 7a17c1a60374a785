#include "check_mesh.h"
#include "pacing.h"

static struct pacing pacing;
static struct duty duty;

static void
setup(void)
{
	pacing = (struct pacing){ 0 };
	duty = (struct duty){ 0 };
}

START_TEST(each_kind_waits_for_its_own_gap)
{
	/* clang-format off */
	static const struct { enum radio_request_kind first, second; uint32_t least, most; } rows[] = {
		{ REQUEST_TEXT, REQUEST_TEXT, 2000, 3000 },
		{ REQUEST_TRACE, REQUEST_TRACE, 30000, 35000 },
		{ REQUEST_POSITION, REQUEST_POSITION, 10000, 12000 },
		{ REQUEST_TELEMETRY, REQUEST_TELEMETRY, 10000, 12000 },
		{ REQUEST_WAYPOINT, REQUEST_WAYPOINT, 10000, 12000 },
		{ REQUEST_WAYPOINT, REQUEST_POSITION, 100, 100 },
		{ REQUEST_FRAME, REQUEST_FRAME, 100, 100 },
		{ REQUEST_TEXT, REQUEST_TRACE, 100, 100 },
		{ REQUEST_TRACE, REQUEST_TEXT, 100, 100 },
		{ REQUEST_POSITION, REQUEST_TELEMETRY, 100, 100 },
	}; /* clang-format on */
	const mesh_time_ms now = 5000;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		ck_assert_uint_eq(pacing_due(&pacing, rows[i].first), 0);
		pacing_note(&pacing, rows[i].first, now);
		mesh_time_ms wait = pacing_due(&pacing, rows[i].second) - now;
		ck_assert_msg(wait >= rows[i].least && wait <= rows[i].most,
		    "row %zu: %llu ms", i, (unsigned long long)wait);
	}
}
START_TEST(an_hour_later_the_air_is_ours_again)
{
	const mesh_time_ms minute = 60000;
	mesh_time_ms now = 123 * minute;
	duty_add(&duty, 1000, now);
	duty_add(&duty, 500, now + 30 * minute);
	ck_assert_uint_eq(duty_spent(&duty, now + 30 * minute), 1500);
	ck_assert_uint_eq(duty_spent(&duty, now + 60 * minute), 1500);
	ck_assert_uint_eq(duty_spent(&duty, now + 61 * minute), 500);
	ck_assert_uint_eq(duty_spent(&duty, now + 90 * minute), 500);
	ck_assert_uint_eq(duty_spent(&duty, now + 91 * minute), 0);
	duty_add(&duty, 7, now + 100000 * minute);
	ck_assert_uint_eq(duty_spent(&duty, now + 100000 * minute), 7);
}
START_TEST(what_was_spent_is_spent_after_a_restart)
{
	/* clang-format off */
	static const struct { mesh_time_ms at_ms; unix_ms gone_ms; uint32_t spent; const char *why; } rows[] = {
		{ 100 * 60000, 0, 1500, "at once" },
		{ 1000, 10 * 60000, 1500, "a machine that has just started" },
		{ 1000, 35 * 60000, 500, "the older is over" },
		{ 1000, 65 * 60000, 0, "all is" },
		{ 1000, -3600000, 1500, "a clock that was set back" },
	}; /* clang-format on */
	uint8_t block[DUTY_BYTES];
	struct mesh_now now = { .ms = 90 * 60000, .unix_ms = 1700000000000 };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct bytes_out out = bytes_out(block, sizeof block);
		setup();
		duty_add(&duty, 1000, now.ms - 30 * 60000);
		duty_add(&duty, 500, now.ms);
		duty_write(&duty, now, &out);
		ck_assert_uint_eq(out.len, DUTY_BYTES);
		struct bytes_in in = bytes_in(bytes_written(&out));
		struct duty again = { .minute = 0 };
		ck_assert(duty_read(&again, &in,
		    (struct mesh_now){ .ms = rows[i].at_ms,
			.unix_ms = now.unix_ms + rows[i].gone_ms }));
		ck_assert_msg(duty_spent(&again, rows[i].at_ms) == rows[i].spent,
		    "%s: %u", rows[i].why, duty_spent(&again, rows[i].at_ms));
		ck_assert_msg(duty_spent(&again, rows[i].at_ms + 62 * 60000) == 0, "%s",
		    rows[i].why);
	}
}
START_TEST(kept_rubbish_is_no_airtime)
{
	static uint8_t block[DUTY_BYTES];
	struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };
	struct bytes_in in = bytes_in(bytes_view(block, sizeof block - 1));
	duty_add(&duty, 5, now.ms);
	ck_assert(!duty_read(&duty, &in, now));
	ck_assert_uint_eq(duty_spent(&duty, now.ms), 5);
	memset(
	    block, 0xff, sizeof block); /* numbers beyond a minute, from the future */
	in = bytes_in(bytes_view(block, sizeof block));
	ck_assert(duty_read(&duty, &in, now));
	ck_assert_uint_le(duty_spent(&duty, now.ms), DUTY_MINUTES * 60000u);
}
START_TEST(programs_have_half_of_what_people_have)
{
	struct radio_air air = { .duty_permille = 100 };
	ck_assert_uint_eq(duty_limit(&air, PACE_PERSON), 360000);
	ck_assert_uint_eq(duty_limit(&air, PACE_MACHINE), 180000);
	air.duty_permille = 1000; /* the region sets no limit, we do */
	ck_assert_uint_eq(duty_limit(&air, PACE_PERSON), 360000);
	air.duty_permille = 25;
	ck_assert_uint_eq(duty_limit(&air, PACE_PERSON), 90000);
}
START_TEST(programs_leave_a_busy_channel_first)
{
	/* clang-format off */
	static const struct { float percent; bool person, machine; } rows[] = {
		{ 0.0F, false, false }, { 24.9F, false, false }, { 25.0F, false, true },
		{ 39.9F, false, true }, { 40.0F, true, true }, { 100.0F, true, true },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct radio_air air = { .channel_utilization = rows[i].percent };
		ck_assert(duty_is_crowded(&air, PACE_PERSON) == rows[i].person);
		ck_assert(duty_is_crowded(&air, PACE_MACHINE) == rows[i].machine);
	}
}
CHECK_MODULE(pacing, setup, each_kind_waits_for_its_own_gap,
    an_hour_later_the_air_is_ours_again, what_was_spent_is_spent_after_a_restart,
    kept_rubbish_is_no_airtime, programs_have_half_of_what_people_have,
    programs_leave_a_busy_channel_first)
