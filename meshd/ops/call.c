#include "call.h"
#include "call_inside.h"
#include "intents.h"
#include "text.h"
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

struct slot {
	struct call *call; /* owned; NULL: free */
};
struct calls {
	const struct op_world *world;
	struct slot *slots; /* owned */
	size_t cap, shared; /* the first ones are for everybody */
	uint64_t last_number;
};

static void (*const operations[OP_COUNT])(struct call *c) = {
#define OPERATION(number, function) [number] = (function),
	CALL_OPERATIONS(OPERATION)
#undef OPERATION
};

static const struct {
	enum op_number list, show;
	enum store_noun noun;
} nouns[] = {
	{ OP_NODE_LIST, OP_NODE_SHOW, STORE_NODES },
	{ OP_PACKET_LIST, OP_PACKET_SHOW, STORE_PACKETS },
	{ OP_STATE_LIST, OP_STATE_LIST, STORE_STATE },
	{ OP_ALERT_LIST, OP_ALERT_SHOW, STORE_ALERTS },
};

struct calls *
calls_new(const struct op_world *world, size_t cap, size_t shared)
{
	struct calls *c = calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	*c = (struct calls){ .world = world,
		.cap = cap,
		.shared = shared,
		.slots = calloc(cap, sizeof c->slots[0]) };
	if (c->slots == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
calls_free(struct calls *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->cap; i++)
		assert(c->slots[i].call == NULL);
	free(c->slots);
	free(c);
}

static struct call *
call_by_token(const struct calls *c, uint64_t token)
{
	uint64_t number = token & ((UINT64_C(1) << CALL_NUMBER_BITS) - 1);
	for (size_t i = 0; i < c->cap; i++)
		if (c->slots[i].call != NULL && c->slots[i].call->number == number)
			return c->slots[i].call;
	return NULL;
}

static uint16_t
round_of(uint64_t token)
{
	return (uint16_t)(STORE_NUMBER(token) >> CALL_NUMBER_BITS);
}

static bool
is_late(const struct call *c, uint64_t token)
{
	uint16_t round = round_of(token);
	return round != 0 && round != c->round; /* 0: what is no question */
}

/* An operator's from the end, so that the others find theirs while he can do with less.
 */
static struct slot *
free_slot(struct calls *c, const struct call_request *q)
{
	bool all = q->audience == AUDIENCE_OPERATOR && !q->abroad;
	size_t most = all ? c->cap : c->shared;
	for (size_t i = 0; i < most; i++) {
		struct slot *slot = &c->slots[all ? most - 1 - i : i];
		if (slot->call == NULL)
			return slot;
	}
	return NULL;
}

/* A call per request, freed with it: at rest none holds memory. */
static struct call *
take_slot(struct calls *c, const struct call_request *q)
{
	struct slot *slot = free_slot(c, q);
	struct call *call = slot != NULL ? malloc(sizeof *call) : NULL;
	if (call == NULL)
		return NULL;
	memset(call, 0, offsetof(struct call, block));
	call->arena = arena_init(call->block, sizeof call->block);
	call->owner = c;
	call->world = c->world;
	call->number = ++c->last_number;
	slot->call = call;
	return call;
}

static bool
role_suffices(const struct op *op, enum audience audience)
{
	return op->role == ROLE_VIEWER || audience == AUDIENCE_OPERATOR;
}

struct call *
call_begin(struct calls *c, const struct call_request *q)
{
	struct call *call = take_slot(c, q);
	if (call == NULL)
		return NULL;
	call->op = q->op;
	call->shape = q->op->shape;
	call->audience = q->audience;
	call->abroad = q->abroad;
	call->tells_early = q->early && q->op->early;
	struct bytes_out who = bytes_out(call->who, sizeof call->who);
	text_put_view(&who, q->who.len > 0 ? q->who : text("somebody"));
	call->who_len = who.len;
	call->deadline_ms = c->world->now.ms + CALL_TIMEOUT_MS;
	if (!role_suffices(q->op, q->audience))
		call_fail(call, 403, "this needs an operator: use the UNIX socket");
	else if (call_params_read(call, q) && !call_remote(call))
		operations[q->op - op_table](call);
	return call;
}

bool
call_is_done(const struct call *call)
{
	return call->wait == CALL_DONE;
}

bool
call_only_looks(const struct call *call)
{
	return call->op->role == ROLE_VIEWER || call->params.dry_run;
}

const struct call_answer *
call_answer(const struct call *call)
{
	assert(call_is_done(call));
	return &call->answer;
}

void
call_end(struct call *call)
{
	struct calls *c = call->owner;
	if (call->wait == CALL_ASKED || call->paged != NULL)
		store_cancel(call->world->store, STORE_TOKEN(OWNER_CALL, call->number));
	if (call->ended != NULL)
		call->ended(call);
	for (struct call_chunk *k = call->first, *next; k != NULL; k = next) {
		next = k->next;
		if (k->page != NULL)
			store_page_free(k->page);
		free(k);
	}
	for (size_t i = 0; i < c->cap; i++)
		if (c->slots[i].call == call)
			c->slots[i].call = NULL;
	free(call->early.ptr);
	free(call->parts);
	free(call);
}

bool
call_noun(const struct op *op, enum store_noun *noun)
{
	for (size_t i = 0; i < LENGTH(nouns); i++) {
		if (op == &op_table[nouns[i].list] || op == &op_table[nouns[i].show]) {
			*noun = nouns[i].noun;
			return true;
		}
	}
	return false;
}

static void
ask_page(struct call *c)
{
	enum mesh_err err = store_ask(
	    c->world->store, &c->question, STORE_TOKEN(OWNER_CALL, c->number));
	c->wait = CALL_ASKED;
	if (err != MESH_OK)
		call_fail_err(c, err);
}

void
call_ask(struct call *c, const struct store_question *q)
{
	c->question = *q;
	c->question.after = c->params.after;
	c->question.from_ms = c->params.from_ms;
	c->question.to_ms = c->params.to_ms;
	c->question.id = c->params.id;
	c->question.limit = c->params.limit != 0 ? c->params.limit : OP_LIMIT;
	c->question.audience = c->audience;
	if (c->first == NULL)
		call_open(c);
	ask_page(c);
}

void
call_find(struct call *c, enum mesh_lane lane, struct bytes_view key, call_found found)
{
	enum mesh_err err = store_find(c->world->store, &c->world->self, lane, key,
	    STORE_TOKEN(OWNER_CALL, c->number));
	c->wait = CALL_ASKED;
	c->found = found;
	if (err != MESH_OK)
		call_fail_err(c, err);
}

static void
fail_full(struct call *c)
{
	struct mesh_quota most = mesh_lane_quota(c->put.lane);
	if (most.bytes == 0)
		call_fail(c, 507, "this site's %s is full: %" PRIu32 " entries",
		    c->op->noun, most.records);
	else
		call_fail(c, 507,
		    "this site's %s is full: %" PRIu32 " entries of up to %" PRIu64
		    " bytes, a longer one counts as several",
		    c->op->noun, most.records, most.bytes / most.records);
}

static void
fail_asked(struct call *c, enum mesh_err err)
{
	bool unknown = err == MESH_NOT_FOUND || err == MESH_MALFORMED;
	if (unknown && c->put.kind != 0)
		fail_full(c);
	else if (unknown && c->unknown != NULL)
		call_fail(c, 404, "%s '%.*s'", c->unknown, (int)c->params.id.len,
		    c->params.id.ptr);
	else if (unknown && c->shape == OP_OBJECT)
		call_fail(c, 404, "no %s '%.*s'", c->op->noun, (int)c->params.id.len,
		    c->params.id.ptr);
	else if (unknown && c->params.id.len > 0)
		call_fail(c, 404, "nothing by the name '%.*s'", (int)c->params.id.len,
		    c->params.id.ptr);
	else if (err == MESH_MALFORMED)
		call_fail(c, 400, "parameter after: not the `next` of such a list");
	else
		call_fail_err(c, err);
}

static void
take_found(struct call *c, struct store_page *page)
{
	c->found(c, page->records);
	store_page_free(page);
}

static void
take_page(struct call *c, struct store_page *page)
{
	bool one = c->shape == OP_OBJECT;
	uint32_t count = (uint32_t)page->count;
	if (one && count == 0) {
		store_page_free(page);
		fail_asked(c, MESH_NOT_FOUND);
		return;
	}
	size_t bytes = page->json.len;
	struct text_view next = arena_text(&c->arena, page->next);
	call_write_page(c, page);
	c->answer.bytes += bytes;
	if (one) {
		c->answer.bytes = 0;
		call_finish(c);
		return;
	}
	c->question.limit -= count < c->question.limit ? count : c->question.limit;
	bool enough = next.len == 0 || c->question.limit == 0 ||
	    c->answer.bytes >= CALL_BUDGET;
	if (enough) {
		c->answer.bytes = 0;
		call_close(c, next);
		call_finish(c);
		return;
	}
	c->question.after = next;
	ask_page(c);
}

void
calls_outcome(struct calls *c, const struct store_outcome *outcome)
{
	struct call *call = call_by_token(c, outcome->token);
	if (call != NULL && call->wait != CALL_DONE && call->paged != NULL) {
		call->paged(call, outcome);
		return;
	}
	if (call == NULL || call->wait != CALL_ASKED) { /* its client went away */
		if (outcome->page != NULL)
			store_page_free(outcome->page);
		return;
	}
	call->wait = CALL_RUNS;
	if (outcome->err == MESH_OK && outcome->page != NULL) {
		(call->found != NULL ? take_found : take_page)(call, outcome->page);
		return;
	}
	if (outcome->page != NULL)
		store_page_free(outcome->page);
	fail_asked(call, outcome->err == MESH_OK ? MESH_NOT_FOUND : outcome->err);
}

void
call_append(struct call *c, enum mesh_lane lane, uint16_t type,
    const struct field_table *t, const void *body)
{
	call_append_in(c, 0, lane, type, t, body);
}

void
call_append_in(struct call *c, uint64_t epoch, enum mesh_lane lane, uint16_t type,
    const struct field_table *t, const void *body)
{
	struct mesh_position at = { .lane = lane, .epoch = epoch };
	enum mesh_err err = intents_append_in(
	    c->world->intents, &at, type, t, body, STORE_TOKEN(OWNER_CALL, c->number));
	c->wait = CALL_APPENDED;
	if (err == MESH_MALFORMED)
		call_fail(c, 400,
		    "this is more than one record can hold: a value may have 60 KiB");
	else if (err != MESH_OK)
		call_fail_err(c, err);
}

void
calls_appended(struct calls *c, uint64_t token, enum mesh_err err)
{
	struct call *call = call_by_token(c, token);
	if (call == NULL || call->wait != CALL_APPENDED)
		return;
	if (err == MESH_OK)
		call_finish(call);
	else
		call_fail_err(call, err);
}

/* --- a lane that is full --- */

static void
put_again(struct call *c, const struct mesh_record *known)
{
	c->put.replaced = mesh_record_weight(known);
	enum mesh_err err = intents_put(c->world->intents, &c->put);
	c->wait = CALL_APPENDED;
	if (err != MESH_OK)
		call_fail_err(c, err);
}

void
calls_over_quota(struct calls *c, const struct intent *i)
{
	struct call *call = call_by_token(c, i->token);
	struct bytes_view key;
	if (call == NULL || call->wait != CALL_APPENDED)
		return;
	call->put = *i;
	call->put.body = arena_bytes(&call->arena, i->body);
	struct mesh_record r = {
		.at = { .lane = i->lane }, .type = i->type, .body = call->put.body
	};
	if (i->replaced == 0 && mesh_record_key(&r, &key))
		call_find(call, i->lane, key, put_again);
	else
		fail_full(call);
}

/* --- what becomes of that: call_ask.c --- */

void
calls_event(struct calls *c, const struct mesh_event *e)
{
	struct call *call = call_by_token(c, e->ticket);
	if (call != NULL && call->wait == CALL_TOLD &&
	    (call->hears_late || !is_late(call, e->ticket)))
		call->answered(call, e);
}

uint16_t
call_round_of(const struct mesh_event *e)
{
	return round_of(e->ticket);
}

void
calls_refused(struct calls *c, uint64_t token, enum mesh_err err)
{
	struct call *call = call_by_token(c, token);
	if (call == NULL || call->wait != CALL_TOLD || is_late(call, token))
		return;
	if (call->refused != NULL)
		call->refused(call, err);
	else
		call_fail_err(call, err);
}

bool
calls_waits(const struct calls *c, uint64_t token)
{
	const struct call *call = call_by_token(c, token);
	return call != NULL && call->wait == CALL_TOLD;
}

size_t
calls_count(const struct calls *c)
{
	size_t count = 0;
	for (size_t i = 0; i < c->cap; i++)
		count += c->slots[i].call != NULL;
	return count;
}

void
calls_tick(struct calls *c, mesh_time_ms now)
{
	for (size_t i = 0; i < c->cap; i++) {
		struct call *call = c->slots[i].call;
		if (call != NULL && call->wait != CALL_DONE && call->polled != NULL)
			call->polled(call);
		if (call == NULL || call->wait == CALL_DONE || call->deadline_ms > now)
			continue;
		if (call->ticked != NULL) {
			call->ticked(call);
			continue;
		}
		if (call->wait == CALL_ASKED)
			store_cancel(
			    call->world->store, STORE_TOKEN(OWNER_CALL, call->number));
		call_fail(call, 504,
		    "no answer from the store within %d s; a write may still succeed",
		    CALL_TIMEOUT_MS / 1000);
	}
}

mesh_time_ms
calls_deadline(const struct calls *c)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < c->cap; i++) {
		const struct call *call = c->slots[i].call;
		if (call == NULL || call->wait == CALL_DONE)
			continue;
		if (call->deadline_ms < first)
			first = call->deadline_ms;
		if (call->polled != NULL && call->poll_ms < first)
			first = call->poll_ms;
	}
	return first;
}
