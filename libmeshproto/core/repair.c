#include "inside_events.h"
#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "page.h"
#include "wire.h"

/* PROTOCOL.md 9, the side that lacks something: rows -> PULL -> PAGE ... -> stored. */

enum { PRESSURE_MS = 50 }; /* between looks whether the store has caught up */

static struct handle
handle_of(const struct mesh_site *s, const struct neighbour *n)
{
	return peers_at(&s->peers, n->peer)->neighbour;
}

static mesh_time_ms
answer_by(const struct mesh_site *s, const struct neighbour *n)
{
	uint32_t wait = 4 * n->hop.rtt.srtt_us / 1000;
	return s->now.ms + (wait > PULL_WAIT_MS ? wait : PULL_WAIT_MS);
}

/* --- asking --- */

/* What is on its way must find a place, so these stay for what nobody asks for; and the
 * store, which copies it, has room for some MiB. */
enum { NEWS_FLIGHTS = 256, PULLED_KIB = 4096 };

static uint32_t
news_flights(const struct mesh_site *s)
{
	uint32_t half = s->limits.pending / 2;
	return half < NEWS_FLIGHTS ? half : NEWS_FLIGHTS;
}

/* A store that has just refused something gets nothing that we would have to ask for.
 */
static bool
is_pressed(const struct mesh_site *s)
{
	return s->flights.free_count < news_flights(s) || s->flying_kib >= PULLED_KIB ||
	    s->now.ms < s->refused_ms;
}

static void
ask_piece(struct mesh_site *s, struct neighbour *n, struct pull *one)
{
	uint8_t bytes[80];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	pull_asked(&s->pulls, one, &n->window, answer_by(s, n));
	struct frame_pull pull = { .ticket = one->ticket,
		.oid = bytes_view(one->log.oid, sizeof one->log.oid),
		.epoch = one->log.epoch,
		.lane = (uint8_t)one->log.lane,
		.from = one->from,
		.to = one->to,
		.max_kib = (uint8_t)(one->bytes / 1024) };
	if (wire_encode_numbered(&frame_pull_table, FRAME_PULL, &pull, &out) != MESH_OK)
		return;
	inside_count(s, COUNT_SYNC_PULL);
	(void)sync_send(s, n, PARCEL_P2, PARCEL_PLAIN, bytes_written(&out));
}

/* As much as its window has room for, whose turn it is. */
static void
ask_more(struct mesh_site *s, struct neighbour *n)
{
	struct pull *one;
	while (!is_pressed(s) && pull_window_room(&n->window) > 0 &&
	    (one = pull_next(&s->pulls, handle_of(s, n), &n->window)) != NULL)
		ask_piece(s, n, one);
	s->pulls_wait = s->pulls_wait || is_pressed(s);
}

static void
ask_waiting(struct mesh_site *s)
{
	struct neighbour *n;
	s->pulls_wait = false;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		ask_more(s, n);
}

static void
begin(struct mesh_site *s, struct neighbour *n, const struct holdings_log *log,
    struct mesh_run run, uint64_t claimed)
{
	(void)pull_add(&s->pulls, handle_of(s, n), log, run, claimed);
	ask_more(s, n); /* or the next tick or answer, if there is no room now */
}

/* Numbers that this neighbour's row claims and we lack, from `run` on.  False: no slot
 * is left for them, or others bring them. */
static bool
begin_pull(struct mesh_site *s, struct neighbour *n, const struct holdings_log *log,
    struct mesh_run *run, uint64_t claimed)
{
	bool open = pull_is_open(&s->pulls, handle_of(s, n), log, run);
	exchange_found(&n->exchange, !open);
	pull_chunk(log, run);
	if (open)
		begin(s, n, log, *run, claimed);
	return open;
}

bool
repair_ask(struct mesh_site *s, struct neighbour *n, const struct holdings_log *log,
    struct mesh_run run, uint64_t claimed)
{
	uint64_t first = run.first;
	if (!pull_is_open(&s->pulls, handle_of(s, n), log, &run) || run.first != first)
		return false;
	begin(s, n, log, run, claimed > run.last ? claimed : run.last);
	return true;
}

void
repair_pull(struct mesh_site *s, struct neighbour *n, const struct holdings_log *log,
    struct mesh_run *run)
{
	uint32_t at = handle_of(s, n).index;
	if (!gaps_is_early(&s->gaps, log, run->first, at, s->now.ms))
		(void)begin_pull(s, n, log, run, run->last);
}

