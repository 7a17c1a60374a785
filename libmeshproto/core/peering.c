#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"

/* A site that was only just heard of gets this long until its links are known to us:
 * lists are written at most every 5 s (PROTOCOL.md 2), and travel. */
enum { GRACE_MS = 10 * 1000, STEADY_MS = 10 * 1000, DIAL_MS = 1000 };

struct neighbour *
peering_neighbour(const struct mesh_site *s, struct handle peer)
{
	const struct peer *p = peers_at(&s->peers, peer);
	return p != NULL ? pool_at(&s->neighbours, p->neighbour) : NULL;
}

struct neighbour *
peering_walk(const struct mesh_site *s, uint32_t *index)
{
	return pool_walk(&s->neighbours, index);
}

bool
peering_is_open(const struct mesh_site *s, const struct neighbour *n)
{
	const struct session *session = session_at(&s->sessions, n->session);
	return session != NULL && session->confirmed;
}

bool
peering_can(
    const struct mesh_site *s, const struct neighbour *n, enum inside_feature what)
{
	const struct session *session = session_at(&s->sessions, n->session);
	return session != NULL && (session->peer.features & what) != 0;
}

/* --- rows --- */

void
peering_forget(struct mesh_site *s, struct handle evicted)
{
	if (evicted.generation == 0)
		return;
	reach_remove(&s->reach, evicted.index);
	prune_forget_row(&s->prune, evicted.index);
	share_forget(&s->share, evicted.index);
	s->choice.sites[evicted.index] = (struct neighbours_site){ .linked = false };
	(void)suspect_clear(&s->suspect, evicted);
}

static void
lost_by(struct mesh_site *s, struct peer *p, mesh_time_ms since)
{
	p->lost_ms = since;
	if (since + REACH_LOST_MS < s->lost_ms)
		s->lost_ms = since + REACH_LOST_MS;
}

struct handle
peering_row(struct mesh_site *s, const struct mesh_key *key)
{
	struct handle h = peers_find(&s->peers, key), evicted;
	if (h.generation != 0)
		return h;
	h = peers_add(&s->peers, key, s->now.ms, &evicted);
	peering_forget(s, evicted);
	struct peer *p = peers_at(&s->peers, h);
	if (p == NULL)
		return h;
	reach_add(&s->reach, h.index, p->oid);
	reach_set_passable(&s->reach, h.index, true);
	lost_by(s, p, s->now.ms + GRACE_MS - REACH_LOST_MS);
	p->heard_ms = s->now.ms;
	p->changed = true;
	p->unkept = admit_until(&s->admit, key) != 0;
	kept_news(s, p);
	return h;
}

/* What the choice of neighbours and the walk over links must know of a row. */
static void
mark(struct mesh_site *s, struct handle h)
{
	const struct peer *p = peers_at(&s->peers, h);
	const struct neighbour *n = peering_neighbour(s, h);
	struct neighbours_site *site = &s->choice.sites[h.index];
	bool alive = peers_is_alive(p);
	site->candidate = p->met && alive;
	site->is_static = p->is_static;
	site->prefix = neighbours_prefix(&p->addr);
	site->linked = n != NULL;
	reach_set_linked(&s->reach, h.index, n != NULL && n->silent_ms == MESH_NEVER);
	reach_set_passable(
	    &s->reach, h.index, alive || p->reason == REASON_UNREACHABLE);
	s->review = true;
	kept_news(s, p);
}

void
peering_known(struct mesh_site *s, struct handle peer)
{
	mark(s, peer);
	if (s->now.ms >= s->settled_ms) /* it may be called at once */
		calling_review(s);
}

void
peering_alive(struct mesh_site *s, struct handle peer)
{
	struct peer *p = peers_at(&s->peers, peer);
	p->heard_ms = s->now.ms;
	if (p->state == PEER_ALIVE || admit_is_over(&s->admit, &p->key))
		return;
	if (suspect_clear(&s->suspect, peer))
		inside_count(s, COUNT_PEER_REFUTED);
	if (!peers_is_alive(p))
		holdings_reopen(&s->holdings, &p->key);
	(void)peers_become(p, PEER_ALIVE, REASON_NONE, s->now.ms);
	/* Who was only suspected has its path still, and no walk would say so again. */
	if (p->hops == REACH_FAR)
		lost_by(s, p, s->now.ms + GRACE_MS - REACH_LOST_MS);
	mark(s, peer);
}

