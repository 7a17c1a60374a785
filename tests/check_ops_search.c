#include "check_mesh.h"
#include "entry.h"
#include "fake_world.h"
#include "feed.h"
#include "hearsay.h"
#include "hit.h"
#include "seek.h"
#include "text.h"
#include <jansson.h>

/* A search over sites as its asker sees it: here, elsewhere, and what is left out. */

static const char near_one[] = "{\"like\":[1,0],\"budget\":\"800ms\"}";

static void
setup(void)
{
	fake_start();
	for (uint8_t i = 0; i < 2; i++)
		fake.peers[fake.peer_count++] = (struct mesh_peer){ .state = PEER_ALIVE,
			.direct = true,
			.compared = true,
			.key = { { (uint8_t)(i + 7) } } };
}

static struct call *
begin(const char *body)
{
	return fake_call(OP_ENTRY_SEARCH, NULL, body);
}

static void
found_here(const struct store_hit *hits, size_t count, bool partial)
{
	calls_outcome(fake.calls,
	    &(struct store_outcome){
		.token = fake.search_token, .page = fake_hits(hits, count, partial) });
}

static struct store_hit
ours(uint8_t n, double score, const char *json)
{
	return (struct store_hit){ .origin = { { 1 } },
		.score = score,
		.hash_len = 1,
		.hash = { n },
		.type_len = 4,
		.type = "face",
		.json = text(json) };
}

static uint64_t
question(struct seek *out)
{
	static uint64_t block[512];
	static uint8_t kept[4096];
	struct arena lists = arena_init(block, sizeof block);
	struct intent i;
	ck_assert(intents_peek(fake.world.asks, &i));
	ck_assert(i.kind == INTENT_ASK && i.to_all);
	memcpy(kept, i.body.ptr, i.body.len);
	ck_assert_int_eq(
	    mesh_body_decode(&seek_table, bytes_view(kept, i.body.len), out, &lists),
	    MESH_OK);
	uint64_t token = i.token;
	intents_drop(fake.world.asks);
	return token;
}

static void
answered(
    uint64_t token, uint8_t site, const struct seek_hit *hits, size_t count, bool more)
{
	uint8_t room[1024];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct seek_answer a = { .has = 7, .hits = { hits, count }, .more = more };
	ck_assert_int_eq(mesh_body_encode(&seek_answer_table, &a, &out), MESH_OK);
	calls_event(fake.calls,
	    &(struct mesh_event){ .kind = MESH_ANSWER,
		.ticket = token,
		.site = { { site } },
		.body = bytes_written(&out) });
}

static void
over(uint64_t token, uint32_t known, uint32_t count)
{
	calls_event(fake.calls,
	    &(struct mesh_event){ .kind = MESH_ANSWERED,
		.ticket = token,
		.known = known,
		.answered = count });
}

