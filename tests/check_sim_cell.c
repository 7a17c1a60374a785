/* sim_cell.c: the same seed is the same cell, wherever one stands in it. */
#include "check_mesh.h"
#include "sim_cell.h"
#include <math.h>

static struct sim_cell a, b;
static const unix_ms start = 1790000000000;
enum { HOUR_MS = 3600 * 1000 };

static void
cell_at(struct sim_cell *c, uint64_t seed, double x, double y)
{
	sim_cell_init(
	    c, &(struct sim_cell_params){ .seed = seed, .here = { x, y } }, start);
}

static bool
same_packet(const struct sim_packet *p, const struct sim_packet *q)
{
	return p->from == q->from && p->id == q->id && p->k == q->k &&
	    p->port == q->port && p->at_ms == q->at_ms;
}

static bool
same_reception(const struct sim_packet *p, const struct sim_packet *q)
{
	return same_packet(p, q) && p->signal.snr == q->signal.snr &&
	    p->signal.rssi == q->signal.rssi && p->signal.relay == q->signal.relay;
}

START_TEST(the_same_seed_gives_the_same_packets)
{
	struct sim_packet p = { 0 }, q = { 0 };
	size_t count = 0;

	cell_at(&a, 7, 0, 0);
	cell_at(&b, 7, 0, 0);
	while (sim_cell_next(&a, start + HOUR_MS, &p)) {
		ck_assert(sim_cell_next(&b, start + HOUR_MS, &q));
		ck_assert(same_reception(&p, &q));
		count++;
	}
	ck_assert(!sim_cell_next(&b, start + HOUR_MS, &q));
	/* 900 in an hour at one per 4 s, less what does not arrive. */
	ck_assert_uint_gt(count, 600);
	ck_assert_uint_le(count, 930);
}
START_TEST(another_seed_gives_another_cell)
{
	cell_at(&a, 7, 0, 0);
	cell_at(&b, 8, 0, 0);
	for (uint32_t i = 0; i < a.node_count; i++)
		ck_assert(sim_cell_find(&b, a.nodes[i].number) == NULL);
}
START_TEST(how_often_it_is_asked_changes_nothing)
{
	struct sim_packet p, q;

	cell_at(&a, 7, 0, 0);
	cell_at(&b, 7, 0, 0);
	for (unix_ms at = start; at < start + HOUR_MS; at += 37)
		while (sim_cell_next(&b, at, &q)) {
			ck_assert_int_le(q.at_ms, at);
			ck_assert(sim_cell_next(&a, start + HOUR_MS, &p));
			ck_assert(same_reception(&p, &q));
		}
}
START_TEST(who_joins_later_hears_the_same_from_then_on)
{
	struct sim_packet p = { 0 }, q;

	cell_at(&a, 7, 0, 0);
	cell_at(&b, 7, 0, 0);
	sim_cell_seek(&b, start + HOUR_MS);
	while (p.at_ms <= start + HOUR_MS)
		ck_assert(sim_cell_next(&a, start + 2 * HOUR_MS, &p));
	for (int i = 0; i < 50; i++) {
		ck_assert(sim_cell_next(&b, start + 2 * HOUR_MS, &q));
		ck_assert(same_reception(&p, &q));
		ck_assert(sim_cell_next(&a, start + 2 * HOUR_MS, &p));
	}
}
START_TEST(a_clock_that_goes_back_or_stands_at_zero_is_survived)
{
	struct sim_packet p;

	cell_at(&a, 7, 0, 0);
	sim_cell_seek(&a, 0);
	ck_assert(sim_cell_next_ms(&a) > 0);
	ck_assert(sim_cell_next(&a, HOUR_MS, &p));
	sim_cell_seek(&a, -5);
	ck_assert(sim_cell_next_ms(&a) > -5);
}
START_TEST(packets_come_in_order_of_time_and_every_number_is_new)
{
	static uint64_t seen[4096];
	struct sim_packet p;
	size_t count = 0;
	unix_ms last = 0;

	cell_at(&a, 7, 0, 0);
	while (sim_cell_next(&a, start + 2 * HOUR_MS, &p)) {
		ck_assert_int_ge(p.at_ms, last);
		ck_assert_int_gt(p.at_ms, start);
		last = p.at_ms;
		uint64_t name = (uint64_t)p.from << 32 | p.id;
		ck_assert_uint_ne(p.id, 0);
		bool again = false;
		for (size_t i = 0; i < count; i++)
			again = again || seen[i] == name;
		ck_assert(!again);
		ck_assert_uint_lt(count, LENGTH(seen));
		seen[count++] = name;
	}
}
/* The heart of the demo: two sites of one cell. */
START_TEST(two_places_hear_the_same_packets_with_different_strength)
{
	static struct sim_packet here[2048];
	size_t count = 0, both = 0, differ = 0, at_b = 0;
	struct sim_packet q;

	cell_at(&a, 7, -1000, 0);
	cell_at(&b, 7, 1000, 500);
	while (sim_cell_next(&a, start + HOUR_MS, &here[count]))
		count++;
	while (sim_cell_next(&b, start + HOUR_MS, &q)) {
		at_b++;
		for (size_t i = 0; i < count; i++)
			if (same_packet(&here[i], &q)) {
				both++;
				differ += here[i].signal.snr != q.signal.snr;
			}
	}
	ck_assert_uint_gt(both, at_b / 2);
	ck_assert_uint_gt(differ, both / 2);
	ck_assert_uint_gt(count, 0);
}
START_TEST(snr_falls_with_distance)
{
	static const double far[] = { 100, 300, 1000, 2000, 4000 };
	double last = 1000;

	cell_at(&a, 7, 0, 0);
	for (size_t i = 0; i < LENGTH(far); i++) {
		double sum = 0;
		size_t heard = 0;
		for (uint64_t salt = 0; salt < 400; salt++) {
			struct sim_node node = { .number = (uint32_t)(1000 + salt),
				.home = { 0, far[i] } };
			struct sim_signal s = sim_cell_signal(&a, &node, start, salt);
			if (s.hop_limit != SIM_HOPS) /* over a relay */
				continue;
			heard += s.heard;
			sum += (double)s.snr;
			ck_assert(s.snr <= 12 && s.rssi < 0 && s.rssi >= -140);
		}
		double mean = sum / 400;
		ck_assert_msg(
		    i < 2 ? mean <= last : mean < last, "%g m: %g dB", far[i], mean);
		ck_assert_msg(far[i] > 2000 || heard > 390, "%g m is near", far[i]);
		last = mean;
	}
}
START_TEST(what_is_too_far_is_silent_or_relayed)
{
	struct sim_packet p;
	size_t relayed = 0;

	cell_at(&a, 7, 60000, 0);
	ck_assert_msg(!sim_cell_next(&a, start + HOUR_MS, &p), "60 km away");
	cell_at(&a, 7, 4000, 0);
	while (sim_cell_next(&a, start + HOUR_MS, &p)) {
		relayed += p.signal.relay != 0;
		ck_assert_uint_eq(
		    p.signal.hop_limit, p.signal.relay != 0 ? SIM_HOPS - 1 : SIM_HOPS);
	}
	ck_assert_uint_gt(relayed, 0);
}
START_TEST(some_walk_and_come_home_and_some_stand_still)
{
	size_t walkers = 0;

	cell_at(&a, 7, 0, 0);
	for (uint32_t i = 0; i < a.node_count; i++) {
		const struct sim_node *node = &a.nodes[i];
		double farthest = 0;
		for (unix_ms at = start; at < start + HOUR_MS; at += 10000) {
			struct sim_place p = sim_cell_place(&a, node, at);
			struct sim_place q = sim_cell_place(&a, node, at + 1000);
			double from_home = hypot(
			    p.x - node->home.x, p.y - node->home.y);
			ck_assert_msg(hypot(p.x - q.x, p.y - q.y) < 10, "no jumps");
			farthest = from_home > farthest ? from_home : farthest;
		}
		ck_assert_uint_eq(node->moves, farthest > 0);
		ck_assert(farthest < 1000);
		walkers += node->moves;
	}
	ck_assert_uint_eq(walkers, 4);
}
START_TEST(cells_of_any_size_have_nodes_of_their_own_numbers)
{
	static const uint32_t sizes[] = { 1, 2, SIM_NODES_MAX, 100000 };

	for (size_t i = 0; i < LENGTH(sizes); i++) {
		struct sim_packet p;
		sim_cell_init(&a,
		    &(struct sim_cell_params){
			.seed = 3, .nodes = sizes[i], .interval_ms = 100 },
		    start);
		ck_assert_uint_le(a.node_count, SIM_NODES_MAX);
		for (uint32_t k = 0; k < a.node_count; k++)
			ck_assert_ptr_eq(
			    sim_cell_find(&a, a.nodes[k].number), &a.nodes[k]);
		ck_assert(sim_cell_next(&a, start + HOUR_MS, &p));
	}
}
CHECK_MODULE(sim_cell, NULL, the_same_seed_gives_the_same_packets,
    another_seed_gives_another_cell, how_often_it_is_asked_changes_nothing,
    who_joins_later_hears_the_same_from_then_on,
    a_clock_that_goes_back_or_stands_at_zero_is_survived,
    packets_come_in_order_of_time_and_every_number_is_new,
    two_places_hear_the_same_packets_with_different_strength, snr_falls_with_distance,
    what_is_too_far_is_silent_or_relayed, some_walk_and_come_home_and_some_stand_still,
    cells_of_any_size_have_nodes_of_their_own_numbers)
