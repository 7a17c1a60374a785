/* Attack 17: nine of ten sites that are known are hostile, and neighbours that take
 * everything and give nothing. */
#include "attack.h"
#include "check_world.h"
#include "inside_peers.h"
#include "wire.h"

enum {
	VICTIM = 0,
	FIRST = 1,
	SECOND = 2,
	TELLER = 3,
	HONEST = 4,
	SITES = 40,
	MANY = 16
};

static uint32_t hostile_from, hostile_to; /* which sites are hostile */

static bool
is_hostile(uint32_t site)
{
	return site >= hostile_from && site < hostile_to;
}

/* What a hostile site lets through to others: that it is there and that it heard, and
 * nothing of what it holds. */
static void
keep_harmless(const struct envelope_frame *frame, struct bytes_out *out)
{
	struct frame_ping ping;
	struct frame_pong pong;
	enum mesh_err err = MESH_OK;
	if (frame->number == FRAME_ACK) {
		bytes_put_view(out, frame->bytes);
	} else if (frame->number == FRAME_PING) {
		err = wire_decode_numbered(
		    &frame_ping_table, frame->bytes, &ping, NULL);
		ck_assert_int_eq(err, MESH_OK);
		ping.digest = (struct bytes_view){ NULL, 0 };
		err = wire_encode_numbered(&frame_ping_table, FRAME_PING, &ping, out);
	} else if (frame->number == FRAME_PONG) {
		err = wire_decode_numbered(
		    &frame_pong_table, frame->bytes, &pong, NULL);
		ck_assert_int_eq(err, MESH_OK);
		pong.digest = (struct bytes_view){ NULL, 0 };
		err = wire_encode_numbered(&frame_pong_table, FRAME_PONG, &pong, out);
	}
	ck_assert_int_eq(err, MESH_OK);
}
static enum world_fate
say_nothing(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX], kept[ENVELOPE_PLAIN_MAX];
	uint8_t datagram[ENVELOPE_MAX];
	struct bytes_out out = bytes_out(kept, sizeof kept);
	struct envelope_frame frame;
	enum mesh_err err;
	(void)ctx;
	if (!is_hostile(d->from) || is_hostile(d->to))
		return WORLD_DELIVER;
	struct bytes_view frames = frames_of(d, plain);
	if (frames.len == 0)
		return WORLD_DELIVER; /* it greets and makes sessions like others */
	struct bytes_in in = bytes_in(frames);
	while (envelope_next_frame(&in, &frame, &err))
		keep_harmless(&frame, &out);
	size_t len = forge(d, counter_of(d), bytes_written(&out), datagram);
	world_inject(w, d->to, &d->source, bytes_view(datagram, len));
	return WORLD_DROP;
}

struct links {                 /* of the victim */
	unsigned ours, theirs; /* static or chosen by it; and others */
};
static struct links
links_of_victim(void)
{
	const struct mesh_site *s = w->sites[VICTIM].site;
	const struct neighbour *n;
	struct links sum = { 0, 0 };
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		const struct neighbours_site *is = &s->choice.sites[n->peer.index];
		if (is->chosen || is->is_static)
			sum.ours++;
		else
			sum.theirs++;
	}
	return sum;
}

START_TEST(nine_of_ten_may_be_hostile)
{
	enum { ROUNDS = 12, LATEST = 500 };
	begin(SITES, 0);
	hostile_from = HONEST;
	hostile_to = SITES;
	w->tap = say_nothing;
	for (uint32_t i = 0; i < HONEST;
	     i++) /* what they say to each other is theirs */
		for (uint32_t k = i + 1; k < SITES; k++)
			world_join(w, i, k);
	world_start_all(w);
	static const uint32_t static_pairs[][2] = { { VICTIM, FIRST },
		{ VICTIM, SECOND }, { TELLER, FIRST } };
	for (size_t i = 0; i < LENGTH(static_pairs); i++) { /* by both operators */
		world_seed(w, static_pairs[i][0], static_pairs[i][1]);
		world_seed(w, static_pairs[i][1], static_pairs[i][0]);
	}
	for (uint32_t i = HONEST; i < SITES; i++)
		world_seed(w, i, VICTIM); /* they press in */
	run(10000);
	for (int second = 0; second < 25; second++) { /* until they are found out */
		run(1000);
		ck_assert_uint_le(links_of_victim().theirs, NEIGHBOURS_MAX);
	}
	for (uint64_t number = 1; number <= ROUNDS; number++) {
		ck_assert_int_eq(
		    world_append(w, TELLER, LANE_ALERT, number, 50), MESH_OK);
		run(LATEST);
		ck_assert_uint_eq(world_told(w, VICTIM, TELLER, LANE_ALERT, number), 1);
		struct links is = links_of_victim();
		ck_assert_uint_ge(is.ours, 2);
		ck_assert_uint_le(is.theirs, NEIGHBOURS_MAX);
		run(1000);
	}
	done();
}

/* --- one that is mute --- */

