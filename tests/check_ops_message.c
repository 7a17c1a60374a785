#include "check_mesh.h"
#include "outbox_world.h"
#include "text.h"
#include <stdlib.h>

/* Sending: what is refused and how it is said. */

static void
setup(void)
{
	outbox_world_start(true);
}

static void
assert_fails(const char *body, unsigned status, const char *word)
{
	struct call *call = outbox_world_call(OP_MESSAGE_SEND, "", body);
	ck_assert(call_is_done(call));
	ck_assert_msg(call_answer(call)->status == status &&
		strstr(fake_text(call), word) != NULL,
	    "%s: %u %s", body, call_answer(call)->status, fake_text(call));
	call_end(call);
}

START_TEST(what_cannot_be_sent_is_said)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *word;
	} cases[] = {
		{ "{}", 400, "text" },
		{ "{\"text\":\"\"}", 400, "text" },
		{ "{\"text\":\"hi\",\"to\":\"nobody\"}", 400, "to" },
		{ "{\"text\":\"hi\",\"to\":\"!00000011\"}", 404, "no radio" },
		{ "{\"text\":\"hi\",\"to\":\"!00000011\",\"radio\":\"roof\"}", 400,
		    "no other node" },
		{ "{\"text\":\"hi\",\"radio\":\"attic\"}", 404, "attic" },
		{ "{\"text\":\"hi\",\"channel\":8}", 400, "channel" },
		{ "{\"text\":\"hi\",\"reply\":\"!00000011\"}", 400, "reply" },
		{ "{\"text\":\"hi\",\"emoji\":true}", 400, "reply" },
	};
	char long_body[300] = "{\"text\":\"";
	memset(long_body + strlen(long_body), 'x', 233);
	strcat(long_body, "\"}");
	assert_fails(long_body, 400, "233 bytes, the network carries 232");
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_fails(cases[i].body, cases[i].status, cases[i].word);
	outbox_world_start(false);
	assert_fails("{\"text\":\"hi\"}", 403, "tx = no");
	assert_fails("{\"text\":\"hi\"}", 403, "roof");
	fake.world.outbox = NULL;
	assert_fails("{\"text\":\"hi\"}", 404, "sends nothing");
}
START_TEST(a_text_is_answered_with_its_request_and_state)
{
	struct call *call = outbox_world_call(
	    OP_MESSAGE_SEND, "", "{\"text\":\"hello\"}");
	ck_assert(call_is_done(call));
	ck_assert_uint_eq(call_answer(call)->status, 200);
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"request\":1"));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"state\":\"waiting\""));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"radio\":\"roof\""));
	call_end(call);
	call = fake_call(OP_MESSAGE_SHOW, "1", "");
	ck_assert(call_is_done(call));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"text\":\"hello\""));
	call_end(call);
}
START_TEST(what_the_disk_did_not_take_was_not_asked_for)
{
	struct message m;
	struct call *call = fake_call(OP_MESSAGE_SEND, "", "{\"text\":\"hello\"}");
	ck_assert(!call_is_done(call));
	outbox_world_kept(MESH_IO);
	ck_assert(call_is_done(call) && call_answer(call)->status == 503);
	call_end(call);
	ck_assert(!outbox_at(fake.world.outbox, 0, &m));
	fake.keep_err = MESH_FULL;
	assert_fails("{\"text\":\"hello\"}", 503, "store");
	ck_assert(!outbox_at(fake.world.outbox, 0, &m));
}
START_TEST(too_many_that_wait_are_refused)
{
	for (int i = 0; i < OUTBOX_MESSAGES; i++)
		call_end(
		    outbox_world_call(OP_MESSAGE_SEND, "", "{\"text\":\"hello\"}"));
	assert_fails("{\"text\":\"hello\"}", 503, "too many");
}
START_TEST(a_node_is_asked_for_what_it_can_tell)
{
	static const struct {
		const char *id, *body, *word;
		unsigned status;
	} cases[] = {
		{ "~12345678", "{\"what\":\"trace\"}", "\"kind\":\"trace\"", 200 },
		{ "~12345678", "{\"what\":\"position\"}", "\"kind\":\"position\"",
		    200 },
		{ "~12345678", "{\"what\":\"mood\"}", "what", 400 },
		{ "~12345678", "{\"what\":\"text\"}", "what", 400 },
		{ "~12345678", "{}", "what", 400 },
		{ "nobody", "{\"what\":\"trace\"}", "id", 400 },
		{ "!12345678", "{\"what\":\"trace\"}", "no radio", 404 },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct call *call = outbox_world_call(
		    OP_NODE_ASK, cases[i].id, cases[i].body);
		ck_assert(call_is_done(call));
		ck_assert_msg(call_answer(call)->status == cases[i].status &&
			strstr(fake_text(call), cases[i].word) != NULL,
		    "%s %s: %u %s", cases[i].id, cases[i].body,
		    call_answer(call)->status, fake_text(call));
		call_end(call);
	}
}
START_TEST(what_is_no_waypoint_is_said)
{
#define AT ",\"latitude\":48.2,\"longitude\":-16.4"
	static const struct {
		const char *body, *word;
		unsigned status;
	} cases[] = {
		{ "{}", "latitude", 400 },
		{ "{\"name\":\"x\",\"latitude\":48}", "longitude", 400 },
		{ "{\"name\":\"x\",\"latitude\":\"48\",\"longitude\":1}", "latitude",
		    400 },
		{ "{\"name\":\"x\",\"latitude\":90.1,\"longitude\":1}", "-90 to 90",
		    400 },
		{ "{\"name\":\"x\",\"latitude\":1,\"longitude\":181}", "-180", 400 },
		{ "{\"name\":\"\"" AT "}", "name", 400 },
		{ "{\"name\":\"123456789012345678901234567890\"" AT "}", "name", 400 },
		{ "{\"name\":\"x\"" AT ",\"expires\":\"soon\"}", "expires", 400 },
		{ "{\"name\":\"x\"" AT ",\"icon\":\"ab\"}", "icon", 400 },
		{ "{\"name\":\"x\"" AT ",\"locked_to\":\"me\"}", "locked_to", 400 },
		{ "{\"name\":\"x\"" AT ",\"locked_to\":\"mt:00000011:00000001\"}",
		    "locked_to", 400 },
		{ "{\"remove\":true}", "waypoint", 400 },
		{ "{\"name\":\"x\"" AT ",\"to\":\"nobody\"}", "to", 400 },
		{ "{\"name\":\"x\"" AT ",\"radio\":\"attic\"}", "attic", 404 },
		{ "{\"name\":\"x\"" AT ",\"waypoint\":7,\"icon\":\"\xe2\x9b\xba\xef\xb8"
		  "\x8f\",\"expires\":\"8h\"}",
		    "\"waypoint\":{\"id\":7,\"icon\":", 200 },
		{ "{\"remove\":true,\"waypoint\":7}",
		    "\"waypoint\":{\"id\":7,\"removed\":true}", 200 },
	};
#undef AT
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct call *call = outbox_world_call(
		    OP_WAYPOINT_SEND, "", cases[i].body);
		ck_assert(call_is_done(call));
		ck_assert_msg(call_answer(call)->status == cases[i].status &&
			strstr(fake_text(call), cases[i].word) != NULL,
		    "%s: %u %s", cases[i].body, call_answer(call)->status,
		    fake_text(call));
		call_end(call);
	}
	fake.world.outbox = NULL;
	struct call *call = fake_call(
	    OP_WAYPOINT_SEND, "", "{\"remove\":true,\"waypoint\":7}");
	ck_assert_uint_eq(call_answer(call)->status, 404);
	call_end(call);
}
CHECK_MODULE(ops_message, setup, a_node_is_asked_for_what_it_can_tell,
    what_is_no_waypoint_is_said, what_cannot_be_sent_is_said,
    a_text_is_answered_with_its_request_and_state,
    what_the_disk_did_not_take_was_not_asked_for, too_many_that_wait_are_refused)
