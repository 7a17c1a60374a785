#include "views.h"
#include "alert_rows.h"
#include "cores.h"
#include "entry_rows.h"
#include "node_rows.h"
#include "packet_rows.h"
#include "state_rows.h"
#include "store_tables.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum mesh_err
views_init(struct views *v, struct statements *s, struct faults *faults)
{
	*v = (struct views){ .s = s, .faults = faults };
	vectors_init(&v->vectors, s, STATEMENTS_WRITE);
	v->room = malloc(VIEW_ARENA);
	return v->room == NULL ? MESH_FULL : MESH_OK;
}

void
views_release(struct views *v)
{
	vectors_forget(&v->vectors);
	free(v->room);
	*v = (struct views){ .s = NULL };
}

/* --- one record --- */

static void
note_subject(struct views *v)
{
	v->subject.len = 0;
	if (v->table == &reception_table)
		packet_rows_subject(&v->object.reception, &v->subject);
	else if (v->table == &alert_statement_table)
		alert_rows_subject(&v->object.statement.id, &v->subject);
	else if (v->table == &alert_ack_table)
		alert_rows_subject(&v->object.ack.id, &v->subject);
}

struct bytes_view
views_look(struct views *v, const struct mesh_record *r)
{
	v->arena = arena_init(v->room, VIEW_ARENA);
	v->vector = 0;
	if (lane_decode(r, &v->object, &v->table, &v->arena) != MESH_OK)
		v->table = NULL;
	v->sound = v->table == &entry_put_table &&
	    entry_fault(&v->object.entry) == NULL;
	note_subject(v);
	return view_key_bytes(&v->subject);
}

/* A site's name stands in every page. */
static void
touch_all(struct views *v)
{
	memset(v->touched, true, sizeof v->touched);
}

static void
fold_state(struct views *v, const struct mesh_record *r, int64_t row)
{
	struct id node;
	struct text_view name;
	enum state_kind kind = state_kind(v->object.put.key, &node, &name);
	state_rows_put(v, r, row);
	if (kind == STATE_NODE)
		node_rows_said(v);
	if (kind == STATE_SITE)
		touch_all(v);
}

bool
views_embedding_place(const struct views *v, struct bytes_view *out)
{
	const struct entry_put *put = &v->object.entry;
	if (!v->sound || (put->has >> ENTRY_PUT_EMBEDDING & 1) == 0)
		return false;
	*out = put->embedding;
	return true;
}

int64_t
views_embedding(struct views *v, struct bytes_view *out)
{
	const struct entry_put *put = &v->object.entry;
	v->vector = 0;
	if (views_embedding_place(v, out))
		v->vector = vectors_put(
		    &v->vectors, (enum dot_dtype)put->dtype, put->dim, *out);
	return v->vector;
}

enum replica_part
views_part_kept(const struct views *v, const struct replica *r)
{
	bool entry = v->table == &entry_put_table;
	if (!entry && r->types_len == 0)
		return REPLICA_WHOLE;
	return entry ? replica_of_type(r, v->object.entry.type) : REPLICA_KEY;
}

void
views_fold(struct views *v, const struct mesh_record *r, int64_t row)
{
	if (v->table == &reception_table) {
		packet_rows_put(v, &v->object.reception);
		node_rows_heard(v, r, &v->object.reception);
	} else if (v->table == &alert_statement_table) {
		alert_rows_refold(v, &v->object.statement.id);
	} else if (v->table == &alert_ack_table) {
		alert_rows_refold(v, &v->object.ack.id);
	} else if (v->table == &state_put_table) {
		fold_state(v, r, row);
	} else if (v->table == &entry_put_table) {
		entry_rows_put(v, r, row);
	} else {
		faults_count(v->faults, COUNT_UNFOLDED);
	}
}

static void
unfold_state(struct views *v, const struct mesh_record *r, int64_t row)
{
	struct id node;
	struct text_view name;
	enum state_kind kind = state_kind(v->object.put.key, &node, &name);
	state_rows_take(v, r, row);
	if (kind == STATE_NODE)
		node_rows_unsaid(v);
	if (kind == STATE_SITE)
		touch_all(v);
}

void
views_unfold(struct views *v, const struct mesh_record *r, int64_t row)
{
	views_look(v, r);
	if (v->table == &reception_table)
		packet_rows_refold(v, &v->object.reception.packet);
	else if (v->table == &alert_statement_table)
		alert_rows_refold(v, &v->object.statement.id);
	else if (v->table == &alert_ack_table)
		alert_rows_refold(v, &v->object.ack.id);
	else if (v->table == &state_put_table)
		unfold_state(v, r, row);
	else if (v->table == &entry_put_table)
		entry_rows_take(v, row);
}

