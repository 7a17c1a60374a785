#include "subjects.h"
#include "cores.h"

sqlite3_stmt *
subjects_of(struct statements *s, enum mesh_lane lane, struct bytes_view subject)
{
	sqlite3_stmt *st = statement_of(s, ST_RECORD_BY_SUBJECT);
	bind_bytes(st, 1, subject);
	bind_i64(st, 2, lane);
	return st;
}

static bool
read_copy(sqlite3_stmt *st, struct vectors *vectors, struct arena *arena,
    struct mesh_record *out)
{
	size_t len = cores_bytes(st, 0);
	struct bytes_out room = bytes_out(arena_take(arena, len, 1), len);
	return room.ptr != NULL && cores_read(st, 0, vectors, &room, out);
}

bool
subjects_next(struct statements *s, sqlite3_stmt *st, struct arena *arena,
    struct mesh_record *out)
{
	while (statement_row(s, st))
		if (read_copy(st, NULL, arena, out))
			return true;
	return false;
}

bool
subjects_row(struct statements *s, int64_t row, bool *whole, struct arena *arena,
    struct mesh_record *out)
{
	struct vectors vectors;
	vectors_init(&vectors, s, STATEMENTS_READ);
	sqlite3_stmt *st = statement_of(s, ST_RECORD_BY_ROW);
	bind_i64(st, 1, row);
	bool found = statement_row(s, st) &&
	    read_copy(st, *whole ? &vectors : NULL, arena, out);
	*whole = *whole && found && column_i64(st, 2) >= 0;
	statement_end(st);
	vectors_forget(&vectors);
	return found;
}
