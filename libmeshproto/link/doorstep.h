/* doorstep.h - how many strangers may knock, and the cookie they show when many do.
 *
 * Answering HS1 costs four curve operations, so they are limited per second, per
 * address prefix (/24, /48) and by how many are half open.  When it is busy the only
 * answer is a cookie: a keyed hash of address and sid that needs no memory here, and
 * proves at its return that the address was not forged.  Its key changes every two
 * minutes; the previous one still counts.  Floor 3.  Pure.  Source:
 * PROTOCOL.md 6.3, 6.4.
 */
#ifndef MESH_DOORSTEP_H
#define MESH_DOORSTEP_H
#include "envelope.h"
#include "meshproto.h"
#include "rate.h"
#include "session.h"

enum {
	DOORSTEP_COOKIE = 16,
	DOORSTEP_COOKIE_MS = 2 * 60 * 1000,
	DOORSTEP_PREFIXES = 64, /* whose rate is known; the longest unused goes first */
	DOORSTEP_BUSY_HALVES = 32,
	DOORSTEP_BUSY_PER_S = 50,
	DOORSTEP_PER_S = 100,
	DOORSTEP_PER_PREFIX_S = 10,
	DOORSTEP_ANSWERS_PER_S = 1000, /* HS2, for all our calls together */
};
struct doorstep_prefix {
	uint8_t bytes[7]; /* 4 or 6, then three or six bytes of address; 0: empty */
	struct rate rate;
};
struct doorstep {
	uint8_t secret[32];
	struct rate all, busy, answers;
	struct doorstep_prefix prefixes[DOORSTEP_PREFIXES];
};

/* A key that handshakes are made under, and what sessions behind it may do. */
struct handshake_door { /* secret */
	struct session_door is;
	uint8_t netid[16];
	uint8_t hint[4], k_hs[32], k_cookie[32]; /* trust/netkey.h */
};
struct doorstep_knock {
	const struct envelope *hs1;
	const struct mesh_path *from;
	const uint8_t *k_cookie; /* 32 bytes, of the door */
};

void doorstep_init(
    struct doorstep *d, const uint8_t secret[static 32], mesh_time_ms now);
/* Call once for each HS1 under our key.  True: answer with a cookie alone. */
bool doorstep_is_busy(struct doorstep *d, uint32_t halves, mesh_time_ms now);
/* May this one be answered?  Takes from the rates if so. */
bool doorstep_admits(
    struct doorstep *d, const struct mesh_path *from, mesh_time_ms now);
bool doorstep_cookie_holds(const struct doorstep *d, const struct envelope *hs1,
    const struct mesh_path *from, mesh_time_ms now);
/* May this HS2 be opened?  It costs a curve operation before its tag can be looked at,
 * and who sees our HS1 can forge as many as it likes. */
bool doorstep_hears(struct doorstep *d, mesh_time_ms now);
/* The cookie datagram (ENVELOPE_COOKIE_BYTES) that answers this HS1. */
void doorstep_cookie(const struct doorstep *d, const struct doorstep_knock *knock,
    mesh_time_ms now, struct bytes_out *out);
/* At the initiator: was this cookie made for our HS1 with the ephemeral key `e`? */
bool doorstep_tag_holds(const uint8_t k_cookie[static 32],
    const struct envelope *cookie, const uint8_t e[static 32]);
#endif
