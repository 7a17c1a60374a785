/* subjects.h - the records that bear one subject: what a view row is folded from.
 *
 * Floor 6. */
#ifndef SUBJECTS_H
#define SUBJECTS_H
#include "arena.h"
#include "meshproto.h"
#include "statements.h"

/* Newest arrival first, so that a fold that forgets what is superseded needs little. */
sqlite3_stmt *subjects_of(
    struct statements *s, enum mesh_lane lane, struct bytes_view subject);
/* The next one, its core copied into `arena`.  Rows that do not read back, or find
 * the arena full, are passed over. */
bool subjects_next(struct statements *s, sqlite3_stmt *st, struct arena *arena,
    struct mesh_record *out);
/* The record of one row, `whole`: with its embedding, else zeros stand for it, as they
 * do above; and so they do, and it says so, if it is not kept here.  False: gone. */
bool subjects_row(struct statements *s, int64_t row, bool *whole, struct arena *arena,
    struct mesh_record *out);
#endif
