#include "store_world.h"
#include "text.h"
#include <sqlite3.h>
#include <sys/stat.h>

/* Whatever is done to a view's table, the round after the start makes it what the logs
 * say, tells how many rows of which view were wrong, and finds nothing the next time.
 */

enum { RECORDS = 400, FOUND = 64 };
static struct world world;
static struct store *store;
static const char *path;
static struct store_finding found[FOUND];
static size_t found_count;
static unix_ms now = 1700000000000;

static void
open_again(void)
{
	struct store_params p = { .path = path, .netid = world.netid };
	store_close(store);
	ck_assert_int_eq(store_open(&store, &p), 0);
}
static void
work(void)
{
	struct store_outcome o;
	store_work(store);
	while (store_next(store, &o)) {
		if (STORE_OWNER(o.token) == OWNER_MEND &&
		    o.finding.what >= FOUND_LOST && found_count < FOUND)
			found[found_count++] = o.finding;
		store_page_free(o.page);
	}
}
/* Whole rounds, and then some. */
static void
verify(void)
{
	found_count = 0;
	for (int i = 0; i < 12; i++) {
		store_tick(store, now += 61000);
		work();
	}
}
static void
fill(void)
{
	world_init(&world);
	store = NULL;
	path = world_path();
	open_again();
	for (int i = 0; i < RECORDS; i++) {
		struct mesh_record r = world_any(&world);
		ck_assert_int_eq(store_put_record(store, &r, SYNC_GROUP, 7), MESH_OK);
		work();
	}
	struct world_draft d = { .lane = LANE_REGISTRY,
		.type = RECORD_PUT,
		.body = world_entry(&world, "abcd", "face", 8, 7, now + 1000000000) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(store_put_record(store, &r, SYNC_GROUP, 7), MESH_OK);
	d = (struct world_draft){ .lane = LANE_STATE,
		.type = RECORD_PUT,
		.body = world_node(&world, 77, "told of only", now) };
	r = world_record(&world, &d);
	ck_assert_int_eq(store_put_record(store, &r, SYNC_GROUP, 7), MESH_OK);
	work();
	verify();
}
static void
end(void)
{
	store_close(store);
	world_release(&world);
	world_forget_paths();
}

static void
damage(const char *sql)
{
	sqlite3 *db;
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s",
	    sql, sqlite3_errmsg(db));
	ck_assert_msg(sqlite3_changes(db) > 0, "%s: changes nothing", sql);
	sqlite3_close(db);
}

#define ROWS(name)                                                                     \
	"SELECT 1,group_concat(hex(key)||' '||time_ms||' '||extra) FROM"               \
	" (SELECT * FROM " name " ORDER BY key) UNION ALL SELECT 2,rows-(SELECT "      \
	"count(*) FROM " name ")||' '||firing FROM view WHERE name='" name "'"
/* All rows of all views, and their numbers. */
static char *
all_rows(void)
{
	static const char *const sql[] = { ROWS("packet"), ROWS("node"), ROWS("state"),
		ROWS("alert"),
		"SELECT 1,group_concat(hex(node)||hex(site)||hex(body)) FROM"
		" (SELECT * FROM hearing ORDER BY node,site)",
		"SELECT 1,group_concat(id||' '||log||' '||name||' '||time_ms||' '"
		"||coalesce(expires_ms,'-')||' '||coalesce(vector,'-')) FROM (SELECT "
		"entry.*,name FROM entry JOIN entry_kind k ON k.id=kind ORDER BY "
		"entry.id) UNION ALL SELECT 2,rows-(SELECT count(*) FROM entry) FROM "
		"view WHERE name='entry'",
		"SELECT 1,group_concat(id||coalesce(hex(subject),'-')) FROM"
		" (SELECT * FROM record ORDER BY id)" };
	static char room[1 << 20];
	struct bytes_out out = bytes_out(room, sizeof room);
	sqlite3 *db;
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < LENGTH(sql); i++) {
		sqlite3_stmt *st;
		ck_assert_int_eq(
		    sqlite3_prepare_v2(db, sql[i], -1, &st, NULL), SQLITE_OK);
		while (sqlite3_step(st) == SQLITE_ROW) {
			const char *rows = (const char *)sqlite3_column_text(st, 1);
			text_put(&out, rows == NULL ? "none" : rows);
			text_put(&out, "\n");
		}
		sqlite3_finalize(st);
	}
	sqlite3_close(db);
	char *copy = strdup(text_end(&out));
	ck_assert(!out.failed && strstr(copy, "none") == NULL);
	return copy;
}
static long
wal_bytes(void)
{
	char name[512];
	struct stat st;
	snprintf(name, sizeof name, "%s-wal", path);
	ck_assert_int_eq(stat(name, &st), 0);
	return (long)st.st_size;
}

