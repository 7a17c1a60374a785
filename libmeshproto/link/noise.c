#include "noise.h"
#include "seal.h"
#include <assert.h>

const struct noise_pattern noise_xx = { "Noise_XX_25519_ChaChaPoly_SHA512",
	{ { NOISE_E }, { NOISE_E, NOISE_EE, NOISE_S, NOISE_ES },
	    { NOISE_S, NOISE_SE } },
	0 };
const struct noise_pattern noise_xxpsk0 = { "Noise_XXpsk0_25519_ChaChaPoly_SHA512",
	{ { NOISE_PSK, NOISE_E }, { NOISE_E, NOISE_EE, NOISE_S, NOISE_ES },
	    { NOISE_S, NOISE_SE } },
	1 };
const struct noise_pattern noise_xxpsk3 = { "Noise_XXpsk3_25519_ChaChaPoly_SHA512",
	{ { NOISE_E }, { NOISE_E, NOISE_EE, NOISE_S, NOISE_ES },
	    { NOISE_S, NOISE_SE, NOISE_PSK } },
	1 };

/* --- SymmetricState --- */

enum { HKDF_MAX = 3 };

static void
hkdf(const struct noise *n, struct bytes_view material, unsigned outputs,
    uint8_t out[static HKDF_MAX][NOISE_HASH])
{
	uint8_t temp[NOISE_HASH];

	seal_hmac512(bytes_view(n->ck, NOISE_HASH), &material, 1, temp);
	for (unsigned i = 0; i < outputs; i++) {
		const uint8_t number = (uint8_t)(i + 1);
		const struct bytes_view parts[] = {
			bytes_view(i > 0 ? out[i - 1] : NULL, i > 0 ? NOISE_HASH : 0),
			bytes_view(&number, 1),
		};
		seal_hmac512(
		    bytes_view(temp, sizeof temp), parts, LENGTH(parts), out[i]);
	}
	seal_wipe(temp, sizeof temp);
}

static void
mix_hash(struct noise *n, struct bytes_view data)
{
	const struct bytes_view parts[] = { bytes_view(n->h, NOISE_HASH), data };

	seal_sha512(parts, LENGTH(parts), n->h);
}

static void
set_key(struct noise *n, const uint8_t key[static NOISE_KEY])
{
	memcpy(n->k, key, NOISE_KEY); /* of 64 bytes the first 32 count */
	n->has_key = 1;
	n->nonce = 0;
}

static void
mix_key(struct noise *n, struct bytes_view material)
{
	uint8_t out[HKDF_MAX][NOISE_HASH];

	hkdf(n, material, 2, out);
	memcpy(n->ck, out[0], NOISE_HASH);
	set_key(n, out[1]);
	seal_wipe(out, sizeof out);
}

static void
mix_key_and_hash(struct noise *n, struct bytes_view material)
{
	uint8_t out[HKDF_MAX][NOISE_HASH];

	hkdf(n, material, 3, out);
	memcpy(n->ck, out[0], NOISE_HASH);
	mix_hash(n, bytes_view(out[1], NOISE_HASH));
	set_key(n, out[2]);
	seal_wipe(out, sizeof out);
}

static void
encrypt_and_hash(struct noise *n, struct bytes_view plain, struct bytes_out *out)
{
	size_t len = plain.len + (n->has_key ? NOISE_TAG : 0);
	uint8_t *room = bytes_room(out, len);
	uint8_t nonce[SEAL_NONCE];

	if (room == NULL)
		return;
	if (n->has_key) {
		seal_nonce(n->nonce++, nonce);
		seal_close(n->k, nonce, bytes_view(n->h, NOISE_HASH), plain, room);
	} else if (len > 0) {
		memcpy(room, plain.ptr, len);
	}
	mix_hash(n, bytes_view(room, len));
}

static enum mesh_err
decrypt_and_hash(struct noise *n, struct bytes_view sealed, struct bytes_out *out)
{
	size_t tag = n->has_key ? NOISE_TAG : 0;
	uint8_t nonce[SEAL_NONCE];
	uint8_t *room;

	if (sealed.len < tag)
		return MESH_TRUNCATED;
	room = bytes_room(out, sealed.len - tag);
	if (room == NULL)
		return MESH_FULL;
	if (n->has_key) {
		seal_nonce(n->nonce++, nonce);
		if (!seal_open(n->k, nonce, bytes_view(n->h, NOISE_HASH), sealed, room))
			return MESH_DENIED;
	} else if (sealed.len > 0) {
		memcpy(room, sealed.ptr, sealed.len);
	}
	mix_hash(n, sealed);
	return MESH_OK;
}

/* --- HandshakeState --- */

void
noise_init(struct noise *n, const struct noise_start *start)
{
	struct bytes_view name = bytes_view(
	    start->pattern->name, strlen(start->pattern->name));

	assert(!start->pattern->uses_psk == (start->psk == NULL));
	assert(name.len <= NOISE_HASH); /* then the name itself is the hash */
	*n = (struct noise){ .pattern = start->pattern, .role = start->role };
	memcpy(n->h, name.ptr, name.len);
	memcpy(n->ck, n->h, NOISE_HASH);
	memcpy(n->s, start->s, NOISE_KEY);
	memcpy(n->e, start->e, NOISE_KEY);
	if (start->psk != NULL)
		memcpy(n->psk, start->psk, NOISE_KEY);
	if (start->s_public != NULL)
		memcpy(n->s_public, start->s_public, NOISE_KEY);
	else
		seal_exchange_public(n->s, n->s_public);
	mix_hash(n, start->prologue);
}

