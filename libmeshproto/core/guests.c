/* guests.c - invitations: letting somebody in, and being let in.
 *
 * A guest's session is made under a key derived from the token; it carries NETKEY_ASK,
 * NETKEY and CLOSE and nothing else, and ends after ten seconds.  Any member answers:
 * what it needs is in the control lane.  Each answer is noted there first, so that all
 * count the same uses.  Who knocks in vain under the token knocks at the front door now
 * and then, whose key follows from the network's id: behind it one is told that nobody
 * knows the token, and nothing else.  Docs: DECISIONS/0071.  Floor 4.  Pure.  Source:
 * PROTOCOL.md 12. */
#include "id.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "seal.h"
#include "wire.h"

enum {
	KNOCK_MS = 3000,    /* under the token, then */
	FRONT_MS = 1500,    /* at the front door, then again */
	ASK_MS = 300,       /* NETKEY_ASK is repeated */
	PATIENCE_MS = 6000, /* one member may not have heard of the token yet */
	EXPIRE_MS = 1000    /* between looks at what expires */
};

/* --- doors --- */

void
guests_member_door(
    const struct mesh_site *s, const struct netkey *keys, struct handshake_door *out)
{
	*out = (struct handshake_door){ .is.purpose = SESSION_MEMBER };
	memcpy(out->netid, s->network.id, sizeof out->netid);
	memcpy(out->hint, keys->hint, sizeof out->hint);
	memcpy(out->k_hs, keys->hs, sizeof out->k_hs);
	memcpy(out->k_cookie, keys->cookie, sizeof out->k_cookie);
}

static void
door_of(const uint8_t secret[static 32], const uint8_t netid[static 16],
    struct handshake_door *out)
{
	struct netkey keys;
	netkey_derive(secret, &keys);
	memcpy(out->netid, netid, sizeof out->netid);
	memcpy(out->hint, keys.hint, sizeof out->hint);
	memcpy(out->k_hs, keys.hs, sizeof out->k_hs);
	memcpy(out->k_cookie, keys.cookie, sizeof out->k_cookie);
	netkey_wipe(&keys);
}

static void
front_door(const uint8_t netid[static 16], struct handshake_door *out)
{
	static const char label[] = "meshd1 front";
	uint8_t secret[SEAL_HASH];
	const struct bytes_view parts[] = { bytes_view(label, sizeof label - 1),
		bytes_view(netid, 16) };
	seal_hash_parts(parts, LENGTH(parts), secret);
	*out = (struct handshake_door){ .is.purpose = SESSION_UNKNOWN };
	door_of(secret, netid, out);
}

void
guests_start(struct mesh_site *s)
{
	front_door(s->network.id, &s->front);
}

bool
guests_door(
    const struct mesh_site *s, const uint8_t hint[static 4], struct handshake_door *out)
{
	const struct netkey *keys = keyring_find(&s->ring, hint);
	const struct clause *c;
	if (keys != NULL) {
		guests_member_door(s, keys, out);
		return true;
	}
	if (memcmp(hint, s->front.hint, sizeof s->front.hint) == 0) {
		*out = s->front;
		return true;
	}
	c = charter_invite_of_hint(&s->charter, hint);
	if (c == NULL)
		return false;
	*out = (struct handshake_door){ .is.purpose = SESSION_GUEST };
	memcpy(out->is.id, c->id, sizeof out->is.id);
	memcpy(out->is.hint, c->hint, sizeof out->is.hint);
	door_of(c->verifier, s->network.id, out);
	return true;
}

bool
guests_would(struct mesh_site *s, const struct session_start *start)
{
	const struct mesh_key *key = &start->peer.key;
	if (start->door.purpose == SESSION_MEMBER)
		return newcomers_would(s, key, &start->path) ||
		    (start->peer.has_cert && admit_may_show(&s->admit, key));
	if (start->role == NOISE_INITIATOR)
		return s->join.active;
	return seal_is_sound(key->bytes) && charter_revoked(&s->charter, key) == NULL;
}

/* --- answering --- */

static void
send_frame(struct mesh_site *s, struct handle session, uint8_t number,
    const struct field_table *t, const void *frame)
{
	struct session *one = session_at(&s->sessions, session);
	uint8_t datagram[ENVELOPE_MAX];
	struct bytes_out plain = bytes_out(
	    datagram + ENVELOPE_DATA_HEAD, ENVELOPE_PLAIN_MAX);
	uint32_t counter;
	if (wire_encode_numbered(t, number, frame, &plain) != MESH_OK)
		return;
	size_t len = session_seal(one, datagram, plain.len, &counter);
	if (len > 0)
		emit_urgent(s, &one->path, bytes_view(datagram, len));
	seal_wipe(datagram, sizeof datagram);
}

