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
	ck_assert(neighbours_accepts(&n, 5, false));
}
START_TEST(nobody_who_asks_takes_the_slots_of_our_choice)
{
	know(30);
	for (uint32_t i = 0; i < CAP; i++)
		sites[i].chosen = i >= 27 && i < 30;
	for (uint32_t i = 0; i < NEIGHBOURS_TAKEN - 1; i++)
		sites[i].linked = true;
	ck_assert(neighbours_accepts(&n, 15, false));
	sites[NEIGHBOURS_TAKEN - 1].linked = true;
	ck_assert(!neighbours_accepts(&n, 15, false));
	ck_assert(neighbours_accepts(&n, 27, false)); /* our own choice */
}
START_TEST(there_is_a_seat_more_for_who_has_nobody)
{
	know(30);
	for (uint32_t i = 0; i < CAP; i++)
		sites[i].chosen = i >= 27 && i < 30;
	for (uint32_t i = 0; i < NEIGHBOURS_TAKEN; i++)
		sites[i].linked = true;
	ck_assert(!neighbours_accepts(&n, 15, false));
	ck_assert(neighbours_accepts(&n, 15, true));
	for (uint32_t i = 0; i < NEIGHBOURS_TAKEN + NEIGHBOURS_SPARE; i++)
		sites[i].linked = true;
	ck_assert(!neighbours_accepts(&n, 15, true));
	sites[15].blamed = true;
	sites[0].linked = sites[1].linked = false;
	ck_assert(!neighbours_accepts(&n, 15, true)); /* not for everybody */
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
START_TEST(one_network_of_addresses_gets_two_slots_while_there_are_others)
{
	for (int round = 0; round < 200; round++) {
		unsigned near = 0;
		setup();
		for (uint32_t i = 0; i < CAP; i++)
			sites[i].prefix = i < 36 ? 1 : i; /* 90 % are one man's */
		know(CAP);
		for (uint32_t i = 0; i < 36; i++)
			near += sites[i].chosen;
		ck_assert_uint_le(near, NEIGHBOURS_NEAR);
		ck_assert_uint_eq(wanted(), NEIGHBOURS_CHOSEN);
	}
	setup();
	for (uint32_t i = 0; i < CAP; i++)
		sites[i].prefix = 1; /* one LAN: nobody else is there */
	know(CAP);
	ck_assert_uint_eq(wanted(), NEIGHBOURS_CHOSEN);
}
START_TEST(a_prefix_is_a_24_or_a_48)
{
	struct mesh_path a = { .addr = { [10] = 0xff, [11] = 0xff, 10, 0, 1, 7, 1 } };
	struct mesh_path b = a;
	b.addr[15] = 99;
	b.addr[17] = 5;
	ck_assert_uint_eq(neighbours_prefix(&a), neighbours_prefix(&b));
	b.addr[14] = 2;
	ck_assert_uint_ne(neighbours_prefix(&a), neighbours_prefix(&b));
	a = (struct mesh_path){ .addr = { 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4 } };
	b = a;
	b.addr[6] = b.addr[15] = 77;
	ck_assert_uint_eq(neighbours_prefix(&a), neighbours_prefix(&b));
	b.addr[5] = 9;
	ck_assert_uint_ne(neighbours_prefix(&a), neighbours_prefix(&b));
}
START_TEST(who_is_blamed_is_the_last_to_be_chosen_and_not_let_in)
{
	know(12);
	uint32_t blamed = 0;
	while (!sites[blamed].chosen)
		blamed++;
	ck_assert(neighbours_blamed(&n, blamed));
	for (int round = 0; round < 50; round++) {
		neighbours_review(&n, rng_u64());
		ck_assert(!sites[blamed].chosen);
		ck_assert_uint_eq(wanted(), NEIGHBOURS_CHOSEN);
		ck_assert(!neighbours_accepts(&n, blamed, false));
		for (uint32_t i = 0; i < 12; i++)
			sites[i].chosen = false;
	}
	for (uint32_t i = 0; i < 12; i++)
		sites[i].blamed = true; /* there is nobody better */
	neighbours_review(&n, rng_u64());
	ck_assert_uint_eq(wanted(), NEIGHBOURS_CHOSEN);
	sites[11].is_static = true;
	ck_assert(!neighbours_blamed(&n, 11));
	know(5);
	ck_assert(!neighbours_blamed(&n, 0)); /* few: all are neighbours anyway */
}
CHECK_MODULE(neighbours, setup, everybody_while_few_and_three_of_many_without_flapping,
    the_choice_stays_until_one_of_it_is_gone,
    static_peers_are_neighbours_and_not_counted,
    nobody_who_asks_takes_the_slots_of_our_choice,
    there_is_a_seat_more_for_who_has_nobody,
    who_refused_is_asked_again_only_when_all_did, the_choice_is_spread_over_all,
    one_network_of_addresses_gets_two_slots_while_there_are_others,
    a_prefix_is_a_24_or_a_48, who_is_blamed_is_the_last_to_be_chosen_and_not_let_in)
