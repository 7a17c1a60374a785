#include "id.h"
#include "inspect.h"
#include "mt_crypto.h"
#include "mt_driver.h"
#include "mt_key_file.h"
#include "radio_counters.h"
#include "text.h"

enum { MY_INFO = 3, NODE_INFO = 4, CONFIG = 5, CHANNEL = 10 };
static uint8_t block[16384];
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

/* The radio hands a packet on as it came from the air. */
static void
say_sealed(json_t *o)
{
	uint8_t room[512];
	struct bytes_out out = bytes_out(room, sizeof room);
	mt_put_packet(&out, mt_crypto_number(o, "from"), mt_crypto_number(o, "to"),
	    mt_crypto_number(o, "id"), mt_crypto_number(o, "channel_hash"),
	    bytes_of(o, "encrypted"));
	say_member(2, bytes_written(&out));
}

/* NodeInfo{num, user{public_key}} */
static void
say_node(uint32_t node, struct bytes_view public_key)
{
	uint8_t user_room[64], room[128];
	struct bytes_out user = bytes_out(user_room, sizeof user_room);
	struct bytes_out out = bytes_out(room, sizeof room);
	mt_put_bytes(&user, 8, public_key);
	mt_put_number(&out, 1, node);
	mt_put_bytes(&out, 2, bytes_written(&user));
	say_member(NODE_INFO, bytes_written(&out));
}

static void
say_me(uint32_t node)
{
	uint8_t room[8];
	struct bytes_out out = bytes_out(room, sizeof room);
	mt_put_number(&out, 1, node);
	say_member(MY_INFO, bytes_written(&out));
}

/* The last bytes of the open packet are the Data message. */
static void
expect_open(json_t *o, const char *where)
{
	struct bytes_view plain = bytes_of(o, "plaintext_hex");
	struct mt_packet p;
	ck_assert_msg(next_of(RADIO_RECEPTION), "%s: no reception", where);
	const struct radio_reception *r = &event.reception;
	ck_assert_msg((r->via & VIA_DECRYPTED) != 0, "%s: stays shut", where);
	ck_assert_uint_ge(r->raw.len, plain.len);
	ck_assert(bytes_equal(
	    bytes_view(r->raw.ptr + r->raw.len - plain.len, plain.len), plain));
	ck_assert(mt_packet_read(r->raw, &p));
	ck_assert_uint_eq(p.has & MT_HAS_ENCRYPTED, 0);
	ck_assert_uint_eq(r->type, p.port);
	ck_assert_uint_eq(p.channel, mt_crypto_number(o, "channel_hash"));
	ck_assert_uint_eq(p.hop_limit, 2);
	ck_assert(p.pki_encrypted == mt_crypto_is_direct(o));
	ck_assert_uint_eq(id_number(&r->from), mt_crypto_number(o, "from"));
}

START_TEST(given_keys_open_what_the_radio_could_not)
{
	size_t i, count = 0;
	json_t *o;
	json_array_foreach(mt_crypto("packets"), i, o)
	{
		arena_reset(&arena);
		bool direct = mt_crypto_is_direct(o);
		mt_driver_start(mt_crypto_lines(
		    direct ? bytes_of(o, "receiver_private") : bytes_view(NULL, 0)));
		uint32_t nonce = ask();
		say_me(direct ? mt_crypto_number(o, "to") : 99);
		if (direct)
			say_node(
			    mt_crypto_number(o, "from"), bytes_of(o, "sender_public"));
		complete(nonce);
		ck_assert(next_of(RADIO_READY));
		say_sealed(o);
		expect_open(o, json_string_value(json_object_get(o, "session")));
		count++;
		ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_OPENED), 1);
		ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_SHUT), 0);
	}
	ck_assert_uint_ge(count, 80);
}

/* The first of its kind that node `other` did not send. */
static json_t *
packet_of(bool direct, uint32_t other)
{
	size_t i;
	json_t *o;
	json_array_foreach(
	    mt_crypto("packets"), i, o) if (mt_crypto_is_direct(o) == direct &&
	    mt_crypto_number(o, "from") != other) return o;
	ck_abort_msg("no such packet");
	return NULL;
}

/* Another one between the same two; a number comes once. */
static json_t *
next_between_them(json_t *one)
{
	size_t i;
	json_t *o;
	json_array_foreach(mt_crypto("packets"), i, o)
	{
		bool same = mt_crypto_is_direct(o) &&
		    mt_crypto_number(o, "from") == mt_crypto_number(one, "from") &&
		    mt_crypto_number(o, "to") == mt_crypto_number(one, "to");
		if (same && mt_crypto_number(o, "id") != mt_crypto_number(one, "id"))
			return o;
	}
	ck_abort_msg("no second packet");
	return NULL;
}

