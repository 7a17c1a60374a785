#include "rules.h"
#include "id.h"
#include "rule_table.h"
#include "text.h"
#include <stdlib.h>

enum { RULES_REMEMBERED = 256, RULES_BATCH = 64, RULES_ARENA = 4096 };

struct rules {
	struct rules_params at;
	struct feed_reader reader;
	struct id raised[RULES_REMEMBERED]; /* a ring: the oldest is forgotten */
	size_t raised_count;
	uint8_t block[RULES_ARENA];
};

static unsigned
topics_of_all(void)
{
	unsigned topics = 0;
	for (const struct rule *r = rule_table; r->kind != NULL; r++)
		topics |= (unsigned)r->topic;
	return topics;
}

struct rules *
rules_new(const struct rules_params *params)
{
	struct rules *r = calloc(1, sizeof *r);
	if (r == NULL)
		return NULL;
	r->at = *params;
	r->reader.topics = topics_of_all();
	r->reader.stages = FEED_HEARD; /* telling need not wait for the disk */
	feed_join(params->feed, &r->reader);
	return r;
}

void
rules_free(struct rules *r)
{
	free(r);
}

static bool
was_raised(const struct rules *r, const struct id *id)
{
	size_t count = r->raised_count < RULES_REMEMBERED ? r->raised_count
							  : RULES_REMEMBERED;
	for (size_t i = 0; i < count; i++) {
		if (id_equal(&r->raised[i], id))
			return true;
	}
	return false;
}

/* False: the intents are full, come back with the same item. */
static bool
raise_it(struct rules *r, const struct rule *rule, struct alert_statement *said)
{
	said->kind = text(rule->kind);
	said->severity = rule->severity;
	said->state = rule->state;
	said->rule = text(rule->key);
	said->id = alert_id(said->kind, &said->subject, said->rule);
	said->has |= 1 << STATEMENT_ID | 1 << STATEMENT_KIND | 1 << STATEMENT_SEVERITY |
	    1 << STATEMENT_STATE | 1 << STATEMENT_RULE;
	if (was_raised(r, &said->id)) {
		count_one(r->at.counts, COUNT_RULES_REPEATED);
		return true;
	}
	if (intents_append(r->at.intents, LANE_ALERT, ALERT_STATEMENT,
		&alert_statement_table, said, 0) == MESH_FULL) {
		count_one(r->at.counts, COUNT_RULES_FULL);
		return false;
	}
	r->raised[r->raised_count++ % RULES_REMEMBERED] = said->id;
	count_one(r->at.counts, COUNT_RULES_RAISED);
	return true;
}

static bool
ask_rules(struct rules *r, const struct feed_item *item)
{
	for (const struct rule *rule = rule_table; rule->kind != NULL; rule++) {
		struct arena arena = arena_init(r->block, sizeof r->block);
		struct alert_statement said = { .has = 0 };
		if (rule->topic == item->topic &&
		    rule->match(item, r->at.live, &arena, &said) &&
		    !raise_it(r, rule, &said))
			return false;
	}
	return true;
}

bool
rules_read(struct rules *r, struct mesh_now now)
{
	struct feed_item item;
	(void)now; /* this release's rules know no time */
	for (unsigned i = 0; i < RULES_BATCH; i++) {
		uint64_t missed = r->reader.missed;
		if (!feed_next(r->at.feed, &r->reader, &item))
			return false;
		r->at.counts->n[COUNT_FEED_MISSED] += r->reader.missed - missed;
		if (!ask_rules(r, &item)) {
			r->reader.next = item.id;
			return false;
		}
		count_one(r->at.counts, COUNT_RULES_SEEN);
	}
	return true;
}
