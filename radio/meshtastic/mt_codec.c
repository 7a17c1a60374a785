#include "mt_codec.h"
#include "id.h"
#include "mt_words.h"
#include "text.h"

/* --- a packet in numbers --- */

static bool
read_data(struct bytes_view data, struct mt_packet *p)
{
	struct bytes_in in = bytes_in(data);
	struct protobuf_item f;
	while (protobuf_next(&in, &f)) {
		uint32_t n = (uint32_t)f.value;
		switch (f.number << 3 | f.wire) {
		case 1 << 3 | WIRE_VARINT:
			p->port = n;
			break;
		case 2 << 3 | WIRE_LEN:
			p->payload = f.bytes;
			break;
		case 3 << 3 | WIRE_VARINT:
			p->want_response = f.value != 0;
			break;
		case 6 << 3 | WIRE_I32:
			p->request_id = n;
			break;
		case 7 << 3 | WIRE_I32:
			p->reply_id = n;
			break;
		case 8 << 3 | WIRE_I32:
			p->emoji = n;
			break;
		case 9 << 3 | WIRE_VARINT:
			p->has |= MT_HAS_BITFIELD;
			p->bitfield = n;
			break;
		}
	}
	return !in.failed;
}

static void
read_header(const struct protobuf_item *f, struct mt_packet *p)
{
	uint32_t n = (uint32_t)f->value;
	switch (f->number << 3 | f->wire) {
	case 1 << 3 | WIRE_I32:
		p->from = n;
		break;
	case 2 << 3 | WIRE_I32:
		p->to = n;
		break;
	case 3 << 3 | WIRE_VARINT:
		p->channel = n;
		break;
	case 6 << 3 | WIRE_I32:
		p->id = n;
		break;
	case 9 << 3 | WIRE_VARINT:
		p->hop_limit = n;
		break;
	case 10 << 3 | WIRE_VARINT:
		p->want_ack = f->value != 0;
		break;
	case 15 << 3 | WIRE_VARINT:
		p->hop_start = n;
		break;
	case 19 << 3 | WIRE_VARINT:
		p->relay_node = n;
		break;
	}
}

static void
read_circumstances(const struct protobuf_item *f, struct mt_packet *p)
{
	uint32_t n = (uint32_t)f->value;
	switch (f->number << 3 | f->wire) {
	case 7 << 3 | WIRE_I32:
		p->rx_time = n;
		break;
	case 8 << 3 | WIRE_I32:
		p->snr = protobuf_float(f->value);
		break;
	case 12 << 3 | WIRE_VARINT:
		p->rssi = (int32_t)n;
		break;
	case 14 << 3 | WIRE_VARINT:
		p->via_mqtt = f->value != 0;
		break;
	case 17 << 3 | WIRE_VARINT:
		p->pki_encrypted = f->value != 0;
		break;
	case 21 << 3 | WIRE_VARINT:
		p->transport = n;
		break;
	}
}

/* rx_rssi is never 0 for something heard, and tells whether an SNR of 0 was measured:
 * on the wire 0 dB and "not measured" look the same. */
static void
mark_present(struct mt_packet *p)
{
	if (p->rx_time != 0)
		p->has |= MT_HAS_RX_TIME;
	if (p->rssi != 0)
		p->has |= MT_HAS_RSSI | MT_HAS_SNR;
	if (p->snr != 0.0F)
		p->has |= MT_HAS_SNR;
}

bool
mt_packet_read(struct bytes_view raw, struct mt_packet *out)
{
	struct bytes_in in = bytes_in(raw);
	struct bytes_view data = { NULL, 0 }, sealed = { NULL, 0 };
	struct protobuf_item f;
	*out = (struct mt_packet){ 0 };
	while (protobuf_next(&in, &f)) {
		if (f.wire == WIRE_LEN && (f.number == 4 || f.number == 5)) {
			data = f.number == 4 ? f.bytes : (struct bytes_view){ NULL, 0 };
			sealed = f.number == 5 ? f.bytes
					       : (struct bytes_view){ NULL, 0 };
		}
		read_header(&f, out);
		read_circumstances(&f, out);
	}
	mark_present(out);
	if (data.ptr != NULL) {
		out->has |= MT_HAS_DECODED;
		return read_data(data, out) && !in.failed;
	}
	if (sealed.ptr != NULL) {
		out->has |= MT_HAS_ENCRYPTED;
		out->payload = sealed;
	}
	return !in.failed;
}

