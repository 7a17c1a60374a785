#include "sim_session.h"
#include "airtime.h"
#include "id.h"
#include "radio_counters.h"
#include "sim_speech.h"
#include "text.h"
#include "tree.h"
#include <stdlib.h>

enum {
	ANSWERS = 32,      /* what will still be said about requests */
	SAMPLE_MS = 60000, /* between samples of our own radio */
	JUMP_MS = 60000,   /* of the clock: what lies between is not made up for */
	FACTS = 24,
	SENT_MS = 1200, /* until a neighbour repeats what we sent */
	ACK_MS = 1800,
	REPLY_MS = 4000,
	GIVE_UP_MS = 20000,
	REASON_NO_ANSWER = 5, /* Meshtastic's MAX_RETRANSMIT */
};
#define REPLY_MASK 0x5a5a5a5aU /* the number of an answer */
enum { DRAW_SELF = 200, DRAW_ANSWER };

enum answer_kind { ANSWER_SENT, ANSWER_ECHO, ANSWER_TEXT, ANSWER_ROUTE };
struct answer {
	bool used;
	enum answer_kind kind;
	enum radio_sent sent;
	uint64_t request, order; /* `order`: as they were asked for */
	uint32_t node;           /* index of who answers */
	uint32_t packet;         /* our packet it is about */
	uint32_t to;             /* ECHO: whom we wrote to, and what */
	uint16_t text_len;
	unix_ms due_ms;
	uint8_t text[SIM_TEXT_MAX];
};
struct radio {
	struct sim_cell cell;
	uint32_t self; /* our own node's number */
	char name[32];
	size_t name_len;
	bool up, ready_due;
	uint32_t node_due; /* index of the next node to tell of */
	struct mesh_now now;
	unix_ms sample_ms;
	uint64_t requests;
	struct answer answers[ANSWERS];
	uint64_t counters[COUNT_RADIO_ALL];
	struct tree_item facts[FACTS];
	uint8_t payload[SIM_RAW_MAX], raw[SIM_RAW_MAX + 64];
};

/* --- life --- */

static struct radio *
create(const struct radio_params *params)
{
	struct radio *r = calloc(1, sizeof *r);
	const struct sim_place here = { params->sim_x, params->sim_y };

	if (r == NULL)
		return NULL;
	sim_cell_init(&r->cell,
	    &(struct sim_cell_params){
		params->seed, params->sim_nodes, params->sim_interval_ms, here },
	    0);
	/* Two sites of one cell stand at different places, or have other names. */
	r->name_len = params->name.len < sizeof r->name ? params->name.len
							: sizeof r->name;
	uint64_t name = 0;
	for (size_t i = 0; i < r->name_len; i++) {
		r->name[i] = params->name.ptr[i];
		name = name * 131 + (uint8_t)r->name[i];
	}
	uint64_t place = (uint64_t)(int64_t)here.x << 32 ^ (uint64_t)(int64_t)here.y;
	do
		r->self = (uint32_t)(sim_draw(params->seed, DRAW_SELF, name++, place) >>
		    33);
	while (r->self < 16 || sim_cell_find(&r->cell, r->self) != NULL);
	return r;
}

static void
destroy(struct radio *r)
{
	free(r);
}

static void
link_up(struct radio *r, struct mesh_now now)
{
	r->now = now;
	r->up = r->ready_due = true;
	r->node_due = 0;
	r->sample_ms = now.unix_ms + SAMPLE_MS;
	r->counters[COUNT_PORT_HANDSHAKES_DONE]++;
	sim_cell_seek(&r->cell, now.unix_ms);
}

static void
link_down(struct radio *r, struct mesh_now now)
{
	r->now = now;
	r->up = false;
	for (size_t i = 0; i < ANSWERS; i++)
		r->answers[i].used = false;
}

static void
receive(struct radio *r, struct bytes_view bytes, struct mesh_now now)
{
	(void)bytes; /* there is no link */
	r->now = now;
}

static void
tick(struct radio *r, struct mesh_now now)
{
	int64_t step = now.unix_ms - r->now.unix_ms;

	r->now = now;
	if (step < -JUMP_MS || step > JUMP_MS)
		sim_cell_seek(&r->cell, now.unix_ms);
}

