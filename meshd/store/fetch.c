#include "fetch.h"
#include "batch_rows.h"
#include "cores.h"
#include "holding_rows.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum {
	FETCH_SEQ = 4, /* the column of ST_RECORD_FETCH */
	OVER_MS = 4,   /* of ST_ENTRY_OVER, like the next */
	OVER_ROW
};

/* Bundles lie behind the page, records between; one block, so one free. */
struct fetched {
	struct store_page page;
	struct mesh_record records[];
};

static struct fetched *
new_fetched(size_t max)
{
	struct fetched *f = calloc(
	    1, sizeof *f + max * sizeof f->records[0] + FETCH_BYTES);
	if (f != NULL)
		f->page.records = f->records;
	return f;
}

struct filling {
	struct fetched *f;
	size_t max; /* records */
	struct bytes_out bundles;
	int64_t batch; /* the last one that was read; 0: none */
	struct mesh_batch b;
	struct vectors vectors;
	bool parts; /* also records from which something was left out, without proof */
	bool unreadable;             /* the last row did not read back */
	size_t rows;                 /* looked at */
	struct store_expiry *behind; /* ST_ENTRY_OVER: the last of them */
};

/* What stands before the core in a bundle of this row's record; nothing if the row has
 * all of it.  False: the batch's row does not read back. */
static bool
begin_proof(struct filling *to, sqlite3_stmt *st)
{
	int64_t part = column_i64(st, 1), id = batch_rows_id(part);
	if (part == 0)
		return true;
	if (id != to->batch) {
		to->batch = 0;
		if (mesh_batch_read(column_bytes(st, CORES_COLUMNS), &to->b) != MESH_OK)
			return false;
		to->batch = id;
	}
	enum mesh_err err = mesh_batch_prove(
	    &to->b, batch_rows_place(part), cores_bytes(st, 0), &to->bundles);
	to->bundles.failed = err == MESH_FULL;
	return err == MESH_OK;
}

/* The row's record and its proof, one behind the other. */
static bool
take_row(struct filling *to, sqlite3_stmt *st)
{
	struct mesh_record alone, *r = &to->f->records[to->f->page.count];
	size_t before = to->bundles.len;
	if (!begin_proof(to, st) ||
	    !cores_read(st, 0, &to->vectors, &to->bundles, &alone)) {
		to->bundles.len = before;
		to->unreadable = !to->bundles.failed;
		return false;
	}
	to->f->page.partial |= column_i64(st, 2) < 0;
	if (alone.proof.len == 0 && column_i64(st, 2) < 0) {
		*r = alone;
		return to->parts;
	}
	to->unreadable = mesh_record_read(bytes_view(to->bundles.ptr + before,
					      to->bundles.len - before),
			     r) != MESH_OK;
	return !to->unreadable;
}

static struct filling
filling(struct fetched *f, size_t max)
{
	return (struct filling){
		.f = f, .max = max, .bundles = bytes_out(f->records + max, FETCH_BYTES)
	};
}

/* A page that is cut says so by its `next`; only that it is not empty counts.  What
 * does not read back cuts a `whole` one, where a number missing inside would be dead.
 * Returns the first number that did not. */
static uint64_t
fill(struct filling *to, struct statements *s, sqlite3_stmt *st, bool whole)
{
	struct store_page *page = &to->f->page;
	bool cut = false;
	uint64_t bad = 0;
	vectors_init(&to->vectors, s, STATEMENTS_READ);
	for (; !cut && page->count < to->max && statement_row(s, st); to->rows++) {
		bool taken = take_row(to, st);
		page->count += taken;
		cut = to->bundles.failed || (!taken && whole);
		if (!taken && to->unreadable && bad == 0)
			bad = (uint64_t)column_i64(st, FETCH_SEQ);
		if (to->behind != NULL && !cut)
			*to->behind = (struct store_expiry){ column_i64(st, OVER_MS),
				column_i64(st, OVER_ROW) };
	}
	vectors_forget(&to->vectors);
	if (cut || page->count == to->max)
		page->next = text("more");
	return bad;
}

/* Of a former epoch what does not read back is gone: nobody looks at its rows again,
 * and whoever waited for it would wait for ever. */
