#include "check_mesh.h"
#include "frames.h"
#include "mesh_counters.h"
#include "session.h"

enum { CAP = 3 };
struct side {
	struct sessions ss;
	uint64_t counters[COUNT_MESH];
	_Alignas(16) uint8_t block[16 * 1024];
};
static struct side a, b;
static struct session_change made;
static uint32_t next_sid;
static mesh_time_ms now;

static void
start_side(struct side *s, uint8_t name)
{
	static const uint8_t secret[16] = { 5 };
	const struct mesh_key self = { { name } };

	memset(s, 0, sizeof *s);
	ck_assert_uint_le(session_bytes(CAP), sizeof s->block);
	session_init(&s->ss, s->block, CAP,
	    &(struct session_setup){ &self, secret, s->counters });
}

static void
setup(void)
{
	start_side(&a, 1);
	start_side(&b, 2);
	next_sid = 100;
	now = 1000000;
}

/* A session of `s` with the site `peer`; both sides have the same keys crosswise. */
static enum session_installed
install(struct side *s, uint8_t peer, enum noise_role role)
{
	bool first = role == NOISE_INITIATOR;
	struct session_start start = { .role = role,
		.sid_local = next_sid,
		.sid_remote = next_sid,
		.send = { first ? 11 : 22 },
		.receive = { first ? 22 : 11 },
		.peer = { .key = { { peer } }, .boot = 4 } };

	ck_assert_int_eq(session_install(&s->ss, &start, now, &made), MESH_OK);
	return made.what;
}

static void
pair(void)
{
	install(&a, 2, NOISE_INITIATOR);
	install(&b, 1, NOISE_RESPONDER);
	next_sid++;
}

static struct session *
current(struct side *s, uint8_t peer)
{
	struct mesh_key key = { { peer } };

	return session_at(&s->ss, session_of(&s->ss, &key));
}

struct letter {
	uint8_t bytes[ENVELOPE_MAX];
	size_t len;
	uint32_t counter;
};
static struct letter
sealed(struct session *s, const char *text)
{
	struct letter l = { 0 };

	memcpy(l.bytes + ENVELOPE_DATA_HEAD, text, strlen(text));
	l.len = session_seal(s, l.bytes, strlen(text), &l.counter);
	return l;
}

static struct session_opened opened;
static bool
opens(struct side *s, const struct letter *l)
{
	static uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope env;

	ck_assert_int_eq(envelope_read(bytes_view(l->bytes, l->len), &env), MESH_OK);
	return session_open(&s->ss, &env, plain, &opened);
}

static uint64_t
counted(const struct side *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < COUNT_MESH; i++)
		sum += s->counters[i];
	return sum;
}

