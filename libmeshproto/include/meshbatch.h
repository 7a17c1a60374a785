/* meshbatch.h - what is kept of a signed batch, so that each of its records can be
 * proved again, whatever else of it is gone.
 *
 * A signature covers 1 to 64 records (PROTOCOL.md 3).  A store that kept every record
 * with a proof of its own would keep it 64 times, and up to six hashes each.  So it
 * keeps records bare, and once per batch the signature, the leaves that it has seen and
 * the hashes that stand for all others: any piece of it can be cut from those.  What
 * comes in pieces is joined.  Floor 4.  Pure. */
#ifndef MESHBATCH_H
#define MESHBATCH_H
#include "meshproto.h"

enum { MESH_BATCH_LEAVES = 64, MESH_BATCH_ROW_MAX = 64 + 1 + 8 + 64 * 32 };

struct mesh_batch { /* owned by the caller, by value */
	uint8_t sig[64];
	uint8_t n;     /* records that were signed together */
	uint8_t count; /* of `hashes` */
	uint64_t mask; /* the leaves that are known one by one */
	bool read;     /* it was a row, and may be damaged: then it is another batch */
	uint8_t root[32];                      /* READ: what its hashes come to */
	uint8_t hashes[MESH_BATCH_LEAVES][32]; /* those, ascending, then all others' */
};

/* What the proof of `r` says of its batch, and which of its records it is; `leaf` is
 * its own (mesh_record_leaf).  MESH_NOT_FOUND: it was signed alone.  MESH_MALFORMED:
 * not the proof of one record. */
MESH_MUST_CHECK enum mesh_err mesh_batch_of(const struct mesh_record *r,
    const uint8_t leaf[static 32], struct mesh_batch *out, uint8_t *place);
/* Is `piece`, which is a verified record's, of the same batch?  One signature is only
 * that of one root; but what was read is believed when it comes to the same root. */
bool mesh_batch_same(const struct mesh_batch *b, const struct mesh_batch *piece);
/* Know what `piece` knows, too.  Requires: mesh_batch_same, both verified. */
void mesh_batch_join(struct mesh_batch *b, const struct mesh_batch *piece);
/* Append all that stands before the core in a bundle of its record at `place` alone;
 * the core has so many bytes.  MESH_NOT_FOUND: that one is not known.  MESH_FULL leaves
 * `out` as it was. */
MESH_MUST_CHECK enum mesh_err mesh_batch_prove(const struct mesh_batch *b,
    uint8_t place, size_t core_bytes, struct bytes_out *out);

/* As a row of a database.  MESH_MALFORMED: it is none. */
void mesh_batch_write(const struct mesh_batch *b, struct bytes_out *row);
MESH_MUST_CHECK enum mesh_err mesh_batch_read(
    struct bytes_view row, struct mesh_batch *out);
#endif