void
peering_proof(struct mesh_site *s, struct handle peer, uint32_t age_ms)
{
	struct peer *p = peers_at(&s->peers, peer);
	mesh_time_ms said = s->now.ms > age_ms ? s->now.ms - age_ms : 0;
	if (p->proof_ms < said)
		p->proof_ms = said;
	peering_alive(s, peer);
	if (peers_steady(p, s->now.ms))
		kept_news(s, p);
}

void
peering_dead(struct mesh_site *s, struct handle peer, enum mesh_peer_reason reason)
{
	struct peer *p = peers_at(&s->peers, peer);
	bool left = reason == REASON_STOPPED;
	struct neighbour *n = peering_neighbour(s, peer);
	if (n != NULL)
		peering_part(s, n);
	(void)suspect_clear(&s->suspect, peer);
	if (!peers_become(p, left ? PEER_LEFT : PEER_DEAD, reason, s->now.ms))
		return;
	if (!left)
		inside_count(s, COUNT_PEER_DEAD);
	p->hops = 0;
	p->lost_ms = MESH_NEVER;
	p->dial_count = 0;
	p->dial_ms = s->now.ms + DIAL_MS; /* PROTOCOL.md 11: tried at 1, 2, 4 .. 60 s */
	mark(s, peer);
}

/* --- sessions --- */

static bool
is_seed(const struct mesh_site *s, const struct mesh_path *path)
{
	for (size_t i = 0; i < INSIDE_SEEDS; i++)
		if (s->seeds[i].used && peers_path_equal(&s->seeds[i].path, path))
			return true;
	return false;
}

bool
peering_is_poor(const struct mesh_site *s, struct handle peer, uint32_t but)
{
	return !reach_is_of(&s->reach, peer.index, peers_at(&s->peers, peer)->boot) ||
	    reach_count(&s->reach, peer.index) < NEIGHBOURS_CHOSEN + but;
}

/* May it stay, though we did not call it?  Those who start together have the same
 * chances; later there is a seat for whom nobody else may have let in. */
static bool
is_welcome(const struct mesh_site *s, struct handle peer)
{
	bool settled = s->now.ms >= s->settled_ms + STEADY_MS;
	return neighbours_accepts(
	    &s->choice, peer.index, settled && peering_is_poor(s, peer, 0));
}

/* The handshake tells less of a name than the beacon. */
static void
rename_if_more(struct peer *p, const struct session_peer *is)
{
	size_t len = is->name_len < sizeof is->name ? is->name_len : sizeof is->name;
	if (p->name_len < len || memcmp(p->name, is->name, len) != 0)
		peers_rename(p, (struct text_view){ is->name, len });
}

static void
greet(struct mesh_site *s, struct peer *p, const struct session *start)
{
	if (peers_boot(p, start->peer.boot))
		rename_if_more(p, &start->peer);
	if (!p->met)
		p->unkept = p->changed = true;
	else if (!peers_path_equal(&p->addr, &start->path))
		finding_moved(s, p);
	p->met = true;
	p->addr = start->path;
	p->is_static = p->is_static || is_seed(s, &start->path);
}

static struct neighbour *
make_neighbour(struct mesh_site *s, struct handle peer)
{
	struct handle h = pool_take(&s->neighbours);
	struct neighbour *n = pool_at(&s->neighbours, h);
	if (n == NULL)
		return NULL;
	hop_init(&n->hop, s->counters);
	pace_init(&n->pace, s->counters);
	n->peer = peer;
	rate_init(&n->pushes, s->limits.neighbour_per_s, s->limits.neighbour_per_s,
	    s->now.ms);
	n->silent_ms = MESH_NEVER;
	struct peer *p = peers_at(&s->peers, peer);
	p->neighbour = h;
	p->changed = true; /* now direct; peering_part says when no longer */
	return n;
}

static void
begin(struct mesh_site *s, struct neighbour *n, struct handle session)
{
	const struct session *before = session_at(&s->sessions, n->session);
	const struct session *now = session_at(&s->sessions, session);
	bool new_life = before == NULL || before->peer.boot < now->peer.boot ||
	    memcmp(before->peer.boot_id, now->peer.boot_id, sizeof now->peer.boot_id) !=
		0;
	if (new_life) { /* it knows nothing: tell it again */
		n->told = n->bulletin_told = 0;
		branch_lost(s, n);
		gaps_part(&s->gaps, peers_at(&s->peers, n->peer)->neighbour.index);
	}
	hop_new_session(&n->hop);
	n->session = session;
	n->roam = (struct roam){ .asked = false };
	watch_begin(s, n);
	certs_show(s, n);
	sync_begin(s, n, new_life);
	recent_tell(s, n);
	if (s->cloned_ms != 0 || s->now.ms < s->doubt_ms)
		s->refute_due = true; /* it may know the other body */
}

