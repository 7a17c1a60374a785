#include "arena.h"
#include "id.h"
#include "lanes.h"
#include "model_world.h"
#include "rule_table.h"
#include "rules.h"
#include "text.h"
#include "tree.h"

static struct rules *rules;
static struct feed *feed;
static struct intents *intents;
static struct live *live;
static struct meshd_counts counts;
static const struct mesh_now now = { .ms = 1000, .unix_ms = 1700000000000 };
static uint8_t block[64 * 1024];

static void
make(size_t intent_count)
{
	rules_free(rules);
	feed_free(feed);
	intents_free(intents);
	live_free(live);
	counts = (struct meshd_counts){ 0 };
	feed = feed_new(256, 512 * 1024);
	intents = intents_new(intent_count, intent_count * 600);
	live = live_new(16);
	rules = rules_new(&(struct rules_params){
	    .feed = feed, .intents = intents, .live = live, .counts = &counts });
	ck_assert(rules != NULL);
}

static void
setup(void)
{
	make(16);
}

/* What a site tells its own feed of a packet of that type, with text "fire". */
static void
hear(uint8_t site, uint32_t id, uint16_t type, const char *raw, bool own)
{
	struct arena arena = arena_init(block, sizeof block);
	struct sites names = world_sites(3);
	struct packet_fold fold = packet_fold();
	struct reception r = world_reception(9, id, 500 + site);
	struct mesh_position at = world_at(site, LANE_PACKET, id);
	struct packet p;
	r.type = type;
	r.raw = hex(raw);
	packet_fold_add(&fold, &at, &r);
	ck_assert_int_eq(packet_fold_view(&fold, &names, &arena, &p), MESH_OK);
	struct feed_item item = { .topic = FEED_PACKET,
		.stage = FEED_HEARD,
		.own = own,
		.time_ms = 1,
		.table = &packet_table,
		.object = &p };
	ck_assert_uint_ne(feed_append(feed, &item), 0);
}
static const char alert_fire[] = "2208080b120466697265"; /* ALERT_APP "fire" */
static const char sensor_fire[] = "2208080a120466697265";
static const char text_fire[] = "22080801120466697265";

static bool
raised(struct alert_statement *out)
{
	static uint8_t body[2048], lists[4096];
	struct arena arena = arena_init(lists, sizeof lists);
	const struct field_table *table;
	union lane_object o;
	struct intent i;
	while (rules_read(rules, now))
		;
	if (!intents_peek(intents, &i))
		return false;
	memcpy(body, i.body.ptr, i.body.len);
	struct mesh_record r = {
		.at.lane = i.lane, .type = i.type, .body = bytes_view(body, i.body.len)
	};
	ck_assert_int_eq(lane_decode(&r, &o, &table, &arena), MESH_OK);
	ck_assert(table == &alert_statement_table);
	intents_drop(intents);
	*out = o.statement;
	return true;
}

