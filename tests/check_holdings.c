#include "check_mesh.h"
#include "holdings.h"
#include "meshparams.h"

enum { ORIGINS = 4, CHUNKS = 20, NUMBERS = 400 };
static struct holdings h;
static void *block;

static void
setup(void)
{
	static const uint8_t secret[TABLE_SECRET], netid[DIGEST_KEY] = { 7 };
	free(block);
	block = calloc(1, holdings_bytes(ORIGINS, CHUNKS));
	ck_assert(block != NULL);
	struct holdings_setup setup = { ORIGINS, CHUNKS, secret, netid, secret, false,
		{ 0 } };
	holdings_init(&h, block, &setup);
}
static struct mesh_position
at(uint8_t origin, uint64_t epoch, uint64_t seq)
{
	struct mesh_position p = { .lane = LANE_PACKET, .epoch = epoch, .seq = seq };
	memset(p.origin.bytes, origin, sizeof p.origin.bytes);
	return p;
}
static enum mesh_err
put(uint8_t origin, uint64_t epoch, uint64_t seq, uint64_t back)
{
	struct mesh_position p = at(origin, epoch, seq);
	return holdings_put(&h, &p, back, 1);
}
static enum holdings_answer
ask(uint8_t origin, uint64_t epoch, uint64_t seq, uint64_t back)
{
	struct mesh_position p = at(origin, epoch, seq);
	return holdings_ask(&h, &p, back);
}
static uint64_t
high(uint8_t origin)
{
	struct mesh_position p = at(origin, 1, 1);
	uint64_t epoch, n;
	return holdings_high(&h, &p.origin, LANE_PACKET, &epoch, &n) ? n : 0;
}

