/* verify_rows.h - are the rows still what was signed?
 *
 * A disk may give back other bytes, somebody may have been at the file.  A few rows at
 * a time every log is read again: a row that does not read back, stands under another
 * number or is not signed by its origin goes, and its number is held no more, so that
 * neighbours are asked for it.  In time lanes numbers between two rows must have rows;
 * what is missing at the lower end was forgotten.  A keyed lane's rows are counted: if
 * they are others than its holding says, some were lost without a trace.  All once
 * after the start, then slowly for ever.  Records that come meanwhile are counted with
 * the rest.  After the last log the views are held against all of them
 * (verify_views.h).  In the writer's transactions.  Floor 6. */
#ifndef VERIFY_ROWS_H
#define VERIFY_ROWS_H
#include "findings.h"
#include "log_rows.h"
#include "verify_views.h"

enum { VERIFY_STEP = 64, VERIFY_DAMAGED = 20000, VERIFY_RUNS = 40 };
struct verify_rows { /* zero plus its borrowed parts is valid */
	struct log_rows *log;
	struct findings *findings;
	const uint8_t *netid;   /* 16 bytes, borrowed; NULL: nothing is verified */
	bool open;              /* a log is being read: log->watched */
	struct mesh_key origin; /* of the last log that was begun, and its lane */
	enum mesh_lane lane;
	struct mesh_position first; /* of what log is next; lane 0: the round goes on */
	bool aside;                 /* the log that is open was such a one */
	uint64_t last;              /* row before the present one; 0: none */
	uint64_t unreadable;        /* that were counted */
	struct verify_views views;  /* after the logs */
};
/* The next rows.  False: that was the last view, the next call begins anew. */
bool verify_rows_step(struct verify_rows *v);
/* There is damage in that log: it is read now, and then the round goes on.  One at a
 * time; the round finds the others. */
void verify_rows_first(struct verify_rows *v, const struct mesh_position *at);
void verify_rows_forget(struct verify_rows *v); /* a rollback */
#endif
