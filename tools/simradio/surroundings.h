/* surroundings.h - who is around a simulated radio, and what they say.
 *
 * The nodes of a cell (radio/sim): the radio lists them, and hears what they send as
 * far as it reaches it.  A list may be longer than a cell: the rest was heard once and
 * is silent.  Pure. */
#ifndef SURROUNDINGS_H
#define SURROUNDINGS_H
#include "mt_device.h"
#include "sim_cell.h"

struct surroundings {
	struct sim_cell cell;
	bool silent; /* nobody sends */
};
/* The number of the radio itself. */
uint32_t surroundings_own(uint64_t seed);
/* The first `count` nodes become the radio's list. */
void surroundings_init(struct surroundings *s, struct mt_device *d,
    const struct sim_cell_params *params, uint32_t count, struct mesh_now now);
/* What was sent up to now is heard. */
void surroundings_pass(
    struct surroundings *s, struct mt_device *d, struct mesh_now now);
mesh_time_ms surroundings_due(const struct surroundings *s, struct mesh_now now);
#endif
