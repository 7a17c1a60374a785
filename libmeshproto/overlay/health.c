#include "health.h"

uint32_t
health_factor(struct health *h, mesh_time_ms now)
{
	for (; h->worse > 0 && now >= h->better_ms; h->worse--)
		h->better_ms += HEALTH_CLEAN_MS;
	return h->worse + 1U;
}

static void
worsen(struct health *h, mesh_time_ms now)
{
	if (health_factor(h, now) < HEALTH_MAX)
		h->worse++;
	h->better_ms = now + HEALTH_CLEAN_MS;
}

bool
health_late(struct health *h, mesh_time_ms late, mesh_time_ms now)
{
	if (late > HEALTH_LATE_MS)
		worsen(h, now);
	return late > HEALTH_SLEPT_MS;
}

bool
health_silent(struct health *h, uint32_t links, mesh_time_ms now)
{
	if (h->silent == 0 || now > h->first_ms + HEALTH_TOGETHER_MS) {
		h->first_ms = now;
		h->silent = 0;
		h->links = (uint8_t)(links < UINT8_MAX ? links : UINT8_MAX);
		h->told = false;
	}
	if (h->silent < UINT8_MAX)
		h->silent++;
	if (h->told || h->links < HEALTH_LINKS_MIN || 2 * h->silent <= h->links)
		return false;
	h->told = true;
	worsen(h, now);
	return true;
}
