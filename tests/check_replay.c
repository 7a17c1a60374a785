#include "check_mesh.h"
#include "replay.h"

static struct replay r;

static void
setup(void)
{
	replay_init(&r);
}

START_TEST(counters_in_order_of_arrival)
{
	/* clang-format off */
	static const struct { uint64_t counter; bool fresh; const char *why; } step[] = {
		{    0, true,  "the first is number 0" },
		{    0, false, "and only once" },
		{    5, true,  "gaps are fine" },
		{    3, true,  "and filled late" },
		{    3, false, "once" },
		{ 2047, true,  "far ahead" },
		{    1, true,  "2046 behind: inside the window" },
		{ 2049, true,  "ahead" },
		{    2, true,  "2047 behind: the last place of the window" },
		{    1, false, "2048 behind" },
		{ 9000, true,  "further than the window" },
		{ 6952, false, "2048 behind" },
		{ 6953, true,  "2047 behind, never seen" },
		{ 2049, false, "long gone" },
		{ UINT64_MAX, false, "never used" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(step); i++) {
		bool fresh = replay_is_fresh(&r, step[i].counter);
		ck_assert_msg(fresh == step[i].fresh, "step %zu: %s", i, step[i].why);
		replay_mark(&r, step[i].counter);
	}
}
START_TEST(asking_changes_nothing)
{
	ck_assert(replay_is_fresh(&r, 1000000));
	ck_assert(replay_is_fresh(&r, 0));
	replay_mark(&r, 0);
	ck_assert(replay_is_fresh(&r, 1000000) && replay_is_fresh(&r, 1));
}
START_TEST(no_counter_passes_twice) /* against a set that remembers everything */
{
	static bool used[20000];
	uint64_t top = 0;
	memset(used, 0, sizeof used);
	for (int i = 0; i < 200000; i++) {
		uint64_t c = top + rng_u32() % 64;
		uint64_t back = rng_u32() % 3000;
		c = c > back ? c - back : 0;
		if (c >= LENGTH(used))
			break;
		bool in_window = c >= top || top - c <= REPLAY_WINDOW;
		ck_assert(replay_is_fresh(&r, c) == (in_window && !used[c]));
		if (!replay_is_fresh(&r, c))
			continue;
		replay_mark(&r, c);
		used[c] = true;
		top = c + 1 > top ? c + 1 : top;
	}
}
START_TEST(the_report_is_what_an_ack_says)
{
	uint64_t highest, bits;
	ck_assert(!replay_report(&r, &highest, &bits));
	replay_mark(&r, 0);
	ck_assert(replay_report(&r, &highest, &bits) && highest == 0 && bits == 0);
	replay_mark(&r, 1);
	replay_mark(&r, 4);
	ck_assert(replay_report(&r, &highest, &bits));
	ck_assert_uint_eq(highest, 4);
	ck_assert_uint_eq(bits, 1U << 2 | 1U << 3); /* 4-1-2 = 1, 4-1-3 = 0 */
}
CHECK_MODULE(replay, setup, counters_in_order_of_arrival, asking_changes_nothing,
    no_counter_passes_twice, the_report_is_what_an_ack_says)
