#include "bind.h"

void
bind_i64(sqlite3_stmt *st, int at, int64_t n)
{
	if (st != NULL)
		sqlite3_bind_int64(st, at, n);
}

/* SQLite takes a NULL pointer for NULL; an empty value is something else. */
void
bind_bytes(sqlite3_stmt *st, int at, struct bytes_view v)
{
	if (st != NULL)
		sqlite3_bind_blob64(st, at, v.len == 0 ? (const void *)"" : v.ptr,
		    v.len, SQLITE_STATIC);
}

void
bind_copied_bytes(sqlite3_stmt *st, int at, struct bytes_view v)
{
	if (st != NULL)
		sqlite3_bind_blob64(st, at, v.len == 0 ? (const void *)"" : v.ptr,
		    v.len, SQLITE_TRANSIENT);
}

void
bind_some_bytes(sqlite3_stmt *st, int at, struct bytes_view v)
{
	if (v.len > 0)
		bind_bytes(st, at, v);
}

void
bind_key(sqlite3_stmt *st, int at, const struct mesh_key *key)
{
	bind_bytes(st, at, bytes_view(key->bytes, sizeof key->bytes));
}

void
bind_text(sqlite3_stmt *st, int at, struct text_view v)
{
	if (st != NULL)
		sqlite3_bind_text64(st, at, v.ptr == NULL ? "" : v.ptr, v.len,
		    SQLITE_STATIC, SQLITE_UTF8);
}
