#include "searching.h"
#include <assert.h>
#include <string.h>

/* An embedding that is not kept here comes in parts, as long as the search has time: of
 * the site whose entry it is, or where that is not reached of the first that keeps it.
 */

static void
begin(struct searching *s, const struct seek_said *as)
{
	struct searching_numbers *n = &s->numbers;
	n->of = s->looked_up + 1;
	n->lost = false;
	n->len = 0;
	n->all = entry_width(as->dtype) * as->dim;
	n->as = *as;
	n->as.has = 0; /* of the scale */
}

static bool
is_same_version(const struct seek_said *a, const struct seek_said *b)
{
	return a->epoch == b->epoch && a->seq == b->seq && a->dtype == b->dtype &&
	    a->dim == b->dim;
}

/* False: nothing that goes on where we are. */
static bool
take_part(struct searching *s, const struct seek_answer *answer)
{
	struct searching_numbers *n = &s->numbers;
	const struct merged *m = &s->merging.best[s->looked_up];
	const struct seek_hit *hit = answer->hits.count > 0 ? answer->hits.items : NULL;
	const struct seek_said *said = hit != NULL ? seek_said(hit) : NULL;
	if (said == NULL || !bytes_equal(hit->hash, m->hit.hash) ||
	    !key_equal(&hit->origin, &m->hit.origin) ||
	    !is_same_version(said, &n->as) || said->numbers.len == 0 ||
	    said->numbers.len > n->all - n->len)
		return false;
	assert(said->numbers.len <= sizeof n->bytes - n->len);
	memcpy(n->bytes + n->len, said->numbers.ptr, said->numbers.len);
	n->len += said->numbers.len;
	n->as.has = said->has;
	n->as.scale = said->scale;
	return true;
}

/* Several may answer to the first question: one of them is enough. */
static void
took(struct call *c, const struct mesh_event *e)
{
	struct searching_numbers *n = &searching_of(c)->numbers;
	struct arena before = c->arena;
	struct seek_answer answer;
	if (e->kind != MESH_ANSWER) { /* that was the end of it */
		n->lost = true;
		searching_shown_on(c);
		return;
	}
	bool goes_on = e->code == 0 &&
	    mesh_body_decode(&seek_answer_table, e->body, &answer, &c->arena) ==
		MESH_OK &&
	    take_part(searching_of(c), &answer);
	c->arena.used = before.used;
	if (!goes_on)
		return;
	n->from = e->site;
	c->wait = CALL_ASKED; /* what others answer is nobody's */
	searching_shown_on(c);
}

static void
not_asked(struct call *c, enum mesh_err err)
{
	(void)err; /* it shows in `complete` */
	searching_of(c)->numbers.lost = true;
	if (c->wait == CALL_TOLD)
		searching_shown_on(c);
}

static void
ticked(struct call *c)
{
	searching_of(c)->numbers.lost = true;
	c->wait = CALL_ASKED; /* a late answer is nobody's */
	searching_shown_on(c);
}

/* A site that has been silent so far is not waited for alone. */
static bool
put(struct call *c, const struct merged *m, struct bytes_view body)
{
	const struct searching_numbers *n = &searching_of(c)->numbers;
	uint32_t share = searching_share_ms(c);
	const struct mesh_key *to = n->len > 0 ? &n->from : &m->hit.origin;
	if (n->len > 0 || searching_heard(c, to))
		return call_try_order(c, to, body, share, took);
	return call_try_question(c, body, share, took);
}

static bool
ask(struct call *c, const struct merged *m)
{
	struct searching *s = searching_of(c);
	uint8_t room[512];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct seek seek = { .has = 1U << SEEK_KIND | 1U << SEEK_TOP |
		    1U << SEEK_ORIGIN | 1U << SEEK_HASH | 1U << SEEK_NUMBERS,
		.kind = SEEK_LIST,
		.top = 1,
		.origin = m->hit.origin,
		.hash = m->hit.hash,
		.numbers = (uint32_t)s->numbers.len };
	c->ticked = ticked;
	c->refused = not_asked;
	c->deadline_ms = s->ends_ms;
	c->wait = CALL_RUNS;
	return mesh_body_encode(&seek_table, &seek, &out) == MESH_OK &&
	    put(c, m, bytes_written(&out));
}

static bool
are_sound(const struct searching_numbers *n)
{
	size_t at;
	return entry_finite(n->as.dtype, bytes_view(n->bytes, n->all), &at) == 0;
}

enum search_rest
searching_numbers(struct call *c, const struct merged *m, const struct seek_said *as)
{
	struct searching *s = searching_of(c);
	struct searching_numbers *n = &s->numbers;
	if (n->of != s->looked_up + 1)
		begin(s, as);
	n->lost |= n->all > sizeof n->bytes || (n->len == n->all && !are_sound(n));
	if (n->lost || n->len == n->all)
		return n->lost ? REST_LOST : REST_HERE;
	n->lost = c->world->now.ms + SEARCHING_ROUND_MS > s->ends_ms || !ask(c, m);
	return n->lost ? REST_LOST : REST_ASKED;
}
