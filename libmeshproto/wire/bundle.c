#include "bundle.h"
#include "pack.h"
#include "seal.h"
#include "shape.h"
#include <assert.h>
#include <string.h>

static const char label[] = "meshd1 rec";
enum {
	BUNDLE_ELEMENTS = 5,
	LABEL = sizeof label - 1,
	SIGNED = LABEL + BUNDLE_NETID + 1 + MERKLE_HASH
};

static size_t
ones_of(uint64_t mask)
{
	size_t ones = 0;
	for (; mask != 0; mask &= mask - 1)
		ones++;
	return ones;
}

static bool
mask_fits(uint64_t mask, uint64_t n)
{
	return mask != 0 && (n == 64 || mask >> n == 0);
}

static bool
all_bins(struct bytes_in list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pack_read_bin(&list);
	return !list.failed;
}

enum mesh_err
bundle_read(struct bytes_view raw, struct bundle *out)
{
	*out = (struct bundle){ .raw = raw };
	enum mesh_err err = shape_check(raw, NULL);
	if (err != MESH_OK)
		return err;
	struct bytes_in in = bytes_in(raw);
	if (pack_read_array(&in) < BUNDLE_ELEMENTS)
		return MESH_MALFORMED;
	struct bytes_view sig = pack_read_bin(&in);
	out->n = (uint8_t)pack_read_uint(&in, BUNDLE_CORES);
	out->mask = pack_read_uint(&in, UINT64_MAX);
	out->fill = pack_read_bin(&in);
	out->list = pack_read_any(&in);
	struct bytes_in cores = bytes_in(out->list);
	out->count = pack_read_array(&cores);
	out->sig = sig.ptr;
	bool sound = !in.failed && !cores.failed && sig.len == BUNDLE_SIG &&
	    out->n >= 1 && mask_fits(out->mask, out->n) &&
	    out->count == ones_of(out->mask) && out->fill.len <= MERKLE_FILL_MAX &&
	    out->fill.len % MERKLE_HASH == 0 && all_bins(cores, out->count);
	return sound ? MESH_OK : MESH_MALFORMED;
}

struct bytes_view
bundle_core(const struct bundle *b, size_t i)
{
	struct bytes_in in = bytes_in(b->list);
	struct bytes_view core = { NULL, 0 };
	pack_read_array(&in);
	for (size_t at = 0; at <= i && at < b->count; at++)
		core = pack_read_bin(&in);
	return core;
}

static bool
belong_together(const struct record *first, const struct record *r)
{
	return memcmp(&first->at.origin, &r->at.origin, sizeof r->at.origin) == 0 &&
	    first->at.lane == r->at.lane && first->at.epoch == r->at.epoch &&
	    first->at.seq < r->at.seq;
}

enum mesh_err
bundle_record(const struct bundle *b, size_t i, struct record *out)
{
	struct record before;
	enum mesh_err err = record_read(bundle_core(b, i), out);
	if (err != MESH_OK || i == 0)
		return err;
	err = record_read(bundle_core(b, i - 1), &before);
	if (err != MESH_OK)
		return err;
	return belong_together(&before, out) ? MESH_OK : MESH_MALFORMED;
}

enum mesh_err
bundle_root(const struct bundle *b, struct merkle_hash *root)
{
	struct merkle_hash leaves[BUNDLE_CORES];
	struct bytes_in in = bytes_in(b->list);
	pack_read_array(&in);
	for (size_t i = 0; i < b->count; i++)
		leaves[i] = merkle_leaf(pack_read_bin(&in));
	bool whole = merkle_rebuild(leaves, b->n, b->mask, b->fill, root);
	return whole ? MESH_OK : MESH_MALFORMED;
}

static void
signed_bytes(const uint8_t *netid, size_t n, const struct merkle_hash *root,
    uint8_t out[static SIGNED])
{
	struct bytes_out o = bytes_out(out, SIGNED);
	bytes_put(&o, label, LABEL);
	bytes_put(&o, netid, BUNDLE_NETID);
	bytes_put_u8(&o, (uint8_t)n);
	bytes_put(&o, root->bytes, MERKLE_HASH);
	assert(o.len == SIGNED && !o.failed);
}

