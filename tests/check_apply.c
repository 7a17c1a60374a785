#include "check_world.h"

/* Frames under a right tag, moved addresses, slow and refusing stores, old sessions. */

static void
pair(void)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
}

static struct world_datagram seen; /* some datagram from 0 to 1 */

static enum world_fate
see(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	if (d->to == 1 && d->bytes[0] == ENVELOPE_DATA)
		seen = *d;
	return WORLD_DELIVER;
}
static void
send_as_neighbour(uint32_t number, struct bytes_view frames)
{
	uint8_t out[ENVELOPE_MAX];
	size_t len = forge(&seen, number, frames, out);
	world_inject(w, 1, &seen.source, bytes_view(out, len));
}
static void
pair_with_a_liar(void)
{
	pair();
	w->tap = see;
	run(5000);
	w->tap = NULL;
	ck_assert_uint_gt(seen.len, 0);
}

START_TEST(a_frame_that_is_none_moves_one_counter_and_nothing_else)
{
	static const struct {
		const char *frames, *why;
	} row[] = {
		{ "9102", "PING without its id" },
		{ "9202c0", "PING with nil" },
		{ "92029701020304050607", "PING with a list" },
		{ "9203ff", "PONG with -1" },
		{ "9104", "ACK alone" },
		{ "930401c0", "ACK without bits" },
		{ "9209c403aabbcc", "short token" },
		{ "920ac403aabbcc", "short token back" },
		{ "910b", "CLOSE, no reason" },
		{ "920ba161", "CLOSE with text" },
		{ "9401000090", "PUSH of nothing" },
		{ "940100009501020304", "PUSH cut short" },
		{ "dd01000000", "a bomb" },
		{ "ddffffffff", "a larger bomb" },
		{ "c1", "no msgpack" },
		{ "81a1610a", "a map" },
		{ "05", "a number" },
		{ "90", "no frame number" },
		{ "91a0", "a frame called by text" },
		{ "9202cd0007", "not shortest" },
		{ "920207ff92", "good, then bad" },
	};
	pair_with_a_liar();
	uint32_t number = counter_of(&seen) + 10;
	for (size_t i = 0; i < LENGTH(row); i++) {
		uint64_t shape = counter(1, "rx.shape"), all = counters_of_input(1);
		send_as_neighbour(number++, hex(row[i].frames));
		ck_assert_msg(counter(1, "rx.shape") == shape + 1, "%s", row[i].why);
		ck_assert_msg(counters_of_input(1) == all + 1, "%s", row[i].why);
	}
	ck_assert(is_direct(1, 0));
	done();
}
START_TEST(unknown_frames_are_skipped_and_the_rest_is_read)
{
	pair_with_a_liar();
	uint64_t unknown = counter(1, "rx.frame_unknown"),
		 taken = counter(1, "rx.taken");
	uint64_t sent = w->sites[1].sent;
	/* a frame 77, one with a huge number, then PING */
	send_as_neighbour(counter_of(&seen) + 10,
	    hex("924d01"
		"92cdffff01"
		"920207"));
	ck_assert_uint_eq(counter(1, "rx.frame_unknown"), unknown + 2);
	ck_assert_uint_eq(counter(1, "rx.taken"), taken + 1);
	ck_assert_uint_eq(w->sites[1].sent, sent + 1); /* the PONG */
	done();
}
/* --- addresses --- */

