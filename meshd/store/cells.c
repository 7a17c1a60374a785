#include "cells.h"
#include "cores.h"
#include "holding_rows.h"
#include "id.h"
#include "paging.h"
#include <stdlib.h>
#include <string.h>

enum {
	CELLS_SLICE = 256,   /* rows of one turn: a few milliseconds */
	CELLS_ROWS = 1 << 20 /* of several logs together; one alone may have more */
};
struct walk { /* over the rows of logs, one after another, in slices */
	size_t scope;
	uint64_t next; /* number in it; 0: nothing was begun */
};
struct cells_made { /* for neighbours */
	struct walk walk;
	struct mesh_position at[MESH_SKETCH_SCOPES];
	struct mesh_live live[MESH_SKETCH_SCOPES];
	size_t count;
	struct mesh_sketch sketch;
	struct mesh_sketch_cell cells[MESH_SKETCH_CELLS];
	uint8_t wire[MESH_SKETCH_CELLS * MESH_SKETCH_CELL];
};
struct cells_compared { /* for ourselves */
	struct walk walk;
	struct mesh_position at;
	struct mesh_live live;
	struct mesh_comparison with;
};

void
cells_release(struct cells *c)
{
	free(c->made);
	free(c->compared);
	c->made = NULL;
	c->compared = NULL;
}

static bool
same_place(const struct mesh_position *a, const struct mesh_position *b)
{
	return a->lane == b->lane && a->epoch == b->epoch && a->seq == b->seq &&
	    key_equal(&a->origin, &b->origin);
}

static bool
same_live(const struct mesh_live *a, const struct mesh_live *b)
{
	return a->count == b->count && memcmp(a->sum, b->sum, sizeof a->sum) == 0;
}

/* False: the log does not end there without a gap. */
static bool
ends_there(struct cells *c, const struct mesh_position *at, struct mesh_live *live)
{
	struct mesh_holding h = { .run_count = 0 };
	if (!holding_rows_read(c->s, at, &h) || h.epoch != at->epoch ||
	    h.run_count != 1 || h.runs[0].first != 1 || h.runs[0].last != at->seq)
		return false;
	*live = h.live;
	return true;
}

static void
put_row(
    struct mesh_sketch *to, size_t scope, sqlite3_stmt *st, const struct mesh_record *r)
{
	struct mesh_sketch_item item = { .scope = (uint8_t)scope, .seq = r->at.seq };
	uint8_t leaf[32];
	if (!cores_leaf(st, 0, leaf))
		mesh_record_leaf(r, leaf);
	memcpy(item.leaf, leaf, sizeof item.leaf);
	mesh_sketch_put(to, &item);
}

/* One slice of the log in hand.  What was read before an error is of no use. */
static void
put_rows(struct cells *c, struct mesh_sketch *to, struct walk *walk,
    const struct mesh_position *at)
{
	struct mesh_record r;
	struct bytes_view key;
	struct vectors vectors;
	struct bytes_out room = bytes_out(malloc(CORES_ROOM), CORES_ROOM);
	size_t rows = 0;
	vectors_init(&vectors, c->s, STATEMENTS_READ);
	if (room.ptr == NULL)
		c->s->err = SQLITE_NOMEM;
	sqlite3_stmt *st = statement_of(c->s, ST_RECORD_FETCH);
	bind_key(st, 1, &at->origin);
	bind_i64(st, 2, at->lane);
	bind_i64(st, 3, (int64_t)at->epoch);
	bind_i64(st, 4, (int64_t)walk->next);
	bind_i64(st, 5, CELLS_SLICE);
	for (; statement_row(c->s, st); rows++, room.len = 0) {
		walk->next = (uint64_t)column_i64(st, CORES_COLUMNS + 1) + 1;
		if (cores_read(st, 0, &vectors, &room, &r) &&
		    (r.type == RECORD_DROP || mesh_record_key(&r, &key)))
			put_row(to, walk->scope, st, &r);
	}
	vectors_forget(&vectors);
	free(room.ptr);
	if (c->s->err != SQLITE_OK)
		*walk = (struct walk){ .next = 0 };
	else if (rows < CELLS_SLICE)
		*walk = (struct walk){ walk->scope + 1, 1 };
}

/* --- for neighbours --- */

static bool
is_made(
    const struct cells_made *m, const struct request *r, const struct mesh_live *live)
{
	bool same = m->count == r->as.sketch.count;
	for (size_t i = 0; same && i < m->count; i++)
		same = same_place(&m->at[i], &r->as.sketch.scopes[i]) &&
		    same_live(&m->live[i], &live[i]);
	return same;
}

static void
begin_making(struct cells_made *m, const uint8_t *netid, const struct request *r,
    const struct mesh_live *live)
{
	mesh_sketch_init(&m->sketch, netid, m->cells, MESH_SKETCH_CELLS);
	m->count = r->as.sketch.count;
	m->walk = (struct walk){ 0, 1 };
	for (size_t i = 0; i < m->count; i++) {
		m->at[i] = r->as.sketch.scopes[i];
		m->live[i] = live[i];
	}
}

