/* retention.h - what is forgotten, when, and in how small steps.
 *
 * Time lanes only; numbers stay held.  Age is counted in days that this site has seen:
 * one mark per day says which record was the newest then, and a record below the N-th
 * newest mark is N days old.  So a clock that jumps a year forgets one day's worth, and
 * history that was pulled late is kept as long as news.  What one origin has beyond its
 * quota of a lane goes, oldest first.  Over max_bytes raw packets go, oldest first;
 * nothing else ever does.  Each step is one transaction of the writer between two
 * batches. Floor 6. */
#ifndef RETENTION_H
#define RETENTION_H
#include "log_rows.h"

enum { RETENTION_STEP = 200 };
struct retention_limits {
	uint32_t packet_days, alert_days, metric_days; /* 0: for ever */
	uint64_t max_bytes;                            /* 0: no limit */
	uint32_t per_origin; /* rows of a lane; 0: as mesh_lane_quota says */
};
/* Inside a transaction.  How many records went: not 0, come again soon. */
size_t retention_step(
    struct log_rows *l, const struct retention_limits *limits, unix_ms now);
uint64_t retention_bytes(struct statements *s); /* in use */
#endif
