#include "arena.h"
#include "id.h"
#include "lanes.h"
#include "model_world.h"
#include "raise.h"
#include "text.h"

static struct intents *intents;
static const struct mesh_now now = { 1000, 1700000000000 };
static struct mesh_key self;

static void
setup(void)
{
	intents_free(intents);
	intents = intents_new(8, 4096);
	self = world_key(4);
}

static struct alert_statement
taken(void)
{
	static uint8_t body[2048], lists[4096];
	struct arena arena = arena_init(lists, sizeof lists);
	const struct field_table *table;
	union lane_object o;
	struct intent i;
	ck_assert(intents_peek(intents, &i));
	ck_assert_uint_eq(i.token, 55);
	memcpy(body, i.body.ptr, i.body.len);
	struct mesh_record r = {
		.at.lane = i.lane, .type = i.type, .body = bytes_view(body, i.body.len)
	};
	ck_assert_int_eq(lane_decode(&r, &o, &table, &arena), MESH_OK);
	intents_drop(intents);
	return o.statement;
}

START_TEST(without_a_subject_every_raise_is_an_alert_of_its_own)
{
	struct raise what = {
		.severity = SEVERITY_HIGH, .state = ALERT_INFO, .text = text("hi")
	};
	struct id one, two;
	ck_assert_int_eq(raise_alert(intents, &self, &what, 55, now, &one), MESH_OK);
	ck_assert_int_eq(raise_alert(intents, &self, &what, 55, now, &two), MESH_OK);
	ck_assert(!id_equal(&one, &two));
	struct alert_statement said = taken();
	ck_assert(id_equal(&said.id, &one));
	ck_assert(
	    text_is(said.kind, "manual.raised") && text_is(said.subject.type, "site"));
	ck_assert_int_eq(said.since_ms, now.unix_ms);
}
START_TEST(with_a_subject_it_is_the_condition_that_has_the_id)
{
	struct raise what = { .kind = text("pump.stuck"),
		.state = ALERT_FIRING,
		.subject = { .has = 3, .type = text("pump"), .id = text("1") } };
	struct id one, two;
	ck_assert_int_eq(raise_alert(intents, &self, &what, 55, now, &one), MESH_OK);
	ck_assert_int_eq(raise_alert(intents, &self, &what, 55, now, &two), MESH_OK);
	ck_assert(id_equal(&one, &two));
	struct alert_statement said = taken();
	ck_assert_uint_eq(said.state, ALERT_FIRING);
	ck_assert_uint_eq(said.has >> STATEMENT_TEXT & 1, 0);
	taken();
	ck_assert_int_eq(raise_resolve(intents, &said, 55), MESH_OK);
	struct alert_statement over = taken();
	ck_assert(over.state == ALERT_RESOLVED && id_equal(&over.id, &one));
	ck_assert_int_eq(over.since_ms, now.unix_ms);
}
START_TEST(kinds_are_a_noun_and_a_word)
{
	static const struct {
		const char *kind;
		bool good;
	} rows[] = { { "node.silent", true }, { "a.b", true }, { "pump_2.stuck", true },
		{ "node", false }, { "node.", false }, { ".silent", false },
		{ "a.b.c", false }, { "Node.silent", false }, { "a b.c", false },
		{ "", false } };
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_msg(raise_is_kind(text(rows[i].kind)) == rows[i].good, "%s",
		    rows[i].kind);
}
START_TEST(what_does_not_fit_is_refused)
{
	static char long_text[ALERT_TEXT_MAX + 1];
	struct id id;
	memset(long_text, 'x', sizeof long_text);
	struct raise what = { .kind = text("a.b"),
		.state = ALERT_INFO,
		.text = { long_text, ALERT_TEXT_MAX + 1 } };
	ck_assert_int_eq(
	    raise_alert(intents, &self, &what, 55, now, &id), MESH_MALFORMED);
	what.text.len--;
	ck_assert_int_eq(raise_alert(intents, &self, &what, 55, now, &id), MESH_OK);
	what.state = ALERT_RESOLVED;
	ck_assert_int_eq(
	    raise_alert(intents, &self, &what, 55, now, &id), MESH_MALFORMED);
	what.state = ALERT_INFO;
	what.severity = 9;
	ck_assert_int_eq(
	    raise_alert(intents, &self, &what, 55, now, &id), MESH_MALFORMED);
}
CHECK_MODULE(raise, setup, without_a_subject_every_raise_is_an_alert_of_its_own,
    with_a_subject_it_is_the_condition_that_has_the_id, kinds_are_a_noun_and_a_word,
    what_does_not_fit_is_refused)
