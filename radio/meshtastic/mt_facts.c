#include "mt_facts.h"
#include "arena.h"
#include "text.h"
#include <math.h>

enum facts_change { RENAME, DEGREES, SECONDS, NODE, NODES, QUARTER_DB };
struct facts_rule {
	uint32_t port;
	enum facts_change change;
	const char *official, *ours;
};

/* clang-format off */
static const struct facts_rule rules[] = {
	{ MT_PORT_POSITION,     DEGREES,    "latitude_i",       "lat" },
	{ MT_PORT_POSITION,     DEGREES,    "longitude_i",      "lon" },
	{ MT_PORT_POSITION,     RENAME,     "altitude",         "alt_m" },
	{ MT_PORT_POSITION,     RENAME,     "precision_bits",   "precision" },
	{ MT_PORT_POSITION,     SECONDS,    "time",             "time_ms" },
	{ MT_PORT_POSITION,     SECONDS,    "timestamp",        "timestamp_ms" },
	{ MT_PORT_NODEINFO,     RENAME,     "hw_model",         "hardware" },
	{ MT_PORT_WAYPOINT,     DEGREES,    "latitude_i",       "lat" },
	{ MT_PORT_WAYPOINT,     DEGREES,    "longitude_i",      "lon" },
	{ MT_PORT_WAYPOINT,     SECONDS,    "expire",           "expire_ms" },
	{ MT_PORT_WAYPOINT,     NODE,       "locked_to",        "locked_to" },
	{ MT_PORT_TELEMETRY,    SECONDS,    "time",             "time_ms" },
	{ MT_PORT_TRACEROUTE,   NODES,      "route",            "route" },
	{ MT_PORT_TRACEROUTE,   NODES,      "route_back",       "route_back" },
	{ MT_PORT_TRACEROUTE,   QUARTER_DB, "snr_towards",      "snr_towards" },
	{ MT_PORT_TRACEROUTE,   QUARTER_DB, "snr_back",         "snr_back" },
	{ MT_PORT_NEIGHBORINFO, NODE,       "node_id",          "node_id" },
	{ MT_PORT_NEIGHBORINFO, NODE,       "last_sent_by_id",  "last_sent_by_id" },
	{ MT_PORT_NEIGHBORINFO, SECONDS,    "last_rx_time",     "last_rx_ms" },
	{ MT_PORT_MAP_REPORT,   DEGREES,    "latitude_i",       "lat" },
	{ MT_PORT_MAP_REPORT,   DEGREES,    "longitude_i",      "lon" },
	{ MT_PORT_MAP_REPORT,   RENAME,     "altitude",         "alt_m" },
	{ MT_PORT_MAP_REPORT,   RENAME,     "position_precision", "precision" },
	{ MT_PORT_MAP_REPORT,   RENAME,     "hw_model",         "hardware" },
	{ MT_PORT_MAP_REPORT,   RENAME,     "firmware_version", "firmware" },
}; /* clang-format on */

/* Ports whose contents get a name of their own; the others' fields stand at the top. */
static const char *
noun_of(uint32_t port)
{
	if (port == MT_PORT_POSITION)
		return "position";
	if (port == MT_PORT_NODEINFO)
		return "user";
	if (port == MT_PORT_WAYPOINT)
		return "waypoint";
	return port == MT_PORT_ADMIN ? "admin" : NULL;
}

static void
to_degrees(struct tree_item *item)
{
	item->as.d = (double)item->as.i / 1e7;
	item->kind = TREE_F64;
}

static void
to_ms(struct tree_item *item)
{
	item->as.i = (int64_t)item->as.u * 1000;
	item->kind = TREE_I64;
}

static void
to_decibel(struct tree_item *item)
{
	enum { UNKNOWN = -128 };
	if (item->as.i == UNKNOWN) {
		item->kind = TREE_NULL;
		return;
	}
	item->as.f = (float)item->as.i / 4.0F;
	item->kind = TREE_F32;
}

static void
to_node(struct tree_item *item, enum id_kind ids, struct arena *into)
{
	struct id node = mt_node_id((uint32_t)item->as.u);
	item->kind = TREE_NULL;
	if (!id_is(&node))
		return;
	node.kind = (uint8_t)ids;
	struct bytes_out out = bytes_out(arena_take(into, ID_TEXT_MAX, 1), ID_TEXT_MAX);
	if (out.ptr == NULL)
		return;
	id_print(&node, &out);
	item->kind = TREE_TEXT;
	item->as.text = text_written(&out);
}

static bool
is_number(const struct tree_item *item)
{
	return item->kind == TREE_I64 || item->kind == TREE_U64;
}

static void
change_one(enum facts_change change, struct tree_item *item, enum id_kind ids,
    struct arena *into)
{
	if (!is_number(item))
		return;
	if (change == DEGREES)
		to_degrees(item);
	else if (change == SECONDS)
		to_ms(item);
	else if (change == QUARTER_DB)
		to_decibel(item);
	else if (change == NODE || change == NODES)
		to_node(item, ids, into);
}

