#include "names.h"
#include <string.h>

bool
names_put(struct names *n, const uint8_t *at)
{
	size_t offset = (size_t)(at - n->start);
	if (n->count == NAMES_MAX || offset > UINT16_MAX)
		return false;
	n->at[n->count++] = (uint16_t)offset;
	return true;
}

/* The shape check has seen that it is a text and ends in time. */
static struct bytes_view
name_of(const struct names *n, uint16_t at)
{
	const uint8_t *head = n->start + at;
	size_t width = head[0] < 0xd9 ? 0 : (size_t)1 << (head[0] - 0xd9);
	size_t len = width == 0 ? head[0] & 0x1f : 0;
	for (size_t i = 1; i <= width; i++)
		len = len << 8 | head[i];
	return bytes_view(head + 1 + width, len);
}

/* Any order does that puts equal names side by side. */
static int
compare(const struct names *n, uint16_t a, uint16_t b)
{
	struct bytes_view x = name_of(n, a), y = name_of(n, b);
	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	return memcmp(x.ptr, y.ptr, x.len);
}

/* heap[0..count) but for its top is a heap whose greatest is on top: let that sink. */
static void
sink(const struct names *n, uint16_t *heap, size_t top, size_t count)
{
	uint16_t moved = heap[top];
	for (size_t child; (child = 2 * top + 1) < count; top = child) {
		if (child + 1 < count && compare(n, heap[child], heap[child + 1]) < 0)
			child++;
		if (compare(n, moved, heap[child]) >= 0)
			break;
		heap[top] = heap[child];
	}
	heap[top] = moved;
}

/* In place and without recursion; qsort may take memory. */
static void
sort(const struct names *n, uint16_t *heap, size_t count)
{
	for (size_t i = count / 2; i > 0; i--)
		sink(n, heap, i - 1, count);
	for (size_t left = count; left > 1; left--) {
		uint16_t greatest = heap[0];
		heap[0] = heap[left - 1];
		heap[left - 1] = greatest;
		sink(n, heap, 0, left - 1);
	}
}

bool
names_close(struct names *n, size_t first)
{
	size_t count = n->count - first;
	sort(n, n->at + first, count);
	n->count = first;
	for (size_t i = 1; i < count; i++) {
		if (compare(n, n->at[first + i - 1], n->at[first + i]) == 0)
			return false;
	}
	return true;
}
