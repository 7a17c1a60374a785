/* must.h - memory for the simulator: there is enough, or it stops. */
#ifndef MESHSIM_MUST_H
#define MESHSIM_MUST_H
#include <stdlib.h>
#include <string.h>

static inline void *
must(void *block)
{
	if (block == NULL)
		abort();
	return block;
}

/* Room for one more than `count`; doubles, what is new is zeroed. */
static inline void *
grown(void *block, size_t count, size_t *cap, size_t each)
{
	if (count < *cap)
		return block;
	*cap = *cap > 0 ? 2 * *cap : 16;
	char *more = must(realloc(block, *cap * each));
	memset(more + count * each, 0, (*cap - count) * each);
	return more;
}
#endif
