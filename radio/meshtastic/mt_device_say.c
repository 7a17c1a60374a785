#include "mt_codec.h"
#include "mt_device_inside.h"
#include "text.h"

enum { SAY_ITEMS = 40 };

uint32_t
device_draw(struct mt_device *d)
{
	return mt_handshake_random(&d->random);
}

void
device_wake(struct mt_device *d)
{
	if (d->wake_ms <= d->now.ms)
		d->wake_ms = d->now.ms + DEVICE_POLL_MS;
}

struct tree_view
device_tree(
    struct mt_device *d, const struct protobuf_table *t, struct bytes_view bytes)
{
	struct arena arena = arena_init(d->arena_block, sizeof d->arena_block);
	struct tree_view tree;
	if (protobuf_decode(t, bytes, &arena, &tree) != MESH_OK)
		return (struct tree_view){ NULL, 0 };
	return tree;
}

/* --- rings --- */

bool
device_push(struct device_ring *r, struct bytes_view message, bool text)
{
	if (message.len > DEVICE_MESSAGE_MAX || (r->count == r->cap && !text))
		return false;
	if (r->count == r->cap) { /* the oldest goes */
		r->first = (r->first + 1) % r->cap;
		r->count--;
	}
	struct device_message *m = &r->slots[(r->first + r->count++) % r->cap];
	m->len = (uint16_t)message.len;
	m->text = text;
	memcpy(m->bytes, message.ptr, message.len);
	return true;
}

bool
device_pop(struct device_ring *r, struct device_message *out)
{
	if (r->count == 0)
		return false;
	*out = r->slots[r->first];
	r->first = (r->first + 1) % r->cap;
	r->count--;
	return true;
}

/* --- packets --- */

static void
put_data(struct tree_out *t, const struct device_say *s)
{
	tree_open_map(t, "decoded");
	tree_put_u64(t, "portnum", s->port);
	if (s->payload.len > 0)
		tree_put_bytes(t, "payload", s->payload);
	mt_tree_flag(t, "want_response", s->want_response);
	mt_tree_number(t, "request_id", s->request_id);
	mt_tree_number(t, "reply_id", s->reply_id);
	mt_tree_number(t, "emoji", s->emoji);
	if (s->bitfield)
		tree_put_u64(t, "bitfield", 0);
	tree_shut(t);
}

void
device_packet(const struct device_say *s, struct bytes_out *out)
{
	struct tree_item items[SAY_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	mt_tree_number(&t, "from", s->from);
	mt_tree_number(&t, "to", s->to);
	mt_tree_number(&t, "channel", s->channel);
	put_data(&t, s);
	mt_tree_number(&t, "id", s->id);
	mt_tree_number(&t, "rx_time", s->rx_time);
	mt_tree_number(&t, "hop_limit", s->hop_limit);
	mt_tree_flag(&t, "want_ack", s->want_ack);
	mt_tree_number(&t, "priority", s->priority);
	mt_tree_number(&t, "hop_start", s->hop_start);
	mt_tree_flag(&t, "pki_encrypted", s->pki);
	mt_tree_number(&t, "relay_node", s->relay);
	if (protobuf_encode(&mt_mesh_packet, tree_done(&t), out) != MESH_OK)
		out->failed = true;
}

/* The time of reception is the last field: behind whatever the packet holds. */
static void
put_rx_time(struct mt_device *d, struct bytes_out *out)
{
	enum { RX_TIME = 7, BYTES = 4 };
	uint32_t now = (uint32_t)((d->now.unix_ms + d->clock_ms) / 1000);
	if (!d->clock_set)
		return;
	protobuf_put_key(out, RX_TIME, WIRE_I32);
	for (unsigned i = 0; i < BYTES; i++)
		bytes_put_u8(out, (uint8_t)(now >> 8 * i));
}

static void
push_packet(struct mt_device *d, struct device_ring *ring, struct bytes_view packet,
    bool is_text)
{
	uint8_t inner[DEVICE_MESSAGE_MAX], whole[DEVICE_MESSAGE_MAX];
	struct bytes_out body = bytes_out(inner, sizeof inner);
	struct bytes_out out = bytes_out(whole, sizeof whole);
	struct mt_packet p;
	bytes_put_view(&body, packet);
	if (mt_packet_read(packet, &p) && (p.has & MT_HAS_RX_TIME) == 0)
		put_rx_time(d, &body);
	protobuf_put_key(&out, FROM_PACKET, WIRE_LEN);
	protobuf_put_varint(&out, body.len);
	bytes_put_view(&out, bytes_written(&body));
	if (!body.failed && !out.failed)
		(void)device_push(ring, bytes_written(&out), is_text);
}

void
device_tell_raw(struct mt_device *d, struct bytes_view packet, bool is_text)
{
	push_packet(d, &d->packets, packet, is_text);
}

void
device_tell(struct mt_device *d, const struct device_say *say)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	device_packet(say, &out);
	if (!out.failed)
		push_packet(d, say->to == d->number ? &d->local : &d->packets,
		    bytes_written(&out), mt_port_is_text(say->port));
}

void
device_put_routing(struct bytes_out *out, enum mt_routing_error error)
{
	enum { ERROR_REASON = 3 }; /* on the wire though it be 0: a choice's member */
	protobuf_put_key(out, ERROR_REASON, WIRE_VARINT);
	protobuf_put_varint(out, error);
}

void
device_error(struct mt_device *d, uint32_t request_id, enum mt_routing_error error)
{
	uint8_t block[8];
	struct bytes_out payload = bytes_out(block, sizeof block);
	device_put_routing(&payload, error);
	device_tell(d,
	    &(struct device_say){ .from = d->number,
		.to = d->number,
		.id = device_draw(d),
		.port = MT_PORT_ROUTING,
		.request_id = request_id,
		.hop_limit = error == ROUTING_NO_RESPONSE ? DEVICE_HOPS : 0,
		.priority = PRIORITY_ACK,
		.payload = bytes_written(&payload) });
}

/* --- what is no packet --- */

void
device_put_status(
    struct mt_device *d, uint32_t result, uint32_t id, struct bytes_out *out)
{
	struct tree_item items[SAY_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	tree_open_map(&t, "queueStatus");
	mt_tree_number(&t, "res", result);
	mt_tree_number(&t, "free", device_free(d));
	tree_put_u64(&t, "maxlen", DEVICE_QUEUE);
	mt_tree_number(&t, "mesh_packet_id", id);
	tree_shut(&t);
	if (protobuf_encode(&mt_from_radio, tree_done(&t), out) != MESH_OK)
		out->failed = true;
}

void
device_status(struct mt_device *d, uint32_t result, uint32_t id)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	device_put_status(d, result, id, &out);
	(void)device_push(&d->statuses, bytes_written(&out), true);
}

void
device_note(struct mt_device *d, uint32_t id, const char *sentence)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct tree_item items[SAY_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	tree_open_map(&t, "clientNotification");
	tree_put_u64(&t, "reply_id", id);
	tree_put_text(&t, "level", text("WARNING"));
	tree_put_text(&t, "message", text(sentence));
	tree_shut(&t);
	if (protobuf_encode(&mt_from_radio, tree_done(&t), &out) == MESH_OK)
		(void)device_push(&d->notes, bytes_written(&out), true);
}
