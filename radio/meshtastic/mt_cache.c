#include "mt_cache.h"

void
mt_cache_clear(struct mt_cache *c)
{
	c->len = c->count = 0;
}

static size_t
index_of(const struct mt_cache *c, uint32_t kind, uint32_t key)
{
	size_t i = 0;
	while (i < c->count && (c->entries[i].kind != kind || c->entries[i].key != key))
		i++;
	return i;
}

static void
take_out(struct mt_cache *c, size_t index)
{
	struct mt_cache_entry old = c->entries[index];
	size_t after = old.offset + old.len;
	memmove(c->ptr + old.offset, c->ptr + after, c->len - after);
	c->len -= old.len;
	c->count--;
	for (size_t i = index; i < c->count; i++)
		c->entries[i] = c->entries[i + 1];
	for (size_t i = 0; i < c->count; i++)
		if (c->entries[i].offset > old.offset)
			c->entries[i].offset -= old.len;
}

void
mt_cache_remove(struct mt_cache *c, uint32_t kind, uint32_t key)
{
	size_t at = index_of(c, kind, key);
	if (at < c->count)
		take_out(c, at);
}

bool
mt_cache_put(struct mt_cache *c, uint32_t kind, uint32_t key, struct bytes_view message)
{
	mt_cache_remove(c, kind, key);
	if (c->count == c->entry_cap || message.len > c->cap - c->len)
		return false;
	if (message.len > 0)
		memcpy(c->ptr + c->len, message.ptr, message.len);
	c->entries[c->count++] = (struct mt_cache_entry){ kind, key, (uint32_t)c->len,
		(uint32_t)message.len };
	c->len += message.len;
	return true;
}

struct bytes_view
mt_cache_get(const struct mt_cache *c, uint32_t kind, uint32_t key)
{
	size_t at = index_of(c, kind, key);
	if (at == c->count)
		return bytes_view(NULL, 0);
	return bytes_view(c->ptr + c->entries[at].offset, c->entries[at].len);
}

size_t
mt_cache_count(const struct mt_cache *c, uint32_t kind)
{
	size_t count = 0;
	for (size_t i = 0; i < c->count; i++)
		count += c->entries[i].kind == kind;
	return count;
}
