/* pins.h - names stay with the first key that bore them here, over restarts.
 *
 * sites.h decides who was first; here that is kept (a row `pin/KEY` with the name) and
 * given back at the start, and an operator is told of everybody who claims a name that
 * is another's.  Floor 10.  Docs: DECISIONS/0211. */
#ifndef PINS_H
#define PINS_H
#include "daemon_inside.h"

void pins_load(struct daemon *d, const struct store_saved *saved);
void pins_chores(struct daemon *d); /* each turn */
void pins_forget(struct daemon *d, const struct mesh_key *site);
#endif
