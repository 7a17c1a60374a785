#include "turn_radios.h"

struct turn_radios
turn_radios_init(const struct turn_radios_params *at)
{
	return (struct turn_radios){ .at = *at };
}

/* Whoever sends hears what became of it. */
static void
tell_senders(struct turn_radios *r, const struct port *p,
    const struct radio_event *event, struct mesh_now now)
{
	const struct radio *session;
	if (r->at.air != NULL)
		air_event(r->at.air, event, now);
	if (r->at.outbox != NULL)
		outbox_event(
		    r->at.outbox, port_driver(p, &session)->network, event, now);
}

static bool
take_radio_events(struct turn_radios *r, struct port *p, struct mesh_now now)
{
	struct radio_event event;
	bool any = false;
	for (; port_next_event(p, &event, now); any = true) {
		publish_event(r->at.publish, port_name(p), port_node(p), &event, now);
		tell_senders(r, p, &event, now);
		if (event.kind == RADIO_ORDERED || event.kind == RADIO_TENDED)
			r->at.edges->radio_told(r->at.edges->ctx, port_name(p), &event);
	}
	return any;
}

static void
tell_radio(struct turn_radios *r, const struct port *p, struct seen_port *seen,
    struct mesh_now now)
{
	struct radio_status status;
	uint64_t version = port_version(p);
	port_status(p, &status);
	publish_radio(r->at.publish, &status, now);
	if (seen->known && seen->version == version)
		return; /* only its counters moved */
	*seen = (struct seen_port){
		.version = version, .link = seen->link, .known = true
	};
	struct feed_item item = { .topic = FEED_RADIO,
		.stage = FEED_HEARD,
		.own = true,
		.time_ms = now.unix_ms,
		.table = &radio_status_table,
		.object = &status };
	(void)feed_append(r->at.feed, &item);
}

static bool
take_radio(struct turn_radios *r, size_t index, struct mesh_now now)
{
	const struct edges *e = r->at.edges;
	struct port *p = ports_at(r->at.ports, index);
	struct seen_port *seen = &r->seen[index];
	unsigned ready = e->link_ready(e->ctx, index);
	/* The link that was ready may be gone: then the descriptor is another's. */
	if (seen->link != port_link_number(p))
		ready = 0;
	if ((ready & EDGE_WRITE) != 0)
		port_writable(p, now);
	if ((ready & EDGE_READ) != 0)
		port_readable(p, now);
	bool any = take_radio_events(r, p, now);
	if (port_deadline(p) <= now.ms || ready != 0 || any) {
		port_tick(p, now);
		any |= take_radio_events(r, p, now);
	}
	if (any || !seen->known || seen->version != port_version(p))
		tell_radio(r, p, seen, now);
	seen->link = port_link_number(p);
	e->watch_link(e->ctx, index, port_fd(p), seen->link,
	    EDGE_READ | (port_wants_write(p) ? EDGE_WRITE : 0u));
	return any;
}

bool
turn_radios_take(struct turn_radios *r, struct mesh_now now)
{
	bool any = false;
	ports_settle(r->at.ports, now);
	for (size_t i = 0; i < ports_count(r->at.ports); i++)
		any |= take_radio(r, i, now);
	return any;
}

void
turn_radios_forget(struct turn_radios *r)
{
	for (size_t i = 0; i < LENGTH(r->seen); i++)
		r->seen[i] = (struct seen_port){ .known = false };
}
