#include "check_world.h"
#include "inside_trust.h"
#include "world_disk.h"

/* Two verified records under one number: PROTOCOL.md 10. */

/* Sites 0 and 3 are one identity with one disk, 1 hears only 0, 2 hears only 3. */
static void
two_bodies(void)
{
	begin(6, 0);
	world_join(w, 0, 1);
	world_start(w, 0);
	world_start(w, 1);
	run(4000);
	ck_assert_int_eq(world_put(w, 0, "colour", 7), MESH_OK);
	ck_assert_int_eq(world_put(w, 0, "size", 8), MESH_OK);
	append(0, 1);
	run(500);
	w->sites[3].identity = w->sites[0].identity;
	disk_free(w->sites[3].disk);
	w->sites[3].disk = disk_copy(w->sites[0].disk);
	w->sites[3].boot = w->sites[0].boot;
	w->sites[3].starts = 1;
	world_join(w, 2, 3);
	world_kill(w, 0);
	world_start(w, 0);
	world_start(w, 2);
	world_start(w, 3);
	run(6000);
	for (uint64_t n = 0; n < 3; n++) { /* the same numbers, other words */
		append(0, 100 + n);
		append(3, 200 + n);
		run(50);
	}
	run(500);
	world_cut(w, 0, 1);
	world_cut(w, 1, 0);
	world_cut(w, 2, 3);
	world_cut(w, 3, 2);
}
static void
meet(uint32_t a, uint32_t b)
{
	world_join(w, a, b);
	world_join(w, b, a);
}
static uint64_t
epoch_at(uint32_t at)
{
	return holdings_epoch(&w->sites[at].site->holdings, &w->sites[0].identity.key);
}

static bool
both_know(const struct world *world, void *ctx)
{
	(void)ctx;
	return world_counter(world, 1, "peer.fork") > 0 &&
	    world_counter(world, 2, "peer.fork") > 0;
}

/* Attack 18: muted everywhere within 5 s of the meeting. */
START_TEST(both_halves_freeze_the_lane_when_they_meet)
{
	two_bodies();
	meet(1, 2);
	while (!is_direct(1, 2))
		run(10);
	ck_assert(world_wait(w, both_know, NULL, w->now + 5000));
	ck_assert_uint_gt(w->sites[1].notices[NOTICE_FORK], 0);
	ck_assert_uint_eq(w->violation_count, 0);
	world_free(w);
}
/* 4 and 5 behind it: they know one of the two records, or none, and missed FORK. */
START_TEST(who_was_away_is_shown_the_fork_on_return)
{
	two_bodies();
	meet(1, 2);
	ck_assert(world_wait(w, both_know, NULL, w->now + 15000));
	run(1000);
	world_kill(w, 2); /* the proof survives it */
	world_join(w, 2, 4);
	world_join(w, 4, 5);
	world_start(w, 4);
	world_start(w, 5);
	run(5000);
	ck_assert_uint_eq(counter(4, "peer.fork"), 0);
	world_start(w, 2);
	mesh_time_ms from = w->now;
	while (counter(4, "peer.fork") == 0 || counter(5, "peer.fork") == 0) {
		run(10);
		ck_assert_uint_lt(w->now - from, 8000);
	}
	world_free(w);
}
START_TEST(the_owner_begins_anew_and_says_again_what_still_holds)
{
	uint64_t old;
	two_bodies();
	old = epoch_at(1);
	world_kill(w, 3);
	meet(0, 1);
	run(5000);
	meet(1, 2);
	run(20000);
	ck_assert(both_know(w, NULL));
	ck_assert_uint_eq(counter(0, "own.epoch_new"), 1);
	ck_assert_uint_eq(w->sites[0].notices[NOTICE_FORK], 1);
	ck_assert_uint_eq(w->sites[0].notices[NOTICE_RENEWED], 1);
	ck_assert_uint_gt(epoch_at(2), old);
	ck_assert_uint_eq(epoch_at(1), epoch_at(2));
	ck_assert_uint_eq(w->sites[0].site->own.rewrite, 0);
	ck_assert_uint_ge(world_told(w, 1, 0, LANE_STATE, 7), 2);
	ck_assert_uint_ge(world_told(w, 2, 0, LANE_STATE, 7), 1);
	ck_assert_uint_ge(world_told(w, 1, 0, LANE_STATE, 8), 2);
	append(0, 300);
	run(1000);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 300), 1);
	ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, 300), 1);
	world_free(w);
}
START_TEST(a_frozen_lane_takes_nothing_more_and_a_restart_does_not_thaw_it)
{
	struct twins t = { .count = 0 };
	struct mesh_position at = { .lane = LANE_PACKET, .epoch = 5, .seq = 9 };
	ck_assert(twins_add(&t, &at));
	ck_assert(!twins_add(&t, &at));
	ck_assert(twins_frozen(&t, &at));
	at.seq = 8;
	ck_assert(!twins_frozen(&t, &at));
	at.seq = 10;
	ck_assert(twins_frozen(&t, &at));
	at.epoch = 6;
	ck_assert(!twins_frozen(&t, &at));
	at.epoch = 5;
	at.lane = LANE_ALERT;
	ck_assert(!twins_frozen(&t, &at));
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(4000);
	at = (struct mesh_position){ .origin = w->sites[0].identity.key,
		.lane = LANE_PACKET,
		.epoch = w->sites[0].site->own.epoch,
		.seq = 1 };
	fork_load(w->sites[1].site, &at);
	w->sites[1].site->twins_news = true;
	append(0, 1);
	run(500);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 0);
	ck_assert_uint_gt(counter(1, "record.frozen"), 0);
	world_kill(w, 1);
	world_start(w, 1);
	run(5000);
	append(0, 2);
	run(500);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 2), 0);
	ck_assert_uint_gt(counter(1, "record.frozen"), 0);
	done();
}
/* The store could not keep the row at first: nobody need say it again. */
START_TEST(a_freeze_that_was_not_kept_is_kept_later)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(4000);
	struct mesh_position at = { .origin = w->sites[0].identity.key,
		.lane = LANE_PACKET,
		.epoch = w->sites[0].site->own.epoch,
		.seq = 1 };
	w->sites[1].store_err = MESH_IO;
	fork_load(w->sites[1].site, &at);
	w->sites[1].site->twins_news = true;
	run(3000);
	w->sites[1].store_err = MESH_OK;
	run(OWN_RETRY_MS);
	world_kill(w, 1);
	world_start(w, 1);
	run(5000);
	append(0, 1);
	run(500);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 0);
	ck_assert_uint_gt(counter(1, "record.frozen"), 0);
	done();
}
START_TEST(the_fifth_fork_in_a_day_silences_us)
{
	struct own o;
	own_init(&o, 1);
	for (mesh_time_ms i = 1; i < OWN_FORKS; i++)
		ck_assert(own_forked(&o, i * 1000));
	ck_assert(!own_forked(&o, OWN_FORKS_MS));
	ck_assert_int_eq(o.phase, OWN_QUIET);
	own_init(&o, 1);
	for (mesh_time_ms i = 1; i < 20; i++)
		ck_assert(own_forked(&o, i * OWN_FORKS_MS / 4));
}
CHECK_MODULE(fork, NULL, both_halves_freeze_the_lane_when_they_meet,
    who_was_away_is_shown_the_fork_on_return,
    the_owner_begins_anew_and_says_again_what_still_holds,
    a_frozen_lane_takes_nothing_more_and_a_restart_does_not_thaw_it,
    a_freeze_that_was_not_kept_is_kept_later, the_fifth_fork_in_a_day_silences_us)
