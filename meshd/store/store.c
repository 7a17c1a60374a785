#include "hit.h"
#include "kept_rows.h"
#include "store_inside.h"
#include "store_tables.h"
#include "text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	WRITES = 4096,
	WRITE_BYTES = 8 << 20,
	READS = 256,
	READ_BYTES = 8 << 20,
	TICK_MS = 60000
};

/* --- open and close --- */

static int
open_queues(struct store *s)
{
	struct queue_limits writes = { WRITES, WRITE_BYTES, WRITER_FULL };
	struct queue_limits reads = { READS, READ_BYTES, 1 };
	struct queue_limits syncs = { SIZE_MAX, SIZE_MAX, 1 }; /* they are writes */
	int err = queue_init(&s->writes, &writes, s->threads);
	if (err == 0)
		err = queue_init(&s->syncs, &syncs, s->threads);
	if (err == 0)
		err = queue_init(&s->reads, &reads, s->threads);
	return err;
}

static int
open_rooms(struct store *s, const struct store_params *params)
{
	const uint8_t *netid = params->netid != NULL ? s->netid : NULL;
	struct writer_params writer = { params->path, &s->faults, &s->writes,
		&s->syncer,
		{ params->packet_days, params->alert_days, params->metric_days,
		    params->max_bytes, params->per_origin },
		netid, params->self, params->others, s->threads };
	if (netid != NULL)
		memcpy(s->netid, params->netid, sizeof s->netid);
	int err = writer_open(&s->writer, &writer);
	if (err != 0)
		return err;
	bool in_memory = strcmp(params->path, ":memory:") == 0;
	struct syncer_params syncer = { in_memory ? NULL : params->path,
		s->writer.s.vfs, &s->syncs, &s->writes, &s->faults };
	err = syncer_open(&s->syncer, &syncer);
	if (err != 0)
		return err;
	store_said_open(s, syncer.path, params->self);
	struct reader_params reader = { s->threads ? params->path : NULL, &s->writer.s,
		s->writer.versions, &s->faults, netid, &s->writes };
	return reader_open(&s->reader, &reader);
}

