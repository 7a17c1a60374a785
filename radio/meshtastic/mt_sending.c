#include "mt_sending.h"
#include "airtime.h"
#include "id.h"
#include "mt_payload.h"
#include "text.h"

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
	return airtime_ms(&r->air.modem,
	    MT_HEADER_BYTES + MT_DATA_BYTES + mt_payload_size(q) + around(q));
}

/* --- packets that we make --- */

/* Numbers that name nobody or everybody are no node. */
static bool
is_addressee(const struct radio_request *q)
{
	struct mt_payload_kind kind = mt_payload_kind(q->kind);
	struct id to = q->to;
	if (!id_is(&to))
		return !kind.asks; /* one asks one node */
	if (to.kind == ID_MT_NODE)
		to = mt_node_id(id_number(&to));
	return to.kind == ID_MT_NODE;
}

static bool
is_body(const struct radio_request *q)
{
	if (q->kind == REQUEST_WAYPOINT)
		return true;
	if (q->kind != REQUEST_TEXT)
		return q->body.len == 0;
	return q->body.len > 0 && q->body.len <= mt_sending_text_max(q) &&
	    text_is_utf8(q->body);
}

/* MESH_MALFORMED: this network cannot carry it.  The message's payload is `payload`. */
static enum mesh_err
read_request(struct radio *r, const struct radio_request *q, struct bytes_out *payload,
    struct mt_message *out)
{
	struct mt_payload_kind kind = mt_payload_kind(q->kind);
	if (!is_addressee(q) || !is_body(q) ||
	    mt_payload_put(r, q, payload) != MESH_OK || payload->failed)
		return MESH_MALFORMED;
	*out = (struct mt_message){ .to = id_is(&q->to) ? id_number(&q->to)
							: MT_BROADCAST,
		.id = q->packet,
		.port = kind.port,
		.reply_id = q->reply,
		.emoji = q->emoji,
		.channel = q->channel,
		.hop_limit = q->hop_limit == HOPS_AS_SET ? r->hop_limit : q->hop_limit,
		.want_ack = q->want_ack,
		.want_response = kind.asks,
		.payload = bytes_written(payload) };
	return MESH_OK;
}

static enum mesh_err
submit_message(struct radio *r, const struct radio_request *q)
{
	uint8_t block[STREAM_PAYLOAD_MAX], copy_block[MT_COPY_BYTES];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct bytes_out copy = bytes_out(copy_block, sizeof copy_block);
	uint8_t payload_block[MT_PAYLOAD_MAX];
	struct bytes_out payload = bytes_out(payload_block, sizeof payload_block);
	struct mt_message m;
	enum mesh_err err = read_request(r, q, &payload, &m);
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
	if (m.want_response)
		mt_delivery_expect(&r->delivery, m.id);
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
	if (mt_payload_kind(q->kind).port == 0)
		return MESH_DENIED;
	return submit_message(r, q);
}
