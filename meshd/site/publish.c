#include "publish.h"
#include "id.h"
#include "inspect.h"
#include "named.h"
#include "publish_inside.h"
#include "text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct publish *
publish_new(const struct publish_params *params)
{
	struct publish *p = calloc(1, sizeof *p);
	if (p == NULL)
		return NULL;
	p->at = *params;
	p->due_ms = MESH_NEVER;
	p->nodes = calloc(PUBLISH_NODES, sizeof *p->nodes);
	if (p->nodes != NULL)
		return p;
	publish_free(p);
	return NULL;
}

void
publish_free(struct publish *p)
{
	if (p == NULL)
		return;
	free(p->nodes);
	free(p);
}

static bool
has(uint64_t bits, unsigned row)
{
	return (bits >> row & 1) != 0;
}

void
publish_due_at(struct publish *p, mesh_time_ms ms)
{
	if (ms < p->due_ms)
		p->due_ms = ms;
}

/* --- state records --- */

enum mesh_err
publish_write_state(struct publish *p, struct bytes_view key,
    const struct field_table *t, const void *value)
{
	struct arena arena = arena_init(p->block, sizeof p->block);
	struct tree_item *items = arena_take(&arena, PUBLISH_ITEMS, sizeof *items);
	struct tree_out out = tree_out(items, PUBLISH_ITEMS);
	named_write(t, value, &arena, &out);
	struct state_put put = { .key = key, .value = tree_done(&out) };
	if (put.value.items == NULL)
		return MESH_MALFORMED;
	enum mesh_err err = intents_append(
	    p->at.intents, LANE_STATE, RECORD_PUT, &state_put_table, &put, 0);
	count_one(p->at.counts,
	    err == MESH_OK ? COUNT_PUBLISH_STATE : COUNT_PUBLISH_STATE_FULL);
	return err;
}

void
publish_site(struct publish *p, const struct site_value *site, struct mesh_now now)
{
	struct bytes_out name = bytes_out(p->site_name, sizeof p->site_name);
	struct bytes_out version = bytes_out(p->site_version, sizeof p->site_version);
	text_put_clean(
	    &name, bytes_view(site->name.ptr, site->name.len), SITE_NAME_MAX);
	text_put_clean(&version, bytes_view(site->version.ptr, site->version.len),
	    sizeof p->site_version);
	p->site = *site;
	p->site.name = text_written(&name);
	p->site.version = text_written(&version);
	struct mesh_position before_all = { .origin = p->at.self, .lane = LANE_STATE };
	live_site(p->at.live, &before_all, p->site.name, p->site.version);
	p->site_due = true;
	publish_due_at(p, now.ms);
}

/* --- what is known of nodes --- */

static struct known *
find_node(struct publish *p, const struct id *id)
{
	for (size_t i = 0; i < p->node_count; i++) {
		if (id_equal(&p->nodes[i].facts.id, id))
			return &p->nodes[i];
	}
	return NULL;
}

/* What is known of it was told. */
static bool
is_told(const struct known *node)
{
	return node->written && !node->changed;
}

/* The least recently heard; with `told` of those of which nothing waits to be written,
 * or NULL. */
static struct known *
oldest_node(struct publish *p, bool told)
{
	assert(p->nodes != NULL && p->node_count > 0);
	struct known *oldest = NULL;
	for (struct known *k = p->nodes; k < p->nodes + p->node_count; k++) {
		if (told && !is_told(k))
			continue;
		if (oldest == NULL || k->facts.last_ms < oldest->facts.last_ms)
			oldest = k;
	}
	return oldest;
}

static bool
write_now(struct publish *p, struct known *node, struct mesh_now now)
{
	uint8_t room[STATE_KEY_MAX];
	struct bytes_out key = bytes_out(room, sizeof room);
	state_node_key(&node->facts.id, &key);
	struct node_facts told = node->facts;
	leaving_node(&p->at.leaving, &told);
	if (publish_write_state(p, bytes_written(&key), &node_facts_table, &told) ==
	    MESH_FULL)
		return false;
	known_written(node, now.ms);
	return true;
}

/* A place for another one.  Of whom nothing waits goes first; else the oldest is told
 * now, behind the packets that wait, as long as they keep their room. */
static struct known *
make_room(struct publish *p, struct mesh_now now)
{
	struct known *node = oldest_node(p, true);
	bool told = node != NULL;
	if (!told) {
		node = oldest_node(p, false);
		told = !intents_is_tight(p->at.intents) && write_now(p, node, now);
	}
	count_one(
	    p->at.counts, told ? COUNT_PUBLISH_NODES_FULL : COUNT_PUBLISH_NODES_LOST);
	return node;
}

