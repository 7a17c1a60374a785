#include "bytes.h"
#include "check_mesh.h"
#include "merkle.h"
#include "seal.h"

static struct merkle_hash leaves[MERKLE_LEAVES];

static void
setup(void)
{
	for (size_t i = 0; i < MERKLE_LEAVES; i++)
		leaves[i] = merkle_leaf(bytes_view(&(uint8_t){ (uint8_t)i }, 1));
}

static struct merkle_hash
joined(const struct merkle_hash *a, const struct merkle_hash *b)
{
	uint8_t bytes[65] = { 1 };
	struct merkle_hash h;
	memcpy(bytes + 1, a, 32);
	memcpy(bytes + 33, b, 32);
	seal_hash(bytes_view(bytes, sizeof bytes), h.bytes);
	return h;
}

/* Of all n leaves, keep those of `mask`. */
static void
fill_of(size_t n, uint64_t mask, struct bytes_out *fill)
{
	struct merkle_piece all = { leaves, n, UINT64_MAX >> (64 - n), { NULL, 0 } };
	merkle_cut(&all, mask, fill);
}

START_TEST(five_leaves_split_as_the_protocol_says)
{
	struct merkle_hash ab = joined(&leaves[0], &leaves[1]);
	struct merkle_hash cd = joined(&leaves[2], &leaves[3]);
	struct merkle_hash abcd = joined(&ab, &cd);
	struct merkle_hash all = joined(&abcd, &leaves[4]);
	struct merkle_hash root = merkle_root(leaves, 5);
	ck_assert_mem_eq(&root, &all, sizeof root);

	/* PROTOCOL.md 3: only record 2 travels. */
	uint8_t room[MERKLE_FILL_MAX];
	struct bytes_out fill = bytes_out(room, sizeof room);
	fill_of(5, 1U << 2, &fill);
	ck_assert_uint_eq(fill.len, 3 * 32);
	ck_assert_mem_eq(room, &ab, 32);
	ck_assert_mem_eq(room + 32, &leaves[3], 32);
	ck_assert_mem_eq(room + 64, &leaves[4], 32);
}
START_TEST(a_leaf_is_its_own_root)
{
	struct merkle_hash root = merkle_root(leaves, 1);
	uint8_t bytes[] = { 0, 0 };
	struct merkle_hash h;
	seal_hash(bytes_view(bytes, 2), h.bytes);
	ck_assert_mem_eq(&root, &h, sizeof root);
}

static void
pick(size_t n, uint64_t mask, struct merkle_hash present[static MERKLE_LEAVES])
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		if (mask >> i & 1)
			present[count++] = leaves[i];
	}
}
static bool
rebuilds(size_t n, uint64_t mask, struct bytes_view fill)
{
	struct merkle_hash present[MERKLE_LEAVES], root, want = merkle_root(leaves, n);
	struct merkle_piece piece = { present, n, mask, fill };
	pick(n, mask, present);
	return merkle_rebuild(&piece, &root) && memcmp(&root, &want, sizeof root) == 0;
}

