/* Attack 21: on the way to a session, and on a session's path. */
#include "attack.h"
#include "check_world.h"
#include "halfway.h"
#include "wire.h"

/* Curve operations of everybody, counted by the linker's --wrap. */
static uint64_t curve_operations;

int __real_crypto_scalarmult(
    unsigned char *q, const unsigned char *n, const unsigned char *p);
int __wrap_crypto_scalarmult(
    unsigned char *q, const unsigned char *n, const unsigned char *p);
int __real_crypto_scalarmult_base(unsigned char *q, const unsigned char *n);
int __wrap_crypto_scalarmult_base(unsigned char *q, const unsigned char *n);

int
__wrap_crypto_scalarmult(
    unsigned char *q, const unsigned char *n, const unsigned char *p)
{
	curve_operations++;
	return __real_crypto_scalarmult(q, n, p);
}
int
__wrap_crypto_scalarmult_base(unsigned char *q, const unsigned char *n)
{
	curve_operations++;
	return __real_crypto_scalarmult_base(q, n);
}

enum { VICTIM = 0, OTHER = 1, LIAR = 1, NEWCOMER = 2 };

static void
a_pair(void)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
}

/* --- floods of HS1 by who has the network key --- */

struct flood {
	uint64_t operations, answered; /* the victim's, and how many datagrams */
};
/* `per_ms` HS1 each millisecond, each from an address of its own; what is sent back is
 * never more than what came. */
static struct flood
flood_hs1(uint32_t per_ms, mesh_time_ms ms)
{
	static uint32_t number;
	struct flood sum = { 0, 0 };
	for (mesh_time_ms end = w->now + ms; w->now < end; run(1))
		for (uint32_t i = 0; i < per_ms; i++) {
			struct bytes_view hs1 = stranger_calls(w, LIAR);
			struct mesh_path from = stranger_path(number++);
			struct world_site *v = &w->sites[VICTIM];
			uint64_t sent = v->sent_bytes, operations = curve_operations,
				 datagrams = v->sent;
			world_flush(w, VICTIM);
			sent = v->sent_bytes;
			world_inject(w, VICTIM, &from, hs1);
			ck_assert_uint_le(v->sent_bytes - sent, hs1.len);
			sum.operations += curve_operations - operations;
			sum.answered += v->sent - datagrams;
		}
	return sum;
}

START_TEST(a_flood_of_first_messages_costs_few_curve_operations)
{
	enum { SECONDS = 3 };
	begin(2, 0); /* the other is only there for its keys */
	world_start_all(w);
	run(100);
	attack_starts(w);
	struct flood sum = flood_hs1(1, SECONDS * 1000);
	ck_assert_uint_gt(sum.operations, 0);
	ck_assert_uint_le(sum.operations, SECONDS * 500);
	ck_assert_uint_gt(counter(VICTIM, "rx.cookie_sent"), 100);
	attack_holds(w, VICTIM, "a flood of HS1");
	done();
}
START_TEST(a_newcomer_gets_in_during_the_flood)
{
	begin(3, 0);
	world_start(w, VICTIM);
	world_start(w, LIAR);
	world_segment_down(w, VICTIM); /* nobody tells it whom to call */
	run(100);
	(void)flood_hs1(1, 1000);
	world_start(w, NEWCOMER);
	world_segment_down(w, NEWCOMER);
	run(60);
	world_join(w, VICTIM, NEWCOMER);
	world_seed(w, NEWCOMER, VICTIM);
	(void)flood_hs1(1, 3000);
	ck_assert(is_direct(VICTIM, NEWCOMER));
	ck_assert(!is_direct(VICTIM, LIAR));
	done();
}
START_TEST(one_prefix_gets_ten_handshakes_a_second)
{
	enum { CALLS = 45 };
	begin(2, 0);
	world_start_all(w);
	run(2000);
	struct mesh_path from = stranger_path(7);
	world_flush(w, VICTIM);
	attack_starts(w);
	for (uint8_t i = 0; i < CALLS; i++) {
		from.addr[15] = i;
		world_inject(w, VICTIM, &from, stranger_calls(w, LIAR));
	}
	attack_moves(VICTIM, "rx.taken", DOORSTEP_PER_PREFIX_S);
	attack_moves(VICTIM, "rx.hs_rate", CALLS - DOORSTEP_PER_PREFIX_S);
	attack_answers(VICTIM, DOORSTEP_PER_PREFIX_S * ENVELOPE_HS1_BYTES);
	attack_ends(w, "45 first messages from one /24");
	done();
}

