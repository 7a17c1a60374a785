#include "request.h"
#include "arena.h"
#include "bytes.h"
#include <assert.h>
#include <stdlib.h>

/* One block: the struct, then `extra` bytes for what its views point at. */
static struct request *
new_request(
    enum request_kind kind, size_t extra, uint64_t token, struct bytes_out *room)
{
	struct request *r = malloc(sizeof *r + extra);
	if (r == NULL)
		return NULL;
	*r = (struct request){
		.kind = kind, .bytes = sizeof *r + extra, .outcome = { .token = token }
	};
	*room = bytes_out(r + 1, extra);
	return r;
}

static struct bytes_view
copy_bytes(struct bytes_out *room, struct bytes_view v)
{
	uint8_t *copy = bytes_room(room, v.len);
	if (copy != NULL && v.len > 0)
		memcpy(copy, v.ptr, v.len);
	return bytes_view(copy, v.len);
}

static struct text_view
copy_text(struct bytes_out *room, struct text_view v)
{
	struct bytes_view copy = copy_bytes(room, bytes_view(v.ptr, v.len));
	return (struct text_view){ (const char *)copy.ptr, copy.len };
}

/* Where `part`, a piece of `whole`, lies in the copy of `whole`. */
static struct bytes_view
same_part(struct bytes_view copy, struct bytes_view whole, struct bytes_view part)
{
	bool inside = part.ptr >= whole.ptr &&
	    part.ptr + part.len <= whole.ptr + whole.len;
	return inside ? bytes_view(copy.ptr + (part.ptr - whole.ptr), part.len)
		      : bytes_view(NULL, 0);
}

/* A record's core is a part of its proof. */
struct request *
request_of_record(const struct mesh_record *from, enum store_sync sync, uint64_t token)
{
	struct bytes_out room;
	struct request *r = new_request(REQUEST_RECORD, from->proof.len, token, &room);
	if (r == NULL)
		return NULL;
	r->sync = sync;
	r->as.record = *from;
	r->as.record.proof = copy_bytes(&room, from->proof);
	r->as.record.core = same_part(r->as.record.proof, from->proof, from->core);
	r->as.record.body = same_part(r->as.record.proof, from->proof, from->body);
	return r;
}

struct request *
request_of_keep(struct text_view where, struct bytes_view key, struct bytes_view value,
    uint64_t token)
{
	struct bytes_out room;
	size_t len = where.len + key.len + value.len;
	struct request *r = new_request(REQUEST_KEEP, len, token, &room);
	if (r == NULL)
		return NULL;
	r->as.keep.room = copy_text(&room, where);
	r->as.keep.key = copy_bytes(&room, key);
	r->as.keep.value = copy_bytes(&room, value);
	return r;
}

static size_t
filter_bytes(const struct filter *f)
{
	size_t len = 0;
	for (size_t i = 0; f != NULL && i < f->term_count; i++)
		len += f->terms[i].word.len + f->terms[i].rest.len +
		    f->terms[i].text.len;
	return f == NULL ? 0 : len + sizeof *f;
}

/* First in its block, so that it is aligned. */
static const struct filter *
copy_filter(struct bytes_out *room, const struct filter *f)
{
	if (f == NULL)
		return NULL;
	struct filter *copy = (struct filter *)(void *)bytes_room(room, sizeof *f);
	assert(copy != NULL); /* filter_bytes counted it in */
	*copy = *f;
	for (size_t i = 0; i < f->term_count; i++) {
		struct filter_term *t = &copy->terms[i];
		t->word = copy_text(room, t->word);
		t->rest = copy_text(room, t->rest);
		t->text = copy_text(room, t->text);
	}
	return copy;
}

/* Of bytes alone: any place is aligned. */
static const struct id *
copy_ids(struct bytes_out *room, const struct id *ids, size_t count)
{
	uint8_t *copy = bytes_room(room, count * sizeof *ids);
	_Static_assert(_Alignof(struct id) == 1, "any place is aligned");
	if (copy != NULL && count > 0)
		memcpy(copy, ids, count * sizeof *ids);
	return (const struct id *)copy;
}

