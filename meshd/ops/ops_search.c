#include "hearsay.h"
#include "live.h"
#include "ops_entry.h"
#include "replica.h"
#include "searching.h"
#include "text.h"
#include <string.h>

/* Search over sites: our own store and all others at once, merged as they answer.  By
 * an embedding, or by what entries say where this site keeps less than the others.
 * PROTOCOL.md 9. */

enum { FIRST_ROUND = 1 }; /* of questions: what counts the sites that answered */
static void work(struct call *c);

void
searching_short(struct searching *s, const struct mesh_key *site, bool for_good)
{
	for (size_t i = 0; i < s->short_count; i++)
		if (key_equal(&s->shorts[i].site, site)) {
			s->shorts[i].for_good |= for_good;
			return;
		}
	if (s->short_count == LENGTH(s->shorts))
		s->short_more++;
	else
		s->shorts[s->short_count++] = (struct searching_short){ *site,
			for_good };
}

static void
not_short(struct searching *s, const struct mesh_key *site)
{
	for (size_t i = 0; i < s->short_count; i++)
		if (key_equal(&s->shorts[i].site, site) && !s->shorts[i].for_good) {
			s->shorts[i] = s->shorts[--s->short_count];
			return;
		}
}

/* --- here --- */

static void
ask_here(struct call *c)
{
	struct searching *s = searching_of(c);
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
		.audience = c->audience,
		.list = k->kind == SEEK_LIST,
		.hash = k->hash,
		.after = (k->has >> SEEK_AFTER & 1) != 0 ? &k->after : NULL };
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
	struct searching *s = searching_of(c);
	struct seek_hit found[MERGING_TOP];
	size_t count = 0;
	s->page = o->page;
	s->local_done = true;
	s->local_partial = o->err != MESH_OK || o->page == NULL || o->page->partial;
	for (size_t i = 0; o->page != NULL && i < o->page->count; i++) {
		const struct store_hit *h = &o->page->hits[i];
		struct seek_hit hit = { bytes_view(h->hash, h->hash_len), h->origin,
			{ h->type, h->type_len }, h->score, { &h->said, 1 } };
		merging_add(&s->merging, &hit, (int)i);
		if (count < LENGTH(found))
			found[count++] = hit;
	}
	searching_shown_tell(c, &c->world->self, found, count);
}

/* --- by local programs --- */

static void
ask_programs(struct call *c)
{
	struct searching *s = searching_of(c);
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
	struct searching *s = searching_of(c);
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
	searching_shown_tell(c, &c->world->self, hits, count);
	hearsay_close(h, s->hearsay);
	s->hearsay = 0;
	c->polled = NULL;
	return true;
}

/* --- elsewhere --- */

static void
end_round(struct searching *s)
{
	s->round_done = true;
	s->all_asked |= !s->asked_again;
	s->settled |= s->half_over;
}

static void
ask_all(struct call *c)
{
	struct searching *s = searching_of(c);
	struct arena before = c->arena;
	struct bytes_out out = bytes_out(
	    arena_take(&c->arena, 1, SEARCHING_QUESTION), SEARCHING_QUESTION);
	mesh_time_ms left = s->ends_ms - c->world->now.ms;
	if (out.ptr == NULL ||
	    mesh_body_encode(&seek_table, &s->seek, &out) != MESH_OK) {
		end_round(s);
		return;
	}
	c->arena.used = before.used; /* the question is copied */
	s->round_done = s->settled = false;
	c->deadline_ms = c->world->now.ms + left / 2;
	call_question(c, bytes_written(&out), (uint32_t)left, c->answered);
}

/* They have more, and some of it may stand among the best. */
static bool
ask_again(struct call *c)
{
	struct searching *s = searching_of(c);
	struct mesh_key sites[MERGING_SITES];
	uint8_t oids[MERGING_SITES][SEEK_OID];
	struct seek_site only[MERGING_SITES]; /* borrowed until it is written */
	struct merging_place after;
	if (c->world->now.ms + SEARCHING_ROUND_MS > s->ends_ms)
		return false;
	size_t count = merging_next(&s->merging, sites, &after);
	if (count == 0)
		return false;
	searching_pages_owe(s);
	merging_place_keep(&s->asked, &after);
	for (size_t i = 0; i < count; i++) {
		seek_oid(&sites[i], oids[i]);
		only[i].oid = bytes_view(oids[i], SEEK_OID);
		searching_short(s, &sites[i], false);
	}
	s->seek.only = (struct list_view){ only, count };
	s->seek.after = (struct seek_place){ .has = 15,
		.score = after.hit.score,
		.hash = after.hit.hash,
		.origin = after.hit.origin,
		.time_ms = after.said.time_ms };
	s->seek.has |= 1U << SEEK_ONLY_SITES | 1U << SEEK_AFTER;
	s->asked_again = true;
	s->wanted = (uint32_t)count;
	ask_all(c);
	return !s->round_done;
}

