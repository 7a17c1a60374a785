/* beacon.h - when to say "here I am" on which segment, and how that is sealed.
 *
 * A beacon discovers an address and a boot; it never proves life.  A segment that comes
 * up is greeted twice, quickly; then ever more slowly down to every 10 s, each step
 * slower where many live, so that the chatter of a segment stays the same however large
 * it is.  A newcomer is answered with an extra beacon by some twenty of those who know
 * each other: it needs a few neighbours, and they tell it of all others.  Floor 3.
 * Pure: `dice` are the caller's random bits.  Source: PROTOCOL.md 5. */
#ifndef MESH_BEACON_H
#define MESH_BEACON_H
#include "envelope.h"

enum {
	BEACON_SEGMENTS = 16,
	BEACON_PERIOD_MS = 10000,
	BEACON_CROWD = 25, /* sites on a segment that share one period */
	BEACON_EXTRA_GAP_MS = 1000,
	BEACON_ANSWERS = 20, /* to a newcomer, of however many */
	BEACON_KEY = 32
};

struct beacon_segment {
	uint16_t iface; /* 0: free */
	uint8_t step;   /* of the quick start */
	uint32_t known; /* sites heard there */
	mesh_time_ms due_ms, extra_ms, extra_after_ms;
};
struct beacon {
	struct beacon_segment segments[BEACON_SEGMENTS];
	uint32_t period_ms;
};

void beacon_init(struct beacon *b, uint32_t period_ms); /* 0: BEACON_PERIOD_MS */
/* False: too many segments.  One that is up already stays as it is. */
bool beacon_up(struct beacon *b, uint16_t iface, uint32_t dice, mesh_time_ms now);
void beacon_down(struct beacon *b, uint16_t iface);
/* The next segment on which a beacon is due; its timer moves on.  False: none. */
bool beacon_due(struct beacon *b, uint32_t dice, mesh_time_ms now, uint16_t *iface);
mesh_time_ms beacon_deadline(const struct beacon *b);
/* So many sites are known there; takes effect with its next beacon. */
void beacon_crowd(struct beacon *b, uint16_t iface, uint32_t known);
/* An unknown (key, boot) was heard there. */
void beacon_newcomer(struct beacon *b, uint16_t iface, uint32_t dice, mesh_time_ms now);

struct beacon_seal {
	const uint8_t *hint;  /* 4 */
	const uint8_t *key;   /* BEACON_KEY */
	const uint8_t *nonce; /* 24, random; for sealing only */
};
/* Append the whole datagram.  MESH_FULL: does not fit. */
MESH_MUST_CHECK enum mesh_err beacon_close(const struct beacon_seal *with,
    struct bytes_view bundle, struct bytes_out *datagram);
/* The bundle, opened into `plain` (ENVELOPE_MAX bytes).  MESH_DENIED: wrong tag. */
MESH_MUST_CHECK enum mesh_err beacon_open(const struct beacon_seal *with,
    const struct envelope *env, uint8_t *plain, struct bytes_view *bundle);
#endif
