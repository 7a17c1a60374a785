#include "search.h"
#include "describe.h"
#include "entry_rows.h"
#include "hit.h"
#include "view.h"
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

enum mesh_err
searcher_init(struct searcher *r, const struct search_list *list, uint8_t *json)
{
	*r = (struct searcher){ .s = list->s, .list = *list };
	r->json = json;
	vectors_init(&r->vectors, r->s, STATEMENTS_READ);
	size_t size = ((size_t)VECTORS_BLOCK + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	r->block = aligned_alloc(ALIGNMENT, size);
	r->scores = calloc(VECTORS_SLOTS, sizeof *r->scores);
	r->hits = calloc(NEAREST_MAX, sizeof *r->hits);
	bool good = r->block != NULL && r->scores != NULL && r->hits != NULL;
	return good ? MESH_OK : MESH_FULL;
}

void
searcher_release(struct searcher *r)
{
	vectors_forget(&r->vectors);
	free(r->block);
	free(r->scores);
	free(r->hits);
	*r = (struct searcher){ .s = NULL };
}

void
search_rest(struct searcher *r)
{
	vectors_forget(&r->vectors);
}

/* --- is it wanted? --- */

struct owner { /* the entry that a vector belongs to */
	int64_t row, kind;
	unix_ms expires_ms; /* 0: never */
	struct mesh_key origin;
};

static bool
find_owner(struct searcher *r, int64_t ref, struct owner *out)
{
	sqlite3_stmt *st = statement_of(r->s, ST_ENTRY_OF_VECTOR);
	bind_i64(st, 1, ref);
	bool found = statement_row(r->s, st);
	if (found) {
		out->row = column_i64(st, 0);
		out->kind = column_i64(st, 1);
		out->expires_ms = column_i64(st, 2);
		column_key(st, 3, &out->origin);
	}
	statement_end(st);
	return found;
}

static int64_t
kind_of(struct searcher *r, struct text_view type)
{
	sqlite3_stmt *st = statement_of(r->s, ST_ENTRY_KIND_FIND);
	bind_text(st, 1, type);
	return statement_i64(r->s, st, -1);
}

static enum mesh_err
read_entry(struct searcher *r, int64_t row, struct entry *out)
{
	struct arena arena = arena_init(r->list.room, VIEW_ARENA);
	return entry_rows_read(r->s, row, false, r->list.names, &arena, out);
}

/* What costs little is asked first. */
static bool
is_wanted(struct searcher *r, const struct search *search, const struct owner *o)
{
	const struct store_search *q = &search->q;
	struct entry entry;
	if (q->type.len > 0 && o->kind != search->kind)
		return false;
	if (q->now_ms != 0 && o->expires_ms != 0 && o->expires_ms <= q->now_ms)
		return false;
	if (q->has_origin && memcmp(&o->origin, &q->origin, sizeof o->origin) != 0)
		return false;
	return q->filter == NULL ||
	    (read_entry(r, o->row, &entry) == MESH_OK &&
		filter_eval(q->filter, &entry));
}

/* --- the walk --- */

struct slice {
	const atomic_bool *stop;
	size_t looks;
};

/* From search->slot on.  False: the slice is over. */
static bool
look_at(struct searcher *r, struct search *search, const struct vectors_room *room,
    struct slice *slice)
{
	struct owner owner;
	for (size_t slots = vectors_slots(room); search->slot < slots; search->slot++) {
		size_t i = search->slot;
		float score = r->scores[i];
		if (!nearest_wants(&search->nearest, score) || !vectors_has(room, i))
			continue;
		if (slice->looks++ == SEARCH_LOOKS || atomic_load(slice->stop))
			return false;
		struct nearest_row row = { score, vectors_ref(room, i), 0 };
		if (!find_owner(r, row.ref, &owner) || !is_wanted(r, search, &owner))
			continue;
		row.row = owner.row;
		nearest_put(&search->nearest, &row);
	}
	return true;
}

/* A block that does not read is damage: what is in it is not found.  False: the
 * slice is over. */
static bool
scan(struct searcher *r, struct search *search, const struct vectors_room *room,
    struct slice *slice)
{
	enum dot_dtype dtype;
	if (search->in != room->block)
		search->slot = 0;
	search->in = room->block;
	if (!vectors_read_block(&r->vectors, room, r->block, &dtype))
		return true;
	dot_rows(&search->query, dtype, r->block, vectors_slots(room), r->scores);
	return look_at(r, search, room, slice);
}

/* True: there is no block behind. */
static bool
walk_on(struct searcher *r, struct search *search, const atomic_bool *stop)
{
	struct vectors_room room;
	struct slice slice = { .stop = stop };
	for (size_t read = 0; read < SEARCH_SLICE; read += VECTORS_BLOCK) {
		if (atomic_load(stop))
			return false;
		if (!vectors_next_room(&r->vectors, &room))
			return true;
		if (!scan(r, search, &room, &slice))
			return false;
		search->after = room.block;
	}
	return false;
}

bool
search_walk(struct searcher *r, struct search *search, const atomic_bool *stop)
{
	if (search->q.list)
		return search_list_walk(&r->list, search, SEARCH_LOOKS, stop);
	search->kind = search->q.type.len > 0 ? kind_of(r, search->q.type) : 0;
	if (search->kind < 0) /* nobody says anything of that type */
		return true;
	vectors_walk(&r->vectors, search->query.dim, search->after);
	bool whole = walk_on(r, search, stop);
	vectors_walk_end(&r->vectors);
	return whole;
}

/* --- what was found --- */

struct found {
	struct store_page page;
	struct store_hit hits[];
};

/* Exactly, and as things are now.  False: it is gone, or not good enough. */
static bool
judge(struct searcher *r, const struct search *search, const struct nearest_row *row,
    struct store_hit *hit)
{
	struct owner owner;
	struct bytes_out out = bytes_out(r->block, VECTORS_BLOCK);
	enum dot_dtype dtype;
	if (!find_owner(r, row->ref, &owner) || owner.row != row->row ||
	    !vectors_read_typed(&r->vectors, row->ref, &dtype, &out) ||
	    out.len != search->query.dim * dot_width(dtype))
		return false;
	*hit = (struct store_hit){ .origin = owner.origin,
		.score = dot_exact(&search->query, dtype, out.ptr),
		.row = row->row };
	return hit->score >= search->q.least;
}

/* Its hash and the rest: only what may be shown is read.  False: the entry does not
 * read. */
static bool
name(struct searcher *r, struct store_hit *hit)
{
	struct entry entry;
	if (read_entry(r, hit->row, &entry) != MESH_OK)
		return false;
	hit->hash_len = (uint8_t)entry.hash.len;
	memcpy(hit->hash, entry.hash.ptr, entry.hash.len);
	hit->type_len = (uint8_t)entry.type.len;
	memcpy(hit->type, entry.type.ptr, entry.type.len);
	hit->said = seek_said_of(&entry);
	return true;
}

static int
by_score(const void *a, const void *b)
{
	const struct store_hit *x = a, *y = b;
	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	size_t len = x->hash_len < y->hash_len ? x->hash_len : y->hash_len;
	int order = memcmp(x->hash, y->hash, len);
	if (order == 0)
		order = (int)x->hash_len - (int)y->hash_len;
	return order != 0 ? order : memcmp(&x->origin, &y->origin, sizeof x->origin);
}

static void
put_json(const struct store_search *q, struct entry *entry, double score,
    struct bytes_out *out)
{
	struct hit shown = hit_of(entry, score);
	struct json_out json = json_out(out);
	const void *object = q->list ? (const void *)entry : &shown;
	describe_json(q->list ? &entry_table : &hit_table, object, q->audience, &json);
}

static void
put_metadata(const struct entry *entry, struct bytes_out *out)
{
	struct entry_meta alone = { entry->metadata };
	if ((entry->has >> ENTRY_METADATA & 1) != 0 &&
	    mesh_body_encode(&entry_meta_table, &alone, out) != MESH_OK)
		out->failed = true;
}

/* Which of the two views of the page it is. */
static void
keep_part(const struct store_search *q, struct store_hit *hit, struct bytes_view part)
{
	if (!q->told) {
		hit->json = (struct text_view){ (const char *)part.ptr, part.len };
		return;
	}
	hit->said.metadata = part;
	hit->said.bytes = (uint32_t)part.len;
	if (part.len > 0)
		hit->said.has |= 1U << SEEK_SAID_METADATA | 1U << SEEK_SAID_BYTES;
}

/* Append its JSON, or its metadata; false: no room, `out` is as it was. */
static bool
describe_hit(struct searcher *r, const struct store_search *q, struct store_hit *hit,
    struct bytes_out *out)
{
	struct entry entry;
	if (read_entry(r, hit->row, &entry) != MESH_OK)
		return false;
	struct bytes_out saved = *out;
	if (out->len > 0 && !q->told)
		bytes_put_u8(out, ',');
	size_t begin = out->len;
	if (q->told)
		put_metadata(&entry, out);
	else
		put_json(q, &entry, hit->score, out);
	if (out->failed) {
		*out = saved;
		return false;
	}
	keep_part(q, hit, bytes_view(out->ptr + begin, out->len - begin));
	return true;
}

/* Into one block of the caller's; the texts move with it. */
static struct store_page *
copy_page(struct bytes_view json, const struct store_hit *hits, size_t count, bool told)
{
	struct found *f = malloc(sizeof *f + count * sizeof *hits + json.len);
	if (f == NULL)
		return NULL;
	char *text = (char *)(f->hits + count);
	if (json.len > 0)
		memcpy(text, json.ptr, json.len);
	for (size_t i = 0; i < count; i++) {
		f->hits[i] = hits[i];
		if (told)
			f->hits[i].said.metadata.ptr = (const uint8_t *)text +
			    (hits[i].said.metadata.ptr - json.ptr);
		else
			f->hits[i].json.ptr = text +
			    (hits[i].json.ptr - (const char *)json.ptr);
	}
	f->page = (struct store_page){ .json = bytes_view(text, told ? 0 : json.len),
		.hits = f->hits,
		.count = count };
	return &f->page;
}

/* The kept rows, best first: as many as may be shown, and what equals the last one.
 * One that does not read makes room for the next. */
static size_t
judge_all(struct searcher *r, const struct search *search)
{
	struct store_hit *hits = r->hits;
	size_t found = 0, shown = 0, top = search->q.top;
	for (size_t i = 0; i < search->nearest.count; i++)
		found += judge(r, search, &search->nearest.rows[i], &hits[found]);
	qsort(hits, found, sizeof *hits, by_score);
	for (size_t i = 0; i < found; i++) {
		if (shown >= top && hits[i].score < hits[top - 1].score)
			break;
		hits[shown] = hits[i];
		shown += name(r, &hits[shown]);
	}
	qsort(hits, shown, sizeof *hits, by_score);
	return shown;
}

/* Of a list: what passed, as it is now. */
static size_t
look_up(struct searcher *r, const struct search *search)
{
	size_t found = 0;
	for (size_t i = 0; i < search->count; i++) {
		const struct search_row *row = &search->rows[i];
		r->hits[found] = (struct store_hit){
			.origin = row->origin, .score = row->confidence, .row = row->row
		};
		found += name(r, &r->hits[found]);
	}
	return found;
}

enum mesh_err
search_page(
    struct searcher *r, struct search *search, bool partial, struct store_page **out)
{
	struct store_hit *hits = r->hits;
	struct bytes_out json = bytes_out(r->json, SEARCH_PAGE);
	size_t count = 0,
	       found = search->q.list ? look_up(r, search) : judge_all(r, search);
	size_t wanted = found < search->q.top ? found : search->q.top;
	while (count < wanted && describe_hit(r, &search->q, &hits[count], &json))
		count++;
	*out = copy_page(bytes_written(&json), hits, count, search->q.told);
	if (*out == NULL)
		return MESH_FULL;
	(*out)->partial = partial || count < wanted;
	return MESH_OK;
}
