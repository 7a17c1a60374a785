/* Whole sites without a world: the daemon's turn over edges that are arrays, in virtual
 * time, over the real core, store, radios and organs. */
#include "call.h"
#include "check_mesh.h"
#include "id.h"
#include "meshparams.h"
#include "organs.h"
#include "text.h"
#include "turn.h"
#include <unistd.h>

enum { SITES = 3, QUEUE = 512, DATAGRAM = 1500, STEP_MS = 20 };
struct parcel {
	struct mesh_path from;
	size_t len;
	uint8_t bytes[DATAGRAM];
};
struct site {
	unsigned number;
	char db[96];
	struct mesh_identity identity;
	struct mesh_site *core;
	struct store *store;
	struct feed *feed;
	struct live *live;
	struct intents *intents, *asks;
	struct ingest *ingest;
	struct publish *publish;
	struct ports *ports;
	struct organs *organs;
	struct calls *calls;
	struct remember *remember;
	struct registry registry;
	struct turn *turn;
	struct edges edges;
	struct meshd_counts counts;
	struct op_world world;
	struct feed_reader reader;
	struct parcel queue[QUEUE];
	size_t queue_first, queue_count;
	bool garbage; /* an endless stream of it */
	unsigned watched_links;
	uint64_t boot;
	struct mesh_network network; /* own, or the common one */
	bool alone, cannot_move, lived, lost_law;
	char moves_to[1024];
};
static struct site site[SITES];
static struct mesh_network network;
static struct mesh_now now;
static char folder[64];

/* --- edges --- */

static struct mesh_path
path_of(unsigned number)
{
	struct mesh_path p = { .iface = 0 };
	p.addr[10] = p.addr[11] = 0xff;
	p.addr[12] = 127;
	p.addr[15] = (uint8_t)(number + 1);
	p.addr[16] = 17;
	return p;
}

static bool
next_datagram(void *ctx, struct mesh_path *from, struct bytes_view *bytes)
{
	static const uint8_t noise[40] = { 0x15, 1, 2, 3 };
	struct site *s = ctx;
	*from = path_of(9);
	*bytes = bytes_view(noise, sizeof noise);
	if (s->queue_count == 0)
		return s->garbage;
	struct parcel *p = &s->queue[s->queue_first++ % QUEUE];
	s->queue_count--;
	*from = p->from;
	from->iface = 1;
	*bytes = bytes_view(p->bytes, p->len);
	return true;
}

static void
deliver(const struct site *from, struct site *to, struct bytes_view bytes)
{
	if (to->turn == NULL || to->queue_count == QUEUE || bytes.len > DATAGRAM)
		return;
	struct parcel *p = &to->queue[(to->queue_first + to->queue_count++) % QUEUE];
	p->from = path_of(from->number);
	p->len = bytes.len;
	memcpy(p->bytes, bytes.ptr, bytes.len);
}

static void
send_datagram(void *ctx, const struct mesh_datagram *d)
{
	struct site *s = ctx;
	for (unsigned i = 0; i < SITES; i++) {
		struct mesh_path to = path_of(i);
		bool broadcast = d->to.addr[12] == 0;
		if (i != s->number &&
		    (broadcast || memcmp(to.addr, d->to.addr, sizeof to.addr) == 0))
			deliver(s, &site[i], d->bytes);
	}
}

static void
flush(void *ctx)
{
	(void)ctx;
}

static bool
no_unreachable(void *ctx, struct mesh_path *out)
{
	(void)ctx, (void)out;
	return false;
}

static unsigned
link_ready(void *ctx, size_t index)
{
	(void)ctx, (void)index;
	return 0;
}

static void
watch_link(void *ctx, size_t index, int fd, uint64_t number, unsigned wanted)
{
	struct site *s = ctx;
	(void)index, (void)number, (void)wanted;
	ck_assert_int_eq(fd, -1); /* a simulated radio has no link */
	s->watched_links++;
}

