/* deadline.h - many timers, one next deadline: a min-heap over numbered timers.
 *
 * Timer ids are 0..cap-1 and chosen by the owner (a slot's index, a constant).  Setting
 * one again moves it.  Floor 1.  Pure. */
#ifndef MESH_DEADLINE_H
#define MESH_DEADLINE_H
#include "types.h"

struct deadline {
	mesh_time_ms *when; /* borrowed, by id; MESH_NEVER: not set */
	uint32_t *heap;     /* ids, the soonest first */
	uint32_t *place;    /* by id: index in heap */
	uint32_t count, cap;
};

size_t deadline_bytes(uint32_t cap);
/* `block`: aligned for any type, deadline_bytes(cap) long; stays the caller's. */
void deadline_init(struct deadline *d, void *block, uint32_t cap);
void deadline_set(
    struct deadline *d, uint32_t id, mesh_time_ms when); /* NEVER clears */
void deadline_clear(struct deadline *d, uint32_t id);
mesh_time_ms deadline_of(const struct deadline *d, uint32_t id);
mesh_time_ms deadline_next(const struct deadline *d); /* MESH_NEVER: none */
/* Take the soonest timer that is due out; false: none is. */
bool deadline_due(struct deadline *d, mesh_time_ms now, uint32_t *id);
#endif
