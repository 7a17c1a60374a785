/* heap.c - datagrams by (when, number): equal times in the order they were sent. */
#include "world.h"
#include <stdlib.h>

static bool
is_before(const struct world_datagram *a, const struct world_datagram *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->number < b->number;
}

static void
swap(struct world_heap *h, size_t i, size_t k)
{
	struct world_datagram *d = h->items[i];
	h->items[i] = h->items[k];
	h->items[k] = d;
}

void
heap_push(struct world_heap *h, struct world_datagram *d)
{
	if (h->count == h->cap) {
		h->cap = h->cap > 0 ? 2 * h->cap : 64;
		h->items = realloc(h->items, h->cap * sizeof(void *));
		if (h->items == NULL)
			abort();
	}
	size_t i = h->count++;
	h->items[i] = d;
	for (; i > 0 && is_before(h->items[i], h->items[(i - 1) / 2]); i = (i - 1) / 2)
		swap(h, i, (i - 1) / 2);
}

struct world_datagram *
heap_pop(struct world_heap *h)
{
	struct world_datagram *first = h->items[0];
	h->items[0] = h->items[--h->count];
	for (size_t i = 0;;) {
		size_t least = i, left = 2 * i + 1, right = left + 1;
		if (left < h->count && is_before(h->items[left], h->items[least]))
			least = left;
		if (right < h->count && is_before(h->items[right], h->items[least]))
			least = right;
		if (least == i)
			return first;
		swap(h, i, least);
		i = least;
	}
}
