#include "writer.h"
#include "kept_rows.h"
#include "local_rows.h"
#include "migrations.h"
#include "purge_rows.h"
#include "store_tables.h"
#include "wal_room.h"
#include <errno.h>
#include <string.h>

enum { VERIFY_STEPS = 16, LOOKS = 4 }; /* each minute */
enum { FOLD_WAIT_MS = 20 };

static void
publish(struct writer *w)
{
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		atomic_store(&w->versions[i], w->views.was[i].changes);
		atomic_store(&w->counts[i], w->views.was[i].rows);
	}
	atomic_store(&w->firing, w->views.was[VIEW_ALERT].firing);
	atomic_store(&w->bytes, retention_bytes(&w->s));
}

static void
begin(struct writer *w, enum store_sync sync)
{
	statements_clear(&w->s);
	if (sync != w->sync) /* acts when it is compiled, so it cannot be a statement */
		statements_exec(&w->s,
		    sync == SYNC_GROUP ? "PRAGMA synchronous=NORMAL"
				       : "PRAGMA synchronous=FULL");
	w->sync = sync;
	statement_run(&w->s, statement_of(&w->s, ST_BEGIN));
}

static void
roll_back(struct writer *w)
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

static enum mesh_err
commit(struct writer *w)
{
	log_rows_flush(&w->log);
	views_flush(&w->views);
	statement_run(&w->s, statement_of(&w->s, ST_COMMIT));
	int err = w->s.err;
	note(w, err);
	if (err != SQLITE_OK) {
		roll_back(w);
		return MESH_IO;
	}
	views_commit(&w->views);
	publish(w);
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
		return;
	case REQUEST_TICK:
		w->now = r->as.tick;
		w->verifying = w->verifying || (w->waits && w->verify.netid != NULL);
		w->waits = false;
		w->verify_steps = VERIFY_STEPS;
		w->looks = LOOKS;
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
	begin(w, SYNC_GROUP);
	for (struct request *r = batch->first; r != NULL; r = r->next)
		if (is_last(r))
			apply(w, r);
	if (commit(w) != MESH_OK)
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
	begin(w, SYNC_GROUP);
	for (struct request *r = batch->first; r != NULL; r = r->next, n++) {
		apply(w, r);
		if (n % QUEUE_BITE == QUEUE_BITE - 1 && r->sync != SYNC_TWICE &&
		    queue_is_pressed(w->queue))
			request_list_split(batch, n + 1, &rest);
	}
	queue_put_back(w->queue, &rest);
	return commit(w);
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
	begin(w, SYNC_GROUP);
	clean(w);
	if (!w->cleaning)
		statement_run(&w->s, statement_of(&w->s, ST_VACUUM));
	w->cleaning = commit(w) == MESH_OK && w->cleaning;
}

bool
writer_is_verifying(const struct writer *w)
{
	return w->verify.netid != NULL && (w->verifying || w->verify_steps > 0);
}

static bool
verify_more(struct writer *w)
{
	begin(w, SYNC_GROUP);
	bool more = verify_rows_step(&w->verify);
	if (w->verify_steps > 0)
		w->verify_steps--;
	w->verifying = w->verifying && more;
	return commit(w) == MESH_OK && w->told > 0;
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
	if (w->warm)
		sqlite3_db_release_memory(w->s.db);
	w->warm = false;
}

void
writer_probe(struct writer *w)
{
	begin(w, SYNC_NOW);
	w->views.touched[VIEW_PACKET] = true; /* writes one small row */
	if (commit(w) != MESH_OK)
		return;
	faults_heal(w->faults);
	publish(w);
}

/* --- start and stop --- */

static bool
is_to_be_written(
    const struct writer *w, const struct said *said, const struct mesh_record *r)
{
	return said_is_known(said, &r->at) &&
	    (w->verify.netid == NULL || mesh_record_verify(r, w->verify.netid));
}

/* No room among the gaps may be over one day; what is refused else stays refused. */
static enum mesh_err
put_one_said(struct writer *w, const struct said *said, const struct mesh_record *r)
{
	struct store_outcome o = { .err = MESH_OK };
	if (is_to_be_written(w, said, r))
		log_rows_put(&w->log, r, &o);
	if (o.err != MESH_OK)
		faults_count(w->faults, COUNT_SAID_LOST);
	return o.err == MESH_FULL ? MESH_FULL : MESH_OK;
}

