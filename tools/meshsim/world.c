#include "world.h"
#include "must.h"
#include "standin.h"
#include "world_disk.h"
#include <assert.h>
#include <stdio.h>

enum { STEP_MS = 5, TICKS_AT_ONCE = 1000 };
static const unix_ms epoch_ms = 1800000000000; /* when every world begins */

/* --- chance --- */

static uint64_t
next_random(uint64_t *state) /* splitmix64 */
{
	uint64_t z = *state += 0x9e3779b97f4a7c15U;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

uint64_t
world_random(struct world *w)
{
	return next_random(&w->random);
}

static void
site_random(void *ctx, uint8_t *out, size_t len)
{
	struct world_site *s = ctx;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)next_random(&s->random);
}

/* --- making --- */

struct world *
world_new(const struct world_params *params)
{
	struct world *w = must(calloc(1, sizeof *w));
	uint8_t seed[32] = { 0 }, random48[48];
	w->params = *params;
	w->random = params->seed;
	w->now = 1000;
	w->shelf = must(calloc(1, sizeof *w->shelf));
	w->sites = must(calloc(params->sites, sizeof *w->sites));
	w->joined = must(calloc((size_t)params->sites * params->sites, 1));
	w->views = must(calloc((size_t)params->sites * params->sites, 1));
	wakes_init(&w->wakes, params->sites);
	standin_use(params->standin);
	for (uint32_t i = 0; i < params->sites; i++) {
		struct world_site *s = &w->sites[i];
		for (size_t k = 0; k < sizeof seed; k++)
			seed[k] = (uint8_t)world_random(w);
		mesh_identity_of(seed, &s->identity);
		s->path = world_path_of(i);
		s->random = world_random(w);
		s->store_ms = params->store_ms;
		s->disk = disk_new(w->shelf);
	}
	world_list_keys(w);
	for (size_t k = 0; k < sizeof random48; k++)
		random48[k] = (uint8_t)world_random(w);
	mesh_network_of(&w->sites[0].identity.key, random48, true, &w->network);
	return w;
}

void
world_free(struct world *w)
{
	if (w == NULL)
		return;
	for (uint32_t i = 0; i < w->params.sites; i++) {
		mesh_site_free(w->sites[i].site);
		disk_free(w->sites[i].disk);
		world_mend_free(w->sites[i].mend);
		free(w->sites[i].records);
		free(w->sites[i].changes);
	}
	arrivals_free(&w->arrivals);
	wakes_free(&w->wakes);
	standin_use(false);
	ledger_free(&w->ledger);
	free(w->by_key);
	free(w->views);
	shelf_free(w->shelf);
	free(w->shelf);
	free(w->joined);
	free(w->shapes);
	free(w->sites);
	free(w);
}

struct mesh_now
world_now(const struct world *w)
{
	return (struct mesh_now){ .ms = w->now, .unix_ms = epoch_ms + (unix_ms)w->now };
}

struct mesh_now
world_site_now(const struct world *w, uint32_t site)
{
	struct mesh_now now = world_now(w);
	now.unix_ms += w->sites[site].clock_ms;
	return now;
}

/* --- one site's turn --- */

static void
rest(struct world *w, uint32_t i)
{
	const struct world_site *s = &w->sites[i];
	mesh_time_ms core = mesh_site_deadline(s->site), store = disk_due(s->disk);
	mesh_time_ms at = core < store ? core : store;
	if (w->params.event_ms > 0) {
		mesh_time_ms next = s->heard_ms + w->params.event_ms;
		next = next > w->now ? next : w->now + 1;
		at = at < next && at > w->now ? at : next;
	}
	wakes_set(&w->wakes, i, at < s->paused_ms ? s->paused_ms : at);
}

static void
hear(struct world *w, uint32_t i)
{
	struct mesh_event event;
	struct world_site *s = &w->sites[i];
	mesh_time_ms gap = w->params.event_ms;
	while ((gap == 0 || w->now >= s->heard_ms + gap) &&
	    mesh_site_next_event(s->site, &event)) {
		s->heard_ms = w->now;
		world_note(w, i, &event);
	}
}

static void
empty(struct world *w, uint32_t i)
{
	struct mesh_datagram out;
	hear(w, i);
	while (mesh_site_next_datagram(w->sites[i].site, &out))
		world_send(w, i, &out);
}

