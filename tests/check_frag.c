/* frag.c: what is cut comes out whole, whatever the order; what cannot be is bounded.
 */
#include "check_mesh.h"
#include "frag.h"
#include "golden.h"
#include "mesh_counters.h"
#include "wire.h"

enum { SLOTS = 400, SPARE = 20 };
static _Alignas(16) uint8_t block[1024 * 1024], frame[MESSAGE_FRAME_MAX],
    whole[MESSAGE_FRAME_MAX];
static struct parcels ps;
static struct frags f;
static uint64_t counters[COUNT_MESH];
static mesh_time_ms now;

static void
setup(void)
{
	rng_restart(check_seed());
	ck_assert_uint_le(parcel_bytes(SLOTS), sizeof block);
	parcel_init(&ps, block, SLOTS);
	memset(counters, 0, sizeof counters);
	frag_init(&f, SPARE, counters);
	now = 1000;
	rng_bytes(frame, sizeof frame);
}

static struct handle
neighbour(uint32_t index)
{
	return (struct handle){ index, 1 };
}

static struct frag_cut
cut_of(size_t bytes)
{
	size_t first = bytes / 3;
	return (struct frag_cut){ .parts = { bytes_view(frame, first),
				      bytes_view(frame + first, 0),
				      bytes_view(frame + first, bytes - first) },
		.class = PARCEL_P2 };
}

/* The pieces of a message, as the other side reads them; views into parcels. */
struct pieces {
	struct handle first;
	size_t count;
	struct frame_frag list[MESSAGE_PIECES];
};

static void
cut(size_t bytes, size_t limit, struct pieces *out)
{
	struct frag_cut what = cut_of(bytes);
	*out = (struct pieces){ .first = frag_cut(&f, &ps, &what, limit, now) };
	const struct parcel *p;
	for (struct handle h = out->first; (p = parcel_at(&ps, h)) != NULL;
	     h = p->next) {
		ck_assert_uint_le(p->len, limit);
		ck_assert_int_eq(
		    wire_decode_numbered(&frame_frag_table,
			bytes_view(p->bytes, p->len), &out->list[out->count++], NULL),
		    MESH_OK);
	}
}

static enum frag_outcome
take(uint32_t from, const struct frame_frag *piece, struct frag_message **m)
{
	ck_assert(frag_is_sound(piece));
	return frag_take(&f, &ps, neighbour(from), piece, m, now);
}

static struct frame_frag
piece_of(uint16_t message, uint32_t total, uint16_t step, uint8_t index)
{
	size_t at = (size_t)index * step, left = total - at;
	return (struct frame_frag){ message, total, step, index,
		bytes_view(frame + at, left < step ? left : step) };
}

static uint64_t
count_of(enum mesh_counter c)
{
	return counters[c];
}

START_TEST(any_order_and_any_repetition_give_the_frame_back)
{
	for (int round = 0; round < 200; round++) {
		static struct pieces cut_now;
		struct pieces *p = &cut_now;
		struct frag_message *m;
		size_t limit = rng_u32() % 2 ? PARCEL_MAX : 467;
		size_t bytes = limit + 1 + rng_u32() % (MESSAGE_FRAME_MAX - limit);
		cut(bytes, limit, p);
		ck_assert_uint_eq(p->count, frag_pieces(bytes, limit));
		for (size_t i = p->count - 1; i > 0; i--) {
			size_t other = rng_u32() % (i + 1);
			struct frame_frag swap = p->list[i];
			p->list[i] = p->list[other];
			p->list[other] = swap;
		}
		for (size_t i = 0; i + 1 < p->count; i++) {
			ck_assert_int_eq(take(1, &p->list[i], &m), FRAG_KEPT);
			size_t again = rng_u32() % (i + 1);
			ck_assert_int_eq(take(1, &p->list[again], &m), FRAG_KEPT);
		}
		ck_assert_int_eq(take(1, &p->list[p->count - 1], &m), FRAG_WHOLE);
		ck_assert_uint_eq(m->total, bytes);
		memset(whole, 0, sizeof whole);
		frag_read(m, &ps, &p->list[p->count - 1], whole);
		ck_assert_int_eq(memcmp(whole, frame, bytes), 0);
		frag_over(&f, &ps, m, now);
		ck_assert_int_eq(take(1, &p->list[0], &m), FRAG_LATE);
		parcel_release_all(&ps, p->first);
		ck_assert_uint_eq(pool_taken(&ps.pool), 0);
		now += FRAG_IDLE_MS + 1;
		frag_tick(&f, &ps, now);
	}
	ck_assert_uint_eq(f.open, 0);
}

