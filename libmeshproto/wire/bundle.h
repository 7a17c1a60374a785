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
/* Core i of those present. */
struct bytes_view bundle_core(const struct bundle *b, size_t i);
/* Core i read as a record, and checked to belong with core 0.  MESH_MALFORMED. */
MESH_MUST_CHECK enum mesh_err bundle_record(
    const struct bundle *b, size_t i, struct record *out);
/* The root from cores and fill.  MESH_MALFORMED: a hash is missing or left over
 * (record.bad_proof). */
MESH_MUST_CHECK enum mesh_err bundle_root(
    const struct bundle *b, struct merkle_hash *root);
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
size_t bundle_bytes_of_one(size_t core_bytes); /* length of a bundle of one such core */
/* Append the piece `mask` of a whole batch (all n cores present). */
MESH_MUST_CHECK enum mesh_err bundle_cut(
    const struct bundle *whole, uint64_t mask, struct bytes_out *out);
#endif
