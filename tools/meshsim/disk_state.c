#include "disk_state.h"
#include "disk_body.h"
#include "must.h"
#include <string.h>

/* --- rows --- */

static uint64_t
row_hash(const struct disk_row *r)
{
	return disk_hash(0, r->bytes, r->key_len);
}
static uint64_t
row_hash_at(const struct disk_state *s, size_t place)
{
	return row_hash(&s->rows[place]);
}
static bool
is_row(const struct disk_state *s, size_t place, const void *item)
{
	const struct disk_row *a = &s->rows[place], *b = item;
	return a->key_len == b->key_len && memcmp(a->bytes, b->bytes, a->key_len) == 0;
}

static struct disk_row
copy_of_row(const struct disk_row *row)
{
	struct disk_row copy = *row;
	size_t len = (size_t)row->key_len + row->body_len;
	copy.bytes = must(malloc(len + 1));
	memcpy(copy.bytes, row->bytes, len);
	return copy;
}

void
disk_state_row(struct disk_state *s, const struct disk_row *row)
{
	size_t slot = 0,
	       place = disk_index_seek(
		   &s->by_row, row_hash(row), is_row, s, row, &slot);
	if (place == SIZE_MAX) {
		s->rows = grown(s->rows, s->row_count, &s->row_cap, sizeof *s->rows);
		place = s->row_count++;
		s->rows[place] = copy_of_row(row);
		disk_index_widen(&s->by_row, s, row_hash_at);
		disk_index_put(&s->by_row, row_hash(row), place);
		s->by_row.count++;
		return;
	}
	free(s->rows[place].bytes);
	s->rows[place] = copy_of_row(row);
}

/* --- have-sets --- */

static uint64_t
held_hash(const struct mesh_key *origin, enum mesh_lane lane)
{
	return disk_hash((uint64_t)lane, origin, sizeof *origin);
}
static uint64_t
held_hash_at(const struct disk_state *s, size_t place)
{
	return held_hash(&s->held[place].origin, s->held[place].lane);
}
static bool
is_held(const struct disk_state *s, size_t place, const void *item)
{
	const struct disk_held *a = &s->held[place];
	const struct mesh_position *b = item;
	return a->lane == b->lane &&
	    memcmp(&a->origin, &b->origin, sizeof a->origin) == 0;
}

const struct disk_held *
disk_state_held(const struct disk_state *s, const struct mesh_position *at)
{
	uint64_t hash = held_hash(&at->origin, at->lane);
	size_t slot = 0,
	       place = disk_index_seek(&s->by_held, hash, is_held, s, at, &slot);
	return place != SIZE_MAX && s->held[place].epoch == at->epoch ? &s->held[place]
								      : NULL;
}

static struct disk_held *
held_of(struct disk_state *s, const struct mesh_position *at)
{
	uint64_t hash = held_hash(&at->origin, at->lane);
	size_t slot = 0,
	       place = disk_index_seek(&s->by_held, hash, is_held, s, at, &slot);
	if (place != SIZE_MAX)
		return &s->held[place];
	s->held = grown(s->held, s->held_count, &s->held_cap, sizeof *s->held);
	place = s->held_count++;
	s->held[place] = (struct disk_held){
		.origin = at->origin, .lane = at->lane, .epoch = at->epoch
	};
	disk_index_widen(&s->by_held, s, held_hash_at);
	disk_index_put(&s->by_held, hash, place);
	s->by_held.count++;
	return &s->held[place];
}

void
disk_state_holding(const struct disk_held *is, struct mesh_holding *out)
{
	out->origin = is->origin;
	out->lane = is->lane;
	out->epoch = is->epoch;
	out->live = is->live;
	out->run_count = is->run_count;
	if (is->run_count > 0)
		memcpy(out->runs, is->runs, is->run_count * sizeof *is->runs);
}

static void
keep(struct disk_held *is, const struct mesh_holding *h)
{
	if (h->run_count != is->run_count)
		is->runs = must(
		    realloc(is->runs, (h->run_count + 1) * sizeof *is->runs));
	is->epoch = h->epoch;
	is->live = h->live;
	is->run_count = h->run_count;
	memcpy(is->runs, h->runs, h->run_count * sizeof *is->runs);
}

