#include "world_disk.h"
#include "disk_state.h"
#include "must.h"

enum { ANSWER_MAX = 256 };

struct waiting { /* not committed yet; then, with power cuts, not synced yet */
	uint64_t ticket;
	mesh_time_ms due;
	bool is_row, is_full; /* FULL: all until here is synced with it */
	union {
		struct disk_row row;
		struct disk_record record;
	};
};
struct wanted { /* MESH_WANT */
	uint64_t ticket, to;
	struct mesh_position at;
	uint32_t max_bytes;
	mesh_time_ms due;
};
struct queue { /* a ring */
	struct waiting *items;
	size_t first, count, cap;
};
struct world_disk {
	struct disk_state now;
	struct queue waiting;
	bool may_lose;          /* model what was committed and is not synced */
	struct disk_state safe; /* as of the last FULL commit */
	struct queue unsynced;
	struct wanted *wanted;
	size_t wanted_count, wanted_cap;
	struct mesh_record answer[ANSWER_MAX];
	struct shelf *shelf;           /* the world's */
	struct mesh_holding *holdings; /* as handed out */
	struct mesh_kept *kept;
	uint64_t *told; /* open addressing; 0 is empty */
	size_t told_count, told_cap;
};

struct world_disk *
disk_new(struct shelf *shelf)
{
	struct world_disk *d = must(calloc(1, sizeof *d));
	d->shelf = shelf;
	return d;
}

struct world_disk *
disk_copy(const struct world_disk *d)
{
	struct world_disk *c = disk_new(d->shelf);
	disk_state_copy(&c->now, &d->now);
	c->told_count = d->told_count;
	c->told_cap = d->told_cap;
	c->told = must(calloc(d->told_cap + 1, sizeof *c->told));
	for (size_t i = 0; i < d->told_cap; i++)
		c->told[i] = d->told[i];
	return c;
}

/* --- a ring --- */

static struct waiting *
queue_at(const struct queue *q, size_t i)
{
	return &q->items[(q->first + i) % q->cap];
}

static struct waiting *
queue_put(struct queue *q)
{
	if (q->count == q->cap) {
		size_t cap = q->cap > 0 ? 2 * q->cap : 16;
		struct waiting *items = must(calloc(cap, sizeof *items));
		for (size_t i = 0; i < q->count; i++)
			items[i] = *queue_at(q, i);
		free(q->items);
		*q = (struct queue){ items, 0, q->count, cap };
	}
	return queue_at(q, q->count++);
}

static struct waiting
queue_take(struct queue *q)
{
	struct waiting first = *queue_at(q, 0);
	q->first = (q->first + 1) % q->cap;
	q->count--;
	return first;
}

/* It is in no queue any more. */
static void
waiting_end(struct waiting *w)
{
	if (w->is_row)
		free(w->row.bytes);
}

static void
queue_free(struct queue *q)
{
	while (q->count > 0) {
		struct waiting w = queue_take(q);
		waiting_end(&w);
	}
	free(q->items);
}

void
disk_free(struct world_disk *d)
{
	disk_state_free(&d->now);
	disk_state_free(&d->safe);
	queue_free(&d->waiting);
	queue_free(&d->unsynced);
	free(d->wanted);
	free(d->holdings);
	free(d->kept);
	free(d->told);
	free(d);
}

/* --- what was ever told: the invariant "once" --- */

static uint64_t
hash_of(const struct mesh_position *at)
{
	uint64_t h = disk_hash((uint64_t)at->lane, &at->origin, sizeof at->origin);
	h = disk_hash(h, &at->epoch, sizeof at->epoch);
	h = disk_hash(h, &at->seq, sizeof at->seq);
	return h != 0 ? h : 1;
}

static bool
insert(uint64_t *set, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);
	for (; set[i] != 0; i = (i + 1) & (cap - 1))
		if (set[i] == hash)
			return false;
	set[i] = hash;
	return true;
}

static void
grow_told(struct world_disk *d)
{
	size_t cap = d->told_cap > 0 ? 2 * d->told_cap : 256;
	uint64_t *set = must(calloc(cap, sizeof *set));
	for (size_t i = 0; i < d->told_cap; i++)
		if (d->told[i] != 0)
			insert(set, cap, d->told[i]);
	free(d->told);
	d->told = set;
	d->told_cap = cap;
}

bool
disk_is_new(struct world_disk *d, const struct mesh_position *at)
{
	if (2 * d->told_count >= d->told_cap)
		grow_told(d);
	bool is_new = insert(d->told, d->told_cap, hash_of(at));
	d->told_count += is_new;
	return is_new;
}

