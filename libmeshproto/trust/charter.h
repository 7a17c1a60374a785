/* charter.h - what the control lane says of who belongs, as a whole.
 *
 * Clauses of all authors lie side by side; which of them count follows from the whole
 * set and the founder alone, never from the order in which they came: an admin's word
 * may arrive before the word that makes it one.  charter_settle works that out after
 * every change.  The table is bounded; what does not count makes room first, then
 * invitations and their uses, so that nobody but an admin can fill it, and an admin
 * only with words of its own, not with answers to whoever holds a token.  Floor 3.
 * Pure.  Source: PROTOCOL.md 12.
 *
 * Rules: the founder is admin and cannot be revoked; admins make admins; revoking an
 * admin is the founder's alone (two admins could not shut each other out in an order
 * that depends on who hears what first); local clauses always count, here.  What a site
 * said before it was purged is void, its statements too. */
#ifndef MESH_CHARTER_H
#define MESH_CHARTER_H
#include "clause.h"

struct charter {
	struct clause *slots; /* borrowed; kind CLAUSE_NONE: free */
	uint16_t *order;      /* for charter_settle alone; as many */
	uint32_t cap, end;    /* all taken slots lie below `end` */
	bool purges;          /* somebody was purged */
	struct mesh_key founder;
};

/* At most 65,536. */
size_t charter_bytes(uint32_t cap);
/* `block`: zeroed, aligned for any type, charter_bytes long; stays the caller's. */
void charter_init(
    struct charter *c, void *block, uint32_t cap, const struct mesh_key *founder);
/* Take it in, in place of the same author's older word about the same thing.  The slot,
 * with `unkept` set; NULL: it is no news, or there is no room.  `now`: expired
 * invitations make room.  Call charter_settle afterwards: until then a newcomer only
 * counts as a guest of its invitation. */
struct clause *charter_put(struct charter *c, const struct clause *clause, unix_ms now);
/* Costs n log n of what others said, so that the questions below cost n. */
void charter_settle(struct charter *c);
/* False: the same author's word about the same thing is here, this one or a newer. */
bool charter_is_news(const struct charter *c, const struct clause *clause);

/* The same author's word about the same thing, or NULL. */
const struct clause *charter_same(const struct charter *c, const struct clause *clause);

bool charter_is_admin(const struct charter *c, const struct mesh_key *site);
bool charter_is_allowed(const struct charter *c, const struct mesh_key *site);
/* The clause by which that site is out, or NULL. */
const struct clause *charter_revoked(
    const struct charter *c, const struct mesh_key *site);
/* All that it said in this epoch and before is void; 0: it was never purged. */
uint64_t charter_purged(const struct charter *c, const struct mesh_key *site);
/* The newest word on the network's key, or NULL. */
const struct clause *charter_netkey(const struct charter *c);
/* Standing or not: whoever knows the secret gets a reason.  NULL: no such.  Ids are
 * chosen by their authors, so another may have used it before or since: an admin's
 * stands before others', the smaller key before the larger. */
const struct clause *charter_invite(
    const struct charter *c, const uint8_t id[static CLAUSE_ID]);
/* The one of those whose secret was shown. */
const struct clause *charter_invite_shown(const struct charter *c,
    const uint8_t id[static CLAUSE_ID], const uint8_t hint[static 4]);
const struct clause *charter_invite_of_hint(
    const struct charter *c, const uint8_t hint[static 4]);
/* Invitations that have expired stay so: a clock that goes back gives them no second
 * life.  True: there are such, `unkept` now.  Call it now and then. */
bool charter_expire(struct charter *c, unix_ms now);
/* How many sites used it; `*before`: `guest` is one of them. */
uint32_t charter_uses(const struct charter *c, const uint8_t id[static CLAUSE_ID],
    const struct mesh_key *guest, bool *before);
/* Every clause: start with *index = 0, add one each time. */
struct clause *charter_walk(const struct charter *c, uint32_t *index);
#endif
