#include "alert.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "filter.h"
#include "state.h"
#include "text.h"
#include "tree.h"
#include <jansson.h>

static struct call *
begin_as(enum op_number op, const char *query, const char *body, enum audience audience)
{
	static struct call_pair pairs[CALL_PAIRS];
	struct call_request q = { .op = &op_table[op],
		.pairs = pairs,
		.body = text(body),
		.audience = audience };
	while (query != NULL && *query != '\0') { /* name=value&... */
		size_t len = strcspn(query, "&"), name = strcspn(query, "=");
		struct call_pair pair = { { query, name },
			{ query + name + 1, len - name - 1 } };
		if (text_is(pair.name, "{id}"))
			q.id = pair.value;
		else
			pairs[q.pair_count++] = pair;
		query += len + (query[len] == '&');
	}
	return call_begin(fake.calls, &q);
}

static struct call *
begin(enum op_number op, const char *query)
{
	return begin_as(op, query, NULL, AUDIENCE_OPERATOR);
}

/* The answer must be JSON, whatever its parts and its size. */
static void
assert_is_json(const struct call *call)
{
	json_error_t why;
	const char *answer = fake_text(call);
	json_t *json = json_loads(answer, JSON_REJECT_DUPLICATES, &why);
	ck_assert_msg(json != NULL, "%s in %.300s", why.text, answer);
	json_decref(json);
}

static void
assert_fails(struct call *call, unsigned status, const char *word)
{
	ck_assert_ptr_nonnull(call);
	ck_assert(call_is_done(call));
	ck_assert_msg(
	    call_answer(call)->status == status && strstr(fake_text(call), word),
	    "%u: %s (wanted %u, %s)", call_answer(call)->status, fake_text(call),
	    status, word);
	call_end(call);
}

