/* multicast.c - the datagrams in which Meshtastic nodes tell their own network what
 * they transmit: group 224.0.0.69, port 4403.
 *
 * Bound to the group's address, so that nothing else comes; other programs on this
 * machine may listen too.  `device` is "udp:" and the interface, by name or address.
 * One read is one datagram; there is nothing to write.  Floor 1.  Edge. */
#include "link.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUP "224.0.0.69"
enum { GROUP_PORT = 4403, PREFIX = 4 /* "udp:" */ };

struct link {
	int fd;
};

/* The interface of "udp:eth0" or "udp:10.0.0.5". */
static int
interface_of(const struct link_params *params, struct ip_mreqn *out)
{
	char name[IF_NAMESIZE];
	size_t len = params->device.len > PREFIX ? params->device.len - PREFIX : 0;
	*out = (struct ip_mreqn){ 0 };
	inet_pton(AF_INET, GROUP, &out->imr_multiaddr);
	if (len == 0 || len >= sizeof name)
		return -EINVAL;
	memcpy(name, params->device.ptr + PREFIX, len);
	name[len] = '\0';
	if (inet_pton(AF_INET, name, &out->imr_address) == 1)
		return 0;
	out->imr_ifindex = (int)if_nametoindex(name);
	return out->imr_ifindex != 0 ? 0 : -ENODEV;
}

static int
listen_on(int fd, const struct ip_mreqn *group)
{
	const int one = 1;
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(GROUP_PORT),
		.sin_addr = group->imr_multiaddr };
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, group, sizeof *group) != 0)
		return -errno;
	/* Else groups that others joined on other interfaces come, too. */
	const int none = 0;
	(void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &none, sizeof none);
	return 0;
}

static int
open_group(struct link **out, const struct link_params *params)
{
	struct ip_mreqn group;
	int err = interface_of(params, &group);
	struct link *l = err == 0 ? calloc(1, sizeof *l) : NULL;
	if (err == 0 && l == NULL)
		err = -ENOMEM;
	if (err != 0)
		return err;
	l->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	err = l->fd < 0 ? -errno : listen_on(l->fd, &group);
	if (err == 0) {
		*out = l;
		return 0;
	}
	if (l->fd >= 0)
		close(l->fd);
	free(l);
	return err;
}

static void
close_group(struct link *l)
{
	close(l->fd);
	free(l);
}

static int
fd_of(const struct link *l)
{
	return l->fd;
}

static int
finish(struct link *l)
{
	(void)l;
	return 1;
}

/* An empty datagram is not the end, for there is none; the loop comes again. */
static int64_t
read_datagram(struct link *l, void *to, size_t cap)
{
	ssize_t n = recv(l->fd, to, cap, 0);
	if (n == 0)
		return -EAGAIN;
	return n < 0 ? -errno : n;
}

static int64_t
write_nothing(struct link *l, const void *from, size_t len)
{
	(void)l;
	(void)from;
	(void)len;
	return -EOPNOTSUPP;
}

const struct link_ops link_multicast = {
	.name = "multicast",
	.open = open_group,
	.close = close_group,
	.fd = fd_of,
	.finish = finish,
	.read = read_datagram,
	.write = write_nothing,
};
