/* dedup.h - seen these bytes before?
 *
 * A flood delivers every record once per neighbour.  Two generations of 16-byte marks
 * (SipHash-2-4-128 under a secret of this start, so no stranger can aim at a slot):
 * when the young one is full the old one is forgotten, so the last `capacity` marks at
 * least are known.  A forgotten mark costs one redundant look, never a lost record.
 * Floor 1. Pure. */
#ifndef MESH_DEDUP_H
#define MESH_DEDUP_H
#include "types.h"

enum { DEDUP_KEY = 16 };
struct dedup_mark {
	uint8_t bytes[16];
};
struct dedup {
	struct dedup_mark *young, *old; /* borrowed; `slots` each, all-zero = empty */
	size_t slots, used, capacity;   /* slots: a power of two above capacity */
	uint8_t key[DEDUP_KEY];
	bool turned; /* else nothing is in `old`, and its memory is left untouched */
};

/* Bytes that dedup_init takes for `capacity` marks per generation. */
size_t dedup_bytes(size_t capacity);
/* `block`: zeroed, aligned for any type, dedup_bytes(capacity) long; stays the
 * caller's. */
void dedup_init(
    struct dedup *d, void *block, size_t capacity, const uint8_t key[static DEDUP_KEY]);
struct dedup_mark dedup_mark_of(const struct dedup *d, struct bytes_view data);
bool dedup_is_empty(const struct dedup *d); /* whatever is asked: not seen */
bool dedup_seen(const struct dedup *d, const struct dedup_mark *mark);
/* Note it.  True if it is new: handle it.  False: a duplicate. */
bool dedup_admit(struct dedup *d, const struct dedup_mark *mark);
#endif