START_TEST(what_is_refused_may_come_again)
{
	struct frame_frag a = piece_of(1, 300, 200, 0), b = piece_of(1, 300, 200, 1);
	struct frag_message *m;
	ck_assert_int_eq(take(1, &b, &m), FRAG_KEPT);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(take(1, &a, &m), FRAG_WHOLE);
}

START_TEST(a_frame_too_long_or_without_slots_is_not_cut)
{
	struct frag_cut what = cut_of(MESSAGE_FRAME_MAX);
	ck_assert_uint_eq(frag_pieces(MESSAGE_FRAME_MAX, PARCEL_MAX), 58);
	ck_assert_uint_eq(frag_pieces(MESSAGE_FRAME_MAX, 467), 146);
	ck_assert_uint_eq(frag_pieces(MESSAGE_FRAME_MAX + 1, PARCEL_MAX), 0);
	what.spare = SLOTS - 57;
	ck_assert_uint_eq(frag_cut(&f, &ps, &what, PARCEL_MAX, now).generation, 0);
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
	what.spare = SLOTS - 58;
	struct handle h = frag_cut(&f, &ps, &what, PARCEL_MAX, now);
	ck_assert_uint_eq(pool_taken(&ps.pool), 58);
	parcel_release_all(&ps, h);
}

START_TEST(numbers_that_do_not_fit_each_other_are_unsound)
{
	static const struct {
		uint32_t total;
		uint16_t step;
		uint8_t index;
		size_t len;
		const char *why;
	} rows[] = {
		{ 300, 200, 0, 199, "a piece too short" },
		{ 300, 200, 0, 201, "a piece too long" },
		{ 300, 200, 1, 200, "a last piece as long as the others" },
		{ 300, 200, 2, 100, "a piece behind the end" },
		{ 300, 300, 0, 300, "one piece" },
		{ 400, 200, 2, 1, "a piece at the end" },
		{ 65536, 128, 0, 128, "more pieces than a message may have" },
	};
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct frame_frag piece = { 1, rows[i].total, rows[i].step,
			rows[i].index, bytes_view(frame, rows[i].len) };
		ck_assert_msg(!frag_is_sound(&piece), "%s", rows[i].why);
	}
}

START_TEST(contradictions_kill_the_message_and_all_that_comes_of_it)
{
	for (int way = 0; way < 3; way++) {
		uint16_t number = (uint16_t)(way + 1);
		struct frame_frag a = piece_of(number, 700, 200, 0);
		struct frame_frag b = a;
		struct frag_message *m;
		ck_assert_int_eq(take(1, &a, &m), FRAG_KEPT);
		if (way == 0)
			b.bytes.ptr = frame + 1;
		else
			b = piece_of(
			    number, way == 1 ? 701 : 700, way == 1 ? 200 : 201, 1);
		ck_assert_int_eq(take(1, &b, &m), FRAG_KILLED);
		ck_assert_uint_eq(count_of(COUNT_FRAG_CONFLICT), (unsigned)way + 1);
		ck_assert_int_eq(take(1, &a, &m), FRAG_LATE);
		ck_assert_uint_eq(pool_taken(&ps.pool), 0);
	}
}

START_TEST(what_is_not_finished_ends_by_itself)
{
	struct frag_message *m;
	for (uint8_t i = 0; i < 12; i++) { /* a piece each 2.9 s: 31 s in all */
		struct frame_frag piece = piece_of(1, 9000, 200, i);
		enum frag_outcome what = take(1, &piece, &m);
		ck_assert_int_eq(what, i < 11 ? FRAG_KEPT : FRAG_LATE);
		now += FRAG_IDLE_MS - 100;
		frag_tick(&f, &ps, now);
	}
	ck_assert_uint_eq(count_of(COUNT_FRAG_TIMEOUT), 1);
	struct frame_frag other = piece_of(2, 9000, 200, 0);
	ck_assert_int_eq(take(1, &other, &m), FRAG_KEPT);
	ck_assert_uint_eq(frag_deadline(&f), now + FRAG_IDLE_MS);
	now += FRAG_IDLE_MS;
	frag_tick(&f, &ps, now);
	ck_assert_uint_eq(count_of(COUNT_FRAG_TIMEOUT), 2);
	ck_assert_uint_eq(pool_taken(&ps.pool), 0);
	ck_assert_uint_eq(frag_deadline(&f), MESH_NEVER);
}

