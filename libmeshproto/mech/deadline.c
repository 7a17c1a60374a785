#include "deadline.h"
#include <assert.h>

size_t
deadline_bytes(uint32_t cap)
{
	return cap * (sizeof(mesh_time_ms) + 2 * sizeof(uint32_t));
}

void
deadline_init(struct deadline *d, void *block, uint32_t cap)
{
	*d = (struct deadline){ .when = block, .cap = cap };
	d->heap = (uint32_t *)(d->when + cap);
	d->place = d->heap + cap;
	for (uint32_t id = 0; id < cap; id++)
		d->when[id] = MESH_NEVER;
}

static void
put(struct deadline *d, uint32_t at, uint32_t id)
{
	d->heap[at] = id;
	d->place[id] = at;
}

static bool
is_sooner(const struct deadline *d, uint32_t a, uint32_t b)
{
	return d->when[a] < d->when[b];
}

static void
move_up(struct deadline *d, uint32_t at)
{
	uint32_t id = d->heap[at];
	while (at > 0 && is_sooner(d, id, d->heap[(at - 1) / 2])) {
		put(d, at, d->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(d, at, id);
}

static void
move_down(struct deadline *d, uint32_t at)
{
	uint32_t id = d->heap[at];
	for (uint32_t child; (child = 2 * at + 1) < d->count; at = child) {
		if (child + 1 < d->count &&
		    is_sooner(d, d->heap[child + 1], d->heap[child]))
			child++;
		if (!is_sooner(d, d->heap[child], id))
			break;
		put(d, at, d->heap[child]);
	}
	put(d, at, id);
}

void
deadline_set(struct deadline *d, uint32_t id, mesh_time_ms when)
{
	assert(id < d->cap);
	if (when == MESH_NEVER) {
		deadline_clear(d, id);
		return;
	}
	if (d->when[id] == MESH_NEVER)
		put(d, d->count++, id);
	d->when[id] = when;
	move_up(d, d->place[id]);
	move_down(d, d->place[id]);
}

void
deadline_clear(struct deadline *d, uint32_t id)
{
	assert(id < d->cap);
	if (d->when[id] == MESH_NEVER)
		return;
	d->when[id] = MESH_NEVER;
	uint32_t at = d->place[id], last = d->heap[--d->count];
	if (last == id)
		return;
	put(d, at, last);
	move_up(d, at);
	move_down(d, d->place[last]);
}

mesh_time_ms
deadline_of(const struct deadline *d, uint32_t id)
{
	assert(id < d->cap);
	return d->when[id];
}

mesh_time_ms
deadline_next(const struct deadline *d)
{
	return d->count > 0 ? d->when[d->heap[0]] : MESH_NEVER;
}

bool
deadline_due(struct deadline *d, mesh_time_ms now, uint32_t *id)
{
	if (d->count == 0 || deadline_next(d) > now)
		return false;
	*id = d->heap[0];
	deadline_clear(d, *id);
	return true;
}
