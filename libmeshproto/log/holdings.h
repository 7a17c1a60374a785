/* holdings.h - per origin, lane and epoch: which numbers are safe here.
 *
 * A have-set is a handful of runs; a lane without gaps is one.  Two runs lie inside the
 * row, more go to chunks that all rows share, so a thousand orderly origins cost what
 * they need and one disorderly origin cannot cost more than MESH_RUNS.  A number that
 * would open one run too many is refused, not squeezed in (record.gap_overflow).  A
 * higher epoch empties all lanes of its origin.  Floor 3.  Pure.  Source:
 * PROTOCOL.md 9. */
#ifndef MESH_HOLDINGS_H
#define MESH_HOLDINGS_H
#include "mesh_words.h"
#include "table.h"

enum { HOLDINGS_INLINE = 2, HOLDINGS_CHUNK = 8, HOLDINGS_LANES = LANE_COUNT - 1 };

struct holdings_lane {
	struct mesh_run run[HOLDINGS_INLINE];
	uint16_t count; /* runs in all, ascending */
	uint16_t spill; /* 1 + index of the first chunk; 0: none */
};
struct holdings_row {
	struct mesh_key origin;
	uint64_t epoch;
	struct holdings_lane lane[HOLDINGS_LANES]; /* lane 1 first */
};
struct holdings_chunk {
	struct mesh_run run[HOLDINGS_CHUNK];
	uint16_t next; /* 1 + index; 0: last, or end of the free list */
};
struct holdings {
	struct pool rows;
	struct table by_key;
	struct holdings_chunk *chunks; /* borrowed */
	uint16_t free, free_count;
};
enum holdings_answer {
	HOLDINGS_NEW,
	HOLDINGS_HELD,      /* committed, void or dropped */
	HOLDINGS_OLD_EPOCH, /* the origin has begun a newer log */
	HOLDINGS_NO_ROOM    /* one run too many, or no row for one more origin */
};

size_t holdings_bytes(uint32_t origins, uint16_t chunks);
/* `block`: zeroed, aligned, holdings_bytes long; stays the caller's. */
void holdings_init(struct holdings *h, void *block, uint32_t origins, uint16_t chunks,
    const uint8_t secret[static TABLE_SECRET]);
/* What the store had at the start.  MESH_MALFORMED: unsound runs; MESH_FULL. */
MESH_MUST_CHECK enum mesh_err holdings_load(
    struct holdings *h, const struct mesh_holding *saved);
/* What would become of a record with this position and `back`. */
enum holdings_answer holdings_ask(
    const struct holdings *h, const struct mesh_position *at, uint64_t back);
/* It is safe here now: its number and what `back` declares void.  MESH_DENIED: of an
 * older epoch; MESH_FULL: as HOLDINGS_NO_ROOM.  Then nothing changed. */
MESH_MUST_CHECK enum mesh_err holdings_put(
    struct holdings *h, const struct mesh_position *at, uint64_t back);
/* End of the processed prefix: where the first run ends, since whatever lies below the
 * lowest number this site can serve counts as processed.  False: nothing is held. */
bool holdings_high(const struct holdings *h, const struct mesh_key *origin,
    enum mesh_lane lane, uint64_t *epoch, uint64_t *high);
uint64_t holdings_epoch(const struct holdings *h, const struct mesh_key *origin);

/* The same rule over one have-set in the store's form: mesh_holding_put.  `voided` may
 * be NULL; first > last: nothing became void. */
MESH_MUST_CHECK enum mesh_err holdings_take(struct mesh_holding *one,
    const struct mesh_position *at, uint64_t back, struct mesh_run *voided);
#endif