/* 0: it holds for this guest, who has been noted. */
static enum close_reason
judge(struct mesh_site *s, const struct session *guest, bool *later)
{
	const struct mesh_key *key = &guest->peer.key;
	const struct clause *invite = charter_invite_shown(
	    &s->charter, guest->door.id, guest->door.hint);
	bool before, alone = s->admit.mode == ADMISSION_ALLOW_LIST;
	uint64_t seq;
	if (invite == NULL || !invite->on ||
	    charter_revoked(&s->charter, &invite->author) != NULL)
		return CLOSE_INVITE_UNKNOWN;
	uint32_t uses = charter_uses(&s->charter, invite->id, key, &before);
	if (before)
		return 0;
	if (charter_expire(&s->charter, s->now.unix_ms))
		s->clauses_unkept = true;
	if (invite->over)
		return CLOSE_INVITE_EXPIRED;
	if (uses >= invite->uses)
		return CLOSE_INVITE_USED;
	if (alone && !charter_is_admin(&s->charter, &invite->author))
		return CLOSE_REFUSED;
	struct clause use = { .author = s->identity.key,
		.subject = *key,
		.kind = CLAUSE_USE,
		.on = true };
	memcpy(use.id, invite->id, sizeof use.id);
	*later = ruling_say(s, &use, &seq) != MESH_OK;
	if (!*later && charter_put(&s->charter, &use, s->now.unix_ms) == NULL)
		return CLOSE_INVITE_FULL;
	return 0;
}

static void
answer(struct mesh_site *s, struct handle session)
{
	struct session *guest = session_at(&s->sessions, session);
	struct frame_netkey frame = { bytes_view(s->network.key, 32), 0 };
	bool later = false;
	enum close_reason why = guest->door.purpose == SESSION_GUEST
	    ? judge(s, guest, &later)
	    : CLOSE_INVITE_UNKNOWN;
	if (later)
		return; /* no number, no slot: it asks again */
	if (why != 0) {
		inside_count(s, COUNT_TRUST_GUEST_REFUSED);
		emit_close(s, session, why);
		return;
	}
	inside_count(s, COUNT_TRUST_GUEST_IN);
	send_frame(s, session, FRAME_NETKEY, &frame_netkey_table, &frame);
}

/* --- asking --- */

static void
end_join(struct mesh_site *s)
{
	for (size_t i = 0; i < s->join.invite.address_count; i++)
		handshake_cancel(&s->handshake, &s->join.invite.addresses[i]);
	session_remove(&s->sessions, s->join.session);
	mesh_invite_wipe(&s->join.invite);
	seal_wipe(&s->join.door, sizeof s->join.door);
	seal_wipe(&s->join.front, sizeof s->join.front);
	s->join.active = false;
}

static void
tell(struct mesh_site *s, enum mesh_join code)
{
	s->join.outcome = code;
	end_join(s);
}

static void
ask(struct mesh_site *s)
{
	struct frame_netkey_ask frame = { { NULL, 0 } };
	if (session_at(&s->sessions, s->join.session) == NULL)
		return;
	send_frame(
	    s, s->join.session, FRAME_NETKEY_ASK, &frame_netkey_ask_table, &frame);
	s->join.ask_ms = s->now.ms + ASK_MS;
}

/* All addresses anew, through the token's door or the front one. */
static void
knock(struct mesh_site *s)
{
	const struct mesh_invite *v = &s->join.invite;
	uint8_t random[HANDSHAKE_RANDOM];
	s->join.at_front = !s->join.at_front;
	s->join.knock_ms = s->now.ms + (s->join.at_front ? FRONT_MS : KNOCK_MS);
	for (size_t i = 0; i < v->address_count; i++) {
		struct handshake_target target = { v->addresses[i], NULL, s->now.ms, 0,
			s->join.at_front ? &s->join.front : &s->join.door };
		handshake_cancel(&s->handshake, &v->addresses[i]);
		s->random(s->random_ctx, random, sizeof random);
		enum mesh_err err = handshake_call(
		    &s->handshake, &target, random, s->now.ms);
		(void)err; /* full: in the next round */
	}
}

void
mesh_site_join(
    struct mesh_site *site, const struct mesh_invite *invite, struct mesh_now now)
{
	uint8_t verifier[32];
	inside_enter(site, now);
	if (site->join.active)
		end_join(site);
	if (invite == NULL || site->leaving)
		return;
	site->join = (struct joining){ .active = true,
		.at_front = true, /* so that the first knock is at the token's door */
		.invite = *invite,
		.unknown_ms = MESH_NEVER };
	mesh_invite_verifier(invite, verifier);
	site->join.door = (struct handshake_door){ .is.purpose = SESSION_JOINER };
	door_of(verifier, invite->netid, &site->join.door);
	front_door(invite->netid, &site->join.front);
	seal_wipe(verifier, sizeof verifier);
	knock(site);
}

