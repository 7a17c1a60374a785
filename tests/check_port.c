#include "id.h"
#include "model_world.h"
#include "port.h"
#include "radio_counters.h"
#include "text.h"
#include "tree.h"
#include <errno.h>

/* --- a link that does what the test says --- */

static struct {
	int open_err, finish; /* 0, 1 or -errno */
	bool open;
	unsigned opened, closed;
	const char *incoming; /* what the next reads give, then -EAGAIN */
	bool at_end;          /* ... or the end of the stream */
	int64_t write_most;   /* bytes per write; 0: EAGAIN; below: -errno */
	uint64_t waiting;     /* bytes that the other end has not acknowledged */
	char sent[256];
	size_t sent_len;
} wire;

static int
fake_open(struct link **out, const struct link_params *params)
{
	ck_assert(!wire.open);
	ck_assert(text_is(params->host, "10.0.0.7"));
	if (wire.open_err < 0)
		return wire.open_err;
	wire.open = true;
	wire.opened++;
	*out = (struct link *)&wire;
	return 0;
}

static void
fake_close(struct link *l)
{
	ck_assert(l == (struct link *)&wire && wire.open);
	wire.open = false;
	wire.closed++;
}

static int
fake_fd(const struct link *l)
{
	(void)l;
	return 42;
}

static int
fake_finish(struct link *l)
{
	(void)l;
	return wire.finish;
}

static int64_t
fake_read(struct link *l, void *to, size_t cap)
{
	(void)l;
	size_t len = wire.incoming != NULL ? strlen(wire.incoming) : 0;
	if (len == 0)
		return wire.at_end ? 0 : -EAGAIN;
	len = len < cap ? len : cap;
	memcpy(to, wire.incoming, len);
	wire.incoming += len;
	return (int64_t)len;
}

static int64_t
fake_write(struct link *l, const void *from, size_t len)
{
	(void)l;
	if (wire.write_most <= 0)
		return wire.write_most == 0 ? -EAGAIN : wire.write_most;
	if (len > (size_t)wire.write_most)
		len = (size_t)wire.write_most;
	memcpy(wire.sent + wire.sent_len, from, len);
	wire.sent_len += len;
	return (int64_t)len;
}
static uint64_t
fake_waiting(const struct link *l)
{
	(void)l;
	return wire.waiting;
}

static const struct link_ops fake_link = { "fake", fake_open, fake_close, fake_fd,
	fake_finish, fake_read, fake_write, fake_waiting, NULL };

/* --- a driver: R is ready, P a packet, S stuck; it greets each new link --- */

static struct {
	bool up;
	char queue[64];
	size_t count, next;
	bool greet;
	unsigned ticks;
	uint64_t order; /* the last one */
	mesh_time_ms deadline;
	struct tree_item facts[2];
	uint64_t more[COUNT_RADIO_ALL];
} drv;

static struct radio *
drv_create(const struct radio_params *params)
{
	(void)params;
	return (struct radio *)&drv;
}

static void
drv_destroy(struct radio *r)
{
	(void)r;
}

static void
drv_up(struct radio *r, struct mesh_now now)
{
	(void)r, (void)now;
	ck_assert(!drv.up);
	drv.up = drv.greet = true;
}

static void
drv_down(struct radio *r, struct mesh_now now)
{
	(void)r, (void)now;
	ck_assert(drv.up);
	drv.up = false;
	drv.count = drv.next = 0;
}

static void
drv_receive(struct radio *r, struct bytes_view bytes, struct mesh_now now)
{
	(void)r, (void)now;
	ck_assert(drv.up && drv.next == drv.count);
	memcpy(drv.queue, bytes.ptr, bytes.len);
	drv.count = bytes.len;
	drv.next = 0;
}

static void
drv_tick(struct radio *r, struct mesh_now now)
{
	(void)r, (void)now;
	drv.ticks++;
	drv.deadline = MESH_NEVER;
}

static enum mesh_err
drv_submit(struct radio *r, const struct radio_request *q, struct mesh_now now)
{
	(void)r, (void)q, (void)now;
	return MESH_OK;
}

