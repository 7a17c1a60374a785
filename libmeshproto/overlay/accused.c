#include "accused.h"

bool
accused_may(
    const struct accused *a, uint32_t witness, uint32_t target, mesh_time_ms now)
{
	uint32_t count = 0;
	for (size_t i = 0; i < ACCUSED_CAP; i++) {
		const struct charge *one = &a->list[i];
		if (one->until_ms <= now || one->witness != witness)
			continue;
		count++;
		if (one->target == target)
			return false;
	}
	return count < ACCUSED_EACH;
}

void
accused_note(struct accused *a, uint32_t witness, uint32_t target, mesh_time_ms now)
{
	a->list[a->next] = (struct charge){ witness, target, now + ACCUSED_GAP_MS };
	a->next = (a->next + 1) % ACCUSED_CAP;
}
