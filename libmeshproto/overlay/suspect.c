#include "suspect.h"

static uint32_t
find(const struct suspect *s, struct handle peer)
{
	uint32_t i = 0;
	while (i < s->count && s->list[i].peer.index != peer.index)
		i++;
	return i;
}

static void
take_out(struct suspect *s, uint32_t i)
{
	for (s->count--; i < s->count; i++) /* in order: the first accused goes first */
		s->list[i] = s->list[i + 1];
}

bool
suspect_add(struct suspect *s, struct handle peer, mesh_time_ms now)
{
	if (find(s, peer) < s->count || s->count == SUSPECT_CAP)
		return false;
	s->list[s->count++] = (struct suspicion){ peer, now + SUSPECT_MS };
	return true;
}

bool
suspect_clear(struct suspect *s, struct handle peer)
{
	uint32_t i = find(s, peer);
	if (i == s->count)
		return false;
	take_out(s, i);
	return true;
}

bool
suspect_due(struct suspect *s, mesh_time_ms now, struct handle *peer)
{
	if (s->count == 0 || s->list[0].dead_ms > now)
		return false;
	*peer = s->list[0].peer;
	take_out(s, 0);
	return true;
}

mesh_time_ms
suspect_deadline(const struct suspect *s)
{
	return s->count > 0 ? s->list[0].dead_ms : MESH_NEVER;
}