static enum mesh_err
drv_administer(struct radio *r, const struct radio_order *o, struct mesh_now now)
{
	(void)r, (void)now;
	drv.order = o->order;
	return MESH_OK;
}

static bool
drv_next_bytes(struct radio *r, struct bytes_view *out)
{
	(void)r;
	*out = bytes_view("hello", 5);
	bool any = drv.greet;
	drv.greet = false;
	return any;
}

static bool
drv_next_event(struct radio *r, struct radio_event *out)
{
	(void)r;
	if (drv.next == drv.count)
		return false;
	char c = drv.queue[drv.next++];
	struct tree_out facts = tree_out(drv.facts, 2);
	*out = (struct radio_event){ .kind = c == 'R' ? RADIO_READY
		    : c == 'P'                        ? RADIO_RECEPTION
		    : c == 'O' || c == 'F'            ? RADIO_ORDERED
		    : c >= '1' && c <= '3'            ? RADIO_CHANGED
						      : RADIO_STUCK };
	out->reason = c == 'H' ? STUCK_HANDSHAKE : STUCK_SILENT;
	if (out->kind == RADIO_ORDERED) {
		out->request = drv.order;
		out->sent = c == 'O' ? SENT_ACKED : SENT_FAILED;
	}
	if (out->kind == RADIO_CHANGED)
		out->reason = (uint16_t)(c - '0');
	if (c == 'R') {
		tree_put_text(&facts, "long_name", text("Roof\x1b"));
		tree_put_text(&facts, "firmware", text("2.7.1"));
		out->node = id_of_node(ID_MT_NODE, 7);
		out->facts = tree_done(&facts);
	}
	return true;
}

static mesh_time_ms
drv_deadline(const struct radio *r)
{
	(void)r;
	return drv.deadline;
}

static uint64_t
drv_counter(const struct radio *r, size_t index)
{
	(void)r;
	return 100 + index + drv.more[index];
}

static const struct radio_admin_ops drv_admin = { .administer = drv_administer };
static const struct radio_ops with_link = { "fake", NETWORK_MESHTASTIC, true, false,
	drv_create, drv_destroy, drv_up, drv_down, drv_receive, drv_tick, drv_submit,
	NULL, NULL, NULL, &drv_admin, drv_next_bytes, drv_next_event, drv_deadline,
	drv_counter };
static const struct radio_ops without_link = { "sim", NETWORK_SIM, false, false,
	drv_create, drv_destroy, drv_up, drv_down, drv_receive, drv_tick, drv_submit,
	NULL, NULL, NULL, NULL, drv_next_bytes, drv_next_event, drv_deadline,
	drv_counter };

/* --- the test's hands --- */

static struct port *port;
static struct mesh_now now;
static struct meshd_counts counts;

static uint32_t listen_ms; /* of the next port */

static struct port *
make(const struct radio_ops *driver)
{
	struct port_params params = { .name = text("roof"),
		.driver = driver,
		.link = &fake_link,
		.radio = { .silence_ms = 90000 },
		.at = { .host = text("10.0.0.7"),
		    .port = 4403,
		    .listen_ms = listen_ms },
		.seed = 5,
		.counts = &counts };
	return port_new(&params, now);
}

static void
setup(void)
{
	port_free(port);
	memset(&wire, 0, sizeof wire);
	memset(&drv, 0, sizeof drv);
	counts = (struct meshd_counts){ 0 };
	wire.finish = 1;
	wire.write_most = 100;
	drv.deadline = MESH_NEVER;
	now = (struct mesh_now){ .ms = 1000, .unix_ms = 1700000000000 };
	port = make(&with_link);
	ck_assert(port != NULL);
}

static struct radio_status
status(void)
{
	struct radio_status s;
	port_status(port, &s);
	return s;
}

static void
wait_ms(mesh_time_ms ms)
{
	now.ms += ms;
	now.unix_ms += (unix_ms)ms;
	port_tick(port, now);
}

static void
drain(void)
{
	struct radio_event event;
	while (port_next_event(port, &event, now))
		;
}

