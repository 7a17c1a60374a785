/* Attack 5: an admitted site gives its own records numbers that nobody should. */
#include "attack.h"
#include "check_world.h"

/* 0 - 1 - 2; 2 is admitted and lies to 1. */
enum { VICTIM = 1, LIAR = 2 };

static void
a_line_of_three(void)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(VICTIM, 0) && is_direct(VICTIM, LIAR));
}
static void
push(const struct record *r)
{
	liar_sends(w, LIAR, VICTIM, liar_push(w, LIAR, liar_signs(w, LIAR, r)));
}
static void
is_refused(const struct record *r, const char *counter, const char *why)
{
	run(50); /* what it acknowledges of before is out */
	world_flush(w, VICTIM);
	attack_starts(w);
	push(r);
	attack_moves(VICTIM, counter, 1);
	if (strncmp(counter, "record.", 7) == 0)
		attack_moves(VICTIM, "rx.taken", 1);
	attack_ends(w, why);
}

START_TEST(numbers_against_the_rules_make_no_record)
{
	/* clang-format off */
	static const struct { enum mesh_lane lane; uint64_t seq, back; uint8_t hop_max; bool dst; const char *why; } row[] = {
		{ LANE_LIVE,   0,                  0,       32, false, "lane 0, number 0" },
		{ LANE_METRIC, 0,                  0,       32, false, "number 0" },
		{ LANE_METRIC, 0,                  1,       32, false, "number 0 with back" },
		{ LANE_METRIC, (1ULL << 62) + 1,   1,       32, false, "above 2^62" },
		{ LANE_METRIC, 1ULL << 63,         1,       32, false, "2^63" },
		{ LANE_METRIC, UINT64_MAX,         1,       32, false, "2^64 - 1" },
		{ LANE_LIVE,   UINT64_MAX,         0,       32, false, "lane 0, 2^64 - 1" },
		{ LANE_METRIC, 5,                  0,       32, false, "no back" },
		{ LANE_METRIC, 5,                  6,       32, false, "back beyond the beginning" },
		{ LANE_METRIC, 5,                  1ULL << 62, 32, false, "back by 2^62" },
		{ LANE_METRIC, 5,                  UINT64_MAX, 32, false, "back by 2^64 - 1" },
		{ LANE_LIVE,   1ULL << 40,         1,       32, false, "back in lane 0" },
		{ LANE_METRIC, 5,                  1,       33, false, "33 hops" },
		{ LANE_METRIC, 5,                  1,       255, false, "255 hops" },
		{ LANE_METRIC, 5,                  1,       32, true,  "to one, in a log" },
		{ LANE_COUNT,  5,                  1,       32, false, "a lane there is not" },
		{ 255,         5,                  1,       32, false, "lane 255" },
	}; /* clang-format on */
	a_line_of_three();
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct record r = liar_record(w, LIAR, row[i].lane, row[i].seq);
		r.back = row[i].back;
		r.hop_max = row[i].hop_max;
		r.has_dst = row[i].dst;
		is_refused(&r, "rx.shape", row[i].why);
	}
	done();
}

struct use { /* what the liar's log takes at the victim */
	size_t runs, memory, rows;
	size_t chunks; /* free ones */
};
static struct use
use_of_its_log(void)
{
	struct mesh_site *s = w->sites[VICTIM].site;
	struct mesh_run runs[MESH_RUNS];
	uint8_t oid[HOLDINGS_OID];
	mesh_oid(&w->sites[LIAR].identity.key, oid);
	const struct holdings_row *row = holdings_of(&s->holdings, oid);
	ck_assert_ptr_nonnull(row);
	return (struct use){ holdings_runs(&s->holdings, row, LANE_METRIC, runs),
		mesh_site_memory(s), pool_taken(&s->holdings.rows),
		s->holdings.spill.free_count };
}
static struct use
after(uint64_t seq, uint64_t back)
{
	struct record r = liar_record(w, LIAR, LANE_METRIC, seq);
	size_t told = w->sites[VICTIM].record_count;
	r.back = back;
	push(&r);
	ck_assert_uint_eq(w->sites[VICTIM].record_count, told + 1);
	run(20);
	return use_of_its_log();
}

/* Numbers that were never given out cost as much as one. */
START_TEST(a_jump_of_2_to_the_40_takes_no_memory)
{
	enum { FIRST_RUN = 1, SECOND_RUN = 2 };
	const uint64_t far = 1ULL << 40;
	a_line_of_three();
	struct use before = after(1, 1), use = after(1 + far, far);
	ck_assert_uint_eq(use.runs, FIRST_RUN); /* all in between are void */
	ck_assert_mem_eq(&use, &before, sizeof use);
	use = after(1 + 2 * far, 1); /* and here they are missing */
	ck_assert_uint_eq(use.runs, SECOND_RUN);
	before.runs = use.runs; /* two have room in the row itself */
	ck_assert_mem_eq(&use, &before, sizeof use);
	use = after(1 + 3 * far, 2 * far - 1); /* one number of them is left */
	ck_assert_uint_eq(use.runs, SECOND_RUN);
	ck_assert_mem_eq(&use, &before, sizeof use);
	append(0, 7);
	run(100);
	ck_assert_uint_eq(world_told(w, VICTIM, 0, LANE_PACKET, 7), 1);
	done();
}
/* 64 runs are kept; what would open another is refused, and what closes a gap is not.
 */
