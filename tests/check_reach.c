#include "bundle.h"
#include "check_mesh.h"
#include "envelope.h"
#include "messages.h"
#include "reach.h"
#include "seal.h"
#include "wire.h"

enum { SITES = 12, US = SITES }; /* we are no row; our oid is one more */
static struct reach r;
static void *block;

static void
oid_of(uint32_t site, uint8_t oid[static REACH_OID])
{
	memset(oid, 0, REACH_OID);
	oid[0] = (uint8_t)(site + 1);
}
static void
setup(void)
{
	static const uint8_t secret[TABLE_SECRET];
	free(block);
	block = calloc(1, reach_bytes(SITES));
	ck_assert(block != NULL);
	reach_init(&r, block, SITES, secret);
	for (uint32_t i = 0; i < SITES; i++) {
		uint8_t oid[REACH_OID];
		oid_of(i, oid);
		reach_add(&r, i, oid);
		reach_set_passable(&r, i, true);
	}
}
/* A signed list of `count` neighbours, as it would come. */
static enum mesh_err
learn(uint32_t site, uint64_t seq, const uint32_t *links, size_t count)
{
	static const uint8_t seed[32], netid[16], boot_id[8];
	static uint8_t bytes[ENVELOPE_MAX];
	uint8_t body[1000], core[1100], oids[REACH_LINKS + 1][REACH_OID];
	struct message_bytes list[REACH_LINKS + 1];
	for (size_t i = 0; i < count; i++) {
		oid_of(links[i], oids[i]);
		list[i].bytes = bytes_view(oids[i], REACH_OID);
	}
	struct state_links_put put = { .key = bytes_view("mesh.links", 10),
		.links = { 5, bytes_view(boot_id, 8), { list, count } } };
	struct bytes_out body_out = bytes_out(body, sizeof body);
	struct bytes_out core_out = bytes_out(core, sizeof core);
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	ck_assert_int_eq(wire_encode(&state_links_put_table, &put, &body_out), MESH_OK);
	struct record rec = { .at = { .lane = LANE_STATE, .epoch = 1, .seq = seq },
		.back = 1,
		.type = RECORD_PUT,
		.hop_max = 32,
		.body = bytes_written(&body_out) };
	seal_public_of(seed, rec.at.origin.bytes);
	ck_assert_int_eq(record_write(&rec, &core_out), MESH_OK);
	struct bundle_signer by = { seed, &rec.at.origin, netid };
	struct bytes_view one = bytes_written(&core_out);
	struct bundle b;
	uint64_t boot = 0;
	ck_assert_int_eq(bundle_sign(&by, &one, 1, &out), MESH_OK);
	ck_assert_int_eq(bundle_read(bytes_written(&out), &b), MESH_OK);
	ck_assert_int_eq(bundle_record(&b, 0, &rec), MESH_OK);
	ck_assert(reach_is_links(&rec));
	if (!reach_is_news(&r, site, &rec))
		return MESH_DENIED;
	struct reach_copy copy = { &rec, b.raw, 2, 30 };
	enum mesh_err err = reach_learn(&r, site, &copy, &boot, 1000);
	ck_assert(err != MESH_OK || boot == 5);
	return err;
}
static void
learn_line(void) /* us - 0 - 1 - 2 - ... */
{
	for (uint32_t i = 0; i < SITES; i++) {
		uint32_t links[2] = { i == 0 ? US : i - 1, i + 1 };
		ck_assert_int_eq(learn(i, 1, links, i + 1 < SITES ? 2 : 1), MESH_OK);
	}
	reach_set_linked(&r, 0, true);
}

