/* All that a site said goes from the store: logs, have-sets and views. */
#include "purge_rows.h"
#include "store_world.h"
#include "text.h"
#include <sqlite3.h>

enum { MANY = 3 * PURGE_STEP / 2 };
static struct world world;
static struct store *store;

static void
put(size_t site, enum mesh_lane lane, struct bytes_view body)
{
	struct world_draft d = { .site = site, .lane = lane, .body = body };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
}

static enum mesh_err
purge(size_t site, uint64_t epoch)
{
	struct mesh_record r = { .at = {
				     .origin = world.site[site].key, .epoch = epoch } };
	struct store_outcome out;
	ck_assert_int_eq(store_purge(store, &r, 7), MESH_OK);
	store_work(store);
	ck_assert(store_next(store, &out));
	ck_assert_uint_eq(out.token, 7);
	return out.err;
}

static size_t
holdings_of(size_t site)
{
	struct store_saved saved;
	size_t count = 0;
	ck_assert_int_eq(store_saved(store, &saved), MESH_OK);
	for (size_t i = 0; i < saved.holding_count; i++)
		count += memcmp(&saved.holdings[i].origin, &world.site[site].key,
			     sizeof(struct mesh_key)) == 0;
	store_saved_free(&saved);
	return count;
}

static bool
shows(enum store_noun noun, const char *what)
{
	struct text_view list = world_list(store, noun, 0);
	return list.len >= strlen(what) &&
	    memmem(list.ptr, list.len, what, strlen(what)) != NULL;
}

/* Node 1 both heard, 2 only the other, 3 only this one; node 4 is described. */
static void
fill(void)
{
	put(0, LANE_STATE, world_site(&world, "barn"));
	put(1, LANE_STATE, world_site(&world, "attic"));
	put(1, LANE_STATE, world_node(&world, 4, "Ada", 5));
	put(1, LANE_ALERT, world_statement(&world, "of-attic", ALERT_FIRING, 1000));
	put(0, LANE_PACKET, world_reception(&world, 1, 1, 1000, -80));
	put(1, LANE_PACKET, world_reception(&world, 1, 1, 1000, -70));
	put(0, LANE_PACKET, world_reception(&world, 2, 2, 1000, -80));
	put(1, LANE_PACKET, world_reception(&world, 3, 3, 1000, -80));
}

START_TEST(of_a_purged_site_neither_log_nor_view_says_anything)
{
	world_init(&world);
	store = world_open(":memory:");
	fill();
	ck_assert_uint_eq(store_counts(store).nodes, 4);
	ck_assert_uint_eq(store_counts(store).packets, 3);
	ck_assert_uint_eq(store_counts(store).alerts_open, 1);
	ck_assert_int_eq(purge(1, WORLD_EPOCH), MESH_OK);
	ck_assert_uint_eq(holdings_of(1), 0);
	ck_assert_uint_eq(holdings_of(0), 2);
	ck_assert_uint_eq(store_counts(store).nodes, 2);
	ck_assert_uint_eq(store_counts(store).packets, 2);
	ck_assert_uint_eq(store_counts(store).alerts_open, 0);
	ck_assert(!shows(STORE_STATE, "attic") && shows(STORE_STATE, "barn"));
	ck_assert(!shows(STORE_NODES, "Ada"));
	ck_assert(!shows(STORE_PACKETS, "-70") && shows(STORE_PACKETS, "-80"));
	ck_assert_uint_eq(store_counter(store, COUNT_PURGED), 5);
	ck_assert_int_eq(purge(1, WORLD_EPOCH), MESH_OK); /* again: nothing to do */
	store_close(store);
	world_release(&world);
}

/* It could stand still for ever at a key that no node has. */
START_TEST(whatever_stands_among_what_it_heard_goes_or_is_passed_over)
{
	static const char sql[] =
	    "INSERT INTO hearing SELECT DISTINCT zeroblob(3000),site,x'07' FROM "
	    "hearing;"
	    "INSERT INTO hearing SELECT DISTINCT x'0102030405',site,x'07' FROM hearing";
	const char *path = world_path();
	sqlite3 *db;
	world_init(&world);
	store = world_open(path);
	fill();
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(purge(1, WORLD_EPOCH), MESH_OK);
	ck_assert_uint_eq(store_counts(store).nodes, 2);
	ck_assert(!shows(STORE_NODES, "Ada"));
	store_close(store);
	world_release(&world);
	world_forget_paths();
}

START_TEST(what_it_says_in_a_later_epoch_is_kept_and_numbered_anew)
{
	struct world_draft d = { .site = 1,
		.lane = LANE_PACKET,
		.epoch = WORLD_EPOCH + 1,
		.seq = 1,
		.back = 1 };
	world_init(&world);
	store = world_open(":memory:");
	fill();
	d.body = world_reception(&world, 3, 9, 2000, -60);
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	ck_assert_int_eq(purge(1, WORLD_EPOCH), MESH_OK);
	ck_assert_uint_eq(holdings_of(1), 1);
	ck_assert_uint_eq(store_counts(store).packets, 3);
	ck_assert_uint_eq(store_counts(store).nodes, 3);
	store_close(store);
	world_release(&world);
}

START_TEST(what_is_much_goes_in_steps)
{
	world_init(&world);
	store = world_open(":memory:");
	for (uint32_t i = 0; i < MANY; i++)
		put(1, LANE_PACKET, world_reception(&world, 3, i, 1000 + i, -80));
	ck_assert_int_eq(purge(1, WORLD_EPOCH), MESH_TRUNCATED);
	ck_assert_uint_eq(holdings_of(1), 1);
	ck_assert_uint_eq(store_counts(store).packets, MANY - PURGE_STEP);
	ck_assert_int_eq(purge(1, WORLD_EPOCH), MESH_OK);
	ck_assert_uint_eq(holdings_of(1), 0);
	ck_assert_uint_eq(store_counts(store).packets, 0);
	/* The same numbers again: nobody here remembers them. */
	struct world_draft d = { .site = 1, .lane = LANE_PACKET, .seq = 1, .back = 1 };
	d.body = world_reception(&world, 3, 1, 1000, -80);
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	ck_assert_uint_eq(store_counts(store).packets, 1);
	store_close(store);
	world_release(&world);
}

START_TEST(of_one_lane_all_that_others_said_can_be_forgotten)
{
	world_init(&world);
	store = world_open(":memory:");
	fill();
	ck_assert_int_eq(
	    store_forget_others(store, LANE_STATE, &world.site[0].key), MESH_OK);
	ck_assert(!shows(STORE_STATE, "attic") && shows(STORE_STATE, "barn"));
	ck_assert_uint_eq(holdings_of(0), 2);
	ck_assert_uint_eq(holdings_of(1), 2);
	ck_assert_uint_eq(store_counts(store).packets, 3);
	put(1, LANE_STATE, world_site(&world, "attic")); /* and comes again */
	ck_assert(shows(STORE_STATE, "attic"));
	store_close(store);
	world_release(&world);
}
CHECK_MODULE(purge_rows, NULL, of_a_purged_site_neither_log_nor_view_says_anything,
    whatever_stands_among_what_it_heard_goes_or_is_passed_over,
    what_it_says_in_a_later_epoch_is_kept_and_numbered_anew, what_is_much_goes_in_steps,
    of_one_lane_all_that_others_said_can_be_forgotten)
