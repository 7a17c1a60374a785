/* What is told before the database has it, and what becomes of it when we end. */
#include "fault_vfs.h"
#include "said.h"
#include "store_inside.h"
#include "store_world.h"
#include "text.h"
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct world world;
static struct store *store;
static char path[128];

static struct store *
open_as_first_site(const char *at)
{
	struct store_params params = { .path = at, .self = &world.site[0].key };
	struct store *s;
	ck_assert_int_eq(store_open(&s, &params), 0);
	return s;
}

static void
setup(void)
{
	fault_vfs_install();
	world_init(&world);
	snprintf(path, sizeof path, "%s", world_path());
	store = open_as_first_site(path);
}

static void
teardown(void)
{
	fault_vfs_heal();
	store_close(store);
	world_release(&world);
	world_forget_paths();
}

static struct mesh_record
alert(uint32_t n)
{
	struct world_draft d = { .lane = LANE_ALERT,
		.body = world_reception(&world, 1, n, 1000, -1) };
	return world_record(&world, &d);
}

static void
put(const struct mesh_record *r, uint64_t token)
{
	ck_assert_int_eq(store_put_record(store, r, SYNC_TWICE, token), MESH_OK);
}

static bool
is_told(uint64_t token, bool written)
{
	struct store_outcome o;
	return store_next(store, &o) && o.token == token && o.err == MESH_OK &&
	    o.written == written;
}

/* After it the epoch is known. */
static void
put_first(void)
{
	struct mesh_record r = alert(1);
	put(&r, 1);
	struct store_outcome o;
	ck_assert_msg(
	    !store_next(store, &o), "of an epoch that is not known nothing is told");
	store_work(store);
	ck_assert(is_told(1, true) && is_told(1, false));
}

static int64_t
rows_in(const char *of)
{
	return world_number(of, "SELECT count(*) FROM record WHERE lane=2");
}

static uint64_t
counter(const char *name)
{
	return store_counter(store, counter_find(&store_counter_list, text(name)));
}

START_TEST(an_alert_is_told_before_the_writer_has_done_anything)
{
	struct store_outcome o;
	put_first();
	struct mesh_record r = alert(2);
	put(&r, 2);
	ck_assert(is_told(2, true));
	ck_assert(!store_next(store, &o));
	ck_assert_int_eq(rows_in(path), 1);
	store_work(store);
	ck_assert_msg(is_told(2, false), "once more, and no third time");
	ck_assert(!store_next(store, &o));
	ck_assert_int_eq(rows_in(path), 2);
	teardown();
}

START_TEST(after_a_restart_even_the_first_one_is)
{
	put_first();
	store_close(store);
	store = open_as_first_site(path);
	struct mesh_record r = alert(2);
	put(&r, 2);
	ck_assert(is_told(2, true));
	teardown();
}

START_TEST(others_are_not)
{
	struct store_outcome o;
	put_first();
	struct mesh_record r = alert(2);
	ck_assert_int_eq(store_put_record(store, &r, SYNC_NOW, 2), MESH_OK);
	ck_assert(!store_next(store, &o));
	struct world_draft d = { .site = 1,
		.lane = LANE_ALERT,
		.body = world_reception(&world, 1, 3, 1000, -1) };
	r = world_record(&world, &d);
	put(&r, 3);
	ck_assert(!store_next(store, &o));
	store_work(store);
	ck_assert(is_told(3, true) && is_told(2, false) && is_told(3, false));
	teardown();
}

/* How many come; a page that says it is the last speaks of all that were asked for. */
static size_t
fetched(const struct mesh_position *from, uint64_t count)
{
	struct store_outcome o;
	ck_assert_int_eq(store_fetch(store, from, count, 9), MESH_OK);
	while (store_read_next(store))
		continue;
	for (;;) {
		ck_assert(store_next(store, &o));
		if (o.token == 9)
			break;
	}
	ck_assert_ptr_nonnull(o.page);
	size_t n = o.page->count;
	ck_assert_msg(n >= count || o.page->next.len > 0, "the rest is gone");
	store_page_free(o.page);
	return n;
}

START_TEST(what_is_told_and_not_written_is_not_shown_to_a_neighbour_as_gone)
{
	put_first();
	struct mesh_record r = alert(2);
	struct mesh_position first = r.at;
	first.seq--;
	put(&r, 2);
	ck_assert(is_told(2, true));
	ck_assert_int_eq(store_fetch(store, &r.at, 1, 9), MESH_FULL);
	ck_assert_uint_eq(counter("store.reads.early"), 1);
	ck_assert_uint_eq(fetched(&first, 100), 1);
	ck_assert_int_eq(store_fetch(store, &first, 1, 9), MESH_OK);
	store_work(store);
	ck_assert(is_told(2, false));
	struct store_outcome o;
	while (store_next(store, &o))
		store_page_free(o.page);
	ck_assert_int_eq(store_fetch(store, &r.at, 1, 9), MESH_OK);
	teardown();
}

