/* Two sites meet: handshake.c, handshake_call.c, halfway.c, introduce.c, session.c. */
#include "check_mesh.h"
#include "handshake.h"
#include "id.h"
#include "mesh_counters.h"
#include "seal.h"

enum { CAP = 64 };
struct side {
	struct handshake h;
	struct sessions ss;
	uint64_t counters[COUNT_MESH];
	struct mesh_path path;
	uint8_t seed[32];
	_Alignas(16) uint8_t sessions[128 * 1024], halves[256 * 1024];
};
static struct side a, b; /* a has the smaller key */
static struct handshake_out out;
static mesh_time_ms now;

static struct mesh_path
v4_path(uint8_t host)
{
	return (struct mesh_path){
		.addr = { [10] = 0xff, 0xff, 10, 0, 0, host, 0x11, 0x77 }
	};
}

static void
start_side(struct side *s, const char *name)
{
	static uint8_t secret[16];
	struct handshake_self self = { .told = { .boot = 7,
					   .proto_min = 1,
					   .proto_max = 3,
					   .features = 5,
					   .name = { name, strlen(name) } },
		.door = { .hint = { 1, 2, 3, 4 }, .k_hs = { 9 }, .k_cookie = { 8 } } };

	memset(s->counters, 0, sizeof s->counters);
	memset(s->sessions, 0, sizeof s->sessions);
	memset(s->halves, 0, sizeof s->halves);
	memcpy(self.seed, s->seed, 32);
	seal_public_of(s->seed, self.told.key.bytes);
	rng_bytes(self.cookie_secret, 32);
	ck_assert_uint_le(session_bytes(CAP), sizeof s->sessions);
	ck_assert_uint_le(handshake_bytes(CAP), sizeof s->halves);
	session_init(&s->ss, s->sessions, CAP,
	    &(struct session_setup){ &self.told.key, secret, s->counters });
	handshake_init(&s->h, s->halves,
	    &(struct handshake_setup){ CAP, &self, &s->ss, s->counters }, now);
}

static const struct mesh_key *
key_of(const struct side *s)
{
	return &s->h.self.told.key;
}

static void
setup(void)
{
	rng_restart(check_seed());
	now = 1000000;
	a.path = v4_path(1);
	b.path = v4_path(2);
	do {
		rng_bytes(a.seed, 32);
		rng_bytes(b.seed, 32);
		start_side(&a, "alpha");
		start_side(&b, "beta");
	} while (key_compare(key_of(&a), key_of(&b)) > 0);
}

static uint64_t
counted(const struct side *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < COUNT_MESH; i++)
		sum += s->counters[i];
	return sum;
}

static enum handshake_outcome
give(struct side *to, const struct mesh_path *from, struct bytes_view datagram)
{
	static uint8_t block[ENVELOPE_MAX];
	uint8_t random[HANDSHAKE_RANDOM];
	struct envelope env;

	rng_bytes(random, sizeof random);
	memcpy(block, datagram.ptr, datagram.len);
	struct bytes_view copy = bytes_view(block, datagram.len);
	if (envelope_read(copy, &env) != MESH_OK)
		return HANDSHAKE_DROPPED;
	return handshake_receive(&to->h,
	    &(struct handshake_input){ &env, copy, from, random, now, NULL }, &out);
}

static enum handshake_outcome
yes(struct side *s)
{
	return handshake_judge(
	    &s->h, &(struct handshake_verdict){ true, 0 }, now, &out);
}

static struct session_change
install(struct side *s)
{
	struct session_change change;

	ck_assert_int_eq(session_install(&s->ss, out.start, now, &change), MESH_OK);
	return change;
}

static void
call_there(struct side *from, const struct side *to, const struct mesh_key *expected)
{
	struct handshake_target target = { to->path, expected, now, 0, NULL };
	uint8_t random[HANDSHAKE_RANDOM];

	rng_bytes(random, sizeof random);
	ck_assert_int_eq(handshake_call(&from->h, &target, random, now), MESH_OK);
}
static void
call(struct side *from, const struct side *to)
{
	call_there(from, to, NULL);
}

