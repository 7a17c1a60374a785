#include "remote.h"
#include "arena.h"
#include "id.h"
#include "order.h"
#include "text.h"
#include <stdlib.h>

struct running {
	struct call *call; /* NULL: free */
	uint64_t ticket;
};
struct taken { /* a question that was, by whom */
	struct mesh_key asker;
	uint64_t nonce;
};
struct remote {
	struct remote_params at;
	struct running running[REMOTE_RUNNING];
	struct taken taken[REMOTE_NONCES];
	size_t taken_count;
	mesh_time_ms since_ms; /* our first look at the clock; 0: none yet */
	uint8_t block[4096];
};

struct remote *
remote_new(const struct remote_params *params)
{
	struct remote *r = calloc(1, sizeof *r);
	if (r != NULL)
		r->at = *params;
	return r;
}

void
remote_free(struct remote *r)
{
	for (size_t i = 0; r != NULL && i < REMOTE_RUNNING; i++)
		if (r->running[i].call != NULL)
			call_end(r->running[i].call);
	free(r);
}

/* --- answers --- */

static void
answer(struct remote *r, uint64_t ticket, const struct order_done *done,
    struct mesh_now now)
{
	uint8_t room[ORDER_JSON_MAX + 512];
	struct bytes_out body = bytes_out(room, sizeof room);
	count_one(r->at.counts,
	    done->status == 200 ? COUNT_REMOTE_DONE : COUNT_REMOTE_REFUSED);
	if (mesh_body_encode(&order_done_table, done, &body) == MESH_OK)
		(void)(mesh_site_answer(
			   r->at.core, ticket, bytes_written(&body), now) == MESH_OK);
}

static void
refuse(struct remote *r, uint64_t ticket, uint16_t status, const char *why,
    struct mesh_now now)
{
	answer(r, ticket, &(struct order_done){ status, text(why), { NULL, 0 } }, now);
}

/* `{"schema":S,"generated_at":N,MEMBERS}` -> `{MEMBERS}`. */
static struct text_view
members_of(const struct call_answer *a, struct bytes_out *out)
{
	static const char none[] = "{}";
	const char *at;
	for (size_t i = 0; i < a->part_count; i++)
		bytes_put_view(out, a->parts[i].bytes);
	struct text_view whole = text_written(out);
	at = whole.len > 0 ? memchr(whole.ptr, ',', whole.len) : NULL;
	if (at != NULL)
		at = memchr(at + 1, ',', (size_t)(whole.ptr + whole.len - at - 1));
	if (at == NULL || out->failed || out->len == 0)
		return text(none);
	size_t from = (size_t)(at - whole.ptr);
	out->ptr[from] = '{';
	while (out->len > from && out->ptr[out->len - 1] == '\n')
		out->len--;
	return (struct text_view){ (const char *)out->ptr + from, out->len - from };
}

/* What is longer than a datagram is done all the same, and said without its words; of
 * what only looks, nothing is left then. */
static void
finish(struct remote *r, const struct running *one, struct mesh_now now)
{
	struct bytes_out out = bytes_out(r->block, sizeof r->block);
	const struct call_answer *a = call_answer(one->call);
	struct order_done done = { a->status, a->detail, { NULL, 0 } };
	if (a->status == 200)
		done.json = members_of(a, &out);
	bool whole = !out.failed && done.json.len <= ORDER_JSON_MAX;
	if (!whole && call_only_looks(one->call))
		done = (struct order_done){ 413,
			text("its answer is longer than goes to another site"),
			{ NULL, 0 } };
	else if (!whole)
		done.json = text("{}");
	answer(r, one->ticket, &done, now);
	call_end(one->call);
}

static void
note_start(struct remote *r, struct mesh_now now)
{
	if (r->since_ms == 0)
		r->since_ms = now.ms;
}

