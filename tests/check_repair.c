#include "check_world.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "page.h"
#include "wire.h"
#include "world_disk.h"

/* What was missed comes by comparing and pulling: PROTOCOL.md 9. */

/* Every (origin, lane) ends at the same number everywhere, with its epoch. */
static bool
all_agree(const struct world *world, void *ctx)
{
	uint32_t sites = world->params.sites;
	(void)ctx;
	for (uint32_t origin = 0; origin < sites; origin++)
		for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT; lane++) {
			uint64_t epoch = 0, high = 0, first_epoch = 0, first = 0;
			for (uint32_t at = 0; at < sites; at++) {
				if (!mesh_site_high(world->sites[at].site,
					&world->sites[origin].identity.key, lane,
					&epoch, &high))
					epoch = high = 0;
				first_epoch = at == 0 ? epoch : first_epoch;
				first = at == 0 ? high : first;
				if (epoch != first_epoch || high != first)
					return false;
			}
		}
	return true;
}
static void
wait_agreed(mesh_time_ms ms)
{
	ck_assert_msg(world_wait(w, all_agree, NULL, w->now + ms),
	    "have-sets differ after %llu ms", (unsigned long long)ms);
}
static void
cut_in_two(uint32_t first_of_second)
{
	for (uint32_t a = 0; a < first_of_second; a++)
		for (uint32_t b = first_of_second; b < w->params.sites; b++) {
			world_cut(w, a, b);
			world_cut(w, b, a);
		}
}
static void
told_once(enum mesh_lane lane, uint64_t from, uint64_t to)
{
	for (uint32_t at = 0; at < w->params.sites; at++)
		for (uint64_t n = from; n < to; n++)
			ck_assert_msg(world_told(w, at, (uint32_t)(n % w->params.sites),
					  lane, n) == 1,
			    "record %llu at site %u: %zu times", (unsigned long long)n,
			    (unsigned)at,
			    world_told(
				w, at, (uint32_t)(n % w->params.sites), lane, n));
}

/* It may find no number reserved, or the site down. */
static void
try_append(uint32_t site, enum mesh_lane lane, uint64_t number)
{
	if (w->sites[site].site != NULL &&
	    world_append(w, site, lane, number, 100) != MESH_OK)
		return;
}

START_TEST(who_joins_late_gets_what_was_said_before)
{
	begin(3, 0);
	world_join_all(w);
	world_start(w, 0);
	world_start(w, 1);
	run(4000);
	for (uint64_t n = 0; n < 40; n++) {
		append((uint32_t)(n % 2), n);
		world_drain(w, 0);
		run(10);
		ck_assert_uint_eq(w->sites[0].site->serve.count, 0);
	}
	run(4000); /* what was said a moment ago would be pushed again */
	world_start(w, 2);
	wait_agreed(10000);
	for (uint64_t n = 0; n < 40; n++)
		ck_assert_uint_eq(
		    world_told(w, 2, (uint32_t)(n % 2), LANE_PACKET, n), 1);
	ck_assert_uint_gt(counter(2, "sync.pull"), 0);
	ck_assert_uint_ge(counter(2, "record.late"), 40);
	done();
}
/* The other of two has not begun yet. */
static void
one_that_holds_much(void)
{
	begin(2, 0);
	world_join_all(w);
	world_start(w, 0);
	run(4000);
	for (uint64_t n = 0; n < 2000; n++) {
		ck_assert_int_eq(world_append(w, 0, LANE_PACKET, n, 900), MESH_OK);
		run(1);
	}
}
/* When the store has made room nothing else may come that would wake it. */
START_TEST(who_waited_for_its_store_asks_at_once_when_there_is_room)
{
	one_that_holds_much();
	world_start(w, 1);
	w->sites[1].store_ms = 200;
	wait_agreed(4000);
	done();
}
/* The store copies what is on its way to the disk, and has room for 8 MiB. */
START_TEST(of_what_is_long_less_is_on_its_way_to_the_disk)
{
	enum { LONG = 20000, MANY = 500 };
	begin(2, 0);
	world_join_all(w);
	world_start(w, 0);
	run(4000);
	for (uint64_t n = 0; n < MANY; n++) {
		ck_assert_int_eq(world_append(w, 0, LANE_STATE, n, LONG), MESH_OK);
		run(5);
	}
	world_start(w, 1);
	w->sites[1].store_ms = 20000;
	uint32_t most = 0;
	for (int i = 0; i < 600; i++) {
		run(10);
		const struct mesh_site *s = w->sites[1].site;
		most = most > s->flying_kib ? most : s->flying_kib;
	}
	ck_assert_uint_gt(most, 4000);
	ck_assert_uint_lt(most, 6000);
	wait_agreed(90000);
	done();
}
/* What it pulled is on its way to the disk for long, and rows are compared meanwhile.
 */
