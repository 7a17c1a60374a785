#include "seal.h"
#include "bytes.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Until this call libsodium works with its plain C, at a third of the speed of what it
 * chooses for the processor.  Every way into the library leads through here, whoever
 * linked it, so nobody has to remember it. */
__attribute__((constructor)) static void
choose_implementations(void)
{
	if (sodium_init() < 0) /* no source of randomness: no key is safe */
		abort();
}

void
seal_hash(struct bytes_view data, uint8_t out[static SEAL_HASH])
{
	crypto_generichash(out, SEAL_HASH, data.ptr, data.len, NULL, 0);
}

static void
blake2b(struct bytes_view key, const struct bytes_view *parts, size_t count,
    uint8_t *out, size_t out_len)
{
	crypto_generichash_state state;
	crypto_generichash_init(&state, key.ptr, key.len, out_len);
	for (size_t i = 0; i < count; i++)
		crypto_generichash_update(&state, parts[i].ptr, parts[i].len);
	crypto_generichash_final(&state, out, out_len);
	sodium_memzero(&state, sizeof state);
}

void
seal_hash_parts(
    const struct bytes_view *parts, size_t count, uint8_t out[static SEAL_HASH])
{
	blake2b((struct bytes_view){ NULL, 0 }, parts, count, out, SEAL_HASH);
}

void
seal_kdf(
    const uint8_t key[static SEAL_KEY], const char *label, uint8_t out[static SEAL_KEY])
{
	struct bytes_view part = bytes_view(label, strlen(label));
	blake2b(bytes_view(key, SEAL_KEY), &part, 1, out, SEAL_KEY);
}

void
seal_mac128(const uint8_t key[static SEAL_KEY], const struct bytes_view *parts,
    size_t count, uint8_t out[static 16])
{
	blake2b(bytes_view(key, SEAL_KEY), parts, count, out, 16);
}

uint64_t
seal_siphash(const uint8_t key[static SEAL_SIP_KEY], struct bytes_view data)
{
	uint8_t le[crypto_shorthash_siphash24_BYTES];
	uint64_t n = 0;
	crypto_shorthash_siphash24(le, data.ptr, data.len, key);
	for (size_t i = sizeof le; i > 0; i--)
		n = n << 8 | le[i - 1];
	return n;
}

void
seal_siphash128(const uint8_t key[static SEAL_SIP_KEY], struct bytes_view data,
    uint8_t out[static 16])
{
	crypto_shorthash_siphashx24(out, data.ptr, data.len, key);
}

void
seal_sha512(
    const struct bytes_view *parts, size_t count, uint8_t out[static SEAL_SHA512])
{
	crypto_hash_sha512_state state;
	crypto_hash_sha512_init(&state);
	for (size_t i = 0; i < count; i++)
		crypto_hash_sha512_update(&state, parts[i].ptr, parts[i].len);
	crypto_hash_sha512_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

void
seal_hmac512(struct bytes_view key, const struct bytes_view *parts, size_t count,
    uint8_t out[static SEAL_SHA512])
{
	crypto_auth_hmacsha512_state state;
	crypto_auth_hmacsha512_init(&state, key.ptr, key.len);
	for (size_t i = 0; i < count; i++)
		crypto_auth_hmacsha512_update(&state, parts[i].ptr, parts[i].len);
	crypto_auth_hmacsha512_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

void
seal_public_of(const uint8_t seed[static SEAL_KEY], uint8_t public_key[static SEAL_KEY])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	crypto_sign_seed_keypair(public_key, secret, seed);
	sodium_memzero(secret, sizeof secret);
}

bool
seal_is_sound(const uint8_t public_key[static SEAL_KEY])
{
	return crypto_core_ed25519_is_valid_point(public_key) == 1;
}

void
seal_sign(const uint8_t seed[static SEAL_KEY],
    const uint8_t public_key[static SEAL_KEY], struct bytes_view message,
    uint8_t signature[static SEAL_SIGNATURE])
{
	uint8_t
	    secret[crypto_sign_SECRETKEYBYTES]; /* libsodium's form: seed || public */
	memcpy(secret, seed, SEAL_KEY);
	memcpy(secret + SEAL_KEY, public_key, SEAL_KEY);
	crypto_sign_detached(signature, NULL, message.ptr, message.len, secret);
	sodium_memzero(secret, sizeof secret);
}

bool
seal_verify(const uint8_t public_key[static SEAL_KEY], struct bytes_view message,
    const uint8_t signature[static SEAL_SIGNATURE])
{
	return crypto_sign_verify_detached(
		   signature, message.ptr, message.len, public_key) == 0;
}

void
seal_nonce(uint64_t counter, uint8_t nonce[static SEAL_NONCE])
{
	memset(nonce, 0, 4);
	for (size_t i = 0; i < 8; i++)
		nonce[4 + i] = (uint8_t)(counter >> 8 * i);
}

void
seal_close(const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_NONCE],
    struct bytes_view ad, struct bytes_view plain, uint8_t *out)
{
	crypto_aead_chacha20poly1305_ietf_encrypt(
	    out, NULL, plain.ptr, plain.len, ad.ptr, ad.len, NULL, nonce, key);
}

bool
seal_open(const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_NONCE],
    struct bytes_view ad, struct bytes_view sealed, uint8_t *out)
{
	return crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.ptr,
		   sealed.len, ad.ptr, ad.len, nonce, key) == 0;
}

void
seal_close_x(const uint8_t key[static SEAL_KEY],
    const uint8_t nonce[static SEAL_XNONCE], struct bytes_view ad,
    struct bytes_view plain, uint8_t *out)
{
	crypto_aead_xchacha20poly1305_ietf_encrypt(
	    out, NULL, plain.ptr, plain.len, ad.ptr, ad.len, NULL, nonce, key);
}

bool
seal_open_x(const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_XNONCE],
    struct bytes_view ad, struct bytes_view sealed, uint8_t *out)
{
	return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.ptr,
		   sealed.len, ad.ptr, ad.len, nonce, key) == 0;
}

void
seal_exchange_public(
    const uint8_t secret[static SEAL_KEY], uint8_t public_key[static SEAL_KEY])
{
	crypto_scalarmult_base(public_key, secret);
}

bool
seal_exchange(const uint8_t secret[static SEAL_KEY],
    const uint8_t public_key[static SEAL_KEY], uint8_t shared[static SEAL_KEY])
{
	return crypto_scalarmult(shared, secret, public_key) == 0;
}

void
seal_link_secret(const uint8_t seed[static SEAL_KEY], uint8_t secret[static SEAL_KEY])
{
	uint8_t long_form[crypto_sign_SECRETKEYBYTES] = { 0 };
	memcpy(
	    long_form, seed, SEAL_KEY); /* the conversion reads no more than the seed */
	crypto_sign_ed25519_sk_to_curve25519(secret, long_form);
	sodium_memzero(long_form, sizeof long_form);
}

bool
seal_link_public(
    const uint8_t identity[static SEAL_KEY], uint8_t public_key[static SEAL_KEY])
{
	return crypto_sign_ed25519_pk_to_curve25519(public_key, identity) == 0;
}

void
seal_wipe(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}

bool
seal_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}
