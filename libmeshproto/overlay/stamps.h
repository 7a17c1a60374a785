/* stamps.h - which site passed a record on, and when, signed in a chain.
 *
 *	tag 4 | from 4 | rx_us 8 | held_us 4 | signature 64
 *
 * `tag` is the relay's, `from` the tag of the neighbour that it got the record from,
 * `rx_us` when, on its own clock, `held_us` how long it kept it.  The signature is over
 * a hash of the record and of every stamp before this one, so that a stamp taken out,
 * put in or moved makes the next one fail; who leaves the last one out contradicts
 * `from`.  A site can hide itself; it cannot invent others.  Clocks are never compared
 * with each other: the same relay's two stamps, of the way there and of the way back,
 * say how long the rest took.  Floor 3.  Pure.  Source: PROTOCOL.md 8. */
#ifndef MESH_STAMPS_H
#define MESH_STAMPS_H
#include "frames.h"
#include "seal.h"

enum { STAMPS_TAG = MESSAGE_TAG, STAMPS_NETID = 16 };

struct stamp {
	const uint8_t *tag, *from; /* STAMPS_TAG bytes */
	uint64_t rx_us;
	uint32_t held_us;
};
struct stamps_chain { /* what the next stamp is signed over */
	uint8_t hash[SEAL_HASH];
};
struct stamps_signer {
	const uint8_t *seed;        /* SEAL_KEY bytes, borrowed */
	const struct mesh_key *key; /* its public key */
};

/* A record without a stamp yet; the hash names it from now on. */
void stamps_begin(struct stamps_chain *c, const uint8_t netid[static STAMPS_NETID],
    struct bytes_view core);
/* Behind all of `stamps`. */
void stamps_follow(struct stamps_chain *c, struct bytes_view stamps);
/* Append ours to those that `c` stands behind. */
void stamps_append(const struct stamps_chain *c, const struct stamps_signer *by,
    const struct stamp *ours, struct bytes_out *stamps);

size_t stamps_count(struct bytes_view stamps);
struct stamp stamps_at(struct bytes_view stamps, size_t i); /* requires: i < count */
/* Is stamp `i` by `key`?  Steps behind it.  Requires: `c` stands before it. */
MESH_MUST_CHECK bool stamps_next(struct stamps_chain *c, struct bytes_view stamps,
    size_t i, const struct mesh_key *key);
#endif