static json_t *
answer_of(struct call *call)
{
	ck_assert(call_is_done(call));
	json_t *json = json_loads(fake_text(call), JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(json != NULL, "%s", fake_text(call));
	call_end(call);
	return json;
}

static void
is_complete(json_t *json, json_int_t count, json_int_t known)
{
	json_t *complete = json_object_get(json, "complete");
	ck_assert_int_eq(
	    json_integer_value(json_object_get(complete, "answered")), count);
	ck_assert_int_eq(json_integer_value(json_object_get(complete, "known")), known);
	ck_assert(json_object_get(json, "took_ms") != NULL);
}

static const char *
hash_at(json_t *json, size_t i)
{
	json_t *item = json_array_get(json_object_get(json, "items"), i);
	const char *hash = json_string_value(json_object_get(item, "hash"));
	return hash != NULL ? hash : "";
}

START_TEST(where_all_agree_only_this_site_is_searched)
{
	struct store_hit hits[] = { ours(1, 0.9, "{\"hash\":\"01\"}"),
		ours(2, 0.5, "{\"hash\":\"02\"}") };
	struct call *call = begin(near_one);
	ck_assert_uint_eq(intents_count(fake.world.asks), 0);
	ck_assert(fake.searched.top == 10 && fake.searched.dtype == ENTRY_F32);
	found_here(hits, 2, false);
	json_t *json = answer_of(call);
	ck_assert_str_eq(hash_at(json, 0), "01");
	ck_assert_str_eq(hash_at(json, 1), "02");
	is_complete(json, 3, 3);
	json_decref(json);
	ck_assert_uint_eq(fake.pages, 0);
}

/* Program 0 has been told the question. */
static void
listened(struct hearsay *h)
{
	hearsay_told(h, feed_newest(fake.feed), 0);
	(void)hearsay_offered(h, fake.world.now.ms);
}

START_TEST(what_programs_say_is_merged_and_no_site_is_counted_for_it)
{
	struct store_hit hits[] = { ours(1, 0.9, "{\"hash\":\"01\"}") };
	struct seek_hit said = {
		.hash = bytes_view("\xab\xcd", 2), .type = text("face"), .score = 0.95
	};
	struct list_view list = { &said, 1 };
	struct hearsay *h = hearsay_new(fake.feed, &fake.world.self);
	fake.world.feed = fake.feed;
	fake.world.hearsay = h;
	hearsay_listeners(h, 1);
	struct call *call = begin(near_one);
	listened(h);
	found_here(hits, 1, false);
	calls_tick(fake.calls, fake.world.now.ms);
	ck_assert_msg(!call_is_done(call), "a program is waited for");
	ck_assert_uint_eq(calls_deadline(fake.calls), hearsay_ends(h, 1));
	ck_assert_ptr_null(hearsay_tell(h, 1, 0, &list, fake.world.now.ms));
	calls_tick(fake.calls, fake.world.now.ms);
	fake_refuse(MESH_NOT_FOUND); /* no entry of that hash is here */
	json_t *json = answer_of(call);
	ck_assert_str_eq(hash_at(json, 0), "abcd");
	ck_assert_str_eq(hash_at(json, 1), "01");
	is_complete(json, 3, 3);
	json_decref(json);
	fake.world.hearsay = NULL;
	hearsay_free(h);
}

START_TEST(a_search_of_what_this_site_holds_asks_no_program)
{
	struct feed_reader r = { .topics = FEED_ASKED, .stages = FEED_HEARD };
	struct feed_item item;
	struct hearsay *h = hearsay_new(fake.feed, &fake.world.self);
	fake.world.hearsay = h;
	hearsay_listeners(h, 1);
	feed_join(fake.feed, &r);
	struct call *call = begin("{\"like\":[1,0],\"local\":true}");
	found_here(NULL, 0, false);
	ck_assert(!feed_next(fake.feed, &r, &item));
	json_t *json = answer_of(call);
	json_decref(json);
	fake.world.hearsay = NULL;
	hearsay_free(h);
}

/* A time that has come and is still the next one would be waited for without rest. */
START_TEST(when_the_programs_time_is_over_only_the_others_is_waited_for)
{
	struct hearsay *h = hearsay_new(fake.feed, &fake.world.self);
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	fake.world.hearsay = h;
	hearsay_listeners(h, 1);
	struct call *call = begin(near_one);
	mesh_time_ms ends = fake.world.now.ms + 800;
	listened(h);
	(void)question(&asked);
	found_here(NULL, 0, false);
	fake.world.now.ms = hearsay_ends(h, 1);
	calls_tick(fake.calls, fake.world.now.ms);
	ck_assert_msg(!call_is_done(call), "a site is waited for");
	ck_assert_uint_eq(calls_deadline(fake.calls), ends);
	fake.world.now.ms = ends;
	calls_tick(fake.calls, fake.world.now.ms);
	json_t *json = answer_of(call);
	is_complete(json, 1, 3);
	json_decref(json);
	fake.world.hearsay = NULL;
	hearsay_free(h);
}

START_TEST(what_others_found_is_merged_and_looked_up_here)
{
	struct store_hit hits[] = { ours(1, 0.9, "{\"hash\":\"01\"}") };
	struct seek_hit theirs[] = {
		{ bytes_view("\x05", 1), { { 7 } }, text("face"), 0.95 },
		{ bytes_view("\x01", 1), { { 1 } }, text("face"), 0.9 },
	};
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	struct call *call = begin(near_one);
	uint64_t token = question(&asked);
	ck_assert(asked.dim == 2 && asked.top == 10);
	answered(token, 7, theirs, 2, false);
	found_here(hits, 1, false);
	ck_assert(!call_is_done(call));
	over(token, 2, 1);
	ck_assert(key_equal(&fake.found_at.origin, &theirs[0].origin));
	fake_refuse(MESH_NOT_FOUND);
	json_t *json = answer_of(call);
	ck_assert_str_eq(hash_at(json, 0), "05");
	ck_assert_str_eq(hash_at(json, 1), "01");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "items")), 2);
	is_complete(json, 2, 3);
	json_decref(json);
	ck_assert_uint_eq(fake.pages, 0);
}

