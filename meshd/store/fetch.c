#include "fetch.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

/* Bundles lie behind the page, records between; one block, so one free. */
struct fetched {
	struct store_page page;
	struct mesh_record records[];
};

static struct fetched *
new_fetched(size_t max)
{
	struct fetched *f = calloc(
	    1, sizeof *f + max * sizeof f->records[0] + FETCH_BYTES);
	if (f != NULL)
		f->page.records = f->records;
	return f;
}

/* A page that is cut says so by its `next`; only that it is not empty counts. */
static void
fill(struct statements *s, sqlite3_stmt *st, struct fetched *f, size_t max)
{
	struct bytes_out bundles = bytes_out(f->records + max, FETCH_BYTES);
	while (f->page.count < max && statement_row(s, st)) {
		struct bytes_view bundle = column_bytes(st, 0);
		uint8_t *copy = bytes_room(&bundles, bundle.len);
		if (copy == NULL) {
			f->page.next = text("more");
			return;
		}
		memcpy(copy, bundle.ptr, bundle.len);
		if (mesh_record_read(bytes_view(copy, bundle.len),
			&f->records[f->page.count]) == MESH_OK)
			f->page.count++;
	}
	if (f->page.count == max)
		f->page.next = text("more");
}

enum mesh_err
fetch_page(struct statements *s, const struct mesh_position *from, uint64_t count,
    struct store_page **out)
{
	size_t max = count < FETCH_RECORDS ? (size_t)count : FETCH_RECORDS;
	struct fetched *f = new_fetched(max);
	if (f == NULL)
		return MESH_FULL;
	sqlite3_stmt *st = statement_of(s, ST_RECORD_FETCH);
	bind_key(st, 1, &from->origin);
	bind_i64(st, 2, from->lane);
	bind_i64(st, 3, (int64_t)from->epoch);
	bind_i64(st, 4, (int64_t)from->seq);
	bind_i64(st, 5, (int64_t)max);
	fill(s, st, f, max);
	statement_end(st);
	*out = &f->page;
	return MESH_OK;
}

static enum mesh_err
take_few(struct statements *s, sqlite3_stmt *st, size_t most, struct store_page **out)
{
	struct fetched *f = new_fetched(most);
	if (f == NULL)
		return MESH_FULL;
	fill(s, st, f, most);
	statement_end(st);
	*out = &f->page;
	return f->page.count > 0 ? MESH_OK : MESH_NOT_FOUND;
}

enum mesh_err
fetch_of_key(struct statements *s, const struct mesh_key *origin, enum mesh_lane lane,
    struct bytes_view key, struct store_page **out)
{
	sqlite3_stmt *st = statement_of(s, ST_RECORD_OF_KEY);
	bind_i64(st, 1, lane);
	bind_bytes(st, 2, key);
	bind_key(st, 3, origin);
	return take_few(s, st, 1, out);
}

enum mesh_err
fetch_over(struct statements *s, const struct mesh_key *origin, unix_ms now,
    uint32_t most, struct store_page **out)
{
	sqlite3_stmt *st = statement_of(s, ST_ENTRY_OVER);
	size_t max = most < FETCH_RECORDS ? most : FETCH_RECORDS;
	bind_i64(st, 1, now);
	bind_key(st, 2, origin);
	bind_i64(st, 3, (int64_t)max);
	return take_few(s, st, max, out);
}
