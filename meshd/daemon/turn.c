#include "turn.h"
#include "id.h"
#include "intents_run.h"
#include "mending.h"
#include "text.h"
#include "turn_radios.h"
#include <stdlib.h>

enum { TICK_MS = 60000 }; /* the store's retention counts minutes */

struct turn {
	struct turn_params at;
	struct mesh_now now;
	struct turn_radios radios;
	uint64_t keeps; /* asked of the store, not yet answered */
	struct joins joins;
	struct unkept unkept; /* decisions whose row is under way */
	enum mesh_err keep_err;
	bool leaving;
};

struct turn *
turn_new(const struct turn_params *params)
{
	struct turn *t = calloc(1, sizeof *t);
	if (t != NULL) {
		t->at = *params;
		t->radios = turn_radios_init(
		    &(struct turn_radios_params){ params->ports, params->publish,
			params->feed, params->edges, params->air, params->outbox });
		joins_wipe(&t->joins);
	}
	return t;
}

void
turn_free(struct turn *t)
{
	if (t != NULL)
		joins_wipe(&t->joins);
	free(t);
}

/* --- the core --- */

/* The one row that is no business of the store: a file, written here and now. */
static void
keep_network(struct turn *t, const struct mesh_event *e)
{
	enum mesh_err err = t->at.edges->keep_network(t->at.edges->ctx, e->body);
	mesh_site_stored(t->at.core, e->ticket, err, NULL, t->now);
}

static void
keep(struct turn *t, const struct mesh_event *e)
{
	enum store_sync sync = e->code == KEEP_RESERVED ? SYNC_LAST : SYNC_NOW;
	enum mesh_err err = store_keep(t->at.store, text("mesh"), e->key, e->body, sync,
	    STORE_TOKEN(OWNER_KEEP, e->ticket));
	if (err == MESH_OK) {
		t->keeps++;
		return;
	}
	t->keep_err = err;
	mesh_site_stored(t->at.core, e->ticket, err, NULL, t->now);
}

static void
settle(struct turn *t, const struct mesh_event *e)
{
	enum mesh_err err = store_settle(
	    t->at.store, &e->record, STORE_TOKEN(OWNER_KEEP, e->ticket));
	if (err == MESH_OK)
		t->keeps++;
	else
		mesh_site_stored(t->at.core, e->ticket, err, NULL, t->now);
}

/* What a site said goes, from the store and from what is shown now. */
static void
purge(struct turn *t, const struct mesh_event *e)
{
	const struct mesh_position *upto = &e->record.at;
	live_purge(t->at.live, upto);
	if (e->own && e->code != 0)
		publish_anew(t->at.publish, t->now);
	enum mesh_err err = store_purge(
	    t->at.store, &e->record, STORE_TOKEN(OWNER_PURGE, e->ticket));
	if (err != MESH_OK)
		mesh_site_stored(t->at.core, e->ticket, err, NULL, t->now);
}

/* What a neighbour lacks: the reader fetches it, the core makes pages of it. */
static void
want(struct turn *t, const struct mesh_event *e)
{
	if (store_fetch(t->at.store, &e->record.at, e->to - e->record.at.seq + 1,
		STORE_TOKEN(OWNER_WANT, e->ticket)) != MESH_OK)
		mesh_site_supply_end(t->at.core, e->ticket, 0, t->now);
}

static void
supply(struct turn *t, const struct store_outcome *o)
{
	const struct store_page *page = o->page;
	uint64_t upto = 0;
	if (o->err == MESH_OK && page != NULL) {
		bool all = page->next.len == 0;
		mesh_site_supply(t->at.core, STORE_NUMBER(o->token), page->records,
		    page->count, t->now);
		if (all || page->count > 0)
			upto = all ? UINT64_MAX : page->records[page->count - 1].at.seq;
	}
	mesh_site_supply_end(t->at.core, STORE_NUMBER(o->token), upto, t->now);
}

static void
tell_peer(struct turn *t, const struct mesh_key *key)
{
	struct mesh_peer peer;
	struct peer_status status;
	char room[SITE_SHOWN_MAX];
	if (!mesh_site_peer_of(t->at.core, key, &peer))
		return;
	if (peer.state == PEER_ALIVE)
		publish_greet(t->at.publish, t->now);
	peer_status_of(&peer, t->now, &status);
	status.name = sites_peer_name(live_sites(t->at.live), &peer, room);
	field_mark(&peer_status_table, PEER_ROW_NAME, &status, true);
	struct feed_item item = { .topic = FEED_PEER,
		.stage = FEED_HEARD,
		.time_ms = t->now.unix_ms,
		.table = &peer_status_table,
		.object = &status };
	(void)feed_append(t->at.feed, &item);
}

static struct joins_world
moving(const struct turn *t)
{
	return (struct joins_world){ t->at.core, t->at.calls, t->at.edges };
}

