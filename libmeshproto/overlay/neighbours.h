/* neighbours.h - with whom to hold a session.
 *
 * In a small mesh with everybody; above that with a few of our own random choice and
 * with those who chose us, so that nobody who fills our table can decide alone whom we
 * hear.  Static peers always, uncounted.  The two limits differ, so that a mesh of nine
 * or ten does not flap.  Floor 3.  Pure.  Source: PROTOCOL.md 11, "Active neighbours".
 */
#ifndef MESH_NEIGHBOURS_H
#define MESH_NEIGHBOURS_H
#include "types.h"

enum {
	NEIGHBOURS_ALL = 8,     /* known sites up to which everybody is one */
	NEIGHBOURS_SHRINK = 10, /* above it we begin to choose */
	NEIGHBOURS_CHOSEN = 3,
	NEIGHBOURS_MAX = 10, /* chosen and accepted */
};
struct neighbours_site { /* by peer index; flags the core keeps up to date */
	bool candidate;  /* met, and neither dead nor gone */
	bool is_static;
	bool linked; /* a session stands */
	bool chosen;
	bool refused; /* it has enough: asked again when nobody else is left */
};
struct neighbours {
	struct neighbours_site *sites; /* borrowed, zeroed */
	uint32_t cap;
	uint32_t known; /* candidates */
	bool choosing;
};

void neighbours_init(struct neighbours *n, struct neighbours_site *sites, uint32_t cap);
/* Something changed: who is known, and whom we choose.  `dice` starts the choice. */
void neighbours_review(struct neighbours *n, uint64_t dice);
/* It closed the session that we began: choose another. */
void neighbours_refused(struct neighbours *n, uint32_t index);
bool neighbours_wants(const struct neighbours *n, uint32_t index); /* call it */
/* May a session that the other began stay? */
bool neighbours_accepts(const struct neighbours *n, uint32_t index);
#endif
