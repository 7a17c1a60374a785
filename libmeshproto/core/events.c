#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "pack.h"
#include <assert.h>

/* A ticket says what it is for, in 54 bits so that its keeper can put its own mark
 * above them: records carry a slot's index and generation, rows to keep the peer's. */
enum ticket_kind {
	TICKET_RECORD,
	TICKET_RESERVED,
	TICKET_PEER,
	TICKET_FORK,
	TICKET_WANT,
	TICKET_CLAUSE,
	TICKET_NETWORK,
	TICKET_FORGOTTEN,
	TICKET_PURGE,
	TICKET_SKETCH
};
enum { TICKET_INDEX_BITS = 20, TICKET_KIND_AT = 52 };
#define TICKET_INDEX ((1U << TICKET_INDEX_BITS) - 1)

static uint64_t
ticket_of(enum ticket_kind kind, struct handle h)
{
	return (uint64_t)kind << TICKET_KIND_AT |
	    (uint64_t)h.generation << TICKET_INDEX_BITS | h.index;
}

static enum ticket_kind
kind_of(uint64_t ticket)
{
	return (enum ticket_kind)(ticket >> TICKET_KIND_AT);
}

static struct handle
handle_of(uint64_t ticket)
{
	return (struct handle){ (uint32_t)ticket & TICKET_INDEX,
		(uint32_t)(ticket >> TICKET_INDEX_BITS) };
}

/* --- filling --- */

static bool
is_history(const struct mesh_site *s, const struct record *r)
{
	enum { LATE_MS = 5 * 60 * 1000 };
	const unix_ms plausible = 1700000000000;
	return s->now.unix_ms > plausible && r->time_ms > 0 &&
	    s->now.unix_ms - r->time_ms > LATE_MS;
}

void
events_late(struct mesh_site *s, struct flight *f)
{
	if (!f->late)
		inside_count(s, COUNT_RECORD_LATE);
	f->late = true;
}

void
events_queue(struct mesh_site *s, struct handle h)
{
	if (s->untold_last == 0) {
		s->untold_first = h.index + 1;
	} else {
		struct handle last = pool_handle(&s->flights, s->untold_last - 1);
		((struct flight *)pool_at(&s->flights, last))->next = h.index + 1;
	}
	s->untold_last = h.index + 1;
	((struct flight *)pool_at(&s->flights, h))->queued = true;
}

struct flight *
events_hold(
    struct mesh_site *s, const struct record *r, struct handle parcel, size_t index)
{
	struct handle h = pool_take(&s->flights);
	struct flight *f = pool_at(&s->flights, h);
	assert(f != NULL);
	s->newest_flight = h;
	f->at = r->at;
	f->claims = r->back;
	f->weight = (uint8_t)quota_weight(r->at.lane, r->core.len);
	f->kib = (uint8_t)(1 + r->core.len / 1024);
	f->type = r->type;
	f->index = (uint8_t)index;
	f->parcel = parcel;
	parcel_hold_all(&s->parcels, parcel);
	f->own = inside_is_us(s, &r->at.origin);
	flying_add(s, f);
	if (is_history(s, r))
		events_late(s, f);
	return f;
}

struct flight *
events_flight(
    struct mesh_site *s, const struct record *r, struct handle parcel, size_t index)
{
	struct flight *f = events_hold(s, r, parcel, index);
	events_queue(s, pool_handle(&s->flights, pool_index(&s->flights, f)));
	return f;
}

struct flight *
events_flight_behind(struct mesh_site *s, uint32_t before, const struct record *r)
{
	struct flight *f = events_hold(s, r, (struct handle){ 0, 0 }, 0);
	struct flight *b = before == 0
	    ? NULL
	    : pool_at(&s->flights, pool_handle(&s->flights, before - 1));
	uint32_t *next = b != NULL && b->queued ? &b->next : &s->untold_first;
	f->queued = true;
	f->next = *next;
	*next = pool_index(&s->flights, f) + 1;
	if (f->next == 0)
		s->untold_last = *next;
	return f;
}

void
events_settle(struct mesh_site *s, const struct mesh_position *at, uint64_t claims)
{
	struct handle h = pool_take(&s->flights);
	struct flight *f = pool_at(&s->flights, h);
	if (f == NULL)
		return; /* a gap as before: the next exchange finds it */
	f->settle = true;
	f->at = *at;
	f->claims = claims;
	flying_add(s, f);
	events_queue(s, h);
}

