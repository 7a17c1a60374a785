#include "neighbours.h"
#include <string.h>

void
neighbours_init(struct neighbours *n, struct neighbours_site *sites, uint32_t cap)
{
	*n = (struct neighbours){ .sites = sites, .cap = cap };
}

uint32_t
neighbours_prefix(const struct mesh_path *path)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *a = path->addr;
	size_t from = 0, to = 6; /* /48 */
	if (memcmp(a, mapped, sizeof mapped) == 0) {
		from = sizeof mapped;
		to = from + 3; /* /24 */
	}
	uint32_t hash = 2166136261U; /* FNV-1a */
	for (size_t i = from; i < to; i++)
		hash = (hash ^ a[i]) * 16777619U;
	return hash;
}

/* Whom one may choose, strictest first. */
enum scruple { SCRUPLE_ALL, SCRUPLE_ANYWHERE, SCRUPLE_REFUSED, SCRUPLE_NONE };
struct taste {
	enum scruple how;
	uint32_t prefixes[NEIGHBOURS_CHOSEN]; /* of those chosen already */
	uint32_t chosen;
};

static unsigned
near_by(const struct taste *t, const struct neighbours_site *s)
{
	unsigned count = 0;
	for (uint32_t i = 0; i < t->chosen; i++)
		count += t->prefixes[i] == s->prefix;
	return count;
}

static bool
is_open(const struct taste *t, const struct neighbours_site *s)
{
	if (!s->candidate || s->chosen || s->is_static)
		return false;
	return (t->how >= SCRUPLE_NONE || !s->blamed) &&
	    (t->how >= SCRUPLE_REFUSED || !s->refused) &&
	    (t->how >= SCRUPLE_ANYWHERE || near_by(t, s) < NEIGHBOURS_NEAR);
}

static uint32_t
count_open(const struct neighbours *n, const struct taste *t)
{
	uint32_t open = 0;
	for (uint32_t i = 0; i < n->cap; i++)
		open += is_open(t, &n->sites[i]);
	return open;
}

/* The k-th that is open. */
static struct neighbours_site *
pick(const struct neighbours *n, const struct taste *t, uint64_t k)
{
	uint32_t i = 0;
	while (!is_open(t, &n->sites[i]) || k-- > 0)
		i++;
	return &n->sites[i];
}

/* All refused: ask them again. */
static void
forgive(struct neighbours *n)
{
	for (uint32_t i = 0; i < n->cap; i++)
		n->sites[i].refused = false;
}

/* One more of our choice, if there is anybody. */
static bool
choose(struct neighbours *n, struct taste *t, uint64_t dice)
{
	uint32_t open;
	t->how = SCRUPLE_ALL;
	while ((open = count_open(n, t)) == 0 && t->how < SCRUPLE_NONE)
		t->how++;
	if (open == 0)
		return false;
	struct neighbours_site *one = pick(n, t, dice % open);
	if (t->how >= SCRUPLE_REFUSED)
		forgive(n);
	one->blamed = false;
	one->chosen = true;
	t->prefixes[t->chosen++] = one->prefix;
	return true;
}

void
neighbours_review(struct neighbours *n, uint64_t dice)
{
	struct taste t = { .chosen = 0 };
	n->known = 0;
	for (uint32_t i = 0; i < n->cap; i++) {
		struct neighbours_site *s = &n->sites[i];
		s->chosen = s->chosen && s->candidate && !s->is_static;
		n->known += s->candidate;
		if (s->chosen && t.chosen < NEIGHBOURS_CHOSEN)
			t.prefixes[t.chosen++] = s->prefix;
	}
	n->choosing = n->known > (n->choosing ? NEIGHBOURS_ALL : NEIGHBOURS_SHRINK);
	if (!n->choosing)
		return;
	while (t.chosen < NEIGHBOURS_CHOSEN && choose(n, &t, dice))
		dice = dice / 1021 + 7919; /* fresh enough for three draws */
}

void
neighbours_refused(struct neighbours *n, uint32_t index)
{
	n->sites[index].refused = true;
	n->sites[index].chosen = false;
}

bool
neighbours_blamed(struct neighbours *n, uint32_t index)
{
	struct neighbours_site *s = &n->sites[index];
	if (!n->choosing || s->is_static)
		return false;
	s->blamed = true;
	s->chosen = false;
	return true;
}

uint32_t
neighbours_near(const struct neighbours *n, uint32_t prefix)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < n->cap; i++)
		count += n->sites[i].prefix == prefix;
	return count;
}

bool
neighbours_concerns(const struct neighbours *n, uint32_t index)
{
	const struct neighbours_site *s = &n->sites[index];
	return !n->choosing || s->chosen || s->is_static;
}

bool
neighbours_wants(const struct neighbours *n, uint32_t index)
{
	const struct neighbours_site *s = &n->sites[index];
	return s->candidate && neighbours_concerns(n, index);
}

bool
neighbours_accepts(const struct neighbours *n, uint32_t index, bool poor)
{
	const struct neighbours_site *asks = &n->sites[index];
	uint32_t taken = 0;
	if (asks->is_static || asks->chosen)
		return true;
	if (asks->blamed && n->choosing)
		return false;
	for (uint32_t i = 0; i < n->cap; i++) {
		const struct neighbours_site *s = &n->sites[i];
		taken += i != index && s->linked && !s->is_static && !s->chosen;
	}
	if (!n->choosing)
		return taken < NEIGHBOURS_MAX;
	return taken < NEIGHBOURS_TAKEN + (poor ? NEIGHBOURS_SPARE : 0U);
}
