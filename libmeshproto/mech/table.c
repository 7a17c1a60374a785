#include "table.h"
#include "bytes.h"
#include "seal.h"
#include <string.h>

static size_t
slots_for(uint32_t cap)
{
	size_t slots = 4;
	while (slots / 4 * 3 < cap) /* at most three quarters full: probes end soon */
		slots *= 2;
	return slots;
}

size_t
table_bytes(uint32_t cap, size_t key_bytes)
{
	return slots_for(cap) * (sizeof(struct handle) + key_bytes);
}

void
table_init(struct table *t, void *block, uint32_t cap, size_t key_bytes,
    const uint8_t secret[static TABLE_SECRET])
{
	*t = (struct table){ .handles = block, .key_bytes = key_bytes, .cap = cap };
	t->slots = slots_for(cap);
	t->keys = (uint8_t *)(t->handles + t->slots);
	memcpy(t->secret, secret, TABLE_SECRET);
}

static uint8_t *
key_at(const struct table *t, size_t slot)
{
	return t->keys + slot * t->key_bytes;
}

static bool
is_empty(const struct table *t, size_t slot)
{
	return t->handles[slot].generation == 0;
}

static size_t
home_of(const struct table *t, const void *key)
{
	return (size_t)seal_siphash(t->secret, bytes_view(key, t->key_bytes)) &
	    (t->slots - 1);
}

/* The slot of `key`, or the empty one where it would go. */
static size_t
seek(const struct table *t, const void *key)
{
	size_t slot = home_of(t, key);
	while (!is_empty(t, slot) && memcmp(key_at(t, slot), key, t->key_bytes) != 0)
		slot = (slot + 1) & (t->slots - 1);
	return slot;
}

enum mesh_err
table_put(struct table *t, const void *key, struct handle h)
{
	size_t slot = seek(t, key);
	if (is_empty(t, slot)) {
		if (t->count >= t->cap)
			return MESH_FULL;
		memcpy(key_at(t, slot), key, t->key_bytes);
		t->count++;
	}
	t->handles[slot] = h;
	return MESH_OK;
}

struct handle
table_find(const struct table *t, const void *key)
{
	return t->handles[seek(t, key)];
}

/* Would an entry at `slot` whose home is `home` be cut off by a hole at `hole`? */
static bool
must_move(const struct table *t, size_t hole, size_t home, size_t slot)
{
	size_t mask = t->slots - 1;
	return ((slot - home) & mask) >= ((slot - hole) & mask);
}

void
table_remove(struct table *t, const void *key)
{
	size_t hole = seek(t, key), mask = t->slots - 1;
	if (is_empty(t, hole))
		return;
	for (size_t slot = (hole + 1) & mask; !is_empty(t, slot);
	     slot = (slot + 1) & mask) {
		if (!must_move(t, hole, home_of(t, key_at(t, slot)), slot))
			continue;
		memcpy(key_at(t, hole), key_at(t, slot), t->key_bytes);
		t->handles[hole] = t->handles[slot];
		hole = slot;
	}
	t->handles[hole] = (struct handle){ 0, 0 };
	t->count--;
}
