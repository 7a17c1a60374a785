/* What a radio hands its client for an MQTT broker: real radios', and what is none. */
#include "check_mesh.h"
#include "id.h"
#include "mt_driver.h"
#include "mt_envelope.h"
#include "mt_recording.h"
#include "radio_counters.h"

static void
start(bool hears)
{
	const struct radio_params params = { .seed = 7, .hears_proxy = hears };
	now = (struct mesh_now){ .ms = 1000, .unix_ms = 1700000000000 };
	if (radio != NULL)
		ops->destroy(radio);
	radio = ops->create(&params);
	ops->link_up(radio, now);
}

static void
setup(void)
{
	start(true);
}

static uint64_t
count(size_t counter)
{
	return ops->counter(radio, counter);
}

static void
check_sums(void)
{
	ck_assert_uint_eq(count(COUNT_PORT_ENVELOPES_SEEN),
	    count(COUNT_PORT_ENVELOPES_TAKEN) + count(COUNT_PORT_ENVELOPES_OFF) +
		count(COUNT_PORT_ENVELOPES_KNOWN) +
		count(COUNT_PORT_ENVELOPES_FOREIGN) +
		count(COUNT_PORT_ENVELOPES_MALFORMED));
	ck_assert_uint_eq(count(COUNT_PORT_PACKETS_SEEN),
	    count(COUNT_PORT_PACKETS_TAKEN) + count(COUNT_PORT_PACKETS_ARTEFACT) +
		count(COUNT_PORT_PACKETS_REPEATED) + count(COUNT_PORT_PACKETS_DROPPED));
}

/* --- recorded radios --- */

enum { HEARD_MAX = 8 };
static struct radio_reception heard[HEARD_MAX];
static size_t heard_count;

static void
collect(void)
{
	while (ops->next_event(radio, &event))
		if (event.kind == RADIO_RECEPTION &&
		    (event.reception.via & VIA_PROXY) != 0 && heard_count < HEARD_MAX)
			heard[heard_count++] = event.reception;
}

static bool
holds(const struct mt_chunk *chunk, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= chunk->len; i++)
		if (memcmp(chunk->ptr + i, word, len) == 0)
			return true;
	return false;
}

/* All that this radio said to its client; its configuration is over before the first
 * envelope. */
static void
play(const char *name)
{
	struct mt_recording r = mt_recording_read(name);
	uint32_t nonce = ask();
	bool complete_said = false;
	heard_count = 0;
	for (size_t i = 0; i < r.count; i++) {
		if (strcmp(r.chunks[i].from, "radio") != 0 || r.chunks[i].len == 0)
			continue;
		if (!complete_said && holds(&r.chunks[i], "msh/VEC/2/e")) {
			complete(nonce);
			complete_said = true;
		}
		ops->receive(radio, bytes_view(r.chunks[i].ptr, r.chunks[i].len), now);
		collect();
	}
	mt_recording_free(&r);
	check_sums();
}

static void
assert_trace(const struct radio_reception *r, uint32_t from, uint32_t to, float snr)
{
	ck_assert(id_number(&r->from) == from && id_number(&r->to) == to);
	ck_assert_uint_eq(r->type, MT_PORT_TRACEROUTE);
	ck_assert(r->snr == snr && r->hop_start == 3);
	ck_assert_uint_eq(r->via & (VIA_MQTT | VIA_UDP | VIA_ECHO), 0);
}

START_TEST(traces_between_others_are_heard)
{
	static const char *const names[] = { "mqtt_proxy_plain.b",
		"mqtt_proxy_encrypted.b" };
	for (size_t i = 0; i < LENGTH(names); i++) {
		start(true);
		play(names[i]);
		ck_assert_msg(heard_count == 2, "%s: %zu", names[i], heard_count);
		assert_trace(&heard[0], 18, 16, -11.25F);
		assert_trace(&heard[1], 16, 18, 6.25F);
		/* The radio's own key opens what it sealed for the broker. */
		ck_assert_uint_eq(
		    heard[0].via & VIA_DECRYPTED, i == 0 ? 0 : VIA_DECRYPTED);
		ck_assert_uint_eq(count(COUNT_PORT_ENVELOPES_TAKEN), 2);
		ck_assert_uint_eq(count(COUNT_PORT_ENVELOPES_KNOWN), 2);
	}
}
START_TEST(an_answer_to_another_gateway_is_heard)
{
	play("mqtt_proxy_downlink.b");
	ck_assert_uint_eq(heard_count, 1);
	ck_assert_uint_eq(id_number(&heard[0].to), 0x7702);
	ck_assert_uint_eq(heard[0].type, MT_PORT_ROUTING);
}
START_TEST(nobody_looks_into_them_unless_told_to)
{
	start(false);
	play("mqtt_proxy_plain.b");
	ck_assert_uint_eq(heard_count, 0);
	ck_assert_uint_eq(count(COUNT_PORT_ENVELOPES_OFF), 4);
}

/* --- what is no envelope --- */

static void
put(struct bytes_out *out, uint32_t number, struct bytes_view v)
{
	protobuf_put_key(out, number, WIRE_LEN);
	protobuf_put_varint(out, v.len);
	bytes_put_view(out, v);
}

