#include "batch_rows.h"
#include <string.h>

/* --- parts --- */

static int64_t
part_of(const struct batch_slot *slot, uint8_t place)
{
	return slot->id * MESH_BATCH_LEAVES + place;
}

int64_t
batch_rows_id(int64_t part)
{
	return part / MESH_BATCH_LEAVES;
}

uint8_t
batch_rows_place(int64_t part)
{
	return (uint8_t)(part % MESH_BATCH_LEAVES);
}

/* --- rows --- */

static void
write_row(struct batch_rows *l, struct batch_slot *slot)
{
	uint8_t room[MESH_BATCH_ROW_MAX];
	struct bytes_out row = bytes_out(room, sizeof room);
	slot->dirty = false;
	if (slot->records == 0) {
		sqlite3_stmt *st = statement_of(l->s, ST_BATCH_DELETE);
		bind_i64(st, 1, slot->id);
		statement_run(l->s, st);
		slot->id = 0;
		return;
	}
	mesh_batch_write(&slot->b, &row);
	sqlite3_stmt *st = statement_of(l->s, ST_BATCH_PUT);
	bind_i64(st, 1, slot->id);
	bind_i64(st, 2, slot->log);
	bind_i64(st, 3, slot->records);
	bind_bytes(st, 4, bytes_written(&row));
	statement_run(l->s, st);
}

static bool
load_row(struct batch_rows *l, struct batch_slot *slot, int64_t id)
{
	*slot = (struct batch_slot){ .id = id };
	sqlite3_stmt *st = statement_of(l->s, ST_BATCH_FIND);
	bind_i64(st, 1, id);
	bool found = statement_row(l->s, st);
	if (found) {
		slot->log = column_i64(st, 0);
		slot->records = column_i64(st, 1);
		found = mesh_batch_read(column_bytes(st, 2), &slot->b) == MESH_OK;
	}
	statement_end(st);
	if (!found)
		slot->id = 0;
	return found;
}

/* The one not used for longest, written back. */
static struct batch_slot *
free_slot(struct batch_rows *l)
{
	struct batch_slot *stalest = &l->slots[0];
	for (struct batch_slot *slot = l->slots; slot < l->slots + BATCH_ROWS_SLOTS;
	     slot++)
		if (slot->touched < stalest->touched)
			stalest = slot;
	if (stalest->dirty)
		write_row(l, stalest);
	return stalest;
}

static struct batch_slot *
slot_of_id(struct batch_rows *l, int64_t id)
{
	for (struct batch_slot *slot = l->slots; slot < l->slots + BATCH_ROWS_SLOTS;
	     slot++)
		if (slot->id == id)
			return slot;
	struct batch_slot *slot = free_slot(l);
	return load_row(l, slot, id) ? slot : NULL;
}

static struct batch_slot *
slot_in_hand(struct batch_rows *l, int64_t log, const struct mesh_batch *piece)
{
	for (struct batch_slot *slot = l->slots; slot < l->slots + BATCH_ROWS_SLOTS;
	     slot++)
		if (slot->id != 0 && slot->log == log &&
		    mesh_batch_same(&slot->b, piece))
			return slot;
	return NULL;
}

/* The batch of the nearest record on that side, if it is this one. */
static struct batch_slot *
slot_beside(struct batch_rows *l, enum statement side, const struct batch_slot *want,
    uint64_t seq)
{
	sqlite3_stmt *st = statement_of(l->s, side);
	bind_i64(st, 1, want->log);
	bind_i64(st, 2, (int64_t)seq);
	int64_t id = batch_rows_id(statement_i64(l->s, st, 0));
	struct batch_slot *slot = id == 0 ? NULL : slot_of_id(l, id);
	return slot != NULL && mesh_batch_same(&slot->b, &want->b) ? slot : NULL;
}

static int64_t
next_id(struct batch_rows *l)
{
	int64_t id = statement_i64(l->s, statement_of(l->s, ST_BATCH_LAST), 0);
	for (const struct batch_slot *slot = l->slots;
	     slot < l->slots + BATCH_ROWS_SLOTS; slot++)
		if (slot->id > id)
			id = slot->id;
	return id + 1;
}

static struct batch_slot *
new_row(struct batch_rows *l, const struct batch_slot *what)
{
	int64_t id = next_id(l);
	struct batch_slot *slot = free_slot(l);
	*slot = *what;
	slot->id = id;
	return slot;
}

int64_t
batch_rows_put(struct batch_rows *l, int64_t log, const struct mesh_record *r,
    const uint8_t leaf[static 32])
{
	struct batch_slot one = { .log = log };
	uint8_t place;
	if (mesh_batch_of(r, leaf, &one.b, &place) != MESH_OK)
		return 0;
	struct batch_slot *slot = slot_in_hand(l, log, &one.b);
	if (slot == NULL)
		slot = slot_beside(l, ST_PART_BELOW, &one, r->at.seq);
	if (slot == NULL)
		slot = slot_beside(l, ST_PART_ABOVE, &one, r->at.seq);
	if (slot == NULL)
		slot = new_row(l, &one);
	mesh_batch_join(&slot->b, &one.b);
	slot->records++;
	slot->dirty = true;
	slot->touched = ++l->touches;
	return part_of(slot, place);
}

void
batch_rows_take(struct batch_rows *l, int64_t part)
{
	struct batch_slot *slot = part == 0 ? NULL : slot_of_id(l, batch_rows_id(part));
	if (slot == NULL)
		return;
	if (slot->records > 0)
		slot->records--;
	slot->dirty = true;
	slot->touched = ++l->touches;
}

const struct mesh_batch *
batch_rows_of(struct batch_rows *l, int64_t part)
{
	const struct batch_slot *slot = slot_of_id(l, batch_rows_id(part));
	return slot != NULL ? &slot->b : NULL;
}

void
batch_rows_flush(struct batch_rows *l)
{
	for (struct batch_slot *slot = l->slots; slot < l->slots + BATCH_ROWS_SLOTS;
	     slot++)
		if (slot->dirty)
			write_row(l, slot);
}

void
batch_rows_forget(struct batch_rows *l)
{
	memset(l->slots, 0, sizeof l->slots);
}
