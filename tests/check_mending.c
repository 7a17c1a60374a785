#include "check_mesh.h"
#include "entry.h"
#include "meshsketch.h"
#include "store_world.h"
#include "text.h"
#include <sqlite3.h>
#include <unistd.h>

/* Damage done to the file is found, and what was lost can come again. */

enum { KEYS = 30 };
static struct world world;
static struct store *store;
static char path[64];
static struct mesh_record saved[2 * KEYS];
static size_t saved_count;
static struct store_finding found[64];
static size_t found_count;

static struct store *
open_at(const char *file)
{
	struct store_params p = { .path = file, .netid = world.netid };
	struct store *s = NULL;
	ck_assert_int_eq(store_open(&s, &p), 0);
	return s;
}
static void
setup(void)
{
	world_init(&world);
	snprintf(path, sizeof path, "/tmp/check_mending.%d.db", (int)getpid());
	unlink(path);
	saved_count = found_count = 0;
	store = open_at(path);
}
static void
end(void)
{
	store_close(store);
	unlink(path);
	world_release(&world);
}

/* All that waits; findings are kept, of other outcomes the last one.  That a view has
 * rows of records which went is told, too (check_verify_views.c). */
static struct store_outcome
work(struct store *s)
{
	struct store_outcome o, last = { .token = 0 };
	store_work(s);
	while (store_next(s, &o))
		if (STORE_OWNER(o.token) != OWNER_MEND) {
			store_page_free(last.page);
			last = o;
		} else if (o.finding.what != FOUND_NOTHING &&
		    o.finding.what != FOUND_VIEW) {
			found[found_count++ % LENGTH(found)] = o.finding;
		}
	return last;
}
static struct store_outcome
put(struct store *s, const struct mesh_record *r)
{
	ck_assert_int_eq(store_put_record(s, r, SYNC_GROUP, 7), MESH_OK);
	return work(s);
}
static struct mesh_record
make(enum mesh_lane lane, uint16_t type, struct bytes_view body)
{
	struct world_draft d = { .lane = lane, .type = type, .body = body };
	return world_record(&world, &d);
}

/* KEYS states and a checkpoint that says so. */
static struct mesh_live
fill(struct store *s)
{
	struct store_outcome o = { .err = MESH_OK };
	char key[16];
	for (saved_count = 0; saved_count < KEYS; saved_count++) {
		snprintf(key, sizeof key, "key/%zu", saved_count);
		saved[saved_count] = make(
		    LANE_STATE, RECORD_PUT, world_put(&world, key, "value"));
		o = put(s, &saved[saved_count]);
		ck_assert_int_eq(o.err, MESH_OK);
	}
	saved[saved_count] = make(
	    LANE_STATE, RECORD_CHECKPOINT, world_checkpoint(&world, &o.live, 0));
	(void)put(s, &saved[saved_count++]);
	return o.live;
}
/* By another program, while the store is open. */
static void
damage(const char *sql)
{
	sqlite3 *db;
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s",
	    sqlite3_errmsg(db));
	sqlite3_close(db);
}
static void
verify(void)
{
	static unix_ms now = 1700000000000;
	found_count = 0;
	for (int i = 0; i < 3; i++) {
		store_tick(store, now += 61000);
		(void)work(store);
	}
}
static struct store_outcome
ask(struct store *s, enum mesh_err err)
{
	ck_assert_int_eq(err, MESH_OK);
	return work(s);
}

START_TEST(a_whole_store_has_nothing_to_tell_but_that_it_is)
{
	fill(store);
	ck_assert_uint_eq(found_count, 1);
	ck_assert_int_eq(found[0].what, FOUND_SAME);
	verify();
	ck_assert_uint_eq(found_count, 0);
	end();
}
/* What was set anew behind a CHECKPOINT came before it, as lists of links do when two
 * halves of a mesh meet: what it counted is not what is here, and nothing is wrong. */
