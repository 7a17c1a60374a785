/* Attacks on invitations: guessing, flooding, forging, using too often and too late. */
#include "attack.h"
#include "check_join.h"
#include "inside_trust.h"
#include "seal.h"

/* FOUNDER and MEMBER, who is no admin, with an allow-list; both strangers stay out. */
static void
a_closed_network(void)
{
	struct mesh_decree d = { .kind = DECREE_ALLOW };
	uint64_t seq;
	two_and_strangers_with(ADMISSION_ALLOW_LIST);
	d.site = w->sites[MEMBER].identity.key;
	ck_assert_int_eq(
	    mesh_site_decree(w->sites[FOUNDER].site, &d, &seq, world_now(w)), MESH_OK);
	world_flush(w, FOUNDER);
	run(20000);
	ck_assert(is_direct(FOUNDER, MEMBER));
}
static bool
is_allowed_at(uint32_t at, uint32_t who)
{
	return charter_is_allowed(
	    &w->sites[at].site->charter, &w->sites[who].identity.key);
}

/* --- who has no token --- */

START_TEST(a_guessed_token_is_not_answered)
{
	enum { GUESSES = 64, HINT = 1 };
	two_and_strangers();
	invite_by(FOUNDER, 1, 60000);
	struct netkey keys;
	uint8_t verifier[32], knock[ENVELOPE_HS1_BYTES];
	mesh_invite_verifier(&invite, verifier);
	netkey_derive(verifier, &keys);
	for (uint32_t i = 0; i < GUESSES; i++) {
		struct mesh_invite guess = invite;
		struct mesh_path from = stranger_path(i);
		guess.secret[i % sizeof guess.secret] ^= (uint8_t)(1 + i);
		struct bytes_view hs1 = stranger_knocks(w, GUEST, &guess);
		memcpy(knock, hs1.ptr, hs1.len);
		world_flush(w, FOUNDER);
		attack_starts(w);
		world_inject(w, FOUNDER, &from, hs1);
		attack_moves(FOUNDER, "rx.stranger", 1);
		attack_ends(w, "a guessed secret");
		/* Who heard a guest knock knows the hint, and nothing else. */
		memcpy(knock + HINT, keys.hint, sizeof keys.hint);
		world_inject(w, FOUNDER, &from, bytes_view(knock, sizeof knock));
		attack_moves(FOUNDER, "rx.hs_tag", 1);
		attack_ends(w, "a guessed secret under the right hint");
		run(30); /* else the doorstep is busy */
	}
	done();
}

/* --- who has one, and uses it too often --- */

START_TEST(a_guest_gets_in_through_a_flood_of_join_requests)
{
	enum { MS = 3000 };
	two_and_strangers();
	invite_by(FOUNDER, 2, 60000);
	const struct mesh_site *s = w->sites[FOUNDER].site;
	size_t memory = mesh_site_memory(s);
	uint32_t number = 0;
	w->sites[GUEST].joined = 0;
	for (mesh_time_ms end = w->now + MS; w->now < end; run(1)) {
		struct mesh_path from = stranger_path(number++);
		uint64_t sent = w->sites[FOUNDER].sent_bytes;
		world_inject(w, FOUNDER, &from, stranger_knocks(w, SECOND, &invite));
		world_flush(w, FOUNDER);
		ck_assert_uint_le(w->sites[FOUNDER].sent_bytes - sent,
		    ENVELOPE_HS1_BYTES + ENVELOPE_MAX); /* a PING may be due */
		if (number == 1000) {
			world_cut(w, GUEST, MEMBER); /* the flooded one shall answer */
			mesh_site_join(w->sites[GUEST].site, &invite, world_now(w));
			world_flush(w, GUEST);
		}
	}
	ck_assert_int_eq(w->sites[GUEST].joined, JOIN_DONE);
	ck_assert_uint_gt(counter(FOUNDER, "rx.cookie_sent"), 0);
	ck_assert_uint_eq(mesh_site_memory(s), memory);
	ck_assert(is_direct(FOUNDER, MEMBER) && is_direct(MEMBER, FOUNDER));
	done();
}
START_TEST(two_who_are_let_in_at_once_by_two_are_one_in_the_end)
{
	static const uint32_t guests[] = { GUEST, SECOND };
	a_closed_network();
	invite_by(FOUNDER, 1, 600000);
	world_cut(w, FOUNDER, MEMBER);
	world_cut(w, GUEST, MEMBER);
	world_cut(w, SECOND, FOUNDER);
	for (size_t i = 0; i < LENGTH(guests); i++) {
		struct mesh_site *s = w->sites[guests[i]].site;
		w->sites[guests[i]].joined = 0;
		mesh_site_join(s, &invite, world_now(w));
		world_flush(w, guests[i]);
	}
	run(8000);
	ck_assert_int_eq(w->sites[GUEST].joined, JOIN_DONE);
	ck_assert_int_eq(w->sites[SECOND].joined, JOIN_DONE);
	ck_assert(is_allowed_at(MEMBER, SECOND)); /* nobody knows better there */
	world_join_all(w);
	move_in(GUEST);
	move_in(SECOND);
	run(60000);
	for (uint32_t at = FOUNDER; at <= MEMBER; at++) {
		ck_assert(is_allowed_at(at, GUEST)); /* an admin's guest */
		ck_assert(!is_allowed_at(at, SECOND));
		ck_assert(is_direct(at, GUEST) && !is_direct(at, SECOND));
	}
	done();
}

/* --- members who lie about guests --- */