/* Leaves stay leaves, so the tree's shape and spans do not change. */
static void
apply_rules(struct tree_item *items, size_t count, uint32_t port, enum id_kind ids,
    struct arena *into)
{
	for (size_t i = 0; i < count; i++) {
		const struct facts_rule *rule = NULL;
		for (size_t k = 0; k < LENGTH(rules); k++)
			if (rules[k].port == port &&
			    text_is(items[i].name, rules[k].official))
				rule = &rules[k];
		if (rule == NULL)
			continue;
		items[i].name = text(rule->ours);
		for (size_t k = 0; k < items[i].span; k++)
			change_one(rule->change, &items[i + k], ids, into);
	}
}

/* Put a whole decoded message where the builder stands. */
static void
put_tree(struct tree_out *t, struct tree_view tree)
{
	if (t->failed || tree.count > t->cap - t->count) {
		t->failed = true;
		return;
	}
	if (tree.count > 0)
		memcpy(t->items + t->count, tree.items, tree.count * sizeof *t->items);
	t->count += tree.count;
}

static void
put_envelope(struct tree_out *t, const struct mt_packet *p)
{
	if (p->request_id != 0)
		tree_put_u64(t, "request_id", p->request_id);
	if (p->reply_id != 0)
		tree_put_u64(t, "reply_id", p->reply_id);
	if (p->emoji != 0)
		tree_put_bool(t, "emoji", true);
	if (p->want_response)
		tree_put_bool(t, "want_response", true);
	if ((p->has & MT_HAS_ENCRYPTED) != 0)
		tree_put_bool(t, "encrypted", true);
	if (p->pki_encrypted)
		tree_put_bool(t, "pki_encrypted", true);
}

static void
put_payload(struct tree_out *t, const struct mt_packet *p)
{
	struct bytes_view v = p->payload;
	if (mt_port_is_text(p->port) && text_is_utf8(v))
		tree_put_text(
		    t, "text", (struct text_view){ (const char *)v.ptr, v.len });
	else if (v.len > 0)
		tree_put_bytes(t, "payload", v);
}

static bool
is_message(const struct mt_packet *p)
{
	return (p->has & MT_HAS_DECODED) != 0 && mt_payload_table(p->port) != NULL;
}

enum mesh_err
mt_facts_contents(const struct mt_packet *p, enum id_kind ids, struct arena *into,
    struct tree_view *out)
{
	enum { ENVELOPE_ITEMS = 8 };
	struct tree_view message = { NULL, 0 };
	enum mesh_err err = MESH_OK;
	*out = message;
	if (is_message(p))
		err = protobuf_decode(
		    mt_payload_table(p->port), p->payload, into, &message);
	size_t cap = message.count + ENVELOPE_ITEMS;
	struct tree_item *items = arena_take(into, cap, sizeof *items);
	if (items == NULL)
		return MESH_FULL;
	struct tree_out t = tree_out(items, cap);
	const char *noun = noun_of(p->port);
	if (is_message(p) && err == MESH_OK) {
		if (noun != NULL)
			tree_open_map(&t, noun);
		put_tree(&t, message);
		apply_rules(items, t.count, p->port, ids, into);
		if (noun != NULL)
			tree_shut(&t);
	} else if ((p->has & MT_HAS_DECODED) != 0) {
		put_payload(&t, p);
	}
	put_envelope(&t, p);
	*out = tree_done(&t);
	return err;
}

/* --- the node's words --- */

/* A measurement that is no number was none; no record could hold it. */
static bool
is_measured(const struct tree_item *item)
{
	return item->kind != TREE_F32 || isfinite(item->as.f);
}

static void
put_found(struct tree_out *t, const char *name, struct tree_view from, const char *path)
{
	const struct tree_item *item = tree_find(from, text(path));
	if (item != NULL && is_measured(item))
		tree_put_item(t, text(name), *item);
}

/* What a radio puts in its list for a node it only heard of: no news about names. */
static bool
is_placeholder(struct tree_view user)
{
	return text_begins(tree_text(user, "long_name"), "Meshtastic ") &&
	    tree_find(user, text("hw_model")) == NULL &&
	    tree_find(user, text("public_key")) == NULL;
}

/* A name that is not UTF-8 came as bytes; what can be read of it is still a name. */
static void
put_name(
    struct tree_out *t, const char *name, struct tree_view user, struct arena *into)
{
	enum { NAME_MAX_BYTES = 48, REPLACEMENT_BYTES = 3 };
	const struct tree_item *item = tree_find(user, text(name));
	if (item == NULL || item->kind != TREE_BYTES) {
		put_found(t, name, user, name);
		return;
	}
	size_t cap = (size_t)NAME_MAX_BYTES * REPLACEMENT_BYTES;
	struct bytes_out out = bytes_out(arena_take(into, cap, 1), cap);
	if (out.ptr == NULL)
		return;
	text_put_clean(&out, item->as.bytes, NAME_MAX_BYTES);
	tree_put_text(t, name, text_written(&out));
}

