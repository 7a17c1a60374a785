#include "port.h"
#include "id.h"
#include "port_stats.h"
#include "text.h"
#include "tree.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_TEXT = 64, PORT_PLACE = 128, PORT_REASON = 160 };

struct port {
	const struct radio_ops *driver;
	const struct link_ops *kind; /* NULL: the driver needs no link */
	struct radio *radio;         /* owned */
	struct link *link;           /* owned; NULL: none */
	struct meshd_counts *counts; /* borrowed */
	struct link_params at;       /* texts point into `device` and `host` */
	char name[PORT_TEXT], device[PORT_PLACE], host[PORT_PLACE];
	size_t name_len;

	enum radio_state state;
	bool stood; /* it stood before */
	bool up;    /* the link stands and the driver knows */
	bool stuck; /* the driver gave the radio up */
	unix_ms since_ms;
	mesh_time_ms up_ms; /* when the driver said READY; 0: not in this connection */
	mesh_time_ms next_ms; /* the next attempt; MESH_NEVER: a link stands */
	unsigned attempts;    /* since the last connection that held */
	uint64_t random;
	uint64_t link_number, version;

	struct id node;
	char node_name[PORT_TEXT], firmware[PORT_TEXT], error[PORT_REASON];
	size_t node_name_len, firmware_len, error_len;
	uint64_t rx_packets, tx_packets, reconnects, rx_bytes, tx_bytes;
	unix_ms last_rx_ms;
	struct port_stats stats;
	enum radio_stuck why; /* it is stuck */

	uint8_t in[PORT_READ], out[PORT_WRITE];
	size_t out_len, out_sent;
};

/* --- small things --- */

