/* describe.h - any object with a field table, as JSON or as aligned text.
 *
 * The only producer of JSON from objects.  Absent rows are left out; SECRET rows
 * always, PRIVATE rows for AUDIENCE_PUBLIC.  Bytes are hex, ids and keys their text
 * form, small numbers with words their word.  Floor 0.  Pure. */
#ifndef MESH_DESCRIBE_H
#define MESH_DESCRIBE_H
#include "fields.h"
#include "json_out.h"

void describe_json(const struct field_table *t, const void *object,
    enum audience audience, struct json_out *j);
/* Only the members, without the braces: for doors that add their own. */
void describe_members(const struct field_table *t, const void *object,
    enum audience audience, struct json_out *j);
void describe_tree(struct tree_view tree, struct json_out *j);
/* "name: value" lines with units, names padded to one width. */
void describe_text(const struct field_table *t, const void *object,
    enum audience audience, struct bytes_out *out);
#endif
