/* What the simulated radio does that no recording shows: limits, faults, boots. */
#include "check_mesh.h"
#include "mt_codec.h"
#include "mt_device.h"
#include "stream.h"
#include "text.h"

enum { ARENA = 1 << 17, SAID = 600, OWN = 0x1234 };
static uint8_t arena_block[ARENA], input_block[8192], frame_block[1024];
static struct mt_device *device;
static struct mesh_now now;
static struct stream stream;
static struct said { /* one FromRadio of ours */
	uint8_t bytes[STREAM_PAYLOAD_MAX];
	size_t len;
	uint32_t kind;
} said[SAID];
static size_t said_count, console_bytes;

static void
drain(void)
{
	struct bytes_view out;
	struct stream_frame frame;
	while (mt_device_next_bytes(device, &out)) {
		(void)stream_put(&stream, out);
		while (stream_next(&stream, &frame)) {
			struct bytes_in in = bytes_in(frame.payload);
			struct protobuf_item f;
			ck_assert(protobuf_next(&in, &f));
			ck_assert_uint_lt(said_count, SAID);
			struct said *s = &said[said_count++];
			s->kind = f.number;
			s->len = frame.payload.len;
			memcpy(s->bytes, frame.payload.ptr, s->len);
			console_bytes += frame.skipped;
		}
	}
}

static void
pass(mesh_time_ms ms)
{
	for (mesh_time_ms end = now.ms + ms; now.ms < end;) {
		mesh_time_ms due = mt_device_deadline(device);
		mesh_time_ms next = due > now.ms && due < end ? due : end;
		now.unix_ms += (unix_ms)(next - now.ms);
		now.ms = next;
		mt_device_tick(device, now);
		drain();
	}
}

static void
give(const char *to_radio_hex)
{
	struct bytes_out frame = bytes_out(frame_block, sizeof frame_block);
	stream_write(&frame, hex(to_radio_hex));
	mt_device_receive(device, bytes_written(&frame), now);
	pass(10);
}

static void
begin(const struct mt_device_params *params)
{
	mt_device_free(device); /* a suite's tests run one after another */
	device = mt_device_new(params);
	now = (struct mesh_now){ .ms = 5000, .unix_ms = 1700000000000 };
	stream = stream_init(input_block, sizeof input_block);
	said_count = console_bytes = 0;
	mt_device_link_up(device, now);
}

static void
setup(void)
{
	begin(&(struct mt_device_params){ .seed = 3, .number = OWN });
}

static size_t
count(uint32_t kind)
{
	size_t n = 0;
	for (size_t i = 0; i < said_count; i++)
		n += said[i].kind == kind;
	return n;
}

/* A number in the latest message of this kind; -1: no such message, or not in it. */
static int64_t
latest(uint32_t kind, const char *path)
{
	struct arena arena = arena_init(arena_block, sizeof arena_block);
	struct tree_view tree;
	int64_t n = -1;
	for (size_t i = said_count; i-- > 0;) {
		if (said[i].kind != kind)
			continue;
		ck_assert_int_eq(
		    protobuf_decode(&mt_from_radio,
			bytes_view(said[i].bytes, said[i].len), &arena, &tree),
		    MESH_OK);
		(void)tree_i64(tree, path, &n);
		return n;
	}
	return n;
}

/* ToRadio{packet{to everybody, decoded{text "x"}, id}} */
static void
send_text(uint8_t id)
{
	char text[64];
	snprintf(text, sizeof text, "0a1115ffffffff2205080112017835%02x000000", id);
	give(text);
}

static void
ask(void)
{
	give("1807");
	ck_assert_uint_eq(count(FROM_CONFIG_COMPLETE), 1);
}

