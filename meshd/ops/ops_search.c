#include "feed.h"
#include "hearsay.h"
#include "hit.h"
#include "live.h"
#include "merging.h"
#include "ops_entry.h"
#include "ops_peer.h"
#include "replica.h"
#include "text.h"
#include "units.h"
#include <math.h>
#include <string.h>

/* Search over sites: our own store and all others at once, merged as they answer; then
 * what others found is looked up here, for what it says.  PROTOCOL.md 9. */

enum {
	BUDGET_MS = 500,
	BUDGET_MAX_MS = 60000,
	ROUND_MIN_MS = 50, /* less is no use to ask again */
	TOP = 10,
	TOP_MAX = 64,
	QUESTION_MAX = 20 * 1024
};

struct searching {
	struct seek seek;
	struct merging merging;
	struct store_page *page; /* owned: our own hits */
	mesh_time_ms began_ms, ends_ms;
	bool local_done, local_partial, mesh_done, asked_again;
	bool follows; /* a site that has more was asked for it, and has not answered */
	uint32_t known, answered; /* sites, this one among them */
	size_t looked_up;         /* of the merged hits */
	bool writing;
	uint64_t hearsay; /* what programs are asked here; 0: nothing */
};

static struct searching *
state_of(struct call *c)
{
	return c->answers;
}

static void work(struct call *c);

/* --- what is asked --- */

static bool
read_budget(struct call *c, struct searching *s)
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
	*top = TOP;
	*least = -1; /* of a cosine: all */
	return read_number(c, "top", p->top, (struct range){ 1, TOP_MAX, true }, top) &&
	    read_number(
		c, "threshold", p->threshold, (struct range){ -1, 1, false }, least);
}

static bool
read_seek(struct call *c, struct seek *k)
{
	const struct op_params *p = &c->params;
	struct entry_put like = { 0 };
	double top;
	if (!read_limits(c, &top, &k->least) || !ops_entry_dtype(c, &like) ||
	    !ops_entry_embedding(c, "like", p->like, &like) || !ops_entry_type(c) ||
	    !read_site(c, k))
		return false;
	k->kind = SEEK_NEAREST;
	k->dtype = like.dtype;
	k->dim = like.dim;
	k->like = like.embedding;
	k->type = p->type;
	k->filter = p->filter;
	k->top = (uint32_t)top;
	say(k, SEEK_KIND, true);
	say(k, SEEK_DTYPE, true);
	say(k, SEEK_DIM, true);
	say(k, SEEK_LIKE, true);
	say(k, SEEK_TOP, true);
	say(k, SEEK_TYPE, p->type.len > 0);
	say(k, SEEK_FILTER, p->filter.len > 0);
	say(k, SEEK_LEAST, k->least > -1);
	const char *fault = seek_fault(k);
	if (fault != NULL)
		call_fail(c, 400, "parameter like: %s", fault);
	return fault == NULL;
}

/* --- told as it comes --- */

/* To whoever watches: what one site found, before the others have answered. */
static void
tell(struct call *c, const struct mesh_key *site, const struct seek_hit *hits,
    size_t count)
{
	struct arena before = c->arena;
	const struct sites *names = live_sites(c->world->live);
	struct hit *shown = arena_take(&c->arena, count, sizeof *shown);
	for (size_t i = 0; shown != NULL && i < count; i++)
		shown[i] = (struct hit){ .hash = hits[i].hash,
			.type = hits[i].type,
			.site = sites_name_copy(names, &hits[i].origin, &c->arena),
			.score = hits[i].score,
			.has = 1U << HIT_HASH | 1U << HIT_TYPE | 1U << HIT_SITE |
			    1U << HIT_SCORE };
	struct hit_news news = { .ref = c->params.ref,
		.site = sites_name_copy(names, site, &c->arena),
		.hits = { shown, count } };
	struct feed_item item = { .topic = FEED_SEARCH,
		.stage = FEED_HEARD,
		.time_ms = c->world->now.unix_ms,
		.table = &hit_news_table,
		.object = &news };
	if (c->params.ref.len > 0 && c->world->feed != NULL && shown != NULL)
		(void)feed_append(c->world->feed, &item);
	c->arena.used = before.used;
}

/* --- here --- */

