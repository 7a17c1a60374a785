#include "check_mesh.h"
#include "liveness.h"

static struct liveness l;
enum { WAIT = 400, PROBES = 3 };

static void
setup(void)
{
	liveness_start(&l, 0, rng_u32(), 1000);
}
/* The next thing it does, at its own time. */
static enum liveness_action
act(mesh_time_ms *at)
{
	*at = l.due_ms;
	ck_assert_int_eq(
	    liveness_tick(&l, WAIT, PROBES, rng_u32(), *at - 1), LIVENESS_REST);
	return liveness_tick(&l, WAIT, PROBES, rng_u32(), *at);
}

START_TEST(silence_is_asked_about_waited_for_and_then_accused)
{
	mesh_time_ms at, first;
	ck_assert_int_eq(act(&first), LIVENESS_PING);
	ck_assert(first >= 1000 + 1800 && first <= 1000 + 2420);
	for (unsigned i = 0; i < PROBES; i++) {
		ck_assert_int_eq(act(&at), LIVENESS_PING);
		ck_assert_uint_eq(at, first + WAIT + i * LIVENESS_PROBE_MS);
	}
	ck_assert_int_eq(act(&at), LIVENESS_ACCUSE);
	ck_assert_uint_eq(at, first + WAIT + PROBES * LIVENESS_PROBE_MS);
	ck_assert(liveness_is_silent(&l));
	ck_assert_int_eq(act(&at), LIVENESS_PING); /* and goes on knocking */
	ck_assert(liveness_is_silent(&l));
	ck_assert(liveness_heard(&l, rng_u32(), at));
	ck_assert(!liveness_is_silent(&l));
}
START_TEST(anything_heard_ends_doubt_at_every_step)
{
	for (int steps = 0; steps < 4; steps++) {
		mesh_time_ms at = 1000;
		setup();
		for (int i = 0; i < steps; i++)
			(void)act(&at);
		ck_assert(!liveness_heard(&l, rng_u32(), at + 1));
		ck_assert_uint_ge(l.due_ms, at + 1800);
		ck_assert_int_eq(l.state, LIVENESS_GOOD);
	}
}
START_TEST(a_busy_link_is_never_pinged)
{
	for (mesh_time_ms now = 1000; now < 60000; now += 500) {
		(void)liveness_heard(&l, rng_u32(), now);
		ck_assert_int_eq(
		    liveness_tick(&l, WAIT, PROBES, 0, now), LIVENESS_REST);
	}
}
START_TEST(who_pinged_last_pings_again_and_the_other_waits_longer)
{
	mesh_time_ms at;
	(void)act(&at);
	(void)liveness_heard(&l, 0, at);
	mesh_time_ms pinger = l.due_ms - at;
	liveness_pinged(&l);
	(void)liveness_heard(&l, 0, at);
	ck_assert_uint_eq(l.due_ms - at, pinger + pinger / 10);
}
START_TEST(a_pong_measures_only_the_last_ping)
{
	mesh_time_ms at;
	uint32_t rtt_us = 0;
	ck_assert(!liveness_ponged(&l, l.ping_id, 0, 1001, &rtt_us));
	(void)act(&at);
	ck_assert(!liveness_ponged(&l, (uint16_t)(l.ping_id + 1), 0, at, &rtt_us));
	ck_assert(liveness_ponged(&l, l.ping_id, 4, at + 24, &rtt_us));
	ck_assert_uint_eq(rtt_us, 20000 + 1000 - 1000);
	ck_assert(!liveness_ponged(&l, l.ping_id, 0, at + 30, &rtt_us));
}
START_TEST(who_slept_accuses_nobody)
{
	mesh_time_ms at;
	(void)act(&at);
	(void)act(&at);
	ck_assert_int_eq(
	    liveness_tick(&l, WAIT, PROBES, 0, l.due_ms + LIVENESS_LATE_MS + 1),
	    LIVENESS_REST);
	ck_assert_int_eq(l.state, LIVENESS_GOOD);
}
START_TEST(a_hint_asks_at_once)
{
	mesh_time_ms at;
	liveness_doubt(&l, 1100);
	ck_assert_int_eq(act(&at), LIVENESS_PING);
	ck_assert_uint_eq(at, 1100);
	ck_assert_int_eq(l.state, LIVENESS_PROBING);
	setup();
	liveness_ask(&l, 1100);
	ck_assert_int_eq(act(&at), LIVENESS_PING);
	ck_assert_int_eq(l.state, LIVENESS_WAITING);
}
CHECK_MODULE(liveness, setup, silence_is_asked_about_waited_for_and_then_accused,
    anything_heard_ends_doubt_at_every_step, a_busy_link_is_never_pinged,
    who_pinged_last_pings_again_and_the_other_waits_longer,
    a_pong_measures_only_the_last_ping, who_slept_accuses_nobody, a_hint_asks_at_once)
