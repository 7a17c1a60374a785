#include "inside_peers.h"
#include "inside_travel.h"

/* A record for one site goes from hop to hop along a shortest path.  Who holds it and
 * gets no ACK after three tries hands it to the next best neighbour, then to all that
 * are left; who has nobody left gives it back to where it came from; who has it already
 * gives it back as well.  Whoever gets it back goes on with its own next best.  So the
 * search reaches every site there is a way to, each once, as long as it takes less than
 * PASSAGE_MS; the duplicate cache, the trail and the hop limit keep it from circling.
 * PROTOCOL.md 8. */

enum { TRIES = 3, BEST_TRIES = 2, PASSAGE_MS = 5000, STAMPS_PER_S = 100 };

static bool
is_usable(const struct mesh_site *s, const struct neighbour *n)
{
	return n != NULL && n->silent_ms == MESH_NEVER && n->closing == 0 && !n->left &&
	    peering_is_open(s, n);
}

static uint64_t
bit_of(const struct mesh_site *s, const struct neighbour *n)
{
	/* Tables with more than 64 sessions share bits: one way less, no circle. */
	return UINT64_C(1) << peers_at(&s->peers, n->peer)->neighbour.index % 64;
}

static bool
is_left(const struct mesh_site *s, const struct passage *p, const struct neighbour *n)
{
	return is_usable(s, n) && (p->tried & bit_of(s, n)) == 0 &&
	    n != pool_at(&s->neighbours, p->from);
}

static struct neighbour *
neighbour_of_row(const struct mesh_site *s, uint32_t row)
{
	const struct peer *p = peers_walk(&s->peers, &row);
	return p != NULL ? pool_at(&s->neighbours, p->neighbour) : NULL;
}

/* --- whom to hand it to --- */

static struct came *
came_of(struct mesh_site *s, struct handle origin)
{
	for (size_t i = 0; i < LENGTH(s->came); i++)
		if (s->came[i].origin.index == origin.index &&
		    s->came[i].origin.generation == origin.generation)
			return &s->came[i];
	return NULL;
}

static struct came *
oldest_came(struct mesh_site *s)
{
	struct came *oldest = &s->came[0];
	for (size_t i = 1; i < LENGTH(s->came); i++)
		if (s->came[i].ms < oldest->ms)
			oldest = &s->came[i];
	return oldest;
}

void
routing_came(struct mesh_site *s, struct handle origin, const struct neighbour *from)
{
	struct came *one = came_of(s, origin);
	if (one == NULL)
		one = oldest_came(s);
	*one = (struct came){ origin, peers_at(&s->peers, from->peer)->neighbour,
		s->now.ms };
}

/* The way that was just proved, and that stamps were left on. */
static struct neighbour *
way_back(struct mesh_site *s, const struct passage *p)
{
	const struct came *one = p->to.generation != 0 ? came_of(s, p->to) : NULL;
	if (one == NULL || s->now.ms - one->ms > PASSAGE_MS)
		return NULL;
	struct neighbour *n = pool_at(&s->neighbours, one->from);
	return is_left(s, p, n) ? n : NULL;
}

static struct neighbour *
best(struct mesh_site *s, const struct passage *p)
{
	struct neighbour *back = way_back(s, p);
	if (back != NULL)
		return back;
	if (peers_at(&s->peers, p->to) == NULL ||
	    reach_hops(&s->reach, p->to.index) == REACH_FAR)
		return NULL;
	struct neighbour *n = neighbour_of_row(s, reach_via(&s->reach, p->to.index));
	return is_left(s, p, n) ? n : NULL;
}

/* By a walk of its own: rare, and no table of second ways has to be kept. */
static struct neighbour *
next_best(struct mesh_site *s, const struct passage *p)
{
	const struct neighbour *failed = pool_at(&s->neighbours, p->last);
	uint8_t least = REACH_FAR;
	struct neighbour *n, *found = NULL;
	if (peers_at(&s->peers, p->to) == NULL)
		return NULL;
	reach_measure(
	    &s->reach, p->to.index, failed != NULL ? failed->peer.index : UINT32_MAX);
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		uint8_t hops = reach_measured(&s->reach, n->peer.index);
		if (hops == REACH_FAR || !is_left(s, p, n) ||
		    (least != REACH_FAR && hops >= least))
			continue;
		least = hops;
		found = n;
	}
	return found;
}

