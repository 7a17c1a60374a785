#include "address.h"
#include "must.h"
#include "world.h"
#include "world_disk.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void
world_violated(struct world *w, const char *format, ...)
{
	if (w->violation_count == WORLD_VIOLATIONS)
		return;
	char *text = w->violations[w->violation_count++];
	va_list args;
	va_start(args, format);
	int len = snprintf(
	    text, sizeof w->violations[0], "at %llu ms: ", (unsigned long long)w->now);
	vsnprintf(text + len, sizeof w->violations[0] - (size_t)len, format, args);
	va_end(args);
}

/* --- what sites say of each other --- */

static void
recount(uint64_t *pairs, bool was, bool is, mesh_time_ms *changed_ms, mesh_time_ms now)
{
	if (was == is)
		return;
	*pairs += is ? 1 : (uint64_t)-1;
	*changed_ms = now;
}

static void
set_view(struct world *w, uint32_t site, uint32_t other, uint8_t view)
{
	uint8_t *is = &w->views[(size_t)site * w->params.sites + other];
	recount(&w->known_pairs, (*is & VIEW_KNOWN) != 0, (view & VIEW_KNOWN) != 0,
	    &w->known_ms, w->now);
	recount(&w->reached_pairs, (*is & VIEW_REACHED) != 0,
	    (view & VIEW_REACHED) != 0, &w->reached_ms, w->now);
	*is = view;
}

uint8_t
world_view(const struct world *w, uint32_t site, uint32_t other)
{
	return w->views[(size_t)site * w->params.sites + other];
}

void
world_forget_views(struct world *w, uint32_t site)
{
	for (uint32_t i = 0; i < w->params.sites; i++)
		set_view(w, site, i, 0);
}

static uint8_t
view_of(const struct mesh_peer *p)
{
	static const struct mesh_path nowhere;
	uint8_t view = (uint8_t)(p->state + 1);
	bool is_up = p->state == PEER_ALIVE || p->state == PEER_SUSPECT;
	if (is_up && memcmp(p->addr.addr, nowhere.addr, sizeof nowhere.addr) != 0)
		view |= VIEW_KNOWN; /* only a beacon or a session tells an address */
	if (p->state == PEER_ALIVE && p->hops > 0)
		view |= VIEW_REACHED;
	return view;
}

static void
note_peer(struct world *w, uint32_t site, const struct mesh_event *e)
{
	struct world_site *s = &w->sites[site];
	struct mesh_peer peer;
	uint32_t other = world_site_of(w, &e->site);
	if (other == UINT32_MAX || !mesh_site_peer_of(s->site, &e->site, &peer))
		return;
	uint8_t before = world_view(w, site, other) & VIEW_STATE;
	set_view(w, site, other, view_of(&peer));
	if (before == (uint8_t)(peer.state + 1))
		return;
	s->changes = grown(
	    s->changes, s->change_count, &s->change_cap, sizeof *s->changes);
	s->changes[s->change_count++] = (struct world_peer_change){ .at_ms = w->now,
		.peer = other,
		.state = peer.state,
		.reason = peer.reason,
		.was_up = w->sites[other].site != NULL && world_hears(w, other, site) };
}

/* --- records --- */

static void
note_record(struct world *w, uint32_t site, const struct mesh_event *e)
{
	struct world_site *s = &w->sites[site];
	const struct mesh_position *at = &e->record.at;
	s->records = grown(
	    s->records, s->record_count, &s->record_cap, sizeof *s->records);
	s->records[s->record_count++] = (struct world_record){ .at = *at,
		.origin = world_site_of(w, &at->origin),
		.type = e->record.type,
		.told_ms = w->now,
		.tag = disk_number_of(&e->record) };
	if (!disk_is_new(s->disk, at))
		world_violated(w, "site %u was told a record twice: lane %d seq %llu",
		    (unsigned)site, (int)at->lane, (unsigned long long)at->seq);
}

