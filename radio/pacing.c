#include "pacing.h"

enum {
	MINUTE_MS = 60000,
	HOUR_MS = 60 * MINUTE_MS,
	PERMILLE = 1000,
	SHARE_PERMILLE = 100
};

/* Half a second and more above what the firmware asks for: what is evenly spaced here
 * may come bunched there. */
static const uint32_t gaps[REQUEST_KINDS] = {
	[REQUEST_TEXT] = 2500,
	[REQUEST_TRACE] = 31000,
	[REQUEST_POSITION] = 10500,
	[REQUEST_TELEMETRY] = 10500,
	[REQUEST_WAYPOINT] = 10500,
};
static const struct {
	uint32_t duty_permille; /* of what the region allows */
	float utilization;      /* percent of the last minute */
} limits[] = {
	[PACE_PERSON] = { PERMILLE, 40.0F }, [PACE_MACHINE] = { PERMILLE / 2, 25.0F }
};

uint32_t
pacing_gap(enum radio_request_kind kind)
{
	return gaps[kind];
}

mesh_time_ms
pacing_due(const struct pacing *p, enum radio_request_kind kind)
{
	mesh_time_ms due = p->sent != 0 ? p->frame_ms + PACING_FRAME_MS : 0;
	if ((p->sent >> kind & 1) == 0)
		return due;
	mesh_time_ms same = p->last_ms[kind] + gaps[kind];
	return same > due ? same : due;
}

void
pacing_note(struct pacing *p, enum radio_request_kind kind, mesh_time_ms now)
{
	p->last_ms[kind] = p->frame_ms = now;
	p->sent |= 1U << kind;
}

/* Minutes that went by are empty. */
static void
turn_to(struct duty *d, mesh_time_ms now)
{
	mesh_time_ms minute = now / MINUTE_MS;
	for (size_t i = 0; d->minute < minute && i < DUTY_MINUTES; i++)
		d->ms[++d->minute % DUTY_MINUTES] = 0;
	d->minute = minute;
}

void
duty_add(struct duty *d, uint32_t airtime_ms, mesh_time_ms now)
{
	turn_to(d, now);
	d->ms[d->minute % DUTY_MINUTES] += airtime_ms;
}

uint32_t
duty_spent(struct duty *d, mesh_time_ms now)
{
	uint32_t sum = 0;
	turn_to(d, now);
	for (size_t i = 0; i < DUTY_MINUTES; i++)
		sum += d->ms[i];
	return sum;
}

/* Newest minute first. */
void
duty_write(struct duty *d, struct mesh_now now, struct bytes_out *out)
{
	turn_to(d, now.ms);
	bytes_put_u64(out, (uint64_t)now.unix_ms);
	for (size_t age = 0; age < DUTY_MINUTES; age++)
		bytes_put_u32(
		    out, d->ms[(d->minute + DUTY_MINUTES - age) % DUTY_MINUTES]);
}

bool
duty_read(struct duty *d, struct bytes_in *in, struct mesh_now now)
{
	struct duty read = { .minute = now.ms / MINUTE_MS };
	unix_ms then = (unix_ms)bytes_u64(in);
	uint64_t gone = then < now.unix_ms ? (uint64_t)(now.unix_ms - then) / MINUTE_MS
					   : 0;
	for (uint64_t age = gone; age < gone + DUTY_MINUTES; age++) {
		uint32_t ms = bytes_u32(in);
		if (age < DUTY_MINUTES) /* no more than there is in a minute */
			read.ms[(read.minute + DUTY_MINUTES - age) % DUTY_MINUTES] =
			    ms < MINUTE_MS ? ms : MINUTE_MS;
	}
	if (in->failed)
		return false;
	*d = read;
	return true;
}

uint32_t
duty_limit(const struct radio_air *air, enum pace_rank rank)
{
	uint32_t allowed = air->duty_permille < SHARE_PERMILLE ? air->duty_permille
							       : SHARE_PERMILLE;
	uint64_t hour = (uint64_t)HOUR_MS * allowed / PERMILLE;
	return (uint32_t)(hour * limits[rank].duty_permille / PERMILLE);
}

bool
duty_is_crowded(const struct radio_air *air, enum pace_rank rank)
{
	return air->channel_utilization >= limits[rank].utilization;
}