static void
hear(struct searching *s, const struct call *c, const struct mesh_key *site)
{
	if (searching_heard(c, site))
		return;
	if (s->heard_count == LENGTH(s->heard))
		s->heard_more++;
	else
		s->heard[s->heard_count++] = *site;
}

/* Of those alone that were asked again: the others refuse. */
static bool
have_all_answered(struct searching *s, const struct call *c, const struct mesh_event *e)
{
	if (!s->asked_again || call_round_of(e) != c->round || e->code != 0 ||
	    s->wanted == 0)
		return false;
	return --s->wanted == 0;
}

static void
take_answer(struct call *c, const struct mesh_event *e)
{
	struct searching *s = searching_of(c);
	struct arena before = c->arena;
	struct seek_answer answer;
	if (e->code == 0 &&
	    mesh_body_decode(&seek_answer_table, e->body, &answer, &c->arena) ==
		MESH_OK) {
		s->answered += call_round_of(e) <= FIRST_ROUND;
		hear(s, c, &e->site);
		if (answer.partial)
			searching_short(s, &e->site, true);
		not_short(s, &e->site);
		merging_answer(&s->merging, &e->site, &answer);
		searching_shown_tell(c, &e->site, answer.hits.items, answer.hits.count);
	}
	c->arena.used = before.used;
}

/* Whoever is silent so far is not waited for where there is something to ask those that
 * are not. */
static void
advance(struct call *c)
{
	const struct searching *s = searching_of(c);
	if (!(s->round_done || s->settled) || !ask_again(c))
		work(c);
}

static void
take_end(struct call *c, const struct mesh_event *e)
{
	struct searching *s = searching_of(c);
	if (call_round_of(e) <= FIRST_ROUND) {
		s->known = e->known + 1;
		s->all_asked = true;
	}
	if (call_round_of(e) == c->round)
		end_round(s);
}

static void
told(struct call *c, const struct mesh_event *e)
{
	struct searching *s = searching_of(c);
	if (e->kind != MESH_ANSWER) {
		take_end(c, e);
	} else {
		take_answer(c, e);
		if (have_all_answered(s, c, e))
			end_round(s);
	}
	advance(c);
}

static void
not_asked(struct call *c, enum mesh_err err)
{
	(void)err; /* it shows in `complete`: nobody has answered */
	end_round(searching_of(c));
	work(c);
}

/* --- the answer --- */

static void
closing(struct call *c, struct json_out *j)
{
	searching_complete(c, searching_answered(searching_of(c)), j);
}

/* All have had their say, or the rest of the time is needed for what they said. */
static bool
is_enough(const struct call *c)
{
	const struct searching *s = searching_of(c);
	return (s->all_asked && s->round_done) ||
	    (s->settled && searching_shown_fetches(c));
}

static void
work(struct call *c)
{
	struct searching *s = searching_of(c);
	struct mesh_key left[MERGING_SITES];
	struct merging_place after;
	if (c->world->now.ms >= c->poll_ms)
		c->poll_ms =
		    MESH_NEVER; /* the programs' time is over; others' is not */
	if (s->writing || !s->local_done || c->wait == CALL_DONE || !take_hearsay(c) ||
	    !is_enough(c))
		return;
	s->writing = true;
	c->hears_late = false;
	c->wait = CALL_ASKED; /* what still comes is nobody's */
	size_t count = merging_next(&s->merging, left, &after);
	if (s->pages) /* what they have behind it comes on the next page */
		searching_pages_cut(c, count > 0 ? &after : NULL);
	for (; count > 0 && !s->pages; count--)
		searching_short(s, &left[count - 1], false);
	searching_shown_begin(c);
}

static void
paged(struct call *c, const struct store_outcome *o)
{
	struct searching *s = searching_of(c);
	if (s->writing) {
		searching_shown_found(c, o);
		return;
	}
	take_here(c, o);
	work(c);
}

/* Half of the time, or all: then what is here is what there is. */
static void
ticked(struct call *c)
{
	struct searching *s = searching_of(c);
	if (c->world->now.ms < s->ends_ms) {
		s->settled = s->half_over = true;
		c->deadline_ms = s->ends_ms;
		advance(c);
		return;
	}
	c->deadline_ms = c->world->now.ms + CALL_TIMEOUT_MS;
	c->ticked = NULL;
	if (!s->local_done)
		store_hurry(c->world->store, STORE_TOKEN(OWNER_CALL, c->number));
	s->all_asked = s->round_done = true;
	work(c);
}

