/* What one site may keep in a keyed lane: PROTOCOL.md 2. */
#include "check_world.h"
#include "inside_logs.h"
#include "pack.h"
#include "world_disk.h"
#include <inttypes.h>

enum {
	WRITER = 0,
	READERS = 5, /* 1 .. 5; the last one is down at first */
	SITES = READERS + 1,
	QUOTA = 160,
	SEEN = QUOTA + QUOTA / 8,
	AT_ONCE = QUOTA / 16, /* so many DROPs' room is used before a CHECKPOINT */
	GREEDY = 3 * QUOTA,
	LONG = 1000 /* bytes of a value that makes a state count for two */
};
static enum mesh_lane lane;
static size_t value; /* bytes */
static size_t key_bytes;
static uint16_t type;

static void
a_small_network(double loss)
{
	lane = LANE_REGISTRY;
	value = 8;
	key_bytes = sizeof(uint64_t);
	type = RECORD_PUT;
	struct world_params p = { .sites = SITES,
		.seed = check_seed(),
		.loss = loss,
		.delay_min_ms = 1,
		.delay_max_ms = 30, /* what is sent in a row arrives in any order */
		.store_ms = 4,
		.unlimited = true,
		.limits = { .quota = { [LANE_REGISTRY] = QUOTA, [LANE_STATE] = QUOTA },
		    .origin_per_s = 10000,
		    .neighbour_per_s = 100000,
		    .checks_per_s = 100000 } };
	w = world_new(&p);
	world_join_all(w);
	for (uint32_t i = 0; i < SITES - 1; i++)
		world_start(w, i);
	run(5000);
}
static enum mesh_err
put(uint32_t site, uint64_t key, uint32_t known)
{
	static const uint8_t zeros[LONG];
	uint8_t bytes[LONG + 192], name[128] = { 0 };
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct mesh_now now = world_site_now(w, site);
	uint64_t seq;
	memcpy(name, &key, sizeof key);
	pack_array(&out, 2);
	pack_bin(&out, bytes_view(name, key_bytes));
	pack_bin(&out, bytes_view(zeros, value));
	struct mesh_draft d = { lane, type, 0, NULL, bytes_written(&out) };
	struct mesh_site *s = w->sites[site].site;
	enum mesh_err err = known ? mesh_site_replace(s, &d, known, &seq, now)
				  : mesh_site_append(s, &d, &seq, now);
	world_drain(w, site);
	return err;
}
static void
put_until(uint32_t site, uint64_t from, uint64_t to)
{
	for (uint64_t key = from; key < to; key++) {
		ck_assert_int_eq(put(site, key, false), MESH_OK);
		if (key % 8 == 7)
			run(20);
	}
}
static uint64_t
live(uint32_t at, uint32_t origin)
{
	size_t count;
	const struct mesh_holding *all = disk_holdings(w->sites[at].disk, &count);
	for (size_t i = 0; i < count; i++)
		if (all[i].lane == lane && world_site_of(w, &all[i].origin) == origin)
			return all[i].live.weight;
	return 0;
}
static uint64_t
end(uint32_t at, uint32_t origin)
{
	uint64_t epoch, high = 0;
	return mesh_site_high(w->sites[at].site, &w->sites[origin].identity.key, lane,
		   &epoch, &high)
	    ? high
	    : 0;
}

static void
drop(uint32_t site, uint64_t first, uint64_t second)
{
	uint8_t bytes[32];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	uint64_t seq;
	pack_array(&out, 1);
	pack_array(&out, first != second ? 2 : 1);
	for (uint64_t n = first; n <= second; n += second - first + (n == second)) {
		pack_array(&out, 2);
		pack_uint(&out, n);
		pack_uint(&out, n);
	}
	struct mesh_draft d = { lane, RECORD_DROP, 0, NULL, bytes_written(&out) };
	struct mesh_now now = world_site_now(w, site);
	ck_assert_int_eq(mesh_site_append(w->sites[site].site, &d, &seq, now), MESH_OK);
	world_drain(w, site);
}

static void
all_have_it_whole(void)
{
	for (uint32_t i = 1; i < SITES - 1; i++) {
		ck_assert_uint_eq(end(i, 1), end(1, 1));
		ck_assert_uint_eq(live(i, 1), live(1, 1));
		ck_assert_uint_eq(w->sites[i].notices[NOTICE_QUOTA], 0);
	}
	ck_assert_uint_eq(counted("sync.checkpoint_bad"), 0);
}

