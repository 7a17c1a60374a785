/* mt_payload.h - what a request of ours says in its packet: port and payload.
 *
 * Source: the Meshtastic protobuf definitions; limits of a waypoint's words are the
 * firmware's buffers.  Floor 3.  Pure. */
#ifndef RADIO_MT_PAYLOAD_H
#define RADIO_MT_PAYLOAD_H
#include "mt_radio.h"

struct mt_payload_kind {
	uint32_t port; /* 0: there is no packet for such a request */
	bool asks;     /* its answer is a packet of that port; it has one addressee */
};
struct mt_payload_kind mt_payload_kind(enum radio_request_kind kind);
/* MESH_MALFORMED: a waypoint that is none.  A text is the request's own body. */
MESH_MUST_CHECK enum mesh_err mt_payload_put(
    struct radio *r, const struct radio_request *q, struct bytes_out *out);
/* Bytes, at most. */
size_t mt_payload_size(const struct radio_request *q);
#endif