bool
bundle_signature_holds(const struct bundle *b, const struct merkle_hash *root,
    const uint8_t netid[static BUNDLE_NETID], const struct mesh_key *origin)
{
	uint8_t message[SIGNED];
	signed_bytes(netid, b->n, root, message);
	return seal_verify(origin->bytes, bytes_view(message, sizeof message), b->sig);
}

enum mesh_err
bundle_verify(const struct bundle *b, const uint8_t netid[static BUNDLE_NETID],
    const struct mesh_key *origin)
{
	struct merkle_hash root;
	enum mesh_err err = bundle_root(b, &root);
	if (err != MESH_OK)
		return err;
	return bundle_signature_holds(b, &root, netid, origin) ? MESH_OK : MESH_DENIED;
}

struct head {
	const uint8_t *sig;
	size_t n;
	uint64_t mask;
	struct bytes_view fill;
};

static void
put_head(const struct head *h, size_t count, struct bytes_out *out)
{
	pack_array(out, BUNDLE_ELEMENTS);
	pack_bin(out, bytes_view(h->sig, BUNDLE_SIG));
	pack_uint(out, h->n);
	pack_uint(out, h->mask);
	pack_bin(out, h->fill);
	pack_array(out, count);
}

static enum mesh_err
settle(struct bytes_out *out, const struct bytes_out *before)
{
	if (!out->failed)
		return MESH_OK;
	*out = *before;
	return MESH_FULL;
}

static uint64_t
mask_of_all(size_t n)
{
	return n == 64 ? UINT64_MAX : (1ULL << n) - 1;
}

enum mesh_err
bundle_sign(const struct bundle_signer *by, const struct bytes_view *cores, size_t n,
    struct bytes_out *out)
{
	assert(n >= 1 && n <= BUNDLE_CORES);
	struct merkle_hash leaves[BUNDLE_CORES];
	uint8_t message[SIGNED], sig[BUNDLE_SIG];
	struct bytes_out before = *out;
	for (size_t i = 0; i < n; i++)
		leaves[i] = merkle_leaf(cores[i]);
	struct merkle_hash root = merkle_root(leaves, n);
	signed_bytes(by->netid, n, &root, message);
	seal_sign(by->seed, by->key->bytes, bytes_view(message, sizeof message), sig);
	struct head h = { sig, n, mask_of_all(n), { NULL, 0 } };
	put_head(&h, n, out);
	for (size_t i = 0; i < n; i++)
		pack_bin(out, cores[i]);
	return settle(out, &before);
}

static size_t
bin_bytes(size_t len)
{
	return len + (len < 256 ? 2 : len < 65536 ? 3 : 5);
}

size_t
bundle_bytes_of_one(size_t core_bytes)
{
	return 1 + bin_bytes(BUNDLE_SIG) + 1 + 1 + bin_bytes(0) + 1 +
	    bin_bytes(core_bytes);
}

enum mesh_err
bundle_cut(const struct bundle *whole, uint64_t mask, struct bytes_out *out)
{
	struct merkle_hash leaves[BUNDLE_CORES];
	uint8_t hashes[MERKLE_FILL_MAX];
	struct bytes_out fill = bytes_out(hashes, sizeof hashes), before = *out;
	if (whole->count != whole->n || !mask_fits(mask, whole->n))
		return MESH_MALFORMED;
	for (size_t i = 0; i < whole->n; i++)
		leaves[i] = merkle_leaf(bundle_core(whole, i));
	merkle_fill(leaves, whole->n, mask, &fill);
	struct head h = { whole->sig, whole->n, mask, bytes_written(&fill) };
	put_head(&h, ones_of(mask), out);
	for (size_t i = 0; i < whole->n; i++) {
		if (mask >> i & 1)
			pack_bin(out, bundle_core(whole, i));
	}
	return settle(out, &before);
}
