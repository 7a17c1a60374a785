/* charter_settle.c - which clauses count, worked out from all of them.
 *
 * Members write what they like into the control lane, so this runs over what an
 * attacker chose, each time that it changes: admins are found among admins alone, and
 * guests are put in order once, so that no question about a site has to compare
 * each clause with each other one. */
#include "charter.h"
#include "id.h"
#include "sort.h"

/* --- admins --- */

struct admins { /* their clauses' places lie in c->order */
	struct charter *c;
	uint32_t count;
};

static bool
is_among(const struct admins *a, const struct mesh_key *site)
{
	if (key_equal(site, &a->c->founder))
		return true;
	for (uint32_t i = 0; i < a->count; i++)
		if (key_equal(&a->c->slots[a->c->order[i]].subject, site))
			return true;
	return false;
}

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

/* Its author was purged since. */
static bool
is_void(const struct charter *c, const struct clause *one)
{
	uint64_t epoch = one->local ? 0 : charter_purged(c, &one->author);
	return epoch > 0 && one->epoch <= epoch;
}

/* One more round of admins made by admins. */
static bool
find_more(struct admins *a)
{
	struct clause *one;
	bool more = false;
	for (uint32_t i = 0; (one = charter_walk(a->c, &i)) != NULL; i++) {
		if (one->kind != CLAUSE_ADMIN || one->counts || is_void(a->c, one) ||
		    !is_among(a, &one->author) ||
		    is_revoked_by(a->c, &one->subject, &a->c->founder))
			continue;
		one->counts = more = true;
		if (one->on)
			a->c->order[a->count++] = (uint16_t)i;
	}
	return more;
}

/* Invitations and their uses are any member's word; whose it is matters only to whom an
 * invitation alone shall admit (charter_is_allowed). */
static bool
may_say(const struct admins *a, const struct clause *one)
{
	bool admin = one->local || one->by_admin;
	switch ((enum clause_kind)one->kind) {
	case CLAUSE_INVITE:
	case CLAUSE_USE:
		return true;
	case CLAUSE_ALLOW:
	case CLAUSE_NETKEY:
		return admin;
	case CLAUSE_REVOKE:
		return admin && !key_equal(&one->subject, &a->c->founder) &&
		    (one->local || key_equal(&one->author, &a->c->founder) ||
			!is_among(a, &one->subject));
	case CLAUSE_ADMIN:
	case CLAUSE_NONE:
		break;
	}
	return one->counts;
}

static void
note_purges(struct charter *c)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		c->purges = c->purges || (one->counts && one->purge);
}

/* Nobody but the founder purges an admin: who is admin depends on no other's. */
static void
begin(struct admins *a)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(a->c, &i)) != NULL; i++) {
		one->admits = false;
		one->by_admin = key_equal(&one->author, &a->c->founder);
		one->counts = one->kind == CLAUSE_REVOKE && !one->local &&
		    one->by_admin && may_say(a, one);
	}
	a->c->purges = false;
	note_purges(a->c);
}

static void
settle_revocations(struct admins *a)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(a->c, &i)) != NULL; i++) {
		one->by_admin = is_among(a, &one->author);
		if (one->kind == CLAUSE_REVOKE)
			one->counts = !is_void(a->c, one) && may_say(a, one);
	}
	note_purges(a->c);
}

/* Void ones go: an invitation is answered whether it counts or not. */
static void
settle_others(struct admins *a)
{
	struct clause *one;
	for (uint32_t i = 0; (one = charter_walk(a->c, &i)) != NULL; i++)
		if (is_void(a->c, one))
			*one = (struct clause){ .kind = CLAUSE_NONE };
		else if (one->kind != CLAUSE_REVOKE)
			one->counts = may_say(a, one);
}

/* --- guests --- */

/* By invitation, then by guest; of those who answered one guest an admin first. */
static int
compare_uses(const void *of, uint16_t left, uint16_t right)
{
	const struct charter *c = of;
	const struct clause *a = &c->slots[left], *b = &c->slots[right];
	int order = memcmp(a->id, b->id, CLAUSE_ID);
	if (order == 0)
		order = key_compare(&a->subject, &b->subject);
	return order != 0 ? order : (int)b->by_admin - (int)a->by_admin;
}

/* Those that come first of the uses by one guest, as long as there is room. */
static void
admit_some(struct charter *c, const uint16_t *uses, uint32_t count, bool by_admin,
    uint32_t *room)
{
	for (uint32_t i = 0; i < count; i++) {
		struct clause *use = &c->slots[uses[i]];
		if (!use->repeats && use->by_admin == by_admin && *room > 0) {
			use->admits = true;
			--*room;
		}
	}
}

/* Two members answered at once, or one claims guests that nobody saw: those whom an
 * admin answered come first, then the smaller keys, so that all sites keep the same.
 * `uses` are those of one invitation, in order. */
static void
admit_guests(struct charter *c, const uint16_t *uses, uint32_t count)
{
	const struct clause *invite = charter_invite(c, c->slots[uses[0]].id);
	uint32_t room = invite != NULL && invite->by_admin ? invite->uses : 0;
	c->slots[uses[0]].repeats = false;
	for (uint32_t i = 1; i < count; i++)
		c->slots[uses[i]].repeats = clause_is_same_use(
		    &c->slots[uses[i]], &c->slots[uses[i - 1]]);
	admit_some(c, uses, count, true, &room);
	admit_some(c, uses, count, false, &room);
	for (uint32_t i = 1; i < count; i++)
		if (c->slots[uses[i]].repeats)
			c->slots[uses[i]].admits = c->slots[uses[i - 1]].admits;
}

static void
settle_guests(struct charter *c)
{
	struct clause *one;
	uint32_t count = 0;
	for (uint32_t i = 0; (one = charter_walk(c, &i)) != NULL; i++)
		if (one->kind == CLAUSE_USE)
			c->order[count++] = (uint16_t)i;
	sort_indices(c->order, count, compare_uses, c);
	for (uint32_t first = 0, next; first < count; first = next) {
		const uint8_t *id = c->slots[c->order[first]].id;
		for (next = first + 1; next < count; next++)
			if (memcmp(c->slots[c->order[next]].id, id, CLAUSE_ID) != 0)
				break;
		admit_guests(c, c->order + first, next - first);
	}
}

void
charter_settle(struct charter *c)
{
	struct admins admins = { .c = c };
	begin(&admins);
	while (find_more(&admins))
		;
	settle_revocations(&admins);
	settle_others(&admins);
	settle_guests(c);
}
