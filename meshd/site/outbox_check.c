#include "outbox_check.h"
#include "id.h"
#include "inspect.h"
#include "text.h"

static bool
fits_network(const struct port *p, const struct id *to)
{
	const struct radio *session;
	enum radio_network network = port_driver(p, &session)->network;
	if (to->kind == ID_NONE)
		return true;
	return network == NETWORK_SIM ? to->kind == ID_SIM_NODE
				      : to->kind == ID_MT_NODE;
}

static bool
is_refused(enum air_wait waits)
{
	return waits == AIR_FORBIDDEN || waits == AIR_SILENCED;
}

/* The lower, the better. */
static int
obstacle(struct air *a, const struct port *p)
{
	enum air_wait waits = air_allows(a, port_name(p));
	if (waits == AIR_NOTHING)
		return 0;
	return is_refused(waits) ? 2 : 1;
}

/* Who stands before less; of those the one that is preferred. */
static bool
is_better(struct air *a, const struct port *p, const struct port *than)
{
	int here = obstacle(a, p), there = obstacle(a, than);
	if (here != there)
		return here < there;
	return air_priority(a, port_name(p)) > air_priority(a, port_name(than));
}

const struct port *
outbox_radio(struct air *a, const struct ports *ports, const struct outbox_ask *q)
{
	const struct port *best = NULL;
	for (size_t i = 0; i < ports_count(ports); i++) {
		const struct port *p = ports_see(ports, i);
		if (q->radio.len > 0 && text_equal(port_name(p), q->radio))
			return p;
		if (q->radio.len > 0 || !fits_network(p, &q->to))
			continue;
		if (best == NULL || is_better(a, p, best))
			best = p;
	}
	return best;
}

static bool
is_node(const struct port *p, const struct id *to)
{
	const struct radio *session;
	return inspect_is_node(port_driver(p, &session)->network, to);
}

/* As far as the radio told them. */
static bool
has_channel(const struct port *p, uint8_t channel)
{
	const struct radio *session;
	struct radio_air air = { .channels = 0 };
	bool told = port_driver(p, &session)->air(session, &air) && air.channels != 0;
	return !told || (channel < 8 && (air.channels >> channel & 1) != 0);
}

/* One asks one node. */
static bool
is_for_all(enum message_kind kind)
{
	return kind == MESSAGE_TEXT || kind == MESSAGE_WAYPOINT;
}

enum outbox_verdict
outbox_check(struct air *a, const struct port *p, const struct outbox_ask *q,
    struct outbox_answer *out)
{
	const struct radio *session;
	const struct radio_request probe = { .kind = outbox_request_kind(q->kind),
		.to = q->to,
		.reply = outbox_packet_number(&q->reply),
		.emoji = q->emoji };
	bool everybody = !id_is(&q->to);
	out->radio = port_name(p);
	out->waits = air_allows(a, out->radio);
	out->longest = port_driver(p, &session)->text_max(&probe);
	if (out->longest > MESSAGE_TEXT_MAX)
		out->longest = MESSAGE_TEXT_MAX;
	if (is_refused(out->waits))
		return OUTBOX_FORBIDDEN;
	bool ourselves = !everybody && id_equal(&q->to, port_node(p));
	if (!fits_network(p, &q->to) || ourselves ||
	    (everybody && !is_for_all(q->kind)))
		return OUTBOX_STRANGER;
	if (!everybody && !is_node(p, &q->to))
		return OUTBOX_NOBODY;
	if (!has_channel(p, q->channel))
		return OUTBOX_NO_CHANNEL;
	if (q->kind != MESSAGE_TEXT)
		return OUTBOX_TAKEN;
	if (q->text.len == 0 || !text_is_utf8(bytes_view(q->text.ptr, q->text.len)))
		return OUTBOX_NO_TEXT;
	return q->text.len > out->longest ? OUTBOX_TOO_LONG : OUTBOX_TAKEN;
}
