/* certs.c - an authority admits: certificates shown, looked at, and running out.
 *
 * Who says in the handshake that it has a certificate gets a session that waits for it
 * (SESSION_SHOWING): it carries CERT and CLOSE, and ends by itself.  The responder
 * shows first, for HS3 is repeated until something comes; whoever is let in shows its
 * own in the session that then stands, until it is acknowledged.  Each site also writes
 * its certificate to its control lane, so that those who never meet it let its records
 * in. What is certified is remembered by the key alone: a certificate is as good from
 * anybody's hand.  Docs: DECISIONS/0210.  Floor 4.  Pure.  Source: PROTOCOL.md 12. */
#include "id.h"
#include "inside_events.h"
#include "inside_logs.h"
#include "inside_own.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "inside_trust.h"
#include "seal.h"
#include "wire.h"

enum {
	LOOK_MAX_MS = 60 * 1000,
	RETRY_MS = 1000,
	AGAIN_MS = 200,
	WARN_S = 14 * 24 * 3600
};

static bool
governs(const struct mesh_site *s)
{
	return s->admit.mode == ADMISSION_CA;
}

static struct bytes_view
own(const struct mesh_site *s)
{
	return bytes_view(s->papers.own, s->papers.own_len);
}

static void
take_own(struct mesh_site *s, struct bytes_view certificate, struct introduce *told)
{
	s->papers.own_len = (uint16_t)certificate.len;
	if (certificate.len == 0)
		return;
	memcpy(s->papers.own, certificate.ptr, certificate.len);
	seal_hash(own(s), told->cert_hash);
	told->has_cert = true;
	s->papers.written = false;
}

void
certs_start(struct mesh_site *s, const struct mesh_params *p, struct introduce *told)
{
	s->papers.look_ms = MESH_NEVER;
	s->papers.written = true;
	if (p->admission != ADMISSION_CA)
		return;
	s->papers.look_ms = s->now.ms;
	s->papers.authority = *p->authority;
	take_own(s, p->certificate, told);
}

uint32_t
certs_until_s(const struct mesh_site *s)
{
	struct mesh_certificate c;
	return mesh_certificate_read(own(s), &c) == MESH_OK ? c.until_s : 0;
}

/* Another authority is asked now: what the former said is over. */
void
certs_load(struct mesh_site *s, const struct mesh_key *key, struct bytes_view by,
    uint32_t from_s, uint32_t until_s)
{
	const struct mesh_key *authority = &s->papers.authority;
	if (!governs(s) ||
	    !bytes_equal(by, bytes_view(authority->bytes, sizeof authority->bytes)))
		return;
	enum mesh_err err = admit_certified(&s->admit, key, from_s, until_s);
	(void)err; /* full: unknown like any newcomer */
}

/* --- what a certificate is worth --- */

static enum mesh_peer_reason
time_of(const struct mesh_site *s, const struct mesh_certificate *c)
{
	uint64_t now = s->admit.now_s;
	if (now == 0)
		return REASON_NONE;
	return now < c->from_s ? REASON_EARLY
	    : now > c->until_s ? REASON_EXPIRED
			       : REASON_NONE;
}

enum mesh_certified
certs_standing(const struct mesh_site *s)
{
	struct mesh_certificate c;
	if (!governs(s))
		return CERTIFIED_NOT_ASKED;
	if (mesh_certificate_read(own(s), &c) != MESH_OK)
		return CERTIFIED_MISSING;
	enum mesh_peer_reason why = time_of(s, &c);
	if (why != REASON_NONE)
		return why == REASON_EARLY ? CERTIFIED_EARLY : CERTIFIED_OVER;
	uint64_t left = c.until_s - s->admit.now_s, life = c.until_s - c.from_s;
	bool ends = s->admit.now_s > 0 && left < WARN_S && left < life / 4;
	return ends ? CERTIFIED_ENDING : CERTIFIED_HOLDS;
}

