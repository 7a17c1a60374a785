#include "standin.h"
#include "seal.h"
#include <sodium.h>
#include <string.h>

/* What --wrap makes of the names: __wrap_X is called for X, __real_X is X. */
#define WRAPS(type, name, parameters)                                                  \
	type real_##name parameters __asm__("__real_seal_" #name);                     \
	type wrap_##name parameters __asm__("__wrap_seal_" #name)

WRAPS(bool, is_sound, (const uint8_t public_key[static SEAL_KEY]));
WRAPS(void, sign,
    (const uint8_t seed[static SEAL_KEY], const uint8_t public_key[static SEAL_KEY],
	struct bytes_view message, uint8_t signature[static SEAL_SIGNATURE]));
WRAPS(bool, verify,
    (const uint8_t public_key[static SEAL_KEY], struct bytes_view message,
	const uint8_t signature[static SEAL_SIGNATURE]));
WRAPS(void, close,
    (const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_NONCE],
	struct bytes_view ad, struct bytes_view plain, uint8_t *out));
WRAPS(bool, open,
    (const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_NONCE],
	struct bytes_view ad, struct bytes_view sealed, uint8_t *out));
WRAPS(void, close_x,
    (const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_XNONCE],
	struct bytes_view ad, struct bytes_view plain, uint8_t *out));
WRAPS(bool, open_x,
    (const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_XNONCE],
	struct bytes_view ad, struct bytes_view sealed, uint8_t *out));
WRAPS(void, exchange_public,
    (const uint8_t secret[static SEAL_KEY], uint8_t public_key[static SEAL_KEY]));
WRAPS(bool, exchange,
    (const uint8_t secret[static SEAL_KEY], const uint8_t public_key[static SEAL_KEY],
	uint8_t shared[static SEAL_KEY]));
WRAPS(void, link_secret,
    (const uint8_t seed[static SEAL_KEY], uint8_t secret[static SEAL_KEY]));
WRAPS(bool, link_public,
    (const uint8_t identity[static SEAL_KEY], uint8_t public_key[static SEAL_KEY]));

static bool used;

void
standin_use(bool use)
{
	used = use;
}

/* --- one keyed hash --- */

enum { HALF = 16 };

/* SipHash-2-4-128 under both halves of a key, over two texts kept apart. */
static void
mac(const uint8_t key[static SEAL_KEY], struct bytes_view first,
    struct bytes_view second, uint8_t out[static HALF])
{
	uint8_t of_first[HALF], under[HALF];
	crypto_shorthash_siphashx24(of_first, first.ptr, first.len, key);
	crypto_shorthash_siphashx24(under, of_first, sizeof of_first, key + HALF);
	crypto_shorthash_siphashx24(out, second.ptr, second.len, under);
}

/* As many bytes as wanted, a multiple of HALF. */
static void
stretch(const uint8_t from[static HALF], uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len / HALF; i++) {
		uint8_t number = (uint8_t)i;
		crypto_shorthash_siphashx24(out + i * HALF, &number, 1, from);
	}
}

/* --- signatures --- */

bool
wrap_is_sound(const uint8_t public_key[static SEAL_KEY])
{
	return used ? !sodium_is_zero(public_key, SEAL_KEY) : real_is_sound(public_key);
}

static void
sign(const uint8_t public_key[static SEAL_KEY], struct bytes_view message,
    uint8_t signature[static SEAL_SIGNATURE])
{
	uint8_t sum[HALF];
	mac(public_key, (struct bytes_view){ NULL, 0 }, message, sum);
	stretch(sum, signature, SEAL_SIGNATURE);
}

void
wrap_sign(const uint8_t seed[static SEAL_KEY],
    const uint8_t public_key[static SEAL_KEY], struct bytes_view message,
    uint8_t signature[static SEAL_SIGNATURE])
{
	if (used)
		sign(public_key, message, signature);
	else
		real_sign(seed, public_key, message, signature);
}

bool
wrap_verify(const uint8_t public_key[static SEAL_KEY], struct bytes_view message,
    const uint8_t signature[static SEAL_SIGNATURE])
{
	uint8_t right[SEAL_SIGNATURE];
	if (!used)
		return real_verify(public_key, message, signature);
	sign(public_key, message, right);
	return memcmp(right, signature, sizeof right) == 0;
}

/* --- sealing: the text as it is, then a tag --- */

/* The nonce lies at the front of what is hashed with the associated data. */
static void
tag_of(const uint8_t key[static SEAL_KEY], struct bytes_view nonce,
    struct bytes_view ad, struct bytes_view text, uint8_t tag[static SEAL_TAG])
{
	uint8_t of_ad[SEAL_KEY];
	mac(key, nonce, ad, of_ad);
	memcpy(of_ad + HALF, key, HALF);
	mac(of_ad, (struct bytes_view){ NULL, 0 }, text, tag);
}