START_TEST(what_is_not_on_the_disk_yet_is_not_asked_for_again)
{
	begin(3, 0);
	world_join_all(w);
	world_start(w, 0);
	world_start(w, 1);
	run(4000);
	for (uint64_t n = 0; n < 100; n++) {
		append(0, n);
		run(10);
	}
	run(4000);
	world_start(w, 2);
	w->sites[2].store_ms = 15000;
	run(40000);
	for (uint64_t n = 0; n < 100; n++)
		ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, n), 1);
	/* Of the pages under way when another's end came, some come twice. */
	ck_assert_uint_le(counter(2, "record.duplicate"), 10);
	done();
}
/* What `at` does not have of site 0: states of its core are among it. */
static uint64_t
lacks(uint32_t at)
{
	uint64_t epoch, lacked = 0;
	for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT; lane++) {
		uint64_t there = 0, here = 0;
		const struct mesh_key *key = &w->sites[0].identity.key;
		(void)mesh_site_high(w->sites[0].site, key, lane, &epoch, &there);
		(void)mesh_site_high(w->sites[at].site, key, lane, &epoch, &here);
		lacked += there - here;
	}
	return lacked;
}
START_TEST(how_far_behind_shows_until_it_is_caught_up)
{
	struct never never = { .from = 1, .to = UINT64_MAX, .pulls = true };
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(4000);
	ck_assert(peer(1, 0).compared);
	ck_assert_uint_eq(peer(1, 0).behind, 0);
	w->tap = drop_numbers;
	w->tap_ctx = &never;
	for (uint64_t n = 0; n < 30; n++)
		append(0, n);
	run(15000);
	uint64_t lacked = lacks(1);
	ck_assert_uint_ge(lacked, 30);
	ck_assert_uint_eq(peer(1, 0).behind, lacked);
	ck_assert_uint_eq(peer(1, 0).ahead, 0);
	ck_assert_uint_eq(peer(0, 1).behind, 0);
	ck_assert_uint_eq(peer(0, 1).ahead, lacked);
	w->tap = NULL;
	wait_agreed(90000);
	run(6000);
	ck_assert_uint_eq(peer(1, 0).behind, 0);
	ck_assert_uint_eq(peer(0, 1).ahead, 0);
	done();
}
START_TEST(who_was_away_catches_up_after_its_restart)
{
	begin(3, 0);
	world_join_all(w);
	world_start_all(w);
	run(4000);
	append(0, 0);
	run(500);
	world_kill(w, 2);
	for (uint64_t n = 1; n < 300; n++) {
		append(0, 3 * n);
		ck_assert_int_eq(world_put(w, 1, n % 2 ? "a" : "b", n), MESH_OK);
		run(10);
	}
	run(6000);
	world_start(w, 2);
	wait_agreed(20000);
	for (uint64_t n = 1; n < 300; n++)
		ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, 3 * n), 1);
	/* Of a keyed lane only what still holds. */
	ck_assert_uint_eq(world_told(w, 2, 1, LANE_STATE, 299), 1);
	ck_assert_uint_eq(world_told(w, 2, 1, LANE_STATE, 298), 1);
	ck_assert_uint_eq(world_told(w, 2, 1, LANE_STATE, 100), 0);
	done();
}
START_TEST(two_halves_that_meet_again_hold_the_same)
{
	begin(6, 0);
	world_join_all(w);
	world_start_all(w);
	run(5000);
	cut_in_two(3);
	run(8000);
	for (uint64_t n = 0; n < 120; n++) {
		append((uint32_t)(n % 6), n);
		run(15);
	}
	run(2000);
	ck_assert(!all_agree(w, NULL));
	world_join_all(w);
	wait_agreed(90000);
	told_once(LANE_PACKET, 0, 120);
	done();
}
/* Whatever is lost, whoever is cut off and killed: in the end all hold the same, and
 * nobody was told a record twice (the world looks at that). */
