/* check_join.h - what the tests of invitations share: a network of two, two strangers
 * with a network of their own each, and a token. */
#ifndef CHECK_JOIN_H
#define CHECK_JOIN_H
#include "charter.h"
#include "check_world.h"
#include "meshtrust.h"

enum { FOUNDER = 0, MEMBER = 1, GUEST = 2, SECOND = 3 };
static struct mesh_invite invite; /* the token of the test that runs */

/* FOUNDER and MEMBER are one network; GUEST and SECOND have one each of their own. */
static inline void
two_and_strangers_with(enum mesh_admission admission)
{
	uint8_t random48[48];
	begin(4, 0);
	w->params.admission = admission;
	for (uint32_t i = GUEST; i <= SECOND; i++) {
		for (size_t k = 0; k < sizeof random48; k++)
			random48[k] = (uint8_t)world_random(w);
		mesh_network_of(
		    &w->sites[i].identity.key, random48, true, &w->sites[i].network);
	}
	world_join_all(w);
	world_start_all(w);
	run(4000);
	ck_assert(!is_direct(GUEST, MEMBER));
}
static inline void
two_and_strangers(void)
{
	two_and_strangers_with(ADMISSION_NETWORK_KEY);
	ck_assert(is_direct(FOUNDER, MEMBER));
}

static inline void
invite_by(uint32_t site, uint16_t uses, uint64_t for_ms)
{
	struct mesh_decree d = { .kind = DECREE_INVITE, .uses = uses };
	uint64_t seq;
	d.until_ms = (uint64_t)world_now(w).unix_ms + for_ms;
	invite = (struct mesh_invite){ .founder = w->network.founder,
		.expires_ms = (unix_ms)d.until_ms,
		.addresses = { w->sites[FOUNDER].path, w->sites[MEMBER].path },
		.address_count = 2 };
	memcpy(invite.salt, w->network.salt, sizeof invite.salt);
	memcpy(invite.netid, w->network.id, sizeof invite.netid);
	for (size_t k = 0; k < sizeof invite.id; k++)
		invite.id[k] = d.id[k] = (uint8_t)world_random(w);
	for (size_t k = 0; k < sizeof invite.secret; k++)
		invite.secret[k] = (uint8_t)world_random(w);
	mesh_invite_verifier(&invite, d.key32);
	ck_assert_int_eq(
	    mesh_site_decree(w->sites[site].site, &d, &seq, world_now(w)), MESH_OK);
	world_flush(w, site);
	run(500);
}
static inline void
withdraw(uint32_t site)
{
	struct mesh_decree d = { .kind = DECREE_WITHDRAW };
	uint64_t seq;
	memcpy(d.id, invite.id, sizeof d.id);
	ck_assert_int_eq(
	    mesh_site_decree(w->sites[site].site, &d, &seq, world_now(w)), MESH_OK);
	world_flush(w, site);
	run(500);
}

static inline bool
has_ended(const struct world *world, void *ctx)
{
	return world->sites[*(const uint32_t *)ctx].joined != 0;
}
/* How it went within `ms`; 0: still knocking. */
static inline enum mesh_join
join(uint32_t site, mesh_time_ms ms)
{
	w->sites[site].joined = 0;
	mesh_site_join(w->sites[site].site, &invite, world_now(w));
	world_flush(w, site);
	(void)world_wait(w, has_ended, &site, w->now + ms);
	return w->sites[site].joined;
}
static inline void
move_in(uint32_t site)
{
	mesh_invite_network(&invite, w->sites[site].join_key, &w->sites[site].network);
	world_kill(w, site);
	world_start(w, site);
	run(10000);
}
#endif
