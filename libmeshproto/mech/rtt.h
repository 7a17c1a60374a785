/* rtt.h - how long a neighbour takes to answer, and how often it does not.
 *
 * RFC 6298 smoothing in microseconds; loss as an exponential average over about the
 * last 32 round trips.  Never feed an answer to something that was sent twice (Karn).
 * Floor 1. Pure. */
#ifndef MESH_RTT_H
#define MESH_RTT_H
#include "types.h"

struct rtt {
	uint32_t srtt_us, var_us; /* 0: nothing measured */
	uint32_t best_us;
	uint32_t loss; /* of 65536 */
};

void rtt_init(struct rtt *r);
void rtt_measured(struct rtt *r, uint32_t us);
void rtt_lost(struct rtt *r);
/* PROTOCOL.md 7: max(2 SRTT, 60 ms) x 1, 1, 1.5, 1.5, 2.5, 2.5, 4, 4 for tries 0..7. */
uint32_t rtt_retry_ms(const struct rtt *r, unsigned attempt);
enum { RTT_TRIES = 8 };
/* PROTOCOL.md 11: how long "waiting" waits, max(300 ms, 4 SRTT). */
uint32_t rtt_wait_ms(const struct rtt *r);
/* Between the PINGs of a probe, max(150 ms, SRTT): the last of them, too, has the time
 * of a round trip.  More than six are closer together, so that loss makes a probe
 * dearer and not longer: docs/DECISIONS/0151. */
uint32_t rtt_probe_ms(const struct rtt *r);
float rtt_loss(const struct rtt *r); /* 0..1 */
/* PROTOCOL.md 11: pings of a probe, clamp(ceil(ln 0.001 / ln loss), 3, 12). */
unsigned rtt_probes(const struct rtt *r);
#endif
