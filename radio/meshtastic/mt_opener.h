/* mt_opener.h - encrypted packets made into what a radio with their key would give.
 *
 * All that reads raw packets then reads them.  The keys are who made it (a session, the
 * ether) puts in; other nodes' public keys are learnt from their own words: the first
 * of each, of the newest 64.  Floor 2.  Pure. */
#ifndef RADIO_MT_OPENER_H
#define RADIO_MT_OPENER_H
#include "mt_keys.h"

enum { MT_PEERS = 64 };
struct mt_peer_key {
	uint32_t node; /* 0: none */
	uint8_t key[MT_NODE_KEY];
};
struct mt_opener { /* zero is valid: opens nothing */
	struct mt_keys keys;
	bool given_secret; /* by the configuration, not by a radio */
	struct mt_peer_key peers[MT_PEERS];
	size_t peer_next;
};

/* Lines of a keys file, checked by who read it; what is wrong ends the taking. */
void mt_opener_take(struct mt_opener *o, struct text_view keys);
/* A packet in the clear may tell its sender's public key. */
void mt_opener_hear(
    struct mt_opener *o, const struct mt_packet *p, struct arena scratch);
const uint8_t *mt_opener_peer(const struct mt_opener *o, uint32_t node); /* or NULL */
/* False: it stays shut.  Else `p` and `raw` are of the open packet, in `into`.  `peer`:
 * the public key of the node at the other end, or NULL.  The channel stays named by
 * its hash, for it need not be one of any radio here. */
bool mt_opener_open(const struct mt_opener *o, struct mt_packet *p,
    struct bytes_view *raw, const uint8_t *peer, struct arena *into);
#endif
