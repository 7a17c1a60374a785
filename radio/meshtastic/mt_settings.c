#include "mt_settings.h"
#include "mt_tables.h"
#include "text.h"
#include <assert.h>

enum admin_member {
	GET_CHANNEL = 1,
	GET_OWNER = 3,
	GET_CONFIG = 5,
	GET_MODULE_CONFIG = 7,
	GET_CANNED_MESSAGES = 10,
	GET_RINGTONE = 14,
	SET_OWNER = 32,
	SET_CHANNEL = 33,
	SET_CONFIG = 34,
	SET_MODULE_CONFIG = 35,
	SET_CANNED_MESSAGES = 36,
	SET_RINGTONE = 37,
	SET_FIXED_POSITION = 41,
	REMOVE_FIXED_POSITION = 42
};
enum {
	NODE_USER = 2,
	NODE_POSITION = 3,
	CONFIG_POSITION = 2,
	CONFIGS = 8,
	OWNER_YES = 1,
	CHANNEL_INDEX = 1,
	TEXTS = 2
};
enum { LATITUDE = 1, LONGITUDE = 2, ALTITUDE = 3 };

/* --- sections --- */

static bool
config_at(const struct protobuf_table *t, size_t index, struct mt_section *out)
{
	bool modules = t == &mt_module_config;
	const struct protobuf_field *row = &t->rows[index];
	*out = (struct mt_section){ .name = row->name,
		.group = modules ? "modules" : "config",
		.table = row->sub,
		.kind = modules ? FROM_MODULE_CONFIG : FROM_CONFIG,
		.key = row->number,
		.member = row->number,
		.set = modules ? SET_MODULE_CONFIG : SET_CONFIG,
		.get = modules ? GET_MODULE_CONFIG : GET_CONFIG,
		.of = row->number - 1 };
	return true;
}

static bool
channel_at(size_t index, struct mt_section *out)
{
	static const char *const names[MT_CHANNELS] = { "channel_0", "channel_1",
		"channel_2", "channel_3", "channel_4", "channel_5", "channel_6",
		"channel_7" };
	*out = (struct mt_section){ .name = names[index],
		.group = "channels",
		.table = &mt_channel,
		.kind = FROM_CHANNEL,
		.key = (uint32_t)index,
		.set = SET_CHANNEL,
		.get = GET_CHANNEL,
		.of = (uint32_t)index + 1 };
	return true;
}

/* Of AdminMessage the one member that sets it. */
static const struct protobuf_field canned_messages_rows[] = {
	ROW(SET_CANNED_MESSAGES, PLAIN, TEXT, "messages"),
};
static const struct protobuf_field ringtone_rows[] = {
	ROW(SET_RINGTONE, PLAIN, TEXT, "ringtone"),
};
TABLE(canned_messages, "CannedMessages")
TABLE(ringtone, "Ringtone")

static bool
text_at(size_t index, struct mt_section *out)
{
	static const struct {
		const char *name;
		const struct protobuf_table *table;
		uint32_t get, set;
	} texts[] = {
		{ "canned_messages", &mt_canned_messages, GET_CANNED_MESSAGES,
		    SET_CANNED_MESSAGES },
		{ "ringtone", &mt_ringtone, GET_RINGTONE, SET_RINGTONE },
	};
	static_assert(LENGTH(texts) == TEXTS, "a section each");
	*out = (struct mt_section){ .name = texts[index].name,
		.group = "texts",
		.table = texts[index].table,
		.kind = FROM_ANSWERS,
		.key = texts[index].get,
		.set = texts[index].set,
		.get = texts[index].get,
		.of = 1,
		.asked = true };
	return true;
}

/* Last, for what went on the air is not taken back. */
static bool
place_at(size_t index, uint32_t node, struct mt_section *out)
{
	*out = (struct mt_section){ .name = "fixed_position",
		.group = "place",
		.table = &mt_position,
		.kind = FROM_NODE_INFO,
		.key = node,
		.member = NODE_POSITION,
		.set = SET_FIXED_POSITION,
		.placed = true,
		.remove = REMOVE_FIXED_POSITION };
	return index == 0;
}

/* Those that our tables can take apart: what has no table is a newer firmware's. */
static size_t
module_count(void)
{
	size_t count = 0;
	while (count < mt_module_config.count &&
	    mt_module_config.rows[count].kind == PROTOBUF_SUB)
		count++;
	return count;
}

