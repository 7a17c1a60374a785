#include "pool.h"
#include <assert.h>
#include <string.h>

enum { ALIGN = 16 };

static size_t
rounded(size_t bytes)
{
	return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

size_t
pool_bytes(uint32_t cap, size_t slot_bytes)
{
	return (size_t)cap * rounded(slot_bytes) +
	    rounded((size_t)cap * 2 * sizeof(uint32_t));
}

void
pool_init(struct pool *p, void *block, uint32_t cap, size_t slot_bytes)
{
	size_t each = rounded(slot_bytes);
	*p = (struct pool){ .slots = block, .slot_bytes = each, .cap = cap };
	uint32_t *numbers = (uint32_t *)(void *)(p->slots + cap * each);
	p->generation = numbers;
	p->free = numbers + cap;
	p->free_count = cap;
	for (uint32_t i = 0; i < cap; i++) {
		p->generation[i] = 0;
		p->free[i] = cap - 1 - i; /* slot 0 first */
	}
}

static void *
slot(const struct pool *p, uint32_t index)
{
	return p->slots + index * p->slot_bytes;
}

struct handle
pool_take(struct pool *p)
{
	if (p->free_count == 0)
		return (struct handle){ 0, 0 };
	uint32_t index = p->free[--p->free_count];
	p->generation[index]++; /* odd: taken */
	p->top = p->top > index ? p->top : index + 1;
	memset(slot(p, index), 0, p->slot_bytes);
	return (struct handle){ index, p->generation[index] };
}

void *
pool_at(const struct pool *p, struct handle h)
{
	return pool_look(p, h);
}

void
pool_give(struct pool *p, struct handle h)
{
	if (pool_at(p, h) == NULL)
		return;
	p->generation[h.index]++;
	p->free[p->free_count++] = h.index;
	while (p->top > 0 && p->generation[p->top - 1] % 2 == 0)
		p->top--;
}

void *
pool_walk(const struct pool *p, uint32_t *index)
{
	for (; *index < p->top; ++*index) {
		if (p->generation[*index] % 2 == 1)
			return slot(p, *index);
	}
	return NULL;
}

struct handle
pool_handle(const struct pool *p, uint32_t index)
{
	assert(index < p->cap && p->generation[index] % 2 == 1);
	return (struct handle){ index, p->generation[index] };
}

uint32_t
pool_index(const struct pool *p, const void *slot)
{
	return (uint32_t)((size_t)((const uint8_t *)slot - p->slots) / p->slot_bytes);
}

uint32_t
pool_taken(const struct pool *p)
{
	return p->cap - p->free_count;
}
