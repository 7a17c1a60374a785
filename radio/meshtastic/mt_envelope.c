#include "mt_envelope.h"
#include "text.h"

enum { PROXY_DATA = 2, PROXY_TEXT = 3 };
enum { ENVELOPE_PACKET = 1, ENVELOPE_CHANNEL = 2, ENVELOPE_GATEWAY = 3 };
struct envelope {
	struct bytes_view packet, channel, gateway;
};

/* Of two that exclude each other the last counts; empty: there is none. */
static struct bytes_view
data_in(struct bytes_view message)
{
	struct bytes_in in = bytes_in(message);
	struct protobuf_item f;
	struct bytes_view data = { NULL, 0 };
	while (protobuf_next(&in, &f)) {
		if (f.wire != WIRE_LEN)
			continue;
		if (f.number == PROXY_DATA)
			data = f.bytes;
		if (f.number == PROXY_TEXT)
			data = bytes_view(NULL, 0);
	}
	return in.failed ? bytes_view(NULL, 0) : data;
}

static bool
read_envelope(struct bytes_view data, struct envelope *out)
{
	struct bytes_in in = bytes_in(data);
	struct protobuf_item f;
	*out = (struct envelope){ .packet = { NULL, 0 } };
	while (protobuf_next(&in, &f)) {
		if (f.wire != WIRE_LEN)
			continue;
		if (f.number == ENVELOPE_PACKET)
			out->packet = f.bytes;
		if (f.number == ENVELOPE_CHANNEL)
			out->channel = f.bytes;
		if (f.number == ENVELOPE_GATEWAY)
			out->gateway = f.bytes;
	}
	return !in.failed && out->packet.len > 0 && out->channel.len > 0 &&
	    out->gateway.len > 0;
}

static bool
is_gateway(struct bytes_view said, uint32_t node)
{
	char name[16];
	struct bytes_out out = bytes_out(name, sizeof name);
	text_printf(&out, "!%08x", (unsigned)node);
	return node != 0 && bytes_equal(said, bytes_written(&out));
}

enum mt_envelope
mt_envelope_read(struct bytes_view message, uint32_t my_node, struct bytes_view *raw,
    struct mt_packet *p)
{
	struct envelope e;
	if (!read_envelope(data_in(message), &e) || !mt_packet_read(e.packet, p))
		return MT_ENVELOPE_MALFORMED;
	if (!is_gateway(e.gateway, my_node))
		return MT_ENVELOPE_FOREIGN;
	*raw = e.packet;
	return p->to == MT_BROADCAST || p->to == my_node ? MT_ENVELOPE_KNOWN
							 : MT_ENVELOPE_TAKEN;
}
