/* Attacks 1 and 2: what was said once is said again. */
#include "attack.h"
#include "check_world.h"
#include "halfway.h"
#include "inside_own.h"
#include "inside_peers.h"

static struct eaves eaves;

/* Two neighbours with a past, and everything that was on its way. */
static void
a_pair_with_a_past(void)
{
	begin(2, 0);
	world_join_all(w);
	eaves.count = 0;
	w->tap = eaves_tap;
	w->tap_ctx = &eaves;
	world_start_all(w);
	run(3000);
	for (uint64_t n = 0; n < 6; n++)
		append((uint32_t)(n % 2), n);
	ck_assert_int_eq(world_append(w, 0, LANE_ALERT, 77, 100), MESH_OK);
	run(8000);
	w->tap = NULL;
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	ck_assert_uint_lt(eaves.count, EAVES_MAX);
}

static size_t
replay_all(enum envelope_kind kind, const char *counter, uint64_t answer)
{
	size_t count = 0;
	for (size_t i = 0; i < eaves.count; i++) {
		const struct world_datagram *d = &eaves.heard[i];
		if (d->bytes[0] != kind || w->sites[d->to].site == NULL)
			continue;
		world_flush(w, d->to);
		attack_starts(w);
		strike(w, d);
		attack_moves(d->to, counter, 1);
		attack_answers(d->to, answer);
		attack_ends(w, counter);
		count++;
	}
	return count;
}

START_TEST(session_data_is_heard_once)
{
	a_pair_with_a_past();
	ck_assert_uint_gt(replay_all(ENVELOPE_DATA, "rx.replay", 0), 20);
	done();
}
START_TEST(a_beacon_is_heard_once)
{
	a_pair_with_a_past();
	ck_assert_uint_gt(replay_all(ENVELOPE_BEACON, "rx.beacon_old", 0), 5);
	done();
}
START_TEST(an_answered_handshake_is_over)
{
	a_pair_with_a_past();
	ck_assert_uint_gt(replay_all(ENVELOPE_HS2, "rx.replay", 0), 0);
	ck_assert_uint_gt(replay_all(ENVELOPE_HS3, "rx.replay", 0), 0);
	done();
}

static unsigned doubled;

static enum world_fate
double_hs2(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	if (d->bytes[0] != ENVELOPE_HS2)
		return WORLD_DELIVER;
	strike(w, d);
	attack_starts(w);
	strike(w, d);
	attack_moves(d->to, "rx.replay", 1);
	attack_ends(w, "HS2 twice");
	doubled++;
	return WORLD_DROP; /* it has been there */
}
START_TEST(an_answer_that_comes_twice_makes_one_session)
{
	begin(2, 0);
	world_join_all(w);
	doubled = 0;
	w->tap = double_hs2;
	world_start_all(w);
	run(3000);
	ck_assert_uint_gt(doubled, 0);
	ck_assert(is_direct(0, 1) && is_direct(1, 0));
	done();
}

static const struct world_datagram *
the_first_hs1(void)
{
	for (uint32_t from = 0; from < 2; from++) {
		size_t at = 0;
		const struct world_datagram *d = eaves_find(
		    &eaves, ENVELOPE_HS1, from, 1 - from, &at);
		if (d != NULL)
			return d;
	}
	ck_abort_msg("no handshake was begun");
	return NULL;
}
static uint32_t
halves_in_use(uint32_t site)
{
	const struct handshake *h = &w->sites[site].site->handshake;
	uint32_t used = 0;
	for (uint32_t i = 0; i < h->cap; i++)
		used += h->halves[i].used;
	return used;
}

/* Bytes out <= bytes in, one slot for as many copies as there are, and 5 s later
 * nothing of it is left. */
START_TEST(a_first_message_again_gets_the_stored_answer_and_one_slot)
{
	enum { COPIES = 20 };
	a_pair_with_a_past();
	const struct world_datagram *hs1 = the_first_hs1();
	uint32_t to = hs1->to;
	world_flush(w, to);
	attack_starts(w);
	for (int i = 0; i < COPIES; i++)
		strike(w, hs1);
	attack_moves(to, "rx.taken", COPIES);
	attack_answers(to, COPIES * ENVELOPE_HS1_BYTES);
	attack_ends(w, "HS1 again");
	ck_assert_uint_eq(halves_in_use(to), 1);
	run(6000);
	world_flush(w, to);
	ck_assert_uint_eq(halves_in_use(to), 0);
	attack_holds(w, to, "after HS1 again");
	done();
}
START_TEST(a_half_open_handshake_ends_after_five_seconds)
{
	a_pair_with_a_past();
	const struct world_datagram *hs1 = the_first_hs1();
	strike(w, hs1);
	ck_assert_uint_eq(halves_in_use(hs1->to), 1);
	run(6000);
	world_flush(w, hs1->to);
	ck_assert_uint_eq(halves_in_use(hs1->to), 0);
	done();
}

