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
			(void)mt_keys_add(&r->keys, name.len > 0 ? name : fallback,
			    psk.len > 0 ? psk : primary, (int)i);
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
	mt_keys_forget_own(&r->keys);
	learn_channels(r, preset_name(lora));
	if (r->given_secret || secret.len != MT_NODE_KEY)
		return;
	memcpy(r->keys.secret, secret.ptr, MT_NODE_KEY);
	r->keys.has_secret = true;
}

/* --- other nodes' public keys --- */

static struct mt_peer_key *
find_peer(struct radio *r, uint32_t node)
{
	for (size_t i = 0; i < PEERS; i++)
		if (r->peers[i].node == node)
			return &r->peers[i];
	return NULL;
}

void
mt_opening_hear(struct radio *r, const struct mt_packet *p)
{
	struct tree_view user;
	if (p->port != MT_PORT_NODEINFO || p->from == 0 ||
	    protobuf_decode(&mt_user, p->payload, &r->arena, &user) != MESH_OK)
		return;
	struct bytes_view key = bytes_at(user, "public_key");
	if (key.len != MT_NODE_KEY)
		return;
	struct mt_peer_key *slot = find_peer(r, p->from);
	if (slot == NULL)
		slot = &r->peers[r->peer_next++ % PEERS];
	slot->node = p->from;
	memcpy(slot->key, key.ptr, MT_NODE_KEY);
}

/* What the radio itself holds to comes first: it does not take a changed key. */
static const uint8_t *
public_key(struct radio *r, uint32_t node)
{
	struct tree_view info = mt_radio_cached(r, &mt_node_info, FROM_NODE_INFO, node);
	struct bytes_view key = bytes_at(info, "user.public_key");
	const struct mt_peer_key *heard = find_peer(r, node);
	if (key.len == MT_NODE_KEY)
		return key.ptr;
	return heard != NULL && node != 0 ? heard->key : NULL;
}

/* --- packets --- */

/* The packet as it came, but for what is different in the open; the channel stays
 * named by its hash, for it need not be one of this radio. */
static void
rewrite(struct bytes_view raw, const struct mt_opened *o, struct bytes_out *out)
{
	enum { FIELD_DECODED = 4, FIELD_ENCRYPTED = 5, FIELD_PKI = 17 };
	struct bytes_in in = bytes_in(raw);
	struct protobuf_item f;
	for (const uint8_t *at = in.ptr; protobuf_next(&in, &f); at = in.ptr) {
		bool replaced = f.number == FIELD_DECODED ||
		    f.number == FIELD_ENCRYPTED || f.number == FIELD_PKI;
		if (!replaced)
			bytes_put(out, at, (size_t)(in.ptr - at));
	}
	if (o->direct) {
		protobuf_put_key(out, FIELD_PKI, WIRE_VARINT);
		protobuf_put_varint(out, 1);
	}
	protobuf_put_key(out, FIELD_DECODED, WIRE_LEN);
	protobuf_put_varint(out, o->data.len);
	bytes_put_view(out, o->data);
}

bool
mt_opening_open(struct radio *r, struct mt_packet *p, struct bytes_view *raw)
{
	enum { MORE = 16 }; /* tags that the sealed packet did not need */
	struct mt_opened opened;
	struct mt_packet open;
	uint32_t other = p->from == r->handshake.my_node ? p->to : p->from;
	if (!mt_keys_open(&r->keys, p, public_key(r, other), &r->arena, &opened))
		return false;
	size_t cap = raw->len + MORE;
	struct bytes_out out = bytes_out(arena_take(&r->arena, cap, 1), cap);
	if (out.ptr == NULL)
		return false;
	rewrite(*raw, &opened, &out);
	if (out.failed || !mt_packet_read(bytes_written(&out), &open))
		return false;
	*p = open;
	*raw = bytes_written(&out);
	return true;
}
