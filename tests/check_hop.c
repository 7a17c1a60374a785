/* hop.c over pace.c and parcel.c: two neighbours and a line that loses datagrams. */
#include "check_mesh.h"
#include "hop.h"
#include "mesh_counters.h"
#include "pack.h"
#include "wire.h"

enum { SLOTS = 600 };
static _Alignas(16) uint8_t block[1024 * 1024];
static struct parcels ps;
static struct pace q;
static struct hop h;
static uint64_t counters[COUNT_MESH];
static mesh_time_ms now;
static uint32_t next_counter;

static void
setup(void)
{
	rng_restart(check_seed());
	parcel_init(&ps, block, SLOTS);
	memset(counters, 0, sizeof counters);
	pace_init(&q, counters);
	hop_init(&h, counters);
	now = 1000;
	next_counter = 0;
}

static struct parcel_push
push_of(uint8_t mark, size_t bytes)
{
	static uint8_t bundle[ENVELOPE_MAX];
	static const uint8_t zeros[ENVELOPE_MAX];
	struct bytes_out out = bytes_out(bundle, sizeof bundle);

	pack_array(&out, 1);
	pack_bin(&out, bytes_view(zeros, bytes));
	return (struct parcel_push){ .class = PARCEL_P0,
		.hop = { .bundle = bytes_written(&out) },
		.mark = { { mark } } };
}
static void
put_push(uint8_t mark, size_t bytes)
{
	struct parcel_push push = push_of(mark, bytes);
	struct handle p = parcel_of_push(&ps, &push, now);

	ck_assert(pace_put(&q, &ps, p, now));
	parcel_release(&ps, p);
}
static void
put_news(uint8_t mark, size_t bytes)
{
	struct parcel_push push = push_of(mark, bytes);
	push.class = PARCEL_P1;
	struct handle p = parcel_of_push(&ps, &push, now);

	ck_assert(pace_put(&q, &ps, p, now));
	parcel_release(&ps, p);
}
static void
put_link(const char *text)
{
	struct handle p = parcel_of_frame(
	    &ps, PARCEL_LINK, PARCEL_PLAIN, bytes_view(text, strlen(text)), now);

	ck_assert(pace_put(&q, &ps, p, now));
	parcel_release(&ps, p);
}

/* Send one datagram; its frames stay in `sent`. */
static uint8_t plain[ENVELOPE_PLAIN_MAX];
static struct bytes_view sent;
static uint32_t
transmit(void)
{
	struct bytes_out out = bytes_out(plain, sizeof plain);

	ck_assert(hop_wants(&h, &q, now));
	hop_fill(&h, &q, &ps, &out, now);
	sent = bytes_written(&out);
	if (out.len > 0)
		hop_sent(&h, next_counter++, now);
	return next_counter - 1;
}
static size_t
frames_in(struct bytes_view v, uint8_t number)
{
	struct bytes_in in = bytes_in(v);
	struct envelope_frame frame;
	enum mesh_err err;
	size_t count = 0;

	while (envelope_next_frame(&in, &frame, &err))
		count += frame.number == number;
	ck_assert_int_eq(err, MESH_OK);
	return count;
}

