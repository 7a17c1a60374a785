/* lending.h - until when a radio is somebody else's, over a restart of the daemon.
 *
 * Who was told that the radio is let go of for ten minutes has it for ten minutes.  One
 * row of the store for each radio, by its name, with the wall clock's end.  A clock
 * that stands before what can have been its begin was set back, or never set: it says
 * nothing of the end, and the radio is ours.  Floor 7.  Pure over the store. */
#ifndef LENDING_H
#define LENDING_H
#include "store.h"

enum { LENDING_MOST_MS = 30 * 60 * 1000 };
/* 0: it is ours again.  False: the store takes nothing; it is lent all the same. */
bool lending_keep(struct store *s, struct text_view radio, unix_ms until);
/* At start, before the loop runs: for how much longer, in ms; 0: it is ours. */
uint32_t lending_left(struct store *s, struct text_view radio, struct mesh_now now);
#endif
