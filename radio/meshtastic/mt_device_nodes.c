/* Whom the device knows, itself first. */
#include "mt_device_inside.h"

enum { NODE_ITEMS = 8 };
enum node_info { NODE_USER = 2, NODE_POSITION = 3 };

static struct bytes_view
part_of(struct bytes_view message, uint32_t number)
{
	struct bytes_in in = bytes_in(message);
	struct protobuf_item f;
	while (protobuf_next(&in, &f))
		if (f.number == number && f.wire == WIRE_LEN)
			return f.bytes;
	return bytes_view(NULL, 0);
}

struct bytes_view
device_own_user(struct mt_device *d)
{
	return part_of(mt_cache_get(&d->cache, FROM_NODE_INFO, d->number), NODE_USER);
}

struct bytes_view
device_position(const struct mt_device *d, uint32_t node)
{
	return part_of(mt_cache_get(&d->cache, FROM_NODE_INFO, node), NODE_POSITION);
}

/* Two copies of one message merge, by the rules of its encoding: what changes is put
 * behind what was, and read and written once to be one again. */
static void
change_node(struct mt_device *d, uint32_t node, struct bytes_view changes)
{
	uint8_t block[2 * DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	bytes_put_view(&out, mt_cache_get(&d->cache, FROM_NODE_INFO, node));
	bytes_put_view(&out, changes);
	struct tree_view tree = device_tree(d, &mt_node_info, bytes_written(&out));
	if (!out.failed && tree.count > 0)
		device_keep_tree(d, FROM_NODE_INFO, node, &mt_node_info, tree);
}

static void
change_own(struct mt_device *d, uint32_t number, struct bytes_view changes)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	protobuf_put_key(&out, number, WIRE_LEN);
	protobuf_put_varint(&out, changes.len);
	bytes_put_view(&out, changes);
	if (!out.failed)
		change_node(d, d->number, bytes_written(&out));
}

void
device_set_own_user(struct mt_device *d, struct bytes_view changes)
{
	change_own(d, NODE_USER, changes);
}

static void
forget_position(struct mt_device *d)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct bytes_in in = bytes_in(
	    mt_cache_get(&d->cache, FROM_NODE_INFO, d->number));
	struct protobuf_item item;
	for (const uint8_t *from = in.ptr; protobuf_next(&in, &item); from = in.ptr)
		if (item.number != NODE_POSITION)
			bytes_put(&out, from, (size_t)(in.ptr - from));
	if (!out.failed && !in.failed)
		(void)mt_cache_put(
		    &d->cache, FROM_NODE_INFO, d->number, bytes_written(&out));
}

/* Whether it is told or found is a setting. */
static void
fix_position(struct mt_device *d, bool fixed)
{
	enum { POSITION = 2, FIXED_POSITION = 3 };
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	bytes_put_view(&out, mt_cache_get(&d->cache, FROM_CONFIG, POSITION));
	protobuf_put_key(&out, POSITION, WIRE_LEN);
	protobuf_put_varint(&out, 2); /* the next two */
	protobuf_put_key(&out, FIXED_POSITION, WIRE_VARINT);
	protobuf_put_varint(&out, fixed);
	struct tree_view tree = device_tree(d, &mt_config, bytes_written(&out));
	if (!out.failed && tree.count > 0)
		device_keep_tree(d, FROM_CONFIG, POSITION, &mt_config, tree);
}

void
device_set_own_position(struct mt_device *d, struct bytes_view position)
{
	forget_position(d); /* nothing of the last one stays */
	change_own(d, NODE_POSITION, position);
	fix_position(d, true);
}

void
device_remove_own_position(struct mt_device *d)
{
	forget_position(d);
	fix_position(d, false);
}

bool
device_knows(const struct mt_device *d, uint32_t node)
{
	return mt_cache_get(&d->cache, FROM_NODE_INFO, node).ptr != NULL;
}

bool
device_has_key(struct mt_device *d, uint32_t node)
{
	enum { PUBLIC_KEY = 8 };
	struct bytes_view user = part_of(
	    mt_cache_get(&d->cache, FROM_NODE_INFO, node), NODE_USER);
	return part_of(user, PUBLIC_KEY).len > 0;
}

void
device_learn(struct mt_device *d, const struct mt_packet *p)
{
	struct tree_item items[NODE_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	uint32_t hops = 0;
	if (p->port != MT_PORT_NODEINFO || p->from == d->number)
		return;
	protobuf_put_key(&out, NODE_USER, WIRE_LEN);
	protobuf_put_varint(&out, p->payload.len);
	bytes_put_view(&out, p->payload);
	tree_put_u64(&t, "num", p->from);
	if (p->snr != 0.0F)
		tree_put_f32(&t, "snr", p->snr);
	if (d->clock_set)
		tree_put_u64(&t, "last_heard",
		    (uint64_t)((d->now.unix_ms + d->clock_ms) / 1000));
	if (mt_packet_hops(p, &hops))
		tree_put_u64(&t, "hops_away", hops);
	if (protobuf_encode(&mt_node_info, tree_done(&t), &out) == MESH_OK)
		change_node(d, p->from, bytes_written(&out));
}

void
device_forget(struct mt_device *d, bool everything)
{
	for (size_t i = d->cache.count; !everything && i-- > 0;) {
		struct mt_cache_entry e = d->cache.entries[i];
		if (e.kind == FROM_NODE_INFO && e.key != d->number)
			mt_cache_remove(&d->cache, e.kind, e.key);
	}
	if (!everything)
		return;
	mt_cache_clear(&d->cache);
	d->number = 0;
	d->made_up = false;
}
