#include "retention.h"
#include "store_world.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, PER_DAY = 30 };
static struct world world;
static struct store *store;

static void
start(const struct store_params *params)
{
	world_init(&world);
	ck_assert_int_eq(store_open(&store, params), 0);
}

static void
stop(void)
{
	store_close(store);
	world_release(&world);
}

static void
put_some(enum mesh_lane lane, size_t count)
{
	static uint32_t number;
	for (size_t i = 0; i < count; i++, number++) {
		struct world_draft d = { .lane = lane };
		d.body = lane == LANE_PACKET
		    ? world_reception(&world, 1, number, 1000 + number, -80)
		    : world_put(&world, "user/a", "v");
		struct mesh_record r = world_record(&world, &d);
		ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	}
}

static void
day(int64_t number)
{
	store_tick(store, number * DAY_MS);
	store_work(store);
}

START_TEST(packets_go_after_as_many_days_as_were_seen)
{
	start(&(struct store_params){ .path = ":memory:", .packet_days = 3 });
	put_some(LANE_STATE, 2);
	for (int64_t d = 100; d < 110; d++) {
		put_some(LANE_PACKET, PER_DAY);
		day(d);
		uint64_t days = (uint64_t)(d - 99);
		ck_assert_uint_eq(
		    store_counts(store).packets, (days < 3 ? days : 3) * PER_DAY);
	}
	ck_assert_msg(world_list(store, STORE_STATE, 0).len > 2, "keyed lanes stay");
	struct store_saved saved;
	ck_assert_int_eq(store_saved(store, &saved), MESH_OK);
	for (size_t i = 0; i < saved.holding_count; i++)
		ck_assert_msg(
		    saved.holdings[i].run_count == 1, "forgotten is not missing");
	store_saved_free(&saved);
	stop();
}

START_TEST(a_clock_that_jumps_forgets_one_days_worth_at_most)
{
	start(&(struct store_params){ .path = ":memory:", .packet_days = 3 });
	put_some(LANE_PACKET, PER_DAY);
	day(100);
	day(40000);
	ck_assert_uint_eq(store_counts(store).packets, PER_DAY);
	day(101);
	ck_assert_uint_eq(store_counts(store).packets, PER_DAY);
	stop();
}

START_TEST(over_the_budget_the_oldest_packets_go)
{
	enum { BUDGET = 1000 * 1024 }; /* half of it is one page for each table */
	start(&(struct store_params){ .path = world_path(), .max_bytes = BUDGET });
	for (int64_t d = 100; d < 103; d++) {
		put_some(LANE_PACKET, 1000);
		day(d);
		store_work(store);
		ck_assert_uint_le(store_counts(store).bytes, BUDGET);
	}
	ck_assert_uint_gt(store_counts(store).packets, 100);
	struct text_view list = world_list(store, STORE_PACKETS, 1);
	ck_assert_msg(memmem(list.ptr, list.len, "\"time_ms\":1000,", 15) == NULL,
	    "the first one went");
	stop();
	world_forget_paths();
}

static size_t
times(enum store_noun noun, const char *what)
{
	struct text_view list = world_list(store, noun, 0);
	size_t count = 0, len = strlen(what);
	for (const char *at = list.ptr, *end = list.ptr + list.len;
	     (at = memmem(at, (size_t)(end - at), what, len)) != NULL; at += len)
		count++;
	return count;
}

static void
put_one(size_t site, enum mesh_lane lane, struct bytes_view body)
{
	struct world_draft d = { .site = site, .lane = lane, .body = body };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
}

START_TEST(beyond_its_quota_an_origins_oldest_rows_go_and_no_others)
{
	enum { QUOTA = 40, MORE = 25 };
	start(&(struct store_params){ .path = ":memory:", .per_origin = QUOTA });
	for (uint32_t i = 0; i < QUOTA + MORE; i++) {
		struct bytes_view heard = world_reception(&world, 1, i, 1000 + i, -80);
		put_one(i < 5, LANE_PACKET, heard);
	}
	day(100);
	store_work(store);
	ck_assert_uint_eq(store_counts(store).packets, QUOTA + 5);
	ck_assert_uint_gt(times(STORE_PACKETS, "\"time_ms\":1004,"), 0);
	ck_assert_uint_eq(times(STORE_PACKETS, "\"time_ms\":1005,"), 0);
	ck_assert_uint_eq(times(STORE_PACKETS, "\"time_ms\":1024,"), 0);
	ck_assert_uint_gt(times(STORE_PACKETS, "\"time_ms\":1025,"), 0);
	stop();
}

/* Live records of a keyed lane, of all sites. */
static uint64_t
held(enum mesh_lane lane)
{
	struct store_saved saved;
	uint64_t count = 0;
	ck_assert_int_eq(store_saved(store, &saved), MESH_OK);
	for (size_t i = 0; i < saved.holding_count; i++)
		if (saved.holdings[i].lane == lane)
			count += saved.holdings[i].live.count;
	store_saved_free(&saved);
	return count;
}

START_TEST(over_the_budget_nothing_but_packets_goes)
{
	enum { BUDGET = 200 * 1024, ALERTS = 40, STATES = 40, ENTRIES = 400 };
	char name[16];
	start(&(struct store_params){ .path = world_path(), .max_bytes = BUDGET });
	for (uint32_t i = 0; i < STATES; i++) {
		snprintf(name, sizeof name, "user/k%02u", i);
		put_one(0, LANE_STATE, world_put(&world, name, "v"));
	}
	for (uint32_t i = 0; i < ALERTS; i++) {
		snprintf(name, sizeof name, "alarm%02u", i);
		put_one(0, LANE_ALERT,
		    world_statement(&world, name, ALERT_FIRING, 1000 + i));
	}
	for (uint32_t i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof name, "hash%03u", i);
		put_one(
		    i % 2, LANE_REGISTRY, world_entry(&world, name, "face", 128, i, 0));
	}
	put_one(1, LANE_CONTROL, world_put(&world, "allow/x", "v"));
	put_some(LANE_PACKET, 1000);
	for (int64_t d = 100; d < 103; d++)
		day(d);
	for (int i = 0; i < 20; i++)
		store_work(store);
	ck_assert_msg(store_counts(store).bytes > BUDGET, "entries alone are too much");
	ck_assert_uint_eq(store_counts(store).packets, 0);
	ck_assert_uint_eq(store_counts(store).alerts_open, ALERTS);
	ck_assert_uint_eq(times(STORE_STATE, "user/k"), STATES);
	ck_assert_uint_eq(times(STORE_ENTRIES, "\"hash\":"), ENTRIES);
	ck_assert_uint_eq(held(LANE_CONTROL), 1);
	stop();
	world_forget_paths();
}
CHECK_MODULE(retention, NULL, packets_go_after_as_many_days_as_were_seen,
    a_clock_that_jumps_forgets_one_days_worth_at_most,
    over_the_budget_the_oldest_packets_go,
    beyond_its_quota_an_origins_oldest_rows_go_and_no_others,
    over_the_budget_nothing_but_packets_goes)
