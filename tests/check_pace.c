/* pace.c and parcel.c. */
#include "check_mesh.h"
#include "mesh_counters.h"
#include "pace.h"
#include "pack.h"

enum { SLOTS = 600 };
static _Alignas(16) uint8_t block[1024 * 1024];
static struct parcels ps;
static struct pace q;
static uint64_t counters[COUNT_MESH];
static mesh_time_ms now;

static void
setup(void)
{
	ck_assert_uint_le(parcel_bytes(SLOTS), sizeof block);
	parcel_init(&ps, block, SLOTS);
	memset(counters, 0, sizeof counters);
	pace_init(&q, counters);
	now = 1000;
}

/* A frame whose bytes are its name, by the site `origin`. */
static struct handle
parcel(enum parcel_class class, uint8_t origin, const char *name)
{
	struct handle h = parcel_of_frame(
	    &ps, class, PARCEL_PLAIN, bytes_view(name, strlen(name)), now);

	if (h.generation != 0)
		parcel_at(&ps, h)->origin[0] = origin;
	return h;
}

static bool
put(enum parcel_class class, uint8_t origin, const char *name)
{
	struct handle h = parcel(class, origin, name);
	bool taken = pace_put(&q, &ps, h, now);

	parcel_release(&ps, h);
	return taken;
}

/* All that comes out, joined. */
static const char *
drained(void)
{
	static char text[2048];
	struct bytes_out out = bytes_out(text, sizeof text - 1);
	struct handle h;

	while ((h = pace_take(&q, &ps, ENVELOPE_PLAIN_MAX, now)).generation != 0) {
		ck_assert_int_eq(parcel_write(parcel_at(&ps, h), now, &out), MESH_OK);
		parcel_release(&ps, h);
	}
	text[out.len] = '\0';
	return text;
}

