#include "arena.h"
#include "inside_peers.h"
#include "inside_travel.h"
#include "wire.h"

/* Addresses that only a neighbour vouches for: what it says about others (PEERS), and
 * a common neighbour that makes two call each other at the same moment, so that both
 * their routers let the answers in (PUNCH).  Source: PROTOCOL.md 12. */

enum {
	LEAD_GAP_MS = 600 * 1000, /* such an address is not called again so soon ... */
	LEAD_TRIES = 2,           /* ... after so many HS1 ... */
	LEAD_PAUSE_MS = 1000,     /* ... this far apart at least */
	CANDIDATE_GAP_MS = 4000,  /* nor the address of one who owes a certificate */
	CANDIDATE_LOTS = 16, /* one beacon in so many, where neighbours are chosen */
	CANDIDATE_CHOSEN_MS = 60 * 1000, /* and not before this */
	PUNCH_GAP_MS = 200,              /* one neighbour's PUNCHes */
	CREDIT_MAX = 16 * 1024,
	PEERS_AT_ONCE = 16, /* fit one datagram with an IPv6 and an IPv4 address each */
	PEERS_TOLD = 32     /* PROTOCOL.md 7 */
};

/* --- credit: what a neighbour makes us send to unproven addresses is never more than
 * it has sent us --- */

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

/* It was called lately; NULL: not so. */
static struct lead *
lead_to(struct mesh_site *s, const struct mesh_path *path)
{
	for (struct lead *one = s->leads; one < s->leads + INSIDE_LEADS; one++)
		if (peers_path_equal(&one->path, path) && s->now.ms < one->until_ms)
			return one;
	return NULL;
}

static void
note_lead(struct mesh_site *s, const struct lead *called)
{
	s->leads[s->lead_next++ % INSIDE_LEADS] = *called;
}

