#include "own.h"
#include "pack.h"
#include <assert.h>
#include <string.h>

/* [version, epoch, clean, reserved of lane 1, of lane 2 ..., rewrite, when (Unix
 * seconds, 0: no clock), [how many seconds each fork counted yet]]; those behind the
 * reserved ones are not in older rows. */
enum {
	ROW_VERSION = 1,
	ROW_HEAD = 3,
	ROW_LEAST = ROW_HEAD + LANE_COUNT - 1,
	ROW_FORKS = ROW_LEAST + 3
};

void
own_init(struct own *o, uint64_t epoch)
{
	*o = (struct own){ .epoch = epoch, .keep_due = true };
}

/* How many items; 0: unreadable. */
static size_t
read_head(struct bytes_in *in, uint64_t *epoch)
{
	size_t items = pack_read_array(in);
	uint64_t version = pack_read_uint(in, UINT64_MAX);
	*epoch = pack_read_uint(in, UINT64_MAX);
	(void)pack_read_uint(in, 1);
	bool sound = !in->failed && items >= ROW_LEAST && version == ROW_VERSION;
	return sound ? items : 0;
}

uint64_t
own_epoch_of(struct bytes_view body)
{
	struct bytes_in in = bytes_in(body);
	uint64_t epoch;
	return read_head(&in, &epoch) > 0 ? epoch : 0;
}

static uint64_t
unix_s(struct mesh_now now)
{
	return now.unix_ms > 0 ? (uint64_t)now.unix_ms / 1000 : 0;
}

static void
put_forks(const struct own *o, struct mesh_now now, struct bytes_out *out)
{
	pack_uint(out, unix_s(now));
	pack_array(out, OWN_FORKS);
	for (size_t i = 0; i < OWN_FORKS; i++) {
		mesh_time_ms until = o->forks_ms[i];
		pack_uint(out, until > now.ms ? (until - now.ms) / 1000 : 0);
	}
}

/* While we were down only the wall clock went on; without it they count longer. */
static void
read_forks(struct own *o, struct bytes_in *in, struct mesh_now now)
{
	uint64_t at = pack_read_uint(in, UINT64_MAX), is = unix_s(now);
	uint64_t away = at > 0 && is > at ? is - at : 0;
	size_t count = pack_read_array(in);
	for (size_t i = 0; i < count && i < OWN_FORKS; i++) {
		uint64_t left = pack_read_uint(in, UINT64_MAX);
		if (left > OWN_FORKS_MS / 1000)
			left = OWN_FORKS_MS / 1000;
		if (left > away)
			o->forks_ms[i] = now.ms + (left - away) * 1000;
	}
}

enum mesh_err
own_load(struct own *o, struct bytes_view body, struct mesh_now now)
{
	struct bytes_in in = bytes_in(body);
	uint64_t epoch, reserved[LANE_COUNT];
	size_t items = read_head(&in, &epoch);
	if (items == 0)
		return MESH_MALFORMED;
	for (size_t lane = 1; lane < LANE_COUNT; lane++)
		reserved[lane] = pack_read_uint(&in, UINT64_MAX);
	uint64_t rewrite = items > ROW_LEAST ? pack_read_uint(&in, UINT64_MAX) : 0;
	if (items >= ROW_FORKS)
		read_forks(o, &in, now);
	if (in.failed)
		return MESH_MALFORMED;
	if (epoch == o->epoch)
		o->rewrite = rewrite;
	for (size_t lane = 1; epoch == o->epoch && lane < LANE_COUNT; lane++)
		if (o->lane[lane].used < reserved[lane])
			o->lane[lane].used = o->lane[lane].reserved = reserved[lane];
	return MESH_OK;
}

void
own_learn(struct own *o, const struct mesh_holding *own)
{
	if (own->epoch != o->epoch || own->run_count == 0)
		return;
	assert(own->lane > LANE_LIVE && own->lane < LANE_COUNT);
	struct own_lane *lane = &o->lane[own->lane];
	lane->valid = own->runs[own->run_count - 1].last;
	lane->live = own->live;
	lane->live_known = true;
	if (lane->used < lane->valid) /* the row is older than the log */
		lane->used = lane->reserved = lane->valid;
}

/* --- reserving --- */

static bool
is_short(const struct own_lane *lane)
{
	return lane->reserved - lane->used < MESH_RESERVE / 2;
}

bool
own_keep_wanted(const struct own *o, mesh_time_ms now)
{
	return o->keep_due && !o->keep_under_way && now >= o->keep_after &&
	    o->epoch != 0;
}

void
own_keep_body(struct own *o, struct mesh_now now, struct bytes_out *out)
{
	o->keep_due = false;
	o->keep_under_way = true;
	pack_array(out, ROW_FORKS);
	pack_uint(out, ROW_VERSION);
	pack_uint(out, o->epoch);
	pack_uint(out, o->stopping);
	for (size_t i = 1; i < LANE_COUNT; i++) {
		struct own_lane *lane = &o->lane[i];
		lane->wanted = lane->reserved;
		if (o->stopping)
			lane->wanted = lane->used;
		else if (is_short(lane))
			lane->wanted += MESH_RESERVE;
		pack_uint(out, lane->wanted);
	}
	pack_uint(out, o->rewrite);
	put_forks(o, now, out);
}

