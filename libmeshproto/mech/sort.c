#include "sort.h"

struct heap { /* the last one is on top */
	uint16_t *at;
	sort_compare compare;
	const void *of;
};

/* All but the top is a heap: let the top sink to its place. */
static void
sink(const struct heap *h, size_t top, size_t count)
{
	uint16_t moved = h->at[top];
	for (size_t child; (child = 2 * top + 1) < count; top = child) {
		if (child + 1 < count &&
		    h->compare(h->of, h->at[child], h->at[child + 1]) < 0)
			child++;
		if (h->compare(h->of, moved, h->at[child]) >= 0)
			break;
		h->at[top] = h->at[child];
	}
	h->at[top] = moved;
}

void
sort_indices(uint16_t *at, size_t count, sort_compare compare, const void *of)
{
	const struct heap h = { at, compare, of };
	for (size_t i = count / 2; i > 0; i--)
		sink(&h, i - 1, count);
	for (size_t left = count; left > 1; left--) {
		uint16_t last = at[0];
		at[0] = at[left - 1];
		at[left - 1] = last;
		sink(&h, 0, left - 1);
	}
}
