#include "alert.h"
#include "arena.h"
#include "id.h"
#include "model_world.h"
#include "text.h"

static uint8_t block[64 * 1024];
static struct sites sites;
static struct alert_fold fold;

static void
setup(void)
{
	sites = world_sites(40);
	alert_fold_init(&fold);
}

static struct alert_statement
statement(uint8_t state, unix_ms since)
{
	struct alert_statement said = {
		.has = 1 << STATEMENT_ID | 1 << STATEMENT_KIND |
		    1 << STATEMENT_SEVERITY | 1 << STATEMENT_STATE |
		    1 << STATEMENT_SINCE | 1 << STATEMENT_SUBJECT | 1 << STATEMENT_TEXT,
		.kind = text("node.silent"),
		.severity = SEVERITY_HIGH,
		.state = state,
		.since_ms = since,
		.subject = { .has = 3, .type = text("node"), .id = text("!a1b2c3d4") },
		.text = text("gone"),
	};
	said.id = alert_id(said.kind, &said.subject, text("r"));
	return said;
}

static void
say(uint8_t site, uint64_t seq, uint8_t state, unix_ms since)
{
	struct mesh_position at = world_at(site, LANE_ALERT, seq);
	struct alert_statement said = statement(state, since);
	alert_fold_add(&fold, &at, since + 1, &said);
}

static struct alert
view(void)
{
	struct arena arena = arena_init(block, sizeof block);
	struct alert alert;
	ck_assert_int_eq(alert_fold_view(&fold, &sites, &arena, &alert), MESH_OK);
	return alert;
}

