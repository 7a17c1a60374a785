#include "udp.h"
#include "bounce.h"
#include "text.h"
#include "where.h"
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RCVBUF = 512 * 1024, NO_SOCKET = -1 };

struct udp_socket {
	int fd; /* NO_SOCKET: free */
	void *handle;
	uint32_t kernel_drops; /* as the kernel counts, from 0 */
};
struct bound {
	struct iface iface;
	uint16_t number;
	struct udp_socket unicast, broadcast;
};
struct outgoing {
	struct mesh_path to;
	size_t len;
	uint8_t bytes[UDP_BYTES];
};
struct udp {
	struct udp_params params;
	struct prefix allowed[UDP_PREFIXES];
	struct bound bound[IFACES_MAX];
	size_t bound_count;
	uint16_t last_number;
	/* what one recvmmsg brought, given out one by one */
	struct mmsghdr headers[UDP_BATCH];
	struct iovec vectors[UDP_BATCH];
	union where names[UDP_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[UDP_BATCH][64];
	uint8_t received[UDP_BATCH][UDP_BYTES];
	size_t got, given;
	uint16_t got_number;
	size_t turn; /* 2 * bound + which: the socket to read next */
	struct outgoing out[UDP_BATCH];
	size_t out_count;
	struct bounces bounces;
	uint64_t counts[COUNT_UDP];
};

#define UDP_COUNTER_ROW(name, text, unit, doc) { text, unit, doc },
static const struct counter_row rows[] = { UDP_COUNTERS(UDP_COUNTER_ROW) };
const struct counter_list udp_counters = { "udp", rows, LENGTH(rows) };

uint64_t
udp_counter(const void *udp, size_t index)
{
	const struct udp *u = udp;
	return index < COUNT_UDP ? u->counts[index] : 0;
}

/* --- addresses --- */

static bool
is_broadcast(const struct mesh_path *p)
{
	static const uint8_t zero[sizeof p->addr];
	return memcmp(p->addr, zero, sizeof zero) == 0;
}

void
udp_path_print(const struct mesh_path *path, struct bytes_out *out)
{
	if (is_broadcast(path))
		text_put(out, "broadcast");
	else
		address_print_path(path, out);
}

/* --- sockets --- */

static void
turn_on(int fd, int level, int option)
{
	int on = 1;
	(void)setsockopt(fd, level, option, &on, sizeof on);
}

/* Larger datagrams than a link carries go in pieces instead of nowhere: DF off. */
static void
allow_pieces(int fd, bool v4)
{
	int never = IP_PMTUDISC_DONT; /* IPv6 has the same number for it */
	(void)setsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6,
	    v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &never, sizeof never);
}

