#include "drops.h"
#include "arena.h"
#include "bytes.h"
#include <string.h>

struct drop {
	struct list_view runs;
};
struct checkpoint {
	uint64_t count;
	struct bytes_view sum;
	uint64_t tomb_floor;
};

/* clang-format off */
static const struct field run_rows[] = {
	FIELD(struct mesh_run, first, UNIT_NONE, FIELD_REQUIRED, 0, 0, "First number."),
	FIELD(struct mesh_run, last, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Last number."),
};
static const struct field_table run_table = { "run", run_rows, LENGTH(run_rows),
	sizeof(struct mesh_run), FIELD_NO_HAS, false };
static const struct field drop_rows[] = {
	FIELD_SUB(struct drop, runs, &run_table, FIELD_REQUIRED, 0, DROPS_RUNS,
	    "Ranges of numbers that are no longer live."),
};
static const struct field_table drop_table = { "drop", drop_rows, LENGTH(drop_rows),
	sizeof(struct drop), FIELD_NO_HAS, false };
static const struct field checkpoint_rows[] = {
	FIELD(struct checkpoint, count, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Live records."),
	FIELD(struct checkpoint, sum, UNIT_NONE, FIELD_REQUIRED, 32, 32, "Sum of their leaves."),
	FIELD(struct checkpoint, tomb_floor, UNIT_NONE, 0, 0, 0, "DROPs below are over."),
};
static const struct field_table checkpoint_table = { "checkpoint", checkpoint_rows,
	LENGTH(checkpoint_rows), sizeof(struct checkpoint), FIELD_NO_HAS, false };
/* clang-format on */

size_t
drops_runs(const struct mesh_record *r, struct mesh_run runs[static DROPS_RUNS])
{
	uint64_t block[DROPS_RUNS * sizeof(struct mesh_run) / 8 + 16];
	struct arena arena = arena_init(block, sizeof block);
	struct drop drop;
	size_t count = 0;
	if (mesh_body_decode(&drop_table, r->body, &drop, &arena) != MESH_OK)
		return 0;
	const struct mesh_run *said = drop.runs.items;
	for (size_t i = 0; i < drop.runs.count && i < DROPS_RUNS; i++)
		if (said[i].first <= said[i].last && said[i].last < r->at.seq)
			runs[count++] = said[i];
	return count;
}

bool
drops_cover(const struct mesh_record *r, uint64_t seq)
{
	struct mesh_run runs[DROPS_RUNS];
	size_t count = drops_runs(r, runs);
	for (size_t i = 0; i < count; i++)
		if (seq >= runs[i].first && seq <= runs[i].last)
			return true;
	return false;
}

static bool
read_checkpoint(const struct mesh_record *r, struct checkpoint *out)
{
	struct arena none = arena_init(NULL, 0);
	return mesh_body_decode(&checkpoint_table, r->body, out, &none) == MESH_OK;
}

uint64_t
drops_floor(const struct mesh_record *r)
{
	struct checkpoint c;
	return read_checkpoint(r, &c) ? c.tomb_floor : 0;
}

bool
drops_agree(const struct mesh_record *r, const struct mesh_live *live)
{
	struct checkpoint c;
	return read_checkpoint(r, &c) && c.count == live->count &&
	    memcmp(c.sum.ptr, live->sum, sizeof live->sum) == 0;
}
