/* writer.h: its start and stop, and what is done before its thread runs. */
#include "kept_rows.h"
#include "migrations.h"
#include "purge_rows.h"
#include "store_tables.h"
#include "wal_room.h"
#include "writer_inside.h"
#include <errno.h>
#include <string.h>

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
	writer_begin(w, SYNC_GROUP);
	do
		if (put_one_said(w, said, &r) != MESH_OK)
			err = MESH_FULL;
	while (said_next(said, &r));
	if (writer_commit(w) != MESH_OK)
		err = MESH_IO;
	wal_room_allow(w->s.db, 0);
	return err;
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
	writer_publish(w);
	sqlite3_wal_hook(w->s.db, writer_on_commit, w);
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
	w->looks = WRITER_LOOKS;
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
	writer_begin(w, SYNC_NOW);
	kept_rows_put(&w->s, room, key, value);
	enum mesh_err err = writer_commit(w);
	wal_room_allow(w->s.db, 0);
	return err;
}

enum mesh_err
writer_forget_others(struct writer *w, enum mesh_lane lane, const struct mesh_key *self)
{
	enum mesh_err err = MESH_TRUNCATED;
	while (err == MESH_TRUNCATED) {
		writer_begin(w, SYNC_GROUP);
		err = purge_rows_others(&w->log, lane, self);
		if (writer_commit(w) != MESH_OK)
			return MESH_IO;
	}
	return err;
}

enum mesh_err
writer_recall_others(struct writer *w, enum mesh_lane lane, const struct mesh_key *self)
{
	writer_begin(w, SYNC_NOW);
	purge_rows_recall(&w->log, lane, self);
	return writer_commit(w);
}

enum mesh_err
writer_rebuild(struct writer *w)
{
	statements_clear(&w->s);
	views_rebuild(&w->views);
	if (w->s.err != SQLITE_OK) {
		writer_roll_back(w);
		return MESH_IO;
	}
	writer_publish(w);
	return MESH_OK;
}
