#include "air_world.h"
#include "id.h"
#include "stream.h"
#include "text.h"
#include <errno.h>
#include <stdlib.h>

struct air_world world;

/* --- the link --- */

struct link {
	uint8_t in[16384], out[16384];
	size_t in_len, out_len;
	bool closed;
};
static struct link *line;

static int
line_open(struct link **out, const struct link_params *params)
{
	(void)params;
	if (world.away)
		return -ECONNREFUSED;
	*out = line = calloc(1, sizeof *line);
	return 0;
}

static void
line_close(struct link *l)
{
	if (l == line)
		line = NULL;
	free(l);
}

static int
line_fd(const struct link *l)
{
	(void)l;
	return 7;
}

static int
line_finish(struct link *l)
{
	(void)l;
	return 1;
}

static int64_t
line_read(struct link *l, void *to, size_t cap)
{
	size_t len = l->in_len < cap ? l->in_len : cap;
	if (len == 0)
		return l->closed ? 0 : -EAGAIN;
	memcpy(to, l->in, len);
	l->in_len -= len;
	memmove(l->in, l->in + len, l->in_len);
	return (int64_t)len;
}

static int64_t
line_write(struct link *l, const void *from, size_t len)
{
	ck_assert_uint_le(l->out_len + len, sizeof l->out);
	memcpy(l->out + l->out_len, from, len);
	l->out_len += len;
	return (int64_t)len;
}

static const struct link_ops line_ops = { "tcp", line_open, line_close, line_fd,
	line_finish, line_read, line_write, NULL, NULL };

/* --- the radio --- */

static void
say(struct bytes_view payload)
{
	ck_assert(line != NULL);
	struct bytes_out out = bytes_out(
	    line->in + line->in_len, sizeof line->in - line->in_len);
	stream_write(&out, payload);
	ck_assert(!out.failed);
	line->in_len += out.len;
}

