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

struct mix {
	uint64_t a, b;
};

static void
stir(struct mix *m, uint64_t word)
{
	m->a = (m->a ^ word) * 0x9fb21c651e98df25U;
	m->a ^= m->a >> 29 ^ m->b << 23 ^ m->b >> 41;
	m->b = (m->b + word) * 0xd6e8feb86659fd93U ^ m->a >> 32;
}

/* A step for eight bytes: no secret is kept, but every bit counts, and the length. */
static void
absorb(struct mix *m, struct bytes_view v)
{
	uint64_t word;
	size_t i = 0;
	for (; i + sizeof word <= v.len; i += sizeof word) {
		memcpy(&word, v.ptr + i, sizeof word);
		stir(m, word);
	}
	word = v.len;
	for (; i < v.len; i++)
		word = word << 8 | v.ptr[i];
	stir(m, word);
	stir(m, v.len);
}

/* Under a key, over two texts kept apart. */
static void
mac(const uint8_t key[static SEAL_KEY], struct bytes_view first,
    struct bytes_view second, uint8_t out[static HALF])
{
	struct mix m = { 0x6d65736864UL, 1 };
	absorb(&m, (struct bytes_view){ key, SEAL_KEY });
	absorb(&m, first);
	absorb(&m, second);
	stir(&m, m.b);
	memcpy(out, &m.a, sizeof m.a);
	memcpy(out + sizeof m.a, &m.b, sizeof m.b);
}

/* As many bytes as wanted, a multiple of HALF. */
static void
stretch(const uint8_t from[static HALF], uint8_t *out, size_t len)
{
	struct mix m = { 0, 0 };
	absorb(&m, (struct bytes_view){ from, HALF });
	for (size_t i = 0; i < len / HALF; i++) {
		stir(&m, i + 1);
		memcpy(out + i * HALF, &m.a, sizeof m.a);
		memcpy(out + i * HALF + sizeof m.a, &m.b, sizeof m.b);
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
