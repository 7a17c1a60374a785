/* mt_cache.h - a radio's configuration and node list, as the radio sent it.
 *
 * Raw messages by kind (the member number in FromRadio) and key (channel index, node
 * number, which config ...): the driver reads its own node from here, and a share can
 * replay it byte by byte with fields that we do not know.  One handshake fills it; the
 * next one starts by emptying it.  Full: the newest is refused.  Floor 2.  Pure. */
#ifndef RADIO_MT_CACHE_H
#define RADIO_MT_CACHE_H
#include "bytes.h"

struct mt_cache_entry {
	uint32_t kind, key;
	uint32_t offset, len;
};
struct mt_cache {
	uint8_t *ptr; /* borrowed, as are the entries */
	size_t cap, len;
	struct mt_cache_entry *entries; /* in the order of arrival */
	size_t entry_cap, count;
};

void mt_cache_clear(struct mt_cache *c);
/* Keep a copy, instead of what had the same kind and key.  False: no room. */
bool mt_cache_put(
    struct mt_cache *c, uint32_t kind, uint32_t key, struct bytes_view message);
void mt_cache_remove(struct mt_cache *c, uint32_t kind, uint32_t key);
/* Until the next put or remove.  ptr NULL if there is none. */
struct bytes_view mt_cache_get(const struct mt_cache *c, uint32_t kind, uint32_t key);
size_t mt_cache_count(const struct mt_cache *c, uint32_t kind);
#endif
