#include "check_world.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "wire.h"

/* Who notices a silence, whose word counts, and what is no death. */

static bool
all_say(enum mesh_peer_state state, uint32_t of)
{
	for (uint32_t i = 0; i < w->params.sites; i++)
		if (i != of && w->sites[i].site != NULL && peer(i, of).state != state)
			return false;
	return true;
}
static bool
is_dead_everywhere(const struct world *world, void *ctx)
{
	(void)world;
	return all_say(PEER_DEAD, *(uint32_t *)ctx);
}
static uint64_t
sum(const char *name)
{
	uint64_t n = 0;
	for (uint32_t i = 0; i < w->params.sites; i++)
		n += counter(i, name);
	return n;
}
static void
begin_all(uint32_t sites, double loss, void (*join)(struct world *w))
{
	begin(sites, loss);
	join(w);
	world_start_all(w);
	run(12000); /* lists of links are known everywhere */
	ck_assert(all_say(PEER_ALIVE, 0));
}

static void
take(struct mesh_site *s, struct handle origin, const struct record *r, uint32_t age_ms)
{
	struct envelope_hop hop = { .age_ms = age_ms };
	struct apply_record in = { .origin = origin, .record = r, .hop = &hop };
	apply_live(s, &in);
}

/* --- need --- */

START_TEST(a_death_is_seen_in_time_whatever_the_shape)
{
	static const struct {
		const char *what;
		uint32_t sites, killed;
		void (*join)(struct world *w);
		mesh_time_ms within_ms;
	} row[] = {
		{ "two: one witness is all there is", 2, 0, world_join_all, 4000 },
		{ "three: two witnesses", 3, 1, world_join_all, 4000 },
		{ "a leaf: its one neighbour decides", 4, 3, world_join_line, 4000 },
		{ "a ring: both sides must speak", 5, 2, world_join_ring, 4000 },
		{ "ten", 10, 4, world_join_all, 4700 },
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		uint32_t killed = row[i].killed;
		begin_all(row[i].sites, 0, row[i].join);
		mesh_time_ms at = w->now;
		world_kill(w, killed);
		ck_assert_msg(
		    world_wait(w, is_dead_everywhere, &killed, at + row[i].within_ms),
		    "%s", row[i].what);
		for (uint32_t k = 0; k < row[i].sites; k++)
			if (k != killed)
				ck_assert_int_eq(peer(k, killed).reason, REASON_SILENT);
		ck_assert_uint_eq(sum("peer.dead"), row[i].sites - 1);
		done();
	}
}
/* One site that hears nothing from `deaf_to`, though it is heard by it. */
static uint32_t deaf, deaf_to;
static enum world_fate
to_deaf_ears(void *ctx, const struct world_datagram *d)
{
	(void)ctx;
	return d->to == deaf && d->from == deaf_to ? WORLD_DROP : WORLD_DELIVER;
}
START_TEST(one_deaf_site_accuses_nobody_whom_others_hear)
{
	begin_all(4, 0, world_join_all);
	deaf = 0;
	deaf_to = 1;
	w->tap = to_deaf_ears;
	run(60000);
	ck_assert(all_say(PEER_ALIVE, 1));
	ck_assert(!peer(0, 1).direct); /* the link is given up */
	ck_assert_uint_eq(peer(0, 1).hops, 2);
	ck_assert_uint_eq(counter(0, "peer.suspect_sent"), 0);
	ck_assert_uint_eq(sum("peer.dead"), 0);
	done();
}
START_TEST(a_site_that_slept_blames_nobody_and_is_back)
{
	begin_all(4, 0, world_join_all);
	bool unwell = false;
	for (mesh_time_ms nap = 600; nap < 2000; nap += 200) {
		/* Stopped: nothing arrives, nothing is sent, time goes on. */
		for (uint32_t i = 1; i < 4; i++)
			world_cut(w, 0, i);
		run(10);
		wakes_set(&w->wakes, 0, MESH_NEVER);
		run(nap);
		for (uint32_t i = 1; i < 4; i++)
			world_join(w, 0, i);
		world_flush(w, 0);
		unwell = unwell || w->sites[0].site->health.worse > 0;
		run(15000);
		for (uint32_t i = 0; i < 4; i++)
			ck_assert(all_say(PEER_ALIVE, i));
	}
	ck_assert(unwell); /* and it knew that it was late */
	ck_assert_uint_eq(counter(0, "peer.dead"), 0);
	ck_assert_uint_eq(counter(0, "peer.suspect_sent"), 0);
	done();
}
START_TEST(who_is_cut_off_knows_that_it_is_him)
{
	begin_all(5, 0, world_join_all);
	for (uint32_t i = 1; i < 5; i++)
		world_cut(w, 0, i);
	run(3900);
	ck_assert_uint_eq(counter(0, "peer.isolated"), 1);
	ck_assert_uint_eq(w->sites[0].notices[NOTICE_ISOLATED], 1);
	for (uint32_t i = 1; i < 5; i++) {
		ck_assert_uint_eq(counter(i, "peer.isolated"), 0);
		world_join(w, 0, i);
	}
	run(90000);
	ck_assert(all_say(PEER_ALIVE, 0));
	done();
}
START_TEST(heavy_loss_kills_nobody)
{
	begin_all(6, 0.3, world_join_all);
	uint64_t before = sum("peer.dead");
	run(300000);
	ck_assert_uint_eq(sum("peer.dead"), before);
	done();
}
START_TEST(what_was_said_before_goodbye_revives_nobody)
{
	begin_all(3, 0, world_join_line);
	const struct peer *p = NULL;
	struct mesh_site *s = w->sites[0].site;
	struct handle row = peers_find(&s->peers, &w->sites[2].identity.key);
	world_stop(w, 2);
	run(500);
	p = peers_at(&s->peers, row);
	ck_assert_int_eq(p->state, PEER_LEFT);
	struct live_boot body = { p->boot };
	uint8_t bytes[32];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	ck_assert_int_eq(wire_encode(&live_boot_table, &body, &out), MESH_OK);
	struct record r = { .at = { .origin = p->key,
				.epoch = p->boot,
				.seq = p->live_next,
				.lane = LANE_LIVE },
		.type = LIVE_REFUTE,
		.body = bytes_written(&out) };
	take(s, row, &r, 0);
	ck_assert_int_eq(p->state, PEER_LEFT);
	r.at.epoch++; /* the same word of a new life */
	take(s, row, &r, 0);
	ck_assert_int_eq(p->state, PEER_ALIVE);
	done();
}

