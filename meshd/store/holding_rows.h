/* holding_rows.h - what we hold of whom: the have-set of each (origin, lane), its count
 * and sum.
 *
 * The rows that a transaction moves are kept here while it runs, each written once
 * before the commit: a holding is up to a kilobyte and moves with every record.  More
 * than HOLDING_ROWS_SLOTS at once write the least recent back early.  Source:
 * PROTOCOL.md 9.  Floor 6. */
#ifndef HOLDING_ROWS_H
#define HOLDING_ROWS_H
#include "meshparams.h"
#include "statements.h"

enum { HOLDING_ROWS_SLOTS = 16 };
/* With its newest checkpoint, when it last ended there without a gap. */
enum holding_compared { HOLDING_UNKNOWN, HOLDING_AGREES, HOLDING_DIFFERS };
enum holding_drops { DROPS_UNKNOWN, DROPS_NONE, DROPS_SOME };
struct holding_slot {
	bool used, dirty;
	uint64_t touched;        /* by its touches */
	int64_t log;             /* its row in `log`; 0: not looked up yet */
	uint64_t bare, bare_end; /* that log has no row from the one number up to before
				    the other; both 0: not looked up yet */
	enum holding_drops drops;       /* does it hold any */
	enum holding_compared compared; /* and not yet told */
	uint64_t
	    forgotten; /* the highest number of a time lane that retention deleted */
	struct mesh_holding h;
};
struct holding_rows { /* zero plus `s` is valid */
	struct statements *s;
	uint64_t touches;
	struct holding_slot slots[HOLDING_ROWS_SLOTS];
};
/* The holding that `at` belongs to, empty if it is new.  Valid until the next call. */
struct holding_slot *holding_rows_of(
    struct holding_rows *l, const struct mesh_position *at);
/* What is committed, read without the cache: for the reader.  False: nothing. */
bool holding_rows_read(
    struct statements *s, const struct mesh_position *at, struct mesh_holding *out);
bool holding_rows_has(const struct mesh_holding *h, uint64_t seq);
void holding_rows_flush(struct holding_rows *l); /* before COMMIT: write what moved */
void holding_rows_forget(
    struct holding_rows *l); /* after ROLLBACK: it never happened */
/* All of them, malloc'ed.  Startup only. */
MESH_MUST_CHECK enum mesh_err holding_rows_load(
    struct statements *s, struct mesh_holding **out, size_t *count);
#endif
