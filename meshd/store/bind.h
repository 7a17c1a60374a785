/* bind.h - values into a statement.  NULL for a statement is fine: there was an error.
 *
 * Parameters from 1, as SQLite has it.  Views are borrowed until the statement ends.
 * Floor 6. */
#ifndef BIND_H
#define BIND_H
#include "bytes.h"
#include <sqlite3.h>

void bind_i64(sqlite3_stmt *st, int at, int64_t n);
void bind_bytes(sqlite3_stmt *st, int at, struct bytes_view v);
void bind_copied_bytes(
    sqlite3_stmt *st, int at, struct bytes_view v); /* may go at once */
void bind_some_bytes(sqlite3_stmt *st, int at, struct bytes_view v); /* empty: NULL */
void bind_key(sqlite3_stmt *st, int at, const struct mesh_key *key);
void bind_text(sqlite3_stmt *st, int at, struct text_view v);
#endif
