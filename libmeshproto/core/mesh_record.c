/* mesh_record.c - records as the public header shows them: read back from their proof,
 * their keys and leaves, and the live sum of a keyed lane; and where they come from.
 * Floor 4.  Pure. */
#include "address.h"
#include "bundle.h"
#include "meshproto.h"
#include "quota.h"
#include "seal.h"
#include "wire.h"
#include <string.h>

enum { LOCAL_MAX = 2048 };

enum mesh_err
mesh_record_read(struct bytes_view bundle, struct mesh_record *out)
{
	struct bundle b;
	struct record r;
	*out = (struct mesh_record){ 0 };
	enum mesh_err err = bundle_read(bundle, &b);
	if (err == MESH_OK && b.count != 1) /* a proof is about one record */
		err = MESH_MALFORMED;
	if (err == MESH_OK)
		err = bundle_record(&b, 0, &r);
	if (err == MESH_OK)
		*out = record_public(&r, bundle);
	return err;
}

bool
mesh_record_verify(const struct mesh_record *r, const uint8_t netid[static 16])
{
	struct bundle b;
	return bundle_read(r->proof, &b) == MESH_OK &&
	    bundle_verify(&b, netid, &r->at.origin) == MESH_OK;
}

enum mesh_err
mesh_record_of_core(struct bytes_view core, struct mesh_record *out)
{
	struct record r;
	*out = (struct mesh_record){ 0 };
	enum mesh_err err = record_read(core, &r);
	if (err == MESH_OK)
		*out = record_public(&r, bytes_view(NULL, 0));
	return err;
}

void
mesh_hash(const void *bytes, size_t len, uint8_t out[static 32])
{
	seal_hash((struct bytes_view){ bytes, len }, out);
}

void
mesh_record_leaf(const struct mesh_record *r, uint8_t leaf[static 32])
{
	struct merkle_hash h;
	if (r->hashed) {
		memcpy(leaf, r->leaf, sizeof r->leaf);
		return;
	}
	h = merkle_leaf(r->core);
	memcpy(leaf, h.bytes, sizeof h.bytes);
}

bool
mesh_record_key(const struct mesh_record *r, struct bytes_view *key)
{
	struct record as_read = { .at = r->at, .type = r->type, .body = r->body };
	return record_key(&as_read, key);
}

bool
mesh_lane_is_keyed(enum mesh_lane lane)
{
	return record_lane_is_keyed(lane);
}

struct mesh_quota
mesh_lane_quota(enum mesh_lane lane)
{
	return quota_of(lane);
}

uint32_t
mesh_record_weight(const struct mesh_record *r)
{
	return quota_weight(r->at.lane, r->core.len);
}

/* 256-bit little-endian integers, mod 2^256. */
void
mesh_live_add(struct mesh_live *live, const uint8_t leaf[static 32], uint32_t weight)
{
	unsigned carry = 0;
	for (size_t i = 0; i < sizeof live->sum; i++) {
		carry += (unsigned)live->sum[i] + leaf[i];
		live->sum[i] = (uint8_t)carry;
		carry >>= 8;
	}
	live->count++;
	live->weight += weight;
}

void
mesh_live_remove(struct mesh_live *live, const uint8_t leaf[static 32], uint32_t weight)
{
	unsigned borrow = 0;
	for (size_t i = 0; i < sizeof live->sum; i++) {
		unsigned digit = 256U + live->sum[i] - leaf[i] - borrow;
		live->sum[i] = (uint8_t)digit;
		borrow = digit < 256U ? 1 : 0;
	}
	live->count--;
	live->weight -= weight < live->weight ? weight : live->weight;
}

enum mesh_err
mesh_body_encode(const struct field_table *t, const void *object, struct bytes_out *out)
{
	return wire_encode(t, object, out);
}

enum mesh_err
mesh_body_decode(const struct field_table *t, struct bytes_view body, void *object,
    struct arena *lists)
{
	return wire_decode(t, body, object, lists);
}

struct mesh_path
mesh_path_v4(uint32_t addr, uint16_t port)
{
	return address_path_v4(addr, port);
}

enum mesh_err
mesh_record_local(const struct mesh_key *site, const struct mesh_draft *draft,
    unix_ms time_ms, struct bytes_out *bundle, struct mesh_record *out)
{
	static const uint8_t nobody[32];
	const struct bundle_signer by = { nobody, site, nobody };
	uint8_t room[LOCAL_MAX];
	struct bytes_out core = bytes_out(room, sizeof room);
	struct record r = { .at = { *site, 0, 1, draft->lane },
		.back = 1,
		.type = draft->type,
		.time_ms = time_ms,
		.body = draft->body };
	enum mesh_err err = record_write(&r, &core);
	struct bytes_view written = bytes_written(&core);
	if (err == MESH_OK)
		err = bundle_sign(&by, &written, 1, bundle);
	return err != MESH_OK ? err : mesh_record_read(bytes_written(bundle), out);
}
