#include "bytes.h"
#include "check_mesh.h"
#include "seal.h"
#include <sodium.h>

/* Expected values come from other implementations (OpenSSL, CPython, the RFCs). */

static uint8_t key[32]; /* 00 01 02 ... 1f */
static struct bytes_view abc, ad, plain;

static void
setup(void)
{
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)i;
	abc = bytes_view("abc", 3);
	ad = bytes_view("ad", 2);
	plain = bytes_view("plain", 5);
}

static void
expect(const uint8_t *got, const char *wanted)
{
	struct bytes_view v = hex(wanted);
	ck_assert_mem_eq(got, v.ptr, v.len);
}

START_TEST(hashes_are_blake2b_and_sha512)
{
	uint8_t out[64];
	seal_hash(abc, out);
	expect(out, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	seal_hash((struct bytes_view){ NULL, 0 }, out);
	expect(out, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
	seal_sha512(&abc, 1, out);
	expect(out,
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}
START_TEST(parts_hash_as_if_joined)
{
	struct bytes_view parts[] = { bytes_view("a", 1), bytes_view("", 0),
		bytes_view("bc", 2) };
	uint8_t out[64], whole[64];
	seal_hash(abc, whole);
	seal_hash_parts(parts, LENGTH(parts), out);
	ck_assert_mem_eq(out, whole, SEAL_HASH);
	seal_sha512(&abc, 1, whole);
	seal_sha512(parts, LENGTH(parts), out);
	ck_assert_mem_eq(out, whole, SEAL_SHA512);
}
START_TEST(keyed_hashes)
{
	struct bytes_view parts[] = { abc, bytes_view("def", 3) };
	uint8_t out[64], data[15];
	seal_kdf(key, "meshd1 hint", out);
	expect(out, "372f11665395038d411b50c5d862447961334d9c3fb0518c5225cb952efb215f");
	seal_mac128(key, parts, 2, out);
	expect(out, "9354937c2934ef80443588f91cfe4c6c");
	seal_hmac512(bytes_view("key", 3), &abc, 1, out);
	expect(out,
	    "3926a207c8c42b0c41792cbd3e1a1aaaf5f7a25704f62dfc939c4987dd7ce060"
	    "009c5bb1c2447355b3216f10b537e9afa7b64a4e5391b0d631172d07939e087a");
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)i;
	struct bytes_view v = bytes_view(data, sizeof data);
	ck_assert_uint_eq(seal_siphash(key, v), 0xa129ca6149be45e5ULL);
	seal_siphash128(key, v, out);
	expect(out, "5493e99933b0a8117e08ec0f97cfc3d9");
}
START_TEST(signatures_agree_with_openssl)
{
	uint8_t pk[32], sig[64];
	seal_public_of(key, pk);
	expect(pk, "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
	seal_sign(key, pk, bytes_view("meshd", 5), sig);
	expect(sig,
	    "75a996148ed200a872e04be4734d31d7c940d5d42e9693f0bb800d2b9a9c2763"
	    "a0fbb7599b6c6a303c393a6af89fcb5b1428450c22aaf7f4bcb0ccf8357b5f09");
	ck_assert(seal_verify(pk, bytes_view("meshd", 5), sig));
	ck_assert(!seal_verify(pk, bytes_view("meshe", 5), sig));
	for (size_t bit = 0; bit < 512; bit++) {
		sig[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_msg(
		    !seal_verify(pk, bytes_view("meshd", 5), sig), "bit %zu", bit);
		sig[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}
START_TEST(weak_keys_are_refused)
{
	/* clang-format off */
	static const struct { const char *key; const char *why; } weak[] = {
		{ "0000000000000000000000000000000000000000000000000000000000000000", "order 4" },
		{ "0100000000000000000000000000000000000000000000000000000000000000", "the neutral element" },
		{ "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "order 2" },
		{ "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "order 8" },
		{ "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "order 8" },
		{ "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "not canonical" },
	}; /* clang-format on */
	uint8_t pk[32], out[32];
	seal_public_of(key, pk);
	ck_assert(seal_is_sound(pk) && seal_link_public(pk, out));
	for (size_t i = 0; i < LENGTH(weak); i++) {
		const uint8_t *bad = hex(weak[i].key).ptr;
		ck_assert_msg(!seal_is_sound(bad), "%s", weak[i].why);
		ck_assert_msg(!seal_link_public(bad, out), "%s", weak[i].why);
	}
}
START_TEST(link_keys_are_the_image_of_the_identity)
{
	uint8_t pk[32], secret[32], public_key[32], image[32];
	seal_public_of(key, pk);
	seal_link_secret(key, secret);
	expect(
	    secret, "3894eea49c580aef816935762be049559d6d1440dede12e6a125f1841fff8e6f");
	seal_exchange_public(secret, public_key);
	ck_assert(seal_link_public(pk, image));
	ck_assert_mem_eq(public_key, image, 32);
	expect(
	    image, "4701d08488451f545a409fb58ae3e58581ca40ac3f7f114698cd71deac73ca01");
}
START_TEST(key_agreement_agrees_and_refuses_zero)
{
	uint8_t b[32], pa[32], pb[32], x[32], y[32];
	/* RFC 7748, 6.1: Bob's pair */
	memcpy(b,
	    hex("5dab087e624a8a4b79e17f8b83800ee6"
		"6f3bb1292618b6fd1c2f8b27ff88e0eb")
		.ptr,
	    32);
	seal_exchange_public(key, pa);
	seal_exchange_public(b, pb);
	expect(pb, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
	ck_assert(seal_exchange(key, pb, x) && seal_exchange(b, pa, y));
	ck_assert_mem_eq(x, y, 32);
	memset(pb, 0, sizeof pb);
	ck_assert_msg(!seal_exchange(key, pb, x), "all-zero result");
}
START_TEST(sealing_agrees_with_openssl)
{
	uint8_t nonce[SEAL_NONCE], xnonce[SEAL_XNONCE], out[5 + SEAL_TAG];
	seal_nonce(5, nonce);
	seal_close(key, nonce, ad, plain, out);
	expect(out, "5364f7632b07fcfc4fb47e5021e61cd7a3065ca373");
	for (size_t i = 0; i < sizeof xnonce; i++)
		xnonce[i] = (uint8_t)i;
	seal_close_x(key, xnonce, ad, plain, out);
	expect(out, "eeae6e16fedc49c9896b7a62cff7fae6696916e433");
	ck_assert(seal_open_x(key, xnonce, ad, bytes_view(out, sizeof out), out));
	ck_assert_mem_eq(out, plain.ptr, plain.len);
}
START_TEST(every_flipped_bit_is_refused)
{
	uint8_t nonce[SEAL_NONCE], xnonce[SEAL_XNONCE] = { 0 };
	uint8_t sealed[5 + SEAL_TAG], xsealed[5 + SEAL_TAG], out[5];
	seal_nonce(UINT64_MAX - 1, nonce);
	seal_close(key, nonce, ad, plain, sealed);
	seal_close_x(key, xnonce, ad, plain, xsealed);
	ck_assert(seal_open(key, nonce, ad, bytes_view(sealed, sizeof sealed), out));
	for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
		uint8_t flip = (uint8_t)(1U << bit % 8);
		struct bytes_view v = { sealed, sizeof sealed },
				  x = { xsealed, sizeof xsealed };
		sealed[bit / 8] ^= flip;
		xsealed[bit / 8] ^= flip;
		memset(out, 0xaa, sizeof out);
		ck_assert_msg(!seal_open(key, nonce, ad, v, out), "bit %zu", bit);
		ck_assert_msg(out[0] == 0, "what could not be opened is not shown");
		ck_assert_msg(!seal_open_x(key, xnonce, ad, x, out), "bit %zu", bit);
		sealed[bit / 8] ^= flip;
		xsealed[bit / 8] ^= flip;
	}
	for (size_t len = 0; len < sizeof sealed; len++)
		ck_assert(!seal_open(key, nonce, ad, bytes_view(sealed, len), out));
	ck_assert_msg(
	    !seal_open(key, nonce, abc, bytes_view(sealed, sizeof sealed), out),
	    "other associated data");
}
START_TEST(noise_nonces_are_little_endian)
{
	uint8_t nonce[SEAL_NONCE];
	seal_nonce(0x0102030405060708, nonce);
	expect(nonce, "000000000807060504030201");
}
START_TEST(wiping_and_comparing)
{
	uint8_t a[8] = { 1, 2, 3 }, b[8] = { 1, 2, 3 };
	ck_assert(seal_equal(a, b, sizeof a));
	b[7] = 1;
	ck_assert(!seal_equal(a, b, sizeof a));
	seal_wipe(a, sizeof a);
	ck_assert_mem_eq(a, (uint8_t[8]){ 0 }, 8);
}
START_TEST(libsodium_has_chosen_what_fits_the_processor)
{
	ck_assert_int_eq(sodium_init(), 1); /* 1: somebody did so before */
}
CHECK_MODULE(seal, setup, libsodium_has_chosen_what_fits_the_processor,
    hashes_are_blake2b_and_sha512, parts_hash_as_if_joined, keyed_hashes,
    signatures_agree_with_openssl, weak_keys_are_refused,
    link_keys_are_the_image_of_the_identity, key_agreement_agrees_and_refuses_zero,
    sealing_agrees_with_openssl, every_flipped_bit_is_refused,
    noise_nonces_are_little_endian, wiping_and_comparing)
