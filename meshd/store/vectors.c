#include "vectors.h"
#include <assert.h>
#include <string.h>

enum { SLOT_BITS = 16, OPEN_SHARE = 16 };

void
vectors_init(struct vectors *v, struct statements *s, enum statements_mode mode)
{
	*v = (struct vectors){ .s = s, .writes = mode == STATEMENTS_WRITE };
}

/* --- rooms --- */

static size_t
stride_of(const struct vectors_room *room)
{
	return room->dim * dot_width(room->dtype);
}

size_t
vectors_slots(const struct vectors_room *room)
{
	size_t slots = VECTORS_BLOCK / stride_of(room);
	return slots < VECTORS_SLOTS ? slots : VECTORS_SLOTS;
}

static bool
is_set(const struct vectors_room *room, size_t slot)
{
	return (room->used[slot / 8] >> slot % 8 & 1) != 0;
}

bool
vectors_has(const struct vectors_room *room, size_t slot)
{
	return slot < vectors_slots(room) && is_set(room, slot);
}

int64_t
vectors_ref(const struct vectors_room *room, size_t slot)
{
	return room->block << SLOT_BITS | (int64_t)slot;
}

static bool
is_sound(enum dot_dtype dtype, int64_t dim)
{
	return dtype < DOT_DTYPES && dot_width(dtype) > 0 && dim > 0 &&
	    dim <= DOT_DIM_MAX;
}

/* Columns id, dtype, dim, used, open.  False: it makes no sense, damage. */
static bool
read_room(sqlite3_stmt *st, struct vectors_room *out)
{
	struct bytes_view used = column_bytes(st, 3);
	int64_t dtype = column_i64(st, 1), dim = column_i64(st, 2);
	*out = (struct vectors_room){ .block = column_i64(st, 0),
		.open = column_i64(st, 4) != 0 };
	if (dtype < 0 || dtype >= DOT_DTYPES || !is_sound((enum dot_dtype)dtype, dim) ||
	    used.len > sizeof out->used)
		return false;
	out->dtype = (enum dot_dtype)dtype;
	out->dim = (size_t)dim;
	if (used.len > 0)
		memcpy(out->used, used.ptr, used.len);
	size_t slots = vectors_slots(out);
	for (size_t i = 0; i < slots; i++)
		out->count += is_set(out, i);
	return !out->open || out->count < slots;
}

static bool
find_room(struct vectors *v, sqlite3_stmt *st, struct vectors_room *out)
{
	bool found = statement_row(v->s, st) && read_room(st, out);
	statement_end(st);
	return found;
}

static void
write_room(struct vectors *v, struct vectors_room *room)
{
	sqlite3_stmt *st = statement_of(v->s, ST_ROOM_PUT);
	bind_i64(st, 1, room->block);
	bind_i64(st, 2, room->dtype);
	bind_i64(st, 3, (int64_t)room->dim);
	bind_bytes(st, 4, bytes_view(room->used, (vectors_slots(room) + 7) / 8));
	bind_i64(st, 5, room->open);
	statement_run(v->s, st);
	room->dirty = false;
}

static void
write_rooms(struct vectors *v)
{
	for (size_t i = 0; i < VECTORS_ROOMS; i++)
		if (v->rooms[i].dirty)
			write_room(v, &v->rooms[i]);
}

/* A place in the cache, of the room that was used longest ago. */
static struct vectors_room *
keep_room(struct vectors *v, const struct vectors_room *room)
{
	struct vectors_room *oldest = &v->rooms[0];
	for (size_t i = 1; i < VECTORS_ROOMS; i++)
		if (v->rooms[i].touched < oldest->touched)
			oldest = &v->rooms[i];
	if (oldest->dirty)
		write_room(v, oldest);
	*oldest = *room;
	oldest->touched = ++v->touches;
	return oldest;
}

static struct vectors_room *
room_of(struct vectors *v, int64_t block)
{
	struct vectors_room room;
	for (size_t i = 0; i < VECTORS_ROOMS && block > 0; i++) {
		if (v->rooms[i].block == block) {
			v->rooms[i].touched = ++v->touches;
			return &v->rooms[i];
		}
	}
	sqlite3_stmt *st = statement_of(v->s, ST_ROOM_FIND);
	bind_i64(st, 1, block);
	return find_room(v, st, &room) ? keep_room(v, &room) : NULL;
}

/* --- blocks --- */

static void
let_go(struct vectors *v)
{
	sqlite3_blob_close(v->blob);
	v->blob = NULL;
	v->block = 0;
}

/* The handle onto `block`.  That a row is missing is SQLITE_ERROR, and no fault of the
 * disk. */
