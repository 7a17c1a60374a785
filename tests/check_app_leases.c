#include "alert.h"
#include "app_talk.h"
#include "app_write.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "json_in.h"
#include "text.h"

static void
raise(uint8_t id)
{
	fake_alert(id, "hill", 1000 + id, ALERT_INFO, "it rang");
}

START_TEST(whoever_subscribes_is_told_from_then_on)
{
	raise(1);
	ck_assert_ptr_nonnull(
	    strstr(ask(1, "{\"op\":\"sub\",\"v\":1}"), "\"op\":\"ok\""));
	ck_assert_int_eq(number("seq"), 0);
	ck_assert_int_eq(number("boot"), 7);
	ck_assert_int_eq(number("ttl"), 120);
	ck_assert_int_eq(next_for(1), 0);
	raise(2);
	raise(3);
	ck_assert_int_eq(next_for(1), 1);
	ck_assert(text_is(tree_text(tree_of(said), "kind"), "door.open"));
	ck_assert(text_is(tree_text(tree_of(said), "severity"), "high"));
	ck_assert(text_is(tree_text(tree_of(said), "site"), "hill"));
	ck_assert_int_eq(number("boot"), 7);
	ck_assert_int_eq(next_for(1), 2);
	ck_assert_int_eq(next_for(1), 0);
}
START_TEST(an_alert_of_several_witnesses_comes_once)
{
	/* clang-format off */
	static const struct { uint8_t id; const char *site; unix_ms since; uint8_t state; bool news; const char *why; } step[] = {
		{ 1, "hill", 100000, ALERT_FIRING,   true,  "first word of it" },
		{ 1, "dale", 100900, ALERT_FIRING,   false, "another witness, its own clock" },
		{ 1, "hill", 100000, ALERT_FIRING,   false, "said again" },
		{ 2, "dale", 100900, ALERT_INFO,     true,  "another thing" },
		{ 1, "dale", 100900, ALERT_RESOLVED, true,  "it is over" },
		{ 1, "hill", 100000, ALERT_RESOLVED, false, "over there too" },
		{ 1, "lake", 100500, ALERT_FIRING,   false, "late news of what is over" },
		{ 1, "lake", 200000, ALERT_FIRING,   true,  "it fires again" },
		{ 1, "lake", 200001, ALERT_INFO,     true,  "the same site, later: happened again" },
		{ 1, "hill", 100000, ALERT_RESOLVED, false, "the old firing is no news" },
	}; /* clang-format on */
	ask(1, "{\"op\":\"sub\"}");
	int64_t seq = 0;
	for (size_t i = 0; i < LENGTH(step); i++) {
		fake_alert(step[i].id, step[i].site, step[i].since, step[i].state, "x");
		seq += step[i].news;
		int64_t got = next_for(1);
		ck_assert_msg(
		    got == (step[i].news ? seq : 0), "step %zu: %s", i, step[i].why);
	}
}
/* A site that was away for a week rings no bells for what happened then. */
static void
some_history_and_news(uint8_t first)
{
	fake.history = true;
	raise(first);
	fake_alert(first + 1, "hill", 1000, ALERT_FIRING, "still on");
	fake.history = false;
	raise(first + 2);
	fake_alert(first + 1, "hill", 1000, ALERT_RESOLVED, "it is over");
}
START_TEST(history_is_told_to_who_asks_for_it)
{
	ask(1, "{\"op\":\"sub\"}");
	some_history_and_news(1);
	ck_assert_int_eq(next_for(1), 1);
	ck_assert(strstr(said, "\"late\"") == NULL);
	ck_assert_int_eq(next_for(1), 2);
	ck_assert(text_is(tree_text(tree_of(said), "text"), "it is over"));
	ck_assert_int_eq(next_for(1), 0);
	ask(1, "{\"op\":\"sub\",\"late\":true}");
	some_history_and_news(11);
	for (int64_t seq = 3; seq <= 6; seq++) {
		ck_assert_int_eq(next_for(1), seq);
		ck_assert((strstr(said, "\"late\":true") != NULL) == (seq <= 4));
	}
	ck_assert_int_eq(next_for(1), 0);
	ask(1, "{\"op\":\"sub\"}");
	some_history_and_news(21);
	ck_assert_int_eq(next_for(1), 7);
	ck_assert(strstr(said, "\"late\"") == NULL);
}
START_TEST(a_filter_counts_only_what_passes)
{
	ask(1, "{\"op\":\"sub\",\"filter\":\"site=dale\"}");
	ask(2, "{\"op\":\"sub\",\"filter\":\"severity>=critical\"}");
	raise(1);
	fake_alert(2, "dale", 10, ALERT_INFO, "x");
	raise(3);
	fake_alert(4, "dale", 20, ALERT_INFO, "y");
	ck_assert_int_eq(next_for(1), 1);
	ck_assert_int_eq(next_for(1), 2);
	ck_assert(text_is(tree_text(tree_of(said), "text"), "y"));
	ck_assert_int_eq(next_for(1), 0);
}
START_TEST(since_sends_the_same_alerts_under_the_same_numbers)
{
	char first[5][64];
	ask(1, "{\"op\":\"sub\",\"name\":\"bell\",\"filter\":\"site=hill\"}");
	for (uint8_t i = 1; i <= 4; i++) {
		raise(i);
		fake_alert((uint8_t)(100 + i), "dale", i, ALERT_INFO, "not for us");
		ck_assert_int_eq(next_for(1), i);
		struct text_view id = tree_text(tree_of(said), "id");
		snprintf(first[i], sizeof first[i], "%.*s", (int)id.len, id.ptr);
	}
	ask(1,
	    "{\"op\":\"sub\",\"name\":\"bell\",\"filter\":\"site=hill\",\"since\":2}");
	ck_assert_int_eq(number("seq"), 2);
	for (uint8_t i = 3; i <= 4; i++) {
		ck_assert_int_eq(next_for(1), i);
		ck_assert(text_is(tree_text(tree_of(said), "id"), first[i]));
	}
	ck_assert_int_eq(next_for(1), 0);
	raise(5);
	ck_assert_int_eq(next_for(1), 5);
}
START_TEST(numbers_of_another_filter_are_not_sent_again)
{
	ask(1, "{\"op\":\"sub\",\"filter\":\"site=hill\"}");
	for (uint8_t i = 1; i <= 3; i++)
		raise(i);
	while (next_for(1) != 0)
		continue;
	ask(1, "{\"op\":\"sub\",\"filter\":\"site=dale\"}");
	ask(1, "{\"op\":\"sub\",\"filter\":\"site=dale\",\"since\":1}");
	ck_assert_int_eq(number("seq"), 3);
	ck_assert_int_eq(next_for(1), 0);
	fake_alert(9, "dale", 9, ALERT_INFO, "x");
	ck_assert_int_eq(next_for(1), 4);
}
START_TEST(an_app_that_comes_back_finds_its_numbering)
{
	ask(1, "{\"op\":\"sub\",\"name\":\"bell\",\"ttl\":10}");
	for (uint8_t i = 1; i <= 3; i++)
		raise(i);
	while (next_for(1) != 0)
		continue;
	now += 10000; /* it crashed; nobody renews */
	raise(4);
	ck_assert_msg(next_for(1) == 0, "its lease is over");
	ask(2, "{\"op\":\"sub\",\"name\":\"bell\",\"since\":3}");
	ck_assert_int_eq(number("seq"), 3);
	ck_assert_int_eq(next_for(2), 4);
	ck_assert_int_eq(next_for(2), 0);
	/* Before the old lease is over, too: both go on, each without a gap. */
	ask(3, "{\"op\":\"sub\",\"name\":\"bell\",\"since\":2}");
	ck_assert_int_eq(next_for(3), 3);
	ck_assert_int_eq(next_for(3), 4);
	ck_assert_int_eq(next_for(3), 0);
}
START_TEST(a_stranger_who_asks_for_the_past_gets_all_that_is_kept)
{
	for (uint8_t i = 1; i <= 3; i++)
		raise(i);
	ask(1, "{\"op\":\"sub\",\"since\":0}");
	ck_assert_int_eq(number("seq"), 0);
	for (int i = 1; i <= 3; i++)
		ck_assert_int_eq(next_for(1), i);
	ask(2, "{\"op\":\"sub\",\"since\":41}"); /* a number of another boot */
	ck_assert_int_eq(number("seq"), 41);
	ck_assert_int_eq(next_for(2), 42);
}
START_TEST(what_is_not_acknowledged_comes_again_and_then_is_given_up)
{
	static const mesh_time_ms after[] = { 1000, 2000, 4000, 8000, 16000 };
	ask(1, "{\"op\":\"sub\",\"ack\":true,\"ttl\":3600}");
	raise(1);
	ck_assert_int_eq(next_for(1), 1);
	for (size_t i = 0; i < LENGTH(after); i++) {
		ck_assert_uint_eq(app_leases_deadline(apps), now + after[i]);
		now += after[i] - 1;
		ck_assert_int_eq(next_for(1), 0);
		now += 1;
		ck_assert_msg(next_for(1) == 1, "resending %zu", i);
	}
	now += 16000;
	ck_assert_int_eq(next_for(1), 0);
	ck_assert_uint_eq(app_leases_counter(apps, COUNT_APPS_RESENT), 5);
	ck_assert_uint_eq(app_leases_counter(apps, COUNT_APPS_UNDELIVERED), 1);
	ck_assert_uint_eq(app_leases_deadline(apps), MESH_NEVER);
}
START_TEST(an_ack_ends_it_for_that_number_and_that_app_alone)
{
	ask(1, "{\"op\":\"sub\",\"ack\":true}");
	raise(1);
	raise(2);
	ck_assert_int_eq(next_for(1), 1);
	ck_assert_int_eq(next_for(1), 2);
	ck_assert_str_eq(ask(2, "{\"op\":\"ack\",\"seq\":1}"), "");
	ck_assert_str_eq(ask(1, "{\"op\":\"ack\",\"seq\":2}"), "");
	now += 1000;
	ck_assert_int_eq(next_for(1), 1);
	ck_assert_int_eq(next_for(1), 0);
}
START_TEST(with_ack_a_storm_waits_and_nothing_is_skipped)
{
	int64_t seq = 0, got;
	ask(1, "{\"op\":\"sub\",\"ack\":true,\"ttl\":3600}");
	for (uint8_t i = 1; i <= 200; i++)
		raise(i);
	for (int rounds = 0; rounds < 100 && seq < 200; rounds++) {
		while ((got = next_for(1)) != 0) {
			char ack[64];
			ck_assert_msg(
			    got == seq + 1, "%d after %d", (int)got, (int)seq);
			seq = got;
			snprintf(
			    ack, sizeof ack, "{\"op\":\"ack\",\"seq\":%d}", (int)got);
			ask(1, ack);
		}
		ck_assert(seq == 200 || app_leases_deadline(apps) <= now + 1000);
		now += 1000;
	}
	ck_assert_int_eq(seq, 200);
	ck_assert_uint_eq(app_leases_counter(apps, COUNT_APPS_OVERFLOW), 0);
}
START_TEST(without_ack_a_storm_is_cut_and_one_notice_says_so)
{
	ask(1, "{\"op\":\"sub\",\"name\":\"bell\"}");
	for (uint8_t i = 1; i <= 80; i++)
		raise(i);
	for (int i = 1; i <= APP_RATE; i++)
		ck_assert_int_eq(next_for(1), i);
	ck_assert_int_eq(next_for(1), 0);
	ck_assert_uint_le(app_leases_deadline(apps), now + 1000);
	now += 1000;
	ck_assert_int_eq(next_for(1), 80);
	ck_assert(text_is(tree_text(tree_of(said), "op"), "overflow"));
	ck_assert_int_eq(number("count"), 30);
	raise(81);
	ck_assert_msg(next_for(1) == 81, "the gap is visible");
	ask(1, "{\"op\":\"sub\",\"name\":\"bell\",\"since\":50}");
	now += 1000;
	for (int i = 51; i <= 81; i++)
		ck_assert_msg(next_for(1) == i, "the skipped ones can be had: %d", i);
}
START_TEST(one_app_more_than_there_is_room_for_is_refused)
{
	for (uint8_t i = 1; i <= APP_LEASES; i++)
		ck_assert_ptr_nonnull(strstr(ask(i, "{\"op\":\"sub\"}"), "\"ok\""));
	ck_assert_ptr_nonnull(strstr(ask(100, "{\"op\":\"sub\"}"), "\"error\""));
	ck_assert_uint_eq(app_leases_counter(apps, COUNT_APPS_FULL), 1);
	ck_assert_ptr_nonnull(strstr(ask(7, "{\"op\":\"unsub\"}"), "\"ok\""));
	ck_assert_ptr_nonnull(strstr(ask(100, "{\"op\":\"sub\"}"), "\"ok\""));
	raise(1);
	size_t count = 0;
	struct app_addr to;
	for (struct bytes_out out = bytes_out(said, sizeof said);
	     app_leases_next(apps, now, &to, &out);
	     out = bytes_out(said, sizeof said)) {
		ck_assert_uint_ne(to.bytes[0], 7);
		count++;
	}
	ck_assert_uint_eq(count, APP_LEASES);
}
START_TEST(bad_requests_are_told_why_and_counted)
{
	/* clang-format off */
	static const struct { const char *request, *word; } row[] = {
		{ "", "" }, { "hello", "" }, { "{}", "op" }, { "[]", "" },
		{ "{\"op\":\"dance\"}", "sub, unsub" },
		{ "{\"op\":\"sub\",\"v\":2}", "v" },
		{ "{\"op\":\"sub\",\"colour\":1}", "colour" },
		{ "{\"op\":\"sub\",\"topics\":[\"weather\"]}", "alert" },
		{ "{\"op\":\"sub\",\"topics\":\"weather\"}", "alert" },
		{ "{\"op\":\"sub\",\"format\":\"xml\"}", "json" },
		{ "{\"op\":\"sub\",\"ttl\":0}", "ttl" },
		{ "{\"op\":\"sub\",\"ttl\":99999}", "ttl" },
		{ "{\"op\":\"sub\",\"filter\":\"seventy>=high\"}", "filter, column 1" },
		{ "{\"op\":\"ack\"}", "seq" },
		{ "{\"op\":\"sub\"}x", "" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		const char *reply = ask(1, row[i].request);
		ck_assert_msg(
		    strstr(reply, "\"op\":\"error\"") && strstr(reply, row[i].word),
		    "%s -> %s", row[i].request, reply);
		tree_of(reply);
	}
	ck_assert_uint_eq(app_leases_counter(apps, COUNT_APPS_BAD), LENGTH(row));
	ck_assert_uint_eq(app_leases_counter(apps, COUNT_APPS_REQUESTS), LENGTH(row));
}
START_TEST(replies_are_never_answered)
{
	static const char *const replies[] = {
		"{\"op\":\"error\",\"v\":1,\"reason\":\"x\"}",
		"{\"op\":\"ok\",\"v\":1,\"sid\":\"s1\",\"ttl\":120,\"seq\":0,\"boot\":"
		"1}",
		"{\"op\":\"overflow\",\"v\":1,\"count\":3,\"seq\":9,\"boot\":1}"
	};
	for (size_t i = 0; i < LENGTH(replies); i++)
		ck_assert_str_eq(ask(1, replies[i]), "");
	ck_assert_uint_eq(app_leases_counter(apps, COUNT_APPS_IGNORED), 3);
	/* Nor may our own errors start a conversation. */
	char error[256];
	snprintf(error, sizeof error, "%s", ask(1, "nonsense"));
	ck_assert_str_eq(ask(2, error), "");
}
START_TEST(any_bytes_are_survived_and_every_request_is_counted_once)
{
	static const char base[] =
	    "{\"op\":\"sub\",\"name\":\"b\",\"topics\":[\"alert\"],"
	    "\"filter\":\"severity>=high\",\"ttl\":9,\"ack\":true,"
	    "\"since\":1}";
	rng_restart(check_seed());
	for (size_t i = 0; i < 20000; i++) {
		char copy[sizeof base];
		struct bytes_out reply = bytes_out(said, sizeof said);
		struct app_addr from = addr((uint8_t)rng_u32());
		memcpy(copy, base, sizeof base);
		size_t len = i < sizeof base ? i : sizeof base - 1;
		for (uint32_t flips = rng_u32() % 3; flips > 0 && len > 0; flips--)
			copy[rng_u32() % len] ^= (char)(1U << rng_u32() % 8);
		app_leases_request(apps, &from, bytes_view(copy, len), now++, &reply);
		ck_assert(!reply.failed && reply.len <= APP_DATAGRAM);
	}
	uint64_t sum = 0;
	static const enum app_counter ends[] = { COUNT_APPS_BAD, COUNT_APPS_FULL,
		COUNT_APPS_TAKEN, COUNT_APPS_IGNORED };
	for (size_t i = 0; i < LENGTH(ends); i++)
		sum += app_leases_counter(apps, ends[i]);
	ck_assert_uint_eq(sum, app_leases_counter(apps, COUNT_APPS_REQUESTS));
}
START_TEST(a_long_alert_is_cut_to_a_datagram)
{
	char text_room[401], data_room[900];
	memset(text_room, 'a', sizeof text_room - 1);
	memset(data_room, 'b', sizeof data_room);
	text_room[400] = '\0';
	struct tree_item item = { .name = text("x"),
		.kind = TREE_TEXT,
		.span = 1,
		.as.text = { data_room, sizeof data_room } };
	struct alert alert = { .id = id_make(ID_ALERT, text_room, 16),
		.text = text(text_room),
		.kind = text("door.open"),
		.data = { &item, 1 },
		.site = text("hill") };
	static const uint8_t rows[] = { ALERT_ROW_ID, ALERT_ROW_KIND, ALERT_ROW_SITE,
		ALERT_ROW_TEXT, ALERT_ROW_DATA };
	for (size_t i = 0; i < LENGTH(rows); i++)
		field_mark(&alert_table, rows[i], &alert, true);
	struct app_stamp stamp = { .seq = 5, .boot = 7 };
	struct bytes_out out = bytes_out(said, sizeof said);
	app_write_alert(&stamp, &alert, &out);
	ck_assert(!out.failed && out.len <= APP_DATAGRAM);
	struct tree_view tree = tree_of(text_end(&out));
	ck_assert_ptr_nonnull(tree_find(tree, text("trunc")));
	ck_assert_ptr_null(tree_find(tree, text("data")));
	ck_assert_uint_eq(tree_text(tree, "text").len, 400);
	ck_assert_int_eq(number("seq"), 5);
	/* Control characters are six bytes each in JSON. */
	memset(text_room, 1, 400);
	out = bytes_out(said, sizeof said);
	app_write_alert(&stamp, &alert, &out);
	ck_assert(!out.failed && out.len <= APP_DATAGRAM);
	tree_of(text_end(&out));
}
CHECK_MODULE(app_leases, talk_start, whoever_subscribes_is_told_from_then_on,
    an_alert_of_several_witnesses_comes_once, history_is_told_to_who_asks_for_it,
    a_filter_counts_only_what_passes,
    since_sends_the_same_alerts_under_the_same_numbers,
    numbers_of_another_filter_are_not_sent_again,
    an_app_that_comes_back_finds_its_numbering,
    a_stranger_who_asks_for_the_past_gets_all_that_is_kept,
    what_is_not_acknowledged_comes_again_and_then_is_given_up,
    an_ack_ends_it_for_that_number_and_that_app_alone,
    with_ack_a_storm_waits_and_nothing_is_skipped,
    without_ack_a_storm_is_cut_and_one_notice_says_so,
    one_app_more_than_there_is_room_for_is_refused,
    bad_requests_are_told_why_and_counted, replies_are_never_answered,
    any_bytes_are_survived_and_every_request_is_counted_once,
    a_long_alert_is_cut_to_a_datagram)
