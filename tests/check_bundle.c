#include "bundle.h"
#include "check_mesh.h"
#include "golden.h"
#include "pack.h"
#include "seal.h"
#include "text.h"

static uint8_t seed[32], netid[16];
static struct mesh_key key;
static struct bundle_signer signer;
static uint8_t whole[BUNDLE_CORES * 128], piece[BUNDLE_CORES * 128], single[512];

static void
setup(void)
{
	for (size_t i = 0; i < sizeof seed; i++)
		seed[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof netid; i++)
		netid[i] = (uint8_t)(0xa0 + i);
	seal_public_of(seed, key.bytes);
	signer = (struct bundle_signer){ seed, &key, netid };
}

static struct bytes_view
make(size_t n)
{
	static uint8_t cores[BUNDLE_CORES][128];
	struct bytes_view views[BUNDLE_CORES];
	struct bytes_out out = bytes_out(whole, sizeof whole);
	for (size_t i = 0; i < n; i++) {
		static const uint8_t body[] = { 0x91, 0x07 };
		struct record r = { .at = { key, 1765432100, 5 + i, LANE_PACKET },
			.back = 1,
			.type = 1,
			.hop_max = 32,
			.body = { body, sizeof body } };
		struct bytes_out o = bytes_out(cores[i], sizeof cores[i]);
		ck_assert_int_eq(record_write(&r, &o), MESH_OK);
		views[i] = bytes_written(&o);
	}
	ck_assert_int_eq(bundle_sign(&signer, views, n, &out), MESH_OK);
	return bytes_written(&out);
}

static void
check_line(const char *name, struct bytes_view raw, const char *expected)
{
	static char shown[256];
	struct bytes_out o = bytes_out(shown, sizeof shown);
	struct bundle b;
	ck_assert_msg(bundle_read(raw, &b) == MESH_OK, "%s: refused", name);
	text_printf(&o, "n=%u mask=%llu fill=%zu cores=%zu", b.n,
	    (unsigned long long)b.mask, b.fill.len / 32, b.count);
	ck_assert_str_eq(text_end(&o), expected);
	ck_assert_msg(
	    bundle_verify(&b, netid, &key) == MESH_OK, "%s: not verified", name);
	for (size_t i = 0; i < b.count; i++) {
		struct record r;
		ck_assert_int_eq(bundle_record(&b, i, &r), MESH_OK);
	}
	if (b.count != b.n)
		return;
	/* Ours is the same, byte by byte: Ed25519 signatures are deterministic. */
	struct bytes_view cores[BUNDLE_CORES];
	struct bytes_out out = bytes_out(whole, sizeof whole);
	for (size_t i = 0; i < b.count; i++)
		cores[i] = bundle_core(&b, i);
	ck_assert_int_eq(bundle_sign(&signer, cores, b.n, &out), MESH_OK);
	ck_assert_msg(bytes_equal(raw, bytes_written(&out)), "%s: other bytes", name);
}

