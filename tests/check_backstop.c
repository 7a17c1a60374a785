#include "backstop.h"
#include "check_mesh.h"

static struct backstop b;
static const struct handle neighbour = { 3, 1 };

static void
setup(void)
{
	memset(&b, 0, sizeof b);
}
static struct holdings_log
log_of(uint8_t origin)
{
	return (struct holdings_log){
		.oid = { origin }, .lane = LANE_REGISTRY, .epoch = 9
	};
}
static struct backstop_lane *
note(uint8_t origin, bool differs, mesh_time_ms now)
{
	struct holdings_log log = log_of(origin);
	return backstop_note(&b, &log, differs, now);
}
static struct backstop_lane *
compare(struct backstop_lane *lane, enum backstop_end how, mesh_time_ms now)
{
	backstop_begin(&b, lane, neighbour, 3, 100);
	ck_assert_ptr_eq(backstop_of(&b, lane->ticket), lane);
	backstop_end(lane, how, now);
	ck_assert_ptr_null(backstop_of(&b, lane->ticket));
	return lane;
}

START_TEST(one_lane_at_a_time_is_compared)
{
	struct backstop_lane *first = note(1, true, 10), *second = note(2, true, 10);
	ck_assert_ptr_eq(backstop_due(&b, 10), first);
	backstop_begin(&b, first, neighbour, 3, 100);
	ck_assert_ptr_null(backstop_due(&b, 10));
	ck_assert_ptr_eq(backstop_active(&b), first);
	backstop_drop(&b, first);
	ck_assert_ptr_eq(backstop_due(&b, 10), second);
	ck_assert_uint_eq(backstop_deadline(&b), 10);
}
START_TEST(the_same_lane_is_noted_once)
{
	struct backstop_lane *lane = note(1, false, 10);
	ck_assert_ptr_eq(note(1, true, 20), lane);
	ck_assert(lane->differs);
	ck_assert_uint_eq(b.count, 1);
}
START_TEST(two_who_have_the_same_are_believed_for_an_hour)
{
	struct backstop_lane *lane = note(1, true, 10);
	ck_assert_int_eq(compare(lane, BACKSTOP_SAME, 20)->state, BACKSTOP_WAITS);
	ck_assert_int_eq(compare(lane, BACKSTOP_SAME, 30)->state, BACKSTOP_PEACE);
	ck_assert_ptr_null(note(1, true, 40));
	ck_assert_ptr_null(note(1, true, 30 + BACKSTOP_PEACE_MS - 1));
	ck_assert_ptr_nonnull(note(1, true, 30 + BACKSTOP_PEACE_MS));
	ck_assert_int_eq(backstop_find(&b,
			     &(struct holdings_log){
				 .oid = { 1 }, .lane = LANE_REGISTRY, .epoch = 9 })
			     ->state,
	    BACKSTOP_WAITS);
}
START_TEST(one_who_has_the_same_is_enough_when_only_rows_were_missed)
{
	struct backstop_lane *lane = note(1, false, 10);
	ck_assert_int_eq(compare(lane, BACKSTOP_SAME, 20)->state, BACKSTOP_PEACE);
}
START_TEST(two_failures_ask_for_all_of_it_once)
{
	struct backstop_lane *lane = note(1, true, 10);
	ck_assert_int_eq(compare(lane, BACKSTOP_FAILED, 20)->state, BACKSTOP_WAITS);
	ck_assert_int_eq(compare(lane, BACKSTOP_FAILED, 30)->state, BACKSTOP_REFETCH);
	ck_assert_ptr_eq(backstop_refetch(&b, 30), lane);
	ck_assert_ptr_null(backstop_refetch(&b, 30));
	ck_assert_ptr_null(note(1, true, 31));
}
START_TEST(what_was_mended_has_time_to_come_and_is_looked_at_when_it_is_counted)
{
	struct backstop_lane *lane = note(1, true, 10);
	compare(lane, BACKSTOP_MENDED, 20);
	ck_assert_ptr_null(backstop_due(&b, 20 + BACKSTOP_MEND_MS - 1));
	ck_assert_ptr_eq(backstop_due(&b, 20 + BACKSTOP_MEND_MS), lane);
	note(1, true, 50);
	ck_assert_ptr_eq(backstop_due(&b, 50), lane);
}
START_TEST(who_cannot_say_counts_for_nothing)
{
	struct backstop_lane *lane = note(1, true, 10);
	for (int i = 0; i < 9; i++)
		ck_assert_int_eq(
		    compare(lane, BACKSTOP_UNSAID, 20)->state, BACKSTOP_WAITS);
	backstop_nobody(lane, 20);
	ck_assert_uint_eq(lane->asked, 0);
	ck_assert_uint_eq(lane->due_ms, 20 + BACKSTOP_AGAIN_MS);
}
START_TEST(who_parts_ends_the_comparison)
{
	struct backstop_lane *lane = note(1, true, 10);
	backstop_begin(&b, lane, neighbour, 3, 100);
	backstop_part(&b, 4, 20);
	ck_assert_int_eq(lane->state, BACKSTOP_ASKED);
	backstop_part(&b, 3, 20);
	ck_assert_int_eq(lane->state, BACKSTOP_WAITS);
	ck_assert_uint_eq(lane->asked, 0);
}
START_TEST(a_full_list_gives_up_the_oldest_peace_and_nothing_else)
{
	for (uint8_t i = 0; i < BACKSTOP_LANES; i++)
		ck_assert_ptr_nonnull(note(i, false, 10));
	ck_assert_ptr_null(note(99, true, 10));
	struct holdings_log third = log_of(3), fifth = log_of(5);
	compare(backstop_find(&b, &fifth), BACKSTOP_SAME, 30);
	compare(backstop_find(&b, &third), BACKSTOP_SAME, 20);
	ck_assert_ptr_nonnull(note(99, true, 40));
	ck_assert_ptr_null(backstop_find(&b, &third));
	ck_assert_ptr_nonnull(backstop_find(&b, &fifth));
}

CHECK_MODULE(backstop, setup, one_lane_at_a_time_is_compared,
    the_same_lane_is_noted_once, two_who_have_the_same_are_believed_for_an_hour,
    one_who_has_the_same_is_enough_when_only_rows_were_missed,
    two_failures_ask_for_all_of_it_once,
    what_was_mended_has_time_to_come_and_is_looked_at_when_it_is_counted,
    who_cannot_say_counts_for_nothing, who_parts_ends_the_comparison,
    a_full_list_gives_up_the_oldest_peace_and_nothing_else)