START_TEST(an_alert_packet_is_one_alert)
{
	struct alert_statement said;
	hear(1, 7, 11, alert_fire, true);
	hear(1, 7, 11, alert_fire, true);
	ck_assert(raised(&said));
	ck_assert(text_is(said.kind, "message.alert") && text_is(said.text, "fire"));
	ck_assert(said.severity == SEVERITY_HIGH && said.state == ALERT_INFO);
	ck_assert(text_is(said.subject.type, "packet"));
	ck_assert(text_is(said.subject.id, "mt:00000009:00000007"));
	ck_assert(text_is(tree_text(said.data, "from"), "!00000009"));
	ck_assert(text_is(tree_text(said.data, "type"), "ALERT_APP"));
	ck_assert_int_eq(said.since_ms, 501);
	ck_assert(!raised(&said));
	ck_assert_uint_eq(counts.n[COUNT_RULES_RAISED], 1);
	ck_assert_uint_eq(counts.n[COUNT_RULES_REPEATED], 1);
}
START_TEST(only_alarms_of_our_own_radios_count)
{
	static const struct {
		uint16_t type;
		const char *raw;
		bool own, raises;
		const char *why;
	} rows[] = {
		{ 11, alert_fire, true, true, "an alert" },
		{ 10, sensor_fire, true, true, "a detection sensor" },
		{ 1, text_fire, true, false, "a text that says fire" },
		{ 11, alert_fire, false, false,
		    "heard by another site: it will say so" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct alert_statement said;
		setup();
		hear(1, 7, rows[i].type, rows[i].raw, rows[i].own);
		ck_assert_msg(raised(&said) == rows[i].raises, "%s", rows[i].why);
	}
}
START_TEST(two_sites_that_hear_one_packet_write_one_alert_with_two_witnesses)
{
	struct arena arena = arena_init(block, sizeof block);
	static struct alert_fold fold;
	struct sites names = world_sites(3);
	struct alert alert;
	alert_fold_init(&fold);
	for (uint8_t site = 1; site <= 2;
	     site++) { /* each by itself, with its own rules */
		struct mesh_position at = world_at(site, LANE_ALERT, 1);
		static struct alert_statement said[3];
		static char texts[3][8];
		setup();
		hear(site, 7, 11, alert_fire, true);
		ck_assert(raised(&said[site]));
		memcpy(texts[site], said[site].text.ptr, said[site].text.len);
		said[site].text = (struct text_view){ texts[site],
			said[site].text.len };
		said[site].kind = text("message.alert");
		said[site].has &= ~(1ULL << STATEMENT_DATA | 1ULL << STATEMENT_RULE |
		    1ULL << STATEMENT_SUBJECT);
		alert_fold_add(&fold, &at, 900, &said[site]);
	}
	ck_assert_int_eq(alert_fold_view(&fold, &names, &arena, &alert), MESH_OK);
	ck_assert_uint_eq(alert.witnesses.count, 2);
	ck_assert(text_is(alert.site, "s1"));
}
START_TEST(a_senders_name_is_shown_but_does_not_change_the_id)
{
	struct alert_statement said;
	hear(1, 7, 11, alert_fire, true);
	ck_assert(raised(&said));
	struct id nameless = said.id;
	setup();
	struct id node = id_of_node(ID_MT_NODE, 9);
	struct mesh_position at = world_at(1, LANE_STATE, 1);
	struct node_facts facts = { .has = 1 << FACTS_LONG_NAME | 1 << FACTS_NAMED_MS,
		.long_name = text("Barn"),
		.named_ms = 1 };
	live_node_facts(live, &node, &at, &facts);
	hear(1, 7, 11, alert_fire, true);
	ck_assert(raised(&said));
	ck_assert(text_is(said.subject.name, "Barn"));
	ck_assert(id_equal(&said.id, &nameless));
}
START_TEST(text_from_the_air_is_cleaned)
{
	struct alert_statement said;
	hear(1, 7, 11, "2208080b120461201b62", true); /* "a \x1bb" */
	ck_assert(raised(&said) && text_is(said.text, "a b"));
}
START_TEST(a_full_queue_is_tried_again)
{
	struct alert_statement said;
	make(1);
	hear(1, 7, 11, alert_fire, true);
	hear(1, 8, 11, alert_fire, true);
	ck_assert(raised(&said) && text_is(said.subject.id, "mt:00000009:00000007"));
	ck_assert_uint_ge(counts.n[COUNT_RULES_FULL], 1);
	ck_assert(raised(&said) && text_is(said.subject.id, "mt:00000009:00000008"));
	ck_assert(!raised(&said));
	ck_assert_uint_eq(counts.n[COUNT_RULES_RAISED], 2);
}
START_TEST(news_that_went_by_unread_is_counted)
{
	struct alert_statement said;
	for (uint32_t i = 1; i <= 300; i++)
		hear(1, i, 1, text_fire, true);
	ck_assert(!raised(&said));
	ck_assert_uint_gt(counts.n[COUNT_FEED_MISSED], 0);
	ck_assert_uint_eq(
	    counts.n[COUNT_FEED_MISSED] + counts.n[COUNT_RULES_SEEN], 300);
}
START_TEST(every_row_says_what_it_is)
{
	for (const struct rule *r = rule_table; r->kind != NULL; r++) {
		ck_assert(r->match != NULL && r->key != NULL && r->doc != NULL);
		ck_assert(strchr(r->kind, '.') != NULL && r->topic != 0);
	}
}
CHECK_MODULE(rules, setup, an_alert_packet_is_one_alert,
    only_alarms_of_our_own_radios_count,
    two_sites_that_hear_one_packet_write_one_alert_with_two_witnesses,
    a_senders_name_is_shown_but_does_not_change_the_id, text_from_the_air_is_cleaned,
    a_full_queue_is_tried_again, news_that_went_by_unread_is_counted,
    every_row_says_what_it_is)
