#include "hearsay.h"
#include "hit.h"
#include "text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct heard { /* what a hit's views point to */
	uint8_t hash[ENTRY_HASH_MAX];
	char type[ENTRY_TYPE_MAX];
};
struct asked_here {
	uint64_t number; /* 0: free */
	uint64_t item;   /* of the feed */
	mesh_time_ms ends_ms;
	uint64_t told, said; /* bits: programs that know of it, that said something */
	bool offered;        /* nobody else will be told now */
	bool has_least;
	double least;
	char type[ENTRY_TYPE_MAX]; /* "": any */
	size_t type_len;
	size_t count;
	struct seek_hit hits[HEARSAY_HITS];
	struct heard heard[HEARSAY_HITS];
};
struct hearsay {
	struct feed *feed; /* borrowed */
	struct mesh_key self;
	uint32_t listeners;
	uint64_t last_number;
	struct asked_here asked[HEARSAY_MAX];
};

struct hearsay *
hearsay_new(struct feed *feed, const struct mesh_key *self)
{
	struct hearsay *h = calloc(1, sizeof *h);
	if (h != NULL) {
		h->feed = feed;
		h->self = *self;
	}
	return h;
}

void
hearsay_free(struct hearsay *h)
{
	free(h);
}

void
hearsay_listeners(struct hearsay *h, uint32_t count)
{
	h->listeners = count;
}

/* Where it lies; HEARSAY_MAX: nowhere. */
static size_t
place_of(const struct hearsay *h, uint64_t number)
{
	size_t i = 0;
	while (i < HEARSAY_MAX && h->asked[i].number != number)
		i++;
	return i;
}

static struct asked_here *
open_one(struct hearsay *h, uint64_t number)
{
	size_t i = number != 0 ? place_of(h, number) : HEARSAY_MAX;
	return i < HEARSAY_MAX ? &h->asked[i] : NULL;
}

static const struct asked_here *
see(const struct hearsay *h, uint64_t number)
{
	size_t i = number != 0 ? place_of(h, number) : HEARSAY_MAX;
	return i < HEARSAY_MAX ? &h->asked[i] : NULL;
}

/* --- asking --- */

static bool
has(const struct seek *s, unsigned row)
{
	return (s->has >> row & 1) != 0;
}

/* 0: it does not fit the feed. */
static uint64_t
tell_programs(struct hearsay *h, const struct asked_here *q, const struct seek *s,
    struct text_view site, struct mesh_now now)
{
	char id[24];
	struct bytes_out out = bytes_out(id, sizeof id);
	text_put_u64(&out, q->number);
	struct asked asked = { .has = 1U << ASKED_ID | 1U << ASKED_SITE |
		    1U << ASKED_WITHIN | 1U << ASKED_TOP | 1U << ASKED_DTYPE |
		    1U << ASKED_DIM | 1U << ASKED_LIKE |
		    (uint64_t)has(s, SEEK_TYPE) << ASKED_TYPE |
		    (uint64_t)has(s, SEEK_FILTER) << ASKED_FILTER |
		    (uint64_t)has(s, SEEK_LEAST) << ASKED_THRESHOLD,
		.id = text_written(&out),
		.site = site,
		.within_ms = (uint32_t)(q->ends_ms - now.ms),
		.type = s->type,
		.filter = s->filter,
		.top = s->top,
		.threshold = s->least,
		.dtype = s->dtype,
		.dim = s->dim,
		.like = s->like };
	return feed_append(h->feed,
	    &(struct feed_item){ .topic = FEED_ASKED,
		.stage = FEED_HEARD,
		.time_ms = now.unix_ms,
		.table = &asked_table,
		.object = &asked });
}

uint64_t
hearsay_ask(struct hearsay *h, const struct seek *s, struct text_view site,
    uint32_t budget_ms, struct mesh_now now)
{
	if (h == NULL || h->listeners == 0 ||
	    (has(s, SEEK_ORIGIN) && !key_equal(&s->origin, &h->self)))
		return 0;
	size_t free_place = place_of(h, 0);
	if (free_place == HEARSAY_MAX)
		return 0;
	struct asked_here *q = &h->asked[free_place];
	memset(q, 0, offsetof(struct asked_here, hits));
	q->number = h->last_number + 1;
	q->ends_ms = now.ms + budget_ms / 2;
	q->has_least = has(s, SEEK_LEAST);
	q->least = s->least;
	if (has(s, SEEK_TYPE) && s->type.len <= sizeof q->type) {
		memcpy(q->type, s->type.ptr, s->type.len);
		q->type_len = s->type.len;
	}
	q->item = tell_programs(h, q, s, site, now);
	if (q->item == 0) {
		q->number = 0;
		return 0;
	}
	return h->last_number = q->number;
}

