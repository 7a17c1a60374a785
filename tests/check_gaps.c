/* What neighbours deny, and when it is given up: PROTOCOL.md 9. */
#include "check_mesh.h"
#include "gaps.h"

static struct gaps gaps;
static const struct holdings_log packets = {
	.oid = { 1 }, .lane = LANE_PACKET, .epoch = 7
};
static const struct mesh_run run = { 3, 8 };

enum { LOOK = 10 * 1000, NEVER = 60 * 60 * 1000 };

static void
setup(void)
{
	memset(&gaps, 0, sizeof gaps);
}
static struct gap *
only(void)
{
	uint32_t i = 0;
	return gaps_walk(&gaps, &i);
}
/* Looks each ten seconds from `now` on; in each those of `deny` deny it.  When it was
 * given up, or NEVER. */
static mesh_time_ms
given_up(mesh_time_ms now, uint64_t alive, uint64_t deny)
{
	for (mesh_time_ms end = now + NEVER; now < end; now += LOOK) {
		for (uint32_t n = 0; n < 64; n++)
			if ((deny >> n & 1) != 0 &&
			    !gaps_is_early(&gaps, &packets, run.first, n, now))
				gaps_denied(&gaps, &packets, run, n, now);
		if (only() != NULL && gaps_is_ripe(only(), alive, now))
			return now;
		if (only() != NULL)
			gaps_turn(&gaps, only(), alive, now);
	}
	return NEVER;
}

