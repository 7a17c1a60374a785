#include "spill.h"
#include <assert.h>

void
spill_init(struct spill *p, void *chunks, uint16_t count)
{
	*p = (struct spill){ .chunks = chunks, .free_count = count };
	for (uint16_t i = count; i > 0; i--) {
		p->chunks[i - 1].next = p->free;
		p->free = i;
	}
}

size_t
spill_chunks(size_t runs)
{
	size_t spilled = runs > SPILL_INLINE ? runs - SPILL_INLINE : 0;
	return (spilled + SPILL_CHUNK - 1) / SPILL_CHUNK;
}

bool
spill_fits(const struct spill *p, const struct spill_lane *lane, size_t runs)
{
	return spill_chunks(runs) <= p->free_count + spill_chunks(lane->count);
}

struct runs
spill_unfold(const struct spill *p, const struct spill_lane *lane, struct mesh_run *to)
{
	uint16_t chunk = lane->spill;
	for (size_t i = 0; i < lane->count; i++) {
		size_t spilled = i - SPILL_INLINE; /* meant only from there on */
		if (i < SPILL_INLINE) {
			to[i] = lane->run[i];
			continue;
		}
		if (spilled > 0 && spilled % SPILL_CHUNK == 0)
			chunk = p->chunks[chunk - 1].next;
		to[i] = p->chunks[chunk - 1].run[spilled % SPILL_CHUNK];
	}
	return (struct runs){ to, lane->count, MESH_RUNS };
}

void
spill_forget(struct spill *p, struct spill_lane *lane)
{
	while (lane->spill != 0) {
		struct spill_chunk *c = &p->chunks[lane->spill - 1];
		uint16_t next = c->next;
		c->next = p->free;
		p->free = lane->spill;
		p->free_count++;
		lane->spill = next;
	}
	lane->count = 0;
}

static uint16_t
take_chunk(struct spill *p)
{
	uint16_t taken = p->free;
	assert(taken != 0);
	p->free = p->chunks[taken - 1].next;
	p->free_count--;
	p->chunks[taken - 1].next = 0;
	return taken;
}

void
spill_fold(struct spill *p, struct spill_lane *lane, const struct runs *s)
{
	spill_forget(p, lane);
	uint16_t *link = &lane->spill;
	for (size_t i = 0; i < s->count; i++) {
		if (i < SPILL_INLINE) {
			lane->run[i] = s->runs[i];
			continue;
		}
		size_t spilled = i - SPILL_INLINE;
		if (spilled % SPILL_CHUNK == 0) {
			if (spilled > 0)
				link = &p->chunks[*link - 1].next;
			*link = take_chunk(p);
		}
		p->chunks[*link - 1].run[spilled % SPILL_CHUNK] = s->runs[i];
	}
	lane->count = (uint8_t)s->count;
}