START_TEST(an_ack_gives_the_frame_back_and_measures_the_round_trip)
{
	put_push(1, 100);
	uint32_t counter = transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 1);
	ck_assert(!hop_wants(&h, &q, now));
	now += 20;
	hop_acked(&h, &ps, counter, 0, now);
	ck_assert_uint_eq(h.out, 0);
	ck_assert_uint_eq(h.rtt.srtt_us, 20000);
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
	ck_assert_uint_eq(hop_deadline(&h, &q, now), MESH_NEVER);
}
START_TEST(a_parcel_is_out_from_the_first_datagram_to_its_ack)
{
	struct parcel_push push = push_of(1, 100);
	struct handle p = parcel_of_push(&ps, &push, now);

	ck_assert(pace_put(&q, &ps, p, now));
	ck_assert(!hop_has(&h, &ps, p));
	uint32_t counter = transmit();
	ck_assert(hop_has(&h, &ps, p) && !pace_has(&q, &ps, p));
	put_push(2, 100);
	uint32_t other = transmit();
	hop_acked(&h, &ps, other, 0, now);
	ck_assert(hop_has(&h, &ps, p));
	hop_acked(&h, &ps, counter, 0, now);
	ck_assert(!hop_has(&h, &ps, p));
	parcel_release(&ps, p);
}
START_TEST(small_frames_share_a_datagram)
{
	for (uint8_t i = 0; i < 5; i++)
		put_push(i, 300);
	transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 3);
	transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 2);
}
START_TEST(what_is_not_urgent_gathers_for_five_ms)
{
	put_news(1, 100);
	transmit(); /* at rest nobody waits */
	put_news(2, 100);
	put_news(3, 100);
	ck_assert(!hop_wants(&h, &q, now + HOP_GAP_MS - 1));
	ck_assert_uint_eq(hop_deadline(&h, &q, now), now + HOP_GAP_MS);
	now += HOP_GAP_MS;
	transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 2);
}
START_TEST(a_full_datagram_and_what_is_urgent_do_not_wait_for_more)
{
	put_news(1, 100);
	transmit();
	for (uint8_t i = 2; i < 5; i++)
		put_news(i, 400);
	transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 2);
	ck_assert(!hop_wants(&h, &q, now));
	put_push(9, 100);
	transmit();
	ck_assert_uint_eq(
	    frames_in(sent, FRAME_PUSH), 2); /* it takes along what waits */
	for (uint8_t i = 0; i < HOP_FRAMES; i++)
		put_news((uint8_t)(20 + i), 10);
	transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), HOP_FRAMES);
}
START_TEST(retries_follow_wire_md_7_and_then_end)
{
	/* No round trip is known: 60 ms times 1, 1, 1.5, 1.5, 2.5, 2.5, 4, 4. */
	static const mesh_time_ms gaps[] = { 60, 60, 90, 90, 150, 150, 240, 240 };

	put_push(1, 100);
	transmit();
	for (size_t i = 0; i < LENGTH(gaps); i++) {
		ck_assert_uint_eq(hop_deadline(&h, &q, now), now + gaps[i]);
		now += gaps[i] - 1;
		ck_assert(!hop_wants(&h, &q, now));
		now++;
		transmit();
		if (i + 1 < LENGTH(gaps))
			ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 1);
	}
	ck_assert_uint_eq(sent.len, 0);
	ck_assert_uint_eq(counters[COUNT_TX_RETRY], 7);
	ck_assert_uint_eq(counters[COUNT_TX_GAVE_UP], 1);
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
	ck_assert_uint_eq(hop_deadline(&h, &q, now), MESH_NEVER);
}
START_TEST(an_ack_of_the_first_copy_counts_too_but_measures_nothing)
{
	put_push(1, 100);
	uint32_t first = transmit();
	now += 60;
	transmit();
	hop_acked(&h, &ps, first, 0, now + 1);
	ck_assert_uint_eq(h.out, 0);
	ck_assert_uint_eq(h.rtt.srtt_us, 0);
}
START_TEST(the_same_record_from_there_counts_as_its_ack)
{
	put_push(1, 100);
	put_push(2, 100);
	put_push(3, 100);
	transmit();
	hop_seen(&h, &ps, &(struct dedup_mark){ { 2 } });
	ck_assert_uint_eq(pool_taken(&ps.pool), 2);
	now += 60;
	transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 2);
	hop_seen(&h, &ps, &(struct dedup_mark){ { 1 } });
	hop_seen(&h, &ps, &(struct dedup_mark){ { 3 } });
	ck_assert_uint_eq(h.out, 0);
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
}
START_TEST(at_most_64_datagrams_are_out_and_link_frames_still_go)
{
	for (int i = 0; i < 100; i++)
		put_push((uint8_t)i, 900);
	while (hop_wants(&h, &q, now))
		transmit();
	ck_assert_uint_eq(h.out, HOP_OUT);
	ck_assert_uint_eq(q.count, 100 - HOP_OUT);
	put_link("\x91\x02"); /* a PING: [2] */
	transmit();
	ck_assert_uint_eq(sent.len, 2);
	hop_acked(&h, &ps, 0, 0, now);
	ck_assert(hop_wants(&h, &q, now));
}
START_TEST(a_timeout_halves_the_window_once_and_acks_open_it_again)
{
	h.window = 32;
	for (int i = 0; i < 70; i++)
		put_push((uint8_t)i, 900);
	while (hop_wants(&h, &q, now))
		transmit();
	now += 60;
	for (int i = 0; i < 64; i++)
		transmit();
	ck_assert_msg(h.window == 16, "%u", h.window);
	hop_acked(&h, &ps, next_counter - 1, ~0ULL, now + 1);
	ck_assert_uint_eq(h.out, 0);
	ck_assert_msg(h.window > 16 && h.window < 32, "by one per window");
}
/* --- a narrow link: one megabit per second, 5 ms each way, a deep queue --- */

