#include "check_mesh.h"
#include "share.h"

enum { ROWS = 3 };
static struct share_row rows[ROWS];
static struct share s;

static void
setup(void)
{
	memset(rows, 0, sizeof rows);
	share_init(&s, rows, ROWS, SHARE_PER_S);
}
static uint32_t
taken(uint32_t row, enum share_kind kind, mesh_time_ms now)
{
	uint32_t n = 0;
	while (n < 100000 && share_take(&s, row, kind, 1, now))
		n++;
	return n;
}

START_TEST(bursts_and_rates_are_those_of_the_protocol)
{
	static const struct {
		enum share_kind kind;
		uint32_t burst, second;
	} row[] = { { SHARE_ALERT, 200, 20 }, { SHARE_NEWS, 100, 20 },
		{ SHARE_REGISTRY, 3, 2 } };
	for (size_t i = 0; i < LENGTH(row); i++) {
		ck_assert_uint_eq(taken(0, row[i].kind, 5000), row[i].burst);
		ck_assert_uint_eq(taken(0, row[i].kind, 6000), row[i].second);
		ck_assert_uint_eq(taken(0, row[i].kind, 6049), 0);
	}
}
START_TEST(accounts_are_apart)
{
	(void)taken(0, SHARE_NEWS, 5000);
	ck_assert(share_has(&s, 0, SHARE_ALERT, 1, 5000));
	ck_assert(share_has(&s, 1, SHARE_NEWS, 1, 5000));
	ck_assert(!share_has(&s, 0, SHARE_NEWS, 1, 5000));
	share_forget(&s, 0);
	ck_assert(share_has(&s, 0, SHARE_NEWS, 1, 5000));
}
START_TEST(a_batch_is_taken_whole_or_not)
{
	ck_assert(!share_take(&s, 0, SHARE_NEWS, 101, 5000));
	ck_assert(share_take(&s, 0, SHARE_NEWS, 64, 5000));
	ck_assert(!share_take(&s, 0, SHARE_NEWS, 64, 5000));
	ck_assert(share_take(&s, 0, SHARE_NEWS, 36, 5000));
}
START_TEST(who_has_no_account_yet_has_a_full_one)
{
	ck_assert(share_has(&s, UINT32_MAX, SHARE_NEWS, 100, 5000));
	ck_assert(!share_has(&s, UINT32_MAX, SHARE_NEWS, 101, 5000));
	ck_assert(share_take(&s, UINT32_MAX, SHARE_FREE, 1000, 5000));
}
START_TEST(live_records_are_bounded_elsewhere)
{
	ck_assert_int_eq(share_kind_of(LANE_LIVE), SHARE_FREE);
	ck_assert_int_eq(share_kind_of(LANE_CONTROL), SHARE_ALERT);
	ck_assert_int_eq(share_kind_of(LANE_REGISTRY), SHARE_REGISTRY);
}
CHECK_MODULE(share, setup, bursts_and_rates_are_those_of_the_protocol,
    accounts_are_apart, a_batch_is_taken_whole_or_not,
    who_has_no_account_yet_has_a_full_one, live_records_are_bounded_elsewhere)
