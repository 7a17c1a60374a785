/* Who belongs: clause.c, charter.c, and admit.c over it. */
#include "admit.h"
#include "charter.h"
#include "check_mesh.h"
#include "id.h"
#include "seal.h"
#include <time.h>

enum { CAP = 8, MANY = 1024, FOUNDER = 0, ANNA, BERT, CARL, EVE };
static struct charter c;
static _Alignas(16) uint8_t block[MANY * (sizeof(struct clause) + 2)];
static uint64_t seq;

static struct mesh_key
key(unsigned n)
{
	struct mesh_key k;
	uint8_t seed[32] = { (uint8_t)(n + 1) };

	seal_public_of(seed, k.bytes);
	return k;
}

static void
setup(void)
{
	struct mesh_key founder = key(FOUNDER);

	memset(block, 0, sizeof block);
	ck_assert_uint_le(charter_bytes(MANY), sizeof block);
	charter_init(&c, block, CAP, &founder);
	seq = 0;
}
static void
setup_with(uint32_t cap)
{
	setup();
	c.cap = cap;
	c.order = (uint16_t *)(c.slots + cap);
}

static struct clause *
say(unsigned author, enum clause_kind kind, unsigned subject, bool on)
{
	struct clause one = { .author = key(author),
		.subject = key(subject),
		.kind = (uint8_t)kind,
		.on = on,
		.epoch = 1,
		.seq = ++seq };
	struct clause *slot = charter_put(&c, &one, 1000);

	charter_settle(&c);
	return slot;
}

static bool
is_admin(unsigned n)
{
	struct mesh_key k = key(n);
	return charter_is_admin(&c, &k);
}
static bool
is_allowed(unsigned n)
{
	struct mesh_key k = key(n);
	return charter_is_allowed(&c, &k);
}
static bool
is_out(unsigned n)
{
	struct mesh_key k = key(n);
	return charter_revoked(&c, &k) != NULL;
}

