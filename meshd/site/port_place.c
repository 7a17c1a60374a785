/* A host that is a name has no lasting address (DHCP): it is looked up before each
 * attempt.  The port says that it wants to know, its caller asks without waiting and
 * says the answer.  Floor 7.  Pure. */
#include "port.h"
#include "port_inside.h"
#include "text.h"

bool
port_seeks(struct port *p, struct mesh_now now)
{
	bool known = p->at.host.len > 0;
	if (p->called_len == 0 || p->seek == SEEK_FOUND ||
	    (p->seek == SEEK_ASKED && known)) {
		p->seek = SEEK_NOT;
		return false;
	}
	p->seek = SEEK_WANTED;
	p->next_ms = known ? now.ms + PORT_SEEK_MS : MESH_NEVER;
	return true;
}

/* Who yields makes no attempts, but its name may mean another radio some day. */
void
port_seek_yielding(struct port *p, struct mesh_now now)
{
	if (!p->yields || p->called_len == 0 || p->seek_ms > now.ms)
		return;
	p->seek = SEEK_WANTED;
	p->seek_ms = now.ms + PORT_SEEK_AGAIN_MS;
}

bool
port_wants_place(struct port *p, struct text_view *called)
{
	bool wants = p->seek == SEEK_WANTED;
	*called = (struct text_view){ p->called, p->called_len };
	if (wants)
		p->seek = SEEK_ASKED;
	return wants;
}

static void
keep_host(struct port *p, struct text_view host)
{
	struct bytes_out out = bytes_out(p->host, sizeof p->host);
	text_put_view(&out, host);
	p->at.host = text_written(&out);
	port_stats_at(&p->stats, &p->at);
	p->version++;
}

bool
port_is_at(const struct port *p, struct text_view host)
{
	return text_equal(p->at.host, host);
}

/* The attempt was made without it: where it is made is not where the radio is. */
static void
place_late(struct port *p, struct text_view host, struct mesh_now now)
{
	if (p->up || host.len == 0 || port_is_at(p, host))
		return;
	keep_host(p, host);
	if (p->connect_by_ms == MESH_NEVER)
		return;
	p->seek = SEEK_FOUND;
	p->connect_by_ms = now.ms;
}

void
port_place(struct port *p, struct text_view host, struct mesh_now now)
{
	if (p->seek != SEEK_ASKED) {
		place_late(p, host, now);
		return;
	}
	if (host.len > 0 && !port_is_at(p, host))
		keep_host(p, host);
	/* Its name server may be what is down: the last address is tried. */
	p->seek = p->at.host.len > 0 ? SEEK_FOUND : SEEK_FAILED;
	if (!p->yields)
		p->next_ms = now.ms;
	else
		p->seek = SEEK_NOT;
}

void
port_call(struct port *p, struct text_view called)
{
	struct bytes_out out = bytes_out(p->called, sizeof p->called);
	text_put_clean(&out, bytes_view(called.ptr, called.len), sizeof p->called);
	p->called_len = out.len;
	if (out.len == 0)
		p->seek = SEEK_NOT;
}
