/* What a local program is told beside alerts. */
#include "app_talk.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "hit.h"
#include "packet.h"
#include "post.h"
#include "random_object.h"
#include "seek.h"
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
			struct app_stamp stamp = {
				.seq = UINT64_MAX, .boot = UINT64_MAX, .late = true
			};
			struct bytes_out out = bytes_out(room, sizeof room - 1);
			void *object = arena_take(&arena, 1, t->object_bytes);
			if (!random_object(t, object, &arena))
				continue;
			app_write_item(&stamp, text(topics[i].word), t, object, &out);
			ck_assert_msg(!out.failed && out.len <= APP_DATAGRAM,
			    "%s: %zu bytes", topics[i].word, out.len);
		}
}
#define TOKEN        "0123456789abcdef0123456789abcdef"
#define SEARCH(rest) "{\"op\":\"sub\",\"topics\":[\"search\"]" rest "}"

START_TEST(what_people_search_for_is_told_to_who_has_the_token)
{
	struct bytes_out reply = bytes_out(said, sizeof said);
	struct app_addr trusted = addr(9);
	trusted.trusted = true;
	app_leases_for_searches(apps, TOKEN, NULL);
	ck_assert_ptr_nonnull(strstr(ask(1, SEARCH("")), "\"reason\":\"token: "));
	ck_assert_ptr_nonnull(strstr(ask(1, SEARCH(",\"token\":\"\"")), "token: "));
	ck_assert_ptr_nonnull(strstr(
	    ask(1, "{\"op\":\"sub\",\"topics\":[\"alert\",\"search\"]}"), "token: "));
	ck_assert_uint_eq(app_leases_counter(apps, COUNT_APPS_DENIED), 3);
	ck_assert_uint_eq(app_leases_search_count(apps, now), 0);
	ck_assert_ptr_nonnull(
	    strstr(ask(1, SEARCH(",\"token\":\"" TOKEN "\"")), "\"op\":\"ok\""));
	app_leases_request(
	    apps, &trusted, bytes_view(SEARCH(""), strlen(SEARCH(""))), now, &reply);
	ck_assert_uint_eq(app_leases_search_count(apps, now), 2);
}
START_TEST(whose_filter_rejects_a_search_is_not_waited_for)
{
	static const uint8_t like[8] = { 0 };
	struct mesh_now when = { .ms = now, .unix_ms = 5 };
	struct seek s = { .dtype = ENTRY_F32,
		.dim = 2,
		.like = bytes_view(like, sizeof like),
		.type = text("face"),
		.top = 3,
		.has = 1U << SEEK_TYPE };
	struct hearsay *h = hearsay_new(fake.feed, &(struct mesh_key){ { 5 } });
	app_leases_for_searches(apps, TOKEN, h);
	ask(1, SEARCH(",\"token\":\"" TOKEN "\",\"filter\":\"type=bag\""));
	hearsay_listeners(h, app_leases_search_count(apps, now));
	uint64_t first = hearsay_ask(h, &s, text("hill"), 1000, when);
	ck_assert_int_eq(next_for(1), 0);
	ck_assert(hearsay_offered(h, now) && hearsay_is_over(h, first, now));
	s.type = text("bag");
	uint64_t second = hearsay_ask(h, &s, text("hill"), 1000, when);
	ck_assert_int_eq(next_for(1), 1);
	ck_assert(!hearsay_offered(h, now) && !hearsay_is_over(h, second, now));
	struct app_addr from = addr(1);
	int place = app_leases_searches(apps, &from, now);
	ck_assert_ptr_null(hearsay_tell(
	    h, second, (uint32_t)place, &(struct list_view){ NULL, 0 }, now));
	ck_assert(hearsay_is_over(h, second, now));
	app_leases_for_searches(apps, TOKEN, NULL);
	hearsay_free(h);
}
CHECK_MODULE(app_topics, talk_start, without_topics_only_alerts_are_told,
    each_topic_is_told_to_who_wants_it_and_numbered_without_gaps,
    a_message_is_told_once_however_many_sites_heard_it, a_filter_is_about_one_topic,
    a_storm_of_packets_loses_packets_and_says_so_but_no_alert,
    what_programs_publish_is_told_to_who_named_its_topic,
    a_topic_of_programs_has_a_sound_name, numbers_of_nobody_are_not_known,
    a_long_object_is_cut_to_a_datagram_and_says_so,
    every_object_of_every_topic_fits_a_datagram,
    what_people_search_for_is_told_to_who_has_the_token,
    whose_filter_rejects_a_search_is_not_waited_for)
