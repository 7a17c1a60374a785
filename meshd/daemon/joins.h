/* joins.h - a move to another network under way: the token, who waits, until when.
 *
 * One at a time; the next takes its place, and the one before is told that it was
 * refused.  Who went away before the answer came does not move.  Floor 10.  Pure over
 * edges.h.  Source: DECISIONS/0071. */
#ifndef JOINS_H
#define JOINS_H
#include "call.h"
#include "edges.h"
#include "intents.h"
#include "meshtrust.h"

/* Members may not have heard of the token yet, ways may lose datagrams; above all that
 * waits in core/guests.c. */
enum { JOINS_MS = 20 * 1000 };
struct joins { /* secret: joins_wipe */
	struct mesh_invite invite;
	uint64_t token;     /* of the call that asked */
	mesh_time_ms by_ms; /* it is over then */
	bool knocks;
};
struct joins_world {
	struct mesh_site *core;
	struct calls *calls;
	const struct edges *edges;
};

void joins_begin(struct joins *j, const struct joins_world *w, const struct intent *i,
    struct mesh_now now);
/* MESH_JOIN of the core. */
void joins_event(
    struct joins *j, const struct joins_world *w, const struct mesh_event *e);
/* INTENT_MOVE: without anybody's leave. */
void joins_move(const struct joins_world *w, const struct intent *i);
void joins_tick(struct joins *j, const struct joins_world *w, struct mesh_now now);
mesh_time_ms joins_deadline(const struct joins *j);
void joins_wipe(struct joins *j);
#endif
