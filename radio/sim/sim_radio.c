#include "sim_radio.h"
#include "id.h"

void
sim_radio_hear(struct radio *r, const struct sim_frame *frame, struct radio_event *out)
{
	struct bytes_out raw = bytes_out(r->raw, sizeof r->raw);
	struct radio_reception *e = &out->reception;

	sim_speech_frame(frame, &raw);
	out->kind = RADIO_RECEPTION;
	*e = (struct radio_reception){ .packet = id_of_packet(
					   ID_SIM_PACKET, frame->from, frame->id),
		.from = id_of_node(ID_SIM_NODE, frame->from),
		.network = NETWORK_SIM,
		.type = frame->port,
		.hop_limit = frame->signal.hop_limit,
		.hop_start = SIM_HOPS,
		.rssi = frame->signal.rssi,
		.snr = frame->signal.snr,
		.time_ms = frame->at_ms,
		.via = VIA_SIMULATED,
		.raw = bytes_written(&raw),
		.has = 1U << RECEPTION_PACKET | 1U << RECEPTION_NETWORK |
		    1U << RECEPTION_FROM | 1U << RECEPTION_TYPE |
		    1U << RECEPTION_CHANNEL | 1U << RECEPTION_HOP_LIMIT |
		    1U << RECEPTION_HOP_START | 1U << RECEPTION_RSSI |
		    1U << RECEPTION_SNR | 1U << RECEPTION_TIME | 1U << RECEPTION_VIA |
		    1U << RECEPTION_RAW };
	if (frame->to != SIM_BROADCAST) {
		e->to = id_of_node(ID_SIM_NODE, frame->to);
		e->has |= 1U << RECEPTION_TO;
	}
	r->counters[COUNT_PORT_PACKETS_SEEN]++;
	r->counters[COUNT_PORT_PACKETS_TAKEN]++;
}
