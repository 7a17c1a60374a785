#include "check_mesh.h"
#include "golden.h"
#include "meshsketch.h"
#include "text.h"

enum { CELLS = MESH_SKETCH_CELLS };

static const uint8_t netid[16] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8,
	0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf };
static struct mesh_sketch_cell our_cells[CELLS], their_cells[CELLS];
static struct mesh_sketch_difference found[CELLS];
static uint8_t wire[CELLS * MESH_SKETCH_CELL];
static struct mesh_sketch ours, theirs;

static void
setup(void)
{
	mesh_sketch_init(&ours, netid, our_cells, CELLS);
	mesh_sketch_init(&theirs, netid, their_cells, CELLS);
}

static struct mesh_sketch_item
item(uint64_t seq)
{
	struct mesh_sketch_item one = { .scope = (uint8_t)(seq % 3), .seq = seq };
	rng_bytes(one.leaf, sizeof one.leaf);
	return one;
}

/* `both` records that both have, `added` only we, `missing` only they. */
static void
make_sets(uint64_t both, uint64_t added, uint64_t missing)
{
	uint64_t seq = 1 + rng_u32() % 1000;
	for (uint64_t i = 0; i < both + added + missing;
	     i++, seq += 1 + rng_u32() % 5) {
		struct mesh_sketch_item one = item(seq);
		if (i < both + added)
			mesh_sketch_put(&ours, &one);
		if (i < both || i >= both + added)
			mesh_sketch_put(&theirs, &one);
	}
}

/* The first `cells` of theirs, as they travel, out of ours; then peeled. */
static enum mesh_err
compare(uint32_t cells, uint32_t *count)
{
	static struct mesh_sketch_cell copy[CELLS];
	struct mesh_sketch s = ours;
	struct bytes_out out = bytes_out(wire, sizeof wire);
	memcpy(copy, our_cells, sizeof copy);
	s.cells = copy;
	s.count = cells;
	ck_assert_int_eq(mesh_sketch_write(&theirs, 0, cells, &out), MESH_OK);
	ck_assert_uint_eq(out.len, (size_t)cells * MESH_SKETCH_CELL);
	ck_assert_int_eq(mesh_sketch_subtract(&s, 0, bytes_written(&out)), MESH_OK);
	return mesh_sketch_peel(&s, found, count);
}

static uint32_t
cells_needed(uint32_t from)
{
	uint32_t count, cells = from;
	while (compare(cells, &count) != MESH_OK) {
		ck_assert_uint_lt(cells, CELLS);
		cells += 16;
	}
	return cells;
}

