#include "cores.h"
#include <string.h>

enum { CUT_HEAD = 2 * 4 }; /* where it was cut, and how much */

struct stored { /* what a row holds */
	struct bytes_view before, behind;
	size_t cut; /* bytes between them */
	int64_t vector;
	bool bare;
};

static bool
read_row(sqlite3_stmt *st, int at, struct stored *out)
{
	struct bytes_view all = column_bytes(st, at);
	*out = (struct stored){ .before = all,
		.bare = column_i64(st, at + 1) != 0,
		.vector = column_i64(st, at + 2) };
	if (out->vector == 0)
		return all.len > 0;
	struct bytes_in in = bytes_in(all);
	size_t from = bytes_u32(&in);
	out->cut = bytes_u32(&in);
	out->before = bytes_take(&in, from);
	out->behind = bytes_take(&in, in.left);
	return !in.failed && out->cut < CORES_ROOM;
}

struct bytes_view
cores_cut(struct bytes_view whole, struct bytes_view cut, struct bytes_out *room)
{
	size_t from = (size_t)(cut.ptr - whole.ptr);
	bytes_put_u32(room, (uint32_t)from);
	bytes_put_u32(room, (uint32_t)cut.len);
	bytes_put(room, whole.ptr, from);
	bytes_put(room, cut.ptr + cut.len, whole.len - from - cut.len);
	return bytes_written(room);
}

size_t
cores_bytes(sqlite3_stmt *st, int at)
{
	struct stored row;
	return read_row(st, at, &row) ? row.before.len + row.cut + row.behind.len : 0;
}

/* The vector's bytes, or zeros. */
static bool
put_vector(const struct stored *row, struct vectors *vectors, struct bytes_out *room)
{
	size_t before = room->len;
	if (vectors != NULL)
		return vectors_read(vectors, row->vector, room) &&
		    room->len - before == row->cut;
	uint8_t *zeros = bytes_room(room, row->cut);
	if (zeros != NULL)
		memset(zeros, 0, row->cut);
	return zeros != NULL;
}

bool
cores_read(sqlite3_stmt *st, int at, struct vectors *vectors, struct bytes_out *room,
    struct mesh_record *out)
{
	struct stored row;
	size_t from = room->len;
	if (!read_row(st, at, &row))
		return false;
	bytes_put_view(room, row.before);
	if (row.vector != 0 && !put_vector(&row, vectors, room))
		return false;
	bytes_put_view(room, row.behind);
	if (room->failed)
		return false;
	struct bytes_view whole = bytes_view(room->ptr + from, room->len - from);
	enum mesh_err err = row.bare ? mesh_record_of_core(whole, out)
				     : mesh_record_read(whole, out);
	return err == MESH_OK;
}
