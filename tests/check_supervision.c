/* The port over the real driver and a radio in virtual time: how long until a fault is
 * known, and what is no fault. */
#include "model_world.h"
#include "port.h"
#include "protobuf.h"
#include "stream.h"
#include "text.h"
#include <errno.h>

enum { SILENCE_MS = 90000, HEARTBEAT_MS = 30000, DAY_MS = 24 * 3600 * 1000 };

/* --- a radio: answers what it is asked, in no time, if it does at all --- */

static struct {
	const char *firmware; /* FromRadio.metadata, hex */
	bool answers;         /* heartbeats; radios before 2.7 do not */
	bool deaf;            /* accepts bytes, says nothing */
	bool away;            /* nobody accepts a connection */
	bool swallows;        /* ... and not even the system at the other end answers */
	bool open;
	unsigned opened, heartbeats;
	mesh_time_ms accepted_ms, last_said_ms;
	uint8_t said[4096];
	size_t said_len, said_at;
	struct stream heard;
	uint8_t heard_block[4096];
	uint64_t waiting;
} device;

static struct port *port;
static struct mesh_now now;
static struct meshd_counts counts;

static void
device_says(struct bytes_view message)
{
	struct bytes_out out = bytes_out(
	    device.said + device.said_len, sizeof device.said - device.said_len);
	stream_write(&out, message);
	ck_assert(!out.failed);
	device.said_len += out.len;
	device.last_said_ms = now.ms;
}

static void
device_tells_all(uint64_t nonce)
{
	uint8_t block[16];
	struct bytes_out out = bytes_out(block, sizeof block);
	device_says(hex("1a0408104001"));
	device_says(hex(device.firmware));
	protobuf_put_key(&out, 7, WIRE_VARINT);
	protobuf_put_varint(&out, nonce);
	device_says(bytes_written(&out));
}

static void
device_hears(struct bytes_view to_radio)
{
	enum { WANT_CONFIG = 3, HEARTBEAT = 7 };
	struct bytes_in in = bytes_in(to_radio);
	struct protobuf_item item;
	while (protobuf_next(&in, &item)) {
		if (item.number == WANT_CONFIG)
			device_tells_all(item.value);
		device.heartbeats += item.number == HEARTBEAT;
		if (item.number == HEARTBEAT && device.answers)
			device_says(hex("5a0410101810"));
	}
}

static int
device_open(struct link **out, const struct link_params *params)
{
	(void)params;
	ck_assert_msg(!device.open, "two links to one radio");
	if (device.away)
		return -ECONNREFUSED;
	device.open = true;
	device.opened++;
	device.accepted_ms = now.ms;
	device.said_len = device.said_at = 0;
	device.heard = stream_init(device.heard_block, sizeof device.heard_block);
	*out = (struct link *)&device;
	return 0;
}

static void
device_close(struct link *l)
{
	(void)l;
	device.open = false;
	device.waiting = 0;
}

static int
device_fd(const struct link *l)
{
	(void)l;
	return 42;
}

static int
device_finish(struct link *l)
{
	(void)l;
	return 1;
}

static int64_t
device_read(struct link *l, void *to, size_t cap)
{
	(void)l;
	size_t len = device.said_len - device.said_at;
	if (len == 0)
		return -EAGAIN;
	len = len < cap ? len : cap;
	memcpy(to, device.said + device.said_at, len);
	device.said_at += len;
	return (int64_t)len;
}

static int64_t
device_write(struct link *l, const void *from, size_t len)
{
	(void)l;
	struct stream_frame frame;
	if (device.swallows)
		device.waiting += len;
	if (device.deaf || device.swallows)
		return (int64_t)len;
	device.said_len = device.said_at = 0;
	ck_assert_uint_eq(stream_put(&device.heard, bytes_view(from, len)), len);
	while (stream_next(&device.heard, &frame))
		device_hears(frame.payload);
	return (int64_t)len;
}

static uint64_t
device_waiting(const struct link *l)
{
	(void)l;
	return device.waiting;
}

static const struct link_ops device_link = { "device", device_open, device_close,
	device_fd, device_finish, device_read, device_write, device_waiting, NULL };

/* --- the world around the port --- */

static const char firmware_27[] = "6a0c0a0a322e372e32362e353465";
static const char firmware_26[] = "6a0c0a0a322e362e31312e353465";

