#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"

static mesh_time_ms
sooner(mesh_time_ms a, mesh_time_ms b)
{
	return a < b ? a : b;
}

static void
session_tick(struct mesh_site *s, uint32_t i, const struct session *one)
{
	enum session_age age = session_age(one, s->now.ms);
	if (age == SESSION_FRESH)
		return;
	struct neighbour *n = peering_neighbour(
	    s, peers_find(&s->peers, &one->peer.key));
	bool current = n != NULL && n->session.index == i;
	if (age == SESSION_REKEY && current && !s->leaving)
		calling_again(s, one);
	if (age == SESSION_DEAD && current)
		peering_part(s, n);
	else if (age == SESSION_DEAD)
		session_remove(&s->sessions, pool_handle(&s->sessions.pool, i));
}

static void
sessions_tick(struct mesh_site *s)
{
	const struct session *one;
	for (uint32_t i = 0; (one = pool_walk(&s->sessions.pool, &i)) != NULL; i++)
		session_tick(s, i, one);
}

/* --- sites --- */

static void
suspects_tick(struct mesh_site *s)
{
	struct handle dead;
	while (suspect_due(&s->suspect, s->now.ms, &dead))
		if (peers_at(&s->peers, dead) != NULL)
			peering_dead(s, dead, REASON_SILENT);
}

static void
walk_tick(struct mesh_site *s)
{
	if (!reach_walk(&s->reach, s->now.ms))
		return;
	for (uint32_t i = 0; peers_walk(&s->peers, &i) != NULL; i++)
		peering_reached(s, i, reach_hops(&s->reach, i));
}

static void
lost_tick(struct mesh_site *s)
{
	const struct peer *p;
	if (s->now.ms < s->lost_ms)
		return;
	s->lost_ms = MESH_NEVER;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++) {
		if (p->lost_ms == MESH_NEVER || !peers_is_alive(p))
			continue;
		if (s->now.ms >= p->lost_ms + REACH_LOST_MS)
			peering_dead(
			    s, pool_handle(&s->peers.pool, i), REASON_UNREACHABLE);
		else
			s->lost_ms = sooner(s->lost_ms, p->lost_ms + REACH_LOST_MS);
	}
}

/* What the last input made due at once may bear an older date. */
static mesh_time_ms
lateness(const struct mesh_site *site, mesh_time_ms now)
{
	mesh_time_ms due = mesh_site_deadline(site);
	if (due < site->now.ms)
		due = site->now.ms;
	return now > due ? now - due : 0;
}

void
mesh_site_tick(struct mesh_site *site, struct mesh_now now)
{
	mesh_time_ms late = lateness(site, now.ms);
	inside_enter(site, now);
	watch_tick(site, late);
	sessions_tick(site);
	suspects_tick(site);
	walk_tick(site);
	routing_tick(site);
	lost_tick(site);
	surplus_tick(site);
	calling_tick(site);
	recover_tick(site);
	lives_tick(site);
	fork_tick(site);
	rekey_tick(site);
	guests_tick(site);
	certs_tick(site);
	append_tick(site);
	frag_tick(&site->frags, &site->parcels, now.ms);
	sync_tick(site);
	refusals_tick(site);
	recent_tick(site);
	finding_tick(site);
}

mesh_time_ms
mesh_site_deadline(const struct mesh_site *site)
{
	mesh_time_ms at = sooner(emit_deadline(site), append_deadline(site));
	if (site->untold_first != 0)
		return site->now.ms; /* records wait for a slot to be read in */
	if (site->review && site->settled_ms <= site->now.ms)
		return site->now.ms;
	if (site->review)
		at = sooner(at, site->settled_ms);
	at = sooner(at, sync_deadline(site));
	at = sooner(at, fork_deadline(site));
	at = sooner(at, refusals_deadline(site));
	at = sooner(at, frag_deadline(&site->frags));
	if (!site->leaving)
		at = sooner(at, site->dial_ms);
	if (!site->leaving)
		at = sooner(at, site->places_ms);
	at = sooner(at, site->moved_ms);
	at = sooner(at, site->lost_ms);
	at = sooner(at, surplus_deadline(site));
	at = sooner(at, suspect_deadline(&site->suspect));
	at = sooner(at, rekey_deadline(site));
	at = sooner(at, guests_deadline(site));
	at = sooner(at, certs_deadline(site));
	at = sooner(at, reach_deadline(&site->reach));
	at = sooner(at, routing_deadline(site));
	at = sooner(at, question_deadline(&site->questions));
	at = sooner(at, session_deadline(&site->sessions, site->now.ms));
	at = sooner(at, watch_deadline(site));
	return at;
}

/* --- the other inputs --- */

void
mesh_site_segment(struct mesh_site *site, uint16_t iface, bool up, struct mesh_now now)
{
	inside_enter(site, now);
	if (up)
		(void)beacon_up(
		    &site->beacon, iface, (uint32_t)inside_dice(site), now.ms);
	else
		beacon_down(&site->beacon, iface);
}

void
mesh_site_hint_unreachable(
    struct mesh_site *site, const struct mesh_path *addr, struct mesh_now now)
{
	struct neighbour *n;
	bool asks = false;
	inside_enter(site, now);
	for (uint32_t i = 0; (n = peering_walk(site, &i)) != NULL; i++) {
		const struct session *one = session_at(&site->sessions, n->session);
		if (one != NULL && peers_path_equal(&one->path, addr))
			asks = liveness_hint(&n->liveness, now.ms) || asks;
	}
	inside_count(site, asks ? COUNT_PEER_HINT : COUNT_PEER_HINT_IGNORED);
}

void
mesh_site_leave(struct mesh_site *site, struct mesh_now now)
{
	struct live_boot body = { site->boot };
	struct neighbour *n;
	inside_enter(site, now);
	if (site->leaving)
		return;
	append_live(site, LIVE_BYE, &live_boot_table, &body);
	for (uint32_t i = 0; (n = peering_walk(site, &i)) != NULL; i++)
		n->closing = CLOSE_STOPPING;
	batch_close(site);
	finding_keep(site);
	own_stop(&site->own);
	site->leaving = true;
}
