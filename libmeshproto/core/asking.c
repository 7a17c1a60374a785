#include "inside_own.h"
#include "inside_travel.h"
#include "wire.h"

/* Questions and answers: PROTOCOL.md 8.  ask/question.h keeps the books, routing.c
 * finds the way back, echo.c reads what the way left behind. */

enum { ECHOES_PER_S = 50, ECHOES_BURST = 200 };
enum { QUERY_AROUND = 64 }; /* at least what stands beside a question in its record */

void
asking_init(struct mesh_site *s, void *block)
{
	/* Above all numbers of an earlier life: a late answer finds nothing. */
	question_init(&s->questions, block, s->limits.peers, s->boot << 20);
	rate_init(&s->echoing, ECHOES_PER_S, ECHOES_BURST, s->now.ms);
}

/* --- what waits to be taken out --- */

static struct answer *
queue(struct mesh_site *s)
{
	struct answers *a = &s->answers;
	if (a->count == INSIDE_ANSWERS) {
		inside_count(s, COUNT_ASK_UNREAD);
		return NULL;
	}
	struct answer *one = &a->ring[(a->first + a->count++) % INSIDE_ANSWERS];
	*one = (struct answer){ .event.kind = MESH_ANSWER };
	return one;
}

/* The body stays where it is, in the parcel or in the cargo, until it was read.  There
 * is no parcel of what came in a datagram and would not fit one with the longest trail:
 * it is laid into the cargo, which was free for it when it came (arrive.c). */
static void
put_body(struct mesh_site *s, struct answer *one, const struct apply_record *in,
    struct bytes_view body)
{
	if (parcel_at(&s->parcels, in->parcel) == NULL)
		body = cargo_copy(s, body);
	one->large = cargo_lend(s, body);
	if (one->large) {
		one->event.body = body;
		return;
	}
	const struct record *r = in->record;
	struct bytes_view core = spread_bundle(s, in->parcel);
	struct bundle b;
	struct record there;
	if (bundle_read(core, &b) != MESH_OK || bundle_record(&b, 0, &there) != MESH_OK)
		return; /* cannot be: it was read before */
	one->event.body = bytes_view(
	    there.body.ptr + (body.ptr - r->body.ptr), body.len);
	one->parcel = in->parcel;
	parcel_hold(&s->parcels, in->parcel);
}

void
asking_return(struct mesh_site *s)
{
	struct answers *a = &s->answers;
	for (; a->told > 0; a->told--, a->count--) {
		struct answer *read = &a->ring[a->first];
		parcel_release(&s->parcels, read->parcel);
		if (read->large)
			cargo_take_back(s);
		a->first = (a->first + 1) % INSIDE_ANSWERS;
	}
}

static bool
next_over(struct mesh_site *s, struct mesh_event *out)
{
	struct question *q = question_over(&s->questions, s->now.ms);
	if (q == NULL)
		return false;
	out->kind = MESH_ANSWERED;
	out->ticket = q->token;
	out->known = q->known;
	out->answered = q->answered;
	question_close(q);
	return true;
}

/* Answers first: the end is the last that is said of a question. */
bool
asking_next(struct mesh_site *s, struct mesh_event *out)
{
	struct answers *a = &s->answers;
	if (a->told == a->count)
		return next_over(s, out);
	struct answer *one = &a->ring[(a->first + a->told++) % INSIDE_ANSWERS];
	*out = one->event;
	if (one->echo.count > 0)
		out->echo = &one->echo;
	return true;
}

/* --- asking --- */

static uint32_t
count_alive(const struct mesh_site *s)
{
	const struct peer *p;
	uint32_t count = 0;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++)
		count += peers_is_alive(p);
	return count;
}

