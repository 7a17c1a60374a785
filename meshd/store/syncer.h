/* syncer.h - the one who waits for the disk, so that the writer need not.
 *
 * The writer commits with what outlives our end (synchronous=NORMAL).  What must
 * outlive a power cut, too, comes here: one fdatasync of the database's log answers for
 * all that had been committed before it.  So does whoever folds the log into the
 * database; it takes several.  Both on a connection of its own, and neither is waited
 * for by a commit.  When a sync fails nobody knows what of the log is on the disk:
 * what waited is answered MESH_IO, and nothing is promised again before the log was
 * folded into the database.  Floor 6.  One thread. */
#ifndef SYNCER_H
#define SYNCER_H
#include "faults.h"
#include "queue.h"
#include <sqlite3.h>

enum { SYNCER_FOLD_PAGES = 512, SYNCER_MOST_PAGES = 1024 }; /* of 16 KiB */

struct syncer {
	sqlite3 *db; /* NULL: in memory, nothing is to be done */
	struct queue *queue, *home;
	struct faults *faults;
	bool unsound; /* a sync has failed since the log was folded */
	_Atomic uint32_t log_pages, folded; /* as the last commit, the last fold say */
};
struct syncer_params {
	const char *path;           /* NULL: in memory */
	const char *vfs;            /* the writer's, which is open */
	struct queue *queue, *home; /* what comes to be synced, and where it belongs */
	struct faults *faults;
};
int syncer_open(struct syncer *y, const struct syncer_params *params); /* 0 or -errno */
void syncer_close(struct syncer *y);
/* The writer's: so long is the log now. */
void syncer_note_log(struct syncer *y, uint32_t pages);
/* So long, that the writer is to fold it before it goes on. */
bool syncer_is_behind(const struct syncer *y);
/* All that waits.  True: there are outcomes. */
bool syncer_work(struct syncer *y);
#endif
