#include "syncer.h"
#include <stdint.h>

/* Folding needs no cache.  The first look opens the log. */
static const char settings[] = "PRAGMA cache_size=1; PRAGMA wal_autocheckpoint=0;"
			       " PRAGMA busy_timeout=20; PRAGMA schema_version";

int
syncer_open(struct syncer *y, const struct syncer_params *params)
{
	*y = (struct syncer){
		.queue = params->queue, .home = params->home, .faults = params->faults
	};
	if (params->path == NULL)
		return 0;
	int err = sqlite3_open_v2(params->path, &y->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, params->vfs);
	if (err == SQLITE_OK)
		err = sqlite3_exec(y->db, settings, NULL, NULL, NULL);
	if (err != SQLITE_OK)
		syncer_close(y);
	return faults_errno(err);
}

void
syncer_close(struct syncer *y)
{
	sqlite3_close(y->db);
	y->db = NULL;
}

static bool
is_due(const struct syncer *y)
{
	return atomic_load(&y->log_pages) >=
	    atomic_load(&y->folded) + SYNCER_FOLD_PAGES;
}

void
syncer_note_log(struct syncer *y, uint32_t pages)
{
	uint32_t folded = atomic_load(&y->folded);
	atomic_store(&y->log_pages, pages);
	if (pages < folded) /* it began anew */
		atomic_store(&y->folded, 0);
	if (is_due(y))
		queue_ring(y->queue);
}

bool
syncer_is_behind(const struct syncer *y)
{
	return atomic_load(&y->log_pages) >= SYNCER_MOST_PAGES;
}

/* Its own handle of the log: another one's is not for two threads. */
static int
sync_log(struct syncer *y)
{
	sqlite3_file *log = NULL;
	sqlite3_file_control(y->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	return log == NULL || log->pMethods == NULL
	    ? SQLITE_OK
	    : log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}

/* Not that the database has no room for more: the log is as good as before, and says so
 * itself when it has none. */
static bool
is_failure(int err)
{
	return (err & 0xff) == SQLITE_IOERR;
}

/* True: the database has all of it.  It syncs the log first, and there, too, a failure
 * is told once. */
static bool
fold(struct syncer *y, int how)
{
	int pages = 0, folded = -1;
	int err = sqlite3_wal_checkpoint_v2(y->db, NULL, how, &pages, &folded);
	if (folded > 0)
		atomic_store(&y->folded, (uint32_t)folded);
	if (is_failure(err)) {
		y->unsound = true;
		faults_note(y->faults, err);
	}
	return err == SQLITE_OK && pages == folded;
}

/* Beside whoever reads and writes.  Of a log that is too long the writer takes care,
 * who can do so only while we do not. */
static void
fold_some(struct syncer *y)
{
	if (y->db != NULL && is_due(y) && !syncer_is_behind(y))
		(void)fold(y, SQLITE_CHECKPOINT_PASSIVE);
}

/* A sync that fails tells it once, and the pages count as clean after it: the next one
 * would succeed and mean nothing.  Folding writes them anew, from memory.  FULL: nobody
 * writes meanwhile, or SQLite would leave out the sync of the database. */
static int
make_safe(struct syncer *y)
{
	if (y->db == NULL)
		return SQLITE_OK;
	if (y->unsound && !fold(y, SQLITE_CHECKPOINT_FULL))
		return SQLITE_IOERR_FSYNC;
	int err = sync_log(y);
	y->unsound = err != SQLITE_OK;
	return err;
}

static void
fail(struct syncer *y, struct request *r)
{
	faults_count(y->faults, COUNT_FAILED);
	r->outcome.err = MESH_IO;
	r->outcome.has_live = false;
}

bool
syncer_work(struct syncer *y)
{
	struct request_list batch;
	request_list_init(&batch);
	queue_take(y->queue, SIZE_MAX, -1, &batch);
	bool any = batch.count > 0;
	int err = any ? make_safe(y) : SQLITE_OK;
	if (err != SQLITE_OK) {
		faults_note(y->faults, err);
		for (struct request *r = batch.first; r != NULL; r = r->next)
			fail(y, r);
	}
	if (any)
		queue_return(y->queue, &batch, y->home);
	fold_some(y);
	return any;
}