START_TEST(after_any_faults_all_have_sets_are_equal)
{
	begin(5, 0.2);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	for (uint64_t n = 0; n < 200; n++) {
		uint32_t site = (uint32_t)(n % 5), other = rng_u32() % 5;
		try_append(site, n % 3 ? LANE_PACKET : LANE_ALERT, n);
		if (rng_u32() % 20 == 0 && other != site)
			world_cut(w, site, other);
		if (rng_u32() % 20 == 0)
			world_join_all(w);
		if (rng_u32() % 30 == 0 && w->sites[other].site != NULL)
			world_kill(w, other);
		else if (w->sites[other].site == NULL)
			world_start(w, other);
		run(rng_u32() % 200);
	}
	world_join_all(w);
	for (uint32_t i = 0; i < 5; i++)
		if (w->sites[i].site == NULL)
			world_start(w, i);
	wait_agreed(180000);
	done();
}
/* What a neighbour's retention has deleted: asked for once a minute, then given up. */
/* Its cache says "seen" of what its store refused. */
START_TEST(what_a_full_disk_refused_comes_when_there_is_room_again)
{
	begin(3, 0);
	world_join_all(w);
	world_start_all(w);
	run(6000);
	w->sites[2].store_err = MESH_IO;
	for (uint64_t n = 0; n < 20; n++) {
		append((uint32_t)(n % 2), n);
		run(50);
	}
	run(15000);
	ck_assert_uint_gt(counter(2, "store.readonly"), 19);
	uint64_t asked = counter(2, "sync.pull");
	ck_assert_uint_lt(asked, 60); /* it does not insist on what it cannot keep */
	w->sites[2].store_err = MESH_OK;
	wait_agreed(30000);
	for (uint64_t n = 0; n < 20; n++)
		ck_assert_uint_ge(
		    world_told(w, 2, (uint32_t)(n % 2), LANE_PACKET, n), 1);
	done();
}
/* --- an answer that finds no room --- */

