#include "check_world.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "wire.h"

/* Sites that share no segment: a seed, what neighbours tell, routers between. */

enum { MINUTES = 60 * 1000 };

static void
start_without_beacons(uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++) {
		world_start(w, i);
		world_segment_down(w, i);
		if (i > 0)
			world_seed(w, i, 0);
	}
}
static uint32_t meets_from, meets_to; /* sites */

static bool
all_meet(const struct world *world, void *ctx)
{
	(void)world;
	(void)ctx;
	for (uint32_t a = meets_from; a < meets_to; a++)
		for (uint32_t b = meets_from; b < meets_to; b++)
			if (a != b && !is_direct(a, b))
				return false;
	return true;
}
static bool
lives(uint32_t at, uint32_t of)
{
	struct mesh_peer p;
	return world_peer(w, at, of, &p) && p.state == PEER_ALIVE;
}
static bool
all_live(const struct world *world, void *ctx)
{
	(void)world;
	(void)ctx;
	for (uint32_t a = meets_from; a < meets_to; a++)
		for (uint32_t b = meets_from; b < meets_to; b++)
			if (a != b && !lives(a, b))
				return false;
	return true;
}
static void
behind_one_seed(uint32_t sites)
{
	begin(sites, 0);
	world_join_all(w);
	start_without_beacons(0, sites);
	meets_from = 0;
	meets_to = sites;
}
static void
part(uint32_t from, uint32_t to, uint32_t but, bool cut)
{
	for (uint32_t a = from; a < to; a++)
		for (uint32_t b = a + 1; b < to; b++)
			if (but == 0 || (a < but) != (b < but))
				(cut ? world_cut : world_join)(w, a, b);
}

