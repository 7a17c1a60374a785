#include "ports.h"
#include "id.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum { MESHTASTIC_TCP_PORT = 4403, LISTEN_MS = 2000 }; /* its default port */

static const char *const driver_words[] = { "meshtastic", "sim", NULL };
static const char *const line_words[] = { "board", "no", "yes", NULL };
static const char *const option_words[] = { "plain", "none", NULL };

/* clang-format off */
#define ROW(m, unit, lo, hi, fallback, doc) \
	OPTION(struct radio_section, m, unit, lo, hi, fallback, APPLIES_RECONNECT, doc)
static const struct conf_option rows[] = {
	OPTION_WORDS(struct radio_section, driver, driver_words, "meshtastic", APPLIES_RECONNECT, "What it speaks; sim makes packets up, for demonstrations."),
	ROW(device, UNIT_NONE, 0, 127, "", "Serial port: /dev/serial/by-id/..., /dev/ttyUSB0; auto or auto:WORD: the USB port with a known board (whose maker, model or serial number has the word); udp:eth0: what nodes on that network multicast, listen only."),
	ROW(host, UNIT_NONE, 0, 127, "", "Address of a radio on the network: 10.0.0.7 or 10.0.0.7:4403."),
	OPTION_AUTO(struct radio_section, baud, UNIT_NONE, 1200, 3000000, APPLIES_RECONNECT, "Speed of the serial port, one of those that systems know, as 9600, 57600 or 921600; auto: as the board needs, 115200."),
	OPTION_WORDS(struct radio_section, dtr, line_words, "board", APPLIES_RECONNECT, "DTR while the serial port is open; board: as the board on it needs."),
	OPTION_WORDS(struct radio_section, rts, line_words, "board", APPLIES_RECONNECT, "RTS, likewise."),
	ROW(heartbeat, UNIT_MS, 1000, 600000, "30s", "How often the radio is told that we are still here."),
	ROW(silence, UNIT_MS, 2000, 3600000, "90s", "Silence after which the link counts as dead and is made anew."),
	OPTION(struct radio_section, tx, UNIT_NONE, 0, 0, "no", APPLIES_LIVE, "Whether anything may be transmitted through it."),
	OPTION(struct radio_section, priority, UNIT_NONE, 0, 100, "0", APPLIES_LIVE, "Which radio sends what is not for a certain one, of several that may: the one with the highest; of equals the first."),
	ROW(mqtt_proxy, UNIT_NONE, 0, 0, "no", "Whether what the radio hands its client for an MQTT broker is heard, too: what others say to each other, as far as the radio can read it. Nothing goes to a broker."),
	ROW(set_time, UNIT_NONE, 0, 0, "yes", "Whether its clock is set when the link is made, if it has no time or is off by more than a minute; that is nothing on the air."),
	OPTION(struct radio_section, admin, UNIT_NONE, 0, 0, "no", APPLIES_LIVE, "Whether its settings may be changed from here; that is nothing on the air."),
	ROW(keys_file, UNIT_NONE, 0, 4000, "", "Keys beside the radio's own, one a line: `channel NAME BASE64`, `secret BASE64`; what they open is read."),
	OPTION_WORDS(struct radio_section, socket_options, option_words, "plain", APPLIES_RECONNECT, "plain: keepalive and no delay; none: leave the socket as it is, for radios that cannot bear it."),
	ROW(sim_seed, UNIT_NONE, 0, 0, "0", "Driver sim: which made-up cell; 0: by the radio's name."),
	ROW(sim_nodes, UNIT_COUNT, 0, 250, "0", "Driver sim: nodes in the cell; 0: 12."),
	ROW(sim_interval, UNIT_MS, 0, 3600000, "0", "Driver sim: mean gap between packets; 0: 4s."),
	ROW(sim_x, UNIT_M, -1000000, 1000000, "0", "Driver sim: our place in the cell."),
	ROW(sim_y, UNIT_M, -1000000, 1000000, "0", "Driver sim: our place in the cell."),
};
#undef ROW
/* clang-format on */

#define SPEED(n) n,
static const uint32_t speeds[] = { LINK_SPEEDS(SPEED) };
#undef SPEED

static bool
is_speed(uint32_t baud)
{
	for (size_t i = 0; i < LENGTH(speeds); i++)
		if (speeds[i] == baud)
			return true;
	return baud == 0;
}

static void
complain_of_speed(uint32_t baud, struct bytes_out *complaint)
{
	text_printf(complaint, "baud: no serial port has %u; wanted auto", baud);
	for (size_t i = 0; i < LENGTH(speeds); i++)
		text_printf(complaint, "%s%u", i + 1 < LENGTH(speeds) ? ", " : " or ",
		    speeds[i]);
}

