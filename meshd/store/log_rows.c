#include "log_rows.h"
#include "drops.h"
#include "id.h"
#include <stdlib.h>
#include <string.h>

enum { SEQ_BITS = 62 };

enum mesh_err
log_rows_init(struct log_rows *l, struct statements *s, struct views *views,
    struct faults *faults)
{
	memset(l, 0, sizeof *l);
	l->s = l->holdings.s = l->batches.s = s;
	l->views = views;
	l->faults = faults;
	l->scratch = malloc(CORES_ROOM);
	return l->scratch == NULL ? MESH_FULL : MESH_OK;
}

void
log_rows_release(struct log_rows *l)
{
	free(l->scratch);
	l->scratch = NULL;
}

void
log_rows_flush(struct log_rows *l)
{
	holding_rows_flush(&l->holdings);
	batch_rows_flush(&l->batches);
}

void
log_rows_forget(struct log_rows *l)
{
	holding_rows_forget(&l->holdings);
	batch_rows_forget(&l->batches);
}

/* --- rows --- */

/* Out of log, sum and views. */
void
log_remove_row(struct log_rows *l, struct holding_slot *slot, const struct log_row *row)
{
	if (slot != NULL && log_is_counted(row))
		log_count_out(l, slot, row);
	log_delete_row(l, row);
	views_unfold(l->views, &row->r, row->id);
}

void
log_each_in_range(struct log_rows *l, struct holding_slot *slot, struct mesh_run run,
    void (*visit)(struct log_rows *, struct holding_slot *, const struct log_row *))
{
	struct log_row row;
	while (run.first <= run.last) {
		sqlite3_stmt *st = statement_of(l->s, ST_RECORD_IN_RANGE);
		bind_i64(st, 1, log_number(l, slot));
		bind_i64(st, 2, (int64_t)run.first);
		bind_i64(st, 3, (int64_t)run.last);
		if (!log_take_row(l, st, &row))
			return;
		visit(l, slot, &row);
		run.first = row.seq + 1;
	}
}

/* --- keyed lanes --- */

static bool
next_of_type(struct log_rows *l, struct holding_slot *slot, uint16_t type,
    uint64_t after, struct log_row *out)
{
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_BY_TYPE);
	bind_i64(st, 1, log_number(l, slot));
	bind_i64(st, 2, type);
	bind_i64(st, 3, (int64_t)after);
	return log_take_row(l, st, out);
}

bool
log_newest_checkpoint(
    struct log_rows *l, struct holding_slot *slot, struct log_row *out)
{
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_NEWEST);
	bind_i64(st, 1, log_number(l, slot));
	bind_i64(st, 2, RECORD_CHECKPOINT);
	return log_take_row(l, st, out);
}

/* Most logs have none, and each PUT asks. */
static bool
has_drops(struct log_rows *l, struct holding_slot *slot)
{
	struct log_row row;
	if (slot->drops == DROPS_UNKNOWN)
		slot->drops = next_of_type(l, slot, RECORD_DROP, 0, &row) ? DROPS_SOME
									  : DROPS_NONE;
	return slot->drops == DROPS_SOME;
}

static bool
was_dropped(struct log_rows *l, struct holding_slot *slot, uint64_t seq)
{
	struct log_row row = { .seq = seq };
	while (has_drops(l, slot) && next_of_type(l, slot, RECORD_DROP, row.seq, &row))
		if (drops_cover(&row.r, seq))
			return true;
	return false;
}

/* No number below this one can arrive any more. */
static bool
is_complete(const struct holding_slot *slot, uint64_t seq)
{
	const struct mesh_run *run = slot->h.runs;
	return slot->h.run_count > 0 && run->first == 1 && run->last >= seq;
}

/* A dropped PUT still supersedes older ones of its key.  So while such a one may arrive
 * the row stays, dead, to tell that it is too late. */
static enum log_life
life_after_drop(const struct holding_slot *slot, uint64_t seq)
{
	return is_complete(slot, seq) ? LOG_GONE : LOG_DEAD;
}