START_TEST(a_site_that_moves_is_followed_after_a_challenge)
{
	pair();
	w->sites[1].path.addr[15] = 200;
	run(12000);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	struct mesh_peer p = peer(0, 1);
	ck_assert(memcmp(p.addr.addr, w->sites[1].path.addr, 18) == 0);
	append(0, 1);
	append(1, 2);
	run(500);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 1), 1);
	ck_assert_uint_eq(world_told(w, 0, 1, LANE_PACKET, 2), 1);
	ck_assert_uint_eq(counter(0, "peer.dead") + counter(1, "peer.dead"), 0);
	done();
}
static enum world_fate
steal(void *ctx, const struct world_datagram *d)
{
	struct mesh_path *thief = ctx;
	if (d->to != 1 || d->bytes[0] != ENVELOPE_DATA)
		return WORLD_DELIVER;
	world_inject(w, 1, thief, bytes_view(d->bytes, d->len));
	return WORLD_DROP;
}
START_TEST(a_copied_datagram_redirects_nobody)
{
	struct mesh_path thief = { .iface = 1 };
	pair();
	thief.addr[15] = 66;
	w->tap = steal; /* all data comes from the thief's address */
	w->tap_ctx = &thief;
	append(0, 1);
	run(5000);
	w->tap = NULL;
	struct mesh_peer p = peer(1, 0);
	ck_assert(memcmp(p.addr.addr, w->sites[0].path.addr, 18) == 0);
	append(1, 2);
	run(500);
	ck_assert_uint_eq(world_told(w, 0, 1, LANE_PACKET, 2), 1);
	done();
}
START_TEST(a_hint_makes_death_known_sooner)
{
	mesh_time_ms took[2];
	for (int hint = 0; hint < 2; hint++) {
		pair();
		world_kill(w, 1);
		mesh_time_ms killed = w->now;
		if (hint == 1)
			mesh_site_hint_unreachable(
			    w->sites[0].site, &w->sites[1].path, world_now(w));
		wakes_set(&w->wakes, 0, w->now);
		while (peer(0, 1).state != PEER_DEAD && w->now < killed + 20000)
			run(10);
		took[hint] = w->now - killed;
		done();
	}
	ck_assert_uint_lt(took[1], 1200);
	ck_assert_uint_lt(took[1] + 300, took[0]);
}
START_TEST(a_thousand_hints_kill_nobody_and_cost_a_burst_a_period)
{
	pair();
	run(30000);
	struct mesh_site *site = w->sites[0].site;
	uint64_t sent = w->sites[0].sent;
	run(20000);
	uint64_t quiet = w->sites[0].sent - sent;
	for (int i = 0; i < 1000; i++) {
		mesh_site_hint_unreachable(site, &w->sites[1].path, world_now(w));
		wakes_set(&w->wakes, 0, w->now);
		run(20);
		ck_assert_int_eq(peer(0, 1).state, PEER_ALIVE);
	}
	uint64_t asked = counter(0, "peer.hint");
	ck_assert(asked >= 1 && asked <= 20); /* when a ping is not due anyway */
	ck_assert_uint_eq(counter(0, "peer.hint_ignored"), 1000 - asked);
	ck_assert_uint_eq(counter(0, "peer.suspect_sent"), 0);
	ck_assert_uint_le(w->sites[0].sent - sent - quiet, quiet + 4 * asked);
	struct mesh_path nobody = { .iface = 1 };
	mesh_site_hint_unreachable(site, &nobody, world_now(w));
	ck_assert_uint_eq(counter(0, "peer.hint_ignored"), 1001 - asked);
	done();
}
START_TEST(patience_is_a_setting)
{
	struct world_params p = { .sites = 2,
		.seed = check_seed(),
		.delay_min_ms = 1,
		.delay_max_ms = 1,
		.store_ms = 1,
		.dead_after_ms = 12000 };
	w = world_new(&p);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	append(1, 1);
	run(100); /* it was heard just now */
	world_kill(w, 1);
	run(8000);
	ck_assert_int_eq(peer(0, 1).state, PEER_ALIVE);
	run(6500);
	ck_assert_int_eq(peer(0, 1).state, PEER_DEAD);
	done();
}
START_TEST(sessions_get_new_keys_each_hour_and_lose_nothing)
{
	pair();
	uint32_t sid = 0;
	for (uint64_t minute = 0; minute < 70; minute++) {
		append((uint32_t)(minute % 2), minute);
		run(60000);
		uint32_t i = 0;
		const struct session *s = pool_walk(
		    &w->sites[0].site->sessions.pool, &i);
		ck_assert_ptr_nonnull(s);
		sid = sid == 0 ? s->sid_local : sid;
	}
	const struct mesh_site *site = w->sites[0].site;
	const struct session *now = session_at(
	    &site->sessions, session_of(&site->sessions, &w->sites[1].identity.key));
	ck_assert_uint_ne(now->sid_local, sid);
	ck_assert_uint_eq(pool_taken(&site->sessions.pool), 1);
	for (uint64_t minute = 0; minute < 70; minute++)
		ck_assert_uint_eq(world_told(w, (uint32_t)(1 - minute % 2),
				      (uint32_t)(minute % 2), LANE_PACKET, minute),
		    1);
	ck_assert_uint_eq(counter(0, "peer.dead"), 0);
	done();
}

