/* holdings.h - per origin, lane and epoch: which numbers are safe here.
 *
 * A have-set is a handful of runs; a lane without gaps is one.  A number that would
 * open one run too many is refused, not squeezed in (record.gap_overflow).  A higher
 * epoch empties all lanes of its origin.  Origins are found by oid, as rows on the wire
 * name them.  The digest over the ends of all lanes moves along.
 *
 * What an origin may keep in a keyed lane is bounded, and whoever sees more must end
 * its lane at the same number, in whatever order the records came.  A record counts for
 * at most as many as the numbers it takes (quota.h).  So a record is
 * taken only if no prefix below it can hold too many, whatever the numbers between turn
 * out to be; the first that may be one too many is the last that is taken before the
 * count is known.  Floor 3.  Pure.  Source: PROTOCOL.md 2 and 9. */
#ifndef MESH_HOLDINGS_H
#define MESH_HOLDINGS_H
#include "digest.h"
#include "spill.h"
#include "table.h"

enum { HOLDINGS_LANES = LANE_COUNT - 1, HOLDINGS_OID = DIGEST_OID };

struct holdings_row {
	struct mesh_key origin;
	uint8_t oid[HOLDINGS_OID];
	uint64_t epoch;
	struct spill_lane lane[HOLDINGS_LANES]; /* lane 1 first */
};
struct holdings {
	struct pool rows;
	struct table by_oid;
	struct spill spill;
	uint32_t holes;                /* lanes that are `holed` */
	uint32_t most[HOLDINGS_LANES]; /* live weight, lane 1 first; 0: no limit */
	struct digest digest;
	struct holdings_row *newest; /* written last: most questions are about it */
	bool hides;                  /* others' registry lanes: they are in no digest */
	uint8_t self[HOLDINGS_OID];
};
enum holdings_answer {
	HOLDINGS_NEW,
	HOLDINGS_HELD,      /* committed, void or dropped */
	HOLDINGS_OLD_EPOCH, /* the origin has begun a newer log */
	HOLDINGS_NO_ROOM    /* one run too many, or no row for one more origin */
};

size_t holdings_bytes(uint32_t origins, uint16_t chunks);
struct holdings_setup {
	uint32_t origins;
	uint16_t chunks;
	const uint8_t *secret;         /* TABLE_SECRET bytes */
	const uint8_t *netid;          /* DIGEST_KEY bytes */
	const uint8_t *self;           /* HOLDINGS_OID bytes */
	bool hides;                    /* not all of others' registry is kept */
	uint32_t most[HOLDINGS_LANES]; /* live records of an origin; 0: no limit */
};
/* `block`: zeroed, aligned, holdings_bytes long; stays the caller's. */
void holdings_init(struct holdings *h, void *block, const struct holdings_setup *setup);
/* What the store had at the start.  MESH_MALFORMED: unsound runs; MESH_DENIED: another
 * of its lanes is in a later epoch; MESH_FULL. */
MESH_MUST_CHECK enum mesh_err holdings_load(
    struct holdings *h, const struct mesh_holding *saved);
/* What would become of a record with this position and `back`. */
enum holdings_answer holdings_ask(
    const struct holdings *h, const struct mesh_position *at, uint64_t back);
/* Its lane will have `before` runs when what is on its way to the disk is there, and
 * `after` with this record; others on their way may take `others` chunks.  False: there
 * may be none left for it. */
struct holdings_growth {
	const struct mesh_position *at;
	size_t before, after, others;
};
bool holdings_may_grow(const struct holdings *h, const struct holdings_growth *g);
/* It would settle `claims` numbers, its own included; of those before that, `dead` are
 * on their way and no records.  False: a prefix below it may hold too many, or does. */
bool holdings_allow(const struct holdings *h, const struct mesh_position *at,
    uint64_t claims, uint64_t dead);
/* Its lane has so much weight live, now that it is stored.  True: too many, just
 * found; the lane is frozen at its end. */
bool holdings_count(
    struct holdings *h, const struct mesh_position *at, uint64_t weight);
