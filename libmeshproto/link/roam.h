/* roam.h - a neighbour's address changed: challenge the new one before using it.
 *
 * Valid data from another address than the session's: PATH there, at most once per
 * second; the session moves when PATH_ACK comes back from that address.  Until then
 * nothing else goes there, so a copied datagram redirects nobody.  Floor 3.  Pure.
 * Source: PROTOCOL.md 12, "Roaming". */
#ifndef MESH_ROAM_H
#define MESH_ROAM_H
#include "meshproto.h"

enum { ROAM_TOKEN = 8, ROAM_GAP_MS = 1000 };
struct roam { /* one per neighbour, by value; all zero is empty */
	struct mesh_path candidate;
	uint8_t token[ROAM_TOKEN];
	bool asked;
	mesh_time_ms next_ms;
};

/* Data came from `from` while the session's path is another.  True: send PATH with
 * r->token to r->candidate. */
bool roam_seen(struct roam *r, const struct mesh_path *from,
    const uint8_t random[static ROAM_TOKEN], mesh_time_ms now);
/* A PATH_ACK came from `from`.  True: the session moves there. */
bool roam_proved(struct roam *r, const struct mesh_path *from, struct bytes_view token);
#endif
