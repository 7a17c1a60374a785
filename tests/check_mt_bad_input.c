/* What a radio may say that it should not: each row moves the counter that names it,
 * takes no more memory, and the next good packet is received over the same link. */
#include "id.h"
#include "mt_driver.h"
#include "mt_radio.h"
#include "text.h"
#include "tree.h"

static void
setup(void)
{
	mt_driver_start(text(""));
	become_ready();
	while (ops->next_event(radio, &event))
		;
}

static void
say_raw(struct bytes_view raw)
{
	ops->receive(radio, raw, now);
}

/* A frame of `len` bytes: one unknown field that fills it. */
static void
say_long(size_t len)
{
	static uint8_t block[600];
	struct bytes_out out = bytes_out(block, sizeof block);
	bytes_put_u8(&out, 0x94);
	bytes_put_u8(&out, 0xc3);
	bytes_put_u8(&out, (uint8_t)(len >> 8));
	bytes_put_u8(&out, (uint8_t)len);
	protobuf_put_key(&out, 100, WIRE_LEN);
	protobuf_put_varint(&out, len - 4); /* key and length take two bytes each */
	while (out.len < len + 4)
		bytes_put_u8(&out, 'x');
	say_raw(bytes_written(&out));
}

static void
say_512(void)
{
	say_long(512);
}

static void
say_513(void)
{
	say_long(513);
}

/* The radio's list is as long as it likes; what finds no room is not kept. */
static void
say_5000_nodes(void)
{
	uint8_t block[64];
	for (uint32_t i = 1; i <= 5000; i++) {
		struct bytes_out out = bytes_out(block, sizeof block);
		protobuf_put_key(&out, 1, WIRE_VARINT);
		protobuf_put_varint(&out, 0x1000 + i);
		bytes_put_view(&out, hex("120812034875741a0148"));
		say_member(FROM_NODE_INFO, bytes_written(&out));
		while (ops->next_event(radio, &event))
			;
	}
}

/* A broadcast from node 17; `id` tells rows apart. */
#define PACKET(id, more)                                                               \
	"0d11000000"                                                                   \
	"15ffffffff"                                                                   \
	"350101" id "04" more
