#include "check_mesh.h"
#include "entry.h"
#include "fake_world.h"
#include "text.h"

/* The registry's operations: what they refuse, and which record they ask for. */

static void
setup(void)
{
	fake_start();
	fake.world.self = (struct mesh_key){ { 9 } };
}

static struct entry_put
put_of_intent(uint8_t *room, size_t len)
{
	struct intent i;
	struct entry_put put;
	static uint8_t kept[32 * 1024];
	struct arena lists = arena_init(room, len);
	ck_assert(intents_peek(fake.world.intents, &i));
	ck_assert(i.lane == LANE_REGISTRY && i.type == RECORD_PUT);
	memcpy(kept, i.body.ptr, i.body.len);
	ck_assert_int_eq(mesh_body_decode(&entry_put_table,
			     bytes_view(kept, i.body.len), &put, &lists),
	    MESH_OK);
	return put;
}

START_TEST(what_is_wrong_with_an_entry_is_said_and_nothing_is_written)
{
	static const struct {
		const char *body, *word;
	} cases[] = {
		{ "{\"type\":\"face\"}", "hash" },
		{ "{\"hash\":\"ab\"}", "type" },
		{ "{\"hash\":\"abc\",\"type\":\"face\"}", "hex digits" },
		{ "{\"hash\":\"zz\",\"type\":\"face\"}", "hex digits" },
		{ "{\"hash\":\"ab\",\"type\":\"fa\\\"ce\"}", "quotes" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"dtype\":\"f64\"}",
		    "f32, f16 or i8" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":[1,\"x\"]}",
		    "number 1" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":[1e39]}",
		    "number 0" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":[1],\"dtype\":"
		  "\"f16\"}",
		    "hex" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":[128],\"dtype\":"
		  "\"i8\"}",
		    "number 0" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":[0.5],\"dtype\":"
		  "\"i8\"}",
		    "number 0" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":\"0000c07f\"}",
		    "number 0" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":\"00\"}",
		    "length" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":{\"a\":1}}",
		    "list" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":[]}", "length" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"scale\":2,\"embedding\":[1]}",
		    "i8" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"scale\":2}",
		    "scale: there is no embedding" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"dtype\":\"i8\"}",
		    "dtype: there is no embedding" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"scale\":0,\"embedding\":[1],"
		  "\"dtype\":\"i8\"}",
		    "scale: a number greater than 0" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"scale\":\"x\",\"embedding\":[1]"
		  ","
		  "\"dtype\":\"i8\"}",
		    "scale: a number greater than 0" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"scale\":1e-45,\"embedding\":["
		  "1],\"dtype\":\"i8\"}",
		    "scale: a number greater than 0" },
		{ "{\"hash\":\"ab\",\"type\":\"a type that is longer than it may be\"}",
		    "1 to 32 bytes" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"ttl\":\"soon\"}", "ttl" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"ttl\":\"1ms\"}", "ttl" },
		{ "{\"hash\":\"ab\",\"type\":\"face\",\"meta\":[1]}", "object" },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct call *call = fake_call(OP_ENTRY_ADD, "", cases[i].body);
		ck_assert(call_is_done(call));
		ck_assert_msg(call_answer(call)->status == 400 &&
			strstr(fake_text(call), cases[i].word) != NULL,
		    "%s: %u %s", cases[i].body, call_answer(call)->status,
		    fake_text(call));
		call_end(call);
	}
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
}

/* `count` times what is repeated, between the two others. */
static const char *
stretched(const char *begin, const char *again, size_t count, const char *end)
{
	static char body[128 * 1024];
	struct bytes_out out = bytes_out(body, sizeof body);
	text_put(&out, begin);
	for (size_t i = 0; i < count; i++)
		text_put(&out, again);
	text_put(&out, end);
	ck_assert(!out.failed);
	return text_end(&out);
}