static uint64_t
draw(struct port *p) /* splitmix64: jitter needs no secrecy, and tests a seed */
{
	uint64_t z = p->random += 0x9e3779b97f4a7c15U;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

static size_t
keep_text(char *to, size_t cap, struct text_view v)
{
	struct bytes_out out = bytes_out(to, cap);
	text_put_clean(&out, bytes_view(v.ptr, v.len), cap);
	return out.len;
}

static void
enter(struct port *p, enum radio_state state, struct mesh_now now)
{
	if (p->state == state)
		return;
	p->state = state;
	p->since_ms = now.unix_ms;
	p->version++;
}

/* Plain words for what the system says most; the number for the rest. */
static void
put_errno(int err, struct bytes_out *out)
{
	static const struct {
		int err;
		const char *text;
	} known[] = { { ENOENT, "no such device" }, { ENODEV, "no such device" },
		{ ENXIO, "no such device" }, { EACCES, "permission denied" },
		{ EPERM, "not permitted" }, { EBUSY, "used by another program" },
		{ ECONNREFUSED, "connection refused" }, { ETIMEDOUT, "no answer" },
		{ EHOSTUNREACH, "no route to it" }, { ENETUNREACH, "no network" },
		{ ECONNRESET, "connection reset" }, { EPIPE, "connection closed" },
		{ EIO, "input/output error" }, { EINVAL, "not an address" } };
	for (size_t i = 0; i < LENGTH(known); i++) {
		if (known[i].err == err) {
			text_put(out, known[i].text);
			return;
		}
	}
	text_printf(out, "system error %d", err);
}

static void
explain(struct port *p, const char *doing, int err)
{
	struct bytes_out out = bytes_out(p->error, sizeof p->error);
	text_put(&out, doing);
	if (err != 0) {
		text_put(&out, ": ");
		put_errno(err, &out);
	}
	p->error_len = out.len;
	p->version++;
}

/* --- life --- */

static void
keep_params(struct port *p, const struct port_params *params)
{
	p->driver = params->driver;
	p->kind = params->driver->needs_link ? params->link : NULL;
	p->counts = params->counts;
	p->random = params->seed;
	p->name_len = keep_text(p->name, sizeof p->name, params->name);
	p->at = params->at;
	p->at.device = (struct text_view){ p->device,
		keep_text(p->device, sizeof p->device, params->at.device) };
	p->at.host = (struct text_view){ p->host,
		keep_text(p->host, sizeof p->host, params->at.host) };
	port_stats_at(&p->stats, &p->at);
}

struct port *
port_new(const struct port_params *params, struct mesh_now now)
{
	struct port *p = calloc(1, sizeof *p);
	if (p == NULL)
		return NULL;
	keep_params(p, params);
	p->state = RADIO_CONNECTING;
	p->since_ms = now.unix_ms;
	p->next_ms = now.ms;
	p->radio = params->driver->create(&params->radio);
	if (p->radio != NULL)
		return p;
	free(p);
	return NULL;
}

static void
close_link(struct port *p)
{
	if (p->link != NULL)
		p->kind->close(p->link);
	p->link = NULL;
	p->link_number++;
	p->out_len = p->out_sent = 0;
}

void
port_free(struct port *p)
{
	if (p == NULL)
		return;
	close_link(p);
	p->driver->destroy(p->radio);
	free(p);
}

/* --- losing and finding the link --- */

/* 0..100 ms at first, then 1, 2, 4 .. 60 s, -+20 %. */
static mesh_time_ms
pause_before(struct port *p)
{
	if (p->attempts == 0)
		return draw(p) % (PORT_FIRST_MS + 1);
	unsigned doublings = p->attempts - 1 < 6 ? p->attempts - 1 : 6;
	mesh_time_ms pause = (mesh_time_ms)PORT_BACKOFF_MS << doublings;
	if (pause > PORT_BACKOFF_MAX_MS)
		pause = PORT_BACKOFF_MAX_MS;
	return pause * 4 / 5 + draw(p) % (pause * 2 / 5 + 1);
}

/* Waiting will hardly help: somebody must look. */
static bool
wants_person(int err)
{
	return err == EACCES || err == EPERM || err == EINVAL;
}

static void
plan_attempt(struct port *p, int err, struct mesh_now now)
{
	bool steady = p->up_ms != 0 && now.ms - p->up_ms >= PORT_STEADY_MS;
	if (steady)
		p->attempts = 0;
	p->next_ms = now.ms + pause_before(p);
	p->attempts++;
	p->up_ms = 0;
	enter(p, wants_person(err) ? RADIO_FAILED : RADIO_WAITING, now);
}

static void
lose(struct port *p, uint64_t *reason, const char *doing, int err, struct mesh_now now)
{
	explain(p, doing, err);
	(*reason)++;
	close_link(p);
	if (p->up)
		p->driver->link_down(p->radio, now);
	count_one(p->counts, p->up ? COUNT_PORT_LOST : COUNT_PORT_OPEN_FAILED);
	p->up = false;
	p->stuck = false;
	plan_attempt(p, err, now);
}

static void
stand(struct port *p, struct mesh_now now)
{
	p->up = true;
	p->reconnects += p->stood;
	p->stood = true;
	count_one(p->counts, COUNT_PORT_OPENED);
	p->driver->link_up(p->radio, now);
}

static void
finish(struct port *p, struct mesh_now now)
{
	int state = p->kind->finish(p->link);
	if (state < 0)
		lose(p, &p->stats.lost.refused, "cannot connect", -state, now);
	else if (state > 0)
		stand(p, now);
}

static void
attempt(struct port *p, struct mesh_now now)
{
	p->next_ms = MESH_NEVER;
	p->link_number++;
	enter(p, RADIO_CONNECTING, now);
	if (p->kind == NULL) {
		stand(p, now);
		return;
	}
	int err = p->kind->open(&p->link, &p->at);
	if (err < 0) {
		p->link = NULL;
		lose(p, &p->stats.lost.refused, "cannot open", -err, now);
		return;
	}
	finish(p, now);
}

/* --- bytes --- */

static bool
send_waiting(struct port *p, struct mesh_now now)
{
	while (p->out_sent < p->out_len) {
		int64_t n = p->kind->write(
		    p->link, p->out + p->out_sent, p->out_len - p->out_sent);
		if (n == -EAGAIN || n == -EINTR || n == 0)
			return false;
		if (n < 0) {
			lose(p, &p->stats.lost.broken, "cannot write", (int)-n, now);
			return false;
		}
		p->out_sent += (size_t)n;
		p->tx_bytes += (uint64_t)n;
	}
	p->out_len = p->out_sent = 0;
	return true;
}

/* The driver's bytes live until its next input, so what the link does not take now is
 * copied; it is asked for more only when that is gone. */
static void
flush(struct port *p, struct mesh_now now)
{
	struct bytes_view bytes;
	if (p->link == NULL || !p->up)
		return;
	while (send_waiting(p, now) && p->driver->next_bytes(p->radio, &bytes)) {
		if (bytes.len > sizeof p->out) {
			lose(p, &p->stats.lost.broken,
			    "the driver wants to send too much at once", 0, now);
			return;
		}
		memcpy(p->out, bytes.ptr, bytes.len);
		p->out_len = bytes.len;
	}
}

void
port_readable(struct port *p, struct mesh_now now)
{
	if (p->link == NULL)
		return;
	if (!p->up) {
		finish(p, now);
		return;
	}
	int64_t n = p->kind->read(p->link, p->in, sizeof p->in);
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		lose(p, n == 0 ? &p->stats.lost.closed : &p->stats.lost.broken,
		    n == 0 ? "the radio closed the connection" : "cannot read", (int)-n,
		    now);
		return;
	}
	p->rx_bytes += (uint64_t)n;
	p->driver->receive(p->radio, bytes_view(p->in, (size_t)n), now);
	flush(p, now);
}