void
world_drain(struct world *w, uint32_t i)
{
	empty(w, i);
	rest(w, i);
}

/* One of several inputs in a row: what is to be sent waits for the last, if it can. */
static void
hear_on(struct world *w, uint32_t i)
{
	hear(w, i);
	if (mesh_site_is_pressed(w->sites[i].site))
		empty(w, i);
}

static void
commit(struct world *w, uint32_t i)
{
	struct world_site *s = &w->sites[i];
	struct disk_outcome o;
	struct disk_answer a;
	while (s->site != NULL && disk_commit(s->disk, w->now, s->store_err, &o)) {
		mesh_site_stored(s->site, o.ticket, s->store_err,
		    o.has_live ? &o.live : NULL, world_site_now(w, i));
		if (mesh_lane_is_keyed(o.at.lane) && s->store_err == MESH_OK)
			world_mend_look(w, i, &o.at);
		hear_on(w, i);
	}
	while (s->site != NULL && disk_answer(s->disk, w->now, &a)) {
		mesh_site_supply(
		    s->site, a.ticket, a.records, a.count, world_site_now(w, i));
		mesh_site_supply_end(s->site, a.ticket, a.upto, world_site_now(w, i));
		hear_on(w, i);
	}
}

static void
wake(struct world *w, uint32_t i)
{
	struct world_site *s = &w->sites[i];
	s->ticks_at_once = s->ticked_ms == w->now ? s->ticks_at_once + 1 : 0;
	s->ticked_ms = w->now;
	if (s->ticks_at_once == TICKS_AT_ONCE)
		world_violated(w, "site %u cannot rest", (unsigned)i);
	commit(w, i);
	if (mesh_site_deadline(s->site) <= w->now) /* as meshd does, and no oftener */
		mesh_site_tick(s->site, world_site_now(w, i));
	world_drain(w, i);
	if (s->ticks_at_once >= TICKS_AT_ONCE)
		wakes_set(&w->wakes, i, w->now + 1);
}

/* --- life --- */

void
world_start(struct world *w, uint32_t i)
{
	struct world_site *s = &w->sites[i];
	char name[16];
	int len = snprintf(name, sizeof name, "site-%u", (unsigned)i);
	static const struct mesh_key nobody;
	assert(s->site == NULL);
	if (memcmp(&s->network.founder, &nobody, sizeof nobody) == 0)
		s->network = w->network; /* unless it was given one of its own */
	s->boot = s->boot + 1 > (uint64_t)(epoch_ms / 1000)
	    ? s->boot + 1
	    : (uint64_t)(epoch_ms / 1000);
	s->starts++;
	struct mesh_params p = { .identity = &s->identity,
		.network = &s->network,
		.name = { name, (size_t)len },
		.boot = s->boot,
		.fresh = s->starts == 1,
		.random = site_random,
		.random_ctx = s,
		.admission = w->params.admission,
		.authority = w->params.authority,
		.certificate = { s->cert, s->cert_len },
		.replicate = s->replicate,
		.dead_after_ms = w->params.dead_after_ms,
		.ping_ms = w->params.ping_ms };
	if (w->params.unlimited)
		p.limits = w->params.limits;
	p.holdings = disk_holdings(s->disk, &p.holding_count);
	p.kept = disk_kept(s->disk, &p.kept_count);
	if (mesh_site_new(&s->site, &p, world_site_now(w, i)) != MESH_OK)
		abort();
	if (!w->params.unlimited && mesh_site_memory(s->site) > WORLD_MEMORY_CAP)
		world_violated(w, "site %u takes %zu bytes", (unsigned)i,
		    mesh_site_memory(s->site));
	mesh_site_segment(s->site, WORLD_IFACE, true, world_site_now(w, i));
	world_drain(w, i);
}

void
world_start_all(struct world *w)
{
	for (uint32_t i = 0; i < w->params.sites; i++)
		world_start(w, i);
}

void
world_kill(struct world *w, uint32_t i)
{
	struct world_site *s = &w->sites[i];
	mesh_site_free(s->site);
	s->site = NULL;
	s->paused_ms = 0;
	wakes_set(&w->wakes, i, MESH_NEVER);
	world_forget_views(w, i);
	disk_crash(s->disk);
}

void
world_power_cut(struct world *w, uint32_t i)
{
	world_kill(w, i);
	disk_power_cut(w->sites[i].disk, world_random(w));
}

