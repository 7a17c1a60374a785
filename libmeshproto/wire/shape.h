/* shape.h - a bounded look at msgpack before anything else may touch it.
 *
 * No recursion, no memory: `dd ff ff ff ff` costs five bytes of reading.  Every
 * declared count and length fits what is left, nesting is at most SHAPE_DEPTH, integers
 * and lengths have their shortest form, text is UTF-8, map keys are text and different,
 * floats are finite, there are no extension types and no 0xc1.  What passes, msgpack-c
 * can unpack in items * 24 bytes.  It knows no types, so that sites of all versions say
 * the same.  Floor 2.  Pure.  Source: PROTOCOL.md, Values. */
#ifndef MESH_SHAPE_H
#define MESH_SHAPE_H
#include "bytes.h"

enum { SHAPE_DEPTH = 8, SHAPE_ITEMS = 8192 };

/* Exactly one value and nothing after it.  `items` (may be NULL) receives how many
 * values it holds, itself and every key included.  MESH_TRUNCATED: ends early.
 * MESH_MALFORMED: the rest.  MESH_FULL: more than SHAPE_ITEMS. */
MESH_MUST_CHECK enum mesh_err shape_check(struct bytes_view value, size_t *items);
/* The next value of several; `in` moves behind it.  On error `in` stays. */
MESH_MUST_CHECK enum mesh_err shape_next(
    struct bytes_in *in, struct bytes_view *value, size_t *items);
#endif
