#include "arena.h"
#include "id.h"
#include "model_world.h"
#include "node.h"
#include "text.h"

static uint8_t block[64 * 1024];
static struct sites sites;
static struct node_fold fold;
static struct id node_id;

static void
setup(void)
{
	sites = world_sites(30);
	node_id = id_of_node(ID_MT_NODE, 0xa1b2c3d4);
	fold = node_fold(&node_id);
}

static const char *
json(void)
{
	struct arena arena = arena_init(block, sizeof block);
	struct node node;
	ck_assert_int_eq(node_fold_view(&fold, &sites, &arena, &node), MESH_OK);
	return world_json(&node_table, &node);
}

static void
add_reception(uint8_t site, uint64_t seq, const struct reception *r)
{
	struct mesh_position at = world_at(site, LANE_PACKET, seq);
	struct mesh_key key = world_key(site);
	struct node_hearing h;
	ck_assert(node_hearing_of(&at, r, &h));
	node_fold_hearing(&fold, &key, &h);
}

static void
add_facts(uint8_t site, uint64_t seq, const struct node_facts *facts)
{
	struct mesh_position at = world_at(site, LANE_STATE, seq);
	node_fold_facts(&fold, &at, facts);
}

static struct node_facts
named(const char *name, unix_ms when)
{
	return (struct node_facts){ .has = 1 << FACTS_LONG_NAME | 1 << FACTS_NAMED_MS,
		.long_name = text(name),
		.named_ms = when };
}

START_TEST(a_node_that_nobody_described_has_only_its_id)
{
	ck_assert_str_eq(
	    json(), "{\"network\":\"meshtastic\",\"id\":\"!a1b2c3d4\",\"heard\":[]}");
}
START_TEST(hearings_and_facts_meet_in_one_view)
{
	struct reception r = world_reception(0xa1b2c3d4, 1, 5000);
	struct node_facts facts = named("Roof", 4000);
	facts.has |= 1 << FACTS_POSITION | 1 << FACTS_POSITION_MS |
	    1 << FACTS_FIRST_MS | 1 << FACTS_LAST_MS;
	facts.position = (struct node_position){ .has = 3, .lat = 48.5, .lon = 9.25 };
	facts.first_ms = 100;
	facts.last_ms = 4000;
	add_reception(1, 3, &r);
	add_facts(2, 9, &facts);
	ck_assert_str_eq(json(),
	    "{\"network\":\"meshtastic\",\"id\":\"!a1b2c3d4\",\"long_name\":\"Roof\","
	    "\"position\":{\"lat\":48.5,\"lon\":9.25},\"heard\":["
	    "{\"site\":\"s1\",\"last_ms\":5000,\"rssi\":-90,\"snr\":6.25,\"hops\":0,"
	    "\"direct\":true},{\"site\":\"s2\",\"last_ms\":4000}],"
	    "\"first_ms\":100,\"last_ms\":5000}");
}
START_TEST(each_group_of_fields_is_what_was_learnt_last)
{
	struct node_facts old = named("Old", 100), new = named("New", 200);
	old.has |= 1 << FACTS_BATTERY | 1 << FACTS_BATTERY_MS;
	old.battery = (struct node_battery){ .has = 1, .percent = 55 };
	old.battery_ms = 900;
	add_facts(1, 1, &new);
	add_facts(2, 1, &old);
	ck_assert(strstr(json(), "\"long_name\":\"New\"") != NULL);
	ck_assert(strstr(json(), "\"percent\":55") != NULL);
}
START_TEST(an_echo_of_ours_is_no_hearing)
{
	struct mesh_position at = world_at(1, LANE_PACKET, 1);
	struct reception r = world_reception(1, 1, 1);
	struct node_hearing h;
	r.via = VIA_ECHO;
	ck_assert(!node_hearing_of(&at, &r, &h));
	r = world_reception(1, 1, 1);
	r.has &= ~(1ULL << RECEPTION_FROM);
	ck_assert(!node_hearing_of(&at, &r, &h));
}
START_TEST(what_came_by_mqtt_is_not_direct)
{
	struct mesh_position at = world_at(1, LANE_PACKET, 1);
	struct reception r = world_reception(1, 1, 1);
	struct node_hearing h;
	ck_assert(node_hearing_of(&at, &r, &h) && h.direct);
	r.via = VIA_MQTT;
	ck_assert(node_hearing_of(&at, &r, &h) && !h.direct);
}
START_TEST(names_from_the_air_are_cleaned)
{
	struct node_facts facts = named("a\n\xe2\x80\xae"
					"b\xff",
	    1);
	add_facts(1, 1, &facts);
	ck_assert(strstr(json(), "\"long_name\":\"ab\xef\xbf\xbd\"") != NULL);
}

