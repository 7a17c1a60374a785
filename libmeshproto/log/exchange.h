/* exchange.h - when to compare what we hold with what a neighbour holds.
 *
 * A neighbour's digest rides on its PINGs and PONGs.  One that differs from ours for a
 * second, longer than news takes to spread, is worth a SUM; a pair of digests after
 * which we had nothing to pull is settled and ignored until one of the two changes.
 * Exchanges with one neighbour are 2 s apart, doubling to a minute while they find
 * nothing.  Who told no digest for 10 s is asked without; who is asked again and again
 * and says nothing of what it holds is mute.  Floor 3.  Pure.  Source: PROTOCOL.md 9.
 */
#ifndef MESH_EXCHANGE_H
#define MESH_EXCHANGE_H
#include "digest.h"

enum {
	EXCHANGE_DIFFER_MS = 1000,
	EXCHANGE_GAP_MS = 2000,
	EXCHANGE_GAP_MAX_MS = 60000,
	EXCHANGE_HURRY_MS = 100, /* while pulls bring something */
	EXCHANGE_TELL_MS = 5000, /* a digest that no PING has carried */
	EXCHANGE_UNHEARD_MS = 10 * 1000,
	EXCHANGE_MUTE_MS = 20 * 1000, /* and so many SUMs in vain */
	EXCHANGE_MUTE_ASKED = 5
};

struct exchange { /* one per neighbour, by value; zero plus exchange_begin */
	uint8_t theirs[DIGEST];
	uint8_t settled[2][DIGEST]; /* ours, theirs */
	bool heard, is_settled;
	bool found, blocked; /* by the exchange under way */
	bool spared;         /* a question of ours, by one of theirs; once */
	uint8_t in_vain;     /* SUMs since it last said anything of what it holds */
	uint32_t gap_ms;
	mesh_time_ms differ_ms; /* since when; MESH_NEVER: they do not */
	mesh_time_ms next_ms;   /* no exchange before */
	mesh_time_ms asked_ms;  /* the first of those in vain */
	uint64_t said;          /* version of ours that was told; 0: none */
	mesh_time_ms said_ms;
};

void exchange_begin(struct exchange *e, mesh_time_ms now); /* a new session */
/* Must ours be told with the next PING or PONG?  Then exchange_said. */
bool exchange_tells(const struct exchange *e, const struct digest *ours);
void exchange_said(struct exchange *e, const struct digest *ours, mesh_time_ms now);
/* Nothing that could carry it went out for a while. */
bool exchange_is_overdue(
    const struct exchange *e, const struct digest *ours, mesh_time_ms now);
void exchange_heard(struct exchange *e, const uint8_t theirs[static DIGEST]);
void exchange_answered(struct exchange *e); /* ROWS came */
bool exchange_is_mute(const struct exchange *e, mesh_time_ms now);
/* Is theirs, as last heard, the same as ours? */
bool exchange_is_even(const struct exchange *e, struct digest *ours);
/* Is it time for a SUM?  Then one was sent: the next is a gap away. */
bool exchange_due(struct exchange *e, struct digest *ours, mesh_time_ms now);
/* This one showed something to pull; `blocked`: but not now, or not from there. */
void exchange_found(struct exchange *e, bool blocked);
/* The other has answered in full. */
void exchange_done(struct exchange *e, struct digest *ours, mesh_time_ms now);
/* The other compares: it will tell us what it holds, so we need not ask as well.  Once:
 * who then says nothing cannot keep us from asking. */
void exchange_asked(struct exchange *e, mesh_time_ms now);
/* What was pulled has come, and there may be more: look again soon. */
void exchange_hurry(struct exchange *e, mesh_time_ms now);
mesh_time_ms exchange_deadline(const struct exchange *e, const struct digest *ours);
#endif
