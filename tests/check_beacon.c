#include "beacon.h"
#include "check_mesh.h"

static struct beacon b;
enum { IFACE = 3 };

static void
setup(void)
{
	beacon_init(&b, 0);
}
static mesh_time_ms
next(void)
{
	uint16_t iface;
	mesh_time_ms at = beacon_deadline(&b);
	ck_assert(at == 0 || !beacon_due(&b, rng_u32(), at - 1, &iface));
	ck_assert(beacon_due(&b, rng_u32(), at, &iface));
	ck_assert_uint_eq(iface, IFACE);
	ck_assert(!beacon_due(&b, rng_u32(), at, &iface));
	return at;
}

START_TEST(a_segment_is_greeted_quickly_at_first_then_slowly)
{
	static const mesh_time_ms steps[] = { 250, 1000, 2000, 5000 };
	ck_assert(beacon_up(&b, IFACE, rng_u32(), 1000));
	mesh_time_ms at = next();
	ck_assert(at >= 1000 && at <= 1050);
	for (size_t i = 0; i < LENGTH(steps); i++) {
		mesh_time_ms then = next();
		ck_assert_uint_eq(then - at, steps[i]);
		at = then;
	}
	for (int i = 0; i < 50; i++) {
		mesh_time_ms then = next();
		ck_assert(then - at >= 9000 && then - at <= 11000);
		at = then;
	}
}
START_TEST(a_crowd_makes_it_rarer)
{
	ck_assert(beacon_up(&b, IFACE, 0, 0));
	for (int i = 0; i < 6; i++)
		(void)next();
	(void)next();
	beacon_crowd(&b, IFACE, 75);
	(void)next(); /* was due already */
	mesh_time_ms then = next(), after = next();
	ck_assert(after - then >= 27000 && after - then <= 33000);
	beacon_crowd(&b, 99, 75); /* no such segment: nothing */
}
START_TEST(a_crowd_is_greeted_twice_at_once_and_then_slowly)
{
	ck_assert(beacon_up(&b, IFACE, 0, 0));
	mesh_time_ms first = next();
	beacon_crowd(&b, IFACE, 100);
	mesh_time_ms second = next(), third = next();
	ck_assert_uint_eq(second - first, 250);
	ck_assert_uint_eq(third - second, 4 * 1000);
}
START_TEST(of_a_thousand_some_twenty_answer_a_newcomer)
{
	uint32_t answers = 0;
	for (int i = 0; i < 1000; i++) {
		beacon_init(&b, 0);
		ck_assert(beacon_up(&b, IFACE, 0, 0));
		for (int k = 0; k < 6; k++)
			(void)next();
		beacon_crowd(&b, IFACE, 1000);
		mesh_time_ms due = beacon_deadline(&b);
		beacon_newcomer(&b, IFACE, rng_u32(), due - 8000);
		answers += beacon_deadline(&b) < due;
	}
	ck_assert(answers >= 5 && answers <= 45);
}
START_TEST(whoever_speaks_soon_anyway_answers_nobody)
{
	ck_assert(beacon_up(&b, IFACE, 0, 0));
	mesh_time_ms first = next(), due = beacon_deadline(&b);
	beacon_newcomer(&b, IFACE, rng_u32(), first);
	ck_assert_uint_eq(beacon_deadline(&b), due);
}
START_TEST(newcomers_get_one_extra_beacon_a_second)
{
	ck_assert(beacon_up(&b, IFACE, 0, 0));
	for (int i = 0; i < 6; i++)
		(void)next();
	mesh_time_ms due = beacon_deadline(&b), now = due - 8000;
	beacon_newcomer(&b, IFACE, rng_u32(), now);
	mesh_time_ms extra = next();
	ck_assert(extra >= now && extra <= now + 10);
	beacon_newcomer(&b, IFACE, rng_u32(), extra + 500);
	ck_assert_uint_eq(beacon_deadline(&b), due);
	beacon_newcomer(&b, IFACE, rng_u32(), extra + 1000);
	/* It is the third that is known: 5 ms for each. */
	ck_assert_uint_le(beacon_deadline(&b), extra + 1000 + 3 * 5);
	beacon_newcomer(&b, 99, rng_u32(), now); /* no such segment: nothing */
	beacon_newcomer(&b, 0, rng_u32(), now);
}
START_TEST(segments_come_and_go_and_are_bounded)
{
	ck_assert(!beacon_up(&b, 0, 0, 0));
	for (uint16_t i = 1; i <= BEACON_SEGMENTS; i++)
		ck_assert(beacon_up(&b, i, 0, 0));
	ck_assert(beacon_up(&b, 1, 0, 0)); /* is up */
	ck_assert(!beacon_up(&b, 99, 0, 0));
	for (uint16_t i = 1; i <= BEACON_SEGMENTS; i++)
		beacon_down(&b, i);
	beacon_down(&b, 99);
	ck_assert_uint_eq(beacon_deadline(&b), MESH_NEVER);
}
START_TEST(a_sealed_beacon_opens_and_no_bit_may_differ)
{
	static const uint8_t hint[4] = { 1, 2, 3, 4 }, key[BEACON_KEY] = { 9 },
			     nonce[24] = { 7 };
	uint8_t bytes[ENVELOPE_MAX], plain[ENVELOPE_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct beacon_seal with = { hint, key, nonce };
	struct envelope env;
	struct bytes_view got;
	ck_assert_int_eq(beacon_close(&with, hex("c0ffee"), &out), MESH_OK);
	ck_assert_int_eq(envelope_read(bytes_written(&out), &env), MESH_OK);
	ck_assert_int_eq(beacon_open(&with, &env, plain, &got), MESH_OK);
	ck_assert(bytes_equal(got, hex("c0ffee")));
	for (size_t bit = 8; bit < 8 * out.len; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_int_eq(envelope_read(bytes_written(&out), &env), MESH_OK);
		ck_assert_int_eq(beacon_open(&with, &env, plain, &got), MESH_DENIED);
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	static const uint8_t large[ENVELOPE_MAX];
	out = bytes_out(bytes, sizeof bytes);
	ck_assert_int_eq(
	    beacon_close(&with, bytes_view(large, sizeof large), &out), MESH_FULL);
	ck_assert_uint_eq(out.len, 0);
}
CHECK_MODULE(beacon, setup, a_segment_is_greeted_quickly_at_first_then_slowly,
    a_crowd_makes_it_rarer, a_crowd_is_greeted_twice_at_once_and_then_slowly,
    of_a_thousand_some_twenty_answer_a_newcomer,
    whoever_speaks_soon_anyway_answers_nobody, newcomers_get_one_extra_beacon_a_second,
    segments_come_and_go_and_are_bounded, a_sealed_beacon_opens_and_no_bit_may_differ)
