#include "ingest.h"
#include "id.h"
#include "lanes.h"
#include "message.h"
#include "named.h"
#include "post.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum { INGEST_ARENA = 160 * 1024, INGEST_LOCAL_BYTES = 2048, INGEST_TEXTS = 256 };
/* Above all tickets of the core, which are 56 bits and begin with a small number. */
#define LOCAL_TICKET (UINT64_C(15) << 52)

struct pending { /* given to the store, not yet decided */
	bool used;
	uint64_t ticket;
	bool own, told; /* told: the core has heard that it is written */
	enum mesh_lane lane;
	uint64_t seq;
	uint64_t item; /* the feed item that told of it; 0: none */
};
struct waiting {
	enum mesh_lane lane;
	uint64_t seq, caller;
	bool decided;
	enum mesh_err err;
};
struct ingest {
	struct ingest_params at;
	struct pending pending[INGEST_PENDING]; /* by ticket, linear probing */
	size_t pending_count;
	struct waiting waits[INGEST_WAITS];
	size_t wait_count;
	uint64_t locals;               /* how many were taken */
	struct id texts[INGEST_TEXTS]; /* that were told, or that we sent, the last */
	size_t next_text;
	uint8_t block[INGEST_ARENA];
};

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

/* --- what a record says: to the live table, to the feed --- */

struct news { /* one record on its way through the house */
	struct ingest *in;
	const struct mesh_record *record;
	enum feed_stage stage;
	bool own, late;
	unix_ms now_ms;
	struct arena arena;
	uint64_t item; /* the last feed item made of it */
};

static void
tell(struct news *n, enum feed_topic topic, const struct field_table *t,
    const void *object)
{
	struct feed_item item = { .topic = topic,
		.stage = n->stage,
		.own = n->own,
		.time_ms = n->now_ms,
		.table = t,
		.object = object };
	n->item = feed_append(n->in->at.feed, &item);
	count_one(
	    n->in->at.counts, n->item != 0 ? COUNT_FEED_ITEMS : COUNT_INGEST_UNFED);
}

/* False the first time; the oldest is forgotten. */
static bool
was_told(struct ingest *in, const struct id *text)
{
	for (size_t i = 0; i < LENGTH(in->texts); i++)
		if (id_equal(&in->texts[i], text))
			return true;
	in->texts[in->next_text++ % LENGTH(in->texts)] = *text;
	return false;
}

/* A text is told once, whoever hears it how often; what we send ourselves the outbox
 * tells of, also when others hear it. */
static void
text_news(struct news *n, const struct reception *r, const struct packet *packet)
{
	struct message m;
	bool echo = n->own && (r->via & VIA_ECHO) != 0;
	if (message_of_packet(packet, &m) && !was_told(n->in, &m.id) && !echo)
		tell(n, FEED_MESSAGE, &message_table, &m);
}

static void
packet_news(struct news *n, const struct reception *r)
{
	struct node_hearing hearing;
	struct packet_fold fold = packet_fold();
	struct packet packet;
	if (node_hearing_of(&n->record->at, r, &hearing))
		live_node_hearing(
		    n->in->at.live, &r->from, &n->record->at.origin, &hearing);
	packet_fold_add(&fold, &n->record->at, r);
	if (packet_fold_view(&fold, live_sites(n->in->at.live), &n->arena, &packet) ==
	    MESH_OK) {
		text_news(n, r, &packet);
		tell(n, FEED_PACKET, &packet_table, &packet);
	}
}

static void
alert_told(struct news *n, const struct alert_statement *said)
{
	struct alert alert;
	if (alert_news(&n->record->at, n->record->time_ms, said,
		live_sites(n->in->at.live), &n->arena, &alert) == MESH_OK)
		tell(n, FEED_ALERT, &alert_table, &alert);
}

static bool
know_node(struct news *n, const struct id *id, struct tree_view value)
{
	struct node_facts facts;
	if (named_read(&node_facts_table, value, &facts, &n->arena, NULL) != MESH_OK)
		return false;
	/* A long id is cut in the key; the value holds the whole. */
	bool whole = node_network(&facts.id) == node_network(id);
	live_node_facts(n->in->at.live, whole ? &facts.id : id, &n->record->at, &facts);
	return true;
}

static void
know_site(struct news *n, struct tree_view value)
{
	struct site_value site;
	if (named_read(&site_value_table, value, &site, &n->arena, NULL) == MESH_OK)
		live_site(n->in->at.live, &n->record->at, site.name, site.version);
}

