/* What we send, and what becomes of it, held to every recorded session that sends. */
#include "check_mesh.h"
#include "id.h"
#include "inspect.h"
#include "mt_codec.h"
#include "mt_delivery.h"
#include "mt_driver.h"
#include "mt_recording.h"
#include "mt_words.h"
#include "stream.h"
#include "text.h"

enum { SENT_MAX = 32, STORY = 16, FEW_PACKETS = 50, FEW_TEXTS = 25 };

static void
setup(void)
{
	mt_driver_start(text(""));
}

/* --- one text --- */

static const struct id seventeen = {
	.kind = ID_MT_NODE, .len = 4, .bytes = { 0, 0, 0, 17 }
};

static struct mt_packet
submitted(const struct radio_request *q)
{
	static uint8_t copy[STREAM_PAYLOAD_MAX];
	struct mt_packet p;
	ck_assert_int_eq(ops->submit(radio, q, now), MESH_OK);
	struct protobuf_item item = sent();
	ck_assert_uint_eq(item.number, 1);
	ck_assert_uint_le(item.bytes.len, sizeof copy);
	memcpy(copy, item.bytes.ptr, item.bytes.len);
	ck_assert(mt_packet_read(bytes_view(copy, item.bytes.len), &p));
	return p;
}

static void
say_queue(int32_t res, uint8_t free_places, uint32_t packet)
{
	uint8_t block[64];
	struct bytes_out out = bytes_out(block, sizeof block);
	protobuf_put_key(&out, 1, WIRE_VARINT);
	protobuf_put_varint(&out, (uint64_t)(int64_t)res);
	protobuf_put_key(&out, 2, WIRE_VARINT);
	protobuf_put_varint(&out, free_places);
	protobuf_put_key(&out, 4, WIRE_VARINT);
	protobuf_put_varint(&out, packet);
	say_member(11, bytes_written(&out));
}

static void
put_fixed(struct bytes_out *out, uint32_t number, uint32_t value)
{
	protobuf_put_key(out, number, WIRE_I32);
	for (unsigned i = 0; i < 32; i += 8)
		bytes_put_u8(out, (uint8_t)(value >> i));
}

/* A packet from `from` about ours: Routing with that error, or another port. */
static void
say_payload(uint32_t from, uint32_t packet, uint32_t port, struct bytes_view payload)
{
	uint8_t block[96], data_block[32];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct bytes_out data = bytes_out(data_block, sizeof data_block);
	protobuf_put_key(&data, 1, WIRE_VARINT);
	protobuf_put_varint(&data, port);
	protobuf_put_key(&data, 2, WIRE_LEN);
	protobuf_put_varint(&data, payload.len);
	bytes_put_view(&data, payload);
	put_fixed(&data, 6, packet);
	put_fixed(&out, 1, from);
	put_fixed(&out, 2, 16);
	protobuf_put_key(&out, 4, WIRE_LEN);
	protobuf_put_varint(&out, data.len);
	bytes_put_view(&out, bytes_written(&data));
	put_fixed(&out, 6, 77);
	say_member(2, bytes_written(&out));
}

static void
say_about(uint32_t from, uint32_t packet, uint32_t port, uint8_t error)
{
	const uint8_t payload[] = { 0x18, error };
	say_payload(from, packet, port, bytes_view(payload, sizeof payload));
}

/* One letter per SENT event of `request`: a accepted, h heard repeated, k acknowledged,
 * f failed, u nobody knows, r answered, l lost with its link, b turned away; e: our own
 * packet as a reception. */
static const char *
story(uint64_t request)
{
	static char told[STORY + 1];
	size_t len = 0;
	while (ops->next_event(radio, &event)) {
		if (event.kind == RADIO_RECEPTION &&
		    (event.reception.via & VIA_ECHO) != 0 &&
		    event.reception.type == MT_PORT_TEXT)
			told[len++] = 'e';
		if (event.kind == RADIO_SENT && event.request == request)
			told[len++] = event.reason == SENT_UNSURE
			    ? 'u'
			    : "ahkfrlb"[event.sent];
		ck_assert_uint_lt(len, STORY);
	}
	told[len] = '\0';
	return told;
}

