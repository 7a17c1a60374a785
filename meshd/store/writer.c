#include "kept_rows.h"
#include "local_rows.h"
#include "purge_rows.h"
#include "wal_room.h"
#include "writer_inside.h"

enum { VERIFY_STEPS = 16 }; /* each minute */
enum { FOLD_WAIT_MS = 20 };

void
writer_publish(struct writer *w)
{
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		atomic_store(&w->versions[i], w->views.was[i].changes);
		atomic_store(&w->counts[i], w->views.was[i].rows);
	}
	atomic_store(&w->firing, w->views.was[VIEW_ALERT].firing);
	atomic_store(&w->bytes, retention_bytes(&w->s));
}

/* What is cut off from the log is filled with zeros when it grows again: while much
 * comes it keeps its length.  Acts when the log begins anew. */
static void
keep_log(struct writer *w, bool lengthy)
{
	if (lengthy != w->lengthy)
		statements_exec(&w->s,
		    lengthy ? "PRAGMA journal_size_limit=16777216"
			    : "PRAGMA journal_size_limit=8388608");
	w->lengthy = lengthy;
}

void
writer_begin(struct writer *w, enum store_sync sync)
{
	statements_clear(&w->s);
	keep_log(w, w->lengthy || w->log_pages >= SYNCER_FOLD_PAGES);
	if (sync != w->sync) /* acts when it is compiled, so it cannot be a statement */
		statements_exec(&w->s,
		    sync == SYNC_GROUP ? "PRAGMA synchronous=NORMAL"
				       : "PRAGMA synchronous=FULL");
	w->sync = sync;
	statement_run(&w->s, statement_of(&w->s, ST_BEGIN));
}

void
writer_roll_back(struct writer *w)
{
	statements_clear(&w->s);
	if (!sqlite3_get_autocommit(w->s.db))
		statement_run(&w->s, statement_of(&w->s, ST_ROLLBACK));
	statements_clear(&w->s);
	log_rows_forget(&w->log);
	views_forget(&w->views);
	verify_rows_forget(&w->verify);
	mend_rows_forget(&w->mend);
	w->findings.count = w->findings.kept;
}

/* What does not fit into the queue comes with the next commit. */
static void
tell_findings(struct writer *w)
{
	struct findings *f = &w->findings;
	size_t left = 0;
	for (size_t i = 0; i < f->count; i++) {
		struct request *r = request_of_finding(
		    &f->list[i], STORE_TOKEN(OWNER_MEND, 0));
		if (r != NULL && queue_tell(w->queue, r))
			continue;
		request_free(r);
		f->list[left++] = f->list[i];
	}
	w->told = f->count - left;
	f->count = f->kept = left;
}

/* Last words that found room do not heal a disk. */
static void
note(struct writer *w, int err)
{
	if (!w->last_words)
		faults_note(w->faults, err);
	else
		faults_count(
		    w->faults, err == SQLITE_OK ? COUNT_COMMITS : COUNT_FAULTS);
}

enum mesh_err
writer_commit(struct writer *w)
{
	log_rows_flush(&w->log);
	views_flush(&w->views);
	statement_run(&w->s, statement_of(&w->s, ST_COMMIT));
	int err = w->s.err;
	note(w, err);
	if (err != SQLITE_OK) {
		writer_roll_back(w);
		return MESH_IO;
	}
	views_commit(&w->views);
	writer_publish(w);
	tell_findings(w);
	return MESH_OK;
}

/* --- one batch --- */

static void
clean(struct writer *w)
{
	w->cleaning = w->now != 0 && retention_step(&w->log, &w->limits, w->now) > 0;
}

static void
look(struct writer *w, const struct request *r)
{
	if (w->verify.netid != NULL && r->outcome.err == MESH_OK &&
	    mesh_lane_is_keyed(r->as.record.at.lane))
		mend_rows_look(&w->mend, &r->as.record.at);
}