START_TEST(the_founder_is_admin_and_nobody_else_is_until_an_admin_says_so)
{
	ck_assert(is_admin(FOUNDER) && !is_admin(ANNA));
	say(ANNA, CLAUSE_ADMIN, ANNA, true);
	ck_assert(!is_admin(ANNA));
	say(FOUNDER, CLAUSE_ADMIN, ANNA, true);
	ck_assert(is_admin(ANNA));
	say(ANNA, CLAUSE_ADMIN, BERT, true);
	ck_assert(is_admin(BERT));
	say(FOUNDER, CLAUSE_ADMIN, ANNA, false);
	ck_assert(!is_admin(ANNA) && !is_admin(BERT));
}
START_TEST(the_order_of_arrival_does_not_matter)
{
	say(BERT, CLAUSE_ALLOW, CARL, true);
	say(ANNA, CLAUSE_ADMIN, BERT, true);
	ck_assert(!is_allowed(CARL) && !is_admin(BERT));
	say(FOUNDER, CLAUSE_ADMIN, ANNA, true);
	ck_assert(is_admin(BERT) && is_allowed(CARL));
}
START_TEST(only_an_admins_word_counts)
{
	/* clang-format off */
	static const struct { unsigned author; enum clause_kind kind; bool counts; } row[] = {
		{ EVE, CLAUSE_ALLOW, false }, { EVE, CLAUSE_REVOKE, false },
		{ EVE, CLAUSE_NETKEY, false }, { EVE, CLAUSE_ADMIN, false },
		{ FOUNDER, CLAUSE_ALLOW, true }, { FOUNDER, CLAUSE_REVOKE, true },
		{ FOUNDER, CLAUSE_NETKEY, true }, { FOUNDER, CLAUSE_ADMIN, true },
		{ EVE, CLAUSE_INVITE, true }, { EVE, CLAUSE_USE, true },
	};
	/* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		setup();
		struct clause *slot = say(row[i].author, row[i].kind, CARL, true);
		ck_assert_ptr_nonnull(slot);
		ck_assert_msg(slot->counts == row[i].counts, "row %zu", i);
	}
}
START_TEST(nobody_revokes_the_founder_and_only_the_founder_an_admin)
{
	say(FOUNDER, CLAUSE_ADMIN, ANNA, true);
	say(FOUNDER, CLAUSE_ADMIN, BERT, true);
	say(ANNA, CLAUSE_REVOKE, FOUNDER, true);
	say(ANNA, CLAUSE_REVOKE, BERT, true);
	say(ANNA, CLAUSE_REVOKE, EVE, true);
	ck_assert(!is_out(FOUNDER) && !is_out(BERT) && is_out(EVE));
	say(FOUNDER, CLAUSE_REVOKE, ANNA, true);
	ck_assert(is_out(ANNA) && !is_admin(ANNA));
	ck_assert(!is_out(EVE)); /* said by somebody who is no admin any more */
}
/* `epoch`: of what it said until then.  Words of this test are of epoch 1. */
static void
purge(unsigned author, unsigned subject, bool on)
{
	struct clause one = { .author = key(author),
		.subject = key(subject),
		.kind = CLAUSE_REVOKE,
		.on = on,
		.purge = true,
		.epoch = 1,
		.seq = ++seq,
		.cut.epoch = 1 };
	ck_assert_ptr_nonnull(charter_put(&c, &one, 1000));
	charter_settle(&c);
}
static uint64_t
purged(unsigned n)
{
	struct mesh_key k = key(n);
	return charter_purged(&c, &k);
}
START_TEST(what_the_purged_decided_is_void_in_any_order_and_for_ever)
{
	say(FOUNDER, CLAUSE_ADMIN, ANNA, true);
	say(ANNA, CLAUSE_ADMIN, BERT, true);
	say(ANNA, CLAUSE_REVOKE, EVE, true);
	ck_assert(is_admin(BERT) && is_out(EVE));
	purge(FOUNDER, ANNA, true);
	ck_assert(!is_admin(ANNA) && !is_admin(BERT) && !is_out(EVE));
	purge(FOUNDER, ANNA, false); /* she is admin again, by the founder's word */
	ck_assert_uint_eq(purged(ANNA), 1);
	ck_assert(is_admin(ANNA) && !is_admin(BERT) && !is_out(EVE));
	say(ANNA, CLAUSE_ADMIN, BERT, true); /* old, and late */
	ck_assert(!is_admin(BERT));
	setup();
	purge(FOUNDER, ANNA, false);
	say(ANNA, CLAUSE_ADMIN, BERT, true);
	say(FOUNDER, CLAUSE_ADMIN, ANNA, true);
	ck_assert(is_admin(ANNA) && !is_admin(BERT));
}
START_TEST(nobody_is_purged_by_who_may_not_revoke)
{
	say(FOUNDER, CLAUSE_ADMIN, ANNA, true);
	say(FOUNDER, CLAUSE_ADMIN, BERT, true);
	purge(ANNA, FOUNDER, true);
	purge(ANNA, BERT, true);
	purge(EVE, CARL, true);
	ck_assert_uint_eq(purged(FOUNDER) + purged(BERT) + purged(CARL), 0);
	purge(ANNA, EVE, true);
	ck_assert_uint_eq(purged(EVE), 1);
}
START_TEST(the_newer_word_of_one_author_holds_in_any_order)
{
	struct clause *slot = say(FOUNDER, CLAUSE_REVOKE, EVE, true);
	struct clause old = *slot, back = *slot;

	ck_assert(is_out(EVE));
	back.on = false;
	back.seq = ++seq;
	ck_assert_ptr_eq(charter_put(&c, &back, 1000), slot);
	charter_settle(&c);
	ck_assert(!is_out(EVE));
	ck_assert_ptr_null(charter_put(&c, &old, 1000));
	ck_assert(!is_out(EVE));
	old.epoch = 2;
	ck_assert_ptr_eq(charter_put(&c, &old, 1000), slot);
	charter_settle(&c);
	ck_assert(is_out(EVE));
}
START_TEST(who_is_no_admin_cannot_fill_the_table)
{
	struct mesh_key revoked = key(CARL);
	uint32_t count = 0;

	for (unsigned i = 0; i < 3 * CAP; i++)
		say(EVE, CLAUSE_ALLOW, 20 + i, true);
	ck_assert_ptr_null(say(EVE, CLAUSE_ALLOW, 99, true));
	for (unsigned i = 0; i < CAP; i++)
		ck_assert_ptr_nonnull(say(FOUNDER, CLAUSE_REVOKE, 30 + i, true));
	ck_assert_ptr_null(say(FOUNDER, CLAUSE_REVOKE, CARL, true));
	ck_assert_ptr_null(charter_revoked(&c, &revoked));
	for (uint32_t i = 0; charter_walk(&c, &i) != NULL; i++)
		count++;
	ck_assert_uint_eq(count, CAP);
}
/* Whoever has a token for many can invent as many guests. */
START_TEST(guests_whom_an_admin_answered_leave_room_for_its_words)
{
	for (unsigned i = 0; i < 2 * CAP; i++)
		say(FOUNDER, CLAUSE_USE, 20 + i, true);
	for (unsigned i = 0; i < CAP; i++)
		ck_assert_ptr_nonnull(say(FOUNDER, CLAUSE_REVOKE, 60 + i, true));
	ck_assert(is_out(60) && is_out(60 + CAP - 1));
}
START_TEST(an_invitation_counts_each_guest_once_whoever_answered)
{
	static const uint8_t id[CLAUSE_ID] = { 7 };
	struct clause use = { .kind = CLAUSE_USE, .on = true, .epoch = 1, .id = { 7 } };
	struct mesh_key carl = key(CARL), eve = key(EVE);
	bool before;

	for (unsigned author = FOUNDER; author <= BERT; author++) {
		use.author = key(author);
		use.subject = carl;
		use.seq = ++seq;
		ck_assert_ptr_nonnull(charter_put(&c, &use, 0));
	}
	ck_assert_uint_eq(charter_uses(&c, id, &carl, &before), 1);
	ck_assert(before);
	ck_assert_uint_eq(charter_uses(&c, id, &eve, &before), 1);
	ck_assert(!before);
}
/* --- guests of an invitation: the rule as DECISIONS/0201 says it, word by word --- */

