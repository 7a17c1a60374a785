/* wire.h - structs to msgpack and back, by their field tables.
 *
 * One positional array per object, absent rows nil, shortest integers only, so that
 * equal objects have equal bytes.  Decoding runs the bounded shape check before
 * msgpack-c sees a byte; trailing elements are ignored, missing ones are absent.  Keys
 * are bin 32, ids bin kind || bytes, trees a map with text keys or one bare value,
 * lists arrays of arrays (of bare values if the element's table says so).  Bounds and
 * required rows are checked both ways. Floor 2.  Pure.  Source: PROTOCOL.md 2.3. */
#ifndef MESH_WIRE_H
#define MESH_WIRE_H
#include "fields.h"

/* Append `object` to `out`.  MESH_FULL leaves `out` as it was, as does MESH_MALFORMED:
 * a row out of bounds or a required one absent. */
MESH_MUST_CHECK enum mesh_err wire_encode(
    const struct field_table *t, const void *object, struct bytes_out *out);
/* Read one object.  Views point into `in`; lists and trees are carved from `lists`,
 * whose far end serves as scratch meanwhile (24 bytes for each msgpack value beyond the
 * first 96; it may be NULL if neither is needed). MESH_TRUNCATED, MESH_MALFORMED:
 * `object` is all zero.  MESH_FULL: `lists` is. */
MESH_MUST_CHECK enum mesh_err wire_decode(const struct field_table *t,
    struct bytes_view in, void *object, struct arena *lists);

/* The same with a number before the first row: frames, `[3, id, held_ms, digest]`. */
MESH_MUST_CHECK enum mesh_err wire_encode_numbered(const struct field_table *t,
    uint8_t number, const void *object, struct bytes_out *out);
MESH_MUST_CHECK enum mesh_err wire_decode_numbered(const struct field_table *t,
    struct bytes_view in, void *object, struct arena *lists);
#endif
