/* The driver and the radio itself: settings, told and asked. */
#include "arena.h"
#include "mt_admin.h"
#include "mt_clock.h"
#include "mt_device.h"
#include "mt_driver.h"
#include "mt_radio.h"
#include "radio_counters.h"
#include "stream.h"
#include "text.h"
#include "tree.h"
#include <inttypes.h>

enum { ORDER = 77, ROWS = 16 };
static struct mt_device *device;
static const uint32_t a_day_s = 86400;
static uint8_t block[1 << 19], orders_block[8192];
static struct arena arena;
static struct radio_difference rows[ROWS];
static struct radio_plan plan;
static uint32_t to_others; /* packets of ours that were not for the radio itself */

static void
setup(void)
{
	mt_driver_start(text(""));
	mt_device_free(device);
	device = mt_device_new(&(struct mt_device_params){
	    .seed = 5, .number = 0x1234, .nodes = 3, .mesh = true, .clock_set = true });
	arena = arena_init(block, sizeof block);
	plan = (struct radio_plan){ rows, ROWS, 0,
		bytes_out(orders_block, sizeof orders_block), false };
	to_others = 0;
}

/* --- driver and device on one link --- */

static void
look_at_ours(struct bytes_view stream_bytes)
{
	static uint8_t room[8192];
	struct stream stream = stream_init(room, sizeof room);
	struct stream_frame frame;
	struct mt_packet p;
	(void)stream_put(&stream, stream_bytes);
	while (stream_next(&stream, &frame)) {
		struct bytes_in in = bytes_in(frame.payload);
		struct protobuf_item item;
		while (protobuf_next(&in, &item))
			if (item.number == MT_TO_PACKET &&
			    mt_packet_read(item.bytes, &p))
				to_others += p.to != mt_device_number(device) ||
				    p.port != MT_PORT_ADMIN;
	}
}

static bool
exchange(void)
{
	struct bytes_view out;
	bool any = false;
	while (ops->next_bytes(radio, &out)) {
		look_at_ours(out);
		mt_device_receive(device, out, now);
		any = true;
	}
	while (mt_device_next_bytes(device, &out)) {
		ops->receive(radio, out, now);
		any = true;
	}
	return any;
}

/* Until `kind` comes, or so much time is over; what comes before is dropped. */
static bool
runs_to(enum radio_event_kind kind, uint32_t ms)
{
	for (mesh_time_ms end = now.ms + ms; now.ms <= end; wait_ms(1)) {
		mt_device_tick(device, now);
		exchange();
		if (next_of(kind))
			return true;
	}
	return false;
}

static void
connect_both(void)
{
	mt_device_link_up(device, now);
	ck_assert(runs_to(RADIO_READY, 2000));
}

static void
hang_up(void)
{
	mt_device_link_down(device, now);
	ops->link_down(radio, now);
}

/* The device starts anew by itself, and both meet again. */
static void
meet_again(void)
{
	for (uint32_t i = 0; i < 10000 && !mt_device_hangs_up(device); i++) {
		wait_ms(1);
		mt_device_tick(device, now);
		exchange();
		(void)next_of(RADIO_STUCK);
	}
	ck_assert(mt_device_hangs_up(device));
	hang_up();
	for (; mt_device_is_off(device); mt_device_tick(device, now))
		now.ms++;
	ops->link_up(radio, now);
	connect_both();
}

static struct tree_view
setting(const char *name)
{
	struct radio_setting s;
	for (size_t i = 0; radio_admin(ops)->setting(radio, i, true, &arena, &s); i++)
		if (text_is(s.section, name))
			return s.told ? s.values : (struct tree_view){ NULL, 0 };
	ck_abort_msg("no section %s", name);
	return (struct tree_view){ NULL, 0 };
}

static int64_t
number(const char *section, const char *name)
{
	int64_t n = 0;
	(void)tree_i64(setting(section), name, &n);
	return n;
}

/* The same section with another number in it. */
static struct tree_view
changed(const char *section, const char *name, int64_t to)
{
	struct tree_view tree = tree_copy(setting(section), &arena);
	struct tree_item *items = arena_take(&arena, tree.count, sizeof *items);
	memcpy(items, tree.items, tree.count * sizeof *items);
	for (size_t i = 0; i < tree.count; i++)
		if (text_is(items[i].name, name))
			items[i].as.i = to, items[i].kind = TREE_I64;
	return (struct tree_view){ items, tree.count };
}

