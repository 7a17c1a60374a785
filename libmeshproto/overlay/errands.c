#include "errands.h"

static bool
is_same(struct handle a, struct handle b)
{
	return a.index == b.index && a.generation == b.generation;
}

bool
errands_add(struct errands *e, const struct errand *one)
{
	struct errand *oldest = &e->list[0];
	for (struct errand *old = e->list; old < e->list + ERRANDS_CAP; old++) {
		if (is_same(old->asker, one->asker) &&
		    is_same(old->target, one->target)) {
			bool stale = old->until_ms + ERRANDS_MS < one->until_ms;
			*old = *one;
			return stale;
		}
		if (old->until_ms < oldest->until_ms)
			oldest = old;
	}
	*oldest = *one;
	return true;
}

bool
errands_take(
    struct errands *e, struct handle target, mesh_time_ms now, struct errand *out)
{
	for (struct errand *one = e->list; one < e->list + ERRANDS_CAP; one++) {
		if (target.generation == 0 || !is_same(one->target, target))
			continue;
		*out = *one;
		*one = (struct errand){ .until_ms = 0 };
		if (out->until_ms >= now)
			return true;
	}
	return false;
}