static const struct {
	const char *what;
	const char *raw;    /* bytes of the link, or: */
	void (*say)(void);  /* or: */
	const char *packet; /* a MeshPacket's fields */
	unsigned counter;   /* that moves */
} rows[] = {
	{ "a frame of 0 bytes", .raw = "94c30000", .counter = COUNT_PORT_FRAMES_EMPTY },
	{ "a frame of 512 bytes", .say = say_512, .counter = COUNT_PORT_FRAMES_EMPTY },
	{ "a frame of 513 bytes", .say = say_513, .counter = COUNT_PORT_BYTES_SKIPPED },
	{ "half a start", .raw = "94", .counter = COUNT_PORT_BYTES_SKIPPED },
	{ "a start before the start", .raw = "9494c30000",
	    .counter = COUNT_PORT_BYTES_SKIPPED },
	{ "a start within the header", .raw = "94c394c30000",
	    .counter = COUNT_PORT_BYTES_SKIPPED },
	{ "console text", .raw = "1b5b33326d494e464f1b5b306d0d0a",
	    .counter = COUNT_PORT_BYTES_SKIPPED },
	{ "a frame cut within a field",
	    .raw = "94c30003"
		   "127f00",
	    .counter = COUNT_PORT_FRAMES_MALFORMED },
	{ "a field without a value",
	    .raw = "94c30001"
		   "38",
	    .counter = COUNT_PORT_FRAMES_MALFORMED },
	{ "a field with number 0",
	    .raw = "94c30002"
		   "0001",
	    .counter = COUNT_PORT_FRAMES_MALFORMED },
	{ "a group, which is no wire type of today",
	    .raw = "94c30002"
		   "1314",
	    .counter = COUNT_PORT_FRAMES_EMPTY },
	{ "a packet as a number",
	    .raw = "94c30002"
		   "1005",
	    .counter = COUNT_PORT_FRAMES_EMPTY },
	{ "an end of configuration as text",
	    .raw = "94c30003"
		   "3a0141",
	    .counter = COUNT_PORT_FRAMES_EMPTY },
	{ "a varint of 10 bytes",
	    .raw = "94c3000b"
		   "38ffffffffffffffffff01",
	    .counter = COUNT_PORT_FRAMES_TAKEN },
	{ "a varint of 11 bytes",
	    .raw = "94c3000c"
		   "38ffffffffffffffffffff01",
	    .counter = COUNT_PORT_FRAMES_MALFORMED },
	{ "a member that is zero",
	    .raw = "94c30002"
		   "3800",
	    .counter = COUNT_PORT_FRAMES_TAKEN },
	{ "a reboot that is none",
	    .raw = "94c30002"
		   "4000",
	    .counter = COUNT_PORT_FRAMES_TAKEN },
	{ "two members at once: the last counts",
	    .raw = "94c30006"
		   "38057a020a00",
	    .counter = COUNT_PORT_FRAMES_TAKEN },
	{ "a list of 5000 nodes", .say = say_5000_nodes,
	    .counter = COUNT_PORT_CACHE_DROPPED },
	{ "a packet of nothing", .packet = "", .counter = COUNT_PORT_PACKETS_SEEN },
	{ "a packet whose contents break off",
	    .packet = "0d11000000"
		      "2205"
		      "0801"
		      "1263",
	    .counter = COUNT_PORT_FRAMES_MALFORMED },
	{ "an unknown port",
	    .packet = PACKET("02",
		"2205"
		"088f4e"
		"1200"),
	    .counter = COUNT_PORT_PACKETS_UNKNOWN },
	{ "a port beyond 16 bits",
	    .packet = PACKET("03",
		"2207"
		"08ffffff7f"
		"1200"),
	    .counter = COUNT_PORT_PACKETS_UNKNOWN },
	{ "an unknown hardware and role",
	    .packet = PACKET("04",
		"220c"
		"0804"
		"1208"
		"28e0d403"
		"38ce8601"),
	    .counter = COUNT_PORT_PACKETS_UNWORDED },
	{ "a name with an escape and a turn of direction",
	    .packet = PACKET("05",
		"220f"
		"0804"
		"120b"
		"1209"
		"1b5b33316d"
		"e280ae"
		"78"),
	    .counter = COUNT_PORT_PACKETS_UNTIDY },
	{ "a text that is no UTF-8",
	    .packet = PACKET("06",
		"2206"
		"0801"
		"1202"
		"fffe"),
	    .counter = COUNT_PORT_PACKETS_UNREADABLE },
	{ "contents that are not what their port says",
	    .packet = PACKET("07",
		"2206"
		"0803"
		"1202"
		"ffff"),
	    .counter = COUNT_PORT_PACKETS_UNREADABLE },
	{ "a clock of 1970",
	    .packet = PACKET("08",
		"2206"
		"0801"
		"1202"
		"6869"
		"3d05000000"),
	    .counter = COUNT_PORT_PACKETS_MISDATED },
	{ "a clock of 2100",
	    .packet = PACKET("09",
		"2206"
		"0801"
		"1202"
		"6869"
		"3d005784f4"),
	    .counter = COUNT_PORT_PACKETS_MISDATED },
	{ "more hops than there are",
	    .packet = PACKET("0a",
		"2206"
		"0801"
		"1202"
		"6869"
		"48ff01"
		"78ff01"),
	    .counter = COUNT_PORT_PACKETS_ODD_HOPS },
	{ "a field of another kind than its own",
	    .packet = PACKET("0c",
		"2206"
		"0803"
		"1202"
		"0805"),
	    .counter = COUNT_PORT_PACKETS_UNREADABLE },
	{ "a message inside that breaks off",
	    .packet = PACKET("0d",
		"2208"
		"0843"
		"1204"
		"120208ff"),
	    .counter = COUNT_PORT_PACKETS_UNREADABLE },
	{ "more hops left than there were",
	    .packet = PACKET("0e",
		"2206"
		"0801"
		"1202"
		"6869"
		"4805"
		"7803"),
	    .counter = COUNT_PORT_PACKETS_ODD_HOPS },
	{ "an RSSI that no radio measures",
	    .packet = PACKET("0f",
		"2206"
		"0801"
		"1202"
		"6869"
		"60e807"),
	    .counter = COUNT_PORT_PACKETS_ODD_SIGNAL },
	{ "an SNR that is no number",
	    .packet = PACKET("0b",
		"2206"
		"0801"
		"1202"
		"6869"
		"450000c07f"),
	    .counter = COUNT_PORT_PACKETS_ODD_SIGNAL },
};

