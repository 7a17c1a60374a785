#include "shelf.h"
#include "must.h"
#include <string.h>

static struct body **
place_of(struct body **slots, size_t cap, const uint8_t leaf[static 32])
{
	size_t i;
	memcpy(&i, leaf, sizeof i);
	for (i &= cap - 1; slots[i] != NULL; i = (i + 1) & (cap - 1))
		if (memcmp(slots[i]->leaf, leaf, sizeof slots[i]->leaf) == 0)
			break;
	return &slots[i];
}

static void
grow(struct shelf *b)
{
	size_t cap = b->cap > 0 ? 2 * b->cap : 1024;
	struct body **slots = must(calloc(cap, sizeof(struct body *)));
	for (size_t i = 0; i < b->cap; i++)
		if (b->slots[i] != NULL)
			*place_of(slots, cap, b->slots[i]->leaf) = b->slots[i];
	free(b->slots);
	b->slots = slots;
	b->cap = cap;
}

const struct body *
shelf_of(struct shelf *b, const struct mesh_record *r)
{
	uint8_t leaf[32];
	if (2 * b->count >= b->cap)
		grow(b);
	mesh_record_leaf(r, leaf);
	struct body **at = place_of(b->slots, b->cap, leaf);
	if (*at != NULL)
		return *at;
	*at = must(malloc(sizeof **at + r->proof.len));
	memcpy((*at)->leaf, leaf, sizeof leaf);
	(*at)->weight = mesh_record_weight(r);
	(*at)->len = r->proof.len;
	memcpy((*at)->bundle, r->proof.ptr, r->proof.len);
	b->count++;
	return *at;
}

void
shelf_free(struct shelf *b)
{
	for (size_t i = 0; i < b->cap; i++)
		free(b->slots[i]);
	free(b->slots);
	*b = (struct shelf){ .count = 0 };
}
