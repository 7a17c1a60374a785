#include "mt_opener.h"
#include "mt_key_file.h"
#include "text.h"

void
mt_opener_take(struct mt_opener *o, struct text_view keys)
{
	char room[64];
	struct bytes_out complaint = bytes_out(room, sizeof room);
	(void)mt_key_file_read(keys, &o->keys, &complaint);
	o->given_secret = o->keys.has_secret;
}

/* --- other nodes' public keys --- */

static size_t
find_peer(const struct mt_opener *o, uint32_t node)
{
	size_t i = 0;
	while (i < MT_PEERS && o->peers[i].node != node)
		i++;
	return i;
}

const uint8_t *
mt_opener_peer(const struct mt_opener *o, uint32_t node)
{
	size_t i = node != 0 ? find_peer(o, node) : MT_PEERS;
	return i < MT_PEERS ? o->peers[i].key : NULL;
}

/* User.public_key, or an empty view. */
static struct bytes_view
told_key(const struct mt_packet *p, struct arena *scratch)
{
	struct tree_view user;
	if (p->port != MT_PORT_NODEINFO || p->from == 0 ||
	    protobuf_decode(&mt_user, p->payload, scratch, &user) != MESH_OK)
		return bytes_view(NULL, 0);
	const struct tree_item *item = tree_find(user, text("public_key"));
	return item != NULL && item->kind == TREE_BYTES ? item->as.bytes
							: bytes_view(NULL, 0);
}

void
mt_opener_hear(struct mt_opener *o, const struct mt_packet *p, struct arena scratch)
{
	struct bytes_view key = told_key(p, &scratch);
	if (key.len != MT_NODE_KEY)
		return;
	if (find_peer(o, p->from) != MT_PEERS)
		return; /* whoever has the channel's key could take its place */
	size_t i = o->peer_next++ % MT_PEERS;
	o->peers[i].node = p->from;
	memcpy(o->peers[i].key, key.ptr, MT_NODE_KEY);
}

/* --- packets --- */

/* The packet as it came, but for what is different in the open. */
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
mt_opener_open(const struct mt_opener *o, struct mt_packet *p, struct bytes_view *raw,
    const uint8_t *peer, struct arena *into)
{
	enum { MORE = 16 }; /* tags that the sealed packet did not need */
	struct mt_opened opened;
	struct mt_packet open;
	if (!mt_keys_open(&o->keys, p, peer, into, &opened))
		return false;
	size_t cap = raw->len + MORE;
	struct bytes_out out = bytes_out(arena_take(into, cap, 1), cap);
	if (out.ptr == NULL)
		return false;
	rewrite(*raw, &opened, &out);
	if (out.failed || !mt_packet_read(bytes_written(&out), &open))
		return false;
	*p = open;
	*raw = bytes_written(&out);
	return true;
}
