#include "bulletin.h"
#include "bytes.h"

static bool
is_about(
    const struct bulletin_slot *slot, const struct record *r, struct bytes_view key)
{
	return slot->len > 0 &&
	    memcmp(&slot->author, &r->at.origin, sizeof slot->author) == 0 &&
	    bytes_equal(bytes_view(slot->key, slot->key_len), key);
}

static struct bulletin_slot *
slot_for(struct bulletin *s, const struct record *r, struct bytes_view key)
{
	for (size_t i = 0; i < BULLETIN_SLOTS; i++)
		if (is_about(&s->slots[i], r, key))
			return &s->slots[i];
	struct bulletin_slot *slot = &s->slots[s->next];
	s->next = (s->next + 1) % BULLETIN_SLOTS;
	slot->len = 0;
	return slot;
}

static bool
is_older(const struct bulletin_slot *slot, const struct record *r)
{
	if (slot->len == 0 || slot->epoch != r->at.epoch)
		return slot->len == 0 || slot->epoch < r->at.epoch;
	return slot->seq < r->at.seq;
}

void
bulletin_put(struct bulletin *s, const struct record *r, struct bytes_view bundle)
{
	struct bytes_view key;
	if (!record_key(r, &key) || bundle.len > BULLETIN_BYTES ||
	    key.len > sizeof s->slots[0].key)
		return;
	struct bulletin_slot *slot = slot_for(s, r, key);
	if (!is_older(slot, r))
		return;
	slot->author = r->at.origin;
	slot->epoch = r->at.epoch;
	slot->seq = r->at.seq;
	slot->key_len = (uint8_t)key.len;
	memcpy(slot->key, key.ptr, key.len);
	slot->len = (uint16_t)bundle.len;
	memcpy(slot->bytes, bundle.ptr, bundle.len);
}

struct bytes_view
bulletin_at(const struct bulletin *s, uint32_t index)
{
	const struct bulletin_slot *slot = &s->slots[index];
	return (struct bytes_view){ slot->bytes, slot->len };
}
