#include "reach.h"
#include "messages.h"
#include "pack.h"
#include <assert.h>
#include <string.h>

/* Every oid in a list is `c4 08` and its 8 bytes: shortest forms only (shape.h). */
enum { ALIGN = 16, OID_HEAD = 2, OID_STEP = OID_HEAD + REACH_OID };

static size_t
rounded(size_t bytes)
{
	return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

size_t
reach_bytes(uint32_t cap)
{
	return rounded(cap * sizeof(struct reach_site)) +
	    rounded(table_bytes(cap, REACH_OID)) + rounded(cap * sizeof(uint32_t)) +
	    (size_t)cap * REACH_BOOK_PER_SITE;
}

void
reach_init(struct reach *r, void *block, uint32_t cap,
    const uint8_t secret[static TABLE_SECRET])
{
	uint8_t *at = block;
	*r = (struct reach){
		.sites = block, .cap = cap, .book_cap = cap * REACH_BOOK_PER_SITE
	};
	at += rounded(cap * sizeof(struct reach_site));
	table_init(&r->by_oid, at, cap, REACH_OID, secret);
	at += rounded(table_bytes(cap, REACH_OID));
	r->queue = (void *)at;
	at += rounded(cap * sizeof(uint32_t));
	r->book = at;
}

/* Generation 1 is any: rows are numbered by their owner. */
void
reach_add(struct reach *r, uint32_t index, const uint8_t oid[static REACH_OID])
{
	struct reach_site *s = &r->sites[index];
	*s = (struct reach_site){ .used = true };
	memcpy(s->oid, oid, REACH_OID);
	if (table_put(&r->by_oid, oid, (struct handle){ index, 1 }) != MESH_OK)
		s->used = false; /* cannot be: as many slots as rows */
}

/* --- the book: records one after the other, each behind its row and its length --- */

struct entry_head {
	uint16_t row, len;
};

/* Its place stays as it is until the book is full. */
static void
strike_out(struct reach *r, struct reach_site *s)
{
	r->book_live -= s->len + (uint32_t)sizeof(struct entry_head);
	s->len = 0;
	s->count = 0;
}

/* Close the gaps that struck records have left, in one pass over the book. */
static void
close_gaps(struct reach *r)
{
	struct entry_head head;
	uint32_t to = 0;
	for (uint32_t at = 0; at < r->book_len;
	     at += (uint32_t)sizeof head + head.len) {
		memcpy(&head, r->book + at, sizeof head);
		struct reach_site *s = &r->sites[head.row];
		if (s->len == 0 || s->at != at + sizeof head)
			continue;
		memmove(r->book + to, r->book + at, sizeof head + head.len);
		s->at = to + (uint32_t)sizeof head;
		to += (uint32_t)sizeof head + head.len;
	}
	r->book_len = to;
}

static void
write_in(struct reach *r, uint32_t index, struct bytes_view bundle)
{
	struct entry_head head = { (uint16_t)index, (uint16_t)bundle.len };
	if (r->book_len + sizeof head + bundle.len > r->book_cap)
		close_gaps(r);
	memcpy(r->book + r->book_len, &head, sizeof head);
	r->sites[index].at = r->book_len + (uint32_t)sizeof head;
	r->sites[index].len = head.len;
	memcpy(r->book + r->sites[index].at, bundle.ptr, bundle.len);
	r->book_len = r->sites[index].at + head.len;
	r->book_live += head.len + (uint32_t)sizeof head;
}

/* --- sites --- */

void
reach_remove(struct reach *r, uint32_t index)
{
	struct reach_site *s = &r->sites[index];
	if (s->len > 0)
		strike_out(r, s);
	if (s->used)
		table_remove(&r->by_oid, s->oid);
	*s = (struct reach_site){ .used = false };
	r->dirty = true;
}

bool
reach_is_links(const struct record *record)
{
	struct bytes_view key;
	static const struct bytes_view links = { (const uint8_t *)MESSAGE_LINKS_KEY,
		sizeof MESSAGE_LINKS_KEY - 1 };
	return record->at.lane == LANE_STATE && record_key(record, &key) &&
	    bytes_equal(key, links);
}

bool
reach_is_news(const struct reach *r, uint32_t index, const struct record *record)
{
	const struct reach_site *s = &r->sites[index];
	if (record->at.epoch != s->epoch)
		return record->at.epoch > s->epoch;
	return record->at.seq > s->seq;
}

/* [key, [boot, boot_id, [oid ...], ...]] */
static enum mesh_err
find_list(struct bytes_view body, uint64_t *boot, struct bytes_in *list, size_t *count)
{
	struct bytes_in in = bytes_in(body);
	(void)pack_read_array(&in);
	(void)pack_read_any(&in);
	size_t items = pack_read_array(&in);
	*boot = pack_read_uint(&in, UINT64_MAX);
	(void)pack_read_bin(&in);
	*count = pack_read_array(&in);
	if (in.failed || items < 3 || *count > REACH_LINKS)
		return MESH_MALFORMED;
	*list = in;
	for (size_t i = 0; i < *count; i++)
		if (pack_read_bin(&in).len != REACH_OID)
			return MESH_MALFORMED;
	return MESH_OK;
}

enum mesh_err
reach_learn(struct reach *r, uint32_t index, const struct reach_copy *copy,
    uint64_t *boot, mesh_time_ms now)
{
	struct reach_site *s = &r->sites[index];
	const struct record *record = copy->record;
	struct bytes_in list;
	size_t count;
	if (!s->used || find_list(record->body, boot, &list, &count) != MESH_OK)
		return MESH_MALFORMED;
	assert(list.ptr >= copy->bundle.ptr && copy->bundle.len <= UINT16_MAX);
	size_t oids_at = (size_t)(list.ptr - copy->bundle.ptr);
	uint32_t kept = s->len > 0 ? s->len + (uint32_t)sizeof(struct entry_head) : 0;
	if (r->book_live - kept + sizeof(struct entry_head) + copy->bundle.len >
	    r->book_cap)
		return MESH_FULL;
	if (s->len > 0)
		strike_out(r, s);
	write_in(r, index, copy->bundle);
	s->epoch = record->at.epoch;
	s->seq = record->at.seq;
	s->boot = *boot;
	s->oids_at = (uint16_t)oids_at;
	s->count = (uint8_t)count;
	s->heard_hops = copy->hops;
	s->heard_ms = now > copy->age_ms ? now - copy->age_ms : 0;
	r->dirty = true;
	return MESH_OK;
}

struct bytes_view
reach_kept(const struct reach *r, uint32_t index)
{
	const struct reach_site *s = &r->sites[index];
	return (struct bytes_view){ r->book + s->at, s->len };
}

static const uint8_t *
oid_at(const struct reach *r, const struct reach_site *s, size_t i)
{
	return r->book + s->at + s->oids_at + i * OID_STEP + OID_HEAD;
}

bool
reach_names(const struct reach *r, uint32_t index, const uint8_t oid[static REACH_OID])
{
	const struct reach_site *s = &r->sites[index];
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(oid_at(r, s, i), oid, REACH_OID) == 0)
			return true;
	return false;
}

