/* The disk fails at the n-th write, for every n until none fails (SQLite's loop). */
#include "fault_vfs.h"
#include "faults.h"
#include "statements.h"
#include "store_world.h"
#include "text.h"
#include "wal_room.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORDS = 24, BATCH = 6 };
static struct world world;
static struct mesh_record all[RECORDS];
static bool acked[RECORDS];

static void
make_records(void)
{
	world_init(&world);
	for (size_t i = 0; i < RECORDS; i++)
		all[i] = world_any(&world);
	memset(acked, 0, sizeof acked);
}

static uint64_t
counter(struct store *s, const char *name)
{
	size_t i = counter_find(&store_counter_list, text(name));
	ck_assert_msg(i != SIZE_MAX, "%s", name);
	return store_counter(s, i);
}

static bool
is_held(const struct store_saved *saved, const struct mesh_position *at)
{
	for (size_t i = 0; i < saved->holding_count; i++) {
		const struct mesh_holding *h = &saved->holdings[i];
		if (h->lane != at->lane || memcmp(&h->origin, &at->origin, 32) != 0)
			continue;
		for (uint32_t k = 0; k < h->run_count; k++)
			if (at->seq >= h->runs[k].first && at->seq <= h->runs[k].last)
				return true;
	}
	return false;
}

/* Everything answered ok is held; nothing else is, unless the answer was lost. */
static void
check_acked(struct store *s, const char *when)
{
	struct store_saved saved;
	ck_assert_int_eq(store_saved(s, &saved), MESH_OK);
	for (size_t i = 0; i < RECORDS; i++)
		ck_assert_msg(!acked[i] || is_held(&saved, &all[i].at),
		    "%s: record %zu", when, i);
	store_saved_free(&saved);
}

static void
take_outcomes(struct store *s)
{
	struct store_outcome o;
	while (store_next(s, &o)) {
		ck_assert(o.err == MESH_OK || o.err == MESH_IO);
		acked[o.token] = acked[o.token] || o.err == MESH_OK;
	}
}

static void
put_all(struct store *s)
{
	for (size_t i = 0; i < RECORDS; i++) {
		ck_assert_int_eq(store_put_record(s, &all[i], SYNC_GROUP, i), MESH_OK);
		if (i % BATCH == BATCH - 1)
			store_work(s);
	}
	store_work(s);
	take_outcomes(s);
}

static void
fail_at(unsigned long n, enum fault kind, unsigned long *failed)
{
	const char *path = world_path();
	struct store *s = world_open(path);
	memset(acked, 0, sizeof acked);
	fault_vfs_arm(n, kind);
	put_all(s);
	*failed = fault_vfs_failed();
	ck_assert_msg(*failed == 0 || store_is_readonly(s) ||
		counter(s, "store.faults") > 0 || acked[RECORDS - 1],
	    "a failure that nobody noticed");
	check_acked(s, "while it fails");
	fault_vfs_heal();
	store_work(s);
	ck_assert_msg(!store_is_readonly(s), "heals by itself");
	put_all(s); /* repair brings everything again */
	for (size_t i = 0; i < RECORDS; i++)
		ck_assert_msg(acked[i], "n = %lu: record %zu after healing", n, i);
	check_acked(s, "healed");
	struct store_counts counted = store_counts(s);
	ck_assert_int_eq(store_rebuild_views(s), MESH_OK);
	struct store_counts folded = store_counts(s);
	ck_assert_uint_eq(counted.packets, folded.packets);
	ck_assert_uint_eq(counted.nodes, folded.nodes);
	ck_assert_uint_eq(counted.alerts_open, folded.alerts_open);
	store_close(s);
	s = world_open(path);
	check_acked(s, "reopened");
	store_close(s);
}

START_TEST(the_nth_write_fails_and_no_promise_is_broken)
{
	fault_vfs_install();
	make_records();
	for (enum fault kind = FAULT_FULL; kind <= FAULT_IO; kind++) {
		unsigned long n = 1, failed = 1;
		for (; failed > 0; n += 1 + n / 8)
			fail_at(n, kind, &failed);
		ck_assert_msg(n > 20, "the disk was not used: %lu", n);
	}
	world_release(&world);
	world_forget_paths();
}

START_TEST(a_failed_batch_is_answered_and_counted_and_reads_go_on)
{
	fault_vfs_install();
	make_records();
	struct store *s = world_open(world_path());
	ck_assert_int_eq(world_store(s, &all[0]).err, MESH_OK);
	fault_vfs_arm(1, FAULT_FULL);
	ck_assert_int_eq(world_store(s, &all[1]).err, MESH_IO);
	ck_assert(store_is_readonly(s));
	ck_assert_uint_eq(counter(s, "store.writes.failed"), 1);
	struct store_question q = { .noun = STORE_PACKETS };
	struct store_outcome o = world_ask(s, &q);
	ck_assert_int_eq(o.err, MESH_OK);
	store_page_free(o.page);
	ck_assert_int_eq(
	    store_keep_now(s, text("host"), bytes_view("k", 1), bytes_view("v", 1)),
	    MESH_IO);
	fault_vfs_heal();
	ck_assert_int_eq(world_store(s, &all[1]).err, MESH_OK);
	store_close(s);
	world_release(&world);
	world_forget_paths();
}

