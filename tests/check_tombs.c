#include "check_world.h"
#include "pack.h"

/* Tombstones end: PROTOCOL.md 2.  What a site that was away too long still has does not
 * come back. */

enum { KEYS = 12 };

static void
put_key(uint32_t site, uint64_t n)
{
	char key[16];
	snprintf(key, sizeof key, "key/%03u", (unsigned)n);
	ck_assert_int_eq(world_put(w, site, key, n), MESH_OK);
	run(20);
}

/* `[[from, to]]` */
static void
drop(uint32_t site, uint64_t from, uint64_t to)
{
	uint8_t bytes[32];
	uint64_t seq;
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	pack_array(&body, 1);
	pack_array(&body, 1);
	pack_array(&body, 2);
	pack_uint(&body, from);
	pack_uint(&body, to);
	struct mesh_draft d = { LANE_STATE, RECORD_DROP, 0, NULL,
		bytes_written(&body) };
	ck_assert_int_eq(
	    mesh_site_append(w->sites[site].site, &d, &seq, world_site_now(w, site)),
	    MESH_OK);
	world_drain(w, site);
	run(20);
}

static bool
same_everywhere(const struct world *world, void *ctx)
{
	(void)ctx;
	for (uint32_t i = 1; i < world->params.sites; i++)
		if (!world_same_rows(world, 0, i, 0, LANE_STATE))
			return false;
	return true;
}

/* Of the state lane the core's own records stand among ours. */
static uint64_t
first_key(void)
{
	return w->sites[0].newest[LANE_STATE].seq + 1;
}

START_TEST(a_site_away_longer_than_tombstones_live_brings_nothing_back)
{
	begin(3, 0);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	uint64_t first = first_key();
	for (uint64_t n = 0; n < KEYS; n++)
		put_key(0, n);
	run(8000);
	ck_assert(world_wait(w, same_everywhere, NULL, w->now + 20000));
	size_t before = world_live(w, 2, 0, LANE_STATE);
	world_kill(w, 2);
	run(2000);
	drop(0, first, first + KEYS / 2 - 1);
	run(8000);
	size_t with_tombs = world_live(w, 1, 0, LANE_STATE);
	mesh_site_retire(
	    w->sites[0].site, LANE_STATE, w->sites[0].newest[LANE_STATE].seq);
	put_key(0, 500);
	run(8000);
	ck_assert_uint_eq(world_live(w, 1, 0, LANE_STATE), with_tombs);
	world_start(w, 2);
	ck_assert(world_wait(w, same_everywhere, NULL, w->now + 90000));
	run(30000);
	ck_assert(same_everywhere(w, NULL));
	ck_assert_uint_lt(world_live(w, 2, 0, LANE_STATE), before);
	ck_assert_uint_ge(
	    counter(2, "sync.checkpoint_bad") + counter(2, "sync.sketch"), 1);
	done();
}

START_TEST(the_floor_only_rises_and_never_above_what_was_written)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(3000);
	struct mesh_site *s = w->sites[0].site;
	uint64_t used = s->own.lane[LANE_STATE].used;
	mesh_site_retire(s, LANE_STATE, used + 2);
	ck_assert_uint_eq(s->own.lane[LANE_STATE].tomb_floor, 0);
	mesh_site_retire(s, LANE_STATE, used);
	mesh_site_retire(s, LANE_STATE, 1);
	mesh_site_retire(s, LANE_PACKET, 1);
	ck_assert_uint_eq(s->own.lane[LANE_STATE].tomb_floor, used);
	ck_assert_uint_eq(s->own.lane[LANE_PACKET].tomb_floor, 0);
	done();
}

CHECK_MODULE(tombs, NULL, a_site_away_longer_than_tombstones_live_brings_nothing_back,
    the_floor_only_rises_and_never_above_what_was_written)
