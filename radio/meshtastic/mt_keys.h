/* mt_keys.h - keys of Meshtastic channels and nodes, and the packets they open.
 *
 * A packet names its channel by a hash of eight bits: every key with that hash is
 * tried, and what comes out counts only if it is a Data message through and through,
 * for the counter mode of channels proves nothing.  A direct message (hash 0) is sealed
 * between two nodes' keys and proves itself.  Source: the Meshtastic firmware's crypto
 * engine. Floor 2.  Pure. */
#ifndef RADIO_MT_KEYS_H
#define RADIO_MT_KEYS_H
#include "arena.h"
#include "mt_codec.h"

enum {
	MT_KEY_MAX = 32,
	MT_NODE_KEY = 32,     /* X25519, both halves */
	MT_CHANNELS_MAX = 40, /* 8 of the radio, 32 of the configuration */
	MT_DATA_MAX = 512,
	MT_OPEN_ROOM = 32768,
	MT_DIRECT_EXTRA = 12 /* a tag and a random number behind the ciphertext */
};
struct mt_channel_key {
	uint8_t hash, len, key[MT_KEY_MAX]; /* len 16 or 32 */
	int index;                          /* the radio's own channel; -1: not */
};
struct mt_keys { /* zero is valid: nothing opens */
	struct mt_channel_key channels[MT_CHANNELS_MAX];
	size_t count;
	bool has_secret;
	uint8_t secret[MT_NODE_KEY]; /* of the node that the radio is */
};
struct mt_opened {
	struct bytes_view data; /* a Data message, in `into` */
	int index;              /* as in the key; -1 for a direct message, too */
	bool direct;
};

/* A psk as it stands in the settings of a channel: 1 byte counts from the default key,
 * short ones are padded.  False: no encryption (none, or 0), or longer than a key. */
bool mt_key_expand(struct bytes_view psk, struct mt_channel_key *out);
/* The hash that packets carry. */
uint8_t mt_key_hash(struct text_view channel_name, const struct mt_channel_key *key);
/* False: no key in it, or full. */
bool mt_keys_add(
    struct mt_keys *k, struct text_view channel_name, struct bytes_view psk, int index);
/* The radio's own channels go; what the configuration gave stays. */
void mt_keys_forget_own(struct mt_keys *k);
/* Open a packet that has MT_HAS_ENCRYPTED.  `peer`: the public key of the other node,
 * if known.  False: no key opens it, or `into` (MT_OPEN_ROOM is plenty) is used up. */
bool mt_keys_open(const struct mt_keys *k, const struct mt_packet *p,
    const uint8_t *peer, struct arena *into, struct mt_opened *out);
/* For devices: `data` as the ether carries it.  Returns its length. */
size_t mt_keys_seal_channel(const struct mt_channel_key *key, const struct mt_packet *p,
    struct bytes_view data, uint8_t *room);
/* 0: `peer` is no key. */
size_t mt_keys_seal_direct(const uint8_t secret[MT_NODE_KEY],
    const uint8_t peer[MT_NODE_KEY], uint32_t extra, const struct mt_packet *p,
    struct bytes_view data, uint8_t *room);
/* Is it what a sender could have meant: known fields, a port, a payload that is what
 * the port says?  Nothing is kept of the scratch. */
bool mt_data_is_sound(struct bytes_view data, struct arena scratch);
#endif
