#include "sim_asked.h"
#include "id.h"
#include "text.h"

enum {
	SENT_MS = 1200, /* until a neighbour repeats what we sent */
	ACK_MS = 1800,
	REPLY_MS = 4000,
	GIVE_UP_MS = 20000,
	REASON_NO_ANSWER = 5 /* Meshtastic's MAX_RETRANSMIT */
};
#define REPLY_MASK 0x5a5a5a5aU /* the number of an answer */

/* --- requests --- */

static bool
has_room(const struct radio *r, size_t wanted)
{
	size_t unused = 0;

	for (size_t i = 0; i < SIM_ANSWERS; i++)
		unused += !r->asked.answers[i].used;
	return unused >= wanted;
}

static void
answer_in(struct radio *r, int64_t ms, struct sim_answer answer)
{
	size_t i = 0;

	while (r->asked.answers[i].used) /* has_room was asked */
		i++;
	answer.used = true;
	answer.order = r->asked.requests++;
	answer.due_ms = r->now.unix_ms + ms;
	r->asked.answers[i] = answer;
}

/* Our own text is a packet like any other. */
static void
echo(struct radio *r, const struct radio_request *q, uint32_t packet,
    const struct sim_node *node)
{
	struct sim_answer a = { .kind = SIM_ANSWER_ECHO,
		.packet = packet,
		.to = node != NULL ? node->number : SIM_BROADCAST,
		.text_len = (uint16_t)q->body.len };

	memcpy(a.text, q->body.ptr, q->body.len);
	answer_in(r, 0, a);
}

static void
plan_answers(
    struct radio *r, const struct radio_request *q, const struct sim_node *node)
{
	struct sim_answer a = { .request = q->request, .sent = SENT_ACCEPTED };
	uint64_t drawn = sim_draw(
	    r->cell.seed, SIM_DRAW_ANSWER, q->request, r->asked.requests);

	a.packet = (uint32_t)drawn != 0 ? (uint32_t)drawn : 1;
	if (q->packet != 0)
		a.packet = q->packet;
	answer_in(r, 0, a);
	if (q->kind == REQUEST_TEXT)
		echo(r, q, a.packet, node);
	a.sent = SENT_HEARD_RELAYED;
	if (node == NULL) {
		answer_in(r, SENT_MS, a);
		return;
	}
	a.node = node->index;
	a.sent = SENT_FAILED;
	if (!sim_cell_signal(&r->cell, node, r->now.unix_ms, drawn).heard) {
		answer_in(r, GIVE_UP_MS, a);
		return;
	}
	a.sent = SENT_ACKED;
	answer_in(r, ACK_MS, a);
	a.kind = q->kind == REQUEST_TRACE ? SIM_ANSWER_ROUTE : SIM_ANSWER_TEXT;
	answer_in(r, REPLY_MS, a);
	if (q->kind != REQUEST_TRACE)
		return;
	a.kind = SIM_ANSWER_SENT;
	a.sent = SENT_ANSWERED;
	answer_in(r, REPLY_MS, a);
}

enum mesh_err
sim_asked_submit(struct radio *r, const struct radio_request *q, struct mesh_now now)
{
	enum { MOST = 5 }; /* answers to one request */
	const struct sim_node *node = NULL;

	r->now = now;
	if (!r->up || (q->kind != REQUEST_TEXT && q->kind != REQUEST_TRACE)) {
		r->counters[COUNT_PORT_SENT_REFUSED]++;
		return MESH_DENIED;
	}
	if (q->kind == REQUEST_TEXT && (q->body.len == 0 || q->body.len > SIM_TEXT_MAX))
		return MESH_MALFORMED;
	if (id_is(&q->to) && q->to.kind == ID_SIM_NODE)
		node = sim_cell_find(&r->cell, id_number(&q->to));
	if (node == NULL && (id_is(&q->to) || q->kind == REQUEST_TRACE))
		return MESH_NOT_FOUND;
	if (!has_room(r, MOST))
		return MESH_FULL;
	plan_answers(r, q, node);
	r->counters[COUNT_PORT_SENT_FRAMES]++;
	return MESH_OK;
}