/* --- handing on --- */

static bool
hand(struct mesh_site *s, struct passage *p, struct neighbour *n)
{
	mesh_time_ms due = s->now.ms;
	p->tried |= bit_of(s, n);
	p->last = peers_at(&s->peers, n->peer)->neighbour;
	if (!spread_put(s, n, p->parcel))
		return false;
	for (unsigned try = 0; try < TRIES; try++)
		due += rtt_retry_ms(&n->hop.rtt, try);
	if (p->waiting == 0 || p->due_ms < due)
		p->due_ms = due;
	p->waiting |= bit_of(s, n);
	return true;
}

static bool
hand_to_all(struct mesh_site *s, struct passage *p)
{
	struct neighbour *n;
	bool any = false;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (is_left(s, p, n))
			any |= hand(s, p, n);
	return any;
}

static bool
give_back(struct mesh_site *s, const struct passage *p, struct neighbour *to)
{
	return is_usable(s, to) && spread_put(s, to, p->parcel);
}

/* Somebody else has it now.  Where nobody else is left, the silent one keeps it: with
 * many lost ACKs it is still the likeliest to pass it on. */
static void
withdraw(struct mesh_site *s, const struct passage *p)
{
	struct neighbour *n = pool_at(&s->neighbours, p->last);
	const struct dedup_mark *mark = &parcel_at(&s->parcels, p->parcel)->mark;
	if (n == NULL)
		return;
	hop_seen(&n->hop, &s->parcels, mark);
	pace_drop(&n->pace, &s->parcels, mark);
}

/* Nobody carries it on: the next one. */
static void
advance(struct mesh_site *s, struct passage *p)
{
	struct neighbour *n = p->count == 0 ? best(s, p) : NULL;
	if (n == NULL && p->count < BEST_TRIES)
		n = next_best(s, p);
	if (p->count++ > 0)
		inside_count(s, COUNT_ROUTE_DETOUR);
	if (n != NULL)
		withdraw(s, p);
	if (n != NULL && hand(s, p, n))
		return;
	if (hand_to_all(s, p))
		inside_count(s, COUNT_ROUTE_FLOODED);
	else if (!give_back(s, p, pool_at(&s->neighbours, p->from)))
		inside_count(s, COUNT_ROUTE_LOST);
}

/* --- the records under way --- */

static void
forget(struct mesh_site *s, struct passage *p)
{
	parcel_release(&s->parcels, p->parcel);
	*p = (struct passage){ .ends_ms = 0 };
}

static struct passage *
claim(struct mesh_site *s)
{
	struct passage *oldest = &s->passages[0];
	for (size_t i = 0; i < INSIDE_PASSAGES; i++)
		if (s->passages[i].ends_ms < oldest->ends_ms) /* free: 0 */
			oldest = &s->passages[i];
	forget(s, oldest); /* only its other ways are */
	return oldest;
}

void
routing_send(struct mesh_site *s, const struct mesh_key *to, struct handle parcel,
    const struct neighbour *from)
{
	struct passage *p = claim(s);
	*p = (struct passage){ .parcel = parcel,
		.to = peers_find(&s->peers, to),
		.due_ms = MESH_NEVER,
		.ends_ms = s->now.ms + PASSAGE_MS };
	if (from != NULL)
		p->from = peers_at(&s->peers, from->peer)->neighbour;
	parcel_hold(&s->parcels, parcel);
	advance(s, p);
}

static bool
carries_on(
    const struct mesh_site *s, const struct passage *p, const struct neighbour *n)
{
	return is_usable(s, n) && !hop_has(&n->hop, &s->parcels, p->parcel) &&
	    !pace_has(&n->pace, &s->parcels, p->parcel);
}

/* Three tries are over: who has acknowledged it carries it on, as long as it does not
 * come back.  (Or its queue has shed it, which is counted there.) */
