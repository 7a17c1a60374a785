#include "check_mesh.h"
#include "runs.h"

enum { CAP = 8, WORLD = 200 };
static struct mesh_run room[CAP];
static struct runs s;

static void
setup(void)
{
	memset(room, 0, sizeof room);
	s = (struct runs){ room, 0, CAP };
}

START_TEST(neighbours_melt_into_one_run)
{
	ck_assert_int_eq(runs_add(&s, 1, 1), MESH_OK);
	ck_assert_int_eq(runs_add(&s, 3, 3), MESH_OK);
	ck_assert_uint_eq(s.count, 2);
	ck_assert_int_eq(runs_add(&s, 2, 2), MESH_OK);
	ck_assert_uint_eq(s.count, 1);
	ck_assert(runs_has(&s, 2) && !runs_has(&s, 4) && !runs_has(&s, 0));
	ck_assert_uint_eq(runs_prefix(&s, 1), 3);
	ck_assert_uint_eq(runs_total(&s), 3);
}
START_TEST(one_run_too_many_is_refused_and_changes_nothing)
{
	for (uint64_t i = 0; i < CAP; i++)
		ck_assert_int_eq(runs_add(&s, 10 * i + 1, 10 * i + 2), MESH_OK);
	ck_assert_int_eq(runs_add(&s, 1000, 1000), MESH_FULL);
	ck_assert_int_eq(runs_add(&s, 5, 5), MESH_FULL);
	ck_assert_uint_eq(s.count, CAP);
	ck_assert_msg(runs_add(&s, 3, 3) == MESH_OK, "growing a run needs no other");
	ck_assert_int_eq(runs_add(&s, 4, 100), MESH_OK);
	ck_assert_uint_eq(s.count, 1);
	ck_assert_uint_eq(runs_highest(&s), 100);
}
START_TEST(missing_numbers_are_found_from_anywhere)
{
	struct mesh_run gap;
	ck_assert_int_eq(runs_add(&s, 3, 5), MESH_OK);
	ck_assert_int_eq(runs_add(&s, 9, 9), MESH_OK);
	ck_assert(runs_missing(&s, 1, 20, &gap) && gap.first == 1 && gap.last == 2);
	ck_assert(runs_missing(&s, 3, 20, &gap) && gap.first == 6 && gap.last == 8);
	ck_assert(runs_missing(&s, 7, 20, &gap) && gap.first == 7 && gap.last == 8);
	ck_assert(runs_missing(&s, 9, 20, &gap) && gap.first == 10 && gap.last == 20);
	ck_assert(runs_missing(&s, 7, 7, &gap) && gap.first == 7 && gap.last == 7);
	ck_assert(!runs_missing(&s, 3, 5, &gap));
	ck_assert(!runs_missing(&s, 9, 9, &gap));
	ck_assert_uint_eq(runs_prefix(&s, 1), 0);
	ck_assert_uint_eq(runs_prefix(&s, 4), 5);
}
START_TEST(the_far_end_of_numbers_is_safe)
{
	struct mesh_run gap;
	ck_assert_int_eq(runs_add(&s, UINT64_MAX - 1, UINT64_MAX), MESH_OK);
	ck_assert_int_eq(runs_add(&s, 0, 0), MESH_OK);
	ck_assert(runs_has(&s, UINT64_MAX));
	ck_assert(runs_missing(&s, 0, UINT64_MAX, &gap));
	ck_assert(gap.first == 1 && gap.last == UINT64_MAX - 2);
	ck_assert_int_eq(runs_remove(&s, UINT64_MAX, UINT64_MAX), MESH_OK);
	ck_assert(!runs_has(&s, UINT64_MAX) && runs_has(&s, UINT64_MAX - 1));
}
START_TEST(unsound_runs_are_told)
{
	static const struct {
		struct mesh_run run[2];
		bool sound;
		const char *why;
	} row[] = {
		{ { { 1, 2 }, { 4, 4 } }, true, "plain" },
		{ { { 0, 2 }, { 4, 4 } }, false, "numbers begin at 1" },
		{ { { 1, 2 }, { 3, 4 } }, false, "touching" },
		{ { { 1, 5 }, { 4, 9 } }, false, "overlapping" },
		{ { { 2, 1 }, { 4, 4 } }, false, "backwards" },
		{ { { 1, UINT64_MAX }, { 4, 4 } }, false, "too high" },
		{ { { 7, 8 }, { 4, 4 } }, false, "not ascending" },
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct mesh_run copy[2] = { row[i].run[0], row[i].run[1] };
		struct runs two = { copy, 2, 2 };
		ck_assert_msg(runs_are_sound(&two) == row[i].sound, "%s", row[i].why);
	}
}

static bool world[WORLD];

static size_t
runs_in_world(void)
{
	size_t count = 0;
	for (size_t i = 1; i < WORLD; i++)
		count += world[i] && !world[i - 1];
	return count;
}

static void
compare_with_world(void)
{
	struct mesh_run gap;
	ck_assert(runs_are_sound(&s));
	uint64_t from = 1 + rng_u32() % (WORLD - 1), want = from;
	while (want < WORLD && world[want])
		want++;
	bool found = runs_missing(&s, from, WORLD - 1, &gap);
	ck_assert(found == (want < WORLD) && (!found || gap.first == want));
	ck_assert_uint_eq(runs_prefix(&s, from), want - 1);
	bool same = true;
	for (uint64_t n = 0; n < WORLD; n++)
		same &= runs_has(&s, n) == world[n];
	ck_assert(same);
}

START_TEST(any_sequence_equals_a_plain_set)
{
	memset(world, 0, sizeof world);
	for (int i = 0; i < 20000; i++) {
		bool before[WORLD], value = rng_u32() % 2;
		uint64_t first = 1 + rng_u32() % (WORLD - 1);
		uint64_t last = first + rng_u32() % 9;
		last = last < WORLD ? last : WORLD - 1;
		memcpy(before, world, sizeof world);
		for (uint64_t n = first; n <= last; n++)
			world[n] = value;
		enum mesh_err want = runs_in_world() > CAP ? MESH_FULL : MESH_OK;
		enum mesh_err got = value ? runs_add(&s, first, last)
					  : runs_remove(&s, first, last);
		ck_assert_int_eq(got, want);
		if (want == MESH_FULL)
			memcpy(world, before, sizeof world);
		compare_with_world();
	}
}
CHECK_MODULE(runs, setup, neighbours_melt_into_one_run,
    one_run_too_many_is_refused_and_changes_nothing,
    missing_numbers_are_found_from_anywhere, the_far_end_of_numbers_is_safe,
    unsound_runs_are_told, any_sequence_equals_a_plain_set)
