#include "air.h"
#include "text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	AIR_NAME = 64,
	AIR_NEWS = 2 * AIR_WAITING, /* taken back, and given again */
	AGAIN_MS = 1000,            /* a radio that is not there, or busy */
	BUSY_MS = 5000,             /* its queue was full: a few packets later */
	CROWD_MS = 10000,           /* a channel that is too full */
	SPENT_MS = 60000,           /* the hour moves by minutes */
	RESERVE = 4,       /* places in the radio's queue that programs leave */
	PERCENT_MS = 36000 /* one percent of an hour */
};

const char *const air_wait_words[] = { "", "no such radio", "tx = no",
	"the radio is not connected", "the radio's transmitter is off",
	"the radio has not answered yet", "the radio's queue is full",
	"the radio's pace", "the channel is too full",
	"airtime of this hour is spent" };

struct waiting {
	bool used, given; /* given: to the radio, which has not answered */
	bool lost;        /* with a link, once: it may be on the air */
	char radio[AIR_NAME];
	uint8_t radio_len;
	enum pace_rank rank;
	enum air_wait wait;
	uint64_t order;
	mesh_time_ms due_ms; /* not before; given: no answer by then */
	struct radio_request request;
	uint8_t body[AIR_BODY];
};
struct air_radio {           /* of one radio, as long as it is configured */
	bool used, told, tx; /* told: the configuration says of it whether it may */
	char name[AIR_NAME];
	uint8_t len;
	uint32_t priority;
	struct pacing pacing;
};
struct air {
	struct air_params at;
	struct waiting waiting[AIR_WAITING];
	struct air_radio radios[PORTS_MAX];
	struct air_cells cells;
	struct air_news news[AIR_NEWS];
	size_t news_first, news_count;
	uint64_t orders;
	mesh_time_ms begun_ms; /* MESH_NEVER: not yet */
	mesh_time_ms due_ms;
};

struct air *
air_new(const struct air_params *params)
{
	struct air *a = calloc(1, sizeof *a);
	if (a != NULL) {
		a->at = *params;
		a->due_ms = a->begun_ms = MESH_NEVER;
	}
	return a;
}

void
air_free(struct air *a)
{
	free(a);
}

/* --- radios and their channels --- */

static struct air_radio *
radio_of(struct air *a, struct text_view name)
{
	struct air_radio *unused = NULL;
	for (size_t i = 0; i < LENGTH(a->radios); i++) {
		struct air_radio *r = &a->radios[i];
		if (r->used && text_equal((struct text_view){ r->name, r->len }, name))
			return r;
		if (!r->used ||
		    ports_find(a->at.ports, (struct text_view){ r->name, r->len }) ==
			NULL)
			unused = r;
	}
	if (unused == NULL || name.len > sizeof unused->name)
		return NULL;
	*unused = (struct air_radio){ .used = true, .len = (uint8_t)name.len };
	memcpy(unused->name, name.ptr, name.len);
	return unused;
}

static bool
is_for(const struct waiting *w, struct text_view radio)
{
	return text_equal((struct text_view){ w->radio, w->radio_len }, radio);
}

/* --- may it go? --- */

static bool
is_answered(const struct air *a, const struct waiting *w)
{
	for (size_t i = 0; i < AIR_WAITING; i++) {
		const struct waiting *other = &a->waiting[i];
		if (other->used && other->given &&
		    is_for(other, (struct text_view){ w->radio, w->radio_len }))
			return false;
	}
	return true;
}

/* By the radio's own count of the last hour or by ours, whichever is more. */
static bool
is_spent(struct air *a, const struct radio_air *air, const struct waiting *w,
    uint32_t cost, mesh_time_ms now)
{
	struct duty *duty = air_cells_find(&a->cells, air->cell, now);
	if (duty == NULL)
		return true;
	uint64_t ours = duty_spent(duty, now);
	uint64_t told = (uint64_t)(air->air_util_tx * (float)PERCENT_MS);
	return (told > ours ? told : ours) + cost > duty_limit(air, w->rank);
}

