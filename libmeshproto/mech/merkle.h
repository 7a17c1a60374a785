/* merkle.h - one root over a batch of 1..64 leaves, and proofs of any part of it.
 *
 * leaf = H(0x00 || core), node = H(0x01 || left || right), split at the largest power
 * of two below n.  A proof is the hashes of the subtrees that are absent, in the order
 * of the walk; the same walk consumes it.  Floor 1.  Pure.  Source: PROTOCOL.md,
 * "Signature" (wire 3). */
#ifndef MESH_MERKLE_H
#define MESH_MERKLE_H
#include "types.h"

enum { MERKLE_LEAVES = 64, MERKLE_HASH = 32, MERKLE_FILL_MAX = 32 * MERKLE_HASH };

struct merkle_hash {
	uint8_t bytes[MERKLE_HASH];
};

struct merkle_hash merkle_leaf(struct bytes_view core);
struct merkle_hash merkle_root(const struct merkle_hash *leaves, size_t n);
/* The proof for the leaves of `mask` (never 0), from all leaves of the batch. */
void merkle_fill(
    const struct merkle_hash *leaves, size_t n, uint64_t mask, struct bytes_out *fill);
/* The root again from the `present` leaves (ascending, one per bit of `mask`) and a
 * proof. False: a hash is missing or left over. */
MESH_MUST_CHECK bool merkle_rebuild(const struct merkle_hash *present, size_t n,
    uint64_t mask, struct bytes_view fill, struct merkle_hash *root);
#endif
