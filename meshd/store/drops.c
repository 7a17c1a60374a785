#include "drops.h"
#include "arena.h"
#include "bytes.h"
#include "drop.h"
#include <string.h>

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
drops_settled(const struct mesh_record *r)
{
	struct checkpoint c;
	return read_checkpoint(r, &c) && (c.settled || c.tomb_floor == 0);
}

bool
drops_agree(const struct mesh_record *r, const struct mesh_live *live)
{
	struct checkpoint c;
	return read_checkpoint(r, &c) && c.count == live->count &&
	    memcmp(c.sum.ptr, live->sum, sizeof live->sum) == 0;
}
