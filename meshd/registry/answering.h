/* answering.h - what other sites search here.
 *
 * A question that comes over the mesh becomes a search of the store; when it ends, or
 * the asker's time is almost over, what was found goes back to the asker alone.  So
 * many at a time, and of one asker a few: a search reads all there is.  A question that
 * finds no room is not answered, and the asker says that one site less did.  Floor 7.
 * Pure. */
#ifndef ANSWERING_H
#define ANSWERING_H
#include "meshd_counters.h"
#include "meshproto.h"
#include "store.h"

enum { ANSWERING_MAX = 8, ANSWERING_EACH = 2 };
struct answering;
struct answering_params { /* borrowed until answering_free */
	struct mesh_site *core;
	struct store *store;
	struct meshd_counts *counts;
	struct mesh_key self;
	struct hearsay *hearsay; /* NULL: no programs answer */
	const struct live *live; /* names of sites; NULL: none */
};
struct answering *answering_new(const struct answering_params *params); /* or NULL */
void answering_free(struct answering *a);
/* A MESH_QUESTION; its body is not kept. */
void answering_question(
    struct answering *a, const struct mesh_event *e, struct mesh_now now);
/* An outcome of OWNER_ANSWERING; the page stays the caller's. */
void answering_outcome(
    struct answering *a, const struct store_outcome *o, struct mesh_now now);
void answering_tick(struct answering *a, struct mesh_now now);
mesh_time_ms answering_deadline(const struct answering *a);
#endif
