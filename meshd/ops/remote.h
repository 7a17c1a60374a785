/* remote.h - operations that other sites ask of this one, by role.
 *
 * The rows of op_table that are marked `remote`, with the same parameters, checks and
 * answers as through any other door.  What needs an operator here needs an admin of
 * the network there; the rest any admitted site may ask.  A question that is not fresh,
 * or was taken before, is refused.  At most REMOTE_RUNNING at a time: the newest is
 * refused.  The asking half is call_remote (call_inside.h).  Floor 8.  Pure. */
#ifndef REMOTE_H
#define REMOTE_H
#include "call.h"
#include "meshd_counters.h"

enum { REMOTE_RUNNING = 8, REMOTE_NONCES = 256, REMOTE_BUDGET_MS = 5000 };
struct remote;
struct remote_params { /* borrowed until remote_free */
	struct mesh_site *core;
	struct calls *calls;
	struct meshd_counts *counts;
};
struct remote *remote_new(const struct remote_params *params); /* NULL: no memory */
void remote_free(struct remote *r);                            /* NULL is fine */
/* A MESH_QUESTION.  False: it is of another kind. */
bool remote_question(struct remote *r, const struct mesh_event *e, struct mesh_now now);
/* Answers what is done. */
void remote_tick(struct remote *r, struct mesh_now now);
#endif