void
views_gone(struct views *v, int64_t row)
{
	entry_rows_take(v, row);
}

/* --- the whole --- */

static void
read_state(struct views *v, enum view which, uint32_t *version)
{
	struct view_state *now = &v->now[which];
	sqlite3_stmt *st = statement_of(v->s, ST_VIEW_STATE);
	bind_text(st, 1, text(store_table_names[which]));
	*now = (struct view_state){ 0, 0, 0 };
	*version = 0;
	if (statement_row(v->s, st)) {
		*version = (uint32_t)column_i64(st, 0);
		now->changes = (uint64_t)column_i64(st, 1);
		now->rows = (uint64_t)column_i64(st, 2);
		now->firing = (uint64_t)column_i64(st, 3);
	}
	statement_end(st);
	v->was[which] = *now;
}

static void
write_state(struct views *v, enum view which)
{
	struct view_state *now = &v->now[which];
	now->changes++;
	sqlite3_stmt *st = statement_of(v->s, ST_VIEW_STATE_PUT);
	bind_text(st, 1, text(store_table_names[which]));
	bind_i64(st, 2, v->stale[which] ? 0 : views_table[which].version);
	bind_i64(st, 3, (int64_t)now->changes);
	bind_i64(st, 4, (int64_t)now->rows);
	bind_i64(st, 5, (int64_t)now->firing);
	statement_run(v->s, st);
}

void
views_flush(struct views *v)
{
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		if (v->touched[i])
			write_state(v, (enum view)i);
		v->touched[i] = false;
	}
	vectors_flush(&v->vectors);
}

void
views_commit(struct views *v)
{
	memcpy(v->was, v->now, sizeof v->was);
}

void
views_forget(struct views *v)
{
	memcpy(v->now, v->was, sizeof v->now);
	memset(v->touched, 0, sizeof v->touched);
	v->kind.id = 0;
	vectors_forget(&v->vectors);
}

/* All views at once: they share the walk over the log, and a rebuild is rare. */
static void
fold_all(struct views *v)
{
	sqlite3_stmt *st = statement_of(v->s, ST_RECORD_ALL);
	struct bytes_out room = bytes_out(malloc(CORES_ROOM), CORES_ROOM);
	struct mesh_record r;
	if (room.ptr == NULL)
		v->s->err = SQLITE_NOMEM;
	for (; statement_row(v->s, st); room.len = 0) {
		if (!cores_read(st, 0, NULL, &room, &r))
			continue;
		int64_t row = column_i64(st, CORES_COLUMNS), vector = column_i64(st, 2);
		if (vector == CORES_KEY)
			continue;
		views_look(v, &r);
		v->vector = vector > 0 ? vector : 0;
		views_fold(v, &r, row);
	}
	free(room.ptr);
}

static void
clear_all(struct views *v)
{
	v->walk.open = false;
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		statement_run(v->s, statement_of_table(v->s, ST_ROW_CLEAR, i));
		v->now[i].rows = v->now[i].firing = 0;
		v->stale[i] = false;
	}
	statement_run(v->s, statement_of(v->s, ST_HEARING_CLEAR));
	touch_all(v);
}

void
views_rebuild(struct views *v)
{
	statement_run(v->s, statement_of(v->s, ST_BEGIN));
	clear_all(v);
	fold_all(v);
	views_flush(v);
	statement_run(v->s, statement_of(v->s, ST_COMMIT));
	if (v->s->err == SQLITE_OK)
		views_commit(v);
}

static void
drop_tables(struct views *v)
{
	char room[64];
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		struct bytes_out sql = bytes_out(room, sizeof room);
		text_printf(&sql, "DROP TABLE IF EXISTS %s", store_table_names[i]);
		statements_exec(v->s, text_end(&sql));
	}
	statements_exec(v->s, "DROP TABLE IF EXISTS hearing");
}

void
views_open(struct views *v)
{
	bool current = true;
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		uint32_t version;
		read_state(v, (enum view)i, &version);
		current = current && version == views_table[i].version;
	}
	if (!current)
		drop_tables(v);
	statements_exec(v->s, store_tables_views);
	if (!current)
		views_rebuild(v);
}
