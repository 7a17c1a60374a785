#include "inspect.h"
#include "arena.h"
#include "mt_coarse.h"
#include "mt_facts.h"
#include "mt_words.h"
#include "text.h"

/* The simulated network sends Meshtastic's packets under node names of its own. */
static bool
ids_of(enum radio_network network, enum id_kind *ids)
{
	switch (network) {
	case NETWORK_MESHTASTIC:
		*ids = ID_MT_NODE;
		return true;
	case NETWORK_SIM:
		*ids = ID_SIM_NODE;
		return true;
	case NETWORK_NONE:
	case NETWORK_MESHCORE:
		break;
	}
	return false;
}

enum mesh_err
inspect(enum radio_network network, struct bytes_view raw, struct arena *into,
    struct tree_view *out)
{
	enum id_kind ids;
	struct mt_packet packet;
	*out = (struct tree_view){ NULL, 0 };
	if (!ids_of(network, &ids))
		return MESH_NOT_FOUND;
	bool sound = mt_packet_read(raw, &packet);
	enum mesh_err err = mt_facts_contents(&packet, ids, into, out);
	return sound ? err : MESH_MALFORMED;
}

struct text_view
inspect_type(enum radio_network network, uint16_t type, struct arena *into)
{
	enum { DIGITS = 5 };
	enum id_kind ids;
	const char *name = ids_of(network, &ids) ? mt_port_name(type) : NULL;
	if (name != NULL)
		return text(name);
	struct bytes_out out = bytes_out(arena_take(into, DIGITS, 1), DIGITS);
	if (out.ptr == NULL)
		return text(NULL);
	text_put_u64(&out, type);
	return text_written(&out);
}

struct tree_view
inspect_node(enum radio_network network, struct bytes_view raw, struct arena *into)
{
	enum id_kind ids;
	struct mt_packet packet;
	if (!ids_of(network, &ids) || !mt_packet_read(raw, &packet))
		return (struct tree_view){ NULL, 0 };
	return mt_facts_sender(&packet, into);
}

bool
inspect_is_private(enum radio_network network, struct bytes_view raw)
{
	enum { MAY_BE_CARRIED = 1 };
	enum id_kind ids;
	struct mt_packet packet;
	return ids_of(network, &ids) && mt_packet_read(raw, &packet) &&
	    (packet.has & MT_HAS_DECODED) != 0 &&
	    (packet.bitfield & MAY_BE_CARRIED) == 0;
}

bool
inspect_is_node(enum radio_network network, const struct id *node)
{
	struct id real = *node;
	if (network == NETWORK_MESHTASTIC && node->kind == ID_MT_NODE)
		real = mt_node_id(id_number(node));
	return id_is(&real);
}

const char *
inspect_reason(enum radio_network network, uint16_t reason)
{
	static const struct {
		uint16_t reason;
		const char *words;
	} ours[] = { { SENT_UNANSWERED, "no answer from the radio" },
		{ SENT_UNKNOWN, "an error without a name" },
		{ SENT_UNSURE, "no answer to a second try" },
		{ SENT_REFUSED, "the radio's queue refused it" },
		{ SENT_NO_INTERFACE, "the radio finds no transmitter" },
		{ SENT_DISABLED, "the radio's transmitter is off" } };
	enum id_kind ids;
	for (size_t i = 0; i < LENGTH(ours); i++)
		if (ours[i].reason == reason)
			return ours[i].words;
	if (!ids_of(network, &ids))
		return NULL;
	for (const struct protobuf_word *w = mt_words_routing_error; w->name != NULL;
	     w++)
		if (w->value == reason)
			return w->name;
	return NULL;
}

enum inspect_place
inspect_cut_place(enum radio_network network, uint8_t *raw, size_t len, unsigned bits)
{
	enum id_kind ids;
	if (!ids_of(network, &ids))
		return PLACE_UNSURE;
	switch (mt_coarse(raw, len, bits)) {
	case MT_COARSE_NONE:
		return PLACE_NONE;
	case MT_COARSE_CUT:
		return PLACE_CUT;
	case MT_COARSE_UNSURE:
		break;
	}
	return PLACE_UNSURE;
}

double
inspect_cut_degrees(double degrees, unsigned bits)
{
	const double units = 1e7;
	if (bits >= 32)
		return degrees;
	return mt_coarse_number((int32_t)(degrees * units), bits) / units;
}