START_TEST(golden_bundles_verify_and_are_made_alike)
{
	ck_assert_uint_gt(golden_each("wire/bundles.txt", check_line), 5);
}
static enum mesh_err
cut(const struct bundle *b, uint64_t keep, struct bytes_out *out)
{
	struct merkle_hash leaves[BUNDLE_CORES];
	bundle_leaves(b, leaves);
	return bundle_cut(b, leaves, keep, out);
}
START_TEST(any_piece_of_any_batch_verifies)
{
	for (size_t n = 1; n <= BUNDLE_CORES; n += 1 + n / 8) {
		struct bundle all, b;
		ck_assert_int_eq(bundle_read(make(n), &all), MESH_OK);
		for (int i = 0; i < 6; i++) {
			uint64_t mask = rng_u64() & all.mask;
			struct bytes_out out = bytes_out(piece, sizeof piece);
			mask = mask == 0 ? 1 : mask;
			ck_assert_int_eq(cut(&all, mask, &out), MESH_OK);
			ck_assert_int_eq(bundle_read(bytes_written(&out), &b), MESH_OK);
			ck_assert_int_eq(bundle_verify(&b, netid, &key), MESH_OK);
			if (mask == all.mask)
				continue;
			ck_assert_msg(cut(&b, mask | ~mask, &out) == MESH_MALFORMED,
			    "more than there is");
			/* A piece of a piece: its lowest core alone. */
			out = bytes_out(single, sizeof single);
			ck_assert_int_eq(cut(&b, mask & ~(mask - 1), &out), MESH_OK);
			ck_assert_int_eq(bundle_read(bytes_written(&out), &b), MESH_OK);
			ck_assert_uint_eq(b.count, 1);
			ck_assert_int_eq(bundle_verify(&b, netid, &key), MESH_OK);
		}
		struct bytes_out out = bytes_out(piece, sizeof piece);
		ck_assert_int_eq(cut(&all, 0, &out), MESH_MALFORMED);
		ck_assert(n == 64 || cut(&all, 1ULL << n, &out) == MESH_MALFORMED);
	}
}
START_TEST(another_network_or_key_is_refused)
{
	struct bundle b;
	uint8_t other_net[16] = { 0 };
	struct mesh_key other = key;
	ck_assert_int_eq(bundle_read(make(1), &b), MESH_OK);
	ck_assert_int_eq(bundle_verify(&b, other_net, &key), MESH_DENIED);
	other.bytes[0] ^= 1;
	ck_assert_int_eq(bundle_verify(&b, netid, &other), MESH_DENIED);
	ck_assert_uint_eq(b.raw.len, bundle_bytes(1, bundle_core(&b, 0).len));
}
START_TEST(no_flipped_bit_verifies)
{
	struct bundle all, b;
	ck_assert_int_eq(bundle_read(make(5), &all), MESH_OK);
	struct bytes_out out = bytes_out(piece, sizeof piece);
	ck_assert_int_eq(cut(&all, 1U << 2, &out), MESH_OK);
	struct bytes_view v = bytes_written(&out);
	for (size_t bit = 0; bit < 8 * v.len; bit++) {
		piece[bit / 8] ^= (uint8_t)(1U << bit % 8);
		bool whole_still = bundle_read(v, &b) == MESH_OK &&
		    bundle_verify(&b, netid, &key) == MESH_OK;
		ck_assert_msg(!whole_still, "bit %zu", bit);
		piece[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t len = 0; len < v.len; len++)
		ck_assert_int_eq(
		    bundle_read(bytes_view(piece, len), &b), MESH_TRUNCATED);
}

struct parts {
	size_t sig_len;
	uint64_t n, mask;
	size_t fill_len, cores;
	const char *why;
};

static struct bytes_view
built_of(const struct parts *p)
{
	static const uint8_t zeros[3000];
	struct bytes_out out = bytes_out(piece, sizeof piece);
	pack_array(&out, 5);
	pack_bin(&out, bytes_view(zeros, p->sig_len));
	pack_uint(&out, p->n);
	pack_uint(&out, p->mask);
	pack_bin(&out, bytes_view(zeros, p->fill_len));
	pack_array(&out, p->cores);
	for (size_t i = 0; i < p->cores; i++)
		pack_bin(&out, bytes_view(zeros, 1));
	return bytes_written(&out);
}

START_TEST(parts_that_contradict_each_other_are_refused)
{
	/* clang-format off */
	static const struct parts row[] = {
		{ 63, 1, 1, 0, 1, "a short signature" },
		{ 64, 0, 1, 0, 1, "n 0" },
		{ 64, 65, 1, 0, 1, "n 65" },
		{ 64, 1, 0, 0, 0, "an empty mask" },
		{ 64, 1, 2, 0, 1, "a mask beyond n" },
		{ 64, 2, 3, 0, 1, "a core missing" },
		{ 64, 2, 1, 0, 2, "a core too many" },
		{ 64, 2, 1, 31, 1, "a fill that is no row of hashes" },
		{ 64, 64, 1, 33 * 32, 1, "a fill longer than any proof" },
	}; /* clang-format on */
	struct bundle b;
	for (size_t i = 0; i < LENGTH(row); i++)
		ck_assert_msg(bundle_read(built_of(&row[i]), &b) == MESH_MALFORMED,
		    "%s", row[i].why);
	static const struct parts long_fill = { 64, 2, 1, 64, 1, "" },
				  no_fill = { 64, 2, 1, 0, 1, "" };
	struct merkle_hash leaf = { { 0 } }, root;
	ck_assert_int_eq(bundle_read(built_of(&long_fill), &b), MESH_OK);
	ck_assert_msg(
	    bundle_verify(&b, netid, &key) == MESH_MALFORMED, "a hash left over");
	ck_assert_int_eq(bundle_read(built_of(&no_fill), &b), MESH_OK);
	ck_assert_msg(
	    bundle_root(&b, &leaf, &root) == MESH_MALFORMED, "a hash missing");
}
START_TEST(cores_of_a_batch_belong_together)
{
	static const struct {
		uint8_t origin;
		uint64_t epoch, seq;
		enum mesh_lane lane;
		bool ok;
		const char *why;
	} row[] = {
		{ 0, 1, 9, LANE_PACKET, true, "the next" },
		{ 0, 1, 8, LANE_PACKET, false, "the same seq" },
		{ 0, 1, 7, LANE_PACKET, false, "not in order" },
		{ 0, 2, 9, LANE_PACKET, false, "another epoch" },
		{ 0, 1, 9, LANE_METRIC, false, "another lane" },
		{ 1, 1, 9, LANE_PACKET, false, "another origin" },
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		uint8_t room[2][128];
		struct bytes_out o[2] = { bytes_out(room[0], 128),
			bytes_out(room[1], 128) };
		struct record r = { .at = { key, 1, 8, LANE_PACKET },
			.back = 1,
			.type = 1,
			.body = hex("90") };
		ck_assert_int_eq(record_write(&r, &o[0]), MESH_OK);
		r.at = (struct mesh_position){ key, row[i].epoch, row[i].seq,
			row[i].lane };
		r.at.origin.bytes[0] ^= row[i].origin;
		ck_assert_int_eq(record_write(&r, &o[1]), MESH_OK);
		struct bytes_view cores[] = { bytes_written(&o[0]),
			bytes_written(&o[1]) };
		struct bytes_out out = bytes_out(whole, sizeof whole);
		struct bundle b;
		ck_assert_int_eq(bundle_sign(&signer, cores, 2, &out), MESH_OK);
		ck_assert_int_eq(bundle_read(bytes_written(&out), &b), MESH_OK);
		enum mesh_err err = bundle_record(&b, 1, &r);
		ck_assert_msg(
		    err == (row[i].ok ? MESH_OK : MESH_MALFORMED), "%s", row[i].why);
	}
}
START_TEST(no_room_changes_nothing)
{
	struct bytes_view v = make(3), core;
	struct bundle b;
	uint8_t small[600];
	ck_assert_int_eq(bundle_read(v, &b), MESH_OK);
	core = bundle_core(&b, 0);
	for (size_t cap = 0; cap < bundle_bytes(1, core.len); cap++) {
		struct bytes_out out = bytes_out(small, cap);
		ck_assert_int_eq(bundle_sign(&signer, &core, 1, &out), MESH_FULL);
		ck_assert(out.len == 0 && !out.failed);
		ck_assert_int_eq(cut(&b, 1, &out), MESH_FULL);
		ck_assert(out.len == 0 && !out.failed);
	}
}
CHECK_MODULE(bundle, setup, golden_bundles_verify_and_are_made_alike,
    any_piece_of_any_batch_verifies, another_network_or_key_is_refused,
    no_flipped_bit_verifies, parts_that_contradict_each_other_are_refused,
    cores_of_a_batch_belong_together, no_room_changes_nothing)
