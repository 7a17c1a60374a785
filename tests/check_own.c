#include "check_mesh.h"
#include "own.h"

static struct own o;
static uint8_t body[OWN_BODY_MAX];
static size_t body_len;
static const struct mesh_live *say; /* of the lane, with a CHECKPOINT */

static void
setup(void)
{
	own_init(&o, 77);
	say = NULL;
}
static void
keep(enum mesh_err err, mesh_time_ms now)
{
	struct bytes_out out = bytes_out(body, sizeof body);
	ck_assert(own_keep_wanted(&o, now));
	own_keep_body(&o, (struct mesh_now){ .ms = now }, &out);
	ck_assert(!out.failed && !own_keep_wanted(&o, now));
	own_kept(&o, err, now);
	if (err == MESH_OK)
		body_len = out.len;
}
static enum mesh_err
load(size_t len)
{
	return own_load(&o, bytes_view(body, len), (struct mesh_now){ .ms = 0 });
}
static uint64_t
take(uint64_t *back)
{
	uint64_t seq;
	ck_assert_int_eq(own_take(&o, LANE_PACKET, 1, &seq, back), MESH_OK);
	return seq;
}
static void
stored(uint64_t seq, enum mesh_err err)
{
	own_stored(
	    &o, &(struct own_outcome){ LANE_PACKET, seq, OWN_CHANGE, 1, err, NULL }, 0);
}