/* An envelope in a message, as radio 16 hands it over; what is NULL is left out. */
static struct bytes_view
envelope(const char *packet, const char *channel, const char *gateway)
{
	static uint8_t block[512], inner_block[512];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct bytes_out inner = bytes_out(inner_block, sizeof inner_block);
	if (packet != NULL)
		put(&inner, 1, hex(packet));
	if (channel != NULL)
		put(&inner, 2, bytes_view(channel, strlen(channel)));
	if (gateway != NULL)
		put(&inner, 3, bytes_view(gateway, strlen(gateway)));
	put(&out, 1, bytes_view("msh/2/e/x", 9));
	put(&out, 2, bytes_written(&inner));
	return bytes_written(&out);
}

/* From 17 to 18, number 1, a text "hi". */
#define HEAD                                                                           \
	"0d110000001512000000350100"                                                   \
	"0000"
#define PACKET                                                                         \
	HEAD "220608011202686"                                                         \
	     "9"
#define OURS "!00000010"

START_TEST(what_is_no_envelope_is_counted)
{
	/* clang-format off */
	static const struct { const char *packet, *channel, *gateway; unsigned counter; const char *why; } rows[] = {
		{ PACKET, "LongFast", OURS, COUNT_PORT_ENVELOPES_TAKEN, "whole" },
		{ NULL, "LongFast", OURS, COUNT_PORT_ENVELOPES_MALFORMED, "no packet" },
		{ PACKET, NULL, OURS, COUNT_PORT_ENVELOPES_MALFORMED, "no channel" },
		{ PACKET, "LongFast", NULL, COUNT_PORT_ENVELOPES_MALFORMED, "no gateway" },
		{ HEAD "22060801120568", "LongFast", OURS, COUNT_PORT_ENVELOPES_MALFORMED, "contents that break off" },
		{ HEAD "ff", "LongFast", OURS, COUNT_PORT_ENVELOPES_MALFORMED, "a packet that breaks off" },
		{ PACKET, "LongFast", "!00000011", COUNT_PORT_ENVELOPES_FOREIGN, "another gateway" },
		{ PACKET, "LongFast", "00000010", COUNT_PORT_ENVELOPES_FOREIGN, "a gateway of another spelling" },
		{ "0d1100000015ffffffff3501000000" "2206080112026869", "LongFast", OURS, COUNT_PORT_ENVELOPES_KNOWN, "to everybody" },
		{ "0d11000000151000000035010000002206080112026869", "LongFast", OURS, COUNT_PORT_ENVELOPES_KNOWN, "to us" },
		{ "0d00000000151200000035010000002206080112026869", "LongFast", OURS, COUNT_PORT_PACKETS_ARTEFACT, "from nobody" },
		{ "0d11000000151200000022060801120268" "69", "LongFast", OURS, COUNT_PORT_PACKETS_ARTEFACT, "without a number" },
		{ HEAD "2206084512026869", "LongFast", OURS, COUNT_PORT_PACKETS_ARTEFACT, "of a simulated air" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		start(true);
		become_ready();
		say_member(FROM_MQTT,
		    envelope(rows[i].packet, rows[i].channel, rows[i].gateway));
		bool taken = rows[i].counter == COUNT_PORT_ENVELOPES_TAKEN;
		ck_assert_msg(next_of(RADIO_RECEPTION) == taken, "%s", rows[i].why);
		ck_assert_msg(count(rows[i].counter) == 1, "%s", rows[i].why);
		check_sums();
	}
}
START_TEST(a_text_for_the_broker_is_none)
{
	become_ready();
	say_member(FROM_MQTT,
	    hex("0a0178"
		"1a027b7d")); /* text "{}" */
	say_member(FROM_MQTT, hex(""));
	ck_assert(!next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(count(COUNT_PORT_ENVELOPES_MALFORMED), 2);
	check_sums();
}
START_TEST(the_same_twice_is_once)
{
	become_ready();
	say_member(FROM_MQTT, envelope(PACKET, "LongFast", OURS));
	say_member(FROM_MQTT, envelope(PACKET, "LongFast", OURS));
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.via, VIA_PROXY);
	ck_assert(!next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(count(COUNT_PORT_PACKETS_REPEATED), 1);
}
START_TEST(what_was_asked_for_here_is_no_news)
{
	const struct radio_request q = { .request = 1,
		.kind = REQUEST_TEXT,
		.to = { .kind = ID_MT_NODE, .len = 4, .bytes = { 0, 0, 0, 18 } },
		.packet = 1,
		.body = bytes_view("hi", 2) };
	static const char ours[] = "0d10000000151200000035010000002206080112026869";
	become_ready();
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_OK);
	say_member(FROM_MQTT, envelope(ours, "PKI", OURS));
	ck_assert(!next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(count(COUNT_PORT_ENVELOPES_KNOWN), 1);
	setup();
	become_ready();
	say_member(FROM_MQTT, envelope(ours, "PKI", OURS)); /* said at the radio */
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.via, VIA_PROXY | VIA_ECHO);
}
CHECK_MODULE(mt_envelope, setup, traces_between_others_are_heard,
    an_answer_to_another_gateway_is_heard, nobody_looks_into_them_unless_told_to,
    what_is_no_envelope_is_counted, a_text_for_the_broker_is_none,
    the_same_twice_is_once, what_was_asked_for_here_is_no_news)
