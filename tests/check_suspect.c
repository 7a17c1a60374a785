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
static bool
accuse(uint32_t index, uint32_t witness, unsigned need, mesh_time_ms now)
{
	struct accusation a = { h(index), witness, need, 1 };
	return suspect_add(&s, &a, now);
}

START_TEST(who_does_not_refute_is_dead_in_time)
{
	struct handle dead;
	ck_assert(accuse(3, 0, 1, 100));
	ck_assert(!accuse(3, 0, 1, 200)); /* the same voice again changes nothing */
	ck_assert(accuse(4, 0, 1, 150));
	ck_assert_uint_eq(suspect_deadline(&s), 700);
	ck_assert(!suspect_due(&s, 699, &dead));
	ck_assert(suspect_due(&s, 700, &dead) && dead.index == 3);
	ck_assert(!suspect_due(&s, 749, &dead));
	ck_assert(suspect_due(&s, 750, &dead) && dead.index == 4);
	ck_assert_uint_eq(suspect_deadline(&s), MESH_NEVER);
}
START_TEST(it_takes_two_witnesses_or_more_time)
{
	static const struct {
		const char *what;
		unsigned need;
		uint32_t witness[3];
		mesh_time_ms at[3], dead_ms;
	} row[] = {
		{ "one is enough", 1, { 7, 7, 7 }, { 0, 10, 20 }, 600 },
		{ "one alone", 2, { 7, 7, 7 }, { 0, 10, 20 }, 2000 },
		{ "two", 2, { 7, 8, 8 }, { 0, 300, 500 }, 600 },
		{ "the third is not waited for", 2, { 7, 8, 9 }, { 0, 300, 590 }, 600 },
		{ "we are one", 2, { 7, SUSPECT_SELF, 8 }, { 0, 1, 500 }, 600 },
		{ "a burst later", 2, { 7, 8, 9 }, { 0, 500, 550 }, 650 },
		{ "one is enough, others may speak", 1, { 7, 8, 9 }, { 0, 50, 60 },
		    600 },
		{ "the second comes late", 2, { 7, 8, 9 }, { 0, 1900, 1950 }, 2000 },
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		setup();
		for (size_t k = 0; k < 3; k++)
			ck_assert(accuse(1, row[i].witness[k], row[i].need,
				      row[i].at[k]) == (k == 0));
		ck_assert_msg(suspect_deadline(&s) == row[i].dead_ms, "%s: %llu",
		    row[i].what, (unsigned long long)suspect_deadline(&s));
	}
}
START_TEST(an_unwell_accuser_waits_longer)
{
	struct accusation a = { h(1), 5, 2, 3 };
	ck_assert(suspect_add(&s, &a, 0));
	ck_assert_uint_eq(suspect_deadline(&s), 3 * SUSPECT_ALONE_MS);
	a.witness = 6;
	ck_assert(!suspect_add(&s, &a, 100));
	ck_assert_uint_eq(suspect_deadline(&s), 3 * SUSPECT_MS);
	suspect_postpone(&s, 5000);
	ck_assert_uint_eq(suspect_deadline(&s), 5000 + 3 * SUSPECT_MS);
	/* Postponed between the two, and worse by the second. */
	setup();
	a = (struct accusation){ h(1), 5, 2, 1 };
	ck_assert(suspect_add(&s, &a, 1000));
	suspect_postpone(&s, 700);
	a.witness = 6;
	a.factor = 2;
	ck_assert(!suspect_add(&s, &a, 1800));
	ck_assert_uint_eq(suspect_deadline(&s), 1000 + 700 + 2 * SUSPECT_MS);
}
START_TEST(who_refutes_is_off_the_list)
{
	struct handle dead;
	ck_assert(!suspect_clear(&s, h(1)));
	for (uint32_t i = 0; i < 5; i++)
		ck_assert(accuse(i, 0, 1, i));
	ck_assert(suspect_clear(&s, h(0)) && suspect_clear(&s, h(2)));
	ck_assert(suspect_due(&s, 9999, &dead) && dead.index == 1);
	ck_assert(suspect_due(&s, 9999, &dead) && dead.index == 3);
	ck_assert(suspect_due(&s, 9999, &dead) && dead.index == 4);
	ck_assert(!suspect_due(&s, 9999, &dead));
}
START_TEST(a_full_list_forgets_nobody)
{
	for (uint32_t i = 0; i < SUSPECT_CAP; i++)
		ck_assert(accuse(i, 0, 1, 0));
	ck_assert(!accuse(1000, 0, 1, 0));
	ck_assert(suspect_clear(&s, h(SUSPECT_CAP - 1)));
	ck_assert(accuse(1000, 0, 1, 0));
}
CHECK_MODULE(suspect, setup, who_does_not_refute_is_dead_in_time,
    it_takes_two_witnesses_or_more_time, an_unwell_accuser_waits_longer,
    who_refutes_is_off_the_list, a_full_list_forgets_nobody)
