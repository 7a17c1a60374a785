#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_travel.h"
#include "inside_trust.h"

/* PROTOCOL.md 3: one signature for what is queued of one lane.  A lane at rest signs at
 * once, so that nobody waits; a busy one signs what gathered, every 5 ms or whenever a
 * datagram is full. */
enum { GATHER_MS = 5 };

static struct batch *
batch_of(struct mesh_site *s, enum mesh_lane lane)
{
	return &s->batch[lane - LANE_CONTROL];
}

static bool
is_urgent(enum mesh_lane lane)
{
	return lane == LANE_CONTROL || lane == LANE_ALERT; /* P0: always alone */
}

/* --- signed, and not yet all safe --- */

static struct own_batch *
free_own_batch(struct mesh_site *s)
{
	for (size_t i = 0; i < INSIDE_OWN_BATCHES; i++)
		if (s->own_batch[i].waiting == 0)
			return &s->own_batch[i];
	return NULL;
}

static struct bytes_view
core_at(const struct batch *b, size_t i)
{
	size_t from = i > 0 ? b->ends[i - 1] : 0;
	return bytes_view(b->bytes + from, b->ends[i] - from);
}

static enum mesh_err
sign(struct mesh_site *s, const struct batch *b, struct bytes_out *out)
{
	struct bytes_view cores[BUNDLE_CORES];
	struct bundle_signer by = append_signer(s);
	for (size_t i = 0; i < b->count; i++)
		cores[i] = core_at(b, i);
	return bundle_sign(&by, cores, b->count, out);
}

/* Every record on its way to the store, all in one parcel. */
static void
fly(struct mesh_site *s, const struct bundle *b, struct handle parcel,
    struct own_batch *all)
{
	struct record r;
	for (size_t i = 0; i < b->count; i++) {
		if (bundle_record(b, i, &r) != MESH_OK)
			continue; /* cannot be: we wrote it */
		struct dedup_mark mark = spread_core_mark(s, r.core);
		(void)dedup_admit(&s->verified, &mark);
		struct flight *f = events_flight(s, &r, parcel, i);
		f->batch = all != NULL ? (uint8_t)(all - s->own_batch + 1) : 0;
	}
	if (all == NULL)
		return;
	parcel_hold(&s->parcels, parcel);
	*all = (struct own_batch){ parcel, 0, (uint8_t)b->count };
}

/* MESH_FULL: no slot; it waits on. */
static enum mesh_err
sign_and_fly(struct mesh_site *s, struct batch *b)
{
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct own_batch *all = b->count > 1 ? free_own_batch(s) : NULL;
	struct bundle bundle;
	struct record first;
	if (s->flights.free_count < b->count || (b->count > 1 && all == NULL) ||
	    !spread_has_room(s))
		return MESH_FULL;
	enum mesh_err err = sign(s, b, &out);
	if (err == MESH_OK)
		err = bundle_read(bytes_written(&out), &bundle);
	if (err == MESH_OK)
		err = bundle_record(&bundle, 0, &first);
	if (err != MESH_OK)
		return err;
	struct handle parcel = append_parcel(s, &bundle, &first);
	fly(s, &bundle, parcel, all);
	parcel_release(&s->parcels, parcel);
	*b = (struct batch){ .due_ms = MESH_NEVER, .after_ms = s->now.ms + GATHER_MS };
	return MESH_OK;
}

/* --- gathering --- */

static void
sign_when_due(struct mesh_site *s, struct batch *b)
{
	if (b->count == 0 || b->due_ms > s->now.ms)
		return;
	if (sign_and_fly(s, b) != MESH_OK)
		b->due_ms = s->now.ms + GATHER_MS;
}

enum mesh_err
batch_make_room(struct mesh_site *s, const struct mesh_draft *d, size_t core_bytes)
{
	struct batch *b = batch_of(s, d->lane);
	size_t bytes = bundle_bytes(b->count + 1U, b->len + core_bytes);
	if (s->flights.free_count <= b->count || !spread_has_room(s))
		return MESH_FULL;
	bool joins = b->count < BUNDLE_CORES && b->epoch == s->own.epoch &&
	    spread_fits(d->lane, d->type, bytes);
	if (b->count == 0 || joins)
		return MESH_OK;
	enum mesh_err err = sign_and_fly(s, b);
	return err == MESH_OK && s->flights.free_count == 0 ? MESH_FULL : err;
}

void
batch_gather(struct mesh_site *s, enum mesh_lane lane)
{
	struct batch *b = batch_of(s, lane);
	if (b->after_ms <= s->now.ms)
		b->after_ms = s->now.ms + 1;
}