static void
ended(struct call *c)
{
	hearsay_close(c->world->hearsay, searching_of(c)->hearsay);
	store_page_free(searching_of(c)->page);
	store_page_free(searching_of(c)->held);
}

/* --- begun --- */

/* Where we hold all that the others do, their search is ours. */
static void
begin_elsewhere(struct call *c)
{
	struct searching *s = searching_of(c);
	uint32_t alive = searching_alive(c);
	s->known = 1 + alive;
	c->answered = told;
	c->refused = not_asked;
	if (alive > 0 && !c->params.local &&
	    (c->params.programs || searching_others_hold_more(c))) {
		s->seek.whole = s->seek.kind == SEEK_LIST || searching_lacks(c);
		s->seek.has |= (uint64_t)s->seek.whole << SEEK_WHOLE;
		ask_all(c);
		return;
	}
	s->all_asked = s->round_done = true;
	s->answered = c->params.local ? 0 : alive;
}

/* By what entries say, where this site has them all: a list of its own. */
static void
search_plain(struct call *c)
{
	struct store_question q = { .noun = STORE_ENTRIES,
		.now_ms = c->world->now.unix_ms };
	uint32_t top;
	if (!searching_words_top(c, &top))
		return;
	if (c->params.limit == 0)
		c->params.limit = top;
	if (ops_entry_narrow(c, &q))
		call_ask(c, &q);
}

static void
closing_plain(struct call *c, struct json_out *j)
{
	struct searching *s = searching_of(c);
	s->known = 1 + searching_alive(c);
	searching_complete(c, searching_others_hold_more(c) ? 1 : s->known, j);
}

static bool
is_plain(const struct call *c)
{
	bool alone = c->params.local || !searching_others_hold_more(c) ||
	    searching_alive(c) == 0;
	return c->params.like.items == NULL && c->params.hash.len == 0 && alone;
}

static void
search_sites(struct call *c, struct searching *s)
{
	if (!searching_words_seek(c, &s->seek))
		return;
	s->merging.top = s->seek.top;
	s->merging.list = s->seek.kind == SEEK_LIST;
	c->paged = paged;
	c->ticked = ticked;
	c->closing = closing;
	c->ended = ended;
	c->deadline_ms = s->ends_ms;
	c->hears_late = true;
	c->wait = CALL_ASKED;
	ask_here(c);
	if (c->wait == CALL_DONE)
		return;
	if (s->seek.kind == SEEK_NEAREST) /* a list is what the registry says */
		ask_programs(c);
	begin_elsewhere(c);
}

/* NULL: the call has failed and says why. */
static struct searching *
new_search(struct call *c)
{
	struct searching *s = arena_take(&c->arena, 1, sizeof *s);
	if (s == NULL) {
		call_fail_err(c, MESH_FULL);
		return NULL;
	}
	memset(s, 0, sizeof *s);
	c->answers = s;
	return searching_words_budget(c, s) ? s : NULL;
}

void
ops_entry_search(struct call *c)
{
	struct searching *s = new_search(c);
	if (s == NULL)
		return;
	if (is_plain(c)) {
		c->closing = closing_plain;
		search_plain(c);
	} else {
		search_sites(c, s);
	}
}

static void
list_everywhere(struct call *c)
{
	struct searching *s = new_search(c);
	if (s == NULL)
		return;
	s->pages = true;
	search_sites(c, s);
}

void
ops_entry_list(struct call *c)
{
	if (c->params.everywhere)
		list_everywhere(c);
	else if (c->params.budget.len > 0)
		call_fail(c, 400, "parameter budget: only with everywhere");
	else
		ops_entry_list_here(c);
}

/* All that is said of one hash: a search that nobody else is asked in where nobody
 * holds more. */
void
ops_entry_get(struct call *c)
{
	struct bytes_view hash;
	struct searching *s = new_search(c);
	if (s == NULL || !ops_entry_hash(c, "id", c->params.id, &hash))
		return;
	s->one = true;
	if (!c->params.local && searching_others_hold_more(c)) {
		c->params.hash = c->params.id;
		search_sites(c, s);
		return;
	}
	c->closing = closing_plain;
	call_ask(c,
	    &(struct store_question){ .noun = STORE_ENTRIES,
		.now_ms = c->world->now.unix_ms,
		.whole = c->params.embeddings });
}
