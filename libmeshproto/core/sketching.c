#include "inside_events.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "meshsketch.h"
#include "wire.h"

/* PROTOCOL.md 9: a lane that is not what its origin's checkpoint says is compared with
 * neighbours.  Cells are made and read where the records lie; here is said between
 * whom. asker: compared -> SKETCH ... CELLS -> MESH_CELLS -> _sketched -> SKETCH ... ;
 * other: SKETCH -> MESH_SKETCH -> _cells -> CELLS. */

enum {
	AROUND = 32,         /* bytes of a CELLS beside its cells */
	SERVE_MS = 20 * 1000 /* for the store to make them */
};
enum work { WORK_WANTED, WORK_CAME }; /* a ticket's index */

static struct handle
handle_of(const struct mesh_site *s, const struct neighbour *n)
{
	return peers_at(&s->peers, n->peer)->neighbour;
}

/* --- the asker --- */

static void
ask(struct mesh_site *s, struct backstop_lane *lane)
{
	struct neighbour *n = pool_at(&s->neighbours, lane->neighbour);
	uint8_t bytes[96];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct frame_scope scope = { .oid = bytes_view(
					 lane->log.oid, sizeof lane->log.oid),
		.epoch = lane->log.epoch,
		.lane = (uint8_t)lane->log.lane,
		.high = lane->high };
	struct frame_sketch sketch = { .ticket = lane->ticket,
		.scopes = { &scope, 1 },
		.first = lane->first,
		.count = (uint16_t)(lane->want - lane->first) };
	lane->due_ms = s->now.ms + BACKSTOP_ANSWER_MS;
	if (n == NULL ||
	    wire_encode_numbered(&frame_sketch_table, FRAME_SKETCH, &sketch, &out) !=
		MESH_OK)
		return;
	inside_count(s, COUNT_SYNC_SKETCH);
	(void)sync_send(s, n, PARCEL_P2, PARCEL_PLAIN, bytes_written(&out));
}

static bool
may_be_asked(const struct mesh_site *s, const struct neighbour *n)
{
	return n->silent_ms == MESH_NEVER && !n->left && n->closing == 0 &&
	    peering_is_open(s, n) && peering_can(s, n, FEATURE_SKETCHES);
}

/* Who has the same digest has the same ends. */
static struct neighbour *
choose(struct mesh_site *s, const struct backstop_lane *lane, uint32_t *slot)
{
	struct neighbour *n, *any = NULL;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		if (!may_be_asked(s, n) || (lane->asked >> i & 1) != 0)
			continue;
		bool even = exchange_is_even(&n->exchange, &s->holdings.digest);
		if (any == NULL || even) {
			any = n;
			*slot = i;
		}
		if (even)
			break;
	}
	return any;
}

/* One run from 1 on: all that its origin has said up to there.  0: it is not. */
static uint64_t
end_of_whole(const struct mesh_site *s, const struct holdings_log *log)
{
	const struct holdings_row *row = holdings_of(&s->holdings, log->oid);
	struct mesh_run runs[MESH_RUNS];
	if (row == NULL || row->epoch != log->epoch ||
	    holdings_runs(&s->holdings, row, log->lane, runs) != 1)
		return 0;
	return runs[0].first == 1 ? runs[0].last : 0;
}

static void
begin(struct mesh_site *s, struct backstop_lane *lane)
{
	uint64_t high = end_of_whole(s, &lane->log);
	uint32_t slot = 0;
	struct neighbour *n = choose(s, lane, &slot);
	if (high > MESH_SKETCH_SEQ_MAX) {
		backstop_drop(&s->backstop, lane);
	} else if (high == 0) {
		lane->due_ms = s->now.ms + BACKSTOP_LOOK_MS;
	} else if (n == NULL) {
		backstop_nobody(lane, s->now.ms);
	} else {
		backstop_begin(&s->backstop, lane, handle_of(s, n), slot, high);
		ask(s, lane);
	}
}

bool
sketching_is_whole(struct mesh_site *s, enum mesh_lane lane)
{
	struct holdings_log log = { .lane = lane, .epoch = s->own.epoch };
	memcpy(log.oid, s->oid, sizeof log.oid);
	const struct backstop_lane *l = backstop_find(&s->backstop, &log);
	return l == NULL || l->state == BACKSTOP_PEACE;
}

/* The oldest epoch's damage is of no interest: nothing of it is shown for long. */
static bool
is_current(const struct mesh_site *s, const struct holdings_log *log)
{
	const struct holdings_row *row = holdings_of(&s->holdings, log->oid);
	return row != NULL && row->epoch == log->epoch;
}