static void
put_user(struct tree_out *t, struct tree_view user, struct arena *into)
{
	if (user.count == 0 || is_placeholder(user))
		return;
	put_name(t, "long_name", user, into);
	put_name(t, "short_name", user, into);
	if (tree_find(user, text("role")) != NULL)
		put_found(t, "role", user, "role");
	else
		tree_put_text(t, "role", text("CLIENT")); /* the default is not sent */
	put_found(t, "hardware", user, "hw_model");
}

static void
put_position(struct tree_out *t, struct tree_view position)
{
	int64_t lat, lon;
	if (!tree_i64(position, "latitude_i", &lat) ||
	    !tree_i64(position, "longitude_i", &lon) || (lat == 0 && lon == 0))
		return;
	tree_open_map(t, "position");
	tree_put_f64(t, "lat", (double)lat / 1e7);
	tree_put_f64(t, "lon", (double)lon / 1e7);
	put_found(t, "alt_m", position, "altitude");
	put_found(t, "precision", position, "precision_bits");
	tree_shut(t);
}

static void
put_battery(struct tree_out *t, struct tree_view metrics)
{
	enum { PERCENT_MAX = 100 }; /* above: on mains */
	int64_t percent;
	double volts;
	bool has_percent = tree_i64(metrics, "battery_level", &percent);
	bool has_volts = tree_f64(metrics, "voltage", &volts) && volts > 0 &&
	    isfinite(volts);
	if (!has_percent && !has_volts)
		return;
	tree_open_map(t, "battery");
	if (has_percent)
		tree_put_i64(
		    t, "percent", percent < PERCENT_MAX ? percent : PERCENT_MAX);
	if (has_percent && percent > PERCENT_MAX)
		tree_put_bool(t, "external", true);
	if (has_volts)
		put_found(t, "volts", metrics, "voltage");
	tree_shut(t);
}

static struct tree_view
below(struct tree_view tree, const char *path)
{
	const struct tree_item *item = tree_find(tree, text(path));
	if (item == NULL || item->kind != TREE_MAP)
		return (struct tree_view){ NULL, 0 };
	return (struct tree_view){ item + 1, item->span - 1 };
}

enum { NODE_ITEMS = 24 };

struct tree_view
mt_facts_sender(const struct mt_packet *p, struct arena *into)
{
	struct tree_view none = { NULL, 0 }, message = none;
	bool tells = p->port == MT_PORT_NODEINFO || p->port == MT_PORT_POSITION ||
	    p->port == MT_PORT_TELEMETRY;
	if (!tells || !is_message(p) ||
	    protobuf_decode(mt_payload_table(p->port), p->payload, into, &message) !=
		MESH_OK)
		return none;
	struct tree_item *items = arena_take(into, NODE_ITEMS, sizeof *items);
	if (items == NULL)
		return none;
	struct tree_out t = tree_out(items, NODE_ITEMS);
	if (p->port == MT_PORT_NODEINFO)
		put_user(&t, message, into);
	else if (p->port == MT_PORT_POSITION)
		put_position(&t, message);
	else
		put_battery(&t, below(message, "device_metrics"));
	return tree_done(&t);
}

/* "wifi bluetooth pkc" */
static void
put_abilities(struct tree_out *t, struct tree_view metadata, struct arena *into)
{
	enum { ROOM = 48 };
	static const struct {
		const char *member, *word;
	} abilities[] = { { "hasWifi", "wifi" }, { "hasBluetooth", "bluetooth" },
		{ "hasEthernet", "ethernet" }, { "hasPKC", "pkc" },
		{ "canShutdown", "shutdown" } };
	struct text_view firmware = tree_text(metadata, "firmware_version");
	char *room = arena_take(into, 1, ROOM);
	struct bytes_out out = bytes_out(room, room != NULL ? ROOM : 0);
	for (size_t i = 0; i < LENGTH(abilities); i++) {
		const struct tree_item *item = tree_find(
		    metadata, text(abilities[i].member));
		if (item == NULL || item->kind != TREE_BOOL || !item->as.b)
			continue;
		text_put(&out, out.len > 0 ? " " : "");
		text_put(&out, abilities[i].word);
	}
	if (firmware.len > 0)
		tree_put_text(t, "firmware", firmware);
	if (out.len > 0)
		tree_put_text(t, "can", text_written(&out));
}

struct tree_view
mt_facts_node(struct tree_view node_info, struct tree_view metadata, struct arena *into)
{
	int64_t last_s;
	struct tree_item *items = arena_take(into, NODE_ITEMS, sizeof *items);
	if (items == NULL)
		return (struct tree_view){ NULL, 0 };
	struct tree_out t = tree_out(items, NODE_ITEMS);
	put_user(&t, below(node_info, "user"), into);
	put_position(&t, below(node_info, "position"));
	put_battery(&t, below(node_info, "device_metrics"));
	if (tree_i64(node_info, "last_heard", &last_s) && last_s > 0)
		tree_put_i64(&t, "last_ms", last_s * 1000);
	put_found(&t, "hops", node_info, "hops_away");
	put_found(&t, "snr", node_info, "snr");
	put_abilities(&t, metadata, into);
	return tree_done(&t);
}