START_TEST(an_alert_is_on_the_disk_before_it_is_answered_and_a_packet_may_wait)
{
	static const struct {
		enum mesh_lane lane;
		enum store_sync sync;
		bool synced;
	} row[] = { { LANE_PACKET, SYNC_GROUP, false },
		{ LANE_ALERT, SYNC_GROUP, true }, { LANE_PACKET, SYNC_GROUP, false },
		{ LANE_PACKET, SYNC_NOW, true }, { LANE_CONTROL, SYNC_GROUP, true },
		{ LANE_PACKET, SYNC_GROUP, false } };
	fault_vfs_install();
	world_init(&world);
	struct store *s = world_open(world_path());
	for (uint32_t i = 0; i < LENGTH(row); i++) {
		struct world_draft d = { .lane = row[i].lane,
			.body = world_reception(&world, 1, i, 1000, -1) };
		struct mesh_record r = world_record(&world, &d);
		unsigned long before = fault_vfs_synced();
		struct store_outcome o;
		ck_assert_int_eq(store_put_record(s, &r, row[i].sync, i), MESH_OK);
		store_work(s);
		ck_assert(store_next(s, &o));
		ck_assert_int_eq(o.err, MESH_OK);
		ck_assert_msg(
		    (fault_vfs_synced() > before) == row[i].synced, "row %u", i);
	}
	store_close(s);
	world_release(&world);
	world_forget_paths();
}

/* --- a full disk --- */

static struct mesh_record
alert_of(uint32_t n)
{
	struct world_draft d = { .lane = LANE_ALERT,
		.body = world_reception(&world, 1, n, 1000, -1) };
	return world_record(&world, &d);
}

static enum mesh_err
outcome_of(struct store *s)
{
	struct store_outcome o;
	store_work(s);
	ck_assert(store_next(s, &o));
	return o.err;
}

static enum mesh_err
put(struct store *s, const struct mesh_record *r, enum store_sync sync)
{
	ck_assert_int_eq(store_put_record(s, r, sync, 1), MESH_OK);
	return outcome_of(s);
}

/* Other numbers each time: what stands there already is not written again. */
static enum mesh_err
keep(struct store *s, enum store_sync sync)
{
	static uint32_t numbers;
	numbers++;
	ck_assert_int_eq(store_keep(s, text("mesh"), bytes_view("own", 3),
			     bytes_view(&numbers, sizeof numbers), sync, 1),
	    MESH_OK);
	return outcome_of(s);
}

/* Nothing gets longer any more; what can be written in its place is. */
static struct store *
open_full(const char *path)
{
	struct store *s = world_open(path);
	ck_assert_int_eq(keep(s, SYNC_GROUP), MESH_OK);
	fault_vfs_arm(1, FAULT_GROWTH);
	for (enum mesh_err err = MESH_OK; err == MESH_OK;) {
		struct mesh_record r = world_any(&world);
		err = world_store(s, &r).err;
		ck_assert(err == MESH_OK || err == MESH_IO);
	}
	/* A batch that failed leaves room for smaller ones. */
	for (unsigned failed = 0; failed < 3;)
		failed = keep(s, SYNC_GROUP) == MESH_IO ? failed + 1 : 0;
	ck_assert(store_is_full(s));
	return s;
}

START_TEST(a_full_disk_has_room_for_last_words_and_for_nothing_else)
{
	fault_vfs_install();
	world_init(&world);
	const char *path = world_path();
	struct store *s = open_full(path);
	struct mesh_record alert = alert_of(1), other = alert_of(2);
	ck_assert_int_eq(put(s, &alert, SYNC_LAST), MESH_OK);
	ck_assert(store_is_full(s));
	ck_assert_int_eq(put(s, &other, SYNC_NOW), MESH_IO);
	ck_assert_int_eq(keep(s, SYNC_NOW), MESH_IO);
	ck_assert_int_eq(keep(s, SYNC_LAST), MESH_OK);
	store_close(s);
	s = world_open(path); /* a start on a full disk */
	ck_assert_int_eq(
	    store_keep_now(s, text("meshd"), bytes_view("boot", 4), bytes_view("2", 1)),
	    MESH_OK);
	struct store_saved saved;
	ck_assert_int_eq(store_saved(s, &saved), MESH_OK);
	ck_assert(is_held(&saved, &alert.at) && !is_held(&saved, &other.at));
	store_saved_free(&saved);
	fault_vfs_heal();
	ck_assert_int_eq(put(s, &other, SYNC_NOW), MESH_OK);
	ck_assert(!store_is_full(s) && !store_is_readonly(s));
	store_close(s);
	world_release(&world);
	world_forget_paths();
}