static void
call_lead(struct mesh_site *s, const struct mesh_path *path, const struct mesh_key *key)
{
	struct handshake_target target = { *path, key, s->now.ms, 1, NULL };
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
leads_candidate(
    struct mesh_site *s, const struct mesh_path *path, const struct mesh_key *key)
{
	struct handshake_target target = { *path, key,
		handshake_start_ms(&s->handshake, key, s->now.ms), LEAD_TRIES, NULL };
	inside_count(s, COUNT_RX_TAKEN);
	if (lead_to(s, path) != NULL || is_left_to_others(s))
		return;
	note_lead(s, &(struct lead){ *path, LEAD_TRIES, s->now.ms + CANDIDATE_GAP_MS });
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
leads_tell(struct mesh_site *s, struct neighbour *n)
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

/* Of those who live we know more than a neighbour does. */
static bool
is_known(const struct mesh_site *s, const struct mesh_key *site)
{
	const struct peer *p = peers_at(&s->peers, peers_find(&s->peers, site));
	return inside_is_us(s, site) || (p != NULL && p->met && peers_is_alive(p));
}

static bool
may_call(struct mesh_site *s, const struct frame_peer *one, struct mesh_path *path)
{
	const struct message_bytes *list = one->addresses.items;
	return address_read_wire(list[0].bytes, path) && address_is_usable(path) &&
	    !places_have(&s->places, path) &&
	    (admit_would(&s->admit, &one->site) ||
		admit_may_show(&s->admit, &one->site));
}

/* Whom we call becomes a neighbour: no more than there are seats. */
static bool
is_busy(const struct mesh_site *s)
{
	return pool_taken(&s->neighbours) + handshake_calls(&s->handshake) >=
	    NEIGHBOURS_MAX;
}

enum follow { FOLLOW_DONE, FOLLOW_IGNORED, FOLLOW_LATER };

/* One HS1 to it, and one more in the second round if nobody answered: who told it pays
 * for each when it goes out. */
static enum follow
follow(struct mesh_site *s, struct neighbour *n, const struct frame_peer *one,
    unsigned round)
{
	struct mesh_path path;
	if (is_known(s, &one->site) || one->addresses.count == 0)
		return FOLLOW_DONE;
	if (!may_call(s, one, &path))
		return FOLLOW_IGNORED;
	struct lead *lead = lead_to(s, &path);
	if (lead != NULL && (round == 0 || lead->calls >= LEAD_TRIES))
		return FOLLOW_IGNORED;
	if (lead != NULL && s->now.ms < lead->until_ms - LEAD_GAP_MS + LEAD_PAUSE_MS)
		return FOLLOW_LATER;
	if (is_busy(s) || !pay(n, ENVELOPE_HS1_BYTES))
		return FOLLOW_LATER;
	if (lead == NULL)
		note_lead(s, &(struct lead){ path, 1, s->now.ms + LEAD_GAP_MS });
	else
		lead->calls++;
	call_lead(s, &path, &one->site);
	return FOLLOW_DONE;
}

/* From n->owed_next on, in LEAD_TRIES rounds.  False: the next one has to wait. */
static bool
follow_on(struct mesh_site *s, struct neighbour *n, const struct list_view *told)
{
	const struct frame_peer *list = told->items;
	for (; n->owed_next < LEAD_TRIES * told->count; n->owed_next++) {
		unsigned round = n->owed_next / (unsigned)told->count;
		enum follow is = follow(s, n, &list[n->owed_next % told->count], round);
		if (is == FOLLOW_LATER)
			return false;
		if (is == FOLLOW_IGNORED && round == 0)
			(void)ignore(s);
	}
	return true;
}

static void
ignore_rest(struct mesh_site *s, const struct neighbour *n, size_t count)
{
	for (size_t i = n->owed_next; i < count; i++)
		(void)ignore(s);
}

/* Enough neighbours, of our own choice, and others are none of our business. */
static bool
wants_more(const struct mesh_site *s)
{
	return !s->choice.choosing;
}

struct told { /* a frame that is read */
	struct frame_peers frame;
	_Alignas(16) uint8_t room[4096];
};

static bool
read_told(struct told *t, struct bytes_view frame)
{
	struct arena arena = arena_init(t->room, sizeof t->room);
	return wire_decode_numbered(&frame_peers_table, frame, &t->frame, &arena) ==
	    MESH_OK;
}

void
leads_part(struct mesh_site *s, struct neighbour *n)
{
	parcel_release(&s->parcels, n->owed);
	n->owed = (struct handle){ 0, 0 };
	n->owed_next = 0;
}

/* A new neighbour tells of others when it has hardly sent anything yet: its words wait
 * until it has.  One frame of each; of records there is to be room. */
static bool
keep_told(struct mesh_site *s, struct neighbour *n, struct bytes_view frame)
{
	if (s->parcels.pool.free_count <= INSIDE_LINK_PARCELS)
		return false;
	n->owed = parcel_of_frame(
	    &s->parcels, PARCEL_P2, PARCEL_PLAIN, frame, s->now.ms);
	return n->owed.generation != 0;
}

static void
follow_kept(struct mesh_site *s, struct neighbour *n)
{
	struct told t;
	const struct parcel *p = parcel_at(&s->parcels, n->owed);
	bool over = s->now.ms - p->since_ms > LEAD_GAP_MS || !wants_more(s);
	if (!over && n->credit < ENVELOPE_HS1_BYTES)
		return;
	if (!read_told(&t, bytes_view(p->bytes, p->len)) ||
	    (!over && !follow_on(s, n, &t.frame.peers)))
		return;
	if (over)
		ignore_rest(s, n, t.frame.peers.count);
	leads_part(s, n);
}

void
leads_heard(struct mesh_site *s, struct neighbour *n, size_t bytes)
{
	uint32_t credit = n->credit + (uint32_t)bytes;
	n->credit = credit < CREDIT_MAX ? credit : CREDIT_MAX;
	if (n->owed.generation != 0)
		follow_kept(s, n);
}

/* Another one waits already: only what is paid for. */
static void
follow_now(struct mesh_site *s, struct neighbour *n, const struct list_view *told)
{
	const struct frame_peer *list = told->items;
	for (size_t i = 0; i < told->count; i++)
		if (follow(s, n, &list[i], 0) != FOLLOW_DONE)
			(void)ignore(s);
}

enum apply_verdict
leads_peers(struct mesh_site *s, const struct apply_input *in)
{
	struct told t;
	struct bytes_view frame = in->frame->bytes;
	if (!read_told(&t, frame))
		return APPLY_BAD;
	if (!wants_more(s))
		return APPLY_DONE;
	if (in->n->owed.generation != 0) {
		follow_now(s, in->n, &t.frame.peers);
	} else if (follow_on(s, in->n, &t.frame.peers)) {
		in->n->owed_next = 0;
	} else if (!keep_told(s, in->n, frame)) {
		ignore_rest(s, in->n, t.frame.peers.count);
		in->n->owed_next = 0;
	}
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
	call_lead(s, &path, &p->key);
	return APPLY_DONE;
}

enum apply_verdict
leads_punch(struct mesh_site *s, const struct apply_input *in)
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
leads_ask(struct mesh_site *s, struct handle peer)
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