/* --- who is waited for --- */

void
hearsay_told(struct hearsay *h, uint64_t item, uint32_t program)
{
	for (size_t i = 0; i < HEARSAY_MAX && program < HEARSAY_PROGRAMS; i++)
		if (h->asked[i].number != 0 && h->asked[i].item == item)
			h->asked[i].told |= UINT64_C(1) << program;
}

bool
hearsay_offered(struct hearsay *h, mesh_time_ms now)
{
	bool over = false;
	for (size_t i = 0; i < HEARSAY_MAX; i++) {
		struct asked_here *q = &h->asked[i];
		if (q->number == 0 || q->offered)
			continue;
		q->offered = true;
		over |= hearsay_is_over(h, q->number, now);
	}
	return over;
}

/* --- being told --- */

static const char *
fault_of(const struct asked_here *q, const struct seek_hit *hit)
{
	struct text_view wanted = { q->type, q->type_len };
	if (hit->hash.len == 0 || hit->hash.len > ENTRY_HASH_MAX)
		return "hits: a hash is 1 to 64 bytes in hex";
	if (!entry_type_is_sound(hit->type) || hit->type.len > ENTRY_TYPE_MAX)
		return "hits: no type";
	if (wanted.len > 0 && !text_equal(wanted, hit->type))
		return "hits: another type than the search is for";
	if (!isfinite(hit->score) || hit->score < -1 || hit->score > 1)
		return "hits: a score is -1 to 1";
	if (q->has_least && hit->score < q->least)
		return "hits: below the search's threshold";
	return NULL;
}

/* Where a hit of that score goes: a free place, else the worst one's if it is worse,
 * else HEARSAY_HITS. */
static size_t
place_for(const struct asked_here *q, double score)
{
	size_t worst = 0;
	if (q->count < HEARSAY_HITS)
		return q->count;
	for (size_t i = 1; i < HEARSAY_HITS; i++)
		if (q->hits[i].score < q->hits[worst].score)
			worst = i;
	return q->hits[worst].score < score ? worst : HEARSAY_HITS;
}

static void
keep(struct hearsay *h, struct asked_here *q, const struct seek_hit *hit)
{
	size_t place = place_for(q, hit->score);
	if (place == HEARSAY_HITS)
		return;
	struct heard *room = &q->heard[place];
	struct seek_hit *kept = &q->hits[place];
	q->count += place == q->count;
	memcpy(room->hash, hit->hash.ptr, hit->hash.len);
	memcpy(room->type, hit->type.ptr, hit->type.len);
	*kept = (struct seek_hit){ .hash = bytes_view(room->hash, hit->hash.len),
		.origin = h->self,
		.type = { room->type, hit->type.len },
		.score = hit->score };
}

const char *
hearsay_tell(struct hearsay *h, uint64_t number, uint32_t from,
    const struct list_view *hits, mesh_time_ms now)
{
	struct asked_here *q = open_one(h, number);
	const struct seek_hit *all = hits->items;
	if (q == NULL || now >= q->ends_ms)
		return "id: that search is over";
	if (from >= HEARSAY_PROGRAMS || (q->said >> from & 1) != 0)
		return "id: answered already";
	if (hits->count > HEARSAY_HITS)
		return "hits: more than there is room for";
	for (size_t i = 0; i < hits->count; i++) {
		const char *fault = fault_of(q, &all[i]);
		if (fault != NULL)
			return fault;
	}
	for (size_t i = 0; i < hits->count; i++)
		keep(h, q, &all[i]);
	q->said |= UINT64_C(1) << from;
	return NULL;
}

/* --- looking --- */

bool
hearsay_question(const struct hearsay *h, uint64_t number, struct feed_item *out)
{
	const struct asked_here *q = see(h, number);
	return q != NULL && feed_find(h->feed, q->item, out);
}

bool
hearsay_is_over(const struct hearsay *h, uint64_t number, mesh_time_ms now)
{
	const struct asked_here *q = see(h, number);
	return q == NULL || (q->offered && (q->told & ~q->said) == 0) ||
	    now >= q->ends_ms;
}

mesh_time_ms
hearsay_ends(const struct hearsay *h, uint64_t number)
{
	const struct asked_here *q = see(h, number);
	return q != NULL ? q->ends_ms : MESH_NEVER;
}

const struct seek_hit *
hearsay_hits(const struct hearsay *h, uint64_t number, size_t *count)
{
	const struct asked_here *q = see(h, number);
	*count = q != NULL ? q->count : 0;
	return q != NULL ? q->hits : NULL;
}

void
hearsay_close(struct hearsay *h, uint64_t number)
{
	struct asked_here *q = open_one(h, number);
	if (q != NULL)
		q->number = 0;
}
