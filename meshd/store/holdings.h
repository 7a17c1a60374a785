/* holdings.h - what we hold of whom: the have-set of each (origin, lane), its count and sum.
 *
 * The rows that a transaction moves are kept here while it runs, each written once before
 * the commit: a holding is up to a kilobyte and moves with every record.  More than
 * HOLDINGS_SLOTS at once write the least recent back early.  Source: wire.md 9.  Floor 6. */
#ifndef HOLDINGS_H
#define HOLDINGS_H
#include "meshparams.h"
#include "statements.h"

enum { HOLDINGS_SLOTS = 16 };
struct holding_slot {
	bool used, dirty;
	uint64_t touched; /* by holdings.touches */
	int64_t log;      /* its row in `log`; 0: not looked up yet */
	struct mesh_holding h;
};
struct holdings { /* zero plus `s` is valid */
	struct statements *s;
	uint64_t touches;
	struct holding_slot slots[HOLDINGS_SLOTS];
};
/* The holding that `at` belongs to, empty if it is new.  Valid until the next call. */
struct holding_slot *holdings_of(struct holdings *l, const struct mesh_position *at);
bool holdings_has(const struct mesh_holding *h, uint64_t seq);
void holdings_flush(struct holdings *l);  /* before COMMIT: write what moved */
void holdings_forget(struct holdings *l); /* after ROLLBACK: it never happened */
/* All of them, malloc'ed.  Startup only. */
MESH_MUST_CHECK enum mesh_err holdings_load(
    struct statements *s, struct mesh_holding **out, size_t *count);
#endif
