#include "retention.h"
#include <assert.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, MARKS = 400 };

static int64_t
read_one(struct statements *s, enum statement which)
{
	return statement_i64(s, statement_of(s, which), 0);
}

uint64_t
retention_bytes(struct statements *s)
{
	int64_t pages = read_one(s, ST_PAGES) - read_one(s, ST_FREE_PAGES);
	return (uint64_t)(pages * read_one(s, ST_PAGE_SIZE));
}

static void
mark_day(struct statements *s, unix_ms now)
{
	sqlite3_stmt *st = statement_of(s, ST_MARK_PUT);
	bind_i64(st, 1, now / DAY_MS);
	statement_run(s, st);
	st = statement_of(s, ST_MARK_PRUNE);
	bind_i64(st, 1, MARKS);
	statement_run(s, st);
}

/* The newest record that is `days` old; 0: none is. */
static int64_t
newest_of_age(struct statements *s, uint32_t days)
{
	sqlite3_stmt *st = statement_of(s, ST_MARK_NTH);
	bind_i64(st, 1, days);
	return statement_i64(s, st, 0);
}

static size_t
delete_oldest(struct log_rows *l, enum mesh_lane lane, int64_t last, size_t max)
{
	size_t gone = 0;
	assert(!mesh_lane_is_keyed(lane));
	for (; gone < max; gone++) {
		sqlite3_stmt *st = statement_of(l->s, ST_RECORD_OLDEST);
		bind_i64(st, 1, lane);
		bind_i64(st, 2, last);
		if (!log_rows_retire(l, st))
			break;
		faults_count(l->faults, COUNT_FORGOTTEN);
	}
	return gone;
}

static size_t
forget_old(struct log_rows *l, enum mesh_lane lane, uint32_t days, size_t max)
{
	int64_t last = days == 0 || days >= MARKS ? 0 : newest_of_age(l->s, days);
	return last == 0 ? 0 : delete_oldest(l, lane, last, max);
}

/* Only logs that span more numbers than one may have rows are counted: that is slow. */
static size_t
forget_surplus(struct log_rows *l, enum mesh_lane lane, uint32_t most, size_t max)
{
	sqlite3_stmt *st = statement_of(l->s, ST_LOG_SURPLUS);
	bind_i64(st, 1, lane);
	bind_i64(st, 2, most);
	bool any = statement_row(l->s, st);
	int64_t log = any ? column_i64(st, 0) : 0, more = any ? column_i64(st, 1) : 0;
	statement_end(st);
	size_t gone = 0;
	for (; gone < max && (int64_t)gone < more; gone++) {
		st = statement_of(l->s, ST_RECORD_LOWEST);
		bind_i64(st, 1, log);
		if (!log_rows_retire(l, st))
			break;
		faults_count(l->faults, COUNT_FORGOTTEN);
	}
	return gone;
}

static size_t
forget_surpluses(struct log_rows *l, uint32_t per_origin)
{
	size_t gone = 0;
	for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT && gone == 0; lane++)
		if (!mesh_lane_is_keyed(lane))
			gone = forget_surplus(l, lane,
			    per_origin > 0 ? per_origin : mesh_lane_quota(lane).records,
			    RETENTION_STEP);
	return gone;
}

size_t
retention_step(struct log_rows *l, const struct retention_limits *limits, unix_ms now)
{
	mark_day(l->s, now);
	size_t gone = forget_old(l, LANE_PACKET, limits->packet_days, RETENTION_STEP);
	if (gone == 0)
		gone = forget_old(l, LANE_METRIC, limits->metric_days, RETENTION_STEP);
	if (gone == 0)
		gone = forget_old(l, LANE_ALERT, limits->alert_days, RETENTION_STEP);
	if (gone == 0)
		gone = forget_surpluses(l, limits->per_origin);
	if (gone == 0 && limits->max_bytes > 0 &&
	    retention_bytes(l->s) > limits->max_bytes)
		gone = delete_oldest(l, LANE_PACKET, INT64_MAX, RETENTION_STEP);
	return gone;
}
