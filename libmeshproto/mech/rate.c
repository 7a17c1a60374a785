#include "rate.h"

enum { THOUSAND = 1000 };

static uint64_t
level_at(const struct rate *r, mesh_time_ms now)
{
	uint64_t full = (uint64_t)r->burst * THOUSAND;
	if (now <= r->at || r->per_s == 0)
		return r->level;
	uint64_t passed = now - r->at; /* a token per second is one thousandth per ms */
	if (passed > (full - r->level) / r->per_s)
		return full;
	return r->level + passed * r->per_s;
}

void
rate_init(struct rate *r, uint32_t per_s, uint32_t burst, mesh_time_ms now)
{
	*r = (struct rate){ per_s, burst, (uint64_t)burst * THOUSAND, now };
}

bool
rate_take(struct rate *r, uint32_t n, mesh_time_ms now)
{
	uint64_t cost = (uint64_t)n * THOUSAND;
	r->level = level_at(r, now);
	if (now > r->at)
		r->at = now;
	if (cost > r->level)
		return false;
	r->level -= cost;
	return true;
}

void
rate_fine(struct rate *r, uint32_t n, mesh_time_ms now)
{
	uint64_t level = level_at(r, now) / THOUSAND;
	(void)rate_take(r, n < level ? n : (uint32_t)level, now);
}

void
rate_give(struct rate *r, uint32_t n, mesh_time_ms now)
{
	uint64_t full = (uint64_t)r->burst * THOUSAND, back = (uint64_t)n * THOUSAND;
	(void)rate_take(r, 0, now);
	r->level = back < full - r->level ? r->level + back : full;
}

mesh_time_ms
rate_ready(const struct rate *r, uint32_t n, mesh_time_ms now)
{
	uint64_t cost = (uint64_t)n * THOUSAND, level = level_at(r, now);
	if (cost <= level)
		return now;
	if (n > r->burst || r->per_s == 0)
		return MESH_NEVER;
	return now + (cost - level + r->per_s - 1) / r->per_s;
}

static uint64_t
spent_at(const struct rate_cell *c, struct rate_size size, mesh_time_ms now)
{
	uint64_t back = (uint64_t)((uint32_t)now - c->at) * size.per_s;
	return back < c->spent ? c->spent - back : 0;
}

bool
rate_cell_has(
    const struct rate_cell *c, struct rate_size size, uint32_t n, mesh_time_ms now)
{
	return spent_at(c, size, now) + (uint64_t)n * THOUSAND <=
	    (uint64_t)size.burst * THOUSAND;
}

bool
rate_cell_take(struct rate_cell *c, struct rate_size size, uint32_t n, mesh_time_ms now)
{
	if (!rate_cell_has(c, size, n, now))
		return false;
	c->spent = (uint32_t)(spent_at(c, size, now) + (uint64_t)n * THOUSAND);
	c->at = (uint32_t)now;
	return true;
}
