#include "world_disk.h"
#include "fields.h"
#include "must.h"

enum { KEY_MAX = 64, ROW_KEY_MAX = 80, ROW_BODY_MAX = 256, ANSWER_MAX = 256 };

struct row { /* MESH_KEEP */
	uint8_t key[ROW_KEY_MAX], body[ROW_BODY_MAX];
	size_t key_len, body_len;
};
struct put { /* the newest of a key */
	struct mesh_key origin;
	enum mesh_lane lane;
	uint64_t epoch, seq;
	uint8_t key[KEY_MAX];
	size_t key_len;
	const struct body *body;
};
struct item { /* a record that can be served */
	uint64_t seq;
	const struct body *body;
};
struct log { /* one (origin, lane, epoch), items in seq order */
	struct mesh_key origin;
	enum mesh_lane lane;
	uint64_t epoch;
	struct item *items;
	size_t count, cap;
};
struct wanted { /* MESH_WANT */
	uint64_t ticket, to;
	struct mesh_position at;
	uint32_t max_bytes;
	mesh_time_ms due;
};
struct waiting { /* not committed yet */
	uint64_t ticket;
	mesh_time_ms due;
	bool is_row, is_settle, is_put, is_drop, is_checkpoint;
	struct row row;
	struct mesh_position at;
	uint64_t back, claims;
	struct put put;
};
struct world_disk {
	struct row *rows;
	struct mesh_kept *kept;
	struct put *puts;
	struct mesh_holding *holdings;
	struct waiting *waiting;
	struct log *logs;
	struct wanted *wanted;
	struct shelf *shelf; /* the world's */
	uint64_t *told;      /* open addressing; 0 is empty */
	size_t row_count, put_count, holding_count, waiting_count, told_count, told_cap;
	size_t row_cap, kept_cap, put_cap, holding_cap, waiting_cap;
	size_t log_count, log_cap, wanted_count, wanted_cap;
	struct mesh_record answer[ANSWER_MAX];
};

struct world_disk *
disk_new(struct shelf *shelf)
{
	struct world_disk *d = must(calloc(1, sizeof *d));
	d->shelf = shelf;
	return d;
}

void
disk_free(struct world_disk *d)
{
	free(d->rows);
	free(d->kept);
	free(d->puts);
	free(d->holdings);
	free(d->waiting);
	for (size_t i = 0; i < d->log_count; i++)
		free(d->logs[i].items);
	free(d->logs);
	free(d->wanted);
	free(d->told);
	free(d);
}

/* --- what was ever told: the invariant "once" --- */

static uint64_t
mix(uint64_t h, uint64_t n)
{
	h = (h ^ n) * 0xff51afd7ed558ccdU;
	return h ^ h >> 29;
}

static uint64_t
hash_of(const struct mesh_position *at)
{
	uint64_t h = 1, part;
	for (size_t i = 0; i < sizeof at->origin.bytes; i += sizeof part) {
		memcpy(&part, at->origin.bytes + i, sizeof part);
		h = mix(h, part);
	}
	h = mix(mix(mix(h, at->epoch), at->seq), (uint64_t)at->lane + 1);
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
	for (size_t i = 0; i < d->told_cap; i++)
		if (old[i] != 0 && old[i] != hash)
			insert(d->told, d->told_cap, old[i]);
	d->told_count--;
	free(old);
}

/* What was only heard may be told again. */
void
disk_crash(struct world_disk *d)
{
	for (size_t i = 0; i < d->waiting_count; i++)
		if (!d->waiting[i].is_row && !d->waiting[i].is_settle)
			forget(d, &d->waiting[i].at);
	d->waiting_count = d->wanted_count = 0;
}

/* --- queueing --- */

static struct waiting *
wait_for(struct world_disk *d, uint64_t ticket, mesh_time_ms due)
{
	d->waiting = grown(
	    d->waiting, d->waiting_count, &d->waiting_cap, sizeof *d->waiting);
	struct waiting *w = &d->waiting[d->waiting_count++];
	memset(w, 0, sizeof *w);
	w->ticket = ticket;
	w->due = due;
	return w;
}

void
disk_queue_row(struct world_disk *d, const struct mesh_event *e, mesh_time_ms due)
{
	struct waiting *w = wait_for(d, e->ticket, due);
	if (e->key.len > ROW_KEY_MAX || e->body.len > ROW_BODY_MAX)
		abort();
	w->is_row = true;
	w->row.key_len = e->key.len;
	w->row.body_len = e->body.len;
	memcpy(w->row.key, e->key.ptr, e->key.len);
	memcpy(w->row.body, e->body.ptr, e->body.len);
}

