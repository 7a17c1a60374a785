/* turn.h - one pass over everything that happened, until nothing is left to do.
 *
 * Drains the core after each of its inputs, moves bytes between radios and drivers,
 * hands the store's outcomes to their rooms, lets organs read the feed and runs their
 * intents. At most TURN_ROUNDS rounds, so that two organs that answer each other cannot
 * hold the loop; what is left waits for the next turn and moves a counter.  No sockets,
 * no timers: the simulator runs it as it is.  Floor 10.  Pure over edges.h. */
#ifndef TURN_H
#define TURN_H
#include "call.h"
#include "edges.h"
#include "ingest.h"
#include "intents.h"
#include "organs.h"
#include "outbox.h"
#include "ports.h"
#include "publish.h"
#include "registry.h"
#include "remember.h"
#include "remote.h"
#include "store.h"

enum { TURN_ROUNDS = 64, TURN_DATAGRAMS = 64, TURN_INTENTS = 64 };
struct turn;
struct turn_params { /* all borrowed until turn_free */
	struct mesh_site *core;
	struct store *store;
	struct feed *feed;
	struct live *live;
	struct intents *intents;
	struct ingest *ingest;
	struct publish *publish;
	struct ports *ports;
	struct organs *organs;
	struct calls *calls;
	struct remember *remember;
	struct registry *registry;
	struct meshd_counts *counts;
	const struct edges *edges;
	struct intents *asks; /* no records: never wait for one */
	struct air *air;      /* NULL: nothing is sent */
	struct outbox *outbox;
	struct remote *remote; /* NULL: other sites may ask for nothing */
};
struct turn *turn_new(const struct turn_params *params); /* NULL: no memory */
void turn_free(struct turn *t);                          /* NULL is fine */
/* Everything that is due; returns when to come again at the latest. */
mesh_time_ms turn_run(struct turn *t, struct mesh_now now);
/* Radios came or went: all are told anew. */
void turn_forget_radios(struct turn *t);
/* Say goodbye to the mesh; from here on radios and intents rest. */
void turn_leave(struct turn *t, struct mesh_now now);
/* After turn_leave: everything that the core wanted kept is kept. */
bool turn_is_settled(const struct turn *t);
#endif
