#include "holdings.h"
#include "runs.h"
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
	    rounded(table_bytes(origins, sizeof(struct mesh_key))) +
	    chunks * sizeof(struct holdings_chunk);
}

void
holdings_init(struct holdings *h, void *block, uint32_t origins, uint16_t chunks,
    const uint8_t secret[static TABLE_SECRET])
{
	uint8_t *at = block;
	*h = (struct holdings){ .free_count = chunks };
	pool_init(&h->rows, at, origins, sizeof(struct holdings_row));
	at += rounded(pool_bytes(origins, sizeof(struct holdings_row)));
	table_init(&h->by_key, at, origins, sizeof(struct mesh_key), secret);
	at += rounded(table_bytes(origins, sizeof(struct mesh_key)));
	h->chunks = (void *)at;
	for (uint16_t i = chunks; i > 0; i--) {
		h->chunks[i - 1].next = h->free;
		h->free = i;
	}
}

static struct holdings_row *
row_of(const struct holdings *h, const struct mesh_key *origin)
{
	return pool_at(&h->rows, table_find(&h->by_key, origin));
}

/* --- runs between a lane's row and one straight array --- */

static size_t
chunks_for(size_t count)
{
	size_t spilled = count > HOLDINGS_INLINE ? count - HOLDINGS_INLINE : 0;
	return (spilled + HOLDINGS_CHUNK - 1) / HOLDINGS_CHUNK;
}

static struct runs
unfold(const struct holdings *h, const struct holdings_lane *lane, struct mesh_run *to)
{
	uint16_t chunk = lane->spill;
	for (size_t i = 0; i < lane->count; i++) {
		size_t spilled = i - HOLDINGS_INLINE; /* meant only from there on */
		if (i < HOLDINGS_INLINE) {
			to[i] = lane->run[i];
			continue;
		}
		if (spilled > 0 && spilled % HOLDINGS_CHUNK == 0)
			chunk = h->chunks[chunk - 1].next;
		to[i] = h->chunks[chunk - 1].run[spilled % HOLDINGS_CHUNK];
	}
	return (struct runs){ to, lane->count, MESH_RUNS };
}

static void
forget(struct holdings *h, struct holdings_lane *lane)
{
	while (lane->spill != 0) {
		struct holdings_chunk *c = &h->chunks[lane->spill - 1];
		uint16_t next = c->next;
		c->next = h->free;
		h->free = lane->spill;
		h->free_count++;
		lane->spill = next;
	}
	lane->count = 0;
}

static uint16_t
take_chunk(struct holdings *h)
{
	uint16_t taken = h->free;
	assert(taken != 0);
	h->free = h->chunks[taken - 1].next;
	h->free_count--;
	h->chunks[taken - 1].next = 0;
	return taken;
}

static bool
fits(const struct holdings *h, const struct holdings_lane *lane, size_t count)
{
	return chunks_for(count) <= h->free_count + chunks_for(lane->count);
}

static void
fold(struct holdings *h, struct holdings_lane *lane, const struct runs *s)
{
	forget(h, lane);
	uint16_t *link = &lane->spill;
	for (size_t i = 0; i < s->count; i++) {
		if (i < HOLDINGS_INLINE) {
			lane->run[i] = s->runs[i];
			continue;
		}
		size_t spilled = i - HOLDINGS_INLINE;
		if (spilled % HOLDINGS_CHUNK == 0) {
			if (spilled > 0)
				link = &h->chunks[*link - 1].next;
			*link = take_chunk(h);
		}
		h->chunks[*link - 1].run[spilled % HOLDINGS_CHUNK] = s->runs[i];
	}
	lane->count = (uint16_t)s->count;
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
	const struct holdings_lane *lane = &row->lane[at->lane - 1];
	struct mesh_run all[MESH_RUNS];
	struct runs s = unfold(h, lane, all);
	if (runs_has(&s, at->seq))
		return HOLDINGS_HELD;
	if (runs_add(&s, at->seq - back + 1, at->seq) != MESH_OK ||
	    !fits(h, lane, s.count))
		return HOLDINGS_NO_ROOM;
	return HOLDINGS_NEW;
}

