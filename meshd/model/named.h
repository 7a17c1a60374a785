/* named.h - objects as trees of named values, and back, by their field tables.
 *
 * A state value travels with its names (PROTOCOL.md 2: typed values), so that a reader
 * who does not know the key still shows it; inside, a known key's value is a struct.
 * Also what json_in.h stands on.  Absent rows are left out; unknown names are skipped.
 * Floor 5.  Pure. */
#ifndef MODEL_NAMED_H
#define MODEL_NAMED_H
#include "arena.h"
#include "fields.h"
#include "tree.h"

/* Append the members of `object`.  Errors are sticky in `out`.  Texts are borrowed; ids
 * and keys are texts carved from `texts`. */
void named_write(const struct field_table *t, const void *object, struct arena *texts,
    struct tree_out *out);
/* Fill `object` (zeroed first) from the names in `tree` and check it.  Texts stay
 * borrowed from the tree; lists and bytes from hex are carved from `into`.
 * MESH_MALFORMED: `*bad` (may be NULL) is the row at fault.  MESH_FULL: `into` is. */
MESH_MUST_CHECK enum mesh_err named_read(const struct field_table *t,
    struct tree_view tree, void *object, struct arena *into, const struct field **bad);
#endif
