#include "aes.h"
#include "mt_crypto.h"
#include "mt_keys.h"
#include "text.h"

static uint8_t block[MT_OPEN_ROOM];
static struct arena arena;

static void
setup(void)
{
	arena = arena_init(block, sizeof block);
}

static struct bytes_view
bytes_of(json_t *o, const char *key)
{
	return mt_crypto_bytes(o, key, &arena);
}

static struct text_view
text_of(json_t *object, const char *key)
{
	return text(json_string_value(json_object_get(object, key)));
}

static struct mt_packet
packet_of(json_t *o)
{
	return (struct mt_packet){ .from = mt_crypto_number(o, "from"),
		.to = mt_crypto_number(o, "to"),
		.id = mt_crypto_number(o, "id"),
		.channel = mt_crypto_number(o, "channel_hash"),
		.has = MT_HAS_ENCRYPTED,
		.payload = bytes_of(o, "encrypted") };
}

/* All channels of the recordings, and the receiver's secret. */
static struct mt_keys
keys_for(json_t *packet)
{
	struct mt_keys k = { 0 };
	size_t i;
	json_t *c;
	json_array_foreach(mt_crypto("channels"), i, c)
	    ck_assert(mt_keys_add(&k, text_of(c, "name"), bytes_of(c, "psk"), (int)i));
	if (mt_crypto_is_direct(packet)) {
		memcpy(k.secret, bytes_of(packet, "receiver_private").ptr, MT_NODE_KEY);
		k.has_secret = true;
	}
	return k;
}

