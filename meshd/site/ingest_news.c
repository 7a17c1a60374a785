/* What a record says: to the live table, to the feed. */
#include "id.h"
#include "ingest.h"
#include "ingest_inside.h"
#include "lanes.h"
#include "message.h"
#include "named.h"
#include "text.h"
#include <string.h>

/* What repair brings is mostly old, but after a short break of a link, too: that is
 * told as what happens now, if the clocks say that it does. */
static bool
is_history(const struct ingest_news *n)
{
	enum { NEWS_MS = 5 * 60 * 1000 };
	if (!n->late || n->own) /* nor is a post, which is no record */
		return false;
	unix_ms said = n->record->time_ms;
	return said <= 0 || n->now_ms <= 0 || n->now_ms - said > NEWS_MS;
}

void
ingest_news_item(struct ingest_news *n, enum feed_topic topic,
    const struct field_table *t, const void *object)
{
	struct feed_item item = { .topic = topic,
		.stage = n->stage,
		.own = n->own,
		.late = is_history(n),
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
text_news(struct ingest_news *n, const struct reception *r, const struct packet *packet)
{
	struct message m;
	bool echo = n->own && (r->via & VIA_ECHO) != 0;
	if (message_of_packet(packet, &m) && !was_told(n->in, &m.id) && !echo)
		ingest_news_item(n, FEED_MESSAGE, &message_table, &m);
}

static void
packet_news(struct ingest_news *n, const struct reception *r)
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
		ingest_news_item(n, FEED_PACKET, &packet_table, &packet);
	}
}

static void
alert_told(struct ingest_news *n, const struct alert_statement *said)
{
	struct alert alert;
	if (alert_news(&n->record->at, n->record->time_ms, said,
		live_sites(n->in->at.live), &n->arena, &alert) == MESH_OK)
		ingest_news_item(n, FEED_ALERT, &alert_table, &alert);
}

static bool
know_node(struct ingest_news *n, const struct id *id, struct tree_view value)
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
know_site(struct ingest_news *n, struct tree_view value)
{
	struct site_value site;
	if (named_read(&site_value_table, value, &site, &n->arena, NULL) == MESH_OK)
		live_site(n->in->at.live, &n->record->at, site.name, site.version);
}

static void
node_news(struct ingest_news *n, const struct id *id)
{
	const struct node_fold *fold = live_node(n->in->at.live, id);
	struct node node;
	if (fold != NULL &&
	    node_fold_view(fold, live_sites(n->in->at.live), &n->arena, &node) ==
		MESH_OK)
		ingest_news_item(n, FEED_NODE, &node_table, &node);
}

/* What there is to know of a PUT; true and `id` when it is about a node. */
static bool
know_state(struct ingest_news *n, const struct state_put *put, struct id *id)
{
	struct text_view name;
	enum state_kind kind = state_kind(put->key, id, &name);
	if (kind == STATE_SITE)
		know_site(n, put->value);
	return kind == STATE_NODE && know_node(n, id, put->value);
}

static void
state_news(struct ingest_news *n, const struct state_put *put)
{
	struct state state;
	struct id id;
	bool about_node = know_state(n, put, &id);
	if (state_view(&n->record->at, n->record->time_ms, put,
		live_sites(n->in->at.live), &n->arena, &state) == MESH_OK)
		ingest_news_item(n, FEED_STATE, &state_table, &state);
	if (about_node)
		node_news(n, &id);
}

static void
entry_news(struct ingest_news *n, const struct entry_put *put)
{
	struct entry entry;
	if (entry_view(&n->record->at, n->record->time_ms, put,
		live_sites(n->in->at.live), &n->arena, &entry) == MESH_OK)
		ingest_news_item(n, FEED_ENTRY, &entry_table, &entry);
}

/* History is kept, and told to nobody. */
static void
metric_news(struct ingest_news *n, const struct sample_batch *batch)
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
			ingest_news_item(n, FEED_METRIC, &sample_table, &shown);
	}
}

/* Entries that are pulled, and there may be a million of them. */
static bool
is_no_news(const struct ingest_news *n)
{
	return n->late && n->record->at.lane == LANE_REGISTRY;
}

static enum mesh_err
decode(
    struct ingest_news *n, union lane_object *object, const struct field_table **table)
{
	enum mesh_err err = lane_decode(n->record, object, table, &n->arena);
	if (err == MESH_NOT_FOUND)
		count_one(n->in->at.counts, COUNT_INGEST_UNKNOWN);
	else if (err != MESH_OK)
		count_one(n->in->at.counts, COUNT_INGEST_MALFORMED);
	return err;
}

void
ingest_news_tell(struct ingest_news *n)
{
	union lane_object object;
	const struct field_table *table;
	if (is_no_news(n) || decode(n, &object, &table) != MESH_OK)
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

struct ingest_news
ingest_news_of(struct ingest *in, const struct mesh_record *r, struct mesh_now now)
{
	return (struct ingest_news){ .in = in,
		.record = r,
		.stage = FEED_HEARD,
		.now_ms = now.unix_ms,
		.arena = arena_init(in->block, sizeof in->block) };
}

void
ingest_remember(struct ingest *in, const struct mesh_record *r)
{
	struct ingest_news n = ingest_news_of(in, r, (struct mesh_now){ 0 });
	union lane_object object;
	const struct field_table *table;
	struct id id;
	if (lane_decode(r, &object, &table, &n.arena) == MESH_OK &&
	    table == &state_put_table)
		know_state(&n, &object.put, &id);
}
