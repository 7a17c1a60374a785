#include "ifaces.h"
#include "text.h"
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the words of the option --- */

/* The next part between commas, trimmed; false: no more. */
static bool
next_part(struct text_view *rest, struct text_view *part)
{
	if (rest->len == 0)
		return false;
	const char *comma = memchr(rest->ptr, ',', rest->len);
	size_t len = comma != NULL ? (size_t)(comma - rest->ptr) : rest->len;
	*part = (struct text_view){ rest->ptr, len };
	if (comma != NULL)
		len++;
	*rest = (struct text_view){ rest->ptr + len, rest->len - len };
	while (part->len > 0 && part->ptr[0] == ' ')
		*part = (struct text_view){ part->ptr + 1, part->len - 1 };
	while (part->len > 0 && part->ptr[part->len - 1] == ' ')
		part->len--;
	return true;
}

/* The mesh's multicast group: link scope, transient, "mesh" (PROTOCOL.md 5). */
static const uint8_t mesh_group[ADDRESS_BYTES] = { 0xff, 0x12, [12] = 'm', 'e', 's',
	'h' };

static bool
read_v4(const char *text, uint64_t prefix, struct iface *out)
{
	struct in_addr a;
	if (inet_pton(AF_INET, text, &a) != 1 || prefix < 1 || prefix > 32)
		return false;
	uint32_t addr = ntohl(a.s_addr);
	address_of_v4(addr, out->addr);
	/* A /31 or /32 has no last address of its own to broadcast to. */
	out->hails = prefix < 31;
	if (out->hails)
		address_of_v4(addr | (uint32_t)(UINT32_MAX >> prefix), out->group);
	return true;
}

static bool
read_v6(const char *text, uint64_t prefix, struct iface *out)
{
	if (inet_pton(AF_INET6, text, out->addr) != 1 || prefix < 1 || prefix > 128)
		return false;
	memcpy(out->group, mesh_group, sizeof out->group);
	return !address_is_v4(out->addr);
}

/* ADDRESS/PREFIX; false: it is a name, or nothing. */
static bool
read_address(struct text_view part, struct iface *out)
{
	uint64_t prefix;
	const char *slash = memchr(part.ptr, '/', part.len);
	size_t len = slash != NULL ? (size_t)(slash - part.ptr) : 0;
	*out = (struct iface){ .index = 0 };
	if (slash == NULL || len >= IFACE_NAME)
		return false;
	memcpy(out->name, part.ptr, len);
	struct text_view bits = { slash + 1, part.len - len - 1 };
	return text_parse_u64(bits, &prefix) == MESH_OK &&
	    (read_v4(out->name, prefix, out) || read_v6(out->name, prefix, out));
}

static bool
is_name(struct text_view part)
{
	return part.len > 0 && part.len < IF_NAMESIZE &&
	    memchr(part.ptr, '/', part.len) == NULL &&
	    memchr(part.ptr, ' ', part.len) == NULL;
}

bool
ifaces_check(struct text_view spec, struct text_view *bad)
{
	struct iface ignored;
	bool any = false;
	for (struct text_view rest = spec; next_part(&rest, bad);) {
		if (!is_name(*bad) && !read_address(*bad, &ignored))
			return false;
		any = true;
	}
	*bad = spec;
	return any;
}

/* --- the kernel's answer --- */

static uint32_t
host_order(const struct sockaddr *a)
{
	struct sockaddr_in in;
	if (a == NULL || a->sa_family != AF_INET)
		return 0;
	memcpy(&in, a, sizeof in);
	return ntohl(in.sin_addr.s_addr);
}

static void
take_v4(const struct ifaddrs *i, struct iface *out)
{
	uint32_t addr = host_order(i->ifa_addr), mask = host_order(i->ifa_netmask);
	bool loopback = (i->ifa_flags & IFF_LOOPBACK) != 0;
	address_of_v4(addr, out->addr);
	/* lo has a broadcast route though it says that it cannot broadcast. */
	out->hails = ((i->ifa_flags & IFF_BROADCAST) != 0 || loopback) && ~mask > 1;
	if (out->hails)
		address_of_v4(addr | ~mask, out->group);
}

static void
take_v6(const struct ifaddrs *i, struct iface *out)
{
	struct sockaddr_in6 in;
	memcpy(&in, i->ifa_addr, sizeof in);
	memcpy(out->addr, &in.sin6_addr, sizeof out->addr);
	if ((i->ifa_flags & IFF_MULTICAST) != 0)
		memcpy(out->group, mesh_group, sizeof out->group);
}