START_TEST(a_writer_stops_at_its_quota_and_may_still_replace_and_drop)
{
	a_small_network(0);
	put_until(1, 0, QUOTA);
	run(200);
	ck_assert_int_eq(put(1, QUOTA, false), MESH_QUOTA);
	ck_assert_uint_eq(live(1, 1), QUOTA);
	ck_assert_int_eq(put(1, 3, true), MESH_OK);
	run(200);
	ck_assert_uint_eq(live(1, 1), QUOTA);
	drop(1, 10, 20);
	run(8000);
	all_have_it_whole();
	done();
}

/* One for one, as often as one likes, and nobody waits two weeks for a tombstone. */
START_TEST(what_is_dropped_when_full_gives_room_at_once)
{
	a_small_network(0);
	put_until(1, 0, QUOTA);
	run(200);
	for (uint64_t n = 0; n < QUOTA / 4; n++) {
		ck_assert_int_eq(put(1, QUOTA + n, 0), MESH_QUOTA);
		drop(1, n + 1, n + 1);
		run(40);
		ck_assert_int_eq(put(1, QUOTA + n, 0), MESH_OK);
		run(n % AT_ONCE == 0 ? 8000 : 40);
	}
	run(20000);
	ck_assert_int_eq(put(1, 2 * QUOTA, 0), MESH_QUOTA);
	run(8000);
	ck_assert_uint_eq(live(1, 1), QUOTA);
	all_have_it_whole();
	done();
}

/* A floor took all but the last out of the lane already: that was their room. */
START_TEST(what_a_raised_floor_has_ended_gives_no_room_twice)
{
	a_small_network(0);
	put_until(1, 0, QUOTA - 2 * AT_ONCE);
	run(200);
	for (uint64_t n = 1; n <= AT_ONCE; n++)
		drop(1, n, n);
	run(200);
	mesh_site_retire(w->sites[1].site, lane, end(1, 1));
	run(20000);
	uint64_t room = QUOTA - live(1, 1);
	put_until(1, QUOTA, QUOTA + room + 1);
	ck_assert_int_eq(put(1, 2 * QUOTA, 0), MESH_QUOTA);
	run(8000);
	all_have_it_whole();
	done();
}

/* Who was killed does not know how many tombstones stand there: it looks once. */
START_TEST(what_was_dropped_in_a_former_life_gives_room_too)
{
	a_small_network(0);
	put_until(1, 0, QUOTA);
	run(200);
	drop(1, 3, 4); /* two go, one DROP comes */
	run(8000);
	ck_assert_uint_eq(live(1, 1), QUOTA - 1);
	world_kill(w, 1);
	world_start(w, 1);
	run(8000);
	ck_assert_int_eq(put(1, QUOTA, 0), MESH_OK);
	run(200);
	ck_assert_int_eq(put(1, QUOTA + 1, 0), MESH_QUOTA);
	run(8000);
	ck_assert_int_eq(put(1, QUOTA + 1, 0), MESH_OK);
	run(8000);
	uint64_t high = end(1, 1);
	for (int i = 0; i < 10; i++) { /* nothing is left to be ended */
		ck_assert_int_eq(put(1, QUOTA + 2, 0), MESH_QUOTA);
		run(8000);
	}
	ck_assert_uint_eq(end(1, 1), high);
	all_have_it_whole();
	done();
}

/* The modified one writes three times what it may. */
static void
a_greedy_writer(double loss)
{
	a_small_network(loss);
	w->sites[WRITER].site->limits.quota[LANE_REGISTRY] = UINT32_MAX / 2;
	put_until(2, 0, 10);
	put_until(WRITER, 0, GREEDY);
	run(20000);
}
static void
is_ended_alike(uint32_t at)
{
	ck_assert_msg(end(at, WRITER) == end(1, WRITER),
	    "site %u ends at %" PRIu64 ", not %" PRIu64, at, end(at, WRITER),
	    end(1, WRITER));
	ck_assert_uint_eq(live(at, WRITER), SEEN + 1);
	ck_assert_uint_eq(end(at, 2), end(2, 2)); /* others' views are as before */
}
START_TEST(who_keeps_too_much_is_ended_at_one_number_everywhere)
{
	a_greedy_writer(0.1);
	for (uint32_t i = 1; i < SITES - 1; i++) {
		is_ended_alike(i);
		ck_assert_uint_eq(w->sites[i].notices[NOTICE_QUOTA], 1);
	}
	ck_assert_uint_gt(counted("record.quota"), 0);
	done();
}
/* What no later record could replace: with a key that is too long, or of a type of
 * which nobody knows what it says. */
