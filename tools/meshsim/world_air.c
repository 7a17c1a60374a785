/* world_air.c - who hears whom. */
#include "world.h"

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