static void
put_notice(struct mesh_site *s, const struct notice *n)
{
	if (s->notice_count == INSIDE_NOTICES)
		return; /* nobody reads: the older ones say as much */
	uint32_t at = (s->notice_first + s->notice_count++) % INSIDE_NOTICES;
	s->notices[at] = *n;
}

void
events_notice(struct mesh_site *s, enum mesh_notice code, const struct mesh_key *site)
{
	struct notice n = { .code = code };
	if (site != NULL)
		n.site = *site;
	put_notice(s, &n);
}

void
events_cloned(
    struct mesh_site *s, const struct mesh_key *by, const struct mesh_path *addr)
{
	struct notice n = { .code = NOTICE_CLONE, .site = *by };
	if (addr != NULL)
		n.addr = *addr;
	put_notice(s, &n);
}

void
events_quota(struct mesh_site *s, const struct mesh_position *at)
{
	struct notice n = {
		.code = NOTICE_QUOTA, .site = at->origin, .lane = at->lane
	};
	put_notice(s, &n);
}

static void
give_back(struct mesh_site *s, struct handle *parcel)
{
	parcel_release(&s->parcels, *parcel);
	*parcel = (struct handle){ 0, 0 };
}

/* Records need their bytes only while they are read: the store copies.  Ours stay until
 * they are safe and can be pushed. */
void
events_return(struct mesh_site *s)
{
	asking_return(s);
	while (s->lent_first != 0) {
		struct handle h = pool_handle(&s->flights, s->lent_first - 1);
		struct flight *f = pool_at(&s->flights, h);
		s->lent_first = f->next;
		f->next = 0;
		if (f->large)
			cargo_return(s, f);
		else
			give_back(s, &f->proof);
		if (!f->own)
			give_back(s, &f->parcel);
	}
}

/* --- draining --- */

/* The record as its reader sees it; false: no slot to lay it out in, later. */
static bool
show(struct mesh_site *s, struct flight *f, struct mesh_event *out)
{
	if (f->settle) {
		out->kind = MESH_SETTLE;
		out->record = (struct mesh_record){ .at = f->at, .back = 1 };
		return true;
	}
	out->kind = MESH_RECORD;
	if (f->large || (f->laid && cargo_show(s, f)))
		return cargo_record(s, f, &out->record);
	if (f->laid)
		return false;
	f->proof = spread_piece(s, f->parcel, 1ULL << f->index);
	return mesh_record_read(spread_bundle(s, f->proof), &out->record) == MESH_OK;
}

static bool
next_record(struct mesh_site *s, struct mesh_event *out)
{
	if (s->untold_first == 0)
		return false;
	struct handle h = pool_handle(&s->flights, s->untold_first - 1);
	struct flight *f = pool_at(&s->flights, h);
	if (!show(s, f, out))
		return false;
	s->untold_first = f->next;
	if (f->next == 0)
		s->untold_last = 0;
	f->told = true;
	f->queued = false;
	f->next = s->lent_first;
	s->lent_first = h.index + 1;
	out->ticket = ticket_of(TICKET_RECORD, h);
	out->record.claims = f->claims;
	out->own = f->own || f->recovered;
	out->late = f->late;
	return true;
}

static bool
next_reserved(struct mesh_site *s, struct mesh_event *out)
{
	static const char key[] = "own";
	if (!own_keep_wanted(&s->own, s->now.ms))
		return false;
	struct bytes_out body = bytes_out(s->keep_body, sizeof s->keep_body);
	own_keep_body(&s->own, s->now, &body);
	assert(!body.failed);
	out->kind = MESH_KEEP;
	out->ticket = ticket_of(TICKET_RESERVED, (struct handle){ 0, 0 });
	out->code = KEEP_RESERVED;
	out->key = bytes_view(key, sizeof key - 1);
	out->body = bytes_written(&body);
	return true;
}

/* fork/KEY and the lane: [epoch, seq, the two records]. */
static bool
next_twin(struct mesh_site *s, struct mesh_event *out)
{
	static const char prefix[] = INSIDE_FORK_KEY;
	struct bytes_out key = bytes_out(s->keep_key, sizeof s->keep_key);
	struct bytes_out body = bytes_out(s->keep_body, sizeof s->keep_body);
	uint32_t index;
	struct twin *t = s->twins_news ? twins_unkept(&s->twins, &index) : NULL;
	s->twins_news = t != NULL;
	if (t == NULL)
		return false;
	bytes_put(&key, prefix, sizeof prefix - 1);
	bytes_put(&key, t->at.origin.bytes, sizeof t->at.origin.bytes);
	bytes_put_u8(&key, (uint8_t)t->at.lane);
	pack_array(&body, 3);
	pack_uint(&body, t->at.epoch);
	pack_uint(&body, t->at.seq);
	pack_bin(&body, proofs_of(s, &t->at));
	assert(!key.failed && !body.failed);
	t->unkept = false;
	out->kind = MESH_KEEP;
	out->ticket = ticket_of(TICKET_FORK, (struct handle){ index, 1 });
	out->code = KEEP_FORK;
	out->key = bytes_written(&key);
	out->body = bytes_written(&body);
	return true;
}

