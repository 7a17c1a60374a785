#include "alert.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "sse.h"
#include "text.h"

static struct sse_stream stream;
static char said[64 * 1024];
static mesh_time_ms now;

static void
setup(void)
{
	fake_start();
	now = 1000;
}

static char reason[200];

static enum mesh_err
start_with(const struct sse_start *q)
{
	struct bytes_out why = bytes_out(reason, sizeof reason);
	enum mesh_err err = sse_init(&stream, fake.feed, q, now, &why);
	text_end(&why);
	return err;
}

static enum mesh_err
start_filtered(const char *topics, const char *last_id, const char *filter)
{
	struct sse_start q = { .topics = text(topics),
		.last_id = text(last_id),
		.filter = text(filter),
		.boot = 7,
		.audience = AUDIENCE_VIEWER };
	return start_with(&q);
}

static enum mesh_err
start(const char *topics, const char *last_id)
{
	return start_filtered(topics, last_id, NULL);
}

static const char *
write_into(size_t cap)
{
	struct bytes_out out = bytes_out(said, cap);
	sse_write(&stream, fake.feed, now, &out);
	ck_assert(!out.failed);
	said[out.len] = '\0';
	return said;
}

static void
raise(uint8_t id)
{
	fake_alert(id, "hill", id, ALERT_INFO, "it rang");
}

