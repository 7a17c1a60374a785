#include "store_world.h"
#include "text.h"
#include <sqlite3.h>
#include <unistd.h>

/* The registry in the store: lists by hash, one hash alone, what is over. */

static struct world world;
static struct store *s;

static void
setup(void)
{
	world_init(&world);
	s = world_open(":memory:");
}

static void
finish(void)
{
	store_close(s);
	world_release(&world);
}

static struct mesh_position
enter(size_t site, const char *hash, const char *type, uint32_t number, unix_ms expires)
{
	struct world_draft d = { .site = site,
		.lane = LANE_REGISTRY,
		.type = RECORD_PUT,
		.body = world_entry(&world, hash, type, 8, number, expires) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	return r.at;
}

static const char *
asked(const char *id, unix_ms now)
{
	return world_shown(s, id, false, now);
}

static const char *
listed(uint32_t limit)
{
	static char room[256 * 1024];
	struct bytes_out out = bytes_out(room, sizeof room);
	text_put_view(&out, world_list(s, STORE_ENTRIES, limit));
	return text_end(&out);
}

static size_t
count_of(const char *list, const char *word)
{
	size_t count = 0;
	for (const char *at = list; (at = strstr(at, word)) != NULL; at++)
		count++;
	return count;
}

START_TEST(what_all_sites_say_of_a_hash_stands_together_best_first)
{
	enter(0, "bb", "face", 1, 0); /* confidence number % 4 / 4 */
	enter(1, "bb", "face", 3, 0);
	enter(2, "bb", "face", 2, 0);
	enter(0, "b", "face", 0, 0);
	const char *one = asked("6262", 0);
	const char *best = strstr(one, "\"number\":3"),
		   *next = strstr(one, "\"number\":2"),
		   *last = strstr(one, "\"number\":1");
	ck_assert(best != NULL && best < next && next < last);
	ck_assert_uint_eq(count_of(one, "\"hash\":"), 3);
	ck_assert_str_eq(asked("6263", 0), "");
	ck_assert_str_eq(asked("62zz", 0), "");
	finish();
}

START_TEST(a_page_goes_on_inside_a_hash)
{
	for (size_t site = 0; site < WORLD_SITES; site++)
		for (uint32_t n = 0; n < 5; n++) {
			char hash[3] = { 'h', (char)('0' + n), 0 };
			enter(site, hash, "face", n + (uint32_t)site, 0);
		}
	char *whole = strdup(listed(100));
	for (uint32_t limit = 1; limit < 8; limit++)
		ck_assert_str_eq(listed(limit), whole);
	ck_assert_uint_eq(count_of(whole, "\"hash\":"), 20);
	free(whole);
	finish();
}

/* Of the first site. */
static struct store_outcome
over(unix_ms now, uint32_t most, struct store_expiry behind)
{
	struct store_outcome o;
	struct store_ending q = { world.site[0].key, now, most, behind };
	ck_assert_int_eq(store_over(s, &q, 9), MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o));
	return o;
}

START_TEST(an_entry_that_is_over_is_not_shown_and_its_origin_finds_it)
{
	enter(0, "aa", "face", 1, 5000);
	enter(0, "ab", "face", 1, 9000);
	enter(1, "aa", "face", 1, 5000);
	ck_assert_uint_eq(count_of(asked("6161", 4999), "\"hash\":"), 2);
	ck_assert_str_eq(asked("6161", 5000), "");
	struct store_outcome o;
	o = over(5000, 64, (struct store_expiry){ 0 });
	ck_assert_int_eq(o.err, MESH_OK);
	ck_assert_uint_eq(o.page->count, 1);
	ck_assert_uint_eq(o.page->records[0].at.seq, 1);
	store_page_free(o.page);
	o = over(4999, 64, (struct store_expiry){ 0 });
	ck_assert_int_eq(o.err, MESH_NOT_FOUND);
	finish();
}

START_TEST(an_origin_finds_its_own_entry_by_its_hash)
{
	enter(0, "aa", "face", 1, 0);
	struct mesh_position newer = enter(0, "aa", "face", 2, 0);
	enter(1, "aa", "face", 3, 0);
	struct store_outcome o;
	ck_assert_int_eq(
	    store_find(s, &world.site[0].key, LANE_REGISTRY, bytes_view("aa", 2), 3),
	    MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o));
	ck_assert_int_eq(o.err, MESH_OK);
	ck_assert_uint_eq(o.page->records[0].at.seq, newer.seq);
	store_page_free(o.page);
	ck_assert_int_eq(
	    store_find(s, &world.site[2].key, LANE_REGISTRY, bytes_view("aa", 2), 3),
	    MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o));
	ck_assert_int_eq(o.err, MESH_NOT_FOUND);
	finish();
}