static void
wish(const char *section, struct tree_view wanted)
{
	char why[200];
	struct bytes_out complaint = bytes_out(why, sizeof why);
	enum mesh_err err = radio_admin(ops)->compare(
	    radio, text(section), wanted, &arena, &plan, &complaint);
	ck_assert_msg(err == MESH_OK, "%.*s", (int)complaint.len, why);
}

static enum mesh_err
apply(void)
{
	const struct radio_order o = { .order = ORDER,
		.kind = ORDER_APPLY,
		.orders = bytes_written(&plan.orders) };
	return radio_admin(ops)->administer(radio, &o, now);
}

static void
wish_for_two(void)
{
	wish("lora", changed("lora", "hop_limit", 5));
	wish("channel_0", changed("channel_0", "position_precision", 12));
	ck_assert_uint_eq(plan.count, 2);
}

START_TEST(settings_are_told_saved_and_told_back)
{
	connect_both();
	wish_for_two();
	ck_assert_int_eq(apply(), MESH_OK);
	ck_assert(runs_to(RADIO_ORDERED, 1000));
	ck_assert(event.request == ORDER && event.sent == SENT_ACKED);
	/* begin, two sections, commit: an answer each, and none is a reception */
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_ADMIN), 4);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_TAKEN), 0);
	ck_assert_uint_eq(to_others, 0);
	meet_again();
	ck_assert_int_eq(number("lora", "hop_limit"), 5);
	ck_assert_int_eq(
	    number("channel_0", "settings.module_settings.position_precision"), 12);
	plan.count = plan.orders.len = 0;
	wish("lora", setting("lora"));
	ck_assert_uint_eq(plan.count, 0);
}
START_TEST(who_dies_amid_it_has_saved_nothing)
{
	connect_both();
	int64_t before = number("lora", "hop_limit");
	wish_for_two();
	mt_device_fault(device, MT_FAULT_DIES, 3);
	ck_assert_int_eq(apply(), MESH_OK);
	for (uint32_t i = 0; i < 100; i++) {
		mt_device_tick(device, now);
		exchange();
		ck_assert(!next_of(RADIO_ORDERED));
		wait_ms(1);
	}
	ck_assert(mt_device_hangs_up(device));
	hang_up();
	ck_assert(next_of(RADIO_ORDERED));
	ck_assert(event.sent == SENT_LINK_LOST && event.reason == ORDER_CUT);
	for (; mt_device_is_off(device); mt_device_tick(device, now))
		now.ms++;
	ops->link_up(radio, now);
	connect_both();
	ck_assert_int_eq(number("lora", "hop_limit"), before);
	ck_assert(!runs_to(RADIO_ORDERED, 3000));
	ck_assert(!mt_device_hangs_up(device)); /* it has forgotten already */
}
START_TEST(a_link_that_ends_with_the_last_word_is_another_matter)
{
	connect_both();
	wish_for_two();
	mt_device_fault(device, MT_FAULT_DIES, 4); /* at the commit */
	ck_assert_int_eq(apply(), MESH_OK);
	ck_assert(!runs_to(RADIO_ORDERED, 100));
	hang_up();
	ck_assert(next_of(RADIO_ORDERED));
	ck_assert(event.sent == SENT_LINK_LOST && event.reason == ORDER_SAVED);
}
START_TEST(silence_ends_it)
{
	connect_both();
	wish_for_two();
	mt_device_fault(device, MT_FAULT_DEAF, 0);
	ck_assert_int_eq(apply(), MESH_OK);
	ck_assert(!runs_to(RADIO_ORDERED, MT_ADMIN_ANSWER_MS - 1));
	ck_assert(runs_to(RADIO_ORDERED, 2));
	ck_assert(event.sent == SENT_FAILED && event.reason == SENT_UNANSWERED);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_ADMIN), 0);
}
/* Until the radio has answered so many messages about itself. */
static void
runs_to_answer(uint64_t count)
{
	for (uint32_t i = 0; i < 1000; i++) {
		mt_device_tick(device, now);
		exchange();
		if (ops->counter(radio, COUNT_PORT_PACKETS_ADMIN) >= count)
			return;
		ck_assert(!next_of(RADIO_ORDERED));
		wait_ms(1);
	}
	ck_abort_msg("no %" PRIu64 " answers", count);
}

