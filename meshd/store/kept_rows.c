#include "kept_rows.h"
#include <stdlib.h>
#include <string.h>

void
kept_rows_put(struct statements *s, struct text_view room, struct bytes_view key,
    struct bytes_view value)
{
	sqlite3_stmt *st = statement_of(s, ST_KEPT_PUT);
	bind_text(st, 1, room);
	bind_bytes(st, 2, key);
	bind_bytes(st, 3, value);
	statement_run(s, st);
}

enum mesh_err
kept_rows_find(struct statements *s, struct text_view room, struct bytes_view key,
    struct bytes_out *out)
{
	sqlite3_stmt *st = statement_of(s, ST_KEPT_FIND);
	bind_text(st, 1, room);
	bind_bytes(st, 2, key);
	bool found = statement_row(s, st);
	if (found)
		bytes_put_view(out, column_bytes(st, 0));
	statement_end(st);
	if (s->err != SQLITE_OK)
		return MESH_IO;
	return !found ? MESH_NOT_FOUND : out->failed ? MESH_FULL : MESH_OK;
}

/* Key and body in one block, which the key's pointer owns. */
static bool
copy(sqlite3_stmt *st, struct mesh_kept *out)
{
	size_t key_len = column_bytes(st, 0).len,
	       len = key_len + column_bytes(st, 1).len;
	uint8_t *block = malloc(len + 1);
	if (block == NULL)
		return false;
	struct bytes_out o = bytes_out(block, len);
	bytes_put_view(&o, column_bytes(st, 0));
	bytes_put_view(&o, column_bytes(st, 1));
	out->key = bytes_view(block, key_len);
	out->body = bytes_view(block + key_len, len - key_len);
	return true;
}

static bool
append(struct mesh_kept **list, size_t *count, sqlite3_stmt *st)
{
	struct mesh_kept *more = realloc(*list, (*count + 1) * sizeof **list);
	if (more == NULL)
		return false;
	*list = more;
	if (!copy(st, &more[*count]))
		return false;
	++*count;
	return true;
}

enum mesh_err
kept_rows_load(
    struct statements *s, struct text_view room, struct mesh_kept **out, size_t *count)
{
	*out = NULL;
	*count = 0;
	sqlite3_stmt *st = statement_of(s, ST_KEPT_ROOM);
	bind_text(st, 1, room);
	while (statement_row(s, st))
		if (!append(out, count, st)) {
			statement_end(st);
			return MESH_FULL;
		}
	return s->err == SQLITE_OK ? MESH_OK : MESH_IO;
}

/* The block is ours alone: const in the list, free here. */
void
kept_rows_free(struct mesh_kept *kept, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		void *block;
		memcpy(&block, &kept[i].key.ptr, sizeof block);
		free(block);
	}
	free(kept);
}
