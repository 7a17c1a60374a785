#include "disk_index.h"
#include "must.h"

uint64_t
disk_hash(uint64_t h, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	h ^= 0xcbf29ce484222325U;
	for (size_t i = 0; i < len; i++)
		h = (h ^ at[i]) * 0x100000001b3U;
	return h ^ h >> 29;
}

size_t
disk_index_seek(const struct disk_index *x, uint64_t hash,
    bool (*is_it)(const struct disk_state *s, size_t place, const void *item),
    const struct disk_state *s, const void *item, size_t *slot)
{
	if (x->cap == 0)
		return SIZE_MAX;
	for (size_t i = (size_t)hash & (x->cap - 1);; i = (i + 1) & (x->cap - 1)) {
		*slot = i;
		if (x->slots[i] == 0)
			return SIZE_MAX;
		if (is_it(s, x->slots[i] - 1, item))
			return x->slots[i] - 1;
	}
}

void
disk_index_put(struct disk_index *x, uint64_t hash, size_t place)
{
	size_t i = (size_t)hash & (x->cap - 1);
	while (x->slots[i] != 0)
		i = (i + 1) & (x->cap - 1);
	x->slots[i] = (uint32_t)place + 1;
}

void
disk_index_widen(struct disk_index *x, const struct disk_state *s,
    uint64_t (*hash_at)(const struct disk_state *s, size_t place))
{
	if (2 * (x->count + 1) <= x->cap)
		return;
	x->cap = x->cap > 0 ? 2 * x->cap : 32;
	free(x->slots);
	x->slots = must(calloc(x->cap, sizeof *x->slots));
	for (size_t i = 0; i < x->count; i++)
		disk_index_put(x, hash_at(s, i), i);
}