static void
on_refusal(struct mesh_site *s, const struct session *from, enum close_reason why)
{
	/* In the same order as close_reason. */
	static const enum mesh_join said[] = { [CLOSE_REFUSED] = JOIN_REFUSED,
		[CLOSE_INVITE_USED] = JOIN_USED,
		[CLOSE_INVITE_EXPIRED] = JOIN_EXPIRED,
		[CLOSE_INVITE_UNKNOWN] = JOIN_UNKNOWN,
		[CLOSE_INVITE_FULL] = JOIN_REFUSED };
	bool vain = from->door.purpose == SESSION_UNKNOWN;
	if ((size_t)why >= LENGTH(said) || said[why] == 0)
		return;
	if (!vain)
		tell(s, said[why]);
	else if (s->join.unknown_ms == MESH_NEVER)
		s->join.unknown_ms = s->now.ms + PATIENCE_MS;
}

static void
on_key(
    struct mesh_site *s, const struct session *from, const struct frame_netkey *frame)
{
	if (from->door.purpose != SESSION_JOINER || frame->use_after_ms != 0)
		return;
	memcpy(s->join.key, frame->key.ptr, sizeof s->join.key);
	tell(s, JOIN_DONE);
}

/* No deadline of its own: what it is for is not urgent, and beacons wake everybody. */
static void
look_at_the_clock(struct mesh_site *s)
{
	if (s->now.ms < s->expire_ms)
		return;
	s->expire_ms = s->now.ms + EXPIRE_MS;
	if (charter_expire(&s->charter, s->now.unix_ms))
		s->clauses_unkept = true;
}

void
guests_tick(struct mesh_site *s)
{
	look_at_the_clock(s);
	if (!s->join.active)
		return;
	bool meets = session_at(&s->sessions, s->join.session) != NULL;
	if (s->join.unknown_ms <= s->now.ms)
		tell(s, JOIN_UNKNOWN);
	else if (meets && s->join.ask_ms <= s->now.ms)
		ask(s);
	else if (!meets && s->join.knock_ms <= s->now.ms)
		knock(s);
}

mesh_time_ms
guests_deadline(const struct mesh_site *s)
{
	if (!s->join.active)
		return s->join.outcome != 0 ? s->now.ms : MESH_NEVER;
	bool meets = session_at(&s->sessions, s->join.session) != NULL;
	mesh_time_ms at = meets ? s->join.ask_ms : s->join.knock_ms;
	return s->join.unknown_ms < at ? s->join.unknown_ms : at;
}

/* --- sessions --- */

void
guests_met(struct mesh_site *s, const struct session_start *start)
{
	struct handle h = session_receive_guest(&s->sessions, start, s->now.ms);
	if (h.generation == 0)
		return;
	if (start->role == NOISE_RESPONDER)
		return; /* it will ask */
	if (start->door.purpose == SESSION_JOINER) {
		session_remove(&s->sessions, s->join.session);
		s->join.session = h;
		ask(s);
	} else {
		struct frame_netkey_ask frame = { { NULL, 0 } };
		send_frame(s, h, FRAME_NETKEY_ASK, &frame_netkey_ask_table, &frame);
	}
}

static void
take_frame(struct mesh_site *s, struct handle session, const struct envelope_frame *f)
{
	const struct session *one = session_at(&s->sessions, session);
	bool ours = one->role == NOISE_INITIATOR;
	struct frame_netkey_ask asked;
	struct frame_netkey key;
	struct frame_close close;
	if (!ours && f->number == FRAME_NETKEY_ASK &&
	    wire_decode_numbered(&frame_netkey_ask_table, f->bytes, &asked, NULL) ==
		MESH_OK)
		answer(s, session);
	else if (ours && s->join.active && f->number == FRAME_NETKEY &&
	    wire_decode_numbered(&frame_netkey_table, f->bytes, &key, NULL) == MESH_OK)
		on_key(s, one, &key);
	else if (ours && s->join.active && f->number == FRAME_CLOSE &&
	    wire_decode_numbered(&frame_close_table, f->bytes, &close, NULL) == MESH_OK)
		on_refusal(s, one, (enum close_reason)close.reason);
	else
		inside_count(s, COUNT_RX_FRAME_UNKNOWN);
}

void
guests_data(struct mesh_site *s, const struct session_opened *got)
{
	struct bytes_in left = bytes_in(got->plain);
	struct envelope_frame frame;
	enum mesh_err err = MESH_OK;
	const struct session *one = session_at(&s->sessions, got->session);
	if (got->first)
		handshake_settled(&s->handshake, one->sid_local);
	inside_count(s, COUNT_RX_TAKEN);
	while (session_at(&s->sessions, got->session) != NULL &&
	    envelope_next_frame(&left, &frame, &err))
		take_frame(s, got->session, &frame);
}

/* How it went: once, as an event. */
bool
guests_next_join(struct mesh_site *s, struct mesh_event *out)
{
	if (s->join.outcome == 0)
		return false;
	out->kind = MESH_JOIN;
	out->code = s->join.outcome;
	if (s->join.outcome == JOIN_DONE)
		out->key = bytes_view(s->join.key, sizeof s->join.key);
	s->join.outcome = 0;
	return true;
}
