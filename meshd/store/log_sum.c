#include "id.h"
#include "log_rows.h"

/* log_rows.h, the live count and sum of a keyed log: what goes in and out. */

bool
log_is_keyed_put(const struct mesh_record *r)
{
	struct bytes_view key;
	return mesh_record_key(r, &key);
}

/* What a CHECKPOINT counts.  All else, of types to come or against the rules, is never
 * replaced: it weighs, or a lane could hold any number of it. */
static bool
is_summed(const struct mesh_record *r)
{
	return r->type == RECORD_DROP || log_is_keyed_put(r);
}

void
log_live_add(
    struct mesh_live *live, const struct mesh_record *r, const uint8_t leaf[static 32])
{
	uint32_t weight = mesh_record_weight(r);
	if (is_summed(r))
		mesh_live_add(live, leaf, weight);
	else
		live->weight += weight;
}

void
log_live_remove(struct mesh_live *live, const struct log_row *row)
{
	uint8_t leaf[32];
	uint32_t weight = mesh_record_weight(&row->r);
	log_leaf(row, leaf);
	if (is_summed(&row->r))
		mesh_live_remove(live, leaf, weight);
	else
		live->weight -= weight < live->weight ? weight : live->weight;
}

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
	if (!is_in_already(l, &r->at))
		log_live_add(&slot->h.live, r, leaf);
	if (is_watched(l, &r->at))
		log_live_add(&l->watched_live, r, leaf);
}

void
log_count_out(struct log_rows *l, struct holding_slot *slot, const struct log_row *row)
{
	log_live_remove(&slot->h.live, row);
	if (is_watched(l, &row->r.at))
		log_live_remove(&l->watched_live, row);
}

bool
log_is_counted(const struct log_row *row)
{
	return mesh_lane_is_keyed(row->r.at.lane) && !row->dead &&
	    row->r.type != RECORD_CHECKPOINT;
}
