#include "call_inside.h"
#include "filter.h"
#include "live.h"
#include "ops_pace.h"
#include "sample.h"
#include "text.h"

enum { METRIC_SAMPLES = 1 }; /* PROTOCOL.md 2: type 1 is the noun's body */

void
ops_metric_list(struct call *c)
{
	struct store_question q = { 0 };
	const struct sample *s;
	if (!call_filter(c, &sample_table, c->params.filter, &q))
		return;
	call_open(c);
	for (size_t i = 0; (s = live_sample_at(c->world->live, i)) != NULL; i++) {
		struct arena before = c->arena;
		struct sample shown = *s;
		shown.site = sites_name_copy(live_sites(c->world->live),
		    live_sample_site(c->world->live, i), &c->arena);
		field_mark(&sample_table, SAMPLE_SITE, &shown, true);
		if (filter_eval(q.filter, &shown))
			call_item(c, &sample_table, &shown);
		c->arena.used = before.used;
	}
	call_finish(c);
}

/* False: the call has failed. */
static bool
read_sample(struct call *c, struct sample *out)
{
	const struct op_params *p = &c->params;
	bool counter = text_is(p->kind, sample_kind_words[SAMPLE_COUNTER]);
	*out = (struct sample){ .has = 1U << SAMPLE_NAME | 1U << SAMPLE_VALUE |
		    (uint64_t)counter << SAMPLE_KIND |
		    (uint64_t)(p->unit.len > 0) << SAMPLE_UNIT | 1U << SAMPLE_TIME,
		.name = p->name,
		.kind = counter ? SAMPLE_COUNTER : SAMPLE_GAUGE,
		.unit = p->unit,
		.time_ms = c->world->now.unix_ms };
	if (!sample_name_is_sound(p->name))
		call_fail(c, 400, "parameter name: letters, digits, - _ and .");
	else if (!call_number(p->value, &out->value))
		call_fail(c, 400, "parameter value: a number");
	else if (p->kind.len > 0 && !counter &&
	    !text_is(p->kind, sample_kind_words[SAMPLE_GAUGE]))
		call_fail(c, 400, "parameter kind: gauge or counter");
	else if (!ops_pace_allows(c, c->world->samples, COUNT_SAMPLES_TOO_FAST))
		call_fail(c, 503, "too fast: this site may measure 5 times a second");
	return c->wait != CALL_DONE;
}

void
ops_metric_add(struct call *c)
{
	struct sample one;
	struct sample_batch batch = { { &one, 1 } };
	if (!read_sample(c, &one))
		return;
	struct sample shown = one;
	shown.site = c->world->name;
	field_mark(&sample_table, SAMPLE_SITE, &shown, true);
	call_open(c);
	call_item(c, &sample_table, &shown);
	call_close(c, (struct text_view){ 0 });
	call_append(c, LANE_METRIC, METRIC_SAMPLES, &sample_batch_table, &batch);
}
