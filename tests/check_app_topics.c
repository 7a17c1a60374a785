/* What a local program is told beside alerts. */
#include "app_talk.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "packet.h"
#include "post.h"
#include "random_object.h"
#include "status.h"
#include "text.h"
#include "topics.h"
#include <stdio.h>

static void
append(enum feed_topic topic, const struct field_table *t, const void *object)
{
	struct feed_item item = { .topic = topic,
		.stage = FEED_HEARD,
		.time_ms = 5,
		.table = t,
		.object = object };
	ck_assert_uint_ne(feed_append(fake.feed, &item), 0);
}

static void
packet(uint8_t id, const char *type, const char *said_text)
{
	uint8_t bytes[16] = { id };
	struct tree_item body = { .name = text("text"),
		.kind = TREE_TEXT,
		.span = 1,
		.as.text = text(said_text) };
	struct packet p = { .has = 1 << PACKET_ID | 1 << PACKET_TYPE |
		    1 << PACKET_PAYLOAD | 1 << PACKET_TIME,
		.id = id_make(ID_MT_PACKET, bytes, sizeof bytes),
		.type = text(type),
		.time_ms = id,
		.payload = { &body, 1 } };
	append(FEED_PACKET, &packet_table, &p);
}

static void
peer(const char *name)
{
	struct peer_status p = { .has = 1 << PEER_ROW_NAME | 1 << PEER_ROW_BOOT,
		.name = text(name),
		.boot = 99 };
	append(FEED_PEER, &peer_status_table, &p);
}

static void
alert(uint8_t id)
{
	fake_alert(id, "hill", 1000 + id, ALERT_INFO, "it rang");
}

static bool
is_topic(const char *word)
{
	return text_is(tree_text(tree_of(said), "topic"), word);
}