static enum log_life
put_keyed(struct log_rows *l, struct holding_slot *slot, const struct mesh_record *r,
    struct bytes_view key)
{
	struct log_row older;
	bool dropped = was_dropped(l, slot, r->at.seq);
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_BY_KEY);
	bind_bytes(st, 1, key);
	bind_i64(st, 2, log_number(l, slot));
	bind_i64(st, 3, r->at.lane);
	bool found = log_take_row(l, st, &older);
	if (found && older.seq > r->at.seq)
		return LOG_GONE;
	if (found && dropped) {
		log_remove_row(l, slot, &older);
	} else if (found) { /* its view row is about to be folded over */
		if (log_is_counted(&older))
			log_count_out(l, slot, &older);
		log_delete_row(l, &older);
	}
	if (dropped)
		return life_after_drop(slot, r->at.seq);
	log_count_in(l, slot, r, l->leaf);
	return LOG_LIVE;
}

static void
set_dead(struct log_rows *l, const struct log_row *row, enum log_life life)
{
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_SET_DEAD);
	bind_i64(st, 1, row->id);
	bind_i64(st, 2, life == LOG_DEAD);
	statement_run(l->s, st);
}

static void
drop_row(struct log_rows *l, struct holding_slot *slot, const struct log_row *row)
{
	if (!log_is_keyed_put(&row->r) || row->dead)
		return;
	if (life_after_drop(slot, row->seq) == LOG_GONE) {
		log_remove_row(l, slot, row);
		return;
	}
	log_count_out(l, slot, row);
	set_dead(l, row, LOG_DEAD);
	views_unfold(l->views, &row->r, row->id);
}

static enum log_life
put_drop(struct log_rows *l, struct holding_slot *slot, const struct mesh_record *r)
{
	struct mesh_run runs[DROPS_RUNS];
	size_t count = drops_runs(r, runs);
	slot->drops = DROPS_SOME;
	for (size_t i = 0; i < count; i++)
		log_each_in_range(l, slot, runs[i], drop_row);
	struct log_row checkpoint;
	if (log_newest_checkpoint(l, slot, &checkpoint) &&
	    r->at.seq < drops_floor(&checkpoint.r))
		return LOG_DEAD;
	log_count_in(l, slot, r, l->leaf);
	return LOG_LIVE;
}

static void
count_again(struct log_rows *l, struct holding_slot *slot, const struct log_row *row,
    enum log_life life)
{
	uint8_t leaf[32];
	log_leaf(row, leaf);
	if (life == LOG_DEAD)
		log_count_out(l, slot, row);
	else
		log_count_in(l, slot, &row->r, leaf);
}

/* tomb_floor moved: DROPs below it leave the live set, and come back should an origin
 * lower it.  Their rows stay while a PUT that they kill may still arrive. */
static void
apply_floor(struct log_rows *l, struct holding_slot *slot, uint64_t floor)
{
	struct log_row row = { .seq = 0 };
	while (
	    has_drops(l, slot) && next_of_type(l, slot, RECORD_DROP, row.seq, &row)) {
		enum log_life life = row.seq < floor ? LOG_DEAD : LOG_LIVE;
		if (life == (row.dead ? LOG_DEAD : LOG_LIVE))
			continue;
		count_again(l, slot, &row, life);
		set_dead(l, &row, life);
	}
}

static void
delete_dead(struct log_rows *l, struct holding_slot *slot, uint64_t below)
{
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_DELETE_DEAD);
	bind_i64(st, 1, log_number(l, slot));
	bind_i64(st, 2, (int64_t)below);
	log_delete_rows(l, st);
}

/* The new epoch is complete as its origin has it: what the former ones said is over. */
static void
remove_older_epochs(struct log_rows *l, const struct mesh_holding *h)
{
	for (;;) {
		sqlite3_stmt *st = statement_of(l->s, ST_RECORD_OF_OLDER);
		bind_key(st, 1, &h->origin);
		bind_i64(st, 2, h->lane);
		bind_i64(st, 3, (int64_t)h->epoch);
		struct log_row row;
		if (!log_take_row(l, st, &row))
			return;
		log_remove_row(l, NULL, &row);
	}
}

