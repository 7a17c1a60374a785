/* sort.h - indices in the order of what they stand for.
 *
 * In place, without recursion or memory, and n log n whoever chose what is sorted:
 * others did.  Equal ones come in any order.  Floor 1.  Pure. */
#ifndef MESH_SORT_H
#define MESH_SORT_H
#include <stddef.h>
#include <stdint.h>

/* Below 0: a before b; above: b before a.  `of` is what sort_indices was given. */
typedef int (*sort_compare)(const void *of, uint16_t a, uint16_t b);
void sort_indices(uint16_t *at, size_t count, sort_compare compare, const void *of);
#endif