START_TEST(sites_behind_one_seed_meet_each_other)
{
	behind_one_seed(6);
	ck_assert(world_wait(w, all_meet, NULL, 5000));
	done();
}
/* What one knows of another. */
static struct peer *
row(uint32_t at, uint32_t of)
{
	struct mesh_site *s = w->sites[at].site;
	return peers_at(&s->peers, peers_find(&s->peers, &w->sites[of].identity.key));
}
/* The words of a neighbour that had hardly sent anything when it told of others. */
START_TEST(what_a_neighbour_tells_waits_until_it_has_paid)
{
	behind_one_seed(9);
	ck_assert(world_wait(w, all_meet, NULL, 60 * 1000));
	run(2000); /* and none of them is kept longer than it is of use */
	struct neighbour *n;
	for (uint32_t i = 0; i < 9; i++)
		for (uint32_t k = 0; (n = peering_walk(w->sites[i].site, &k)) != NULL;
		     k++)
			ck_assert_uint_eq(n->owed.generation, 0);
	done();
}
START_TEST(addresses_go_with_the_first_list_of_links)
{
	begin(5, 0);
	world_join_all(w);
	world_start_all(w);
	run(400);
	for (uint32_t i = 0; i < 5; i++)
		for (uint32_t k = 0; k < 5; k++)
			ck_assert(k == i || row(i, k)->more.len > 0);
	done();
}
START_TEST(the_rest_meet_again_after_ten_minutes_without_their_seed)
{
	behind_one_seed(5);
	ck_assert(world_wait(w, all_meet, NULL, 5000));
	run(70 * 1000);
	world_kill(w, 0);
	part(1, 5, 0, true);
	run(10 * MINUTES);
	meets_from = 1;
	for (uint32_t i = 2; i < 5; i++)
		ck_assert_int_eq(peer(1, i).state, PEER_DEAD);
	part(1, 5, 0, false);
	mesh_time_ms healed = w->now;
	ck_assert(world_wait(w, all_meet, NULL, healed + 2 * MINUTES));
	ck_assert(all_live(w, NULL));
	done();
}
START_TEST(two_content_halves_meet_again)
{
	behind_one_seed(21);
	ck_assert(world_wait(w, all_live, NULL, 60 * 1000));
	run(10 * 1000);
	world_kill(w, 0);
	meets_from = 1;
	part(1, 21, 11, true);
	run(3 * MINUTES);
	ck_assert_int_eq(peer(1, 15).state, PEER_DEAD);
	ck_assert_int_eq(peer(15, 20).state, PEER_ALIVE);
	part(1, 21, 11, false);
	ck_assert(world_wait(w, all_live, NULL, w->now + 2 * MINUTES));
	done();
}
START_TEST(addresses_outlive_a_restart)
{
	behind_one_seed(3);
	struct mesh_path other = address_path_v4(0x0a0b0c0d, 4470), told;
	mesh_site_address(w->sites[1].site, &other, true, true, world_now(w));
	ck_assert(world_wait(w, all_meet, NULL, 5000));
	run(MINUTES + 10 * 1000); /* addresses are kept once a minute */
	world_kill(w, 2);
	run(1000);
	world_start(w, 2);
	struct peers *ps = &w->sites[2].site->peers;
	const struct peer *p = peers_at(ps, peers_find(ps, &w->sites[1].identity.key));
	ck_assert_ptr_nonnull(p);
	ck_assert(peers_path_equal(&p->addr, &w->sites[1].path));
	ck_assert(addresses_at(&p->more, 0, &told) && peers_path_equal(&told, &other));
	done();
}
/* What its disk says of the other's address. */
static bool
all_kept(const struct world *world, void *ctx)
{
	(void)world;
	(void)ctx;
	return !row(0, 1)->moved && !row(0, 1)->unkept;
}
/* And it may write at once. */
static bool
may_keep(const struct world *world, void *ctx)
{
	return all_kept(world, ctx) && w->sites[0].site->moved_after_ms <= w->now;
}
START_TEST(a_site_that_wanders_costs_one_synced_write_a_minute)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(2 * MINUTES);
	ck_assert(world_wait(w, may_keep, NULL, w->now + 2 * MINUTES));
	for (int minute = 0; minute < 3; minute++) {
		mesh_time_ms first = w->now;
		for (int step = 0; step < 50; step++) {
			finding_moved(w->sites[0].site, row(0, 1));
			world_flush(w, 0);
			run(1000);
			if (step == 0 && minute == 0)
				ck_assert(all_kept(w, NULL)); /* the first at once */
			else
				ck_assert(row(0, 1)->moved && !row(0, 1)->unkept);
		}
		ck_assert(world_wait(w, all_kept, NULL, first + MINUTES + 1000));
	}
	done();
}
START_TEST(who_stops_keeps_the_last_address)
{
	begin(2, 0);
	world_join_all(w);
	world_start_all(w);
	run(2 * MINUTES);
	ck_assert(world_wait(w, may_keep, NULL, w->now + 2 * MINUTES));
	finding_moved(w->sites[0].site, row(0, 1));
	world_flush(w, 0);
	run(100);
	ck_assert(!row(0, 1)->moved);
	finding_moved(w->sites[0].site, row(0, 1));
	world_flush(w, 0);
	run(100);
	ck_assert(row(0, 1)->moved);
	mesh_site_leave(w->sites[0].site, world_now(w));
	ck_assert(row(0, 1)->unkept); /* it comes out as MESH_KEEP */
	done();
}
START_TEST(a_site_is_called_where_its_signed_record_says)
{
	begin(3, 0);
	world_join(w, 0, 1);
	world_join(w, 0, 2);
	start_without_beacons(0, 3);
	run(5000);
	ck_assert(!is_direct(1, 2));
	/* Site 2 can be reached by 1 only at an address that it alone knows of. */
	struct mesh_path *path = &w->sites[2].path;
	world_join(w, 1, 2);
	struct mesh_site *s = w->sites[1].site;
	struct peer *p = peers_at(
	    &s->peers, peers_find(&s->peers, &w->sites[2].identity.key));
	p->addr = address_path_v4(0x0a0b0c0d, 4470); /* where it is no longer */
	mesh_site_address(w->sites[2].site, path, true, true, world_now(w));
	meets_from = 1;
	meets_to = 3;
	ck_assert(world_wait(w, all_meet, NULL, w->now + 70 * 1000));
	done();
}

/* --- routers: a site behind one hears only whom it spoke to in the last 30 s --- */

static mesh_time_ms spoke_ms[4][4];

static enum world_fate
routers(void *ctx, const struct world_datagram *d)
{
	enum { MAPPING_MS = 30 * 1000 };
	bool guarded = d->to != 0;
	(void)ctx;
	spoke_ms[d->from][d->to] = w->now + 1;
	bool open = spoke_ms[d->to][d->from] > 0 &&
	    w->now < spoke_ms[d->to][d->from] + MAPPING_MS;
	return !guarded || open ? WORLD_DELIVER : WORLD_DROP;
}