/* What of a log is on its way to the store. */
struct flying {
	struct mesh_run all[4 * MESH_RUNS];
	struct runs runs;
	const struct mesh_key *key; /* whose the last one was, ... */
	bool is_its;                /* ... and whether that is the log's origin */
};

/* Most are by one origin, and to name it costs a hash. */
static bool
is_flying(const struct mesh_site *s, const struct holdings_log *log,
    const struct flight *f, struct flying *out)
{
	if (f->at.lane != log->lane || f->at.epoch != log->epoch)
		return false;
	if (out->key == NULL || memcmp(out->key, &f->at.origin, sizeof *out->key) != 0)
		out->is_its = holdings_is_of(&s->holdings, log, &f->at.origin);
	out->key = &f->at.origin;
	return out->is_its;
}

/* A store takes its time to commit, and what is on its way there is not held yet; asked
 * for again it would come twice. */
static void
find_flying(
    const struct mesh_site *s, const struct holdings_log *log, struct flying *out)
{
	const struct flight *f;
	out->runs = (struct runs){ out->all, 0, LENGTH(out->all) };
	out->key = NULL;
	for (uint32_t i = 0; (f = pool_walk(&s->flights, &i)) != NULL; i++)
		if (is_flying(s, log, f, out) &&
		    runs_add(&out->runs, f->at.seq - f->claims + 1, f->at.seq) !=
			MESH_OK)
			return; /* the others come twice */
}

/* `run` becomes its first piece that does not fly.  False: this neighbour is not to be
 * asked for the beginning of that now. */
static bool
is_worth_asking(struct mesh_site *s, struct neighbour *n,
    const struct holdings_log *log, const struct mesh_run *held,
    const struct flying *flying, struct mesh_run *run)
{
	uint32_t at = handle_of(s, n).index;
	if (!runs_missing(&flying->runs, run->first, run->last, run)) {
		exchange_found(&n->exchange, false); /* it is being brought */
		return false;
	}
	if (run->first < held->first) { /* older than its oldest */
		if (run->last >= held->first)
			run->last = held->first - 1;
		gaps_denied(&s->gaps, log, *run, at, s->now.ms);
		return false;
	}
	if (!gaps_is_early(&s->gaps, log, run->first, at, s->now.ms))
		return true;
	exchange_found(&n->exchange, true);
	return false;
}

/* Nothing of that log would be taken: its origin began too many of late. */
static bool
is_too_new(const struct mesh_site *s, const struct holdings_log *log)
{
	uint32_t row;
	bool known = reach_find(&s->reach, log->oid, &row);
	const struct peer *p = known ? peers_walk(&s->peers, &row) : NULL;
	return p != NULL && !peers_may_renew(p, log->epoch, s->now.ms);
}

void
repair_offer(struct mesh_site *s, struct neighbour *n, const struct holdings_log *log,
    struct mesh_run held)
{
	struct mesh_run run;
	struct flying flying;
	if (memcmp(log->oid, s->oid, sizeof log->oid) == 0 &&
	    !recover_offer(s, n, log, held.last))
		return;
	if (is_too_new(s, log))
		return;
	if (!holdings_missing(&s->holdings, log, 1, held.last, &run))
		return;
	find_flying(s, log, &flying);
	for (uint64_t from = 1;
	     holdings_missing(&s->holdings, log, from, held.last, &run);
	     from = run.last + 1) {
		if (!is_worth_asking(s, n, log, &held, &flying, &run))
			continue;
		if (!begin_pull(s, n, log, &run, held.last))
			return; /* it may claim 2^40: no look at each chunk of them */
	}
}

/* --- answers --- */

/* The last one of this neighbour is done.  If there was no slot for some of what it
 * said, that shows in its rows. */
static void
hurry(struct mesh_site *s, struct neighbour *n)
{
	if (n->window.brought && pull_is_idle(&s->pulls, handle_of(s, n))) {
		n->window.brought = false;
		if (n->exchange.blocked)
			exchange_hurry(&n->exchange, s->now.ms);
	}
}

static void
drop(struct mesh_site *s, struct neighbour *n, struct pull *one)
{
	pull_answered(one, &n->window);
	pull_drop(&s->pulls, one);
	hurry(s, n);
}

/* A range is here.  The next one that its row claimed: or an origin with small gaps
 * would wait until all large ones of others are filled, before new rows are asked for.
 */