static void
close_with(const uint8_t key[static SEAL_KEY], struct bytes_view nonce,
    struct bytes_view ad, struct bytes_view plain, uint8_t *out)
{
	uint8_t tag[SEAL_TAG];
	tag_of(key, nonce, ad, plain, tag);
	if (plain.len > 0)
		memmove(out, plain.ptr, plain.len);
	memcpy(out + plain.len, tag, sizeof tag);
}

static bool
open_with(const uint8_t key[static SEAL_KEY], struct bytes_view nonce,
    struct bytes_view ad, struct bytes_view sealed, uint8_t *out)
{
	uint8_t tag[SEAL_TAG];
	if (sealed.len < SEAL_TAG)
		return false;
	struct bytes_view plain = { sealed.ptr, sealed.len - SEAL_TAG };
	tag_of(key, nonce, ad, plain, tag);
	if (memcmp(tag, sealed.ptr + plain.len, sizeof tag) != 0) {
		memset(out, 0, plain.len);
		return false;
	}
	memmove(out, plain.ptr, plain.len);
	return true;
}

void
wrap_close(const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_NONCE],
    struct bytes_view ad, struct bytes_view plain, uint8_t *out)
{
	if (used)
		close_with(
		    key, (struct bytes_view){ nonce, SEAL_NONCE }, ad, plain, out);
	else
		real_close(key, nonce, ad, plain, out);
}

bool
wrap_open(const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_NONCE],
    struct bytes_view ad, struct bytes_view sealed, uint8_t *out)
{
	struct bytes_view n = { nonce, SEAL_NONCE };
	return used ? open_with(key, n, ad, sealed, out)
		    : real_open(key, nonce, ad, sealed, out);
}

void
wrap_close_x(const uint8_t key[static SEAL_KEY],
    const uint8_t nonce[static SEAL_XNONCE], struct bytes_view ad,
    struct bytes_view plain, uint8_t *out)
{
	if (used)
		close_with(
		    key, (struct bytes_view){ nonce, SEAL_XNONCE }, ad, plain, out);
	else
		real_close_x(key, nonce, ad, plain, out);
}

bool
wrap_open_x(const uint8_t key[static SEAL_KEY], const uint8_t nonce[static SEAL_XNONCE],
    struct bytes_view ad, struct bytes_view sealed, uint8_t *out)
{
	struct bytes_view n = { nonce, SEAL_XNONCE };
	return used ? open_with(key, n, ad, sealed, out)
		    : real_open_x(key, nonce, ad, sealed, out);
}

/* --- key agreement: a secret is its own public key, a shared one is made of both ---
 */

void
wrap_exchange_public(
    const uint8_t secret[static SEAL_KEY], uint8_t public_key[static SEAL_KEY])
{
	if (used)
		memmove(public_key, secret, SEAL_KEY);
	else
		real_exchange_public(secret, public_key);
}

bool
wrap_exchange(const uint8_t secret[static SEAL_KEY],
    const uint8_t public_key[static SEAL_KEY], uint8_t shared[static SEAL_KEY])
{
	static const uint8_t zero[SEAL_KEY];
	uint8_t sum[HALF];
	if (!used)
		return real_exchange(secret, public_key, shared);
	bool ours_first = memcmp(secret, public_key, SEAL_KEY) < 0;
	const uint8_t *less = ours_first ? secret : public_key;
	const uint8_t *more = ours_first ? public_key : secret;
	mac(zero, (struct bytes_view){ less, SEAL_KEY },
	    (struct bytes_view){ more, SEAL_KEY }, sum);
	stretch(sum, shared, SEAL_KEY);
	return !sodium_is_zero(public_key, SEAL_KEY);
}

bool
wrap_link_public(
    const uint8_t identity[static SEAL_KEY], uint8_t public_key[static SEAL_KEY])
{
	static const uint8_t link[] = { 'l', 'i', 'n', 'k' };
	uint8_t sum[HALF];
	if (!used)
		return real_link_public(identity, public_key);
	mac(identity, (struct bytes_view){ NULL, 0 },
	    (struct bytes_view){ link, sizeof link }, sum);
	stretch(sum, public_key, SEAL_KEY);
	return true;
}

void
wrap_link_secret(const uint8_t seed[static SEAL_KEY], uint8_t secret[static SEAL_KEY])
{
	uint8_t identity[SEAL_KEY];
	if (!used) {
		real_link_secret(seed, secret);
		return;
	}
	seal_public_of(seed, identity);
	(void)wrap_link_public(identity, secret);
}