enum mesh_err
writer_put_said(struct writer *w, struct said *said)
{
	struct mesh_record r;
	enum mesh_err err = MESH_OK;
	if (!said_next(said, &r))
		return MESH_OK;
	wal_room_allow(w->s.db, WAL_ROOM_BYTES); /* without it there is no start */
	begin(w, SYNC_GROUP);
	do
		if (put_one_said(w, said, &r) != MESH_OK)
			err = MESH_FULL;
	while (said_next(said, &r));
	if (commit(w) != MESH_OK)
		err = MESH_IO;
	wal_room_allow(w->s.db, 0);
	return err;
}

/* Instead of SQLite's own, which folds within the commit. */
static int
on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct writer *w = arg;
	(void)db, (void)name;
	syncer_note_log(w->syncer, (uint32_t)pages);
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

static int
open_rooms(struct writer *w, const char *path)
{
	w->s.tables = store_table_names;
	int err = migrations_run(&w->s, path, migrations, STORE_SCHEMA);
	if (err != 0)
		return err;
	if (views_init(&w->views, &w->s, w->faults) != MESH_OK ||
	    log_rows_init(&w->log, &w->s, &w->views, w->faults) != MESH_OK)
		return -ENOMEM;
	views_open(&w->views);
	publish(w);
	sqlite3_wal_hook(w->s.db, on_commit, w);
	return faults_errno(w->s.err);
}

static void
know_others(struct writer *w, const struct writer_params *params)
{
	if (params->self == NULL || params->others == NULL)
		return;
	w->self = *params->self;
	w->log.self = &w->self;
	w->log.others = *params->others;
}

int
writer_open(struct writer *w, const struct writer_params *params)
{
	memset(w, 0, sizeof *w);
	w->faults = params->faults;
	w->queue = params->queue;
	w->syncer = params->syncer;
	w->limits = params->limits;
	w->verify = (struct verify_rows){
		.log = &w->log, .findings = &w->findings, .netid = params->netid
	};
	w->mend = (struct mend_rows){ &w->log, &w->findings, NULL };
	w->waits = params->waits;
	w->looks = LOOKS;
	w->verifying = !w->waits && params->netid != NULL;
	int err = faults_errno(statements_open(&w->s, params->path));
	if (err != 0)
		return err;
	err = open_rooms(w, params->path);
	if (err != 0)
		writer_close(w);
	else
		know_others(w, params);
	return err;
}

void
writer_close(struct writer *w)
{
	mend_rows_release(&w->mend);
	log_rows_release(&w->log);
	views_release(&w->views);
	statements_close(&w->s);
}

enum mesh_err
writer_keep_now(struct writer *w, struct text_view room, struct bytes_view key,
    struct bytes_view value)
{
	wal_room_allow(w->s.db, WAL_ROOM_BYTES); /* without it there is no start */
	begin(w, SYNC_NOW);
	kept_rows_put(&w->s, room, key, value);
	enum mesh_err err = commit(w);
	wal_room_allow(w->s.db, 0);
	return err;
}

enum mesh_err
writer_forget_others(struct writer *w, enum mesh_lane lane, const struct mesh_key *self)
{
	enum mesh_err err = MESH_TRUNCATED;
	while (err == MESH_TRUNCATED) {
		begin(w, SYNC_GROUP);
		err = purge_rows_others(&w->log, lane, self);
		if (commit(w) != MESH_OK)
			return MESH_IO;
	}
	return err;
}

enum mesh_err
writer_recall_others(struct writer *w, enum mesh_lane lane, const struct mesh_key *self)
{
	begin(w, SYNC_NOW);
	purge_rows_recall(&w->log, lane, self);
	return commit(w);
}

enum mesh_err
writer_rebuild(struct writer *w)
{
	statements_clear(&w->s);
	views_rebuild(&w->views);
	if (w->s.err != SQLITE_OK) {
		roll_back(w);
		return MESH_IO;
	}
	publish(w);
	return MESH_OK;
}
