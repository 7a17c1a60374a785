#include "address.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "text.h"
#include <jansson.h>

/* Invitations, moves, decisions and keys: what they ask of the daemon, and what they
 * refuse. */

static bool
one_address(void *ctx, size_t index, struct op_bound *out)
{
	(void)ctx;
	*out = (struct op_bound){ .interface = text("eth0"),
		.path = address_path_v4(index == 0 ? 0x7f000001 : 0x0a000001, 4470) };
	return index < 2;
}

static void
counting(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	static uint8_t next = 1;
	for (size_t i = 0; i < len; i++)
		out[i] = next++;
}

static void
setup(void)
{
	static const uint8_t seed[32] = { 3 }, random48[48] = { 4 };
	struct mesh_identity founder;
	struct mesh_network network;
	fake_start();
	mesh_identity_of(seed, &founder);
	mesh_network_of(&founder.key, random48, false, &network);
	fake.world.bound = one_address;
	fake.world.random = counting;
	fake.world.self = founder.key;
	fake.trust = (struct mesh_trust){
		.is_admin = true, .is_founder = true, .founder = founder.key
	};
	memcpy(fake.trust.salt, network.salt, sizeof network.salt);
	memcpy(fake.trust.netid, network.id, sizeof network.id);
	fake.peers[fake.peer_count++] = (struct mesh_peer){ .name = text("hill"),
		.state = PEER_ALIVE,
		.direct = true,
		.key = { { 7 } },
		.addr = address_path_v4(0x0a000002, 4470),
		.observed = address_path_v4(0xc6336401, 50000) };
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

static const char *
string_at(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));
	return value != NULL ? value : "";
}

static void
assert_fails(struct call *call, unsigned status, const char *word)
{
	ck_assert(call_is_done(call));
	ck_assert_msg(
	    call_answer(call)->status == status && strstr(fake_text(call), word),
	    "%u: %s (wanted %u, %s)", call_answer(call)->status, fake_text(call),
	    status, word);
	call_end(call);
}

/* The decree that waits, as the daemon would take it. */
static struct mesh_decree
decreed(void)
{
	struct intent i;
	struct mesh_decree d;
	ck_assert(intents_peek(fake.world.intents, &i));
	ck_assert(i.kind == INTENT_DECREE && i.body.len == sizeof d);
	memcpy(&d, i.body.ptr, sizeof d);
	return d;
}

/* --- invitations --- */

static json_t *
invite(const char *body)
{
	struct call *call = fake_call(OP_INVITE_CREATE, NULL, body);
	ck_assert_msg(!call_is_done(call), "answered before it was stored");
	fake_appended(MESH_OK);
	return answer_of(call);
}