static void
setup(void)
{
	port_free(port);
	memset(&device, 0, sizeof device);
	device.firmware = firmware_27;
	device.answers = true;
	now = (struct mesh_now){ .ms = 1000, .unix_ms = 1700000000000 };
	const struct port_params params = { .name = text("roof"),
		.driver = radio_driver(text("meshtastic")),
		.link = &device_link,
		.at = { .host = text("10.0.0.7"), .port = 4403 },
		.radio = { .heartbeat_ms = HEARTBEAT_MS, .silence_ms = SILENCE_MS },
		.seed = 5,
		.counts = &counts };
	port = port_new(&params, now);
	ck_assert_ptr_nonnull(port);
}

static struct radio_status
status(void)
{
	struct radio_status s;
	port_status(port, &s);
	return s;
}

static void
turn(void)
{
	struct radio_event event;
	bool any = true;
	port_tick(port, now);
	while (any) {
		any = false;
		while (port_next_event(port, &event, now))
			any = true;
		if (port_fd(port) >= 0 && device.said_at < device.said_len) {
			port_readable(port, now);
			any = true;
		}
	}
}

/* On to the next deadline, or to `end`: nothing happens between them. */
static void
step(mesh_time_ms end)
{
	mesh_time_ms due = port_deadline(port);
	mesh_time_ms next = due < end ? due : end;
	if (next > now.ms) {
		now.unix_ms += (unix_ms)(next - now.ms);
		now.ms = next;
	}
	turn();
}

static void
pass(mesh_time_ms ms)
{
	mesh_time_ms end = now.ms + ms;
	turn();
	for (unsigned still = 0; now.ms < end;) {
		mesh_time_ms before = now.ms;
		step(end);
		still = now.ms > before ? 0 : still + 1;
		ck_assert_msg(still < 10, "time stands still");
	}
}

/* How long until the port is in that state; at most an hour. */
static mesh_time_ms
until(enum radio_state state)
{
	mesh_time_ms begin = now.ms;
	turn();
	while (status().state != state) {
		ck_assert_uint_lt(now.ms, begin + 3600000);
		step(begin + 3600000);
	}
	return now.ms - begin;
}

START_TEST(a_quiet_mesh_is_no_fault)
{
	static const struct {
		const char *firmware;
		bool answers;
	} rows[] = { { firmware_27, true }, { firmware_26, false },
		{ firmware_26, true } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		setup();
		device.firmware = rows[i].firmware;
		device.answers = rows[i].answers;
		pass(DAY_MS);
		ck_assert_uint_eq(status().state, RADIO_CONNECTED);
		ck_assert_uint_eq(status().reconnects, 0);
		ck_assert_uint_eq(device.opened, 1);
		ck_assert_uint_ge(device.heartbeats, DAY_MS / HEARTBEAT_MS - 2);
	}
}
START_TEST(a_fault_is_known_in_time)
{
	static const struct {
		const char *why, *firmware;
		bool deaf, swallows;
	} rows[] = { { "stopped, its system acknowledges", firmware_27, true, false },
		{ "a path that swallows all", firmware_27, false, true },
		{ "the same before a radio that never answers", firmware_26, false,
		    true } };
	for (size_t i = 0; i < LENGTH(rows); i++) {
		for (mesh_time_ms after = 1; after < HEARTBEAT_MS; after += 4999) {
			setup();
			device.firmware = rows[i].firmware;
			device.answers = strcmp(rows[i].firmware, firmware_27) == 0;
			pass(10 * HEARTBEAT_MS + after);
			device.deaf = rows[i].deaf;
			device.swallows = rows[i].swallows;
			mesh_time_ms took = until(RADIO_WAITING);
			ck_assert_msg(took <= SILENCE_MS, "%s: %llu ms", rows[i].why,
			    (unsigned long long)took);
			ck_assert_uint_eq(status().link.lost.silent, 1);
			ck_assert_uint_eq(status().reconnects, 0);
		}
	}
}
START_TEST(it_receives_within_three_seconds_of_being_accepted)
{
	pass(100 * 1000);
	for (unsigned i = 0; i < 20; i++) {
		device.away = device.deaf = true;
		until(RADIO_WAITING);
		pass(i * 977);
		device.away = device.deaf = false;
		unsigned before = device.opened;
		until(RADIO_CONNECTED);
		ck_assert_uint_eq(device.opened, before + 1);
		ck_assert_uint_le(now.ms - device.accepted_ms, 3000);
	}
}
CHECK_MODULE(supervision, setup, a_quiet_mesh_is_no_fault, a_fault_is_known_in_time,
    it_receives_within_three_seconds_of_being_accepted)