int
store_open(struct store **out, const struct store_params *params)
{
	if (params->threads && strcmp(params->path, ":memory:") == 0)
		return -EINVAL; /* the reader could not see it */
	struct store *s = calloc(1, sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	s->threads = params->threads;
	s->wake = params->wake;
	s->wake_ctx = params->wake_ctx;
	s->retry = s->rest = s->said.fd = -1;
	request_list_init(&s->unwritten);
	s->writes.signal = s->syncs.signal = s->reads.signal = -1;
	int err = open_queues(s);
	if (err == 0)
		err = open_rooms(s, params);
	if (err == 0 && s->threads)
		err = store_threads_start(s);
	if (err == 0)
		*out = s;
	else
		store_close(s);
	return err;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (!s->threads && s->writer.s.db != NULL)
		store_work(s);
	store_threads_stop(s);
	reader_close(
	    &s->reader); /* first: the last one out folds the WAL into the file */
	syncer_close(&s->syncer);
	writer_close(&s->writer);
	store_said_close(s);
	queue_release(&s->reads);
	queue_release(&s->syncs);
	queue_release(&s->writes);
	free(s);
}

/* --- before the loop runs: the threads sleep, nothing is queued --- */

enum mesh_err
store_saved(struct store *s, struct store_saved *out)
{
	struct mesh_holding *holdings = NULL;
	struct mesh_kept *kept = NULL;
	*out = (struct store_saved){ .holding_count = 0 };
	enum mesh_err err = holding_rows_load(
	    &s->writer.s, &holdings, &out->holding_count);
	if (err == MESH_OK)
		err = kept_rows_load(
		    &s->writer.s, text("mesh"), &kept, &out->kept_count);
	out->holdings = holdings;
	out->kept = kept;
	if (err != MESH_OK)
		store_saved_free(out);
	return err;
}

/* const for the reader of the list, not for its owner. */
static void *
owned(const void *p)
{
	void *q;
	memcpy(&q, &p, sizeof q);
	return q;
}

void
store_saved_free(struct store_saved *saved)
{
	free(owned(saved->holdings));
	kept_rows_free(owned(saved->kept), saved->kept_count);
	*saved = (struct store_saved){ .holding_count = 0 };
}

enum mesh_err
store_keep_now(struct store *s, struct text_view room, struct bytes_view key,
    struct bytes_view value)
{
	return writer_keep_now(&s->writer, room, key, value);
}

enum mesh_err
store_kept(struct store *s, struct text_view room, struct bytes_view key,
    struct bytes_out *out)
{
	statements_clear(&s->writer.s);
	return kept_rows_find(&s->writer.s, room, key, out);
}

enum mesh_err
store_rebuild_views(struct store *s)
{
	return writer_rebuild(&s->writer);
}

enum mesh_err
store_forget_others(struct store *s, enum mesh_lane lane, const struct mesh_key *self)
{
	return writer_forget_others(&s->writer, lane, self);
}

enum mesh_err
store_recall_others(struct store *s, enum mesh_lane lane, const struct mesh_key *self)
{
	return writer_recall_others(&s->writer, lane, self);
}

/* --- the loop's verbs --- */

static enum mesh_err
send(struct store *s, struct queue *queue, struct request *r, enum store_count full)
{
	enum mesh_err err = r == NULL ? MESH_FULL : queue_put(queue, r);
	if (err == MESH_OK)
		return MESH_OK;
	faults_count(&s->faults, full);
	request_free(r);
	return err;
}

/* PROTOCOL.md 10: control and alert are on the disk when they count. */
static enum store_sync
sync_for(const struct mesh_record *r, enum store_sync sync)
{
	bool now = r->at.lane == LANE_CONTROL || r->at.lane == LANE_ALERT;
	bool gathers = sync == SYNC_GROUP || sync == SYNC_LATER;
	return now && gathers ? SYNC_NOW : sync;
}

static enum mesh_err
send_record(struct store *s, const struct mesh_record *r, enum store_sync sync,
    enum request_kind kind, uint64_t token)
{
	struct request *request = request_of_record(r, sync, token);
	if (request != NULL)
		request->kind = kind;
	return send(s, &s->writes, request, COUNT_FULL);
}

/* Told at once, unless a disk is in trouble: then only what is written is told. */
static enum mesh_err
send_twice(struct store *s, const struct mesh_record *r, uint64_t token)
{
	struct request *request = request_of_record(r, SYNC_TWICE, token);
	bool said = request != NULL && !store_is_readonly(s) &&
	    said_put(&s->said, r, token);
	if (said)
		request->said = true;
	else if (said_is_known(&s->said, &r->at))
		faults_count(&s->faults, COUNT_SAID_LATE);
	enum mesh_err err = send(s, &s->writes, request, COUNT_FULL);
	if (said && err != MESH_OK)
		said_take_back(&s->said);
	if (said && err == MESH_OK && s->wake != NULL)
		s->wake(s->wake_ctx);
	return err;
}

enum mesh_err
store_put_record(
    struct store *s, const struct mesh_record *r, enum store_sync sync, uint64_t token)
{
	if (sync == SYNC_TWICE)
		return send_twice(s, r, token);
	return send_record(s, r, sync_for(r, sync), REQUEST_RECORD, token);
}

enum mesh_err
store_put_local(struct store *s, const struct mesh_record *r, uint64_t token)
{
	return send_record(s, r, SYNC_GROUP, REQUEST_LOCAL, token);
}

enum mesh_err
store_settle(struct store *s, const struct mesh_record *r, uint64_t token)
{
	return send_record(s, r, sync_for(r, SYNC_GROUP), REQUEST_SETTLE, token);
}

enum mesh_err
store_purge(struct store *s, const struct mesh_record *r, uint64_t token)
{
	return send_record(s, r, SYNC_NOW, REQUEST_PURGE, token);
}

enum mesh_err
store_keep(struct store *s, struct text_view room, struct bytes_view key,
    struct bytes_view value, enum store_sync sync, uint64_t token)
{
	struct request *r = request_of_keep(room, key, value, token);
	if (r != NULL)
		r->sync = sync;
	return send(s, &s->writes, r, COUNT_FULL);
}

enum mesh_err
store_ask(struct store *s, const struct store_question *q, uint64_t token)
{
	return send(s, &s->reads, request_of_question(q, token), COUNT_READS_FULL);
}

enum mesh_err
store_fetch(
    struct store *s, const struct mesh_position *from, uint64_t count, uint64_t token)
{
	if (from->epoch == 0)
		return MESH_DENIED;
	uint64_t end = said_first(&s->said, from, count);
	if (end == from->seq) {
		faults_count(&s->faults, COUNT_READS_EARLY);
		return MESH_FULL;
	}
	struct request *r = request_of_fetch(from, count, token);
	if (r != NULL)
		r->as.fetch.end = end;
	return send(s, &s->reads, r, COUNT_READS_FULL);
}

enum mesh_err
store_find(struct store *s, const struct mesh_key *origin, enum mesh_lane lane,
    struct bytes_view key, uint64_t token)
{
	return send(
	    s, &s->reads, request_of_find(origin, lane, key, token), COUNT_READS_FULL);
}

enum mesh_err
store_over(struct store *s, const struct store_ending *q, uint64_t token)
{
	return send(s, &s->reads, request_of_over(q, token), COUNT_READS_FULL);
}

enum mesh_err
store_search(struct store *s, const struct store_search *q, uint64_t token)
{
	bool near = q->list || (q->dim > 0 && q->dim <= DOT_DIM_MAX);
	if (q->top == 0 || q->top > HIT_TOP_MAX || !near ||
	    q->hash.len > ENTRY_HASH_MAX)
		return MESH_MALFORMED;
	struct request *r = request_of_search(q, token);
	return r == NULL ? MESH_MALFORMED : send(s, &s->reads, r, COUNT_READS_FULL);
}

void
store_hurry(struct store *s, uint64_t token)
{
	queue_hurry(&s->reads, token);
}

enum mesh_err
store_sketch(struct store *s, const struct mesh_position *scopes, size_t count,
    struct mesh_run cells, uint64_t token)
{
	return send(s, &s->reads, request_of_sketch(scopes, count, cells, token),
	    COUNT_READS_FULL);
}

enum mesh_err
store_compare(struct store *s, const struct mesh_position *at, uint32_t first,
    struct bytes_view cells, uint32_t want, uint64_t token)
{
	struct request *r = request_of_bytes(at, cells, token);
	if (r != NULL) {
		r->as.compare.first = first;
		r->as.compare.want = want;
	}
	return send(s, &s->reads, r, COUNT_READS_FULL);
}

enum mesh_err
store_mend(struct store *s, const struct mesh_position *at,
    struct bytes_view differences, uint64_t token)
{
	struct request *r = request_of_bytes(at, differences, token);
	if (r != NULL)
		r->kind = REQUEST_MEND;
	return send(s, &s->writes, r, COUNT_FULL);
}

enum mesh_err
store_floor(struct store *s, const struct mesh_key *origin, enum mesh_lane lane,
    uint32_t days, uint64_t token)
{
	return send(s, &s->reads, request_of_floor(origin, lane, days, token),
	    COUNT_READS_FULL);
}

void
store_cancel(struct store *s, uint64_t token)
{
	queue_cancel(&s->reads, token);
}

static bool
is_minute_over(const struct store *s, unix_ms now)
{
	unix_ms since = now - s->last_tick;
	return s->last_tick == 0 || since < 0 || since >= TICK_MS;
}

void
store_tick(struct store *s, unix_ms now)
{
	bool readonly = store_is_readonly(s), due = is_minute_over(s, now);
	if (!readonly && (due || s->was_readonly))
		store_said_write_again(s);
	s->was_readonly = readonly;
	struct request *r = due ? request_of_tick(now) : NULL;
	if (r != NULL && queue_put(&s->writes, r) == MESH_OK)
		s->last_tick = now;
	else
		request_free(r);
}

/* What was told as written goes on to the disk. */
static bool
make_safe(struct store *s, struct request *r)
{
	r->outcome.written = false;
	r->told = true;
	bool goes_on = queue_put(&s->syncs, r) == MESH_OK;
	if (!s->threads)
		(void)syncer_work(&s->syncer);
	return goes_on;
}

/* Of those that were refused before it is news only that they are written now. */
static struct request *
next_done(struct store *s)
{
	struct request *r = queue_next_done(&s->writes);
	while (r != NULL && r->again && !store_said_is_news(s, r))
		r = queue_next_done(&s->writes);
	return r != NULL ? r : queue_next_done(&s->reads);
}

bool
store_next(struct store *s, struct store_outcome *out)
{
	*out = (struct store_outcome){ .written = true };
	store_said_forget_lent(s);
	if (said_tell(&s->said, &out->token))
		return true;
	struct request *r = next_done(s);
	if (r == NULL)
		return false;
	*out = r->outcome;
	r->outcome.page = NULL; /* the caller's now */
	if (r == s->lent)
		return true;
	bool goes_on = out->written ? make_safe(s, r) : store_said_keep(s, r);
	if (!goes_on)
		request_free(r);
	return true;
}

void
store_work(struct store *s)
{
	if (store_is_readonly(s))
		writer_probe(&s->writer);
	while (writer_work(&s->writer, -1) || writer_is_verifying(&s->writer))
		continue;
	(void)syncer_work(&s->syncer);
	writer_fold(&s->writer);
	while (store_read_next(s))
		continue;
}

/* --- what is known without a disk --- */

struct store_counts
store_counts(const struct store *s)
{
	return (
	    struct store_counts){ .nodes = atomic_load(&s->writer.counts[VIEW_NODE]),
		.packets = atomic_load(&s->writer.counts[VIEW_PACKET]),
		.alerts_open = atomic_load(&s->writer.firing),
		.bytes = atomic_load(&s->writer.bytes),
		.schema = STORE_SCHEMA };
}

bool
store_is_readonly(const struct store *s)
{
	return atomic_load(&s->faults.readonly);
}

bool
store_says_early(const struct store *s)
{
	return s->said.fd >= 0;
}

bool
store_is_full(const struct store *s)
{
	return store_is_readonly(s) && atomic_load(&s->faults.full);
}

uint64_t
store_version(const struct store *s, enum store_noun noun)
{
	enum view view;
	return view_of_noun(noun, &view) ? atomic_load(&s->writer.versions[view]) : 0;
}

uint64_t
store_counter(const struct store *s, size_t index)
{
	return index < STORE_COUNTS ? atomic_load(&s->faults.counts[index]) : 0;
}

void
store_page_free(struct store_page *page)
{
	free(page);
}
