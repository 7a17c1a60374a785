#include "ingest.h"
#include "id.h"
#include "ingest_inside.h"
#include "lanes.h"
#include "post.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

/* Above all tickets of the core, which are 56 bits and begin with a small number. */
#define LOCAL_TICKET (UINT64_C(15) << 52)

struct ingest *
ingest_new(const struct ingest_params *params)
{
	struct ingest *in = calloc(1, sizeof *in);
	if (in != NULL)
		in->at = *params;
	return in;
}

void
ingest_free(struct ingest *in)
{
	free(in);
}

/* --- what is on its way to the disk --- */

static struct pending *
find_pending(struct ingest *in, uint64_t ticket)
{
	for (size_t i = 0; i < INGEST_PENDING; i++) {
		struct pending *p = &in->pending[(ticket + i) % INGEST_PENDING];
		if (!p->used || p->ticket == ticket)
			return p;
	}
	return NULL;
}

static bool
remember(struct ingest *in, struct pending what)
{
	struct pending *p = find_pending(in, what.ticket);
	/* Probing ends at a free place, so one always stays free. */
	if (p == NULL || p->used || in->pending_count >= INGEST_PENDING - 1)
		return false;
	*p = what;
	in->pending_count++;
	return true;
}

/* Those behind it in the same run move up, or probing would not find them. */
static void
forget(struct ingest *in, struct pending *p)
{
	size_t gap = (size_t)(p - in->pending), at = gap;
	in->pending[gap].used = false;
	in->pending_count--;
	for (;;) {
		at = (at + 1) % INGEST_PENDING;
		if (!in->pending[at].used)
			return;
		size_t home = in->pending[at].ticket % INGEST_PENDING;
		size_t from_home = (at + INGEST_PENDING - home) % INGEST_PENDING;
		size_t from_gap = (at + INGEST_PENDING - gap) % INGEST_PENDING;
		if (from_home < from_gap)
			continue;
		in->pending[gap] = in->pending[at];
		in->pending[at].used = false;
		gap = at;
	}
}

/* --- callers that wait for their own record --- */

enum mesh_err
ingest_await(struct ingest *in, enum mesh_lane lane, uint64_t seq, uint64_t caller)
{
	if (in->wait_count == INGEST_WAITS)
		return MESH_FULL;
	in->waits[in->wait_count++] = (struct waiting){ lane, seq, caller, false,
		MESH_OK };
	return MESH_OK;
}

static void
decide(struct ingest *in, enum mesh_lane lane, uint64_t seq, enum mesh_err err)
{
	for (size_t i = 0; i < in->wait_count; i++) {
		struct waiting *w = &in->waits[i];
		if (w->lane == lane && w->seq == seq && !w->decided) {
			w->decided = true;
			w->err = err;
		}
	}
}

bool
ingest_next_done(struct ingest *in, struct ingest_done *out)
{
	for (size_t i = 0; i < in->wait_count; i++) {
		if (!in->waits[i].decided)
			continue;
		*out = (struct ingest_done){ in->waits[i].caller, in->waits[i].err };
		in->waits[i] = in->waits[--in->wait_count];
		return true;
	}
	return false;
}

/* --- the door --- */

/* The core is told at once that nothing was promised; repair brings the record again.
 */
static void
withhold(struct ingest *in, const struct mesh_event *event, enum mesh_err err,
    struct mesh_now now)
{
	count_one(in->at.counts, COUNT_INGEST_STORE_BUSY);
	mesh_site_stored(in->at.core, event->ticket, err, NULL, now);
	if (event->own)
		decide(in, event->record.at.lane, event->record.at.seq, err);
}

/* Our own alerts may be that the disk is full; and they go out before it is waited for.
 */
static enum store_sync
sync_of(const struct mesh_event *event)
{
	enum mesh_lane lane = event->record.at.lane;
	if (event->own && lane == LANE_ALERT)
		return SYNC_TWICE;
	if (lanes[lane].sync_now)
		return SYNC_NOW;
	return event->late && !event->own ? SYNC_LATER : SYNC_GROUP;
}

void
ingest_record(struct ingest *in, const struct mesh_event *event, struct mesh_now now)
{
	const struct mesh_record *r = &event->record;
	struct ingest_news n = ingest_news_of(in, r, now);
	count_one(in->at.counts, COUNT_INGEST_SEEN);
	n.own = event->own;
	n.late = event->late;
	if (r->at.lane == LANE_LIVE || (unsigned)r->at.lane >= LANE_COUNT) {
		count_one(in->at.counts, COUNT_INGEST_LIVE);
		return;
	}
	enum mesh_err err = store_put_record(
	    in->at.store, r, sync_of(event), STORE_TOKEN(OWNER_INGEST, event->ticket));
	if (err == MESH_OK)
		count_one(in->at.counts, COUNT_INGEST_TAKEN);
	ingest_news_tell(&n);
	struct pending what = { true, event->ticket, event->own, false, r->at.lane,
		r->at.seq, n.item };
	if (err != MESH_OK)
		withhold(in, event, err, now);
	else if (!remember(in, what))
		count_one(in->at.counts, COUNT_INGEST_UNTRACKED);
}