START_TEST(our_own_text_is_a_reception_once_it_is_accepted)
{
	const struct radio_request q = { .request = 1,
		.kind = REQUEST_TEXT,
		.to = seventeen,
		.packet = 0x01020304,
		.channel = 2,
		.hop_limit = 4,
		.want_ack = 1,
		.reply = 9,
		.emoji = true,
		.body = bytes_view("\xf0\x9f\x91\x8d", 4) };
	struct mt_packet p, heard;
	become_ready();
	p = submitted(&q);
	ck_assert(p.to == 17 && p.id == 0x01020304 && p.channel == 2 && p.from == 0);
	ck_assert(p.reply_id == 9 && p.emoji == 1 && p.hop_limit == 4 && p.want_ack);
	ck_assert_str_eq(story(1), "");
	say_queue(0, 15, p.id);
	ck_assert(next_of(RADIO_RECEPTION));
	const struct radio_reception *r = &event.reception;
	ck_assert(mt_packet_read(r->raw, &heard));
	ck_assert(heard.from == 16 && heard.to == 17 && heard.id == p.id);
	ck_assert(heard.hop_start == 4 && heard.hop_limit == 4 && heard.emoji == 1);
	ck_assert(bytes_equal(heard.payload, q.body));
	ck_assert_uint_eq(r->via, VIA_ECHO);
	ck_assert_int_eq(r->claimed_ms / 1000, now.unix_ms / 1000);
	ck_assert_uint_eq(r->has >> RECEPTION_RSSI & 1, 0);
	ck_assert(next_of(RADIO_SENT));
	struct id ours = id_of_packet(ID_MT_PACKET, 16, p.id);
	ck_assert(event.sent == SENT_ACCEPTED && id_equal(&event.packet, &ours));
}
START_TEST(a_number_is_made_up_where_none_is_given)
{
	const struct radio_request q = { .kind = REQUEST_TEXT,
		.body = bytes_view("hi", 2) };
	become_ready();
	uint32_t first = submitted(&q).id, second = submitted(&q).id;
	ck_assert(first != 0 && second != 0 && first != second);
}
START_TEST(what_becomes_of_a_text_is_told_in_order)
{
	/* clang-format off */
	enum { QUEUED = 'q', REFUSED = 'x', OURS = 'o', THEIRS = 't', STRANGER = 's', ERROR = 'm', NAK = 'n', FORGED = 'z', REPLY = 'r', LATE = '+', DOWN = '-', AGAIN = '=', FULL = 'b' };
	static const struct { const char *says, *story, *why; } rows[] = {
		{ "q", "ea", "accepted" },
		{ "qq", "ea", "a second word of the queue says nothing new" },
		{ "qo", "eah", "a neighbour repeats it" },
		{ "qooo", "eah", "heard three times, told once" },
		{ "qot", "eahk", "the other end confirms" },
		{ "qt", "eak", "without a repeater" },
		{ "qttt", "eak", "confirmed three times, told once" },
		{ "t", "ek", "the confirmation overtakes the queue" },
		{ "x", "f", "refused" },
		{ "xm", "f", "refused by queue and router: told once" },
		{ "qm", "eaf", "nobody repeated it" },
		{ "qmt", "eafk", "confirmed after it was given up" },
		{ "qmttt", "eafk", "that, too, told once" },
		{ "qmm", "eaf", "failed once" },
		{ "+", "f", "no word of the queue" },
		{ "+q", "fea", "a late word of the queue" },
		{ "+t", "fek", "a late confirmation" },
		{ "q-", "ea", "the link is lost: the radio goes on" },
		{ "q-t", "eak", "and confirms over the next one" },
		{ "-", "l", "the link is lost before an answer" },
		{ "-t", "lek", "the radio had it, and says so over the next link" },
		{ "-q", "lea", "and its queue" },
		{ "-=q", "lea", "the second try is taken" },
		{ "-=+", "lu", "the second try is passed over: nobody knows" },
		{ "-=+t", "luek", "until the other end confirms" },
		{ "-+", "l", "what is lost does not fail by itself" },
		{ "b", "b", "its queue is full: not taken" },
		{ "b=q", "bea", "and taken later" },
		{ "+b", "f", "a late word of a full queue" },
		{ "-=b", "lb", "a full queue at the second try" },
		{ "-=b=+", "lbu", "the first may have been taken" },
		{ "qs", "ea", "nobody confirms for another" },
		{ "qzt", "eak", "nor refuses" },
		{ "qn", "eaf", "the other end may" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct radio_request q = { .request = i + 1,
			.kind = REQUEST_TEXT,
			.to = seventeen,
			.packet = 100,
			.want_ack = 1,
			.body = bytes_view("hi", 2) };
		char told[2 * STORY] = "";
		setup();
		become_ready();
		submitted(&q);
		for (const char *c = rows[i].says; *c != '\0'; c++) {
			if (*c == QUEUED)
				say_queue(0, 16, q.packet);
			if (*c == REFUSED)
				say_queue(39, 16, q.packet);
			if (*c == FULL)
				say_queue(32, 0, q.packet);
			if (*c == OURS || *c == THEIRS)
				say_about(*c == OURS ? 16 : 17, q.packet, 5, 0);
			if (*c == STRANGER)
				say_about(18, q.packet, 5, 0);
			if (*c == ERROR || *c == NAK || *c == FORGED)
				say_about(*c == ERROR ? 16
					: *c == NAK   ? 17
						      : 18,
				    q.packet, 5, 5);
			if (*c == AGAIN)
				submitted(&q);
			if (*c == LATE)
				wait_ms(MT_ACCEPT_MS);
			if (*c == DOWN)
				ops->link_down(radio, now);
			strcat(told, story(q.request));
			if (*c == DOWN) {
				ops->link_up(radio, now);
				become_ready();
			}
		}
		ck_assert_msg(strcmp(told, rows[i].story) == 0, "%s: %s, not %s",
		    rows[i].why, told, rows[i].story);
	}
}
START_TEST(what_a_queue_says_has_its_own_words)
{
	static const struct {
		int32_t res;
		uint8_t free;
		enum radio_sent sent;
		const char *words;
	} rows[] = { { 0, 15, SENT_ACCEPTED, NULL }, { 0, 0, SENT_ACCEPTED, NULL },
		{ 35, 16, SENT_ACCEPTED, NULL }, { 32, 0, SENT_BUSY, NULL },
		{ 32, 3, SENT_FAILED, "the radio's queue refused it" },
		{ 33, 16, SENT_FAILED, "the radio finds no transmitter" },
		{ 33, 0, SENT_FAILED, "the radio finds no transmitter" },
		{ 34, 16, SENT_FAILED, "the radio's transmitter is off" },
		{ 9, 16, SENT_FAILED, "DUTY_CYCLE_LIMIT" },
		{ 7, 0, SENT_FAILED, "TOO_LARGE" },
		{ 38, 16, SENT_FAILED, "RATE_LIMIT_EXCEEDED" },
		{ 39, 16, SENT_FAILED, "PKI_SEND_FAIL_PUBLIC_KEY" },
		{ 31, 16, SENT_FAILED, "an error without a name" },
		{ -1, 16, SENT_FAILED, "an error without a name" } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct radio_request q = { .request = 1,
			.kind = REQUEST_TEXT,
			.packet = 100,
			.body = bytes_view("hi", 2) };
		setup();
		become_ready();
		submitted(&q);
		say_queue(rows[i].res, rows[i].free, q.packet);
		ck_assert_msg(next_of(RADIO_SENT), "%d", rows[i].res);
		ck_assert_msg(event.sent == rows[i].sent, "%d", rows[i].res);
		if (rows[i].words == NULL)
			continue;
		const char *words = inspect_reason(NETWORK_MESHTASTIC, event.reason);
		ck_assert_msg(words != NULL && strcmp(words, rows[i].words) == 0,
		    "%d: %s", rows[i].res, words != NULL ? words : "none");
	}
}
START_TEST(no_number_that_is_said_is_taken_for_a_word_of_ours)
{
	static const int64_t numbers[] = { SENT_UNANSWERED, SENT_UNKNOWN, 0x8002, 200,
		0x10005, 0x100000005, INT32_MAX, INT64_MAX, -1 };
	for (size_t i = 0; i < 2 * LENGTH(numbers); i++) {
		int64_t number = numbers[i / 2];
		uint8_t block[16] = { 0x18 };
		struct bytes_out out = bytes_out(block + 1, sizeof block - 1);
		const struct radio_request q = { .request = 1,
			.kind = REQUEST_TEXT,
			.packet = 100,
			.body = bytes_view("hi", 2) };
		setup();
		become_ready();
		submitted(&q);
		protobuf_put_varint(&out, (uint64_t)number);
		if (i % 2 == 0)
			say_payload(16, q.packet, 5, bytes_view(block, out.len + 1));
		else
			say_queue((int32_t)number, 16, q.packet);
		ck_assert(next_of(RADIO_SENT));
		if (i % 2 != 0 && (int32_t)number == 5)
			continue; /* what a queue says has 32 bits */
		ck_assert_int_eq(event.sent, SENT_FAILED);
		ck_assert_msg(event.reason == SENT_UNKNOWN, "%lld: %u",
		    (long long)number, event.reason);
	}
}
START_TEST(a_question_ends_with_its_answer)
{
	/* clang-format off */
	static const struct { enum radio_request_kind kind; uint32_t port; const char *payload; } rows[] = {
		{ REQUEST_TRACE, MT_PORT_TRACEROUTE, "" },
		{ REQUEST_POSITION, MT_PORT_POSITION, "" },
		{ REQUEST_TELEMETRY, MT_PORT_TELEMETRY, "1200" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct radio_request q = { .request = 5,
			.kind = rows[i].kind,
			.to = seventeen,
			.packet = 0x100 };
		setup();
		become_ready();
		struct mt_packet p = submitted(&q);
		ck_assert(p.port == rows[i].port && p.want_response && p.to == 17);
		ck_assert(bytes_equal(p.payload, hex(rows[i].payload)));
		say_queue(0, 15, q.packet);
		say_about(16, q.packet, MT_PORT_ROUTING, 0);
		ck_assert_str_eq(story(5), "ah");
		say_about(17, q.packet, MT_PORT_ROUTING, 0);
		say_about(17, q.packet, MT_PORT_ROUTING, 0);
		ck_assert_str_eq(story(5), "k"); /* it has the question: once */
		wait_ms(MT_DELIVERY_MS - 1000);
		say_about(18, q.packet, rows[i].port, 0);
		ck_assert_str_eq(story(5), "");
		say_about(17, q.packet, rows[i].port, 0);
		ck_assert(next_of(RADIO_SENT));
		struct id answer = id_of_packet(ID_MT_PACKET, 17, 77);
		ck_assert(event.sent == SENT_ANSWERED);
		ck_assert(id_equal(&event.packet, &answer));
		say_about(17, q.packet, rows[i].port, 0);
		ck_assert_str_eq(story(5), "");
	}
}
START_TEST(what_the_radio_would_drop_is_refused_before)
{
	static uint8_t long_text[MT_PAYLOAD_MAX + 1];
	memset(long_text, 'a', sizeof long_text);
	/* clang-format off */
	const struct { struct radio_request q; size_t longest; } rows[] = {
		{ { .kind = REQUEST_TEXT }, 232 },
		{ { .kind = REQUEST_TEXT, .reply = 1 }, 227 },
		{ { .kind = REQUEST_TEXT, .reply = 1, .emoji = true }, 222 },
		{ { .kind = REQUEST_TEXT, .to = seventeen }, 220 },
		{ { .kind = REQUEST_TEXT, .to = seventeen, .reply = 1 }, 215 },
	}; /* clang-format on */
	become_ready();
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct radio_request q = rows[i].q;
		ck_assert_uint_eq(ops->text_max(&q), rows[i].longest);
		q.body = bytes_view(long_text, rows[i].longest + 1);
		ck_assert_int_eq(ops->submit(radio, &q, now), MESH_MALFORMED);
		q.body.len--;
		ck_assert_int_eq(ops->submit(radio, &q, now), MESH_OK);
		(void)sent();
	}
}
START_TEST(a_question_to_all_is_refused)
{
	become_ready();
	for (unsigned kind = 0; kind < REQUEST_KINDS + 2; kind++) {
		const struct radio_request q = { .kind = kind };
		if (kind == REQUEST_FRAME)
			continue; /* an empty frame is one */
		ck_assert_int_ne(ops->submit(radio, &q, now), MESH_OK);
	}
	ck_assert(!ops->next_bytes(radio, &bytes));
}
START_TEST(a_waypoint_says_all_that_is_known_of_it)
{
	/* clang-format off */
	static const struct { struct radio_waypoint w; const char *words, *payload, *why; } rows[] = {
		{ { .number = 42, .latitude = 482000000, .longitude = -164000000, .expire_s = 1,
		      .locked_to = 17, .icon = 0x1F4CD, .name_len = 3 }, "hutx",
		    "082a1580bcba1c1d008f39f62001281132036875743a017845cdf40100", "all of it" },
		{ { .number = 42, .name_len = 3 }, "hut", "082a15000000001d0000000032036875"
		    "74", "a place of zeros is one" },
		{ { .number = 42, .expire_s = WAYPOINT_GONE_S }, "", "082a15000000001d000000002001", "gone" },
		{ { .number = 0, .name_len = 3 }, "hut", NULL, "no number" },
		{ { .number = 1, .name_len = 4 }, "hut", NULL, "a name longer than its words" },
		{ { .number = 1, .name_len = 30 }, "123456789012345678901234567890", NULL, "too long a name" },
		{ { .number = 1, .name_len = 1 }, "x\xc3\x28", NULL, "a description that is no UTF-8" },
		{ { .number = 1, .name_len = 1, .latitude = 900000001 }, "x", NULL, "beyond the pole" },
		{ { .number = 1, .name_len = 1, .longitude = INT32_MIN }, "x", NULL, "beyond the date line" },
	}; /* clang-format on */
	become_ready();
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct radio_request q = { .kind = REQUEST_WAYPOINT,
			.packet = 0x200 + (uint32_t)i,
			.want_ack = 1,
			.body = bytes_view(rows[i].words, strlen(rows[i].words)),
			.waypoint = rows[i].w };
		if (rows[i].payload == NULL) {
			ck_assert_msg(ops->submit(radio, &q, now) == MESH_MALFORMED,
			    "%s", rows[i].why);
			continue;
		}
		struct mt_packet p = submitted(&q);
		ck_assert(p.port == MT_PORT_WAYPOINT && p.to == MT_BROADCAST);
		ck_assert_msg(
		    bytes_equal(p.payload, hex(rows[i].payload)), "%s", rows[i].why);
		ck_assert(!p.want_response && p.want_ack);
	}
}
START_TEST(the_longest_waypoint_still_fits)
{
	static uint8_t words[WAYPOINT_NAME_MAX + WAYPOINT_DESCRIPTION_MAX + 1];
	memset(words, 'w', sizeof words);
	struct radio_request q = { .kind = REQUEST_WAYPOINT,
		.to = seventeen,
		.body = bytes_view(words, sizeof words - 1),
		.waypoint = { UINT32_MAX, -900000000, -1800000000, UINT32_MAX,
		    UINT32_MAX, UINT32_MAX, WAYPOINT_NAME_MAX } };
	become_ready();
	ck_assert_uint_gt(submitted(&q).payload.len, sizeof words);
	q.body.len++;
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_MALFORMED);
}

