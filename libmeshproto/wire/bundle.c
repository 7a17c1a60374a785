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

static bool
mask_fits(uint64_t mask, uint64_t n)
{
	return mask != 0 && (n == 64 || mask >> n == 0);
}

/* The list of cores: a view of all of it. */
static struct bytes_view
read_list(struct bytes_in *in, size_t *count)
{
	const uint8_t *begin = in->ptr;
	*count = pack_read_array(in);
	for (size_t i = 0; i < *count; i++)
		pack_read_bin(in);
	return bytes_view(begin, in->failed ? 0 : (size_t)(in->ptr - begin));
}

enum mesh_err
bundle_open(struct bytes_view raw, struct bundle *out)
{
	*out = (struct bundle){ .raw = raw };
	struct bytes_in in = bytes_in(raw);
	if (pack_read_array(&in) < BUNDLE_ELEMENTS)
		return MESH_MALFORMED;
	struct bytes_view sig = pack_read_bin(&in);
	out->n = (uint8_t)pack_read_uint(&in, BUNDLE_CORES);
	out->mask = pack_read_uint(&in, UINT64_MAX);
	out->fill = pack_read_bin(&in);
	out->list = read_list(&in, &out->count);
	out->sig = sig.ptr;
	bool sound = !in.failed && sig.len == BUNDLE_SIG && out->n >= 1 &&
	    mask_fits(out->mask, out->n) && out->count == merkle_ones(out->mask) &&
	    out->fill.len <= MERKLE_FILL_MAX && out->fill.len % MERKLE_HASH == 0;
	return sound ? MESH_OK : MESH_MALFORMED;
}

enum mesh_err
bundle_read(struct bytes_view raw, struct bundle *out)
{
	enum mesh_err err = shape_check(raw, NULL);
	*out = (struct bundle){ .raw = raw };
	return err == MESH_OK ? bundle_open(raw, out) : err;
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

void
bundle_cores(const struct bundle *b, struct bytes_view cores[static BUNDLE_CORES])
{
	struct bytes_in in = bytes_in(b->list);
	pack_read_array(&in);
	for (size_t i = 0; i < b->count; i++)
		cores[i] = pack_read_bin(&in);
}

bool
bundle_joins(const struct record *r, const struct record *next)
{
	return memcmp(&r->at.origin, &next->at.origin, sizeof r->at.origin) == 0 &&
	    r->at.lane == next->at.lane && r->at.epoch == next->at.epoch &&
	    r->at.seq < next->at.seq;
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
	return bundle_joins(&before, out) ? MESH_OK : MESH_MALFORMED;
}

void
bundle_leaves(const struct bundle *b, struct merkle_hash leaves[static BUNDLE_CORES])
{
	struct bytes_in in = bytes_in(b->list);
	pack_read_array(&in);
	for (size_t i = 0; i < b->count; i++)
		leaves[i] = merkle_leaf(pack_read_bin(&in));
}

enum mesh_err
bundle_root(
    const struct bundle *b, const struct merkle_hash *leaves, struct merkle_hash *root)
{
	struct merkle_piece piece = { leaves, b->n, b->mask, b->fill };
	return merkle_rebuild(&piece, root) ? MESH_OK : MESH_MALFORMED;
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
	struct merkle_hash leaves[BUNDLE_CORES], root;
	bundle_leaves(b, leaves);
	enum mesh_err err = bundle_root(b, leaves, &root);
	if (err != MESH_OK)
		return err;
	return bundle_signature_holds(b, &root, netid, origin) ? MESH_OK : MESH_DENIED;
}

static void
put_head(const struct bundle_head *h, size_t count, struct bytes_out *out)
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

void
bundle_sign_leaves(const struct bundle_signer *by, const struct merkle_hash *leaves,
    size_t n, uint8_t sig[static BUNDLE_SIG])
{
	uint8_t message[SIGNED];
	struct merkle_hash root = merkle_root(leaves, n);
	signed_bytes(by->netid, n, &root, message);
	seal_sign(by->seed, by->key->bytes, bytes_view(message, sizeof message), sig);
}

static void
sign(const struct bundle_signer *by, const struct bytes_view *cores, size_t n,
    struct bytes_out *out)
{
	struct merkle_hash leaves[BUNDLE_CORES];
	uint8_t sig[BUNDLE_SIG];
	assert(n >= 1 && n <= BUNDLE_CORES);
	leaves[0] = merkle_leaf(cores[0]);
	for (size_t i = 1; i < n; i++)
		leaves[i] = merkle_leaf(cores[i]);
	bundle_sign_leaves(by, leaves, n, sig);
	struct bundle_head h = { sig, n, mask_of_all(n), { NULL, 0 } };
	put_head(&h, n, out);
}

enum mesh_err
bundle_sign(const struct bundle_signer *by, const struct bytes_view *cores, size_t n,
    struct bytes_out *out)
{
	struct bytes_out before = *out;
	sign(by, cores, n, out);
	for (size_t i = 0; i < n; i++)
		pack_bin(out, cores[i]);
	return settle(out, &before);
}

void
bundle_sign_around(
    const struct bundle_signer *by, struct bytes_view core, struct bytes_out *head)
{
	sign(by, &core, 1, head);
	pack_bin_head(head, core.len);
}

enum mesh_err
bundle_begin(const struct bundle_head *h, size_t core_bytes, struct bytes_out *out)
{
	struct bytes_out before = *out;
	put_head(h, 1, out);
	pack_bin_head(out, core_bytes);
	return settle(out, &before);
}

static size_t
bin_head(size_t len)
{
	return len < 256 ? 2 : len < 65536 ? 3 : 5;
}

size_t
bundle_bytes(size_t n, size_t core_bytes)
{
	size_t mask = n < 8 ? 1 : n == 8 ? 2 : n <= 16 ? 3 : n <= 32 ? 5 : 9;
	size_t list = n < 16 ? 1 : 3;
	return 1 + bin_head(BUNDLE_SIG) + BUNDLE_SIG + 1 + mask + bin_head(0) + list +
	    n * bin_head(core_bytes) + core_bytes;
}

enum mesh_err
bundle_cut(const struct bundle *b, const struct merkle_hash *leaves, uint64_t keep,
    struct bytes_out *out)
{
	uint8_t hashes[MERKLE_FILL_MAX];
	struct bytes_out fill = bytes_out(hashes, sizeof hashes), before = *out;
	struct merkle_piece piece = { leaves, b->n, b->mask, b->fill };
	struct bytes_in in = bytes_in(b->list);
	if (keep == 0 || (keep & ~b->mask) != 0)
		return MESH_MALFORMED;
	merkle_cut(&piece, keep, &fill);
	struct bundle_head h = { b->sig, b->n, keep, bytes_written(&fill) };
	put_head(&h, merkle_ones(keep), out);
	pack_read_array(&in);
	for (uint64_t left = b->mask; left != 0; left &= left - 1) {
		struct bytes_view core = pack_read_bin(&in);
		if ((keep & left & ~(left - 1)) != 0)
			pack_bin(out, core);
	}
	return settle(out, &before);
}

uint64_t
bundle_bits(const struct bundle *b, uint64_t chosen)
{
	uint64_t bits = 0, left = b->mask;
	for (size_t i = 0; left != 0; i++, left &= left - 1)
		if (chosen >> i & 1)
			bits |= left & ~(left - 1);
	return bits;
}