static void
forget(struct world_disk *d, const struct mesh_position *at)
{
	uint64_t hash = hash_of(at), *old = d->told;
	d->told = must(calloc(d->told_cap, sizeof *d->told));
	d->told_count = 0;
	for (size_t i = 0; i < d->told_cap; i++)
		if (old[i] != 0 && old[i] != hash)
			d->told_count += insert(d->told, d->told_cap, old[i]);
	free(old);
}

/* --- losing --- */

void
disk_untell(struct world_disk *d, const struct mesh_position *at)
{
	forget(d, at);
}

static bool
is_told(const struct waiting *w)
{
	return !w->is_row && !w->record.is_settle && !w->record.is_purge;
}

/* What was only heard may be told again. */
static void
lose(struct world_disk *d, struct queue *q)
{
	while (q->count > 0) {
		struct waiting w = queue_take(q);
		if (is_told(&w))
			forget(d, &w.record.at);
		waiting_end(&w);
	}
}

void
disk_crash(struct world_disk *d)
{
	lose(d, &d->waiting);
	d->wanted_count = 0;
}

static void
apply(struct disk_state *s, const struct waiting *w, struct disk_outcome *out)
{
	if (w->is_row) {
		disk_state_row(s, &w->row);
		return;
	}
	if (w->record.is_purge) {
		disk_state_purge(s, &w->record.at.origin, w->record.at.epoch);
		return;
	}
	bool in = disk_state_record(s, &w->record, &out->live);
	out->has_live = in && mesh_lane_is_keyed(w->record.at.lane);
}

static void
sync(struct world_disk *d, size_t count)
{
	for (struct disk_outcome o; count > 0; count--) {
		struct waiting w = queue_take(&d->unsynced);
		apply(&d->safe, &w, &o);
		waiting_end(&w);
	}
}

/* A write-ahead log without sync: some first part of it reached the disk. */
void
disk_power_cut(struct world_disk *d, uint64_t dice)
{
	disk_crash(d);
	if (!d->may_lose)
		return;
	sync(d, (size_t)(dice % (d->unsynced.count + 1)));
	lose(d, &d->unsynced);
	disk_state_free(&d->now);
	disk_state_copy(&d->now, &d->safe);
}

void
disk_may_lose(struct world_disk *d)
{
	d->may_lose = true;
	disk_state_copy(&d->safe, &d->now);
}

struct disk_state *
disk_state_of(struct world_disk *d)
{
	return &d->now;
}

/* --- queueing --- */

static struct waiting *
wait_for(struct world_disk *d, uint64_t ticket, mesh_time_ms due)
{
	struct waiting *w = queue_put(&d->waiting);
	memset(w, 0, sizeof *w);
	w->ticket = ticket;
	w->due = due;
	return w;
}

void
disk_queue_row(struct world_disk *d, const struct mesh_event *e, mesh_time_ms due)
{
	struct waiting *w = wait_for(d, e->ticket, due);
	struct bytes_out out = bytes_out(
	    must(malloc(e->key.len + e->body.len + 1)), e->key.len + e->body.len);
	bytes_put_view(&out, e->key);
	bytes_put_view(&out, e->body);
	w->is_row = w->is_full = true;
	w->row = (struct disk_row){ out.ptr, (uint32_t)e->key.len,
		(uint32_t)e->body.len };
}

void
disk_queue_record(struct world_disk *d, const struct mesh_event *e, mesh_time_ms due)
{
	struct waiting *w = wait_for(d, e->ticket, due);
	const struct mesh_record *is = &e->record;
	struct disk_record *r = &w->record;
	bool keyed = mesh_lane_is_keyed(is->at.lane);
	struct bytes_view key;
	r->at = is->at;
	r->back = is->back;
	r->claims = is->claims;
	r->is_settle = e->kind == MESH_SETTLE;
	r->is_purge = w->is_full = e->kind == MESH_PURGE;
	if (r->is_settle || r->is_purge)
		return;
	w->is_full = is->at.lane == LANE_CONTROL || is->at.lane == LANE_ALERT;
	r->type = is->type;
	r->is_put = mesh_record_key(is, &key);
	r->is_drop = keyed && is->type == RECORD_DROP;
	r->is_checkpoint = keyed && is->type == RECORD_CHECKPOINT;
	if (keyed && !r->is_put && !r->is_drop && !r->is_checkpoint)
		r->type = DISK_WEIGHS;
	r->put = (struct disk_put){ .origin = is->at.origin,
		.lane = is->at.lane,
		.epoch = is->at.epoch,
		.seq = is->at.seq,
		.body = shelf_of(d->shelf, is) };
	if (r->is_put) {
		r->put.key_len = key.len;
		memcpy(r->put.key, key.ptr, key.len);
	}
}

