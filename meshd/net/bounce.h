/* bounce.h - reports that a datagram found nobody: ICMP, from a socket's error queue.
 *
 * With IP_RECVERR the kernel queues such reports with the address that the datagram was
 * for, and besides makes the newest of them the result of whatever is done next with
 * the socket: of a read, or of a datagram to somebody else, which is then not sent.  So
 * whoever is given an error empties the queue and tries once more.  Anybody can forge
 * these reports: they are hints (docs/DECISIONS/0182).  Linux.  Floor 6.  Edge. */
#ifndef NET_BOUNCE_H
#define NET_BOUNCE_H
#include "address.h"

enum { BOUNCE_CAP = 8 };
struct bounces { /* addresses not yet told; one that finds no room is only counted */
	struct mesh_path list[BOUNCE_CAP];
	size_t count;
};

void bounce_want(int fd, bool v4); /* from now on */
/* Empty the socket's queue, or much of it; how many reports there were. */
size_t bounce_take(int fd, struct bounces *into);
void bounce_note(struct bounces *b, const struct mesh_path *to);
bool bounce_next(struct bounces *b, struct mesh_path *out);
#endif
