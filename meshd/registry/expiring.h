/* expiring.h - our own entries end when they said they would.
 *
 * Readers hide what is over by their own clock; that it goes from everybody's disk is a
 * DROP, and only its origin can write that.  Looked at twice a minute, so many at a
 * time.  Without a plausible clock nothing ends.  Floor 7.  Pure. */
#ifndef EXPIRING_H
#define EXPIRING_H
#include "intents.h"
#include "meshd_counters.h"
#include "store.h"

enum { EXPIRING_EACH_MS = 30 * 1000, EXPIRING_SOON_MS = 2000 };
struct expiring {            /* zero plus expiring_init is valid */
	struct store *store; /* borrowed, like the next two */
	struct intents *intents;
	struct meshd_counts *counts;
	struct mesh_key self;
	mesh_time_ms due_ms;
	bool asked;
	/* This round goes on behind that one: what is damaged, or only listed as over,
	 * stays where it is and shall not be asked for for ever. */
	struct store_expiry behind;
};
struct expiring expiring_init(struct store *store, struct intents *intents,
    struct meshd_counts *counts, const struct mesh_key *self);
void expiring_tick(struct expiring *e, struct mesh_now now);
/* An outcome of OWNER_EXPIRING; the page stays the caller's. */
void expiring_outcome(
    struct expiring *e, const struct store_outcome *o, struct mesh_now now);
mesh_time_ms expiring_deadline(const struct expiring *e);
#endif