START_TEST(in_sound_views_nothing_is_found_and_nothing_is_written)
{
	fill();
	ck_assert_uint_eq(found_count, 0);
	char *before = all_rows();
	int64_t changes = world_number(path, "SELECT sum(changes) FROM view");
	long bytes = wal_bytes();
	verify();
	ck_assert_uint_eq(found_count, 0);
	ck_assert_int_eq(world_number(path, "SELECT sum(changes) FROM view"), changes);
	ck_assert_int_eq(wal_bytes(), bytes);
	open_again();
	verify();
	ck_assert_uint_eq(found_count, 0);
	char *after = all_rows();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	end();
}

#define FIRST(name) " WHERE id=(SELECT min(id) FROM " name ")"
#define SOME(name)  " WHERE id IN (SELECT id FROM " name " ORDER BY id LIMIT 2)"
static const struct {
	const char *sql, *view;
	uint64_t rows; /* 0: as many as it takes */
} cases[] = {
	{ "DELETE FROM packet" SOME("packet"), "packet", 2 },
	{ "UPDATE packet SET time_ms=time_ms+1" FIRST("packet"), "packet", 1 },
	{ "UPDATE packet SET time_ms=time_ms-1" FIRST("packet"), "packet", 1 },
	{ "INSERT INTO packet(key,time_ms,extra) VALUES(x'0107070707',7,0)", "packet",
	    1 },
	{ "INSERT INTO packet(key,time_ms,extra) VALUES(zeroblob(3000),7,0)", "packet",
	    1 },
	{ "UPDATE packet SET key=CAST(key||x'01' AS BLOB)" FIRST("packet"), "packet",
	    2 },
	{ "UPDATE record SET subject=x'00' WHERE id IN (SELECT id FROM record WHERE"
	  " lane=4 LIMIT 1)",
	    "packet", 1 },
	{ "DELETE FROM packet", "packet", 0 },
	{ "DELETE FROM node" SOME("node"), "node", 2 },
	{ "DELETE FROM node" SOME("node") " OR id=(SELECT max(id) FROM node)", "node",
	    3 },
	{ "UPDATE node SET time_ms=3" FIRST("node"), "node", 1 },
	{ "INSERT INTO node(key,time_ms,extra) VALUES(x'0299999999',0,0)", "node", 1 },
	{ "DELETE FROM state" SOME("state"), "state", 2 },
	{ "UPDATE state SET extra=extra+1" FIRST("state"), "state", 1 },
	{ "UPDATE state SET extra=999999" FIRST("state"), "state", 1 },
	{ "UPDATE state SET time_ms=time_ms+1" SOME("state"), "state", 2 },
	{ "INSERT INTO state(key,time_ms,extra) SELECT CAST(key||x'41' AS "
	  "BLOB),time_ms,extra FROM"
	  " state LIMIT 3",
	    "state", 3 },
	{ "INSERT INTO state(key,time_ms,extra) VALUES(x'41',1,1)", "state", 1 },
	{ "DELETE FROM alert" FIRST("alert"), "alert", 1 },
	{ "UPDATE alert SET extra=1-extra" SOME("alert"), "alert", 2 },
	{ "UPDATE alert SET time_ms=time_ms+1" FIRST("alert"), "alert", 1 },
	{ "INSERT INTO alert(key,time_ms,extra) VALUES(x'0907070707',7,1)", "alert",
	    1 },
	{ "DELETE FROM entry" SOME("entry"), "entry", 2 },
	{ "UPDATE entry SET time_ms=time_ms+1" FIRST("entry"), "entry", 1 },
	{ "UPDATE entry SET kind=77" FIRST("entry"), "entry", 1 },
	{ "UPDATE entry SET log=log+1" SOME("entry"), "entry", 2 },
	{ "UPDATE entry SET expires_ms=9 WHERE id=(SELECT max(id) FROM entry)", "entry",
	    1 },
	{ "UPDATE entry SET vector=NULL WHERE id=(SELECT max(id) FROM entry)", "entry",
	    1 },
	{ "INSERT INTO entry(id,log,kind,time_ms) VALUES(99999,1,1,1)", "entry", 1 },
	{ "INSERT INTO entry(id,log,kind,time_ms) VALUES(-5,1,1,1)", "entry", 1 },
	{ "INSERT INTO entry(id,log,kind,time_ms) SELECT min(id),1,1,1 FROM record"
	  " WHERE lane=4",
	    "entry", 1 },
	{ "DELETE FROM entry", "entry", 0 },
	{ "UPDATE view SET rows=rows+3 WHERE name='packet'", "packet", 3 },
	{ "UPDATE view SET rows=0 WHERE name='entry'", "entry", 0 },
	{ "UPDATE view SET firing=firing+5 WHERE name='alert'", "alert", 1 },
};
START_TEST(what_was_done_to_a_view_is_found_told_and_mended)
{
	fill();
	char *before = all_rows();
	for (size_t i = 0; i < LENGTH(cases); i++) {
		store_close(store);
		store = NULL;
		damage(cases[i].sql);
		open_again();
		verify();
		uint64_t rows = 0;
		for (size_t k = 0; k < found_count; k++) {
			ck_assert_msg(found[k].what == FOUND_VIEW &&
				strcmp(found[k].view, cases[i].view) == 0,
			    "%s: %d %s", cases[i].sql, found[k].what, found[k].view);
			rows += found[k].rows;
		}
		ck_assert_msg(rows > 0 && (cases[i].rows == 0 || rows == cases[i].rows),
		    "%s: %u", cases[i].sql, (unsigned)rows);
		char *after = all_rows();
		ck_assert_msg(strcmp(before, after) == 0, "%s:\n%s\n%s", cases[i].sql,
		    before, after);
		free(after);
		verify();
		ck_assert_msg(found_count == 0, "%s: again", cases[i].sql);
	}
	free(before);
	end();
}

