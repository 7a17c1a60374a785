/* kept_rows.h - the rooms' own small facts, which nobody can resend.  Floor 6. */
#ifndef KEPT_ROWS_H
#define KEPT_ROWS_H
#include "meshparams.h"
#include "statements.h"

/* Inside a transaction.  An empty value is a value. */
void kept_rows_put(struct statements *s, struct text_view room, struct bytes_view key,
    struct bytes_view value);
MESH_MUST_CHECK enum mesh_err kept_rows_find(struct statements *s,
    struct text_view room, struct bytes_view key, struct bytes_out *out);
/* All of a room; malloc'ed. */
MESH_MUST_CHECK enum mesh_err kept_rows_load(
    struct statements *s, struct text_view room, struct mesh_kept **out, size_t *count);
void kept_rows_free(struct mesh_kept *kept, size_t count);
#endif
