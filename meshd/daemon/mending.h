/* mending.h - lanes that are not what their origin says: between the core, which asks
 * neighbours, and the store, which has the rows.
 *
 * No state of its own: what is under way is known to those two.  Floor 10. */
#ifndef MENDING_H
#define MENDING_H
#include "edges.h"
#include "store.h"

struct mending_world { /* borrowed for the call */
	struct mesh_site *core;
	struct store *store;
	const struct edges *edges;
	struct mesh_now now;
};
/* MESH_SKETCH, MESH_CELLS, MESH_REFETCH. */
void mending_event(const struct mending_world *w, const struct mesh_event *e);
/* OWNER_SKETCH, OWNER_COMPARE, OWNER_MEND. */
void mending_outcome(const struct mending_world *w, const struct store_outcome *o);
#endif