static enum mesh_err
send_question(
    struct mesh_site *s, struct question *q, const struct mesh_question *asked)
{
	uint8_t room[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	if (asked->body.len > sizeof room - QUERY_AROUND) {
		if (s->cargo.readers > 0)
			return MESH_FULL;
		out = bytes_out(
		    s->cargo.bytes + CARGO_HEAD, sizeof s->cargo.bytes - CARGO_HEAD);
	}
	struct live_echo echo = { q->number };
	struct live_query query = { q->number, (uint32_t)(q->ends_ms - s->now.ms),
		asked->body };
	enum mesh_err err = q->is_echo ? wire_encode(&live_echo_table, &echo, &out)
				       : wire_encode(&live_query_table, &query, &out);
	struct mesh_draft d = { LANE_LIVE, q->is_echo ? LIVE_ECHO : LIVE_QUERY, 0,
		asked->to, bytes_written(&out) };
	struct stamps_chain chain = { .hash = { 0 } };
	uint64_t seq;
	err = err == MESH_OK ? append_checked(s, &d, &seq, &chain) : MESH_MALFORMED;
	if (err == MESH_OK)
		memcpy(q->chain, chain.hash, sizeof q->chain);
	return err;
}

enum mesh_err
mesh_site_ask(
    struct mesh_site *site, const struct mesh_question *question, struct mesh_now now)
{
	inside_enter(site, now);
	if (site->leaving)
		return MESH_DENIED;
	if (question->to != NULL &&
	    peers_find(&site->peers, question->to).generation == 0)
		return MESH_NOT_FOUND;
	struct question *q = question_open(
	    &site->questions, question->token, question->budget_ms, now.ms);
	if (q == NULL)
		return MESH_FULL;
	q->is_echo = question->body.ptr == NULL;
	q->is_to_one = question->to != NULL;
	if (q->is_to_one)
		q->to = *question->to;
	q->known = q->is_to_one ? 1 : count_alive(site);
	q->asked_us = inside_us(site);
	q->asked_unix_ms = now.unix_ms;
	enum mesh_err err = send_question(site, q, question);
	if (err != MESH_OK)
		question_close(q);
	return err;
}

/* `answer` with ptr NULL: nobody here answers such questions. */
static enum mesh_err
reply(struct mesh_site *s, const struct mesh_key *to, uint64_t number,
    struct bytes_view answer)
{
	uint8_t room[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct live_reply body = { number, answer, answer.ptr == NULL };
	uint64_t seq;
	if (body.refused) {
		body.answer = bytes_view(room, 0);
		inside_count(s, COUNT_ASK_REFUSED);
	}
	if (wire_encode(&live_reply_table, &body, &out) != MESH_OK)
		return MESH_MALFORMED;
	struct mesh_draft d = { LANE_LIVE, LIVE_REPLY, 0, to, bytes_written(&out) };
	return append_checked(s, &d, &seq, NULL);
}

enum mesh_err
mesh_site_answer(struct mesh_site *site, uint64_t ticket, struct bytes_view body,
    struct mesh_now now)
{
	struct question_asked asked;
	inside_enter(site, now);
	if (ticket > UINT32_MAX ||
	    !question_take(&site->questions, (uint32_t)ticket, now.ms, &asked))
		return MESH_NOT_FOUND;
	return reply(site, &asked.asker, asked.number, body);
}

enum mesh_err
mesh_site_tell(struct mesh_site *site, const struct mesh_key *to,
    struct bytes_view told, struct mesh_now now)
{
	uint8_t room[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct live_tell body = { told };
	uint64_t seq;
	inside_enter(site, now);
	if (site->leaving)
		return MESH_DENIED;
	if (to != NULL && peers_find(&site->peers, to).generation == 0)
		return MESH_NOT_FOUND;
	if (wire_encode(&live_tell_table, &body, &out) != MESH_OK)
		return MESH_MALFORMED;
	struct mesh_draft d = { LANE_LIVE, LIVE_TELL, 0, to, bytes_written(&out) };
	return append_checked(site, &d, &seq, NULL);
}

/* --- being asked, and answered --- */

static void
on_echo(struct mesh_site *s, const struct apply_record *in)
{
	struct live_echo echo;
	if (wire_decode(&live_echo_table, in->record->body, &echo, NULL) != MESH_OK)
		return;
	if (rate_take(&s->echoing, 1, s->now.ms))
		echo_answer(s, in, echo.number);
	else
		inside_count(s, COUNT_ASK_SHED);
}

/* The question that `number` answers and that this site has not answered yet. */
static struct question *
answered_by(
    struct mesh_site *s, const struct apply_record *in, uint64_t number, bool is_echo)
{
	struct question *q = question_find(&s->questions, number);
	if (q != NULL && q->is_echo == is_echo &&
	    question_count(q, in->origin.index, &in->record->at.origin))
		return q;
	inside_count(s, COUNT_ASK_STRAY);
	return NULL;
}

static void
on_echo_reply(struct mesh_site *s, const struct apply_record *in)
{
	struct live_echo_reply reply;
	if (wire_decode(&live_echo_reply_table, in->record->body, &reply, NULL) !=
	    MESH_OK)
		return;
	const struct question *q = answered_by(s, in, reply.number, true);
	struct answer *one = q != NULL ? queue(s) : NULL;
	if (one == NULL)
		return;
	one->event.ticket = q->token;
	one->event.site = in->record->at.origin;
	echo_read(s, q, in, &reply, &one->echo);
}

static void
on_query(struct mesh_site *s, const struct apply_record *in)
{
	struct live_query query;
	if (wire_decode(&live_query_table, in->record->body, &query, NULL) != MESH_OK)
		return;
	struct answer *one = queue(s);
	if (one == NULL)
		return;
	uint32_t budget = query.budget_ms < QUESTION_BUDGET_MAX_MS
	    ? query.budget_ms
	    : QUESTION_BUDGET_MAX_MS;
	one->event.kind = MESH_QUESTION;
	one->event.site = in->record->at.origin;
	one->event.budget_ms = budget;
	one->event.ticket = question_note(
	    &s->questions, &in->record->at.origin, query.number, s->now.ms + budget);
	put_body(s, one, in, query.question);
}

/* Whose number stands first and whom no floor above serves.  The asker need not wait
 * until it is over. */
static void
refuse(struct mesh_site *s, const struct apply_record *in)
{
	struct live_echo asked;
	if (wire_decode(&live_echo_table, in->record->body, &asked, NULL) != MESH_OK)
		return;
	if (!rate_take(&s->echoing, 1, s->now.ms))
		inside_count(s, COUNT_ASK_SHED);
	else
		(void)(reply(s, &in->record->at.origin, asked.number,
			   bytes_view(NULL, 0)) ==
		    MESH_OK); /* it fits; that no slot is left is counted */
}

static void
on_reply(struct mesh_site *s, const struct apply_record *in)
{
	struct live_reply got;
	if (wire_decode(&live_reply_table, in->record->body, &got, NULL) != MESH_OK)
		return;
	const struct question *q = answered_by(s, in, got.number, false);
	struct answer *one = q != NULL ? queue(s) : NULL;
	if (one == NULL)
		return;
	one->event.ticket = q->token;
	one->event.site = in->record->at.origin;
	one->event.code = got.refused;
	if (!got.refused)
		put_body(s, one, in, got.answer);
}

static void
on_tell(struct mesh_site *s, const struct apply_record *in)
{
	struct live_tell tell;
	if (wire_decode(&live_tell_table, in->record->body, &tell, NULL) != MESH_OK)
		return;
	struct answer *one = queue(s);
	if (one == NULL)
		return;
	one->event.kind = MESH_TOLD;
	one->event.site = in->record->at.origin;
	put_body(s, one, in, tell.told);
}

typedef void (*live_handler)(struct mesh_site *s, const struct apply_record *in);
static const live_handler handlers[] = {
	[LIVE_ECHO] = on_echo,
	[LIVE_ECHO_REPLY] = on_echo_reply,
	[LIVE_QUERY] = on_query,
	[LIVE_REPLY] = on_reply,
	[LIVE_TRACE] = refuse,
	[LIVE_COMMAND] = refuse,
	[LIVE_TELL] = on_tell,
};

void
asking_take(struct mesh_site *s, const struct apply_record *in)
{
	uint16_t type = in->record->type;
	if (type < LENGTH(handlers) && handlers[type] != NULL)
		handlers[type](s, in);
}
