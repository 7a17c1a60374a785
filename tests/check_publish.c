#include "arena.h"
#include "id.h"
#include "known.h"
#include "lanes.h"
#include "model_world.h"
#include "publish.h"
#include "text.h"
#include "tree.h"

enum { US = 0x71b2c3d4, THEM = 0x11111111, OTHER = 0x22222222 };
static struct publish *publish;
static struct intents *intents;
static struct live *live;
static struct meshd_counts counts;
static struct mesh_now now;
static struct id self;
static uint8_t block[64 * 1024];

static void
make(bool demo, size_t intent_count)
{
	publish_free(publish);
	intents_free(intents);
	live_free(live);
	counts = (struct meshd_counts){ 0 };
	now = (struct mesh_now){ .ms = 100000, .unix_ms = 1700000000000 };
	self = id_of_node(ID_MT_NODE, US);
	intents = intents_new(intent_count, intent_count * 512);
	live = live_new(64);
	publish = publish_new(&(struct publish_params){ .intents = intents,
	    .live = live,
	    .counts = &counts,
	    .self = world_key(1),
	    .leaving = { .demo = demo } });
	ck_assert(publish != NULL && intents != NULL && live != NULL);
}

static void
setup(void)
{
	make(false, 64);
}

/* The oldest intent, decoded and taken away; lane LANE_LIVE: none waits. */
static struct mesh_record
take(union lane_object *out)
{
	static uint8_t body[2048];
	struct arena lists = arena_init(block, sizeof block);
	const struct field_table *table;
	struct intent i;
	if (!intents_peek(intents, &i))
		return (struct mesh_record){ .at.lane = LANE_LIVE };
	memcpy(body, i.body.ptr, i.body.len);
	struct mesh_record r = {
		.at.lane = i.lane, .type = i.type, .body = bytes_view(body, i.body.len)
	};
	ck_assert_int_eq(lane_decode(&r, out, &table, &lists), MESH_OK);
	intents_drop(intents);
	return r;
}

/* The next state record's key, its value as JSON in `json`; skips packets. */
static const char *
take_state(const char **json)
{
	static char key[STATE_KEY_MAX + 1], shown[4096];
	union lane_object o;
	for (;;) {
		struct mesh_record r = take(&o);
		if (r.at.lane == LANE_LIVE)
			return NULL;
		if (r.at.lane != LANE_STATE)
			continue;
		struct bytes_out out = bytes_out(shown, sizeof shown);
		struct json_out j = json_out(&out);
		describe_tree(o.put.value, &j);
		text_end(&out);
		memcpy(key, o.put.key.ptr, o.put.key.len);
		key[o.put.key.len] = '\0';
		*json = shown;
		return key;
	}
}

static struct radio_event
heard(uint32_t from, uint32_t to, uint16_t type)
{
	struct reception r = world_reception(from, 77, now.unix_ms);
	struct radio_event e = { .kind = RADIO_RECEPTION,
		.reception = { .has = r.has & ~(1ULL << RECEPTION_RADIO),
		    .packet = r.packet,
		    .from = r.from,
		    .network = r.network,
		    .type = type,
		    .channel = r.channel,
		    .hop_limit = r.hop_limit,
		    .hop_start = r.hop_start,
		    .rssi = r.rssi,
		    .snr = r.snr,
		    .time_ms = r.time_ms,
		    .raw = r.raw } };
	if (to != 0) {
		e.reception.to = id_of_node(ID_MT_NODE, to);
		e.reception.has |= 1 << RECEPTION_TO;
	}
	return e;
}

static void
tell(const struct radio_event *e)
{
	publish_event(publish, text("roof"), &self, e, now);
}

static void
wait_ms(mesh_time_ms ms)
{
	now.ms += ms;
	now.unix_ms += (unix_ms)ms;
	publish_tick(publish, now);
}

