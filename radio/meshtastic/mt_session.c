#include "mt_session.h"
#include "mt_frames.h"
#include "mt_opening.h"
#include "mt_order.h"
#include "mt_own.h"
#include "mt_sending.h"
#include "mt_settings.h"
#include "mt_wish.h"
#include <assert.h>
#include <stdlib.h>

enum {
	WAKE_BYTES = 32,
	WAKE_BYTE =
	    0xC3, /* no start of a frame: pushes a parser on, never confuses it */
	HEARTBEAT_MS = 30000,
	SILENCE_MS = 90000
};

static void
send_want_config(struct radio *r)
{
	uint8_t block[16];
	struct bytes_out out = bytes_out(block, sizeof block);
	mt_put_want_config(&out, r->handshake.nonce);
	mt_cache_clear(&r->cache);
	mt_radio_count(r, COUNT_PORT_HANDSHAKES_ASKED, 1);
	(void)mt_radio_send(r, bytes_written(&out)); /* no room: the stall asks again */
}

static void
send_heartbeat(struct radio *r)
{
	uint8_t block[16];
	struct bytes_out out = bytes_out(block, sizeof block);
	mt_put_heartbeat(&out, 0); /* 1 would make it transmit */
	if (mt_radio_send(r, bytes_written(&out)))
		mt_radio_count(r, COUNT_PORT_HEARTBEATS_SENT, 1);
	if (r->unanswered++ == 0)
		r->unanswered_ms = r->now.ms;
	r->heartbeat_due_ms = r->now.ms + r->heartbeat_ms;
}

static struct radio *
create(const struct radio_params *params)
{
	struct radio *r = calloc(1, sizeof *r);
	if (r == NULL)
		return NULL;
	r->heartbeat_ms = params->heartbeat_ms > 0 ? params->heartbeat_ms
						   : HEARTBEAT_MS;
	r->silence_ms = params->silence_ms > 0 ? params->silence_ms : SILENCE_MS;
	/* Asked early enough that silence is known when it is over. */
	if (r->heartbeat_ms > r->silence_ms / 3)
		r->heartbeat_ms = r->silence_ms / 3;
	r->grace_ms = GRACE_MS < r->silence_ms / 3 ? GRACE_MS : r->silence_ms / 3;
	r->hears_proxy = params->hears_proxy;
	r->stream = stream_init(r->input_block, sizeof r->input_block);
	r->output = bytes_out(r->output_block, sizeof r->output_block);
	r->cache = (struct mt_cache){ .ptr = r->cache_block,
		.cap = sizeof r->cache_block,
		.entries = r->cache_entries,
		.entry_cap = LENGTH(r->cache_entries) };
	r->air.queue_free = UINT8_MAX;
	mt_handshake_seed(&r->handshake, params->seed);
	r->clock.wanted = params->set_time;
	mt_opener_take(&r->opener, params->keys);
	return r;
}

static void
destroy(struct radio *r)
{
	bytes_wipe(&r->opener, sizeof r->opener);
	free(r);
}

/* Nothing of an old link may reach a new one: half frames, bytes, waiting requests. */
static void
link_down(struct radio *r, struct mesh_now now)
{
	struct mt_outcome outcome;
	mt_radio_input(r, now);
	stream_reset(&r->stream);
	mt_handshake_stop(&r->handshake);
	mt_own_forget(r);
	r->output.len = 0;
	r->ready = r->answers = r->recalls = false;
	r->air.queue_free = UINT8_MAX;
	r->unanswered = 0;
	r->event_next = r->event_count = 0;
	while (mt_delivery_lost(&r->delivery, &outcome))
		mt_radio_report(r, &outcome);
	mt_order_lost(r);
}

static void
link_up(struct radio *r, struct mesh_now now)
{
	link_down(r, now);
	r->up_unix_ms = now.unix_ms;
	r->heard_ms = now.ms;
	for (size_t i = 0; i < WAKE_BYTES; i++)
		bytes_put_u8(&r->output, WAKE_BYTE);
	mt_handshake_start(&r->handshake, now.ms);
}

static void
receive(struct radio *r, struct bytes_view bytes, struct mesh_now now)
{
	mt_radio_input(r, now);
	size_t taken = stream_put(&r->stream, bytes);
	mt_radio_count(r, COUNT_PORT_BYTES_SEEN, bytes.len);
	mt_radio_count(r, COUNT_PORT_BYTES_DROPPED, bytes.len - taken);
}

static void
give_up(struct radio *r, enum radio_stuck reason)
{
	struct radio_event *e = mt_radio_event(r, RADIO_STUCK);
	mt_radio_count(r, COUNT_PORT_GIVEN_UP, 1);
	mt_handshake_stop(&r->handshake);
	r->ready = false;
	if (e != NULL)
		e->reason = (uint16_t)reason;
}