bool
holdings_high(const struct holdings *h, const struct mesh_key *origin,
    enum mesh_lane lane, uint64_t *epoch, uint64_t *high)
{
	const struct holdings_row *row = row_of(h, origin);
	if (row == NULL || !is_logged(lane) || row->lane[lane - 1].count == 0)
		return false;
	*epoch = row->epoch;
	*high = row->lane[lane - 1].run[0].last;
	return true;
}

uint64_t
holdings_epoch(const struct holdings *h, const struct mesh_key *origin)
{
	const struct holdings_row *row = row_of(h, origin);
	return row == NULL ? 0 : row->epoch;
}

/* --- changes --- */

static struct holdings_row *
row_for(struct holdings *h, const struct mesh_key *origin, uint64_t epoch)
{
	struct holdings_row *row = row_of(h, origin);
	if (row != NULL)
		return row;
	struct handle taken = pool_take(&h->rows);
	if (taken.generation == 0)
		return NULL;
	if (table_put(&h->by_key, origin, taken) != MESH_OK) {
		pool_give(&h->rows, taken);
		return NULL;
	}
	row = pool_at(&h->rows, taken);
	row->origin = *origin;
	row->epoch = epoch;
	return row;
}

static enum mesh_err
row_at_epoch(struct holdings *h, const struct mesh_key *origin, uint64_t epoch,
    struct holdings_row **out)
{
	struct holdings_row *row = row_for(h, origin, epoch);
	*out = row;
	if (row == NULL)
		return MESH_FULL;
	if (epoch < row->epoch)
		return MESH_DENIED;
	if (epoch > row->epoch) {
		for (size_t i = 0; i < HOLDINGS_LANES; i++)
			forget(h, &row->lane[i]);
		row->epoch = epoch;
	}
	return MESH_OK;
}

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
	if (!fits(h, &row->lane[saved->lane - 1], s.count))
		return MESH_FULL;
	fold(h, &row->lane[saved->lane - 1], &s);
	return MESH_OK;
}

enum mesh_err
holdings_put(struct holdings *h, const struct mesh_position *at, uint64_t back)
{
	assert(is_logged(at->lane) && back >= 1 && back <= at->seq);
	struct holdings_row *row;
	enum mesh_err err = row_at_epoch(h, &at->origin, at->epoch, &row);
	if (err != MESH_OK)
		return err;
	struct holdings_lane *lane = &row->lane[at->lane - 1];
	struct mesh_run all[MESH_RUNS];
	struct runs s = unfold(h, lane, all);
	err = runs_add(&s, at->seq - back + 1, at->seq);
	if (err != MESH_OK || !fits(h, lane, s.count))
		return MESH_FULL;
	fold(h, lane, &s);
	return MESH_OK;
}

enum mesh_err
holdings_take(struct mesh_holding *one, const struct mesh_position *at, uint64_t back,
    struct mesh_run *voided)
{
	struct mesh_run none = { 1, 0 };
	if (voided != NULL)
		*voided = none;
	if (back < 1 || back > at->seq || one->run_count > MESH_RUNS)
		return MESH_MALFORMED;
	if (at->epoch < one->epoch)
		return MESH_DENIED;
	if (at->epoch > one->epoch) {
		one->epoch = at->epoch;
		one->run_count = 0;
		one->live = (struct mesh_live){ .count = 0 };
	}
	struct runs s = { one->runs, one->run_count, MESH_RUNS };
	enum mesh_err err = runs_add(&s, at->seq - back + 1, at->seq);
	if (err != MESH_OK)
		return err;
	one->run_count = (uint32_t)s.count;
	if (voided != NULL && back > 1)
		*voided = (struct mesh_run){ at->seq - back + 1, at->seq - 1 };
	return MESH_OK;
}