static void
behind_routers(void)
{
	memset(spoke_ms, 0, sizeof spoke_ms);
	begin(3, 0);
	world_join_all(w);
	w->tap = routers;
	start_without_beacons(0, 2);
	run(3000);
	start_without_beacons(2, 3); /* site 1 was not told of it when it came */
	/* All they know of themselves is where they are inside. */
	for (uint32_t i = 1; i < 3; i++) {
		struct mesh_path inside = address_path_v4(0xc0a80000 + 256 * i, 4470);
		mesh_site_address(w->sites[i].site, &inside, false, true, world_now(w));
	}
	meets_from = 1;
	meets_to = 3;
}

START_TEST(a_common_neighbour_brings_two_behind_routers_together)
{
	behind_routers();
	ck_assert(world_wait(w, all_meet, NULL, 20 * 1000));
	world_kill(w, 0); /* and they need it no more */
	run(60 * 1000);
	ck_assert(is_direct(1, 2) && is_direct(2, 1));
	done();
}

/* --- neighbours that lie --- */

static uint64_t victim_bytes;

static enum world_fate
count_victim(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	if (d->to >= 2 && !d->broadcast) /* beacons of the start are no calls */
		victim_bytes += d->len;
	return d->to >= 2 ? WORLD_DROP : WORLD_DELIVER;
}

/* Site 1 is the liar, 0 believes, 2 and 3 are the victim: a machine that runs no meshd.
 */
static struct neighbour *
liar_and_victim(void)
{
	begin(4, 0);
	world_join_all(w);
	start_without_beacons(0, 2);
	w->tap = count_victim;
	victim_bytes = 0;
	run(3000);
	ck_assert(is_direct(1, 0));
	struct mesh_site *s = w->sites[1].site;
	return peering_neighbour(s, peers_find(&s->peers, &w->sites[0].identity.key));
}

/* The liar, as who believes it has it. */
static struct neighbour *
believed(void)
{
	struct mesh_site *s = w->sites[0].site;
	return peering_neighbour(s, peers_find(&s->peers, &w->sites[1].identity.key));
}
/* "Site `number` is there." */
static void
tell_of_victim(struct neighbour *n, uint8_t number)
{
	struct mesh_site *liar = w->sites[1].site;
	struct message_bytes addr = { address_wire(&w->sites[2].path) };
	struct frame_peer one = { w->sites[2].identity.key, { &addr, 1 } };
	struct frame_peers peers = { { &one, 1 } };
	uint8_t bytes[128];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	one.site.bytes[31] ^= number;
	ck_assert_int_eq(
	    wire_encode_numbered(&frame_peers_table, FRAME_PEERS, &peers, &out),
	    MESH_OK);
	struct handle parcel = parcel_of_frame(
	    &liar->parcels, PARCEL_P2, PARCEL_ACKED, bytes_written(&out), w->now);
	(void)pace_put(&n->pace, &liar->parcels, parcel, w->now);
	parcel_release(&liar->parcels, parcel);
}

