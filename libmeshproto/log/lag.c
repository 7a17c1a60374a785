#include "lag.h"

static uint32_t
sum(uint32_t a, uint64_t b)
{
	return b < LAG_MAX - a ? a + (uint32_t)b : LAG_MAX;
}

static uint64_t
row_numbers(const struct holdings *h, const struct holdings_row *row)
{
	uint64_t all = 0;
	for (int lane = LANE_CONTROL; lane < LANE_COUNT; lane++)
		all += holdings_end(h, row, (enum mesh_lane)lane);
	return all;
}

/* All that we hold there is more than it has, until a mark says that it has it. */
bool
lag_rows(struct lag *l, const struct holdings *h, uint64_t mask, mesh_time_ms now)
{
	const struct holdings_row *row;
	uint32_t now_s = (uint32_t)(now / 1000);
	if (mask == l->mask || now_s < l->after_s)
		return mask == l->mask;
	l->mask = mask;
	l->after_s = now_s + 1;
	l->lacked = l->spare = 0;
	l->partly = h == NULL;
	for (uint32_t i = 0; h != NULL && (row = holdings_walk(h, &i)) != NULL; i++)
		if (mask >> digest_bucket_of(row->oid) & 1)
			l->spare = sum(l->spare, row_numbers(h, row));
	return true;
}

/* Of an older epoch nothing is wanted any more, on either side. */
static uint64_t
shared(const struct holdings *h, const struct holdings_log *log, uint64_t last)
{
	const struct holdings_row *row = holdings_of(h, log->oid);
	if (row == NULL || row->epoch > log->epoch)
		return 0;
	uint64_t end = holdings_end(h, row, log->lane);
	return row->epoch < log->epoch || end < last ? end : last;
}

void
lag_mark(struct lag *l, const struct holdings *h, const struct holdings_log *log,
    const struct mesh_run *held)
{
	struct mesh_run run;
	uint64_t both = shared(h, log, held->last);
	l->spare = both < l->spare ? l->spare - (uint32_t)both : 0;
	for (uint64_t from = held->first;
	     holdings_missing(h, log, from, held->last, &run); from = run.last + 1)
		l->lacked = sum(l->lacked, run.last - run.first + 1);
}

void
lag_end(struct lag *l, uint64_t mask)
{
	if (mask != l->mask)
		return;
	l->behind = l->lacked;
	if (!l->partly)
		l->ahead = l->spare;
	l->mask = 0;
	l->known = true;
}

void
lag_equal(struct lag *l)
{
	l->behind = l->ahead = 0;
	l->known = true;
}
