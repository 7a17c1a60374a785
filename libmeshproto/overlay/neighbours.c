#include "neighbours.h"

void
neighbours_init(struct neighbours *n, struct neighbours_site *sites, uint32_t cap)
{
	*n = (struct neighbours){ .sites = sites, .cap = cap };
}

static bool
is_open(const struct neighbours_site *s)
{
	return s->candidate && !s->chosen && !s->is_static && !s->refused;
}

/* The k-th candidate that may be chosen. */
static struct neighbours_site *
pick(struct neighbours *n, uint32_t k)
{
	for (uint32_t i = 0;; i = i + 1 < n->cap ? i + 1 : 0)
		if (is_open(&n->sites[i]) && k-- == 0)
			return &n->sites[i];
}

static uint32_t
count_open(struct neighbours *n)
{
	uint32_t open = 0;
	for (uint32_t i = 0; i < n->cap; i++)
		open += is_open(&n->sites[i]);
	if (open > 0)
		return open;
	for (uint32_t i = 0; i < n->cap; i++) { /* all refused: ask them again */
		n->sites[i].refused = false;
		open += is_open(&n->sites[i]);
	}
	return open;
}

void
neighbours_review(struct neighbours *n, uint64_t dice)
{
	uint32_t chosen = 0;
	n->known = 0;
	for (uint32_t i = 0; i < n->cap; i++) {
		struct neighbours_site *s = &n->sites[i];
		s->chosen = s->chosen && s->candidate && !s->is_static;
		n->known += s->candidate;
		chosen += s->chosen;
	}
	n->choosing = n->known > (n->choosing ? NEIGHBOURS_ALL : NEIGHBOURS_SHRINK);
	if (!n->choosing || chosen >= NEIGHBOURS_CHOSEN)
		return;
	uint32_t open = count_open(n);
	for (; chosen < NEIGHBOURS_CHOSEN && open > 0; chosen++) {
		pick(n, (uint32_t)(dice % open--))->chosen = true;
		dice = dice / 1021 + 7919; /* fresh enough for three draws */
	}
}

void
neighbours_refused(struct neighbours *n, uint32_t index)
{
	n->sites[index].refused = true;
	n->sites[index].chosen = false;
}

bool
neighbours_wants(const struct neighbours *n, uint32_t index)
{
	const struct neighbours_site *s = &n->sites[index];
	return s->candidate && (!n->choosing || s->chosen || s->is_static);
}

bool
neighbours_accepts(const struct neighbours *n, uint32_t index)
{
	if (!n->choosing || n->sites[index].is_static || n->sites[index].chosen)
		return true;
	uint32_t linked = 0;
	for (uint32_t i = 0; i < n->cap; i++)
		linked += i != index && n->sites[i].linked && !n->sites[i].is_static;
	return linked < NEIGHBOURS_MAX;
}