/* What radios were given before this start is not known: it may have been just now. */
static mesh_time_ms
pace_due(const struct air *a, const struct air_radio *r, enum radio_request_kind kind)
{
	mesh_time_ms first = a->begun_ms + pacing_gap(kind);
	mesh_time_ms due = pacing_due(&r->pacing, kind);
	return due > first ? due : first;
}

/* Once it is known what may be sent where: `air` of a radio that is there. */
static enum air_wait
traffic(struct air *a, const struct waiting *w, const struct radio_air *air,
    uint32_t cost, mesh_time_ms now)
{
	uint8_t spare = w->rank == PACE_PERSON ? 1 : RESERVE;
	struct air_radio *r = radio_of(a, (struct text_view){ w->radio, w->radio_len });
	if (!is_answered(a, w))
		return AIR_UNANSWERED;
	if (air->queue_free < spare)
		return AIR_FULL;
	if (r == NULL || pace_due(a, r, w->request.kind) > now)
		return AIR_SOON;
	if (duty_is_crowded(air, w->rank))
		return AIR_CROWDED;
	return is_spent(a, air, w, cost, now) ? AIR_SPENT : AIR_NOTHING;
}

static enum air_wait
permission(struct air *a, struct text_view radio, struct radio_air *air)
{
	struct port *p = ports_find(a->at.ports, radio);
	const struct radio *session;
	struct air_radio *r = radio_of(a, radio);
	if (p == NULL)
		return AIR_NO_RADIO;
	if (r == NULL || !r->tx)
		return AIR_FORBIDDEN;
	const struct radio_ops *driver = port_driver(p, &session);
	if (!driver->air(session, air))
		return AIR_DOWN;
	return air->transmits ? AIR_NOTHING : AIR_SILENCED;
}

void
air_prefer(struct air *a, struct text_view radio, uint32_t priority)
{
	struct air_radio *r = radio_of(a, radio);
	if (r != NULL)
		r->priority = priority;
}

uint32_t
air_priority(struct air *a, struct text_view radio)
{
	const struct air_radio *r = radio_of(a, radio);
	return r != NULL ? r->priority : 0;
}

enum air_wait
air_allows(struct air *a, struct text_view radio)
{
	struct radio_air air;
	return permission(a, radio, &air);
}

static mesh_time_ms
again_at(struct air *a, const struct waiting *w, mesh_time_ms now)
{
	struct air_radio *r = radio_of(a, (struct text_view){ w->radio, w->radio_len });
	switch (w->wait) {
	case AIR_SOON:
		return r != NULL ? pace_due(a, r, w->request.kind) : now + AGAIN_MS;
	case AIR_CROWDED:
		return now + CROWD_MS;
	case AIR_SPENT:
		return now + SPENT_MS;
	case AIR_NOTHING:
	case AIR_NO_RADIO:
	case AIR_FORBIDDEN:
	case AIR_DOWN:
	case AIR_SILENCED:
	case AIR_UNANSWERED:
	case AIR_FULL:
		break;
	}
	return now + AGAIN_MS;
}

/* --- what waits --- */

static size_t
place_of(const struct air *a, uint64_t request)
{
	size_t i = 0;
	while (i < AIR_WAITING &&
	    (!a->waiting[i].used || a->waiting[i].request.request != request))
		i++;
	return i;
}

static struct waiting *
find(struct air *a, uint64_t request)
{
	size_t i = place_of(a, request);
	return i < AIR_WAITING ? &a->waiting[i] : NULL;
}

enum mesh_err
air_ask(struct air *a, struct text_view radio, enum pace_rank rank,
    const struct radio_request *q)
{
	size_t i = 0;
	if (q->body.len > AIR_BODY || radio.len > AIR_NAME)
		return MESH_TRUNCATED;
	while (i < AIR_WAITING && a->waiting[i].used)
		i++;
	if (i == AIR_WAITING) {
		count_one(a->at.counts, COUNT_AIR_FULL);
		return MESH_FULL;
	}
	struct waiting *w = &a->waiting[i];
	*w = (struct waiting){ .used = true,
		.radio_len = (uint8_t)radio.len,
		.rank = rank,
		.order = a->orders++,
		.request = *q };
	memcpy(w->radio, radio.ptr, radio.len);
	if (q->body.len > 0)
		memcpy(w->body, q->body.ptr, q->body.len);
	w->request.body.ptr = w->body;
	a->due_ms = 0;
	count_one(a->at.counts, COUNT_AIR_ASKED);
	return MESH_OK;
}

