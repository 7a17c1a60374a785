/* nearest.h - the best rows seen so far, while a search goes on.
 *
 * A heap with the worst on top: what does not beat it is nothing.  It holds more rows
 * than are wanted, because they are found by a quick score and shown by an exact one.
 * Floor 6.  Pure. */
#ifndef NEAREST_H
#define NEAREST_H
#include "types.h"

enum { NEAREST_MAX = 1024 };
struct nearest_row {
	float score;
	int64_t ref, row; /* the vector, and the record that bears it */
};
struct nearest {
	size_t count, keep; /* keep: 1 to NEAREST_MAX */
	struct nearest_row rows[NEAREST_MAX];
};
/* Would a row of this score be kept?  NaN: no. */
bool nearest_wants(const struct nearest *n, float score);
void nearest_put(struct nearest *n, const struct nearest_row *row); /* if it wants it */
#endif