/* --- after a restart --- */

START_TEST(a_new_life_of_the_receiver_knows_no_old_session)
{
	a_pair_with_a_past();
	world_kill(w, 0);
	run(50);
	world_start(w, 0);
	run(12000); /* long enough for the other's next beacon */
	for (size_t i = 0; i < eaves.count; i++) {
		const struct world_datagram *d = &eaves.heard[i];
		bool beacon = d->bytes[0] == ENVELOPE_BEACON;
		if (d->to != 0 || d->bytes[0] == ENVELOPE_HS1)
			continue;
		world_flush(w, 0);
		attack_starts(w);
		strike(w, d);
		attack_moves(0, beacon ? "rx.beacon_old" : "rx.sid", 1);
		attack_ends(w, "after the receiver's restart");
	}
	done();
}
START_TEST(an_older_life_of_the_sender_is_over)
{
	a_pair_with_a_past();
	world_kill(w, 0);
	run(50);
	world_start(w, 0);
	run(6000);
	size_t count = 0;
	for (size_t i = 0; i < eaves.count; i++) {
		const struct world_datagram *d = &eaves.heard[i];
		if (d->to != 1 || d->bytes[0] != ENVELOPE_BEACON)
			continue;
		world_flush(w, 1);
		attack_starts(w);
		strike(w, d);
		attack_moves(1, "rx.beacon_old", 1);
		attack_ends(w, "after the sender's restart");
		count++;
	}
	ck_assert_uint_gt(count, 2);
	done();
}
static uint64_t
boot_of_session(uint32_t at, uint32_t with)
{
	struct mesh_site *s = w->sites[at].site;
	struct neighbour *n = peering_neighbour(
	    s, peers_find(&s->peers, &w->sites[with].identity.key));
	const struct session *one = n != NULL ? session_at(&s->sessions, n->session)
					      : NULL;
	return one != NULL ? one->peer.boot : UINT64_MAX;
}
/* A restored machine: the right key, an older boot.  It is refused, and shown what its
 * newer life signed; only above that one it may come again. */
START_TEST(a_life_before_the_known_one_gets_no_session)
{
	a_pair_with_a_past();
	world_kill(w, 0);
	run(20000);
	ck_assert_int_eq(peer(1, 0).state, PEER_DEAD);
	w->sites[0].boot -= 100;
	world_segment_down(w, 1); /* who would else be told by beacons */
	uint64_t refused = counter(1, "rx.hs_identity"), known = peer(1, 0).boot;
	world_start(w, 0);
	w->sites[0].site->boot = w->sites[0].site->handshake.self.told.boot -= 200;
	world_seed(w, 0, 1);
	run(8000);
	ck_assert_uint_gt(counter(1, "rx.hs_identity"), refused);
	ck_assert_uint_gt(boot_of_session(1, 0), known);
	done();
}

/* --- records from other mouths --- */

/* 0 - 1 - 2, and 2 also hears all that 0 says. */
static void
a_line_of_three(void)
{
	begin(3, 0);
	world_join_line(w);
	world_start_all(w);
	run(8000);
	ck_assert(is_direct(1, 0) && is_direct(1, 2));
}
static struct {
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
	size_t len;
	enum mesh_lane lane;
	uint16_t type;
} kept;

