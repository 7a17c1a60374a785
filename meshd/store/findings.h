/* findings.h - what a transaction found out about rows that are not as they should be.
 *
 * Told to the loop only once it is committed; what cannot be told then waits for the
 * next commit, for it is found only once.  Floor 6. */
#ifndef FINDINGS_H
#define FINDINGS_H
#include "store.h"

enum { FINDINGS = 96 };
struct findings {
	struct store_finding list[FINDINGS];
	size_t count, kept; /* the first ones are of former transactions */
};
/* False: no room in this transaction. */
static inline bool
findings_add(struct findings *f, enum store_found what, const struct mesh_position *at,
    uint64_t last)
{
	if (f->count == FINDINGS)
		return false;
	f->list[f->count++] = (struct store_finding){
		.what = what, .at = *at, .last = last
	};
	return true;
}
static inline bool
findings_add_view(struct findings *f, const char *view, uint64_t rows)
{
	if (f->count == FINDINGS)
		return false;
	f->list[f->count++] = (struct store_finding){
		.what = FOUND_VIEW, .view = view, .rows = rows
	};
	return true;
}
#endif
