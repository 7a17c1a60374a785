#include "mt_opening.h"
#include "text.h"

/* --- keys in the radio's answer --- */

/* What a channel without a name is called, by the modem's setting. */
static const struct {
	const char *preset, *name;
} presets[] = { { "LONG_FAST", "LongFast" }, { "LONG_SLOW", "LongSlow" },
	{ "VERY_LONG_SLOW", "VLongSlow" }, { "MEDIUM_SLOW", "MediumSlow" },
	{ "MEDIUM_FAST", "MediumFast" }, { "SHORT_SLOW", "ShortSlow" },
	{ "SHORT_FAST", "ShortFast" }, { "LONG_MODERATE", "LongMod" },
	{ "SHORT_TURBO", "ShortTurbo" }, { "LONG_TURBO", "LongTurbo" },
	{ "LITE_FAST", "LiteFast" }, { "LITE_SLOW", "LiteSlow" },
	{ "NARROW_FAST", "NarrowFast" }, { "NARROW_SLOW", "NarrowSlow" },
	{ "TINY_FAST", "TinyFast" }, { "TINY_SLOW", "TinySlow" },
	{ "MEDIUM_TURBO", "MediumTurbo" } };

enum { CONFIG_LORA = 6, CONFIG_SECURITY = 8, CHANNELS = 8 };

static struct text_view
preset_name(struct tree_view config)
{
	struct text_view preset = tree_text(config, "lora.modem_preset");
	const struct tree_item *used = tree_find(config, text("lora.use_preset"));
	if (used == NULL || used->kind != TREE_BOOL || !used->as.b)
		return text("Custom");
	for (size_t i = 0; i < LENGTH(presets); i++)
		if (text_equal(preset, text(presets[i].preset)))
			return text(presets[i].name);
	return text(presets[0].name); /* the default is not on the wire */
}

static struct bytes_view
bytes_at(struct tree_view tree, const char *path)
{
	const struct tree_item *item = tree_find(tree, text(path));
	return item != NULL && item->kind == TREE_BYTES ? item->as.bytes
							: bytes_view(NULL, 0);
}

/* A secondary channel without a key has the primary's. */
static void
learn_channels(struct radio *r, struct text_view fallback)
{
	struct bytes_view primary = { NULL, 0 };
	r->air.channels = 0;
	for (uint32_t i = 0; i < CHANNELS; i++) {
		struct tree_view channel = mt_radio_cached(
		    r, &mt_channel, FROM_CHANNEL, i);
		struct bytes_view psk = bytes_at(channel, "settings.psk");
		struct text_view name = tree_text(channel, "settings.name");
		struct text_view role = tree_text(channel, "role");
		if (text_equal(role, text("PRIMARY")))
			primary = psk;
		if (!text_equal(role, text("PRIMARY")) &&
		    !text_equal(role, text("SECONDARY")))
			continue;
		r->air.channels |= (uint8_t)(1U << i);
		(void)mt_keys_add(&r->opener.keys, name.len > 0 ? name : fallback,
		    psk.len > 0 ? psk : primary, (int)i);
	}
}

/* --- the same for people --- */

static struct tree_view
cached(const struct radio *r, const struct protobuf_table *t, uint32_t kind,
    uint32_t key, struct arena *into)
{
	struct tree_view tree;
	struct bytes_view v = mt_cache_get(&r->cache, kind, key);
	if (protobuf_decode(t, v, into, &tree) != MESH_OK)
		return (struct tree_view){ NULL, 0 };
	return tree;
}

static const char *
key_word(struct bytes_view psk, bool primary)
{
	enum { SHORT_KEY = 16 };
	if (psk.len == 0)
		return primary ? "none" : "primary";
	if (psk.len == 1)
		return psk.ptr[0] == 0 ? "none" : "public";
	return psk.len <= SHORT_KEY ? "aes128" : "aes256";
}

static bool
is_on(struct tree_view tree, const char *path)
{
	const struct tree_item *item = tree_find(tree, text(path));
	return item != NULL && item->kind == TREE_BOOL && item->as.b;
}

static void
describe_channel(const struct radio *r, struct tree_view channel, uint8_t index,
    struct text_view fallback, struct radio_channel *out)
{
	struct text_view name = tree_text(channel, "settings.name");
	int64_t bits = 0;
	*out = (struct radio_channel){ .index = index,
		.role = tree_text(channel, "role"),
		.name = name.len > 0 ? name : fallback,
		.uplink = is_on(channel, "settings.uplink_enabled"),
		.downlink = is_on(channel, "settings.downlink_enabled"),
		.muted = is_on(channel, "settings.module_settings.is_muted") };
	out->key = text(
	    key_word(bytes_at(channel, "settings.psk"), text_is(out->role, "PRIMARY")));
	(void)tree_i64(channel, "settings.module_settings.position_precision", &bits);
	out->precision = (uint32_t)bits;
	out->has = (1U << (RADIO_CHANNEL_PRECISION + 1)) - 1;
	out->has &= ~(UINT64_C(1) << RADIO_CHANNEL_HASH);
	for (size_t i = 0; i < r->opener.keys.count; i++) {
		if (r->opener.keys.channels[i].index != index)
			continue;
		out->hash = r->opener.keys.channels[i].hash;
		out->has |= UINT64_C(1) << RADIO_CHANNEL_HASH;
	}
}

bool
mt_opening_channel(
    const struct radio *r, size_t index, struct arena *into, struct radio_channel *out)
{
	struct tree_view lora = cached(r, &mt_config, FROM_CONFIG, CONFIG_LORA, into);
	for (uint32_t i = 0; i < CHANNELS; i++) {
		struct tree_view channel = cached(
		    r, &mt_channel, FROM_CHANNEL, i, into);
		if (tree_text(channel, "role").len == 0 || index-- > 0)
			continue; /* DISABLED is 0, and not on the wire */
		describe_channel(r, channel, (uint8_t)i, preset_name(lora), out);
		return true;
	}
	return false;
}

/* --- keys --- */

void
mt_opening_learn(struct radio *r)
{
	struct tree_view lora = mt_radio_cached(
	    r, &mt_config, FROM_CONFIG, CONFIG_LORA);
	struct tree_view security = mt_radio_cached(
	    r, &mt_config, FROM_CONFIG, CONFIG_SECURITY);
	struct bytes_view secret = bytes_at(security, "security.private_key");
	mt_keys_forget_own(&r->opener.keys);
	learn_channels(r, preset_name(lora));
	if (r->opener.given_secret || secret.len != MT_NODE_KEY)
		return;
	memcpy(r->opener.keys.secret, secret.ptr, MT_NODE_KEY);
	r->opener.keys.has_secret = true;
}

/* --- other nodes' public keys --- */

/* What the radio itself holds to comes first: it does not take a changed key. */
static const uint8_t *
public_key(struct radio *r, uint32_t node)
{
	struct tree_view info = mt_radio_cached(r, &mt_node_info, FROM_NODE_INFO, node);
	struct bytes_view key = bytes_at(info, "user.public_key");
	return key.len == MT_NODE_KEY ? key.ptr : mt_opener_peer(&r->opener, node);
}

bool
mt_opening_open(struct radio *r, struct mt_packet *p, struct bytes_view *raw)
{
	uint32_t other = p->from == r->handshake.my_node ? p->to : p->from;
	return mt_opener_open(&r->opener, p, raw, public_key(r, other), &r->arena);
}