static bool
stand_on(struct vectors *v, int64_t block)
{
	if (v->s->err != SQLITE_OK)
		return false;
	if (v->blob != NULL && v->block == block)
		return true;
	int err = v->blob == NULL ? sqlite3_blob_open(v->s->db, "main", "vector_block",
					"data", block, v->writes, &v->blob)
				  : sqlite3_blob_reopen(v->blob, block);
	v->block = block;
	if (err == SQLITE_OK)
		return true;
	let_go(v);
	if (err != SQLITE_ERROR)
		v->s->err = err;
	return false;
}

static bool
read_at(struct vectors *v, int64_t block, size_t at, size_t len, uint8_t *to)
{
	if (!stand_on(v, block) || (size_t)sqlite3_blob_bytes(v->blob) < at + len)
		return false;
	int err = sqlite3_blob_read(v->blob, to, (int)len, (int)at);
	if (err != SQLITE_OK)
		v->s->err = err;
	return err == SQLITE_OK;
}

static bool
write_at(struct vectors *v, int64_t block, size_t at, struct bytes_view row)
{
	if (!stand_on(v, block) || (size_t)sqlite3_blob_bytes(v->blob) < at + row.len)
		return false;
	int err = sqlite3_blob_write(v->blob, row.ptr, (int)row.len, (int)at);
	if (err != SQLITE_OK)
		v->s->err = err;
	return err == SQLITE_OK;
}

/* --- a row in its slot: as it is, or in two halves --- */

enum { HALF = 2 };

static bool
is_split(const struct vectors_room *room)
{
	return room->dtype == DOT_F32 && room->dim >= VECTORS_SPLIT;
}

/* Where the halves of a slot's row stand: the upper ones before all lower ones. */
static size_t
half_at(const struct vectors_room *room, size_t slot, bool upper)
{
	size_t len = room->dim * HALF;
	return slot * len + (upper ? 0 : vectors_slots(room) * len);
}

static bool
write_half(struct vectors *v, const struct vectors_room *room, size_t slot, bool upper,
    const uint8_t *row)
{
	uint8_t half[DOT_DIM_MAX * HALF];
	for (size_t i = 0; i < room->dim; i++)
		memcpy(half + i * HALF, row + (2 * i + upper) * HALF, HALF);
	return write_at(v, room->block, half_at(room, slot, upper),
	    bytes_view(half, room->dim * HALF));
}

static bool
read_half(struct vectors *v, const struct vectors_room *room, size_t slot, bool upper,
    uint8_t *row)
{
	uint8_t half[DOT_DIM_MAX * HALF];
	if (!read_at(
		v, room->block, half_at(room, slot, upper), room->dim * HALF, half))
		return false;
	for (size_t i = 0; i < room->dim; i++)
		memcpy(row + (2 * i + upper) * HALF, half + i * HALF, HALF);
	return true;
}

static bool
write_row(struct vectors *v, const struct vectors_room *room, size_t slot,
    struct bytes_view row)
{
	if (!is_split(room))
		return write_at(v, room->block, slot * row.len, row);
	return write_half(v, room, slot, true, row.ptr) &&
	    write_half(v, room, slot, false, row.ptr);
}

static bool
read_row(struct vectors *v, const struct vectors_room *room, size_t slot, uint8_t *to)
{
	size_t stride = stride_of(room);
	if (!is_split(room))
		return read_at(v, room->block, slot * stride, stride, to);
	return read_half(v, room, slot, true, to) &&
	    read_half(v, room, slot, false, to);
}

static void
delete_block(struct vectors *v, struct vectors_room *room)
{
	let_go(v); /* its row goes */
	sqlite3_stmt *st = statement_of(v->s, ST_BLOCK_DELETE);
	bind_i64(st, 1, room->block);
	statement_run(v->s, st);
	st = statement_of(v->s, ST_ROOM_DELETE);
	bind_i64(st, 1, room->block);
	statement_run(v->s, st);
	*room = (struct vectors_room){ .block = 0 };
}

static struct vectors_room *
new_block(struct vectors *v, enum dot_dtype dtype, size_t dim)
{
	struct vectors_room room = {
		.dtype = dtype, .dim = dim, .open = true, .dirty = true
	};
	sqlite3_stmt *st = statement_of(v->s, ST_BLOCK_PUT);
	bind_i64(st, 1, (int64_t)(vectors_slots(&room) * stride_of(&room)));
	statement_run(v->s, st);
	room.block = sqlite3_last_insert_rowid(v->s->db);
	return keep_room(v, &room);
}

/* --- vectors --- */

