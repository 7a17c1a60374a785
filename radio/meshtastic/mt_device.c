#include "mt_device_inside.h"
#include <stdlib.h>

enum { IDLE_MS = 15 * 60 * 1000 }; /* a client that says nothing is closed then */

/* --- life --- */

static void
carve(struct mt_device *d)
{
	const struct {
		struct device_ring *ring;
		size_t cap;
	} rings[] = {
		{ &d->packets, DEVICE_PACKETS },
		{ &d->statuses, DEVICE_STATUSES },
		{ &d->notes, DEVICE_NOTES },
		{ &d->local, DEVICE_LOCAL },
		{ &d->inbox, DEVICE_LOCAL },
		{ &d->sent, DEVICE_QUEUE },
	};
	struct device_message *slots = d->slots;
	for (size_t i = 0; i < LENGTH(rings); slots += rings[i++].cap)
		*rings[i].ring = (struct device_ring){ slots, rings[i].cap, 0, 0 };
}

static bool
take_room(struct mt_cache *c)
{
	c->ptr = malloc(c->cap);
	c->entries = calloc(c->entry_cap, sizeof *c->entries);
	return c->ptr != NULL && c->entries != NULL;
}

struct mt_device *
mt_device_new(const struct mt_device_params *params)
{
	struct mt_device *d = calloc(1, sizeof *d);
	size_t nodes = params->nodes != 0 ? params->nodes : DEVICE_NODES;
	if (d == NULL)
		return NULL;
	d->cache.cap = DEVICE_CONFIG_BYTES + nodes * DEVICE_NODE_BYTES;
	d->cache.entry_cap = DEVICE_CONFIG_ENTRIES + nodes;
	d->saved.cap = d->cache.cap;
	d->saved.entry_cap = d->cache.entry_cap;
	if (!take_room(&d->cache) || !take_room(&d->saved)) {
		mt_device_free(d);
		return NULL;
	}
	d->params = *params;
	d->number = params->number;
	d->clock_set = params->clock_set;
	d->stream = stream_init(d->input_block, sizeof d->input_block);
	carve(d);
	mt_handshake_seed(&d->random, params->seed);
	struct bytes_out passkey = bytes_out(d->passkey, sizeof d->passkey);
	bytes_put_u64(&passkey,
	    params->passkey != 0 ? params->passkey
				 : (uint64_t)device_draw(d) << 32 | device_draw(d));
	d->boot_ms = d->off_ms = d->metrics_due_ms = MESH_NEVER;
	return d;
}

void
mt_device_free(struct mt_device *d)
{
	if (d == NULL)
		return;
	free(d->cache.ptr);
	free(d->cache.entries);
	free(d->saved.ptr);
	free(d->saved.entries);
	free(d);
}

uint32_t
mt_device_number(const struct mt_device *d)
{
	return d->number;
}

/* --- the client's link --- */

void
mt_device_link_up(struct mt_device *d, struct mesh_now now)
{
	mt_device_tick(d, now);
	device_make_up(d);
	d->up = true;
	d->hangs_up = false;
	d->stage = STAGE_FRESH;
	d->heartbeats = 0;
	d->wake_ms = d->slow_ms = now.ms;
	d->heard_ms = now.ms;
	stream_reset(&d->stream);
	device_reset_limits(d);
}

void
mt_device_link_down(struct mt_device *d, struct mesh_now now)
{
	mt_device_tick(d, now);
	d->up = d->hangs_up = d->stalled = false;
}

bool
mt_device_hangs_up(const struct mt_device *d)
{
	return d->up && d->hangs_up;
}

uint32_t
mt_device_configured(const struct mt_device *d)
{
	return d->configured;
}

uint32_t
mt_device_asked(const struct mt_device *d)
{
	return d->asked;
}

bool
mt_device_is_off(const struct mt_device *d)
{
	return d->off_ms != MESH_NEVER;
}

static bool
is_deaf(const struct mt_device *d)
{
	return d->fault == MT_FAULT_DEAF || d->stalled;
}

/* --- what the client says --- */

static void
want_config(struct mt_device *d, uint32_t nonce)
{
	d->stage = STAGE_ANSWERING;
	d->nonce = nonce;
	d->step = d->cursor = 0;
}