START_TEST(silence_after_the_last_word_says_nothing)
{
	connect_both();
	wish_for_two();
	ck_assert_int_eq(apply(), MESH_OK);
	runs_to_answer(3);
	mt_device_fault(device, MT_FAULT_DEAF, 0);
	ck_assert(runs_to(RADIO_ORDERED, MT_ADMIN_ANSWER_MS + 1));
	ck_assert(event.sent == SENT_FAILED && event.reason == SENT_UNSURE);
	uint64_t asked = ops->counter(radio, COUNT_PORT_HANDSHAKES_ASKED);
	for (uint32_t i = 0; i <= MT_ADMIN_REREAD_MS; i++)
		wait_ms(1);
	wait_ms(0);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_HANDSHAKES_ASKED), asked + 1);
}
START_TEST(an_edit_that_the_link_left_open_is_forgotten)
{
	connect_both();
	int64_t before = number("lora", "hop_limit");
	wish_for_two();
	ck_assert_int_eq(apply(), MESH_OK);
	runs_to_answer(2); /* one setting is in the radio */
	hang_up();
	ck_assert(next_of(RADIO_ORDERED));
	ck_assert(event.sent == SENT_LINK_LOST && event.reason == ORDER_CUT);
	ops->link_up(radio, now);
	connect_both();
	meet_again();
	ck_assert_int_eq(number("lora", "hop_limit"), before);
	ck_assert(!runs_to(RADIO_ORDERED, 3000));
	ck_assert(!mt_device_hangs_up(device)); /* once is enough */
}
START_TEST(an_outcome_waits_for_room)
{
	connect_both();
	wish_for_two();
	ck_assert_int_eq(apply(), MESH_OK);
	mt_device_fault(device, MT_FAULT_DEAF, 0);
	while (mt_radio_event(radio, RADIO_SAMPLE) != NULL)
		;
	for (uint32_t i = 0; i <= MT_ADMIN_ANSWER_MS; i++) {
		now.ms++;
		ops->tick(radio, now);
	}
	ck_assert(ops->deadline(radio) <= now.ms);
	while (next_of(RADIO_SAMPLE))
		;
	ck_assert(runs_to(RADIO_ORDERED, 1));
}
static void
ask_for(const char *section, bool answered)
{
	const struct radio_order tell = {
		.order = ORDER, .kind = ORDER_TELL, .section = text(section)
	};
	ck_assert_int_eq(radio_admin(ops)->administer(radio, &tell, now), MESH_OK);
	ck_assert(runs_to(RADIO_ORDERED, 2 * MT_ADMIN_ANSWER_MS));
	ck_assert_int_eq(event.sent, answered ? SENT_ACKED : SENT_FAILED);
}

