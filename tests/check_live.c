#include "arena.h"
#include "id.h"
#include "live.h"
#include "model_world.h"
#include "text.h"

static struct live *live;

static void
setup(void)
{
	live_free(live);
	live = live_new(8);
	ck_assert(live != NULL);
}

static void
hear(uint32_t node, unix_ms when)
{
	struct id id = id_of_node(ID_MT_NODE, node);
	struct mesh_key key = world_key(1);
	struct node_hearing h = { .has = 3, .first_ms = when, .last_ms = when };
	live_node_hearing(live, &id, &key, &h);
}

static bool
knows(uint32_t node)
{
	struct id id = id_of_node(ID_MT_NODE, node);
	return live_node(live, &id) != NULL;
}

START_TEST(nodes_are_known_once_heard)
{
	ck_assert(!knows(1));
	hear(1, 100);
	hear(1, 200);
	ck_assert(knows(1) && !knows(2));
	ck_assert_uint_eq(live_node_count(live), 1);
}
START_TEST(a_full_table_forgets_who_was_heard_least_recently)
{
	for (uint32_t i = 1; i <= 8; i++)
		hear(i, 1000 - (unix_ms)i);
	hear(99, 2000);
	ck_assert(knows(99) && knows(1) && !knows(8));
	for (uint32_t i = 100; i < 1000; i++)
		hear(i, 2000 + (unix_ms)i);
	ck_assert(knows(999) && !knows(99));
	ck_assert_uint_le(live_node_count(live), 8);
}
START_TEST(facts_and_hearings_meet)
{
	struct id id = id_of_node(ID_MT_NODE, 5);
	struct mesh_position at = world_at(2, LANE_STATE, 1);
	struct node_facts facts = { .has = 1 << FACTS_LONG_NAME | 1 << FACTS_NAMED_MS,
		.long_name = text("Roof"),
		.named_ms = 4 };
	live_node_facts(live, &id, &at, &facts);
	hear(5, 7);
	const struct node_fold *fold = live_node(live, &id);
	ck_assert_uint_eq(fold->len[0], 4);
	ck_assert_int_eq(fold->last_ms, 7);
}
START_TEST(of_a_purged_site_nothing_stays_but_its_name)
{
	struct id id = id_of_node(ID_MT_NODE, 5);
	struct mesh_position one = world_at(1, LANE_STATE, 1),
			     two = world_at(2, LANE_STATE, 1);
	struct node_facts facts = { .has = 1 << FACTS_LONG_NAME | 1 << FACTS_NAMED_MS,
		.long_name = text("Roof"),
		.named_ms = 4 };
	char room[SITE_SHOWN_MAX];
	live_site(live, &one, text("barn"), text("0.2.0"));
	live_node_facts(live, &id, &one, &facts);
	hear(5, 7); /* both by site 1 */
	hear(6, 7);
	facts.has = 1 << FACTS_BATTERY | 1 << FACTS_BATTERY_MS;
	live_node_facts(live, &id, &two, &facts);
	hear(9, 7);
	live_purge(live, &one);
	ck_assert_uint_eq(live_node_count(live), 1);
	ck_assert(knows(5) && !knows(6) && !knows(9));
	const struct node_fold *fold = live_node(live, &id);
	ck_assert_uint_eq(fold->count, 0);
	ck_assert_uint_eq(fold->has, 1 << FACTS_BATTERY);
	ck_assert(text_is(sites_name(live_sites(live), &one.origin, room), "barn"));
	one.epoch--; /* what was said since stays */
	hear(6, 8);
	struct mesh_position later = two;
	later.epoch = two.epoch - 1;
	live_purge(live, &later);
	ck_assert(knows(5));
}
START_TEST(sites_have_names_and_versions)
{
	struct mesh_position at = world_at(3, LANE_STATE, 5),
			     old = world_at(3, LANE_STATE, 4);
	char room[SITE_SHOWN_MAX];
	ck_assert(live_version(live, &at.origin).len == 0);
	live_site(live, &at, text("barn"), text("0.2.0"));
	live_site(live, &old, text("shed"), text("0.1.0"));
	ck_assert(text_is(live_version(live, &at.origin), "0.2.0"));
	ck_assert(text_is(sites_name(live_sites(live), &at.origin, room), "barn"));
}
START_TEST(radios_are_copied_texts_and_all)
{
	char name[8] = "roof", error[8] = "lost";
	struct radio_status s = { .has = 1 << RADIO_ROW_NAME | 1 << RADIO_ROW_ERROR,
		.name = text(name),
		.error = text(error) };
	ck_assert(live_radio(live, &s));
	memset(name, 'x', 4);
	memset(error, 'y', 4);
	ck_assert_str_eq(world_json(&radio_status_table, live_radio_at(live, 0)),
	    "{\"name\":\"roof\",\"error\":\"lost\"}");
	strcpy(name, "barn");
	ck_assert(live_radio(live, &s));
	ck_assert_uint_eq(live_radio_count(live), 2);
	live_radio_gone(live, text("roof"));
	ck_assert_uint_eq(live_radio_count(live), 1);
	memset(name, 'z', 4);
	ck_assert(text_is(live_radio_at(live, 0)->name, "barn"));
	ck_assert(live_radio_at(live, 1) == NULL && live_radios(live).count == 1);
}
START_TEST(sixteen_radios_and_no_more)
{
	char name[8];
	struct radio_status s = { .has = 1 };
	for (int i = 0; i < LIVE_RADIOS + 1; i++) {
		snprintf(name, sizeof name, "r%d", i);
		s.name = text(name);
		ck_assert(live_radio(live, &s) == (i < LIVE_RADIOS));
	}
}
enum { NOW_MS = 10000 };

