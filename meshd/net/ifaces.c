#include "ifaces.h"
#include "text.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

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

/* ADDRESS/PREFIX; false: it is a name, or nothing. */
static bool
read_address(struct text_view part, struct iface *out)
{
	char room[INET_ADDRSTRLEN];
	struct in_addr a;
	uint64_t prefix;
	const char *slash = memchr(part.ptr, '/', part.len);
	size_t len = slash != NULL ? (size_t)(slash - part.ptr) : 0;
	if (slash == NULL || len >= sizeof room || len >= IFACE_NAME)
		return false;
	memcpy(room, part.ptr, len);
	room[len] = '\0';
	struct text_view bits = { slash + 1, part.len - len - 1 };
	if (inet_pton(AF_INET, room, &a) != 1 ||
	    text_parse_u64(bits, &prefix) != MESH_OK || prefix < 1 || prefix > 32)
		return false;
	*out = (struct iface){ .addr = ntohl(a.s_addr) };
	memcpy(out->name, room, len + 1);
	/* A /31 or /32 has no last address of its own to broadcast to. */
	if (prefix < 31)
		out->broadcast = out->addr | (uint32_t)(UINT32_MAX >> prefix);
	return true;
}

static bool
is_name(struct text_view part)
{
	return part.len > 0 && part.len < IFACE_NAME &&
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

static bool
read_kernel(const struct ifaddrs *i, struct iface *out)
{
	if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET ||
	    (i->ifa_flags & IFF_UP) == 0 || strlen(i->ifa_name) >= IFACE_NAME)
		return false;
	*out = (struct iface){ .addr = host_order(i->ifa_addr),
		.index = if_nametoindex(i->ifa_name) };
	memcpy(out->name, i->ifa_name, strlen(i->ifa_name) + 1);
	uint32_t mask = host_order(i->ifa_netmask);
	bool loopback = (i->ifa_flags & IFF_LOOPBACK) != 0;
	/* lo has a broadcast route though it says that it cannot broadcast. */
	if (((i->ifa_flags & IFF_BROADCAST) != 0 || loopback) && ~mask > 1)
		out->broadcast = out->addr | ~mask;
	return true;
}

static bool
wanted(struct text_view part, const struct ifaddrs *i)
{
	if (text_is(part, "*"))
		return (i->ifa_flags & IFF_LOOPBACK) == 0;
	return text_is(part, i->ifa_name);
}

static void
add(struct iface out[static IFACES_MAX], size_t *count, const struct iface *one)
{
	for (size_t i = 0; i < *count; i++) {
		if (out[i].addr == one->addr)
			return;
	}
	if (*count < IFACES_MAX)
		out[(*count)++] = *one;
}

size_t
ifaces_scan(struct text_view spec, struct iface out[static IFACES_MAX])
{
	struct ifaddrs *all = NULL;
	struct text_view part;
	struct iface one;
	size_t count = 0;
	if (getifaddrs(&all) != 0)
		all = NULL; /* the address form still works */
	for (struct text_view rest = spec; next_part(&rest, &part);) {
		if (read_address(part, &one)) {
			add(out, &count, &one);
			continue;
		}
		for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
			if (wanted(part, i) && read_kernel(i, &one))
				add(out, &count, &one);
		}
	}
	freeifaddrs(all);
	return count;
}

bool
iface_equal(const struct iface *a, const struct iface *b)
{
	return a->addr == b->addr && a->broadcast == b->broadcast;
}
