#include "verify_rows.h"
#include "id.h"
#include <string.h>

/* --- which log --- */

static void
close_log(struct verify_rows *v)
{
	v->open = false;
	v->log->watched = (struct mesh_position){ .lane = LANE_LIVE };
}

static void
begin(struct verify_rows *v, const struct mesh_position *at)
{
	uint64_t epoch = holding_rows_of(&v->log->holdings, at)->h.epoch;
	v->open = true;
	v->last = v->unreadable = 0;
	v->log->watched = *at;
	v->log->watched.seq = 0;
	v->log->watched.epoch = epoch;
	v->log->watched_live = (struct mesh_live){ .count = 0 };
	v->log->watched_lost = (struct mesh_holding){ .epoch = epoch };
}

static bool
next_log(struct verify_rows *v)
{
	struct mesh_position at = { .lane = LANE_LIVE };
	v->aside = v->first.lane != LANE_LIVE;
	if (v->aside) {
		begin(v, &v->first);
		v->first = at;
		return true;
	}
	sqlite3_stmt *st = statement_of(v->log->s, ST_HOLDING_NEXT);
	bind_key(st, 1, &v->origin);
	bind_i64(st, 2, v->lane);
	v->open = statement_row(v->log->s, st);
	if (v->open) {
		column_key(st, 0, &at.origin);
		at.lane = (enum mesh_lane)column_i64(st, 1);
	}
	statement_end(st);
	v->origin = at.origin;
	v->lane = at.lane;
	if (v->open)
		begin(v, &at);
	return v->open;
}

void
verify_rows_first(struct verify_rows *v, const struct mesh_position *at)
{
	if (v->first.lane != LANE_LIVE || (v->open && v->aside))
		return;
	v->first = *at;
	if (!v->open)
		return;
	close_log(v);
	v->lane = (enum mesh_lane)(v->lane - 1); /* it is begun anew */
}

void
verify_rows_forget(struct verify_rows *v)
{
	close_log(v); /* the one after it is next; this one in the next round */
	verify_views_forget(&v->views, v->log);
}

/* --- what is wrong --- */

static bool
is_held(const struct holding_slot *slot, struct mesh_run run)
{
	for (uint32_t i = 0; i < slot->h.run_count; i++)
		if (run.first >= slot->h.runs[i].first &&
		    run.last <= slot->h.runs[i].last)
			return true;
	return false;
}

/* They are asked for again. */
static void
lose(struct verify_rows *v, struct holding_slot *slot, struct mesh_run lost,
    enum store_found what)
{
	struct mesh_position at = v->log->watched;
	at.seq = lost.first;
	if (!is_held(slot, lost) || mesh_holding_lose(&slot->h, lost) != MESH_OK)
		return;
	slot->dirty = true;
	(void)findings_add(v->findings, what, &at, lost.last);
}

struct columns { /* of a row, beside its record */
	int64_t lane, type;
	struct bytes_out subject;
	uint8_t room[64];
};

static bool
is_as_signed(
    const struct verify_rows *v, const struct log_row *row, const struct columns *c)
{
	struct bytes_view key;
	const struct mesh_record *r = &row->r;
	const struct mesh_position *at = &v->log->watched;
	if (r->at.lane != at->lane || r->at.seq != row->seq ||
	    r->at.epoch != at->epoch || c->lane != (int64_t)r->at.lane ||
	    c->type != r->type || !key_equal(&r->at.origin, &at->origin))
		return false;
	if (mesh_record_key(r, &key) && !bytes_equal(key, bytes_written(&c->subject)))
		return false;
	return !row->whole || mesh_record_verify(r, v->netid);
}

/* More is here than is to be kept: it was another setting once. */
static void
cut(struct verify_rows *v, const struct log_row *row)
{
	if (v->log->self == NULL || v->log->watched.lane != LANE_REGISTRY ||
	    row->vector == CORES_KEY || row->r.type != RECORD_PUT)
		return;
	(void)views_look(v->log->views, &row->r);
	enum replica_part kept = log_part_kept(v->log, &row->r);
	if (kept == REPLICA_KEY || (kept == REPLICA_INDEX && row->whole))
		log_cut_row(v->log, row, kept);
}

/* In time lanes what stands between two rows, is not void and was not forgotten was
 * lost. */
