#include "mt_sending.h"
#include "airtime.h"
#include "id.h"
#include "text.h"

/* What each kind asks for; a text's payload is the caller's. */
static const struct {
	uint32_t port;
	bool asks;
	uint8_t payload[2], len;
} kinds[REQUEST_KINDS] = {
	[REQUEST_TEXT] = { .port = MT_PORT_TEXT },
	[REQUEST_TRACE] = { .port = MT_PORT_TRACEROUTE, .asks = true },
	[REQUEST_POSITION] = { .port = MT_PORT_POSITION, .asks = true },
	/* Telemetry with an empty device_metrics: which of them is wanted. */
	[REQUEST_TELEMETRY] = { MT_PORT_TELEMETRY, true, { 0x12, 0x00 }, 2 },
};

/* --- how long it may be --- */

static size_t
around(const struct radio_request *q)
{
	size_t more = q->reply != 0 ? MT_FIELD_BYTES : 0;
	more += q->emoji ? MT_FIELD_BYTES : 0;
	return more + (id_is(&q->to) ? MT_SEAL_BYTES : 0);
}

size_t
mt_sending_text_max(const struct radio_request *q)
{
	return MT_PAYLOAD_MAX - around(q);
}

uint32_t
mt_sending_airtime(const struct radio *r, const struct radio_request *q)
{
	return airtime_ms(
	    &r->air.modem, MT_HEADER_BYTES + MT_DATA_BYTES + q->body.len + around(q));
}

/* --- packets that we make --- */

/* MESH_MALFORMED: this network cannot carry it. */
static enum mesh_err
read_request(
    const struct radio *r, const struct radio_request *q, struct mt_message *out)
{
	bool text = q->kind == REQUEST_TEXT, everybody = !id_is(&q->to);
	struct id to = q->to; /* numbers that name nobody or everybody are no node */
	if (to.kind == ID_MT_NODE)
		to = mt_node_id(id_number(&to));
	if (!everybody && to.kind != ID_MT_NODE)
		return MESH_MALFORMED;
	if (text &&
	    (q->body.len == 0 || q->body.len > mt_sending_text_max(q) ||
		!text_is_utf8(q->body)))
		return MESH_MALFORMED;
	if (!text && (everybody || q->body.len > 0))
		return MESH_MALFORMED; /* one asks one node */
	*out = (struct mt_message){ .to = everybody ? MT_BROADCAST : id_number(&q->to),
		.id = q->packet,
		.port = kinds[q->kind].port,
		.reply_id = q->reply,
		.emoji = q->emoji,
		.channel = q->channel,
		.hop_limit = q->hop_limit == HOPS_AS_SET ? r->hop_limit : q->hop_limit,
		.want_ack = q->want_ack,
		.want_response = kinds[q->kind].asks,
		.payload = text
		    ? q->body
		    : bytes_view(kinds[q->kind].payload, kinds[q->kind].len) };
	return MESH_OK;
}

static enum mesh_err
submit_message(struct radio *r, const struct radio_request *q)
{
	uint8_t block[STREAM_PAYLOAD_MAX], copy_block[MT_COPY_BYTES];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct bytes_out copy = bytes_out(copy_block, sizeof copy_block);
	struct mt_message m;
	enum mesh_err err = read_request(r, q, &m);
	if (err != MESH_OK)
		return err;
	if (m.id == 0)
		m.id = mt_handshake_random(&r->handshake);
	mt_put_message(&out, &m);
	mt_put_heard(
	    &copy, &m, r->handshake.my_node, (uint32_t)(r->now.unix_ms / 1000));
	if (out.failed || copy.failed)
		return MESH_MALFORMED;
	if (!mt_delivery_add(
		&r->delivery, q->request, m.id, m.to, bytes_written(&copy), r->now.ms))
		return MESH_FULL;
	if (mt_radio_send(r, bytes_written(&out)))
		return MESH_OK;
	mt_delivery_forget(&r->delivery, m.id);
	return MESH_FULL;
}

/* --- frames of a client --- */

/* The packet in a client's ToRadio, its id 0 if it has none.  False: it is none. */
static bool
packet_in(struct bytes_view to_radio, struct mt_packet *out)
{
	enum { TO_PACKET = 1 };
	struct bytes_in in = bytes_in(to_radio);
	struct protobuf_item item;
	*out = (struct mt_packet){ 0 };
	while (protobuf_next(&in, &item))
		if (item.number == TO_PACKET && item.wire == WIRE_LEN &&
		    !mt_packet_read(item.bytes, out))
			return false;
	return !in.failed;
}

static enum mesh_err
submit_frame(struct radio *r, const struct radio_request *q)
{
	struct mt_packet p;
	if (q->body.len > STREAM_PAYLOAD_MAX || !packet_in(q->body, &p))
		return MESH_MALFORMED;
	if (p.id != 0 &&
	    !mt_delivery_add(
		&r->delivery, q->request, p.id, p.to, bytes_view(NULL, 0), r->now.ms))
		return MESH_FULL;
	if (!mt_radio_send(r, q->body)) {
		mt_delivery_forget(&r->delivery, p.id);
		return MESH_FULL;
	}
	if (p.id == 0)
		mt_radio_report(r,
		    &(struct mt_outcome){
			.request = q->request, .sent = SENT_ACCEPTED });
	return MESH_OK;
}

enum mesh_err
mt_sending_submit(struct radio *r, const struct radio_request *q)
{
	if (!r->ready)
		return MESH_FULL;
	if (q->kind == REQUEST_FRAME)
		return submit_frame(r, q);
	if ((unsigned)q->kind >= REQUEST_KINDS || kinds[q->kind].port == 0)
		return MESH_DENIED;
	return submit_message(r, q);
}
