#include "search_list.h"
#include <string.h>

static bool
stands_behind(const struct seek_place *after, const struct search_place *place,
    const struct entry_item *item)
{
	struct bytes_view hash = bytes_view(place->bytes, place->len - (size_t)2);
	struct entry_rank rank;
	if (after == NULL || !bytes_equal(after->hash, hash))
		return true;
	rank = (struct entry_rank){ after->score, after->time_ms, { 0 } };
	seek_oid(&after->origin, rank.oid);
	return entry_before(&rank, &item->rank);
}

static bool
says_it(struct search_list *l, const struct store_search *q, int64_t row)
{
	struct arena arena = arena_init(l->room, VIEW_ARENA);
	struct entry e;
	if (entry_rows_read(l->s, row, false, l->names, &arena, &e) != MESH_OK)
		return false;
	bool over = q->now_ms != 0 && (e.has >> ENTRY_EXPIRES & 1) != 0 &&
	    e.expires_ms <= q->now_ms;
	return !over && (q->type.len == 0 || text_equal(q->type, e.type)) &&
	    filter_eval(q->filter, &e);
}

static void
look_at(struct search_list *l, struct search *search, int64_t row)
{
	const struct store_search *q = &search->q;
	const struct entry_item *item = entry_cursor_item(l->cursor);
	if ((q->has_origin && !key_equal(&q->origin, &item->at.origin)) ||
	    !stands_behind(q->after, &search->place, item) || !says_it(l, q, row))
		return;
	search->rows[search->count++] = (struct search_row){ row, item->rank.confidence,
		item->at.origin };
}

static void
note_place(struct search *search, struct bytes_view key)
{
	size_t cap = sizeof search->place.bytes, len = key.len < cap ? key.len : cap;
	memcpy(search->place.bytes, key.ptr, len);
	search->place.len = (uint8_t)len;
}

static void
begin(struct search_list *l, const struct search *search)
{
	struct paging_place from = { .set = search->place.len > 0 };
	l->cursor->s = l->s;
	l->cursor->room = l->spare;
	from.key.len = search->place.len;
	memcpy(from.key.bytes, search->place.bytes, search->place.len);
	if (search->q.hash.len > 0)
		entry_cursor_hash(l->cursor, search->q.hash);
	else
		entry_cursor_all(l->cursor, &from);
}

/* All that is said of one hash is looked at in one slice. */
bool
search_list_walk(
    struct search_list *l, struct search *search, size_t looks, const atomic_bool *stop)
{
	struct paging_row row;
	bool more = true;
	if (search->q.hash.len > 0)
		looks = ENTRY_ORIGINS + 1; /* the last one sees the end */
	begin(l, search);
	while (looks-- > 0 && search->count < search->q.top && !atomic_load(stop) &&
	    (more = entry_cursor_next(l->cursor, &row))) {
		note_place(search, row.key);
		if (row.extra != 0)
			look_at(l, search, row.extra);
	}
	entry_cursor_end(l->cursor);
	return !more || search->count >= search->q.top;
}
