#include "inside_logs.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "rows.h"
#include "wire.h"

/* PROTOCOL.md 9: digests that differ -> SUM -> ROWS of the buckets that differ, both
 * ways -> each side pulls what it lacks (repair.c). */

enum { ROWS_AT_ONCE = 4 };

/* --- frames out --- */

bool
sync_send(struct mesh_site *s, struct neighbour *n, enum parcel_class class,
    enum parcel_keep keep, struct bytes_view frame)
{
	if (!peering_can(s, n, FEATURE_REPAIR))
		return false;
	struct handle parcel = parcel_of_frame(
	    &s->parcels, class, keep, frame, s->now.ms);
	bool put = spread_put(s, n, parcel);
	parcel_release(&s->parcels, parcel);
	return put;
}

struct bytes_view
sync_news(struct mesh_site *s, struct neighbour *n)
{
	if (!exchange_tells(&n->exchange, &s->holdings.digest))
		return bytes_view(NULL, 0);
	exchange_said(&n->exchange, &s->holdings.digest, s->now.ms);
	return bytes_view(digest_sum(&s->holdings.digest), DIGEST);
}

/* A PONG that answers nothing carries a digest like any other. */
static void
tell(struct mesh_site *s, struct neighbour *n)
{
	struct frame_pong pong = { .digest = sync_news(s, n) };
	spread_frame(s, n, FRAME_PONG, &frame_pong_table, &pong);
}

/* Whether it was told before or not: that may have been lost. */
static void
tell_again(struct mesh_site *s, struct neighbour *n)
{
	struct digest *ours = &s->holdings.digest;
	struct frame_pong pong = { .digest = bytes_view(digest_sum(ours), DIGEST) };
	exchange_said(&n->exchange, ours, s->now.ms);
	spread_frame(s, n, FRAME_PONG, &frame_pong_table, &pong);
}

static void
ask(struct mesh_site *s, struct neighbour *n)
{
	uint8_t briefs[DIGEST_BRIEFS], bytes[DIGEST_BRIEFS + 32];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct digest *ours = &s->holdings.digest;
	struct frame_sum sum = { .digest = bytes_view(digest_sum(ours), DIGEST),
		.briefs = bytes_view(briefs, sizeof briefs) };
	s->random(s->random_ctx, (uint8_t *)&sum.salt, sizeof sum.salt);
	digest_write(ours, sum.salt, briefs);
	if (wire_encode_numbered(&frame_sum_table, FRAME_SUM, &sum, &out) != MESH_OK)
		return;
	exchange_said(&n->exchange, ours, s->now.ms);
	n->sum_out = true;
	inside_count(s, COUNT_SYNC_EXCHANGE);
	(void)sync_send(s, n, PARCEL_P2, PARCEL_PLAIN, bytes_written(&out));
}

/* --- rows out --- */

/* How far a lane is held: to the end of its prefix or, for its own origin that must not
 * number anything again, to the last number that anybody has seen. */
enum extent { TO_PREFIX, TO_TOP };

/* What is not held from its first number on is shown from its lowest one. */
static struct mesh_run
held_of(const struct mesh_site *s, const struct holdings_row *row, enum mesh_lane lane,
    enum extent extent)
{
	struct mesh_run runs[MESH_RUNS], held = { 0, 0 };
	if (holdings_hides(&s->holdings, row->oid, lane))
		return held;
	size_t count = holdings_runs(&s->holdings, row, lane, runs);
	held.last = holdings_end(&s->holdings, row, lane);
	if (extent == TO_TOP && count > 0)
		held.last = runs[count - 1].last;
	if (held.last > 0 && count > 0)
		held.first = runs[0].first;
	return held;
}

static bool
put_row(const struct mesh_site *s, const struct holdings_row *row, enum extent extent,
    struct bytes_out *out)
{
	struct mesh_run held[HOLDINGS_LANES];
	for (size_t i = 0; i < HOLDINGS_LANES; i++)
		held[i] = held_of(s, row, (enum mesh_lane)(LANE_CONTROL + i), extent);
	return rows_put(out, row->oid, row->epoch, held);
}

