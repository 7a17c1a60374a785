#include "mt_device_inside.h"

enum { RELAYED_MS = 1200, ACKED_MS = 1800, ANSWERED_MS = 4000, REPLAYED_MS = 3600000 };

/* --- plans --- */

static struct device_plan *
plan_in(struct mt_device *d, mesh_time_ms ms)
{
	for (size_t i = 0; i < LENGTH(d->plans); i++) {
		struct device_plan *plan = &d->plans[i];
		if (plan->used)
			continue;
		*plan = (struct device_plan){ .used = true, .due_ms = d->now.ms + ms };
		return plan;
	}
	return NULL; /* a mesh may be deaf, too */
}

static void
plan_packet(struct mt_device *d, mesh_time_ms ms, const struct device_say *say)
{
	struct device_plan *plan = plan_in(d, ms);
	if (plan == NULL)
		return;
	struct bytes_out out = bytes_out(plan->packet.bytes, sizeof plan->packet.bytes);
	device_packet(say, &out);
	plan->packet.len = (uint16_t)out.len;
	plan->used = !out.failed;
}

/* Somebody else is there to repeat it. */
static bool
has_relay(const struct mt_device *d, uint32_t to)
{
	return mt_cache_count(&d->cache, FROM_NODE_INFO) >
	    1U + (to != MT_BROADCAST && device_knows(d, to));
}

/* --- answers: false: the node has none --- */

static bool
answer_trace(struct mt_device *d, uint32_t node, struct bytes_out *out)
{
	/* RouteDiscovery: nobody between, 5 and 6 dB */
	static const uint8_t direct[] = { 0x12, 0x01, 20, 0x22, 0x01, 24 };
	(void)d, (void)node;
	bytes_put(out, direct, sizeof direct);
	return true;
}

static bool
answer_position(struct mt_device *d, uint32_t node, struct bytes_out *out)
{
	struct bytes_view position = device_position(d, node);
	bytes_put_view(out, position);
	return position.len > 0;
}

static bool
answer_telemetry(struct mt_device *d, uint32_t node, struct bytes_out *out)
{
	(void)d, (void)node;
	device_put_metrics(out);
	return true;
}

static const struct answer {
	uint32_t port;
	bool (*put)(struct mt_device *d, uint32_t node, struct bytes_out *out);
} answers[] = {
	{ MT_PORT_TRACEROUTE, answer_trace },
	{ MT_PORT_POSITION, answer_position },
	{ MT_PORT_TELEMETRY, answer_telemetry },
};

static const struct answer *
answer_to(const struct mt_packet *p)
{
	for (size_t i = 0; i < LENGTH(answers); i++)
		if (p->want_response && answers[i].port == p->port)
			return &answers[i];
	return NULL;
}

/* An answer stands for the acknowledgement; who has none says so. */
static void
plan_answer(struct mt_device *d, const struct mt_packet *p)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	const struct answer *a = answer_to(p);
	bool answered = a != NULL && a->put(d, p->to, &out);
	if (!answered)
		device_put_routing(
		    &out, a != NULL ? ROUTING_NO_RESPONSE : ROUTING_NONE);
	plan_packet(d, answered ? ANSWERED_MS : ACKED_MS,
	    &(struct device_say){ .from = p->to,
		.to = d->number,
		.id = device_draw(d),
		.request_id = p->id,
		.hop_limit = DEVICE_HOPS,
		.hop_start = DEVICE_HOPS,
		.relay = p->to & 0xff,
		.bitfield = true,
		.port = answered ? a->port : MT_PORT_ROUTING,
		.priority = answered ? 0 : PRIORITY_ACK,
		.payload = bytes_written(&out) });
}

void
device_mesh_plan(struct mt_device *d, struct bytes_view packet)
{
	struct mt_packet p;
	if (!mt_packet_read(packet, &p))
		return;
	if (p.want_ack && p.hop_limit > 0 && has_relay(d, p.to)) {
		struct device_plan *plan = plan_in(d, RELAYED_MS);
		if (plan != NULL)
			plan->overhears = p.id;
	}
	bool asks = p.want_ack || answer_to(&p) != NULL;
	if (p.to != MT_BROADCAST && asks && device_knows(d, p.to))
		plan_answer(d, &p);
}

void
device_mesh(struct mt_device *d)
{
	for (size_t i = 0; i < LENGTH(d->plans); i++) {
		struct device_plan plan = d->plans[i];
		if (!plan.used || plan.due_ms > d->now.ms)
			continue;
		d->plans[i].used = false;
		if (plan.overhears != 0)
			mt_device_overhear(d, plan.overhears, d->now);
		else
			mt_device_hear(
			    d, bytes_view(plan.packet.bytes, plan.packet.len), d->now);
	}
}

mesh_time_ms
device_mesh_due(const struct mt_device *d)
{
	mesh_time_ms due = MESH_NEVER;
	for (size_t i = 0; i < LENGTH(d->plans); i++)
		if (d->plans[i].used && d->plans[i].due_ms < due)
			due = d->plans[i].due_ms;
	return due;
}

/* --- 2.8: what it heard long ago comes once more --- */

/* A position of each node that has one, as if just heard but for its time. */
void
device_replay(struct mt_device *d)
{
	enum { NUM = 1, POSITION = 3 };
	for (size_t i = 0; i < d->cache.count; i++) {
		const struct mt_cache_entry *e = &d->cache.entries[i];
		struct bytes_in in = bytes_in(
		    bytes_view(d->cache.ptr + e->offset, e->len));
		struct protobuf_item f;
		if (e->kind != FROM_NODE_INFO || e->key == d->number)
			continue;
		while (protobuf_next(&in, &f))
			if (f.number == POSITION && f.wire == WIRE_LEN)
				device_tell(d,
				    &(struct device_say){ .from = e->key,
					.to = MT_BROADCAST,
					.id = device_draw(d),
					.port = MT_PORT_POSITION,
					.rx_time = (uint32_t)((d->now.unix_ms -
								  REPLAYED_MS) /
					    1000),
					.payload = f.bytes });
	}
}
