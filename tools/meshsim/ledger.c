#include "ledger.h"
#include "disk_state.h"
#include "must.h"
#include <string.h>

static uint64_t
identity_of(const struct mesh_position *at)
{
	uint64_t h = disk_hash((uint64_t)at->lane, &at->origin, sizeof at->origin);
	h = disk_hash(h, &at->epoch, sizeof at->epoch);
	h = disk_hash(h, &at->seq, sizeof at->seq);
	return h != 0 ? h : 1;
}

static size_t
slot_of(const struct ledger *l, uint64_t identity)
{
	size_t i = (size_t)identity & (l->cap - 1);
	while (l->identity[i] != 0 && l->identity[i] != identity)
		i = (i + 1) & (l->cap - 1);
	return i;
}

static void
widen(struct ledger *l)
{
	struct ledger old = *l;
	if (2 * (l->count + 1) <= l->cap)
		return;
	l->cap = old.cap > 0 ? 2 * old.cap : 256;
	l->identity = must(calloc(l->cap, sizeof *l->identity));
	l->leaf = must(calloc(l->cap, sizeof *l->leaf));
	for (size_t i = 0; i < old.cap; i++) {
		if (old.identity[i] == 0)
			continue;
		size_t at = slot_of(l, old.identity[i]);
		l->identity[at] = old.identity[i];
		l->leaf[at] = old.leaf[i];
	}
	ledger_free(&old);
}

enum ledger_verdict
ledger_enter(struct ledger *l, const struct mesh_record *r)
{
	uint8_t hash[32];
	uint64_t leaf, identity = identity_of(&r->at);
	mesh_record_leaf(r, hash);
	memcpy(&leaf, hash, sizeof leaf);
	widen(l);
	size_t at = slot_of(l, identity);
	if (l->identity[at] != 0)
		return l->leaf[at] == leaf ? LEDGER_SAME : LEDGER_OTHER;
	l->identity[at] = identity;
	l->leaf[at] = leaf;
	l->count++;
	return LEDGER_NEW;
}

void
ledger_free(struct ledger *l)
{
	free(l->identity);
	free(l->leaf);
}