static void
receive(const char *bytes)
{
	wire.incoming = bytes;
	port_readable(port, now);
	drain();
}

static void
cut(void)
{
	wire.at_end = true;
	port_readable(port, now);
	wire.at_end = false;
}

START_TEST(a_radio_that_greets_back_is_connected)
{
	ck_assert_uint_eq(status().state, RADIO_CONNECTING);
	wait_ms(0);
	ck_assert(wire.open && drv.up && port_fd(port) == 42);
	ck_assert_uint_eq(status().state, RADIO_CONNECTING);
	ck_assert(wire.sent_len == 5 && memcmp(wire.sent, "hello", 5) == 0);
	receive("RPP");
	struct radio_status s = status();
	ck_assert_uint_eq(s.state, RADIO_CONNECTED);
	ck_assert_uint_eq(s.rx_packets, 2);
	ck_assert_uint_eq(s.rx_bytes, 3);
	ck_assert_uint_eq(s.tx_bytes, 5);
	ck_assert(text_is(s.node.name, "Roof") && text_is(s.node.firmware, "2.7.1"));
	ck_assert_uint_eq(id_number(port_node(port)), 7);
	ck_assert(!s.simulated && s.reconnects == 0);
	ck_assert_uint_eq(port_counter(port, 3), 103);
}
static uint64_t
give_order(void)
{
	struct radio_order o = { .kind = ORDER_TELL };
	ck_assert_int_eq(port_administer(port, &o, now), MESH_OK);
	return o.order;
}

