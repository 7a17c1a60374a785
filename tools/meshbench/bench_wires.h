/* bench_wires.h - the sockets of the sites of one benchmark, on 127.77.0.0/24.
 *
 * Each site has the daemon's own: meshd/net/udp.h.  So what is measured with them is
 * what a daemon does with a datagram, from the kernel and back into it.  Floor 11. */
#ifndef MESHBENCH_BENCH_WIRES_H
#define MESHBENCH_BENCH_WIRES_H
#include "meshproto.h"

enum { WIRES_MAX = 8, WIRES_PORT = 44770 };
struct wires;
struct wires *wires_open(size_t sites); /* NULL, after a message on stderr */
void wires_close(struct wires *w);      /* NULL is fine */
struct mesh_path wires_path(size_t site);
/* Queued; wires_flush gives it to the kernel. */
void wires_send(struct wires *w, size_t from, const struct mesh_path *to,
    struct bytes_view datagram);
void wires_flush(struct wires *w, size_t from);
/* The next one that waits at `site`; a view until the next call.  False: none. */
bool wires_next(
    struct wires *w, size_t site, struct mesh_path *from, struct bytes_view *datagram);
#endif