/* The reader stumbled over it: its log is next, and then all others. */
static void
look_first(struct writer *w, const struct mesh_position *at)
{
	if (w->verify.netid == NULL || w->waits || w->looks == 0)
		return;
	w->looks--;
	w->verifying = true;
	verify_rows_first(&w->verify, at);
}

static void
apply(struct writer *w, struct request *r)
{
	r->outcome.err = MESH_OK;
	switch (r->kind) {
	case REQUEST_RECORD:
		log_rows_put(&w->log, &r->as.record, &r->outcome);
		look(w, r);
		return;
	case REQUEST_LOCAL:
		r->outcome.err = local_rows_put(&w->views, w->faults, &r->as.record);
		return;
	case REQUEST_SETTLE:
		log_rows_settle(&w->log, &r->as.record, &r->outcome);
		look(w, r);
		return;
	case REQUEST_MEND:
		r->outcome.err = mend_rows_begin(
		    &w->mend, &r->as.compare.at, r->as.compare.bytes);
		return;
	case REQUEST_PURGE:
		r->outcome.err = purge_rows_step(&w->log, &r->as.record.at);
		return;
	case REQUEST_KEEP:
		kept_rows_put(&w->s, r->as.keep.room, r->as.keep.key, r->as.keep.value);
		faults_count(w->faults, COUNT_KEPT);
		if (sites_is_pin(r->as.keep.key)) /* lists name sites by it */
			w->views.touched[VIEW_STATE] = true;
		return;
	case REQUEST_TICK:
		w->now = r->as.tick;
		w->verifying = w->verifying || (w->waits && w->verify.netid != NULL);
		w->waits = false;
		w->verify_steps = VERIFY_STEPS;
		w->looks = WRITER_LOOKS;
		clean(w);
		return;
	case REQUEST_LOOK:
		look_first(w, &r->as.look);
		return;
	case REQUEST_SEARCH:
	case REQUEST_ASK:
	case REQUEST_FETCH:
	case REQUEST_FIND:
	case REQUEST_OVER:
	case REQUEST_FLOOR:
	case REQUEST_SKETCH:
	case REQUEST_COMPARE:
	case REQUEST_FINDING:
		return; /* the reader's; nobody's */
	}
}

static bool
is_last(const struct request *r)
{
	return r->sync == SYNC_LAST || r->sync == SYNC_TWICE;
}

static void
fail(struct writer *w, struct request *r)
{
	if (request_is_told(r))
		faults_count(w->faults, COUNT_FAILED);
	r->outcome.err = MESH_IO;
	r->outcome.has_live = false;
}

/* On a full disk: what may use the room that is left in the WAL.  Numbers are only
 * asked for so that something can be said with them, and leave it half. */
static void
say_last_words(struct writer *w, struct request_list *batch)
{
	int room = 0;
	for (struct request *r = batch->first; r != NULL; r = r->next)
		if (!is_last(r))
			fail(w, r);
		else if (r->kind == REQUEST_RECORD)
			room = WAL_ROOM_BYTES;
		else if (room == 0)
			room = WAL_ROOM_BYTES / 2;
	if (room == 0)
		return;
	w->last_words = true;
	wal_room_allow(w->s.db, room);
	writer_begin(w, SYNC_GROUP);
	for (struct request *r = batch->first; r != NULL; r = r->next)
		if (is_last(r))
			apply(w, r);
	if (writer_commit(w) != MESH_OK)
		for (struct request *r = batch->first; r != NULL; r = r->next)
			if (is_last(r))
				fail(w, r);
	wal_room_allow(w->s.db, 0);
	w->last_words = false;
}

/* When somebody is first now the rest of it waits, and begins the next one. */
static enum mesh_err
try(struct writer *w, struct request_list *batch)
{
	struct request_list rest;
	size_t n = 0;
	request_list_init(&rest);
	writer_begin(w, SYNC_GROUP);
	for (struct request *r = batch->first; r != NULL; r = r->next, n++) {
		apply(w, r);
		if (n % QUEUE_BITE == QUEUE_BITE - 1 && r->sync != SYNC_TWICE &&
		    queue_is_pressed(w->queue))
			request_list_split(batch, n + 1, &rest);
	}
	queue_put_back(w->queue, &rest);
	return writer_commit(w);
}