START_TEST(a_checkpoint_is_not_held_against_what_follows_it)
{
	struct mesh_live live = { 0 };
	uint8_t leaf[32];
	struct mesh_record first = make(
	    LANE_STATE, RECORD_PUT, world_put(&world, "key", "old"));
	mesh_record_leaf(&first, leaf);
	mesh_live_add(&live, leaf, 1);
	struct mesh_record counts = make(
	    LANE_STATE, RECORD_CHECKPOINT, world_checkpoint(&world, &live, 0));
	struct mesh_record anew = make(
	    LANE_STATE, RECORD_PUT, world_put(&world, "key", "new"));
	ck_assert_int_eq(put(store, &first).err, MESH_OK);
	ck_assert_int_eq(put(store, &anew).err, MESH_OK);
	live = put(store, &counts).live;
	ck_assert_uint_eq(found_count, 0);
	struct mesh_record next = make(
	    LANE_STATE, RECORD_CHECKPOINT, world_checkpoint(&world, &live, 0));
	ck_assert_int_eq(put(store, &next).err, MESH_OK);
	ck_assert_uint_eq(found_count, 1);
	ck_assert_int_eq(found[0].what, FOUND_SAME);
	end();
}
/* Nobody counted them in, so none is missing. */
START_TEST(what_is_no_put_with_a_key_is_no_damage)
{
	static const struct {
		uint16_t type;
		const char *body;
	} rows[] = { { RECORD_PUT, "90" }, { RECORD_PUT, "91c400" }, { 9, "9107" },
		{ RECORD_DROP, "9191920303" } };
	struct mesh_live live = fill(store);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct mesh_record r = make(
		    LANE_STATE, rows[i].type, hex(rows[i].body));
		struct store_outcome o = put(store, &r);
		ck_assert_int_eq(o.err, MESH_OK);
		ck_assert_uint_eq(o.live.weight, live.weight + (i < 3 ? i + 1 : 3));
		verify();
		ck_assert_uint_eq(found_count, 0);
	}
	end();
}
START_TEST(a_row_that_was_changed_is_given_up_and_comes_again)
{
	static const struct {
		const char *sql, *why;
	} cases[] = { { "UPDATE record SET core=zeroblob(length(core)) WHERE seq=5",
			  "zeroed" },
		{ "UPDATE record SET "
		  "core=CAST(substr(core,1,length(core)-1)||x'00' AS"
		  " BLOB) WHERE seq=5",
		    "a byte of the body" },
		{ "UPDATE record SET core=x'9b' WHERE seq=5", "cut off" },
		{ "UPDATE record SET core=(SELECT core FROM record WHERE seq=6)"
		  " WHERE seq=5",
		    "another one's" },
		{ "UPDATE record SET type=2 WHERE seq=5", "its type" },
		{ "UPDATE record SET subject=x'00' WHERE seq=5", "its key" } };
	struct mesh_live live = fill(store);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		damage(cases[i].sql);
		verify();
		ck_assert_msg(found_count == 1 && found[0].what == FOUND_UNREADABLE &&
			found[0].at.seq == 5,
		    "%s: %zu", cases[i].why, found_count);
		found_count = 0;
		struct store_outcome o = put(store, &saved[4]);
		ck_assert_msg(o.err == MESH_OK && o.has_live &&
			o.live.count == live.count &&
			memcmp(o.live.sum, live.sum, sizeof live.sum) == 0,
		    "%s: the sum", cases[i].why);
		ck_assert_msg(found_count == 1 && found[0].what == FOUND_SAME,
		    "%s: %zu", cases[i].why, found_count);
	}
	end();
}
/* How many are found that are like anything. */
static size_t
search_all(void)
{
	static const float like[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct store_search q = { .dtype = ENTRY_F32,
		.dim = 8,
		.like = bytes_view(like, sizeof like),
		.top = 64,
		.least = -1,
		.audience = AUDIENCE_OPERATOR };
	struct store_outcome o = ask(store, store_search(store, &q, 3));
	ck_assert_int_eq(o.err, MESH_OK);
	size_t count = o.page->count;
	store_page_free(o.page);
	return count;
}
START_TEST(an_entry_that_comes_again_is_found_again)
{
	static const char *const cases[] = { "UPDATE record SET core=x'9b'",
		"UPDATE record SET core=x'9b' WHERE seq IN (1,3)",
		"UPDATE record SET core=CAST(substr(core,1,length(core)-1)||x'07' AS"
		" BLOB) WHERE seq=2",
		"UPDATE vector_block SET data=zeroblob(length(data))" };
	enum { ENTRIES = 5 };
	for (uint32_t i = 0; i < ENTRIES; i++) {
		char hash[2] = { (char)('a' + i), 0 };
		saved[i] = make(LANE_REGISTRY, RECORD_PUT,
		    world_entry(&world, hash, "face", 8, i, 0));
		(void)put(store, &saved[i]);
	}
	ck_assert_uint_eq(search_all(), ENTRIES);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		damage(cases[i]);
		verify();
		ck_assert_msg(found_count > 0, "%s", cases[i]);
		for (size_t k = 0; k < ENTRIES; k++)
			ck_assert_int_eq(put(store, &saved[k]).err, MESH_OK);
		ck_assert_msg(search_all() == ENTRIES, "%s", cases[i]);
	}
	end();
}
/* The row is wrong, the vector it names is another one's and right. */
START_TEST(a_row_that_names_anothers_vector_does_not_take_it_along)
{
	enum { ENTRIES = 5 };
	for (uint32_t i = 0; i < ENTRIES; i++) {
		char hash[2] = { (char)('a' + i), 0 };
		saved[i] = make(LANE_REGISTRY, RECORD_PUT,
		    world_entry(&world, hash, "face", 8, i + 1, 0));
		(void)put(store, &saved[i]);
	}
	damage("UPDATE record SET vector=(SELECT vector FROM record WHERE seq=2)"
	       " WHERE seq=3");
	verify();
	ck_assert_uint_eq(found_count, 1);
	ck_assert_uint_eq(found[0].at.seq, 3);
	ck_assert_int_eq(put(store, &saved[2]).err, MESH_OK);
	for (int i = 0; i < 3; i++) {
		verify();
		ck_assert_uint_eq(found_count, 0);
	}
	ck_assert_uint_eq(search_all(), ENTRIES);
	end();
}
START_TEST(a_row_that_was_deleted_is_missed_by_counting)
{
	fill(store);
	damage("DELETE FROM record WHERE seq IN (3,4,9)");
	verify();
	ck_assert_uint_eq(found_count, 1);
	ck_assert_int_eq(found[0].what, FOUND_LOST);
	ck_assert_uint_eq(found[0].at.seq, KEYS + 1);
	end();
}
START_TEST(in_time_lanes_a_row_between_two_others_is_missed)
{
	for (uint32_t i = 0; i < 9; i++) {
		saved[i] = make(LANE_PACKET, 1,
		    world_reception(&world, 7, i + 1, 1700000000000 + i, -90));
		(void)put(store, &saved[i]);
	}
	damage("DELETE FROM record WHERE seq IN (1,4,5,9)");
	verify();
	ck_assert_uint_eq(found_count, 1);
	ck_assert_int_eq(found[0].what, FOUND_MISSING);
	ck_assert_uint_eq(found[0].at.seq, 4);
	ck_assert_uint_eq(found[0].last, 5);
	ck_assert_int_eq(put(store, &saved[3]).err, MESH_OK);
	ck_assert_int_eq(put(store, &saved[4]).err, MESH_OK);
	verify();
	ck_assert_uint_eq(found_count, 0);
	end();
}
START_TEST(what_retention_took_between_others_is_not_missed)
{
	enum { DAY_MS = 24 * 60 * 60 * 1000 };
	static const uint8_t order[] = { 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13 };
	struct store_params p = {
		.path = path, .netid = world.netid, .packet_days = 2
	};
	store_close(store);
	ck_assert_int_eq(store_open(&store, &p), 0);
	for (uint32_t i = 0; i < 14; i++)
		saved[i] = make(LANE_PACKET, 1,
		    world_reception(&world, 7, i + 1, 1700000000000 + i, -90));
	for (size_t i = 0; i < LENGTH(order); i++) {
		ck_assert_int_eq(put(store, &saved[order[i]]).err, MESH_OK);
		if (i == 2) /* these came first, and go first */
			store_tick(store, 100 * (unix_ms)DAY_MS);
	}
	store_tick(store, 101 * (unix_ms)DAY_MS);
	(void)work(store);
	ck_assert_uint_eq(store_counts(store).packets, 14);
	verify();
	ck_assert_uint_eq(store_counts(store).packets, 11);
	ck_assert_uint_eq(found_count, 0);
	verify();
	ck_assert_uint_eq(found_count, 0);
	store_close(store); /* the mark is kept */
	ck_assert_int_eq(store_open(&store, &p), 0);
	damage("DELETE FROM record WHERE seq=13");
	verify();
	ck_assert_uint_eq(found_count, 1);
	ck_assert_int_eq(found[0].what, FOUND_MISSING);
	ck_assert_uint_eq(found[0].at.seq, 13);
	end();
}

