/* liveness.h - does this neighbour still answer?
 *
 * Anything authenticated proves life, so a busy link is never pinged.  Silence of one
 * period brings a PING; no answer brings a short burst of them, at whose beginning
 * others are asked whether they hear it; no answer to that either: silent.  The side
 * that did not ping last waits longer, so that pings do not cross.
 *
 * Whoever is heard by others but not by us lives: it is not accused, and if the next
 * burst fails as well the link is given up without a word (docs/DECISIONS/0042).  Floor
 * 3.  Pure. Source: PROTOCOL.md 11. */
#ifndef MESH_LIVENESS_H
#define MESH_LIVENESS_H
#include "types.h"

enum { LIVENESS_PERIOD_MS = 2000 };
enum liveness_state {
	LIVENESS_GOOD,
	LIVENESS_WAITING,
	LIVENESS_PROBING,
	LIVENESS_SILENT
};
enum liveness_action {
	LIVENESS_REST,
	LIVENESS_PING,   /* send one with l->ping_id */
	LIVENESS_PROBE,  /* the same, and ask common neighbours */
	LIVENESS_ACCUSE, /* it fell silent just now */
	LIVENESS_QUIT,   /* so did the link, but others hear it */
};
struct liveness {              /* one per neighbour, by value */
	uint8_t state;         /* enum liveness_state */
	uint8_t probes, burst; /* sent of this burst; how many it has */
	bool pinged_last;
	bool vouched; /* others heard it since we last did */
	bool steady;  /* P is a setting: never ask before it is over */
	bool doubted; /* by others: this burst began without a first PING */
	bool hinted;  /* so did one since the last PING of our own accord */
	uint16_t ping_id;
	bool unplaced;      /* no time was chosen yet among those of other links */
	uint32_t period_ms; /* P; may be set at any time */
	mesh_time_ms due_ms;
	mesh_time_ms ping_ms; /* when ping_id went out; 0: answered */
	mesh_time_ms heard_ms;
};
struct liveness_patience { /* with this link, as it was measured: rtt.h */
	uint32_t wait_ms;  /* with the first PING */
	uint32_t probe_ms; /* between those of a burst */
	unsigned probes;   /* of a burst: asked when it begins */
};

void liveness_start(
    struct liveness *l, uint32_t period_ms, uint32_t dice, mesh_time_ms now);
/* A session datagram came.  True: it was silent and is good again. */
bool liveness_heard(struct liveness *l, uint32_t dice, mesh_time_ms now);
/* It was a PING: the other keeps the link warm. */
void liveness_pinged(struct liveness *l, uint32_t dice, mesh_time_ms now);
struct liveness_pong {
	uint16_t id;
	uint32_t held_ms, dice;
};
/* It was a PONG.  True and the round trip, if it answers our last PING. */
bool liveness_ponged(struct liveness *l, const struct liveness_pong *pong,
    mesh_time_ms now, uint32_t *rtt_us);
enum liveness_action liveness_tick(
    struct liveness *l, const struct liveness_patience *patience, mesh_time_ms now);
/* PING with the next tick: a session is new. */
void liveness_ask(struct liveness *l, mesh_time_ms now);
/* Somebody else does not hear it: a burst at once.  The one who asks has asked around
 * already. */
void liveness_doubt(struct liveness *l, mesh_time_ms now);
/* The network said that nobody is there, as anybody can in its name: a burst at once,
 * one between two regular PINGs.  False: it is asked already, or was. */
bool liveness_hint(struct liveness *l, mesh_time_ms now);
/* PROBED, `id` as in the PROBE: another neighbour heard it.  False: not asked. */
bool liveness_vouch(struct liveness *l, uint16_t id, uint32_t dice, mesh_time_ms now);
/* We slept; their answers may lie in the socket: ask nothing for one period. */
void liveness_excuse(struct liveness *l, uint32_t dice, mesh_time_ms now);
bool liveness_is_silent(const struct liveness *l);
#endif
