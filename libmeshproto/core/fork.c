#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "pack.h"
#include "wire.h"

/* PROTOCOL.md 10: two verified records under one number.  A record whose number is held
 * and whose bytes are new is compared with the one in the store; if they differ both
 * are shown to everybody, once, and the lane of that origin is frozen.  The origin
 * itself begins a new epoch and writes its live PUTs again. */

enum { FORK_WAIT_MS = 50 };

static struct holdings_log
log_of(const struct mesh_position *at)
{
	struct holdings_log log = { .lane = at->lane, .epoch = at->epoch };
	holdings_oid(&at->origin, log.oid);
	return log;
}

/* --- doubts --- */

static void
end_doubt(struct mesh_site *s, struct doubt *d)
{
	parcel_release_all(&s->parcels, d->parcel);
	*d = (struct doubt){ .state = DOUBT_FREE };
}

/* Their bundle waits in a parcel until the store has shown ours. */
void
fork_suspect(struct mesh_site *s, const struct record *r, struct bytes_view bundle)
{
	struct dedup_mark mark = spread_core_mark(s, r->core);
	struct envelope_hop hop = { .bundle = bundle };
	struct doubt *d = s->doubt;
	uint8_t oid[HOLDINGS_OID];
	holdings_oid(&r->at.origin, oid);
	if (holdings_hides(&s->holdings, oid, r->at.lane))
		return; /* ours may be cut: it proves nothing */
	while (d < s->doubt + INSIDE_DOUBTS && d->state != DOUBT_FREE)
		d++;
	if (d == s->doubt + INSIDE_DOUBTS || !spread_has_room(s) ||
	    !rate_take(&s->doubts, 1, s->now.ms))
		return;
	*d = (struct doubt){ .state = DOUBT_WAITS, .at = r->at };
	d->parcel = spread_fits(r->at.lane, r->type, bundle.len)
	    ? spread_parcel(s, r, &hop, &mark)
	    : cargo_store(s, bundle);
	if (d->parcel.generation == 0)
		d->state = DOUBT_FREE;
}

static bool
is_in_flight(const struct mesh_site *s, const struct mesh_position *at)
{
	const struct flight *f;
	for (uint32_t i = 0; (f = pool_walk(&s->flights, &i)) != NULL; i++)
		if (f->at.seq == at->seq && f->at.lane == at->lane &&
		    memcmp(&f->at.origin, &at->origin, sizeof at->origin) == 0)
			return true;
	return false;
}

static void
ask_store(struct mesh_site *s, struct doubt *d)
{
	struct want w = { .use = WANT_COMPARE,
		.pull = (uint16_t)(d - s->doubt),
		.log = log_of(&d->at),
		.from = d->at.seq,
		.to = d->at.seq,
		.max_bytes = PULL_BYTES_MAX };
	if (holdings_of(&s->holdings, w.log.oid) == NULL)
		end_doubt(s, d);
	else if (serve_add(&s->serve, &w) != NULL)
		d->state = DOUBT_ASKED;
}

/* --- proofs --- */

struct proof { /* two bundles of one record each */
	struct bundle bundle[2];
	struct record record[2];
};

static bool
read_proof(struct bytes_view first, struct bytes_view second, struct proof *p)
{
	const struct bytes_view raw[] = { first, second };
	for (size_t i = 0; i < LENGTH(raw); i++)
		if (bundle_read(raw[i], &p->bundle[i]) != MESH_OK ||
		    p->bundle[i].count != 1 ||
		    bundle_record(&p->bundle[i], 0, &p->record[i]) != MESH_OK)
			return false;
	const struct mesh_position *a = &p->record[0].at, *b = &p->record[1].at;
	return a->lane != LANE_LIVE && a->lane == b->lane && a->epoch == b->epoch &&
	    a->seq == b->seq && memcmp(&a->origin, &b->origin, sizeof a->origin) == 0 &&
	    !bytes_equal(p->record[0].core, p->record[1].core);
}

static bool
is_proven(const struct mesh_site *s, const struct proof *p)
{
	const struct mesh_key *origin = &p->record[0].at.origin;
	return bundle_verify(&p->bundle[0], s->network.id, origin) == MESH_OK &&
	    bundle_verify(&p->bundle[1], s->network.id, origin) == MESH_OK;
}

