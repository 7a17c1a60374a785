/* errands.h - whom to tell when a neighbour answers: PROBE, on its way to PROBED.
 *
 * A short list, each entry for a second.  Whoever asks again about the same site
 * replaces his question; when the list is full the oldest goes, and whoever asked
 * decides without us.  Floor 3.  Pure.  Source: PROTOCOL.md 11. */
#ifndef MESH_ERRANDS_H
#define MESH_ERRANDS_H
#include "pool.h"

enum { ERRANDS_CAP = 16, ERRANDS_MS = 1000 };
struct errand {
	struct handle asker, target; /* generation 0: free */
	uint16_t id;
	mesh_time_ms until_ms;
};
struct errands {
	struct errand list[ERRANDS_CAP];
};

/* True: new; false: the same asker's older question about that target was replaced. */
bool errands_add(struct errands *e, const struct errand *one);
/* An errand about that target, taken out.  False: none is left. */
bool errands_take(
    struct errands *e, struct handle target, mesh_time_ms now, struct errand *out);
#endif
