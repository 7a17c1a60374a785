#include "inside_own.h"
#include "inside_travel.h"
#include "inside_trust.h"

/* PROTOCOL.md 10: FORK is flooded once, and who was away missed it.  So the two records
 * of a fork are kept while its lane is frozen, also on the disk, and shown to each new
 * neighbour under a signature of our own, which carries one hop.  Who learns it that
 * way shows it to its own neighbours.  What fits no datagram is not kept. */

void
proofs_keep(struct mesh_site *s, const struct mesh_position *at, struct bytes_view body)
{
	if (body.len > INSIDE_PROOF_BYTES || proofs_of(s, at).len > 0)
		return;
	struct fork_proof *p = &s->proofs[s->proof_next++ % INSIDE_PROOFS];
	p->at = *at;
	p->len = (uint16_t)body.len;
	memcpy(p->bytes, body.ptr, body.len);
}

static bool
is_about(const struct fork_proof *p, const struct mesh_position *at)
{
	return p->at.seq == at->seq && p->at.lane == at->lane &&
	    p->at.epoch == at->epoch &&
	    memcmp(&p->at.origin, &at->origin, sizeof at->origin) == 0;
}

struct bytes_view
proofs_of(const struct mesh_site *s, const struct mesh_position *at)
{
	for (const struct fork_proof *p = s->proofs; p < s->proofs + INSIDE_PROOFS; p++)
		if (p->at.seq != 0 && is_about(p, at))
			return bytes_view(p->bytes, p->len);
	return bytes_view(NULL, 0);
}

/* The lane is frozen, and its origin has not begun anew. */
static bool
holds(const struct mesh_site *s, const struct fork_proof *p)
{
	return p->at.seq != 0 && twins_frozen(&s->twins, &p->at) &&
	    holdings_epoch(&s->holdings, &p->at.origin) <= p->at.epoch;
}

static struct handle
sign(struct mesh_site *s, struct bytes_view body)
{
	uint8_t bytes[ENVELOPE_PLAIN_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct mesh_draft d = { LANE_LIVE, LIVE_FORK, 1, NULL, body };
	struct record r;
	struct bundle b;
	if (!spread_has_room(s) || append_signed(s, &d, &r, &out) != MESH_OK ||
	    bundle_read(bytes_written(&out), &b) != MESH_OK)
		return (struct handle){ 0, 0 };
	return append_parcel(s, &b, &r);
}

bool
proofs_tell(struct mesh_site *s, struct neighbour *n)
{
	for (struct fork_proof *p = s->proofs; p < s->proofs + INSIDE_PROOFS; p++) {
		if (!holds(s, p))
			continue;
		struct handle parcel = sign(s, bytes_view(p->bytes, p->len));
		if (parcel.generation == 0)
			return false;
		(void)spread_put(s, n, parcel);
		parcel_release(&s->parcels, parcel);
	}
	return true;
}

void
proofs_pass_on(struct mesh_site *s, struct bytes_view body)
{
	struct handle parcel = sign(s, body);
	spread_flood(s, parcel, BRANCH_NONE, NULL);
	parcel_release(&s->parcels, parcel);
}