START_TEST(what_was_put_is_held_and_back_covers_the_hole)
{
	ck_assert_int_eq(ask(1, 5, 1, 1), HOLDINGS_NEW);
	ck_assert_int_eq(put(1, 5, 1, 1), MESH_OK);
	ck_assert_int_eq(ask(1, 5, 1, 1), HOLDINGS_HELD);
	ck_assert_int_eq(put(1, 5, 3, 1), MESH_OK);
	ck_assert_int_eq(ask(1, 5, 2, 1), HOLDINGS_NEW);
	ck_assert_uint_eq(high(1), 1);
	ck_assert_int_eq(put(1, 5, 1025, 1022), MESH_OK); /* PROTOCOL.md 10 */
	ck_assert_int_eq(ask(1, 5, 4, 1), HOLDINGS_HELD);
	ck_assert_int_eq(ask(1, 5, 1024, 1), HOLDINGS_HELD);
	ck_assert_int_eq(put(1, 5, 2, 1), MESH_OK);
	ck_assert_uint_eq(high(1), 1025);
}
START_TEST(a_higher_epoch_begins_empty_and_a_lower_one_is_over)
{
	ck_assert_int_eq(put(1, 5, 9, 9), MESH_OK);
	ck_assert_int_eq(ask(1, 4, 10, 1), HOLDINGS_OLD_EPOCH);
	ck_assert_int_eq(put(1, 4, 10, 1), MESH_DENIED);
	ck_assert_int_eq(ask(1, 6, 9, 1), HOLDINGS_NEW);
	ck_assert_int_eq(put(1, 6, 2, 1), MESH_OK);
	ck_assert_int_eq(ask(1, 6, 9, 1), HOLDINGS_NEW);
	ck_assert_int_eq(ask(1, 5, 9, 1), HOLDINGS_OLD_EPOCH);
	ck_assert_uint_eq(high(1), 0); /* its first number is missing */
	ck_assert_int_eq(put(1, 6, 1, 1), MESH_OK);
	ck_assert_uint_eq(high(1), 2);
}
START_TEST(run_sixty_five_is_refused_and_changes_nothing)
{
	for (uint64_t i = 0; i < MESH_RUNS; i++)
		ck_assert_int_eq(put(1, 1, 2 + 2 * i, 1), MESH_OK);
	ck_assert_int_eq(ask(1, 1, 1000, 1), HOLDINGS_NO_ROOM);
	ck_assert_int_eq(put(1, 1, 1000, 1), MESH_FULL);
	ck_assert_int_eq(ask(1, 1, 2, 1), HOLDINGS_HELD);
	ck_assert_int_eq(put(1, 1, 3, 1), MESH_OK); /* joins two runs */
	ck_assert_int_eq(put(1, 1, 1000, 1), MESH_OK);
}
START_TEST(spare_runs_come_back_and_run_out_without_harm)
{
	unsigned refused = 0;
	for (uint8_t origin = 1; origin <= ORIGINS; origin++)
		for (uint64_t i = 0; i < MESH_RUNS; i++) {
			uint64_t seq = 2 + 2 * i;
			bool room = ask(origin, 1, seq, 1) == HOLDINGS_NEW;
			ck_assert(room == (put(origin, 1, seq, 1) == MESH_OK));
			ck_assert(room == (ask(origin, 1, seq, 1) == HOLDINGS_HELD));
			refused += !room;
		}
	ck_assert_uint_gt(refused, 0);
	ck_assert_uint_eq(h.spill.free_count, 0);
	ck_assert_int_eq(put(1, 2, 1, 1), MESH_OK); /* its chunks are free again */
	ck_assert_uint_eq(h.spill.free_count, MESH_RUNS / SPILL_CHUNK);
	ck_assert_int_eq(put(4, 1, 1000, 1), MESH_OK);
}
START_TEST(one_origin_too_many_is_refused)
{
	for (uint8_t origin = 1; origin <= ORIGINS; origin++)
		ck_assert_int_eq(put(origin, 1, 1, 1), MESH_OK);
	ck_assert_int_eq(ask(9, 1, 1, 1), HOLDINGS_NO_ROOM);
	ck_assert_int_eq(put(9, 1, 1, 1), MESH_FULL);
}
START_TEST(any_order_ends_like_a_plain_set_and_like_the_stores_form)
{
	static bool held[NUMBERS + 1];
	struct mesh_holding one = { .lane = LANE_PACKET, .epoch = 1 };
	memset(held, 0, sizeof held);
	for (int i = 0; i < 3000; i++) {
		uint64_t seq = 1 + rng_u32() % NUMBERS;
		uint64_t back = rng_u32() % 4 == 0 ? 1 + rng_u32() % seq : 1;
		struct mesh_position p = at(1, 1, seq);
		struct mesh_record r = { .at = p, .back = back };
		struct mesh_run voided;
		enum mesh_err err = holdings_put(&h, &p, back, 1);
		ck_assert_int_eq(mesh_holding_put(&one, &r, &voided), err);
		for (uint64_t n = seq - back + 1; err == MESH_OK && n <= seq; n++)
			held[n] = true;
		ck_assert(err != MESH_OK || back == 1 ||
		    (voided.first == seq - back + 1 && voided.last == seq - 1));
		uint64_t look = 1 + rng_u32() % NUMBERS;
		ck_assert(held[look] == (ask(1, 1, look, 1) == HOLDINGS_HELD));
	}
	for (uint32_t i = 0; i < one.run_count; i++)
		for (uint64_t n = one.runs[i].first; n <= one.runs[i].last; n++)
			ck_assert(held[n]);
}
START_TEST(what_the_store_kept_is_loaded_or_called_unsound)
{
	struct mesh_holding one = { .lane = LANE_PACKET, .epoch = 7, .run_count = 40 };
	memset(one.origin.bytes, 1, sizeof one.origin.bytes);
	for (uint32_t i = 0; i < one.run_count; i++)
		one.runs[i] = (struct mesh_run){ 1 + 10 * i, 5 + 10 * i };
	ck_assert_int_eq(holdings_load(&h, &one), MESH_OK);
	ck_assert_int_eq(ask(1, 7, 393, 1), HOLDINGS_HELD);
	ck_assert_int_eq(ask(1, 7, 396, 1), HOLDINGS_NEW);
	one.runs[3].first = 1;
	ck_assert_int_eq(holdings_load(&h, &one), MESH_MALFORMED);
	one.run_count = MESH_RUNS + 1;
	ck_assert_int_eq(holdings_load(&h, &one), MESH_MALFORMED);
	one.lane = LANE_LIVE;
	ck_assert_int_eq(holdings_load(&h, &one), MESH_MALFORMED);
}
static bool
hole(uint8_t origin, struct mesh_run *out)
{
	struct mesh_position p = at(origin, 1, 1);
	uint8_t oid[HOLDINGS_OID];
	holdings_oid(&p.origin, oid);
	return holdings_hole(&h, holdings_of(&h, oid), LANE_PACKET, 1, out);
}
static struct holdings_log
log_of(uint8_t origin, uint64_t epoch)
{
	struct mesh_position p = at(origin, epoch, 1);
	struct holdings_log log = { .lane = LANE_PACKET, .epoch = epoch };
	holdings_oid(&p.origin, log.oid);
	return log;
}
START_TEST(lanes_with_holes_are_counted_and_the_first_hole_is_found)
{
	struct mesh_run run;
	struct holdings_log log = log_of(1, 5);
	ck_assert_int_eq(put(1, 5, 1, 1), MESH_OK);
	ck_assert(!hole(1, &run));
	ck_assert_int_eq(put(1, 5, 4, 1), MESH_OK);
	ck_assert_int_eq(put(1, 5, 9, 1), MESH_OK);
	ck_assert_int_eq(put(2, 5, 7, 1), MESH_OK);
	ck_assert_uint_eq(h.holes, 2);
	ck_assert(hole(1, &run) && run.first == 2 && run.last == 3);
	ck_assert(hole(2, &run) && run.first == 1 && run.last == 6);
	ck_assert_int_eq(put(1, 5, 3, 2), MESH_OK);
	ck_assert(hole(1, &run) && run.first == 5 && run.last == 8);
	holdings_give_up(&h, &log, 8);
	ck_assert(!hole(1, &run));
	ck_assert_uint_eq(h.holes, 1);
	ck_assert_int_eq(put(2, 6, 1, 1), MESH_OK); /* a new epoch */
	ck_assert_uint_eq(h.holes, 0);
}
START_TEST(below_its_end_a_frozen_lane_lacks_what_it_lacks)
{
	struct mesh_run run;
	struct holdings_log log = log_of(1, 5);
	ck_assert_int_eq(put(1, 5, 5, 1), MESH_OK);
	ck_assert_int_eq(put(1, 5, 12, 1), MESH_OK);
	holdings_give_up(&h, &log, 4);
	holdings_freeze(&h, &log, 10);
	ck_assert_uint_eq(high(1), 5); /* what was given up stays so */
	ck_assert(holdings_missing(&h, &log, 1, 100, &run));
	ck_assert(run.first == 6 && run.last == 9);
	ck_assert(hole(1, &run) && run.first == 6 && run.last == 9);
	ck_assert_int_eq(put(1, 5, 7, 2), MESH_OK);
	holdings_give_up(&h, &log, 1000);
	ck_assert_uint_eq(high(1), 9);
	ck_assert(!holdings_missing(&h, &log, 1, 100, &run));
	ck_assert_uint_eq(h.holes, 0);
}
START_TEST(what_is_lost_is_missing_again)
{
	struct mesh_position p = at(1, 1, 1);
	struct mesh_holding one = { .origin = p.origin, .lane = p.lane, .epoch = 1 };
	struct holdings_log log = { .lane = LANE_PACKET, .epoch = 1 };
	struct mesh_run gap, lost = { 4, 5 };
	struct digest before;
	holdings_oid(&p.origin, log.oid);
	for (uint64_t seq = 1; seq <= 9; seq++) {
		struct mesh_record r = { .at = at(1, 1, seq), .back = 1 };
		ck_assert_int_eq(put(1, 1, seq, 1), MESH_OK);
		ck_assert_int_eq(holdings_take(&one, &r, NULL), MESH_OK);
	}
	before = h.digest;
	ck_assert(holdings_unhold(&h, &log, lost));
	ck_assert_int_eq(holdings_lose(&one, lost), MESH_OK);
	ck_assert_uint_eq(one.run_count, 2);
	ck_assert_uint_eq(high(1), 3);
	ck_assert_uint_eq(h.holes, 1);
	ck_assert(holdings_missing(&h, &log, 1, 9, &gap));
	ck_assert_uint_eq(gap.first, 4);
	ck_assert_uint_eq(gap.last, 5);
	ck_assert_msg(!holdings_unhold(&h, &log, lost), "it is lost already");
	ck_assert_int_eq(put(1, 1, 5, 2), MESH_OK);
	ck_assert_uint_eq(high(1), 9);
	ck_assert_mem_eq(before.bucket, h.digest.bucket, sizeof before.bucket);
	log.epoch = 2;
	ck_assert_msg(!holdings_unhold(&h, &log, lost), "of another epoch");
}
START_TEST(without_room_for_a_run_more_the_rest_of_the_run_is_lost)
{
	struct mesh_position p = at(1, 1, 1);
	struct holdings_log log = { .lane = LANE_PACKET, .epoch = 1 };
	struct mesh_run lost = { 2, 2 }, gap;
	holdings_oid(&p.origin, log.oid);
	for (uint64_t i = 0; i < MESH_RUNS; i++)
		ck_assert_int_eq(put(1, 1, 5 * i + 4, 4), MESH_OK);
	ck_assert(holdings_unhold(&h, &log, lost));
	ck_assert_uint_eq(high(1), 1);
	ck_assert(holdings_missing(&h, &log, 1, 9, &gap));
	ck_assert_uint_eq(gap.first, 2);
	ck_assert_uint_eq(gap.last, 5);
	ck_assert_int_eq(put(1, 1, 4, 3), MESH_OK);
	ck_assert_uint_eq(high(1), 4);
}
START_TEST(what_was_given_up_and_is_lost_is_missing_too)
{
	struct mesh_position p = at(1, 1, 1);
	struct holdings_log log = { .lane = LANE_PACKET, .epoch = 1 };
	struct mesh_run lost = { 7, 7 }, gap;
	holdings_oid(&p.origin, log.oid);
	ck_assert_int_eq(put(1, 1, 8, 3), MESH_OK);
	holdings_give_up(&h, &log, 5);
	ck_assert_uint_eq(high(1), 8);
	ck_assert(holdings_unhold(&h, &log, lost));
	ck_assert_uint_eq(high(1), 6);
	ck_assert(holdings_missing(&h, &log, 1, 8, &gap));
	ck_assert_uint_eq(gap.first, 7);
}

