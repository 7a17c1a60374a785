/* edges.h - what a turn needs of the world: datagrams, radio links, somebody to tell.
 *
 * The daemon fills it with sockets and the loop; the simulator with its own.  Floor 10.
 * Pure. */
#ifndef DAEMON_EDGES_H
#define DAEMON_EDGES_H
#include "meshproto.h"
#include "radio.h"
#include "store.h"

enum edge_ready { EDGE_READ = 1, EDGE_WRITE = 2 };
struct edges {
	void *ctx;
	/* The next datagram that waits: a view until the next call. */
	bool (*next_datagram)(
	    void *ctx, struct mesh_path *from, struct bytes_view *bytes);
	/* Copies. */
	void (*send)(void *ctx, const struct mesh_datagram *d);
	void (*flush)(void *ctx);
	bool (*next_unreachable)(void *ctx, struct mesh_path *out);
	/* What the link of radio `index` is ready for since the last question. */
	unsigned (*link_ready)(void *ctx, size_t index);
	/* Watch this descriptor (-1: none) for that radio; `number` changes whenever
	 * the descriptor is another one, even under the same number of the system. */
	void (*watch_link)(
	    void *ctx, size_t index, int fd, uint64_t number, unsigned wanted);
	void (*notice)(void *ctx, const struct mesh_event *notice);
	/* That radio was told something about itself, and how that ended: ORDERED or
	 * TENDED. */
	void (*radio_told)(
	    void *ctx, struct text_view radio, const struct radio_event *event);
	/* Rows that were not as they should be; they are asked for again. */
	void (*damaged)(void *ctx, const struct store_finding *found);
	/* Write the network's file: it is on the disk when this returns MESH_OK. */
	enum mesh_err (*keep_network)(void *ctx, struct bytes_view file);
	/* The network that this site moves to with its next start, which follows soon:
	 * its file, secret; on the disk when this returns MESH_OK. */
	enum mesh_err (*move)(void *ctx, struct bytes_view file);
};
#endif
