/* An authority admits: core/certs.c, in the simulated world. */
#include "check_world.h"
#include "meshtrust.h"

enum { DAY_S = 24 * 3600, MINUTES = 60 * 1000 };
static const uint32_t begins_s = 1800000000; /* world.c: the clock at virtual 0 */
static struct mesh_identity authority, another;

static void
begin_certified(uint32_t sites, double loss)
{
	static const uint8_t seeds[2][32] = { { 0xca }, { 0xcb } };
	mesh_identity_of(seeds[0], &authority);
	mesh_identity_of(seeds[1], &another);
	struct world_params p = { .sites = sites,
		.seed = check_seed(),
		.loss = loss,
		.delay_min_ms = 1,
		.delay_max_ms = 3,
		.store_ms = 4,
		.admission = ADMISSION_CA,
		.authority = &authority.key };
	w = world_new(&p);
}
static void
certify(
    uint32_t site, const struct mesh_identity *by, uint32_t from_s, uint32_t until_s)
{
	struct world_site *one = &w->sites[site];
	struct bytes_out out = bytes_out(one->cert, sizeof one->cert);
	struct mesh_certificate c = { .site = one->identity.key,
		.roles = 15,
		.from_s = from_s,
		.until_s = until_s,
		.serial = site };
	memcpy(c.netid, w->network.id, sizeof c.netid);
	ck_assert_int_eq(mesh_certificate_sign(&c, by, &out), MESH_OK);
	one->cert_len = out.len;
}
static void
certify_all(uint32_t until_s)
{
	for (uint32_t i = 0; i < w->params.sites; i++)
		certify(i, &authority, begins_s - DAY_S, until_s);
}
/* Among the strangers of `at`: why `of` is not let in; REASON_NONE: it is not there. */
static enum mesh_peer_reason
refused_at(uint32_t at, uint32_t of)
{
	struct mesh_peer p;
	for (size_t i = 0; mesh_site_peer(w->sites[at].site, i, &p); i++)
		if (p.state == PEER_STRANGER &&
		    memcmp(&p.key, &w->sites[of].identity.key, sizeof p.key) == 0)
			return p.reason;
	return REASON_NONE;
}
static bool
knows(uint32_t at, uint32_t of)
{
	struct mesh_peer p;
	return mesh_site_peer_of(w->sites[at].site, &w->sites[of].identity.key, &p);
}

