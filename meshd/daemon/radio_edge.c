#include "clock.h"
#include "daemon_inside.h"
#include "err.h"
#include "ports.h"
#include "radio_keys.h"
#include "text.h"
#include <string.h>

enum { AGAIN_MS = 10000 }; /* a radio's name that could not be resolved */

/* --- links on the loop --- */

static void
on_link(void *ctx, unsigned ready)
{
	struct link_watch *w = ctx;
	w->ready |= ((ready & LOOP_READ) != 0 ? EDGE_READ : 0u) |
	    ((ready & LOOP_WRITE) != 0 ? EDGE_WRITE : 0u);
}

unsigned
radio_edge_ready(void *ctx, size_t index)
{
	struct daemon *d = ctx;
	unsigned ready = d->links[index].ready;
	d->links[index].ready = 0;
	return ready;
}

void
radio_edge_watch(void *ctx, size_t index, int fd, uint64_t number, unsigned wanted)
{
	struct daemon *d = ctx;
	struct link_watch *w = &d->links[index];
	unsigned events = ((wanted & EDGE_READ) != 0 ? LOOP_READ : 0u) |
	    ((wanted & EDGE_WRITE) != 0 ? LOOP_WRITE : 0u);
	bool same = w->watch != NULL && w->fd == fd && w->number == number;
	if (same && w->wanted == wanted)
		return;
	if (fd < 0) {
		loop_unwatch(w->watch);
		*w = (struct link_watch){ .fd = -1, .number = number };
		return;
	}
	if (w->watch == NULL)
		w->watch = loop_watch(d->loop, fd, events, on_link, w);
	else
		loop_rewatch(w->watch, fd, events);
	w->ready = same ? w->ready : 0;
	w->fd = fd;
	w->number = number;
	w->wanted = wanted;
}

void
radio_edge_unwatch(struct daemon *d)
{
	for (size_t i = 0; i < LENGTH(d->links); i++) {
		loop_unwatch(d->links[i].watch);
		d->links[i] = (struct link_watch){ .fd = -1 };
	}
}

/* --- radios of the configuration --- */

static void
permit(struct daemon *d, const char *name, const struct radio_section *s)
{
	struct port *port = ports_find(d->ports, text(name));
	air_permit(d->air, text(name), s->tx);
	if (port != NULL)
		port_permit(port, (struct port_leave){ s->admin, s->tx });
}

/* The port that stands until a name is resolved hears what it no longer may. */
static void
forbid(struct daemon *d, const char *name, const struct radio_section *s)
{
	struct port *port = ports_find(d->ports, text(name));
	struct port_leave had;
	if (!s->tx)
		air_permit(d->air, text(name), false);
	if (port == NULL)
		return;
	had = port_leave(port);
	had.admin &= s->admin;
	had.tx &= s->tx;
	port_permit(port, had);
}

static bool
put(struct daemon *d, const char *name, const struct radio_section *section,
    struct mesh_now now)
{
	char keys[RADIO_KEYS_BYTES];
	struct radio_section with = *section;
	radio_keys_read(d, name, &with, keys);
	if (d->plug != NULL)
		plug_want(d->plug, section->device);
	radio_edge_unwatch(d); /* the port may close its descriptor */
	enum mesh_err err = ports_put(d->ports, text(name), &with, now);
	explicit_bzero(keys, sizeof keys);
	turn_forget_radios(d->turn);
	permit(d, name, section);
	air_prefer(d->air, text(name), section->priority);
	d->counters_due = true;
	if (err == MESH_OK)
		log_info(d->log, EVENT(RADIO_ADDED), STRING("radio", name));
	else
		log_error(d->log, EVENT(RADIO_REFUSED), STRING("radio", name),
		    STRING("error", mesh_err_str(err)));
	return err == MESH_OK;
}

static struct named_radio *
named_slot(struct daemon *d, const char *name)
{
	struct named_radio *free_slot = NULL;
	for (size_t i = 0; i < LENGTH(d->radios); i++) {
		struct named_radio *w = &d->radios[i];
		if (w->used && strcmp(w->name, name) == 0)
			return w;
		if (!w->used && free_slot == NULL)
			free_slot = w;
	}
	return free_slot;
}

/* The host in its one spelling: ::ffff:10.0.0.7 is 10.0.0.7, and :4403 is said. */
static bool
put_at(struct daemon *d, const char *name, const struct radio_section *section,
    const uint8_t addr[static ADDRESS_BYTES], struct text_view called,
    struct mesh_now now)
{
	struct radio_section numeric = *section;
	struct text_view host;
	uint16_t port;
	char room[ADDRESS_TEXT];
	struct bytes_out out = bytes_out(room, sizeof room);
	(void)ports_split_host(section->host, &host, &port);
	if (port != 0) {
		struct mesh_path path = address_path(addr, port);
		address_print_path(&path, &out);
	} else {
		address_print(addr, &out);
	}
	numeric.host = text_written(&out);
	numeric.called = called;
	return put(d, name, &numeric, now);
}