static void
look_between(
    struct verify_rows *v, struct holding_slot *slot, const struct mesh_record *r)
{
	uint64_t known = v->last > slot->forgotten ? v->last : slot->forgotten;
	struct mesh_run gap = { known + 1, r->at.seq - r->back };
	if (!mesh_lane_is_keyed(r->at.lane) && v->last > 0 && r->back < r->at.seq &&
	    gap.first <= gap.last)
		lose(v, slot, gap, FOUND_MISSING);
}

/* What it was is not known, so the sum keeps it until the end, or until it comes again.
 */
static void
note_lost(struct verify_rows *v, uint64_t seq)
{
	struct mesh_record r = { .at = v->log->watched, .back = 1 };
	r.at.seq = seq;
	v->unreadable++;
	(void)(mesh_holding_put(&v->log->watched_lost, &r, NULL) == MESH_OK);
}

static uint64_t
count_lost(const struct mesh_holding *lost)
{
	uint64_t count = 0;
	for (uint32_t i = 0; i < lost->run_count; i++)
		count += lost->runs[i].last - lost->runs[i].first + 1;
	return count;
}

static void
look_at(struct verify_rows *v, struct holding_slot *slot, const struct log_row *row,
    const struct columns *c)
{
	uint8_t leaf[32];
	v->log->watched.seq = row->seq;
	if (!is_as_signed(v, row, c)) {
		log_delete_row(v->log, row);
		if (!row->dead && c->type < RECORD_CHECKPOINT)
			note_lost(v, row->seq);
		lose(
		    v, slot, (struct mesh_run){ row->seq, row->seq }, FOUND_UNREADABLE);
		return;
	}
	look_between(v, slot, &row->r);
	v->last = row->seq;
	if (log_is_counted(row)) {
		log_leaf(row, leaf);
		log_live_add(&v->log->watched_live, &row->r, leaf);
	}
	cut(v, row);
}

/* False: no row is left. */
static bool
look_at_next(struct verify_rows *v, struct holding_slot *slot)
{
	struct log_row row;
	struct columns c;
	sqlite3_stmt *st = statement_of(v->log->s, ST_RECORD_NEXT);
	bind_i64(st, 1, log_number(v->log, slot));
	bind_i64(st, 2, (int64_t)v->log->watched.seq);
	bool found = statement_row(v->log->s, st);
	if (found) {
		c.lane = column_i64(st, 6);
		c.type = column_i64(st, 7);
		c.subject = bytes_out(c.room, sizeof c.room);
		bytes_put_view(&c.subject, column_bytes(st, 8));
		log_copy_row(v->log, st, LOG_PROVED, &row);
	}
	statement_end(st);
	if (found)
		look_at(v, slot, &row, &c);
	return found;
}

/* The rows are what counts; that others are lost, too, is told unless those that did
 * not read back explain it. */
static void
end(struct verify_rows *v, struct holding_slot *slot)
{
	struct mesh_position at = v->log->watched;
	const struct mesh_live *live = &v->log->watched_live;
	close_log(v);
	if (!mesh_lane_is_keyed(at.lane))
		return;
	if (live->count == slot->h.live.count &&
	    memcmp(live->sum, slot->h.live.sum, sizeof live->sum) == 0) {
		slot->dirty = slot->dirty || live->weight != slot->h.live.weight;
		slot->h.live.weight = live->weight; /* an older file had none */
		return;
	}
	uint64_t lost = count_lost(&v->log->watched_lost);
	bool others = lost == 0 || live->count + lost != slot->h.live.count;
	slot->h.live = *live;
	slot->dirty = true;
	if (!others || slot->h.run_count == 0)
		return;
	at.seq = slot->h.runs[slot->h.run_count - 1].last;
	(void)findings_add(v->findings, FOUND_LOST, &at, at.seq);
}

bool
verify_rows_step(struct verify_rows *v)
{
	if (!v->open && v->views.open && v->first.lane == LANE_LIVE)
		return verify_views_step(&v->views, v->log, v->findings);
	if (!v->open && !next_log(v)) {
		verify_views_begin(&v->views);
		return true;
	}
	struct holding_slot *slot = holding_rows_of(
	    &v->log->holdings, &v->log->watched);
	if (slot->h.epoch != v->log->watched.epoch) {
		close_log(v);
		return true;
	}
	/* A sum that is known to be wrong is put right soon. */
	for (int i = 0; i < (v->unreadable > 0 ? VERIFY_DAMAGED : VERIFY_STEP); i++) {
		if (v->findings->count + 2 > FINDINGS ||
		    slot->h.run_count > VERIFY_RUNS)
			return true; /* those come first */
		if (!look_at_next(v, slot)) {
			end(v, slot);
			return true;
		}
	}
	return true;
}
