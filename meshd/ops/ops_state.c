#include "call_inside.h"
#include "drop.h"
#include "entry.h"
#include "live.h"
#include "state.h"
#include "text.h"
#include "tree.h"

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
below_user(struct call *c, struct text_view key)
{
	if (text_begins(key, "user/"))
		return key;
	struct bytes_out out = bytes_out(arena_take(&c->arena, 1, 128), 128);
	if (out.ptr == NULL)
		out.cap = 0;
	text_put(&out, "user/");
	text_put_view(&out, key);
	return text_written(&out);
}

/* False: the call has failed. */
static bool
user_key(struct call *c, struct text_view *out)
{
	*out = below_user(c, c->params.key);
	if (out->len > strlen("user/") && out->len <= STATE_KEY_MAX)
		return true;
	call_fail(c, 400, "parameter key: 1 to %d bytes",
	    STATE_KEY_MAX - (int)strlen("user/"));
	return false;
}

/* --- get --- */

/* Who was told of a key, or saw it in a list, has the whole of it. */
static bool
shown_key(struct call *c, struct text_view *out)
{
	struct id id;
	struct text_view name, key = c->params.key;
	enum state_kind kind = state_kind(bytes_view(key.ptr, key.len), &id, &name);
	*out = key;
	return kind == STATE_OTHER ? user_key(c, out) : true;
}

void
ops_state_get(struct call *c)
{
	struct bytes_out id = bytes_out(arena_take(&c->arena, 1, 160), 160);
	struct text_view key;
	const struct mesh_key *site = c->params.site.len > 0 ? call_site(c)
							     : &c->world->self;
	if (id.ptr == NULL)
		id.cap = 0;
	if (site == NULL || !shown_key(c, &key))
		return;
	text_put_hex(&id, bytes_view(site->bytes, sizeof site->bytes));
	text_put(&id, "/");
	text_put_view(&id, key);
	c->params.id = text_written(&id);
	call_ask(c, &(struct store_question){ .noun = STORE_STATE });
	c->params.id = key; /* as it is called if there is none */
}

/* --- set --- */

/* A record holds no more, and would only be "malformed". */
static bool
is_shallow(struct call *c)
{
	char room[160];
	struct bytes_out path = bytes_out(room, sizeof room);
	struct tree_view inside = c->params.value;
	bool is_list = inside.count > 0 && inside.items->name.ptr == NULL &&
	    inside.items->kind == TREE_LIST; /* a list is its own first item */
	if (is_list)
		inside = (struct tree_view){ inside.items + 1, inside.count - 1 };
	if (!entry_is_too_deep(inside, &path))
		return true;
	call_fail(c, 400,
	    "parameter value: %.*s goes too deep: objects and lists stand "
	    "in each other at most %d deep",
	    (int)path.len, room, ENTRY_META_DEPTH);
	return false;
}

void
ops_state_set(struct call *c)
{
	struct text_view key;
	if (!user_key(c, &key) || !is_shallow(c))
		return;
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

/* --- remove --- */

struct removed {
	struct text_view key;
	bool removed;
};
static const struct field removed_rows[] = {
	FIELD(struct removed, key, UNIT_NONE, 0, 0, 0, "The key."),
	FIELD(struct removed, removed, UNIT_NONE, 0, 0, 0, "Our value of it is gone."),
};
static const struct field_table removed_table = { "removed", removed_rows,
	LENGTH(removed_rows), sizeof(struct removed), FIELD_NO_HAS, false };

/* Should it be set anew meanwhile, that stays: a DROP names numbers. */
static void
drop(struct call *c, const struct mesh_record *record)
{
	struct removed said = { c->params.id, true };
	struct mesh_run run = { record->at.seq, record->at.seq };
	struct drop drop = { .runs = { &run, 1 } };
	call_open(c);
	call_item(c, &removed_table, &said);
	call_close(c, (struct text_view){ 0 });
	call_append_in(
	    c, record->at.epoch, LANE_STATE, RECORD_DROP, &drop_table, &drop);
}

void
ops_state_remove(struct call *c)
{
	struct text_view key;
	if (!user_key(c, &key))
		return;
	c->params.id = key;
	call_find(c, LANE_STATE, bytes_view(key.ptr, key.len), drop);
}
