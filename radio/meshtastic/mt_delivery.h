/* mt_delivery.h - what became of the packets we gave to the radio.
 *
 * A request is accepted or refused by the radio's queue within MT_ACCEPT_MS; after that
 * a neighbour may be heard repeating it, and the other end may confirm it, which ends
 * it well.  An acknowledgement that the radio makes up itself, because it heard a
 * neighbour repeat us, comes from our own node: it is no delivery.  One that failed is
 * watched on until MT_DELIVERY_MS is over, for confirmations come late; only then is it
 * forgotten.  What was not accepted is lost with its link, and nothing
 * else: the radio goes on, and what it says of that packet later counts as well.  It
 * passes over a number that it had before: a second try that stays without an answer
 * says nothing of the first.  Of a packet to one node that node alone confirms, answers
 * and, beside our own, refuses it.  Full: the oldest that was accepted is forgotten; if
 * none was, the newest is refused.  Source: facts of Meshtastic's queueStatus and
 * Routing messages.  Floor 2.  Pure. */
#ifndef RADIO_MT_DELIVERY_H
#define RADIO_MT_DELIVERY_H
#include "mt_codec.h"

enum {
	MT_DELIVERIES = 16,
	MT_DELIVERY_MS = 300000,
	MT_ACCEPT_MS = 30000,
	MT_COPY_BYTES = 320 /* a MeshPacket of ours as others hear it */
};
struct mt_sent {
	uint64_t request;
	uint32_t packet; /* 0: free */
	uint32_t to; /* who confirms and answers it; MT_BROADCAST: anybody answers */
	bool accepted, repeated, acked, failed;
	bool asks;                        /* an answer comes, perhaps behind the ACK */
	bool lost;                        /* with its link, before a word of it */
	bool again;                       /* a second try after that */
	mesh_time_ms accept_ms, until_ms; /* not accepted by then; forgotten then */
	uint16_t copy_len;                /* 0: nothing to show */
	uint8_t copy[MT_COPY_BYTES];
};
struct mt_delivery {
	struct mt_sent sent[MT_DELIVERIES];
};
struct mt_outcome {
	uint64_t request;
	uint32_t packet;
	enum radio_sent sent;
	uint16_t reason;
	uint32_t answer_from, answer; /* ANSWERED: the packet that is the answer */
	struct bytes_view copy; /* ours, once, when it is on its way; until the next add
				 */
};

/* `copy` of more than MT_COPY_BYTES is not kept. */
bool mt_delivery_add(struct mt_delivery *d, uint64_t request, uint32_t packet,
    uint32_t to, struct bytes_view copy, mesh_time_ms now);
bool mt_delivery_knows(
    const struct mt_delivery *d, uint32_t packet); /* ours, of late */
/* The one just added is a question: a confirmation does not end it, its answer does. */
void mt_delivery_expect(struct mt_delivery *d, uint32_t packet);
/* It did not go to the radio after all. */
void mt_delivery_forget(struct mt_delivery *d, uint32_t packet);
/* What a queueStatus says of a packet, with `free` places in the queue after it.  One
 * that found none was not taken and is forgotten, unless there was a try before it.
 * True: `out` is to be reported. */
bool mt_delivery_queued(struct mt_delivery *d, uint32_t packet, int32_t res,
    uint32_t free, struct mt_outcome *out);
/* Of a packet that came: does it confirm, refuse or answer one of ours? */
bool mt_delivery_routed(struct mt_delivery *d, const struct mt_packet *p,
    uint32_t my_node, struct mt_outcome *out);
/* One request that time ended, or that the loss of the link did; call until false. */
bool mt_delivery_expired(
    struct mt_delivery *d, mesh_time_ms now, struct mt_outcome *out);
bool mt_delivery_lost(struct mt_delivery *d, struct mt_outcome *out);
mesh_time_ms mt_delivery_deadline(const struct mt_delivery *d);
#endif