START_TEST(texts_are_told_on_request_and_set)
{
	static const struct tree_item ring = { .name = { "ringtone", 8 },
		.kind = TREE_TEXT,
		.span = 1,
		.as.text = { "24:d=32,o=5", 11 } };
	connect_both();
	mt_device_fault(device, MT_FAULT_MUTE, 0);
	ask_for("ringtone", false);
	ck_assert_ptr_null(setting("ringtone").items);
	mt_device_fault(device, MT_FAULT_NONE, 0);
	ask_for("ringtone", true);
	wish("ringtone", (struct tree_view){ &ring, 1 });
	ck_assert_int_eq(apply(), MESH_OK);
	ck_assert(runs_to(RADIO_ORDERED, 1000));
	ck_assert_int_eq(event.sent, SENT_ACKED);
	meet_again();
	ck_assert_ptr_null(setting("ringtone").items); /* by the radio before */
	ask_for("ringtone", true);
	ck_assert(text_is(tree_text(setting("ringtone"), "ringtone"), "24:d=32,o=5"));
	ask_for("canned_messages", true);
	ck_assert_uint_eq(setting("canned_messages").count, 0);
}
START_TEST(one_order_at_a_time)
{
	const struct radio_order tell = {
		.order = 78, .kind = ORDER_TELL, .section = text("lora")
	};
	ck_assert_int_eq(radio_admin(ops)->administer(radio, &tell, now), MESH_FULL);
	connect_both();
	ck_assert_int_eq(apply(), MESH_MALFORMED); /* nothing to say */
	wish_for_two();
	ck_assert_int_eq(apply(), MESH_OK);
	ck_assert_int_eq(radio_admin(ops)->administer(radio, &tell, now), MESH_FULL);
	ck_assert(runs_to(RADIO_ORDERED, 1000));
	ck_assert_int_eq(radio_admin(ops)->administer(radio, &tell, now), MESH_OK);
	ck_assert(runs_to(RADIO_ORDERED, 1000));
	ck_assert(event.request == 78 && event.sent == SENT_ACKED);
}
START_TEST(a_radio_that_does_not_start_anew_is_read_again)
{
	connect_both();
	wish("channel_1", (struct tree_view){ NULL, 0 });
	const struct tree_item role = { .name = text("role"),
		.kind = TREE_TEXT,
		.span = 1,
		.as.text = text("SECONDARY") };
	wish("channel_5", (struct tree_view){ &role, 1 });
	ck_assert_int_eq(apply(), MESH_OK);
	ck_assert(runs_to(RADIO_ORDERED, 1000));
	uint64_t asked = ops->counter(radio, COUNT_PORT_HANDSHAKES_ASKED);
	mt_device_fault(device, MT_FAULT_DEAF, 0); /* it neither speaks nor starts */
	for (uint32_t i = 0; i < MT_ADMIN_REREAD_MS; i++)
		wait_ms(1);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_HANDSHAKES_ASKED), asked);
	wait_ms(1);
	wait_ms(0);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_HANDSHAKES_ASKED), asked + 1);
}

/* --- a radio played by hand: node 16 --- */

static uint32_t
order_tell(const char *section)
{
	const struct radio_order tell = {
		.order = ORDER, .kind = ORDER_TELL, .section = text(section)
	};
	struct mt_packet p;
	ck_assert_int_eq(radio_admin(ops)->administer(radio, &tell, now), MESH_OK);
	wait_ms(0);
	struct protobuf_item item = sent();
	ck_assert(item.number == MT_TO_PACKET && mt_packet_read(item.bytes, &p));
	ck_assert(p.to == 16 && p.port == MT_PORT_ADMIN && p.want_response);
	return p.id;
}

/* A packet of the radio about that packet of ours. */
static void
answer(uint32_t from, uint32_t port, const char *payload, uint32_t request)
{
	char fields[256];
	struct bytes_view bytes_of = hex(payload);
	uint8_t data[128];
	struct bytes_out out = bytes_out(data, sizeof data);
	protobuf_put_key(&out, 1, WIRE_VARINT);
	protobuf_put_varint(&out, port);
	protobuf_put_key(&out, 2, WIRE_LEN);
	protobuf_put_varint(&out, bytes_of.len);
	bytes_put_view(&out, bytes_of);
	protobuf_put_key(&out, 6, WIRE_I32);
	for (unsigned i = 0; i < 4; i++)
		bytes_put_u8(&out, (uint8_t)(request >> 8 * i));
	struct bytes_out text_out = bytes_out(fields, sizeof fields - 1);
	text_printf(&text_out, "0d%02x000000151000000022%02x", from, (unsigned)out.len);
	text_put_hex(&text_out, bytes_written(&out));
	text_printf(&text_out, "3501020304");
	say_packet(text_end(&text_out));
}

