#include "foremost.h"
#include <string.h>

static char *
row_at(const struct foremost *f, size_t index)
{
	return (char *)f->rows + index * f->size;
}

static void
take_out(struct foremost *f, size_t index)
{
	f->count--;
	memmove(row_at(f, index), row_at(f, index + 1), (f->count - index) * f->size);
}

static void
put_in(struct foremost *f, size_t index, const void *row)
{
	if (f->count == f->cap)
		f->count--; /* the last one falls out */
	memmove(row_at(f, index + 1), row_at(f, index), (f->count - index) * f->size);
	memcpy(row_at(f, index), row, f->size);
	f->count++;
}

size_t
foremost_add(struct foremost f, const void *row, size_t same)
{
	if (same < f.count) {
		if (f.compare(row, row_at(&f, same)) >= 0)
			return f.count;
		take_out(&f, same);
	}
	size_t place = f.count;
	while (place > 0 && f.compare(row, row_at(&f, place - 1)) < 0)
		place--;
	if (place < f.cap)
		put_in(&f, place, row);
	return f.count;
}
