/* The network's key is replaced: core/rekey.c, in the simulated world. */
#include "check_world.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "meshtrust.h"

enum { FOUNDER = 0, LAST = 4, SITES = 5, ALERTS = 200 };
static const uint8_t key[32] = { 42, 1, 2, 3 };

static void
rotate(uint32_t in_ms)
{
	struct mesh_decree d = { .kind = DECREE_ROTATE };
	uint64_t seq;
	memcpy(d.key32, key, sizeof key);
	d.until_ms = (uint64_t)world_now(w).unix_ms + in_ms;
	ck_assert_int_eq(
	    mesh_site_decree(w->sites[FOUNDER].site, &d, &seq, world_now(w)), MESH_OK);
	world_flush(w, FOUNDER);
}
static bool
uses_it(uint32_t site)
{
	return memcmp(w->sites[site].network.key, key, sizeof key) == 0;
}
static bool
all_use_it(const struct world *world, void *ctx)
{
	(void)ctx;
	for (uint32_t i = 0; i < world->params.sites; i++)
		if (world->sites[i].site != NULL && !uses_it(i))
			return false;
	return true;
}
static void
line(double loss)
{
	begin(SITES, loss);
	world_join_line(w);
	world_start_all(w);
	run(8000);
}

START_TEST(the_next_key_reaches_the_end_of_a_line_and_is_used_at_its_moment)
{
	line(0);
	rotate(5000);
	run(2000);
	for (uint32_t i = 0; i < SITES; i++) {
		ck_assert(w->sites[i].network.has_next && !uses_it(i));
		ck_assert_mem_eq(w->sites[i].network.next, key, sizeof key);
	}
	run(4000);
	ck_assert(all_use_it(w, NULL));
	ck_assert(w->sites[LAST].network.has_previous);
	for (uint32_t i = 0; i + 1 < SITES; i++)
		ck_assert(is_direct(i, i + 1));
	ck_assert_uint_eq(w->sites[LAST].notices[NOTICE_REKEYED], 1);
	done();
}
START_TEST(no_alert_is_lost_while_the_key_turns)
{
	line(0);
	rotate(1500);
	for (uint64_t n = 0; n < ALERTS; n++) {
		uint32_t from = (uint32_t)(n % SITES);
		ck_assert_int_eq(
		    world_append(w, from, LANE_ALERT, 1000 + n, 100), MESH_OK);
		run(20);
	}
	run(3000);
	ck_assert(all_use_it(w, NULL));
	for (uint32_t i = 0; i < SITES; i++)
		for (uint64_t n = 0; n < ALERTS; n++)
			ck_assert_uint_eq(world_told(w, i, (uint32_t)(n % SITES),
					      LANE_ALERT, 1000 + n),
			    1);
	done();
}
START_TEST(under_loss_it_arrives_all_the_same)
{
	line(0.3);
	rotate(1000);
	ck_assert(world_wait(w, all_use_it, NULL, w->now + 20000));
	done();
}
START_TEST(who_slept_through_it_comes_back_under_the_previous_key)
{
	line(0);
	world_kill(w, LAST);
	rotate(1000);
	run(3000);
	ck_assert(uses_it(3) && !uses_it(LAST));
	world_start(w, LAST);
	ck_assert(world_wait(w, all_use_it, NULL, w->now + 20000));
	run(1000);
	ck_assert(is_direct(3, LAST));
	done();
}
START_TEST(the_previous_key_ends_after_a_week)
{
	struct mesh_network n = { .key = { 1 }, .next = { 2 }, .has_next = true };
	const unix_ms now = 1765432100000, day = 24 * 60 * 60 * 1000;
	ck_assert(mesh_network_turn(&n, now));
	ck_assert(n.key[0] == 2 && n.previous[0] == 1 && n.has_previous);
	ck_assert(!mesh_network_turn(&n, now));
	ck_assert(!mesh_network_forget(&n, now + 7 * day - 1));
	ck_assert(mesh_network_forget(&n, now + 7 * day));
	ck_assert(!n.has_previous && n.previous[0] == 0);
}
START_TEST(everybody_restarted_after_it_meets_again)
{
	line(0);
	rotate(1000);
	run(3000);
	for (uint32_t i = 0; i < SITES; i++)
		world_kill(w, i);
	world_start_all(w);
	run(8000);
	for (uint32_t i = 0; i + 1 < SITES; i++)
		ck_assert(is_direct(i, i + 1));
	ck_assert(all_use_it(w, NULL));
	done();
}
START_TEST(a_key_that_no_admin_named_is_not_taken)
{
	line(0);
	struct frame_netkey frame = { bytes_view(key, sizeof key), 0 };
	struct mesh_site *liar = w->sites[1].site;
	struct neighbour *n;
	for (uint32_t i = 0; (n = peering_walk(liar, &i)) != NULL; i++)
		spread_frame(liar, n, FRAME_NETKEY, &frame_netkey_table, &frame);
	world_flush(w, 1);
	run(3000);
	for (uint32_t i = 0; i < SITES; i++)
		ck_assert(!uses_it(i) && !w->sites[i].network.has_next);
	done();
}
START_TEST(a_full_disk_keeps_the_old_key_in_use)
{
	line(0);
	w->sites[LAST].store_err = MESH_IO;
	rotate(500);
	run(3000);
	ck_assert(uses_it(3) && !uses_it(LAST));
	ck_assert(is_direct(3, LAST));
	w->sites[LAST].store_err = MESH_OK;
	run(15000);
	ck_assert(uses_it(LAST));
	done();
}
START_TEST(a_key_whose_record_is_not_stored_is_told_to_nobody)
{
	line(0);
	w->sites[FOUNDER].store_err = MESH_IO;
	rotate(500);
	run(3000);
	for (uint32_t i = 0; i < SITES; i++)
		ck_assert(!uses_it(i) && !w->sites[i].network.has_next);
	w->sites[FOUNDER].store_err = MESH_OK;
	rotate(500);
	ck_assert(world_wait(w, all_use_it, NULL, w->now + 5000));
	done();
}
CHECK_MODULE(rekey, NULL, a_key_whose_record_is_not_stored_is_told_to_nobody,
    the_next_key_reaches_the_end_of_a_line_and_is_used_at_its_moment,
    no_alert_is_lost_while_the_key_turns, under_loss_it_arrives_all_the_same,
    who_slept_through_it_comes_back_under_the_previous_key,
    the_previous_key_ends_after_a_week, everybody_restarted_after_it_meets_again,
    a_key_that_no_admin_named_is_not_taken, a_full_disk_keeps_the_old_key_in_use)