START_TEST(what_the_handshake_left_out_is_asked_for)
{
	become_ready();
	ck_assert_ptr_null(setting("lora").items);
	uint32_t id = order_tell("lora");
	answer(16, MT_PORT_ADMIN, "320432024005", id); /* lora.hop_limit = 5 */
	ck_assert(next_of(RADIO_ORDERED));
	ck_assert(event.request == ORDER && event.sent == SENT_ACKED);
	ck_assert_int_eq(number("lora", "hop_limit"), 5);
	id = order_tell("owner");
	answer(16, MT_PORT_ADMIN, "22031a0141", id);
	ck_assert(next_of(RADIO_ORDERED));
	ck_assert(text_is(tree_text(setting("owner"), "short_name"), "A"));
	id = order_tell("channel_3");
	answer(16, MT_PORT_ADMIN,
	    "120708031203"
	    "1a0142",
	    id);
	ck_assert(next_of(RADIO_ORDERED));
	ck_assert(text_is(tree_text(setting("channel_3"), "settings.name"), "B"));
}
START_TEST(a_refusal_has_its_number)
{
	become_ready();
	uint32_t id = order_tell("lora");
	answer(16, MT_PORT_ROUTING, "1800", id);
	ck_assert_msg(
	    !next_of(RADIO_ORDERED), "a question is not answered by a receipt");
	answer(16, MT_PORT_ROUTING, "1821", id);
	ck_assert(next_of(RADIO_ORDERED));
	ck_assert(event.sent == SENT_FAILED && event.reason == 33);
}
/* The message to itself that comes next, in hex; answered by that Routing. */
static const char *
answered_with(const char *routing)
{
	static char room[128];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct mt_packet p;
	(void)next_of(RADIO_STUCK);
	wait_ms(0);
	struct protobuf_item item = sent();
	ck_assert(item.number == MT_TO_PACKET && mt_packet_read(item.bytes, &p));
	ck_assert(p.to == 16 && p.port == MT_PORT_ADMIN);
	text_put_hex(&out, p.payload);
	answer(16, MT_PORT_ROUTING, routing, p.id);
	return text_end(&out);
}

static void
apply_one(void)
{
	mt_admin_put(&plan.orders, hex("920200")); /* config: nothing of it */
	ck_assert_int_eq(apply(), MESH_OK);
}

START_TEST(what_was_refused_is_forgotten_by_the_radio)
{
	become_ready();
	apply_one();
	ck_assert_str_eq(answered_with("1800"), "800401"); /* begin */
	ck_assert_str_eq(answered_with("1820"), "920200");
	ck_assert(next_of(RADIO_ORDERED));
	ck_assert(event.sent == SENT_FAILED && event.reason == 32);
	ck_assert_str_eq(answered_with("1800"), "880601"); /* start anew */
	ck_assert(next_of(RADIO_TENDED));
	ck_assert(event.reason == TENDED_RESTART && event.sent == SENT_ACCEPTED);
	ck_assert(!next_of(RADIO_ORDERED));
}
START_TEST(who_refuses_to_begin_has_nothing_to_forget)
{
	struct bytes_view out;
	become_ready();
	apply_one();
	ck_assert_str_eq(answered_with("1821"), "800401");
	ck_assert(next_of(RADIO_ORDERED));
	ck_assert(event.sent == SENT_FAILED && event.reason == 33);
	wait_ms(0);
	ck_assert(!ops->next_bytes(radio, &out));
}
START_TEST(nobody_else_answers_for_it)
{
	become_ready();
	uint32_t id = order_tell("lora");
	answer(17, MT_PORT_ADMIN, "320432024005", id);
	answer(16, MT_PORT_ADMIN, "320432024005", id + 1);
	ck_assert(!next_of(RADIO_ORDERED));
	ck_assert_ptr_null(setting("lora").items);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_ADMIN), 0);
}
/* --- the radio's clock --- */

static unsigned tended, tended_well; /* what the log is told of the clock */

/* Both anew; the device knows the time or not, `ahead_s` of ours. */
static void
meet(bool wanted, bool clock_set, int64_t ahead_s)
{
	const struct radio_params params = { .seed = 7,
		.heartbeat_ms = 30000,
		.silence_ms = 90000,
		.set_time = wanted };
	tended = tended_well = 0;
	now.unix_ms = 1800000000000;
	ops->destroy(radio);
	radio = ops->create(&params);
	mt_device_free(device);
	device = mt_device_new(&(struct mt_device_params){ .seed = 5,
	    .number = 0x1234,
	    .nodes = 3,
	    .mesh = true,
	    .clock_set = clock_set });
	now.unix_ms += ahead_s * 1000;
	ops->link_up(radio, now);
	connect_both();
	for (uint32_t i = 0; i < 200; i++) {
		struct radio_event e;
		wait_ms(1);
		mt_device_tick(device, now);
		exchange();
		while (ops->next_event(radio, &e))
			if (e.kind == RADIO_TENDED) {
				tended++;
				ck_assert_int_eq(e.reason, TENDED_CLOCK);
				tended_well += e.sent == SENT_ACKED;
			}
	}
}