START_TEST(a_neighbour_fills_only_its_own_share)
{
	struct frag_message *m;
	size_t kept = 0;
	for (uint32_t id = 1; id <= 5000; id++) { /* bombs: the first piece only */
		struct frame_frag piece = piece_of((uint16_t)id, 65536, 1000, 0);
		kept += take(1, &piece, &m) == FRAG_KEPT;
		ck_assert_uint_le(pool_taken(&ps.pool), FRAG_EACH_BLOCKS);
	}
	ck_assert_uint_eq(kept, FRAG_EACH_BLOCKS / FRAG_BLOCKS);
	ck_assert_uint_eq(count_of(COUNT_FRAG_CAP), 5000 - kept);
	for (uint32_t id = 1; id <= 5000; id++) { /* and small ones by another */
		struct frame_frag piece = piece_of((uint16_t)id, 1400, 1000, 0);
		kept += take(2, &piece, &m) == FRAG_KEPT;
	}
	ck_assert_uint_eq(kept, FRAG_EACH_BLOCKS / FRAG_BLOCKS + FRAG_EACH);
}

START_TEST(who_holds_most_makes_room_for_who_holds_less)
{
	struct frag_message *m;
	for (uint32_t from = 1; from <= 8; from++)
		for (uint16_t id = 1; id <= 20; id++) {
			struct frame_frag piece = piece_of(id, 65536, 1000, 0);
			(void)take(from, &piece, &m);
			ck_assert_uint_le(f.blocks, FRAG_ALL_BLOCKS);
			ck_assert_uint_ge(ps.pool.free_count, SPARE);
		}
	struct frame_frag honest = piece_of(1, 30000, 1000, 0);
	ck_assert_int_eq(take(9, &honest, &m), FRAG_KEPT);
	for (uint32_t from = 11; from <= 14; from++) /* all entries, small ones */
		for (uint16_t id = 1; id <= 20; id++) {
			struct frame_frag piece = piece_of(id, 1100, 1000, 0);
			(void)take(from, &piece, &m);
			ck_assert_uint_le(f.open, FRAG_MESSAGES);
		}
	ck_assert_int_eq(take(10, &honest, &m), FRAG_KEPT);
	for (uint32_t from = 1; from <= 14; from++)
		frag_forget(&f, &ps, neighbour(from));
	ck_assert_uint_eq(f.open + f.blocks + pool_taken(&ps.pool), 0);
}

/* --- golden --- */

static struct {
	size_t bytes, seen;
	struct handle next; /* the piece that the next line must be */
} golden;

static void
check_piece(const char *name, struct bytes_view bytes, const char *text)
{
	if (strcmp(name, "whole") == 0) {
		struct frag_cut what = { .parts = { bytes }, .class = PARCEL_P2 };
		ck_assert_str_eq(text, "limit=467");
		golden.bytes = bytes.len;
		golden.next = frag_cut(&f, &ps, &what, 467, now);
		return;
	}
	const struct parcel *p = parcel_at(&ps, golden.next);
	ck_assert_ptr_nonnull(p);
	ck_assert(bytes_equal(bytes, bytes_view(p->bytes, p->len)));
	golden.next = p->next;
	golden.seen++;
}
START_TEST(pieces_are_those_of_the_vectors)
{
	memset(&golden, 0, sizeof golden);
	ck_assert_uint_eq(golden_each("wire/pieces.txt", check_piece), 4);
	ck_assert_uint_eq(golden.seen, frag_pieces(golden.bytes, 467));
	ck_assert_uint_eq(golden.next.generation, 0);
}

CHECK_MODULE(frag, setup, pieces_are_those_of_the_vectors,
    any_order_and_any_repetition_give_the_frame_back, what_is_refused_may_come_again,
    a_frame_too_long_or_without_slots_is_not_cut,
    numbers_that_do_not_fit_each_other_are_unsound,
    contradictions_kill_the_message_and_all_that_comes_of_it,
    what_is_not_finished_ends_by_itself, a_neighbour_fills_only_its_own_share,
    who_holds_most_makes_room_for_who_holds_less)
