/* turn_radios.h - the radios' part of a turn: what they said, how they are.
 *
 * Floor 10.  Pure. */
#ifndef TURN_RADIOS_H
#define TURN_RADIOS_H
#include "edges.h"
#include "feed.h"
#include "outbox.h"
#include "ports.h"
#include "publish.h"

struct seen_port { /* what the world was told of a radio last */
	uint64_t version, link;
	bool known;
};
struct turn_radios_params { /* all borrowed */
	struct ports *ports;
	struct publish *publish;
	struct feed *feed;
	const struct edges *edges;
	struct air *air;       /* NULL: nothing is sent */
	struct outbox *outbox; /* NULL: nor is this */
};
struct turn_radios {
	struct turn_radios_params at;
	struct seen_port seen[PORTS_MAX];
};
struct turn_radios turn_radios_init(const struct turn_radios_params *at);
/* Read and write what can be; true: there was something. */
bool turn_radios_take(struct turn_radios *r, struct mesh_now now);
void turn_radios_forget(struct turn_radios *r); /* all are told anew */
#endif