static bool
is_to_be_whole(struct statements *s, const struct mesh_position *from)
{
	struct mesh_holding h;
	return mesh_lane_is_keyed(from->lane) && holding_rows_read(s, from, &h) &&
	    h.epoch <= from->epoch;
}

static void
cut_before(struct fetched *f, uint64_t end)
{
	if (end == UINT64_MAX)
		return;
	while (f->page.count > 0 && f->records[f->page.count - 1].at.seq >= end)
		f->page.count--;
	f->page.next = text("more");
}

enum mesh_err
fetch_page(struct statements *s, const struct mesh_position *from, uint64_t count,
    uint64_t end, struct store_page **out, uint64_t *bad)
{
	size_t max = count < FETCH_RECORDS ? (size_t)count : FETCH_RECORDS;
	struct fetched *f = new_fetched(max);
	if (f == NULL)
		return MESH_FULL;
	bool whole = is_to_be_whole(s, from);
	sqlite3_stmt *st = statement_of(s, ST_RECORD_FETCH);
	bind_key(st, 1, &from->origin);
	bind_i64(st, 2, from->lane);
	bind_i64(st, 3, (int64_t)from->epoch);
	bind_i64(st, 4, (int64_t)from->seq);
	bind_i64(st, 5, -1); /* what is passed over is not counted */
	struct filling to = filling(f, max);
	*bad = fill(&to, s, st, whole);
	statement_end(st);
	cut_before(f, end);
	*out = &f->page;
	return MESH_OK;
}

/* True: there may be more behind them. */
static bool
take_few(struct statements *s, sqlite3_stmt *st, struct filling *to)
{
	to->parts = true;
	(void)fill(to, s, st, false);
	statement_end(st);
	return to->f->page.next.len > 0 || to->rows == to->max;
}

enum mesh_err
fetch_of_key(struct statements *s, const struct mesh_key *origin, enum mesh_lane lane,
    struct bytes_view key, struct store_page **out)
{
	struct fetched *f = new_fetched(1);
	if (f == NULL)
		return MESH_FULL;
	struct filling to = filling(f, 1);
	sqlite3_stmt *st = statement_of(s, ST_RECORD_OF_KEY);
	bind_i64(st, 1, lane);
	bind_bytes(st, 2, key);
	bind_key(st, 3, origin);
	(void)take_few(s, st, &to);
	*out = &f->page;
	return f->page.count > 0 ? MESH_OK : MESH_NOT_FOUND;
}

static sqlite3_stmt *
over_of(struct statements *s, const struct store_ending *q, size_t max)
{
	sqlite3_stmt *st = statement_of(s, ST_ENTRY_OVER);
	bind_i64(st, 1, q->now);
	bind_key(st, 2, &q->origin);
	bind_i64(st, 3, (int64_t)max);
	bind_i64(st, 4, q->behind.row == 0 ? INT64_MIN : q->behind.ms);
	bind_i64(st, 5, q->behind.row);
	return st;
}

enum mesh_err
fetch_over(struct statements *s, const struct store_ending *q,
    struct store_expiry *behind, struct store_page **out)
{
	size_t max = q->most < FETCH_RECORDS ? q->most : FETCH_RECORDS;
	struct fetched *f = new_fetched(max);
	if (f == NULL)
		return MESH_FULL;
	struct filling to = filling(f, max);
	to.behind = behind;
	if (!take_few(s, over_of(s, q, max), &to))
		*behind = (struct store_expiry){ 0 };
	*out = &f->page;
	return f->page.count > 0 ? MESH_OK : MESH_NOT_FOUND;
}

uint64_t
fetch_floor(struct statements *s, const struct mesh_key *origin, enum mesh_lane lane,
    uint32_t days)
{
	sqlite3_stmt *st = statement_of(s, ST_MARK_NTH);
	bind_i64(st, 1, days);
	int64_t mark = statement_i64(s, st, 0);
	if (mark == 0)
		return 0;
	st = statement_of(s, ST_RECORD_SINCE);
	bind_key(st, 1, origin);
	bind_i64(st, 2, lane);
	bind_i64(st, 3, mark);
	return (uint64_t)statement_i64(s, st, 0);
}