START_TEST(events_have_ids_topics_and_one_line_of_data)
{
	raise(1);
	ck_assert_int_eq(start("alert", NULL), MESH_OK);
	ck_assert_str_eq(write_into(8192), "retry: 2000\n: meshd\n\n");
	raise(2);
	write_into(8192);
	ck_assert_msg(strncmp(said, "id: 7.2\nevent: alert\ndata: {\"id\":", 33) == 0,
	    "%s", said);
	ck_assert_str_eq(said + strlen(said) - 3, "}\n\n");
	ck_assert_str_eq(write_into(8192), "");
}
START_TEST(a_stream_goes_on_where_it_was)
{
	for (uint8_t i = 1; i <= 4; i++)
		raise(i);
	ck_assert_int_eq(start("alert", "7.2"), MESH_OK);
	write_into(8192);
	ck_assert_ptr_null(strstr(said, "id: 7.2\n"));
	ck_assert_ptr_nonnull(strstr(said, "id: 7.3\n"));
	ck_assert_ptr_nonnull(strstr(said, "id: 7.4\n"));
	ck_assert_ptr_null(strstr(said, "reset"));
}
START_TEST(what_cannot_be_resumed_is_reset)
{
	static const char *const ids[] = { "6.2", "7", "7.x", "x", "7.999999", ".",
		"7.", "99999999999999999999999.1" };
	for (uint8_t i = 1; i <= 4; i++)
		raise(i);
	for (size_t i = 0; i < LENGTH(ids); i++) {
		ck_assert_int_eq(start("alert", ids[i]), MESH_OK);
		write_into(8192);
		ck_assert_msg(
		    strstr(said, "event: reset\n") != NULL, "%s: %s", ids[i], said);
		ck_assert_msg(strstr(said, "event: alert\n") == NULL, "%s", ids[i]);
	}
	for (int i = 0; i < 300; i++) /* more than the ring */
		raise(5);
	ck_assert_int_eq(start("alert", "7.1"), MESH_OK);
	ck_assert_ptr_nonnull(strstr(write_into(8192), "event: reset\n"));
}
START_TEST(only_wanted_topics_come)
{
	ck_assert_int_eq(start("node,peer", NULL), MESH_OK);
	write_into(8192);
	raise(1);
	ck_assert_str_eq(write_into(8192), "");
	ck_assert_int_eq(start("", NULL), MESH_OK);
	write_into(8192);
	raise(2);
	ck_assert_ptr_nonnull(strstr(write_into(8192), "event: alert"));
	ck_assert_int_eq(start("weather", NULL), MESH_MALFORMED);
	ck_assert_int_eq(start("alert,,node", NULL), MESH_MALFORMED);
}
START_TEST(a_filter_needs_one_topic_and_its_words)
{
	ck_assert_int_eq(start_filtered("alert", NULL, "site=dale"), MESH_OK);
	write_into(8192);
	raise(1);
	ck_assert_str_eq(write_into(8192), "");
	fake_alert(2, "dale", 2, ALERT_INFO, "ours");
	ck_assert_ptr_nonnull(strstr(write_into(8192), "ours"));
	ck_assert_int_eq(
	    start_filtered("alert,node", NULL, "site=dale"), MESH_MALFORMED);
	ck_assert_ptr_nonnull(strstr(reason, "one topic"));
	ck_assert_int_eq(start_filtered("alert", NULL, "nosuch=1"), MESH_MALFORMED);
	ck_assert_ptr_nonnull(strstr(reason, "column 1"));
	ck_assert_int_eq(
	    start_filtered("packet", NULL, "type=TEXT_MESSAGE_APP"), MESH_OK);
}
START_TEST(what_is_stored_is_told_to_who_asks_for_that_stage)
{
	/* clang-format off */
	static const struct {
		const char *stage; bool heard, stored; const char *why;
	} all[] = {
		{ "", true, false, "as ever" },
		{ "heard", true, false, "by its name" },
		{ "stored", false, true, "what outlives a power cut" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(all); i++) {
		struct sse_start q = {
			.topics = text("alert"), .stage = text(all[i].stage), .boot = 7
		};
		struct feed_item item;
		ck_assert_int_eq(start_with(&q), MESH_OK);
		write_into(8192);
		raise((uint8_t)(i + 1));
		bool told = strstr(write_into(8192), "event: alert") != NULL;
		ck_assert_msg(told == all[i].heard, "heard: %s", all[i].why);
		ck_assert(feed_find(fake.feed, feed_newest(fake.feed), &item));
		item.stage = FEED_STORED;
		feed_append(fake.feed, &item);
		told = strstr(write_into(8192), "event: alert") != NULL;
		ck_assert_msg(told == all[i].stored, "stored: %s", all[i].why);
	}
	struct sse_start q = { .stage = text("told") };
	ck_assert_int_eq(start_with(&q), MESH_MALFORMED);
	ck_assert_str_eq(reason, "stage: heard or stored");
}
START_TEST(silence_has_a_heartbeat)
{
	start("alert", NULL);
	write_into(8192);
	now += SSE_HEARTBEAT_MS - 1;
	ck_assert_str_eq(write_into(8192), "");
	now += 1;
	ck_assert_str_eq(write_into(8192), ":\n\n");
	ck_assert_str_eq(write_into(8192), "");
	now += SSE_HEARTBEAT_MS - 1;
	raise(1);
	write_into(8192);
	now += 1;
	ck_assert_str_eq(write_into(8192), "");
	ck_assert_uint_eq(stream.beat_ms, now - 1 + SSE_HEARTBEAT_MS);
}
START_TEST(whole_events_or_none)
{
	start("alert", NULL);
	write_into(8192);
	for (uint8_t i = 1; i <= 20; i++)
		raise(i);
	int seen = 0;
	for (int rounds = 0; rounds < 20; rounds++) {
		const char *at = write_into(500);
		for (; (at = strstr(at, "id: 7.")) != NULL; at++)
			ck_assert_int_eq(atoi(at + 6), ++seen);
		size_t len = strlen(said);
		ck_assert(len == 0 || strcmp(said + len - 2, "\n\n") == 0);
	}
	ck_assert_int_eq(seen, 20);
	raise(21);
	ck_assert_msg(strstr(write_into(60), "event: reset") != NULL,
	    "an event that fits no buffer is to be fetched: %s", said);
}
START_TEST(whom_the_ring_overtakes_is_ended)
{
	start("alert", NULL);
	write_into(8192);
	for (int i = 0; i < 300; i++)
		raise(1);
	ck_assert_str_eq(write_into(8192), "");
	ck_assert(stream.ended);
}
CHECK_MODULE(sse, setup, events_have_ids_topics_and_one_line_of_data,
    a_stream_goes_on_where_it_was, what_cannot_be_resumed_is_reset,
    only_wanted_topics_come, a_filter_needs_one_topic_and_its_words,
    what_is_stored_is_told_to_who_asks_for_that_stage, silence_has_a_heartbeat,
    whole_events_or_none, whom_the_ring_overtakes_is_ended)
