/* pacing.h - how often a radio takes requests of a kind, and how long we may be on the
 * air.
 *
 * A radio drops what comes too soon after another of its kind and says so badly or not
 * at all, so the gaps are kept here.  What we were on the air is summed over the last
 * hour in minutes, as the regulations count.  How much of it is for whom: people may
 * use what is allowed, programs that send by themselves half of that, and those stop
 * already on a channel that is a quarter full; nobody more than a tenth of the hour,
 * also where the region sets no limit: the air is shared.  Source: Meshtastic's stream
 * API and airtime.h.  Floor 1.  Pure. */
#ifndef RADIO_PACING_H
#define RADIO_PACING_H
#include "bytes.h"
#include "radio.h"

/* One more minute than an hour: the present one has only begun. */
enum { PACING_FRAME_MS = 100, DUTY_MINUTES = 61 };
enum pace_rank { PACE_PERSON, PACE_MACHINE };

struct pacing { /* of one radio; zero is valid */
	mesh_time_ms last_ms[REQUEST_KINDS], frame_ms;
	uint32_t sent; /* bit per kind: last_ms counts */
};
uint32_t pacing_gap(enum radio_request_kind kind); /* ms between two of a kind */
/* From when on the radio takes one of this kind; 0: now. */
mesh_time_ms pacing_due(const struct pacing *p, enum radio_request_kind kind);
void pacing_note(struct pacing *p, enum radio_request_kind kind, mesh_time_ms now);

struct duty { /* of one channel of the air; zero is valid */
	uint32_t ms[DUTY_MINUTES];
	mesh_time_ms minute;
};
void duty_add(struct duty *d, uint32_t airtime_ms, mesh_time_ms now);
uint32_t duty_spent(struct duty *d, mesh_time_ms now); /* ms of the last hour */
/* Over a restart: what was spent, and when by the clock.  One that was set back makes
 * it no longer ago.  False: it is none, and `d` is unchanged. */
enum { DUTY_BYTES = 8 + 4 * DUTY_MINUTES };
void duty_write(struct duty *d, struct mesh_now now, struct bytes_out *out);
bool duty_read(struct duty *d, struct bytes_in *in, struct mesh_now now);
/* What such a sender may be on the air in an hour, of what `air` allows all. */
uint32_t duty_limit(const struct radio_air *air, enum pace_rank rank);
/* Is the channel too full for such a sender? */
bool duty_is_crowded(const struct radio_air *air, enum pace_rank rank);
#endif
