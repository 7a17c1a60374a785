/* The trees of P1 in a simulated mesh: how many copies, and what a loss does to them.
 */
#include "check_world.h"
#include "inside_peers.h"
#include "inside_travel.h"

enum { SITES = 12 };

static void
mesh_of_twelve(double loss)
{
	begin(SITES, loss);
	world_join_all(w);
	world_start_all(w);
	run(12000);
}
static uint64_t
copies(void)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < SITES; i++)
		sum += counter(i, "record.duplicate");
	return sum;
}
static size_t
missing(enum mesh_lane lane, uint64_t first, uint64_t count)
{
	size_t missed = 0;
	for (uint32_t i = 0; i < SITES; i++)
		for (uint64_t n = first; n < first + count; n++)
			missed += world_told(w, i, 0, lane, n) != 1;
	return missed;
}
static void
series(enum mesh_lane lane, uint64_t first, uint64_t count)
{
	for (uint64_t n = first; n < first + count; n++) {
		ck_assert_int_eq(world_append(w, 0, lane, n, 50), MESH_OK);
		run(100);
	}
	run(1500);
}

START_TEST(after_a_few_records_hardly_a_copy_is_left)
{
	mesh_of_twelve(0);
	series(LANE_PACKET, 0, 5);
	uint64_t before = copies();
	series(LANE_PACKET, 100, 20);
	ck_assert_uint_eq(
	    missing(LANE_PACKET, 0, 5) + missing(LANE_PACKET, 100, 20), 0);
	ck_assert_msg(
	    copies() - before < 20 * SITES / 4, "%d copies", (int)(copies() - before));
	done();
}
/* Others repeat to a site that was just started what its author says a moment later. */
START_TEST(an_author_is_never_asked_to_stop)
{
	begin(3, 0);
	world_join_all(w);
	world_start_all(w);
	run(4000);
	struct mesh_site *s = w->sites[0].site;
	for (uint32_t author = 1; author < 3; author++) {
		struct mesh_position at = { w->sites[author].identity.key, 1, 1,
			LANE_PACKET };
		uint32_t row = branch_row(s, &at.origin);
		struct neighbour *n;
		for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
			bool own = memcmp(&peers_at(&s->peers, n->peer)->key,
				       &at.origin, sizeof at.origin) == 0;
			s->prune.rows[row] = (struct prune_row){ .parent = PRUNE_ROOT };
			for (int k = 0; k < 100; k++)
				branch_copy(s, n, &at, 0);
			ck_assert_int_eq(s->prune.rows[row].asked == 0, own);
		}
	}
	done();
}
START_TEST(alerts_are_flooded_whatever_was_pruned)
{
	mesh_of_twelve(0);
	series(LANE_PACKET, 0, 5);
	uint64_t before = copies();
	series(LANE_ALERT, 100, 5);
	ck_assert_uint_eq(missing(LANE_ALERT, 100, 5), 0);
	ck_assert_uint_gt(copies() - before, 5 * SITES);
	done();
}
START_TEST(with_loss_a_tree_still_delivers_everything)
{
	mesh_of_twelve(0.2);
	series(LANE_PACKET, 0, 30);
	ck_assert_uint_eq(missing(LANE_PACKET, 0, 30), 0);
	done();
}
START_TEST(the_tree_grows_around_a_branch_that_dies)
{
	mesh_of_twelve(0);
	series(LANE_PACKET, 0, 10);
	world_kill(w, 5);
	world_kill(w, 6);
	run(4000);
	series(LANE_PACKET, 100, 10);
	for (uint32_t i = 0; i < SITES; i++)
		for (uint64_t n = 100; i != 5 && i != 6 && n < 110; n++)
			ck_assert_uint_eq(world_told(w, i, 0, LANE_PACKET, n), 1);
	done();
}
/* --- who hears of 0 by two ways, and stores nothing --- */

enum { FULL = 3 };

static uint64_t
asked_about(uint32_t origin)
{
	struct mesh_site *s = w->sites[FULL].site;
	return s->prune.rows[branch_row(s, &w->sites[origin].identity.key)].asked;
}
static bool
is_parent_of_0(uint32_t way)
{
	struct mesh_site *s = w->sites[FULL].site;
	const struct peer *p = peers_at(
	    &s->peers, peers_find(&s->peers, &w->sites[way].identity.key));
	return prune_is_parent(
	    &s->prune, branch_row(s, &w->sites[0].identity.key), p->neighbour.index);
}
/* 0 - 1 - 3 and 0 - 2 - 3: one of the two ways is asked to stop. */
static void
two_ways(void)
{
	begin(4, 0);
	for (uint32_t at = 1; at < 3; at++) {
		world_join(w, 0, at);
		world_join(w, at, FULL);
	}
	world_start_all(w);
	run(15000);
	series(LANE_PACKET, 0, 20);
	ck_assert_uint_ne(asked_about(0), 0);
}
START_TEST(whose_store_takes_nothing_keeps_both_ways)
{
	two_ways();
	uint32_t way = is_parent_of_0(1) ? 1 : 2;
	w->sites[FULL].store_err = MESH_IO;
	series(LANE_PACKET, 100, 20);
	ck_assert_uint_eq(asked_about(0), 0);
	world_cut(w, 0, way); /* it lives, and has nothing of 0 to pass on */
	append(0, 200);
	run(1000);
	ck_assert_uint_eq(world_told(w, FULL, 0, LANE_PACKET, 200), 1);
	world_join(w, 0, way);
	w->sites[FULL].store_err = MESH_OK;
	run(30000);
	series(LANE_PACKET, 300, 20);
	ck_assert_uint_ne(asked_about(0), 0);
	done();
}
CHECK_MODULE(branch, NULL, after_a_few_records_hardly_a_copy_is_left,
    an_author_is_never_asked_to_stop, alerts_are_flooded_whatever_was_pruned,
    with_loss_a_tree_still_delivers_everything,
    the_tree_grows_around_a_branch_that_dies, whose_store_takes_nothing_keeps_both_ways)