bool
reach_has(const struct reach *r, uint32_t index)
{
	return r->sites[index].len > 0;
}

bool
reach_is_of(const struct reach *r, uint32_t index, uint64_t boot)
{
	return reach_has(r, index) && r->sites[index].boot == boot;
}

void
reach_set_passable(struct reach *r, uint32_t index, bool passable)
{
	r->dirty = r->dirty || r->sites[index].passable != passable;
	r->sites[index].passable = passable;
}

void
reach_set_linked(struct reach *r, uint32_t index, bool linked)
{
	r->dirty = r->dirty || r->sites[index].linked != linked;
	r->sites[index].linked = linked;
}

uint32_t
reach_count(const struct reach *r, uint32_t index)
{
	return r->sites[index].count;
}

bool
reach_find(const struct reach *r, const uint8_t oid[static REACH_OID], uint32_t *index)
{
	struct handle h = table_find(&r->by_oid, oid);
	*index = h.index;
	return h.generation != 0;
}

mesh_time_ms
reach_deadline(const struct reach *r)
{
	return r->dirty ? r->walk_ms : MESH_NEVER;
}

static uint8_t
one_more(uint8_t hops)
{
	return hops < UINT8_MAX ? (uint8_t)(hops + 1) : UINT8_MAX;
}

/* The rows that `s` names, that name it back, and that a path may lead over. */
static bool
next_link(const struct reach *r, const struct reach_site *s, size_t *i, uint32_t *row)
{
	while (*i < s->count) {
		struct handle h = table_find(&r->by_oid, oid_at(r, s, (*i)++));
		if (h.generation == 0 || !r->sites[h.index].passable ||
		    !reach_names(r, h.index, s->oid))
			continue;
		*row = h.index;
		return true;
	}
	return false;
}

