#include "check_world.h"

/* Records for one site: by which way, around what, and what is told of it. */

enum { SITES_MAX = 16 };
static struct heard {
	uint32_t questions, answers, over; /* at that site */
	struct mesh_echo echo;             /* of the last answer */
	uint32_t known, answered;
	mesh_time_ms over_ms;
} heard[SITES_MAX];

static void
on_told(void *ctx, uint32_t site, const struct mesh_event *e)
{
	struct heard *h = &heard[site];
	(void)ctx;
	h->questions += e->kind == MESH_QUESTION;
	h->answers += e->kind == MESH_ANSWER;
	if (e->kind == MESH_ANSWER && e->echo != NULL)
		h->echo = *e->echo;
	if (e->kind != MESH_ANSWERED)
		return;
	h->over++;
	h->over_ms = w->now;
	h->known = e->known;
	h->answered = e->answered;
}
static void
start(uint32_t sites)
{
	memset(heard, 0, sizeof heard);
	begin(sites, 0);
	w->told = on_told;
}
static void
settle(void)
{
	world_start_all(w);
	run(12000); /* lists of links are known everywhere */
}
static enum mesh_err
ask(uint32_t from, uint32_t to, const char *body)
{
	struct mesh_question q = { .to = &w->sites[to].identity.key,
		.body = bytes_view(body, body != NULL ? strlen(body) : 0),
		.token = 5 };
	memset(heard, 0, sizeof heard);
	enum mesh_err err = mesh_site_ask(w->sites[from].site, &q, world_now(w));
	world_flush(w, from);
	return err;
}
static bool
is_over(const struct world *world, void *ctx)
{
	const uint32_t *site = ctx;
	(void)world;
	return heard[*site].over > 0;
}
/* How long an echo took; it must come back within `most`. */
static mesh_time_ms
echo(uint32_t from, uint32_t to, mesh_time_ms most)
{
	mesh_time_ms at = w->now;
	ck_assert_int_eq(ask(from, to, NULL), MESH_OK);
	ck_assert(world_wait(w, is_over, &from, at + 3000));
	ck_assert_msg(heard[from].answers == 1, "%u -> %u: %u answers", from, to,
	    heard[from].answers);
	ck_assert_uint_eq(heard[from].answered, 1);
	mesh_time_ms took = heard[from].over_ms - at;
	ck_assert_msg(took <= most, "%u -> %u took %u ms", from, to, (unsigned)took);
	return took;
}
static void
join_grid(uint32_t width, uint32_t height)
{
	for (uint32_t i = 0; i < width * height; i++) {
		if ((i + 1) % width != 0)
			world_join(w, i, i + 1);
		if (i + width < width * height)
			world_join(w, i, i + width);
	}
}

START_TEST(an_echo_goes_down_a_line_and_names_each_hop)
{
	start(5);
	world_join_line(w);
	settle();
	uint64_t before = counted("record.duplicate");
	echo(0, 4, 4 * 2 * 3);
	const struct mesh_echo *e = &heard[0].echo;
	ck_assert(e->hops == 4 && e->hops_back == 4 && e->count == 4);
	for (uint32_t i = 0; i < 4; i++) {
		const struct mesh_hop *hop = &e->way[i];
		ck_assert_uint_eq(world_site_of(w, &hop->site), i + 1);
		ck_assert(hop->is_known && hop->is_timed && !hop->is_doubtful);
		/* 1..3 ms a hop and direction */
		ck_assert_uint_ge(hop->rtt_us, 2000 * (i + 1));
		ck_assert_uint_le(hop->rtt_us, 6000 * (i + 1));
		ck_assert(i == 0 || hop->rtt_us > e->way[i - 1].rtt_us);
	}
	ck_assert_uint_eq(e->way[3].rtt_us, e->rtt_us);
	ck_assert_msg(counted("record.duplicate") == before, "one copy, one way");
	ck_assert_uint_eq(counted("route.detour") + counted("route.flooded"), 0);
	done();
}
START_TEST(only_the_one_who_is_asked_hears_it)
{
	start(6);
	world_join_ring(w);
	settle();
	ck_assert_int_eq(ask(0, 2, "how are you"), MESH_OK);
	run(500);
	for (uint32_t i = 0; i < 6; i++)
		ck_assert_uint_eq(heard[i].questions, i == 2 ? 1 : 0);
	done();
}
START_TEST(a_line_longer_than_the_stamps_still_tells_its_sites)
{
	start(9);
	world_join_line(w);
	settle();
	echo(0, 8, 60);
	const struct mesh_echo *e = &heard[0].echo;
	ck_assert(e->hops == 8 && e->count == 8);
	for (uint32_t i = 0; i < 8; i++) {
		ck_assert_uint_eq(world_site_of(w, &e->way[i].site), i + 1);
		ck_assert(!e->way[i].is_doubtful);
	}
	ck_assert(e->way[3].is_known && !e->way[4].is_timed && e->way[7].is_timed);
	done();
}
START_TEST(a_dead_next_hop_is_gone_around)
{
	start(4);
	world_join_ring(w);
	settle();
	echo(0, 2, 20);
	uint32_t via = world_site_of(w, &heard[0].echo.way[0].site);
	world_kill(w, via);
	run(10); /* nobody knows */
	echo(0, 2, 400);
	ck_assert_uint_eq(world_site_of(w, &heard[0].echo.way[0].site), 4 - via);
	ck_assert_uint_ge(counter(0, "route.detour"), 1);
	done();
}
START_TEST(a_dead_end_gives_back_what_it_cannot_hand_on)
{
	start(8);
	world_join_ring(w);
	settle();
	world_kill(w, 2); /* 0 - 1 - (2) - 3, and the other way round */
	run(10);
	echo(0, 3, 600);
	ck_assert_uint_eq(heard[0].echo.hops, 5);
	ck_assert_uint_eq(world_site_of(w, &heard[0].echo.way[0].site), 7);
	done();
}
START_TEST(a_hole_in_a_grid_is_gone_around)
{
	start(16);
	join_grid(4, 4);
	settle();
	for (uint32_t dead = 5; dead < 7; dead++) {
		world_kill(w, dead);
		run(10);
		echo(4, 7, 800);
		ck_assert_uint_le(heard[4].echo.hops, 9);
	}
	done();
}
START_TEST(without_a_known_way_all_get_it)
{
	start(5);
	world_join_line(w);
	settle();
	struct mesh_site *s = w->sites[0].site;
	for (uint32_t i = 0; peers_walk(&s->peers, &i) != NULL; i++)
		s->reach.sites[i].count = s->reach.sites[i].hops = 0; /* forget */
	echo(0, 4, 60);
	ck_assert_uint_ge(counter(0, "route.flooded"), 1);
	done();
}
START_TEST(without_any_neighbour_it_is_lost_and_says_so)
{
	start(3);
	world_join_line(w);
	settle();
	world_kill(w, 1);
	run(8000);
	mesh_time_ms at = w->now;
	uint64_t lost = counter(0, "route.lost");
	ck_assert_int_eq(ask(0, 2, NULL), MESH_OK);
	uint32_t us = 0;
	ck_assert(world_wait(w, is_over, &us, at + 3000));
	ck_assert(heard[0].answers == 0 && heard[0].answered == 0);
	ck_assert_uint_eq(heard[0].known, 1);
	ck_assert_uint_eq(counter(0, "route.lost"), lost + 1);
	done();
}
START_TEST(loss_delays_and_does_not_double)
{
	start(5);
	world_join_line(w);
	settle();
	w->params.loss = 0.2;
	uint32_t back = 0, us = 0;
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(ask(0, 4, "?"), MESH_OK);
		(void)world_wait(w, is_over, &us, w->now + 3000);
		ck_assert_uint_le(heard[4].questions, 1);
		back += heard[4].questions;
	}
	ck_assert_msg(back >= 19, "%u of 20 came", back);
	done();
}