void
world_pause(struct world *w, uint32_t i, mesh_time_ms ms)
{
	struct world_site *s = &w->sites[i];
	s->paused_ms = w->now + ms;
	s->paused_bytes = 0;
	if (s->site != NULL)
		rest(w, i);
}

void
world_stop(struct world *w, uint32_t i)
{
	struct world_site *s = &w->sites[i];
	mesh_site_leave(s->site, world_site_now(w, i));
	world_drain(w, i);
	world_run(w, w->now + s->store_ms + 1);
	world_kill(w, i);
}

void
world_seed(struct world *w, uint32_t site, uint32_t to)
{
	mesh_site_seed(
	    w->sites[site].site, &w->sites[to].path, world_site_now(w, site));
	world_drain(w, site);
}

void
world_segment_down(struct world *w, uint32_t site)
{
	mesh_site_segment(
	    w->sites[site].site, WORLD_IFACE, false, world_site_now(w, site));
	world_drain(w, site);
}

/* --- time --- */

static bool
is_tapped(struct world *w, const struct arrival *a)
{
	const struct packet *p = a->packet;
	if (w->tap == NULL)
		return false;
	struct world_datagram seen = { .from = p->from,
		.to = a->to,
		.broadcast = p->broadcast,
		.source = p->source,
		.len = p->len };
	memcpy(seen.bytes, p->bytes, p->len);
	return w->tap(w->tap_ctx, &seen) == WORLD_DROP;
}

/* Its socket has room for so much; what a stopped process does not read waits there. */
static bool
waits(struct world *w, const struct arrival *a)
{
	enum { SOCKET_BYTES = 212992 };
	struct world_site *s = &w->sites[a->to];
	if (s->paused_ms <= w->now)
		return false;
	s->paused_bytes += (uint32_t)a->packet->len;
	if (s->paused_bytes <= SOCKET_BYTES)
		arrivals_put(&w->arrivals, s->paused_ms, a->to, a->packet);
	return true;
}

/* As a daemon does: all that has come is read before anything is sent. */
static void
read_on(struct world *w, uint32_t i)
{
	const struct arrival *next = w->arrivals.items;
	bool more = w->arrivals.count > 0 && next->at_ms <= w->now && next->to == i;
	if (more)
		hear_on(w, i);
	else
		world_drain(w, i);
}

static void
arrive(struct world *w)
{
	struct arrival a = arrivals_take(&w->arrivals);
	struct packet *p = a.packet;
	if (waits(w, &a)) {
		packet_release(p);
		return;
	}
	bool dropped = is_tapped(w, &a);
	struct world_site *s = &w->sites[a.to];
	if (s->site != NULL && !dropped) {
		s->received++;
		s->received_bytes += p->len;
		mesh_site_receive(s->site, &p->source, bytes_view(p->bytes, p->len),
		    world_site_now(w, a.to));
	}
	if (s->site != NULL) /* also when this one is lost: others came before it */
		read_on(w, a.to);
	packet_release(p);
}

void
world_run(struct world *w, mesh_time_ms until)
{
	for (;;) {
		mesh_time_ms arrive_at = arrivals_next(&w->arrivals);
		if (arrive_at <= w->now && arrive_at <= until) {
			arrive(w);
			continue;
		}
		uint32_t i = wakes_first(&w->wakes);
		mesh_time_ms wake_at = w->wakes.at_ms[i];
		mesh_time_ms at = arrive_at <= wake_at ? arrive_at : wake_at;
		if (at > until)
			break;
		if (at > w->now)
			w->now = at;
		if (arrive_at <= wake_at)
			arrive(w);
		else
			wake(w, i);
	}
	w->now = until > w->now ? until : w->now;
}

bool
world_wait(struct world *w, bool (*done)(const struct world *w, void *ctx), void *ctx,
    mesh_time_ms until)
{
	while (!done(w, ctx)) {
		if (w->now >= until)
			return false;
		world_run(w, w->now + STEP_MS);
	}
	return true;
}

void
world_flush(struct world *w, uint32_t site)
{
	mesh_site_tick(w->sites[site].site, world_site_now(w, site));
	world_drain(w, site);
}

void
world_inject(struct world *w, uint32_t to, const struct mesh_path *from,
    struct bytes_view datagram)
{
	mesh_site_receive(w->sites[to].site, from, datagram, world_site_now(w, to));
	world_drain(w, to);
}