static struct neighbour *
link_to(uint32_t other)
{
	struct mesh_site *s = w->sites[VICTIM].site;
	return peering_neighbour(
	    s, peers_find(&s->peers, &w->sites[other].identity.key));
}
START_TEST(who_takes_and_says_nothing_loses_its_slot_within_a_minute)
{
	begin(MANY, 0);
	hostile_from = hostile_to = 0;
	world_join_all(w);
	world_start_all(w);
	run(12000);
	struct mesh_site *s = w->sites[VICTIM].site;
	const struct neighbour *n;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (s->choice.sites[n->peer.index].chosen)
			break;
	ck_assert_ptr_nonnull(n);
	hostile_from = world_site_of(w, &peers_at(&s->peers, n->peer)->key);
	hostile_to = hostile_from + 1;
	w->tap = say_nothing;
	uint32_t teller = hostile_from == FIRST ? SECOND : FIRST;
	mesh_time_ms from = w->now;
	for (uint64_t number = 1; link_to(hostile_from) != NULL; number++) {
		ck_assert_msg(w->now < from + 60000, "still there");
		ck_assert_int_eq(
		    world_append(w, teller, LANE_ALERT, number, 50), MESH_OK);
		run(2000);
		ck_assert_uint_eq(world_told(w, VICTIM, teller, LANE_ALERT, number), 1);
	}
	run(10000);
	/* All have closed with it: it is called like any of the dead, and not chosen.
	 */
	n = link_to(hostile_from);
	ck_assert(n == NULL || !s->choice.sites[n->peer.index].chosen);
	ck_assert_uint_ge(links_of_victim().ours, NEIGHBOURS_CHOSEN);
	done();
}

/* Nobody is mute only because datagrams are lost, or because its disk is full. */
START_TEST(loss_and_a_full_disk_make_nobody_mute)
{
	begin(MANY, 0.3);
	hostile_from = hostile_to = 0;
	world_join_all(w);
	world_start_all(w);
	run(12000);
	w->sites[SECOND].store_err = MESH_FULL;
	for (uint64_t number = 1; number <= 30; number++) {
		ck_assert_int_eq(
		    world_append(w, FIRST, LANE_METRIC, number, 50), MESH_OK);
		run(2000);
	}
	for (uint32_t at = 0; at < MANY; at++)
		for (uint32_t i = 0; i < MANY; i++)
			ck_assert(!w->sites[at].site->choice.sites[i].blamed);
	w->sites[SECOND].store_err = MESH_OK;
	run(20000);
	done();
}

/* --- some that answer everything and pass nothing on --- */

static enum world_fate
pass_nothing_on(void *ctx, const struct world_datagram *d)
{
	static _Alignas(16) uint8_t lists[1 << 16];
	uint8_t plain[ENVELOPE_PLAIN_MAX], kept[ENVELOPE_PLAIN_MAX];
	uint8_t datagram[ENVELOPE_MAX];
	struct bytes_out out = bytes_out(kept, sizeof kept);
	struct envelope_frame frame;
	struct frame_push push;
	enum mesh_err err;
	(void)ctx;
	struct bytes_view frames = frames_of(d, plain);
	if (!is_hostile(d->from) || frames.len == 0)
		return WORLD_DELIVER;
	struct bytes_in in = bytes_in(frames);
	while (envelope_next_frame(&in, &frame, &err)) {
		struct arena arena = arena_init(lists, sizeof lists);
		bool anothers = frame.number == FRAME_PUSH &&
		    wire_decode_numbered(
			&frame_push_table, frame.bytes, &push, &arena) == MESH_OK &&
		    push.hops > 0;
		if (!anothers)
			bytes_put_view(&out, frame.bytes);
	}
	size_t len = forge(d, counter_of(d), bytes_written(&out), datagram);
	world_inject(w, d->to, &d->source, bytes_view(datagram, len));
	return WORLD_DROP;
}
/* DECISIONS/0252: they are no use, and keep nothing back for longer than repair takes.
 */
START_TEST(who_passes_nothing_on_keeps_nothing_back)
{
	enum { TOWN = 24, FRIENDS = 8, ROUNDS = 8, REPAIRED_MS = 6000 };
	begin(TOWN, 0);
	hostile_from = FRIENDS;
	hostile_to = TOWN;
	w->tap = pass_nothing_on;
	world_join_all(w);
	world_start_all(w);
	run(15000);
	for (uint64_t number = 1; number <= ROUNDS; number++) {
		uint32_t teller = (uint32_t)(number % FRIENDS);
		ck_assert_int_eq(
		    world_append(w, teller, LANE_ALERT, number, 50), MESH_OK);
		run(REPAIRED_MS);
		for (uint32_t at = 0; at < FRIENDS; at++)
			ck_assert_uint_eq(
			    world_told(w, at, teller, LANE_ALERT, number), 1);
	}
	done();
}

CHECK_MODULE(attack_eclipse, NULL, nine_of_ten_may_be_hostile,
    who_takes_and_says_nothing_loses_its_slot_within_a_minute,
    loss_and_a_full_disk_make_nobody_mute, who_passes_nothing_on_keeps_nothing_back)
