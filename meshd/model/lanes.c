#include "lanes.h"

/* clang-format off */
const struct lane lanes[LANE_COUNT] = {
	[LANE_LIVE] = { NULL, 0, false, 0, { NULL } },
	[LANE_CONTROL] = { "control", 0, true, 0, { NULL } },
	[LANE_ALERT] = { "alert", 0, true, 30, {
		[ALERT_STATEMENT] = &alert_statement_table, [ALERT_ACK] = &alert_ack_table } },
	[LANE_STATE] = { "state", 1, false, 0, { [RECORD_PUT] = &state_put_table } },
	[LANE_PACKET] = { "packet", 1, false, 7, { [1] = &reception_table } },
	[LANE_METRIC] = { "metric", 1, false, 14, { [1] = &sample_batch_table } },
	[LANE_REGISTRY] = { "registry", 2, false, 0, { [RECORD_PUT] = &entry_put_table } },
};
/* clang-format on */

const struct field_table *
lane_body(enum mesh_lane lane, uint16_t type)
{
	if ((unsigned)lane >= LANE_COUNT || type >= LANE_BODIES)
		return NULL;
	return lanes[lane].bodies[type];
}

enum mesh_err
lane_decode(const struct mesh_record *r, union lane_object *out,
    const struct field_table **table, struct arena *lists)
{
	*table = lane_body(r->at.lane, r->type);
	if (*table == NULL)
		return MESH_NOT_FOUND;
	return mesh_body_decode(*table, r->body, out, lists);
}