static void
damaged(void *ctx, const struct store_finding *found)
{
	(void)ctx;
	(void)found;
}
static void
radio_told(void *ctx, struct text_view radio, const struct radio_event *event)
{
	(void)ctx;
	ck_assert(radio.len > 0);
	ck_assert(event->kind == RADIO_ORDERED || event->kind == RADIO_TENDED);
}

static void
notice(void *ctx, const struct mesh_event *what)
{
	(void)ctx, (void)what;
}

static void
wake(void *ctx)
{
	(void)ctx;
}

static void
random_bytes(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	rng_bytes(out, len);
}

/* --- one site --- */

/* As if a cut had come between a record and the core's row about it. */
static void
lose_law(struct mesh_params *p, const struct store_saved *saved)
{
	static struct mesh_kept kept[256];
	size_t left = 0;
	for (size_t i = 0; i < saved->kept_count && left < LENGTH(kept); i++) {
		struct bytes_view key = saved->kept[i].key;
		if (key.len < 4 || memcmp(key.ptr, "law/", 4) != 0)
			kept[left++] = saved->kept[i];
	}
	ck_assert_uint_lt(left, saved->kept_count);
	p->kept = kept;
	p->kept_count = left;
}

static void
open_core(struct site *s, struct store_saved *saved)
{
	char name[8];
	snprintf(name, sizeof name, "site%u", s->number);
	struct mesh_params p = { .identity = &s->identity,
		.network = s->alone ? &s->network : &network,
		.name = text(name),
		.boot = ++s->boot,
		.fresh = !s->lived,
		.random = random_bytes,
		.holdings = saved->holdings,
		.holding_count = saved->holding_count,
		.kept = saved->kept,
		.kept_count = saved->kept_count };
	if (s->lost_law)
		lose_law(&p, saved);
	ck_assert_int_eq(mesh_site_new(&s->core, &p, now), MESH_OK);
	mesh_site_segment(s->core, 1, true, now);
}

static bool
own_address(void *ctx, size_t index, struct mesh_path *out)
{
	const struct site *s = ctx;
	*out = path_of(s->number);
	return index == 0;
}

static void
open_rooms(struct site *s, struct store_saved *saved)
{
	s->feed = feed_new(1024, 1 << 20);
	s->live = live_new(256);
	s->intents = intents_new(256, 256 * 1024);
	s->asks = intents_new(16, 16 * 1024);
	struct ingest_params ingest = { s->core, s->store, s->feed, s->live, &s->counts,
		s->identity.key };
	struct publish_params publish = { s->intents, s->live, &s->counts,
		s->identity.key, { .demo = true } };
	struct ports_params ports = { .seed = s->number + 1, .counts = &s->counts };
	struct organs_params organs = { s->feed, s->intents, s->live, &s->counts };
	s->ingest = ingest_new(&ingest);
	s->publish = publish_new(&publish);
	s->ports = ports_new(&ports);
	s->organs = organs_new(&organs);
	s->world = (struct op_world){ .now = now,
		.self = s->identity.key,
		.store = s->store,
		.live = s->live,
		.intents = s->intents,
		.asks = s->asks,
		.feed = s->feed,
		.core = s->core,
		.configured = own_address,
		.bound_ctx = s,
		.random = random_bytes };
	s->calls = calls_new(&s->world, 8, 8);
	struct remember_params remember = { s->store, s->ingest, s->publish,
		s->identity.key, saved->holdings, saved->holding_count, s->core };
	s->remember = remember_new(&remember);
	struct registry_params registry = { s->core, s->store, s->intents, &s->counts,
		s->identity.key, NULL, NULL };
	ck_assert(registry_init(&s->registry, &registry));
}

static enum mesh_err
keep_network(void *ctx, struct bytes_view file)
{
	(void)ctx;
	return file.len > 0 ? MESH_OK : MESH_IO;
}
static enum mesh_err
move(void *ctx, struct bytes_view file)
{
	struct site *s = ctx;
	if (s->cannot_move)
		return MESH_IO;
	ck_assert_uint_lt(file.len, sizeof s->moves_to);
	memcpy(s->moves_to, file.ptr, file.len);
	s->moves_to[file.len] = '\0';
	return MESH_OK;
}

