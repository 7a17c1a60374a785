#include "world.h"
#include <assert.h>

/* --- who hears whom --- */

static uint8_t *
cell(const struct world *w, uint32_t a, uint32_t b)
{
	return &w->joined[(size_t)a * w->params.sites + b];
}

void
world_join(struct world *w, uint32_t a, uint32_t b)
{
	*cell(w, a, b) = *cell(w, b, a) = 1;
}

void
world_cut(struct world *w, uint32_t a, uint32_t b)
{
	*cell(w, a, b) = *cell(w, b, a) = 0;
}

void
world_join_all(struct world *w)
{
	for (uint32_t a = 0; a < w->params.sites; a++)
		for (uint32_t b = 0; b < a; b++)
			world_join(w, a, b);
}

void
world_join_line(struct world *w)
{
	for (uint32_t i = 1; i < w->params.sites; i++)
		world_join(w, i - 1, i);
}

void
world_join_ring(struct world *w)
{
	world_join_line(w);
	world_join(w, 0, w->params.sites - 1);
}

bool
world_hears(const struct world *w, uint32_t from, uint32_t to)
{
	return *cell(w, from, to) != 0;
}

/* --- datagrams --- */

static bool
is_lost(struct world *w)
{
	return (double)(world_random(w) >> 11) / (double)(1ULL << 53) < w->params.loss;
}

static void
send_one(struct world *w, uint32_t to, struct packet *p)
{
	const struct world_params *params = &w->params;
	if (!world_hears(w, p->from, to) || is_lost(w))
		return;
	uint64_t spread = params->delay_max_ms - params->delay_min_ms + 1U;
	mesh_time_ms at = w->now + params->delay_min_ms + world_random(w) % spread;
	arrivals_put(&w->arrivals, at, to, p);
}

void
world_send(struct world *w, uint32_t from, const struct mesh_datagram *out)
{
	struct world_site *s = &w->sites[from];
	assert(out->bytes.len <= WORLD_DATAGRAM);
	s->sent++;
	s->sent_bytes += out->bytes.len;
	struct packet *p = packet_new(out->bytes);
	p->from = from;
	p->source = s->path;
	p->broadcast = world_is_broadcast(&out->to);
	if (p->broadcast) {
		for (uint32_t i = 0; i < w->params.sites; i++)
			send_one(w, i, p);
	} else {
		uint32_t to = world_site_at(w, &out->to);
		if (to != UINT32_MAX)
			send_one(w, to, p);
	}
	packet_release(p);
}
