#include "local_rows.h"
#include "bind.h"

static sqlite3_stmt *
bind_log(struct statements *s, enum statement which, const struct mesh_position *at)
{
	sqlite3_stmt *st = statement_of(s, which);
	bind_key(st, 1, &at->origin);
	bind_i64(st, 2, at->lane);
	bind_i64(st, 3, 0);
	return st;
}

static int64_t
log_of(struct statements *s, const struct mesh_position *at)
{
	int64_t log = statement_i64(s, bind_log(s, ST_LOG_FIND, at), 0);
	if (log != 0)
		return log;
	statement_run(s, bind_log(s, ST_LOG_PUT, at));
	return sqlite3_last_insert_rowid(s->db);
}

static int64_t
next_number(struct statements *s, int64_t log)
{
	sqlite3_stmt *st = statement_of(s, ST_RECORD_NUMBER);
	bind_i64(st, 1, log);
	return statement_i64(s, st, 1);
}

enum mesh_err
local_rows_put(struct views *v, struct faults *faults, const struct mesh_record *r)
{
	if (r->at.epoch != 0 || mesh_lane_is_keyed(r->at.lane)) {
		faults_count(faults, COUNT_REFUSED);
		return MESH_MALFORMED;
	}
	int64_t log = log_of(v->s, &r->at);
	struct bytes_view subject = views_look(v, r);
	int64_t number = next_number(v->s, log);
	sqlite3_stmt *st = statement_of(v->s, ST_RECORD_PUT);
	bind_i64(st, 1, log);
	bind_i64(st, 2, number);
	bind_i64(st, 3, r->at.lane);
	bind_i64(st, 4, r->type);
	bind_i64(st, 5, 0);
	bind_some_bytes(st, 8, subject);
	bind_bytes(st, 9, r->proof);
	statement_run(v->s, st);
	views_fold(v, r, sqlite3_last_insert_rowid(v->s->db));
	faults_count(faults, COUNT_LOCAL);
	return MESH_OK;
}
