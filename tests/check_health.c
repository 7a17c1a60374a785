#include "check_mesh.h"
#include "health.h"

static struct health h;

static void
setup(void)
{
	h = (struct health){ 0 };
}

START_TEST(late_ticks_make_it_worse_and_clean_minutes_better)
{
	ck_assert_uint_eq(health_factor(&h, 0), 1);
	ck_assert(!health_late(&h, HEALTH_LATE_MS, 1000));
	ck_assert_uint_eq(health_factor(&h, 1000), 1);
	ck_assert(!health_late(&h, HEALTH_LATE_MS + 1, 1000));
	ck_assert(health_late(&h, HEALTH_SLEPT_MS + 1, 2000));
	ck_assert_uint_eq(health_factor(&h, 2000), 3);
	for (int i = 0; i < 9; i++)
		(void)health_late(&h, 9999, 3000);
	ck_assert_uint_eq(health_factor(&h, 3000), HEALTH_MAX);
	ck_assert_uint_eq(health_factor(&h, 3000 + HEALTH_CLEAN_MS - 1), HEALTH_MAX);
	ck_assert_uint_eq(health_factor(&h, 3000 + HEALTH_CLEAN_MS), HEALTH_MAX - 1);
	ck_assert_uint_eq(health_factor(&h, 3000 + 10 * HEALTH_CLEAN_MS), 1);
}
START_TEST(most_links_at_once_is_us)
{
	static const struct {
		uint32_t links, silent;
		mesh_time_ms apart_ms;
		bool isolated;
	} row[] = { { 1, 1, 0, false }, { 2, 2, 0, false }, { 3, 1, 0, false },
		{ 3, 2, 0, true }, { 4, 2, 0, false }, { 4, 3, 100, true },
		{ 4, 3, 1501, false }, { 10, 5, 0, false }, { 10, 6, 500, true },
		{ 10, 9, 4000, false } };
	for (size_t i = 0; i < LENGTH(row); i++) {
		setup();
		int told = 0;
		for (uint32_t k = 0; k < row[i].silent; k++)
			told += health_silent(
			    &h, row[i].links, 1000 + k * row[i].apart_ms);
		ck_assert_msg(told == row[i].isolated, "row %zu: %d", i, told);
		ck_assert_uint_eq(health_factor(&h, 1000), 1U + row[i].isolated);
	}
}
CHECK_MODULE(health, setup, late_ticks_make_it_worse_and_clean_minutes_better,
    most_links_at_once_is_us)
