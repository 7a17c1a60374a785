#include "radio_try.h"
#include "radio.h"
#include "radio_counters.h"
#include "text.h"
#include "tree.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	DEFAULT_PORT = 4403,
	LOOK_MS = 100,
	AGAIN_MS = 1000,
	TELL_MS = 1000,
	CONNECT_MS = 10000,
	WOKEN_MS = 100, /* over TCP nothing sleeps: ask before its client is back */
	READ = 4096
};
/* Longer than anybody tries: then the driver sends no heartbeat. */
static const uint32_t never_ms = 24U * 3600 * 1000;

struct trying {
	const struct radio_place *place;
	const struct radio_ops *driver;
	struct radio *radio;
	struct link *link; /* NULL: none */
	const struct radio_how *how;
	bool stands, met, unwanted;
	mesh_time_ms begin_ms, opened_ms, stood_ms, told_ms, again_ms;
	struct radio_tried *out;
};

static struct mesh_now
clock_now(void)
{
	struct timespec mono, wall;
	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &wall);
	return (struct mesh_now){ .ms = (mesh_time_ms)mono.tv_sec * 1000 +
		    (mesh_time_ms)mono.tv_nsec / 1000000,
		.unix_ms = (unix_ms)wall.tv_sec * 1000 + wall.tv_nsec / 1000000 };
}

/* --- where it is --- */

/* "HOST", "HOST:PORT", "[V6]:PORT"; a bare V6 address has colons and no port. */
static bool
split(const char *text, char *host, size_t cap, uint16_t *port)
{
	const char *colon = strrchr(text, ':'), *end = text + strlen(text);
	bool bracket = text[0] == '[';
	bool bare_v6 = !bracket && colon != NULL && strchr(text, ':') != colon;
	const char *close = bracket ? strchr(text, ']') : NULL;
	unsigned long number = DEFAULT_PORT;
	if (bracket && close == NULL)
		return false;
	if (!bare_v6 && colon != NULL && (!bracket || colon == close + 1)) {
		char *rest;
		number = strtoul(colon + 1, &rest, 10);
		if (*rest != '\0' || number == 0 || number > UINT16_MAX)
			return false;
		end = colon;
	}
	if (bracket)
		end = close;
	const char *from = text + bracket;
	if (end <= from || (size_t)(end - from) >= cap)
		return false;
	snprintf(host, cap, "%.*s", (int)(end - from), from);
	*port = (uint16_t)number;
	return true;
}

/* IPv4 first: radios serve that. */
static bool
resolve(char *host, size_t cap, const char *name, char *why, size_t why_cap)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *all = NULL, *best;
	int err = getaddrinfo(name, NULL, &hints, &all);
	for (best = all; best != NULL && best->ai_family != AF_INET;)
		best = best->ai_next;
	best = best != NULL ? best : all;
	if (err != 0 || best == NULL) {
		snprintf(why, why_cap, "%s: %s", name, gai_strerror(err));
		return false;
	}
	err = getnameinfo(best->ai_addr, best->ai_addrlen, host, (socklen_t)cap, NULL,
	    0, NI_NUMERICHOST);
	freeaddrinfo(all);
	const char *mapped = strncmp(host, "::ffff:", 7) == 0 ? host + 7 : host;
	memmove(host, mapped, strlen(mapped) + 1);
	return err == 0;
}

bool
radio_place(struct radio_place *p, const char *text_of, char *why, size_t cap)
{
	char name[4 * TRY_TEXT];
	*p = (struct radio_place){ .kind = &link_serial };
	if (text_of[0] == '/') {
		snprintf(p->device, sizeof p->device, "%s", text_of);
		p->at.device = text(p->device);
		return true;
	}
	if (!split(text_of, name, sizeof name, &p->at.port)) {
		snprintf(why, cap, "%s: wanted a device or HOST or HOST:PORT", text_of);
		return false;
	}
	p->kind = &link_tcp;
	if (!resolve(p->host, sizeof p->host, name, why, cap))
		return false;
	p->at.host = text(p->host);
	return true;
}

/* --- one link --- */

static void
lose(struct trying *t, const char *what, int err, struct mesh_now now)
{
	struct radio_tried *out = t->out;
	snprintf(out->error, sizeof out->error, "%s%s%s", what, err != 0 ? ": " : "",
	    err != 0 ? strerror(err) : "");
	if (t->link != NULL)
		t->place->kind->close(t->link);
	if (t->stands) {
		t->driver->link_down(t->radio, now);
		out->losses++;
	}
	t->link = NULL;
	t->stands = false;
	t->again_ms = now.ms + AGAIN_MS;
}

static void
open_link(struct trying *t, struct mesh_now now)
{
	int err = t->place->kind->open(&t->link, &t->place->at);
	t->opened_ms = now.ms;
	if (err >= 0)
		return;
	t->link = NULL;
	lose(t, "cannot open", -err, now);
}

static void
finish(struct trying *t, struct mesh_now now)
{
	int state = t->place->kind->finish(t->link);
	if (state < 0) {
		lose(t, "cannot connect", -state, now);
	} else if (state > 0) {
		t->stands = true;
		t->stood_ms = now.ms;
		if (!t->out->reached)
			t->out->reached_ms = (uint32_t)(now.ms - t->begin_ms);
		t->out->reached = true;
		if (t->place->device[0] == '\0')
			now.ms -= WOKEN_MS;
		t->driver->link_up(t->radio, now);
	} else if (now.ms - t->opened_ms >= CONNECT_MS) {
		lose(t, "cannot connect", ETIMEDOUT, now);
	}
}

