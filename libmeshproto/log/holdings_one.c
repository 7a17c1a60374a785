#include "holdings.h"
#include "runs.h"

/* One have-set as the store writes it: struct mesh_holding. */

enum mesh_err
holdings_take(
    struct mesh_holding *one, const struct mesh_record *r, struct mesh_run *voided)
{
	const struct mesh_position *at = &r->at;
	uint64_t claims = r->claims > r->back ? r->claims : r->back;
	struct mesh_run none = { 1, 0 };
	if (voided != NULL)
		*voided = none;
	if (r->back < 1 || claims > at->seq || one->run_count > MESH_RUNS)
		return MESH_MALFORMED;
	if (at->epoch < one->epoch)
		return MESH_DENIED;
	if (at->epoch > one->epoch) {
		one->epoch = at->epoch;
		one->run_count = 0;
		one->live = (struct mesh_live){ .count = 0 };
	}
	struct runs s = { one->runs, one->run_count, MESH_RUNS };
	enum mesh_err err = runs_add(&s, at->seq - claims + 1, at->seq);
	if (err != MESH_OK)
		return err;
	one->run_count = (uint32_t)s.count;
	if (voided != NULL && r->back > 1)
		*voided = (struct mesh_run){ at->seq - r->back + 1, at->seq - 1 };
	return MESH_OK;
}

enum mesh_err
holdings_lose(struct mesh_holding *one, struct mesh_run lost)
{
	struct runs s = { one->runs, one->run_count, MESH_RUNS };
	enum mesh_err err = runs_remove(&s, lost.first, lost.last);
	if (err == MESH_OK)
		one->run_count = (uint32_t)s.count;
	return err;
}
