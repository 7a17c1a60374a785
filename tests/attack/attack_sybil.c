/* Attack 13: one who has the network's key is as many sites as it likes. */
#include "attack.h"
#include "check_world.h"
#include "inside_peers.h"
#include "wire.h"

enum { VICTIM = 0, HONEST = 1, THIRD = 2 };
/* Small tables, so that a few hundred fill them; a quarter of them is ... */
enum { ROWS = 64, QUARTER = 16, CROWD = 4 * ROWS };

static void
invent_one(const struct mesh_path *from)
{
	liar_invents(w, VICTIM, from);
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
START_TEST(who_shares_the_crowds_addresses_gets_in_when_it_is_gone)
{
	struct mesh_path near = stranger_path(1);
	struct mesh_identity late;
	static const uint8_t seed[32] = { 0xaa };
	mesh_identity_of(seed, &late);
	a_pair(ADMISSION_NETWORK_KEY);
	for (uint8_t i = 0; i < QUARTER; i++) {
		near.addr[15] = i;
		invent_one(&near);
	}
	uint32_t before = admitted();
	world_inject(w, VICTIM, &near, liar_beacon(w, &late, 7, 1));
	ck_assert_uint_eq(counter(VICTIM, "record.not_admitted"), 1);
	run(20000);
	world_inject(w, VICTIM, &near, liar_beacon(w, &late, 7, 2));
	ck_assert_uint_eq(counter(VICTIM, "record.not_admitted"), 1);
	ck_assert_uint_eq(admitted(), before); /* one of them is gone for it */
	ck_assert(admit_is_in(&w->sites[VICTIM].site->admit, &late.key));
	done();
}
/* Its session lives a second longer than itself: its row is no room yet. */
START_TEST(a_crowd_takes_no_row_that_has_a_session)
{
	a_pair(ADMISSION_NETWORK_KEY);
	world_start(w, THIRD);
	run(20000);
	ck_assert(is_direct(VICTIM, THIRD));
	struct mesh_site *victim = w->sites[VICTIM].site;
	for (uint32_t i = 0; admitted() < ROWS; i++) {
		struct mesh_path from = stranger_path(i);
		invent_one(&from);
	}
	struct peer *p = peers_at(
	    &victim->peers, peers_find(&victim->peers, &w->sites[THIRD].identity.key));
	peering_left(victim, pool_at(&victim->neighbours, p->neighbour));
	ck_assert(!peers_is_alive(p) && !p->steady && p->neighbour.generation != 0);
	for (uint32_t i = 0; i < 4; i++) {
		struct mesh_path from = stranger_path(1000 + i);
		invent_one(&from);
	}
	run(3000);
	ck_assert(is_direct(VICTIM, HONEST));
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

/* --- an authority --- */

static struct mesh_identity authority, self_made;

/* What `by` signs for `of`, by index. */
static size_t
certificate(const struct mesh_identity *by, uint32_t of,
    uint8_t room[static MESH_CERTIFICATE_MAX])
{
	struct bytes_out out = bytes_out(room, MESH_CERTIFICATE_MAX);
	struct mesh_certificate c = { .site = w->sites[of].identity.key,
		.until_s = UINT32_MAX };
	memcpy(c.netid, w->network.id, sizeof c.netid);
	ck_assert_int_eq(mesh_certificate_sign(&c, by, &out), MESH_OK);
	return out.len;
}
static void
a_certified_pair(void)
{
	static const uint8_t seeds[2][32] = { { 0xca }, { 0xcb } };
	mesh_identity_of(seeds[0], &authority);
	mesh_identity_of(seeds[1], &self_made);
	begin(3, 0);
	w->params.admission = ADMISSION_CA;
	w->params.authority = &authority.key;
	for (uint32_t i = 0; i < THIRD; i++)
		w->sites[i].cert_len = certificate(&authority, i, w->sites[i].cert);
	world_join_all(w);
	world_start(w, VICTIM);
	world_start(w, HONEST);
	run(20000);
	ck_assert(is_direct(VICTIM, HONEST));
}
START_TEST(an_authority_admits_none_of_them)
{
	a_certified_pair();
	uint32_t before = admitted();
	for (uint32_t i = 0; i < CROWD; i++) {
		struct mesh_path from = stranger_path(i);
		world_flush(w, VICTIM);
		attack_starts(w);
		invent_one(&from);
		attack_moves(VICTIM, "rx.taken", 1);        /* it may yet show one */
		attack_answers(VICTIM, ENVELOPE_HS1_BYTES); /* it is asked for it */
		attack_ends(w, "an invented site");
		run(10);
	}
	run(20000);
	ck_assert_uint_eq(admitted(), before);
	ck_assert(is_direct(VICTIM, HONEST));
	done();
}
/* Its neighbour, who is one of us, passes on the invented site's first record. */
static void
shows(struct bytes_view cert)
{
	static const char key[] = MESSAGE_CERT_KEY;
	uint8_t room[2 * MESH_CERTIFICATE_MAX];
	struct bytes_out body = bytes_out(room, sizeof room);
	struct control_cert put = { bytes_view(key, sizeof key - 1), cert };
	struct record r = liar_record(w, HONEST, LANE_CONTROL, 1);
	r.at.origin = w->sites[THIRD].identity.key;
	ck_assert_int_eq(wire_encode(&control_cert_table, &put, &body), MESH_OK);
	r.type = RECORD_PUT;
	r.body = bytes_written(&body);
	world_flush(w, VICTIM);
	attack_starts(w);
	liar_sends(w, HONEST, VICTIM, liar_push(w, HONEST, liar_signs(w, THIRD, &r)));
	attack_moves(VICTIM, "trust.cert_refused", 1);
	attack_moves(VICTIM, "record.not_admitted", 1);
	attack_moves(VICTIM, "rx.taken", 1);
	attack_ends(w, "a certificate that is none");
}
START_TEST(a_certificate_that_no_authority_signed_admits_nobody)
{
	uint8_t room[MESH_CERTIFICATE_MAX];
	a_certified_pair();
	shows(bytes_view(room, certificate(&self_made, THIRD, room)));
	done();
}
START_TEST(a_certificate_of_another_site_admits_nobody)
{
	a_certified_pair();
	shows(bytes_view(w->sites[HONEST].cert, w->sites[HONEST].cert_len));
	done();
}

CHECK_MODULE(attack_sybil, NULL,
    one_network_of_addresses_brings_in_a_quarter_of_the_table,
    who_comes_when_the_crowd_is_gone_gets_in,
    who_shares_the_crowds_addresses_gets_in_when_it_is_gone,
    a_crowd_takes_no_row_that_has_a_session,
    who_was_there_for_long_keeps_its_row_while_it_is_away,
    an_allow_list_admits_none_of_them, an_authority_admits_none_of_them,
    a_certificate_that_no_authority_signed_admits_nobody,
    a_certificate_of_another_site_admits_nobody)
