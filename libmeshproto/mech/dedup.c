#include "dedup.h"
#include "bytes.h"
#include "seal.h"
#include <string.h>

/* At most three quarters full, so that a probe ends soon. */
static size_t
slots_for(size_t capacity)
{
	size_t slots = 4;
	while (slots / 4 * 3 < capacity)
		slots *= 2;
	return slots;
}

size_t
dedup_bytes(size_t capacity)
{
	return 2 * slots_for(capacity) * sizeof(struct dedup_mark);
}

void
dedup_init(
    struct dedup *d, void *block, size_t capacity, const uint8_t key[static DEDUP_KEY])
{
	size_t slots = slots_for(capacity);
	*d = (struct dedup){ .young = block, .slots = slots, .capacity = capacity };
	d->old = d->young + slots;
	memcpy(d->key, key, DEDUP_KEY);
}

struct dedup_mark
dedup_mark_of(const struct dedup *d, struct bytes_view data)
{
	struct dedup_mark mark;
	seal_siphash128(d->key, data, mark.bytes);
	mark.bytes[15] |= 1; /* all zero means an empty slot */
	return mark;
}

/* The slot that holds `mark`, or the empty one where it belongs. */
static size_t
slot_of(const struct dedup *d, const struct dedup_mark *generation,
    const struct dedup_mark *mark)
{
	static const struct dedup_mark empty;
	uint64_t at;
	memcpy(&at, mark->bytes, sizeof at);
	for (;; at++) {
		const struct dedup_mark *slot = &generation[at & (d->slots - 1)];
		if (memcmp(slot, mark, sizeof *mark) == 0 ||
		    memcmp(slot, &empty, sizeof empty) == 0)
			return (size_t)(at & (d->slots - 1));
	}
}

static bool
holds(const struct dedup *d, const struct dedup_mark *generation,
    const struct dedup_mark *mark)
{
	return generation[slot_of(d, generation, mark)].bytes[15] != 0;
}

bool
dedup_is_empty(const struct dedup *d)
{
	return d->used == 0 && !d->turned;
}

bool
dedup_seen(const struct dedup *d, const struct dedup_mark *mark)
{
	return holds(d, d->young, mark) || (d->turned && holds(d, d->old, mark));
}

static void
turn_over(struct dedup *d)
{
	struct dedup_mark *forgotten = d->old;
	d->old = d->young;
	d->young = forgotten;
	d->used = 0;
	d->turned = true;
	memset(d->young, 0, d->slots * sizeof *d->young);
}

bool
dedup_admit(struct dedup *d, const struct dedup_mark *mark)
{
	if (dedup_seen(d, mark))
		return false;
	if (d->used >= d->capacity)
		turn_over(d);
	d->young[slot_of(d, d->young, mark)] = *mark;
	d->used++;
	return true;
}