static bool
next_bytes(struct radio *r, struct bytes_view *out)
{
	(void)r;
	*out = (struct bytes_view){ NULL, 0 };
	return false;
}

/* --- requests --- */

static bool
has_room(const struct radio *r, size_t wanted)
{
	size_t unused = 0;

	for (size_t i = 0; i < ANSWERS; i++)
		unused += !r->answers[i].used;
	return unused >= wanted;
}

static void
answer_in(struct radio *r, int64_t ms, struct answer answer)
{
	size_t i = 0;

	while (r->answers[i].used) /* has_room was asked */
		i++;
	answer.used = true;
	answer.order = r->requests++;
	answer.due_ms = r->now.unix_ms + ms;
	r->answers[i] = answer;
}

/* Our own text is a packet like any other. */
static void
echo(struct radio *r, const struct radio_request *q, uint32_t packet,
    const struct sim_node *node)
{
	struct answer a = { .kind = ANSWER_ECHO,
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
	struct answer a = { .request = q->request, .sent = SENT_ACCEPTED };
	uint64_t drawn = sim_draw(r->cell.seed, DRAW_ANSWER, q->request, r->requests);

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
	a.kind = q->kind == REQUEST_TRACE ? ANSWER_ROUTE : ANSWER_TEXT;
	answer_in(r, REPLY_MS, a);
	if (q->kind != REQUEST_TRACE)
		return;
	a.kind = ANSWER_SENT;
	a.sent = SENT_ANSWERED;
	answer_in(r, REPLY_MS, a);
}

static enum mesh_err
submit(struct radio *r, const struct radio_request *q, struct mesh_now now)
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

/* --- events --- */

static void
fill_reception(struct radio *r, const struct sim_frame *frame, struct radio_event *out)
{
	struct bytes_out raw = bytes_out(r->raw, sizeof r->raw);
	struct radio_reception *e = &out->reception;

	sim_speech_frame(frame, &raw);
	out->kind = RADIO_RECEPTION;
	*e = (struct radio_reception){ .packet = id_of_packet(
					   ID_SIM_PACKET, frame->from, frame->id),
		.from = id_of_node(ID_SIM_NODE, frame->from),
		.network = NETWORK_SIM,
		.type = frame->port,
		.hop_limit = frame->signal.hop_limit,
		.hop_start = SIM_HOPS,
		.rssi = frame->signal.rssi,
		.snr = frame->signal.snr,
		.time_ms = frame->at_ms,
		.via = VIA_SIMULATED,
		.raw = bytes_written(&raw),
		.has = 1U << RECEPTION_PACKET | 1U << RECEPTION_NETWORK |
		    1U << RECEPTION_FROM | 1U << RECEPTION_TYPE |
		    1U << RECEPTION_CHANNEL | 1U << RECEPTION_HOP_LIMIT |
		    1U << RECEPTION_HOP_START | 1U << RECEPTION_RSSI |
		    1U << RECEPTION_SNR | 1U << RECEPTION_TIME | 1U << RECEPTION_VIA |
		    1U << RECEPTION_RAW };
	if (frame->to != SIM_BROADCAST) {
		e->to = id_of_node(ID_SIM_NODE, frame->to);
		e->has |= 1U << RECEPTION_TO;
	}
	r->counters[COUNT_PORT_PACKETS_SEEN]++;
	r->counters[COUNT_PORT_PACKETS_TAKEN]++;
}

static bool
ready_event(struct radio *r, struct radio_event *out)
{
	struct tree_out t = tree_out(r->facts, FACTS);

	if (!r->ready_due)
		return false;
	r->ready_due = false;
	tree_put_text(&t, "long_name", (struct text_view){ r->name, r->name_len });
	tree_put_text(&t, "short_name", text("SIM"));
	tree_put_text(&t, "role", text("CLIENT"));
	tree_put_text(&t, "hardware", text("SIMULATED"));
	tree_put_text(&t, "firmware", text("sim 1"));
	out->kind = RADIO_READY;
	out->node = id_of_node(ID_SIM_NODE, r->self);
	out->facts = tree_done(&t);
	return true;
}

static void
put_facts(struct radio *r, const struct sim_node *node, struct tree_out *t)
{
	struct sim_words words = sim_speech_words(node->index);
	struct sim_battery battery = sim_speech_battery(&r->cell, node, r->now.unix_ms);
	double lat, lon;

	sim_speech_degrees(sim_cell_place(&r->cell, node, r->now.unix_ms), &lat, &lon);
	tree_put_text(t, "long_name", text(words.long_name));
	tree_put_text(t, "short_name", text(words.short_name));
	tree_put_text(t, "role", text(words.role));
	tree_put_text(t, "hardware", text(words.hardware));
	tree_open_map(t, "position");
	tree_put_f64(t, "lat", lat);
	tree_put_f64(t, "lon", lon);
	tree_put_i64(t, "alt_m", sim_speech_altitude(&r->cell, node));
	tree_shut(t);
	tree_open_map(t, "battery");
	tree_put_i64(t, "percent", battery.percent);
	tree_put_f32(t, "volts", battery.volts);
	tree_shut(t);
}

/* Those that can be heard now, as a radio's own list would have them. */
static bool
node_event(struct radio *r, struct radio_event *out)
{
	while (r->node_due < r->cell.node_count) {
		const struct sim_node *node = &r->cell.nodes[r->node_due++];
		if (!sim_cell_signal(&r->cell, node, r->now.unix_ms, 0).heard)
			continue;
		struct tree_out t = tree_out(r->facts, FACTS);
		put_facts(r, node, &t);
		out->kind = RADIO_NODE;
		out->node = id_of_node(ID_SIM_NODE, node->number);
		out->facts = tree_done(&t);
		r->counters[COUNT_PORT_NODES_TAKEN]++;
		return true;
	}
	return false;
}

static struct answer *
next_answer(struct radio *r)
{
	struct answer *first = NULL;

	for (size_t i = 0; i < ANSWERS; i++) {
		struct answer *a = &r->answers[i];
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
reply_event(struct radio *r, const struct answer *a, struct radio_event *out)
{
	const struct sim_node *node = &r->cell.nodes[a->node];
	struct bytes_out payload = bytes_out(r->payload, sizeof r->payload);
	struct sim_frame frame = { .from = node->number,
		.to = r->self,
		.id = a->packet ^ REPLY_MASK,
		.request_id = a->packet,
		.port = a->kind == ANSWER_ROUTE ? SIM_TRACEROUTE : SIM_TEXT,
		.at_ms = a->due_ms,
		.signal = sim_cell_signal(&r->cell, node, a->due_ms, a->packet) };

	frame.signal.heard = true; /* it reached us: that was decided when we asked */
	if (a->kind == ANSWER_ROUTE)
		put_route(r, &frame.signal, &payload);
	else
		text_put(&payload, "Copy");
	frame.payload = bytes_written(&payload);
	fill_reception(r, &frame, out);
}

static void
echo_event(struct radio *r, const struct answer *a, struct radio_event *out)
{
	fill_reception(r,
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

static bool
answer_event(struct radio *r, struct radio_event *out)
{
	struct answer *a = next_answer(r);

	if (a == NULL || a->due_ms > r->now.unix_ms)
		return false;
	a->used = false;
	if (a->kind == ANSWER_ECHO) {
		echo_event(r, a, out);
		return true;
	}
	if (a->kind != ANSWER_SENT) {
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

static bool
heard_event(struct radio *r, struct radio_event *out)
{
	struct bytes_out payload = bytes_out(r->payload, sizeof r->payload);
	struct sim_packet p;

	if (!sim_cell_next(&r->cell, r->now.unix_ms, &p))
		return false;
	sim_speech_payload(&r->cell, &p, &payload);
	fill_reception(r,
	    &(struct sim_frame){ .from = p.from,
		.to = SIM_BROADCAST,
		.id = p.id,
		.port = p.port,
		.at_ms = p.at_ms,
		.signal = p.signal,
		.payload = bytes_written(&payload) },
	    out);
	return true;
}

static bool
sample_event(struct radio *r, struct radio_event *out)
{
	struct tree_out t = tree_out(r->facts, FACTS);

	if (r->now.unix_ms < r->sample_ms)
		return false;
	r->sample_ms += SAMPLE_MS;
	if (r->sample_ms <= r->now.unix_ms) /* the clock jumped */
		r->sample_ms = r->now.unix_ms + SAMPLE_MS;
	uint64_t drawn = sim_draw(
	    r->cell.seed, DRAW_SELF, r->self, (uint64_t)(r->sample_ms / SAMPLE_MS));
	tree_put_f64(&t, "channel_utilization", (double)(drawn % 1500) / 100.0);
	tree_put_f64(&t, "air_util_tx", (double)(drawn >> 16 & 0xff) / 100.0);
	out->kind = RADIO_SAMPLE;
	out->node = id_of_node(ID_SIM_NODE, r->self);
	out->facts = tree_done(&t);
	return true;
}

static bool
next_event(struct radio *r, struct radio_event *out)
{
	*out = (struct radio_event){ 0 };
	if (!r->up)
		return false;
	return ready_event(r, out) || node_event(r, out) || answer_event(r, out) ||
	    heard_event(r, out) || sample_event(r, out);
}

static mesh_time_ms
deadline(const struct radio *r)
{
	unix_ms soonest = sim_cell_next_ms(&r->cell);

	if (!r->up)
		return MESH_NEVER;
	for (size_t i = 0; i < ANSWERS; i++)
		if (r->answers[i].used && r->answers[i].due_ms < soonest)
			soonest = r->answers[i].due_ms;
	soonest = r->sample_ms < soonest ? r->sample_ms : soonest;
	if (r->ready_due || soonest <= r->now.unix_ms)
		return r->now.ms;
	return r->now.ms + (mesh_time_ms)(soonest - r->now.unix_ms);
}

static size_t
text_max(const struct radio_request *q)
{
	(void)q;
	return SIM_TEXT_MAX;
}

static const struct radio_modem modem = { 250000, 11, 5 }; /* LongFast */

static uint32_t
airtime(const struct radio *r, const struct radio_request *q)
{
	enum { AROUND = 23 };

	(void)r;
	return airtime_ms(&modem, AROUND + q->body.len);
}

static bool
air(const struct radio *r, struct radio_air *out)
{
	enum { DUTY_PERMILLE = 100 };

	*out = (struct radio_air){ .cell = r->cell.seed | 1,
		.modem = modem,
		.duty_permille = DUTY_PERMILLE,
		.transmits = true,
		.queue_free = UINT8_MAX };
	return r->up;
}

static bool
channel(
    const struct radio *r, size_t index, struct arena *into, struct radio_channel *out)
{
	(void)r, (void)index, (void)into, (void)out;
	return false;
}

static enum mesh_err
compare(const struct radio *r, struct text_view section, struct tree_view wanted,
    struct arena *into, struct radio_plan *plan, struct bytes_out *complaint)
{
	(void)r, (void)section, (void)wanted, (void)into, (void)plan, (void)complaint;
	return MESH_DENIED;
}

static enum mesh_err
administer(struct radio *r, const struct radio_order *o, struct mesh_now now)
{
	(void)r, (void)o, (void)now;
	return MESH_DENIED;
}

static bool
setting(const struct radio *r, size_t index, bool secrets, struct arena *into,
    struct radio_setting *out)
{
	(void)r, (void)index, (void)secrets, (void)into, (void)out;
	return false;
}

static uint64_t
counter(const struct radio *r, size_t index)
{
	return index < COUNT_RADIO_ALL ? r->counters[index] : 0;
}

const struct radio_ops radio_sim_ops = {
	.name = "sim",
	.network = NETWORK_SIM,
	.needs_link = false,
	.create = create,
	.destroy = destroy,
	.link_up = link_up,
	.link_down = link_down,
	.receive = receive,
	.tick = tick,
	.submit = submit,
	.text_max = text_max,
	.airtime = airtime,
	.air = air,
	.setting = setting,
	.channel = channel,
	.compare = compare,
	.administer = administer,
	.next_bytes = next_bytes,
	.next_event = next_event,
	.deadline = deadline,
	.counter = counter,
};
