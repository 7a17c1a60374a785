#include "arena.h"
#include "inside_events.h"
#include "inside_own.h"
#include "inside_peers.h"
#include "wire.h"

/* How sites find each other that share no segment: what each signs about its own
 * addresses (mesh.addr), kept over a restart.  What neighbours say about others is in
 * leads.c.  Source: PROTOCOL.md 12. */

enum {
	SETTLE_MS = 1000, /* several changes at once make one record */
	GAP_MS = 60 * 1000,
	RETRY_MS = 1000,
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