/* All end where they should, and are not too much work. */
static bool
may_be_made(struct cells *c, const struct request *r, struct mesh_live *live)
{
	uint64_t rows = 0;
	size_t count = r->as.sketch.count;
	if (c->netid == NULL || count == 0 || count > MESH_SKETCH_SCOPES)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!ends_there(c, &r->as.sketch.scopes[i], &live[i]))
			return false;
		rows += live[i].count;
	}
	return count == 1 || rows <= CELLS_ROWS;
}

static enum mesh_err
show(struct cells_made *m, struct mesh_run which, struct store_page **out)
{
	struct bytes_out wire = bytes_out(m->wire, sizeof m->wire);
	enum mesh_err err = mesh_sketch_write(&m->sketch, (uint32_t)which.first,
	    (uint32_t)(which.last - which.first + 1), &wire);
	if (err != MESH_OK)
		return err;
	*out = paging_new(bytes_written(&wire), NULL);
	return *out == NULL ? MESH_FULL : MESH_OK;
}

enum mesh_err
cells_make(struct cells *c, struct request *r, struct store_page **out)
{
	struct mesh_live live[MESH_SKETCH_SCOPES];
	if (!may_be_made(c, r, live))
		return MESH_DENIED;
	if (c->made == NULL)
		c->made = calloc(1, sizeof *c->made);
	struct cells_made *m = c->made;
	if (m == NULL)
		return MESH_FULL;
	if (m->walk.next == 0 || !is_made(m, r, live)) {
		if (r->as.sketch.begun) /* a later question took its place */
			return MESH_DENIED;
		begin_making(m, c->netid, r, live);
	}
	r->as.sketch.begun = true;
	if (m->walk.scope < m->count)
		put_rows(c, &m->sketch, &m->walk, &m->at[m->walk.scope]);
	if (m->walk.scope == m->count)
		return show(m, r->as.sketch.cells, out);
	return atomic_load(&r->cancelled) ? MESH_OK : MESH_TRUNCATED;
}

/* --- for ourselves --- */

/* The first question's cells begin a new comparison, once. */
static bool
is_new(const struct request *r)
{
	return r->as.compare.first == 0 && r->as.compare.want == MESH_SKETCH_FIRST &&
	    !r->as.compare.begun;
}

static bool
begin(struct cells *c, const struct request *r, const struct mesh_live *live)
{
	if (c->compared == NULL)
		c->compared = calloc(1, sizeof *c->compared);
	if (c->compared == NULL)
		return false;
	c->compared->at = r->as.compare.at;
	c->compared->live = *live;
	c->compared->walk = (struct walk){ 0, 1 };
	mesh_comparison_init(&c->compared->with, c->netid);
	return true;
}

static int
by_side_and_number(const void *a, const void *b)
{
	const struct mesh_sketch_difference *x = a, *y = b;
	if (x->added != y->added)
		return x->added ? 1 : -1;
	return (x->item.seq > y->item.seq) - (x->item.seq < y->item.seq);
}

/* Numbers of that log, each once: cells that peel need not be those of a log. */
static bool
are_of_a_log(struct mesh_comparison *c, uint64_t high)
{
	struct mesh_sketch_difference *d = c->differences;
	qsort(d, c->found, sizeof *d, by_side_and_number);
	for (uint32_t i = 0; i < c->found; i++)
		if (d[i].item.scope != 0 || d[i].item.seq == 0 ||
		    d[i].item.seq > high ||
		    (i > 0 && by_side_and_number(&d[i - 1], &d[i]) == 0))
			return false;
	return true;
}

enum mesh_err
cells_compare(struct cells *c, struct request *r)
{
	struct store_outcome *o = &r->outcome;
	const struct mesh_position *at = &r->as.compare.at;
	struct mesh_live live;
	o->sketched = SKETCHED_MOVED;
	o->finding.at = *at;
	if (c->netid == NULL || !ends_there(c, at, &live))
		return MESH_DENIED;
	if (is_new(r) && !begin(c, r, &live))
		return MESH_FULL;
	r->as.compare.begun = true;
	struct cells_compared *with = c->compared;
	if (with == NULL || with->walk.next == 0 || !same_place(&with->at, at) ||
	    !same_live(&with->live, &live))
		return MESH_DENIED;
	if (with->walk.scope == 0)
		put_rows(c, &with->with.sketch, &with->walk, at);
	if (with->walk.scope == 0)
		return atomic_load(&r->cancelled) ? MESH_OK : MESH_TRUNCATED;
	o->sketched = mesh_comparison_take(&with->with, r->as.compare.first,
	    r->as.compare.bytes, r->as.compare.want, &o->want);
	if (o->sketched == SKETCHED_MENDED && !are_of_a_log(&with->with, at->seq))
		o->sketched = SKETCHED_WRONG;
	if (o->sketched != SKETCHED_MENDED)
		return MESH_OK;
	o->page = paging_new(bytes_view(with->with.differences,
				 with->with.found * sizeof with->with.differences[0]),
	    NULL);
	return o->page == NULL ? MESH_FULL : MESH_OK;
}
