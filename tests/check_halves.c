#include "check_world.h"
#include "pack.h"
#include "world_disk.h"

/* Both halves of a mesh go on writing, changing and dropping in the keyed lanes; when
 * they meet again all have the same, nothing twice and nothing back: PROTOCOL.md 9. */

enum { SITES = 4, ROUNDS = 30 };
static const enum mesh_lane lanes[] = { LANE_STATE, LANE_REGISTRY };

static void
say(uint32_t site, enum mesh_lane lane, uint16_t type, struct bytes_out *body)
{
	uint64_t seq;
	struct mesh_draft d = { lane, type, 0, NULL, bytes_written(body) };
	ck_assert_int_eq(
	    mesh_site_append(w->sites[site].site, &d, &seq, world_site_now(w, site)),
	    MESH_OK);
	world_drain(w, site);
	run(15);
}

/* Few keys, so that most of them change. */
static void
put(uint32_t site, enum mesh_lane lane, uint64_t n)
{
	uint8_t bytes[256];
	char key[16];
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	snprintf(key, sizeof key, "key/%u", (unsigned)(rng_u32() % 8));
	disk_body(&body, key, n, 0);
	say(site, lane, RECORD_PUT, &body);
}

static void
drop(uint32_t site, enum mesh_lane lane)
{
	uint8_t bytes[32];
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	uint64_t newest = w->sites[site].newest[lane].seq;
	uint64_t first = newest > 4 ? newest - rng_u32() % 4 : newest;
	if (newest == 0)
		return;
	pack_array(&body, 1);
	pack_array(&body, 1);
	pack_array(&body, 2);
	pack_uint(&body, first);
	pack_uint(&body, newest);
	say(site, lane, RECORD_DROP, &body);
}

static void
write_some(uint64_t from)
{
	for (uint64_t n = 0; n < ROUNDS; n++)
		for (uint32_t site = 0; site < SITES; site++)
			for (size_t l = 0; l < LENGTH(lanes); l++) {
				if (rng_u32() % 6 == 0)
					drop(site, lanes[l]);
				else
					put(site, lanes[l], from + n);
			}
}

static bool
all_same(const struct world *world, void *ctx)
{
	(void)ctx;
	for (uint32_t origin = 0; origin < SITES; origin++)
		for (uint32_t site = 0; site < SITES; site++)
			for (size_t l = 0; l < LENGTH(lanes); l++)
				if (!world_same_rows(
					world, origin, site, origin, lanes[l]))
					return false;
	return true;
}

static void
part(bool apart)
{
	for (uint32_t a = 0; a < SITES / 2; a++)
		for (uint32_t b = SITES / 2; b < SITES; b++)
			(apart ? world_cut : world_join)(w, a, b);
}

START_TEST(halves_that_went_on_writing_agree_when_they_meet)
{
	begin(SITES, 0.05);
	w->params.unlimited = true;
	world_join_all(w);
	world_start_all(w);
	run(6000);
	write_some(0);
	part(true);
	run(20000);
	write_some(1000);
	ck_assert(!all_same(w, NULL));
	part(false);
	ck_assert_msg(
	    world_wait(w, all_same, NULL, w->now + 120000), "the halves do not agree");
	run(60000);
	ck_assert(all_same(w, NULL));
	for (uint32_t origin = 0; origin < SITES; origin++)
		for (size_t l = 0; l < LENGTH(lanes); l++)
			ck_assert_uint_gt(world_live(w, 3, origin, lanes[l]), 0);
	ck_assert_uint_eq(counted("sync.refetch"), 0);
	done();
}

CHECK_MODULE(halves, NULL, halves_that_went_on_writing_agree_when_they_meet)
