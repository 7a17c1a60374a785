#include "check_world.h"

/* The core as a whole, when everybody means well: meeting, delivering, numbering. */

static uint32_t
sessions_at(uint32_t site)
{
	return pool_taken(&w->sites[site].site->sessions.pool);
}

START_TEST(two_sites_find_each_other_by_beacon_and_open_one_session)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(1500);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	ck_assert_uint_eq(sessions_at(0), 1);
	ck_assert_uint_eq(sessions_at(1), 1);
	run(15000);
	ck_assert_uint_eq(sessions_at(0), 1);
	ck_assert_uint_eq(sessions_at(1), 1);
	ck_assert_uint_eq(counter(0, "rx.hs_tag") + counter(1, "rx.hs_tag"), 0);
	struct mesh_peer p = peer(0, 1);
	ck_assert_uint_eq(p.hops, 1);
	ck_assert_uint_eq(p.boot, w->sites[1].boot);
	ck_assert_uint_gt(p.rtt_us, 0);
	ck_assert(p.name.len == 6 && memcmp(p.name.ptr, "site-1", 6) == 0);
	done();
}
START_TEST(two_sites_that_call_each_other_at_once_settle_on_one_session)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	world_segment_down(w, 0);
	world_segment_down(w, 1);
	world_seed(w, 0, 1);
	world_seed(w, 1, 0);
	run(2000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	run(11000);
	ck_assert_uint_eq(sessions_at(0), 1);
	ck_assert_uint_eq(sessions_at(1), 1);
	append(0, 1);
	run(200);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 1);
	done();
}
START_TEST(a_seed_alone_brings_two_sites_together)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	world_segment_down(w, 0);
	world_segment_down(w, 1);
	world_seed(w, 1, 0);
	run(1000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	done();
}
START_TEST(a_record_of_every_lane_reaches_the_end_of_a_line_once)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(3000);
	for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT; lane++)
		ck_assert_int_eq(world_append(w, 0, lane, 40 + lane, 200), MESH_OK);
	ck_assert_int_eq(world_put(w, 0, "site", 39), MESH_OK);
	run(1000);
	for (uint32_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(world_told(w, i, 0, LANE_STATE, 39), 1);
		for (enum mesh_lane lane = LANE_CONTROL; lane < LANE_COUNT; lane++)
			ck_assert_uint_eq(world_told(w, i, 0, lane, 40 + lane), 1);
	}
	ck_assert_uint_eq(peer(0, 2).hops, 2);
	ck_assert(!peer(0, 2).direct && peer(0, 2).state == PEER_ALIVE);
	done();
}
START_TEST(a_ring_delivers_once_in_spite_of_its_loop)
{
	begin(4, 0);
	world_join_ring(w);
	world_start_all(w);
	run(4000);
	for (uint64_t n = 0; n < 20; n++) {
		append((uint32_t)(n % 4), n);
		run(20);
	}
	run(1000);
	for (uint32_t i = 0; i < 4; i++)
		for (uint64_t n = 0; n < 20; n++)
			ck_assert_uint_eq(
			    world_told(w, i, (uint32_t)(n % 4), LANE_PACKET, n), 1);
	done();
}
START_TEST(ends_of_the_have_sets_agree_everywhere)
{
	begin(4, 0);
	world_join_line(w);
	world_start_all(w);
	run(4000);
	for (uint64_t n = 0; n < 50; n++)
		append((uint32_t)(n % 4), n);
	run(15000);
	for (uint32_t origin = 0; origin < 4; origin++) {
		uint64_t epoch, high, first = 0;
		for (uint32_t at = 0; at < 4; at++) {
			ck_assert(mesh_site_high(w->sites[at].site,
			    &w->sites[origin].identity.key, LANE_PACKET, &epoch,
			    &high));
			first = at == 0 ? high : first;
			ck_assert_uint_gt(high, 0);
			ck_assert_uint_eq(high, first);
		}
	}
	done();
}
START_TEST(with_a_third_lost_everything_arrives_once)
{
	begin(2, 0.3);
	world_join_all(w);
	world_start_all(w);
	run(15000);
	for (uint64_t n = 0; n < 200; n++) {
		append(n % 2 == 0 ? 0 : 1, n);
		run(100);
	}
	run(10000);
	uint64_t missing = 0;
	for (uint64_t n = 0; n < 200; n++) {
		uint32_t from = n % 2 == 0 ? 0 : 1;
		size_t told = world_told(w, 1 - from, from, LANE_PACKET, n);
		ck_assert_uint_le(told, 1);
		missing += told == 0;
	}
	/* Eight times nothing: one of 15,000. */
	ck_assert_uint_le(missing, counter(0, "tx.gave_up") + counter(1, "tx.gave_up"));
	ck_assert_uint_le(missing, 1);
	ck_assert_uint_gt(counter(0, "tx.retry"), 0);
	done();
}
START_TEST(what_does_not_fit_a_message_is_refused_and_counted)
{
	begin(1, 0);
	world_start_all(w);
	run(100);
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 1, 65500), MESH_MALFORMED);
	ck_assert_uint_eq(counter(0, "tx.too_large"), 1);
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, 2, 700), MESH_OK);
	ck_assert_uint_eq(counter(0, "tx.too_large"), 1);
	done();
}
START_TEST(a_bad_draft_is_refused)
{
	begin(1, 0);
	world_start_all(w);
	run(100);
	uint64_t seq;
	struct mesh_key dst = w->sites[0].identity.key;
	const struct mesh_draft bad[] = {
		{ LANE_PACKET, 1, 33, NULL, hex("90") },
		{ LANE_PACKET, 1, 0, &dst, hex("90") },
		{ LANE_PACKET, 1, 0, NULL, hex("01") },
		{ LANE_PACKET, 1, 0, NULL, hex("91") },
		{ LANE_PACKET, 1, 0, NULL, hex("") },
		{ LANE_COUNT, 1, 0, NULL, hex("90") },
	};
	for (size_t i = 0; i < LENGTH(bad); i++)
		ck_assert_int_eq(
		    mesh_site_append(w->sites[0].site, &bad[i], &seq, world_now(w)),
		    MESH_MALFORMED);
	ck_assert_uint_eq(counter(0, "tx.too_large"), 0);
	done();
}
START_TEST(the_default_limits_take_less_than_four_megabytes)
{
	begin(1, 0);
	world_start_all(w);
	ck_assert_uint_lt(mesh_site_memory(w->sites[0].site), 4 * 1000 * 1000);
	done();
}
START_TEST(the_same_seed_gives_the_same_bytes)
{
	uint64_t sent[2] = { 0 }, bytes[2] = { 0 };
	for (int again = 0; again < 2; again++) {
		begin(4, 0.1);
		world_join_ring(w);
		world_start_all(w);
		run(3000);
		append(0, 7);
		run(5000);
		for (uint32_t i = 0; i < 4; i++) {
			sent[again] += w->sites[i].sent;
			bytes[again] += w->sites[i].sent_bytes;
		}
		done();
	}
	ck_assert_uint_eq(sent[0], sent[1]);
	ck_assert_uint_eq(bytes[0], bytes[1]);
}
START_TEST(a_clone_is_noticed_and_a_stranger_too)
{
	begin(3, 0);
	world_join_all(w);
	w->sites[1].identity = w->sites[0].identity; /* a copied SD card */
	w->sites[1].boot = w->sites[0].boot + 5;
	world_start_all(w);
	run(15000); /* each takes a boot above the other's four times */
	ck_assert_uint_gt(w->sites[0].notices[NOTICE_CLONE], 0);
	ck_assert_uint_gt(counter(0, "peer.clone"), 0);
	ck_assert_uint_eq(w->sites[2].notices[NOTICE_CLONE], 0);
	done();
}
START_TEST(keyed_lanes_get_a_checkpoint_of_what_is_live)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(3000);
	for (uint64_t n = 0; n < 3; n++)
		ck_assert_int_eq(world_put(w, 0, n == 1 ? "two" : "one", n), MESH_OK);
	run(8000);
	const struct world_site *s = &w->sites[1];
	size_t checkpoints = 0, after = 0;
	for (size_t i = 0; i < s->record_count; i++)
		if (s->records[i].origin == 0 && s->records[i].at.lane == LANE_STATE &&
		    s->records[i].type == RECORD_CHECKPOINT)
			checkpoints++;
	ck_assert_uint_ge(checkpoints, 1);
	run(60000);
	for (size_t i = 0; i < s->record_count; i++)
		if (s->records[i].origin == 0 && s->records[i].at.lane == LANE_STATE &&
		    s->records[i].type == RECORD_CHECKPOINT)
			after++;
	ck_assert_uint_eq(after, checkpoints); /* nothing changed: nothing to say */
	done();
}
static void
count_up(void *ctx, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = ++*(uint8_t *)ctx;
}
/* A lane in which nothing was written since the origin's new epoch keeps the row of the
 * old one in the store. */
