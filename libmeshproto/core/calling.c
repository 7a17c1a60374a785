#include "inside_events.h"
#include "inside_peers.h"
#include "inside_trust.h"

enum {
	DIAL_FIRST_MS = 1000,
	DIAL_MAX_MS = 60 * 1000,
	DIAL_DOUBLINGS = 6,
	DIAL_DAY_MS = 24 * 3600 * 1000,
	DIAL_RARELY_MS = 10 * 60 * 1000,
	DEAD_GAP_MS = 5000
};
/* HS1 of one call; then its slot is free for others until the site's turn comes again.
 */
enum { PEER_TRIES = 5, DEAD_TRIES = 3 };

/* PROTOCOL.md 11: at 1, 2, 4 .. 60 s. */
static mesh_time_ms
later(const struct mesh_site *s, uint8_t *count)
{
	mesh_time_ms wait = (mesh_time_ms)DIAL_FIRST_MS << *count;
	if (*count < DIAL_DOUBLINGS)
		(*count)++;
	return s->now.ms + (wait < DIAL_MAX_MS ? wait : DIAL_MAX_MS);
}

static void
wake_at(struct mesh_site *s, mesh_time_ms at)
{
	if (at < s->dial_ms)
		s->dial_ms = at;
}

void
calling_call(struct mesh_site *s, const struct handshake_target *target)
{
	uint8_t random[HANDSHAKE_RANDOM];
	s->random(s->random_ctx, random, sizeof random);
	/* Full: all calls are out; the next round tries again. */
	enum mesh_err err = handshake_call(&s->handshake, target, random, s->now.ms);
	(void)err;
}

/* Does it still send under the network's previous key? */
static bool
is_behind(const struct mesh_site *s, const struct mesh_key *key)
{
	const struct peer *p = key == NULL
	    ? NULL
	    : peers_at(&s->peers, peers_find(&s->peers, key));
	return p != NULL && p->old_key && s->ring.has[NETKEY_PREVIOUS];
}

static void
call(struct mesh_site *s, const struct mesh_path *path, const struct mesh_key *key,
    mesh_time_ms start_ms, uint8_t tries)
{
	struct handshake_target target = { *path, key, start_ms, tries, NULL };
	struct handshake_door door;
	if (is_behind(s, key)) {
		guests_member_door(s, &s->ring.keys[NETKEY_PREVIOUS], &door);
		target.door = &door;
	}
	calling_call(s, &target);
}

/* Is there a session with the life of that site that we know of? */
static bool
is_linked(const struct mesh_site *s, const struct peer *p)
{
	const struct neighbour *n = pool_at(&s->neighbours, p->neighbour);
	const struct session *session = n != NULL ? session_at(&s->sessions, n->session)
						  : NULL;
	return session != NULL && session->peer.boot >= p->boot;
}

/* Where it was last, then where it says it may be called, in turns. */
static struct mesh_path
next_address(struct peer *p)
{
	struct mesh_path path = p->addr;
	size_t turn = p->dial_turn++ % (1 + addresses_count(&p->more));
	if (turn > 0)
		(void)addresses_at(&p->more, turn - 1, &path);
	return path;
}

/* Half of the calls are for the living, for seeds and for new keys of old sessions. And
 * no more of the dead are called at once than one would hold as neighbours: whoever
 * starts in a large mesh knows many from before, and may not call all of them. */
static bool
is_busy(const struct mesh_site *s)
{
	uint32_t calls = handshake_calls(&s->handshake);
	return calls >= s->handshake.cap / 2 || calls >= NEIGHBOURS_MAX;
}