static void
open_site(struct site *s)
{
	struct store_saved saved;
	struct store_params store = { .path = s->db,
		.threads = false,
		.packet_days = 7,
		.alert_days = 30,
		.metric_days = 14,
		.max_bytes = 1 << 30,
		.wake = wake };
	ck_assert_int_eq(store_open(&s->store, &store), 0);
	ck_assert_int_eq(store_saved(s->store, &saved), MESH_OK);
	open_core(s, &saved);
	open_rooms(s, &saved);
	store_saved_free(&saved);
	s->edges = (struct edges){ s, next_datagram, send_datagram, flush,
		no_unreachable, link_ready, watch_link, notice, radio_told, damaged,
		keep_network, move };
	struct turn_params turn = { s->core, s->store, s->feed, s->live, s->intents,
		s->ingest, s->publish, s->ports, s->organs, s->calls, s->remember,
		&s->registry, &s->counts, &s->edges, s->asks, NULL, NULL, NULL };
	s->turn = turn_new(&turn);
	ck_assert_ptr_nonnull(s->turn);
	struct site_value value = { .has = 1u << SITE_NAME, .name = text("x") };
	char name[8];
	snprintf(name, sizeof name, "site%u", s->number);
	value.name = text(name);
	publish_site(s->publish, &value, now);
	s->reader = (struct feed_reader){ .topics = FEED_PACKET | FEED_PEER,
		.stages = FEED_HEARD | FEED_STORED };
	feed_join(s->feed, &s->reader);
}

static void
shut_site(struct site *s)
{
	if (s->turn == NULL)
		return;
	turn_free(s->turn);
	remember_free(s->remember);
	registry_release(&s->registry);
	calls_free(s->calls);
	organs_free(s->organs);
	ports_free(s->ports);
	publish_free(s->publish);
	ingest_free(s->ingest);
	intents_free(s->intents);
	intents_free(s->asks);
	live_free(s->live);
	feed_free(s->feed);
	mesh_site_free(s->core);
	store_close(s->store);
	s->turn = NULL;
	s->garbage = false;
	s->queue_count = 0;
}

static void
setup(void)
{
	for (unsigned i = 0; i < SITES; i++)
		shut_site(&site[i]);
	const char *tmp = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%.40s/check_turn.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	rng_restart(check_seed());
	now = (struct mesh_now){ .ms = 1000, .unix_ms = 1763721000000 };
	for (unsigned i = 0; i < SITES; i++) {
		uint8_t seed[32] = { (uint8_t)(i + 1) };
		site[i].number = i;
		site[i].boot = 0;
		site[i].alone = site[i].cannot_move = site[i].lived = false;
		site[i].lost_law = false;
		site[i].moves_to[0] = '\0';
		snprintf(site[i].db, sizeof site[i].db, "%s/%u.db", folder, i);
		mesh_identity_of(seed, &site[i].identity);
	}
	uint8_t random48[48];
	rng_bytes(random48, sizeof random48);
	mesh_network_of(&site[0].identity.key, random48, true, &network);
}

static void
add_radio(struct site *s)
{
	struct radio_section radio = { .driver = DRIVER_SIM, .sim_interval = 500 };
	ck_assert_int_eq(ports_put(s->ports, text("sim"), &radio, now), MESH_OK);
	turn_forget_radios(s->turn);
}

static mesh_time_ms
turn_site(struct site *s)
{
	s->world.now = now;
	mesh_time_ms due = turn_run(s->turn, now);
	store_work(s->store);
	return due;
}

/* Every site turns every STEP_MS until it is so; false: not within `ms`. */
static bool
run_until(bool (*is_so)(void), uint64_t ms)
{
	for (uint64_t spent = 0; spent <= ms; spent += STEP_MS) {
		for (unsigned i = 0; i < SITES; i++) {
			if (site[i].turn != NULL)
				turn_site(&site[i]);
		}
		if (is_so())
			return true;
		now.ms += STEP_MS;
		now.unix_ms += STEP_MS;
	}
	return false;
}

