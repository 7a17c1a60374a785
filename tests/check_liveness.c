#include "check_mesh.h"
#include "liveness.h"

static struct liveness l;
enum { WAIT = 400, PROBE = 150, PROBES = 3 };
static const struct liveness_patience patience = { WAIT, PROBE, PROBES };

static void
setup(void)
{
	liveness_start(&l, LIVENESS_PERIOD_MS, rng_u32(), 1000);
}
/* The next thing it does, at its own time. */
static enum liveness_action
act(mesh_time_ms *at)
{
	*at = l.due_ms;
	ck_assert_int_eq(liveness_tick(&l, &patience, *at - 1), LIVENESS_REST);
	return liveness_tick(&l, &patience, *at);
}

START_TEST(silence_is_asked_about_waited_for_and_then_accused)
{
	mesh_time_ms at, first;
	ck_assert_int_eq(act(&first), LIVENESS_PING);
	ck_assert(first >= 1000 + 1800 && first <= 1000 + 2420);
	for (unsigned i = 0; i < PROBES; i++) {
		ck_assert_int_eq(act(&at), i == 0 ? LIVENESS_PROBE : LIVENESS_PING);
		ck_assert_uint_eq(at, first + WAIT + i * PROBE);
	}
	ck_assert_int_eq(act(&at), LIVENESS_ACCUSE);
	ck_assert_uint_eq(at, first + WAIT + PROBES * PROBE);
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
		ck_assert_uint_ge(l.due_ms, at + 1000);
		ck_assert_int_eq(l.state, LIVENESS_GOOD);
	}
}
START_TEST(a_busy_link_is_never_pinged)
{
	for (mesh_time_ms now = 1000; now < 60000; now += 500) {
		(void)liveness_heard(&l, rng_u32(), now);
		ck_assert_int_eq(liveness_tick(&l, &patience, now), LIVENESS_REST);
	}
}
START_TEST(who_pinged_last_pings_again_and_the_other_waits_longer)
{
	mesh_time_ms at;
	(void)act(&at);
	uint32_t rtt_us;
	struct liveness_pong pong = { l.ping_id, 0, 0 };
	(void)liveness_ponged(&l, &pong, at, &rtt_us);
	mesh_time_ms pinger = l.due_ms - at;
	liveness_pinged(&l, 0, at);
	ck_assert_uint_eq(l.due_ms - at, pinger + pinger / 10);
}
START_TEST(a_pong_measures_only_the_last_ping)
{
	mesh_time_ms at;
	uint32_t rtt_us = 0;
	struct liveness_pong pong = { l.ping_id, 0, 0 };
	ck_assert(!liveness_ponged(&l, &pong, 1001, &rtt_us));
	(void)act(&at);
	pong.id = (uint16_t)(l.ping_id + 1);
	ck_assert(!liveness_ponged(&l, &pong, at, &rtt_us));
	pong = (struct liveness_pong){ l.ping_id, 4, 0 };
	ck_assert(liveness_ponged(&l, &pong, at + 24, &rtt_us));
	ck_assert_uint_eq(rtt_us, 20000 + 1000 - 1000);
	ck_assert(!liveness_ponged(&l, &pong, at + 30, &rtt_us));
}
START_TEST(what_all_hear_at_once_is_not_asked_about_at_once)
{
	mesh_time_ms first = MESH_NEVER, last = 0;
	for (int i = 0; i < 200; i++) {
		setup();
		(void)liveness_heard(&l, rng_u32(), 1000);
		first = l.due_ms < first ? l.due_ms : first;
		last = l.due_ms > last ? l.due_ms : last;
	}
	ck_assert(first >= 2000 && first < 2050);
	ck_assert(last <= 3000 && last > 2950);
}
START_TEST(who_slept_asks_nobody_for_one_period)
{
	mesh_time_ms at;
	(void)act(&at);
	(void)act(&at);
	liveness_excuse(&l, 0, at + 5000);
	ck_assert_int_eq(l.state, LIVENESS_GOOD);
	ck_assert_uint_ge(l.due_ms, at + 5000 + 1800);
	while (act(&at) != LIVENESS_ACCUSE)
		continue;
	liveness_excuse(&l, 0, at + 5000);
	ck_assert(liveness_is_silent(&l)); /* that was said: it stays */
}
START_TEST(a_hint_asks_at_once)
{
	mesh_time_ms at;
	liveness_ask(&l, 1100);
	ck_assert_int_eq(act(&at), LIVENESS_PING);
	ck_assert_uint_eq(at, 1100);
	ck_assert_int_eq(l.state, LIVENESS_WAITING);
}
START_TEST(the_doubt_of_another_is_a_burst_that_asks_nobody_else)
{
	mesh_time_ms at;
	liveness_doubt(&l, 1100);
	for (unsigned i = 0; i < PROBES; i++) {
		ck_assert_int_eq(act(&at), LIVENESS_PING);
		ck_assert_uint_eq(at, 1100 + i * PROBE);
		liveness_doubt(&l, at + 1); /* more doubt changes nothing */
	}
	ck_assert(!liveness_vouch(&l, l.ping_id, 0, at));
	ck_assert_int_eq(act(&at), LIVENESS_ACCUSE);
	(void)liveness_heard(&l, 0, at);
	(void)act(&at);
	ck_assert_int_eq(act(&at), LIVENESS_PROBE); /* its own doubt does */
}
START_TEST(a_hint_is_a_burst_that_asks_others_once_between_two_pings)
{
	mesh_time_ms at;
	ck_assert(liveness_hint(&l, 1100));
	ck_assert_int_eq(act(&at), LIVENESS_PROBE);
	ck_assert_uint_eq(at, 1100);
	ck_assert(!liveness_hint(&l, at + 1)); /* it is asked */
	(void)liveness_heard(&l, 0, at + 10);
	ck_assert(!liveness_hint(&l, at + 20)); /* it was */
	ck_assert_int_eq(act(&at), LIVENESS_PING);
	ck_assert(liveness_hint(&l, at + 1));
	for (unsigned i = 0; i < PROBES; i++)
		ck_assert_int_eq(act(&at), i == 0 ? LIVENESS_PROBE : LIVENESS_PING);
	ck_assert_int_eq(act(&at), LIVENESS_ACCUSE);
	ck_assert(!liveness_hint(&l, at + 1));
}
START_TEST(who_is_heard_by_others_is_spared_once_and_then_left_without_a_word)
{
	mesh_time_ms at;
	ck_assert(!liveness_vouch(&l, l.ping_id, 0, 1000)); /* nobody asked */
	(void)act(&at);
	ck_assert_int_eq(act(&at), LIVENESS_PROBE);
	uint16_t id = l.ping_id;
	(void)act(&at);
	ck_assert(!liveness_vouch(&l, (uint16_t)(id + 2), 0, at));
	ck_assert(!liveness_vouch(&l, (uint16_t)(id - 1), 0, at));
	ck_assert(liveness_vouch(&l, id, 0, at));
	ck_assert_int_eq(l.state, LIVENESS_GOOD);
	ck_assert_uint_ge(l.due_ms, at + 1800);
	(void)act(&at);
	ck_assert_int_eq(act(&at), LIVENESS_PROBE);
	ck_assert(liveness_vouch(&l, l.ping_id, 0, at));
	ck_assert_int_eq(act(&at), LIVENESS_PING);
	ck_assert_int_eq(act(&at), LIVENESS_PING);
	ck_assert_int_eq(act(&at), LIVENESS_QUIT);
	ck_assert(liveness_is_silent(&l));
	ck_assert(liveness_heard(&l, 0, at));
	ck_assert(!l.vouched);
}
START_TEST(a_burst_keeps_the_length_it_began_with)
{
	struct liveness_patience grows = patience;
	mesh_time_ms at;
	(void)act(&at);
	for (unsigned i = 0; i < PROBES; i++, grows.probes += 2)
		ck_assert_int_ne(liveness_tick(&l, &grows, l.due_ms), LIVENESS_ACCUSE);
	ck_assert_int_eq(liveness_tick(&l, &grows, l.due_ms), LIVENESS_ACCUSE);
}
CHECK_MODULE(liveness, setup, silence_is_asked_about_waited_for_and_then_accused,
    anything_heard_ends_doubt_at_every_step, a_busy_link_is_never_pinged,
    who_pinged_last_pings_again_and_the_other_waits_longer,
    a_pong_measures_only_the_last_ping,
    what_all_hear_at_once_is_not_asked_about_at_once,
    who_slept_asks_nobody_for_one_period, a_hint_asks_at_once,
    the_doubt_of_another_is_a_burst_that_asks_nobody_else,
    a_hint_is_a_burst_that_asks_others_once_between_two_pings,
    who_is_heard_by_others_is_spared_once_and_then_left_without_a_word,
    a_burst_keeps_the_length_it_began_with)
