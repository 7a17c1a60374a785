#include "mt_delivery.h"
#include "mt_words.h"

enum { QUEUE_OK = 0, QUEUE_UNKNOWN = 32, QUEUE_RELEASED = 35 };

/* A queue has numbers of its own, beside Routing's, which some of them are, too. */
static const struct {
	int32_t res;
	uint16_t reason;
} refusals[] = { { QUEUE_UNKNOWN, SENT_REFUSED }, { 33, SENT_NO_INTERFACE },
	{ 34, SENT_DISABLED } };

static struct mt_sent *
find(struct mt_delivery *d, uint32_t packet)
{
	for (size_t i = 0; packet != 0 && i < MT_DELIVERIES; i++)
		if (d->sent[i].packet == packet)
			return &d->sent[i];
	return NULL;
}

/* Nothing is waited for any more. */
static bool
is_settled(const struct mt_sent *s)
{
	return s->accepted || s->failed || s->lost;
}

bool
mt_delivery_knows(const struct mt_delivery *d, uint32_t packet)
{
	for (size_t i = 0; i < MT_DELIVERIES; i++)
		if (packet != 0 && d->sent[i].packet == packet)
			return true;
	return false;
}

/* The same packet again takes its old place. */
static struct mt_sent *
place_for(struct mt_delivery *d, uint32_t packet)
{
	struct mt_sent *place = find(d, packet);
	for (struct mt_sent *s = d->sent; s < d->sent + MT_DELIVERIES; s++) {
		if (place != NULL && place->packet == packet)
			break;
		if (s->packet != 0 && !is_settled(s))
			continue;
		if (place == NULL || s->until_ms < place->until_ms)
			place = s;
	}
	return place;
}

bool
mt_delivery_add(struct mt_delivery *d, uint64_t request, uint32_t packet, uint32_t to,
    struct bytes_view copy, mesh_time_ms now)
{
	struct mt_sent *place = place_for(d, packet);
	if (place == NULL)
		return false;
	bool again = place->packet == packet && (place->lost || place->again);
	*place = (struct mt_sent){ .request = request,
		.packet = packet,
		.to = to,
		.again = again,
		.accept_ms = now + MT_ACCEPT_MS,
		.until_ms = now + MT_DELIVERY_MS };
	if (copy.len > 0 && copy.len <= sizeof place->copy) {
		memcpy(place->copy, copy.ptr, copy.len);
		place->copy_len = (uint16_t)copy.len;
	}
	return true;
}

static void
wipe(struct mt_sent *s)
{
	s->packet = 0;
	s->until_ms = 0;
}

void
mt_delivery_forget(struct mt_delivery *d, uint32_t packet)
{
	struct mt_sent *s = find(d, packet);
	if (s != NULL)
		wipe(s);
}

void
mt_delivery_expect(struct mt_delivery *d, uint32_t packet)
{
	struct mt_sent *s = find(d, packet);
	if (s != NULL)
		s->asks = true;
}

static struct mt_outcome
outcome(const struct mt_sent *s, enum radio_sent sent, uint16_t reason)
{
	return (struct mt_outcome){ .request = s->request,
		.packet = s->packet,
		.sent = sent,
		.reason = reason };
}

/* It is on its way, whoever says so first: from here on it is a packet of the mesh. */
static struct bytes_view
let_go(struct mt_sent *s)
{
	struct bytes_view copy = { s->copy, s->accepted ? 0 : s->copy_len };
	s->accepted = true;
	return copy;
}

/* What nodes and radios may say is the network's list: no number is taken for ours. */
static uint16_t
reason_of(int32_t said)
{
	for (const struct protobuf_word *w = mt_words_routing_error; w->name != NULL;
	     w++)
		if (w->value == said)
			return (uint16_t)said;
	return SENT_UNKNOWN;
}

static bool
fail(struct mt_sent *s, uint16_t reason, struct mt_outcome *out)
{
	if (s->failed)
		return false; /* the queue and the router both say so */
	s->failed = true;
	*out = outcome(s, SENT_FAILED, reason);
	return true;
}

static uint16_t
refusal_of(int32_t res)
{
	for (size_t i = 0; i < LENGTH(refusals); i++)
		if (refusals[i].res == res)
			return refusals[i].reason;
	return reason_of(res);
}

