/* app_format.h - the two ways of writing what is said at the apps' door.
 *
 * Everything behind the door is JSON; what comes or goes as msgpack is rewritten here,
 * so that both mean the same by construction.  Bytes become hex on the way in.  Strict
 * like the mesh itself (PROTOCOL.md, head): shortest integers, text keys, no extension
 * types.  Floor 9.  Pure. */
#ifndef APP_FORMAT_H
#define APP_FORMAT_H
#include "arena.h"
#include "bytes.h"

/* A msgpack map: no JSON begins so. */
bool app_format_is_packed(struct bytes_view datagram);
/* MESH_MALFORMED: not one sound map.  MESH_FULL: larger than `scratch` or `json`. */
MESH_MUST_CHECK enum mesh_err app_format_unpack(
    struct bytes_view packed, struct arena *scratch, struct bytes_out *json);
/* The reverse, of our own JSON: MESH_FULL, or MESH_MALFORMED: more than TREE_ITEMS. */
MESH_MUST_CHECK enum mesh_err app_format_pack(
    struct text_view json, struct arena *scratch, struct bytes_out *packed);
#endif
