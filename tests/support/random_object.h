/* random_object.h - any object of any field table, at random but within its bounds.
 *
 * What the table allows and nothing else: so encode must take it, decode must give it
 * back and describe must show it.  Draws from rng_u64 (check_mesh.h): MESH_TEST_SEED
 * repeats. Rows that are not required are absent one time in four.  No NaN; integers in
 * trees have the kind that decoding gives them. */
#ifndef RANDOM_OBJECT_H
#define RANDOM_OBJECT_H
#include "fields.h"

/* Fill `object` (t->object_bytes); views, lists and trees are carved from `arena`.
 * False: the arena is full, and the object unfinished. */
bool random_object(const struct field_table *t, void *object, struct arena *arena);
#endif