static void
keep_item(struct disk_held *h, uint64_t seq, uint16_t type, const struct body *body)
{
	h->items = grown(h->items, h->item_count, &h->item_cap, sizeof *h->items);
	size_t i = h->item_count++;
	for (; i > 0 && h->items[i - 1].seq > seq; i--)
		h->items[i] = h->items[i - 1];
	h->items[i] = (struct disk_item){ seq, type, h->generation, body };
	h->drops += mesh_lane_is_keyed(h->lane) && type == RECORD_DROP;
}

/* The first one at or above that number. */
static size_t
item_at(const struct disk_held *h, uint64_t seq)
{
	size_t low = 0, high = h->item_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (h->items[middle].seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
drop_item(struct disk_held *h, uint64_t seq)
{
	size_t i = item_at(h, seq);
	if (h->items == NULL || i == h->item_count || h->items[i].seq != seq)
		return;
	h->drops -= mesh_lane_is_keyed(h->lane) && h->items[i].type == RECORD_DROP;
	memmove(
	    &h->items[i], &h->items[i + 1], (--h->item_count - i) * sizeof *h->items);
}

/* --- the newest of each key --- */

static uint64_t
put_hash(const struct disk_put *p)
{
	uint64_t h = disk_hash((uint64_t)p->lane, &p->origin, sizeof p->origin);
	return disk_hash(h ^ p->epoch, p->key, p->key_len);
}
static uint64_t
put_hash_at(const struct disk_state *s, size_t place)
{
	return put_hash(&s->puts[place]);
}
static bool
is_put(const struct disk_state *s, size_t place, const void *item)
{
	const struct disk_put *a = &s->puts[place], *b = item;
	return a->lane == b->lane && a->epoch == b->epoch && a->key_len == b->key_len &&
	    memcmp(a->key, b->key, a->key_len) == 0 &&
	    memcmp(&a->origin, &b->origin, sizeof a->origin) == 0;
}

/* False: a later one of its key is here already. */
static bool
supersede(struct disk_state *s, struct disk_held *is, struct mesh_holding *h,
    const struct disk_put *put)
{
	size_t slot = 0,
	       place = disk_index_seek(
		   &s->by_put, put_hash(put), is_put, s, put, &slot);
	bool counts = put->key_len > 0; /* a CHECKPOINT is not among what it counts */
	if (place != SIZE_MAX) {
		struct disk_put *old = &s->puts[place];
		if (old->seq > put->seq)
			return false;
		drop_item(is, old->seq);
		if (counts && !old->dead)
			mesh_live_remove(&h->live, old->body->leaf, old->body->weight);
		*old = *put;
	} else {
		s->puts = grown(s->puts, s->put_count, &s->put_cap, sizeof *s->puts);
		place = s->put_count++;
		s->puts[place] = *put;
		disk_index_widen(&s->by_put, s, put_hash_at);
		disk_index_put(&s->by_put, put_hash(put), place);
		s->by_put.count++;
	}
	if (counts)
		mesh_live_add(&h->live, put->body->leaf, put->body->weight);
	return true;
}

/* --- what is dropped --- */

static bool
was_dropped(const struct disk_held *h, uint64_t seq)
{
	struct mesh_run runs[64];
	for (size_t i = h->drops > 0 ? item_at(h, seq) : h->item_count;
	     i < h->item_count; i++) {
		if (h->items[i].type != RECORD_DROP)
			continue;
		for (size_t k = disk_body_runs(h->items[i].body, runs); k-- > 0;)
			if (seq >= runs[k].first && seq <= runs[k].last)
				return true;
	}
	return false;
}

/* The newest of its key is over; it stays to say that older ones are. */
static void
bury(struct disk_state *s, const struct body *body)
{
	struct disk_put what = { .body = body };
	struct mesh_record r;
	struct bytes_view key;
	size_t slot = 0;
	disk_body_read(body, &r);
	if (!mesh_record_key(&r, &key))
		return;
	what.origin = r.at.origin;
	what.lane = r.at.lane;
	what.epoch = r.at.epoch;
	what.key_len = key.len;
	memcpy(what.key, key.ptr, key.len);
	size_t place = disk_index_seek(
	    &s->by_put, put_hash(&what), is_put, s, &what, &slot);
	if (place != SIZE_MAX && s->puts[place].seq == r.at.seq)
		s->puts[place].dead = true;
}

static void
apply_drop(struct disk_state *s, struct disk_held *is, struct mesh_holding *h,
    const struct body *body)
{
	struct mesh_run runs[64];
	for (size_t k = disk_body_runs(body, runs); k-- > 0;)
		for (size_t i = item_at(is, runs[k].first);
		     i < is->item_count && is->items[i].seq <= runs[k].last;) {
			struct disk_item dead = is->items[i];
			if (dead.type != RECORD_PUT) {
				i++;
				continue;
			}
			mesh_live_remove(&h->live, dead.body->leaf, dead.body->weight);
			bury(s, dead.body);
			drop_item(is, dead.seq);
		}
	mesh_live_add(&h->live, body->leaf, body->weight);
}

static void
apply_floor(struct disk_held *is, struct mesh_holding *h, const struct body *body)
{
	uint64_t floor = is->drops > 0 ? disk_body_floor(body) : 0;
	for (size_t i = 0; i < is->item_count && is->items[i].seq < floor;) {
		struct disk_item one = is->items[i];
		if (one.type != RECORD_DROP) {
			i++;
			continue;
		}
		mesh_live_remove(&h->live, one.body->leaf, one.body->weight);
		drop_item(is, one.seq);
	}
}

bool
disk_state_compare(
    const struct disk_state *s, const struct mesh_position *at, bool *same)
{
	const struct disk_held *h = disk_state_held(s, at);
	if (h == NULL || h->run_count != 1 || h->runs[0].first != 1 ||
	    h->item_count == 0)
		return false;
	const struct disk_item *last = &h->items[h->item_count - 1];
	if (last->type != RECORD_CHECKPOINT || last->seq != h->runs[0].last)
		return false;
	*same = disk_body_agrees(last->body, &h->live);
	if (*same || disk_body_settled(last->body))
		return true;
	*same = h->checked_same;
	return h->checked_seq == last->seq;
}

bool
disk_state_lose(
    struct disk_state *s, const struct mesh_position *at, struct mesh_run lost)
{
	struct disk_held *is = held_of(s, at);
	struct mesh_holding h;
	disk_state_holding(is, &h);
	bool done = mesh_holding_lose(&h, lost) == MESH_OK;
	if (done)
		keep(is, &h);
	return done;
}

static bool
remove_item(struct disk_state *s, struct disk_held *is, uint64_t seq, bool counted)
{
	size_t i = item_at(is, seq);
	if (is->items == NULL || i == is->item_count || is->items[i].seq != seq)
		return false;
	struct disk_item one = is->items[i];
	if (counted && mesh_lane_is_keyed(is->lane) && one.type == DISK_WEIGHS)
		is->live.weight -= one.body->weight;
	else if (counted && one.type != RECORD_CHECKPOINT)
		mesh_live_remove(&is->live, one.body->leaf, one.body->weight);
	if (one.type == RECORD_PUT)
		bury(s, one.body);
	drop_item(is, seq);
	return true;
}

bool
disk_state_remove(struct disk_state *s, const struct mesh_position *at, bool counted)
{
	return remove_item(s, held_of(s, at), at->seq, counted);
}

void
disk_state_extend(struct disk_state *s, const struct mesh_position *at, uint64_t high)
{
	struct mesh_holding h;
	disk_state_holding(held_of(s, at), &h);
	h.runs[0] = (struct mesh_run){ 1, high };
	h.run_count = 1;
	keep(held_of(s, at), &h);
}

void
disk_state_anew(struct disk_state *s, const struct mesh_position *at)
{
	struct disk_held *is = held_of(s, at);
	is->generation++;
	is->run_count = 0;
}

void
disk_state_sweep(struct disk_state *s, const struct mesh_position *at)
{
	struct disk_held *is = held_of(s, at);
	struct mesh_position one = *at;
	for (size_t i = is->item_count; i-- > 0;) {
		one.seq = is->items[i].seq;
		if (is->items[i].generation != is->generation)
			(void)remove_item(s, is, one.seq, true);
	}
}

/* Its row stands here although its number was lost: it comes anew. */
static void
clear(struct disk_state *s, struct disk_held *is, uint64_t seq, struct mesh_holding *h)
{
	if (mesh_lane_is_keyed(is->lane) && remove_item(s, is, seq, true))
		h->live = is->live;
}

bool
disk_state_record(
    struct disk_state *s, const struct disk_record *r, struct mesh_live *live)
{
	struct disk_held *is = held_of(s, &r->at);
	struct mesh_record record = {
		.at = r->at, .back = r->back, .claims = r->claims
	};
	struct mesh_holding h;
	disk_state_holding(is, &h);
	if (mesh_holding_put(&h, &record, NULL) != MESH_OK)
		return false;
	if (h.epoch != is->epoch)
		is->item_count = is->drops = 0; /* of an older log: no longer served */
	bool lives = !r->is_settle;
	if (lives)
		clear(s, is, r->at.seq, &h);
	if (r->is_put || r->is_checkpoint)
		lives = supersede(s, is, &h, &r->put);
	else if (r->is_drop)
		apply_drop(s, is, &h, r->put.body);
	else if (lives && mesh_lane_is_keyed(is->lane))
		h.live.weight += r->put.body->weight;
	if (r->is_checkpoint && lives) { /* what it says holds before its floor does */
		bool whole = h.run_count == 1 && h.runs[0].first == 1;
		is->checked_seq = whole ? r->at.seq : 0;
		is->checked_same = disk_body_agrees(r->put.body, &h.live);
		apply_floor(is, &h, r->put.body);
	}
	if (r->is_put && lives && was_dropped(is, r->at.seq)) {
		mesh_live_remove(&h.live, r->put.body->leaf, r->put.body->weight);
		bury(s, r->put.body);
		lives = false;
	}
	if (lives)
		keep_item(is, r->at.seq, r->type, r->put.body);
	keep(is, &h);
	*live = h.live;
	return true;
}

void
disk_state_purge(struct disk_state *s, const struct mesh_key *origin, uint64_t epoch)
{
	for (size_t i = 0; i < s->held_count; i++) {
		struct disk_held *h = &s->held[i];
		if (h->epoch > epoch ||
		    memcmp(&h->origin, origin, sizeof h->origin) != 0)
			continue;
		h->epoch = 0;
		h->live = (struct mesh_live){ .count = 0 };
		h->run_count = 0;
		h->item_count = h->drops = 0;
	}
}

/* --- all of it --- */

static void *
copied(const void *block, size_t count, size_t each)
{
	void *copy = must(calloc(count + 1, each));
	if (count > 0)
		memcpy(copy, block, count * each);
	return copy;
}

static void
copy_index(struct disk_index *to, const struct disk_index *from)
{
	*to = *from;
	to->slots = copied(from->slots, from->cap, sizeof *from->slots);
}

void
disk_state_copy(struct disk_state *to, const struct disk_state *from)
{
	*to = *from;
	to->rows = copied(from->rows, from->row_cap, sizeof *from->rows);
	for (size_t i = 0; i < from->row_count; i++)
		to->rows[i] = copy_of_row(&from->rows[i]);
	to->puts = copied(from->puts, from->put_cap, sizeof *from->puts);
	to->held = copied(from->held, from->held_cap, sizeof *from->held);
	for (size_t i = 0; i < from->held_count; i++) {
		const struct disk_held *h = &from->held[i];
		to->held[i].runs = copied(h->runs, h->run_count, sizeof *h->runs);
		to->held[i].items = copied(h->items, h->item_cap, sizeof *h->items);
	}
	copy_index(&to->by_row, &from->by_row);
	copy_index(&to->by_put, &from->by_put);
	copy_index(&to->by_held, &from->by_held);
}

void
disk_state_free(struct disk_state *s)
{
	for (size_t i = 0; i < s->held_count; i++) {
		free(s->held[i].runs);
		free(s->held[i].items);
	}
	for (size_t i = 0; i < s->row_count; i++)
		free(s->rows[i].bytes);
	free(s->rows);
	free(s->puts);
	free(s->held);
	free(s->by_row.slots);
	free(s->by_put.slots);
	free(s->by_held.slots);
	*s = (struct disk_state){ .row_count = 0 };
}