/* This try is not taken, and the radio passes over its number from here on. */
static bool
turn_away(struct mt_sent *s, struct mt_outcome *out)
{
	if (s->failed)
		return false;
	*out = outcome(s, SENT_BUSY, 0);
	s->lost = s->again;
	if (!s->again)
		wipe(s);
	return true;
}

bool
mt_delivery_queued(struct mt_delivery *d, uint32_t packet, int32_t res, uint32_t free,
    struct mt_outcome *out)
{
	struct mt_sent *s = find(d, packet);
	if (s == NULL || s->accepted)
		return false;
	if (res == QUEUE_UNKNOWN && free == 0)
		return turn_away(s, out);
	if (res != QUEUE_OK && res != QUEUE_RELEASED)
		return fail(s, refusal_of(res), out);
	*out = outcome(s, SENT_ACCEPTED, 0);
	out->copy = let_go(s);
	return true;
}

/* The number in Routing.error_reason, or -1; one that no number can be is INT32_MAX. */
static int32_t
error_reason(struct bytes_view payload)
{
	enum { ERROR_REASON = 3 };
	struct bytes_in in = bytes_in(payload);
	struct protobuf_item f;
	int32_t reason = -1;
	while (protobuf_next(&in, &f))
		if (f.number == ERROR_REASON && f.wire == WIRE_VARINT)
			reason = f.value < INT32_MAX ? (int32_t)f.value : INT32_MAX;
	return in.failed ? -1 : reason;
}

static bool
confirm(struct mt_sent *s, bool by_ourselves, struct mt_outcome *out)
{
	if (by_ourselves ? s->repeated : s->acked)
		return false;
	s->repeated = true;
	s->acked = !by_ourselves;
	*out = outcome(s, by_ourselves ? SENT_HEARD_RELAYED : SENT_ACKED, 0);
	out->copy = let_go(s);
	if (s->acked && !s->asks)
		wipe(s);
	return true;
}

static bool
is_the_other_end(const struct mt_sent *s, uint32_t from)
{
	return s->to == MT_BROADCAST || s->to == from;
}

static bool
answer(struct mt_sent *s, const struct mt_packet *p, struct mt_outcome *out)
{
	*out = outcome(s, SENT_ANSWERED, 0);
	out->copy = let_go(s);
	out->answer_from = p->from;
	out->answer = p->id;
	wipe(s);
	return true;
}

bool
mt_delivery_routed(struct mt_delivery *d, const struct mt_packet *p, uint32_t my_node,
    struct mt_outcome *out)
{
	struct mt_sent *s = find(d, p->request_id);
	if (s == NULL || (p->has & MT_HAS_DECODED) == 0)
		return false;
	bool ours = p->from == my_node;
	if (!ours && !is_the_other_end(s, p->from))
		return false;
	if (p->port != MT_PORT_ROUTING)
		return !ours && answer(s, p, out);
	int32_t reason = error_reason(p->payload);
	if (reason < 0)
		return false;
	return reason > 0 ? fail(s, reason_of(reason), out) : confirm(s, ours, out);
}

bool
mt_delivery_expired(struct mt_delivery *d, mesh_time_ms now, struct mt_outcome *out)
{
	for (struct mt_sent *s = d->sent; s < d->sent + MT_DELIVERIES; s++) {
		if (s->packet == 0)
			continue;
		if (!is_settled(s) && s->accept_ms <= now)
			return fail(s, s->again ? SENT_UNSURE : SENT_UNANSWERED, out);
		if (s->until_ms <= now)
			wipe(s);
	}
	return false;
}

bool
mt_delivery_lost(struct mt_delivery *d, struct mt_outcome *out)
{
	for (struct mt_sent *s = d->sent; s < d->sent + MT_DELIVERIES; s++) {
		if (s->packet == 0 || is_settled(s))
			continue;
		*out = outcome(s, SENT_LINK_LOST, 0);
		s->lost = true;
		return true;
	}
	return false;
}

mesh_time_ms
mt_delivery_deadline(const struct mt_delivery *d)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < MT_DELIVERIES; i++) {
		const struct mt_sent *s = &d->sent[i];
		mesh_time_ms due = is_settled(s) ? s->until_ms : s->accept_ms;
		if (s->packet != 0 && due < first)
			first = due;
	}
	return first;
}
