#include "mt_coarse.h"
#include "mt_codec.h"
#include "protobuf.h"

enum { PACKET_DATA = 4, DATA_PORT = 1, DATA_PAYLOAD = 2 };
enum {
	PORT_REMOTE_HARDWARE = 2,
	PORT_TEXT_COMPRESSED = 7,
	PORT_AUDIO = 9,
	PORT_REPLY = 32,
	PORT_POWERSTRESS = 74
};

static const struct place {
	uint32_t port;
	uint32_t latitude, longitude, precision; /* numbers of fields; 0: has none */
} places[] = {
	{ MT_PORT_POSITION, 1, 2, 23 },
	{ MT_PORT_WAYPOINT, 2, 3, 0 },
	{ MT_PORT_MAP_REPORT, 9, 10, 12 },
};
/* What holds no place, but for people's own words.  All others may: sensors in a form
 * of their own (CAYENNE, ZPS), what a serial port says (NMEA), packets inside packets,
 * private forms, and those that are not invented yet. */
static const uint32_t placeless[] = { MT_PORT_TEXT, PORT_REMOTE_HARDWARE,
	MT_PORT_NODEINFO, MT_PORT_ROUTING, MT_PORT_ADMIN, PORT_TEXT_COMPRESSED,
	PORT_AUDIO, MT_PORT_DETECTION_SENSOR, MT_PORT_ALERT, MT_PORT_KEY_VERIFICATION,
	PORT_REPLY, MT_PORT_PAXCOUNTER, MT_PORT_NODE_STATUS, MT_PORT_RANGE_TEST,
	MT_PORT_TELEMETRY, MT_PORT_TRACEROUTE, MT_PORT_NEIGHBORINFO, PORT_POWERSTRESS };

int32_t
mt_coarse_number(int32_t degrees_1e7, unsigned bits)
{
	if (bits >= 32)
		return degrees_1e7;
	uint32_t kept = (uint32_t)degrees_1e7 & ~(UINT32_MAX >> bits);
	return (int32_t)(kept + (1U << (31 - bits)));
}

/* Where the item that was just read ends. */
static size_t
end_of(const struct bytes_in *in, size_t len)
{
	return len - in->left;
}

static void
cut_number(uint8_t *at, uint64_t value, unsigned bits)
{
	uint32_t cut = (uint32_t)mt_coarse_number((int32_t)(uint32_t)value, bits);
	for (size_t i = 0; i < sizeof cut; i++)
		at[i] = (uint8_t)(cut >> 8 * i);
}

static bool
cut_payload(const struct place *p, uint8_t *payload, size_t len, unsigned bits)
{
	struct bytes_in in = bytes_in(bytes_view(payload, len));
	struct protobuf_item f;
	while (protobuf_next(&in, &f)) {
		uint8_t *end = payload + end_of(&in, len);
		bool place = f.number == p->latitude || f.number == p->longitude;
		if (place && f.wire == WIRE_I32)
			cut_number(end - 4, f.value, bits);
		else if (place)
			return false; /* some other writing of it */
		if (p->precision != 0 && f.number == p->precision &&
		    f.wire == WIRE_VARINT && f.value > bits && f.value < 128)
			end[-1] = (uint8_t)bits;
	}
	return !in.failed;
}

/* The port that counts, of all Data that the packet holds: two messages merge. */
static bool
find_port(struct bytes_view raw, uint32_t *port, bool *has_data)
{
	struct bytes_in in = bytes_in(raw);
	struct protobuf_item f, d;
	*has_data = false;
	*port = 0;
	while (protobuf_next(&in, &f)) {
		if (f.number != PACKET_DATA || f.wire != WIRE_LEN)
			continue;
		struct bytes_in data = bytes_in(f.bytes);
		*has_data = true;
		while (protobuf_next(&data, &d))
			if (d.number == DATA_PORT && d.wire == WIRE_VARINT)
				*port = (uint32_t)d.value;
		if (data.failed)
			return false;
	}
	return !in.failed;
}

static bool
cut_data(const struct place *p, uint8_t *data, size_t len, unsigned bits)
{
	struct bytes_in in = bytes_in(bytes_view(data, len));
	struct protobuf_item d;
	while (protobuf_next(&in, &d))
		if (d.number == DATA_PAYLOAD && d.wire == WIRE_LEN &&
		    !cut_payload(p, data + (d.bytes.ptr - data), d.bytes.len, bits))
			return false;
	return true;
}

static const struct place *
place_of(uint32_t port)
{
	for (size_t i = 0; i < LENGTH(places); i++)
		if (places[i].port == port)
			return &places[i];
	return NULL;
}

static bool
is_placeless(uint32_t port)
{
	for (size_t i = 0; i < LENGTH(placeless); i++)
		if (placeless[i] == port)
			return true;
	return false;
}

enum mt_coarse
mt_coarse(uint8_t *raw, size_t len, unsigned bits)
{
	struct bytes_in in = bytes_in(bytes_view(raw, len));
	struct protobuf_item f;
	uint32_t port;
	bool has_data;
	if (!find_port(bytes_view(raw, len), &port, &has_data))
		return MT_COARSE_UNSURE;
	if (!has_data || is_placeless(port))
		return MT_COARSE_NONE;
	const struct place *p = place_of(port);
	if (p == NULL)
		return MT_COARSE_UNSURE;
	while (protobuf_next(&in, &f))
		if (f.number == PACKET_DATA && f.wire == WIRE_LEN &&
		    !cut_data(p, raw + (f.bytes.ptr - raw), f.bytes.len, bits))
			return MT_COARSE_UNSURE;
	return MT_COARSE_CUT;
}
