/* names.h - the names that the pairs of open maps have had so far: none stands twice.
 *
 * A reader that takes the first of two equal names and one that takes the last would
 * see two values in the same bytes.  Names are kept as where they begin and sorted when
 * their map is complete: n log n comparisons, whatever an attacker chose them to be,
 * where a table of hashes without a secret would have been n^2, and a secret would let
 * sites disagree.  Maps lie inside one another, so their names lie as on a stack.
 * Floor 2.  Pure.  Source: PROTOCOL.md, Values. */
#ifndef MESH_NAMES_H
#define MESH_NAMES_H
#include "bytes.h"

enum { NAMES_MAX = 4096 };    /* SHAPE_ITEMS values have no more pairs */
struct names {                /* not zeroed: only what `count` counts is looked at */
	const uint8_t *start; /* the value that all of them stand in */
	size_t count;
	uint16_t at[NAMES_MAX]; /* where the head of each stands, from `start` */
};
/* One more name, whose first byte is `at`.  False: no room, or 64 KiB behind `start`.
 */
bool names_put(struct names *n, const uint8_t *at);
/* Forget those from `first` on, the names of a map that is complete; false: two are
 * equal. */
bool names_close(struct names *n, size_t first);
#endif