static void
keep(struct mesh_site *s, const struct mesh_key *key)
{
	struct peer *p = peers_at(&s->peers, peers_find(&s->peers, key));
	peers_admitted(&s->peers, key);
	if (p == NULL)
		return; /* its row comes with what it says: peering_row */
	p->unkept = true;
	kept_news(s, p);
}

/* REASON_NONE: `key` is in by it.  One that is over is remembered, too: what its site
 * said stays. */
static enum mesh_peer_reason
note(struct mesh_site *s, const struct mesh_key *key, struct bytes_view bytes)
{
	struct mesh_certificate c;
	enum mesh_peer_reason why = REASON_FOREIGN;
	if (mesh_certificate_check(bytes, &s->papers.authority, s->network.id, &c) ==
		MESH_OK &&
	    key_equal(&c.site, key))
		why = time_of(s, &c);
	bool stays = why == REASON_NONE || why == REASON_EXPIRED;
	uint32_t until_s = admit_until(&s->admit, key);
	if (stays && admit_certified(&s->admit, key, c.from_s, c.until_s) != MESH_OK)
		why = REASON_BLOCKED;
	if (why != REASON_NONE) {
		inside_count(s, COUNT_TRUST_CERT_REFUSED);
		return why;
	}
	if (admit_until(&s->admit, key) != until_s) {
		inside_count(s, COUNT_TRUST_CERT_IN);
		keep(s, key);
		s->papers.look_ms = s->now.ms;
	}
	return why;
}

/* --- shown in a session --- */

static bool
put_frame(const struct mesh_site *s, struct bytes_out *out)
{
	struct frame_cert frame = { own(s) };
	return s->papers.own_len > 0 &&
	    wire_encode_numbered(&frame_cert_table, FRAME_CERT, &frame, out) == MESH_OK;
}

/* In a session that is not a neighbour's yet. */
static void
show_once(struct mesh_site *s, struct handle session)
{
	struct session *one = session_at(&s->sessions, session);
	uint8_t datagram[ENVELOPE_MAX];
	struct bytes_out plain = bytes_out(
	    datagram + ENVELOPE_DATA_HEAD, ENVELOPE_PLAIN_MAX);
	uint32_t counter;
	if (!put_frame(s, &plain))
		return;
	size_t len = session_seal(one, datagram, plain.len, &counter);
	if (len > 0)
		emit_urgent(s, &one->path, bytes_view(datagram, len));
}

void
certs_show(struct mesh_site *s, struct neighbour *n)
{
	uint8_t bytes[MESSAGE_CERT_MAX + 8];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	if (!put_frame(s, &out))
		return;
	struct handle parcel = parcel_of_frame(
	    &s->parcels, PARCEL_P0, PARCEL_ACKED, bytes_written(&out), s->now.ms);
	(void)spread_put(s, n, parcel);
	parcel_release(&s->parcels, parcel);
}

void
certs_met(struct mesh_site *s, const struct session_start *start)
{
	struct session_start waits = *start;
	waits.door.purpose = SESSION_SHOWING;
	struct handle h = session_receive_guest(&s->sessions, &waits, s->now.ms);
	seal_wipe(&waits, sizeof waits);
	if (h.generation == 0)
		inside_count(s, COUNT_SHED_SESSION);
	else if (start->role == NOISE_RESPONDER)
		show_once(s, h);
}

void
certs_again(struct mesh_site *s, uint32_t sid_local)
{
	struct handle h = session_showing(&s->sessions, sid_local);
	if (h.generation == 0 || s->now.ms < s->cert_again_ms)
		return; /* whoever saw the sid can make it up */
	s->cert_again_ms = s->now.ms + AGAIN_MS;
	show_once(s, h);
}

static void
on_close(struct mesh_site *s, struct handle session, const struct envelope_frame *f)
{
	struct frame_close close;
	const struct session *one = session_at(&s->sessions, session);
	if (wire_decode_numbered(&frame_close_table, f->bytes, &close, NULL) != MESH_OK)
		return;
	certs_refused(s, &one->peer.key, close.reason);
	session_remove(&s->sessions, session);
}