void
remote_tick(struct remote *r, struct mesh_now now)
{
	note_start(r, now);
	for (size_t i = 0; i < REMOTE_RUNNING; i++) {
		struct running *one = &r->running[i];
		if (one->call == NULL || !call_is_done(one->call))
			continue;
		finish(r, one, now);
		one->call = NULL;
	}
}

/* --- questions --- */

static bool
is_repeated(struct remote *r, const struct mesh_key *asker, uint64_t nonce)
{
	size_t count = r->taken_count < REMOTE_NONCES ? r->taken_count : REMOTE_NONCES;
	for (size_t i = 0; i < count; i++)
		if (r->taken[i].nonce == nonce &&
		    memcmp(&r->taken[i].asker, asker, sizeof *asker) == 0)
			return true;
	r->taken[r->taken_count++ % REMOTE_NONCES] = (struct taken){ *asker, nonce };
	return false;
}

static bool
is_fresh(const struct order *o, struct mesh_now now)
{
	unix_ms age = now.unix_ms - o->time_ms;
	return age > -ORDER_FRESH_MS && age < ORDER_FRESH_MS;
}

/* What was taken before our start nobody here remembers.  By today's clock, for that
 * of a start may be years wrong. */
static bool
is_from_before(const struct remote *r, const struct order *o, struct mesh_now now)
{
	return now.unix_ms - o->time_ms > (unix_ms)(now.ms - r->since_ms);
}

/* Why what may be done once is not done; NULL: it is.  What only looks is not counted:
 * anybody could push what counts out with it. */
static const char *
is_too_late(struct remote *r, const struct order *o, const struct op *op,
    const struct mesh_event *e, struct mesh_now now)
{
	if (!is_fresh(o, now))
		return "the clocks of the two sites differ by more than two minutes";
	if (op->role == ROLE_VIEWER)
		return NULL;
	if (is_from_before(r, o, now))
		return "this was asked before that site started; ask again";
	return is_repeated(r, &e->site, o->nonce) ? "this was asked before" : NULL;
}

/* NULL: it may. */
static const char *
objection(struct remote *r, const struct order *o, const struct op *op,
    const struct mesh_event *e, struct mesh_now now)
{
	if (op == NULL || !op->remote)
		return "no such operation for other sites";
	if (op->role != ROLE_VIEWER && !mesh_site_is_admin(r->at.core, &e->site))
		return "only a site that is an admin of the network may have this done "
		       "elsewhere";
	return is_too_late(r, o, op, e, now);
}

static void
begin(struct remote *r, const struct order *o, const struct op *op,
    const struct mesh_event *e, struct mesh_now now)
{
	char room[CALL_WHO];
	struct bytes_out who = bytes_out(room, sizeof room);
	text_put(&who, "site ");
	key_print_short(&e->site, &who);
	const struct call_request q = { .op = op,
		.body = o->json,
		.abroad = true,
		.who = text_written(&who),
		.audience = mesh_site_is_admin(r->at.core, &e->site)
		    ? AUDIENCE_OPERATOR
		    : AUDIENCE_VIEWER };
	size_t i = 0;
	while (i < REMOTE_RUNNING && r->running[i].call != NULL)
		i++;
	struct call *call = i < REMOTE_RUNNING ? call_begin(r->at.calls, &q) : NULL;
	if (call == NULL) {
		refuse(r, e->ticket, 503, "too much is asked of that site", now);
		return;
	}
	r->running[i] = (struct running){ call, e->ticket };
	remote_tick(r, now);
}

bool
remote_question(struct remote *r, const struct mesh_event *e, struct mesh_now now)
{
	struct order o;
	struct arena arena = arena_init(r->block, sizeof r->block);
	note_start(r, now);
	if (mesh_body_decode(&order_table, e->body, &o, &arena) != MESH_OK)
		return false;
	const struct op *op = op_find(o.op);
	const char *why = objection(r, &o, op, e, now);
	count_one(r->at.counts, COUNT_REMOTE_ASKED);
	if (why != NULL)
		refuse(r, e->ticket, 403, why, now);
	else
		begin(r, &o, op, e, now);
	return true;
}
