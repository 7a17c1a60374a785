/* What a call asks of the mesh that becomes no record of its caller. */
#include "call_inside.h"
#include "intents.h"

void
call_tell(struct call *c, const struct mesh_key *to, struct bytes_view body)
{
	struct intent i = { .kind = INTENT_TELL,
		.to_all = to == NULL,
		.body = body,
		.token = STORE_TOKEN(OWNER_CALL, c->number) };
	if (to != NULL)
		i.to = *to;
	c->wait = CALL_APPENDED;
	enum mesh_err err = intents_put(c->world->asks, &i);
	if (err != MESH_OK)
		call_fail_err(c, err);
}

void
call_decree(struct call *c, const struct mesh_decree *d)
{
	enum mesh_err err = intents_decree(
	    c->world->intents, d, STORE_TOKEN(OWNER_CALL, c->number));
	c->wait = CALL_APPENDED;
	if (err != MESH_OK)
		call_fail_err(c, err);
}

static void
put_told(struct call *c, const struct intent *i, call_answered answered)
{
	c->wait = CALL_TOLD;
	c->answered = answered;
	enum mesh_err err = intents_put(c->world->asks, i);
	if (err != MESH_OK)
		call_fail_err(c, err);
}

void
call_move(struct call *c, enum intent_kind kind, struct bytes_view body,
    uint32_t budget_ms, call_answered answered)
{
	struct intent i = {
		.kind = kind, .body = body, .token = STORE_TOKEN(OWNER_CALL, c->number)
	};
	c->deadline_ms = c->world->now.ms + budget_ms;
	put_told(c, &i, answered);
}

/* So that what comes of an earlier question is told from what comes of this one. */
static uint64_t
next_round(struct call *c)
{
	uint64_t round = ++c->round;
	return STORE_TOKEN(OWNER_CALL, round << CALL_NUMBER_BITS | c->number);
}

static struct intent
question_to_all(struct call *c, struct bytes_view body, uint32_t budget_ms)
{
	return (struct intent){ .kind = INTENT_ASK,
		.to_all = true,
		.body = body,
		.budget_ms = budget_ms,
		.token = next_round(c) };
}

void
call_question(
    struct call *c, struct bytes_view body, uint32_t budget_ms, call_answered answered)
{
	struct intent i = question_to_all(c, body, budget_ms);
	c->wait = CALL_TOLD;
	c->answered = answered;
	enum mesh_err err = intents_put(c->world->asks, &i);
	if (err != MESH_OK)
		c->refused(c, err);
}

static bool
try_told(struct call *c, const struct intent *i, call_answered answered)
{
	if (intents_put(c->world->asks, i) != MESH_OK)
		return false;
	c->wait = CALL_TOLD;
	c->answered = answered;
	return true;
}

bool
call_try_question(
    struct call *c, struct bytes_view body, uint32_t budget_ms, call_answered answered)
{
	struct intent i = question_to_all(c, body, budget_ms);
	return try_told(c, &i, answered);
}

static struct intent
order_to(struct call *c, const struct mesh_key *site, struct bytes_view body,
    uint32_t budget_ms)
{
	return (struct intent){ .kind = INTENT_ASK,
		.to = *site,
		.body = body,
		.budget_ms = budget_ms,
		.token = next_round(c) };
}

void
call_order(struct call *c, const struct mesh_key *site, struct bytes_view body,
    uint32_t budget_ms, call_answered answered)
{
	struct intent i = order_to(c, site, body, budget_ms);
	put_told(c, &i, answered);
}

bool
call_try_order(struct call *c, const struct mesh_key *site, struct bytes_view body,
    uint32_t budget_ms, call_answered answered)
{
	struct intent i = order_to(c, site, body, budget_ms);
	return try_told(c, &i, answered);
}

void
call_echo(struct call *c, const struct mesh_key *to, uint32_t budget_ms,
    call_answered answered)
{
	struct intent i = { .kind = INTENT_ECHO,
		.to_all = to == NULL,
		.budget_ms = budget_ms,
		.token = STORE_TOKEN(OWNER_CALL, c->number) };
	if (to != NULL)
		i.to = *to;
	put_told(c, &i, answered);
}
