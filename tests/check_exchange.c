#include "check_mesh.h"
#include "exchange.h"
#include "pull.h"
#include "serve.h"

/* The pure parts of repair: when to compare, what to ask for, what to give up. */

static struct digest ours;
static struct exchange e;
static struct pulls pulls;
static struct pull_window window;
static const struct handle first = { 0, 1 }, second = { 1, 1 }, third = { 2, 1 };
static const uint8_t oid[DIGEST_OID] = { 5, 1, 2, 3, 4, 5, 6, 7 };
static const struct holdings_log packets = { { 5 }, LANE_PACKET, 7 };
static const struct holdings_log states = { { 5 }, LANE_STATE, 7 };

static void
setup(void)
{
	static const uint8_t netid[DIGEST_KEY] = { 9 };
	digest_init(&ours, netid);
	exchange_begin(&e, 0);
	pull_window_begin(&window);
	memset(&pulls, 0, sizeof pulls);
}
static void
grow(uint64_t from, uint64_t to)
{
	struct digest_log log = { oid, LANE_PACKET, 7 };
	digest_move(&ours, &log, from, to);
}

START_TEST(a_digest_depends_on_what_is_held_and_not_on_the_way_there)
{
	uint8_t empty[DIGEST], one[DIGEST], wire[DIGEST_BRIEFS];
	memcpy(empty, digest_sum(&ours), DIGEST);
	grow(0, 5);
	memcpy(one, digest_sum(&ours), DIGEST);
	ck_assert_mem_ne(empty, one, DIGEST);
	digest_write(&ours, 77, wire);
	ck_assert_uint_eq(digest_differing(&ours, 77, wire), 0);
	ck_assert_msg(digest_differing(&ours, 78, wire) == UINT64_MAX,
	    "with another salt all is another");
	grow(5, 9);
	ck_assert_uint_eq(digest_differing(&ours, 77, wire), UINT64_C(1) << 5);
	grow(9, 5);
	ck_assert_mem_eq(digest_sum(&ours), one, DIGEST);
	grow(5, 0);
	ck_assert_mem_eq(digest_sum(&ours), empty, DIGEST);
}
START_TEST(who_is_asked_need_not_ask_but_only_once)
{
	uint8_t other[DIGEST] = { 1 };
	grow(0, 5);
	exchange_heard(&e, other);
	ck_assert(!exchange_due(&e, &ours, 1000));
	exchange_asked(&e, 1900);
	ck_assert(!exchange_due(&e, &ours, 1900 + EXCHANGE_GAP_MS - 1));
	exchange_asked(&e, 1900 + EXCHANGE_GAP_MS - 1);
	ck_assert_msg(exchange_due(&e, &ours, 1900 + EXCHANGE_GAP_MS), "not for ever");
	exchange_answered(&e);
	exchange_asked(&e, 1900 + 2 * EXCHANGE_GAP_MS - 1);
	ck_assert(!exchange_due(&e, &ours, 1900 + 2 * EXCHANGE_GAP_MS));
}
START_TEST(who_says_nothing_of_what_it_holds_is_asked_and_then_mute)
{
	static const uint8_t theirs[DIGEST] = { 1 };
	mesh_time_ms now = 0;
	unsigned asked = 0;
	for (; now < EXCHANGE_UNHEARD_MS; now += 100)
		ck_assert(!exchange_due(&e, &ours, now));
	for (; !exchange_is_mute(&e, now); now += 100)
		asked += exchange_due(&e, &ours, now);
	ck_assert_uint_ge(asked, EXCHANGE_MUTE_ASKED);
	ck_assert_uint_eq(now, EXCHANGE_UNHEARD_MS + EXCHANGE_MUTE_MS);
	exchange_answered(&e); /* rows, or a digest */
	ck_assert(!exchange_is_mute(&e, now));
	exchange_heard(&e, theirs);
	for (mesh_time_ms end = now + 10 * EXCHANGE_MUTE_MS; now < end; now += 100)
		if (exchange_due(&e, &ours, now)) {
			exchange_answered(&e);
			exchange_done(&e, &ours, now);
			ck_assert(!exchange_is_mute(&e, now));
		}
}
START_TEST(equal_digests_never_ask_and_different_ones_ask_after_a_second)
{
	static const uint8_t theirs[DIGEST] = { 1 };
	ck_assert(!exchange_due(&e, &ours, 5000)); /* nothing heard */
	exchange_heard(&e, digest_sum(&ours));
	ck_assert(!exchange_due(&e, &ours, 5000));
	exchange_heard(&e, theirs);
	ck_assert(!exchange_due(&e, &ours, 6000));
	ck_assert_uint_le(exchange_deadline(&e, &ours), 6000 + EXCHANGE_DIFFER_MS);
	ck_assert(!exchange_due(&e, &ours, 6000 + EXCHANGE_DIFFER_MS - 1));
	ck_assert(exchange_due(&e, &ours, 6000 + EXCHANGE_DIFFER_MS));
	ck_assert(!exchange_due(&e, &ours, 6000 + EXCHANGE_DIFFER_MS + 1));
}
START_TEST(a_settled_pair_is_ignored_until_one_changes)
{
	static const uint8_t theirs[DIGEST] = { 1 };
	exchange_heard(&e, theirs);
	(void)exchange_due(&e, &ours, 0);
	ck_assert(exchange_due(&e, &ours, 2000));
	exchange_done(&e, &ours, 2010);
	ck_assert(e.is_settled);
	ck_assert(!exchange_due(&e, &ours, 1000000));
	grow(0, 1);
	ck_assert(!exchange_due(&e, &ours, 1000000));
	ck_assert(exchange_due(&e, &ours, 1001000));
}
START_TEST(what_finds_nothing_to_ask_for_now_slows_down_to_a_minute)
{
	static const uint8_t theirs[DIGEST] = { 1 };
	mesh_time_ms now = 1000, last = 0;
	exchange_heard(&e, theirs);
	(void)exchange_due(&e, &ours, 0);
	for (int i = 0; i < 10; i++) {
		while (!exchange_due(&e, &ours, now))
			now += 100;
		exchange_found(&e, true);
		exchange_done(&e, &ours, now);
		ck_assert(i == 0 || now - last <= EXCHANGE_GAP_MAX_MS + 100);
		ck_assert(i < 7 || now - last >= EXCHANGE_GAP_MAX_MS);
		last = now;
	}
	exchange_found(&e, false);
	exchange_done(&e, &ours, now);
	ck_assert_uint_eq(e.gap_ms, EXCHANGE_GAP_MS);
}
START_TEST(a_digest_is_told_once_for_each_change)
{
	ck_assert(exchange_tells(&e, &ours));
	exchange_said(&e, &ours, 10);
	ck_assert(!exchange_tells(&e, &ours));
	ck_assert_uint_eq(exchange_deadline(&e, &ours), MESH_NEVER);
	grow(0, 1);
	ck_assert(exchange_tells(&e, &ours));
	ck_assert(!exchange_is_overdue(&e, &ours, 9 + EXCHANGE_TELL_MS));
	ck_assert(exchange_is_overdue(&e, &ours, 10 + EXCHANGE_TELL_MS));
}

