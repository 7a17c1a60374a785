/* sim_speech.h - what made-up nodes say, in the bytes of Meshtastic.
 *
 * One MeshPacket per packet, so that inspect.h needs no second decoder.  Field numbers
 * are facts of the public protobuf definitions.  Floor 3.  Pure. */
#ifndef RADIO_SIM_SPEECH_H
#define RADIO_SIM_SPEECH_H
#include "bytes.h"
#include "sim_cell.h"

enum { SIM_RAW_MAX = 400, SIM_TEXT_MAX = 232, SIM_ROUTE_MAX = 3 };
#define SIM_BROADCAST UINT32_MAX

struct sim_words { /* who a node is */
	const char *long_name, *short_name, *hardware, *role;
	uint8_t hardware_number, role_number;
};
struct sim_words sim_speech_words(uint32_t index);
struct sim_battery {
	uint8_t percent;
	float volts;
};
struct sim_battery sim_speech_battery(
    const struct sim_cell *c, const struct sim_node *node, unix_ms at);
void sim_speech_degrees(struct sim_place place, double *lat, double *lon);
int32_t sim_speech_altitude(const struct sim_cell *c, const struct sim_node *node);

struct sim_frame { /* what goes around a payload */
	uint32_t from, to, id, request_id;
	enum sim_port port;
	unix_ms at_ms;
	struct sim_signal signal;
	struct bytes_view payload;
};
/* Append the whole MeshPacket. */
void sim_speech_frame(const struct sim_frame *frame, struct bytes_out *out);
/* Append the payload of a packet that the cell made. */
void sim_speech_payload(
    const struct sim_cell *c, const struct sim_packet *packet, struct bytes_out *out);
struct sim_route { /* the answer to a traceroute, both ways */
	uint32_t hops[SIM_ROUTE_MAX];
	size_t count;
	int8_t snr_towards, snr_back; /* quarters of a decibel, of the last hop */
};
void sim_speech_route(const struct sim_route *route, struct bytes_out *out);
#endif
