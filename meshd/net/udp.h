/* udp.h - the mesh's sockets: one per address for unicast, one for its broadcast.
 *
 * The unicast socket is bound without SO_REUSEADDR (with it a second daemon silently
 * takes all unicast), the other one is bound to the broadcast address, or for IPv6 to
 * the mesh's multicast group, with it, so that several daemons on one segment each hear
 * each beacon once (PROTOCOL.md 12, Sockets).  A bound address has a number,
 * mesh_path.iface, from 1 up and never used again: answers leave by the socket, and so
 * from the address, that received.  What the kernel dropped is counted (SO_RXQ_OVFL).
 * Full send buffers drop the datagram: the mesh sends again.  Floor 6.  Edge. */
#ifndef NET_UDP_H
#define NET_UDP_H
#include "counters.h"
#include "ifaces.h"
#include "prefix.h"

enum { UDP_BATCH = 32, UDP_BYTES = 2048, UDP_PREFIXES = 64 };
struct udp;
struct udp_params {
	uint16_t port;
	bool broadcast;
	/* Whom to listen to at all, copied; none: everybody. */
	const struct prefix *allowed;
	size_t allowed_count;
	/* Watch for reading: a handle or NULL; and stop watching, before the close. */
	void *(*watch)(void *ctx, int fd);
	void (*unwatch)(void *ctx, void *handle);
	void *ctx;
};
struct udp *udp_new(const struct udp_params *params); /* NULL: no memory */
void udp_close(struct udp *u);                        /* NULL is fine */
/* Bind an address.  Its number, or -errno. */
int udp_bind(struct udp *u, const struct iface *iface);
void udp_unbind(struct udp *u, uint16_t number);
/* Whether beacons go out there, as a new scan says.  True: that changed. */
bool udp_hail(struct udp *u, uint16_t number, bool hails);
/* The bound addresses: false past the end. */
bool udp_bound(const struct udp *u, size_t index, struct iface *out, uint16_t *number);
/* The next datagram that waits; a view until the next call.  False: none now. */
bool udp_next(struct udp *u, struct mesh_path *from, struct bytes_view *bytes);
/* Queue a copy; sent by udp_flush, or when UDP_BATCH of them wait. */
void udp_send(struct udp *u, const struct mesh_path *to, struct bytes_view bytes);
void udp_flush(struct udp *u);
/* An address where nobody was found, for mesh_site_hint_unreachable. */
bool udp_next_unreachable(struct udp *u, struct mesh_path *out);
/* "10.0.0.7:4470", "[fe80::1]:4470", "broadcast" */
void udp_path_print(const struct mesh_path *path, struct bytes_out *out);

/* clang-format off */
#define UDP_COUNTERS(X)                                                                     \
	X(UDP_RX, "udp.received", "datagrams", "Datagrams read from the mesh's sockets.")   \
	X(UDP_RX_BYTES, "udp.received_bytes", "bytes", "Their bytes.")                                \
	X(UDP_RX_KERNEL, "rx.kernel", "datagrams", "Dropped by the kernel: the receive buffer was full.") \
	X(UDP_RX_UNWANTED, "udp.dropped.not_allowed", "datagrams", "From an address that mesh.allow_from does not name.") \
	X(UDP_TX, "udp.sent", "datagrams", "Datagrams given to the kernel.")            \
	X(UDP_TX_BYTES, "udp.sent_bytes", "bytes", "Their bytes.")                                \
	X(UDP_TX_FULL, "udp.dropped.full", "datagrams", "Not sent: the send buffer was full.") \
	X(UDP_BOUNCED, "udp.bounced", "datagrams", "ICMP said that they found nobody: each at most makes us ask a neighbour at once.") \
	X(UDP_TX_REFUSED, "udp.dropped.refused", "datagrams", "Not sent: the system refused, or no address fits.")
/* clang-format on */
#define UDP_COUNTER_ENUM(name, text, unit, doc) COUNT_##name,
enum udp_counter { UDP_COUNTERS(UDP_COUNTER_ENUM) COUNT_UDP };
#undef UDP_COUNTER_ENUM
extern const struct counter_list udp_counters;
uint64_t udp_counter(const void *udp, size_t index);
#endif
