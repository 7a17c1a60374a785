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

/* Side by side, so that a look-up among many tables waits for the memory once. */
static size_t
entry_bytes(size_t key_bytes)
{
	size_t align = sizeof(uint32_t);
	return sizeof(struct handle) + (key_bytes + align - 1) / align * align;
}

size_t
table_bytes(uint32_t cap, size_t key_bytes)
{
	return slots_for(cap) * entry_bytes(key_bytes);
}

void
table_init(struct table *t, void *block, uint32_t cap, size_t key_bytes,
    const uint8_t secret[static TABLE_SECRET])
{
	*t = (struct table){ .entries = block,
		.key_bytes = key_bytes,
		.entry_bytes = entry_bytes(key_bytes),
		.slots = slots_for(cap),
		.cap = cap };
	memcpy(t->secret, secret, TABLE_SECRET);
}

static struct handle *
handle_at(const struct table *t, size_t slot)
{
	return (struct handle *)(void *)(t->entries + slot * t->entry_bytes);
}

static uint8_t *
key_at(const struct table *t, size_t slot)
{
	return (uint8_t *)(handle_at(t, slot) + 1);
}

static bool
is_empty(const struct table *t, size_t slot)
{
	return handle_at(t, slot)->generation == 0;
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
	*handle_at(t, slot) = h;
	return MESH_OK;
}

struct handle
table_find(const struct table *t, const void *key)
{
	return *handle_at(t, seek(t, key));
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
		memcpy(handle_at(t, hole), handle_at(t, slot), t->entry_bytes);
		hole = slot;
	}
	*handle_at(t, hole) = (struct handle){ 0, 0 };
	t->count--;
}

struct handle
table_slot(const struct table *t, size_t slot, const uint8_t **key)
{
	*key = key_at(t, slot);
	return *handle_at(t, slot);
}