static struct neighbour *
neighbour_of_0(void)
{
	struct mesh_site *s = w->sites[0].site;
	return peering_neighbour(s, peers_find(&s->peers, &w->sites[1].identity.key));
}
/* Frames of a higher class wait, until so many places are left. */
static void
fill_queue_but(size_t places)
{
	struct mesh_site *s = w->sites[0].site;
	struct neighbour *n = neighbour_of_0();
	static const uint8_t any[100];
	while (pace_has_room(&n->pace, PARCEL_P2, places + 1, 0)) {
		struct handle h = parcel_of_frame(&s->parcels, PARCEL_P2, PARCEL_PLAIN,
		    bytes_view(any, sizeof any), w->now);
		ck_assert(pace_put(&n->pace, &s->parcels, h, w->now));
		parcel_release(&s->parcels, h);
	}
}
static void
ask_for(uint64_t to)
{
	struct mesh_site *s = w->sites[0].site;
	uint8_t bytes[80];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct frame_pull pull = { .ticket = 7,
		.oid = bytes_view(s->oid, sizeof s->oid),
		.epoch = s->own.epoch,
		.lane = LANE_PACKET,
		.from = 1,
		.to = to,
		.max_kib = 64 };
	ck_assert_int_eq(
	    wire_encode_numbered(&frame_pull_table, FRAME_PULL, &pull, &out), MESH_OK);
	struct bytes_in left = bytes_in(bytes_written(&out));
	struct envelope_frame frame;
	enum mesh_err err;
	ck_assert(envelope_next_frame(&left, &frame, &err));
	struct apply_input in = { .n = neighbour_of_0(), .frame = &frame };
	ck_assert_int_eq(serving_on_pull(s, &in), APPLY_DONE);
}
static void
answer_of_0(void)
{
	struct world_site *of = &w->sites[0];
	struct mesh_event e;
	struct disk_answer a;
	while (mesh_site_next_event(of->site, &e))
		if (e.kind == MESH_WANT)
			disk_queue_want(of->disk, &e, w->now);
	ck_assert(disk_answer(of->disk, w->now, &a));
	mesh_site_supply(of->site, a.ticket, a.records, a.count, world_site_now(w, 0));
	mesh_site_supply_end(of->site, a.ticket, a.upto, world_site_now(w, 0));
}
/* How far the pages reach that wait, without a gap, and what NONE says of it. */
static void
what_waits(uint64_t *reached, uint64_t *high)
{
	struct mesh_site *s = w->sites[0].site;
	struct neighbour *n = neighbour_of_0();
	struct handle h;
	*reached = *high = 0;
	while (
	    (h = pace_take(&n->pace, &s->parcels, SIZE_MAX, w->now)).generation != 0) {
		uint8_t bytes[PARCEL_MAX];
		struct bytes_out out = bytes_out(bytes, sizeof bytes);
		struct parcel *p = parcel_at(&s->parcels, h);
		struct envelope_frame frame;
		enum mesh_err err;
		struct page page;
		struct frame_none none;
		ck_assert_int_eq(parcel_write(p, w->now, &out), MESH_OK);
		struct bytes_in left = bytes_in(bytes_written(&out));
		if (p->class == PARCEL_P3 && envelope_next_frame(&left, &frame, &err)) {
			if (frame.number == FRAME_PAGE) {
				ck_assert_int_eq(
				    page_read(frame.bytes, &page), MESH_OK);
				ck_assert_uint_eq(page.from, *reached + 1);
				*reached = page.to;
			} else if (frame.number == FRAME_NONE) {
				ck_assert_int_eq(wire_decode_numbered(&frame_none_table,
						     frame.bytes, &none, NULL),
				    MESH_OK);
				ck_assert_uint_eq(none.code, NONE_END);
				*high = none.high;
			}
		}
		parcel_release(&s->parcels, h);
	}
}
START_TEST(an_answer_names_no_page_that_found_no_room)
{
	enum { RECORDS = 60 };
	for (size_t places = 4; places < 40; places += 5) {
		uint64_t reached, high;
		begin(2, 0);
		world_join_all(w);
		world_start_all(w);
		run(6000);
		for (uint64_t n = 0; n < RECORDS; n++) {
			append(0, n);
			run(30);
		}
		run(3000);
		fill_queue_but(places);
		ask_for(RECORDS);
		answer_of_0();
		what_waits(&reached, &high);
		bool all = reached == RECORDS && high == 0; /* it says so itself */
		ck_assert_msg(all || reached == high,
		    "%zu places: %llu reached, %llu said", places,
		    (unsigned long long)reached, (unsigned long long)high);
		ck_assert_msg(reached > 0, "%zu places: nothing", places);
		done();
	}
}
/* --- a site that holds nothing, started anew between two others --- */