struct letter {
	uint8_t bytes[ENVELOPE_MAX];
	size_t len;
};
static struct letter
keep(struct bytes_view v)
{
	struct letter l = { .len = v.len };

	memcpy(l.bytes, v.ptr, v.len);
	return l;
}
static struct bytes_view
view(const struct letter *l)
{
	return bytes_view(l->bytes, l->len);
}

static struct letter
hs1_of(struct side *from, const struct side *to)
{
	call(from, to);
	ck_assert_int_eq(handshake_next(&from->h, now, &out), HANDSHAKE_REPLY);
	return keep(out.reply);
}
static struct letter
hs2_of(struct side *to, const struct side *from, const struct letter *hs1)
{
	ck_assert_int_eq(give(to, &from->path, view(hs1)), HANDSHAKE_REPLY);
	return keep(out.reply);
}
static struct letter
hs3_of(struct side *from, const struct side *to, const struct letter *hs2)
{
	ck_assert_int_eq(give(from, &to->path, view(hs2)), HANDSHAKE_ASK);
	ck_assert(key_equal(&out.peer->key, key_of(to)));
	ck_assert_int_eq(yes(from), HANDSHAKE_MET);
	return keep(out.reply);
}

/* `from` calls `to`; both install. */
static void
meet(struct side *from, struct side *to)
{
	struct letter hs1 = hs1_of(from, to), hs2 = hs2_of(to, from, &hs1);
	struct letter hs3 = hs3_of(from, to, &hs2);

	install(from);
	ck_assert_int_eq(give(to, &from->path, view(&hs3)), HANDSHAKE_ASK);
	ck_assert_int_eq(yes(to), HANDSHAKE_MET);
	install(to);
}

static struct session *
session_with(const struct side *s, const struct side *other)
{
	struct session *found = session_at(&s->ss, session_of(&s->ss, key_of(other)));

	ck_assert(found != NULL);
	return found;
}

static struct letter
sealed(struct side *from, const struct side *to, const char *text)
{
	struct letter l = { 0 };
	uint32_t counter;

	memcpy(l.bytes + ENVELOPE_DATA_HEAD, text, strlen(text));
	l.len = session_seal(session_with(from, to), l.bytes, strlen(text), &counter);
	ck_assert_uint_eq(l.len, ENVELOPE_DATA_HEAD + strlen(text) + ENVELOPE_TAG);
	return l;
}

static bool
opens(struct side *to, const struct letter *l, const char *text)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct session_opened opened;
	struct envelope env;

	return envelope_read(view(l), &env) == MESH_OK &&
	    session_open(&to->ss, &env, plain, &opened) &&
	    bytes_equal(opened.plain, bytes_view(text, strlen(text)));
}

/* --- meeting --- */

START_TEST(two_sites_meet_and_talk_both_ways)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);

	ck_assert_uint_eq(hs1.len, 256);
	ck_assert_uint_le(hs2.len, 256);
	struct letter hs3 = hs3_of(&a, &b, &hs2);
	ck_assert_int_eq(install(&a).what, SESSION_NEW);
	ck_assert_int_eq(give(&b, &a.path, view(&hs3)), HANDSHAKE_ASK);
	ck_assert_int_eq(yes(&b), HANDSHAKE_MET);
	ck_assert_int_eq(install(&b).what, SESSION_NEW);

	const struct session *s = session_with(&b, &a);
	ck_assert_uint_eq(s->peer.boot, 7);
	ck_assert_uint_eq(s->peer.proto, 3);
	ck_assert_uint_eq(s->peer.features, 5);
	ck_assert(handshake_path_equal(&s->path, &a.path));
	ck_assert(handshake_path_equal(&s->peer.observed, &b.path));
	ck_assert_uint_eq(s->peer.name_len, 5);
	ck_assert_mem_eq(s->peer.name, "alpha", 5);
	struct letter there = sealed(&a, &b, "there"), back = sealed(&b, &a, "back");
	ck_assert(opens(&b, &there, "there"));
	ck_assert(opens(&a, &back, "back"));
	ck_assert_uint_eq(a.counters[COUNT_RX_TAKEN], 1);
	ck_assert_uint_eq(b.counters[COUNT_RX_TAKEN], 2);
}
START_TEST(the_responder_has_no_session_before_hs3)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);

	(void)hs2;
	ck_assert_uint_eq(session_of(&b.ss, key_of(&a)).generation, 0);
}
START_TEST(nothing_in_a_handshake_repeats_or_tells_who_we_are)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);

	for (size_t i = 0; i + 32 <= hs2.len; i++)
		ck_assert(memcmp(hs2.bytes + i, key_of(&b)->bytes, 32) != 0);
}