struct request *
request_of_question(const struct store_question *q, uint64_t token)
{
	struct bytes_out room;
	size_t len = filter_bytes(q->filter) + q->after.len + q->id.len +
	    q->except_count * sizeof *q->except;
	struct request *r = new_request(REQUEST_ASK, len, token, &room);
	if (r == NULL)
		return NULL;
	r->as.ask = *q;
	r->as.ask.filter = copy_filter(&room, q->filter);
	r->as.ask.after = copy_text(&room, q->after);
	r->as.ask.id = copy_text(&room, q->id);
	r->as.ask.except = copy_ids(&room, q->except, q->except_count);
	return r;
}

struct request *
request_of_fetch(const struct mesh_position *from, uint64_t count, uint64_t token)
{
	struct bytes_out room;
	struct request *r = new_request(REQUEST_FETCH, 0, token, &room);
	if (r == NULL)
		return NULL;
	r->as.fetch.from = *from;
	r->as.fetch.count = count;
	r->as.fetch.end = UINT64_MAX;
	return r;
}

struct request *
request_of_find(const struct mesh_key *origin, enum mesh_lane lane,
    struct bytes_view key, uint64_t token)
{
	struct bytes_out room;
	struct request *r = new_request(REQUEST_FIND, key.len, token, &room);
	if (r == NULL)
		return NULL;
	r->as.find.origin = *origin;
	r->as.find.lane = lane;
	r->as.find.key = copy_bytes(&room, key);
	return r;
}

struct request *
request_of_floor(
    const struct mesh_key *origin, enum mesh_lane lane, uint32_t days, uint64_t token)
{
	struct bytes_out room;
	struct request *r = new_request(REQUEST_FLOOR, 0, token, &room);
	if (r == NULL)
		return NULL;
	r->as.find.origin = *origin;
	r->as.find.lane = lane;
	r->as.find.most = days;
	return r;
}

struct request *
request_of_over(const struct store_ending *q, uint64_t token)
{
	struct bytes_out room;
	struct request *r = new_request(REQUEST_OVER, 0, token, &room);
	if (r != NULL)
		r->as.ending = *q;
	return r;
}

enum { OVERSAMPLE = 16, KEEP_MIN = 128 };

static size_t
keep_for(uint32_t top)
{
	size_t keep = (size_t)top * OVERSAMPLE;
	keep = keep < KEEP_MIN ? KEEP_MIN : keep;
	return keep < NEAREST_MAX ? keep : NEAREST_MAX;
}

/* Where a list begins: at the place's hash, what stands before it there is passed over.
 */
static void
begin_behind(struct search *search, const struct seek_place *after)
{
	size_t len = after->hash.len < ENTRY_HASH_MAX ? after->hash.len
						      : ENTRY_HASH_MAX;
	search->behind = *after;
	memcpy(search->hash, after->hash.ptr, len);
	search->behind.hash = bytes_view(search->hash, len);
	search->q.after = &search->behind;
	memcpy(search->place.bytes, search->hash, len);
	search->place.bytes[len] = search->place.bytes[len + 1] = 0;
	search->place.len = (uint8_t)(len + 2);
}

static void
begin_search(struct search *search)
{
	search->q.like = bytes_view(NULL, 0); /* it is in `query` */
	search->kind = search->after = search->in = 0;
	search->slot = 0;
	search->nearest.count = 0;
	search->nearest.keep = keep_for(search->q.top);
	search->place.len = 0;
	search->count = 0;
	if (search->q.after != NULL)
		begin_behind(search, search->q.after);
}