START_TEST(equal_sets_need_one_cell_and_say_nothing)
{
	uint32_t count;
	make_sets(5000, 0, 0);
	ck_assert_int_eq(compare(1, &count), MESH_OK);
	ck_assert_uint_eq(count, 0);
}
START_TEST(every_difference_is_named_and_whose_it_is)
{
	static const struct {
		uint32_t both, added, missing;
	} cases[] = { { 0, 1, 0 }, { 0, 0, 1 }, { 1000, 1, 1 }, { 1000, 10, 3 },
		{ 10000, 50, 50 }, { 2000, 0, 500 }, { 100, 700, 300 } };
	for (size_t i = 0; i < LENGTH(cases); i++) {
		uint32_t count, added = 0;
		setup();
		make_sets(cases[i].both, cases[i].added, cases[i].missing);
		ck_assert_int_eq(compare(CELLS, &count), MESH_OK);
		ck_assert_uint_eq(count, cases[i].added + cases[i].missing);
		for (uint32_t k = 0; k < count; k++)
			added += found[k].added;
		ck_assert_uint_eq(added, cases[i].added);
	}
}
START_TEST(an_item_comes_back_as_it_was_put)
{
	struct mesh_sketch_item one = item(MESH_SKETCH_SEQ_MAX);
	uint32_t count;
	one.scope = 63;
	mesh_sketch_put(&theirs, &one);
	ck_assert_int_eq(compare(1, &count), MESH_OK);
	ck_assert_uint_eq(count, 1);
	ck_assert(!found[0].added);
	ck_assert_uint_eq(found[0].item.scope, 63);
	ck_assert_uint_eq(found[0].item.seq, MESH_SKETCH_SEQ_MAX);
	ck_assert_mem_eq(found[0].item.leaf, one.leaf, sizeof one.leaf);
}
START_TEST(a_thousand_differences_need_fewer_than_1500_cells)
{
	enum { ROUNDS = 12 };
	uint64_t sum = 0;
	for (int i = 0; i < ROUNDS; i++) {
		setup();
		make_sets(3000, 400, 600);
		uint32_t cells = cells_needed(1300);
		ck_assert_msg(cells <= 1500, "%u cells", cells);
		sum += cells;
	}
	ck_assert_msg(sum / ROUNDS <= 1420, "on average %u", (unsigned)(sum / ROUNDS));
}
START_TEST(sets_of_any_size_with_any_difference_agree_in_the_end)
{
	for (int i = 0; i < 60; i++) {
		uint32_t added = rng_u32() % (1U << i % 10),
			 missing = rng_u32() % (1U << i % 9), count, cells = 16;
		setup();
		make_sets(rng_u32() % 2000, added, missing);
		while (compare(cells, &count) == MESH_TRUNCATED && cells < CELLS)
			cells *= 2;
		ck_assert_int_eq(compare(cells, &count), MESH_OK);
		ck_assert_uint_eq(count, added + missing);
	}
}
START_TEST(too_few_cells_ask_for_more_and_name_only_what_is_sure)
{
	uint32_t count;
	make_sets(100, 64, 64);
	ck_assert_int_eq(compare(64, &count), MESH_TRUNCATED);
	ck_assert_uint_le(count, 64);
}
START_TEST(cells_of_no_two_sets_end_soon)
{
	static const uint8_t counts[] = { 0, 0xff, 1 };
	for (int i = 0; i < 300; i++) {
		uint32_t count, cells = 1 + rng_u32() % (i % 10 == 0 ? CELLS : 64);
		setup();
		rng_bytes(wire, (size_t)cells * MESH_SKETCH_CELL);
		for (size_t k = 0; k < cells; k++) /* counts of 0, -1 and many */
			memset(
			    &wire[k * MESH_SKETCH_CELL + 24], counts[rng_u32() % 3], 4);
		struct mesh_sketch s = ours;
		s.count = cells;
		ck_assert_int_eq(
		    mesh_sketch_subtract(
			&s, 0, bytes_view(wire, (size_t)cells * MESH_SKETCH_CELL)),
		    MESH_OK);
		enum mesh_err err = mesh_sketch_peel(&s, found, &count);
		ck_assert(err == MESH_TRUNCATED || err == MESH_MALFORMED);
		ck_assert_uint_le(count, cells);
	}
}
START_TEST(one_item_in_every_cell_is_a_lie)
{
	uint32_t count;
	struct mesh_sketch_item one = item(7);
	struct bytes_out out = bytes_out(wire, sizeof wire);
	mesh_sketch_put(&theirs, &one);
	for (size_t i = 1; i < CELLS; i++)
		their_cells[i] = their_cells[0];
	ck_assert_int_eq(mesh_sketch_write(&theirs, 0, CELLS, &out), MESH_OK);
	struct mesh_sketch s = ours;
	ck_assert_int_eq(mesh_sketch_subtract(&s, 0, bytes_written(&out)), MESH_OK);
	ck_assert_int_ne(mesh_sketch_peel(&s, found, &count), MESH_OK);
	ck_assert_uint_le(count, CELLS);
}
START_TEST(the_same_item_twice_names_nothing)
{
	uint32_t count;
	struct mesh_sketch_item one = item(7);
	mesh_sketch_put(&theirs, &one);
	mesh_sketch_put(&theirs, &one);
	ck_assert_int_eq(compare(64, &count), MESH_TRUNCATED);
	ck_assert_uint_eq(count, 0);
}
START_TEST(number_zero_is_no_record)
{
	uint32_t count;
	struct mesh_sketch_item one = item(0);
	mesh_sketch_put(&theirs, &one);
	ck_assert_int_eq(compare(16, &count), MESH_MALFORMED);
}
START_TEST(a_piece_that_is_no_whole_cell_or_beyond_the_last_is_refused)
{
	static const struct {
		uint32_t first;
		size_t len;
		enum mesh_err err;
		const char *why;
	} cases[] = { { 0, 28, MESH_OK, "one" }, { 0, 27, MESH_MALFORMED, "a part" },
		{ 4095, 28, MESH_OK, "the last" },
		{ 4095, 56, MESH_MALFORMED, "one more" },
		{ 4097, 0, MESH_MALFORMED, "beyond" }, { 0, 0, MESH_OK, "none" } };
	for (size_t i = 0; i < LENGTH(cases); i++)
		ck_assert_msg(mesh_sketch_subtract(&ours, cases[i].first,
				  bytes_view(wire, cases[i].len)) == cases[i].err,
		    "%s", cases[i].why);
	struct bytes_out out = bytes_out(wire, 28);
	ck_assert_int_eq(mesh_sketch_write(&ours, 4096, 1, &out), MESH_MALFORMED);
	ck_assert_int_eq(mesh_sketch_write(&ours, 0, 2, &out), MESH_FULL);
}

/* name: seq of each item, scope seq % 3, leaf of bytes seq, seq + 1 ...; their cells.
 */
static void
check_line(const char *name, struct bytes_view bytes, const char *expected)
{
	struct bytes_out out = bytes_out(wire, sizeof wire);
	char shown[2048];
	struct bytes_out text_room = bytes_out(shown, sizeof shown);
	setup();
	for (size_t i = 0; i < bytes.len; i++) {
		struct mesh_sketch_item one = { .scope = (uint8_t)(bytes.ptr[i] % 3),
			.seq = bytes.ptr[i] };
		for (size_t k = 0; k < sizeof one.leaf; k++)
			one.leaf[k] = (uint8_t)(bytes.ptr[i] + k);
		mesh_sketch_put(&ours, &one);
	}
	ck_assert_int_eq(mesh_sketch_write(&ours, 0, 16, &out), MESH_OK);
	text_put_hex(&text_room, bytes_written(&out));
	ck_assert_msg(strcmp(text_end(&text_room), expected) == 0, "%s: %s", name,
	    text_end(&text_room));
}
START_TEST(cells_are_as_others_compute_them)
{
	ck_assert_uint_ge(golden_each("wire/sketches.txt", check_line), 3);
}

CHECK_MODULE(sketch, setup, equal_sets_need_one_cell_and_say_nothing,
    every_difference_is_named_and_whose_it_is, an_item_comes_back_as_it_was_put,
    a_thousand_differences_need_fewer_than_1500_cells,
    sets_of_any_size_with_any_difference_agree_in_the_end,
    too_few_cells_ask_for_more_and_name_only_what_is_sure,
    cells_of_no_two_sets_end_soon, one_item_in_every_cell_is_a_lie,
    the_same_item_twice_names_nothing, number_zero_is_no_record,
    a_piece_that_is_no_whole_cell_or_beyond_the_last_is_refused,
    cells_are_as_others_compute_them)
