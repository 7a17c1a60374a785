#include "air_world.h"
#include "check_mesh.h"
#include "id.h"
#include "outbox.h"
#include "text.h"

static struct outbox_answer answer;

static void
setup(void)
{
	world.kept[0].len = 0;
	air_world_start(true);
}

static enum outbox_verdict
ask_to(struct id to, const char *said)
{
	const struct outbox_ask q = {
		.kind = MESSAGE_TEXT, .to = to, .text = text(said)
	};
	return outbox_ask(world.outbox, &q, world.now, &answer);
}

static uint64_t
ask(const char *said)
{
	ck_assert_int_eq(ask_to((struct id){ 0 }, said), OUTBOX_TAKEN);
	return answer.message.request;
}

static struct message
of(uint64_t request)
{
	struct message m;
	ck_assert(outbox_find(world.outbox, request, &m));
	return m;
}

/* One letter for each state that was told of `request`: w s a r k n f u. */
static const char *
story(uint64_t request)
{
	static char told[64];
	struct feed_item item;
	size_t len = 0;
	while (feed_next(world.feed, &world.told, &item)) {
		const struct message *m = item.object;
		if (m->request == request && len < sizeof told - 1)
			told[len++] = "wsarknfu"[m->state];
	}
	told[len] = '\0';
	return told;
}