static bool
never(void)
{
	return false;
}

static uint64_t
packets(const struct site *s)
{
	return store_counts(s->store).packets;
}

static bool
all_hold_ten_packets(void)
{
	return packets(&site[0]) >= 10 && packets(&site[1]) >= 10 &&
	    packets(&site[2]) >= 10;
}

static size_t
stored_packets(struct site *s, enum feed_stage stage)
{
	struct feed_reader r = { .next = 1, .topics = FEED_PACKET, .stages = stage };
	struct feed_item item;
	size_t n = 0;
	while (feed_next(s->feed, &r, &item))
		n += !item.own;
	return n;
}

START_TEST(what_one_radio_hears_every_site_holds)
{
	for (unsigned i = 0; i < SITES; i++)
		open_site(&site[i]);
	add_radio(&site[0]);
	ck_assert(run_until(all_hold_ten_packets, 60000));
	for (unsigned i = 1; i < SITES; i++) {
		ck_assert_uint_ge(stored_packets(&site[i], FEED_HEARD), 10);
		ck_assert_uint_ge(stored_packets(&site[i], FEED_STORED), 9);
		ck_assert_uint_eq(site[i].counts.n[COUNT_PUBLISH_SEEN], 0);
	}
	ck_assert_uint_gt(site[0].watched_links, 0);
	ck_assert_uint_eq(site[0].counts.n[COUNT_TURN_ROUNDS], 0);
}

static struct call *asked;
static bool
is_answered(void)
{
	return call_is_done(asked);
}

START_TEST(a_caller_waits_until_its_record_is_stored)
{
	static const struct call_pair pairs[] = { { { "key", 3 }, { "k", 1 } },
		{ { "value", 5 }, { "7", 1 } } };
	struct call_request q = { .op = &op_table[OP_STATE_SET],
		.pairs = pairs,
		.pair_count = LENGTH(pairs),
		.audience = AUDIENCE_OPERATOR };
	open_site(&site[0]);
	asked = call_begin(site[0].calls, &q);
	ck_assert_ptr_nonnull(asked);
	ck_assert_msg(!call_is_done(asked), "answered before it was stored");
	ck_assert(run_until(is_answered, 10000));
	const struct call_answer *a = call_answer(asked);
	ck_assert_msg(
	    a->status == 200, "%u %.*s", a->status, (int)a->detail.len, a->detail.ptr);
	call_end(asked);
}

static bool
zero_knows_its_name(void)
{
	char room[SITE_SHOWN_MAX];
	return text_is(
	    sites_name(live_sites(site[0].live), &site[0].identity.key, room), "site0");
}

static bool
zero_knows_nodes(void)
{
	return zero_knows_its_name() && live_node_count(site[0].live) >= 5;
}

START_TEST(names_and_nodes_are_remembered_over_a_restart)
{
	open_site(&site[0]);
	add_radio(&site[0]);
	ck_assert(run_until(zero_knows_nodes, 60000));
	shut_site(&site[0]);
	open_site(&site[0]); /* without its radio: nobody says it again */
	ck_assert_uint_eq(live_node_count(site[0].live), 0);
	ck_assert(run_until(zero_knows_nodes, 1000));
}

static struct mesh_peer
zero_at_one(void)
{
	struct mesh_peer p;
	for (size_t i = 0; mesh_site_peer(site[1].core, i, &p); i++) {
		if (key_equal(&p.key, &site[0].identity.key))
			return p;
	}
	return (struct mesh_peer){ .state = PEER_STRANGER };
}

static bool
zero_is_a_neighbour_of_one(void)
{
	return zero_at_one().state == PEER_ALIVE && zero_at_one().direct;
}

static bool
zero_has_left_at_one(void)
{
	return zero_at_one().state == PEER_LEFT && turn_is_settled(site[0].turn);
}