void
batch_put(struct mesh_site *s, enum mesh_lane lane, struct bytes_view core)
{
	struct batch *b = batch_of(s, lane);
	memcpy(b->bytes + b->len, core.ptr, core.len);
	b->len = (uint16_t)(b->len + core.len);
	b->ends[b->count++] = b->len;
	b->epoch = s->own.epoch;
	if (b->count == 1)
		b->due_ms = is_urgent(lane) ? s->now.ms : b->after_ms;
	sign_when_due(s, b);
}

enum mesh_err
batch_sign(struct mesh_site *s, enum mesh_lane lane)
{
	struct batch *b = batch_of(s, lane);
	return b->count > 0 ? sign_and_fly(s, b) : MESH_OK;
}

void
batch_tick(struct mesh_site *s)
{
	for (size_t i = 0; i < LENGTH(s->batch); i++)
		sign_when_due(s, &s->batch[i]);
	bulk_tick(s);
}

void
batch_close(struct mesh_site *s)
{
	for (size_t i = 0; i < LENGTH(s->batch); i++)
		s->batch[i].due_ms = s->now.ms;
	s->bulk.due_ms = s->now.ms;
	batch_tick(s);
}

mesh_time_ms
batch_deadline(const struct mesh_site *s)
{
	mesh_time_ms soonest = bulk_deadline(s);
	for (size_t i = 0; i < LENGTH(s->batch); i++)
		if (s->batch[i].count > 0 && s->batch[i].due_ms < soonest)
			soonest = s->batch[i].due_ms;
	return soonest;
}

/* --- safe: to the others --- */

/* Our newest list of links, for those who come later. */
static void
keep_links(struct mesh_site *s, const struct flight *f)
{
	struct handle h = spread_piece(s, f->parcel, 1ULL << f->index);
	struct bytes_view kept = spread_bundle(s, h);
	struct bundle b;
	struct record r;
	if (bundle_read(kept, &b) == MESH_OK && bundle_record(&b, 0, &r) == MESH_OK &&
	    reach_is_links(&r) && kept.len <= sizeof s->links_kept) {
		memcpy(s->links_kept, kept.ptr, kept.len);
		s->links_kept_len = (uint16_t)kept.len;
	}
	parcel_release(&s->parcels, h);
}

/* What goes beyond our share is pulled. */
static bool
may_push(struct mesh_site *s, enum mesh_lane lane, uint32_t row, uint32_t n)
{
	bool may = share_take(&s->share, row, share_kind_of(lane), n, s->now.ms);
	if (!may)
		inside_count(s, COUNT_SHED_ORIGIN);
	return may;
}

/* What of it the store refused is never sent. */
static void
push(struct mesh_site *s, enum mesh_lane lane, struct handle parcel, uint64_t safe)
{
	struct bundle b;
	struct record first;
	uint32_t row = branch_row(s, &s->identity.key), n = 0;
	for (uint64_t left = safe; left != 0; left &= left - 1)
		n++;
	if (!may_push(s, lane, row, n))
		return;
	struct handle h = spread_piece(s, parcel, safe);
	spread_flood(s, h, row, NULL);
	if (bundle_read(spread_bundle(s, h), &b) == MESH_OK &&
	    bundle_record(&b, 0, &first) == MESH_OK)
		recent_note(s, &first, h);
	parcel_release(&s->parcels, h);
}

static void
push_alone(struct mesh_site *s, const struct flight *f)
{
	uint32_t row = branch_row(s, &s->identity.key);
	if (!f->laid)
		push(s, f->at.lane, f->parcel, 1ULL << f->index);
	else if (may_push(s, f->at.lane, row, 1))
		bulk_push(s, f, row);
}

/* Our own word on who belongs holds from now on; its parcel has that record alone. */
static void
rule(struct mesh_site *s, const struct flight *f)
{
	struct bytes_view kept = spread_bundle(s, f->parcel);
	struct bundle b;
	struct record r;
	if (bundle_read(kept, &b) == MESH_OK && bundle_record(&b, 0, &r) == MESH_OK)
		ruling_take(s, &r, kept);
}

void
batch_stored(struct mesh_site *s, const struct flight *f, enum mesh_err err)
{
	if (err == MESH_OK && f->at.lane == LANE_STATE)
		keep_links(s, f);
	if (f->batch == 0) {
		if (err == MESH_OK)
			push_alone(s, f);
		if (err == MESH_OK && f->at.lane == LANE_CONTROL)
			rule(s, f);
		return;
	}
	struct own_batch *all = &s->own_batch[f->batch - 1];
	all->safe |= err == MESH_OK ? 1ULL << f->index : 0;
	if (--all->waiting > 0)
		return;
	if (all->safe != 0)
		push(s, f->at.lane, all->parcel, all->safe);
	parcel_release(&s->parcels, all->parcel);
}
