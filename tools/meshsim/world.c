#include "world.h"
#include "world_disk.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { PORT = 4470, IFACE = 1, STEP_MS = 5, TICKS_AT_ONCE = 1000 };
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

static bool
is_lost(struct world *w)
{
	return (double)(world_random(w) >> 11) / (double)(1ULL << 53) < w->params.loss;
}

/* --- making --- */

static void *
must(void *block)
{
	if (block == NULL)
		abort();
	return block;
}

static struct mesh_path
path_of(uint32_t site)
{
	struct mesh_path p = { .iface = IFACE };
	uint8_t v4[] = { 0xff, 0xff, 10, (uint8_t)(site >> 16), (uint8_t)(site >> 8),
		(uint8_t)(site + 1), PORT >> 8, PORT & 0xff };
	memcpy(p.addr + 10, v4, sizeof v4);
	return p;
}

struct world *
world_new(const struct world_params *params)
{
	struct world *w = must(calloc(1, sizeof *w));
	uint8_t seed[32] = { 0 }, random48[48];
	w->params = *params;
	w->random = params->seed;
	w->now = 1000;
	w->sites = must(calloc(params->sites, sizeof *w->sites));
	w->joined = must(calloc((size_t)params->sites * params->sites, 1));
	for (uint32_t i = 0; i < params->sites; i++) {
		struct world_site *s = &w->sites[i];
		for (size_t k = 0; k < sizeof seed; k++)
			seed[k] = (uint8_t)world_random(w);
		mesh_identity_of(seed, &s->identity);
		s->path = path_of(i);
		s->random = world_random(w);
		s->wake_ms = MESH_NEVER;
		s->store_ms = params->store_ms;
		s->disk = disk_new();
	}
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
		free(w->sites[i].records);
		free(w->sites[i].changes);
	}
	for (size_t i = 0; i < w->heap.count; i++)
		free(w->heap.items[i]);
	free(w->heap.items);
	free(w->joined);
	free(w->sites);
	free(w);
}

struct mesh_now
world_now(const struct world *w)
{
	return (struct mesh_now){ w->now, epoch_ms + (unix_ms)w->now };
}

__attribute__((format(printf, 2, 3))) static void
violated(struct world *w, const char *format, ...)
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

/* --- who is who --- */

uint32_t
world_site_of(const struct world *w, const struct mesh_key *key)
{
	for (uint32_t i = 0; i < w->params.sites; i++)
		if (memcmp(&w->sites[i].identity.key, key, sizeof *key) == 0)
			return i;
	return UINT32_MAX;
}

static uint32_t
site_at(const struct world *w, const struct mesh_path *path)
{
	for (uint32_t i = 0; i < w->params.sites; i++)
		if (memcmp(w->sites[i].path.addr, path->addr, sizeof path->addr) == 0)
			return i;
	return UINT32_MAX;
}

/* --- datagrams --- */

static bool
is_broadcast(const struct mesh_path *to)
{
	static const struct mesh_path none;
	return to->iface == IFACE && memcmp(to->addr, none.addr, sizeof to->addr) == 0;
}

static void
send_one(struct world *w, uint32_t from, uint32_t to, const struct mesh_datagram *out)
{
	struct world_params *p = &w->params;
	if (!world_hears(w, from, to) || is_lost(w))
		return;
	struct world_datagram *d = must(calloc(1, sizeof *d));
	uint64_t spread = p->delay_max_ms - p->delay_min_ms + 1U;
	d->at_ms = w->now + p->delay_min_ms + world_random(w) % spread;
	d->number = w->number++;
	d->from = from;
	d->to = to;
	d->source = w->sites[from].path;
	d->broadcast = is_broadcast(&out->to);
	d->len = out->bytes.len;
	memcpy(d->bytes, out->bytes.ptr, out->bytes.len);
	heap_push(&w->heap, d);
}

static void
send_out(struct world *w, uint32_t from, const struct mesh_datagram *out)
{
	struct world_site *s = &w->sites[from];
	assert(out->bytes.len <= WORLD_DATAGRAM);
	s->sent++;
	s->sent_bytes += out->bytes.len;
	uint32_t to = site_at(w, &out->to);
	if (to != UINT32_MAX) {
		send_one(w, from, to, out);
		return;
	}
	for (uint32_t i = 0; is_broadcast(&out->to) && i < w->params.sites; i++)
		send_one(w, from, i, out);
}

/* --- what a site says --- */

