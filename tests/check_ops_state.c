/* A site's values: one of them by its key, and ours taken away. */
#include "check_mesh.h"
#include "drop.h"
#include "fake_world.h"
#include "text.h"

static void
setup(void)
{
	fake_start();
}

START_TEST(one_value_is_asked_for_by_its_site_and_key)
{
	/* clang-format off */
	static const struct { const char *said, *key, *why; } row[] = {
		{ "door", "user/door", "a user's, in short" },
		{ "user/door", "user/door", "as it is shown" },
		{ "site", "site", "what a site says of itself" },
		{ "radio/roof", "radio/roof", "of its radio" },
		{ "radio", "user/radio", "no key of ours" },
		{ "node/door", "user/node/door", "that names no node" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		char body[64], wanted[160];
		snprintf(body, sizeof body, "{\"key\":\"%s\"}", row[i].said);
		struct call *call = fake_call(OP_STATE_GET, "", body);
		snprintf(wanted, sizeof wanted, "aabb%060d/%s", 0, row[i].key);
		ck_assert(fake.asked.noun == STORE_STATE);
		ck_assert_msg(
		    strncmp(fake.asked_id, wanted, sizeof fake.asked_id - 1) == 0,
		    "%s: %s", row[i].why, fake.asked_id);
		fake_refuse(MESH_NOT_FOUND);
		ck_assert_int_eq(call_answer(call)->status, 404);
		snprintf(wanted, sizeof wanted, "no state '%s'", row[i].key);
		ck_assert_msg(
		    text_is(call_answer(call)->detail, wanted), "%s", row[i].why);
		call_end(call);
	}
}

START_TEST(removing_drops_the_number_under_which_we_said_it)
{
	struct intent i;
	struct call *call = fake_call(OP_STATE_REMOVE, "", "{\"key\":\"door\"}");
	ck_assert(fake.found_at.lane == LANE_STATE);
	ck_assert(key_equal(&fake.found_at.origin, &fake.world.self));
	fake_found(&(struct mesh_record){ .at = { .origin = fake.world.self,
					      .lane = LANE_STATE,
					      .epoch = 6,
					      .seq = 77 } });
	ck_assert(intents_peek(fake.world.intents, &i));
	ck_assert(i.lane == LANE_STATE && i.type == RECORD_DROP && i.epoch == 6);
	static const uint8_t body[] = { 0x91, 0x91, 0x92, 77, 77 };
	ck_assert(bytes_equal(i.body, bytes_view(body, sizeof body)));
	fake_appended(MESH_OK);
	ck_assert(
	    strstr(fake_text(call), "\"key\":\"user/door\",\"removed\":true") != NULL);
	call_end(call);
}

START_TEST(what_we_never_said_cannot_be_removed)
{
	struct call *call = fake_call(OP_STATE_REMOVE, "", "{\"key\":\"door\"}");
	fake_refuse(MESH_NOT_FOUND);
	ck_assert_int_eq(call_answer(call)->status, 404);
	ck_assert(text_is(call_answer(call)->detail, "no state 'user/door'"));
	call_end(call);
	static const char *const bad[] = { "{}", "{\"key\":\"\"}",
		"{\"key\":\"user/\"}",
		"{\"key\":"
		"\"0123456789012345678901234567890123456789012345678901234567890\"}" };
	for (size_t i = 0; i < LENGTH(bad); i++) {
		call = fake_call(OP_STATE_REMOVE, "", bad[i]);
		ck_assert_msg(call_is_done(call) && call_answer(call)->status == 400,
		    "%s", bad[i]);
		call_end(call);
	}
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
}

START_TEST(nothing_is_no_value_and_the_error_says_how_to_remove_one)
{
	struct call *call = fake_call(
	    OP_STATE_SET, "", "{\"key\":\"door\",\"value\":null}");
	ck_assert_int_eq(call_answer(call)->status, 400);
	const struct text_view said = call_answer(call)->detail;
	static const char wanted[] = "state remove";
	bool found = false;
	for (size_t i = 0; i + sizeof wanted - 1 <= said.len; i++)
		found |= memcmp(said.ptr + i, wanted, sizeof wanted - 1) == 0;
	ck_assert_msg(found, "%.*s", (int)said.len, said.ptr);
	call_end(call);
}
START_TEST(a_value_that_no_record_holds_names_its_place)
{
	static const struct {
		const char *value, *says;
	} row[] = {
		{ "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":1}}}}}}", NULL },
		{ "[[[[[[1]]]]]]", NULL },
		{ "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":1}}}}}}}",
		    "parameter value: a.b.c.d.e.f goes too deep: objects and lists "
		    "stand "
		    "in each other at most 6 deep" },
		{ "[[[[[[[1]]]]]]]", "goes too deep" },
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		char body[128];
		snprintf(
		    body, sizeof body, "{\"key\":\"k\",\"value\":%s}", row[i].value);
		struct call *call = fake_call(OP_STATE_SET, "", body);
		if (row[i].says == NULL)
			ck_assert(!call_is_done(call));
		else
			ck_assert_msg(call_answer(call)->status == 400 &&
				strstr(fake_text(call), row[i].says) != NULL,
			    "%s: %s", row[i].value, fake_text(call));
		call_end(call);
	}
}
START_TEST(another_sites_value_is_asked_for_by_its_name)
{
	char wanted[160];
	fake.peers[fake.peer_count++] = (struct mesh_peer){
		.key = { { 0xcc, 0xdd, 0xee, 0xff } }
	};
	struct call *call = fake_call(
	    OP_STATE_GET, "", "{\"key\":\"door\",\"site\":\"ccddeeff\"}");
	snprintf(wanted, sizeof wanted, "ccddeeff%056d/user/door", 0);
	ck_assert_msg(strncmp(fake.asked_id, wanted, sizeof fake.asked_id - 1) == 0,
	    "%s", fake.asked_id);
	call_end(call);
	static const enum op_number both[] = { OP_STATE_GET, OP_STATE_LIST };
	for (size_t i = 0; i < LENGTH(both); i++) {
		call = fake_call(both[i], "", "{\"key\":\"door\",\"site\":\"x\"}");
		ck_assert_msg(call_answer(call)->status >= 400, "no such site");
		call_end(call);
	}
	call = fake_call(OP_STATE_LIST, "", "{\"site\":\"ccddeeff\"}");
	ck_assert_msg(fake.asked.filter != NULL, "that site's alone");
	call_end(call);
}

START_TEST(what_is_set_becomes_a_record_under_its_key)
{
	struct intent i;
	struct call *call = fake_call(
	    OP_STATE_SET, "", "{\"key\":\"door\",\"value\":7}");
	ck_assert(intents_peek(fake.world.intents, &i));
	ck_assert(i.lane == LANE_STATE && i.type == RECORD_PUT);
	static const uint8_t body[] = "\x92\xc4\x09user/door\x07";
	ck_assert(bytes_equal(i.body, bytes_view(body, sizeof body - 1)));
	ck_assert_msg(!call_is_done(call), "until it is stored");
	fake_appended(MESH_OK);
	ck_assert(strstr(fake_text(call), "\"key\":\"user/door\",\"value\":7") != NULL);
	call_end(call);
}
CHECK_MODULE(ops_state, setup, another_sites_value_is_asked_for_by_its_name,
    what_is_set_becomes_a_record_under_its_key,
    one_value_is_asked_for_by_its_site_and_key,
    removing_drops_the_number_under_which_we_said_it,
    what_we_never_said_cannot_be_removed,
    nothing_is_no_value_and_the_error_says_how_to_remove_one,
    a_value_that_no_record_holds_names_its_place)
