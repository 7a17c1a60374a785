/* intents.h - what shall be done: written by organs, doors and publish, run by the
 * daemon.
 *
 * A bounded queue of copies.  The runner peeks, does, drops; what cannot be done yet
 * stays at the head (MESH_FULL from the core), so order is kept.  When the queue is
 * full the newest is refused and the asker is told.  Floor 6.  Pure. */
#ifndef INTENTS_H
#define INTENTS_H
#include "meshproto.h"
#include "meshtrust.h"

enum intent_kind {
	INTENT_APPEND = 1,
	INTENT_ECHO,
	INTENT_DECREE, /* `body` is a struct mesh_decree */
	INTENT_JOIN,   /* `body` is a token */
	INTENT_LOCAL,  /* as APPEND, but it stays here */
	INTENT_MOVE,   /* `body` is a network file: go there */
	INTENT_ASK,    /* `body` is a question to all */
	INTENT_TELL    /* `body` is told, and kept by nobody */
};
struct intent {
	enum intent_kind kind;
	enum mesh_lane lane; /* the lane's row says how safely it is stored */
	uint16_t type;
	uint64_t token; /* the asker's; 0: nobody waits */
	struct bytes_view body;
	uint64_t epoch; /* APPEND: only in this one of our log; 0: in any */
	/* APPEND: what it replaces counts for so much (mesh_site_replace); 0: nothing,
	 * as far as is known. */
	uint32_t replaced;
	/* ECHO, TELL: to whom, or to everybody; how long to wait. */
	struct mesh_key to;
	bool to_all;
	uint32_t budget_ms;
};
struct intents;

/* NULL: no memory.  `bytes` is for the bodies. */
struct intents *intents_new(size_t count, size_t bytes);
void intents_free(struct intents *q);
/* Copies the body.  MESH_FULL: nothing changed. */
MESH_MUST_CHECK enum mesh_err intents_put(struct intents *q, const struct intent *i);
/* An object as an APPEND intent, encoded by its table.  MESH_MALFORMED: does not fit.
 */
MESH_MUST_CHECK enum mesh_err intents_append(struct intents *q, enum mesh_lane lane,
    uint16_t type, const struct field_table *t, const void *body, uint64_t token);
/* The same as a LOCAL intent. */
MESH_MUST_CHECK enum mesh_err intents_local(struct intents *q, enum mesh_lane lane,
    uint16_t type, const struct field_table *t, const void *body);
/* The same for what makes sense in one epoch of our log alone: `at` says which, and the
 * lane. */
MESH_MUST_CHECK enum mesh_err intents_append_in(struct intents *q,
    const struct mesh_position *at, uint16_t type, const struct field_table *t,
    const void *body, uint64_t token);
/* A decision, its secrets included. */
MESH_MUST_CHECK enum mesh_err intents_decree(
    struct intents *q, const struct mesh_decree *d, uint64_t token);
/* The oldest, valid until the next put or drop, which wipes it; false: none. */
bool intents_peek(const struct intents *q, struct intent *out);
void intents_drop(struct intents *q);
size_t intents_count(const struct intents *q);
uint64_t intents_serial(const struct intents *q); /* how many were ever put */
/* True while at most half is used: what can wait (state rewrites) asks first. */
bool intents_is_calm(const struct intents *q);
/* More than three quarters are used: the rest is for packets and alerts. */
bool intents_is_tight(const struct intents *q);
#endif
