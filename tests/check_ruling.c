/* The control lane takes effect: core/ruling.c, in the simulated world. */
#include "charter.h"
#include "check_world.h"
#include "id.h"
#include "meshtrust.h"

#if defined(__SANITIZE_ADDRESS__)
enum { ALL = 25 }; /* sanitizers make a hundred take minutes */
#else
enum { ALL = 100 };
#endif
enum { FOUNDER = 0 };

static enum mesh_err
decree(uint32_t at, enum mesh_decree_kind kind, uint32_t subject)
{
	struct mesh_decree d = { .kind = kind, .site = w->sites[subject].identity.key };
	uint64_t seq;
	enum mesh_err err = mesh_site_decree(w->sites[at].site, &d, &seq, world_now(w));
	world_flush(w, at);
	return err;
}

static bool
is_out_at(uint32_t at, uint32_t of)
{
	struct mesh_peer p = peer(at, of);
	return p.state == PEER_DEAD && p.reason == REASON_BLOCKED && !p.direct;
}
static bool
is_out_everywhere(const struct world *world, void *ctx)
{
	uint32_t of = *(const uint32_t *)ctx;
	for (uint32_t i = 0; i < world->params.sites; i++)
		if (i != of && !is_out_at(i, of))
			return false;
	return true;
}
static void
triangle(uint32_t sites)
{
	begin(sites, 0);
	world_join_all(w);
	world_start_all(w);
	run(4000);
}

START_TEST(a_founders_block_holds_everywhere_at_once_and_is_final_for_its_records)
{
	uint32_t out = 2;
	triangle(4);
	ck_assert_int_eq(decree(FOUNDER, DECREE_BLOCK, out), MESH_OK);
	ck_assert(world_wait(w, is_out_everywhere, &out, w->now + 2000));
	append(out, 77);
	run(5000);
	for (uint32_t i = 0; i < 4; i++)
		if (i != out)
			ck_assert_uint_eq(world_told(w, i, out, LANE_PACKET, 77), 0);
	ck_assert_uint_eq(w->sites[out].notices[NOTICE_REVOKED], 1);
	ck_assert(is_out_everywhere(w, &out));
	done();
}
START_TEST(a_block_survives_the_restart_of_everybody)
{
	uint32_t out = 2;
	triangle(4);
	ck_assert_int_eq(decree(FOUNDER, DECREE_BLOCK, out), MESH_OK);
	run(2000);
	for (uint32_t i = 0; i < 4; i++)
		world_kill(w, i);
	world_start_all(w);
	run(15000);
	for (uint32_t i = 0; i < 4; i++)
		if (i != out)
			ck_assert(!is_direct(i, out));
	append(out, 78);
	run(2000);
	ck_assert_uint_eq(world_told(w, 0, out, LANE_PACKET, 78), 0);
	ck_assert(is_direct(0, 1) && is_direct(1, 3));
	done();
}
START_TEST(who_is_unblocked_comes_back)
{
	triangle(3);
	ck_assert_int_eq(decree(FOUNDER, DECREE_BLOCK, 2), MESH_OK);
	run(3000);
	ck_assert(is_out_at(1, 2));
	ck_assert_int_eq(decree(FOUNDER, DECREE_UNBLOCK, 2), MESH_OK);
	run(70000);
	ck_assert(is_direct(0, 2) || is_direct(1, 2));
	ck_assert_int_eq(peer(1, 2).state, PEER_ALIVE);
	done();
}
START_TEST(who_is_no_admin_blocks_for_itself_alone)
{
	triangle(3);
	ck_assert_int_eq(decree(1, DECREE_BLOCK, 2), MESH_OK);
	run(2000);
	ck_assert(is_out_at(1, 2));
	ck_assert(is_direct(0, 2));
	append(2, 5);
	run(1000);
	ck_assert_uint_eq(world_told(w, 0, 2, LANE_PACKET, 5), 1);
	ck_assert_uint_eq(world_told(w, 1, 2, LANE_PACKET, 5), 0);
	world_kill(w, 1);
	world_start(w, 1);
	run(5000);
	ck_assert(!is_direct(1, 2));
	ck_assert_int_eq(decree(1, DECREE_UNBLOCK, 2), MESH_OK);
	run(70000);
	ck_assert(is_direct(1, 2));
	done();
}
START_TEST(ourselves_and_the_founder_cannot_be_blocked)
{
	triangle(3);
	ck_assert_int_eq(decree(1, DECREE_BLOCK, 1), MESH_DENIED);
	ck_assert_int_eq(decree(1, DECREE_BLOCK, FOUNDER), MESH_DENIED);
	ck_assert_int_eq(decree(1, DECREE_ADMIN, 2), MESH_DENIED);
	ck_assert_int_eq(decree(1, DECREE_ROTATE, 2), MESH_DENIED);
	done();
}
START_TEST(an_admin_made_by_the_founder_blocks_for_all)
{
	uint32_t out = 2;
	triangle(4);
	ck_assert_int_eq(decree(FOUNDER, DECREE_ADMIN, 1), MESH_OK);
	run(1000);
	ck_assert_int_eq(decree(1, DECREE_BLOCK, out), MESH_OK);
	ck_assert(world_wait(w, is_out_everywhere, &out, w->now + 2000));
	done();
}

