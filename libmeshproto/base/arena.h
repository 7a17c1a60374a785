/* arena.h - bump storage in one block that the caller owns.
 *
 * Taking is adding; giving back is arena_reset, or arena_init anew.  Everything taken
 * is aligned for any type and zeroed.  Nothing is ever freed one by one.  Floor 0.
 * Pure. */
#ifndef MESH_ARENA_H
#define MESH_ARENA_H
#include "types.h"

struct arena {
	uint8_t *ptr; /* borrowed block */
	size_t cap, used;
};

struct arena arena_init(void *block, size_t bytes);
/* Zeroed storage for `count` items of `size` bytes, or NULL when the block is used up.
 */
void *arena_take(struct arena *a, size_t count, size_t size);
/* Copies that live as long as the arena; `ptr` NULL if they did not fit. */
struct bytes_view arena_bytes(struct arena *a, struct bytes_view v);
struct text_view arena_text(struct arena *a, struct text_view v);
void arena_reset(struct arena *a);
#endif
