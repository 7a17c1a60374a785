#include "port.h"
#include "id.h"
#include "port_inside.h"
#include "port_words.h"
#include "text.h"
#include "tree.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- small things --- */

static size_t
keep_text(char *to, size_t cap, struct text_view v)
{
	struct bytes_out out = bytes_out(to, cap);
	text_put_clean(&out, bytes_view(v.ptr, v.len), cap);
	return out.len;
}

void
port_enter(struct port *p, enum radio_state state, struct mesh_now now)
{
	if (p->state == state)
		return;
	p->state = state;
	p->since_ms = now.unix_ms;
	p->version++;
}

void
port_explain(struct port *p, const char *doing, int err)
{
	struct bytes_out out = bytes_out(p->error, sizeof p->error);
	text_put(&out, doing);
	if (err != 0) {
		text_put(&out, ": ");
		port_words_errno(err, &out);
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
	p->mark = params->mark;
	p->pause.random = params->seed;
	p->path = port_path_init(params->radio.silence_ms);
	p->connect_by_ms = p->listen_by_ms = MESH_NEVER;
	p->name_len = keep_text(p->name, sizeof p->name, params->name);
	p->at = params->at;
	p->at.device = (struct text_view){ p->device,
		keep_text(p->device, sizeof p->device, params->at.device) };
	p->at.host = (struct text_view){ p->host,
		keep_text(p->host, sizeof p->host, params->at.host) };
	port_call(p, params->called);
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
	p->next_ms = now.ms + params->rest_ms;
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
	p->connect_by_ms = p->listen_by_ms = MESH_NEVER;
	p->write_err = 0;
	port_path_anew(&p->path);
}

void
port_free(struct port *p)
{
	if (p == NULL)
		return;
	close_link(p);
	port_recording_stop(&p->recording);
	p->driver->destroy(p->radio);
	free(p);
}

/* --- losing and finding the link --- */

/* Waiting will hardly help: somebody must look. */
static bool
wants_person(int err)
{
	return err == EACCES || err == EPERM || err == EINVAL;
}

static void
plan_attempt(struct port *p, int err, struct mesh_now now)
{
	if (p->pause.ready_ms == 0)
		p->at.attempt++; /* "auto": it was no radio, or not free */
	p->next_ms = port_pause_until(&p->pause, now.ms);
	port_enter(p, wants_person(err) ? RADIO_FAILED : RADIO_WAITING, now);
}

void
port_stop(struct port *p, struct mesh_now now)
{
	close_link(p);
	if (p->up) {
		port_recording_link_ended(&p->recording, now.ms);
		p->driver->link_down(p->radio, now);
	}
	p->up = p->stuck = false;
	p->next_ms = MESH_NEVER;
	p->seek = SEEK_NOT;
}

static void
lose(struct port *p, uint64_t *reason, const char *doing, int err, struct mesh_now now)
{
	port_explain(p, doing, err);
	(*reason)++;
	count_one(p->counts, p->up ? COUNT_PORT_LOST : COUNT_PORT_OPEN_FAILED);
	port_stop(p, now);
	plan_attempt(p, err, now);
}

static void
stand(struct port *p, struct mesh_now now)
{
	p->up = true;
	p->connect_by_ms = p->listen_by_ms = MESH_NEVER;
	port_stats_found(&p->stats, p->kind, p->link);
	p->reconnects += p->stood;
	p->stood = true;
	count_one(p->counts, COUNT_PORT_OPENED);
	p->driver->link_up(p->radio, now);
}

/* Nobody named this device: it may be no radio, and then nothing is written to it. */
static void
listen(struct port *p, struct mesh_now now)
{
	p->connect_by_ms = MESH_NEVER;
	p->listen_by_ms = now.ms + p->at.listen_ms;
}

static void
finish(struct port *p, struct mesh_now now)
{
	int state = p->kind->finish(p->link);
	if (state < 0)
		lose(p, &p->stats.lost.refused, "cannot connect", -state, now);
	else if (state > 0 && p->at.listen_ms > 0)
		listen(p, now);
	else if (state > 0)
		stand(p, now);
}

static void
attempt(struct port *p, struct mesh_now now)
{
	if (port_seeks(p, now))
		return;
	p->next_ms = MESH_NEVER;
	p->released_until = 0;
	p->link_number++;
	port_enter(p, RADIO_CONNECTING, now);
	if (p->kind == NULL) {
		stand(p, now);
		return;
	}
	p->connect_by_ms = now.ms + PORT_CONNECT_MS;
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
path_is_dead(struct port *p, struct mesh_now now)
{
	return p->kind != NULL && p->kind->waiting != NULL &&
	    !port_path_look(&p->path, p->kind->waiting(p->link), now.ms);
}

/* A link that takes nothing may still hold what the radio said: it is read to its end
 * before it is given up. */
static bool
send_waiting(struct port *p, struct mesh_now now)
{
	if (p->write_err != 0)
		return false;
	if (p->out_len > 0)
		(void)path_is_dead(p, now); /* the tick asks at the deadline */
	while (p->out_sent < p->out_len) {
		int64_t n = p->kind->write(
		    p->link, p->out + p->out_sent, p->out_len - p->out_sent);
		if (n == -EAGAIN || n == -EINTR || n == 0)
			return false;
		if (n < 0) {
			p->write_err = (int)-n;
			return false;
		}
		port_recording_take(&p->recording, true,
		    bytes_view(p->out + p->out_sent, (size_t)n), now.ms);
		p->out_sent += (size_t)n;
		p->tx_bytes += (uint64_t)n;
		if (p->kind->waiting != NULL) /* else nobody can say what arrived */
			port_path_wrote(&p->path, (uint64_t)n, now.ms);
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

static void
end(struct port *p, int64_t n, struct mesh_now now)
{
	if (p->write_err != 0)
		lose(p, &p->stats.lost.broken, "cannot write", p->write_err, now);
	else if (n == 0)
		lose(p, &p->stats.lost.closed, "the radio closed the connection", 0,
		    now);
	else
		lose(p, &p->stats.lost.broken, "cannot read", (int)-n, now);
}

/* GPS receivers have the same chips, and talk all the time. */
static bool
is_position(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (bytes[i] == '$' && bytes[i + 1] == 'G')
			return true;
	return false;
}

static void
overhear(struct port *p, struct mesh_now now)
{
	int64_t n = p->kind->read(p->link, p->in, sizeof p->in);
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0)
		end(p, n, now);
	else if (is_position(p->in, (size_t)n))
		lose(p, &p->stats.lost.handshake, "a GPS receiver talks there", 0, now);
}

void
port_readable(struct port *p, struct mesh_now now)
{
	if (p->link == NULL)
		return;
	if (p->listen_by_ms != MESH_NEVER) {
		overhear(p, now);
		return;
	}
	if (!p->up) {
		finish(p, now);
		return;
	}
	int64_t n = p->kind->read(p->link, p->in, sizeof p->in);
	bool nothing = n == -EAGAIN || n == -EINTR;
	if (nothing && p->write_err == 0)
		return;
	if (n <= 0) {
		end(p, n, now);
		return;
	}
	p->rx_bytes += (uint64_t)n;
	port_recording_take(&p->recording, false, bytes_view(p->in, (size_t)n), now.ms);
	p->driver->receive(p->radio, bytes_view(p->in, (size_t)n), now);
	flush(p, now);
}

void
port_writable(struct port *p, struct mesh_now now)
{
	if (p->link != NULL && !p->up && p->listen_by_ms == MESH_NEVER)
		finish(p, now);
	flush(p, now);
}

static void
miss(struct port *p, struct mesh_now now)
{
	char room[PORT_REASON];
	struct bytes_out out = bytes_out(room, sizeof room);
	text_printf(
	    &out, "the name %.*s has no address", (int)p->called_len, p->called);
	lose(p, &p->stats.lost.refused, text_end(&out), 0, now);
}

/* Its name leads elsewhere, as was said amid it: nothing is lost. */
static void
attempt_elsewhere(struct port *p, struct mesh_now now)
{
	port_stop(p, now);
	p->seek = SEEK_FOUND;
	p->next_ms = now.ms;
}

/* Ends a link that nobody ended. */
static void
supervise(struct port *p, struct mesh_now now)
{
	struct radio_lost *lost = &p->stats.lost;
	if (p->stuck)
		lose(p, p->why == STUCK_SILENT ? &lost->silent : &lost->handshake,
		    "the radio does not answer", 0, now);
	if (p->seek == SEEK_FAILED)
		miss(p, now);
	if (p->write_err != 0)
		port_readable(p, now);
	if (p->listen_by_ms <= now.ms)
		stand(p, now);
	if (p->connect_by_ms <= now.ms && p->seek == SEEK_FOUND)
		attempt_elsewhere(p, now);
	else if (p->connect_by_ms <= now.ms)
		lose(p, &lost->refused, "cannot connect", ETIMEDOUT, now);
	if (p->up && port_path_deadline(&p->path) <= now.ms && path_is_dead(p, now))
		lose(p, &lost->silent, "what is sent does not arrive", 0, now);
}

void
port_tick(struct port *p, struct mesh_now now)
{
	supervise(p, now);
	port_seek_yielding(p, now);
	if (p->next_ms <= now.ms)
		attempt(p, now);
	if (p->up && p->driver->deadline(p->radio) <= now.ms)
		p->driver->tick(p->radio, now);
	port_stats_beat(&p->stats, p->driver, p->radio, now);
	port_recording_tick(&p->recording, now.ms);
	flush(p, now);
}

/* --- what the driver says --- */

static void
greet(struct port *p, const struct radio_event *event, struct mesh_now now)
{
	static const char *const words[PORT_NODE_TEXTS] = { "long_name", "firmware",
		"short_name", "role", "hardware", "can" };
	p->node = event->node;
	for (size_t i = 0; i < PORT_NODE_TEXTS; i++)
		p->node_lens[i] = keep_text(p->node_texts[i], sizeof p->node_texts[i],
		    tree_text(event->facts, words[i]));
	p->error_len = 0;
	port_pause_ready(&p->pause, now.ms);
	p->version++;
	port_enter(p, RADIO_CONNECTED, now);
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
	case RADIO_CHANGED:
		port_stats_changed(&p->stats, (enum radio_change)event->reason);
		p->version++;
		break;
	case RADIO_SENT:
		p->tx_packets += event->sent == SENT_ACCEPTED;
		break;
	case RADIO_ORDERED:
		p->outcomes[event->request % PORT_OUTCOMES] = (struct port_outcome){
			event->request, { event->sent, event->reason }
		};
		break;
	case RADIO_TENDED:
	case RADIO_NODE:
	case RADIO_SAMPLE:
	case RADIO_FRAME:
	case RADIO_EVENT_KINDS:
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

enum mesh_err
port_administer(struct port *p, struct radio_order *o, struct mesh_now now)
{
	if (o->kind == ORDER_APPLY && (!p->admin || (o->transmits && !p->tx)))
		return MESH_DENIED;
	if (!p->up)
		return MESH_IO;
	o->order = p->order + 1;
	enum mesh_err err = radio_admin(p->driver)->administer(p->radio, o, now);
	if (err != MESH_OK)
		return err;
	p->order++;
	return MESH_OK;
}

void
port_hurry(struct port *p, struct mesh_now now)
{
	mesh_time_ms soon = now.ms + PORT_PLUG_MS;
	bool waits = p->state == RADIO_WAITING || p->state == RADIO_FAILED;
	if (waits && !p->yields && p->released_ms <= now.ms && p->at.device.len > 0 &&
	    p->next_ms > soon)
		p->next_ms = soon;
}
