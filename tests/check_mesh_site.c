#include "check_mesh.h"
#include "world.h"

/* The core as a whole, over a world in memory: tools/meshsim/world.h. */

static struct world *w;

static struct world *
world_of(uint32_t sites, double loss)
{
	struct world_params p = { .sites = sites,
		.seed = check_seed(),
		.loss = loss,
		.delay_min_ms = 1,
		.delay_max_ms = 3,
		.store_ms = 4 };
	return world_new(&p);
}

static void
done(void)
{
	for (size_t i = 0; i < w->violation_count; i++)
		ck_abort_msg("%s", w->violations[i]);
	world_free(w);
	w = NULL;
}

static bool
is_direct(uint32_t a, uint32_t b)
{
	struct mesh_peer p;
	return world_peer(w, a, b, &p) && p.direct && p.state == PEER_ALIVE;
}

START_TEST(two_sites_find_each_other_by_beacon)
{
	w = world_of(2, 0);
	world_join_all(w);
	world_start_all(w);
	world_run(w, w->now + 3000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	done();
}
START_TEST(a_packet_reaches_the_end_of_a_line_exactly_once)
{
	w = world_of(3, 0);
	world_join_line(w);
	world_start_all(w);
	world_run(w, w->now + 3000);
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 42, 200), MESH_OK);
	world_run(w, w->now + 1000);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(world_told(w, i, 0, LANE_PACKET, 42), 1);
	done();
}
CHECK_MODULE(mesh_site, NULL, two_sites_find_each_other_by_beacon,
    a_packet_reaches_the_end_of_a_line_exactly_once)
