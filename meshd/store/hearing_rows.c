#include "hearing_rows.h"
#include <string.h>

enum {
	HEARING_BYTES = 96,
	CHECK = 8, /* before what is encoded */
	KEY = sizeof(struct mesh_key),
	OF_WHOM = 1 + VIEW_KEY_MAX + KEY
};

/* --- a row's body --- */

/* The same body under another node or site has another one. */
static void
check_of(struct bytes_view node, const struct mesh_key *site, struct bytes_view body,
    uint8_t check[static CHECK])
{
	uint8_t room[OF_WHOM + HEARING_BYTES], hash[32];
	struct bytes_out all = bytes_out(room, sizeof room);
	bytes_put_u8(&all, (uint8_t)node.len);
	bytes_put_view(&all, node);
	bytes_put(&all, site, KEY);
	bytes_put_view(&all, body);
	mesh_hash(room, all.len, hash);
	memcpy(check, hash, CHECK);
}

static bool
read_body(struct bytes_view node, const struct mesh_key *site, struct bytes_view body,
    struct node_hearing *out)
{
	uint8_t check[CHECK];
	struct arena none = arena_init(NULL, 0);
	if (node.len > VIEW_KEY_MAX || body.len < CHECK ||
	    body.len > CHECK + HEARING_BYTES)
		return false;
	struct bytes_view said = bytes_view(body.ptr + CHECK, body.len - CHECK);
	check_of(node, site, said, check);
	return memcmp(body.ptr, check, CHECK) == 0 &&
	    mesh_body_decode(&node_hearing_table, said, out, &none) == MESH_OK;
}

/* --- rows --- */

bool
hearing_rows_find(struct statements *s, const struct view_key *node,
    const struct mesh_key *site, struct node_hearing *out)
{
	sqlite3_stmt *st = statement_of(s, ST_HEARING_FIND);
	bind_bytes(st, 1, view_key_bytes(node));
	bind_key(st, 2, site);
	bool found = statement_row(s, st) &&
	    read_body(view_key_bytes(node), site, column_bytes(st, 0), out);
	statement_end(st);
	return found;
}

void
hearing_rows_put(struct statements *s, const struct view_key *node,
    const struct mesh_key *site, const struct node_hearing *hearing)
{
	uint8_t room[CHECK + HEARING_BYTES];
	struct bytes_out body = bytes_out(room + CHECK, HEARING_BYTES);
	if (mesh_body_encode(&node_hearing_table, hearing, &body) != MESH_OK)
		return;
	check_of(view_key_bytes(node), site, bytes_written(&body), room);
	sqlite3_stmt *st = statement_of(s, ST_HEARING_PUT);
	bind_bytes(st, 1, view_key_bytes(node));
	bind_key(st, 2, site);
	bind_bytes(st, 3, bytes_view(room, CHECK + body.len));
	statement_run(s, st);
}

void
hearing_rows_delete(
    struct statements *s, const struct view_key *node, const struct mesh_key *site)
{
	sqlite3_stmt *st = statement_of(s, ST_HEARING_DELETE);
	bind_bytes(st, 1, view_key_bytes(node));
	bind_key(st, 2, site);
	statement_run(s, st);
}

sqlite3_stmt *
hearing_rows_of(struct statements *s, struct bytes_view node)
{
	sqlite3_stmt *st = statement_of(s, ST_HEARING_OF);
	bind_bytes(st, 1, node);
	return st;
}

bool
hearing_rows_next(struct statements *s, sqlite3_stmt *st, struct bytes_view node,
    struct mesh_key *site, struct node_hearing *out)
{
	while (statement_row(s, st)) {
		column_key(st, 0, site);
		if (read_body(node, site, column_bytes(st, 1), out))
			return true;
	}
	return false;
}

bool
hearing_rows_any(struct statements *s, const struct view_key *node)
{
	sqlite3_stmt *st = hearing_rows_of(s, view_key_bytes(node));
	bool any = statement_row(s, st);
	statement_end(st);
	return any;
}

/* A longer key than any node has is the check's alone. */
bool
hearing_rows_by(struct statements *s, const struct mesh_key *site, struct view_key *key,
    uint64_t *epoch)
{
	struct node_hearing hearing;
	sqlite3_stmt *st = statement_of(s, ST_HEARING_BY);
	bind_key(st, 1, site);
	bind_copied_bytes(st, 2, view_key_bytes(key));
	bind_i64(st, 3, VIEW_KEY_MAX);
	if (!statement_row(s, st))
		return false;
	struct bytes_view node = column_bytes(st, 0);
	bool sound = read_body(node, site, column_bytes(st, 1), &hearing);
	key->len = (uint8_t)node.len;
	memcpy(key->bytes, node.ptr, key->len);
	*epoch = sound ? hearing.epoch : 0;
	statement_end(st);
	return true;
}

/* --- the walk --- */

static void
go_behind(sqlite3_stmt *st, const struct hearing_place *at)
{
	bind_bytes(st, 1, view_key_bytes(&at->node));
	bind_key(st, 2, &at->site);
}

static bool
read_place(sqlite3_stmt *st, struct hearing_place *at)
{
	struct node_hearing hearing;
	struct bytes_view node = column_bytes(st, 0), site = column_bytes(st, 1);
	struct hearing_place here;
	if (site.len != KEY || node.len > VIEW_KEY_MAX)
		return false;
	memcpy(&here.site, site.ptr, KEY);
	here.node.len = (uint8_t)node.len;
	memcpy(here.node.bytes, node.ptr, node.len);
	if (!read_body(node, &here.site, column_bytes(st, 2), &hearing))
		return false;
	*at = here;
	return true;
}

enum hearing_check
hearing_rows_check(struct statements *s, struct hearing_place *at)
{
	struct hearing_place before = *at;
	sqlite3_stmt *st = statement_of(s, ST_HEARING_NEXT);
	go_behind(st, &before);
	if (!statement_row(s, st))
		return HEARING_END;
	bool sound = read_place(st, at);
	statement_end(st);
	if (sound)
		return HEARING_SOUND;
	st = statement_of(s, ST_HEARING_TAKE);
	go_behind(st, &before);
	statement_run(s, st);
	return HEARING_TAKEN;
}
