/* ruling.c - the control lane takes effect: who is in, who is out, which key.
 *
 * A statement holds as soon as it is verified (others') or stored (ours); waiting for
 * the disk with others' would only let somebody who is out in for longer.  Docs:
 * DECISIONS/0070.  Floor 4.  Pure. */
#include "id.h"
#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_peers.h"
#include "inside_trust.h"

/* --- effects --- */

static void
put_out(struct mesh_site *s, uint32_t row, enum mesh_peer_reason why)
{
	const struct peer *p = peers_walk(&s->peers, &row);
	struct handle h = pool_handle(&s->peers.pool, row);
	handshake_cancel(&s->handshake, &p->addr);
	peering_block(s, h, why);
}

/* Whoever is out is so at once; who comes back is called again. */
void
ruling_sort(struct mesh_site *s)
{
	const struct peer *p;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++) {
		enum mesh_peer_reason why = admit_refusal(&s->admit, &p->key);
		if (why != REASON_NONE && !peers_is_out(p))
			put_out(s, i, why);
		else if (why == REASON_NONE && peers_is_out(p))
			peering_readmit(s, pool_handle(&s->peers.pool, i));
	}
}

static void
look_at_ourselves(struct mesh_site *s)
{
	bool out = charter_revoked(&s->charter, &s->identity.key) != NULL;
	if (out && !s->revoked)
		events_notice(s, NOTICE_REVOKED, &s->identity.key);
	s->revoked = out;
}

static void
settle(struct mesh_site *s)
{
	charter_settle(&s->charter);
	ruling_sort(s);
	look_at_ourselves(s);
	purges_settle(s);
	rekey_settle(s);
}

static struct clause *
put(struct mesh_site *s, const struct clause *c)
{
	struct clause *slot = charter_put(&s->charter, c, s->now.unix_ms);
	if (slot != NULL)
		s->clauses_unkept = true;
	return slot;
}

/* --- in --- */

void
ruling_load(struct mesh_site *s, struct bytes_view key, struct bytes_view body)
{
	struct clause c, *slot;
	if (clause_row_read(key, body, &c) &&
	    (slot = charter_put(&s->charter, &c, s->now.unix_ms)) != NULL)
		slot->unkept = false;
}

void
ruling_start(struct mesh_site *s)
{
	settle(s);
}

void
ruling_take(struct mesh_site *s, const struct record *r, struct bytes_view bundle)
{
	struct clause c;
	if (certs_take(s, r) || !clause_read(r, &c))
		return;
	struct clause *slot = put(s, &c);
	if (slot == NULL) {
		inside_count(s, COUNT_TRUST_FULL);
		return;
	}
	settle(s);
	if (!slot->counts) /* it may yet: its author's own admission may be late */
		inside_count(s, COUNT_TRUST_IGNORED);
	bulletin_put(&s->bulletin, r, bundle);
}

void
mesh_site_recall(
    struct mesh_site *site, const struct mesh_record *r, struct mesh_now now)
{
	struct bundle b;
	struct record record;
	struct clause c;
	inside_enter(site, now);
	if (bundle_read(r->proof, &b) == MESH_OK &&
	    bundle_record(&b, 0, &record) == MESH_OK && !certs_take(site, &record) &&
	    clause_read(&record, &c) && charter_is_news(&site->charter, &c))
		ruling_take(site, &record, r->proof);
}

bool
ruling_is_cut_off(const struct mesh_site *s, const struct record *r)
{
	const struct clause *c = charter_revoked(&s->charter, &r->at.origin);
	if (c == NULL)
		return false;
	size_t lane = (size_t)r->at.lane;
	return lane == LANE_LIVE || c->purge || r->at.epoch != c->cut.epoch ||
	    r->at.seq > c->cut.marks[lane - 1];
}

/* --- an operator decides --- */

