/* ifaces.h - which addresses of this machine the mesh lives on.
 *
 * `*`: every interface that is up, not loopback; `NAME,...`: those;
 * `ADDRESS/PREFIX,...`: that address, broadcasting to the prefix's last one (how
 * several sites share one machine: PROTOCOL.md 12).  Beacons go to the directed
 * broadcast of IPv4; an interface's first IPv6 address, link-local if there is one,
 * listens to the mesh's multicast group, and speaks there only where IPv4 has no
 * broadcast, so that a segment carries each beacon once (docs/DECISIONS/0090).
 * Floor 6.  Edge: asks the kernel. */
#ifndef NET_IFACES_H
#define NET_IFACES_H
#include "address.h"

enum { IFACES_MAX = 32, IFACE_NAME = 48 };
struct iface {
	char name[IFACE_NAME]; /* "eth0"; the address form: the address as text */
	uint8_t addr[ADDRESS_BYTES];
	uint8_t group[ADDRESS_BYTES]; /* broadcast or multicast; all zero: none */
	bool hails;                   /* our beacons go to `group` */
	unsigned index;               /* the kernel's; 0: not asked */
};
/* False: `bad` is the part at fault. */
bool ifaces_check(struct text_view spec, struct text_view *bad);
/* What `spec` means now: at most IFACES_MAX, IPv4 first.  Returns how many. */
size_t ifaces_scan(struct text_view spec, struct iface out[static IFACES_MAX]);
/* The same sockets serve both: all but `hails` and the name. */
bool iface_equal(const struct iface *a, const struct iface *b);
/* A descriptor that becomes readable when interfaces or addresses change; -errno. */
int ifaces_watch(void);
void ifaces_watch_read(
    int fd); /* take what it says, which is that it is time to scan */
#endif
