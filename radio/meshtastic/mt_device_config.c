#include "mt_device_inside.h"
#include "text.h"

/* --- keeping --- */

static const struct kept {
	uint32_t kind;
	const struct protobuf_table *table;
} kept[] = {
	{ FROM_MY_INFO, &mt_my_node_info },
	{ FROM_NODE_INFO, &mt_node_info },
	{ FROM_CONFIG, &mt_config },
	{ FROM_MODULE_CONFIG, &mt_module_config },
	{ FROM_CHANNEL, &mt_channel },
	{ FROM_METADATA, &mt_device_metadata },
	{ FROM_FILE_INFO, &mt_file_info },
	{ FROM_DEVICE_UI, &mt_device_ui_config },
	{ FROM_REGION_PRESETS, NULL },
};

static uint32_t
number_in(struct tree_view tree, const char *name)
{
	int64_t n = 0;
	return tree_i64(tree, name, &n) ? (uint32_t)n : 0;
}

/* Sections that this firmware knows by number only stand in their place, empty. */
static uint32_t
key_behind(const struct mt_device *d, uint32_t kind)
{
	uint32_t last = 0;
	for (size_t i = 0; i < d->cache.count; i++)
		if (d->cache.entries[i].kind == kind && d->cache.entries[i].key > last)
			last = d->cache.entries[i].key;
	return last + 1;
}

static uint32_t
key_of(struct mt_device *d, const struct kept *k, struct bytes_view message)
{
	struct bytes_in in = bytes_in(message);
	struct protobuf_item first;
	switch (k->kind) {
	case FROM_NODE_INFO:
		return number_in(device_tree(d, k->table, message), "num");
	case FROM_CHANNEL:
		return number_in(device_tree(d, k->table, message), "index");
	case FROM_CONFIG:
	case FROM_MODULE_CONFIG:
		return protobuf_next(&in, &first) ? first.number
						  : key_behind(d, k->kind);
	case FROM_FILE_INFO:
		return (uint32_t)mt_cache_count(&d->cache, FROM_FILE_INFO);
	}
	return 0;
}

bool
mt_device_keep(struct mt_device *d, struct bytes_view from_radio)
{
	struct bytes_in in = bytes_in(from_radio);
	struct protobuf_item f;
	if (!protobuf_next(&in, &f) || f.wire != WIRE_LEN)
		return false;
	for (size_t i = 0; i < LENGTH(kept); i++) {
		if (kept[i].kind != f.number)
			continue;
		uint32_t key = key_of(d, &kept[i], f.bytes);
		if (d->number == 0 && f.number == FROM_MY_INFO)
			d->number = number_in(
			    device_tree(d, kept[i].table, f.bytes), "my_node_num");
		else if (d->number == 0 && f.number == FROM_NODE_INFO)
			d->number = key; /* its own comes first */
		return mt_cache_put(&d->cache, f.number, key, f.bytes);
	}
	return false;
}

void
device_keep_tree(struct mt_device *d, uint32_t kind, uint32_t key,
    const struct protobuf_table *t, struct tree_view tree)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	if (protobuf_encode(t, tree, &out) == MESH_OK)
		(void)mt_cache_put(&d->cache, kind, key, bytes_written(&out));
}

/* --- making up what nobody told --- */

enum { MADE_UP_ITEMS = 24 };