START_TEST(what_each_site_finds_is_told_as_it_comes)
{
	struct store_hit hits[] = { ours(1, 0.9, "{}") };
	struct seek_hit theirs[] = {
		{ bytes_view("\x05", 1), { { 7 } }, text("face"), 0.95 },
	};
	struct feed_reader r = { .topics = FEED_SEARCH, .stages = FEED_HEARD };
	struct feed_item item;
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	fake.world.feed = fake.feed;
	feed_join(fake.feed, &r);
	struct call *call = begin("{\"like\":[1,0],\"ref\":\"mine\"}");
	uint64_t token = question(&asked);
	ck_assert(!feed_next(fake.feed, &r, &item));
	answered(token, 7, theirs, 1, false);
	ck_assert(feed_next(fake.feed, &r, &item));
	const struct hit_news *news = item.object;
	const struct hit *first = news->hits.items;
	ck_assert(news->hits.count == 1 && first->score > 0.94);
	ck_assert(text_is(news->ref, "mine"));
	found_here(hits, 1, false);
	ck_assert(feed_next(fake.feed, &r, &item));
	ck_assert(!call_is_done(call));
	call_end(call);
}

START_TEST(a_site_with_more_that_may_matter_is_asked_again_alone)
{
	struct seek_hit first = { bytes_view("\x05", 1), { { 7 } }, text("face"),
		0.95 };
	struct seek_hit second = { bytes_view("\x06", 1), { { 7 } }, text("face"),
		0.7 };
	struct seek asked;
	uint8_t oid[SEEK_OID];
	struct mesh_key site = { { 7 } };
	fake.world.others.most = REPLICA_NOTHING;
	struct call *call = begin(near_one);
	found_here(NULL, 0, false);
	uint64_t token = question(&asked);
	answered(token, 7, &first, 1, true);
	over(token, 2, 1);
	ck_assert(!call_is_done(call));
	token = question(&asked);
	seek_oid(&site, oid);
	ck_assert_uint_eq(asked.only.count, 1);
	ck_assert(seek_means(&asked, &site));
	ck_assert(asked.after.score > 0.94 && asked.after.hash.ptr[0] == 5);
	answered(token, 7, &second, 1, false);
	over(token, 2, 2);
	fake_refuse(MESH_NOT_FOUND);
	fake_refuse(MESH_NOT_FOUND);
	json_t *json = answer_of(call);
	ck_assert_str_eq(hash_at(json, 1), "06");
	is_complete(json, 2, 3);
	json_decref(json);
}

START_TEST(at_the_end_of_the_budget_there_is_what_there_is)
{
	struct store_hit hits[] = { ours(1, 0.9, "{\"hash\":\"01\"}") };
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	struct call *call = begin(near_one);
	(void)question(&asked);
	calls_tick(fake.calls, fake.world.now.ms + 800);
	ck_assert(!call_is_done(call) && fake.hurries == 1);
	found_here(hits, 1, true);
	json_t *json = answer_of(call);
	ck_assert_str_eq(hash_at(json, 0), "01");
	is_complete(json, 0, 3);
	json_decref(json);
}

START_TEST(what_was_not_followed_to_its_end_is_no_answer)
{
	struct seek_hit first = { bytes_view("\x05", 1), { { 7 } }, text("face"),
		0.95 };
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	struct call *call = begin(near_one);
	found_here(NULL, 0, false);
	uint64_t token = question(&asked);
	answered(token, 7, &first, 1, true);
	answered(token, 8, &first, 1, true);
	over(token, 2, 2);
	token = question(&asked);
	calls_tick(fake.calls, fake.world.now.ms + 800);
	over(token, 2, 0);
	fake_refuse(MESH_NOT_FOUND);
	json_t *json = answer_of(call);
	is_complete(json, 1, 3);
	json_decref(json);
}

START_TEST(a_client_that_goes_away_leaves_nothing_behind)
{
	fake.world.others.most = REPLICA_NOTHING;
	struct call *call = begin(near_one);
	found_here(NULL, 0, false);
	call_end(call);
	ck_assert_uint_eq(fake.pages, 0);
}

START_TEST(a_search_without_numbers_is_a_list)
{
	struct call *call = begin("{\"type\":\"face\",\"top\":3}");
	ck_assert(fake.asked.noun == STORE_ENTRIES && fake.asked.limit == 3);
	fake_answer("{\"hash\":\"ab\"}", 1, "");
	json_t *json = answer_of(call);
	is_complete(json, 3, 3);
	json_decref(json);
}