/* Queue what is one hop further than `s`. */
static uint32_t
step_on(struct reach *r, const struct reach_site *s, uint32_t end)
{
	uint32_t row;
	for (size_t i = 0; next_link(r, s, &i, &row);) {
		struct reach_site *next = &r->sites[row];
		if (next->hops != REACH_FAR)
			continue;
		next->hops = one_more(s->hops);
		next->via = s->via;
		r->queue[end++] = row;
	}
	return end;
}

bool
reach_walk(struct reach *r, mesh_time_ms now)
{
	if (!r->dirty || now < r->walk_ms)
		return false;
	r->dirty = false;
	uint32_t end = 0;
	for (uint32_t i = 0; i < r->cap; i++) {
		struct reach_site *s = &r->sites[i];
		s->hops = REACH_FAR;
		if (s->used && s->linked && s->passable) {
			s->hops = 1;
			s->via = i;
			r->queue[end++] = i;
		}
	}
	for (uint32_t begin = 0; begin < end; begin++)
		end = step_on(r, &r->sites[r->queue[begin]], end);
	r->walk_ms = now + (end > 2 * REACH_GAP_MS ? end / 2 : REACH_GAP_MS);
	return true;
}

uint8_t
reach_hops(const struct reach *r, uint32_t index)
{
	return r->sites[index].hops;
}

uint32_t
reach_via(const struct reach *r, uint32_t index)
{
	return r->sites[index].via;
}

/* --- another way --- */

static void
forget_measures(struct reach *r)
{
	for (uint32_t i = 0; i < r->cap; i++)
		r->sites[i].measured = REACH_FAR;
}

/* On from the `end` rows in the queue, whose measure is known. */
static void
measure_on(struct reach *r, uint32_t end, uint32_t without)
{
	uint32_t row;
	for (uint32_t begin = 0; begin < end; begin++) {
		const struct reach_site *s = &r->sites[r->queue[begin]];
		for (size_t i = 0; next_link(r, s, &i, &row);) {
			struct reach_site *next = &r->sites[row];
			if (next->measured != REACH_FAR || row == without)
				continue;
			next->measured = one_more(s->measured);
			r->queue[end++] = row;
		}
	}
}

void
reach_measure(struct reach *r, uint32_t to, uint32_t without)
{
	forget_measures(r);
	r->sites[to].measured = 1;
	r->queue[0] = to;
	measure_on(r, 1, without);
}

uint8_t
reach_measured(const struct reach *r, uint32_t index)
{
	return r->sites[index].measured;
}

/* --- who could speak of a silence --- */

static void
measure_from_us(struct reach *r, uint32_t without)
{
	uint32_t end = 0;
	forget_measures(r);
	for (uint32_t i = 0; i < r->cap; i++) {
		struct reach_site *s = &r->sites[i];
		if (!s->used || !s->linked || !s->passable || i == without)
			continue;
		s->measured = 1;
		r->queue[end++] = i;
	}
	measure_on(r, end, without);
}

/* Ourselves and those we have a session with; then, if need be, those a walk finds. */
unsigned
reach_witnesses(struct reach *r, uint32_t index, const uint8_t self[static REACH_OID],
    unsigned enough)
{
	const struct reach_site *target = &r->sites[index];
	unsigned found = 0;
	for (int walked = 0; walked < 2 && found < enough; walked++) {
		found = reach_names(r, index, self);
		if (walked)
			measure_from_us(r, index);
		for (size_t i = 0; i < target->count && found < enough; i++) {
			struct handle h = table_find(&r->by_oid, oid_at(r, target, i));
			const struct reach_site *s = &r->sites[h.index];
			if (h.generation == 0)
				continue;
			found += walked ? s->measured != REACH_FAR
					: s->linked && s->passable;
		}
	}
	return found;
}
