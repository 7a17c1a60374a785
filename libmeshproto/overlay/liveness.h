/* liveness.h - does this neighbour still answer?
 *
 * Anything authenticated proves life, so a busy link is never pinged.  Silence of one
 * period brings a PING, no answer a short burst of them, no answer to that either:
 * silent.  The side that did not ping last waits longer, so that pings do not cross.  A
 * tick that comes late (this machine slept, not the other) starts over instead of
 * accusing.  Floor 3.  Pure.  Source: PROTOCOL.md 11. */
#ifndef MESH_LIVENESS_H
#define MESH_LIVENESS_H
#include "types.h"

enum { LIVENESS_PERIOD_MS = 2000, LIVENESS_PROBE_MS = 150, LIVENESS_LATE_MS = 500 };
enum liveness_state {
	LIVENESS_GOOD,
	LIVENESS_WAITING,
	LIVENESS_PROBING,
	LIVENESS_SILENT
};
enum liveness_action {
	LIVENESS_REST,
	LIVENESS_PING,   /* send one with l->ping_id */
	LIVENESS_ACCUSE, /* it fell silent just now */
};
struct liveness {       /* one per neighbour, by value */
	uint8_t state;  /* enum liveness_state */
	uint8_t probes; /* sent in this burst */
	bool pinged_last;
	uint16_t ping_id;
	uint32_t period_ms; /* P, or 0: LIVENESS_PERIOD_MS; a setting */
	mesh_time_ms due_ms;
	mesh_time_ms ping_ms; /* when ping_id went out; 0: answered */
	mesh_time_ms heard_ms;
};

void liveness_start(
    struct liveness *l, uint32_t period_ms, uint32_t dice, mesh_time_ms now);
/* A session datagram came.  True: it was silent and is good again. */
bool liveness_heard(struct liveness *l, uint32_t dice, mesh_time_ms now);
/* The other pinged us: it is the one that keeps the link warm. */
void liveness_pinged(struct liveness *l);
/* Its PONG.  True and the round trip, if it answers our last PING. */
bool liveness_ponged(struct liveness *l, uint16_t id, uint32_t held_ms,
    mesh_time_ms now, uint32_t *rtt_us);
/* `wait_ms`: patience with the first PING.  `probes`: how many of a burst. */
enum liveness_action liveness_tick(struct liveness *l, uint32_t wait_ms,
    unsigned probes, uint32_t dice, mesh_time_ms now);
/* PING with the next tick, silent or not: a session is new. */
void liveness_ask(struct liveness *l, mesh_time_ms now);
/* The system says the address cannot be reached: ask at once. */
void liveness_doubt(struct liveness *l, mesh_time_ms now);
bool liveness_is_silent(const struct liveness *l);
#endif