/* Somebody who is no admin writes what only an admin may. */
START_TEST(a_forged_word_is_counted_and_changes_nothing)
{
	struct clause c = { .kind = CLAUSE_REVOKE, .on = true };
	uint8_t room[CLAUSE_BODY_MAX];
	struct bytes_out body = bytes_out(room, sizeof room);
	uint64_t seq;
	triangle(3);
	c.subject = w->sites[2].identity.key;
	ck_assert_int_eq(clause_write(&c, &body), MESH_OK);
	struct mesh_draft d = { LANE_CONTROL, RECORD_PUT, 0, NULL,
		bytes_written(&body) };
	ck_assert_int_eq(
	    mesh_site_append(w->sites[1].site, &d, &seq, world_now(w)), MESH_OK);
	world_flush(w, 1);
	run(3000);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(counter(i, "trust.ignored"), 1);
	ck_assert(is_direct(0, 2) && is_direct(1, 2));
	done();
}
START_TEST(with_an_allow_list_strangers_are_listed_and_never_trusted)
{
	struct world_params p = { .sites = 3,
		.seed = check_seed(),
		.delay_min_ms = 1,
		.delay_max_ms = 3,
		.store_ms = 4,
		.admission = ADMISSION_ALLOW_LIST };
	struct mesh_peer one;
	bool listed = false;
	w = world_new(&p);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	/* Everybody knows the founder; the founder nobody. */
	ck_assert(!world_peer(w, FOUNDER, 1, &one));
	ck_assert(!world_peer(w, 1, 2, &one));
	ck_assert_uint_gt(counter(FOUNDER, "record.not_admitted"), 0);
	for (size_t i = 0; mesh_site_peer(w->sites[FOUNDER].site, i, &one); i++)
		listed = listed ||
		    (one.state == PEER_STRANGER &&
			key_equal(&one.key, &w->sites[1].identity.key));
	ck_assert(listed);
	ck_assert_int_eq(decree(FOUNDER, DECREE_ALLOW, 1), MESH_OK);
	ck_assert_int_eq(decree(FOUNDER, DECREE_ALLOW, 2), MESH_OK);
	run(20000);
	ck_assert(is_direct(FOUNDER, 1) && is_direct(FOUNDER, 2));
	ck_assert(is_direct(1, 2)); /* by the founder's word, told to 1 and 2 */
	done();
}
START_TEST(a_revocation_reaches_a_hundred_within_two_seconds)
{
	struct world_params p = { .sites = ALL,
		.seed = check_seed(),
		.delay_min_ms = 1,
		.delay_max_ms = 5,
		.store_ms = 4 };
	uint32_t out = ALL / 2;
	w = world_new(&p);
	world_join_all(w);
	world_start_all(w);
	run(10000);
	mesh_time_ms said = w->now;
	ck_assert_int_eq(decree(FOUNDER, DECREE_BLOCK, out), MESH_OK);
	ck_assert(world_wait(w, is_out_everywhere, &out, said + 2000));
	append(out, 99);
	run(2000);
	for (uint32_t i = 0; i < ALL; i++)
		if (i != out)
			ck_assert_uint_eq(world_told(w, i, out, LANE_PACKET, 99), 0);
	done();
}
START_TEST(who_was_away_learns_of_a_block_from_its_first_neighbour)
{
	begin(4, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	world_kill(w, 3);
	ck_assert_int_eq(decree(FOUNDER, DECREE_BLOCK, 1), MESH_OK);
	run(1000);
	world_cut(w, 2, 1);
	world_join(w, 2, 0);
	run(15000);
	world_start(w, 3);
	run(5000);
	ck_assert(is_direct(2, 3));
	ck_assert(charter_revoked(
		      &w->sites[3].site->charter, &w->sites[1].identity.key) != NULL);
	done();
}
static bool
is_gone(const struct world *world, void *ctx)
{
	(void)world;
	(void)ctx;
	return peer(0, 1).state == PEER_DEAD;
}
START_TEST(who_is_removed_is_unknown_until_it_comes_again)
{
	struct mesh_peer p;
	triangle(3);
	ck_assert_int_eq(decree(0, DECREE_FORGET, 1), MESH_DENIED); /* it is there */
	ck_assert_int_eq(decree(0, DECREE_FORGET, 0), MESH_NOT_FOUND);
	world_kill(w, 1);
	ck_assert(world_wait(w, is_gone, NULL, w->now + 30000));
	ck_assert_int_eq(decree(0, DECREE_FORGET, 1), MESH_OK);
	ck_assert(!world_peer(w, 0, 1, &p));
	ck_assert(world_peer(w, 2, 1, &p)); /* it is a matter of this site alone */
	ck_assert_uint_eq(w->sites[0].notices[NOTICE_FORGOTTEN], 1);
	run(5000);
	world_kill(w, 0);
	world_start(w, 0);
	ck_assert(!world_peer(w, 0, 1, &p));
	world_start(w, 1);
	run(10000);
	ck_assert(is_direct(0, 1));
	done();
}
START_TEST(who_is_removed_while_the_disk_is_full_stays_removed)
{
	static const bool comes_again[] = { false, true };
	struct mesh_peer p;
	for (size_t i = 0; i < LENGTH(comes_again); i++) {
		triangle(3);
		world_kill(w, 1);
		ck_assert(world_wait(w, is_gone, NULL, w->now + 30000));
		w->sites[0].store_err = MESH_IO;
		ck_assert_int_eq(decree(0, DECREE_FORGET, 1), MESH_OK);
		run(1000);
		if (comes_again[i])
			world_start(w, 1);
		run(1000);
		w->sites[0].store_err = MESH_OK;
		run(60000);
		world_kill(w, 0);
		world_start(w, 0);
		ck_assert_int_eq(world_peer(w, 0, 1, &p), comes_again[i]);
		done();
	}
}
START_TEST(more_than_four_removed_at_once_wait_for_the_disk)
{
	struct mesh_decree d = { .kind = DECREE_FORGET };
	uint64_t seq;
	triangle(7);
	for (uint32_t i = 1; i < 7; i++)
		world_kill(w, i);
	run(60000);
	for (uint32_t i = 1; i < 7; i++) {
		d.site = w->sites[i].identity.key;
		ck_assert_int_eq(
		    mesh_site_decree(w->sites[0].site, &d, &seq, world_now(w)),
		    i <= INSIDE_FORGOTTEN ? MESH_OK : MESH_FULL);
	}
	world_flush(w, 0);
	run(1000);
	for (uint32_t i = 1; i < 7; i++)
		ck_assert_int_eq(decree(0, DECREE_FORGET, i),
		    i <= INSIDE_FORGOTTEN ? MESH_NOT_FOUND : MESH_OK);
	done();
}
CHECK_MODULE(ruling, NULL, who_is_removed_while_the_disk_is_full_stays_removed,
    more_than_four_removed_at_once_wait_for_the_disk,
    who_is_removed_is_unknown_until_it_comes_again,
    a_founders_block_holds_everywhere_at_once_and_is_final_for_its_records,
    a_block_survives_the_restart_of_everybody, who_is_unblocked_comes_back,
    who_is_no_admin_blocks_for_itself_alone,
    ourselves_and_the_founder_cannot_be_blocked,
    an_admin_made_by_the_founder_blocks_for_all,
    a_forged_word_is_counted_and_changes_nothing,
    with_an_allow_list_strangers_are_listed_and_never_trusted,
    a_revocation_reaches_a_hundred_within_two_seconds,
    who_was_away_learns_of_a_block_from_its_first_neighbour)
