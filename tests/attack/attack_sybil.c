/* Attack 13: one who has the network's key is as many sites as it likes. */
#include "attack.h"
#include "check_world.h"
#include "wire.h"

enum { VICTIM = 0, HONEST = 1, THIRD = 2 };
/* Small tables, so that a few hundred fill them; a quarter of them is ... */
enum { ROWS = 64, QUARTER = 16, CROWD = 4 * ROWS };

static uint64_t invented; /* for new identities */

static void
invent_one(const struct mesh_path *from)
{
	struct mesh_identity id;
	uint8_t seed[32] = { 0xfc };
	memcpy(seed + 1, &invented, sizeof invented);
	invented++;
	mesh_identity_of(seed, &id);
	world_inject(w, VICTIM, from, liar_beacon(w, &id, 7, 1));
}
/* Each in a /24 of its own. */
static void
invent_a_crowd(void)
{
	for (uint32_t i = 0; i < CROWD; i++) {
		struct mesh_path from = stranger_path(i);
		invent_one(&from);
		if (i % 10 == 0)
			run(10);
	}
}
static uint32_t
admitted(void)
{
	return admit_count(&w->sites[VICTIM].site->admit);
}
static void
a_pair(enum mesh_admission admission)
{
	begin(3, 0);
	w->params.unlimited = true;
	w->params.limits.peers = w->params.limits.origins = ROWS;
	w->params.admission = admission;
	world_join_all(w);
	world_start(w, VICTIM);
	world_start(w, HONEST);
	run(8000);
}

START_TEST(one_network_of_addresses_brings_in_a_quarter_of_the_table)
{
	struct mesh_path near = stranger_path(1), far = stranger_path(2);
	a_pair(ADMISSION_NETWORK_KEY);
	uint32_t before = admitted();
	for (uint8_t i = 0; i < 2 * QUARTER; i++) {
		near.addr[15] = i;
		invent_one(&near);
	}
	ck_assert_uint_eq(admitted() - before, QUARTER);
	ck_assert_uint_eq(counter(VICTIM, "record.not_admitted"), QUARTER);
	ck_assert_uint_eq(w->sites[VICTIM].notices[NOTICE_CROWDED], 1);
	invent_one(&far); /* others are none the worse for it */
	ck_assert_uint_eq(admitted() - before, QUARTER + 1);
	ck_assert(is_direct(VICTIM, HONEST));
	done();
}
START_TEST(who_comes_when_the_crowd_is_gone_gets_in)
{
	a_pair(ADMISSION_NETWORK_KEY);
	size_t memory = mesh_site_memory(w->sites[VICTIM].site);
	invent_a_crowd();
	ck_assert_uint_eq(admitted(), ROWS);
	ck_assert_uint_eq(w->sites[VICTIM].notices[NOTICE_CROWDED], 1);
	run(20000); /* none of them was ever there */
	world_start(w, THIRD);
	run(20000);
	ck_assert(is_direct(VICTIM, THIRD) && is_direct(VICTIM, HONEST));
	append(THIRD, 1);
	run(200);
	ck_assert_uint_eq(world_told(w, VICTIM, THIRD, LANE_PACKET, 1), 1);
	ck_assert_uint_eq(mesh_site_memory(w->sites[VICTIM].site), memory);
	done();
}
/* Two crowds, one after the other, before and after a restart of the victim. */
START_TEST(who_was_there_for_long_keeps_its_row_while_it_is_away)
{
	struct mesh_peer away;
	a_pair(ADMISSION_NETWORK_KEY);
	world_start(w, THIRD);
	run(PEERS_STEADY_MS + 60 * 1000);
	uint64_t boot = peer(VICTIM, THIRD).boot;
	world_kill(w, THIRD);
	for (int life = 0; life < 2; life++) {
		run(60000);
		for (int i = 0; i < 2; i++) {
			invent_a_crowd();
			run(20000);
		}
		ck_assert(world_peer(w, VICTIM, THIRD, &away));
		ck_assert_uint_eq(away.boot, boot);
		ck_assert(is_direct(VICTIM, HONEST));
		world_kill(w, VICTIM);
		world_start(w, VICTIM);
	}
	done();
}
START_TEST(an_allow_list_admits_none_of_them)
{
	a_pair(ADMISSION_ALLOW_LIST);
	struct mesh_decree d = { .kind = DECREE_ALLOW,
		.site = w->sites[HONEST].identity.key };
	uint64_t seq;
	ck_assert_int_eq(
	    mesh_site_decree(w->sites[VICTIM].site, &d, &seq, world_now(w)), MESH_OK);
	world_flush(w, VICTIM);
	run(20000);
	ck_assert(is_direct(VICTIM, HONEST));
	for (uint32_t i = 0; i < CROWD; i++) {
		struct mesh_path from = stranger_path(i);
		world_flush(w, VICTIM);
		attack_starts(w);
		invent_one(&from);
		attack_moves(VICTIM, "record.not_admitted", 1);
		attack_ends(w, "an invented site");
		run(10);
	}
	done();
}

CHECK_MODULE(attack_sybil, NULL,
    one_network_of_addresses_brings_in_a_quarter_of_the_table,
    who_comes_when_the_crowd_is_gone_gets_in,
    who_was_there_for_long_keeps_its_row_while_it_is_away,
    an_allow_list_admits_none_of_them)
