#include "check_mesh.h"
#include "entry.h"
#include "fake_world.h"
#include "feed.h"
#include "hearsay.h"
#include "hit.h"
#include "seek.h"
#include "text.h"
#include "tree.h"
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

/* Where others hold what this site does not. */
static struct call *
begin_lacking(const char *body)
{
	fake.world.others.most = REPLICA_NOTHING;
	return begin(body);
}

/* Program 0 answers searches. */
static struct hearsay *
one_program(void)
{
	struct hearsay *h = hearsay_new(fake.feed, &fake.world.self);
	fake.world.hearsay = h;
	hearsay_listeners(h, 1);
	return h;
}

static void
no_program(struct hearsay *h)
{
	fake.world.hearsay = NULL;
	hearsay_free(h);
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
	uint8_t room[8192];
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

static void
pass(mesh_time_ms ms)
{
	fake.world.now.ms += ms;
	calls_tick(fake.calls, fake.world.now.ms);
}

static json_t *
answer_of(struct call *call)
{
	ck_assert(call_is_done(call));
	json_t *json = json_loads(
	    fake_text(call), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
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
	struct hearsay *h = one_program();
	fake.world.feed = fake.feed;
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
	no_program(h);
}

START_TEST(a_search_of_what_this_site_holds_asks_no_program)
{
	struct feed_reader r = { .topics = FEED_ASKED, .stages = FEED_HEARD };
	struct feed_item item;
	struct hearsay *h = one_program();
	feed_join(fake.feed, &r);
	struct call *call = begin("{\"like\":[1,0],\"local\":true}");
	found_here(NULL, 0, false);
	ck_assert(!feed_next(fake.feed, &r, &item));
	json_t *json = answer_of(call);
	json_decref(json);
	no_program(h);
}

/* A time that has come and is still the next one would be waited for without rest. */
START_TEST(when_the_programs_time_is_over_only_the_others_is_waited_for)
{
	struct hearsay *h = one_program();
	struct seek asked;
	struct call *call = begin_lacking(near_one);
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
	no_program(h);
}

START_TEST(what_others_found_is_merged_and_looked_up_here)
{
	struct store_hit hits[] = { ours(1, 0.9, "{\"hash\":\"01\"}") };
	struct seek_hit theirs[] = {
		{ bytes_view("\x05", 1), { { 7 } }, text("face"), 0.95, { NULL, 0 } },
		{ bytes_view("\x01", 1), { { 1 } }, text("face"), 0.9, { NULL, 0 } },
	};
	struct seek asked;
	struct call *call = begin_lacking(near_one);
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
		{ bytes_view("\x05", 1), { { 7 } }, text("face"), 0.95, { NULL, 0 } },
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

/* Each line, once. */
static json_t *
early(struct call *call)
{
	struct text_view said = call_early(call);
	const char *end = said.len > 0 ? memchr(said.ptr, '\n', said.len) : NULL;
	if (end == NULL)
		return NULL;
	json_t *line = json_loadb(said.ptr, (size_t)(end - said.ptr), 0, NULL);
	call_early_took(call, (size_t)(end - said.ptr) + 1);
	return line;
}

START_TEST(who_asked_hears_early_who_has_answered_and_what)
{
	struct seek_hit theirs[] = {
		{ bytes_view("\x05", 1), { { 7 } }, text("face"), 0.95, { NULL, 0 } },
	};
	struct store_hit hits[] = { ours(1, 0.9, "{}") };
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	struct call_request q = { .op = &op_table[OP_ENTRY_SEARCH],
		.body = text("{\"like\":[1,0]}"),
		.audience = AUDIENCE_VIEWER,
		.early = true };
	struct call *call = call_begin(fake.calls, &q);
	uint64_t token = question(&asked);
	ck_assert_ptr_null(early(call));
	answered(token, 7, theirs, 1, false);
	answered(token, 8, NULL, 0, false);
	found_here(hits, 1, false);
	for (json_int_t i = 1; i <= 3; i++) {
		json_t *line = early(call);
		json_t *complete = json_object_get(line, "complete");
		ck_assert(json_is_true(json_object_get(line, "partial")));
		ck_assert_int_eq(
		    json_integer_value(json_object_get(complete, "answered")), i);
		ck_assert_int_eq(
		    json_integer_value(json_object_get(complete, "known")), 3);
		ck_assert_uint_eq(
		    json_array_size(json_object_get(line, "hits")), i != 2);
		json_decref(line);
	}
	ck_assert(early(call) == NULL && !call_is_done(call));
	call_end(call);
}

/* Nobody reads: what is more than there is room for is left out, the answer is whole.
 */
START_TEST(what_is_told_early_has_bounds)
{
	struct seek_hit all[64];
	struct seek asked;
	static uint8_t names[64][64];
	fake.world.others.most = REPLICA_NOTHING;
	struct call_request q = { .op = &op_table[OP_ENTRY_SEARCH],
		.body = text("{\"like\":[1,0],\"top\":64}"),
		.audience = AUDIENCE_OPERATOR,
		.early = true };
	struct call *call = call_begin(fake.calls, &q);
	uint64_t token = question(&asked);
	for (size_t i = 0; i < LENGTH(all); i++) {
		names[i][0] = (uint8_t)i;
		all[i] = (struct seek_hit){ bytes_view(names[i], 8), { { 7 } },
			text("face"), 0.5, { NULL, 0 } };
	}
	for (int i = 0; i < 40; i++)
		answered(token, 7, all, LENGTH(all), false);
	ck_assert_uint_le(call_early(call).len, CALL_EARLY);
	ck_assert_uint_gt(call_early(call).len, CALL_EARLY / 2);
	size_t lines = 0;
	for (json_t *line; (line = early(call)) != NULL; lines++)
		json_decref(line);
	ck_assert(lines > 3 && lines < 40 && call_early(call).len == 0);
	call_end(call);
}

START_TEST(a_site_with_more_that_may_matter_is_asked_again_alone)
{
	struct seek_hit first = { bytes_view("\x05", 1), { { 7 } }, text("face"), 0.95,
		{ NULL, 0 } };
	struct seek_hit second = { bytes_view("\x06", 1), { { 7 } }, text("face"), 0.7,
		{ NULL, 0 } };
	struct seek asked;
	uint8_t oid[SEEK_OID];
	struct mesh_key site = { { 7 } };
	struct call *call = begin_lacking(near_one);
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
	struct call *call = begin_lacking(near_one);
	(void)question(&asked);
	pass(800);
	ck_assert(!call_is_done(call) && fake.hurries == 1);
	found_here(hits, 1, true);
	json_t *json = answer_of(call);
	ck_assert_str_eq(hash_at(json, 0), "01");
	is_complete(json, 0, 3);
	json_decref(json);
}

START_TEST(what_was_not_followed_to_its_end_is_no_answer)
{
	struct seek_hit first = { bytes_view("\x05", 1), { { 7 } }, text("face"), 0.95,
		{ NULL, 0 } };
	struct seek asked;
	struct call *call = begin_lacking(near_one);
	found_here(NULL, 0, false);
	uint64_t token = question(&asked);
	answered(token, 7, &first, 1, true);
	answered(token, 8, &first, 1, true);
	over(token, 2, 2);
	token = question(&asked);
	pass(800);
	over(token, 2, 0);
	fake_refuse(MESH_NOT_FOUND);
	json_t *json = answer_of(call);
	is_complete(json, 1, 3);
	json_decref(json);
}

START_TEST(a_client_that_goes_away_leaves_nothing_behind)
{
	struct call *call = begin_lacking(near_one);
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
		bool asks, whole;
	} cases[] = {
		{ REPLICA_WHOLE, "", "{\"like\":[1,0]}", false, false },
		{ REPLICA_INDEX, "", "{\"like\":[1,0]}", true, false },
		{ REPLICA_WHOLE, "face", "{\"like\":[1,0]}", true, true },
		{ REPLICA_WHOLE, "face", "{\"like\":[1,0],\"type\":\"cat\"}", true,
		    true },
		{ REPLICA_WHOLE, "face", "{\"like\":[1,0],\"type\":\"face\"}", false,
		    false },
		{ REPLICA_INDEX, "face", "{\"like\":[1,0],\"type\":\"face\"}", true,
		    false },
		{ REPLICA_INDEX, "", "{\"type\":\"face\"}", false, false },
		{ REPLICA_INDEX, "face", "{\"type\":\"face\"}", false, false },
		{ REPLICA_INDEX, "face", "{\"type\":\"cat\"}", true, true },
		{ REPLICA_INDEX, "face", "{\"top\":3}", true, true },
		{ REPLICA_INDEX, "face", "{\"top\":3,\"local\":true}", false, false },
		{ REPLICA_NOTHING, "", "{\"type\":\"face\"}", true, true },
		{ REPLICA_NOTHING, "", "{\"hash\":\"ab\"}", true, true },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct seek asked = { .whole = false };
		fake.world.others = replica_of(cases[i].most, text(cases[i].types));
		fake.searches = 0;
		struct call *call = begin(cases[i].body);
		bool list = strstr(cases[i].body, "like") == NULL;
		if (fake.searches == 0)
			fake_answer("", 0, "");
		else
			found_here(NULL, 0, false);
		ck_assert_uint_eq(intents_count(fake.world.asks), cases[i].asks);
		if (cases[i].asks)
			over(question(&asked), 2, 0);
		ck_assert(asked.whole == cases[i].whole);
		ck_assert(!cases[i].asks || (asked.kind == SEEK_LIST) == list);
		json_t *json = answer_of(call);
		if (strstr(cases[i].body, "local") == NULL)
			is_complete(
			    json, cases[i].asks ? 1 : 3, 3); /* nobody answered */
		json_decref(json);
	}
}

/* --- what others hold, as if it were here --- */

static uint8_t meta_room[ENTRY_META_BYTES + 8];

/* The metadata of an entry, encoded: {"who": `letters` times x}. */
static struct bytes_view
metadata(size_t letters)
{
	static char word[ENTRY_META_BYTES];
	struct bytes_out out = bytes_out(meta_room, sizeof meta_room);
	memset(word, 'x', sizeof word);
	struct tree_item items[] = { { .kind = TREE_MAP, .span = 2 },
		{ .name = text("who"),
		    .kind = TREE_TEXT,
		    .span = 1,
		    .as.text = { word, letters } } };
	struct entry_meta alone = { { items, LENGTH(items) } };
	ck_assert_int_eq(mesh_body_encode(&entry_meta_table, &alone, &out), MESH_OK);
	return bytes_written(&out);
}

static struct seek_said
said(struct bytes_view all, size_t from, size_t len, uint64_t seq)
{
	return (struct seek_said){ .has = UINT64_MAX & ~(1U << SEEK_SAID_EXPIRES),
		.epoch = 4,
		.seq = seq,
		.time_ms = 1234,
		.dtype = ENTRY_I8,
		.dim = 7,
		.metadata = bytes_view(all.ptr + from, len),
		.bytes = (uint32_t)all.len };
}

static struct seek_hit
theirs(uint8_t n, uint8_t origin, const struct seek_said *what)
{
	static uint8_t names[256];
	names[n] = n;
	return (struct seek_hit){ bytes_view(&names[n], 1), { { origin } },
		text("face"), 0.5, { what, what != NULL } };
}

/* The question for one site; its token. */
static uint64_t
order(struct seek *out, uint8_t site)
{
	static uint64_t block[512];
	static uint8_t kept[512];
	struct arena lists = arena_init(block, sizeof block);
	struct intent i;
	ck_assert(intents_peek(fake.world.asks, &i));
	ck_assert(i.kind == INTENT_ASK && !i.to_all && i.to.bytes[0] == site);
	memcpy(kept, i.body.ptr, i.body.len);
	ck_assert_int_eq(
	    mesh_body_decode(&seek_table, bytes_view(kept, i.body.len), out, &lists),
	    MESH_OK);
	uint64_t token = i.token;
	intents_drop(fake.world.asks);
	return token;
}

static json_t *
item_at(json_t *json, size_t i)
{
	return json_array_get(json_object_get(json, "items"), i);
}

START_TEST(a_list_of_what_others_hold_says_all_that_a_list_of_ours_would)
{
	struct bytes_view meta = metadata(5);
	struct seek_said what = said(meta, 0, meta.len, 9);
	struct seek_hit hits[] = { theirs(2, 7, &what), theirs(5, 7, &what) };
	struct store_hit here = ours(3, 0, "{\"hash\":\"03\"}");
	struct seek asked;
	struct call *call = begin_lacking("{\"filter\":\"metadata.who~\\\"x*\\\"\"}");
	ck_assert(fake.searched.list && !fake.searched.told);
	uint64_t token = question(&asked);
	ck_assert(asked.kind == SEEK_LIST && asked.filter.len > 0);
	answered(token, 8, hits, 2, false);
	found_here(&here, 1, false);
	over(token, 2, 1);
	json_t
	    *json = answer_of(call),
	    *wanted = json_loads(
		"{\"hash\":\"02\",\"type\":\"face\",\"dtype\":\"i8\",\"dim\":7,"
		"\"metadata\":{\"who\":\"xxxxx\"},\"version\":{\"epoch\":4,\"seq\":9},"
		"\"time_ms\":1234}",
		0, NULL);
	json_object_del(item_at(json, 0), "site");
	ck_assert_msg(json_equal(item_at(json, 0), wanted), "%s",
	    json_dumps(item_at(json, 0), JSON_COMPACT));
	ck_assert_str_eq(hash_at(json, 1), "03");
	ck_assert_str_eq(hash_at(json, 2), "05");
	is_complete(json, 2, 3);
	json_decref(wanted);
	json_decref(json);
}

/* Asked of the site that told of it, until all of it is here. */
START_TEST(metadata_that_came_cut_is_fetched_to_its_end)
{
	struct bytes_view meta = metadata(2000);
	struct seek_said what = said(meta, 0, 700, 9);
	struct seek_hit hit = theirs(2, 7, &what);
	struct seek asked;
	struct call *call = begin_lacking("{\"hash\":\"02\"}");
	uint64_t token = question(&asked);
	answered(token, 8, &hit, 1, false);
	found_here(NULL, 0, false);
	over(token, 2, 2);
	for (size_t from = 700; from < meta.len; from += 700) {
		size_t len = meta.len - from < 700 ? meta.len - from : 700;
		token = order(&asked, 8);
		ck_assert(asked.kind == SEEK_LIST && asked.rest == from);
		ck_assert(asked.hash.len == 1 && asked.origin.bytes[0] == 7);
		what = said(meta, from, len, 9);
		answered(token, 8, &hit, 1, false);
		over(token, 1, 1);
	}
	json_t *json = answer_of(call);
	json_t *who = json_object_get(
	    json_object_get(item_at(json, 0), "metadata"), "who");
	ck_assert_uint_eq(json_string_length(who), 2000);
	is_complete(json, 2, 3);
	json_decref(json);
}

/* So many of the one that was asked did, or the time runs out before that. */
static void
end_round(uint64_t token, bool late, uint32_t did)
{
	if (!late) {
		over(token, 1, did);
		return;
	}
	pass(800);
}

/* Shown as far as it came, and its site has not answered. */
START_TEST(metadata_whose_rest_is_not_to_be_had_is_left_out_and_that_is_counted)
{
	enum {
		SILENT,
		LATE,
		CHANGED,
		TOO_LONG,
		FAR_TOO_LONG,
		NOTHING,
		OTHER,
		UNREADABLE,
		CASES
	};
	for (int how = SILENT; how < CASES; how++) {
		setup();
		struct bytes_view meta = metadata(2000);
		if (how == UNREADABLE)
			meta_room[0] = 0xc1;
		struct seek_said what = said(meta, 0, 700, 9);
		struct seek_hit hit = theirs(2, 7, &what), other = theirs(3, 7, &what);
		struct seek asked;
		struct call *call = begin_lacking(
		    "{\"type\":\"face\",\"budget\":\"800ms\"}");
		uint64_t token = question(&asked);
		answered(token, 8, &hit, 1, false);
		answered(token, 7, NULL, 0, false);
		found_here(NULL, 0, false);
		over(token, 2, 2);
		token = order(&asked, 8);
		what = said(meta, 700, how == TOO_LONG ? meta.len - 600 : 700,
		    how == CHANGED ? 10 : 9);
		if (how == UNREADABLE)
			what.metadata.len = meta.len - 700;
		if (how == NOTHING)
			what.metadata.len = 0;
		if (how == FAR_TOO_LONG) /* than there is room for */
			what.metadata = bytes_view(meta_room, sizeof meta_room);
		if (how != SILENT && how != LATE)
			answered(token, 8, how == OTHER ? &other : &hit, 1, false);
		end_round(token, how == LATE, how != SILENT);
		json_t *json = answer_of(call);
		ck_assert_str_eq(hash_at(json, 0), "02");
		ck_assert_ptr_null(json_object_get(item_at(json, 0), "metadata"));
		is_complete(json, 2, 3);
		json_decref(json);
	}
}

/* A good answer of which some bytes are others. */
static void
answered_badly(uint64_t token, const struct seek_hit *hits, size_t count)
{
	uint8_t room[4096];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct seek_answer a = {
		.has = 7, .hits = { hits, count }, .more = rng_u32() % 2
	};
	ck_assert_int_eq(mesh_body_encode(&seek_answer_table, &a, &out), MESH_OK);
	for (uint32_t n = rng_u32() % 4; n > 0; n--)
		room[rng_u32() % out.len] = (uint8_t)rng_u32();
	calls_event(fake.calls,
	    &(struct mesh_event){ .kind = MESH_ANSWER,
		.ticket = token,
		.site = { { (uint8_t)(7 + rng_u32() % 2) } },
		.body = bytes_written(&out) });
}

/* Whatever sites answer, the asker gets one JSON object, in time, that claims no more
 * sites than there are. */
START_TEST(damaged_answers_harm_nobody)
{
	for (int round = 0; round < 1000; round++) {
		setup();
		bool list = rng_u32() % 2;
		struct bytes_view meta = metadata(rng_u32() % 3000);
		size_t cut = meta.len < 600 ? meta.len : 600;
		struct seek_said what = said(meta, 0, cut, 9);
		struct seek_hit hits[] = { theirs(2, 7, &what), theirs(5, 8, NULL),
			theirs(6, 8, &what) };
		struct intent i;
		struct call *call = begin_lacking(
		    list ? "{\"type\":\"face\"}" : near_one);
		found_here(NULL, 0, false);
		for (int asks = 0; asks < 12 && intents_peek(fake.world.asks, &i);
		     asks++) {
			uint64_t token = i.token;
			intents_drop(fake.world.asks);
			answered_badly(token, hits, 1 + rng_u32() % LENGTH(hits));
			over(token, 2, 1 + rng_u32() % 2);
		}
		pass(800);
		for (int k = 0; k < 64 && !call_is_done(call); k++)
			fake_refuse(MESH_NOT_FOUND); /* no entry of ours */
		json_t *json = answer_of(call);
		json_t *complete = json_object_get(json, "complete");
		ck_assert_int_le(
		    json_integer_value(json_object_get(complete, "answered")), 3);
		json_decref(json);
	}
}

START_TEST(of_two_versions_the_newer_is_shown)
{
	struct bytes_view meta = metadata(1);
	struct seek_said old = said(meta, 0, meta.len, 8), new = old;
	struct seek asked;
	new.seq = 9;
	struct seek_hit before = theirs(2, 7, &old), after = theirs(2, 7, &new);
	for (int swapped = 0; swapped < 2; swapped++) {
		setup();
		struct call *call = begin_lacking("{\"type\":\"face\"}");
		uint64_t token = question(&asked);
		answered(token, 7, swapped ? &after : &before, 1, false);
		answered(token, 8, swapped ? &before : &after, 1, false);
		found_here(NULL, 0, false);
		over(token, 2, 2);
		json_t *json = answer_of(call);
		json_t *version = json_object_get(item_at(json, 0), "version");
		ck_assert_uint_eq(json_array_size(json_object_get(json, "items")), 1);
		ck_assert_int_eq(
		    json_integer_value(json_object_get(version, "seq")), 9);
		json_decref(json);
	}
}

/* --- all that is said of one hash --- */

static struct call *
get(const char *hash, const char *body)
{
	return fake_call(OP_ENTRY_GET, hash, body);
}

static const char *
text_at(json_t *json, size_t i, const char *name)
{
	const char *word = json_string_value(json_object_get(item_at(json, i), name));
	return word != NULL ? word : "";
}

static json_int_t
away(json_t *json)
{
	json_t *complete = json_object_get(json, "complete");
	return json_integer_value(json_object_get(complete, "away"));
}

START_TEST(a_hash_is_answered_here_where_all_is_kept)
{
	static const enum replica_part kept[] = { REPLICA_WHOLE, REPLICA_INDEX };
	for (size_t i = 0; i < LENGTH(kept); i++) {
		fake.world.others.most = kept[i];
		struct call *call = get("0A", NULL);
		ck_assert(fake.asked.noun == STORE_ENTRIES && fake.searches == 0);
		ck_assert_str_eq(fake.asked_id, "0A");
		ck_assert_uint_eq(intents_count(fake.world.asks), 0);
		fake_answer("{\"hash\":\"0a\"}", 1, "");
		json_t *json = answer_of(call);
		is_complete(json, 3, 3);
		ck_assert_int_eq(away(json), 0);
		json_decref(json);
	}
}

START_TEST(a_hash_is_asked_of_others_where_less_is_kept_and_who_told_is_said)
{
	struct bytes_view meta = metadata(5);
	struct seek_said what = said(meta, 0, meta.len, 9);
	struct seek_hit hit = theirs(2, 7, &what);
	struct store_hit here = ours(2, 0, "{\"hash\":\"02\"}");
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	fake.peers[fake.peer_count++] = (struct mesh_peer){ .state = PEER_DEAD };
	fake.peers[fake.peer_count++] = (struct mesh_peer){ .state = PEER_STRANGER };
	struct call *call = get("02", "{\"budget\":\"800ms\"}");
	ck_assert(fake.searched.list && fake.searched.top == HIT_TOP_MAX);
	uint64_t token = question(&asked);
	ck_assert(asked.kind == SEEK_LIST && asked.whole && asked.top == HIT_TOP_MAX);
	ck_assert(bytes_equal(asked.hash, bytes_view("\x02", 1)));
	answered(token, 8, &hit, 1, false);
	found_here(&here, 1, false);
	over(token, 2, 1);
	json_t *json = answer_of(call);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "items")), 2);
	size_t told = text_at(json, 0, "told_by")[0] != '\0' ? 0 : 1;
	ck_assert_str_eq(text_at(json, 1 - told, "told_by"), "");
	ck_assert(strlen(text_at(json, told, "told_by")) > 0);
	ck_assert_str_ne(text_at(json, told, "told_by"), text_at(json, told, "site"));
	ck_assert(json_object_get(item_at(json, told), "metadata") != NULL);
	is_complete(json, 2, 3);
	ck_assert_int_eq(away(json), 1);
	json_decref(json);
}

