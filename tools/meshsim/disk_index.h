/* disk_index.h - places in a growing array, found by hash: what disk_state.h keeps its
 * rows, keys and have-sets by. */
#ifndef MESHSIM_DISK_INDEX_H
#define MESHSIM_DISK_INDEX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk_state;  /* whose array it is */
struct disk_index { /* place + 1, 0 is empty */
	uint32_t *slots;
	size_t count, cap;
};
/* FNV-1a of bytes that belong together; start with `h` = 0. */
uint64_t disk_hash(uint64_t h, const void *bytes, size_t len);
/* The place of the item that `is_it`, or SIZE_MAX; `*slot`: where it would go. */
size_t disk_index_seek(const struct disk_index *x, uint64_t hash,
    bool (*is_it)(const struct disk_state *s, size_t place, const void *item),
    const struct disk_state *s, const void *item, size_t *slot);
/* Requires: room (disk_index_widen). */
void disk_index_put(struct disk_index *x, uint64_t hash, size_t place);
/* Room for one more; all items are put in anew when it grows. */
void disk_index_widen(struct disk_index *x, const struct disk_state *s,
    uint64_t (*hash_at)(const struct disk_state *s, size_t place));
#endif
