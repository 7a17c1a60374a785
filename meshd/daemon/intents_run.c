#include "intents_run.h"

static void
answer(const struct intents_world *w, uint64_t token, enum mesh_err err)
{
	if (token != 0 && w->calls != NULL)
		calls_appended(w->calls, token, err);
}

static enum mesh_err
append(const struct intents_world *w, const struct intent *i, struct mesh_now now)
{
	struct mesh_draft draft = { .lane = i->lane, .type = i->type, .body = i->body };
	uint64_t seq;
	/* What our organs say is as much as there are radios and nodes, and stays true.
	 */
	uint32_t replaced = i->token == 0 ? UINT32_MAX : i->replaced;
	if (i->epoch != 0 && i->epoch != mesh_site_epoch(w->core))
		return MESH_DENIED;
	enum mesh_err err = mesh_site_replace(w->core, &draft, replaced, &seq, now);
	if (err != MESH_OK)
		return err;
	/* Too many wait: the record is made all the same, the asker hears "later". */
	if (i->token != 0 && ingest_await(w->ingest, i->lane, seq, i->token) != MESH_OK)
		answer(w, i->token, MESH_FULL);
	return MESH_OK;
}

/* Answers come as events of the core; only that none will is said here.  Too many open
 * questions is an answer, too: records behind it need not wait for theirs. */
static void
ask(const struct intents_world *w, const struct intent *i, struct mesh_now now)
{
	struct mesh_question q = { .to = i->to_all ? NULL : &i->to,
		.body = i->kind == INTENT_ASK ? i->body : bytes_view(NULL, 0),
		.budget_ms = i->budget_ms,
		.token = i->token };
	enum mesh_err err = mesh_site_ask(w->core, &q, now);
	if (err != MESH_OK && w->calls != NULL)
		calls_refused(w->calls, i->token, err);
}

/* Our own programs hear it, too, unless it is for another site alone. */
static void
tell(const struct intents_world *w, const struct intent *i, struct mesh_now now)
{
	bool ours = !i->to_all && ingest_is_self(w->ingest, &i->to);
	enum mesh_err err = MESH_OK;
	if (!ours)
		err = mesh_site_tell(w->core, i->to_all ? NULL : &i->to, i->body, now);
	if (err == MESH_OK && w->counts != NULL)
		count_one(w->counts, COUNT_POSTS_SENT);
	if (err == MESH_OK && (i->to_all || ours))
		ingest_post(w->ingest, NULL, i->body, now);
	answer(w, i->token, err);
}

/* Until our record is stored, or without one until the core's row is.  False: too many
 * wait; it is decided all the same. */
static bool
await_decree(const struct intents_world *w, uint64_t seq, uint64_t token)
{
	if (seq != 0)
		return ingest_await(w->ingest, LANE_CONTROL, seq, token) == MESH_OK;
	if (w->unkept->count == UNKEPT_MAX)
		return false;
	w->unkept->tokens[w->unkept->count++] = token;
	return true;
}

/* What an operator decides is our record, or holds here alone. */
static enum mesh_err
decree(const struct intents_world *w, const struct intent *i, struct mesh_now now)
{
	struct mesh_decree d;
	uint64_t seq;
	memcpy(&d, i->body.ptr, sizeof d);
	enum mesh_err err = mesh_site_decree(w->core, &d, &seq, now);
	mesh_wipe(&d, sizeof d);
	if (err != MESH_OK)
		return err;
	if (i->token != 0 && !await_decree(w, seq, i->token))
		answer(w, i->token, MESH_FULL);
	return MESH_OK;
}

/* What becomes no record of ours by itself; false: it does. */
static bool
run_other(const struct intents_world *w, const struct intent *i, struct mesh_now now)
{
	struct joins_world moving = { w->core, w->calls, w->edges };
	if (i->kind == INTENT_ECHO || i->kind == INTENT_ASK)
		ask(w, i, now);
	else if (i->kind == INTENT_TELL)
		tell(w, i, now);
	else if (i->kind == INTENT_LOCAL)
		ingest_local(w->ingest, i->lane, i->type, i->body, now);
	else if (i->kind == INTENT_JOIN)
		joins_begin(w->joins, &moving, i, now);
	else if (i->kind == INTENT_MOVE)
		joins_move(&moving, i);
	else
		return false;
	intents_drop(w->intents);
	return true;
}

bool
intents_run(const struct intents_world *w, struct mesh_now now)
{
	struct intent i;
	if (!intents_peek(w->intents, &i))
		return false;
	if (run_other(w, &i, now))
		return true;
	uint64_t token = i.token;
	enum mesh_err err = i.kind == INTENT_DECREE ? decree(w, &i, now)
						    : append(w, &i, now);
	if (err == MESH_FULL) {
		count_one(w->counts, COUNT_INTENTS_WAITED);
		return false;
	}
	if (err == MESH_QUOTA && w->calls != NULL) {
		calls_over_quota(w->calls, &i);
	} else if (err != MESH_OK) {
		count_one(w->counts, COUNT_INTENTS_REFUSED);
		answer(w, token, err);
	}
	intents_drop(w->intents);
	return true;
}
