/* mtu.c: which losses mean that a way is narrow. */
#include "check_mesh.h"
#include "mtu.h"

enum { LONG = 1000, SHORT = 100, ENOUGH = 5 };
static struct mtu m;
static mesh_time_ms now;

static void
setup(void)
{
	m = (struct mtu){ .lost = 0 };
	now = 1000;
}
static void
lose(size_t bytes, int times)
{
	for (int i = 0; i < times; i++)
		mtu_lost(&m, bytes, ENOUGH, now);
}

START_TEST(long_ones_lost_while_short_ones_pass_make_it_narrow)
{
	lose(LONG, 2);
	mtu_passed(&m, SHORT);
	lose(LONG, 2);
	ck_assert(!mtu_is_short(&m, now));
	ck_assert_uint_eq(mtu_plain(&m, now), ENVELOPE_PLAIN_MAX);
	lose(LONG, 1);
	ck_assert(mtu_is_short(&m, now));
	ck_assert_uint_eq(mtu_plain(&m, now) + ENVELOPE_DATA_HEAD + ENVELOPE_TAG, 508);
}
START_TEST(a_dead_way_is_not_narrow)
{
	mtu_passed(&m, SHORT); /* before the first loss: says nothing */
	lose(LONG, 200);
	lose(LONG, 200);
	ck_assert(!mtu_is_short(&m, now));
}
START_TEST(one_long_one_that_passes_ends_the_count)
{
	for (int i = 0; i < 20; i++) {
		lose(LONG, ENOUGH - 1);
		mtu_passed(&m, SHORT);
		mtu_passed(&m, LONG);
	}
	ck_assert(!mtu_is_short(&m, now));
}
START_TEST(short_ones_lost_say_nothing)
{
	lose(LONG, 1);
	mtu_passed(&m, SHORT);
	lose(MTU_SHORT_PLAIN, 50);
	ck_assert(!mtu_is_short(&m, now));
}
START_TEST(after_ten_minutes_three_in_vain_are_enough_until_one_passes)
{
	lose(LONG, 1);
	mtu_passed(&m, SHORT);
	lose(LONG, ENOUGH);
	now += MTU_SHORT_MS - 1;
	ck_assert(mtu_is_short(&m, now));
	now++;
	ck_assert(!mtu_is_short(&m, now));
	lose(LONG, 1);
	mtu_passed(&m, SHORT);
	lose(LONG, 1);
	ck_assert(!mtu_is_short(&m, now));
	lose(LONG, 1);
	ck_assert(mtu_is_short(&m, now));
	now += MTU_SHORT_MS;
	mtu_passed(&m, LONG);
	lose(LONG, 1);
	mtu_passed(&m, SHORT);
	lose(LONG, ENOUGH - 2);
	ck_assert(!mtu_is_short(&m, now));
}

CHECK_MODULE(mtu, setup, long_ones_lost_while_short_ones_pass_make_it_narrow,
    a_dead_way_is_not_narrow, one_long_one_that_passes_ends_the_count,
    short_ones_lost_say_nothing,
    after_ten_minutes_three_in_vain_are_enough_until_one_passes)
