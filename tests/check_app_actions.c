/* What local programs may have done, and how they hear of its end. */
#include "alert.h"
#include "app_actions.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "text.h"
#include <stdlib.h>

#define TOKEN "0123456789abcdef0123456789abcdef"
static struct app_actions *actions;
static struct app_leases *leases;
static char said[2048];
static mesh_time_ms now_ms;

static void
setup(void)
{
	app_actions_free(actions);
	app_leases_free(leases);
	fake_start();
	now_ms = 5000;
	leases = app_leases_new(fake.feed, 7);
	struct app_actions_params params = { .calls = fake.calls, .boot = 7 };
	memcpy(params.token, TOKEN, sizeof params.token);
	actions = app_actions_new(&params);
}

static struct app_addr
addr(uint8_t n)
{
	return (struct app_addr){ .bytes = { n }, .len = 4 };
}

/* What is said at once; NULL: it is no action. */
static const char *
ask(uint8_t from, const char *request)
{
	struct bytes_out reply = bytes_out(said, sizeof said);
	struct app_addr a = addr(from);
	bool ours = app_actions_request(
	    actions, leases, &a, bytes_view(request, strlen(request)), now_ms, &reply);
	text_end(&reply);
	return ours ? said : NULL;
}

static const char *
next(uint8_t *to)
{
	struct bytes_out out = bytes_out(said, sizeof said);
	struct app_addr a = { .len = 0 };
	bool any = app_actions_next(actions, &a, &out);
	text_end(&out);
	*to = a.bytes[0];
	return any ? said : NULL;
}

#define WITH_TOKEN(op, rest) "{\"op\":\"" op "\",\"token\":\"" TOKEN "\"," rest "}"

