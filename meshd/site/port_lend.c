/* Who else has the radio: another program for a while, another port of this site. */
#include "id.h"
#include "port.h"
#include "port_inside.h"
#include "text.h"

enum mesh_err
port_release(struct port *p, uint32_t ms, struct mesh_now now)
{
	if (p->kind == NULL || p->yields)
		return MESH_DENIED;
	if (ms == 0 && p->released_ms <= now.ms)
		return MESH_OK; /* it is ours */
	port_stop(p, now);
	if (ms == 0 || p->released_ms < now.ms + ms) { /* others may have it longer */
		p->released_ms = now.ms + ms;
		p->released_until = ms > 0 ? now.unix_ms + ms : 0;
	}
	p->next_ms = ms > 0 ? p->released_ms : now.ms + PORT_REST_MS;
	port_explain(p, "released for another program", 0);
	port_enter(p, RADIO_WAITING, now);
	return MESH_OK;
}

void
port_inherit(struct port *p, const struct port *old, struct mesh_now now)
{
	if (p->kind == NULL || old->released_ms <= now.ms)
		return;
	p->released_ms = p->next_ms = old->released_ms;
	p->released_until = old->released_until;
	port_explain(p, "released for another program", 0);
	port_enter(p, RADIO_WAITING, now);
}

void
port_rest(struct port *p, struct mesh_now now)
{
	if (p->next_ms < now.ms + PORT_REST_MS)
		p->next_ms = now.ms + PORT_REST_MS;
}

struct recorder *
port_record(struct port *p, struct mesh_now now)
{
	bool frames = p->kind != NULL && !p->driver->datagrams &&
	    p->driver->network == NETWORK_MESHTASTIC;
	bool begins = p->recording.recorder == NULL;
	if (!frames)
		return NULL;
	if (begins && p->link != NULL) {
		port_stop(p, now);
		p->next_ms = now.ms + PORT_REST_MS;
		port_explain(p, "made anew to be recorded", 0);
		port_enter(p, RADIO_WAITING, now);
	}
	if (!port_recording_want(&p->recording, now.ms))
		return NULL;
	return p->recording.recorder;
}

void
port_yield(struct port *p, struct text_view by, struct mesh_now now)
{
	if (by.len > 0 && !p->yields) {
		struct bytes_out out = bytes_out(p->error, sizeof p->error);
		port_stop(p, now);
		text_printf(&out, "this is the radio of '%.*s'", (int)by.len, by.ptr);
		p->error_len = out.len;
		port_enter(p, RADIO_FAILED, now);
	} else if (by.len == 0 && p->yields) {
		p->seek = SEEK_NOT;
		p->next_ms = now.ms + PORT_REST_MS;
		if (p->next_ms < p->released_ms)
			p->next_ms = p->released_ms;
		port_enter(p, RADIO_WAITING, now);
	}
	p->yields = by.len > 0;
}