/* A room that takes one more: of the last ones used, of the file, or new. */
static struct vectors_room *
open_room(struct vectors *v, enum dot_dtype dtype, size_t dim)
{
	struct vectors_room room;
	for (size_t i = 0; i < VECTORS_ROOMS; i++) {
		struct vectors_room *known = &v->rooms[i];
		if (known->block != 0 && known->open && known->dtype == dtype &&
		    known->dim == dim) {
			known->touched = ++v->touches;
			return known;
		}
	}
	write_rooms(v); /* the file's `open` is to be believed */
	sqlite3_stmt *st = statement_of(v->s, ST_ROOM_OPEN);
	bind_i64(st, 1, dtype);
	bind_i64(st, 2, (int64_t)dim);
	return find_room(v, st, &room) ? keep_room(v, &room) : new_block(v, dtype, dim);
}

static size_t
free_slot(const struct vectors_room *room)
{
	size_t slot = 0, slots = vectors_slots(room);
	while (slot < slots && is_set(room, slot))
		slot++;
	return slot;
}

static void
mark(struct vectors_room *room, size_t slot, bool used)
{
	size_t slots = vectors_slots(room);
	room->used[slot / 8] ^= (uint8_t)(1U << slot % 8);
	room->count = used ? room->count + 1 : room->count - 1;
	if (room->count == slots)
		room->open = false;
	else if (!used && (slots - room->count) * OPEN_SHARE >= slots)
		room->open = true;
	room->dirty = true;
}

static int64_t
put_into(struct vectors *v, struct vectors_room *room, struct bytes_view row)
{
	size_t slot = free_slot(room);
	if (!write_row(v, room, slot, row))
		return 0;
	mark(room, slot, true);
	return vectors_ref(room, slot);
}

/* A room whose block is gone or too short is damage: it is left alone. */
int64_t
vectors_put(struct vectors *v, enum dot_dtype dtype, size_t dim, struct bytes_view row)
{
	assert(v->writes);
	if (!is_sound(dtype, (int64_t)dim) || row.len != dim * dot_width(dtype))
		return 0;
	struct vectors_room *room = open_room(v, dtype, dim);
	int64_t ref = put_into(v, room, row);
	if (ref != 0 || v->s->err != SQLITE_OK)
		return ref;
	room->open = false;
	room->dirty = true;
	return put_into(v, new_block(v, dtype, dim), row);
}

bool
vectors_read_typed(
    struct vectors *v, int64_t ref, enum dot_dtype *dtype, struct bytes_out *out)
{
	size_t slot = (size_t)(ref & ((1 << SLOT_BITS) - 1));
	const struct vectors_room *room = room_of(v, ref >> SLOT_BITS);
	if (room == NULL || !vectors_has(room, slot))
		return false;
	size_t len = stride_of(room);
	out->failed = out->failed || len > out->cap - out->len;
	if (out->failed || !read_row(v, room, slot, out->ptr + out->len))
		return false;
	out->len += len;
	*dtype = room->dtype;
	return true;
}

bool
vectors_read(struct vectors *v, int64_t ref, struct bytes_out *out)
{
	enum dot_dtype dtype;
	return vectors_read_typed(v, ref, &dtype, out);
}

void
vectors_free(struct vectors *v, int64_t ref)
{
	assert(v->writes);
	size_t slot = (size_t)(ref & ((1 << SLOT_BITS) - 1));
	struct vectors_room *room = room_of(v, ref >> SLOT_BITS);
	if (room == NULL || !vectors_has(room, slot))
		return;
	mark(room, slot, false);
	if (room->count == 0)
		delete_block(v, room);
}

void
vectors_flush(struct vectors *v)
{
	write_rooms(v);
	let_go(v);
}

void
vectors_forget(struct vectors *v)
{
	let_go(v);
	memset(v->rooms, 0, sizeof v->rooms);
}

/* --- the walk --- */

void
vectors_walk(struct vectors *v, size_t dim, int64_t after)
{
	v->walk = statement_of(v->s, ST_ROOM_NEXT);
	bind_i64(v->walk, 1, (int64_t)dim);
	bind_i64(v->walk, 2, after);
}

void
vectors_walk_end(struct vectors *v)
{
	statement_end(v->walk);
	v->walk = NULL;
}

bool
vectors_next_room(struct vectors *v, struct vectors_room *out)
{
	bool found = false;
	while (!found && v->walk != NULL && statement_row(v->s, v->walk))
		found = read_room(v->walk, out);
	if (!found)
		vectors_walk_end(v);
	return found;
}

bool
vectors_read_block(struct vectors *v, const struct vectors_room *room, uint8_t *to,
    enum dot_dtype *dtype)
{
	*dtype = is_split(room) ? DOT_HIGH : room->dtype;
	size_t stride = room->dim * dot_width(*dtype);
	return read_at(v, room->block, 0, vectors_slots(room) * stride, to);
}
