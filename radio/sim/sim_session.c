#include "sim_session.h"
#include "airtime.h"
#include "id.h"
#include "radio_counters.h"
#include "sim_asked.h"
#include "sim_radio.h"
#include "text.h"
#include "tree.h"
#include <stdlib.h>

enum {
	SAMPLE_MS = 60000, /* between samples of our own radio */
	JUMP_MS = 60000    /* of the clock: what lies between is not made up for */
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
		r->self = (uint32_t)(sim_draw(
					 params->seed, SIM_DRAW_SELF, name++, place) >>
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
	sim_asked_forget(&r->asked);
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

/* --- events --- */

static bool
ready_event(struct radio *r, struct radio_event *out)
{
	struct tree_out t = tree_out(r->facts, SIM_FACTS);

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
		struct tree_out t = tree_out(r->facts, SIM_FACTS);
		put_facts(r, node, &t);
		out->kind = RADIO_NODE;
		out->node = id_of_node(ID_SIM_NODE, node->number);
		out->facts = tree_done(&t);
		r->counters[COUNT_PORT_NODES_TAKEN]++;
		return true;
	}
	return false;
}

static bool
heard_event(struct radio *r, struct radio_event *out)
{
	struct bytes_out payload = bytes_out(r->payload, sizeof r->payload);
	struct sim_packet p;

	if (!sim_cell_next(&r->cell, r->now.unix_ms, &p))
		return false;
	sim_speech_payload(&r->cell, &p, &payload);
	sim_radio_hear(r,
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
	struct tree_out t = tree_out(r->facts, SIM_FACTS);

	if (r->now.unix_ms < r->sample_ms)
		return false;
	r->sample_ms += SAMPLE_MS;
	if (r->sample_ms <= r->now.unix_ms) /* the clock jumped */
		r->sample_ms = r->now.unix_ms + SAMPLE_MS;
	uint64_t drawn = sim_draw(
	    r->cell.seed, SIM_DRAW_SELF, r->self, (uint64_t)(r->sample_ms / SAMPLE_MS));
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
	return ready_event(r, out) || node_event(r, out) || sim_asked_event(r, out) ||
	    heard_event(r, out) || sample_event(r, out);
}

static mesh_time_ms
deadline(const struct radio *r)
{
	unix_ms soonest = sim_cell_next_ms(&r->cell);

	if (!r->up)
		return MESH_NEVER;
	unix_ms answer = sim_asked_due(&r->asked);
	soonest = answer < soonest ? answer : soonest;
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
	.submit = sim_asked_submit,
	.text_max = text_max,
	.airtime = airtime,
	.air = air,
	.next_bytes = next_bytes,
	.next_event = next_event,
	.deadline = deadline,
	.counter = counter,
};