START_TEST(of_a_hash_that_nobody_tells_of_who_answered_is_said)
{
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	fake.peers[1].state = PEER_SUSPECT;
	struct call *call = get("02", NULL);
	uint64_t token = question(&asked);
	found_here(NULL, 0, false);
	ck_assert(!call_is_done(call));
	over(token, 1, 0);
	ck_assert_uint_eq(call_answer(call)->status, 404);
	ck_assert_str_eq(fake_text(call),
	    "nothing by the name '02': 1 of 2 sites answered, 1 not reached");
	call_end(call);
}

START_TEST(a_hash_is_not_asked_of_others_by_who_wants_what_is_here)
{
	fake.world.others.most = REPLICA_NOTHING;
	struct call *call = get("02", "{\"local\":true}");
	ck_assert_uint_eq(intents_count(fake.world.asks), 0);
	fake_refuse(MESH_NOT_FOUND);
	ck_assert_uint_eq(call_answer(call)->status, 404);
	ck_assert_str_eq(fake_text(call), "nothing by the name '02'");
	call_end(call);
	call = get("0", NULL);
	ck_assert(strstr(fake_text(call), "parameter id") != NULL);
	call_end(call);
}

static uint8_t numbers[7]; /* of i8: what `said` says */

static struct seek_said
said_numbers(size_t from, size_t len)
{
	for (size_t i = 0; i < sizeof numbers; i++)
		numbers[i] = (uint8_t)(i + 1);
	return (struct seek_said){ .has = UINT64_MAX,
		.epoch = 4,
		.seq = 9,
		.dtype = ENTRY_I8,
		.dim = sizeof numbers,
		.numbers = bytes_view(numbers + from, len),
		.scale = 0.5f };
}

