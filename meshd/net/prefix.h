/* prefix.h - "10.0.0.0/8": a range of addresses, and whether one lies in it.
 *
 * Floor 6.  Pure. */
#ifndef NET_PREFIX_H
#define NET_PREFIX_H
#include "address.h"

struct prefix {
	uint8_t addr[ADDRESS_BYTES];
	uint8_t bits; /* 0..128; of IPv4 96 more than it says */
};
/* "10.0.0.0/8", "fd00::/16", "10.0.0.7".  False: not of that form. */
bool prefix_read(struct text_view text, struct prefix *out);
bool prefix_holds(const struct prefix *p, const uint8_t addr[static ADDRESS_BYTES]);
#endif
