#include "id.h"
#include "log_rows.h"

/* log_rows.h, the live count and sum of a keyed log: what goes in and out. */

/* Whoever reads the log at this moment counts what he has passed. */
static bool
is_watched(const struct log_rows *l, const struct mesh_position *at)
{
	return l->watched.lane == at->lane && l->watched.seq >= at->seq &&
	    l->watched.epoch == at->epoch && key_equal(&l->watched.origin, &at->origin);
}

/* Its row did not read back, so nobody could count it out. */
static bool
is_in_already(struct log_rows *l, const struct mesh_position *at)
{
	if (!is_watched(l, at) || !holding_rows_has(&l->watched_lost, at->seq))
		return false;
	struct mesh_run one = { at->seq, at->seq };
	return mesh_holding_lose(&l->watched_lost, one) == MESH_OK;
}

void
log_count_in(struct log_rows *l, struct holding_slot *slot, const struct mesh_record *r,
    const uint8_t leaf[static 32])
{
	uint32_t weight = mesh_record_weight(r);
	if (!is_in_already(l, &r->at))
		mesh_live_add(&slot->h.live, leaf, weight);
	if (is_watched(l, &r->at))
		mesh_live_add(&l->watched_live, leaf, weight);
}

void
log_count_out(struct log_rows *l, struct holding_slot *slot, const struct log_row *row)
{
	uint8_t leaf[32];
	uint32_t weight = mesh_record_weight(&row->r);
	log_leaf(row, leaf);
	mesh_live_remove(&slot->h.live, leaf, weight);
	if (is_watched(l, &row->r.at))
		mesh_live_remove(&l->watched_live, leaf, weight);
}

bool
log_is_counted(const struct log_row *row)
{
	return mesh_lane_is_keyed(row->r.at.lane) && !row->dead &&
	    (row->r.type == RECORD_PUT || row->r.type == RECORD_DROP);
}
