/* column.h - values out of a statement's row.
 *
 * Columns from 0.  Views live until the next step.  Floor 6. */
#ifndef COLUMN_H
#define COLUMN_H
#include "bytes.h"
#include <sqlite3.h>

int64_t column_i64(sqlite3_stmt *st, int at);
struct bytes_view column_bytes(sqlite3_stmt *st, int at);
void column_key(sqlite3_stmt *st, int at, struct mesh_key *out); /* zero if misshapen */
#endif