/* `get` with embeddings of what site 8 tells of, as far as the question for them; its
 * token. */
static uint64_t
told_without_numbers(struct call **call, uint8_t origin)
{
	static const char words[] = "{\"embeddings\":true,\"budget\":\"800ms\"}";
	struct bytes_view meta = metadata(5);
	struct seek_said what = said(meta, 0, meta.len, 9);
	struct seek_hit hit = theirs(2, origin, &what);
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	*call = get("02", words);
	uint64_t token = question(&asked);
	answered(token, 8, &hit, 1, false);
	answered(token, 7, NULL, 0, false);
	found_here(NULL, 0, false);
	over(token, 2, 2);
	ck_assert(!call_is_done(*call));
	return token;
}

START_TEST(an_embedding_comes_part_by_part_of_its_own_site)
{
	struct call *call;
	uint64_t token = told_without_numbers(&call, 7);
	for (size_t from = 0; from < sizeof numbers; from += 4) {
		struct seek asked;
		struct seek_said what = said_numbers(from, from == 0 ? 4 : 3);
		struct seek_hit hit = theirs(2, 7, &what);
		token = order(&asked, 7);
		ck_assert(asked.numbers == from && asked.origin.bytes[0] == 7);
		answered(token, 7, &hit, 1, false);
		over(token, 1, 1);
	}
	json_t *json = answer_of(call);
	ck_assert_str_eq(text_at(json, 0, "embedding"), "01020304050607");
	json_t *scale = json_object_get(item_at(json, 0), "scale");
	ck_assert_double_eq(json_real_value(scale), 0.5);
	is_complete(json, 3, 3);
	json_decref(json);
}

