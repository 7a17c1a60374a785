#include "inside_peers.h"
#include "inside_travel.h"
#include "wire.h"

/* The trees along which P1 records travel, one per origin: PROTOCOL.md 8. */

/* A copy that left its origin longer ago is no news on its way: somebody tells a new
 * neighbour what it missed. */
enum { LIVE_COPY_MS = 1000 };

/* So many copies are put up with, on average, before their bringer is asked to stop:
 * who says something once an hour needs no tree, and all of a thousand sites that start
 * at once would ask for a thousand trees. */
enum { PATIENCE = 2 };

static uint32_t
own_row(const struct mesh_site *s)
{
	return s->limits.peers; /* the row behind all others' */
}

uint32_t
branch_row(const struct mesh_site *s, const struct mesh_key *origin)
{
	if (inside_is_us(s, origin))
		return own_row(s);
	struct handle h = peers_find(&s->peers, origin);
	return h.generation != 0 ? h.index : BRANCH_NONE;
}

static uint32_t
row_of_oid(const struct mesh_site *s, struct bytes_view oid)
{
	uint32_t row;
	if (memcmp(oid.ptr, s->oid, sizeof s->oid) == 0)
		return own_row(s);
	return reach_find(&s->reach, oid.ptr, &row) ? row : BRANCH_NONE;
}

static unsigned
bit_of(const struct mesh_site *s, const struct neighbour *n)
{
	return peers_at(&s->peers, n->peer)->neighbour.index;
}

static void
ask(struct mesh_site *s, struct neighbour *n, uint32_t row, bool spare)
{
	const struct peer *p = row != own_row(s)
	    ? peers_walk(&s->peers, &(uint32_t){ row })
	    : NULL;
	const uint8_t *oid = p != NULL ? p->oid : s->oid;
	uint8_t bytes[32];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct frame_prune frame = { bytes_view(oid, sizeof s->oid), spare };
	if (!peering_can(s, n, FEATURE_REPAIR) ||
	    wire_encode_numbered(&frame_prune_table, FRAME_PRUNE, &frame, &out) !=
		MESH_OK)
		return;
	struct handle parcel = parcel_of_frame(
	    &s->parcels, PARCEL_P1, PARCEL_ACKED, bytes_written(&out), s->now.ms);
	(void)spread_put(s, n, parcel);
	parcel_release(&s->parcels, parcel);
}

bool
branch_wants(const struct mesh_site *s, uint32_t row, const struct neighbour *n)
{
	return !prune_spares(&s->prune, row, bit_of(s, n), s->now.ms);
}

void
branch_told(
    struct mesh_site *s, const struct neighbour *n, struct bytes_view oid, bool spare)
{
	prune_told(&s->prune, row_of_oid(s, oid), bit_of(s, n), spare, s->now.ms);
}

/* Live records are flooded whatever their class: no repair brings them. */
static bool
is_tree(enum mesh_lane lane)
{
	return lane >= LANE_STATE;
}

uint32_t
branch_of(const struct mesh_site *s, const struct record *r)
{
	return is_tree(r->at.lane) ? branch_row(s, &r->at.origin) : BRANCH_NONE;
}

void
branch_news(struct mesh_site *s, const struct neighbour *n, const struct record *r)
{
	if (is_tree(r->at.lane))
		prune_news(
		    &s->prune, branch_row(s, &r->at.origin), bit_of(s, n), s->now.ms);
}

/* Who wrote it is no way around: to a site that was just started others repeat what he
 * said, and came before him (DECISIONS/0461).  If he were asked to stop, nobody behind
 * us would hear of him until the word ends or rows are compared, which a full disk
 * prevents. */
static bool
is_its_own(const struct mesh_site *s, const struct neighbour *n,
    const struct mesh_position *at)
{
	const struct peer *p = peers_at(&s->peers, n->peer);
	return p != NULL && memcmp(&p->key, &at->origin, sizeof at->origin) == 0;
}

/* A tree that fails shows by what is pulled; with a store that takes nothing nothing
 * is, and the second way is all that we have. */
static bool
is_mended(const struct mesh_site *s)
{
	return s->now.ms >= s->refused_ms;
}

void
branch_copy(struct mesh_site *s, struct neighbour *n, const struct mesh_position *at,
    uint32_t age_ms)
{
	if (!is_tree(at->lane) || age_ms > LIVE_COPY_MS || !is_mended(s) ||
	    inside_dice(s) % PATIENCE != 0 || is_its_own(s, n, at))
		return;
	uint32_t row = branch_row(s, &at->origin);
	if (prune_copy(&s->prune, row, bit_of(s, n), s->now.ms))
		ask(s, n, row, true);
}

void
branch_end(struct mesh_site *s, uint32_t row)
{
	struct neighbour *n;
	uint64_t asked = prune_end(&s->prune, row);
	for (uint32_t i = 0; asked != 0 && (n = peering_walk(s, &i)) != NULL; i++)
		if (i < PRUNE_LINKS && (asked >> i & 1) != 0)
			ask(s, n, row, false);
}

void
branch_distrust(struct mesh_site *s)
{
	for (uint32_t row = 0; row < s->limits.peers && is_mended(s); row++)
		if (s->prune.rows[row].asked != 0)
			branch_end(s, row);
}

void
branch_lost(struct mesh_site *s, const struct neighbour *n)
{
	unsigned bit = bit_of(s, n);
	for (uint32_t row = 0; row < s->limits.peers; row++)
		if (prune_is_parent(&s->prune, row, bit))
			branch_end(s, row);
	prune_forget_link(&s->prune, bit);
}