START_TEST(without_a_key_it_is_handed_on_as_it_came)
{
	json_t *o = packet_of(false, 16);
	mt_driver_start(text(""));
	become_ready();
	say_sealed(o);
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.via & VIA_DECRYPTED, 0);
	ck_assert_uint_eq(event.reception.type, 0);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_SHUT), 1);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_OPENED), 0);
}
START_TEST(the_radios_own_channels_and_secret_are_keys_too)
{
	json_t *direct = packet_of(true, 0);
	json_t *o = packet_of(false, mt_crypto_number(direct, "to"));
	uint8_t room[128], inner[64];
	struct bytes_out security = bytes_out(inner, sizeof inner);
	struct bytes_out out = bytes_out(room, sizeof room);
	mt_driver_start(text(""));
	uint32_t nonce = ask();
	say_me(mt_crypto_number(direct, "to"));
	say_node(mt_crypto_number(direct, "from"), bytes_of(direct, "sender_public"));
	/* Channel{settings{psk 01}, role PRIMARY}; no name: the modem's preset. */
	say_member(CHANNEL,
	    hex("1203120101"
		"1801"));
	say_member(CONFIG, hex("32020801")); /* lora{use_preset} */
	mt_put_bytes(&security, 2, bytes_of(direct, "receiver_private"));
	mt_put_bytes(&out, 8, bytes_written(&security));
	say_member(CONFIG, bytes_written(&out));
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
	say_sealed(direct);
	expect_open(direct, "direct");
	say_sealed(o);
	expect_open(o, "channel");
}
START_TEST(a_public_key_is_learnt_from_its_nodes_own_words)
{
	json_t *o = packet_of(true, 0);
	uint8_t room[160], data_room[96], user_room[64];
	struct bytes_out user = bytes_out(user_room, sizeof user_room);
	struct bytes_out data = bytes_out(data_room, sizeof data_room);
	struct bytes_out packet = bytes_out(room, sizeof room);
	mt_driver_start(mt_crypto_lines(bytes_of(o, "receiver_private")));
	uint32_t nonce = ask();
	say_me(mt_crypto_number(o, "to"));
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
	say_sealed(o);
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.via & VIA_DECRYPTED, 0);
	mt_put_bytes(&user, 8, bytes_of(o, "sender_public"));
	mt_put_number(&data, 1, MT_PORT_NODEINFO);
	mt_put_bytes(&data, 2, bytes_written(&user));
	mt_put_fixed(&packet, 1, mt_crypto_number(o, "from"));
	mt_put_fixed(&packet, 2, MT_BROADCAST);
	mt_put_bytes(&packet, 4, bytes_written(&data));
	mt_put_fixed(&packet, 6, 4711);
	say_member(2, bytes_written(&packet));
	ck_assert(next_of(RADIO_RECEPTION));
	o = next_between_them(o);
	say_sealed(o);
	expect_open(o, "after its node told");
}
START_TEST(a_keys_file_is_refused_by_line)
{
	static const struct {
		const char *file, *wrong;
	} rows[] = { { "", "" }, { "# nothing\n\n   \n", "" },
		{ "channel LongFast AQ==", "" },
		{ "channel LongFast AQ==\r\nchannel  two AQI=\n", "" },
		{ "chanel LongFast AQ==", "line 1: wanted: channel or secret" },
		{ "\nchannel LongFast", "line 2: wanted: channel NAME BASE64" },
		{ "channel LongFast AQ== more", "line 1: wanted: channel NAME BASE64" },
		{ "channel twelve-bytes AQ==",
		    "line 1: a channel's name has at most 11 bytes" },
		{ "channel a A*==", "line 1: the key is not base64 of 1 to 32 bytes" },
		{ "channel a AA==", "line 1: this key means no encryption" },
		{ "secret AQ==", "line 1: the secret is not base64 of 32 bytes" },
		{ "secret", "line 1: wanted: secret BASE64" },
		{ "secret AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
		  "secret AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
		    "line 2: a second secret" } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char room[128];
		struct bytes_out wrong = bytes_out(room, sizeof room);
		struct mt_keys keys = { 0 };
		bool sound = mt_key_file_read(text(rows[i].file), &keys, &wrong);
		ck_assert_str_eq(text_end(&wrong), rows[i].wrong);
		ck_assert(sound == (rows[i].wrong[0] == '\0'));
	}
}
CHECK_MODULE(mt_opening, setup, given_keys_open_what_the_radio_could_not,
    without_a_key_it_is_handed_on_as_it_came,
    the_radios_own_channels_and_secret_are_keys_too,
    a_public_key_is_learnt_from_its_nodes_own_words, a_keys_file_is_refused_by_line)