struct said {
	bool facts;
	uint8_t site;
	uint64_t seq;
	struct node_facts f;
	struct reception r;
};

START_TEST(any_order_and_repetition_gives_the_same_bytes)
{
	enum { SAID = 80, ROUNDS = 60 };
	static struct said said[SAID];
	static size_t order[2 * SAID];
	static const char *const names[] = { "a", "b", "c" };
	static char first[16 * 1024];
	for (size_t i = 0; i < SAID; i++) {
		said[i] = (struct said){ i % 2 == 0, (uint8_t)(1 + i / 2 % 25),
			1 + i / 50, named(names[rng_u32() % 3], rng_u32() % 5),
			world_reception(
			    0xa1b2c3d4, rng_u32() % 4, 50 + rng_u32() % 9) };
		said[i].f.has |= (rng_u32() % 2 << FACTS_LAST_MS) |
		    (rng_u32() % 2 << FACTS_POSITION) |
		    (rng_u32() % 2 << FACTS_FIRST_MS);
		said[i].f.last_ms = 50 + rng_u32() % 9;
		said[i].f.first_ms = rng_u32() % 50;
		said[i].f.position = (struct node_position){ .has = 1,
			.lat = rng_u32() % 90 };
		said[i].f.position_ms = rng_u32() % 4;
		said[i].r.rssi = -(int32_t)(rng_u32() % 100);
	}
	for (int round = 0; round < ROUNDS; round++) {
		setup();
		world_shuffle(order, SAID);
		world_shuffle(order + SAID, SAID);
		for (size_t i = 0; i < (round % 2 ? 2u : 1u) * SAID; i++) {
			const struct said *s = &said[order[i]];
			if (s->facts)
				add_facts(s->site, s->seq, &s->f);
			else
				add_reception(s->site, s->seq, &s->r);
		}
		if (round == 0)
			strcpy(first, json());
		ck_assert_str_eq(json(), first);
	}
}
START_TEST(a_state_and_a_packet_of_one_number_and_instant_have_an_order)
{
	struct reception r = world_reception(0xa1b2c3d4, 1, 50);
	struct node_facts facts = { .has = 1 << FACTS_LAST_MS, .last_ms = 50 };
	add_reception(1, 1, &r);
	add_facts(1, 1, &facts);
	ck_assert(strstr(json(), "\"rssi\":-90") != NULL);
	setup();
	add_facts(1, 1, &facts);
	add_reception(1, 1, &r);
	ck_assert(strstr(json(), "\"rssi\":-90") != NULL);
}
START_TEST(hearings_of_one_site_fold_in_any_order)
{
	struct mesh_position at = world_at(1, LANE_PACKET, 1),
			     later = world_at(1, LANE_PACKET, 2);
	struct reception a = world_reception(1, 1, 100), b = world_reception(1, 2, 90);
	struct node_hearing x, y, z;
	ck_assert(node_hearing_of(&at, &a, &x) && node_hearing_of(&later, &b, &y));
	z = y;
	node_hearing_add(&z, &x);
	node_hearing_add(&x, &y);
	ck_assert(fields_equal(&node_hearing_table, &x, &z));
	ck_assert_int_eq(x.first_ms, 90);
	ck_assert_int_eq(x.last_ms, 100);
}
CHECK_MODULE(node, setup, a_node_that_nobody_described_has_only_its_id,
    hearings_and_facts_meet_in_one_view, each_group_of_fields_is_what_was_learnt_last,
    an_echo_of_ours_is_no_hearing, what_came_by_mqtt_is_not_direct,
    names_from_the_air_are_cleaned, any_order_and_repetition_gives_the_same_bytes,
    a_state_and_a_packet_of_one_number_and_instant_have_an_order,
    hearings_of_one_site_fold_in_any_order)
