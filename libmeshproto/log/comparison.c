#include "meshsketch.h"
#include <string.h>

/* How many cells to ask a neighbour for, and what to make of them: PROTOCOL.md 9. */

enum {
	AT_ONCE = 512, /* more would fill the queues between */
	FINE = 32      /* steps once as many as needed on average are here */
};

void
mesh_comparison_init(struct mesh_comparison *c, const uint8_t netid[static 16])
{
	memset(c->came, 0, sizeof c->came);
	c->prefix = c->found = 0;
	mesh_sketch_init(&c->sketch, netid, c->cells, MESH_SKETCH_CELLS);
}

/* Cell 0 holds all: by how many more one set has.  When rows are lost that is how many
 * differ, and 1.35 cells each are needed; when as many were changed it says nothing. */
static uint32_t
next_want(const struct mesh_comparison *c)
{
	uint32_t excess = c->cells[0].count;
	if (excess > UINT32_MAX / 2)
		excess = -excess;
	uint32_t have = c->prefix,
		 likely = excess < MESH_SKETCH_CELLS ? excess + excess * 7 / 20
						     : UINT32_MAX;
	uint32_t step = have / 4 > MESH_SKETCH_FIRST ? have / 4 : MESH_SKETCH_FIRST;
	if (likely > MESH_SKETCH_CELLS || have == MESH_SKETCH_CELLS)
		return 0;
	if (likely > have + step)
		step = likely - have;
	else if (excess > FINE && have >= likely)
		step = FINE;
	if (step > AT_ONCE)
		step = AT_ONCE;
	return have + step < MESH_SKETCH_CELLS ? have + step : MESH_SKETCH_CELLS;
}

static void
take_new(struct mesh_comparison *c, uint32_t first, struct bytes_view cells)
{
	for (size_t i = 0; i < cells.len / MESH_SKETCH_CELL; i++) {
		struct bytes_view one = bytes_view(
		    cells.ptr + i * MESH_SKETCH_CELL, MESH_SKETCH_CELL);
		uint32_t at = first + (uint32_t)i;
		if (at < MESH_SKETCH_CELLS && !c->came[at])
			c->came[at] = mesh_sketch_subtract(&c->sketch, at, one) ==
			    MESH_OK;
	}
	while (c->prefix < MESH_SKETCH_CELLS && c->came[c->prefix])
		c->prefix++;
}

static enum mesh_sketched
look(struct mesh_comparison *c, uint32_t *more)
{
	struct mesh_sketch prefix = c->sketch;
	prefix.cells = c->peeled;
	prefix.count = c->prefix;
	memcpy(c->peeled, c->cells, c->prefix * sizeof *c->peeled);
	enum mesh_err err = mesh_sketch_peel(&prefix, c->differences, &c->found);
	if (err == MESH_OK)
		return c->found == 0 ? SKETCHED_SAME : SKETCHED_MENDED;
	if (err != MESH_TRUNCATED)
		return SKETCHED_WRONG;
	*more = next_want(c);
	return *more == 0 ? SKETCHED_TOO_MANY : SKETCHED_MORE;
}

enum mesh_sketched
mesh_comparison_take(struct mesh_comparison *c, uint32_t first, struct bytes_view cells,
    uint32_t want, uint32_t *more)
{
	*more = 0;
	take_new(c, first, cells);
	return c->prefix >= want ? look(c, more) : SKETCHED_MORE;
}
