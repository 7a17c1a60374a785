#include "entry_rows.h"
#include "cores.h"
#include "entry.h"
#include "subjects.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum { PLACE_BYTES = 2 };

/* --- rows --- */

static int64_t
look_up_kind(struct views *v, struct text_view type)
{
	sqlite3_stmt *st = statement_of(v->s, ST_ENTRY_KIND_FIND);
	bind_text(st, 1, type);
	int64_t id = statement_i64(v->s, st, 0);
	if (id != 0)
		return id;
	st = statement_of(v->s, ST_ENTRY_KIND_PUT);
	bind_text(st, 1, type);
	statement_run(v->s, st);
	return sqlite3_last_insert_rowid(v->s->db);
}

/* Entries of one kind come one after another. */
static int64_t
kind_of(struct views *v, struct text_view type)
{
	struct view_kind *last = &v->kind;
	if (last->id != 0 && last->len == type.len &&
	    memcmp(last->name, type.ptr, type.len) == 0)
		return last->id;
	last->id = look_up_kind(v, type);
	last->len = (uint8_t)type.len;
	memcpy(last->name, type.ptr, type.len);
	return last->id;
}

static bool
was_walked(const struct views *v, int64_t row)
{
	return v->walk.open && v->walk.which == VIEW_ENTRY && row <= v->walk.id;
}

void
entry_rows_put(struct views *v, const struct mesh_record *r, int64_t row)
{
	const struct entry_put *put = &v->object.entry;
	if (!v->sound) { /* it stays in the log, and nobody is shown it */
		faults_count(v->faults, COUNT_UNFOLDED);
		return;
	}
	int64_t kind = kind_of(v, put->type);
	sqlite3_stmt *st = statement_of(v->s, ST_ENTRY_PUT);
	bind_i64(st, 1, row);
	bind_i64(st, 2, kind);
	bind_i64(st, 3, r->time_ms);
	if ((put->has >> ENTRY_PUT_EXPIRES & 1) != 0)
		bind_i64(st, 4, put->expires_ms);
	if (v->vector != 0)
		bind_i64(st, 5, v->vector);
	statement_run(v->s, st);
	view_count(v, VIEW_ENTRY, 1, 0, was_walked(v, row));
}

void
entry_rows_take(struct views *v, int64_t row)
{
	sqlite3_stmt *st = statement_of(v->s, ST_ENTRY_DELETE);
	bind_i64(st, 1, row);
	statement_run(v->s, st);
	if (sqlite3_changes(v->s->db) == 0 || v->s->err != SQLITE_OK)
		return;
	view_count(v, VIEW_ENTRY, (uint64_t)-1, 0, was_walked(v, row));
}

enum mesh_err
entry_rows_read(struct statements *s, int64_t row, bool whole,
    const struct sites *names, struct arena *arena, struct entry *out)
{
	struct mesh_record r;
	union lane_object object;
	const struct field_table *table;
	if (!subjects_row(s, row, &whole, arena, &r) ||
	    lane_decode(&r, &object, &table, arena) != MESH_OK ||
	    table != &entry_put_table)
		return MESH_NOT_FOUND;
	enum mesh_err err = entry_view(
	    &r.at, r.time_ms, &object.entry, names, arena, out);
	if (err == MESH_OK && whole)
		entry_show_embedding(out, &object.entry);
	return err;
}

/* --- the walk --- */

static bool
is_newer(const struct mesh_position *a, const struct mesh_position *b)
{
	return a->epoch != b->epoch ? a->epoch > b->epoch : a->seq > b->seq;
}

/* While a site begins its log anew, what it said in the former one is still there. */
static void
collect(struct entry_cursor *c, const struct entry_item *item)
{
	for (size_t i = 0; i < c->count; i++) {
		struct entry_item *known = &c->items[i];
		if (!key_equal(&known->at.origin, &item->at.origin))
			continue;
		if (is_newer(&item->at, &known->at))
			*known = *item;
		return;
	}
	if (c->count < LENGTH(c->items))
		c->items[c->count++] = *item;
}

static int
by_rank(const void *a, const void *b)
{
	const struct entry_item *x = a, *y = b;
	if (entry_before(&x->rank, &y->rank))
		return -1;
	return entry_before(&y->rank, &x->rank);
}