/* --- bad input --- */

/* A stranger holds another netkey with the same hint by chance. */
START_TEST(a_wrong_network_key_stops_at_the_tag_of_hs1)
{
	struct letter hs1 = hs1_of(&a, &b);

	b.h.self.door.k_hs[0] ^= 1;
	ck_assert_int_eq(give(&b, &a.path, view(&hs1)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(b.counters[COUNT_RX_HS_TAG], 1);
	ck_assert_uint_eq(counted(&b), 1);
}
START_TEST(another_hint_is_a_stranger)
{
	struct letter hs1 = hs1_of(&a, &b);

	b.h.self.door.hint[0] ^= 1;
	ck_assert_int_eq(give(&b, &a.path, view(&hs1)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(b.counters[COUNT_RX_STRANGER], 1);
}

/* Every bit of one message: the receiver moves one counter, answers nothing, and then
 * still takes the untouched message. */
static void
flip_all(struct side *to, const struct mesh_path *from, const struct letter *good)
{
	static struct side before;

	before = *to;

	for (size_t bit = 8; bit < 8 * good->len; bit++) { /* byte 0: another kind */
		now++; /* forged answers have a rate of their own */
		struct letter bad = *good;
		bad.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		memset(to->counters, 0, sizeof to->counters);
		ck_assert_msg(give(to, from, view(&bad)) == HANDSHAKE_DROPPED,
		    "bit %zu was taken", bit);
		ck_assert_msg(counted(to) == 1, "bit %zu: %u counters", bit,
		    (unsigned)counted(to));
		ck_assert_mem_eq(to->halves, before.halves, sizeof to->halves);
		ck_assert_mem_eq(to->sessions, before.sessions, sizeof to->sessions);
	}
}
START_TEST(a_flipped_bit_in_hs1_is_dropped_and_counted_once)
{
	struct letter hs1 = hs1_of(&a, &b);

	/* sid_i is bound by the prologue, the cookie by its key. */
	flip_all(&b, &a.path, &hs1);
	ck_assert_int_eq(give(&b, &a.path, view(&hs1)), HANDSHAKE_REPLY);
}
START_TEST(a_flipped_bit_in_hs2_is_dropped_and_counted_once)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);

	flip_all(&a, &b.path, &hs2);
	ck_assert_int_eq(give(&a, &b.path, view(&hs2)), HANDSHAKE_ASK);
}
START_TEST(a_flipped_bit_in_hs3_is_dropped_and_counted_once)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);
	struct letter hs3 = hs3_of(&a, &b, &hs2);

	flip_all(&b, &a.path, &hs3);
	ck_assert_int_eq(give(&b, &a.path, view(&hs3)), HANDSHAKE_ASK);
}
START_TEST(a_truncated_handshake_is_never_taken)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);
	struct letter hs3 = hs3_of(&a, &b, &hs2);

	for (size_t len = 0; len < hs1.len; len++)
		ck_assert_int_eq(
		    give(&b, &a.path, bytes_view(hs1.bytes, len)), HANDSHAKE_DROPPED);
	for (size_t len = 0; len < hs3.len; len++)
		ck_assert_int_eq(
		    give(&b, &a.path, bytes_view(hs3.bytes, len)), HANDSHAKE_DROPPED);
	setup();
	hs1 = hs1_of(&a, &b);
	hs2 = hs2_of(&b, &a, &hs1);
	for (size_t len = 0; len < hs2.len; len++)
		ck_assert_int_eq(
		    give(&a, &b.path, bytes_view(hs2.bytes, len)), HANDSHAKE_DROPPED);
	ck_assert_int_eq(give(&a, &b.path, view(&hs2)), HANDSHAKE_ASK);
}
START_TEST(small_order_ephemeral_keys_are_refused)
{
	/* Somebody inside the network: the tag of its HS1 is right, its key is not. */
	struct letter hs1 = hs1_of(&a, &b);
	struct noise evil;
	uint8_t zeros[199] = { 0 }, prologue[30] = "meshd1", plain[256];

	memcpy(prologue + 22, b.h.self.door.hint, 4);
	memcpy(prologue + 26, hs1.bytes + 5, 4);
	noise_init(&evil,
	    &(struct noise_start){ .pattern = &noise_xxpsk0,
		.role = NOISE_RESPONDER, /* a responder's state hashes what it reads */
		.prologue = bytes_view(prologue, sizeof prologue),
		.s = a.seed,
		.e = a.seed,
		.psk = b.h.self.door.k_hs });
	/* Reading fails at the tag, but leaves the key that seals the payload. */
	memset(hs1.bytes + 25, 0, 32);
	struct bytes_out got = bytes_out(plain, sizeof plain);
	ck_assert_int_eq(
	    noise_read(&evil, bytes_view(hs1.bytes + 25, 32 + 199), &got), MESH_DENIED);
	uint8_t nonce[SEAL_NONCE];
	seal_nonce(0, nonce);
	seal_close(evil.k, nonce, bytes_view(evil.h, NOISE_HASH),
	    bytes_view(zeros, 183), hs1.bytes + 57);
	ck_assert_int_eq(give(&b, &a.path, view(&hs1)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(b.counters[COUNT_RX_HS_TAG], 1);
	ck_assert_uint_eq(counted(&b), 1);
	ck_assert_uint_eq(handshake_deadline(&b.h), MESH_NEVER);
}
START_TEST(ourselves_met_on_the_network_are_refused)
{
	memcpy(b.seed, a.seed, 32);
	start_side(&b, "alpha");
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);
	ck_assert_int_eq(give(&a, &b.path, view(&hs2)), HANDSHAKE_OURSELVES);
	ck_assert_uint_eq(a.counters[COUNT_RX_HS_IDENTITY], 1);
}
START_TEST(an_identity_that_is_not_the_key_of_the_handshake_is_refused)
{
	struct letter hs1 = hs1_of(&a, &b);

	b.h.self.told.key.bytes[3] ^= 1; /* claims to be somebody else */
	struct letter hs2 = hs2_of(&b, &a, &hs1);
	ck_assert_int_eq(give(&a, &b.path, view(&hs2)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(a.counters[COUNT_RX_HS_IDENTITY], 1);
}
START_TEST(protocol_ranges_must_overlap_and_the_lower_maximum_is_taken)
{
	/* clang-format off */
	static const struct { uint8_t min, max, agreed; const char *why; } rows[] = {
		{ 1, 3, 3, "the same" },   { 3, 9, 3, "ours is lower" },
		{ 0, 2, 2, "theirs is lower" }, { 4, 9, 0, "too new" },
		{ 0, 0, 0, "too old" },    { 3, 2, 0, "no range at all" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		b.h.self.told.proto_min = rows[i].min;
		b.h.self.told.proto_max = rows[i].max;
		struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);
		enum handshake_outcome got = give(&a, &b.path, view(&hs2));
		ck_assert_msg(
		    (got == HANDSHAKE_ASK) == (rows[i].agreed != 0), "%s", rows[i].why);
		if (got == HANDSHAKE_ASK)
			ck_assert_uint_eq(out.peer->proto, rows[i].agreed);
		else
			ck_assert_uint_eq(a.counters[COUNT_RX_HS_VERSION], 1);
	}
}
START_TEST(who_is_not_admitted_or_comes_with_an_old_boot_is_refused)
{
	static const struct handshake_verdict verdicts[] = { { false, 0 },
		{ true, 8 } };

	for (size_t i = 0; i < LENGTH(verdicts); i++) {
		setup();
		struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);
		ck_assert_int_eq(give(&a, &b.path, view(&hs2)), HANDSHAKE_ASK);
		bool older = verdicts[i].admitted;
		ck_assert_int_eq(handshake_judge(&a.h, &verdicts[i], now, &out),
		    older ? HANDSHAKE_OUTLIVED : HANDSHAKE_DROPPED);
		ck_assert_uint_eq(a.counters[COUNT_RX_HS_IDENTITY], 1);
		ck_assert_uint_eq(a.counters[COUNT_RX_TAKEN], 0);
		/* An older life gets HS3, so that it can be told why, once. */
		ck_assert_int_eq(out.reply.len > 0, older);
		if (older)
			ck_assert_int_eq(
			    handshake_next(&a.h, now, &out), HANDSHAKE_LOST);
	}
}

/* --- again and again --- */

START_TEST(a_repeated_hs1_gets_the_stored_hs2_and_nothing_else)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);

	for (int i = 0; i < 200; i++) { /* more than any rate allows to be made */
		struct letter again = hs2_of(&b, &a, &hs1);
		ck_assert(bytes_equal(view(&again), view(&hs2)));
	}
	ck_assert_int_eq(give(&a, &b.path, view(&hs2)), HANDSHAKE_ASK);
	ck_assert_int_eq(yes(&a), HANDSHAKE_MET);
	ck_assert_int_eq(give(&a, &b.path, view(&hs2)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(a.counters[COUNT_RX_REPLAY], 1);
}
START_TEST(a_half_open_handshake_lasts_five_seconds)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);
	struct letter hs3 = hs3_of(&a, &b, &hs2);

	now += HANDSHAKE_HALF_MS;
	ck_assert_int_eq(give(&b, &a.path, view(&hs3)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(b.counters[COUNT_RX_SID], 1);
	struct letter other = hs2_of(&b, &a, &hs1);
	ck_assert_msg(!bytes_equal(view(&other), view(&hs2)), "made anew");
}
START_TEST(a_repeated_hs3_is_a_replay_and_makes_no_second_session)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);
	struct letter hs3 = hs3_of(&a, &b, &hs2);

	ck_assert_int_eq(give(&b, &a.path, view(&hs3)), HANDSHAKE_ASK);
	ck_assert_int_eq(yes(&b), HANDSHAKE_MET);
	install(&b);
	ck_assert_int_eq(give(&b, &a.path, view(&hs3)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(b.counters[COUNT_RX_REPLAY], 1);
}
START_TEST(hs1_is_resent_unchanged_at_growing_intervals)
{
	static const mesh_time_ms gaps[] = { 250, 500, 1000, 2000, 4000, 5000, 10000,
		20000, 40000, 60000, 60000 };
	struct letter hs1 = hs1_of(&a, &b);

	for (size_t i = 0; i < LENGTH(gaps); i++) {
		mesh_time_ms due = handshake_deadline(&a.h);
		ck_assert_uint_ge(due, now + gaps[i] * 8 / 10);
		ck_assert_uint_le(due, now + gaps[i] * 12 / 10);
		now = due - 1;
		ck_assert_int_eq(handshake_next(&a.h, now, &out), HANDSHAKE_DROPPED);
		now = due;
		ck_assert_int_eq(handshake_next(&a.h, now, &out), HANDSHAKE_REPLY);
		ck_assert(bytes_equal(out.reply, view(&hs1)));
	}
}
START_TEST(hs3_is_resent_until_data_comes)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);
	struct letter hs3 = hs3_of(&a, &b, &hs2);

	install(&a);
	uint32_t sid = session_with(&a, &b)->sid_local;
	now = handshake_deadline(&a.h);
	ck_assert_int_eq(handshake_next(&a.h, now, &out), HANDSHAKE_REPLY);
	ck_assert(bytes_equal(out.reply, view(&hs3)));
	ck_assert(!session_with(&a, &b)->confirmed);
	handshake_settled(&a.h, sid);
	ck_assert_uint_eq(handshake_deadline(&a.h), MESH_NEVER);
}
START_TEST(without_data_the_call_is_lost_after_five_seconds)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);
	enum handshake_outcome got = HANDSHAKE_REPLY;
	mesh_time_ms began = now;

	hs3_of(&a, &b, &hs2);
	install(&a);
	while (got == HANDSHAKE_REPLY) {
		now = handshake_deadline(&a.h);
		got = handshake_next(&a.h, now, &out);
	}
	ck_assert_int_eq(got, HANDSHAKE_LOST);
	ck_assert_uint_eq(out.sid, session_with(&a, &b)->sid_local);
	ck_assert_uint_eq(now, began + HANDSHAKE_HALF_MS);
}
START_TEST(a_call_to_the_same_address_is_made_once)
{
	call(&a, &b);
	call(&a, &b);
	ck_assert_int_eq(handshake_next(&a.h, now, &out), HANDSHAKE_REPLY);
	ck_assert_int_eq(handshake_next(&a.h, now, &out), HANDSHAKE_DROPPED);
	ck_assert(handshake_is_calling(&a.h, &b.path));
	handshake_cancel(&a.h, &b.path);
	ck_assert(!handshake_is_calling(&a.h, &b.path));
}
START_TEST(a_call_is_withdrawn_until_the_other_has_answered)
{
	struct letter hs1, hs2;
	call_there(&a, &b, key_of(&b));
	handshake_withdraw(&a.h, key_of(&a));
	ck_assert(handshake_is_calling(&a.h, &b.path));
	handshake_withdraw(&a.h, key_of(&b));
	ck_assert(!handshake_is_calling(&a.h, &b.path));
	/* HS3 goes on: the other has a session by then, or soon. */
	call_there(&a, &b, key_of(&b));
	ck_assert_int_eq(handshake_next(&a.h, now, &out), HANDSHAKE_REPLY);
	hs1 = keep(out.reply);
	hs2 = hs2_of(&b, &a, &hs1);
	(void)hs3_of(&a, &b, &hs2);
	handshake_withdraw(&a.h, key_of(&b));
	ck_assert(handshake_is_calling(&a.h, &b.path));
}
START_TEST(the_table_of_calls_is_bounded)
{
	uint8_t random[HANDSHAKE_RANDOM];
	enum mesh_err err = MESH_OK;
	uint32_t calls = 0;

	for (uint8_t host = 10; host < 10 + CAP + 1; host++) {
		rng_bytes(random, sizeof random);
		err = handshake_call(&a.h,
		    &(struct handshake_target){ v4_path(host), NULL, now, 0, NULL },
		    random, now);
		calls += err == MESH_OK;
	}
	ck_assert_uint_eq(calls, CAP);
	ck_assert_int_eq(err, MESH_FULL);
}

