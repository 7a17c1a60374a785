/* suspect.h - accused of silence: a short list of sites with a deadline to refute.
 *
 * The first witness gives a suspect SUSPECT_ALONE_MS; as soon as as many different ones
 * spoke as are needed, SUSPECT_MS from the first are enough, and SUSPECT_LAST_MS from
 * the last (docs/DECISIONS/0181).  These times are multiplied by the accuser's own
 * health factor.  Whoever does not answer in that
 * time is dead.  A full list forgets nobody: the newcomer is not accused and the next
 * accusation will find room.  Floor 3.  Pure.  Source: PROTOCOL.md 11. */
#ifndef MESH_SUSPECT_H
#define MESH_SUSPECT_H
#include "pool.h"

enum {
	SUSPECT_MS = 600,      /* since the first witness spoke, */
	SUSPECT_LAST_MS = 150, /* and since the last that was needed did */
	SUSPECT_ALONE_MS = 2000,
	SUSPECT_NEED = 2, /* witnesses, where there can be so many */
	SUSPECT_CAP = 64,
	SUSPECT_GAP_MS = 5000,       /* one SUSPECT per target and witness */
	SUSPECT_SLACK_MS = 50,       /* what ages do not know: the time on the way */
	SUSPECT_REFUTE_GAP_MS = 200, /* one REFUTE answers all who ask at once */
};
#define SUSPECT_SELF UINT32_MAX /* the witness is this site */

struct suspicion {
	struct handle peer;
	uint32_t witness;  /* the first one's row */
	uint8_t witnesses; /* different ones, up to SUSPECT_NEED */
	uint8_t factor;    /* when the first spoke */
	bool hastened;     /* enough of them did */
	mesh_time_ms dead_ms;
};
struct suspect {
	struct suspicion list[SUSPECT_CAP];
	uint32_t count;
};
struct accusation {
	struct handle peer;
	uint32_t witness; /* row, or SUSPECT_SELF */
	unsigned need;    /* witnesses, 1..SUSPECT_NEED */
	uint32_t factor;  /* health.h */
};

/* True: newly accused. */
bool suspect_add(struct suspect *s, const struct accusation *a, mesh_time_ms now);
/* It lives.  True: it had been accused. */
bool suspect_clear(struct suspect *s, struct handle peer);
/* Whose time is over; taken out.  False: nobody's. */
bool suspect_due(struct suspect *s, mesh_time_ms now, struct handle *peer);
mesh_time_ms suspect_deadline(const struct suspect *s);
/* We slept so long: what was said meanwhile is still to be heard. */
void suspect_postpone(struct suspect *s, mesh_time_ms by);
#endif