static void
refuse(struct mesh_site *s, struct handle session)
{
	emit_close(s, session, CLOSE_REFUSED);
	session_close(&s->sessions, session, CLOSE_REFUSED, s->now.ms);
}

/* A session with a member stands: it is the pair's only one, or one of two. */
static void
enter(struct mesh_site *s, struct handle h, const struct session_change *change)
{
	const struct session *made = session_at(&s->sessions, change->made);
	greet(s, peers_at(&s->peers, h), made);
	if (change->what == SESSION_TWIN_NEW) {
		emit_close(s, change->made, CLOSE_TWIN);
		return;
	}
	if (change->what == SESSION_TWIN_OLD)
		emit_close(s, change->old, CLOSE_TWIN);
	struct neighbour *n = peering_neighbour(s, h);
	bool welcome = n != NULL || made->role == NOISE_INITIATOR || is_welcome(s, h);
	if (n == NULL && welcome)
		n = make_neighbour(s, h);
	peering_alive(s, h);
	if (n == NULL) {
		mark(s, h);
		refuse(s, change->made);
		return;
	}
	begin(s, n, change->made);
	mark(s, h); /* not before: the session before it may have been silent */
	append_links_changed(s);
	finding_observed(s, session_at(&s->sessions, n->session));
}

static struct handle
member_row(
    struct mesh_site *s, const struct mesh_key *key, const struct mesh_path *from)
{
	return newcomers_admit(s, key, from) ? peering_row(s, key)
					     : (struct handle){ 0, 0 };
}

void
peering_met(struct mesh_site *s, const struct session_start *start)
{
	struct session_change change;
	struct handle h = member_row(s, &start->peer.key, &start->path);
	if (h.generation == 0)
		return;
	if (session_install(&s->sessions, start, s->now.ms, &change) == MESH_OK)
		enter(s, h, &change);
	else
		inside_count(s, COUNT_SHED_SESSION);
}

struct handle
peering_certified(struct mesh_site *s, struct handle session)
{
	struct session_change change = { .made = { 0, 0 } };
	const struct session *one = session_at(&s->sessions, session);
	struct handle h = member_row(s, &one->peer.key, &one->path);
	if (h.generation == 0)
		return change.made;
	if (session_promote(&s->sessions, session, s->now.ms, &change) == MESH_OK)
		enter(s, h, &change);
	else
		inside_count(s, COUNT_SHED_SESSION);
	return change.made;
}

void
peering_part(struct mesh_site *s, struct neighbour *n)
{
	struct handle peer = n->peer;
	struct peer *p = peers_at(&s->peers, peer);
	const struct session *session = session_at(&s->sessions, n->session);
	if (session != NULL && s->now.ms >= session->born_ms + STEADY_MS)
		p->dial_count = 0; /* it was a good one: no back-off */
	if (session != NULL && !session->confirmed)
		p->caught_up = false; /* nothing of it went out */
	repair_part(s, n);
	frag_forget(&s->frags, &s->parcels, p->neighbour);
	branch_lost(s, n);
	leads_part(s, n);
	hop_clear(&n->hop, &s->parcels);
	pace_clear(&n->pace, &s->parcels);
	if (n->closing != 0 && n->closing != CLOSE_STOPPING)
		session_close(&s->sessions, n->session, n->closing, s->now.ms);
	else
		session_remove(&s->sessions, n->session);
	pool_give(&s->neighbours, p->neighbour);
	p->neighbour = (struct handle){ 0, 0 };
	if (p->dial_ms < s->now.ms + DIAL_MS)
		p->dial_ms = s->now.ms + DIAL_MS;
	p->changed = true;
	mark(s, peer);
	append_links_changed(s);
}

void
peering_blame(struct mesh_site *s, struct handle peer)
{
	struct neighbour *n = peering_neighbour(s, peer);
	if (n == NULL || !neighbours_blamed(&s->choice, peer.index))
		return;
	n->closing = CLOSE_REPLACED;
	s->review = true;
}

/* CLOSE may overtake the BYE that everybody else shall hear: keep the session open for
 * it a little longer. */
