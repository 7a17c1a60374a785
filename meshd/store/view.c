#include "view.h"
#include "id.h"
#include <assert.h>
#include <string.h>

/* clang-format off */
const struct view_row views_table[VIEW_COUNT] = {
	[VIEW_PACKET] = { STORE_PACKETS, 1, true },
	[VIEW_NODE] =   { STORE_NODES,   2, false },
	[VIEW_STATE] =  { STORE_STATE,   1, false },
	[VIEW_ALERT] =  { STORE_ALERTS,  1, true },
	[VIEW_ENTRY] =  { STORE_ENTRIES, 2, false },
};
/* clang-format on */

bool
view_of_noun(enum store_noun noun, enum view *out)
{
	if (noun == STORE_MESSAGES) /* what some packets say */
		noun = STORE_PACKETS;
	for (size_t i = 0; i < VIEW_COUNT; i++)
		if (views_table[i].noun == noun) {
			*out = (enum view)i;
			return true;
		}
	return false;
}

struct view_key
view_key_of_id(const struct id *id)
{
	struct view_key key = { .len = (uint8_t)(id->len + 1) };
	assert(id->len <= sizeof id->bytes);
	key.bytes[0] = id->kind;
	memcpy(key.bytes + 1, id->bytes, id->len);
	return key;
}

bool
view_id_of_key(struct bytes_view key, struct id *out)
{
	if (key.len < 2 || key.len > sizeof out->bytes + 1)
		return false;
	*out = id_make((enum id_kind)key.ptr[0], key.ptr + 1, key.len - 1);
	return true;
}

struct bytes_view
view_key_bytes(const struct view_key *key)
{
	return bytes_view(key->bytes, key->len);
}

bool
view_entry_find(struct views *v, enum view which, const struct view_key *key,
    struct view_entry *out)
{
	sqlite3_stmt *st = statement_of_table(v->s, ST_ROW_FIND, which);
	bind_bytes(st, 1, view_key_bytes(key));
	bool found = statement_row(v->s, st);
	if (found)
		*out = (struct view_entry){ column_i64(st, 0), column_i64(st, 1) };
	statement_end(st);
	return found;
}

bool
view_was_walked(const struct views *v, enum view which, const struct view_key *key)
{
	const struct view_key *upto = &v->walk.upto;
	if (!v->walk.open || v->walk.which != which)
		return false;
	int order = memcmp(
	    key->bytes, upto->bytes, key->len < upto->len ? key->len : upto->len);
	return order < 0 || (order == 0 && key->len <= upto->len);
}

void
view_count(
    struct views *v, enum view which, uint64_t rows, uint64_t firing, bool walked)
{
	v->now[which].rows += rows;
	v->now[which].firing += firing;
	v->touched[which] = true;
	if (walked) {
		v->walk.rows += rows;
		v->walk.firing += firing;
	}
}

static uint64_t
firing_of(enum view which, const struct view_entry *entry)
{
	return which == VIEW_ALERT && entry->extra != 0;
}

void
view_entry_put(struct views *v, enum view which, const struct view_key *key,
    const struct view_entry *entry)
{
	struct view_entry old = { 0, 0 };
	bool found = view_entry_find(v, which, key, &old);
	view_count(v, which, !found, firing_of(which, entry) - firing_of(which, &old),
	    view_was_walked(v, which, key));
	if (found && old.time_ms == entry->time_ms && old.extra == entry->extra)
		return;
	sqlite3_stmt *st = statement_of_table(v->s, ST_ROW_PUT, which);
	bind_bytes(st, 1, view_key_bytes(key));
	bind_i64(st, 2, entry->time_ms);
	bind_i64(st, 3, entry->extra);
	statement_run(v->s, st);
}

void
view_entry_delete(struct views *v, enum view which, const struct view_key *key)
{
	struct view_entry old;
	if (!view_entry_find(v, which, key, &old))
		return;
	view_count(v, which, (uint64_t)-1, 0 - firing_of(which, &old),
	    view_was_walked(v, which, key));
	sqlite3_stmt *st = statement_of_table(v->s, ST_ROW_DELETE, which);
	bind_bytes(st, 1, view_key_bytes(key));
	statement_run(v->s, st);
}

void
view_spoil(struct views *v, enum view which)
{
	v->stale[which] = v->touched[which] = true;
}
