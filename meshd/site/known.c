#include "known.h"
#include "id.h"
#include "text.h"
#include "tree.h"
#include <string.h>

static bool
has(uint64_t bits, unsigned row)
{
	return (bits >> row & 1) != 0;
}

void
known_init(struct known *node, const struct id *id)
{
	*node = (struct known){ .facts = { .has = 1ULL << FACTS_ID, .id = *id } };
}

/* The texts of the facts and their rows, in the order of `chars`. */
static struct text_view *
name_of(struct node_facts *facts, size_t i)
{
	struct text_view *names[] = { &facts->long_name, &facts->short_name,
		&facts->role, &facts->hardware, &facts->firmware };
	return names[i];
}

static bool
learn_name(struct known *node, size_t i, struct text_view said)
{
	char room[NODE_NAME_MAX];
	struct bytes_out out = bytes_out(room, sizeof room);
	struct text_view *name = name_of(&node->facts, i);
	size_t most = i == 0 ? NODE_NAME_MAX : NODE_WORD_MAX;
	text_put_clean(&out, bytes_view(said.ptr, said.len), most);
	if (out.len == 0 ||
	    (has(node->facts.has, FACTS_LONG_NAME + (unsigned)i) &&
		text_equal(*name, text_written(&out))))
		return false;
	memcpy(node->chars[i], room, out.len);
	*name = (struct text_view){ node->chars[i], out.len };
	node->facts.has |= 1ULL << (FACTS_LONG_NAME + i);
	return true;
}

static void
learn_names(struct known *node, struct tree_view said, unix_ms now_ms)
{
	static const char *const words[] = { "long_name", "short_name", "role",
		"hardware", "firmware" };
	bool any = false;
	for (size_t i = 0; i < LENGTH(words); i++) {
		struct text_view name = tree_text(said, words[i]);
		any |= name.len > 0;
		node->changed |= learn_name(node, i, name);
	}
	if (any) {
		node->facts.named_ms = now_ms;
		node->facts.has |= 1ULL << FACTS_NAMED_MS;
	}
}

static bool
real(struct tree_view said, const char *path, double lo, double hi, double *out)
{
	return tree_f64(said, path, out) && *out >= lo && *out <= hi;
}

static void
learn_position(struct known *node, struct tree_view said, unix_ms now_ms)
{
	enum { LAT, LON, ALT, PRECISION };
	struct node_position here = { .has = 1 << LAT | 1 << LON };
	double alt, bits;
	if (!real(said, "position.lat", -90, 90, &here.lat) ||
	    !real(said, "position.lon", -180, 180, &here.lon))
		return;
	if (real(said, "position.alt_m", -20000, 100000, &alt)) {
		here.alt_m = (float)alt;
		here.has |= 1 << ALT;
	}
	if (real(said, "position.precision", 0, 64, &bits)) {
		here.precision = (uint8_t)bits;
		here.has |= 1 << PRECISION;
	}
	struct node_facts *facts = &node->facts;
	node->changed |= !has(facts->has, FACTS_POSITION) ||
	    !fields_equal(&node_position_table, &facts->position, &here);
	facts->position = here;
	facts->position_ms = now_ms;
	facts->has |= 1ULL << FACTS_POSITION | 1ULL << FACTS_POSITION_MS;
}

static void
learn_battery(struct known *node, struct tree_view said, unix_ms now_ms)
{
	enum { PERCENT, VOLTS };
	struct node_battery power = { .has = 0 };
	double percent, volts;
	if (real(said, "battery.percent", 0, 255, &percent)) {
		power.percent = (uint8_t)percent;
		power.has |= 1 << PERCENT;
	}
	if (real(said, "battery.volts", 0, 1000, &volts)) {
		power.volts = (float)volts;
		power.has |= 1 << VOLTS;
	}
	struct node_facts *facts = &node->facts;
	if (power.has == 0)
		return;
	node->changed |= !has(facts->has, FACTS_BATTERY) ||
	    !fields_equal(&node_battery_table, &facts->battery, &power);
	facts->battery = power;
	facts->battery_ms = now_ms;
	facts->has |= 1ULL << FACTS_BATTERY | 1ULL << FACTS_BATTERY_MS;
}

void
known_learn(struct known *node, struct tree_view said, unix_ms now_ms)
{
	learn_names(node, said, now_ms);
	learn_position(node, said, now_ms);
	learn_battery(node, said, now_ms);
}