START_TEST(a_disk_in_trouble_tells_nothing_early)
{
	struct store_outcome o;
	put_first();
	fault_vfs_arm(1, FAULT_IO);
	struct mesh_record r = alert(2), next = alert(3);
	put(&r, 2);
	ck_assert(is_told(2, true)); /* nobody knew yet */
	store_work(store);
	ck_assert(store_next(store, &o) && o.token == 2 && o.err == MESH_IO);
	ck_assert(store_is_readonly(store));
	put(&next, 3);
	ck_assert(!store_next(store, &o));
	fault_vfs_heal();
	teardown();
}

static void
with_each_fault(void (*body)(enum fault fault))
{
	static const enum fault faults[] = { FAULT_IO, FAULT_SYNC };
	for (size_t i = 0; i < LENGTH(faults); i++) {
		if (i > 0)
			setup();
		body(faults[i]);
		teardown();
	}
}

/* Told; then the disk refuses it. */
static struct mesh_record
tell_and_refuse(enum fault fault)
{
	struct store_outcome o;
	put_first();
	struct mesh_record r = alert(2);
	fault_vfs_arm(1, fault);
	put(&r, 2);
	ck_assert(is_told(2, true));
	store_work(store);
	ck_assert(store_next(store, &o) && o.token == 2 && o.err == MESH_IO);
	ck_assert(store_is_readonly(store));
	store_tick(store, 1);
	return r;
}

/* That it is stored now: by another kind of outcome, since who raised it has his. */
static bool
is_told_again(uint64_t token, const struct mesh_record *r)
{
	struct store_outcome o;
	return store_next(store, &o) && o.token == token && o.err == MESH_OK &&
	    !o.written && o.again != NULL && bytes_equal(o.again->proof, r->proof);
}

/* Nobody says it anew, and a neighbour that was away has no other to ask. */
static void
be_written_when_it_is_well_again(enum fault fault)
{
	struct store_outcome o;
	struct mesh_record r = tell_and_refuse(fault);
	struct mesh_position first = r.at;
	first.seq--;
	ck_assert_int_eq(store_fetch(store, &r.at, 1, 9), MESH_FULL);
	ck_assert_uint_eq(fetched(&first, 100), 1);
	store_tick(store, 70000);
	ck_assert_uint_eq(counter("store.said.again"), 0);
	fault_vfs_heal();
	store_work(store);
	store_tick(store, 70001);
	store_work(store);
	ck_assert(is_told_again(2, &r));
	ck_assert(!store_next(store, &o));
	ck_assert_uint_eq(counter("store.said.again"), 1);
	ck_assert_int_eq(rows_in(path), 2);
	ck_assert_uint_eq(fetched(&first, 2), 2);
}

START_TEST(what_the_disk_refused_is_written_when_it_is_well_again)
{
	with_each_fault(be_written_when_it_is_well_again);
}

static void
be_refused_more_than_once(enum fault fault)
{
	struct store_outcome o;
	struct mesh_record r = tell_and_refuse(fault);
	fault_vfs_heal();
	store_work(store);
	fault_vfs_arm(1, fault);
	store_tick(store, 2);
	store_work(store);
	ck_assert(!store_next(store, &o) && store_is_readonly(store));
	store_tick(store, 3);
	fault_vfs_heal();
	store_work(store);
	store_tick(store, 4);
	store_work(store);
	ck_assert_msg(is_told_again(2, &r), "and is news once, when it is stored");
	ck_assert(!store_next(store, &o));
	ck_assert_uint_eq(counter("store.said.again"), 2);
	ck_assert_int_eq(rows_in(path), 2);
}

START_TEST(it_is_refused_more_than_once)
{
	with_each_fault(be_refused_more_than_once);
}

static void
end_before_that(enum fault fault)
{
	(void)tell_and_refuse(fault);
	fault_vfs_heal();
	store_work(store);
	struct mesh_record next = alert(3);
	put(&next, 3);
	ck_assert(is_told(3, true));
	store_work(store);
	ck_assert(is_told(3, false));
	store_close(store);
	store = open_as_first_site(path);
	ck_assert_int_eq(rows_in(path), 3);
}

