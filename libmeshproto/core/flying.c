#include "inside_events.h"
#include "inside_logs.h"

/* What is on its way to the disk, by its number: each record that comes asks for its
 * own, and for the one that it follows.  Chains, because numbers are their origin's
 * choice; those of one log that come in order lie side by side. */

static size_t
chain_of(const struct mesh_position *at)
{
	uint32_t who;
	memcpy(&who, at->origin.bytes, sizeof who);
	return (at->seq + who + (uint32_t)at->lane) % INSIDE_FLYING;
}

static struct flight *
flight_at(const struct mesh_site *s, uint32_t number)
{
	return number == 0 ? NULL
			   : pool_at(&s->flights, pool_handle(&s->flights, number - 1));
}

void
flying_add(struct mesh_site *s, struct flight *f)
{
	uint32_t *head = &s->flying[chain_of(&f->at)];
	f->chain = *head;
	*head = pool_index(&s->flights, f) + 1;
	s->flying_kib += f->kib;
}

void
flying_remove(struct mesh_site *s, const struct flight *f)
{
	uint32_t *link = &s->flying[chain_of(&f->at)];
	uint32_t number = pool_index(&s->flights, f) + 1;
	while (*link != number)
		link = &flight_at(s, *link)->chain;
	*link = f->chain;
	s->flying_kib -= f->kib;
}

bool
flying_has(const struct mesh_site *s, const struct mesh_position *at)
{
	uint32_t number = s->flying[chain_of(at)];
	for (const struct flight *f; (f = flight_at(s, number)) != NULL;
	     number = f->chain)
		if (f->at.seq == at->seq && judge_is_of_one_log(&f->at, at))
			return true;
	return false;
}
