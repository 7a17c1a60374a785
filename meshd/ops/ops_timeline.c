/* The texts that this site sent and those that were heard, in one order: newest first,
 * of one moment ours before the heard.  Ours stand in memory, a few; what was heard
 * between two of them is the store's to say, one question each, so no list is held.
 * A place in it is the store's own where the last line was heard, else the time and
 * request of ours. */
#include "filter.h"
#include "id.h"
#include "ops_message.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

struct place { /* of one of ours */
	unix_ms time_ms;
	uint64_t request;
};
struct timeline {
	struct store_question question; /* what is the same in all of them */
	struct place ours[OUTBOX_MESSAGES];
	size_t count, at; /* ours[at] is the next */
	struct text_view after;
	unix_ms to_ms;  /* nothing newer was heard that is not listed; 0: unbounded */
	bool heard_all; /* of what stands before ours[at] */
	uint32_t left;
	uint64_t bytes;
};
static const char behind[] = "sent.", from_on[] = "send.";

/* --- ours --- */

static bool
is_wanted(const struct call *c, const struct store_question *q, const struct message *m)
{
	const struct op_params *p = &c->params;
	if (p->from_ms != 0 && m->time_ms < p->from_ms)
		return false;
	if (p->to_ms != 0 && m->time_ms > p->to_ms)
		return false;
	return q->filter == NULL || filter_eval(q->filter, m);
}

static bool
is_newer(const struct place *a, const struct place *b)
{
	return a->time_ms != b->time_ms ? a->time_ms > b->time_ms
					: a->request > b->request;
}

static void
insert(struct timeline *t, struct place p)
{
	size_t i = t->count++;
	for (; i > 0 && is_newer(&p, &t->ours[i - 1]); i--)
		t->ours[i] = t->ours[i - 1];
	t->ours[i] = p;
}

/* Those that are wanted, in order; and the packets of all, which the store leaves out.
 */
static void
take_ours(struct call *c, struct timeline *t, struct id *ids)
{
	struct message m;
	struct store_question *q = &t->question;
	for (size_t i = 0;
	     c->world->outbox != NULL && outbox_at(c->world->outbox, i, &m); i++) {
		if (id_is(&m.id))
			ids[q->except_count++] = m.id;
		if (is_wanted(c, q, &m))
			insert(t, (struct place){ m.time_ms, m.request });
	}
	q->except = ids;
}

static void
put_one(struct call *c, struct timeline *t)
{
	struct message m;
	const struct place *p = &t->ours[t->at++];
	if (outbox_find(c->world->outbox, p->request, &m)) { /* else forgotten since */
		call_item(c, &message_table, &m);
		t->left--;
	}
	t->to_ms = p->time_ms;
	t->after = (struct text_view){ NULL, 0 };
	t->heard_all = false;
}

/* --- places --- */

static bool
read_number(struct text_view *v, char until, uint64_t *n)
{
	const char *end = until != '\0' ? memchr(v->ptr, until, v->len)
					: v->ptr + v->len;
	if (end == NULL)
		return false;
	struct text_view digits = { v->ptr, (size_t)(end - v->ptr) };
	size_t skip = digits.len + (until != '\0');
	v->ptr += skip, v->len -= skip;
	return text_parse_u64(digits, n) == MESH_OK;
}

/* "sent.TIME.REQUEST": behind that one of ours; "send.": it is the next. */
static bool
go_to_ours(struct timeline *t, struct text_view after, bool itself)
{
	uint64_t time = 0, request = 0;
	after.ptr += sizeof behind - 1, after.len -= sizeof behind - 1;
	if (!read_number(&after, '.', &time) || !read_number(&after, '\0', &request))
		return false;
	const struct place p = { (unix_ms)time, request };
	while (t->at < t->count &&
	    (is_newer(&t->ours[t->at], &p) ||
		(!itself && !is_newer(&p, &t->ours[t->at]))))
		t->at++;
	t->to_ms = p.time_ms;
	t->heard_all = itself && t->at < t->count && !is_newer(&p, &t->ours[t->at]);
	return true;
}

