/* runs.h - a set of numbers as ascending runs that neither overlap nor touch, capped.
 *
 * What we hold of a lane and what is missing.  Run 65 is refused, not squeezed in: the
 * set never claims a number it was not given.  Floor 1.  Pure.  Source: PROTOCOL.md 9.
 */
#ifndef MESH_RUNS_H
#define MESH_RUNS_H
#include "mesh_words.h"

struct runs { /* a view over the caller's array; write `count` back after a change */
	struct mesh_run *runs;
	size_t count, cap;
};

bool runs_has(const struct runs *s, uint64_t n);
/* MESH_FULL: would open a run more than `cap`; nothing changed.  first <= last. */
MESH_MUST_CHECK enum mesh_err runs_add(struct runs *s, uint64_t first, uint64_t last);
/* MESH_FULL likewise: taking the middle out of a run makes two. */
MESH_MUST_CHECK enum mesh_err runs_remove(
    struct runs *s, uint64_t first, uint64_t last);
/* The first run of missing numbers at or above `from` and at most `limit`; false: none.
 */
bool runs_missing(
    const struct runs *s, uint64_t from, uint64_t limit, struct mesh_run *out);
/* End of the prefix that begins at `from`, from - 1 if `from` itself is missing. */
uint64_t runs_prefix(const struct runs *s, uint64_t from);
uint64_t runs_highest(const struct runs *s); /* 0: empty */
uint64_t runs_total(const struct runs *s);   /* numbers in the set */
/* Ascending, disjoint, not touching, first >= 1: for what comes from disk or wire. */
bool runs_are_sound(const struct runs *s);
#endif