START_TEST(certified_sites_meet_whatever_is_lost)
{
	static const double losses[] = { 0, 0.3 };
	for (size_t i = 0; i < LENGTH(losses); i++) {
		begin_certified(6, losses[i]);
		certify_all(begins_s + DAY_S);
		world_join_all(w);
		world_start_all(w);
		ck_assert(world_wait(w, all_alive, NULL, 60 * 1000));
		run(10 * 1000);
		ck_assert(all_alive(w, NULL));
		for (uint32_t k = 0; k < 6; k++)
			ck_assert_int_eq(refused_at(0, k), REASON_NONE);
		ck_assert_uint_ge(counter(0, "trust.cert_in"), 5);
		done();
	}
}
/* More than choose each other for neighbours: most know most by records alone. */
START_TEST(a_crowded_segment_meets_and_meets_again_after_a_power_cut)
{
	enum { CROWD = 24 };
	begin_certified(CROWD, 0.1);
	certify_all(begins_s + DAY_S);
	world_join_all(w);
	world_start_all(w);
	ck_assert(world_wait(w, all_alive, NULL, 60 * 1000));
	run(30 * 1000);
	for (uint32_t i = 0; i < CROWD; i++)
		world_kill(w, i);
	run(1000);
	world_start_all(w);
	ck_assert(world_wait(w, all_alive, NULL, w->now + 60 * 1000));
	done();
}
static bool
all_meet(const struct world *world, void *ctx)
{
	for (uint32_t a = 0; a < world->params.sites; a++)
		for (uint32_t b = 0; b < world->params.sites; b++)
			if (a != b && !knows(a, b))
				return false;
	return all_alive(world, ctx);
}
/* Two rooms and one new cable: each half chooses among its own, none knows another. */
START_TEST(halves_that_never_met_find_each_other)
{
	enum { CROWD = 26 };
	begin_certified(CROWD, 0);
	certify_all(begins_s + DAY_S);
	for (uint32_t a = 0; a < CROWD; a++)
		for (uint32_t b = 0; b < CROWD; b++)
			if (a != b && a % 2 == b % 2)
				world_join(w, a, b);
	world_start_all(w);
	run(60 * 1000);
	ck_assert(!knows(0, 1) && !knows(1, 0));
	ck_assert(w->sites[0].site->choice.choosing);
	world_join_all(w);
	ck_assert(world_wait(w, all_meet, NULL, w->now + 5 * MINUTES));
	done();
}
static enum world_fate
drop_certs(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	enum mesh_err err;
	if (d->from != *(const uint32_t *)ctx || w->sites[d->to].site == NULL)
		return WORLD_DELIVER;
	struct bytes_in in = bytes_in(frames_of(d, plain));
	while (envelope_next_frame(&in, &frame, &err))
		if (frame.number == FRAME_CERT)
			return WORLD_DROP;
	return WORLD_DELIVER;
}
/* Whichever of the two shows first; the other one then says much that is not heard. */
START_TEST(until_a_certificate_came_nothing_else_is_heard)
{
	uint64_t awaited = 0;
	for (uint32_t silent = 0; silent < 2; silent++) {
		begin_certified(2, 0);
		certify_all(begins_s + DAY_S);
		world_join_all(w);
		w->tap = drop_certs;
		w->tap_ctx = &silent;
		world_start_all(w);
		run(20 * 1000);
		ck_assert(!is_direct(1 - silent, silent));
		ck_assert(!knows(1 - silent, silent));
		awaited += counter(1 - silent, "trust.cert_awaited");
		w->tap = NULL;
		ck_assert(world_wait(w, all_alive, NULL, w->now + 60 * 1000));
		done();
	}
	ck_assert_uint_gt(awaited, 0);
}
/* A line: the ends meet nobody but their one neighbour each. */
START_TEST(certificates_reach_those_who_never_meet_their_site)
{
	begin_certified(4, 0);
	certify_all(begins_s + DAY_S);
	world_join_line(w);
	world_start_all(w);
	ck_assert(world_wait(w, all_alive, NULL, 60 * 1000));
	run(5000);
	append(0, 5);
	run(5000);
	ck_assert_uint_eq(world_told(w, 3, 0, LANE_PACKET, 5), 1);
	ck_assert(!is_direct(0, 3));
	done();
}
START_TEST(who_is_not_certified_for_now_stays_a_stranger_with_its_reason)
{
	enum { NONE = 2, FOREIGN, EARLY, OVER, SITES };
	static const enum mesh_peer_reason why[SITES] = { [NONE] = REASON_UNCERTIFIED,
		[FOREIGN] = REASON_FOREIGN,
		[EARLY] = REASON_EARLY,
		[OVER] = REASON_EXPIRED };
	begin_certified(SITES, 0);
	certify_all(begins_s + DAY_S);
	w->sites[NONE].cert_len = 0;
	certify(FOREIGN, &another, begins_s - DAY_S, begins_s + DAY_S);
	certify(EARLY, &authority, begins_s + 2 * DAY_S, begins_s + 3 * DAY_S);
	certify(OVER, &authority, begins_s - 2 * DAY_S, begins_s - DAY_S);
	world_join_all(w);
	world_start_all(w);
	run(30 * 1000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	for (uint32_t i = NONE; i < SITES; i++) {
		append(i, 40 + i);
		ck_assert_msg(refused_at(0, i) == why[i], "site %u: %d", (unsigned)i,
		    (int)refused_at(0, i));
		ck_assert(!is_direct(0, i));
	}
	run(5000);
	for (uint32_t i = NONE; i < SITES; i++) {
		ck_assert_uint_eq(world_told(w, 0, i, LANE_PACKET, 40 + i), 0);
		ck_assert(i == OVER || !knows(0, i));
	}
	ck_assert_uint_gt(w->sites[FOREIGN].notices[NOTICE_CERT_FOREIGN], 0);
	ck_assert_uint_gt(w->sites[EARLY].notices[NOTICE_CERT_EARLY], 0);
	ck_assert_uint_gt(w->sites[OVER].notices[NOTICE_CERT_EXPIRED], 0);
	ck_assert_uint_gt(counter(0, "trust.cert_refused"), 0);
	done();
}
static bool
is_over(const struct world *world, void *ctx)
{
	(void)world;
	(void)ctx;
	struct mesh_peer p = peer(0, 1);
	return p.state == PEER_DEAD && p.reason == REASON_EXPIRED && !p.direct;
}
START_TEST(when_a_certificate_ends_so_does_the_session_and_the_records_stay)
{
	begin_certified(3, 0);
	certify_all(begins_s + DAY_S);
	certify(1, &authority, begins_s, begins_s + 60);
	world_join_all(w);
	world_start(w, 0);
	world_start(w, 1);
	run(4000);
	ck_assert(is_direct(0, 1));
	append(1, 7);
	run(50 * 1000);
	ck_assert(is_direct(0, 1));
	ck_assert(world_wait(w, is_over, NULL, 70 * 1000));
	run(2 * MINUTES);
	ck_assert(is_over(w, NULL));
	world_kill(w, 1);
	world_start(w, 2); /* it gets what the expired one said from the other */
	run(30 * 1000);
	ck_assert_uint_eq(world_told(w, 2, 1, LANE_PACKET, 7), 1);
	ck_assert_int_ne(peer(2, 1).state, PEER_ALIVE);
	certify(1, &authority, begins_s, begins_s + DAY_S);
	world_start(w, 1); /* with a new one */
	ck_assert(world_wait(w, all_alive, NULL, w->now + 60 * 1000));
	done();
}
/* --- renewed while it runs --- */

static enum mesh_err
renew(uint32_t site, const struct mesh_identity *by, uint32_t from_s, uint32_t until_s)
{
	struct world_site *one = &w->sites[site];
	certify(site, by, from_s, until_s);
	enum mesh_err err = mesh_site_certificate(
	    one->site, bytes_view(one->cert, one->cert_len), world_now(w));
	world_flush(w, site);
	return err;
}
static enum mesh_certified
standing(uint32_t site)
{
	struct mesh_trust trust;
	mesh_site_trust(w->sites[site].site, &trust);
	return trust.certified;
}
static bool
are_neighbours(const struct world *world, void *ctx)
{
	(void)world;
	(void)ctx;
	return is_direct(0, 1) && is_direct(1, 2);
}
/* 0-1-2: 0 learns by a record alone that 2 has a new one. */
START_TEST(a_renewed_certificate_is_taken_without_a_restart_or_a_new_session)
{
	struct mesh_peer p;
	begin_certified(3, 0);
	certify_all(begins_s + DAY_S);
	certify(2, &authority, begins_s - 1000, begins_s + 120);
	world_join_line(w);
	world_start_all(w);
	ck_assert(world_wait(w, are_neighbours, NULL, 20 * 1000));
	run(10 * 1000);
	ck_assert_int_eq(standing(2), CERTIFIED_ENDING);
	ck_assert_int_eq(standing(1), CERTIFIED_HOLDS);
	struct session *one = session_at(&w->sites[2].site->sessions,
	    session_of(&w->sites[2].site->sessions, &w->sites[1].identity.key));
	uint32_t sid = one->sid_local;
	ck_assert_int_eq(renew(2, &authority, begins_s, begins_s + DAY_S), MESH_OK);
	ck_assert_int_eq(standing(2), CERTIFIED_HOLDS);
	run(3000);
	for (uint32_t at = 0; at < 2; at++) {
		ck_assert(world_peer(w, at, 2, &p));
		ck_assert_uint_eq(p.certified_until_s, begins_s + DAY_S);
	}
	while (w->now < 200 * 1000) {
		run(500);
		ck_assert(are_neighbours(w, NULL));
	}
	one = session_at(&w->sites[2].site->sessions,
	    session_of(&w->sites[2].site->sessions, &w->sites[1].identity.key));
	ck_assert_uint_eq(one->sid_local, sid);
	done();
}
START_TEST(a_site_is_told_of_its_end_and_is_back_once_it_is_renewed)
{
	begin_certified(3, 0);
	certify_all(begins_s + DAY_S);
	certify(1, &authority, begins_s, begins_s + 60);
	world_join_all(w);
	world_start_all(w);
	run(50 * 1000);
	ck_assert(all_alive(w, NULL));
	ck_assert(world_wait(w, is_over, NULL, 70 * 1000));
	run(60 * 1000);
	ck_assert_int_eq(standing(1), CERTIFIED_OVER);
	ck_assert_uint_gt(w->sites[1].notices[NOTICE_CERT_EXPIRED], 0);
	run(10 * MINUTES); /* by now it is called and calls seldom */
	ck_assert_int_eq(renew(1, &authority, begins_s, begins_s + DAY_S), MESH_OK);
	ck_assert(world_wait(w, all_alive, NULL, w->now + 10 * 1000));
	done();
}
START_TEST(what_does_not_hold_leaves_the_former_certificate_in_force)
{
	begin_certified(2, 0);
	certify_all(begins_s + DAY_S);
	world_join_all(w);
	world_start_all(w);
	run(4000);
	uint64_t shown = counter(0, "trust.cert_refused");
	ck_assert_int_eq(
	    renew(1, &another, begins_s, begins_s + 2 * DAY_S), MESH_DENIED);
	ck_assert_int_eq(
	    renew(1, &authority, begins_s - DAY_S, begins_s - 1), MESH_DENIED);
	ck_assert_int_eq(
	    renew(1, &authority, begins_s + DAY_S, begins_s + 2 * DAY_S), MESH_DENIED);
	certify(0, &authority, begins_s, begins_s + DAY_S);
	ck_assert_int_eq(
	    mesh_site_certificate(w->sites[1].site,
		bytes_view(w->sites[0].cert, w->sites[0].cert_len), world_now(w)),
	    MESH_DENIED);
	ck_assert_int_eq(mesh_site_certificate(w->sites[1].site,
			     bytes_view(w->sites[0].cert, 20), world_now(w)),
	    MESH_MALFORMED);
	run(5000);
	ck_assert(is_direct(0, 1));
	ck_assert_int_eq(standing(1), CERTIFIED_HOLDS);
	ck_assert_uint_eq(counter(0, "trust.cert_refused"), shown);
	done();
}
START_TEST(without_a_clock_a_certificate_counts_as_valid)
{
	begin_certified(2, 0);
	certify_all(begins_s - 10); /* over, by whoever has a clock */
	for (uint32_t i = 0; i < 2; i++)
		w->sites[i].clock_ms = -1700000000000; /* 1973 */
	world_join_all(w);
	world_start_all(w);
	run(4000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	w->sites[0].clock_ms = 0; /* it has heard the time */
	ck_assert(world_wait(w, is_over, NULL, w->now + 2 * MINUTES));
	done();
}
/* It is out until then, and back without a word. */
START_TEST(who_had_no_clock_and_let_in_too_early_says_so)
{
	begin_certified(2, 0);
	certify_all(begins_s + DAY_S);
	certify(1, &authority, begins_s + 120, begins_s + DAY_S);
	for (uint32_t i = 0; i < 2; i++)
		w->sites[i].clock_ms = -1700000000000; /* 1973 */
	world_join_all(w);
	world_start_all(w);
	run(4000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	w->sites[0].clock_ms = 0;
	run(80 * 1000);
	ck_assert(!is_direct(0, 1));
	ck_assert_int_eq(peer(0, 1).reason, REASON_EARLY);
	ck_assert(world_wait(w, all_alive, NULL, w->now + 4 * MINUTES));
	done();
}
START_TEST(a_restart_needs_no_certificate_from_those_who_are_away)
{
	begin_certified(3, 0);
	certify_all(begins_s + DAY_S);
	world_join_line(w);
	world_start_all(w);
	ck_assert(world_wait(w, all_alive, NULL, 60 * 1000));
	run(2 * MINUTES);
	world_kill(w, 2);
	run(1000);
	world_start(w, 2);
	ck_assert(world_wait(w, all_alive, NULL, w->now + 60 * 1000));
	done();
}
START_TEST(a_revoked_site_is_out_whatever_its_certificate_says)
{
	struct mesh_decree d = { .kind = DECREE_BLOCK };
	uint64_t seq;
	begin_certified(3, 0);
	certify_all(begins_s + DAY_S);
	world_join_all(w);
	world_start_all(w);
	run(4000);
	d.site = w->sites[1].identity.key;
	ck_assert_int_eq(
	    mesh_site_decree(w->sites[0].site, &d, &seq, world_now(w)), MESH_OK);
	world_flush(w, 0);
	run(5000);
	for (uint32_t at = 0; at < 3; at += 2) {
		ck_assert_int_eq(peer(at, 1).state, PEER_DEAD);
		ck_assert_int_eq(peer(at, 1).reason, REASON_BLOCKED);
	}
	run(30 * 1000);
	ck_assert(!is_direct(0, 1) && !is_direct(2, 1));
	done();
}
CHECK_MODULE(certs, NULL, certified_sites_meet_whatever_is_lost,
    a_crowded_segment_meets_and_meets_again_after_a_power_cut,
    halves_that_never_met_find_each_other,
    until_a_certificate_came_nothing_else_is_heard,
    certificates_reach_those_who_never_meet_their_site,
    who_is_not_certified_for_now_stays_a_stranger_with_its_reason,
    when_a_certificate_ends_so_does_the_session_and_the_records_stay,
    a_renewed_certificate_is_taken_without_a_restart_or_a_new_session,
    a_site_is_told_of_its_end_and_is_back_once_it_is_renewed,
    what_does_not_hold_leaves_the_former_certificate_in_force,
    without_a_clock_a_certificate_counts_as_valid,
    who_had_no_clock_and_let_in_too_early_says_so,
    a_restart_needs_no_certificate_from_those_who_are_away,
    a_revoked_site_is_out_whatever_its_certificate_says)
