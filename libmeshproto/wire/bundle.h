/* bundle.h - 1 to 64 cores under one signature, or any piece of them with its proof.
 *
 * `[sig, n, mask, fill, [core...]]`; the signature is over "meshd1 rec" || netid || n
 * || root.  All cores of a batch share origin, lane and epoch, in seq order.  Reading
 * is cheap (shape and structure); the hashes and the signature come with bundle_root
 * and bundle_verify, last of all checks.  Floor 2.  Pure.  Source: PROTOCOL.md 3. */
#ifndef MESH_BUNDLE_H
#define MESH_BUNDLE_H
#include "merkle.h"
#include "record.h"

enum { BUNDLE_CORES = MERKLE_LEAVES, BUNDLE_SIG = 64, BUNDLE_NETID = 16 };

struct bundle {
	const uint8_t *sig; /* BUNDLE_SIG bytes */
	uint8_t n;
	uint64_t mask;
	struct bytes_view fill;
	size_t count;           /* cores present */
	struct bytes_view list; /* the array of cores, raw: bundle_core */
	struct bytes_view raw;  /* all of it, as it came */
};

/* MESH_TRUNCATED, MESH_MALFORMED: no bundle (rx.shape). */
MESH_MUST_CHECK enum mesh_err bundle_read(struct bytes_view raw, struct bundle *out);
/* The same of one value of a frame, whose shape was looked at with the frame's. */
MESH_MUST_CHECK enum mesh_err bundle_open(struct bytes_view raw, struct bundle *out);
/* Core i of those present. */
struct bytes_view bundle_core(const struct bundle *b, size_t i);
/* All of them, in one pass. */
void bundle_cores(const struct bundle *b, struct bytes_view cores[static BUNDLE_CORES]);
/* Core i read as a record.  MESH_MALFORMED: it is none, or does not belong with the one
 * before it. */
MESH_MUST_CHECK enum mesh_err bundle_record(
    const struct bundle *b, size_t i, struct record *out);
/* May `next` follow `r` in one batch? */
bool bundle_joins(const struct record *r, const struct record *next);
/* The hash of each core present. */
void bundle_leaves(
    const struct bundle *b, struct merkle_hash leaves[static BUNDLE_CORES]);
/* The root from those and the fill.  MESH_MALFORMED: a hash is missing or left over
 * (record.bad_proof). */
MESH_MUST_CHECK enum mesh_err bundle_root(
    const struct bundle *b, const struct merkle_hash *leaves, struct merkle_hash *root);
/* Proof, then signature by `origin`.  MESH_MALFORMED: bad proof.  MESH_DENIED: bad
 * signature (record.bad_sig). */
MESH_MUST_CHECK enum mesh_err bundle_verify(const struct bundle *b,
    const uint8_t netid[static BUNDLE_NETID], const struct mesh_key *origin);
/* Only the signature, over a root that is known. */
MESH_MUST_CHECK bool bundle_signature_holds(const struct bundle *b,
    const struct merkle_hash *root, const uint8_t netid[static BUNDLE_NETID],
    const struct mesh_key *origin);

struct bundle_signer {
	const uint8_t *seed;        /* 32 bytes, borrowed */
	const struct mesh_key *key; /* its public key */
	const uint8_t *netid;       /* BUNDLE_NETID bytes */
};
/* Sign `n` cores and append the whole batch as one bundle.  MESH_FULL leaves `out` as
 * it was. */
MESH_MUST_CHECK enum mesh_err bundle_sign(const struct bundle_signer *by,
    const struct bytes_view *cores, size_t n, struct bytes_out *out);
/* The same of cores of which only the leaves are at hand: bundle_begin writes what then
 * stands before each. */
void bundle_sign_leaves(const struct bundle_signer *by,
    const struct merkle_hash *leaves, size_t n, uint8_t sig[static BUNDLE_SIG]);
/* Sign one core; append all of its bundle that stands before it. */
void bundle_sign_around(
    const struct bundle_signer *by, struct bytes_view core, struct bytes_out *head);
/* All of a bundle of one record that stands before its core, of so many bytes.
 * MESH_FULL leaves `out` as it was. */
struct bundle_head {
	const uint8_t *sig; /* BUNDLE_SIG bytes */
	size_t n;
	uint64_t mask;
	struct bytes_view fill;
};
MESH_MUST_CHECK enum mesh_err bundle_begin(
    const struct bundle_head *h, size_t core_bytes, struct bytes_out *out);
/* How long a batch of `n` cores of so many bytes together can get at most. */
size_t bundle_bytes(size_t n, size_t core_bytes);
/* Append the piece `keep` of a bundle whose proof is whole (bundle_root); its bits are
 * those of `mask`.  MESH_MALFORMED: no part of it.  MESH_FULL leaves `out` as it was.
 */
MESH_MUST_CHECK enum mesh_err bundle_cut(const struct bundle *b,
    const struct merkle_hash *leaves, uint64_t keep, struct bytes_out *out);
/* The bits of `mask` that belong to the chosen of the cores present. */
uint64_t bundle_bits(const struct bundle *b, uint64_t chosen);
#endif
