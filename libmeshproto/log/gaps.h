/* gaps.h - numbers that somebody should have and nobody sends.
 *
 * Their retention may be shorter than our absence, their origin gone before anybody had
 * them: what is gone is gone.  Neighbours are asked in rounds of at least a minute; a
 * round is full when every live neighbour has denied the gap in it.  After ten minutes
 * with five full rounds, the last one just now, it is given up.  Denials are bits of
 * neighbours' slots: who parts takes his along, and each round asks anew, so that
 * neither a stranger in an old slot nor a word of an hour ago counts.  The holes of a
 * lane are asked for at the same time and given up from below.  The list keeps what
 * stands in it: a full one refuses what is new, but for the lowest hole of a lane,
 * which takes the place of a mere claim or of a hole above another; those have half of
 * the list at most.  Floor 3.  Pure.  Source: PROTOCOL.md 9. */
#ifndef MESH_GAPS_H
#define MESH_GAPS_H
#include "holdings.h"

enum {
	GAPS = 96,
	GAPS_ASK_MS = 60 * 1000,        /* a round; a neighbour is asked once in it */
	GAPS_WAIT_MS = 2 * GAPS_ASK_MS, /* a round that does not fill is over */
	GAPS_ROUNDS = 5,
	GAPS_GIVE_UP_MS = 10 * 60 * 1000
};

struct gap {
	struct holdings_log log;
	struct mesh_run run;    /* first 0: free */
	uint64_t denied, asked; /* in this round: bit per neighbour's slot */
	mesh_time_ms since_ms, round_ms;
	uint8_t rounds; /* that were full */
	bool hole;      /* we hold what is above it: it was used */
	bool lowest;    /* of the holes of its lane: it ends what others are told */
};
struct gaps {
	struct gap list[GAPS];
	uint32_t count;
};

/* We lack these below what we hold. */
enum gaps_where { GAPS_ABOVE, GAPS_LOWEST }; /* another hole of the lane; none below */
void gaps_hole(struct gaps *g, const struct holdings_log *log, struct mesh_run run,
    enum gaps_where where, mesh_time_ms now);
/* That neighbour does not have these. */
void gaps_denied(struct gaps *g, const struct holdings_log *log, struct mesh_run run,
    uint32_t neighbour, mesh_time_ms now);
/* Is it too early to ask that neighbour for this number? */
bool gaps_is_early(const struct gaps *g, const struct holdings_log *log, uint64_t seq,
    uint32_t neighbour, mesh_time_ms now);
/* The hole that begins there; NULL: none that is known. */
struct gap *gaps_find(struct gaps *g, const struct holdings_log *log, uint64_t first);
/* That slot will be somebody else's. */
void gaps_part(struct gaps *g, uint32_t neighbour);

/* Every gap: start with *index = 0, add one each time. */
struct gap *gaps_walk(struct gaps *g, uint32_t *index);
void gaps_drop(struct gaps *g, struct gap *one);
/* Is it a hole that neighbour is still to be asked for in this round? */
bool gaps_wants(const struct gap *one, uint32_t neighbour);
void gaps_asked(struct gap *one, uint32_t neighbour);
/* All of `alive` have denied it for long enough, and just now: it may be given up. */
bool gaps_is_ripe(const struct gap *one, uint64_t alive, mesh_time_ms now);
/* Its round may be over. */
void gaps_turn(struct gaps *g, struct gap *one, uint64_t alive, mesh_time_ms now);
#endif