START_TEST(a_token_says_where_to_knock_and_leads_to_this_network)
{
	struct mesh_invite back;
	json_t *made = invite("{\"uses\":3,\"expires\":\"2h\"}");
	ck_assert_int_eq(
	    mesh_invite_read(text(string_at(made, "token")), &back), MESH_OK);
	ck_assert_mem_eq(back.netid, fake.trust.netid, sizeof back.netid);
	ck_assert_int_eq(json_integer_value(json_object_get(made, "uses")), 3);
	ck_assert_int_eq(json_integer_value(json_object_get(made, "expires_ms")),
	    1700000000000 + 2 * 3600 * 1000);
	/* Seen from outside, bound here, a neighbour; not the loopback. */
	char *list = json_dumps(json_object_get(made, "addresses"), JSON_COMPACT);
	ck_assert_str_eq(
	    list, "[\"198.51.100.1:50000\",\"10.0.0.1:4470\",\"10.0.0.2:4470\"]");
	free(list);
	json_decref(made);
}
START_TEST(members_get_the_verifier_and_not_the_secret)
{
	struct call *call = fake_call(OP_INVITE_CREATE, NULL, "");
	struct mesh_decree d = decreed();
	struct mesh_invite back;
	uint8_t verifier[32];
	fake_appended(MESH_OK);
	json_t *made = answer_of(call);
	ck_assert_int_eq(
	    mesh_invite_read(text(string_at(made, "token")), &back), MESH_OK);
	mesh_invite_verifier(&back, verifier);
	ck_assert(d.kind == DECREE_INVITE && d.uses == 1);
	ck_assert_mem_eq(d.key32, verifier, sizeof verifier);
	ck_assert_mem_eq(d.id, back.id, sizeof back.id);
	json_decref(made);
}
START_TEST(an_invitation_that_would_let_nobody_in_is_refused)
{
	static const char *const spans[] = { "1s", "400d", "soon", "-1h" };
	for (size_t i = 0; i < LENGTH(spans); i++) {
		char body[64];
		snprintf(body, sizeof body, "{\"expires\":\"%s\"}", spans[i]);
		assert_fails(fake_call(OP_INVITE_CREATE, NULL, body), 400, "expires");
	}
	assert_fails(fake_call(OP_INVITE_CREATE, NULL, "{\"uses\":101}"), 400, "uses");
	fake.trust.is_admin = false;
	fake.trust.admission = ADMISSION_ALLOW_LIST;
	assert_fails(fake_call(OP_INVITE_CREATE, NULL, ""), 403, "allow-list");
	setup();
	fake.world.bound = NULL;
	fake.peer_count = 0;
	assert_fails(fake_call(OP_INVITE_CREATE, NULL, ""), 503, "no address");
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
}
START_TEST(invitations_are_listed_without_their_secrets_and_withdrawn_by_their_maker)
{
	fake.has_invited = true;
	fake.invited = (struct mesh_invited){ .id = { 0xab },
		.by = fake.world.self,
		.uses = 2,
		.used = 1,
		.expires_ms = 1700000000001 };
	json_t *list = answer_of(fake_call(OP_INVITE_LIST, NULL, ""));
	const json_t *one = json_array_get(json_object_get(list, "items"), 0);
	ck_assert_str_eq(string_at(one, "id"), "ab00000000000000");
	ck_assert_str_eq(string_at(one, "state"), "open");
	ck_assert_str_eq(string_at(one, "by"), "home");
	ck_assert_uint_eq(json_object_size(one), 7);
	json_decref(list);
	fake.world.now.unix_ms += 1;
	list = answer_of(fake_call(OP_INVITE_LIST, NULL, ""));
	one = json_array_get(json_object_get(list, "items"), 0);
	ck_assert_str_eq(string_at(one, "state"), "expired");
	json_decref(list);
	struct call *call = fake_call(OP_INVITE_REVOKE, "ab00000000000000", "");
	ck_assert(decreed().kind == DECREE_WITHDRAW && decreed().id[0] == 0xab);
	fake_appended(MESH_OK);
	json_decref(answer_of(call));
	assert_fails(fake_call(OP_INVITE_REVOKE, "ab", ""), 404, "invite list");
	fake.invited.by.bytes[0]++;
	assert_fails(
	    fake_call(OP_INVITE_REVOKE, "ab00000000000000", ""), 403, "takes it back");
}

/* --- moves --- */

static char token[MESH_INVITE_TEXT_MAX + 1];

/* A token of another network. */
static void
draw_token(bool demo)
{
	static const uint8_t seed[32] = { 9 };
	struct mesh_identity founder;
	struct bytes_out out = bytes_out(token, sizeof token);
	mesh_identity_of(seed, &founder);
	struct mesh_invite i = { .founder = founder.key,
		.demo = demo,
		.address_count = 1,
		.expires_ms = 1700000060000,
		.addresses = { address_path_v4(0x0a000009, 4470) } };
	mesh_invite_write(&i, &out);
	text_end(&out);
}
static struct call *
join(const char *said, bool dry_run)
{
	char body[1024];
	snprintf(body, sizeof body, "{\"token\":\"%s\",\"dry_run\":%s}", said,
	    dry_run ? "true" : "false");
	return fake_call(OP_JOIN, NULL, body);
}
static void
went(int how)
{
	struct intent i;
	ck_assert(intents_peek(fake.world.asks, &i));
	struct mesh_event e = {
		.kind = MESH_JOIN, .ticket = i.token, .code = (uint16_t)how
	};
	intents_drop(fake.world.asks);
	calls_event(fake.calls, &e);
}

