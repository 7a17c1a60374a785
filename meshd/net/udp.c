#include "udp.h"
#include "text.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RCVBUF = 512 * 1024, NO_SOCKET = -1, UNREACHABLE = 8 };

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
	struct bound bound[IFACES_MAX];
	size_t bound_count;
	uint16_t last_number;
	/* what one recvmmsg brought, given out one by one */
	struct mmsghdr headers[UDP_BATCH];
	struct iovec vectors[UDP_BATCH];
	struct sockaddr_in names[UDP_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[UDP_BATCH][64];
	uint8_t received[UDP_BATCH][UDP_BYTES];
	size_t got, given;
	uint16_t got_number;
	size_t turn; /* 2 * bound + which: the socket to read next */
	struct outgoing out[UDP_BATCH];
	size_t out_count;
	struct mesh_path unreachable[UNREACHABLE];
	size_t unreachable_count;
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

/* --- paths: v4 addresses as ::ffff:a.b.c.d, then the port --- */

struct mesh_path
udp_path(uint32_t addr, uint16_t port)
{
	struct mesh_path p = { .iface = 0 };
	struct bytes_out out = bytes_out(p.addr, sizeof p.addr);
	bytes_put_u64(&out, 0);
	bytes_put_u32(&out, 0xffff);
	bytes_put_u32(&out, addr);
	bytes_put_u16(&out, port);
	return p;
}

static void
path_read(const struct mesh_path *p, uint32_t *addr, uint16_t *port)
{
	struct bytes_in in = bytes_in(bytes_view(p->addr + 12, 6));
	*addr = bytes_u32(&in);
	*port = bytes_u16(&in);
}

static bool
is_broadcast(const struct mesh_path *p)
{
	static const uint8_t zero[sizeof p->addr];
	return memcmp(p->addr, zero, sizeof zero) == 0;
}

void
udp_path_print(const struct mesh_path *path, struct bytes_out *out)
{
	uint32_t a;
	uint16_t port;
	path_read(path, &a, &port);
	if (is_broadcast(path))
		text_put(out, "broadcast");
	else
		text_printf(out, "%u.%u.%u.%u:%u", a >> 24, a >> 16 & 255, a >> 8 & 255,
		    a & 255, port);
}

/* --- sockets --- */

static struct sockaddr_in
sockaddr_of(uint32_t addr, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(addr) };
}

static int
open_socket(uint32_t addr, uint16_t port, int option)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	int buffer = RCVBUF;
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, option, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	struct sockaddr_in a = sockaddr_of(addr, port);
	if (bind(fd, (const struct sockaddr *)&a, sizeof a) != 0) {
		int error = errno;
		close(fd);
		return -error;
	}
	return fd;
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
	return u;
}

static void
drop_waiting(struct udp *u)
{
	u->got = u->given = 0;
}

/* Opens and watches both sockets of `b`; what was opened is left to the caller. */
static int
open_both(struct udp *u, struct bound *b)
{
	/* Sends to the broadcast address too: the source is then our unicast address.
	 */
	int fd = open_socket(b->iface.addr, u->params.port, SO_BROADCAST);
	if (fd < 0)
		return fd;
	b->unicast.fd = fd;
	int error = watch(u, &b->unicast);
	if (error != 0 || !u->params.broadcast || b->iface.broadcast == 0)
		return error;
	fd = open_socket(b->iface.broadcast, u->params.port, SO_REUSEADDR);
	if (fd < 0)
		return fd;
	b->broadcast.fd = fd;
	return watch(u, &b->broadcast);
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

void
udp_unbind(struct udp *u, uint16_t number)
{
	for (size_t i = 0; i < u->bound_count; i++) {
		if (u->bound[i].number != number)
			continue;
		udp_flush(u);
		drop_waiting(u);
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

bool
udp_next(struct udp *u, struct mesh_path *from, struct bytes_view *bytes)
{
	if (u->given == u->got && !read_any(u))
		return false;
	size_t i = u->given++;
	*from = udp_path(
	    ntohl(u->names[i].sin_addr.s_addr), ntohs(u->names[i].sin_port));
	from->iface = u->got_number;
	*bytes = bytes_view(u->received[i], u->headers[i].msg_len);
	u->counts[COUNT_UDP_RX]++;
	u->counts[COUNT_UDP_RX_BYTES] += bytes->len;
	return true;
}

/* --- sending --- */

/* The source address that the kernel's routes give a destination; 0: none. */
static uint32_t
route_source(uint32_t addr, uint16_t port)
{
	struct sockaddr_in a = sockaddr_of(addr, port);
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)&a, sizeof a) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		a.sin_addr.s_addr = 0;
	close(fd);
	return ntohl(a.sin_addr.s_addr);
}

/* The socket a datagram leaves by: the one that its path names, else the one that the
 * kernel's routes choose, else the first. */
static struct bound *
choose(struct udp *u, const struct mesh_path *to)
{
	uint32_t addr, source;
	uint16_t port;
	for (size_t i = 0; i < u->bound_count; i++) {
		if (u->bound[i].number == to->iface)
			return &u->bound[i];
	}
	if (is_broadcast(to) || u->bound_count == 0)
		return NULL;
	path_read(to, &addr, &port);
	source = u->bound_count > 1 ? route_source(addr, port) : 0;
	for (size_t i = 0; i < u->bound_count; i++) {
		if (u->bound[i].iface.addr == source)
			return &u->bound[i];
	}
	return &u->bound[0];
}

static void
note_unreachable(struct udp *u, const struct mesh_path *to)
{
	if (u->unreachable_count < UNREACHABLE && !is_broadcast(to))
		u->unreachable[u->unreachable_count++] = *to;
}

static void
count_refused(struct udp *u, const struct mesh_path *to, int error)
{
	if (error == EAGAIN || error == ENOBUFS) {
		u->counts[COUNT_UDP_TX_FULL]++;
		return;
	}
	u->counts[COUNT_UDP_TX_REFUSED]++;
	if (error == EHOSTUNREACH || error == ENETUNREACH || error == ECONNREFUSED)
		note_unreachable(u, to);
}

/* Datagrams in a row that leave by one socket go in one call; the first that the kernel
 * refuses is dropped and the rest tried again. */
static void
send_run(struct udp *u, const struct bound *b, size_t from, size_t to)
{
	struct mmsghdr headers[UDP_BATCH];
	struct iovec vectors[UDP_BATCH];
	struct sockaddr_in names[UDP_BATCH];
	for (size_t i = from; i < to; i++) {
		uint32_t addr;
		uint16_t port;
		path_read(&u->out[i].to, &addr, &port);
		names[i] = is_broadcast(&u->out[i].to)
		    ? sockaddr_of(b->iface.broadcast, u->params.port)
		    : sockaddr_of(addr, port);
		vectors[i] = (struct iovec){ u->out[i].bytes, u->out[i].len };
		headers[i].msg_hdr = (struct msghdr){ .msg_name = &names[i],
			.msg_namelen = sizeof names[i],
			.msg_iov = &vectors[i],
			.msg_iovlen = 1 };
	}
	while (from < to) {
		int n = sendmmsg(
		    b->unicast.fd, headers + from, (unsigned)(to - from), MSG_DONTWAIT);
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

bool
udp_next_unreachable(struct udp *u, struct mesh_path *out)
{
	if (u->unreachable_count == 0)
		return false;
	*out = u->unreachable[--u->unreachable_count];
	return true;
}