START_TEST(what_one_side_seals_the_other_opens_once)
{
	pair();
	for (uint32_t i = 0; i < 5; i++) {
		struct letter l = sealed(current(&a, 2), "frames");
		ck_assert_uint_eq(l.counter, i);
		ck_assert(opens(&b, &l));
		ck_assert_uint_eq(opened.counter, i);
		ck_assert(opened.first == (i == 0));
		ck_assert(bytes_equal(opened.plain, bytes_view("frames", 6)));
		ck_assert(!opens(&b, &l));
	}
	ck_assert_uint_eq(b.counters[COUNT_RX_REPLAY], 5);
	ck_assert_uint_eq(counted(&b), 5);
}
START_TEST(a_full_datagram_and_an_empty_one_fit)
{
	static char big[ENVELOPE_PLAIN_MAX + 2];

	pair();
	memset(big, 'x', ENVELOPE_PLAIN_MAX);
	struct letter l = sealed(current(&a, 2), big);
	ck_assert_uint_eq(l.len, ENVELOPE_MAX);
	ck_assert(opens(&b, &l));
	l = sealed(current(&a, 2), "");
	ck_assert_uint_eq(l.len, ENVELOPE_DATA_HEAD + ENVELOPE_TAG);
	ck_assert(opens(&b, &l));
	ck_assert_uint_eq(opened.plain.len, 0);
	uint8_t buf[ENVELOPE_MAX];
	uint32_t counter;
	ck_assert_uint_eq(
	    session_seal(current(&a, 2), buf, ENVELOPE_PLAIN_MAX + 1, &counter), 0);
}
START_TEST(every_flipped_bit_moves_one_counter_and_changes_nothing)
{
	static struct side before;

	pair();
	struct letter l = sealed(current(&a, 2), "frames");
	before = b;
	for (size_t bit = 8; bit < 8 * l.len; bit++) {
		struct letter bad = l;
		bad.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		memset(b.counters, 0, sizeof b.counters);
		ck_assert_msg(!opens(&b, &bad), "bit %zu was taken", bit);
		ck_assert_uint_eq(counted(&b), 1);
		ck_assert_uint_eq(
		    b.counters[bit < 40 ? COUNT_RX_SID : COUNT_RX_DATA_TAG], 1);
		ck_assert_mem_eq(before.block, b.block, sizeof b.block);
	}
	ck_assert(opens(&b, &l));
}
START_TEST(every_truncation_is_refused)
{
	pair();
	struct letter l = sealed(current(&a, 2), "frames");
	for (size_t len = ENVELOPE_DATA_HEAD + ENVELOPE_TAG; len < l.len; len++) {
		struct letter cut = l;
		cut.len = len;
		ck_assert(!opens(&b, &cut));
	}
	ck_assert(opens(&b, &l));
}
START_TEST(datagrams_may_come_in_any_order_inside_the_window)
{
	static struct letter l[2100];

	pair();
	for (size_t i = 0; i < LENGTH(l); i++)
		l[i] = sealed(current(&a, 2), "frames");
	ck_assert(opens(&b, &l[2099]));
	ck_assert_msg(opens(&b, &l[2099 - 2047]), "the oldest inside the window");
	ck_assert_msg(!opens(&b, &l[2099 - 2048]), "one too old");
	ck_assert_uint_eq(b.counters[COUNT_RX_REPLAY], 1);
	for (size_t i = 2098; i > 1000; i--)
		ck_assert(opens(&b, &l[i]));
}
START_TEST(a_reflected_datagram_does_not_open)
{
	pair();
	struct letter l = sealed(current(&a, 2), "frames");
	ck_assert(!opens(&a, &l)); /* sids are the same in this test */
	ck_assert_uint_eq(a.counters[COUNT_RX_DATA_TAG], 1);
}
START_TEST(a_newer_session_replaces_and_the_older_receives_ten_seconds)
{
	pair();
	struct session *older = current(&a, 2);
	struct letter early = sealed(older, "early"), late = sealed(older, "late");
	now += 20000;
	ck_assert_int_eq(install(&b, 1, NOISE_RESPONDER), SESSION_REPLACED);
	ck_assert_uint_eq(current(&b, 1)->sid_local, next_sid);
	ck_assert_msg(opens(&b, &early), "through the older session");
	const struct session *old = session_at(&b.ss, made.old);
	ck_assert_int_eq(session_age(old, now + SESSION_LINGER_MS - 1), SESSION_FRESH);
	ck_assert_int_eq(session_age(old, now + SESSION_LINGER_MS), SESSION_DEAD);
	ck_assert_uint_eq(session_deadline(&b.ss, now), now + SESSION_LINGER_MS);
	session_remove(&b.ss, made.old);
	ck_assert(session_at(&b.ss, made.old) == NULL);
	ck_assert(!opens(&b, &late));
	ck_assert_uint_eq(b.counters[COUNT_RX_SID], 1);
}
START_TEST(a_closed_session_stays_to_say_so_again)
{
	pair();
	struct session *ours = current(&a, 2);
	struct letter late = sealed(ours, "late"), later = sealed(ours, "later");
	ck_assert_uint_eq(session_closed(&b.ss, next_sid - 1).generation, 0);
	session_close(&b.ss, made.made, CLOSE_REFUSED, now);
	ck_assert_ptr_null(current(&b, 1));
	ck_assert_uint_eq(session_closed(&b.ss, next_sid - 1).index, made.made.index);
	ck_assert(opens(&b, &late));
	const struct session *closed = session_at(&b.ss, opened.session);
	ck_assert_uint_eq(closed->closed, CLOSE_REFUSED);
	ck_assert_int_eq(
	    session_age(closed, now + SESSION_CLOSED_MS - 1), SESSION_FRESH);
	ck_assert_int_eq(session_age(closed, now + SESSION_CLOSED_MS), SESSION_DEAD);
	/* The next with the same site is a new one, and open. */
	install(&b, 1, NOISE_RESPONDER);
	ck_assert_int_eq(made.what, SESSION_NEW);
	ck_assert_uint_eq(current(&b, 1)->closed, 0);
	ck_assert(opens(&b, &later));
}
START_TEST(those_that_were_closed_leave_room_for_others)
{
	for (uint32_t turn = 0; turn < 10 * CAP; turn++, next_sid++) {
		install(&b, (uint8_t)(10 + turn), NOISE_RESPONDER);
		session_close(&b.ss, made.made, CLOSE_REFUSED, now);
	}
	for (uint8_t peer = 100; peer < 100 + CAP; peer++, next_sid++)
		install(&b, peer, NOISE_RESPONDER);
}
START_TEST(of_twins_within_ten_seconds_the_smaller_keys_stays)
{
	/* clang-format off */
	static const struct { uint8_t us; enum noise_role first, second; uint32_t after;
		enum session_installed what; const char *why; } rows[] = {
		{ 1, NOISE_INITIATOR, NOISE_RESPONDER, 0, SESSION_TWIN_NEW, "ours is smaller and was first" },
		{ 1, NOISE_RESPONDER, NOISE_INITIATOR, 0, SESSION_TWIN_OLD, "ours is smaller and is new" },
		{ 9, NOISE_INITIATOR, NOISE_RESPONDER, 0, SESSION_TWIN_OLD, "theirs is smaller and is new" },
		{ 9, NOISE_RESPONDER, NOISE_INITIATOR, 0, SESSION_TWIN_NEW, "theirs is smaller and was first" },
		{ 1, NOISE_INITIATOR, NOISE_RESPONDER, 10000, SESSION_TWIN_NEW, "just within" },
		{ 1, NOISE_INITIATOR, NOISE_RESPONDER, 10001, SESSION_REPLACED, "too late for a twin" },
		{ 1, NOISE_INITIATOR, NOISE_INITIATOR, 0, SESSION_REPLACED, "the same side again" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		start_side(&a, rows[i].us);
		install(&a, 2, rows[i].first);
		struct handle first = made.made;
		now += rows[i].after;
		next_sid++;
		ck_assert_msg(
		    install(&a, 2, rows[i].second) == rows[i].what, "%s", rows[i].why);
		struct handle stays = rows[i].what == SESSION_TWIN_NEW ? first
								       : made.made;
		ck_assert_ptr_eq(current(&a, 2), session_at(&a.ss, stays));
		ck_assert_uint_eq(made.old.index, first.index);
	}
}
START_TEST(sessions_are_bounded_and_a_known_site_may_always_renew)
{
	struct session_start start = { .peer = { .key = { { 77 } } }, .sid_local = 1 };

	for (uint8_t peer = 10; peer < 10 + CAP; peer++, next_sid++)
		install(&a, peer, NOISE_RESPONDER);
	ck_assert_int_eq(session_install(&a.ss, &start, now, &made), MESH_FULL);
	now += 60000;
	ck_assert_int_eq(install(&a, 10, NOISE_RESPONDER), SESSION_REPLACED);
}
START_TEST(one_site_that_renews_again_and_again_fills_nothing)
{
	pair();
	for (int i = 0; i < 3 * CAP; i++) {
		now += 100;
		next_sid++;
		install(&b, 1, i % 2 == 0 ? NOISE_RESPONDER : NOISE_INITIATOR);
		ck_assert_uint_le(pool_taken(&b.ss.pool), 2);
	}
	ck_assert_int_eq(install(&b, 7, NOISE_RESPONDER), SESSION_NEW);
}
START_TEST(sessions_are_renewed_and_die_on_time)
{
	enum { MINUTE = 60000 };
	/* clang-format off */
	static const struct { enum noise_role role; uint32_t minutes; uint32_t sent;
		enum session_age age; const char *why; } rows[] = {
		{ NOISE_INITIATOR, 59, 0, SESSION_FRESH, "young" },
		{ NOISE_INITIATOR, 60, 0, SESSION_REKEY, "who began renews" },
		{ NOISE_RESPONDER, 69, 0, SESSION_FRESH, "the other waits" },
		{ NOISE_RESPONDER, 70, 0, SESSION_REKEY, "and then renews itself" },
		{ NOISE_INITIATOR, 75, 0, SESSION_DEAD, "too old" },
		{ NOISE_INITIATOR, 0, (1u << 30) - 1, SESSION_FRESH, "many datagrams" },
		{ NOISE_INITIATOR, 0, 1u << 30, SESSION_REKEY, "too many" },
		{ NOISE_RESPONDER, 0, 1u << 30, SESSION_FRESH, "it is the other's turn" },
		{ NOISE_RESPONDER, 0, 1u << 31, SESSION_DEAD, "used up" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		install(&a, 2, rows[i].role);
		current(&a, 2)->next = rows[i].sent;
		ck_assert_msg(session_age(current(&a, 2),
				  now + rows[i].minutes * MINUTE) == rows[i].age,
		    "%s", rows[i].why);
	}
	setup();
	install(&a, 2, NOISE_INITIATOR);
	ck_assert_uint_eq(session_deadline(&a.ss, now), now + 60 * MINUTE);
	ck_assert_uint_eq(
	    session_deadline(&a.ss, now + 60 * MINUTE), now + 75 * MINUTE);
	current(&a, 2)->next = 1u << 31;
	uint8_t buf[ENVELOPE_MAX];
	uint32_t counter;
	ck_assert_msg(session_seal(current(&a, 2), buf, 0, &counter) == 0,
	    "the counter never wraps");
}
CHECK_MODULE(session, setup, what_one_side_seals_the_other_opens_once,
    a_full_datagram_and_an_empty_one_fit,
    every_flipped_bit_moves_one_counter_and_changes_nothing,
    every_truncation_is_refused, datagrams_may_come_in_any_order_inside_the_window,
    a_reflected_datagram_does_not_open,
    a_newer_session_replaces_and_the_older_receives_ten_seconds,
    a_closed_session_stays_to_say_so_again,
    those_that_were_closed_leave_room_for_others,
    of_twins_within_ten_seconds_the_smaller_keys_stays,
    sessions_are_bounded_and_a_known_site_may_always_renew,
    one_site_that_renews_again_and_again_fills_nothing,
    sessions_are_renewed_and_die_on_time)