START_TEST(a_setting_becomes_the_key_and_hash_that_the_firmware_uses)
{
	size_t i;
	json_t *c;
	json_array_foreach(mt_crypto("channels"), i, c)
	{
		struct mt_channel_key key;
		ck_assert(mt_key_expand(bytes_of(c, "psk"), &key));
		ck_assert(
		    bytes_equal(bytes_view(key.key, key.len), bytes_of(c, "key")));
		ck_assert_uint_eq(
		    mt_key_hash(text_of(c, "name"), &key), mt_crypto_number(c, "hash"));
	}
	ck_assert_uint_ge(i, 4);
}
START_TEST(short_settings_are_padded_and_impossible_ones_refused)
{
	static const struct {
		const char *psk;
		uint8_t len;
	} rows[] = { { "", 0 }, { "00", 0 }, { "01", 16 }, { "0102", 16 },
		{ "0102030405060708090a0b0c0d0e0f", 16 },
		{ "0102030405060708090a0b0c0d0e0f1011", 32 },
		{ "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60",
		    0 } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct mt_channel_key key;
		ck_assert(mt_key_expand(hex(rows[i].psk), &key) == (rows[i].len > 0));
		ck_assert_uint_eq(key.len, rows[i].len);
	}
}
START_TEST(every_recorded_packet_opens_to_what_the_firmware_sealed)
{
	size_t i;
	json_t *o;
	json_array_foreach(mt_crypto("packets"), i, o)
	{
		arena_reset(&arena);
		struct mt_keys k = keys_for(o);
		struct mt_packet p = packet_of(o);
		const uint8_t *peer = mt_crypto_is_direct(o)
		    ? bytes_of(o, "sender_public").ptr
		    : NULL;
		struct mt_opened opened;
		ck_assert_msg(mt_keys_open(&k, &p, peer, &arena, &opened),
		    "packet %zu stays shut", i);
		ck_assert(bytes_equal(opened.data, bytes_of(o, "plaintext_hex")));
		ck_assert(opened.direct == mt_crypto_is_direct(o));
		ck_assert((opened.index < 0) == mt_crypto_is_direct(o));
	}
	ck_assert_uint_ge(i, 80);
}
static void
seal(json_t *o, const struct mt_packet *p, uint8_t *room, size_t *len)
{
	struct bytes_view data = bytes_of(o, "plaintext_hex");
	uint32_t extra = 0;
	struct mt_channel_key key;
	if (!mt_crypto_is_direct(o)) {
		ck_assert(mt_key_expand(bytes_of(o, "key"), &key));
		*len = mt_keys_seal_channel(&key, p, data, room);
		return;
	}
	for (size_t i = 4; i-- > 0;)
		extra = extra << 8 | bytes_of(o, "extra_nonce").ptr[i];
	/* The other half of the same secret: the receiver's key and the sender's. */
	*len = mt_keys_seal_direct(bytes_of(o, "receiver_private").ptr,
	    bytes_of(o, "sender_public").ptr, extra, p, data, room);
}
START_TEST(sealing_gives_the_bytes_of_the_firmware)
{
	size_t i;
	json_t *o;
	json_array_foreach(mt_crypto("packets"), i, o)
	{
		arena_reset(&arena);
		uint8_t room[MT_DATA_MAX + MT_DIRECT_EXTRA];
		size_t len;
		struct mt_packet p = packet_of(o);
		seal(o, &p, room, &len);
		ck_assert(bytes_equal(bytes_view(room, len), p.payload));
	}
}
START_TEST(a_direct_message_with_one_bit_changed_stays_shut)
{
	size_t i;
	json_t *o;
	json_array_foreach(mt_crypto("packets"), i, o)
	{
		arena_reset(&arena);
		struct mt_keys k = keys_for(o);
		struct mt_packet p = packet_of(o);
		struct mt_opened opened;
		if (!mt_crypto_is_direct(o))
			continue;
		const uint8_t *peer = bytes_of(o, "sender_public").ptr;
		uint8_t *bytes = arena_take(&arena, p.payload.len, 1);
		for (size_t bit = 0; bit < 8 * p.payload.len; bit++) {
			struct arena scratch = arena;
			memcpy(bytes, p.payload.ptr, p.payload.len);
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			struct mt_packet bad = p;
			bad.payload.ptr = bytes;
			ck_assert(!mt_keys_open(&k, &bad, peer, &scratch, &opened));
		}
		ck_assert(!mt_keys_open(&k, &p, NULL, &arena, &opened));
		p.from ^= 1;
		ck_assert(!mt_keys_open(&k, &p, peer, &arena, &opened));
	}
}
START_TEST(no_recorded_packet_opens_with_another_channels_key)
{
	/* The hash would have refused it; here every key claims it. */
	size_t i, opened_count = 0;
	json_t *o;
	json_array_foreach(mt_crypto("packets"), i, o)
	{
		arena_reset(&arena);
		struct mt_packet p = packet_of(o);
		struct mt_opened opened;
		struct mt_keys k = { 0 };
		for (unsigned n = 0; n < 32; n++) {
			uint8_t key[32];
			memset(key, (int)n + 1, sizeof key);
			ck_assert(mt_keys_add(
			    &k, text("other"), bytes_view(key, sizeof key), -1));
			k.channels[n].hash = (uint8_t)p.channel;
		}
		opened_count += mt_keys_open(&k, &p, NULL, &arena, &opened);
	}
	ck_assert_uint_eq(opened_count, 0); /* of about 2600 tries */
}
START_TEST(a_point_that_everybody_shares_seals_nothing)
{
	uint8_t zero[MT_NODE_KEY] = { 0 }, secret[MT_NODE_KEY], room[64];
	struct mt_packet p = { .from = 1, .to = 2, .id = 3 };
	memset(secret, 7, sizeof secret);
	ck_assert_uint_eq(
	    mt_keys_seal_direct(secret, zero, 1, &p, hex("0801"), room), 0);
}
START_TEST(own_channels_go_and_configured_ones_stay)
{
	struct mt_keys k = { 0 };
	ck_assert(mt_keys_add(&k, text("own"), hex("01"), 0));
	ck_assert(mt_keys_add(&k, text("given"), hex("02"), -1));
	ck_assert(mt_keys_add(&k, text("own too"), hex("03"), 5));
	mt_keys_forget_own(&k);
	ck_assert_uint_eq(k.count, 1);
	ck_assert_uint_eq(k.channels[0].key[15], 2);
	while (k.count < MT_CHANNELS_MAX)
		ck_assert(mt_keys_add(&k, text("more"), hex("01"), -1));
	ck_assert(!mt_keys_add(&k, text("too many"), hex("01"), -1));
}
START_TEST(only_a_message_that_could_be_meant_is_sound)
{
	static const struct {
		const char *data;
		bool sound;
	} rows[] = { { "0801120568656c6c6f4801", true }, /* text "hello" */
		{ "0800120568656c6c6f", false },         /* no port */
		{ "120568656c6c6f", false }, { "", false },
		{ "08011202c328", false }, /* text that is no UTF-8 */
		{ "080112", false },       /* cut */
		{ "0801120568656c6c6f58", false }, { "08ff7f1200", false },
		{ "0d01000000120568656c6c6f", false }, /* the port as fixed32 */
		{ "080312020d01", false },             /* half a position */
		{ "08801012020d01", false },           /* a port above 511 */
		{ "08800212020d01", true } };          /* a private port: anything */
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_msg(
		    mt_data_is_sound(hex(rows[i].data), arena) == rows[i].sound,
		    "row %zu", i);
}
CHECK_MODULE(mt_keys, setup, a_setting_becomes_the_key_and_hash_that_the_firmware_uses,
    short_settings_are_padded_and_impossible_ones_refused,
    every_recorded_packet_opens_to_what_the_firmware_sealed,
    sealing_gives_the_bytes_of_the_firmware,
    a_direct_message_with_one_bit_changed_stays_shut,
    no_recorded_packet_opens_with_another_channels_key,
    a_point_that_everybody_shares_seals_nothing,
    own_channels_go_and_configured_ones_stay,
    only_a_message_that_could_be_meant_is_sound)
