#include "phase.h"

enum { STEPS = 16 };

void
phase_add(struct phase *p, uint64_t in_ms)
{
	if (p->count < PHASE_LINKS)
		p->others[p->count++] = (uint32_t)(in_ms % p->period_ms);
}

/* Around the period to the nearest of the others. */
static uint32_t
room_at(const struct phase *p, uint32_t at)
{
	uint32_t least = p->period_ms;
	at %= p->period_ms;
	for (uint32_t i = 0; i < p->count; i++) {
		uint32_t other = p->others[i];
		uint32_t d = at > other ? at - other : other - at;
		d = d < p->period_ms - d ? d : p->period_ms - d;
		least = d < least ? d : least;
	}
	return least;
}

static uint32_t
roomiest(const struct phase *p, uint32_t from, uint32_t to, uint32_t dice)
{
	uint32_t step = (to - from) / STEPS + 1;
	uint32_t best = from + dice % step;
	for (uint32_t at = best + step; at <= to; at += step)
		if (room_at(p, at) > room_at(p, best))
			best = at;
	return best;
}

uint32_t
phase_next(const struct phase *p, enum phase_use use, uint32_t dice)
{
	uint32_t whole = p->period_ms, some = whole / 13;
	switch (use) {
	case PHASE_FIRST:
		return roomiest(p, whole / 2, whole, dice);
	case PHASE_OURS:
		return roomiest(p, whole - some, whole + some, dice);
	case PHASE_THEIRS:
		break;
	}
	return whole + whole / 10 + dice % (whole / 20 + 1);
}
