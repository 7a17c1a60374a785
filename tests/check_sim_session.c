/* sim_session.c and sim_speech.c: the driver as the port sees it, read by inspect.h. */
#include "arena.h"
#include "check_mesh.h"
#include "id.h"
#include "inspect.h"
#include "radio_counters.h"
#include "sim_cell.h"
#include "sim_session.h"
#include "text.h"
#include "tree.h"

enum { HOUR_MS = 3600 * 1000 };
static const struct radio_ops *const ops = &radio_sim_ops;
static struct radio *a, *b;
static struct mesh_now now;
static struct radio_event event;
static uint8_t block[64 * 1024];

static struct radio *
radio_at(const char *name, double x)
{
	struct radio *r = ops->create(
	    &(struct radio_params){ .name = text(name), .seed = 7, .sim_x = x });

	ck_assert(r != NULL);
	ops->link_up(r, now);
	return r;
}
static void
teardown(void)
{
	ops->destroy(a);
	ops->destroy(b);
	a = b = NULL;
}
static void
setup(void)
{
	static bool registered;

	if (!registered)
		atexit(teardown);
	registered = true;
	if (a != NULL)
		teardown();
	now = (struct mesh_now){ .ms = 5000, .unix_ms = 1790000000000 };
	a = radio_at("roof", 0);
	b = radio_at("roof", 0);
}

static void
pass(uint64_t ms)
{
	now.ms += ms;
	now.unix_ms += (unix_ms)ms;
	ops->tick(a, now);
	ops->tick(b, now);
}

static bool
next_of(struct radio *r, enum radio_event_kind kind)
{
	while (ops->next_event(r, &event))
		if (event.kind == kind)
			return true;
	return false;
}
static void
drain(struct radio *r)
{
	while (ops->next_event(r, &event))
		;
}

/* Everything of an event that is not an address. */
static uint64_t
digest_of(const struct radio_event *e)
{
	static char room[8192];
	struct bytes_out o = bytes_out(room, sizeof room);
	const struct radio_reception *r = &e->reception;
	uint64_t h = 0xcbf29ce484222325U;

	text_printf(&o, "%d %llu %d %d ", (int)e->kind, (unsigned long long)e->request,
	    (int)e->sent, e->reason);
	id_print(&e->node, &o);
	id_print(&r->packet, &o);
	id_print(&r->to, &o);
	text_printf(&o, " %d %d %g %lld %x ", r->type, r->rssi, (double)r->snr,
	    (long long)r->time_ms, r->via);
	text_put_hex(&o, r->raw);
	for (size_t i = 0; i < e->facts.count; i++) {
		const struct tree_item *item = &e->facts.items[i];
		text_put_view(&o, item->name);
		if (item->kind == TREE_TEXT)
			text_put_view(&o, item->as.text);
		else if (item->kind != TREE_MAP)
			text_printf(&o, "%llx", (unsigned long long)item->as.u);
	}
	ck_assert(!o.failed);
	for (size_t i = 0; i < o.len; i++)
		h = (h ^ o.ptr[i]) * 0x100000001b3U;
	return h;
}