START_TEST(every_way_in_which_a_token_does_not_open_has_its_own_answer)
{
	/* clang-format off */
	static const struct { int how; unsigned status; const char *word; } row[] = {
		{ 0, 504, "nobody answered" }, { JOIN_USED, 409, "used up" },
		{ JOIN_EXPIRED, 410, "expired" }, { JOIN_UNKNOWN, 404, "no site of that network" },
		{ JOIN_REFUSED, 403, "refuses this site" },
	}; /* clang-format on */
	struct join_status told = { .has = 0 };
	draw_token(false);
	fake.world.join = &told;
	call_end(join(token, true)); /* only a look */
	ck_assert_uint_eq(told.has, 0);
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct call *call = join(token, false);
		ck_assert(!call_is_done(call));
		ck_assert_int_eq(told.state, JOIN_ASKING);
		went(row[i].how);
		ck_assert_int_eq(told.state, JOIN_FAILED);
		ck_assert_ptr_nonnull(strstr(told.error.ptr, row[i].word));
		assert_fails(call, row[i].status, row[i].word);
	}
	struct call *call = join(token, false);
	went(JOIN_DONE);
	json_t *answer = answer_of(call);
	ck_assert(json_is_true(json_object_get(answer, "moves")));
	json_decref(answer);
}
START_TEST(what_can_be_told_without_the_network_is_told_at_once)
{
	draw_token(false);
	token[20] = token[20] == 'A' ? 'B' : 'A';
	assert_fails(join(token, false), 400, "damaged");
	assert_fails(join("hello", false), 400, "meshd1.");
	draw_token(true);
	assert_fails(join(token, false), 409, "demonstration");
	json_t *made = invite("");
	assert_fails(join(string_at(made, "token"), false), 409, "already");
	json_decref(made);
	ck_assert_uint_eq(intents_count(fake.world.asks), 0);
}
START_TEST(a_dry_run_shows_where_a_token_leads_and_does_nothing)
{
	char broken[sizeof token + 8];
	draw_token(false);
	snprintf(broken, sizeof broken, " %.30s \\n %s", token, token + 30);
	json_t *answer = answer_of(join(broken, true)); /* as a mail breaks it */
	char *list = json_dumps(json_object_get(answer, "addresses"), JSON_COMPACT);
	ck_assert_str_eq(list, "[\"10.0.0.9:4470\"]");
	ck_assert(json_is_false(json_object_get(answer, "moves")));
	ck_assert_uint_eq(intents_count(fake.world.asks), 0);
	free(list);
	json_decref(answer);
}
START_TEST(a_join_waits_longer_than_other_calls)
{
	draw_token(false);
	struct call *call = join(token, false);
	calls_tick(fake.calls, fake.world.now.ms + CALL_TIMEOUT_MS + 10000);
	ck_assert(!call_is_done(call));
	calls_tick(fake.calls, fake.world.now.ms + 30000);
	assert_fails(call, 504, "");
}
START_TEST(to_leave_is_to_move_to_a_network_of_ones_own)
{
	struct intent i;
	char why[128];
	struct mesh_network own;
	struct bytes_out complaint = bytes_out(why, sizeof why);
	struct call *call = fake_call(OP_LEAVE, NULL, "");
	ck_assert(intents_peek(fake.world.asks, &i) && i.kind == INTENT_MOVE);
	struct text_view file = { (const char *)i.body.ptr, i.body.len };
	ck_assert_int_eq(mesh_network_read(file, &own, &complaint), MESH_OK);
	ck_assert(memcmp(&own.founder, &fake.world.self, sizeof own.founder) == 0);
	ck_assert_mem_ne(own.id, fake.trust.netid, sizeof own.id);
	went(JOIN_DONE);
	json_decref(answer_of(call));
}

/* --- decisions and keys --- */

