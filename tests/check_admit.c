#include "admit.h"
#include "check_mesh.h"
#include "seal.h"

enum { CAP = 4 };
static struct admit a;
static _Alignas(16) uint8_t block[1024];

static void
setup(void)
{
	static const uint8_t secret[16] = { 3 };

	memset(block, 0, sizeof block);
	ck_assert_uint_le(admit_bytes(CAP), sizeof block);
	admit_init(&a, block, CAP, secret);
}

static struct mesh_key
key(uint8_t n)
{
	struct mesh_key k;
	uint8_t seed[32] = { n };

	seal_public_of(seed, k.bytes);
	return k;
}

START_TEST(who_proved_to_hold_the_networks_key_is_in_for_good)
{
	struct mesh_key k = key(1);

	ck_assert(!admit_is_in(&a, &k));
	ck_assert(admit_would(&a, &k));
	ck_assert_uint_eq(admit_count(&a), 0);
	ck_assert_int_eq(admit_proved(&a, &k), MESH_OK);
	ck_assert_int_eq(admit_proved(&a, &k), MESH_OK);
	ck_assert(admit_is_in(&a, &k));
	ck_assert_uint_eq(admit_count(&a), 1);
}
START_TEST(a_newcomer_pushes_nobody_out)
{
	struct mesh_key k;

	for (uint8_t i = 0; i < CAP; i++) {
		k = key(i);
		ck_assert_int_eq(admit_proved(&a, &k), MESH_OK);
	}
	k = key(99);
	ck_assert(!admit_would(&a, &k));
	ck_assert_int_eq(admit_proved(&a, &k), MESH_FULL);
	for (uint8_t i = 0; i < CAP; i++) {
		k = key(i);
		ck_assert(admit_is_in(&a, &k) && admit_would(&a, &k));
	}
}
START_TEST(keys_of_small_order_are_never_in)
{
	static const char *const keys[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	for (size_t i = 0; i < LENGTH(keys); i++) {
		struct mesh_key k;
		memcpy(k.bytes, hex(keys[i]).ptr, 32);
		ck_assert(!admit_would(&a, &k));
		ck_assert_int_eq(admit_proved(&a, &k), MESH_DENIED);
		ck_assert(!admit_is_in(&a, &k));
	}
}
START_TEST(without_a_clock_a_certificate_that_begins_later_takes_no_place)
{
	enum { T = 1800000000 };
	static const struct {
		uint32_t clock_s, from_s, until_s, wanted_from_s, wanted_until_s;
	} steps[] = { { 0, T + 100, T + 200, T + 100, T + 200 },
		{ 0, T + 150, T + 300, T + 100, T + 200 }, /* which of them holds? */
		{ 0, T + 50, T + 150, T + 100, T + 200 },
		{ 0, T + 100, T + 210, T + 100, T + 210 }, /* always, if that did */
		{ 0, T + 50, T + 220, T + 50, T + 220 },
		{ T + 400, T + 350, T + 500, T + 350, T + 500 } };
	struct mesh_key k = key(1);
	admit_govern(&a, ADMISSION_CA, NULL);
	for (size_t i = 0; i < LENGTH(steps); i++) {
		admit_clock(&a, (unix_ms)steps[i].clock_s * 1000);
		ck_assert_int_eq(
		    admit_certified(&a, &k, steps[i].from_s, steps[i].until_s),
		    MESH_OK);
		ck_assert_uint_eq(admit_from(&a, &k), steps[i].wanted_from_s);
		ck_assert_uint_eq(admit_until(&a, &k), steps[i].wanted_until_s);
		ck_assert(admit_is_in(&a, &k));
	}
}
START_TEST(who_is_out_for_its_time_is_so_for_its_reason)
{
	static const struct {
		unix_ms clock_s;
		enum mesh_peer_reason wanted;
	} steps[] = { { 0, REASON_NONE }, { 1800000099, REASON_EARLY },
		{ 1800000100, REASON_NONE }, { 1800000200, REASON_NONE },
		{ 1800000201, REASON_EXPIRED } };
	struct mesh_key k = key(1);
	admit_govern(&a, ADMISSION_CA, NULL);
	ck_assert_int_eq(admit_certified(&a, &k, 1800000100, 1800000200), MESH_OK);
	for (size_t i = 0; i < LENGTH(steps); i++) {
		admit_clock(&a, steps[i].clock_s * 1000);
		ck_assert_int_eq(admit_refusal(&a, &k), steps[i].wanted);
	}
}
CHECK_MODULE(admit, setup,
    without_a_clock_a_certificate_that_begins_later_takes_no_place,
    who_is_out_for_its_time_is_so_for_its_reason,
    who_proved_to_hold_the_networks_key_is_in_for_good, a_newcomer_pushes_nobody_out,
    keys_of_small_order_are_never_in)
