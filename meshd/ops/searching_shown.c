#include "feed.h"
#include "hit.h"
#include "live.h"
#include "replica.h"
#include "searching.h"
#include "text.h"
#include <string.h>

/* --- told as it comes --- */

static struct hit
bare_hit(struct call *c, const struct seek_hit *hit)
{
	const struct sites *names = live_sites(c->world->live);
	bool near = searching_of(c)->seek.kind == SEEK_NEAREST;
	return (struct hit){ .hash = hit->hash,
		.type = hit->type,
		.site = sites_name_copy(names, &hit->origin, &c->arena),
		.score = hit->score,
		.has = 1U << HIT_HASH | 1U << HIT_TYPE | 1U << HIT_SITE |
		    (uint64_t)near << HIT_SCORE };
}

/* To the asker alone. */
static void
say_early(struct call *c, struct text_view site, struct list_view hits)
{
	const struct searching *s = searching_of(c);
	struct hit_early early = { .partial = true,
		.site = site,
		.hits = hits,
		.complete = {
		    s->answered + (s->local_done && !s->local_partial), s->known } };
	call_say_early(c, &hit_early_table, &early);
}

/* To whoever listens to events. */
static void
say_news(struct call *c, struct text_view site, struct list_view hits)
{
	struct hit_news news = { .ref = c->params.ref, .site = site, .hits = hits };
	struct feed_item item = { .topic = FEED_SEARCH,
		.stage = FEED_HEARD,
		.time_ms = c->world->now.unix_ms,
		.table = &hit_news_table,
		.object = &news };
	if (c->params.ref.len > 0 && c->world->feed != NULL)
		(void)feed_append(c->world->feed, &item);
}

void
searching_shown_tell(struct call *c, const struct mesh_key *site,
    const struct seek_hit *hits, size_t count)
{
	struct arena before = c->arena;
	struct hit *shown = arena_take(&c->arena, count + 1, sizeof *shown);
	for (size_t i = 0; shown != NULL && i < count; i++)
		shown[i] = bare_hit(c, &hits[i]);
	struct text_view name = sites_name_copy(
	    live_sites(c->world->live), site, &c->arena);
	if (shown != NULL) {
		say_early(c, name, (struct list_view){ shown, count });
		say_news(c, name, (struct list_view){ shown, count });
	}
	c->arena.used = before.used;
}

/* --- the answer --- */

static void
put_bare(struct call *c, const struct merged *m)
{
	struct hit hit = bare_hit(c, &m->hit);
	call_item(c, &hit_table, &hit);
}

/* As this site shows what it holds itself. */
static void
put_entry(struct call *c, struct entry *entry, const struct merged *m)
{
	struct hit hit = hit_of(entry, m->hit.score);
	if (searching_of(c)->seek.kind == SEEK_LIST)
		call_item(c, &entry_table, entry);
	else
		call_item(c, &hit_table, &hit);
}

/* What came of the embedding. */
static void
show_numbers(const struct searching *s, struct entry *e)
{
	const struct searching_numbers *n = &s->numbers;
	e->embedding = bytes_view(n->bytes, n->all);
	e->scale = n->as.scale;
	e->has |= 1U << ENTRY_EMBEDDING |
	    (n->as.has >> SEEK_SAID_SCALE & 1) << ENTRY_SCALE;
}

static uint64_t
moved(const struct seek_said *said, unsigned from, unsigned to)
{
	return (said->has >> from & 1) << to;
}

static void
name_teller(struct call *c, const struct merged *m, struct entry *e)
{
	e->told_by = sites_name_copy(live_sites(c->world->live), &m->from, &c->arena);
	e->has |= 1U << ENTRY_TOLD_BY;
}

