/* serve.h - what neighbours have asked us for, and what the store was asked for them.
 *
 * The core holds no bodies: a PULL becomes a want, the store reads, the records pass
 * through as pages and are gone.  Four wants are open at a time, the others wait in
 * order of arrival; one neighbour cannot fill the room of all.  A want that the store
 * does not answer in 5 s is over.  Wants of our own (an old PUT to be written again, a
 * record to be compared) take the same way and have no neighbour.  Floor 3.  Pure.
 * Source: PROTOCOL.md 9 and 10. */
#ifndef MESH_SERVE_H
#define MESH_SERVE_H
#include "holdings.h"

enum {
	SERVE_WANTS = 48,
	SERVE_OPEN = 4,
	SERVE_EACH = 24, /* of one neighbour */
	SERVE_WAIT_MS = 5000
};
enum want_state { WANT_FREE, WANT_WAITS, WANT_OPEN };
enum want_use { WANT_SERVE, WANT_COMPARE, WANT_REWRITE };

struct want {
	uint8_t state, use; /* enum want_state, want_use */
	uint16_t pull;      /* the neighbour's ticket */
	uint16_t generation;
	bool cut;                /* not all that was supplied went out */
	struct handle neighbour; /* WANT_SERVE */
	struct holdings_log log;
	uint64_t from, to; /* `from` moves on with what was supplied */
	uint64_t asked_to; /* as the neighbour wanted it; `to` is what we hold of it */
	uint32_t max_bytes, sent;
	uint64_t number;     /* order of arrival */
	mesh_time_ms due_ms; /* MESH_NEVER: the store was not asked yet */
};
struct serve {
	struct want wants[SERVE_WANTS];
	uint32_t count, open;
	uint64_t number;
	uint16_t generation;
};

/* A new want, or NULL: no room, or none for this neighbour any more. */
struct want *serve_add(struct serve *s, const struct want *wanted);
/* The next one for the store, if one more may be open; it is, from now on. */
struct want *serve_next(struct serve *s, mesh_time_ms now);
bool serve_is_due(const struct serve *s); /* would serve_next give one? */
/* What a ticket of the store's names; NULL: over. */
struct want *serve_find(struct serve *s, uint32_t index, uint16_t generation);
uint32_t serve_index(const struct serve *s, const struct want *w);
void serve_drop(struct serve *s, struct want *w);
/* One that the store does not answer; NULL: none. */
struct want *serve_late(struct serve *s, mesh_time_ms now);
void serve_forget(struct serve *s, struct handle neighbour); /* it is gone */
bool serve_has(const struct serve *s, enum want_use use);
mesh_time_ms serve_deadline(const struct serve *s);
#endif
