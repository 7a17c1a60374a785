#include "arena.h"
#include "inside.h"
#include "wire.h"

/* How sites find each other that share no segment: what each signs about its own
 * addresses (mesh.addr), what a neighbour says about others (PEERS), and a common
 * neighbour that makes two call each other at the same moment, so that both their
 * routers let the answers in (PUNCH).  Source: PROTOCOL.md 12. */

enum {
	SETTLE_MS = 1000, /* several changes at once make one record */
	GAP_MS = 60 * 1000,
	RETRY_MS = 1000,
	LEAD_GAP_MS = 600 * 1000, /* an unproven address is not called again so soon */
	LEAD_TRIES = 2,           /* HS1 to it */
	CANDIDATE_GAP_MS = 4000,  /* nor the address of one who owes a certificate */
	CANDIDATE_LOTS = 16, /* one beacon in so many, where neighbours are chosen */
	CANDIDATE_CHOSEN_MS = 60 * 1000, /* and not before this */
	PUNCH_GAP_MS = 200,              /* one neighbour's PUNCHes */
	CREDIT_MAX = 16 * 1024,
	PEERS_AT_ONCE = 16, /* fit one datagram with an IPv6 and an IPv4 address each */
	PEERS_TOLD = 32,    /* PROTOCOL.md 7 */
	KEEP_GAP_MS = 60 * 1000 /* PROTOCOL.md 10: a synced write each */
};

/* --- what we sign about ourselves --- */

void
finding_changed(struct mesh_site *s)
{
	mesh_time_ms at = s->now.ms + SETTLE_MS;
	if (!s->places.changed || s->places_ms != MESH_NEVER)
		return;
	s->places_ms = at > s->places_after_ms ? at : s->places_after_ms;
}

void
finding_anew(struct mesh_site *s)
{
	struct place first;
	s->places.changed = places_at(&s->places, 0, &first);
	finding_changed(s);
}

static enum mesh_err
write_places(struct mesh_site *s)
{
	static const char key[] = MESSAGE_ADDR_KEY;
	struct state_address list[PLACES_MAX];
	struct place place[PLACES_MAX];
	uint8_t bytes[256];
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	struct state_addr_put put = { .key = bytes_view(key, sizeof key - 1) };
	size_t count = 0;
	while (count < PLACES_MAX && places_at(&s->places, count, &place[count])) {
		list[count] = (struct state_address){ address_wire(&place[count].path),
			place[count].kind };
		count++;
	}
	put.addresses = (struct list_view){ list, count };
	enum mesh_err err = wire_encode(&state_addr_put_table, &put, &body);
	return err != MESH_OK ? err : append_state(s, bytes_written(&body));
}

bool
finding_is_near(const struct mesh_site *s)
{
	return s->places_ms != MESH_NEVER && s->places_after_ms <= s->now.ms;
}

static void
tell_places(struct mesh_site *s)
{
	if (s->places_ms > s->now.ms || s->leaving)
		return;
	if (write_places(s) != MESH_OK) {
		s->places_ms = s->now.ms + RETRY_MS;
		return;
	}
	s->places.changed = false;
	s->places_ms = MESH_NEVER;
	s->places_after_ms = s->now.ms + GAP_MS;
}

/* --- where others are, over a restart --- */

/* A site that wanders must not cost a synced write with each step. */
void
finding_moved(struct mesh_site *s, struct peer *p)
{
	p->moved = p->changed = true;
	kept_news(s, p);
	if (s->moved_ms == MESH_NEVER)
		s->moved_ms = s->now.ms > s->moved_after_ms ? s->now.ms
							    : s->moved_after_ms;
}

void
finding_keep(struct mesh_site *s)
{
	struct peer *p;
	for (uint32_t i = 0; (p = peers_walk(&s->peers, &i)) != NULL; i++)
		p->unkept = p->unkept || p->moved;
	kept_all_news(s);
	s->moved_ms = MESH_NEVER;
	s->moved_after_ms = s->now.ms + KEEP_GAP_MS;
}

void
finding_along(struct mesh_site *s)
{
	if (!finding_is_near(s))
		return;
	s->places_ms = s->now.ms;
	tell_places(s);
}

