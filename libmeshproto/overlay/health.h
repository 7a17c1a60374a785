/* health.h - is it the others, or is it us?
 *
 * A site that is slow, or that most of its neighbours stopped talking to at once, sees
 * silence where there is none (Lifeguard's lesson).  Such moments raise a factor from 1
 * to 4 by which this site lets suspects take longer to answer; each minute without one
 * lowers it again.  Floor 3.  Pure.  Source: PROTOCOL.md 11, "Health factor". */
#ifndef MESH_HEALTH_H
#define MESH_HEALTH_H
#include "types.h"

enum {
	HEALTH_MAX = 4,
	HEALTH_LATE_MS = 200,  /* a tick that is later is a bad sign */
	HEALTH_SLEPT_MS = 500, /* one that is later excuses everybody's silence */
	HEALTH_CLEAN_MS = 60 * 1000,
	HEALTH_TOGETHER_MS = 3000, /* links that fall silent within it did so at once */
	HEALTH_LINKS_MIN = 3,      /* of fewer, half is nothing special */
};
struct health {
	uint8_t worse;         /* factor - 1 */
	uint8_t silent, links; /* fell silent together; how many there were */
	bool told;
	mesh_time_ms better_ms; /* when the factor next sinks */
	mesh_time_ms first_ms;  /* of those that fell silent together */
};

/* How late a tick came.  True: we slept. */
bool health_late(struct health *h, mesh_time_ms late, mesh_time_ms now);
/* One of `links` links fell silent.  True, once: it was most of them at once. */
bool health_silent(struct health *h, uint32_t links, mesh_time_ms now);
uint32_t health_factor(struct health *h, mesh_time_ms now); /* 1..HEALTH_MAX */
#endif
