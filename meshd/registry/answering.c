#include "answering.h"
#include "arena.h"
#include "filter.h"
#include "hearsay.h"
#include "live.h"
#include "merging.h"
#include "seek.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum {
	ANSWERING_ARENA = 96 * 1024,
	ANSWER_MAX = 800,     /* of a reply's body: it is one datagram, with its way */
	ANSWER_BACK_MS = 200, /* the way back, at most a third of the asker's time */
	SEARCH_TOP = 64
};

struct question {
	uint64_t number; /* of its search; 0: free */
	uint64_t ticket;
	struct mesh_key asker;
	mesh_time_ms hurry_ms; /* then what there is has to do; MESH_NEVER: told */
	uint32_t top;
	bool whole; /* hits say all, their metadata from `rest` on */
	uint32_t rest;
	bool has_numbers; /* of one entry the embedding from there on, nothing else */
	uint32_t numbers;
	bool has_after;        /* a list begins there by itself */
	struct seek_hit after; /* its hash lies in `hash` */
	uint8_t hash[ENTRY_HASH_MAX];
	uint64_t hearsay;      /* what programs are asked; 0: nothing */
	struct merging *waits; /* what the store found, while they are waited for */
	bool partial;
};
struct answering {
	struct answering_params at;
	uint64_t last_number;
	struct question questions[ANSWERING_MAX];
	uint64_t block[ANSWERING_ARENA / 8];
};

struct answering *
answering_new(const struct answering_params *params)
{
	struct answering *a = calloc(1, sizeof *a);
	if (a != NULL)
		a->at = *params;
	return a;
}

void
answering_free(struct answering *a)
{
	for (size_t i = 0; a != NULL && i < ANSWERING_MAX; i++)
		free(a->questions[i].waits);
	free(a);
}

static struct question *
question_of(struct answering *a, uint64_t number)
{
	for (size_t i = 0; i < ANSWERING_MAX; i++)
		if (a->questions[i].number == number)
			return &a->questions[i];
	return NULL;
}

/* Nobody here answers that. */
static void
refuse(struct answering *a, uint64_t ticket, struct mesh_now now)
{
	(void)(mesh_site_answer(a->at.core, ticket, bytes_view(NULL, 0), now) ==
	    MESH_OK); /* or it is too late */
}

/* --- asked --- */

/* The store finds the nearest of all, those before the place among them. */
static bool
begins_later(const struct seek *s)
{
	return s->kind == SEEK_NEAREST && (s->has >> SEEK_AFTER & 1) != 0;
}

static struct store_search
search_of(const struct seek *s, struct mesh_now now)
{
	return (struct store_search){ .dtype = s->dtype,
		.dim = s->dim,
		.like = s->like,
		.type = s->type,
		.has_origin = (s->has >> SEEK_ORIGIN & 1) != 0,
		.origin = s->origin,
		.top = begins_later(s) ? SEARCH_TOP : s->top,
		.least = (s->has >> SEEK_LEAST & 1) != 0 ? s->least : -1,
		.now_ms = now.unix_ms,
		.audience = AUDIENCE_OPERATOR,
		.list = s->kind == SEEK_LIST,
		.hash = s->hash,
		.after = (s->has >> SEEK_AFTER & 1) != 0 ? &s->after : NULL,
		.told = true };
}

/* Programs of this site may know more. */
static void
ask_programs(struct answering *a, struct question *q, const struct seek *s,
    const struct mesh_event *e, struct mesh_now now)
{
	char room[SITE_SHOWN_MAX];
	struct text_view name = text("");
	if (s->kind != SEEK_NEAREST) /* a list is what the registry says */
		return;
	if (a->at.live != NULL)
		name = sites_name(live_sites(a->at.live), &e->site, room);
	q->hearsay = hearsay_ask(a->at.hearsay, s, name, e->budget_ms, now);
}

static bool
wants_numbers(const struct seek *s)
{
	return (s->has >> SEEK_NUMBERS & 1) != 0;
}