static struct mending_world
mending(const struct turn *t)
{
	return (struct mending_world){ t->at.core, t->at.store, t->at.edges, t->now };
}

static void
take_event(struct turn *t, const struct mesh_event *e)
{
	struct joins_world w = moving(t);
	struct mending_world m = mending(t);
	switch (e->kind) {
	case MESH_RECORD:
		ingest_record(t->at.ingest, e, t->now);
		break;
	case MESH_KEEP:
		if (e->code == KEEP_NETWORK)
			keep_network(t, e);
		else
			keep(t, e);
		break;
	case MESH_JOIN:
		joins_event(&t->joins, &w, e);
		break;
	case MESH_PEER:
		tell_peer(t, &e->site);
		break;
	case MESH_SETTLE:
		settle(t, e);
		break;
	case MESH_WANT:
		want(t, e);
		break;
	case MESH_PURGE:
		purge(t, e);
		break;
	case MESH_NOTICE:
		t->at.edges->notice(t->at.edges->ctx, e);
		break;
	case MESH_QUESTION:
		if (t->at.remote == NULL || !remote_question(t->at.remote, e, t->now))
			registry_question(t->at.registry, e, t->now);
		break;
	case MESH_TOLD:
		ingest_post(t->at.ingest, &e->site, e->body, t->now);
		break;
	case MESH_SKETCH:
	case MESH_CELLS:
	case MESH_REFETCH:
		mending_event(&m, e);
		break;
	case MESH_ANSWER:
	case MESH_ANSWERED:
		calls_event(t->at.calls, e);
		break;
	}
}

static void
take_events(struct turn *t)
{
	struct mesh_event event;
	while (mesh_site_next_event(t->at.core, &event))
		take_event(t, &event);
}

/* After every input of the core. */
static bool
drain_core(struct turn *t)
{
	struct mesh_datagram datagram;
	struct mesh_event event;
	bool any = false;
	for (bool more = true; more; any |= more) {
		more = false;
		while (mesh_site_next_datagram(t->at.core, &datagram)) {
			t->at.edges->send(t->at.edges->ctx, &datagram);
			more = true;
		}
		/* One at a time: handling it may be an input again. */
		if (mesh_site_next_event(t->at.core, &event)) {
			take_event(t, &event);
			more = true;
		}
	}
	return any;
}

/* The same after one of several inputs in a row: what is to be sent waits for the last,
 * if it can, so that what goes to one neighbour shares datagrams. */
static void
take_on(struct turn *t)
{
	take_events(t);
	if (mesh_site_is_pressed(t->at.core))
		drain_core(t);
}

static bool
take_datagrams(struct turn *t)
{
	struct mesh_path from;
	struct bytes_view bytes;
	size_t n = 0;
	while (n < TURN_DATAGRAMS &&
	    t->at.edges->next_datagram(t->at.edges->ctx, &from, &bytes)) {
		mesh_site_receive(t->at.core, &from, bytes, t->now);
		take_on(t);
		n++;
	}
	drain_core(t);
	return n > 0;
}

/* Where nobody was found: what the flush learnt is due at once, too. */
static void
take_hints(struct turn *t)
{
	struct mesh_path to;
	while (t->at.edges->next_unreachable(t->at.edges->ctx, &to)) {
		mesh_site_hint_unreachable(t->at.core, &to, t->now);
		drain_core(t);
	}
}

/* --- the store --- */

/* A message is on the disk, or not: whoever asked for it hears that. */
static void
take_kept_message(struct turn *t, const struct store_outcome *o)
{
	uint64_t caller = outbox_kept(
	    t->at.outbox, STORE_NUMBER(o->token), o->err, t->now);
	if (caller != 0)
		calls_appended(t->at.calls, caller, o->err);
}

static void
take_outcome(struct turn *t, struct store_outcome *o)
{
	struct mending_world m = mending(t);
	switch (STORE_OWNER(o->token)) {
	case OWNER_INGEST:
		ingest_outcome(t->at.ingest, o, t->now);
		break;
	case OWNER_KEEP:
		t->keeps--;
		if (o->err != MESH_OK)
			t->keep_err = o->err;
		mesh_site_stored(
		    t->at.core, STORE_NUMBER(o->token), o->err, NULL, t->now);
		break;
	case OWNER_PURGE:
		mesh_site_stored(
		    t->at.core, STORE_NUMBER(o->token), o->err, NULL, t->now);
		break;
	case OWNER_CALL:
		calls_outcome(t->at.calls, o); /* takes the page */
		o->page = NULL;
		break;
	case OWNER_WANT:
		supply(t, o);
		break;
	case OWNER_SKETCH:
	case OWNER_COMPARE:
	case OWNER_MEND:
		mending_outcome(&m, o);
		break;
	case OWNER_REMEMBER:
		remember_outcome(t->at.remember, o, t->now);
		break;
	case OWNER_PINS:
		if (o->err != MESH_OK)
			sites_unkept(
			    live_pins(t->at.live), (size_t)STORE_NUMBER(o->token));
		break;
	case OWNER_ANSWERING:
	case OWNER_EXPIRING:
	case OWNER_RETIRING:
		registry_outcome(t->at.registry, o, t->now);
		break;
	case OWNER_OUTBOX:
		take_kept_message(t, o);
		break;
	case OWNER_APPS:
	case OWNER_DISK:
	case OWNER_AIR:
		break;
	}
	store_page_free(o->page);
}