START_TEST(a_text_is_followed_from_here_to_the_other_end)
{
	ck_assert_int_eq(ask_to(id_of_node(ID_MT_NODE, 17), "hello"), OUTBOX_TAKEN);
	uint64_t request = answer.message.request;
	ck_assert_int_eq(answer.message.state, MESSAGE_WAITING);
	ck_assert(text_is(answer.message.site, "here"));
	ck_assert(text_is(answer.message.radio, "roof"));
	air_world_pass(1000);
	ck_assert_uint_eq(world.sent_count, 1);
	const struct mt_packet *p = &world.sent[0].p;
	ck_assert(p->to == 17 && p->want_ack && p->hop_limit == 3);
	struct id packet = id_of_packet(ID_MT_PACKET, 16, p->id);
	struct message m = of(request);
	ck_assert(id_equal(&m.id, &packet));
	ck_assert_int_eq(m.state, MESSAGE_ACCEPTED);
	air_world_route(16, p->id, 0);
	air_world_pass(1000);
	ck_assert_int_eq(of(request).state, MESSAGE_RELAYED);
	air_world_route(17, p->id, 0);
	air_world_pass(1000);
	ck_assert_int_eq(of(request).state, MESSAGE_ACKED);
	ck_assert_str_eq(story(request), "wsark");
}
START_TEST(a_failure_says_why_and_a_late_confirmation_counts)
{
	ck_assert_int_eq(ask_to(id_of_node(ID_MT_NODE, 17), "hello"), OUTBOX_TAKEN);
	uint64_t request = answer.message.request;
	air_world_pass(1000);
	air_world_route(16, world.sent[0].p.id, 5);
	air_world_pass(1000);
	struct message m = of(request);
	ck_assert(m.state == MESSAGE_FAILED && text_is(m.reason, "MAX_RETRANSMIT"));
	air_world_route(17, world.sent[0].p.id, 0);
	air_world_pass(1000);
	m = of(request);
	ck_assert(m.state == MESSAGE_ACKED && m.late);
	ck_assert(!field_is_present(&message_table, MESSAGE_REASON, &m));
	ck_assert_uint_eq(world.counts.n[COUNT_OUTBOX_FAILED], 1);
	ck_assert_uint_eq(world.counts.n[COUNT_OUTBOX_LATE], 1);
	ck_assert_str_eq(story(request), "wsafk");
}
START_TEST(what_cannot_be_sent_is_refused_before_it_waits)
{
	static char long_text[MESSAGE_TEXT_MAX + 2];
	memset(long_text, 'x', MESSAGE_TEXT_MAX + 1);
	/* clang-format off */
	const struct { struct outbox_ask q; enum outbox_verdict verdict; const char *why; } rows[] = {
		{ { .text = { "", 0 } }, OUTBOX_NO_TEXT, "empty" },
		{ { .text = { "\xc3\x28", 2 } }, OUTBOX_NO_TEXT, "no UTF-8" },
		{ { .text = { long_text, 233 } }, OUTBOX_TOO_LONG, "233 bytes" },
		{ { .text = { long_text, 221 }, .to = id_of_node(ID_MT_NODE, 17) }, OUTBOX_TOO_LONG, "221 bytes to one" },
		{ { .text = { "x", 1 }, .to = id_of_node(ID_MT_NODE, 16) }, OUTBOX_STRANGER, "to the radio itself" },
		{ { .text = { "x", 1 }, .to = id_of_node(ID_SIM_NODE, 17) }, OUTBOX_NO_RADIO, "another network" },
		{ { .text = { "x", 1 }, .to = id_of_node(ID_SIM_NODE, 17), .radio = text("roof") }, OUTBOX_STRANGER, "another network by name" },
		{ { .text = { "x", 1 }, .to = id_of_key(&(struct mesh_key){ { 1 } }) }, OUTBOX_NO_RADIO, "a site" },
		{ { .text = { "x", 1 }, .radio = text("attic") }, OUTBOX_NO_RADIO, "no such radio" },
		{ { .kind = MESSAGE_POSITION }, OUTBOX_STRANGER, "a question to all" },
		{ { .text = { "x", 1 }, .to = id_of_node(ID_MT_NODE, 0xffffffff) }, OUTBOX_NOBODY, "the number of all" },
		{ { .text = { "x", 1 }, .to = id_of_node(ID_MT_NODE, 1) }, OUTBOX_NOBODY, "a reserved number" },
		{ { .kind = MESSAGE_TRACE, .to = id_of_node(ID_MT_NODE, 1) }, OUTBOX_NOBODY, "a question to it" },
		{ { .text = { "x", 1 }, .channel = 5 }, OUTBOX_NO_CHANNEL, "a channel that the radio has not" },
		{ { .text = { "x", 1 }, .channel = 200 }, OUTBOX_NO_CHANNEL, "one that no radio has" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_msg(outbox_ask(world.outbox, &rows[i].q, world.now,
				  &answer) == rows[i].verdict,
		    "%s", rows[i].why);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_ASKED], 0);
	air_world_start(false);
	ck_assert_int_eq(ask_to((struct id){ 0 }, "hello"), OUTBOX_FORBIDDEN);
	ck_assert_str_eq(air_wait_words[answer.waits], "tx = no");
}
START_TEST(the_first_radio_that_may_send_is_taken)
{
	const struct radio_section section = { .driver = DRIVER_MESHTASTIC,
		.host = text("10.0.0.8") };
	world.away = true;
	air_world_hang_up();
	air_world_pass(10000);
	ck_assert_int_eq(
	    ports_put(world.ports, text("ether"), &section, world.now), MESH_OK);
	air_permit(world.air, text("ether"), false);
	ask("the one that is away, not the one that may not");
	ck_assert(text_is(answer.radio, "roof"));
	air_permit(world.air, text("ether"), true);
	ask("of two that are away the first");
	ck_assert(text_is(answer.radio, "roof"));
	air_prefer(world.air, text("ether"), 5);
	ask("unless the second is preferred");
	ck_assert(text_is(answer.radio, "ether"));
	air_prefer(world.air, text("roof"), 6);
	ask("less than the first");
	ck_assert(text_is(answer.radio, "roof"));
	air_permit(world.air, text("roof"), false);
	ask("or the second");
	ck_assert(text_is(answer.radio, "ether"));
	air_permit(world.air, text("ether"), false);
	ck_assert_int_eq(ask_to((struct id){ 0 }, "x"), OUTBOX_FORBIDDEN);
}
START_TEST(whoever_waits_says_for_what)
{
	world.away = true;
	air_world_hang_up();
	air_world_pass(10000);
	uint64_t request = ask("hello");
	air_world_pass(2000);
	ck_assert(text_is(of(request).waits, "the radio is not connected"));
	ck_assert_str_eq(story(request), "ww");
	air_world_pass(OUTBOX_PATIENCE_MS);
	struct message m = of(request);
	ck_assert_int_eq(m.state, MESSAGE_FAILED);
	ck_assert(text_is(m.reason, "waited too long: the radio is not connected"));
	ck_assert_uint_eq(world.sent_count, 0);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_WITHDRAWN], 1);
}
START_TEST(a_radio_that_comes_back_takes_what_waited)
{
	world.away = true;
	air_world_hang_up();
	air_world_pass(10000);
	uint64_t first = ask("one"), second = ask("two");
	air_world_pass(60000);
	world.away = false;
	air_world_pass(120000);
	ck_assert_int_eq(of(first).state, MESSAGE_ACCEPTED);
	ck_assert_int_eq(of(second).state, MESSAGE_ACCEPTED);
	ck_assert_uint_eq(world.sent_count, 2);
	ck_assert_str_eq(world.sent[0].text, "one");
}
START_TEST(no_text_is_lost_and_none_doubled_while_the_link_dies)
{
	enum { TEXTS = 30 };
	uint64_t requests[TEXTS];
	unsigned times[TEXTS] = { 0 };
	char said[16];
	for (size_t i = 0; i < TEXTS; i++) {
		snprintf(said, sizeof said, "text %zu", i);
		requests[i] = ask(said);
		world.mood = i % 3 == 0 ? RADIO_MUTE : RADIO_TAKES;
		air_world_pass(3000 + rng_u32() % 3000);
		if (i % 2 == 0)
			air_world_hang_up();
		air_world_pass(2000);
	}
	world.mood = RADIO_TAKES;
	air_world_pass(1800000);
	for (size_t i = 0; i < world.sent_count; i++) {
		size_t k = 0;
		while (k < TEXTS && of(requests[k]).number != world.sent[i].p.id)
			k++;
		ck_assert_msg(
		    k < TEXTS, "%s went under another number", world.sent[i].text);
		snprintf(said, sizeof said, "text %zu", k);
		ck_assert_str_eq(world.sent[i].text, said);
		times[k]++;
	}
	for (size_t k = 0; k < TEXTS; k++) {
		struct message m = of(requests[k]);
		ck_assert_msg(times[k] >= 1, "text %zu never went", k);
		for (size_t other = 0; other < k; other++)
			ck_assert_uint_ne(m.number, of(requests[other]).number);
		ck_assert_msg(m.state == MESSAGE_ACCEPTED ||
			text_is(m.reason, "no answer from the radio") ||
			text_is(m.reason, "no answer to a second try"),
		    "text %zu: state %u", k, m.state);
	}
}
START_TEST(after_a_restart_what_waited_goes_on_and_the_rest_is_known)
{
	uint64_t accepted = ask("accepted");
	air_world_pass(10000);
	world.mood = RADIO_MUTE;
	uint64_t given = ask("given, not answered");
	uint64_t waiting = ask("waiting");
	air_world_pass(1000);
	ck_assert_uint_eq(world.sent_count, 2);
	ck_assert_int_eq(of(given).state, MESSAGE_SENT);
	ck_assert_int_eq(of(waiting).state, MESSAGE_WAITING);
	world.mood = RADIO_TAKES;
	air_world_restart(true);
	ck_assert_int_eq(of(accepted).state, MESSAGE_ACCEPTED);
	air_world_pass(20000);
	ck_assert_int_eq(of(given).state, MESSAGE_ACCEPTED);
	ck_assert_int_eq(of(waiting).state, MESSAGE_ACCEPTED);
	ck_assert_uint_eq(world.sent_count, 4);
	ck_assert_uint_eq(world.sent[1].p.id, world.sent[2].p.id);
	ck_assert_str_eq(world.sent[3].text, "waiting");
	ck_assert_uint_gt(ask("new"), waiting);
}
static struct waypoint
hut(void)
{
	struct waypoint w = { .description = text("water"),
		.icon = text("\xf0\x9f\x9b\x96"),
		.lat = 48.2,
		.lon = -16.4,
		.expires_ms = 1900000000000,
		.locked_to = id_of_node(ID_MT_NODE, 16) };
	field_mark(&waypoint_table, WAYPOINT_DESCRIPTION, &w, true);
	field_mark(&waypoint_table, WAYPOINT_ICON, &w, true);
	field_mark(&waypoint_table, WAYPOINT_LATITUDE, &w, true);
	field_mark(&waypoint_table, WAYPOINT_LONGITUDE, &w, true);
	field_mark(&waypoint_table, WAYPOINT_EXPIRES, &w, true);
	field_mark(&waypoint_table, WAYPOINT_LOCKED, &w, true);
	return w;
}
START_TEST(a_waypoint_goes_as_a_text_does_and_over_a_restart)
{
	struct waypoint w = hut();
	const struct outbox_ask q = {
		.kind = MESSAGE_WAYPOINT, .text = text("hut"), .waypoint = &w
	};
	air_world_pass(
	    11000); /* it may have been here before, and asked a second ago */
	world.mood = RADIO_MUTE;
	ck_assert_int_eq(
	    outbox_ask(world.outbox, &q, world.now, &answer), OUTBOX_TAKEN);
	uint64_t request = answer.message.request;
	ck_assert_uint_eq(answer.message.waypoint.id, answer.message.number);
	air_world_pass(1000);
	ck_assert_uint_eq(world.sent_count, 1);
	size_t len = world.sent[0].p.payload.len;
	ck_assert_uint_eq(world.sent[0].p.port, MT_PORT_WAYPOINT);
	world.mood = RADIO_TAKES;
	air_world_restart(true);
	air_world_pass(11000);
	struct message m = of(request);
	ck_assert_uint_eq(world.sent_count, 2);
	ck_assert_uint_eq(world.sent[1].p.id, world.sent[0].p.id);
	ck_assert_uint_eq(world.sent[1].p.payload.len, len);
	ck_assert_str_eq(world.sent[1].text, world.sent[0].text);
	ck_assert(text_is(m.text, "hut") && text_is(m.waypoint.description, "water"));
	ck_assert_int_eq(m.state, MESSAGE_ACCEPTED);
	air_world_route(16, m.number, 0);
	air_world_pass(1000);
	ck_assert_int_eq(of(request).state, MESSAGE_RELAYED);
}
START_TEST(kept_rubbish_is_passed_over)
{
	struct message m;
	for (size_t i = 0; i < OUTBOX_MESSAGES; i++) {
		world.kept[i].len = 1 + rng_u32() % 200;
		rng_bytes(world.kept[i].bytes, world.kept[i].len);
	}
	air_world_restart(true);
	air_world_pass(60000);
	for (size_t i = 0; outbox_at(world.outbox, i, &m); i++)
		ck_assert(m.request != 0);
	ask("still here");
}
START_TEST(a_store_that_is_behind_is_asked_again)
{
	uint64_t request = ask("hello");
	air_world_pass(1000);
	world.store_is_full = true;
	air_world_route(16, world.sent[0].p.id, 0);
	air_world_pass(5000);
	ck_assert_uint_gt(world.counts.n[COUNT_OUTBOX_UNKEPT], 0);
	world.store_is_full = false;
	air_world_pass(5000);
	air_world_restart(true);
	ck_assert_int_eq(of(request).state, MESSAGE_RELAYED);
}
START_TEST(a_state_that_the_disk_did_not_take_is_written_again)
{
	uint64_t request = ask("hello");
	air_world_pass(1000);
	world.disk_err = MESH_IO;
	air_world_route(16, world.sent[0].p.id, 0);
	air_world_pass(5000);
	ck_assert_uint_gt(world.counts.n[COUNT_OUTBOX_UNKEPT], 0);
	world.disk_err = MESH_OK;
	air_world_pass(5000);
	air_world_restart(true);
	ck_assert_int_eq(of(request).state, MESSAGE_RELAYED);
	ck_assert_uint_eq(world.sent_count, 1);
}
START_TEST(no_text_goes_before_the_disk_has_it)
{
	const struct outbox_ask q = { .text = text("hello"), .caller = 7 };
	struct message m;
	world.disk_err = MESH_IO;
	ck_assert_int_eq(
	    outbox_ask(world.outbox, &q, world.now, &answer), OUTBOX_TAKEN);
	(void)air_tick(world.air, world.now);
	ck_assert_uint_eq(world.counts.n[COUNT_AIR_ASKED], 0);
	air_world_pass(60000);
	ck_assert_uint_eq(world.caller, 7);
	ck_assert(!outbox_find(world.outbox, answer.message.request, &m));
	ck_assert_uint_eq(world.sent_count, 0);
	world.store_is_full = true;
	ck_assert_int_eq(
	    outbox_ask(world.outbox, &q, world.now, &answer), OUTBOX_UNWRITTEN);
	ck_assert_uint_eq(world.counts.n[COUNT_OUTBOX_UNWRITTEN], 2);
}
START_TEST(a_text_whose_radio_may_no_longer_send_fails)
{
	world.away = true;
	air_world_hang_up();
	air_world_pass(10000);
	uint64_t request = ask("hello");
	air_world_pass(1000);
	air_permit(world.air, text("roof"), false);
	air_world_pass(1000);
	ck_assert_int_eq(of(request).state, MESSAGE_FAILED);
	ck_assert(text_is(of(request).reason, "tx = no"));
	world.away = false;
	air_permit(world.air, text("roof"), true);
	air_world_pass(OUTBOX_PATIENCE_MS);
	ck_assert_uint_eq(world.sent_count, 0);
	world.away = true;
	air_world_hang_up();
	air_world_pass(10000);
	request = ask("for a radio that is removed");
	air_world_pass(1000);
	air_permit(world.air, text("roof"), false);
	ck_assert(ports_remove(world.ports, text("roof")));
	air_world_pass(1000);
	ck_assert_int_eq(of(request).state, MESSAGE_FAILED);
	air_world_restart(true);
	request = ask("over a restart");
	air_world_pass(1000);
	world.away = false;
	air_world_restart(false);
	ck_assert(text_is(of(request).reason, "tx = no"));
}
START_TEST(what_is_too_old_at_a_start_does_not_leave)
{
	static const struct {
		bool given;
		mesh_time_ms away_ms;
		const char *reason; /* NULL: it goes on */
	} rows[] = {
		{ false, OUTBOX_PATIENCE_MS / 2, NULL },
		{ false, OUTBOX_PATIENCE_MS, "waited too long: meshd did not run" },
		{ true, OUTBOX_AGAIN_MS / 2, NULL },
		{ true, OUTBOX_AGAIN_MS, "the radio had it and did not answer" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		world.mood = RADIO_MUTE;
		if (!rows[i].given) {
			world.away = true;
			air_world_hang_up();
		}
		air_world_pass(1000);
		uint64_t request = ask("hello");
		air_world_pass(1000);
		ck_assert_int_eq(
		    of(request).state, rows[i].given ? MESSAGE_SENT : MESSAGE_WAITING);
		world.away = false;
		world.mood = RADIO_TAKES;
		world.now.ms += rows[i].away_ms;
		world.now.unix_ms += (unix_ms)rows[i].away_ms;
		world.sent_count = 0;
		air_world_restart(true);
		struct message m = of(request);
		ck_assert_msg(rows[i].reason == NULL
			? m.state == MESSAGE_ACCEPTED
			: text_is(m.reason, rows[i].reason),
		    "row %zu: state %u, %.*s", i, m.state, (int)m.reason.len,
		    m.reason.len > 0 ? m.reason.ptr : "");
		ck_assert_uint_eq(world.sent_count, rows[i].reason == NULL);
	}
}
START_TEST(the_hour_of_patience_counts_over_a_restart)
{
	world.away = true;
	air_world_hang_up();
	uint64_t request = ask("hello");
	air_world_pass(OUTBOX_PATIENCE_MS / 2);
	air_world_restart(true);
	air_world_pass(OUTBOX_PATIENCE_MS / 2);
	ck_assert_int_eq(of(request).state, MESSAGE_FAILED);
}
START_TEST(a_text_that_a_removed_radio_held_does_not_stay_sent)
{
	world.mood = RADIO_MUTE;
	uint64_t request = ask("hello");
	air_world_pass(1000);
	ck_assert_int_eq(of(request).state, MESSAGE_SENT);
	ck_assert(ports_remove(world.ports, text("roof")));
	air_world_pass(AIR_ANSWER_MS);
	struct message m = of(request);
	ck_assert(m.state == MESSAGE_WAITING && text_is(m.waits, "no such radio"));
	air_world_pass(OUTBOX_AGAIN_MS);
	m = of(request);
	ck_assert_int_eq(m.state, MESSAGE_UNCERTAIN);
	ck_assert(text_is(m.reason, "the radio had it and did not answer"));
	ck_assert_uint_eq(world.counts.n[COUNT_OUTBOX_UNCERTAIN], 1);
	ck_assert_uint_eq(world.counts.n[COUNT_OUTBOX_FAILED], 0);
}
START_TEST(a_text_for_a_full_queue_waits_and_is_sent)
{
	world.mood = RADIO_IS_FULL;
	world.free_places = 0;
	uint64_t request = ask("hello");
	air_world_pass(1000);
	ck_assert_int_eq(of(request).state, MESSAGE_WAITING);
	ck_assert(text_is(of(request).waits, air_wait_words[AIR_FULL]));
	air_world_pass(
	    OUTBOX_AGAIN_MS + 60000); /* longer than an answer is waited for */
	ck_assert_int_eq(of(request).state, MESSAGE_WAITING);
	world.mood = RADIO_TAKES;
	air_world_queue(16);
	air_world_pass(10000);
	ck_assert_int_eq(of(request).state, MESSAGE_ACCEPTED);
	ck_assert_uint_eq(of(request).number, world.sent[world.sent_count - 1].p.id);
}
START_TEST(a_word_that_comes_late_keeps_the_text_from_going_again)
{
	struct radio_event acked = { .kind = RADIO_SENT, .sent = SENT_ACKED };
	world.mood = RADIO_MUTE;
	acked.request = ask("hello");
	air_world_pass(1000);
	world.away = true;
	air_world_hang_up();
	air_world_pass(1000);
	ck_assert_int_eq(of(acked.request).state, MESSAGE_WAITING);
	air_event(world.air, &acked, world.now);
	outbox_event(world.outbox, NETWORK_MESHTASTIC, &acked, world.now);
	world.away = false;
	air_world_pass(600000);
	ck_assert_int_eq(of(acked.request).state, MESSAGE_ACKED);
	ck_assert_uint_eq(world.sent_count, 1);
}
START_TEST(texts_go_in_their_order_after_a_restart_too)
{
	static const char *const said[] = { "one", "two", "three" };
	struct message m;
	for (int i = 0; i < OUTBOX_MESSAGES - 2; i++)
		ask("before");
	air_world_pass(600000);
	ck_assert(outbox_at(world.outbox, 0, &m) && message_is_settled(&m));
	world.away = true;
	air_world_hang_up();
	air_world_pass(10000);
	for (size_t i = 0; i < LENGTH(said); i++)
		ask(said[i]); /* the third takes the first slot */
	air_world_pass(1000);
	world.away = false;
	world.sent_count = 0;
	air_world_restart(true);
	air_world_pass(60000);
	ck_assert_uint_eq(world.sent_count, LENGTH(said));
	for (size_t i = 0; i < LENGTH(said); i++)
		ck_assert_str_eq(world.sent[i].text, said[i]);
}
START_TEST(the_oldest_settled_makes_room_and_who_waits_does_not)
{
	struct message m;
	uint64_t first = ask("first");
	air_world_pass(5000);
	air_permit(world.air, text("roof"), true);
	world.away = true;
	air_world_hang_up();
	air_world_pass(5000);
	for (int i = 0; i < OUTBOX_MESSAGES; i++)
		ask("waits");
	ck_assert(!outbox_find(world.outbox, first, &m));
	ck_assert_int_eq(ask_to((struct id){ 0 }, "one more"), OUTBOX_FULL);
	ck_assert_uint_eq(world.counts.n[COUNT_OUTBOX_FULL], 1);
	for (size_t i = 0; outbox_at(world.outbox, i, &m); i++)
		ck_assert_uint_eq(m.request, first + OUTBOX_MESSAGES - i);
	ck_assert(!outbox_at(world.outbox, OUTBOX_MESSAGES, &m));
}
CHECK_MODULE(outbox, setup, a_text_is_followed_from_here_to_the_other_end,
    a_failure_says_why_and_a_late_confirmation_counts,
    what_cannot_be_sent_is_refused_before_it_waits, whoever_waits_says_for_what,
    the_first_radio_that_may_send_is_taken, a_radio_that_comes_back_takes_what_waited,
    no_text_is_lost_and_none_doubled_while_the_link_dies,
    after_a_restart_what_waited_goes_on_and_the_rest_is_known,
    a_waypoint_goes_as_a_text_does_and_over_a_restart, kept_rubbish_is_passed_over,
    a_store_that_is_behind_is_asked_again,
    a_state_that_the_disk_did_not_take_is_written_again,
    no_text_goes_before_the_disk_has_it, a_text_whose_radio_may_no_longer_send_fails,
    what_is_too_old_at_a_start_does_not_leave,
    the_hour_of_patience_counts_over_a_restart,
    a_text_that_a_removed_radio_held_does_not_stay_sent,
    a_text_for_a_full_queue_waits_and_is_sent,
    a_word_that_comes_late_keeps_the_text_from_going_again,
    texts_go_in_their_order_after_a_restart_too,
    the_oldest_settled_makes_room_and_who_waits_does_not)