START_TEST(an_id_depends_on_kind_subject_and_rule_alone)
{
	struct alert_subject a = { .has = 3, .type = text("node"), .id = text("x") };
	struct alert_subject named = a, b = a, shifted = a;
	named.has = 7;
	named.name = text("Roof");
	b.id = text("y");
	shifted.type = text("nodex");
	shifted.id = text("");
	struct id id = alert_id(text("k.w"), &a, text("r"));
	struct id same = alert_id(text("k.w"), &named, text("r"));
	struct id other = alert_id(text("k.w"), &b, text("r"));
	struct id moved = alert_id(text("k.w"), &shifted, text("r"));
	ck_assert(id_equal(&id, &same));
	ck_assert(!id_equal(&id, &other) && !id_equal(&id, &moved));
	ck_assert_uint_eq(id.kind, ID_ALERT);
	ck_assert_uint_eq(id.len, 16);
}
START_TEST(every_site_that_says_it_is_a_witness)
{
	say(2, 1, ALERT_INFO, 100);
	say(1, 4, ALERT_INFO, 105);
	struct alert a = view();
	ck_assert_str_eq(strstr(world_json(&alert_table, &a), "\"seq\""),
	    "\"seq\":1,\"time_ms\":101,\"since_ms\":100,\"site\":\"s2\","
	    "\"kind\":\"node.silent\",\"severity\":\"high\",\"state\":\"info\","
	    "\"subject\":{\"type\":\"node\",\"id\":\"!a1b2c3d4\"},\"text\":\"gone\","
	    "\"acked\":false,\"witnesses\":[\"s1\",\"s2\"]}");
}
START_TEST(it_fires_while_one_site_says_so)
{
	say(1, 1, ALERT_FIRING, 100);
	say(2, 1, ALERT_FIRING, 110);
	ck_assert_uint_eq(view().state, ALERT_FIRING);
	say(1, 2, ALERT_RESOLVED, 100);
	ck_assert_uint_eq(view().state, ALERT_FIRING);
	ck_assert_int_eq(view().since_ms, 110);
	say(2, 2, ALERT_RESOLVED, 110);
	ck_assert_uint_eq(view().state, ALERT_RESOLVED);
}
START_TEST(anybody_may_end_a_firing_by_its_since)
{
	say(1, 1, ALERT_FIRING, 100);
	say(2, 1, ALERT_RESOLVED, 99);
	ck_assert_uint_eq(view().state, ALERT_FIRING);
	say(2, 2, ALERT_RESOLVED, 100);
	ck_assert_uint_eq(view().state, ALERT_RESOLVED);
	say(1, 2, ALERT_FIRING, 200);
	ck_assert_uint_eq(view().state, ALERT_FIRING);
}
START_TEST(an_acknowledgement_is_for_one_firing)
{
	struct alert_ack ack = { .since_ms = 100 };
	say(1, 1, ALERT_FIRING, 100);
	ck_assert(!view().acked);
	alert_fold_ack(&fold, &ack);
	ck_assert(view().acked);
	say(1, 2, ALERT_FIRING, 200);
	ck_assert(!view().acked);
}
START_TEST(an_older_statement_and_an_unknown_state_change_nothing)
{
	say(1, 5, ALERT_RESOLVED, 100);
	say(1, 4, ALERT_FIRING, 100);
	say(2, 1, 77, 100);
	ck_assert_uint_eq(view().state, ALERT_RESOLVED);
	ck_assert_uint_eq(view().witnesses.count, 1);
}
START_TEST(acknowledgements_alone_are_no_alert)
{
	struct arena arena = arena_init(block, sizeof block);
	struct alert_ack ack = { .since_ms = 1 };
	struct alert alert;
	alert_fold_ack(&fold, &ack);
	ck_assert_int_eq(
	    alert_fold_view(&fold, &sites, &arena, &alert), MESH_NOT_FOUND);
}
START_TEST(news_has_no_seq_and_one_witness)
{
	struct arena arena = arena_init(block, sizeof block);
	struct mesh_position at = world_at(3, LANE_ALERT, 9);
	struct alert_statement said = statement(ALERT_INFO, 50);
	struct alert alert;
	ck_assert_int_eq(alert_news(&at, 60, &said, &sites, &arena, &alert), MESH_OK);
	const char *json = world_json(&alert_table, &alert);
	ck_assert(strstr(json, "\"seq\"") == NULL);
	ck_assert(strstr(json, "\"witnesses\":[\"s3\"]") != NULL);
	said.state = 9;
	ck_assert_int_eq(
	    alert_news(&at, 60, &said, &sites, &arena, &alert), MESH_NOT_FOUND);
}
START_TEST(any_order_and_repetition_gives_the_same_bytes)
{
	enum { SAID = 90, ROUNDS = 60 };
	static struct {
		uint8_t site, state;
		uint64_t seq;
		unix_ms since;
	} said[SAID];
	static size_t order[2 * SAID];
	static char first[16 * 1024];
	for (size_t i = 0; i < SAID; i++) {
		said[i].site = (uint8_t)(1 + rng_u32() % 38);
		said[i].state = (uint8_t)(rng_u32() % 4);
		said[i].seq = 1 + i;
		said[i].since = 100 + rng_u32() % 6;
	}
	for (int round = 0; round < ROUNDS; round++) {
		setup();
		world_shuffle(order, SAID);
		world_shuffle(order + SAID, SAID);
		for (size_t i = 0; i < (round % 2 ? 2u : 1u) * SAID; i++) {
			size_t k = order[i];
			struct alert_ack ack = { .since_ms = said[k].since };
			if (k % 10 == 0)
				alert_fold_ack(&fold, &ack);
			else
				say(said[k].site, said[k].seq, said[k].state,
				    said[k].since);
		}
		struct alert a = view();
		if (round == 0)
			strcpy(first, world_json(&alert_table, &a));
		ck_assert_str_eq(world_json(&alert_table, &a), first);
	}
}
START_TEST(words_are_read)
{
	uint8_t n = 9;
	ck_assert(alert_severity_of(text("critical"), &n) && n == SEVERITY_CRITICAL);
	ck_assert(alert_state_of(text("info"), &n) && n == ALERT_INFO);
	ck_assert(!alert_severity_of(text("hig"), &n) && !alert_state_of(text(""), &n));
}
CHECK_MODULE(alert, setup, an_id_depends_on_kind_subject_and_rule_alone,
    every_site_that_says_it_is_a_witness, it_fires_while_one_site_says_so,
    anybody_may_end_a_firing_by_its_since, an_acknowledgement_is_for_one_firing,
    an_older_statement_and_an_unknown_state_change_nothing,
    acknowledgements_alone_are_no_alert, news_has_no_seq_and_one_witness,
    any_order_and_repetition_gives_the_same_bytes, words_are_read)
