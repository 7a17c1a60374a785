#include "state_rows.h"
#include "named.h"
#include "subjects.h"
#include <string.h>

void
state_rows_key(const struct mesh_key *site, struct bytes_view key, struct view_key *out)
{
	size_t len = key.len < STATE_KEY_MAX ? key.len : STATE_KEY_MAX;
	out->len = (uint8_t)(sizeof site->bytes + len);
	memcpy(out->bytes, site->bytes, sizeof site->bytes);
	if (len > 0)
		memcpy(out->bytes + sizeof site->bytes, key.ptr, len);
}

/* The log keeps only the newest PUT of a key, and epochs only rise, so what comes last
 * to the view is the newest. */
void
state_rows_put(struct views *v, const struct mesh_record *r, int64_t row)
{
	struct view_key key;
	struct view_entry entry = { r->time_ms, row };
	state_rows_key(&r->at.origin, v->object.put.key, &key);
	view_entry_put(v, VIEW_STATE, &key, &entry);
}

void
state_rows_take(struct views *v, const struct mesh_record *r, int64_t row)
{
	struct view_key key;
	struct view_entry entry;
	state_rows_key(&r->at.origin, v->object.put.key, &key);
	if (view_entry_find(v, VIEW_STATE, &key, &entry) && entry.extra == row)
		view_entry_delete(v, VIEW_STATE, &key);
}

static int64_t
newest_of(struct statements *s, const struct view_key *key)
{
	struct mesh_key site;
	if (key->len <= sizeof site.bytes)
		return 0;
	memcpy(site.bytes, key->bytes, sizeof site.bytes);
	sqlite3_stmt *st = statement_of(s, ST_STATE_OF);
	bind_i64(st, 1, LANE_STATE);
	bind_bytes(st, 2,
	    bytes_view(key->bytes + sizeof site.bytes, key->len - sizeof site.bytes));
	bind_key(st, 3, &site);
	return statement_i64(s, st, 0);
}

void
state_rows_refold(struct views *v, const struct view_key *key)
{
	struct mesh_record r;
	bool whole = false;
	int64_t row = newest_of(v->s, key);
	v->arena = arena_init(v->room, VIEW_ARENA);
	if (row != 0 && subjects_row(v->s, row, &whole, &v->arena, &r))
		view_entry_put(
		    v, VIEW_STATE, key, &(struct view_entry){ r.time_ms, row });
	else
		view_entry_delete(v, VIEW_STATE, key);
}

enum mesh_err
state_rows_read(struct statements *s, int64_t row, const struct sites *names,
    struct arena *arena, struct state *out)
{
	struct mesh_record r;
	union lane_object object;
	const struct field_table *table;
	bool whole = false;
	if (!subjects_row(s, row, &whole, arena, &r) ||
	    lane_decode(&r, &object, &table, arena) != MESH_OK ||
	    table != &state_put_table)
		return MESH_NOT_FOUND;
	return state_view(&r.at, r.time_ms, &object.put, names, arena, out);
}

static void
name_of(const struct mesh_record *r, struct sites *names, struct arena *arena)
{
	union lane_object object;
	const struct field_table *table;
	struct site_value value;
	if (lane_decode(r, &object, &table, arena) == MESH_OK &&
	    table == &state_put_table &&
	    named_read(&site_value_table, object.put.value, &value, arena, NULL) ==
		MESH_OK &&
	    value.has >> SITE_NAME & 1)
		sites_put(names, &r->at, value.name);
}

static void
pinned_names(struct statements *s, struct sites *names)
{
	sqlite3_stmt *st = statement_of(s, ST_PINS);
	while (statement_row(s, st))
		sites_pin_row(names, column_bytes(st, 0), column_bytes(st, 1));
}

/* As everywhere in the house: who bore a name first keeps it.  Of whom no row says so
 * the lowest key, and last who has a row that says that it was another. */
void
state_rows_names(struct statements *s, struct sites *names, struct arena *arena)
{
	struct mesh_record r;
	pinned_names(s, names);
	sqlite3_stmt *st = statement_of(s, ST_SITE_NAMES);
	bind_bytes(st, 1, bytes_view("site", 4));
	bind_i64(st, 2, LANE_STATE);
	size_t used = arena->used;
	while (subjects_next(s, st, arena, &r)) {
		name_of(&r, names, arena);
		arena->used = used;
	}
}