START_TEST(what_has_no_key_counts_too)
{
	static const struct {
		uint16_t type;
		size_t key_bytes;
	} rows[] = { { RECORD_PUT, 65 }, { RECORD_PUT, 0 }, { 9, 8 } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		a_small_network(0.1);
		w->sites[WRITER].site->limits.quota[LANE_REGISTRY] = UINT32_MAX / 2;
		put_until(2, 0, 10);
		type = rows[i].type;
		key_bytes = rows[i].key_bytes;
		put_until(WRITER, 0, GREEDY);
		run(20000);
		for (uint32_t k = 1; k < SITES - 1; k++)
			is_ended_alike(k);
		done();
	}
}
START_TEST(who_comes_later_ends_it_there_too_and_a_restart_does_not_thaw_it)
{
	a_greedy_writer(0);
	world_start(w, SITES - 1);
	run(20000);
	is_ended_alike(SITES - 1);
	world_kill(w, 3);
	world_start(w, 3);
	run(8000);
	is_ended_alike(3);
	put_until(WRITER, GREEDY, GREEDY + 10);
	run(8000);
	is_ended_alike(3);
	is_ended_alike(SITES - 1);
	done();
}
static bool
has_numbers(const struct world *world, void *ctx)
{
	(void)ctx;
	return world->sites[WRITER].site->own.lane[LANE_REGISTRY].reserved > 0;
}
START_TEST(a_new_log_of_the_same_site_is_read_again)
{
	a_greedy_writer(0);
	struct mesh_site *s = w->sites[WRITER].site;
	recover_new_epoch(s, s->own.epoch);
	s->own.phase = OWN_READY; /* behind its back: it sees that when it next wakes */
	ck_assert(world_wait(w, has_numbers, NULL, w->now + 10000));
	put_until(WRITER, 0, 10);
	run(8000);
	for (uint32_t i = 1; i < SITES - 1; i++)
		ck_assert_uint_eq(live(i, WRITER), 10);
	done();
}
/* --- bytes --- */

static void
a_full_writer_of_states(void)
{
	uint64_t key = 0;
	a_small_network(0);
	lane = LANE_STATE;
	value = LONG;
	while (put(1, key, 0) == MESH_OK && key < QUOTA) {
		key++;
		run(20);
	}
	run(200);
}
START_TEST(a_long_record_counts_for_several_and_so_bytes_are_bounded)
{
	a_full_writer_of_states();
	ck_assert_uint_le(live(1, 1), QUOTA);
	ck_assert_uint_gt(live(1, 1), QUOTA - 2);
	ck_assert_int_eq(put(1, 1000, 0), MESH_QUOTA);
	ck_assert_int_eq(put(1, 3, 2), MESH_OK); /* as long as before */
	run(200);
	value = 8;
	ck_assert_int_eq(put(1, 3, 2), MESH_OK); /* and shorter */
	run(200);
	ck_assert_int_eq(put(1, 1000, 0), MESH_OK);
	run(200);
	while (put(1, 1001, 0) == MESH_OK)
		run(200);
	uint64_t full = live(1, 1);
	value = LONG;
	ck_assert_msg(put(1, 3, 1) == MESH_QUOTA, "it would count for more");
	run(8000);
	ck_assert_uint_eq(full, QUOTA);
	for (uint32_t i = 1; i < SITES - 1; i++) {
		ck_assert_uint_eq(end(i, 1), end(1, 1));
		ck_assert_uint_eq(live(i, 1), live(1, 1));
		ck_assert_uint_eq(w->sites[i].notices[NOTICE_QUOTA], 0);
	}
	done();
}
START_TEST(who_keeps_too_many_bytes_is_ended_at_one_number_everywhere)
{
	a_small_network(0.1);
	lane = LANE_STATE;
	w->sites[WRITER].site->limits.quota[LANE_STATE] = UINT32_MAX / 2;
	for (uint64_t key = 0; key < QUOTA; key++) {
		value = key % 3 == 0 ? 8 : LONG;
		ck_assert_int_eq(put(WRITER, key, 0), MESH_OK);
		if (key % 8 == 7)
			run(20);
	}
	run(20000);
	world_start(w, SITES - 1);
	run(20000);
	world_kill(w, 3);
	world_start(w, 3);
	run(8000);
	for (uint32_t i = 1; i < SITES; i++) {
		ck_assert_uint_eq(end(i, WRITER), end(1, WRITER));
		ck_assert_uint_lt(end(i, WRITER), end(WRITER, WRITER));
		ck_assert_uint_gt(live(i, WRITER), SEEN);
		ck_assert_uint_le(live(i, WRITER), SEEN + 2);
		ck_assert_uint_eq(live(i, WRITER), live(1, WRITER));
	}
	ck_assert_uint_gt(counted("record.quota"), 0);
	done();
}
/* --- any order, any cut --- */

