#include "check_world.h"
#include "disk_state.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "meshsketch.h"
#include "wire.h"
#include "world_disk.h"

/* A lane that is not what its origin says is found and repaired: PROTOCOL.md 9. */

enum { KEYS = 40, EVERYBODY = 99 };

static void
put_keys(uint32_t site, uint64_t from, uint64_t to)
{
	char key[16];
	for (uint64_t n = from; n < to; n++) {
		snprintf(key, sizeof key, "key/%03u", (unsigned)(n % 1000));
		ck_assert_int_eq(world_put(w, site, key, n), MESH_OK);
		run(20);
	}
}
static bool
same_everywhere(const struct world *world, void *ctx)
{
	const uint32_t *origin = ctx;
	for (uint32_t i = 1; i < world->params.sites; i++)
		if (!world_same_rows(world, 0, i, *origin, LANE_STATE))
			return false;
	return world_same_rows(world, 0, 0, *origin, LANE_STATE);
}
static void
wait_same(uint32_t origin, mesh_time_ms ms)
{
	ck_assert_msg(world_wait(w, same_everywhere, &origin, w->now + ms),
	    "rows differ after %llu ms", (unsigned long long)ms);
}
/* Sites that all have KEYS rows of site 0, and its checkpoint. */
static void
begin_equal(uint32_t sites)
{
	begin(sites, 0);
	world_join_all(w);
	world_start_all(w);
	run(5000);
	put_keys(0, 0, KEYS);
	run(8000);
	wait_same(0, 20000);
	ck_assert_uint_ge(world_live(w, 1, 0, LANE_STATE), KEYS);
	ck_assert_uint_eq(counted("sync.checkpoint_bad"), 0);
	ck_assert_uint_gt(counted("sync.checkpoint_ok"), 0);
}
/* Every `step`th live row below `end` goes; how many. */
static uint32_t
damage(
    uint32_t site, uint32_t origin, uint64_t step, uint32_t most, enum world_damage how)
{
	uint32_t gone = 0;
	struct mesh_position at = w->sites[origin].newest[LANE_STATE];
	uint64_t end = at.seq;
	for (at.seq = 1; at.seq < end && gone < most; at.seq += step)
		gone += world_damage(w, site, &at, how);
	return gone;
}

START_TEST(a_lane_that_is_as_its_origin_says_costs_nothing)
{
	begin_equal(3);
	run(60000);
	ck_assert_uint_eq(counted("sync.sketch"), 0);
	ck_assert_uint_eq(counted("sync.refetch"), 0);
	done();
}
START_TEST(rows_that_their_store_misses_come_from_a_neighbour)
{
	begin_equal(3);
	ck_assert_uint_eq(damage(1, 0, 3, 5, DAMAGE_FOUND), 5);
	wait_same(0, 20000);
	ck_assert_uint_ge(counter(1, "sync.sketch"), 1);
	ck_assert_uint_eq(counted("sync.refetch"), 0);
	ck_assert_uint_eq(counted("sync.checkpoint_bad"), 0);
	done();
}
START_TEST(rows_that_nobody_missed_show_with_the_next_checkpoint)
{
	begin_equal(3);
	ck_assert_uint_eq(damage(1, 0, 5, 3, DAMAGE_SILENT), 3);
	run(30000);
	ck_assert(!world_same_rows(w, 0, 1, 0, LANE_STATE));
	put_keys(0, 500, 501);
	wait_same(0, 40000);
	ck_assert_uint_ge(counter(1, "sync.checkpoint_bad"), 1);
	ck_assert_uint_eq(counter(2, "sync.checkpoint_bad"), 0);
	ck_assert_uint_eq(counted("sync.refetch"), 0);
	done();
}
START_TEST(rows_that_do_not_read_back_are_gaps_and_need_no_sketch)
{
	begin_equal(3);
	ck_assert_uint_eq(damage(2, 0, 4, 6, DAMAGE_UNREADABLE), 6);
	wait_same(0, 20000);
	ck_assert_uint_eq(counted("sync.sketch"), 0);
	done();
}
START_TEST(our_own_rows_come_back_from_others_before_we_say_what_we_have)
{
	begin_equal(3);
	ck_assert_uint_eq(damage(0, 0, 3, 7, DAMAGE_FOUND), 7);
	put_keys(0, 600, 603);
	wait_same(0, 60000);
	run(70000);
	ck_assert_uint_eq(counted("sync.checkpoint_bad"), 0);
	ck_assert_int_eq(mesh_site_writing(w->sites[0].site), WRITING_YES);
	done();
}
START_TEST(our_own_rows_that_do_not_read_back_come_back_while_we_write)
{
	begin_equal(3);
	ck_assert_uint_eq(damage(0, 0, 4, 6, DAMAGE_UNREADABLE), 6);
	put_keys(0, 700, 703);
	wait_same(0, 60000);
	ck_assert_int_eq(mesh_site_writing(w->sites[0].site), WRITING_YES);
	done();
}
START_TEST(more_rows_than_a_have_set_has_runs_come_in_groups)
{
	begin_equal(2);
	put_keys(0, 100, 400);
	run(8000);
	wait_same(0, 20000);
	ck_assert_uint_eq(damage(1, 0, 2, 150, DAMAGE_FOUND), 150);
	wait_same(0, 60000);
	ck_assert_uint_eq(counted("record.gap_overflow"), 0);
	done();
}
START_TEST(who_lost_the_same_does_not_hide_it)
{
	begin_equal(3);
	ck_assert_uint_eq(damage(1, 0, 5, 4, DAMAGE_SILENT), 4);
	ck_assert_uint_eq(damage(2, 0, 5, 4, DAMAGE_SILENT), 4);
	put_keys(0, 500, 501);
	wait_same(0, 90000);
	ck_assert_uint_eq(counted("sync.refetch"), 0);
	done();
}