struct request *
request_of_search(const struct store_search *q, uint64_t token)
{
	struct bytes_out room;
	size_t len = sizeof(struct search) + filter_bytes(q->filter) + q->type.len +
	    q->hash.len;
	struct request *r = new_request(REQUEST_SEARCH, len, token, &room);
	if (r == NULL)
		return NULL;
	struct search *search = (void *)bytes_room(&room, sizeof *search);
	assert(search != NULL); /* counted in above */
	search->q = *q;
	search->q.filter = copy_filter(&room, q->filter);
	search->q.type = copy_text(&room, q->type);
	search->q.hash = copy_bytes(&room, q->hash);
	begin_search(search);
	r->as.search = search;
	if (q->list ||
	    dot_query_set(&search->query, (enum dot_dtype)q->dtype, q->dim, q->like))
		return r;
	request_free(r);
	return NULL;
}

struct request *
request_of_sketch(const struct mesh_position *scopes, size_t count,
    struct mesh_run cells, uint64_t token)
{
	struct bytes_out room;
	size_t len = count * sizeof *scopes;
	struct request *r = new_request(REQUEST_SKETCH, len, token, &room);
	if (r == NULL)
		return NULL;
	struct mesh_position *copy = (struct mesh_position *)(void *)bytes_room(
	    &room, len);
	assert(copy != NULL); /* behind the struct, and as long */
	memcpy(copy, scopes, len);
	r->as.sketch.scopes = copy;
	r->as.sketch.count = count;
	r->as.sketch.cells = cells;
	r->as.sketch.begun = false;
	return r;
}

struct request *
request_of_bytes(
    const struct mesh_position *at, struct bytes_view bytes, uint64_t token)
{
	struct bytes_out room;
	struct request *r = new_request(REQUEST_COMPARE, bytes.len, token, &room);
	if (r == NULL)
		return NULL;
	r->as.compare.at = *at;
	r->as.compare.bytes = copy_bytes(&room, bytes);
	r->as.compare.begun = false;
	return r;
}

struct request *
request_of_finding(const struct store_finding *f, uint64_t token)
{
	struct bytes_out room;
	struct request *r = new_request(REQUEST_FINDING, 0, token, &room);
	if (r != NULL)
		r->outcome.finding = *f;
	return r;
}

struct request *
request_of_tick(unix_ms now)
{
	struct bytes_out room;
	struct request *r = new_request(REQUEST_TICK, 0, 0, &room);
	if (r != NULL)
		r->as.tick = now;
	return r;
}

struct request *
request_of_look(const struct mesh_position *at)
{
	struct bytes_out room;
	struct request *r = new_request(REQUEST_LOOK, 0, 0, &room);
	if (r != NULL)
		r->as.look = *at;
	return r;
}

bool
request_gathers(const struct request *r)
{
	return r->sync == SYNC_GROUP || r->sync == SYNC_LATER;
}

bool
request_is_told(const struct request *r)
{
	return r->kind != REQUEST_TICK && r->kind != REQUEST_LOOK;
}

void
request_free(struct request *r)
{
	if (r == NULL)
		return;
	store_page_free(r->outcome.page);
	free(r);
}

void
request_list_init(struct request_list *l)
{
	*l = (struct request_list){ .first = NULL, .end = &l->first };
}

void
request_list_put(struct request_list *l, struct request *r)
{
	r->next = NULL;
	*l->end = r;
	l->end = &r->next;
	l->count++;
}

struct request *
request_list_take(struct request_list *l)
{
	struct request *r = l->first;
	if (r == NULL)
		return NULL;
	l->first = r->next;
	if (l->first == NULL)
		l->end = &l->first;
	l->count--;
	r->next = NULL;
	return r;
}

void
request_list_split(struct request_list *l, size_t n, struct request_list *rest)
{
	struct request **end = &l->first;
	if (n >= l->count)
		return;
	for (size_t i = 0; i < n; i++)
		end = &(*end)->next;
	*rest = (struct request_list){ *end, l->end, l->count - n };
	*end = NULL;
	l->end = end;
	l->count = n;
}

void
request_list_prepend(struct request_list *l, struct request_list *front)
{
	if (front->count == 0)
		return;
	*front->end = l->first;
	if (l->count == 0)
		l->end = front->end;
	l->first = front->first;
	l->count += front->count;
	request_list_init(front);
}
