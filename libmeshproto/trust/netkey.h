/* netkey.h - what is derived from the network's shared key, and the network file.
 *
 * The key itself seals nothing: beacons, handshakes and cookies have keys of their own,
 * and `hint` tells our datagrams from strangers' without opening them.  The network
 * has up to three keys at a time: the one it sends with, the one before it, which
 * others may still use, and the next one, which others may use already.  The functions
 * mesh_network_* of meshtrust.h are in network_file.c and netkey.c.  Floor 3.  Pure.
 * Source: PROTOCOL.md, "Names and keys" (wire 1). */
#ifndef MESH_NETKEY_H
#define MESH_NETKEY_H
#include "meshtrust.h"

struct netkey { /* secret but for `hint`: netkey_wipe */
	uint8_t hint[4];
	uint8_t hs[32], beacon[32], cookie[32];
};
/* From any 32 bytes that are as secret: the network's key, an invitation's verifier. */
void netkey_derive(const uint8_t key[static 32], struct netkey *out);
void netkey_wipe(struct netkey *k);
/* Its id, from founder and salt. */
void netkey_name_network(struct mesh_network *n);

enum netkey_slot { NETKEY_CURRENT, NETKEY_PREVIOUS, NETKEY_NEXT, NETKEY_SLOTS };
struct keyring { /* secret */
	struct netkey keys[NETKEY_SLOTS];
	bool has[NETKEY_SLOTS];
};
void keyring_of(const struct mesh_network *network, struct keyring *out);
/* The keys that this hint names, or NULL. */
const struct netkey *keyring_find(
    const struct keyring *r, const uint8_t hint[static 4]);
#endif
