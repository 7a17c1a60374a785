#include "check_mesh.h"
#include "nearest.h"
#include <math.h>

static struct nearest n;

static int
downwards(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x < y) - (x > y);
}

START_TEST(of_any_scores_in_any_order_the_best_are_kept)
{
	enum { MANY = 2000 };
	static float all[MANY];
	for (int run = 0; run < 200; run++) {
		n.count = 0;
		n.keep = 1 + rng_u32() % NEAREST_MAX;
		size_t count = rng_u32() % MANY;
		uint32_t span = 2 + rng_u32() % 3000;
		for (size_t i = 0; i < count; i++) {
			all[i] = (float)(rng_u32() % span) / (float)span;
			nearest_put(
			    &n, &(struct nearest_row){ all[i], (int64_t)i + 1, 0 });
		}
		qsort(all, count, sizeof all[0], downwards);
		static float kept[NEAREST_MAX];
		for (size_t i = 0; i < n.count; i++)
			kept[i] = n.rows[i].score;
		qsort(kept, n.count, sizeof kept[0], downwards);
		ck_assert_uint_eq(n.count, count < n.keep ? count : n.keep);
		ck_assert(memcmp(kept, all, n.count * sizeof kept[0]) == 0);
	}
}
START_TEST(a_row_without_a_direction_is_never_wanted)
{
	n.count = 0;
	n.keep = 2;
	static const float none[] = { -2, NAN, -INFINITY };
	for (int full = 0; full < 2; full++) {
		for (size_t i = 0; i < LENGTH(none); i++)
			ck_assert(!nearest_wants(&n, none[i]));
		nearest_put(&n, &(struct nearest_row){ full == 0 ? 0.5F : -1, 1, 0 });
	}
	ck_assert_uint_eq(n.count, 2);
	ck_assert(!nearest_wants(&n, -1));
	ck_assert(nearest_wants(&n, 0));
}
CHECK_MODULE(nearest, NULL, of_any_scores_in_any_order_the_best_are_kept,
    a_row_without_a_direction_is_never_wanted)