START_TEST(an_embedding_of_a_site_that_is_away_comes_of_who_keeps_it)
{
	struct call *call;
	struct seek asked;
	uint64_t token = told_without_numbers(&call, 99);
	token = question(&asked);
	ck_assert(asked.has >> SEEK_NUMBERS & 1);
	calls_event(fake.calls, /* it keeps an index */
	    &(struct mesh_event){
		.kind = MESH_ANSWER, .ticket = token, .site = { { 7 } }, .code = 1 });
	struct seek_said what = said_numbers(0, 4), rest = said_numbers(4, 3);
	struct seek_hit hit = theirs(2, 99, &what), more = theirs(2, 99, &rest);
	answered(token, 8, &hit, 1, false);
	answered(token, 7, &more, 1, false); /* one is enough */
	over(token, 2, 2);
	token = order(&asked, 8);
	ck_assert_uint_eq(asked.numbers, 4);
	answered(token, 8, &more, 1, false);
	over(token, 1, 1);
	json_t *json = answer_of(call);
	ck_assert_str_eq(text_at(json, 0, "embedding"), "01020304050607");
	json_decref(json);
}

/* The entry is shown without it, and that is counted. */
START_TEST(an_embedding_that_is_not_to_be_had_is_left_out)
{
	enum {
		SILENT,
		LATE,
		CHANGED,
		TOO_LONG,
		OTHER,
		OF_OTHER_DIM,
		OLDER_SITE,
		CASES
	};
	for (int how = SILENT; how < CASES; how++) {
		setup();
		struct call *call;
		struct seek asked;
		uint64_t token = told_without_numbers(&call, 7);
		struct seek_said what = said_numbers(0, 4);
		struct seek_hit hit = theirs(how == OTHER ? 3 : 2, 7, &what);
		token = order(&asked, 7);
		what.seq += how == CHANGED;
		what.dim = (uint16_t)(what.dim + (how == OF_OTHER_DIM));
		if (how == TOO_LONG)
			what.numbers = bytes_view(meta_room, 8);
		if (how == OLDER_SITE)
			what.numbers.len = 0;
		if (how != SILENT && how != LATE)
			answered(token, 7, &hit, 1, false);
		end_round(token, how == LATE, how != SILENT);
		json_t *json = answer_of(call);
		ck_assert_ptr_null(json_object_get(item_at(json, 0), "embedding"));
		ck_assert(json_object_get(item_at(json, 0), "metadata") != NULL);
		is_complete(json, 2, 3);
		json_decref(json);
	}
}

