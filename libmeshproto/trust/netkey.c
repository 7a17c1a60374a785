#include "netkey.h"
#include "bytes.h"
#include "seal.h"

void
netkey_derive(const uint8_t key[static 32], struct netkey *out)
{
	uint8_t hint[SEAL_KEY];

	seal_kdf(key, "meshd1 hint", hint);
	memcpy(out->hint, hint, sizeof out->hint);
	seal_kdf(key, "meshd1 hs", out->hs);
	seal_kdf(key, "meshd1 beacon", out->beacon);
	seal_kdf(key, "meshd1 cookie", out->cookie);
}

void
netkey_wipe(struct netkey *k)
{
	seal_wipe(k, sizeof *k);
}

void
netkey_name_network(struct mesh_network *n)
{
	uint8_t hash[SEAL_HASH];
	const struct bytes_view parts[] = {
		bytes_view("meshd1 net", strlen("meshd1 net")),
		bytes_view(n->founder.bytes, sizeof n->founder.bytes),
		bytes_view(n->salt, sizeof n->salt),
	};

	seal_hash_parts(parts, LENGTH(parts), hash);
	memcpy(n->id, hash, sizeof n->id);
}

void
mesh_network_of(const struct mesh_key *founder, const uint8_t random48[static 48],
    bool demo, struct mesh_network *out)
{
	*out = (struct mesh_network){ .founder = *founder, .demo = demo };
	memcpy(out->salt, random48, sizeof out->salt);
	memcpy(out->key, random48 + sizeof out->salt, sizeof out->key);
	netkey_name_network(out);
}

/* --- one key after the other --- */

enum { LINGER_MS = 7 * 24 * 60 * 60 * 1000 };

static bool
is_key(const uint8_t a[static 32], const uint8_t b[static 32])
{
	return seal_equal(a, b, 32);
}

bool
mesh_network_offer(
    struct mesh_network *n, const uint8_t key[static 32], uint64_t use_after_ms)
{
	if (is_key(n->key, key) ||
	    (n->has_next && is_key(n->next, key) && n->next_after_ms == use_after_ms))
		return false;
	memcpy(n->next, key, sizeof n->next);
	n->next_after_ms = use_after_ms;
	n->has_next = true;
	return true;
}

bool
mesh_network_turn(struct mesh_network *n, unix_ms now)
{
	if (!n->has_next)
		return false;
	memcpy(n->previous, n->key, sizeof n->previous);
	memcpy(n->key, n->next, sizeof n->key);
	seal_wipe(n->next, sizeof n->next);
	n->has_previous = true;
	n->has_next = false;
	n->previous_until_ms = now > 0 ? (uint64_t)now + LINGER_MS : 0;
	return true;
}

bool
mesh_network_forget(struct mesh_network *n, unix_ms now)
{
	if (!n->has_previous || now <= 0)
		return false;
	if (n->previous_until_ms == 0) { /* there was no clock when it turned */
		n->previous_until_ms = (uint64_t)now + LINGER_MS;
		return true;
	}
	if ((uint64_t)now < n->previous_until_ms)
		return false;
	seal_wipe(n->previous, sizeof n->previous);
	n->has_previous = false;
	return true;
}

void
keyring_of(const struct mesh_network *n, struct keyring *out)
{
	const uint8_t *keys[NETKEY_SLOTS] = { n->key, n->previous, n->next };
	const bool has[NETKEY_SLOTS] = { true, n->has_previous, n->has_next };
	seal_wipe(out, sizeof *out);
	for (size_t i = 0; i < NETKEY_SLOTS; i++) {
		out->has[i] = has[i];
		if (has[i])
			netkey_derive(keys[i], &out->keys[i]);
	}
}

const struct netkey *
keyring_find(const struct keyring *r, const uint8_t hint[static 4])
{
	for (size_t i = 0; i < NETKEY_SLOTS; i++)
		if (r->has[i] && memcmp(r->keys[i].hint, hint, 4) == 0)
			return &r->keys[i];
	return NULL;
}
