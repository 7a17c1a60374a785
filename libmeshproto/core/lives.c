#include "id.h"
#include "inside_own.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "seal.h"
#include "wire.h"

/* PROTOCOL.md 10: two lives of one key.  Whoever calls with an older boot is refused,
 * and would never learn why: all that the newer life says comes from a site with which
 * it has no session.  So it is shown what the newer one signed, once per handshake. */

/* The proof of a life whose list of links is not known: a site that writes nothing any
 * more tells of itself by REFUTE alone. */
void
lives_note(struct mesh_site *s, const struct apply_record *in)
{
	const struct record *r = in->record;
	const struct parcel *p = parcel_at(&s->parcels, in->parcel);
	struct life *one = s->lives;
	if (p == NULL || r->at.epoch <= s->reach.sites[in->origin.index].boot)
		return;
	struct bytes_view bundle = parcel_bundle(p);
	while (one < s->lives + INSIDE_LIVES && !key_equal(&one->key, &r->at.origin))
		one++;
	if (one == s->lives + INSIDE_LIVES)
		one = &s->lives[s->life_next++ % INSIDE_LIVES];
	if (bundle.len > sizeof one->bytes)
		return;
	*one = (struct life){ .key = r->at.origin, .boot = r->at.epoch };
	one->len = (uint16_t)bundle.len;
	memcpy(one->bytes, bundle.ptr, bundle.len);
}

/* The newest signed word of that site; empty: nothing that is newer than `boot`. */
static struct bytes_view
newest(const struct mesh_site *s, const struct mesh_key *key, uint64_t boot)
{
	struct bytes_view said = { NULL, 0 };
	struct handle row = peers_find(&s->peers, key);
	if (row.generation != 0 && s->reach.sites[row.index].boot > boot) {
		said = reach_kept(&s->reach, row.index);
		boot = s->reach.sites[row.index].boot;
	}
	for (const struct life *one = s->lives; one < s->lives + INSIDE_LIVES; one++)
		if (key_equal(&one->key, key) && one->boot > boot)
			said = bytes_view(one->bytes, one->len);
	return said;
}

static bool
put_frames(struct bytes_view said, struct bytes_out *plain)
{
	struct envelope_hop hop = { .bundle = said };
	struct frame_close close = { CLOSE_REPLACED };
	return envelope_put_push(plain, &hop) == MESH_OK &&
	    wire_encode_numbered(&frame_close_table, FRAME_CLOSE, &close, plain) ==
	    MESH_OK;
}

/* The session exists for this one datagram, and only on the other side. */
void
lives_show(struct mesh_site *s, const struct session_start *start)
{
	struct session session = { .path = start->path,
		.sid_remote = start->sid_remote };
	uint8_t datagram[ENVELOPE_MAX];
	struct bytes_out plain = bytes_out(
	    datagram + ENVELOPE_DATA_HEAD, ENVELOPE_PLAIN_MAX);
	struct bytes_view said = newest(s, &start->peer.key, start->peer.boot);
	uint32_t counter;
	if (said.len == 0 || !put_frames(said, &plain))
		return;
	memcpy(session.send, start->send, sizeof session.send);
	size_t len = session_seal(&session, datagram, plain.len, &counter);
	seal_wipe(&session, sizeof session);
	if (len > 0)
		emit_urgent(s, &start->path, bytes_view(datagram, len));
}

/* Two that began in the same second: neither is the older one, so neither is refused.
 */
bool
lives_differ(const struct mesh_site *s, const struct neighbour *n)
{
	const struct session *session = session_at(&s->sessions, n->session);
	struct state_links_put put;
	struct bundle b;
	struct record r;
	uint64_t block[REACH_LINKS * sizeof(struct message_bytes) / 4];
	struct arena lists = arena_init(block, sizeof block);
	return bundle_read(reach_kept(&s->reach, n->peer.index), &b) == MESH_OK &&
	    bundle_record(&b, 0, &r) == MESH_OK &&
	    wire_decode(&state_links_put_table, r.body, &put, &lists) == MESH_OK &&
	    put.links.boot == session->peer.boot &&
	    memcmp(put.links.boot_id.ptr, session->peer.boot_id,
		sizeof session->peer.boot_id) != 0;
}

/* Ours, above every other that we know of: so that the other body hears of us as we
 * heard of it. */
void
lives_say(struct mesh_site *s)
{
	struct live_boot body = { s->boot };
	append_live(s, LIVE_REFUTE, &live_boot_table, &body);
}

void
lives_refute(struct mesh_site *s)
{
	if (s->now.ms < s->refuted_ms)
		return;
	s->refuted_ms = s->now.ms + SUSPECT_REFUTE_GAP_MS;
	s->refute_due = false;
	lives_say(s);
}

/* Several who came at once hear it once; the next tick is never far. */
void
lives_tick(struct mesh_site *s)
{
	if (s->refute_due)
		lives_refute(s);
}