START_TEST(who_heard_a_node_is_folded_again_from_what_there_is)
{
	static const char *const sql[] = { "DELETE FROM hearing WHERE node IN (SELECT"
					   " node FROM hearing LIMIT 1)",
		"UPDATE hearing SET body=x'00'" };
	fill();
	char *before = all_rows();
	for (size_t i = 0; i < LENGTH(sql); i++) {
		store_close(store);
		store = NULL;
		damage(sql[i]);
		open_again();
		verify();
		ck_assert_msg(found_count > 0, "%s", sql[i]);
		for (size_t k = 0; k < found_count; k++)
			ck_assert_str_eq(found[k].view, "node");
		char *after = all_rows();
		ck_assert_msg(strcmp(before, after) == 0, "%s", sql[i]);
		free(after);
		verify();
		ck_assert_uint_eq(found_count, 0);
	}
	free(before);
	end();
}

#define COPY(node, site)                                                               \
	"INSERT INTO hearing SELECT " node "," site ",body FROM hearing"
#define PUT(site, body) "INSERT INTO hearing VALUES(x'01'," site "," body ");"
#define LAST            " WHERE node=(SELECT max(node) FROM hearing)"
/* What no log bears out, and what a log bears out otherwise. */
static const struct {
	const char *sql;
	uint64_t rows; /* 0: as many as receptions speak of them */
	bool running;  /* it is done once more while the file is open */
} forged[] = {
	{ COPY("node", "randomblob(32)") " LIMIT 3;" COPY(
	      "x'0299999999'", "site") " LIMIT 1;" COPY("zeroblob(3000)",
	      "site") " LIMIT 1;" COPY("node", "x'00'") " LIMIT 1;" PUT("zeroblob(32)",
	      "x''") PUT("x'0707'", "zeroblob(4000)"),
	    8, true },
	{ "UPDATE hearing SET body=CAST(substr(body,1,length(body)-1)||x'7f' AS "
	  "BLOB)" LAST,
	    0, true },
	{ "UPDATE hearing SET body=(SELECT body FROM hearing LIMIT 1)" LAST, 0, false },
	{ "UPDATE hearing SET node=x'0100000000'" LAST, 0, false },
};
static void
is_told_and_mended(const char *sql, uint64_t rows, const char *before)
{
	uint64_t told = 0;
	verify();
	for (size_t k = 0; k < found_count; k++) {
		ck_assert_msg(
		    found[k].what == FOUND_VIEW && strcmp(found[k].view, "node") == 0,
		    "%s: %d %s", sql, found[k].what, found[k].view);
		told += found[k].rows;
	}
	ck_assert_msg(
	    told > 0 && (rows == 0 || told == rows), "%s: %u", sql, (unsigned)told);
	char *after = all_rows();
	ck_assert_msg(strcmp(before, after) == 0, "%s:\n%s\n%s", sql, before, after);
	free(after);
	verify();
	ck_assert_msg(found_count == 0, "%s: again", sql);
}
START_TEST(who_heard_a_node_is_nobody_that_was_not_folded)
{
	fill();
	char *before = all_rows();
	for (size_t i = 0; i < LENGTH(forged); i++) {
		store_close(store);
		store = NULL;
		damage(forged[i].sql);
		open_again();
		is_told_and_mended(forged[i].sql, forged[i].rows, before);
		if (!forged[i].running)
			continue;
		damage(forged[i].sql);
		is_told_and_mended(forged[i].sql, forged[i].rows, before);
	}
	free(before);
	end();
}