/* The store's: "TIME.KEY".  What it is not, the store says. */
static void
go_to_heard(struct timeline *t, struct text_view after)
{
	uint64_t time = 0;
	t->after = after;
	if (!read_number(&after, '.', &time))
		return;
	while (t->at < t->count && t->ours[t->at].time_ms >= (unix_ms)time)
		t->at++;
}

static bool
go_to(struct call *c, struct timeline *t)
{
	struct text_view after = c->params.after;
	t->to_ms = c->params.to_ms;
	if (text_begins(after, behind) || text_begins(after, from_on)) {
		bool itself = text_begins(after, from_on);
		if (go_to_ours(t, after, itself))
			return true;
		call_fail(c, 400, "parameter after: not the `next` of such a list");
		return false;
	}
	if (after.len > 0)
		go_to_heard(t, after);
	return true;
}

/* --- one after the other --- */

static void
ask_between(struct call *c, struct timeline *t)
{
	struct store_question q = t->question;
	q.after = t->after;
	q.to_ms = t->to_ms;
	q.from_ms = c->params.from_ms;
	if (t->at < t->count)
		q.from_ms = t->ours[t->at].time_ms + 1; /* it is wanted: not before */
	q.limit = t->left;
	q.audience = c->audience;
	c->wait = CALL_ASKED;
	enum mesh_err err = store_ask(
	    c->world->store, &q, STORE_TOKEN(OWNER_CALL, c->number));
	if (err != MESH_OK)
		call_fail_err(c, err);
}

/* Two of one moment, or of neighbouring ones. */
static bool
has_between(const struct timeline *t)
{
	return t->at == t->count || t->to_ms == 0 || t->ours[t->at].time_ms < t->to_ms;
}

static void
end_list(struct call *c, const struct timeline *t)
{
	char room[64];
	struct bytes_out next = bytes_out(room, sizeof room);
	bool all = t->heard_all && t->at == t->count;
	if (t->after.len == 0 && !all) {
		const struct place *p = &t->ours[t->heard_all ? t->at : t->at - 1];
		text_printf(&next, "%s%" PRId64 ".%" PRIu64,
		    t->heard_all ? from_on : behind, p->time_ms, p->request);
	}
	call_close(c, t->after.len > 0 ? t->after : text_written(&next));
	call_finish(c);
}

static bool
is_enough(const struct timeline *t)
{
	return t->left == 0 || t->bytes >= CALL_BUDGET;
}

static void
go_on(struct call *c)
{
	struct timeline *t = c->answers;
	while (!is_enough(t) && t->at < t->count && (t->heard_all || !has_between(t)))
		put_one(c, t);
	if (is_enough(t) || t->heard_all)
		end_list(c, t);
	else
		ask_between(c, t);
}

static void
paged(struct call *c, const struct store_outcome *o)
{
	struct timeline *t = c->answers;
	if (o->err != MESH_OK || o->page == NULL) {
		store_page_free(o->page);
		if (o->err == MESH_MALFORMED)
			call_fail(
			    c, 400, "parameter after: not the `next` of such a list");
		else
			call_fail_err(c, o->err != MESH_OK ? o->err : MESH_IO);
		return;
	}
	uint32_t count = (uint32_t)o->page->count;
	t->left -= count < t->left ? count : t->left;
	t->bytes += o->page->json.len;
	t->after = arena_text(&c->arena, o->page->next);
	t->heard_all = t->after.len == 0;
	call_write_page(c, o->page);
	go_on(c);
}

void
ops_message_list(struct call *c)
{
	struct timeline *t = arena_take(&c->arena, 1, sizeof *t);
	struct id *ids = arena_take(&c->arena, OUTBOX_MESSAGES, sizeof *ids);
	if (t == NULL || ids == NULL) {
		call_fail_err(c, MESH_FULL);
		return;
	}
	memset(t, 0, sizeof *t);
	t->question.noun = STORE_MESSAGES;
	t->left = c->params.limit != 0 ? c->params.limit : OP_LIMIT;
	if (!call_filter(c, &message_table, c->params.filter, &t->question))
		return;
	take_ours(c, t, ids);
	if (!go_to(c, t))
		return;
	c->answers = t;
	c->paged = paged;
	call_open(c);
	go_on(c);
}
