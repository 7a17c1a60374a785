#include "mt_coarse.h"
#include "mt_device_inside.h"
#include "text.h"

enum { HEAR_ITEMS = 24 };

/* --- what comes of our own packets --- */

static struct device_sending *
sending_of(struct mt_device *d, uint32_t id)
{
	for (size_t i = 0; i < LENGTH(d->queue); i++)
		if (d->queue[i].used && d->queue[i].id == id)
			return &d->queue[i];
	return NULL;
}

static void
settle(struct mt_device *d, uint32_t id)
{
	struct device_sending *s = sending_of(d, id);
	if (s == NULL)
		return;
	s->want_ack = false; /* it may still be in the queue */
	s->used = s->queued;
}

void
mt_device_overhear(struct mt_device *d, uint32_t id, struct mesh_now now)
{
	mt_device_tick(d, now);
	struct device_sending *s = sending_of(d, id);
	if (s == NULL || !s->want_ack || s->tries == 0)
		return;
	settle(d, id);
	device_error(d, id, ROUTING_NONE);
	device_wake(d);
}

/* --- what we say about ourselves --- */

static unsigned
precision(struct mt_device *d)
{
	int64_t bits = 0;
	struct tree_view channel = device_tree(
	    d, &mt_channel, mt_cache_get(&d->cache, FROM_CHANNEL, 0));
	(void)tree_i64(channel, "settings.module_settings.position_precision", &bits);
	return bits >= 1 && bits <= 32 ? (unsigned)bits : 0;
}

bool
device_put_position(struct mt_device *d, struct bytes_out *out)
{
	struct tree_item items[HEAR_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	int64_t lat = 0, lon = 0, altitude = 0;
	unsigned bits = precision(d);
	struct tree_view self = device_tree(
	    d, &mt_node_info, mt_cache_get(&d->cache, FROM_NODE_INFO, d->number));
	if (bits == 0 || !tree_i64(self, "position.latitude_i", &lat) ||
	    !tree_i64(self, "position.longitude_i", &lon))
		return false;
	tree_put_i64(&t, "latitude_i", mt_coarse_number((int32_t)lat, bits));
	tree_put_i64(&t, "longitude_i", mt_coarse_number((int32_t)lon, bits));
	if (tree_i64(self, "position.altitude", &altitude))
		tree_put_i64(&t, "altitude", altitude);
	tree_put_text(&t, "location_source", text("LOC_MANUAL"));
	tree_put_u64(&t, "ground_speed", 0);
	tree_put_u64(&t, "ground_track", 0);
	tree_put_u64(&t, "precision_bits", bits);
	return protobuf_encode(&mt_position, tree_done(&t), out) == MESH_OK;
}

void
device_put_metrics(struct bytes_out *out)
{
	/* Telemetry{device_metrics{battery 101: mains}} */
	static const uint8_t mains[] = { 0x12, 0x02, 0x08, 101 };
	bytes_put(out, mains, sizeof mains);
}

/* --- answers --- */

static bool
put_answer(struct mt_device *d, const struct mt_packet *p, struct bytes_out *out)
{
	switch (p->port) {
	case MT_PORT_TRACEROUTE: /* the way that it came, as it stands in it */
		bytes_put_view(out, p->payload);
		return !out->failed;
	case MT_PORT_POSITION:
		return device_put_position(d, out);
	case MT_PORT_TELEMETRY:
		device_put_metrics(out);
		return true;
	case MT_PORT_NODEINFO:
		if (d->info_ms != 0 && d->now.ms - d->info_ms < DEVICE_INFO_MS)
			return false;
		bytes_put_view(out, device_own_user(d));
		return !out->failed;
	case MT_PORT_ADMIN:
		device_put_routing(out, ROUTING_ADMIN_UNAUTHORIZED);
		return true;
	}
	return false;
}

static bool
answer(struct mt_device *d, const struct mt_packet *p)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out payload = bytes_out(block, sizeof block);
	bool asked = p->to == d->number ||
	    (p->port == MT_PORT_TRACEROUTE && p->hop_start == 0);
	if (!p->want_response || p->request_id != 0 || !asked ||
	    !put_answer(d, p, &payload))
		return false;
	struct device_say say = { .from = d->number,
		.to = p->from,
		.id = device_draw(d),
		.port = p->port == MT_PORT_ADMIN ? (uint32_t)MT_PORT_ROUTING : p->port,
		.request_id = p->id,
		.channel = p->channel,
		.hop_limit = DEVICE_HOPS,
		.hop_start = DEVICE_HOPS,
		.relay = d->number & 0xff,
		.want_ack = p->want_ack,
		.bitfield = true,
		.payload = bytes_written(&payload) };
	device_status(d, device_send(d, &say), say.id);
	return true;
}

/* An acknowledgement goes out without a status.  That of a text is to be acknowledged
 * itself. */
static void
acknowledge(struct mt_device *d, const struct mt_packet *p)
{
	uint8_t block[8];
	struct bytes_out payload = bytes_out(block, sizeof block);
	device_put_routing(&payload, ROUTING_NONE);
	(void)device_send(d,
	    &(struct device_say){ .from = d->number,
		.to = p->from,
		.id = device_draw(d),
		.port = MT_PORT_ROUTING,
		.request_id = p->id,
		.channel = p->channel,
		.hop_limit = DEVICE_HOPS,
		.hop_start = DEVICE_HOPS,
		.relay = d->number & 0xff,
		.priority = PRIORITY_ACK,
		.want_ack = p->port == MT_PORT_TEXT,
		.bitfield = true,
		.payload = bytes_written(&payload) });
}

static bool
is_heard_again(struct mt_device *d, const struct mt_packet *p)
{
	uint64_t name = (uint64_t)p->from << 32 | p->id;
	for (size_t i = 0; i < LENGTH(d->heard); i++)
		if (p->id != 0 && d->heard[i] == name)
			return true;
	d->heard[d->heard_next] = name;
	d->heard_next = (d->heard_next + 1) % LENGTH(d->heard);
	return false;
}

/* Traffic between others leaves no trace here but in the node list. */
void
mt_device_hear(struct mt_device *d, struct bytes_view packet, struct mesh_now now)
{
	struct mt_packet p;
	mt_device_tick(d, now);
	device_make_up(d);
	if (mt_device_is_off(d) || !mt_packet_read(packet, &p) || p.from == 0 ||
	    p.from == d->number || is_heard_again(d, &p))
		return;
	device_learn(d, &p);
	bool ours = p.to == d->number;
	if (ours && p.request_id != 0)
		settle(d, p.request_id);
	if (!answer(d, &p) && ours && p.want_ack)
		acknowledge(d, &p);
	if (ours || p.to == MT_BROADCAST)
		device_tell_raw(d, packet, mt_port_is_text(p.port));
	device_wake(d);
}