void
air_withdraw(struct air *a, uint64_t request)
{
	struct waiting *w = find(a, request);
	if (w == NULL)
		return;
	w->used = false;
	count_one(a->at.counts, COUNT_AIR_WITHDRAWN);
}

enum air_wait
air_waits(const struct air *a, uint64_t request)
{
	size_t i = place_of(a, request);
	bool waits = i < AIR_WAITING && !a->waiting[i].given;
	return waits ? a->waiting[i].wait : AIR_NOTHING;
}

static void
tell(struct air *a, const struct air_news *news)
{
	a->news[(a->news_first + a->news_count) % AIR_NEWS] = *news;
	if (a->news_count < AIR_NEWS)
		a->news_count++;
	else /* nobody listens: the oldest goes */
		a->news_first = (a->news_first + 1) % AIR_NEWS;
}

bool
air_next(struct air *a, struct air_news *out)
{
	if (a->news_count == 0)
		return false;
	*out = a->news[a->news_first];
	a->news_first = (a->news_first + 1) % AIR_NEWS;
	a->news_count--;
	return true;
}

static void
refuse(struct air *a, struct waiting *w, enum mesh_err err, enum air_wait wait)
{
	w->used = false;
	count_one(a->at.counts, COUNT_AIR_REFUSED);
	tell(a,
	    &(struct air_news){
		.request = w->request.request, .err = err, .wait = wait });
}

void
air_permit(struct air *a, struct text_view radio, bool tx)
{
	struct air_radio *r = radio_of(a, radio);
	if (r != NULL)
		r->tx = tx, r->told = true;
	for (struct waiting *w = a->waiting; !tx && w < a->waiting + AIR_WAITING; w++)
		if (w->used && !w->given && is_for(w, radio))
			refuse(a, w, MESH_DENIED, AIR_FORBIDDEN);
	a->due_ms = 0;
}

/* --- giving --- */

/* The driver's word: taken, later, or never. */
static void
take_verdict(struct air *a, struct waiting *w, enum mesh_err err, struct mesh_now now)
{
	if (err == MESH_FULL || err == MESH_IO) {
		w->wait = AIR_DOWN;
		w->due_ms = now.ms + AGAIN_MS;
		return;
	}
	if (err != MESH_OK) {
		refuse(a, w, err, AIR_NOTHING);
		return;
	}
	tell(a, &(struct air_news){ .request = w->request.request });
	w->given = true;
	w->due_ms = now.ms + AIR_ANSWER_MS;
	count_one(a->at.counts, COUNT_AIR_GIVEN);
}

static void
offer(struct air *a, struct waiting *w, struct mesh_now now)
{
	struct text_view name = { w->radio, w->radio_len };
	struct radio_air air = { .cell = 0 };
	const struct radio *session = NULL;
	w->wait = permission(a, name, &air);
	struct port *p = ports_find(a->at.ports, name);
	uint32_t cost = 0;
	if (w->wait == AIR_NOTHING) {
		cost = port_driver(p, &session)->airtime(session, &w->request);
		w->wait = traffic(a, w, &air, cost, now.ms);
	}
	const struct air_radio *r = radio_of(a, name);
	if (w->wait == AIR_FORBIDDEN && r != NULL && r->told) {
		refuse(a, w, MESH_DENIED, AIR_FORBIDDEN);
		return;
	}
	if (w->wait != AIR_NOTHING) {
		w->due_ms = again_at(a, w, now.ms);
		return;
	}
	enum mesh_err err = port_submit(p, &w->request, now);
	if (err == MESH_OK) {
		pacing_note(&radio_of(a, name)->pacing, w->request.kind, now.ms);
		air_cells_spend(&a->cells, air.cell, cost, now.ms);
		count_add(a->at.counts, COUNT_AIR_TIME, cost);
	}
	take_verdict(a, w, err, now);
}

