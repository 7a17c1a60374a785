#include "inside_peers.h"
#include "inside_travel.h"

/* docs/DECISIONS/0461: what was pushed a moment ago, for a site that was just started
 * and whose link comes a moment later than the record.  Repair would bring it; not
 * through one whose disk is full, who holds nothing that could be asked for.  The list
 * lies in a buffer of its own kind, taken while there is something in it. */

enum {
	RECENT_MS = 3000,
	RECENT_MOST = 128,
	SPARE_PART = 2 /* of the buffers: half of them are not to be held for this */
};
_Static_assert(RECENT_MOST * sizeof(struct handle) <= ENVELOPE_PLAIN_MAX,
    "the list fits a buffer");

static uint8_t *
slot_at(const struct mesh_site *s, uint32_t i)
{
	struct parcel *room = parcel_at(&s->parcels, s->recent.room);
	uint32_t slot = (s->recent.first + i) % RECENT_MOST;
	return &room->bytes[slot * sizeof(struct handle)];
}

static struct handle
parcel_in(const struct mesh_site *s, uint32_t i)
{
	struct handle h;
	memcpy(&h, slot_at(s, i), sizeof h);
	return h;
}

static void
drop_first(struct mesh_site *s)
{
	parcel_release(&s->parcels, parcel_in(s, 0));
	s->recent.first = (s->recent.first + 1) % RECENT_MOST;
	s->recent.count--;
	if (s->recent.count > 0)
		return;
	parcel_release(&s->parcels, s->recent.room);
	s->recent.room = (struct handle){ 0, 0 };
}

static bool
is_over(const struct mesh_site *s, struct handle parcel)
{
	const struct parcel *p = parcel_at(&s->parcels, parcel);
	return p == NULL || s->now.ms >= p->since_ms + RECENT_MS;
}

static bool
is_scarce(const struct mesh_site *s)
{
	return s->parcels.pool.free_count < s->parcels.pool.cap / SPARE_PART;
}

void
recent_tick(struct mesh_site *s)
{
	while (s->recent.count > 0 && (is_scarce(s) || is_over(s, parcel_in(s, 0))))
		drop_first(s);
}

/* Who comes is told of links anyway (spread_news); of all that has keys by the
 * thousand, a record with a hole below it would only have to be asked about. */
static bool
is_worth_it(const struct record *r)
{
	bool checkpoint = record_lane_is_keyed(r->at.lane) &&
	    r->type == RECORD_CHECKPOINT;
	return r->at.lane != LANE_LIVE && r->at.lane != LANE_REGISTRY && !checkpoint &&
	    !reach_is_links(r) && !finding_is_addresses(r);
}

void
recent_note(struct mesh_site *s, const struct record *r, struct handle parcel)
{
	recent_tick(s);
	if (!is_worth_it(r) || is_scarce(s) || parcel_at(&s->parcels, parcel) == NULL)
		return;
	if (s->recent.count == 0)
		s->recent.room = parcel_of_nothing(&s->parcels);
	if (s->recent.room.generation == 0)
		return;
	if (s->recent.count == RECENT_MOST)
		drop_first(s);
	parcel_hold(&s->parcels, parcel);
	memcpy(slot_at(s, s->recent.count++), &parcel, sizeof parcel);
}

void
recent_tell(struct mesh_site *s, struct neighbour *n)
{
	struct peer *p = peers_at(&s->peers, n->peer);
	recent_tick(s);
	if (p->caught_up)
		return;
	p->caught_up = true;
	for (uint32_t i = 0; i < s->recent.count; i++)
		spread_again(s, n, parcel_in(s, i));
}
