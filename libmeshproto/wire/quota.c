#include "quota.h"

#define MIB (UINT64_C(1) << 20)

static const struct mesh_quota quotas[LANE_COUNT] = {
	[LANE_CONTROL] = { 10 * 1000, 0 },
	[LANE_ALERT] = { 100 * 1000, 0 },
	[LANE_STATE] = { 20 * 1000, 16 * MIB },
	[LANE_PACKET] = { 5 * 1000 * 1000, 0 },
	[LANE_METRIC] = { 5 * 1000 * 1000, 0 },
	[LANE_REGISTRY] = { 1000 * 1000, 8 * UINT64_C(1024) * MIB },
};

struct mesh_quota
quota_of(enum mesh_lane lane)
{
	return quotas[lane < LANE_COUNT ? lane : LANE_LIVE];
}

uint32_t
quota_weight(enum mesh_lane lane, size_t core_bytes)
{
	struct mesh_quota quota = quota_of(lane);
	if (quota.bytes == 0 || core_bytes == 0)
		return 1;
	return (uint32_t)((core_bytes - 1) / (quota.bytes / quota.records)) + 1;
}

uint32_t
quota_seen(uint32_t records)
{
	return records + records / 8;
}
