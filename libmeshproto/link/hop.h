/* hop.h - acknowledged datagrams between two neighbours.
 *
 * How core sends: while hop_wants(), hop_fill writes the frames of one datagram (into
 * ENVELOPE_PLAIN_MAX bytes: link frames, an ACK, then a retransmission or what pace.h
 * gives), session_seal seals it, hop_sent notes its counter.  How it receives: an ACK
 * frame goes to hop_acked, a datagram whose acknowledged frames are all decided to
 * hop_decided, a record that came from that neighbour to hop_seen, which counts as its
 * ACK.
 *
 * What is not acknowledged after RTT_TRIES tries is left to repair (tx.gave_up).  At
 * most 64 datagrams are out.  The window halves on a timeout; it shrinks by a quarter
 * when round trips grow by 25 ms, because a queue somewhere on the way is ours and what
 * is urgent would wait in it; it grows by one with each ACK until that happened, then
 * by one per window (RFC 5681, RFC 6817).  P0 does not wait for the window.  Lives
 * longer than a session: hop_new_session.  Floor 3.  Pure.  Source: PROTOCOL.md 7. */
#ifndef MESH_HOP_H
#define MESH_HOP_H
#include "mtu.h"
#include "pace.h"
#include "rtt.h"

enum {
	HOP_OUT = 64,
	HOP_FRAMES = 8,
	HOP_ACK_MS = 5,
	HOP_ACK_MANY = 16, /* datagrams that do not wait for more */
	HOP_ACKS = 4,      /* of one datagram, where many are lost */
	HOP_ACK_AGAIN_MS = 15,
	HOP_GAP_MS = 5,  /* what is not urgent, from one datagram to the next */
	HOP_FULL = 1000, /* bytes that do not wait for more */
	HOP_WINDOW = 4,  /* at first */
	HOP_WINDOW_MIN = 2,
	HOP_QUEUE_US = 25000 /* of round trip above the best: somebody's queue */
};

struct hop_slot { /* one unacknowledged datagram */
	struct handle frames[HOP_FRAMES];
	uint8_t count; /* 0: free */
	uint8_t attempt;
	bool due_now;             /* not sent yet, or the session is new */
	bool flying;              /* `counter` is valid */
	uint16_t len;             /* of the frames of the last transmission */
	uint32_t counter, before; /* of the last two transmissions */
	mesh_time_ms sent_ms, due_ms;
};
struct hop { /* one per neighbour, by value */
	struct hop_slot slots[HOP_OUT];
	uint32_t out, window;
	uint32_t credit;          /* ACKs since the window last grew */
	bool steady;              /* it has found its limit once */
	mesh_time_ms halved_ms;   /* one step back per round trip */
	struct hop_slot *filling; /* between hop_fill and hop_sent */
	struct rtt rtt;
	struct mtu mtu;
	bool has_ack;      /* something was decided in this session */
	uint8_t unsaid;    /* decided since the last ACK */
	uint8_t acks_left; /* as often is what was decided still to be said */
	uint32_t ack_counter;
	uint64_t ack_bits;
	mesh_time_ms ack_due_ms; /* MESH_NEVER: nothing new to acknowledge */
	mesh_time_ms gap_ms;     /* until then a datagram that is not full waits */
	uint64_t *counters;      /* borrowed: mesh_counters.h */
};

void hop_init(struct hop *h, uint64_t *counters);
void hop_clear(struct hop *h, struct parcels *ps); /* gives every reference back */
/* Counters begin anew: what is out is sent again, what was decided is forgotten. */
void hop_new_session(struct hop *h);

/* Is there a datagram to be sent now? */
bool hop_wants(const struct hop *h, const struct pace *q, mesh_time_ms now);
/* Write the frames of the next datagram.  May write nothing (all was too old): then
 * `out->len` is 0 and there is nothing to seal; call hop_sent only for what was sent.
 */
void hop_fill(struct hop *h, struct pace *q, struct parcels *ps, struct bytes_out *out,
    mesh_time_ms now);
void hop_sent(struct hop *h, uint32_t counter, mesh_time_ms now);
mesh_time_ms hop_deadline(const struct hop *h, const struct pace *q, mesh_time_ms now);

/* The datagram with this counter holds acknowledged frames, and all are decided. */
void hop_decided(struct hop *h, uint32_t counter, mesh_time_ms now);
/* An ACK frame.  Numbers that are not out are ignored. */
void hop_acked(struct hop *h, struct parcels *ps, uint32_t counter, uint64_t bits,
    mesh_time_ms now);
/* A frame of a datagram that holds more than `most` bytes of them: out of there; the
 * reference is now the caller's.  Generation 0: there is none. */
struct handle hop_take_long(struct hop *h, const struct parcels *ps, size_t most);
/* Is that parcel, or a piece of it, out and not acknowledged? */
bool hop_has(const struct hop *h, const struct parcels *ps, struct handle parcel);
void hop_seen(struct hop *h, struct parcels *ps, const struct dedup_mark *mark);
#endif
