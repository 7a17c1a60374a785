#include "mt_device_inside.h"

/* --- the client's limits --- */

enum { TRACE_MS = 30000, BUSY_PORT_MS = 10000, TEXT_MS = 2000, PAYLOAD_READ = 233 };

static const struct device_limit limits[] = {
	/* port, least gap in ms */
	{ MT_PORT_TRACEROUTE, TRACE_MS },
	{ MT_PORT_POSITION, BUSY_PORT_MS },
	{ MT_PORT_WAYPOINT, BUSY_PORT_MS },
	{ MT_PORT_ALERT, BUSY_PORT_MS },
	{ MT_PORT_TELEMETRY, BUSY_PORT_MS },
	{ MT_PORT_TEXT, TEXT_MS },
};

void
device_reset_limits(struct mt_device *d)
{
	memset(d->filter, 0, sizeof d->filter);
	for (size_t i = 0; i < LENGTH(limits); i++)
		d->limits[i] = (struct device_limit){ limits[i].port, 0 };
}

/* Too soon after the one before?  Then that one stays the last. */
static bool
is_too_soon(const struct mt_device *d, uint32_t port)
{
	for (size_t i = 0; i < LENGTH(limits); i++)
		if (limits[i].port == port && d->limits[i].last_ms != 0)
			return d->now.ms - d->limits[i].last_ms < limits[i].last_ms;
	return false;
}

static void
mark_use(struct mt_device *d, uint32_t port)
{
	for (size_t i = 0; i < LENGTH(limits); i++)
		if (limits[i].port == port)
			d->limits[i].last_ms = d->now.ms > 0 ? d->now.ms : 1;
}

static bool
is_repeated(struct mt_device *d, uint32_t id)
{
	if (id == 0 || d->params.simulated_air)
		return false;
	for (size_t i = 0; i < LENGTH(d->filter); i++)
		if (d->filter[i] == id)
			return true;
	d->filter[d->filter_next] = id;
	d->filter_next = (d->filter_next + 1) % LENGTH(d->filter);
	return false;
}

/* False: refused, and the client knows as much as the firmware tells it. */
static bool
is_allowed(struct mt_device *d, const struct mt_packet *p)
{
	bool trace = p->port == MT_PORT_TRACEROUTE;
	const char *complaint = NULL;
	bool soon = is_too_soon(d, p->port);
	if (trace && soon)
		complaint = "TraceRoute can only be sent once every 30 seconds";
	else if (trace && p->to == MT_BROADCAST && p->hop_limit > 0)
		complaint = "Multi-hop traceroute to broadcast address is not allowed";
	if (!soon && complaint == NULL) {
		mark_use(d, p->port);
		return true;
	}
	if (complaint != NULL)
		device_note(d, p->id, complaint);
	device_status(d, RESULT_OK, p->id); /* looks like success */
	return false;
}

/* --- the queue --- */

uint32_t
device_free(const struct mt_device *d)
{
	uint32_t unused = DEVICE_QUEUE;
	for (size_t i = 0; i < LENGTH(d->queue); i++)
		unused -= d->queue[i].used && d->queue[i].queued;
	return d->fault == MT_FAULT_FULL ? 0 : unused;
}

static struct device_sending *
unused_sending(struct mt_device *d)
{
	struct device_sending *oldest = NULL;
	for (size_t i = 0; i < LENGTH(d->queue); i++) {
		struct device_sending *s = &d->queue[i];
		if (!s->used)
			return s;
		if (!s->queued && (oldest == NULL || s->due_ms < oldest->due_ms))
			oldest = s; /* it waits for an ACK only */
	}
	return oldest;
}

enum mt_device_result
device_send(struct mt_device *d, const struct device_say *say)
{
	struct device_sending *s = unused_sending(d);
	if (s == NULL || d->fault == MT_FAULT_FULL)
		return RESULT_FULL;
	struct bytes_out out = bytes_out(s->packet.bytes, sizeof s->packet.bytes);
	device_packet(say, &out);
	s->packet.len = (uint16_t)out.len;
	s->used = !out.failed;
	s->queued = true;
	s->id = say->id;
	s->to = say->to;
	s->want_ack = say->want_ack;
	s->tries = 0;
	s->due_ms = d->now.ms + DEVICE_AIR_MS;
	return RESULT_OK;
}

static void
transmit(struct mt_device *d, struct device_sending *s)
{
	struct bytes_view packet = bytes_view(s->packet.bytes, s->packet.len);
	s->queued = false;
	s->tries++;
	s->used = s->want_ack;
	s->due_ms = d->now.ms + DEVICE_RETRY_MS;
	(void)device_push(&d->sent, packet, true);
	if (d->params.mesh && s->tries == 1)
		device_mesh_plan(d, packet);
}

