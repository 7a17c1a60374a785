#include "prune.h"
#include <assert.h>

enum { MS_PER_S = 1000 };

static uint32_t
seconds(mesh_time_ms now)
{
	return (uint32_t)(now / MS_PER_S);
}

static uint64_t
mask(unsigned bit)
{
	assert(bit < PRUNE_LINKS);
	return 1ULL << bit;
}

void
prune_init(struct prune *p, struct prune_row *rows, uint32_t cap)
{
	*p = (struct prune){ rows, cap };
	rows[cap - 1].parent = PRUNE_ROOT;
}

bool
prune_spares(const struct prune *p, uint32_t row, unsigned bit, mesh_time_ms now)
{
	if (row >= p->cap || bit >= PRUNE_LINKS)
		return false;
	const struct prune_row *r = &p->rows[row];
	return (r->spared & mask(bit)) != 0 && seconds(now) < r->spared_until_s;
}

void
prune_told(struct prune *p, uint32_t row, unsigned bit, bool spare, mesh_time_ms now)
{
	if (row >= p->cap || bit >= PRUNE_LINKS)
		return;
	struct prune_row *r = &p->rows[row];
	if (seconds(now) >= r->spared_until_s)
		r->spared = 0;
	if (!spare) {
		r->spared &= ~mask(bit);
		return;
	}
	r->spared |= mask(bit);
	r->spared_until_s = seconds(now) + PRUNE_SPARED_S;
}

static void
expire(struct prune_row *r, mesh_time_ms now)
{
	if (seconds(now) >= r->asked_until_s)
		r->asked = 0;
}

/* Who was asked to stop may have had one more on its way: it is no parent, or both it
 * and the parent would stop. */
void
prune_news(struct prune *p, uint32_t row, unsigned bit, mesh_time_ms now)
{
	if (row >= p->cap || bit >= PRUNE_LINKS)
		return;
	struct prune_row *r = &p->rows[row];
	expire(r, now);
	if ((r->asked & mask(bit)) == 0)
		r->parent = (uint8_t)(bit + 1);
}

bool
prune_copy(struct prune *p, uint32_t row, unsigned bit, mesh_time_ms now)
{
	if (row >= p->cap || bit >= PRUNE_LINKS)
		return false;
	struct prune_row *r = &p->rows[row];
	expire(r, now);
	if (r->parent == 0 || r->parent == bit + 1 || (r->asked & mask(bit)) != 0)
		return false;
	r->asked |= mask(bit);
	r->asked_until_s = seconds(now) + PRUNE_ASKED_S;
	return true;
}

uint64_t
prune_end(struct prune *p, uint32_t row)
{
	if (row >= p->cap)
		return 0;
	struct prune_row *r = &p->rows[row];
	uint64_t asked = r->asked;
	r->asked = 0;
	r->parent = 0;
	return asked;
}

bool
prune_is_parent(const struct prune *p, uint32_t row, unsigned bit)
{
	return p->rows[row].parent == bit + 1;
}

void
prune_forget_link(struct prune *p, unsigned bit)
{
	for (uint32_t i = 0; bit < PRUNE_LINKS && i < p->cap; i++) {
		p->rows[i].spared &= ~mask(bit);
		p->rows[i].asked &= ~mask(bit);
		if (p->rows[i].parent == bit + 1)
			p->rows[i].parent = 0;
	}
}

void
prune_forget_row(struct prune *p, uint32_t row)
{
	if (row < p->cap)
		p->rows[row] = (struct prune_row){ .parent = 0 };
}