START_TEST(without_topics_only_alerts_are_told)
{
	ask(1, "{\"op\":\"sub\"}");
	packet(1, "POSITION_APP", "");
	peer("dale");
	alert(1);
	ck_assert_int_eq(next_for(1), 1);
	ck_assert(is_topic("alert"));
	ck_assert(text_is(tree_text(tree_of(said), "text"), "it rang"));
	ck_assert_int_eq(next_for(1), 0);
}
START_TEST(each_topic_is_told_to_who_wants_it_and_numbered_without_gaps)
{
	ask(1, "{\"op\":\"sub\",\"topics\":[\"peer\",\"packet\",\"alert\"]}");
	ask(2, "{\"op\":\"sub\",\"topics\":\"peer\"}");
	alert(1);
	packet(1, "POSITION_APP", "");
	peer("dale");
	ck_assert_int_eq(next_for(1), 1);
	ck_assert(is_topic("alert"));
	ck_assert_int_eq(next_for(2), 1);
	ck_assert(is_topic("peer"));
	ck_assert(text_is(tree_text(tree_of(said), "item.name"), "dale"));
	ck_assert_int_eq(number("item.boot"), 99);
	ck_assert_int_eq(number("boot"), 7);
	ck_assert_int_eq(next_for(1), 2);
	ck_assert(is_topic("packet"));
	ck_assert_int_eq(next_for(1), 3);
	ck_assert(is_topic("peer"));
	ck_assert_int_eq(next_for(1), 0);
}
START_TEST(a_message_is_told_once_however_many_sites_heard_it)
{
	ask(1, "{\"op\":\"sub\",\"topics\":[\"message\"]}");
	packet(1, "TEXT_MESSAGE_APP", "hello");
	packet(2, "POSITION_APP", "");
	packet(1, "TEXT_MESSAGE_APP", "hello");
	packet(3, "TEXT_MESSAGE_APP", "who is there?");
	ck_assert_int_eq(next_for(1), 1);
	ck_assert(is_topic("message"));
	ck_assert(text_is(tree_text(tree_of(said), "item.payload.text"), "hello"));
	ck_assert_int_eq(next_for(1), 2);
	ck_assert(
	    text_is(tree_text(tree_of(said), "item.payload.text"), "who is there?"));
	ck_assert_int_eq(next_for(1), 0);
}
START_TEST(a_filter_is_about_one_topic)
{
	ck_assert_ptr_nonnull(strstr(
	    ask(1,
		"{\"op\":\"sub\",\"topics\":[\"peer\",\"alert\"],\"filter\":\"a=1\"}"),
	    "exactly one topic"));
	ck_assert_ptr_nonnull(strstr(
	    ask(1, "{\"op\":\"sub\",\"topics\":\"peer\",\"filter\":\"severity=high\"}"),
	    "filter, column 1"));
	ask(1, "{\"op\":\"sub\",\"topics\":\"peer\",\"filter\":\"name=dale\"}");
	peer("hill");
	peer("dale");
	ck_assert_int_eq(next_for(1), 1);
	ck_assert(text_is(tree_text(tree_of(said), "item.name"), "dale"));
	ck_assert_int_eq(next_for(1), 0);
}
START_TEST(a_storm_of_packets_loses_packets_and_says_so_but_no_alert)
{
	ask(1, "{\"op\":\"sub\",\"name\":\"n\",\"topics\":[\"packet\",\"alert\"]}");
	alert(1);
	packet(1, "POSITION_APP", "first");
	ck_assert_int_eq(next_for(1), 1);
	ck_assert_int_eq(next_for(1), 2);
	ask(1,
	    "{\"op\":\"sub\",\"name\":\"n\",\"topics\":[\"packet\",\"alert\"],"
	    "\"since\":0}");
	ck_assert_int_eq(number("lost"), 0);
	ck_assert_int_eq(next_for(1), 1);
	ck_assert_int_eq(next_for(1), 2);
	ask(1, "{\"op\":\"unsub\"}");
	for (unsigned i = 0; i < 3000; i++) {
		struct app_addr to;
		struct bytes_out out = bytes_out(said, sizeof said);
		packet((uint8_t)i, "POSITION_APP", "flood");
		app_leases_next(apps, now, &to, &out);
	}
	ask(1,
	    "{\"op\":\"sub\",\"name\":\"n\",\"topics\":[\"packet\",\"alert\"],"
	    "\"since\":0}");
	ck_assert(text_is(tree_text(tree_of(said), "op"), "ok"));
	ck_assert_int_eq(number("lost"), 1);
	ck_assert_int_eq(next_for(1), 1);
	ck_assert_msg(is_topic("alert"), "%s", said);
	ck_assert_msg(next_for(1) > 2, "number 2 was lost");
}
static void
post(const char *topic, const char *said_text)
{
	struct tree_item body = {
		.kind = TREE_TEXT, .span = 1, .as.text = text(said_text)
	};
	struct post p = { text("dale"), text(topic), { &body, 1 } };
	append(FEED_POST, &post_table, &p);
}
START_TEST(what_programs_publish_is_told_to_who_named_its_topic)
{
	ask(1, "{\"op\":\"sub\",\"topics\":[\"app.chess\",\"app.go\"]}");
	post("app.bridge", "pass");
	post("app.chess", "e4");
	post("app.chess.club", "no");
	post("app.go", "D4");
	ck_assert_int_eq(next_for(1), 1);
	ck_assert(is_topic("app.chess"));
	ck_assert(text_is(tree_text(tree_of(said), "item.data"), "e4"));
	ck_assert(text_is(tree_text(tree_of(said), "item.site"), "dale"));
	ck_assert_int_eq(next_for(1), 2);
	ck_assert(is_topic("app.go"));
	ck_assert_int_eq(next_for(1), 0);
}
START_TEST(a_topic_of_programs_has_a_sound_name)
{
	static const char *const bad[] = { "\"app.\"", "\"app\"", "\"app.a b\"",
		"[\"app.a\",\"app.b\",\"app.c\",\"app.d\",\"app.e\"]",
		"[\"app.\\u0007\"]",
		"\"app.1234567890123456789012345678901234567890123456789\"" };
	for (size_t i = 0; i < LENGTH(bad); i++) {
		char request[200];
		snprintf(
		    request, sizeof request, "{\"op\":\"sub\",\"topics\":%s}", bad[i]);
		ck_assert_msg(strstr(ask(1, request), "topics: some of alert") != NULL,
		    "%s: %s", bad[i], said);
	}
}
START_TEST(numbers_of_nobody_are_not_known)
{
	alert(1);
	ask(1, "{\"op\":\"sub\",\"since\":41}");
	ck_assert_ptr_nonnull(strstr(said, "\"known\":false"));
	ck_assert_ptr_null(strstr(said, "\"lost\""));
	ask(2, "{\"op\":\"sub\"}");
	ck_assert_ptr_null(strstr(said, "\"known\""));
}
START_TEST(a_long_object_is_cut_to_a_datagram_and_says_so)
{
	static char long_text[1500];
	memset(long_text, 'a', sizeof long_text - 1);
	ask(1, "{\"op\":\"sub\",\"topics\":\"packet\"}");
	packet(1, "POSITION_APP", long_text);
	ck_assert_int_eq(next_for(1), 1);
	ck_assert_ptr_nonnull(tree_find(tree_of(said), text("trunc")));
	ck_assert_ptr_null(tree_find(tree_of(said), text("item.payload")));
	ck_assert(text_is(tree_text(tree_of(said), "item.type"), "POSITION_APP"));
}
START_TEST(every_object_of_every_topic_fits_a_datagram)
{
	static uint8_t block[512 * 1024], room[4096];
	rng_restart(check_seed());
	for (size_t i = 0; i < topic_count; i++)
		for (int n = 0; n < 200; n++) {
			struct arena arena = arena_init(block, sizeof block);
			const struct field_table *t = topics[i].table;
			struct app_stamp stamp = { NULL, 0, UINT64_MAX, UINT64_MAX };
			struct bytes_out out = bytes_out(room, sizeof room - 1);
			void *object = arena_take(&arena, 1, t->object_bytes);
			if (!random_object(t, object, &arena))
				continue;
			app_write_item(&stamp, text(topics[i].word), t, object, &out);
			ck_assert_msg(!out.failed && out.len <= APP_DATAGRAM,
			    "%s: %zu bytes", topics[i].word, out.len);
		}
}
CHECK_MODULE(app_topics, talk_start, without_topics_only_alerts_are_told,
    each_topic_is_told_to_who_wants_it_and_numbered_without_gaps,
    a_message_is_told_once_however_many_sites_heard_it, a_filter_is_about_one_topic,
    a_storm_of_packets_loses_packets_and_says_so_but_no_alert,
    what_programs_publish_is_told_to_who_named_its_topic,
    a_topic_of_programs_has_a_sound_name, numbers_of_nobody_are_not_known,
    a_long_object_is_cut_to_a_datagram_and_says_so,
    every_object_of_every_topic_fits_a_datagram)