/* ES is "initiator's ephemeral, responder's static", whoever computes it. */
static enum mesh_err
mix_shared(struct noise *n, enum noise_token token)
{
	bool first = n->role == NOISE_INITIATOR;
	bool our_e = token == NOISE_EE || (token == NOISE_ES) == first;
	bool their_e = token == NOISE_EE || (token == NOISE_SE) == first;
	uint8_t shared[NOISE_KEY];

	if (!seal_exchange(our_e ? n->e : n->s, their_e ? n->re : n->rs, shared))
		return MESH_DENIED;
	mix_key(n, bytes_view(shared, sizeof shared));
	seal_wipe(shared, sizeof shared);
	return MESH_OK;
}

static void
mix_ephemeral(struct noise *n, const uint8_t public_key[static NOISE_KEY])
{
	mix_hash(n, bytes_view(public_key, NOISE_KEY));
	if (n->pattern->uses_psk)
		mix_key(n, bytes_view(public_key, NOISE_KEY));
}

static enum mesh_err
write_token(struct noise *n, enum noise_token token, struct bytes_out *out)
{
	switch (token) {
	case NOISE_E: /* not earlier: a refused HS1 must cost no curve operation */
		seal_exchange_public(n->e, n->e_public);
		bytes_put(out, n->e_public, NOISE_KEY);
		mix_ephemeral(n, n->e_public);
		return MESH_OK;
	case NOISE_S:
		encrypt_and_hash(n, bytes_view(n->s_public, NOISE_KEY), out);
		return MESH_OK;
	case NOISE_PSK:
		mix_key_and_hash(n, bytes_view(n->psk, NOISE_KEY));
		return MESH_OK;
	case NOISE_EE:
	case NOISE_ES:
	case NOISE_SE:
		return mix_shared(n, token);
	case NOISE_END:
		break;
	}
	return MESH_OK;
}

static enum mesh_err
read_token(struct noise *n, enum noise_token token, struct bytes_in *in)
{
	struct bytes_view taken;
	struct bytes_out key;

	switch (token) {
	case NOISE_E:
		taken = bytes_take(in, NOISE_KEY);
		if (in->failed)
			return MESH_TRUNCATED;
		memcpy(n->re, taken.ptr, NOISE_KEY);
		mix_ephemeral(n, n->re);
		return MESH_OK;
	case NOISE_S:
		taken = bytes_take(in, NOISE_KEY + (n->has_key ? NOISE_TAG : 0));
		if (in->failed)
			return MESH_TRUNCATED;
		key = bytes_out(n->rs, NOISE_KEY);
		return decrypt_and_hash(n, taken, &key);
	case NOISE_PSK:
	case NOISE_EE:
	case NOISE_ES:
	case NOISE_SE:
	case NOISE_END:
		break;
	}
	return write_token(n, token, NULL); /* these put nothing on the wire */
}

static bool
our_turn(const struct noise *n)
{
	return (n->step % 2 == 0) == (n->role == NOISE_INITIATOR);
}

enum mesh_err
noise_write(struct noise *n, struct bytes_view payload, struct bytes_out *out)
{
	assert(!noise_is_done(n) && our_turn(n));
	const uint8_t *token = n->pattern->tokens[n->step];
	for (; *token != NOISE_END; token++) {
		enum mesh_err err = write_token(n, (enum noise_token) * token, out);
		if (err != MESH_OK)
			return err;
	}
	encrypt_and_hash(n, payload, out);
	n->step++;
	return out->failed ? MESH_FULL : MESH_OK;
}

enum mesh_err
noise_read(struct noise *n, struct bytes_view message, struct bytes_out *payload)
{
	struct bytes_in in = bytes_in(message);

	assert(!noise_is_done(n) && !our_turn(n));
	const uint8_t *token = n->pattern->tokens[n->step];
	for (; *token != NOISE_END; token++) {
		enum mesh_err err = read_token(n, (enum noise_token) * token, &in);
		if (err != MESH_OK)
			return err;
	}
	n->step++;
	return decrypt_and_hash(n, bytes_take(&in, in.left), payload);
}

bool
noise_is_done(const struct noise *n)
{
	return n->step == LENGTH(n->pattern->tokens);
}

void
noise_split(const struct noise *n, uint8_t send[static NOISE_KEY],
    uint8_t receive[static NOISE_KEY])
{
	uint8_t out[HKDF_MAX][NOISE_HASH];
	bool first = n->role == NOISE_INITIATOR;

	assert(noise_is_done(n));
	hkdf(n, bytes_view(NULL, 0), 2, out);
	memcpy(send, out[first ? 0 : 1], NOISE_KEY);
	memcpy(receive, out[first ? 1 : 0], NOISE_KEY);
	seal_wipe(out, sizeof out);
}

void
noise_wipe(struct noise *n)
{
	seal_wipe(n, sizeof *n);
}
