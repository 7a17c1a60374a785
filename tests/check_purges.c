/* A site is put out with all that it said: core/purges.c, in the simulated world. */
#include "charter.h"
#include "check_world.h"
#include "id.h"
#include "meshtrust.h"
#include "world_disk.h"

enum { FOUNDER = 0, RECORDS = 20, SETTLED_MS = 90 * 1000 };

static enum mesh_err
decree(uint32_t at, const struct mesh_decree *what, uint32_t subject)
{
	struct mesh_decree d = *what;
	uint64_t seq;
	d.site = w->sites[subject].identity.key;
	enum mesh_err err = mesh_site_decree(w->sites[at].site, &d, &seq, world_now(w));
	world_flush(w, at);
	return err;
}
static const struct mesh_decree purging = { .kind = DECREE_BLOCK, .purge = true };
static const struct mesh_decree unblocking = { .kind = DECREE_UNBLOCK };

/* On its disk, of all lanes. */
static uint64_t
held(uint32_t at, uint32_t of)
{
	size_t count;
	uint64_t sum = 0;
	const struct mesh_holding *h = disk_holdings(w->sites[at].disk, &count);
	for (size_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < h[i].run_count &&
		     key_equal(&h[i].origin, &w->sites[of].identity.key);
		     k++)
			sum += h[i].runs[k].last - h[i].runs[k].first + 1;
	return sum;
}
static uint64_t
high(uint32_t at, uint32_t of, enum mesh_lane lane)
{
	uint64_t epoch, end = 0;
	bool any = mesh_site_high(
	    w->sites[at].site, &w->sites[of].identity.key, lane, &epoch, &end);
	return any ? end : 0;
}
static bool
agree(uint32_t a, uint32_t b)
{
	return memcmp(digest_sum(&w->sites[a].site->holdings.digest),
		   digest_sum(&w->sites[b].site->holdings.digest), DIGEST) == 0;
}
struct look {
	uint32_t of;
};
/* Nobody else knows anything of it any more, and all others know the same. */
static bool
is_purged(const struct world *world, void *ctx)
{
	uint32_t of = ((const struct look *)ctx)->of, first = of == 0;
	for (uint32_t i = 0; i < world->params.sites; i++) {
		if (i == of || world->sites[i].site == NULL)
			continue;
		if (held(i, of) > 0 || !agree(i, first))
			return false;
	}
	return true;
}
static bool
all_agree(const struct world *world, void *ctx)
{
	(void)ctx;
	for (uint32_t i = 1; i < world->params.sites; i++)
		if (!agree(0, i))
			return false;
	return true;
}
static void
fill(uint32_t sites, uint32_t of)
{
	begin(sites, 0);
	world_join_all(w);
	world_start_all(w);
	run(4000);
	for (uint64_t n = 1; n <= RECORDS; n++) {
		append(of, n);
		run(50);
	}
	run(3000);
	for (uint32_t i = 0; i < sites; i++)
		ck_assert_uint_ge(held(i, of), RECORDS);
}

START_TEST(who_is_purged_leaves_nothing_behind_anywhere)
{
	struct look look = { 2 };
	fill(4, 2);
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	ck_assert(world_wait(w, is_purged, &look, w->now + 2000));
	append(2, 77);
	run(SETTLED_MS);
	ck_assert(is_purged(w, &look));
	ck_assert_uint_eq(world_told(w, 1, 2, LANE_PACKET, 77), 0);
	ck_assert_msg(held(2, 2) >= RECORDS, "what is its own is nobody else's matter");
	for (uint32_t i = 0; i < 4; i++)
		world_kill(w, i);
	world_start_all(w);
	run(20000);
	ck_assert(is_purged(w, &look));
	done();
}

/* 0 1 | 2 3: of the two halves one does not know. */
START_TEST(a_half_that_learns_of_it_late_brings_nothing_back)
{
	struct look look = { 3 };
	fill(4, 3);
	for (uint32_t a = 0; a < 2; a++)
		for (uint32_t b = 2; b < 4; b++)
			world_cut(w, a, b);
	run(20000);
	ck_assert_int_eq(decree(FOUNDER, &purging, 3), MESH_OK);
	append(3, 99);
	run(20000);
	ck_assert_uint_eq(held(1, 3), 0);
	ck_assert_uint_gt(held(2, 3), RECORDS);
	uint64_t dropped = counter(0, "record.revoked");
	world_join(w, 1, 2);
	ck_assert(world_wait(w, is_purged, &look, w->now + 60000));
	run(SETTLED_MS);
	ck_assert(is_purged(w, &look));
	for (uint32_t at = 0; at < 2; at++)
		ck_assert_uint_eq(world_told(w, at, 3, LANE_PACKET, 99), 0);
	ck_assert_msg(
	    counter(0, "record.revoked") <= dropped + 2, "nobody asks for it");
	done();
}