/* --- random graphs with links that just broke --- */

static uint32_t
reachable(uint32_t from, bool seen[SITES_MAX])
{
	uint32_t count = 1;
	seen[from] = true;
	for (uint32_t i = 0; i < w->params.sites; i++)
		if (!seen[i] && w->sites[i].site != NULL && world_hears(w, from, i) &&
		    world_hears(w, i, from))
			count += reachable(i, seen);
	return count;
}
static void
join_random(uint32_t sites)
{
	for (uint32_t i = 1; i < sites; i++) /* a tree, and some more */
		world_join(w, i, (uint32_t)(world_random(w) % i));
	for (uint32_t i = 0; i < sites / 2; i++) {
		uint32_t a = (uint32_t)(world_random(w) % sites);
		uint32_t b = (uint32_t)(world_random(w) % sites);
		if (a != b)
			world_join(w, a, b);
	}
}
static uint8_t farthest;
static enum world_fate
watch_hops(void *ctx, const struct world_datagram *d)
{
	uint8_t plain[ENVELOPE_PLAIN_MAX];
	struct envelope_frame frame;
	struct envelope_hop hop;
	struct record r;
	(void)ctx;
	if (w->sites[d->to].site != NULL &&
	    find_push(frames_of(d, plain), LANE_LIVE, &frame, &hop, &r) && r.has_dst &&
	    hop.hops > farthest)
		farthest = hop.hops;
	return WORLD_DELIVER;
}
START_TEST(any_graph_delivers_while_there_is_a_way)
{
	enum { GRAPHS = 12, SITES = 10 };
	uint32_t asked = 0;
	for (uint32_t g = 0; g < GRAPHS; g++) {
		start(SITES);
		for (uint64_t k = 0; k < check_seed() + g; k++)
			(void)world_random(w);
		join_random(SITES);
		settle();
		w->tap = watch_hops;
		uint32_t from = (uint32_t)(world_random(w) % SITES);
		uint32_t to = (from + 1 + (uint32_t)(world_random(w) % (SITES - 1))) %
		    SITES;
		uint32_t dead = (uint32_t)(world_random(w) % SITES);
		if (dead != from && dead != to)
			world_kill(w, dead);
		world_cut(w, from, (uint32_t)(world_random(w) % SITES));
		run(5);
		bool seen[SITES_MAX] = { false };
		(void)reachable(from, seen);
		farthest = 0;
		ck_assert_int_eq(ask(from, to, "?"), MESH_OK);
		run(2500);
		ck_assert_msg(heard[to].questions == seen[to],
		    "graph %u, %u -> %u, %u dead: %u times", g, from, to, dead,
		    heard[to].questions);
		for (uint32_t i = 0; i < SITES; i++)
			ck_assert(i == to || heard[i].questions == 0);
		ck_assert_uint_lt(farthest, RECORD_HOP_MAX);
		asked += seen[to];
		done();
	}
	ck_assert_uint_ge(asked, GRAPHS / 2);
}

CHECK_MODULE(routing, NULL, an_echo_goes_down_a_line_and_names_each_hop,
    only_the_one_who_is_asked_hears_it,
    a_line_longer_than_the_stamps_still_tells_its_sites, a_dead_next_hop_is_gone_around,
    a_dead_end_gives_back_what_it_cannot_hand_on, a_hole_in_a_grid_is_gone_around,
    without_a_known_way_all_get_it, without_any_neighbour_it_is_lost_and_says_so,
    loss_delays_and_does_not_double, any_graph_delivers_while_there_is_a_way)