static void
go_on(struct mesh_site *s, struct neighbour *n, const struct pull *one)
{
	const struct holdings_log log = one->log;
	const struct mesh_run held = { one->begin, one->claimed };
	struct mesh_run run;
	struct flying flying;
	find_flying(s, &log, &flying);
	for (uint64_t from = pull_end(&s->pulls, &log) + 1;
	     holdings_missing(&s->holdings, &log, from, held.last, &run);
	     from = run.last + 1)
		if (is_worth_asking(s, n, &log, &held, &flying, &run)) {
			(void)begin_pull(s, n, &log, &run, held.last);
			return;
		}
}

static void
denied(struct mesh_site *s, struct neighbour *n, const struct holdings_log *log,
    uint64_t first, uint64_t last)
{
	struct mesh_run run;
	if (first <= last && holdings_missing(&s->holdings, log, first, last, &run))
		gaps_denied(&s->gaps, log, run, handle_of(s, n).index, s->now.ms);
}

/* The highest number that we hold a record for, signed by its origin. */
static uint64_t
proven_end(
    const struct mesh_site *s, const struct holdings_row *row, enum mesh_lane lane)
{
	struct mesh_run runs[MESH_RUNS];
	size_t count = holdings_runs(&s->holdings, row, lane, runs);
	return count > 0 ? runs[count - 1].last : 0;
}

/* What a page of a keyed lane passes over behind its last record: but of numbers that
 * the origin has not used yet, as far as we know, nobody else can say that they are
 * dead. */
static void
settle(struct mesh_site *s, struct neighbour *n, const struct holdings_log *log,
    struct mesh_run dead)
{
	const struct holdings_row *row = holdings_of(&s->holdings, log->oid);
	bool known = row != NULL && row->epoch == log->epoch;
	uint64_t end = known ? proven_end(s, row, log->lane) : 0;
	struct mesh_run run;
	if (dead.last > end) {
		denied(s, n, log, dead.first > end ? dead.first : end + 1, dead.last);
		dead.last = end;
	}
	if (!known || dead.first > dead.last ||
	    !holdings_missing(&s->holdings, log, dead.first, dead.last, &run))
		return;
	struct mesh_position at = { row->origin, log->epoch, dead.last, log->lane };
	events_settle(s, &at, dead.last - dead.first + 1);
}

/* All bundles of a page; `last` is the number of its last record. */
static enum apply_verdict
take_bundles(struct mesh_site *s, struct neighbour *n, const struct holdings_log *log,
    struct page *page, uint64_t *last)
{
	struct bytes_view bundle;
	enum apply_verdict all = APPLY_DONE;
	struct arrive_place at = { log, page->from - 1, page->to, 0 };
	while (page_next(page, &bundle)) {
		uint64_t before = at.after;
		enum apply_verdict one = arrive_page(s, n, bundle, &at);
		if (one == APPLY_BAD)
			return one;
		if (one == APPLY_PENDING)
			all = one;
		if (!record_lane_is_keyed(log->lane) && at.after > at.back)
			denied(s, n, log, before + 1, at.after - at.back);
	}
	*last = at.after;
	return page->bundles.failed ? APPLY_BAD : all;
}

void
repair_goes_on(struct mesh_site *s, const struct neighbour *n)
{
	struct handle h = handle_of(s, n);
	mesh_time_ms due = answer_by(s, n);
	struct pull *one;
	for (uint32_t i = 0; (one = pull_walk(&s->pulls, &i)) != NULL; i++)
		if (one->asked && one->neighbour.index == h.index &&
		    one->neighbour.generation == h.generation)
			pull_waits(one, due);
}