/* Compare ours with theirs: what it came to. */
static enum mesh_sketched
compare(struct store *theirs, const struct mesh_position *end_of)
{
	uint32_t first = 0, want = MESH_SKETCH_FIRST;
	for (;;) {
		struct mesh_run cells = { first, want - 1 };
		struct store_outcome made = ask(
		    theirs, store_sketch(theirs, end_of, 1, cells, 1));
		ck_assert_int_eq(made.err, MESH_OK);
		struct store_outcome o = ask(store,
		    store_compare(store, end_of, first, made.page->json, want, 2));
		store_page_free(made.page);
		if (o.sketched == SKETCHED_MENDED) {
			found_count = 0;
			(void)ask(store,
			    store_mend(store, end_of, o.page->json,
				STORE_TOKEN(OWNER_MEND, 0)));
			store_page_free(o.page);
		}
		if (o.sketched != SKETCHED_MORE)
			return o.sketched;
		first = want;
		want = o.want;
	}
}
static void
bring(void)
{
	for (size_t round = 0; round < 4 * KEYS && found_count > 0; round++) {
		struct store_finding f = found[--found_count];
		if (f.what != FOUND_MISSING)
			continue;
		for (uint64_t seq = f.at.seq; seq <= f.last; seq++)
			ck_assert_int_eq(put(store, &saved[seq - 1]).err, MESH_OK);
	}
}