/* A radio whose list says where it is, and whose first channel shares 13 bits of it. */
static void
become_placed(void)
{
	uint32_t nonce = ask();
	say(hex("1a040810"
		"5801"));
	say(hex("6a0c0a0a322e372e32362e353465"));
	/* 16, at 48.2 -16.4, 300 m; battery 101 */
	say(hex("221508101a0d0d80bcba1c15008f39f618ac02"
		"32020865"));
	say(hex("520812043a02080d1801")); /* channel 0 */
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
}

START_TEST(a_question_tells_of_us_what_the_channel_shares)
{
	struct radio_request q = {
		.kind = REQUEST_POSITION, .to = seventeen, .tells = true
	};
	become_ready();
	ck_assert_uint_eq(submitted(&q).payload.len, 0);
	q.kind = REQUEST_TELEMETRY;
	ck_assert(bytes_equal(submitted(&q).payload, hex("1200")));
	setup();
	become_placed();
	ck_assert(bytes_equal(submitted(&q).payload, hex("12020865")));
	q.kind = REQUEST_POSITION;
	struct mt_packet p = submitted(&q);
	ck_assert(bytes_equal(p.payload, hex("0d0000bc1c1500003cf618ac02b8010d")));
	q.channel = 1; /* shares no place */
	ck_assert_uint_eq(submitted(&q).payload.len, 0);
	q.channel = 0;
	q.tells = false;
	ck_assert_uint_eq(submitted(&q).payload.len, 0);
}
START_TEST(what_our_node_said_last_is_told)
{
	struct radio_request q = {
		.kind = REQUEST_TELEMETRY, .to = seventeen, .tells = true
	};
	become_placed();
	/* from 16: telemetry, battery 55; then its other half, which says nothing of it
	 */
	say_packet("0d1000000015ffffffff22080843120412020837350100000"
		   "0");
	say_packet("0d1000000015ffffffff22080843120432020801350200000"
		   "0");
	say_packet("0d1100000015ffffffff22080843120412020801350300000"
		   "0"); /* 17's */
	while (ops->next_event(radio, &event)) { }
	ck_assert(bytes_equal(submitted(&q).payload, hex("12020837")));
	ops->link_down(radio, now); /* who knows which radio comes next */
	ops->link_up(radio, now);
	become_ready();
	ck_assert(bytes_equal(submitted(&q).payload, hex("1200")));
}
START_TEST(the_radio_says_what_its_air_is_like)
{
	struct radio_air air;
	/* use_preset, LONG_MODERATE, EU_868, hop_limit 5, tx_enabled */
	uint32_t nonce = ask();
	ck_assert(!ops->air(radio, &air));
	say(hex("1a04081058"
		"01"));
	say(hex("2a0c320a0801100738034005"
		"4801"));
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
	ck_assert(ops->air(radio, &air));
	ck_assert(air.modem.spread == 11 && air.modem.bandwidth_hz == 125000);
	ck_assert(air.modem.rate == 8 && air.duty_permille == 100 && air.transmits);
	ck_assert(air.cell != 0 && air.queue_free == UINT8_MAX);
	const struct radio_request q = { .kind = REQUEST_TEXT,
		.hop_limit = HOPS_AS_SET,
		.body = bytes_view("hello", 5) };
	ck_assert_uint_eq(submitted(&q).hop_limit, 5);
	/* 16 + 7 + 5 bytes; 4 bytes over the shortest row of the table of 26 */
	ck_assert_uint_ge(ops->airtime(radio, &q), 1249);
	ck_assert_uint_le(ops->airtime(radio, &q), 1400);
	say_queue(0, 3, 0);
	ck_assert(!next_of(RADIO_SENT) && ops->air(radio, &air));
	ck_assert_uint_eq(air.queue_free, 3);
	say_queue(0, 0, 0);
	ck_assert(!next_of(RADIO_SENT) && ops->air(radio, &air));
	ck_assert_uint_eq(air.queue_free, 0);
}