static struct entry
entry_of(struct call *c, const struct merged *m, struct tree_view metadata)
{
	const struct seek_said *said = &m->said;
	return (struct entry){ .hash = m->hit.hash,
		.type = m->hit.type,
		.site = sites_name_copy(
		    live_sites(c->world->live), &m->hit.origin, &c->arena),
		.dtype = said->dtype,
		.dim = said->dim,
		.metadata = metadata,
		.version = { said->epoch, said->seq },
		.time_ms = said->time_ms,
		.expires_ms = said->expires_ms,
		.has = 1U << ENTRY_HASH | 1U << ENTRY_TYPE | 1U << ENTRY_SITE |
		    1U << ENTRY_VERSION |
		    (uint64_t)(metadata.count > 0) << ENTRY_METADATA |
		    moved(said, SEEK_SAID_TIME, ENTRY_TIME) |
		    moved(said, SEEK_SAID_EXPIRES, ENTRY_EXPIRES) |
		    moved(said, SEEK_SAID_DTYPE, ENTRY_DTYPE) |
		    moved(said, SEEK_SAID_DIM, ENTRY_DIM) };
}

/* False: what it says cannot be read. */
static bool
put_said(struct call *c, const struct merged *m, enum search_rest numbers)
{
	struct searching *s = searching_of(c);
	struct arena before = c->arena;
	struct bytes_view metadata = bytes_view(s->rest.bytes, s->rest.len);
	struct entry_meta alone = { { NULL, 0 } };
	bool sound = metadata.len == 0 ||
	    mesh_body_decode(&entry_meta_table, metadata, &alone, &c->arena) == MESH_OK;
	if (sound) {
		struct entry e = entry_of(c, m, alone.metadata);
		if (s->one)
			name_teller(c, m, &e);
		if (numbers == REST_HERE)
			show_numbers(s, &e);
		put_entry(c, &e, m);
	}
	c->arena.used = before.used;
	return sound;
}

/* REST_NONE: nobody wants them, or there are none. */
static enum search_rest
numbers_of(struct call *c, const struct merged *m, const struct seek_said *as)
{
	if (!c->params.embeddings || as->dim == 0 || entry_width(as->dtype) == 0)
		return REST_NONE;
	enum search_rest rest = searching_numbers(c, m, as);
	if (rest == REST_LOST)
		searching_short(searching_of(c), &m->hit.origin, true);
	return rest;
}

/* Another site told of it.  False: the rest of it is on its way. */
static bool
write_told(struct call *c, const struct merged *m)
{
	enum search_rest numbers = REST_NONE, rest = searching_rest(c, m);
	if (rest == REST_HERE)
		numbers = numbers_of(c, m, &m->said);
	if (rest == REST_ASKED || numbers == REST_ASKED)
		return false;
	if (rest == REST_LOST || !put_said(c, m, numbers)) {
		searching_short(searching_of(c), &m->from, true);
		put_bare(c, m);
	}
	return true;
}

/* --- what the store has of it --- */

static bool
read_held(struct call *c, struct entry_put *put, struct entry *entry)
{
	const struct mesh_record *r = searching_of(c)->held->records;
	return mesh_body_decode(&entry_put_table, r->body, put, &c->arena) == MESH_OK &&
	    entry_view(&r->at, r->time_ms, put, live_sites(c->world->live), &c->arena,
		entry) == MESH_OK;
}

/* As the entry says itself, or from elsewhere where its numbers are not kept here. */
static enum search_rest
numbers_of_held(struct call *c, const struct merged *m, const struct entry_put *put,
    struct entry *entry)
{
	struct searching *s = searching_of(c);
	struct seek_said as = seek_said_of(entry);
	if (!s->held->partial) {
		if (c->params.embeddings)
			entry_show_embedding(entry, put);
		return REST_NONE;
	}
	enum search_rest rest = numbers_of(c, m, &as);
	if (rest == REST_HERE)
		show_numbers(s, entry);
	return rest;
}

/* What is not to be read is shown as far as it is known. */
static void
put_unread(struct call *c, const struct merged *m)
{
	struct searching *s = searching_of(c);
	if (m->local < 0) {
		put_bare(c, m);
		return;
	}
	searching_short(s, &m->hit.origin, true);
	call_raw(c, s->page->hits[m->local].json);
}

