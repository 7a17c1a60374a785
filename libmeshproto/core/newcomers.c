/* newcomers.c - who may come in where everybody with the network's key may: not a
 * crowd.
 *
 * A key costs nothing, so one who has the network's key can be a thousand sites.  The
 * table is bounded; one /24 or /48 gets a quarter of it; whoever was never there for
 * ten minutes makes room for the next newcomer once it is gone, and nobody else does:
 * in a full table for anybody, in a full quarter for one of the same /24 or /48.
 * An operator is told.  Docs: DECISIONS/0202.  Floor 4.  Pure.  Source: PROTOCOL.md 12.
 */
#include "inside_events.h"
#include "inside_peers.h"

enum { SHARE = 4, LEAST = 16, TELL_MS = 60 * 60 * 1000 };

static bool
is_link_local(const struct mesh_path *path)
{
	return path->addr[0] == 0xfe && (path->addr[1] & 0xc0) == 0x80;
}

/* Everybody on our own wire has one link-local /48, and could take any address. */
static bool
is_crowded(const struct mesh_site *s, const struct mesh_path *from)
{
	uint32_t most = s->limits.peers / SHARE;
	most = most > LEAST ? most : LEAST;
	return !is_link_local(from) && pool_taken(&s->peers.pool) >= most &&
	    neighbours_near(&s->choice, neighbours_prefix(from)) >= most;
}

/* Of an allow-list every key was named by a person. */
static bool
is_named(const struct mesh_site *s, const struct mesh_key *key)
{
	return charter_is_allowed(&s->charter, key);
}

static void
tell(struct mesh_site *s, const struct mesh_key *key)
{
	if (s->now.ms < s->crowded_ms)
		return;
	s->crowded_ms = s->now.ms + TELL_MS;
	events_notice(s, NOTICE_CROWDED, key);
}

/* False: nobody is there to go. */
static bool
make_room(struct mesh_site *s, struct handle h)
{
	const struct peer *p = peers_at(&s->peers, h);
	if (p == NULL)
		return false;
	struct mesh_key key = p->key;
	admit_forget(&s->admit, &key);
	peers_remove(&s->peers, h);
	peering_forget(s, h);
	return true;
}

/* Of those who share the newcomer's /24 or /48 one who is gone and was never long
 * there. */
static struct handle
spare_near(const struct mesh_site *s, uint32_t prefix)
{
	struct handle worst = { 0, 0 };
	mesh_time_ms heard = MESH_NEVER;
	const struct peer *p;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++)
		if (s->choice.sites[i].prefix == prefix && p->heard_ms < heard &&
		    peers_is_spare(p)) {
			heard = p->heard_ms;
			worst = pool_handle(&s->peers.pool, i);
		}
	return worst;
}

bool
newcomers_might(const struct mesh_site *s, const struct mesh_key *key)
{
	return admit_would(&s->admit, key) ||
	    (admit_may(&s->admit, key) && peers_spare(&s->peers).generation != 0);
}

bool
newcomers_would(
    struct mesh_site *s, const struct mesh_key *key, const struct mesh_path *from)
{
	if (admit_is_in(&s->admit, key))
		return true;
	if (!admit_may(&s->admit, key))
		return false;
	if (from != NULL && is_crowded(s, from) && !is_named(s, key)) {
		tell(s, key);
		if (!make_room(s, spare_near(s, neighbours_prefix(from))))
			return false;
	}
	if (admit_count(&s->admit) >= s->limits.peers) {
		tell(s, key);
		(void)make_room(s, peers_spare(&s->peers));
	}
	return admit_would(&s->admit, key);
}

bool
newcomers_admit(
    struct mesh_site *s, const struct mesh_key *key, const struct mesh_path *from)
{
	return newcomers_would(s, key, from) && admit_proved(&s->admit, key) == MESH_OK;
}