/* --- healing ourselves --- */

static void
heal(struct mesh_site *s, const struct mesh_position *at)
{
	struct own *o = &s->own;
	if (at->epoch != o->epoch)
		return; /* healed already */
	inside_count(s, COUNT_PEER_FORK);
	inside_count(s, COUNT_OWN_EPOCH_NEW);
	events_notice(s, NOTICE_FORK, &s->identity.key);
	batch_close(s);
	uint64_t old = o->epoch;
	bool ready = o->phase != OWN_QUIET && own_forked(o, s->now.ms);
	recover_new_epoch(s, old);
	o->rewrite = old;
	s->rewrite_lane = LANE_CONTROL;
	s->rewrite_from = 1;
	if (ready)
		o->phase = OWN_READY;
	append_links_changed(s);
}

static bool
next_keyed(enum mesh_lane *lane)
{
	do
		++*lane;
	while (*lane < LANE_COUNT && !record_lane_is_keyed(*lane));
	return *lane < LANE_COUNT;
}

static void
rewrite_tick(struct mesh_site *s)
{
	struct own *o = &s->own;
	if (o->rewrite == 0 || o->phase != OWN_READY ||
	    serve_has(&s->serve, WANT_REWRITE) ||
	    o->lane[s->rewrite_lane].used >= o->lane[s->rewrite_lane].reserved)
		return;
	struct want w = { .use = WANT_REWRITE,
		.log = { .lane = s->rewrite_lane, .epoch = o->rewrite },
		.from = s->rewrite_from,
		.to = RECORD_SEQ_MAX,
		.max_bytes = PULL_BYTES_MAX };
	memcpy(w.log.oid, s->oid, sizeof w.log.oid);
	if (holdings_of(&s->holdings, s->oid) == NULL)
		o->rewrite = 0;
	else
		(void)serve_add(&s->serve, &w); /* no room: the next tick */
}

/* mesh.* of the former life is not what we would say now. */
static bool
is_worth_it(const struct mesh_record *r)
{
	static const char own[] = "mesh.";
	struct bytes_view key;
	return mesh_record_key(r, &key) &&
	    !(key.len >= sizeof own - 1 && memcmp(key.ptr, own, sizeof own - 1) == 0);
}

static void
rewrite(struct mesh_site *s, struct want *w, const struct mesh_record *records,
    size_t count)
{
	for (size_t i = 0; i < count && !w->cut; i++) {
		const struct mesh_record *r = &records[i];
		struct mesh_draft d = { r->at.lane, r->type, 0, NULL, r->body };
		uint64_t seq;
		if (is_worth_it(r) && append_again(s, &d, &seq) == MESH_FULL)
			w->cut = true;
		else
			w->from = r->at.seq + 1;
	}
}

static void
rewritten(struct mesh_site *s, const struct want *w, uint64_t upto)
{
	s->rewrite_from = w->from;
	if (w->cut || upto < w->to)
		return; /* there is more: the next tick asks again */
	s->rewrite_from = 1;
	if (next_keyed(&s->rewrite_lane))
		return;
	s->rewrite_lane = LANE_CONTROL;
	s->own.rewrite = 0;
	s->own.keep_due = true;
}

/* --- known --- */

/* False: it was known. */
static bool
freeze(struct mesh_site *s, const struct mesh_position *at)
{
	struct holdings_log log = log_of(at);
	if (!twins_add(&s->twins, at))
		return false;
	holdings_freeze(&s->holdings, &log, at->seq);
	inside_count(s, COUNT_PEER_FORK);
	events_notice(s, NOTICE_FORK, &at->origin);
	s->twins_news = true;
	return true;
}

void
fork_load(struct mesh_site *s, const struct mesh_position *at)
{
	struct holdings_log log = log_of(at);
	if (twins_add(&s->twins, at))
		holdings_freeze(&s->holdings, &log, at->seq);
}

static void
found(struct mesh_site *s, const struct mesh_position *at, struct bytes_view body)
{
	bool us = inside_is_us(s, &at->origin);
	if (!us && !freeze(s, at))
		return;
	if (body.len == 0) {
		inside_count(s, COUNT_TX_TOO_LARGE);
	} else {
		proofs_keep(s, at, body);
		append_live_body(s, LIVE_FORK, body);
	}
	if (us)
		heal(s, at);
}