static void
note_change(struct world *w, struct world_site *s, const struct mesh_event *e)
{
	struct mesh_peer peer;
	uint32_t other = world_site_of(w, &e->site);
	if (s->change_count == s->change_cap) {
		s->change_cap = s->change_cap > 0 ? 2 * s->change_cap : 16;
		s->changes = must(
		    realloc(s->changes, s->change_cap * sizeof *s->changes));
	}
	struct world_peer_change c = {
		.at_ms = w->now, .peer = other, .state = (enum mesh_peer_state)e->code
	};
	for (size_t i = 0; mesh_site_peer(s->site, i, &peer); i++)
		if (memcmp(&peer.key, &e->site, sizeof peer.key) == 0)
			c.reason = peer.reason;
	s->changes[s->change_count++] = c;
}

static void
note_record(struct world *w, struct world_site *s, const struct mesh_event *e)
{
	if (s->record_count == s->record_cap) {
		s->record_cap = s->record_cap > 0 ? 2 * s->record_cap : 64;
		s->records = must(
		    realloc(s->records, s->record_cap * sizeof *s->records));
	}
	s->records[s->record_count++] = (struct world_record){ .at = e->record.at,
		.origin = world_site_of(w, &e->record.at.origin),
		.type = e->record.type,
		.told_ms = w->now,
		.tag = disk_number_of(&e->record) };
	if (!disk_is_new(s->disk, &e->record.at))
		violated(w, "site %u was told a record twice: lane %d seq %llu",
		    (unsigned)(s - w->sites), (int)e->record.at.lane,
		    (unsigned long long)e->record.at.seq);
}

static void
take_event(struct world *w, struct world_site *s, const struct mesh_event *e)
{
	assert(e->ticket < 1ULL << 56); /* the daemon puts its own mark above */
	switch (e->kind) {
	case MESH_RECORD:
		note_record(w, s, e);
		disk_queue_record(s->disk, e, w->now + s->store_ms);
		break;
	case MESH_KEEP:
		disk_queue_row(s->disk, e, w->now + s->store_ms);
		break;
	case MESH_PEER:
		note_change(w, s, e);
		break;
	case MESH_NOTICE:
		s->notices[e->code % LENGTH(s->notices)]++;
		break;
	}
}

static void
drain(struct world *w, uint32_t i)
{
	struct world_site *s = &w->sites[i];
	struct mesh_event event;
	struct mesh_datagram out;
	while (mesh_site_next_event(s->site, &event))
		take_event(w, s, &event);
	while (mesh_site_next_datagram(s->site, &out))
		send_out(w, i, &out);
	mesh_time_ms store = disk_due(s->disk);
	s->wake_ms = mesh_site_deadline(s->site);
	if (store < s->wake_ms)
		s->wake_ms = store;
	if (!w->params.unlimited && mesh_site_memory(s->site) > WORLD_MEMORY_CAP)
		violated(w, "site %u takes %zu bytes", (unsigned)i,
		    mesh_site_memory(s->site));
}

static void
commit(struct world *w, struct world_site *s)
{
	struct disk_outcome o;
	while (s->site != NULL && disk_commit(s->disk, w->now, s->store_err, &o)) {
		mesh_site_stored(s->site, o.ticket, s->store_err,
		    o.has_live ? &o.live : NULL, world_now(w));
		drain(w, (uint32_t)(s - w->sites));
	}
}

static void
wake(struct world *w, uint32_t i)
{
	struct world_site *s = &w->sites[i];
	s->ticks_at_once = s->ticked_ms == w->now ? s->ticks_at_once + 1 : 0;
	s->ticked_ms = w->now;
	if (s->ticks_at_once == TICKS_AT_ONCE)
		violated(w, "site %u cannot rest", (unsigned)i);
	commit(w, s);
	mesh_site_tick(s->site, world_now(w));
	drain(w, i);
	if (s->ticks_at_once >= TICKS_AT_ONCE)
		s->wake_ms = w->now + 1;
}

/* --- life --- */

void
world_start(struct world *w, uint32_t i)
{
	struct world_site *s = &w->sites[i];
	char name[16];
	int len = snprintf(name, sizeof name, "site-%u", (unsigned)i);
	assert(s->site == NULL);
	s->boot = s->boot + 1 > (uint64_t)(epoch_ms / 1000)
	    ? s->boot + 1
	    : (uint64_t)(epoch_ms / 1000);
	s->starts++;
	struct mesh_params p = { .identity = &s->identity,
		.network = &w->network,
		.name = { name, (size_t)len },
		.boot = s->boot,
		.random = site_random,
		.random_ctx = s,
		.dead_after_ms = w->params.dead_after_ms };
	if (w->params.unlimited)
		p.limits = w->params.limits;
	p.holdings = disk_holdings(s->disk, &p.holding_count);
	p.kept = disk_kept(s->disk, &p.kept_count);
	if (mesh_site_new(&s->site, &p, world_now(w)) != MESH_OK)
		abort();
	mesh_site_segment(s->site, IFACE, true, world_now(w));
	drain(w, i);
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
	s->wake_ms = MESH_NEVER;
	disk_crash(s->disk);
}