START_TEST(each_order_has_its_own_outcome)
{
	struct radio_ordered how;
	wait_ms(0);
	receive("R");
	uint64_t first = give_order();
	ck_assert(!port_has_ordered(port, first, &how));
	receive("O");
	uint64_t second = give_order();
	ck_assert(port_has_ordered(port, first, &how) && how.sent == SENT_ACKED);
	ck_assert(!port_has_ordered(port, second, &how));
	receive("F");
	ck_assert(port_has_ordered(port, first, &how) && how.sent == SENT_ACKED);
	ck_assert(port_has_ordered(port, second, &how) && how.sent == SENT_FAILED);
	ck_assert(port_has_ordered(port, second + 1, &how)); /* nobody's */
	ck_assert(how.sent == SENT_FAILED && how.reason == SENT_UNSURE);
	for (unsigned i = 0; i < PORT_OUTCOMES; i++) {
		give_order();
		receive("O");
	}
	ck_assert(port_has_ordered(port, second, &how)); /* long ago */
	ck_assert(how.sent == SENT_FAILED && how.reason == SENT_UNSURE);
}
/* What people ask when a radio is lost again and again: by whom, and how often. */
START_TEST(why_connections_ended_is_counted)
{
	wait_ms(0);
	receive("R");
	cut();
	wait_ms(PORT_FIRST_MS);
	receive("RX"); /* READY, then silent */
	wait_ms(0);
	wait_ms(port_deadline(port) - now.ms);
	receive("H");
	wire.open_err = -ECONNREFUSED;
	wait_ms(0);
	wait_ms(port_deadline(port) - now.ms);
	struct radio_lost lost = status().link.lost;
	ck_assert_uint_eq(lost.closed, 1);
	ck_assert_uint_eq(lost.silent, 1);
	ck_assert_uint_eq(lost.handshake, 1);
	ck_assert_uint_eq(lost.refused, 1);
	ck_assert_uint_eq(lost.broken, 0);
	ck_assert(text_is(status().link.address, "10.0.0.7:4403"));
}
START_TEST(a_heartbeat_is_timed)
{
	wait_ms(0);
	receive("R");
	drv.more[COUNT_PORT_HEARTBEATS_SENT]++;
	wait_ms(0);
	wait_ms(40);
	drv.more[COUNT_PORT_HEARTBEATS_ANSWERED]++;
	receive("P");
	wait_ms(500);
	ck_assert_uint_eq(status().link.rtt_ms, 40);
}
START_TEST(a_link_that_connects_slowly_is_waited_for)
{
	wire.finish = 0;
	wait_ms(0);
	ck_assert(!drv.up && port_wants_write(port));
	wire.finish = 1;
	port_writable(port, now);
	ck_assert(drv.up && !port_wants_write(port) && wire.sent_len == 5);
}
START_TEST(after_a_loss_the_first_attempt_comes_at_once)
{
	wait_ms(0);
	receive("R");
	wait_ms(PORT_STEADY_MS);
	cut();
	struct radio_status s = status();
	ck_assert_uint_eq(s.state, RADIO_WAITING);
	ck_assert(text_is(s.error, "the radio closed the connection"));
	ck_assert(!wire.open && !drv.up && port_fd(port) == -1);
	ck_assert_uint_le(port_deadline(port), now.ms + PORT_FIRST_MS);
	wait_ms(PORT_FIRST_MS);
	ck_assert(wire.open && drv.up);
	receive("R");
	ck_assert_uint_eq(status().reconnects, 1);
	ck_assert(!(status().has >> RADIO_ROW_ERROR & 1));
	ck_assert_uint_eq(counts.n[COUNT_PORT_LOST], 1);
}
START_TEST(attempts_grow_rarer_up_to_a_minute)
{
	static const mesh_time_ms wanted[] = { 50, 1000, 2000, 4000, 8000, 16000, 32000,
		60000, 60000, 60000 };
	wire.open_err = -ECONNREFUSED;
	wait_ms(0);
	for (size_t i = 0; i < LENGTH(wanted); i++) {
		mesh_time_ms pause = port_deadline(port) - now.ms;
		ck_assert_uint_le(pause, i == 0 ? PORT_FIRST_MS : wanted[i] * 6 / 5);
		ck_assert_uint_le(pause, PORT_BACKOFF_MAX_MS);
		ck_assert_uint_ge(pause, i == 0 ? 0 : wanted[i] * 4 / 5);
		ck_assert_uint_eq(status().state, RADIO_WAITING);
		ck_assert(text_is(status().error, "cannot open: connection refused"));
		wait_ms(pause);
	}
	ck_assert_uint_eq(counts.n[COUNT_PORT_OPEN_FAILED], LENGTH(wanted) + 1);
	wire.open_err = 0;
	wait_ms(port_deadline(port) - now.ms);
	receive("R");
	ck_assert_uint_eq(status().state, RADIO_CONNECTED);
}
START_TEST(a_connection_that_falls_at_once_does_not_start_anew)
{
	wait_ms(0);
	for (int i = 0; i < 6; i++) { /* READY each time, then gone */
		receive("R");
		cut();
		wait_ms(port_deadline(port) - now.ms);
	}
	receive("R");
	cut();
	ck_assert_uint_ge(port_deadline(port) - now.ms, 25000);
}
START_TEST(the_row_starts_anew_after_a_stable_minute_alone)
{
	static const struct {
		mesh_time_ms held;
		bool at_once, anew; /* the attempt after it; the row of pauses */
	} rows[] = { { PORT_HELD_MS - 1, false, false }, { PORT_HELD_MS, true, false },
		{ PORT_STEADY_MS - 1, true, false }, { PORT_STEADY_MS, true, true } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		wire.open_err = -ECONNREFUSED;
		wait_ms(0);
		for (int k = 0; k < 5; k++) /* at once, 1, 2, 4, 8 s; next is 16 s */
			wait_ms(port_deadline(port) - now.ms);
		wire.open_err = 0;
		wait_ms(port_deadline(port) - now.ms);
		receive("R");
		now.ms += rows[i].held;
		cut();
		mesh_time_ms pause = port_deadline(port) - now.ms;
		ck_assert_msg((pause <= PORT_FIRST_MS) == rows[i].at_once, "%zu: %llu",
		    i, (unsigned long long)pause);
		wire.open_err = -ECONNREFUSED;
		wait_ms(pause);
		pause = port_deadline(port) - now.ms;
		ck_assert_msg((pause <= 1200) == rows[i].anew, "%zu: %llu", i,
		    (unsigned long long)pause);
	}
}
START_TEST(a_connection_that_does_not_come_about_is_given_up)
{
	wire.finish = 0;
	wait_ms(0);
	ck_assert_uint_eq(port_deadline(port), now.ms + PORT_CONNECT_MS);
	wait_ms(PORT_CONNECT_MS - 1);
	ck_assert(wire.open);
	wait_ms(1);
	ck_assert(!wire.open && text_is(status().error, "cannot connect: no answer"));
	ck_assert_uint_eq(status().link.lost.refused, 1);
}
/* The system acknowledges for a radio that does not answer; a path that swallows all
 * acknowledges nothing. */