/* --- cookies --- */

/* HS1 with the cookie that the victim would give to `to` for it. */
static struct bytes_view
with_cookie(struct bytes_view hs1, const struct mesh_path *to)
{
	static uint8_t room[ENVELOPE_HS1_BYTES];
	uint8_t cookie[ENVELOPE_COOKIE_BYTES];
	struct bytes_out out = bytes_out(cookie, sizeof cookie);
	struct envelope env;
	ck_assert_int_eq(envelope_read(hs1, &env), MESH_OK);
	const struct handshake *h = &w->sites[VICTIM].site->handshake;
	struct doorstep_knock knock = { &env, to, h->self.door.k_cookie };
	doorstep_cookie(&h->doorstep, &knock, w->now, &out);
	memcpy(room, hs1.ptr, sizeof room);
	memcpy(room + HALFWAY_COOKIE_AT, cookie + 5, DOORSTEP_COOKIE);
	return bytes_view(room, sizeof room);
}
static void
knock(const struct mesh_path *from, struct bytes_view hs1, const char *counter,
    const char *why)
{
	world_flush(w, VICTIM);
	attack_starts(w);
	world_inject(w, VICTIM, from, hs1);
	attack_moves(VICTIM, counter, 1);
	bool taken = strcmp(counter, "rx.taken") == 0;
	attack_answers(VICTIM, taken ? ENVELOPE_HS1_BYTES : 0);
	attack_ends(w, why);
}

START_TEST(a_cookie_is_good_for_one_address_and_a_while)
{
	enum { MINUTE = 60 * 1000 };
	begin(2, 0);
	world_start_all(w);
	run(2000);
	struct mesh_path mine = stranger_path(1), anothers = stranger_path(2);
	struct bytes_view hs1 = stranger_calls(w, LIAR);
	struct bytes_view paid = with_cookie(hs1, &mine);
	knock(&anothers, paid, "rx.cookie_bad", "another's address");
	knock(&mine, paid, "rx.taken", "its own address");
	run(5 * MINUTE);
	knock(&mine, paid, "rx.cookie_bad", "five minutes later");
	paid = with_cookie(hs1, &mine);
	knock(&mine, paid, "rx.taken", "a new one");
	done();
}
START_TEST(a_made_up_cookie_is_refused)
{
	begin(2, 0);
	world_start_all(w);
	run(2000);
	struct mesh_path from = stranger_path(1);
	uint8_t room[ENVELOPE_HS1_BYTES];
	memcpy(room, stranger_calls(w, LIAR).ptr, sizeof room);
	for (size_t i = 0; i < DOORSTEP_COOKIE; i++) {
		memset(room + HALFWAY_COOKIE_AT, 0, DOORSTEP_COOKIE);
		room[HALFWAY_COOKIE_AT + i] = 1;
		knock(&from, bytes_view(room, sizeof room), "rx.cookie_bad", "made up");
	}
	done();
}

/* Who sees HS1 on its way, without the key, wants it sent again and again. */
static struct world_datagram seen;
static enum world_fate
keep_hs1(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	if (d->bytes[0] == ENVELOPE_HS1)
		seen = *d;
	return d->bytes[0] == ENVELOPE_BEACON ? WORLD_DELIVER : WORLD_DROP;
}
static void
a_call_is_seen(void)
{
	begin(2, 0);
	world_join_all(w);
	seen.len = 0;
	w->tap = keep_hs1;
	world_start_all(w);
	while (seen.len == 0)
		run(10);
	w->tap = NULL;
	world_flush(w, 0);
	world_flush(w, 1);
}
START_TEST(a_strangers_cookie_is_not_sent_along)
{
	uint8_t cookie[ENVELOPE_COOKIE_BYTES];
	a_call_is_seen();
	rng_bytes(cookie, sizeof cookie);
	cookie[0] = ENVELOPE_COOKIE;
	memcpy(cookie + 1, seen.bytes + 5, 4); /* sid_i */
	attack_starts(w);
	for (int i = 0; i < 10; i++)
		world_inject(w, seen.from, &w->sites[seen.to].path,
		    bytes_view(cookie, sizeof cookie));
	attack_moves(seen.from, "rx.cookie_bad", 10);
	attack_ends(w, "a stranger's cookie");
	done();
}
START_TEST(forged_answers_cost_few_curve_operations)
{
	enum { ANSWERS = 3000 };
	uint8_t hs2[ENVELOPE_HS2_BYTES_MAX];
	a_call_is_seen();
	hs2[0] = ENVELOPE_HS2;
	memcpy(hs2 + 1, seen.bytes + 5, 4);
	attack_starts(w);
	uint64_t before = curve_operations;
	for (int i = 0; i < ANSWERS; i++) {
		rng_bytes(hs2 + 5, sizeof hs2 - 5);
		world_inject(
		    w, seen.from, &w->sites[seen.to].path, bytes_view(hs2, sizeof hs2));
	}
	ck_assert_uint_le(curve_operations - before, DOORSTEP_ANSWERS_PER_S);
	attack_moves(seen.from, "rx.hs_tag", DOORSTEP_ANSWERS_PER_S);
	attack_moves(seen.from, "rx.hs_rate", ANSWERS - DOORSTEP_ANSWERS_PER_S);
	attack_ends(w, "forged answers");
	run(8000); /* and the real one is heard all the same */
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	done();
}