static void
heartbeat(struct mt_device *d, struct bytes_view message)
{
	enum { NONCE = 1, INTRODUCE = 1 };
	struct bytes_in in = bytes_in(message);
	struct protobuf_item f;
	uint64_t nonce = 0;
	while (protobuf_next(&in, &f))
		if (f.number == NONCE && f.wire == WIRE_VARINT)
			nonce = f.value;
	if (nonce == INTRODUCE)
		device_send_info(d);
	else
		d->heartbeats++;
}

/* A frame that is no message is ignored, and the link stays.  So are kinds of message
 * that nobody knows, and the broker's: this radio has its MQTT off. */
static void
obey(struct mt_device *d, struct bytes_view to_radio)
{
	struct bytes_in in = bytes_in(to_radio);
	struct protobuf_item f, last = { 0 };
	while (protobuf_next(&in, &f))
		last = f; /* of a choice the last one counts */
	if (in.failed)
		return;
	switch (last.number << 3 | last.wire) {
	case MT_TO_PACKET << 3 | WIRE_LEN:
		device_take(d, last.bytes);
		break;
	case MT_TO_WANT_CONFIG << 3 | WIRE_VARINT:
		want_config(d, (uint32_t)last.value);
		break;
	case MT_TO_DISCONNECT << 3 | WIRE_VARINT:
		d->hangs_up = true;
		break;
	case MT_TO_HEARTBEAT << 3 | WIRE_LEN:
		heartbeat(d, last.bytes);
		break;
	}
}

void
mt_device_receive(struct mt_device *d, struct bytes_view bytes, struct mesh_now now)
{
	struct stream_frame frame;
	mt_device_tick(d, now);
	if (!d->up || is_deaf(d))
		return;
	d->heard_ms = now.ms;
	while (bytes.len > 0) {
		size_t taken = stream_put(&d->stream, bytes);
		bytes = bytes_view(bytes.ptr + taken, bytes.len - taken);
		while (stream_next(&d->stream, &frame))
			obey(d, frame.payload);
	}
	device_wake(d);
}

/* --- time --- */

static void
boot(struct mt_device *d)
{
	d->boot_ms = MESH_NEVER;
	d->off_ms = d->now.ms + DEVICE_BOOT_MS;
	d->hangs_up = true;
	d->stage = STAGE_FRESH;
	d->packets.count = d->statuses.count = d->notes.count = 0;
	d->local.count = d->inbox.count = d->sent.count = 0;
	for (size_t i = 0; i < LENGTH(d->queue); i++)
		d->queue[i].used = false;
	for (size_t i = 0; i < LENGTH(d->plans); i++)
		d->plans[i].used = false;
	if (d->editing) /* it was not committed */
		device_unsave(d);
	d->editing = false;
	if (d->forgets)
		device_forget(d, true);
	else
		device_count_boot(d);
	d->forgets = false;
}

static void
tell_metrics(struct mt_device *d)
{
	uint8_t block[16];
	struct bytes_out payload = bytes_out(block, sizeof block);
	if (d->metrics_due_ms == MESH_NEVER && d->params.metrics_ms != 0)
		d->metrics_due_ms = d->now.ms + d->params.metrics_ms;
	if (d->now.ms < d->metrics_due_ms)
		return;
	d->metrics_due_ms = d->now.ms + DEVICE_METRICS_MS;
	device_put_metrics(&payload);
	device_tell(d,
	    &(struct device_say){ .from = d->number,
		.to = MT_BROADCAST,
		.id = device_draw(d),
		.port = MT_PORT_TELEMETRY,
		.hop_limit = DEVICE_HOPS,
		.priority = PRIORITY_BACKGROUND,
		.payload = bytes_written(&payload) });
}

void
mt_device_tick(struct mt_device *d, struct mesh_now now)
{
	d->now = now;
	if (now.ms >= d->off_ms)
		d->off_ms = MESH_NEVER;
	if (mt_device_is_off(d))
		return;
	if (now.ms >= d->boot_ms) {
		boot(d);
		return;
	}
	if (now.ms >= d->wake_ms)
		device_take_inbox(d);
	device_air(d);
	device_mesh(d);
	tell_metrics(d);
	if (d->up && now.ms - d->heard_ms >= IDLE_MS)
		d->hangs_up = true;
}

static mesh_time_ms
earlier(mesh_time_ms a, mesh_time_ms b)
{
	return a < b ? a : b;
}

