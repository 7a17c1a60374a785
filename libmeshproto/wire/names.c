#include "names.h"
#include "sort.h"
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
compare(const void *of, uint16_t a, uint16_t b)
{
	struct bytes_view x = name_of(of, a), y = name_of(of, b);
	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	return memcmp(x.ptr, y.ptr, x.len);
}

bool
names_close(struct names *n, size_t first)
{
	size_t count = n->count - first;
	sort_indices(n->at + first, count, compare, n);
	n->count = first;
	for (size_t i = 1; i < count; i++) {
		if (compare(n, n->at[first + i - 1], n->at[first + i]) == 0)
			return false;
	}
	return true;
}
