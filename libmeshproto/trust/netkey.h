/* netkey.h - what is derived from the network's shared key, and the network file.
 *
 * The key itself seals nothing: beacons, handshakes and cookies have keys of their own,
 * and `hint` tells our datagrams from strangers' without opening them.  The functions
 * mesh_network_* of meshtrust.h are implemented beside these.  Floor 3.  Pure.
 * Source: PROTOCOL.md, "Names and keys" (wire 1). */
#ifndef MESH_NETKEY_H
#define MESH_NETKEY_H
#include "meshtrust.h"

struct netkey { /* secret but for `hint`: netkey_wipe */
	uint8_t hint[4];
	uint8_t hs[32], beacon[32], cookie[32];
};
void netkey_derive(const struct mesh_network *network, struct netkey *out);
void netkey_wipe(struct netkey *k);
#endif
