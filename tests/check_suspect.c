#include "check_mesh.h"
#include "suspect.h"

static struct suspect s;

static void
setup(void)
{
	s = (struct suspect){ .count = 0 };
}
static struct handle
h(uint32_t index)
{
	return (struct handle){ index, 1 };
}

START_TEST(who_does_not_refute_is_dead_in_time)
{
	struct handle dead;
	ck_assert(suspect_add(&s, h(3), 100));
	ck_assert(!suspect_add(&s, h(3), 200)); /* a second voice changes nothing */
	ck_assert(suspect_add(&s, h(4), 150));
	ck_assert_uint_eq(suspect_deadline(&s), 700);
	ck_assert(!suspect_due(&s, 699, &dead));
	ck_assert(suspect_due(&s, 700, &dead) && dead.index == 3);
	ck_assert(!suspect_due(&s, 749, &dead));
	ck_assert(suspect_due(&s, 750, &dead) && dead.index == 4);
	ck_assert_uint_eq(suspect_deadline(&s), MESH_NEVER);
}
START_TEST(who_refutes_is_off_the_list)
{
	struct handle dead;
	ck_assert(!suspect_clear(&s, h(1)));
	for (uint32_t i = 0; i < 5; i++)
		ck_assert(suspect_add(&s, h(i), i));
	ck_assert(suspect_clear(&s, h(0)) && suspect_clear(&s, h(2)));
	ck_assert(suspect_due(&s, 9999, &dead) && dead.index == 1);
	ck_assert(suspect_due(&s, 9999, &dead) && dead.index == 3);
	ck_assert(suspect_due(&s, 9999, &dead) && dead.index == 4);
	ck_assert(!suspect_due(&s, 9999, &dead));
}
START_TEST(a_full_list_forgets_nobody)
{
	for (uint32_t i = 0; i < SUSPECT_CAP; i++)
		ck_assert(suspect_add(&s, h(i), 0));
	ck_assert(!suspect_add(&s, h(1000), 0));
	ck_assert(suspect_clear(&s, h(SUSPECT_CAP - 1)));
	ck_assert(suspect_add(&s, h(1000), 0));
}
CHECK_MODULE(suspect, setup, who_does_not_refute_is_dead_in_time,
    who_refutes_is_off_the_list, a_full_list_forgets_nobody)