START_TEST(numbers_leave_half_of_the_room_to_what_is_said_with_them)
{
	fault_vfs_install();
	world_init(&world);
	struct store *s = open_full(world_path());
	size_t kept = 0, said = 0;
	while (keep(s, SYNC_LAST) == MESH_OK && kept < 1000)
		kept++;
	ck_assert_uint_lt(kept, 1000);
	for (struct mesh_record r = alert_of(1); put(s, &r, SYNC_LAST) == MESH_OK;
	     r = alert_of((uint32_t)said))
		ck_assert_uint_lt(said++, 1000);
	ck_assert_uint_ge(kept, 2);
	ck_assert_uint_ge(said, 2);
	ck_assert(store_is_full(s));
	fault_vfs_heal();
	struct mesh_record r = alert_of(1001);
	ck_assert_int_eq(put(s, &r, SYNC_NOW), MESH_OK);
	store_close(s);
	world_release(&world);
	world_forget_paths();
}

START_TEST(the_log_keeps_its_room_over_a_close_and_is_empty)
{
	char wal[256];
	struct stat st;
	const char *path = world_path();
	world_init(&world);
	struct store *s = world_open(path);
	struct mesh_record r = world_any(&world);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	store_close(s);
	snprintf(wal, sizeof wal, "%s-wal", path);
	ck_assert_int_eq(stat(wal, &st), 0);
	ck_assert_int_ge(st.st_size, WAL_ROOM_BYTES);
	ck_assert_int_ge(st.st_blocks * 512, WAL_ROOM_BYTES);
	ck_assert_int_eq(unlink(wal), 0); /* all is in the database */
	ck_assert_int_eq(world_number(path, "SELECT count(*) FROM record"), 1);
	world_release(&world);
	world_forget_paths();
}

static rlim_t
set_longest_file(rlim_t bytes)
{
	struct rlimit limit;
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = bytes;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	return before;
}

START_TEST(without_room_for_an_index_a_database_is_opened_alone)
{
	struct statements first, second;
	const char *path = world_path();
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(statements_open(&first, path), SQLITE_OK);
	statements_exec(&first, "CREATE TABLE t(x); INSERT INTO t VALUES(7)");
	statements_close(&first);
	rlim_t before = set_longest_file(32767); /* an index has 32 KiB */
	int err = statements_open(&first, path);
	set_longest_file(before);
	ck_assert_int_eq(err, SQLITE_OK);
	ck_assert_str_eq(first.vfs, wal_room_vfs_alone());
	statements_exec(&first, "INSERT INTO t VALUES(8)");
	ck_assert_int_eq(statements_open_beside(&second, path, &first), SQLITE_OK);
	statements_exec(&second, "SELECT x FROM t");
	ck_assert_int_eq(second.err, SQLITE_OK);
	statements_close(&second);
	statements_close(&first);
	world_forget_paths();
}

START_TEST(what_sqlite_says_becomes_an_errno)
{
	static const struct {
		int sqlite, errnum;
	} row[] = { { SQLITE_OK, 0 }, { SQLITE_FULL, -ENOSPC },
		{ SQLITE_IOERR_WRITE, -EIO }, { SQLITE_NOTADB, -EILSEQ },
		{ SQLITE_CANTOPEN, -ENOENT }, { SQLITE_READONLY, -EACCES } };
	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_int_eq(faults_errno(row[i].sqlite), row[i].errnum);
}

START_TEST(a_file_that_is_no_database_is_refused)
{
	const char *path = world_path();
	FILE *f = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is no database, ", f);
	fclose(f);
	struct store_params params = { .path = path };
	struct store *s;
	ck_assert_int_eq(store_open(&s, &params), -EILSEQ);
	world_forget_paths();
	ck_assert_int_eq(store_open(&s, &params), -ENOENT);
}
CHECK_MODULE(faults, NULL, the_nth_write_fails_and_no_promise_is_broken,
    a_failed_batch_is_answered_and_counted_and_reads_go_on,
    an_alert_is_on_the_disk_before_it_is_answered_and_a_packet_may_wait,
    a_full_disk_has_room_for_last_words_and_for_nothing_else,
    numbers_leave_half_of_the_room_to_what_is_said_with_them,
    the_log_keeps_its_room_over_a_close_and_is_empty,
    without_room_for_an_index_a_database_is_opened_alone,
    what_sqlite_says_becomes_an_errno, a_file_that_is_no_database_is_refused)
