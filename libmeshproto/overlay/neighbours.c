#include "neighbours.h"

void
neighbours_init(struct neighbours *n, struct neighbours_site *sites, uint32_t cap)
{
	*n = (struct neighbours){ .sites = sites, .cap = cap };
}

/* The k-th candidate that is not chosen yet, counted round the table. */
static struct neighbours_site *
pick(struct neighbours *n, uint32_t k)
{
	for (uint32_t i = 0;; i = i + 1 < n->cap ? i + 1 : 0) {
		struct neighbours_site *s = &n->sites[i];
		if (s->candidate && !s->chosen && !s->is_static && k-- == 0)
			return s;
	}
}

void
neighbours_review(struct neighbours *n, uint64_t dice)
{
	uint32_t chosen = 0, open = 0;
	n->known = 0;
	for (uint32_t i = 0; i < n->cap; i++) {
		struct neighbours_site *s = &n->sites[i];
		s->chosen = s->chosen && s->candidate && !s->is_static;
		n->known += s->candidate;
		chosen += s->chosen;
		open += s->candidate && !s->chosen && !s->is_static;
	}
	n->choosing = n->known > (n->choosing ? NEIGHBOURS_ALL : NEIGHBOURS_SHRINK);
	for (; n->choosing && chosen < NEIGHBOURS_CHOSEN && open > 0; chosen++) {
		pick(n, (uint32_t)(dice % open--))->chosen = true;
		dice = dice / 1021 + 7919; /* fresh enough for three draws */
	}
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
