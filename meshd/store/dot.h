/* dot.h - how alike rows of numbers are: cosines, many rows at a time.
 *
 * Plain C over vectors of eight floats, which gcc and clang turn into what the machine
 * has; where the processor has AVX2 the same code runs compiled for it.  Sums go in one
 * fixed order, so that every machine finds the same.  The quick pass is in single
 * precision; dot_exact, in double, is for the few rows that are shown.  Rows are dense,
 * little-endian, and may begin anywhere.  Floor 6.  Pure. */
#ifndef DOT_H
#define DOT_H
#include "bytes.h"

enum dot_dtype { /* as on the wire, but the last */
	DOT_NONE,
	DOT_F32,
	DOT_F16,
	DOT_I8,
	DOT_DTYPES,
	DOT_HIGH /* the upper two bytes of an f32: half the bytes to read, 8 bits of it
		  */
};
enum { DOT_DIM_MAX = 4096, DOT_PAD = 32 };
struct dot_query { /* of length one; padded with zeros to a multiple of DOT_PAD */
	size_t dim;
	float values[DOT_DIM_MAX];
	float pairs[DOT_DIM_MAX];   /* the same, of each sixteen the even ones first */
	int16_t steps[DOT_DIM_MAX]; /* the same in multiples of `step` */
	float step;
};
size_t dot_width(enum dot_dtype dtype); /* bytes of one value; 0: no such dtype */
/* False: dim is 0 or too large, `row` is not so long, a value is not finite, or all are
 * zero. */
bool dot_query_set(
    struct dot_query *q, enum dot_dtype dtype, size_t dim, struct bytes_view row);
/* The cosine of each of `count` rows with `q`, within 1e-4 (of
 * DOT_HIGH 2^-7 / sqrt(dim), of which it hardly ever uses a quarter); a row without a
 * direction (zero, not finite) scores -2. */
void dot_rows(const struct dot_query *q, enum dot_dtype dtype, const uint8_t *rows,
    size_t count, float *scores);
/* One row's, exact to the last bits of a double. */
double dot_exact(const struct dot_query *q, enum dot_dtype dtype, const uint8_t *row);
/* One value of a row. */
double dot_value(enum dot_dtype dtype, const uint8_t *row, size_t i);
#endif