/* --- who it is --- */

static void
parted_and_called_by_seed(void)
{
	begin(2, 0);
	world_start_all(w);
	run(2000);
	world_join_all(w);
	world_segment_down(w, 0);
	world_segment_down(w, 1);
}

START_TEST(nobody_is_who_he_does_not_prove_to_be)
{
	parted_and_called_by_seed();
	struct mesh_identity third;
	uint8_t seed[32] = { 3 };
	mesh_identity_of(seed, &third);
	w->sites[LIAR].site->handshake.self.told.key = third.key;
	attack_starts(w);
	world_seed(w, LIAR, VICTIM);
	run(700);
	ck_assert_uint_ge(counter(VICTIM, "rx.hs_identity"), 1);
	attack_holds(w, VICTIM, "another's key told by the initiator");
	world_seed(w, VICTIM, LIAR); /* and the other way round */
	run(700);
	ck_assert_uint_ge(counter(VICTIM, "rx.hs_identity"), 2);
	attack_holds(w, VICTIM, "another's key told by the responder");
	done();
}
START_TEST(versions_that_do_not_meet_make_no_session)
{
	parted_and_called_by_seed();
	struct introduce *told = &w->sites[LIAR].site->handshake.self.told;
	told->proto_min = told->proto_max = INSIDE_PROTO + 7;
	w->sites[LIAR].site->handshake.self.told.proto_min = INSIDE_PROTO + 7;
	attack_starts(w);
	world_seed(w, VICTIM, LIAR);
	run(700);
	ck_assert_uint_ge(
	    counter(VICTIM, "rx.hs_version") + counter(LIAR, "rx.hs_version"), 1);
	attack_holds(w, VICTIM, "no version in common");
	done();
}
/* Our own first message back to us, and our own answer to it. */
static struct world_datagram mirror[2];
static enum world_fate
reflect(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	(void)d;
	return WORLD_DROP;
}
START_TEST(ourselves_in_a_mirror_are_nobody)
{
	begin(2, 0);
	world_join_all(w);
	seen.len = 0;
	w->tap = keep_hs1;
	world_start_all(w);
	while (seen.len == 0)
		run(10);
	w->tap = reflect;
	uint32_t at = seen.from;
	struct mesh_site *s = w->sites[at].site;
	struct mesh_datagram out = { .bytes = { NULL, 0 } };
	world_flush(w, at);
	attack_starts(w);
	mesh_site_receive(
	    s, &w->sites[seen.to].path, bytes_view(seen.bytes, seen.len), world_now(w));
	ck_assert(mesh_site_next_datagram(s, &out));
	ck_assert_uint_eq(out.bytes.ptr[0], ENVELOPE_HS2);
	mirror[0].len = out.bytes.len;
	memcpy(mirror[0].bytes, out.bytes.ptr, out.bytes.len);
	world_inject(
	    w, at, &w->sites[seen.to].path, bytes_view(mirror[0].bytes, mirror[0].len));
	attack_moves(at, "rx.taken", 1);
	attack_moves(at, "rx.hs_identity", 1);
	attack_answers(at, 0); /* what was taken out by hand aside */
	attack_ends(w, "our own answer");
	done();
}
START_TEST(two_who_call_at_once_have_one_session)
{
	parted_and_called_by_seed();
	w->params.delay_min_ms = w->params.delay_max_ms; /* neither is the first */
	mesh_time_ms start = w->now;
	world_seed(w, 0, 1);
	world_seed(w, 1, 0);
	run(15000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	struct session *s[2];
	for (uint32_t i = 0; i < 2; i++) {
		struct sessions *ss = &w->sites[i].site->sessions;
		ck_assert_uint_eq(pool_taken(&ss->pool), 1);
		s[i] = session_at(ss, session_of(ss, &w->sites[1 - i].identity.key));
		ck_assert_ptr_nonnull(s[i]);
	}
	ck_assert_uint_eq(s[0]->sid_local, s[1]->sid_remote);
	ck_assert_uint_eq(s[1]->sid_local, s[0]->sid_remote);
	ck_assert_uint_lt(s[0]->born_ms, start + 200); /* the first one stayed */
	done();
}

/* --- the path of a session --- */

static struct bytes_view
path_ack(uint8_t token_byte)
{
	static uint8_t room[32];
	uint8_t token[ROAM_TOKEN];
	struct bytes_out out = bytes_out(room, sizeof room);
	memset(token, token_byte, sizeof token);
	struct frame_path f = { bytes_view(token, sizeof token) };
	ck_assert_int_eq(
	    wire_encode_numbered(&frame_path_table, FRAME_PATH_ACK, &f, &out), MESH_OK);
	return bytes_written(&out);
}

static struct world_datagram taken_away;
static enum world_fate
take_one_away(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	if (taken_away.len > 0 || d->from != OTHER || d->bytes[0] != ENVELOPE_DATA)
		return WORLD_DELIVER;
	taken_away = *d;
	return WORLD_DROP;
}
/* Rebinding by an onlooker: fresh data of the other's, from an address of the
 * attacker's. */
START_TEST(data_from_elsewhere_moves_no_session)
{
	a_pair();
	taken_away.len = 0;
	w->tap = take_one_away;
	while (taken_away.len == 0)
		run(50);
	struct mesh_path elsewhere = stranger_path(3);
	world_flush(w, VICTIM);
	attack_starts(w);
	world_inject(
	    w, VICTIM, &elsewhere, bytes_view(taken_away.bytes, taken_away.len));
	attack_holds(w, VICTIM, "data from elsewhere");
	ck_assert_uint_le(attack_sent_bytes(w, VICTIM), 80); /* one PATH, one ACK */
	run(5000);
	attack_holds(w, VICTIM, "5 s after data from elsewhere");
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	append(0, 1);
	run(100);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 1);
	done();
}
/* An admitted neighbour that wants our traffic to go to a victim of its own. */
START_TEST(a_guessed_token_moves_no_session)
{
	a_pair();
	struct mesh_path elsewhere = stranger_path(4);
	for (unsigned i = 0; i < 256; i++) {
		attack_starts(w);
		liar_sends_from(w, LIAR, VICTIM, &elsewhere, path_ack((uint8_t)i));
		attack_holds(w, VICTIM, "a guessed token");
	}
	done();
}
START_TEST(a_new_path_is_asked_once_a_second)
{
	a_pair();
	struct mesh_path elsewhere = stranger_path(5);
	static const uint8_t nothing[1];
	world_flush(w, VICTIM);
	attack_starts(w);
	for (int i = 0; i < 100; i++)
		liar_sends_from(w, LIAR, VICTIM, &elsewhere, bytes_view(nothing, 0));
	ck_assert_uint_le(attack_sent_bytes(w, VICTIM), 80);
	attack_holds(w, VICTIM, "100 datagrams from elsewhere");
	done();
}

CHECK_MODULE(attack_session, NULL, a_flood_of_first_messages_costs_few_curve_operations,
    a_newcomer_gets_in_during_the_flood, one_prefix_gets_ten_handshakes_a_second,
    a_cookie_is_good_for_one_address_and_a_while, a_made_up_cookie_is_refused,
    a_strangers_cookie_is_not_sent_along, forged_answers_cost_few_curve_operations,
    nobody_is_who_he_does_not_prove_to_be, versions_that_do_not_meet_make_no_session,
    ourselves_in_a_mirror_are_nobody, two_who_call_at_once_have_one_session,
    data_from_elsewhere_moves_no_session, a_guessed_token_moves_no_session,
    a_new_path_is_asked_once_a_second)