static void
make_info(struct mt_device *d)
{
	struct tree_item items[MADE_UP_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	tree_put_u64(&t, "my_node_num", d->number);
	tree_put_u64(&t, "reboot_count", 1);
	tree_put_u64(&t, "min_app_version", 30200);
	tree_put_text(&t, "pio_env", text("simulated"));
	tree_put_u64(&t, "nodedb_count", mt_cache_count(&d->cache, FROM_NODE_INFO) + 1);
	device_keep_tree(d, FROM_MY_INFO, 0, &mt_my_node_info, tree_done(&t));
}

static void
make_self(struct mt_device *d)
{
	char id[16], name[32], tag[8];
	uint8_t key[32];
	struct bytes_out o = bytes_out(id, sizeof id);
	struct bytes_out n = bytes_out(name, sizeof name);
	struct bytes_out s = bytes_out(tag, sizeof tag);
	struct tree_item items[MADE_UP_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	text_printf(&o, "!%08x", (unsigned)d->number);
	text_printf(&n, "Simulated %04x", (unsigned)(d->number & 0xffff));
	text_printf(&s, "%04x", (unsigned)(d->number & 0xffff));
	for (size_t i = 0; i < sizeof key; i++) /* nobody can decrypt for it */
		key[i] = (uint8_t)(d->number >> 8 * (i % 4));
	tree_put_u64(&t, "num", d->number);
	tree_open_map(&t, "user");
	tree_put_text(&t, "id", text(text_end(&o)));
	tree_put_text(&t, "long_name", text(text_end(&n)));
	tree_put_text(&t, "short_name", text(text_end(&s)));
	tree_put_text(&t, "hw_model", text("PORTDUINO"));
	tree_put_bytes(&t, "public_key", bytes_view(key, sizeof key));
	tree_shut(&t);
	tree_put_bool(&t, "is_favorite", true);
	device_keep_tree(d, FROM_NODE_INFO, d->number, &mt_node_info, tree_done(&t));
}

static void
make_metadata(struct mt_device *d)
{
	struct tree_item items[MADE_UP_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	tree_put_text(&t, "firmware_version",
	    text(d->params.replays ? "2.8.0.51471a7" : "2.7.26.51471a7"));
	tree_put_u64(&t, "device_state_version", 24);
	tree_put_text(&t, "hw_model", text("PORTDUINO"));
	tree_put_bool(&t, "hasPKC", true);
	device_keep_tree(d, FROM_METADATA, 0, &mt_device_metadata, tree_done(&t));
}

static void
make_channels(struct mt_device *d)
{
	enum { CHANNELS = 8, PRECISION = 13 };
	static const uint8_t default_key[] = { 1 };
	for (uint32_t i = 0; i < CHANNELS; i++) {
		struct tree_item items[MADE_UP_ITEMS];
		struct tree_out t = tree_out(items, LENGTH(items));
		if (i > 0)
			tree_put_u64(&t, "index", i);
		tree_open_map(&t, "settings");
		if (i == 0) {
			tree_put_bytes(&t, "psk", bytes_view(default_key, 1));
			tree_open_map(&t, "module_settings");
			tree_put_u64(&t, "position_precision", PRECISION);
			tree_shut(&t);
		}
		tree_shut(&t);
		if (i == 0)
			tree_put_text(&t, "role", text("PRIMARY"));
		device_keep_tree(d, FROM_CHANNEL, i, &mt_channel, tree_done(&t));
	}
}

static void
make_lora(struct mt_device *d)
{
	enum { LORA = 6, TX_POWER = 27 };
	struct tree_item items[MADE_UP_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	tree_open_map(&t, "lora");
	tree_put_bool(&t, "use_preset", true);
	tree_put_text(&t, "region", text("EU_868"));
	tree_put_u64(&t, "hop_limit", DEVICE_HOPS);
	tree_put_bool(&t, "tx_enabled", true);
	tree_put_i64(&t, "tx_power", TX_POWER);
	tree_shut(&t);
	device_keep_tree(d, FROM_CONFIG, LORA, &mt_config, tree_done(&t));
}

/* Every section that the firmware has, empty when nothing is known about it. */
static void
make_sections(struct mt_device *d, uint32_t kind, const struct protobuf_table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		uint8_t block[8];
		struct bytes_out out = bytes_out(block, sizeof block);
		protobuf_put_key(&out, t->rows[i].number, WIRE_LEN);
		protobuf_put_varint(&out, 0);
		if (mt_cache_get(&d->cache, kind, t->rows[i].number).ptr == NULL)
			(void)mt_cache_put(
			    &d->cache, kind, t->rows[i].number, bytes_written(&out));
	}
}

void
device_make_up(struct mt_device *d)
{
	static const uint8_t nothing[1];
	if (d->made_up)
		return;
	d->made_up = true;
	while (d->number < 16) /* those are reserved */
		d->number = device_draw(d);
	if (!mt_cache_count(&d->cache, FROM_METADATA))
		make_metadata(d);
	if (!mt_cache_count(&d->cache, FROM_CHANNEL))
		make_channels(d);
	if (!mt_cache_count(&d->cache, FROM_CONFIG)) {
		make_lora(d);
		make_sections(d, FROM_CONFIG, &mt_config);
	}
	if (!mt_cache_count(&d->cache, FROM_MODULE_CONFIG))
		make_sections(d, FROM_MODULE_CONFIG, &mt_module_config);
	if (!mt_cache_count(&d->cache, FROM_DEVICE_UI))
		(void)mt_cache_put(
		    &d->cache, FROM_DEVICE_UI, 0, bytes_view(nothing, 0));
	if (!mt_cache_count(&d->cache, FROM_MY_INFO))
		make_info(d);
	if (mt_cache_get(&d->cache, FROM_NODE_INFO, d->number).ptr == NULL)
		make_self(d);
	if (d->params.replays && !mt_cache_count(&d->cache, FROM_REGION_PRESETS))
		(void)mt_cache_put(
		    &d->cache, FROM_REGION_PRESETS, 0, bytes_view(nothing, 0));
}

/* --- telling --- */

enum part { WITH_CONFIG = 1, WITH_NODES = 2 };
enum order { BY_KEY, OWN, OTHERS, AS_KEPT };
static const struct step { /* "client apps assume this order" */
	uint32_t kind;
	uint8_t part;  /* of which answers; enum part, or-ed */
	uint8_t order; /* enum order */
} steps[] = {
	{ FROM_MY_INFO, WITH_CONFIG, BY_KEY },
	{ FROM_DEVICE_UI, WITH_CONFIG, BY_KEY },
	{ FROM_NODE_INFO, WITH_CONFIG | WITH_NODES, OWN },
	{ FROM_METADATA, WITH_CONFIG, BY_KEY },
	{ FROM_REGION_PRESETS, WITH_CONFIG, BY_KEY },
	{ FROM_CHANNEL, WITH_CONFIG, BY_KEY },
	{ FROM_CONFIG, WITH_CONFIG, BY_KEY },
	{ FROM_MODULE_CONFIG, WITH_CONFIG, BY_KEY },
	{ FROM_NODE_INFO, WITH_NODES, OTHERS },
	{ FROM_FILE_INFO, WITH_CONFIG, AS_KEPT },
};

/* The entry with the smallest key from `cursor` on; the cursor goes behind it. */
static const struct mt_cache_entry *
next_by_key(struct mt_device *d, uint32_t kind)
{
	const struct mt_cache_entry *best = NULL;
	for (size_t i = 0; i < d->cache.count; i++) {
		const struct mt_cache_entry *e = &d->cache.entries[i];
		if (e->kind == kind && e->key >= d->cursor &&
		    (best == NULL || e->key < best->key))
			best = e;
	}
	if (best != NULL)
		d->cursor = (size_t)best->key + 1;
	return best;
}

static const struct mt_cache_entry *
next_as_kept(struct mt_device *d, const struct step *s)
{
	while (d->cursor < d->cache.count) {
		const struct mt_cache_entry *e = &d->cache.entries[d->cursor++];
		bool own = e->key == d->number;
		if (e->kind == s->kind &&
		    (s->order == AS_KEPT || own == (s->order == OWN)))
			return e;
	}
	return NULL;
}

static const struct mt_cache_entry *
next_entry(struct mt_device *d)
{
	uint8_t wanted = WITH_CONFIG | WITH_NODES;
	if (d->nonce == MT_NONCE_CONFIG_ONLY)
		wanted = WITH_CONFIG;
	if (d->nonce == MT_NONCE_NODES_ONLY)
		wanted = WITH_NODES;
	for (; d->step < LENGTH(steps); d->step++, d->cursor = 0) {
		const struct step *s = &steps[d->step];
		const struct mt_cache_entry *e = NULL;
		if ((s->part & wanted) != 0)
			e = s->order == BY_KEY ? next_by_key(d, s->kind)
					       : next_as_kept(d, s);
		if (e != NULL)
			return e;
	}
	return NULL;
}

bool
device_next_config(struct mt_device *d, struct bytes_out *out)
{
	const struct mt_cache_entry *e = next_entry(d);
	if (e == NULL) {
		protobuf_put_key(out, FROM_CONFIG_COMPLETE, WIRE_VARINT);
		protobuf_put_varint(out, d->nonce);
		d->configured++;
		return false;
	}
	protobuf_put_key(out, e->kind, WIRE_LEN);
	protobuf_put_varint(out, e->len);
	bytes_put(out, d->cache.ptr + e->offset, e->len);
	return true;
}

/* --- boots --- */

/* Some boards count their boots, and clients see by it that there was one. */
void
device_count_boot(struct mt_device *d)
{
	enum { REBOOT_COUNT = 8 };
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	int64_t count = 0;
	struct bytes_view info = mt_cache_get(&d->cache, FROM_MY_INFO, 0);
	struct tree_view tree = device_tree(d, &mt_my_node_info, info);
	if (!tree_i64(tree, "reboot_count", &count))
		return;
	bytes_put_view(&out, info);
	protobuf_put_key(&out, REBOOT_COUNT, WIRE_VARINT); /* the last one counts */
	protobuf_put_varint(&out, (uint64_t)count + 1);
	device_keep_tree(d, FROM_MY_INFO, 0, &mt_my_node_info,
	    device_tree(d, &mt_my_node_info, bytes_written(&out)));
}

/* --- what an edit may take back --- */

static void
copy_cache(struct mt_cache *to, const struct mt_cache *from)
{
	memcpy(to->ptr, from->ptr, from->len);
	memcpy(to->entries, from->entries, from->count * sizeof from->entries[0]);
	to->len = from->len;
	to->count = from->count;
}

void
device_save(struct mt_device *d)
{
	copy_cache(&d->saved, &d->cache);
}

void
device_unsave(struct mt_device *d)
{
	copy_cache(&d->cache, &d->saved);
}
