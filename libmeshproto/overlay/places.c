#include "places.h"

static bool
same(const struct mesh_path *a, const struct mesh_path *b)
{
	return memcmp(a->addr, b->addr, sizeof a->addr) == 0;
}

static struct place *
find(struct places *p, const struct mesh_path *path)
{
	for (size_t i = 0; i < PLACES_MAX; i++)
		if (p->list[i].kind != 0 && same(&p->list[i].path, path))
			return &p->list[i];
	return NULL;
}

bool
places_have(const struct places *p, const struct mesh_path *path)
{
	for (size_t i = 0; i < PLACES_MAX; i++)
		if (p->list[i].kind != 0 && same(&p->list[i].path, path))
			return true;
	return false;
}

static struct place *
slot(struct places *p, enum place_kind kind)
{
	struct place *free = NULL;
	for (size_t i = 0; i < PLACES_MAX; i++) {
		if (p->list[i].kind == 0 && free == NULL)
			free = &p->list[i];
		if (kind == PLACE_OBSERVED && p->list[i].kind == PLACE_OBSERVED)
			return &p->list[i];
	}
	return free;
}

void
places_add(struct places *p, const struct mesh_path *path, enum place_kind kind)
{
	struct place *at = find(p, path);
	if (!address_is_usable(path))
		return;
	if (at == NULL)
		at = slot(p, kind);
	if (at == NULL || (at->kind >= kind && same(&at->path, path)))
		return;
	*at = (struct place){ *path, (uint8_t)kind };
	p->changed = true;
}

void
places_remove(struct places *p, const struct mesh_path *path, enum place_kind kind)
{
	struct place *at = find(p, path);
	if (at == NULL || at->kind != kind)
		return;
	*at = (struct place){ .kind = 0 };
	p->changed = true;
}

void
places_observed(struct places *p, const struct mesh_path *path,
    const uint8_t witness[static PLACES_WITNESS])
{
	size_t at = PLACES_SEEN;
	bool agreed = false;
	if (places_have(p, path))
		return;
	for (size_t i = 0; i < PLACES_SEEN; i++) {
		bool its = memcmp(p->seen[i].witness, witness, PLACES_WITNESS) == 0;
		at = its ? i : at;
		agreed = agreed || (!its && same(&p->seen[i].path, path));
	}
	if (at == PLACES_SEEN)
		at = p->seen_next++ % PLACES_SEEN;
	p->seen[at].path = *path;
	memcpy(p->seen[at].witness, witness, PLACES_WITNESS);
	if (agreed)
		places_add(p, path, PLACE_OBSERVED);
}

bool
places_at(const struct places *p, size_t index, struct place *out)
{
	for (enum place_kind kind = PLACE_STATIC; kind >= PLACE_LOCAL; kind--) {
		for (size_t i = 0; i < PLACES_MAX; i++) {
			if (p->list[i].kind != kind || index-- > 0)
				continue;
			*out = p->list[i];
			return true;
		}
	}
	return false;
}
