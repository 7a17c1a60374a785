#include "merging.h"
#include <string.h>

static size_t
at_most(size_t len, size_t cap)
{
	return len < cap ? len : cap;
}

/* The views of what has moved. */
static void
look_inside(struct merged *m)
{
	m->hit.hash.ptr = m->hash;
	m->hit.type.ptr = m->type;
	m->said.metadata.ptr = m->metadata;
	m->hit.said.items = &m->said;
}

static void
look_inside_place(struct merging_place *p)
{
	p->hit.hash.ptr = p->hash;
	p->hit.said.items = &p->said;
}

static void
keep_said(struct merged *to, const struct seek_said *said)
{
	to->said = (struct seek_said){ 0 };
	if (said == NULL)
		return;
	to->said = *said;
	to->said.has &= ~(UINT64_C(1) << SEEK_SAID_NUMBERS); /* nobody asked */
	to->said.numbers = (struct bytes_view){ NULL, 0 };
	to->said.metadata.len = at_most(said->metadata.len, sizeof to->metadata);
	if (to->said.metadata.len > 0)
		memcpy(to->metadata, said->metadata.ptr, to->said.metadata.len);
}

static void
keep(struct merged *to, const struct seek_hit *hit, int local,
    const struct mesh_key *from)
{
	to->hit = *hit;
	to->local = local;
	to->from = *from;
	to->hit.hash.len = at_most(hit->hash.len, sizeof to->hash);
	to->hit.type.len = at_most(hit->type.len, sizeof to->type);
	to->hit.said.count = at_most(hit->said.count, 1);
	memcpy(to->hash, hit->hash.ptr, to->hit.hash.len);
	memcpy(to->type, hit->type.ptr, to->hit.type.len);
	keep_said(to, seek_said(hit));
	look_inside(to);
}

static void
keep_place(struct merging_place *to, const struct seek_hit *hit)
{
	const struct seek_said *said = seek_said(hit);
	*to = (struct merging_place){ .hit = { .score = hit->score,
					  .origin = hit->origin,
					  .said.count = said != NULL } };
	to->hit.hash.len = at_most(hit->hash.len, sizeof to->hash);
	memcpy(to->hash, hit->hash.ptr, to->hit.hash.len);
	to->said.time_ms = said != NULL ? said->time_ms : 0;
	look_inside_place(to);
}

static int
order_of(const struct merging *m, const struct seek_hit *a, const struct seek_hit *b)
{
	return m->list ? seek_list_order(a, b) : seek_order(a, b);
}

static bool
is_same(const struct seek_hit *a, const struct seek_hit *b)
{
	return bytes_equal(a->hash, b->hash) && key_equal(&a->origin, &b->origin);
}

static struct merged *
find(struct merging *m, const struct seek_hit *hit)
{
	for (size_t i = 0; i < m->count; i++)
		if (is_same(&m->best[i].hit, hit))
			return &m->best[i];
	return NULL;
}

/* < 0: `a` is older; 0 also: one of them does not say. */
static int
version_order(const struct seek_hit *a, const struct seek_hit *b)
{
	const struct seek_said *x = seek_said(a), *y = seek_said(b);
	if (x == NULL || y == NULL)
		return 0;
	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static void
take_out(struct merging *m, struct merged *one)
{
	size_t at = (size_t)(one - m->best);
	m->count--;
	for (size_t i = at; i < m->count; i++) {
		m->best[i] = m->best[i + 1];
		look_inside(&m->best[i]);
	}
}

/* Of an older site, or of a program, came a hash alone. */
static void
learn(struct merged *one, const struct seek_hit *hit, const struct mesh_key *from)
{
	if (seek_said(&one->hit) != NULL || seek_said(hit) == NULL)
		return;
	keep_said(one, seek_said(hit));
	one->hit.said.count = 1;
	one->from = *from;
	look_inside(one);
}

/* Two sites may hold two versions of one entry.  True: what is known stays; where
 * nobody says which is newer, the better one, until all have the newer. */
static bool
is_known(struct merging *m, const struct seek_hit *hit, int local,
    const struct mesh_key *from)
{
	struct merged *one = find(m, hit);
	if (one == NULL)
		return false;
	int order = version_order(&one->hit, hit);
	if (order < 0) {
		take_out(m, one);
		return false;
	}
	if (order == 0 && one->local < 0)
		one->local = local;
	learn(one, hit, from);
	return true;
}

static size_t
place_of(const struct merging *m, const struct seek_hit *hit)
{
	size_t at = m->count;
	while (at > 0 && order_of(m, hit, &m->best[at - 1].hit) < 0)
		at--;
	return at;
}

static bool
add(struct merging *m, const struct seek_hit *hit, int local,
    const struct mesh_key *from)
{
	if (is_known(m, hit, local, from))
		return false;
	size_t at = place_of(m, hit);
	if (at >= m->top || at >= MERGING_TOP)
		return false;
	if (m->count < m->top && m->count < MERGING_TOP)
		m->count++;
	for (size_t i = m->count - 1; i > at; i--) {
		m->best[i] = m->best[i - 1];
		look_inside(&m->best[i]);
	}
	keep(&m->best[at], hit, local, from);
	return true;
}

bool
merging_add(struct merging *m, const struct seek_hit *hit, int local)
{
	return add(m, hit, local, &(struct mesh_key){ { 0 } });
}

void
merging_answer(
    struct merging *m, const struct mesh_key *site, const struct seek_answer *answer)
{
	const struct seek_hit *hits = answer->hits.items;
	for (size_t i = 0; i < answer->hits.count; i++)
		add(m, &hits[i], -1, site);
	if (!answer->more || answer->hits.count == 0)
		return;
	if (m->site_count == MERGING_SITES) {
		m->cut = true;
		return;
	}
	struct merging_site *one = &m->sites[m->site_count++];
	one->site = *site;
	keep_place(&one->last, &hits[answer->hits.count - 1]);
}

/* Its place was moved with the whole. */
static bool
may_have_better(const struct merging *m, struct merging_site *s)
{
	look_inside_place(&s->last);
	return m->count < m->top ||
	    order_of(m, &s->last.hit, &m->best[m->count - 1].hit) < 0;
}

size_t
merging_next(struct merging *m, struct mesh_key sites[static MERGING_SITES],
    struct merging_place *after)
{
	size_t count = 0;
	for (size_t i = 0; i < m->site_count; i++) {
		struct merging_site *s = &m->sites[i];
		if (!may_have_better(m, s))
			continue;
		if (count == 0 || order_of(m, &s->last.hit, &after->hit) < 0)
			*after = s->last;
		look_inside_place(after);
		sites[count++] = s->site;
	}
	m->site_count = 0;
	return count;
}

void
merging_place_keep(struct merging_place *to, const struct merging_place *from)
{
	*to = *from;
	look_inside_place(to);
}

void
merging_end(struct merging *m, const struct merging_place *at)
{
	while (m->count > 0 && order_of(m, &at->hit, &m->best[m->count - 1].hit) < 0)
		m->count--;
}

size_t
merging_left(const struct merging *m)
{
	size_t left = m->cut;
	for (size_t i = 0; i < m->site_count; i++) {
		struct merging_site one = m->sites[i];
		left += may_have_better(m, &one);
	}
	return left;
}