static enum world_fate
keep_push(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (d->from == 0 && d->to == 1 &&
	    find_push(frames_of(d, plain), kept.lane, &frame, &hop, &r) &&
	    r.type == kept.type) {
		memcpy(kept.bytes, hop.bundle.ptr, hop.bundle.len);
		kept.len = hop.bundle.len;
	}
	return WORLD_DELIVER;
}
/* Site 2 says again what 0 said to 1. */
static void
say_again(const char *counter, const char *why)
{
	ck_assert_uint_gt(kept.len, 0);
	struct bytes_view push = liar_push(w, 2, bytes_view(kept.bytes, kept.len));
	world_flush(w, 1);
	attack_starts(w);
	liar_sends(w, 2, 1, push);
	attack_moves(1, "rx.taken", 1);
	attack_moves(1, counter, 1);
	attack_ends(w, why);
}
static void
hear_and_keep(enum mesh_lane lane, uint16_t type)
{
	kept.len = 0;
	kept.lane = lane;
	kept.type = type;
	w->tap = keep_push;
}

START_TEST(an_alert_is_told_once_whoever_brings_it_and_across_kill_9)
{
	a_line_of_three();
	hear_and_keep(LANE_ALERT, 1);
	ck_assert_int_eq(world_append(w, 0, LANE_ALERT, 5, 100), MESH_OK);
	run(2000);
	w->tap = NULL;
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_ALERT, 5), 1);
	say_again("record.duplicate", "the same life");
	for (int life = 0; life < 3; life++) {
		world_kill(w, 1);
		run(100);
		world_start(w, 1);
		run(8000);
		say_again("record.duplicate", "after kill -9");
	}
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_ALERT, 5), 1);
	done();
}
/* Heard, told, not yet committed: neither cache nor have-set may be needed. */
START_TEST(an_alert_on_its_way_to_the_disk_is_not_told_again)
{
	a_line_of_three();
	w->sites[1].store_ms = 60000;
	hear_and_keep(LANE_ALERT, 1);
	ck_assert_int_eq(world_append(w, 0, LANE_ALERT, 6, 100), MESH_OK);
	run(1000);
	w->tap = NULL;
	ck_assert_uint_eq(world_told(w, 1, 0, LANE_ALERT, 6), 1);
	struct dedup *d = &w->sites[1].site->verified; /* overflown since */
	for (size_t i = 0; i < 2 * d->capacity + 2; i++) {
		struct dedup_mark m = dedup_mark_of(d, bytes_view(&i, sizeof i));
		(void)dedup_admit(d, &m);
	}
	say_again("record.duplicate", "before the commit");
	done();
}
START_TEST(the_goodbye_of_an_earlier_life_kills_nobody)
{
	a_line_of_three();
	hear_and_keep(LANE_LIVE, LIVE_BYE);
	world_stop(w, 0);
	run(3000);
	w->tap = NULL;
	world_start(w, 0);
	run(8000);
	world_kill(w, 1); /* and its cache of duplicates with it */
	world_start(w, 1);
	run(8000);
	ck_assert(is_direct(1, 0));
	say_again("record.old_boot", "an old goodbye");
	ck_assert_int_eq(peer(1, 0).state, PEER_ALIVE);
	done();
}
/* The window of lane 0, when the cache has forgotten. */
START_TEST(live_news_is_heard_once)
{
	a_line_of_three();
	hear_and_keep(LANE_LIVE, LIVE_SUSPECT);
	struct live_suspect body = { w->sites[2].identity.key, w->sites[2].boot, 9000 };
	struct mesh_site *s = w->sites[0].site;
	inside_enter(s, world_now(w));
	append_live(s, LIVE_SUSPECT, &live_suspect_table, &body);
	world_flush(w, 0);
	run(3000);
	w->tap = NULL;
	struct dedup *d = &w->sites[1].site->verified;
	for (size_t i = 0; i < 2 * d->capacity + 2; i++) {
		struct dedup_mark m = dedup_mark_of(d, bytes_view(&i, sizeof i));
		(void)dedup_admit(d, &m);
	}
	say_again("record.duplicate", "live news again");
	done();
}

CHECK_MODULE(attack_replay, NULL, session_data_is_heard_once, a_beacon_is_heard_once,
    an_answered_handshake_is_over, an_answer_that_comes_twice_makes_one_session,
    a_first_message_again_gets_the_stored_answer_and_one_slot,
    a_half_open_handshake_ends_after_five_seconds,
    a_new_life_of_the_receiver_knows_no_old_session,
    an_older_life_of_the_sender_is_over, a_life_before_the_known_one_gets_no_session,
    an_alert_is_told_once_whoever_brings_it_and_across_kill_9,
    an_alert_on_its_way_to_the_disk_is_not_told_again,
    the_goodbye_of_an_earlier_life_kills_nobody, live_news_is_heard_once)
