/* lag.h - how many records a neighbour holds that we lack, and how many we hold that it
 * lacks: for people who watch a site catch up.
 *
 * Counted while its ROWS are read, from the ends of logs, so a number that was never
 * used counts as well until the record above it says so: the truth is this or less.
 * What the neighbour itself has forgotten counts on neither side.  It decides nothing.
 * Floor 3.  Pure.  Source: PROTOCOL.md 9. */
#ifndef MESH_LAG_H
#define MESH_LAG_H
#include "holdings.h"

enum { LAG_MAX = UINT32_MAX }; /* that many or more */

struct lag {           /* one per neighbour, by value; zero: nothing is known */
	uint64_t mask; /* of the comparison under way: buckets; 0: none is */
	uint32_t behind, ahead; /* as last compared */
	uint32_t lacked, spare; /* by the comparison under way */
	uint32_t after_s;       /* a new one costs a walk: not before */
	bool known;
	bool partly; /* the comparison under way is of what it has more */
};

/* ROWS of these buckets begin or go on; `h` NULL: of what it has more, the others are
 * not in them.  False: so soon after others they are not counted. */
bool lag_rows(struct lag *l, const struct holdings *h, uint64_t mask, mesh_time_ms now);
/* One mark of them, before anything is done about it. */
void lag_mark(struct lag *l, const struct holdings *h, const struct holdings_log *log,
    const struct mesh_run *held);
void lag_end(struct lag *l, uint64_t mask); /* that was the last of them */
void lag_equal(struct lag *l);              /* both hold the same */
#endif