static void
ask_here(struct call *c)
{
	struct searching *s = state_of(c);
	const struct seek *k = &s->seek;
	struct store_question narrowed = { 0 };
	struct store_search q = { .dtype = k->dtype,
		.dim = k->dim,
		.like = k->like,
		.type = k->type,
		.has_origin = (k->has >> SEEK_ORIGIN & 1) != 0,
		.origin = k->origin,
		.top = k->top,
		.least = (k->has >> SEEK_LEAST & 1) != 0 ? k->least : -1,
		.now_ms = c->world->now.unix_ms,
		.audience = c->audience };
	if (!call_filter(c, &entry_table, k->filter, &narrowed))
		return;
	q.filter = narrowed.filter;
	enum mesh_err err = store_search(
	    c->world->store, &q, STORE_TOKEN(OWNER_CALL, c->number));
	if (err == MESH_MALFORMED)
		call_fail(c, 400, "parameter like: all its numbers are zero");
	else if (err != MESH_OK)
		call_fail_err(c, err);
}

static void
take_here(struct call *c, const struct store_outcome *o)
{
	struct searching *s = state_of(c);
	struct seek_hit found[MERGING_TOP];
	size_t count = 0;
	s->page = o->page;
	s->local_done = true;
	s->local_partial = o->err != MESH_OK || o->page == NULL || o->page->partial;
	for (size_t i = 0; o->page != NULL && i < o->page->count; i++) {
		const struct store_hit *h = &o->page->hits[i];
		struct seek_hit hit = { bytes_view(h->hash, h->hash_len), h->origin,
			{ h->type, h->type_len }, h->score };
		merging_add(&s->merging, &hit, (int)i);
		if (count < LENGTH(found))
			found[count++] = hit;
	}
	tell(c, &c->world->self, found, count);
}

/* --- by local programs --- */

static void
ask_programs(struct call *c)
{
	struct searching *s = state_of(c);
	mesh_time_ms left = s->ends_ms - c->world->now.ms;
	if (c->params.local) /* what this site holds, and nothing else */
		return;
	s->hearsay = hearsay_ask(
	    c->world->hearsay, &s->seek, c->world->name, (uint32_t)left, c->world->now);
	if (s->hearsay == 0)
		return;
	c->polled = work;
	c->poll_ms = hearsay_ends(c->world->hearsay, s->hearsay);
}

/* True: they have said what they have to say, or it is too late. */
static bool
take_hearsay(struct call *c)
{
	struct searching *s = state_of(c);
	struct hearsay *h = c->world->hearsay;
	size_t count;
	if (s->hearsay == 0)
		return true;
	bool over = c->world->now.ms >= s->ends_ms;
	if (!over && !hearsay_is_over(h, s->hearsay, c->world->now.ms))
		return false;
	const struct seek_hit *hits = hearsay_hits(h, s->hearsay, &count);
	for (size_t i = 0; i < count; i++)
		(void)merging_add(&s->merging, &hits[i], -1);
	tell(c, &c->world->self, hits, count);
	hearsay_close(h, s->hearsay);
	s->hearsay = 0;
	c->polled = NULL;
	return true;
}

/* --- elsewhere --- */

static void
ask_all(struct call *c)
{
	struct searching *s = state_of(c);
	struct arena before = c->arena;
	struct bytes_out out = bytes_out(
	    arena_take(&c->arena, 1, QUESTION_MAX), QUESTION_MAX);
	mesh_time_ms left = s->ends_ms - c->world->now.ms;
	if (out.ptr == NULL ||
	    mesh_body_encode(&seek_table, &s->seek, &out) != MESH_OK) {
		s->mesh_done = true;
		return;
	}
	c->arena.used = before.used; /* the question is copied */
	call_question(c, bytes_written(&out), (uint32_t)left, c->answered);
}

/* It has more, and some of it may stand among the best. */
static bool
ask_again(struct call *c)
{
	struct seek_site only; /* borrowed until the question is written */
	uint8_t oid[SEEK_OID];
	struct searching *s = state_of(c);
	struct merging_site next;
	if (c->world->now.ms + ROUND_MIN_MS > s->ends_ms ||
	    !merging_next(&s->merging, &next))
		return false;
	seek_oid(&next.site, oid);
	only.oid = bytes_view(oid, sizeof oid);
	s->seek.only = (struct list_view){ &only, 1 };
	s->seek.after = (struct seek_place){ .has = 7,
		.score = next.last.hit.score,
		.hash = next.last.hit.hash,
		.origin = next.last.hit.origin };
	say(&s->seek, SEEK_ONLY_SITES, true);
	say(&s->seek, SEEK_AFTER, true);
	s->asked_again = s->follows = true;
	ask_all(c);
	return !s->mesh_done;
}

