#include "expiring.h"
#include "drop.h"
#include "entry.h"

enum {
	PLAUSIBLE_S = 1577836800, /* 2020: a clock that was never set says less */
	ROOM = 8 * 1024           /* for an entry's metadata */
};

struct expiring
expiring_init(struct store *store, struct intents *intents, struct meshd_counts *counts,
    const struct mesh_key *self)
{
	return (struct expiring){
		.store = store, .intents = intents, .counts = counts, .self = *self
	};
}

void
expiring_tick(struct expiring *e, struct mesh_now now)
{
	if (e->asked || now.ms < e->due_ms)
		return;
	e->due_ms = now.ms + EXPIRING_EACH_MS;
	if (now.unix_ms < (unix_ms)PLAUSIBLE_S * 1000)
		return;
	struct store_ending q = { e->self, now.unix_ms, DROP_RUNS, e->behind };
	e->asked = store_over(e->store, &q, STORE_TOKEN(OWNER_EXPIRING, 0)) == MESH_OK;
}

/* The list that was asked may be damaged, and what is dropped is dropped everywhere:
 * the record itself has the last word, if it reads. */
static bool
is_over(const struct mesh_record *r, unix_ms now)
{
	uint64_t block[ROOM / sizeof(uint64_t)];
	struct arena arena = arena_init(block, sizeof block);
	struct entry_put put;
	if (mesh_body_decode(&entry_put_table, r->body, &put, &arena) != MESH_OK)
		return true;
	return (put.has >> ENTRY_PUT_EXPIRES & 1) != 0 && put.expires_ms <= now;
}

/* One record may end a row of neighbours: they were entered together. */
static size_t
runs_of(const struct store_page *page, unix_ms now, struct mesh_run *runs)
{
	size_t count = 0;
	for (size_t i = 0; i < page->count && count < DROP_RUNS; i++) {
		uint64_t seq = page->records[i].at.seq;
		if (!is_over(&page->records[i], now))
			continue;
		if (count > 0 && runs[count - 1].last + 1 == seq)
			runs[count - 1].last = seq;
		else
			runs[count++] = (struct mesh_run){ seq, seq };
	}
	return count;
}

static uint64_t
numbers_in(const struct drop *drop)
{
	const struct mesh_run *runs = drop->runs.items;
	uint64_t sum = 0;
	for (size_t i = 0; i < drop->runs.count; i++)
		sum += runs[i].last - runs[i].first + 1;
	return sum;
}

/* False: nobody takes it now. */
static bool
drop_over(struct expiring *e, const struct store_page *page, unix_ms now)
{
	struct mesh_run runs[DROP_RUNS];
	struct drop drop = { .runs = { runs, runs_of(page, now, runs) } };
	if (drop.runs.count == 0)
		return true;
	const struct mesh_position *at = &page->records[0].at;
	if (intents_append_in(e->intents, at, RECORD_DROP, &drop_table, &drop, 0) !=
	    MESH_OK)
		return false;
	count_add(e->counts, COUNT_REGISTRY_EXPIRED, numbers_in(&drop));
	return true;
}

void
expiring_outcome(struct expiring *e, const struct store_outcome *o, struct mesh_now now)
{
	bool found = o->err == MESH_OK && o->page != NULL && o->page->count > 0;
	e->asked = false;
	if (!found && o->err != MESH_NOT_FOUND)
		return;
	bool done = !found || drop_over(e, o->page, now.unix_ms);
	if (done)
		e->behind = o->behind;
	if (!done || e->behind.row != 0)
		e->due_ms = now.ms + EXPIRING_SOON_MS;
}

mesh_time_ms
expiring_deadline(const struct expiring *e)
{
	return e->asked ? MESH_NEVER : e->due_ms;
}
