/* cells.h - sketches of logs, for lanes that are compared with neighbours.
 *
 * The reader's: cells are made of what is committed, a slice of rows at a time so that
 * other reads are answered meanwhile, and only while the logs end where they should.
 * What was made last is kept, for a neighbour asks for it piece by piece; a question
 * about something else takes its place.  Memory only from the first use on.  Source:
 * PROTOCOL.md 9.  Floor 6. */
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
/* REQUEST_SKETCH: the page's json is the cells.  MESH_DENIED: a log does not end there,
 * they are too many rows, or another question came between.  MESH_TRUNCATED, here and
 * below: it is not finished, ask again. */
MESH_MUST_CHECK enum mesh_err cells_make(
    struct cells *c, struct request *r, struct store_page **out);
/* REQUEST_COMPARE: the outcome; of what differs the page's json. */
MESH_MUST_CHECK enum mesh_err cells_compare(struct cells *c, struct request *r);
#endif
