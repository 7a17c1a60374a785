#include "searching.h"
#include <inttypes.h>
#include <stdio.h>

/* Whom a search asks, and how many of them had their say. */

/* Have neighbours records that we lack, or have not said? */
static bool
is_behind(const struct call *c)
{
	struct mesh_peer p;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &p); i++)
		if (p.direct && (!p.compared || p.behind > 0))
			return true;
	return false;
}

static enum replica_part
kept_here(const struct call *c)
{
	return replica_of_type(&c->world->others, c->params.type);
}

bool
searching_lacks(const struct call *c)
{
	return kept_here(c) > REPLICA_INDEX || is_behind(c);
}

/* Of an index only embeddings are missing. */
bool
searching_others_hold_more(const struct call *c)
{
	bool numbers = c->params.like.items != NULL || c->params.embeddings;
	return searching_lacks(c) || (kept_here(c) == REPLICA_INDEX && numbers);
}

static uint32_t
count_peers(const struct call *c, bool alive)
{
	struct mesh_peer p;
	uint32_t count = 0;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &p); i++)
		count += p.state != PEER_STRANGER && (p.state == PEER_ALIVE) == alive;
	return count;
}

uint32_t
searching_alive(const struct call *c)
{
	return count_peers(c, true);
}

static bool
reaches(const struct call *c, const struct mesh_key *site)
{
	struct mesh_peer p;
	for (size_t i = 0; mesh_site_peer(c->world->core, i, &p); i++)
		if (key_equal(&p.key, site))
			return p.state == PEER_ALIVE;
	return false;
}

bool
searching_heard(const struct call *c, const struct mesh_key *site)
{
	const struct searching *s = searching_of(c);
	for (size_t i = 0; i < s->heard_count; i++)
		if (key_equal(&s->heard[i], site))
			return true;
	return s->heard_more > 0 && reaches(c, site);
}

/* Whoever has not told all is no answer. */
uint32_t
searching_answered(const struct searching *s)
{
	uint32_t answered = s->answered + !s->local_partial;
	uint32_t cut = (uint32_t)(s->short_count + s->short_more) + s->merging.cut;
	return cut < answered ? answered - cut : 0;
}

/* Nobody asks those that are not reached; where they may hold more that is said. */
static uint32_t
count_away(const struct call *c)
{
	return searching_others_hold_more(c) ? count_peers(c, false) : 0;
}

static void
put_count(struct json_out *j, const char *name, uint32_t count)
{
	json_key(j, name);
	json_put_u64(j, count);
}

void
searching_complete(struct call *c, uint32_t answered, struct json_out *j)
{
	const struct searching *s = searching_of(c);
	uint32_t away = count_away(c);
	json_key(j, "complete");
	json_open_object(j);
	put_count(j, "answered", answered);
	put_count(j, "known", s->known);
	if (away > 0)
		put_count(j, "away", away);
	json_shut_object(j);
	call_content_ends(c);
	json_key(j, "took_ms");
	json_put_u64(j, c->world->now.ms - s->began_ms);
}

void
searching_nothing(struct call *c)
{
	const struct searching *s = searching_of(c);
	struct text_view id = c->params.id;
	uint32_t away = count_away(c);
	char missing[48] = "";
	if (away > 0)
		snprintf(missing, sizeof missing, ", %" PRIu32 " not reached", away);
	call_fail(c, 404,
	    "nothing by the name '%.*s': %" PRIu32 " of %" PRIu32 " sites answered%s",
	    (int)id.len, id.ptr, searching_answered(s), s->known, missing);
}
