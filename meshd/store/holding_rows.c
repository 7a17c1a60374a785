#include "holding_rows.h"
#include "id.h"
#include <stdlib.h>
#include <string.h>

enum { RUN_BYTES = 16 };

static void
read_runs(struct bytes_view v, struct mesh_holding *h)
{
	struct bytes_in in = bytes_in(v);
	while (in.left >= RUN_BYTES && h->run_count < MESH_RUNS) {
		uint64_t first = bytes_u64(&in);
		h->runs[h->run_count++] = (struct mesh_run){ first, bytes_u64(&in) };
	}
}

static void
read_holding(sqlite3_stmt *st, struct mesh_holding *h)
{
	*h = (struct mesh_holding){ .lane = (enum mesh_lane)column_i64(st, 1),
		.epoch = (uint64_t)column_i64(st, 2) };
	column_key(st, 0, &h->origin);
	read_runs(column_bytes(st, 3), h);
	h->live.count = (uint64_t)column_i64(st, 4);
	h->live.weight = (uint64_t)column_i64(st, 6);
	struct bytes_view sum = column_bytes(st, 5);
	if (sum.len == sizeof h->live.sum)
		memcpy(h->live.sum, sum.ptr, sum.len);
}

static void
write_holding(struct statements *s, const struct holding_slot *slot)
{
	const struct mesh_holding *h = &slot->h;
	uint8_t room[MESH_RUNS * RUN_BYTES];
	struct bytes_out runs = bytes_out(room, sizeof room);
	for (uint32_t i = 0; i < h->run_count; i++) {
		bytes_put_u64(&runs, h->runs[i].first);
		bytes_put_u64(&runs, h->runs[i].last);
	}
	sqlite3_stmt *st = statement_of(s, ST_HOLDING_PUT);
	bind_key(st, 1, &h->origin);
	bind_i64(st, 2, h->lane);
	bind_i64(st, 3, (int64_t)h->epoch);
	bind_bytes(st, 4, bytes_written(&runs));
	bind_i64(st, 5, (int64_t)h->live.count);
	bind_bytes(st, 6, bytes_view(h->live.sum, sizeof h->live.sum));
	bind_i64(st, 7, (int64_t)h->live.weight);
	bind_i64(st, 8, (int64_t)slot->forgotten);
	statement_run(s, st);
}

static bool
find_holding(struct statements *s, const struct mesh_position *at,
    struct mesh_holding *out, uint64_t *forgotten)
{
	sqlite3_stmt *st = statement_of(s, ST_HOLDING_FIND);
	bind_key(st, 1, &at->origin);
	bind_i64(st, 2, at->lane);
	bool found = statement_row(s, st);
	if (found) {
		read_holding(st, out);
		*forgotten = (uint64_t)column_i64(st, 7);
	}
	statement_end(st);
	return found;
}

bool
holding_rows_read(
    struct statements *s, const struct mesh_position *at, struct mesh_holding *out)
{
	uint64_t forgotten;
	return find_holding(s, at, out, &forgotten);
}

static void
load_holding(
    struct holding_rows *l, struct holding_slot *slot, const struct mesh_position *at)
{
	*slot = (struct holding_slot){ .used = true };
	slot->h = (struct mesh_holding){
		.origin = at->origin, .lane = at->lane, .epoch = at->epoch
	};
	(void)find_holding(l->s, at, &slot->h, &slot->forgotten);
}

struct holding_slot *
holding_rows_of(struct holding_rows *l, const struct mesh_position *at)
{
	struct holding_slot *stalest = &l->slots[0];
	for (struct holding_slot *slot = l->slots; slot < l->slots + HOLDING_ROWS_SLOTS;
	     slot++) {
		if (slot->used && slot->h.lane == at->lane &&
		    key_equal(&slot->h.origin, &at->origin)) {
			slot->touched = ++l->touches;
			return slot;
		}
		if (slot->touched < stalest->touched)
			stalest = slot;
	}
	if (stalest->dirty)
		write_holding(l->s, stalest);
	load_holding(l, stalest, at);
	stalest->touched = ++l->touches;
	return stalest;
}

void
holding_rows_flush(struct holding_rows *l)
{
	for (struct holding_slot *slot = l->slots; slot < l->slots + HOLDING_ROWS_SLOTS;
	     slot++) {
		if (slot->dirty)
			write_holding(l->s, slot);
		slot->dirty = false;
	}
}

void
holding_rows_forget(struct holding_rows *l)
{
	memset(l->slots, 0, sizeof l->slots);
}

bool
holding_rows_has(const struct mesh_holding *h, uint64_t seq)
{
	for (uint32_t i = 0; i < h->run_count; i++)
		if (seq >= h->runs[i].first && seq <= h->runs[i].last)
			return true;
	return false;
}

static struct mesh_holding *
append(struct mesh_holding **list, size_t *count)
{
	enum { STEP = 64 };
	if (*count % STEP == 0) {
		struct mesh_holding *more = realloc(
		    *list, (*count + STEP) * sizeof **list);
		if (more == NULL)
			return NULL;
		*list = more;
	}
	return &(*list)[(*count)++];
}

enum mesh_err
holding_rows_load(struct statements *s, struct mesh_holding **out, size_t *count)
{
	*out = NULL;
	*count = 0;
	sqlite3_stmt *st = statement_of(s, ST_HOLDING_ALL);
	while (statement_row(s, st)) {
		struct mesh_holding *h = append(out, count);
		if (h == NULL) {
			statement_end(st);
			return MESH_FULL;
		}
		read_holding(st, h);
	}
	return s->err == SQLITE_OK ? MESH_OK : MESH_IO;
}