void
own_kept(struct own *o, enum mesh_err err, mesh_time_ms now)
{
	o->keep_under_way = false;
	if (err != MESH_OK) {
		o->keep_due = true;
		o->keep_after = now + OWN_RETRY_MS;
		return;
	}
	for (size_t i = 1; i < LANE_COUNT; i++) {
		struct own_lane *lane = &o->lane[i];
		if (o->stopping || lane->reserved < lane->wanted)
			lane->reserved = lane->wanted;
	}
}

void
own_stop(struct own *o)
{
	o->stopping = true;
	o->keep_due = true;
}

/* --- numbering --- */

static bool
is_waited_for(const struct own *o)
{
	uint32_t waiting = 0;
	for (size_t i = 0; i < LENGTH(o->lane); i++)
		waiting += o->lane[i].in_flight;
	return waiting >= OWN_WAITS;
}

enum mesh_err
own_take(struct own *o, enum mesh_lane number, uint32_t weight, uint64_t *seq,
    uint64_t *back)
{
	struct own_lane *lane = &o->lane[number];
	if (number == LANE_LIVE) {
		*seq = ++lane->used;
		*back = 0;
		return MESH_OK;
	}
	if (o->phase == OWN_QUIET)
		return MESH_DENIED;
	if (o->stopping || o->phase != OWN_READY || lane->used >= lane->reserved ||
	    lane->reserved - lane->used < weight || lane->refused > 0 ||
	    is_waited_for(o))
		return MESH_FULL;
	/* Nothing under way: what was given out above `valid` has failed, or belongs to
	 * an earlier life; either way it is void. */
	uint64_t before = lane->in_flight == 0 ? lane->valid : lane->used;
	*seq = lane->used += weight;
	*back = *seq - before;
	lane->in_flight++;
	lane->weighing += weight;
	if (is_short(lane))
		o->keep_due = true;
	return MESH_OK;
}

static void
changed(struct own_lane *lane, mesh_time_ms now)
{
	if (lane->changes++ == 0)
		lane->first_change = now;
	lane->last_change = now;
}

/* Nothing but the DROPs that its floor ended makes a lane less.  Those of an earlier
 * run may be among them: what is left is the least. */
static void
take_ended(struct own_lane *lane, uint64_t weight)
{
	uint64_t ended = weight > lane->live.weight ? weight - lane->live.weight : 0;
	lane->tombs -= ended < lane->tombs ? (uint32_t)ended : lane->tombs;
}

/* What was to be said with it is said now, and not before.  `weight` of the lane before
 * it. */
static void
told(struct own_lane *lane, uint64_t seq, uint64_t weight, mesh_time_ms now)
{
	bool again = lane->tomb_saying > lane->tomb_told;
	take_ended(lane, weight);
	lane->tomb_told = lane->tomb_saying;
	lane->changes = 0;
	if (lane->tomb_told == seq) {
		lane->swept = true;
		lane->tombs = 0;
		lane->crowded = false;
	}
	if (again || lane->crowded)
		changed(lane, now);
}

void
own_stored(struct own *o, const struct own_outcome *what, mesh_time_ms now)
{
	struct own_lane *lane = &o->lane[what->lane];
	assert(lane->in_flight > 0);
	lane->in_flight--;
	/* What was taken for it may be one more than it came to. */
	lane->weighing = lane->in_flight > 0 ? lane->weighing - what->weight : 0;
	if (what->err != MESH_OK) {
		if (what->kind == OWN_CHECKPOINT)
			own_checkpoint_later(o, what->lane, now);
		return;
	}
	uint64_t weight = lane->live.weight;
	if (lane->valid < what->seq)
		lane->valid = what->seq;
	if (what->live != NULL) {
		lane->live = *what->live;
		lane->live_known = true;
	}
	if (what->kind == OWN_DROP)
		lane->tombs += what->weight;
	if (what->kind == OWN_CHECKPOINT)
		told(lane, what->seq, weight, now);
	else
		changed(lane, now);
}

void
own_refused(struct own *o, enum mesh_lane lane)
{
	o->lane[lane].refused++;
	assert(o->lane[lane].refused <= o->lane[lane].in_flight);
}

void
own_decided(struct own *o, enum mesh_lane lane)
{
	assert(o->lane[lane].refused > 0);
	o->lane[lane].refused--;
}

bool
own_must_decide(const struct own *o, enum mesh_lane lane)
{
	const struct own_lane *l = &o->lane[lane];
	return l->refused > 0 && l->refused == l->in_flight;
}

/* --- what others hold of us --- */

void
own_hold(struct own *o, mesh_time_ms now)
{
	o->phase = OWN_HOLD;
	o->until_ms = now + OWN_HOLD_MS;
}