/* --- recorded sessions --- */

struct watched {
	uint32_t packet;
	bool accepted, repeated, failed, done, echoed;
	char told[STORY + 1], expected[STORY + 1];
};
static struct watched watched[SENT_MAX];
static size_t watched_count, packets_sent, texts_sent;
static uint32_t my_node;

static struct watched *
watched_of(uint32_t packet)
{
	for (size_t i = 0; packet != 0 && i < watched_count; i++)
		if (watched[i].packet == packet)
			return &watched[i];
	return NULL;
}

static void
add_letter(char *story_text, char letter)
{
	size_t len = strlen(story_text);
	ck_assert_uint_lt(len, STORY);
	story_text[len] = letter;
	story_text[len + 1] = '\0';
}

static uint32_t
uint_of(json_t *object, const char *key)
{
	return (uint32_t)json_integer_value(json_object_get(object, key));
}

static int
value_of(const struct protobuf_word *words, json_t *word)
{
	if (json_is_integer(word))
		return (int)json_integer_value(word);
	for (; word != NULL && words->name != NULL; words++)
		if (strcmp(words->name, json_string_value(word)) == 0)
			return words->value;
	return 0;
}

static void
expect_queue(json_t *status)
{
	struct watched *w = watched_of(uint_of(status, "mesh_packet_id"));
	if (w == NULL || w->accepted || w->failed || w->done)
		return;
	bool refused = uint_of(status, "res") != 0;
	*(refused ? &w->failed : &w->accepted) = true;
	add_letter(w->expected, refused ? 'f' : 'a');
}