void
finding_tick(struct mesh_site *s)
{
	tell_places(s);
	if (s->moved_ms <= s->now.ms)
		finding_keep(s);
}

/* Let the others see at once where we are now: what they send to the old address is
 * lost. */
static void
show_ourselves(struct mesh_site *s)
{
	struct neighbour *n;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++)
		liveness_ask(&n->liveness, s->now.ms);
}

void
mesh_site_address(struct mesh_site *site, const struct mesh_path *addr, bool configured,
    bool up, struct mesh_now now)
{
	enum place_kind kind = configured ? PLACE_STATIC : PLACE_LOCAL;
	inside_enter(site, now);
	if (up)
		places_add(&site->places, addr, kind);
	else
		places_remove(&site->places, addr, kind);
	finding_changed(site);
	show_ourselves(site);
}

void
finding_observed(struct mesh_site *s, const struct session *session)
{
	uint8_t oid[8];
	mesh_oid(&session->peer.key, oid);
	if (address_is_usable(&session->peer.observed))
		places_observed(&s->places, &session->peer.observed, oid);
	finding_changed(s);
}

/* --- what others sign about themselves --- */

bool
finding_is_addresses(const struct record *r)
{
	static const char key[] = MESSAGE_ADDR_KEY;
	struct bytes_view its;
	return r->at.lane == LANE_STATE && record_key(r, &its) &&
	    bytes_equal(its, bytes_view(key, sizeof key - 1));
}

static bool
read_addresses(const struct record *r, struct addresses *out)
{
	struct state_addr_put put;
	_Alignas(16) uint8_t room[512];
	struct arena arena = arena_init(room, sizeof room);
	*out = (struct addresses){ .len = 0 };
	if (wire_decode(&state_addr_put_table, r->body, &put, &arena) != MESH_OK)
		return false;
	const struct state_address *list = put.addresses.items;
	for (size_t i = 0; i < put.addresses.count; i++) {
		struct mesh_path path;
		if (address_read_wire(list[i].address, &path))
			addresses_add(out, &path);
	}
	return true;
}

/* Its signature is as good as that of a beacon: it may be called. */
void
finding_learn(struct mesh_site *s, struct handle row, const struct record *r)
{
	struct peer *p = peers_at(&s->peers, row);
	struct addresses told;
	if (r->at.epoch < p->epoch ||
	    (r->at.epoch == p->epoch && r->at.seq <= p->more_seq) ||
	    !read_addresses(r, &told))
		return;
	p->more_seq = r->at.seq;
	p->more = told;
	p->unkept = p->unkept || !p->met;
	finding_moved(s, p);
	if (!peers_path_is_set(&p->addr))
		(void)addresses_at(&p->more, 0, &p->addr);
	if (p->met || !peers_path_is_set(&p->addr))
		return;
	p->met = true;
	peering_known(s, row);
}

/* --- credit: what a neighbour makes us send to unproven addresses is never more than
 * it has sent us --- */

void
finding_credit(struct neighbour *n, size_t bytes)
{
	uint32_t credit = n->credit + (uint32_t)bytes;
	n->credit = credit < CREDIT_MAX ? credit : CREDIT_MAX;
}

static bool
pay(struct neighbour *n, uint32_t bytes)
{
	if (n->credit < bytes)
		return false;
	n->credit -= bytes;
	return true;
}

static enum apply_verdict
ignore(struct mesh_site *s)
{
	inside_count(s, COUNT_PEER_ADDRESS_IGNORED);
	return APPLY_DONE;
}

static bool
was_called(struct mesh_site *s, const struct mesh_path *path)
{
	for (size_t i = 0; i < INSIDE_LEADS; i++)
		if (peers_path_equal(&s->leads[i].path, path) &&
		    s->now.ms < s->leads[i].until_ms)
			return true;
	return false;
}

static void
call_lead(struct mesh_site *s, const struct mesh_path *path, const struct mesh_key *key,
    uint8_t tries)
{
	struct handshake_target target = { *path, key, s->now.ms, tries, NULL };
	calling_call(s, &target);
}