static void
measure_of(uint8_t site, const char *name, const char *radio, const char *reason,
    double value, unix_ms when)
{
	struct mesh_key key = world_key(site);
	struct sample s = { .has = 1U << SAMPLE_NAME | 1U << SAMPLE_VALUE |
		    1U << SAMPLE_TIME,
		.name = text(name),
		.value = value,
		.time_ms = when,
		.radio = text(radio),
		.reason = text(reason) };
	live_sample(live, &key, &s, NOW_MS);
}

static void
measure(uint8_t site, const char *name, double value, unix_ms when)
{
	measure_of(site, name, NULL, NULL, value, when);
}

START_TEST(each_radio_and_reason_is_a_series_of_its_own)
{
	static const struct {
		const char *radio, *reason;
	} rows[] = { { "roof", "closed" }, { "roof", "silent" }, { "barn", "closed" },
		{ NULL, NULL } };
	char long_name[SAMPLE_RADIO_MAX + 2];
	for (size_t i = 0; i < LENGTH(rows); i++)
		measure_of(1, "lost", rows[i].radio, rows[i].reason, (double)i, 100);
	measure_of(1, "lost", "roof", "silent", 7, 200);
	memset(long_name, 'r', sizeof long_name);
	long_name[sizeof long_name - 1] = '\0';
	measure_of(1, "lost", long_name, "closed", 8, 100);
	measure_of(1, "lost", "roof", long_name, 9, 100);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct sample *s = live_sample_at(live, i);
		ck_assert(text_equal(s->radio, text(rows[i].radio)));
		ck_assert(text_equal(s->reason, text(rows[i].reason)));
		ck_assert_double_eq(s->value, i == 1 ? 7 : (double)i);
	}
	ck_assert_ptr_null(live_sample_at(live, LENGTH(rows)));
}

START_TEST(the_newest_sample_of_each_site_and_name_stands)
{
	measure(1, "temp", 20, 100);
	measure(1, "temp", 22, 300);
	measure(1, "temp", 21, 200);
	measure(2, "temp", 9, 100);
	ck_assert(live_sample_at(live, 0)->value > 21.9);
	ck_assert(text_is(live_sample_at(live, 0)->name, "temp"));
	struct mesh_key second = world_key(2);
	ck_assert(key_equal(live_sample_site(live, 1), &second));
	ck_assert_ptr_null(live_sample_at(live, 2));
}
START_TEST(a_full_table_of_samples_forgets_the_oldest)
{
	char name[16];
	for (int i = 0; i < LIVE_SAMPLES; i++) {
		snprintf(name, sizeof name, "n%d", i);
		measure(1, name, i, 1000 + i);
	}
	measure(1, "one.more", 7, 5000);
	ck_assert_ptr_null(live_sample_at(live, LIVE_SAMPLES));
	for (size_t i = 0; i < LIVE_SAMPLES; i++)
		ck_assert(!text_is(live_sample_at(live, i)->name, "n0"));
}
START_TEST(a_sample_from_the_future_is_from_now)
{
	measure(1, "temp", 20, INT64_MAX);
	measure(1, "temp", 21, NOW_MS);
	ck_assert(live_sample_at(live, 0)->value > 20.9);
	ck_assert_int_eq(live_sample_at(live, 0)->time_ms, NOW_MS);
	ck_assert_ptr_null(live_sample_at(live, 1));
}
START_TEST(no_sample_without_a_name_is_listed)
{
	char name[SAMPLE_NAME_MAX + 2] = "";
	memset(name, 'n', sizeof name - 1);
	measure(1, "early", 1, -5);
	measure(1, name, 1, 100);
	ck_assert(text_is(live_sample_at(live, 0)->name, "early"));
	ck_assert_int_eq(live_sample_at(live, 0)->time_ms, 0);
	ck_assert_ptr_null(live_sample_at(live, 1));
}
/* However new it says that its own are. */
START_TEST(who_has_most_samples_is_forgotten_first)
{
	char name[16];
	size_t left[3] = { 0 };
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof name, "a%d", i);
		measure(1, name, i, 1);
	}
	for (int i = 0; i < 3 * LIVE_SAMPLES; i++) {
		snprintf(name, sizeof name, "b%d", i);
		measure(2, name, i, NOW_MS);
	}
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "c%d", i);
		measure(3, name, i, 2);
	}
	for (size_t i = 0; i < LIVE_SAMPLES; i++)
		for (uint8_t site = 1; site <= 3; site++) {
			struct mesh_key key = world_key(site);
			left[site - 1] += key_equal(&key, live_sample_site(live, i));
		}
	ck_assert(left[0] == 8 && left[1] == LIVE_SAMPLES - 12 && left[2] == 4);
}
CHECK_MODULE(live, setup, each_radio_and_reason_is_a_series_of_its_own,
    the_newest_sample_of_each_site_and_name_stands,
    a_sample_from_the_future_is_from_now, no_sample_without_a_name_is_listed,
    who_has_most_samples_is_forgotten_first, a_full_table_of_samples_forgets_the_oldest,
    nodes_are_known_once_heard, a_full_table_forgets_who_was_heard_least_recently,
    facts_and_hearings_meet, of_a_purged_site_nothing_stays_but_its_name,
    sites_have_names_and_versions, radios_are_copied_texts_and_all,
    sixteen_radios_and_no_more)