static void
send_rows(struct mesh_site *s, struct neighbour *n, const struct rows *r, size_t count,
    struct bytes_view rows)
{
	uint8_t bytes[PARCEL_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	if (rows_write(r, count, rows, &out) == MESH_OK)
		(void)sync_send(s, n, PARCEL_P2, PARCEL_ACKED, bytes_written(&out));
}

/* The first frame of a session: what we hold of the other itself. */
static void
greet(struct mesh_site *s, struct neighbour *n)
{
	const struct peer *p = peers_at(&s->peers, n->peer);
	const struct holdings_row *row = holdings_of(&s->holdings, p->oid);
	uint8_t bytes[ROWS_ROW_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct rows r = { .last = true };
	size_t count = row != NULL && put_row(s, row, TO_TOP, &out);
	send_rows(s, n, &r, count, bytes_written(&out));
}

/* One frame of rows from n->rows_next on. */
static void
go_on(struct mesh_site *s, struct neighbour *n)
{
	uint8_t bytes[PARCEL_MAX - ROWS_AROUND_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct rows r = { .mask = n->rows_mask };
	const struct holdings_row *row;
	size_t count = 0;
	while ((row = holdings_walk(&s->holdings, &n->rows_next)) != NULL &&
	    out.cap - out.len >= ROWS_ROW_MAX) {
		if (n->rows_mask >> digest_bucket_of(row->oid) & 1)
			count += put_row(s, row, TO_PREFIX, &out);
		n->rows_next++;
	}
	r.last = row == NULL;
	send_rows(s, n, &r, count, bytes_written(&out));
	if (r.last)
		n->rows_mask = 0;
}

static void
tell_rows(struct neighbour *n, uint64_t mask)
{
	n->rows_mask |= mask;
	n->rows_next = 0;
}

/* --- our answer to ROWS that we asked for --- */

/* How far they hold a lane of ours; all of it, if its log has begun anew there. */
static uint64_t
told_end(struct rows theirs, const struct holdings_row *row, enum mesh_lane lane)
{
	struct rows_mark mark;
	uint64_t end = 0;
	while (rows_next(&theirs, &mark))
		if (memcmp(mark.oid.ptr, row->oid, sizeof row->oid) == 0) {
			if (mark.epoch > row->epoch)
				return UINT64_MAX;
			if (mark.epoch == row->epoch && mark.lane == lane)
				end = mark.held.last;
		}
	return end;
}

/* What of a row they lack. */
static bool
put_ahead(const struct mesh_site *s, const struct holdings_row *row,
    const struct rows *theirs, struct bytes_out *out)
{
	struct mesh_run held[HOLDINGS_LANES];
	for (size_t i = 0; i < HOLDINGS_LANES; i++) {
		enum mesh_lane lane = (enum mesh_lane)(LANE_CONTROL + i);
		held[i] = held_of(s, row, lane, TO_PREFIX);
		if (held[i].last > 0 && held[i].last <= told_end(*theirs, row, lane))
			held[i] = (struct mesh_run){ 0, 0 };
	}
	return rows_put(out, row->oid, row->epoch, held);
}

/* False: more than a frame holds; then all rows go as they are. */
static bool
tell_ahead(struct mesh_site *s, struct neighbour *n, const struct rows *theirs)
{
	uint8_t bytes[PARCEL_MAX - ROWS_AROUND_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct rows r = { .mask = theirs->mask, .last = true };
	const struct holdings_row *row;
	size_t count = 0;
	for (uint32_t i = 0; (row = holdings_walk(&s->holdings, &i)) != NULL; i++) {
		if ((theirs->mask >> digest_bucket_of(row->oid) & 1) == 0)
			continue;
		if (out.cap - out.len < ROWS_ROW_MAX)
			return false;
		count += put_ahead(s, row, theirs, &out);
	}
	if (count > 0)
		send_rows(s, n, &r, count, bytes_written(&out));
	return true;
}

/* --- frames in --- */

enum apply_verdict
sync_on_sum(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_sum sum;
	if (wire_decode_numbered(&frame_sum_table, in->frame->bytes, &sum, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	uint64_t mask = digest_differing(&s->holdings.digest, sum.salt, sum.briefs.ptr);
	exchange_heard(&in->n->exchange, sum.digest.ptr);
	if (mask == 0) {
		tell_again(s, in->n); /* it went by an old digest of ours, or none */
		return APPLY_DONE;
	}
	tell_rows(in->n, mask);
	exchange_asked(&in->n->exchange, s->now.ms);
	return APPLY_DONE;
}

static void
take_end(struct mesh_site *s, struct neighbour *n, const struct rows *rows)
{
	struct exchange *e = &n->exchange;
	lag_end(&n->lag, rows->mask);
	if (n->sum_out) {
		n->sum_out = false;
		if (n->rows_more || !tell_ahead(s, n, rows))
			tell_rows(n, rows->mask);
		n->rows_more = false;
		exchange_done(e, &s->holdings.digest, s->now.ms);
		if (e->is_settled)
			inside_count(s, COUNT_SYNC_SETTLED);
	}
}

/* It is not kept here, so that nobody is asked for it. */
static bool
passes_by(const struct mesh_site *s, const struct holdings_log *log)
{
	return s->replicate == REPLICATE_NONE &&
	    holdings_hides(&s->holdings, log->oid, log->lane);
}

enum apply_verdict
sync_on_rows(struct mesh_site *s, const struct apply_input *in)
{
	struct rows rows;
	struct rows_mark mark;
	if (rows_read(in->frame->bytes, &rows) != MESH_OK)
		return APPLY_BAD;
	const struct rows all = rows;
	bool asked = in->n->sum_out;
	bool counts = rows.mask != 0 &&
	    lag_rows(&in->n->lag, asked ? &s->holdings : NULL, rows.mask, s->now.ms);
	while (rows_next(&rows, &mark)) {
		struct holdings_log log = { .lane = mark.lane, .epoch = mark.epoch };
		memcpy(log.oid, mark.oid.ptr, sizeof log.oid);
		if (passes_by(s, &log))
			continue;
		if (counts)
			lag_mark(&in->n->lag, &s->holdings, &log, &mark.held);
		repair_offer(s, in->n, &log, mark.held);
	}
	exchange_answered(&in->n->exchange);
	if (rows.mask == 0)
		recover_greeted(s);
	if (rows.last && rows.mask != 0)
		take_end(s, in->n, &all);
	else if (rows.mask != 0)
		in->n->rows_more = asked;
	return APPLY_DONE;
}

void
sync_heard(struct mesh_site *s, struct neighbour *n, struct bytes_view digest)
{
	if (digest.len == DIGEST)
		exchange_heard(&n->exchange, digest.ptr);
	if (exchange_is_even(&n->exchange, &s->holdings.digest))
		lag_equal(&n->lag);
	if (peering_can(s, n, FEATURE_REPAIR) &&
	    exchange_due(&n->exchange, &s->holdings.digest, s->now.ms))
		ask(s, n);
}

/* --- time --- */

void
sync_begin(struct mesh_site *s, struct neighbour *n, bool new_life)
{
	exchange_begin(&n->exchange, s->now.ms);
	if (new_life) { /* what was asked in its former one is in no window of this */
		repair_part(s, n);
		pull_window_begin(&n->window);
	}
	n->sum_out = n->rows_more = false;
	n->rows_mask = 0;
	n->lag = (struct lag){ .known = false };
	greet(s, n);
}

static bool
has_rows(const struct neighbour *n)
{
	return n->rows_mask != 0 && pace_is_empty(&n->pace);
}

static bool
is_open(const struct mesh_site *s, const struct neighbour *n)
{
	return !n->left && n->closing == 0 && peering_is_open(s, n);
}

/* It acknowledges and answers pings, and says nothing of what it holds: nothing will
 * ever come from there. */
static void
blame_the_mute(struct mesh_site *s, struct neighbour *n)
{
	if (peering_can(s, n, FEATURE_REPAIR) && n->silent_ms == MESH_NEVER &&
	    exchange_is_mute(&n->exchange, s->now.ms))
		peering_blame(s, n->peer);
}

void
sync_tick(struct mesh_site *s)
{
	struct neighbour *n;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		if (!is_open(s, n))
			continue;
		for (int k = 0;
		     k < ROWS_AT_ONCE && n->rows_mask != 0 && (k > 0 || has_rows(n));
		     k++)
			go_on(s, n);
		sync_heard(s, n, bytes_view(NULL, 0));
		blame_the_mute(s, n);
		if (exchange_is_overdue(&n->exchange, &s->holdings.digest, s->now.ms))
			tell(s, n);
	}
	repair_tick(s);
}

mesh_time_ms
sync_deadline(const struct mesh_site *s)
{
	const struct neighbour *n;
	mesh_time_ms soonest = repair_deadline(s);
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		if (!is_open(s, n))
			continue;
		mesh_time_ms at = exchange_deadline(&n->exchange, &s->holdings.digest);
		if (has_rows(n))
			at = s->now.ms;
		if (at < soonest)
			soonest = at;
	}
	return soonest;
}