START_TEST(an_address_that_one_neighbour_tells_gets_one_handshake)
{
	struct neighbour *n = liar_and_victim();
	for (int i = 0; i < 200; i++) {
		tell_of_victim(n, (uint8_t)i);
		run(50);
	}
	ck_assert_uint_gt(victim_bytes, 0);
	ck_assert_uint_le(victim_bytes, 2 * ENVELOPE_HS1_BYTES);
	ck_assert_uint_gt(counter(0, "peer.address_ignored"), 100);
	done();
}
/* An address that does not answer gets one more, later, and no third one. */
START_TEST(whoever_does_not_answer_is_called_twice)
{
	struct neighbour *n = liar_and_victim();
	struct neighbour *told = believed();
	told->credit = 0;
	uint64_t before = w->sites[1].sent_bytes;
	tell_of_victim(n, 0);
	run(300);
	ck_assert_uint_eq(victim_bytes, 0); /* its word itself is shorter than a call */
	ck_assert_uint_ne(told->owed.generation, 0);
	while (victim_bytes < 2 * ENVELOPE_HS1_BYTES) {
		ck_assert_uint_lt(w->now, 5 * MINUTES);
		run(1000);
		ck_assert_uint_le(victim_bytes, w->sites[1].sent_bytes - before);
	}
	run(9 * MINUTES);
	ck_assert_uint_eq(victim_bytes, 2 * ENVELOPE_HS1_BYTES);
	ck_assert_uint_eq(told->owed.generation, 0);
	ck_assert_uint_eq(counter(0, "peer.address_ignored"), 0);
	done();
}
START_TEST(a_punch_never_sends_more_than_it_brought)
{
	struct neighbour *n = liar_and_victim();
	struct mesh_site *liar = w->sites[1].site, *s = w->sites[0].site;
	/* The believer knows that site, alive and not a neighbour. */
	struct handle row = peering_row(s, &w->sites[2].identity.key);
	ck_assert(peers_is_alive(peers_at(&s->peers, row)));
	uint64_t before = w->sites[1].sent_bytes;
	peering_neighbour(s, peers_find(&s->peers, &w->sites[1].identity.key))
	    ->credit = 0;
	for (int i = 0; i < 100; i++) {
		struct frame_punch punch = { w->sites[2].identity.key,
			address_wire(&w->sites[2 + i % 2].path) };
		spread_frame(liar, n, FRAME_PUNCH, &frame_punch_table, &punch);
		world_flush(w, 1);
		peering_proof(s, row, 0); /* it lives on */
		run(210);                 /* as often as it is heard */
	}
	uint64_t brought = w->sites[1].sent_bytes - before;
	ck_assert_uint_gt(victim_bytes, 0);
	ck_assert_msg(victim_bytes <= brought, "%llu for %llu",
	    (unsigned long long)victim_bytes, (unsigned long long)brought);
	ck_assert_uint_gt(counter(0, "peer.address_ignored"), 50);
	done();
}
/* --- a router that sends back what its own people send to its address outside --- */

static uint32_t knocks; /* HS1 to the address that is ourselves */

static enum world_fate
hairpin(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	knocks += d->to == 1 && d->bytes[0] == ENVELOPE_HS1;
	if (d->to == 1)
		world_inject(w, 0, &w->sites[1].path, bytes_view(d->bytes, d->len));
	return d->to == 1 ? WORLD_DROP : WORLD_DELIVER;
}

START_TEST(a_seed_that_is_ourselves_is_said_once_and_left_alone)
{
	begin(3, 0);
	world_join_all(w);
	w->tap = hairpin;
	knocks = 0;
	start_without_beacons(0, 1);
	world_seed(w, 0, 1);
	run(59 * MINUTES);
	ck_assert_uint_eq(w->sites[0].notices[NOTICE_OURSELVES], 1);
	ck_assert_uint_gt(counter(0, "rx.hs_identity"), 0);
	ck_assert_uint_gt(knocks, 1);
	ck_assert_uint_le(knocks, 6); /* every ten minutes */
	/* Another site moves in there: found without anybody's doing. */
	w->tap = NULL;
	start_without_beacons(1, 2);
	mesh_site_unseed(w->sites[1].site, &w->sites[0].path, world_now(w));
	run(10 * MINUTES);
	ck_assert(is_direct(0, 1));
	done();
}
START_TEST(another_body_of_ours_is_not_taken_for_ourselves)
{
	begin(2, 0);
	world_join_all(w);
	w->sites[1].identity = w->sites[0].identity;
	start_without_beacons(0, 2);
	run(20 * 1000);
	ck_assert_uint_gt(counter(1, "rx.hs_identity"), 0);
	ck_assert_uint_eq(w->sites[1].notices[NOTICE_OURSELVES], 0);
	done();
}

CHECK_MODULE(finding, NULL, sites_behind_one_seed_meet_each_other,
    what_a_neighbour_tells_waits_until_it_has_paid,
    addresses_go_with_the_first_list_of_links,
    the_rest_meet_again_after_ten_minutes_without_their_seed,
    two_content_halves_meet_again, addresses_outlive_a_restart,
    a_site_that_wanders_costs_one_synced_write_a_minute,
    who_stops_keeps_the_last_address, a_site_is_called_where_its_signed_record_says,
    a_common_neighbour_brings_two_behind_routers_together,
    an_address_that_one_neighbour_tells_gets_one_handshake,
    whoever_does_not_answer_is_called_twice, a_punch_never_sends_more_than_it_brought,
    a_seed_that_is_ourselves_is_said_once_and_left_alone,
    another_body_of_ours_is_not_taken_for_ourselves)
