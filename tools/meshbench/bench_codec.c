#include "arena.h"
#include "bench.h"
#include "bytes.h"
#include "id.h"
#include "meshproto.h"
#include "packet.h"
#include <string.h>

struct codec {
	struct reception reception, back;
	uint8_t body[1024], block[4096], copy[1024];
	size_t len;
	bool good;
};

static void
step_encode(void *ctx)
{
	struct codec *c = ctx;
	struct bytes_out out = bytes_out(c->body, sizeof c->body);
	c->good = mesh_body_encode(&reception_table, &c->reception, &out) == MESH_OK;
	c->len = out.len;
}

static void
step_decode(void *ctx)
{
	struct codec *c = ctx;
	struct arena arena = arena_init(c->block, sizeof c->block);
	c->good = mesh_body_decode(&reception_table, bytes_view(c->body, c->len),
		      &c->back, &arena) == MESH_OK;
}

static void
step_copy(void *ctx) /* the limit: nothing can be faster than moving the bytes */
{
	struct codec *c = ctx;
	memcpy(c->copy, c->body, c->len);
	__asm__ volatile("" : : "r"(c->copy) : "memory");
}

int
bench_codec(const struct bench_options *o, struct bench_report *r)
{
	static uint8_t raw[200];
	struct codec c = { .reception = { .has = ~0ULL >> (64 - reception_table.count),
			       .packet = id_of_packet(
				   ID_MT_PACKET, 0xa1b2c3d4, 0x0badcafe),
			       .from = id_of_node(ID_MT_NODE, 0xa1b2c3d4),
			       .to = id_of_node(ID_MT_NODE, 0x11),
			       .network = NETWORK_MESHTASTIC,
			       .type = 1,
			       .hop_limit = 3,
			       .hop_start = 3,
			       .rssi = -71,
			       .snr = 6.25F,
			       .time_ms = 1764000000000,
			       .claimed_ms = 1764000000000,
			       .radio = { "roof", 4 },
			       .raw = { raw, sizeof raw } } };
	r->value = bench_rate(o->seconds, step_encode, &c);
	r->unit = "receptions encoded/s";
	bench_add(r, "decode_per_s", bench_rate(o->seconds, step_decode, &c));
	bench_add(r, "copy_per_s", bench_rate(o->seconds / 4, step_copy, &c));
	bench_add(r, "bytes", (double)c.len);
	bool same = fields_equal(&reception_table, &c.reception, &c.back);
	return c.good && same ? 0 : 1;
}