bool
mt_packet_hops(const struct mt_packet *p, uint32_t *hops_away)
{
	bool known = p->hop_start > 0 || (p->has & MT_HAS_BITFIELD) != 0;
	if (!known || p->hop_start < p->hop_limit)
		return false;
	*hops_away = p->hop_start - p->hop_limit;
	return true;
}

/* --- normal form --- */

struct id
mt_node_id(uint32_t number)
{
	/* 0: nobody; 1: everybody, but not over LoRa; all ones: everybody. */
	if (number <= 1 || number == MT_BROADCAST)
		return (struct id){ 0 };
	return id_of_node(ID_MT_NODE, number);
}

uint32_t
mt_packet_via(const struct mt_packet *p)
{
	enum {
		TRANSPORT_MQTT = 5,
		TRANSPORT_MULTICAST_UDP = 6,
		TRANSPORT_UNICAST_UDP = 8
	};
	uint32_t via = 0;
	if (p->via_mqtt || p->transport == TRANSPORT_MQTT)
		via |= VIA_MQTT;
	if (p->transport == TRANSPORT_MULTICAST_UDP ||
	    p->transport == TRANSPORT_UNICAST_UDP)
		via |= VIA_UDP;
	return via;
}

static void
mark(struct radio_reception *r, bool present, unsigned row)
{
	if (present)
		r->has |= UINT64_C(1) << row;
}

/* What no radio can have measured is not passed on as if it had been. */
static bool
is_level(const struct mt_packet *p)
{
	enum { RSSI_MIN = -200, RSSI_MAX = 50 };
	return (p->has & MT_HAS_RSSI) != 0 && p->rssi >= RSSI_MIN &&
	    p->rssi <= RSSI_MAX;
}

static bool
is_ratio(const struct mt_packet *p)
{
	const float snr_max = 64.0F; /* dB; NaN fails both comparisons */
	bool measured = p->snr != 0.0F || is_level(p);
	return measured && p->snr >= -snr_max && p->snr <= snr_max;
}

static void
mark_reception(const struct mt_packet *p, struct radio_reception *r)
{
	enum { HOPS_MAX = 7 };
	bool hops = p->hop_start > 0 || (p->has & MT_HAS_BITFIELD) != 0;
	bool sane = p->hop_start <= HOPS_MAX && p->hop_limit <= HOPS_MAX;
	mark(r, p->id != 0 && id_is(&r->from), RECEPTION_PACKET);
	mark(r, true, RECEPTION_NETWORK);
	mark(r, id_is(&r->from), RECEPTION_FROM);
	mark(r, id_is(&r->to), RECEPTION_TO);
	mark(
	    r, (p->has & MT_HAS_DECODED) != 0 && p->port <= UINT16_MAX, RECEPTION_TYPE);
	mark(r, p->channel <= UINT8_MAX, RECEPTION_CHANNEL);
	mark(r, sane && (hops || p->hop_limit > 0), RECEPTION_HOP_LIMIT);
	mark(r, sane && hops, RECEPTION_HOP_START);
	mark(r, is_level(p), RECEPTION_RSSI);
	mark(r, is_ratio(p), RECEPTION_SNR);
	mark(r, true, RECEPTION_TIME);
	mark(r, (p->has & MT_HAS_RX_TIME) != 0, RECEPTION_CLAIMED);
	mark(r, r->via != 0, RECEPTION_VIA);
	mark(r, true, RECEPTION_RAW);
}

void
mt_reception(const struct mt_packet *p, struct bytes_view raw, unix_ms now,
    struct radio_reception *out)
{
	*out = (struct radio_reception){
		.from = mt_node_id(p->from),
		.to = mt_node_id(p->to),
		.network = NETWORK_MESHTASTIC,
		.type = (uint16_t)p->port,
		.hop_limit = (uint8_t)p->hop_limit,
		.hop_start = (uint8_t)p->hop_start,
		.channel = (uint8_t)p->channel,
		.rssi = p->rssi,
		.snr = p->snr,
		.time_ms = now,
		.claimed_ms = (unix_ms)p->rx_time * 1000,
		.via = mt_packet_via(p),
		.raw = raw,
	};
	if (p->id != 0 && id_is(&out->from))
		out->packet = id_of_packet(ID_MT_PACKET, p->from, p->id);
	mark_reception(p, out);
}

/* --- contents by port --- */