/* Who chooses its neighbours leaves newcomers to others, and their word comes here; but
 * two halves that never met choose on both sides.  So one call a minute as a whole, and
 * by lot, else all of a segment would answer a newcomer's beacon at once. */
static bool
is_left_to_others(struct mesh_site *s)
{
	if (!s->choice.choosing)
		return false;
	if (s->now.ms < s->candidate_ms || inside_dice(s) % CANDIDATE_LOTS != 0)
		return true;
	s->candidate_ms = s->now.ms + CANDIDATE_CHOSEN_MS;
	return false;
}

void
finding_candidate(
    struct mesh_site *s, const struct mesh_path *path, const struct mesh_key *key)
{
	struct handshake_target target = { *path, key,
		handshake_start_ms(&s->handshake, key, s->now.ms), LEAD_TRIES, NULL };
	inside_count(s, COUNT_RX_TAKEN);
	if (was_called(s, path) || is_left_to_others(s))
		return;
	s->leads[s->lead_next++ % INSIDE_LEADS] = (struct lead){ *path,
		s->now.ms + CANDIDATE_GAP_MS };
	calling_call(s, &target);
}

/* --- PEERS --- */

static bool
is_worth_telling(const struct peer *p)
{
	return p->met && peers_is_alive(p) && peers_path_is_set(&p->addr) &&
	    !address_is_link_local(p->addr.addr);
}

static bool
tell(struct mesh_site *s, struct neighbour *n, const struct frame_peer *list,
    size_t count)
{
	struct frame_peers frame = { { list, count } };
	uint8_t bytes[PARCEL_MAX];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	if (!peering_can(s, n, FEATURE_REPAIR) ||
	    wire_encode_numbered(&frame_peers_table, FRAME_PEERS, &frame, &out) !=
		MESH_OK)
		return true;
	struct handle parcel = parcel_of_frame(
	    &s->parcels, PARCEL_P2, PARCEL_ACKED, bytes_written(&out), s->now.ms);
	if (parcel.generation == 0)
		return false;
	(void)spread_put(s, n, parcel);
	parcel_release(&s->parcels, parcel);
	return true;
}

/* Some of those we know, from a random row on, so that many newcomers do not all call
 * the same few. */
bool
finding_tell(struct mesh_site *s, struct neighbour *n)
{
	struct frame_peer list[PEERS_AT_ONCE];
	struct message_bytes addr[PEERS_AT_ONCE];
	uint32_t cap = s->peers.pool.cap, start = (uint32_t)inside_dice(s) % cap;
	size_t count = 0, told = 0;
	for (uint32_t k = 0; k < cap && told < PEERS_TOLD; k++) {
		uint32_t row = (start + k) % cap, at = row;
		const struct peer *p = peers_walk(&s->peers, &at);
		if (p == NULL || at != row || row == n->peer.index ||
		    !is_worth_telling(p))
			continue;
		addr[count].bytes = address_wire(&p->addr);
		list[count] = (struct frame_peer){ p->key, { &addr[count], 1 } };
		told++;
		if (++count == PEERS_AT_ONCE) {
			if (!tell(s, n, list, count))
				return false;
			count = 0;
		}
	}
	return count == 0 || tell(s, n, list, count);
}

/* One handshake to an address that only a neighbour vouches for. */
static void
follow(struct mesh_site *s, struct neighbour *n, const struct frame_peer *one)
{
	const struct message_bytes *list = one->addresses.items;
	const struct peer *p = peers_at(&s->peers, peers_find(&s->peers, &one->site));
	struct mesh_path path;
	bool us = inside_is_us(s, &one->site);
	/* Of those who live we know more than a neighbour does. */
	bool known = p != NULL && p->met && peers_is_alive(p);
	if (us || known || one->addresses.count == 0)
		return;
	if (!address_read_wire(list[0].bytes, &path) || !address_is_usable(&path) ||
	    places_have(&s->places, &path) || was_called(s, &path) ||
	    (!admit_would(&s->admit, &one->site) &&
		!admit_may_show(&s->admit, &one->site)) ||
	    !pay(n, LEAD_TRIES * ENVELOPE_HS1_BYTES)) {
		(void)ignore(s);
		return;
	}
	s->leads[s->lead_next++ % INSIDE_LEADS] = (struct lead){ path,
		s->now.ms + LEAD_GAP_MS };
	call_lead(s, &path, &one->site, LEAD_TRIES);
}