START_TEST(lanes_of_two_epochs_are_loaded_in_any_order)
{
	begin(2, 0);
	for (uint32_t of = 0; of < 2; of++) {
		for (size_t newer = 0; newer < 2; newer++) {
			uint8_t dice = 0;
			struct mesh_holding held[2] = { { .run_count = 1 },
				{ .run_count = 1 } };
			struct mesh_params p = { .identity = &w->sites[0].identity,
				.network = &w->network,
				.boot = 9,
				.random = count_up,
				.random_ctx = &dice,
				.holdings = held,
				.holding_count = 2 };
			struct mesh_site *s;
			uint64_t epoch, high;
			for (size_t i = 0; i < 2; i++) {
				held[i].origin = w->sites[of].identity.key;
				held[i].lane = i == 0 ? LANE_STATE : LANE_PACKET;
				held[i].epoch = i == newer ? 20 : 10;
				held[i].runs[0] = (struct mesh_run){ 1, 5 };
			}
			ck_assert_int_eq(mesh_site_new(&s, &p, world_now(w)), MESH_OK);
			ck_assert(mesh_site_high(
			    s, &held[0].origin, held[newer].lane, &epoch, &high));
			ck_assert(epoch == 20 && high == 5);
			if (of == 0)
				ck_assert_uint_eq(s->own.epoch, 20);
			mesh_site_free(s);
		}
	}
	done();
}
CHECK_MODULE(mesh_site, NULL, two_sites_find_each_other_by_beacon_and_open_one_session,
    two_sites_that_call_each_other_at_once_settle_on_one_session,
    a_seed_alone_brings_two_sites_together,
    a_record_of_every_lane_reaches_the_end_of_a_line_once,
    a_ring_delivers_once_in_spite_of_its_loop, ends_of_the_have_sets_agree_everywhere,
    with_a_third_lost_everything_arrives_once,
    what_does_not_fit_a_message_is_refused_and_counted, a_bad_draft_is_refused,
    the_default_limits_take_less_than_four_megabytes,
    the_same_seed_gives_the_same_bytes, a_clone_is_noticed_and_a_stranger_too,
    keyed_lanes_get_a_checkpoint_of_what_is_live,
    lanes_of_two_epochs_are_loaded_in_any_order)
