/* batch_rows.h - signatures: one row for all records of a batch that are here.
 *
 * A record that was signed with others is kept bare; what proves it stands in its
 * batch's row (meshbatch.h), which goes with the last of them.  A record's `part` says
 * which row and which of its leaves.  The rows that a transaction moves are kept here
 * while it runs and written once before the commit, as holdings are.  Records of one
 * batch that come apart find its row at their neighbours in the log; one that has none
 * begins a second row, which costs room and nothing else.  Source: PROTOCOL.md 3.
 * Floor 6. */
#ifndef BATCH_ROWS_H
#define BATCH_ROWS_H
#include "meshbatch.h"
#include "statements.h"

enum { BATCH_ROWS_SLOTS = 8 };
struct batch_slot {
	int64_t id, log; /* id 0: free */
	int64_t records; /* that are here and part of it */
	bool dirty;
	uint64_t touched; /* by its touches */
	struct mesh_batch b;
};
struct batch_rows { /* the writer's; zero plus `s` is valid */
	struct statements *s;
	uint64_t touches;
	struct batch_slot slots[BATCH_ROWS_SLOTS];
};
/* Count `r` in; its `part`, 0 if it was signed alone. */
int64_t batch_rows_put(struct batch_rows *l, int64_t log, const struct mesh_record *r,
    const uint8_t leaf[static 32]);
void batch_rows_take(struct batch_rows *l, int64_t part); /* one is gone; 0 is fine */
/* What proves that part; NULL: its row is gone or does not read back.  Valid until the
 * next call. */
const struct mesh_batch *batch_rows_of(struct batch_rows *l, int64_t part);
void batch_rows_flush(struct batch_rows *l);  /* before COMMIT: write what moved */
void batch_rows_forget(struct batch_rows *l); /* after ROLLBACK: it never happened */

int64_t batch_rows_id(int64_t part);
uint8_t batch_rows_place(int64_t part);
#endif