/* By the official decoding: who says what about ours. */
static void
expect_packet(json_t *packet, json_t *inner)
{
	json_t *decoded = json_object_get(packet, "decoded");
	struct watched *w = watched_of(uint_of(decoded, "request_id"));
	bool ours = uint_of(packet, "from") == my_node;
	int port = value_of(mt_words_ports, json_object_get(decoded, "portnum"));
	if (w == NULL || w->done)
		return;
	json_t *reason = json_object_get(
	    json_object_get(inner, "payload_msg"), "error_reason");
	if (port != MT_PORT_ROUTING) {
		w->done = !ours;
		if (!ours)
			add_letter(w->expected, 'r');
	} else if (value_of(mt_words_routing_error, reason) != 0) {
		if (!w->failed)
			add_letter(w->expected, 'f');
		w->failed = true;
	} else if (ours && !w->repeated) {
		w->repeated = true;
		add_letter(w->expected, 'h');
	} else if (!ours) {
		w->done = true;
		add_letter(w->expected, 'k');
	}
}

static void
take_events(void)
{
	while (ops->next_event(radio, &event)) {
		struct watched *w = event.kind == RADIO_SENT
		    ? watched_of((uint32_t)event.request)
		    : NULL;
		if (w != NULL)
			add_letter(w->told, "ahkfrl"[event.sent]);
	}
}

