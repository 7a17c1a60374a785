/* An operation that one site asks of another: both halves, the mesh played by the test.
 */
#include "check_mesh.h"
#include "order.h"
#include "outbox_world.h"
#include "remote.h"
#include "text.h"

static struct remote *remote;
static struct meshd_counts counts;
static struct mesh_key asker = { { 7 } }, other = { { 8 } };

static void
begin(bool tx)
{
	remote_free(remote);
	outbox_world_start(tx);
	counts = (struct meshd_counts){ 0 };
	fake.admin = asker;
	fake.peer_count = 1;
	fake.peers[0] = (struct mesh_peer){ .key = other, .name = text("hill") };
	remote = remote_new(
	    &(struct remote_params){ .calls = fake.calls, .counts = &counts });
}

static void
setup(void)
{
	begin(true);
}

static struct order
order_of(const char *op, const char *json)
{
	static uint64_t nonce = 1;
	return (struct order){ .kind = ORDER_KIND,
		.op = text(op),
		.json = text(json),
		.time_ms = fake.world.now.unix_ms,
		.nonce = nonce++ };
}

static bool
put(const struct mesh_key *from, struct bytes_view body)
{
	const struct mesh_event e = { .kind = MESH_QUESTION,
		.ticket = 5,
		.site = *from,
		.body = body,
		.budget_ms = REMOTE_BUDGET_MS };
	bool taken = remote_question(remote, &e, fake.world.now);
	outbox_world_kept(MESH_OK);
	remote_tick(remote, fake.world.now);
	return taken;
}

/* What the site answers; the order is one. */
static struct order_done
done(const struct mesh_key *from, const struct order *o)
{
	uint8_t room[2048];
	static uint8_t kept[1200], block[256];
	struct bytes_out body = bytes_out(room, sizeof room);
	struct arena arena = arena_init(block, sizeof block);
	struct order_done d = { 0 };
	unsigned before = fake.answers;
	ck_assert_int_eq(mesh_body_encode(&order_table, o, &body), MESH_OK);
	ck_assert(put(from, bytes_written(&body)));
	ck_assert_uint_eq(fake.answers, before + 1);
	memcpy(kept, fake.answer, fake.answer_len);
	ck_assert_int_eq(mesh_body_decode(&order_done_table,
			     bytes_view(kept, fake.answer_len), &d, &arena),
	    MESH_OK);
	return d;
}

static bool
holds(struct text_view v, const char *word)
{
	char room[1024];
	snprintf(room, sizeof room, "%.*s", (int)v.len, v.len > 0 ? v.ptr : "");
	return strstr(room, word) != NULL;
}

