/* table.h - handles by key: a fixed-capacity hash with open addressing.
 *
 * Keys have one length per table and are copied.  Positions come from SipHash under the
 * caller's secret, so that nobody can crowd one place.  No tombstones: removing shifts
 * back.  Floor 1.  Pure. */
#ifndef MESH_TABLE_H
#define MESH_TABLE_H
#include "pool.h"

enum { TABLE_SECRET = 16 };
struct table {
	uint8_t *entries; /* borrowed: a handle (generation 0: empty) and its key */
	size_t key_bytes, entry_bytes, slots;
	uint32_t count, cap;
	uint8_t secret[TABLE_SECRET];
};

size_t table_bytes(uint32_t cap, size_t key_bytes);
/* `block`: zeroed, aligned for any type, table_bytes long; stays the caller's. */
void table_init(struct table *t, void *block, uint32_t cap, size_t key_bytes,
    const uint8_t secret[static TABLE_SECRET]);
/* MESH_FULL: `cap` keys are in.  A key that is in gets the new handle. */
MESH_MUST_CHECK enum mesh_err table_put(
    struct table *t, const void *key, struct handle h);
struct handle table_find(
    const struct table *t, const void *key);         /* generation 0: not in */
void table_remove(struct table *t, const void *key); /* not in: a no-op */
/* What stands in one of the `slots`: its handle (generation 0: empty) and its key. */
struct handle table_slot(const struct table *t, size_t slot, const uint8_t **key);
#endif