/* A checkpoint that says what nobody has. */
static void
lie(uint32_t site)
{
	uint8_t bytes[96], sum[32] = { 1 };
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	struct keyed_checkpoint c = { .count = 7, .sum = bytes_view(sum, sizeof sum) };
	ck_assert_int_eq(wire_encode(&keyed_checkpoint_table, &c, &body), MESH_OK);
	struct mesh_draft d = { LANE_STATE, RECORD_CHECKPOINT, 0, NULL,
		bytes_written(&body) };
	uint64_t seq;
	ck_assert_int_eq(
	    mesh_site_append(w->sites[site].site, &d, &seq, world_now(w)), MESH_OK);
	world_drain(w, site);
}
START_TEST(a_checkpoint_that_lies_costs_two_small_sketches_a_site)
{
	begin_equal(4);
	for (int i = 0; i < 10; i++) {
		lie(0);
		run(10000);
	}
	ck_assert_uint_gt(counted("sync.checkpoint_bad"), 20);
	ck_assert_uint_le(counted("sync.sketch"), 4 * 3);
	ck_assert_uint_eq(counted("sync.refetch"), 0);
	ck_assert(world_same_rows(w, 0, 3, 0, LANE_STATE));
	ck_assert_uint_ge(world_live(w, 3, 0, LANE_STATE), KEYS);
	done();
}

/* --- tombstones that are over --- */