/* Numbers of an own log only rise, whatever was lost on the way. */
static void
check_own(struct world *w, uint32_t site, const struct mesh_position *at)
{
	struct mesh_position *last = &w->sites[site].newest[at->lane];
	if (at->epoch < last->epoch ||
	    (at->epoch == last->epoch && at->seq <= last->seq))
		world_violated(w, "site %u went back: lane %d seq %llu after %llu",
		    (unsigned)site, (int)at->lane, (unsigned long long)at->seq,
		    (unsigned long long)last->seq);
	*last = *at;
}

static void
check_record(struct world *w, uint32_t site, const struct mesh_event *e)
{
	const struct mesh_position *at = &e->record.at;
	enum ledger_verdict known = ledger_enter(&w->ledger, &e->record);
	/* What comes back from others is late, and was written in an earlier life; what
	 * a store refused is offered to it again. */
	if (e->own && !e->late && at->lane <= LANE_REGISTRY && known != LEDGER_SAME)
		check_own(w, site, at);
	switch (known) {
	case LEDGER_SAME:
		break;
	case LEDGER_NEW:
		if (w->params.strict && !e->own)
			world_violated(
			    w, "site %u was told what nobody signed", (unsigned)site);
		break;
	case LEDGER_OTHER:
		if (w->params.strict)
			world_violated(w,
			    "two cores for one identity: lane %d seq %llu",
			    (int)at->lane, (unsigned long long)at->seq);
		break;
	}
}

/* Its own file, written at once as the daemon does. */
static void
keep_network(struct world *w, struct world_site *s, const struct mesh_event *e)
{
	char room[128];
	struct bytes_out wrong = bytes_out(room, sizeof room);
	struct text_view file = { (const char *)e->body.ptr, e->body.len };
	if (s->store_err == MESH_OK &&
	    mesh_network_read(file, &s->network, &wrong) != MESH_OK)
		world_violated(w, "the network file cannot be read back");
	mesh_site_stored(s->site, e->ticket, s->store_err, NULL, world_now(w));
}

void
world_note(struct world *w, uint32_t site, const struct mesh_event *e)
{
	struct world_site *s = &w->sites[site];
	assert(e->ticket < 1ULL << 56); /* the daemon puts its own mark above */
	switch (e->kind) {
	case MESH_RECORD:
		note_record(w, site, e);
		check_record(w, site, e);
		disk_queue_record(s->disk, e, w->now + s->store_ms);
		break;
	case MESH_SETTLE:
	case MESH_PURGE:
		s->purges++;
		disk_queue_record(s->disk, e, w->now + s->store_ms);
		break;
	case MESH_WANT:
		disk_queue_want(s->disk, e, w->now + s->store_ms);
		break;
	case MESH_KEEP:
		if (e->code == KEEP_NETWORK)
			keep_network(w, s, e);
		else
			disk_queue_row(s->disk, e, w->now + s->store_ms);
		break;
	case MESH_PEER:
		note_peer(w, site, e);
		break;
	case MESH_NOTICE:
		s->notices[e->code % LENGTH(s->notices)]++;
		if (e->code == NOTICE_CLONE &&
		    (address_is_set(e->addr.addr) ||
			!address_is_set(s->clone.addr.addr)))
			s->clone = *e;
		break;
	case MESH_QUESTION:
	case MESH_TOLD:
	case MESH_ANSWER:
	case MESH_ANSWERED:
		if (w->told != NULL)
			w->told(w->told_ctx, site, e);
		break;
	case MESH_SKETCH:
	case MESH_CELLS:
	case MESH_REFETCH:
		world_mend_event(w, site, e);
		break;
	case MESH_JOIN:
		s->joined = (enum mesh_join)e->code;
		if (e->code == JOIN_DONE)
			memcpy(s->join_key, e->key.ptr, sizeof s->join_key);
		break;
	}
}