static enum log_life
put_checkpoint(
    struct log_rows *l, struct holding_slot *slot, const struct mesh_record *r)
{
	struct log_row older;
	if (log_newest_checkpoint(l, slot, &older)) {
		if (older.seq > r->at.seq)
			return LOG_GONE;
		log_delete_row(l, &older);
	}
	bool complete = is_complete(slot, r->at.seq) && slot->h.run_count == 1;
	/* What came before it and stands behind it may have replaced what it counts. */
	bool compares = complete && slot->h.runs[0].last == r->at.seq;
	/* Whoever raises the floor counts what it ends for the last time. */
	bool agrees = drops_agree(r, &slot->h.live);
	apply_floor(l, slot, drops_floor(r));
	agrees = agrees || drops_agree(r, &slot->h.live);
	if (compares)
		slot->compared = agrees ? HOLDING_AGREES : HOLDING_DIFFERS;
	if (compares && agrees)
		remove_older_epochs(l, &slot->h);
	if (complete)
		delete_dead(l, slot, r->at.seq);
	return LOG_LIVE;
}

/* --- one record --- */

/* Who heard a node is kept folded and cannot be taken out of it: fold again at the next
 * start.  Rare: the origin must have lost its disk's last seconds. */
static void
void_row(struct log_rows *l, struct holding_slot *slot, const struct log_row *row)
{
	log_remove_row(l, slot, row);
	if (row->r.at.lane == LANE_PACKET)
		view_spoil(l->views, VIEW_NODE);
}

static enum log_life
life_of(struct log_rows *l, struct holding_slot *slot, const struct mesh_record *r,
    struct bytes_view *subject)
{
	if (!mesh_lane_is_keyed(r->at.lane))
		return LOG_LIVE;
	if (r->type == RECORD_DROP)
		return put_drop(l, slot, r);
	if (r->type == RECORD_CHECKPOINT)
		return put_checkpoint(l, slot, r);
	if (mesh_record_key(r, subject))
		return put_keyed(l, slot, r, *subject);
	*subject = (struct bytes_view){ NULL, 0 };
	log_count_in(l, slot, r, l->leaf);
	return LOG_LIVE;
}

static void
put_new(struct log_rows *l, struct holding_slot *slot, const struct mesh_record *r)
{
	struct bytes_view subject = { NULL, 0 };
	mesh_record_leaf(r, l->leaf);
	enum log_life life = life_of(l, slot, r, &subject);
	if (life == LOG_GONE) {
		faults_count(l->faults, COUNT_DEAD);
		return;
	}
	struct bytes_view seen = views_look(l->views, r);
	if (!mesh_lane_is_keyed(r->at.lane))
		subject = seen;
	int64_t row = log_put_row(l, slot, r, life, subject);
	if (life == LOG_LIVE && log_part_kept(l, r) != REPLICA_KEY)
		views_fold(l->views, r, row);
	faults_count(l->faults, COUNT_STORED);
}

/* `slot` as it is after r, or why not; nothing is changed unless MESH_OK. */
static enum mesh_err
take_number(
    struct holding_slot *slot, const struct mesh_record *r, struct mesh_run *voided)
{
	struct mesh_holding next = slot->h;
	*voided = (struct mesh_run){ 1, 0 };
	enum mesh_err err = mesh_holding_put(&next, r, voided);
	if (err != MESH_OK)
		return err;
	if (next.epoch != slot->h.epoch) {
		next.live = (struct mesh_live){ .count = 0 };
		slot->log = 0;
		slot->bare = slot->bare_end = 0;
		slot->drops = DROPS_UNKNOWN;
		slot->forgotten = 0;
	}
	slot->h = next;
	slot->dirty = true;
	return MESH_OK;
}

static enum mesh_err
check(const struct mesh_record *r)
{
	bool fits = r->at.lane > LANE_LIVE && r->at.lane < LANE_COUNT &&
	    r->at.seq > 0 && r->at.seq >> SEQ_BITS == 0 && r->at.epoch <= INT64_MAX &&
	    r->proof.len > 0 && r->proof.len <= CORES_ROOM;
	return fits ? MESH_OK : MESH_MALFORMED;
}