static void
note(struct question *q, const struct seek *s, const struct mesh_event *e,
    struct mesh_now now)
{
	uint32_t back = e->budget_ms / 3;
	q->ticket = e->ticket;
	q->partial = false;
	q->asker = e->site;
	q->top = s->top;
	q->hurry_ms = now.ms + e->budget_ms -
	    (back < ANSWER_BACK_MS ? back : ANSWER_BACK_MS);
	q->hearsay = 0;
	q->whole = s->whole || s->kind == SEEK_LIST;
	q->rest = s->rest;
	q->has_numbers = wants_numbers(s);
	q->numbers = s->numbers;
	q->has_after = begins_later(s);
	if (!q->has_after)
		return;
	memcpy(q->hash, s->after.hash.ptr, s->after.hash.len);
	q->after = (struct seek_hit){ .score = s->after.score,
		.hash = bytes_view(q->hash, s->after.hash.len),
		.origin = s->after.origin };
}

/* False: it cannot be read, or asks for what this version does not know. */
static bool
read_seek(struct bytes_view body, struct seek *s, struct store_search *search,
    struct arena *arena, struct mesh_now now)
{
	struct filter_error why;
	if (mesh_body_decode(&seek_table, body, s, arena) != MESH_OK ||
	    seek_fault(s) != NULL)
		return false;
	*search = search_of(s, now);
	return s->filter.len == 0 ||
	    filter_parse(&entry_table, s->filter, arena, &search->filter, &why) ==
	    MESH_OK;
}

static bool
asks_too_much(const struct answering *a, const struct mesh_key *asker)
{
	size_t open = 0;
	for (size_t i = 0; i < ANSWERING_MAX; i++)
		open += a->questions[i].number != 0 &&
		    key_equal(&a->questions[i].asker, asker);
	return open >= ANSWERING_EACH;
}

static enum mesh_err
look(struct answering *a, const struct seek *s, const struct store_search *search,
    uint64_t token)
{
	return wants_numbers(s)
	    ? store_find(a->at.store, &s->origin, LANE_REGISTRY, s->hash, token)
	    : store_search(a->at.store, search, token);
}

static void
begin(struct answering *a, const struct mesh_event *e, const struct seek *s,
    const struct store_search *search, struct mesh_now now)
{
	struct question *q = question_of(a, 0);
	uint64_t number = a->last_number + 1;
	if (q == NULL || asks_too_much(a, &e->site) ||
	    look(a, s, search, STORE_TOKEN(OWNER_ANSWERING, number)) != MESH_OK) {
		count_one(a->at.counts, COUNT_SEARCH_BUSY);
		return;
	}
	a->last_number = q->number = number;
	note(q, s, e, now);
	ask_programs(a, q, s, e, now);
}

void
answering_question(struct answering *a, const struct mesh_event *e, struct mesh_now now)
{
	struct arena arena = arena_init(a->block, sizeof a->block);
	struct store_search search;
	struct seek s;
	count_one(a->at.counts, COUNT_SEARCH_ASKED);
	if (!read_seek(e->body, &s, &search, &arena, now)) {
		count_one(a->at.counts, COUNT_SEARCH_MALFORMED);
		refuse(a, e->ticket, now);
	} else if (!seek_means(&s, &a->at.self)) {
		refuse(a, e->ticket, now);
	} else {
		begin(a, e, &s, &search, now);
	}
}

/* --- answered --- */

/* `said` is what it says, if it is asked for. */
static struct seek_hit
hit_of(const struct question *q, const struct store_hit *h, struct seek_said *said)
{
	size_t rest = q->rest < h->said.metadata.len ? q->rest : h->said.metadata.len;
	*said = h->said;
	if (rest > 0) {
		said->metadata.ptr += rest;
		said->metadata.len -= rest;
	}
	return (struct seek_hit){ .hash = bytes_view(h->hash, h->hash_len),
		.origin = h->origin,
		.type = { h->type, h->type_len },
		.score = h->score,
		.said = { said, q->whole } };
}

