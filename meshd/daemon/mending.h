/* mending.h - lanes that are not what their origin says: between the core, which asks
 * neighbours, and the store, which has the rows.
 *
 * Floor 10. */
#ifndef MENDING_H
#define MENDING_H
#include "store.h"

/* MESH_SKETCH, MESH_CELLS, MESH_REFETCH. */
void mending_event(
    struct mesh_site *core, const struct mesh_event *e, struct mesh_now now);
#endif