START_TEST(what_is_sent_and_never_arrives_ends_the_link)
{
	wait_ms(0);
	receive("R");
	wire.waiting = 5;
	wait_ms(60000 - 1);
	ck_assert_uint_eq(status().state, RADIO_CONNECTED);
	wait_ms(1);
	ck_assert(text_is(status().error, "what is sent does not arrive"));
	ck_assert_uint_eq(status().link.lost.silent, 1);
	wire.waiting = 0;
	wait_ms(PORT_FIRST_MS);
	receive("R");
	wait_ms(60000); /* arrived: nothing is awaited any more */
	ck_assert_uint_eq(port_deadline(port), MESH_NEVER);
	ck_assert_uint_eq(status().state, RADIO_CONNECTED);
}
START_TEST(what_a_dead_link_still_holds_is_read)
{
	wait_ms(0);
	receive("R");
	wire.write_most = -EPIPE;
	drv.greet = true;
	wire.incoming = "PPP";
	wait_ms(0); /* the write fails; the text had come before */
	drain();
	ck_assert(status().state == RADIO_CONNECTED && port_deadline(port) == 0);
	wait_ms(0); /* what came before is read */
	drain();
	wait_ms(0); /* and then the end */
	ck_assert_uint_eq(status().state, RADIO_WAITING);
	ck_assert_uint_eq(status().rx_packets, 3);
	ck_assert(text_is(status().error, "cannot write: connection closed"));
}
START_TEST(a_device_that_nobody_named_is_listened_to_before_it_is_spoken_to)
{
	port_free(port);
	listen_ms = 2000;
	port = make(&with_link);
	listen_ms = 0;
	wait_ms(0);
	ck_assert(wire.open && !drv.up && !port_wants_write(port));
	ck_assert_uint_eq(port_deadline(port), now.ms + 2000);
	receive("boot text"); /* as radios print it */
	port_writable(port, now);
	wait_ms(1999);
	ck_assert(wire.open && wire.sent_len == 0 && !drv.up);
	wait_ms(1);
	ck_assert(drv.up && wire.sent_len == 5);
	cut();
	wait_ms(PORT_FIRST_MS);
	receive("$GNGGA,0");
	ck_assert(text_is(status().error, "a GPS receiver talks there"));
	ck_assert(!wire.open && wire.sent_len == 5);
}
START_TEST(a_port_that_appears_is_tried_soon)
{
	port_free(port);
	struct port_params params = { .name = text("roof"),
		.driver = &with_link,
		.link = &fake_link,
		.at = { .host = text("10.0.0.7"), .device = text("/dev/ttyUSB0") },
		.counts = &counts };
	wire.open_err = -ENOENT;
	port = port_new(&params, now);
	wait_ms(0);
	for (int i = 0; i < 5; i++)
		wait_ms(port_deadline(port) - now.ms);
	ck_assert_uint_gt(port_deadline(port), now.ms + 5000);
	port_hurry(port, now);
	ck_assert_uint_eq(port_deadline(port), now.ms + PORT_PLUG_MS);
	wire.open_err = 0;
	wait_ms(PORT_PLUG_MS);
	receive("R");
	port_hurry(port, now); /* another one: nothing to us */
	ck_assert_uint_eq(status().state, RADIO_CONNECTED);
	ck_assert_uint_eq(port_deadline(port), now.ms + 60000); /* of what was sent */
}
START_TEST(a_radio_is_let_go_of_and_taken_back)
{
	wait_ms(0);
	receive("R");
	ck_assert_int_eq(port_release(port, 0, now), MESH_OK); /* it is ours */
	ck_assert_uint_eq(status().state, RADIO_CONNECTED);
	ck_assert_int_eq(port_release(port, 60000, now), MESH_OK);
	ck_assert(!wire.open && !drv.up && status().state == RADIO_WAITING);
	ck_assert(text_is(status().error, "released for another program"));
	ck_assert_int_eq(status().released_until_ms, now.unix_ms + 60000);
	ck_assert_int_eq(port_release(port, 1000, now), MESH_OK);
	ck_assert_int_eq(status().released_until_ms, now.unix_ms + 60000);
	port_hurry(port, now);
	ck_assert_uint_eq(port_deadline(port), now.ms + 60000);
	wait_ms(59999);
	ck_assert(!wire.open);
	wait_ms(1);
	receive("R");
	ck_assert_uint_eq(status().state, RADIO_CONNECTED);
	ck_assert(!(status().has & 1ULL << RADIO_ROW_RELEASED_UNTIL));
	ck_assert_int_eq(port_release(port, 60000, now), MESH_OK);
	ck_assert_int_eq(port_release(port, 0, now), MESH_OK);
	ck_assert(!(status().has & 1ULL << RADIO_ROW_RELEASED_UNTIL));
	wait_ms(PORT_REST_MS); /* the other one's link is gone by then */
	ck_assert(wire.open);
	ck_assert_uint_eq(status().link.lost.closed, 0); /* nothing was lost */
}
START_TEST(what_happened_to_the_radio_is_counted)
{
	wait_ms(0);
	receive("R1123R");
	ck_assert_uint_eq(status().changes.rebooted, 2);
	ck_assert_uint_eq(status().changes.wiped, 1);
	ck_assert_uint_eq(status().changes.replaced, 1);
}
START_TEST(what_needs_a_person_is_failed_and_tried_again)
{
	wire.open_err = -EACCES;
	wait_ms(0);
	ck_assert_uint_eq(status().state, RADIO_FAILED);
	ck_assert(text_is(status().error, "cannot open: permission denied"));
	wire.open_err = 0;
	wait_ms(PORT_FIRST_MS);
	receive("R");
	ck_assert_uint_eq(status().state, RADIO_CONNECTED);
}
START_TEST(a_radio_that_does_not_answer_is_left)
{
	wait_ms(0);
	receive("RS");
	ck_assert_uint_eq(port_deadline(port), 0);
	wait_ms(0);
	ck_assert_uint_eq(status().state, RADIO_WAITING);
	ck_assert(text_is(status().error, "the radio does not answer"));
	ck_assert_uint_eq(counts.n[COUNT_PORT_STUCK], 1);
	ck_assert_uint_eq(wire.closed, 1);
}
START_TEST(a_link_that_takes_little_gets_all_in_the_end)
{
	wire.write_most = 2;
	wait_ms(0);
	ck_assert_uint_eq(wire.sent_len, 5);
	cut();
	wire.sent_len = 0;
	wire.write_most = 0;
	wait_ms(PORT_FIRST_MS);
	ck_assert(port_wants_write(port) && wire.sent_len == 0);
	wire.write_most = 3;
	port_writable(port, now);
	ck_assert(!port_wants_write(port) && wire.sent_len == 5);
	wire.write_most = -EPIPE;
	drv.greet = true;
	port_writable(port, now);
	wait_ms(0);
	ck_assert(text_is(status().error, "cannot write: connection closed"));
	ck_assert_uint_eq(status().state, RADIO_WAITING);
}
START_TEST(half_a_message_does_not_go_to_the_next_link)
{
	wire.write_most = 0;
	wait_ms(0);
	cut();
	wire.write_most = 100;
	wait_ms(PORT_FIRST_MS);
	ck_assert(wire.sent_len == 5 && memcmp(wire.sent, "hello", 5) == 0);
}
START_TEST(each_link_has_its_number)
{
	uint64_t before = port_link_number(port);
	wait_ms(0);
	uint64_t first = port_link_number(port);
	ck_assert_uint_ne(before, first);
	cut();
	ck_assert_uint_ne(port_link_number(port), first);
}
START_TEST(a_driver_without_a_link_is_up_at_once)
{
	port_free(port);
	port = make(&without_link);
	wait_ms(0);
	ck_assert(drv.up && wire.opened == 0 && port_fd(port) == -1);
	drv.queue[0] = 'R';
	drv.count = 1;
	drain();
	ck_assert_uint_eq(status().state, RADIO_CONNECTED);
	ck_assert(status().simulated);
	drv.deadline = now.ms + 50;
	ck_assert_uint_eq(port_deadline(port), now.ms + 50);
	wait_ms(49);
	ck_assert_uint_eq(drv.ticks, 0);
	wait_ms(1);
	ck_assert_uint_eq(drv.ticks, 1);
	ck_assert_uint_eq(port_deadline(port), MESH_NEVER);
}
START_TEST(the_version_moves_with_the_state_alone)
{
	wait_ms(0);
	receive("R");
	uint64_t version = port_version(port);
	receive("PPP");
	wait_ms(5);
	ck_assert_uint_eq(port_version(port), version);
	cut();
	ck_assert_uint_ne(port_version(port), version);
}
START_TEST(a_request_needs_a_link)
{
	struct radio_request q = { .kind = REQUEST_TEXT };
	ck_assert_int_eq(port_submit(port, &q, now), MESH_IO);
	wait_ms(0);
	ck_assert_int_eq(port_submit(port, &q, now), MESH_OK);
}
/* Who records wants to see how the radio introduces itself; who forgets it pays
 * nothing. */
