#include "filter.h"
#include "message.h"
#include "numbered.h"
#include "store.h"
#include "store_inside.h"
#include "store_world.h"
#include "text.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

static struct world world;
static struct store *store;

static void
start(void)
{
	world_init(&world);
	store = world_open(":memory:");
}

static void
stop(void)
{
	store_close(store);
	world_release(&world);
}

static enum mesh_err
put_packet(size_t site, uint32_t packet, unix_ms time_ms)
{
	struct world_draft d = { .site = site,
		.lane = LANE_PACKET,
		.body = world_reception(&world, 1, packet, time_ms, -80) };
	struct mesh_record r = world_record(&world, &d);
	return world_store(store, &r).err;
}

static bool
contains(struct text_view hay, const char *needle)
{
	return memmem(hay.ptr, hay.len, needle, strlen(needle)) != NULL;
}

START_TEST(a_packet_heard_at_two_sites_is_one_row_with_two_receptions)
{
	start();
	ck_assert_int_eq(put_packet(0, 5, 1000), MESH_OK);
	ck_assert_int_eq(put_packet(1, 5, 1001), MESH_OK);
	ck_assert_uint_eq(store_counts(store).packets, 1);
	ck_assert_uint_eq(store_counts(store).nodes, 1);
	struct store_question q = { .noun = STORE_PACKETS,
		.audience = AUDIENCE_OPERATOR };
	struct store_outcome o = world_ask(store, &q);
	ck_assert_int_eq(o.err, MESH_OK);
	ck_assert_uint_eq(o.page->count, 1);
	struct text_view json = { (const char *)o.page->json.ptr, o.page->json.len };
	ck_assert(contains(json, "\"id\":\"sim:00000001:00000005\""));
	ck_assert(contains(json, "\"time_ms\":1000,"));
	ck_assert(contains(json, "\"time_ms\":1001,"));
	ck_assert_uint_eq(o.page->next.len, 0);
	store_page_free(o.page);
	stop();
}

