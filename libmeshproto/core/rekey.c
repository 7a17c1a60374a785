/* rekey.c - the network's key is replaced: NETKEY_ASK, NETKEY, and the moment.
 *
 * An admin's record names the next key by its hash; the key itself goes from neighbour
 * to neighbour inside sessions.  Until its moment it is only understood; then it is
 * sent with, and the one before is understood for a week.  Somebody who sends with it
 * already is as good as a clock.  What the site understands follows the network file,
 * once that is written.  Floor 4.  Pure.  Source: PROTOCOL.md 12. */
#include "inside_events.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "seal.h"
#include "wire.h"

enum { ASK_MS = 500, FILE_RETRY_MS = 10 * 1000 };
#define CLOCK_IS_PLAUSIBLE 1700000000000 /* unix_ms: late 2023 */

static void
hash_of(const uint8_t key[static 32], uint8_t out[static 32])
{
	mesh_hash(key, 32, out);
}

static bool
is_named(const uint8_t key[static 32], const uint8_t hash[static 32])
{
	uint8_t is[SEAL_HASH];
	hash_of(key, is);
	return memcmp(is, hash, sizeof is) == 0;
}

static void
write_file(struct mesh_site *s)
{
	s->rekey.file_due = true;
	s->rekey.file_after = s->now.ms;
}

/* --- learning it --- */

static void
tell_key(struct mesh_site *s, struct neighbour *n, const uint8_t key[static 32],
    uint64_t after_ms)
{
	struct frame_netkey frame = { bytes_view(key, 32), after_ms };
	if (peering_is_open(s, n) && n->closing == 0 && !n->left)
		spread_frame(s, n, FRAME_NETKEY, &frame_netkey_table, &frame);
}

static void
tell_all(struct mesh_site *s)
{
	struct neighbour *n;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		tell_key(s, n, s->network.next, s->network.next_after_ms);
}

static void
offer(struct mesh_site *s, const uint8_t key[static 32], uint64_t after_ms)
{
	if (!mesh_network_offer(&s->network, key, after_ms))
		return;
	s->rekey.wants = false;
	write_file(s);
	tell_all(s);
}

void
rekey_draw(struct mesh_site *s, const uint8_t key[static 32])
{
	memcpy(s->rekey.drawn, key, sizeof s->rekey.drawn);
	s->rekey.has_drawn = true;
}

static void
forget_drawn(struct mesh_site *s)
{
	seal_wipe(s->rekey.drawn, sizeof s->rekey.drawn);
	s->rekey.has_drawn = false;
}

void
rekey_settle(struct mesh_site *s)
{
	const struct mesh_network *n = &s->network;
	const struct clause *c = charter_netkey(&s->charter);
	s->rekey.wants = false;
	if (c == NULL || is_named(n->key, c->subject.bytes) ||
	    (n->has_previous && is_named(n->previous, c->subject.bytes)) ||
	    (n->has_next && is_named(n->next, c->subject.bytes)))
		return;
	memcpy(s->rekey.wanted, c->subject.bytes, sizeof s->rekey.wanted);
	s->rekey.after_ms = c->until_ms;
	s->rekey.wants = true;
	s->rekey.ask_ms = s->now.ms;
	if (s->rekey.has_drawn && is_named(s->rekey.drawn, s->rekey.wanted)) {
		offer(s, s->rekey.drawn, c->until_ms);
		forget_drawn(s);
	}
}

enum apply_verdict
rekey_on_ask(struct mesh_site *s, const struct apply_input *in)
{
	const struct mesh_network *n = &s->network;
	struct frame_netkey_ask ask;
	if (wire_decode_numbered(
		&frame_netkey_ask_table, in->frame->bytes, &ask, NULL) != MESH_OK)
		return APPLY_BAD;
	if (ask.hash.ptr == NULL || is_named(n->key, ask.hash.ptr))
		tell_key(s, in->n, n->key, 0);
	else if (n->has_next && is_named(n->next, ask.hash.ptr))
		tell_key(s, in->n, n->next, n->next_after_ms);
	return APPLY_DONE;
}

