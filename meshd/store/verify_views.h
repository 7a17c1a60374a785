/* verify_views.h - do the views hold what the logs say?
 *
 * First what sites heard of nodes is walked, which outlives the receptions that say so:
 * a row that is not as it was folded (hearing_rows.h) goes.  Then every live record is
 * read, in the order of the rows: what it folds into must be there.  Then the rows of
 * every view: each must be what its records make of it, and one that no record bears
 * out goes.  Both repair row by row, by the folds themselves: what they write is what
 * was wrong.  On the way the rows are counted, for `view` keeps their number.  In the
 * writer's transactions, a few rows each.  Floor 6. */
#ifndef VERIFY_VIEWS_H
#define VERIFY_VIEWS_H
#include "findings.h"
#include "hearing_rows.h"
#include "log_rows.h"

enum { VERIFY_VIEWS_STEP = 64 };
struct verify_views { /* zero is valid */
	bool open;
	bool heard; /* what sites heard is walked, up to: */
	struct hearing_place place;
	bool tables;     /* the records are read, now the views' own rows */
	int64_t row;     /* of `record`, the last one */
	enum view which; /* whose rows are next, and is walked if views->walk is open */
	uint64_t wrong[VIEW_COUNT]; /* in this step */
	bool told[VIEW_COUNT];      /* in this round */
};
void verify_views_begin(struct verify_views *c);
/* The next rows.  False: those were the last, and it is closed. */
bool verify_views_step(
    struct verify_views *c, struct log_rows *log, struct findings *findings);
void verify_views_forget(struct verify_views *c, struct log_rows *log); /* a rollback */
#endif