/* An index lacks embeddings alone; who keeps some types lacks the others. */
START_TEST(whom_a_search_asks_follows_from_what_is_kept_here)
{
	static const struct {
		enum replica_part most;
		const char *types, *body;
		bool asks; /* or, of a list, says that others may have more */
	} cases[] = {
		{ REPLICA_WHOLE, "", "{\"like\":[1,0]}", false },
		{ REPLICA_INDEX, "", "{\"like\":[1,0]}", true },
		{ REPLICA_WHOLE, "face", "{\"like\":[1,0]}", true },
		{ REPLICA_WHOLE, "face", "{\"like\":[1,0],\"type\":\"cat\"}", true },
		{ REPLICA_WHOLE, "face", "{\"like\":[1,0],\"type\":\"face\"}", false },
		{ REPLICA_INDEX, "face", "{\"like\":[1,0],\"type\":\"face\"}", true },
		{ REPLICA_INDEX, "", "{\"type\":\"face\"}", false },
		{ REPLICA_INDEX, "face", "{\"type\":\"face\"}", false },
		{ REPLICA_INDEX, "face", "{\"type\":\"cat\"}", true },
		{ REPLICA_INDEX, "face", "{\"top\":3}", true },
		{ REPLICA_NOTHING, "", "{\"type\":\"face\"}", true },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct seek asked;
		bool like = strstr(cases[i].body, "like") != NULL;
		fake.world.others = replica_of(cases[i].most, text(cases[i].types));
		struct call *call = begin(cases[i].body);
		if (!like)
			fake_answer("", 0, "");
		else
			found_here(NULL, 0, false);
		if (like && cases[i].asks)
			over(question(&asked), 2, 0);
		json_t *json = answer_of(call);
		is_complete(json, cases[i].asks ? 1 : 3, 3); /* nobody answered */
		json_decref(json);
	}
}

START_TEST(a_threshold_of_zero_is_one)
{
	static const struct {
		const char *body;
		double least;
	} cases[] = {
		{ "{\"like\":[1]}", -1 },
		{ "{\"like\":[1],\"threshold\":0}", 0 },
		{ "{\"like\":[1],\"threshold\":-0.5}", -0.5 },
		{ "{\"like\":[1],\"threshold\":1}", 1 },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct call *call = begin(cases[i].body);
		ck_assert_double_eq(fake.searched.least, cases[i].least);
		call_end(call);
	}
}

START_TEST(what_is_wrong_with_a_search_is_said)
{
	static const struct {
		const char *body, *word;
	} cases[] = {
		{ "{\"like\":[1,\"x\"]}", "number 1" },
		{ "{\"like\":[]}", "like" },
		{ "{\"like\":[1],\"dtype\":\"f64\"}", "dtype" },
		{ "{\"like\":[1],\"top\":65}", "top" },
		{ "{\"like\":[1],\"top\":0}", "whole number from 1 to 64" },
		{ "{\"top\":0}", "whole number from 1 to 64" },
		{ "{\"like\":[1],\"threshold\":2}", "number from -1 to 1" },
		{ "{\"like\":[1],\"threshold\":-1.5}", "number from -1 to 1" },
		{ "{\"like\":[1],\"top\":1.5}", "whole number from 1 to 64" },
		{ "{\"threshold\":2}", "number from -1 to 1" },
		{ "{\"like\":[1],\"budget\":\"2h\"}", "budget" },
		{ "{\"like\":[1],\"type\":\"a\\\"b\"}", "type" },
		{ "{\"like\":[1],\"filter\":\"nonsense\"}", "filter" },
		{ "{\"like\":[1],\"site\":\"nobody\"}", "nobody" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct call *call = begin(cases[i].body);
		ck_assert(call_is_done(call));
		ck_assert_msg(call_answer(call)->status >= 400 &&
			strstr(fake_text(call), cases[i].word) != NULL,
		    "%s: %s", cases[i].body, fake_text(call));
		call_end(call);
	}
	ck_assert_uint_eq(fake.searches, 0);
}

CHECK_MODULE(ops_search, setup, where_all_agree_only_this_site_is_searched,
    what_programs_say_is_merged_and_no_site_is_counted_for_it,
    a_search_of_what_this_site_holds_asks_no_program,
    when_the_programs_time_is_over_only_the_others_is_waited_for,
    what_others_found_is_merged_and_looked_up_here,
    what_each_site_finds_is_told_as_it_comes,
    a_site_with_more_that_may_matter_is_asked_again_alone,
    at_the_end_of_the_budget_there_is_what_there_is,
    what_was_not_followed_to_its_end_is_no_answer,
    a_client_that_goes_away_leaves_nothing_behind, a_search_without_numbers_is_a_list,
    whom_a_search_asks_follows_from_what_is_kept_here, a_threshold_of_zero_is_one,
    what_is_wrong_with_a_search_is_said)