static void
counted(uint64_t right, uint64_t set, uint64_t kept)
{
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_CLOCK_RIGHT), right);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_CLOCK_SET), set);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_CLOCK_KEPT), kept);
	ck_assert_uint_eq(tended, set + kept);
	ck_assert_uint_eq(tended_well, set);
	ck_assert_uint_eq(to_others, 0);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_TAKEN), 0);
}

START_TEST(a_right_clock_is_left_alone)
{
	meet(true, true, 0);
	counted(1, 0, 0);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_ADMIN), 1);
}
START_TEST(a_radio_without_time_is_told_it)
{
	meet(true, false, 0);
	counted(0, 1, 0);
	/* looked, told, looked again */
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_ADMIN), 3);
	hang_up();
	ops->link_up(radio, now);
	connect_both();
	for (uint32_t i = 0; i < 100; i++) {
		wait_ms(1);
		mt_device_tick(device, now);
		exchange();
		(void)next_of(RADIO_STUCK);
	}
	counted(1, 1, 0);
}
START_TEST(nobody_asks_unless_it_is_wanted)
{
	meet(false, false, 0);
	counted(0, 0, 0);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_ADMIN), 0);
}
START_TEST(a_host_without_time_tells_none)
{
	meet(true, false, -(int64_t)20000 * a_day_s);
	counted(0, 0, 0);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_ADMIN), 1);
}
START_TEST(how_far_off_is_far)
{
	/* clang-format off */
	static const struct { int64_t off_s; enum mt_clock_news news; enum mt_clock_step next; const char *why; } row[] = {
		{    0, MT_CLOCK_RIGHT,   MT_CLOCK_REST, "right" },
		{   60, MT_CLOCK_RIGHT,   MT_CLOCK_REST, "a minute ahead" },
		{  -60, MT_CLOCK_RIGHT,   MT_CLOCK_REST, "a minute behind" },
		{   61, MT_CLOCK_NOTHING, MT_CLOCK_SET,  "more" },
		{  -61, MT_CLOCK_NOTHING, MT_CLOCK_SET,  "less" },
		{ 100000000, MT_CLOCK_NOTHING, MT_CLOCK_SET, "years" },
	}; /* clang-format on */
	const unix_ms at = 1800000000000;
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct mt_clock c = { .wanted = true };
		uint32_t rx = (uint32_t)(at / 1000 + row[i].off_s);
		mt_clock_begin(&c);
		ck_assert_msg(mt_clock_answered(&c, rx, at) == row[i].news &&
			c.step == row[i].next,
		    "%s", row[i].why);
	}
}
START_TEST(who_keeps_his_own_is_told_once)
{
	struct mt_clock c = { .wanted = true };
	const unix_ms at = 1800000000000;
	mt_clock_begin(&c);
	ck_assert_int_eq(mt_clock_answered(&c, 5, at), MT_CLOCK_NOTHING);
	ck_assert_int_eq(mt_clock_answered(&c, 5, at), MT_CLOCK_NOTHING);
	ck_assert_int_eq(c.step, MT_CLOCK_LOOK_AGAIN);
	ck_assert_int_eq(mt_clock_answered(&c, 5, at), MT_CLOCK_KEPT);
	ck_assert_int_eq(c.step, MT_CLOCK_REST);
}
CHECK_MODULE(mt_admin, setup, a_right_clock_is_left_alone,
    a_radio_without_time_is_told_it, nobody_asks_unless_it_is_wanted,
    a_host_without_time_tells_none, how_far_off_is_far, who_keeps_his_own_is_told_once,
    settings_are_told_saved_and_told_back, who_dies_amid_it_has_saved_nothing,
    a_link_that_ends_with_the_last_word_is_another_matter, silence_ends_it,
    silence_after_the_last_word_says_nothing,
    an_edit_that_the_link_left_open_is_forgotten, an_outcome_waits_for_room,
    what_was_refused_is_forgotten_by_the_radio,
    who_refuses_to_begin_has_nothing_to_forget, one_order_at_a_time,
    texts_are_told_on_request_and_set, a_radio_that_does_not_start_anew_is_read_again,
    what_the_handshake_left_out_is_asked_for, a_refusal_has_its_number,
    nobody_else_answers_for_it)
