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

/* How many leaves a mask names. */
size_t merkle_ones(uint64_t mask);
struct merkle_hash merkle_leaf(struct bytes_view core);
struct merkle_hash merkle_root(const struct merkle_hash *leaves, size_t n);

struct merkle_piece { /* part of a batch, with what proves that it is one */
	const struct merkle_hash
	    *present;           /* leaves, ascending, one per bit of `mask` */
	size_t n;               /* leaves of the whole batch */
	uint64_t mask;          /* never 0 */
	struct bytes_view fill; /* hashes of the absent subtrees */
};
/* False: a hash is missing or left over. */
MESH_MUST_CHECK bool merkle_rebuild(
    const struct merkle_piece *piece, struct merkle_hash *root);
/* Append the proof of a smaller piece, the leaves `keep` out of `piece->mask`.
 * Requires: merkle_rebuild said true.  Of 0 leaves the proof is the root. */
void merkle_cut(
    const struct merkle_piece *piece, uint64_t keep, struct bytes_out *fill);
/* What two pieces of one batch know together: append the leaves of both, ascending, and
 * the hashes that stand for what neither has.  Requires: merkle_rebuild said true for
 * both, with one root. */
void merkle_join(const struct merkle_piece *a, const struct merkle_piece *b,
    struct bytes_out *leaves, struct bytes_out *fill);
/* How many hashes the proof of such a piece has. */
size_t merkle_absent(size_t n, uint64_t mask);
#endif