/* The same text by our own words. */
static bool
resubmit_text(const struct mt_packet *p)
{
	const struct radio_request q = { .request = p->id,
		.kind = REQUEST_TEXT,
		.to = mt_node_id(p->to),
		.channel = (uint8_t)p->channel,
		.want_ack = p->want_ack,
		.hop_limit = (uint8_t)p->hop_limit,
		.packet = p->id,
		.reply = p->reply_id,
		.emoji = p->emoji != 0,
		.body = p->payload };
	struct mt_packet ours;
	if (p->payload.len > ops->text_max(&q)) {
		ck_assert_int_eq(ops->submit(radio, &q, now), MESH_MALFORMED);
		return false;
	}
	ours = submitted(&q);
	ck_assert(ours.to == p->to && ours.id == p->id && ours.port == p->port);
	ck_assert(ours.channel == p->channel && ours.hop_limit == p->hop_limit);
	ck_assert(
	    ours.want_ack == p->want_ack && bytes_equal(ours.payload, p->payload));
	ck_assert(ours.reply_id == p->reply_id && ours.emoji == p->emoji);
	texts_sent++;
	return true;
}

static void
client_sends(json_t *f)
{
	enum { TO_PACKET = 1 };
	size_t len;
	uint8_t *whole = mt_hex(f, "hex", &len);
	struct bytes_view body = bytes_view(whole + 4, len - 4);
	struct bytes_in in = bytes_in(body);
	struct protobuf_item item;
	struct mt_packet p = { 0 };
	while (protobuf_next(&in, &item))
		if (item.number == TO_PACKET && item.wire == WIRE_LEN)
			ck_assert(mt_packet_read(item.bytes, &p));
	if (p.id != 0) {
		const struct radio_request frame = {
			.request = p.id, .kind = REQUEST_FRAME, .body = body
		};
		if (p.port != MT_PORT_TEXT || !resubmit_text(&p)) {
			ck_assert_int_eq(ops->submit(radio, &frame, now), MESH_OK);
			ck_assert_uint_eq(sent().number, TO_PACKET);
		}
		packets_sent++;
		/* One number twice is one packet: its story goes on. */
		struct watched *w = watched_of(p.id);
		if (w == NULL)
			w = &watched[watched_count++];
		ck_assert_uint_lt(watched_count, SENT_MAX);
		char told[STORY + 1], expected[STORY + 1];
		memcpy(told, w->told, sizeof told);
		memcpy(expected, w->expected, sizeof expected);
		*w = (struct watched){ .packet = p.id };
		memcpy(w->told, told, sizeof told);
		memcpy(w->expected, expected, sizeof expected);
	}
	free(whole);
}