void
ingest_local(struct ingest *in, enum mesh_lane lane, uint16_t type,
    struct bytes_view body, struct mesh_now now)
{
	uint8_t room[INGEST_LOCAL_BYTES];
	struct bytes_out bundle = bytes_out(room, sizeof room);
	struct mesh_draft draft = { .lane = lane, .type = type, .body = body };
	struct mesh_record r;
	unix_ms time_ms = now.unix_ms > 0 ? now.unix_ms : 0;
	count_one(in->at.counts, COUNT_INGEST_LOCAL);
	if (mesh_record_local(&in->at.self, &draft, time_ms, &bundle, &r) != MESH_OK) {
		count_one(in->at.counts, COUNT_INGEST_MALFORMED);
		return;
	}
	struct ingest_news n = ingest_news_of(in, &r, now);
	struct pending what = { .used = true,
		.ticket = LOCAL_TICKET | (in->locals++ & (LOCAL_TICKET - 1) >> 4) };
	n.own = true;
	ingest_news_tell(&n);
	what.item = n.item;
	if (store_put_local(in->at.store, &r, STORE_TOKEN(OWNER_INGEST, what.ticket)) !=
	    MESH_OK)
		count_one(in->at.counts, COUNT_INGEST_LOCAL_LOST);
	else if (!remember(in, what))
		count_one(in->at.counts, COUNT_INGEST_UNTRACKED);
}

bool
ingest_is_self(const struct ingest *in, const struct mesh_key *site)
{
	return key_equal(site, &in->at.self);
}

void
ingest_post(struct ingest *in, const struct mesh_key *site, struct bytes_view body,
    struct mesh_now now)
{
	struct ingest_news n = { .in = in,
		.stage = FEED_HEARD,
		.own = site == NULL,
		.now_ms = now.unix_ms,
		.arena = arena_init(in->block, sizeof in->block) };
	struct post_body said;
	if (!n.own)
		count_one(in->at.counts, COUNT_POSTS_HEARD);
	if (mesh_body_decode(&post_body_table, body, &said, &n.arena) != MESH_OK ||
	    !post_topic_is_sound(said.topic)) {
		count_one(in->at.counts, COUNT_POSTS_MALFORMED);
		return;
	}
	struct post post = { sites_name_copy(live_sites(in->at.live),
				 site != NULL ? site : &in->at.self, &n.arena),
		said.topic, said.data };
	ingest_news_item(&n, FEED_POST, &post_table, &post);
}

/* The second stage: the same object once more, if it is still in the ring. */
static void
tell_stored(struct ingest *in, const struct pending *p, struct mesh_now now)
{
	struct feed_item item;
	if (p->item == 0 || !feed_find(in->at.feed, p->item, &item))
		return;
	item.stage = FEED_STORED;
	item.time_ms = now.unix_ms;
	if (feed_append(in->at.feed, &item) != 0)
		count_one(in->at.counts, COUNT_FEED_ITEMS);
}

/* It was refused, and forgotten here: hours ago, when the disk was full. */
static void
tell_stored_again(struct ingest *in, const struct mesh_record *r, struct mesh_now now)
{
	struct ingest_news n = ingest_news_of(in, r, now);
	n.own = true;
	n.stage = FEED_STORED;
	count_one(in->at.counts, COUNT_INGEST_STORED);
	ingest_news_tell(&n);
}

void
ingest_outcome(
    struct ingest *in, const struct store_outcome *outcome, struct mesh_now now)
{
	uint64_t ticket = STORE_NUMBER(outcome->token);
	struct pending *p = find_pending(in, ticket);
	bool stored = outcome->err == MESH_OK, known = p != NULL && p->used;
	bool told = known && p->told;
	if (outcome->again != NULL) {
		tell_stored_again(in, outcome->again, now);
		return;
	}
	if (ticket < LOCAL_TICKET && !told)
		mesh_site_stored(in->at.core, ticket, outcome->err,
		    outcome->has_live ? &outcome->live : NULL, now);
	if (known)
		p->told = true;
	if (outcome->written)
		return;
	count_one(in->at.counts, stored ? COUNT_INGEST_STORED : COUNT_INGEST_REFUSED);
	if (!known)
		return;
	if (stored)
		tell_stored(in, p, now);
	if (p->own)
		decide(in, p->lane, p->seq, outcome->err);
	forget(in, p);
}