/* The radio is gone, or a new one under its name: nobody will answer. */
static void
give_up(struct air *a, struct waiting *w, struct mesh_now now)
{
	w->given = false;
	w->lost = true;
	w->wait = AIR_UNANSWERED;
	w->due_ms = now.ms;
	count_one(a->at.counts, COUNT_AIR_AGAIN);
	tell(a, &(struct air_news){ .request = w->request.request, .again = true });
}

static uint32_t
next_number(uint32_t number)
{
	uint32_t next = number * UINT32_C(0x9e3779b1) + 1;
	return number == 0 || next != 0 ? next : 1;
}

/* Under a new number, unless it may be on the air under the old one. */
static void
turn_away(struct air *a, struct waiting *w, struct mesh_now now)
{
	w->given = false;
	w->wait = AIR_FULL;
	w->due_ms = now.ms + BUSY_MS;
	if (!w->lost)
		w->request.packet = next_number(w->request.packet);
	count_one(a->at.counts, COUNT_AIR_BUSY);
	tell(a,
	    &(struct air_news){ .request = w->request.request,
		.again = true,
		.busy = !w->lost,
		.packet = w->request.packet });
}

static bool
goes_before(const struct waiting *a, const struct waiting *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return a->order < b->order;
}

/* Of those that are due and were not looked at in this tick, the first. */
static struct waiting *
first_due(struct air *a, const struct waiting *after, mesh_time_ms now)
{
	struct waiting *first = NULL;
	for (size_t i = 0; i < AIR_WAITING; i++) {
		struct waiting *w = &a->waiting[i];
		if (!w->used || w->given || w->due_ms > now)
			continue;
		if (after != NULL && !goes_before(after, w))
			continue;
		if (first == NULL || goes_before(w, first))
			first = w;
	}
	return first;
}

bool
air_tick(struct air *a, struct mesh_now now)
{
	struct waiting last, *w;
	const struct waiting *after = NULL;
	if (a->begun_ms == MESH_NEVER)
		a->begun_ms = now.ms;
	if (a->due_ms > now.ms)
		return a->news_count > 0;
	for (size_t i = 0; i < AIR_WAITING; i++) {
		w = &a->waiting[i];
		if (w->used && w->given && w->due_ms <= now.ms)
			give_up(a, w, now);
	}
	while ((w = first_due(a, after, now.ms)) != NULL) {
		last = *w;
		after = &last;
		offer(a, w, now);
	}
	a->due_ms = MESH_NEVER;
	for (size_t i = 0; i < AIR_WAITING; i++)
		if (a->waiting[i].used && a->waiting[i].due_ms < a->due_ms)
			a->due_ms = a->waiting[i].due_ms;
	return a->news_count > 0;
}

/* Who stood behind it, or before a radio that was away, goes now. */
static void
wake(struct air *a, mesh_time_ms now)
{
	assert(a != NULL);
	for (struct waiting *w = a->waiting; w < a->waiting + AIR_WAITING; w++)
		if (w->used && !w->given &&
		    (w->wait == AIR_UNANSWERED || w->wait == AIR_DOWN))
			w->due_ms = now;
	a->due_ms = now;
}

void
air_event(struct air *a, const struct radio_event *event, struct mesh_now now)
{
	if (event->kind != RADIO_SENT && event->kind != RADIO_READY)
		return;
	struct waiting *w = event->kind == RADIO_SENT ? find(a, event->request) : NULL;
	bool lost = event->sent == SENT_LINK_LOST, busy = event->sent == SENT_BUSY;
	if (w != NULL && w->given && lost)
		give_up(a, w, now);
	else if (w != NULL && w->given && busy)
		turn_away(a, w, now);
	else if (w != NULL && !lost && !busy)
		w->used = false; /* also a word that came late: it was sent */
	wake(a, now.ms);
}

mesh_time_ms
air_deadline(const struct air *a)
{
	return a->due_ms;
}

struct air_cells *
air_airtime(struct air *a)
{
	return &a->cells;
}