void
port_writable(struct port *p, struct mesh_now now)
{
	if (p->link != NULL && !p->up)
		finish(p, now);
	flush(p, now);
}

void
port_tick(struct port *p, struct mesh_now now)
{
	if (p->stuck)
		lose(p,
		    p->why == STUCK_SILENT ? &p->stats.lost.silent
					   : &p->stats.lost.handshake,
		    "the radio does not answer", 0, now);
	if (p->next_ms <= now.ms)
		attempt(p, now);
	if (p->up && p->driver->deadline(p->radio) <= now.ms)
		p->driver->tick(p->radio, now);
	port_stats_beat(&p->stats, p->driver, p->radio, now);
	flush(p, now);
}

mesh_time_ms
port_deadline(const struct port *p)
{
	if (p->stuck)
		return 0;
	mesh_time_ms driver = p->up ? p->driver->deadline(p->radio) : MESH_NEVER;
	return driver < p->next_ms ? driver : p->next_ms;
}

/* --- what the driver says --- */

static void
greet(struct port *p, const struct radio_event *event, struct mesh_now now)
{
	p->node = event->node;
	p->node_name_len = keep_text(
	    p->node_name, sizeof p->node_name, tree_text(event->facts, "long_name"));
	p->firmware_len = keep_text(
	    p->firmware, sizeof p->firmware, tree_text(event->facts, "firmware"));
	p->error_len = 0;
	p->up_ms = now.ms > 0 ? now.ms : 1;
	p->version++;
	enter(p, RADIO_CONNECTED, now);
}

static void
note(struct port *p, const struct radio_event *event, struct mesh_now now)
{
	switch (event->kind) {
	case RADIO_READY:
		greet(p, event, now);
		break;
	case RADIO_RECEPTION:
		p->rx_packets++;
		p->last_rx_ms = now.unix_ms;
		break;
	case RADIO_STUCK:
		count_one(p->counts, COUNT_PORT_STUCK);
		p->stuck = p->up;
		p->why = (enum radio_stuck)event->reason;
		break;
	case RADIO_SENT:
		p->tx_packets += event->sent == SENT_ACCEPTED;
		break;
	case RADIO_NODE:
	case RADIO_SAMPLE:
	case RADIO_FRAME:
		break;
	}
}

bool
port_next_event(struct port *p, struct radio_event *out, struct mesh_now now)
{
	if (p->driver->next_event(p->radio, out)) {
		note(p, out, now);
		return true;
	}
	port_stats_beat(&p->stats, p->driver, p->radio, now);
	flush(p, now); /* what the driver wants to say to what was just read */
	return false;
}

enum mesh_err
port_submit(struct port *p, const struct radio_request *q, struct mesh_now now)
{
	if (!p->up)
		return MESH_IO;
	enum mesh_err err = p->driver->submit(p->radio, q, now);
	flush(p, now);
	return err;
}

/* --- looking in --- */

int
port_fd(const struct port *p)
{
	return p->link != NULL ? p->kind->fd(p->link) : -1;
}

bool
port_wants_write(const struct port *p)
{
	return p->link != NULL && (!p->up || p->out_sent < p->out_len);
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

static struct radio_node
own_node(const struct port *p)
{
	struct radio_node node = { .id = p->node,
		.name = { p->node_name, p->node_name_len },
		.firmware = { p->firmware, p->firmware_len } };
	field_mark(&radio_node_table, STATUS_NODE_ID, &node, id_is(&p->node));
	field_mark(&radio_node_table, STATUS_NODE_NAME, &node, p->node_name_len > 0);
	field_mark(&radio_node_table, STATUS_NODE_FIRMWARE, &node, p->firmware_len > 0);
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
	};
	field_mark(t, RADIO_ROW_LINK, out, p->kind != NULL);
	field_mark(t, RADIO_ROW_NODE, out, id_is(&p->node));
	field_mark(t, RADIO_ROW_LAST_RX, out, p->last_rx_ms != 0);
	field_mark(t, RADIO_ROW_ERROR, out, p->error_len > 0);
}

const struct id *
port_node(const struct port *p)
{
	return &p->node;
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
