/* registry.h - what the registry does by itself: answer other sites, end what is over.
 *
 * Entries come and go as records like all else (ops, ingest); this room is deletable.
 * Floor 7.  Pure. */
#ifndef REGISTRY_H
#define REGISTRY_H
#include "answering.h"
#include "expiring.h"
#include "retiring.h"

struct registry {
	struct answering *answering; /* owned */
	struct expiring expiring;
	struct retiring retiring;
};
struct registry_params { /* borrowed until registry_release */
	struct mesh_site *core;
	struct store *store;
	struct intents *intents;
	struct meshd_counts *counts;
	struct mesh_key self;
	struct hearsay *hearsay; /* NULL: no programs answer */
	const struct live *live; /* names of sites; NULL: none */
};
bool registry_init(struct registry *r, const struct registry_params *params);
void registry_release(struct registry *r);
/* A MESH_QUESTION. */
void registry_question(
    struct registry *r, const struct mesh_event *e, struct mesh_now now);
/* An outcome of OWNER_ANSWERING, OWNER_EXPIRING or OWNER_RETIRING; the page stays the
 * caller's. */
void registry_outcome(
    struct registry *r, const struct store_outcome *o, struct mesh_now now);
void registry_tick(struct registry *r, struct mesh_now now);
mesh_time_ms registry_deadline(const struct registry *r);
#endif