static bool
next_forgotten(struct mesh_site *s, struct mesh_event *out)
{
	uint32_t index;
	if (!kept_next_forgotten(s, out, &index))
		return false;
	out->ticket = ticket_of(TICKET_FORGOTTEN, (struct handle){ index, 0 });
	return true;
}

static bool
next_peer(struct mesh_site *s, struct mesh_event *out)
{
	uint32_t row;
	if (!kept_next(s, out, &row))
		return false;
	if (out->kind == MESH_KEEP)
		out->ticket = ticket_of(TICKET_PEER, pool_handle(&s->peers.pool, row));
	return true;
}

static bool
next_notice(struct mesh_site *s, struct mesh_event *out)
{
	if (s->notice_count == 0)
		return false;
	out->kind = MESH_NOTICE;
	const struct notice *n = &s->notices[s->notice_first];
	out->code = (uint16_t)n->code;
	out->site = n->site;
	out->addr = n->addr;
	out->record.at.lane = n->lane;
	s->notice_first = (s->notice_first + 1) % INSIDE_NOTICES;
	s->notice_count--;
	return true;
}

struct want *
events_want(struct mesh_site *s, uint64_t ticket)
{
	struct handle h = handle_of(ticket);
	return kind_of(ticket) == TICKET_WANT
	    ? serve_find(&s->serve, h.index, (uint16_t)h.generation)
	    : NULL;
}

bool
events_sketch(uint64_t ticket, struct handle *what)
{
	*what = handle_of(ticket);
	return kind_of(ticket) == TICKET_SKETCH;
}

static bool
next_sketch(struct mesh_site *s, struct mesh_event *out)
{
	struct handle what = { 0, 0 };
	if (!sketching_next(s, out, &what))
		return false;
	out->ticket = ticket_of(TICKET_SKETCH, what);
	return true;
}

static bool
next_want(struct mesh_site *s, struct mesh_event *out)
{
	const struct want *w = serve_next(&s->serve, s->now.ms);
	if (w == NULL)
		return false;
	const struct holdings_row *row = holdings_of(&s->holdings, w->log.oid);
	out->kind = MESH_WANT;
	out->ticket = ticket_of(
	    TICKET_WANT, (struct handle){ serve_index(&s->serve, w), w->generation });
	out->record.at = (struct mesh_position){ row->origin, w->log.epoch, w->from,
		w->log.lane };
	out->to = w->to;
	out->max_bytes = w->max_bytes;
	return true;
}

static bool
next_clause(struct mesh_site *s, struct mesh_event *out)
{
	struct bytes_out key = bytes_out(s->keep_key, sizeof s->keep_key);
	struct bytes_out body = bytes_out(s->keep_body, sizeof s->keep_body);
	uint32_t index;
	if (!ruling_next_keep(s, &key, &body, &index))
		return false;
	assert(!key.failed && !body.failed);
	out->kind = MESH_KEEP;
	out->ticket = ticket_of(TICKET_CLAUSE, (struct handle){ index, 0 });
	out->code = KEEP_CLAUSE;
	out->key = bytes_written(&key);
	out->body = bytes_written(&body);
	return true;
}

static bool
next_network(struct mesh_site *s, struct mesh_event *out)
{
	struct bytes_out file = bytes_out(s->keep_body, sizeof s->keep_body);
	if (!rekey_next_file(s, &file))
		return false;
	assert(!file.failed);
	out->kind = MESH_KEEP;
	out->ticket = ticket_of(TICKET_NETWORK, (struct handle){ 0, 0 });
	out->code = KEEP_NETWORK;
	out->body = bytes_written(&file);
	return true;
}

/* Behind all records that were taken before: none of them comes after it. */
static bool
next_purge(struct mesh_site *s, struct mesh_event *out)
{
	uint32_t index;
	if (s->untold_first != 0 || !purges_next(s, out, &index))
		return false;
	out->kind = MESH_PURGE;
	out->ticket = ticket_of(TICKET_PURGE, (struct handle){ index, 0 });
	return true;
}

