/* quota.h - what one origin may keep in each lane: constants of the network.
 *
 * Who writes stops there.  Who reads ends the lane of an origin that goes on, an eighth
 * above, so that no record under way makes a liar of an honest site, and all readers
 * still end it at one number.  Of a time lane each site forgets an origin's oldest rows
 * beyond it.
 *
 * Where bytes are bounded, too, a record counts once for each begun share of them, and
 * takes as many numbers: so what a number may hold is bounded, and whoever counts
 * numbers has counted bytes.  Floor 2.  Pure.  Source: PROTOCOL.md 2. */
#ifndef MESH_QUOTA_H
#define MESH_QUOTA_H
#include "mesh_words.h"

struct mesh_quota quota_of(enum mesh_lane lane);
/* As so many records does one count whose core has so many bytes; 1 where records alone
 * are counted. */
uint32_t quota_weight(enum mesh_lane lane, size_t core_bytes);
uint32_t quota_seen(uint32_t records); /* a reader stands so many; 0: no limit */
#endif