/* False: its numbers are on their way. */
static bool
write_held(struct call *c, const struct merged *m)
{
	struct searching *s = searching_of(c);
	struct arena before = c->arena;
	struct entry_put put;
	struct entry entry;
	enum search_rest numbers = REST_NONE;
	bool sound = s->held->count > 0 && read_held(c, &put, &entry);
	if (sound)
		numbers = numbers_of_held(c, m, &put, &entry);
	if (sound && numbers != REST_ASKED)
		put_entry(c, &entry, m);
	else if (!sound)
		put_unread(c, m);
	c->arena.used = before.used;
	if (numbers == REST_ASKED)
		return false;
	store_page_free(s->held);
	s->held = NULL;
	return true;
}

/* What does not say more than its hash may stand in our index all the same; and what is
 * listed here has no numbers.  False: the store looks. */
static bool
look_here(struct call *c, const struct merged *m)
{
	c->ticked = NULL; /* it is the store that is waited for */
	c->deadline_ms = c->world->now.ms + CALL_TIMEOUT_MS;
	c->wait = CALL_ASKED;
	if (store_find(c->world->store, &m->hit.origin, LANE_REGISTRY, m->hit.hash,
		STORE_TOKEN(OWNER_CALL, c->number)) == MESH_OK)
		return false;
	put_unread(c, m);
	return true;
}

/* --- one after the other --- */

/* Metadata came cut, or numbers are not kept here. */
static bool
fetches(const struct call *c, const struct merged *m)
{
	bool whole = replica_of_type(&c->world->others, m->hit.type) == REPLICA_WHOLE;
	bool cut = m->local < 0 && m->said.metadata.len < m->said.bytes;
	bool numbers = m->local >= 0 ? !whole : m->said.dim > 0;
	return (cut || (c->params.embeddings && numbers)) &&
	    !key_equal(&m->hit.origin, &c->world->self);
}

bool
searching_shown_fetches(const struct call *c)
{
	const struct searching *s = searching_of(c);
	for (size_t i = 0; i < s->merging.count; i++)
		if (fetches(c, &s->merging.best[i]))
			return true;
	return false;
}

uint32_t
searching_share_ms(const struct call *c)
{
	const struct searching *s = searching_of(c);
	mesh_time_ms left = s->ends_ms - c->world->now.ms;
	bool last = s->looked_up + 1 == s->merging.count;
	return (uint32_t)(last ? left : left / 2);
}

/* False: something of it is waited for.  Ours lie in the page. */
static bool
write_one(struct call *c, const struct merged *m)
{
	struct searching *s = searching_of(c);
	if (s->held != NULL)
		return write_held(c, m);
	if (m->local >= 0 && !c->params.embeddings) {
		call_raw(c, s->page->hits[m->local].json);
		return true;
	}
	bool told = m->local < 0 && m->hit.said.count > 0;
	return told ? write_told(c, m) : look_here(c, m);
}

void
searching_shown_on(struct call *c)
{
	struct searching *s = searching_of(c);
	for (; s->looked_up < s->merging.count; s->looked_up++)
		if (!write_one(c, &s->merging.best[s->looked_up]))
			return;
	c->paged = NULL;
	call_close(c, searching_pages_next(c));
	call_finish(c);
}

void
searching_shown_begin(struct call *c)
{
	const struct searching *s = searching_of(c);
	if (s->one && s->merging.count == 0) {
		searching_nothing(c);
		return;
	}
	call_open(c);
	searching_shown_on(c);
}

void
searching_shown_found(struct call *c, const struct store_outcome *o)
{
	struct searching *s = searching_of(c);
	if (o->err == MESH_OK && o->page != NULL) {
		s->held = o->page;
	} else {
		store_page_free(o->page);
		put_unread(c, &s->merging.best[s->looked_up++]);
	}
	searching_shown_on(c);
}