START_TEST(who_is_let_in_again_writes_anew_and_the_old_stays_gone)
{
	fill(4, 2);
	uint64_t before = holdings_epoch(
	    &w->sites[2].site->holdings, &w->sites[2].identity.key);
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	run(5000);
	append(2, 77); /* heard by nobody, and void */
	run(5000);
	ck_assert_int_eq(decree(FOUNDER, &unblocking, 2), MESH_OK);
	run(SETTLED_MS);
	ck_assert_int_eq(peer(1, 2).state, PEER_ALIVE);
	ck_assert_uint_gt(
	    holdings_epoch(&w->sites[1].site->holdings, &w->sites[2].identity.key),
	    before);
	ck_assert_uint_eq(w->sites[2].notices[NOTICE_RENEWED], 1);
	append(2, 78);
	run(SETTLED_MS);
	for (uint32_t at = 0; at < 4; at++) {
		ck_assert_uint_eq(world_told(w, at, 2, LANE_PACKET, 78), 1);
		ck_assert_uint_eq(
		    world_told(w, at, 2, LANE_PACKET, 77), at == 2 ? 1 : 0);
		ck_assert_uint_eq(high(at, 2, LANE_PACKET), 1);
		ck_assert_uint_gt(high(at, 2, LANE_STATE), 0);
	}
	ck_assert(all_agree(w, NULL));
	for (uint32_t i = 0; i < 4; i++)
		world_kill(w, i);
	world_start_all(w);
	run(SETTLED_MS);
	ck_assert(all_agree(w, NULL));
	ck_assert_uint_eq(high(3, 2, LANE_PACKET), 1);
	done();
}

START_TEST(who_was_away_all_the_time_loses_the_old_and_gets_the_new)
{
	fill(4, 2);
	world_kill(w, 3);
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	run(5000);
	ck_assert_int_eq(decree(FOUNDER, &unblocking, 2), MESH_OK);
	run(SETTLED_MS);
	append(2, 78);
	run(5000);
	ck_assert_uint_ge(held(3, 2), RECORDS);
	world_start(w, 3);
	run(SETTLED_MS);
	ck_assert(all_agree(w, NULL));
	ck_assert_uint_eq(high(3, 2, LANE_PACKET), 1);
	ck_assert_uint_eq(world_told(w, 3, 2, LANE_PACKET, 78), 1);
	done();
}

/* It never heard that it was out. */
START_TEST(who_was_away_while_it_was_purged_begins_anew_once_it_is_told)
{
	fill(4, 2);
	world_kill(w, 2);
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	run(5000);
	ck_assert_int_eq(decree(FOUNDER, &unblocking, 2), MESH_OK);
	run(5000);
	world_start(w, 2);
	run(SETTLED_MS);
	append(2, 78);
	run(SETTLED_MS);
	ck_assert(all_agree(w, NULL));
	for (uint32_t at = 0; at < 4; at++) {
		ck_assert_uint_eq(high(at, 2, LANE_PACKET), 1);
		ck_assert_uint_eq(world_told(w, at, 2, LANE_PACKET, 78), 1);
	}
	ck_assert_uint_lt(held(2, 2), RECORDS); /* its own disk, too */
	done();
}

START_TEST(what_the_store_refuses_to_delete_is_deleted_later)
{
	struct look look = { 2 };
	fill(3, 2);
	w->sites[1].store_err = MESH_IO;
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	run(3000);
	ck_assert_uint_ge(held(1, 2), RECORDS);
	ck_assert_uint_eq(high(1, 2, LANE_PACKET), 0); /* it promises nothing of it */
	w->sites[1].store_err = MESH_OK;
	ck_assert(world_wait(w, is_purged, &look, w->now + 60000));
	done();
}

/* The statement was kept, and then it was killed. */
START_TEST(a_purge_that_was_cut_short_goes_on_at_the_next_start)
{
	struct look look = { 2 };
	fill(3, 2);
	w->sites[1].store_ms = 2000;
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	run(2030); /* of the three commits the row's is the first */
	world_kill(w, 1);
	w->sites[1].store_ms = 4;
	world_start(w, 1);
	ck_assert(world_wait(w, is_purged, &look, w->now + 20000));
	done();
}