static void
radio_says(json_t *f)
{
	static const char *const traffic[] = { "queueStatus", "packet",
		"clientNotification" };
	json_t *msg = json_object_get(f, "msg");
	bool is_traffic = false;
	for (size_t i = 0; i < LENGTH(traffic); i++)
		is_traffic |= json_object_get(msg, traffic[i]) != NULL;
	if (!is_traffic)
		return;
	if (json_object_get(msg, "queueStatus") != NULL)
		expect_queue(json_object_get(msg, "queueStatus"));
	if (json_object_get(msg, "packet") != NULL)
		expect_packet(
		    json_object_get(msg, "packet"), json_object_get(f, "inner"));
	size_t len;
	uint8_t *whole = mt_hex(f, "hex", &len);
	ops->receive(radio, bytes_view(whole, len), now);
	free(whole);
	take_events();
}

/* Radios are 16, 17, 18 by the letter behind the session's name. */
static uint32_t
node_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot == NULL ? 16 : 16 + (uint32_t)(dot[1] - 'a');
}

static void
become_node(uint32_t number)
{
	uint8_t info[] = { 0x1a, 0x02, 0x08, 0x00 };
	setup();
	uint32_t nonce = ask();
	info[3] = (uint8_t)number;
	say(bytes_view(info, sizeof info));
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
}

