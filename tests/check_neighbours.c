#include "check_mesh.h"
#include "neighbours.h"

enum { CAP = 40 };
static struct neighbours_site sites[CAP];
static struct neighbours n;

static void
setup(void)
{
	memset(sites, 0, sizeof sites);
	neighbours_init(&n, sites, CAP);
}
static void
know(uint32_t count)
{
	for (uint32_t i = 0; i < CAP; i++)
		sites[i].candidate = i < count;
	neighbours_review(&n, rng_u64());
}
static uint32_t
wanted(void)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < CAP; i++)
		count += neighbours_wants(&n, i);
	return count;
}

START_TEST(everybody_while_few_and_three_of_many_without_flapping)
{
	static const struct {
		uint32_t known, wanted;
	} step[] = { { 0, 0 }, { 1, 1 }, { 8, 8 }, { 9, 9 }, { 10, 10 }, { 11, 3 },
		{ 10, 3 }, { 9, 3 }, { 8, 8 }, { 10, 10 }, { 40, 3 } };
	for (size_t i = 0; i < LENGTH(step); i++) {
		know(step[i].known);
		ck_assert_msg(wanted() == step[i].wanted, "step %zu: %u", i, wanted());
	}
}
START_TEST(the_choice_stays_until_one_of_it_is_gone)
{
	bool chosen[CAP];
	know(30);
	for (uint32_t i = 0; i < CAP; i++)
		chosen[i] = sites[i].chosen;
	for (int again = 0; again < 20; again++)
		neighbours_review(&n, rng_u64());
	for (uint32_t i = 0; i < CAP; i++)
		ck_assert(chosen[i] == sites[i].chosen);
	for (uint32_t i = 0; i < CAP; i++)
		if (chosen[i])
			sites[i].candidate = false;
	neighbours_review(&n, rng_u64());
	for (uint32_t i = 0; i < CAP; i++)
		ck_assert(!chosen[i] || !sites[i].chosen);
	ck_assert_uint_eq(wanted(), NEIGHBOURS_CHOSEN);
}
START_TEST(static_peers_are_neighbours_and_not_counted)
{
	know(30);
	sites[5].is_static = sites[6].is_static = true;
	neighbours_review(&n, rng_u64());
	ck_assert(neighbours_wants(&n, 5) && neighbours_wants(&n, 6));
	ck_assert_uint_eq(wanted(), NEIGHBOURS_CHOSEN + 2);
	for (uint32_t i = 0; i < CAP; i++)
		sites[i].linked = i < NEIGHBOURS_MAX + 2;
	sites[20].chosen = sites[21].chosen = sites[22].chosen = false;
	ck_assert(neighbours_accepts(&n, 5));
}
START_TEST(more_than_ten_are_not_accepted)
{
	know(30);
	for (uint32_t i = 0; i < CAP; i++)
		sites[i].chosen = i >= 27 && i < 30;
	for (uint32_t i = 0; i < NEIGHBOURS_MAX - 1; i++)
		sites[i].linked = true;
	ck_assert(neighbours_accepts(&n, 15));
	sites[NEIGHBOURS_MAX - 1].linked = true;
	ck_assert(!neighbours_accepts(&n, 15));
	ck_assert(neighbours_accepts(&n, 27)); /* our own choice */
}
START_TEST(who_refused_is_asked_again_only_when_all_did)
{
	know(12);
	for (int refusals = 0; refusals < 9; refusals++) {
		uint32_t i = 0;
		while (!sites[i].chosen)
			i++;
		neighbours_refused(&n, i);
		neighbours_review(&n, rng_u64());
		ck_assert(!sites[i].chosen);
		ck_assert_uint_eq(wanted(), NEIGHBOURS_CHOSEN);
	}
	neighbours_refused(&n, 0);
	sites[0].chosen = false;
	neighbours_review(&n, rng_u64());
	ck_assert_uint_eq(wanted(), NEIGHBOURS_CHOSEN);
}
START_TEST(the_choice_is_spread_over_all)
{
	unsigned times[CAP] = { 0 };
	for (int i = 0; i < 2000; i++) {
		setup();
		know(CAP);
		for (uint32_t k = 0; k < CAP; k++)
			times[k] += sites[k].chosen;
	}
	for (uint32_t k = 0; k < CAP; k++) /* 150 on average */
		ck_assert_msg(times[k] > 90 && times[k] < 230, "%u: %u", k, times[k]);
}
CHECK_MODULE(neighbours, setup, everybody_while_few_and_three_of_many_without_flapping,
    the_choice_stays_until_one_of_it_is_gone,
    static_peers_are_neighbours_and_not_counted, more_than_ten_are_not_accepted,
    who_refused_is_asked_again_only_when_all_did, the_choice_is_spread_over_all)