/* What is ours, and `lies` beside it, as a neighbour's cells. */
static enum mesh_sketched
compare_with(const struct mesh_sketch_item *lies, size_t count)
{
	enum { CELLS = 256 };
	static struct mesh_sketch_cell cells[CELLS];
	struct mesh_sketch theirs;
	struct store_outcome o = { .sketched = SKETCHED_MORE,
		.want = MESH_SKETCH_FIRST };
	uint8_t leaf[32], wire[CELLS * MESH_SKETCH_CELL];
	mesh_sketch_init(&theirs, world.netid, cells, CELLS);
	for (size_t i = 0; i < KEYS; i++) {
		struct mesh_sketch_item item = { .seq = saved[i].at.seq };
		mesh_record_leaf(&saved[i], leaf);
		memcpy(item.leaf, leaf, sizeof item.leaf);
		mesh_sketch_put(&theirs, &item);
	}
	for (size_t i = 0; i < count; i++)
		mesh_sketch_put(&theirs, &lies[i]);
	for (uint32_t first = 0; o.sketched == SKETCHED_MORE && o.want <= CELLS;) {
		struct bytes_out out = bytes_out(wire, sizeof wire);
		uint32_t want = o.want;
		ck_assert_int_eq(
		    mesh_sketch_write(&theirs, first, want - first, &out), MESH_OK);
		o = ask(store,
		    store_compare(
			store, &saved[KEYS].at, first, bytes_written(&out), want, 2));
		store_page_free(o.page);
		first = want;
	}
	return o.sketched;
}
START_TEST(differences_that_no_log_has_are_a_lie)
{
	static const struct {
		struct mesh_sketch_item lies[2];
		size_t count;
		enum mesh_sketched how;
		const char *why;
	} cases[] = { { { { 0, 3, { 9 } } }, 1, SKETCHED_MENDED, "another row 3" },
		{ { { 1, 3, { 9 } } }, 1, SKETCHED_WRONG, "of no log" },
		{ { { 0, 0, { 9 } } }, 1, SKETCHED_WRONG, "number 0" },
		{ { { 0, KEYS + 2, { 9 } } }, 1, SKETCHED_WRONG, "beyond the end" },
		{ { { 0, 3, { 8 } }, { 0, 3, { 9 } } }, 2, SKETCHED_WRONG, "twice" } };
	fill(store);
	for (size_t i = 0; i < LENGTH(cases); i++)
		ck_assert_msg(
		    compare_with(cases[i].lies, cases[i].count) == cases[i].how, "%s",
		    cases[i].why);
	end();
}
START_TEST(more_than_all_may_be_said_to_be_lost)
{
	struct mesh_sketch_difference all[KEYS + 2];
	memset(all, 0, sizeof all);
	for (size_t i = 0; i < LENGTH(all); i++)
		all[i].item.seq = i + 1;
	fill(store);
	found_count = 0;
	(void)ask(store,
	    store_mend(store, &saved[KEYS].at, bytes_view(all, sizeof all),
		STORE_TOKEN(OWNER_MEND, 0)));
	all[KEYS + 1].item.seq = KEYS + 3;
	(void)ask(store,
	    store_mend(store, &saved[KEYS].at, bytes_view(all, sizeof all),
		STORE_TOKEN(OWNER_MEND, 0)));
	ck_assert_uint_eq(found_count, 1);
	ck_assert_uint_eq(found[0].last, KEYS + 1);
	end();
}
START_TEST(what_was_deleted_comes_from_another_store)
{
	struct store *theirs = open_at(":memory:");
	fill(store);
	for (size_t i = 0; i < saved_count; i++)
		(void)put(theirs, &saved[i]);
	struct mesh_position end_of = saved[saved_count - 1].at;
	ck_assert_int_eq(compare(theirs, &end_of), SKETCHED_SAME);
	damage("DELETE FROM record WHERE seq IN (3,4,9) OR seq>20 AND seq%2=0");
	verify();
	ck_assert_int_eq(compare(theirs, &end_of), SKETCHED_MENDED);
	bring();
	ck_assert_int_eq(compare(theirs, &end_of), SKETCHED_SAME);
	verify();
	ck_assert_uint_eq(found_count, 0);
	store_close(theirs);
	end();
}
START_TEST(a_row_that_only_we_have_goes_if_the_sum_then_fits)
{
	struct store *theirs = open_at(":memory:");
	fill(store);
	struct mesh_run dropped = { 7, 7 };
	struct mesh_record drop = make(
	    LANE_STATE, RECORD_DROP, world_drop(&world, &dropped, 1));
	for (size_t i = 0; i < saved_count; i++)
		(void)put(theirs, &saved[i]);
	struct mesh_live live = put(theirs, &drop).live;
	struct mesh_record check = make(
	    LANE_STATE, RECORD_CHECKPOINT, world_checkpoint(&world, &live, 0));
	(void)put(theirs, &check);
	(void)put(store, &drop);
	damage("INSERT INTO record(log,seq,lane,type,dead,subject,core)"
	       " SELECT log,7,lane,type,0,x'6b65792f36',core FROM record WHERE seq=6");
	sqlite3 *db; /* the old row as it was */
	sqlite3_stmt *st;
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "UPDATE record SET core=?1 WHERE seq=7", -1, &st, NULL);
	sqlite3_bind_blob(st, 1, saved[6].proof.ptr, (int)saved[6].proof.len, NULL);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_DONE);
	sqlite3_finalize(st);
	sqlite3_close(db);
	verify();
	ck_assert_uint_eq(found_count, 1);
	ck_assert_int_eq(found[0].what, FOUND_LOST);
	found_count = 0;
	(void)put(store, &check);
	ck_assert_uint_eq(found_count, 1);
	ck_assert_int_eq(found[0].what, FOUND_DIFFERS);
	ck_assert_int_eq(compare(theirs, &check.at), SKETCHED_MENDED);
	ck_assert_uint_eq(found_count, 1);
	ck_assert_int_eq(found[0].what, FOUND_SAME);
	ck_assert_int_eq(compare(theirs, &check.at), SKETCHED_SAME);
	store_close(theirs);
	end();
}
/* Of a CHECKPOINT that came before the last of what lies below it: whether its floor
 * has ended DROPs that it counts is known only if it says so. */
