/* port_pause.h - how long to wait before the next attempt to reach a radio.
 *
 * The first attempt comes at once, the next after 1, 2, 4 .. 60 s, each -+20 %.  That
 * row starts anew when a connection has held for a minute.  One that held for a few
 * seconds before it was lost is worth an attempt at once, too, but the row goes on: a
 * radio that another client takes away each time is not fought for (DECISIONS/0420).
 * Floor 7.  Pure. */
#ifndef PORT_PAUSE_H
#define PORT_PAUSE_H
#include "types.h"

enum {
	PORT_FIRST_MS = 100, /* "at once": at most this, the caller's way included */
	PORT_BACKOFF_MS = 1000,
	PORT_BACKOFF_MAX_MS = 60000,
	PORT_HELD_MS = 5000,
	PORT_STEADY_MS = 60000
};
struct port_pause { /* zero with a seed in `random` is valid */
	uint64_t random;
	unsigned attempts;     /* since the last connection that held a minute */
	mesh_time_ms ready_ms; /* the radio answered; 0: not in this connection */
};
void port_pause_ready(struct port_pause *p, mesh_time_ms now);
/* The connection is lost, or was not made: when to try again. */
mesh_time_ms port_pause_until(struct port_pause *p, mesh_time_ms now);
#endif
