/* seal.h - signatures, hashes, sealing and key agreement: the only caller of libsodium.
 *
 * Names of PROTOCOL.md 1: H is seal_hash, KDF is seal_kdf.  Nothing here makes
 * randomness; nonces, seeds and ephemeral keys are the caller's.  Programs call
 * sodium_init() first: it only picks faster code.  Outputs may lie on their inputs
 * where "in place" is said. Floor 1.  Pure. */
#ifndef MESH_SEAL_H
#define MESH_SEAL_H
#include "types.h"

enum {
	SEAL_KEY = 32, /* every symmetric and every X25519 or Ed25519 key */
	SEAL_HASH = 32,
	SEAL_SIGNATURE = 64,
	SEAL_TAG = 16, /* what sealing adds */
	SEAL_NONCE = 12,
	SEAL_XNONCE = 24,
	SEAL_SHA512 = 64,
	SEAL_SIP_KEY = 16,
};

/* --- hashes --- */
void seal_hash(struct bytes_view data, uint8_t out[static SEAL_HASH]);
/* The hash of the parts joined. */
void seal_hash_parts(
    const struct bytes_view *parts, size_t count, uint8_t out[static SEAL_HASH]);
/* BLAKE2b-256 keyed with `key` over the label's letters. */
void seal_kdf(const uint8_t key[static SEAL_KEY], const char *label,
    uint8_t out[static SEAL_KEY]);
/* BLAKE2b-128, keyed: handshake cookies. */
void seal_mac128(const uint8_t key[static SEAL_KEY], const struct bytes_view *parts,
    size_t count, uint8_t out[static 16]);
uint64_t seal_siphash(const uint8_t key[static SEAL_SIP_KEY], struct bytes_view data);
void seal_siphash128(const uint8_t key[static SEAL_SIP_KEY], struct bytes_view data,
    uint8_t out[static 16]);
/* Noise's HASH and HMAC-HASH. */
void seal_sha512(
    const struct bytes_view *parts, size_t count, uint8_t out[static SEAL_SHA512]);
void seal_hmac512(struct bytes_view key, const struct bytes_view *parts, size_t count,
    uint8_t out[static SEAL_SHA512]);

/* --- signatures (Ed25519) --- */
void seal_public_of(
    const uint8_t seed[static SEAL_KEY], uint8_t public_key[static SEAL_KEY]);
/* False: small order, not on the curve or not canonical.  Ask at admission. */
bool seal_is_sound(const uint8_t public_key[static SEAL_KEY]);
void seal_sign(const uint8_t seed[static SEAL_KEY],
    const uint8_t public_key[static SEAL_KEY], struct bytes_view message,
    uint8_t signature[static SEAL_SIGNATURE]);
MESH_MUST_CHECK bool seal_verify(const uint8_t public_key[static SEAL_KEY],
    struct bytes_view message, const uint8_t signature[static SEAL_SIGNATURE]);

/* --- sealing; in place allowed; `out` holds sealed = plain + SEAL_TAG bytes --- */
/* 4 zero bytes || counter, little-endian: Noise's nonce. */
void seal_nonce(uint64_t counter, uint8_t nonce[static SEAL_NONCE]);
void seal_close(const uint8_t key[static SEAL_KEY],
    const uint8_t nonce[static SEAL_NONCE], struct bytes_view ad,
    struct bytes_view plain, uint8_t *out);
/* False and `out` zeroed: not sealed by this key, or shorter than a tag. */
MESH_MUST_CHECK bool seal_open(const uint8_t key[static SEAL_KEY],
    const uint8_t nonce[static SEAL_NONCE], struct bytes_view ad,
    struct bytes_view sealed, uint8_t *out);
/* XChaCha20-Poly1305: for nonces drawn at random. */
void seal_close_x(const uint8_t key[static SEAL_KEY],
    const uint8_t nonce[static SEAL_XNONCE], struct bytes_view ad,
    struct bytes_view plain, uint8_t *out);
MESH_MUST_CHECK bool seal_open_x(const uint8_t key[static SEAL_KEY],
    const uint8_t nonce[static SEAL_XNONCE], struct bytes_view ad,
    struct bytes_view sealed, uint8_t *out);

/* --- key agreement (X25519) --- */
void seal_exchange_public(
    const uint8_t secret[static SEAL_KEY], uint8_t public_key[static SEAL_KEY]);
/* False: the shared result is all zero (a small-order point): MUST drop. */
MESH_MUST_CHECK bool seal_exchange(const uint8_t secret[static SEAL_KEY],
    const uint8_t public_key[static SEAL_KEY], uint8_t shared[static SEAL_KEY]);
/* The X25519 image of an Ed25519 identity: link keys. */
void seal_link_secret(
    const uint8_t seed[static SEAL_KEY], uint8_t secret[static SEAL_KEY]);
MESH_MUST_CHECK bool seal_link_public(
    const uint8_t identity[static SEAL_KEY], uint8_t public_key[static SEAL_KEY]);

/* --- secrets --- */
void seal_wipe(void *secret, size_t len);
bool seal_equal(const void *a, const void *b, size_t len); /* constant time */
#endif
