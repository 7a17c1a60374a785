#include "own.h"
#include "pack.h"
#include <assert.h>
#include <string.h>

/* [version, epoch, clean, reserved of lane 1, of lane 2 ...] */
enum { ROW_VERSION = 1, ROW_HEAD = 3, ROW_ITEMS = ROW_HEAD + LANE_COUNT - 1 };

void
own_init(struct own *o, uint64_t epoch)
{
	*o = (struct own){ .epoch = epoch, .keep_due = true };
}

static bool
read_head(struct bytes_in *in, uint64_t *epoch)
{
	size_t items = pack_read_array(in);
	uint64_t version = pack_read_uint(in, UINT64_MAX);
	*epoch = pack_read_uint(in, UINT64_MAX);
	(void)pack_read_uint(in, 1);
	return !in->failed && items >= ROW_ITEMS && version == ROW_VERSION;
}

uint64_t
own_epoch_of(struct bytes_view body)
{
	struct bytes_in in = bytes_in(body);
	uint64_t epoch;
	return read_head(&in, &epoch) ? epoch : 0;
}

enum mesh_err
own_load(struct own *o, struct bytes_view body)
{
	struct bytes_in in = bytes_in(body);
	uint64_t epoch, reserved[LANE_COUNT];
	if (!read_head(&in, &epoch))
		return MESH_MALFORMED;
	for (size_t lane = 1; lane < LANE_COUNT; lane++)
		reserved[lane] = pack_read_uint(&in, UINT64_MAX);
	if (in.failed)
		return MESH_MALFORMED;
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
	return o->keep_due && !o->keep_under_way && now >= o->keep_after;
}

void
own_keep_body(struct own *o, struct bytes_out *out)
{
	o->keep_due = false;
	o->keep_under_way = true;
	pack_array(out, ROW_ITEMS);
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
	for (size_t i = 1; i < LANE_COUNT; i++)
		o->lane[i].reserved = o->lane[i].wanted;
}

void
own_stop(struct own *o)
{
	o->stopping = true;
	o->keep_due = true;
}

/* --- numbering --- */

enum mesh_err
own_take(struct own *o, enum mesh_lane number, uint64_t *seq, uint64_t *back)
{
	struct own_lane *lane = &o->lane[number];
	if (number == LANE_LIVE) {
		*seq = ++lane->used;
		*back = 0;
		return MESH_OK;
	}
	if (o->stopping || lane->used >= lane->reserved)
		return MESH_FULL;
	/* Nothing under way: what was given out above `valid` has failed, or belongs to
	 * an earlier life; either way it is void. */
	uint64_t before = lane->in_flight == 0 ? lane->valid : lane->used;
	*seq = ++lane->used;
	*back = *seq - before;
	lane->in_flight++;
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

void
own_stored(struct own *o, const struct own_outcome *what, mesh_time_ms now)
{
	struct own_lane *lane = &o->lane[what->lane];
	assert(lane->in_flight > 0);
	lane->in_flight--;
	if (what->err != MESH_OK)
		return;
	if (lane->valid < what->seq)
		lane->valid = what->seq;
	if (what->live != NULL) {
		lane->live = *what->live;
		lane->live_known = true;
	}
	if (what->kind == OWN_CHECKPOINT)
		lane->changes = 0;
	else
		changed(lane, now);
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

void
own_checkpoint_later(struct own *o, enum mesh_lane lane, mesh_time_ms now)
{
	o->lane[lane].checkpoint_after = now + OWN_QUIET_MS;
}

bool
own_checkpoint_due(const struct own *o, enum mesh_lane lane, mesh_time_ms now)
{
	return is_keyed(lane) && !o->stopping &&
	    o->lane[lane].used < o->lane[lane].reserved &&
	    checkpoint_at(&o->lane[lane]) <= now;
}

mesh_time_ms
own_deadline(const struct own *o)
{
	mesh_time_ms soonest = o->keep_due && !o->keep_under_way ? o->keep_after
								 : MESH_NEVER;
	for (size_t i = 1; i < LANE_COUNT; i++) {
		mesh_time_ms at = is_keyed(i) && !o->stopping &&
			o->lane[i].used < o->lane[i].reserved
		    ? checkpoint_at(&o->lane[i])
		    : MESH_NEVER;
		if (at < soonest)
			soonest = at;
	}
	return soonest;
}