enum { LINK_BITS_PER_MS = 1000, LINK_MS = 5, LINK_QUEUE = 512, URGENT_EVERY_MS = 100 };
static struct {
	struct {
		mesh_time_ms arrives;
		uint32_t counter;
	} flying[LINK_QUEUE];
	size_t first, count;
	uint64_t busy_until_us;
} line;

static void
put_class(enum parcel_class class, uint8_t origin, uint8_t mark, size_t bytes)
{
	struct parcel_push push = push_of(mark, bytes);
	push.class = class;
	push.origin[0] = origin;
	struct handle p = parcel_of_push(&ps, &push, now);
	(void)pace_put(&q, &ps, p, now);
	parcel_release(&ps, p);
}
static void
send_over_line(void)
{
	while (hop_wants(&h, &q, now)) {
		uint32_t counter = transmit();
		if (sent.len == 0)
			continue;
		uint64_t bits = 8 * (sent.len + 25 + 28), now_us = 1000 * now;
		if (line.busy_until_us < now_us)
			line.busy_until_us = now_us;
		line.busy_until_us += 1000 * bits / LINK_BITS_PER_MS;
		ck_assert_uint_lt(line.count, LINK_QUEUE);
		size_t at = (line.first + line.count++) % LINK_QUEUE;
		line.flying[at].arrives = line.busy_until_us / 1000 + LINK_MS;
		line.flying[at].counter = counter;
	}
}
static void
acknowledge(void)
{
	while (line.count > 0 &&
	    line.flying[line.first].arrives + HOP_ACK_MS + LINK_MS <= now) {
		hop_acked(&h, &ps, line.flying[line.first].counter, 0, now);
		line.first = (line.first + 1) % LINK_QUEUE;
		line.count--;
	}
}
START_TEST(what_is_urgent_waits_little_behind_a_flood)
{
	uint32_t waits[100], over = 0, count = 0;
	mesh_time_ms begin = now;
	memset(&line, 0, sizeof line);
	for (; count < LENGTH(waits); now++) {
		while (q.count < 20)
			put_class(PARCEL_P2, 1, 1, 1000);
		send_over_line();
		acknowledge();
		if (now < begin + 2000 || now % URGENT_EVERY_MS != 0)
			continue;
		put_class(PARCEL_P0, 2, 2, 150);
		send_over_line();
		/* It is the last on the line. */
		uint64_t done = line.busy_until_us / 1000;
		waits[count++] = (uint32_t)(done > now ? done - now : 0);
	}
	for (size_t i = 0; i < count; i++)
		over += waits[i] > 50;
	ck_assert_msg(over <= 1, "%u of 100 waited more than 50 ms", over);
	ck_assert_msg(h.out >= 2, "and the flood goes on");
}
START_TEST(a_narrow_link_is_kept_busy)
{
	mesh_time_ms begin = now, idle = 0;
	memset(&line, 0, sizeof line);
	for (; now < begin + 10000; now++) {
		while (q.count < 20)
			put_class(PARCEL_P2, 1, 1, 1000);
		send_over_line();
		acknowledge();
		idle += line.busy_until_us < 1000 * now;
	}
	ck_assert_msg(idle < 1500, "idle for %u of 10000 ms", (unsigned)idle);
}
START_TEST(two_flows_over_one_neighbour_share_alike)
{
	static const size_t sizes[] = { 1000, 300 };
	uint64_t bytes[2] = { 0 }, waiting[2] = { 0 };
	for (int i = 0; i < 2000; i++) {
		for (uint8_t f = 0; f < 2; f++)
			for (; waiting[f] < 10; waiting[f]++)
				put_class(PARCEL_P2, f, f, sizes[f]);
		struct handle p = pace_take(&q, &ps, ENVELOPE_PLAIN_MAX, now);
		uint8_t from = parcel_at(&ps, p)->origin[0];
		bytes[from] += parcel_at(&ps, p)->len;
		waiting[from]--;
		parcel_release(&ps, p);
	}
	double share = (double)bytes[0] / (double)(bytes[0] + bytes[1]);
	ck_assert_msg(share > 0.4 && share < 0.6, "%f", share);
}
START_TEST(many_small_frames_fit_again_however_old_they_are)
{
	for (size_t bytes = 100; bytes < 160; bytes++) {
		setup();
		for (uint8_t i = 0; i < 20; i++)
			put_push(i, bytes);
		while (hop_wants(&h, &q, now))
			transmit();
		now += 100000; /* ages grow to their longest form */
		while (hop_wants(&h, &q, now))
			transmit();
		ck_assert_uint_gt(counters[COUNT_TX_RETRY], 0);
	}
}
START_TEST(acks_are_coalesced_and_sent_within_five_ms)
{
	hop_decided(&h, 10, now);
	ck_assert(!hop_wants(&h, &q, now));
	ck_assert_uint_eq(hop_deadline(&h, &q, now), now + HOP_ACK_MS);
	hop_decided(&h, 12, now + 2);
	hop_decided(&h, 9, now + 3);
	ck_assert_uint_eq(hop_deadline(&h, &q, now), now + HOP_ACK_MS);
	now += HOP_ACK_MS;
	transmit();
	struct frame_ack ack;
	ck_assert_int_eq(
	    wire_decode_numbered(&frame_ack_table, sent, &ack, NULL), MESH_OK);
	ck_assert_uint_eq(ack.counter, 12);
	ck_assert_uint_eq(ack.bits, 1u << 1 | 1u << 2); /* 10 and 9 */
	ck_assert(!hop_wants(&h, &q, now + 1000));
}
START_TEST(many_datagrams_do_not_wait_for_their_ack)
{
	for (uint32_t i = 1; i < HOP_ACK_MANY; i++)
		hop_decided(&h, i, now);
	ck_assert(!hop_wants(&h, &q, now));
	hop_decided(&h, HOP_ACK_MANY, now);
	ck_assert(hop_wants(&h, &q, now));
	transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_ACK), 1);
	hop_decided(&h, HOP_ACK_MANY + 1, now);
	ck_assert_uint_eq(hop_deadline(&h, &q, now), now + HOP_ACK_MS);
}
/* How often it says what it has decided, and nothing more. */
static unsigned
acks_of_one(uint32_t loss)
{
	unsigned count = 0;

	hop_init(&h, counters);
	h.rtt.loss = loss;
	hop_decided(&h, 10, now);
	for (mesh_time_ms at; (at = hop_deadline(&h, &q, now)) != MESH_NEVER; count++) {
		ck_assert_uint_eq(at - now, count == 0 ? HOP_ACK_MS : HOP_ACK_AGAIN_MS);
		now = at;
		transmit();
		ck_assert_uint_eq(frames_in(sent, FRAME_ACK), 1);
	}
	return count;
}
START_TEST(the_more_is_lost_the_oftener_is_an_ack_said)
{
	static const struct {
		uint32_t loss; /* of 65536 round trips */
		unsigned acks;
	} rows[] = { { 0, 1 }, { 6554, 1 }, { 13107, 2 }, { 32768, 4 }, { 65535, 4 } };

	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_uint_eq(acks_of_one(rows[i].loss), rows[i].acks);
}
START_TEST(an_ack_rides_on_what_goes_anyway)
{
	hop_decided(&h, 5, now);
	put_push(1, 100);
	transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_ACK), 1);
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 1);
}
START_TEST(ack_bits_survive_gaps_of_any_size)
{
	static const uint32_t gaps[] = { 1, 2, 63, 64, 65, 1000 };

	for (size_t i = 0; i < LENGTH(gaps); i++) {
		hop_init(&h, counters);
		hop_decided(&h, 6, now);
		hop_decided(&h, 7, now);
		hop_decided(&h, 7 + gaps[i], now);
		uint64_t seven = gaps[i] <= 64 ? 1ULL << (gaps[i] - 1) : 0;
		uint64_t six = gaps[i] < 64 ? 1ULL << gaps[i] : 0;
		ck_assert_uint_eq(h.ack_counter, 7 + gaps[i]);
		ck_assert_msg(h.ack_bits == (six | seven), "a gap of %u", gaps[i]);
	}
}
START_TEST(acks_of_what_was_never_sent_change_nothing)
{
	put_push(1, 100);
	transmit();
	hop_acked(&h, &ps, 99, 0, now);
	hop_acked(&h, &ps, 500, ~0ULL, now);
	hop_acked(&h, &ps, UINT32_MAX, ~0ULL, now);
	ck_assert_uint_eq(h.out, 1);
}
START_TEST(a_new_session_sends_again_what_is_out)
{
	put_push(1, 100);
	transmit();
	hop_decided(&h, 3, now);
	hop_new_session(&h);
	next_counter = 0;
	hop_acked(&h, &ps, 0, 0, now); /* counters of the former session mean nothing */
	ck_assert_uint_eq(h.out, 1);
	uint32_t counter = transmit();
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 1);
	ck_assert_uint_eq(frames_in(sent, FRAME_ACK), 0);
	hop_acked(&h, &ps, counter, 0, now);
	ck_assert_uint_eq(h.out, 0);
}
START_TEST(the_largest_frame_can_be_sent_and_resent_beside_an_ack)
{
	struct parcel_push push = push_of(1, 400);
	struct handle p = parcel_of_push(&ps, &push, now);
	size_t around = parcel_length(parcel_at(&ps, p)) - 400;

	parcel_release(&ps, p);
	put_push(1, PARCEL_MAX - around);
	hop_decided(&h, 1, now);
	put_link("\x91\x02");
	int datagrams = 0;
	for (; hop_wants(&h, &q, now); datagrams++)
		transmit();
	ck_assert_int_eq(datagrams, 2);
	now += 60;
	hop_decided(&h, 2, now - HOP_ACK_MS);
	put_link("\x91\x02");
	for (datagrams = 0; hop_wants(&h, &q, now); datagrams++)
		transmit();
	ck_assert_int_eq(datagrams, 1);
	ck_assert_uint_eq(frames_in(sent, FRAME_PUSH), 1);
}
START_TEST(what_nobody_will_send_is_given_back)
{
	for (uint8_t i = 0; i < 10; i++)
		put_push(i, 900);
	for (int i = 0; i < 4; i++)
		transmit();
	hop_clear(&h, &ps);
	pace_clear(&q, &ps);
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
	ck_assert_uint_eq(hop_deadline(&h, &q, now), MESH_NEVER);
}