static bool
read_kernel(const struct ifaddrs *i, struct iface *out)
{
	int family = i->ifa_addr != NULL ? i->ifa_addr->sa_family : AF_UNSPEC;
	if ((family != AF_INET && family != AF_INET6) || (i->ifa_flags & IFF_UP) == 0 ||
	    strlen(i->ifa_name) >= IFACE_NAME)
		return false;
	*out = (struct iface){ .index = if_nametoindex(i->ifa_name) };
	memcpy(out->name, i->ifa_name, strlen(i->ifa_name) + 1);
	if (family == AF_INET)
		take_v4(i, out);
	else
		take_v6(i, out);
	return true;
}

static bool
wanted(struct text_view part, const struct ifaddrs *i)
{
	if (text_is(part, "*"))
		return (i->ifa_flags & IFF_LOOPBACK) == 0;
	return text_is(part, i->ifa_name);
}

static bool
same_address(const struct iface *a, const struct iface *b)
{
	/* fe80::1 is another address on each interface. */
	return memcmp(a->addr, b->addr, sizeof a->addr) == 0 &&
	    (a->index == b->index || !address_is_link_local(a->addr));
}

static void
add(struct iface out[static IFACES_MAX], size_t *count, const struct iface *one)
{
	for (size_t i = 0; i < *count; i++) {
		if (same_address(&out[i], one))
			return;
	}
	if (*count < IFACES_MAX)
		out[(*count)++] = *one;
}

/* The interface that has the address of the address form. */
static void
find_index(const struct ifaddrs *all, struct iface *one)
{
	struct iface have;
	for (const struct ifaddrs *i = all; i != NULL && one->index == 0;
	     i = i->ifa_next)
		if (read_kernel(i, &have) &&
		    memcmp(have.addr, one->addr, sizeof have.addr) == 0)
			one->index = have.index;
}

static void
scan_part(struct text_view part, const struct ifaddrs *all, bool v4,
    struct iface out[static IFACES_MAX], size_t *count)
{
	struct iface one;
	if (read_address(part, &one)) {
		find_index(all, &one);
		if (address_is_v4(one.addr) == v4)
			add(out, count, &one);
		return;
	}
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
		if (wanted(part, i) && read_kernel(i, &one) &&
		    address_is_v4(one.addr) == v4)
			add(out, count, &one);
}

/* One IPv6 address of each interface keeps the group: several would hear each beacon
 * several times. */
static void
settle_v6(struct iface *list, size_t count, struct iface *one)
{
	bool best = true, broadcast = false;
	for (const struct iface *i = list; i < list + count; i++) {
		if (i == one || i->index != one->index || one->index == 0)
			continue;
		if (address_is_v4(i->addr))
			broadcast = broadcast || i->hails;
		else if (address_is_link_local(i->addr) ==
		    address_is_link_local(one->addr))
			best = best && i > one;
		else
			best = best && address_is_link_local(one->addr);
	}
	one->hails = best && !broadcast && address_is_set(one->group);
	if (!best)
		memset(one->group, 0, sizeof one->group);
}

size_t
ifaces_scan(struct text_view spec, struct iface out[static IFACES_MAX])
{
	struct ifaddrs *all = NULL;
	struct text_view part;
	size_t count = 0;
	if (getifaddrs(&all) != 0)
		all = NULL; /* the address form still works */
	for (struct text_view rest = spec; next_part(&rest, &part);)
		scan_part(part, all, true, out, &count);
	for (struct text_view rest = spec; next_part(&rest, &part);)
		scan_part(part, all, false, out, &count);
	freeifaddrs(all);
	for (size_t i = 0; i < count; i++)
		if (!address_is_v4(out[i].addr))
			settle_v6(out, count, &out[i]);
	return count;
}

bool
iface_equal(const struct iface *a, const struct iface *b)
{
	return memcmp(a->addr, b->addr, sizeof a->addr) == 0 &&
	    memcmp(a->group, b->group, sizeof a->group) == 0 &&
	    (a->index == b->index || address_is_v4(a->addr));
}

/* --- news from the kernel --- */

int
ifaces_watch(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };
	int fd = socket(
	    AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	int error = errno;
	close(fd);
	return -error;
}

void
ifaces_watch_read(int fd)
{
	uint8_t ignored[4096];
	/* ENOBUFS, news lost, is news as well and ends with the next read. */
	while (recv(fd, ignored, sizeof ignored, MSG_DONTWAIT) > 0 || errno == ENOBUFS)
		;
}