START_TEST(the_same_seed_and_clock_give_byte_identical_events)
{
	struct radio_event one, other;
	size_t count = 0;

	for (int minute = 0; minute < 60; minute++, pass(60000)) {
		while (ops->next_event(a, &one)) {
			uint64_t digest = digest_of(&one);
			ck_assert(ops->next_event(b, &other));
			ck_assert_uint_eq(digest, digest_of(&other));
			count++;
		}
		ck_assert(!ops->next_event(b, &other));
	}
	ck_assert_uint_gt(count, 600);
}
START_TEST(ready_comes_first_then_the_nodes_it_knows)
{
	size_t nodes = 0;

	ck_assert(ops->next_event(a, &event));
	ck_assert_int_eq(event.kind, RADIO_READY);
	ck_assert_int_eq(event.node.kind, ID_SIM_NODE);
	ck_assert(text_is(tree_text(event.facts, "long_name"), "roof"));
	for (; ops->next_event(a, &event) && event.kind == RADIO_NODE; nodes++) {
		double lat, percent;
		ck_assert_int_eq(event.node.kind, ID_SIM_NODE);
		ck_assert(tree_text(event.facts, "long_name").len > 0);
		ck_assert(tree_text(event.facts, "hardware").len > 0);
		ck_assert(tree_f64(event.facts, "position.lat", &lat));
		ck_assert(lat > -0.1 && lat < 0.1);
		ck_assert(tree_f64(event.facts, "battery.percent", &percent));
		ck_assert(percent >= 30 && percent <= 100);
	}
	ck_assert_uint_gt(nodes, 6);
	ck_assert_uint_le(nodes, SIM_NODES);
	ck_assert_uint_eq(ops->counter(a, COUNT_PORT_NODES_TAKEN), nodes);
}
START_TEST(every_reception_is_marked_and_its_bytes_can_be_inspected)
{
	static const char *const inside[] = { [SIM_TEXT] = "text",
		[SIM_POSITION] = "position.lat",
		[SIM_NODEINFO] = "user.long_name",
		[SIM_TELEMETRY] = "time_ms" };
	size_t of_port[SIM_TELEMETRY + 1] = { 0 };

	for (int minute = 0; minute < 60; minute++, pass(60000))
		while (next_of(a, RADIO_RECEPTION)) {
			const struct radio_reception *r = &event.reception;
			struct arena arena = arena_init(block, sizeof block);
			struct tree_view tree;
			ck_assert_uint_eq(r->network, NETWORK_SIM);
			ck_assert_uint_eq(r->via, VIA_SIMULATED);
			ck_assert_int_eq(r->packet.kind, ID_SIM_PACKET);
			ck_assert_int_eq(r->from.kind, ID_SIM_NODE);
			ck_assert(!id_is(&r->to));
			ck_assert_int_le(r->time_ms, now.unix_ms);
			ck_assert_int_gt(r->time_ms, now.unix_ms - 60000);
			ck_assert_int_eq(
			    inspect(NETWORK_SIM, r->raw, &arena, &tree), MESH_OK);
			ck_assert_uint_le(r->type, SIM_TELEMETRY);
			ck_assert_msg(tree_find(tree, text(inside[r->type])) != NULL,
			    "port %d has no %s", r->type, inside[r->type]);
			of_port[r->type]++;
		}
	ck_assert(of_port[SIM_TEXT] > 0 && of_port[SIM_POSITION] > 0);
	ck_assert(of_port[SIM_NODEINFO] > 0 && of_port[SIM_TELEMETRY] > 0);
	ck_assert_uint_eq(ops->counter(a, COUNT_PORT_PACKETS_SEEN),
	    ops->counter(a, COUNT_PORT_PACKETS_TAKEN));
}
START_TEST(what_a_node_says_of_itself_agrees_with_the_list)
{
	struct id from[2 * SIM_NODES];
	char names[2 * SIM_NODES][64];
	size_t known = 0, compared = 0;

	while (next_of(a, RADIO_NODE)) {
		struct text_view name = tree_text(event.facts, "long_name");
		from[known] = event.node;
		snprintf(names[known++], 64, "%.*s", (int)name.len, name.ptr);
	}
	for (int minute = 0; minute < 60; minute++, pass(60000))
		while (next_of(a, RADIO_RECEPTION)) {
			struct arena arena = arena_init(block, sizeof block);
			struct tree_view facts = inspect_node(
			    NETWORK_SIM, event.reception.raw, &arena);
			struct text_view name = tree_text(facts, "long_name");
			for (size_t i = 0; i < known && name.len > 0; i++)
				if (id_equal(&from[i], &event.reception.from)) {
					ck_assert(text_is(name, names[i]));
					compared++;
				}
		}
	ck_assert_uint_gt(compared, 20);
}
START_TEST(two_sites_of_a_cell_hear_the_same_packets_and_are_two_nodes)
{
	static struct id heard[2048];
	struct id self;
	size_t count = 0, both = 0, at_c = 0;
	struct radio *c = radio_at("roof", 1500);

	ck_assert(next_of(a, RADIO_READY));
	self = event.node;
	ck_assert(next_of(c, RADIO_READY));
	ck_assert(!id_equal(&self, &event.node));
	for (int minute = 0; minute < 30; minute++) {
		pass(60000);
		ops->tick(c, now);
		while (next_of(a, RADIO_RECEPTION))
			heard[count++] = event.reception.packet;
		while (next_of(c, RADIO_RECEPTION)) {
			at_c++;
			for (size_t i = 0; i < count; i++)
				both += id_equal(&heard[i], &event.reception.packet);
		}
	}
	ops->destroy(c);
	ck_assert_uint_gt(both, at_c / 2);
}
START_TEST(the_deadline_is_when_something_happens)
{
	drain(a);
	for (int i = 0; i < 100; i++) {
		mesh_time_ms due = ops->deadline(a);
		ck_assert_uint_gt(due, now.ms);
		ck_assert_uint_le(due, now.ms + 60000);
		pass(due - now.ms - 1);
		ck_assert(!ops->next_event(a, &event));
		pass(1);
		/* Nothing comes of a packet that is too weak. */
		drain(a);
	}
	ck_assert_uint_gt(ops->counter(a, COUNT_PORT_PACKETS_TAKEN), 50);
}
START_TEST(a_jump_of_the_clock_makes_no_flood)
{
	size_t count = 0;

	drain(a);
	pass(24 * (uint64_t)HOUR_MS);
	while (ops->next_event(a, &event))
		count += event.kind == RADIO_RECEPTION;
	ck_assert_uint_le(count, 1);
	now.unix_ms -= 48 * (int64_t)HOUR_MS;
	pass(1000);
	drain(a);
	ck_assert_uint_le(ops->deadline(a), now.ms + 60000);
}

