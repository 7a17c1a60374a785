#include "address.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "text.h"
#include <jansson.h>

/* `peer ping` and `netcheck`: what they ask of the mesh, and what they make of answers.
 */

static uint64_t token;

static struct mesh_peer *
put_peer(const char *name, enum mesh_peer_state state)
{
	struct mesh_peer *p = &fake.peers[fake.peer_count++];
	*p = (struct mesh_peer){ .name = text(name), .state = state };
	p->key.bytes[0] = (uint8_t)fake.peer_count;
	return p;
}
static void
setup(void)
{
	fake_start();
	struct mesh_peer *hill = put_peer("hill", PEER_ALIVE);
	hill->direct = true;
	hill->hops = 1;
	hill->rtt_us = 1500;
	hill->addr = address_path_v4(0x0a000002, 4470);
	hill->addr.iface = 3;
	hill->observed = address_path_v4(0x0a000001, 4470);
	hill->datagram_bytes = 1200;
	put_peer("farm", PEER_ALIVE)->hops = 2;
	struct mesh_peer *gone = put_peer("gone", PEER_DEAD);
	gone->reason = REASON_SILENT;
}
static struct call *
begin(enum op_number op, const char *id)
{
	return fake_call(op, id, NULL);
}
/* What it asked of the mesh, as the daemon would take it. */
static struct intent
asked(void)
{
	struct intent i = { .kind = INTENT_APPEND };
	ck_assert(intents_peek(fake.world.asks, &i));
	ck_assert_int_eq(i.kind, INTENT_ECHO);
	token = i.token;
	intents_drop(fake.world.asks);
	return i;
}
static void
answer(size_t peer, const struct mesh_echo *echo)
{
	struct mesh_event e = { .kind = MESH_ANSWER,
		.ticket = token,
		.site = fake.peers[peer].key,
		.echo = echo };
	calls_event(fake.calls, &e);
}
static void
end(uint32_t known, uint32_t answered)
{
	struct mesh_event e = { .kind = MESH_ANSWERED,
		.ticket = token,
		.known = known,
		.answered = answered };
	calls_event(fake.calls, &e);
}
/* hill 1 ms away and, on the way to farm, farm 4 ms. */
static struct mesh_echo
echo_over_hill(void)
{
	struct mesh_echo e = { .rtt_us = 4000,
		.hops = 2,
		.hops_back = 2,
		.has_clock = true,
		.clock_ms = 3,
		.count = 2 };
	e.way[0] = (struct mesh_hop){ .site = fake.peers[0].key,
		.is_known = true,
		.is_timed = true,
		.rtt_us = 1000 };
	e.way[1] = (struct mesh_hop){ .site = fake.peers[1].key,
		.is_known = true,
		.is_timed = true,
		.rtt_us = 4000 };
	return e;
}
static json_t *
json_of(struct call *call)
{
	json_error_t why;
	ck_assert(call_is_done(call));
	ck_assert_msg(
	    call_answer(call)->status == 200, "%s", call_answer(call)->detail.ptr);
	json_t *json = json_loads(fake_text(call), JSON_REJECT_DUPLICATES, &why);
	ck_assert_msg(json != NULL, "%s", why.text);
	call_end(call);
	return json;
}
static void
assert_fails(struct call *call, unsigned status, const char *word)
{
	ck_assert(call_is_done(call));
	ck_assert_msg(
	    call_answer(call)->status == status && strstr(fake_text(call), word),
	    "%u: %s", call_answer(call)->status, fake_text(call));
	call_end(call);
}
static bool
warns(const json_t *answer, const char *word)
{
	size_t i;
	const json_t *line;
	json_array_foreach(json_object_get(answer, "warnings"), i, line)
	{
		if (strstr(json_string_value(line), word) != NULL)
			return true;
	}
	return false;
}

START_TEST(a_ping_asks_one_site_and_tells_the_way)
{
	struct call *call = begin(OP_PEER_PING, "farm");
	struct intent i = asked();
	ck_assert(!i.to_all && i.budget_ms == 2000);
	ck_assert_mem_eq(&i.to, &fake.peers[1].key, sizeof i.to);
	ck_assert(!call_is_done(call));
	struct mesh_echo e = echo_over_hill();
	e.way[0].is_timed = false;
	e.way[0].is_doubtful = true;
	answer(1, &e);
	json_t *json = json_of(call), *way = json_object_get(json, "way");
	ck_assert_str_eq(
	    json_string_value(json_object_get(json, "schema")), "meshd.ping/1");
	ck_assert(json_number_value(json_object_get(json, "rtt_ms")) == 4.0);
	ck_assert_uint_eq(json_array_size(way), 2);
	const json_t *hill = json_array_get(way, 0);
	ck_assert(json_is_true(json_object_get(hill, "unverified")));
	ck_assert_ptr_null(json_object_get(hill, "rtt_ms"));
	ck_assert_ptr_null(json_object_get(json_array_get(way, 1), "unverified"));
	json_decref(json);
	end(1, 1); /* nobody waits any more */
}
START_TEST(a_ping_that_nobody_answers_times_out)
{
	struct call *call = begin(OP_PEER_PING, "hill");
	(void)asked();
	end(1, 0);
	assert_fails(call, 504, "'hill' did not answer within 2000 ms");
}
START_TEST(who_cannot_be_pinged_is_told_why)
{
	assert_fails(begin(OP_PEER_PING, "hil"), 404, "there are: hill, farm, gone");
	assert_fails(
	    begin(OP_PEER_PING, "gone"), 503, "is not reachable: dead, silent");
	fake.peers[1].name = text("hill");
	assert_fails(begin(OP_PEER_PING, "hill"), 400, "more than one");
	fake.peer_count = 0;
	assert_fails(begin(OP_PEER_PING, "hill"), 404, "there is none");
}
START_TEST(what_the_core_refuses_ends_the_call)
{
	struct call *call = begin(OP_NETCHECK, "");
	(void)asked();
	calls_refused(fake.calls, token, MESH_FULL);
	assert_fails(call, 503, "busy");
	calls_refused(fake.calls, token, MESH_FULL); /* and is no harm later */
	end(0, 0);
}
START_TEST(a_client_that_leaves_takes_its_question_along)
{
	struct call *call = begin(OP_NETCHECK, "");
	struct mesh_echo e = echo_over_hill();
	(void)asked();
	answer(1, &e);
	call_end(call);
	answer(0, &e);
	end(2, 2);
}