START_TEST(and_when_we_end_before_with_what_was_told_since)
{
	with_each_fault(end_before_that);
}

START_TEST(of_more_than_there_is_room_for_the_rest_waits)
{
	uint64_t told = 0;
	struct store_outcome o;
	put_first();
	for (uint32_t n = 2; n < 2 * SAID_MOST; n++) {
		struct mesh_record r = alert(n);
		put(&r, n);
	}
	for (; store_next(store, &o); told++)
		ck_assert(o.written);
	ck_assert_uint_eq(told, SAID_MOST);
	ck_assert_uint_eq(counter("store.said.late"), SAID_MOST - 2);
	store_work(store);
	while (store_next(store, &o))
		ck_assert_int_eq(o.err, MESH_OK);
	ck_assert_int_eq(rows_in(path), 2 * SAID_MOST - 1);
	struct mesh_record r = alert(1000);
	put(&r, 1000); /* and there is room again */
	ck_assert(is_told(1000, true));
	teardown();
}

static void
tell_until_killed(uint32_t written, uint32_t told)
{
	store = open_as_first_site(path);
	put_first();
	for (uint32_t n = 2; n < told + 2; n++) {
		struct mesh_record r = alert(n);
		put(&r, n);
		if (!is_told(n, true))
			_exit(6);
		if (n < written + 2)
			store_work(store);
		if (n < written + 2 && !is_told(n, false))
			_exit(7);
	}
	raise(SIGKILL);
	_exit(8);
}

/* A child has an alert in the database, tells some more, of which the first `written`
 * come there, too, and is killed. */
static void
kill_who_told(uint32_t written, uint32_t told)
{
	int status;
	store_close(store);
	store = NULL;
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		tell_until_killed(written, told);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSIGNALED(status), "the child ended by itself: %d", status);
}

START_TEST(what_was_told_survives_kill)
{
	kill_who_told(1, 5);
	ck_assert_int_eq(rows_in(path), 2);
	store = open_as_first_site(path);
	ck_assert_int_eq(rows_in(path), 6);
	struct store_saved saved;
	ck_assert_int_eq(store_saved(store, &saved), MESH_OK);
	ck_assert_uint_eq(saved.holdings[0].runs[0].last, 6);
	store_saved_free(&saved);
	store_close(store);
	store = open_as_first_site(path);
	ck_assert_int_eq(rows_in(path), 6);
	ck_assert_uint_eq(counter("store.records.duplicate"), 0);
	teardown();
}

/* --- the file itself --- */

enum { FILE_MOST = 1 << 14 };
static uint8_t file[FILE_MOST];

static void
said_path(char name[static 256], const char *of)
{
	snprintf(name, 256, "%.200s-said", of);
}

static size_t
read_file(const char *of)
{
	char name[256];
	said_path(name, of);
	FILE *f = fopen(name, "rb");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(file, 1, sizeof file, f);
	fclose(f);
	return n;
}

static void
write_file(const char *of, size_t len)
{
	char name[256];
	said_path(name, of);
	FILE *f = fopen(name, "wb");
	ck_assert(f != NULL && fwrite(file, 1, len, f) == len);
	fclose(f);
}

/* How many records a start reads of it. */
static size_t
read_rows(void)
{
	static struct said said;
	struct mesh_record r;
	size_t n = 0;
	said_open(&said, path, &world.site[0].key);
	while (said_next(&said, &r))
		n++;
	said_close(&said);
	return n;
}

/* A power cut leaves any part of what was written. */
START_TEST(of_a_file_that_was_cut_or_damaged_only_whole_rows_count)
{
	kill_who_told(0, 2);
	read_file(path);
	size_t one = 40 + ((size_t)file[34] << 8 | file[35]);
	size_t two = 40 + ((size_t)file[one + 34] << 8 | file[one + 35]);
	ck_assert_uint_eq(read_rows(), 2);
	for (size_t len = 0; len <= one + two; len++) {
		write_file(path, len);
		size_t whole = (size_t)(len >= one) + (len >= one + two);
		ck_assert_msg(read_rows() == whole, "cut at %zu", len);
	}
	for (size_t at = 0; at < one + two; at++) {
		file[at] ^= 0x40;
		write_file(path, one + two);
		ck_assert_msg(read_rows() == (at >= one), "bit at %zu", at);
		file[at] ^= 0x40;
	}
	memset(file, 0xff, sizeof file);
	write_file(path, sizeof file);
	ck_assert_uint_eq(read_rows(), 0);
	teardown();
}

