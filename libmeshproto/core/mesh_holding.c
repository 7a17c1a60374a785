#include "holdings.h"
#include "meshparams.h"

enum mesh_err
mesh_holding_put(
    struct mesh_holding *h, const struct mesh_record *r, struct mesh_run *voided)
{
	return holdings_take(h, r, voided);
}