void
mesh_site_compared(struct mesh_site *site, const struct mesh_position *at,
    enum mesh_compared how, struct mesh_now now)
{
	struct holdings_log log = { .lane = at->lane, .epoch = at->epoch };
	inside_enter(site, now);
	holdings_oid(&at->origin, log.oid);
	if (how != COMPARED_LOST)
		inside_count(site,
		    how == COMPARED_SAME ? COUNT_SYNC_CHECKPOINT_OK
					 : COUNT_SYNC_CHECKPOINT_BAD);
	struct backstop_lane *lane = backstop_find(&site->backstop, &log);
	if (how == COMPARED_SAME && lane != NULL)
		backstop_drop(&site->backstop, lane);
	else if (how != COMPARED_SAME && is_current(site, &log))
		(void)backstop_note(
		    &site->backstop, &log, how == COMPARED_DIFFERS, site->now.ms);
}

static bool
is_free(const struct sketch_work *w)
{
	return w->cells_len == 0;
}

enum apply_verdict
sketching_on_cells(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_cells cells;
	if (wire_decode_numbered(&frame_cells_table, in->frame->bytes, &cells, NULL) !=
		MESH_OK ||
	    cells.cells.len % MESH_SKETCH_CELL != 0)
		return APPLY_BAD;
	struct backstop_lane *lane = backstop_of(&s->backstop, cells.ticket);
	struct handle from = handle_of(s, in->n);
	if (lane == NULL || lane->neighbour.index != from.index ||
	    lane->neighbour.generation != from.generation)
		return APPLY_DONE; /* asked for no more */
	struct sketch_work *w = &s->sketching;
	if (cells.cells.len == 0) {
		backstop_end(lane, BACKSTOP_UNSAID, s->now.ms);
		return APPLY_DONE;
	}
	if (cells.first + cells.cells.len / MESH_SKETCH_CELL > lane->want)
		return APPLY_BAD;
	if (!is_free(w))
		return APPLY_PENDING; /* its reader takes them one by one */
	memcpy(w->cells, cells.cells.ptr, cells.cells.len);
	w->cells_len = (uint16_t)cells.cells.len;
	w->cells_first = cells.first;
	lane->due_ms = s->now.ms + BACKSTOP_ANSWER_MS;
	lane->tries = 0;
	return APPLY_DONE;
}

/* What it said cannot be: no two sets of records differ like that. */
static void
blame(struct mesh_site *s, const struct backstop_lane *lane)
{
	const struct neighbour *n = pool_at(&s->neighbours, lane->neighbour);
	if (n != NULL)
		peering_blame(s, n->peer);
}

void
mesh_site_sketched(struct mesh_site *site, uint64_t ticket, enum mesh_sketched how,
    uint32_t want, struct mesh_now now)
{
	static const enum backstop_end ends[] = { [SKETCHED_SAME] = BACKSTOP_SAME,
		[SKETCHED_MENDED] = BACKSTOP_MENDED,
		[SKETCHED_MOVED] = BACKSTOP_UNSAID,
		[SKETCHED_TOO_MANY] = BACKSTOP_FAILED,
		[SKETCHED_WRONG] = BACKSTOP_FAILED };
	inside_enter(site, now);
	struct handle what;
	struct backstop_lane *lane = NULL;
	if (events_sketch(ticket, &what) && what.index == WORK_CAME)
		lane = backstop_of(&site->backstop, (uint16_t)what.generation);
	if (lane == NULL)
		return;
	if (how == SKETCHED_WRONG)
		blame(site, lane);
	if (how != SKETCHED_MORE) {
		backstop_end(lane, ends[how], site->now.ms);
	} else if (want > lane->want && want <= MESH_SKETCH_CELLS) {
		lane->first = lane->want;
		lane->want = (uint16_t)want;
		ask(site, lane);
	}
}

/* --- numbers that are not held any more --- */

static struct neighbour *
whom_to_ask(struct mesh_site *s, const struct holdings_log *log)
{
	const struct backstop_lane *lane = backstop_find(&s->backstop, log);
	struct backstop_lane nobody = { .asked = 0 };
	struct neighbour *n;
	uint32_t slot;
	/* A comparison that helped: he has them.  Else somebody who was not asked. */
	if (lane != NULL && lane->state != BACKSTOP_PEACE &&
	    (n = pool_at(&s->neighbours, lane->neighbour)) != NULL &&
	    may_be_asked(s, n))
		return n;
	n = choose(s, lane != NULL ? lane : &nobody, &slot);
	return n != NULL ? n : choose(s, &nobody, &slot);
}

static uint64_t
end_of_all(const struct mesh_site *s, const struct holdings_log *log)
{
	const struct holdings_row *row = holdings_of(&s->holdings, log->oid);
	struct mesh_run runs[MESH_RUNS];
	size_t count = row != NULL && row->epoch == log->epoch
	    ? holdings_runs(&s->holdings, row, log->lane, runs)
	    : 0;
	return count > 0 ? runs[count - 1].last : 0;
}