START_TEST(who_leaves_says_so_and_keeps_its_numbers)
{
	open_site(&site[0]);
	open_site(&site[1]);
	add_radio(&site[0]);
	ck_assert(run_until(zero_is_a_neighbour_of_one, 10000));
	run_until(never, 1000); /* both ends */
	turn_leave(site[0].turn, now);
	ck_assert(run_until(zero_has_left_at_one, 1000));
	uint64_t seen = site[0].counts.n[COUNT_PUBLISH_SEEN];
	run_until(never, 5000);
	ck_assert_msg(
	    seen == site[0].counts.n[COUNT_PUBLISH_SEEN], "its radio still talks");
}
START_TEST(a_turn_ends_whatever_comes)
{
	open_site(&site[0]);
	site[0].garbage = true;
	ck_assert_uint_eq(turn_site(&site[0]), now.ms);
	ck_assert_uint_eq(site[0].counts.n[COUNT_TURN_ROUNDS], 1);
	site[0].garbage = false;
	ck_assert_uint_gt(turn_site(&site[0]), now.ms);
}
START_TEST(all_is_shut)
{
	for (unsigned i = 0; i < SITES; i++)
		shut_site(&site[i]);
}
/* --- joining --- */

static struct call *
ask_one(struct site *s, enum op_number op, const char *name, struct text_view value)
{
	static struct call_pair pair;
	pair = (struct call_pair){ text(name), value };
	struct call_request q = { .op = &op_table[op],
		.pairs = &pair,
		.pair_count = name[0] != '\0',
		.audience = AUDIENCE_OPERATOR };
	return call_begin(s->calls, &q);
}

/* A token of site 0, for site 1, which is in a network of its own. */
static struct text_view
invited(void)
{
	static char token[MESH_INVITE_TEXT_MAX];
	uint8_t random48[48] = { 5 };
	site[1].alone = true;
	mesh_network_of(&site[1].identity.key, random48, true, &site[1].network);
	open_site(&site[0]);
	open_site(&site[1]);
	site[0].world.demo = site[1].world.demo = true;
	asked = ask_one(&site[0], OP_INVITE_CREATE, "", text(""));
	ck_assert(run_until(is_answered, 5000));
	ck_assert_uint_eq(call_answer(asked)->status, 200);
	const struct call_part *part = &call_answer(asked)->parts[0];
	struct text_view all = { (const char *)part->bytes.ptr, part->bytes.len };
	const char *from = strstr(all.ptr, "meshd1.");
	size_t len = strcspn(from, "\"");
	memcpy(token, from, len);
	call_end(asked);
	return (struct text_view){ token, len };
}

START_TEST(a_token_brings_the_networks_file_and_then_the_answer)
{
	struct text_view token = invited();
	struct mesh_network moved;
	char why[64];
	struct bytes_out complaint = bytes_out(why, sizeof why);
	asked = ask_one(&site[1], OP_JOIN, "token", token);
	ck_assert(run_until(is_answered, 15000));
	ck_assert_uint_eq(call_answer(asked)->status, 200);
	call_end(asked);
	ck_assert_int_eq(
	    mesh_network_read(text(site[1].moves_to), &moved, &complaint), MESH_OK);
	ck_assert_mem_eq(moved.id, network.id, sizeof moved.id);
	ck_assert_mem_eq(moved.key, network.key, sizeof moved.key);
	ck_assert_uint_eq(moved.seed_count, 1);
}
static bool
zero_knows_its_invitation(void)
{
	struct mesh_invited one;
	return mesh_site_invited(site[0].core, 0, &one) && one.uses == 1 &&
	    key_equal(&one.by, &site[0].identity.key);
}