static void
send_again(const struct mt_recording *r)
{
	json_t *frames = json_object_get(r->decoded, "frames");
	if (strcmp(r->list, "frames") != 0)
		return;
	my_node = node_of(r->name);
	watched_count = 0;
	memset(watched, 0, sizeof watched);
	become_node(my_node);
	for (size_t i = 0; i < json_array_size(frames); i++) {
		json_t *f = json_array_get(frames, i);
		if (json_object_get(f, "hex") == NULL ||
		    json_object_get(f, "msg") == NULL)
			continue;
		bool radio_spoke = strcmp(json_string_value(json_object_get(f, "from")),
				       "radio") == 0;
		if (strcmp(json_string_value(json_object_get(f, "from")), "client") ==
		    0)
			client_sends(f);
		else if (radio_spoke)
			radio_says(f);
	}
	for (size_t i = 0; i < watched_count; i++)
		ck_assert_msg(strcmp(watched[i].told, watched[i].expected) == 0,
		    "%s, packet %08x: %s, the radio said %s", r->name,
		    watched[i].packet, watched[i].told, watched[i].expected);
}

START_TEST(every_recorded_packet_goes_out_again_and_ends_as_it_did)
{
	ck_assert_uint_gt(mt_recordings(send_again), 60);
	printf("%zu packets, %zu of them texts\n", packets_sent, texts_sent);
	ck_assert_uint_ge(packets_sent, FEW_PACKETS);
	ck_assert_uint_ge(texts_sent, FEW_TEXTS);
}
CHECK_MODULE(mt_sending, setup, our_own_text_is_a_reception_once_it_is_accepted,
    a_number_is_made_up_where_none_is_given, what_becomes_of_a_text_is_told_in_order,
    what_a_queue_says_has_its_own_words,
    no_number_that_is_said_is_taken_for_a_word_of_ours, a_question_ends_with_its_answer,
    what_the_radio_would_drop_is_refused_before, a_question_to_all_is_refused,
    the_radio_says_what_its_air_is_like, a_waypoint_says_all_that_is_known_of_it,
    the_longest_waypoint_still_fits, a_question_tells_of_us_what_the_channel_shares,
    what_our_node_said_last_is_told,
    every_recorded_packet_goes_out_again_and_ends_as_it_did)