static bool
read_item(const struct mesh_record *r, int64_t row, struct arena *arena,
    struct entry_item *out)
{
	union lane_object object;
	const struct field_table *table;
	if (lane_decode(r, &object, &table, arena) != MESH_OK ||
	    table != &entry_put_table || entry_fault(&object.entry) != NULL)
		return false;
	*out = (struct entry_item){ entry_rank(&r->at, r->time_ms, &object.entry),
		r->at, row, r->time_ms };
	return true;
}

static struct bytes_view
hash_of(const struct entry_cursor *c)
{
	return bytes_view(c->key.bytes, c->key.len - PLACE_BYTES);
}

/* All that is said of the hash in hand. */
static void
gather(struct entry_cursor *c)
{
	struct arena arena = arena_init(c->room, VIEW_ARENA);
	struct mesh_record r;
	struct entry_item item;
	c->count = c->at = 0;
	sqlite3_stmt *st = subjects_of(c->s, LANE_REGISTRY, hash_of(c));
	while (subjects_next(c->s, st, &arena, &r)) {
		if (read_item(&r, column_i64(st, CORES_COLUMNS), &arena, &item))
			collect(c, &item);
		arena_reset(&arena);
	}
	qsort(c->items, c->count, sizeof c->items[0], by_rank);
}

static void
take_hash(struct entry_cursor *c, struct bytes_view hash)
{
	size_t len = hash.len < ENTRY_HASH_MAX ? hash.len : ENTRY_HASH_MAX;
	memcpy(c->key.bytes, hash.ptr, len);
	c->key.len = (uint8_t)(len + PLACE_BYTES);
	gather(c);
}

static void
begin(struct entry_cursor *c)
{
	c->hashes = NULL;
	c->count = c->at = 0;
}

/* A place names the last entry that was seen: its hash, and how many of it were. */
static void
go_to(struct entry_cursor *c, const struct view_key *place)
{
	if (place->len <= PLACE_BYTES)
		return;
	size_t len = place->len - (size_t)PLACE_BYTES;
	const uint8_t *seen = place->bytes + len;
	take_hash(c, bytes_view(place->bytes, len));
	c->at = (size_t)(seen[0] << 8 | seen[1]);
	bind_copied_bytes(c->hashes, 1, hash_of(c));
}

void
entry_cursor_all(struct entry_cursor *c, const struct paging_place *place)
{
	begin(c);
	c->hashes = statement_of(c->s, ST_ENTRY_HASHES);
	bind_bytes(c->hashes, 1, bytes_view("", 0));
	if (place->set)
		go_to(c, &place->key);
}

bool
entry_cursor_one(struct entry_cursor *c, struct text_view hash)
{
	uint8_t bytes[ENTRY_HASH_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	begin(c);
	if (hash.len == 0 || text_hex_decode(hash, &out) != MESH_OK)
		return false;
	take_hash(c, bytes_written(&out));
	return true;
}

void
entry_cursor_hash(struct entry_cursor *c, struct bytes_view hash)
{
	begin(c);
	take_hash(c, hash);
}

const struct entry_item *
entry_cursor_item(const struct entry_cursor *c)
{
	return &c->items[c->at - 1];
}

static bool
next_hash(struct entry_cursor *c)
{
	if (c->hashes == NULL || !statement_row(c->s, c->hashes))
		return false;
	take_hash(c, column_bytes(c->hashes, 0));
	return true;
}

bool
entry_cursor_next(struct entry_cursor *c, struct paging_row *out)
{
	static const struct entry_item nothing = { .row = 0 };
	const struct entry_item *item = &nothing;
	if (c->at >= c->count && !next_hash(c))
		return false;
	if (c->at < c->count)
		item = &c->items[c->at++];
	uint8_t *place = c->key.bytes + c->key.len - PLACE_BYTES;
	place[0] = (uint8_t)(c->at >> 8);
	place[1] = (uint8_t)c->at;
	*out = (struct paging_row){ view_key_bytes(&c->key), item->time_ms, item->row };
	return true;
}

void
entry_cursor_end(struct entry_cursor *c)
{
	statement_end(c->hashes);
	c->hashes = NULL;
}