void
known_hear(struct known *node, const struct reception *r)
{
	struct mesh_position nowhere = { .lane = LANE_PACKET };
	struct node_hearing h;
	struct node_facts *facts = &node->facts;
	if (!node_hearing_of(&nowhere, r, &h) ||
	    (has(facts->has, FACTS_LAST_MS) && h.last_ms < facts->last_ms))
		return;
	static const struct {
		uint8_t from, to;
	} same[] = { { HEARING_LAST_MS, FACTS_LAST_MS }, { HEARING_RSSI, FACTS_RSSI },
		{ HEARING_SNR, FACTS_SNR }, { HEARING_HOPS, FACTS_HOPS },
		{ HEARING_DIRECT, FACTS_DIRECT } };
	for (size_t i = 0; i < LENGTH(same); i++) {
		facts->has &= ~(1ULL << same[i].to);
		facts->has |= (h.has >> same[i].from & 1) << same[i].to;
	}
	if (!has(facts->has, FACTS_FIRST_MS))
		facts->first_ms = h.first_ms;
	facts->has |= 1ULL << FACTS_FIRST_MS;
	facts->last_ms = h.last_ms;
	facts->rssi = h.rssi;
	facts->snr = h.snr;
	facts->hops = h.hops;
	facts->direct = h.direct;
}

void
known_report(struct known *node, struct tree_view said, unix_ms now_ms, bool with_place,
    bool with_battery)
{
	struct node_facts *facts = &node->facts;
	int64_t last_ms;
	bool heard = tree_i64(said, "last_ms", &last_ms) && last_ms > 0;
	unix_ms at_ms = heard ? last_ms : now_ms;
	learn_names(node, said, at_ms);
	if (with_battery)
		learn_battery(node, said, at_ms);
	if (with_place)
		learn_position(node, said, at_ms);
	if (!heard || (has(facts->has, FACTS_LAST_MS) && last_ms <= facts->last_ms))
		return;
	if (!has(facts->has, FACTS_FIRST_MS))
		facts->first_ms = last_ms;
	facts->last_ms = last_ms;
	facts->has |= 1ULL << FACTS_LAST_MS | 1ULL << FACTS_FIRST_MS;
}

/* What the radio said since the start is newer; only what it cannot know is taken over.
 */
static void
recall(struct known *node, const struct node_facts *said)
{
	struct node_facts *facts = &node->facts;
	if (!has(said->has, FACTS_FIRST_MS) ||
	    (has(facts->has, FACTS_FIRST_MS) && facts->first_ms <= said->first_ms))
		return;
	facts->first_ms = said->first_ms;
	facts->has |= 1ULL << FACTS_FIRST_MS;
	node->changed = true;
}

void
known_remember(struct known *node, const struct node_facts *said)
{
	const struct text_view names[] = { said->long_name, said->short_name,
		said->role, said->hardware, said->firmware };
	struct id id = node->facts.id;
	bool fresh = node->facts.has == 1ULL << FACTS_ID;
	if (fresh)
		node->facts = *said;
	node->facts.id = id;
	node->facts.has |= 1ULL << FACTS_ID;
	node->old = true;
	for (size_t i = 0; i < LENGTH(names); i++) {
		unsigned row = FACTS_LONG_NAME + (unsigned)i;
		if (fresh) { /* borrowed: learnt anew as our own copy */
			*name_of(
			    &node->facts, i) = (struct text_view){ node->chars[i], 0 };
			node->facts.has &= ~(1ULL << row);
		}
		if (has(said->has, row) && !has(node->facts.has, row))
			learn_name(node, i, names[i]);
	}
	if (fresh)
		known_written(node, 0); /* not written again until it changes */
	else
		recall(node, said);
}

void
known_forget(struct known *node)
{
	struct id id = node->facts.id;
	known_init(node, &id);
}

void
known_forget_place(struct known *node)
{
	node->facts.has &= ~(1ULL << FACTS_POSITION | 1ULL << FACTS_POSITION_MS);
}

void
known_forget_battery(struct known *node)
{
	node->facts.has &= ~(1ULL << FACTS_BATTERY | 1ULL << FACTS_BATTERY_MS);
}

void
known_written(struct known *node, mesh_time_ms now_ms)
{
	node->written = true;
	node->written_named = has(node->facts.has, FACTS_LONG_NAME);
	node->changed = false;
	node->written_ms = now_ms;
	node->written_last_ms = node->facts.last_ms;
}

mesh_time_ms
known_due(const struct known *node)
{
	if (!node->written)
		return node->changed || has(node->facts.has, FACTS_LAST_MS)
		    ? 0
		    : MESH_NEVER;
	if (node->changed && !node->written_named &&
	    has(node->facts.has, FACTS_LONG_NAME))
		return 0; /* people look for names: the first one does not wait */
	if (node->changed)
		return node->written_ms + KNOWN_NODE_GAP_MS;
	if (node->facts.last_ms > node->written_last_ms)
		return node->written_ms + KNOWN_HEARD_GAP_MS;
	return MESH_NEVER;
}
