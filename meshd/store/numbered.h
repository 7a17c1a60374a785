/* numbered.h - packets by the number that their sender drew: whose is the one that a
 * reply names?
 *
 * A reply says the number and not the sender.  It is looked for among the last
 * NUMBERED_ROWS packets that were heard until the reply was; so many draw the same
 * number hardly ever.  A page shows its replies newest first, and most of what one
 * looks at the next one looks at, too: the packets are walked once, and those in reach
 * are kept here.  No index: each packet that is heard would pay for it.  Floor 6. */
#ifndef NUMBERED_H
#define NUMBERED_H
#include "id.h"
#include "statements.h"

enum { NUMBERED_ROWS = 2000 };
struct numbered_row {
	unix_ms time_ms;
	uint32_t number;
};
struct numbered {
	sqlite3_stmt *walk; /* NULL: not begun, or at its end */
	bool begun;
	unix_ms until; /* what was asked for last; later ones begin anew */
	size_t first, count, walked;
	struct numbered_row rows[NUMBERED_ROWS]; /* a ring, newest first */
};
/* A page of its own: nothing is known. */
void numbered_begin(struct numbered *n);
/* Give `packet`, whose sender is not known, the sender of the one packet of its number.
 * False: there is none, or more than one; it is unchanged.  Within one transaction. */
bool numbered_name(
    struct numbered *n, struct statements *s, unix_ms until, struct id *packet);
/* Rows read since the page began: what it cost. */
size_t numbered_walked(const struct numbered *n);
#endif
