/* noise.h - the Noise protocol framework, as far as 25519_ChaChaPoly_SHA512 goes.
 *
 * The pattern is data: XX, XXpsk0 and XXpsk3 run through the same loop over tokens, so
 * the published vectors of the first and the third vouch for the second.  No randomness
 * of its own: the ephemeral secret is a parameter.  A read that fails leaves the state
 * half changed: read on a copy and keep the copy when it was good.  Floor 3.  Pure.
 * Source: noiseprotocol.org/noise.html, revision 34; PROTOCOL.md 6. */
#ifndef MESH_NOISE_H
#define MESH_NOISE_H
#include "bytes.h"

enum { NOISE_KEY = 32, NOISE_HASH = 64, NOISE_TAG = 16 };
enum noise_token {
	NOISE_END,
	NOISE_E,
	NOISE_S,
	NOISE_EE,
	NOISE_ES,
	NOISE_SE,
	NOISE_PSK
};
enum noise_role { NOISE_INITIATOR, NOISE_RESPONDER };
struct noise_pattern {
	const char *name;     /* "Noise_XX_25519_ChaChaPoly_SHA512" */
	uint8_t tokens[3][5]; /* enum noise_token, NOISE_END ends a message */
	uint8_t uses_psk;     /* then `e` is mixed into the key as well */
};
extern const struct noise_pattern noise_xx, noise_xxpsk0, noise_xxpsk3;

struct noise_start {
	const struct noise_pattern *pattern;
	enum noise_role role;
	struct bytes_view prologue;
	const uint8_t *s;        /* 32: our static secret */
	const uint8_t *s_public; /* 32: of it; NULL: computed */
	const uint8_t *e;        /* 32 random bytes: our ephemeral secret */
	const uint8_t *psk;      /* 32, or NULL for XX */
};
struct noise { /* secret: noise_wipe */
	const struct noise_pattern *pattern;
	enum noise_role role;
	unsigned step; /* messages done */
	uint8_t has_key;
	uint64_t nonce;
	uint8_t ck[NOISE_HASH], h[NOISE_HASH], k[NOISE_KEY];
	uint8_t s[NOISE_KEY], e[NOISE_KEY], psk[NOISE_KEY];
	uint8_t s_public[NOISE_KEY], e_public[NOISE_KEY];
	uint8_t rs[NOISE_KEY], re[NOISE_KEY]; /* the other's, once known */
};

void noise_init(struct noise *n, const struct noise_start *start);
/* Append the next message with `payload`.  MESH_FULL: does not fit.  MESH_DENIED: a
 * shared secret would be all zero. */
MESH_MUST_CHECK enum mesh_err noise_write(
    struct noise *n, struct bytes_view payload, struct bytes_out *out);
/* Read the other's next message, write its payload.  MESH_TRUNCATED, MESH_DENIED (tag,
 * or an all-zero shared secret), MESH_FULL: throw this state away. */
MESH_MUST_CHECK enum mesh_err noise_read(
    struct noise *n, struct bytes_view message, struct bytes_out *payload);
bool noise_is_done(const struct noise *n); /* all three messages passed */
/* The keys for what we send and what we receive.  Requires: done. */
void noise_split(const struct noise *n, uint8_t send[static NOISE_KEY],
    uint8_t receive[static NOISE_KEY]);
void noise_wipe(struct noise *n);
#endif
