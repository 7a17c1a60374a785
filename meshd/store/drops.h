/* drops.h - what the two control types of keyed lanes say: DROP and CHECKPOINT bodies.
 *
 * Bodies that do not read, or name numbers not below their own, say nothing.
 * Source: PROTOCOL.md 2.  Floor 6.  Pure. */
#ifndef DROPS_H
#define DROPS_H
#include "meshparams.h"

enum { DROPS_RUNS = 64 };
/* The numbers that a DROP drops, all below its own; how many runs. */
size_t drops_runs(
    const struct mesh_record *drop, struct mesh_run runs[static DROPS_RUNS]);
bool drops_cover(const struct mesh_record *drop, uint64_t seq);
/* tomb_floor of a CHECKPOINT; 0 if it does not read. */
uint64_t drops_floor(const struct mesh_record *checkpoint);
/* Does its floor end nothing of what it counts?  Then who has all and other rows has
 * wrong ones; else perhaps not. */
bool drops_settled(const struct mesh_record *checkpoint);
/* Is `live` what the CHECKPOINT says? */
bool drops_agree(const struct mesh_record *checkpoint, const struct mesh_live *live);
#endif
