#include "bytes.h"
#include "check_mesh.h"
#include "seal.h"
#include "table.h"

enum { CAP = 40, KEYS = 64 };
static struct table t;
static void *block;

static void
setup(void)
{
	static const uint8_t secret[TABLE_SECRET] = { 1, 2, 3 };
	free(block);
	block = calloc(1, table_bytes(CAP, sizeof(uint32_t)));
	table_init(&t, block, CAP, sizeof(uint32_t), secret);
}

START_TEST(a_key_finds_the_handle_put_last)
{
	uint32_t key = 5;
	ck_assert_uint_eq(table_find(&t, &key).generation, 0);
	ck_assert_int_eq(table_put(&t, &key, (struct handle){ 1, 1 }), MESH_OK);
	ck_assert_int_eq(table_put(&t, &key, (struct handle){ 2, 3 }), MESH_OK);
	ck_assert_uint_eq(t.count, 1);
	ck_assert_uint_eq(table_find(&t, &key).index, 2);
	table_remove(&t, &key);
	table_remove(&t, &key);
	ck_assert_uint_eq(table_find(&t, &key).generation, 0);
}
START_TEST(a_full_table_says_so)
{
	uint32_t key;
	for (key = 0; key < CAP; key++)
		ck_assert_int_eq(
		    table_put(&t, &key, (struct handle){ key, 1 }), MESH_OK);
	ck_assert_int_eq(table_put(&t, &key, (struct handle){ 0, 1 }), MESH_FULL);
	key = 0;
	ck_assert_int_eq(table_put(&t, &key, (struct handle){ 9, 1 }), MESH_OK);
}
/* With the secret known, keys for one place: a walk over `cap` of them is the most that
 * any lookup costs, and no key is lost or takes another's handle. */
START_TEST(keys_that_all_meet_in_one_place_are_found_and_end_at_the_cap)
{
	uint32_t keys[CAP + 1], key = 0;
	for (uint32_t i = 0; i < LENGTH(keys); key++)
		if ((seal_siphash(
			 t.secret, bytes_view((const uint8_t *)&key, sizeof key)) &
			(t.slots - 1)) == 5)
			keys[i++] = key;
	for (uint32_t i = 0; i < CAP; i++)
		ck_assert_int_eq(
		    table_put(&t, &keys[i], (struct handle){ i, 1 }), MESH_OK);
	ck_assert_int_eq(table_put(&t, &keys[CAP], (struct handle){ 0, 1 }), MESH_FULL);
	ck_assert_uint_eq(t.count, CAP);
	ck_assert_uint_eq(table_find(&t, &keys[CAP]).generation, 0);
	size_t walk = 0;
	const uint8_t *there;
	for (size_t slot = 5; table_slot(&t, slot % t.slots, &there).generation != 0;
	     slot++)
		walk++;
	ck_assert_uint_eq(walk, CAP);
	for (uint32_t i = 0; i < CAP; i += 2)
		table_remove(&t, &keys[i]);
	for (uint32_t i = 0; i < CAP; i++)
		ck_assert_uint_eq(table_find(&t, &keys[i]).index, i % 2 == 0 ? 0 : i);
}
START_TEST(any_sequence_equals_a_plain_array)
{
	uint32_t index[KEYS] = { 0 }, count = 0; /* 0: not in */
	for (int i = 0; i < 100000; i++) {
		uint32_t key = rng_u32() % KEYS, value = 1 + rng_u32() % 1000;
		if (rng_u32() % 2 == 0) {
			table_remove(&t, &key);
			count -= index[key] != 0;
			index[key] = 0;
		} else if (index[key] != 0 || count < CAP) {
			ck_assert_int_eq(
			    table_put(&t, &key, (struct handle){ value, 1 }), MESH_OK);
			count += index[key] == 0;
			index[key] = value;
		} else {
			ck_assert_int_eq(
			    table_put(&t, &key, (struct handle){ value, 1 }),
			    MESH_FULL);
		}
		key = rng_u32() % KEYS;
		ck_assert_uint_eq(table_find(&t, &key).index, index[key]);
		ck_assert_uint_eq(t.count, count);
	}
}
CHECK_MODULE(table, setup, a_key_finds_the_handle_put_last, a_full_table_says_so,
    keys_that_all_meet_in_one_place_are_found_and_end_at_the_cap,
    any_sequence_equals_a_plain_array)