static void
cut_here(const struct mesh_site *s, struct clause *c)
{
	uint64_t epoch, high;
	for (int lane = LANE_CONTROL; lane < LANE_COUNT; lane++) {
		if (!mesh_site_high(
			s, &c->subject, (enum mesh_lane)lane, &epoch, &high))
			continue;
		c->cut.epoch = epoch;
		c->cut.marks[lane - 1] = high < UINT32_MAX ? (uint32_t)high
							   : UINT32_MAX;
	}
}

static const struct {
	enum clause_kind kind;
	bool on, anybody, local; /* who is no admin: may / may for this site alone */
} decrees[] = {
	[DECREE_ALLOW] = { CLAUSE_ALLOW, true, false, true },
	[DECREE_FORBID] = { CLAUSE_ALLOW, false, false, true },
	[DECREE_BLOCK] = { CLAUSE_REVOKE, true, false, true },
	[DECREE_UNBLOCK] = { CLAUSE_REVOKE, false, false, true },
	[DECREE_ADMIN] = { CLAUSE_ADMIN, true, false, false },
	[DECREE_UNADMIN] = { CLAUSE_ADMIN, false, false, false },
	[DECREE_INVITE] = { CLAUSE_INVITE, true, true, false },
	[DECREE_WITHDRAW] = { CLAUSE_INVITE, false, true, false },
	[DECREE_ROTATE] = { CLAUSE_NETKEY, true, false, false },
};

static bool
fill(const struct mesh_site *s, const struct mesh_decree *d, struct clause *c)
{
	*c = (struct clause){ .author = s->identity.key,
		.subject = d->site,
		.kind = (uint8_t)decrees[d->kind].kind,
		.on = decrees[d->kind].on,
		.until_ms = d->until_ms,
		.uses = d->uses };
	memcpy(c->id, d->id, sizeof c->id);
	if (c->kind == CLAUSE_INVITE)
		memcpy(c->verifier, d->key32, sizeof c->verifier);
	if (c->kind == CLAUSE_NETKEY)
		mesh_hash(d->key32, sizeof d->key32, c->subject.bytes);
	if (c->kind != CLAUSE_REVOKE)
		return true;
	cut_here(s, c);
	return purges_fill(s, d, c);
}

/* What a withdrawn invitation leaves must still be well-formed. */
static bool
fill_withdrawn(const struct mesh_site *s, struct clause *c)
{
	const struct clause *was = charter_same(&s->charter, c);
	if (was == NULL)
		return false;
	c->uses = was->uses;
	c->until_ms = was->until_ms;
	memcpy(c->verifier, was->verifier, sizeof c->verifier);
	return true;
}

static bool
is_about_us(const struct mesh_site *s, const struct mesh_decree *d)
{
	return d->kind <= DECREE_UNBLOCK &&
	    (key_equal(&d->site, &s->identity.key) ||
		(d->kind == DECREE_BLOCK && key_equal(&d->site, &s->charter.founder)));
}

static enum mesh_err
say_here(struct mesh_site *s, struct clause *c)
{
	c->local = true;
	if (put(s, c) == NULL)
		return MESH_FULL;
	settle(s);
	return MESH_OK;
}

enum mesh_err
ruling_say(struct mesh_site *s, const struct clause *c, uint64_t *seq)
{
	uint8_t room[CLAUSE_BODY_MAX];
	struct bytes_out body = bytes_out(room, sizeof room);
	if (clause_write(c, &body) != MESH_OK)
		return MESH_MALFORMED;
	struct mesh_draft d = { LANE_CONTROL, RECORD_PUT, 0, NULL,
		bytes_written(&body) };
	return append_record(s, &d, seq);
}

/* The row that is kept of it is emptied, and it is a newcomer if it comes again.  What
 * it said stays. */
static enum mesh_err
forget(struct mesh_site *s, const struct mesh_key *key)
{
	struct handle h = peers_find(&s->peers, key);
	const struct peer *p = peers_at(&s->peers, h);
	if (p == NULL)
		return MESH_NOT_FOUND;
	if (peers_is_alive(p) || p->neighbour.generation != 0)
		return MESH_DENIED;
	if (!kept_forget(s, key))
		return MESH_FULL; /* those before are not kept yet */
	handshake_cancel(&s->handshake, &p->addr);
	admit_forget(&s->admit, key);
	peers_remove(&s->peers, h);
	peering_forget(s, h);
	events_notice(s, NOTICE_FORGOTTEN, key);
	return MESH_OK;
}