START_TEST(an_action_is_answered_when_it_is_stored)
{
	uint8_t to;
	struct intent i;
	ck_assert_str_eq(
	    ask(3, WITH_TOKEN("raise", "\"ref\":9,\"kind\":\"gate.open\"")), "");
	ck_assert(next(&to) == NULL);
	ck_assert(intents_peek(fake.world.intents, &i) && i.lane == LANE_ALERT);
	fake_appended(MESH_OK);
	ck_assert_str_eq(next(&to), "{\"op\":\"ok\",\"v\":1,\"ref\":9,\"boot\":7}");
	ck_assert_uint_eq(to, 3);
	ck_assert(next(&to) == NULL);
	ck_assert_uint_eq(app_leases_counter(leases, COUNT_APPS_TAKEN), 1);
}
START_TEST(each_word_leads_to_its_operation)
{
	static const struct {
		const char *request;
		enum mesh_lane lane;
		bool looks;
	} rows[] = {
		{ WITH_TOKEN("resolve", "\"kind\":\"gate.open\",\"state\":\"firing\""),
		    LANE_ALERT, true },
		{ WITH_TOKEN("state", "\"key\":\"door\",\"value\":{\"open\":true}"),
		    LANE_STATE, false },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct intent intent;
		uint8_t to;
		ck_assert_str_eq(ask(3, rows[i].request), "");
		if (rows[i].looks)
			fake_refuse(MESH_NOT_FOUND);
		ck_assert(intents_peek(fake.world.intents, &intent));
		ck_assert_int_eq(intent.lane, rows[i].lane);
		fake_appended(MESH_OK);
		ck_assert(strstr(next(&to), "\"op\":\"ok\"") != NULL);
	}
}
START_TEST(what_the_operation_refuses_is_an_error_with_its_words)
{
	uint8_t to;
	ck_assert_str_eq(
	    ask(3, WITH_TOKEN("raise", "\"ref\":4,\"text\":\"no kind\"")), "");
	ck_assert(strstr(next(&to),
		      "\"op\":\"error\",\"v\":1,\"ref\":4,\"reason\":\"") != NULL);
	ck_assert(strstr(said, "kind") != NULL);
	ck_assert_str_eq(
	    ask(3, WITH_TOKEN("state", "\"key\":\"a\",\"value\":1,\"colour\":2")), "");
	ck_assert(strstr(next(&to), "colour") != NULL);
	ck_assert_str_eq(ask(3, WITH_TOKEN("state", "\"key\":\"a\",\"value\":1")), "");
	fake_appended(MESH_IO);
	ck_assert(strstr(next(&to), "\"op\":\"error\"") != NULL);
}
START_TEST(without_the_token_nothing_is_done)
{
	static const char *const requests[] = {
		"{\"op\":\"raise\",\"kind\":\"a.b\"}",
		"{\"op\":\"raise\",\"token\":\"\",\"kind\":\"a.b\"}",
		"{\"op\":\"raise\",\"token\":\"0123456789abcdef0123456789abcdee\","
		"\"kind\":\"a.b\"}",
		"{\"op\":\"raise\",\"token\":\"" TOKEN "0\",\"kind\":\"a.b\"}",
		"{\"op\":\"raise\",\"token\":7,\"kind\":\"a.b\"}",
	};
	for (size_t i = 0; i < LENGTH(requests); i++)
		ck_assert(strstr(ask(3, requests[i]), "\"reason\":\"token: ") != NULL);
	ck_assert_uint_eq(
	    app_leases_counter(leases, COUNT_APPS_DENIED), LENGTH(requests));
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
	ck_assert_uint_eq(calls_count(fake.calls), 0);
}
START_TEST(one_program_may_do_so_much_a_second)
{
	unsigned refused = 0;
	uint8_t to;
	for (unsigned n = 0; n < 2 * APP_ACTIONS_RATE; n++) {
		refused += strstr(ask(3, WITH_TOKEN("raise", "\"text\":\"\"")),
			       "too fast") != NULL;
		while (next(&to) != NULL)
			continue;
	}
	ck_assert_uint_eq(refused, APP_ACTIONS_RATE);
	ck_assert_uint_eq(
	    app_leases_counter(leases, COUNT_APPS_TOO_FAST), APP_ACTIONS_RATE);
	ck_assert_msg(
	    strstr(ask(4, WITH_TOKEN("raise", "\"text\":\"\"")), "too fast") == NULL,
	    "another one may");
	now_ms += 1000;
	ck_assert(
	    strstr(ask(3, WITH_TOKEN("raise", "\"text\":\"\"")), "too fast") == NULL);
}
START_TEST(more_at_once_than_there_is_room_for_is_refused)
{
	unsigned busy = 0;
	for (uint8_t n = 0; n < 2 * APP_ACTIONS; n++)
		busy += strstr(ask(n, WITH_TOKEN("state", "\"key\":\"a\",\"value\":1")),
			    "busy") != NULL;
	ck_assert_uint_ge(busy, APP_ACTIONS);
	ck_assert_uint_eq(app_leases_counter(leases, COUNT_APPS_BUSY), busy);
}
START_TEST(who_may_only_look_leaves_room_for_those_who_act)
{
	unsigned looks = 0, busy = 0;
	for (uint8_t n = 0; n < 2 * APP_ACTIONS; n++)
		looks += ask(n, "{\"op\":\"get\",\"id\":\"00ff00ff00ff00ff\"}")[0] ==
		    '\0';
	ck_assert_uint_eq(looks, APP_ACTIONS_OPEN);
	for (uint8_t n = 0; n < APP_ACTIONS - APP_ACTIONS_OPEN; n++)
		busy += strstr(ask(n, WITH_TOKEN("state", "\"key\":\"a\",\"value\":1")),
			    "busy") != NULL;
	ck_assert_uint_eq(busy, 0);
}
START_TEST(a_thousand_numbers_are_taken_and_more_bytes_are_not)
{
	static char request[APP_ACTION_BYTES + 64];
	struct bytes_out o = bytes_out(request, sizeof request);
	text_put(&o,
	    "{\"op\":\"add\",\"token\":\"" TOKEN
	    "\",\"hash\":\"ab\",\"type\":\"t\",\"embedding\":[1");
	for (unsigned i = 1; i < 1000; i++)
		text_put(&o, ",0.25");
	text_put(&o, "]}");
	ck_assert_str_eq(ask(3, text_end(&o)), "");
	memset(request + o.len - 1, ' ', sizeof request - o.len);
	request[APP_ACTION_BYTES + 1] = '}';
	request[APP_ACTION_BYTES + 2] = '\0';
	ck_assert(ask(3, request) == NULL);
}
START_TEST(one_thing_by_its_id_needs_no_token)
{
	uint8_t to;
	ck_assert_str_eq(
	    ask(3, "{\"op\":\"get\",\"ref\":2,\"id\":\"00ff00ff00ff00ff\"}"), "");
	ck_assert_str_eq(fake.asked_id, "00ff00ff00ff00ff");
	fake_answer("{\"kind\":\"gate.open\"}", 1, "");
	ck_assert(strstr(next(&to), "\"op\":\"ok\",\"v\":1,\"ref\":2") != NULL);
	ck_assert(strstr(said, "\"answer\":{\"schema\":\"meshd.alert/1\"") != NULL);
	ck_assert(strstr(said, "\"kind\":\"gate.open\"") != NULL);
	ck_assert_str_eq(
	    ask(3, "{\"op\":\"get\",\"topic\":\"peer\",\"id\":\"nobody\"}"), "");
	ck_assert(strstr(next(&to), "\"op\":\"error\"") != NULL);
	ck_assert_msg(
	    strstr(ask(3, "{\"op\":\"get\",\"topic\":\"search\",\"id\":\"1\"}"),
		"\"reason\":\"token: ") != NULL,
	    "what is searched for is not for everybody");
	ck_assert(strstr(ask(3, WITH_TOKEN("get", "\"topic\":\"search\",\"id\":\"1\"")),
		      "that search is over") != NULL);
	ck_assert(
	    ask(3, "{\"op\":\"get\",\"topic\":\"weather\",\"id\":\"1\"}") == NULL);
}
/* The text of a piece, unescaped into `to`. */
static size_t
text_of_piece(const char *piece, char *to)
{
	const char *at = strstr(piece, "\"text\":\"") + strlen("\"text\":\"");
	size_t len = 0;
	for (; *at != '"'; at++)
		to[len++] = *at == '\\' ? *++at == 'n' ? '\n' : *at : *at;
	return len;
}
START_TEST(what_no_datagram_holds_comes_in_pieces)
{
	static char value[3000], whole[4096], tag[32];
	uint8_t to;
	size_t got = 0, pieces = 0, total = 0;
	struct bytes_out o = bytes_out(value, sizeof value);
	text_put(&o, "{\"value\":\"");
	while (o.len < 2900)
		text_put(&o, pieces++ % 3 == 0 ? "\xc3\xa4" : "\\\"");
	text_put(&o, "\"}");
	text_end(&o);
	for (pieces = 0; got == 0 || got < total; pieces++) {
		char ask_for[128];
		snprintf(ask_for, sizeof ask_for,
		    "{\"op\":\"get\",\"topic\":\"state\",\"key\":\"k\",\"offset\":%zu}",
		    got);
		now_ms += 1000;
		ck_assert_str_eq(ask(3, ask_for), "");
		fake.world.now.unix_ms++; /* what is the same is the same later, too */
		fake_answer(value, 1, "");
		const char *piece = next(&to);
		ck_assert(piece != NULL && strstr(piece, "\"op\":\"ok\"") != NULL);
		total = strtoul(strstr(piece, "\"total\":") + 8, NULL, 10);
		const char *its = strstr(piece, "\"tag\":\"");
		if (got == 0)
			memcpy(tag, its, 24);
		ck_assert(memcmp(tag, its, 24) == 0);
		size_t len = text_of_piece(piece, whole + got);
		ck_assert(len > 0 && text_is_utf8(bytes_view(whole + got, len)));
		got += len;
	}
	ck_assert_uint_gt(pieces, 2);
	whole[got] = '\0';
	ck_assert(strstr(whole, "{\"schema\":\"meshd.state/1\"") == whole);
	value[o.len - 1] = '\0'; /* its brace is the whole's */
	ck_assert(strstr(whole, value + 1) != NULL);
	ck_assert_str_eq(
	    ask(3, "{\"op\":\"get\",\"topic\":\"state\",\"key\":\"k\",\"ref\":1}"), "");
	fake_answer(value, 1, "");
	ck_assert(strstr(next(&to), "pieces, from \\\"offset\\\":0") != NULL);
}
START_TEST(what_is_no_action_is_left_to_others)
{
	static const char *const requests[] = { "{\"op\":\"sub\"}", "{\"op\":\"ping\"}",
		"{\"op\":7}", "", "[", "{\"op\":\"join\",\"token\":\"" TOKEN "\"}",
		"{\"op\":\"ok\"}" };
	for (size_t i = 0; i < LENGTH(requests); i++)
		ck_assert_msg(ask(3, requests[i]) == NULL, "%s", requests[i]);
}
/* A search that our store answers and others have not. */
static void
search_with(const char *request)
{
	static const struct store_hit hit = { .hash_len = 1,
		.hash = { 0x5a },
		.type_len = 4,
		.type = "face",
		.score = 1 };
	fake.world.others.most = REPLICA_NOTHING;
	fake.peers[fake.peer_count++] = (struct mesh_peer){ .state = PEER_ALIVE };
	ck_assert_str_eq(ask(3, request), "");
	calls_outcome(fake.calls,
	    &(struct store_outcome){
		.token = fake.search_token, .page = fake_hits(&hit, 1, true) });
}