/* Enough neighbours, of our own choice, and others are none of our business. */
static bool
wants_more(const struct mesh_site *s)
{
	return !s->choice.choosing;
}

enum apply_verdict
finding_peers(struct mesh_site *s, const struct apply_input *in)
{
	static const size_t room_max = 4096;
	_Alignas(16) uint8_t room[4096];
	struct arena arena = arena_init(room, room_max);
	struct frame_peers peers;
	if (wire_decode_numbered(
		&frame_peers_table, in->frame->bytes, &peers, &arena) != MESH_OK)
		return APPLY_BAD;
	const struct frame_peer *list = peers.peers.items;
	for (size_t i = 0; i < peers.peers.count && wants_more(s); i++)
		follow(s, in->n, &list[i]);
	return APPLY_DONE;
}

/* --- PUNCH --- */

static void
say(struct mesh_site *s, struct neighbour *n, const struct mesh_key *site,
    struct bytes_view address)
{
	struct frame_punch punch = { *site, address };
	spread_frame(s, n, FRAME_PUNCH, &frame_punch_table, &punch);
}

/* Somebody who has a session with both tells each where it sees the other. */
static enum apply_verdict
bring_together(
    struct mesh_site *s, struct neighbour *asker, const struct mesh_key *whom)
{
	struct neighbour *other = peering_neighbour(s, peers_find(&s->peers, whom));
	const struct session *a = session_at(&s->sessions, asker->session);
	const struct session *b = other != NULL
	    ? session_at(&s->sessions, other->session)
	    : NULL;
	if (other == NULL || other == asker || a == NULL || b == NULL ||
	    !peering_is_open(s, other))
		return ignore(s);
	say(s, other, &a->peer.key, address_wire(&a->path));
	say(s, asker, &b->peer.key, address_wire(&b->path));
	return APPLY_DONE;
}

static enum apply_verdict
meet_there(struct mesh_site *s, struct neighbour *n, const struct frame_punch *punch)
{
	struct handle row = peers_find(&s->peers, &punch->site);
	const struct peer *p = peers_at(&s->peers, row);
	struct mesh_path path;
	if (p == NULL || p->neighbour.generation != 0 || !peers_is_alive(p) ||
	    !address_read_wire(punch->address, &path) || !address_is_usable(&path) ||
	    !pay(n, ENVELOPE_HS1_BYTES))
		return ignore(s);
	handshake_turn(&s->handshake, &p->key, &path);
	call_lead(s, &path, &p->key, 1);
	return APPLY_DONE;
}

enum apply_verdict
finding_punch(struct mesh_site *s, const struct apply_input *in)
{
	struct frame_punch punch;
	if (wire_decode_numbered(&frame_punch_table, in->frame->bytes, &punch, NULL) !=
	    MESH_OK)
		return APPLY_BAD;
	if (s->now.ms < in->n->punch_ms)
		return ignore(s);
	in->n->punch_ms = s->now.ms + PUNCH_GAP_MS;
	return punch.address.len == 0 ? bring_together(s, in->n, &punch.site)
				      : meet_there(s, in->n, &punch);
}

/* Our own call was not answered: ask a neighbour that has it as a neighbour too. */
void
finding_ask(struct mesh_site *s, struct handle peer)
{
	const struct peer *p = peers_at(&s->peers, peer);
	struct neighbour *n;
	for (uint32_t i = 0; (n = peering_walk(s, &i)) != NULL; i++) {
		const struct peer *its = peers_at(&s->peers, n->peer);
		if (n->silent_ms != MESH_NEVER || n->closing != 0 || its == NULL ||
		    !reach_names(&s->reach, peer.index, its->oid))
			continue;
		say(s, n, &p->key, bytes_view("", 0));
		return;
	}
}
