/* mt_delivery.h - what became of the packets we gave to the radio.
 *
 * A request ends once with ACKED or FAILED, or quietly when nothing more came of it;
 * before that ACCEPTED and HEARD_RELAYED may pass by.  An acknowledgement that the
 * radio makes up itself, because it heard a neighbour repeat us, comes from our own
 * node: it is no delivery.  A late one after a failure finds no request.  Full: the
 * oldest that was accepted is forgotten; if none was, the newest is refused.  Source:
 * facts of Meshtastic's queueStatus and Routing messages.  Floor 2.  Pure. */
#ifndef RADIO_MT_DELIVERY_H
#define RADIO_MT_DELIVERY_H
#include "mt_codec.h"

enum { MT_DELIVERIES = 16, MT_DELIVERY_MS = 300000 };
struct mt_sent {
	uint64_t request;
	uint32_t packet; /* 0: free */
	bool accepted;
	mesh_time_ms until_ms;
};
struct mt_delivery {
	struct mt_sent sent[MT_DELIVERIES];
};
struct mt_outcome {
	uint64_t request;
	enum radio_sent sent;
	uint16_t reason;
};

bool mt_delivery_add(
    struct mt_delivery *d, uint64_t request, uint32_t packet, mesh_time_ms now);
/* True: `out` is to be reported. */
bool mt_delivery_queued(
    struct mt_delivery *d, uint32_t packet, int32_t res, struct mt_outcome *out);
bool mt_delivery_routed(struct mt_delivery *d, const struct mt_packet *p,
    uint32_t my_node, struct mt_outcome *out);
/* One request that time ended, or that the loss of the link did; call until false. */
bool mt_delivery_expired(
    struct mt_delivery *d, mesh_time_ms now, struct mt_outcome *out);
bool mt_delivery_lost(struct mt_delivery *d, struct mt_outcome *out);
mesh_time_ms mt_delivery_deadline(const struct mt_delivery *d);
#endif