static bool
an_admin_answered(const struct clause *use)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(&c, &i)) != NULL; i++)
		if (clause_is_same_use(one, use) && charter_is_admin(&c, &one->author))
			return true;
	return false;
}
static bool
comes_before(const struct clause *a, const struct clause *b)
{
	if (an_admin_answered(a) != an_admin_answered(b))
		return an_admin_answered(a);
	return key_compare(&a->subject, &b->subject) < 0;
}
static bool
ought_to_be_in(const struct mesh_key *guest)
{
	struct clause *use, *other, *earlier;
	for (uint32_t i = 0; (use = charter_walk(&c, &i)) != NULL; i++) {
		const struct clause *invite = charter_invite(&c, use->id);
		uint32_t before = 0;
		if (use->kind != CLAUSE_USE || !use->on || invite == NULL ||
		    !key_equal(&use->subject, guest) ||
		    !charter_is_admin(&c, &invite->author))
			continue;
		for (uint32_t k = 0; (other = charter_walk(&c, &k)) != NULL; k++) {
			bool first = other->kind == CLAUSE_USE &&
			    memcmp(other->id, use->id, CLAUSE_ID) == 0;
			for (uint32_t m = 0; m < k; m++) {
				earlier = charter_walk(&c, &(uint32_t){ m });
				first = first && !clause_is_same_use(earlier, other);
			}
			before += first && comes_before(other, use);
		}
		if (before < invite->uses)
			return true;
	}
	return false;
}
static struct clause
any_clause_of_guests(void)
{
	bool invites = rng_u32() % 5 == 0;
	struct clause one = { .author = key(rng_u32() % 5),
		.kind = invites ? CLAUSE_INVITE : CLAUSE_USE,
		.on = rng_u32() % 8 != 0,
		.epoch = 1,
		.seq = ++seq,
		.id = { (uint8_t)(rng_u32() % 3) } };
	if (invites)
		one.uses = (uint16_t)(rng_u32() % 5);
	else
		one.subject = key(10 + rng_u32() % 8);
	return one;
}
START_TEST(whoever_says_what_in_which_order_the_same_guests_are_in)
{
	size_t in = 0, out = 0;
	for (int round = 0; round < 60; round++) {
		setup_with(40);
		say(FOUNDER, CLAUSE_ADMIN, ANNA, true);
		for (size_t i = 0; i < 38; i++) {
			struct clause one = any_clause_of_guests();
			charter_put(&c, &one, 0);
		}
		charter_settle(&c);
		for (unsigned n = 10; n < 18; n++) {
			struct mesh_key guest = key(n);
			bool wanted = ought_to_be_in(&guest);
			ck_assert_msg(
			    is_allowed(n) == wanted, "round %d, %u", round, n);
			in += wanted;
			out += !wanted;
		}
	}
	ck_assert(in > 60 && out > 60);
}