START_TEST(a_reception_becomes_a_packet_record)
{
	struct radio_event e = heard(THEM, 0, 1);
	union lane_object o;
	tell(&e);
	struct mesh_record r = take(&o);
	ck_assert(r.at.lane == LANE_PACKET && r.type == 1);
	ck_assert(id_equal(&o.reception.packet, &e.reception.packet));
	ck_assert(text_is(o.reception.radio, "roof"));
	ck_assert(bytes_equal(o.reception.raw, e.reception.raw));
	ck_assert_int_eq(o.reception.rssi, -90);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_TAKEN], 1);
}
START_TEST(other_peoples_messages_do_not_leave_the_site)
{
	static const struct {
		uint32_t from, to;
		uint16_t type;
		bool leaves;
		const char *why;
	} rows[] = {
		{ THEM, 0, 1, true, "to everybody" },
		{ THEM, OTHER, 1, false, "between two others" },
		{ THEM, OTHER, 7, false, "the same, compressed" },
		{ THEM, US, 1, true, "to our own radio" },
		{ US, THEM, 1, true, "from our own radio" },
		{ THEM, OTHER, 3, true, "a position is no message" },
		{ THEM, OTHER, 70, true, "nor is a traceroute" },
	};
	for (size_t n = 0; n < LENGTH(rows); n++) {
		struct radio_event e = heard(rows[n].from, rows[n].to, rows[n].type);
		setup();
		tell(&e);
		ck_assert_msg(
		    counts.n[COUNT_PUBLISH_TAKEN] == rows[n].leaves, "%s", rows[n].why);
		ck_assert_msg(counts.n[COUNT_PUBLISH_DIRECT] == !rows[n].leaves, "%s",
		    rows[n].why);
		ck_assert_uint_eq(counts.n[COUNT_PUBLISH_SEEN], 1);
		struct intent i;
		ck_assert(intents_peek(intents, &i));
		ck_assert_msg(i.lane == LANE_PACKET &&
			i.kind == (rows[n].leaves ? INTENT_APPEND : INTENT_LOCAL),
		    "%s", rows[n].why);
	}
}
START_TEST(a_radios_administration_does_not_leave_the_site)
{
	struct radio_event e = heard(THEM, US, 6); /* an answer to its owner */
	tell(&e);
	e = heard(US, 0, 6);
	tell(&e);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_ADMIN], 2);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_SEEN], 2);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_TAKEN], 0);
	e = heard(THEM, US, 6);
	e.reception.network = NETWORK_MESHCORE; /* where 6 is something else */
	tell(&e);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_TAKEN], 1);
}
START_TEST(simulated_packets_enter_a_demo_network_alone)
{
	struct radio_event e = heard(THEM, 0, 1);
	e.reception.via = VIA_SIMULATED;
	tell(&e);
	ck_assert_uint_eq(intents_count(intents), 0);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_SIMULATED], 1);
	make(true, 64);
	tell(&e);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_TAKEN], 1);
	setup();
	e.reception.via = 0;
	e.reception.network = NETWORK_SIM;
	tell(&e);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_SIMULATED], 1);
}
START_TEST(a_new_node_is_written_at_once_and_then_rarely)
{
	const char *json;
	struct radio_event e = heard(THEM, 0, 1);
	tell(&e);
	ck_assert_str_eq(take_state(&json), "node/meshtastic:!11111111");
	ck_assert(strstr(json, "\"first_ms\":1700000000000") != NULL);
	ck_assert(strstr(json, "\"hops\":0,\"direct\":true") != NULL);
	for (int i = 0; i < 14; i++) { /* only the hearing is newer */
		wait_ms(60 * 1000);
		e = heard(THEM, 0, 1);
		tell(&e);
		ck_assert_ptr_null(take_state(&json));
	}
	wait_ms(60 * 1000);
	ck_assert_str_eq(take_state(&json), "node/meshtastic:!11111111");
	wait_ms(3600 * 1000);
	ck_assert_msg(take_state(&json) == NULL, "silence is no news");
}
START_TEST(a_first_name_does_not_wait_for_the_next_time)
{
	const char *json;
	struct radio_event e = heard(THEM, 0, 1);
	tell(&e);
	ck_assert(take_state(&json) != NULL && strstr(json, "long_name") == NULL);
	wait_ms(1000);
	e = heard(THEM, 0, 4);
	e.reception.raw = hex("220a0804120612045a6f6f66");
	tell(&e);
	ck_assert(take_state(&json) != NULL &&
	    strstr(json, "\"long_name\":\"Zoof\"") != NULL);
	wait_ms(1000);
	ck_assert_ptr_null(take_state(&json));
}
START_TEST(a_changed_name_is_written_a_minute_after_the_last_time)
{
	const char *json;
	struct radio_event e = heard(THEM, 0, 4);
	e.reception.raw = hex("220a0804120612045a6f6f66");
	tell(&e);
	ck_assert(take_state(&json) != NULL &&
	    strstr(json, "\"long_name\":\"Zoof\"") != NULL);
	wait_ms(10 * 1000);
	e = heard(THEM, 0, 4);
	e.reception.raw = hex("220a080412061204526f6f66"); /* "Roof" */
	tell(&e);
	ck_assert_ptr_null(take_state(&json));
	ck_assert_uint_eq(publish_deadline(publish), 100000 + KNOWN_NODE_GAP_MS);
	wait_ms(50 * 1000);
	ck_assert(take_state(&json) != NULL &&
	    strstr(json, "\"long_name\":\"Roof\"") != NULL);
	wait_ms(3600 * 1000);
	ck_assert_ptr_null(take_state(&json));
}
START_TEST(the_radios_own_list_is_told_once)
{
	const char *json;
	struct tree_item items[8];
	struct tree_out facts = tree_out(items, LENGTH(items));
	tree_put_text(&facts, "long_name", text("Barn\n"));
	tree_put_i64(&facts, "last_ms", 1600000000000);
	tree_open_map(&facts, "battery");
	tree_put_u64(&facts, "percent", 80);
	tree_shut(&facts);
	struct radio_event e = { .kind = RADIO_NODE,
		.node = id_of_node(ID_MT_NODE, THEM),
		.facts = tree_done(&facts) };
	for (int i = 0; i < 3; i++) { /* each reconnection gives the list again */
		tell(&e);
		wait_ms(70 * 1000);
	}
	ck_assert(take_state(&json) != NULL);
	ck_assert(
	    strstr(json, "\"long_name\":\"Barn\",\"named_ms\":1600000000000") != NULL);
	ck_assert(strstr(json, "\"battery\":{\"percent\":80}") != NULL);
	ck_assert(strstr(json, "\"last_ms\":1600000000000") != NULL);
	ck_assert_ptr_null(take_state(&json));
}
/* A radio tells of a node in its list what packets of that node told it before. */
START_TEST(a_nodes_entry_in_the_radios_list_leaves_as_its_packets_do)
{
	static const struct {
		const char *filter;
		bool told, placed, powered;
	} rows[] = { { "network=meshtastic", true, true, true },
		{ "not from=!11111111", false, false, false },
		{ "not type=NODEINFO_APP", false, false, false },
		{ "not type=POSITION_APP", true, false, true },
		{ "not type=TELEMETRY_APP", true, true, false },
		{ "type=TEXT_MESSAGE_APP", false, false, false } };
	for (size_t n = 0; n < LENGTH(rows); n++) {
		static uint64_t filter_block[4096];
		struct arena arena = arena_init(filter_block, sizeof filter_block);
		struct leaving_rules rules = { .precision = LEAVING_EXACT };
		struct filter_error why;
		struct tree_item items[8];
		struct tree_out facts = tree_out(items, LENGTH(items));
		const char *json = "";
		tree_put_text(&facts, "long_name", text("Barn"));
		tree_open_map(&facts, "position");
		tree_put_f64(&facts, "lat", 52.5);
		tree_put_f64(&facts, "lon", 13.4);
		tree_shut(&facts);
		tree_open_map(&facts, "battery");
		tree_put_u64(&facts, "percent", 80);
		tree_shut(&facts);
		struct radio_event e = { .kind = RADIO_NODE,
			.node = id_of_node(ID_MT_NODE, THEM),
			.facts = tree_done(&facts) };
		setup();
		ck_assert_int_eq(filter_parse(&packet_table, text(rows[n].filter),
				     &arena, &rules.publish, &why),
		    MESH_OK);
		publish_rules(publish, &rules, now);
		tell(&e);
		ck_assert_msg(
		    (take_state(&json) != NULL) == rows[n].told, "%s", rows[n].filter);
		ck_assert_msg((strstr(json, "52.5") != NULL) == rows[n].placed, "%s",
		    rows[n].filter);
		ck_assert_msg((strstr(json, "battery") != NULL) == rows[n].powered,
		    "%s", rows[n].filter);
		ck_assert_uint_eq(
		    counts.n[COUNT_PUBLISH_NODES_WITHHELD], !rows[n].told);
	}
}
START_TEST(what_a_network_told_and_nobody_opened_names_no_node)
{
	const char *json;
	struct radio_event e = heard(THEM, 0, 1);
	e.reception.via = VIA_UDP;
	e.reception.has &= ~(1ULL << RECEPTION_TYPE);
	tell(&e);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_TAKEN], 1);
	ck_assert_ptr_null(take_state(&json));
}
START_TEST(what_was_said_before_the_start_lives_on)
{
	const char *json;
	struct id node = id_of_node(ID_MT_NODE, THEM);
	struct node_facts said = { .has = 1 << FACTS_LONG_NAME | 1 << FACTS_FIRST_MS |
		    1 << FACTS_LAST_MS | 1 << FACTS_NAMED_MS,
		.long_name = text("Barn"),
		.first_ms = 5,
		.last_ms = 6,
		.named_ms = 6 };
	publish_remember(publish, &node, &said);
	now.ms += KNOWN_HEARD_GAP_MS;
	struct radio_event e = heard(THEM, 0, 1);
	tell(&e);
	ck_assert(take_state(&json) != NULL);
	ck_assert(strstr(json, "\"long_name\":\"Barn\"") != NULL);
	ck_assert(strstr(json, "\"first_ms\":5,") != NULL);
}
START_TEST(what_the_radio_said_first_is_not_overwritten_by_memory)
{
	const char *json;
	struct id node = id_of_node(ID_MT_NODE, THEM);
	struct node_facts said = { .has = 1 << FACTS_LONG_NAME | 1 << FACTS_SHORT_NAME |
		    1 << FACTS_FIRST_MS | 1 << FACTS_LAST_MS,
		.long_name = text("Barn"),
		.short_name = text("BN"),
		.first_ms = 5,
		.last_ms = 6 };
	struct radio_event e = heard(THEM, 0, 4);
	e.reception.raw = hex("220a080412061204526f6f66"); /* long_name "Roof" */
	tell(&e);
	ck_assert_ptr_nonnull(take_state(&json));
	publish_remember(publish, &node, &said);
	wait_ms(KNOWN_NODE_GAP_MS);
	ck_assert_ptr_nonnull(take_state(&json));
	ck_assert(strstr(json, "\"long_name\":\"Roof\",\"short_name\":\"BN\"") != NULL);
	ck_assert(strstr(json, "\"first_ms\":5,\"last_ms\":1700000000000") != NULL);
}
START_TEST(a_full_queue_delays_state_and_loses_no_more_than_it_says)
{
	const char *json;
	make(false, 4);
	for (uint32_t i = 0; i < 10; i++) {
		struct radio_event e = heard(THEM + i, 0, 1);
		tell(&e);
	}
	uint64_t lost = counts.n[COUNT_PUBLISH_FULL];
	ck_assert_uint_gt(lost, 0);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_TAKEN] + lost, 10);
	unsigned states = 0;
	for (int i = 0; i < 40; i++) {
		while (take_state(&json) != NULL)
			states++;
		ck_assert(
		    i > 20 || states >= 10 || publish_deadline(publish) != MESH_NEVER);
		wait_ms(200);
	}
	ck_assert_uint_eq(states, 10);
}
START_TEST(a_full_table_of_nodes_forgets_the_one_heard_least_recently)
{
	const char *json;
	for (uint32_t i = 1; i <= PUBLISH_NODES; i++) {
		now.unix_ms++;
		struct radio_event e = heard(i, 0, 1);
		tell(&e);
		while (take_state(&json) != NULL)
			;
	}
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_NODES_FULL], 0);
	struct radio_event e = heard(PUBLISH_NODES + 1, 0, 1);
	tell(&e);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_NODES_FULL], 1);
	ck_assert_ptr_nonnull(take_state(&json));
	e = heard(2, 0, 1); /* still known: not new */
	tell(&e);
	ck_assert_ptr_null(take_state(&json));
	e = heard(1, 0, 1); /* forgotten: new */
	tell(&e);
	ck_assert_ptr_nonnull(take_state(&json));
}
/* An entry of the radio's own list. */
static void
list_node(uint32_t number)
{
	struct tree_item items[4];
	struct tree_out facts = tree_out(items, LENGTH(items));
	tree_put_text(&facts, "long_name", text("Barn"));
	struct radio_event e = { .kind = RADIO_NODE,
		.node = id_of_node(ID_MT_NODE, number),
		.facts = tree_done(&facts) };
	tell(&e);
}

