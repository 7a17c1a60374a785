#include "mend_rows.h"
#include "drops.h"
#include "id.h"
#include <stdlib.h>
#include <string.h>

void
mend_rows_release(struct mend_rows *m)
{
	free(m->plan);
	m->plan = NULL;
}

void
mend_rows_forget(struct mend_rows *m)
{
	mend_rows_release(m);
}

static bool
same_log(const struct mesh_position *a, const struct mesh_position *b)
{
	return a->lane == b->lane && a->epoch == b->epoch &&
	    key_equal(&a->origin, &b->origin);
}

/* One run from 1 on. */
static bool
is_whole(const struct holding_slot *slot)
{
	return slot->h.run_count == 1 && slot->h.runs[0].first == 1;
}

/* --- numbers that only others have --- */

static int
by_number(const void *a, const void *b)
{
	uint64_t x, y;
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

static void
read_plan(struct mend_plan *p, struct bytes_view differences)
{
	struct mesh_sketch_difference d;
	for (size_t at = 0; at + sizeof d <= differences.len; at += sizeof d) {
		memcpy(&d, differences.ptr + at, sizeof d);
		if (d.added && p->ours_count < MESH_SKETCH_CELLS)
			p->ours[p->ours_count++] = d.item.seq;
		else if (!d.added && p->lost_count < MESH_SKETCH_CELLS)
			p->lost[p->lost_count++] = d.item.seq;
	}
	qsort(p->lost, p->lost_count, sizeof *p->lost, by_number);
}

/* False: no room for a run more, or for one more finding. */
static bool
lose(struct mend_rows *m, struct holding_slot *slot, struct mesh_run lost)
{
	struct mesh_position at = m->plan->at;
	at.seq = lost.first;
	if (m->findings->count == FINDINGS ||
	    mesh_holding_lose(&slot->h, lost) != MESH_OK)
		return false;
	slot->dirty = true;
	return findings_add(m->findings, FOUND_MISSING, &at, lost.last);
}

/* True: some are on their way. */
static bool
lose_some(struct mend_rows *m, struct holding_slot *slot)
{
	struct mend_plan *p = m->plan;
	bool any = false;
	for (size_t runs = 0; runs < MEND_RUNS && p->lost_next < p->lost_count;
	     runs++) {
		struct mesh_run run = { p->lost[p->lost_next], p->lost[p->lost_next] };
		size_t next = p->lost_next + 1;
		while (next < p->lost_count && p->lost[next] == run.last + 1)
			run.last = p->lost[next++];
		if (slot->h.run_count == 0 ||
		    run.last > slot->h.runs[slot->h.run_count - 1].last ||
		    !lose(m, slot, run))
			break;
		p->lost_next = next;
		any = true;
	}
	return any;
}

/* --- rows that only we have --- */

static void
take_out(struct mend_rows *m, struct holding_slot *slot, uint64_t seq)
{
	struct mesh_run one = { seq, seq };
	log_each_in_range(m->log, slot, one, log_remove_row);
}

/* They go, if that makes it what its origin says; else all is as before. */
static void
remove_ours(struct mend_rows *m, struct holding_slot *slot)
{
	struct mesh_live live = slot->h.live;
	struct log_row row;
	for (size_t i = 0; i < m->plan->ours_count; i++) {
		sqlite3_stmt *st = statement_of(m->log->s, ST_RECORD_IN_RANGE);
		bind_i64(st, 1, log_number(m->log, slot));
		bind_i64(st, 2, (int64_t)m->plan->ours[i]);
		bind_i64(st, 3, (int64_t)m->plan->ours[i]);
		if (!log_take_row(m->log, st, &row) || !log_is_counted(&row))
			continue;
		log_live_remove(&live, &row);
	}
	if (!log_newest_checkpoint(m->log, slot, &row) || !drops_agree(&row.r, &live))
		return;
	for (size_t i = 0; i < m->plan->ours_count; i++)
		take_out(m, slot, m->plan->ours[i]);
}

static void
remove_stale(struct mend_rows *m, struct holding_slot *slot)
{
	for (struct log_row row;;) {
		sqlite3_stmt *st = statement_of(m->log->s, ST_RECORD_STALE);
		bind_i64(st, 1, log_number(m->log, slot));
		bind_i64(st, 2, m->plan->stale);
		if (!log_take_row(m->log, st, &row))
			return;
		if (row.r.at.lane == LANE_LIVE)
			log_delete_row(m->log, &row);
		else
			log_remove_row(m->log, slot, &row);
	}
}

/* --- both --- */

static void
begin_anew(struct mend_rows *m, struct holding_slot *slot)
{
	sqlite3_stmt *st = statement_of(m->log->s, ST_RECORD_LAST);
	m->plan->stale = statement_i64(m->log->s, st, 0);
	(void)lose(m, slot, (struct mesh_run){ 1, m->plan->at.seq });
}

enum mesh_err
mend_rows_begin(
    struct mend_rows *m, const struct mesh_position *at, struct bytes_view differences)
{
	struct holding_slot *slot = holding_rows_of(&m->log->holdings, at);
	if (slot->h.epoch != at->epoch || !is_whole(slot) ||
	    slot->h.runs[0].last != at->seq)
		return MESH_DENIED;
	mend_rows_release(m);
	m->plan = calloc(1, sizeof *m->plan);
	if (m->plan == NULL)
		return MESH_FULL;
	m->plan->at = *at;
	if (differences.len == 0) {
		begin_anew(m, slot);
		return MESH_OK;
	}
	read_plan(m->plan, differences);
	if (m->plan->lost_count == 0)
		log_look_again(m->log, slot);
	mend_rows_look(m, at);
	return MESH_OK;
}

static void
tell(struct mend_rows *m, struct holding_slot *slot, const struct mesh_position *at)
{
	struct mesh_position end = *at;
	end.seq = slot->h.runs[0].last;
	(void)findings_add(m->findings,
	    slot->compared == HOLDING_AGREES ? FOUND_SAME : FOUND_DIFFERS, &end,
	    end.seq);
	slot->compared = HOLDING_UNKNOWN;
}

void
mend_rows_look(struct mend_rows *m, const struct mesh_position *at)
{
	struct holding_slot *slot = holding_rows_of(&m->log->holdings, at);
	bool planned = m->plan != NULL && same_log(&m->plan->at, at);
	if (!is_whole(slot) || (planned && lose_some(m, slot)))
		return;
	if (planned && slot->compared == HOLDING_DIFFERS) {
		if (m->plan->stale != 0)
			remove_stale(m, slot);
		else
			remove_ours(m, slot);
		log_look_again(m->log, slot);
	}
	if (slot->compared != HOLDING_UNKNOWN)
		tell(m, slot, at);
	if (planned && m->plan->lost_next == m->plan->lost_count &&
	    slot->h.runs[0].last >= m->plan->at.seq)
		mend_rows_release(m);
}