static bool
is_open(struct handle neighbour, const struct holdings_log *log, struct mesh_run *run)
{
	bool open = pull_is_open(&pulls, neighbour, log, run);
	pull_chunk(log, run);
	return open;
}
START_TEST(four_neighbours_bring_four_parts_of_one_log)
{
	struct mesh_run want = { 1, 100000 }, run = want;
	ck_assert(is_open(first, &packets, &run));
	ck_assert_uint_eq(run.last, PULL_CHUNK);
	(void)pull_add(&pulls, first, &packets, run, want.last);
	run = want;
	ck_assert(is_open(second, &packets, &run));
	ck_assert_uint_eq(run.first, PULL_CHUNK + 1);
	(void)pull_add(&pulls, second, &packets, run, want.last);
	for (int i = 0; i < 2; i++) {
		run = want;
		ck_assert(is_open(third, &packets, &run));
		(void)pull_add(&pulls, third, &packets, run, want.last);
	}
	run = want; /* who asks for a hole asks for all of it */
	ck_assert(!pull_is_open(&pulls, third, &packets, &run));
	ck_assert_uint_eq(run.last, want.last);
	run = want;
	ck_assert(!is_open(third, &packets, &run));
	run = (struct mesh_run){ 1, 5 };
	ck_assert(!is_open(third, &packets, &run));
}
/* Of what is left each takes a quarter, and no less than the least. */
START_TEST(a_long_keyed_log_is_asked_for_in_few_parts)
{
	struct mesh_run run = { 1, 100000 };
	uint64_t before = 0;
	for (int i = 0; i < PULL_PARTS; i++) {
		run = (struct mesh_run){ 1, 100000 };
		ck_assert(is_open(i % 2 ? first : second, &states, &run));
		ck_assert_uint_eq(run.first, before + 1);
		ck_assert_uint_eq(run.last - before,
		    (100000 - run.first) / PULL_PARTS + PULL_PART_MIN);
		before = run.last;
		(void)pull_add(&pulls, i % 2 ? first : second, &states, run, 100000);
	}
	run = (struct mesh_run){ 1, 100000 };
	ck_assert(!is_open(third, &states, &run));
}
START_TEST(a_short_keyed_log_is_asked_for_as_a_whole)
{
	struct mesh_run run = { 1, PULL_PART_MIN };
	ck_assert(is_open(first, &states, &run));
	ck_assert_uint_eq(run.last, PULL_PART_MIN);
}
START_TEST(the_window_grows_by_what_comes_and_halves_when_nothing_does)
{
	struct pull *one = pull_add(
	    &pulls, first, &packets, (struct mesh_run){ 1, 999 }, 999);
	window.size = PULL_PIECE_MAX;
	pull_asked(&pulls, one, &window, 500);
	ck_assert_uint_eq(one->bytes, PULL_PIECE_MAX);
	ck_assert_uint_eq(pull_window_room(&window), 0);
	ck_assert_uint_eq(pull_deadline(&pulls), 500);
	pull_came(one, &window, 4, 1000, 900);
	ck_assert_uint_eq(window.size, PULL_PIECE_MAX + 1000);
	ck_assert_uint_eq(one->from, 5);
	for (int i = 1; i < PULL_TRIES; i++) {
		ck_assert(pull_late(one, &window));
		pull_asked(&pulls, one, &window, 900);
	}
	ck_assert_uint_eq(window.size, (PULL_PIECE_MAX + 1000) / 4);
	ck_assert(!pull_late(one, &window));
	ck_assert_uint_eq(window.size, PULL_WINDOW_MIN);
	ck_assert_uint_eq(window.out, 0);
}
START_TEST(few_numbers_leave_room_for_others)
{
	struct pull *one = pull_add(
	    &pulls, first, &packets, (struct mesh_run){ 7, 7 }, 7);
	pull_asked(&pulls, one, &window, 500);
	ck_assert_uint_eq(one->bytes, PULL_PIECE_LEAST);
	ck_assert_uint_eq(pull_window_room(&window), PULL_PIECE_MAX);
	for (size_t i = 0; i < PULL_EACH; i++)
		(void)pull_add(
		    &pulls, first, &packets, (struct mesh_run){ 10 + i, 10 + i }, 99);
	size_t asked = 1;
	for (; (one = pull_next(&pulls, first, &window)) != NULL; asked++)
		pull_asked(&pulls, one, &window, 500);
	ck_assert_uint_eq(asked, PULL_ASKED);
}
START_TEST(long_records_are_asked_for_by_what_they_were)
{
	static const struct {
		uint32_t page; /* bytes of the first ten numbers */
		uint32_t next; /* asked for the other ten */
	} rows[] = { { 25000, PULL_PIECE_LEAST + 9 * 2500 },
		{ 1000, PULL_PIECE_LEAST + 9 * PULL_NUMBER },
		{ 10 * 7000, PULL_PIECE_MAX } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct pull *one = pull_add(&pulls, first, &packets,
		    (struct mesh_run){ 100 * i + 1, 100 * i + 20 }, 999);
		pull_asked(&pulls, one, &window, 500);
		ck_assert_uint_eq(one->bytes / 1024,
		    (PULL_PIECE_LEAST + 19 * PULL_NUMBER + 1023) / 1024);
		pull_came(one, &window, one->from + 9, rows[i].page, 900);
		pull_answered(one, &window);
		pull_asked(&pulls, one, &window, 900);
		ck_assert_uint_eq(one->bytes / 1024, (rows[i].next + 1023) / 1024);
		pull_drop(&pulls, one);
	}
}
START_TEST(pieces_are_owed_for_what_was_asked_and_no_more)
{
	struct pull *one = pull_add(
	    &pulls, first, &packets, (struct mesh_run){ 1, 999 }, 999);
	ck_assert_msg(!pull_owes(&window, 1), "nothing was asked for");
	pull_asked(&pulls, one, &window, 500);
	for (uint32_t left = PULL_PIECE_MAX; left >= 1024; left -= 1024)
		ck_assert(pull_owes(&window, 1024));
	ck_assert(!pull_owes(&window, 1024));
	pull_window_begin(&window);
	ck_assert_msg(!pull_owes(&window, 1), "a new session owes nothing");
	for (int i = 0; i < 1000; i++) {
		pull_asked(&pulls, one, &window, 500); /* lost, and asked for again */
		pull_answered(one, &window);
	}
	ck_assert_uint_le(window.owed, 2 * PULL_WINDOW_MAX);
}
START_TEST(a_page_that_was_lost_is_welcome_when_the_pull_is_over)
{
	struct pull *one = pull_add(
	    &pulls, first, &packets, (struct mesh_run){ 1, 9 }, 9);
	pull_asked(&pulls, one, &window, 500);
	uint16_t ticket = one->ticket;
	pull_answered(one, &window);
	pull_drop(&pulls, one);
	ck_assert(pull_is_idle(&pulls, first));
	ck_assert_ptr_eq(pull_find(&pulls, first, ticket, true), one);
	ck_assert_ptr_null(pull_find(&pulls, first, ticket, false));
	ck_assert_ptr_null(pull_find(&pulls, second, ticket, true));
}
/* It sends a page that is here, each time before it is late. */
START_TEST(who_drips_old_pages_keeps_no_range_for_itself)
{
	mesh_time_ms now = 1000000;
	struct pull *one = pull_add(
	    &pulls, first, &packets, (struct mesh_run){ 1, 99 }, 99);
	for (int tries = 1; tries <= PULL_TRIES; tries++) {
		mesh_time_ms asked = now;
		pull_asked(&pulls, one, &window, now + PULL_WAIT_MS);
		for (; one->due_ms > now; now += 400)
			pull_came(one, &window, 0, 100, now + PULL_WAIT_MS);
		ck_assert_uint_ge(now - asked, PULL_PATIENCE_MS - 10000);
		ck_assert_uint_le(now - asked, PULL_PATIENCE_MS + 10000);
		ck_assert(pull_late(one, &window) == (tries < PULL_TRIES));
	}
}
START_TEST(who_is_slow_and_brings_something_is_asked_on)
{
	mesh_time_ms now = 1000000;
	struct pull *one = pull_add(
	    &pulls, first, &packets, (struct mesh_run){ 1, 99 }, 99);
	for (uint64_t number = 1; number <= 99; number++) {
		pull_asked(&pulls, one, &window, now + PULL_WAIT_MS);
		pull_came(one, &window, number, 100, now + PULL_WAIT_MS);
		now += PULL_PATIENCE_MS + PULL_WAIT_MS;
		ck_assert(pull_late(one, &window));
	}
}
START_TEST(origins_take_turns_in_a_window_by_bytes)
{
	/* Three ranges by one origin, one by another: each gets half. */
	struct holdings_log other = packets;
	other.oid[0] ^= 1;
	for (uint64_t i = 0; i < 3; i++)
		(void)pull_add(&pulls, first, &packets,
		    (struct mesh_run){ 100 * i + 1, 100 * i + 99 }, 999);
	(void)pull_add(&pulls, first, &other, (struct mesh_run){ 1, 99 }, 999);
	uint32_t got = 0, got_other = 0;
	for (int i = 0; i < 40; i++) {
		struct pull *one = pull_next(&pulls, first, &window);
		ck_assert_ptr_nonnull(one);
		bool is_other = one->log.oid[0] == other.oid[0];
		uint32_t bytes = is_other ? 3000 : 1000; /* its records are larger */
		pull_asked(&pulls, one, &window, 500);
		pull_came(one, &window, one->from, bytes, 900);
		pull_answered(one, &window);
		*(is_other ? &got_other : &got) += bytes;
	}
	ck_assert_uint_le(got, got_other + 3000);
	ck_assert_uint_le(got_other, got + 3000);
	ck_assert_ptr_null(pull_next(&pulls, second, &window));
}
START_TEST(an_origin_that_had_nothing_for_long_has_saved_nothing)
{
	struct holdings_log other = packets;
	other.oid[0] ^= 1;
	struct pull *one = pull_add(
	    &pulls, first, &packets, (struct mesh_run){ 1, 9000 }, 9000);
	for (uint64_t i = 1; i < 100; i++) {
		pull_asked(&pulls, one, &window, 500);
		pull_came(one, &window, i, 1000, 900);
		pull_answered(one, &window);
	}
	struct pull *newer = pull_add(
	    &pulls, first, &other, (struct mesh_run){ 1, 9 }, 9);
	ck_assert_ptr_eq(pull_next(&pulls, first, &window), newer);
	pull_asked(&pulls, newer, &window, 500);
	pull_came(newer, &window, 1, 2000, 900);
	pull_answered(newer, &window);
	ck_assert_ptr_eq(pull_next(&pulls, first, &window), one);
}
START_TEST(the_end_of_a_log_is_the_highest_number_asked_for)
{
	ck_assert_uint_eq(pull_end(&pulls, &packets), 0);
	(void)pull_add(&pulls, first, &packets, (struct mesh_run){ 50, 60 }, 999);
	struct pull *one = pull_add(
	    &pulls, second, &packets, (struct mesh_run){ 1, 9 }, 999);
	ck_assert_uint_eq(pull_end(&pulls, &packets), 60);
	ck_assert_uint_eq(pull_end(&pulls, &states), 0);
	pull_drop(&pulls, one); /* what is over may still be on its way to the store */
	ck_assert_uint_eq(pull_end(&pulls, &packets), 60);
}