/* What lies in the store, of an index without its numbers. */
static void
held(uint8_t origin, bool partial)
{
	static const uint8_t zeros[sizeof numbers];
	static uint8_t room[512];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct entry_put put = { .has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE |
		    1U << ENTRY_PUT_DTYPE | 1U << ENTRY_PUT_DIM |
		    1U << ENTRY_PUT_EMBEDDING,
		.hash = bytes_view("\x02", 1),
		.type = text("face"),
		.dtype = ENTRY_I8,
		.dim = sizeof numbers,
		.embedding = bytes_view(partial ? zeros : numbers, sizeof numbers) };
	ck_assert_int_eq(mesh_body_encode(&entry_put_table, &put, &out), MESH_OK);
	static struct mesh_record r;
	r = (struct mesh_record){ .at = { .origin = { { origin } },
				      .lane = LANE_REGISTRY,
				      .epoch = 4,
				      .seq = 9 },
		.type = RECORD_PUT,
		.body = bytes_written(&out) };
	struct store_page *page = fake_hits(NULL, 0, partial);
	page->records = &r;
	page->count = 1;
	calls_outcome(fake.calls,
	    &(struct store_outcome){ .token = fake.asked_token, .page = page });
}

START_TEST(an_index_asks_for_the_embeddings_it_lacks_alone)
{
	struct store_hit here[] = { ours(2, 0.9, "{\"hash\":\"02\"}"),
		ours(2, 0.5, "{\"hash\":\"02\"}") };
	struct seek_said what = said_numbers(0, sizeof numbers);
	struct seek_hit hit = theirs(2, 7, &what);
	struct seek asked;
	here[1].origin.bytes[0] = 7;
	fake.world.others.most = REPLICA_INDEX;
	struct call *call = get("02", "{\"embeddings\":true}");
	uint64_t token = question(&asked);
	answered(token, 7, NULL, 0, false);
	found_here(here, 2, false);
	over(token, 2, 2);
	held(1, false);
	ck_assert(!call_is_done(call));
	held(7, true);
	token = order(&asked, 7);
	answered(token, 7, &hit, 1, false);
	over(token, 1, 1);
	json_t *json = answer_of(call);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_str_eq(text_at(json, i, "embedding"), "01020304050607");
		ck_assert_str_eq(text_at(json, i, "told_by"), "");
	}
	json_decref(json);
	ck_assert_uint_eq(fake.pages, 0);
}

