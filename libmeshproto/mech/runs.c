#include "runs.h"
#include <assert.h>
#include <string.h>

/* Index of the first run whose last number is at or above `n`; count if none is. */
static size_t
seek(const struct runs *s, uint64_t n)
{
	size_t low = 0, high = s->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (s->runs[mid].last < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
runs_has(const struct runs *s, uint64_t n)
{
	size_t i = seek(s, n);
	return i < s->count && s->runs[i].first <= n;
}

/* Replace runs[from..to) by `count` others. */
static enum mesh_err
splice(struct runs *s, size_t from, size_t to, const struct mesh_run *by, size_t count)
{
	size_t after = s->count - to;
	if (from + count + after > s->cap)
		return MESH_FULL;
	memmove(s->runs + from + count, s->runs + to, after * sizeof s->runs[0]);
	memcpy(s->runs + from, by, count * sizeof s->runs[0]);
	s->count = from + count + after;
	return MESH_OK;
}

enum mesh_err
runs_add(struct runs *s, uint64_t first, uint64_t last)
{
	assert(first <= last);
	/* Everything that overlaps or touches becomes one run. */
	size_t from = seek(s, first > 0 ? first - 1 : 0);
	size_t to = from;
	struct mesh_run joined = { first, last };
	while (to < s->count && (last == UINT64_MAX || s->runs[to].first <= last + 1)) {
		if (s->runs[to].first < joined.first)
			joined.first = s->runs[to].first;
		if (s->runs[to].last > joined.last)
			joined.last = s->runs[to].last;
		to++;
	}
	return splice(s, from, to, &joined, 1);
}

enum mesh_err
runs_remove(struct runs *s, uint64_t first, uint64_t last)
{
	assert(first <= last);
	struct mesh_run left[2];
	size_t from = seek(s, first), to = from, count = 0;
	while (to < s->count && s->runs[to].first <= last) {
		const struct mesh_run *r = &s->runs[to++];
		if (r->first < first)
			left[count++] = (struct mesh_run){ r->first, first - 1 };
		if (r->last > last)
			left[count++] = (struct mesh_run){ last + 1, r->last };
	}
	return splice(s, from, to, left, count);
}

bool
runs_missing(const struct runs *s, uint64_t from, uint64_t limit, struct mesh_run *out)
{
	size_t i = seek(s, from);
	if (i < s->count && s->runs[i].first <= from) {
		if (s->runs[i].last >= limit)
			return false;
		from = s->runs[i++].last + 1;
	}
	if (from > limit)
		return false;
	bool ends = i < s->count && s->runs[i].first <= limit;
	*out = (struct mesh_run){ from, ends ? s->runs[i].first - 1 : limit };
	return true;
}

uint64_t
runs_prefix(const struct runs *s, uint64_t from)
{
	size_t i = seek(s, from);
	bool in = i < s->count && s->runs[i].first <= from;
	return in ? s->runs[i].last : from - 1;
}

uint64_t
runs_highest(const struct runs *s)
{
	return s->count > 0 ? s->runs[s->count - 1].last : 0;
}

uint64_t
runs_total(const struct runs *s)
{
	uint64_t total = 0;
	for (size_t i = 0; i < s->count; i++)
		total += s->runs[i].last - s->runs[i].first + 1;
	return total;
}

bool
runs_are_sound(const struct runs *s)
{
	uint64_t floor = 1; /* the lowest number the next run may begin with */
	for (size_t i = 0; i < s->count; i++) {
		const struct mesh_run *r = &s->runs[i];
		if (r->first < floor || r->last < r->first || r->last > UINT64_MAX - 2)
			return false;
		floor = r->last + 2;
	}
	return true;
}
