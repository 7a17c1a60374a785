#include "id.h"
#include "port.h"
#include "port_inside.h"
#include "text.h"

int
port_fd(const struct port *p)
{
	return p->link != NULL ? p->kind->fd(p->link) : -1;
}

bool
port_wants_write(const struct port *p)
{
	bool listens = p->listen_by_ms != MESH_NEVER;
	return p->link != NULL && !listens && (!p->up || p->out_sent < p->out_len);
}

uint64_t
port_link_number(const struct port *p)
{
	return p->link_number;
}

uint64_t
port_version(const struct port *p)
{
	return p->version;
}

mesh_time_ms
port_deadline(const struct port *p)
{
	if (p->stuck || p->write_err != 0 || p->seek == SEEK_WANTED ||
	    p->seek == SEEK_FAILED)
		return 0;
	if (p->yields && p->called_len > 0)
		return p->seek_ms;
	mesh_time_ms driver = p->up ? p->driver->deadline(p->radio) : MESH_NEVER;
	mesh_time_ms path = port_path_deadline(&p->path);
	mesh_time_ms make = p->connect_by_ms < p->listen_by_ms ? p->connect_by_ms
							       : p->listen_by_ms;
	mesh_time_ms link = p->up ? path : make;
	mesh_time_ms first = driver < p->next_ms ? driver : p->next_ms;
	return first < link ? first : link;
}

static struct radio_node
own_node(const struct port *p)
{
	struct radio_node node = { .id = p->node };
	struct text_view *texts[PORT_NODE_TEXTS] = { &node.name, &node.firmware,
		&node.short_name, &node.role, &node.hardware, &node.can };
	field_mark(&radio_node_table, STATUS_NODE_ID, &node, id_is(&p->node));
	for (size_t i = 0; i < PORT_NODE_TEXTS; i++) {
		*texts[i] = (struct text_view){ p->node_texts[i], p->node_lens[i] };
		field_mark(
		    &radio_node_table, STATUS_NODE_NAME + i, &node, texts[i]->len > 0);
	}
	return node;
}

void
port_status(const struct port *p, struct radio_status *out)
{
	const struct field_table *t = &radio_status_table;
	*out = (struct radio_status){
		.has = (1ULL << t->count) - 1,
		.name = { p->name, p->name_len },
		.driver = text(p->driver->name),
		.state = (uint8_t)p->state,
		.since_ms = p->since_ms,
		.node = own_node(p),
		.rx_packets = p->rx_packets,
		.tx_packets = p->tx_packets,
		.last_rx_ms = p->last_rx_ms,
		.reconnects = p->reconnects,
		.simulated = p->driver->network == NETWORK_SIM,
		.error = { p->error, p->error_len },
		.rx_bytes = p->rx_bytes,
		.tx_bytes = p->tx_bytes,
		.link = port_stats_link(&p->stats, p->driver, p->radio),
		.changes = p->stats.changes,
		.released_until_ms = p->released_until,
	};
	field_mark(t, RADIO_ROW_LINK, out, p->kind != NULL);
	field_mark(t, RADIO_ROW_NODE, out, id_is(&p->node));
	field_mark(t, RADIO_ROW_LAST_RX, out, p->last_rx_ms != 0);
	field_mark(t, RADIO_ROW_ERROR, out, p->error_len > 0);
	field_mark(t, RADIO_ROW_RELEASED_UNTIL, out, p->released_until != 0);
}

const struct radio_ops *
port_driver(const struct port *p, const struct radio **session)
{
	*session = p->radio;
	return p->driver;
}

const struct id *
port_node(const struct port *p)
{
	return &p->node;
}

void
port_permit(struct port *p, struct port_leave leave)
{
	p->admin = leave.admin;
	p->tx = leave.tx;
}

struct port_leave
port_leave(const struct port *p)
{
	return (struct port_leave){ p->admin, p->tx };
}

bool
port_has_ordered(const struct port *p, uint64_t order, struct radio_ordered *out)
{
	const struct port_outcome *o = &p->outcomes[order % PORT_OUTCOMES];
	bool kept = o->order == order;
	*out = kept ? o->how : (struct radio_ordered){ SENT_FAILED, SENT_UNSURE };
	return kept || p->order != order;
}

bool
port_is_ready(const struct port *p)
{
	return p->up && p->state == RADIO_CONNECTED;
}

struct text_view
port_name(const struct port *p)
{
	return (struct text_view){ p->name, p->name_len };
}

uint64_t
port_counter(const void *port, size_t index)
{
	const struct port *p = port;
	return p->driver->counter(p->radio, index);
}

uint64_t
port_mark(const struct port *p)
{
	return p->mark;
}

bool
port_has_link(const struct port *p)
{
	return p->link != NULL;
}

bool
port_wants_link(const struct port *p)
{
	return p->kind != NULL;
}

bool
port_is_place(const struct port *p, const struct port *other)
{
	return p->kind == other->kind && p->at.host.len > 0 &&
	    text_equal(p->at.host, other->at.host) && p->at.port == other->at.port;
}