void
mesh_site_unheld(struct mesh_site *site, const struct mesh_position *at, uint64_t last,
    struct mesh_now now)
{
	struct holdings_log log = { .lane = at->lane, .epoch = at->epoch };
	struct mesh_run run = { at->seq, last };
	inside_enter(site, now);
	holdings_oid(&at->origin, log.oid);
	uint64_t end = end_of_all(site, &log);
	if (!holdings_unhold(&site->holdings, &log, run))
		return;
	struct neighbour *n = whom_to_ask(site, &log);
	if (n != NULL)
		(void)repair_ask(site, n, &log, run, end); /* else a hole like others */
}

/* --- the other side --- */

static void
send_cells(struct mesh_site *s, struct neighbour *n, uint16_t ticket, uint32_t first,
    struct bytes_view cells)
{
	uint8_t bytes[PARCEL_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct frame_cells frame = { ticket, (uint16_t)first, cells };
	if (wire_encode_numbered(&frame_cells_table, FRAME_CELLS, &frame, &out) ==
	    MESH_OK)
		(void)sync_send(s, n, PARCEL_P3, PARCEL_ACKED, bytes_written(&out));
}

/* Each log is here, up to the same number and without a gap. */
static bool
is_here(const struct mesh_site *s, const struct frame_scope *scope)
{
	struct holdings_log log = { .lane = (enum mesh_lane)scope->lane,
		.epoch = scope->epoch };
	memcpy(log.oid, scope->oid.ptr, sizeof log.oid);
	return mesh_lane_is_keyed(log.lane) &&
	    !holdings_hides(&s->holdings, log.oid, log.lane) && scope->high > 0 &&
	    scope->high <= MESH_SKETCH_SEQ_MAX && end_of_whole(s, &log) == scope->high;
}

/* A log that is named twice would be read twice. */
static bool
are_different(const struct frame_sketch *sketch)
{
	const struct frame_scope *scopes = sketch->scopes.items;
	for (size_t i = 1; i < sketch->scopes.count; i++)
		for (size_t k = 0; k < i; k++)
			if (scopes[i].lane == scopes[k].lane &&
			    bytes_equal(scopes[i].oid, scopes[k].oid))
				return false;
	return true;
}

static bool
take_scopes(struct mesh_site *s, const struct frame_sketch *sketch)
{
	const struct frame_scope *scopes = sketch->scopes.items;
	struct sketch_work *w = &s->sketching;
	for (size_t i = 0; i < sketch->scopes.count; i++) {
		if (!is_here(s, &scopes[i]))
			return false;
		struct sketch_scope *to = &w->scopes[i];
		memcpy(to->oid, scopes[i].oid.ptr, sizeof to->oid);
		to->epoch = scopes[i].epoch;
		to->high = scopes[i].high;
		to->lane = scopes[i].lane;
	}
	w->scope_count = (uint16_t)sketch->scopes.count;
	return true;
}

enum apply_verdict
sketching_on_sketch(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_sketch sketch;
	struct sketch_work *w = &s->sketching;
	uint64_t block[SKETCH_SCOPES_MAX * sizeof(struct frame_scope) / 8 + 8];
	struct arena lists = arena_init(block, sizeof block);
	if (wire_decode_numbered(
		&frame_sketch_table, in->frame->bytes, &sketch, &lists) != MESH_OK ||
	    sketch.first + sketch.count > MESH_SKETCH_CELLS || !are_different(&sketch))
		return APPLY_BAD;
	if (w->state != SKETCH_FREE)
		return APPLY_DONE; /* one at a time; it asks again */
	if (!take_scopes(s, &sketch)) {
		send_cells(s, in->n, sketch.ticket, 0, bytes_view(NULL, 0));
		return APPLY_DONE;
	}
	w->state = SKETCH_WAITS;
	w->generation++;
	w->neighbour = handle_of(s, in->n);
	w->ticket = sketch.ticket;
	w->first = sketch.first;
	w->count = sketch.count;
	w->due_ms = s->now.ms + SERVE_MS;
	return APPLY_DONE;
}

static bool
is_wanted(const struct mesh_site *s, uint64_t ticket)
{
	struct handle what;
	return events_sketch(ticket, &what) && what.index == WORK_WANTED &&
	    s->sketching.state == SKETCH_OPEN &&
	    what.generation == s->sketching.generation;
}

bool
mesh_site_scope(const struct mesh_site *site, uint64_t ticket, size_t index,
    struct mesh_position *out)
{
	const struct sketch_work *w = &site->sketching;
	if (!is_wanted(site, ticket) || index >= w->scope_count)
		return false;
	const struct sketch_scope *scope = &w->scopes[index];
	const struct holdings_row *row = holdings_of(&site->holdings, scope->oid);
	if (row == NULL)
		return false;
	*out = (struct mesh_position){ row->origin, scope->epoch, scope->high,
		(enum mesh_lane)scope->lane };
	return true;
}

void
mesh_site_cells(struct mesh_site *site, uint64_t ticket, struct bytes_view cells,
    struct mesh_now now)
{
	inside_enter(site, now);
	struct sketch_work *w = &site->sketching;
	if (!is_wanted(site, ticket))
		return;
	struct neighbour *n = pool_at(&site->neighbours, w->neighbour);
	w->state = SKETCH_FREE;
	if (n == NULL)
		return;
	size_t each = (spread_limit_of(site, n) - AROUND) / MESH_SKETCH_CELL *
	    MESH_SKETCH_CELL;
	if (each > CELLS_BYTES_MAX)
		each = CELLS_BYTES_MAX;
	if (cells.len != (size_t)w->count * MESH_SKETCH_CELL)
		cells.len = 0;
	size_t at = 0;
	do {
		size_t len = cells.len - at < each ? cells.len - at : each;
		send_cells(site, n, w->ticket,
		    w->first + (uint32_t)(at / MESH_SKETCH_CELL),
		    bytes_view(cells.ptr + at, len));
		at += len;
	} while (at < cells.len);
}

/* --- events --- */

static bool
next_wanted(struct mesh_site *s, struct mesh_event *out, struct handle *what)
{
	struct sketch_work *w = &s->sketching;
	if (w->state != SKETCH_WAITS)
		return false;
	w->state = SKETCH_OPEN;
	out->kind = MESH_SKETCH;
	out->to = w->first;
	out->max_bytes = w->count;
	*what = (struct handle){ WORK_WANTED, w->generation };
	return true;
}

static void
show_lane(
    const struct mesh_site *s, const struct backstop_lane *l, struct mesh_event *out)
{
	const struct holdings_row *row = holdings_of(&s->holdings, l->log.oid);
	out->record.at = (struct mesh_position){ row->origin, l->log.epoch, l->high,
		l->log.lane };
}

static bool
next_cells(struct mesh_site *s, struct mesh_event *out, struct handle *what)
{
	struct sketch_work *w = &s->sketching;
	const struct backstop_lane *lane = backstop_active(&s->backstop);
	if (is_free(w))
		return false;
	out->body = bytes_view(w->cells, w->cells_len);
	w->cells_len = 0;
	if (lane == NULL || !is_current(s, &lane->log))
		return false;
	out->kind = MESH_CELLS;
	out->to = w->cells_first;
	out->max_bytes = lane->want;
	show_lane(s, lane, out);
	*what = (struct handle){ WORK_CAME, lane->ticket };
	return true;
}

static bool
next_refetch(struct mesh_site *s, struct mesh_event *out)
{
	struct backstop_lane *l;
	while ((l = backstop_refetch(&s->backstop, s->now.ms)) != NULL) {
		if (!is_current(s, &l->log))
			continue;
		inside_count(s, COUNT_SYNC_REFETCH);
		out->kind = MESH_REFETCH;
		show_lane(s, l, out);
		return true;
	}
	return false;
}

bool
sketching_next(struct mesh_site *s, struct mesh_event *out, struct handle *what)
{
	return next_wanted(s, out, what) || next_cells(s, out, what) ||
	    next_refetch(s, out);
}

/* --- time --- */

static void
late(struct mesh_site *s, struct backstop_lane *lane)
{
	if (pool_at(&s->neighbours, lane->neighbour) == NULL ||
	    ++lane->tries >= BACKSTOP_TRIES)
		backstop_end(lane, BACKSTOP_UNSAID, s->now.ms);
	else
		ask(s, lane);
}

void
sketching_tick(struct mesh_site *s)
{
	struct sketch_work *w = &s->sketching;
	struct backstop_lane *lane = backstop_active(&s->backstop);
	if (lane != NULL && lane->due_ms <= s->now.ms)
		late(s, lane);
	if ((lane = backstop_due(&s->backstop, s->now.ms)) != NULL)
		begin(s, lane);
	if (w->state != SKETCH_FREE && w->due_ms <= s->now.ms)
		w->state = SKETCH_FREE;
}

mesh_time_ms
sketching_deadline(const struct mesh_site *s)
{
	mesh_time_ms at = backstop_deadline(&s->backstop);
	const struct sketch_work *w = &s->sketching;
	return w->state != SKETCH_FREE && w->due_ms < at ? w->due_ms : at;
}

void
sketching_part(struct mesh_site *s, struct neighbour *n)
{
	backstop_part(&s->backstop, handle_of(s, n).index, s->now.ms);
}
