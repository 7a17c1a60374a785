/* tree_pack.h - trees to msgpack and back: maps with text keys, lists, leaves.
 *
 * A tree lies in reading order, and so does msgpack: writing is one loop.  Reading
 * recurses as deep as the shape check lets nesting be.  Integers up to INT64_MAX come
 * back as TREE_I64 and larger ones as TREE_U64: msgpack keeps no sign for them.
 * Floor 2.  Pure. */
#ifndef MESH_TREE_PACK_H
#define MESH_TREE_PACK_H
#include "types.h"
#include <msgpack/object.h>

void tree_pack(struct tree_view tree, struct bytes_out *out);
/* Items are carved from `lists`; texts and bytes point where msgpack's point.
 * MESH_FULL: `lists` is (or NULL).  MESH_MALFORMED: more than TREE_ITEMS. */
MESH_MUST_CHECK enum mesh_err tree_pack_read(
    const msgpack_object *o, struct tree_view *tree, struct arena *lists);
#endif
