/* phase.h - when to ask a neighbour next, so that somebody soon asks each of us.
 *
 * A death is first noticed by the neighbour whose turn to ask comes first after it.  If
 * all of them ask at about the same time, as they would after a start, that may be a
 * whole period later; if their turns are spread over the period, a part of it.  So
 * whoever asks places its time as far as it can from the times of its other links: for
 * a new session anywhere in the later half of a period, then within a thirteenth of it.
 * Times are milliseconds from now.  Floor 3.  Pure.  Source: docs/DECISIONS/0183. */
#ifndef MESH_PHASE_H
#define MESH_PHASE_H
#include "types.h"

enum { PHASE_LINKS = 64 };
struct phase {
	uint32_t period_ms;
	uint32_t count;
	uint32_t others[PHASE_LINKS]; /* when each other link is used, modulo period */
};
/* A link was used just now: by our first PING, by another of ours, or by theirs; then
 * they ask again, and we only wait for it a little longer. */
enum phase_use { PHASE_FIRST, PHASE_OURS, PHASE_THEIRS };

void phase_add(struct phase *p, uint64_t in_ms); /* beyond PHASE_LINKS: not heeded */
uint32_t phase_next(const struct phase *p, enum phase_use use, uint32_t dice);
#endif
