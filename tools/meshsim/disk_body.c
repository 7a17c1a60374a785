#include "disk_body.h"
#include "arena.h"
#include "bodies.h"
#include "bytes.h"
#include "wire.h"
#include <stdlib.h>
#include <string.h>

void
disk_body_read(const struct body *body, struct mesh_record *out)
{
	if (mesh_record_read(bytes_view(body->bundle, body->len), out) != MESH_OK)
		abort();
}

size_t
disk_body_runs(const struct body *body, struct mesh_run runs[static DISK_DROP_RUNS])
{
	uint64_t block[DISK_DROP_RUNS * sizeof(struct mesh_run) / 8 + 16];
	struct arena lists = arena_init(block, sizeof block);
	struct keyed_drop drop;
	struct mesh_record r;
	size_t count = 0;
	disk_body_read(body, &r);
	if (wire_decode(&keyed_drop_table, r.body, &drop, &lists) != MESH_OK)
		return 0;
	const struct mesh_run *said = drop.runs.items;
	for (size_t i = 0; i < drop.runs.count && i < DISK_DROP_RUNS; i++)
		if (said[i].first <= said[i].last && said[i].last < r.at.seq)
			runs[count++] = said[i];
	return count;
}

static bool
read_checkpoint(const struct body *body, struct keyed_checkpoint *out)
{
	struct mesh_record r;
	disk_body_read(body, &r);
	return wire_decode(&keyed_checkpoint_table, r.body, out, NULL) == MESH_OK;
}

uint64_t
disk_body_floor(const struct body *body)
{
	struct keyed_checkpoint c;
	return read_checkpoint(body, &c) ? c.tomb_floor : 0;
}

bool
disk_body_settled(const struct body *body)
{
	struct keyed_checkpoint c;
	return read_checkpoint(body, &c) && (c.settled || c.tomb_floor == 0);
}

bool
disk_body_agrees(const struct body *body, const struct mesh_live *live)
{
	struct keyed_checkpoint c;
	return read_checkpoint(body, &c) && c.count == live->count &&
	    memcmp(c.sum.ptr, live->sum, sizeof live->sum) == 0;
}