bool
mt_section_at(size_t index, uint32_t node, struct mt_section *out)
{
	size_t modules = module_count();
	if (index == 0) {
		*out = (struct mt_section){ .name = "owner",
			.group = "owner",
			.table = &mt_user,
			.kind = FROM_NODE_INFO,
			.key = node,
			.member = NODE_USER,
			.set = SET_OWNER,
			.get = GET_OWNER,
			.of = OWNER_YES };
		return true;
	}
	index--;
	if (index < CONFIGS)
		return config_at(&mt_config, index, out);
	index -= CONFIGS;
	if (index < modules)
		return config_at(&mt_module_config, index, out);
	index -= modules;
	if (index < MT_CHANNELS)
		return channel_at(index, out);
	index -= MT_CHANNELS;
	return index < TEXTS ? text_at(index, out) : place_at(index - TEXTS, node, out);
}

bool
mt_section_named(
    struct text_view name, uint32_t node, struct mt_section *out, size_t *index)
{
	for (size_t i = 0; mt_section_at(i, node, out); i++)
		if (text_is(name, out->name)) {
			*index = i;
			return true;
		}
	return false;
}

bool
mt_section_sets(const struct mt_section *s, uint32_t number)
{
	enum { LONG_NAME = 2, SHORT_NAME = 3, LICENSED = 6, UNMESSAGABLE = 9 };
	if (s->table == &mt_channel)
		return number != CHANNEL_INDEX;
	if (s->placed)
		return number == LATITUDE || number == LONGITUDE || number == ALTITUDE;
	return s->table != &mt_user || number == LONG_NAME || number == SHORT_NAME ||
	    number == LICENSED || number == UNMESSAGABLE;
}

/* --- as the radio told it --- */

static struct bytes_view
inside(struct bytes_view message, uint32_t member)
{
	struct bytes_view found = { NULL, 0 };
	struct bytes_in in = bytes_in(message);
	struct protobuf_item item;
	while (protobuf_next(&in, &item))
		if (item.number == member && item.wire == WIRE_LEN)
			found = item.bytes;
	return found;
}

/* A radio that finds its place by itself says it in the same member as one that was
 * told it. */
static struct bytes_view
place_told(const struct mt_section *s, const struct mt_cache *cache)
{
	enum { FIXED_POSITION = 3 };
	const struct bytes_view nowhere = { (const uint8_t *)"", 0 };
	struct bytes_view config = inside(
	    mt_cache_get(cache, FROM_CONFIG, CONFIG_POSITION), CONFIG_POSITION);
	struct bytes_in in = bytes_in(config);
	struct protobuf_item item;
	bool fixed = false;
	while (protobuf_next(&in, &item))
		if (item.number == FIXED_POSITION && item.wire == WIRE_VARINT)
			fixed = item.value != 0;
	struct bytes_view place = inside(
	    mt_cache_get(cache, s->kind, s->key), s->member);
	if (config.ptr == NULL)
		return config;
	return fixed && place.ptr != NULL ? place : nowhere;
}

static struct bytes_view
section_told(const struct mt_section *s, const struct mt_cache *cache)
{
	if (s->placed)
		return place_told(s, cache);
	struct bytes_view told = mt_cache_get(cache, s->kind, s->key);
	return told.ptr != NULL && s->member != 0 ? inside(told, s->member) : told;
}

/* Firmware tells an altitude that it was not told as zero. */
static bool
says_something(const struct mt_section *s, const struct protobuf_item *item)
{
	return !s->placed || item->number != ALTITUDE || item->value != 0;
}

struct bytes_view
mt_section_raw(
    const struct mt_section *s, const struct mt_cache *cache, struct arena *into)
{
	const struct bytes_view none = { NULL, 0 };
	struct bytes_view told = section_told(s, cache);
	if (told.ptr == NULL)
		return none;
	struct bytes_out out = bytes_out(
	    arena_take(into, 1, told.len + 1), told.len + 1);
	struct bytes_in in = bytes_in(told);
	struct protobuf_item item;
	for (const uint8_t *from = in.ptr; out.ptr != NULL && protobuf_next(&in, &item);
	     from = in.ptr)
		if (mt_section_sets(s, item.number) && says_something(s, &item))
			bytes_put(&out, from, (size_t)(in.ptr - from));
	return in.failed ? none : bytes_written(&out);
}

bool
mt_section_tree(const struct mt_section *s, struct bytes_view raw, struct arena *into,
    struct tree_view *out)
{
	*out = (struct tree_view){ NULL, 0 };
	return raw.ptr != NULL && protobuf_decode(s->table, raw, into, out) == MESH_OK;
}

/* --- secrets --- */

/* A public key goes with its private one: set alone, the radio would have a pair that
 * does not fit. */
