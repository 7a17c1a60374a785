#include "merkle.h"
#include "bytes.h"
#include "seal.h"
#include <assert.h>
#include <string.h>

size_t
merkle_ones(uint64_t mask)
{
	size_t ones = 0;
	for (; mask != 0; mask &= mask - 1)
		ones++;
	return ones;
}

struct merkle_hash
merkle_leaf(struct bytes_view core)
{
	static const uint8_t prefix = 0;
	const struct bytes_view parts[] = { { &prefix, 1 }, core };
	struct merkle_hash h;
	seal_hash_parts(parts, LENGTH(parts), h.bytes);
	return h;
}

static struct merkle_hash
node_of(const struct merkle_hash *left, const struct merkle_hash *right)
{
	uint8_t joined[1 + 2 * MERKLE_HASH] = { 1 };
	struct merkle_hash h;
	memcpy(joined + 1, left->bytes, MERKLE_HASH);
	memcpy(joined + 1 + MERKLE_HASH, right->bytes, MERKLE_HASH);
	seal_hash(bytes_view(joined, sizeof joined), h.bytes);
	return h;
}

/* Leaves left of the split: the largest power of two below n. */
static size_t
split_of(size_t n)
{
	size_t k = 1;
	while (k * 2 < n)
		k *= 2;
	return k;
}

struct merkle_hash
merkle_root(const struct merkle_hash *leaves, size_t n)
{
	assert(n >= 1 && n <= MERKLE_LEAVES);
	if (n == 1)
		return leaves[0];
	size_t k = split_of(n);
	struct merkle_hash left = merkle_root(leaves, k);
	struct merkle_hash right = merkle_root(leaves + k, n - k);
	return node_of(&left, &right);
}

static bool
none_present(uint64_t mask, size_t n)
{
	assert(n >= 1 && n <= MERKLE_LEAVES);
	return (mask & (UINT64_MAX >> (64 - n))) == 0;
}

static bool
all_present(uint64_t mask, size_t n)
{
	return none_present(~mask, n);
}

struct walk {
	const struct merkle_hash *present; /* the next leaf that is here */
	struct bytes_in fill;
};

static struct merkle_hash
rebuild(struct walk *w, size_t n, uint64_t mask)
{
	struct merkle_hash h = { { 0 } };
	if (none_present(mask, n)) {
		struct bytes_view v = bytes_take(&w->fill, MERKLE_HASH);
		if (v.len == MERKLE_HASH)
			memcpy(h.bytes, v.ptr, MERKLE_HASH);
		return h;
	}
	if (n == 1)
		return *w->present++;
	size_t k = split_of(n);
	struct merkle_hash left = rebuild(w, k, mask);
	struct merkle_hash right = rebuild(w, n - k, mask >> k);
	return node_of(&left, &right);
}

bool
merkle_rebuild(const struct merkle_piece *piece, struct merkle_hash *root)
{
	assert(piece->n >= 1 && piece->n <= MERKLE_LEAVES);
	struct walk w = { piece->present, bytes_in(piece->fill) };
	*root = rebuild(&w, piece->n, piece->mask);
	return !w.fill.failed && w.fill.left == 0;
}

struct cut {
	struct walk from;
	struct bytes_out *fill;
};

/* Walks like rebuild; what is not kept becomes one hash. */
static void
cut(struct cut *c, size_t n, uint64_t mask, uint64_t keep)
{
	if (none_present(keep, n)) {
		struct merkle_hash h = rebuild(&c->from, n, mask);
		bytes_put(c->fill, h.bytes, sizeof h.bytes);
		return;
	}
	if (n == 1) {
		c->from.present++;
		return;
	}
	size_t k = split_of(n); /* below 64, so the shift is sound */
	cut(c, k, mask, keep);
	cut(c, n - k, mask >> k, keep >> k);
}

void
merkle_cut(const struct merkle_piece *piece, uint64_t keep, struct bytes_out *fill)
{
	assert((keep & ~piece->mask) == 0 && piece->n <= MERKLE_LEAVES);
	struct cut c = { { piece->present, bytes_in(piece->fill) }, fill };
	cut(&c, piece->n, piece->mask, keep);
}

size_t
merkle_absent(size_t n, uint64_t mask)
{
	if (none_present(mask, n))
		return 1;
	if (n == 1)
		return 0;
	size_t k = split_of(n);
	return merkle_absent(k, mask) + merkle_absent(n - k, mask >> k);
}

/* --- two pieces --- */

struct side { /* one of them, at a node of the walk */
	struct walk *walk;
	uint64_t mask;
	bool hidden; /* below a node that it knows as one hash */
};

static struct side
side_below(const struct side *at, size_t skipped)
{
	return (struct side){ at->walk, at->mask >> skipped, at->hidden };
}

/* The hash by which it knows all of this node; empty: it knows more of it, or less. */
static struct bytes_view
hash_at(struct side *at, size_t n)
{
	if (at->hidden || !none_present(at->mask, n))
		return bytes_view(NULL, 0);
	at->hidden = true;
	return bytes_take(&at->walk->fill, MERKLE_HASH);
}

static const struct merkle_hash *
leaf_at(struct side *at)
{
	return (at->mask & 1) != 0 ? at->walk->present++ : NULL;
}

struct joined {
	struct bytes_out *leaves, *fill;
};

static void
join(const struct joined *out, size_t n, struct side a, struct side b)
{
	struct bytes_view of_a = hash_at(&a, n), of_b = hash_at(&b, n);
	if (none_present(a.mask | b.mask, n)) {
		bytes_put_view(out->fill, of_a.len > 0 ? of_a : of_b);
		return;
	}
	/* A batch mostly comes in its order: what is there needs no walk. */
	if (b.hidden && all_present(a.mask, n)) {
		bytes_put(out->leaves, a.walk->present, n * MERKLE_HASH);
		a.walk->present += n;
		return;
	}
	if (n == 1) {
		const struct merkle_hash *leaf = leaf_at(&a), *same = leaf_at(&b);
		bytes_put(out->leaves, leaf != NULL ? leaf : same, MERKLE_HASH);
		return;
	}
	size_t k = split_of(n);
	join(out, k, side_below(&a, 0), side_below(&b, 0));
	join(out, n - k, side_below(&a, k), side_below(&b, k));
}

void
merkle_join(const struct merkle_piece *a, const struct merkle_piece *b,
    struct bytes_out *leaves, struct bytes_out *fill)
{
	assert(a->n == b->n && a->n >= 1 && a->n <= MERKLE_LEAVES);
	struct walk of_a = { a->present, bytes_in(a->fill) };
	struct walk of_b = { b->present, bytes_in(b->fill) };
	join(&(struct joined){ leaves, fill }, a->n,
	    (struct side){ &of_a, a->mask, false },
	    (struct side){ &of_b, b->mask, false });
}