START_TEST(classes_go_in_strict_order)
{
	put(PARCEL_P2, 1, "d");
	put(PARCEL_P1, 1, "c");
	put(PARCEL_P3, 1, "e");
	put(PARCEL_P0, 1, "b");
	put(PARCEL_LINK, 0, "a");
	ck_assert(pace_has_link(&q));
	ck_assert_str_eq(drained(), "abcde");
	ck_assert(pace_is_empty(&q));
	ck_assert_msg(pool_taken(&ps.pool) == 0, "every slot came back");
}
START_TEST(origins_take_turns_inside_a_class)
{
	for (int i = 0; i < 4; i++)
		put(PARCEL_P1, 1, "a");
	for (int i = 0; i < 2; i++)
		put(PARCEL_P1, 2, "b");
	put(PARCEL_P1, 3, "c");
	ck_assert_str_eq(drained(), "abcabaa");
}
START_TEST(who_was_just_served_waits_for_the_others)
{
	put(PARCEL_P1, 1, "a");
	put(PARCEL_P1, 2, "b");
	put(PARCEL_P1, 2, "b");
	parcel_release(&ps, pace_take(&q, &ps, 100, now));
	put(PARCEL_P1, 1, "a");
	ck_assert_str_eq(drained(), "bab");
}
START_TEST(turns_are_measured_in_bytes)
{
	put(PARCEL_P1, 1, "aaaa");
	put(PARCEL_P1, 1, "aaaa");
	for (int i = 0; i < 8; i++)
		put(PARCEL_P1, 2, "b");
	ck_assert_str_eq(drained(), "aaaabbbbaaaabbbb");
}
START_TEST(a_newcomer_does_not_go_before_who_waited_its_turns)
{
	for (int i = 0; i < 4; i++)
		put(PARCEL_P1, 1, "a");
	for (int i = 0; i < 3; i++)
		parcel_release(&ps, pace_take(&q, &ps, 100, now));
	put(PARCEL_P1, 2, "b");
	put(PARCEL_P1, 2, "b");
	put(PARCEL_P1, 2, "b");
	ck_assert_str_eq(drained(), "babb");
}
START_TEST(old_news_is_left_to_repair)
{
	/* clang-format off */
	static const struct { enum parcel_class class; uint32_t ms; bool kept; } rows[] = {
		{ PARCEL_P1, 250, true }, { PARCEL_P1, 251, false },
		{ PARCEL_P0, 5000, true }, { PARCEL_P0, 5001, false },
		{ PARCEL_LINK, 60000, true },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		put(rows[i].class, 1, "a");
		now += rows[i].ms;
		ck_assert_str_eq(drained(), rows[i].kept ? "a" : "");
		ck_assert_uint_eq(counters[COUNT_SHED_QUEUE_AGE], !rows[i].kept);
		ck_assert_uint_eq(pool_taken(&ps.pool), 0);
	}
}
START_TEST(a_full_queue_drops_the_oldest_of_its_lowest_class)
{
	put(PARCEL_P2, 1, "z");
	now++;
	ck_assert(put(PARCEL_P1, 2, "o"));
	now++;
	for (int i = 2; i < PACE_ENTRIES; i++)
		ck_assert(put(PARCEL_P1, 2, "a"));
	ck_assert_msg(put(PARCEL_P0, 1, "!"), "the only P2 makes room");
	ck_assert_uint_eq(counters[COUNT_SHED_QUEUE_FULL], 1);
	ck_assert_msg(!put(PARCEL_P2, 1, "y"), "lower than all that wait");
	ck_assert_uint_eq(counters[COUNT_SHED_QUEUE_FULL], 2);
	ck_assert_msg(put(PARCEL_P1, 1, "n"), "the oldest of its own class makes room");
	ck_assert_uint_eq(counters[COUNT_SHED_QUEUE_FULL], 3);
	const char *text = drained();
	ck_assert_uint_eq(strlen(text), PACE_ENTRIES);
	ck_assert_msg(strchr(text, 'o') == NULL, "it was the oldest");
	ck_assert(
	    text[0] == '!' && strchr(text, 'z') == NULL && strchr(text, 'n') != NULL);
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
}
START_TEST(bytes_are_bounded_too)
{
	static char big[PARCEL_MAX + 1];
	uint32_t taken = 0;

	memset(big, 'x', PARCEL_MAX);
	while (counters[COUNT_SHED_QUEUE_FULL] == 0 && taken < 1000)
		taken += put(PARCEL_P1, 1, big);
	ck_assert_uint_le(q.bytes, PACE_BYTES);
	ck_assert_uint_eq(q.count, PACE_BYTES / PARCEL_MAX);
	pace_clear(&q, &ps);
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
	ck_assert_uint_eq(q.bytes, 0);
}
START_TEST(what_does_not_fit_stays_first)
{
	put(PARCEL_P1, 1, "long");
	put(PARCEL_P1, 1, "a");
	ck_assert_uint_eq(pace_take(&q, &ps, 3, now).generation, 0);
	ck_assert_str_eq(drained(), "longa");
}
START_TEST(one_parcel_waits_for_many_neighbours_and_is_given_back_once)
{
	static struct pace other;
	struct handle h = parcel(PARCEL_P1, 1, "a");

	pace_init(&other, counters);
	pace_put(&q, &ps, h, now);
	pace_put(&other, &ps, h, now);
	parcel_release(&ps, h);
	ck_assert_str_eq(drained(), "a");
	ck_assert_uint_eq(pool_taken(&ps.pool), 1);
	pace_clear(&other, &ps);
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
}

/* --- PUSH --- */