void
fork_heard(struct mesh_site *s, const struct record *r)
{
	struct proof p;
	struct bytes_in in = bytes_in(r->body);
	size_t elements = pack_read_array(&in);
	struct bytes_view first = pack_read_any(&in), second = pack_read_any(&in);
	if (elements < 2 || in.failed || !read_proof(first, second, &p))
		return;
	const struct mesh_position *at = &p.record[0].at;
	if (twins_frozen(&s->twins, at) || !rate_take(&s->doubts, 1, s->now.ms) ||
	    !is_proven(s, &p))
		return;
	if (inside_is_us(s, &at->origin)) {
		heal(s, at);
		return;
	}
	(void)freeze(s, at);
	proofs_keep(s, at, r->body);
	if (r->hop_max == 1)
		proofs_pass_on(s, r->body);
}

/* --- the store's answers --- */

struct pair {
	struct bytes_view ours, theirs, body; /* empty: no record holds both */
};

/* Both bundles as the body of LIVE_FORK, where a record of ours is built.  False: a
 * record is being read there, not now. */
static bool
lay_out(struct mesh_site *s, const struct doubt *d, struct bytes_view stored,
    struct pair *out)
{
	struct bytes_view theirs = spread_bundle(s, d->parcel);
	uint8_t *room = s->cargo.bytes + CARGO_HEAD;
	if (s->cargo.readers > 0)
		return false;
	if (theirs.len > 0)
		memcpy(room, theirs.ptr, theirs.len);
	else
		theirs.len = cargo_load(s, d->parcel, room, MESSAGE_FRAME_MAX);
	*out = (struct pair){ .ours = stored, .theirs = bytes_view(room, theirs.len) };
	if (1 + stored.len + theirs.len > MESSAGE_FRAME_MAX)
		return true;
	struct bytes_out first = bytes_out(room, 1 + stored.len);
	memmove(room + 1 + stored.len, room, theirs.len);
	pack_array(&first, 2);
	bytes_put_view(&first, stored);
	out->ours = bytes_view(room + 1, stored.len);
	out->theirs = bytes_view(room + 1 + stored.len, theirs.len);
	out->body = bytes_view(room, 1 + stored.len + theirs.len);
	return true;
}

static void
compare(struct mesh_site *s, const struct want *w, const struct mesh_record *stored)
{
	struct doubt *d = &s->doubt[w->pull];
	struct pair pair;
	struct proof p;
	if (stored->at.seq != w->from)
		return;
	if (!lay_out(s, d, stored->proof, &pair))
		d->state = DOUBT_WAITS; /* asked once more */
	else if (read_proof(pair.ours, pair.theirs, &p) && is_proven(s, &p))
		found(s, &p.record[0].at, pair.body);
}

void
fork_supplied(struct mesh_site *s, struct want *w, const struct mesh_record *records,
    size_t count)
{
	if (w->use == WANT_REWRITE)
		rewrite(s, w, records, count);
	else if (count > 0)
		compare(s, w, &records[0]);
}

void
fork_supply_end(struct mesh_site *s, struct want *w, uint64_t upto)
{
	if (w->use == WANT_REWRITE)
		rewritten(s, w, upto);
	else if (s->doubt[w->pull].state == DOUBT_ASKED)
		end_doubt(s, &s->doubt[w->pull]);
}

void
fork_tick(struct mesh_site *s)
{
	for (struct doubt *d = s->doubt; d < s->doubt + INSIDE_DOUBTS; d++)
		if (d->state == DOUBT_WAITS && !is_in_flight(s, &d->at))
			ask_store(s, d);
	rewrite_tick(s);
}

mesh_time_ms
fork_deadline(const struct mesh_site *s)
{
	bool rewrites = s->own.rewrite != 0 && s->own.phase == OWN_READY &&
	    !serve_has(&s->serve, WANT_REWRITE);
	for (size_t i = 0; i < INSIDE_DOUBTS && !rewrites; i++)
		rewrites = s->doubt[i].state == DOUBT_WAITS;
	return rewrites ? s->now.ms + FORK_WAIT_MS : MESH_NEVER;
}