mesh_time_ms
mt_device_deadline(const struct mt_device *d)
{
	if (mt_device_is_off(d))
		return d->off_ms;
	mesh_time_ms due = earlier(device_air_due(d), device_mesh_due(d));
	due = earlier(due, earlier(d->boot_ms, d->metrics_due_ms));
	if (d->up) {
		due = earlier(due, d->heard_ms + IDLE_MS);
		if (d->wake_ms > d->now.ms)
			due = earlier(due, d->wake_ms);
		if (d->slow_ms > d->now.ms)
			due = earlier(due, d->slow_ms);
	}
	return due;
}

/* --- what it says --- */

static bool
next_live(struct mt_device *d, struct bytes_out *out)
{
	struct device_message m;
	while (device_pop(&d->local, &m))
		(void)device_push(&d->packets, bytes_view(m.bytes, m.len), m.text);
	if (!device_pop(&d->statuses, &m) && !device_pop(&d->notes, &m) &&
	    !device_pop(&d->packets, &m))
		return false;
	bytes_put(out, m.bytes, m.len);
	return true;
}

/* In the firmware's order: heartbeats first, then the configuration, and nothing of
 * what happens until the client has all of it. */
static bool
next_message(struct mt_device *d, struct bytes_out *out)
{
	if (d->heartbeats > 0) {
		d->heartbeats--;
		device_put_status(d, RESULT_OK, 0, out);
		return true;
	}
	if (d->stage == STAGE_FRESH)
		return false;
	if (d->stage == STAGE_LIVE)
		return next_live(d, out);
	if (!device_next_config(d, out)) {
		d->stage = STAGE_LIVE;
		if (d->params.replays && d->nonce != MT_NONCE_CONFIG_ONLY)
			device_replay(d);
	}
	return true;
}

static void
put_frame(struct mt_device *d, struct bytes_view payload)
{
	static const char log[] = "INFO  | ??:??:?? 12 [Router] Received packet\r\n";
	size_t start = d->output.len;
	d->fault_frames++;
	if (d->fault == MT_FAULT_LOG && d->fault_frames % d->fault_n == 0)
		bytes_put(&d->output, log, sizeof log - 1);
	stream_write(&d->output, payload);
	if (d->fault == MT_FAULT_HALF) {
		d->output.len = start + (d->output.len - start) / 2;
		d->fault = MT_FAULT_NONE;
		d->stalled = true;
	}
	if (d->fault == MT_FAULT_SLOW)
		d->slow_ms = d->now.ms + d->fault_n;
}

static void
put_once(struct mt_device *d)
{
	static const uint8_t rebooted[] = { FROM_REBOOTED << 3, 1 };
	if (d->fault == MT_FAULT_GARBAGE)
		for (uint32_t i = 0; i < d->fault_n; i++)
			bytes_put_u8(&d->output, (uint8_t)(i % STREAM_START1));
	else if (d->fault == MT_FAULT_REBOOTED)
		stream_write(&d->output, bytes_view(rebooted, sizeof rebooted));
	else
		return;
	d->fault = MT_FAULT_NONE;
}

bool
mt_device_next_bytes(struct mt_device *d, struct bytes_view *out)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	*out = bytes_view(NULL, 0);
	d->output = bytes_out(d->output_block, sizeof d->output_block);
	if (!d->up || d->hangs_up || d->now.ms < d->wake_ms || d->now.ms < d->slow_ms)
		return false;
	put_once(d);
	while (!is_deaf(d) && d->now.ms >= d->slow_ms &&
	    d->output.cap - d->output.len >= STREAM_FRAME_MAX + DEVICE_LOG_BYTES) {
		struct bytes_out message = bytes_out(block, sizeof block);
		if (!next_message(d, &message))
			break;
		put_frame(d, bytes_written(&message));
	}
	*out = bytes_written(&d->output);
	return out->len > 0;
}

bool
mt_device_next_sent(struct mt_device *d, struct bytes_view *out)
{
	bool some = device_pop(&d->sent, &d->fetched);
	*out = bytes_view(d->fetched.bytes, some ? d->fetched.len : 0);
	return some;
}

void
mt_device_fault(struct mt_device *d, enum mt_device_fault fault, uint32_t n)
{
	enum { GARBAGE_MAX = 2048 };
	d->fault = fault;
	d->fault_n = n > 0 ? n : 1;
	if (fault == MT_FAULT_GARBAGE && n > GARBAGE_MAX)
		d->fault_n = GARBAGE_MAX;
	d->fault_frames = 0;
	d->slow_ms = d->now.ms;
}
