#include "mt_repeats.h"

static bool
is_same(const struct mt_delivered *d, const struct mt_packet *p)
{
	return d->id == p->id && d->from == p->from && d->relay_node == p->relay_node &&
	    d->transport == p->transport;
}

bool
mt_repeats_is(struct mt_repeats *r, const struct mt_packet *p, mesh_time_ms now)
{
	if (p->id == 0)
		return false; /* no number, no identity */
	for (size_t i = 0; i < MT_REPEATS_MAX; i++)
		if (is_same(&r->rows[i], p) && now - r->rows[i].at_ms < MT_REPEATS_MS)
			return true;
	r->rows[r->next++ % MT_REPEATS_MAX] = (struct mt_delivered){ p->from, p->id,
		p->relay_node, p->transport, now };
	return false;
}
