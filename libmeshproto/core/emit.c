#include "inside_peers.h"
#include "inside_travel.h"
#include "wire.h"
#include <assert.h>

/* --- what cannot wait --- */

void
emit_urgent(struct mesh_site *s, const struct mesh_path *to, struct bytes_view datagram)
{
	if (s->urgent_count == INSIDE_URGENT || datagram.len > INSIDE_URGENT_BYTES) {
		inside_count(s, COUNT_TX_ERROR); /* nobody drains us */
		return;
	}
	uint32_t at = (s->urgent_first + s->urgent_count++) % INSIDE_URGENT;
	struct urgent *u = &s->urgent[at];
	u->to = *to;
	u->len = (uint16_t)datagram.len;
	assert(datagram.ptr != NULL);
	memcpy(u->bytes, datagram.ptr, datagram.len);
}

/* One frame, sealed at once: it must go over this very session. */
static struct bytes_view
seal_frame(struct session *session, uint8_t number, const struct field_table *t,
    const void *frame, uint8_t datagram[static ENVELOPE_MAX])
{
	struct bytes_out plain = bytes_out(
	    datagram + ENVELOPE_DATA_HEAD, ENVELOPE_PLAIN_MAX);
	uint32_t counter;
	if (wire_encode_numbered(t, number, frame, &plain) != MESH_OK)
		return bytes_view(NULL, 0);
	return bytes_view(
	    datagram, session_seal(session, datagram, plain.len, &counter));
}

void
emit_close(struct mesh_site *s, struct handle session, enum close_reason reason)
{
	struct session *one = session_at(&s->sessions, session);
	struct frame_close close = { (uint8_t)reason };
	uint8_t bytes[ENVELOPE_MAX];
	if (one == NULL)
		return;
	struct bytes_view sealed = seal_frame(
	    one, FRAME_CLOSE, &frame_close_table, &close, bytes);
	emit_urgent(s, &one->path, sealed);
}

void
emit_path(struct mesh_site *s, struct handle session, enum frame_number frame,
    const struct mesh_path *to, struct bytes_view token)
{
	struct session *one = session_at(&s->sessions, session);
	struct frame_path path = { token };
	uint8_t bytes[ENVELOPE_MAX];
	struct bytes_view sealed = seal_frame(
	    one, (uint8_t)frame, &frame_path_table, &path, bytes);
	emit_urgent(s, to, sealed);
}

static bool
next_urgent(struct mesh_site *s, struct mesh_datagram *out)
{
	if (s->urgent_count == 0)
		return false;
	const struct urgent *u = &s->urgent[s->urgent_first];
	memcpy(s->out, u->bytes, u->len);
	*out = (struct mesh_datagram){ u->to, bytes_view(s->out, u->len) };
	s->urgent_first = (s->urgent_first + 1) % INSIDE_URGENT;
	s->urgent_count--;
	return u->len > 0;
}

/* --- handshakes and beacons --- */

static void
drop_session(struct mesh_site *s, uint32_t sid)
{
	const struct session *one;
	for (uint32_t i = 0; (one = pool_walk(&s->sessions.pool, &i)) != NULL; i++) {
		if (one->sid_local != sid)
			continue;
		struct handle h = pool_handle(&s->sessions.pool, i);
		struct neighbour *n = peering_neighbour(
		    s, peers_find(&s->peers, &one->peer.key));
		if (n != NULL && n->session.index == i)
			peering_part(s, n);
		else
			session_remove(&s->sessions, h);
		return;
	}
}

static bool
next_handshake(struct mesh_site *s, struct mesh_datagram *out)
{
	struct handshake_out hs;
	for (;;) {
		switch (handshake_next(&s->handshake, s->now.ms, &hs)) {
		case HANDSHAKE_REPLY:
			*out = (struct mesh_datagram){ hs.to, hs.reply };
			return true;
		case HANDSHAKE_LOST:
			drop_session(s, hs.sid);
			break;
		case HANDSHAKE_DROPPED:
		case HANDSHAKE_ASK:
		case HANDSHAKE_MET:
		case HANDSHAKE_OUTLIVED:
		case HANDSHAKE_OURSELVES:
			return false;
		}
	}
}

