#include "id.h"
#include "log_rows.h"
#include <string.h>

/* log_rows.h, one row of `record`: its core there, its proof and its embedding where
 * those of many are. */

int64_t
log_number(struct log_rows *l, struct holding_slot *slot)
{
	if (slot->log != 0)
		return slot->log;
	sqlite3_stmt *st = statement_of(l->s, ST_LOG_FIND);
	bind_key(st, 1, &slot->h.origin);
	bind_i64(st, 2, slot->h.lane);
	bind_i64(st, 3, (int64_t)slot->h.epoch);
	slot->log = statement_i64(l->s, st, 0);
	if (slot->log != 0)
		return slot->log;
	st = statement_of(l->s, ST_LOG_PUT);
	bind_key(st, 1, &slot->h.origin);
	bind_i64(st, 2, slot->h.lane);
	bind_i64(st, 3, (int64_t)slot->h.epoch);
	statement_run(l->s, st);
	slot->log = sqlite3_last_insert_rowid(l->s->db);
	return slot->log;
}

/* What stands before the core in its bundle; nothing if the row has all of it, or its
 * batch does not read back. */
static void
put_head(struct log_rows *l, sqlite3_stmt *st, int64_t part, struct bytes_out *room)
{
	const struct mesh_batch *b = batch_rows_of(&l->batches, part);
	if (b != NULL &&
	    mesh_batch_prove(b, batch_rows_place(part), cores_bytes(st, 3), room) !=
		MESH_OK)
		room->len = 0;
}

/* What does not read back is our own damage: verify_rows.h finds it. */
void
log_copy_row(
    struct log_rows *l, sqlite3_stmt *st, enum log_copy how, struct log_row *out)
{
	struct bytes_out room = bytes_out(l->scratch, CORES_ROOM);
	*out = (struct log_row){ .id = column_i64(st, 0),
		.seq = (uint64_t)column_i64(st, 1),
		.dead = column_i64(st, 2) != 0,
		.part = column_i64(st, 4),
		.vector = column_i64(st, 5) };
	out->whole = !cores_leaf(st, 3, out->leaf);
	if (how == LOG_PROVED && out->part != 0)
		put_head(l, st, out->part, &room);
	size_t head = room.len;
	bool read = cores_read(st, 3, &l->views->vectors, &room, &out->r);
	if (read && head > 0)
		read = mesh_record_read(bytes_written(&room), &out->r) == MESH_OK;
	if (!read)
		out->r = (struct mesh_record){ .at = { .lane = LANE_LIVE } };
}

void
log_leaf(const struct log_row *row, uint8_t leaf[static 32])
{
	if (row->whole)
		mesh_record_leaf(&row->r, leaf);
	else
		memcpy(leaf, row->leaf, sizeof row->leaf);
}

bool
log_take_row(struct log_rows *l, sqlite3_stmt *st, struct log_row *out)
{
	bool found = statement_row(l->s, st);
	if (found)
		log_copy_row(l, st, LOG_BARE, out);
	statement_end(st);
	return found;
}

/* --- gone --- */

/* A damaged row may name the vector of another one: freed, it would be written over,
 * and that one be damaged in turn. */
static bool
is_anothers(struct log_rows *l, int64_t vector)
{
	sqlite3_stmt *st = statement_of(l->s, ST_ENTRY_OF_VECTOR);
	bind_i64(st, 1, vector);
	bool found = statement_row(l->s, st);
	statement_end(st);
	return found;
}

/* An entry that stayed behind would be found in place of the one that takes its
 * vector's room next. */
static void
let_go(struct log_rows *l, int64_t row, int64_t part, int64_t vector)
{
	views_gone(l->views, row);
	batch_rows_take(&l->batches, part);
	if (vector > 0 && !is_anothers(l, vector))
		vectors_free(&l->views->vectors, vector);
}

void
log_delete_row(struct log_rows *l, const struct log_row *row)
{
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_DELETE);
	bind_i64(st, 1, row->id);
	statement_run(l->s, st);
	let_go(l, row->id, row->part, row->vector);
}

void
log_delete_rows(struct log_rows *l, sqlite3_stmt *st)
{
	while (statement_row(l->s, st))
		let_go(l, column_i64(st, 0), column_i64(st, 1), column_i64(st, 2));
}

/* --- new --- */

/* A row of that number is there although we do not hold it: it was given up as damaged,
 * and comes anew. */