void
certs_refused(struct mesh_site *s, const struct mesh_key *by, uint8_t reason)
{
	static const enum mesh_notice notices[] = {
		[CLOSE_CERT_FOREIGN] = NOTICE_CERT_FOREIGN,
		[CLOSE_CERT_EARLY] = NOTICE_CERT_EARLY,
		[CLOSE_CERT_EXPIRED] = NOTICE_CERT_EXPIRED,
	};
	if (reason < LENGTH(notices) && notices[reason] != 0)
		events_notice(s, notices[reason], by);
}

static void
refuse(struct mesh_site *s, struct handle session, const struct mesh_path *from,
    enum mesh_peer_reason why)
{
	const struct session *one = session_at(&s->sessions, session);
	struct peers_candidate who = { *from, one->peer.key, why };
	uint8_t reason = why == REASON_EARLY ? CLOSE_CERT_EARLY
	    : why == REASON_EXPIRED          ? CLOSE_CERT_EXPIRED
					     : CLOSE_CERT_FOREIGN;
	if (peers_candidate(&s->peers, &who, s->now.ms))
		events_notice(s, NOTICE_STRANGER, &who.key);
	emit_close(s, session, reason);
	session_close(&s->sessions, session, reason, s->now.ms);
}

/* The first of its frames that this session is for. */
static bool
find_frame(struct bytes_view plain, struct envelope_frame *frame)
{
	struct bytes_in left = bytes_in(plain);
	enum mesh_err err = MESH_OK;
	while (envelope_next_frame(&left, frame, &err))
		if (frame->number == FRAME_CERT || frame->number == FRAME_CLOSE)
			return true;
	return false;
}

bool
certs_data(
    struct mesh_site *s, struct session_opened *got, const struct mesh_path *from)
{
	const struct session *one = session_at(&s->sessions, got->session);
	struct envelope_frame frame;
	struct frame_cert cert;
	if (got->first)
		handshake_settled(&s->handshake, one->sid_local);
	if (one->closed != 0 || !find_frame(got->plain, &frame)) {
		inside_count(s, COUNT_TRUST_CERT_AWAITED);
		return false;
	}
	if (frame.number == FRAME_CLOSE) {
		inside_count(s, COUNT_RX_TAKEN);
		on_close(s, got->session, &frame);
		return false;
	}
	if (wire_decode_numbered(&frame_cert_table, frame.bytes, &cert, NULL) !=
	    MESH_OK) {
		inside_count(s, COUNT_RX_SHAPE);
		return false;
	}
	enum mesh_peer_reason why = note(s, &one->peer.key, cert.bytes);
	if (why != REASON_NONE) {
		refuse(s, got->session, from, why);
		return false;
	}
	got->session = peering_certified(s, got->session);
	return got->session.generation != 0;
}

