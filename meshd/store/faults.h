/* faults.h - what a failing disk does to us: read-only until a write succeeds again.
 *
 * A failed commit is answered MESH_IO, so nothing is promised and repair fetches it
 * later; while the state lasts, writes are answered at once (last words are written,
 * if they can be) and the disk is tried again each 10 s with an empty transaction.
 * Everything refused is counted.  Floor 6. */
#ifndef FAULTS_H
#define FAULTS_H
#include "counters.h"
#include <stdatomic.h>

enum { FAULTS_RETRY_MS = 10000 };

#define STORE_COUNTERS(X)                                                              \
	X(STORED, "store.records.stored", "records", "Committed to disk.")             \
	X(LOCAL, "store.records.local", "records",                                     \
	    "Committed to disk, and never shown to another site.")                     \
	X(DUPLICATE, "store.records.duplicate", "records",                             \
	    "Already safe here; answered ok.")                                         \
	X(DEAD, "store.records.dead", "records",                                       \
	    "Superseded or dropped before they arrived; noted, not kept.")             \
	X(GAP, "store.records.gap_overflow", "records",                                \
	    "Would open one gap too many.")                                            \
	X(REFUSED, "store.records.refused", "records",                                 \
	    "Malformed or of an old epoch.")                                           \
	X(FULL, "store.writes.full", "requests",                                       \
	    "Refused because the writer is behind.")                                   \
	X(FAILED, "store.writes.failed", "requests",                                   \
	    "Refused because the disk failed.")                                        \
	X(KEPT, "store.writes.kept", "rows", "Kept facts written.")                    \
	X(COMMITS, "store.commits", "transactions", "Transactions that succeeded.")    \
	X(FAULTS, "store.faults", "transactions", "Transactions that failed.")         \
	X(UNFOLDED, "store.records.unfolded", "records",                               \
	    "Stored, but no view reads them.")                                         \
	X(FORGOTTEN, "store.records.forgotten", "records", "Deleted by retention.")    \
	X(PURGED, "store.records.purged", "records",                                   \
	    "Deleted because their site was purged.")                                  \
	X(READS, "store.reads", "pages", "Pages answered.")                            \
	X(READS_FULL, "store.reads.full", "questions", "Refused: too many wait.")      \
	X(READS_EARLY, "store.reads.early", "questions",                               \
	    "Refused: an own alert is sent and not yet written.")                      \
	X(SAID_LATE, "store.said.late", "alerts",                                      \
	    "Own ones that were sent only when they were committed.")                  \
	X(SAID_LOST, "store.said.lost", "alerts",                                      \
	    "Sent in a former life, and the database takes them no more.")             \
	X(SAID_AGAIN, "store.said.again", "alerts",                                    \
	    "Sent, then refused by the disk: put to it once more.")                    \
	X(READS_FAILED, "store.reads.failed", "questions", "The disk failed.")
enum store_count { STORE_COUNTERS(COUNTER_ENUM) STORE_COUNTS };

struct faults {
	atomic_bool readonly;
	atomic_bool full; /* that is why */
	_Atomic uint64_t counts[STORE_COUNTS];
};
void faults_count(struct faults *f, enum store_count which);
/* A transaction ended with this SQLite result, or a sync failed. */
void faults_note(struct faults *f, int sqlite_err);
void faults_heal(struct faults *f); /* the disk was tried, with all that it is for */
int faults_errno(int sqlite_err);   /* 0 or -errno */
#endif
