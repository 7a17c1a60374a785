/* moving.h - this site goes to another network: in the running daemon it is prepared,
 * by its next start it is done.
 *
 * Prepared means that `network.next` stands in the state folder, beside `boot.next`,
 * the boot number that must not be lost.  Done means that the database and the old
 * network's file are in `left-NETID8` (`-2`, `-3` where that is taken) and the new
 * file stands in the old one's place.  Each step can be cut off and done again: the
 * database moves last, the network's file after it.  The identity stays.  Floor 6.
 * Edge.  Source: DECISIONS/0071, 0140. */
#ifndef MOVING_H
#define MOVING_H
#include "statedir.h"

/* `path` as in statedir_founding, `file` the next network's.  0 or -errno: then nothing
 * has changed. */
int moving_prepare(const struct statedir *d, struct text_view path, uint64_t boot,
    struct bytes_view file);
/* Before identity and network are read.  `left` receives the folder; empty: nothing was
 * to be done.  0, or -errno with a complaint. */
int moving_finish(const struct statedir *d, struct text_view path,
    char left[static STATEDIR_PATH], struct bytes_out *complaint);
/* The boot number of the life before; 0: none is waiting. */
uint64_t moving_boot(const struct statedir *d);
/* It is in the new database. */
void moving_boot_kept(const struct statedir *d);
#endif