static const struct {
	uint32_t port;
	const struct protobuf_table *table;
} payloads[] = {
	{ MT_PORT_POSITION, &mt_position },
	{ MT_PORT_NODEINFO, &mt_user },
	{ MT_PORT_ROUTING, &mt_routing },
	{ MT_PORT_ADMIN, &mt_admin_message },
	{ MT_PORT_WAYPOINT, &mt_waypoint },
	{ MT_PORT_KEY_VERIFICATION, &mt_key_verification },
	{ MT_PORT_PAXCOUNTER, &mt_paxcount },
	{ MT_PORT_NODE_STATUS, &mt_status_message },
	{ MT_PORT_STORE_FORWARD, &mt_store_forward },
	{ MT_PORT_TELEMETRY, &mt_telemetry },
	{ MT_PORT_SIMULATOR, &mt_compressed },
	{ MT_PORT_TRACEROUTE, &mt_route_discovery },
	{ MT_PORT_NEIGHBORINFO, &mt_neighbor_info },
	{ MT_PORT_MAP_REPORT, &mt_map_report },
};

const struct protobuf_table *
mt_payload_table(uint32_t port)
{
	for (size_t i = 0; i < LENGTH(payloads); i++)
		if (payloads[i].port == port)
			return payloads[i].table;
	return NULL;
}

bool
mt_port_is_text(uint32_t port)
{
	return port == MT_PORT_TEXT || port == MT_PORT_DETECTION_SENSOR ||
	    port == MT_PORT_ALERT || port == MT_PORT_RANGE_TEST;
}

const char *
mt_port_name(uint32_t port)
{
	for (const struct protobuf_word *w = mt_words_ports; w->name != NULL; w++)
		if ((uint32_t)w->value == port)
			return w->name;
	return NULL;
}

/* --- what we say to the radio --- */

enum { TO_RADIO_ITEMS = 16 };

/* Trees built here are right by construction; only room can lack, and that sticks. */
static void
put_to_radio(const struct tree_out *t, struct bytes_out *out)
{
	if (protobuf_encode(&mt_to_radio, tree_done(t), out) != MESH_OK)
		out->failed = true;
}

void
mt_put_want_config(struct bytes_out *out, uint32_t nonce)
{
	struct tree_item items[TO_RADIO_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	tree_put_u64(&t, "want_config_id", nonce);
	put_to_radio(&t, out);
}

void
mt_put_heartbeat(struct bytes_out *out, uint32_t nonce)
{
	struct tree_item items[TO_RADIO_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	tree_open_map(&t, "heartbeat");
	if (nonce != 0)
		tree_put_u64(&t, "nonce", nonce);
	tree_shut(&t);
	put_to_radio(&t, out);
}

void
mt_tree_number(struct tree_out *t, const char *name, uint64_t n)
{
	if (n != 0)
		tree_put_u64(t, name, n);
}

void
mt_tree_flag(struct tree_out *t, const char *name, bool is)
{
	if (is)
		tree_put_bool(t, name, true);
}

static void
put_data(struct tree_out *t, const struct mt_message *m)
{
	tree_open_map(t, "decoded");
	tree_put_u64(t, "portnum", m->port);
	if (m->payload.len > 0)
		tree_put_bytes(t, "payload", m->payload);
	mt_tree_flag(t, "want_response", m->want_response != 0);
	mt_tree_number(t, "reply_id", m->reply_id);
	mt_tree_number(t, "emoji", m->emoji);
	tree_shut(t);
}

void
mt_put_message(struct bytes_out *out, const struct mt_message *m)
{
	struct tree_item items[TO_RADIO_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	tree_open_map(&t, "packet");
	tree_put_u64(&t, "to", m->to);
	mt_tree_number(&t, "channel", m->channel);
	put_data(&t, m);
	tree_put_u64(&t, "id", m->id);
	mt_tree_number(&t, "hop_limit", m->hop_limit);
	mt_tree_flag(&t, "want_ack", m->want_ack != 0);
	tree_shut(&t);
	put_to_radio(&t, out);
}

void
mt_put_heard(
    struct bytes_out *out, const struct mt_message *m, uint32_t from, uint32_t rx_time)
{
	struct tree_item items[TO_RADIO_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	tree_put_u64(&t, "from", from);
	tree_put_u64(&t, "to", m->to);
	mt_tree_number(&t, "channel", m->channel);
	put_data(&t, m);
	tree_put_u64(&t, "id", m->id);
	mt_tree_number(&t, "rx_time", rx_time);
	mt_tree_number(&t, "hop_limit", m->hop_limit);
	mt_tree_flag(&t, "want_ack", m->want_ack != 0);
	mt_tree_number(&t, "hop_start", m->hop_limit);
	if (protobuf_encode(&mt_mesh_packet, tree_done(&t), out) != MESH_OK)
		out->failed = true;
}
