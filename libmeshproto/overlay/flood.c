#include "flood.h"
#include "messages.h"

enum flood_verdict
flood_judge(const struct envelope_hop *hop, uint8_t hop_max,
    const uint8_t tag[static FLOOD_TAG])
{
	if (hop->hops >= hop_max)
		return FLOOD_HOPS;
	if (envelope_trail_has(hop->trail, tag))
		return FLOOD_TRAIL;
	return FLOOD_TAKE;
}

bool
flood_goes_on(const struct envelope_hop *hop, uint8_t hop_max)
{
	return hop->hops + 1 < hop_max;
}

bool
flood_has_trail(enum mesh_lane lane, uint16_t type)
{
	if (lane == LANE_LIVE)
		return type >= LIVE_ECHO && type != LIVE_FORK && type != LIVE_TELL;
	return lane >= LANE_ALERT;
}

struct envelope_hop
flood_next(const struct envelope_hop *hop, const uint8_t tag[static FLOOD_TAG],
    uint8_t trail[static FLOOD_TRAIL_MAX])
{
	struct envelope_hop next = *hop;
	next.hops++;
	if (hop->trail.ptr == NULL)
		return next;
	struct bytes_view old = hop->trail;
	if (old.len > FLOOD_TRAIL_MAX - FLOOD_TAG)
		old = bytes_view(old.ptr + FLOOD_TAG, FLOOD_TRAIL_MAX - FLOOD_TAG);
	struct bytes_out out = bytes_out(trail, FLOOD_TRAIL_MAX);
	bytes_put_view(&out, old);
	bytes_put(&out, tag, FLOOD_TAG);
	next.trail = bytes_written(&out);
	return next;
}