static bool
encode(const struct seek_answer *answer, struct bytes_out *out)
{
	*out = bytes_out(out->ptr, ANSWER_MAX);
	return mesh_body_encode(&seek_answer_table, answer, out) == MESH_OK;
}

/* So much of one part of the one hit as fits: its length takes a byte more than that of
 * nothing. */
static bool
encode_part(
    const struct seek_answer *answer, struct bytes_view *part, struct bytes_out *out)
{
	size_t len = part->len;
	part->len = 0;
	if (!encode(answer, out) || out->len + 1 >= ANSWER_MAX)
		return false;
	size_t room = ANSWER_MAX - out->len - 1;
	part->len = len < room ? len : room;
	return encode(answer, out);
}

/* False: it says no metadata, or there is no room. */
static bool
encode_cut(struct seek_answer *answer, struct seek_hit *hit, struct bytes_out *out)
{
	const struct seek_said *all = seek_said(hit);
	if (all == NULL || all->metadata.len == 0)
		return false;
	struct seek_said cut = *all;
	hit->said.items = &cut;
	bool fits = encode_part(answer, &cut.metadata, out);
	hit->said.items = all;
	return fits;
}

/* As many of the best as fit behind the place that was asked for. */
static struct bytes_view
write_answer(const struct question *q, struct seek_hit *hits, size_t found,
    struct bytes_out *out)
{
	struct seek_answer answer = { .has = UINT64_MAX, .partial = q->partial };
	size_t count = 0;
	for (size_t i = 0; i < found && count < q->top; i++) {
		struct seek_hit hit = hits[i];
		if (!q->has_after || seek_order(&q->after, &hit) < 0)
			hits[count++] = hit;
	}
	size_t all = count;
	for (;; count--) {
		answer.hits = (struct list_view){ hits, count };
		answer.more = count < all;
		if (encode(&answer, out) || count == 0 ||
		    (count == 1 && encode_cut(&answer, hits, out)))
			return bytes_written(out);
	}
}

static void
tell(struct answering *a, struct question *q, struct bytes_view body,
    struct mesh_now now)
{
	q->number = 0;
	hearsay_close(a->at.hearsay, q->hearsay);
	if (mesh_site_answer(a->at.core, q->ticket, body, now) == MESH_OK)
		count_one(a->at.counts, COUNT_SEARCH_ANSWERED);
	else
		count_one(a->at.counts, COUNT_SEARCH_LATE);
}

