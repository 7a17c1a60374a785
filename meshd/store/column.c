#include "column.h"
#include <string.h>

int64_t
column_i64(sqlite3_stmt *st, int at)
{
	return sqlite3_column_int64(st, at);
}

struct bytes_view
column_bytes(sqlite3_stmt *st, int at)
{
	const void *ptr = sqlite3_column_blob(
	    st, at); /* before _bytes: it may convert */
	return bytes_view(ptr, (size_t)sqlite3_column_bytes(st, at));
}

void
column_key(sqlite3_stmt *st, int at, struct mesh_key *out)
{
	struct bytes_view v = column_bytes(st, at);
	*out = (struct mesh_key){ { 0 } };
	if (v.len == sizeof out->bytes)
		memcpy(out->bytes, v.ptr, v.len);
}
