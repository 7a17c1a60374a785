#include "dot.h"
#include <math.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#	error "rows are read as the machine's own numbers: add a swap here"
#endif

/* Eight of each: one AVX2 register, two of SSE2 or NEON, eight of anything else. */
typedef float f32x8 __attribute__((vector_size(32)));
typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
enum { LANES = 8, CHAINS = DOT_PAD / LANES };
#define INLINE static inline __attribute__((always_inline))

/* Where squares neither vanish nor overflow in single precision. */
static const float norm_min = 1e-20F, norm_max = 1e30F;
static const float no_direction = -2;

/* Its own, because position-independent code may not take dot_width for known: another
 * object might bring one. */
INLINE size_t
width_of(enum dot_dtype dtype)
{
	static const uint8_t widths[DOT_DTYPES] = { 0, 4, 2, 1 };
	if (dtype == DOT_HIGH)
		return sizeof(uint16_t);
	return (unsigned)dtype < DOT_DTYPES ? widths[dtype] : 0;
}

size_t
dot_width(enum dot_dtype dtype)
{
	return width_of(dtype);
}

/* --- the quick pass --- */

/* A half's exponent and fraction, moved up, are a float 2^112 times too small: also for
 * the subnormal. */
INLINE void
load_f16(const uint8_t *from, f32x8 *to)
{
	u16x8 halves;
	memcpy(&halves, from, sizeof halves);
	u32x8 h = __builtin_convertvector(halves, u32x8);
	u32x8 bits = (h & 0x8000) << 16 | (h & 0x7fff) << 13;
	f32x8 small;
	memcpy(&small, &bits, sizeof small);
	*to = small * 0x1p112F;
}

/* Sixteen of them are eight words: the even ones below, the odd ones above. */
INLINE void
load_high(const uint8_t *from, size_t chain, f32x8 *to)
{
	u32x8 words;
	memcpy(&words, from, sizeof words);
	words = chain % 2 == 0 ? words << 16 : words & 0xffff0000;
	memcpy(to, &words, sizeof *to);
}

INLINE void
load(enum dot_dtype dtype, const uint8_t *from, f32x8 *to)
{
	if (dtype == DOT_F16)
		load_f16(from, to);
	else
		memcpy(to, from, sizeof *to);
}

struct sums {
	f32x8 dot[CHAINS], norm[CHAINS];
};

/* DOT_PAD values more. */
INLINE void
add(struct sums *s, enum dot_dtype dtype, const float *q, const uint8_t *row)
{
	for (size_t c = 0; c < CHAINS; c++) {
		f32x8 x, y;
		if (dtype == DOT_HIGH)
			load_high(row + c / 2 * sizeof(u32x8), c, &x);
		else
			load(dtype, row + c * LANES * width_of(dtype), &x);
		memcpy(&y, q + c * LANES, sizeof y);
		s->dot[c] += x * y;
		s->norm[c] += x * x;
	}
}

INLINE float
total(const f32x8 *chains)
{
	f32x8 sum = (chains[0] + chains[1]) + (chains[2] + chains[3]);
	float all = 0;
	for (size_t i = 0; i < LANES; i++)
		all += sum[i];
	return all;
}

INLINE float
score_floats(const struct dot_query *q, enum dot_dtype dtype, const uint8_t *row)
{
	struct sums s = { .dot = { { 0 } } };
	const float *values = dtype == DOT_HIGH ? q->pairs : q->values;
	size_t width = width_of(dtype), whole = q->dim - q->dim % DOT_PAD;
	for (size_t i = 0; i < whole; i += DOT_PAD)
		add(&s, dtype, values + i, row + i * width);
	if (whole < q->dim) {
		uint8_t rest[DOT_PAD * sizeof(float)] = { 0 };
		memcpy(rest, row + whole * width, (q->dim - whole) * width);
		add(&s, dtype, values + whole, rest);
	}
	float dot = total(s.dot), norm = total(s.norm);
	bool fine = norm >= norm_min && norm <= norm_max;
	return fine ? dot / sqrtf(norm) : (float)dot_exact(q, dtype, row);
}

/* Whole numbers, which the compiler may add in any order: two products per lane. */
INLINE float
score_bytes(const struct dot_query *q, const uint8_t *row)
{
	int32_t dot = 0, norm = 0;
	for (size_t i = 0; i < q->dim; i++) {
		int16_t x = (int16_t)((row[i] ^ 0x80) - 0x80); /* it is signed */
		dot += x * q->steps[i];
		norm += x * x;
	}
	return norm > 0 ? q->step * (float)dot / sqrtf((float)norm) : no_direction;
}

INLINE float
score(const struct dot_query *q, enum dot_dtype dtype, const uint8_t *row)
{
	return dtype == DOT_I8 ? score_bytes(q, row) : score_floats(q, dtype, row);
}

INLINE void
score_all(const struct dot_query *q, enum dot_dtype dtype, const uint8_t *rows,
    size_t count, float *scores)
{
	size_t stride = q->dim * width_of(dtype);
	for (size_t i = 0; i < count; i++)
		scores[i] = score(q, dtype, rows + i * stride);
}

