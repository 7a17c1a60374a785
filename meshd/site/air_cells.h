/* air_cells.h - for how long this site was on which channels of the air in the last
 * hour, also before it started.
 *
 * Radios of one channel share a cell.  What changed is kept slot by slot, so that a
 * restart does not give the hour away again; it is told by the clock, and one that was
 * set back makes it no longer ago.  Full: no more channels until one is quiet for an
 * hour.  Floor 7.  Pure but for air_cells_load and air_cells_keep, which ask the store.
 */
#ifndef AIR_CELLS_H
#define AIR_CELLS_H
#include "meshd_counters.h"
#include "pacing.h"
#include "ports.h"
#include "store.h"

struct air_cell {
	uint64_t cell; /* 0: free */
	bool changed;  /* since it was kept */
	struct duty duty;
};
struct air_cells { /* zero is valid */
	struct air_cell rows[PORTS_MAX];
};
/* NULL: all places hold airtime of this hour, which is not to be forgotten. */
struct duty *air_cells_find(struct air_cells *c, uint64_t cell, mesh_time_ms now);
void air_cells_spend(
    struct air_cells *c, uint64_t cell, uint32_t airtime_ms, mesh_time_ms now);
/* Before the loop runs: what was kept. */
void air_cells_load(struct air_cells *c, struct store *s, struct mesh_now now);
/* What changed; what the store does not take now goes at the next call. */
void air_cells_keep(struct air_cells *c, struct store *s, struct meshd_counts *counts,
    struct mesh_now now);
#endif