void
calling_dial(struct mesh_site *s, struct handle peer, mesh_time_ms start_ms)
{
	struct peer *p = peers_at(&s->peers, peer);
	if (s->leaving || is_linked(s, p) || !peers_path_is_set(&p->addr))
		return;
	if (!peers_is_alive(p) && is_busy(s)) {
		p->dial_ms = s->now.ms + DIAL_FIRST_MS;
		wake_at(s, p->dial_ms);
		return;
	}
	struct mesh_path path = next_address(p);
	handshake_turn(&s->handshake, &p->key, &path);
	call(s, &path, &p->key, start_ms, peers_is_alive(p) ? PEER_TRIES : DEAD_TRIES);
	if (p->dial_count > 0 && peers_is_alive(p))
		leads_ask(s, peer);
	p->dial_ms = later(s, &p->dial_count);
	if (!peers_is_alive(p) && s->now.ms - p->since_ms > DIAL_DAY_MS)
		p->dial_ms = s->now.ms + DIAL_RARELY_MS;
	wake_at(s, p->dial_ms);
}

/* PROTOCOL.md 6.5.  Of a few that all want each other the smaller key begins; whom we
 * chose among many has hardly chosen us. */
static mesh_time_ms
start_of(const struct mesh_site *s, const struct peer *p)
{
	if (s->choice.choosing || p->dial_count > 0)
		return s->now.ms;
	return handshake_start_ms(&s->handshake, &p->key, s->now.ms);
}

void
calling_met(struct mesh_site *s, struct handle peer)
{
	const struct peer *p = peers_at(&s->peers, peer);
	if (s->now.ms < s->settled_ms)
		wake_at(s, s->settled_ms);
	else if (neighbours_wants(&s->choice, peer.index))
		calling_dial(s, peer, start_of(s, p));
}

void
calling_again(struct mesh_site *s, const struct session *session)
{
	if (!handshake_is_calling(&s->handshake, &session->path))
		call(s, &session->path, &session->peer.key, s->now.ms, PEER_TRIES);
}

/* Whoever starts has heard a handful when it begins to call.  As soon as they prove to
 * be many, those who were not chosen are called no more. */
void
calling_review(struct mesh_site *s)
{
	const struct peer *p;
	bool chose = s->choice.choosing;
	neighbours_review(&s->choice, inside_dice(s));
	if (chose || !s->choice.choosing)
		return;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++)
		if (!neighbours_wants(&s->choice, i))
			handshake_withdraw(&s->handshake, &p->key);
}

/* The living whom we want, and the dead whom we would want. */
static bool
is_wanted(const struct mesh_site *s, const struct peer *p, uint32_t row)
{
	if (!neighbours_concerns(&s->choice, row))
		return false; /* nearly all: their rows are not even touched */
	if (!p->met || peers_is_out(p) || is_linked(s, p) ||
	    !peers_path_is_set(&p->addr))
		return false;
	return neighbours_wants(&s->choice, row) ||
	    (!peers_is_alive(p) && (p->is_static || !s->choice.choosing));
}

bool
calling_wants(const struct mesh_site *s, struct handle peer)
{
	return is_wanted(s, peers_at(&s->peers, peer), peer.index);
}

static void
call_peers(struct mesh_site *s)
{
	struct peer *p;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++) {
		if (!is_wanted(s, p, i))
			continue;
		if (p->dial_ms <= s->now.ms)
			calling_dial(s, pool_handle(&s->peers.pool, i), start_of(s, p));
		wake_at(s, p->dial_ms);
	}
}

static struct peer *
next_dead(struct mesh_site *s)
{
	for (uint32_t left = pool_taken(&s->peers.pool) + 1; left > 0; left--) {
		uint32_t row = s->dead_cursor;
		struct peer *p = peers_walk(&s->peers, &row);
		s->dead_cursor = p != NULL ? row + 1 : 0;
		if (p != NULL && p->state == PEER_DEAD && peers_path_is_set(&p->addr))
			return p;
	}
	return NULL;
}

/* Who has enough neighbours calls one of the dead at a time: else two halves of a
 * parted mesh, each content with itself, would never meet again. */