/* --- whose word counts --- */

static void
accuse(uint32_t at, uint32_t by, uint32_t target, uint64_t boot, uint32_t age_ms)
{
	struct mesh_site *s = w->sites[at].site;
	struct handle row = peers_find(&s->peers, &w->sites[by].identity.key);
	struct live_suspect body = { w->sites[target].identity.key, boot, 3000 };
	uint8_t bytes[96];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	ck_assert_int_eq(wire_encode(&live_suspect_table, &body, &out), MESH_OK);
	const struct peer *p = peers_at(&s->peers, row);
	struct record r = { .at = { .origin = p->key,
				.epoch = p->boot,
				.seq = p->live_next,
				.lane = LANE_LIVE },
		.type = LIVE_SUSPECT,
		.body = bytes_written(&out) };
	take(s, row, &r, age_ms);
}
START_TEST(only_a_neighbour_of_the_living_boot_is_a_witness)
{
	/* 0 - 1 - 2 - 3: of 3 only 2 can speak. */
	begin_all(4, 0, world_join_line);
	run(1000);
	uint64_t boot = w->sites[3].boot;
	static const struct {
		const char *what;
		uint32_t by;
		int boots;
		uint32_t age_ms;
		bool heeded;
	} row[] = {
		{ "no neighbour of it", 1, 0, 0, false },
		{ "a neighbour, of an older life", 2, -1, 0, false },
		{ "a neighbour, of a life to come", 2, 1, 0, false },
		{ "a neighbour, before it last spoke", 2, 0, 60000, false },
		{ "its neighbour", 2, 0, 0, true },
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		uint64_t ignored = counter(0, "peer.suspect_ignored");
		accuse(0, row[i].by, 3, boot + (uint64_t)row[i].boots, row[i].age_ms);
		ck_assert_msg((peer(0, 3).state == PEER_SUSPECT) == row[i].heeded, "%s",
		    row[i].what);
		ck_assert_uint_eq(
		    counter(0, "peer.suspect_ignored") - ignored, !row[i].heeded);
	}
	done();
}
START_TEST(a_flood_of_suspicions_changes_no_deadline_and_one_answer_is_enough)
{
	begin_all(4, 0, world_join_line);
	struct mesh_site *s = w->sites[0].site;
	uint64_t boot = w->sites[3].boot;
	run(3000);
	accuse(0, 2, 3, boot, 0);
	mesh_time_ms dead_ms = suspect_deadline(&s->suspect);
	for (int i = 0; i < 100; i++)
		accuse(0, 2, 3, boot, 0);
	ck_assert_uint_eq(suspect_deadline(&s->suspect), dead_ms);
	ck_assert_uint_eq(s->suspect.count, 1);
	/* The accused, asked a hundred times at once, speaks once. */
	uint64_t seq = w->sites[3].site->own.lane[LANE_LIVE].used;
	for (int i = 0; i < 100; i++)
		accuse(3, 2, 3, boot, 0);
	ck_assert_uint_eq(w->sites[3].site->own.lane[LANE_LIVE].used, seq + 1);
	world_flush(w, 3);
	run(1000);
	ck_assert(all_say(PEER_ALIVE, 3));
	done();
}
static bool
is_not_suspected(const struct world *world, void *ctx)
{
	(void)world;
	(void)ctx;
	return peer(0, 1).state == PEER_ALIVE;
}
/* Nothing changes in any list meanwhile: no walk looks for a path anew. */
START_TEST(a_suspicion_that_was_refuted_leaves_nothing_behind)
{
	begin_all(3, 0, world_join_all);
	run(20000);
	struct mesh_site *s = w->sites[0].site;
	struct handle target = peers_find(&s->peers, &w->sites[1].identity.key);
	peering_suspect(s, target, SUSPECT_SELF);
	ck_assert_int_eq(peer(0, 1).state, PEER_SUSPECT);
	world_flush(w, 0);
	/* It was done behind its back: it asks when it next wakes. */
	ck_assert(world_wait(w, is_not_suspected, NULL, w->now + 4000));
	run(30000);
	ck_assert_uint_eq(counter(0, "peer.dead"), 0);
	ck_assert_int_eq(peer(0, 1).state, PEER_ALIVE);
	done();
}
/* --- neighbours --- */