START_TEST(an_id_is_taken_once_among_the_last_twenty)
{
	ask();
	send_text(1);
	ck_assert_uint_eq(count(FROM_QUEUE_STATUS), 1);
	pass(3000);
	send_text(1); /* without any answer */
	ck_assert_uint_eq(count(FROM_QUEUE_STATUS), 1);
	for (uint8_t id = 2; id <= 21; id++) {
		pass(3000);
		send_text(id);
	}
	pass(3000);
	send_text(1);
	ck_assert_uint_eq(count(FROM_QUEUE_STATUS), 22);
}
START_TEST(a_full_queue_says_so_and_loses_the_packet)
{
	struct bytes_view packet;
	ask();
	mt_device_fault(device, MT_FAULT_FULL, 0);
	send_text(1);
	ck_assert_int_eq(latest(FROM_QUEUE_STATUS, "queueStatus.res"), 32);
	ck_assert_int_eq(latest(FROM_QUEUE_STATUS, "queueStatus.free"), -1); /* 0 */
	pass(1000);
	ck_assert(!mt_device_next_sent(device, &packet));
	mt_device_fault(device, MT_FAULT_NONE, 0);
	pass(3000);
	send_text(2);
	pass(1000);
	ck_assert(mt_device_next_sent(device, &packet));
}
START_TEST(sixteen_packets_fill_the_queue)
{
	char text[64];
	ask();
	for (unsigned id = 1; id <= 17; id++) { /* port 256, which has no limit */
		snprintf(text, sizeof text,
		    "0a1215ffffffff220608800212017835%02x000000", id);
		struct bytes_out frame = bytes_out(frame_block, sizeof frame_block);
		stream_write(&frame, hex(text));
		mt_device_receive(device, bytes_written(&frame), now);
	}
	pass(10);
	ck_assert_int_eq(latest(FROM_QUEUE_STATUS, "queueStatus.res"), 32);
}
START_TEST(a_slow_radio_gives_a_frame_at_a_time)
{
	mt_device_fault(device, MT_FAULT_SLOW, 100);
	give("1807");
	ck_assert_uint_eq(said_count, 1);
	pass(1000);
	ck_assert_uint_eq(said_count, 11);
}
START_TEST(a_deaf_radio_takes_bytes_and_says_nothing)
{
	mt_device_fault(device, MT_FAULT_DEAF, 0);
	give("1807");
	give("3a00");
	ck_assert_uint_eq(said_count, 0);
	mt_device_fault(device, MT_FAULT_NONE, 0);
	give("3a00");
	ck_assert_uint_eq(count(FROM_QUEUE_STATUS), 1);
}
START_TEST(half_a_frame_is_the_last_of_its_link)
{
	ask();
	mt_device_fault(device, MT_FAULT_HALF, 0);
	size_t before = said_count;
	give("3a00");
	give("3a00");
	ck_assert_uint_eq(said_count, before);
	mt_device_link_down(device, now);
	stream_reset(&stream);
	mt_device_link_up(device, now);
	give("3a00");
	ck_assert_uint_eq(said_count, before + 1);
}
START_TEST(console_text_and_garbage_stand_between_whole_frames)
{
	mt_device_fault(device, MT_FAULT_LOG, 2);
	ask();
	size_t frames = said_count;
	ck_assert_uint_gt(console_bytes, 100);
	mt_device_fault(device, MT_FAULT_GARBAGE, 777);
	console_bytes = 0;
	give("3a00");
	ck_assert_uint_eq(said_count, frames + 1);
	ck_assert_uint_eq(console_bytes, 777);
	mt_device_fault(device, MT_FAULT_REBOOTED, 0);
	give("3a00");
	ck_assert_uint_eq(count(FROM_REBOOTED), 1);
}
START_TEST(a_client_that_says_nothing_is_closed_after_a_quarter_of_an_hour)
{
	ask();
	pass(14 * 60 * 1000);
	give("3a00");
	pass(14 * 60 * 1000);
	ck_assert(!mt_device_hangs_up(device));
	pass(2 * 60 * 1000);
	ck_assert(mt_device_hangs_up(device));
}
START_TEST(a_changed_section_is_told_and_booted_into)
{
	ask();
	ck_assert_int_eq(latest(FROM_MY_INFO, "my_info.reboot_count"), 1);
	/* packet{to OWN, decoded{ADMIN set_config{lora{hop_limit 5}}}, id 9, want_ack}
	 */
	give("0a191534120000220b080612079202043202400535090000005001");
	said_count = 0;
	give("1807");
	ck_assert_uint_eq(count(FROM_CONFIG), 10);
	pass(8000);
	ck_assert(mt_device_hangs_up(device) && mt_device_is_off(device));
	mt_device_link_down(device, now);
	pass(3000);
	ck_assert(!mt_device_is_off(device));
	mt_device_link_up(device, now);
	said_count = 0;
	give("1807");
	ck_assert_int_eq(latest(FROM_MY_INFO, "my_info.reboot_count"), 2);
}
START_TEST(a_reset_radio_comes_back_as_another)
{
	ask();
	/* ADMIN factory_reset_config 1 */
	give("0a15153412000022070806120398060135090000005001");
	pass(8000);
	mt_device_link_down(device, now);
	pass(3000);
	mt_device_link_up(device, now);
	said_count = 0;
	give("1807");
	ck_assert_int_ne(latest(FROM_MY_INFO, "my_info.my_node_num"), OWN);
	ck_assert_uint_eq(count(FROM_NODE_INFO), 1);
}
START_TEST(firmware_2_8_tells_old_packets_again_but_not_to_a_config_only_client)
{
	begin(&(struct mt_device_params){
	    .seed = 3, .number = OWN, .replays = true, .clock_set = true });
	/* node_info{num 0x11, position{latitude 1, longitude 2}} */
	ck_assert(mt_device_keep(device, hex("220e08111a0a0d010000001502000000")));
	give("18ac9e04"); /* 69420 */
	ck_assert_uint_eq(count(FROM_REGION_PRESETS), 1);
	ck_assert_uint_eq(count(FROM_PACKET), 0);
	give("1807");
	ck_assert_uint_eq(count(FROM_PACKET), 1);
	ck_assert_int_le(
	    latest(FROM_PACKET, "packet.rx_time"), now.unix_ms / 1000 - 3600);
}
/* What node 0x55 says of our packet; the port, with its payload in `payload`. */
static uint32_t
answer_of(uint32_t packet, struct bytes_view *payload)
{
	for (size_t i = 0; i < said_count; i++) {
		struct bytes_in in = bytes_in(bytes_view(said[i].bytes, said[i].len));
		struct protobuf_item f;
		struct mt_packet p;
		if (said[i].kind != 2 || !protobuf_next(&in, &f) ||
		    !mt_packet_read(f.bytes, &p) || p.from != 0x55 ||
		    p.request_id != packet)
			continue;
		*payload = p.payload;
		return p.port;
	}
	return 0;
}