static size_t
take_all(void)
{
	const char *json;
	size_t states = 0;
	while (take_state(&json) != NULL)
		states++;
	return states;
}

/* What was not told yet is not thrown away for who comes next, while there is room. */
START_TEST(a_node_that_waits_to_be_told_is_told_before_it_is_forgotten)
{
	enum { MORE = 100 };
	size_t states = 0;
	for (uint32_t i = 0; i < PUBLISH_NODES; i++)
		list_node(THEM + i); /* nobody fetches: nearly all of them wait */
	states += take_all();
	for (uint32_t i = 0; i < MORE; i++) {
		list_node(THEM + PUBLISH_NODES + i);
		if (i % 10 == 9)
			states += take_all();
	}
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_NODES_LOST], 0);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_NODES_FULL], MORE);
	for (int i = 0; i < 200; i++) {
		states += take_all();
		wait_ms(200);
	}
	ck_assert_uint_eq(states, PUBLISH_NODES + MORE);
}
START_TEST(a_node_that_is_lost_before_it_was_told_is_counted_apart)
{
	for (uint32_t i = 0; i < PUBLISH_NODES + 200; i++)
		list_node(THEM + i);
	uint64_t told = counts.n[COUNT_PUBLISH_NODES_FULL];
	ck_assert_uint_gt(told, 0);
	ck_assert_uint_gt(counts.n[COUNT_PUBLISH_NODES_LOST], 0);
	ck_assert_uint_eq(told + counts.n[COUNT_PUBLISH_NODES_LOST], 200);
}
START_TEST(a_radios_state_is_written_when_it_matters)
{
	const char *json;
	struct radio_status s = { .has = 1 << RADIO_ROW_NAME | 1 << RADIO_ROW_STATE |
		    1 << RADIO_ROW_RX_PACKETS,
		.name = text("roof"),
		.state = RADIO_CONNECTING };
	publish_radio(publish, &s, now);
	ck_assert_str_eq(take_state(&json), "radio/roof");
	ck_assert_str_eq(json, "{\"name\":\"roof\",\"state\":\"connecting\"}");
	s.state = RADIO_WAITING;
	wait_ms(PUBLISH_RADIO_GAP_MS);
	publish_radio(publish, &s, now);
	ck_assert_msg(take_state(&json) == NULL, "not connected, as before");
	s.state = RADIO_CONNECTED;
	s.rx_packets = 5;
	publish_radio(publish, &s, now);
	ck_assert_str_eq(take_state(&json), "radio/roof");
	s.state = RADIO_WAITING;
	publish_radio(publish, &s, now);
	ck_assert_msg(take_state(&json) == NULL, "too soon after the last");
	wait_ms(PUBLISH_RADIO_GAP_MS);
	ck_assert(take_state(&json) != NULL && strstr(json, "waiting") != NULL);
	s.rx_packets = 6;
	wait_ms(PUBLISH_RADIO_GAP_MS);
	publish_radio(publish, &s, now);
	ck_assert_msg(take_state(&json) == NULL, "a counter is no news");
	ck_assert_uint_eq(live_radio_at(live, 0)->rx_packets, 6);
	publish_radio_gone(publish, text("roof"));
	ck_assert_uint_eq(live_radio_count(live), 0);
}
START_TEST(whatever_is_told_of_a_radios_node_is_news)
{
	const char *json;
	struct radio_status s = { .has = 1 << RADIO_ROW_NAME | 1 << RADIO_ROW_NODE,
		.name = text("roof") };
	struct text_view *texts[] = { &s.node.name, &s.node.firmware,
		&s.node.short_name, &s.node.role, &s.node.hardware, &s.node.can };
	publish_radio(publish, &s, now);
	ck_assert_ptr_nonnull(take_state(&json));
	for (size_t i = 0; i < LENGTH(texts); i++) {
		*texts[i] = text("other");
		wait_ms(PUBLISH_RADIO_GAP_MS);
		publish_radio(publish, &s, now);
		ck_assert_msg(take_state(&json) != NULL, "text %zu", i);
	}
}
START_TEST(the_site_introduces_itself)
{
	const char *json;
	struct site_value site = { .has = 1 << SITE_NAME | 1 << SITE_VERSION,
		.name = text("barn"),
		.version = text("0.1.0") };
	publish_site(publish, &site, now);
	char room[SITE_SHOWN_MAX];
	struct mesh_key key = world_key(1);
	ck_assert(text_is(sites_name(live_sites(live), &key, room), "barn"));
	ck_assert_uint_le(publish_deadline(publish), now.ms);
	wait_ms(0);
	ck_assert_str_eq(take_state(&json), "site");
	ck_assert_str_eq(json, "{\"name\":\"barn\",\"version\":\"0.1.0\"}");
	wait_ms(3600 * 1000);
	ck_assert_ptr_null(take_state(&json));
}
START_TEST(places_are_told_again_when_they_are_to_be_less_exact)
{
	const char *json;
	struct site_value site = { .has = 1 << SITE_NAME | 1 << SITE_LATITUDE |
		    1 << SITE_LONGITUDE,
		.name = text("barn"),
		.latitude = 52.5200123,
		.longitude = 13.4050987 };
	struct leaving_rules rules = { .precision = LEAVING_EXACT };
	publish_rules(publish, &rules, now);
	publish_site(publish, &site, now);
	wait_ms(PUBLISH_GREET_GAP_MS);
	ck_assert_str_eq(take_state(&json), "site");
	ck_assert_ptr_nonnull(strstr(json, "52.52001"));
	while (take_state(&json) != NULL)
		continue;
	publish_rules(publish, &rules, now);
	wait_ms(3600 * 1000);
	ck_assert_ptr_null(take_state(&json)); /* the same rules say nothing new */
	rules.precision = 13;
	publish_rules(publish, &rules, now);
	wait_ms(PUBLISH_GREET_GAP_MS);
	ck_assert_str_eq(take_state(&json), "site");
	ck_assert_ptr_null(strstr(json, "52.52001"));
}
/* Facts of THEM that were told, and what a new epoch says after a reload. */
static const char *
told_anew(const char *filter, bool heard_since)
{
	static uint64_t filter_block[4096];
	struct arena arena = arena_init(filter_block, sizeof filter_block);
	struct leaving_rules rules = { .precision = LEAVING_EXACT };
	struct filter_error why;
	const char *json = "";
	struct id node = id_of_node(ID_MT_NODE, THEM);
	struct node_facts said = { .has = 1 << FACTS_LONG_NAME | 1 << FACTS_LAST_MS |
		    1 << FACTS_POSITION | 1 << FACTS_BATTERY,
		.long_name = text("Barn"),
		.last_ms = 6,
		.position = { .has = 3, .lat = 52.5, .lon = 13.4 },
		.battery = { .has = 1, .percent = 80 } };
	setup();
	publish_remember(publish, &node, &said);
	ck_assert_int_eq(
	    filter_parse(&packet_table, text(filter), &arena, &rules.publish, &why),
	    MESH_OK);
	publish_rules(publish, &rules, now);
	publish_anew(publish, now);
	if (heard_since) {
		struct radio_event e = heard(THEM, 0, 1);
		tell(&e);
	}
	wait_ms(KNOWN_NODE_GAP_MS);
	for (const char *key = take_state(&json); key != NULL; key = take_state(&json))
		if (strncmp(key, "node/", 5) == 0)
			return json;
	return "";
}
START_TEST(what_may_not_be_told_any_more_is_not_told_in_a_new_epoch)
{
	const char *json = told_anew("", false);
	ck_assert(strstr(json, "Barn") && strstr(json, "52.5") && strstr(json, "80"));
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_NODES_WITHHELD], 0);
	json = told_anew("not type=POSITION_APP", false);
	ck_assert(strstr(json, "Barn") && !strstr(json, "52.5") && strstr(json, "80"));
	json = told_anew("not type=TELEMETRY_APP", false);
	ck_assert(strstr(json, "Barn") && strstr(json, "52.5") && !strstr(json, "80"));
	json = told_anew("not from=!12345678", false);
	ck_assert(strstr(json, "Barn") && strstr(json, "52.5") && strstr(json, "80"));
	json = told_anew("not from=!11111111", false);
	ck_assert_str_eq(json, "");
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_NODES_WITHHELD], 1);
	ck_assert_str_eq(told_anew("not from=!11111111", true), "");
	json = told_anew("channel.index=0", true); /* heard anew: that much is told */
	ck_assert(strstr(json, "Barn") == NULL);
}
START_TEST(a_newcomer_is_greeted_and_a_crowd_not_more_often)
{
	const char *json;
	struct site_value site = { .has = 1 << SITE_NAME, .name = text("barn") };
	publish_site(publish, &site, now);
	wait_ms(0);
	ck_assert_str_eq(take_state(&json), "site");
	for (int i = 0; i < 10; i++) /* ten sites within a second */
		publish_greet(publish, now);
	wait_ms(PUBLISH_GREET_GAP_MS - 1);
	ck_assert_ptr_null(take_state(&json));
	wait_ms(1);
	ck_assert_str_eq(take_state(&json), "site");
	wait_ms(3600 * 1000);
	ck_assert_ptr_null(take_state(&json));
}
START_TEST(every_reception_is_counted_once)
{
	make(false, 8);
	for (int i = 0; i < 500; i++) {
		static uint8_t raw[1024];
		struct radio_event e = heard(
		    rng_u32() % 5 + 1, rng_u32() % 4, (uint16_t)(rng_u32() % 8));
		e.reception.via = rng_u32() % 64;
		e.reception.raw = bytes_view(raw, 1 + rng_u32() % sizeof raw);
		if (rng_u32() % 10 == 0)
			e.reception.packet.kind = ID_NONE;
		if (rng_u32() % 10 == 0)
			e.reception.has = rng_u64();
		tell(&e);
		if (rng_u32() % 2 == 0)
			intents_drop(intents);
	}
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_SEEN], 500);
	ck_assert_uint_eq(counts.n[COUNT_PUBLISH_TAKEN] +
		counts.n[COUNT_PUBLISH_SIMULATED] + counts.n[COUNT_PUBLISH_DIRECT] +
		counts.n[COUNT_PUBLISH_PRIVATE] + counts.n[COUNT_PUBLISH_ADMIN] +
		counts.n[COUNT_PUBLISH_UNNAMED] + counts.n[COUNT_PUBLISH_TOO_LARGE] +
		counts.n[COUNT_PUBLISH_FULL],
	    500);
}
CHECK_MODULE(publish, setup, a_reception_becomes_a_packet_record,
    whatever_is_told_of_a_radios_node_is_news,
    a_nodes_entry_in_the_radios_list_leaves_as_its_packets_do,
    what_a_network_told_and_nobody_opened_names_no_node,
    other_peoples_messages_do_not_leave_the_site,
    a_radios_administration_does_not_leave_the_site,
    a_first_name_does_not_wait_for_the_next_time,
    simulated_packets_enter_a_demo_network_alone,
    a_new_node_is_written_at_once_and_then_rarely,
    a_changed_name_is_written_a_minute_after_the_last_time,
    the_radios_own_list_is_told_once, what_was_said_before_the_start_lives_on,
    what_the_radio_said_first_is_not_overwritten_by_memory,
    a_full_queue_delays_state_and_loses_no_more_than_it_says,
    a_full_table_of_nodes_forgets_the_one_heard_least_recently,
    a_node_that_waits_to_be_told_is_told_before_it_is_forgotten,
    a_node_that_is_lost_before_it_was_told_is_counted_apart,
    a_radios_state_is_written_when_it_matters, the_site_introduces_itself,
    places_are_told_again_when_they_are_to_be_less_exact,
    what_may_not_be_told_any_more_is_not_told_in_a_new_epoch,
    a_newcomer_is_greeted_and_a_crowd_not_more_often, every_reception_is_counted_once)
