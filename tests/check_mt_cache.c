#include "check_mesh.h"
#include "mt_cache.h"

static uint8_t block[64];
static struct mt_cache_entry entries[8];
static struct mt_cache cache;

static void
setup(void)
{
	cache = (struct mt_cache){ block, sizeof block, 0, entries, LENGTH(entries),
		0 };
}

static bool
holds(uint32_t kind, uint32_t key, const char *expected)
{
	return bytes_equal(mt_cache_get(&cache, kind, key), hex(expected));
}

START_TEST(messages_are_found_by_kind_and_key)
{
	ck_assert(mt_cache_put(&cache, 10, 0, hex("0a01")));
	ck_assert(mt_cache_put(&cache, 10, 1, hex("0b0203")));
	ck_assert(mt_cache_put(&cache, 4, 1, hex("")));
	ck_assert(holds(10, 0, "0a01") && holds(10, 1, "0b0203") && holds(4, 1, ""));
	ck_assert_ptr_eq(mt_cache_get(&cache, 4, 2).ptr, NULL);
	ck_assert_uint_eq(mt_cache_count(&cache, 10), 2);
}
START_TEST(a_newer_message_takes_the_place_of_the_older)
{
	ck_assert(mt_cache_put(&cache, 10, 0, hex("0a01")));
	ck_assert(mt_cache_put(&cache, 10, 1, hex("0b0203")));
	ck_assert(mt_cache_put(&cache, 10, 0, hex("ffffffff")));
	ck_assert(holds(10, 0, "ffffffff") && holds(10, 1, "0b0203"));
	ck_assert_uint_eq(cache.len, 7);
}
START_TEST(full_refuses_the_newest_and_keeps_the_rest)
{
	static const uint8_t long_message[65];
	for (uint32_t i = 0; i < LENGTH(entries); i++)
		ck_assert(mt_cache_put(&cache, 1, i, hex("aabb")));
	ck_assert(!mt_cache_put(&cache, 1, 99, hex("cc")));
	ck_assert(mt_cache_put(&cache, 1, 3, hex("cc")));
	setup();
	ck_assert(!mt_cache_put(&cache, 1, 0, bytes_view(long_message, 65)));
	ck_assert(mt_cache_put(&cache, 1, 0, bytes_view(long_message, 64)));
	ck_assert(!mt_cache_put(&cache, 1, 1, hex("00")));
}
START_TEST(random_puts_agree_with_a_simple_model)
{
	uint8_t model[6] = { 0 };
	for (int i = 0; i < 20000; i++) {
		uint32_t key = rng_u32() % LENGTH(model);
		uint8_t value[9];
		size_t len = rng_u32() % sizeof value + 1;
		memset(value, (int)len, sizeof value);
		ck_assert(mt_cache_put(&cache, 7, key, bytes_view(value, len)));
		model[key] = (uint8_t)len;
		for (uint32_t k = 0; k < LENGTH(model); k++) {
			struct bytes_view v = mt_cache_get(&cache, 7, k);
			ck_assert_uint_eq(v.len, model[k]);
			for (size_t b = 0; b < v.len; b++)
				ck_assert_uint_eq(v.ptr[b], model[k]);
		}
	}
}
CHECK_MODULE(mt_cache, setup, messages_are_found_by_kind_and_key,
    a_newer_message_takes_the_place_of_the_older,
    full_refuses_the_newest_and_keeps_the_rest, random_puts_agree_with_a_simple_model)
