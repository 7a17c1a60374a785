/* arrivals.h - datagrams on their way, the soonest first.
 *
 * A datagram that many will hear is kept once, as long as it is, and given back when
 * the last of them has; each arrival is a few words in a heap.  Equal times keep the
 * order in which they were put in. */
#ifndef MESHSIM_ARRIVALS_H
#define MESHSIM_ARRIVALS_H
#include "mesh_words.h"

struct packet { /* as it was sent */
	uint32_t users;
	uint32_t from;
	struct mesh_path source;
	bool broadcast;
	size_t len;
	uint8_t bytes[];
};
struct arrival {
	mesh_time_ms at_ms;
	uint64_t number; /* order among equals */
	struct packet *packet;
	uint32_t to;
};
struct arrivals {
	struct arrival *items;
	size_t count, cap;
	uint64_t number;
};

/* One user: the caller. */
struct packet *packet_new(struct bytes_view bytes);
void packet_release(struct packet *p);

void arrivals_put(struct arrivals *a, mesh_time_ms at, uint32_t to,
    struct packet *packet);                           /* shares */
mesh_time_ms arrivals_next(const struct arrivals *a); /* MESH_NEVER: none */
struct arrival arrivals_take(
    struct arrivals *a); /* requires: one; its packet is yours */
void arrivals_free(struct arrivals *a);
#endif