static void
checkpoint_first(bool settled, unsigned told)
{
	fill(store);
	struct mesh_live other = { .count = KEYS - 1 };
	struct mesh_record between = make(
	    LANE_STATE, RECORD_PUT, world_put(&world, "key/0", "other"));
	struct bytes_view body = settled ? world_settled(&world, &other, 5)
					 : world_checkpoint(&world, &other, 5);
	struct mesh_record check = make(LANE_STATE, RECORD_CHECKPOINT, body);
	found_count = 0;
	(void)put(store, &check);
	ck_assert_uint_eq(found_count, 0);
	(void)put(store, &between);
	ck_assert_uint_eq(found_count, told);
	if (told > 0)
		ck_assert_int_eq(found[0].what, FOUND_DIFFERS);
	end();
}
START_TEST(a_settled_checkpoint_that_came_first_is_compared_all_the_same)
{
	checkpoint_first(true, 1);
}
START_TEST(one_that_may_count_what_it_ends_is_not)
{
	checkpoint_first(false, 0);
}
START_TEST(all_of_a_lane_may_come_again_and_what_does_not_goes)
{
	fill(store);
	struct mesh_position end_of = saved[saved_count - 1].at;
	found_count = 0;
	(void)ask(store,
	    store_mend(
		store, &end_of, bytes_view(NULL, 0), STORE_TOKEN(OWNER_MEND, 0)));
	ck_assert_uint_eq(found_count, 1);
	ck_assert_int_eq(found[0].what, FOUND_MISSING);
	ck_assert_uint_eq(found[0].at.seq, 1);
	ck_assert_uint_eq(found[0].last, KEYS + 1);
	found_count = 0;
	struct store_outcome o = { .err = MESH_OK };
	for (size_t i = 0; i < saved_count; i++)
		o = put(store, &saved[i]);
	ck_assert_uint_eq(o.live.count, KEYS);
	ck_assert_uint_ge(found_count, 1);
	ck_assert_int_eq(found[found_count - 1].what, FOUND_SAME);
	end();
}
START_TEST(a_lane_that_ends_elsewhere_is_not_compared)
{
	fill(store);
	struct mesh_position at = saved[saved_count - 1].at;
	struct mesh_run cells = { 0, 15 };
	at.seq++;
	ck_assert_int_eq(
	    ask(store, store_sketch(store, &at, 1, cells, 1)).err, MESH_DENIED);
	ck_assert_int_eq(
	    ask(store, store_compare(store, &at, 0, bytes_view(path, 28), 16, 2))
		.sketched,
	    SKETCHED_MOVED);
	ck_assert_int_eq(ask(store, store_mend(store, &at, bytes_view(NULL, 0), 9)).err,
	    MESH_DENIED);
	end();
}

