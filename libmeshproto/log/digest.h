/* digest.h - the fingerprint of what we hold: 64 bucket sums over the ends of all logs.
 *
 * A bucket is the sum mod 2^64 of one keyed hash per (origin, lane, epoch, high); the
 * first byte of the origin's oid says which.  So a log that grows costs two hashes,
 * wherever it is, and two sites that differ find the origins in question by comparing
 * all buckets.  The hash is keyed with the netid: nobody outside can steer it.  On the
 * wire a bucket is 2 bytes: its hash with a salt that is drawn each time, so that no
 * member can find numbers which hide a difference, and what one salt hides the next one
 * shows.  Floor 3.  Pure.  Source: PROTOCOL.md 9. */
#ifndef MESH_DIGEST_H
#define MESH_DIGEST_H
#include "mesh_words.h"

enum { DIGEST = 8, DIGEST_BUCKETS = 64, DIGEST_KEY = 16, DIGEST_OID = 8 };

struct digest {
	uint8_t key[DIGEST_KEY];
	uint64_t bucket[DIGEST_BUCKETS];
	uint64_t version; /* moves with every change */
	uint64_t summed;  /* the version that `sum` is of */
	uint8_t sum[DIGEST];
};
struct digest_log {         /* one log, named as it is hashed */
	const uint8_t *oid; /* DIGEST_OID bytes */
	enum mesh_lane lane;
	uint64_t epoch;
};

void digest_init(struct digest *d, const uint8_t key[static DIGEST_KEY]);
/* Its end moved.  High 0: there was nothing, or is nothing any more. */
void digest_move(
    struct digest *d, const struct digest_log *log, uint64_t before, uint64_t after);
unsigned digest_bucket_of(const uint8_t oid[static DIGEST_OID]);
/* First 8 bytes of the hash over all buckets; counted out when something changed. */
const uint8_t *digest_sum(struct digest *d);
/* Buckets as SUM carries them. */
enum { DIGEST_BRIEF = 2, DIGEST_BRIEFS = DIGEST_BUCKETS * DIGEST_BRIEF };
void digest_write(
    const struct digest *d, uint32_t salt, uint8_t out[static DIGEST_BRIEFS]);
/* Bit i: bucket i is another one here. */
uint64_t digest_differing(
    const struct digest *d, uint32_t salt, const uint8_t theirs[static DIGEST_BRIEFS]);
#endif