static bool
check_radio(const void *instance, struct bytes_out *complaint)
{
	const struct radio_section *s = instance;
	struct text_view host;
	uint16_t port;
	if (s->driver == DRIVER_SIM)
		return true;
	if (s->device.len > 0 && s->host.len > 0)
		text_put(complaint, "device and host exclude each other");
	else if (s->device.len == 0 && s->host.len == 0)
		text_put(
		    complaint, "where is it? device = /dev/ttyUSB0 or host = ADDRESS");
	else if (s->host.len > 0 && !ports_split_host(s->host, &host, &port))
		text_put(complaint, "host: wanted ADDRESS or ADDRESS:PORT");
	else if (!is_speed(s->baud))
		complain_of_speed(s->baud, complaint);
	else
		return true;
	return false;
}

const struct section radio_section = { "radio", true, sizeof(struct radio_section),
	rows, LENGTH(rows), check_radio };

struct ports {
	struct ports_params at;
	struct port *list[PORTS_MAX]; /* owned */
	size_t count;
};

struct ports *
ports_new(const struct ports_params *params)
{
	struct ports *p = calloc(1, sizeof *p);
	if (p != NULL)
		p->at = *params;
	return p;
}

void
ports_free(struct ports *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count; i++)
		port_free(p->list[i]);
	free(p);
}

/* "HOST", "HOST:PORT", "[V6]", "[V6]:PORT"; a bare V6 address has colons and no port.
 */
bool
ports_split_host(struct text_view text, struct text_view *host, uint16_t *port)
{
	uint64_t number = 0;
	const char *end = text.len > 0 ? text.ptr + text.len : NULL, *rest;
	const char *colon = end != NULL ? memchr(text.ptr, ':', text.len) : NULL;
	*port = 0;
	*host = text;
	if (end == NULL)
		return false;
	if (text.ptr[0] == '[') {
		rest = memchr(text.ptr, ']', text.len);
		if (rest == NULL)
			return false;
		*host = (struct text_view){ text.ptr + 1,
			(size_t)(rest - text.ptr) - 1 };
		colon = ++rest;
	} else {
		bool bare_v6 = colon != NULL &&
		    memchr(colon + 1, ':', (size_t)(end - colon) - 1) != NULL;
		rest = colon == NULL || bare_v6 ? end : colon;
		colon = rest;
		host->len = (size_t)(rest - text.ptr);
	}
	if (host->len == 0)
		return false;
	if (colon == end)
		return true;
	struct text_view digits = { colon + 1, (size_t)(end - colon) - 1 };
	if (*colon != ':' || text_parse_u64(digits, &number) != MESH_OK ||
	    number == 0 || number > UINT16_MAX)
		return false;
	*port = (uint16_t)number;
	return true;
}

/* "udp:eth0": no radio of ours, but what others tell their network. */
static bool
is_ether(const struct radio_section *s)
{
	static const char prefix[] = "udp:";
	return s->device.len >= sizeof prefix - 1 &&
	    memcmp(s->device.ptr, prefix, sizeof prefix - 1) == 0;
}

/* A device that nobody named. */
static bool
is_auto(const struct radio_section *s)
{
	static const char word[] = "auto";
	return s->device.len >= sizeof word - 1 &&
	    memcmp(s->device.ptr, word, sizeof word - 1) == 0;
}

static const struct radio_ops *
driver_of(const struct radio_section *s)
{
	if (s->driver == DRIVER_MESHTASTIC && is_ether(s))
		return radio_driver(text("meshtastic-udp"));
	return radio_driver(text(driver_words[s->driver]));
}

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t
mix(uint64_t h, struct text_view v)
{
	for (size_t i = 0; i < v.len; i++)
		h = (h ^ (uint8_t)v.ptr[i]) * FNV_PRIME;
	return h;
}

/* A seed for each name: mixed with this start's for jitter and nonces, with nothing for
 * a simulated cell, which must be the same one after every start. */
static uint64_t
seed_of(uint64_t start, struct text_view name)
{
	return mix(FNV_START ^ start, name);
}

static bool
find_link(const struct ports *p, const struct radio_section *s, struct port_params *out)
{
	struct text_view host;
	uint16_t port;
	out->at.baud = s->baud;
	out->at.dtr = (enum link_line)s->dtr;
	out->at.rts = (enum link_line)s->rts;
	out->at.options = (enum link_socket_options)s->socket_options;
	if (s->device.len > 0) {
		out->link = is_ether(s) ? p->at.multicast : p->at.serial;
		out->at.device = s->device;
		out->at.listen_ms = is_auto(s) ? LISTEN_MS : 0;
		return true;
	}
	if (!ports_split_host(s->host, &host, &port))
		return false;
	out->link = p->at.tcp;
	out->called = s->called;
	if (!text_equal(host, s->called))
		out->at.host = host;
	out->at.port = port != 0 ? port : MESHTASTIC_TCP_PORT;
	return true;
}