void
device_air(struct mt_device *d)
{
	for (size_t i = 0; i < LENGTH(d->queue); i++) {
		struct device_sending *s = &d->queue[i];
		if (!s->used || s->due_ms > d->now.ms)
			continue;
		if (s->queued || s->tries < DEVICE_TRIES) {
			transmit(d, s);
			continue;
		}
		s->used = false;
		device_error(d, s->id, ROUTING_MAX_RETRANSMIT);
	}
}

mesh_time_ms
device_air_due(const struct mt_device *d)
{
	mesh_time_ms due = MESH_NEVER;
	for (size_t i = 0; i < LENGTH(d->queue); i++)
		if (d->queue[i].used && d->queue[i].due_ms < due)
			due = d->queue[i].due_ms;
	return due;
}

/* --- what the client sends --- */

/* Without it no cipher fits the other end; these ports go by the channel's key. */
static bool
needs_key(const struct mt_packet *p)
{
	return p->to != MT_BROADCAST && p->port != MT_PORT_TRACEROUTE &&
	    p->port != MT_PORT_NODEINFO && p->port != MT_PORT_ROUTING &&
	    p->port != MT_PORT_POSITION;
}

static bool
is_too_large(const struct mt_packet *p)
{
	return p->payload.len > MT_PAYLOAD_MAX;
}

static void
refuse(struct mt_device *d, uint32_t id, enum mt_routing_error error)
{
	device_status(d, error, id);
	device_error(d, id, error);
}

static void
take_for_air(struct mt_device *d, const struct mt_packet *p)
{
	bool trace = p->port == MT_PORT_TRACEROUTE;
	struct device_say say = { .from = d->number,
		.to = p->to,
		.id = p->id,
		.port = p->port,
		.reply_id = p->reply_id,
		.emoji = p->emoji,
		.channel = p->channel,
		.request_id = p->request_id,
		.hop_limit = p->hop_limit,
		.hop_start = p->hop_limit,
		.relay = d->number & 0xff,
		.want_ack = p->want_ack || (trace && p->to != MT_BROADCAST),
		.want_response = p->want_response,
		.bitfield = true,
		.payload = p->payload };
	if (is_too_large(p)) {
		refuse(d, p->id, ROUTING_TOO_LARGE);
		return;
	}
	if (needs_key(p) && !device_has_key(d, p->to)) {
		refuse(d, p->id, ROUTING_NO_PUBLIC_KEY);
		return;
	}
	enum mt_device_result result = device_send(d, &say);
	device_status(d, result, p->id);
	if (trace && p->to == MT_BROADCAST)
		device_error(d, p->id, ROUTING_NO_RESPONSE);
}

void
device_take_inbox(struct mt_device *d)
{
	struct device_message m;
	struct mt_packet p;
	while (device_pop(&d->inbox, &m))
		if (!mt_packet_read(bytes_view(m.bytes, m.len), &p))
			continue;
		else if (p.port == MT_PORT_ADMIN)
			device_administer(d, &p);
		else if (p.want_ack)
			device_error(d, p.id, ROUTING_NONE);
}

void
device_take(struct mt_device *d, struct bytes_view packet)
{
	struct mt_packet p;
	if (!mt_packet_read(packet, &p) || (p.has & MT_HAS_DECODED) == 0 ||
	    p.payload.len > PAYLOAD_READ || is_repeated(d, p.id) || !is_allowed(d, &p))
		return;
	if (p.id == 0)
		p.id = device_draw(d);
	if (p.hop_limit == 0 && p.want_ack)
		p.hop_limit = DEVICE_HOPS;
	if (p.to != d->number) {
		take_for_air(d, &p);
		return;
	}
	device_status(d, RESULT_OK, p.id);
	(void)device_push(&d->inbox, packet, false);
}

void
device_send_info(struct mt_device *d)
{
	struct device_say say = { .from = d->number,
		.to = MT_BROADCAST,
		.id = device_draw(d),
		.port = MT_PORT_NODEINFO,
		.hop_limit = DEVICE_HOPS,
		.hop_start = DEVICE_HOPS,
		.relay = d->number & 0xff,
		.want_response = true,
		.bitfield = true,
		.payload = device_own_user(d) };
	if (d->info_ms != 0 && d->now.ms - d->info_ms < DEVICE_INFO_MS)
		return;
	d->info_ms = d->now.ms > 0 ? d->now.ms : 1;
	device_status(d, device_send(d, &say), say.id);
}