static void
block_second_link(bool blocked)
{
	world_block(w, 1, 2, blocked);
	world_block(w, 2, 1, blocked);
}
/* Its first link stands, and both ends say something before the second one does. */
static void
say_before_the_second_link(mesh_time_ms before_ms)
{
	begin(3, 0);
	world_join_all(w);
	world_cut(w, 0, 2);
	world_cut(w, 2, 0);
	world_start_all(w);
	run(6000);
	world_kill(w, 1);
	w->sites[1].store_err = MESH_IO;
	block_second_link(true);
	run(1000);
	world_start(w, 1);
	w->sites[1].store_err = MESH_IO;
	run(2500);
	ck_assert(is_direct(1, 0) && !is_direct(1, 2));
	append(0, 7);
	append(2, 8);
	run(before_ms);
	block_second_link(false);
	for (int i = 0; i < 60 && !is_direct(1, 2); i++)
		run(100);
	ck_assert(is_direct(1, 2));
	run(500);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 7), 1);
}
START_TEST(what_was_said_while_a_link_was_made_goes_through_a_full_disk)
{
	say_before_the_second_link(100);
	ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, 7), 1);
	ck_assert_uint_eq(world_told(w, 0, 2, LANE_PACKET, 8), 1);
	ck_assert_uint_gt(w->sites[1].site->recent.count, 0);
	uint32_t first = w->sites[1].site->recent.first;
	run(6000); /* and is let go */
	ck_assert_uint_gt(w->sites[1].site->recent.first, first);
	ck_assert_uint_lt(w->sites[1].site->recent.count, 4);
	done();
}
/* Whoever hangs up and greets again is the one that it was. */
static uint64_t
copies_after_a_flap(void)
{
	uint64_t copies = counter(1, "record.duplicate");
	for (uint32_t at = 0; at < 2; at++) {
		struct mesh_site *s = w->sites[at].site;
		struct handle other = peers_find(
		    &s->peers, &w->sites[1 - at].identity.key);
		peering_part(s, peering_neighbour(s, other));
	}
	ck_assert(!is_direct(0, 1));
	for (int i = 0; i < 25 && !is_direct(0, 1); i++)
		run(100);
	ck_assert(is_direct(0, 1));
	ck_assert_uint_gt(w->sites[0].site->recent.count, 0);
	run(200);
	return counter(1, "record.duplicate") - copies;
}
START_TEST(who_only_lost_its_link_is_not_told_again)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(6000);
	for (uint64_t n = 0; n < 5; n++)
		append(0, n);
	run(100);
	ck_assert_uint_eq(copies_after_a_flap(), 0);
	for (uint64_t n = 5; n < 10; n++)
		append(0, n);
	run(100);
	ck_assert_uint_eq(copies_after_a_flap(), 0);
	done();
}
START_TEST(what_was_said_long_before_is_left_to_repair)
{
	say_before_the_second_link(4000);
	ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, 7), 0);
	ck_assert_uint_eq(world_told(w, 0, 2, LANE_PACKET, 8), 0);
	w->sites[1].store_err = MESH_OK;
	wait_agreed(60000);
	ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, 7), 1);
	ck_assert_uint_eq(world_told(w, 0, 2, LANE_PACKET, 8), 1);
	done();
}
/* The window would be in debt for ever, and nothing be asked of that neighbour. */
START_TEST(a_new_session_owes_nothing_for_what_was_asked_in_the_former)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(6000);
	struct mesh_site *s = w->sites[1].site;
	struct neighbour *n = peering_walk(s, &(uint32_t){ 0 });
	struct holdings_log log = { .lane = LANE_PACKET, .epoch = 1 };
	struct mesh_run run_of = { 1, 9 };
	world_block(w, 1, 0, true); /* the PULL is lost */
	repair_pull(s, n, &log, &run_of);
	ck_assert_uint_gt(n->window.out, 0);
	sync_begin(s, n, true);
	ck_assert(pull_is_idle(&s->pulls, peers_at(&s->peers, n->peer)->neighbour));
	run(100);
	world_block(w, 1, 0, false);
	ck_assert_uint_eq(n->window.out, 0);
	for (uint64_t k = 0; k < 10; k++)
		append(0, k);
	wait_agreed(10000);
	done();
}
/* As it is each hour: who called first calls again. */
static void
shake_hands_again(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct mesh_site *s = w->sites[i].site;
		struct neighbour *n = peering_walk(s, &(uint32_t){ 0 });
		const struct session *now = session_at(&s->sessions, n->session);
		if (now->role == NOISE_INITIATOR)
			calling_again(s, now);
	}
}
/* Who calls an address where somebody else lives now meets him once more, each minute;
 * and keys are renewed each hour. */
START_TEST(a_new_session_of_the_same_life_does_not_stop_what_comes)
{
	one_that_holds_much();
	world_start(w, 1);
	for (int ms = 0; counter(1, "record.late") < 100; ms++) {
		ck_assert_int_lt(ms, 4000);
		run(1);
	}
	struct mesh_site *s = w->sites[1].site;
	struct neighbour *n = peering_walk(s, &(uint32_t){ 0 });
	struct handle first = n->session;
	shake_hands_again();
	for (int ms = 0; n->session.index == first.index; ms++) {
		ck_assert_int_lt(ms, 200);
		ck_assert(!all_agree(w, NULL));
		run(1);
	}
	wait_agreed(3000);
	done();
}
START_TEST(what_nobody_has_any_more_is_given_up_after_ten_minutes)
{
	begin(3, 0);
	world_join_all(w);
	world_start(w, 0);
	world_start(w, 1);
	run(4000);
	append(0, 1);
	run(500);
	world_kill(w, 0);
	struct mesh_position gone = {
		.origin = w->sites[0].identity.key, .lane = LANE_METRIC, .seq = 5
	};
	struct holdings *h = &w->sites[1].site->holdings;
	gone.epoch = holdings_epoch(h, &gone.origin);
	ck_assert_int_eq(holdings_put(h, &gone, 5, 1), MESH_OK);
	world_start(w, 2);
	run(20000);
	uint64_t epoch, high, none = counter(2, "sync.none");
	ck_assert_uint_gt(none, 0);
	ck_assert(!mesh_site_high(
	    w->sites[2].site, &gone.origin, LANE_METRIC, &epoch, &high));
	run((mesh_time_ms)12 * 60 * 1000);
	ck_assert_uint_eq(counter(2, "sync.given_up"), 1);
	ck_assert_uint_le(counter(2, "sync.none"), none + 13);
	ck_assert(
	    mesh_site_high(w->sites[2].site, &gone.origin, LANE_METRIC, &epoch, &high));
	ck_assert_uint_eq(high, 5);
	ck_assert_uint_gt(counter(1, "sync.settled") + counter(2, "sync.settled"), 0);
	done();
}
/* --- holes --- */