void
peering_left(struct mesh_site *s, struct neighbour *n)
{
	struct peer *p = peers_at(&s->peers, n->peer);
	n->left = true;
	n->silent_ms = s->now.ms;
	(void)peers_become(p, PEER_LEFT, REASON_STOPPED, s->now.ms);
	mark(s, n->peer);
	append_links_changed(s);
}

/* --- silence --- */

static bool
is_witness(const struct mesh_site *s, struct handle target, const uint8_t *oid)
{
	return reach_names(&s->reach, target.index, oid);
}

void
peering_quit(struct mesh_site *s, struct handle peer)
{
	struct neighbour *n = peering_neighbour(s, peer);
	n->silent_ms = s->now.ms;
	branch_lost(s, n);
	append_links_changed(s);
	mark(s, peer);
}

void
peering_accuse(struct mesh_site *s, struct handle peer)
{
	struct peer *p = peers_at(&s->peers, peer);
	struct neighbour *n = peering_neighbour(s, peer);
	peering_quit(s, peer);
	if (s->now.ms >= p->accused_ms) {
		mesh_time_ms silent = s->now.ms - n->liveness.heard_ms;
		struct live_suspect body = { p->key, p->boot, (uint32_t)silent };
		p->accused_ms = s->now.ms + SUSPECT_GAP_MS;
		inside_count(s, COUNT_PEER_SUSPECT_SENT);
		append_live(s, LIVE_SUSPECT, &live_suspect_table, &body);
	}
	/* A session without a list yet makes us a witness as well. */
	if (!reach_has(&s->reach, peer.index) || is_witness(s, peer, s->oid))
		peering_suspect(s, peer, SUSPECT_SELF);
}

void
peering_suspect(struct mesh_site *s, struct handle peer, uint32_t witness)
{
	struct peer *p = peers_at(&s->peers, peer);
	struct neighbour *n = peering_neighbour(s, peer);
	if (!peers_is_alive(p))
		return;
	unsigned need = reach_witnesses(&s->reach, peer.index, s->oid, SUSPECT_NEED);
	struct accusation a = { peer, witness, need > 0 ? need : 1,
		health_factor(&s->health, s->now.ms) };
	if (!suspect_add(&s->suspect, &a, s->now.ms))
		return;
	(void)peers_become(p, PEER_SUSPECT, REASON_SILENT, s->now.ms);
	kept_news(s, p);
	if (n != NULL)
		liveness_doubt(&n->liveness, s->now.ms); /* is it silent here, too? */
}

void
peering_back(struct mesh_site *s, struct neighbour *n)
{
	n->silent_ms = MESH_NEVER;
	mark(s, n->peer);
	append_links_changed(s);
}

void
peering_block(struct mesh_site *s, struct handle peer, enum mesh_peer_reason reason)
{
	struct peer *p = peers_at(&s->peers, peer);
	struct neighbour *n = peering_neighbour(s, peer);
	if (n == NULL) {
		peering_dead(s, peer, reason);
		return;
	}
	n->left = true; /* its session ends in a second */
	n->silent_ms = s->now.ms;
	(void)suspect_clear(&s->suspect, peer);
	(void)peers_become(p, PEER_DEAD, reason, s->now.ms);
	p->hops = 0;
	p->lost_ms = MESH_NEVER;
	mark(s, peer);
	append_links_changed(s);
}

void
peering_readmit(struct mesh_site *s, struct handle peer)
{
	struct peer *p = peers_at(&s->peers, peer);
	(void)peers_become(p, PEER_DEAD, REASON_UNREACHABLE, s->now.ms);
	p->dial_ms = s->now.ms;
	mark(s, peer);
}

void
peering_reached(struct mesh_site *s, uint32_t row, uint8_t hops)
{
	struct peer *p = peers_walk(&s->peers, &row);
	struct handle h = pool_handle(&s->peers.pool, row);
	if (p->hops != hops) {
		p->hops = hops;
		p->changed = true;
		kept_news(s, p);
	}
	if (hops == REACH_FAR) {
		if (p->lost_ms == MESH_NEVER && peers_is_alive(p))
			lost_by(s, p, s->now.ms);
		return;
	}
	p->lost_ms = MESH_NEVER;
	if (p->state == PEER_DEAD && p->reason == REASON_UNREACHABLE)
		peering_alive(s, h);
	p->lost_ms = MESH_NEVER;
}
