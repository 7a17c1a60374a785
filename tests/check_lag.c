#include "check_mesh.h"
#include "lag.h"

/* How far two sites are behind each other, told from ROWS. */

enum { ORIGINS = 8, CHUNKS = 4 };
static struct holdings h;
static void *block;
static struct lag l;
static mesh_time_ms now;

static void
setup(void)
{
	static const uint8_t secret[TABLE_SECRET], netid[DIGEST_KEY] = { 7 };
	struct holdings_setup with = { ORIGINS, CHUNKS, secret, netid, secret, false,
		{ 0 } };
	free(block);
	block = calloc(1, holdings_bytes(ORIGINS, CHUNKS));
	ck_assert_ptr_nonnull(block);
	holdings_init(&h, block, &with);
	l = (struct lag){ .known = false };
	now = 1000;
}
static struct mesh_position
at(uint8_t origin, uint64_t epoch, uint64_t seq)
{
	struct mesh_position p = { .lane = LANE_PACKET, .epoch = epoch, .seq = seq };
	memset(p.origin.bytes, origin, sizeof p.origin.bytes);
	return p;
}
static void
hold(uint8_t origin, uint64_t epoch, uint64_t first, uint64_t last)
{
	struct mesh_position p = at(origin, epoch, last);
	ck_assert_int_eq(holdings_put(&h, &p, last - first + 1, 1), MESH_OK);
}
static void
claim(uint8_t origin, uint64_t epoch, uint64_t first, uint64_t last)
{
	struct mesh_position p = at(origin, epoch, last);
	struct holdings_log log = { .lane = p.lane, .epoch = epoch };
	struct mesh_run held = { first, last };
	holdings_oid(&p.origin, log.oid);
	lag_mark(&l, &h, &log, &held);
}

START_TEST(each_side_is_counted_from_the_ends_of_the_logs)
{
	/* What we hold of site 1 in epoch 5, and what the neighbour claims. */
	static const struct {
		uint64_t ours_first, ours_last, epoch, first, last, behind, ahead;
	} row[] = {
		{ 1, 10, 5, 1, 10, 0, 0 },               /* the same */
		{ 1, 10, 5, 1, 14, 4, 0 },               /* it has more */
		{ 1, 10, 5, 1, 7, 0, 3 },                /* it has less */
		{ 4, 10, 5, 1, 10, 3, 0 },               /* a hole here */
		{ 1, 4, 5, 8, 12, 5, 0 },                /* 5..7 it has forgotten */
		{ 1, 10, 4, 1, 30, 0, 10 },              /* an epoch that is over */
		{ 1, 10, 6, 1, 3, 3, 0 },                /* one that we have not seen */
		{ 1, 10, 5, 1, 1ULL << 40, LAG_MAX, 0 }, /* nobody believes that */
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		setup();
		hold(1, 5, row[i].ours_first, row[i].ours_last);
		ck_assert(lag_rows(&l, &h, UINT64_MAX, now));
		claim(1, row[i].epoch, row[i].first, row[i].last);
		ck_assert(!l.known);
		lag_end(&l, UINT64_MAX);
		ck_assert(l.known);
		ck_assert_msg(l.behind == row[i].behind && l.ahead == row[i].ahead,
		    "row %zu: %u behind, %u ahead", i, (unsigned)l.behind,
		    (unsigned)l.ahead);
	}
}
START_TEST(origins_that_only_one_side_knows_count_in_full)
{
	hold(1, 5, 1, 10);
	ck_assert(lag_rows(&l, &h, UINT64_MAX, now));
	claim(2, 5, 1, 6);
	lag_end(&l, UINT64_MAX);
	ck_assert_uint_eq(l.behind, 6);
	ck_assert_uint_eq(l.ahead, 10);
}
START_TEST(only_the_buckets_that_were_compared_count)
{
	uint8_t oid[HOLDINGS_OID];
	struct mesh_position p = at(1, 5, 10);
	holdings_oid(&p.origin, oid);
	hold(1, 5, 1, 10);
	uint64_t others = ~(UINT64_C(1) << digest_bucket_of(oid));
	ck_assert(lag_rows(&l, &h, others, now));
	lag_end(&l, others);
	ck_assert_uint_eq(l.ahead, 0);
}
START_TEST(rows_of_several_frames_add_up_and_the_next_comparison_begins_afresh)
{
	hold(1, 5, 1, 10);
	for (int again = 0; again < 2; again++) {
		ck_assert(lag_rows(&l, &h, UINT64_MAX, now));
		claim(1, 5, 1, 12);
		ck_assert(lag_rows(&l, &h, UINT64_MAX, now));
		claim(2, 5, 1, 3);
		lag_end(&l, UINT64_MAX);
		ck_assert_uint_eq(l.behind, 5);
		ck_assert_uint_eq(l.ahead, 0);
		now += 1000;
	}
	lag_equal(&l);
	ck_assert_uint_eq(l.behind, 0);
}
/* Each new mask is a walk over all origins, and ROWS come as a neighbour likes. */
START_TEST(a_neighbour_that_keeps_beginning_is_not_counted)
{
	hold(1, 5, 1, 10);
	ck_assert(lag_rows(&l, &h, UINT64_MAX, now));
	ck_assert(!lag_rows(&l, &h, 1, now + 900));
	lag_end(&l, 1);
	ck_assert(!l.known);
	ck_assert(lag_rows(&l, &h, UINT64_MAX, now + 900)); /* it goes on */
	lag_end(&l, UINT64_MAX);
	ck_assert_uint_eq(l.ahead, 10);
	ck_assert(lag_rows(&l, &h, 1, now + 1000));
}
CHECK_MODULE(lag, setup, each_side_is_counted_from_the_ends_of_the_logs,
    origins_that_only_one_side_knows_count_in_full,
    only_the_buckets_that_were_compared_count,
    rows_of_several_frames_add_up_and_the_next_comparison_begins_afresh,
    a_neighbour_that_keeps_beginning_is_not_counted)