static const struct {
	const struct protobuf_table *table;
	const char *name;
} secret_rows[] = {
	{ &mt_security_config, "public_key" },
	{ &mt_security_config, "private_key" },
	{ &mt_security_config, "admin_key" },
	{ &mt_network_config, "wifi_psk" },
	{ &mt_mqtt_config, "password" },
	{ &mt_bluetooth_config, "fixed_pin" },
	{ &mt_channel_settings, "psk" },
};

bool
mt_settings_is_secret(const struct protobuf_table *t, const struct protobuf_field *row)
{
	for (size_t i = 0; row != NULL && i < LENGTH(secret_rows); i++)
		if (t == secret_rows[i].table &&
		    strcmp(row->name, secret_rows[i].name) == 0)
			return true;
	return false;
}

const struct protobuf_field *
mt_settings_row(const struct protobuf_table *t, struct text_view name)
{
	for (size_t i = 0; t != NULL && name.ptr != NULL && i < t->count; i++)
		if (text_is(name, t->rows[i].name))
			return &t->rows[i];
	return NULL;
}

/* A newer firmware's member is anything, where there are secrets perhaps one more. */
static bool
may_be_secret(const struct protobuf_table *t, const struct tree_item *item)
{
	bool unknown = item->name.len > 0 && item->name.ptr[0] == '#';
	for (size_t i = 0; i < LENGTH(secret_rows); i++)
		if (t == secret_rows[i].table)
			return unknown && item->kind == TREE_BYTES;
	return false;
}

static bool
is_hidden(const struct protobuf_table *t, const struct tree_item *item)
{
	if (may_be_secret(t, item))
		return true;
	bool known = t == &mt_channel_settings && item->kind == TREE_BYTES &&
	    item->as.bytes.len <= 1;
	return !known && mt_settings_is_secret(t, mt_settings_row(t, item->name));
}

/* --- walking --- */

struct mt_nest
mt_nest(const struct protobuf_table *t, struct tree_view tree)
{
	return (struct mt_nest){ .tables = { t }, .ends = { tree.count } };
}

void
mt_nest_leave(struct mt_nest *n, size_t at, struct tree_out *out)
{
	for (; n->depth > 0 && n->ends[n->depth] == at; n->depth--)
		tree_shut(out);
}

bool
mt_nest_enter(struct mt_nest *n, const struct protobuf_field *row,
    const struct tree_item *item, size_t at, struct tree_out *out)
{
	bool list = item->kind == TREE_LIST;
	if (n->depth == TREE_DEPTH)
		return false;
	if (list)
		tree_open_list_named(out, item->name);
	else
		tree_open_map_named(out, item->name);
	n->depth++;
	n->tables[n->depth] = row != NULL ? row->sub : NULL;
	n->lists[n->depth] = list ? row : NULL;
	n->ends[n->depth] = at + item->span;
	return !out->failed;
}

struct tree_view
mt_settings_redact(
    const struct mt_section *s, struct tree_view tree, struct arena *into)
{
	const struct tree_item null = { .kind = TREE_NULL };
	struct tree_item *items = arena_take(into, tree.count + 1, sizeof *items);
	struct tree_out out = tree_out(items, items != NULL ? tree.count : 0);
	struct mt_nest n = mt_nest(s->table, tree);
	for (size_t i = 0; i < tree.count;) {
		const struct tree_item *item = &tree.items[i];
		mt_nest_leave(&n, i, &out);
		const struct protobuf_table *t = n.tables[n.depth];
		bool hidden = is_hidden(t, item);
		bool holds = item->kind == TREE_MAP || item->kind == TREE_LIST;
		if (hidden || !holds)
			tree_put_item(&out, item->name, hidden ? null : *item);
		else if (!mt_nest_enter(
			     &n, mt_settings_row(t, item->name), item, i, &out))
			break;
		i += hidden ? item->span : 1;
	}
	mt_nest_leave(&n, tree.count, &out);
	return tree_done(&out);
}

bool
mt_settings_get(const struct mt_cache *cache, uint32_t node, size_t index, bool secrets,
    struct arena *into, struct radio_setting *out)
{
	struct mt_section s;
	struct tree_view tree;
	if (!mt_section_at(index, node, &s))
		return false;
	bool told = mt_section_tree(&s, mt_section_raw(&s, cache, into), into, &tree);
	*out = (struct radio_setting){ .section = text(s.name),
		.group = text(s.group),
		.told = told,
		.asked = s.asked,
		.values = secrets ? tree : mt_settings_redact(&s, tree, into) };
	return true;
}