static void
clear_number(struct log_rows *l, int64_t log, uint64_t seq)
{
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_DELETE_SEQ);
	bind_i64(st, 1, log);
	bind_i64(st, 2, (int64_t)seq);
	log_delete_rows(l, st);
}

static void
insert(struct log_rows *l, int64_t log, const struct log_row *row,
    struct bytes_view subject, struct bytes_view core)
{
	const struct mesh_record *r = &row->r;
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_PUT);
	bind_i64(st, 1, log);
	bind_i64(st, 2, (int64_t)row->seq);
	bind_i64(st, 3, r->at.lane);
	bind_i64(st, 4, r->type);
	bind_i64(st, 5, row->dead);
	if (row->part != 0)
		bind_i64(st, 6, row->part);
	if (row->vector != 0)
		bind_i64(st, 7, row->vector);
	bind_some_bytes(st, 8, subject);
	bind_bytes(st, 9, core);
	statement_run(l->s, st);
}

static struct bytes_view
keep_whole(struct log_rows *l, int64_t log, struct log_row *row, struct bytes_out *room)
{
	struct bytes_view embedding;
	row->part = batch_rows_put(&l->batches, log, &row->r, l->leaf);
	row->vector = views_embedding(l->views, &embedding);
	struct bytes_view core = row->part != 0 ? row->r.core : row->r.proof;
	return row->vector != 0 ? cores_cut(core, embedding, room) : core;
}

/* --- less than the whole --- */

enum replica_part
log_part_kept(const struct log_rows *l, const struct mesh_record *r)
{
	struct bytes_view key;
	if (l->self == NULL || r->at.lane != LANE_REGISTRY ||
	    !mesh_record_key(r, &key) || key_equal(&r->at.origin, l->self))
		return REPLICA_WHOLE;
	return views_part_kept(l->views, &l->others);
}

/* False: it is to be kept whole. */
static bool
keep_part(struct log_rows *l, struct log_row *row, enum replica_part kept,
    struct bytes_out *room)
{
	uint8_t leaf[32];
	struct bytes_view embedding, signed_as;
	if (kept == REPLICA_WHOLE)
		return false;
	log_leaf(row, leaf);
	signed_as = bytes_view(leaf, sizeof leaf);
	row->part = 0;
	row->vector = kept == REPLICA_KEY ? CORES_KEY : CORES_INDEX;
	if (kept == REPLICA_KEY)
		return cores_leave_key(&row->r, signed_as, room);
	return kept == REPLICA_INDEX && views_embedding_place(l->views, &embedding) &&
	    cores_leave_out(&row->r, signed_as, embedding, room);
}

/* Its record stands in the scratch, and what is left of it is written behind. */
void
log_cut_row(struct log_rows *l, const struct log_row *row, enum replica_part kept)
{
	struct log_row cut = *row;
	size_t used = (size_t)(row->r.core.ptr - l->scratch) + row->r.core.len;
	struct bytes_out room = bytes_out(l->scratch + used, CORES_ROOM - used);
	if (!keep_part(l, &cut, kept, &room))
		return;
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_CUT);
	bind_i64(st, 1, row->id);
	bind_i64(st, 2, cut.vector);
	bind_bytes(st, 3, bytes_written(&room));
	statement_run(l->s, st);
	let_go(l, row->id, row->part, row->vector);
	if (!row->dead && kept != REPLICA_KEY)
		views_fold(l->views, &row->r, row->id);
}

int64_t
log_put_row(struct log_rows *l, struct holding_slot *slot, const struct mesh_record *r,
    enum log_life life, struct bytes_view subject)
{
	int64_t log = log_number(l, slot);
	struct bytes_out room = bytes_out(l->scratch, CORES_ROOM);
	struct log_row row = {
		.seq = r->at.seq, .dead = life == LOG_DEAD, .whole = true, .r = *r
	};
	struct bytes_view core;
	if (keep_part(l, &row, log_part_kept(l, r), &room)) {
		core = bytes_written(&room);
	} else {
		room = bytes_out(l->scratch, CORES_ROOM);
		core = keep_whole(l, log, &row, &room);
	}
	insert(l, log, &row, subject, core);
	if (r->at.seq >= slot->bare && r->at.seq < slot->bare_end)
		slot->bare = r->at.seq + 1;
	if (sqlite3_changes(l->s->db) == 0 && l->s->err == SQLITE_OK) {
		clear_number(l, log, r->at.seq);
		insert(l, log, &row, subject, core);
	}
	return sqlite3_last_insert_rowid(l->s->db);
}
