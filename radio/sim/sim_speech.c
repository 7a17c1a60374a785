#include "sim_speech.h"
#include "protobuf.h"
#include "text.h"

enum sim_says { /* purposes of sim_draw beside those of the cell */
	SAYS_TEXT = 100,
	SAYS_BATTERY,
	SAYS_ALTITUDE,
	SAYS_AIR,
	SAYS_WEATHER
};

/* --- protobuf, as much as it takes --- */

static void
put_varint(struct bytes_out *o, uint32_t field, uint64_t n)
{
	if (n == 0)
		return; /* proto3 leaves defaults out */
	protobuf_put_key(o, field, WIRE_VARINT);
	protobuf_put_varint(o, n);
}

static void
put_fixed32(struct bytes_out *o, uint32_t field, uint32_t n)
{
	protobuf_put_key(o, field, WIRE_I32);
	for (unsigned i = 0; i < 4; i++)
		bytes_put_u8(o, (uint8_t)(n >> 8 * i));
}

static void
put_float(struct bytes_out *o, uint32_t field, float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof bits);
	put_fixed32(o, field, bits);
}

static void
put_bytes(struct bytes_out *o, uint32_t field, struct bytes_view v)
{
	protobuf_put_key(o, field, WIRE_LEN);
	protobuf_put_varint(o, v.len);
	bytes_put_view(o, v);
}

static void
put_text(struct bytes_out *o, uint32_t field, const char *terminated)
{
	put_bytes(o, field, bytes_view(terminated, strlen(terminated)));
}

/* --- who they are --- */

struct sim_words
sim_speech_words(uint32_t index)
{
	/* Short and long, Latin and not, as on real meshes. */
	/* clang-format off */
	static const struct { const char *long_name, *short_name; } names[] = {
		{ "Alder Ridge", "ALDR" },       { "Böhmerwald Süd", "BÖHM" },
		{ "Cycle courier", "CYCL" },     { "Dam gauge 2", "DAM2" },
		{ "山の小屋", "山小" },           { "Ferry Vesta", "FRRY" },
		{ "Garden 🌱", "🌱" },           { "Harbour light", "HRBR" },
		{ "محطة الشمال", "NRTH" },       { "Juniper school", "JUNI" },
		{ "Kiosk at the lake with a very long name", "KIOS" },
		{ "Lookout", "LOOK" },
	};
	static const struct { const char *word; uint8_t number; } hardware[] = {
		{ "HELTEC_V3", 43 }, { "RAK4631", 9 }, { "T_ECHO", 7 }, { "TBEAM", 4 },
	};
	static const struct { const char *word; uint8_t number; } roles[] = {
		{ "CLIENT", 0 }, { "ROUTER", 2 }, { "TRACKER", 5 }, { "SENSOR", 6 },
	}; /* clang-format on */
	size_t name = index % LENGTH(names), role = index % 3 == 2 ? 2 : index % 5 == 3;
	size_t box = index / 2 % LENGTH(hardware);

	if (index % 12 == 3)
		role = 3;
	return (struct sim_words){ names[name].long_name, names[name].short_name,
		hardware[box].word, roles[role].word, hardware[box].number,
		roles[role].number };
}

/* Drained in a day and charged again; every node at its own hour. */
struct sim_battery
sim_speech_battery(const struct sim_cell *c, const struct sim_node *node, unix_ms at)
{
	enum { DAY_MS = 24 * 3600 * 1000, FULL = 100, USED = 70 };
	uint64_t shift = sim_draw(c->seed, SAYS_BATTERY, node->index, 0) % DAY_MS;
	uint64_t hour = ((uint64_t)(at > 0 ? at : 0) + shift) % DAY_MS;
	uint64_t used = hour < DAY_MS / 2 ? hour : DAY_MS - hour;
	uint8_t percent = (uint8_t)(FULL - used * USED / (DAY_MS / 2));

	return (struct sim_battery){ percent, 3.3F + 0.009F * (float)percent };
}

void
sim_speech_degrees(struct sim_place place, double *lat, double *lon)
{
	const double metres_per_degree = 111320; /* at the equator, both ways */

	*lat = place.y / metres_per_degree;
	*lon = place.x / metres_per_degree;
}

int32_t
sim_speech_altitude(const struct sim_cell *c, const struct sim_node *node)
{
	enum { LOWEST = 5, SPREAD = 800 };

	return LOWEST +
	    (int32_t)(sim_draw(c->seed, SAYS_ALTITUDE, node->index, 0) % SPREAD);
}

/* --- what they say --- */

static void
say_text(const struct sim_cell *c, const struct sim_packet *p, struct bytes_out *o)
{
	static const char *const sayings[] = { "Good morning from the ridge",
		"Anyone on channel 0?", "Battery swapped, back in an hour", "On my way",
		"Rain coming in from the west", "Copy that", "Signal check please",
		"Ferry leaves at ten", "お疲れさまです", "The gate is open 🚪", "73",
		"Repeater looks fine from here" };
	uint64_t drawn = sim_draw(c->seed, SAYS_TEXT, p->node, p->k);

	text_put(o, sayings[drawn % LENGTH(sayings)]);
}

static void
say_position(const struct sim_cell *c, const struct sim_packet *p, struct bytes_out *o)
{
	enum { PRECISION = 32 };
	const struct sim_node *node = &c->nodes[p->node];
	double lat, lon;

	sim_speech_degrees(sim_cell_place(c, node, p->at_ms), &lat, &lon);
	put_fixed32(o, 1, (uint32_t)(int32_t)sim_nearest(lat * 1e7));
	put_fixed32(o, 2, (uint32_t)(int32_t)sim_nearest(lon * 1e7));
	put_varint(o, 3, (uint64_t)sim_speech_altitude(c, node));
	put_fixed32(o, 4, (uint32_t)(p->at_ms / 1000));
	put_varint(o, 23, PRECISION);
}

