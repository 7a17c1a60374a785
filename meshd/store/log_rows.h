/* log_rows.h - the logs: records as they were signed, and what we hold of whom.
 *
 * A record row keeps its core byte for byte, and its batch's row what proves it
 * (batch_rows.h).  Putting one moves the holding, the live count and sum of a keyed
 * lane and the views, all in the caller's transaction.  Keyed lanes keep what is live
 * (PROTOCOL.md 2), in whatever order it comes: what a later PUT of the key supersedes
 * is deleted or not even kept; what a DROP drops stays as a dead row while an older PUT
 * that it supersedes may still arrive.  Numbers that a `back` declares void are
 * deleted.  Of others' registry less may be kept (model/replica.h): what was left out
 * of a row stays in the sum and the count.  Source: PROTOCOL.md 2, 9, 10. Floor 6. */
#ifndef LOG_ROWS_H
#define LOG_ROWS_H
#include "batch_rows.h"
#include "cores.h"
#include "faults.h"
#include "holding_rows.h"
#include "meshparams.h"
#include "replica.h"
#include "statements.h"
#include "store.h"
#include "views.h"

/* What becomes of a record: live; kept but not counted, shown or served; gone. */
enum log_life { LOG_LIVE, LOG_DEAD, LOG_GONE };
struct log_rows { /* the writer's; zero plus log_rows_init is valid */
	struct statements *s;
	struct views *views;
	struct faults *faults;
	struct holding_rows holdings;
	struct batch_rows batches;
	uint8_t *scratch;             /* owned: a row's core while the row goes */
	uint8_t leaf[32];             /* of the record that is being put */
	const struct mesh_key *self;  /* borrowed; NULL: all is kept of everybody */
	struct replica others;        /* what is kept of others' registry */
	struct mesh_position watched; /* a log being read, up to seq; LANE_LIVE: none */
	struct mesh_live watched_live;
	struct mesh_holding watched_lost; /* numbers that are counted and have no row */
};
MESH_MUST_CHECK enum mesh_err log_rows_init(struct log_rows *l, struct statements *s,
    struct views *views, struct faults *faults);
void log_rows_release(struct log_rows *l);
/* Inside a transaction.  The outcome of this record: OK (also for one that is held
 * already), FULL (would open run 65), DENIED (older epoch), MALFORMED.  Failures of the
 * disk are in the statements. */
void log_rows_put(
    struct log_rows *l, const struct mesh_record *r, struct store_outcome *out);
/* Numbers that need no record any more.  Only a record begins an epoch: MESH_DENIED. */
void log_rows_settle(
    struct log_rows *l, const struct mesh_record *r, struct store_outcome *out);
void log_rows_flush(
    struct log_rows *l); /* before COMMIT: write the holdings that moved */
void log_rows_forget(
    struct log_rows *l); /* after ROLLBACK: what is cached never happened */
/* Delete the row that the statement finds (id, seq, dead, core, part, vector), out of
 * the views too; false: it finds none.  Its number stays held: forgotten is not
 * missing. */
bool log_rows_delete(struct log_rows *l, sqlite3_stmt *st);
/* The same of a time lane, for its age: what is missing up to there from then on is no
 * damage, for rows go in the order in which they came. */
bool log_rows_retire(struct log_rows *l, sqlite3_stmt *st);

/* --- rows of `record`: log_row.c --- */
struct log_row { /* the record's views point into the log's scratch */
	int64_t id, part, vector;
	uint64_t seq;
	bool dead, whole;
	struct mesh_record r; /* of LANE_LIVE: it does not read back */
	uint8_t leaf[32];     /* unless it is whole */
};
/* The number of that log's rows, made if it is new. */
int64_t log_number(struct log_rows *l, struct holding_slot *slot);
/* The statement's first row (id, seq, dead, core, part, vector), copied, so that the
 * row may go while we look at it.  PROVED: with what proves it. */
enum log_copy { LOG_BARE, LOG_PROVED };
bool log_take_row(struct log_rows *l, sqlite3_stmt *st, struct log_row *out);
void log_copy_row(
    struct log_rows *l, sqlite3_stmt *st, enum log_copy how, struct log_row *out);
/* The record's leaf, as it was signed. */
void log_leaf(const struct log_row *row, uint8_t leaf[static 32]);
/* How much of a record that views_look has in hand is to be kept. */
enum replica_part log_part_kept(const struct log_rows *l, const struct mesh_record *r);
/* The record that views_look has in hand; its row. */
int64_t log_put_row(struct log_rows *l, struct holding_slot *slot,
    const struct mesh_record *r, enum log_life life, struct bytes_view subject);
/* No more is kept of it, which views_look has in hand, than that. */
void log_cut_row(struct log_rows *l, const struct log_row *row, enum replica_part kept);
/* Of the row, and what it had outside of it. */
void log_delete_row(struct log_rows *l, const struct log_row *row);
void log_delete_rows(
    struct log_rows *l, sqlite3_stmt *st); /* of the statement's kind */
/* --- the live count, sum and weight of a keyed log: log_sum.c --- */
bool log_is_keyed_put(const struct mesh_record *r); /* with a key of 1 to 64 bytes */
bool log_is_counted(const struct log_row *row);
/* What has no key and is no DROP is in the weight alone. */
void log_live_add(
    struct mesh_live *live, const struct mesh_record *r, const uint8_t leaf[static 32]);
void log_live_remove(struct mesh_live *live, const struct log_row *row);
/* `leaf` is the record's. */
void log_count_in(struct log_rows *l, struct holding_slot *slot,
    const struct mesh_record *r, const uint8_t leaf[static 32]);
void log_count_out(
    struct log_rows *l, struct holding_slot *slot, const struct log_row *row);
/* Out of log, sum and views. */
void log_remove_row(
    struct log_rows *l, struct holding_slot *slot, const struct log_row *row);
void log_each_in_range(struct log_rows *l, struct holding_slot *slot,
    struct mesh_run run,
    void (*visit)(struct log_rows *, struct holding_slot *, const struct log_row *));
bool log_newest_checkpoint(
    struct log_rows *l, struct holding_slot *slot, struct log_row *out);
/* It may be whole now: is it what its newest checkpoint says?  In slot->compared. */
void log_look_again(struct log_rows *l, struct holding_slot *slot);
#endif
