#include "merging.h"
#include <string.h>

static void
keep(struct merged *to, const struct seek_hit *hit, int local)
{
	size_t hash = hit->hash.len < sizeof to->hash ? hit->hash.len : sizeof to->hash;
	size_t type = hit->type.len < sizeof to->type ? hit->type.len : sizeof to->type;
	to->hit = *hit;
	to->local = local;
	memcpy(to->hash, hit->hash.ptr, hash);
	memcpy(to->type, hit->type.ptr, type);
	to->hit.hash.len = hash;
	to->hit.type.len = type;
}

/* The views of what has moved. */
static void
look_inside(struct merged *m)
{
	m->hit.hash.ptr = m->hash;
	m->hit.type.ptr = m->type;
}

static bool
is_same(const struct seek_hit *a, const struct seek_hit *b)
{
	return bytes_equal(a->hash, b->hash) && key_equal(&a->origin, &b->origin);
}

/* Two sites may hold two versions of one entry: the better one is shown until all have
 * the newer. */
static bool
is_known(struct merging *m, const struct seek_hit *hit, int local)
{
	for (size_t i = 0; i < m->count; i++) {
		struct merged *one = &m->best[i];
		if (!is_same(&one->hit, hit))
			continue;
		if (one->local < 0)
			one->local = local;
		return true;
	}
	return false;
}

static size_t
place_of(const struct merging *m, const struct seek_hit *hit)
{
	size_t at = m->count;
	while (at > 0 && seek_order(hit, &m->best[at - 1].hit) < 0)
		at--;
	return at;
}

bool
merging_add(struct merging *m, const struct seek_hit *hit, int local)
{
	size_t at = place_of(m, hit);
	if (is_known(m, hit, local) || at >= m->top || at >= MERGING_TOP)
		return false;
	if (m->count < m->top && m->count < MERGING_TOP)
		m->count++;
	for (size_t i = m->count - 1; i > at; i--) {
		m->best[i] = m->best[i - 1];
		look_inside(&m->best[i]);
	}
	keep(&m->best[at], hit, local);
	look_inside(&m->best[at]);
	return true;
}

void
merging_answer(
    struct merging *m, const struct mesh_key *site, const struct seek_answer *answer)
{
	const struct seek_hit *hits = answer->hits.items;
	for (size_t i = 0; i < answer->hits.count; i++)
		merging_add(m, &hits[i], -1);
	if (!answer->more || answer->hits.count == 0)
		return;
	if (m->site_count == MERGING_SITES) {
		m->cut = true;
		return;
	}
	struct merging_site *one = &m->sites[m->site_count++];
	one->site = *site;
	keep(&one->last, &hits[answer->hits.count - 1], -1);
	look_inside(&one->last);
}

static bool
may_have_better(const struct merging *m, const struct merging_site *s)
{
	return m->count < m->top ||
	    seek_order(&s->last.hit, &m->best[m->count - 1].hit) < 0;
}

bool
merging_next(struct merging *m, struct merging_site *out)
{
	while (m->site_count > 0) {
		*out = m->sites[--m->site_count];
		look_inside(&out->last);
		if (may_have_better(m, out))
			return true;
	}
	return false;
}

size_t
merging_left(const struct merging *m)
{
	size_t left = m->cut;
	for (size_t i = 0; i < m->site_count; i++) {
		struct merging_site one = m->sites[i];
		look_inside(&one.last);
		left += may_have_better(m, &one);
	}
	return left;
}