START_TEST(who_wants_it_hears_early_what_a_search_has_found)
{
	uint8_t to;
	search_with(WITH_TOKEN("search", "\"ref\":6,\"like\":[1,0],\"early\":true"));
	ck_assert_ptr_nonnull(next(&to));
	ck_assert_uint_eq(to, 3);
	ck_assert(strstr(said,
		      "{\"op\":\"hits\",\"v\":1,\"ref\":6,\"boot\":7,\"item\":"
		      "{\"partial\":true,") == said);
	ck_assert(strstr(said, "\"hits\":[{\"hash\":\"5a\",") != NULL);
	ck_assert(strstr(said, "\"complete\":{\"answered\":0,\"known\":2}}}") != NULL);
	ck_assert(next(&to) == NULL);
	calls_refused(fake.calls, fake.search_token, MESH_FULL);
	ck_assert(strstr(next(&to), "{\"op\":\"ok\",\"v\":1,\"ref\":6,") == said);
}
START_TEST(who_does_not_say_so_hears_the_answer_alone)
{
	uint8_t to;
	search_with(WITH_TOKEN("search", "\"ref\":6,\"like\":[1,0]"));
	ck_assert(next(&to) == NULL);
	calls_refused(fake.calls, fake.search_token, MESH_FULL);
	ck_assert(strstr(next(&to), "{\"op\":\"ok\",\"v\":1,\"ref\":6,") == said);
	ck_assert_str_eq(
	    ask(3, WITH_TOKEN("state", "\"key\":\"a\",\"value\":1,\"early\":true")),
	    "");
	ck_assert(strstr(next(&to), "early") != NULL); /* no word of that one */
}

CHECK_MODULE(app_actions, setup, an_action_is_answered_when_it_is_stored,
    each_word_leads_to_its_operation,
    what_the_operation_refuses_is_an_error_with_its_words,
    without_the_token_nothing_is_done, one_program_may_do_so_much_a_second,
    more_at_once_than_there_is_room_for_is_refused,
    who_may_only_look_leaves_room_for_those_who_act,
    a_thousand_numbers_are_taken_and_more_bytes_are_not,
    one_thing_by_its_id_needs_no_token, what_no_datagram_holds_comes_in_pieces,
    what_is_no_action_is_left_to_others,
    who_wants_it_hears_early_what_a_search_has_found,
    who_does_not_say_so_hears_the_answer_alone)
