#include "check_mesh.h"
#include "prune.h"

enum { ROWS = 4, ROOT = ROWS - 1 };
static struct prune_row rows[ROWS];
static struct prune p;

static void
setup(void)
{
	memset(rows, 0, sizeof rows);
	prune_init(&p, rows, ROWS);
}

START_TEST(the_parent_is_never_asked_to_stop_and_others_once)
{
	ck_assert_msg(!prune_copy(&p, 0, 5, 1000), "a copy before any news");
	prune_news(&p, 0, 3, 1000);
	ck_assert(!prune_copy(&p, 0, 3, 1001));
	ck_assert(prune_copy(&p, 0, 4, 1001));
	ck_assert_msg(!prune_copy(&p, 0, 4, 1002), "asked already");
	ck_assert(prune_copy(&p, 0, 5, 1003));
	ck_assert_msg(!prune_copy(&p, 1, 4, 1003), "another origin has no parent yet");
}
START_TEST(one_who_was_asked_to_stop_becomes_no_parent)
{
	prune_news(&p, 0, 3, 1000);
	ck_assert(prune_copy(&p, 0, 4, 1001));
	prune_news(&p, 0, 4, 1002); /* on its way when we asked */
	ck_assert_msg(!prune_copy(&p, 0, 3, 1003), "or nobody would send");
	ck_assert(prune_is_parent(&p, 0, 3));
}
START_TEST(when_the_parent_goes_all_others_are_asked_to_go_on)
{
	prune_news(&p, 0, 3, 1000);
	ck_assert(prune_copy(&p, 0, 4, 1001) && prune_copy(&p, 0, 63, 1001));
	ck_assert_uint_eq(prune_end(&p, 0), 1ULL << 4 | 1ULL << 63);
	ck_assert_uint_eq(prune_end(&p, 0), 0);
	prune_news(&p, 0, 4, 2000);
	ck_assert(prune_copy(&p, 0, 63, 2001));
}
START_TEST(who_asked_is_spared_until_he_asks_again_or_ten_minutes)
{
	ck_assert(!prune_spares(&p, 0, 7, 1000));
	prune_told(&p, 0, 7, true, 1000);
	ck_assert(prune_spares(&p, 0, 7, 1000) && !prune_spares(&p, 0, 8, 1000));
	ck_assert(!prune_spares(&p, 1, 7, 1000));
	prune_told(&p, 0, 7, false, 2000);
	ck_assert(!prune_spares(&p, 0, 7, 2000));
	prune_told(&p, 0, 7, true, 3000);
	ck_assert(prune_spares(&p, 0, 7, 602000));
	ck_assert(!prune_spares(&p, 0, 7, 604000));
	prune_told(&p, 0, 8, true, 605000);
	ck_assert_msg(!prune_spares(&p, 0, 7, 605000), "what is over stays over");
}
START_TEST(the_asker_forgets_first)
{
	prune_news(&p, 0, 3, 1000);
	ck_assert(prune_copy(&p, 0, 4, 1000));
	prune_told(&p, 1, 4, true, 1000);
	mesh_time_ms at = 1000;
	while (!prune_copy(&p, 0, 4, at))
		at += 1000;
	ck_assert_msg(prune_spares(&p, 1, 4, at), "asked again while still spared");
}
START_TEST(a_link_that_is_gone_leaves_nothing)
{
	prune_news(&p, 0, 3, 1000);
	prune_told(&p, 1, 3, true, 1000);
	prune_forget_link(&p, 3);
	ck_assert(!prune_is_parent(&p, 0, 3) && !prune_spares(&p, 1, 3, 1000));
}
START_TEST(our_own_records_may_come_from_nobody)
{
	ck_assert(prune_copy(&p, ROOT, 9, 1000));
	ck_assert(!prune_copy(&p, ROOT, 9, 1000));
}
START_TEST(rows_and_links_that_do_not_exist_are_never_spared)
{
	prune_told(&p, ROWS, 1, true, 1000);
	prune_told(&p, UINT32_MAX, 1, true, 1000);
	prune_told(&p, 0, PRUNE_LINKS, true, 1000);
	prune_news(&p, UINT32_MAX, 1, 1000);
	ck_assert(!prune_spares(&p, UINT32_MAX, 1, 1000));
	ck_assert(!prune_spares(&p, 0, PRUNE_LINKS, 1000));
	ck_assert(!prune_copy(&p, UINT32_MAX, 1, 1000));
	ck_assert_uint_eq(prune_end(&p, UINT32_MAX), 0);
}
CHECK_MODULE(prune, setup, the_parent_is_never_asked_to_stop_and_others_once,
    one_who_was_asked_to_stop_becomes_no_parent,
    when_the_parent_goes_all_others_are_asked_to_go_on,
    who_asked_is_spared_until_he_asks_again_or_ten_minutes, the_asker_forgets_first,
    a_link_that_is_gone_leaves_nothing, our_own_records_may_come_from_nobody,
    rows_and_links_that_do_not_exist_are_never_spared)
