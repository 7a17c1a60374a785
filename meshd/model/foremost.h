/* foremost.h - of many rows that come in any order, the first N in order, one for each
 * thing.
 *
 * A row that fell out at the end can come back only as an earlier one, so what is kept
 * does not depend on the order in which rows came.
 * Floor 5.  Pure. */
#ifndef MODEL_FOREMOST_H
#define MODEL_FOREMOST_H
#include <stddef.h>

struct foremost {
	void *rows;   /* in order, `cap` of `size` bytes; the caller's */
	size_t count; /* of rows kept so far */
	size_t cap, size;
	int (*compare)(const void *a, const void *b); /* < 0: a stands before b */
};
/* Add `row`; `same` is the index of a row about the same thing, or `count` for none:
 * the earlier of both stays.  Returns the new count. */
size_t foremost_add(struct foremost f, const void *row, size_t same);
#endif