/* --- a site that is alive and says nothing --- */

/* `get` with embeddings of what site 8 tells of `origin`; site 7 is silent.  The token
 * of the first question. */
static uint64_t
told_beside_a_silent_site(struct call **call, uint8_t origin)
{
	struct bytes_view meta = metadata(5);
	struct seek_said what = said(meta, 0, meta.len, 9);
	struct seek_hit hit = theirs(2, origin, &what);
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	*call = get("02", "{\"embeddings\":true,\"budget\":\"800ms\"}");
	uint64_t token = question(&asked);
	answered(token, 8, &hit, 1, false);
	found_here(NULL, 0, false);
	pass(399);
	ck_assert_uint_eq(intents_count(fake.world.asks), 0);
	pass(1);
	ck_assert(!call_is_done(*call));
	return token;
}

static void
has_numbers(struct call *call, json_int_t count)
{
	json_t *json = answer_of(call);
	ck_assert_str_eq(text_at(json, 0, "embedding"), "01020304050607");
	is_complete(json, count, 3);
	json_decref(json);
}

/* What it says too late belongs to nothing that is asked now. */
START_TEST(a_silent_site_leaves_half_of_the_time_for_embeddings)
{
	for (int late = 0; late < 2; late++) {
		setup();
		struct call *call;
		struct seek asked;
		struct seek_said what = said_numbers(0, sizeof numbers);
		struct seek_hit hit = theirs(2, 8, &what);
		uint64_t first = told_beside_a_silent_site(&call, 8);
		uint64_t token = order(&asked, 8);
		if (late) {
			struct seek_said other = said_numbers(3, 4);
			struct seek_hit wrong = theirs(2, 8, &other);
			answered(first, 7, &wrong, 1, false);
			over(first, 2, 2);
			ck_assert(!call_is_done(call));
		}
		answered(token, 8, &hit, 1, false);
		has_numbers(call, 2);
	}
}

/* And one answer is enough: the others are not waited for. */
START_TEST(an_embedding_of_a_silent_site_comes_of_who_answered)
{
	struct call *call;
	struct seek asked;
	struct seek_said part = said_numbers(0, 4), rest = said_numbers(4, 3);
	struct seek_hit hit = theirs(2, 7, &part), more = theirs(2, 7, &rest);
	(void)told_beside_a_silent_site(&call, 7);
	uint64_t token = question(&asked);
	ck_assert(asked.has >> SEEK_NUMBERS & 1);
	answered(token, 8, &hit, 1, false);
	uint64_t last = order(&asked, 8);
	answered(token, 7, &hit, 1, false);
	answered(last, 8, &more, 1, false);
	has_numbers(call, 2);
}

