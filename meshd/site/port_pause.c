#include "port_pause.h"

static uint64_t
draw(struct port_pause *p) /* splitmix64: jitter needs no secrecy, and tests a seed */
{
	uint64_t z = p->random += 0x9e3779b97f4a7c15U;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

void
port_pause_ready(struct port_pause *p, mesh_time_ms now)
{
	p->ready_ms = now > 0 ? now : 1;
}

static mesh_time_ms
in_the_row(struct port_pause *p)
{
	unsigned doublings = p->attempts - 1 < 6 ? p->attempts - 1 : 6;
	mesh_time_ms pause = (mesh_time_ms)PORT_BACKOFF_MS << doublings;
	if (pause > PORT_BACKOFF_MAX_MS)
		pause = PORT_BACKOFF_MAX_MS;
	p->attempts++;
	pause = pause * 4 / 5 + draw(p) % (pause * 2 / 5 + 1);
	return pause < PORT_BACKOFF_MAX_MS ? pause : PORT_BACKOFF_MAX_MS;
}

mesh_time_ms
port_pause_until(struct port_pause *p, mesh_time_ms now)
{
	mesh_time_ms held = p->ready_ms != 0 ? now - p->ready_ms : 0;
	p->ready_ms = 0;
	if (held >= PORT_STEADY_MS)
		p->attempts = 0;
	if (p->attempts > 0 && held < PORT_HELD_MS)
		return now + in_the_row(p);
	if (p->attempts == 0)
		p->attempts = 1;
	return now + draw(p) % (PORT_FIRST_MS / 2 + 1);
}
