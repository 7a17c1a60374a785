#include "mt_wish.h"
#include "mt_admin.h"
#include "stream.h"
#include "text.h"

enum { PATH_BYTES = 128, CHANNEL_INDEX = 1 };

/* --- reading a wish --- */

struct reading {
	const struct mt_section *section;
	struct tree_view now_set; /* what null stands for */
	struct arena *into;
	struct tree_out out;
	struct mt_nest nest;
	char path[PATH_BYTES]; /* of the present member */
	size_t path_len, path_lens[TREE_DEPTH + 1];
	struct bytes_out *complaint;
};

static bool
complain(struct reading *r, const char *what)
{
	text_printf(r->complaint, "%s%s%.*s: %s", r->section->name,
	    r->path_len > 0 ? "." : "", (int)r->path_len, r->path, what);
	return false;
}

/* The member's place: that of the message around it, and its name. */
static void
step_to(struct reading *r, const struct tree_item *item)
{
	struct bytes_out out = bytes_out(r->path, sizeof r->path);
	out.len = r->path_lens[r->nest.depth];
	if (item->name.ptr != NULL) {
		text_put(&out, out.len > 0 ? "." : "");
		text_put_clean(
		    &out, bytes_view(item->name.ptr, item->name.len), PATH_BYTES);
	}
	r->path_len = out.len;
}

static bool
read_hex(struct reading *r, struct tree_item *item)
{
	size_t len = item->as.text.len / 2;
	struct bytes_out out = bytes_out(arena_take(r->into, 1, len + 1), len);
	if (out.ptr == NULL || text_hex_decode(item->as.text, &out) != MESH_OK)
		return complain(r, "wanted bytes as hex digits");
	item->kind = TREE_BYTES;
	item->as.bytes = bytes_written(&out);
	return true;
}

/* The firmware keeps these in rooms of a fixed size, and reads nothing that does not
 * fit into them. */
static bool
is_short_enough(const struct protobuf_table *t, const struct protobuf_field *row,
    const struct tree_item *item)
{
	static const struct {
		const struct protobuf_table *table;
		const char *name;
		size_t most;
	} rooms[] = {
		{ &mt_user, "long_name", 39 }, { &mt_user, "short_name", 4 },
		{ &mt_channel_settings, "name", 11 },
		{ &mt_network_config, "wifi_ssid", 32 },
		{ &mt_network_config, "wifi_psk", 64 },
		{ &mt_network_config, "ntp_server", 32 },
		{ &mt_network_config, "rsyslog_server", 32 },
		{ &mt_device_config, "tzdef", 64 }, { &mt_mqtt_config, "address", 63 },
		{ &mt_mqtt_config, "username", 63 },
		{ &mt_mqtt_config, "password", 63 }, { &mt_mqtt_config, "root", 31 },
		{ &mt_canned_messages, "messages", 200 },
		{ &mt_ringtone, "ringtone", 229 }, /* 230, if a packet carried it */
	};
	size_t len = item->kind == TREE_BYTES ? item->as.bytes.len : item->as.text.len;
	for (size_t i = 0; i < LENGTH(rooms); i++)
		if (t == rooms[i].table && strcmp(row->name, rooms[i].name) == 0)
			return len <= rooms[i].most;
	return true;
}

/* A channel's: none, the number of a known one, AES-128, AES-256. */
static bool
is_key(const struct protobuf_table *t, const struct protobuf_field *row, size_t len)
{
	enum { SHORT_KEY = 16, KEY = 32 };
	if (!mt_settings_is_secret(t, row))
		return true;
	if (t == &mt_channel_settings)
		return len <= 1 || len == SHORT_KEY || len == KEY;
	return len == 0 || len == KEY;
}