START_TEST(a_silent_site_leaves_half_of_the_time_for_the_rest_of_metadata)
{
	struct bytes_view meta = metadata(1000);
	struct seek_said what = said(meta, 0, 700, 9);
	struct seek_hit hit = theirs(2, 7, &what);
	struct seek asked;
	struct call *call = begin_lacking("{\"hash\":\"02\",\"budget\":\"800ms\"}");
	answered(question(&asked), 8, &hit, 1, false);
	found_here(NULL, 0, false);
	pass(400);
	uint64_t token = order(&asked, 8);
	what = said(meta, 700, meta.len - 700, 9);
	answered(token, 8, &hit, 1, false);
	over(token, 1, 1);
	json_t *json = answer_of(call);
	ck_assert_ptr_nonnull(json_object_get(item_at(json, 0), "metadata"));
	is_complete(json, 2, 3);
	json_decref(json);
}

/* Of two entries the first one's site falls silent: the second has time left. */
START_TEST(one_embedding_takes_half_of_the_time_and_the_last_all)
{
	struct bytes_view meta = metadata(5);
	struct seek_said what = said(meta, 0, meta.len, 9);
	struct seek_hit hits[] = { theirs(2, 7, &what), theirs(2, 8, &what) };
	struct seek asked;
	struct intent i;
	fake.world.others.most = REPLICA_NOTHING;
	struct call *call = get("02", "{\"embeddings\":true,\"budget\":\"800ms\"}");
	uint64_t token = question(&asked);
	answered(token, 7, &hits[0], 1, false);
	answered(token, 8, &hits[1], 1, false);
	found_here(NULL, 0, false);
	over(token, 2, 2);
	ck_assert(intents_peek(fake.world.asks, &i) && i.budget_ms == 400);
	uint8_t origin = i.to.bytes[0];
	over(order(&asked, origin), 1, 0);
	ck_assert(intents_peek(fake.world.asks, &i) && i.budget_ms == 800);
	struct seek_said last = said_numbers(0, sizeof numbers);
	struct seek_hit hit = theirs(2, (uint8_t)(15 - origin), &last);
	answered(order(&asked, (uint8_t)(15 - origin)), (uint8_t)(15 - origin), &hit, 1,
	    false);
	json_t *json = answer_of(call);
	ck_assert_str_eq(text_at(json, 0, "embedding"), "");
	ck_assert_str_eq(text_at(json, 1, "embedding"), "01020304050607");
	is_complete(json, 2, 3);
	json_decref(json);
}

START_TEST(where_nothing_is_to_be_asked_for_all_of_the_time_is_the_silent_sites)
{
	struct bytes_view meta = metadata(5);
	struct seek_said what = said(meta, 0, meta.len, 9);
	struct seek_hit hit = theirs(2, 8, &what);
	struct seek asked;
	fake.world.others.most = REPLICA_NOTHING;
	struct call *call = get("02", "{\"budget\":\"800ms\"}");
	uint64_t token = question(&asked);
	answered(token, 8, &hit, 1, false);
	found_here(NULL, 0, false);
	pass(400);
	ck_assert(!call_is_done(call));
	answered(token, 7, &hit, 1, false);
	over(token, 2, 2);
	json_t *json = answer_of(call);
	is_complete(json, 3, 3);
	json_decref(json);
}

/* Who is late may still say it, as long as nothing is fetched. */
START_TEST(a_site_with_more_is_asked_again_while_another_is_silent)
{
	struct seek_hit hit[] = {
		{ bytes_view("\x05", 1), { { 8 } }, text("face"), 0.9, { NULL, 0 } },
		{ bytes_view("\x06", 1), { { 8 } }, text("face"), 0.8, { NULL, 0 } },
		{ bytes_view("\x07", 1), { { 7 } }, text("face"), 0.7, { NULL, 0 } },
	};
	for (int comes = 0; comes < 2; comes++) {
		setup();
		struct seek asked;
		struct call *call = begin_lacking(near_one);
		uint64_t first = question(&asked);
		answered(first, 8, &hit[0], 1, true);
		found_here(NULL, 0, false);
		pass(400);
		uint64_t again = question(&asked);
		ck_assert_uint_eq(asked.only.count, 1);
		answered(again, 8, &hit[1], 1, false);
		ck_assert_msg(!call_is_done(call), "there is time left for the other");
		if (comes) {
			answered(first, 7, &hit[2], 1, false);
			over(first, 2, 2);
		} else {
			pass(400);
		}
		for (int i = 0; i < 2 + comes; i++)
			fake_refuse(MESH_NOT_FOUND);
		json_t *json = answer_of(call);
		ck_assert_str_eq(hash_at(json, 1), "06");
		ck_assert_str_eq(hash_at(json, 2), comes ? "07" : "");
		is_complete(json, 2 + comes, 3);
		json_decref(json);
	}
}

/* --- a list of what all hold, page by page --- */

static struct call *
list(const char *body)
{
	fake.world.others.most = REPLICA_NOTHING;
	return fake_call(OP_ENTRY_LIST, NULL, body);
}

static size_t
item_count(json_t *json)
{
	return json_array_size(json_object_get(json, "items"));
}

START_TEST(a_full_page_goes_on_behind_its_last_entry)
{
	struct bytes_view meta = metadata(5);
	struct seek_said what = said(meta, 0, meta.len, 9);
	struct seek_hit hits[] = { theirs(2, 7, &what), theirs(5, 7, &what) };
	struct store_hit here = ours(3, 0, "{\"hash\":\"03\"}");
	struct seek asked;
	char body[512];
	struct call *call = list("{\"everywhere\":true,\"limit\":2}");
	ck_assert(fake.searched.list && fake.searched.top == 2);
	uint64_t token = question(&asked);
	ck_assert(asked.whole && asked.top == 2 && !(asked.has >> SEEK_AFTER & 1));
	answered(token, 7, hits, 2, false);
	answered(token, 8, NULL, 0, false);
	found_here(&here, 1, false);
	over(token, 2, 2);
	json_t *json = answer_of(call);
	ck_assert_uint_eq(item_count(json), 2);
	ck_assert_str_eq(hash_at(json, 1), "03");
	is_complete(json, 3, 3);
	const char *next = json_string_value(json_object_get(json, "next"));
	ck_assert_ptr_nonnull(next);
	snprintf(body, sizeof body,
	    "{\"everywhere\":true,\"limit\":2,\"after\":\"%s\"}", next);
	call = list(body);
	ck_assert_ptr_nonnull(fake.searched.after);
	token = question(&asked);
	ck_assert(bytes_equal(asked.after.hash, bytes_view("\x03", 1)));
	ck_assert(asked.after.origin.bytes[0] == 1);
	answered(token, 7, &hits[1], 1, false);
	answered(token, 8, NULL, 0, false);
	found_here(NULL, 0, false);
	over(token, 2, 2);
	json_decref(json);
	json = answer_of(call);
	ck_assert_uint_eq(item_count(json), 1);
	ck_assert_ptr_null(json_object_get(json, "next"));
	json_decref(json);
}

