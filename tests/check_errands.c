#include "check_mesh.h"
#include "errands.h"

static struct errands e;

static void
setup(void)
{
	e = (struct errands){ 0 };
}
static struct handle
h(uint32_t index)
{
	return (struct handle){ index, 1 };
}
static bool
add(uint32_t asker, uint32_t target, uint16_t id, mesh_time_ms now)
{
	struct errand one = { h(asker), h(target), id, now + ERRANDS_MS };
	return errands_add(&e, &one);
}

START_TEST(everybody_who_asked_is_told_once)
{
	struct errand one;
	ck_assert(add(1, 9, 11, 100) && add(2, 9, 12, 200) && add(1, 8, 13, 100));
	uint32_t ids = 0;
	while (errands_take(&e, h(9), 300, &one))
		ids += one.id;
	ck_assert_uint_eq(ids, 11 + 12);
	ck_assert(errands_take(&e, h(8), 300, &one) && one.asker.index == 1);
	ck_assert(!errands_take(&e, h(8), 300, &one));
	ck_assert(!errands_take(&e, (struct handle){ 0, 0 }, 300, &one));
}
START_TEST(a_second_later_nobody_is_told)
{
	struct errand one;
	ck_assert(add(1, 9, 11, 100));
	ck_assert(!errands_take(&e, h(9), 101 + ERRANDS_MS, &one));
	ck_assert(!errands_take(&e, h(9), 100, &one));
}
START_TEST(asking_again_replaces_the_question_and_is_new_only_later)
{
	struct errand one;
	ck_assert(add(1, 9, 11, 100));
	ck_assert(!add(1, 9, 12, 300));
	ck_assert(add(1, 9, 13, 301 + ERRANDS_MS));
	ck_assert(errands_take(&e, h(9), 302 + ERRANDS_MS, &one) && one.id == 13);
	ck_assert(!errands_take(&e, h(9), 302 + ERRANDS_MS, &one));
}
START_TEST(the_oldest_makes_room)
{
	struct errand one;
	for (uint32_t i = 0; i <= ERRANDS_CAP; i++)
		ck_assert(add(i, 100 + i, (uint16_t)i, 100 + i));
	ck_assert(!errands_take(&e, h(100), 150, &one));
	for (uint32_t i = 1; i <= ERRANDS_CAP; i++)
		ck_assert(errands_take(&e, h(100 + i), 150, &one));
}
CHECK_MODULE(errands, setup, everybody_who_asked_is_told_once,
    a_second_later_nobody_is_told,
    asking_again_replaces_the_question_and_is_new_only_later, the_oldest_makes_room)
