/* disk_state.h - what lies on a simulated disk: rows, have-sets, newest of each key.
 *
 * Nothing but records that are superseded is ever taken out (what is purged is
 * emptied), so that all lookups are hashes into growing arrays. Have-sets and live sums
 * are computed by the same functions as in the daemon's writer. */
#ifndef MESHSIM_DISK_STATE_H
#define MESHSIM_DISK_STATE_H
#include "disk_index.h"
#include "meshparams.h"
#include "shelf.h"

enum { DISK_KEY = 64 };
struct disk_row { /* MESH_KEEP; a thousand sites keep a thousand: as long as they are */
	uint8_t *bytes; /* the key, then the body */
	uint32_t key_len, body_len;
};
struct disk_put { /* the newest of a key; no key: the newest CHECKPOINT */
	struct mesh_key origin;
	enum mesh_lane lane;
	uint64_t epoch, seq;
	uint8_t key[DISK_KEY];
	size_t key_len;
	bool dead; /* dropped: it only tells that older ones are over */
	const struct body *body;
};
struct disk_record { /* MESH_RECORD, or MESH_SETTLE: numbers without one */
	struct mesh_position at;
	uint64_t back, claims;
	bool is_settle, is_put, is_drop, is_checkpoint;
	bool is_purge; /* MESH_PURGE: at.origin, at.epoch */
	uint16_t type;
	struct disk_put put; /* of every record: its body */
};
enum { DISK_WEIGHS = 0 }; /* type of what a keyed lane neither counts nor replaces */
struct disk_item {        /* a record that can be served */
	uint64_t seq;
	uint16_t type, generation; /* of its lane when it came */
	const struct body *body;
};
struct disk_held { /* a mesh_holding that is as long as its runs, and its records */
	struct mesh_key origin;
	enum mesh_lane lane;
	uint64_t epoch;
	struct mesh_live live;
	struct mesh_run *runs;
	uint32_t run_count;
	uint32_t drops;      /* DROPs among the items */
	uint16_t generation; /* moves when all is asked for again */
	uint64_t
	    checked_seq;   /* the last checkpoint that came when all below was here, */
	bool checked_same; /* and whether it agreed */
	struct disk_item *items; /* by seq; of a keyed lane what is live */
	size_t item_count, item_cap;
};
struct disk_state {
	struct disk_row *rows;
	struct disk_put *puts;
	struct disk_held *held;
	size_t row_count, row_cap, put_count, put_cap, held_count, held_cap;
	struct disk_index by_row, by_put, by_held;
};

void disk_state_row(struct disk_state *s, const struct disk_row *row); /* copied */
/* False: a gap too many, withheld as in the daemon.  `live` is the lane's afterwards.
 */
bool disk_state_record(
    struct disk_state *s, const struct disk_record *r, struct mesh_live *live);
/* Nothing of that origin is held up to that epoch. */
void disk_state_purge(
    struct disk_state *s, const struct mesh_key *origin, uint64_t epoch);
/* NULL: nothing of that origin, lane and epoch. */
const struct disk_held *disk_state_held(
    const struct disk_state *s, const struct mesh_position *at);
void disk_state_holding(const struct disk_held *is, struct mesh_holding *out);
void disk_state_copy(struct disk_state *to, const struct disk_state *from);
void disk_state_free(struct disk_state *s); /* and empty it */
/* Has a keyed lane that is one run what its newest checkpoint says, if that is its end?
 * False: that cannot be said. */
bool disk_state_compare(
    const struct disk_state *s, const struct mesh_position *at, bool *same);
/* Numbers that are held no more; false: a run too many. */
bool disk_state_lose(
    struct disk_state *s, const struct mesh_position *at, struct mesh_run lost);
/* All numbers up to `high` are held, and have no rows: a long history. */
void disk_state_extend(
    struct disk_state *s, const struct mesh_position *at, uint64_t high);
/* A live record is gone; false: there was none.  `counted`: out of count and sum, too.
 */
bool disk_state_remove(
    struct disk_state *s, const struct mesh_position *at, bool counted);
/* All of a lane is to come again; what then has not come is taken out by _sweep. */
void disk_state_anew(struct disk_state *s, const struct mesh_position *at);
void disk_state_sweep(struct disk_state *s, const struct mesh_position *at);
#endif
