#include "subjects.h"

sqlite3_stmt *
subjects_of(struct statements *s, enum mesh_lane lane, struct bytes_view subject)
{
	sqlite3_stmt *st = statement_of(s, ST_RECORD_BY_SUBJECT);
	bind_bytes(st, 1, subject);
	bind_i64(st, 2, lane);
	return st;
}

static bool
read_copy(struct bytes_view bundle, struct arena *arena, struct mesh_record *out)
{
	struct bytes_view copy = arena_bytes(arena, bundle);
	return copy.ptr != NULL && mesh_record_read(copy, out) == MESH_OK;
}

bool
subjects_next(struct statements *s, sqlite3_stmt *st, struct arena *arena,
    struct mesh_record *out)
{
	while (statement_row(s, st))
		if (read_copy(column_bytes(st, 0), arena, out))
			return true;
	return false;
}

bool
subjects_row(
    struct statements *s, int64_t row, struct arena *arena, struct mesh_record *out)
{
	sqlite3_stmt *st = statement_of(s, ST_RECORD_BY_ROW);
	bind_i64(st, 1, row);
	bool found = statement_row(s, st) && read_copy(column_bytes(st, 0), arena, out);
	statement_end(st);
	return found;
}
