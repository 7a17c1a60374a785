#include "answering.h"
#include "arena.h"
#include "filter.h"
#include "seek.h"
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
	bool has_after;
	struct seek_hit after; /* its hash lies in `hash` */
	uint8_t hash[ENTRY_HASH_MAX];
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

static struct store_search
search_of(const struct seek *s, struct mesh_now now)
{
	return (struct store_search){ .dtype = s->dtype,
		.dim = s->dim,
		.like = s->like,
		.type = s->type,
		.has_origin = (s->has >> SEEK_ORIGIN & 1) != 0,
		.origin = s->origin,
		.top = (s->has >> SEEK_AFTER & 1) != 0 ? SEARCH_TOP : s->top,
		.least = (s->has >> SEEK_LEAST & 1) != 0 ? s->least : -1,
		.now_ms = now.unix_ms,
		.audience = AUDIENCE_OPERATOR };
}

static void
note(struct question *q, const struct seek *s, const struct mesh_event *e,
    struct mesh_now now)
{
	uint32_t back = e->budget_ms / 3;
	q->ticket = e->ticket;
	q->asker = e->site;
	q->top = s->top;
	q->hurry_ms = now.ms + e->budget_ms -
	    (back < ANSWER_BACK_MS ? back : ANSWER_BACK_MS);
	q->has_after = (s->has >> SEEK_AFTER & 1) != 0;
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

static void
begin(struct answering *a, const struct mesh_event *e, const struct seek *s,
    const struct store_search *search, struct mesh_now now)
{
	struct question *q = question_of(a, 0);
	uint64_t number = a->last_number + 1;
	if (q == NULL || asks_too_much(a, &e->site) ||
	    store_search(a->at.store, search, STORE_TOKEN(OWNER_ANSWERING, number)) !=
		MESH_OK) {
		count_one(a->at.counts, COUNT_SEARCH_BUSY);
		return;
	}
	a->last_number = q->number = number;
	note(q, s, e, now);
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

static struct seek_hit
hit_of(const struct store_hit *h)
{
	return (struct seek_hit){ .hash = bytes_view(h->hash, h->hash_len),
		.origin = h->origin,
		.type = { h->type, h->type_len },
		.score = h->score };
}

/* As many of the best as fit behind the place that was asked for. */
static struct bytes_view
write_answer(const struct question *q, const struct store_page *page,
    struct seek_hit *hits, struct bytes_out *out)
{
	struct seek_answer answer = { .has = UINT64_MAX, .partial = page->partial };
	size_t count = 0;
	for (size_t i = 0; i < page->count && count < q->top; i++) {
		struct seek_hit hit = hit_of(&page->hits[i]);
		if (!q->has_after || seek_order(&q->after, &hit) < 0)
			hits[count++] = hit;
	}
	size_t all = count;
	for (;; count--) {
		answer.hits = (struct list_view){ hits, count };
		answer.more = count < all;
		*out = bytes_out(out->ptr, ANSWER_MAX);
		if (mesh_body_encode(&seek_answer_table, &answer, out) == MESH_OK ||
		    count == 0)
			return bytes_written(out);
	}
}

void
answering_outcome(
    struct answering *a, const struct store_outcome *o, struct mesh_now now)
{
	struct question *q = question_of(a, STORE_NUMBER(o->token));
	struct seek_hit hits[SEARCH_TOP];
	uint8_t room[ANSWER_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	if (q == NULL || q->number == 0)
		return;
	q->number = 0;
	if (o->err != MESH_OK || o->page == NULL) {
		count_one(a->at.counts, COUNT_SEARCH_BUSY);
		return;
	}
	struct bytes_view body = write_answer(q, o->page, hits, &out);
	if (mesh_site_answer(a->at.core, q->ticket, body, now) == MESH_OK)
		count_one(a->at.counts, COUNT_SEARCH_ANSWERED);
	else
		count_one(a->at.counts, COUNT_SEARCH_LATE);
}

void
answering_tick(struct answering *a, struct mesh_now now)
{
	for (size_t i = 0; i < ANSWERING_MAX; i++) {
		struct question *q = &a->questions[i];
		if (q->number == 0 || q->hurry_ms > now.ms)
			continue;
		q->hurry_ms = MESH_NEVER;
		store_hurry(a->at.store, STORE_TOKEN(OWNER_ANSWERING, q->number));
	}
}

mesh_time_ms
answering_deadline(const struct answering *a)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < ANSWERING_MAX; i++)
		if (a->questions[i].number != 0 && a->questions[i].hurry_ms < first)
			first = a->questions[i].hurry_ms;
	return first;
}