static void
node_news(struct news *n, const struct id *id)
{
	const struct node_fold *fold = live_node(n->in->at.live, id);
	struct node node;
	if (fold != NULL &&
	    node_fold_view(fold, live_sites(n->in->at.live), &n->arena, &node) ==
		MESH_OK)
		tell(n, FEED_NODE, &node_table, &node);
}

/* What there is to know of a PUT; true and `id` when it is about a node. */
static bool
know_state(struct news *n, const struct state_put *put, struct id *id)
{
	struct text_view name;
	enum state_kind kind = state_kind(put->key, id, &name);
	if (kind == STATE_SITE)
		know_site(n, put->value);
	return kind == STATE_NODE && know_node(n, id, put->value);
}

static void
state_news(struct news *n, const struct state_put *put)
{
	struct state state;
	struct id id;
	bool about_node = know_state(n, put, &id);
	if (state_view(&n->record->at, n->record->time_ms, put,
		live_sites(n->in->at.live), &n->arena, &state) == MESH_OK)
		tell(n, FEED_STATE, &state_table, &state);
	if (about_node)
		node_news(n, &id);
}

/* What is pulled is no news, and there may be a million of it. */
static void
entry_news(struct news *n, const struct entry_put *put)
{
	struct entry entry;
	if (!n->late &&
	    entry_view(&n->record->at, n->record->time_ms, put,
		live_sites(n->in->at.live), &n->arena, &entry) == MESH_OK)
		tell(n, FEED_ENTRY, &entry_table, &entry);
}

/* History is kept, and told to nobody. */
static void
metric_news(struct news *n, const struct sample_batch *batch)
{
	const struct sample *all = batch->samples.items;
	struct text_view site = sites_name_copy(
	    live_sites(n->in->at.live), &n->record->at.origin, &n->arena);
	for (size_t i = 0; i < batch->samples.count; i++) {
		struct sample shown = all[i];
		if (!sample_name_is_sound(shown.name))
			continue;
		live_sample(n->in->at.live, &n->record->at.origin, &all[i], n->now_ms);
		shown.site = site;
		field_mark(&sample_table, SAMPLE_SITE, &shown, true);
		if (!n->late)
			tell(n, FEED_METRIC, &sample_table, &shown);
	}
}

static enum mesh_err
decode(struct news *n, union lane_object *object, const struct field_table **table)
{
	enum mesh_err err = lane_decode(n->record, object, table, &n->arena);
	if (err == MESH_NOT_FOUND)
		count_one(n->in->at.counts, COUNT_INGEST_UNKNOWN);
	else if (err != MESH_OK)
		count_one(n->in->at.counts, COUNT_INGEST_MALFORMED);
	return err;
}

static void
tell_all(struct news *n)
{
	union lane_object object;
	const struct field_table *table;
	if (decode(n, &object, &table) != MESH_OK)
		return;
	if (table == &reception_table)
		packet_news(n, &object.reception);
	else if (table == &alert_statement_table)
		alert_told(n, &object.statement);
	else if (table == &state_put_table)
		state_news(n, &object.put);
	else if (table == &entry_put_table)
		entry_news(n, &object.entry);
	else if (table == &sample_batch_table)
		metric_news(n, &object.batch);
}

static struct news
news_of(struct ingest *in, const struct mesh_record *r, struct mesh_now now)
{
	return (struct news){ .in = in,
		.record = r,
		.stage = FEED_HEARD,
		.now_ms = now.unix_ms,
		.arena = arena_init(in->block, sizeof in->block) };
}

void
ingest_remember(struct ingest *in, const struct mesh_record *r)
{
	struct news n = news_of(in, r, (struct mesh_now){ 0 });
	union lane_object object;
	const struct field_table *table;
	struct id id;
	if (lane_decode(r, &object, &table, &n.arena) == MESH_OK &&
	    table == &state_put_table)
		know_state(&n, &object.put, &id);
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
	struct news n = news_of(in, r, now);
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
	tell_all(&n);
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
	struct news n = news_of(in, &r, now);
	struct pending what = { .used = true,
		.ticket = LOCAL_TICKET | (in->locals++ & (LOCAL_TICKET - 1) >> 4) };
	n.own = true;
	tell_all(&n);
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
	struct news n = { .in = in,
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
	tell(&n, FEED_POST, &post_table, &post);
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
	struct news n = news_of(in, r, now);
	n.own = true;
	n.stage = FEED_STORED;
	count_one(in->at.counts, COUNT_INGEST_STORED);
	tell_all(&n);
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