/* Every record arrives over a line that loses a third of all datagrams. */
START_TEST(a_lossy_line_delivers_everything_and_ends_quietly)
{
	static struct hop other;
	static struct pace back;
	static uint64_t theirs[COUNT_MESH];
	static uint8_t got[256];
	uint32_t ack_counter = 0;

	hop_init(&other, theirs);
	pace_init(&back, theirs);
	memset(got, 0, sizeof got);
	for (int i = 0; i < 200; i++)
		put_push((uint8_t)i, 200);
	for (int step = 0; step < 4000; step++, now++) {
		while (hop_wants(&h, &q, now)) {
			uint32_t counter = transmit();
			if (sent.len == 0 || rng_u32() % 3 == 0)
				continue;
			ck_assert_uint_gt(frames_in(sent, FRAME_PUSH), 0);
			hop_decided(&other, counter, now);
		}
		while (hop_wants(&other, &back, now)) {
			struct bytes_out out = bytes_out(plain, sizeof plain);
			struct frame_ack ack;
			hop_fill(&other, &back, &ps, &out, now);
			hop_sent(&other, ack_counter++, now);
			ck_assert_int_eq(wire_decode_numbered(&frame_ack_table,
					     bytes_written(&out), &ack, NULL),
			    MESH_OK);
			if (rng_u32() % 3 != 0)
				hop_acked(&h, &ps, ack.counter, ack.bits, now);
		}
	}
	ck_assert_uint_eq(h.out, 0);
	ck_assert(pace_is_empty(&q));
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
	ck_assert_uint_eq(counters[COUNT_TX_GAVE_UP], 0);
	ck_assert_uint_gt(counters[COUNT_TX_RETRY], 0);
}
CHECK_MODULE(hop, setup, a_parcel_is_out_from_the_first_datagram_to_its_ack,
    an_ack_gives_the_frame_back_and_measures_the_round_trip,
    small_frames_share_a_datagram, what_is_not_urgent_gathers_for_five_ms,
    a_full_datagram_and_what_is_urgent_do_not_wait_for_more,
    retries_follow_wire_md_7_and_then_end,
    an_ack_of_the_first_copy_counts_too_but_measures_nothing,
    the_same_record_from_there_counts_as_its_ack,
    at_most_64_datagrams_are_out_and_link_frames_still_go,
    a_timeout_halves_the_window_once_and_acks_open_it_again,
    what_is_urgent_waits_little_behind_a_flood, a_narrow_link_is_kept_busy,
    many_small_frames_fit_again_however_old_they_are,
    two_flows_over_one_neighbour_share_alike,
    acks_are_coalesced_and_sent_within_five_ms,
    many_datagrams_do_not_wait_for_their_ack,
    the_more_is_lost_the_oftener_is_an_ack_said, an_ack_rides_on_what_goes_anyway,
    ack_bits_survive_gaps_of_any_size, acks_of_what_was_never_sent_change_nothing,
    a_new_session_sends_again_what_is_out,
    the_largest_frame_can_be_sent_and_resent_beside_an_ack,
    what_nobody_will_send_is_given_back,
    a_lossy_line_delivers_everything_and_ends_quietly)
