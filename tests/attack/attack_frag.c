/* Attack 9: pieces of frames by an admitted neighbour.  VICTIM - LIAR and VICTIM -
 * HONEST; the liar says what it likes, the honest one must not notice. */
#include "attack.h"
#include "check_world.h"
#include "wire.h"

enum { VICTIM = 0, LIAR = 1, HONEST = 2 };

static void
a_star(void)
{
	begin(3, 0);
	world_join(w, VICTIM, LIAR);
	world_join(w, VICTIM, HONEST);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(VICTIM, LIAR) && is_direct(VICTIM, HONEST));
}

static struct bytes_view
frame_of(const struct frame_frag *piece)
{
	static uint8_t room[ENVELOPE_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	ck_assert_int_eq(
	    wire_encode_numbered(&frame_frag_table, FRAME_FRAG, piece, &out), MESH_OK);
	return bytes_written(&out);
}

/* A piece with bytes that mean nothing. */
static void
lie(uint16_t message, uint32_t total, uint16_t step, uint8_t index)
{
	static const uint8_t zeros[ENVELOPE_MAX];
	size_t left = total - (size_t)index * step;
	struct frame_frag piece = { message, total, step, index,
		bytes_view(zeros, left < step ? left : step) };
	liar_sends(w, LIAR, VICTIM, frame_of(&piece));
}

static const struct mesh_site *
victim(void)
{
	return w->sites[VICTIM].site;
}

/* How long a record of the honest site takes to the victim. */
static mesh_time_ms
latency(uint64_t number, size_t bytes)
{
	mesh_time_ms from = w->now;
	ck_assert_int_eq(world_append(w, HONEST, LANE_PACKET, number, bytes), MESH_OK);
	while (world_told(w, VICTIM, HONEST, LANE_PACKET, number) == 0) {
		run(1);
		ck_assert_uint_lt(w->now - from, 5000);
	}
	return w->now - from;
}

START_TEST(first_pieces_hold_no_more_than_their_neighbours_share)
{
	a_star();
	mesh_time_ms quiet = latency(1, 200), quiet_long = latency(2, 50000);
	size_t memory = mesh_site_memory(victim());
	attack_starts(w);
	for (uint32_t id = 1; id <= 1000; id++) {
		lie((uint16_t)id, MESSAGE_FRAME_MAX, 1000, 0);
		ck_assert_uint_le(victim()->frags.blocks, FRAG_EACH_BLOCKS);
	}
	ck_assert_uint_gt(counter(VICTIM, "frag.cap"), 900);
	attack_holds(w, VICTIM, "first pieces");
	ck_assert_uint_le(latency(3, 200), 2 * quiet);
	for (uint32_t id = 1001; id <= 1200; id++)
		lie((uint16_t)id, MESSAGE_FRAME_MAX, 1000, 0);
	ck_assert_uint_le(latency(4, 50000), 2 * quiet_long);
	ck_assert_uint_eq(mesh_site_memory(victim()), memory);
	done();
}
START_TEST(many_small_messages_take_no_more_rows_than_their_share)
{
	a_star();
	for (uint32_t id = 1; id <= 1000; id++)
		lie((uint16_t)id, 1100, 1000, 0);
	ck_assert_uint_le(victim()->frags.open, FRAG_EACH);
	ck_assert_uint_lt(latency(1, 50000), 1000);
	done();
}
START_TEST(what_is_never_finished_is_given_back)
{
	a_star();
	lie(1, 50000, 1000, 0);
	lie(2, 50000, 1000, 49);
	run(FRAG_IDLE_MS + 100);
	ck_assert_uint_eq(counter(VICTIM, "frag.timeout"), 2);
	ck_assert_uint_eq(victim()->frags.blocks, 0);
	done();
}
START_TEST(a_trickle_of_pieces_is_given_up)
{
	a_star();
	for (uint8_t i = 0; i < 16; i++) { /* 32 s */
		lie(1, 50000, 1000, i);
		run(2000);
	}
	ck_assert_uint_eq(counter(VICTIM, "frag.timeout"), 1);
	ck_assert_uint_eq(victim()->frags.blocks, 0);
	done();
}
START_TEST(pieces_that_contradict_each_other_end_their_message)
{
	uint8_t other[1000] = { 1 };
	a_star();
	lie(1, 5000, 1000, 0);
	struct frame_frag piece = { 1, 5000, 1000, 0, bytes_view(other, sizeof other) };
	liar_sends(w, LIAR, VICTIM, frame_of(&piece));
	ck_assert_uint_eq(counter(VICTIM, "frag.conflict"), 1);
	ck_assert_uint_eq(victim()->frags.blocks, 0);
	lie(2, 5000, 1000, 0);
	lie(2, 5001, 1000, 1);
	ck_assert_uint_eq(counter(VICTIM, "frag.conflict"), 2);
	ck_assert_uint_eq(victim()->frags.blocks, 0);
	done();
}
START_TEST(only_what_may_be_long_is_put_together)
{
	static const uint8_t ping[] = { 0x93, 0x02, 0x07, 0xc0 };
	uint8_t frame[256] = { 0 };
	struct frame_frag piece = { 1, sizeof frame, 128, 0, bytes_view(frame, 128) };
	a_star();
	/* A PING, and an element of it that fills the rest. */
	memcpy(frame, ping, sizeof ping);
	frame[0] = 0x94;
	frame[4] = 0xc4;
	frame[5] = (uint8_t)(sizeof frame - 6);
	uint64_t shape = counter(VICTIM, "rx.shape");
	liar_sends(w, LIAR, VICTIM, frame_of(&piece));
	piece.index = 1;
	piece.bytes.ptr += 128;
	liar_sends(w, LIAR, VICTIM, frame_of(&piece));
	ck_assert_uint_eq(counter(VICTIM, "rx.shape"), shape + 1);
	ck_assert_uint_eq(victim()->frags.blocks, 0);
	done();
}
START_TEST(pieces_count_among_what_a_neighbour_may_send)
{
	a_star();
	for (uint32_t i = 0; i < 5000; i++)
		lie(1, 50000, 1000, (uint8_t)(i % 49));
	ck_assert_uint_gt(counter(VICTIM, "shed.neighbour"), 2000);
	ck_assert_uint_lt(latency(1, 200), 100);
	done();
}

CHECK_MODULE(attack_frag, NULL, first_pieces_hold_no_more_than_their_neighbours_share,
    many_small_messages_take_no_more_rows_than_their_share,
    what_is_never_finished_is_given_back, a_trickle_of_pieces_is_given_up,
    pieces_that_contradict_each_other_end_their_message,
    only_what_may_be_long_is_put_together, pieces_count_among_what_a_neighbour_may_send)