START_TEST(what_is_too_large_or_no_text_is_refused_by_name)
{
	static const char bare[] = "{\"hash\":\"ab\",\"type\":\"face\",";
	static const struct {
		const char *begin, *again;
		size_t count;
		const char *end, *word;
	} cases[] = {
		{ "\"embedding\":[0", ",1", 4096, "]}", "1024 values" },
		{ "\"embedding\":[0", ",1", 1000, "]}", "up to 1000 numbers" },
		{ "\"embedding\":[0", ",1", 999, "],\"ttl\":\"soon\"}",
		    "ttl" }, /* 1000 are not too many */
		{ "\"dtype\":\"f32\",\"embedding\":\"", "0000803f", 4097, "\"}",
		    "embedding" },
		{ "\"dtype\":\"i8\",\"embedding\":\"", "01", 4097, "\"}", "dimension" },
		{ "\"meta\":{\"long\":\"", "x", 5000, "\"}}", "4096 bytes" },
		{ "\"meta\":{\"many\":[0", ",1", 70, "]}}", "64 values" },
		{ "\"meta\":{\"deep\":", "[", 40, "", "line 1" },
		{ "\"meta\":{\"bad\":\"", "\xc3\x28", 1, "\"}}", "not UTF-8" },
		{ "\"meta\":{\"bad\":\"", "\xed\xa0\x80", 1, "\"}}", "not UTF-8" },
		{ "\"meta\":{\"n\":", "1e999", 1, "}}", "64-bit float" },
		{ "\"meta\":{\"x\":[1,\"y\",[", "{\"a\":", 4, "1}}}}]]}}",
		    "meta: x.2.0.a.a.a goes too deep: objects and lists stand in each "
		    "other at most 6 deep" },
		{ "\"meta\":{\"x\":{\"y\":{}},\"a\":", "{\"b\":", 6, "1}}}}}}}}",
		    "meta: a.b.b.b.b.b goes" },
		{ "\"meta\":{\"n\":1,\"deep\":{\"n\":1,", "\"n\":2", 1, "}}}",
		    "said before" },
		{ "\"meta\":{\"n\":", "NaN", 1, "}}", "no JSON value" },
	};
	char begin[256];
	for (size_t i = 0; i < LENGTH(cases); i++) {
		snprintf(begin, sizeof begin, "%s%s", bare, cases[i].begin);
		struct call *call = fake_call(OP_ENTRY_ADD, "",
		    stretched(begin, cases[i].again, cases[i].count, cases[i].end));
		ck_assert_msg(call_is_done(call), "case %zu", i);
		ck_assert_msg(call_answer(call)->status >= 400 &&
			call_answer(call)->status < 500 &&
			strstr(fake_text(call), cases[i].word) != NULL,
		    "case %zu: %u %s", i, call_answer(call)->status, fake_text(call));
		call_end(call);
	}
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
}

START_TEST(what_lies_six_deep_is_entered)
{
	struct call *call = fake_call(OP_ENTRY_ADD, "",
	    "{\"hash\":\"ab\",\"type\":\"face\",\"meta\":"
	    "{\"a\":[{\"b\":[{\"c\":[1,2]},{\"c\":[3]}]},{\"d\":[[[]]]}]}}");
	ck_assert(!call_is_done(call));
	ck_assert_uint_eq(intents_count(fake.world.intents), 1);
	call_end(call);
}

START_TEST(an_entry_becomes_our_record_and_is_answered_once_it_is_stored)
{
	static uint8_t room[4096];
	struct call *call = fake_call(OP_ENTRY_ADD, "",
	    "{\"hash\":\"ABcd\",\"type\":\"face\",\"embedding\":[1,-2],"
	    "\"meta\":{\"confidence\":0.5},\"ttl\":\"90s\"}");
	ck_assert(!call_is_done(call));
	struct entry_put put = put_of_intent(room, sizeof room);
	ck_assert(bytes_equal(put.hash, bytes_view("\xab\xcd", 2)));
	ck_assert(put.dtype == ENTRY_F32 && put.dim == 2 && put.embedding.len == 8);
	ck_assert_int_eq(put.expires_ms, fake.world.now.unix_ms + 90 * 1000);
	fake_appended(MESH_OK);
	ck_assert(strstr(fake_text(call), "\"hash\":\"abcd\"") != NULL);
	call_end(call);
}

START_TEST(i8_numbers_and_their_scale_arrive_as_they_are)
{
	static uint8_t room[4096];
	struct call *call = fake_call(OP_ENTRY_ADD, "",
	    "{\"hash\":\"ab\",\"type\":\"face\",\"embedding\":[127,-128,0],"
	    "\"dtype\":\"i8\",\"scale\":0.25}");
	struct entry_put put = put_of_intent(room, sizeof room);
	ck_assert(bytes_equal(put.embedding, bytes_view("\x7f\x80\x00", 3)));
	ck_assert(put.scale > 0.24f && put.scale < 0.26f);
	fake_appended(MESH_OK);
	call_end(call);
}

