/* pool.h - fixed slots behind {index, generation} handles.
 *
 * A handle outlives its slot safely: pool_at of a slot given back says NULL, even after
 * somebody else took it.  Slots come zeroed.  Floor 1.  Pure. */
#ifndef MESH_POOL_H
#define MESH_POOL_H
#include "types.h"

struct handle {
	uint32_t index, generation; /* generation 0: no handle */
};
struct pool {
	uint8_t *slots;       /* borrowed */
	uint32_t *generation; /* odd: taken */
	uint32_t *free;       /* stack of free indexes */
	size_t slot_bytes;
	uint32_t cap, free_count;
	uint32_t top; /* above it no slot is taken: walks end there */
};

size_t pool_bytes(uint32_t cap, size_t slot_bytes);
/* `block`: aligned for any type, pool_bytes long; stays the caller's, is not touched
 * beyond the bookkeeping until slots are taken. */
void pool_init(struct pool *p, void *block, uint32_t cap, size_t slot_bytes);
/* generation 0 when all slots are taken. */
struct handle pool_take(struct pool *p);
void pool_give(struct pool *p, struct handle h);      /* stale: a no-op */
void *pool_at(const struct pool *p, struct handle h); /* NULL: stale */
/* The same, inline: where one datagram looks at many slots. */
static inline void *
pool_look(const struct pool *p, struct handle h)
{
	bool live = h.index < p->cap && h.generation % 2 == 1 &&
	    p->generation[h.index] == h.generation;
	return live ? p->slots + h.index * p->slot_bytes : NULL;
}
/* Walk: the first taken slot at or after `*index`, which is set to its index; NULL:
 * none. Taking and giving while walking is fine. */
void *pool_walk(const struct pool *p, uint32_t *index);
struct handle pool_handle(const struct pool *p, uint32_t index); /* of a taken slot */
uint32_t pool_index(const struct pool *p, const void *slot);     /* of a slot of it */
uint32_t pool_taken(const struct pool *p);
#endif