static void
write_keyed(uint32_t site, uint16_t type, struct bytes_view body)
{
	struct mesh_draft d = { LANE_STATE, type, 0, NULL, body };
	uint64_t seq;
	ck_assert_int_eq(
	    mesh_site_append(w->sites[site].site, &d, &seq, world_now(w)), MESH_OK);
	world_drain(w, site);
	run(50);
}
static void
drop(uint32_t site, uint64_t first, uint64_t last)
{
	uint8_t bytes[64];
	struct mesh_run run = { first, last };
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	struct keyed_drop d = { .runs = { &run, 1 } };
	ck_assert_int_eq(wire_encode(&keyed_drop_table, &d, &body), MESH_OK);
	write_keyed(site, RECORD_DROP, bytes_written(&body));
}
/* What it has now, and that its DROPs below `floor` are over. */
static void
end_tombs(uint32_t site, uint64_t floor)
{
	uint8_t bytes[96];
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	const struct mesh_live *live = &w->sites[site].site->own.lane[LANE_STATE].live;
	struct keyed_checkpoint c = { live->count,
		bytes_view(live->sum, sizeof live->sum), floor, false };
	ck_assert_int_eq(wire_encode(&keyed_checkpoint_table, &c, &body), MESH_OK);
	write_keyed(site, RECORD_CHECKPOINT, bytes_written(&body));
}
static bool
has_row(uint32_t site, uint64_t seq)
{
	struct mesh_position at = w->sites[0].newest[LANE_STATE];
	const struct disk_held *h = disk_state_held(
	    disk_state_of(w->sites[site].disk), &at);
	for (size_t i = 0; h != NULL && i < h->item_count; i++)
		if (h->items[i].seq == seq)
			return true;
	return false;
}
START_TEST(who_was_away_longer_than_tombstones_live_brings_nothing_back)
{
	begin_equal(3);
	uint64_t first = w->sites[0].newest[LANE_STATE].seq - KEYS / 2;
	ck_assert(has_row(2, first) && has_row(2, first + 4));
	world_kill(w, 2);
	run(5000);
	drop(0, first, first + 4);
	end_tombs(0, w->sites[0].newest[LANE_STATE].seq + 1);
	run(3000);
	ck_assert(!has_row(1, first) && !has_row(1, first + 4));
	ck_assert_uint_eq(counter(1, "sync.checkpoint_bad"), 0);
	world_start(w, 2);
	run(20000);
	put_keys(0, 700, 701);
	wait_same(0, 90000);
	for (uint32_t at = 0; at < 3; at++)
		ck_assert(!has_row(at, first) && !has_row(at, first + 4));
	ck_assert_uint_gt(counter(2, "sync.checkpoint_bad"), 0);
	ck_assert_uint_eq(counter(0, "sync.checkpoint_bad"), 0);
	ck_assert_uint_eq(counter(1, "sync.checkpoint_bad"), 0);
	ck_assert_uint_eq(counted("sync.refetch"), 0);
	run(60000);
	wait_same(0, 10000);
	done();
}

/* --- neighbours that lie --- */

static struct liar {
	uint32_t from;
	bool busy;
	uint8_t cells[CELLS_BYTES_MAX];
	uint32_t count; /* CELLS that it changed */
} liar;

