#include "air.h"
#include "air_world.h"
#include "check_mesh.h"
#include "id.h"
#include "text.h"
#include <math.h>

static uint64_t last;

static void
setup(void)
{
	last = 0;
	air_world_start(true);
}

/* A text of that rank for "roof"; its request. */
static uint64_t
ask(enum pace_rank rank, const char *said)
{
	const struct radio_request q = { .request = ++last,
		.kind = REQUEST_TEXT,
		.packet = (uint32_t)(last + 500),
		.hop_limit = HOPS_AS_SET,
		.body = bytes_view(said, strlen(said)) };
	ck_assert_int_eq(air_ask(world.air, text("roof"), rank, &q), MESH_OK);
	return last;
}

START_TEST(texts_leave_one_by_one_at_the_radios_pace)
{
	for (int i = 0; i < 10; i++)
		ask(PACE_PERSON, "hello");
	air_world_pass(60000);
	ck_assert_uint_eq(world.sent_count, 10);
	for (size_t i = 1; i < world.sent_count; i++) {
		mesh_time_ms gap = world.sent[i].ms - world.sent[i - 1].ms;
		ck_assert_msg(
		    gap >= 2000 && gap < 3500, "gap %llu", (unsigned long long)gap);
		ck_assert_uint_eq(world.sent[i].p.id, 501 + i);
	}
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_GIVEN], 10);
	ck_assert_uint_gt(world.counts.n[COUNT_AIR_TIME], 10 * 436);
}
START_TEST(what_waits_for_a_radio_that_may_not_is_refused)
{
	struct air_news news;
	ck_assert_str_eq(air_wait_words[AIR_FORBIDDEN], "tx = no");
	air_world_start(false);
	uint64_t request = ask(PACE_PERSON, "hello");
	ck_assert(air_tick(world.air, world.now) && air_next(world.air, &news));
	ck_assert(news.request == request && news.err == MESH_DENIED);
	ck_assert_int_eq(news.wait, AIR_FORBIDDEN);
	air_permit(world.air, text("roof"), true);
	air_world_pass(600000);
	ck_assert_uint_eq(world.sent_count, 0);

	world.mood = RADIO_MUTE; /* a link that is lost does not hold it, either */
	ask(PACE_PERSON, "given");
	air_world_pass(2000);
	air_permit(world.air, text("roof"), false);
	air_world_hang_up();
	air_world_pass(10000);
	air_permit(world.air, text("roof"), true);
	air_world_pass(600000);
	ck_assert_uint_eq(world.sent_count, 1);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_REFUSED], 2);
}
START_TEST(before_the_configuration_says_who_may_all_wait)
{
	const struct radio_request q = {
		.request = 99, .kind = REQUEST_TEXT, .body = bytes_view("x", 1)
	};
	ck_assert_int_eq(air_ask(world.air, text("attic"), PACE_PERSON, &q), MESH_OK);
	air_world_pass(600000);
	ck_assert_int_eq(air_waits(world.air, 99), AIR_NO_RADIO);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_REFUSED], 0);
}
START_TEST(people_go_before_programs_and_in_their_order)
{
	static const char *const order[] = { "p1", "p2", "m1", "m2" };
	ask(PACE_MACHINE, "m1");
	ask(PACE_MACHINE, "m2");
	ask(PACE_PERSON, "p1");
	ask(PACE_PERSON, "p2");
	air_world_pass(60000);
	ck_assert_uint_eq(world.sent_count, LENGTH(order));
	for (size_t i = 0; i < LENGTH(order); i++)
		ck_assert_str_eq(world.sent[i].text, order[i]);
}
START_TEST(what_stands_before_the_antenna_is_said)
{
	static const char silent[] = "080138034003"; /* without tx_enabled */
	const struct radio_request q = {
		.request = 99, .kind = REQUEST_TEXT, .body = bytes_view("x", 1)
	};
	ck_assert_int_eq(air_ask(world.air, text("attic"), PACE_PERSON, &q), MESH_OK);
	air_world_pass(1000);
	ck_assert_int_eq(air_waits(world.air, 99), AIR_NO_RADIO);

	air_world_queue(0);
	uint64_t request = ask(PACE_PERSON, "full");
	air_world_pass(5000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_FULL);
	air_world_queue(16);
	air_world_pass(5000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_NOTHING);

	air_world_utilization(45.0F, 0.0F);
	air_world_pass(5000);
	request = ask(PACE_PERSON, "crowded");
	air_world_pass(5000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_CROWDED);
	air_world_utilization(30.0F, 0.0F);
	air_world_pass(30000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_NOTHING);
	request = ask(PACE_MACHINE, "crowded for programs");
	air_world_pass(30000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_CROWDED);

	air_world_utilization(5.0F, 9.99F);
	air_world_pass(30000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_SPENT);
	air_world_utilization(5.0F, 1.0F);
	air_world_pass(120000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_NOTHING);

	world.mood = RADIO_MUTE;
	ask(PACE_PERSON, "unanswered");
	request = ask(PACE_PERSON, "behind it");
	air_world_pass(5000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_UNANSWERED);
	world.mood = RADIO_TAKES;
	air_world_pass(60000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_NOTHING);

	world.lora = silent;
	air_world_hang_up();
	air_world_pass(10000);
	request = ask(PACE_PERSON, "switched off");
	air_world_pass(5000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_SILENCED);
	world.away = true;
	air_world_hang_up();
	air_world_pass(5000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_DOWN);
}
START_TEST(a_percentage_that_cannot_be_is_not_believed)
{
	static const float odd[] = { NAN, -1.0F, INFINITY, 1e30F, 100.5F };
	for (size_t i = 0; i < LENGTH(odd); i++) {
		air_world_utilization(odd[i], odd[i]);
		uint64_t request = ask(PACE_PERSON, "as before");
		air_world_pass(30000);
		ck_assert_msg(
		    air_waits(world.air, request) == AIR_NOTHING, "%g", (double)odd[i]);
	}
	air_world_utilization(45.0F, 0.0F);
	air_world_utilization(NAN, 0.0F);
	uint64_t request = ask(PACE_PERSON, "still crowded");
	air_world_pass(30000);
	ck_assert_int_eq(air_waits(world.air, request), AIR_CROWDED);
}
START_TEST(no_channels_airtime_is_forgotten_for_another)
{
	static char lora[32];
	uint64_t request = 0;
	for (unsigned channel = 1; channel <= PORTS_MAX + 1; channel++) {
		snprintf(lora, sizeof lora, "080138034003480158%02x", channel);
		world.lora = lora;
		air_world_hang_up();
		air_world_pass(10000);
		request = ask(PACE_PERSON, "hello");
		air_world_pass(10000);
	}
	ck_assert_uint_eq(world.sent_count, PORTS_MAX);
	ck_assert_int_eq(air_waits(world.air, request), AIR_SPENT);
	air_world_pass(3700000);
	ck_assert_uint_eq(world.sent_count, PORTS_MAX + 1);
}
START_TEST(a_radio_may_have_been_given_something_before_this_start)
{
	const struct radio_request q = { .request = 99,
		.kind = REQUEST_TRACE,
		.to = id_of_node(ID_MT_NODE, 17),
		.packet = 5 };
	ck_assert_int_eq(air_ask(world.air, text("roof"), PACE_PERSON, &q), MESH_OK);
	air_world_pass(25000); /* and 5 s that the world is old */
	ck_assert_uint_eq(world.sent_count, 0);
	ck_assert_int_eq(air_waits(world.air, 99), AIR_SOON);
	air_world_pass(2000);
	ck_assert_uint_eq(world.sent_count, 1);
}
START_TEST(an_hours_share_is_kept_whatever_is_asked)
{
	/* 232 bytes at LongFast are 2157 ms on the air: 360 s an hour are 166 of them.
	 */
	static char said[233];
	memset(said, 'x', sizeof said - 1);
	uint64_t most = 0;
	for (int minute = 0; minute < 180; minute++) {
		while (
		    world.counts.n[COUNT_AIR_ASKED] - world.counts.n[COUNT_AIR_GIVEN] <
		    AIR_WAITING / 2)
			ask(PACE_PERSON, said);
		air_world_pass(60000);
		world.sent_count = 0;
		uint64_t spent = world.counts.n[COUNT_AIR_TIME];
		if (minute == 59)
			most = spent;
	}
	ck_assert_uint_le(most, 360000);
	ck_assert_uint_ge(most, 340000);
	ck_assert_uint_le(world.counts.n[COUNT_AIR_TIME], 3 * 360000);
}
START_TEST(an_hours_share_is_not_given_again_by_a_restart)
{
	static char said[233];
	memset(said, 'x', sizeof said - 1);
	uint64_t spent = 0;
	for (int minute = 0; minute < 50; minute++) {
		while (
		    world.counts.n[COUNT_AIR_ASKED] - world.counts.n[COUNT_AIR_GIVEN] <
		    AIR_WAITING / 2)
			ask(PACE_PERSON, said);
		air_world_pass(60000);
		world.sent_count = 0;
	}
	spent = world.counts.n[COUNT_AIR_TIME];
	ck_assert_uint_ge(spent, 340000);
	air_world_restart(true);
	uint64_t request = ask(PACE_PERSON, said);
	air_world_pass(60000);
	ck_assert_uint_eq(world.sent_count, 0);
	ck_assert_int_eq(air_waits(world.air, request), AIR_SPENT);
	world.now.ms += 3600000; /* an hour without us */
	world.now.unix_ms += 3600000;
	air_world_restart(true);
	request = ask(PACE_PERSON, said);
	air_world_pass(60000);
	ck_assert_uint_eq(world.sent_count, 1);
}
START_TEST(airtime_that_the_store_did_not_take_is_kept_later)
{
	world.store_is_full = true;
	ask(PACE_PERSON, "hello");
	air_world_pass(10000);
	ck_assert_uint_eq(world.airtime[0].len + world.airtime[PORTS_MAX - 1].len, 0);
	ck_assert_uint_gt(world.counts.n[COUNT_AIR_UNKEPT], 0);
	world.store_is_full = false;
	air_world_pass(10000);
	ck_assert_uint_gt(world.airtime[0].len + world.airtime[PORTS_MAX - 1].len, 0);
}
START_TEST(what_a_lost_link_took_goes_again_under_its_number)
{
	world.mood = RADIO_MUTE;
	ask(PACE_PERSON, "hello");
	air_world_pass(1000);
	ck_assert_uint_eq(world.sent_count, 1);
	world.mood = RADIO_TAKES;
	air_world_hang_up();
	air_world_pass(20000);
	ck_assert_uint_eq(world.sent_count, 2);
	ck_assert_uint_eq(world.sent[0].p.id, world.sent[1].p.id);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_AGAIN], 1);
	air_world_pass(600000);
	ck_assert_uint_eq(world.sent_count, 2);
}
START_TEST(what_was_accepted_does_not_go_again)
{
	ask(PACE_PERSON, "hello");
	air_world_pass(1000);
	air_world_hang_up();
	air_world_pass(600000);
	ck_assert_uint_eq(world.sent_count, 1);
}
START_TEST(what_found_a_full_queue_goes_again_under_another_number)
{
	uint8_t before = world.free_places;
	world.mood = RADIO_IS_FULL;
	world.free_places = 0;
	ask(PACE_PERSON, "hello");
	air_world_pass(1000);
	ck_assert_uint_eq(world.sent_count, 1);
	ck_assert_int_eq(air_waits(world.air, last), AIR_FULL);
	world.mood = RADIO_TAKES;
	air_world_queue(before);
	air_world_pass(3000);
	ck_assert_uint_eq(world.sent_count, 1); /* not at once */
	air_world_pass(10000);
	ck_assert_uint_eq(world.sent_count, 2);
	ck_assert_uint_ne(world.sent[0].p.id, world.sent[1].p.id);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_BUSY], 1);
	air_world_pass(600000);
	ck_assert_uint_eq(world.sent_count, 2);
}
START_TEST(what_a_link_took_keeps_its_number_at_a_full_queue)
{
	uint8_t before = world.free_places;
	world.mood = RADIO_MUTE;
	ask(PACE_PERSON, "hello");
	air_world_pass(1000);
	world.mood = RADIO_IS_FULL;
	air_world_hang_up();
	world.free_places = 0;
	air_world_pass(20000);
	world.mood = RADIO_TAKES;
	world.free_places = before;
	air_world_pass(600000);
	ck_assert_uint_ge(world.sent_count, 2);
	for (size_t i = 1; i < world.sent_count; i++)
		ck_assert_uint_eq(world.sent[i].p.id, world.sent[0].p.id);
}
START_TEST(a_full_gate_refuses_the_newest)
{
	const struct radio_request q = { .request = 1000, .kind = REQUEST_TEXT };
	air_world_start(false);
	for (int i = 0; i < AIR_WAITING; i++)
		ask(PACE_PERSON, "hello");
	ck_assert_int_eq(air_ask(world.air, text("roof"), PACE_PERSON, &q), MESH_FULL);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_FULL], 1);
	air_withdraw(world.air, 5);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_WITHDRAWN], 1);
	ck_assert_int_eq(air_ask(world.air, text("roof"), PACE_PERSON, &q), MESH_OK);
}
START_TEST(what_no_driver_sends_is_told_at_once)
{
	struct air_news news;
	const struct radio_request q = { .request = 7, .kind = REQUEST_POLL };
	ck_assert_int_eq(air_ask(world.air, text("roof"), PACE_PERSON, &q), MESH_OK);
	ck_assert(air_tick(world.air, world.now));
	ck_assert(air_next(world.air, &news));
	ck_assert(news.request == 7 && news.err == MESH_DENIED);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_REFUSED], 1);
	ck_assert(!air_next(world.air, &news));
}
CHECK_MODULE(air, setup, texts_leave_one_by_one_at_the_radios_pace,
    what_waits_for_a_radio_that_may_not_is_refused,
    before_the_configuration_says_who_may_all_wait,
    people_go_before_programs_and_in_their_order,
    what_stands_before_the_antenna_is_said, a_percentage_that_cannot_be_is_not_believed,
    no_channels_airtime_is_forgotten_for_another,
    a_radio_may_have_been_given_something_before_this_start,
    an_hours_share_is_kept_whatever_is_asked,
    an_hours_share_is_not_given_again_by_a_restart,
    airtime_that_the_store_did_not_take_is_kept_later,
    what_a_lost_link_took_goes_again_under_its_number,
    what_was_accepted_does_not_go_again,
    what_found_a_full_queue_goes_again_under_another_number,
    what_a_link_took_keeps_its_number_at_a_full_queue, a_full_gate_refuses_the_newest,
    what_no_driver_sends_is_told_at_once)
