/* json_in.h - JSON text to a tree, or to an object by its field table.
 *
 * The only way in for JSON (ARCHITECTURE.md).  Depth, items and bytes are bounded by
 * the caller's arena and TREE_DEPTH; duplicate keys and trailing bytes are refused;
 * texts are copied.  Errors say line and column, or which member is wrong and why.
 * Floor 5.  Pure. */
#ifndef MODEL_JSON_IN_H
#define MODEL_JSON_IN_H
#include "arena.h"
#include "fields.h"
#include "tree.h"

enum { JSON_IN_BYTES = 128 * 1024 };
struct json_error {
	unsigned line, column; /* 1, 1 is the first character; 0: not about a place */
	char text[160];        /* "limit: wrong type, length or range" */
};
/* Any JSON value; an object becomes a tree of names, everything else one bare value. */
MESH_MUST_CHECK enum mesh_err json_in_tree(struct text_view json, struct arena *into,
    struct tree_view *out, struct json_error *why);
/* An object with the rows of `t`; a name that is no row is an error that says so. */
MESH_MUST_CHECK enum mesh_err json_in_object(const struct field_table *t,
    struct text_view json, void *object, struct arena *into, struct json_error *why);
#endif