static bool
find_cells(struct bytes_view frames, struct frame_cells *cells)
{
	struct bytes_in in = bytes_in(frames);
	struct envelope_frame frame;
	enum mesh_err err;
	while (envelope_next_frame(&in, &frame, &err))
		if (frame.number == FRAME_CELLS &&
		    wire_decode_numbered(
			&frame_cells_table, frame.bytes, cells, NULL) == MESH_OK)
			return true;
	return false;
}
static enum world_fate
lie_about_cells(void *ctx, const struct world_datagram *d)
{
	struct liar *l = ctx;
	uint8_t plain[ENVELOPE_PLAIN_MAX], frames[ENVELOPE_PLAIN_MAX],
	    out[ENVELOPE_MAX];
	struct frame_cells cells;
	if (l->busy || (d->from != l->from && l->from != EVERYBODY) ||
	    w->sites[d->to].site == NULL || !find_cells(frames_of(d, plain), &cells) ||
	    cells.cells.len == 0)
		return WORLD_DELIVER;
	struct bytes_out room = bytes_out(frames, sizeof frames);
	for (size_t i = 0; i < cells.cells.len; i++)
		l->cells[i] ^= (uint8_t)rng_u32();
	cells.cells = bytes_view(l->cells, cells.cells.len);
	ck_assert_int_eq(
	    wire_encode_numbered(&frame_cells_table, FRAME_CELLS, &cells, &room),
	    MESH_OK);
	size_t len = forge(d, counter_of(d), bytes_written(&room), out);
	l->busy = true;
	l->count++;
	world_inject(w, d->to, &d->source, bytes_view(out, len));
	l->busy = false;
	return WORLD_DROP;
}
START_TEST(cells_of_no_set_are_given_up_and_another_neighbour_is_asked)
{
	begin_equal(4);
	liar = (struct liar){ .from = 0 };
	w->tap = lie_about_cells;
	w->tap_ctx = &liar;
	for (uint32_t from = 0; from < 4; from++) {
		liar.from = from;
		ck_assert_uint_eq(damage(1, 0, 5, 4, DAMAGE_FOUND), 4);
		wait_same(0, 120000);
	}
	ck_assert_uint_gt(liar.count, 0);
	ck_assert_uint_le(liar.count, 200);
	done();
}
START_TEST(when_two_comparisons_do_not_help_all_is_asked_for_again)
{
	begin_equal(4);
	liar = (struct liar){ .from = EVERYBODY };
	w->tap = lie_about_cells;
	w->tap_ctx = &liar;
	ck_assert_uint_eq(damage(1, 0, 3, 10, DAMAGE_FOUND), 10);
	wait_same(0, 120000);
	ck_assert_uint_eq(counter(1, "sync.refetch"), 1);
	ck_assert_uint_eq(counted("sync.refetch"), 1);
	ck_assert_uint_ge(world_live(w, 1, 0, LANE_STATE), KEYS);
	done();
}
START_TEST(a_sketch_of_what_is_not_here_up_to_there_is_answered_with_no_cells)
{
	begin_equal(2);
	struct mesh_site *s = w->sites[1].site;
	struct frame_scope scope = { .oid = bytes_view(w->sites[0].site->oid, 8),
		.epoch = w->sites[0].newest[LANE_STATE].epoch,
		.lane = LANE_STATE,
		.high = w->sites[0].newest[LANE_STATE].seq + 1 };
	struct frame_scope twice[2];
	uint8_t bytes[128];
	uint32_t i = 0;
	struct neighbour *n = peering_walk(s, &i);
	const struct {
		uint64_t high;
		uint16_t first, count;
		size_t scopes;
		enum apply_verdict verdict;
		uint8_t state;
		const char *why;
	} cases[] = { { scope.high, 0, 16, 1, APPLY_DONE, SKETCH_FREE, "beyond" },
		{ 0, 0, 16, 1, APPLY_DONE, SKETCH_FREE, "nowhere" },
		{ UINT64_MAX, 0, 16, 1, APPLY_DONE, SKETCH_FREE, "far beyond" },
		{ scope.high - 1, 4095, 2, 1, APPLY_BAD, SKETCH_FREE, "no such cell" },
		{ scope.high - 1, 0, 16, 2, APPLY_BAD, SKETCH_FREE, "twice" },
		{ scope.high - 1, 0, 16, 1, APPLY_DONE, SKETCH_WAITS, "here" } };
	for (size_t k = 0; k < LENGTH(cases); k++) {
		struct bytes_out out = bytes_out(bytes, sizeof bytes);
		scope.high = cases[k].high;
		twice[0] = twice[1] = scope;
		struct frame_sketch sketch = { 7, { twice, cases[k].scopes },
			cases[k].first, cases[k].count };
		ck_assert_int_eq(wire_encode_numbered(
				     &frame_sketch_table, FRAME_SKETCH, &sketch, &out),
		    MESH_OK);
		struct envelope_frame frame = { .number = FRAME_SKETCH,
			.bytes = bytes_written(&out) };
		struct apply_input in = { .n = n, .frame = &frame };
		ck_assert_msg(sketching_on_sketch(s, &in) == cases[k].verdict, "%s",
		    cases[k].why);
		ck_assert_msg(s->sketching.state == cases[k].state, "%s", cases[k].why);
	}
	done();
}

CHECK_MODULE(sketching, NULL, a_lane_that_is_as_its_origin_says_costs_nothing,
    rows_that_their_store_misses_come_from_a_neighbour,
    rows_that_nobody_missed_show_with_the_next_checkpoint,
    rows_that_do_not_read_back_are_gaps_and_need_no_sketch,
    our_own_rows_come_back_from_others_before_we_say_what_we_have,
    our_own_rows_that_do_not_read_back_come_back_while_we_write,
    more_rows_than_a_have_set_has_runs_come_in_groups,
    who_lost_the_same_does_not_hide_it,
    a_checkpoint_that_lies_costs_two_small_sketches_a_site,
    cells_of_no_set_are_given_up_and_another_neighbour_is_asked,
    who_was_away_longer_than_tombstones_live_brings_nothing_back,
    when_two_comparisons_do_not_help_all_is_asked_for_again,
    a_sketch_of_what_is_not_here_up_to_there_is_answered_with_no_cells)