/* Claims by a member, each of another guest of the founder's invitation. */
static void
claim(uint32_t count)
{
	struct clause invite = { .kind = CLAUSE_INVITE,
		.author = key(FOUNDER),
		.on = true,
		.uses = 1,
		.epoch = 1,
		.id = { 7 } };
	struct clause use = { .kind = CLAUSE_USE,
		.author = key(EVE),
		.on = true,
		.epoch = 1,
		.id = { 7 } };
	setup_with(count);
	ck_assert_ptr_nonnull(charter_put(&c, &invite, 0));
	for (uint32_t i = 1; i < count; i++) {
		rng_bytes(&use.subject, sizeof use.subject);
		use.seq = ++seq;
		ck_assert_ptr_nonnull(charter_put(&c, &use, 0));
	}
	charter_settle(&c);
}
static double
cost_of(bool question)
{
	static const uint8_t id[CLAUSE_ID] = { 7 };
	double best = 1e9;
	bool before;
	for (int i = 0; i < 20; i++) {
		clock_t start = clock();
		for (uint32_t k = 0; question && k < 100; k++) {
			const struct clause *last = &c.slots[c.end - 1];
			charter_is_allowed(&c, &last->subject);
			charter_uses(&c, id, &last->subject, &before);
		}
		if (!question)
			charter_settle(&c);
		double took = (double)(clock() - start);
		best = took < best ? took : best;
	}
	return best;
}
START_TEST(claims_of_guests_cost_no_square_of_their_number)
{
	for (int question = 0; question <= 1; question++) {
		claim(MANY / 8);
		double few = cost_of(question);
		claim(MANY);
		double many = cost_of(question);
		ck_assert_msg(many < 30 * (few + 1),
		    "%s: %.0f after %.0f: 64 is a square",
		    question ? "questions" : "settling", many, few);
	}
}
START_TEST(clauses_read_back_from_body_and_row)
{
	uint8_t body_bytes[CLAUSE_BODY_MAX], row_bytes[CLAUSE_ROW_MAX];
	uint8_t key_bytes[CLAUSE_ROW_KEY_MAX];

	for (unsigned kind = CLAUSE_ADMIN; kind <= CLAUSE_USE; kind++) {
		struct clause one = { .author = key(ANNA),
			.kind = (uint8_t)kind,
			.on = true,
			.epoch = 5,
			.seq = 6 };
		struct clause body_back, row_back;
		if (kind != CLAUSE_INVITE)
			one.subject = key(CARL);
		if (kind == CLAUSE_INVITE || kind == CLAUSE_USE)
			memset(one.id, 3, sizeof one.id);
		if (kind == CLAUSE_INVITE) {
			one.uses = 4;
			memset(one.verifier, 9, sizeof one.verifier);
		}
		if (kind == CLAUSE_INVITE || kind == CLAUSE_NETKEY)
			one.until_ms = 1234;
		if (kind == CLAUSE_REVOKE) {
			one.cut.epoch = 77;
			one.cut.marks[3] = 12;
			one.purge = true;
		}
		struct bytes_out body = bytes_out(body_bytes, sizeof body_bytes);
		struct bytes_out row = bytes_out(row_bytes, sizeof row_bytes);
		struct bytes_out name = bytes_out(key_bytes, sizeof key_bytes);
		ck_assert_int_eq(clause_write(&one, &body), MESH_OK);
		struct record r = { .at = { .origin = one.author,
					.lane = LANE_CONTROL,
					.epoch = 5,
					.seq = 6 },
			.type = RECORD_PUT,
			.body = bytes_written(&body) };
		ck_assert_msg(clause_read(&r, &body_back), "kind %u", kind);
		ck_assert_mem_eq(&body_back, &one, sizeof one);
		r.at.lane = LANE_STATE;
		ck_assert(!clause_read(&r, &body_back));
		clause_row_key(&one, &name);
		clause_row_write(&one, &row);
		ck_assert(!row.failed && !name.failed);
		ck_assert(clause_row_read(
		    bytes_written(&name), bytes_written(&row), &row_back));
		ck_assert_mem_eq(&row_back, &one, sizeof one);
		for (size_t cut = 0; cut < row.len; cut++)
			ck_assert(!clause_row_read(bytes_written(&name),
			    bytes_view(row_bytes, cut), &row_back));
	}
}

/* --- admission --- */

static struct admit a;
static _Alignas(16) uint8_t admit_block[1024];

static void
admission(enum mesh_admission mode)
{
	static const uint8_t secret[16] = { 3 };

	memset(admit_block, 0, sizeof admit_block);
	ck_assert_uint_le(admit_bytes(4), sizeof admit_block);
	admit_init(&a, admit_block, 4, secret);
	admit_govern(&a, mode, &c);
}
static enum mesh_err
proves(unsigned n)
{
	struct mesh_key k = key(n);
	return admit_proved(&a, &k);
}
static bool
is_in(unsigned n)
{
	struct mesh_key k = key(n);
	return admit_is_in(&a, &k);
}