static struct op_bound bound;
static bool
one_address(void *ctx, size_t index, struct op_bound *out)
{
	(void)ctx;
	*out = bound;
	return index == 0;
}
static void
bind_one(uint32_t addr)
{
	bound = (struct op_bound){ .interface = text("eth0"),
		.path = address_path_v4(addr, 4470),
		.hails = true };
	bound.path.iface = 3;
	fake.world.bound = one_address;
}
static json_t *
checked(void)
{
	struct mesh_echo e = echo_over_hill();
	struct call *call = begin(OP_NETCHECK, "");
	ck_assert(asked().to_all);
	answer(1, &e);
	e.count = 1;
	e.hops = 1;
	e.rtt_us = 1000;
	answer(0, &e);
	ck_assert(!call_is_done(call));
	end(2, 2);
	return json_of(call);
}
START_TEST(a_sound_site_has_no_warnings)
{
	bind_one(0x0a000001);
	json_t *json = checked();
	ck_assert_uint_eq(json_array_size(json_object_get(json, "warnings")), 0);
	ck_assert(json_is_true(json_object_get(json, "ipv4")));
	ck_assert(json_is_false(json_object_get(json, "ipv6")));
	ck_assert(json_is_false(json_object_get(json, "nat")));
	ck_assert_int_eq(json_integer_value(json_object_get(json, "answered")), 2);
	const json_t *own = json_array_get(json_object_get(json, "addresses"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(own, "addr")), "10.0.0.1:4470");
	ck_assert_int_eq(json_integer_value(json_object_get(own, "sites")), 1);
	const json_t *peers = json_object_get(json, "peers");
	ck_assert_uint_eq(json_array_size(peers), 3);
	const json_t *farm = json_array_get(peers, 1);
	ck_assert_uint_eq(json_array_size(json_object_get(farm, "way")), 2);
	ck_assert_ptr_null(json_object_get(farm, "loss"));
	ck_assert(json_is_false(json_object_get(json_array_get(peers, 2), "answered")));
	json_decref(json);
}
START_TEST(what_is_wrong_is_said)
{
	bind_one(0x0a000009);
	bound.path.iface = 4; /* where nobody is */
	fake.peers[0].loss = 0.3f;
	struct mesh_peer *other = put_peer("other", PEER_ALIVE);
	other->direct = true;
	other->observed = address_path_v4(0x05050505, 1234);
	other->datagram_bytes = 508;
	json_t *json = checked();
	ck_assert(json_is_true(json_object_get(json, "nat")));
	ck_assert(json_is_false(json_object_get(json, "port_stable")));
	/* clang-format off */
	static const char *const words[] = { "behind NAT", "different ports", "30 % of what is sent is lost",
		"nobody is heard on eth0", "did not answer", "only datagrams of 508 bytes" };
	/* clang-format on */
	for (size_t i = 0; i < LENGTH(words); i++)
		ck_assert_msg(warns(json, words[i]), "%s", words[i]);
	json_decref(json);
}
START_TEST(wrong_clocks_and_unverified_hops_are_said)
{
	bind_one(0x0a000001);
	struct mesh_echo e = echo_over_hill();
	struct call *call = begin(OP_NETCHECK, "");
	(void)asked();
	e.clock_ms = -90000;
	e.way[0].is_doubtful = true;
	answer(1, &e);
	end(2, 1);
	json_t *json = json_of(call);
	ck_assert(warns(json, "its clock is -90.0 s from ours"));
	ck_assert(warns(json, "not verified"));
	json_decref(json);
}
START_TEST(alone_and_unbound_is_said)
{
	fake.peer_count = 0;
	struct call *call = begin(OP_NETCHECK, "");
	(void)asked();
	end(0, 0);
	json_t *json = json_of(call);
	ck_assert(warns(json, "no address is bound") && warns(json, "no session"));
	json_decref(json);
}
START_TEST(a_thousand_answers_still_make_one)
{
	bind_one(0x0a000001);
	struct call *call = begin(OP_NETCHECK, "");
	struct mesh_echo e = echo_over_hill();
	(void)asked();
	for (int i = 0; i < 1000; i++)
		answer((size_t)(i % 2), &e);
	end(1000, 1000);
	ck_assert(call_is_done(call));
	call_end(call);
}

CHECK_MODULE(ops_reach, setup, a_ping_asks_one_site_and_tells_the_way,
    a_ping_that_nobody_answers_times_out, who_cannot_be_pinged_is_told_why,
    what_the_core_refuses_ends_the_call, a_client_that_leaves_takes_its_question_along,
    a_sound_site_has_no_warnings, what_is_wrong_is_said,
    wrong_clocks_and_unverified_hops_are_said, alone_and_unbound_is_said,
    a_thousand_answers_still_make_one)
