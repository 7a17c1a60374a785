#include "call_inside.h"
#include "live.h"
#include "state.h"
#include "text.h"

void
ops_state_list(struct call *c)
{
	struct store_question q = { .noun = STORE_STATE };
	struct text_view filter = c->params.filter;
	if (!call_of_site(c, &filter))
		return;
	if (call_filter(c, &state_table, filter, &q))
		call_ask(c, &q);
}

/* Users' keys live below user/, so that they never meet ours. */
static struct text_view
user_key(struct call *c)
{
	if (text_begins(c->params.key, "user/"))
		return c->params.key;
	struct bytes_out out = bytes_out(arena_take(&c->arena, 1, 128), 128);
	if (out.ptr == NULL)
		out.cap = 0;
	text_put(&out, "user/");
	text_put_view(&out, c->params.key);
	return text_written(&out);
}

void
ops_state_set(struct call *c)
{
	struct text_view key = user_key(c);
	if (key.len <= strlen("user/") || key.len > STATE_KEY_MAX) {
		call_fail(c, 400, "parameter key: 1 to %d bytes",
		    STATE_KEY_MAX - (int)strlen("user/"));
		return;
	}
	struct state said = { .site = c->world->name,
		.key = key,
		.value = c->params.value,
		.time_ms = c->world->now.unix_ms,
		.has = 1U << STATE_ROW_SITE | 1U << STATE_ROW_KEY |
		    1U << STATE_ROW_VALUE | 1U << STATE_ROW_TIME };
	struct state_put put = { .key = bytes_view(key.ptr, key.len),
		.value = c->params.value };
	call_open(c);
	call_item(c, &state_table, &said);
	call_close(c, (struct text_view){ 0 });
	call_append(c, LANE_STATE, RECORD_PUT, &state_put_table, &put);
}