static void
drop_one(uint32_t site, uint64_t n)
{
	drop(site, n, n);
}

/* A site's life before it writes too much: keys come, change and go.  How many keys. */
static uint64_t
a_busy_life(uint32_t site, unsigned turns)
{
	uint64_t keys = 0;
	for (unsigned i = 0; i < turns; i++) {
		uint32_t what = rng_u32() % 8;
		value = rng_u32() % 4 == 0 ? LONG : 8;
		if (what < 4 || keys == 0)
			ck_assert_int_eq(put(site, keys++, 0), MESH_OK);
		else if (what < 7)
			ck_assert_int_eq(put(site, rng_u32() % keys, 3), MESH_OK);
		else
			drop_one(site, 1 + rng_u32() % (i + 1));
		if (rng_u32() % 8 == 0)
			run(rng_u32() % 40);
	}
	return keys;
}

/* Who was there, who came amid it, who was killed amid it, who comes afterwards. */
START_TEST(whoever_reads_it_when_and_in_whatever_order_ends_it_at_one_number)
{
	for (int round = 0; round < 12; round++) {
		a_small_network(0.1 * (rng_u32() % 4));
		lane = LANE_REGISTRY; /* where these count for one: 0342 */
		w->sites[WRITER].site->limits.quota[lane] = UINT32_MAX / 2;
		uint64_t keys = a_busy_life(WRITER, 60 + rng_u32() % 60);
		run(10000); /* what a page of amid it left behind is found (0342) */
		bool early = rng_u32() % 2;
		if (early)
			world_start(w, SITES - 1);
		else
			world_kill(w, 3);
		for (uint64_t key = keys; key < keys + GREEDY; key++) {
			ck_assert_int_eq(put(WRITER, key, 0), MESH_OK);
			if (rng_u32() % 8 == 0)
				run(rng_u32() % 40);
		}
		run(20000);
		if (!early) {
			world_start(w, 3);
			world_start(w, SITES - 1);
		}
		run(30000);
		for (uint32_t i = 1; i < SITES; i++) {
			ck_assert_msg(end(i, WRITER) == end(1, WRITER),
			    "round %d, lane %d: %u ends at %" PRIu64 ", 1 at %" PRIu64,
			    round, lane, i, end(i, WRITER), end(1, WRITER));
			ck_assert_uint_eq(live(i, WRITER), live(1, WRITER));
			ck_assert_uint_gt(live(i, WRITER), SEEN);
		}
		done();
	}
}
CHECK_MODULE(quotas, NULL, a_writer_stops_at_its_quota_and_may_still_replace_and_drop,
    what_is_dropped_when_full_gives_room_at_once,
    what_a_raised_floor_has_ended_gives_no_room_twice,
    what_was_dropped_in_a_former_life_gives_room_too,
    who_keeps_too_much_is_ended_at_one_number_everywhere, what_has_no_key_counts_too,
    who_comes_later_ends_it_there_too_and_a_restart_does_not_thaw_it,
    a_new_log_of_the_same_site_is_read_again,
    a_long_record_counts_for_several_and_so_bytes_are_bounded,
    who_keeps_too_many_bytes_is_ended_at_one_number_everywhere,
    whoever_reads_it_when_and_in_whatever_order_ends_it_at_one_number)