/* --- stores --- */

START_TEST(what_the_store_refuses_is_withheld_and_void)
{
	pair();
	append(0, 1);
	run(500);
	w->sites[0].store_err = MESH_IO;
	append(0, 2);
	run(500);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 2), 0);
	ck_assert_uint_eq(counter(0, "own.void"), 1);
	w->sites[0].store_err = MESH_OK;
	append(0, 3);
	run(500);
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, 3), 1);
	uint64_t epoch, high;
	ck_assert(mesh_site_high(
	    w->sites[1].site, &w->sites[0].identity.key, LANE_PACKET, &epoch, &high));
	ck_assert_uint_eq(high, 3); /* 2 is void, not missing */
	done();
}
START_TEST(a_foreign_record_that_cannot_be_stored_is_not_promised_but_relayed)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	w->sites[1].store_err = MESH_IO;
	append(0, 5);
	run(500);
	uint64_t epoch, high;
	ck_assert_uint_eq(world_told(w, 2, 0, LANE_PACKET, 5), 1);
	ck_assert(!mesh_site_high(
	    w->sites[1].site, &w->sites[0].identity.key, LANE_PACKET, &epoch, &high));
	ck_assert_uint_gt(counter(1, "store.readonly"), 0);
	done();
}
START_TEST(a_slow_store_is_waited_for_and_nothing_is_lost)
{
	struct world_params p = { .sites = 2,
		.seed = check_seed(),
		.delay_min_ms = 1,
		.delay_max_ms = 3,
		.store_ms = 1,
		.unlimited = true,
		.limits = { .pending = 4 } };
	w = world_new(&p);
	world_join_all(w);
	world_start_all(w);
	run(8000);
	w->sites[1].store_ms = 150;
	for (uint64_t n = 0; n < 12; n++) {
		append(0, n);
		run(3);
	}
	run(5000);
	ck_assert_uint_gt(counter(1, "shed.store_busy"), 0);
	for (uint64_t n = 0; n < 12; n++)
		ck_assert_uint_eq(world_told(w, 1, 0, LANE_PACKET, n), 1);
	done();
}
START_TEST(appending_faster_than_the_store_is_refused_and_not_lost)
{
	pair();
	w->sites[0].store_ms = 5000;
	uint64_t good = 0;
	while (world_append(w, 0, LANE_PACKET, good, 20) == MESH_OK)
		good++;
	ck_assert_uint_ge(good, 400);
	ck_assert_uint_lt(good, 600);
	run(6000);
	w->sites[0].store_ms = 1;
	ck_assert_int_eq(world_append(w, 0, LANE_PACKET, good, 20), MESH_OK);
	done();
}
CHECK_MODULE(apply, NULL, a_frame_that_is_none_moves_one_counter_and_nothing_else,
    unknown_frames_are_skipped_and_the_rest_is_read,
    a_site_that_moves_is_followed_after_a_challenge, a_copied_datagram_redirects_nobody,
    a_hint_makes_death_known_sooner,
    a_thousand_hints_kill_nobody_and_cost_a_burst_a_period, patience_is_a_setting,
    sessions_get_new_keys_each_hour_and_lose_nothing,
    what_the_store_refuses_is_withheld_and_void,
    a_foreign_record_that_cannot_be_stored_is_not_promised_but_relayed,
    a_slow_store_is_waited_for_and_nothing_is_lost,
    appending_faster_than_the_store_is_refused_and_not_lost)
