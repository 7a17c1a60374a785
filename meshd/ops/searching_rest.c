#include "searching.h"
#include <assert.h>
#include <string.h>

/* Metadata longer than a datagram comes in parts, asked one after the other of the site
 * that told of the entry, as long as the search has time. */

static void
begin(struct searching *s, const struct merged *m)
{
	s->rest.of = s->looked_up + 1;
	s->rest.lost = false;
	s->rest.len = m->said.metadata.len;
	if (s->rest.len > 0)
		memcpy(s->rest.bytes, m->said.metadata.ptr, s->rest.len);
}

static bool
is_same_version(const struct seek_said *said, const struct merged *m)
{
	return said != NULL && said->epoch == m->said.epoch && said->seq == m->said.seq;
}

/* False: nothing that goes on where we are.  It may have been changed meanwhile. */
static bool
take_part(struct searching *s, const struct seek_answer *answer)
{
	const struct merged *m = &s->merging.best[s->looked_up];
	const struct seek_hit *hit = answer->hits.count > 0 ? answer->hits.items : NULL;
	const struct seek_said *said = hit != NULL ? seek_said(hit) : NULL;
	size_t all = m->said.bytes < sizeof s->rest.bytes ? m->said.bytes
							  : sizeof s->rest.bytes;
	if (!is_same_version(said, m) || !bytes_equal(hit->hash, m->hit.hash) ||
	    !key_equal(&hit->origin, &m->hit.origin) || said->metadata.len == 0 ||
	    said->metadata.len > all - s->rest.len)
		return false;
	assert(said->metadata.len <= sizeof s->rest.bytes - s->rest.len);
	memcpy(s->rest.bytes + s->rest.len, said->metadata.ptr, said->metadata.len);
	s->rest.len += said->metadata.len;
	return true;
}

static void
took(struct call *c, const struct mesh_event *e)
{
	struct searching *s = searching_of(c);
	struct arena before = c->arena;
	struct seek_answer answer;
	if (e->kind != MESH_ANSWER) { /* that was the end of it */
		s->rest.lost |= e->answered == 0;
		searching_shown_on(c);
		return;
	}
	s->rest.lost |= e->code != 0 ||
	    mesh_body_decode(&seek_answer_table, e->body, &answer, &c->arena) !=
		MESH_OK ||
	    !take_part(s, &answer);
	c->arena.used = before.used;
}

static void
not_asked(struct call *c, enum mesh_err err)
{
	(void)err; /* it shows in `complete` */
	searching_of(c)->rest.lost = true;
	if (c->wait == CALL_TOLD)
		searching_shown_on(c);
}

/* The time is over: the others are shown as far as they came. */
static void
ticked(struct call *c)
{
	searching_of(c)->rest.lost = true;
	c->wait = CALL_ASKED; /* a late answer is nobody's */
	searching_shown_on(c);
}

static void
ask(struct call *c, const struct merged *m)
{
	struct searching *s = searching_of(c);
	uint8_t room[512];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct seek rest = { .has = 1U << SEEK_KIND | 1U << SEEK_TOP |
		    1U << SEEK_ORIGIN | 1U << SEEK_HASH | 1U << SEEK_WHOLE |
		    1U << SEEK_REST,
		.kind = SEEK_LIST,
		.top = 1,
		.origin = m->hit.origin,
		.hash = m->hit.hash,
		.whole = true,
		.rest = (uint32_t)s->rest.len };
	c->ticked = ticked;
	c->refused = not_asked;
	c->deadline_ms = s->ends_ms;
	c->wait = CALL_RUNS;
	if (mesh_body_encode(&seek_table, &rest, &out) != MESH_OK ||
	    !call_try_order(
		c, &m->from, bytes_written(&out), searching_share_ms(c), took))
		s->rest.lost = true;
}

enum search_rest
searching_rest(struct call *c, const struct merged *m)
{
	struct searching *s = searching_of(c);
	if (s->rest.of != s->looked_up + 1)
		begin(s, m);
	if (s->rest.len >= m->said.bytes)
		return REST_HERE;
	if (!s->rest.lost && c->world->now.ms + SEARCHING_ROUND_MS <= s->ends_ms)
		ask(c, m);
	else
		s->rest.lost = true;
	return s->rest.lost ? REST_LOST : REST_ASKED;
}
