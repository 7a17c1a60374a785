#include "ops_pace.h"

enum { APART_MS = 200, BURST = 20 };

bool
ops_pace_allows(struct call *c, struct op_pace *p, enum meshd_counter refused)
{
	mesh_time_ms now = c->world->now.ms;
	if (p == NULL)
		return true;
	mesh_time_ms full = p->full_ms > now ? p->full_ms : now;
	if (full - now >= (mesh_time_ms)APART_MS * BURST) {
		count_one(p->counts, refused);
		return false;
	}
	p->full_ms = full + APART_MS;
	return true;
}