START_TEST(no_number_is_given_before_its_block_is_safe)
{
	uint64_t seq, back;
	ck_assert_int_eq(own_take(&o, LANE_PACKET, 1, &seq, &back), MESH_FULL);
	keep(MESH_IO, 100);
	ck_assert_int_eq(own_take(&o, LANE_PACKET, 1, &seq, &back), MESH_FULL);
	ck_assert(!own_keep_wanted(&o, 100 + OWN_RETRY_MS - 1));
	ck_assert_uint_eq(own_deadline(&o), 100 + OWN_RETRY_MS);
	keep(MESH_OK, 100 + OWN_RETRY_MS);
	ck_assert_uint_eq(take(&back), 1);
	ck_assert_uint_eq(back, 1);
}
START_TEST(what_counts_for_several_takes_as_many_numbers)
{
	uint64_t seq, back;
	keep(MESH_OK, 0);
	ck_assert_int_eq(own_take(&o, LANE_STATE, 3, &seq, &back), MESH_OK);
	ck_assert_uint_eq(seq, 3);
	ck_assert_uint_eq(back, 3);
	ck_assert_int_eq(own_take(&o, LANE_STATE, 1, &seq, &back), MESH_OK);
	ck_assert_uint_eq(seq, 4);
	ck_assert_uint_eq(back, 1);
	ck_assert_uint_eq(o.lane[LANE_STATE].weighing, 4);
	ck_assert_int_eq(
	    own_take(&o, LANE_STATE, MESH_RESERVE, &seq, &back), MESH_FULL);
	own_stored(&o,
	    &(struct own_outcome){ LANE_STATE, 3, OWN_CHANGE, 2, MESH_OK, NULL }, 0);
	ck_assert_uint_eq(o.lane[LANE_STATE].weighing, 2);
	own_stored(&o,
	    &(struct own_outcome){ LANE_STATE, 4, OWN_CHANGE, 1, MESH_OK, NULL }, 0);
	ck_assert_uint_eq(o.lane[LANE_STATE].weighing, 0);
}
static void
take_and_store(void)
{
	uint64_t back;
	stored(take(&back), MESH_OK);
}
START_TEST(the_next_block_is_asked_for_at_half)
{
	uint64_t back, seq;
	keep(MESH_OK, 0);
	for (int i = 0; i < MESH_RESERVE / 2; i++) {
		ck_assert(!own_keep_wanted(&o, 0));
		take_and_store();
	}
	take_and_store();
	ck_assert(own_keep_wanted(&o, 0));
	for (int i = MESH_RESERVE / 2 + 1; i < MESH_RESERVE; i++)
		take_and_store();
	ck_assert_int_eq(own_take(&o, LANE_PACKET, 1, &seq, &back), MESH_FULL);
	keep(MESH_OK, 0);
	ck_assert_uint_eq(take(&back), MESH_RESERVE + 1);
}
START_TEST(so_many_wait_for_the_disk_in_all_lanes_and_no_more)
{
	uint64_t back, seq, first;
	keep(MESH_OK, 0);
	first = take(&back);
	for (int i = 1; i < OWN_WAITS / 2; i++)
		(void)take(&back);
	for (int i = OWN_WAITS / 2; i < OWN_WAITS; i++)
		ck_assert_int_eq(own_take(&o, LANE_ALERT, 1, &seq, &back), MESH_OK);
	ck_assert_int_eq(own_take(&o, LANE_PACKET, 1, &seq, &back), MESH_FULL);
	ck_assert_int_eq(own_take(&o, LANE_ALERT, 1, &seq, &back), MESH_FULL);
	ck_assert_int_eq(own_take(&o, LANE_LIVE, 1, &seq, &back), MESH_OK);
	stored(first, MESH_OK);
	ck_assert_int_eq(own_take(&o, LANE_ALERT, 1, &seq, &back), MESH_OK);
}
START_TEST(after_a_crash_numbers_go_on_above_and_back_covers_the_hole)
{
	uint64_t back;
	keep(MESH_OK, 0);
	for (uint64_t i = 1; i <= 3; i++)
		stored(take(&back), MESH_OK);
	struct mesh_holding own = {
		.lane = LANE_PACKET, .epoch = 77, .run_count = 1, .runs = { { 1, 3 } }
	};
	own_init(&o, own_epoch_of(bytes_view(body, body_len)));
	own_learn(&o, &own);
	ck_assert_int_eq(load(body_len), MESH_OK);
	keep(MESH_OK, 0);
	ck_assert_uint_eq(take(&back), 1025); /* PROTOCOL.md 10 */
	ck_assert_uint_eq(back, 1022);
	ck_assert_uint_eq(take(&back), 1026);
	ck_assert_uint_eq(back, 1);
}
START_TEST(after_a_clean_stop_nothing_is_wasted)
{
	uint64_t back, seq;
	keep(MESH_OK, 0);
	stored(take(&back), MESH_OK);
	own_stop(&o);
	keep(MESH_OK, 0);
	ck_assert_int_eq(own_take(&o, LANE_PACKET, 1, &seq, &back), MESH_FULL);
	own_init(&o, 77);
	ck_assert_int_eq(load(body_len), MESH_OK);
	keep(MESH_OK, 0);
	ck_assert_uint_eq(take(&back), 2);
}
START_TEST(another_epochs_row_is_ignored_and_garbage_is_refused)
{
	uint64_t back;
	keep(MESH_OK, 0);
	own_init(&o, 78);
	ck_assert_int_eq(load(body_len), MESH_OK);
	keep(MESH_OK, 0);
	ck_assert_uint_eq(take(&back), 1);
	for (size_t len = 0; len < body_len; len++)
		ck_assert_int_eq(load(len), MESH_MALFORMED);
	ck_assert_uint_eq(own_epoch_of(hex("c0")), 0);
}
START_TEST(what_the_store_refused_is_void_for_the_next)
{
	uint64_t back, first, second;
	keep(MESH_OK, 0);
	stored(take(&back), MESH_OK);
	first = take(&back);
	second = take(&back);
	ck_assert_uint_eq(back, 1);
	stored(first, MESH_IO);
	stored(second, MESH_IO);
	ck_assert_uint_eq(take(&back), 4);
	ck_assert_uint_eq(back, 3);
}
static void
changed(enum own_kind kind, const struct mesh_live *live, mesh_time_ms now)
{
	uint64_t seq, back;
	ck_assert_int_eq(own_take(&o, LANE_STATE, 1, &seq, &back), MESH_OK);
	own_stored(
	    &o, &(struct own_outcome){ LANE_STATE, seq, kind, 1, MESH_OK, live }, now);
}
START_TEST(a_checkpoint_is_due_when_it_is_quiet_or_much_or_long)
{
	struct mesh_live live = { .count = 1 };
	keep(MESH_OK, 0);
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 100000));
	changed(OWN_CHANGE, &live, 1000);
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 1000 + OWN_QUIET_MS - 1));
	ck_assert(own_checkpoint_due(&o, LANE_STATE, 1000 + OWN_QUIET_MS));
	ck_assert_uint_eq(own_deadline(&o), 1000 + OWN_QUIET_MS);
	for (mesh_time_ms now = 2000; now < 60000; now += 1000) /* never quiet */
		changed(OWN_CHANGE, &live, now);
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 60999));
	ck_assert(own_checkpoint_due(&o, LANE_STATE, 61000));
	uint64_t seq, back;
	ck_assert_int_eq(own_take(&o, LANE_STATE, 1, &seq, &back), MESH_OK);
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 99000)); /* one in flight */
	own_stored(&o,
	    &(struct own_outcome){ LANE_STATE, seq, OWN_CHECKPOINT, 1, MESH_OK, NULL },
	    61000);
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 99000));
	for (int i = 0; i < OWN_CHANGES; i++)
		changed(OWN_CHANGE, &live, 99000);
	ck_assert(own_checkpoint_due(&o, LANE_STATE, 99000));
	own_checkpoint_later(&o, LANE_STATE, 99000);
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 99000));
	ck_assert(!own_checkpoint_due(&o, LANE_PACKET, 999000)); /* no keys there */
}
static uint64_t
say_floor(enum mesh_err err, bool expected, mesh_time_ms now)
{
	uint64_t seq, back;
	bool settled;
	ck_assert(own_checkpoint_due(&o, LANE_STATE, now));
	uint64_t floor = own_floor(&o, LANE_STATE, &settled);
	ck_assert_int_eq(settled, expected);
	ck_assert_int_eq(own_take(&o, LANE_STATE, 1, &seq, &back), MESH_OK);
	own_stored(&o,
	    &(struct own_outcome){ LANE_STATE, seq, OWN_CHECKPOINT, 1, err, say }, now);
	return floor;
}
static void
drop_something(void)
{
	struct mesh_live live = { .count = 2 };
	keep(MESH_OK, 0);
	changed(OWN_CHANGE, &live, 0);
	changed(OWN_DROP, &live, 0);
}
START_TEST(a_raised_floor_is_settled_in_the_checkpoint_after)
{
	drop_something();
	ck_assert_uint_eq(
	    say_floor(MESH_OK, true, 10000), 0); /* none is settled, too */
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 99000));
	own_retire(&o, LANE_STATE, 3);
	changed(OWN_CHANGE, NULL, 20000);
	ck_assert_uint_eq(say_floor(MESH_OK, false, 30000), 3);
	ck_assert_uint_eq(say_floor(MESH_OK, true, 40000), 3);
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 99000));
}
START_TEST(a_floor_that_was_not_stored_was_not_told)
{
	bool settled;
	drop_something();
	own_retire(&o, LANE_STATE, 2);
	(void)own_floor(&o, LANE_STATE, &settled); /* there was no number for it */
	own_checkpoint_later(&o, LANE_STATE, 10000);
	ck_assert_uint_eq(say_floor(MESH_IO, false, 20000), 2);
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 20000 + OWN_QUIET_MS - 1));
	ck_assert_uint_eq(own_deadline(&o), 20000 + OWN_QUIET_MS);
	ck_assert_uint_eq(say_floor(MESH_OK, false, 30000), 2);
	ck_assert_uint_eq(say_floor(MESH_OK, true, 40000), 2);
}
START_TEST(a_full_lane_ends_its_drops_when_that_is_stored)
{
	drop_something();
	own_crowd(&o, LANE_STATE, 0);
	ck_assert_uint_eq(say_floor(MESH_IO, false, 10000), 3);
	ck_assert_uint_eq(o.lane[LANE_STATE].tombs, 1);
	changed(OWN_DROP, NULL, 10000); /* below the next one's own number, too */
	ck_assert_uint_eq(say_floor(MESH_OK, false, 20000), 5);
	ck_assert_uint_eq(o.lane[LANE_STATE].tombs, 0);
	ck_assert_uint_eq(say_floor(MESH_OK, true, 30000), 5);
	own_crowd(&o, LANE_STATE, 30000); /* there is nothing to be ended */
	ck_assert(!own_checkpoint_due(&o, LANE_STATE, 99000));
}
START_TEST(what_a_floor_has_ended_is_no_room_any_more)
{
	static struct mesh_live live = { .count = 3, .weight = 3 };
	uint32_t *tombs = &o.lane[LANE_STATE].tombs;
	keep(MESH_OK, 0);
	changed(OWN_CHANGE, &live, 0);
	changed(OWN_DROP, &live, 0);
	changed(OWN_DROP, &live, 0);
	own_retire(&o, LANE_STATE, 3);
	(void)say_floor(MESH_OK, false, 10000); /* of the lane it says nothing */
	ck_assert_uint_eq(*tombs, 2);
	live.weight = 2;
	say = &live;
	(void)say_floor(MESH_IO, true, 20000);
	ck_assert_uint_eq(*tombs, 2);
	(void)say_floor(MESH_OK, true, 30000);
	ck_assert_uint_eq(*tombs, 1);
	live.weight = 0; /* those of an earlier life, too */
	changed(OWN_CHANGE, NULL, 40000);
	(void)say_floor(MESH_OK, true, 50000);
	ck_assert_uint_eq(*tombs, 0);
}
START_TEST(what_rises_while_a_checkpoint_is_on_its_way_is_told_by_the_next)
{
	uint64_t seq, back;
	bool settled;
	drop_something();
	ck_assert_uint_eq(own_floor(&o, LANE_STATE, &settled), 0);
	ck_assert_int_eq(own_take(&o, LANE_STATE, 1, &seq, &back), MESH_OK);
	own_retire(&o, LANE_STATE, 2);
	own_crowd(&o, LANE_STATE, 10000);
	own_stored(&o,
	    &(struct own_outcome){ LANE_STATE, seq, OWN_CHECKPOINT, 1, MESH_OK, NULL },
	    10000);
	ck_assert_uint_eq(say_floor(MESH_OK, false, 20000), 4);
	ck_assert_uint_eq(say_floor(MESH_OK, true, 30000), 4);
}
START_TEST(nothing_is_numbered_while_a_refused_number_is_in_doubt)
{
	uint64_t back, seq;
	keep(MESH_OK, 0);
	for (int i = 0; i < 3; i++)
		(void)take(&back);
	stored(1, MESH_OK);
	own_refused(&o, LANE_PACKET);
	ck_assert(!own_must_decide(&o, LANE_PACKET)); /* 3 is on its way */
	ck_assert_int_eq(own_take(&o, LANE_PACKET, 1, &seq, &back), MESH_FULL);
	stored(3, MESH_OK);
	ck_assert(own_must_decide(&o, LANE_PACKET));
	ck_assert_int_eq(own_take(&o, LANE_PACKET, 1, &seq, &back), MESH_FULL);
	own_decided(&o, LANE_PACKET);
	stored(2, MESH_OK);
	ck_assert_uint_eq(take(&back), 4);
	ck_assert_uint_eq(back, 1);
}
START_TEST(forks_count_for_a_day_of_which_a_restart_takes_nothing)
{
	static const struct {
		mesh_time_ms up; /* after the fourth fork, before the row is written */
		unix_ms at, is;  /* the wall clock then, and when it is read */
		bool silenced;   /* by one more, a minute after the start */
	} cases[] = {
		{ 0, 1700000000000, 1700000060000, true },
		{ 0, 1700000000000, 1700000000000 + OWN_FORKS_MS - 1000, false },
		{ OWN_FORKS_MS - 120 * 1000, 1700000000000, 1700000001000, true },
		{ OWN_FORKS_MS - 30 * 1000, 1700000000000, 1700000001000, false },
		{ 0, 1700000000000, 1600000000000, true }, /* a clock that went back */
		{ 0, 0, 1700000000000, true },             /* none, then one */
		{ 0, 1700000000000, 0, true },             /* one, then none */
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct bytes_out out = bytes_out(body, sizeof body);
		own_init(&o, 77);
		for (int k = 1; k < OWN_FORKS; k++)
			ck_assert(own_forked(&o, 1000));
		own_keep_body(&o,
		    (struct mesh_now){
			.ms = 1000 + cases[i].up, .unix_ms = cases[i].at },
		    &out);
		ck_assert(!out.failed);
		own_init(&o, 78);
		ck_assert_int_eq(
		    own_load(&o, bytes_written(&out),
			(struct mesh_now){ .ms = 5, .unix_ms = cases[i].is }),
		    MESH_OK);
		ck_assert_int_eq(o.phase, OWN_READY);
		ck_assert_msg(own_forked(&o, 60005) != cases[i].silenced, "%zu", i);
	}
}
CHECK_MODULE(own, setup, forks_count_for_a_day_of_which_a_restart_takes_nothing,
    no_number_is_given_before_its_block_is_safe,
    what_counts_for_several_takes_as_many_numbers, the_next_block_is_asked_for_at_half,
    so_many_wait_for_the_disk_in_all_lanes_and_no_more,
    after_a_crash_numbers_go_on_above_and_back_covers_the_hole,
    after_a_clean_stop_nothing_is_wasted,
    another_epochs_row_is_ignored_and_garbage_is_refused,
    what_the_store_refused_is_void_for_the_next,
    nothing_is_numbered_while_a_refused_number_is_in_doubt,
    a_checkpoint_is_due_when_it_is_quiet_or_much_or_long,
    a_raised_floor_is_settled_in_the_checkpoint_after,
    a_floor_that_was_not_stored_was_not_told,
    a_full_lane_ends_its_drops_when_that_is_stored,
    what_a_floor_has_ended_is_no_room_any_more,
    what_rises_while_a_checkpoint_is_on_its_way_is_told_by_the_next)