static bool
next_beacon(struct mesh_site *s, struct mesh_datagram *out)
{
	struct bytes_out datagram = bytes_out(s->out, sizeof s->out);
	struct mesh_path to = { .iface = 0 };
	if (s->leaving || beacon_deadline(&s->beacon) > s->now.ms) /* spare the dice */
		return false;
	if (!beacon_due(&s->beacon, (uint32_t)inside_dice(s), s->now.ms, &to.iface))
		return false;
	beacon_crowd(&s->beacon, to.iface, hail_known(s, to.iface));
	if (!hail_make(s, &datagram))
		return false;
	*out = (struct mesh_datagram){ to, bytes_written(&datagram) };
	return true;
}

/* --- neighbours --- */

/* Without a free slot they wait for what is queued elsewhere, which will wake us. */
static bool
has_news(const struct mesh_site *s, const struct neighbour *n)
{
	return n->told != INSIDE_ALL_NEWS && n->closing == 0 &&
	    pace_is_empty(&n->pace) && spread_has_room(s);
}

static bool
from_queue(struct mesh_site *s, struct neighbour *n, struct mesh_datagram *out)
{
	struct session *session = session_at(&s->sessions, n->session);
	uint32_t counter;
	while (hop_wants(&n->hop, &n->pace, s->now.ms)) {
		struct bytes_out plain = bytes_out(
		    s->out + ENVELOPE_DATA_HEAD, spread_width(s, n) + PARCEL_ACK_MAX);
		hop_fill(&n->hop, &n->pace, &s->parcels, &plain, s->now.ms);
		if (plain.len == 0)
			continue; /* what waited was too old */
		size_t len = session_seal(session, s->out, plain.len, &counter);
		if (len == 0) {
			peering_part(s, n); /* used up */
			return false;
		}
		hop_sent(&n->hop, counter, s->now.ms);
		*out = (struct mesh_datagram){ session->path, bytes_view(s->out, len) };
		return true;
	}
	return false;
}

static bool
farewell(struct mesh_site *s, struct neighbour *n, struct mesh_datagram *out)
{
	struct session *session = session_at(&s->sessions, n->session);
	struct frame_close close = { n->closing };
	struct bytes_view sealed = { NULL, 0 };
	if (session != NULL) {
		sealed = seal_frame(
		    session, FRAME_CLOSE, &frame_close_table, &close, s->out);
		out->to = session->path;
	}
	out->bytes = sealed;
	peering_part(s, n);
	return sealed.len > 0;
}

static bool
from_neighbour(struct mesh_site *s, struct neighbour *n, struct mesh_datagram *out)
{
	if (peering_is_open(s, n)) {
		if (has_news(s, n))
			spread_news(s, n);
		if (from_queue(s, n, out))
			return true;
	}
	return n->closing != 0 && farewell(s, n, out);
}

static bool
next_data(struct mesh_site *s, struct mesh_datagram *out)
{
	bool wrapped = false;
	for (uint32_t left = pool_taken(&s->neighbours); left > 0;) {
		struct neighbour *n = peering_walk(s, &s->emit_cursor);
		if (n == NULL && wrapped)
			break;
		if (n == NULL) {
			s->emit_cursor = 0;
			wrapped = true;
			continue;
		}
		s->emit_cursor++;
		left--;
		if (from_neighbour(s, n, out))
			return true;
	}
	return false;
}

/* Entered in all queues since they were last emptied: far fewer than one of them
 * holds. */
enum { UNSENT_MAX = PACE_ENTRIES / 3 };

bool
mesh_site_is_pressed(const struct mesh_site *site)
{
	return site->urgent_count > INSIDE_URGENT / 2 || site->unsent > UNSENT_MAX ||
	    !spread_has_room(site);
}

bool
mesh_site_next_datagram(struct mesh_site *site, struct mesh_datagram *out)
{
	bool any = next_urgent(site, out) || next_handshake(site, out) ||
	    next_beacon(site, out) || next_data(site, out);
	if (any)
		inside_count(site, COUNT_TX_SENT);
	else
		site->unsent = 0;
	return any;
}

/* --- when to ask again --- */

static mesh_time_ms
sooner(mesh_time_ms a, mesh_time_ms b)
{
	return a < b ? a : b;
}

mesh_time_ms
emit_deadline(const struct mesh_site *s)
{
	const struct neighbour *n;
	mesh_time_ms at = s->urgent_count > 0 ? s->now.ms
					      : handshake_deadline(&s->handshake);
	if (!s->leaving)
		at = sooner(at, beacon_deadline(&s->beacon));
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		if (n->closing != 0)
			at = s->now.ms;
		if (!peering_is_open(s, n))
			continue;
		at = sooner(at, hop_deadline(&n->hop, &n->pace, s->now.ms));
		if (has_news(s, n))
			at = s->now.ms;
	}
	return at;
}