/* More rows than one slice; the last one's place. */
static struct mesh_position
fill_slices(size_t site)
{
	struct mesh_record r = { .type = 0 };
	char key[16];
	for (size_t i = 0; i < 300; i++) {
		snprintf(key, sizeof key, "key/%zu", i);
		struct world_draft d = { .site = site,
			.lane = LANE_STATE,
			.type = RECORD_PUT,
			.body = world_put(&world, key, "value") };
		r = world_record(&world, &d);
		ck_assert_int_eq(put(store, &r).err, MESH_OK);
	}
	return r.at;
}
/* The next outcome that is no finding; its page is freed. */
static struct store_outcome
next(void)
{
	struct store_outcome o;
	while (store_next(store, &o) && STORE_OWNER(o.token) == OWNER_MEND)
		continue;
	store_page_free(o.page);
	return o;
}
START_TEST(other_reads_are_answered_while_a_lane_is_sketched)
{
	struct mesh_position at = fill_slices(0);
	struct mesh_run cells = { 0, 15 };
	uint8_t none[16 * MESH_SKETCH_CELL] = { 0 };
	ck_assert_int_eq(store_sketch(store, &at, 1, cells, 1), MESH_OK);
	ck_assert_int_eq(store_compare(store, &at, 0, bytes_view(none, sizeof none),
			     MESH_SKETCH_FIRST, 2),
	    MESH_OK);
	ck_assert_int_eq(store_fetch(store, &at, 1, 3), MESH_OK);
	store_work(store);
	ck_assert_uint_eq(next().token, 3);
	struct store_outcome made = next(), compared = next();
	ck_assert_uint_eq(made.token, 1);
	ck_assert_int_eq(made.err, MESH_OK);
	ck_assert_uint_eq(compared.token, 2);
	ck_assert_int_eq(compared.sketched, SKETCHED_MORE);
	end();
}
START_TEST(a_later_sketch_takes_the_place_of_one_that_is_made)
{
	struct mesh_position first = fill_slices(0), second = fill_slices(1);
	struct mesh_run cells = { 0, 15 };
	ck_assert_int_eq(store_sketch(store, &first, 1, cells, 1), MESH_OK);
	ck_assert_int_eq(store_sketch(store, &second, 1, cells, 2), MESH_OK);
	store_work(store);
	struct store_outcome o = next();
	ck_assert_uint_eq(o.token, 1);
	ck_assert_int_eq(o.err, MESH_DENIED);
	o = next();
	ck_assert_uint_eq(o.token, 2);
	ck_assert_int_eq(o.err, MESH_OK);
	end();
}
START_TEST(several_lanes_together_may_be_too_much_work)
{
	struct mesh_position at[] = { fill_slices(0), fill_slices(1) };
	struct mesh_run cells = { 0, 15 };
	struct store_outcome o = ask(store, store_sketch(store, at, 2, cells, 1));
	ck_assert_int_eq(o.err, MESH_OK);
	store_page_free(o.page);
	damage("UPDATE holding SET count=600000");
	ck_assert_int_eq(
	    ask(store, store_sketch(store, at, 2, cells, 1)).err, MESH_DENIED);
	o = ask(store, store_sketch(store, at, 1, cells, 1));
	ck_assert_int_eq(o.err, MESH_OK);
	store_page_free(o.page);
	end();
}