/* As the encoder takes it, alone: so that what it refuses has a place. */
static bool
encodes(const struct protobuf_table *t, const struct protobuf_field *row,
    const struct tree_item *item, bool listed)
{
	uint8_t block[STREAM_PAYLOAD_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct tree_item items[2] = {
		{ .name = text(row->name), .kind = TREE_LIST, .span = 2 }, *item
	};
	struct tree_view alone = { listed ? items : items + 1, listed ? 2 : 1 };
	return protobuf_encode(t, alone, &out) == MESH_OK;
}

/* What a radio tells that was told no altitude. */
static bool
is_sea_level(const struct tree_item *item)
{
	int64_t metres = 1;
	return tree_i64((struct tree_view){ item, 1 }, "altitude", &metres) &&
	    metres == 0;
}

static bool
take_value(struct reading *r, const struct protobuf_table *t,
    const struct protobuf_field *row, struct tree_item item, bool listed)
{
	if (row->kind == PROTOBUF_BYTES && item.kind == TREE_TEXT &&
	    !read_hex(r, &item))
		return false;
	if ((item.kind == TREE_TEXT || item.kind == TREE_BYTES) &&
	    !is_short_enough(t, row, &item))
		return complain(r, "longer than a radio has room for");
	if (item.kind == TREE_BYTES && !is_key(t, row, item.as.bytes.len))
		return complain(r, "not a key: wrong length");
	if (!encodes(t, row, &item, listed))
		return complain(r,
		    row->kind == PROTOBUF_ENUM ? "not one of its words"
					       : "wrong type or range");
	if (!r->section->placed || !is_sea_level(&item))
		tree_put_item(&r->out, item.name, item);
	return true;
}

/* Half a place would have zero for the other half. */
static bool
is_place(struct reading *r, struct tree_view place)
{
	enum { POLE = 900000000, DATE_LINE = 1800000000 };
	int64_t lat = 0, lon = 0;
	bool has_lat = tree_i64(place, "latitude_i", &lat);
	bool has_lon = tree_i64(place, "longitude_i", &lon);
	r->path_len = 0;
	if (place.count > 0 && !(has_lat && has_lon))
		return complain(r, "latitude_i and longitude_i go together");
	if (lat < -POLE || lat > POLE || lon < -DATE_LINE || lon > DATE_LINE)
		return complain(r, "no place on Earth; wanted 1e-7 degrees");
	return true;
}

/* "#7", "#7:i32": of a member that has a name, and with it rules. */
static bool
has_name(const struct protobuf_table *t, struct text_view name)
{
	struct text_view digits = { name.ptr + 1, 0 };
	uint64_t number = 0;
	while (digits.len + 1 < name.len && digits.ptr[digits.len] != ':')
		digits.len++;
	if (text_parse_u64(digits, &number) != MESH_OK)
		return false; /* the encoder refuses it */
	for (size_t i = 0; t != NULL && i < t->count; i++)
		if (t->rows[i].number == number)
			return true;
	return false;
}

/* What a newer firmware told by number goes back by number. */
static bool
take_unknown(struct reading *r, const struct protobuf_table *t, struct tree_item item)
{
	if (has_name(t, item.name))
		return complain(r, "it has a name: say that");
	static const struct protobuf_table none = { "none", NULL, 0 };
	uint8_t block[STREAM_PAYLOAD_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	if (item.kind == TREE_TEXT && !read_hex(r, &item))
		return false;
	if (protobuf_encode(&none, (struct tree_view){ &item, 1 }, &out) != MESH_OK)
		return complain(r, "wrong type or range");
	tree_put_item(&r->out, item.name, item);
	return true;
}

static bool
take_present(struct reading *r)
{
	const struct tree_item *has = tree_find(
	    r->now_set, (struct text_view){ r->path, r->path_len });
	struct tree_out *o = &r->out;
	if (has == NULL)
		return complain(r, "null leaves what the radio has, and it has none");
	if (o->cap - o->count < has->span)
		return complain(r, "too much");
	memcpy(o->items + o->count, has, has->span * sizeof *has);
	o->count += has->span;
	return true;
}

static bool
take_container(struct reading *r, const struct protobuf_field *row,
    const struct tree_item *item, size_t at)
{
	bool fits = item->kind == TREE_LIST ? row->rule == PROTOBUF_REPEATED
					    : row->kind == PROTOBUF_SUB;
	if (!fits || !mt_nest_enter(&r->nest, row, item, at, &r->out))
		return complain(r, "wrong type");
	r->path_lens[r->nest.depth] = r->path_len;
	return true;
}

/* Steps over the items that it took. */
static bool
take_item(struct reading *r, const struct tree_item *item, size_t *at)
{
	size_t depth = r->nest.depth;
	const struct protobuf_field *list = r->nest.lists[depth];
	const struct protobuf_table *t = r->nest
					     .tables[list != NULL ? depth - 1 : depth];
	const struct protobuf_field *row = list != NULL
	    ? list
	    : mt_settings_row(t, item->name);
	bool holds = item->kind == TREE_MAP || item->kind == TREE_LIST;
	step_to(r, item);
	if (row == NULL && item->name.len > 1 && item->name.ptr[0] == '#' && !holds &&
	    item->kind != TREE_NULL)
		return (*at)++, take_unknown(r, t, *item);
	if (row == NULL && (item->name.len == 0 || item->name.ptr[0] != '#'))
		return complain(r, "no such setting");
	if (row != NULL && depth == 0 && !mt_section_sets(r->section, row->number))
		return complain(r, "told by the radio, cannot be set");
	if (item->kind == TREE_NULL)
		return (*at)++, take_present(r);
	if (row == NULL)
		return complain(r, "wrong type");
	if (holds)
		return take_container(r, row, item, (*at)++);
	return (*at)++, take_value(r, t, row, *item, list != NULL);
}

/* Encoded, as the radio would keep it; ptr NULL: `complaint` says why not. */
static struct bytes_view
read_wish(struct reading *r, struct tree_view wanted)
{
	const struct bytes_view none = { NULL, 0 };
	size_t cap = wanted.count + r->now_set.count + 1;
	struct tree_item *items = arena_take(r->into, cap, sizeof *items);
	struct bytes_out out = bytes_out(
	    arena_take(r->into, 1, STREAM_PAYLOAD_MAX), STREAM_PAYLOAD_MAX);
	r->out = tree_out(items, items != NULL ? cap : 0);
	r->nest = mt_nest(r->section->table, wanted);
	for (size_t i = 0; i < wanted.count;) {
		mt_nest_leave(&r->nest, i, &r->out);
		if (!take_item(r, &wanted.items[i], &i))
			return none;
	}
	mt_nest_leave(&r->nest, wanted.count, &r->out);
	r->path_len = 0;
	if (items == NULL || out.ptr == NULL || r->out.failed ||
	    protobuf_encode(r->section->table, tree_done(&r->out), &out) != MESH_OK ||
	    out.len > (r->section->asked ? MT_ADMIN_TEXT : MT_ADMIN_MESSAGE)) {
		complain(r, "more than one message to the radio takes");
		return none;
	}
	return bytes_written(&out);
}

/* --- comparing --- */

struct leaves { /* values and lists of a tree, by their dotted names */
	struct tree_view tree;
	size_t at, depth, ends[TREE_DEPTH + 1], lens[TREE_DEPTH + 1];
	char path[PATH_BYTES];
};

static const struct tree_item *
next_leaf(struct leaves *l, struct text_view *path)
{
	while (l->at < l->tree.count) {
		const struct tree_item *item = &l->tree.items[l->at];
		while (l->depth > 0 && l->ends[l->depth] == l->at)
			l->depth--;
		struct bytes_out out = bytes_out(l->path, sizeof l->path);
		out.len = l->lens[l->depth];
		text_put(&out, out.len > 0 ? "." : "");
		text_put_view(&out, item->name);
		*path = text_written(&out);
		if (item->kind != TREE_MAP) {
			l->at += item->span;
			return item;
		}
		l->depth++;
		l->ends[l->depth] = l->at + item->span;
		l->lens[l->depth] = out.len;
		l->at++;
	}
	return NULL;
}

struct comparison {
	const struct mt_section *section;
	struct tree_view from, to;             /* whole */
	struct tree_view from_shown, to_shown; /* without secrets */
	struct arena *into;
	struct radio_plan *plan;
	bool full;
};

static bool
is_same(const struct tree_item *a, const struct tree_item *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return tree_equal(
	    (struct tree_view){ a, a->span }, (struct tree_view){ b, b->span });
}

/* A value of its own, for people; empty: it has its default. */
static struct tree_view
shown(struct comparison *c, struct tree_view tree, struct text_view path)
{
	const struct tree_item *item = tree_find(tree, path);
	size_t span = item != NULL ? item->span : 0;
	if (item != NULL && item->kind == TREE_MAP)
		span = 0; /* became a value, or was one */
	struct tree_item *copy = arena_take(c->into, span + 1, sizeof *copy);
	if (copy == NULL || span == 0)
		return (struct tree_view){ NULL, 0 };
	memcpy(copy, item, span * sizeof *copy);
	copy->name = (struct text_view){ NULL, 0 };
	if (copy->kind == TREE_NULL) {
		copy->kind = TREE_TEXT;
		copy->as.text = text("(secret)");
	}
	return (struct tree_view){ copy, span };
}

static void
note(struct comparison *c, struct text_view path)
{
	struct radio_plan *p = c->plan;
	struct text_view name = arena_text(c->into, path);
	if (p->count == p->cap || name.ptr == NULL) {
		c->full = true;
		return;
	}
	p->rows[p->count++] = (struct radio_difference){ .section = text(
							     c->section->name),
		.name = name,
		.from = shown(c, c->from_shown, path),
		.to = shown(c, c->to_shown, path) };
}

static void
note_differences(struct comparison *c)
{
	struct leaves there = { .tree = c->to }, here = { .tree = c->from };
	const struct tree_item *item;
	struct text_view path;
	while ((item = next_leaf(&there, &path)) != NULL)
		if (!is_same(item, tree_find(c->from, path)))
			note(c, path);
	while (next_leaf(&here, &path) != NULL)
		if (tree_find(c->to, path) == NULL)
			note(c, path);
}

/* --- the message that makes it so --- */

static void
put_inside(struct bytes_out *out, uint32_t member, struct bytes_view inside)
{
	protobuf_put_key(out, member, WIRE_LEN);
	protobuf_put_varint(out, inside.len);
	bytes_put_view(out, inside);
}

static bool
put_order(
    const struct mt_section *s, struct bytes_view wanted, struct bytes_out *orders)
{
	uint8_t inner_block[STREAM_PAYLOAD_MAX], block[STREAM_PAYLOAD_MAX];
	struct bytes_out inner = bytes_out(inner_block, sizeof inner_block);
	struct bytes_out message = bytes_out(block, sizeof block);
	if (s->kind == FROM_CHANNEL && s->key != 0) {
		protobuf_put_key(&inner, CHANNEL_INDEX, WIRE_VARINT);
		protobuf_put_varint(&inner, s->key);
	}
	if (s->kind == FROM_CONFIG || s->kind == FROM_MODULE_CONFIG)
		put_inside(&inner, s->member, wanted);
	else
		bytes_put_view(&inner, wanted);
	if (s->asked && wanted.len > 0) {
		bytes_put_view(&message, wanted); /* it sets itself */
	} else if (s->remove != 0 && wanted.len == 0) {
		protobuf_put_key(&message, s->remove, WIRE_VARINT);
		protobuf_put_varint(&message, 1);
	} else {
		put_inside(&message, s->set, bytes_written(&inner));
	}
	mt_admin_put(orders, bytes_written(&message));
	return !inner.failed && !message.failed && !orders->failed;
}

enum mesh_err
mt_wish_compare(const struct mt_wish *w, struct arena *into, struct radio_plan *plan,
    struct bytes_out *complaint)
{
	struct mt_section s;
	size_t index, before = plan->count;
	if (!mt_section_named(w->section, w->node, &s, &index))
		return MESH_NOT_FOUND;
	struct reading r = { .section = &s, .into = into, .complaint = complaint };
	struct comparison c = { .section = &s, .into = into, .plan = plan };
	if (!mt_section_tree(&s, mt_section_raw(&s, w->cache, into), into, &c.from)) {
		complain(&r, "this radio has not told it, and may not have it");
		return MESH_MALFORMED;
	}
	r.now_set = c.from;
	struct bytes_view raw = read_wish(&r, w->wanted);
	if (raw.ptr == NULL)
		return MESH_MALFORMED;
	if (!mt_section_tree(&s, raw, into, &c.to))
		return MESH_FULL;
	if (s.placed && !is_place(&r, c.to))
		return MESH_MALFORMED;
	c.from_shown = mt_settings_redact(&s, c.from, into);
	c.to_shown = mt_settings_redact(&s, c.to, into);
	note_differences(&c);
	bool differs = plan->count > before;
	plan->transmits |= differs && s.placed && raw.len > 0;
	bool fits = !c.full && (!differs || put_order(&s, raw, &plan->orders));
	return fits ? MESH_OK : MESH_FULL;
}
