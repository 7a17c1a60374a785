#include "mt_delivery.h"

enum { QUEUE_OK = 0, QUEUE_RELEASED = 35 };

static struct mt_sent *
find(struct mt_delivery *d, uint32_t packet)
{
	for (size_t i = 0; packet != 0 && i < MT_DELIVERIES; i++)
		if (d->sent[i].packet == packet)
			return &d->sent[i];
	return NULL;
}

bool
mt_delivery_add(
    struct mt_delivery *d, uint64_t request, uint32_t packet, mesh_time_ms now)
{
	struct mt_sent *place = NULL; /* free, or the oldest that the radio accepted */
	for (struct mt_sent *s = d->sent; s < d->sent + MT_DELIVERIES; s++) {
		if (s->packet != 0 && !s->accepted)
			continue;
		if (place == NULL || s->until_ms < place->until_ms)
			place = s;
	}
	if (place == NULL)
		return false;
	*place = (struct mt_sent){ request, packet, false, now + MT_DELIVERY_MS };
	return true;
}

static struct mt_outcome
end_as(struct mt_sent *s, enum radio_sent sent, uint16_t reason)
{
	struct mt_outcome out = { s->request, sent, reason };
	if (sent == SENT_ACKED || sent == SENT_FAILED)
		*s = (struct mt_sent){ 0 };
	return out;
}

bool
mt_delivery_queued(
    struct mt_delivery *d, uint32_t packet, int32_t res, struct mt_outcome *out)
{
	struct mt_sent *s = find(d, packet);
	if (s == NULL || s->accepted)
		return false;
	s->accepted = true;
	*out = res == QUEUE_OK || res == QUEUE_RELEASED
	    ? end_as(s, SENT_ACCEPTED, 0)
	    : end_as(s, SENT_FAILED, (uint16_t)res);
	return true;
}

/* The number in Routing.error_reason, or -1. */
static int32_t
error_reason(struct bytes_view payload)
{
	enum { ERROR_REASON = 3 };
	struct bytes_in in = bytes_in(payload);
	struct protobuf_item f;
	int32_t reason = -1;
	while (protobuf_next(&in, &f))
		if (f.number == ERROR_REASON && f.wire == WIRE_VARINT)
			reason = (int32_t)(uint32_t)f.value;
	return in.failed ? -1 : reason;
}

bool
mt_delivery_routed(struct mt_delivery *d, const struct mt_packet *p, uint32_t my_node,
    struct mt_outcome *out)
{
	struct mt_sent *s = find(d, p->request_id);
	if (s == NULL || p->port != MT_PORT_ROUTING)
		return false;
	int32_t reason = error_reason(p->payload);
	if (reason < 0)
		return false;
	if (reason > 0)
		*out = end_as(s, SENT_FAILED, (uint16_t)reason);
	else if (p->from == my_node)
		*out = end_as(s, SENT_HEARD_RELAYED, 0);
	else
		*out = end_as(s, SENT_ACKED, 0);
	return true;
}

bool
mt_delivery_expired(struct mt_delivery *d, mesh_time_ms now, struct mt_outcome *out)
{
	for (struct mt_sent *s = d->sent; s < d->sent + MT_DELIVERIES; s++) {
		if (s->packet == 0 || s->until_ms > now)
			continue;
		bool silent = !s->accepted;
		*out = (struct mt_outcome){ s->request, SENT_FAILED, SENT_UNANSWERED };
		*s = (struct mt_sent){ 0 };
		if (silent)
			return true;
	}
	return false;
}

bool
mt_delivery_lost(struct mt_delivery *d, struct mt_outcome *out)
{
	for (struct mt_sent *s = d->sent; s < d->sent + MT_DELIVERIES; s++) {
		if (s->packet == 0)
			continue;
		*out = end_as(s, SENT_FAILED, SENT_LINK_LOST);
		return true;
	}
	return false;
}

mesh_time_ms
mt_delivery_deadline(const struct mt_delivery *d)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < MT_DELIVERIES; i++)
		if (d->sent[i].packet != 0 && d->sent[i].until_ms < first)
			first = d->sent[i].until_ms;
	return first;
}