void
world_stop(struct world *w, uint32_t i)
{
	struct world_site *s = &w->sites[i];
	mesh_site_leave(s->site, world_now(w));
	drain(w, i);
	world_run(w, w->now + s->store_ms + 1);
	world_kill(w, i);
}

void
world_seed(struct world *w, uint32_t site, uint32_t to)
{
	mesh_site_seed(w->sites[site].site, &w->sites[to].path, world_now(w));
	drain(w, site);
}

void
world_segment_down(struct world *w, uint32_t site)
{
	mesh_site_segment(w->sites[site].site, IFACE, false, world_now(w));
	drain(w, site);
}

/* --- time --- */

static void
arrive(struct world *w)
{
	struct world_datagram *d = heap_pop(&w->heap);
	struct world_site *s = &w->sites[d->to];
	bool dropped = w->tap != NULL && w->tap(w->tap_ctx, d) == WORLD_DROP;
	if (s->site != NULL && !dropped) {
		s->received++;
		mesh_site_receive(
		    s->site, &d->source, bytes_view(d->bytes, d->len), world_now(w));
		drain(w, d->to);
	}
	free(d);
}

static uint32_t
soonest_site(const struct world *w)
{
	uint32_t soonest = 0;
	for (uint32_t i = 1; i < w->params.sites; i++)
		if (w->sites[i].wake_ms < w->sites[soonest].wake_ms)
			soonest = i;
	return soonest;
}

void
world_run(struct world *w, mesh_time_ms until)
{
	for (;;) {
		uint32_t i = soonest_site(w);
		mesh_time_ms at = w->sites[i].wake_ms;
		bool datagram = w->heap.count > 0 && w->heap.items[0]->at_ms <= at;
		if (datagram)
			at = w->heap.items[0]->at_ms;
		if (at > until)
			break;
		if (at > w->now)
			w->now = at;
		if (datagram)
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
	mesh_site_tick(w->sites[site].site, world_now(w));
	drain(w, site);
}

void
world_inject(struct world *w, uint32_t to, const struct mesh_path *from,
    struct bytes_view datagram)
{
	mesh_site_receive(w->sites[to].site, from, datagram, world_now(w));
	drain(w, to);
}

/* --- records --- */

enum mesh_err
world_append(
    struct world *w, uint32_t site, enum mesh_lane lane, uint64_t number, size_t filler)
{
	uint8_t bytes[2048];
	uint64_t seq;
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	disk_body(&body, NULL, number, filler);
	struct mesh_draft d = { lane, mesh_lane_is_keyed(lane) ? 99 : 1, 0, NULL,
		bytes_written(&body) };
	enum mesh_err err = mesh_site_append(
	    w->sites[site].site, &d, &seq, world_now(w));
	drain(w, site);
	return err;
}

enum mesh_err
world_put(struct world *w, uint32_t site, const char *key, uint64_t number)
{
	uint8_t bytes[256];
	uint64_t seq;
	struct bytes_out body = bytes_out(bytes, sizeof bytes);
	disk_body(&body, key, number, 0);
	struct mesh_draft d = { LANE_STATE, RECORD_PUT, 0, NULL, bytes_written(&body) };
	enum mesh_err err = mesh_site_append(
	    w->sites[site].site, &d, &seq, world_now(w));
	drain(w, site);
	return err;
}

size_t
world_told(const struct world *w, uint32_t site, uint32_t origin, enum mesh_lane lane,
    uint64_t number)
{
	const struct world_site *s = &w->sites[site];
	size_t times = 0;
	for (size_t i = 0; i < s->record_count; i++)
		times += s->records[i].origin == origin &&
		    s->records[i].at.lane == lane && s->records[i].tag == number;
	return times;
}

bool
world_peer(const struct world *w, uint32_t site, uint32_t other, struct mesh_peer *out)
{
	const struct world_site *s = &w->sites[site];
	for (size_t i = 0; s->site != NULL && mesh_site_peer(s->site, i, out); i++)
		if (memcmp(&out->key, &w->sites[other].identity.key, sizeof out->key) ==
		    0)
			return true;
	*out = (struct mesh_peer){ .hops = 0 };
	return false;
}

uint64_t
world_counter(const struct world *w, uint32_t site, const char *name)
{
	struct text_view text = { name, strlen(name) };
	size_t i = counter_find(&mesh_counters, text);
	assert(i != SIZE_MAX);
	return w->sites[site].site != NULL ? mesh_site_counter(w->sites[site].site, i)
					   : 0;
}
