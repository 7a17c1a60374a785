/* purges.c - a site was put out with all that it ever said.
 *
 * A REVOKE with `purge` names an epoch: what its site said in it or before is void, for
 * ever, whether the site is let in again or not.  So the log ends there everywhere in
 * the same way as by a new epoch: our have-set of it goes on empty in the next one, the
 * store deletes what it has (MESH_PURGE), and who still holds it is not asked.  A site
 * that finds itself let in again begins a new epoch and says anew what is so.  Docs:
 * DECISIONS/0260.  Floor 4.  Pure.  Source: PROTOCOL.md 12. */
#include "id.h"
#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_peers.h"
#include "inside_trust.h"

bool
purges_is_void(const struct mesh_site *s, const struct mesh_position *at)
{
	return at->lane != LANE_LIVE && s->charter.purges &&
	    at->epoch <= charter_purged(&s->charter, &at->origin);
}

/* --- said here --- */

/* Epochs are Unix seconds: one that is begun before this has reached its site, or that
 * we have not heard of, is not above now. */
static uint64_t
until_now(const struct mesh_site *s, uint64_t epoch)
{
	const unix_ms plausible = 1700000000000;
	uint64_t now = s->now.unix_ms > plausible ? (uint64_t)s->now.unix_ms / 1000 : 0;
	return now > epoch ? now : epoch;
}

/* Taken back, what was void stays so, and what was said since is void as well.  A plain
 * block has no room for both moments: what was void would be said again by those who
 * were away. */
bool
purges_fill(const struct mesh_site *s, const struct mesh_decree *d, struct clause *c)
{
	const struct clause *was = charter_same(&s->charter, c);
	uint64_t held = holdings_epoch(&s->holdings, &d->site);
	bool before = was != NULL && was->purge;
	c->purge = c->on ? d->purge : before;
	if (!c->purge)
		return !before;
	if (before && was->cut.epoch > held)
		held = was->cut.epoch;
	memset(&c->cut, 0, sizeof c->cut);
	c->cut.epoch = until_now(s, held);
	return true;
}

bool
mesh_site_has_purged(const struct mesh_site *site, const struct mesh_key *key)
{
	const struct clause like = {
		.author = site->identity.key, .subject = *key, .kind = CLAUSE_REVOKE
	};
	const struct clause *was = charter_same(&site->charter, &like);
	return was != NULL && was->purge;
}

/* --- in effect --- */

/* Once for each statement and start: a purge that was cut short goes on, and one that
 * came behind the first record of the next epoch is made up for.  Where nothing is left
 * it costs a look. */
static void
tell_store(struct mesh_site *s, struct clause *c)
{
	if (c->purge_told)
		return;
	c->purge_told = c->unpurged = s->purges_due = true;
}

static uint64_t
after(uint64_t epoch)
{
	return epoch < UINT64_MAX ? epoch + 1 : epoch;
}

static void
end_log(struct mesh_site *s, struct clause *c)
{
	uint64_t next = after(c->cut.epoch);
	/* Without a row nothing of it is held: as good. */
	if (holdings_epoch(&s->holdings, &c->subject) < next)
		(void)!holdings_begin(&s->holdings, &c->subject, next);
	tell_store(s, c);
}

static void
begin_anew(struct mesh_site *s, struct clause *c)
{
	recover_new_epoch(s, c->cut.epoch);
	inside_count(s, COUNT_OWN_EPOCH_NEW);
	s->own.rewrite = 0;
	append_links_changed(s);
	finding_anew(s);
	certs_anew(s);
	c->begins_anew = true;
}

/* While we are out nobody hears us, and what we have stays; and once we are back we say
 * nothing of it any more.  Own records that have yet to be signed are of the log that
 * ends: batch_make_room keeps them apart. */
static void
end_our_log(struct mesh_site *s, struct clause *c)
{
	if (s->own.epoch == 0 || charter_revoked(&s->charter, &s->identity.key) != NULL)
		return;
	if (s->own.epoch <= c->cut.epoch)
		begin_anew(s, c);
	tell_store(s, c);
}

void
purges_settle(struct mesh_site *s)
{
	struct clause *c;
	for (uint32_t i = 0;
	     s->charter.purges && (c = charter_walk(&s->charter, &i)) != NULL; i++) {
		if (c->kind != CLAUSE_REVOKE || !c->purge || !c->counts)
			continue;
		if (inside_is_us(s, &c->subject))
			end_our_log(s, c);
		else
			end_log(s, c);
	}
}

/* --- the store --- */

bool
purges_next(struct mesh_site *s, struct mesh_event *out, uint32_t *index)
{
	struct clause *c;
	if (!s->purges_due)
		return false;
	for (*index = 0; (c = charter_walk(&s->charter, index)) != NULL; ++*index) {
		if (!c->unpurged)
			continue;
		out->own = inside_is_us(s, &c->subject);
		out->code = c->begins_anew;
		c->unpurged = c->begins_anew = false;
		out->site = c->subject;
		out->record.at.origin = c->subject;
		out->record.at.epoch = c->cut.epoch;
		return true;
	}
	s->purges_due = false;
	return false;
}

void
purges_outcome(struct mesh_site *s, uint32_t index, enum mesh_err err)
{
	struct clause *c = &s->charter.slots[index];
	if (err == MESH_OK || index >= s->charter.end || !c->purge)
		return; /* or another one is there now: told of all when it came */
	c->unpurged = true;
	if (err == MESH_TRUNCATED)
		s->purges_due = true;
	else
		refusals_of_row(s);
}