START_TEST(lists_narrow_by_type_and_by_site)
{
	struct call_pair pairs[] = { { text("type"), text("face") },
		{ text("filter"), text("dim>3 or dim<1") } };
	struct call_request q = { .op = &op_table[OP_ENTRY_LIST],
		.pairs = pairs,
		.pair_count = 2,
		.audience = AUDIENCE_OPERATOR };
	struct call *call = call_begin(fake.calls, &q);
	ck_assert(!call_is_done(call));
	ck_assert(fake.asked.noun == STORE_ENTRIES && fake.asked.filter != NULL);
	ck_assert_int_eq(fake.asked.now_ms, fake.world.now.unix_ms);
	fake_answer("{\"hash\":\"ab\"}", 1, "");
	ck_assert(strstr(fake_text(call), "meshd.registry/1") != NULL);
	call_end(call);
	pairs[0].value = text("a\"b");
	call = call_begin(fake.calls, &q);
	ck_assert(call_is_done(call) && call_answer(call)->status == 400);
	call_end(call);
	pairs[0] = (struct call_pair){ text("site"), text("nobody") };
	call = call_begin(fake.calls, &q);
	ck_assert(call_is_done(call) && call_answer(call)->status == 404);
	call_end(call);
}

/* Its records have not come, its beacon has: `peer list` shows it by that name. */
START_TEST(a_list_knows_a_site_by_the_name_that_peers_show)
{
	struct call_pair pair = { text("site"), text("hill") };
	struct call_request q = { .op = &op_table[OP_STATE_LIST],
		.pairs = &pair,
		.pair_count = 1,
		.audience = AUDIENCE_OPERATOR };
	struct call *call = call_begin(fake.calls, &q);
	ck_assert(call_is_done(call) && call_answer(call)->status == 404);
	call_end(call);
	for (int same = 1; same <= 2; same++) {
		struct mesh_peer *p = &fake.peers[fake.peer_count++];
		*p = (struct mesh_peer){ .name = text("hill"), .state = PEER_ALIVE };
		p->key.bytes[0] = (uint8_t)(same + 100);
		call = call_begin(fake.calls, &q);
		if (same == 1) {
			ck_assert(!call_is_done(call));
			ck_assert(fake.asked.noun == STORE_STATE &&
			    fake.asked.filter != NULL);
			fake_answer("", 0, "");
			ck_assert_int_eq(call_answer(call)->status, 200);
		} else {
			ck_assert(
			    call_is_done(call) && call_answer(call)->status == 400);
		}
		call_end(call);
	}
}

START_TEST(removing_drops_the_number_under_which_we_said_it)
{
	struct intent i;
	struct call *call = fake_call(OP_ENTRY_REMOVE, "abcd", "");
	ck_assert(fake.found_at.lane == LANE_REGISTRY);
	ck_assert(key_equal(&fake.found_at.origin, &fake.world.self));
	fake_found(&(struct mesh_record){ .at = { .origin = fake.world.self,
					      .lane = LANE_REGISTRY,
					      .epoch = 6,
					      .seq = 77 } });
	ck_assert(intents_peek(fake.world.intents, &i));
	ck_assert(i.lane == LANE_REGISTRY && i.type == RECORD_DROP && i.epoch == 6);
	static const uint8_t body[] = { 0x91, 0x91, 0x92, 77, 77 };
	ck_assert(bytes_equal(i.body, bytes_view(body, sizeof body)));
	fake_appended(MESH_OK);
	ck_assert(strstr(fake_text(call), "\"removed\":true") != NULL);
	call_end(call);
}

START_TEST(removing_what_is_not_ours_is_not_found)
{
	struct call *call = fake_call(OP_ENTRY_REMOVE, "abcd", "");
	fake_refuse(MESH_NOT_FOUND);
	ck_assert(call_is_done(call) && call_answer(call)->status == 404);
	call_end(call);
	call = fake_call(OP_ENTRY_REMOVE, "xyz", "");
	ck_assert(call_is_done(call) && call_answer(call)->status == 400);
	call_end(call);
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
}

/* The core refuses it; the store says whether the key is there already, and how much
 * its record counts for. */
static struct call *
add_when_full(struct intent *i)
{
	static uint8_t body[4096];
	struct call *call = fake_call(
	    OP_ENTRY_ADD, "", "{\"hash\":\"abcd\",\"type\":\"face\"}");
	ck_assert(intents_peek(fake.world.intents, i));
	memcpy(body, i->body.ptr, i->body.len);
	i->body.ptr = body;
	intents_drop(fake.world.intents);
	calls_over_quota(fake.calls, i);
	ck_assert(!call_is_done(call));
	ck_assert_str_eq(fake.asked_id, "\xab\xcd");
	return call;
}
static void
is_full(struct call *call)
{
	ck_assert(call_is_done(call));
	ck_assert_int_eq(call_answer(call)->status, 507);
	ck_assert(strstr(call_answer(call)->detail.ptr,
		      "registry is full: 1000000 entries of up to 8589 bytes") != NULL);
	call_end(call);
}
START_TEST(a_full_registry_takes_what_replaces_and_says_so_of_what_is_new)
{
	static const uint8_t core[9000];
	struct mesh_record known = { .at = { .lane = LANE_REGISTRY },
		.core = bytes_view(core, sizeof core) };
	struct intent i, again;
	struct call *call = add_when_full(&i);
	fake_refuse(MESH_NOT_FOUND);
	is_full(call);

	call = add_when_full(&i);
	fake_found(&known);
	ck_assert(intents_peek(fake.world.intents, &again));
	ck_assert_uint_eq(again.replaced, 2);
	fake_appended(MESH_OK);
	ck_assert(call_is_done(call) && call_answer(call)->status == 200);
	call_end(call);

	call = add_when_full(&i);
	fake_found(&known);
	ck_assert(intents_peek(fake.world.intents, &again));
	i.replaced = again.replaced;
	intents_drop(fake.world.intents);
	calls_over_quota(fake.calls, &i); /* it counts for more than that one did */
	is_full(call);
}