/* In a member's session: a newer one, or the one that we have. */
enum apply_verdict
certs_on_frame(struct mesh_site *s, const struct apply_input *in)
{
	const struct session *session = session_at(&s->sessions, in->session);
	struct frame_cert cert;
	if (wire_decode_numbered(&frame_cert_table, in->frame->bytes, &cert, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	if (governs(s) && judge_has_time(s, JUDGE_RECORD))
		(void)note(s, &session->peer.key, cert.bytes);
	return APPLY_DONE;
}

/* --- heard of --- */

bool
certs_would_look(const struct mesh_site *s, const struct mesh_key *key)
{
	return admit_may_show(&s->admit, key) && !admit_would(&s->admit, key) &&
	    s->papers.own_len > 0;
}

void
certs_look(
    struct mesh_site *s, const struct mesh_path *from, const struct mesh_key *key)
{
	leads_candidate(s, from, key);
}

/* --- in the control lane --- */

static bool
read_cert(const struct record *r, struct control_cert *out)
{
	static const char key[] = MESSAGE_CERT_KEY;
	struct bytes_view its;
	return r->at.lane == LANE_CONTROL && record_key(r, &its) &&
	    bytes_equal(its, bytes_view(key, sizeof key - 1)) &&
	    wire_decode(&control_cert_table, r->body, out, NULL) == MESH_OK;
}

bool
certs_take(struct mesh_site *s, const struct record *r)
{
	struct control_cert cert;
	if (!governs(s) || !read_cert(r, &cert))
		return false;
	(void)note(s, &r->at.origin, cert.bytes);
	return true;
}

bool
certs_is_shown(struct mesh_site *s, const struct record *r)
{
	struct control_cert cert;
	return admit_may_show(&s->admit, &r->at.origin) && read_cert(r, &cert) &&
	    judge_has_time(s, JUDGE_RECORD) &&
	    note(s, &r->at.origin, cert.bytes) == REASON_NONE;
}

static void
write_own(struct mesh_site *s)
{
	static const char key[] = MESSAGE_CERT_KEY;
	uint8_t room[MESSAGE_CERT_MAX + 32];
	struct bytes_out body = bytes_out(room, sizeof room);
	struct control_cert cert = { bytes_view(key, sizeof key - 1), own(s) };
	struct mesh_draft d = { LANE_CONTROL, RECORD_PUT, 0, NULL, { NULL, 0 } };
	uint64_t seq;
	if (wire_encode(&control_cert_table, &cert, &body) != MESH_OK)
		return;
	d.body = bytes_written(&body);
	s->papers.written = append_record(s, &d, &seq) == MESH_OK;
}

void
certs_anew(struct mesh_site *s)
{
	if (!governs(s) || s->papers.own_len == 0)
		return;
	s->papers.written = false;
	s->papers.look_ms = s->now.ms;
}

/* --- renewed --- */

/* Those who put us out when the former one ended are asked at once. */
static void
call_again(struct mesh_site *s)
{
	struct peer *p;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++) {
		if (p->neighbour.generation != 0)
			continue;
		p->dial_count = 0;
		p->dial_ms = s->now.ms;
	}
	s->dial_ms = s->now.ms;
}

enum mesh_err
mesh_site_certificate(
    struct mesh_site *site, struct bytes_view certificate, struct mesh_now now)
{
	struct mesh_certificate c;
	struct neighbour *n;
	inside_enter(site, now);
	if (!governs(site))
		return MESH_DENIED;
	if (certificate.len > sizeof site->papers.own)
		return MESH_MALFORMED;
	enum mesh_err err = mesh_certificate_check(
	    certificate, &site->papers.authority, site->network.id, &c);
	if (err != MESH_OK)
		return err;
	if (!key_equal(&c.site, &site->identity.key) ||
	    time_of(site, &c) != REASON_NONE)
		return MESH_DENIED;
	if (bytes_equal(certificate, own(site)))
		return MESH_OK;
	enum mesh_certified was = certs_standing(site);
	take_own(site, certificate, &site->handshake.self.told);
	site->papers.look_ms = now.ms;
	for (uint32_t i = 0; (n = peering_walk(site, &i)) != NULL; i++)
		certs_show(site, n);
	if (was != CERTIFIED_HOLDS && was != CERTIFIED_ENDING)
		call_again(site);
	return MESH_OK;
}

/* --- time --- */

/* The next end of a certificate, as far as that is near. */
static mesh_time_ms
next_end(const struct mesh_site *s)
{
	const struct peer *p;
	mesh_time_ms at = s->now.ms + LOOK_MAX_MS;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++) {
		uint64_t until = admit_until(&s->admit, &p->key), now = s->admit.now_s;
		if (until >= now && s->now.ms + (until - now + 1) * 1000 < at)
			at = s->now.ms + (until - now + 1) * 1000;
	}
	return at;
}

void
certs_tick(struct mesh_site *s)
{
	if (!governs(s) || s->now.ms < s->papers.look_ms || s->leaving)
		return;
	ruling_sort(s);
	s->papers.look_ms = next_end(s);
	if (!s->papers.written)
		write_own(s);
	if (!s->papers.written)
		s->papers.look_ms = s->now.ms + RETRY_MS;
}

mesh_time_ms
certs_deadline(const struct mesh_site *s)
{
	return s->leaving ? MESH_NEVER : s->papers.look_ms;
}