START_TEST(beside_another_database_it_says_nothing)
{
	kill_who_told(0, 3);
	size_t len = read_file(path);
	const char *other = world_path();
	store_close(open_as_first_site(other));
	write_file(other, len);
	struct store *s = open_as_first_site(other);
	ck_assert_int_eq(rows_in(other), 0);
	store_close(s);
	ck_assert_uint_eq(read_rows(), 3);
	teardown();
}

/* The one that opens one gap too many: every second number until there is no room. */
static struct mesh_record
fill_with_gaps(void)
{
	for (uint64_t n = 1;; n++) {
		struct world_draft d = { .lane = LANE_ALERT,
			.seq = 2 * n,
			.body = world_reception(&world, 1, (uint32_t)n, 1000, -1) };
		struct mesh_record r = world_record(&world, &d);
		if (n > MESH_RUNS)
			return r;
		ck_assert_int_eq(store_put_record(store, &r, SYNC_NOW, n), MESH_OK);
	}
}

static void
write_one_row(const struct mesh_record *r)
{
	static struct said said;
	said_open(&said, path, &world.site[0].key);
	said_begin(&said);
	said_know(&said, &r->at);
	ck_assert(said_put(&said, r, 1));
	said_close(&said);
}

START_TEST(what_a_start_has_no_place_for_stays_in_the_file)
{
	struct mesh_record r = fill_with_gaps();
	ck_assert(store_says_early(store));
	store_close(store);
	write_one_row(&r);
	for (size_t start = 0; start < 2; start++) {
		store = open_as_first_site(path);
		ck_assert_int_eq(rows_in(path), MESH_RUNS);
		ck_assert_uint_eq(counter("store.said.lost"), 1);
		ck_assert(!store_says_early(store));
		store_close(store);
		ck_assert_uint_eq(read_rows(), 1);
	}
	store = NULL;
	teardown();
}

START_TEST(what_is_taken_back_is_not_told_and_older_rows_are_not_either)
{
	static struct said said;
	uint64_t token;
	struct mesh_record r = alert(1), next = alert(2);
	snprintf(path, sizeof path, "%s", world_path());
	said_open(&said, path, &world.site[0].key);
	said_begin(&said);
	ck_assert(!said_put(&said, &r, 1));
	said_know(&said, &r.at);
	ck_assert(said_put(&said, &r, 1) && said_put(&said, &next, 2));
	said_take_back(&said);
	ck_assert(said_tell(&said, &token) && token == 1);
	ck_assert(!said_tell(&said, &token));
	ck_assert_uint_eq(read_rows(), 1);
	ck_assert(said_put(&said, &next, 3));
	said_end(&said, 1);
	said_end(&said, 3); /* begins anew: one of its rows remains behind the next */
	ck_assert(said_put(&said, &next, 4));
	ck_assert_uint_eq(read_rows(), 1);
	said_close(&said);
	struct stat st;
	char name[256];
	said_path(name, path);
	ck_assert(stat(name, &st) == 0 && (st.st_mode & 0777) == 0600);
	ck_assert_int_eq(st.st_size, SAID_BYTES);
	teardown();
}

START_TEST(without_a_file_all_is_told_when_it_is_written)
{
	char name[256];
	store_close(store);
	snprintf(path, sizeof path, "%s", world_path());
	said_path(name, path);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	store = open_as_first_site(path);
	ck_assert(!store_says_early(store));
	put_first();
	ck_assert_uint_eq(counter("store.said.late"), 0);
	struct mesh_record r = alert(2);
	struct store_outcome o;
	put(&r, 2);
	ck_assert(!store_next(store, &o));
	store_work(store);
	ck_assert(is_told(2, true) && is_told(2, false));
	ck_assert_uint_eq(counter("store.said.late"), 1);
	rmdir(name);
	teardown();
}
CHECK_MODULE(said, setup, an_alert_is_told_before_the_writer_has_done_anything,
    after_a_restart_even_the_first_one_is, others_are_not,
    what_is_told_and_not_written_is_not_shown_to_a_neighbour_as_gone,
    a_disk_in_trouble_tells_nothing_early,
    what_the_disk_refused_is_written_when_it_is_well_again,
    it_is_refused_more_than_once, and_when_we_end_before_with_what_was_told_since,
    of_more_than_there_is_room_for_the_rest_waits, what_was_told_survives_kill,
    of_a_file_that_was_cut_or_damaged_only_whole_rows_count,
    beside_another_database_it_says_nothing,
    what_a_start_has_no_place_for_stays_in_the_file,
    what_is_taken_back_is_not_told_and_older_rows_are_not_either,
    without_a_file_all_is_told_when_it_is_written)
