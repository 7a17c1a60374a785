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

/* Enough of them spoke.  It could answer since the first did; whatever it answered the
 * last one is on its way. */
static void
hasten(struct suspicion *one, const struct accusation *a, mesh_time_ms now)
{
	const mesh_time_ms alone_ms = SUSPECT_ALONE_MS, all_ms = SUSPECT_MS,
			   last_ms = SUSPECT_LAST_MS;
	mesh_time_ms first_ms = one->dead_ms - alone_ms * one->factor;
	mesh_time_ms dead_ms = first_ms + all_ms * a->factor;
	mesh_time_ms least_ms = now + last_ms * a->factor;
	if (dead_ms < least_ms)
		dead_ms = least_ms;
	if (dead_ms < one->dead_ms)
		one->dead_ms = dead_ms;
	one->hastened = true;
}

bool
suspect_add(struct suspect *s, const struct accusation *a, mesh_time_ms now)
{
	uint32_t i = find(s, a->peer);
	if (i == SUSPECT_CAP)
		return false;
	struct suspicion *one = &s->list[i];
	bool known = i < s->count;
	if (!known) {
		s->count++;
		*one = (struct suspicion){ .peer = a->peer,
			.witness = a->witness,
			.witnesses = 1,
			.factor = (uint8_t)a->factor,
			.dead_ms = now + (mesh_time_ms)SUSPECT_ALONE_MS * a->factor };
	} else if (one->witness == a->witness || one->witnesses == SUSPECT_NEED) {
		return false;
	} else {
		one->witnesses++;
	}
	if (one->witnesses >= a->need && !one->hastened)
		hasten(one, a, now);
	return !known;
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

static uint32_t
soonest(const struct suspect *s)
{
	uint32_t first = 0;
	for (uint32_t i = 1; i < s->count; i++)
		if (s->list[i].dead_ms < s->list[first].dead_ms)
			first = i;
	return first;
}

bool
suspect_due(struct suspect *s, mesh_time_ms now, struct handle *peer)
{
	uint32_t i = soonest(s);
	if (s->count == 0 || s->list[i].dead_ms > now)
		return false;
	*peer = s->list[i].peer;
	take_out(s, i);
	return true;
}

mesh_time_ms
suspect_deadline(const struct suspect *s)
{
	return s->count > 0 ? s->list[soonest(s)].dead_ms : MESH_NEVER;
}

void
suspect_postpone(struct suspect *s, mesh_time_ms by)
{
	for (uint32_t i = 0; i < s->count; i++)
		s->list[i].dead_ms += by;
}
