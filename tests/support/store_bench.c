#include "store_bench.h"
#include "store_world.h"
#include <assert.h>
#include <sqlite3.h>
#include <time.h>

enum { BATCH = 1000 };

static double
seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct mesh_record *
make_records(struct world *w, size_t count)
{
	struct mesh_record *all = calloc(count, sizeof *all);
	assert(all != NULL);
	for (size_t i = 0; i < count; i++) {
		uint32_t packet = (uint32_t)(i / 3); /* heard by three sites */
		struct world_draft d = { .site = i % 3,
			.lane = LANE_PACKET,
			.body = world_reception(
			    w, 1 + packet % 200, packet, 1700000000000 + (int)i, -80) };
		all[i] = world_record(w, &d);
	}
	return all;
}

static double
time_store(const char *path, const struct mesh_record *all, size_t count)
{
	struct store *s = world_open(path);
	struct store_outcome o;
	double start = seconds();
	for (size_t i = 0; i < count; i++) {
		assert(store_put_record(s, &all[i], SYNC_GROUP, i) == MESH_OK);
		if (i % BATCH != BATCH - 1)
			continue;
		store_work(s);
		while (store_next(s, &o))
			assert(o.err == MESH_OK);
	}
	double took = seconds() - start;
	store_close(s);
	return (double)count / took;
}

static void
run(sqlite3 *db, const char *sql)
{
	assert(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static double
time_bare(const char *path, const struct mesh_record *all, size_t count)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	assert(sqlite3_open(path, &db) == SQLITE_OK);
	run(db,
	    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA "
	    "cache_size=-512;"
	    "CREATE TABLE record(origin BLOB, seq INTEGER, bundle BLOB, UNIQUE(origin, "
	    "seq))");
	assert(sqlite3_prepare_v2(
		   db, "INSERT INTO record VALUES(?,?,?)", -1, &st, NULL) == SQLITE_OK);
	double start = seconds();
	for (size_t i = 0; i < count; i++) {
		if (i % BATCH == 0)
			run(db, "BEGIN");
		sqlite3_bind_blob(st, 1, &all[i].at.origin, 8, SQLITE_STATIC);
		sqlite3_bind_int64(st, 2, (int64_t)all[i].at.seq);
		sqlite3_bind_blob64(
		    st, 3, all[i].proof.ptr, all[i].proof.len, SQLITE_STATIC);
		assert(sqlite3_step(st) == SQLITE_DONE);
		sqlite3_reset(st);
		if (i % BATCH == BATCH - 1)
			run(db, "COMMIT");
	}
	double took = seconds() - start;
	sqlite3_finalize(st);
	sqlite3_close(db);
	return (double)count / took;
}

struct store_speed
store_bench(const char *folder, size_t records)
{
	struct world world;
	struct store_speed speed;
	char path[512];
	world_init(&world);
	records -= records % BATCH;
	struct mesh_record *all = make_records(&world, records);
	snprintf(path, sizeof path, "%s/store.db", folder);
	speed.store_per_s = time_store(path, all, records);
	snprintf(path, sizeof path, "%s/bare.db", folder);
	speed.bare_per_s = time_bare(path, all, records);
	free(all);
	world_release(&world);
	return speed;
}