START_TEST(what_outlives_its_receptions_is_as_it_was)
{
	static const char heard[] = "SELECT count(*) FROM hearing";
	static const char left[] = "SELECT count(*) FROM record WHERE lane=4";
	struct store_params p = { .netid = world.netid, .packet_days = 1 };
	fill();
	p.path = path;
	store_close(store);
	ck_assert_int_eq(store_open(&store, &p), 0);
	int64_t rows = world_number(path, heard);
	for (int day = 0; day < 4; day++) {
		store_tick(store, now += 86400000);
		work();
	}
	ck_assert_int_eq(world_number(path, left), 0);
	verify();
	ck_assert_uint_eq(found_count, 0);
	ck_assert_int_eq(world_number(path, heard), rows);
	end();
}

/* Packets of any number, and hashes of which each takes the place of an older one. */
static struct mesh_record
any_of_many(int i)
{
	char hash[8];
	struct world_draft d = { .lane = LANE_PACKET, .type = 1 };
	snprintf(hash, sizeof hash, "%d", (int)(rng_u32() % 150));
	if (i % 2 == 0)
		d.body = world_reception(&world, 7, rng_u32(), now, -90);
	else
		d.body = world_entry(&world, hash, "face", 0, 0, 0);
	if (i % 2 != 0)
		d.lane = LANE_REGISTRY;
	return world_record(&world, &d);
}

/* Between two steps records come and go, in what was walked and in what was not. */
START_TEST(what_comes_and_goes_during_the_walk_is_counted)
{
	fill();
	for (int i = 0; i < 3 * RECORDS; i++) {
		struct mesh_record r = any_of_many(i);
		ck_assert_int_eq(store_put_record(store, &r, SYNC_GROUP, 7), MESH_OK);
		found_count = 0;
		work();
		if (i < RECORDS)
			continue;
		if (i % 5 == 0)
			store_tick(store, now += 61000);
		work(); /* a step */
		ck_assert_uint_eq(found_count, 0);
	}
	verify();
	ck_assert_uint_eq(found_count, 0);
	char *rows = all_rows();
	store_close(store);
	store = NULL;
	open_again();
	ck_assert_int_eq(store_rebuild_views(store), MESH_OK);
	char *again = all_rows();
	ck_assert_str_eq(rows, again);
	free(rows);
	free(again);
	end();
}

CHECK_MODULE(verify_views, NULL, in_sound_views_nothing_is_found_and_nothing_is_written,
    what_was_done_to_a_view_is_found_told_and_mended,
    who_heard_a_node_is_folded_again_from_what_there_is,
    who_heard_a_node_is_nobody_that_was_not_folded,
    what_outlives_its_receptions_is_as_it_was,
    what_comes_and_goes_during_the_walk_is_counted)
