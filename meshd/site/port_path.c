#include "port_path.h"

enum { SILENCE_MS = 90000 };

struct port_path
port_path_init(uint32_t silence_ms)
{
	uint32_t silence = silence_ms > 0 ? silence_ms : SILENCE_MS;
	return (
	    struct port_path){ .patience_ms = silence / 3 * 2, .since_ms = MESH_NEVER };
}

void
port_path_anew(struct port_path *p)
{
	*p = (struct port_path){ .patience_ms = p->patience_ms,
		.since_ms = MESH_NEVER };
}

void
port_path_wrote(struct port_path *p, uint64_t bytes, mesh_time_ms now)
{
	p->written += bytes;
	if (p->since_ms == MESH_NEVER)
		p->since_ms = now;
}

mesh_time_ms
port_path_deadline(const struct port_path *p)
{
	return p->since_ms == MESH_NEVER ? MESH_NEVER : p->since_ms + p->patience_ms;
}

bool
port_path_look(struct port_path *p, uint64_t waiting, mesh_time_ms now)
{
	uint64_t arrived = p->written - (waiting < p->written ? waiting : p->written);
	bool moved = arrived > p->arrived;
	p->arrived = arrived;
	if (waiting == 0)
		p->since_ms = MESH_NEVER;
	else if (moved)
		p->since_ms = now;
	return waiting == 0 || moved || now < port_path_deadline(p);
}