/* --- who starts --- */

START_TEST(the_smaller_key_starts_and_the_larger_waits_a_second)
{
	ck_assert_uint_eq(handshake_start_ms(&a.h, key_of(&b), now), now);
	ck_assert_uint_eq(handshake_start_ms(&b.h, key_of(&a), now), now + 1000);
}
START_TEST(an_hs1_ends_the_larger_ones_waiting)
{
	uint8_t random[HANDSHAKE_RANDOM] = { 1 };
	struct handshake_target target = { a.path, key_of(&a), now + 1000, 0, NULL };

	ck_assert_int_eq(handshake_call(&b.h, &target, random, now), MESH_OK);
	ck_assert_uint_eq(handshake_deadline(&b.h), now + 1000);
	struct letter hs1 = hs1_of(&a, &b);
	hs2_of(&b, &a, &hs1);
	ck_assert_uint_eq(handshake_deadline(&b.h), MESH_NEVER);
	ck_assert_msg(handshake_call(&b.h, &target, random, now) == MESH_OK &&
		handshake_deadline(&b.h) == MESH_NEVER,
	    "nor is one begun while a half is open");
}

/* Both call at once; messages cross; each completes both handshakes. */
static void
cross(bool a_first_at_a, bool a_first_at_b)
{
	struct letter a1 = hs1_of(&a, &b), b1 = hs1_of(&b, &a);
	struct letter a2 = hs2_of(&b, &a, &a1), b2 = hs2_of(&a, &b, &b1);
	struct letter a3 = hs3_of(&a, &b, &a2);
	struct session_start by_a_at_a = *out.start;
	struct letter b3 = hs3_of(&b, &a, &b2);
	struct session_start by_b_at_b = *out.start;
	ck_assert_int_eq(give(&b, &a.path, view(&a3)), HANDSHAKE_ASK);
	ck_assert_int_eq(yes(&b), HANDSHAKE_MET);
	struct session_start by_a_at_b = *out.start;
	ck_assert_int_eq(give(&a, &b.path, view(&b3)), HANDSHAKE_ASK);
	ck_assert_int_eq(yes(&a), HANDSHAKE_MET);
	struct session_start by_b_at_a = *out.start;
	struct session_change change;

	for (int second = 0; second < 2; second++) {
		const struct session_start *at_a = a_first_at_a == !second ? &by_a_at_a
									   : &by_b_at_a;
		const struct session_start *at_b = a_first_at_b == !second ? &by_a_at_b
									   : &by_b_at_b;
		ck_assert_int_eq(session_install(&a.ss, at_a, now, &change), MESH_OK);
		if (second)
			ck_assert_int_eq(change.what,
			    a_first_at_a ? SESSION_TWIN_NEW : SESSION_TWIN_OLD);
		ck_assert_int_eq(session_install(&b.ss, at_b, now, &change), MESH_OK);
	}
	ck_assert_uint_eq(session_with(&a, &b)->sid_local, by_a_at_a.sid_local);
	ck_assert_uint_eq(session_with(&b, &a)->sid_local, by_a_at_b.sid_local);
	struct letter l = sealed(&a, &b, "one session");
	ck_assert(opens(&b, &l, "one session"));
}
START_TEST(of_two_crossing_handshakes_the_smaller_keys_stays_in_any_order)
{
	for (int order = 0; order < 4; order++) {
		setup();
		cross((order & 1) != 0, (order & 2) != 0);
	}
}
START_TEST(a_restarted_site_replaces_its_session_at_once)
{
	meet(&a, &b);
	b.h.self.told.boot = 8; /* and it calls, though it has the larger key */
	struct letter hs1 = hs1_of(&b, &a), hs2 = hs2_of(&a, &b, &hs1);
	struct letter hs3 = hs3_of(&b, &a, &hs2);
	ck_assert_int_eq(give(&a, &b.path, view(&hs3)), HANDSHAKE_ASK);
	ck_assert_int_eq(yes(&a), HANDSHAKE_MET);
	ck_assert_int_eq(install(&a).what, SESSION_REPLACED);
	ck_assert_uint_eq(session_with(&a, &b)->peer.boot, 8);
}