START_TEST(what_this_site_has_not_entered_it_cannot_remove)
{
	struct call *call = fake_call(OP_ENTRY_REMOVE, "ab", NULL);
	fake_refuse(MESH_NOT_FOUND);
	ck_assert_uint_eq(call_answer(call)->status, 404);
	ck_assert_str_eq(fake_text(call), "this site has no entry of 'ab'");
	call_end(call);
}

START_TEST(what_a_list_leaves_out_is_said)
{
	static const char all[] = "\"sites\":2,\"of\":";
	static const struct {
		enum replica_part most;
		const char *types, *body, *said;
	} cases[] = {
		{ REPLICA_WHOLE, "", "{\"embeddings\":true}", NULL },
		{ REPLICA_INDEX, "", NULL, NULL },
		{ REPLICA_INDEX, "", "{\"embeddings\":true}", "embeddings" },
		{ REPLICA_NOTHING, "", NULL, "entries" },
		{ REPLICA_NOTHING, "", "{\"type\":\"face\"}", "entries" },
		{ REPLICA_WHOLE, "face", NULL, "types" },
		{ REPLICA_WHOLE, "face", "{\"type\":\"cat\"}", "types" },
		{ REPLICA_WHOLE, "face", "{\"type\":\"face\"}", NULL },
	};
	for (size_t k = 0; k < 3; k++)
		fake.peers[fake.peer_count++] = (struct mesh_peer){
			.state = k == 0 ? PEER_STRANGER : PEER_DEAD,
			.key = { { (uint8_t)(k + 3) } }
		};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char what[64];
		fake.world.others = replica_of(cases[i].most, text(cases[i].types));
		struct call *call = fake_call(OP_ENTRY_LIST, "", cases[i].body);
		fake_answer("", 0, "");
		const char *shown = fake_text(call);
		snprintf(what, sizeof what, "\"left_out\":{\"what\":\"%s\",%s",
		    cases[i].said != NULL ? cases[i].said : "", all);
		ck_assert_msg(cases[i].said != NULL ? strstr(shown, what) != NULL
						    : !strstr(shown, "left_out"),
		    "%zu: %s", i, shown);
		call_end(call);
	}
}

/* Names have bounds, their count has none. */
START_TEST(a_list_that_lacks_many_sites_names_some)
{
	fake.world.others.most = REPLICA_NOTHING;
	for (; fake.peer_count < FAKE_PEERS; fake.peer_count++)
		fake.peers[fake.peer_count].key.bytes[0] = (uint8_t)fake.peer_count;
	struct call *call = fake_call(OP_ENTRY_LIST, "", NULL);
	fake_answer("", 0, "");
	const char *names = strstr(fake_text(call), "\"of\":[");
	size_t named = 0;
	for (; names != NULL && *names != ']'; names++)
		named += *names == ',';
	ck_assert_uint_eq(named + 1, 16);
	call_end(call);
}

CHECK_MODULE(ops_entry, setup, what_this_site_has_not_entered_it_cannot_remove,
    what_a_list_leaves_out_is_said, a_list_that_lacks_many_sites_names_some,
    what_is_wrong_with_an_entry_is_said_and_nothing_is_written,
    what_is_too_large_or_no_text_is_refused_by_name, what_lies_six_deep_is_entered,
    an_entry_becomes_our_record_and_is_answered_once_it_is_stored,
    i8_numbers_and_their_scale_arrive_as_they_are, lists_narrow_by_type_and_by_site,
    a_list_knows_a_site_by_the_name_that_peers_show,
    removing_drops_the_number_under_which_we_said_it,
    removing_what_is_not_ours_is_not_found,
    a_full_registry_takes_what_replaces_and_says_so_of_what_is_new)
