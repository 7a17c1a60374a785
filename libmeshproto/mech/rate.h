/* rate.h - a token bucket: so many per second, so many at once.
 *
 * Counted in thousandths, so that a slow rate loses nothing to rounding.  A clock that
 * stands still gives nothing.  Floor 1.  Pure. */
#ifndef MESH_RATE_H
#define MESH_RATE_H
#include "types.h"

struct rate {
	uint32_t per_s, burst;
	uint64_t level; /* thousandths of a token */
	mesh_time_ms at;
};

void rate_init(
    struct rate *r, uint32_t per_s, uint32_t burst, mesh_time_ms now); /* full */
/* Take `n` tokens, or none and false. */
bool rate_take(struct rate *r, uint32_t n, mesh_time_ms now);
/* Take `n` tokens, or what there is of them: a fine. */
void rate_fine(struct rate *r, uint32_t n, mesh_time_ms now);
/* What was taken was not needed. */
void rate_give(struct rate *r, uint32_t n, mesh_time_ms now);
/* When `n` tokens will be there; MESH_NEVER if n > burst or per_s is 0. */
mesh_time_ms rate_ready(const struct rate *r, uint32_t n, mesh_time_ms now);

/* The same in eight bytes, for tables of many: rate and burst are the caller's, zeroed
 * it is full.  Right while it is asked at least every 49 days. */
struct rate_cell {
	uint32_t spent; /* thousandths of a token */
	uint32_t at;    /* low bits of the clock */
};
struct rate_size {
	uint32_t per_s, burst; /* burst below 2^32 / 1000 */
};
bool rate_cell_has(
    const struct rate_cell *c, struct rate_size size, uint32_t n, mesh_time_ms now);
bool rate_cell_take(
    struct rate_cell *c, struct rate_size size, uint32_t n, mesh_time_ms now);
#endif
