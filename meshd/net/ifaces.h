/* ifaces.h - which addresses of this machine the mesh lives on.
 *
 * `*`: every interface that is up, not loopback; `NAME,...`: those;
 * `ADDRESS/PREFIX,...`: that address, broadcasting to the prefix's last one (how
 * several sites share one machine: PROTOCOL.md 12).  Floor 6.  Edge: asks the kernel.
 * IPv4.
 */
#ifndef NET_IFACES_H
#define NET_IFACES_H
#include "bytes.h"

enum { IFACES_MAX = 32, IFACE_NAME = 16 };
struct iface {
	char name[IFACE_NAME];    /* "eth0"; the address form: the address as text */
	uint32_t addr, broadcast; /* host order; broadcast 0: has none */
	unsigned index;           /* the kernel's; 0: not asked */
};
/* False: `bad` is the part at fault. */
bool ifaces_check(struct text_view spec, struct text_view *bad);
/* What `spec` means now: at most IFACES_MAX.  Returns how many. */
size_t ifaces_scan(struct text_view spec, struct iface out[static IFACES_MAX]);
bool iface_equal(const struct iface *a, const struct iface *b);
#endif
