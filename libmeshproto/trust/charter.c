#include "charter.h"
#include "id.h"
#include "netkey.h"

size_t
charter_bytes(uint32_t cap)
{
	return cap * (sizeof(struct clause) + sizeof(uint16_t));
}

void
charter_init(
    struct charter *c, void *block, uint32_t cap, const struct mesh_key *founder)
{
	struct clause *slots = block;
	*c = (struct charter){ .slots = slots,
		.order = (uint16_t *)(slots + cap),
		.cap = cap,
		.founder = *founder };
}

struct clause *
charter_walk(const struct charter *c, uint32_t *index)
{
	for (; *index < c->end; ++*index)
		if (c->slots[*index].kind != CLAUSE_NONE)
			return &c->slots[*index];
	return NULL;
}

/* --- taking in --- */

static struct clause *
find_same(const struct charter *c, const struct clause *clause)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (clause_is_same(one, clause))
			return one;
	return NULL;
}

const struct clause *
charter_same(const struct charter *c, const struct clause *clause)
{
	return find_same(c, clause);
}

/* How dear a slot is; a newcomer takes the cheapest that is cheaper than itself. */
static int
price(const struct clause *one, unix_ms now)
{
	enum { FREE, GONE, WORDS, GUESTS, STANDS };
	bool invites = one->kind == CLAUSE_INVITE || one->kind == CLAUSE_USE;
	bool over = one->over ||
	    (one->kind == CLAUSE_INVITE && now > 0 && one->until_ms < (uint64_t)now);
	if (one->kind == CLAUSE_NONE)
		return FREE;
	if (over)
		return GONE;
	if (one->local || one->by_admin)
		return invites ? GUESTS : STANDS;
	return one->on ? WORDS : GONE;
}

static struct clause *
make_room(struct charter *c, const struct clause *clause, unix_ms now)
{
	struct clause *cheapest = &c->slots[0];
	if (c->end < c->cap)
		return &c->slots[c->end++];
	for (uint32_t i = 1; i < c->cap; i++)
		if (price(&c->slots[i], now) < price(cheapest, now))
			cheapest = &c->slots[i];
	return price(cheapest, now) < price(clause, now) ? cheapest : NULL;
}

static bool
is_newer(const struct clause *a, const struct clause *b)
{
	return a->epoch != b->epoch ? a->epoch > b->epoch : a->seq > b->seq;
}

bool
charter_is_news(const struct charter *c, const struct clause *clause)
{
	const struct clause *slot = find_same(c, clause);
	return slot == NULL || is_newer(clause, slot);
}

/* Two members may have answered the same guest. */
static bool
is_used_already(const struct charter *c, const struct clause *use)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (clause_is_same_use(one, use))
			return true;
	return false;
}

struct clause *
charter_put(struct charter *c, const struct clause *clause, unix_ms now)
{
	struct clause *slot = find_same(c, clause);
	if (slot != NULL && !clause->local && !is_newer(clause, slot))
		return NULL;
	struct clause taken = *clause;
	taken.unkept = true;
	taken.counts = taken.admits = false;
	taken.by_admin = charter_is_admin(c, &clause->author);
	if (slot == NULL && (c->cap == 0 || (slot = make_room(c, &taken, now)) == NULL))
		return NULL;
	slot->kind = CLAUSE_NONE;
	taken.repeats = is_used_already(c, clause);
	*slot = taken;
	if (slot->kind == CLAUSE_INVITE) {
		struct netkey keys;
		netkey_derive(slot->verifier, &keys);
		memcpy(slot->hint, keys.hint, sizeof slot->hint);
		netkey_wipe(&keys);
	}
	return slot;
}

/* --- questions --- */

bool
charter_is_admin(const struct charter *c, const struct mesh_key *site)
{
	struct clause *one;
	if (key_equal(site, &c->founder))
		return true;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_ADMIN && one->counts && one->on &&
		    key_equal(&one->subject, site))
			return true;
	return false;
}

uint64_t
charter_purged(const struct charter *c, const struct mesh_key *site)
{
	struct clause *one;
	uint64_t epoch = 0;
	for (uint32_t i = 0; c->purges && (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_REVOKE && one->purge && one->counts &&
		    one->cut.epoch > epoch && key_equal(&one->subject, site))
			epoch = one->cut.epoch;
	return epoch;
}

const struct clause *
charter_revoked(const struct charter *c, const struct mesh_key *site)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_REVOKE && one->counts && one->on &&
		    key_equal(&one->subject, site))
			return one;
	return NULL;
}

/* Whose invitation stands when two have one id. */
static bool
stands_before(const struct clause *a, const struct clause *b)
{
	if (a->by_admin != b->by_admin)
		return a->by_admin;
	return key_compare(&a->author, &b->author) < 0;
}

const struct clause *
charter_invite(const struct charter *c, const uint8_t id[static CLAUSE_ID])
{
	struct clause *one, *best = NULL;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_INVITE && memcmp(one->id, id, CLAUSE_ID) == 0 &&
		    (best == NULL || stands_before(one, best)))
			best = one;
	return best;
}

const struct clause *
charter_invite_shown(const struct charter *c, const uint8_t id[static CLAUSE_ID],
    const uint8_t hint[static 4])
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_INVITE && memcmp(one->hint, hint, 4) == 0 &&
		    memcmp(one->id, id, CLAUSE_ID) == 0)
			return one;
	return NULL;
}

bool
charter_expire(struct charter *c, unix_ms now)
{
	const unix_ms plausible = 1700000000000;
	struct clause *one;
	bool any = false;
	if (now <= plausible)
		return false;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++) {
		if (one->kind != CLAUSE_INVITE || one->over ||
		    (uint64_t)now < one->until_ms)
			continue;
		one->over = one->unkept = any = true;
	}
	return any;
}

const struct clause *
charter_invite_of_hint(const struct charter *c, const uint8_t hint[static 4])
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_INVITE && memcmp(one->hint, hint, 4) == 0)
			return one;
	return NULL;
}

uint32_t
charter_uses(const struct charter *c, const uint8_t id[static CLAUSE_ID],
    const struct mesh_key *guest, bool *before)
{
	struct clause *one;
	uint32_t count = 0;
	*before = false;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++) {
		if (one->kind != CLAUSE_USE || memcmp(one->id, id, CLAUSE_ID) != 0)
			continue;
		count += !one->repeats;
		*before = *before || key_equal(&one->subject, guest);
	}
	return count;
}

bool
charter_is_allowed(const struct charter *c, const struct mesh_key *site)
{
	struct clause *one;
	if (charter_is_admin(c, site))
		return true;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++) {
		if (!one->counts || !one->on || !key_equal(&one->subject, site))
			continue;
		if (one->kind == CLAUSE_ALLOW || one->admits)
			return true;
	}
	return false;
}

/* By the moment it is used from; equal ones by their author, so that all agree. */
const struct clause *
charter_netkey(const struct charter *c)
{
	struct clause *one, *best = NULL;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++) {
		if (one->kind != CLAUSE_NETKEY || !one->counts)
			continue;
		if (best == NULL || one->until_ms > best->until_ms ||
		    (one->until_ms == best->until_ms &&
			key_compare(&one->author, &best->author) > 0))
			best = one;
	}
	return best;
}