START_TEST(gaps_are_bounded)
{
	a_line_of_three();
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	for (uint64_t i = 1; i <= MESH_RUNS; i++) {
		r.at.seq = i << 40;
		push(&r);
		run(20);
	}
	ck_assert_uint_eq(counter(VICTIM, "record.gap_overflow"), 0);
	for (uint64_t i = MESH_RUNS + 1; i < 4 * MESH_RUNS; i++) {
		r.at.seq = i << 40;
		is_refused(&r, "record.gap_overflow", "the 65th run");
	}
	size_t told = w->sites[VICTIM].record_count;
	r.at.seq = (3ULL << 40) + 1; /* beside one that is there */
	push(&r);
	ck_assert_uint_eq(w->sites[VICTIM].record_count, told + 1);
	append(0, 7);
	run(100);
	ck_assert_uint_eq(world_told(w, LIAR, 0, LANE_PACKET, 7), 1);
	done();
}
/* What one origin's lanes need beyond their first runs is shared by all of them. */
START_TEST(gaps_of_all_lanes_share_what_is_spare)
{
	enum { FEW = 4 };
	begin(3, 0);
	w->params.unlimited = true;
	w->params.limits.origins = FEW;
	world_join_line(w);
	world_start_all(w);
	run(8000);
	struct record r = liar_record(w, LIAR, LANE_PACKET, 1);
	for (r.at.lane = LANE_PACKET; r.at.lane <= LANE_METRIC; r.at.lane++)
		for (uint64_t i = 1; i <= MESH_RUNS; i++) {
			r.at.seq = i << 32;
			push(&r);
			run(20);
		}
	ck_assert_uint_gt(counter(VICTIM, "record.gap_overflow"), 0);
	ck_assert_uint_eq(use_of_its_log().chunks, 0);
	r.at.lane = LANE_METRIC;
	r.at.seq = MESH_RUNS + 7;
	for (int again = 0; again < 3; again++)
		is_refused(&r, "record.gap_overflow", "no chunk is left");
	done();
}
/* None of them is on the disk when the next comes. */
START_TEST(gaps_are_bounded_while_the_disk_works)
{
	enum { MANY = MESH_RUNS + 20 };
	a_line_of_three();
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	size_t told = w->sites[VICTIM].record_count;
	for (int copies = 0; copies < 2; copies++) { /* none is told twice */
		for (uint64_t i = 1; i <= MANY; i++) {
			r.at.seq = 2 * i;
			push(&r);
		}
		ck_assert_uint_eq(w->sites[VICTIM].record_count - told, MESH_RUNS);
		run(100);
		ck_assert_uint_eq(use_of_its_log().runs, MESH_RUNS);
	}
	ck_assert_uint_eq(
	    counter(VICTIM, "record.gap_overflow"), 2 * (MANY - MESH_RUNS));
	done();
}
/* Two lanes with room for their runs, and no room for the chunks of both. */
START_TEST(chunks_of_all_lanes_are_bounded_while_the_disk_works)
{
	enum { FEW = 4, EACH = 45 };
	static const enum mesh_lane lanes[] = { LANE_PACKET, LANE_METRIC };
	begin(3, 0);
	w->params.unlimited = true;
	w->params.limits.origins = FEW;
	world_join_line(w);
	world_start_all(w);
	run(8000);
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	size_t told = w->sites[VICTIM].record_count, held = 0;
	struct mesh_run runs[MESH_RUNS];
	uint8_t oid[HOLDINGS_OID];
	mesh_oid(&w->sites[LIAR].identity.key, oid);
	for (int copies = 0; copies < 2; copies++) { /* none is told twice */
		for (uint64_t i = 0; i < LENGTH(lanes) * EACH; i++) {
			r.at.lane = lanes[i % LENGTH(lanes)];
			r.at.seq = 2 + 2 * i;
			push(&r);
		}
		run(100);
	}
	struct mesh_site *s = w->sites[VICTIM].site;
	const struct holdings_row *row = holdings_of(&s->holdings, oid);
	for (size_t i = 0; i < LENGTH(lanes); i++)
		held += holdings_runs(&s->holdings, row, lanes[i], runs);
	ck_assert_uint_eq(w->sites[VICTIM].record_count - told, held);
	ck_assert_uint_lt(held, LENGTH(lanes) * EACH);
	ck_assert_uint_gt(counter(VICTIM, "record.gap_overflow"), 0);
	done();
}
START_TEST(an_epoch_that_is_over_stays_over)
{
	a_line_of_three();
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	push(&r);
	run(20);
	r.at.seq = 2;
	r.at.epoch--;
	is_refused(&r, "record.old_epoch", "one epoch before");
	r.at.epoch = 0;
	is_refused(&r, "record.old_epoch", "epoch 0");
	done();
}
/* The have-sets were lost with the database, what is known of the site was not. */
START_TEST(an_epoch_that_is_over_stays_over_without_have_sets)
{
	a_line_of_three();
	struct mesh_site *s = w->sites[VICTIM].site;
	struct peer *p = peers_at(
	    &s->peers, peers_find(&s->peers, &w->sites[LIAR].identity.key));
	p->epoch = liar_record(w, LIAR, LANE_METRIC, 1).at.epoch + 1;
	struct record r = liar_record(w, LIAR, LANE_METRIC, 1);
	is_refused(&r, "record.old_epoch", "without have-sets");
	done();
}

CHECK_MODULE(attack_numbers, NULL, numbers_against_the_rules_make_no_record,
    a_jump_of_2_to_the_40_takes_no_memory, gaps_are_bounded,
    gaps_of_all_lanes_share_what_is_spare, gaps_are_bounded_while_the_disk_works,
    chunks_of_all_lanes_are_bounded_while_the_disk_works,
    an_epoch_that_is_over_stays_over,
    an_epoch_that_is_over_stays_over_without_have_sets)
