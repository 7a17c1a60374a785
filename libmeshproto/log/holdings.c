#include "holdings.h"
#include "bytes.h"
#include "record.h"
#include "runs.h"
#include "seal.h"
#include <assert.h>
#include <string.h>

enum { ALIGN = 16 };

static size_t
rounded(size_t bytes)
{
	return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

size_t
holdings_bytes(uint32_t origins, uint16_t chunks)
{
	return rounded(pool_bytes(origins, sizeof(struct holdings_row))) +
	    rounded(table_bytes(origins, HOLDINGS_OID)) +
	    chunks * sizeof(struct spill_chunk);
}

void
holdings_init(struct holdings *h, void *block, const struct holdings_setup *setup)
{
	uint32_t origins = setup->origins;
	uint8_t *at = block;
	*h = (struct holdings){ .holes = 0 };
	pool_init(&h->rows, at, origins, sizeof(struct holdings_row));
	at += rounded(pool_bytes(origins, sizeof(struct holdings_row)));
	table_init(&h->by_oid, at, origins, HOLDINGS_OID, setup->secret);
	at += rounded(table_bytes(origins, HOLDINGS_OID));
	spill_init(&h->spill, at, setup->chunks);
	digest_init(&h->digest, setup->netid);
	memcpy(h->most, setup->most, sizeof h->most);
	memcpy(h->self, setup->self, sizeof h->self);
	h->hides = setup->hides;
}

void
holdings_oid(const struct mesh_key *origin, uint8_t oid[static HOLDINGS_OID])
{
	uint8_t hash[SEAL_HASH];
	seal_hash(bytes_view(origin->bytes, sizeof origin->bytes), hash);
	memcpy(oid, hash, HOLDINGS_OID);
}

bool
holdings_hides(const struct holdings *h, const uint8_t oid[static HOLDINGS_OID],
    enum mesh_lane lane)
{
	return h->hides && lane == LANE_REGISTRY &&
	    memcmp(oid, h->self, sizeof h->self) != 0;
}

static struct holdings_row *
row_by_oid(const struct holdings *h, const uint8_t oid[static HOLDINGS_OID])
{
	return pool_at(&h->rows, table_find(&h->by_oid, oid));
}

static bool
is_of(const struct holdings_row *row, const struct mesh_key *origin)
{
	return memcmp(&row->origin, origin, sizeof row->origin) == 0;
}

static struct holdings_row *
row_of(const struct holdings *h, const struct mesh_key *origin)
{
	uint8_t oid[HOLDINGS_OID];
	if (h->newest != NULL && is_of(h->newest, origin))
		return h->newest;
	holdings_oid(origin, oid);
	struct holdings_row *row = row_by_oid(h, oid);
	return row != NULL && is_of(row, origin) ? row : NULL;
}

bool
holdings_is_of(const struct holdings *h, const struct holdings_log *log,
    const struct mesh_key *origin)
{
	uint8_t oid[HOLDINGS_OID];
	const struct holdings_row *row = row_of(h, origin);
	if (row != NULL)
		return memcmp(row->oid, log->oid, sizeof log->oid) == 0;
	holdings_oid(origin, oid);
	return memcmp(oid, log->oid, sizeof oid) == 0;
}

const struct holdings_row *
holdings_by_key(const struct holdings *h, const struct mesh_key *origin)
{
	return row_of(h, origin);
}

/* --- questions --- */

static bool
is_logged(enum mesh_lane lane)
{
	return lane > LANE_LIVE && lane < LANE_COUNT;
}

enum holdings_answer
holdings_ask(const struct holdings *h, const struct mesh_position *at, uint64_t back)
{
	assert(is_logged(at->lane));
	const struct holdings_row *row = row_of(h, &at->origin);
	if (row == NULL)
		return pool_taken(&h->rows) < h->rows.cap ? HOLDINGS_NEW
							  : HOLDINGS_NO_ROOM;
	if (at->epoch != row->epoch)
		return at->epoch > row->epoch ? HOLDINGS_NEW : HOLDINGS_OLD_EPOCH;
	const struct spill_lane *lane = &row->lane[at->lane - 1];
	struct mesh_run all[MESH_RUNS];
	struct runs s = spill_unfold(&h->spill, lane, all);
	if (runs_has(&s, at->seq))
		return HOLDINGS_HELD;
	if (runs_add(&s, at->seq - back + 1, at->seq) != MESH_OK ||
	    !spill_fits(&h->spill, lane, s.count))
		return HOLDINGS_NO_ROOM;
	return HOLDINGS_NEW;
}

bool
holdings_may_grow(const struct holdings *h, const struct holdings_growth *g)
{
	const struct holdings_row *row = row_of(h, &g->at->origin);
	bool begins = row == NULL || row->epoch != g->at->epoch;
	size_t has = begins ? 0 : spill_chunks(row->lane[g->at->lane - 1].count);
	return spill_chunks(g->after) <= spill_chunks(g->before) ||
	    spill_chunks(g->after) + g->others <= h->spill.free_count + has;
}

static uint64_t end_of(const struct holdings *h, const struct spill_lane *lane);

/* How many more numbers behind its end may all be live, and at most the last of them be
 * one too many. */
static uint64_t
room_in(const struct spill_lane *lane, uint32_t most)
{
	return lane->live > most ? 0 : (uint64_t)most - lane->live + 1;
}

bool
holdings_allow(const struct holdings *h, const struct mesh_position *at,
    uint64_t claims, uint64_t dead)
{
	static const struct spill_lane nothing = { .count = 0 };
	const struct holdings_row *row = row_of(h, &at->origin);
	bool begins = row == NULL || row->epoch != at->epoch;
	const struct spill_lane *lane = begins ? &nothing : &row->lane[at->lane - 1];
	uint32_t most = h->most[at->lane - 1];
	if (most == 0)
		return true;
	if (lane->frozen)
		return at->seq <= lane->floor;
	uint64_t before = at->seq - claims, end = end_of(h, lane);
	uint64_t unknown = before > end ? before - end : 0;
	unknown -= dead < unknown ? dead : unknown;
	return unknown < room_in(lane, most);
}

static uint64_t
end_of(const struct holdings *h, const struct spill_lane *lane)
{
	struct mesh_run all[MESH_RUNS];
	uint64_t end = lane->count > 0 && lane->run[0].first == 1 ? lane->run[0].last
								  : 0;
	if (lane->frozen)
		return end < lane->floor ? end : lane->floor;
	if (end >= lane->floor)
		return end;
	struct runs s = spill_unfold(&h->spill, lane, all);
	return runs_prefix(&s, lane->floor + 1);
}

static uint64_t
top_of(const struct holdings *h, const struct spill_lane *lane)
{
	struct mesh_run all[MESH_RUNS];
	struct runs s = spill_unfold(&h->spill, lane, all);
	return runs_highest(&s);
}

uint64_t
holdings_end(
    const struct holdings *h, const struct holdings_row *row, enum mesh_lane lane)
{
	assert(is_logged(lane));
	return end_of(h, &row->lane[lane - 1]);
}

bool
holdings_high(const struct holdings *h, const struct mesh_key *origin,
    enum mesh_lane lane, uint64_t *epoch, uint64_t *high)
{
	const struct holdings_row *row = row_of(h, origin);
	if (row == NULL || !is_logged(lane))
		return false;
	*epoch = row->epoch;
	*high = end_of(h, &row->lane[lane - 1]);
	return *high > 0;
}

uint64_t
holdings_epoch(const struct holdings *h, const struct mesh_key *origin)
{
	const struct holdings_row *row = row_of(h, origin);
	return row == NULL ? 0 : row->epoch;
}

const struct holdings_row *
holdings_of(const struct holdings *h, const uint8_t oid[static HOLDINGS_OID])
{
	return row_by_oid(h, oid);
}

const struct holdings_row *
holdings_walk(const struct holdings *h, uint32_t *index)
{
	return pool_walk(&h->rows, index);
}

size_t
holdings_runs(const struct holdings *h, const struct holdings_row *row,
    enum mesh_lane lane, struct mesh_run *out)
{
	return spill_unfold(&h->spill, &row->lane[lane - 1], out).count;
}

bool
holdings_missing(const struct holdings *h, const struct holdings_log *log,
    uint64_t from, uint64_t to, struct mesh_run *out)
{
	const struct holdings_row *row = row_by_oid(h, log->oid);
	if (!is_logged(log->lane) || from > to)
		return false;
	*out = (struct mesh_run){ from, to };
	if (row == NULL || log->epoch > row->epoch)
		return true;
	const struct spill_lane *lane = &row->lane[log->lane - 1];
	if (log->epoch < row->epoch)
		return false;
	if (lane->frozen && to > lane->floor)
		to = lane->floor;
	if (!lane->frozen && from <= lane->floor)
		from = lane->floor + 1;
	struct mesh_run all[MESH_RUNS];
	struct runs s = spill_unfold(&h->spill, lane, all);
	return from <= to && runs_missing(&s, from, to, out);
}

bool
holdings_hole(const struct holdings *h, const struct holdings_row *row,
    enum mesh_lane number, uint64_t from, struct mesh_run *out)
{
	const struct spill_lane *lane = &row->lane[number - 1];
	struct holdings_log log = { .lane = number, .epoch = row->epoch };
	memcpy(log.oid, row->oid, sizeof log.oid);
	if (!lane->holed)
		return false;
	uint64_t above = end_of(h, lane) + 1;
	return holdings_missing(
	    h, &log, from > above ? from : above, top_of(h, lane), out);
}

/* --- changes --- */

static bool
is_holed(const struct holdings *h, const struct spill_lane *lane, uint64_t end)
{
	uint64_t top = top_of(h, lane);
	return end < (lane->frozen && top > lane->floor ? lane->floor : top);
}

/* The digest follows, and the number of lanes with holes: `before` is where the lane
 * ended. */
static void
moved(struct holdings *h, const struct holdings_row *row, struct spill_lane *lane,
    uint64_t before)
{
	struct digest_log log = { row->oid,
		(enum mesh_lane)(lane - row->lane + LANE_CONTROL), row->epoch };
	uint64_t end = end_of(h, lane);
	if (!holdings_hides(h, row->oid, log.lane))
		digest_move(&h->digest, &log, before, end);
	h->holes -= lane->holed;
	lane->holed = is_holed(h, lane, end);
	h->holes += lane->holed;
}

/* NULL also when another key has the same oid: 64 bits do not collide by chance. */
static struct holdings_row *
add_row(struct holdings *h, const struct mesh_key *origin, uint64_t epoch)
{
	uint8_t oid[HOLDINGS_OID];
	holdings_oid(origin, oid);
	if (row_by_oid(h, oid) != NULL)
		return NULL;
	struct handle taken = pool_take(&h->rows);
	if (taken.generation == 0)
		return NULL;
	if (table_put(&h->by_oid, oid, taken) != MESH_OK) {
		pool_give(&h->rows, taken);
		return NULL;
	}
	struct holdings_row *row = pool_at(&h->rows, taken);
	row->origin = *origin;
	memcpy(row->oid, oid, sizeof oid);
	row->epoch = epoch;
	return row;
}

static void
empty(struct holdings *h, struct holdings_row *row)
{
	for (size_t i = 0; i < HOLDINGS_LANES; i++) {
		uint64_t before = end_of(h, &row->lane[i]);
		spill_forget(&h->spill, &row->lane[i]);
		row->lane[i].floor = 0;
		row->lane[i].live = 0;
		row->lane[i].frozen = false;
		moved(h, row, &row->lane[i], before);
	}
}

static enum mesh_err
row_at_epoch(struct holdings *h, const struct mesh_key *origin, uint64_t epoch,
    struct holdings_row **out)
{
	struct holdings_row *row = row_of(h, origin);
	if (row == NULL)
		row = add_row(h, origin, epoch);
	*out = row;
	if (row == NULL)
		return MESH_FULL;
	h->newest = row;
	if (epoch < row->epoch)
		return MESH_DENIED;
	if (epoch > row->epoch) {
		empty(h, row);
		row->epoch = epoch;
	}
	return MESH_OK;
}

enum mesh_err
holdings_begin(struct holdings *h, const struct mesh_key *origin, uint64_t epoch)
{
	struct holdings_row *row;
	return row_at_epoch(h, origin, epoch, &row);
}

/* --- how much of it is live --- */

/* The end moved: what lies between may all be live but for `dead` of them. */
static void
suppose(
    const struct holdings *h, struct spill_lane *lane, uint64_t before, uint64_t dead)
{
	uint64_t more = end_of(h, lane) - before;
	more -= dead < more ? dead : more;
	lane->live = more < UINT32_MAX - lane->live ? lane->live + (uint32_t)more
						    : UINT32_MAX;
}

/* A page may end amid the numbers that a long record takes: they were settled as void
 * before it came, and it weighs what it weighs. */
static void
reach_below(struct spill_lane *lane, uint64_t seq, uint32_t weight, uint64_t before)
{
	uint64_t below = seq - (weight < seq ? weight : seq);
	if (before < seq && before > below && lane->live < UINT32_MAX - weight)
		lane->live += (uint32_t)(before - below);
}

/* Known exactly when nothing is missing.  Else numbers that were dead may have been
 * supposed to live: too many of those must not keep what is missing out. */
static bool
learn_live(
    struct holdings *h, struct holdings_row *row, struct spill_lane *lane, uint64_t n)
{
	uint32_t most = h->most[lane - row->lane];
	uint64_t end = end_of(h, lane);
	uint32_t live = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	if (most == 0 || lane->frozen)
		return false;
	if (end == top_of(h, lane))
		lane->live = live;
	else if (lane->live > most)
		lane->live = live < most ? live : most;
	if (lane->live <= most)
		return false;
	lane->frozen = true;
	lane->floor = end;
	moved(h, row, lane, end);
	return true;
}

bool
holdings_count(struct holdings *h, const struct mesh_position *at, uint64_t weight)
{
	struct holdings_row *row = row_of(h, &at->origin);
	return row != NULL && row->epoch == at->epoch &&
	    learn_live(h, row, &row->lane[at->lane - 1], weight);
}

/* --- filling --- */

enum mesh_err
holdings_load(struct holdings *h, const struct mesh_holding *saved)
{
	struct mesh_run all[MESH_RUNS];
	if (!is_logged(saved->lane) || saved->run_count > MESH_RUNS)
		return MESH_MALFORMED;
	memcpy(all, saved->runs, saved->run_count * sizeof all[0]);
	struct runs s = { all, saved->run_count, MESH_RUNS };
	if (!runs_are_sound(&s))
		return MESH_MALFORMED;
	struct holdings_row *row;
	enum mesh_err err = row_at_epoch(h, &saved->origin, saved->epoch, &row);
	if (err != MESH_OK)
		return err;
	struct spill_lane *lane = &row->lane[saved->lane - 1];
	if (!spill_fits(&h->spill, lane, s.count))
		return MESH_FULL;
	uint64_t before = end_of(h, lane);
	spill_fold(&h->spill, lane, &s);
	moved(h, row, lane, before);
	(void)learn_live(h, row, lane, saved->live.weight); /* told in its time */
	return MESH_OK;
}

enum mesh_err
holdings_put(struct holdings *h, const struct mesh_position *at, uint64_t claims,
    uint32_t weight)
{
	assert(is_logged(at->lane) && claims >= 1 && claims <= at->seq);
	struct holdings_row *row;
	enum mesh_err err = row_at_epoch(h, &at->origin, at->epoch, &row);
	if (err != MESH_OK)
		return err;
	struct spill_lane *lane = &row->lane[at->lane - 1];
	struct mesh_run all[MESH_RUNS];
	struct runs s = spill_unfold(&h->spill, lane, all);
	err = runs_add(&s, at->seq - claims + 1, at->seq);
	if (err != MESH_OK || !spill_fits(&h->spill, lane, s.count))
		return MESH_FULL;
	uint64_t before = end_of(h, lane);
	spill_fold(&h->spill, lane, &s);
	suppose(h, lane, before, claims > weight ? claims - weight : 0);
	reach_below(lane, at->seq, weight, before);
	moved(h, row, lane, before);
	return MESH_OK;
}

/* The lane, if that epoch is the one we hold. */
static struct spill_lane *
lane_of(struct holdings *h, const struct holdings_log *log, struct holdings_row **row)
{
	*row = row_by_oid(h, log->oid);
	bool held = *row != NULL && (*row)->epoch == log->epoch && is_logged(log->lane);
	return held ? &(*row)->lane[log->lane - 1] : NULL;
}

/* Of a lane that ends at its fork `floor` is that end: what was given up counts as
 * held. */
static void
fill(struct holdings *h, struct spill_lane *lane, uint64_t last)
{
	struct mesh_run all[MESH_RUNS];
	struct runs s = spill_unfold(&h->spill, lane, all);
	if (last > 0 && runs_add(&s, 1, last) == MESH_OK &&
	    spill_fits(&h->spill, lane, s.count))
		spill_fold(&h->spill, lane, &s);
}

void
holdings_give_up(struct holdings *h, const struct holdings_log *log, uint64_t last)
{
	struct holdings_row *row;
	struct spill_lane *lane = lane_of(h, log, &row);
	if (lane == NULL || (!lane->frozen && last <= lane->floor))
		return;
	uint64_t before = end_of(h, lane);
	if (lane->frozen)
		fill(h, lane, last < lane->floor ? last : lane->floor);
	else
		lane->floor = last;
	if (!lane->frozen)
		suppose(h, lane, before, last - before);
	moved(h, row, lane, before);
}

static void
reopen(struct holdings *h, struct holdings_row *row, struct spill_lane *lane)
{
	enum mesh_lane number = (enum mesh_lane)(lane - row->lane + LANE_CONTROL);
	bool all = record_lane_is_keyed(number) || lane->count == 0;
	uint64_t floor = all ? 0 : lane->run[0].first - 1, before = end_of(h, lane);
	if (lane->frozen || floor >= lane->floor)
		return;
	lane->floor = floor;
	moved(h, row, lane, before);
}

void
holdings_reopen(struct holdings *h, const struct mesh_key *origin)
{
	struct holdings_row *row = row_of(h, origin);
	for (size_t i = 0; row != NULL && i < HOLDINGS_LANES; i++)
		reopen(h, row, &row->lane[i]);
}

void
holdings_freeze(struct holdings *h, const struct holdings_log *log, uint64_t seq)
{
	struct holdings_row *row;
	struct spill_lane *lane = lane_of(h, log, &row);
	if (lane == NULL || (lane->frozen && lane->floor < seq))
		return;
	uint64_t before = end_of(h, lane);
	if (!lane->frozen)
		fill(h, lane, lane->floor);
	lane->frozen = true;
	lane->floor = seq - 1;
	moved(h, row, lane, before);
}

bool
holdings_unhold(
    struct holdings *h, const struct holdings_log *log, struct mesh_run lost)
{
	struct holdings_row *row;
	struct spill_lane *lane = lane_of(h, log, &row);
	struct mesh_run all[MESH_RUNS];
	if (lane == NULL)
		return false;
	struct runs s = spill_unfold(&h->spill, lane, all);
	uint64_t total = runs_total(&s), before = end_of(h, lane);
	if ((s.count == MESH_RUNS || !spill_fits(&h->spill, lane, s.count + 1)) &&
	    runs_prefix(&s, lost.first) > lost.last)
		lost.last = runs_prefix(&s, lost.first);
	if (runs_remove(&s, lost.first, lost.last) != MESH_OK ||
	    runs_total(&s) == total)
		return false;
	spill_fold(&h->spill, lane, &s);
	if (!lane->frozen && lane->floor >= lost.first)
		lane->floor = lost.first - 1;
	moved(h, row, lane, before);
	return true;
}