static struct known *
node_slot(struct publish *p, const struct id *id, struct mesh_now now)
{
	struct known *node = find_node(p, id);
	if (node != NULL)
		return node;
	node = p->node_count < PUBLISH_NODES ? &p->nodes[p->node_count++]
					     : make_room(p, now);
	known_init(node, id);
	return node;
}

/* False: the intents are full; later. */
static bool
write_node(struct publish *p, struct known *node, struct mesh_now now)
{
	if (!intents_is_calm(p->at.intents)) { /* packets and alerts go first */
		count_one(p->at.counts, COUNT_PUBLISH_STATE_FULL);
		return false;
	}
	return write_now(p, node, now);
}

static void
write_if_due(struct publish *p, struct known *node, struct mesh_now now)
{
	mesh_time_ms due = known_due(node);
	if (due <= now.ms && !write_node(p, node, now))
		due = now.ms + PUBLISH_RETRY_MS;
	else
		due = known_due(node);
	publish_due_at(p, due);
}

void
publish_remember(
    struct publish *p, const struct id *node, const struct node_facts *said)
{
	struct known *known = node_slot(p, node, (struct mesh_now){ .ms = 0 });
	known_remember(known, said);
	publish_due_at(p, known_due(known));
}

/* --- receptions --- */

/* The packet's record, here or for all; what became of it as the counter that says so.
 */
static enum meshd_counter
write_packet(struct publish *p, const struct reception *r, enum meshd_counter what)
{
	struct intents *q = p->at.intents;
	enum mesh_err err = leaving_stays(what)
	    ? intents_local(q, LANE_PACKET, 1, &reception_table, r)
	    : intents_append(q, LANE_PACKET, 1, &reception_table, r, 0);
	switch (err) {
	case MESH_OK:
		return what;
	case MESH_FULL:
		return COUNT_PUBLISH_FULL;
	case MESH_TRUNCATED:
	case MESH_MALFORMED:
	case MESH_DENIED:
	case MESH_NOT_FOUND:
	case MESH_QUOTA:
	case MESH_IO:
		break;
	}
	return COUNT_PUBLISH_TOO_LARGE;
}

/* Anybody on the network can name any sender in what nobody opened. */
static bool
is_hearsay(const struct reception *r)
{
	return (r->via & VIA_UDP) != 0 && !has(r->has, RECEPTION_TYPE);
}

static void
learn_from_packet(struct publish *p, const struct reception *r, struct mesh_now now)
{
	if (!has(r->has, RECEPTION_FROM) || node_network(&r->from) == NETWORK_NONE ||
	    is_hearsay(r))
		return;
	struct arena arena = arena_init(p->block, sizeof p->block);
	struct known *node = node_slot(p, &r->from, now);
	if ((r->via & VIA_ECHO) == 0)
		known_hear(node, r);
	known_learn(node, inspect_node((enum radio_network)r->network, r->raw, &arena),
	    reception_heard_ms(r));
	write_if_due(p, node, now);
}

static void
publish_reception(struct publish *p, struct text_view radio, const struct id *self,
    const struct radio_reception *heard, struct mesh_now now)
{
	struct reception r;
	reception_of(heard, radio, &r);
	if (!has(r.has, RECEPTION_TIME)) {
		r.time_ms = now.unix_ms;
		r.has |= 1ULL << RECEPTION_TIME;
	}
	if (!id_is(&r.to)) /* everybody */
		r.has &= ~(1ULL << RECEPTION_TO);
	struct reception leaves;
	struct arena arena = arena_init(p->block, sizeof p->block);
	enum meshd_counter what = leaving_packet(
	    &p->at.leaving, &r, self, live_sites(p->at.live), &arena, &leaves);
	bool stays = leaving_stays(what);
	bool teaches = leaving_teaches(what);
	if (stays || what == COUNT_PUBLISH_TAKEN || what == COUNT_PUBLISH_CUT)
		what = write_packet(p, stays ? &r : &leaves, what);
	count_one(p->at.counts, COUNT_PUBLISH_SEEN);
	count_one(p->at.counts, what);
	if (teaches)
		learn_from_packet(p, &r, now);
}

/* --- nodes that the radio itself knows --- */

