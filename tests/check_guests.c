/* Invitations in the simulated world: core/guests.c. */
#include "check_join.h"

START_TEST(a_guest_is_told_the_key_and_becomes_a_member)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 60000);
	ck_assert_int_eq(join(GUEST, 2000), JOIN_DONE);
	ck_assert_mem_eq(w->sites[GUEST].join_key, w->network.key, 32);
	move_in(GUEST);
	ck_assert(is_direct(GUEST, FOUNDER) && is_direct(GUEST, MEMBER));
	append(GUEST, 4);
	run(1000);
	ck_assert_uint_eq(world_told(w, FOUNDER, GUEST, LANE_PACKET, 4), 1);
	done();
}
START_TEST(the_inviter_may_be_away)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 60000);
	world_kill(w, FOUNDER);
	ck_assert_int_eq(join(GUEST, 3000), JOIN_DONE);
	ck_assert_mem_eq(w->sites[GUEST].join_key, w->network.key, 32);
	done();
}
START_TEST(everybody_may_have_been_restarted_meanwhile)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 60000);
	world_kill(w, FOUNDER);
	world_kill(w, MEMBER);
	world_start(w, MEMBER);
	/* It numbers nothing for 3 s: nobody can say what it said before (section 10).
	 */
	ck_assert_int_eq(join(GUEST, 8000), JOIN_DONE);
	done();
}
START_TEST(a_used_token_is_refused_whoever_let_the_first_in)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 60000);
	ck_assert_int_eq(join(GUEST, 2000), JOIN_DONE);
	run(500);
	ck_assert_int_eq(join(SECOND, 8000), JOIN_USED);
	/* Who was in already may ask again: the answer may have been lost. */
	ck_assert_int_eq(join(GUEST, 2000), JOIN_DONE);
	done();
}
START_TEST(a_token_for_two_lets_two_in)
{
	two_and_strangers();
	invite_by(MEMBER, 2, 60000);
	ck_assert_int_eq(join(GUEST, 2000), JOIN_DONE);
	run(500);
	ck_assert_int_eq(join(SECOND, 2000), JOIN_DONE);
	done();
}
START_TEST(an_expired_token_is_refused_as_such)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 5000);
	run(6000);
	ck_assert_int_eq(join(GUEST, 2000), JOIN_EXPIRED);
	ck_assert_uint_ge(counter(FOUNDER, "trust.guest_refused") +
		counter(MEMBER, "trust.guest_refused"),
	    1);
	done();
}
START_TEST(a_withdrawn_token_is_unknown)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 60000);
	withdraw(FOUNDER);
	ck_assert_int_eq(join(GUEST, 2000), JOIN_UNKNOWN);
	done();
}
START_TEST(a_token_that_nobody_made_is_unknown_after_some_patience)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 60000);
	invite.secret[0] ^= 1;
	ck_assert_int_eq(join(GUEST, 5000), 0);
	ck_assert_int_eq(join(GUEST, 20000), JOIN_UNKNOWN);
	ck_assert_uint_gt(counter(FOUNDER, "rx.stranger"), 0);
	done();
}
START_TEST(another_networks_token_gets_no_answer_at_all)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 60000);
	invite.netid[0] ^= 1;
	ck_assert_int_eq(join(GUEST, 20000), 0);
	ck_assert_uint_eq(counter(FOUNDER, "trust.guest_refused"), 0);
	done();
}
START_TEST(a_guest_may_say_nothing_but_its_question)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 60000);
	ck_assert_int_eq(join(GUEST, 2000), JOIN_DONE);
	/* Its session stands for ten seconds and is nobody's: it carries no records. */
	append(GUEST, 9);
	run(3000);
	for (uint32_t i = FOUNDER; i <= MEMBER; i++) {
		ck_assert_uint_eq(world_told(w, i, GUEST, LANE_PACKET, 9), 0);
		ck_assert(!is_direct(i, GUEST));
	}
	done();
}
START_TEST(who_is_blocked_is_not_let_in_by_a_token)
{
	two_and_strangers();
	struct mesh_decree d = { .kind = DECREE_BLOCK,
		.site = w->sites[GUEST].identity.key };
	uint64_t seq;
	ck_assert_int_eq(
	    mesh_site_decree(w->sites[FOUNDER].site, &d, &seq, world_now(w)), MESH_OK);
	world_flush(w, FOUNDER);
	run(500);
	invite_by(FOUNDER, 1, 60000);
	ck_assert_int_eq(join(GUEST, 10000), 0);
	ck_assert_uint_gt(counter(FOUNDER, "rx.hs_identity"), 0);
	done();
}
START_TEST(joining_goes_on_until_somebody_is_there)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 600000);
	world_kill(w, FOUNDER);
	world_kill(w, MEMBER);
	ck_assert_int_eq(join(GUEST, 30000), 0);
	world_start(w, MEMBER);
	uint32_t guest = GUEST;
	ck_assert(world_wait(w, has_ended, &guest, w->now + 8000));
	ck_assert_int_eq(w->sites[GUEST].joined, JOIN_DONE);
	done();
}
START_TEST(half_of_all_datagrams_may_be_lost)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 600000);
	w->params.loss = 0.5;
	ck_assert_int_eq(join(GUEST, 60000), JOIN_DONE);
	done();
}
CHECK_MODULE(guests, NULL, a_guest_is_told_the_key_and_becomes_a_member,
    the_inviter_may_be_away, everybody_may_have_been_restarted_meanwhile,
    a_used_token_is_refused_whoever_let_the_first_in, a_token_for_two_lets_two_in,
    an_expired_token_is_refused_as_such, a_withdrawn_token_is_unknown,
    a_token_that_nobody_made_is_unknown_after_some_patience,
    another_networks_token_gets_no_answer_at_all,
    a_guest_may_say_nothing_but_its_question, who_is_blocked_is_not_let_in_by_a_token,
    joining_goes_on_until_somebody_is_there, half_of_all_datagrams_may_be_lost)