/* What was asked before is for another section, or for the port that it replaced. */
static void
forget(struct named_radio *w, enum name_use use)
{
	w->looks[use].number++;
	w->looks[use].asked = false;
}

/* A radio that is new is there from the start, whether its name has an address or not.
 * One that stands keeps its link until it is known that the section means another. */
static void
put_named(struct daemon *d, struct named_radio *w, const char *name,
    const struct radio_section *section, struct text_view host, struct mesh_now now)
{
	struct radio_section unplaced = *section;
	bool stands = ports_find(d->ports, text(name)) != NULL;
	w->used = true;
	w->again_ms = stands ? now.ms : MESH_NEVER;
	memcpy(w->name, name, strlen(name) + 1);
	if (stands)
		return;
	unplaced.called = host;
	forget(w, USE_ATTEMPT);
	(void)put(d, name, &unplaced, now);
}

/* Without a name.  Where that fails the port that stands may have one yet: who is asked
 * for it stays. */
static void
put_unnamed(struct named_radio *w, bool done)
{
	if (w == NULL || !done)
		return;
	w->used = false;
	forget(w, USE_ATTEMPT);
}

/* Links take numeric addresses: a name is asked for first. */
void
radio_edge_put(struct daemon *d, const char *name, struct mesh_now now)
{
	const struct radio_section *s = config_get(d->config, &radio_section, name);
	struct text_view host;
	uint16_t port;
	uint8_t addr[ADDRESS_BYTES];
	struct named_radio *w = named_slot(d, name);
	if (w != NULL) {
		forget(w, USE_SECTION);
		w->again_ms = MESH_NEVER;
	}
	forbid(d, name, s);
	if (s->host.len == 0 || !ports_split_host(s->host, &host, &port))
		put_unnamed(w, put(d, name, s, now));
	else if (resolve_numeric(host, addr))
		put_unnamed(w, put_at(d, name, s, addr, text(""), now));
	else if (w != NULL)
		put_named(d, w, name, s, host, now);
	else
		log_error(d->log, EVENT(RADIO_REFUSED), STRING("radio", name),
		    STRING("error", "too many radios"));
}

static uint32_t
mark_of(const struct daemon *d, const struct named_radio *w, enum name_use use)
{
	uint32_t i = (uint32_t)(w - d->radios);
	return (w->looks[use].number * NAME_USES + use) * PORTS_MAX + i;
}

/* One at a time: the system may take long, and its answers may overtake each other. */
static enum mesh_err
look_up(
    struct daemon *d, struct named_radio *w, enum name_use use, struct text_view host)
{
	struct name_look *look = &w->looks[use];
	if (look->asked)
		return MESH_OK;
	look->number++;
	enum mesh_err err = resolve_ask(
	    d->resolve, host, RESOLVE_RADIO(mark_of(d, w, use)));
	look->asked = err == MESH_OK;
	return err;
}

/* For a new section of a radio that stands. */
static void
ask(struct daemon *d, struct named_radio *w, struct mesh_now now)
{
	const struct radio_section *s = config_get(d->config, &radio_section, w->name);
	struct text_view host;
	uint16_t port;
	w->again_ms = now.ms + AGAIN_MS;
	if (s == NULL || !ports_split_host(s->host, &host, &port))
		w->again_ms = MESH_NEVER;
	else if (look_up(d, w, USE_SECTION, host) != MESH_OK)
		w->again_ms = now.ms + AGAIN_MS / 10;
}

/* Before an attempt.  What cannot be asked is as good as not found: it is tried again.
 */
static void
seek(struct daemon *d, struct named_radio *w, struct mesh_now now)
{
	struct port *port = ports_find(d->ports, text(w->name));
	struct text_view called;
	if (port != NULL && port_wants_place(port, &called) &&
	    look_up(d, w, USE_ATTEMPT, called) != MESH_OK)
		port_place(port, text(""), now);
}

/* Radios serve IPv4: of a name's addresses the first of that kind, if there is one. */
static const uint8_t *
best_of(const struct resolve_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (address_is_v4(answer->addrs[i]))
			return answer->addrs[i];
	return answer->addrs[0];
}

static void
place(struct daemon *d, const struct named_radio *w,
    const struct resolve_answer *answer, struct mesh_now now)
{
	struct port *port = ports_find(d->ports, text(w->name));
	char room[ADDRESS_TEXT];
	struct bytes_out out = bytes_out(room, sizeof room);
	if (answer->count > 0)
		address_print(best_of(answer), &out);
	if (port != NULL)
		port_place(port, text_written(&out), now);
}

