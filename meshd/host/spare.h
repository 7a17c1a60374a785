/* spare.h - gives back memory that nobody needs any more.
 *
 * Of the program and its libraries: relocation, symbol tables and the libraries' own
 * beginnings touch pages that are never looked at again; they count as resident until
 * the system is short of memory. Pages that were read from a file and not written are
 * taken out of this process's view: who needs one after all reads it again, from the
 * system's cache as a rule.
 *
 * Of the heap: what a burst of work took and freed lies between pieces in use, where
 * the allocator keeps it: an import of 5000 entries left 17 MB of it behind, and 3 MB
 * in use.  Floor 6. Edge. */
#ifndef HOST_SPARE_H
#define HOST_SPARE_H
#include <stdbool.h>
#include <stddef.h>

void spare_pages(void); /* once, when all stands */
/* If some MiB of the heap are free, their whole pages.  Looks at every free piece: a
 * millisecond or so, for now and then; and only if the process grew by as much since
 * the last time, for what was given back counts as free all the same.  `left` is the
 * caller's to keep, 0 at first: the bytes resident at the least since then.  False:
 * there was nothing to do. */
bool spare_heap(size_t *left);
#endif
