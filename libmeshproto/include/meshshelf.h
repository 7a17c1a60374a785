/* meshshelf.h - a store for programs without a database: what this site said, in
 * memory.
 *
 * It answers what a store has to answer: each MESH_RECORD, KEEP, SETTLE and PURGE with
 * _stored, each MESH_WANT with what it has.  Of what this site says it keeps the newest
 * PUT of each key, and everything of the other lanes; when it is full, the oldest goes,
 * and from then on it says "nothing is known" beyond what it still has.  What others
 * say it does not keep: such a site hears everything and serves nothing of theirs, so
 * it should not be the only way between two others.  After a restart it is empty: give
 * mesh_site_new a higher `boot`, and `epoch` 0.  The caller's memory, zeroed to begin
 * with.  Floor 4.  Pure. */
#ifndef MESHSHELF_H
#define MESHSHELF_H
#include "meshproto.h"

enum { MESH_SHELF_ROWS = 64, MESH_SHELF_BYTES = 1400 };
struct mesh_shelf { /* about 90 kB */
	size_t count;
	bool forgot;            /* something of ours is no longer here */
	struct mesh_shelf_row { /* by number within a lane */
		enum mesh_lane lane;
		uint64_t seq;
		size_t len;
		uint8_t bundle[MESH_SHELF_BYTES]; /* mesh_record_read */
	} rows[MESH_SHELF_ROWS];
};

/* Call it with every event; views in `e` are void afterwards.  KEEP_NETWORK it cannot
 * keep: who wants to survive a change of the network's key writes `body` to the network
 * file before. */
void mesh_shelf_event(struct mesh_shelf *shelf, struct mesh_site *site,
    const struct mesh_event *e, struct mesh_now now);
#endif