/* Only what an admin named is taken, from whomever. */
enum apply_verdict
rekey_on_key(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_netkey frame;
	if (wire_decode_numbered(&frame_netkey_table, in->frame->bytes, &frame, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	if (s->rekey.wants && is_named(frame.key.ptr, s->rekey.wanted))
		offer(s, frame.key.ptr, s->rekey.after_ms);
	return APPLY_DONE;
}

/* The neighbours in turn, until one has it. */
static void
ask_next(struct mesh_site *s)
{
	struct frame_netkey_ask ask = { bytes_view(
	    s->rekey.wanted, sizeof s->rekey.wanted) };
	struct neighbour *n = peering_walk(s, &s->rekey.cursor);
	s->rekey.ask_ms = s->now.ms + ASK_MS;
	if (n == NULL) {
		s->rekey.cursor = 0;
		n = peering_walk(s, &s->rekey.cursor);
	}
	s->rekey.cursor++;
	if (n != NULL && peering_is_open(s, n))
		spread_frame(s, n, FRAME_NETKEY_ASK, &frame_netkey_ask_table, &ask);
}

/* --- using it --- */

static void
turn(struct mesh_site *s)
{
	if (!mesh_network_turn(&s->network, s->now.unix_ms))
		return;
	write_file(s);
	events_notice(s, NOTICE_REKEYED, &s->identity.key);
}

void
rekey_heard(struct mesh_site *s, const uint8_t hint[static 4])
{
	const struct keyring *r = &s->ring;
	if (r->has[NETKEY_NEXT] && keyring_find(r, hint) == &r->keys[NETKEY_NEXT])
		turn(s);
}

void
rekey_tick(struct mesh_site *s)
{
	const struct mesh_network *n = &s->network;
	bool clock = s->now.unix_ms > CLOCK_IS_PLAUSIBLE;
	if (s->rekey.wants && s->rekey.ask_ms <= s->now.ms)
		ask_next(s);
	if (clock && n->has_next && (uint64_t)s->now.unix_ms >= n->next_after_ms)
		turn(s);
	if (clock && mesh_network_forget(&s->network, s->now.unix_ms))
		write_file(s);
}

mesh_time_ms
rekey_deadline(const struct mesh_site *s)
{
	const struct mesh_network *n = &s->network;
	mesh_time_ms at = s->rekey.wants ? s->rekey.ask_ms : MESH_NEVER;
	if (s->rekey.file_due && !s->rekey.file_under_way && s->rekey.file_after < at)
		at = s->rekey.file_after;
	if (!n->has_next || s->now.unix_ms <= CLOCK_IS_PLAUSIBLE)
		return at;
	uint64_t now = (uint64_t)s->now.unix_ms;
	mesh_time_ms due = s->now.ms +
	    (n->next_after_ms > now ? n->next_after_ms - now : 0);
	return due < at ? due : at;
}

/* --- the file --- */

bool
rekey_next_file(struct mesh_site *s, struct bytes_out *file)
{
	if (!s->rekey.file_due || s->rekey.file_under_way ||
	    s->rekey.file_after > s->now.ms)
		return false;
	s->rekey.file_due = false;
	s->rekey.file_under_way = true;
	s->rekey.written = s->network;
	mesh_network_write(&s->network, file);
	return true;
}

void
rekey_file_kept(struct mesh_site *s, enum mesh_err err)
{
	struct handshake_door door;
	s->rekey.file_under_way = false;
	if (err != MESH_OK) {
		s->rekey.file_due = true;
		s->rekey.file_after = s->now.ms + FILE_RETRY_MS;
		return;
	}
	keyring_of(&s->rekey.written, &s->ring);
	guests_member_door(s, &s->ring.keys[NETKEY_CURRENT], &door);
	handshake_rekey(&s->handshake, &door);
	seal_wipe(&door, sizeof door);
}
