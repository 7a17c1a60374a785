/* intents_run.h - what organs, doors and publish want done, done in order.
 *
 * The core takes a draft and answers with a number; whoever waits for it is told when
 * the record is stored.  A core that is full keeps the intent at the head of the queue.
 * Floor 10.  Pure. */
#ifndef INTENTS_RUN_H
#define INTENTS_RUN_H
#include "call.h"
#include "ingest.h"
#include "intents.h"
#include "joins.h"

/* Who waits until what the core wants kept is kept: decisions that are no record. */
enum { UNKEPT_MAX = 16 };
struct unkept {
	uint64_t tokens[UNKEPT_MAX];
	size_t count;
};
struct intents_world { /* borrowed */
	struct intents *intents;
	struct mesh_site *core;
	struct ingest *ingest;
	struct calls *calls; /* NULL: nobody waits */
	struct meshd_counts *counts;
	struct joins *joins;
	const struct edges *edges;
	struct unkept *unkept;
};
/* The oldest intent; true: one was taken, drain the core before the next call. */
bool intents_run(const struct intents_world *w, struct mesh_now now);
#endif