void
air_world_say(uint32_t member, struct bytes_view message)
{
	uint8_t block[STREAM_PAYLOAD_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	protobuf_put_key(&out, member, WIRE_LEN);
	protobuf_put_varint(&out, message.len);
	bytes_put_view(&out, message);
	say(bytes_written(&out));
}

static void
say_queue(int32_t res, uint32_t packet)
{
	uint8_t block[64];
	struct bytes_out out = bytes_out(block, sizeof block);
	protobuf_put_key(&out, 1, WIRE_VARINT);
	protobuf_put_varint(&out, (uint64_t)(int64_t)res);
	protobuf_put_key(&out, 2, WIRE_VARINT);
	protobuf_put_varint(&out, world.free_places);
	protobuf_put_key(&out, 4, WIRE_VARINT);
	protobuf_put_varint(&out, packet);
	air_world_say(11, bytes_written(&out));
}

void
air_world_queue(uint8_t free_places)
{
	world.free_places = free_places;
	say_queue(0, 0);
}

static void
put_fixed(struct bytes_out *out, uint32_t number, uint32_t value)
{
	protobuf_put_key(out, number, WIRE_I32);
	for (unsigned i = 0; i < 32; i += 8)
		bytes_put_u8(out, (uint8_t)(value >> i));
}

static void
say_data(uint32_t from, uint32_t port, struct bytes_view payload, uint32_t request)
{
	static uint32_t id = 1000;
	uint8_t block[256], data_block[128];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct bytes_out data = bytes_out(data_block, sizeof data_block);
	protobuf_put_key(&data, 1, WIRE_VARINT);
	protobuf_put_varint(&data, port);
	protobuf_put_key(&data, 2, WIRE_LEN);
	protobuf_put_varint(&data, payload.len);
	bytes_put_view(&data, payload);
	if (request != 0)
		put_fixed(&data, 6, request);
	put_fixed(&out, 1, from);
	put_fixed(&out, 2, 16);
	protobuf_put_key(&out, 4, WIRE_LEN);
	protobuf_put_varint(&out, data.len);
	bytes_put_view(&out, bytes_written(&data));
	put_fixed(&out, 6, ++id);
	air_world_say(2, bytes_written(&out));
}

void
air_world_route(uint32_t from, uint32_t packet, uint8_t error)
{
	const uint8_t payload[] = { 0x18, error };
	say_data(from, MT_PORT_ROUTING, bytes_view(payload, sizeof payload), packet);
}

void
air_world_utilization(float channel, float ours)
{
	uint8_t block[16] = { 0x12, 10, 3 << 3 | WIRE_I32, 0, 0, 0, 0,
		4 << 3 | WIRE_I32 };
	memcpy(block + 3, &channel, sizeof channel);
	memcpy(block + 8, &ours, sizeof ours);
	say_data(16, MT_PORT_TELEMETRY, bytes_view(block, 12), 0);
}

static void
tell_configuration(uint64_t nonce)
{
	uint8_t block[16];
	struct bytes_out out = bytes_out(block, sizeof block);
	say(hex("1a04081058"
		"01"));
	say(hex("6a0c0a0a322e372e32362e353465")); /* firmware 2.7.26.54e */
	say(hex("520412001801"));                 /* channel 0, the primary */
	struct bytes_view lora = hex(world.lora);
	uint8_t config[64] = { 6 << 3 | WIRE_LEN, (uint8_t)lora.len };
	memcpy(config + 2, lora.ptr, lora.len);
	air_world_say(5, bytes_view(config, lora.len + 2));
	protobuf_put_key(&out, 7, WIRE_VARINT);
	protobuf_put_varint(&out, nonce);
	say(bytes_written(&out));
}

static void
take_packet(struct bytes_view packet)
{
	static const int32_t results[] = {
		[RADIO_TAKES] = 0, [RADIO_REFUSES] = 39, [RADIO_IS_FULL] = 32
	};
	struct mt_packet p;
	ck_assert(mt_packet_read(packet, &p));
	ck_assert_uint_lt(world.sent_count, AIR_SENT);
	size_t i = world.sent_count++;
	snprintf(world.sent[i].text, sizeof world.sent[i].text, "%.*s",
	    (int)p.payload.len, (const char *)p.payload.ptr);
	world.sent[i].p = p;
	world.sent[i].ms = world.now.ms;
	if (world.mood != RADIO_MUTE)
		say_queue(results[world.mood], p.id);
}

static void
take(struct bytes_view to_radio)
{
	struct bytes_in in = bytes_in(to_radio);
	struct protobuf_item item;
	while (protobuf_next(&in, &item)) {
		if (item.number == 1)
			take_packet(item.bytes);
		else if (item.number == 3)
			tell_configuration(item.value);
		else if (item.number == 7)
			say_queue(0, 0);
	}
}

static void
listen(void)
{
	static uint8_t block[16384];
	struct stream s = stream_init(block, sizeof block);
	struct stream_frame frame;
	if (line == NULL || line->out_len == 0)
		return;
	ck_assert_uint_eq(
	    stream_put(&s, bytes_view(line->out, line->out_len)), line->out_len);
	line->out_len = 0;
	while (stream_next(&s, &frame))
		take(frame.payload);
}

void
air_world_hang_up(void)
{
	ck_assert(line != NULL);
	line->closed = true;
}

/* --- the site --- */

static enum mesh_err
keep_airtime(struct text_view room, struct bytes_view key, struct bytes_view value)
{
	ck_assert(text_is(room, "air") && key.len == 1 && key.ptr[0] < PORTS_MAX);
	if (world.store_is_full)
		return MESH_FULL;
	ck_assert_uint_le(value.len, sizeof world.airtime[0].bytes);
	memcpy(world.airtime[key.ptr[0]].bytes, value.ptr, value.len);
	world.airtime[key.ptr[0]].len = value.len;
	return MESH_OK;
}

enum mesh_err
store_kept(struct store *s, struct text_view room, struct bytes_view key,
    struct bytes_out *value)
{
	(void)s, (void)room;
	ck_assert(key.len == 1 && key.ptr[0] < PORTS_MAX);
	bytes_put(
	    value, world.airtime[key.ptr[0]].bytes, world.airtime[key.ptr[0]].len);
	return world.airtime[key.ptr[0]].len > 0 ? MESH_OK : MESH_NOT_FOUND;
}

enum mesh_err
store_keep(struct store *s, struct text_view room, struct bytes_view key,
    struct bytes_view value, enum store_sync sync, uint64_t token)
{
	(void)s, (void)sync;
	if (STORE_OWNER(token) == OWNER_AIR)
		return keep_airtime(room, key, value);
	ck_assert(text_is(room, outbox_room) && key.len == 1);
	ck_assert_int_eq(STORE_OWNER(token), OWNER_OUTBOX);
	if (world.store_is_full)
		return MESH_FULL;
	ck_assert_uint_le(value.len, OUTBOX_BODY);
	ck_assert_uint_lt(world.written_count, AIR_SENT);
	world.written[world.written_count].number = STORE_NUMBER(token);
	world.written[world.written_count++].err = world.disk_err;
	if (world.disk_err != MESH_OK)
		return MESH_OK;
	memcpy(world.kept[key.ptr[0]].bytes, value.ptr, value.len);
	world.kept[key.ptr[0]].len = value.len;
	return MESH_OK;
}

static void
tell_written(void)
{
	for (size_t i = 0; i < world.written_count; i++)
		world.caller += outbox_kept(world.outbox, world.written[i].number,
		    world.written[i].err, world.now);
	world.written_count = 0;
}

static void
draw(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	rng_bytes(out, len);
}

static void
begin(bool tx)
{
	const struct radio_section section = { .driver = DRIVER_MESHTASTIC,
		.host = text("10.0.0.7"),
		.heartbeat = 30000,
		.silence = 90000,
		.tx = tx };
	world.ports = ports_new(&(struct ports_params){
	    .tcp = &line_ops, .seed = 3, .counts = &world.counts });
	world.air = air_new(&(struct air_params){ world.ports, &world.counts });
	world.feed = feed_new(512, 1 << 20);
	world.outbox = outbox_new(&(struct outbox_params){ .air = world.air,
	    .ports = world.ports,
	    .feed = world.feed,
	    .counts = &world.counts,
	    .site = text("here"),
	    .random = draw });
	world.told = (struct feed_reader){ .topics = FEED_MESSAGE,
		.stages = FEED_HEARD };
	feed_join(world.feed, &world.told);
	for (size_t i = 0; i < OUTBOX_MESSAGES; i++)
		if (world.kept[i].len > 0)
			outbox_load(world.outbox, i,
			    bytes_view(world.kept[i].bytes, world.kept[i].len));
	air_cells_load(air_airtime(world.air), NULL, world.now);
	outbox_resume(world.outbox, world.now);
	ck_assert_int_eq(
	    ports_put(world.ports, text("roof"), &section, world.now), MESH_OK);
	air_permit(world.air, text("roof"), tx);
}

void
air_world_stop(void)
{
	outbox_free(world.outbox);
	air_free(world.air);
	ports_free(world.ports);
	feed_free(world.feed);
}

void
air_world_start(bool tx)
{
	air_world_stop();
	/* use_preset, LONG_FAST, EU_868, hop_limit 3, tx_enabled */
	memset(&world, 0, sizeof world);
	world.now = (struct mesh_now){ .ms = 1000, .unix_ms = 1700000000000 };
	world.free_places = 16;
	world.lora = "0801380340034801";
	begin(tx);
	air_world_pass(5000);
}

void
air_world_restart(bool tx)
{
	air_world_stop();
	world.written_count = 0;
	begin(tx);
	air_world_pass(5000);
}

static void
take_events(struct port *p)
{
	struct radio_event event;
	while (port_next_event(p, &event, world.now)) {
		air_event(world.air, &event, world.now);
		outbox_event(world.outbox, NETWORK_MESHTASTIC, &event, world.now);
	}
}

/* One turn; true: something was said. */
static bool
turn(void)
{
	struct port *p = ports_at(world.ports, 0);
	listen();
	bool heard = line != NULL && (line->in_len > 0 || line->closed);
	if (heard)
		port_readable(p, world.now);
	if (p != NULL) {
		take_events(p);
		port_tick(p, world.now);
		take_events(p);
	}
	tell_written();
	(void)air_tick(world.air, world.now);
	outbox_tick(world.outbox, world.now);
	air_cells_keep(air_airtime(world.air), NULL, &world.counts, world.now);
	return heard || (line != NULL && line->out_len > 0);
}

static mesh_time_ms
next_due(mesh_time_ms end)
{
	const mesh_time_ms dues[] = { ports_deadline(world.ports),
		air_deadline(world.air), outbox_deadline(world.outbox) };
	for (size_t i = 0; i < LENGTH(dues); i++)
		if (dues[i] < end)
			end = dues[i];
	return end > world.now.ms ? end : world.now.ms + 1;
}

void
air_world_pass(mesh_time_ms ms)
{
	mesh_time_ms end = world.now.ms + ms;
	for (;;) {
		for (int i = 0; turn() && i < 1000; i++)
			continue;
		if (world.now.ms >= end)
			return;
		mesh_time_ms next = next_due(end);
		world.now.unix_ms += (unix_ms)(next - world.now.ms);
		world.now.ms = next;
	}
}