START_TEST(what_is_held_already_is_ok_and_changes_nothing)
{
	start();
	struct world_draft d = { .lane = LANE_PACKET,
		.body = world_reception(&world, 1, 2, 3, -4) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	uint64_t version = store_version(store, STORE_PACKETS);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	ck_assert_uint_eq(store_version(store, STORE_PACKETS), version);
	ck_assert_uint_eq(store_counts(store).packets, 1);
	stop();
}

START_TEST(pages_go_newest_first_and_miss_nothing)
{
	start();
	for (uint32_t i = 0; i < 25; i++)
		ck_assert_int_eq(put_packet(0, i, 1000 + i / 3), MESH_OK);
	struct text_view whole = world_list(store, STORE_PACKETS, 0);
	char *copy = strndup(whole.ptr, whole.len);
	for (uint32_t limit = 1; limit < 27; limit += 5) {
		struct text_view paged = world_list(store, STORE_PACKETS, limit);
		ck_assert_msg(text_is(paged, copy), "limit %u", limit);
	}
	const char *newest = strstr(copy, "00000018"),
		   *oldest = strstr(copy, ":00000000");
	ck_assert(newest != NULL && oldest != NULL && newest < oldest);
	free(copy);
	stop();
}

static void
put_text(uint32_t from, uint32_t packet, unix_ms time_ms, uint32_t reply)
{
	struct world_draft d = { .lane = LANE_PACKET,
		.body = world_text(&world, from, packet, time_ms, reply) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
}

START_TEST(a_reply_names_whose_packet_it_answers)
{
	start();
	put_text(0x11, 0x501, 1000, 0);
	put_text(0x12, 0x502, 1001, 0x501);
	put_text(0x12, 0x503, 1002, 0x777); /* nobody here heard it */
	put_text(0x13, 0x601, 1003, 0);
	put_text(0x14, 0x601, 1004, 0); /* two of one number */
	put_text(0x12, 0x504, 1005, 0x601);
	put_text(0x12, 0x505, 1006, 0x700); /* what is answered came before */
	put_text(0x15, 0x700, 1007, 0);
	struct text_view json = world_list(store, STORE_MESSAGES, 0);
	ck_assert(contains(json, "\"reply\":\"mt:00000011:00000501\""));
	ck_assert(contains(json, "\"reply\":\"mt:00000000:00000777\""));
	ck_assert(contains(json, "\"reply\":\"mt:00000000:00000601\""));
	ck_assert(contains(json, "\"reply\":\"mt:00000000:00000700\""));
	stop();
}

/* How many messages of the first page; `rest`: there is more. */
static size_t
first_page(const char *filter, bool *rest)
{
	static uint64_t block[4096];
	struct arena arena = arena_init(block, sizeof block);
	struct store_question q = { .noun = STORE_MESSAGES };
	struct filter_error why;
	ck_assert_int_eq(
	    filter_parse(&message_table, text(filter), &arena, &q.filter, &why),
	    MESH_OK);
	struct store_outcome o = world_ask(store, &q);
	ck_assert_int_eq(o.err, MESH_OK);
	size_t count = o.page->count;
	*rest = o.page->next.len > 0;
	store_page_free(o.page);
	return count;
}

/* What each message of the page answers, in the pages' order; how many pages. */
static size_t
all_replies(const char *named, size_t *pages)
{
	size_t count = 0;
	struct text_view json = { NULL, 0 };
	char after[200] = "";
	*pages = 0;
	do {
		struct store_question q = { .noun = STORE_MESSAGES,
			.after = text(after) };
		struct store_outcome o = world_ask(store, &q);
		ck_assert_int_eq(o.err, MESH_OK);
		json = (struct text_view){ (const char *)o.page->json.ptr,
			o.page->json.len };
		for (size_t at = 0; at + strlen(named) <= json.len; at++)
			count += memcmp(json.ptr + at, named, strlen(named)) == 0;
		snprintf(after, sizeof after, "%.*s", (int)o.page->next.len,
		    o.page->next.ptr);
		store_page_free(o.page);
		++*pages;
	} while (after[0] != '\0');
	return count;
}

/* Those that lie close are looked for in one walk. */
START_TEST(many_replies_are_named_at_once)
{
	enum { REPLIES = 1500 };
	size_t pages;
	bool rest;
	start();
	put_text(0x11, 0x501, 1000, 0);
	for (uint32_t n = 0; n < REPLIES; n++)
		put_text(0x12, 0x1000 + n, 1001 + n, 0x501);
	ck_assert_uint_eq(
	    all_replies("\"reply\":\"mt:00000011:00000501\"", &pages), REPLIES);
	ck_assert(first_page("text=ho", &rest) == 0 && !rest);
	ck_assert(first_page("reply=mt:00000011:00000501", &rest) > 0 && rest);
	ck_assert_uint_gt(pages, 1);
	stop();
}

static void
write_all(void)
{
	struct store_outcome o;
	store_work(store);
	while (store_next(store, &o))
		ck_assert_int_eq(o.err, MESH_OK);
}

static void
put_others(uint32_t *number, unix_ms from_ms, size_t count)
{
	for (size_t i = 0; i < count; i++, ++*number) {
		struct world_draft d = { .lane = LANE_PACKET,
			.body = world_reception(
			    &world, 0x21, *number, from_ms + (unix_ms)i, -1) };
		struct mesh_record r = world_record(&world, &d);
		ck_assert_int_eq(store_put_record(store, &r, SYNC_GROUP, 1), MESH_OK);
		if (i % 512 == 511)
			write_all();
	}
	write_all();
}

/* At the edge of what a reply reaches, its own packet among them; what was asked before
 * by a newer one changes nothing. */
START_TEST(a_reply_reaches_so_far_and_no_further)
{
	enum { REACH = NUMBERED_ROWS };
	/* clang-format off */
	static const struct { size_t between; bool named; } rows[] = {
		{ 0, true }, { REACH - 2, true }, { REACH - 1, false }, { REACH, false },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint32_t other = 0x10000;
		size_t pages;
		start();
		put_text(0x11, 0x501, 1000, 0);
		put_others(&other, 1001, rows[i].between);
		put_text(0x12, 0x502, 5000, 0x501);
		put_others(&other, 6000, 10);
		put_text(0x12, 0x503, 7000, 0x502); /* reaches that far, too */
		ck_assert_uint_eq(
		    all_replies("\"reply\":\"mt:00000012:00000502\"", &pages), 1);
		ck_assert_msg(all_replies("\"reply\":\"mt:00000011:00000501\"",
				  &pages) == rows[i].named,
		    "with %zu between", rows[i].between);
		stop();
	}
}

START_TEST(time_bounds_are_inclusive)
{
	start();
	for (uint32_t i = 0; i < 10; i++)
		ck_assert_int_eq(put_packet(0, i, 1000 + i), MESH_OK);
	struct store_question q = {
		.noun = STORE_PACKETS, .from_ms = 1003, .to_ms = 1005
	};
	struct store_outcome o = world_ask(store, &q);
	ck_assert_uint_eq(o.page->count, 3);
	store_page_free(o.page);
	ck_assert_int_eq(put_packet(1, 9, 1004), MESH_OK); /* 9 was 1009 elsewhere */
	o = world_ask(store, &q);
	ck_assert_msg(o.page->count == 4, "a packet's time is when it was heard first");
	store_page_free(o.page);
	stop();
}

START_TEST(a_filter_decides_row_by_row_and_is_copied)
{
	start();
	for (uint32_t i = 0; i < 10; i++)
		ck_assert_int_eq(put_packet(0, i, 1000 + i), MESH_OK);
	static uint64_t block[4096];
	struct arena arena = arena_init(block, sizeof block);
	const struct filter *filter;
	struct filter_error why;
	ck_assert_int_eq(
	    filter_parse(&packet_table,
		text("id=sim:00000001:00000007 or id=sim:00000001:00000003"), &arena,
		&filter, &why),
	    MESH_OK);
	struct store_question q = { .noun = STORE_PACKETS, .filter = filter };
	ck_assert_int_eq(store_ask(store, &q, 1), MESH_OK);
	memset(block, 0xff, sizeof block); /* the question was only lent */
	store_work(store);
	struct store_outcome o;
	ck_assert(store_next(store, &o));
	ck_assert_int_eq(o.err, MESH_OK);
	ck_assert_uint_eq(o.page->count, 2);
	store_page_free(o.page);
	stop();
}

static void
one(enum store_noun noun, const char *id, enum mesh_err expected)
{
	struct store_question q = {
		.noun = noun, .id = text(id), .audience = AUDIENCE_OPERATOR
	};
	struct store_outcome o = world_ask(store, &q);
	ck_assert_msg(o.err == expected, "%s: %d", id, o.err);
	ck_assert(o.err != MESH_OK || o.page->count == 1);
	store_page_free(o.page);
}

START_TEST(one_thing_is_found_by_its_text_id)
{
	start();
	put_packet(0, 5, 1000);
	struct world_draft d = { .lane = LANE_ALERT,
		.body = world_statement(&world, "one", ALERT_FIRING, 10) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	d = (struct world_draft){ .lane = LANE_STATE,
		.body = world_put(&world, "user/a", "1") };
	r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);

	one(STORE_PACKETS, "sim:00000001:00000005", MESH_OK);
	one(STORE_PACKETS, "sim:00000001:00000006", MESH_NOT_FOUND);
	one(STORE_PACKETS, "no id", MESH_MALFORMED);
	one(STORE_NODES, "~00000001", MESH_OK);
	one(STORE_NODES, "~00000002", MESH_NOT_FOUND);
	char room[160];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct id alert = world_alert_id("one");
	text_put_hex(&out, bytes_view(alert.bytes, alert.len));
	one(STORE_ALERTS, text_end(&out), MESH_OK);
	out = bytes_out(room, sizeof room);
	text_put_hex(&out, bytes_view(world.site[0].key.bytes, 32));
	text_put(&out, "/user/a");
	one(STORE_STATE, text_end(&out), MESH_OK);
	one(STORE_TRACES, "x", MESH_NOT_FOUND);
	stop();
}

START_TEST(an_alert_is_open_until_its_site_says_resolved)
{
	start();
	static const enum alert_state said[] = { ALERT_FIRING, ALERT_RESOLVED };
	static const uint64_t open[] = { 1, 0 };
	for (size_t i = 0; i < LENGTH(said); i++) {
		struct world_draft d = { .lane = LANE_ALERT,
			.body = world_statement(&world, "one", said[i], 10) };
		struct mesh_record r = world_record(&world, &d);
		ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
		ck_assert_uint_eq(store_counts(store).alerts_open, open[i]);
	}
	stop();
}

START_TEST(only_the_views_that_a_commit_changed_get_a_new_version)
{
	start();
	put_packet(0, 1, 1000);
	uint64_t packets = store_version(store, STORE_PACKETS);
	uint64_t alerts = store_version(store, STORE_ALERTS);
	put_packet(0, 2, 1001);
	ck_assert_uint_gt(store_version(store, STORE_PACKETS), packets);
	ck_assert_uint_eq(store_version(store, STORE_ALERTS), alerts);
	struct world_draft d = { .lane = LANE_STATE,
		.body = world_site(&world, "roof") };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	ck_assert_msg(
	    store_version(store, STORE_ALERTS) > alerts, "names stand everywhere");
	stop();
}

START_TEST(a_site_is_shown_by_the_name_it_gave_itself)
{
	start();
	put_packet(0, 1, 1000);
	struct world_draft d = { .lane = LANE_STATE,
		.body = world_site(&world, "attic") };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	ck_assert(contains(world_list(store, STORE_PACKETS, 0), "\"site\":\"attic\""));
	stop();
}

START_TEST(a_node_is_known_while_somebody_heard_it_or_speaks_of_it)
{
	start();
	put_packet(0, 1, 1000); /* node 1 is heard */
	for (uint32_t node = 1; node <= 2; node++) {
		struct world_draft d = { .lane = LANE_STATE,
			.body = world_node(&world, node, "Ada", 5) };
		struct mesh_record r = world_record(&world, &d);
		ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	}
	ck_assert_uint_eq(store_counts(store).nodes, 2);
	ck_assert(contains(world_list(store, STORE_NODES, 0), "Ada"));
	struct world_draft d = { .lane = LANE_STATE,
		.type = RECORD_DROP,
		.body = world_drop(&world, &(struct mesh_run){ 1, 2 }, 1) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	ck_assert_uint_eq(store_counts(store).nodes, 1);
	ck_assert(!contains(world_list(store, STORE_NODES, 0), "Ada"));
	one(STORE_NODES, "~00000001", MESH_OK);
	stop();
}

START_TEST(records_come_back_as_the_bytes_that_were_put)
{
	start();
	struct mesh_record put[10];
	for (uint32_t i = 0; i < LENGTH(put); i++) {
		struct world_draft d = { .lane = LANE_PACKET,
			.body = world_reception(&world, 1, i, 1000, -1) };
		put[i] = world_record(&world, &d);
		ck_assert_int_eq(world_store(store, &put[i]).err, MESH_OK);
	}
	struct mesh_position from = put[4].at;
	ck_assert_int_eq(store_fetch(store, &from, 3, 11), MESH_OK);
	store_work(store);
	struct store_outcome o;
	ck_assert(store_next(store, &o));
	ck_assert_uint_eq(o.token, 11);
	ck_assert_uint_eq(o.page->count, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert(bytes_equal(o.page->records[i].proof, put[4 + i].proof));
	store_page_free(o.page);
	stop();
}

START_TEST(a_cancelled_question_has_no_outcome)
{
	start();
	struct store_question q = { .noun = STORE_PACKETS };
	struct store_outcome o;
	ck_assert_int_eq(store_ask(store, &q, 1), MESH_OK);
	store_cancel(store, 1);
	store_work(store);
	ck_assert(!store_next(store, &o));
	ck_assert_int_eq(store_ask(store, &q, 2), MESH_OK);
	store_work(store);
	store_cancel(store, 2);
	ck_assert_msg(!store_next(store, &o), "cancelled after it was answered");
	stop();
}

START_TEST(what_is_kept_is_there_after_reopening)
{
	const char *path = world_path();
	world_init(&world);
	store = world_open(path);
	ck_assert_int_eq(store_keep_now(store, text("host"), bytes_view("boot", 4),
			     bytes_view("\x07", 1)),
	    MESH_OK);
	ck_assert_int_eq(store_keep(store, text("mesh"), bytes_view("k", 1),
			     bytes_view(NULL, 0), SYNC_NOW, 3),
	    MESH_OK);
	store_work(store);
	struct store_outcome o;
	ck_assert(store_next(store, &o));
	ck_assert_int_eq(o.err, MESH_OK);
	struct world_draft d = { .lane = LANE_PACKET,
		.body = world_reception(&world, 1, 2, 3, -4) };
	struct mesh_record r = world_record(&world, &d);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	uint64_t version = store_version(store, STORE_PACKETS);
	store_close(store);

	store = world_open(path);
	uint8_t room[8];
	struct bytes_out out = bytes_out(room, sizeof room);
	ck_assert_int_eq(
	    store_kept(store, text("host"), bytes_view("boot", 4), &out), MESH_OK);
	ck_assert_uint_eq(out.len, 1);
	ck_assert_int_eq(store_kept(store, text("host"), bytes_view("none", 4), &out),
	    MESH_NOT_FOUND);
	struct store_saved saved;
	ck_assert_int_eq(store_saved(store, &saved), MESH_OK);
	ck_assert_uint_eq(saved.kept_count, 1);
	ck_assert_uint_eq(saved.holding_count, 1);
	ck_assert_uint_eq(saved.holdings[0].run_count, 1);
	ck_assert_uint_eq(saved.holdings[0].runs[0].last, 1);
	store_saved_free(&saved);
	ck_assert_uint_eq(store_version(store, STORE_PACKETS), version);
	ck_assert_uint_eq(store_counts(store).packets, 1);
	stop();
	world_forget_paths();
}

/* --- with threads --- */

static void
ring(void *ctx)
{
	ck_assert_int_eq(write(*(int *)ctx, &(uint64_t){ 1 }, 8), 8);
}

static void
next_outcome(int bell, struct store_outcome *out)
{
	while (!store_next(store, out)) {
		struct pollfd fd = { .fd = bell, .events = POLLIN };
		uint64_t n;
		ck_assert_int_eq(poll(&fd, 1, 60000), 1);
		ck_assert_int_eq(read(bell, &n, sizeof n), sizeof n);
	}
}

/* Whatever number and time another site gives its own. */
START_TEST(a_key_stays_what_its_site_said_whoever_says_the_same_key)
{
	start();
	const struct mesh_run all = { 1, UINT64_C(1) << 40 };
	struct world_draft mine = { .lane = LANE_STATE,
		.type = RECORD_PUT,
		.body = world_put(&world, "user/x", "mine") };
	struct world_draft lies[] = {
		{ .site = 1,
		    .lane = LANE_STATE,
		    .type = RECORD_PUT,
		    .time_ms = INT64_C(1) << 52,
		    .body = world_put(&world, "user/x", "theirs") },
		{ .site = 1,
		    .lane = LANE_STATE,
		    .type = RECORD_DROP,
		    .body = world_drop(&world, &all, 1) },
		{ .site = 1,
		    .lane = LANE_STATE,
		    .type = RECORD_PUT,
		    .epoch = WORLD_EPOCH + 1000000,
		    .seq = UINT64_C(1) << 40,
		    .back = 1,
		    .body = world_put(&world, "user/x", "newest") },
	};
	struct mesh_record r = world_record(&world, &mine);
	ck_assert_int_eq(world_store(store, &r).err, MESH_OK);
	for (size_t i = 0; i < LENGTH(lies); i++) {
		r = world_record(&world, &lies[i]);
		ck_assert_msg(world_store(store, &r).err == MESH_OK, "lie %zu", i);
		ck_assert_msg(contains(world_list(store, STORE_STATE, 50), "\"mine\""),
		    "lie %zu", i);
	}
	stop();
}

START_TEST(the_loop_never_waits_and_is_told_when_the_writer_is_behind)
{
	enum { TRIES = 20000 };
	world_init(&world);
	int bell = eventfd(0, EFD_CLOEXEC);
	struct store_params params = {
		.path = world_path(), .threads = true, .wake = ring, .wake_ctx = &bell
	};
	ck_assert_int_eq(store_open(&store, &params), 0);
	struct world_draft d = { .lane = LANE_PACKET,
		.body = world_reception(&world, 1, 2, 3, -4) };
	struct mesh_record r = world_record(&world, &d);
	size_t taken = 0;
	for (uint64_t i = 0; i < TRIES; i++) /* duplicates cost us no signatures */
		taken += store_put_record(store, &r, SYNC_GROUP, i) == MESH_OK;
	ck_assert_msg(taken < TRIES, "the queue has no end");
	uint64_t last = 0;
	for (size_t i = 0; i < taken; i++) {
		struct store_outcome o;
		next_outcome(bell, &o);
		ck_assert_int_eq(o.err, MESH_OK);
		ck_assert_msg(
		    i == 0 || o.token > last, "outcomes in the order of requests");
		last = o.token;
	}
	struct store_question q = { .noun = STORE_PACKETS };
	ck_assert_int_eq(store_ask(store, &q, 5), MESH_OK);
	struct store_outcome o;
	next_outcome(bell, &o);
	ck_assert_uint_eq(o.page->count, 1);
	store_page_free(o.page);
	stop();
	close(bell);
	world_forget_paths();
}

START_TEST(closing_commits_what_is_pending)
{
	enum { COUNT = 300 };
	world_init(&world);
	const char *path = world_path();
	int bell = eventfd(0, EFD_CLOEXEC);
	struct store_params params = {
		.path = path, .threads = true, .wake = ring, .wake_ctx = &bell
	};
	ck_assert_int_eq(store_open(&store, &params), 0);
	for (uint32_t i = 0; i < COUNT; i++) {
		struct world_draft d = { .lane = LANE_PACKET,
			.body = world_reception(&world, 1, i, 3, -4) };
		struct mesh_record r = world_record(&world, &d);
		ck_assert_int_eq(store_put_record(store, &r, SYNC_GROUP, i), MESH_OK);
	}
	store_close(store);
	store = world_open(path);
	ck_assert_uint_eq(store_counts(store).packets, COUNT);
	stop();
	close(bell);
	world_forget_paths();
}
/* Else each page that is read is looked for in all of it. */
START_TEST(the_log_of_a_store_without_threads_begins_anew_too)
{
	enum { MIB = 1 << 20 };
	char log[256];
	struct stat about;
	const char *path = world_path();
	snprintf(log, sizeof log, "%s-wal", path);
	world_init(&world);
	store = world_open(path);
	for (uint32_t i = 0; i < 4; i++) {
		sqlite3 *db = store->writer.s.db;
		ck_assert_int_eq(sqlite3_exec(db,
				     "REPLACE INTO kept"
				     " VALUES('test',x'01',zeroblob(20*1048576))",
				     NULL, NULL, NULL),
		    SQLITE_OK);
		ck_assert_int_eq(put_packet(0, i, 1000), MESH_OK);
	}
	ck_assert_int_eq(stat(log, &about), 0);
	ck_assert_int_lt(about.st_size, 40 * MIB);
	stop();
	world_forget_paths();
}

CHECK_MODULE(store, NULL, a_packet_heard_at_two_sites_is_one_row_with_two_receptions,
    what_is_held_already_is_ok_and_changes_nothing,
    pages_go_newest_first_and_miss_nothing, a_reply_names_whose_packet_it_answers,
    many_replies_are_named_at_once, a_reply_reaches_so_far_and_no_further,
    time_bounds_are_inclusive, a_filter_decides_row_by_row_and_is_copied,
    one_thing_is_found_by_its_text_id, an_alert_is_open_until_its_site_says_resolved,
    only_the_views_that_a_commit_changed_get_a_new_version,
    a_site_is_shown_by_the_name_it_gave_itself,
    a_node_is_known_while_somebody_heard_it_or_speaks_of_it,
    records_come_back_as_the_bytes_that_were_put, a_cancelled_question_has_no_outcome,
    what_is_kept_is_there_after_reopening,
    a_key_stays_what_its_site_said_whoever_says_the_same_key,
    the_loop_never_waits_and_is_told_when_the_writer_is_behind,
    closing_commits_what_is_pending, the_log_of_a_store_without_threads_begins_anew_too)
