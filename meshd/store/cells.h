/* cells.h - sketches of logs, for lanes that are compared with neighbours.
 *
 * The reader's: cells are made of what is committed, in one read transaction, and only
 * if the logs end where they should.  What was made last is kept, for a neighbour asks
 * for it piece by piece.  Memory only from the first use on.  Source: PROTOCOL.md 9.
 * Floor 6. */
#ifndef CELLS_H
#define CELLS_H
#include "meshsketch.h"
#include "request.h"
#include "statements.h"

struct cells { /* zero plus its borrowed parts is valid */
	struct statements *s;
	const uint8_t *netid; /* 16 bytes, borrowed; NULL: nothing is compared */
	struct cells_made *made;
	struct cells_compared *compared;
};
void cells_release(struct cells *c);
/* REQUEST_SKETCH: the page's json is the cells.  MESH_DENIED: a log does not end there.
 */
MESH_MUST_CHECK enum mesh_err cells_make(
    struct cells *c, const struct request *r, struct store_page **out);
/* REQUEST_COMPARE: the outcome; of what differs the page's json. */
MESH_MUST_CHECK enum mesh_err cells_compare(struct cells *c, struct request *r);
#endif