static void
say_user(const struct sim_packet *p, struct bytes_out *o)
{
	char id[16];
	struct bytes_out name = bytes_out(id, sizeof id);
	struct sim_words words = sim_speech_words(p->node);

	text_printf(&name, "~%08x", (unsigned)p->from);
	put_text(o, 1, text_end(&name));
	put_text(o, 2, words.long_name);
	put_text(o, 3, words.short_name);
	put_varint(o, 5, words.hardware_number);
	put_varint(o, 7, words.role_number);
}

static void
say_device(const struct sim_cell *c, const struct sim_packet *p, struct bytes_out *o)
{
	struct sim_battery battery = sim_speech_battery(
	    c, &c->nodes[p->node], p->at_ms);
	uint64_t air = sim_draw(c->seed, SAYS_AIR, p->node, p->k);

	put_varint(o, 1, battery.percent);
	put_float(o, 2, battery.volts);
	put_float(o, 3, (float)(air % 1200) / 100.0F);
	put_float(o, 4, (float)(air >> 16 & 0xff) / 100.0F);
	put_varint(o, 5, (uint64_t)(p->at_ms / 1000 % 864000) + 1);
}

static void
say_weather(const struct sim_cell *c, const struct sim_packet *p, struct bytes_out *o)
{
	uint64_t drawn = sim_draw(c->seed, SAYS_WEATHER, p->node, p->k);

	put_float(o, 1, 8.0F + (float)(drawn % 140) / 10.0F);
	put_float(o, 2, 40.0F + (float)(drawn >> 16 & 0x1ff) / 10.0F);
	put_float(o, 3, 990.0F + (float)(drawn >> 32 & 0x1ff) / 10.0F);
}

static void
say_telemetry(const struct sim_cell *c, const struct sim_packet *p, struct bytes_out *o)
{
	uint8_t room[64];
	struct bytes_out inner = bytes_out(room, sizeof room);
	bool weather = sim_draw(c->seed, SAYS_WEATHER, p->node, ~p->k) % 4 == 0;

	if (weather)
		say_weather(c, p, &inner);
	else
		say_device(c, p, &inner);
	put_fixed32(o, 1, (uint32_t)(p->at_ms / 1000));
	put_bytes(o, weather ? 3 : 2, bytes_written(&inner));
}

void
sim_speech_payload(
    const struct sim_cell *c, const struct sim_packet *packet, struct bytes_out *out)
{
	switch (packet->port) {
	case SIM_TEXT:
		say_text(c, packet, out);
		break;
	case SIM_POSITION:
		say_position(c, packet, out);
		break;
	case SIM_NODEINFO:
		say_user(packet, out);
		break;
	case SIM_TELEMETRY:
		say_telemetry(c, packet, out);
		break;
	case SIM_TRACEROUTE: /* only answered, never begun */
		break;
	}
}

static void
put_hops(struct bytes_out *o, uint32_t field, const struct sim_route *route)
{
	uint8_t room[4 * SIM_ROUTE_MAX];
	struct bytes_out packed = bytes_out(room, sizeof room);

	for (size_t i = 0; i < route->count; i++)
		for (unsigned k = 0; k < 4; k++)
			bytes_put_u8(&packed, (uint8_t)(route->hops[i] >> 8 * k));
	if (packed.len > 0)
		put_bytes(o, field, bytes_written(&packed));
}

/* One SNR per hop: of the relays the better one's, of the last hop its own. */
static void
put_snrs(
    struct bytes_out *o, uint32_t field, const struct sim_route *route, int8_t last)
{
	uint8_t room[10 * (SIM_ROUTE_MAX + 1)];
	struct bytes_out packed = bytes_out(room, sizeof room);

	for (size_t i = 0; i < route->count; i++)
		protobuf_put_varint(&packed, 24); /* 6 dB */
	protobuf_put_varint(&packed, (uint64_t)(int64_t)last);
	put_bytes(o, field, bytes_written(&packed));
}

void
sim_speech_route(const struct sim_route *route, struct bytes_out *out)
{
	put_hops(out, 1, route);
	put_snrs(out, 2, route, route->snr_towards);
	put_hops(out, 3, route);
	put_snrs(out, 4, route, route->snr_back);
}

void
sim_speech_frame(const struct sim_frame *frame, struct bytes_out *out)
{
	uint8_t room[SIM_RAW_MAX];
	struct bytes_out data = bytes_out(room, sizeof room);

	put_varint(&data, 1, frame->port);
	put_bytes(&data, 2, frame->payload);
	if (frame->request_id != 0)
		put_fixed32(&data, 6, frame->request_id);
	put_varint(&data, 9, 1); /* bitfield: may be told on */

	put_fixed32(out, 1, frame->from);
	put_fixed32(out, 2, frame->to);
	put_bytes(out, 4, bytes_written(&data));
	put_fixed32(out, 6, frame->id);
	put_fixed32(out, 7, (uint32_t)(frame->at_ms / 1000));
	put_float(out, 8, frame->signal.snr);
	put_varint(out, 9, frame->signal.hop_limit);
	put_varint(out, 12, (uint64_t)(int64_t)frame->signal.rssi);
	put_varint(out, 15, SIM_HOPS);
	put_varint(out, 19, frame->signal.relay);
}