/* The answer to ask(). */
static void
put_found(struct daemon *d, struct named_radio *w, const struct resolve_answer *answer,
    struct mesh_now now)
{
	const struct radio_section *s = config_get(d->config, &radio_section, w->name);
	struct text_view host;
	uint16_t port;
	if (s == NULL || !ports_split_host(s->host, &host, &port))
		return;
	if (answer->count == 0) {
		log_warn(d->log, EVENT(RADIO_REFUSED), STRING("radio", w->name),
		    TEXT("host", host), STRING("error", "the name has no address now"));
		return;
	}
	w->again_ms = MESH_NEVER;
	if (put_at(d, w->name, s, best_of(answer), host, now))
		forget(w, USE_ATTEMPT);
}

void
radio_edge_answer(
    struct daemon *d, const struct resolve_answer *answer, struct mesh_now now)
{
	uint32_t mark = (uint32_t)answer->token;
	struct named_radio *w = &d->radios[mark % PORTS_MAX];
	enum name_use use = (enum name_use)(mark / PORTS_MAX % NAME_USES);
	if (!w->used || !w->looks[use].asked || mark != mark_of(d, w, use))
		return;
	w->looks[use].asked = false;
	if (use == USE_SECTION)
		put_found(d, w, answer, now);
	else
		place(d, w, answer, now);
}

void
radio_edge_remove(struct daemon *d, const char *name)
{
	struct named_radio *w = named_slot(d, name);
	if (w != NULL && w->used) {
		forget(w, USE_SECTION);
		forget(w, USE_ATTEMPT);
		w->used = false;
	}
	air_permit(d->air, text(name), false);
	radio_edge_unwatch(d);
	if (ports_remove(d->ports, text(name)))
		publish_radio_gone(d->publish, text(name));
	turn_forget_radios(d->turn);
	d->counters_due = true;
}

/* --- serial ports that appear --- */

static void
on_plug(void *ctx, unsigned ready)
{
	struct daemon *d = ctx;
	(void)ready;
	d->plugged = true;
}

static void
watch_plugs(struct daemon *d)
{
	d->plug = plug_new();
	if (d->plug != NULL)
		d->plug_watch = loop_watch(
		    d->loop, plug_fd(d->plug), LOOP_READ, on_plug, d);
}

/* The folder that a device is in may have come with it. */
static void
take_plugs(struct daemon *d, struct mesh_now now)
{
	const char *name;
	d->plugged = false;
	if (!plug_take(d->plug))
		return;
	for (size_t i = 0;
	     (name = config_instance(d->config, &radio_section, i)) != NULL; i++) {
		const struct radio_section *s = config_get(
		    d->config, &radio_section, name);
		plug_want(d->plug, s->device);
	}
	ports_hurry(d->ports, now);
}

void
radio_edge_stop(struct daemon *d)
{
	radio_edge_unwatch(d);
	loop_unwatch(d->plug_watch);
	plug_free(d->plug);
	d->plug = NULL;
	d->plug_watch = NULL;
}

/* The last run let go of it for longer than it lived. */
static void
lend_on(struct daemon *d, const char *name, uint32_t left_ms, struct mesh_now now)
{
	struct port *port = ports_find(d->ports, text(name));
	if (port != NULL)
		(void)(port_release(port, left_ms, now) == MESH_OK);
}

void
radio_edge_start(struct daemon *d, struct mesh_now now)
{
	const struct metric_options *metric = config_get(
	    d->config, &metric_section, "");
	const char *name;
	size_t i = 0;
	sampler_init(&d->sampler, d->ports, d->intents, &d->counts);
	sampler_every(&d->sampler, metric->radios, now);
	radio_edge_unwatch(d);
	watch_plugs(d);
	for (; (name = config_instance(d->config, &radio_section, i)) != NULL; i++) {
		radio_edge_put(d, name, now);
		if (i < LENGTH(d->lent_ms) && d->lent_ms[i] > 0)
			lend_on(d, name, d->lent_ms[i], now);
	}
	if (i == 0)
		log_warn(d->log, EVENT(RADIO_MISSING),
		    STRING("network", "meshd --set radio.roof.host=10.0.0.7"),
		    STRING("usb", "meshd --set radio.roof.device=/dev/ttyUSB0"),
		    STRING("file",
			"[radio \"roof\"] with driver = meshtastic and host "
			"= 10.0.0.7 or device = /dev/ttyUSB0"),
		    STRING("simulated", "meshd --demo"));
}

void
radio_edge_chores(struct daemon *d, struct mesh_now now)
{
	if (d->plugged)
		take_plugs(d, now);
	for (size_t i = 0; i < LENGTH(d->radios); i++) {
		struct named_radio *w = &d->radios[i];
		if (w->used && w->again_ms <= now.ms)
			ask(d, w, now);
		if (w->used)
			seek(d, w, now);
	}
}

mesh_time_ms
radio_edge_deadline(const struct daemon *d)
{
	mesh_time_ms due = MESH_NEVER;
	for (size_t i = 0; i < LENGTH(d->radios); i++) {
		if (d->radios[i].used && d->radios[i].again_ms < due)
			due = d->radios[i].again_ms;
	}
	return due;
}
