#include "check_world.h"
#include "world_disk.h"
#include "world_faults.h"

/* The simulator's own promises: what each fault does to a world, and that the
 * invariants see what they are for. */

static void
pair_at_rest(void)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(3000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
}

START_TEST(a_kill_keeps_commits_and_a_power_cut_only_what_was_synced)
{
	for (int power = 0; power < 2; power++) {
		pair_at_rest();
		disk_may_lose(w->sites[0].disk);
		run(10);
		append(0, 1); /* NORMAL */
		run(100);
		size_t count;
		uint64_t dice = 0; /* nothing of the log reached the disk */
		world_kill(w, 0);
		if (power != 0)
			disk_power_cut(w->sites[0].disk, dice);
		const struct mesh_holding *h = disk_holdings(w->sites[0].disk, &count);
		bool kept = false;
		for (size_t i = 0; i < count; i++)
			kept = kept || h[i].lane == LANE_PACKET;
		ck_assert_int_eq(kept, power == 0);
		world_start(w, 0);
		run(5000);
		done();
	}
}
START_TEST(an_alert_survives_a_power_cut)
{
	size_t count, kept = 0;
	pair_at_rest();
	disk_may_lose(w->sites[0].disk);
	append(0, 1);
	ck_assert_int_eq(world_append(w, 0, LANE_ALERT, 2, 100), MESH_OK);
	run(100);
	world_power_cut(w, 0);
	const struct mesh_holding *h = disk_holdings(w->sites[0].disk, &count);
	for (size_t i = 0; i < count; i++)
		kept += h[i].lane == LANE_ALERT || h[i].lane == LANE_PACKET;
	ck_assert_uint_eq(kept, 2); /* and what was committed before it */
	done();
}
START_TEST(a_blocked_way_is_deaf_in_one_direction)
{
	pair_at_rest();
	world_block(w, 0, 1, true);
	uint64_t heard[2] = { w->sites[0].received, w->sites[1].received };
	run(3000);
	ck_assert_uint_eq(w->sites[1].received, heard[1]);
	ck_assert_uint_gt(w->sites[0].received, heard[0]);
	done();
}
START_TEST(a_paused_site_hears_all_of_it_afterwards)
{
	pair_at_rest();
	world_pause(w, 1, 500);
	uint64_t heard = w->sites[1].received;
	append(0, 7);
	run(400);
	ck_assert_uint_eq(w->sites[1].received, heard);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 7), 0);
	run(200);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 7), 1);
	done();
}
START_TEST(a_narrow_link_takes_its_time_and_drops_what_does_not_fit)
{
	enum { RECORDS = 20, BITS = 80000, QUEUE = 3000 };
	pair_at_rest();
	world_shape(w, 0, 1, BITS, QUEUE);
	mesh_time_ms began = w->now;
	for (uint64_t n = 0; n < RECORDS; n++)
		append(0, n);
	run(100);
	size_t soon = 0, late = 0;
	for (uint64_t n = 0; n < RECORDS; n++)
		soon += world_told(w, 1, 0, LANE_PACKET, n);
	ck_assert_uint_lt(soon, RECORDS);
	run(20000);
	for (uint64_t n = 0; n < RECORDS; n++)
		late += world_told(w, 1, 0, LANE_PACKET, n);
	ck_assert_uint_eq(late, RECORDS);
	ck_assert_uint_gt(w->now, began);
	done();
}
START_TEST(a_second_core_for_one_identity_is_seen)
{
	uint8_t core[] = { 1, 2, 3 }, other[] = { 1, 2, 4 };
	struct ledger l = { .count = 0 };
	struct mesh_record r = { .at = { .seq = 1, .lane = LANE_ALERT },
		.core = bytes_view(core, sizeof core) };
	ck_assert_int_eq(ledger_enter(&l, &r), LEDGER_NEW);
	ck_assert_int_eq(ledger_enter(&l, &r), LEDGER_SAME);
	r.core = bytes_view(other, sizeof other);
	ck_assert_int_eq(ledger_enter(&l, &r), LEDGER_OTHER);
	r.at.seq = 2;
	ck_assert_int_eq(ledger_enter(&l, &r), LEDGER_NEW);
	ledger_free(&l);
}
/* Every kind begins, ends, and leaves a world in which all is as it was. */
START_TEST(every_fault_of_the_table_is_undone)
{
	for (uint32_t kind = 0; kind < FAULT_KINDS; kind++) {
		struct faults f;
		begin(4, 0);
		world_join_all(w);
		world_start_all(w);
		run(3000);
		faults_init(&f, w, 1U << kind, 0.5);
		for (int step = 0; step < 100 && f.begun[kind] == 0; step++)
			faults_step(&f, 50);
		ck_assert_msg(f.begun[kind] > 0, "%s never began", fault_name(kind));
		faults_end(&f);
		ck_assert(w->params.loss <= 0 && w->weather.corrupt <= 0);
		for (uint32_t a = 0; a < 4; a++) {
			ck_assert_ptr_nonnull(w->sites[a].site);
			ck_assert_int_eq(w->sites[a].store_err, MESH_OK);
			ck_assert_int_eq(w->sites[a].clock_ms, 0);
			ck_assert_uint_le(w->sites[a].paused_ms, w->now);
			for (uint32_t b = 0; b < 4; b++)
				ck_assert(a == b || world_hears(w, a, b));
		}
		done();
	}
}

CHECK_MODULE(world_faults, NULL,
    a_kill_keeps_commits_and_a_power_cut_only_what_was_synced,
    an_alert_survives_a_power_cut, a_blocked_way_is_deaf_in_one_direction,
    a_paused_site_hears_all_of_it_afterwards,
    a_narrow_link_takes_its_time_and_drops_what_does_not_fit,
    a_second_core_for_one_identity_is_seen, every_fault_of_the_table_is_undone)
