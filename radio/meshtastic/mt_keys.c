#include "mt_keys.h"
#include "aes.h"
#include "text.h"
#include <nettle/curve25519.h>
#include <nettle/sha2.h>

static const uint8_t default_key[] = { 0xd4, 0xf1, 0xbb, 0x3a, 0x20, 0x29, 0x07, 0x59,
	0xf0, 0xbc, 0xff, 0xab, 0xcf, 0x4e, 0x69, 0x01 };

/* --- keys --- */

bool
mt_key_expand(struct bytes_view psk, struct mt_channel_key *out)
{
	enum { SHORT = 16 };
	*out = (struct mt_channel_key){ .index = -1 };
	if (psk.len == 0 || psk.len > MT_KEY_MAX || (psk.len == 1 && psk.ptr[0] == 0))
		return false;
	out->len = psk.len <= SHORT ? SHORT : MT_KEY_MAX;
	if (psk.len > 1) {
		memcpy(out->key, psk.ptr, psk.len);
		return true;
	}
	memcpy(out->key, default_key, sizeof default_key);
	out->key[SHORT - 1] = (uint8_t)(out->key[SHORT - 1] + psk.ptr[0] - 1);
	return true;
}

uint8_t
mt_key_hash(struct text_view channel_name, const struct mt_channel_key *key)
{
	uint8_t hash = 0;
	for (size_t i = 0; i < channel_name.len; i++)
		hash ^= (uint8_t)channel_name.ptr[i];
	for (size_t i = 0; i < key->len; i++)
		hash ^= key->key[i];
	return hash;
}

bool
mt_keys_add(
    struct mt_keys *k, struct text_view channel_name, struct bytes_view psk, int index)
{
	struct mt_channel_key key;
	if (k->count == MT_CHANNELS_MAX || !mt_key_expand(psk, &key))
		return false;
	key.hash = mt_key_hash(channel_name, &key);
	key.index = index;
	k->channels[k->count++] = key;
	return true;
}

void
mt_keys_forget_own(struct mt_keys *k)
{
	size_t kept = 0;
	for (size_t i = 0; i < k->count; i++)
		if (k->channels[i].index < 0)
			k->channels[kept++] = k->channels[i];
	k->count = kept;
}

/* --- what a key opens --- */

static bool
has_row(const struct protobuf_item *f)
{
	const struct protobuf_field *row = protobuf_row(&mt_data, f->number);
	return row != NULL && protobuf_wire_of(row->kind) == f->wire;
}

static bool
payload_fits(uint32_t port, struct bytes_view payload, struct arena scratch)
{
	struct tree_view tree;
	const struct protobuf_table *table = mt_payload_table(port);
	if (mt_port_is_text(port))
		return text_is_utf8(payload);
	return table == NULL ||
	    protobuf_decode(table, payload, &scratch, &tree) == MESH_OK;
}

bool
mt_data_is_sound(struct bytes_view data, struct arena scratch)
{
	enum { PORT_MAX = 511 };
	struct bytes_in in = bytes_in(data);
	struct protobuf_item f;
	struct bytes_view payload = { NULL, 0 };
	uint64_t port = 0;
	while (protobuf_next(&in, &f)) {
		if (!has_row(&f))
			return false;
		port = f.number == 1 ? f.value : port;
		payload = f.number == 2 ? f.bytes : payload;
	}
	return !in.failed && port > 0 && port <= PORT_MAX &&
	    payload_fits((uint32_t)port, payload, scratch);
}

static void
put_le(uint8_t *out, uint32_t value)
{
	for (size_t i = 0; i < sizeof value; i++)
		out[i] = (uint8_t)(value >> 8 * i);
}

/* The packet's number in 64 bits, its sender, and a counter of blocks. */
static void
channel_counter(const struct mt_packet *p, uint8_t out[AES_BLOCK_BYTES])
{
	enum { SENDER_AT = 8 };
	memset(out, 0, AES_BLOCK_BYTES);
	put_le(out, p->id);
	put_le(out + SENDER_AT, p->from);
}

static void
try_channel(const struct mt_channel_key *key, const struct mt_packet *p, uint8_t *room)
{
	uint8_t counter[AES_BLOCK_BYTES];
	channel_counter(p, counter);
	aes_ctr(bytes_view(key->key, key->len), counter, p->payload, room);
}