static void
publish_facts(struct publish *p, const struct radio_event *event, struct mesh_now now)
{
	enum radio_network network = node_network(&event->node);
	if (network == NETWORK_NONE || (network == NETWORK_SIM && !p->at.leaving.demo))
		return;
	struct arena arena = arena_init(p->block, sizeof p->block);
	struct leaving_entry tells = { true, true, true };
	if (event->kind == RADIO_NODE)
		tells = leaving_listed(
		    &p->at.leaving, &event->node, live_sites(p->at.live), &arena);
	if (!tells.told) {
		count_one(p->at.counts, COUNT_PUBLISH_NODES_WITHHELD);
		return;
	}
	struct known *node = node_slot(p, &event->node, now);
	known_report(node, event->facts, now.unix_ms, tells.place, tells.battery);
	write_if_due(p, node, now);
}

void
publish_event(struct publish *p, struct text_view radio, const struct id *self,
    const struct radio_event *event, struct mesh_now now)
{
	switch (event->kind) {
	case RADIO_RECEPTION:
		publish_reception(p, radio, self, &event->reception, now);
		break;
	case RADIO_READY:
	case RADIO_NODE:
		publish_facts(p, event, now);
		break;
	case RADIO_SAMPLE:
	case RADIO_SENT:
	case RADIO_FRAME:
	case RADIO_STUCK:
	case RADIO_CHANGED:
	case RADIO_ORDERED:
	case RADIO_TENDED:
	case RADIO_EVENT_KINDS:
		break;
	}
}

/* --- all once more --- */

void
publish_greet(struct publish *p, struct mesh_now now)
{
	p->site_due = true;
	for (size_t i = 0; i < PUBLISH_RADIOS; i++)
		p->radios[i].due = p->radios[i].again = p->radios[i].used;
	publish_due_at(p, now.ms);
}

static void
say_all(struct publish *p, struct mesh_now now)
{
	publish_greet(p, now);
	for (size_t i = 0; i < p->node_count; i++) {
		p->nodes[i].written = false;
		p->nodes[i].changed = true;
	}
}

/* The packets that taught it are not here any more: as an entry of a radio's own list
 * it is told, or not. */
static void
forget_what_stays(struct publish *p, struct known *node)
{
	struct arena arena = arena_init(p->block, sizeof p->block);
	struct leaving_entry tells = leaving_listed(
	    &p->at.leaving, &node->facts.id, live_sites(p->at.live), &arena);
	if (!tells.place)
		known_forget_place(node);
	if (!tells.battery)
		known_forget_battery(node);
	if (!tells.told) {
		count_one(p->at.counts, COUNT_PUBLISH_NODES_WITHHELD);
		known_forget(node);
	}
	node->old = false;
}

/* A node of which nothing is left is not due before it is heard. */
void
publish_anew(struct publish *p, struct mesh_now now)
{
	say_all(p, now);
	for (size_t i = 0; i < p->node_count; i++)
		if (p->nodes[i].old)
			forget_what_stays(p, &p->nodes[i]);
}

void
publish_rules(struct publish *p, const struct leaving_rules *rules, struct mesh_now now)
{
	bool otherwise = rules->precision != p->at.leaving.precision;
	p->at.leaving = *rules;
	for (size_t i = 0; i < p->node_count; i++)
		p->nodes[i].old = true;
	if (otherwise)
		say_all(p, now);
}

/* --- what could not be written before --- */

static void
site_if_due(struct publish *p, struct mesh_now now)
{
	const struct bytes_view key = { (const uint8_t *)"site", 4 };
	if (!p->site_due)
		return;
	if (now.ms < p->site_after_ms) {
		publish_due_at(p, p->site_after_ms);
		return;
	}
	struct site_value told = p->site;
	leaving_site(&p->at.leaving, &told);
	p->site_due = publish_write_state(p, key, &site_value_table, &told) ==
	    MESH_FULL;
	p->site_after_ms = now.ms +
	    (p->site_due ? PUBLISH_RETRY_MS : PUBLISH_GREET_GAP_MS);
	if (p->site_due)
		publish_due_at(p, p->site_after_ms);
}

void
publish_tick(struct publish *p, struct mesh_now now)
{
	if (now.ms < p->due_ms)
		return;
	p->due_ms = MESH_NEVER;
	site_if_due(p, now);
	for (size_t i = 0; i < PUBLISH_RADIOS; i++) {
		if (p->radios[i].used)
			publish_radio_if_due(p, &p->radios[i], now);
	}
	for (size_t i = 0; i < p->node_count; i++)
		write_if_due(p, &p->nodes[i], now);
}

mesh_time_ms
publish_deadline(const struct publish *p)
{
	return p->due_ms;
}
