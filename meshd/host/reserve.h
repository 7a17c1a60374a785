/* reserve.h - room on the disk that is held back for last words.
 *
 * A site whose disk is full can keep nothing, so it can say nothing that counts either,
 * not even that.  A file that only takes up room is given up then: what becomes free
 * lasts for an alert.  Floor 6.  Edge. */
#ifndef HOST_RESERVE_H
#define HOST_RESERVE_H
#include "types.h"

enum { RESERVE_BYTES = 1 << 20 }; /* a few commits with their pages of 16 KiB */

/* Take the room, and leave as much again free.  0, also if it is held, or -errno:
 * -ENOSPC, there is no such room. */
int reserve_hold(const char *folder);
/* Give it up.  True: it was held. */
bool reserve_give(const char *folder);
bool reserve_is_scarce(const char *folder); /* as good as nothing is free */
#endif
