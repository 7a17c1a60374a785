#include "mt_own.h"
#include "mt_coarse.h"
#include <string.h>

enum { BITS_MAX = 32, OWN_ITEMS = 12 };

static void
keep(uint8_t to[static MT_OWN_BYTES], uint8_t *len, struct bytes_view payload)
{
	if (payload.len == 0 || payload.len > MT_OWN_BYTES)
		return;
	memcpy(to, payload.ptr, payload.len);
	*len = (uint8_t)payload.len;
}

static struct tree_view
decode(struct radio *r, const struct protobuf_table *t, struct bytes_view bytes)
{
	struct tree_view tree;
	if (bytes.len > 0 && protobuf_decode(t, bytes, &r->arena, &tree) == MESH_OK)
		return tree;
	return (struct tree_view){ NULL, 0 };
}

static struct tree_view
map_in(struct tree_view tree, const char *name)
{
	const struct tree_item *head = tree_find(
	    tree, (struct text_view){ name, strlen(name) });
	if (head == NULL || head->kind != TREE_MAP)
		return (struct tree_view){ NULL, 0 };
	return (struct tree_view){ head + 1, head->span - 1 };
}

/* The radio tells of its telemetry in turns, and only one of them is asked for. */
void
mt_own_hear(struct radio *r, const struct mt_packet *p)
{
	struct arena before = r->arena;
	if (p->from == 0 || p->from != r->handshake.my_node)
		return;
	if (p->port == MT_PORT_POSITION)
		keep(r->own.position, &r->own.position_len, p->payload);
	if (p->port == MT_PORT_TELEMETRY &&
	    map_in(decode(r, &mt_telemetry, p->payload), "device_metrics").count > 0)
		keep(r->own.metrics, &r->own.metrics_len, p->payload);
	r->arena = before;
}

void
mt_own_forget(struct radio *r)
{
	r->own = (struct mt_own){ .position_len = 0 };
}

/* --- telling --- */

/* Our node as the list has it, that member. */
static struct tree_view
listed(struct radio *r, const char *member)
{
	return map_in(
	    mt_radio_cached(r, &mt_node_info, FROM_NODE_INFO, r->handshake.my_node),
	    member);
}

static unsigned
precision(struct radio *r, uint32_t channel)
{
	int64_t bits = 0;
	struct tree_view settings = mt_radio_cached(
	    r, &mt_channel, FROM_CHANNEL, channel);
	(void)tree_i64(settings, "settings.module_settings.position_precision", &bits);
	return bits >= 1 && bits <= BITS_MAX ? (unsigned)bits : 0;
}

/* 0, 0 is a radio that does not know where it is. */
static bool
place_in(struct tree_view position, int64_t *latitude, int64_t *longitude)
{
	return tree_i64(position, "latitude_i", latitude) &&
	    tree_i64(position, "longitude_i", longitude) &&
	    (*latitude != 0 || *longitude != 0);
}

static bool
write_position(struct tree_view from, unsigned bits, struct bytes_out *out)
{
	struct tree_item items[OWN_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	int64_t latitude, longitude, n;
	if (!place_in(from, &latitude, &longitude))
		return false;
	tree_put_i64(&t, "latitude_i", mt_coarse_number((int32_t)latitude, bits));
	tree_put_i64(&t, "longitude_i", mt_coarse_number((int32_t)longitude, bits));
	if (tree_i64(from, "altitude", &n))
		tree_put_i64(&t, "altitude", n);
	if (tree_i64(from, "time", &n) && n > 0)
		tree_put_i64(&t, "time", n);
	tree_put_u64(&t, "precision_bits", bits);
	return protobuf_encode(&mt_position, tree_done(&t), out) == MESH_OK;
}

bool
mt_own_put_position(struct radio *r, uint32_t channel, struct bytes_out *out)
{
	struct arena before = r->arena;
	struct bytes_out start = *out;
	unsigned bits = precision(r, channel);
	struct tree_view said = decode(
	    r, &mt_position, bytes_view(r->own.position, r->own.position_len));
	int64_t latitude, longitude;
	if (!place_in(said, &latitude, &longitude))
		said = listed(r, "position");
	bool told = bits > 0 && write_position(said, bits, out);
	if (!told)
		*out = start;
	r->arena = before;
	return told;
}

bool
mt_own_put_metrics(struct radio *r, struct bytes_out *out)
{
	struct tree_item items[OWN_ITEMS];
	struct tree_out t = tree_out(items, LENGTH(items));
	struct arena before = r->arena;
	struct bytes_out start = *out;
	struct tree_view said = map_in(
	    decode(r, &mt_telemetry, bytes_view(r->own.metrics, r->own.metrics_len)),
	    "device_metrics");
	if (said.count == 0)
		said = listed(r, "device_metrics");
	tree_open_map(&t, "device_metrics");
	for (size_t i = 0; i < said.count; i += said.items[i].span)
		if (said.items[i].span == 1)
			tree_put_item(&t, said.items[i].name, said.items[i]);
	tree_shut(&t);
	bool told = said.count > 0 &&
	    protobuf_encode(&mt_telemetry, tree_done(&t), out) == MESH_OK;
	if (!told)
		*out = start;
	r->arena = before;
	return told;
}