START_TEST(an_admin_may_have_a_text_sent_and_hears_what_it_became)
{
	struct order o = order_of("msg.send", "{\"text\":\"hello\"}");
	struct order_done d = done(&asker, &o);
	ck_assert_uint_eq(d.status, 200);
	ck_assert(holds(d.json, "{\"request\":1,") && holds(d.json, "\"waiting\""));
	ck_assert(!holds(d.json, "schema") && d.json.ptr[d.json.len - 1] == '}');
	o = order_of("msg.show", "{\"id\":\"1\"}");
	d = done(&asker, &o);
	ck_assert(d.status == 200 && holds(d.json, "\"hello\""));
	ck_assert_uint_eq(counts.n[COUNT_REMOTE_ASKED], 2);
	ck_assert_uint_eq(counts.n[COUNT_REMOTE_DONE], 2);
}
START_TEST(what_is_not_for_that_site_is_refused_with_a_reason)
{
	const struct {
		const struct mesh_key *from;
		const char *op, *json, *word;
		unix_ms age;
		uint16_t status;
	} rows[] = {
		{ &other, "msg.send", "{\"text\":\"x\"}", "admin", 0, 403 },
		{ &other, "node.ask", "{\"id\":\"!1\",\"what\":\"trace\"}", "admin", 0,
		    403 },
		{ &asker, "key.rotate", "{}", "no such operation", 0, 403 },
		{ &asker, "node.list", "{}", "no such operation", 0, 403 },
		{ &asker, "nonsense", "{}", "no such operation", 0, 403 },
		{ &asker, "msg.send", "{\"text\":\"x\"}", "clocks", 121000, 403 },
		{ &asker, "msg.send", "{\"text\":\"x\"}", "clocks", -121000, 403 },
		{ &asker, "msg.send", "{}", "text", 0, 400 },
		{ &asker, "msg.send", "{\"text\":", "body", 0, 400 },
		{ &asker, "msg.send", "{\"text\":\"x\",\"radio\":\"attic\"}", "attic",
		    0, 404 },
		{ &asker, "msg.send", "{\"text\":\"x\",\"site\":\"hill\"}", "itself", 0,
		    403 },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct order o = order_of(rows[i].op, rows[i].json);
		o.time_ms -= rows[i].age;
		struct order_done d = done(rows[i].from, &o);
		ck_assert_msg(
		    d.status == rows[i].status && holds(d.detail, rows[i].word),
		    "row %zu: %u %.*s", i, d.status, (int)d.detail.len, d.detail.ptr);
	}
	ck_assert_uint_eq(counts.n[COUNT_REMOTE_REFUSED], LENGTH(rows));
	ck_assert(!intents_peek(fake.world.asks, &(struct intent){ 0 }));
	begin(false);
	struct order o = order_of("msg.send", "{\"text\":\"x\"}");
	struct order_done d = done(&asker, &o);
	ck_assert(d.status == 403 && holds(d.detail, "tx = no"));
}
START_TEST(what_others_said_is_shown_to_no_other_site)
{
	static const char *const ids[] = { "1", "9", "mt:a1b2c3d4:0badcafe" };
	struct order o = order_of("msg.send", "{\"text\":\"hello\"}");
	ck_assert_uint_eq(done(&asker, &o).status, 200);
	for (size_t i = 0; i < LENGTH(ids); i++) {
		char json[64];
		snprintf(json, sizeof json, "{\"id\":\"%s\"}", ids[i]);
		o = order_of("msg.show", json);
		ck_assert_uint_eq(done(&other, &o).status, 403);
		o = order_of("msg.show", json);
		ck_assert_uint_eq(done(&asker, &o).status, i == 0 ? 200 : 404);
	}
	ck_assert_uint_eq(fake.asks, 0);
}
START_TEST(nobody_on_the_way_can_have_it_done_again)
{
	struct order o = order_of("msg.send", "{\"text\":\"hello\"}");
	struct message m;
	ck_assert_uint_eq(done(&asker, &o).status, 200);
	struct order_done again = done(&asker, &o);
	ck_assert(again.status == 403 && holds(again.detail, "before"));
	for (unsigned i = 0; i <= REMOTE_NONCES; i++) { /* whoever only looks */
		struct order look = order_of("msg.show", "{\"id\":\"1\"}");
		ck_assert_uint_eq(done(&asker, &look).status, 200);
	}
	again = done(&asker, &o);
	ck_assert(again.status == 403 && holds(again.detail, "before"));
	ck_assert(outbox_at(fake.world.outbox, 0, &m));
	ck_assert(!outbox_at(fake.world.outbox, 1, &m));
}
START_TEST(what_was_asked_before_a_start_is_not_done_after_it)
{
	struct order o = order_of("msg.send", "{\"text\":\"hello\"}");
	o.time_ms -= 1000;
	struct order_done d = done(&asker, &o);
	ck_assert(d.status == 403 && holds(d.detail, "started"));
	fake.world.now.ms += 2000;
	fake.world.now.unix_ms += 2000;
	o = order_of("msg.send", "{\"text\":\"hello\"}");
	o.time_ms -= 1000;
	ck_assert_uint_eq(done(&asker, &o).status, 200);
}
START_TEST(other_questions_are_left_to_others)
{
	static const char *const rows[] = { "", "93010203", "95010203", "c0" };
	uint8_t noise[200];
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert(!put(&asker, hex(rows[i])));
	for (int i = 0; i < 10000; i++) {
		size_t len = 1 + rng_u32() % sizeof noise;
		rng_bytes(noise, len);
		(void)put(&asker, bytes_view(noise, len));
	}
}

/* --- the asking half --- */

static uint64_t token;