/* --- answers --- */

static struct sim_answer *
next_answer(struct radio *r)
{
	struct sim_answer *first = NULL;

	for (size_t i = 0; i < SIM_ANSWERS; i++) {
		struct sim_answer *a = &r->asked.answers[i];
		if (a->used &&
		    (first == NULL || a->due_ms < first->due_ms ||
			(a->due_ms == first->due_ms && a->order < first->order)))
			first = a;
	}
	return first;
}

static void
put_route(struct radio *r, const struct sim_signal *signal, struct bytes_out *payload)
{
	struct sim_route route = { .snr_towards = (int8_t)(signal->snr * 4),
		.snr_back = (int8_t)(signal->snr * 4) };

	for (uint32_t i = 0; signal->relay != 0 && i < r->cell.node_count; i++)
		if ((uint8_t)r->cell.nodes[i].number == signal->relay &&
		    route.count == 0)
			route.hops[route.count++] = r->cell.nodes[i].number;
	sim_speech_route(&route, payload);
}

/* What a node says because we asked. */
static void
reply_event(struct radio *r, const struct sim_answer *a, struct radio_event *out)
{
	const struct sim_node *node = &r->cell.nodes[a->node];
	struct bytes_out payload = bytes_out(r->payload, sizeof r->payload);
	struct sim_frame frame = { .from = node->number,
		.to = r->self,
		.id = a->packet ^ REPLY_MASK,
		.request_id = a->packet,
		.port = a->kind == SIM_ANSWER_ROUTE ? SIM_TRACEROUTE : SIM_TEXT,
		.at_ms = a->due_ms,
		.signal = sim_cell_signal(&r->cell, node, a->due_ms, a->packet) };

	frame.signal.heard = true; /* it reached us: that was decided when we asked */
	if (a->kind == SIM_ANSWER_ROUTE)
		put_route(r, &frame.signal, &payload);
	else
		text_put(&payload, "Copy");
	frame.payload = bytes_written(&payload);
	sim_radio_hear(r, &frame, out);
}

static void
echo_event(struct radio *r, const struct sim_answer *a, struct radio_event *out)
{
	sim_radio_hear(r,
	    &(struct sim_frame){ .from = r->self,
		.to = a->to,
		.id = a->packet,
		.port = SIM_TEXT,
		.at_ms = a->due_ms,
		.signal = { .hop_limit = SIM_HOPS },
		.payload = { a->text, a->text_len } },
	    out);
	out->reception.via |= VIA_ECHO;
	out->reception.has &= ~(1ULL << RECEPTION_RSSI | 1ULL << RECEPTION_SNR);
}

bool
sim_asked_event(struct radio *r, struct radio_event *out)
{
	struct sim_answer *a = next_answer(r);

	if (a == NULL || a->due_ms > r->now.unix_ms)
		return false;
	a->used = false;
	if (a->kind == SIM_ANSWER_ECHO) {
		echo_event(r, a, out);
		return true;
	}
	if (a->kind != SIM_ANSWER_SENT) {
		reply_event(r, a, out);
		return true;
	}
	out->kind = RADIO_SENT;
	out->request = a->request;
	out->sent = a->sent;
	out->packet = id_of_packet(ID_SIM_PACKET, r->self, a->packet);
	if (a->sent == SENT_ANSWERED)
		out->packet = id_of_packet(ID_SIM_PACKET, r->cell.nodes[a->node].number,
		    a->packet ^ REPLY_MASK);
	out->reason = a->sent == SENT_FAILED ? REASON_NO_ANSWER : 0;
	return true;
}

unix_ms
sim_asked_due(const struct sim_asked *a)
{
	unix_ms soonest = INT64_MAX;

	for (size_t i = 0; i < SIM_ANSWERS; i++)
		if (a->answers[i].used && a->answers[i].due_ms < soonest)
			soonest = a->answers[i].due_ms;
	return soonest;
}

void
sim_asked_forget(struct sim_asked *a)
{
	for (size_t i = 0; i < SIM_ANSWERS; i++)
		a->answers[i].used = false;
}