START_TEST(what_was_decided_and_stored_holds_after_a_cut)
{
	(void)invited();
	ck_assert(zero_knows_its_invitation());
	shut_site(&site[0]);
	site[0].lost_law = true;
	open_site(&site[0]);
	ck_assert(!zero_knows_its_invitation());
	ck_assert(run_until(zero_knows_its_invitation, 1000));
}
START_TEST(what_holds_at_one_site_alone_is_answered_once_it_is_kept)
{
	char key[65];
	struct bytes_out out = bytes_out(key, sizeof key);
	open_site(&site[1]); /* not the founder */
	run_until(never, 200);
	text_put_hex(&out, bytes_view(site[2].identity.key.bytes, 32));
	asked = ask_one(&site[1], OP_PEER_BLOCK, "id", text(text_end(&out)));
	site[1].world.now = now;
	turn_run(site[1].turn, now); /* and the store does not work */
	ck_assert_msg(!call_is_done(asked), "answered before it was kept");
	ck_assert(run_until(is_answered, 1000));
	ck_assert_uint_eq(call_answer(asked)->status, 200);
	call_end(asked);
}
/* Such a site alone may write nothing for seconds: what asks for no record passes what
 * waits for one. */
START_TEST(a_join_does_not_wait_until_this_site_may_write)
{
	struct text_view token = invited();
	shut_site(&site[1]);
	site[1].lived = true; /* and lost its database */
	ck_assert_int_eq(unlink(site[1].db), 0);
	open_site(&site[1]);
	site[1].world.demo = true;
	run_until(never, 100);
	ck_assert_int_eq(mesh_site_writing(site[1].core), WRITING_HELD);
	asked = ask_one(&site[1], OP_JOIN, "token", token);
	ck_assert(run_until(is_answered, 1000));
	ck_assert_uint_eq(call_answer(asked)->status, 200);
	ck_assert_int_eq(mesh_site_writing(site[1].core), WRITING_HELD);
	call_end(asked);
}
START_TEST(who_hung_up_before_the_answer_does_not_move)
{
	struct text_view token = invited();
	call_end(ask_one(&site[1], OP_JOIN, "token", token));
	run_until(never, 15000);
	ck_assert_str_eq(site[1].moves_to, "");
}
START_TEST(a_disk_that_refuses_the_move_is_an_answer)
{
	struct text_view token = invited();
	site[1].cannot_move = true;
	asked = ask_one(&site[1], OP_JOIN, "token", token);
	ck_assert(run_until(is_answered, 15000));
	ck_assert_uint_eq(call_answer(asked)->status, 503);
	call_end(asked);
}
START_TEST(nobody_at_the_tokens_addresses_is_an_answer_after_a_while)
{
	struct text_view token = invited();
	shut_site(&site[0]);
	asked = ask_one(&site[1], OP_JOIN, "token", token);
	ck_assert(run_until(is_answered, 21000));
	ck_assert_uint_eq(call_answer(asked)->status, 504);
	call_end(asked);
}
START_TEST(the_next_join_takes_the_place_of_the_one_before)
{
	struct text_view token = invited();
	shut_site(&site[0]);
	struct call *first = ask_one(&site[1], OP_JOIN, "token", token);
	run_until(never, 1000);
	asked = ask_one(&site[1], OP_LEAVE, "", text(""));
	struct call *second = ask_one(&site[1], OP_JOIN, "token", token);
	ck_assert(run_until(is_answered, 1000));
	ck_assert_uint_eq(call_answer(asked)->status, 200);
	ck_assert(call_is_done(first) && !call_is_done(second));
	ck_assert_uint_eq(call_answer(first)->status, 403);
	call_end(first);
	call_end(asked);
	call_end(second);
}
CHECK_MODULE(turn, setup, what_one_radio_hears_every_site_holds,
    a_caller_waits_until_its_record_is_stored,
    names_and_nodes_are_remembered_over_a_restart,
    who_leaves_says_so_and_keeps_its_numbers, a_turn_ends_whatever_comes, all_is_shut,
    a_token_brings_the_networks_file_and_then_the_answer,
    what_was_decided_and_stored_holds_after_a_cut,
    what_holds_at_one_site_alone_is_answered_once_it_is_kept,
    a_join_does_not_wait_until_this_site_may_write,
    who_hung_up_before_the_answer_does_not_move,
    a_disk_that_refuses_the_move_is_an_answer,
    nobody_at_the_tokens_addresses_is_an_answer_after_a_while,
    the_next_join_takes_the_place_of_the_one_before)