static int
open_socket(
    const uint8_t addr[static ADDRESS_BYTES], uint16_t port, unsigned scope, int option)
{
	union where w;
	socklen_t len = where_of(addr, port, scope, &w);
	int fd = socket(w.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int buffer = RCVBUF;
	if (fd < 0)
		return -errno;
	turn_on(fd, SOL_SOCKET, option);
	turn_on(fd, SOL_SOCKET, SO_RXQ_OVFL);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	allow_pieces(fd, w.any.sa_family == AF_INET);
	if (w.any.sa_family == AF_INET6)
		turn_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	if (bind(fd, &w.any, len) != 0) {
		int error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

/* 0 or -errno. */
static int
join_group(int fd, const struct iface *iface)
{
	struct ipv6_mreq m = { .ipv6mr_interface = iface->index };
	memcpy(&m.ipv6mr_multiaddr, iface->group, sizeof iface->group);
	bool done = address_is_v4(iface->group) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m, sizeof m) == 0;
	return done ? 0 : -errno;
}

static void
shut(struct udp *u, struct udp_socket *s)
{
	if (s->fd == NO_SOCKET)
		return;
	if (s->handle != NULL)
		u->params.unwatch(u->params.ctx, s->handle);
	close(s->fd);
	*s = (struct udp_socket){ .fd = NO_SOCKET };
}

static int
watch(struct udp *u, struct udp_socket *s)
{
	s->handle = u->params.watch(u->params.ctx, s->fd);
	return s->handle != NULL ? 0 : -ENOMEM;
}

struct udp *
udp_new(const struct udp_params *params)
{
	struct udp *u = calloc(1, sizeof *u);
	if (u == NULL)
		return NULL;
	u->params = *params;
	assert(params->allowed_count <= UDP_PREFIXES);
	if (params->allowed_count > 0)
		memcpy(u->allowed, params->allowed,
		    params->allowed_count * sizeof u->allowed[0]);
	return u;
}

static int
open_group(struct udp *u, struct bound *b)
{
	const struct iface *i = &b->iface;
	int fd = open_socket(i->group, u->params.port, i->index, SO_REUSEADDR);
	if (fd < 0)
		return fd;
	b->broadcast.fd = fd;
	int error = join_group(fd, i);
	return error != 0 ? error : watch(u, &b->broadcast);
}

/* Opens and watches both sockets of `b`; what was opened is left to the caller. */
static int
open_both(struct udp *u, struct bound *b)
{
	const struct iface *i = &b->iface;
	/* Sends to the broadcast address too: the source is then our unicast address.
	 */
	int fd = open_socket(i->addr, u->params.port, i->index, SO_BROADCAST);
	if (fd < 0)
		return fd;
	b->unicast.fd = fd;
	bounce_want(fd, address_is_v4(i->addr));
	if (!address_is_v4(i->addr))
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &i->index, sizeof i->index);
	int error = watch(u, &b->unicast);
	if (error != 0 || !u->params.broadcast || !address_is_set(i->group))
		return error;
	return open_group(u, b);
}

int
udp_bind(struct udp *u, const struct iface *iface)
{
	if (u->bound_count == IFACES_MAX || u->last_number == UINT16_MAX)
		return -ENOSPC;
	struct bound b = { .iface = *iface,
		.number = (uint16_t)(u->last_number + 1),
		.unicast = { .fd = NO_SOCKET },
		.broadcast = { .fd = NO_SOCKET } };
	int error = open_both(u, &b);
	if (error != 0) {
		shut(u, &b.broadcast);
		shut(u, &b.unicast);
		return error;
	}
	u->last_number = b.number;
	u->bound[u->bound_count++] = b;
	return b.number;
}

bool
udp_hail(struct udp *u, uint16_t number, bool hails)
{
	for (size_t i = 0; i < u->bound_count; i++) {
		struct bound *b = &u->bound[i];
		if (b->number != number || b->iface.hails == hails)
			continue;
		b->iface.hails = hails;
		return true;
	}
	return false;
}

void
udp_unbind(struct udp *u, uint16_t number)
{
	for (size_t i = 0; i < u->bound_count; i++) {
		if (u->bound[i].number != number)
			continue;
		udp_flush(u);
		u->got = u->given = 0; /* may have come there */
		shut(u, &u->bound[i].broadcast);
		shut(u, &u->bound[i].unicast);
		u->bound[i] = u->bound[--u->bound_count];
		return;
	}
}

void
udp_close(struct udp *u)
{
	if (u == NULL)
		return;
	while (u->bound_count > 0)
		udp_unbind(u, u->bound[0].number);
	free(u);
}

bool
udp_bound(const struct udp *u, size_t index, struct iface *out, uint16_t *number)
{
	if (index >= u->bound_count)
		return false;
	*out = u->bound[index].iface;
	*number = u->bound[index].number;
	return true;
}

/* --- reports --- */

/* The last call on this socket failed.  True: for what earlier datagrams met. */
static bool
was_reported(struct udp *u, const struct udp_socket *s)
{
	int err = errno; /* the caller counts by it */
	if (err == EAGAIN || err == ENOBUFS)
		return false;
	size_t n = bounce_take(s->fd, &u->bounces);
	u->counts[COUNT_UDP_BOUNCED] += n;
	errno = err;
	return n > 0;
}

bool
udp_next_unreachable(struct udp *u, struct mesh_path *out)
{
	return bounce_next(&u->bounces, out);
}

/* --- receiving --- */

static void
count_drops(struct udp *u, struct udp_socket *s, struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		uint32_t drops;
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&drops, CMSG_DATA(c), sizeof drops);
		u->counts[COUNT_UDP_RX_KERNEL] += drops - s->kernel_drops;
		s->kernel_drops = drops;
	}
}