START_TEST(four_wants_are_open_and_one_neighbour_cannot_fill_the_room)
{
	static struct serve serve;
	struct want w = { .use = WANT_SERVE, .neighbour = first };
	memset(&serve, 0, sizeof serve);
	for (int i = 0; i < SERVE_EACH; i++)
		ck_assert_ptr_nonnull(serve_add(&serve, &w));
	ck_assert_ptr_null(serve_add(&serve, &w));
	w.neighbour = second;
	ck_assert_ptr_nonnull(serve_add(&serve, &w));
	struct want *open = NULL;
	for (int i = 0; i < SERVE_OPEN; i++) {
		struct want *next = serve_next(&serve, 100);
		ck_assert(next != NULL && next != open);
		open = next;
	}
	ck_assert_ptr_null(serve_next(&serve, 100));
	uint32_t index = serve_index(&serve, open);
	uint16_t generation = open->generation;
	ck_assert_ptr_eq(serve_find(&serve, index, generation), open);
	ck_assert_ptr_null(serve_find(&serve, index, generation + 1));
	ck_assert_ptr_null(serve_late(&serve, 100 + SERVE_WAIT_MS - 1));
	ck_assert_ptr_nonnull(serve_late(&serve, 100 + SERVE_WAIT_MS));
	serve_drop(&serve, open);
	ck_assert_ptr_null(serve_find(&serve, index, generation));
	ck_assert(serve_is_due(&serve));
	serve_forget(&serve, first);
	ck_assert_uint_eq(serve.count, 1);
}
CHECK_MODULE(exchange, setup, who_is_asked_need_not_ask_but_only_once,
    a_digest_depends_on_what_is_held_and_not_on_the_way_there,
    who_says_nothing_of_what_it_holds_is_asked_and_then_mute,
    equal_digests_never_ask_and_different_ones_ask_after_a_second,
    a_settled_pair_is_ignored_until_one_changes,
    what_finds_nothing_to_ask_for_now_slows_down_to_a_minute,
    a_digest_is_told_once_for_each_change, four_neighbours_bring_four_parts_of_one_log,
    a_long_keyed_log_is_asked_for_in_few_parts,
    a_short_keyed_log_is_asked_for_as_a_whole,
    the_window_grows_by_what_comes_and_halves_when_nothing_does,
    few_numbers_leave_room_for_others, long_records_are_asked_for_by_what_they_were,
    pieces_are_owed_for_what_was_asked_and_no_more,
    who_drips_old_pages_keeps_no_range_for_itself,
    who_is_slow_and_brings_something_is_asked_on,
    a_page_that_was_lost_is_welcome_when_the_pull_is_over,
    origins_take_turns_in_a_window_by_bytes,
    an_origin_that_had_nothing_for_long_has_saved_nothing,
    the_end_of_a_log_is_the_highest_number_asked_for,
    four_wants_are_open_and_one_neighbour_cannot_fill_the_room)