/* A commit under way was about the former epoch: its outcome must reserve nothing. */
void
own_begin(struct own *o, uint64_t epoch)
{
	for (size_t i = 1; i < LANE_COUNT; i++) {
		struct own_lane *lane = &o->lane[i];
		*lane = (struct own_lane){ .in_flight = lane->in_flight,
			.weighing = lane->weighing,
			.refused = lane->refused };
		o->target[i] = 0;
	}
	o->epoch = epoch;
	o->keep_due = true;
}

void
own_longer(struct own *o, enum mesh_lane lane, uint64_t high, mesh_time_ms now)
{
	if (o->phase != OWN_RECOVER)
		o->until_ms = now + OWN_RECOVER_MS;
	o->phase = OWN_RECOVER;
	if (o->target[lane] < high)
		o->target[lane] = high;
}

void
own_recovered(
    struct own *o, enum mesh_lane number, uint64_t seq, const struct mesh_live *live)
{
	struct own_lane *lane = &o->lane[number];
	if (lane->valid < seq)
		lane->valid = seq;
	if (live == NULL)
		return;
	lane->live = *live;
	lane->live_known = true;
}

void
own_go_on(struct own *o)
{
	for (size_t i = 1; i < LANE_COUNT; i++) {
		struct own_lane *lane = &o->lane[i];
		if (lane->used < o->target[i])
			lane->used = lane->reserved = o->target[i] + OWN_LEAP;
	}
	o->phase = OWN_READY;
	o->keep_due = true;
}

void
own_quiet(struct own *o)
{
	o->phase = OWN_QUIET;
}

bool
own_forked(struct own *o, mesh_time_ms now)
{
	mesh_time_ms *last = &o->forks_ms[OWN_FORKS - 1];
	memmove(o->forks_ms, o->forks_ms + 1, sizeof o->forks_ms - sizeof *last);
	*last = now + OWN_FORKS_MS;
	if (o->forks_ms[0] <= now)
		return true;
	own_quiet(o);
	return false;
}

/* --- checkpoints --- */

static bool
is_keyed(size_t lane)
{
	return lane == LANE_CONTROL || lane == LANE_STATE || lane == LANE_REGISTRY;
}

static mesh_time_ms
checkpoint_at(const struct own_lane *lane)
{
	if (lane->changes == 0 || !lane->live_known || lane->in_flight > 0)
		return MESH_NEVER; /* in flight: its outcome wakes us */
	mesh_time_ms quiet = lane->last_change + OWN_QUIET_MS;
	mesh_time_ms at = lane->first_change + OWN_LONGEST_MS;
	if (quiet < at)
		at = quiet;
	if (lane->changes >= OWN_CHANGES)
		at = lane->last_change;
	return at > lane->checkpoint_after ? at : lane->checkpoint_after;
}

/* While old PUTs are written again the lane is not yet what its sum would say. */
static bool
may_checkpoint(const struct own *o)
{
	return !o->stopping && o->phase == OWN_READY && o->rewrite == 0;
}

void
own_retire(struct own *o, enum mesh_lane lane, uint64_t floor)
{
	struct own_lane *l = &o->lane[lane];
	if (floor > l->tomb_floor && floor <= l->used + 1)
		l->tomb_floor = floor;
}

void
own_crowd(struct own *o, enum mesh_lane lane, mesh_time_ms now)
{
	struct own_lane *l = &o->lane[lane];
	if (l->tombs == 0 && l->swept)
		return;
	l->crowded = true;
	if (l->changes == 0)
		changed(l, now);
}

/* Its own number is above that of every DROP: none is in flight then. */
uint64_t
own_floor(struct own *o, enum mesh_lane lane, bool *settled)
{
	struct own_lane *l = &o->lane[lane];
	if (l->crowded)
		l->tomb_floor = l->used + 1;
	l->tomb_saying = l->tomb_floor;
	*settled = l->tomb_saying == l->tomb_told;
	return l->tomb_saying;
}

void
own_checkpoint_later(struct own *o, enum mesh_lane lane, mesh_time_ms now)
{
	o->lane[lane].checkpoint_after = now + OWN_QUIET_MS;
}

bool
own_checkpoint_due(const struct own *o, enum mesh_lane lane, mesh_time_ms now)
{
	return is_keyed(lane) && may_checkpoint(o) &&
	    o->lane[lane].used < o->lane[lane].reserved &&
	    checkpoint_at(&o->lane[lane]) <= now;
}

mesh_time_ms
own_deadline(const struct own *o)
{
	mesh_time_ms soonest = MESH_NEVER;
	if (o->keep_due && !o->keep_under_way && o->epoch != 0)
		soonest = o->keep_after;
	if ((o->phase == OWN_HOLD || o->phase == OWN_RECOVER) && o->until_ms < soonest)
		soonest = o->until_ms;
	for (size_t i = 1; i < LANE_COUNT; i++) {
		mesh_time_ms at = is_keyed(i) && may_checkpoint(o) &&
			o->lane[i].used < o->lane[i].reserved
		    ? checkpoint_at(&o->lane[i])
		    : MESH_NEVER;
		if (at < soonest)
			soonest = at;
	}
	return soonest;
}