START_TEST(any_piece_of_any_batch_proves_itself)
{
	for (size_t n = 1; n <= MERKLE_LEAVES; n++) {
		uint64_t all = n == 64 ? UINT64_MAX : (1ULL << n) - 1;
		for (int i = 0; i < 40; i++) {
			uint64_t mask = i < (int)n ? 1ULL << i : rng_u64() & all;
			uint8_t room[MERKLE_FILL_MAX + 32];
			struct bytes_out fill = bytes_out(room, sizeof room);
			mask = mask == 0 ? all : mask;
			fill_of(n, mask, &fill);
			ck_assert(!fill.failed && fill.len <= MERKLE_FILL_MAX);
			ck_assert((mask & (mask - 1)) != 0 || fill.len <= 6 * 32);
			ck_assert(mask != all || fill.len == 0);
			ck_assert(rebuilds(n, mask, bytes_written(&fill)));
			memset(room + fill.len, 0, 32);
			ck_assert_msg(
			    !rebuilds(n, mask, bytes_view(room, fill.len + 32)),
			    "a hash left over");
			if (fill.len == 0)
				continue;
			ck_assert_msg(
			    !rebuilds(n, mask, bytes_view(room, fill.len - 32)),
			    "a hash missing");
			room[rng_u32() % fill.len] ^= 1;
			ck_assert_msg(
			    !rebuilds(n, mask, bytes_written(&fill)), "a bit flipped");
		}
	}
}
START_TEST(a_piece_of_a_piece_has_the_proof_that_the_whole_would_give)
{
	for (size_t n = 2; n <= MERKLE_LEAVES; n++) {
		for (int i = 0; i < 20; i++) {
			uint8_t rooms[3][MERKLE_FILL_MAX];
			struct bytes_out piece = bytes_out(rooms[0], MERKLE_FILL_MAX),
					 direct = bytes_out(rooms[1], MERKLE_FILL_MAX),
					 twice = bytes_out(rooms[2], MERKLE_FILL_MAX);
			struct merkle_hash present[MERKLE_LEAVES];
			uint64_t mask = rng_u64() >> (64 - n), keep = mask & rng_u64();
			mask = mask == 0 ? 1 : mask;
			keep = keep == 0 ? mask & ~(mask - 1) : keep;
			fill_of(n, mask, &piece);
			fill_of(n, keep, &direct);
			pick(n, mask, present);
			merkle_cut(&(struct merkle_piece){ present, n, mask,
				       bytes_written(&piece) },
			    keep, &twice);
			ck_assert(
			    bytes_equal(bytes_written(&twice), bytes_written(&direct)));
		}
	}
}
/* Pieces of one batch in any order and number know together what a cut of all knows. */
START_TEST(what_pieces_know_is_joined)
{
	for (int round = 0; round < 400; round++) {
		size_t n = 2 + rng_u32() % (MERKLE_LEAVES - 1);
		uint64_t all = UINT64_MAX >> (64 - n), known = 0;
		struct merkle_hash present[MERKLE_LEAVES], other[MERKLE_LEAVES];
		uint8_t room[MERKLE_FILL_MAX], want_room[MERKLE_FILL_MAX];
		struct bytes_view fill = { NULL, 0 };
		for (int piece = 0; piece < 1 + round % 9; piece++) {
			uint64_t mask = piece % 2 ? rng_u64() & all : 0;
			mask |= 1ULL << rng_u32() % n;
			uint8_t fill_room[MERKLE_FILL_MAX],
			    joined_room[MERKLE_FILL_MAX];
			uint8_t leaf_room[MERKLE_LEAVES * MERKLE_HASH];
			struct bytes_out cut = bytes_out(fill_room, sizeof fill_room);
			fill_of(n, mask, &cut);
			pick(n, mask, other);
			struct merkle_piece b = { other, n, mask, bytes_written(&cut) };
			struct merkle_piece a = { present, n, known, fill };
			struct bytes_out joined = bytes_out(
			    joined_room, sizeof joined_room);
			struct bytes_out got = bytes_out(leaf_room, sizeof leaf_room);
			merkle_join(known == 0 ? &b : &a, &b, &got, &joined);
			known |= mask;
			memcpy(room, joined_room, joined.len);
			fill = bytes_view(room, joined.len);
			memcpy(present, leaf_room, got.len);
		}
		struct bytes_out want = bytes_out(want_room, sizeof want_room);
		fill_of(n, known, &want);
		ck_assert(bytes_equal(fill, bytes_written(&want)));
		ck_assert_uint_eq(merkle_absent(n, known), fill.len / MERKLE_HASH);
		ck_assert(rebuilds(n, known, fill));
		pick(n, known, other);
		ck_assert_mem_eq(present, other, sizeof *other);
	}
}
CHECK_MODULE(merkle, setup, a_piece_of_a_piece_has_the_proof_that_the_whole_would_give,
    five_leaves_split_as_the_protocol_says, a_leaf_is_its_own_root,
    any_piece_of_any_batch_proves_itself, what_pieces_know_is_joined)
