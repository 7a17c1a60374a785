/* Sites that keep all, a part or nothing of others' registry: PROTOCOL.md 9. */
#include "check_world.h"
#include "pack.h"
#include "world_disk.h"

/* 0 - 1 - 2 and, when it is wanted, 2 - 3 - 0; 4 and 5 behind 3. */
enum { FIRST, BETWEEN, LAST, WAY_ROUND, PARTIAL, BEHIND, SITES, MANY = 60 };

static void
put(uint32_t site, uint64_t key)
{
	uint8_t bytes[64];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	uint64_t seq;
	pack_array(&out, 2);
	pack_bin(&out, bytes_view((const uint8_t *)&key, sizeof key));
	pack_uint(&out, key);
	struct mesh_draft d = { LANE_REGISTRY, RECORD_PUT, 0, NULL,
		bytes_written(&out) };
	ck_assert_int_eq(
	    mesh_site_append(w->sites[site].site, &d, &seq, world_site_now(w, site)),
	    MESH_OK);
	world_drain(w, site);
}
static uint64_t
held(uint32_t at, uint32_t origin)
{
	uint64_t epoch, high = 0;
	bool any = mesh_site_high(w->sites[at].site, &w->sites[origin].identity.key,
	    LANE_REGISTRY, &epoch, &high);
	return any ? high : 0;
}
static void
a_line_around_one_who_keeps_nothing(void)
{
	begin(SITES, 0);
	world_join(w, FIRST, BETWEEN);
	world_join(w, BETWEEN, LAST);
	w->sites[BETWEEN].replicate = REPLICATE_NONE;
	w->sites[PARTIAL].replicate = REPLICATE_PART;
	world_start(w, FIRST);
	world_start(w, BETWEEN);
	world_start(w, LAST);
	run(5000);
}
/* So many at once that most of them are not pushed. */
static void
many(uint32_t site)
{
	for (uint64_t key = 0; key < MANY; key++)
		put(site, 1000 + key);
	run(15000);
}
static void
nobody_is_blamed(void)
{
	for (uint32_t i = 0; i < SITES; i++)
		if (w->sites[i].site != NULL) {
			ck_assert_uint_eq(counter(i, "sync.given_up"), 0);
			ck_assert_uint_eq(counter(i, "sync.timeout"), 0);
			ck_assert_uint_eq(counter(i, "peer.suspect_sent"), 0);
		}
}

START_TEST(who_keeps_nothing_passes_on_what_is_pushed)
{
	a_line_around_one_who_keeps_nothing();
	put(FIRST, 7);
	run(500);
	ck_assert_uint_eq(world_told(w, LAST, FIRST, LANE_REGISTRY, 7), 1);
	ck_assert_uint_eq(world_told(w, BETWEEN, FIRST, LANE_REGISTRY, 7), 0);
	ck_assert_uint_eq(held(BETWEEN, FIRST), 0);
	done();
}
START_TEST(it_is_asked_for_nothing_and_what_it_enters_itself_is_had_by_all)
{
	a_line_around_one_who_keeps_nothing();
	many(FIRST);
	ck_assert_uint_gt(held(FIRST, FIRST), MANY);
	ck_assert_uint_lt(held(LAST, FIRST), MANY); /* there is no way but through it */
	ck_assert_msg(
	    peer(BETWEEN, FIRST).behind == 0, "it lacks what it does not want");
	many(BETWEEN);
	ck_assert_uint_eq(held(FIRST, BETWEEN), held(BETWEEN, BETWEEN));
	ck_assert_uint_eq(held(LAST, BETWEEN), held(BETWEEN, BETWEEN));
	ck_assert(is_direct(FIRST, BETWEEN) && is_direct(LAST, BETWEEN));
	nobody_is_blamed();
	done();
}
START_TEST(by_another_way_all_comes)
{
	a_line_around_one_who_keeps_nothing();
	many(FIRST);
	world_join(w, LAST, WAY_ROUND);
	world_join(w, WAY_ROUND, FIRST);
	world_start(w, WAY_ROUND);
	run(15000);
	ck_assert_uint_eq(held(WAY_ROUND, FIRST), held(FIRST, FIRST));
	ck_assert_uint_eq(held(LAST, FIRST), held(FIRST, FIRST));
	for (uint64_t key = 1000; key < 1000 + MANY; key++)
		ck_assert_uint_eq(world_told(w, LAST, FIRST, LANE_REGISTRY, key), 1);
	ck_assert_uint_eq(held(BETWEEN, FIRST), 0);
	nobody_is_blamed();
	done();
}
/* It processes everything and serves none of it: a page would say that the rest is
 * dead. */
START_TEST(who_keeps_a_part_has_it_all_told_and_serves_nothing)
{
	a_line_around_one_who_keeps_nothing();
	world_join(w, FIRST, WAY_ROUND);
	world_join(w, WAY_ROUND, PARTIAL);
	world_join(w, PARTIAL, BEHIND);
	world_start(w, WAY_ROUND);
	world_start(w, PARTIAL);
	world_start(w, BEHIND);
	many(FIRST);
	ck_assert_uint_eq(held(PARTIAL, FIRST), held(FIRST, FIRST));
	ck_assert_uint_lt(held(BEHIND, FIRST), MANY);
	world_kill(w, PARTIAL);
	world_start(w, PARTIAL);
	run(8000);
	ck_assert_uint_eq(held(PARTIAL, FIRST), held(FIRST, FIRST));
	ck_assert_uint_lt(held(BEHIND, FIRST), MANY);
	world_join(w, BEHIND, WAY_ROUND);
	run(20000);
	ck_assert_uint_eq(held(BEHIND, FIRST), held(FIRST, FIRST));
	nobody_is_blamed();
	done();
}
/* What is cut has its leaf, so sums and sketches are everybody's. */
START_TEST(who_keeps_a_part_finds_what_its_store_lost)
{
	begin(SITES, 0);
	world_join(w, FIRST, PARTIAL);
	w->sites[PARTIAL].replicate = REPLICATE_PART;
	world_start(w, FIRST);
	world_start(w, PARTIAL);
	run(5000);
	many(FIRST);
	ck_assert(world_same_rows(w, FIRST, PARTIAL, FIRST, LANE_REGISTRY));
	struct mesh_position at = w->sites[FIRST].newest[LANE_REGISTRY];
	uint32_t gone = 0;
	for (at.seq = 1; gone < 5; at.seq += 3)
		gone += world_damage(w, PARTIAL, &at, DAMAGE_FOUND);
	ck_assert(!world_same_rows(w, FIRST, PARTIAL, FIRST, LANE_REGISTRY));
	run(60000); /* one hole after the other: no digest shows them */
	ck_assert(world_same_rows(w, FIRST, PARTIAL, FIRST, LANE_REGISTRY));
	ck_assert_uint_gt(counter(PARTIAL, "sync.sketch"), 0);
	nobody_is_blamed();
	done();
}
CHECK_MODULE(replicas, NULL, who_keeps_nothing_passes_on_what_is_pushed,
    it_is_asked_for_nothing_and_what_it_enters_itself_is_had_by_all,
    by_another_way_all_comes, who_keeps_a_part_has_it_all_told_and_serves_nothing,
    who_keeps_a_part_finds_what_its_store_lost)