static bool
read_batch(struct udp *u, struct udp_socket *s, uint16_t number)
{
	for (size_t i = 0; i < UDP_BATCH; i++) {
		u->vectors[i] = (struct iovec){ u->received[i], UDP_BYTES };
		u->headers[i].msg_hdr = (struct msghdr){ .msg_name = &u->names[i],
			.msg_namelen = sizeof u->names[i],
			.msg_iov = &u->vectors[i],
			.msg_iovlen = 1,
			.msg_control = u->control[i],
			.msg_controllen = sizeof u->control[i] };
	}
	int n = recvmmsg(s->fd, u->headers, UDP_BATCH, MSG_DONTWAIT, NULL);
	if (n < 0 && was_reported(u, s))
		n = recvmmsg(s->fd, u->headers, UDP_BATCH, MSG_DONTWAIT, NULL);
	if (n <= 0)
		return false;
	u->got = (size_t)n;
	u->given = 0;
	u->got_number = number;
	count_drops(u, s, &u->headers[n - 1].msg_hdr);
	return true;
}

/* Each socket once around, from where the last call stopped, so that a loud one does
 * not silence the others. */
static bool
read_any(struct udp *u)
{
	size_t sockets = 2 * u->bound_count;
	for (size_t i = 0; i < sockets; i++) {
		size_t k = u->turn++ % sockets;
		struct bound *b = &u->bound[k / 2];
		struct udp_socket *s = k % 2 == 0 ? &b->unicast : &b->broadcast;
		if (s->fd != NO_SOCKET && read_batch(u, s, b->number))
			return true;
	}
	return false;
}

static bool
is_allowed(const struct udp *u, const struct mesh_path *from)
{
	for (size_t i = 0; i < u->params.allowed_count; i++)
		if (prefix_holds(&u->allowed[i], from->addr))
			return true;
	return u->params.allowed_count == 0;
}

bool
udp_next(struct udp *u, struct mesh_path *from, struct bytes_view *bytes)
{
	size_t i;
	for (;;) {
		if (u->given == u->got && !read_any(u))
			return false;
		i = u->given++;
		*from = where_path(&u->names[i]);
		if (is_allowed(u, from))
			break;
		u->counts[COUNT_UDP_RX_UNWANTED]++;
	}
	from->iface = u->got_number;
	*bytes = bytes_view(u->received[i], u->headers[i].msg_len);
	u->counts[COUNT_UDP_RX]++;
	u->counts[COUNT_UDP_RX_BYTES] += bytes->len;
	return true;
}

/* --- sending --- */

/* Same family, and link-local only to link-local. */
static bool
can_reach(const struct bound *b, const struct mesh_path *to)
{
	if (address_is_v4(b->iface.addr) != address_is_v4(to->addr))
		return false;
	return !address_is_link_local(to->addr) || address_is_link_local(b->iface.addr);
}

static struct bound *
routed(struct udp *u, const struct mesh_path *to)
{
	uint8_t source[ADDRESS_BYTES];
	struct bound *first = NULL;
	size_t fit = 0;
	for (size_t i = 0; i < u->bound_count; i++) {
		if (!can_reach(&u->bound[i], to))
			continue;
		first = fit++ == 0 ? &u->bound[i] : first;
	}
	if (fit < 2 || !where_from(to, source))
		return first;
	for (size_t i = 0; i < u->bound_count; i++) {
		if (memcmp(u->bound[i].iface.addr, source, sizeof source) == 0)
			return &u->bound[i];
	}
	return first;
}