static bool
take_outcomes(struct turn *t)
{
	struct store_outcome outcome;
	bool any = false;
	for (; store_next(t->at.store, &outcome); any = true) {
		take_outcome(t, &outcome);
		take_on(t);
	}
	drain_core(t);
	return any;
}

/* Callers who wait for a record of ours. */
static void
give_done(struct turn *t)
{
	struct ingest_done done;
	while (ingest_next_done(t->at.ingest, &done))
		calls_appended(t->at.calls, done.caller, done.err);
}

/* Callers who wait for a row of the core; any that failed may have been theirs. */
static void
give_kept(struct turn *t)
{
	if (t->keeps > 0)
		return;
	for (size_t i = 0; i < t->unkept.count; i++)
		calls_appended(t->at.calls, t->unkept.tokens[i], t->keep_err);
	t->unkept.count = 0;
	t->keep_err = MESH_OK;
}

/* --- what shall be done --- */

static bool
take_intents(struct turn *t, struct intents *from)
{
	struct intents_world w = { from, t->at.core, t->at.ingest, t->at.calls,
		t->at.counts, &t->joins, t->at.edges, &t->unkept };
	size_t n = 0;
	while (!t->leaving && n < TURN_INTENTS && intents_run(&w, t->now)) {
		drain_core(t);
		n++;
	}
	return n > 0;
}

/* To the antennas. */
static void
send_due(struct turn *t)
{
	if (t->leaving || t->at.air == NULL)
		return;
	(void)air_tick(t->at.air, t->now);
	outbox_tick(t->at.outbox, t->now);
	air_cells_keep(air_airtime(t->at.air), t->at.store, t->at.counts, t->now);
}

static bool
run_round(struct turn *t)
{
	send_due(t);
	bool more = take_datagrams(t);
	more |= take_outcomes(t);
	more |= !t->leaving && turn_radios_take(&t->radios, t->now);
	if (!t->leaving) {
		publish_tick(t->at.publish, t->now);
		more |= organs_read(t->at.organs, t->now);
	}
	more |= take_intents(t, t->at.asks);
	more |= take_intents(t, t->at.intents);
	give_done(t);
	give_kept(t);
	if (t->at.remote != NULL)
		remote_tick(t->at.remote, t->now);
	return more;
}

static mesh_time_ms
earlier(mesh_time_ms a, mesh_time_ms b)
{
	return a < b ? a : b;
}

static mesh_time_ms
deadline(const struct turn *t)
{
	mesh_time_ms due = earlier(mesh_site_deadline(t->at.core), t->now.ms + TICK_MS);
	due = earlier(due, calls_deadline(t->at.calls));
	due = earlier(due, joins_deadline(&t->joins));
	if (t->leaving)
		return due;
	due = earlier(due, publish_deadline(t->at.publish));
	due = earlier(due, registry_deadline(t->at.registry));
	if (t->at.air != NULL)
		due = earlier(due,
		    earlier(air_deadline(t->at.air), outbox_deadline(t->at.outbox)));
	return earlier(due, ports_deadline(t->at.ports));
}

mesh_time_ms
turn_run(struct turn *t, struct mesh_now now)
{
	unsigned round = 0;
	struct joins_world w = moving(t);
	t->now = now;
	joins_tick(&t->joins, &w, now);
	if (mesh_site_deadline(t->at.core) <= now.ms)
		mesh_site_tick(t->at.core, now);
	drain_core(t);
	while (round < TURN_ROUNDS && run_round(t))
		round++;
	if (round == TURN_ROUNDS)
		count_one(t->at.counts, COUNT_TURN_ROUNDS);
	(void)remember_ask(t->at.remember); /* the reader's wake brings the next turn */
	store_tick(t->at.store, now.unix_ms);
	calls_tick(t->at.calls, now.ms);
	if (!t->leaving)
		registry_tick(t->at.registry, now);
	drain_core(t); /* it may have answered another site */
	t->at.edges->flush(t->at.edges->ctx);
	take_hints(t);
	return round == TURN_ROUNDS ? now.ms : deadline(t);
}

void
turn_forget_radios(struct turn *t)
{
	turn_radios_forget(&t->radios);
}

void
turn_leave(struct turn *t, struct mesh_now now)
{
	t->now = now;
	t->leaving = true;
	mesh_site_leave(t->at.core, now);
	drain_core(t);
	t->at.edges->flush(t->at.edges->ctx);
}

bool
turn_is_settled(const struct turn *t)
{
	return t->keeps == 0;
}