static uint32_t
chosen_links(uint32_t at, bool (*counts)(uint32_t other))
{
	struct mesh_site *s = w->sites[at].site;
	uint32_t links = 0;
	for (uint32_t i = 0; i < w->params.sites; i++) {
		struct handle h = peers_find(&s->peers, &w->sites[i].identity.key);
		links += i != at && counts(i) && s->choice.sites[h.index].chosen &&
		    peering_neighbour(s, h) != NULL;
	}
	return links;
}
static bool
anybody(uint32_t other)
{
	(void)other;
	return true;
}
START_TEST(those_who_come_in_crowds_leave_room_for_our_own_choice)
{
	/* 27 of 30 come first and want nobody but us. */
	begin(30, 0);
	world_start(w, 0);
	for (uint32_t i = 3; i < 30; i++) {
		world_join(w, 0, i);
		world_start(w, i);
	}
	run(5000);
	for (uint32_t i = 1; i < 3; i++) {
		world_join_all(w);
		world_start(w, i);
	}
	run(30000);
	ck_assert_uint_ge(chosen_links(0, anybody), 2);
	ck_assert_uint_le(
	    pool_taken(&w->sites[0].site->neighbours), NEIGHBOURS_MAX + 1);
	done();
}
START_TEST(a_black_hole_loses_its_slot_to_another)
{
	begin_all(16, 0, world_join_all);
	struct mesh_site *s = w->sites[0].site;
	const struct neighbour *n = NULL;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (s->choice.sites[n->peer.index].chosen)
			break;
	ck_assert_ptr_nonnull(n);
	struct handle hole = n->peer;
	peering_blame(s, hole);
	world_flush(w, 0);
	run(3000);
	ck_assert_ptr_null(peering_neighbour(s, hole));
	ck_assert_uint_eq(chosen_links(0, anybody), NEIGHBOURS_CHOSEN);
	run(60000);
	ck_assert_ptr_null(peering_neighbour(s, hole));
	ck_assert_uint_eq(counter(0, "peer.dead"), 0);
	done();
}
START_TEST(a_cold_start_is_short_and_does_not_fill_the_tables)
{
	begin(40, 0);
	world_join_all(w);
	world_start_all(w);
	run(600);
	for (uint32_t i = 0; i < 40; i++)
		for (uint32_t k = 0; k < 40; k++)
			ck_assert(i == k || peer(i, k).hops > 0);
	for (uint32_t i = 0; i < 40; i++)
		ck_assert_uint_le(
		    pool_taken(&w->sites[i].site->neighbours), NEIGHBOURS_MAX + 1);
	done();
}
static void
kill_and_start(uint32_t site)
{
	world_kill(w, site);
	run(10000);
	size_t before = w->sites[site].change_count;
	world_start(w, site);
	run(2500); /* the larger key of a pair waits a second before it calls */
	for (size_t i = before; i < w->sites[site].change_count; i++)
		ck_assert_int_eq(w->sites[site].changes[i].state, PEER_ALIVE);
	for (uint32_t i = 0; i < w->params.sites; i++)
		ck_assert(i == site || peer(site, i).state == PEER_ALIVE);
	/* Some of the dead, before it knew better, and its choice. */
	ck_assert_uint_le(pool_taken(&w->sites[site].site->neighbours),
	    NEIGHBOURS_MAX + NEIGHBOURS_CHOSEN);
}
START_TEST(who_comes_back_takes_nobody_for_dead_and_does_not_call_everybody)
{
	begin_all(30, 0, world_join_all);
	for (uint32_t i = 0; i < 6; i++)
		kill_and_start(i);
	done();
}
/* Whoever starts among many hears a handful at first and calls all of them. */
static uint32_t
most_links(void)
{
	uint32_t most = 0;
	for (uint32_t i = 0; i < w->params.sites; i++) {
		uint32_t links = pool_taken(&w->sites[i].site->neighbours);
		most = links > most ? links : most;
	}
	return most;
}
START_TEST(sessions_that_nobody_needs_any_more_are_given_back)
{
	begin_all(30, 0, world_join_all);
	struct mesh_site *s = w->sites[0].site;
	for (uint32_t i = 1; i < 20; i++) {
		struct handle h = peers_find(&s->peers, &w->sites[i].identity.key);
		calling_dial(s, h, w->now);
	}
	world_flush(w, 0);
	run(500);
	ck_assert_uint_gt(
	    pool_taken(&s->neighbours), NEIGHBOURS_CHOSEN + NEIGHBOURS_TAKEN + 3);
	run(60000);
	ck_assert_uint_le(most_links(), NEIGHBOURS_CHOSEN + NEIGHBOURS_TAKEN);
	for (uint32_t i = 0; i < 30; i++)
		ck_assert_uint_ge(chosen_links(i, anybody), NEIGHBOURS_CHOSEN);
	ck_assert_uint_eq(sum("peer.dead"), 0);
	done();
}
START_TEST(who_is_only_pinged_learns_that_there_are_fewer_links)
{
	begin_all(3, 0, world_join_all);
	struct neighbour *n;
	for (uint32_t site = 0; site < 3; site++)
		for (uint32_t i = 0;
		     (n = peering_walk(w->sites[site].site, &i)) != NULL; i++)
			n->liveness.period_ms = 5000; /* as with fourteen */
	run(8000);
	for (uint32_t site = 0; site < 3; site++)
		for (uint32_t i = 0;
		     (n = peering_walk(w->sites[site].site, &i)) != NULL; i++)
			ck_assert_uint_eq(n->liveness.period_ms, LIVENESS_PERIOD_MS);
	done();
}
/* --- coming back where every seat is taken --- */