/* --- direct messages --- */

static void
direct_nonce(
    const struct mt_packet *p, const uint8_t extra[4], uint8_t out[AES_NONCE_BYTES])
{
	enum { EXTRA_AT = 4, SENDER_AT = 8 };
	memset(out, 0, AES_NONCE_BYTES);
	put_le(out, p->id);
	memcpy(out + EXTRA_AT, extra, 4);
	put_le(out + SENDER_AT, p->from);
}

/* False: `peer` is one of the few points that give everybody the same secret. */
static bool
direct_key(const uint8_t secret[MT_NODE_KEY], const uint8_t peer[MT_NODE_KEY],
    uint8_t out[MT_KEY_MAX])
{
	static const uint8_t nothing[MT_NODE_KEY];
	uint8_t shared[MT_NODE_KEY];
	struct sha256_ctx hash;
	curve25519_mul(shared, secret, peer);
	if (memcmp(shared, nothing, sizeof shared) == 0)
		return false;
	sha256_init(&hash);
	sha256_update(&hash, sizeof shared, shared);
	sha256_digest(&hash, MT_KEY_MAX, out);
	bytes_wipe(shared, sizeof shared);
	bytes_wipe(&hash, sizeof hash);
	return true;
}

static bool
open_direct(const struct mt_keys *k, const struct mt_packet *p, const uint8_t *peer,
    uint8_t *room)
{
	enum { EXTRA_BYTES = 4 };
	uint8_t key[MT_KEY_MAX], nonce[AES_NONCE_BYTES];
	bool may = k->has_secret && peer != NULL && p->channel == 0 &&
	    p->to != MT_BROADCAST && p->payload.len > MT_DIRECT_EXTRA;
	if (!may || !direct_key(k->secret, peer, key))
		return false;
	size_t len = p->payload.len - EXTRA_BYTES;
	direct_nonce(p, p->payload.ptr + len, nonce);
	bool open = aes_ccm_open(key, nonce, bytes_view(p->payload.ptr, len), room);
	bytes_wipe(key, sizeof key);
	return open;
}

bool
mt_keys_open(const struct mt_keys *k, const struct mt_packet *p, const uint8_t *peer,
    struct arena *into, struct mt_opened *out)
{
	*out = (struct mt_opened){ .index = -1 };
	if ((p->has & MT_HAS_ENCRYPTED) == 0 || p->payload.len > MT_DATA_MAX)
		return false;
	uint8_t *room = arena_take(into, p->payload.len, 1);
	if (room == NULL)
		return false;
	if (open_direct(k, p, peer, room)) {
		out->direct = true;
		out->data = bytes_view(room, p->payload.len - MT_DIRECT_EXTRA);
		return mt_data_is_sound(out->data, *into);
	}
	out->data = bytes_view(room, p->payload.len);
	for (size_t i = 0; i < k->count; i++) {
		if (k->channels[i].hash != p->channel)
			continue;
		try_channel(&k->channels[i], p, room);
		out->index = k->channels[i].index;
		if (mt_data_is_sound(out->data, *into))
			return true;
	}
	return false;
}

/* --- the other way --- */

size_t
mt_keys_seal_channel(const struct mt_channel_key *key, const struct mt_packet *p,
    struct bytes_view data, uint8_t *room)
{
	uint8_t counter[AES_BLOCK_BYTES];
	channel_counter(p, counter);
	aes_ctr(bytes_view(key->key, key->len), counter, data, room);
	return data.len;
}

size_t
mt_keys_seal_direct(const uint8_t secret[MT_NODE_KEY], const uint8_t peer[MT_NODE_KEY],
    uint32_t extra, const struct mt_packet *p, struct bytes_view data, uint8_t *room)
{
	uint8_t key[MT_KEY_MAX], nonce[AES_NONCE_BYTES], extra_bytes[4];
	if (!direct_key(secret, peer, key))
		return 0;
	put_le(extra_bytes, extra);
	direct_nonce(p, extra_bytes, nonce);
	aes_ccm_seal(key, nonce, data, room);
	bytes_wipe(key, sizeof key);
	memcpy(room + data.len + AES_TAG_BYTES, extra_bytes, sizeof extra_bytes);
	return data.len + MT_DIRECT_EXTRA;
}
