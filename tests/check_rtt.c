#include "check_mesh.h"
#include "rtt.h"

static struct rtt r;

static void
setup(void)
{
	rtt_init(&r);
}

START_TEST(the_first_measurement_is_taken_whole)
{
	rtt_measured(&r, 80000);
	ck_assert_uint_eq(r.srtt_us, 80000);
	ck_assert_uint_eq(r.var_us, 40000);
	rtt_measured(&r, 160000);
	ck_assert_uint_eq(r.srtt_us, 90000); /* 7/8 and 1/8 */
	ck_assert_uint_eq(r.var_us, 50000);  /* 3/4 and 1/4 of 80000 */
	ck_assert_uint_eq(r.best_us, 80000);
}
START_TEST(retries_follow_the_protocol)
{
	static const uint32_t floor_ms[] = { 60, 60, 90, 90, 150, 150, 240, 240, 240 };
	for (unsigned i = 0; i < LENGTH(floor_ms); i++)
		ck_assert_uint_eq(rtt_retry_ms(&r, i), floor_ms[i]);
	ck_assert_uint_eq(rtt_wait_ms(&r), 300);
	rtt_measured(&r, 100000);
	ck_assert_uint_eq(rtt_retry_ms(&r, 0), 200);
	ck_assert_uint_eq(rtt_retry_ms(&r, 7), 800);
	ck_assert_uint_eq(rtt_wait_ms(&r), 400);
	rtt_measured(&r, UINT32_MAX);
	ck_assert_uint_gt(rtt_wait_ms(&r), 400);
}
START_TEST(probes_follow_the_loss)
{
	/* clang-format off */
	static const struct { unsigned percent, probes, apart_ms; } row[] = {
		{ 0, 3, 150 }, { 5, 3, 150 }, { 10, 3, 150 }, { 11, 4, 150 }, { 30, 6, 150 },
		{ 50, 10, 90 }, { 60, 12, 75 }, { 100, 12, 75 },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(row); i++) {
		r.loss = 65536 * row[i].percent / 100;
		ck_assert_uint_eq(rtt_probes(&r), row[i].probes);
		ck_assert_uint_eq(rtt_probe_ms(&r), row[i].apart_ms);
	}
}
START_TEST(loss_settles_at_the_truth)
{
	for (int i = 0; i < 2000; i++) {
		if (i % 4 == 0)
			rtt_lost(&r);
		else
			rtt_measured(&r, 1000);
	}
	ck_assert(rtt_loss(&r) > 0.2F);
	ck_assert(rtt_loss(&r) < 0.3F);
	for (int i = 0; i < 2000; i++)
		rtt_lost(&r);
	ck_assert(rtt_loss(&r) <= 1.0F);
	ck_assert(rtt_loss(&r) > 0.99F);
	for (int i = 0; i < 2000; i++)
		rtt_measured(&r, 0);
	ck_assert(rtt_loss(&r) < 0.01F);
}
CHECK_MODULE(rtt, setup, the_first_measurement_is_taken_whole,
    retries_follow_the_protocol, probes_follow_the_loss, loss_settles_at_the_truth)
