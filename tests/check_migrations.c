#include "migrations.h"
#include "store_tables.h"
#include "store_world.h"
#include <errno.h>
#include <unistd.h>

static const struct migration steps[] = {
	{ "CREATE TABLE a(x); INSERT INTO a VALUES(1)" },
	{ "ALTER TABLE a ADD COLUMN y" },
	{ "UPDATE a SET y=x+1" },
	{ "CREATE TABLE newer(x)" },
};

static int
migrate(const char *path, const struct migration *m, size_t count)
{
	struct statements s;
	ck_assert_int_eq(statements_open(&s, path), SQLITE_OK);
	int err = migrations_run(&s, path, m, count);
	statements_close(&s);
	return err;
}

START_TEST(steps_run_once_each_and_in_order)
{
	const char *path = world_path();
	for (size_t upto = 1; upto <= LENGTH(steps); upto++)
		ck_assert_int_eq(migrate(path, steps, upto), 0);
	ck_assert_int_eq(migrate(path, steps, LENGTH(steps)), 0);
	ck_assert_int_eq(world_number(path, "SELECT sum(y) FROM a"), 2);
	ck_assert_int_eq(world_number(path, "PRAGMA user_version"), 4);
	world_forget_paths();
}

START_TEST(an_old_file_is_copied_first)
{
	char copy[256];
	const char *path = world_path();
	ck_assert_int_eq(migrate(path, steps, 1), 0);
	snprintf(copy, sizeof copy, "%s.pre-v2", path);
	ck_assert_msg(access(copy, F_OK) != 0, "a new file needs no copy");
	ck_assert_int_eq(migrate(path, steps, 3), 0);
	ck_assert_int_eq(world_number(copy, "PRAGMA user_version"), 1);
	ck_assert_int_eq(world_number(copy, "SELECT x FROM a"), 1);
	world_forget_paths();
}

START_TEST(a_step_that_fails_leaves_the_file_as_it_was)
{
	static const struct migration broken[] = {
		{ "CREATE TABLE a(x)" },
		{ "CREATE TABLE b(x); CREATE TABLE a(x)" },
	};
	const char *path = world_path();
	ck_assert_int_eq(migrate(path, broken, 1), 0);
	ck_assert_int_lt(migrate(path, broken, 2), 0);
	ck_assert_int_eq(world_number(path, "PRAGMA user_version"), 1);
	ck_assert_int_eq(
	    world_number(path, "SELECT count(*) FROM sqlite_schema WHERE name='b'"), 0);
	world_forget_paths();
}

START_TEST(a_newer_file_is_refused_untouched)
{
	const char *path = world_path();
	ck_assert_int_eq(migrate(path, steps, 4), 0);
	ck_assert_int_eq(migrate(path, steps, 3), -ENOTSUP);
	ck_assert_int_eq(world_number(path, "PRAGMA user_version"), 4);
	struct store_params params = { .path = path };
	struct store *s;
	ck_assert_msg(STORE_SCHEMA < 4, "this test wants a newer file");
	ck_assert_int_eq(store_open(&s, &params), -ENOTSUP);
	world_forget_paths();
}

START_TEST(a_view_of_another_version_is_folded_again)
{
	struct world world;
	const char *path = world_path();
	world_init(&world);
	struct store *s = world_open(path);
	struct world_draft d = { .lane = LANE_PACKET,
		.body = world_reception(&world, 1, 2, 3, -4) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	store_close(s);
	sqlite3 *db;
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db,
			     "UPDATE view SET version=99 WHERE name='node';"
			     "DROP TABLE packet; CREATE TABLE packet(other)",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	s = world_open(path);
	ck_assert_uint_eq(store_counts(s).packets, 1);
	ck_assert_uint_gt(world_list(s, STORE_PACKETS, 0).len, 10);
	store_close(s);
	world_release(&world);
	world_forget_paths();
}
CHECK_MODULE(migrations, NULL, steps_run_once_each_and_in_order,
    an_old_file_is_copied_first, a_step_that_fails_leaves_the_file_as_it_was,
    a_newer_file_is_refused_untouched, a_view_of_another_version_is_folded_again)