static void
claim_guests(uint32_t liar, uint32_t count)
{
	struct clause use = {
		.author = w->sites[liar].identity.key, .kind = CLAUSE_USE, .on = true
	};
	uint64_t seq;
	memcpy(use.id, invite.id, sizeof use.id);
	for (uint32_t i = 0; i < count; i++) {
		uint8_t seed[32];
		rng_bytes(seed, sizeof seed);
		seal_public_of(seed, use.subject.bytes);
		ck_assert_int_eq(ruling_say(w->sites[liar].site, &use, &seq), MESH_OK);
		world_drain(w, liar);
		run(100);
	}
}
START_TEST(invented_guests_put_nobody_out)
{
	a_closed_network();
	invite_by(FOUNDER, 1, 600000);
	world_cut(w, GUEST, MEMBER);
	ck_assert_int_eq(join(GUEST, 3000), JOIN_DONE);
	run(500);
	claim_guests(MEMBER, 20);
	run(2000);
	ck_assert_uint_gt(counter(FOUNDER, "rx.taken"), 0);
	for (uint32_t at = FOUNDER; at <= MEMBER; at++)
		ck_assert(is_allowed_at(at, GUEST));
	done();
}
/* The table fills with what no admin said, and that makes room for what one says. */
START_TEST(claims_without_number_keep_nobody_out)
{
	enum { CLAIMS = 400 };
	a_closed_network();
	invite_by(FOUNDER, 1, 600000);
	world_cut(w, GUEST, MEMBER);
	ck_assert_int_eq(join(GUEST, 3000), JOIN_DONE);
	run(500);
	const struct mesh_site *s = w->sites[FOUNDER].site;
	size_t memory = mesh_site_memory(s);
	claim_guests(MEMBER, CLAIMS);
	run(2000);
	ck_assert_uint_gt(counter(FOUNDER, "trust.full"), 0);
	ck_assert_uint_eq(mesh_site_memory(s), memory);
	invite_by(FOUNDER, 1, 600000);
	world_cut(w, SECOND, MEMBER);
	ck_assert_int_eq(join(SECOND, 3000), JOIN_DONE);
	run(500);
	for (uint32_t at = FOUNDER; at <= MEMBER; at++)
		ck_assert(is_allowed_at(at, GUEST) && is_allowed_at(at, SECOND));
	done();
}
START_TEST(who_is_no_admin_invites_nobody_into_a_closed_network)
{
	a_closed_network();
	invite_by(MEMBER, 1, 600000);
	ck_assert_int_eq(join(GUEST, 3000), JOIN_REFUSED);
	for (uint32_t at = FOUNDER; at <= MEMBER; at++)
		ck_assert(!is_allowed_at(at, GUEST));
	done();
}

/* By MEMBER, under the id of the founder's, with a secret of its own. */
static void
invite_under_the_same_id(void)
{
	struct mesh_decree d = { .kind = DECREE_INVITE, .uses = 9 };
	uint64_t seq;
	memcpy(d.id, invite.id, sizeof d.id);
	d.until_ms = (uint64_t)invite.expires_ms;
	invite.secret[0] ^= 1;
	mesh_invite_verifier(&invite, d.key32);
	ck_assert_int_eq(
	    mesh_site_decree(w->sites[MEMBER].site, &d, &seq, world_now(w)), MESH_OK);
	world_flush(w, MEMBER);
	run(500);
}
START_TEST(an_invitation_under_an_admins_id_lets_nobody_in)
{
	a_closed_network();
	invite_by(FOUNDER, 1, 600000);
	invite_under_the_same_id();
	ck_assert_int_eq(join(GUEST, 3000), JOIN_REFUSED);
	for (uint32_t at = FOUNDER; at <= MEMBER; at++)
		ck_assert(!is_allowed_at(at, GUEST));
	done();
}
START_TEST(an_invitation_under_an_admins_id_puts_nobody_out)
{
	a_closed_network();
	invite_by(FOUNDER, 1, 600000);
	ck_assert_int_eq(join(GUEST, 3000), JOIN_DONE);
	run(500);
	invite_under_the_same_id();
	for (uint32_t at = FOUNDER; at <= MEMBER; at++)
		ck_assert(is_allowed_at(at, GUEST));
	done();
}

/* --- too late --- */

static void
turn_clocks_back(void)
{
	const unix_ms year = (unix_ms)365 * 24 * 3600 * 1000;
	for (uint32_t at = FOUNDER; at <= MEMBER; at++)
		w->sites[at].clock_ms = -year;
}
START_TEST(a_clock_that_goes_back_revives_no_token)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 5000);
	run(16000);
	turn_clocks_back();
	ck_assert_int_eq(join(GUEST, 3000), JOIN_EXPIRED);
	done();
}
START_TEST(not_even_after_a_restart)
{
	two_and_strangers();
	invite_by(FOUNDER, 1, 5000);
	run(16000);
	turn_clocks_back();
	for (uint32_t at = FOUNDER; at <= MEMBER; at++) {
		world_kill(w, at);
		world_start(w, at);
	}
	run(5000);
	ck_assert_int_eq(join(GUEST, 3000), JOIN_EXPIRED);
	done();
}

CHECK_MODULE(attack_invite, NULL, a_guessed_token_is_not_answered,
    a_guest_gets_in_through_a_flood_of_join_requests,
    two_who_are_let_in_at_once_by_two_are_one_in_the_end,
    invented_guests_put_nobody_out, claims_without_number_keep_nobody_out,
    who_is_no_admin_invites_nobody_into_a_closed_network,
    an_invitation_under_an_admins_id_lets_nobody_in,
    an_invitation_under_an_admins_id_puts_nobody_out,
    a_clock_that_goes_back_revives_no_token, not_even_after_a_restart)
