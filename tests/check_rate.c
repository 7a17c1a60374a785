#include "check_mesh.h"
#include "rate.h"

START_TEST(a_full_bucket_gives_its_burst_and_then_its_rate)
{
	struct rate r;
	rate_init(&r, 10, 3, 1000);
	for (int i = 0; i < 3; i++)
		ck_assert(rate_take(&r, 1, 1000));
	ck_assert_msg(!rate_take(&r, 1, 1000), "the burst is used up");
	ck_assert_uint_eq(rate_ready(&r, 1, 1000), 1100);
	ck_assert(!rate_take(&r, 1, 1099));
	ck_assert(rate_take(&r, 1, 1100));
	ck_assert_msg(!rate_take(&r, 4, 99999), "never more than the burst");
	ck_assert(rate_take(&r, 3, 99999));
}
START_TEST(slow_rates_lose_nothing_to_rounding)
{
	struct rate r;
	rate_init(&r, 1, 1, 0);
	uint32_t taken = 0;
	for (mesh_time_ms now = 0; now < 100000; now += 7)
		taken += rate_take(&r, 1, now);
	ck_assert_uint_ge(taken, 99);
	ck_assert_uint_le(taken, 100);
}
START_TEST(clocks_that_stand_or_step_back_give_nothing)
{
	struct rate r;
	rate_init(&r, 1000, 1, 5000);
	ck_assert(rate_take(&r, 1, 5000));
	ck_assert(!rate_take(&r, 1, 5000) && !rate_take(&r, 1, 10));
	ck_assert(rate_take(&r, 1, 5001));
}
START_TEST(what_cannot_be_is_said)
{
	struct rate r;
	rate_init(&r, 0, 2, 0);
	ck_assert_uint_eq(rate_ready(&r, 3, 0), MESH_NEVER);
	ck_assert(rate_take(&r, 2, 0) && !rate_take(&r, 1, MESH_NEVER - 1));
	ck_assert_uint_eq(rate_ready(&r, 1, 0), MESH_NEVER);
	rate_init(&r, UINT32_MAX, UINT32_MAX, 0);
	ck_assert(rate_take(&r, UINT32_MAX, MESH_NEVER - 1));
	ck_assert_msg(!rate_take(&r, UINT32_MAX, MESH_NEVER - 1), "no overflow");
}
START_TEST(a_fine_takes_what_there_is)
{
	struct rate r;
	rate_init(&r, 10, 5, 0);
	rate_fine(&r, 3, 0);
	ck_assert(rate_take(&r, 2, 0) && !rate_take(&r, 1, 0));
	rate_fine(&r, 100, 50); /* half a token stays */
	ck_assert(rate_take(&r, 1, 100));
	rate_init(&r, 10, 5, 0);
	rate_fine(&r, 100, 0);
	ck_assert(!rate_take(&r, 1, 99) && rate_take(&r, 1, 100));
}
START_TEST(what_is_given_back_is_there_again_and_never_more_than_the_burst)
{
	struct rate r;
	rate_init(&r, 10, 2, 0);
	ck_assert(rate_take(&r, 2, 0) && !rate_take(&r, 1, 0));
	rate_give(&r, 1, 0);
	ck_assert(rate_take(&r, 1, 0) && !rate_take(&r, 1, 0));
	rate_give(&r, 100, 0);
	ck_assert(rate_take(&r, 2, 0) && !rate_take(&r, 1, 0));
	rate_give(&r, 1, 150); /* beside what time gave */
	ck_assert(rate_take(&r, 2, 150) && !rate_take(&r, 1, 150));
}
CHECK_MODULE(rate, NULL, a_fine_takes_what_there_is,
    what_is_given_back_is_there_again_and_never_more_than_the_burst,
    a_full_bucket_gives_its_burst_and_then_its_rate,
    slow_rates_lose_nothing_to_rounding, clocks_that_stand_or_step_back_give_nothing,
    what_cannot_be_is_said)