START_TEST(dropped_and_superseded_entries_leave_no_row)
{
	struct mesh_position first = enter(0, "aa", "face", 1, 5000);
	enter(0, "aa", "face", 2, 0);
	struct mesh_position other = enter(0, "ab", "face", 3, 0);
	(void)first;
	struct world_draft d = { .site = 0,
		.lane = LANE_REGISTRY,
		.type = RECORD_DROP,
		.body = world_drop(
		    &world, &(struct mesh_run){ other.seq, other.seq }, 1) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	const char *list = listed(100);
	ck_assert_uint_eq(count_of(list, "\"hash\":"), 1);
	ck_assert(strstr(list, "\"number\":2") != NULL);
	struct store_outcome o;
	o = over(9000, 64, (struct store_expiry){ 0 });
	ck_assert_int_eq(o.err, MESH_NOT_FOUND);
	finish();
}

/* A DROP that named the former number would drop whatever the new log has there. */
START_TEST(of_a_former_epoch_nothing_is_found_to_be_dropped)
{
	struct store_outcome o;
	enter(0, "aa", "face", 1, 5000);
	enter(0, "ab", "face", 1, 5000);
	struct world_draft d = { .site = 0,
		.lane = LANE_REGISTRY,
		.type = RECORD_PUT,
		.epoch = WORLD_EPOCH + 9,
		.seq = 1,
		.back = 1,
		.body = world_entry(&world, "aa", "face", 8, 2, 5000) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	o = over(9000, 64, (struct store_expiry){ 0 });
	ck_assert_uint_eq(o.page->count, 1);
	ck_assert_uint_eq(o.page->records[0].at.epoch, WORLD_EPOCH + 9);
	store_page_free(o.page);
	ck_assert_int_eq(
	    store_find(s, &world.site[0].key, LANE_REGISTRY, bytes_view("ab", 2), 3),
	    MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o));
	ck_assert_int_eq(o.err, MESH_NOT_FOUND);
	finish();
}

static uint64_t
floor_of(uint32_t days)
{
	struct store_outcome o;
	ck_assert_int_eq(
	    store_floor(s, &world.site[0].key, LANE_REGISTRY, days, 9), MESH_OK);
	store_work(s);
	ck_assert(store_next(s, &o));
	ck_assert_int_eq(o.err, MESH_OK);
	return o.number;
}

START_TEST(what_was_written_of_late_begins_at_a_day_that_the_clock_has_seen)
{
	enum { DAY = 24 * 3600 * 1000 };
	ck_assert_uint_eq(floor_of(2), 0);
	for (uint32_t day = 0; day < 6; day++) {
		char hash[3] = { 'h', (char)('0' + day), 0 };
		store_tick(s, 1700000000000 + (unix_ms)day * DAY);
		store_work(s);
		enter(0, hash, "face", day, 0);
		enter(1, hash, "face", day, 0);
	}
	ck_assert_uint_eq(floor_of(2), 4);
	ck_assert_uint_eq(floor_of(3), 3);
	ck_assert_uint_eq(floor_of(9), 0);
	finish();
}

/* It says that it has 9 numbers, and has one. */
static struct mesh_record
unsound(const char *hash)
{
	struct entry_put put = { .hash = bytes_view(hash, strlen(hash)),
		.type = text("face"),
		.dtype = ENTRY_F32,
		.dim = 9,
		.embedding = bytes_view("abcd", 4),
		.has = 1U << ENTRY_PUT_HASH | 1U << ENTRY_PUT_TYPE |
		    1U << ENTRY_PUT_DTYPE | 1U << ENTRY_PUT_DIM |
		    1U << ENTRY_PUT_EMBEDDING };
	static uint8_t room[256];
	struct bytes_out out = bytes_out(room, sizeof room);
	ck_assert_int_eq(mesh_body_encode(&entry_put_table, &put, &out), MESH_OK);
	struct world_draft d = {
		.lane = LANE_REGISTRY, .type = RECORD_PUT, .body = bytes_written(&out)
	};
	return world_record(&world, &d);
}

START_TEST(an_entry_that_lies_about_its_dimension_is_kept_and_shown_to_nobody)
{
	enter(1, "aa", "face", 1, 0);
	struct mesh_record r = unsound("aa");
	struct store_outcome o = world_store(s, &r);
	ck_assert_int_eq(o.err, MESH_OK);
	ck_assert_uint_eq(o.live.count, 1);
	ck_assert_uint_eq(count_of(asked("6161", 0), "\"hash\":"), 1);
	finish();
}

static struct mesh_record
record_at(size_t site, uint16_t type, struct bytes_view body, unix_ms time)
{
	struct world_draft d = { .site = site,
		.lane = LANE_REGISTRY,
		.type = type,
		.time_ms = time,
		.body = body };
	return world_record(&world, &d);
}
/* An admitted site that lies: what others say stays as it was, and stays ours alone. */
START_TEST(what_a_site_says_changes_nothing_of_what_another_said)
{
	struct mesh_position said = enter(1, "aa", "face", 1, 0);
	enter(1, "ab", "face", 2, 0);
	const struct mesh_run all = { 1, (uint64_t)1 << 40 };
	struct mesh_record lies[] = {
		record_at(0, RECORD_DROP,
		    world_drop(&world, &(struct mesh_run){ said.seq, said.seq }, 1), 1),
		record_at(0, RECORD_DROP, world_drop(&world, &all, 1), 2),
		record_at(0, RECORD_PUT, world_entry(&world, "aa", "face", 8, 9, 0),
		    INT64_C(1) << 52),
		record_at(0, RECORD_PUT,
		    world_entry(&world, "aa", "face", 8, 10, INT64_C(1) << 52), 0),
	};
	for (size_t i = 0; i < LENGTH(lies); i++) {
		struct store_outcome o = world_store(s, &lies[i]);
		ck_assert_msg(o.err == MESH_OK, "lie %zu", i);
		ck_assert_msg(strstr(asked("6161", 9000), "\"number\":1,") != NULL ||
			strstr(asked("6161", 9000), "\"number\":1}") != NULL,
		    "lie %zu: %s", i, asked("6161", 9000));
		ck_assert_uint_eq(count_of(asked("6162", 9000), "\"hash\":"), 1);
	}
	ck_assert_uint_eq(count_of(asked("6161", 9000), "\"hash\":"), 2);
	finish();
}

/* In place of the one in memory. */
static const char *
open_file(void)
{
	static char path[64];
	snprintf(path, sizeof path, "/tmp/check_entry_rows.%d.db", (int)getpid());
	unlink(path);
	store_close(s);
	s = world_open(path);
	return path;
}

/* By another program. */
static void
edit(const char *path, const char *sql)
{
	sqlite3 *db;
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s",
	    sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* As many more of it as a page may look at. */
static const char multiply[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n"
    " WHERE i<20100)"
    " INSERT INTO record(log,seq,lane,type,dead,subject,core)"
    " SELECT log,seq+i,lane,type,0,CAST(printf('bb%05d',i) AS BLOB),core"
    " FROM record,n WHERE subject=CAST('bb' AS BLOB)";
START_TEST(a_page_ends_among_entries_that_nobody_is_shown)
{
	const char *path = open_file();
	enter(1, "cc", "face", 1, 0);
	struct mesh_record r = unsound("bb");
	ck_assert_int_eq(world_store(s, &r).err, MESH_OK);
	edit(path, multiply);
	struct store_question q = { .noun = STORE_ENTRIES,
		.audience = AUDIENCE_OPERATOR };
	struct store_outcome o = world_ask(s, &q);
	ck_assert_int_eq(o.err, MESH_OK);
	ck_assert_uint_eq(o.page->count, 0);
	ck_assert_uint_gt(o.page->next.len, 0);
	store_page_free(o.page);
	ck_assert_uint_eq(count_of(listed(100), "\"hash\":"), 1);
	unlink(path);
	finish();
}

/* Two at a time, of which the first two do not read back and three end at once. */
START_TEST(entries_that_are_over_do_not_wait_behind_damaged_ones)
{
	static const unix_ms ends[] = { 5000, 5000, 5000, 5001, 5001 };
	static const uint64_t found[] = { 3, 4, 5 };
	const char *path = open_file();
	char hash[3] = "a0";
	for (size_t i = 0; i < LENGTH(ends); i++, hash[1]++)
		enter(0, hash, "face", 1, ends[i]);
	edit(path, "UPDATE record SET core=x'9b' WHERE seq<3");
	struct store_outcome o = over(9000, 2, (struct store_expiry){ 0 });
	ck_assert_int_eq(o.err, MESH_NOT_FOUND);
	ck_assert(o.behind.ms == 5000 && o.behind.row != 0);
	for (size_t n = 0; n < LENGTH(found); store_page_free(o.page)) {
		o = over(9000, 2, o.behind);
		ck_assert_int_eq(o.err, MESH_OK);
		for (size_t i = 0; i < o.page->count; i++)
			ck_assert_uint_eq(o.page->records[i].at.seq, found[n++]);
	}
	ck_assert_int_eq(o.behind.row, 0);
	unlink(path);
	finish();
}

CHECK_MODULE(entry_rows, setup, what_all_sites_say_of_a_hash_stands_together_best_first,
    a_page_goes_on_inside_a_hash,
    an_entry_that_is_over_is_not_shown_and_its_origin_finds_it,
    an_origin_finds_its_own_entry_by_its_hash,
    dropped_and_superseded_entries_leave_no_row,
    of_a_former_epoch_nothing_is_found_to_be_dropped,
    what_was_written_of_late_begins_at_a_day_that_the_clock_has_seen,
    an_entry_that_lies_about_its_dimension_is_kept_and_shown_to_nobody,
    what_a_site_says_changes_nothing_of_what_another_said,
    a_page_ends_among_entries_that_nobody_is_shown,
    entries_that_are_over_do_not_wait_behind_damaged_ones)
