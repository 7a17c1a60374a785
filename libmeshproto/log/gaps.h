/* gaps.h - numbers that neighbours should have and do not send.
 *
 * Their retention may be shorter than our absence: what is gone is gone.  A gap that
 * every live neighbour has denied for ten minutes is given up; until then each of them
 * is asked for it once a minute.  Only the gap at the end of a log's prefix needs to be
 * known; the newest 32 are, a forgotten one merely takes longer.  Floor 3.  Pure.
 * Source: PROTOCOL.md 9. */
#ifndef MESH_GAPS_H
#define MESH_GAPS_H
#include "holdings.h"

enum { GAPS = 32, GAPS_ASK_MS = 60 * 1000, GAPS_GIVE_UP_MS = 10 * 60 * 1000 };

struct gap {
	struct holdings_log log;
	struct mesh_run run; /* first 0: free */
	uint64_t denied;     /* bit per neighbour's slot */
	mesh_time_ms since_ms, asked_ms;
};
struct gaps {
	struct gap list[GAPS];
};

/* That neighbour does not have these. */
void gaps_denied(struct gaps *g, const struct holdings_log *log, struct mesh_run run,
    uint32_t neighbour, mesh_time_ms now);
/* Is it too early to ask that neighbour for this number? */
bool gaps_is_early(const struct gaps *g, const struct holdings_log *log, uint64_t seq,
    uint32_t neighbour, mesh_time_ms now);
/* A gap that all of `alive` have denied for long enough; it is forgotten here. */
bool gaps_hopeless(struct gaps *g, uint64_t alive, mesh_time_ms now, struct gap *out);
#endif