static struct parcel_push
push_of(size_t bundle_bytes)
{
	static uint8_t bundle[ENVELOPE_MAX], zeros[ENVELOPE_MAX];
	static const uint8_t trail[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct bytes_out out = bytes_out(bundle, sizeof bundle);
	size_t head = bundle_bytes > 300 ? 3 + 1 : 2 + 1;

	pack_array(&out, 1); /* stands for a bundle: any one value */
	pack_bin(&out, bytes_view(zeros, bundle_bytes - head));
	ck_assert_uint_eq(out.len, bundle_bytes);
	return (struct parcel_push){ .class = PARCEL_P1,
		.hop = { .hops = 2,
		    .age_ms = 100,
		    .trail = bytes_view(trail, 8),
		    .bundle = bytes_written(&out) },
		.mark = { { 7 } } };
}
START_TEST(a_push_ages_while_it_waits)
{
	struct parcel_push push = push_of(60);
	struct handle h = parcel_of_push(&ps, &push, now);
	uint8_t buf[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(buf, sizeof buf);
	struct envelope_frame frame;
	struct envelope_hop hop;
	enum mesh_err err;

	ck_assert_int_eq(parcel_write(parcel_at(&ps, h), now + 1234, &out), MESH_OK);
	ck_assert_uint_le(out.len, parcel_length(parcel_at(&ps, h)));
	struct bytes_in in = bytes_in(bytes_written(&out));
	ck_assert(envelope_next_frame(&in, &frame, &err));
	ck_assert_int_eq(envelope_push(&frame, &hop), MESH_OK);
	ck_assert_uint_eq(hop.age_ms, 1334);
	ck_assert_uint_eq(hop.hops, 2);
	ck_assert(bytes_equal(hop.trail, push.hop.trail));
	ck_assert(bytes_equal(hop.bundle, push.hop.bundle));
}
START_TEST(a_push_too_long_for_a_datagram_is_refused)
{
	struct parcel_push push = push_of(400);
	struct handle h = parcel_of_push(&ps, &push, now);
	size_t around = parcel_length(parcel_at(&ps, h)) - 400;

	push = push_of(PARCEL_MAX - around);
	ck_assert_uint_ne(parcel_of_push(&ps, &push, now).generation, 0);
	push = push_of(PARCEL_MAX - around + 1);
	ck_assert_uint_eq(parcel_of_push(&ps, &push, now).generation, 0);
	ck_assert_uint_eq(pool_taken(&ps.pool), 2);
}
START_TEST(stamps_travel_between_trail_and_bundle)
{
	static const uint8_t stamps[2 * MESSAGE_STAMP] = { 9 };
	struct parcel_push push = push_of(60);
	push.hop.stamps = bytes_view(stamps, sizeof stamps);
	struct handle h = parcel_of_push(&ps, &push, now);
	uint8_t buf[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(buf, sizeof buf);
	struct envelope_frame frame;
	struct envelope_hop hop;
	enum mesh_err err;

	ck_assert_int_eq(parcel_write(parcel_at(&ps, h), now, &out), MESH_OK);
	ck_assert_uint_le(out.len, parcel_length(parcel_at(&ps, h)));
	struct bytes_in in = bytes_in(bytes_written(&out));
	ck_assert(envelope_next_frame(&in, &frame, &err));
	ck_assert_int_eq(envelope_push(&frame, &hop), MESH_OK);
	ck_assert(bytes_equal(hop.stamps, push.hop.stamps));
	ck_assert(bytes_equal(hop.trail, push.hop.trail));
	ck_assert(bytes_equal(hop.bundle, push.hop.bundle));
	ck_assert(bytes_equal(parcel_bundle(parcel_at(&ps, h)), push.hop.bundle));
}
START_TEST(what_waits_is_known_until_it_is_taken)
{
	struct parcel_push push = push_of(60);
	struct handle h = parcel_of_push(&ps, &push, now);

	ck_assert(!pace_has(&q, &ps, h));
	put(PARCEL_P1, 1, "a");
	pace_put(&q, &ps, h, now);
	ck_assert(pace_has(&q, &ps, h));
	pace_clear(&q, &ps);
	ck_assert(!pace_has(&q, &ps, h));
	parcel_release(&ps, h);
}
START_TEST(a_copy_that_the_neighbour_has_is_taken_out)
{
	struct parcel_push push = push_of(60);
	struct handle h = parcel_of_push(&ps, &push, now);

	put(PARCEL_P1, 1, "a");
	pace_put(&q, &ps, h, now);
	put(PARCEL_P1, 1, "b");
	parcel_release(&ps, h);
	pace_drop(&q, &ps, &push.mark);
	ck_assert_str_eq(drained(), "ab");
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
}

/* --- pieces --- */

/* Three of a message, by hand: what frag.c makes. */
static struct handle
pieces(enum parcel_class class, uint16_t message)
{
	struct handle first = { 0, 0 };

	for (int i = 3; i-- > 0;) {
		struct handle h = parcel(class, 1, i == 0 ? "x" : i == 1 ? "y" : "z");
		parcel_at(&ps, h)->message = message;
		parcel_at(&ps, h)->next = first;
		first = h;
	}
	return first;
}
static bool
put_pieces(enum parcel_class class, uint16_t message)
{
	struct handle first = pieces(class, message);
	bool taken = pace_put(&q, &ps, first, now);

	parcel_release_all(&ps, first);
	return taken;
}

START_TEST(pieces_are_queued_together_and_come_in_order)
{
	ck_assert(put_pieces(PARCEL_P2, 1));
	ck_assert_uint_eq(q.count, 3);
	ck_assert_str_eq(drained(), "xyz");
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
}
START_TEST(all_pieces_of_a_message_fit_or_none)
{
	for (int i = 0; i < PACE_ENTRIES - 2; i++)
		ck_assert(put(PARCEL_P1, 2, "a"));
	ck_assert(!put_pieces(PARCEL_P2, 1));
	ck_assert_uint_eq(q.count, PACE_ENTRIES - 2);
	ck_assert_uint_eq(counters[COUNT_SHED_QUEUE_FULL], 1);
}
START_TEST(with_one_piece_all_others_of_it_are_shed)
{
	ck_assert(put_pieces(PARCEL_P3, 7));
	now++;
	for (int i = 0; i < PACE_ENTRIES - 3; i++)
		ck_assert(put(PARCEL_P2, 2, "a"));
	ck_assert_uint_eq(q.count, PACE_ENTRIES);
	ck_assert(put(PARCEL_P1, 2, "b"));
	ck_assert_uint_eq(q.count, PACE_ENTRIES - 2);
	ck_assert_uint_eq(counters[COUNT_SHED_QUEUE_FULL], 3);
}
START_TEST(pieces_that_are_not_urgent_wait_as_long_as_the_other_side)
{
	ck_assert(put_pieces(PARCEL_P2, 1));
	ck_assert(put(PARCEL_P2, 2, "a"));
	ck_assert(put_pieces(PARCEL_P1, 2));
	now += PACE_P2_MS + 1;
	ck_assert_str_eq(drained(), "xyz");
	ck_assert_uint_eq(counters[COUNT_SHED_QUEUE_AGE], 4);
}
START_TEST(what_is_too_long_for_a_narrow_way_is_taken_out)
{
	ck_assert(put(PARCEL_P1, 1, "short"));
	ck_assert(put(PARCEL_P3, 1, "much longer"));
	struct handle h = pace_take_long(&q, &ps, 5);
	ck_assert_uint_eq(parcel_at(&ps, h)->len, 11);
	parcel_release(&ps, h);
	ck_assert_uint_eq(pace_take_long(&q, &ps, 5).generation, 0);
	ck_assert_str_eq(drained(), "short");
}
CHECK_MODULE(pace, setup, stamps_travel_between_trail_and_bundle,
    what_waits_is_known_until_it_is_taken, classes_go_in_strict_order,
    origins_take_turns_inside_a_class, who_was_just_served_waits_for_the_others,
    turns_are_measured_in_bytes, a_newcomer_does_not_go_before_who_waited_its_turns,
    old_news_is_left_to_repair, a_full_queue_drops_the_oldest_of_its_lowest_class,
    bytes_are_bounded_too, what_does_not_fit_stays_first,
    one_parcel_waits_for_many_neighbours_and_is_given_back_once,
    a_push_ages_while_it_waits, a_push_too_long_for_a_datagram_is_refused,
    a_copy_that_the_neighbour_has_is_taken_out,
    pieces_are_queued_together_and_come_in_order, all_pieces_of_a_message_fit_or_none,
    with_one_piece_all_others_of_it_are_shed,
    pieces_that_are_not_urgent_wait_as_long_as_the_other_side,
    what_is_too_long_for_a_narrow_way_is_taken_out)
