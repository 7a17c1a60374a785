#include "wakes.h"
#include "must.h"

void
wakes_init(struct wakes *w, uint32_t count)
{
	w->count = count;
	w->heap = must(calloc(count, sizeof *w->heap));
	w->place = must(calloc(count, sizeof *w->place));
	w->at_ms = must(calloc(count, sizeof *w->at_ms));
	for (uint32_t i = 0; i < count; i++) {
		w->heap[i] = w->place[i] = i;
		w->at_ms[i] = MESH_NEVER;
	}
}

void
wakes_free(struct wakes *w)
{
	free(w->heap);
	free(w->place);
	free(w->at_ms);
}

static bool
is_before(const struct wakes *w, uint32_t a, uint32_t b)
{
	return w->at_ms[a] != w->at_ms[b] ? w->at_ms[a] < w->at_ms[b] : a < b;
}

static void
put(struct wakes *w, uint32_t place, uint32_t site)
{
	w->heap[place] = site;
	w->place[site] = place;
}

void
wakes_set(struct wakes *w, uint32_t site, mesh_time_ms at)
{
	uint32_t i = w->place[site];
	w->at_ms[site] = at;
	for (; i > 0 && is_before(w, site, w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		put(w, i, w->heap[(i - 1) / 2]);
	for (uint32_t child = 2 * i + 1; child < w->count; child = 2 * i + 1) {
		if (child + 1 < w->count &&
		    is_before(w, w->heap[child + 1], w->heap[child]))
			child++;
		if (is_before(w, site, w->heap[child]))
			break;
		put(w, i, w->heap[child]);
		i = child;
	}
	put(w, i, site);
}

uint32_t
wakes_first(const struct wakes *w)
{
	return w->heap[0];
}