START_TEST(a_gap_that_all_deny_again_and_again_is_given_up_after_ten_minutes)
{
	mesh_time_ms at = given_up(0, 3, 3);
	ck_assert_uint_ge(at, GAPS_GIVE_UP_MS);
	ck_assert_uint_le(at, GAPS_GIVE_UP_MS + 2 * GAPS_ASK_MS);
}
START_TEST(what_one_of_them_does_not_deny_is_kept)
{
	ck_assert_uint_eq(given_up(0, 3, 1), NEVER);
}
START_TEST(with_nobody_there_nothing_is_given_up)
{
	gaps_hole(&gaps, &packets, run, GAPS_LOWEST, 0);
	ck_assert_uint_eq(given_up(0, 0, 0), NEVER);
	ck_assert_ptr_nonnull(only());
}
START_TEST(a_word_of_long_ago_does_not_count)
{
	gaps_hole(&gaps, &packets, run, GAPS_LOWEST, 0);
	gaps_denied(&gaps, &packets, run, 0, 0);
	ck_assert_uint_eq(given_up(0, 1, 0), NEVER);
}
START_TEST(a_stranger_in_an_old_slot_has_denied_nothing)
{
	gaps_hole(&gaps, &packets, run, GAPS_LOWEST, 0);
	mesh_time_ms now = 0;
	for (; now < GAPS_GIVE_UP_MS + LOOK; now += LOOK) {
		gaps_denied(&gaps, &packets, run, 0, now);
		gaps_denied(&gaps, &packets, run, 1, now);
		gaps_part(&gaps, 1); /* the next one comes at once, and says nothing */
		ck_assert(!gaps_is_ripe(only(), 3, now));
		gaps_turn(&gaps, only(), 3, now);
	}
	ck_assert_uint_lt(given_up(now, 3, 3), NEVER);
}
START_TEST(each_is_asked_once_in_a_round)
{
	gaps_denied(&gaps, &packets, run, 0, 1000);
	ck_assert(gaps_is_early(&gaps, &packets, 3, 0, 2000));
	ck_assert(gaps_is_early(&gaps, &packets, 8, 0, 2000));
	ck_assert(!gaps_is_early(&gaps, &packets, 3, 1, 2000));
	ck_assert(!gaps_is_early(&gaps, &packets, 9, 0, 2000));
	ck_assert(!gaps_is_early(&gaps, &packets, 3, 0, 1000 + GAPS_ASK_MS));
	ck_assert(!gaps_wants(only(), 1)); /* a claim is not a hole */
	gaps_hole(&gaps, &packets, run, GAPS_LOWEST, 1000);
	ck_assert(!gaps_wants(only(), 0));
	ck_assert(gaps_wants(only(), 1));
	gaps_asked(only(), 1);
	ck_assert(!gaps_wants(only(), 1));
}
START_TEST(a_gap_ends_where_somebody_has_something)
{
	gaps_denied(&gaps, &packets, run, 0, 0);
	gaps_denied(&gaps, &packets, (struct mesh_run){ 3, 5 }, 1, 0);
	gaps_denied(&gaps, &packets, run, 2, 0);
	ck_assert_uint_eq(only()->run.last, 5);
	gaps_denied(&gaps, &packets, (struct mesh_run){ 4, 5 }, 3, 0);
	ck_assert_uint_eq(gaps.count, 2); /* who denies 4 says nothing of 3 */
	ck_assert_uint_eq(only()->denied, 7);
}
START_TEST(claims_nobody_repeats_are_forgotten)
{
	gaps_denied(&gaps, &packets, run, 0, 0);
	gaps_turn(&gaps, only(), 3, GAPS_WAIT_MS);
	gaps_turn(&gaps, only(), 3, 2 * GAPS_WAIT_MS);
	ck_assert_ptr_null(only());
	ck_assert_uint_eq(gaps.count, 0);
}
/* Somebody may claim what he likes of as many logs as he likes. */
START_TEST(a_hole_finds_its_place_among_any_claims)
{
	struct holdings_log log = packets;
	for (log.epoch = 100; log.epoch < 100 + 2 * GAPS; log.epoch++)
		gaps_denied(&gaps, &log, run, 0, 0);
	ck_assert_uint_eq(gaps.count, GAPS);
	gaps_hole(&gaps, &packets, run, GAPS_LOWEST, 0);
	ck_assert_uint_eq(gaps.count, GAPS);
	ck_assert_ptr_nonnull(gaps_find(&gaps, &packets, run.first));
	for (log.epoch = 100; log.epoch < 100 + 2 * GAPS; log.epoch++)
		gaps_hole(&gaps, &log, run, GAPS_LOWEST, 0);
	ck_assert_ptr_nonnull(gaps_find(&gaps, &packets, run.first));
	gaps_drop(&gaps, gaps_find(&gaps, &packets, run.first));
	ck_assert_uint_eq(gaps.count, GAPS - 1);
}
/* One site that is gone may have left a hole in every second number. */
START_TEST(holes_above_another_take_half_of_the_list_and_give_way)
{
	struct holdings_log log = packets;
	for (uint64_t at = 3; at < 3 + 4 * GAPS; at += 2)
		gaps_hole(&gaps, &packets, (struct mesh_run){ at, at }, GAPS_ABOVE, 0);
	ck_assert_uint_eq(gaps.count, GAPS / 2);
	for (log.epoch = 100; log.epoch < 100 + GAPS; log.epoch++)
		gaps_hole(&gaps, &log, run, GAPS_LOWEST, 0);
	for (log.epoch = 100; log.epoch < 100 + GAPS; log.epoch++)
		ck_assert_ptr_nonnull(gaps_find(&gaps, &log, run.first));
	ck_assert_uint_eq(gaps.count, GAPS);
}
CHECK_MODULE(gaps, setup,
    a_gap_that_all_deny_again_and_again_is_given_up_after_ten_minutes,
    what_one_of_them_does_not_deny_is_kept, with_nobody_there_nothing_is_given_up,
    a_word_of_long_ago_does_not_count, a_stranger_in_an_old_slot_has_denied_nothing,
    each_is_asked_once_in_a_round, a_gap_ends_where_somebody_has_something,
    claims_nobody_repeats_are_forgotten, a_hole_finds_its_place_among_any_claims,
    holes_above_another_take_half_of_the_list_and_give_way)