static uint64_t
count_of(unsigned counter)
{
	return ops->counter(radio, counter);
}

static void
a_good_packet_comes(size_t row)
{
	char fields[100];
	snprintf(fields, sizeof fields,
	    "0d1100000015ffffffff2206080112026869350203%02x04", (unsigned)row);
	say_packet(fields);
	say_packet(fields + 0); /* what was cut may have swallowed the first */
	bool found = false;
	while (ops->next_event(radio, &event)) {
		ck_assert_msg(event.kind != RADIO_STUCK, "%s", rows[row].what);
		found |= event.kind == RADIO_RECEPTION &&
		    event.reception.type == MT_PORT_TEXT;
	}
	ck_assert_msg(found, "%s: the next packet is lost", rows[row].what);
}

START_TEST(what_a_radio_should_not_say_is_counted_and_borne)
{
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		uint64_t before = count_of(rows[i].counter);
		if (rows[i].raw != NULL)
			say_raw(hex(rows[i].raw));
		else if (rows[i].say != NULL)
			rows[i].say();
		else
			say_packet(rows[i].packet);
		size_t heard = 0;
		while (ops->next_event(radio, &event)) {
			ck_assert_msg(event.kind != RADIO_STUCK, "%s", rows[i].what);
			heard += event.kind == RADIO_RECEPTION;
		}
		if (rows[i].counter >= COUNT_PORT_PACKETS_UNKNOWN &&
		    rows[i].counter <= COUNT_PORT_PACKETS_ODD_SIGNAL)
			ck_assert_msg(heard == 1, "%s: not taken", rows[i].what);
		a_good_packet_comes(i);
		uint64_t good = rows[i].counter == COUNT_PORT_FRAMES_TAKEN ||
			rows[i].counter == COUNT_PORT_PACKETS_SEEN
		    ? 1
		    : 0;
		ck_assert_msg(count_of(rows[i].counter) > before + good,
		    "%s: not counted", rows[i].what);
		for (unsigned c = COUNT_PORT_PACKETS_UNKNOWN;
		     c <= COUNT_PORT_PACKETS_ODD_SIGNAL; c++)
			ck_assert_msg(c == rows[i].counter || count_of(c) == 0,
			    "%s: counted as %s, too", rows[i].what,
			    radio_counters.rows[c].name);
	}
}
START_TEST(a_clock_that_was_never_set_does_not_make_backlog)
{
	say_packet(PACKET("01",
	    "2206"
	    "0801"
	    "1202"
	    "6869"
	    "3d05000000"));
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.via, 0);
	say_packet(PACKET("02",
	    "2206"
	    "0801"
	    "1202"
	    "6869"
	    "3d005784f4"));
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.via, 0);
	ck_assert_int_eq(event.reception.time_ms, now.unix_ms); /* ours decides */
}
CHECK_MODULE(mt_bad_input, setup, what_a_radio_should_not_say_is_counted_and_borne,
    a_clock_that_was_never_set_does_not_make_backlog)