#define KEYED /* it has a public key: the firmware encrypts to no other */             \
	"222608551222"                                                                 \
	"4220"                                                                         \
	"0101010101010101010101010101010101010101010101010101010101010101"

START_TEST(nodes_around_it_answer_questions_as_firmware_does)
{
	/* clang-format off */
	static const struct { const char *node, *asks, *says; uint32_t port; } rows[] = {
		{ "22020855", "0a1015550000002204084618013507000000", "120114220118", MT_PORT_TRACEROUTE },
		{ "220908551a050d01020304", "0a1015550000002204080318013507000000", "0d01020304", MT_PORT_POSITION },
		{ "22020855", "0a1015550000002204080318013507000000", "1808", MT_PORT_ROUTING }, /* NO_RESPONSE */
		{ KEYED, "0a1015550000002204084318013507000000", "12020865", MT_PORT_TELEMETRY },
		{ KEYED, "0a131555000000220508011201783507000000""5001", "1800", MT_PORT_ROUTING }, /* an ACK */
		{ "22020856", "0a1015550000002204080318013507000000", "", 0 }, /* it is not there */
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct bytes_view payload = { NULL, 0 };
		begin(&(struct mt_device_params){
		    .seed = 3, .number = OWN, .mesh = true });
		ck_assert(mt_device_keep(device, hex(rows[i].node)));
		ask();
		give(rows[i].asks);
		pass(20000);
		ck_assert_uint_eq(answer_of(7, &payload), rows[i].port);
		ck_assert(bytes_equal(payload, hex(rows[i].says)));
	}
}
START_TEST(a_packet_that_is_heard_twice_is_told_once)
{
	/* from 0x11 to everybody, text "x", id 7 */
	const char *packet = "0d1100000015ffffffff220508011201783507000000";
	ask();
	mt_device_hear(device, hex(packet), now);
	mt_device_hear(device, hex(packet), now);
	pass(10);
	ck_assert_uint_eq(count(FROM_PACKET), 1);
	/* to somebody else: nobody here is told */
	mt_device_hear(
	    device, hex("0d110000001522000000220508011201783508000000"), now);
	pass(10);
	ck_assert_uint_eq(count(FROM_PACKET), 1);
}
START_TEST(any_bytes_are_survived)
{
	for (int round = 0; round < 3000; round++) {
		uint8_t bytes[64];
		size_t len = rng_u32() % sizeof bytes;
		rng_bytes(bytes, len);
		struct bytes_out frame = bytes_out(frame_block, sizeof frame_block);
		stream_write(&frame, bytes_view(bytes, len));
		mt_device_receive(device, bytes_written(&frame), now);
		mt_device_hear(device, bytes_view(bytes, len), now);
		said_count = 0;
		pass(rng_u32() % 50);
		if (mt_device_hangs_up(device)) {
			mt_device_link_down(device, now);
			mt_device_link_up(device, now);
		}
	}
}
CHECK_MODULE(mt_device_rules, setup, an_id_is_taken_once_among_the_last_twenty,
    a_full_queue_says_so_and_loses_the_packet, sixteen_packets_fill_the_queue,
    a_slow_radio_gives_a_frame_at_a_time, a_deaf_radio_takes_bytes_and_says_nothing,
    half_a_frame_is_the_last_of_its_link,
    console_text_and_garbage_stand_between_whole_frames,
    a_client_that_says_nothing_is_closed_after_a_quarter_of_an_hour,
    a_changed_section_is_told_and_booted_into, a_reset_radio_comes_back_as_another,
    firmware_2_8_tells_old_packets_again_but_not_to_a_config_only_client,
    nodes_around_it_answer_questions_as_firmware_does,
    a_packet_that_is_heard_twice_is_told_once, any_bytes_are_survived)
