#include "serve.h"
#include <assert.h>

static bool
same_handle(struct handle a, struct handle b)
{
	return a.index == b.index && a.generation == b.generation;
}

static uint32_t
count_of(const struct serve *s, struct handle neighbour)
{
	uint32_t count = 0;
	for (size_t i = 0; i < SERVE_WANTS; i++) {
		const struct want *w = &s->wants[i];
		count += w->state != WANT_FREE && w->use == WANT_SERVE &&
		    same_handle(w->neighbour, neighbour);
	}
	return count;
}

struct want *
serve_add(struct serve *s, const struct want *wanted)
{
	if (s->count == SERVE_WANTS ||
	    (wanted->use == WANT_SERVE && count_of(s, wanted->neighbour) >= SERVE_EACH))
		return NULL;
	struct want *w = s->wants;
	while (w->state != WANT_FREE)
		w++;
	*w = *wanted;
	w->state = WANT_WAITS;
	w->generation = ++s->generation;
	w->number = ++s->number;
	w->due_ms = MESH_NEVER;
	s->count++;
	return w;
}

bool
serve_is_due(const struct serve *s)
{
	return s->count > s->open && s->open < SERVE_OPEN;
}

struct want *
serve_next(struct serve *s, mesh_time_ms now)
{
	struct want *first = NULL;
	if (!serve_is_due(s))
		return NULL;
	for (struct want *w = s->wants; w < s->wants + SERVE_WANTS; w++)
		if (w->state == WANT_WAITS &&
		    (first == NULL || w->number < first->number))
			first = w;
	assert(first != NULL); /* is_due: more wait than are open */
	first->state = WANT_OPEN;
	first->due_ms = now + SERVE_WAIT_MS;
	s->open++;
	return first;
}

struct want *
serve_find(struct serve *s, uint32_t index, uint16_t generation)
{
	if (index >= SERVE_WANTS)
		return NULL;
	struct want *w = &s->wants[index];
	return w->state == WANT_OPEN && w->generation == generation ? w : NULL;
}

uint32_t
serve_index(const struct serve *s, const struct want *w)
{
	return (uint32_t)(w - s->wants);
}

void
serve_drop(struct serve *s, struct want *w)
{
	s->count--;
	s->open -= w->state == WANT_OPEN;
	*w = (struct want){ .state = WANT_FREE };
}

struct want *
serve_late(struct serve *s, mesh_time_ms now)
{
	for (struct want *w = s->wants; w < s->wants + SERVE_WANTS; w++)
		if (w->state == WANT_OPEN && w->due_ms <= now)
			return w;
	return NULL;
}

void
serve_forget(struct serve *s, struct handle neighbour)
{
	for (struct want *w = s->wants; w < s->wants + SERVE_WANTS; w++)
		if (w->state != WANT_FREE && w->use == WANT_SERVE &&
		    same_handle(w->neighbour, neighbour))
			serve_drop(s, w);
}

bool
serve_has(const struct serve *s, enum want_use use)
{
	for (const struct want *w = s->wants; w < s->wants + SERVE_WANTS; w++)
		if (w->state != WANT_FREE && w->use == use)
			return true;
	return false;
}

mesh_time_ms
serve_deadline(const struct serve *s)
{
	mesh_time_ms soonest = MESH_NEVER;
	for (size_t i = 0; s->open > 0 && i < SERVE_WANTS; i++)
		if (s->wants[i].state == WANT_OPEN && s->wants[i].due_ms < soonest)
			soonest = s->wants[i].due_ms;
	return soonest;
}
