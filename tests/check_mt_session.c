#include "id.h"
#include "mt_driver.h"
#include "mt_handshake.h"
#include "radio_counters.h"
#include "text.h"
#include "tree.h"

static void
setup(void)
{
	mt_driver_start(text(""));
}

START_TEST(a_radio_is_woken_then_asked_then_ready)
{
	ck_assert(ops->next_bytes(radio, &bytes));
	ck_assert_uint_eq(bytes.len, 32);
	for (size_t i = 0; i < bytes.len; i++)
		ck_assert_uint_eq(bytes.ptr[i], 0xc3);
	ck_assert(!ops->next_event(radio, &event));
	ck_assert_uint_eq(ops->deadline(radio), now.ms + MT_WAKE_MS);
	wait_ms(MT_WAKE_MS - 1);
	ck_assert_uint_eq(sent().number, 0);
	wait_ms(1);
	struct protobuf_item want = sent();
	ck_assert_uint_eq(want.number, 3);
	ck_assert(want.value > 1 && want.value != 69420 && want.value != 69421);
	say(hex("1a0208"
		"10"));
	complete((uint32_t)want.value);
	ck_assert(next_of(RADIO_READY));
	ck_assert_uint_eq(id_number(&event.node), 16);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_HANDSHAKES_DONE), 1);
}
START_TEST(the_end_of_another_answer_is_not_ours)
{
	uint32_t nonce = ask();
	say(hex("1a020810"));
	complete(nonce + 1);
	ck_assert(!next_of(RADIO_READY));
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
}
START_TEST(an_answer_without_my_info_is_asked_again)
{
	uint32_t nonce = ask();
	complete(nonce);
	ck_assert(!next_of(RADIO_READY));
	wait_ms(MT_STALL_MS);
	struct protobuf_item again = sent();
	ck_assert_uint_eq(again.number, 3);
	ck_assert_uint_ne(again.value, nonce);
}
START_TEST(no_answer_is_stuck_after_three_questions)
{
	ask();
	wait_ms(MT_STALL_MS);
	wait_ms(MT_STALL_MS);
	ck_assert(!next_of(RADIO_STUCK));
	wait_ms(MT_STALL_MS);
	ck_assert(next_of(RADIO_STUCK));
	ck_assert_uint_eq(event.reason, STUCK_HANDSHAKE);
	ck_assert_uint_eq(ops->deadline(radio), now.ms); /* until drained */
	ck_assert(!ops->next_event(radio, &event));
	ck_assert_uint_eq(ops->deadline(radio), MESH_NEVER);
}
START_TEST(an_answer_that_never_ends_is_stuck)
{
	ask();
	bool stuck = false;
	for (int i = 0; i < MT_TOTAL_MS / 1000 + 2 && !stuck; i++) {
		say(hex("1a020810"));
		stuck = next_of(RADIO_STUCK);
		wait_ms(1000);
		stuck = stuck || next_of(RADIO_STUCK);
	}
	ck_assert(stuck);
}
START_TEST(heartbeats_keep_a_quiet_radio)
{
	become_ready();
	for (int i = 0; i < 20; i++) {
		wait_ms(30000);
		ck_assert_uint_eq(sent().number, 7);
		say(hex("5a0410101810"));
		ck_assert(!next_of(RADIO_STUCK));
	}
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_HEARTBEATS_SENT), 20);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_HEARTBEATS_ANSWERED), 20);
}
START_TEST(unanswered_heartbeats_are_silence)
{
	become_ready();
	for (int i = 0; i < 2; i++) {
		wait_ms(30000);
		ck_assert(!next_of(RADIO_STUCK));
	}
	wait_ms(29999);
	ck_assert(!next_of(RADIO_STUCK));
	wait_ms(1);
	ck_assert(next_of(RADIO_STUCK));
	ck_assert_uint_eq(event.reason, STUCK_SILENT);
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_GIVEN_UP), 1);
}
START_TEST(old_firmware_may_be_silent)
{
	uint32_t nonce = ask();
	say(hex("1a020810"));
	say(hex("6a0c0a0a322e362e31312e353465")); /* firmware 2.6.11.54e */
	complete(nonce);
	ck_assert(next_of(RADIO_READY));
	for (int i = 0; i < 100; i++)
		wait_ms(30000);
	ck_assert(!next_of(RADIO_STUCK));
}
START_TEST(any_frame_ends_the_silence)
{
	become_ready();
	for (int i = 0; i < 10; i++) {
		wait_ms(40000);
		say(hex("3001")); /* an unknown answer is an answer */
		ck_assert(!next_of(RADIO_STUCK));
	}
}
START_TEST(a_reboot_under_an_open_link_is_asked_about_at_once)
{
	become_ready();
	say(hex("4001"));
	ck_assert(!next_of(RADIO_READY));
	ck_assert_uint_le(ops->deadline(radio), now.ms);
	wait_ms(0);
	ck_assert_uint_eq(sent().number, 3);
}
START_TEST(a_text_is_followed_to_its_acknowledgement)
{
	const struct radio_request q = { .request = 99,
		.kind = REQUEST_TEXT,
		.to = id_of_node(ID_MT_NODE, 17),
		.want_ack = 1,
		.hop_limit = 3,
		.body = hex("6869") };
	struct mt_packet p;
	become_ready();
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_OK);
	struct protobuf_item item = sent();
	ck_assert_uint_eq(item.number, 1);
	ck_assert(mt_packet_read(item.bytes, &p));
	ck_assert(
	    p.to == 17 && p.port == MT_PORT_TEXT && p.hop_limit == 3 && p.want_ack);
	ck_assert(bytes_equal(p.payload, q.body) && p.id != 0 && p.from == 0);

	uint8_t block[64];
	struct bytes_out out = bytes_out(block, sizeof block);
	bytes_put_view(&out,
	    hex("5a0a10101810"
		"20"));
	for (uint32_t n = p.id; n > 0; n >>= 7)
		bytes_put_u8(&out, (uint8_t)((n & 0x7f) | (n > 0x7f ? 0x80 : 0)));
	block[1] = (uint8_t)(out.len - 2);
	say(bytes_written(&out));
	ck_assert(next_of(RADIO_SENT));
	ck_assert(event.request == 99 && event.sent == SENT_ACCEPTED);

	/* Routing NONE from our own node: a neighbour repeated it.  Then from node 17.
	 */
	for (uint8_t from = 16; from <= 17; from++) {
		out = bytes_out(block, sizeof block);
		bytes_put_view(&out, hex("121e0d"));
		bytes_put_u8(&out, from);
		bytes_put_view(&out, hex("0000001510000000220b08051202180035"));
		for (unsigned i = 0; i < 32; i += 8)
			bytes_put_u8(&out, (uint8_t)(p.id >> i));
		bytes_put_view(&out, hex("35010203045878"));
		block[1] = (uint8_t)(out.len - 2);
		say(bytes_written(&out));
		ck_assert(next_of(RADIO_SENT));
		ck_assert_int_eq(
		    event.sent, from == 16 ? SENT_HEARD_RELAYED : SENT_ACKED);
		ck_assert_uint_eq(event.request, 99);
	}
}
START_TEST(requests_end_when_the_link_does)
{
	const struct radio_request q = {
		.request = 5, .kind = REQUEST_TEXT, .body = hex("6869")
	};
	become_ready();
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_OK);
	ops->link_down(radio, now);
	ck_assert(next_of(RADIO_SENT));
	ck_assert(event.request == 5 && event.sent == SENT_LINK_LOST);
	ck_assert(!ops->next_bytes(radio, &bytes));
}
START_TEST(requests_that_make_no_sense_are_refused)
{
	static uint8_t long_text[MT_PAYLOAD_MAX + 1];
	memset(long_text, 'a', sizeof long_text);
	struct radio_request q = { .kind = REQUEST_TEXT };
	become_ready();
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_MALFORMED);
	q.body = bytes_view(long_text, sizeof long_text);
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_MALFORMED);
	q.body.len--;
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_OK);
	q.body = hex("c328");
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_MALFORMED);
	q.kind = REQUEST_POLL;
	ck_assert_int_eq(ops->submit(radio, &q, now), MESH_DENIED);
}
START_TEST(what_was_heard_before_we_came_is_backlog)
{
	/* rx_time 1699999900: 100 s before the link came up; then 1700000220 */
	become_ready();
	say_packet("0d11000000"
		   "15ffffffff"
		   "2206080112026869"
		   "3501020304"
		   "3d9cf05365");
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.via, VIA_BACKLOG);
	ck_assert_int_eq(event.reception.claimed_ms, 1699999900000);
	say_packet("0d11000000"
		   "15ffffffff"
		   "2206080112026869"
		   "3502020304"
		   "3ddcf15365");
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.via, 0);
}
START_TEST(simulated_copies_are_no_receptions)
{
	become_ready();
	say_packet("0d10000000"
		   "1512000000"
		   "22020845"
		   "3501020304"); /* port 69 */
	say_packet("0d10000000"
		   "1511000000"
		   "2a02abcd"
		   "3501020304"
		   "880101");
	ck_assert(!next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(ops->counter(radio, COUNT_PORT_PACKETS_ARTEFACT), 2);
	say_packet("0d11000000"
		   "15ffffffff"
		   "2a02abcd"
		   "3501020304");
	ck_assert(
	    next_of(RADIO_RECEPTION)); /* a stranger's, which nobody here can read */
	ck_assert_uint_eq(event.reception.type, 0);
}
START_TEST(what_was_not_measured_is_absent)
{
	const uint64_t rssi = UINT64_C(1) << RECEPTION_RSSI;
	const uint64_t snr = UINT64_C(1) << RECEPTION_SNR;
	const uint64_t start = UINT64_C(1) << RECEPTION_HOP_START;
	const uint64_t type = UINT64_C(1) << RECEPTION_TYPE;
	/* clang-format off */
	static const struct { const char *fields, *why; unsigned rows; } rows[] = {
		{ "", "over UDP", 0 },
		{ "450000b040" "60b6ffffffffffffffff01", "5.5 dB, -74 dBm", 3 },
		{ "60b6ffffffffffffffff01", "0 dB is not sent", 3 },
		{ "450000c07f", "not a number", 0 },
		{ "60ffffffff07", "+2147483647 dBm", 0 },
		{ "4803" "7803", "direct", 4 },
		{ "4803" "78ff01", "more hops than there are", 0 },
		{ "22020801", "readable", 8 },
	}; /* clang-format on */
	become_ready();
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char fields[128];
		snprintf(fields, sizeof fields, "0d1100000015ffffffff35010203%02x",
		    (unsigned)i);
		strcat(fields, rows[i].fields);
		say_packet(fields);
		ck_assert(next_of(RADIO_RECEPTION));
		uint64_t has = event.reception.has;
		unsigned found = ((has & rssi) != 0) + 2U * ((has & snr) != 0) +
		    4U * ((has & start) != 0) + 8U * ((has & type) != 0);
		ck_assert_msg(found == rows[i].rows, "%s: %u", rows[i].why, found);
	}
}
START_TEST(what_a_packet_tells_of_its_sender_is_told_by_it_alone)
{
	become_ready();
	/* User{long_name "Hut", short_name "H", hw_model 9, role 2} from node 17 */
	say_packet("0d11000000"
		   "15ffffffff"
		   "2210"
		   "0804"
		   "120c"
		   "1203487574"
		   "1a0148"
		   "2809"
		   "3802"
		   "3501020304");
	ck_assert(next_of(RADIO_RECEPTION));
	ck_assert_uint_eq(event.reception.type, MT_PORT_NODEINFO);
	/* An event of its own would pass by what decides whether the packet leaves. */
	ck_assert(!next_of(RADIO_NODE));
}
CHECK_MODULE(mt_session, setup, a_radio_is_woken_then_asked_then_ready,
    the_end_of_another_answer_is_not_ours, an_answer_without_my_info_is_asked_again,
    no_answer_is_stuck_after_three_questions, an_answer_that_never_ends_is_stuck,
    heartbeats_keep_a_quiet_radio, unanswered_heartbeats_are_silence,
    old_firmware_may_be_silent, any_frame_ends_the_silence,
    a_reboot_under_an_open_link_is_asked_about_at_once,
    a_text_is_followed_to_its_acknowledgement, requests_end_when_the_link_does,
    requests_that_make_no_sense_are_refused, what_was_heard_before_we_came_is_backlog,
    simulated_copies_are_no_receptions, what_was_not_measured_is_absent,
    what_a_packet_tells_of_its_sender_is_told_by_it_alone)
