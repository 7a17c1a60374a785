/* What one member may ask of the others: PROTOCOL.md 13. */
#include "check_world.h"
#include "inside_peers.h"

static void
line_of_three(void)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
}
static size_t
told_of(uint32_t at, uint32_t origin, enum mesh_lane lane, uint64_t first, uint64_t end)
{
	size_t told = 0;
	for (uint64_t n = first; n < end; n++)
		told += world_told(w, at, origin, lane, n);
	return told;
}
/* As if its own code did not keep the rule. */
static void
make_a_shouter(uint32_t site)
{
	w->sites[site].site->share.per_s = 100000;
}

static size_t shouted;

START_TEST(a_flood_of_alerts_ends_at_the_first_honest_neighbour)
{
	line_of_three();
	make_a_shouter(0);
	for (uint64_t n = 0; n < 400; n++)
		shouted += world_append(w, 0, LANE_ALERT, n, 20) == MESH_OK;
	run(300);
	size_t told = told_of(1, 0, LANE_ALERT, 0, 400);
	ck_assert_msg(told >= 200 && told < 220, "%u", (unsigned)told);
	ck_assert_uint_gt(counter(1, "shed.origin"), 100);
	ck_assert_uint_eq(counter(2, "shed.origin"), 0);
	/* Others' alerts are as quick as ever. */
	mesh_time_ms at = w->now;
	ck_assert_int_eq(world_append(w, 2, LANE_ALERT, 1000, 20), MESH_OK);
	run(100);
	ck_assert_uint_eq(told_of(0, 2, LANE_ALERT, 1000, 1001), 1);
	for (size_t i = 0; i < w->sites[0].record_count; i++)
		if (w->sites[0].records[i].tag == 1000)
			ck_assert_uint_lt(w->sites[0].records[i].told_ms - at, 40);
	done();
}
START_TEST(nobody_can_use_up_anothers_share)
{
	line_of_three();
	make_a_shouter(0);
	for (uint64_t n = 0; n < 300; n++)
		shouted += world_append(w, 0, LANE_PACKET, n, 20) == MESH_OK;
	run(50);
	ck_assert_int_eq(world_append(w, 1, LANE_PACKET, 1000, 20), MESH_OK);
	run(50);
	ck_assert_uint_eq(told_of(2, 1, LANE_PACKET, 1000, 1001), 1);
	ck_assert_uint_eq(told_of(0, 1, LANE_PACKET, 1000, 1001), 1);
	done();
}
START_TEST(what_is_beyond_the_share_arrives_later)
{
	line_of_three();
	for (uint64_t n = 0; n < 250; n++) {
		ck_assert_int_eq(world_append(w, 0, LANE_PACKET, n, 20), MESH_OK);
		run(1);
	}
	run(1000);
	ck_assert_uint_gt(counter(0, "shed.origin"), 0);
	ck_assert_uint_lt(told_of(2, 0, LANE_PACKET, 0, 250), 250);
	run(60000);
	ck_assert_uint_eq(told_of(1, 0, LANE_PACKET, 0, 250), 250);
	ck_assert_uint_eq(told_of(2, 0, LANE_PACKET, 0, 250), 250);
	done();
}
START_TEST(a_neighbour_that_sends_too_much_is_not_listened_to)
{
	line_of_three();
	struct mesh_site *site = w->sites[1].site;
	struct neighbour *n = peering_neighbour(
	    site, peers_find(&site->peers, &w->sites[0].identity.key));
	rate_init(&n->pushes, 1, 2, w->now);
	for (uint64_t i = 0; i < 4; i++) {
		ck_assert_int_eq(world_append(w, 0, LANE_ALERT, i, 20), MESH_OK);
		run(5);
	}
	ck_assert_uint_gt(counter(1, "shed.neighbour"), 0);
	ck_assert_uint_eq(told_of(1, 0, LANE_ALERT, 0, 4), 2);
	run(10000); /* nothing was acknowledged: it is sent again, or pulled */
	ck_assert_uint_eq(told_of(1, 0, LANE_ALERT, 0, 4), 4);
	done();
}
START_TEST(when_there_is_no_time_to_check_alerts_come_first)
{
	line_of_three();
	struct mesh_site *site = w->sites[1].site;
	rate_init(&site->checks, 1, 8, w->now);
	for (uint64_t n = 0; n < 12; n++) {
		ck_assert_int_eq(world_append(w, 0, LANE_PACKET, n, 20), MESH_OK);
		run(6);
	}
	ck_assert_uint_gt(counter(1, "shed.verify"), 0);
	ck_assert_uint_le(told_of(1, 0, LANE_PACKET, 0, 12), 6);
	ck_assert_int_eq(world_append(w, 0, LANE_ALERT, 50, 20), MESH_OK);
	run(20);
	ck_assert_uint_eq(told_of(1, 0, LANE_ALERT, 50, 51), 1);
	done();
}
/* A site that was away gets thousands a second: one signature holds for many. */
START_TEST(what_is_signed_together_is_charged_once)
{
	begin(2, 0);
	world_join_all(w);
	world_start(w, 0);
	run(4000);
	for (uint64_t n = 0; n < 600; n++) {
		ck_assert_int_eq(world_append(w, 0, LANE_PACKET, n, 20), MESH_OK);
		if (n % 50 == 49)
			run(100);
	}
	run(6000); /* what was said a moment ago would be pushed again */
	world_start(w, 1);
	run(50);
	rate_init(&w->sites[1].site->checks, 200, 200, w->now);
	run(4000);
	ck_assert_uint_eq(told_of(1, 0, LANE_PACKET, 0, 600), 600);
	ck_assert_uint_eq(counter(1, "shed.verify"), 0);
	done();
}
CHECK_MODULE(limits, NULL, a_flood_of_alerts_ends_at_the_first_honest_neighbour,
    nobody_can_use_up_anothers_share, what_is_beyond_the_share_arrives_later,
    a_neighbour_that_sends_too_much_is_not_listened_to,
    when_there_is_no_time_to_check_alerts_come_first,
    what_is_signed_together_is_charged_once)
