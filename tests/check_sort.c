#include "check_mesh.h"
#include "sort.h"

enum { MOST = 300 };
static uint8_t value[MOST];
static size_t compared;

static int
by_value(const void *of, uint16_t a, uint16_t b)
{
	const uint8_t *v = of;
	compared++;
	return (int)v[a] - (int)v[b];
}

START_TEST(indices_stand_in_order_and_none_is_lost)
{
	for (int i = 0; i < 2000; i++) {
		uint16_t at[MOST];
		bool seen[MOST] = { false };
		size_t count = rng_u32() % MOST, span = 1 + rng_u32() % 256;
		for (size_t k = 0; k < count; k++) {
			value[k] = (uint8_t)(rng_u32() % span);
			at[k] = (uint16_t)k;
		}
		sort_indices(at, count, by_value, value);
		for (size_t k = 0; k < count; k++) {
			ck_assert(at[k] < count && !seen[at[k]]);
			seen[at[k]] = true;
			ck_assert(k == 0 || value[at[k - 1]] <= value[at[k]]);
		}
	}
}
START_TEST(no_order_makes_it_dear)
{
	for (int order = 0; order < 5; order++) {
		uint16_t at[256];
		for (size_t k = 0; k < LENGTH(at); k++) {
			const size_t orders[] = { k, 255 - k, 7, k % 2,
				(k * 97) % 256 };
			value[k] = (uint8_t)orders[order];
			at[k] = (uint16_t)k;
		}
		compared = 0;
		sort_indices(at, LENGTH(at), by_value, value);
		ck_assert_uint_le(compared, 2 * 256 * 8 + 2 * 256);
	}
}
CHECK_MODULE(
    sort, NULL, indices_stand_in_order_and_none_is_lost, no_order_makes_it_dear)
