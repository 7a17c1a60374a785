#include "holdings.h"
#include "meshparams.h"

enum mesh_err
mesh_holding_put(
    struct mesh_holding *h, const struct mesh_record *r, struct mesh_run *voided)
{
	return holdings_take(h, r, voided);
}

enum mesh_err
mesh_holding_lose(struct mesh_holding *h, struct mesh_run lost)
{
	return holdings_lose(h, lost);
}