static mesh_time_ms
silent_at(const struct radio *r)
{
	mesh_time_ms by_silence = r->heard_ms + r->silence_ms;
	mesh_time_ms by_heartbeat = r->unanswered_ms + r->grace_ms;
	if (!r->ready || !r->answers || r->unanswered == 0)
		return MESH_NEVER;
	return by_silence > by_heartbeat ? by_silence : by_heartbeat;
}

static void
tick(struct radio *r, struct mesh_now now)
{
	struct mt_outcome outcome;
	mt_radio_input(r, now);
	enum mt_handshake_step step = mt_handshake_tick(&r->handshake, now.ms);
	if (step == MT_STEP_ASK)
		send_want_config(r);
	if (step == MT_STEP_GIVE_UP)
		give_up(r, STUCK_HANDSHAKE);
	if (now.ms >= silent_at(r))
		give_up(r, STUCK_SILENT);
	if (r->ready && now.ms >= r->heartbeat_due_ms)
		send_heartbeat(r);
	mt_order_tick(r);
	while (mt_delivery_expired(&r->delivery, now.ms, &outcome))
		mt_radio_report(r, &outcome);
}

static enum mesh_err
submit(struct radio *r, const struct radio_request *q, struct mesh_now now)
{
	mt_radio_input(r, now);
	enum mesh_err err = mt_sending_submit(r, q);
	mt_radio_count(r, COUNT_PORT_SENT_REFUSED, err != MESH_OK);
	return err;
}

static bool
next_bytes(struct radio *r, struct bytes_view *out)
{
	*out = bytes_view(
	    r->output_block + r->output_given, r->output.len - r->output_given);
	r->output_given = r->output.len;
	return out->len > 0;
}

static bool
next_event(struct radio *r, struct radio_event *out)
{
	struct stream_frame frame;
	while (r->event_next == r->event_count) {
		if (mt_frames_release(r))
			continue;
		if (!stream_next(&r->stream, &frame))
			break;
		mt_frames_take(r, &frame);
	}
	if (r->event_next == r->event_count) {
		r->undrained = false;
		return false;
	}
	*out = r->events[r->event_next++];
	return true;
}

static mesh_time_ms
earlier(mesh_time_ms a, mesh_time_ms b)
{
	return a < b ? a : b;
}

static mesh_time_ms
deadline(const struct radio *r)
{
	mesh_time_ms heartbeat = r->ready ? r->heartbeat_due_ms : MESH_NEVER;
	mesh_time_ms first = earlier(
	    mt_handshake_deadline(&r->handshake), silent_at(r));
	first = earlier(first, mt_delivery_deadline(&r->delivery));
	first = earlier(first, mt_hold_deadline(&r->hold));
	first = earlier(first, mt_order_deadline(r));
	return r->undrained ? r->now.ms : earlier(first, heartbeat);
}

static bool
air(const struct radio *r, struct radio_air *out)
{
	*out = r->air;
	return r->air_known && r->ready;
}

static bool
setting(const struct radio *r, size_t index, bool secrets, struct arena *into,
    struct radio_setting *out)
{
	return mt_settings_get(
	    &r->cache, r->handshake.my_node, index, secrets, into, out);
}

static enum mesh_err
compare(const struct radio *r, struct text_view section, struct tree_view wanted,
    struct arena *into, struct radio_plan *plan, struct bytes_out *complaint)
{
	const struct mt_wish wish = { &r->cache, r->handshake.my_node, section,
		wanted };
	return mt_wish_compare(&wish, into, plan, complaint);
}

static enum mesh_err
administer(struct radio *r, const struct radio_order *o, struct mesh_now now)
{
	mt_radio_input(r, now);
	return mt_order_administer(r, o);
}

static uint64_t
counter(const struct radio *r, size_t index)
{
	assert(index < COUNT_RADIO_ALL);
	if (index == COUNT_PORT_BYTES_SKIPPED)
		return r->stream.skipped_ever;
	return r->counters[index];
}

static const struct radio_admin_ops admin = {
	.setting = setting,
	.channel = mt_opening_channel,
	.compare = compare,
	.administer = administer,
};

const struct radio_ops radio_meshtastic_ops = {
	.name = "meshtastic",
	.network = NETWORK_MESHTASTIC,
	.needs_link = true,
	.create = create,
	.destroy = destroy,
	.link_up = link_up,
	.link_down = link_down,
	.receive = receive,
	.tick = tick,
	.submit = submit,
	.text_max = mt_sending_text_max,
	.airtime = mt_sending_airtime,
	.air = air,
	.admin = &admin,
	.next_bytes = next_bytes,
	.next_event = next_event,
	.deadline = deadline,
	.counter = counter,
};
