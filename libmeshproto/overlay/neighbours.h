/* neighbours.h - with whom to hold a session.
 *
 * In a small mesh with everybody; above that with a few of our own random choice and
 * with those who chose us, so that nobody who fills our table can decide alone whom we
 * hear: slots of our own choice are never taken by others, and a network of addresses
 * that one owner may well have gets two of them at most.  Static peers always,
 * uncounted.  The two limits differ, so that a mesh of nine or ten does not flap.
 * Floor 3.  Pure.  Source: PROTOCOL.md 11, "Active neighbours".
 */
#ifndef MESH_NEIGHBOURS_H
#define MESH_NEIGHBOURS_H
#include "mesh_words.h"

enum {
	NEIGHBOURS_ALL = 8,     /* known sites up to which everybody is one */
	NEIGHBOURS_SHRINK = 10, /* above it we begin to choose */
	NEIGHBOURS_CHOSEN = 3,
	NEIGHBOURS_TAKEN = 4, /* accepted beside them */
	NEIGHBOURS_SPARE = 3, /* and of those who have hardly anybody */
	NEIGHBOURS_MAX = 10,  /* while we do not choose */
	NEIGHBOURS_NEAR = 2,  /* chosen in one /24 or /48, while there are others */
};
struct neighbours_site {    /* by peer index; flags the core keeps up to date */
	uint32_t prefix;    /* where it lives: neighbours_prefix */
	bool candidate : 1; /* met, and neither dead nor gone */
	bool is_static : 1;
	bool linked : 1; /* a session stands */
	bool chosen : 1;
	bool refused : 1; /* it has enough: asked again when nobody else is left */
	bool blamed : 1;  /* it takes and does not give: the last to be asked again */
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
/* It acknowledges what it is sent and passes nothing on: its slot goes to another.
 * False: there is nobody to choose, or it is static. */
bool neighbours_blamed(struct neighbours *n, uint32_t index);
/* A name for the /24 or /48 of an address. */
uint32_t neighbours_prefix(const struct mesh_path *path);
/* How many live there, dead or alive. */
uint32_t neighbours_near(const struct neighbours *n, uint32_t prefix);
/* Is it one of ours, or are all? */
bool neighbours_concerns(const struct neighbours *n, uint32_t index);
bool neighbours_wants(const struct neighbours *n, uint32_t index); /* call it */
/* May a session that the other began stay?  `poor`: it has hardly any others. */
bool neighbours_accepts(const struct neighbours *n, uint32_t index, bool poor);
#endif