START_TEST(a_link_is_recorded_from_its_beginning_until_nobody_fetches)
{
	struct recorder_line line;
	wait_ms(0);
	ck_assert(wire.open);
	struct recorder *r = port_record(port, now);
	ck_assert(r != NULL && !wire.open);
	wait_ms(PORT_REST_MS);
	ck_assert(wire.open);
	receive("\x94\xc3\x01\x01P");
	for (int i = 0; i < 256; i++)
		receive("P");
	ck_assert_ptr_eq(port_record(port, now), r);
	ck_assert(recorder_next(r, &line) && !line.from_client);
	ck_assert_uint_eq(line.bytes.len, 4 + 257);
	wait_ms(PORT_RECORDING_MS - 1);
	uint64_t number = port_link_number(port);
	ck_assert_ptr_eq(port_record(port, now), r);
	ck_assert_uint_eq(port_link_number(port), number);
	wait_ms(PORT_RECORDING_MS);
	wait_ms(PORT_CONNECT_MS); /* it may have been silent: a link again */
	number = port_link_number(port);
	ck_assert(port_record(port, now) != NULL);
	ck_assert_uint_gt(port_link_number(port), number);
}
CHECK_MODULE(port, setup, a_radio_that_greets_back_is_connected,
    each_order_has_its_own_outcome, why_connections_ended_is_counted,
    a_heartbeat_is_timed, a_link_that_connects_slowly_is_waited_for,
    after_a_loss_the_first_attempt_comes_at_once, attempts_grow_rarer_up_to_a_minute,
    a_connection_that_falls_at_once_does_not_start_anew,
    the_row_starts_anew_after_a_stable_minute_alone,
    a_connection_that_does_not_come_about_is_given_up,
    what_is_sent_and_never_arrives_ends_the_link, what_a_dead_link_still_holds_is_read,
    what_happened_to_the_radio_is_counted, a_radio_is_let_go_of_and_taken_back,
    a_device_that_nobody_named_is_listened_to_before_it_is_spoken_to,
    a_port_that_appears_is_tried_soon, what_needs_a_person_is_failed_and_tried_again,
    a_radio_that_does_not_answer_is_left, a_link_that_takes_little_gets_all_in_the_end,
    half_a_message_does_not_go_to_the_next_link, each_link_has_its_number,
    a_driver_without_a_link_is_up_at_once, the_version_moves_with_the_state_alone,
    a_request_needs_a_link, a_link_is_recorded_from_its_beginning_until_nobody_fetches)
