#include "check_world.h"
#include "inside_peers.h"

/* Death, return, goodbye, and numbers across lives. */

static void
line_of_three(void)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000); /* lists of links are known everywhere */
	ck_assert(peer(0, 2).state == PEER_ALIVE && peer(2, 0).state == PEER_ALIVE);
	ck_assert_uint_eq(peer(0, 2).hops, 2);
}
static bool
b_is_dead_and_ends_apart(const struct world *world, void *ctx)
{
	(void)world;
	(void)ctx;
	return peer(0, 1).state == PEER_DEAD && peer(2, 1).state == PEER_DEAD &&
	    peer(0, 2).state == PEER_DEAD && peer(2, 0).state == PEER_DEAD;
}

START_TEST(killing_the_middle_of_a_line_is_seen_at_both_ends)
{
	line_of_three();
	mesh_time_ms killed = w->now;
	world_kill(w, 1);
	ck_assert(world_wait(w, b_is_dead_and_ends_apart, NULL, killed + 15000));
	ck_assert_int_eq(peer(0, 1).reason, REASON_SILENT);
	ck_assert_int_eq(peer(2, 1).reason, REASON_SILENT);
	ck_assert_int_eq(peer(0, 2).reason, REASON_UNREACHABLE);
	ck_assert_int_eq(peer(2, 0).reason, REASON_UNREACHABLE);
	ck_assert(!peer(0, 1).direct);
	ck_assert_uint_ge(counter(0, "peer.dead"), 2);
	done();
}
START_TEST(the_middle_comes_back_with_a_higher_boot)
{
	line_of_three();
	uint64_t boot = peer(0, 1).boot;
	mesh_time_ms killed = w->now;
	world_kill(w, 1);
	ck_assert(world_wait(w, b_is_dead_and_ends_apart, NULL, killed + 15000));
	world_start(w, 1);
	ck_assert(world_wait(w, all_alive, NULL, w->now + 15000));
	ck_assert_uint_gt(peer(0, 1).boot, boot);
	append(0, 9);
	run(1000);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(world_told(w, i, 0, LANE_PACKET, 9), 1);
	run(15000);
	ck_assert(all_alive(w, NULL));
	done();
}
START_TEST(a_quick_restart_is_no_death)
{
	line_of_three();
	world_kill(w, 1);
	run(300);
	world_start(w, 1);
	run(6000);
	ck_assert(all_alive(w, NULL));
	run(20000);
	ck_assert(all_alive(w, NULL));
	ck_assert_uint_eq(counter(0, "peer.dead") + counter(2, "peer.dead"), 0);
	done();
}
START_TEST(everybody_restarted_at_once_meets_again)
{
	line_of_three();
	for (uint32_t i = 0; i < 3; i++)
		world_kill(w, i);
	for (uint32_t i = 0; i < 3; i++)
		world_start(w, i);
	run(12000);
	ck_assert(all_alive(w, NULL));
	ck_assert_uint_eq(peer(0, 2).hops, 2);
	done();
}
START_TEST(goodbye_is_told_to_all_and_is_no_death)
{
	line_of_three();
	world_stop(w, 2);
	run(500);
	ck_assert_int_eq(peer(0, 2).state, PEER_LEFT);
	ck_assert_int_eq(peer(1, 2).state, PEER_LEFT);
	ck_assert_int_eq(peer(1, 2).reason, REASON_STOPPED);
	ck_assert_uint_eq(counter(0, "peer.dead") + counter(1, "peer.dead"), 0);
	run(20000);
	ck_assert_int_eq(peer(0, 2).state, PEER_LEFT);
	world_start(w, 2);
	run(8000);
	ck_assert(all_alive(w, NULL));
	done();
}
START_TEST(one_cut_link_kills_nobody)
{
	begin(3, 0);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	world_cut(w, 0, 1);
	run(30000);
	ck_assert_int_eq(peer(0, 1).state, PEER_ALIVE);
	ck_assert_int_eq(peer(1, 0).state, PEER_ALIVE);
	ck_assert_uint_eq(peer(0, 1).hops, 2);
	ck_assert(!peer(0, 1).direct);
	ck_assert_uint_eq(
	    counter(0, "peer.dead") + counter(1, "peer.dead") + counter(2, "peer.dead"),
	    0);
	world_join(w, 0, 1);
	run(60000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	done();
}
START_TEST(a_partition_heals)
{
	line_of_three();
	world_cut(w, 1, 2);
	run(15000);
	ck_assert_int_eq(peer(0, 2).state, PEER_DEAD);
	ck_assert_int_eq(peer(2, 1).state, PEER_DEAD);
	world_join(w, 1, 2);
	ck_assert(world_wait(w, all_alive, NULL, w->now + 90000));
	run(10000);
	ck_assert(all_alive(w, NULL));
	done();
}
START_TEST(nobody_dies_on_a_lossy_night)
{
	begin(4, 0.05);
	world_join_ring(w);
	world_start_all(w);
	run(120000);
	ck_assert(all_alive(w, NULL));
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(counter(i, "peer.dead"), 0);
	done();
}

/* --- numbers --- */

static void
own_numbers_are_unique(uint32_t site)
{
	const struct world_site *s = &w->sites[site];
	for (size_t i = 0; i < s->record_count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct mesh_position *a = &s->records[i].at;
			const struct mesh_position *b = &s->records[k].at;
			if (s->records[i].origin == site &&
			    s->records[k].origin == site && a->lane == b->lane &&
			    a->epoch == b->epoch)
				ck_assert_uint_ne(a->seq, b->seq);
		}
}
START_TEST(kills_at_any_moment_never_make_a_number_twice)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(2000);
	uint64_t number = 0;
	for (int life = 0; life < 30; life++) {
		for (uint32_t n = rng_u32() % 8; n > 0; n--) {
			enum mesh_err err = world_append(
			    w, 0, LANE_PACKET, number++, 50);
			ck_assert(err == MESH_OK || err == MESH_FULL);
			run(rng_u32() % 6);
		}
		world_kill(w, 0);
		run(rng_u32() % 20);
		world_start(w, 0);
		run(rng_u32() % 40);
	}
	run(5000);
	append(0, 1000);
	run(1000);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1000), 1);
	own_numbers_are_unique(0);
	/* At home every hole is void: one run up to the last.  The other may lack what
	 * was committed here and never sent. */
	const struct world_site *s = &w->sites[0];
	uint64_t high, epoch, last = 0;
	for (size_t i = 0; i < s->record_count; i++)
		if (s->records[i].origin == 0 && s->records[i].tag == 1000)
			last = s->records[i].at.seq;
	ck_assert(
	    mesh_site_high(s->site, &s->identity.key, LANE_PACKET, &epoch, &high));
	ck_assert_uint_eq(high, last);
	done();
}
START_TEST(a_clean_stop_wastes_no_numbers)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(2000);
	append(0, 1);
	run(100);
	world_stop(w, 0);
	run(100);
	world_start(w, 0);
	run(2000);
	append(0, 2);
	run(1000);
	uint64_t seq[2] = { 0 };
	const struct world_site *s = &w->sites[1];
	for (size_t i = 0; i < s->record_count; i++)
		if (s->records[i].at.lane == LANE_PACKET)
			seq[s->records[i].tag == 2] = s->records[i].at.seq;
	ck_assert_uint_eq(seq[0], 1);
	ck_assert_uint_eq(seq[1], 2);
	done();
}
START_TEST(a_record_that_is_not_stored_is_not_pushed)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(2000);
	w->sites[0].store_ms = 500;
	append(0, 1);
	run(400);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 0);
	run(200);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 1);
	done();
}
/* One side has forgotten the session and calls again; the other finds it silent by
 * then.
 */