/* Numbers first, so that what waits for them waits least. */
bool
mesh_site_next_event(struct mesh_site *site, struct mesh_event *out)
{
	memset(out, 0, sizeof *out);
	return next_reserved(site, out) || next_clause(site, out) ||
	    next_network(site, out) || next_forgotten(site, out) ||
	    next_record(site, out) || next_purge(site, out) || next_twin(site, out) ||
	    next_peer(site, out) || next_want(site, out) || next_sketch(site, out) ||
	    next_notice(site, out) || asking_next(site, out) ||
	    guests_next_join(site, out);
}

/* --- outcomes --- */

void
events_own_outcome(struct mesh_site *s, const struct flight *f, enum mesh_err err,
    const struct mesh_live *live)
{
	bool over = f->at.epoch != s->own.epoch; /* another one was begun meanwhile */
	struct own_outcome what = { f->at.lane, f->at.seq, OWN_CHANGE, f->weight,
		over ? MESH_DENIED : err, live };
	if (mesh_lane_is_keyed(f->at.lane) && f->type == RECORD_CHECKPOINT)
		what.kind = OWN_CHECKPOINT;
	else if (mesh_lane_is_keyed(f->at.lane) && f->type == RECORD_DROP)
		what.kind = OWN_DROP;
	if (f->refusals > 0)
		own_decided(&s->own, f->at.lane);
	own_stored(&s->own, &what, s->now.ms);
	if (f->refusals == 0 || err == MESH_OK)
		batch_stored(s, f, over ? MESH_DENIED : err);
	if (err != MESH_OK)
		inside_count(s, COUNT_OWN_VOID);
}

void
events_end_flight(struct mesh_site *s, struct handle h)
{
	struct flight *f = pool_at(&s->flights, h);
	parcel_release(&s->parcels, f->proof);
	parcel_release_all(&s->parcels, f->parcel);
	flying_remove(s, f);
	pool_give(&s->flights, h);
}

static void
record_outcome(struct mesh_site *s, struct handle h, enum mesh_err err,
    const struct mesh_live *live)
{
	struct flight *f = pool_at(&s->flights, h);
	if (f == NULL || !f->told)
		return;
	enum mesh_lane lane = f->at.lane;
	bool own = f->own;
	if (err == MESH_OK) {
		enum mesh_err put = holdings_put(
		    &s->holdings, &f->at, f->claims, f->weight);
		if (put == MESH_FULL)
			inside_count(s, COUNT_RECORD_GAP_OVERFLOW);
		quotas_stored(s, &f->at, live);
	} else {
		inside_count(s, COUNT_STORE_READONLY);
		branch_distrust(s);
		s->refused_ms = s->now.ms + OWN_RETRY_MS;
	}
	if (own && err != MESH_OK) {
		refusals_note(s, f, err);
	} else {
		if (own)
			events_own_outcome(s, f, err, live);
		else if (f->recovered && err == MESH_OK)
			recover_stored(s, &f->at, live);
		events_end_flight(s, h);
	}
	if (own)
		refusals_decide(s, lane);
}

static void
fork_outcome(struct mesh_site *s, uint32_t index, enum mesh_err err)
{
	if (err == MESH_OK)
		return;
	s->twins.list[index % TWINS].unkept = true;
	refusals_of_row(s);
}

void
mesh_site_stored(struct mesh_site *site, uint64_t ticket, enum mesh_err err,
    const struct mesh_live *live, struct mesh_now now)
{
	inside_enter(site, now);
	switch (kind_of(ticket)) {
	case TICKET_RECORD:
		record_outcome(site, handle_of(ticket), err, live);
		break;
	case TICKET_RESERVED:
		own_kept(&site->own, err, now.ms);
		break;
	case TICKET_PEER:
		kept_outcome(site, handle_of(ticket), err);
		break;
	case TICKET_FORGOTTEN:
		kept_forgotten_outcome(site, handle_of(ticket).index, err);
		break;
	case TICKET_FORK:
		fork_outcome(site, handle_of(ticket).index, err);
		break;
	case TICKET_WANT:
	case TICKET_SKETCH:
		break; /* answered by _supply, _cells, _sketched */
	case TICKET_CLAUSE:
		ruling_kept(site, handle_of(ticket).index, err);
		if (err != MESH_OK)
			refusals_of_row(site);
		break;
	case TICKET_NETWORK:
		rekey_file_kept(site, err);
		break;
	case TICKET_PURGE:
		purges_outcome(site, handle_of(ticket).index, err);
		break;
	}
}
