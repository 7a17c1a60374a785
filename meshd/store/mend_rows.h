/* mend_rows.h - a keyed lane is made whole again.
 *
 * Numbers that only others have are taken out of the have-set, so many runs at a time,
 * the next when those have come; then rows that only we have go, if the lane is then
 * what its newest checkpoint says.  Or all is to come anew, and what then has not come
 * goes.  One lane at a time; a restart forgets it, and the next comparison finds the
 * rest.  In the writer's transactions.  Source: PROTOCOL.md 9.  Floor 6. */
#ifndef MEND_ROWS_H
#define MEND_ROWS_H
#include "findings.h"
#include "log_rows.h"
#include "meshsketch.h"

enum { MEND_RUNS = 24 };
struct mend_plan { /* of one lane */
	struct mesh_position at;
	int64_t
	    stale; /* rows up to this one have not come anew; 0: that is not asked */
	size_t lost_count, lost_next, ours_count;
	uint64_t lost[MESH_SKETCH_CELLS], ours[MESH_SKETCH_CELLS];
};
struct mend_rows { /* zero plus its borrowed parts is valid */
	struct log_rows *log;
	struct findings *findings;
	struct mend_plan *plan; /* owned; NULL: never needed */
};
void mend_rows_release(struct mend_rows *m);
/* `differences` as store_compare told them; empty: all is to come anew. */
MESH_MUST_CHECK enum mesh_err mend_rows_begin(
    struct mend_rows *m, const struct mesh_position *at, struct bytes_view differences);
/* Something of that lane was stored: what is next, and is it what it should be? */
void mend_rows_look(struct mend_rows *m, const struct mesh_position *at);
/* A rollback: what was planned may not have happened. */
void mend_rows_forget(struct mend_rows *m);
#endif
