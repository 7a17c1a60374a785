#include "surroundings.h"
#include "mt_codec.h"
#include "sim_speech.h"
#include "text.h"

enum { ITEMS = 32, MESSAGE = 512, LAST_HEARD_S = 600 };

static void
put_user(struct tree_out *t, uint32_t number, uint32_t index, char id[16])
{
	static const uint8_t key[32] = { 1 }; /* nobody can decrypt with it */
	struct sim_words words = sim_speech_words(index);
	struct bytes_out name = bytes_out(id, 16);
	text_printf(&name, "!%08x", (unsigned)number);
	tree_put_text(t, "id", text(text_end(&name)));
	tree_put_text(t, "long_name", text(words.long_name));
	tree_put_text(t, "short_name", text(words.short_name));
	tree_put_u64(t, "hw_model", words.hardware_number);
	if (words.role_number != 0)
		tree_put_u64(t, "role", words.role_number);
	tree_put_bytes(t, "public_key", bytes_view(key, sizeof key));
}

static void
put_place(struct tree_out *t, const struct surroundings *s, const struct sim_node *node,
    unix_ms at)
{
	enum { PRECISION = 32 };
	double lat, lon;
	sim_speech_degrees(sim_cell_place(&s->cell, node, at), &lat, &lon);
	tree_open_map(t, "position");
	tree_put_i64(t, "latitude_i", sim_nearest(lat * 1e7));
	tree_put_i64(t, "longitude_i", sim_nearest(lon * 1e7));
	tree_put_i64(t, "altitude", sim_speech_altitude(&s->cell, node));
	tree_put_u64(t, "precision_bits", PRECISION);
	tree_shut(t);
}

static uint32_t
number_of(uint64_t seed, uint32_t index)
{
	enum { PURPOSE = 1000, RESERVED = 16 };
	return (uint32_t)(sim_draw(seed, PURPOSE, index, 0) >> 33) | RESERVED;
}

uint32_t
surroundings_own(uint64_t seed)
{
	return number_of(seed, UINT32_MAX);
}

/* Node `index`; `node` is NULL behind the cell's end. */
static void
list(struct surroundings *s, struct mt_device *d, const struct sim_node *node,
    uint32_t index, struct mesh_now now)
{
	struct tree_item items[ITEMS];
	struct tree_out t = tree_out(items, ITEMS);
	uint8_t block[MESSAGE];
	struct bytes_out out = bytes_out(block, sizeof block);
	char id[16];
	uint32_t number = node != NULL ? node->number : number_of(s->cell.seed, index);
	tree_open_map(&t, "node_info");
	tree_put_u64(&t, "num", number);
	tree_open_map(&t, "user");
	put_user(&t, number, index, id);
	tree_shut(&t);
	if (node != NULL)
		put_place(&t, s, node, now.unix_ms);
	tree_put_u64(&t, "last_heard", (uint64_t)(now.unix_ms / 1000 - LAST_HEARD_S));
	tree_put_u64(&t, "hops_away", index % 3);
	tree_shut(&t);
	if (protobuf_encode(&mt_from_radio, tree_done(&t), &out) == MESH_OK)
		(void)mt_device_keep(d, bytes_written(&out));
}

void
surroundings_init(struct surroundings *s, struct mt_device *d,
    const struct sim_cell_params *params, uint32_t count, struct mesh_now now)
{
	sim_cell_init(&s->cell, params, now.unix_ms);
	for (uint32_t i = 0; i < count; i++)
		list(s, d, i < s->cell.node_count ? &s->cell.nodes[i] : NULL, i, now);
}

static void
put_payload(
    const struct surroundings *s, const struct sim_packet *p, struct bytes_out *out)
{
	struct tree_item items[ITEMS];
	struct tree_out t = tree_out(items, ITEMS);
	char id[16];
	if (p->port != SIM_NODEINFO) {
		sim_speech_payload(&s->cell, p, out);
		return;
	}
	put_user(&t, p->from, p->node, id); /* with the id that real ones have */
	if (protobuf_encode(&mt_user, tree_done(&t), out) != MESH_OK)
		out->failed = true;
}

static void
hear(struct surroundings *s, struct mt_device *d, const struct sim_packet *p,
    struct mesh_now now)
{
	uint8_t payload_block[MESSAGE], block[MESSAGE];
	struct bytes_out payload = bytes_out(payload_block, sizeof payload_block);
	struct bytes_out out = bytes_out(block, sizeof block);
	put_payload(s, p, &payload);
	sim_speech_frame(&(struct sim_frame){ .from = p->from,
			     .to = SIM_BROADCAST,
			     .id = p->id,
			     .port = p->port,
			     .at_ms = p->at_ms,
			     .signal = p->signal,
			     .payload = bytes_written(&payload) },
	    &out);
	if (!payload.failed && !out.failed)
		mt_device_hear(d, bytes_written(&out), now);
}

void
surroundings_pass(struct surroundings *s, struct mt_device *d, struct mesh_now now)
{
	struct sim_packet p;
	while (!s->silent && sim_cell_next(&s->cell, now.unix_ms, &p))
		hear(s, d, &p, now);
}

mesh_time_ms
surroundings_due(const struct surroundings *s, struct mesh_now now)
{
	unix_ms next = sim_cell_next_ms(&s->cell);
	if (s->silent)
		return MESH_NEVER;
	return next <= now.unix_ms ? now.ms
				   : now.ms + (mesh_time_ms)(next - now.unix_ms);
}