START_TEST(a_session_in_place_of_a_silent_one_is_a_path)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	ck_assert(world_wait(w, all_alive, NULL, 10 * 1000));
	run(15 * 1000); /* longer than two sessions may be twins */
	struct mesh_site *s = w->sites[0].site;
	struct handle of = peers_find(&s->peers, &w->sites[1].identity.key);
	const struct session *was = session_at(
	    &s->sessions, peering_neighbour(s, of)->session);
	struct session_start again = { .role = NOISE_RESPONDER,
		.sid_local = was->sid_local + 1,
		.sid_remote = was->sid_remote + 1,
		.peer = was->peer,
		.path = was->path };
	peering_accuse(s, of);
	ck_assert(!s->reach.sites[of.index].linked);
	peering_met(s, &again);
	ck_assert(s->reach.sites[of.index].linked);
	done();
}
START_TEST(sessions_for_which_there_is_no_slot_are_counted)
{
	begin(8, 0);
	w->params.unlimited = true;
	w->params.limits.sessions = 6; /* half of them may be current */
	world_join_all(w);
	world_start_all(w);
	run(5000);
	uint64_t refused = 0;
	for (uint32_t i = 0; i < w->params.sites; i++)
		refused += counter(i, "shed.session");
	ck_assert_uint_gt(refused, 0);
	ck_assert(peer(0, 7).state == PEER_ALIVE && peer(7, 0).state == PEER_ALIVE);
	done();
}
CHECK_MODULE(peering, NULL, sessions_for_which_there_is_no_slot_are_counted,
    killing_the_middle_of_a_line_is_seen_at_both_ends,
    the_middle_comes_back_with_a_higher_boot, a_quick_restart_is_no_death,
    everybody_restarted_at_once_meets_again, goodbye_is_told_to_all_and_is_no_death,
    one_cut_link_kills_nobody, a_partition_heals, nobody_dies_on_a_lossy_night,
    kills_at_any_moment_never_make_a_number_twice, a_clean_stop_wastes_no_numbers,
    a_record_that_is_not_stored_is_not_pushed,
    a_session_in_place_of_a_silent_one_is_a_path)
