#include "inside_peers.h"

/* Sessions beyond those we choose and those we let in: docs/DECISIONS/0150.  They come
 * from the first moments of a life, when hardly anybody was known and all of them were
 * called, and from sites that had nobody else.  Left alone they would hold slots that
 * newcomers need, at both ends, for as long as both ends live. */

enum {
	NEXT_MS = 1000, /* to the next one closed */
	JITTER_MS = 1000
};

/* Of those that only came: less useful is a lower number. */
enum use { USE_CALLED, USE_RICH, USE_NEEDED };

static bool
is_extra(const struct mesh_site *s, const struct neighbour *n)
{
	const struct neighbours_site *site = &s->choice.sites[n->peer.index];
	return !site->chosen && !site->is_static;
}

/* What we called ourselves and have not chosen is nobody's wish any more.  Who came
 * chose us: it may go when it has enough without us. */
static enum use
use_of(const struct mesh_site *s, const struct neighbour *n)
{
	const struct session *session = session_at(&s->sessions, n->session);
	if (session != NULL && session->role == NOISE_INITIATOR)
		return USE_CALLED;
	return peering_is_poor(s, n->peer, 1) ? USE_NEEDED : USE_RICH;
}

static struct neighbour *
least_useful(const struct mesh_site *s, uint32_t *extra)
{
	struct neighbour *n, *least = NULL;
	enum use use = USE_NEEDED;
	*extra = 0;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		if (!is_extra(s, n) || n->closing != 0 || n->left)
			continue;
		++*extra;
		if (peering_is_open(s, n) && use_of(s, n) < use) {
			use = use_of(s, n);
			least = n;
		}
	}
	return least;
}

void
surplus_tick(struct mesh_site *s)
{
	uint32_t extra;
	if (s->now.ms < surplus_deadline(s))
		return;
	struct neighbour *least = least_useful(s, &extra);
	bool close = least != NULL && extra > NEIGHBOURS_TAKEN;
	if (close)
		least->closing = CLOSE_REPLACED;
	s->surplus_ms = s->now.ms + (close ? NEXT_MS : SURPLUS_MS) +
	    inside_dice(s) % JITTER_MS;
}

mesh_time_ms
surplus_deadline(const struct mesh_site *s)
{
	return s->leaving || !s->choice.choosing ? MESH_NEVER : s->surplus_ms;
}