START_TEST(a_list_is_an_envelope_around_the_stores_pages)
{
	struct call *call = begin(OP_NODE_LIST, "limit=3");
	ck_assert(!call_is_done(call));
	ck_assert_int_eq(fake.asked.noun, STORE_NODES);
	ck_assert_uint_eq(fake.asked.limit, 3);
	fake_answer("{\"id\":\"!1\"},{\"id\":\"!2\"}", 2, "k2");
	ck_assert_msg(!call_is_done(call), "one more is wanted");
	ck_assert_str_eq(fake.asked_after, "k2");
	ck_assert_uint_eq(fake.asked.limit, 1);
	fake_answer("{\"id\":\"!3\"}", 1, "k3");
	ck_assert(call_is_done(call));
	ck_assert_str_eq(fake_text(call),
	    "{\"schema\":\"meshd.nodes/1\",\"generated_at\":1700000000000,\"items\":["
	    "{\"id\":\"!1\"},{\"id\":\"!2\"},{\"id\":\"!3\"}],\"next\":\"k3\"}\n");
	ck_assert_uint_eq(call_answer(call)->bytes, strlen(fake_text(call)));
	call_end(call);
	ck_assert_uint_eq(fake.pages, 0);
}
START_TEST(an_empty_page_in_the_middle_leaves_no_trace)
{
	struct call *call = begin(OP_PACKET_LIST, "");
	fake_answer("", 0, "k1");
	fake_answer("{\"id\":\"mt:1\"}", 1, "k2");
	fake_answer("", 0, "");
	assert_is_json(call);
	ck_assert_ptr_null(strstr(fake_text(call), "next"));
	call_end(call);
	call = begin(OP_PACKET_LIST, "");
	fake_answer("", 0, "");
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"items\":[]"));
	call_end(call);
}
START_TEST(one_thing_stands_beside_its_schema)
{
	struct call *call = begin(OP_NODE_SHOW, "{id}=!a1b2c3d4");
	ck_assert_str_eq(fake.asked_id, "!a1b2c3d4");
	fake_answer("{\"id\":\"!a1b2c3d4\"}", 1, "");
	ck_assert_str_eq(fake_text(call),
	    "{\"schema\":\"meshd.node/1\",\"generated_at\":1700000000000,"
	    "\"id\":\"!a1b2c3d4\"}\n");
	call_end(call);
	call = begin(OP_NODE_SHOW, "{id}=!00000001");
	fake_refuse(MESH_NOT_FOUND);
	assert_fails(call, 404, "!00000001");
	call = begin(OP_ALERT_SHOW, "{id}=0a0b0c");
	ck_assert_str_eq(fake.asked_id, "0a0b0c");
	call_end(call);
	call = begin(OP_ALERT_SHOW, "{id}=zebra");
	fake_refuse(MESH_MALFORMED);
	assert_fails(call, 404, "zebra");
}
START_TEST(bad_parameters_say_what_is_wrong)
{
	/* clang-format off */
	static const struct { enum op_number op; const char *query, *word; } row[] = {
		{ OP_NODE_LIST, "limt=3", "node.list takes: filter, after, limit" },
		{ OP_STATUS, "x=1", "no parameters" },
		{ OP_NODE_LIST, "limit=-1", "limit" },
		{ OP_NODE_LIST, "limit=5001", "limit" },
		{ OP_NODE_LIST, "limit=many", "limit" },
		{ OP_NODE_LIST, "filter=nosuch=1", "filter, column" },
		{ OP_NODE_LIST, "filter=(", "filter, column" },
		{ OP_PACKET_LIST, "from_ms=yesterday", "from_ms" },
		{ OP_PEER_LIST, "strangers=perhaps", "strangers" },
		{ OP_NODE_LIST, "after=\xff\xfe", "UTF-8" },
		{ OP_STATE_SET, "value=1", "key" },
		{ OP_STATE_SET, "key=a&value={\"b\":1,\"b\":2}", "parameter value, line 1, column 10: " },
		{ OP_STATE_SET, "key=a&value=[1e999]", "parameter value, line 1, column 6: " },
		{ OP_ALERT_RAISE, "kind=door", "noun.word" },
		{ OP_ALERT_RAISE, "kind=Door.Open", "lower case" },
		{ OP_ALERT_RAISE, "kind=door.open&severity=loud", "severity" },
		{ OP_ALERT_RAISE, "kind=door.open&state=ajar", "state" },
		{ OP_LOG_LEVEL, "level=shout", "shout" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++)
		assert_fails(begin(row[i].op, row[i].query), 400, row[i].word);
	ck_assert_uint_eq(fake.asks, 0);
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
}
START_TEST(bad_bodies_say_where)
{
	static const char *const bodies[] = { "{", "[]", "1", "{\"key\":1,\"value\":2}",
		"{\"key\":\"a\"}", "{\"key\":\"a\",\"value\":1,\"more\":2}",
		"{\"key\":\"a\",\"key\":\"b\",\"value\":1}",
		"{\"key\":\"a\",\"value\":{\"b\":[{\"c\":1,\"c\":1}]}}",
		"{\"key\":\"a\",\"value\":1e999}", "{\"key\":\"a\",\"value\":NaN}",
		"{\"key\":\"\",\"value\":1}", "{\"key\":\"a\",\"value\":1} x" };
	for (size_t i = 0; i < LENGTH(bodies); i++) {
		struct call *call = begin_as(
		    OP_STATE_SET, "", bodies[i], AUDIENCE_OPERATOR);
		assert_fails(call, 400, "");
	}
}
START_TEST(every_truncation_and_flip_of_a_body_is_survived)
{
	static const char body[] =
	    "{\"kind\":\"door.open\",\"severity\":\"high\","
	    "\"text\":\"a\\u00e4\",\"subject\":{\"type\":\"site\","
	    "\"id\":\"x\"},\"data\":{\"a\":[1,2.5,null,true]}}";
	rng_restart(check_seed());
	for (size_t i = 0; i < 4000; i++) {
		char copy[sizeof body];
		memcpy(copy, body, sizeof body);
		size_t len = i < sizeof body ? i : sizeof body - 1;
		if (i >= sizeof body)
			copy[rng_u32() % len] = (char)(1 + rng_u32() % 255);
		struct call_request q = { .op = &op_table[OP_ALERT_RAISE],
			.body = { copy, len },
			.audience = AUDIENCE_OPERATOR };
		struct call *call = call_begin(fake.calls, &q);
		if (!call_is_done(call))
			fake_appended(MESH_OK);
		ck_assert(call_is_done(call));
		call_end(call);
	}
}
START_TEST(a_viewer_asks_but_does_not_act)
{
	assert_fails(begin_as(OP_STATE_SET, "key=a&value=1", NULL, AUDIENCE_VIEWER),
	    403, "operator");
	assert_fails(begin_as(OP_LOG_LEVEL, "level=debug", NULL, AUDIENCE_VIEWER), 403,
	    "operator");
	ck_assert_str_eq(fake.level, "");
	struct call *call = begin_as(OP_NODE_LIST, "", NULL, AUDIENCE_VIEWER);
	ck_assert_int_eq(fake.asked.audience, AUDIENCE_VIEWER);
	call_end(call);
}
START_TEST(a_state_is_answered_only_when_it_is_stored)
{
	struct call *call = begin_as(OP_STATE_SET, "",
	    "{\"key\":\"gate\",\"value\":\"open\"}", AUDIENCE_OPERATOR);
	struct intent intent;
	uint8_t block[4096];
	struct arena lists = arena_init(block, sizeof block);
	struct state_put put;
	ck_assert(!call_is_done(call));
	ck_assert(intents_peek(fake.world.intents, &intent));
	ck_assert(intent.lane == LANE_STATE && intent.type == RECORD_PUT);
	ck_assert_int_eq(
	    mesh_body_decode(&state_put_table, intent.body, &put, &lists), MESH_OK);
	ck_assert(bytes_equal(put.key, bytes_view("user/gate", 9)));
	ck_assert(put.value.count == 1 && text_is(put.value.items[0].as.text, "open"));
	fake_appended(MESH_OK);
	ck_assert(call_is_done(call));
	assert_is_json(call);
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"value\":\"open\""));
	call_end(call);
}
START_TEST(any_json_value_may_be_a_state)
{
	static const char *const values[] = { "1", "-2.5", "true", "\"x\"",
		"[1,[2,\"a\"]]", "{\"a\":{\"b\":[]}}", "[]", "{}" };
	for (size_t i = 0; i < LENGTH(values); i++) {
		char body[64], wanted[64];
		snprintf(body, sizeof body, "{\"key\":\"k\",\"value\":%s}", values[i]);
		snprintf(wanted, sizeof wanted, "\"value\":%s", values[i]);
		struct call *call = begin_as(OP_STATE_SET, "", body, AUDIENCE_OPERATOR);
		ck_assert_msg(!call_is_done(call), "%s: %s", body, fake_text(call));
		fake_appended(MESH_OK);
		ck_assert_msg(strstr(fake_text(call), wanted) != NULL, "%s -> %s", body,
		    fake_text(call));
		call_end(call);
	}
}
START_TEST(what_is_not_stored_is_not_ok)
{
	struct call *call = begin(OP_STATE_SET, "key=a&value=1");
	fake_appended(MESH_IO);
	assert_fails(call, 503, "store");
	for (int i = 0; i < 1000; i++) { /* fill the queue of intents */
		struct state_put put = { .key = bytes_view("k", 1) };
		if (intents_append(fake.world.intents, LANE_STATE, RECORD_PUT,
			&state_put_table, &put, 0) != MESH_OK)
			break;
	}
	assert_fails(begin(OP_STATE_SET, "key=a&value=1"), 503, "again");
}
START_TEST(an_alert_that_merely_happens_is_new_each_time_and_a_condition_is_not)
{
	struct id id[4];
	static const char *const queries[] = { "kind=door.rang", "kind=door.rang",
		"kind=door.open&state=firing", "kind=door.open&state=firing" };
	for (size_t i = 0; i < LENGTH(queries); i++) {
		struct call *call = begin(OP_ALERT_RAISE, queries[i]);
		struct intent intent;
		uint8_t block[4096];
		struct arena lists = arena_init(block, sizeof block);
		struct alert_statement said;
		ck_assert_msg(
		    intents_peek(fake.world.intents, &intent), "%s", fake_text(call));
		ck_assert(intent.lane == LANE_ALERT && intent.type == ALERT_STATEMENT);
		ck_assert_int_eq(mesh_body_decode(&alert_statement_table, intent.body,
				     &said, &lists),
		    MESH_OK);
		id[i] = said.id;
		fake_appended(MESH_OK);
		assert_is_json(call);
		call_end(call);
	}
	ck_assert(!id_equal(&id[0], &id[1]));
	ck_assert(id_equal(&id[2], &id[3]));
}
/* What is resolved is the firing that is known, whoever raised it. */
START_TEST(resolving_says_whether_it_ended_anything)
{
	static const struct {
		const char *known; /* NULL: no such alert; "": the store cannot say */
		bool told, ended, same;
	} rows[] = {
		{ "{\"state\":\"firing\",\"since_ms\":77,\"severity\":\"high\","
		  "\"text\":\"it is open\"}",
		    true, true, true },
		{ "{\"state\":\"resolved\",\"since_ms\":77}", true, false, false },
		{ "{\"state\":\"info\",\"since_ms\":77}", true, false, false },
		{ NULL, true, false, false },
		{ "", false, false, false },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct call *call = begin(
		    OP_ALERT_RAISE, "kind=door.open&state=resolved");
		struct intent intent;
		uint8_t block[4096];
		struct arena lists = arena_init(block, sizeof block);
		struct alert_statement said;
		ck_assert(fake.asked.noun == STORE_ALERTS && !call_is_done(call));
		if (rows[i].known == NULL || rows[i].known[0] == '\0')
			fake_refuse(rows[i].known == NULL ? MESH_NOT_FOUND : MESH_IO);
		else
			fake_answer(rows[i].known, 1, "");
		ck_assert(intents_peek(fake.world.intents, &intent));
		ck_assert_int_eq(mesh_body_decode(&alert_statement_table, intent.body,
				     &said, &lists),
		    MESH_OK);
		ck_assert(said.state == ALERT_RESOLVED);
		ck_assert((said.since_ms == 77) == rows[i].same);
		ck_assert(text_is(said.text, rows[i].same ? "it is open" : ""));
		ck_assert((said.severity == SEVERITY_HIGH) == rows[i].same);
		fake_appended(MESH_OK);
		const char *text = fake_text(call);
		ck_assert_msg((strstr(text, "\"ended\"") != NULL) == rows[i].told &&
			(strstr(text, "\"ended\":true") != NULL) == rows[i].ended,
		    "%s", text);
		assert_is_json(call);
		call_end(call);
		ck_assert_uint_eq(fake.pages, 0);
	}
}
START_TEST(the_answer_comes_in_time_or_says_that_it_does_not)
{
	struct call *call = begin(OP_NODE_LIST, "");
	mesh_time_ms end = fake.world.now.ms + CALL_TIMEOUT_MS;
	ck_assert_uint_eq(calls_deadline(fake.calls), end);
	calls_tick(fake.calls, end - 1);
	ck_assert(!call_is_done(call));
	calls_tick(fake.calls, end);
	ck_assert_uint_eq(fake.cancels, 1);
	ck_assert_uint_eq(calls_deadline(fake.calls), MESH_NEVER);
	fake_answer("{}", 1, ""); /* too late: freed, not taken */
	assert_fails(call, 504, "store");
	ck_assert_uint_eq(fake.pages, 0);
	call = begin(OP_STATE_SET, "key=a&value=1");
	calls_tick(fake.calls, fake.world.now.ms + CALL_TIMEOUT_MS);
	fake_appended(MESH_OK);
	assert_fails(call, 504, "may still succeed");
}
START_TEST(whoever_leaves_cancels)
{
	struct call *call = begin(OP_NODE_LIST, "");
	call_end(call);
	ck_assert_uint_eq(fake.cancels, 1);
	fake_answer("{}", 1, "");
	ck_assert_uint_eq(fake.pages, 0);
	call = begin(OP_STATE_SET, "key=a&value=1");
	call_end(call);
	fake_appended(MESH_OK); /* to nobody */
}
START_TEST(one_call_more_than_there_is_room_for_is_refused)
{
	struct call *calls[FAKE_CALLS];
	for (size_t i = 0; i < FAKE_CALLS; i++)
		calls[i] = begin(OP_NODE_LIST, "");
	ck_assert_ptr_null(begin(OP_NODE_LIST, ""));
	for (size_t i = 0; i < FAKE_CALLS; i++)
		call_end(calls[i]);
	struct call *call = begin(OP_STATUS, "");
	ck_assert_ptr_nonnull(call);
	call_end(call);
	fake.ask_err = MESH_FULL;
	assert_fails(begin(OP_NODE_LIST, ""), 503, "again");
}
START_TEST(viewers_leave_room_for_operators_and_these_for_them)
{
	struct call *calls[FAKE_CALLS];
	size_t count = 0;
	while (count < FAKE_SHARED)
		calls[count++] = begin_as(OP_NODE_LIST, "", NULL, AUDIENCE_VIEWER);
	ck_assert_ptr_null(begin_as(OP_NODE_LIST, "", NULL, AUDIENCE_VIEWER));
	while (count < FAKE_CALLS)
		ck_assert_ptr_nonnull(calls[count++] = begin(OP_NODE_LIST, ""));
	while (count > 0)
		call_end(calls[--count]);
	while (count < FAKE_CALLS - FAKE_SHARED)
		calls[count++] = begin(OP_NODE_LIST, "");
	calls[count++] = begin_as(OP_NODE_LIST, "", NULL, AUDIENCE_VIEWER);
	ck_assert_ptr_nonnull(calls[count - 1]);
	while (count > 0)
		call_end(calls[--count]);
}
START_TEST(a_list_ends_at_its_budget_and_says_where)
{
	static char items[64 * 1024];
	memset(items, ' ', sizeof items - 1);
	memcpy(items, "{\"id\":1}", 8);
	struct call *call = begin(OP_PACKET_LIST, "limit=5000");
	size_t pages = 0;
	for (; !call_is_done(call); pages++)
		fake_answer(items, 1, "more");
	ck_assert_uint_eq(pages, 17);
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"next\":\"more\""));
	assert_is_json(call);
	call_end(call);
}
START_TEST(peers_have_names_addresses_and_states)
{
	fake.peer_count = 3;
	fake.peers[0] = (struct mesh_peer){ .key = { { 1, 2, 3, 4 } },
		.state = PEER_ALIVE,
		.name = text("hill\x1b[2J"),
		.direct = true,
		.hops = 1,
		.rtt_us = 1500,
		.addr = { .addr = { [10] = 0xff, 0xff, 10, 0, 0, 7, 0x11, 0x76 } } };
	fake.peers[1] = (struct mesh_peer){ .key = { { 5 } },
		.state = PEER_DEAD,
		.reason = REASON_SILENT,
		.addr = { .addr = { 0xfe, 0x80, [15] = 1, 0x11, 0x76 } } };
	fake.peers[2] = (struct mesh_peer){ .state = PEER_STRANGER };
	struct call *call = begin(OP_PEER_LIST, "");
	const char *said = fake_text(call);
	ck_assert_msg(strstr(said, "\"name\":\"hill[2J\"") != NULL, "%s", said);
	ck_assert_msg(strstr(said, "\"addr\":\"10.0.0.7:4470\"") != NULL, "%s", said);
	ck_assert_msg(strstr(said, "\"addr\":\"[fe80::1]:4470\"") != NULL, "%s", said);
	ck_assert_msg(strstr(said, "stranger") == NULL, "%s", said);
	ck_assert_msg(strstr(said, "behind") == NULL, "unknown is absent: %s", said);
	assert_is_json(call);
	call_end(call);
	call = begin(OP_PEER_LIST, "strangers=true");
	ck_assert_ptr_nonnull(strstr(fake_text(call), "stranger"));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "{\"state\":\"stranger\""));
	call_end(call);
	call = begin(OP_PEER_SHOW, "{id}=01020304");
	ck_assert_ptr_nonnull(strstr(fake_text(call), "10.0.0.7"));
	call_end(call);
	assert_fails(begin(OP_PEER_SHOW, "{id}=nobody"), 404, "nobody");
	call = begin(OP_STATUS, "");
	ck_assert_ptr_nonnull(
	    strstr(fake_text(call), "\"peers\":{\"known\":2,\"alive\":1}"));
	call_end(call);
}
START_TEST(status_counters_and_holdings_are_json)
{
	static const struct counter_row rows[] = { { "a.b", "things", "Things." } };
	static const struct counter_list list = { "meshd", rows, 1 };
	struct op_counters counters[] = { { &list, NULL, NULL, { 0 } } };
	fake.world.counters = counters;
	struct call *call = begin(OP_COUNTERS, "");
	assert_is_json(call);
	call_end(call);
	call = begin(OP_HOLDING_LIST, "");
	ck_assert_msg(
	    strstr(fake_text(call), "\"lane\":\"packet\",\"epoch\":170,\"high\":40"),
	    "%s", fake_text(call));
	assert_is_json(call);
	call_end(call);
	call = begin(OP_STATUS, "");
	assert_is_json(call);
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"radios\":[]"));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"uptime_s\":999"));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"ready\":true"));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"admission\":\"network-key\""));
	call_end(call);
	call = begin(OP_LOG_LEVEL, "level=debug&module=radio");
	ck_assert_str_eq(fake.level, "debug");
	ck_assert_str_eq(fake.module, "radio");
	call_end(call);
}
static uint64_t
count_of(const void *room, size_t index)
{
	(void)room;
	return index + 1;
}
START_TEST(a_thousand_counters_fit_an_answer)
{
	static struct counter_row rows[1000];
	for (size_t i = 0; i < LENGTH(rows); i++)
		rows[i] = (struct counter_row){ "room.thing.reason", "datagrams",
			"A sentence that says what this counter is about, at length." };
	struct counter_list list = { "meshd", rows, LENGTH(rows) };
	struct op_counters counters[] = { { &list, count_of, NULL, { 0 } } };
	fake.world.counters = counters;
	fake.world.counters_count = 1;
	struct call *call = begin(OP_COUNTERS, "");
	ck_assert_uint_gt(call_answer(call)->part_count, 2);
	assert_is_json(call);
	call_end(call);
}
START_TEST(every_question_answers_with_its_own_schema)
{
	for (size_t i = 0; i < OP_COUNT; i++) {
		char schema[64];
		bool one = strstr(op_table[i].path, "{id}") != NULL;
		bool of_radio = i == OP_RADIO_SHOW || i == OP_RADIO_CHANNELS ||
		    i == OP_RADIO_CONFIG_GET; /* there is none here */
		if (op_table[i].method != OP_GET || of_radio || i == OP_PEER_SHOW)
			continue;
		const char *id = i == OP_ENTRY_GET ? "{id}=a1b2c3d4" : "{id}=!a1b2c3d4";
		const char *other = i == OP_STATE_GET ? "key=door" : "";
		struct call *call = begin((enum op_number)i, one ? id : other);
		if (!call_is_done(call))
			fake_answer("{\"id\":\"x\"}", 1, "");
		snprintf(schema, sizeof schema, "{\"schema\":\"meshd.%s/1\",",
		    op_table[i].noun);
		ck_assert_msg(strncmp(fake_text(call), schema, strlen(schema)) == 0,
		    "%s: %.200s", op_table[i].name, fake_text(call));
		assert_is_json(call);
		call_end(call);
	}
}
START_TEST(states_of_one_site_are_filtered_by_the_name_it_shows)
{
	struct mesh_position at = {
		.origin = { { 9, 9, 9, 9 } }, .epoch = 1, .seq = 1
	};
	live_site(fake.world.live, &at, text("hill"), text("0.1.0"));
	assert_fails(begin(OP_STATE_LIST, "site=valley"), 404, "valley");
	struct call *call = begin(OP_STATE_LIST, "site=hill&filter=key=a or key=b");
	ck_assert(!call_is_done(call));
	struct state here = {
		.site = text("hill"), .key = text("b"), .has = UINT64_MAX
	};
	struct state there = {
		.site = text("dale"), .key = text("b"), .has = UINT64_MAX
	};
	ck_assert(filter_eval(fake.asked.filter, &here));
	ck_assert(!filter_eval(fake.asked.filter, &there));
	call_end(call);
}
CHECK_MODULE(call, fake_start, a_list_is_an_envelope_around_the_stores_pages,
    an_empty_page_in_the_middle_leaves_no_trace, one_thing_stands_beside_its_schema,
    bad_parameters_say_what_is_wrong, bad_bodies_say_where,
    every_truncation_and_flip_of_a_body_is_survived, a_viewer_asks_but_does_not_act,
    a_state_is_answered_only_when_it_is_stored, any_json_value_may_be_a_state,
    what_is_not_stored_is_not_ok,
    an_alert_that_merely_happens_is_new_each_time_and_a_condition_is_not,
    resolving_says_whether_it_ended_anything,
    the_answer_comes_in_time_or_says_that_it_does_not, whoever_leaves_cancels,
    one_call_more_than_there_is_room_for_is_refused,
    viewers_leave_room_for_operators_and_these_for_them,
    a_list_ends_at_its_budget_and_says_where, peers_have_names_addresses_and_states,
    status_counters_and_holdings_are_json, a_thousand_counters_fit_an_answer,
    every_question_answers_with_its_own_schema,
    states_of_one_site_are_filtered_by_the_name_it_shows)