void
disk_queue_record(struct world_disk *d, const struct mesh_event *e, mesh_time_ms due)
{
	struct waiting *w = wait_for(d, e->ticket, due);
	const struct mesh_record *r = &e->record;
	struct bytes_view key;
	bool keyed = mesh_lane_is_keyed(r->at.lane);
	w->at = r->at;
	w->back = r->back;
	w->claims = r->claims;
	w->is_settle = e->kind == MESH_SETTLE;
	if (w->is_settle)
		return;
	w->is_put = mesh_record_key(r, &key);
	w->is_drop = keyed && r->type == RECORD_DROP;
	w->is_checkpoint = keyed && r->type == RECORD_CHECKPOINT;
	w->put = (struct put){ .origin = r->at.origin,
		.lane = r->at.lane,
		.epoch = r->at.epoch,
		.seq = r->at.seq,
		.body = shelf_of(d->shelf, r) };
	if (w->is_put) {
		w->put.key_len = key.len;
		memcpy(w->put.key, key.ptr, key.len);
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

mesh_time_ms
disk_due(const struct world_disk *d)
{
	mesh_time_ms due = d->waiting_count > 0 ? d->waiting[0].due : MESH_NEVER;
	if (d->wanted_count > 0 && d->wanted[0].due < due)
		due = d->wanted[0].due;
	return due;
}

/* --- the logs --- */

static struct log *
find_log(const struct world_disk *d, const struct mesh_position *at)
{
	for (size_t i = 0; i < d->log_count; i++) {
		struct log *l = &d->logs[i];
		if (l->lane == at->lane && l->epoch == at->epoch &&
		    memcmp(&l->origin, &at->origin, sizeof at->origin) == 0)
			return l;
	}
	return NULL;
}

static void
keep_item(struct world_disk *d, const struct mesh_position *at, const struct body *body)
{
	struct log *l = find_log(d, at);
	if (l == NULL) {
		d->logs = grown(d->logs, d->log_count, &d->log_cap, sizeof *d->logs);
		l = &d->logs[d->log_count++];
		*l = (struct log){ at->origin, at->lane, at->epoch, NULL, 0, 0 };
	}
	l->items = grown(l->items, l->count, &l->cap, sizeof *l->items);
	size_t i = l->count++;
	for (; i > 0 && l->items[i - 1].seq > at->seq; i--)
		l->items[i] = l->items[i - 1];
	l->items[i] = (struct item){ at->seq, body };
}

static void
drop_item(struct world_disk *d, const struct put *put)
{
	struct mesh_position at = { put->origin, put->epoch, put->seq, put->lane };
	struct log *l = find_log(d, &at);
	for (size_t i = 0; l != NULL && i < l->count; i++) {
		if (l->items[i].seq != put->seq)
			continue;
		memmove(&l->items[i], &l->items[i + 1],
		    (--l->count - i) * sizeof *l->items);
		return;
	}
}

bool
disk_answer(struct world_disk *d, mesh_time_ms now, struct disk_answer *out)
{
	if (d->wanted_count == 0 || d->wanted[0].due > now)
		return false;
	struct wanted w = d->wanted[0];
	memmove(d->wanted, d->wanted + 1, --d->wanted_count * sizeof w);
	const struct log *l = find_log(d, &w.at);
	*out = (struct disk_answer){ w.ticket, w.to, d->answer, 0 };
	size_t bytes = 0;
	for (size_t i = 0; l != NULL && i < l->count; i++) {
		const struct item *item = &l->items[i];
		if (item->seq < w.at.seq || item->seq > w.to)
			continue;
		bytes += item->body->len;
		if (out->count == ANSWER_MAX ||
		    (bytes > w.max_bytes && out->count > 0)) {
			out->upto = item->seq - 1;
			break;
		}
		if (mesh_record_read(bytes_view(item->body->bundle, item->body->len),
			&d->answer[out->count++]) != MESH_OK)
			abort();
	}
	return true;
}

/* --- committing --- */

static void
commit_row(struct world_disk *d, const struct row *row)
{
	for (size_t i = 0; i < d->row_count; i++) {
		if (d->rows[i].key_len == row->key_len &&
		    memcmp(d->rows[i].key, row->key, row->key_len) == 0) {
			d->rows[i] = *row;
			return;
		}
	}
	d->rows = grown(d->rows, d->row_count, &d->row_cap, sizeof *d->rows);
	d->kept = must(realloc(d->kept, d->row_cap * sizeof *d->kept));
	d->rows[d->row_count++] = *row;
}

static struct mesh_holding *
holding_of(struct world_disk *d, const struct mesh_position *at)
{
	for (size_t i = 0; i < d->holding_count; i++)
		if (d->holdings[i].lane == at->lane &&
		    memcmp(&d->holdings[i].origin, &at->origin, sizeof at->origin) == 0)
			return &d->holdings[i];
	d->holdings = grown(
	    d->holdings, d->holding_count, &d->holding_cap, sizeof *d->holdings);
	struct mesh_holding *h = &d->holdings[d->holding_count++];
	memset(h, 0, sizeof *h);
	h->origin = at->origin;
	h->lane = at->lane;
	h->epoch = at->epoch;
	return h;
}

static bool
same_key(const struct put *a, const struct put *b)
{
	return a->lane == b->lane && a->epoch == b->epoch && a->key_len == b->key_len &&
	    memcmp(a->key, b->key, a->key_len) == 0 &&
	    memcmp(&a->origin, &b->origin, sizeof a->origin) == 0;
}

/* False: a later PUT of its key is here already. */
static bool
supersede(struct world_disk *d, struct mesh_holding *h, const struct put *put)
{
	for (size_t i = 0; i < d->put_count; i++) {
		struct put *old = &d->puts[i];
		if (!same_key(old, put))
			continue;
		if (old->seq > put->seq)
			return false;
		drop_item(d, old);
		if (put->key_len > 0) { /* no CHECKPOINT: those are not counted */
			mesh_live_remove(&h->live, old->body->leaf);
			mesh_live_add(&h->live, put->body->leaf);
		}
		*old = *put;
		return true;
	}
	d->puts = grown(d->puts, d->put_count, &d->put_cap, sizeof *d->puts);
	d->puts[d->put_count++] = *put;
	if (put->key_len > 0)
		mesh_live_add(&h->live, put->body->leaf);
	return true;
}

static void
commit_record(struct world_disk *d, const struct waiting *w, struct disk_outcome *out)
{
	struct mesh_holding *h = holding_of(d, &w->at);
	struct mesh_record r = { .at = w->at, .back = w->back, .claims = w->claims };
	if (mesh_holding_put(h, &r, NULL) != MESH_OK)
		return; /* a gap too many: withheld, as in the daemon */
	if (w->is_settle)
		return;
	bool live = !w->is_put && !w->is_checkpoint;
	if (w->is_put || w->is_checkpoint)
		live = supersede(d, h, &w->put);
	else if (w->is_drop)
		mesh_live_add(&h->live, w->put.body->leaf);
	if (live)
		keep_item(d, &w->at, w->put.body);
	out->has_live = mesh_lane_is_keyed(w->at.lane);
	out->live = h->live;
}

bool
disk_commit(
    struct world_disk *d, mesh_time_ms now, enum mesh_err err, struct disk_outcome *out)
{
	if (d->waiting_count == 0 || d->waiting[0].due > now)
		return false;
	struct waiting w = d->waiting[0];
	memmove(d->waiting, d->waiting + 1, --d->waiting_count * sizeof *d->waiting);
	*out = (struct disk_outcome){ .ticket = w.ticket };
	if (err != MESH_OK)
		return true;
	if (w.is_row)
		commit_row(d, &w.row);
	else
		commit_record(d, &w, out);
	return true;
}

/* --- reading --- */

const struct mesh_holding *
disk_holdings(const struct world_disk *d, size_t *count)
{
	*count = d->holding_count;
	return d->holdings;
}

const struct mesh_kept *
disk_kept(const struct world_disk *d, size_t *count)
{
	*count = d->row_count;
	for (size_t i = 0; i < d->row_count; i++)
		d->kept[i] = (struct mesh_kept){ bytes_view(d->rows[i].key,
						     d->rows[i].key_len),
			bytes_view(d->rows[i].body, d->rows[i].body_len) };
	return d->kept;
}

/* --- bodies --- */

struct plain_body {
	uint64_t number;
	struct bytes_view filler;
};
struct put_body {
	struct bytes_view key;
	uint64_t number;
};
/* clang-format off */
static const struct field plain_rows[] = {
	FIELD(struct plain_body, number, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Its number."),
	FIELD(struct plain_body, filler, UNIT_NONE, 0, 0, 0, "As long as a packet."),
};
static const struct field put_rows[] = {
	FIELD(struct put_body, key, UNIT_NONE, FIELD_REQUIRED, 1, KEY_MAX, "The state key."),
	FIELD(struct put_body, number, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Its value."),
}; /* clang-format on */
static const struct field_table plain_table = { .name = "plain",
	.rows = plain_rows,
	.count = LENGTH(plain_rows),
	.object_bytes = sizeof(struct plain_body),
	.has_offset = FIELD_NO_HAS };
static const struct field_table put_table = { .name = "put",
	.rows = put_rows,
	.count = LENGTH(put_rows),
	.object_bytes = sizeof(struct put_body),
	.has_offset = FIELD_NO_HAS };

void
disk_body(struct bytes_out *out, const char *key, uint64_t number, size_t filler)
{
	static const uint8_t zeros[2048];
	struct plain_body plain = { number, bytes_view(zeros, filler) };
	enum mesh_err err;
	if (key != NULL) {
		struct put_body put = { bytes_view(key, strlen(key)), number };
		err = mesh_body_encode(&put_table, &put, out);
	} else {
		err = mesh_body_encode(&plain_table, &plain, out);
	}
	if (err != MESH_OK)
		abort();
}

uint64_t
disk_number_of(const struct mesh_record *r)
{
	struct plain_body plain;
	struct put_body put;
	struct bytes_view key;
	if (mesh_record_key(r, &key))
		return mesh_body_decode(&put_table, r->body, &put, NULL) == MESH_OK
		    ? put.number
		    : UINT64_MAX;
	return mesh_body_decode(&plain_table, r->body, &plain, NULL) == MESH_OK
	    ? plain.number
	    : UINT64_MAX;
}