START_TEST(with_an_allow_list_the_key_alone_admits_nobody)
{
	admission(ADMISSION_ALLOW_LIST);
	ck_assert_int_eq(proves(CARL), MESH_DENIED);
	say(FOUNDER, CLAUSE_ALLOW, CARL, true);
	ck_assert(!is_in(CARL)); /* it has not shown the key yet */
	ck_assert_int_eq(proves(CARL), MESH_OK);
	ck_assert(is_in(CARL));
	ck_assert_int_eq(proves(FOUNDER), MESH_OK);
	say(FOUNDER, CLAUSE_ALLOW, CARL, false);
	ck_assert(!is_in(CARL));
}
START_TEST(who_is_revoked_is_out_in_either_mode)
{
	for (int mode = ADMISSION_NETWORK_KEY; mode <= ADMISSION_ALLOW_LIST; mode++) {
		setup();
		admission((enum mesh_admission)mode);
		say(FOUNDER, CLAUSE_ALLOW, CARL, true);
		ck_assert_int_eq(proves(CARL), MESH_OK);
		say(FOUNDER, CLAUSE_REVOKE, CARL, true);
		ck_assert(!is_in(CARL));
		ck_assert_int_eq(proves(CARL), MESH_DENIED);
		say(FOUNDER, CLAUSE_REVOKE, CARL, false);
		ck_assert(is_in(CARL));
	}
}
START_TEST(an_admins_invitation_is_as_good_as_an_allow_for_so_many)
{
	struct clause invite = { .kind = CLAUSE_INVITE,
		.author = key(FOUNDER),
		.on = true,
		.uses = 1,
		.epoch = 1,
		.id = { 7 } };
	struct clause use = { .kind = CLAUSE_USE,
		.author = key(ANNA),
		.subject = key(CARL),
		.on = true,
		.epoch = 1,
		.id = { 7 } };
	ck_assert_ptr_nonnull(charter_put(&c, &use, 0));
	charter_settle(&c);
	ck_assert(!is_allowed(CARL));
	ck_assert_ptr_nonnull(charter_put(&c, &invite, 0));
	charter_settle(&c);
	ck_assert(is_allowed(CARL));
	invite.author = key(EVE);
	setup();
	ck_assert_ptr_nonnull(charter_put(&c, &use, 0));
	ck_assert_ptr_nonnull(charter_put(&c, &invite, 0));
	charter_settle(&c);
	ck_assert(!is_allowed(CARL));
}

START_TEST(a_purge_names_an_epoch_that_another_can_follow)
{
	static const struct {
		uint64_t epoch;
		bool purge, sound;
	} rows[] = { { RECORD_SEQ_MAX, true, true },
		{ RECORD_SEQ_MAX + 1, true, false }, { UINT64_MAX, true, false },
		{ UINT64_MAX, false, true } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint8_t room[CLAUSE_BODY_MAX];
		struct bytes_out body = bytes_out(room, sizeof room);
		struct clause back, one = { .kind = CLAUSE_REVOKE, .on = true };
		one.author = key(FOUNDER);
		one.subject = key(CARL);
		one.purge = rows[i].purge;
		one.cut.epoch = rows[i].epoch;
		ck_assert_int_eq(clause_write(&one, &body), MESH_OK);
		struct record r = { .at = { .origin = one.author,
					.lane = LANE_CONTROL,
					.epoch = 5,
					.seq = 6 },
			.type = RECORD_PUT,
			.body = bytes_written(&body) };
		ck_assert_msg(clause_read(&r, &back) == rows[i].sound, "row %zu", i);
	}
}

CHECK_MODULE(charter, setup,
    the_founder_is_admin_and_nobody_else_is_until_an_admin_says_so,
    the_order_of_arrival_does_not_matter, only_an_admins_word_counts,
    nobody_revokes_the_founder_and_only_the_founder_an_admin,
    what_the_purged_decided_is_void_in_any_order_and_for_ever,
    nobody_is_purged_by_who_may_not_revoke,
    the_newer_word_of_one_author_holds_in_any_order,
    who_is_no_admin_cannot_fill_the_table,
    guests_whom_an_admin_answered_leave_room_for_its_words,
    an_invitation_counts_each_guest_once_whoever_answered,
    whoever_says_what_in_which_order_the_same_guests_are_in,
    claims_of_guests_cost_no_square_of_their_number,
    clauses_read_back_from_body_and_row, with_an_allow_list_the_key_alone_admits_nobody,
    who_is_revoked_is_out_in_either_mode,
    an_admins_invitation_is_as_good_as_an_allow_for_so_many,
    a_purge_names_an_epoch_that_another_can_follow)
