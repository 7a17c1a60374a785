#include "expiring.h"
#include "drop.h"

enum { PLAUSIBLE_S = 1577836800 }; /* 2020: a clock that was never set says less */

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
	e->asked = store_over(e->store, &e->self, now.unix_ms, DROP_RUNS,
		       STORE_TOKEN(OWNER_EXPIRING, 0)) == MESH_OK;
}

/* One record may end a row of neighbours: they were entered together. */
static size_t
runs_of(const struct store_page *page, struct mesh_run *runs)
{
	size_t count = 0;
	for (size_t i = 0; i < page->count && count < DROP_RUNS; i++) {
		uint64_t seq = page->records[i].at.seq;
		if (count > 0 && runs[count - 1].last + 1 == seq)
			runs[count - 1].last = seq;
		else
			runs[count++] = (struct mesh_run){ seq, seq };
	}
	return count;
}

void
expiring_outcome(struct expiring *e, const struct store_outcome *o, struct mesh_now now)
{
	struct mesh_run runs[DROP_RUNS];
	e->asked = false;
	if (o->err != MESH_OK || o->page == NULL || o->page->count == 0)
		return;
	struct drop drop = { .runs = { runs, runs_of(o->page, runs) } };
	const struct mesh_position *at = &o->page->records[0].at;
	if (intents_append_in(e->intents, at, RECORD_DROP, &drop_table, &drop, 0) ==
	    MESH_OK)
		count_add(e->counts, COUNT_REGISTRY_EXPIRED, o->page->count);
	/* There may be more; what was dropped is gone by then. */
	e->due_ms = now.ms + EXPIRING_SOON_MS;
}

mesh_time_ms
expiring_deadline(const struct expiring *e)
{
	return e->asked ? MESH_NEVER : e->due_ms;
}