/* --- what one origin may keep --- */

enum { LOG = 600, MOST = 60, HEAVIEST = 4 };
struct said { /* one number of a log, as its origin wrote it */
	uint32_t key, weight;
	uint64_t back;
};
static struct said said[LOG + 1];
static bool taken[LOG + 1];

/* Mostly new keys, some old ones again, some numbers never used; some long ones. */
static void
write_log(void)
{
	uint32_t next = 0, weight = 1;
	for (uint64_t seq = 1, gap = 0; seq <= LOG; seq++) {
		said[seq] = (struct said){ 0, 0, 0 };
		if (seq < LOG && (rng_u32() % 10 == 0 || gap + 1 < weight)) {
			gap++;
			continue;
		}
		said[seq].weight = gap + 1 < weight ? 1 : weight;
		weight = rng_u32() % 4 == 0 ? 1 + rng_u32() % HEAVIEST : 1;
		bool again = next > 0 && rng_u32() % 3 == 0;
		said[seq].key = again ? rng_u32() % next : next++;
		said[seq].back = gap + 1;
		gap = 0;
	}
}
static uint64_t
live_weight(void)
{
	static bool seen[LOG + 1];
	uint64_t weight = 0;
	memset(seen, 0, sizeof seen);
	for (uint64_t seq = LOG; seq > 0; seq--) /* the newest of a key */
		if (taken[seq] && !seen[said[seq].key]) {
			seen[said[seq].key] = true;
			weight += said[seq].weight;
		}
	return weight;
}
static bool
offer(uint64_t seq)
{
	struct mesh_position p = at(1, 1, seq);
	p.lane = LANE_REGISTRY;
	if (said[seq].back == 0 || taken[seq] ||
	    holdings_ask(&h, &p, said[seq].back) != HOLDINGS_NEW ||
	    !holdings_allow(&h, &p, said[seq].back, 0))
		return false;
	ck_assert_int_eq(
	    holdings_put(&h, &p, said[seq].back, said[seq].weight), MESH_OK);
	taken[seq] = true;
	(void)holdings_count(&h, &p, live_weight());
	return true;
}
/* Each number comes again and again, in any order, until none is taken any more. */
static uint64_t
read_log(bool in_order)
{
	uint8_t oid[HOLDINGS_OID];
	struct mesh_position p = at(1, 1, 1);
	setup();
	h.most[LANE_REGISTRY - 1] = MOST;
	memset(taken, 0, sizeof taken);
	for (bool any = true; any;) {
		any = false;
		for (uint64_t n = 1; !in_order && n <= LOG / 2; n++)
			any |= offer(1 + rng_u32() % LOG);
		for (uint64_t n = 1; !any && n <= LOG; n++)
			any |= offer(n);
	}
	holdings_oid(&p.origin, oid);
	return holdings_end(&h, holdings_of(&h, oid), LANE_REGISTRY);
}
START_TEST(too_much_ends_a_lane_at_one_number_in_whatever_order_it_comes)
{
	for (int log = 0; log < 20; log++) {
		write_log();
		uint64_t end = read_log(true);
		ck_assert_uint_gt(end, MOST);
		ck_assert_uint_lt(end, LOG);
		uint64_t weight = live_weight();
		ck_assert_uint_gt(weight, MOST);
		ck_assert_uint_le(weight, MOST + HEAVIEST);
		for (int again = 0; again < 10; again++) {
			ck_assert_uint_eq(read_log(false), end);
			ck_assert_uint_eq(live_weight(), weight);
		}
	}
}
/* A page that ended amid the numbers of a long record settled the first of them. */
START_TEST(a_long_record_weighs_what_it_weighs_where_its_numbers_were_void)
{
	struct mesh_position p = at(1, 1, 4), over = at(1, 1, 9);
	p.lane = over.lane = LANE_STATE;
	h.most[LANE_STATE - 1] = 5;
	ck_assert_int_eq(holdings_put(&h, &p, 4, 4), MESH_OK);
	p.seq = 5; /* void, says a page */
	ck_assert_int_eq(holdings_put(&h, &p, 1, 0), MESH_OK);
	p.seq = 6; /* and it takes 5 and 6: six live now, one too many */
	ck_assert_int_eq(holdings_put(&h, &p, 2, 2), MESH_OK);
	ck_assert(!holdings_allow(&h, &over, 1, 2));
}
START_TEST(what_is_over_stays_so_when_it_is_loaded)
{
	struct mesh_holding one = { .lane = LANE_REGISTRY,
		.epoch = 7,
		.run_count = 1,
		.runs = { { 1, 90 } },
		.live = { .count = 1, .weight = MOST + 1 } };
	struct mesh_position next = { .lane = LANE_REGISTRY, .epoch = 7, .seq = 91 };
	h.most[LANE_REGISTRY - 1] = MOST;
	ck_assert_int_eq(holdings_load(&h, &one), MESH_OK);
	ck_assert(!holdings_allow(&h, &next, 1, 0));
	next.epoch = 8;
	ck_assert(holdings_allow(&h, &next, 91, 0));
	one.live.weight = MOST;
	setup();
	h.most[LANE_REGISTRY - 1] = MOST;
	ck_assert_int_eq(holdings_load(&h, &one), MESH_OK);
	next.epoch = 7;
	ck_assert(holdings_allow(&h, &next, 1, 0));
	next.seq = 92; /* 91 may be one too many already */
	ck_assert(!holdings_allow(&h, &next, 1, 0));
	ck_assert(holdings_allow(&h, &next, 1, 1)); /* unless it is no record */
}
/* Who has it may be back; but not of what lay below all that is kept of packets. */
START_TEST(what_was_given_up_is_missing_again_when_its_origin_is_back)
{
	struct mesh_position p = at(1, 5, 1), s = { .lane = LANE_STATE, .epoch = 5 };
	struct holdings_log log = log_of(1, 5), states = log;
	struct mesh_run run;
	ck_assert_int_eq(put(1, 5, 6, 2), MESH_OK);
	ck_assert_int_eq(put(1, 5, 9, 1), MESH_OK);
	s.origin = p.origin;
	s.seq = 3;
	states.lane = LANE_STATE;
	ck_assert_int_eq(holdings_put(&h, &s, 1, 1), MESH_OK);
	struct digest before = h.digest;
	holdings_reopen(&h, &p.origin); /* nothing was given up */
	ck_assert_mem_eq(before.bucket, h.digest.bucket, sizeof before.bucket);
	holdings_give_up(&h, &log, 4);
	before = h.digest;
	holdings_give_up(&h, &log, 8);
	holdings_give_up(&h, &states, 2);
	ck_assert_uint_eq(high(1), 9);
	ck_assert_uint_eq(h.holes, 0);
	holdings_reopen(&h, &p.origin);
	ck_assert_uint_eq(high(1), 6);
	ck_assert_uint_eq(h.holes, 2);
	ck_assert(hole(1, &run) && run.first == 7 && run.last == 8);
	ck_assert(holdings_missing(&h, &states, 1, 3, &run) && run.first == 1);
	ck_assert_mem_eq(before.bucket, h.digest.bucket, sizeof before.bucket);
}
START_TEST(the_next_hole_is_found_above_a_number)
{
	struct mesh_run run;
	struct holdings_log log = log_of(1, 5);
	for (uint64_t seq = 1; seq < 10; seq += 4)
		ck_assert_int_eq(put(1, 5, seq, 1), MESH_OK);
	const struct holdings_row *row = holdings_of(&h, log.oid);
	ck_assert(holdings_hole(&h, row, LANE_PACKET, 5, &run));
	ck_assert(run.first == 6 && run.last == 8);
	ck_assert(!holdings_hole(&h, row, LANE_PACKET, 9, &run));
}
CHECK_MODULE(holdings, setup, what_was_put_is_held_and_back_covers_the_hole,
    a_higher_epoch_begins_empty_and_a_lower_one_is_over,
    run_sixty_five_is_refused_and_changes_nothing,
    spare_runs_come_back_and_run_out_without_harm, one_origin_too_many_is_refused,
    any_order_ends_like_a_plain_set_and_like_the_stores_form,
    what_the_store_kept_is_loaded_or_called_unsound,
    lanes_with_holes_are_counted_and_the_first_hole_is_found,
    below_its_end_a_frozen_lane_lacks_what_it_lacks, what_is_lost_is_missing_again,
    without_room_for_a_run_more_the_rest_of_the_run_is_lost,
    what_was_given_up_and_is_lost_is_missing_too,
    what_was_given_up_is_missing_again_when_its_origin_is_back,
    the_next_hole_is_found_above_a_number,
    too_much_ends_a_lane_at_one_number_in_whatever_order_it_comes,
    a_long_record_weighs_what_it_weighs_where_its_numbers_were_void,
    what_is_over_stays_so_when_it_is_loaded)
