#include "mtu.h"

void
mtu_lost(struct mtu *m, size_t plain_bytes, unsigned enough, mesh_time_ms now)
{
	if (plain_bytes <= MTU_SHORT_PLAIN || mtu_is_short(m, now))
		return;
	if (m->lost < UINT8_MAX)
		m->lost++;
	if (!m->passed || m->lost < (m->was_short ? MTU_AGAIN : enough))
		return;
	*m = (struct mtu){ .was_short = true, .until_ms = now + MTU_SHORT_MS };
}

void
mtu_passed(struct mtu *m, size_t plain_bytes)
{
	if (plain_bytes <= MTU_SHORT_PLAIN)
		m->passed = m->lost > 0;
	else
		*m = (struct mtu){ .until_ms = m->until_ms };
}

bool
mtu_is_short(const struct mtu *m, mesh_time_ms now)
{
	return now < m->until_ms;
}

size_t
mtu_plain(const struct mtu *m, mesh_time_ms now)
{
	return mtu_is_short(m, now) ? MTU_SHORT_PLAIN : ENVELOPE_PLAIN_MAX;
}
