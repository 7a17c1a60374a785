/* wakes.h - when each site wants to be woken: the soonest, the lowest number first. */
#ifndef MESHSIM_WAKES_H
#define MESHSIM_WAKES_H
#include "types.h"

struct wakes { /* a heap of all sites, and where each lies in it */
	uint32_t *heap, *place;
	mesh_time_ms *at_ms;
	uint32_t count;
};

void wakes_init(struct wakes *w, uint32_t count); /* all MESH_NEVER */
void wakes_set(struct wakes *w, uint32_t site, mesh_time_ms at);
uint32_t wakes_first(const struct wakes *w);
void wakes_free(struct wakes *w);
#endif
