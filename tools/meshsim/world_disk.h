/* world_disk.h - the store of a simulated site: rows, have-sets, live sums, records.
 *
 * What is queued is lost by disk_crash, what is committed stays; a power cut takes the
 * NORMAL commits since the last FULL one as well (PROTOCOL.md 10: control, alert and
 * rows to keep are FULL).  Records are kept as bundles and read back for MESH_WANT; of
 * a keyed lane only what is live. */
#ifndef MESHSIM_WORLD_DISK_H
#define MESHSIM_WORLD_DISK_H
#include "bytes.h"
#include "meshparams.h"
#include "shelf.h"

struct disk_state;
struct disk_outcome {
	uint64_t ticket;
	struct mesh_position at; /* seq 0: no record */
	bool has_live;
	struct mesh_live live;
};
struct world_disk *disk_new(struct shelf *shelf); /* borrowed */
struct world_disk *disk_copy(
    const struct world_disk *d); /* what is committed: a backup */
void disk_free(struct world_disk *d);
void disk_crash(struct world_disk *d); /* what is queued is lost */
/* Also what was committed after the last FULL commit, from some point on; only after
 * disk_may_lose, which costs a second copy. */
void disk_power_cut(struct world_disk *d, uint64_t dice);
void disk_may_lose(struct world_disk *d);
struct disk_state *disk_state_of(struct world_disk *d); /* what is committed */
/* Its row was lost: it may be told again. */
void disk_untell(struct world_disk *d, const struct mesh_position *at);
/* Was it never told in any life of the site?  Remembers it. */
bool disk_is_new(struct world_disk *d, const struct mesh_position *at);
void disk_queue_record(
    struct world_disk *d, const struct mesh_event *e, mesh_time_ms due);
void disk_queue_row(struct world_disk *d, const struct mesh_event *e, mesh_time_ms due);
void disk_queue_want(
    struct world_disk *d, const struct mesh_event *e, mesh_time_ms due);
mesh_time_ms disk_due(const struct world_disk *d);
/* Take the next outcome that is due.  `err` not OK: it comes out, nothing is kept. */
bool disk_commit(struct world_disk *d, mesh_time_ms now, enum mesh_err err,
    struct disk_outcome *out);
struct disk_answer { /* to one MESH_WANT; borrowed until the next call */
	uint64_t ticket, upto;
	const struct mesh_record *records;
	size_t count;
};
/* Take the next answer that is due. */
bool disk_answer(struct world_disk *d, mesh_time_ms now, struct disk_answer *out);
const struct mesh_holding *disk_holdings(struct world_disk *d, size_t *count);
const struct mesh_kept *disk_kept(struct world_disk *d, size_t *count);

/* Bodies of the simulator: [number, filler], or a PUT [key, number]. */
void disk_body(struct bytes_out *out, const char *key, uint64_t number, size_t filler);
uint64_t disk_number_of(const struct mesh_record *r);
#endif
