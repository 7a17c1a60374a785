/* replay.h - has this datagram counter been used?  (PROTOCOL.md 7: a window of 2048)
 *
 * Ask before opening, mark after the tag was right: a forged counter must not move the
 * window.  Floor 1.  Pure. */
#ifndef MESH_REPLAY_H
#define MESH_REPLAY_H
#include "types.h"

enum { REPLAY_WINDOW = 2048 };
struct replay {
	uint64_t next; /* one above the highest marked; 0: none yet */
	uint64_t bits[REPLAY_WINDOW / 64]; /* bit counter % 2048 */
};

void replay_init(struct replay *r);
bool replay_is_fresh(const struct replay *r, uint64_t counter);
void replay_mark(struct replay *r, uint64_t counter);
/* What an ACK frame says: `highest`, and bit i of `bits` = highest-1-i was marked.
 * False: nothing was marked yet. */
bool replay_report(const struct replay *r, uint64_t *highest, uint64_t *bits);
#endif