static void
run(struct writer *w, struct request_list *batch)
{
	if (atomic_load(&w->faults->readonly) || try(w, batch) != MESH_OK)
		say_last_words(w, batch);
}

/* Committed, or failed.  What must be on the disk is not yet done. */
static void
hand_on(struct writer *w, struct request_list *batch)
{
	struct request_list done;
	request_list_init(&done);
	for (struct request *r = request_list_take(batch); r != NULL;
	     r = request_list_take(batch)) {
		bool safe = request_gathers(r) || r->outcome.err != MESH_OK;
		r->outcome.written = !safe && r->sync == SYNC_TWICE && !r->said;
		if (safe || r->outcome.written ||
		    queue_put(w->syncer->queue, r) != MESH_OK)
			request_list_put(&done, r);
	}
	queue_finish(w->queue, &done);
}

/* A transaction of its own, so that a step which fails costs no record its commit. */
static void
clean_more(struct writer *w)
{
	writer_begin(w, SYNC_GROUP);
	clean(w);
	if (!w->cleaning)
		statement_run(&w->s, statement_of(&w->s, ST_VACUUM));
	w->cleaning = writer_commit(w) == MESH_OK && w->cleaning;
}

bool
writer_is_verifying(const struct writer *w)
{
	return w->verify.netid != NULL && (w->verifying || w->verify_steps > 0);
}

static bool
verify_more(struct writer *w)
{
	writer_begin(w, SYNC_GROUP);
	bool more = verify_rows_step(&w->verify);
	if (w->verify_steps > 0)
		w->verify_steps--;
	w->verifying = w->verifying && more;
	return writer_commit(w) == MESH_OK && w->told > 0;
}

bool
writer_work(struct writer *w, int rested)
{
	struct request_list batch;
	request_list_init(&batch);
	queue_take(w->queue, WRITER_BATCH, rested, &batch);
	bool any = batch.count > 0;
	if (any) {
		w->warm = true;
		run(w, &batch);
		hand_on(w, &batch);
	}
	if (w->cleaning && !atomic_load(&w->faults->readonly)) {
		clean_more(w);
		any = true;
	}
	if (!any && writer_is_verifying(w) && !atomic_load(&w->faults->readonly))
		any = verify_more(w);
	return any;
}

bool
writer_is_warm(const struct writer *w)
{
	return w->warm;
}

void
writer_cool(struct writer *w)
{
	if (!w->warm)
		return;
	w->warm = false;
	statements_clear(&w->s);
	keep_log(w, false);
	w->log_pages = 0;
	sqlite3_db_release_memory(w->s.db);
}

void
writer_probe(struct writer *w)
{
	writer_begin(w, SYNC_NOW);
	w->views.touched[VIEW_PACKET] = true; /* writes one small row */
	if (writer_commit(w) != MESH_OK)
		return;
	faults_heal(w->faults);
	writer_publish(w);
}

/* --- its log --- */

/* Instead of SQLite's own, which folds within the commit. */
int
writer_on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct writer *w = arg;
	(void)db, (void)name;
	w->log_pages = (uint32_t)pages;
	syncer_note_log(w->syncer, w->log_pages);
	return SQLITE_OK;
}

/* Who only adds to the log never leaves an end where it may begin anew.  A reader who
 * stands in its way is waited for after the next commit again, not for as long as he
 * likes: alerts wait behind us. */
void
writer_fold(struct writer *w)
{
	if (!syncer_is_behind(w->syncer))
		return;
	sqlite3_busy_timeout(w->s.db, FOLD_WAIT_MS);
	int err = sqlite3_wal_checkpoint_v2(
	    w->s.db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
	sqlite3_busy_timeout(w->s.db, STATEMENTS_WAIT_MS);
	if ((err & 0xff) == SQLITE_IOERR)
		faults_note(w->faults, err);
}