START_TEST(an_admin_need_not_hold_what_it_purges)
{
	struct look look = { 2 };
	begin(3, 0);
	world_join_line(w);
	world_start(w, 0);
	world_start(w, 1);
	run(4000);
	world_cut(w, 0, 1);
	run(20000);
	world_start(w, 2);
	run(4000);
	append(2, 1);
	run(3000);
	ck_assert_uint_gt(held(1, 2), 0);
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	world_join(w, 0, 1);
	ck_assert(world_wait(w, is_purged, &look, w->now + 90000));
	done();
}

START_TEST(a_plain_block_cannot_hide_a_purge)
{
	struct look look = { 2 };
	const struct mesh_decree blocking = { .kind = DECREE_BLOCK };
	const struct mesh_site *admin;
	fill(4, 2);
	admin = w->sites[FOUNDER].site;
	world_kill(w, 3); /* it still holds the old log when it comes back */
	ck_assert(!mesh_site_has_purged(admin, &w->sites[2].identity.key));
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	run(2000);
	ck_assert(mesh_site_has_purged(admin, &w->sites[2].identity.key));
	ck_assert_int_eq(decree(FOUNDER, &blocking, 2), MESH_DENIED);
	ck_assert_int_eq(decree(FOUNDER, &unblocking, 2), MESH_OK);
	ck_assert_int_eq(decree(FOUNDER, &blocking, 2), MESH_DENIED);
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	world_start(w, 3);
	ck_assert(world_wait(w, is_purged, &look, w->now + SETTLED_MS));
	done();
}
/* What a crash left of a purge is found however far the next epoch has come. */
START_TEST(each_start_tells_the_store_what_is_void_and_nobody_begins_anew_again)
{
	fill(3, 2);
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	run(2000);
	ck_assert_int_eq(decree(FOUNDER, &unblocking, 2), MESH_OK);
	run(SETTLED_MS);
	append(2, 88);
	run(2000);
	ck_assert_uint_eq(world_told(w, 1, 2, LANE_PACKET, 88), 1);
	uint64_t epoch = w->sites[2].site->own.epoch;
	for (uint32_t i = 1; i < 3; i++) {
		uint32_t before = w->sites[i].purges;
		world_kill(w, i);
		world_start(w, i);
		run(3000);
		ck_assert_uint_eq(w->sites[i].purges, before + 1);
	}
	run(SETTLED_MS);
	ck_assert_uint_eq(w->sites[2].site->own.epoch, epoch);
	ck_assert_uint_gt(high(1, 2, LANE_PACKET), 0);
	ck_assert(all_agree(w, NULL));
	done();
}
START_TEST(only_an_admin_purges)
{
	fill(3, 2);
	ck_assert_int_eq(decree(1, &purging, 2), MESH_DENIED);
	run(2000);
	ck_assert_uint_ge(held(1, 2), RECORDS);
	ck_assert(is_direct(1, 2));
	done();
}

/* An invitation of its own is what it said, too. */
START_TEST(what_it_decided_is_void_as_well)
{
	struct mesh_decree invite = { .kind = DECREE_INVITE,
		.id = { 7 },
		.until_ms = UINT64_MAX / 2,
		.uses = 1 };
	struct mesh_invited found;
	uint64_t seq;
	fill(3, 2);
	ck_assert_int_eq(
	    mesh_site_decree(w->sites[2].site, &invite, &seq, world_now(w)), MESH_OK);
	world_flush(w, 2);
	run(2000);
	ck_assert(mesh_site_invited(w->sites[1].site, 0, &found));
	ck_assert_int_eq(decree(FOUNDER, &purging, 2), MESH_OK);
	run(3000);
	for (uint32_t at = 0; at < 2; at++)
		ck_assert(!mesh_site_invited(w->sites[at].site, 0, &found));
	ck_assert_int_eq(decree(FOUNDER, &unblocking, 2), MESH_OK);
	run(SETTLED_MS);
	for (uint32_t at = 0; at < 3; at++)
		ck_assert(!mesh_site_invited(w->sites[at].site, 0, &found));
	done();
}

CHECK_MODULE(purges, NULL, who_is_purged_leaves_nothing_behind_anywhere,
    a_half_that_learns_of_it_late_brings_nothing_back,
    who_is_let_in_again_writes_anew_and_the_old_stays_gone,
    who_was_away_all_the_time_loses_the_old_and_gets_the_new,
    who_was_away_while_it_was_purged_begins_anew_once_it_is_told,
    what_the_store_refuses_to_delete_is_deleted_later,
    an_admin_need_not_hold_what_it_purges,
    a_purge_that_was_cut_short_goes_on_at_the_next_start,
    a_plain_block_cannot_hide_a_purge,
    each_start_tells_the_store_what_is_void_and_nobody_begins_anew_again,
    only_an_admin_purges, what_it_decided_is_void_as_well)
