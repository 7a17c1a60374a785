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
CHECK_MODULE(admit, setup, who_proved_to_hold_the_networks_key_is_in_for_good,
    a_newcomer_pushes_nobody_out, keys_of_small_order_are_never_in)