/* The socket a datagram leaves by: the one that its path names, else the one that the
 * kernel's routes choose, else the first of the family. */
static struct bound *
choose(struct udp *u, const struct mesh_path *to)
{
	for (size_t i = 0; i < u->bound_count; i++) {
		if (u->bound[i].number == to->iface)
			return &u->bound[i];
	}
	return is_broadcast(to) ? NULL : routed(u, to);
}

static void
count_refused(struct udp *u, const struct mesh_path *to, int error)
{
	if (error == EAGAIN || error == ENOBUFS) {
		u->counts[COUNT_UDP_TX_FULL]++;
		return;
	}
	u->counts[COUNT_UDP_TX_REFUSED]++;
	if ((error == EHOSTUNREACH || error == ENETUNREACH) && !is_broadcast(to))
		bounce_note(&u->bounces, to);
}

/* Datagrams in a row that leave by one socket go in one call; the first that the kernel
 * refuses is dropped and the rest tried again.  A report of earlier ones is no refusal.
 */
static void
send_run(struct udp *u, const struct bound *b, size_t from, size_t to)
{
	struct mmsghdr headers[UDP_BATCH];
	struct iovec vectors[UDP_BATCH];
	union where names[UDP_BATCH];
	for (size_t i = from; i < to; i++) {
		const struct mesh_path *p = &u->out[i].to;
		bool all = is_broadcast(p);
		socklen_t len = where_of(all ? b->iface.group : p->addr,
		    all ? u->params.port : address_port(p), b->iface.index, &names[i]);
		vectors[i] = (struct iovec){ u->out[i].bytes, u->out[i].len };
		headers[i].msg_hdr = (struct msghdr){ .msg_name = &names[i],
			.msg_namelen = len,
			.msg_iov = &vectors[i],
			.msg_iovlen = 1 };
	}
	for (size_t again = to - from; from < to;) {
		int n = sendmmsg(
		    b->unicast.fd, headers + from, (unsigned)(to - from), MSG_DONTWAIT);
		if (n < 0 && again > 0 && was_reported(u, &b->unicast)) {
			again--;
			continue;
		}
		if (n <= 0) {
			count_refused(u, &u->out[from].to, n < 0 ? errno : EIO);
			from++;
			continue;
		}
		for (int i = 0; i < n; i++)
			u->counts[COUNT_UDP_TX_BYTES] += u->out[from + (size_t)i].len;
		u->counts[COUNT_UDP_TX] += (uint64_t)n;
		from += (size_t)n;
	}
}

void
udp_flush(struct udp *u)
{
	for (size_t i = 0, end; i < u->out_count; i = end) {
		struct bound *b = choose(u, &u->out[i].to);
		for (end = i + 1; end < u->out_count; end++) {
			if (b == NULL || u->out[end].to.iface != u->out[i].to.iface ||
			    u->out[i].to.iface == 0)
				break;
		}
		if (b != NULL)
			send_run(u, b, i, end);
		else
			u->counts[COUNT_UDP_TX_REFUSED]++;
	}
	u->out_count = 0;
}

void
udp_send(struct udp *u, const struct mesh_path *to, struct bytes_view bytes)
{
	if (bytes.len > UDP_BYTES) {
		u->counts[COUNT_UDP_TX_REFUSED]++;
		return;
	}
	if (u->out_count == UDP_BATCH)
		udp_flush(u);
	struct outgoing *o = &u->out[u->out_count++];
	o->to = *to;
	o->len = bytes.len;
	memcpy(o->bytes, bytes.ptr, bytes.len);
}