static void
look_at_waiting(struct mesh_site *s, struct passage *p)
{
	struct neighbour *n;
	uint64_t carriers = 0;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		if (carries_on(s, p, n))
			carriers |= bit_of(s, n);
	p->due_ms = MESH_NEVER;
	p->waiting &= carriers;
	if (p->waiting == 0)
		advance(s, p);
}

static void
passage_tick(struct mesh_site *s, struct passage *p)
{
	if (p->ends_ms <= s->now.ms)
		forget(s, p);
	else if (p->due_ms <= s->now.ms)
		look_at_waiting(s, p);
}

void
routing_tick(struct mesh_site *s)
{
	for (size_t i = 0; i < INSIDE_PASSAGES; i++)
		if (s->passages[i].ends_ms != 0)
			passage_tick(s, &s->passages[i]);
}

mesh_time_ms
routing_deadline(const struct mesh_site *s)
{
	mesh_time_ms first = MESH_NEVER;
	for (size_t i = 0; i < INSIDE_PASSAGES; i++) {
		const struct passage *p = &s->passages[i];
		mesh_time_ms at = p->due_ms < p->ends_ms ? p->due_ms : p->ends_ms;
		if (p->ends_ms != 0 && at < first)
			first = at;
	}
	return first;
}

static struct passage *
passage_of(struct mesh_site *s, const struct dedup_mark *mark)
{
	for (size_t i = 0; i < INSIDE_PASSAGES; i++) {
		const struct passage *one = &s->passages[i];
		const struct parcel *p = one->ends_ms != 0
		    ? parcel_at(&s->parcels, one->parcel)
		    : NULL;
		if (p != NULL && memcmp(&p->mark, mark, sizeof *mark) == 0)
			return &s->passages[i];
	}
	return NULL;
}

/* From one of those that had it: it found nobody.  From somebody else, who takes us for
 * a way: it is told, once, that it came here before. */
void
routing_returned(
    struct mesh_site *s, struct neighbour *n, const struct dedup_mark *mark)
{
	struct passage *p = passage_of(s, mark);
	if (p == NULL || n == pool_at(&s->neighbours, p->from))
		return;
	uint64_t bit = bit_of(s, n);
	if ((p->waiting & bit) != 0) {
		p->waiting &= ~bit;
		if (p->waiting == 0)
			advance(s, p);
	} else if ((p->returned & bit) == 0) {
		p->returned |= bit;
		(void)give_back(s, p, n);
	}
}

/* --- stamps --- */

void
routing_init(struct mesh_site *s)
{
	rate_init(&s->stamping, STAMPS_PER_S, STAMPS_PER_S, s->now.ms);
}

static bool
is_stamped(const struct record *r)
{
	return r->at.lane == LANE_LIVE &&
	    (r->type == LIVE_ECHO || r->type == LIVE_ECHO_REPLY ||
		r->type == LIVE_TRACE);
}

/* Beside a trail that may still grow to its full length. */
static bool
has_room(const struct envelope_hop *next)
{
	struct envelope_hop full = *next;
	full.hops = UINT8_MAX;
	full.age_ms = UINT32_MAX;
	full.trail.len = FLOOD_TRAIL_MAX;
	full.stamps.len += MESSAGE_STAMP;
	return envelope_push_bytes(&full) <= PARCEL_MAX;
}

void
routing_stamp(struct mesh_site *s, const struct record *r, const struct neighbour *from,
    struct envelope_hop *next, struct bytes_out *room)
{
	struct stamps_chain chain;
	struct stamps_signer by = { s->identity.seed, &s->identity.key };
	struct stamp ours = { s->tag, peers_at(&s->peers, from->peer)->tag,
		inside_us(s), 0 };
	if (!is_stamped(r) || next->stamps.len + MESSAGE_STAMP > room->cap ||
	    !has_room(next) || !rate_take(&s->stamping, 1, s->now.ms))
		return;
	stamps_begin(&chain, s->network.id, r->core);
	stamps_follow(&chain, next->stamps);
	bytes_put_view(room, next->stamps);
	stamps_append(&chain, &by, &ours, room);
	next->stamps = bytes_written(room);
}
