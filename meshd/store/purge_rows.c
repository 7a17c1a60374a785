#include "purge_rows.h"
#include "node_rows.h"

static sqlite3_stmt *
of_origin(struct statements *s, enum statement which, const struct mesh_position *upto)
{
	sqlite3_stmt *st = statement_of(s, which);
	bind_key(st, 1, &upto->origin);
	bind_i64(st, 2, upto->epoch > INT64_MAX ? INT64_MAX : (int64_t)upto->epoch);
	return st;
}

enum mesh_err
purge_rows_step(struct log_rows *l, const struct mesh_position *upto)
{
	for (size_t gone = 0;
	     log_rows_delete(l, of_origin(l->s, ST_RECORD_OF_ORIGIN, upto));) {
		faults_count(l->faults, COUNT_PURGED);
		if (++gone == PURGE_STEP)
			return MESH_TRUNCATED;
	}
	node_rows_unheard(l->views, upto);
	log_rows_flush(l);
	log_rows_forget(l); /* slots know rows of `log` and `holding` */
	statement_run(l->s, of_origin(l->s, ST_LOG_DELETE, upto));
	statement_run(l->s, of_origin(l->s, ST_HOLDING_DELETE, upto));
	return MESH_OK;
}

static sqlite3_stmt *
of_others(struct statements *s, enum statement which, enum mesh_lane lane,
    const struct mesh_key *self)
{
	sqlite3_stmt *st = statement_of(s, which);
	bind_i64(st, 1, lane);
	bind_key(st, 2, self);
	return st;
}

void
purge_rows_recall(struct log_rows *l, enum mesh_lane lane, const struct mesh_key *self)
{
	log_rows_flush(l);
	log_rows_forget(l); /* slots know rows of `holding` */
	statement_run(l->s, of_others(l->s, ST_HOLDING_RECALL, lane, self));
}

enum mesh_err
purge_rows_others(struct log_rows *l, enum mesh_lane lane, const struct mesh_key *self)
{
	for (size_t gone = 0;
	     log_rows_delete(l, of_others(l->s, ST_RECORD_OF_OTHERS, lane, self));) {
		faults_count(l->faults, COUNT_FORGOTTEN);
		if (++gone == PURGE_STEP)
			return MESH_TRUNCATED;
	}
	log_rows_flush(l);
	log_rows_forget(l); /* slots know rows of `log` and `holding` */
	statement_run(l->s, of_others(l->s, ST_LOG_DELETE_OTHERS, lane, self));
	statement_run(l->s, of_others(l->s, ST_HOLDING_DELETE_OTHERS, lane, self));
	return MESH_OK;
}
