/* mtu.h - how long a datagram the way to one neighbour lets through.
 *
 * Datagrams are sent whole or in fragments by the kernel (DF is off); some ways lose
 * the long ones all the same.  Nothing is probed: when so many datagrams over 508 bytes
 * in a row found no ACK that chance is no explanation, and short ones did get through
 * in the meantime, the limit is 508 bytes (what every IPv4 host must take, RFC 791) for
 * 10 minutes; then long ones are tried again, and three in vain are enough.  Floor 3.
 * Pure.  Source: PROTOCOL.md 12, docs/DECISIONS/0131. */
#ifndef MESH_MTU_H
#define MESH_MTU_H
#include "envelope.h"

enum {
	MTU_SHORT = 508, /* UDP payload */
	MTU_SHORT_PLAIN = MTU_SHORT - ENVELOPE_DATA_HEAD - ENVELOPE_TAG,
	MTU_SHORT_MS = 10 * 60 * 1000,
	MTU_AGAIN = 3
};
struct mtu {
	uint8_t lost;          /* long ones in a row */
	bool passed;           /* a short one got through since the first of them */
	bool was_short;        /* 10 minutes ago */
	mesh_time_ms until_ms; /* it is short until then; 0: it never was */
};
/* A datagram with so many bytes of frames was not acknowledged; `enough`: so many in a
 * row are no chance. */
void mtu_lost(struct mtu *m, size_t plain_bytes, unsigned enough, mesh_time_ms now);
void mtu_passed(struct mtu *m, size_t plain_bytes); /* it was */
/* How many bytes of frames a datagram may hold. */
size_t mtu_plain(const struct mtu *m, mesh_time_ms now);
bool mtu_is_short(const struct mtu *m, mesh_time_ms now);
#endif