START_TEST(hops_are_counted_along_a_line)
{
	learn_line();
	ck_assert(reach_walk(&r, 1000));
	for (uint32_t i = 0; i < SITES; i++)
		ck_assert_uint_eq(reach_hops(&r, i), i + 1);
	ck_assert(!reach_walk(&r, 9000)); /* nothing changed */
	ck_assert_uint_eq(reach_deadline(&r), MESH_NEVER);
}
START_TEST(a_link_counts_only_if_both_ends_list_it)
{
	learn_line();
	ck_assert_int_eq(learn(5, 2, (const uint32_t[]){ 6 }, 1), MESH_OK);
	(void)reach_walk(&r, 1000);
	ck_assert_uint_eq(reach_hops(&r, 4), 5);
	for (uint32_t i = 5; i < SITES; i++)
		ck_assert_uint_eq(reach_hops(&r, i), REACH_FAR);
}
START_TEST(no_path_leads_over_the_dead)
{
	learn_line();
	reach_set_passable(&r, 3, false);
	(void)reach_walk(&r, 1000);
	ck_assert_uint_eq(reach_hops(&r, 2), 3);
	ck_assert_uint_eq(reach_hops(&r, 3), REACH_FAR);
	ck_assert_uint_eq(reach_hops(&r, 4), REACH_FAR);
	reach_set_passable(&r, 3, true);
	ck_assert(!reach_walk(&r, 1000 + REACH_GAP_MS - 1));
	ck_assert(reach_walk(&r, reach_deadline(&r)));
	ck_assert_uint_eq(reach_hops(&r, 4), 5);
}
START_TEST(older_lists_are_no_news_and_newer_ones_replace)
{
	static const uint32_t links[] = { 1, 2, 3 };
	uint8_t oid[REACH_OID];
	oid_of(3, oid);
	ck_assert(!reach_has(&r, 0));
	ck_assert_int_eq(learn(0, 7, links, 2), MESH_OK);
	ck_assert(!reach_names(&r, 0, oid));
	ck_assert_int_eq(learn(0, 7, links, 3), MESH_DENIED);
	ck_assert_int_eq(learn(0, 6, links, 3), MESH_DENIED);
	ck_assert_int_eq(learn(0, 8, links, 3), MESH_OK);
	ck_assert(reach_names(&r, 0, oid));
}
START_TEST(the_book_keeps_every_newest_list_whole_whatever_the_order)
{
	uint32_t links[REACH_LINKS];
	uint64_t seq[SITES] = { 0 };
	size_t count[SITES] = { 0 };
	for (uint32_t i = 0; i < REACH_LINKS; i++)
		links[i] = i % SITES;
	for (int step = 0; step < 600; step++) {
		uint32_t site = rng_u32() % SITES;
		size_t want = rng_u32() % (rng_u32() % 8 == 0 ? REACH_LINKS : 8);
		enum mesh_err err = learn(site, ++seq[site], links, want);
		if (err == MESH_OK)
			count[site] = want;
		else
			ck_assert_int_eq(err, MESH_FULL);
		if (rng_u32() % 50 == 0) {
			uint8_t oid[REACH_OID];
			reach_remove(&r, site);
			oid_of(site, oid);
			reach_add(&r, site, oid);
			count[site] = 0;
		}
		for (uint32_t i = 0; i < SITES; i++) {
			struct bundle b;
			struct bytes_view kept = reach_kept(&r, i);
			ck_assert(kept.len == 0 || bundle_read(kept, &b) == MESH_OK);
			for (uint32_t k = 0; k < SITES; k++) {
				uint8_t oid[REACH_OID];
				oid_of(k, oid);
				ck_assert(reach_names(&r, i, oid) == (k < count[i]));
			}
		}
	}
}
START_TEST(a_list_that_is_none_is_refused)
{
	static const char *const bodies[] = { "91c4036b6579",
		"92c40a6d6573682e6c696e6b73c0",
		"92c40a6d6573682e6c696e6b739205c4080000000000000000",
		"92c40a6d6573682e6c696e6b739305c408000000000000000091c40100",
		"92c40a6d6573682e6c696e6b739305c408000000000000000005" };
	for (size_t i = 0; i < LENGTH(bodies); i++) {
		struct record rec = {
			.at = { .lane = LANE_STATE, .epoch = 1, .seq = 1 },
			.type = RECORD_PUT,
			.body = hex(bodies[i])
		};
		struct reach_copy copy = { &rec, rec.body, 0, 0 };
		uint64_t boot;
		ck_assert_int_eq(reach_learn(&r, 1, &copy, &boot, 0), MESH_MALFORMED);
		ck_assert(!reach_has(&r, 1));
	}
}

/* --- ways to one site, on random graphs --- */

static bool joined[SITES + 1][SITES + 1];

