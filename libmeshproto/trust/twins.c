#include "twins.h"
#include <string.h>

static bool
same_lane(const struct mesh_position *a, const struct mesh_position *b)
{
	return a->lane == b->lane &&
	    memcmp(&a->origin, &b->origin, sizeof a->origin) == 0;
}

static struct twin *
find(struct twins *t, const struct mesh_position *at)
{
	for (struct twin *one = t->list; t->count > 0 && one < t->list + TWINS; one++)
		if (one->at.seq != 0 && same_lane(&one->at, at))
			return one;
	return NULL;
}

bool
twins_add(struct twins *t, const struct mesh_position *at)
{
	struct twin *one = find(t, at);
	if (one == NULL) {
		one = &t->list[t->next++ % TWINS];
		t->count += one->at.seq == 0;
	} else if (at->epoch < one->at.epoch ||
	    (at->epoch == one->at.epoch && at->seq >= one->at.seq)) {
		return false;
	}
	*one = (struct twin){ *at, true };
	return true;
}

bool
twins_frozen(const struct twins *t, const struct mesh_position *at)
{
	for (size_t i = 0; t->count > 0 && i < TWINS; i++) {
		const struct mesh_position *one = &t->list[i].at;
		if (one->seq != 0 && same_lane(one, at))
			return at->epoch == one->epoch && at->seq >= one->seq;
	}
	return false;
}

struct twin *
twins_unkept(struct twins *t, uint32_t *index)
{
	for (*index = 0; t->count > 0 && *index < TWINS; ++*index)
		if (t->list[*index].at.seq != 0 && t->list[*index].unkept)
			return &t->list[*index];
	return NULL;
}