void
disk_queue_want(struct world_disk *d, const struct mesh_event *e, mesh_time_ms due)
{
	d->wanted = grown(
	    d->wanted, d->wanted_count, &d->wanted_cap, sizeof *d->wanted);
	d->wanted[d->wanted_count++] = (struct wanted){ e->ticket, e->to, e->record.at,
		e->max_bytes, due };
}

static mesh_time_ms
commit_due(const struct world_disk *d)
{
	return d->waiting.count > 0 ? queue_at(&d->waiting, 0)->due : MESH_NEVER;
}

mesh_time_ms
disk_due(const struct world_disk *d)
{
	mesh_time_ms due = commit_due(d);
	return d->wanted_count > 0 && d->wanted[0].due < due ? d->wanted[0].due : due;
}

/* --- answering --- */

/* Append the record; false: the answer is long enough. */
static bool
show(struct world_disk *d, const struct body *body, struct disk_answer *out)
{
	if (out->count == ANSWER_MAX)
		return false;
	if (mesh_record_read(bytes_view(body->bundle, body->len),
		&d->answer[out->count++]) != MESH_OK)
		abort();
	return true;
}

static void
show_items(struct world_disk *d, const struct disk_held *h, const struct wanted *w,
    struct disk_answer *out)
{
	size_t bytes = 0;
	for (size_t i = 0; i < h->item_count; i++) {
		const struct disk_item *item = &h->items[i];
		if (item->seq < w->at.seq || item->seq > w->to)
			continue;
		bytes += item->body->len;
		if ((bytes > w->max_bytes && out->count > 0) ||
		    !show(d, item->body, out)) {
			out->upto = item->seq - 1;
			return;
		}
	}
}

/* Of an epoch that is over: what its origin needs to say it again. */
static void
show_older(struct world_disk *d, const struct wanted *w, struct disk_answer *out)
{
	for (size_t i = 0; i < d->now.put_count; i++) {
		const struct disk_put *put = &d->now.puts[i];
		if (put->lane != w->at.lane || put->epoch != w->at.epoch ||
		    put->seq < w->at.seq || put->seq > w->to ||
		    memcmp(&put->origin, &w->at.origin, sizeof put->origin) != 0)
			continue;
		if (!show(d, put->body, out))
			abort(); /* a test with so many keys needs order */
	}
}

bool
disk_answer(struct world_disk *d, mesh_time_ms now, struct disk_answer *out)
{
	if (d->wanted_count == 0 || d->wanted[0].due > now)
		return false;
	struct wanted w = d->wanted[0];
	memmove(d->wanted, d->wanted + 1, --d->wanted_count * sizeof w);
	const struct disk_held *h = disk_state_held(&d->now, &w.at);
	*out = (struct disk_answer){ w.ticket, w.to, d->answer, 0 };
	if (h != NULL)
		show_items(d, h, &w, out);
	else
		show_older(d, &w, out);
	return true;
}

/* --- committing --- */

bool
disk_commit(
    struct world_disk *d, mesh_time_ms now, enum mesh_err err, struct disk_outcome *out)
{
	if (commit_due(d) > now)
		return false;
	struct waiting w = queue_take(&d->waiting);
	*out = (struct disk_outcome){ .ticket = w.ticket };
	if (!w.is_row && !w.record.is_purge)
		out->at = w.record.at;
	if (err != MESH_OK) {
		/* Told and not kept: it comes again by repair, as PROTOCOL.md 10 has
		 * it. */
		if (is_told(&w))
			forget(d, &w.record.at);
		waiting_end(&w);
		return true;
	}
	apply(&d->now, &w, out);
	if (!d->may_lose) {
		waiting_end(&w);
		return true;
	}
	*queue_put(&d->unsynced) = w;
	if (w.is_full)
		sync(d, d->unsynced.count);
	return true;
}

/* --- reading --- */

const struct mesh_holding *
disk_holdings(struct world_disk *d, size_t *count)
{
	*count = d->now.held_count;
	free(d->holdings);
	d->holdings = must(calloc(*count + 1, sizeof *d->holdings));
	for (size_t i = 0; i < *count; i++)
		disk_state_holding(&d->now.held[i], &d->holdings[i]);
	return d->holdings;
}

const struct mesh_kept *
disk_kept(struct world_disk *d, size_t *count)
{
	*count = d->now.row_count;
	free(d->kept);
	d->kept = must(calloc(*count + 1, sizeof *d->kept));
	for (size_t i = 0; i < *count; i++) {
		const struct disk_row *r = &d->now.rows[i];
		d->kept[i] = (struct mesh_kept){ bytes_view(r->bytes, r->key_len),
			bytes_view(r->bytes + r->key_len, r->body_len) };
	}
	return d->kept;
}