static void
learn_random(void)
{
	memset(joined, 0, sizeof joined);
	for (uint32_t i = 0; i <= SITES; i++)
		for (uint32_t k = 0; k < i; k++)
			joined[i][k] = joined[k][i] = rng_u32() % 5 == 0;
	for (uint32_t i = 0; i < SITES; i++) {
		uint32_t links[SITES + 1];
		size_t count = 0;
		for (uint32_t k = 0; k <= SITES; k++)
			if (joined[i][k])
				links[count++] = k;
		ck_assert_int_eq(learn(i, 1, links, count), MESH_OK);
		reach_set_linked(&r, i, joined[i][US]);
	}
	ck_assert(reach_walk(&r, 1000));
}
/* Hops from `from` to everybody, the slow way; neither over us nor over `without`. */
static void
distances(uint32_t from, uint32_t without, uint8_t to[SITES])
{
	memset(to, REACH_FAR, SITES);
	to[from] = 1;
	for (uint8_t hops = 1; hops <= SITES; hops++)
		for (uint32_t i = 0; i < SITES; i++)
			for (uint32_t k = 0; k < SITES; k++)
				if (to[i] == hops && joined[i][k] && k != without &&
				    to[k] == REACH_FAR)
					to[k] = (uint8_t)(hops + 1);
}
START_TEST(the_first_hop_lies_on_a_shortest_path)
{
	uint8_t to[SITES];
	for (int turn = 0; turn < 200; turn++) {
		setup();
		learn_random();
		for (uint32_t i = 0; i < SITES; i++) {
			if (reach_hops(&r, i) == REACH_FAR)
				continue;
			uint32_t via = reach_via(&r, i);
			distances(via, UINT32_MAX, to);
			ck_assert(joined[US][via]);
			ck_assert_uint_eq(to[i], reach_hops(&r, i));
		}
	}
}
START_TEST(a_detour_is_measured_around_the_silent_one)
{
	uint8_t to[SITES];
	for (int turn = 0; turn < 200; turn++) {
		setup();
		learn_random();
		uint32_t site = rng_u32() % SITES, without = rng_u32() % SITES;
		if (site == without)
			without = UINT32_MAX;
		distances(site, without, to);
		reach_measure(&r, site, without);
		for (uint32_t i = 0; i < SITES; i++)
			ck_assert_uint_eq(reach_measured(&r, i), to[i]);
	}
}
START_TEST(who_could_speak_of_its_silence)
{
	uint8_t us[REACH_OID];
	uint32_t found;
	oid_of(US, us);
	learn_line();
	(void)reach_walk(&r, 1000);
	ck_assert(reach_find(&r, r.sites[4].oid, &found) && found == 4);
	ck_assert(!reach_find(&r, us, &found));
	ck_assert_uint_eq(reach_count(&r, 4), 2);
	ck_assert_uint_eq(reach_count(&r, SITES - 1), 1);
	/* Along a line it is only the one on this side. */
	ck_assert_uint_eq(reach_witnesses(&r, 0, us, 2), 1); /* us */
	ck_assert_uint_eq(reach_witnesses(&r, 4, us, 2), 1); /* 3 */
	ck_assert_uint_eq(reach_witnesses(&r, SITES - 1, us, 2), 1);
	/* A ring has two sides. */
	uint32_t last[] = { SITES - 2, 0 }, first[] = { US, 1, SITES - 1 };
	ck_assert_int_eq(learn(SITES - 1, 2, last, 2), MESH_OK);
	ck_assert_int_eq(learn(0, 2, first, 3), MESH_OK);
	ck_assert_uint_eq(reach_witnesses(&r, 4, us, 2), 2);
	ck_assert_uint_eq(reach_witnesses(&r, 4, us, 1), 1);
	reach_set_passable(&r, 5, false); /* a dead one is no witness */
	ck_assert_uint_eq(reach_witnesses(&r, 4, us, 2), 1);
	/* Nor does asking change what is known of the way. */
	for (uint32_t i = 0; i < SITES; i++)
		ck_assert_uint_eq(reach_hops(&r, i), i + 1);
	reach_remove(&r, 4);
	ck_assert_uint_eq(reach_witnesses(&r, 4, us, 2), 0);
}
CHECK_MODULE(reach, setup, hops_are_counted_along_a_line,
    a_link_counts_only_if_both_ends_list_it, no_path_leads_over_the_dead,
    older_lists_are_no_news_and_newer_ones_replace,
    the_book_keeps_every_newest_list_whole_whatever_the_order,
    a_list_that_is_none_is_refused, the_first_hop_lies_on_a_shortest_path,
    a_detour_is_measured_around_the_silent_one, who_could_speak_of_its_silence)