static uint64_t
end_at(uint32_t at, uint32_t origin)
{
	uint64_t epoch, high;
	const struct mesh_key *key = &w->sites[origin].identity.key;
	bool any = mesh_site_high(w->sites[at].site, key, LANE_PACKET, &epoch, &high);
	return any ? high : 0;
}
/* Site 0 said three things, the second of which nobody heard, and is gone. */
static void
one_is_lost_with_its_origin(uint32_t sites)
{
	static struct never never = { 2, 2, true };
	begin(sites, 0);
	world_join_all(w);
	for (uint32_t i = 0; i < 3; i++)
		world_start(w, i);
	run(4000);
	w->tap = drop_numbers;
	w->tap_ctx = &never;
	for (uint64_t n = 1; n <= 3; n++) {
		append(0, n);
		run(50);
	}
	world_kill(w, 0);
	w->tap = NULL;
	run(3000);
	for (uint32_t at = 1; at < 3; at++) {
		ck_assert_uint_eq(end_at(at, 0), 1);
		ck_assert_uint_eq(w->sites[at].site->holdings.holes, 1);
	}
}
START_TEST(a_hole_that_nobody_claims_is_given_up_too)
{
	one_is_lost_with_its_origin(4);
	run((mesh_time_ms)9 * 60 * 1000);
	ck_assert_uint_eq(counter(1, "sync.given_up"), 0);
	ck_assert_uint_eq(end_at(1, 0), 1);
	run((mesh_time_ms)3 * 60 * 1000);
	for (uint32_t at = 1; at < 3; at++) {
		ck_assert_uint_eq(counter(at, "sync.given_up"), 1);
		ck_assert_uint_le(counter(at, "sync.none"), 12);
		ck_assert_uint_eq(end_at(at, 0), 3);
	}
	world_start(w, 3); /* who comes late gets what is above it */
	run(10000);
	ck_assert_uint_eq(world_told(w, 3, 0, LANE_PACKET, 1), 1);
	ck_assert_uint_eq(world_told(w, 3, 0, LANE_PACKET, 3), 1);
	world_start(w, 0); /* and it is taken from who has it after all */
	run(10000);
	ck_assert_uint_eq(end_at(3, 0), end_at(0, 0));
	done();
}
START_TEST(who_parts_takes_his_denials_along)
{
	one_is_lost_with_its_origin(3);
	struct mesh_site *s = w->sites[1].site;
	struct gap *one;
	struct handle other = peering_row(s, &w->sites[2].identity.key);
	uint32_t first = 0, slot = peers_at(&s->peers, other)->neighbour.index;
	run((mesh_time_ms)45 * 1000);
	one = gaps_walk(&s->gaps, &first);
	ck_assert_ptr_nonnull(one);
	ck_assert_uint_eq(one->denied, 1ULL << slot);
	world_kill(w, 2);
	run(5000);
	ck_assert_uint_eq(one->run.first, 2);
	ck_assert_uint_eq(one->denied, 0);
	done();
}
static enum world_fate
drop_pages(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct bytes_in in = bytes_in(frames_of(d, plain));
	struct envelope_frame frame;
	enum mesh_err err;
	(void)ctx;
	while (envelope_next_frame(&in, &frame, &err))
		if (frame.number == FRAME_PAGE || frame.number == FRAME_NONE)
			return WORLD_DROP;
	return WORLD_DELIVER;
}
/* The store's answer to what it is asked first: it did not look. */
static bool
cannot_be_read(struct mesh_site *s)
{
	enum { KIND = 4, KIND_AT = 52, INDEX_BITS = 20 }; /* events.c: TICKET_WANT */
	for (size_t i = 0; i < LENGTH(s->serve.wants); i++) {
		const struct want *one = &s->serve.wants[i];
		if (one->state != WANT_OPEN)
			continue;
		mesh_site_supply_end(s,
		    (uint64_t)KIND << KIND_AT |
			(uint64_t)one->generation << INDEX_BITS | i,
		    0, world_now(w));
		return true;
	}
	return false;
}
START_TEST(what_cannot_be_read_now_is_not_said_to_be_gone)
{
	begin(2, 0);
	world_join_all(w);
	world_start(w, 0);
	run(2000);
	append(0, 1);
	run(4000);
	world_start(w, 1);
	mesh_time_ms end = w->now + 20000;
	while (!cannot_be_read(w->sites[0].site) && w->now < end)
		run(1);
	ck_assert_uint_lt(w->now, end);
	run(100);
	ck_assert_uint_gt(counter(1, "sync.none"), 0);
	ck_assert_uint_eq(w->sites[1].site->gaps.count, 0);
	wait_agreed(10000);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 1);
	done();
}
START_TEST(pages_that_never_come_are_asked_for_again_later)
{
	begin(2, 0);
	world_join_all(w);
	world_start(w, 0);
	run(2000);
	append(0, 1);
	run(4000);
	w->tap = drop_pages;
	world_start(w, 1);
	run(20000);
	ck_assert_uint_ge(counter(1, "sync.timeout"), PULL_TRIES);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 0);
	w->tap = NULL;
	wait_agreed(70000);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 1);
	done();
}
START_TEST(when_all_agree_nobody_asks)
{
	begin(4, 0);
	world_join_all(w);
	world_start_all(w);
	for (uint64_t n = 0; n < 20; n++) {
		run(500);
		try_append((uint32_t)(n % 4), LANE_PACKET, n);
	}
	wait_agreed(20000);
	run(10000);
	uint64_t before = 0, after = 0;
	for (uint32_t i = 0; i < 4; i++)
		before += counter(i, "sync.exchange");
	run(60000);
	for (uint32_t i = 0; i < 4; i++)
		after += counter(i, "sync.exchange");
	ck_assert_uint_eq(after, before);
	done();
}
START_TEST(a_frozen_lane_is_mended_below_the_fork)
{
	begin(3, 0);
	world_join_all(w);
	world_start_all(w);
	run(4000);
	append(0, 1);
	run(500);
	cut_in_two(1);
	world_join(w, 0, 2);
	world_join(w, 2, 0);
	world_cut(w, 1, 2);
	world_cut(w, 2, 1);
	for (uint64_t n = 2; n <= 8; n++) {
		append(0, n);
		run(300);
	}
	run(300);
	struct mesh_position at = { .origin = w->sites[0].identity.key,
		.lane = LANE_PACKET,
		.epoch = w->sites[0].site->own.epoch,
		.seq = 6 };
	fork_load(w->sites[1].site, &at);
	world_kill(w, 0);
	world_join_all(w);
	run(10000);
	ck_assert_uint_eq(end_at(1, 0), 5);
	for (uint64_t n = 1; n <= 8; n++)
		ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, n), n < 6);
	done();
}
CHECK_MODULE(repair, NULL, who_joins_late_gets_what_was_said_before,
    who_waited_for_its_store_asks_at_once_when_there_is_room,
    what_is_not_on_the_disk_yet_is_not_asked_for_again,
    of_what_is_long_less_is_on_its_way_to_the_disk,
    how_far_behind_shows_until_it_is_caught_up,
    who_was_away_catches_up_after_its_restart, two_halves_that_meet_again_hold_the_same,
    after_any_faults_all_have_sets_are_equal,
    what_a_full_disk_refused_comes_when_there_is_room_again,
    what_was_said_while_a_link_was_made_goes_through_a_full_disk,
    an_answer_names_no_page_that_found_no_room,
    who_only_lost_its_link_is_not_told_again,
    what_was_said_long_before_is_left_to_repair,
    a_new_session_owes_nothing_for_what_was_asked_in_the_former,
    a_new_session_of_the_same_life_does_not_stop_what_comes,
    what_nobody_has_any_more_is_given_up_after_ten_minutes,
    a_hole_that_nobody_claims_is_given_up_too, who_parts_takes_his_denials_along,
    a_frozen_lane_is_mended_below_the_fork,
    what_cannot_be_read_now_is_not_said_to_be_gone,
    pages_that_never_come_are_asked_for_again_later, when_all_agree_nobody_asks)