static void
call_a_dead(struct mesh_site *s)
{
	if (!s->choice.choosing)
		return;
	if (s->dead_ms <= s->now.ms) {
		struct peer *p = next_dead(s);
		struct handshake_target target = { .start_ms = s->now.ms,
			.tries = DEAD_TRIES };
		if (p != NULL) {
			target.path = next_address(p);
			target.key = &p->key;
			calling_call(s, &target);
		}
		s->dead_ms = s->now.ms + DEAD_GAP_MS;
	}
	wake_at(s, s->dead_ms);
}

/* --- seeds --- */

static bool
is_answered(const struct mesh_site *s, const struct mesh_path *path)
{
	const struct neighbour *n;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		const struct session *session = session_at(&s->sessions, n->session);
		if (session != NULL && peers_path_equal(&session->path, path))
			return true;
	}
	return false;
}

static void
call_seeds(struct mesh_site *s)
{
	for (struct seed *one = s->seeds; one < s->seeds + INSIDE_SEEDS; one++) {
		if (!one->used)
			continue;
		if (is_answered(s, &one->path)) {
			one->dial_count = 0;
			one->is_self = false;
			one->dial_ms = s->now.ms + DIAL_FIRST_MS;
		} else if (one->dial_ms <= s->now.ms) {
			call(s, &one->path, NULL, s->now.ms, 0);
			one->dial_ms = later(s, &one->dial_count);
		}
		wake_at(s, one->dial_ms);
	}
}

/* A seed that is our own address from outside, behind a router that sends back what its
 * own people send there.  Said once; asked again rarely, for it may become another's.
 */
void
calling_ourselves(struct mesh_site *s, const struct mesh_path *path)
{
	for (struct seed *one = s->seeds; one < s->seeds + INSIDE_SEEDS; one++) {
		if (!one->used || !handshake_path_equal(&one->path, path))
			continue;
		if (!one->is_self)
			events_notice(s, NOTICE_OURSELVES, NULL);
		one->is_self = true;
		one->dial_ms = s->now.ms + DIAL_RARELY_MS;
	}
}

/* A free slot, or that of the seed which has answered least. */
static struct seed *
seed_slot(struct mesh_site *s, const struct mesh_path *addr)
{
	struct seed *worst = &s->seeds[0];
	for (struct seed *one = s->seeds; one < s->seeds + INSIDE_SEEDS; one++) {
		if (one->used && peers_path_equal(&one->path, addr))
			return NULL;
		if (worst->used && (!one->used || one->dial_count > worst->dial_count))
			worst = one;
	}
	return worst;
}

void
mesh_site_seed(
    struct mesh_site *site, const struct mesh_path *addr, struct mesh_now now)
{
	inside_enter(site, now);
	struct seed *slot = seed_slot(site, addr);
	if (slot == NULL || !peers_path_is_set(addr))
		return;
	*slot = (struct seed){ .path = *addr, .dial_ms = now.ms, .used = true };
	wake_at(site, now.ms);
}

void
mesh_site_unseed(
    struct mesh_site *site, const struct mesh_path *addr, struct mesh_now now)
{
	struct peer *p;
	inside_enter(site, now);
	for (struct seed *one = site->seeds; one < site->seeds + INSIDE_SEEDS; one++)
		if (one->used && peers_path_equal(&one->path, addr))
			*one = (struct seed){ .used = false };
	handshake_cancel(&site->handshake, addr);
	for (uint32_t i = 0; (p = peers_walk(&site->peers, &i)) != NULL; i++)
		if (peers_path_equal(&p->addr, addr))
			p->is_static = site->choice.sites[i].is_static = false;
}

void
calling_tick(struct mesh_site *s)
{
	bool settled = s->now.ms >= s->settled_ms;
	if (s->review && settled) {
		s->review = false;
		calling_review(s);
		s->dial_ms = s->now.ms;
	}
	if (s->leaving || s->dial_ms > s->now.ms)
		return;
	s->dial_ms = settled ? MESH_NEVER : s->settled_ms;
	if (settled) {
		call_peers(s);
		call_a_dead(s);
	}
	call_seeds(s);
}