enum mesh_err
mesh_site_decree(struct mesh_site *site, const struct mesh_decree *decree,
    uint64_t *seq, struct mesh_now now)
{
	struct clause c;
	inside_enter(site, now);
	*seq = 0;
	if (decree->kind == DECREE_FORGET)
		return forget(site, &decree->site);
	if (site->leaving || is_about_us(site, decree))
		return MESH_DENIED;
	if (!fill(site, decree, &c))
		return MESH_DENIED;
	if (decree->kind == DECREE_WITHDRAW && !fill_withdrawn(site, &c))
		return MESH_NOT_FOUND;
	bool admin = charter_is_admin(&site->charter, &site->identity.key);
	if (!admin && c.purge)
		return MESH_DENIED; /* the others would hold what this site lacks */
	if (!admin && decrees[decree->kind].local)
		return say_here(site, &c);
	if (!admin && !decrees[decree->kind].anybody)
		return MESH_DENIED;
	enum mesh_err err = ruling_say(site, &c, seq);
	if (err == MESH_OK && decree->kind == DECREE_ROTATE)
		rekey_draw(site, decree->key32);
	return err;
}

/* --- out --- */

bool
ruling_next_keep(
    struct mesh_site *s, struct bytes_out *key, struct bytes_out *body, uint32_t *index)
{
	struct clause *c;
	if (!s->clauses_unkept)
		return false;
	for (*index = 0; (c = charter_walk(&s->charter, index)) != NULL; ++*index) {
		if (!c->unkept)
			continue;
		c->unkept = false;
		clause_row_key(c, key);
		clause_row_write(c, body);
		return true;
	}
	s->clauses_unkept = false;
	return false;
}

void
ruling_kept(struct mesh_site *s, uint32_t index, enum mesh_err err)
{
	if (err == MESH_OK || index >= s->charter.end)
		return;
	s->charter.slots[index].unkept = true; /* offered again with the next change */
}

/* --- questions --- */

void
mesh_site_trust(const struct mesh_site *site, struct mesh_trust *out)
{
	const struct mesh_network *n = &site->network;
	*out = (struct mesh_trust){ .is_admin = charter_is_admin(
					&site->charter, &site->identity.key),
		.is_founder = key_equal(&site->identity.key, &n->founder),
		.wants_key = site->rekey.wants,
		.is_revoked = site->revoked,
		.admission = site->admit.mode,
		.has_next = n->has_next,
		.next_after_ms = n->next_after_ms,
		.founder = n->founder,
		.certified_until_s = certs_until_s(site),
		.certified = certs_standing(site) };
	memcpy(out->salt, n->salt, sizeof out->salt);
	memcpy(out->netid, n->id, sizeof out->netid);
	mesh_hash(n->key, sizeof n->key, out->key_hash);
}

bool
mesh_site_is_admin(const struct mesh_site *site, const struct mesh_key *key)
{
	return charter_is_admin(&site->charter, key);
}

bool
mesh_site_invited(const struct mesh_site *site, size_t index, struct mesh_invited *out)
{
	const struct clause *c;
	static const struct mesh_key nobody;
	bool before;
	for (uint32_t i = 0; (c = charter_walk(&site->charter, &i)) != NULL; i++) {
		if (c->kind != CLAUSE_INVITE || index-- > 0)
			continue;
		*out = (struct mesh_invited){ .by = c->author,
			.uses = c->uses,
			.used = (uint16_t)charter_uses(
			    &site->charter, c->id, &nobody, &before),
			.expires_ms = c->until_ms,
			.withdrawn = !c->on };
		memcpy(out->id, c->id, sizeof out->id);
		return true;
	}
	return false;
}