static struct order
asked(uint8_t *block, size_t len)
{
	struct intent i;
	struct order o;
	struct arena arena = arena_init(block, len);
	static uint8_t kept[1200];
	ck_assert(intents_peek(fake.world.asks, &i));
	ck_assert(i.kind == INTENT_ASK && !i.to_all);
	ck_assert_int_eq(memcmp(&i.to, &other, sizeof other), 0);
	token = i.token;
	memcpy(kept, i.body.ptr, i.body.len);
	ck_assert_int_eq(
	    mesh_body_decode(&order_table, bytes_view(kept, i.body.len), &o, &arena),
	    MESH_OK);
	intents_drop(fake.world.asks);
	return o;
}

static void
say(enum mesh_event_kind kind, const struct order_done *d)
{
	uint8_t room[1200];
	struct bytes_out body = bytes_out(room, sizeof room);
	struct mesh_event e = { .kind = kind, .ticket = token, .site = other };
	if (d != NULL) {
		ck_assert_int_eq(
		    mesh_body_encode(&order_done_table, d, &body), MESH_OK);
		e.body = bytes_written(&body);
	}
	calls_event(fake.calls, &e);
}

START_TEST(a_site_is_asked_and_its_answer_is_ours)
{
	uint8_t block[256];
	struct call *call = fake_call(
	    OP_MESSAGE_SEND, "", "{\"text\":\"hello\",\"site\":\"hill\"}");
	ck_assert(!call_is_done(call));
	struct order o = asked(block, sizeof block);
	ck_assert(text_is(o.op, "msg.send") && holds(o.json, "\"text\":\"hello\""));
	ck_assert(!holds(o.json, "site") && o.nonce != 0);
	ck_assert_int_eq(o.time_ms, fake.world.now.unix_ms);
	say(MESH_ANSWER,
	    &(struct order_done){ .status = 200, .json = text("{\"request\":4}") });
	ck_assert(call_is_done(call));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "\"request\":4}"));
	ck_assert_ptr_nonnull(strstr(fake_text(call), "meshd.messages/1"));
	call_end(call);
	ck_assert(!outbox_find(fake.world.outbox, 1, &(struct message){ 0 }));
}
START_TEST(a_site_that_refuses_or_is_silent_is_named)
{
	uint8_t block[256];
	const struct {
		enum mesh_event_kind kind;
		struct order_done d;
		unsigned status;
		const char *word;
	} rows[] = {
		{ MESH_ANSWER, { .status = 403, .detail = text("tx = no") }, 403,
		    "site 'hill': tx = no" },
		{ MESH_ANSWER, { .status = 200 }, 502, "cannot be read" },
		{ MESH_ANSWER, { .status = 200, .json = text("{\"a\":1}}") }, 502,
		    "cannot be read" },
		{ MESH_ANSWER, { .status = 200, .json = text("{\"a\":1,}") }, 502,
		    "cannot be read" },
		{ MESH_ANSWER, { .status = 200, .json = text(" {\"a\":1} ") }, 502,
		    "cannot be read" },
		{ MESH_ANSWERED, { .status = 0 }, 504, "all the same" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct call *call = fake_call(
		    OP_MESSAGE_SEND, "", "{\"text\":\"hello\",\"site\":\"hill\"}");
		(void)asked(block, sizeof block);
		say(rows[i].kind, rows[i].d.status != 0 ? &rows[i].d : NULL);
		ck_assert(call_is_done(call));
		ck_assert_msg(call_answer(call)->status == rows[i].status &&
			strstr(fake_text(call), rows[i].word) != NULL,
		    "%u %s", call_answer(call)->status, fake_text(call));
		call_end(call);
	}
	struct call *call = fake_call(
	    OP_MESSAGE_SEND, "", "{\"text\":\"hello\",\"site\":\"nowhere\"}");
	ck_assert(call_is_done(call) && call_answer(call)->status == 404);
	call_end(call);
}
CHECK_MODULE(remote, setup, an_admin_may_have_a_text_sent_and_hears_what_it_became,
    what_others_said_is_shown_to_no_other_site,
    what_is_not_for_that_site_is_refused_with_a_reason,
    nobody_on_the_way_can_have_it_done_again,
    what_was_asked_before_a_start_is_not_done_after_it,
    other_questions_are_left_to_others, a_site_is_asked_and_its_answer_is_ours,
    a_site_that_refuses_or_is_silent_is_named)