START_TEST(an_admin_decides_for_the_network_and_others_for_themselves)
{
	static const struct {
		enum op_number op;
		enum mesh_decree_kind kind;
	} row[] = { { OP_PEER_ALLOW, DECREE_ALLOW }, { OP_PEER_BLOCK, DECREE_BLOCK },
		{ OP_PEER_UNBLOCK, DECREE_UNBLOCK }, { OP_PEER_PROMOTE, DECREE_ADMIN },
		{ OP_PEER_DEMOTE, DECREE_UNADMIN } };
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct call *call = fake_call(row[i].op, "hill", "");
		ck_assert_int_eq(decreed().kind, row[i].kind);
		ck_assert_int_eq(decreed().site.bytes[0], 7);
		fake_appended(MESH_OK);
		json_t *answer = answer_of(call);
		ck_assert_str_eq(string_at(answer, "scope"), "network");
		json_decref(answer);
	}
	fake.trust.is_admin = fake.trust.is_founder = false;
	struct call *call = fake_call(OP_PEER_BLOCK, "hill", "");
	fake_appended(MESH_OK);
	json_t *answer = answer_of(call);
	ck_assert_str_eq(string_at(answer, "scope"), "site");
	json_decref(answer);
	assert_fails(fake_call(OP_PEER_PROMOTE, "hill", ""), 403, "only an admin");
}
START_TEST(a_site_that_has_not_come_yet_is_named_by_its_whole_key)
{
	static const char key[] =
	    "0102030405060708091011121314151617181920212223242526272829303132";
	struct call *call = fake_call(OP_PEER_ALLOW, key, "");
	ck_assert(decreed().site.bytes[0] == 1 && decreed().site.bytes[31] == 0x32);
	fake_appended(MESH_OK);
	json_decref(answer_of(call));
	assert_fails(fake_call(OP_PEER_ALLOW, "valley", ""), 404, "hill");
}
START_TEST(what_would_have_no_effect_is_refused)
{
	char self[65], founder[65];
	struct bytes_out out = bytes_out(self, sizeof self);
	text_put_hex(&out, bytes_view(fake.world.self.bytes, 32));
	text_end(&out);
	assert_fails(fake_call(OP_PEER_BLOCK, self, ""), 400, "itself");
	memcpy(founder, self, sizeof founder);
	fake.world.self.bytes[0]++;
	assert_fails(fake_call(OP_PEER_BLOCK, founder, ""), 403, "founder");
	assert_fails(fake_call(OP_PEER_DEMOTE, founder, ""), 403, "founder");
	fake.trust.is_founder = false;
	fake.admin = fake.peers[0].key;
	assert_fails(fake_call(OP_PEER_BLOCK, "hill", ""), 403, "only the founder");
	memset(&fake.admin, 0, sizeof fake.admin);
	fake.purged = fake.peers[0].key;
	assert_fails(fake_call(OP_PEER_BLOCK, "hill", ""), 409, "--purge again");
	assert_fails(fake_call(OP_PEER_REMOVE, "hill", ""), 409, "back at once");
	assert_fails(fake_call(OP_PEER_REMOVE, founder, ""), 404, "not known");
	ck_assert_uint_eq(intents_count(fake.world.intents), 0);
}
START_TEST(a_rotation_names_its_key_by_hash_and_its_moment)
{
	uint8_t hash[32];
	char hex[17];
	struct bytes_out out = bytes_out(hex, sizeof hex);
	struct call *call = fake_call(OP_KEY_ROTATE, NULL, "{\"in\":\"10m\"}");
	struct mesh_decree d = decreed();
	ck_assert_int_eq(d.kind, DECREE_ROTATE);
	ck_assert_uint_eq(d.until_ms, 1700000600000);
	mesh_hash(d.key32, sizeof d.key32, hash);
	text_put_hex(&out, bytes_view(hash, 8));
	fake_appended(MESH_OK);
	json_t *answer = answer_of(call);
	ck_assert_str_eq(string_at(answer, "network_key"), text_end(&out));
	json_decref(answer);
	assert_fails(fake_call(OP_KEY_ROTATE, NULL, "{\"in\":\"8d\"}"), 400, "7d");
	fake.trust.has_next = true;
	assert_fails(fake_call(OP_KEY_ROTATE, NULL, ""), 409, "on its way");
	fake.trust.is_admin = false;
	assert_fails(fake_call(OP_KEY_ROTATE, NULL, ""), 403, "only an admin");
}
START_TEST(keys_are_shown_without_a_secret)
{
	fake.trust.has_next = fake.trust.is_revoked = true;
	fake.trust.next_after_ms = 1700000000005;
	json_t *key = answer_of(fake_call(OP_KEY_SHOW, NULL, ""));
	ck_assert_uint_eq(strlen(string_at(key, "network")), 32);
	ck_assert_uint_eq(strlen(string_at(key, "network_key")), 16);
	ck_assert_str_eq(string_at(key, "admission"), "network-key");
	ck_assert(json_is_true(json_object_get(key, "blocked")));
	ck_assert_int_eq(
	    json_integer_value(json_object_get(key, "next_ms")), 1700000000005);
	json_decref(key);
	fake.trust.has_next = false;
	key = answer_of(fake_call(OP_KEY_SHOW, NULL, ""));
	ck_assert(json_object_get(key, "next_ms") == NULL);
	json_decref(key);
}
CHECK_MODULE(ops_join, setup, a_token_says_where_to_knock_and_leads_to_this_network,
    members_get_the_verifier_and_not_the_secret,
    an_invitation_that_would_let_nobody_in_is_refused,
    invitations_are_listed_without_their_secrets_and_withdrawn_by_their_maker,
    every_way_in_which_a_token_does_not_open_has_its_own_answer,
    what_can_be_told_without_the_network_is_told_at_once,
    a_dry_run_shows_where_a_token_leads_and_does_nothing,
    a_join_waits_longer_than_other_calls, to_leave_is_to_move_to_a_network_of_ones_own,
    an_admin_decides_for_the_network_and_others_for_themselves,
    a_site_that_has_not_come_yet_is_named_by_its_whole_key,
    what_would_have_no_effect_is_refused,
    a_rotation_names_its_key_by_hash_and_its_moment, keys_are_shown_without_a_secret)