INLINE void
score_by_dtype(const struct dot_query *q, enum dot_dtype dtype, const uint8_t *rows,
    size_t count, float *scores)
{
	if (dtype == DOT_F32)
		score_all(q, DOT_F32, rows, count, scores);
	else if (dtype == DOT_F16)
		score_all(q, DOT_F16, rows, count, scores);
	else if (dtype == DOT_I8)
		score_all(q, DOT_I8, rows, count, scores);
	else if (dtype == DOT_HIGH)
		score_all(q, DOT_HIGH, rows, count, scores);
}

#if defined(__x86_64__) || defined(__i386__)
/* Without FMA on purpose: it would round otherwise than the machines that lack it. */
static __attribute__((target("avx2"))) void
score_avx2(const struct dot_query *q, enum dot_dtype dtype, const uint8_t *rows,
    size_t count, float *scores)
{
	score_by_dtype(q, dtype, rows, count, scores);
}

static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2") != 0;
}
#else
#	define score_avx2 score_by_dtype
static bool
has_avx2(void)
{
	return false;
}
#endif

void
dot_rows(const struct dot_query *q, enum dot_dtype dtype, const uint8_t *rows,
    size_t count, float *scores)
{
	if (has_avx2())
		score_avx2(q, dtype, rows, count, scores);
	else
		score_by_dtype(q, dtype, rows, count, scores);
}

/* --- one row in double precision --- */

static double
value_of_f16(uint16_t h)
{
	int exponent = h >> 10 & 0x1f, fraction = h & 0x3ff;
	double value = exponent == 0x1f
	    ? (fraction == 0 ? (double)INFINITY : (double)NAN)
	    : exponent == 0 ? ldexp(fraction, -24)
			    : ldexp(fraction + 0x400, exponent - 25);
	return h & 0x8000 ? -value : value;
}

static double
value_of_high(uint16_t h)
{
	uint32_t bits = (uint32_t)h << 16;
	float f;
	memcpy(&f, &bits, sizeof f);
	return (double)f;
}

INLINE double
value_of(enum dot_dtype dtype, const uint8_t *row, size_t i)
{
	float f;
	uint16_t h;
	int8_t b;
	switch (dtype) {
	case DOT_F32:
		memcpy(&f, row + i * sizeof f, sizeof f);
		return (double)f;
	case DOT_F16:
		memcpy(&h, row + i * sizeof h, sizeof h);
		return value_of_f16(h);
	case DOT_I8:
		memcpy(&b, row + i, sizeof b);
		return b;
	case DOT_HIGH:
		memcpy(&h, row + i * sizeof h, sizeof h);
		return value_of_high(h);
	case DOT_NONE:
	case DOT_DTYPES:
		break;
	}
	return 0;
}

double
dot_value(enum dot_dtype dtype, const uint8_t *row, size_t i)
{
	return value_of(dtype, row, i);
}

double
dot_exact(const struct dot_query *q, enum dot_dtype dtype, const uint8_t *row)
{
	double dot = 0, norm = 0;
	for (size_t i = 0; i < q->dim; i++) {
		double x = value_of(dtype, row, i);
		dot += x * (double)q->values[i];
		norm += x * x;
	}
	bool fine = isfinite(dot) && isfinite(norm) && norm > 0;
	return fine ? dot / sqrt(norm) : (double)no_direction;
}

/* In the finest steps of which no sum with bytes can overflow. */
static void
set_steps(struct dot_query *q)
{
	int32_t most = INT32_MAX / (128 * (int32_t)q->dim);
	float largest = 0;
	for (size_t i = 0; i < q->dim; i++)
		largest = fmaxf(largest, fabsf(q->values[i]));
	q->step = largest / (float)(most < INT16_MAX ? most : INT16_MAX);
	for (size_t i = 0; i < q->dim; i++)
		q->steps[i] = (int16_t)lrintf(q->values[i] / q->step);
}

static void
set_pairs(struct dot_query *q)
{
	enum { TOGETHER = 2 * LANES };
	for (size_t i = 0; i < LENGTH(q->pairs); i += TOGETHER)
		for (size_t k = 0; k < LANES; k++) {
			q->pairs[i + k] = q->values[i + 2 * k];
			q->pairs[i + LANES + k] = q->values[i + 2 * k + 1];
		}
}

bool
dot_query_set(
    struct dot_query *q, enum dot_dtype dtype, size_t dim, struct bytes_view row)
{
	if (dim == 0 || dim > DOT_DIM_MAX || dtype == DOT_HIGH || row.len == 0 ||
	    row.len != dim * dot_width(dtype))
		return false;
	double norm = 0;
	for (size_t i = 0; i < dim; i++) {
		double x = dot_value(dtype, row.ptr, i);
		norm += x * x;
	}
	if (!isfinite(norm) || norm <= 0)
		return false;
	memset(q, 0, sizeof *q);
	q->dim = dim;
	for (size_t i = 0; i < dim; i++)
		q->values[i] = (float)(dot_value(dtype, row.ptr, i) / sqrt(norm));
	set_steps(q);
	set_pairs(q);
	return true;
}
