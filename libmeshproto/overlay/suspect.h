/* suspect.h - accused of silence: a short list of sites with a deadline to refute.
 *
 * An accusation by a neighbour of the target runs SUSPECT_MS; whoever does not answer
 * in that time is dead.  A full list forgets nobody: the newcomer is not accused and
 * the next accusation will find room.  Floor 3.  Pure.  Source: PROTOCOL.md 11. */
#ifndef MESH_SUSPECT_H
#define MESH_SUSPECT_H
#include "pool.h"

enum {
	SUSPECT_MS = 600,
	SUSPECT_CAP = 64,
	SUSPECT_GAP_MS = 5000,       /* one SUSPECT per target and witness */
	SUSPECT_SLACK_MS = 50,       /* what ages do not know: the time on the way */
	SUSPECT_REFUTE_GAP_MS = 200, /* one REFUTE answers all who ask at once */
};
struct suspicion {
	struct handle peer;
	mesh_time_ms dead_ms;
};
struct suspect {
	struct suspicion list[SUSPECT_CAP];
	uint32_t count;
};

/* True: newly accused. */
bool suspect_add(struct suspect *s, struct handle peer, mesh_time_ms now);
/* It lives.  True: it had been accused. */
bool suspect_clear(struct suspect *s, struct handle peer);
/* Whose time is over; taken out.  False: nobody's. */
bool suspect_due(struct suspect *s, mesh_time_ms now, struct handle *peer);
mesh_time_ms suspect_deadline(const struct suspect *s);
#endif
