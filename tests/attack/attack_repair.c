/* Attack 22, and 17's black hole: a neighbour that lies about what it holds. */
#include "attack.h"
#include "check_world.h"
#include "inside_peers.h"
#include "page.h"
#include "pull.h"
#include "rows.h"
#include "wire.h"

/* 0 - 1 - 2; 2 is admitted and lies to 1. */
enum { ORIGIN = 0, VICTIM = 1, LIAR = 2, FAR_AWAY_BITS = 40 };
static const uint64_t far_away = 1ULL << FAR_AWAY_BITS;

static void
a_line_of(uint32_t sites)
{
	begin(sites, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	append(ORIGIN, 1);
	ck_assert_int_eq(world_put(w, ORIGIN, "a", 1), MESH_OK);
	run(500);
	ck_assert_uint_eq(world_told(w, VICTIM, ORIGIN, LANE_PACKET, 1), 1);
	ck_assert(is_direct(VICTIM, LIAR));
}
static void
a_line_of_three(void)
{
	a_line_of(3);
}
static const struct holdings_row *
row_of(uint32_t at, uint32_t origin)
{
	const struct mesh_site *s = w->sites[at].site;
	return holdings_of(&s->holdings, w->sites[origin].site->oid);
}
/* "Of `origin` I hold 1 .. 2^40", in one lane or in all. */
static void
claim(uint32_t liar, uint32_t to, uint32_t origin, unsigned lanes)
{
	uint8_t row[ROWS_ROW_MAX], frame[256];
	struct bytes_out row_out = bytes_out(row, sizeof row);
	struct bytes_out out = bytes_out(frame, sizeof frame);
	struct mesh_run held[LANE_COUNT - 1] = { { 0, 0 } };
	const struct rows r = { .mask = 1, .last = true };
	for (unsigned lane = LANE_CONTROL; lane < LANE_COUNT; lane++)
		if (lanes >> lane & 1)
			held[lane - LANE_CONTROL] = (struct mesh_run){ 1, far_away };
	const struct mesh_site *s = w->sites[origin].site;
	ck_assert(rows_put(&row_out, s->oid, s->own.epoch, held));
	ck_assert_int_eq(rows_write(&r, 1, bytes_written(&row_out), &out), MESH_OK);
	liar_sends(w, liar, to, bytes_written(&out));
}
/* A page of that slot without a record. */
static void
empty_page(uint32_t liar, uint32_t to, const struct pull *one, uint64_t last)
{
	uint8_t frame[256];
	struct bytes_out out = bytes_out(frame, sizeof frame);
	const struct page page = { .ticket = one->ticket,
		.oid = bytes_view(one->log.oid, sizeof one->log.oid),
		.epoch = one->log.epoch,
		.lane = one->log.lane,
		.from = one->from,
		.to = last };
	ck_assert_int_eq(page_write(&page, bytes_view(NULL, 0), &out), MESH_OK);
	liar_sends(w, liar, to, bytes_written(&out));
}
static void
none(uint32_t liar, uint32_t to, const struct pull *one, uint8_t code)
{
	uint8_t frame[128];
	struct bytes_out out = bytes_out(frame, sizeof frame);
	const struct frame_none f = { .ticket = one->ticket,
		.oid = bytes_view(one->log.oid, sizeof one->log.oid),
		.lane = (uint8_t)one->log.lane,
		.code = code };
	ck_assert_int_eq(
	    wire_encode_numbered(&frame_none_table, FRAME_NONE, &f, &out), MESH_OK);
	liar_sends(w, liar, to, bytes_written(&out));
}
static struct pull *
first_pull(uint32_t at)
{
	uint32_t i = 0;
	struct pull *one = pull_walk(&w->sites[at].site->pulls, &i);
	ck_assert_ptr_nonnull(one);
	return one;
}

START_TEST(a_claim_of_2_to_the_40_takes_no_more_than_a_few_slots)
{
	enum { MANY = 9 }; /* with all their lanes more than one neighbour may have */
	a_line_of(MANY);
	struct mesh_site *s = w->sites[VICTIM].site;
	size_t memory = mesh_site_memory(s);
	for (unsigned again = 0; again < 20; again++)
		for (uint32_t origin = 0; origin < MANY; origin++) {
			struct pull *one;
			claim(LIAR, VICTIM, origin, 0x7e);
			ck_assert_uint_le(s->pulls.count, PULL_EACH);
			for (uint32_t i = 0; (one = pull_walk(&s->pulls, &i)) != NULL;
			     i++)
				ck_assert(one->log.lane == LANE_CONTROL ||
				    one->log.lane == LANE_STATE ||
				    one->log.lane == LANE_REGISTRY ||
				    one->to - one->from < PULL_CHUNK);
		}
	ck_assert_uint_eq(mesh_site_memory(s), memory);
	run(10000); /* the liar's own core says that it has nothing of it */
	append(ORIGIN, 2);
	run(500);
	ck_assert_uint_eq(world_told(w, VICTIM, ORIGIN, LANE_PACKET, 2), 1);
	done();
}
START_TEST(a_none_for_anothers_ticket_is_nothing)
{
	a_line_of_three();
	claim(LIAR, VICTIM, ORIGIN, 1U << LANE_PACKET);
	struct pull before = *first_pull(VICTIM);
	none(ORIGIN, VICTIM, &before, NONE_GONE);
	ck_assert_mem_eq(first_pull(VICTIM), &before, sizeof before);
	done();
}
/* Else a full disk of one were the end of what only it has. */
START_TEST(a_busy_neighbour_has_denied_nothing)
{
	a_line_of_three();
	const struct mesh_site *s = w->sites[VICTIM].site;
	claim(LIAR, VICTIM, ORIGIN, 1U << LANE_PACKET);
	struct pull before = *first_pull(VICTIM);
	none(LIAR, VICTIM, &before, NONE_BUSY);
	ck_assert_uint_eq(counter(VICTIM, "sync.none"), 1);
	ck_assert_uint_eq(s->gaps.count, 0);
	ck_assert_mem_eq(first_pull(VICTIM), &before, sizeof before);
	done();
}
START_TEST(a_page_that_nobody_asked_for_is_nothing)
{
	a_line_of_three();
	claim(LIAR, VICTIM, ORIGIN, 1U << LANE_PACKET);
	struct pull before = *first_pull(VICTIM), other = before;
	other.ticket += 100;
	empty_page(LIAR, VICTIM, &other, before.to);
	empty_page(ORIGIN, VICTIM, &before, before.to);
	empty_page(LIAR, VICTIM, &before, before.to + 1);
	ck_assert_mem_eq(first_pull(VICTIM), &before, sizeof before);
	done();
}
/* Nothing lives there, it says, of numbers that are yet to come. */
START_TEST(numbers_that_are_to_come_cannot_be_declared_dead)
{
	a_line_of_three();
	uint64_t end = holdings_end(
	    &w->sites[VICTIM].site->holdings, row_of(VICTIM, ORIGIN), LANE_STATE);
	ck_assert_uint_gt(end, 0);
	claim(LIAR, VICTIM, ORIGIN, 1U << LANE_STATE);
	empty_page(LIAR, VICTIM, first_pull(VICTIM), first_pull(VICTIM)->to);
	run(200);
	ck_assert_int_eq(world_put(w, ORIGIN, "b", 2), MESH_OK);
	run(500);
	ck_assert_uint_eq(world_told(w, VICTIM, ORIGIN, LANE_STATE, 2), 1);
	done();
}

/* Records of epoch 0 are what stays at a site. */
START_TEST(a_pull_of_what_stays_here_is_answered_with_nothing)
{
	static const struct {
		uint64_t epoch;
		enum mesh_lane lane;
	} row[] = {
		{ 0, LANE_PACKET },
		{ 0, LANE_STATE },
		{ 0, LANE_REGISTRY },
		{ 1, LANE_PACKET },
		{ UINT32_MAX, LANE_REGISTRY },
	};
	a_line_of_three();
	struct mesh_site *s = w->sites[VICTIM].site;
	for (uint16_t i = 0; i < LENGTH(row); i++)
		for (uint32_t origin = 0; origin < 3; origin++) {
			uint8_t frame[128];
			struct bytes_out out = bytes_out(frame, sizeof frame);
			const uint8_t *oid = w->sites[origin].site->oid;
			const struct frame_pull pull = { .ticket = i,
				.oid = bytes_view(oid, sizeof s->oid),
				.epoch = row[i].epoch,
				.lane = (uint8_t)row[i].lane,
				.from = 1,
				.to = far_away,
				.max_kib = 64 };
			ck_assert_int_eq(wire_encode_numbered(&frame_pull_table,
					     FRAME_PULL, &pull, &out),
			    MESH_OK);
			liar_sends(w, LIAR, VICTIM, bytes_written(&out));
			ck_assert_uint_eq(s->serve.count, 0);
		}
	run(500);
	ck_assert_uint_eq(counter(LIAR, "sync.none"), 0); /* it never asked */
	done();
}

/* --- a black hole: it acknowledges, says that it has all, and gives nothing --- */

static uint32_t hole;

static enum world_fate
swallow(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	enum mesh_err err;
	(void)ctx;
	if (d->from != hole || d->to != 0)
		return WORLD_DELIVER;
	struct bytes_in in = bytes_in(frames_of(d, plain));
	while (envelope_next_frame(&in, &frame, &err))
		if (frame.number == FRAME_PAGE || frame.number == FRAME_NONE ||
		    frame.number == FRAME_PUSH)
			return WORLD_DROP;
	return WORLD_DELIVER;
}
static struct neighbour *
link_to(uint32_t other)
{
	struct mesh_site *s = w->sites[0].site;
	return peering_neighbour(
	    s, peers_find(&s->peers, &w->sites[other].identity.key));
}
START_TEST(who_claims_and_never_sends_loses_its_slot_within_a_minute)
{
	enum { MANY = 16 };
	begin(MANY, 0);
	world_join_all(w);
	world_start_all(w);
	run(12000);
	struct mesh_site *s = w->sites[0].site;
	const struct neighbour *n;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (s->choice.sites[n->peer.index].chosen)
			break;
	ck_assert_ptr_nonnull(n);
	hole = world_site_of(w, &peers_at(&s->peers, n->peer)->key);
	w->tap = swallow;
	mesh_time_ms from = w->now;
	uint32_t told = hole == 1 ? 2 : 1;
	for (uint64_t number = 1; link_to(hole) != NULL; number++) {
		ck_assert_msg(w->now < from + 60000, "still there");
		claim(hole, 0, told, 1U << LANE_METRIC);
		ck_assert_int_eq(
		    world_append(w, told, LANE_ALERT, number, 50), MESH_OK);
		run(2000);
		ck_assert_uint_eq(world_told(w, 0, told, LANE_ALERT, number), 1);
	}
	run(10000);
	unsigned chosen = 0;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		chosen += s->choice.sites[n->peer.index].chosen;
	ck_assert_uint_eq(chosen, NEIGHBOURS_CHOSEN);
	ck_assert_ptr_null(link_to(hole));
	done();
}

CHECK_MODULE(attack_repair, NULL, a_claim_of_2_to_the_40_takes_no_more_than_a_few_slots,
    a_none_for_anothers_ticket_is_nothing, a_busy_neighbour_has_denied_nothing,
    a_page_that_nobody_asked_for_is_nothing,
    numbers_that_are_to_come_cannot_be_declared_dead,
    a_pull_of_what_stays_here_is_answered_with_nothing,
    who_claims_and_never_sends_loses_its_slot_within_a_minute)