static void
keep(char *to, struct text_view v)
{
	struct bytes_out out = bytes_out(to, TRY_TEXT - 1);
	text_put_clean(&out, bytes_view(v.ptr, v.len), TRY_TEXT - 1);
	to[out.len] = '\0';
}

static void
greet(struct trying *t, const struct radio_event *e, struct mesh_now now)
{
	struct radio_tried *out = t->out;
	if (!out->ready)
		out->ready_ms = (uint32_t)(now.ms - t->begin_ms);
	out->ready = true;
	out->node = e->node;
	keep(out->name, tree_text(e->facts, "long_name"));
	keep(out->firmware, tree_text(e->facts, "firmware"));
	keep(out->hardware, tree_text(e->facts, "hardware"));
}

/* Of the configuration the radio's own node comes first. */
static void
meet(struct trying *t, const struct id *node)
{
	if (!t->met && t->how->meets != NULL)
		t->unwanted = !t->how->meets(t->how->ctx, node);
	t->met = true;
}

static void
drain(struct trying *t, struct mesh_now now)
{
	struct radio_event e;
	bool stuck = false;
	while (t->driver->next_event(t->radio, &e)) {
		if (e.kind == RADIO_READY || e.kind == RADIO_NODE)
			meet(t, &e.node);
		if (e.kind == RADIO_READY)
			greet(t, &e, now);
		t->out->packets += e.kind == RADIO_RECEPTION;
		stuck |= e.kind == RADIO_STUCK;
	}
	t->out->frames = t->driver->counter(t->radio, COUNT_PORT_FRAMES_TAKEN);
	t->out->skipped = t->driver->counter(t->radio, COUNT_PORT_BYTES_SKIPPED);
	t->out->nodes = t->driver->counter(t->radio, COUNT_PORT_NODES_TAKEN);
	if (t->unwanted)
		lose(t, "it is somebody's radio", 0, now);
	else if (stuck)
		lose(t, "it says nothing that a Meshtastic radio says", 0, now);
}

static void
speak(struct trying *t, struct mesh_now now)
{
	struct bytes_view bytes;
	while (t->link != NULL && t->driver->next_bytes(t->radio, &bytes)) {
		int64_t n = t->place->kind->write(t->link, bytes.ptr, bytes.len);
		if (n < 0 && n != -EAGAIN)
			lose(t, "cannot write", (int)-n, now);
	}
}

static const char *
closed(const struct trying *t)
{
	return t->how->once
	    ? "it closed the connection, as a radio does whose client comes back"
	    : "it closed the connection";
}

static void
hear(struct trying *t, struct mesh_now now)
{
	static uint8_t block[READ];
	int64_t n = t->place->kind->read(t->link, block, sizeof block);
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		lose(t, n == 0 ? closed(t) : "cannot read", (int)-n, now);
		return;
	}
	t->out->bytes += (uint64_t)n;
	t->driver->receive(t->radio, bytes_view(block, (size_t)n), now);
	drain(t, now);
}

static void
turn(struct trying *t)
{
	struct pollfd fd = { t->link != NULL ? t->place->kind->fd(t->link) : -1,
		(short)(t->stands ? POLLIN : POLLIN | POLLOUT), 0 };
	(void)poll(&fd, 1, LOOK_MS);
	struct mesh_now now = clock_now();
	if (t->link == NULL && now.ms >= t->again_ms)
		open_link(t, now);
	if (t->link != NULL && !t->stands)
		finish(t, now);
	else if (t->link != NULL && fd.revents != 0)
		hear(t, now);
	if (t->stands && t->driver->deadline(t->radio) <= now.ms) {
		t->driver->tick(t->radio, now);
		drain(t, now);
	}
	speak(t, now);
	uint32_t held = t->stands ? (uint32_t)(now.ms - t->stood_ms) : 0;
	if (held > t->out->held_ms)
		t->out->held_ms = held;
}

static bool
goes_on(struct trying *t)
{
	const struct radio_how *how = t->how;
	mesh_time_ms now = clock_now().ms;
	const struct radio_tried *out = t->out;
	bool over = how->once && (out->ready || out->error[0] != '\0');
	if (now - t->begin_ms >= how->ms || over || t->unwanted)
		return false;
	if (how->progress == NULL || now - t->told_ms < TELL_MS)
		return true;
	t->told_ms = now;
	return how->progress(how->ctx, out, (uint32_t)(now - t->begin_ms));
}

void
radio_try(
    const struct radio_place *p, const struct radio_how *how, struct radio_tried *out)
{
	struct mesh_now now = clock_now();
	const struct radio_params params = { .name = text("probe"),
		.heartbeat_ms = never_ms,
		.silence_ms = never_ms,
		.seed = (uint64_t)now.unix_ms };
	struct trying t = { .place = p,
		.how = how,
		.driver = radio_driver(text("meshtastic")),
		.begin_ms = now.ms,
		.told_ms = now.ms,
		.out = out };
	*out = (struct radio_tried){ .reached = false };
	t.radio = t.driver->create(&params);
	if (t.radio == NULL)
		return;
	while (goes_on(&t))
		turn(&t);
	if (t.link != NULL)
		p->kind->close(t.link);
	t.driver->destroy(t.radio);
}