static void
take_answer(struct call *c, const struct mesh_event *e)
{
	struct searching *s = state_of(c);
	struct arena before = c->arena;
	struct seek_answer answer;
	if (e->code == 0 &&
	    mesh_body_decode(&seek_answer_table, e->body, &answer, &c->arena) ==
		MESH_OK) {
		merging_answer(&s->merging, &e->site, &answer);
		s->follows = false;
		tell(c, &e->site, answer.hits.items, answer.hits.count);
		s->answered += !s->asked_again && !answer.partial;
	}
	c->arena.used = before.used;
}

static void
told(struct call *c, const struct mesh_event *e)
{
	struct searching *s = state_of(c);
	if (e->kind == MESH_ANSWER) {
		take_answer(c, e);
		return;
	}
	if (!s->asked_again)
		s->known = e->known + 1;
	s->mesh_done = !ask_again(c);
	work(c);
}

static void
not_asked(struct call *c, enum mesh_err err)
{
	(void)err; /* it shows in `complete`: nobody has answered */
	state_of(c)->mesh_done = true;
	work(c);
}

/* --- the answer --- */

static void
put_known(struct call *c, const struct searching *s, const struct merged *m)
{
	const struct store_hit *h = &s->page->hits[m->local];
	call_raw(c, h->json);
}

static void
put_bare(struct call *c, const struct merged *m)
{
	struct hit hit = { .hash = m->hit.hash,
		.type = m->hit.type,
		.site = sites_name_copy(
		    live_sites(c->world->live), &m->hit.origin, &c->arena),
		.score = m->hit.score,
		.has = 1U << HIT_HASH | 1U << HIT_TYPE | 1U << HIT_SITE |
		    1U << HIT_SCORE };
	call_item(c, &hit_table, &hit);
}

static bool
put_record(struct call *c, const struct merged *m, const struct mesh_record *r)
{
	struct arena before = c->arena;
	struct entry_put put;
	struct entry entry;
	bool shown = mesh_body_decode(&entry_put_table, r->body, &put, &c->arena) ==
		MESH_OK &&
	    entry_view(&r->at, r->time_ms, &put, live_sites(c->world->live), &c->arena,
		&entry) == MESH_OK;
	if (shown) {
		struct hit hit = hit_of(&entry, m->hit.score);
		call_item(c, &hit_table, &hit);
	}
	c->arena.used = before.used;
	return shown;
}

static void
closing(struct call *c, struct json_out *j)
{
	const struct searching *s = state_of(c);
	json_key(j, "complete");
	json_open_object(j);
	json_key(j, "answered");
	json_put_u64(j, s->answered);
	json_key(j, "known");
	json_put_u64(j, s->known);
	json_shut_object(j);
	json_key(j, "took_ms");
	json_put_u64(j, c->world->now.ms - s->began_ms);
}

/* Ours lie in the page; what only others found may stand in our index all the same. */
static void
write_on(struct call *c)
{
	struct searching *s = state_of(c);
	for (; s->looked_up < s->merging.count; s->looked_up++) {
		const struct merged *m = &s->merging.best[s->looked_up];
		if (m->local >= 0) {
			put_known(c, s, m);
			continue;
		}
		if (store_find(c->world->store, &m->hit.origin, LANE_REGISTRY,
			m->hit.hash, STORE_TOKEN(OWNER_CALL, c->number)) == MESH_OK)
			return; /* paged() goes on */
		put_bare(c, m);
	}
	c->paged = NULL;
	call_finish(c);
}

static void
take_found(struct call *c, const struct store_outcome *o)
{
	struct searching *s = state_of(c);
	const struct merged *m = &s->merging.best[s->looked_up++];
	bool found = o->err == MESH_OK && o->page != NULL && o->page->count > 0;
	if (!found || !put_record(c, m, o->page->records))
		put_bare(c, m);
	store_page_free(o->page);
	write_on(c);
}

