#include "cores.h"
#include <string.h>

enum {
	CUT_HEAD = 2 * 4, /* where it was cut, and how much */
	CHECK = 8,        /* over all behind it */
	LEAF = 32,
	LEFT_HEAD = CHECK + LEAF + 1 /* and what was left out */
};

struct stored { /* what a row holds */
	struct bytes_view before, behind;
	size_t cut; /* bytes between them */
	int64_t vector;
	bool bare;
	const uint8_t *leaf; /* NULL: nothing was left out */
};

static void
check_of(struct bytes_view rest, uint8_t check[static CHECK])
{
	uint8_t hash[32];
	mesh_hash(rest.ptr, rest.len, hash);
	memcpy(check, hash, CHECK);
}

/* What stands before the cut core where it is not whole. */
static bool
read_left(struct bytes_view *row, int64_t what, const uint8_t **leaf)
{
	uint8_t check[CHECK];
	if (row->len < LEFT_HEAD)
		return false;
	*leaf = row->ptr + CHECK;
	check_of(bytes_view(*leaf, row->len - CHECK), check);
	if (memcmp(row->ptr, check, CHECK) != 0 || (*leaf)[LEAF] != -what)
		return false;
	*row = bytes_view(row->ptr + LEFT_HEAD, row->len - LEFT_HEAD);
	return true;
}

static bool
read_row(sqlite3_stmt *st, int at, struct stored *out)
{
	struct bytes_view all = column_bytes(st, at);
	*out = (struct stored){ .before = all,
		.bare = column_i64(st, at + 1) != 0,
		.vector = column_i64(st, at + 2) };
	if (out->vector == 0)
		return all.len > 0;
	if (out->vector < 0) {
		out->bare = true;
		if (!read_left(&all, out->vector, &out->leaf))
			return false;
	}
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

/* --- what is left out --- */

static void
begin_left(struct bytes_view leaf, int what, struct bytes_out *room)
{
	static const uint8_t later[CHECK];
	bytes_put(room, later, sizeof later);
	bytes_put_view(room, leaf);
	bytes_put_u8(room, (uint8_t)-what);
}

static bool
end_left(struct bytes_out *room)
{
	if (room->failed)
		return false;
	check_of(bytes_view(room->ptr + CHECK, room->len - CHECK), room->ptr);
	return true;
}

bool
cores_leave_out(const struct mesh_record *r, struct bytes_view leaf,
    struct bytes_view cut, struct bytes_out *room)
{
	begin_left(leaf, CORES_INDEX, room);
	(void)cores_cut(r->core, cut, room);
	return end_left(room);
}

/* Of the array that a body is. */
static size_t
head_of(struct bytes_view body)
{
	return body.ptr[0] == 0xdc ? 3 : body.ptr[0] == 0xdd ? 5 : 1;
}

/* The body becomes the key and one value as long as all the others. */
bool
cores_leave_key(
    const struct mesh_record *r, struct bytes_view leaf, struct bytes_out *room)
{
	enum { ONE = 0x91, TWO = 0x92 };
	struct bytes_view key;
	if (!mesh_record_key(r, &key))
		return false;
	size_t head = (size_t)(r->body.ptr - r->core.ptr), array = head_of(r->body);
	struct bytes_view said = bytes_view(
	    r->body.ptr + array, (size_t)(key.ptr + key.len - r->body.ptr) - array);
	struct bytes_view behind = bytes_view(
	    r->body.ptr + r->body.len, r->core.len - head - r->body.len);
	size_t from = head + 1 + said.len, cut = r->core.len - from - behind.len;
	begin_left(leaf, CORES_KEY, room);
	bytes_put_u32(room, (uint32_t)from);
	bytes_put_u32(room, (uint32_t)cut);
	bytes_put(room, r->core.ptr, head);
	bytes_put_u8(room, cut > 0 ? TWO : ONE);
	bytes_put_view(room, said);
	bytes_put_view(room, behind);
	return end_left(room);
}

bool
cores_leaf(sqlite3_stmt *st, int at, uint8_t leaf[static 32])
{
	struct stored row;
	if (!read_row(st, at, &row) || row.leaf == NULL)
		return false;
	memcpy(leaf, row.leaf, LEAF);
	return true;
}

/* --- out again --- */

size_t
cores_bytes(sqlite3_stmt *st, int at)
{
	struct stored row;
	return read_row(st, at, &row) ? row.before.len + row.cut + row.behind.len : 0;
}

static bool
put_zeros(size_t len, struct bytes_out *room)
{
	uint8_t *zeros = bytes_room(room, len);
	if (zeros != NULL)
		memset(zeros, 0, len);
	return zeros != NULL;
}

/* One value of that many bytes in all: a zero, or a string of zeros.  Only shortest
 * forms read back, and no string in one takes 258 bytes: an array of one does.  The
 * next such gap lies behind BIN16_MAX, where no record gets. */
static bool
put_filler(size_t len, struct bytes_out *room)
{
	enum { ONE = 0x91, BIN8 = 0xc4, BIN16 };
	enum { BIN8_MAX = 2 + 0xff, BIN16_MIN = 3 + 0x100, BIN16_MAX = 3 + 0xffff };
	if (len < 2)
		return put_zeros(len, room);
	if (len > BIN8_MAX && len < BIN16_MIN) {
		bytes_put_u8(room, ONE);
		len--;
	}
	if (len <= BIN8_MAX) {
		bytes_put_u8(room, BIN8);
		bytes_put_u8(room, (uint8_t)(len - 2));
		return put_zeros(len - 2, room);
	}
	if (len > BIN16_MAX)
		return false;
	bytes_put_u8(room, BIN16);
	bytes_put_u16(room, (uint16_t)(len - 3));
	return put_zeros(len - 3, room);
}

/* The vector's bytes, or zeros. */
static bool
put_vector(const struct stored *row, struct vectors *vectors, struct bytes_out *room)
{
	size_t before = room->len;
	if (row->vector == CORES_KEY)
		return row->cut == 0 || put_filler(row->cut, room);
	if (vectors == NULL || row->vector < 0)
		return put_zeros(row->cut, room);
	return vectors_read(vectors, row->vector, room) &&
	    room->len - before == row->cut;
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