START_TEST(a_row_that_does_not_read_back_cuts_a_page_of_the_present_epoch_alone)
{
	struct mesh_position at = { .lane = LANE_STATE };
	fill(store);
	at = saved[0].at;
	at.seq = 5;
	damage("UPDATE record SET core=x'9b' WHERE seq IN (5,9)");
	struct store_outcome o = ask(store, store_fetch(store, &at, 16, 3));
	ck_assert_uint_eq(o.page->count, 0);
	ck_assert_uint_gt(o.page->next.len, 0);
	store_page_free(o.page);
	struct world_draft d = { .lane = LANE_STATE,
		.type = RECORD_PUT,
		.epoch = WORLD_EPOCH + 9,
		.seq = 1,
		.back = 1,
		.body = world_put(&world, "key/0", "anew") };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(put(store, &r).err, MESH_OK);
	o = ask(store, store_fetch(store, &at, 4, 3)); /* one is passed over */
	ck_assert_uint_eq(o.page->count, 4);
	ck_assert_uint_gt(o.page->next.len, 0);
	store_page_free(o.page);
	o = ask(store, store_fetch(store, &at, 100, 3));
	ck_assert_uint_eq(o.page->count, KEYS - 5); /* 6 to 31, without 9 */
	ck_assert_uint_eq(o.page->next.len, 0);
	ck_assert_uint_eq(o.page->records[o.page->count - 1].at.seq, KEYS + 1);
	store_page_free(o.page);
	end();
}