static void
work(struct call *c)
{
	struct searching *s = state_of(c);
	if (c->world->now.ms >= c->poll_ms)
		c->poll_ms =
		    MESH_NEVER; /* the programs' time is over; others' is not */
	if (s->writing || !s->local_done || !s->mesh_done || c->wait == CALL_DONE ||
	    !take_hearsay(c))
		return;
	s->writing = true;
	s->answered += !s->local_partial;
	size_t cut = merging_left(&s->merging) + s->follows;
	s->answered -= cut < s->answered ? (uint32_t)cut : s->answered;
	c->ticked = NULL; /* from here on it is the store that is waited for */
	c->deadline_ms = c->world->now.ms + CALL_TIMEOUT_MS;
	c->wait = CALL_ASKED;
	call_open(c);
	write_on(c);
}

static void
paged(struct call *c, const struct store_outcome *o)
{
	struct searching *s = state_of(c);
	if (s->writing) {
		take_found(c, o);
		return;
	}
	take_here(c, o);
	work(c);
}

/* The time is over: what is here is what there is. */
static void
ticked(struct call *c)
{
	struct searching *s = state_of(c);
	c->deadline_ms = c->world->now.ms + CALL_TIMEOUT_MS;
	c->ticked = NULL;
	if (!s->local_done)
		store_hurry(c->world->store, STORE_TOKEN(OWNER_CALL, c->number));
	s->mesh_done = true;
	work(c);
}

static void
ended(struct call *c)
{
	hearsay_close(c->world->hearsay, state_of(c)->hearsay);
	store_page_free(state_of(c)->page);
}

/* --- whom to ask --- */

/* Does some site hold what we do not?  Of an index only embeddings are missing. */
static bool
others_hold_more(const struct call *c)
{
	struct mesh_peer p;
	enum replica_part kept = replica_of_type(&c->world->others, c->params.type);
	if (kept > REPLICA_INDEX ||
	    (kept == REPLICA_INDEX && c->params.like.items != NULL))
		return true;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &p); i++)
		if (p.direct && (!p.compared || p.behind > 0))
			return true;
	return false;
}

static uint32_t
count_alive(const struct call *c)
{
	struct mesh_peer p;
	uint32_t alive = 0;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &p); i++)
		alive += p.state == PEER_ALIVE;
	return alive;
}

/* Where we hold all that the others do, their search is ours. */
static void
begin_elsewhere(struct call *c)
{
	struct searching *s = state_of(c);
	uint32_t alive = count_alive(c);
	s->known = 1 + alive;
	c->answered = told;
	c->refused = not_asked;
	if (alive > 0 && !c->params.local &&
	    (c->params.programs || others_hold_more(c))) {
		ask_all(c);
		return;
	}
	s->mesh_done = true;
	s->answered = c->params.local ? 0 : alive;
}

/* By what entries say alone: a list, whole with this site's index. */
static void
search_plain(struct call *c)
{
	struct store_question q = { .noun = STORE_ENTRIES,
		.now_ms = c->world->now.unix_ms };
	double top, least;
	if (!read_limits(c, &top, &least))
		return;
	if (c->params.limit == 0)
		c->params.limit = (uint32_t)top;
	if (ops_entry_narrow(c, &q))
		call_ask(c, &q);
}

static void
closing_plain(struct call *c, struct json_out *j)
{
	struct searching *s = state_of(c);
	uint32_t alive = count_alive(c);
	s->known = 1 + alive;
	s->answered = others_hold_more(c) ? 1 : 1 + alive;
	closing(c, j);
}

void
ops_entry_search(struct call *c)
{
	struct searching *s = arena_take(&c->arena, 1, sizeof *s);
	if (s == NULL) {
		call_fail_err(c, MESH_FULL);
		return;
	}
	memset(s, 0, sizeof *s);
	c->answers = s;
	if (!read_budget(c, s))
		return;
	if (c->params.like.items == NULL) {
		c->closing = closing_plain;
		search_plain(c);
		return;
	}
	if (!read_seek(c, &s->seek))
		return;
	s->merging.top = s->seek.top;
	c->paged = paged;
	c->ticked = ticked;
	c->closing = closing;
	c->ended = ended;
	c->deadline_ms = s->ends_ms;
	c->wait = CALL_ASKED;
	ask_here(c);
	if (c->wait == CALL_DONE)
		return;
	ask_programs(c);
	begin_elsewhere(c);
}
