#include "charter.h"
#include "id.h"
#include "netkey.h"

size_t
charter_bytes(uint32_t cap)
{
	return cap * sizeof(struct clause);
}

void
charter_init(
    struct charter *c, void *block, uint32_t cap, const struct mesh_key *founder)
{
	*c = (struct charter){ .slots = block, .cap = cap, .founder = *founder };
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
price(const struct charter *c, const struct clause *one, unix_ms now)
{
	enum { FREE, GONE, WORDS, GUESTS, STANDS };
	bool invites = one->kind == CLAUSE_INVITE || one->kind == CLAUSE_USE;
	bool over = one->over ||
	    (one->kind == CLAUSE_INVITE && now > 0 && one->until_ms < (uint64_t)now);
	if (one->kind == CLAUSE_NONE)
		return FREE;
	if (over)
		return GONE;
	if (one->local || charter_is_admin(c, &one->author))
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
		if (price(c, &c->slots[i], now) < price(c, cheapest, now))
			cheapest = &c->slots[i];
	return price(c, cheapest, now) < price(c, clause, now) ? cheapest : NULL;
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

struct clause *
charter_put(struct charter *c, const struct clause *clause, unix_ms now)
{
	struct clause *slot = find_same(c, clause);
	if (slot != NULL && !clause->local && !is_newer(clause, slot))
		return NULL;
	if (slot == NULL && (c->cap == 0 || (slot = make_room(c, clause, now)) == NULL))
		return NULL;
	*slot = *clause;
	slot->unkept = true;
	slot->counts = false;
	if (slot->kind == CLAUSE_INVITE) {
		struct netkey keys;
		netkey_derive(slot->verifier, &keys);
		memcpy(slot->hint, keys.hint, sizeof slot->hint);
		netkey_wipe(&keys);
	}
	return slot;
}

/* --- what counts --- */

static bool
is_revoked_by(
    const struct charter *c, const struct mesh_key *site, const struct mesh_key *author)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_REVOKE && one->on && !one->local &&
		    key_equal(&one->subject, site) && key_equal(&one->author, author))
			return true;
	return false;
}

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

/* Its author was purged since. */
static bool
is_void(const struct charter *c, const struct clause *one)
{
	uint64_t epoch = one->local ? 0 : charter_purged(c, &one->author);
	return epoch > 0 && one->epoch <= epoch;
}

/* One more round of admins made by admins. */
static bool
settle_admins(struct charter *c)
{
	struct clause *one;
	bool more = false;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++) {
		if (one->kind != CLAUSE_ADMIN || one->counts || is_void(c, one) ||
		    !charter_is_admin(c, &one->author) ||
		    is_revoked_by(c, &one->subject, &c->founder))
			continue;
		one->counts = more = true;
	}
	return more;
}

/* Invitations and their uses are any member's word; whose it is matters only to whom an
 * invitation alone shall admit (charter_is_allowed). */
static bool
may_say(const struct charter *c, const struct clause *one)
{
	bool admin = one->local || charter_is_admin(c, &one->author);
	switch ((enum clause_kind)one->kind) {
	case CLAUSE_INVITE:
	case CLAUSE_USE:
		return true;
	case CLAUSE_ALLOW:
	case CLAUSE_NETKEY:
		return admin;
	case CLAUSE_REVOKE:
		return admin && !key_equal(&one->subject, &c->founder) &&
		    (one->local || key_equal(&one->author, &c->founder) ||
			!charter_is_admin(c, &one->subject));
	case CLAUSE_ADMIN:
	case CLAUSE_NONE:
		break;
	}
	return one->counts;
}

/* Nobody but the founder purges an admin: who is admin depends on no other's. */
static void
begin(struct charter *c)
{
	struct clause *one;
	c->purges = false;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++) {
		bool revoke = one->kind == CLAUSE_REVOKE;
		one->counts = revoke && !one->local &&
		    key_equal(&one->author, &c->founder) && may_say(c, one);
		c->purges = c->purges || (revoke && one->purge);
	}
}

/* Void ones go: an invitation is answered whether it counts or not. */
static void
settle_others(struct charter *c)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (is_void(c, one))
			*one = (struct clause){ .kind = CLAUSE_NONE };
		else if (one->kind != CLAUSE_REVOKE)
			one->counts = may_say(c, one);
}

void
charter_settle(struct charter *c)
{
	struct clause *one;
	begin(c);
	while (settle_admins(c))
		;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_REVOKE)
			one->counts = !is_void(c, one) && may_say(c, one);
	settle_others(c);
}

/* --- questions --- */

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
stands_before(const struct charter *c, const struct clause *a, const struct clause *b)
{
	bool first = charter_is_admin(c, &a->author);
	if (first != charter_is_admin(c, &b->author))
		return first;
	return key_compare(&a->author, &b->author) < 0;
}

const struct clause *
charter_invite(const struct charter *c, const uint8_t id[static CLAUSE_ID])
{
	struct clause *one, *best = NULL;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_INVITE && memcmp(one->id, id, CLAUSE_ID) == 0 &&
		    (best == NULL || stands_before(c, one, best)))
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

static bool
is_same_use(const struct clause *a, const struct clause *b)
{
	return a->kind == CLAUSE_USE && b->kind == CLAUSE_USE &&
	    memcmp(a->id, b->id, CLAUSE_ID) == 0 && key_equal(&a->subject, &b->subject);
}

/* Two members may have answered the same guest. */
static bool
is_said_before(const struct charter *c, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (is_same_use(&c->slots[i], &c->slots[index]))
			return true;
	return false;
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
		count += !is_said_before(c, i);
		*before = *before || key_equal(&one->subject, guest);
	}
	return count;
}

static bool
is_said_by_an_admin(const struct charter *c, const struct clause *use)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (is_same_use(one, use) && charter_is_admin(c, &one->author))
			return true;
	return false;
}

/* Two members answered at once, or one claims guests that nobody saw: those whom an
 * admin answered come first, then the smaller keys, so that all sites keep the same. */
static bool
is_guest_before(const struct charter *c, const struct clause *a, const struct clause *b)
{
	bool first = is_said_by_an_admin(c, a);
	if (first != is_said_by_an_admin(c, b))
		return first;
	return key_compare(&a->subject, &b->subject) < 0;
}

static uint32_t
guests_before(const struct charter *c, const struct clause *use)
{
	struct clause *one;
	uint32_t count = 0;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		count += one->kind == CLAUSE_USE &&
		    memcmp(one->id, use->id, CLAUSE_ID) == 0 && !is_said_before(c, i) &&
		    is_guest_before(c, one, use);
	return count;
}

/* Admitted by an invitation: an admin made it, somebody answered it. */
static bool
came_by_invite(const struct charter *c, const struct clause *use)
{
	const struct clause *invite = charter_invite(c, use->id);
	bool before;
	return invite != NULL && charter_is_admin(c, &invite->author) &&
	    (charter_uses(c, use->id, &use->subject, &before) <= invite->uses ||
		guests_before(c, use) < invite->uses);
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
		if (one->kind == CLAUSE_ALLOW ||
		    (one->kind == CLAUSE_USE && came_by_invite(c, one)))
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
