#include "foremost.h"
#include "model_world.h"

struct heard {
	int what, when;
};
static struct heard rows[3];
static size_t count;

static int
by_time(const void *left, const void *right)
{
	const struct heard *a = left, *b = right;
	return a->when != b->when ? a->when - b->when : a->what - b->what;
}

static void
setup(void)
{
	count = 0;
}

static void
add(int what, int when)
{
	size_t same = 0;
	while (same < count && rows[same].what != what)
		same++;
	count = foremost_add(
	    (struct foremost){ rows, count, LENGTH(rows), sizeof rows[0], by_time },
	    &(struct heard){ what, when }, same);
}

static void
has(size_t index, int what, int when)
{
	ck_assert_uint_lt(index, count);
	ck_assert_int_eq(rows[index].what, what);
	ck_assert_int_eq(rows[index].when, when);
}

START_TEST(rows_stand_in_order)
{
	add(1, 30);
	add(2, 10);
	add(3, 20);
	has(0, 2, 10);
	has(1, 3, 20);
	has(2, 1, 30);
}
START_TEST(a_full_row_lets_the_last_one_fall)
{
	for (int i = 0; i < 4; i++)
		add(i, 40 - i);
	ck_assert_uint_eq(count, 3);
	has(0, 3, 37);
	has(2, 1, 39);
	add(9, 50); /* later than all */
	has(2, 1, 39);
}
START_TEST(of_one_thing_the_earlier_stays)
{
	add(1, 30);
	add(2, 20);
	add(1, 40);
	has(1, 1, 30);
	add(1, 10);
	ck_assert_uint_eq(count, 2);
	has(0, 1, 10);
}
START_TEST(any_order_keeps_the_same)
{
	static const struct heard all[] = { { 1, 5 }, { 1, 9 }, { 2, 7 }, { 3, 6 },
		{ 4, 8 }, { 2, 3 }, { 5, 4 } };
	for (int round = 0; round < 200; round++) {
		size_t order[LENGTH(all)];
		setup();
		world_shuffle(order, LENGTH(order));
		for (size_t i = 0; i < LENGTH(order); i++)
			add(all[order[i]].what, all[order[i]].when);
		ck_assert_uint_eq(count, 3);
		has(0, 2, 3);
		has(1, 5, 4);
		has(2, 1, 5);
	}
}
CHECK_MODULE(foremost, setup, rows_stand_in_order, a_full_row_lets_the_last_one_fall,
    of_one_thing_the_earlier_stays, any_order_keeps_the_same)