static uint32_t
row_of(const struct mesh_site *s, uint32_t site)
{
	return peers_find(&s->peers, &w->sites[site].identity.key).index;
}
/* All but site 0 have as many sessions as they let in. */
static void
take_all_seats(void)
{
	begin_all(16, 0, world_join_all);
	world_kill(w, 0);
	run(10000);
	for (uint32_t i = 1; i < 16; i++) {
		struct mesh_site *s = w->sites[i].site;
		for (uint32_t k = 1, taken = 0; k < 16; k++) {
			struct neighbours_site *seat = &s->choice.sites[row_of(s, k)];
			if (k != i && !seat->chosen && taken++ < NEIGHBOURS_TAKEN)
				seat->linked = true;
		}
	}
}
static bool
has_its_seats(const struct world *world, void *ctx)
{
	(void)world;
	(void)ctx;
	return chosen_links(0, anybody) == NEIGHBOURS_CHOSEN;
}
START_TEST(who_comes_back_finds_a_seat_where_all_are_taken)
{
	take_all_seats();
	world_start(w, 0);
	ck_assert(world_wait(w, has_its_seats, NULL, w->now + 3000));
	done();
}
START_TEST(who_is_refused_for_want_of_a_seat_lives_all_the_same)
{
	begin_all(16, 0, world_join_all);
	struct mesh_site *s = w->sites[0].site;
	uint32_t k = 1, row = row_of(s, 1);
	while (s->choice.sites[row].linked || s->choice.sites[row].chosen)
		row = row_of(s, ++k);
	for (uint32_t i = 1; i < 16; i++)
		s->choice.sites[row_of(s, i)].linked |= i != k;
	struct handle h = peers_find(&s->peers, &w->sites[k].identity.key);
	peering_dead(s, h, REASON_UNREACHABLE);
	peers_at(&s->peers, h)->dial_ms = MESH_NEVER; /* we call nobody */
	struct mesh_site *other = w->sites[k].site;
	calling_dial(
	    other, peers_find(&other->peers, &w->sites[0].identity.key), w->now);
	world_flush(w, k);
	run(50);
	ck_assert_int_eq(peer(0, k).state, PEER_ALIVE);
	ck_assert(!s->choice.sites[row].linked);
	done();
}
static uint32_t lost_closes;
static enum world_fate
lose_the_first_words(void *ctx, const struct world_datagram *d)
{
	enum { SHORT = 40 }; /* CLOSE alone */
	uint32_t *left = ctx;
	if (d->to != 0 || d->broadcast || d->len > SHORT || left[d->from] == 0)
		return WORLD_DELIVER;
	left[d->from]--;
	lost_closes++;
	return WORLD_DROP;
}
START_TEST(who_is_refused_hears_so_although_the_first_word_is_lost)
{
	uint32_t left[16];
	take_all_seats();
	for (uint32_t i = 0; i < 16; i++)
		left[i] = 1;
	for (uint32_t i = 1; i < 16; i++) /* not even a seat for who has nobody */
		w->sites[i].site->choice.sites[row_of(w->sites[i].site, 0)].blamed =
		    true;
	w->tap = lose_the_first_words;
	w->tap_ctx = left;
	lost_closes = 0;
	world_start(w, 0);
	run(4000);
	ck_assert_uint_gt(lost_closes, 8); /* it has asked many of them */
	w->tap = NULL;
	done();
}
/* A page does not tell how far a list has come: it is told on all the same. */
START_TEST(a_list_that_came_by_repair_is_told_to_who_comes_back)
{
	begin_all(3, 0, world_join_line);
	world_kill(w, 0);
	run(10000);
	struct mesh_site *s = w->sites[1].site;
	s->reach.sites[row_of(s, 2)].heard_hops = RECORD_HOP_MAX;
	world_start(w, 0);
	run(1500);
	ck_assert_uint_eq(peer(0, 2).hops, 2);
	done();
}
CHECK_MODULE(watch, NULL, a_death_is_seen_in_time_whatever_the_shape,
    one_deaf_site_accuses_nobody_whom_others_hear,
    a_site_that_slept_blames_nobody_and_is_back, who_is_cut_off_knows_that_it_is_him,
    heavy_loss_kills_nobody, what_was_said_before_goodbye_revives_nobody,
    only_a_neighbour_of_the_living_boot_is_a_witness,
    a_flood_of_suspicions_changes_no_deadline_and_one_answer_is_enough,
    a_suspicion_that_was_refuted_leaves_nothing_behind,
    those_who_come_in_crowds_leave_room_for_our_own_choice,
    a_black_hole_loses_its_slot_to_another,
    a_cold_start_is_short_and_does_not_fill_the_tables,
    who_comes_back_takes_nobody_for_dead_and_does_not_call_everybody,
    sessions_that_nobody_needs_any_more_are_given_back,
    who_is_only_pinged_learns_that_there_are_fewer_links,
    who_comes_back_finds_a_seat_where_all_are_taken,
    who_is_refused_for_want_of_a_seat_lives_all_the_same,
    who_is_refused_hears_so_although_the_first_word_is_lost,
    a_list_that_came_by_repair_is_told_to_who_comes_back)
