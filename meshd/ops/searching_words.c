#include "ops_entry.h"
#include "ops_peer.h"
#include "searching.h"
#include "text.h"
#include "units.h"
#include <math.h>

enum { BUDGET_MS = 500, BUDGET_MAX_MS = 60000, TOP = 10, TOP_MAX = 64 };

bool
searching_words_budget(struct call *c, struct searching *s)
{
	int64_t ms = BUDGET_MS;
	if (c->params.budget.len > 0 &&
	    (units_parse(c->params.budget, UNIT_MS, &ms) != MESH_OK || ms < 1 ||
		ms > BUDGET_MAX_MS)) {
		call_fail(
		    c, 400, "parameter budget: a time like 500ms or 2s, up to 60s");
		return false;
	}
	s->began_ms = c->world->now.ms;
	s->ends_ms = s->began_ms + (mesh_time_ms)ms;
	return true;
}

static void
say(struct seek *k, unsigned row, bool present)
{
	k->has |= (uint64_t)present << row;
}

static bool
read_site(struct call *c, struct seek *k)
{
	const struct mesh_key *key;
	if (!ops_site_named(c, &key))
		return false;
	if (key == NULL)
		return true;
	k->origin = *key;
	say(k, SEEK_ORIGIN, true);
	return true;
}

struct range {
	double lo, hi;
	bool whole;
};

/* `*out` stays where nothing is said. */
static bool
read_number(struct call *c, const char *name, struct tree_view said, struct range r,
    double *out)
{
	double d;
	if (said.count == 0)
		return true;
	if (call_number(said, &d) && d >= r.lo && d <= r.hi &&
	    (!r.whole || floor(d) == d)) {
		*out = d;
		return true;
	}
	call_fail(c, 400, "parameter %s: a %snumber from %g to %g", name,
	    r.whole ? "whole " : "", r.lo, r.hi);
	return false;
}

static bool
read_limits(struct call *c, double *top, double *least)
{
	const struct op_params *p = &c->params;
	bool many = searching_of(c)->one || searching_of(c)->pages;
	*top = many ? TOP_MAX : TOP;
	*least = -1; /* of a cosine: all */
	return read_number(c, "top", p->top, (struct range){ 1, TOP_MAX, true }, top) &&
	    read_number(
		c, "threshold", p->threshold, (struct range){ -1, 1, false }, least);
}

bool
searching_words_top(struct call *c, uint32_t *top)
{
	double most, least;
	if (!read_limits(c, &most, &least))
		return false;
	*top = (uint32_t)most;
	return true;
}

/* What both sorts of search have. */
static bool
read_common(struct call *c, struct seek *k)
{
	const struct op_params *p = &c->params;
	if (!searching_words_top(c, &k->top) || !ops_entry_type(c) || !read_site(c, k))
		return false;
	k->type = p->type;
	k->filter = p->filter;
	say(k, SEEK_KIND, true);
	say(k, SEEK_TOP, true);
	say(k, SEEK_TYPE, p->type.len > 0);
	say(k, SEEK_FILTER, p->filter.len > 0);
	return true;
}

static bool
read_like(struct call *c, struct seek *k)
{
	const struct op_params *p = &c->params;
	struct entry_put like = { 0 };
	double top;
	if (p->hash.len > 0) {
		call_fail(c, 400, "parameter hash: not together with like");
		return false;
	}
	if (!read_limits(c, &top, &k->least) || !ops_entry_dtype(c, &like) ||
	    !ops_entry_embedding(c, "like", p->like, &like))
		return false;
	k->kind = SEEK_NEAREST;
	k->dtype = like.dtype;
	k->dim = like.dim;
	k->like = like.embedding;
	say(k, SEEK_DTYPE, true);
	say(k, SEEK_DIM, true);
	say(k, SEEK_LIKE, true);
	say(k, SEEK_LEAST, k->least > -1);
	return true;
}

static bool
read_list(struct call *c, struct seek *k)
{
	k->kind = SEEK_LIST;
	say(k, SEEK_HASH, c->params.hash.len > 0);
	return c->params.hash.len == 0 ||
	    ops_entry_hash(c, "hash", c->params.hash, &k->hash);
}

bool
searching_words_seek(struct call *c, struct seek *k)
{
	bool near = c->params.like.items != NULL;
	if (!(near ? read_like : read_list)(c, k) || !read_common(c, k))
		return false;
	const char *fault = seek_fault(k);
	if (fault != NULL)
		call_fail(c, 400, "parameter like: %s", fault);
	return fault == NULL &&
	    (!searching_of(c)->pages || searching_pages_words(c, k));
}