static void
answer(struct answering *a, struct question *q, struct seek_hit *hits, size_t count,
    struct mesh_now now)
{
	uint8_t room[ANSWER_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	tell(a, q, write_answer(q, hits, count, &out), now);
}

/* Programs are waited for: what the store found is copied.  False: no memory. */
static bool
keep(struct question *q, const struct seek_hit *hits, size_t count)
{
	q->waits = calloc(1, sizeof *q->waits);
	if (q->waits == NULL)
		return false;
	q->waits->top = SEARCH_TOP;
	for (size_t i = 0; i < count; i++)
		(void)merging_add(q->waits, &hits[i], -1);
	return true;
}

/* What programs say is merged like another site's answer. */
static void
answer_both(struct answering *a, struct question *q, struct mesh_now now)
{
	struct seek_hit all[SEARCH_TOP];
	size_t said;
	struct merging *m = q->waits;
	const struct seek_hit *hits = hearsay_hits(a->at.hearsay, q->hearsay, &said);
	for (size_t i = 0; i < said; i++)
		(void)merging_add(m, &hits[i], -1);
	for (size_t i = 0; i < m->count; i++)
		all[i] = m->best[i].hit;
	answer(a, q, all, m->count, now);
	free(m);
	q->waits = NULL;
}

static bool
is_heard(const struct answering *a, const struct question *q, struct mesh_now now)
{
	return q->hearsay == 0 || hearsay_is_over(a->at.hearsay, q->hearsay, now.ms);
}

/* --- an embedding --- */

static struct seek_said
said_numbers(const struct mesh_record *r, const struct entry_put *put, size_t from)
{
	bool scaled = (put->has >> ENTRY_PUT_SCALE & 1) != 0;
	return (struct seek_said){ .has = 1U << SEEK_SAID_EPOCH | 1U << SEEK_SAID_SEQ |
		    1U << SEEK_SAID_DTYPE | 1U << SEEK_SAID_DIM |
		    1U << SEEK_SAID_NUMBERS | (uint64_t)scaled << SEEK_SAID_SCALE,
		.epoch = r->at.epoch,
		.seq = r->at.seq,
		.dtype = put->dtype,
		.dim = put->dim,
		.numbers = bytes_view(
		    put->embedding.ptr + from, put->embedding.len - from),
		.scale = put->scale };
}

/* False: there is none, or not that much of it. */
static bool
write_numbers(const struct question *q, const struct mesh_record *r,
    struct arena *arena, struct bytes_out *out)
{
	struct entry_put put;
	if (mesh_body_decode(&entry_put_table, r->body, &put, arena) != MESH_OK ||
	    entry_fault(&put) != NULL || q->numbers >= put.embedding.len)
		return false;
	struct seek_said said = said_numbers(r, &put, q->numbers);
	struct seek_hit hit = { put.hash, r->at.origin, put.type, 0, { &said, 1 } };
	struct seek_answer answer = { .has = UINT64_MAX, .hits = { &hit, 1 } };
	return encode(&answer, out) || encode_part(&answer, &said.numbers, out);
}

/* Who keeps an index has none. */
static void
answer_numbers(struct answering *a, struct question *q, const struct store_outcome *o,
    struct mesh_now now)
{
	struct arena arena = arena_init(a->block, sizeof a->block);
	uint8_t room[ANSWER_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	bool kept = o->err == MESH_OK && o->page != NULL && o->page->count == 1 &&
	    !o->page->partial;
	if (kept && write_numbers(q, o->page->records, &arena, &out))
		tell(a, q, bytes_written(&out), now);
	else
		tell(a, q, bytes_view(NULL, 0), now);
}

void
answering_outcome(
    struct answering *a, const struct store_outcome *o, struct mesh_now now)
{
	struct question *q = question_of(a, STORE_NUMBER(o->token));
	struct seek_hit hits[SEARCH_TOP];
	struct seek_said said[SEARCH_TOP];
	size_t count = 0;
	if (q == NULL || q->number == 0)
		return;
	if (q->has_numbers) {
		answer_numbers(a, q, o, now);
		return;
	}
	if (o->err != MESH_OK || o->page == NULL) {
		count_one(a->at.counts, COUNT_SEARCH_BUSY);
		hearsay_close(a->at.hearsay, q->hearsay);
		q->number = 0;
		return;
	}
	q->partial = o->page->partial;
	for (; count < o->page->count && count < SEARCH_TOP; count++)
		hits[count] = hit_of(q, &o->page->hits[count], &said[count]);
	if (q->hearsay == 0 || !keep(q, hits, count))
		answer(a, q, hits, count, now);
	else if (is_heard(a, q, now))
		answer_both(a, q, now);
}

void
answering_tick(struct answering *a, struct mesh_now now)
{
	for (size_t i = 0; i < ANSWERING_MAX; i++) {
		struct question *q = &a->questions[i];
		if (q->waits != NULL && is_heard(a, q, now))
			answer_both(a, q, now);
		if (q->number == 0 || q->waits != NULL || q->hurry_ms > now.ms)
			continue;
		q->hurry_ms = MESH_NEVER;
		store_hurry(a->at.store, STORE_TOKEN(OWNER_ANSWERING, q->number));
	}
}

static mesh_time_ms
due_of(const struct answering *a, const struct question *q)
{
	return q->waits != NULL ? hearsay_ends(a->at.hearsay, q->hearsay) : q->hurry_ms;
}

mesh_time_ms
answering_deadline(const struct answering *a)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < ANSWERING_MAX; i++)
		if (a->questions[i].number != 0 && due_of(a, &a->questions[i]) < first)
			first = due_of(a, &a->questions[i]);
	return first;
}