/* A checkpoint may come first: with the last of what lies below it, it holds. */
void
log_look_again(struct log_rows *l, struct holding_slot *slot)
{
	struct log_row newest;
	if (!mesh_lane_is_keyed(slot->h.lane) || slot->h.run_count != 1 ||
	    slot->h.runs[0].first != 1 || !log_newest_checkpoint(l, slot, &newest) ||
	    slot->h.runs[0].last != newest.seq)
		return;
	if (!drops_agree(&newest.r, &slot->h.live)) {
		/* Else its floor may have taken out what it counts. */
		if (drops_settled(&newest.r))
			slot->compared = HOLDING_DIFFERS;
		return;
	}
	slot->compared = HOLDING_AGREES;
	remove_older_epochs(l, &slot->h);
	delete_dead(l, slot, newest.seq);
}

/* Its number was lost, its row was not?  Records come in order, or in a few pieces side
 * by side that do: one look tells for all that follow. */
static bool
has_row(struct log_rows *l, struct holding_slot *slot, uint64_t seq)
{
	if (seq >= slot->bare && seq < slot->bare_end)
		return false;
	sqlite3_stmt *st = statement_of(l->s, ST_RECORD_FROM);
	bind_i64(st, 1, log_number(l, slot));
	bind_i64(st, 2, (int64_t)seq);
	slot->bare = seq;
	slot->bare_end = (uint64_t)statement_i64(l->s, st, (int64_t)seq);
	return slot->bare_end == seq;
}

static enum mesh_err
put(struct log_rows *l, struct holding_slot *slot, const struct mesh_record *r)
{
	struct mesh_run voided;
	if (r->at.epoch < slot->h.epoch) {
		faults_count(l->faults, COUNT_REFUSED);
		return MESH_DENIED;
	}
	if (r->at.epoch == slot->h.epoch && holding_rows_has(&slot->h, r->at.seq)) {
		faults_count(l->faults, COUNT_DUPLICATE);
		return MESH_OK;
	}
	enum mesh_err err = take_number(slot, r, &voided);
	if (err != MESH_OK) {
		faults_count(l->faults, err == MESH_FULL ? COUNT_GAP : COUNT_REFUSED);
		return err;
	}
	log_each_in_range(l, slot, voided, void_row);
	if (mesh_lane_is_keyed(r->at.lane) && has_row(l, slot, r->at.seq))
		log_each_in_range(
		    l, slot, (struct mesh_run){ r->at.seq, r->at.seq }, log_remove_row);
	put_new(l, slot, r);
	if (slot->h.runs[0].last != r->at.seq) /* it came out of order */
		log_look_again(l, slot);
	return MESH_OK;
}

void
log_rows_put(struct log_rows *l, const struct mesh_record *r, struct store_outcome *out)
{
	out->err = check(r);
	if (out->err != MESH_OK) {
		faults_count(l->faults, COUNT_REFUSED);
		return;
	}
	struct holding_slot *slot = holding_rows_of(&l->holdings, &r->at);
	out->err = put(l, slot, r);
	out->has_live = out->err == MESH_OK && mesh_lane_is_keyed(r->at.lane);
	if (out->has_live)
		out->live = slot->h.live;
}

void
log_rows_settle(
    struct log_rows *l, const struct mesh_record *r, struct store_outcome *out)
{
	struct holding_slot *slot = holding_rows_of(&l->holdings, &r->at);
	struct mesh_run none;
	bool same = r->at.epoch == slot->h.epoch;
	out->err = same ? take_number(slot, r, &none) : MESH_DENIED;
	out->has_live = out->err == MESH_OK && mesh_lane_is_keyed(r->at.lane);
	if (out->err == MESH_OK)
		log_look_again(l, slot);
	out->live = slot->h.live;
}

bool
log_rows_delete(struct log_rows *l, sqlite3_stmt *st)
{
	struct log_row row;
	if (!log_take_row(l, st, &row))
		return false;
	log_remove_row(l, NULL, &row);
	return true;
}

bool
log_rows_retire(struct log_rows *l, sqlite3_stmt *st)
{
	struct log_row row;
	if (!log_take_row(l, st, &row))
		return false;
	struct mesh_position at = row.r.at;
	log_remove_row(l, NULL, &row);
	if (at.lane == LANE_LIVE) /* nobody knows of which log */
		return true;
	struct holding_slot *slot = holding_rows_of(&l->holdings, &at);
	if (slot->h.epoch != at.epoch || at.seq <= slot->forgotten)
		return true;
	slot->forgotten = at.seq;
	slot->dirty = slot->dirty || slot->h.run_count > 0;
	return true;
}
