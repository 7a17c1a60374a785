/* Cosines of random rows against the definition in double precision, and the rows that
 * have none. */
#include "check_mesh.h"
#include "dot.h"
#include <math.h>

enum { ROWS = 7 };
static struct dot_query query;
static uint8_t rows[ROWS * DOT_DIM_MAX * sizeof(float) + 1];

static float
any_float(void)
{
	return (float)((double)rng_u32() / UINT32_MAX * 2 - 1);
}

/* Any half but infinities and NaN. */
static uint16_t
any_half(void)
{
	uint16_t h = (uint16_t)rng_u32();
	return (h & 0x7c00) == 0x7c00 ? (uint16_t)(h & 0x83ff) : h;
}

static void
fill(enum dot_dtype dtype, uint8_t *to, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		float f = any_float();
		uint16_t h = any_half();
		const void *from = dtype == DOT_F32 ? (const void *)&f : &h;
		memcpy(to + i * dot_width(dtype), from, dot_width(dtype));
	}
}

static double
cosine(enum dot_dtype dtype, size_t dim, const uint8_t *a, const uint8_t *b)
{
	double ab = 0, aa = 0, bb = 0;
	for (size_t i = 0; i < dim; i++) {
		double x = dot_value(dtype, a, i), y = dot_value(dtype, b, i);
		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	return ab / sqrt(aa * bb);
}

START_TEST(quick_and_exact_scores_are_the_cosine_for_every_dtype_and_length)
{
	uint8_t *unaligned = rows + 1; /* rows may begin anywhere */
	for (int i = 0; i < 600; i++) {
		enum dot_dtype dtype = DOT_F32 + rng_u32() % 3;
		size_t dim = 1 + rng_u32() % (i % 10 == 0 ? DOT_DIM_MAX : 200);
		size_t stride = dim * dot_width(dtype);
		static uint8_t first[DOT_DIM_MAX * sizeof(float)];
		float scores[ROWS];
		fill(dtype, first, dim);
		fill(dtype, unaligned, dim * ROWS);
		if (!dot_query_set(&query, dtype, dim, bytes_view(first, stride)))
			continue; /* a single zero */
		dot_rows(&query, dtype, unaligned, ROWS, scores);
		for (size_t r = 0; r < ROWS; r++) {
			const uint8_t *row = unaligned + r * stride;
			double want = cosine(dtype, dim, first, row);
			if (!isfinite(want))
				want = -2;
			double exact = dot_exact(&query, dtype, row);
			ck_assert_msg(
			    fabs(exact - want) < 1e-6, "%zu: %f %f", dim, exact, want);
			ck_assert_msg(fabs((double)scores[r] - want) < 1e-4,
			    "dtype %d dim %zu: %f %f", dtype, dim, (double)scores[r],
			    want);
		}
	}
}
/* Each upper half stands for what lies within a 128th of it. */
START_TEST(upper_halves_of_floats_tell_the_cosine_to_three_digits)
{
	static float first[DOT_DIM_MAX], row[DOT_DIM_MAX];
	for (int i = 0; i < 300; i++) {
		size_t dim = 128 + rng_u32() % (i % 10 == 0 ? DOT_DIM_MAX - 128 : 600);
		float scores[1];
		fill(DOT_F32, (uint8_t *)first, dim);
		fill(DOT_F32, (uint8_t *)row, dim);
		for (size_t k = 0; k < dim; k++)
			memcpy(rows + 1 + 2 * k, (uint8_t *)&row[k] + 2, 2);
		ck_assert(dot_query_set(
		    &query, DOT_F32, dim, bytes_view(first, dim * sizeof *first)));
		dot_rows(&query, DOT_HIGH, rows + 1, 1, scores);
		double want = cosine(DOT_F32, dim, (uint8_t *)first, (uint8_t *)row);
		ck_assert_msg(
		    fabs((double)scores[0] - want) < 1.0 / 128 / sqrt((double)dim),
		    "%zu: %f %f", dim, (double)scores[0], want);
		ck_assert(fabs(dot_exact(&query, DOT_HIGH, rows + 1) -
			      (double)scores[0]) < 1e-5);
	}
}
START_TEST(halves_read_as_the_standard_has_them)
{
	static const struct {
		uint16_t half;
		double value;
	} table[] = { { 0x0000, 0 }, { 0x3c00, 1 }, { 0xc000, -2 }, { 0x7bff, 65504 },
		{ 0x0001, 0x1p-24 }, { 0x83ff, -0x1.ff8p-15 }, { 0x0400, 0x1p-14 },
		{ 0x3555, 0x1.554p-2 } };
	for (size_t i = 0; i < LENGTH(table); i++) {
		uint8_t row[2];
		memcpy(row, &table[i].half, sizeof row);
		ck_assert(dot_value(DOT_F16, row, 0) == table[i].value);
	}
}
START_TEST(huge_and_tiny_rows_have_a_direction_too)
{
	static const float scales[] = { 1e38F, 1e-38F, 1e-44F, 1 };
	float values[40], scaled[40], scores[1];
	for (size_t i = 0; i < LENGTH(values); i++)
		values[i] = i % 2 == 0 ? 1 : 2;
	for (size_t k = 0; k < LENGTH(scales); k++) {
		for (size_t i = 0; i < LENGTH(values); i++)
			scaled[i] = values[i] * scales[k];
		ck_assert(dot_query_set(
		    &query, DOT_F32, 40, bytes_view(values, sizeof values)));
		dot_rows(&query, DOT_F32, (const uint8_t *)scaled, 1, scores);
		ck_assert_msg(scores[0] > 0.99F, "scale %g: %f", (double)scales[k],
		    (double)scores[0]);
		ck_assert(dot_query_set(
		    &query, DOT_F32, 40, bytes_view(scaled, sizeof scaled)));
	}
}
START_TEST(a_row_without_a_direction_scores_below_all_others)
{
	static const float bad[] = { NAN, INFINITY, -INFINITY, 0 };
	float values[33], row[33], scores[1];
	int8_t zeros[33] = { 0 };
	for (size_t i = 0; i < LENGTH(values); i++)
		values[i] = any_float();
	ck_assert(
	    dot_query_set(&query, DOT_F32, 33, bytes_view(values, sizeof values)));
	for (size_t k = 0; k < LENGTH(bad); k++) {
		memcpy(row, values, sizeof row);
		for (size_t i = bad[k] == 0 ? 0 : 32; i < LENGTH(row); i++)
			row[i] = bad[k];
		dot_rows(&query, DOT_F32, (const uint8_t *)row, 1, scores);
		ck_assert(scores[0] == -2);
		ck_assert(
		    !dot_query_set(&query, DOT_F32, 33, bytes_view(row, sizeof row)));
		ck_assert(dot_query_set(
		    &query, DOT_F32, 33, bytes_view(values, sizeof values)));
	}
	dot_rows(&query, DOT_I8, (const uint8_t *)zeros, 1, scores);
	ck_assert(scores[0] == -2);
}
START_TEST(a_query_must_be_of_its_length)
{
	float values[2] = { 1, 2 };
	struct bytes_view row = bytes_view(values, sizeof values);
	ck_assert(dot_query_set(&query, DOT_F32, 2, row));
	ck_assert(dot_query_set(&query, DOT_I8, 8, row));
	ck_assert(!dot_query_set(&query, DOT_F32, 1, row));
	ck_assert(!dot_query_set(&query, DOT_F32, 0, bytes_view(values, 0)));
	ck_assert(!dot_query_set(&query, DOT_NONE, 0, bytes_view(values, 0)));
	ck_assert(!dot_query_set(&query, DOT_DTYPES, 1, row));
	ck_assert(!dot_query_set(
	    &query, DOT_I8, DOT_DIM_MAX + 1, bytes_view(rows, DOT_DIM_MAX + 1)));
}
START_TEST(bytes_at_their_extremes_do_not_overflow)
{
	float scores[1];
	memset(rows, 0x80, DOT_DIM_MAX); /* -128 */
	ck_assert(
	    dot_query_set(&query, DOT_I8, DOT_DIM_MAX, bytes_view(rows, DOT_DIM_MAX)));
	dot_rows(&query, DOT_I8, rows, 1, scores);
	ck_assert(fabsf(scores[0] - 1) < 1e-4F);
}
CHECK_MODULE(dot, NULL,
    quick_and_exact_scores_are_the_cosine_for_every_dtype_and_length,
    upper_halves_of_floats_tell_the_cosine_to_three_digits,
    halves_read_as_the_standard_has_them, huge_and_tiny_rows_have_a_direction_too,
    a_row_without_a_direction_scores_below_all_others, a_query_must_be_of_its_length,
    bytes_at_their_extremes_do_not_overflow)