/* It is safe here now: its number and what it settles below, at least what its `back`
 * declares void.  It counts for `weight` records; 0: it is none.  MESH_DENIED: of an
 * older epoch; MESH_FULL: as HOLDINGS_NO_ROOM.  Then nothing changed. */
MESH_MUST_CHECK enum mesh_err holdings_put(struct holdings *h,
    const struct mesh_position *at, uint64_t claims, uint32_t weight);
/* Its origin begins this epoch: lanes of a lower one are emptied.  MESH_FULL. */
MESH_MUST_CHECK enum mesh_err holdings_begin(
    struct holdings *h, const struct mesh_key *origin, uint64_t epoch);

/* --- one log, named as on the wire --- */
struct holdings_log {
	uint8_t oid[HOLDINGS_OID];
	enum mesh_lane lane;
	uint64_t epoch;
};
/* May it not be whole here?  Then it is neither shown to others nor served. */
bool holdings_hides(const struct holdings *h, const uint8_t oid[static HOLDINGS_OID],
    enum mesh_lane lane);
/* The row of an origin; NULL: nothing is held of it. */
const struct holdings_row *holdings_of(
    const struct holdings *h, const uint8_t oid[static HOLDINGS_OID]);
/* The same by key. */
const struct holdings_row *holdings_by_key(
    const struct holdings *h, const struct mesh_key *origin);
/* Is it a log of that origin?  It may be one that we hold nothing of. */
bool holdings_is_of(const struct holdings *h, const struct holdings_log *log,
    const struct mesh_key *origin);
/* Every row: start with *index = 0, add one each time. */
const struct holdings_row *holdings_walk(const struct holdings *h, uint32_t *index);
/* End of the processed prefix: 0 when the first number is missing. */
uint64_t holdings_end(
    const struct holdings *h, const struct holdings_row *row, enum mesh_lane lane);
/* The runs of that lane, at most MESH_RUNS; how many. */
size_t holdings_runs(const struct holdings *h, const struct holdings_row *row,
    enum mesh_lane lane, struct mesh_run *out);
/* The first numbers missing at or above `from`, at most up to `to`.  Of an epoch that
 * is newer than ours all are; of an older one none; of a frozen lane those below its
 * end. */
bool holdings_missing(const struct holdings *h, const struct holdings_log *log,
    uint64_t from, uint64_t to, struct mesh_run *out);
/* The first numbers missing in that lane at or above `from`, below what is held of it.
 */
bool holdings_hole(const struct holdings *h, const struct holdings_row *row,
    enum mesh_lane lane, uint64_t from, struct mesh_run *out);
/* Nobody has what is missing up to there: the prefix goes on above it. */
void holdings_give_up(
    struct holdings *h, const struct holdings_log *log, uint64_t last);
/* Its origin is back and may have what was given up: that is missing again.  Of a time
 * lane not what lies below all that is held: most of that was kept its time and is gone
 * for good. */
void holdings_reopen(struct holdings *h, const struct mesh_key *origin);
/* The origin said two things under `seq`: the lane ends below it until a new epoch. */
void holdings_freeze(struct holdings *h, const struct holdings_log *log, uint64_t seq);

/* What was safe there is lost, and missing from now on; without room for a run more all
 * of the run from there on, which comes again.  False: nothing was held of it. */
bool holdings_unhold(
    struct holdings *h, const struct holdings_log *log, struct mesh_run lost);

/* The same by key, with its epoch.  False: nothing is held up to there. */
bool holdings_high(const struct holdings *h, const struct mesh_key *origin,
    enum mesh_lane lane, uint64_t *epoch, uint64_t *high);
uint64_t holdings_epoch(const struct holdings *h, const struct mesh_key *origin);
void holdings_oid(const struct mesh_key *origin, uint8_t oid[static HOLDINGS_OID]);

/* The same rule over one have-set in the store's form: mesh_holding_put.  `voided` may
 * be NULL; first > last: nothing became void. */
MESH_MUST_CHECK enum mesh_err holdings_take(
    struct mesh_holding *one, const struct mesh_record *r, struct mesh_run *voided);
/* The same of holdings_unhold: mesh_holding_lose. */
MESH_MUST_CHECK enum mesh_err holdings_lose(
    struct mesh_holding *one, struct mesh_run lost);
#endif
