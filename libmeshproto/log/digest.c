#include "digest.h"
#include "bytes.h"
#include "seal.h"
#include <string.h>

enum { HASHED = DIGEST_OID + 3 * 8 };

void
digest_init(struct digest *d, const uint8_t key[static DIGEST_KEY])
{
	*d = (struct digest){ .version = 1 };
	memcpy(d->key, key, sizeof d->key);
}

unsigned
digest_bucket_of(const uint8_t oid[static DIGEST_OID])
{
	return oid[0] % DIGEST_BUCKETS;
}

static uint64_t
term(const struct digest *d, const struct digest_log *log, uint64_t high)
{
	uint8_t room[HASHED];
	struct bytes_out out = bytes_out(room, sizeof room);
	bytes_put(&out, log->oid, DIGEST_OID);
	bytes_put_u64(&out, (uint64_t)log->lane);
	bytes_put_u64(&out, log->epoch);
	bytes_put_u64(&out, high);
	return seal_siphash(d->key, bytes_written(&out));
}

void
digest_move(
    struct digest *d, const struct digest_log *log, uint64_t before, uint64_t after)
{
	uint64_t *bucket = &d->bucket[digest_bucket_of(log->oid)];
	if (before == after)
		return;
	if (before > 0)
		*bucket -= term(d, log, before);
	if (after > 0)
		*bucket += term(d, log, after);
	d->version++;
}

const uint8_t *
digest_sum(struct digest *d)
{
	uint8_t buckets[DIGEST_BUCKETS * 8], hash[SEAL_HASH];
	struct bytes_out out = bytes_out(buckets, sizeof buckets);
	if (d->summed == d->version)
		return d->sum;
	for (size_t i = 0; i < DIGEST_BUCKETS; i++)
		bytes_put_u64(&out, d->bucket[i]);
	seal_hash(bytes_written(&out), hash);
	memcpy(d->sum, hash, sizeof d->sum);
	d->summed = d->version;
	return d->sum;
}

static uint16_t
brief_of(const struct digest *d, uint32_t salt, size_t i)
{
	uint8_t room[4 + 8];
	struct bytes_out out = bytes_out(room, sizeof room);
	bytes_put_u32(&out, salt);
	bytes_put_u64(&out, d->bucket[i]);
	return (uint16_t)(seal_siphash(d->key, bytes_written(&out)) >> 48);
}

void
digest_write(const struct digest *d, uint32_t salt, uint8_t out[static DIGEST_BRIEFS])
{
	struct bytes_out o = bytes_out(out, DIGEST_BRIEFS);
	for (size_t i = 0; i < DIGEST_BUCKETS; i++)
		bytes_put_u16(&o, brief_of(d, salt, i));
}

uint64_t
digest_differing(
    const struct digest *d, uint32_t salt, const uint8_t theirs[static DIGEST_BRIEFS])
{
	struct bytes_in in = bytes_in(bytes_view(theirs, DIGEST_BRIEFS));
	uint64_t mask = 0;
	for (size_t i = 0; i < DIGEST_BUCKETS; i++)
		if (bytes_u16(&in) != brief_of(d, salt, i))
			mask |= UINT64_C(1) << i;
	return mask;
}