/* --- requests --- */

static struct id
some_node(void)
{
	ck_assert(next_of(a, RADIO_NODE));
	return event.node;
}
/* Events until `ms` have passed: the outcomes in order, and the reply's port. */
static char story[64];
static struct radio_reception reply;
static void
wait_story(uint64_t request, uint64_t ms)
{
	static const char letter[] = { 'a', 'h', 'k', 'f', 'r' };
	size_t len = 0;

	reply = (struct radio_reception){ 0 };
	for (uint64_t at = 0; at < ms; at += 100) {
		pass(100);
		while (ops->next_event(a, &event)) {
			if (event.kind == RADIO_SENT && event.request == request)
				story[len++] = letter[event.sent];
			if (event.kind == RADIO_RECEPTION &&
			    id_is(&event.reception.to)) {
				reply = event.reception;
				memcpy(block, reply.raw.ptr, reply.raw.len);
				reply.raw.ptr = block;
			}
		}
	}
	story[len] = '\0';
}
START_TEST(a_text_to_all_is_accepted_and_repeated)
{
	ck_assert_int_eq(ops->submit(a,
			     &(struct radio_request){ .request = 9,
				 .kind = REQUEST_TEXT,
				 .body = bytes_view("hello", 5) },
			     now),
	    MESH_OK);
	wait_story(9, 10000);
	ck_assert_str_eq(story, "ah");
}
START_TEST(a_text_to_a_node_is_acknowledged_and_answered)
{
	struct id node = some_node();

	ck_assert_int_eq(ops->submit(a,
			     &(struct radio_request){ .request = 10,
				 .kind = REQUEST_TEXT,
				 .to = node,
				 .body = bytes_view("hello", 5) },
			     now),
	    MESH_OK);
	wait_story(10, 10000);
	ck_assert_str_eq(story, "ak");
	ck_assert(id_equal(&reply.from, &node));
	ck_assert_uint_eq(reply.type, SIM_TEXT);
	ck_assert_uint_eq(reply.via, VIA_SIMULATED);
}
START_TEST(a_traceroute_is_answered_with_a_route)
{
	struct id node = some_node();
	struct arena arena = arena_init(block + 4096, sizeof block - 4096);
	struct tree_view tree;

	ck_assert_int_eq(ops->submit(a,
			     &(struct radio_request){
				 .request = 11, .kind = REQUEST_TRACE, .to = node },
			     now),
	    MESH_OK);
	wait_story(11, 10000);
	ck_assert_str_eq(story, "akr");
	ck_assert_uint_eq(reply.type, SIM_TRACEROUTE);
	ck_assert(id_equal(&reply.from, &node));
	ck_assert_int_eq(inspect(NETWORK_SIM, reply.raw, &arena, &tree), MESH_OK);
	ck_assert(tree_find(tree, text("snr_towards")) != NULL);
	ck_assert(tree_find(tree, text("request_id")) != NULL);
}
START_TEST(a_node_out_of_reach_fails_the_request)
{
	struct id node = some_node();

	ops->destroy(a);
	a = radio_at("roof", 90000);
	ck_assert_int_eq(ops->submit(a,
			     &(struct radio_request){
				 .request = 12, .kind = REQUEST_TRACE, .to = node },
			     now),
	    MESH_OK);
	wait_story(12, 60000);
	ck_assert_str_eq(story, "af");
}
START_TEST(what_cannot_be_sent_is_refused_with_a_reason)
{
	static const uint8_t longest[SIM_NODES_MAX] = { 'x' };
	const struct id stranger = id_of_node(ID_SIM_NODE, 77);
	const struct id other = id_of_node(ID_MT_NODE, 77);
	const struct bytes_view hello = bytes_view("hello", 5);
	/* clang-format off */
	const struct { struct radio_request q; enum mesh_err err; const char *why; } rows[] = {
		{ { .kind = REQUEST_POLL }, MESH_DENIED, "no such ability" },
		{ { .kind = REQUEST_FRAME }, MESH_DENIED, "no such ability" },
		{ { .kind = REQUEST_TRACE }, MESH_NOT_FOUND, "to nobody" },
		{ { .kind = REQUEST_TEXT, .to = stranger, .body = hello }, MESH_NOT_FOUND, "not in this cell" },
		{ { .kind = REQUEST_TEXT, .to = other, .body = hello }, MESH_NOT_FOUND, "another network" },
		{ { .kind = REQUEST_TEXT }, MESH_MALFORMED, "empty" },
		{ { .kind = REQUEST_TEXT, .body = { longest, 233 } }, MESH_MALFORMED, "too long" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++)
		ck_assert_msg(
		    ops->submit(a, &rows[i].q, now) == rows[i].err, "%s", rows[i].why);
	drain(a);
	ops->link_down(a, now);
	ck_assert_int_eq(
	    ops->submit(
		a, &(struct radio_request){ .kind = REQUEST_TEXT, .body = hello }, now),
	    MESH_DENIED);
}
START_TEST(requests_are_bounded)
{
	enum mesh_err err = MESH_OK;
	int taken = 0;

	for (; err == MESH_OK && taken < 1000; taken++)
		err = ops->submit(a,
		    &(struct radio_request){
			.kind = REQUEST_TEXT, .body = bytes_view("x", 1) },
		    now);
	ck_assert_int_eq(err, MESH_FULL);
	pass(5000);
	drain(a);
	ck_assert_int_eq(ops->submit(a,
			     &(struct radio_request){
				 .kind = REQUEST_TEXT, .body = bytes_view("x", 1) },
			     now),
	    MESH_OK);
}
START_TEST(a_radio_that_is_down_says_nothing_and_comes_back_ready)
{
	struct bytes_view bytes;

	ops->link_down(a, now);
	pass(60000);
	ck_assert(!ops->next_event(a, &event));
	ck_assert_uint_eq(ops->deadline(a), MESH_NEVER);
	ops->receive(a, bytes_view("noise", 5), now);
	ck_assert(!ops->next_bytes(a, &bytes));
	ops->link_up(a, now);
	ck_assert(ops->next_event(a, &event));
	ck_assert_int_eq(event.kind, RADIO_READY);
	ck_assert_uint_eq(ops->counter(a, COUNT_RADIO_ALL), 0);
}
START_TEST(an_answer_is_due_when_it_comes_and_gone_with_the_link)
{
	const struct radio_request q = {
		.request = 13, .kind = REQUEST_TEXT, .body = bytes_view("hello", 5)
	};
	size_t repeated = 0;
	drain(a);
	ck_assert_uint_gt(ops->deadline(a), now.ms);
	ck_assert_int_eq(ops->submit(a, &q, now), MESH_OK);
	ck_assert_uint_eq(ops->deadline(a), now.ms); /* "accepted" */
	drain(a);
	for (mesh_time_ms end = now.ms + 1200; repeated == 0 && now.ms <= end;) {
		mesh_time_ms due = ops->deadline(a);
		ck_assert_uint_gt(due, now.ms);
		pass(due - now.ms);
		while (ops->next_event(a, &event))
			repeated += event.kind == RADIO_SENT && event.request == 13;
	}
	ck_assert_uint_eq(repeated, 1);
	ck_assert_int_eq(ops->submit(a, &q, now), MESH_OK);
	ops->link_down(a, now);
	ops->link_up(a, now);
	pass(10000);
	while (ops->next_event(a, &event))
		ck_assert(event.kind != RADIO_SENT);
}
START_TEST(the_driver_is_found_by_its_word)
{
	ck_assert_ptr_eq(radio_driver(text("sim")), ops);
	ck_assert(!ops->needs_link);
}
CHECK_MODULE(sim_session, setup, the_same_seed_and_clock_give_byte_identical_events,
    ready_comes_first_then_the_nodes_it_knows,
    every_reception_is_marked_and_its_bytes_can_be_inspected,
    what_a_node_says_of_itself_agrees_with_the_list,
    two_sites_of_a_cell_hear_the_same_packets_and_are_two_nodes,
    the_deadline_is_when_something_happens, a_jump_of_the_clock_makes_no_flood,
    a_text_to_all_is_accepted_and_repeated,
    a_text_to_a_node_is_acknowledged_and_answered,
    a_traceroute_is_answered_with_a_route, a_node_out_of_reach_fails_the_request,
    what_cannot_be_sent_is_refused_with_a_reason, requests_are_bounded,
    a_radio_that_is_down_says_nothing_and_comes_back_ready,
    an_answer_is_due_when_it_comes_and_gone_with_the_link,
    the_driver_is_found_by_its_word)
