/* twins.h - lanes that are frozen because their origin said two things in them.
 *
 * Two verified records under one number: nobody can tell which one is meant, so nothing
 * at or above that number is taken of this lane until the origin begins a new epoch.
 * Kept on disk, for a restart must not forget it.  64 of them; a newer one takes the
 * oldest one's place, so a crowd of liars can at most be believed again.  Floor 3.
 * Pure.  Source: PROTOCOL.md 10. */
#ifndef MESH_TWINS_H
#define MESH_TWINS_H
#include "mesh_words.h"

enum { TWINS = 64 };

struct twin {
	struct mesh_position at; /* seq 0: free */
	bool unkept;             /* to be persisted: MESH_KEEP */
};
struct twins {
	struct twin list[TWINS];
	uint32_t next; /* the place to be taken next */
	uint32_t count;
};

/* False: known already, from that number on or from a lower one. */
bool twins_add(struct twins *t, const struct mesh_position *at);
bool twins_frozen(const struct twins *t, const struct mesh_position *at);
/* The next one to be kept, or NULL; its index goes to `index`. */
struct twin *twins_unkept(struct twins *t, uint32_t *index);
#endif