/* --- load --- */

/* HS1 from another source each: every prefix has its own rate. */
static enum handshake_outcome
knock(uint8_t prefix, uint8_t host)
{
	struct mesh_path from = v4_path(host);

	from.addr[13] = prefix;
	start_side(&a, "alpha");
	struct letter hs1 = hs1_of(&a, &b);
	return give(&b, &from, view(&hs1));
}
START_TEST(one_prefix_gets_ten_answers_a_second)
{
	uint32_t answered = 0;

	for (uint8_t i = 0; i < 20; i++)
		answered += knock(1, i) == HANDSHAKE_REPLY;
	ck_assert_uint_eq(answered, 10);
	ck_assert_uint_eq(b.counters[COUNT_RX_HS_RATE], 10);
	now += 1000;
	ck_assert_int_eq(knock(1, 77), HANDSHAKE_REPLY);
}
START_TEST(under_load_the_answer_is_a_cookie_and_the_cookie_opens_the_door)
{
	uint32_t halves = 0;

	while (knock((uint8_t)(halves / 4), (uint8_t)halves) == HANDSHAKE_REPLY &&
	    out.reply.len != ENVELOPE_COOKIE_BYTES)
		halves++;
	ck_assert_uint_eq(halves, DOORSTEP_BUSY_HALVES + 1);
	ck_assert_uint_eq(b.counters[COUNT_RX_COOKIE_SENT], 1);

	start_side(&a, "alpha");
	struct letter hs1 = hs1_of(&a, &b);
	ck_assert_int_eq(give(&b, &a.path, view(&hs1)), HANDSHAKE_REPLY);
	struct letter cookie = keep(out.reply);
	ck_assert_uint_eq(cookie.len, ENVELOPE_COOKIE_BYTES);
	flip_all(&a, &b.path, &cookie);
	ck_assert_int_eq(give(&a, &b.path, view(&cookie)), HANDSHAKE_REPLY);
	struct letter with = keep(out.reply);
	ck_assert_uint_eq(with.len, 256);
	struct mesh_path elsewhere = v4_path(99);
	ck_assert_int_eq(give(&b, &elsewhere, view(&with)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(b.counters[COUNT_RX_COOKIE_BAD], 1);
	struct letter hs2 = hs2_of(&b, &a, &with);
	hs3_of(&a, &b, &hs2);

	start_side(&a, "alpha");
	hs1 = hs1_of(&a, &b);
	ck_assert_int_eq(give(&b, &a.path, view(&hs1)), HANDSHAKE_REPLY);
	cookie = keep(out.reply);
	give(&a, &b.path, view(&cookie));
	ck_assert_int_eq(give(&a, &b.path, view(&cookie)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(a.counters[COUNT_RX_REPLAY], 1);
}
START_TEST(a_cookie_ends_after_two_to_four_minutes_and_is_then_left_out)
{
	b.h.doorstep.busy.level = 0; /* as if fifty had come this second */
	struct letter hs1 = hs1_of(&a, &b);
	ck_assert_int_eq(give(&b, &a.path, view(&hs1)), HANDSHAKE_REPLY);
	struct letter cookie = keep(out.reply);
	ck_assert_uint_eq(cookie.len, ENVELOPE_COOKIE_BYTES);
	give(&a, &b.path, view(&cookie));
	struct letter with = keep(out.reply);
	now += 4 * 60 * 1000;
	ck_assert_int_eq(give(&b, &a.path, view(&with)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(b.counters[COUNT_RX_COOKIE_BAD], 1);
	for (int i = 0; i < 4; i++) {
		now = handshake_deadline(&a.h) > now ? handshake_deadline(&a.h) : now;
		ck_assert_int_eq(handshake_next(&a.h, now, &out), HANDSHAKE_REPLY);
	}
	ck_assert_msg(bytes_equal(out.reply, view(&hs1)), "the cookie was given up");
	ck_assert_int_eq(give(&b, &a.path, out.reply), HANDSHAKE_REPLY);
}
START_TEST(what_is_for_nobody_moves_rx_sid)
{
	struct letter hs1 = hs1_of(&a, &b), hs2 = hs2_of(&b, &a, &hs1);

	handshake_cancel(&a.h, &b.path);
	ck_assert_int_eq(give(&a, &b.path, view(&hs2)), HANDSHAKE_DROPPED);
	ck_assert_uint_eq(a.counters[COUNT_RX_SID], 1);
}

CHECK_MODULE(handshake, setup, two_sites_meet_and_talk_both_ways,
    the_responder_has_no_session_before_hs3,
    nothing_in_a_handshake_repeats_or_tells_who_we_are,
    a_wrong_network_key_stops_at_the_tag_of_hs1, another_hint_is_a_stranger,
    a_flipped_bit_in_hs1_is_dropped_and_counted_once,
    a_flipped_bit_in_hs2_is_dropped_and_counted_once,
    a_flipped_bit_in_hs3_is_dropped_and_counted_once,
    a_truncated_handshake_is_never_taken, small_order_ephemeral_keys_are_refused,
    ourselves_met_on_the_network_are_refused,
    an_identity_that_is_not_the_key_of_the_handshake_is_refused,
    protocol_ranges_must_overlap_and_the_lower_maximum_is_taken,
    who_is_not_admitted_or_comes_with_an_old_boot_is_refused,
    a_repeated_hs1_gets_the_stored_hs2_and_nothing_else,
    a_half_open_handshake_lasts_five_seconds,
    a_repeated_hs3_is_a_replay_and_makes_no_second_session,
    hs1_is_resent_unchanged_at_growing_intervals, hs3_is_resent_until_data_comes,
    without_data_the_call_is_lost_after_five_seconds,
    a_call_to_the_same_address_is_made_once,
    a_call_is_withdrawn_until_the_other_has_answered, the_table_of_calls_is_bounded,
    the_smaller_key_starts_and_the_larger_waits_a_second,
    an_hs1_ends_the_larger_ones_waiting,
    of_two_crossing_handshakes_the_smaller_keys_stays_in_any_order,
    a_restarted_site_replaces_its_session_at_once, one_prefix_gets_ten_answers_a_second,
    under_load_the_answer_is_a_cookie_and_the_cookie_opens_the_door,
    a_cookie_ends_after_two_to_four_minutes_and_is_then_left_out,
    what_is_for_nobody_moves_rx_sid)
