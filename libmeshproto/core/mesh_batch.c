#include "bundle.h"
#include "meshbatch.h"
#include <assert.h>
#include <string.h>

enum { ROW_HEAD = BUNDLE_SIG + 1 + 8, HASHES = MERKLE_LEAVES * MERKLE_HASH };

/* The known leaves and the hashes behind them. */
static struct merkle_piece
piece_of(const struct mesh_batch *b, struct merkle_hash present[static MERKLE_LEAVES])
{
	size_t leaves = merkle_ones(b->mask);
	memcpy(present, b->hashes, leaves * MERKLE_HASH);
	return (struct merkle_piece){ present, b->n, b->mask,
		bytes_view((const uint8_t *)b->hashes + leaves * MERKLE_HASH,
		    (b->count - leaves) * MERKLE_HASH) };
}

static void
put_hashes(struct mesh_batch *b, struct bytes_view leaves, struct bytes_view fill)
{
	size_t len = leaves.len + fill.len;
	assert(len <= sizeof b->hashes && len % MERKLE_HASH == 0);
	memcpy(b->hashes, leaves.ptr, leaves.len);
	if (fill.len > 0)
		memcpy((uint8_t *)b->hashes + leaves.len, fill.ptr, fill.len);
	b->count = (uint8_t)(len / MERKLE_HASH);
}

static bool
find_root(const struct mesh_batch *b, uint8_t out[static MERKLE_HASH])
{
	struct merkle_hash present[MERKLE_LEAVES], root;
	struct merkle_piece all = piece_of(b, present);
	bool whole = merkle_rebuild(&all, &root);
	memcpy(out, root.bytes, MERKLE_HASH);
	return whole;
}

enum mesh_err
mesh_batch_of(const struct mesh_record *r, const uint8_t leaf[static 32],
    struct mesh_batch *out, uint8_t *place)
{
	struct bundle b;
	enum mesh_err err = bundle_open(r->proof, &b); /* it was read before */
	if (err != MESH_OK || b.count != 1 ||
	    b.fill.len > (size_t)(MERKLE_LEAVES - 1) * MERKLE_HASH)
		return MESH_MALFORMED;
	if (b.n == 1)
		return MESH_NOT_FOUND;
	*out = (struct mesh_batch){ .n = b.n, .mask = b.mask };
	memcpy(out->sig, b.sig, sizeof out->sig);
	put_hashes(out, bytes_view(leaf, MERKLE_HASH), b.fill);
	for (*place = 0; (b.mask >> *place & 1) == 0;)
		++*place;
	size_t absent = merkle_absent(b.n, b.mask);
	return out->count == 1 + absent ? MESH_OK : MESH_MALFORMED;
}

bool
mesh_batch_same(const struct mesh_batch *b, const struct mesh_batch *piece)
{
	uint8_t root[MERKLE_HASH];
	if (b->n != piece->n || memcmp(b->sig, piece->sig, sizeof b->sig) != 0)
		return false;
	return !b->read ||
	    (find_root(piece, root) && memcmp(b->root, root, sizeof root) == 0);
}

void
mesh_batch_join(struct mesh_batch *b, const struct mesh_batch *piece)
{
	struct merkle_hash of_b[MERKLE_LEAVES], of_piece[MERKLE_LEAVES];
	uint8_t leaf_room[HASHES], fill_room[HASHES];
	struct bytes_out leaves = bytes_out(leaf_room, sizeof leaf_room);
	struct bytes_out fill = bytes_out(fill_room, sizeof fill_room);
	if ((piece->mask & ~b->mask) == 0)
		return;
	struct merkle_piece one = piece_of(b, of_b), other = piece_of(piece, of_piece);
	merkle_join(&one, &other, &leaves, &fill);
	b->mask |= piece->mask;
	put_hashes(b, bytes_written(&leaves), bytes_written(&fill));
}

enum mesh_err
mesh_batch_prove(
    const struct mesh_batch *b, uint8_t place, size_t core_bytes, struct bytes_out *out)
{
	struct merkle_hash present[MERKLE_LEAVES];
	uint8_t room[HASHES];
	struct bytes_out fill = bytes_out(room, sizeof room);
	if (place >= b->n || (b->mask >> place & 1) == 0)
		return MESH_NOT_FOUND;
	struct merkle_piece all = piece_of(b, present);
	merkle_cut(&all, 1ULL << place, &fill);
	struct bundle_head head = { b->sig, b->n, 1ULL << place, bytes_written(&fill) };
	return bundle_begin(&head, core_bytes, out);
}

void
mesh_batch_write(const struct mesh_batch *b, struct bytes_out *row)
{
	bytes_put(row, b->sig, sizeof b->sig);
	bytes_put_u8(row, b->n);
	bytes_put_u64(row, b->mask);
	bytes_put(row, b->hashes, (size_t)b->count * MERKLE_HASH);
}

enum mesh_err
mesh_batch_read(struct bytes_view row, struct mesh_batch *out)
{
	size_t hashes = row.len < ROW_HEAD ? 0 : row.len - ROW_HEAD;
	if (hashes == 0 || hashes > sizeof out->hashes || hashes % MERKLE_HASH != 0)
		return MESH_MALFORMED;
	struct bytes_in in = bytes_in(row);
	memcpy(out->sig, bytes_take(&in, sizeof out->sig).ptr, sizeof out->sig);
	out->n = bytes_u8(&in);
	out->mask = bytes_u64(&in);
	out->count = (uint8_t)(hashes / MERKLE_HASH);
	memcpy(out->hashes, in.ptr, hashes);
	bool sound = out->n >= 1 && out->n <= MERKLE_LEAVES && out->mask != 0 &&
	    (out->n == MERKLE_LEAVES || out->mask >> out->n == 0) &&
	    merkle_ones(out->mask) + merkle_absent(out->n, out->mask) == out->count;
	out->read = true;
	return sound && find_root(out, out->root) ? MESH_OK : MESH_MALFORMED;
}