static struct radio_params
radio_of(const struct ports *p, struct text_view name, const struct radio_section *s)
{
	uint64_t seed = seed_of(s->driver == DRIVER_SIM ? 0 : p->at.seed, name);
	if (s->driver == DRIVER_SIM && s->sim_seed != 0)
		seed = s->sim_seed; /* sites that share a cell share its seed */
	return (struct radio_params){ .name = name,
		.heartbeat_ms = s->heartbeat,
		.silence_ms = s->silence,
		.hears_proxy = s->mqtt_proxy,
		.keys = s->keys,
		.set_time = s->set_time,
		.seed = seed,
		.sim_nodes = s->sim_nodes,
		.sim_x = s->sim_x,
		.sim_y = s->sim_y,
		.sim_interval_ms = s->sim_interval };
}

/* Of all that a link and its driver are made from, but the host. */
static uint64_t
mark_of(const struct radio_section *s, const struct port_params *params)
{
	const uint64_t numbers[] = { s->driver, s->set_time, s->baud, s->dtr, s->rts,
		s->heartbeat, s->silence, s->socket_options, s->mqtt_proxy, s->sim_seed,
		s->sim_nodes, s->sim_interval, (uint32_t)s->sim_x, (uint32_t)s->sim_y,
		params->at.port, s->host.len > 0, s->device.len };
	uint64_t h = FNV_START;
	for (size_t i = 0; i < LENGTH(numbers); i++)
		h = (h ^ numbers[i]) * FNV_PRIME;
	return mix(mix(h, s->device), s->keys);
}

static size_t
number_of(const struct ports *p, struct text_view name)
{
	size_t i = 0;
	while (i < p->count && !text_equal(port_name(p->list[i]), name))
		i++;
	return i;
}

enum mesh_err
ports_put(struct ports *p, struct text_view name, const struct radio_section *section,
    struct mesh_now now)
{
	size_t i = number_of(p, name);
	struct port_params params = { .name = name,
		.driver = driver_of(section),
		.radio = radio_of(p, name, section),
		.seed = seed_of(p->at.seed, name),
		.counts = p->at.counts };
	if (i == PORTS_MAX)
		return MESH_FULL;
	if (params.driver == NULL)
		return MESH_NOT_FOUND;
	if (name.len == 0 ||
	    (params.driver->needs_link && !find_link(p, section, &params)))
		return MESH_MALFORMED;
	struct port *old = i < p->count ? p->list[i] : NULL;
	params.mark = mark_of(section, &params);
	if (old != NULL && port_mark(old) == params.mark &&
	    port_is_at(old, params.at.host)) {
		port_call(old, params.called);
		return MESH_OK;
	}
	params.rest_ms = old != NULL && params.driver->needs_link ? PORT_REST_MS : 0;
	struct port *port = port_new(&params, now);
	if (port == NULL)
		return MESH_FULL;
	if (old != NULL)
		port_inherit(port, old, now);
	port_free(old);
	p->list[i] = port;
	p->count += i == p->count;
	return MESH_OK;
}

bool
ports_remove(struct ports *p, struct text_view name)
{
	size_t i = number_of(p, name);
	if (i == p->count)
		return false;
	port_free(p->list[i]);
	p->count--;
	for (; i < p->count; i++)
		p->list[i] = p->list[i + 1];
	return true;
}

size_t
ports_count(const struct ports *p)
{
	return p->count;
}

struct port *
ports_at(struct ports *p, size_t index)
{
	return index < p->count ? p->list[index] : NULL;
}

const struct port *
ports_see(const struct ports *p, size_t index)
{
	return index < p->count ? p->list[index] : NULL;
}

struct port *
ports_find(struct ports *p, struct text_view name)
{
	return ports_at(p, number_of(p, name));
}

/* The first port before `i` that has its radio; NULL: none. */
static struct port *
holder(const struct ports *p, size_t i)
{
	const struct port *port = p->list[i];
	for (size_t k = 0; k < i; k++) {
		struct port *first = p->list[k];
		if (!port_wants_link(port) || !port_wants_link(first))
			continue;
		if (port_is_place(first, port) ||
		    (id_is(port_node(port)) &&
			id_equal(port_node(first), port_node(port))))
			return first;
	}
	return NULL;
}

void
ports_settle(struct ports *p, struct mesh_now now)
{
	for (size_t i = 1; i < p->count; i++) {
		struct port *first = holder(p, i);
		if (first != NULL && port_has_link(p->list[i]))
			port_rest(first, now);
		port_yield(
		    p->list[i], first != NULL ? port_name(first) : text(""), now);
	}
	if (p->count > 0) /* the first may have been second */
		port_yield(p->list[0], text(""), now);
}

void
ports_hurry(struct ports *p, struct mesh_now now)
{
	for (size_t i = 0; i < p->count; i++)
		port_hurry(p->list[i], now);
}

void
ports_tick(struct ports *p, struct mesh_now now)
{
	ports_settle(p, now);
	for (size_t i = 0; i < p->count; i++)
		port_tick(p->list[i], now);
}

mesh_time_ms
ports_deadline(const struct ports *p)
{
	mesh_time_ms soonest = MESH_NEVER;
	for (size_t i = 0; i < p->count; i++) {
		mesh_time_ms due = port_deadline(p->list[i]);
		if (due < soonest)
			soonest = due;
	}
	return soonest;
}
