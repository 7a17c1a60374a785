/* spill.h - the runs of one lane: two inside the row, more in chunks that all rows
 * share.
 *
 * So a thousand orderly origins cost what they need, and one disorderly origin cannot
 * cost more than MESH_RUNS.  Whoever changes a lane unfolds it into one straight array
 * and folds that back.  Floor 3.  Pure. */
#ifndef MESH_SPILL_H
#define MESH_SPILL_H
#include "runs.h"

enum { SPILL_INLINE = 2, SPILL_CHUNK = 8 };

struct spill_lane { /* what holdings know of one lane of one origin */
	struct mesh_run run[SPILL_INLINE];
	/* Up to here nobody has what is missing: counts as processed.  Frozen: the end.
	 */
	uint64_t floor;
	uint32_t live;   /* keyed: so much weight at most in the processed prefix */
	uint16_t spill;  /* 1 + index of the first chunk; 0: none */
	uint8_t count;   /* runs in all, ascending */
	bool frozen : 1; /* its origin contradicted itself, or keeps too much */
	bool holed : 1;  /* something is missing below what is held */
};
struct spill_chunk {
	struct mesh_run run[SPILL_CHUNK];
	uint16_t next; /* 1 + index; 0: last, or end of the free list */
};
struct spill {
	struct spill_chunk *chunks; /* borrowed */
	uint16_t free, free_count;
};

void spill_init(struct spill *p, void *chunks, uint16_t count);
size_t spill_chunks(size_t runs); /* so many are needed for them */
/* Is there room for that lane with so many runs? */
bool spill_fits(const struct spill *p, const struct spill_lane *lane, size_t runs);
/* `to` has room for MESH_RUNS. */
struct runs spill_unfold(
    const struct spill *p, const struct spill_lane *lane, struct mesh_run *to);
/* Requires: spill_fits. */
void spill_fold(struct spill *p, struct spill_lane *lane, const struct runs *s);
void spill_forget(struct spill *p, struct spill_lane *lane); /* no runs */
#endif
