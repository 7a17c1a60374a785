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
	enum { CHANNELS = 8 };
	struct bytes_view primary = { NULL, 0 };
	for (uint32_t i = 0; i < CHANNELS; i++) {
		struct tree_view channel = mt_radio_cached(
		    r, &mt_channel, FROM_CHANNEL, i);
		struct bytes_view psk = bytes_at(channel, "settings.psk");
		struct text_view name = tree_text(channel, "settings.name");
		struct text_view role = tree_text(channel, "role");
		if (text_equal(role, text("PRIMARY")))
			primary = psk;
		if (text_equal(role, text("PRIMARY")) ||
		    text_equal(role, text("SECONDARY")))
			(void)mt_keys_add(&r->opener.keys,
			    name.len > 0 ? name : fallback, psk.len > 0 ? psk : primary,
			    (int)i);
	}
}

void
mt_opening_learn(struct radio *r)
{
	enum { CONFIG_LORA = 6, CONFIG_SECURITY = 8 };
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