/* What it has behind that is not passed over. */
START_TEST(a_page_ends_where_a_site_was_not_followed)
{
	struct bytes_view meta = metadata(5);
	struct seek_said what = said(meta, 0, meta.len, 9);
	struct seek_hit first = theirs(2, 7, &what);
	struct store_hit here[] = { ours(1, 0, "{\"hash\":\"01\"}"),
		ours(3, 0, "{\"hash\":\"03\"}") };
	struct seek asked;
	struct call *call = list("{\"everywhere\":true,\"budget\":\"800ms\"}");
	uint64_t token = question(&asked);
	answered(token, 7, &first, 1, true);
	answered(token, 8, NULL, 0, false);
	found_here(here, 2, false);
	over(token, 2, 2);
	(void)question(&asked); /* and it is silent now */
	pass(400);
	ck_assert(!call_is_done(call));
	pass(400);
	json_t *json = answer_of(call);
	ck_assert_uint_eq(item_count(json), 2);
	ck_assert_str_eq(hash_at(json, 1), "02");
	const char *next = json_string_value(json_object_get(json, "next"));
	ck_assert(next != NULL && strncmp(next, "02.", 3) == 0);
	json_decref(json);
}

/* It is refused at once, with these words. */
static void
is_refused(struct call *call, const char *body, const char *word)
{
	ck_assert(call_is_done(call));
	ck_assert_msg(
	    strstr(fake_text(call), word) != NULL, "%s: %s", body, fake_text(call));
	call_end(call);
}

START_TEST(what_is_wrong_with_a_list_of_all_is_said)
{
	static const struct {
		const char *body, *word;
	} cases[] = {
		{ "{\"everywhere\":true,\"after\":\"0a\"}", "parameter after" },
		{ "{\"everywhere\":true,\"after\":\"0a.0b.0c.0d\"}",
		    "parameter after" },
		{ "{\"everywhere\":true,\"from_ms\":5}", "parameter everywhere" },
		{ "{\"everywhere\":true,\"budget\":\"2h\"}", "budget" },
		{ "{\"budget\":\"1s\"}", "only with everywhere" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct call *call = list(cases[i].body);
		ck_assert_int_eq(call_answer(call)->status, 400);
		is_refused(call, cases[i].body, cases[i].word);
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
		ck_assert_int_ge(call_answer(call)->status, 400);
		is_refused(call, cases[i].body, cases[i].word);
	}
	ck_assert_uint_eq(fake.searches, 0);
}

CHECK_MODULE(ops_search, setup, where_all_agree_only_this_site_is_searched,
    what_programs_say_is_merged_and_no_site_is_counted_for_it,
    a_search_of_what_this_site_holds_asks_no_program,
    when_the_programs_time_is_over_only_the_others_is_waited_for,
    what_others_found_is_merged_and_looked_up_here,
    what_each_site_finds_is_told_as_it_comes,
    who_asked_hears_early_who_has_answered_and_what, what_is_told_early_has_bounds,
    a_site_with_more_that_may_matter_is_asked_again_alone,
    at_the_end_of_the_budget_there_is_what_there_is,
    what_was_not_followed_to_its_end_is_no_answer,
    a_client_that_goes_away_leaves_nothing_behind, a_search_without_numbers_is_a_list,
    whom_a_search_asks_follows_from_what_is_kept_here,
    a_list_of_what_others_hold_says_all_that_a_list_of_ours_would,
    metadata_that_came_cut_is_fetched_to_its_end,
    metadata_whose_rest_is_not_to_be_had_is_left_out_and_that_is_counted,
    damaged_answers_harm_nobody, of_two_versions_the_newer_is_shown,
    a_hash_is_answered_here_where_all_is_kept,
    a_hash_is_asked_of_others_where_less_is_kept_and_who_told_is_said,
    of_a_hash_that_nobody_tells_of_who_answered_is_said,
    a_hash_is_not_asked_of_others_by_who_wants_what_is_here,
    an_embedding_comes_part_by_part_of_its_own_site,
    an_embedding_of_a_site_that_is_away_comes_of_who_keeps_it,
    an_embedding_that_is_not_to_be_had_is_left_out,
    an_index_asks_for_the_embeddings_it_lacks_alone,
    a_silent_site_leaves_half_of_the_time_for_embeddings,
    an_embedding_of_a_silent_site_comes_of_who_answered,
    a_silent_site_leaves_half_of_the_time_for_the_rest_of_metadata,
    one_embedding_takes_half_of_the_time_and_the_last_all,
    where_nothing_is_to_be_asked_for_all_of_the_time_is_the_silent_sites,
    a_site_with_more_is_asked_again_while_another_is_silent,
    a_full_page_goes_on_behind_its_last_entry,
    a_page_ends_where_a_site_was_not_followed, what_is_wrong_with_a_list_of_all_is_said,
    a_threshold_of_zero_is_one, what_is_wrong_with_a_search_is_said)