/* Whoever is shown a log stumbles over it, long before the next round does. */
START_TEST(a_row_that_a_neighbour_cannot_be_shown_is_given_up_at_once)
{
	fill(store);
	verify();
	for (int again = 0; again < 2; again++) {
		struct mesh_position at = saved[0].at;
		at.seq = 3;
		damage("UPDATE record SET core=x'9b' WHERE seq=5");
		found_count = 0;
		struct store_outcome o = ask(store, store_fetch(store, &at, 16, 3));
		ck_assert_uint_eq(o.page->count, 2);
		ck_assert_uint_gt(o.page->next.len, 0);
		store_page_free(o.page);
		(void)work(store); /* no tick: nothing but what the reader said */
		ck_assert_uint_eq(found_count, 1);
		ck_assert_int_eq(found[0].what, FOUND_UNREADABLE);
		ck_assert_uint_eq(found[0].at.seq, 5);
		ck_assert_int_eq(put(store, &saved[4]).err, MESH_OK);
		o = ask(store, store_fetch(store, &at, 16, 3));
		ck_assert_uint_eq(o.page->count, 16);
		store_page_free(o.page);
	}
	end();
}

START_TEST(findings_that_nobody_takes_in_are_told_later)
{
	enum { WRITES = 4096 };
	for (uint32_t i = 0; i < 9; i++) {
		saved[i] = make(LANE_PACKET, 1,
		    world_reception(&world, 7, i + 1, 1700000000000 + i, -90));
		(void)put(store, &saved[i]);
	}
	damage("DELETE FROM record WHERE seq IN (3,5,7)");
	store_tick(store, 1700000000000);
	for (size_t i = 1; i < WRITES; i++)
		ck_assert_int_eq(store_keep(store, text("room"), bytes_view("k", 1),
				     bytes_view("v", 1), SYNC_GROUP, 1),
		    MESH_OK);
	(void)work(store); /* one finds room */
	ck_assert_uint_eq(found_count, 1);
	(void)ask(store,
	    store_keep(store, text("room"), bytes_view("k", 1), bytes_view("v", 1),
		SYNC_GROUP, 1));
	ck_assert_uint_eq(found_count, 3);
	end();
}

CHECK_MODULE(mending, setup, a_whole_store_has_nothing_to_tell_but_that_it_is,
    a_checkpoint_is_not_held_against_what_follows_it,
    what_is_no_put_with_a_key_is_no_damage,
    a_row_that_was_changed_is_given_up_and_comes_again,
    an_entry_that_comes_again_is_found_again,
    a_row_that_names_anothers_vector_does_not_take_it_along,
    a_row_that_was_deleted_is_missed_by_counting,
    in_time_lanes_a_row_between_two_others_is_missed,
    what_retention_took_between_others_is_not_missed,
    differences_that_no_log_has_are_a_lie, more_than_all_may_be_said_to_be_lost,
    what_was_deleted_comes_from_another_store,
    a_row_that_only_we_have_goes_if_the_sum_then_fits,
    all_of_a_lane_may_come_again_and_what_does_not_goes,
    a_settled_checkpoint_that_came_first_is_compared_all_the_same,
    one_that_may_count_what_it_ends_is_not, a_lane_that_ends_elsewhere_is_not_compared,
    other_reads_are_answered_while_a_lane_is_sketched,
    a_later_sketch_takes_the_place_of_one_that_is_made,
    several_lanes_together_may_be_too_much_work,
    a_row_that_does_not_read_back_cuts_a_page_of_the_present_epoch_alone,
    a_row_that_a_neighbour_cannot_be_shown_is_given_up_at_once,
    findings_that_nobody_takes_in_are_told_later)