enum apply_verdict
repair_on_page(struct mesh_site *s, const struct apply_input *in)
{
	struct neighbour *n = in->n;
	struct page page;
	uint64_t last;
	if (page_read(in->frame->bytes, &page) != MESH_OK)
		return APPLY_BAD;
	struct pull *one = pull_find(&s->pulls, handle_of(s, n), page.ticket, true);
	if (one == NULL || one->log.lane != page.lane || one->log.epoch != page.epoch ||
	    memcmp(one->log.oid, page.oid.ptr, page.oid.len) != 0 ||
	    page.from < one->begin || page.to > one->to)
		return APPLY_DONE; /* asked for no more: given up, or all here */
	struct holdings_log log = one->log;
	enum apply_verdict verdict = take_bundles(s, n, &log, &page, &last);
	if (verdict != APPLY_DONE)
		return verdict;
	if (record_lane_is_keyed(log.lane))
		settle(s, n, &log, (struct mesh_run){ last + 1, page.to });
	else
		denied(s, n, &log, last + 1, page.to);
	repair_goes_on(s, n); /* the others wait behind it */
	pull_came(
	    one, &n->window, page.to, (uint32_t)in->frame->bytes.len, answer_by(s, n));
	if (one->state == PULL_ACTIVE && one->from > one->to) {
		pull_answered(one, &n->window);
		pull_drop(&s->pulls, one);
		go_on(s, n, one);
		hurry(s, n);
	} else if (one->state == PULL_ACTIVE && pull_is_whole(one)) {
		pull_answered(one, &n->window);
	}
	ask_waiting(s);
	return APPLY_DONE;
}

enum apply_verdict
repair_on_none(struct mesh_site *s, const struct apply_input *in)
{
	struct neighbour *n = in->n;
	struct frame_none none;
	if (wire_decode_numbered(&frame_none_table, in->frame->bytes, &none, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	struct pull *one = pull_find(&s->pulls, handle_of(s, n), none.ticket, false);
	if (one == NULL)
		return APPLY_DONE;
	inside_count(s, COUNT_SYNC_NONE);
	if (none.code == NONE_BUSY)
		return APPLY_DONE; /* asked again when it is late */
	if (none.code == NONE_END && pull_ends(one, none.low == 0 ? none.high : 0))
		return APPLY_DONE;
	pull_answered(one, &n->window);
	if (none.code == NONE_END) {
		ask_more(s, n);
		return APPLY_DONE;
	}
	struct holdings_log log = one->log;
	uint64_t first = one->from;
	denied(s, n, &log, first, one->to);
	drop(s, n, one);
	holes_denied(s, &log, first);
	ask_waiting(s);
	return APPLY_DONE;
}

/* --- time --- */

static void
late_tick(struct mesh_site *s)
{
	struct pull *one;
	for (uint32_t i = 0; (one = pull_walk(&s->pulls, &i)) != NULL; i++) {
		struct neighbour *n = pool_at(&s->neighbours, one->neighbour);
		if (n == NULL) {
			pull_drop(&s->pulls, one);
			continue;
		}
		if (!one->asked || one->due_ms > s->now.ms)
			continue;
		inside_count(s, COUNT_SYNC_TIMEOUT);
		if (pull_late(one, &n->window))
			continue;
		drop(s, n, one);
		if (pull_withholds(&n->window, s->now.ms) && n->silent_ms == MESH_NEVER)
			peering_blame(s, n->peer);
	}
}

void
repair_tick(struct mesh_site *s)
{
	late_tick(s);
	holes_tick(s);
	ask_waiting(s);
	serving_tick(s);
	sketching_tick(s);
}

/* What waited for the store is asked for as soon as that has made room: nothing else
 * may come that would wake us. */
static mesh_time_ms
pressure_deadline(const struct mesh_site *s)
{
	if (!s->pulls_wait || s->pulls.count == 0)
		return MESH_NEVER;
	if (!is_pressed(s))
		return s->now.ms;
	mesh_time_ms look = s->now.ms + PRESSURE_MS;
	return look > s->refused_ms ? look : s->refused_ms;
}

mesh_time_ms
repair_deadline(const struct mesh_site *s)
{
	mesh_time_ms soonest = pull_deadline(&s->pulls);
	mesh_time_ms serve = serve_deadline(&s->serve);
	mesh_time_ms pressure = pressure_deadline(s);
	if (pressure < soonest)
		soonest = pressure;
	if (holes_deadline(s) < soonest)
		soonest = holes_deadline(s);
	if (sketching_deadline(s) < soonest)
		soonest = sketching_deadline(s);
	return serve < soonest ? serve : soonest;
}

void
repair_part(struct mesh_site *s, struct neighbour *n)
{
	struct pull *one;
	struct handle h = handle_of(s, n);
	for (uint32_t i = 0; (one = pull_walk(&s->pulls, &i)) != NULL; i++)
		if (one->neighbour.index == h.index &&
		    one->neighbour.generation == h.generation)
			pull_drop(&s->pulls, one);
	serve_forget(&s->serve, h);
	gaps_part(&s->gaps, h.index);
	sketching_part(s, n);
}
